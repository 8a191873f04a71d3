//! When things were done, on the page of a supervisor: by the clocks that nobody sets.

use std::time::Duration;

use serde_json::json;
use tallyman_floor::wire::v1::Receipt;

use super::bench::{Bench, Handheld, Store, get, on_both_stores, read, received, text};
use crate::ledger::moments::Done;
use crate::ledger::views::ExceptionFilter;

on_both_stores![
    a_fact_is_placed_by_its_boot_and_not_by_the_wall_clock,
    a_device_may_have_any_clock_and_many_boots,
];

/// Sends what waits, as a device that is in this boot for so long.
async fn send_from(bench: &Bench, device: &Handheld, boot: &str, since_us: u64) -> Receipt {
    let mut batch = device.batch(1, device.last_seq());
    batch.clock.boot = boot.to_owned();
    batch.clock.boottime_us = since_us;
    batch.clock.wall = "1970-01-01T00:00:07Z".parse().unwrap();
    let body = serde_json::to_value(&batch).unwrap();
    let response = bench.ask(device.post("/v1/confirmations", &body)).await;
    read(response, axum::http::StatusCode::OK).await
}

/// When the facts of all exceptions were done, oldest first.
async fn done(bench: &Bench) -> Vec<Done> {
    let ledger = bench.hub.ledger();
    let exceptions = ledger
        .exceptions("main".to_owned(), ExceptionFilter::default())
        .await;
    let mut numbers: Vec<i64> = exceptions
        .unwrap()
        .iter()
        .map(|exception| exception.exception)
        .collect();
    numbers.sort_unstable();
    let done = ledger.done("main".to_owned(), numbers.clone()).await.unwrap();
    numbers.iter().map(|number| done[number]).collect()
}

async fn a_fact_is_placed_by_its_boot_and_not_by_the_wall_clock(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let begun = "2026-11-23T08:00:00Z".parse().unwrap();
    send_from(&bench, &device, "first", 60_000_000).await;
    let mut unknown = |boot: &str, boottime_us: u64, wall: &str| {
        let mut body = received("R-1", 1, "GHOST", 1);
        body["boot"] = json!(boot);
        body["boottime_us"] = json!(boottime_us);
        body["wall"] = json!(wall);
        device.confirm(body);
    };
    // Ten minutes later, by a clock that says 1970; then in a boot that the hub never hears of.
    unknown("first", 660_000_000, "1970-01-01T00:10:00Z");
    unknown("second", 1, "2026-11-23T08:25:00Z");
    unknown("third", 1_000_000, "2036-11-23T09:30:00Z");
    bench.clock.advance(Duration::from_secs(50 * 60));
    send_from(&bench, &device, "third", 20 * 60_000_000).await;
    let minutes = |minutes: i64| begun + jiff::SignedDuration::from_mins(minutes);
    assert_eq!(
        done(&bench).await,
        [
            Done::At(minutes(10)),
            Done::Between {
                earliest: begun,
                latest: minutes(30),
                likely: Some(minutes(25)),
            },
            Done::At(minutes(30) + jiff::SignedDuration::from_secs(1)),
        ]
    );
    let page = text(bench.ask(get("/site/main/exceptions", None)).await).await;
    assert!(
        page.contains("done <time") && page.contains("heard of <time"),
        "{page}"
    );
    bench.check().await;
}

async fn a_device_may_have_any_clock_and_many_boots(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "GHOST", 1));
    for since_us in [0, u64::MAX, i64::MAX as u64] {
        assert_eq!(send_from(&bench, &device, "odd", since_us).await.applied_seq, 1);
    }
    assert_eq!(send_from(&bench, &device, "", 1).await.applied_seq, 1);
    for boot in 0..120 {
        bench.clock.advance(Duration::from_secs(1));
        send_from(&bench, &device, &format!("boot-{boot}"), 1).await;
    }
    assert_eq!(done(&bench).await.len(), 1);
    bench.check().await;
}
