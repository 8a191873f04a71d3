//! What is posted when a supervisor accepts a count: the location gets the difference from the variance account.

use tallyman_floor::Quantity;

use crate::ledger::account::{Account, AccountKind, Pair, Stock};

/// Item, lot and serial number: what a count tells apart.
pub type CountKey = (String, String, String);

/// The pairs that add a difference to a location. `holds` is what the location holds by the book, usable goods first;
/// `owner` is whose goods of the item are where nobody says.
pub fn adjustment(
    location: &str,
    holds: &[(Stock, i64)],
    key: &CountKey,
    owner: &str,
    difference_micro: i64,
) -> Vec<Pair> {
    let at = Account::new(AccountKind::Location, location);
    let variance = Account::new(AccountKind::Variance, "");
    let mut pairs = Vec::new();
    let mut rest = difference_micro;
    if rest < 0 {
        // What is missing is taken from what is there by the book, usable goods first.
        for (stock, micro) in holds {
            let is_same = (&stock.item, &stock.lot, &stock.serial) == (&key.0, &key.1, &key.2);
            if !is_same || *micro <= 0 || rest == 0 {
                continue;
            }
            let part = (*micro).min(rest.saturating_neg());
            pairs.extend(signed(&at, &variance, stock.clone(), part));
            rest = rest.saturating_add(part);
        }
    }
    let plain = Stock {
        item: key.0.clone(),
        lot: key.1.clone(),
        serial: key.2.clone(),
        status: "available".to_owned(),
        owner: owner.to_owned(),
        ..Stock::default()
    };
    pairs.extend(signed(&variance, &at, plain, rest));
    pairs
}

/// A pair in the direction that the sign says; none for zero.
pub(super) fn signed(from: &Account, to: &Account, stock: Stock, micro: i64) -> Option<Pair> {
    if micro == 0 {
        return None;
    }
    let pair = Pair {
        from: from.clone(),
        to: to.clone(),
        stock,
        quantity: Quantity::from_micro(micro.saturating_abs()),
    };
    Some(if micro < 0 { pair.reversed() } else { pair })
}
