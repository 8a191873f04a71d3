//! What the store needs when nothing happens: marks written, old records forgotten, the log copied into the file.
//!
//! It waits for something to happen and then for quiet; on an idle device it wakes for nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::seams::{Happening, Store, StoreError};

/// Quiet for so long means a worker does something else.
const QUIET_MS: u64 = 30_000;

/// Batches of old records forgotten in one quiet moment; the rest waits for the next.
const PRUNE_BATCHES_MAX: usize = 20;

/// Keeps house until cancelled, and once more at the end.
pub(crate) async fn run(
    store: Arc<dyn Store>,
    mut happenings: broadcast::Receiver<Happening>,
    cancel: CancellationToken,
) {
    loop {
        let quiet = tokio::select! {
            biased;
            () = cancel.cancelled() => false,
            quiet = quiet_after_work(&mut happenings) => quiet,
        };
        if let Err(error) = tidy(store.as_ref(), quiet).await {
            tracing::warn!(%error, "the store could not be tidied; the next quiet moment tries again");
        }
        if !quiet {
            return;
        }
    }
}

/// Waits for something to happen, and then for quiet. False where nothing can happen any more.
async fn quiet_after_work(happenings: &mut broadcast::Receiver<Happening>) -> bool {
    if matches!(happenings.recv().await, Err(RecvError::Closed)) {
        return false;
    }
    loop {
        match tokio::time::timeout(Duration::from_millis(QUIET_MS), happenings.recv()).await {
            Err(_) => return true,
            Ok(Err(RecvError::Closed)) => return false,
            Ok(_) => {}
        }
    }
}

async fn tidy(store: &dyn Store, with_time: bool) -> Result<(), StoreError> {
    store.flush().await?;
    if with_time {
        for _ in 0..PRUNE_BATCHES_MAX {
            if store.prune().await? == 0 {
                break;
            }
        }
    }
    store.checkpoint().await
}
