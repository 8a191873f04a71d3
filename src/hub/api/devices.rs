//! What devices ask: an identity, to take a batch, where the hub stands, a new epoch, to keep traces.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tallyman_floor::wire::v1::{
    BATCH_RECORDS_MAX, Batch, DeviceCursor, EnrolRequest, Enrolled, EpochGranted, EpochRequest, Receipt,
    TraceUpload,
};

use super::caller::{Caller, Message, TOKEN_SEPARATOR};
use super::problem::ApiProblem;
use crate::Hub;
use crate::hub::{hash_of_code, hash_of_secret};
use crate::ledger::NewDevice;
use crate::ledger::posting::ReadBatch;

/// Trace entries taken at once.
const TRACE_ENTRIES_MAX: usize = 5_000;

pub(super) async fn enrol(
    State(hub): State<Hub>,
    Message(request): Message<EnrolRequest>,
) -> Result<Json<Enrolled>, ApiProblem> {
    hub.inner
        .tries
        .take(hub.inner.clock.now())
        .map_err(ApiProblem::too_often)?;
    let secret = hex(&hub.random::<32>());
    let device = NewDevice {
        code_hash: hash_of_code(&request.code),
        name: request.name,
        version: request.version,
        secret_hash: hash_of_secret(&secret),
        salt: u32::from_le_bytes(hub.random::<4>()),
        now: hub.now(),
    };
    let enrolled = hub.ledger().enrol(device).await?;
    hub.changed(&enrolled.site);
    tracing::info!(
        device = enrolled.device,
        site = enrolled.site,
        "a device was enrolled"
    );
    Ok(Json(Enrolled {
        token: format!("{}{TOKEN_SEPARATOR}{secret}", enrolled.device),
        device: enrolled.device,
        site: enrolled.site,
        epoch: enrolled.epoch,
        generation: enrolled.generation,
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) async fn confirmations(
    State(hub): State<Hub>,
    Caller(device): Caller,
    Message(batch): Message<Batch>,
) -> Result<Json<Receipt>, ApiProblem> {
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
    let site = device.site.clone();
    let taken = hub.inner.queue.take(ReadBatch::read(device, batch)).await?;
    // A heartbeat changes the devices page too.
    hub.changed(&site);
    Ok(Json(Receipt {
        generation: taken.generation,
        epoch: taken.epoch,
        applied_seq: taken.applied_seq,
        stable_seq: taken.stable_seq,
        expected_seq: taken.expected_seq,
        fork: taken.fork,
        outcomes: taken.outcomes,
        pace_ms: 0,
        records_max: BATCH_RECORDS_MAX,
        server_time: now,
    }))
}

pub(super) async fn cursor(
    State(hub): State<Hub>,
    Caller(device): Caller,
) -> Result<Json<DeviceCursor>, ApiProblem> {
    Ok(Json(hub.ledger().device_cursor(device).await?))
}

pub(super) async fn epoch(
    State(hub): State<Hub>,
    Caller(device): Caller,
    Message(request): Message<EpochRequest>,
) -> Result<Json<EpochGranted>, ApiProblem> {
    Ok(Json(hub.ledger().grant_epoch(device, request).await?))
}

pub(super) async fn traces(
    State(hub): State<Hub>,
    Caller(device): Caller,
    Message(upload): Message<TraceUpload>,
) -> Result<StatusCode, ApiProblem> {
    if upload.entries.len() > TRACE_ENTRIES_MAX {
        return Err(ApiProblem::too_large());
    }
    hub.ledger().keep_traces(device, upload.entries).await?;
    Ok(StatusCode::NO_CONTENT)
}
