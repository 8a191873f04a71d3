//! News between the hubs of one database: who changed a site tells the others, and devices and pages that wait there
//! hear of it.
//!
//! PostgreSQL's `NOTIFY` inside the transactions that make the changes would bring their commits into one line, over
//! all sites (a lock of the whole notification queue is held until each commit is flushed). So the news goes out after
//! the commit, on a connection of its own, for many changes at once. News that is lost, with a process that dies or a
//! connection that breaks, is found by looking at the sites' counters now and then: nothing depends on being told.

use std::collections::{BTreeSet, HashMap};
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tallyman_platform::entropy::{Entropy as _, SystemEntropy};
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client};

use super::connect::Address;
use crate::ledger::Bell;

/// Changes within this time are told together.
const GATHER: Duration = Duration::from_millis(50);

/// Sites in one message: PostgreSQL takes fewer than 8,000 bytes, and a site's name has at most 32.
const SITES_AT_ONCE: usize = 200;

/// The first wait after a connection broke, doubled with each that fails.
const RETRY_BASE_MS: u64 = 200;
/// The longest wait.
const RETRY_CAP_MS: u64 = 10_000;

/// What is to be told.
#[derive(Debug, Default)]
pub(super) struct News {
    changed: Mutex<BTreeSet<String>>,
    waiting: Notify,
}

impl News {
    /// Notes a change that this process has made.
    pub(super) fn tell(&self, site: &str) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if !changed.contains(site) {
            changed.insert(site.to_owned());
        }
        drop(changed);
        self.waiting.notify_one();
    }

    fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells and hears until it is dropped.
    pub(super) async fn follow(&self, address: &Address, ring: &Bell, look_every: Duration) {
        let mut seen = HashMap::new();
        let mut failures = 0;
        loop {
            match self
                .follow_once(address, ring, look_every, &mut seen, &mut failures)
                .await
            {
                Ok(()) => tracing::debug!("the connection for news ended"),
                Err(error) => tracing::debug!(%error, "news of other hubs is not heard at the moment"),
            }
            failures += 1;
            let wait_ms = SystemEntropy.full_jitter(RETRY_BASE_MS, failures, RETRY_CAP_MS);
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        }
    }

    async fn follow_once(
        &self,
        address: &Address,
        ring: &Bell,
        look_every: Duration,
        seen: &mut HashMap<String, i64>,
        failures: &mut u32,
    ) -> Result<(), tokio_postgres::Error> {
        let (client, mut connection) = address.connect_listening().await?;
        let own = std::sync::Arc::new(std::sync::atomic::AtomicI32::new(0));
        let heard = {
            let (ring, own) = (ring.clone(), own.clone());
            async move {
                while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                    if let AsyncMessage::Notification(news) = message
                        && news.process_id() != own.load(std::sync::atomic::Ordering::Relaxed)
                    {
                        news.payload().split(' ').for_each(|site| ring(site));
                    }
                }
            }
        };
        let told = async {
            client.batch_execute("LISTEN tallyman").await?;
            let row = client.query_one("SELECT pg_backend_pid()", &[]).await?;
            own.store(row.try_get(0)?, std::sync::atomic::Ordering::Relaxed);
            let mut due = tokio::time::interval(look_every);
            due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = due.tick() => {
                        look(&client, ring, seen).await?;
                        *failures = 0;
                    }
                    () = self.waiting.notified() => {
                        tokio::time::sleep(GATHER).await;
                        self.send(&client).await?;
                    }
                }
            }
        };
        // The connection is driven by the first, and the second needs it driven.
        tokio::select! {
            () = heard => Ok(()),
            told = told => told,
        }
    }

    async fn send(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let changed: Vec<String> = self.take().into_iter().collect();
        for sites in changed.chunks(SITES_AT_ONCE) {
            client
                .execute("SELECT pg_notify('tallyman', $1)", &[&sites.join(" ")])
                .await?;
        }
        Ok(())
    }
}

/// Rings for every site whose counters have moved since the last look; at the first look for all, for nobody knows what
/// happened before.
async fn look(
    client: &Client,
    ring: &Bell,
    seen: &mut HashMap<String, i64>,
) -> Result<(), tokio_postgres::Error> {
    let rows = client
        .query(
            "SELECT site, change_seq + journal_last + exception_last + document_last FROM tallyman.site",
            &[],
        )
        .await?;
    for row in rows {
        let (site, sum): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        if seen.insert(site.clone(), sum) != Some(sum) {
            ring(&site);
        }
    }
    Ok(())
}
