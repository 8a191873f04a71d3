//! The download as it runs: asks for what changed and hands it to the floor loop, in order.

use std::sync::Arc;

use tallyman_floor::wire::v1::Delta;
use tallyman_platform::entropy::Entropy;

use crate::seams::{Fault, FromHub, StoreError};

use super::download::Download;
use super::{Surroundings, Woken};

/// A delta that could not be stored is asked for again after this long.
const STORE_FAULT_MS: u64 = 10_000;

pub(super) struct DownloadLane {
    around: Surroundings,
    engine: Download,
    entropy: Box<dyn Entropy>,
    cursor: Option<String>,
    device: Option<String>,
    generation: Option<String>,
}

impl DownloadLane {
    pub(super) fn new(around: Surroundings, cursor: Option<String>, entropy: Box<dyn Entropy>) -> Self {
        let engine = Download::new(around.options.wait_ms, around.options.poll_ms);
        let generation = around.store.marks().generation;
        let device = around
            .identity
            .borrow()
            .as_ref()
            .map(|identity| identity.device.clone());
        Self {
            around,
            engine,
            entropy,
            cursor,
            device,
            generation,
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
            if self.device.as_ref() != Some(&identity.device) {
                self.device = Some(identity.device.clone());
                self.cursor = None;
            }
            if self.around.now() < self.engine.not_before() {
                self.rest(Some(self.engine.not_before())).await;
                continue;
            }
            self.ask(&identity.device).await;
        }
    }

    async fn rest(&mut self, until: Option<tallyman_codes::Moment>) {
        let hub_seen = Arc::clone(&self.around.download_wake);
        if let Woken::HubIsBack = self.around.rest(until, None, &hub_seen).await {
            self.engine.hub_is_back(self.around.now());
        }
    }

    async fn ask(&mut self, device: &str) {
        let begun = self.around.now();
        let access = self.around.access.clone();
        let cursor = self.cursor.as_deref();
        let answer = access.tasks(device, cursor, self.engine.wait_ms()).await;
        let now = self.around.now();
        match answer {
            Ok(delta) => {
                self.around.link.revoked(false);
                self.around.reached();
                self.engine.answered(
                    now,
                    now.since_us(begun),
                    is_empty(&delta),
                    delta.more,
                    self.entropy.as_mut(),
                );
                if let Err(error) = self.take(delta).await {
                    tracing::error!(%error, "what the hub sent cannot be stored");
                    self.around.link.hindered(&error.to_string());
                    self.engine.pause(self.around.now(), STORE_FAULT_MS);
                }
            }
            Err(fault) => {
                self.engine.failed(now, &fault, self.entropy.as_mut());
                // The hub does not know the cursor any more: begin anew.
                if matches!(
                    fault,
                    Fault::Refused {
                        status: 400 | 404 | 410,
                        ..
                    }
                ) {
                    self.cursor = None;
                }
                if fault.is_revoked() {
                    // It lives, and takes what is sent: only work it gives none.
                    self.around.link.revoked(true);
                    self.around.link.hindered(&fault.to_string());
                } else {
                    self.around.link.lost(now, &fault);
                }
            }
        }
    }

    async fn take(&mut self, mut delta: Delta) -> Result<(), StoreError> {
        let other_life = self
            .generation
            .as_ref()
            .is_some_and(|known| *known != delta.generation);
        if other_life && self.cursor.is_some() && !delta.reset {
            // The cursor is of the hub's former life; what it means in this one nobody knows.
            self.cursor = None;
            self.generation = Some(delta.generation);
            return Ok(());
        }
        delta.reset |= self.cursor.is_none();
        let next = (delta.cursor.clone(), delta.generation.clone());
        let told = (!delta.more).then_some(delta.server_time);
        let is_news = !is_empty(&delta) || *self.around.rounds.borrow() == 0;
        if !is_empty(&delta) || delta.reset || self.cursor.as_ref() != Some(&delta.cursor) {
            self.around
                .through_floor(|done| FromHub::Delta(Box::new(delta), done))
                .await?;
        }
        self.cursor = Some(next.0);
        self.generation = Some(next.1);
        if let Some(time) = told {
            if is_news {
                self.around.rounds.send_modify(|rounds| *rounds += 1);
            }
            // Told again with the next answer, where the floor has no room for it now.
            let _ = self.around.floor.try_send(FromHub::UpToDate(time));
        }
        Ok(())
    }
}

fn is_empty(delta: &Delta) -> bool {
    delta.tasks.is_empty()
        && delta.removed_tasks.is_empty()
        && delta.items.is_empty()
        && delta.locations.is_empty()
        && delta.location_details.is_empty()
        && delta.site_rules.is_none()
        && delta.holds.is_none()
        && delta.workers.is_none()
        && delta.reasons.is_none()
}
