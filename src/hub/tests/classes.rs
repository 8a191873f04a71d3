//! The classes of conflict: for each the story that comes in, what stock and task are then, what a supervisor is asked,
//! and what each of the answers does. The ledger holds after every one of them.

use std::time::Duration;

use serde_json::{Value, json};
use tallyman_floor::wire::v1::{TaskBody, TaskKindBody};

use super::bench::{Bench, Handheld, Store, counted, on_both_stores, picked, received, reversal};
use crate::ImportKind;
use crate::ledger::resolution::choices;
use crate::ledger::views::Exception;
use crate::ledger::{Decided, Decision, ExceptionKind, Resolution};

on_both_stores![
    a_short_pick_is_picked_elsewhere_and_its_location_counted,
    a_short_pick_with_nothing_elsewhere_says_so,
    what_was_picked_too_much_is_put_back,
    a_line_picked_twice_is_put_back_once,
    a_repeated_batch_is_nothing,
    a_stale_task_is_applied_or_put_back,
    a_cancelled_order_is_put_back_or_was_shipped,
    what_came_in_too_much_is_held_apart,
    an_unknown_item_is_posted_as_a_known_one,
    what_was_counted_is_neither_mapped_nor_put_back,
    an_unknown_location_and_task_are_mapped,
    a_location_below_nothing_is_counted,
    a_count_while_goods_moved_is_counted_again,
    a_serial_number_in_two_places_is_decided,
    a_correction_needs_nobody,
    a_line_that_never_came_is_picked,
    two_decisions_about_one_fact_do_not_add_up,
    every_kind_shows_its_choices_on_the_page,
];

const MORE_STOCK: &str = "location,item,quantity,lot\nB-01,MILK,9,\nB-02,MILK,2,\n";
const MORE_LOCATIONS: &str = "location,zone\nB-01,Aisle B\nB-02,Aisle B\n";

impl Bench {
    async fn open(&self) -> Vec<Exception> {
        let filter = crate::ledger::views::ExceptionFilter {
            state: Some("open".to_owned()),
            kind: None,
        };
        let ledger = self.hub.ledger();
        ledger.exceptions("main".to_owned(), filter).await.unwrap()
    }

    /// The only open exception of a kind.
    async fn raised(&self, kind: ExceptionKind) -> Exception {
        let mut open = self.open().await;
        open.retain(|exception| exception.kind == kind.word());
        assert_eq!(open.len(), 1, "{kind:?}: {open:?}");
        open.remove(0)
    }

    pub(super) async fn decide_as(&self, kind: ExceptionKind, resolution: Resolution, name: &str) -> Decided {
        let exception = self.raised(kind).await;
        let decision = Decision {
            name: name.to_owned(),
            ..Decision::plain(resolution)
        };
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let ledger = self.hub.ledger();
        let decided = ledger.decide("main".to_owned(), exception.exception, decision, now);
        let decided = decided.await.unwrap();
        self.check().await;
        decided
    }

    async fn decide(&self, kind: ExceptionKind, resolution: Resolution) {
        let decided = self.decide_as(kind, resolution, "").await;
        assert_eq!(decided, Decided::Done, "{kind:?} {resolution:?}");
    }

    /// What an item has in each account, in whole units.
    async fn everywhere(&self, item: &str) -> Vec<(String, String, i64)> {
        let snapshot = self.hub.ledger_snapshot().await.unwrap();
        let rows = snapshot.balances.into_iter().filter(|row| row.item == item);
        rows.map(|row| (row.account, row.place, row.quantity_micro / 1_000_000))
            .collect()
    }
}

async fn one(store: Store) -> (Bench, Handheld) {
    let bench = Bench::new(store).await;
    let device = bench.device("main", "Handheld 1").await;
    (bench, device)
}

fn short(line: u32, missing: i64, at: &str) -> Value {
    json!({
        "act": "line_closed", "task": "P-1", "line": line, "from": { "location": at },
        "exception": { "code": "short", "reason": "empty", "quantity_micro": missing * 1_000_000 }
    })
}

async fn a_short_pick_is_picked_elsewhere_and_its_location_counted(store: Store) {
    let (bench, mut device) = one(store).await;
    bench.import("main", ImportKind::Locations, MORE_LOCATIONS).await;
    bench.import("main", ImportKind::Stock, MORE_STOCK).await;
    device.confirm(picked("P-1", 2, "MILK", 1, "A-02"));
    device.confirm(short(2, 3, "A-02"));
    device.send_all(&bench).await;
    assert_eq!(
        bench.balance("location", "A-02", "MILK").await,
        2,
        "only what was picked moves"
    );
    let exception = bench.raised(ExceptionKind::Short).await;
    bench
        .decide(ExceptionKind::Short, Resolution::PickElsewhere)
        .await;
    assert_eq!(
        bench.balance("location", "A-02", "MILK").await,
        2,
        "before it is counted"
    );
    // Both tasks go to the devices.
    let delta = device.delta(&bench, None).await;
    let rest = delta
        .tasks
        .iter()
        .find(|task| task.id.starts_with("P-1+"))
        .unwrap();
    assert_eq!(rest.lines.len(), 1);
    assert_eq!(
        (rest.lines[0].location.as_deref(), rest.lines[0].expected_micro),
        (Some("B-01"), Some(3_000_000)),
        "the emptiest location that has enough"
    );
    // A place that was found empty is looked at by itself, so the decision makes no count of its own.
    let count = format!("ZERO-{}", exception.exception);
    let count = delta.tasks.iter().find(|task| task.id == count).unwrap();
    assert!(!delta.tasks.iter().any(|task| task.id.starts_with("COUNT-")));
    assert_eq!(count.lines[0].location.as_deref(), Some("A-02"));
    let mut body = picked(&rest.id, 1, "MILK", 3, "B-01");
    body["revision"] = json!(1);
    device.confirm(body);
    device.send(&bench, 3, 3).await;
    assert_eq!(bench.exceptions().await, [""; 0]);
    bench.check().await;
}

async fn a_short_pick_with_nothing_elsewhere_says_so(store: Store) {
    let (bench, mut device) = one(store).await;
    bench.import("main", ImportKind::Locations, MORE_LOCATIONS).await;
    device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    let mut all = picked("P-1", 1, "MILK", 14, "A-01");
    all["line"] = json!(null);
    all["task"] = json!(null);
    device.confirm(all);
    device.confirm(short(2, 4, "A-02"));
    device.send_all(&bench).await;
    let answer = bench
        .decide_as(ExceptionKind::Short, Resolution::PickElsewhere, "")
        .await;
    assert!(
        matches!(&answer, Decided::Refused(why) if why.contains("nothing of it")),
        "{answer:?}"
    );
    let few = "location,item,quantity,lot\nB-01,MILK,1,\nB-02,MILK,2,\n";
    bench.import("main", ImportKind::Stock, few).await;
    let answer = bench
        .decide_as(ExceptionKind::Short, Resolution::PickElsewhere, "")
        .await;
    assert!(
        matches!(&answer, Decided::Refused(why) if why.contains("only 3")),
        "{answer:?}"
    );
    bench.decide(ExceptionKind::Short, Resolution::CountAgain).await;
    let delta = device.delta(&bench, None).await;
    assert!(
        delta
            .tasks
            .iter()
            .any(|task| task.reference == "EMPTY? A-02" && task.state == "open")
    );
}

async fn what_was_picked_too_much_is_put_back(store: Store) {
    for (resolution, tote, bin) in [(Resolution::PutBack, 6, 14), (Resolution::Noted, 8, 12)] {
        let (bench, mut device) = one(store).await;
        device.confirm(picked("P-1", 1, "MILK", 8, "A-01"));
        device.send_all(&bench).await;
        assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 8);
        assert_eq!(bench.line("P-1", 1).await, (8, false));
        bench.decide(ExceptionKind::OverPick, resolution).await;
        assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, tote);
        assert_eq!(bench.balance("location", "A-01", "MILK").await, bin);
        assert_eq!(bench.exceptions().await, [""; 0]);
    }
}

async fn a_line_picked_twice_is_put_back_once(store: Store) {
    let (bench, mut first) = one(store).await;
    let mut second = bench.device("main", "Handheld 2").await;
    first.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    let mut other = picked("P-1", 1, "MILK", 6, "A-01");
    other["to"] = json!({ "handling_unit": "TOTE-2" });
    second.confirm(other);
    first.send_all(&bench).await;
    second.send_all(&bench).await;
    assert_eq!(bench.raised(ExceptionKind::DoublePick).await.device, "Handheld 2");
    assert_eq!(
        bench.balance("location", "A-01", "MILK").await,
        8,
        "both are posted"
    );
    bench.decide(ExceptionKind::DoublePick, Resolution::PutBack).await;
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 6);
    assert_eq!(bench.balance("handling_unit", "TOTE-2", "MILK").await, 0);
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 14);
}

async fn a_repeated_batch_is_nothing(store: Store) {
    let (bench, mut device) = one(store).await;
    device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    device.send_all(&bench).await;
    device.send_all(&bench).await;
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 6);
    assert_eq!(bench.exceptions().await, [""; 0]);
    bench.check().await;
}

async fn a_stale_task_is_applied_or_put_back(store: Store) {
    for (resolution, tote) in [(Resolution::Noted, 6), (Resolution::PutBack, 0)] {
        let (bench, mut device) = one(store).await;
        let changed = "task,kind,reference,line,item,quantity,location\nP-1,pick,ORDER-1,1,DRILL,6,A-01\n";
        bench.import("main", ImportKind::Tasks, changed).await;
        device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
        device.send_all(&bench).await;
        bench.decide(ExceptionKind::StaleTask, resolution).await;
        assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, tote);
    }
}

async fn a_cancelled_order_is_put_back_or_was_shipped(store: Store) {
    for (resolution, tote, bin, customer) in [
        (Resolution::PutBack, 0, 20, 0),
        (Resolution::Shipped, 0, 14, 6),
        (Resolution::Noted, 6, 14, 0),
    ] {
        let (bench, mut device) = one(store).await;
        let now = "2026-11-23T09:00:00Z".parse().unwrap();
        let ledger = bench.hub.ledger();
        let cancelled = ledger.cancel_task("main".to_owned(), "P-1".to_owned(), now);
        assert!(cancelled.await.unwrap());
        device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
        device.send_all(&bench).await;
        assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 6);
        bench.decide(ExceptionKind::TaskCancelled, resolution).await;
        assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, tote);
        assert_eq!(bench.balance("location", "A-01", "MILK").await, bin);
        assert_eq!(bench.balance("customer", "", "MILK").await, customer);
    }
}

async fn what_came_in_too_much_is_held_apart(store: Store) {
    for (resolution, dock, supplier) in [
        (Resolution::AcceptExcess, 30, -30),
        (Resolution::ReturnToSupplier, 24, -24),
    ] {
        let (bench, mut device) = one(store).await;
        device.confirm(received("R-1", 1, "MILK", 20));
        device.confirm(received("R-1", 1, "MILK", 10));
        device.send_all(&bench).await;
        assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 24);
        assert_eq!(bench.balance("over_receipt", "DOCK-1", "MILK").await, 6);
        assert_eq!(bench.line("R-1", 1).await, (30, false));
        bench.check().await;
        bench.decide(ExceptionKind::OverReceipt, resolution).await;
        assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, dock);
        assert_eq!(bench.balance("over_receipt", "DOCK-1", "MILK").await, 0);
        assert_eq!(bench.balance("supplier", "", "MILK").await, supplier);
    }
    // An undo takes both parts back.
    let (bench, mut device) = one(store).await;
    let body = received("R-1", 1, "MILK", 30);
    let seq = device.confirm(body.clone());
    device.confirm(reversal(&body, seq));
    device.send_all(&bench).await;
    assert_eq!(bench.balance("over_receipt", "DOCK-1", "MILK").await, 0);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 0);
    assert_eq!(bench.exceptions().await, [""; 0]);
    bench.check().await;
}

async fn an_unknown_item_is_posted_as_a_known_one(store: Store) {
    let (bench, mut device) = one(store).await;
    let mut body = received("R-1", 1, "GHOST", 2);
    body["goods"]["item"] = json!(null);
    body["goods"]["code"] = json!("NEW-CODE");
    device.confirm(body);
    device.send_all(&bench).await;
    assert_eq!(bench.balance("suspense", "DOCK-1", "?NEW-CODE").await, 2);
    for (name, why) in [("", "Say what it is"), ("NOTHING", "no item NOTHING")] {
        let answer = bench
            .decide_as(ExceptionKind::UnknownItem, Resolution::PostAs, name)
            .await;
        assert!(
            matches!(&answer, Decided::Refused(told) if told.contains(why)),
            "{answer:?}"
        );
    }
    let answer = bench
        .decide_as(ExceptionKind::UnknownItem, Resolution::PostAs, "MILK")
        .await;
    assert_eq!(answer, Decided::Done);
    assert_eq!(bench.everywhere("?NEW-CODE").await, []);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 2);
    assert_eq!(bench.balance("supplier", "", "MILK").await, -2);
}

async fn what_was_counted_is_neither_mapped_nor_put_back(store: Store) {
    let (bench, mut device) = one(store).await;
    let mut found = counted("C-1", 1, "MILK", 4, "A-01");
    found["goods"]["item"] = json!(null);
    found["goods"]["code"] = json!("NEW-CODE");
    device.confirm(found);
    device.send_all(&bench).await;
    let answer = bench
        .decide_as(ExceptionKind::UnknownItem, Resolution::PostAs, "MILK")
        .await;
    assert!(
        matches!(&answer, Decided::Refused(told) if told.contains("counted again")),
        "{answer:?}"
    );
}

async fn an_unknown_location_and_task_are_mapped(store: Store) {
    let (bench, mut device) = one(store).await;
    device.confirm(picked("P-1", 1, "MILK", 1, "Z-99"));
    device.confirm(received("R-404", 1, "MILK", 3));
    device.send_all(&bench).await;
    assert_eq!(bench.balance("suspense", "Z-99", "MILK").await, -1);
    let answer = bench
        .decide_as(ExceptionKind::UnknownLocation, Resolution::PostAs, "A-01")
        .await;
    assert_eq!(answer, Decided::Done);
    assert_eq!(bench.balance("suspense", "Z-99", "MILK").await, 0);
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 19);
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 1);
    assert_eq!(bench.balance("suspense", "DOCK-1", "MILK").await, 3);
    let answer = bench
        .decide_as(ExceptionKind::UnknownTask, Resolution::PostAs, "R-1")
        .await;
    assert_eq!(answer, Decided::Done);
    assert_eq!(bench.balance("suspense", "DOCK-1", "MILK").await, 0);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 3);
}

async fn a_location_below_nothing_is_counted(store: Store) {
    let (bench, mut device) = one(store).await;
    device.confirm(picked("P-1", 2, "MILK", 4, "A-02"));
    device.send_all(&bench).await;
    assert_eq!(
        bench.balance("location", "A-02", "MILK").await,
        -1,
        "nothing is clamped"
    );
    bench
        .decide(ExceptionKind::NegativeBin, Resolution::CountAgain)
        .await;
    assert_eq!(bench.balance("location", "A-02", "MILK").await, -1);
    // The count task goes to a device, and its count puts the book right.
    let delta = device.delta(&bench, None).await;
    let count = delta
        .tasks
        .iter()
        .find(|task| task.reference == "COUNT A-02")
        .unwrap();
    device.confirm(counted(&count.id, 1, "MILK", 2, "A-02"));
    device.confirm(
        json!({ "act": "location_counted", "task": count.id, "line": 1, "to": { "location": "A-02" } }),
    );
    device.send(&bench, 2, 3).await;
    bench
        .decide(ExceptionKind::CountVariance, Resolution::AcceptCount)
        .await;
    assert_eq!(bench.balance("location", "A-02", "MILK").await, 2);
}

async fn a_count_while_goods_moved_is_counted_again(store: Store) {
    let at = |minute: u32, mut body: Value| {
        body["wall"] = json!(format!("2026-11-23T08:{minute:02}:00Z"));
        body
    };
    let end = json!({ "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" } });
    // When the pick was made, and whether it comes before the end of the count, against a count from minute 20 to 30.
    for (minute, comes_before, overlaps) in [
        (5, true, false),
        (25, true, true),
        (25, false, true),
        (5, false, true),
        (50, false, false),
    ] {
        let (bench, mut counter) = one(store).await;
        let mut picker = bench.device("main", "Handheld 2").await;
        picker.confirm(at(minute, picked("P-1", 1, "MILK", 6, "A-01")));
        counter.confirm(at(20, counted("C-1", 1, "MILK", 13, "A-01")));
        let mut cream = counted("C-1", 1, "CREAM", 5, "A-01");
        cream["goods"]["lot"] = json!("L1");
        counter.confirm(at(21, cream));
        counter.confirm(at(30, end.clone()));
        bench.clock.advance(Duration::from_secs(55 * 60));
        if comes_before {
            picker.send_with(&bench, 1, 1, 1).await;
        }
        counter.send_all(&bench).await;
        if !comes_before {
            picker.send_with(&bench, 1, 1, 1).await;
        }
        let told = format!("minute {minute}, before {comes_before}");
        // What comes after the count is told at once, the rest as soon as somebody wants to accept it.
        let is_told = overlaps && !comes_before;
        if !is_told {
            let answer = bench
                .decide_as(ExceptionKind::CountVariance, Resolution::AcceptCount, "")
                .await;
            let is_refused = matches!(&answer, Decided::Refused(why) if why.contains("Handheld 2"));
            assert_eq!(is_refused, overlaps, "{told}: {answer:?}");
        }
        if overlaps {
            bench.raised(ExceptionKind::CountOverlap).await;
            assert_eq!(
                choices(ExceptionKind::CountOverlap, true)[0],
                Resolution::CountAgain
            );
            bench
                .decide(ExceptionKind::CountOverlap, Resolution::CountAgain)
                .await;
            let delta = counter.delta(&bench, None).await;
            let is_again = |task: &TaskBody| {
                let is_of_place = task
                    .lines
                    .iter()
                    .any(|line| line.location.as_deref() == Some("A-01"));
                task.id != "C-1"
                    && task.state == "open"
                    && is_of_place
                    && matches!(task.kind, TaskKindBody::Count(_))
            };
            assert_eq!(
                delta.tasks.iter().filter(|task| is_again(task)).count(),
                1,
                "{told}"
            );
        }
    }
}

async fn a_serial_number_in_two_places_is_decided(store: Store) {
    for (resolution, expected) in [
        (
            Resolution::FirstIsRight,
            vec![("location", "DOCK-1", 1), ("supplier", "", -1)],
        ),
        (
            Resolution::SecondIsRight,
            vec![("location", "A-01", 1), ("supplier", "", -2), ("variance", "", 1)],
        ),
        (
            Resolution::Noted,
            vec![
                ("location", "DOCK-1", 1),
                ("supplier", "", -2),
                ("suspense", "A-01", 1),
            ],
        ),
    ] {
        let (bench, mut device) = one(store).await;
        let piece = |place: &str| {
            let mut body = received("R-1", 1, "DRILL", 1);
            body["goods"]["serials"] = json!(["S1"]);
            body["to"] = json!({ "location": place });
            body
        };
        device.confirm(piece("DOCK-1"));
        device.confirm(piece("A-01"));
        device.send_all(&bench).await;
        assert_eq!(bench.balance("suspense", "A-01", "DRILL").await, 1);
        bench.decide(ExceptionKind::SerialTwice, resolution).await;
        let expected: Vec<(String, String, i64)> = expected
            .into_iter()
            .map(|(account, place, pieces)| (account.to_owned(), place.to_owned(), pieces))
            .collect();
        assert_eq!(bench.everywhere("DRILL").await, expected, "{resolution:?}");
    }
}

async fn a_correction_needs_nobody(store: Store) {
    let (bench, mut device) = one(store).await;
    let body = picked("P-1", 1, "MILK", 8, "A-01");
    let seq = device.confirm(body.clone());
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["over_pick"]);
    device.confirm(reversal(&body, seq));
    device.send(&bench, 2, 2).await;
    assert_eq!(bench.exceptions().await, [""; 0], "what was raised goes with it");
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 20);
    bench.check().await;
}

async fn a_line_that_never_came_is_picked(store: Store) {
    let (bench, mut device) = one(store).await;
    device.confirm(json!({
        "act": "line_closed", "task": "P-1", "line": 1, "from": { "location": "A-01" },
        "exception": { "code": "elsewhere", "quantity_micro": 6_000_000 }
    }));
    device.send_all(&bench).await;
    bench
        .decide(ExceptionKind::WaitsForDevice, Resolution::PickElsewhere)
        .await;
    let delta = device.delta(&bench, None).await;
    let rest = delta
        .tasks
        .iter()
        .find(|task| task.id.starts_with("P-1+"))
        .unwrap();
    assert_eq!(
        rest.lines[0].location.as_deref(),
        Some("A-01"),
        "where it was planned"
    );
    assert_eq!(rest.lines[0].expected_micro, Some(6_000_000));
}

async fn two_decisions_about_one_fact_do_not_add_up(store: Store) {
    let (bench, mut device) = one(store).await;
    let now = "2026-11-23T09:00:00Z".parse().unwrap();
    let ledger = bench.hub.ledger();
    let cancelled = ledger.cancel_task("main".to_owned(), "P-1".to_owned(), now);
    assert!(cancelled.await.unwrap());
    device.confirm(picked("P-1", 1, "MILK", 8, "A-01"));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["over_pick", "task_cancelled"]);
    bench.decide(ExceptionKind::OverPick, Resolution::PutBack).await;
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 14);
    bench
        .decide(ExceptionKind::TaskCancelled, Resolution::PutBack)
        .await;
    assert_eq!(
        bench.balance("location", "A-01", "MILK").await,
        20,
        "all of it, and once"
    );
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 0);
}

async fn every_kind_shows_its_choices_on_the_page(store: Store) {
    let (bench, mut device) = one(store).await;
    let mut ghost = received("R-1", 2, "GHOST", 1);
    ghost["goods"]["item"] = json!(null);
    device.confirm(ghost);
    device.confirm(picked("P-1", 1, "MILK", 8, "A-01"));
    device.confirm(received("R-1", 1, "MILK", 30));
    device.confirm(short(2, 4, "A-02"));
    for place in ["DOCK-1", "A-01"] {
        let mut piece = received("R-1", 1, "DRILL", 1);
        piece["goods"]["serials"] = json!(["S1"]);
        piece["to"] = json!({ "location": place });
        device.confirm(piece);
    }
    device.confirm(picked("P-1", 1, "MILK", 1, "Z-99"));
    device.send_all(&bench).await;
    bench.clock.advance(Duration::from_secs(60));
    let response = bench.ask(super::bench::get("/site/main/exceptions", None)).await;
    let page = super::bench::text(response).await;
    // TALLYMAN_PAGES=FOLDER keeps the page, to look at.
    if let Some(folder) = std::env::var_os("TALLYMAN_PAGES").filter(|_| store == Store::File) {
        let css = include_str!("../pages/assets/tallyman.css");
        let page = page.replace("</head>", &format!("<style>{css}</style></head>"));
        std::fs::write(std::path::Path::new(&folder).join("choices.html"), page).unwrap();
    }
    for exception in bench.open().await {
        let kind = ExceptionKind::from_word(&exception.kind).unwrap();
        for choice in choices(kind, !exception.location.is_empty()) {
            assert!(page.contains(choice.label(kind)), "{kind:?} {choice:?}");
        }
    }
}
