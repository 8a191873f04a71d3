//! What devices ask about numbers: blocks to give to handling units by themselves.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tallyman_floor::wire::v1::{NUMBER_BLOCKS_MAX, NUMBERS_KEY_MAX, Numbers, NumbersRequest};
use tallyman_floor::{NumberBlock, NumberKind};

use super::caller::FromDevice;
use super::problem::ApiProblem;
use crate::Hub;
use crate::ledger::numbers::NumberWish;

pub(super) async fn lease(
    State(hub): State<Hub>,
    FromDevice {
        caller,
        message: request,
    }: FromDevice<NumbersRequest>,
) -> Result<Json<Numbers>, ApiProblem> {
    if caller.known.revoked {
        return Err(ApiProblem::revoked());
    }
    if request.held.len() > NUMBER_BLOCKS_MAX {
        return Err(ApiProblem::too_large());
    }
    let is_key = !request.key.is_empty()
        && request.key.len() <= NUMBERS_KEY_MAX
        && request.key.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_key {
        return Err(ApiProblem::unreadable("the key must be 1 to 64 plain characters"));
    }
    let kind = NumberKind::of_word(&request.kind);
    let kind = kind.ok_or_else(|| ApiProblem::unreadable("numbers of this kind are not known here"))?;
    let device = caller.identity;
    let numbers = &hub.config().numbers;
    let wish = NumberWish {
        kind,
        count: request.count.min(numbers.lease_max),
        key: request.key,
        epoch: request.epoch,
        last_seq: request.last_seq,
        // What another version of the program calls a block cannot be one of these ranges.
        held: request
            .held
            .iter()
            .filter_map(|body| NumberBlock::try_from(body).ok())
            .collect(),
        ranges: numbers.of_site(&device.site),
        restore_gap: numbers.restore_gap,
    };
    let name = device.device.clone();
    let leased = hub.ledger().lease_numbers(device, wish, hub.now()).await?;
    let leased = leased.ok_or_else(behind)?;
    if leased.blocks.is_empty() && request.count > 0 {
        tracing::warn!(
            device = name,
            kind = kind.word(),
            "a device asks for numbers, and its site has none left"
        );
    }
    Ok(Json(leased))
}

/// A copy of a device's store that is older than what the hub has of it would give its numbers again.
fn behind() -> ApiProblem {
    let message = "The hub has more of this device's journal than the device: its store is an older copy. Numbers are given \
                   again when the device has a new epoch, which it asks for by itself.";
    ApiProblem::new(StatusCode::CONFLICT, "journal_behind", message)
}
