//! Facts that come in when the count that knew them already is settled: they reopen it.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::bench::{Bench, Handheld, Store, counted, get, on_both_stores, picked, received, reversal, text};
use crate::ledger::views::{Exception, ExceptionFilter};
use crate::ledger::{Decided, Decision, Resolution};

on_both_stores![
    an_accepted_count_is_reopened_by_what_was_done_before_it,
    what_cannot_be_placed_is_told_as_such,
    a_count_that_agreed_is_reopened_too,
    what_was_taken_back_reopens_nothing,
    a_later_count_ends_it,
    what_was_known_when_it_was_accepted_is_not_late,
];

/// A body of this minute.
fn at(minute: u32, mut body: Value) -> Value {
    body["wall"] = json!(format!("2026-11-23T08:{minute:02}:00Z"));
    body
}

/// The count of A-01 from minute 18 to 20: so much milk, and all of the cream.
fn count(device: &mut Handheld, task: &str, milk: i64) {
    let mut cream = counted(task, 1, "CREAM", 5, "A-01");
    cream["goods"]["lot"] = json!("L1");
    device.confirm(at(18, counted(task, 1, "MILK", milk, "A-01")));
    device.confirm(at(19, cream));
    let end = json!({ "act": "location_counted", "task": task, "line": 1, "to": { "location": "A-01" } });
    device.confirm(at(20, end));
}

/// A counter, and somebody who picks without a network.
async fn two(store: Store) -> (Bench, Handheld, Handheld) {
    let bench = Bench::new(store).await;
    let counter = bench.device("main", "Handheld 1").await;
    let picker = bench.device("main", "Handheld 2").await;
    // The hub knows the boot of each.
    counter.say_drained(&bench).await;
    picker.say_drained(&bench).await;
    (bench, counter, picker)
}

/// The same, after a count of A-01 was accepted at minute 25 or agreed with the book.
async fn settled(store: Store, milk: i64) -> (Bench, Handheld, Handheld) {
    let (bench, mut counter, picker) = two(store).await;
    bench.clock.advance(Duration::from_secs(25 * 60));
    count(&mut counter, "C-1", milk);
    counter.send_all(&bench).await;
    if milk != 20 {
        assert_eq!(
            bench.decide_the_open(Resolution::AcceptCount).await,
            Decided::Done
        );
    }
    assert_eq!(bench.balance("location", "A-01", "MILK").await, milk);
    (bench, counter, picker)
}

impl Bench {
    async fn open_ones(&self) -> Vec<Exception> {
        self.hub.tend_counts("main").await;
        let filter = ExceptionFilter {
            state: Some("open".to_owned()),
            kind: None,
        };
        let open = self.hub.ledger().exceptions("main".to_owned(), filter);
        open.await.unwrap()
    }

    /// Decides about the one that is open.
    async fn decide_the_open(&self, resolution: Resolution) -> Decided {
        let number = self.open_ones().await.first().unwrap().exception;
        let decision = Decision::plain(resolution);
        let decided = self
            .hub
            .ledger()
            .decide("main".to_owned(), number, decision, self.hub.now());
        let decided = decided.await.unwrap();
        self.check().await;
        decided
    }

    async fn milk(&self) -> i64 {
        self.balance("location", "A-01", "MILK").await
    }
}

async fn an_accepted_count_is_reopened_by_what_was_done_before_it(store: Store) {
    // When the pick was made, against a count from minute 18 to 20, and whether the book is off by it.
    for (minute, is_reopened) in [(10, true), (19, true), (22, false)] {
        let (bench, _, mut picker) = settled(store, 18).await;
        picker.confirm(at(minute, picked("P-1", 1, "MILK", 2, "A-01")));
        bench.clock.advance(Duration::from_secs(15 * 60));
        picker.send_all(&bench).await;
        assert_eq!(bench.milk().await, 16, "posted all the same");
        let open = bench.open_ones().await;
        if !is_reopened {
            assert!(open.is_empty(), "minute {minute}: {open:?}");
            continue;
        }
        assert_eq!(open.len(), 1, "minute {minute}: {open:?}");
        assert_eq!(open[0].kind, "count_reopened");
        assert_eq!(open[0].found.and_then(|found| found.as_whole()), Some(-2));
        assert_eq!(open[0].location, "A-01");
        let knows = open[0].message.contains("before the count, which knew it");
        assert_eq!(knows, minute == 10, "{}", open[0].message);
        assert!(open[0].message.contains("Handheld 2"));
        assert_eq!(bench.open_ones().await.len(), 1, "told once");
        let page = text(bench.ask(get("/site/main/exceptions", None)).await).await;
        assert!(page.contains("Correct the book"), "{page}");
        assert_eq!(
            bench.decide_the_open(Resolution::CorrectCount).await,
            Decided::Done
        );
        assert_eq!(bench.milk().await, 18, "as it was counted");
        assert!(bench.open_ones().await.is_empty());
    }
}

async fn what_cannot_be_placed_is_told_as_such(store: Store) {
    let (bench, _, mut picker) = settled(store, 18).await;
    // A boot of which the hub never hears, and a wall clock that cannot be right.
    let mut pick = picked("P-1", 1, "MILK", 2, "A-01");
    pick["boot"] = json!("another");
    pick["wall"] = json!("1999-11-23T08:10:00Z");
    pick["boottime_us"] = json!(1);
    picker.confirm(pick);
    bench.clock.advance(Duration::from_secs(15 * 60));
    // It comes in a boot that began at minute 39: the other one ended somewhere in the time of the count.
    let mut batch = picker.batch(1, 1);
    batch.clock.boot = "third".to_owned();
    batch.clock.boottime_us = 60_000_000;
    let batch = serde_json::to_value(&batch).unwrap();
    let response = bench.ask(picker.post("/v1/confirmations", &batch)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let open = bench.open_ones().await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].message.contains("cannot be told"), "{}", open[0].message);
}

async fn a_count_that_agreed_is_reopened_too(store: Store) {
    let (bench, _, mut picker) = settled(store, 20).await;
    let mut found = received("R-1", 1, "MILK", 3);
    found["to"] = json!({ "location": "A-01" });
    picker.confirm(at(10, found));
    bench.clock.advance(Duration::from_secs(15 * 60));
    picker.send_all(&bench).await;
    assert_eq!(bench.milk().await, 23);
    let open = bench.open_ones().await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0].kind, "count_reopened");
    assert_eq!(
        bench.decide_the_open(Resolution::CorrectCount).await,
        Decided::Done
    );
    assert_eq!(bench.milk().await, 20);
}

async fn what_was_taken_back_reopens_nothing(store: Store) {
    let (bench, _, mut picker) = settled(store, 18).await;
    let pick = picked("P-1", 1, "MILK", 2, "A-01");
    picker.confirm(at(10, pick.clone()));
    bench.clock.advance(Duration::from_secs(15 * 60));
    picker.send_all(&bench).await;
    assert_eq!(bench.open_ones().await.len(), 1);
    picker.confirm(at(11, reversal(&pick, 1)));
    picker.send(&bench, 2, 2).await;
    let open = bench.open_ones().await;
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(bench.milk().await, 18);
    // Both in one batch.
    picker.confirm(at(12, pick.clone()));
    picker.confirm(at(13, reversal(&pick, 3)));
    picker.send(&bench, 3, 4).await;
    let open = bench.open_ones().await;
    assert!(open.is_empty(), "{open:?}");
    bench.check().await;
}

async fn a_later_count_ends_it(store: Store) {
    let (bench, mut counter, mut picker) = settled(store, 18).await;
    picker.confirm(at(10, picked("P-1", 1, "MILK", 2, "A-01")));
    bench.clock.advance(Duration::from_secs(15 * 60));
    picker.send_all(&bench).await;
    assert_eq!(bench.decide_the_open(Resolution::CountAgain).await, Decided::Done);
    picker.confirm(at(11, picked("P-1", 1, "MILK", 1, "A-01")));
    picker.send(&bench, 2, 2).await;
    let open = bench.open_ones().await;
    assert_eq!(open.len(), 1, "{open:?}");
    let again = bench.counts_open().await;
    let mut cream = counted(&again, 1, "CREAM", 5, "A-01");
    cream["goods"]["lot"] = json!("L1");
    counter.confirm(at(39, counted(&again, 1, "MILK", 15, "A-01")));
    counter.confirm(at(39, cream));
    let end = json!({ "act": "location_counted", "task": again, "line": 1, "to": { "location": "A-01" } });
    counter.confirm(at(39, end));
    counter.send(&bench, 4, 6).await;
    let open = bench.open_ones().await;
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(bench.milk().await, 15);
    bench.check().await;
}

impl Bench {
    /// The count that followed from the difference.
    async fn counts_open(&self) -> String {
        let filter = crate::ledger::views::TaskFilter {
            kind: Some("count".to_owned()),
            state: Some("open".to_owned()),
            text: Some("RECOUNT".to_owned()),
        };
        let tasks = self.hub.ledger().tasks("main".to_owned(), filter).await.unwrap();
        tasks.into_iter().next().unwrap().task
    }
}

async fn what_was_known_when_it_was_accepted_is_not_late(store: Store) {
    let (bench, mut counter, mut picker) = two(store).await;
    bench.clock.advance(Duration::from_secs(25 * 60));
    count(&mut counter, "C-1", 18);
    counter.send_all(&bench).await;
    picker.confirm(at(10, picked("P-1", 1, "MILK", 2, "A-01")));
    picker.send_all(&bench).await;
    let open = bench.open_ones().await;
    assert_eq!(
        open.iter().map(|each| each.kind.as_str()).collect::<Vec<_>>(),
        ["count_overlap"]
    );
    assert_eq!(
        bench.decide_the_open(Resolution::AcceptCount).await,
        Decided::Done
    );
    assert!(bench.open_ones().await.is_empty());
}
