//! What the stores keep as JSON: the kind of a task with all it needs, and those members of lines and items that SQL never
//! looks at. A further kind or member changes no table and no statement.
//!
//! A line or an item is what the wire's form makes of it, without the members that have columns; reading puts both together
//! again. What nothing is left of is the empty text.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tallyman_floor::wire::v1::{ItemBody, LineBody, TaskKindBody};

use super::LedgerError;
use super::plan::place_of;

/// Members of a line that have columns, or that the hub reckons.
const LINE_COLUMNS: &[&str] = &[
    "number",
    "item",
    "expected_micro",
    "location",
    "lot",
    "expiry_min",
    "owner",
    "confirmed_micro",
    "closed",
];

/// Members of an item that have columns, or a table.
const ITEM_COLUMNS: &[&str] = &[
    "id", "name", "unit", "codes", "lot", "serial", "expiry", "owner", "picture",
];

/// Details of a row that cannot be read: a newer program wrote them, or the store is damaged.
#[derive(Debug, thiserror::Error)]
#[error(
    "the details of {what} cannot be read ({cause}). A newer program may have written them: run that one."
)]
pub(crate) struct UnreadableDetails {
    what: &'static str,
    cause: serde_json::Error,
}

impl From<UnreadableDetails> for LedgerError {
    fn from(unreadable: UnreadableDetails) -> Self {
        Self::Broken(unreadable.to_string())
    }
}

/// The kind of a task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KindColumns {
    /// Its word.
    pub(crate) kind: String,
    /// All of it.
    pub(crate) details: String,
}

impl KindColumns {
    pub(crate) fn of(kind: &TaskKindBody) -> Self {
        let value = value_of(kind);
        // A kind is written as an object with its word as the one member, or as the word alone.
        let word = match &value {
            Value::Object(members) => members.keys().next().cloned(),
            Value::String(word) => Some(word.clone()),
            _ => None,
        };
        Self {
            kind: word.unwrap_or_default(),
            details: value.to_string(),
        }
    }
}

/// The kind of a task from its details.
pub(crate) fn kind_of(details: &str) -> Result<TaskKindBody, UnreadableDetails> {
    serde_json::from_str(details).map_err(|cause| UnreadableDetails {
        what: "a task",
        cause,
    })
}

/// The place of a task in lists; empty where this program does not know such work.
pub(crate) fn shown_place(details: &str) -> String {
    kind_of(details).map_or_else(|_| String::new(), |kind| place_of(&kind).to_owned())
}

/// What is said of a line besides its columns.
pub(crate) fn of_line(line: &LineBody) -> String {
    without(line, LINE_COLUMNS)
}

/// A line with this number and these details; the caller puts in what its other columns say.
pub(crate) fn line(number: u32, details: &str) -> Result<LineBody, UnreadableDetails> {
    let needed = [("number", Value::from(number))];
    with(details, needed).map_err(|cause| UnreadableDetails {
        what: "a line",
        cause,
    })
}

/// What is said of an item besides its columns.
pub(crate) fn of_item(item: &ItemBody) -> String {
    without(item, ITEM_COLUMNS)
}

/// An item with these details; the caller puts in what its columns say.
pub(crate) fn item(details: &str) -> Result<ItemBody, UnreadableDetails> {
    let needed = [
        ("id", Value::from("")),
        ("name", Value::from("")),
        ("unit", Value::from("")),
        ("codes", Value::Array(Vec::new())),
    ];
    with(details, needed).map_err(|cause| UnreadableDetails {
        what: "an item",
        cause,
    })
}

/// The JSON of a message; those of the wire have keys of text only, so that each can be written.
fn value_of(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}

fn without(body: &impl Serialize, columns: &[&str]) -> String {
    let Value::Object(mut members) = value_of(body) else {
        return String::new();
    };
    members.retain(|member, _| !columns.contains(&member.as_str()));
    if members.is_empty() {
        return String::new();
    }
    Value::Object(members).to_string()
}

fn with<T: DeserializeOwned, const N: usize>(
    details: &str,
    needed: [(&str, Value); N],
) -> Result<T, serde_json::Error> {
    let mut members: Map<String, Value> = match details {
        "" => Map::new(),
        details => serde_json::from_str(details)?,
    };
    members.extend(needed.map(|(member, value)| (member.to_owned(), value)));
    serde_json::from_value(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use tallyman_floor::TaskKind;
    use tallyman_floor::wire::v1::{
        CountBody, InspectBody, LoadBody, PackBody, PickBody, ReceiveBody, ReturnBody,
    };

    use super::*;

    #[test]
    fn a_kind_is_kept_with_its_word_and_all_it_needs() {
        let receive = ReceiveBody {
            dock: "DOCK-1".to_owned(),
            over_tolerance_percent: 5,
            ..ReceiveBody::default()
        };
        let pick = PickBody {
            into: Some("TOTE-1".to_owned()),
            ..PickBody::default()
        };
        let load = LoadBody {
            checks: vec!["seal".to_owned()],
            ..LoadBody::default()
        };
        let kinds = [
            TaskKindBody::Receive(receive),
            TaskKindBody::Putaway {},
            TaskKindBody::Replenish {},
            TaskKindBody::Move {},
            TaskKindBody::Pick(pick),
            TaskKindBody::Pack(PackBody::default()),
            TaskKindBody::Load(load),
            TaskKindBody::Count(CountBody::default()),
            TaskKindBody::Return(ReturnBody::default()),
            TaskKindBody::Inspect(InspectBody::default()),
        ];
        assert_eq!(kinds.len(), TaskKind::WORDS.len(), "every kind is tried");
        for (kind, word) in kinds.into_iter().zip(TaskKind::WORDS) {
            let columns = KindColumns::of(&kind);
            assert_eq!(columns.kind, word);
            assert_eq!(kind_of(&columns.details).unwrap(), kind);
        }
        assert!(kind_of(r#"{"juggle":{}}"#).is_err());
    }

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Later {
        number: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lot: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_member: Option<String>,
    }

    #[test]
    fn a_member_without_a_column_is_kept_and_one_with_a_column_is_not() {
        let mut later = Later {
            number: 7,
            lot: Some("L1".to_owned()),
            new_member: Some("kept".to_owned()),
        };
        let details = without(&later, LINE_COLUMNS);
        assert_eq!(details, r#"{"new_member":"kept"}"#);
        later.lot = None;
        assert_eq!(
            with::<Later, 1>(&details, [("number", Value::from(7))]).unwrap(),
            later
        );
        later.new_member = None;
        assert_eq!(without(&later, LINE_COLUMNS), "");
        assert_eq!(with::<Later, 1>("", [("number", Value::from(7))]).unwrap(), later);
    }

    #[test]
    fn the_columns_are_members_and_the_members_are_read_again() {
        let number = 4_000_000_000;
        let empty = line(number, "").unwrap();
        assert_eq!((empty.number, of_line(&empty).as_str()), (number, ""));
        let line_of_a_move = LineBody {
            to: Some("B-02".to_owned()),
            ..empty
        };
        assert_eq!(of_line(&line_of_a_move), r#"{"to":"B-02"}"#);
        assert_eq!(line(number, r#"{"to":"B-02"}"#).unwrap(), line_of_a_move);
        let mut plain = item("").unwrap();
        assert!(!of_item(&plain).contains("unit"));
        plain.shelf_life_min_days = Some(30);
        assert_eq!(item(&of_item(&plain)).unwrap(), plain);
        assert!(line(1, "{").is_err() && item("[]").is_err());
    }
}
