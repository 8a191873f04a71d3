//! Items: one row for each code of an item; the rows of one item stand together.
//!
//! ```csv
//! item,name,unit,code,code_unit,pack,lot,serial,expiry,owner
//! MILK-1L,Whole milk 1 l,each,4006381333931,each,1,yes,,yes,
//! MILK-1L,,,04006381333948,case,12,,,,
//! ```
//!
//! In JSON: `{"item":"MILK-1L","name":"Whole milk 1 l","unit":"each","lot":true,"codes":[{"code":"4006381333931"}]}`.

use std::collections::HashMap;

use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::{ItemBody, ItemCodeBody};

use super::table::{Column, Row, Table, needed, optional};
use super::{Mistakes, cell, json};

pub(super) const COLUMNS: &[Column] = &[
    needed("item", "the article number"),
    optional("name", "what people call it; the number where empty"),
    optional("unit", "the base unit, as each or kg; each where empty"),
    optional(
        "code",
        "a GTIN, any other text on a label, or =DIGITS for a number of your own",
    ),
    optional(
        "code_unit",
        "the packaging that carries the code, as case; the base unit where empty",
    ),
    optional("pack", "base units in that packaging; 1 where empty"),
    optional("lot", "yes where lots are recorded"),
    optional("serial", "yes where serial numbers are recorded"),
    optional("expiry", "yes where expiry dates are recorded"),
    optional(
        "weight",
        "yes where the net weight is recorded, because no two pieces weigh the same",
    ),
    optional("tag", "yes where each piece carries an RFID tag"),
    optional(
        "shelf_life_min_days",
        "days that must be left before the expiry date when it comes in; any where empty",
    ),
    optional(
        "substitutes",
        "articles that may be given in its place, the best first, with ; between them",
    ),
    optional(
        "owner",
        "whose goods, where the site keeps stock for several owners",
    ),
];

pub(super) const NESTED: json::Nested = json::Nested {
    member: "codes",
    columns: &[("code", "code"), ("unit", "code_unit"), ("pack", "pack")],
};

pub(super) fn read(table: &Table, mistakes: &mut Mistakes) -> Vec<ItemBody> {
    let mut items: Vec<ItemBody> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut code_lines: HashMap<String, u64> = HashMap::new();
    for row in &table.rows {
        let id = cell::identity(row, "item", mistakes);
        let place = *places.entry(id.clone()).or_insert_with(|| {
            items.push(new_item(row, id, mistakes));
            items.len() - 1
        });
        let Some(item) = items.get_mut(place) else {
            continue;
        };
        if let Some(code) = read_code(row, item, mistakes) {
            match code_lines.insert(code.code.clone(), row.line) {
                Some(line) => {
                    mistakes
                        .add(row.mistake("code", format!("is there twice; the other is on line {line}.")));
                }
                None => item.codes.push(code),
            }
        }
    }
    items
}

fn new_item(row: &Row, id: String, mistakes: &mut Mistakes) -> ItemBody {
    ItemBody {
        name: cell::optional(row, "name").unwrap_or_else(|| id.clone()),
        id,
        unit: cell::optional(row, "unit").unwrap_or_else(|| "each".to_owned()),
        codes: Vec::new(),
        lot: cell::flag(row, "lot", mistakes),
        serial: cell::flag(row, "serial", mistakes),
        expiry: cell::flag(row, "expiry", mistakes),
        weight: cell::flag(row, "weight", mistakes),
        tag: cell::flag(row, "tag", mistakes),
        shelf_life_min_days: cell::number(row, "shelf_life_min_days", 1..=SHELF_LIFE_DAYS_MAX, mistakes)
            .and_then(|days| u32::try_from(days).ok()),
        substitutes: substitutes(row, mistakes),
        owner: cell::optional(row, "owner"),
        // Pictures are given in by themselves.
        picture: None,
    }
}

/// Ten years: more is no shelf life.
const SHELF_LIFE_DAYS_MAX: i64 = 3_660;

/// Articles by their numbers. They may be of the same file, so only their form is looked at.
fn substitutes(row: &Row, mistakes: &mut Mistakes) -> Vec<String> {
    /// More than a worker would ever look through.
    const SUBSTITUTES_MAX: usize = 10;
    let parts = row.text("substitutes").split(';').map(str::trim);
    let substitutes: Vec<_> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    if substitutes.len() > SUBSTITUTES_MAX {
        mistakes.add(row.mistake(
            "substitutes",
            format!("names more than {SUBSTITUTES_MAX} articles."),
        ));
    }
    if substitutes.iter().any(|item| item == row.text("item")) {
        mistakes.add(row.mistake("substitutes", "names the article itself."));
    }
    substitutes
}

fn read_code(row: &Row, item: &ItemBody, mistakes: &mut Mistakes) -> Option<ItemCodeBody> {
    let code = cell::item_code(row, "code", mistakes);
    let pack = cell::quantity(row, "pack", mistakes);
    if code.is_none() && row.text("code").is_empty() && pack.is_some() {
        mistakes.add(row.mistake("pack", "stands without a code. Say which code has this many."));
    }
    Some(ItemCodeBody {
        code: code?,
        unit: cell::optional(row, "code_unit").unwrap_or_else(|| item.unit.clone()),
        pack_micro: pack.unwrap_or(Quantity::ONE).micro(),
    })
}
