//! Numbers as they are leased: does what [`super::numbers`] wishes, one request at a time. Nothing waits for it: while the hub
//! is away the device gives what it has.

use std::sync::Arc;
use std::time::Duration;

use tallyman_codes::Moment;
use tallyman_floor::wire::v1::{NUMBER_BLOCKS_MAX, NumberBlockBody, NumbersRequest};
use tallyman_floor::{NumberBlock, NumberKind};
use tallyman_platform::entropy::Entropy;

use super::Surroundings;
use super::numbers::{NumberKeeper, NumberOptions, NumberWish};
use crate::seams::{Fault, HeldNumbers, NumberStore, StoreError};

/// A store that cannot be read or written is tried again after so long.
const STORE_MS: u64 = 30_000;

pub(super) struct NumbersLane {
    around: Surroundings,
    store: Arc<dyn NumberStore>,
    options: NumberOptions,
    keeper: NumberKeeper,
    entropy: Box<dyn Entropy>,
}

impl NumbersLane {
    pub(super) fn new(around: Surroundings, options: NumberOptions, entropy: Box<dyn Entropy>) -> Self {
        Self {
            store: Arc::clone(&around.numbers),
            keeper: NumberKeeper::new(options),
            options,
            around,
            entropy,
        }
    }

    pub(super) async fn run(mut self) {
        let cancel = self.around.cancel.clone();
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        loop {
            let identity = self.around.identity.borrow_and_update().clone();
            let Some(identity) = identity else {
                self.rest(None).await;
                continue;
            };
            self.around.work.borrow_and_update();
            let worked = match self.store.numbers() {
                Ok(held) => match self.keeper.wish(self.around.now(), &held) {
                    NumberWish::Rest(until) => {
                        self.rest(Some(until)).await;
                        Ok(())
                    }
                    NumberWish::Ask(kind) => self.ask(&identity.device, kind, &held).await,
                },
                Err(error) => Err(error),
            };
            if let Err(error) = worked {
                tracing::warn!(%error, "leased numbers cannot be kept");
                self.rest(Some(self.around.now().plus_ms(STORE_MS))).await;
            }
        }
    }

    async fn ask(&mut self, device: &str, kind: NumberKind, held: &HeldNumbers) -> Result<(), StoreError> {
        let fresh = format!("{:016x}{:016x}", self.entropy.u64(), self.entropy.u64());
        let key = self.store.ask_numbers(kind, fresh).await?;
        let request = self.request(kind, key.clone(), held);
        let access = self.around.access.clone();
        let now = self.around.now();
        match access.numbers(device, &request).await {
            Ok(answer) => {
                let blocks: Vec<NumberBlock> = answer
                    .blocks
                    .iter()
                    .filter_map(|body| NumberBlock::try_from(body).ok())
                    .collect();
                let given = blocks.iter().map(NumberBlock::len).sum();
                self.store.keep_numbers(key, blocks).await?;
                self.keeper.leased(now, kind, given);
                self.around.reached();
                tracing::info!(
                    kind = kind.word(),
                    given,
                    left = answer.left,
                    "numbers were leased"
                );
            }
            Err(fault) => self.not_leased(&fault),
        }
        Ok(())
    }

    fn not_leased(&mut self, fault: &Fault) {
        tracing::debug!(%fault, "the hub leases no numbers");
        self.keeper
            .failed(self.around.now(), fault, self.entropy.as_mut());
    }

    fn request(&self, kind: NumberKind, key: String, held: &HeldNumbers) -> NumbersRequest {
        let next = self.around.store.next_place();
        let blocks = held.blocks.iter().rev().take(NUMBER_BLOCKS_MAX);
        NumbersRequest {
            kind: kind.word().to_owned(),
            count: self.options.count,
            key,
            epoch: next.epoch,
            last_seq: next.seq.saturating_sub(1),
            held: blocks.map(|held| NumberBlockBody::from(&held.block)).collect(),
        }
    }

    async fn rest(&mut self, until: Option<Moment>) {
        let wait = until.map(|until| Duration::from_micros(until.since_us(self.around.now())));
        let hub_seen = Arc::clone(&self.around.numbers_wake);
        tokio::select! {
            biased;
            () = async { tokio::time::sleep(wait.unwrap_or_default()).await }, if wait.is_some() => {}
            () = hub_seen.notified() => self.keeper.hub_is_back(),
            changed = self.around.work.changed() => {
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
            }
            changed = self.around.identity.changed() => match changed {
                Ok(()) => self.keeper.hub_is_back(),
                Err(_) => std::future::pending().await,
            },
        }
    }
}
