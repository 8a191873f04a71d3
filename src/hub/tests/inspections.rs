//! Goods that are inspected: released or blocked where they lie, and nothing of it twice.

use serde_json::{Value, json};

use super::bench::{Bench, Store, get, goods, on_both_stores, reversal, text};
use crate::ImportKind;
use crate::ledger::{Decided, ExceptionKind, Resolution};

on_both_stores![
    goods_on_hold_are_released_or_blocked_with_a_reason,
    what_was_said_is_taken_back,
    what_is_in_order_stays_as_it_is_and_both_pairs_are_there,
    more_than_was_said_is_found_goods,
    a_serial_number_is_blocked_where_it_lies,
    an_inspection_nobody_knows_is_posted_all_the_same,
    a_supervisor_reads_what_was_blocked_and_why,
    at_a_place_nobody_knows_it_waits_for_a_supervisor,
    what_was_looked_at_is_not_put_back_or_shipped,
];

const INSPECTIONS: &str = "task,kind,status,line,item,quantity,location
Q-1,inspect,hold,1,MILK,5,A-02
Q-2,inspect,,1,MILK,2,A-01
Q-2,,,2,DRILL,1,A-01
";

/// Five bottles that came in and wait for their release, and a drill.
const STOCK: &str = "location,item,quantity,status,serial\nA-02,MILK,5,hold,\nA-01,DRILL,1,,S1\n";

async fn bench(store: Store) -> Bench {
    let bench = Bench::new(store).await;
    bench.import("main", ImportKind::Stock, STOCK).await;
    bench.import("main", ImportKind::Tasks, INSPECTIONS).await;
    bench
}

fn inspected(line: (&str, u32), item: &str, quantity: i64, place: &str, status: &str) -> Value {
    let mut goods = goods(item, quantity);
    goods["status"] = json!(status);
    let place = json!({ "location": place });
    json!({
        "act": "inspected", "task": line.0, "revision": 1, "line": line.1, "goods": goods, "from": place
    })
}

fn because(mut fact: Value, code: &str, reason: &str) -> Value {
    fact["exception"] = json!({
        "code": code, "reason": reason, "quantity_micro": fact["goods"]["quantity_micro"]
    });
    fact
}

/// What lies in a place, by stock status: available, on hold, damaged.
async fn by_status(bench: &Bench, place: &str, item: &str) -> [i64; 3] {
    let snapshot = bench.hub.ledger_snapshot().await.unwrap();
    ["available", "hold", "damaged"].map(|status| {
        let rows = snapshot.balances.iter();
        let here = rows.filter(|row| {
            (row.place.as_str(), row.item.as_str(), row.status.as_str()) == (place, item, status)
        });
        here.map(|row| row.quantity_micro / 1_000_000).sum()
    })
}

async fn goods_on_hold_are_released_or_blocked_with_a_reason(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let before = by_status(&bench, "A-02", "MILK").await;
    assert_eq!(before[1..], [5, 0]);
    let line = ("Q-1", 1);
    device.confirm(inspected(line, "MILK", 3, "A-02", "available"));
    device.confirm(because(
        inspected(line, "MILK", 1, "A-02", "damaged"),
        "damaged",
        "broken",
    ));
    device.confirm(because(
        inspected(line, "MILK", 1, "A-02", "hold"),
        "blocked",
        "papers",
    ));
    device.confirm(json!({ "act": "task_closed", "task": "Q-1", "revision": 1 }));
    device.send_all(&bench).await;
    assert_eq!(by_status(&bench, "A-02", "MILK").await, [before[0] + 3, 1, 1]);
    assert_eq!(bench.balance("status_change", "", "MILK").await, 0);
    assert_eq!(bench.line("Q-1", 1).await, (5, false));
    assert_eq!(bench.exceptions().await, ["blocked", "damaged"]);
    bench.check().await;
}

async fn what_was_said_is_taken_back(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let before = by_status(&bench, "A-02", "MILK").await;
    let broken = because(
        inspected(("Q-1", 1), "MILK", 2, "A-02", "damaged"),
        "damaged",
        "wet",
    );
    let seq = device.confirm(broken.clone());
    device.send_all(&bench).await;
    device.confirm(reversal(&broken, seq));
    device.send_all(&bench).await;
    assert_eq!(by_status(&bench, "A-02", "MILK").await, before);
    assert_eq!(bench.line("Q-1", 1).await, (0, false));
    assert_eq!(bench.exceptions().await, Vec::<String>::new());
    bench.check().await;
}

async fn what_is_in_order_stays_as_it_is_and_both_pairs_are_there(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let before = by_status(&bench, "A-01", "MILK").await;
    device.confirm(inspected(("Q-2", 1), "MILK", 2, "A-01", "available"));
    let sent = bench.hub.verify().await.unwrap().entries;
    device.send_all(&bench).await;
    assert_eq!(by_status(&bench, "A-01", "MILK").await, before);
    assert_eq!(bench.hub.verify().await.unwrap().entries, sent + 4);
    assert_eq!(bench.line("Q-2", 1).await, (2, false));
    assert_eq!(bench.exceptions().await, Vec::<String>::new());
    bench.check().await;
}

async fn more_than_was_said_is_found_goods(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(inspected(("Q-2", 1), "MILK", 3, "A-01", "available"));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["found_goods"]);
    let broken = because(
        inspected(("Q-2", 1), "MILK", 1, "A-01", "damaged"),
        "damaged",
        "wet",
    );
    device.confirm(broken);
    device.send_all(&bench).await;
    assert_eq!(
        bench.exceptions().await,
        ["damaged", "found_goods", "found_goods"]
    );
    bench.check().await;
}

async fn a_serial_number_is_blocked_where_it_lies(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let mut held = because(
        inspected(("Q-2", 2), "DRILL", 1, "A-01", "hold"),
        "blocked",
        "papers",
    );
    held["goods"]["serials"] = json!(["S1"]);
    device.confirm(held);
    device.send_all(&bench).await;
    assert_eq!(by_status(&bench, "A-01", "DRILL").await, [0, 1, 0]);
    assert_eq!(bench.exceptions().await, ["blocked"]);
    bench.check().await;
}

async fn an_inspection_nobody_knows_is_posted_all_the_same(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let before = by_status(&bench, "A-01", "MILK").await;
    let unknown = inspected(("Q-9", 1), "MILK", 2, "A-01", "damaged");
    device.confirm(because(unknown, "damaged", "wet"));
    device.send_all(&bench).await;
    assert_eq!(by_status(&bench, "A-01", "MILK").await, [before[0] - 2, 0, 2]);
    assert_eq!(bench.exceptions().await, ["damaged", "unknown_task"]);
    bench.check().await;
}

async fn a_supervisor_reads_what_was_blocked_and_why(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let held = inspected(("Q-1", 1), "MILK", 2, "A-02", "hold");
    device.confirm(because(held, "blocked", "papers missing"));
    device.send_all(&bench).await;
    let page = text(bench.ask(get("/site/main/exceptions", None)).await).await;
    for word in ["On hold", "papers missing", "Whole milk 1 l", "A-02", "Q-1"] {
        assert!(page.contains(word), "{word}: {page}");
    }
}

async fn at_a_place_nobody_knows_it_waits_for_a_supervisor(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let before = by_status(&bench, "A-02", "MILK").await;
    let broken = inspected(("Q-1", 1), "MILK", 2, "B-99", "damaged");
    device.confirm(because(broken, "damaged", "wet"));
    device.send_all(&bench).await;
    assert_eq!(by_status(&bench, "A-02", "MILK").await, before);
    assert_eq!(bench.exceptions().await, ["damaged", "unknown_location"]);
    let decided = bench
        .decide_as(ExceptionKind::UnknownLocation, Resolution::PostAs, "A-02")
        .await;
    assert_eq!(decided, Decided::Done);
    assert_eq!(
        by_status(&bench, "A-02", "MILK").await,
        [before[0], before[1] - 2, 2]
    );
    assert_eq!(by_status(&bench, "B-99", "MILK").await, [0, 0, 0]);
}

async fn what_was_looked_at_is_not_put_back_or_shipped(store: Store) {
    let bench = bench(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(json!({
        "act": "line_closed", "task": "Q-1", "revision": 1, "line": 1, "from": { "location": "A-02" },
        "exception": { "code": "not_reachable", "reason": "locked" }
    }));
    device.confirm(inspected(("Q-1", 1), "MILK", 2, "A-02", "available"));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["line_closed", "place_not_reachable"]);
    let before = by_status(&bench, "A-02", "MILK").await;
    let decided = bench
        .decide_as(ExceptionKind::LineClosed, Resolution::PutBack, "")
        .await;
    assert!(matches!(decided, Decided::Refused(_)), "{decided:?}");
    assert_eq!(by_status(&bench, "A-02", "MILK").await, before);
    let decided = bench
        .decide_as(ExceptionKind::LineClosed, Resolution::Noted, "")
        .await;
    assert_eq!(decided, Decided::Done);
}
