//! Short lists of a site that devices get whole: what is on hold, and the reasons for exception codes; the same for every
//! store.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tallyman_floor::wire::v1::{HoldBody, HoldsBody, ReasonsBody};

use super::Imported;
use super::plan::some;

/// Holds of one site at most: each change sends all of them to each device.
pub const HOLDS_MAX: usize = 5_000;

/// Reasons for one exception code at most: each has a digit key.
pub const REASONS_MAX: u32 = 9;

/// Goods that may not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HoldSetting {
    /// The item.
    pub item: String,
    /// The lot; empty for every lot.
    pub lot: String,
    /// Why, for workers.
    pub reason: String,
}

/// A hold, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What is on hold.
    pub setting: HoldSetting,
    /// The item's name; empty where it is in no list.
    pub item_name: String,
    /// Since when.
    pub created: Timestamp,
}

/// The holds of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// Counts the changes of the list.
    pub version: u64,
    /// By item and lot.
    pub holds: Vec<Hold>,
}

impl Holds {
    /// As devices get them.
    pub(crate) fn into_body(self) -> HoldsBody {
        let entries = self.holds.into_iter().map(|hold| HoldBody {
            item: hold.setting.item,
            lot: some(hold.setting.lot),
            reason: hold.setting.reason,
        });
        HoldsBody {
            version: self.version,
            entries: entries.collect(),
        }
    }
}

/// A reason that workers choose from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReasonSetting {
    /// The exception code it is for.
    pub code: String,
    /// Its place among the reasons of the code, from 1.
    pub number: u32,
    /// What it says.
    pub word: String,
}

/// Reasons as devices get them, from a list in the order of codes and numbers.
pub(crate) fn reasons_body(reasons: Vec<ReasonSetting>) -> Vec<ReasonsBody> {
    let mut bodies: Vec<ReasonsBody> = Vec::new();
    for reason in reasons {
        match bodies.last_mut().filter(|body| body.code == reason.code) {
            Some(body) => body.reasons.push(reason.word),
            None => bodies.push(ReasonsBody {
                code: reason.code,
                reasons: vec![reason.word],
            }),
        }
    }
    bodies
}

/// What a list that replaces another one changes, by the keys of the rows.
pub(crate) fn replaced<K: Ord, V: PartialEq>(
    before: impl IntoIterator<Item = (K, V)>,
    after: impl IntoIterator<Item = (K, V)>,
) -> Imported {
    let mut before: BTreeMap<K, V> = before.into_iter().collect();
    let mut imported = Imported::default();
    for (key, value) in after {
        match before.remove(&key) {
            Some(same) if same == value => imported.unchanged += 1,
            Some(_) => imported.changed += 1,
            None => imported.added += 1,
        }
    }
    imported.removed = before.len();
    imported
}

/// What [`replaced`] compares of holds.
pub(crate) fn hold_row(hold: &HoldSetting) -> ((&str, &str), &str) {
    ((&hold.item, &hold.lot), &hold.reason)
}

/// What [`replaced`] compares of reasons.
pub(crate) fn reason_row(reason: &ReasonSetting) -> ((&str, u32), &str) {
    ((&reason.code, reason.number), &reason.word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_by_code_in_their_order() {
        let reason = |code: &str, number, word: &str| ReasonSetting {
            code: code.to_owned(),
            number,
            word: word.to_owned(),
        };
        let told = reasons_body(vec![
            reason("damaged", 1, "wet"),
            reason("damaged", 3, "torn"),
            reason("short", 1, "empty"),
        ]);
        let told: Vec<String> = told
            .iter()
            .map(|body| format!("{} {:?}", body.code, body.reasons))
            .collect();
        assert_eq!(told, [r#"damaged ["wet", "torn"]"#, r#"short ["empty"]"#]);
    }

    #[test]
    fn what_is_no_longer_in_a_list_is_counted_as_removed() {
        let before = [(1, "same"), (2, "other"), (3, "gone")];
        let after = [(1, "same"), (2, "changed"), (4, "new"), (5, "new")];
        let Imported {
            added,
            changed,
            unchanged,
            removed,
        } = replaced(before, after);
        assert_eq!((added, changed, unchanged, removed), (2, 1, 1, 1));
    }
}
