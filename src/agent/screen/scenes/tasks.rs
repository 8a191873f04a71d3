//! The tasks of the scenes.

use tallyman_floor::{
    Check, CountPlan, CountScope, Disposition, HandlingUnitId, InspectPlan, ItemId, Language, Line,
    LineNumber, LoadPlan, LocationId, PackPlan, PickPlan, Quantity, QuantityEntry, ReceivePlan, ReturnPlan,
    SiteId, StockStatus, Task, TaskId, TaskKind, TaskState,
};

use super::goods;

/// The tasks that a scene names, in order; its other words are about other things.
pub(super) fn tasks(names: &str, language: Language) -> Vec<Task> {
    names.split(' ').filter_map(|name| one(name, language)).collect()
}

fn one(name: &str, language: Language) -> Option<Task> {
    let (kind, lines): (TaskKind, &[&str]) = match name {
        "pick" => (TaskKind::Pick(PickPlan::default()), PICKED),
        "enter" => (TaskKind::Pick(PickPlan::default()), PICKED),
        "cart" => (
            TaskKind::Pick(PickPlan::default()),
            &[
                "bolt 12 @A-01-02 into T-41",
                "nut 4 @A-01-02 into T-42",
                "nut 4 @A-01-04 into T-43",
            ],
        ),
        "zone" => {
            let plan = PickPlan {
                into: Some(HandlingUnitId::from("T-417")),
                hand_over: Some(LocationId::from("PACK-3")),
            };
            (TaskKind::Pick(plan), &["bolt 1 @A-01-02"])
        }
        "urgent" => (TaskKind::Pick(PickPlan::default()), &["nut 2 @A-01-04"]),
        "receive" => (
            TaskKind::Receive(ReceivePlan::at(LocationId::from("DOCK-1"))),
            &["bolt 240", "milk 48", "drill 6", "cheese 8", "nut 500"],
        ),
        "delivery" => (
            TaskKind::Receive(ReceivePlan::at(LocationId::from("DOCK-1"))),
            &["drill 48", "bolt 240"],
        ),
        "checked" => {
            let plan = ReceivePlan {
                checks: vec![Check::Seal, Check::Temperature],
                ..ReceivePlan::at(LocationId::from("DOCK-1"))
            };
            (TaskKind::Receive(plan), &["milk 480"])
        }
        "putaway" => (
            TaskKind::Putaway,
            &["bolt 24 @DOCK-1 >A-01-02", "nut 50 @DOCK-1 >A-01-04"],
        ),
        "replenish" => (
            TaskKind::Replenish,
            &["bolt 48 @R-04-01 >A-01-02", "nut 50 @R-04-02 >A-01-04"],
        ),
        "move" => (TaskKind::Move, &["bolt 3 @A-01-02 >B-02-03"]),
        "pack" => {
            let plan = PackPlan {
                from: Some(HandlingUnitId::from("T-417")),
                weigh: true,
            };
            (TaskKind::Pack(plan), &["bolt 2", "nut 1"])
        }
        "load" => {
            let plan = LoadPlan {
                door: LocationId::from("DOCK-1"),
                vehicle: "B-TX 4711".to_owned(),
                checks: vec![Check::Seal, Check::Temperature, Check::Signature],
            };
            (TaskKind::Load(plan), &["#T-801", "#T-802", "#T-803"])
        }
        "count" => (
            TaskKind::Count(CountPlan::default()),
            &["@A-02-05", "@A-02-06", "@A-02-07"],
        ),
        "inventory" => {
            let plan = CountPlan {
                scope: CountScope::PhysicalInventory,
                ..CountPlan::default()
            };
            (TaskKind::Count(plan), &["@A-02-05", "@A-02-06"])
        }
        "inspect" => {
            let plan = InspectPlan {
                status: StockStatus::Hold,
            };
            (TaskKind::Inspect(plan), &["bolt 3 @A-01-02", "nut 50 @A-01-04"])
        }
        "return" => {
            let [new, opened, broken] = goods::conditions(language);
            let disposition = |condition: &str, status, to: &str| Disposition {
                condition: condition.to_owned(),
                status,
                to: LocationId::from(to),
            };
            let plan = ReturnPlan {
                dock: LocationId::from("DOCK-2"),
                dispositions: vec![
                    disposition(new, StockStatus::Available, "A-01-02"),
                    disposition(opened, StockStatus::Hold, "B-02-03"),
                    disposition(broken, StockStatus::Damaged, "DOCK-2"),
                ],
            };
            (TaskKind::Return(plan), &["bolt 3", "drill 1"])
        }
        _ => return None,
    };
    let lines = (1..)
        .zip(lines)
        .map(|(number, text)| line(number, text, language));
    Some(Task {
        id: TaskId::from(name),
        site: SiteId::from("MAIN"),
        reference: reference(name).to_owned(),
        kind,
        revision: 1,
        state: TaskState::Open,
        priority: if name == "urgent" { 100 } else { 0 },
        assigned_to: None,
        quantity_entry: match name {
            "enter" => QuantityEntry::ScanThenEnter,
            _ => QuantityEntry::EachScan,
        },
        lines: lines.collect(),
    })
}

const PICKED: &[&str] = &[
    "bolt 12 @A-01-02",
    "nut 50 @A-01-04",
    "milk 6 @A-02-01 lot LX-20417",
    "drill 1 @B-02-03",
];

fn reference(name: &str) -> &'static str {
    match name {
        "pick" | "enter" | "cart" | "zone" => "SO-1001",
        "urgent" => "SO-1099",
        "receive" | "checked" => "PO-5512",
        "delivery" => "ASN-2088",
        "putaway" => "IN-5512",
        "replenish" => "RP-0341",
        "move" => "MV-0077",
        "pack" => "PK-1001",
        "load" => "LD-0912",
        "return" => "RT-2207",
        "inspect" => "QI-0118",
        _ => "CC-0815",
    }
}

/// `bolt 3 @A-01-02 >B-02-03 #T-801 into T-41 lot L1`; every part may be left out.
fn line(number: u32, text: &str, language: Language) -> Line {
    let mut line = Line::new(LineNumber(number));
    let mut words = text.split(' ');
    while let Some(word) = words.next() {
        if let Some(place) = word.strip_prefix('@') {
            line.location = Some(LocationId::from(place));
        } else if let Some(place) = word.strip_prefix('>') {
            line.to = Some(LocationId::from(place));
            line.why = Some(goods::why(language).to_owned());
        } else if let Some(unit) = word.strip_prefix('#') {
            line.handling_unit = Some(HandlingUnitId::from(unit));
        } else if word == "into" {
            line.into = words.next().map(HandlingUnitId::from);
        } else if word == "lot" {
            line.lot = words.next().map(str::to_owned);
        } else if let Some(quantity) = Quantity::parse(word) {
            line.expected = Some(quantity);
        } else {
            line.item = Some(ItemId::from(word));
        }
    }
    line
}
