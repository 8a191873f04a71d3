//! What portals of several devices ask each other before they record a pass.

use std::future::Future;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tallyman_floor::wire::v1::{
    NEIGHBOUR_TAGS_MAX, NEIGHBOURS_MAX, NeighbourAnswers, NeighbourQuestions, NeighbourReply,
    NeighbourRequest, PORTAL_NAME_BYTES_MAX, PortalWatch, SETTLE_MS_MAX,
};
use tokio::sync::watch;

use super::caller::{Caller, FromDevice};
use super::problem::ApiProblem;
use crate::Hub;
use crate::neighbours::NeighbourRefused;

/// The longest a request waits for questions: shorter than what proxies allow an idle connection.
const WAIT_MS_MAX: u64 = 30_000;

/// A pass is over: asks its neighbours, and answers when all have, or the time is up.
pub(super) async fn neighbours(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: request,
    }: FromDevice<NeighbourRequest>,
) -> Result<Json<NeighbourAnswers>, ApiProblem> {
    let (site, device) = not_blocked(&caller)?;
    let own = std::slice::from_ref(&request.portal);
    if !are_names(own) || !are_names(&request.neighbours) {
        return Err(nameless());
    }
    let (hub, request) = (&hub, &request);
    let doors = &hub.inner.neighbours;
    let bell = doors.ask(site, device, request, hub.inner.clock.now())?;
    let look = || {
        let answers = doors.answers(site, device, request, hub.inner.clock.now());
        (answers.silent.is_empty(), answers)
    };
    let wait_ms = request.wait_ms.min(SETTLE_MS_MAX);
    Ok(Json(until_there(hub, bell, wait_ms, look).await))
}

/// Waits for questions about portals of the device.
pub(super) async fn questions(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: request,
    }: FromDevice<PortalWatch>,
) -> Result<Json<NeighbourQuestions>, ApiProblem> {
    let (site, device) = not_blocked(&caller)?;
    if !are_names(&request.portals) {
        return Err(nameless());
    }
    let (hub, doors) = (&hub, &hub.inner.neighbours);
    let bell = doors.watch(site, device, &request.portals, hub.inner.clock.now())?;
    // Numbers of another run say nothing of this one.
    let is_of_run = request.run.as_deref() == Some(doors.run());
    let after = if is_of_run { request.after } else { 0 };
    let look = || {
        let questions = doors.questions(site, &request.portals, after, hub.inner.clock.now());
        (!questions.is_empty(), questions)
    };
    let questions = until_there(hub, bell, request.wait_ms.min(WAIT_MS_MAX), look).await;
    // It has been there all the time.
    doors.watch(site, device, &request.portals, hub.inner.clock.now())?;
    let run = doors.run().to_owned();
    Ok(Json(NeighbourQuestions { run, questions }))
}

/// An answer to a question.
pub(super) async fn answers(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: reply,
    }: FromDevice<NeighbourReply>,
) -> Result<StatusCode, ApiProblem> {
    let (site, device) = not_blocked(&caller)?;
    if reply.heard.tags.len() > NEIGHBOUR_TAGS_MAX {
        return Err(ApiProblem::too_large());
    }
    hub.inner
        .neighbours
        .reply(site, device, reply, hub.inner.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

/// Looks again whenever the bell rings, until what is looked for is there, the time is up, or the hub stops. The last look is
/// the answer.
fn until_there<'a, T: Send + 'a>(
    hub: &'a Hub,
    mut bell: watch::Receiver<u64>,
    wait_ms: u64,
    look: impl Fn() -> (bool, T) + Send + 'a,
) -> impl Future<Output = T> + Send + 'a {
    let until = tokio::time::sleep(Duration::from_millis(wait_ms));
    async move {
        tokio::pin!(until);
        loop {
            bell.mark_unchanged();
            let (is_there, found) = look();
            if is_there || wait_ms == 0 {
                return found;
            }
            let is_over = tokio::select! {
                biased;
                () = &mut until => true,
                () = hub.inner.stopping.cancelled() => true,
                changed = bell.changed() => changed.is_err(),
            };
            if is_over {
                return look().1;
            }
        }
    }
}

fn not_blocked(caller: &Caller) -> Result<(&str, &str), ApiProblem> {
    match caller.known.revoked {
        true => Err(ApiProblem::revoked()),
        false => Ok((&caller.identity.site, &caller.identity.device)),
    }
}

fn are_names(portals: &[String]) -> bool {
    let is_name =
        |name: &String| !name.is_empty() && name.len() <= PORTAL_NAME_BYTES_MAX && !name.contains('\0');
    (1..=NEIGHBOURS_MAX).contains(&portals.len()) && portals.iter().all(is_name)
}

fn nameless() -> ApiProblem {
    ApiProblem::unreadable(format!(
        "a request names 1 to {NEIGHBOURS_MAX} portals, with names of 1 to {PORTAL_NAME_BYTES_MAX} bytes"
    ))
}

impl From<NeighbourRefused> for ApiProblem {
    fn from(refused: NeighbourRefused) -> Self {
        let message = refused.to_string();
        match refused {
            NeighbourRefused::Taken { .. } => Self::new(StatusCode::CONFLICT, "portal_taken", message),
            NeighbourRefused::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message),
            NeighbourRefused::Over => Self::new(StatusCode::GONE, "question_over", message),
        }
    }
}
