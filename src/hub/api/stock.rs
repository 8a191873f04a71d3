//! What devices ask about stock: where an item is, and what is in a location or a handling unit.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use tallyman_floor::wire::v1::{PlaceBody, StockAnswer, StockRowBody};

use super::caller::Caller;
use super::problem::ApiProblem;
use crate::Hub;
use crate::ledger::account::AccountKind;
use crate::ledger::views::{StockAsked, StockTold};

/// Bytes of a name: longer ones name nothing.
const NAME_BYTES_MAX: usize = 256;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    item: Option<String>,
    location: Option<String>,
    handling_unit: Option<String>,
}

impl Asked {
    /// Exactly one of them.
    fn one(self) -> Option<StockAsked> {
        let asked = match (self.item, self.location, self.handling_unit) {
            (Some(item), None, None) => StockAsked::Item(item),
            (None, Some(location), None) => StockAsked::Location(location),
            (None, None, Some(unit)) => StockAsked::HandlingUnit(unit),
            _ => return None,
        };
        let name = asked.name();
        let is_name = !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains('\0');
        is_name.then_some(asked)
    }
}

pub(super) async fn stock(
    State(hub): State<Hub>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<StockAnswer>, ApiProblem> {
    if caller.known.revoked {
        return Err(ApiProblem::revoked());
    }
    let Some(asked) = asked.one() else {
        return Err(ApiProblem::unreadable(
            "exactly one of item, location and handling_unit has to be given",
        ));
    };
    let told = hub.ledger().stock_told(caller.identity.site, asked).await?;
    let row = |told: StockTold| StockRowBody {
        item: told.item,
        place: told.place,
        lot: Some(told.lot).filter(|lot| !lot.is_empty()),
        quantity_micro: told.quantity_micro,
        handling_unit: Some(told.handling_unit).filter(|unit| !unit.is_empty()),
        location: Some(told.location).filter(|location| !location.is_empty()),
    };
    let stands_at = told.stands_at.map(|account| match account.kind {
        AccountKind::Vehicle => PlaceBody::Vehicle(account.place),
        _ => PlaceBody::Location(account.place),
    });
    Ok(Json(StockAnswer {
        rows: told.rows.into_iter().map(row).collect(),
        stands_at,
    }))
}
