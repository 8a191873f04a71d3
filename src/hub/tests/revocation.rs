//! A device that is blocked may only drain: its facts are kept and set aside, and a supervisor decides about all of them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use tallyman_floor::wire::v1::{EpochGranted, Problem};

use super::bench::{
    Bench, Handheld, Store, get, on_both_stores, picked, read, received, reversal, signed, text,
};
use crate::ledger::views::{Exception, ExceptionFilter};
use crate::ledger::{DeviceIdentity, Resolution};

on_both_stores![
    a_blocked_device_drains_and_is_told_nothing,
    what_was_set_aside_is_posted_in_its_order_and_once,
    what_is_left_out_stays_out_and_what_comes_later_counts,
    thousands_of_records_are_posted_in_many_turns,
    a_device_that_is_let_in_again_waits_behind_its_own_records,
    damaged_records_of_a_blocked_device_step_aside_as_ever,
    the_pages_block_a_device_let_it_in_and_give_a_code_to_enrol_it_again,
];

async fn set_revoked(bench: &Bench, device: &Handheld, revoked: bool) -> bool {
    let identity = DeviceIdentity {
        site: device.enrolled.site.clone(),
        device: device.enrolled.device.clone(),
    };
    let now = bench.hub.now();
    bench
        .hub
        .ledger()
        .set_revoked(identity, revoked, now)
        .await
        .unwrap()
}

/// The exception about records that were set aside, with how many it counts.
async fn waiting(bench: &Bench) -> Option<(Exception, i64)> {
    let filter = ExceptionFilter {
        state: Some("open".to_owned()),
        kind: Some("revoked".to_owned()),
    };
    let mut found = bench
        .hub
        .ledger()
        .exceptions("main".to_owned(), filter)
        .await
        .unwrap();
    assert!(found.len() <= 1, "one for a device: {found:?}");
    let exception = found.pop()?;
    let count = exception.found.and_then(|found| found.as_whole()).unwrap();
    Some((exception, count))
}

async fn decide(bench: &Bench, resolution: Resolution) -> bool {
    let (exception, _) = waiting(bench).await.expect("an exception");
    let now = bench.hub.now();
    let ledger = bench.hub.ledger();
    ledger
        .resolve("main".to_owned(), exception.exception, resolution, now)
        .await
        .unwrap()
}

async fn a_blocked_device_drains_and_is_told_nothing(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    assert!(set_revoked(&bench, &device, true).await);
    assert!(!set_revoked(&bench, &device, true).await, "it is so already");
    device.confirm(received("R-1", 1, "MILK", 2));
    device.confirm(received("R-1", 1, "MILK", 4));
    let receipt = device.send_all(&bench).await;
    assert_eq!(
        (receipt.applied_seq, receipt.fork),
        (3, false),
        "it may drop them"
    );
    let told: Vec<_> = receipt
        .outcomes
        .iter()
        .map(|outcome| (outcome.seq, outcome.kind.as_str()))
        .collect();
    assert_eq!(told, [(2, "quarantined"), (3, "quarantined")]);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 1);
    assert_eq!(waiting(&bench).await.unwrap().1, 2);
    // Sent again they count no second time.
    device.send_all(&bench).await;
    device.confirm(received("R-1", 1, "MILK", 8));
    device.send_all(&bench).await;
    assert_eq!(waiting(&bench).await.unwrap().1, 3);
    // No work, at once and also for who waits.
    for path in ["/v1/tasks", "/v1/tasks?wait_ms=30000"] {
        let problem: Problem = read(bench.ask(device.get(path)).await, StatusCode::FORBIDDEN).await;
        assert_eq!(problem.code, "device_revoked");
    }
    // Who waits since before is told as soon as something changes.
    set_revoked(&bench, &device, false).await;
    let cursor = device.delta(&bench, None).await.cursor;
    let waiting_request = bench.ask(device.get(&format!("/v1/tasks?wait_ms=30000&cursor={cursor}")));
    let blocking = async {
        set_revoked(&bench, &device, true).await;
        bench.hub.changed("main");
    };
    let (response, ()) = tokio::join!(waiting_request, blocking);
    let problem: Problem = read(response, StatusCode::FORBIDDEN).await;
    assert_eq!(problem.code, "device_revoked");
    // It renews, and begins an epoch: both are needed to drain.
    device.renew(&bench).await;
    let request = json!({ "epoch": 1, "last_seq": 4, "reason": "store_restored" });
    let granted: EpochGranted = read(
        bench.ask(device.post("/v1/device/epoch", &request)).await,
        StatusCode::OK,
    )
    .await;
    device.enrolled.epoch = granted.epoch;
    device.journal.truncate(1);
    device.confirm(received("R-1", 1, "MILK", 16));
    device.send_all(&bench).await;
    assert_eq!(waiting(&bench).await.unwrap().1, 4);
    bench.check().await;
    let bench = match store {
        Store::File => bench.reopened().await,
        Store::Postgres => bench,
    };
    assert_eq!(waiting(&bench).await.unwrap().1, 4);
    assert!(decide(&bench, Resolution::Release).await);
    assert_eq!(at_the_dock(&bench).await, 31);
    bench.check().await;
}

/// What came in, with what is held apart because it is too much.
async fn at_the_dock(bench: &Bench) -> i64 {
    let held = bench.balance("over_receipt", "DOCK-1", "MILK").await;
    bench.balance("location", "DOCK-1", "MILK").await + held
}

async fn what_was_set_aside_is_posted_in_its_order_and_once(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let mut other = bench.device("main", "Handheld 2").await;
    set_revoked(&bench, &device, true).await;
    let pick = picked("P-1", 1, "MILK", 4, "A-01");
    let first = device.confirm(pick.clone());
    device.confirm(reversal(&pick, first));
    device.confirm(json!({ "act": "line_closed", "task": "P-1", "line": 1 }));
    device.confirm(picked("P-1", 2, "MILK", 2, "A-02"));
    device.send_all(&bench).await;
    // Meanwhile somebody else works on the same line.
    other.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    other.send_all(&bench).await;
    assert_eq!(bench.line("P-1", 1).await, (6, false));
    assert_eq!(bench.balance("location", "A-02", "MILK").await, 3);
    bench.check().await;
    assert!(decide(&bench, Resolution::Release).await);
    assert!(waiting(&bench).await.is_none());
    assert_eq!(bench.line("P-1", 1).await, (6, true));
    assert_eq!(bench.line("P-1", 2).await, (2, false));
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 14);
    assert_eq!(bench.balance("location", "A-02", "MILK").await, 1);
    bench.check().await;
    // The device sends everything again, as after a lost answer: nothing is doubled.
    assert_eq!(device.send_all(&bench).await.applied_seq, 4);
    assert_eq!(bench.balance("location", "A-02", "MILK").await, 1);
    let proof = bench.hub.verify().await.unwrap();
    assert_eq!((proof.records, proof.quarantined, proof.gaps), (5, 0, 0));
}

async fn what_is_left_out_stays_out_and_what_comes_later_counts(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    set_revoked(&bench, &device, true).await;
    device.confirm(received("R-1", 1, "MILK", 5));
    device.send_all(&bench).await;
    assert!(decide(&bench, Resolution::Noted).await);
    // Still blocked: what comes now waits anew.
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    assert_eq!(waiting(&bench).await.unwrap().1, 1);
    assert!(set_revoked(&bench, &device, false).await);
    assert!(decide(&bench, Resolution::Release).await);
    device.confirm(received("R-1", 1, "MILK", 2));
    assert_eq!(device.send_all(&bench).await.applied_seq, 3);
    assert_eq!(
        bench.balance("location", "DOCK-1", "MILK").await,
        3,
        "never the five"
    );
    assert!(waiting(&bench).await.is_none());
    let proof = bench.hub.verify().await.unwrap();
    assert_eq!((proof.records, proof.quarantined), (3, 1));
    bench.check().await;
}

async fn thousands_of_records_are_posted_in_many_turns(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    set_revoked(&bench, &device, true).await;
    let count: u64 = if store == Store::File { 1_200 } else { 350 };
    for _ in 0..count {
        device.confirm(received("R-1", 1, "MILK", 1));
    }
    let mut sent = 0;
    while sent < count {
        let last = (sent + 400).min(count);
        sent = device.send(&bench, sent + 1, last).await.applied_seq;
    }
    assert_eq!(waiting(&bench).await.unwrap().1, i64::try_from(count).unwrap());
    assert!(decide(&bench, Resolution::Release).await);
    assert_eq!(at_the_dock(&bench).await, i64::try_from(count).unwrap());
    bench.check().await;
}

async fn a_device_that_is_let_in_again_waits_behind_its_own_records(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    set_revoked(&bench, &device, true).await;
    let pick = picked("P-1", 1, "MILK", 4, "A-01");
    let first = device.confirm(pick.clone());
    device.send_all(&bench).await;
    set_revoked(&bench, &device, false).await;
    device.delta(&bench, None).await;
    // It takes back what waits: posted now, it would find nothing to take back.
    device.confirm(reversal(&pick, first));
    device.send_all(&bench).await;
    assert_eq!(waiting(&bench).await.unwrap().1, 2);
    assert!(decide(&bench, Resolution::Release).await);
    assert_eq!(bench.line("P-1", 1).await, (0, false));
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 20);
    assert_eq!(bench.exceptions().await, [""; 0]);
    device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    device.send_all(&bench).await;
    assert_eq!(bench.line("P-1", 1).await, (6, false));
    bench.check().await;
}

async fn damaged_records_of_a_blocked_device_step_aside_as_ever(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    set_revoked(&bench, &device, true).await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.write("{\"v\":1}".to_owned());
    device.confirm(received("R-1", 1, "MILK", 2));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["quarantined", "revoked"]);
    assert!(decide(&bench, Resolution::Release).await);
    assert_eq!(bench.exceptions().await, ["quarantined"]);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 3);
    bench.check().await;
}

async fn the_pages_block_a_device_let_it_in_and_give_a_code_to_enrol_it_again(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let identity = device.enrolled.device.clone();
    let click = |what: &str| {
        let path = format!("/site/main/devices/{identity}/{what}");
        Request::post(path)
            .header("host", "127.0.0.1:7070")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::empty())
            .unwrap()
    };
    let page = async || text(bench.ask(get("/site/main/devices", None)).await).await;
    assert!(!page().await.contains("Blocked"));
    assert_eq!(bench.ask(click("revoke")).await.status(), StatusCode::SEE_OTHER);
    let shown = page().await;
    assert!(shown.contains("Blocked since 2026-11-23 08:00") && shown.contains("Let it work again"));
    device.confirm(received("R-1", 1, "MILK", 3));
    device.send_all(&bench).await;
    let shown = text(bench.ask(get("/site/main/exceptions", None)).await).await;
    assert!(
        shown.contains("Post them all") && shown.contains("<b>1</b> set aside"),
        "{shown}"
    );
    assert_eq!(bench.ask(click("readmit")).await.status(), StatusCode::SEE_OTHER);
    assert!(!page().await.contains("Blocked"));
    let shown = text(bench.ask(click("enrol-again")).await).await;
    let (_, code) = shown.split_once("class=\"one-time\">").expect("a code");
    let (code, _) = code.split_once('<').unwrap();
    // Enrolled again, a blocked device may work again as well.
    bench.ask(click("revoke")).await;
    let request = signed(&device.signer, "/v1/enrol", &device.signer.enrol_body(code, "x"));
    assert_eq!(bench.ask(request).await.status(), StatusCode::OK);
    assert!(!page().await.contains("Blocked"));
    let stranger = Request::post("/site/north/devices/nobody-1/enrol-again")
        .header("host", "127.0.0.1:7070")
        .body(Body::empty())
        .unwrap();
    assert_eq!(bench.ask(stranger).await.status(), StatusCode::NOT_FOUND);
}
