//! Holds: one row for each item, or lot of it, that may not be used. The file is the whole list: what is in it no more is
//! released. One with the header alone, or `[]` in JSON, releases everything.
//!
//! ```csv
//! item,lot,reason
//! MILK-1L,L2211,recall 2026-14
//! CREAM-500,,quality check
//! ```

use std::collections::HashMap;

use super::stock::known_item;
use super::table::{Column, Table, needed, optional};
use super::{Mistakes, cell};
use crate::ledger::lists::{HOLDS_MAX, HoldSetting};
use crate::ledger::views::Names;

pub(super) const COLUMNS: &[Column] = &[
    needed("item", "the article number"),
    optional("lot", "the lot that is on hold; every lot where empty"),
    needed("reason", "why, as workers read it: recall 2026-14"),
];

pub(super) fn read(table: &Table, names: &Names, mistakes: &mut Mistakes) -> Vec<HoldSetting> {
    let mut lines: HashMap<(String, String), u64> = HashMap::new();
    let mut holds = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let hold = HoldSetting {
            item: cell::identity(row, "item", mistakes),
            lot: row.text("lot").to_owned(),
            reason: cell::identity(row, "reason", mistakes),
        };
        let tracked = known_item(row, names, mistakes);
        if !hold.lot.is_empty() && tracked.is_some_and(|tracked| !tracked.lot) {
            mistakes.add(row.mistake(
                "lot",
                "is named, and lots of this item are not recorded. Leave it empty to hold all of the item.",
            ));
        }
        if let Some(line) = lines.insert((hold.item.clone(), hold.lot.clone()), row.line) {
            mistakes.add(row.mistake("item", format!("is there twice; the other is on line {line}.")));
        }
        if holds.len() == HOLDS_MAX {
            let message = format!("is one hold too many: a site has at most {HOLDS_MAX}.");
            mistakes.add(row.mistake("item", message));
        }
        holds.push(hold);
    }
    holds
}
