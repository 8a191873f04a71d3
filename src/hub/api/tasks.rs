//! Task deltas, at once or when something changes.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use tallyman_floor::wire::v1::Delta;

use super::caller::Caller;
use super::problem::ApiProblem;
use crate::Hub;

/// The longest a request waits: shorter than what proxies allow an idle connection.
const WAIT_MS_MAX: u64 = 30_000;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    cursor: Option<String>,
    #[serde(default)]
    wait_ms: u64,
}

pub(super) async fn tasks(
    State(hub): State<Hub>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<Delta>, ApiProblem> {
    if caller.known.revoked {
        return Err(ApiProblem::revoked());
    }
    let device = caller.identity;
    // Listening starts before looking, so that a change in between is heard.
    let mut bell = hub.inner.changes.listen(&device.site);
    let deadline = Duration::from_millis(asked.wait_ms.min(WAIT_MS_MAX));
    let look = || {
        hub.ledger()
            .delta(device.clone(), asked.cursor.clone(), hub.now())
    };
    let mut delta = look().await?;
    if deadline.is_zero() || !is_empty(&delta) {
        return Ok(Json(delta));
    }
    let until = tokio::time::sleep(deadline);
    tokio::pin!(until);
    loop {
        tokio::select! {
            biased;
            () = &mut until => return Ok(Json(delta)),
            () = hub.inner.stopping.cancelled() => return Ok(Json(delta)),
            _ = bell.changed() => {
                // It may be blocked since it began to wait.
                if hub.is_revoked(&device).await? {
                    return Err(ApiProblem::revoked());
                }
                delta = look().await?;
            }
        }
        if !is_empty(&delta) {
            return Ok(Json(delta));
        }
    }
}

fn is_empty(delta: &Delta) -> bool {
    !delta.reset
        && delta.tasks.is_empty()
        && delta.removed_tasks.is_empty()
        && delta.items.is_empty()
        && delta.locations.is_empty()
        && delta.site_rules.is_none()
        && delta.holds.is_none()
        && delta.reasons.is_none()
        && delta.workers.is_none()
}
