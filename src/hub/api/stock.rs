//! What devices ask about stock: where an item is, what is in a location or a handling unit, and what a count that is over
//! has not found.

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
    missing: Option<String>,
    task: Option<String>,
}

impl Asked {
    /// Exactly one of them.
    fn one(self) -> Option<StockAsked> {
        let asked = match (self.item, self.location, self.handling_unit, self.missing) {
            (Some(item), None, None, None) => StockAsked::Item(item),
            (None, Some(location), None, None) => StockAsked::Location(location),
            (None, None, Some(unit), None) => StockAsked::HandlingUnit(unit),
            (None, None, None, Some(location)) => StockAsked::Missing {
                task: self.task.filter(|task| is_name(task))?,
                location,
            },
            _ => return None,
        };
        is_name(asked.name()).then_some(asked)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains('\0')
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
            "exactly one of item, location, handling_unit, and missing with task has to be given",
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
        serial: Some(told.serial).filter(|serial| !serial.is_empty()),
    };
    let stands_at = told.stands_at.map(|account| match account.kind {
        AccountKind::Vehicle => PlaceBody::Vehicle(account.place),
        _ => PlaceBody::Location(account.place),
    });
    Ok(Json(StockAnswer {
        rows: told.rows.into_iter().map(row).collect(),
        being_counted: told.being_counted,
        stands_at,
    }))
}
