//! What devices ask: to take a batch, where the hub stands, a new epoch, to keep traces.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tallyman_floor::wire::v1::{
    BATCH_RECORDS_MAX, Batch, DeviceCursor, EpochGranted, EpochRequest, Receipt, SCREEN_BYTES_MAX,
    ScreenUpload, TraceUpload,
};

use super::caller::{Caller, FromDevice};
use super::problem::ApiProblem;
use crate::Hub;

/// Trace entries taken at once.
const TRACE_ENTRIES_MAX: usize = 5_000;

/// With more records than these in a batch nobody looks whether an administrator wants to see the screen.
const RECORDS_WITH_A_LOOK_MAX: usize = 20;

/// What a picture of a screen begins with (PNG, third edition, 5.2).
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

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
    // A device that sends much has other things to do than to be looked at, and its next word comes soon.
    let may_be_asked = batch.records.len() <= RECORDS_WITH_A_LOOK_MAX;
    let looked_at = may_be_asked.then(|| device.clone());
    let has_drained = batch.records.is_empty() && batch.heartbeat.waiting == 0;
    let drained = has_drained.then(|| device.clone());
    let taken = hub.take(device, batch).await?;
    if let Some(device) = drained.filter(|_| !taken.fork) {
        let site = device.site.clone();
        if hub.ledger().end_doubts(device).await? {
            hub.changed(&site);
        }
    }
    let screen_wanted = match looked_at {
        Some(device) => hub.ledger().is_screen_wanted(device).await?,
        None => false,
    };
    Ok(Json(Receipt {
        screen_wanted,
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

/// What the screen of a device shows, where somebody asked for it.
pub(super) async fn screen(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: upload,
    }: FromDevice<ScreenUpload>,
) -> Result<StatusCode, ApiProblem> {
    let device = caller.identity;
    if upload.device != device.device {
        return Err(ApiProblem::unreadable("it names another device than the token"));
    }
    if upload.png_hex.len() > 2 * SCREEN_BYTES_MAX {
        return Err(ApiProblem::too_large());
    }
    let picture = bytes_of_hex(&upload.png_hex).filter(|bytes| bytes.starts_with(PNG_SIGNATURE));
    let picture = picture.ok_or_else(|| ApiProblem::unreadable("png_hex is no picture"))?;
    let site = device.site.clone();
    if hub.ledger().keep_screen(device, picture, hub.now()).await? {
        hub.changed(&site);
    }
    Ok(StatusCode::NO_CONTENT)
}

fn bytes_of_hex(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect::<Option<Vec<u8>>>().filter(|_| rest.is_empty())
}
