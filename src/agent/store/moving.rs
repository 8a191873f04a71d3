//! The form in which a record is written again in a later epoch: the same fact, with what it was first.
//!
//! A fact that has moved is known by the hash of the record it was first. A copy of the store from before the move has that
//! record and not the note about the move; the hub tells it, and the fact is not written a second time.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{ConfirmationBody, FirstBody};

use crate::seams::Place;

use super::appending;
use super::reading::JournalRow;
use super::trouble::Trouble;

/// A record as it goes into a later epoch.
pub(super) struct Moving {
    /// The hash it had first; `None` where that is damaged too.
    pub(super) first: Option<ChainHash>,
    /// Its body there.
    pub(super) body: String,
}

/// A damaged body. It has none of the members that every confirmation has, so that nobody takes it for one, although its
/// new hash is right.
#[derive(Serialize)]
struct Damaged<'a> {
    first: Option<FirstBody>,
    damaged: &'a str,
}

/// What is known of a body of any form.
#[derive(Deserialize)]
struct Known {
    first: Option<FirstBody>,
}

impl Moving {
    /// The record of `epoch` that lies in this row, as it is written again.
    pub(super) fn of(
        connection: &Connection,
        epoch: u32,
        row: &JournalRow,
        is_sound: bool,
    ) -> Result<Self, Trouble> {
        let known = is_sound.then(|| serde_json::from_str::<Known>(&row.body).ok());
        let before = known.flatten().and_then(|known| known.first);
        let here = row.hash.map(|hash| FirstBody {
            epoch,
            seq: row.seq,
            hash: hash.to_string(),
        });
        let is_new = before.is_none();
        let first = before.or(here);
        let hash = first.as_ref().and_then(|first| ChainHash::from_hex(&first.hash));
        let body = match (is_sound, is_new) {
            (false, _) => text(&Damaged {
                first,
                damaged: &row.body,
            })?,
            (true, true) => with_first(&redirect(connection, &row.body)?, first.as_ref())?,
            (true, false) => redirect(connection, &row.body)?,
        };
        Ok(Self { first: hash, body })
    }
}

/// The body with one member more at its beginning; everything else stays byte for byte.
fn with_first(body: &str, first: Option<&FirstBody>) -> Result<String, Trouble> {
    let (Some(first), Some(rest)) = (first, body.trim_start().strip_prefix('{')) else {
        return Ok(body.to_owned());
    };
    let comma = if rest.trim_start().starts_with('}') {
        ""
    } else {
        ","
    };
    let whole = format!("{{\"first\":{}{comma}{rest}", text(first)?);
    // A body that was written by nobody we know stays what it is.
    Ok(match serde_json::from_str::<&RawValue>(&whole) {
        Ok(_) => whole,
        Err(_) => body.to_owned(),
    })
}

/// A reversal of a record that has moved follows it.
fn redirect(connection: &Connection, body: &str) -> Result<String, Trouble> {
    let Ok(mut confirmation) = serde_json::from_str::<ConfirmationBody>(body) else {
        return Ok(body.to_owned());
    };
    let Some(reversed) = &mut confirmation.reverses else {
        return Ok(body.to_owned());
    };
    let place = Place {
        epoch: reversed.epoch,
        seq: reversed.seq,
    };
    let moved = appending::new_place(connection, place)?;
    if moved == place {
        return Ok(body.to_owned());
    }
    reversed.epoch = moved.epoch;
    reversed.seq = moved.seq;
    text(&confirmation)
}

fn text<T: Serialize>(value: &T) -> Result<String, Trouble> {
    serde_json::to_string(value).map_err(|error| Trouble::damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_member_is_put_in_front_and_nothing_else_changes() {
        let first = FirstBody {
            epoch: 1,
            seq: 41,
            hash: "ab".to_owned(),
        };
        for (body, moved) in [
            (
                r#"{"v":1,"later":[1.50,"ü"]}"#,
                r#"{"first":{"epoch":1,"seq":41,"hash":"ab"},"v":1,"later":[1.50,"ü"]}"#,
            ),
            ("{ }", r#"{"first":{"epoch":1,"seq":41,"hash":"ab"} }"#),
            ("\"a text\"", "\"a text\""),
            ("{broken", "{broken"),
        ] {
            assert_eq!(with_first(body, Some(&first)).unwrap(), moved);
        }
        assert_eq!(with_first("{}", None).unwrap(), "{}");
    }
}
