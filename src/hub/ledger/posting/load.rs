//! A handling unit that goes onto a truck: whatever the book has in it goes with it.

use tallyman_floor::wire::v1::{ConfirmationBody, PlaceBody};
use tallyman_floor::{Quantity, StockStatus};

use super::excerpt::Excerpt;
use crate::ledger::account::{Account, AccountKind, Pair};
use crate::ledger::exception::ExceptionKind;

/// The pairs that take the contents of a handling unit onto the truck. Less than nothing stays behind.
pub(super) fn contents(excerpt: &Excerpt, body: &ConfirmationBody) -> Vec<Pair> {
    let (Some(PlaceBody::HandlingUnit(unit)), Some(to)) = (&body.from, &body.to) else {
        return Vec::new();
    };
    let from = Account::new(AccountKind::HandlingUnit, unit.as_str());
    let to = Account::of_place(to);
    let contents = excerpt.whole(&from).into_iter();
    let loaded = contents.filter(|(_, micro)| *micro > 0);
    let pair = |(stock, micro)| Pair {
        from: from.clone(),
        to: to.clone(),
        stock,
        quantity: Quantity::from_micro(micro),
    };
    loaded.map(pair).collect()
}

/// What a supervisor has to know of what was loaded.
pub(super) fn raised<'p>(contents: impl Iterator<Item = &'p Pair>) -> Option<ExceptionKind> {
    let mut contents = contents.peekable();
    let is_usable = |pair: &Pair| pair.stock.status == StockStatus::Available.word();
    if contents.peek().is_none() {
        return Some(ExceptionKind::UnknownUnit);
    }
    (!contents.all(is_usable)).then_some(ExceptionKind::HeldGoodsLoaded)
}
