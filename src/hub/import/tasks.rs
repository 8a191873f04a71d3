//! Tasks: one row for each line; the rows of one task stand together or apart. What concerns the whole task is written
//! on its first row and may be left empty, or repeated, on the others.
//!
//! ```csv
//! task,kind,reference,dock,tote,line,item,quantity,location,lot
//! R-1001,receive,PO-4711,DOCK-1,,1,MILK-1L,120,,
//! P-2001,pick,ORDER-88,,,1,MILK-1L,6,A-01-01,
//! C-3001,count,COUNT-A,,,1,,,A-01-01,
//! ```
//!
//! In JSON: `{"task":"R-1001","kind":"receive","reference":"PO-4711","dock":"DOCK-1","lines":[{"line":1,…}]}`.

use std::collections::HashMap;

use tallyman_floor::wire::v1::{LineBody, TaskBody, TaskKindBody};

use super::table::{Column, Row, Table, needed, optional};
use super::{Mistakes, cell, json, kinds};
use crate::ledger::views::Names;

/// Lines in a task: more than anyone works on in one go, and what a device gets in one piece.
const LINES_MAX: usize = 5_000;

pub(super) const COLUMNS: &[Column] = &[
    needed("task", "the task's number, unique in the site"),
    needed(
        "kind",
        "receive, putaway, replenish, move, pick, pack, load, count, return or inspect",
    ),
    optional(
        "reference",
        "the document, as ASN, purchase order or order; the task's number where empty",
    ),
    optional("priority", "a whole number, higher is more urgent; 0 where empty"),
    optional("assigned_to", "the worker it is meant for; anyone where empty"),
    optional(
        "quantity_entry",
        "each_scan or scan_then_enter; each_scan where empty",
    ),
    optional(
        "dock",
        "where received goods are put down, returned ones looked at, or the truck stands; needed for receive, return, load",
    ),
    optional(
        "against",
        "what a receipt is measured against: asn, purchase_order or blind; asn where empty",
    ),
    optional(
        "over_percent",
        "percent more than expected that are received without a question; 0 where empty",
    ),
    optional(
        "under_percent",
        "percent less than expected that end a line of a receipt without a question; 0 where empty",
    ),
    optional(
        "checks",
        "what is asked for at a receipt or load: seal, temperature, signature, with blanks between them",
    ),
    optional(
        "tote",
        "what is picked into, or packed from; the worker scans one where empty",
    ),
    optional(
        "hand_over",
        "where the tote of a pick is put down for the next zone",
    ),
    optional("weigh", "yes where every carton of a pack is weighed"),
    optional("vehicle", "the truck of a load, as its label or plate says"),
    optional(
        "scope",
        "what a count is for: cycle, physical_inventory or zero_stock; cycle where empty",
    ),
    optional(
        "dispositions",
        "what follows from the condition of returned goods, as: as new=available>A-01-01; broken=damaged>Q-01",
    ),
    optional(
        "status",
        "what the goods of an inspection are before it: available, hold or damaged; available where empty",
    ),
    optional("line", "the line's number; the next one where empty"),
    optional(
        "item",
        "the article number; may be empty in a count, is empty in a load",
    ),
    optional(
        "quantity",
        "how much is expected, in base units; empty in a count",
    ),
    optional(
        "location",
        "the bin to pick from, to count, to inspect, or to move out of",
    ),
    optional(
        "to",
        "where the goods go; proposed in a putaway, needed for move and replenish",
    ),
    optional("why", "why there, for the worker to read"),
    optional(
        "handling_unit",
        "the SSCC or number of the tote, carton or pallet that the goods are in, or that is loaded",
    ),
    optional("into", "the tote of a cart that this line is picked into"),
    optional("lot", "the lot that is wanted"),
    optional(
        "serial",
        "of a receipt: the serial number of the one piece that is announced",
    ),
    optional(
        "expiry_min",
        "the earliest expiry that may be picked, as 2027-12-31",
    ),
    optional("owner", "whose goods"),
];

pub(super) const NESTED: json::Nested = json::Nested {
    member: "lines",
    columns: &[
        ("line", "line"),
        ("item", "item"),
        ("quantity", "quantity"),
        ("location", "location"),
        ("to", "to"),
        ("why", "why"),
        ("handling_unit", "handling_unit"),
        ("into", "into"),
        ("lot", "lot"),
        ("serial", "serial"),
        ("expiry_min", "expiry_min"),
        ("owner", "owner"),
    ],
};

/// Columns that concern the whole task.
const OF_THE_TASK: &[&str] = &[
    "kind",
    "reference",
    "priority",
    "assigned_to",
    "quantity_entry",
    "dock",
    "against",
    "over_percent",
    "under_percent",
    "checks",
    "tote",
    "hand_over",
    "weigh",
    "vehicle",
    "scope",
    "dispositions",
    "status",
];

pub(super) fn read(table: &Table, site: &str, names: &Names, mistakes: &mut Mistakes) -> Vec<TaskBody> {
    let mut tasks: Vec<(TaskBody, &Row)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in &table.rows {
        let id = cell::identity(row, "task", mistakes);
        let place = *places.entry(id.clone()).or_insert_with(|| {
            tasks.push((new_task(row, site, id, names, mistakes), row));
            tasks.len() - 1
        });
        let Some((task, first)) = tasks.get_mut(place) else {
            continue;
        };
        same_task(row, first, mistakes);
        read_line(row, task, names, mistakes);
    }
    tasks.into_iter().map(|(task, _)| task).collect()
}

fn new_task(row: &Row, site: &str, id: String, names: &Names, mistakes: &mut Mistakes) -> TaskBody {
    let kind = kinds::kind(row, names, mistakes);
    let priority = cell::number(row, "priority", -1_000..=1_000, mistakes).unwrap_or(0);
    TaskBody {
        reference: cell::optional(row, "reference").unwrap_or_else(|| id.clone()),
        id,
        site: site.to_owned(),
        kind,
        revision: 1,
        state: "open".to_owned(),
        priority: i32::try_from(priority).unwrap_or(0),
        assigned_to: cell::optional(row, "assigned_to"),
        quantity_entry: cell::word(row, "quantity_entry", &["each_scan", "scan_then_enter"], mistakes)
            .to_owned(),
        claim: None,
        doubts: Vec::new(),
        lines: Vec::new(),
    }
}

/// A later row repeats what the first row of its task said, or leaves it empty.
fn same_task(row: &Row, first: &Row, mistakes: &mut Mistakes) {
    for column in OF_THE_TASK {
        let (here, there) = (row.text(column), first.text(column));
        if !here.is_empty() && here != there {
            let message = format!(
                "differs from {there:?} on line {}, where the task begins.",
                first.line
            );
            mistakes.add(row.mistake(column, message));
        }
    }
}

fn read_line(row: &Row, task: &mut TaskBody, names: &Names, mistakes: &mut Mistakes) {
    let next = task.lines.iter().map(|line| line.number).max().unwrap_or(0) + 1;
    let number = cell::number(row, "line", 1..=i64::from(u32::MAX), mistakes);
    let number = number
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or(next);
    if task.lines.iter().rev().any(|line| line.number == number) {
        mistakes.add(row.mistake("line", format!("is there twice in task {}.", task.id)));
    }
    if task.lines.len() >= LINES_MAX {
        return mistakes.add(row.mistake("task", format!("has more than {LINES_MAX} lines. Split it.")));
    }
    if matches!(task.kind, TaskKindBody::Count(_)) {
        not_whole_and_by_item(row, task, mistakes);
    }
    let kind = task.kind.clone();
    task.lines
        .extend(kinds::line(row, &kind, number, names, mistakes));
}

/// A place is counted as a whole, or by items: the end of one line must not speak for the other.
fn not_whole_and_by_item(row: &Row, task: &TaskBody, mistakes: &mut Mistakes) {
    let is_whole = row.text("item").is_empty();
    let is_other = |line: &LineBody| {
        line.location.as_deref() == Some(row.text("location")) && line.item.is_none() != is_whole
    };
    if task.lines.iter().any(is_other) {
        mistakes.add(row.mistake(
            "location",
            "is there as a whole and by item. Count one or the other.",
        ));
    }
}
