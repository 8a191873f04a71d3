//! Tasks that the floor began, codes that it linked, goods that went from place to place, onto a truck and back: what the
//! ledger has of them afterwards.

use serde_json::{Value, json};

use super::bench::{Bench, Store, on_both_stores, reversal};
use crate::ledger::{Decided, Decision, ExceptionKind, Resolution};

on_both_stores![
    a_task_that_the_floor_began_is_one_of_the_site,
    a_task_that_was_begun_and_taken_back_is_cancelled,
    a_linked_code_goes_to_every_device_until_it_is_removed,
    goods_that_are_moved_packed_and_loaded_leave_the_house,
    goods_come_back_and_are_damaged,
];

const MOVE: &str = "d1-1-1";

fn begun() -> Value {
    json!({
        "act": "task_started", "task": MOVE, "revision": 1,
        "started": {
            "id": MOVE, "site": "main", "kind": { "move": {} }, "revision": 1, "state": "open",
            "reference": "MOVE A-01", "quantity_entry": "each_scan", "lines": []
        }
    })
}

fn moved(act: &str, from: Value, to: Value, quantity: i64) -> Value {
    json!({
        "act": act, "from": from, "to": to,
        "goods": {
            "item": "MILK", "code": "X", "quantity_micro": quantity * 1_000_000, "unit": "each",
            "pack_micro": 1_000_000, "status": "available", "lot": "L1"
        }
    })
}

fn at(place: &str) -> Value {
    json!({ "location": place })
}

fn unit(number: &str) -> Value {
    json!({ "handling_unit": number })
}

fn of_task(mut body: Value, task: &str) -> Value {
    body["task"] = json!(task);
    body["revision"] = json!(1);
    body
}

async fn a_task_that_the_floor_began_is_one_of_the_site(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let other = bench.device("main", "Handheld 2").await;
    let before = other.delta(&bench, None).await;
    device.confirm(begun());
    device.confirm(of_task(moved("moved", at("A-01"), at("A-02"), 2), MOVE));
    device.send_all(&bench).await;
    assert_eq!(
        bench.exceptions().await,
        [""; 0],
        "it was planned where it was done"
    );
    // One batch: the task was not there before, and its goods go where they went all the same.
    assert_eq!(bench.balance("location", "A-02", "MILK").await, 3 + 2);
    assert_eq!(bench.balance("suspense", "A-02", "MILK").await, 0);
    let delta = other.delta(&bench, Some(&before.cursor)).await;
    let task = delta.tasks.iter().find(|task| task.id == MOVE).unwrap();
    assert_eq!(
        (task.reference.as_str(), task.state.as_str()),
        ("MOVE A-01", "open")
    );
    device.confirm(of_task(json!({ "act": "task_closed" }), MOVE));
    device.send_all(&bench).await;
    let delta = other.delta(&bench, Some(&delta.cursor)).await;
    let gone = delta.removed_tasks.iter().any(|id| id == MOVE)
        || delta
            .tasks
            .iter()
            .any(|task| task.id == MOVE && task.state == "done");
    assert!(gone, "{delta:?}");
    bench.check().await;
}

async fn a_task_that_was_begun_and_taken_back_is_cancelled(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(begun());
    device.confirm(reversal(&begun(), 1));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, [""; 0]);
    let delta = device.delta(&bench, None).await;
    let open = delta
        .tasks
        .iter()
        .any(|task| task.id == MOVE && task.state == "open");
    assert!(!open, "{delta:?}");
    bench.check().await;
}

fn linked() -> Value {
    json!({
        "act": "code_linked",
        "goods": {
            "item": "MILK", "code": "ODD-CODE", "quantity_micro": 6_000_000, "unit": "case",
            "pack_micro": 6_000_000, "status": "available"
        }
    })
}

/// What a new device is told of a code.
async fn told(bench: &Bench, code: &str, name: &str) -> Option<i64> {
    let device = bench.device("main", name).await;
    let delta = device.delta(bench, None).await;
    let milk = delta.items.into_iter().find(|item| item.id == "MILK").unwrap();
    let found = milk.codes.into_iter().find(|known| known.code == code)?;
    Some(found.pack_micro / 1_000_000)
}

async fn a_linked_code_goes_to_every_device_until_it_is_removed(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(linked());
    device.send_all(&bench).await;
    assert_eq!(told(&bench, "ODD-CODE", "Handheld 2").await, Some(6));
    let filter = crate::ledger::views::ExceptionFilter {
        state: Some("open".to_owned()),
        kind: Some(ExceptionKind::CodeLinked.word().to_owned()),
    };
    let ledger = bench.hub.ledger();
    let open = ledger.exceptions("main".to_owned(), filter).await.unwrap();
    let [exception] = open.as_slice() else {
        panic!("{open:?}")
    };
    let decision = Decision::plain(Resolution::RemoveCode);
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let decided = ledger.decide("main".to_owned(), exception.exception, decision, now);
    assert_eq!(decided.await.unwrap(), Decided::Done);
    assert_eq!(told(&bench, "ODD-CODE", "Handheld 3").await, None);
    // Linked again and taken back on the floor.
    device.confirm(linked());
    device.send_all(&bench).await;
    assert_eq!(told(&bench, "ODD-CODE", "Handheld 4").await, Some(6));
    device.confirm(reversal(&linked(), 2));
    device.send_all(&bench).await;
    assert_eq!(told(&bench, "ODD-CODE", "Handheld 5").await, None);
    bench.check().await;
}

async fn goods_that_are_moved_packed_and_loaded_leave_the_house(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(moved("picked", at("A-01"), unit("T-1"), 3));
    device.confirm(moved("packed", unit("T-1"), unit("BOX-1"), 3));
    device.confirm(json!({
        "act": "loaded", "from": unit("BOX-1"), "to": { "vehicle": "TRUCK-1" }
    }));
    device.send_all(&bench).await;
    assert_eq!(bench.balance("handling_unit", "T-1", "MILK").await, 0);
    assert_eq!(bench.balance("handling_unit", "BOX-1", "MILK").await, 0);
    assert_eq!(bench.balance("vehicle", "TRUCK-1", "MILK").await, 3);
    // Off again, and a unit that the book knows nothing of.
    let loaded = json!({
        "act": "loaded", "from": unit("BOX-1"), "to": { "vehicle": "TRUCK-1" }
    });
    device.confirm(reversal(&loaded, 3));
    device.confirm(json!({
        "act": "loaded", "from": unit("BOX-9"), "to": { "vehicle": "TRUCK-1" }
    }));
    device.send_all(&bench).await;
    assert_eq!(bench.balance("handling_unit", "BOX-1", "MILK").await, 3);
    assert_eq!(bench.balance("vehicle", "TRUCK-1", "MILK").await, 0);
    let raised = bench.exceptions().await;
    assert!(raised.iter().any(|kind| kind == "unknown_unit"), "{raised:?}");
    bench.check().await;
}

async fn goods_come_back_and_are_damaged(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let before = bench.balance("location", "A-01", "MILK").await;
    device.confirm(moved("returned", json!("customer"), at("A-01"), 2));
    let mut damaged = moved("status_changed", at("A-01"), at("A-01"), 1);
    damaged["goods"]["status"] = json!("damaged");
    device.confirm(damaged);
    device.send_all(&bench).await;
    assert_eq!(
        bench.balance("location", "A-01", "MILK").await,
        before + 2,
        "all of it lies there"
    );
    assert_eq!(bench.balance("status_change", "", "MILK").await, 0);
    let snapshot = bench.hub.ledger_snapshot().await.unwrap();
    let of_status = |status: &str| -> i64 {
        let rows = snapshot.balances.iter();
        let here = rows.filter(|row| row.place == "A-01" && row.item == "MILK" && row.status == status);
        here.map(|row| row.quantity_micro / 1_000_000).sum()
    };
    assert_eq!(of_status("damaged"), 1);
    bench.check().await;
}
