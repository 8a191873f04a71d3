//! What devices ask: to take a batch, where the hub stands, a new epoch, to keep traces.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tallyman_floor::wire::v1::{
    BATCH_RECORDS_MAX, Batch, DeviceCursor, EpochGranted, EpochRequest, Receipt, TraceUpload,
};

use super::caller::{Caller, FromDevice};
use super::problem::ApiProblem;
use crate::Hub;

/// Trace entries taken at once.
const TRACE_ENTRIES_MAX: usize = 5_000;

pub(super) async fn confirmations(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: batch,
    }: FromDevice<Batch>,
) -> Result<Json<Receipt>, ApiProblem> {
    let device = caller.identity;
    if batch.device != device.device {
        let message =
            "The batch names another device than the token. A store was copied: enrol this device anew.";
        return Err(ApiProblem::new(StatusCode::FORBIDDEN, "other_device", message));
    }
    if batch.records.len() > BATCH_RECORDS_MAX {
        return Err(ApiProblem::too_large());
    }
    if batch.epoch == 0 {
        return Err(ApiProblem::unreadable("epochs start at 1"));
    }
    let now = hub.now();
    let has_drained = batch.records.is_empty() && batch.heartbeat.waiting == 0;
    let drained = has_drained.then(|| device.clone());
    let taken = hub.take(device, batch).await?;
    if let Some(device) = drained.filter(|_| !taken.fork) {
        let site = device.site.clone();
        if hub.ledger().end_doubts(device).await? {
            hub.changed(&site);
        }
    }
    Ok(Json(Receipt {
        generation: taken.generation,
        epoch: taken.epoch,
        applied_seq: taken.applied_seq,
        stable_seq: taken.stable_seq,
        expected_seq: taken.expected_seq,
        fork: taken.fork,
        outcomes: taken.outcomes,
        pace_ms: 0,
        records_max: hub.inner.queue.records_max(),
        server_time: now,
    }))
}

pub(super) async fn cursor(State(hub): State<Hub>, caller: Caller) -> Result<Json<DeviceCursor>, ApiProblem> {
    Ok(Json(hub.ledger().device_cursor(caller.identity).await?))
}

pub(super) async fn epoch(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: request,
    }: FromDevice<EpochRequest>,
) -> Result<Json<EpochGranted>, ApiProblem> {
    Ok(Json(hub.ledger().grant_epoch(caller.identity, request).await?))
}

pub(super) async fn traces(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: upload,
    }: FromDevice<TraceUpload>,
) -> Result<StatusCode, ApiProblem> {
    if upload.entries.len() > TRACE_ENTRIES_MAX {
        return Err(ApiProblem::too_large());
    }
    let now = hub.now();
    hub.ledger()
        .keep_traces(caller.identity, upload.entries, now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
