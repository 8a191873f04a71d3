//! Reasons: what workers of the site choose from when they report an exception code. The file is the whole list; for a code
//! without rows devices offer what is usual.
//!
//! ```csv
//! code,number,word
//! damaged,1,wet
//! damaged,2,torn
//! short,,not_found
//! ```

use std::collections::BTreeMap;

use tallyman_floor::ExceptionCode;

use super::table::{Column, Table, needed, optional};
use super::{Mistakes, cell};
use crate::ledger::lists::{REASONS_MAX, ReasonSetting};

pub(super) const COLUMNS: &[Column] = &[
    needed(
        "code",
        "the exception code: short, over, damaged or another that devices know",
    ),
    optional(
        "number",
        "its place among the reasons of the code, 1 to 9; the next one where empty",
    ),
    needed("word", "the reason, as workers read it and as it comes back"),
];

pub(super) fn read(table: &Table, mistakes: &mut Mistakes) -> Vec<ReasonSetting> {
    let codes: Vec<&str> = ExceptionCode::ALL.into_iter().map(ExceptionCode::word).collect();
    let mut reasons: BTreeMap<(String, u32), String> = BTreeMap::new();
    for row in &table.rows {
        if row.text("code").is_empty() {
            mistakes.add(row.mistake("code", format!("is empty. Allowed are {}.", codes.join(", "))));
        }
        let code = cell::word(row, "code", &codes, mistakes);
        let word = cell::identity(row, "word", mistakes);
        let mut of_code = reasons.iter().filter(|((known, _), _)| known == code);
        if of_code.any(|(_, known)| *known == word) {
            mistakes.add(row.mistake("word", "is there twice for this code."));
        }
        let last = reasons.keys().rev().find(|(known, _)| known == code);
        let next = last.map_or(1, |(_, number)| number.saturating_add(1));
        let given = cell::number(row, "number", 1..=i64::from(REASONS_MAX), mistakes);
        let number = given.map_or(next, |number| u32::try_from(number).unwrap_or(next));
        if number > REASONS_MAX {
            let message = format!("is one reason too many: a code has at most {REASONS_MAX}.");
            mistakes.add(row.mistake("word", message));
        }
        if reasons.insert((code.to_owned(), number), word).is_some() {
            mistakes.add(row.mistake("number", "is there twice for this code."));
        }
    }
    let reasons = reasons.into_iter();
    reasons
        .map(|((code, number), word)| ReasonSetting { code, number, word })
        .collect()
}
