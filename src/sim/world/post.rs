//! The order of messages. Whatever is handed in at one moment is sorted before it goes on, and no two messages arrive at
//! one moment; so the order in which a runtime wakes its tasks decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::disk::Node;

/// Whose message it is: the machine, its lane, and its number there.
pub type Key = (Node, u8, u64);

/// Who waits for a moment of its own: after how many milliseconds, and where it is told.
type Waiting = (u64, oneshot::Sender<Instant>);

/// The post office.
#[derive(Debug)]
pub struct Post {
    start: Instant,
    waiting: Mutex<BTreeMap<Key, Waiting>>,
    handed_in: Notify,
}

impl Post {
    /// One without messages.
    pub fn open() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            waiting: Mutex::default(),
            handed_in: Notify::new(),
        })
    }

    /// Waits until a message has travelled for about this long. A key is used once.
    pub async fn travel(&self, key: Key, delay_ms: u64) {
        let (tell, told) = oneshot::channel();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, (delay_ms, tell));
        self.handed_in.notify_one();
        if let Ok(arrival) = told.await {
            tokio::time::sleep_until(arrival).await;
        }
    }

    /// Sorts for as long as the world lasts.
    pub async fn sort(self: Arc<Self>) {
        let mut taken = BTreeSet::new();
        loop {
            self.handed_in.notified().await;
            // By then everything that happens at this moment has happened.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            let now_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
            taken.retain(|moment| *moment >= now_ms);
            for (delay_ms, tell) in waiting.into_values() {
                let mut arrival_ms = now_ms + delay_ms.max(1);
                while !taken.insert(arrival_ms) {
                    arrival_ms += 1;
                }
                // Who has gone does not mind.
                let _ = tell.send(self.start + Duration::from_millis(arrival_ms));
            }
        }
    }
}
