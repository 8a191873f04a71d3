//! What devices ask about claims: tasks to work on alone, work to take along, and to give both back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tallyman_floor::wire::v1::{CLAIMS_MAX, ClaimRequest, Claims, RefusedBody, ReleaseRequest};

use super::caller::FromDevice;
use super::problem::ApiProblem;
use crate::Hub;

/// Bytes of a task's number: longer ones name nothing.
const TASK_BYTES_MAX: usize = 256;

pub(super) async fn claim(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: mut request,
    }: FromDevice<ClaimRequest>,
) -> Result<Json<Claims>, ApiProblem> {
    if caller.known.revoked {
        return Err(ApiProblem::revoked());
    }
    let device = caller.identity;
    if request.tasks.len() > CLAIMS_MAX {
        return Err(ApiProblem::too_large());
    }
    let (possible, nonsense): (Vec<String>, Vec<String>) =
        request.tasks.into_iter().partition(|task| may_be_a_task(task));
    request.tasks = possible;
    request.worker = request.worker.map(|worker| worker.replace('\0', ""));
    if let Some(ahead) = &mut request.ahead
        && !matches!(ahead.kind.as_deref(), None | Some("receive" | "pick" | "count"))
    {
        return Err(ApiProblem::unreadable("work of this kind is not known here"));
    }
    let site = device.site.clone();
    let mut claims = hub.ledger().claim(device, request, hub.now()).await?;
    claims
        .refused
        .extend(nonsense.into_iter().map(|task| RefusedBody {
            task,
            code: "unknown".to_owned(),
            holder: None,
        }));
    if !claims.granted.is_empty() {
        hub.changed(&site);
    }
    Ok(Json(claims))
}

pub(super) async fn release(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: request,
    }: FromDevice<ReleaseRequest>,
) -> Result<StatusCode, ApiProblem> {
    let device = caller.identity;
    if request.leases.len() > CLAIMS_MAX {
        return Err(ApiProblem::too_large());
    }
    let mut leases = request.leases;
    leases.retain(|lease| may_be_a_task(&lease.task));
    let site = device.site.clone();
    hub.ledger().release(device, leases, hub.now()).await?;
    hub.changed(&site);
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a text can be a task's number at all: every store can be asked for it.
fn may_be_a_task(text: &str) -> bool {
    text.len() <= TASK_BYTES_MAX && !text.contains('\0')
}
