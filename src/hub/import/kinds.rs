//! What a row says of the kind of work: which columns a kind needs, and what it makes of them.

use tallyman_floor::wire::v1::{
    CountBody, DispositionBody, InspectBody, LineBody, LoadBody, PackBody, PickBody, ReceiveBody, ReturnBody,
    TaskKindBody,
};
use tallyman_floor::{Against, Check, CountScope, StockStatus, TaskKind};

use super::stock::{known_item, known_location};
use super::table::Row;
use super::{Mistakes, cell};
use crate::ledger::views::Names;

/// The kind that a task's first row names, with what only that kind needs.
pub(super) fn kind(row: &Row, names: &Names, mistakes: &mut Mistakes) -> TaskKindBody {
    if row.text("kind").is_empty() {
        let words = TaskKind::WORDS.join(", ");
        mistakes.add(row.mistake(
            "kind",
            format!("is empty on the task's first row. Allowed are {words}."),
        ));
        return TaskKindBody::Count(CountBody::default());
    }
    let word = cell::word(row, "kind", &TaskKind::WORDS, mistakes);
    if !word.eq_ignore_ascii_case(row.text("kind")) {
        // It was told; what else a kind nobody knows would need is not.
        return TaskKindBody::Receive(ReceiveBody::default());
    }
    match word {
        "receive" => TaskKindBody::Receive(receive(row, names, mistakes)),
        "putaway" => TaskKindBody::Putaway {},
        "replenish" => TaskKindBody::Replenish {},
        "move" => TaskKindBody::Move {},
        "pick" => TaskKindBody::Pick(PickBody {
            into: cell::optional(row, "tote"),
            hand_over: place(row, "hand_over", names, mistakes),
        }),
        "pack" => TaskKindBody::Pack(PackBody {
            from: cell::optional(row, "tote"),
            weigh: cell::flag(row, "weigh", mistakes),
        }),
        "load" => TaskKindBody::Load(LoadBody {
            door: needed_place(
                row,
                "dock",
                "the door where the truck stands is wanted.",
                names,
                mistakes,
            ),
            vehicle: cell::identity(row, "vehicle", mistakes),
            checks: checks(row, mistakes),
        }),
        "return" => TaskKindBody::Return(ReturnBody {
            dock: needed_place(
                row,
                "dock",
                "returned goods must be looked at somewhere.",
                names,
                mistakes,
            ),
            dispositions: dispositions(row, names, mistakes),
        }),
        "inspect" => TaskKindBody::Inspect(inspect(row, mistakes)),
        "count" => TaskKindBody::Count(count(row, mistakes)),
        _ => {
            mistakes.add(row.mistake("kind", "is a kind of work that no file can plan."));
            TaskKindBody::Count(CountBody::default())
        }
    }
}

fn receive(row: &Row, names: &Names, mistakes: &mut Mistakes) -> ReceiveBody {
    let mut percent = |column| {
        let percent = cell::number(row, column, 0..=1_000, mistakes).unwrap_or(0);
        u32::try_from(percent).unwrap_or(0)
    };
    let (over, under) = (percent("over_percent"), percent("under_percent"));
    let against = cell::word(row, "against", &Against::ALL.map(Against::word), mistakes);
    ReceiveBody {
        dock: needed_place(
            row,
            "dock",
            "received goods must be put down somewhere.",
            names,
            mistakes,
        ),
        against: unless_first(against, Against::default().word()),
        over_tolerance_percent: over,
        under_tolerance_percent: under,
        checks: checks(row, mistakes),
    }
}

fn count(row: &Row, mistakes: &mut Mistakes) -> CountBody {
    let scope = cell::word(row, "scope", &CountScope::ALL.map(CountScope::word), mistakes);
    CountBody {
        scope: unless_first(scope, CountScope::default().word()),
        ..CountBody::default()
    }
}

fn inspect(row: &Row, mistakes: &mut Mistakes) -> InspectBody {
    let status = cell::word(row, "status", &StockStatus::ALL.map(StockStatus::word), mistakes);
    InspectBody {
        status: unless_first(status, StockStatus::default().word()),
    }
}

/// A word that says something beyond the usual one, which is left out: work of before has none, and is the same.
fn unless_first(word: &str, usual: &str) -> String {
    match word == usual {
        true => String::new(),
        false => word.to_owned(),
    }
}

/// Words separated by blanks, as `seal temperature`.
fn checks(row: &Row, mistakes: &mut Mistakes) -> Vec<String> {
    let mut checks = Vec::new();
    for word in row.text("checks").split_whitespace() {
        let known = [Check::Seal, Check::Temperature, Check::Signature].map(Check::word);
        if !known.contains(&word) {
            let message = format!(
                "names the check {word:?}. Allowed are {}, with blanks between them.",
                known.join(", ")
            );
            mistakes.add(row.mistake("checks", message));
        } else if !checks.iter().any(|check| check == word) {
            checks.push(word.to_owned());
        }
    }
    checks
}

/// What follows from the condition of returned goods, as `as new=available>A-01-01; broken=damaged>Q-01`.
fn dispositions(row: &Row, names: &Names, mistakes: &mut Mistakes) -> Vec<DispositionBody> {
    const FORM: &str = "Each part is CONDITION=STATUS>LOCATION, with ; between them, as \
                        as new=available>A-01-01; broken=damaged>Q-01.";
    /// A worker chooses by one digit.
    const DISPOSITIONS_MAX: usize = 9;
    let parts = row.text("dispositions").split(';').map(str::trim);
    let mut dispositions = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let split = part.split_once('=').and_then(|(condition, rest)| {
            let (status, to) = rest.split_once('>')?;
            Some((condition.trim(), status.trim(), to.trim()))
        });
        let Some((condition, status, to)) =
            split.filter(|(condition, _, to)| !condition.is_empty() && !to.is_empty())
        else {
            mistakes.add(row.mistake("dispositions", format!("has the part {part:?}. {FORM}")));
            continue;
        };
        if StockStatus::of_word(status).is_none() {
            let words = StockStatus::ALL.map(StockStatus::word).join(", ");
            mistakes.add(row.mistake(
                "dispositions",
                format!("names the status {status:?}. Allowed are {words}."),
            ));
        }
        if !names.knows_location(to) {
            mistakes.add(row.mistake(
                "dispositions",
                format!("names the location {to:?}, which the site does not have. Import it first."),
            ));
        }
        dispositions.push(DispositionBody {
            condition: condition.to_owned(),
            status: status.to_owned(),
            to: to.to_owned(),
        });
    }
    if dispositions.is_empty() {
        mistakes.add(row.mistake(
            "dispositions",
            format!("is empty: where do returned goods go? {FORM}"),
        ));
    }
    if dispositions.len() > DISPOSITIONS_MAX {
        mistakes.add(row.mistake(
            "dispositions",
            format!("has more than {DISPOSITIONS_MAX} parts: a worker chooses by one digit."),
        ));
    }
    dispositions
}

fn place(row: &Row, column: &'static str, names: &Names, mistakes: &mut Mistakes) -> Option<String> {
    known_location(row, column, names, mistakes);
    cell::optional(row, column)
}

fn needed_place(
    row: &Row,
    column: &'static str,
    why: &str,
    names: &Names,
    mistakes: &mut Mistakes,
) -> String {
    if row.text(column).is_empty() {
        mistakes.add(row.mistake(column, format!("is empty: {why}")));
    }
    place(row, column, names, mistakes).unwrap_or_default()
}

/// What of a row's line a kind needs. `None` where the row has no line: a blind receipt or return may have none.
pub(super) fn line(
    row: &Row,
    kind: &TaskKindBody,
    number: u32,
    names: &Names,
    mistakes: &mut Mistakes,
) -> Option<LineBody> {
    let is_blind = match kind {
        TaskKindBody::Receive(body) => body.against == Against::Blind.word(),
        TaskKindBody::Return(_) => true,
        _ => false,
    };
    if is_blind && row.text("item").is_empty() && row.text("line").is_empty() {
        return None;
    }
    match kind {
        TaskKindBody::Count(_) => {
            must_be_empty(
                row,
                "quantity",
                "a count is blind, whatever is found is counted.",
                mistakes,
            );
            if !row.text("item").is_empty() {
                known_item(row, names, mistakes);
            }
            cell::identity(row, "location", mistakes);
        }
        TaskKindBody::Load(_) => {
            cell::identity(row, "handling_unit", mistakes);
            must_be_empty(row, "item", "a unit is loaded with whatever is in it.", mistakes);
            must_be_empty(
                row,
                "quantity",
                "a unit is loaded with whatever is in it.",
                mistakes,
            );
        }
        _ => {
            let is_whole = is_whole_unit(row, kind);
            if !is_whole {
                cell::identity(row, "item", mistakes);
            }
            if !is_whole || !row.text("item").is_empty() {
                known_item(row, names, mistakes);
            }
            if is_whole || is_blind {
                cell::quantity(row, "quantity", mistakes);
            } else {
                cell::needed_quantity(row, "quantity", mistakes);
            }
        }
    }
    match kind {
        TaskKindBody::Pick(_) | TaskKindBody::Putaway {} | TaskKindBody::Inspect(_) => {
            cell::identity(row, "location", mistakes);
        }
        TaskKindBody::Replenish {} | TaskKindBody::Move {} => {
            cell::identity(row, "location", mistakes);
            cell::identity(row, "to", mistakes);
        }
        _ => {}
    }
    known_location(row, "location", names, mistakes);
    known_location(row, "to", names, mistakes);
    Some(LineBody {
        number,
        item: cell::optional(row, "item"),
        expected_micro: tallyman_floor::Quantity::parse(row.text("quantity"))
            .map(|quantity| quantity.micro()),
        location: cell::optional(row, "location"),
        to: cell::optional(row, "to"),
        why: cell::optional(row, "why"),
        handling_unit: cell::optional(row, "handling_unit"),
        into: cell::optional(row, "into"),
        lot: cell::optional(row, "lot"),
        serial: cell::optional(row, "serial"),
        expiry_min: cell::date(row, "expiry_min", mistakes),
        owner: cell::optional(row, "owner"),
        ..LineBody::default()
    })
}

/// Whether a line means a handling unit with whatever is in it: it names one, and no quantity.
fn is_whole_unit(row: &Row, kind: &TaskKindBody) -> bool {
    let takes_units = matches!(
        kind,
        TaskKindBody::Pick(_) | TaskKindBody::Putaway {} | TaskKindBody::Replenish {} | TaskKindBody::Move {}
    );
    takes_units && !row.text("handling_unit").is_empty() && row.text("quantity").is_empty()
}

fn must_be_empty(row: &Row, column: &'static str, why: &str, mistakes: &mut Mistakes) {
    if !row.text(column).is_empty() {
        mistakes.add(row.mistake(column, format!("must be empty: {why}")));
    }
}
