//! What a store in one file refuses steps aside, and blocks nobody: not the records behind it, and not the devices whose
//! batches share its transaction.

use serde_json::json;

use super::bench::{Bench, Store, received};
use crate::ledger::DeviceIdentity;
use crate::ledger::posting::ReadBatch;

#[tokio::test]
async fn a_record_that_the_file_refuses_steps_aside_and_blocks_nobody() {
    let bench = Bench::new(Store::File).await;
    let mut good = bench.device("main", "Handheld 1").await;
    let mut bad = bench.device("main", "Handheld 2").await;
    rusqlite::Connection::open(bench.folder.path().join("hub.db"))
        .unwrap()
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.expiry = '2031-01-01'
             BEGIN SELECT RAISE(ABORT, 'not this date'); END",
        )
        .unwrap();
    for _ in 0..3 {
        good.confirm(received("R-1", 1, "MILK", 1));
        bad.confirm(received("R-1", 1, "MILK", 2));
    }
    let mut refused = received("R-1", 1, "MILK", 50);
    refused["goods"]["expiry"] = json!("2031-01-01");
    let seq = bad.confirm(refused);
    bad.confirm(received("R-1", 1, "MILK", 3));

    // Both in one transaction, as when they had waited together.
    let batches = [&good, &bad].map(|device| {
        let identity = DeviceIdentity {
            site: device.enrolled.site.clone(),
            device: device.enrolled.device.clone(),
        };
        ReadBatch::read(identity, device.batch(1, device.last_seq()))
    });
    let now = "2026-11-23T08:00:00Z".parse().unwrap();
    let ledger = bench.hub.ledger();
    let taken = ledger.take_batches("main".to_owned(), batches.into(), now);
    let taken: Vec<_> = taken.await.unwrap().into_iter().map(Result::unwrap).collect();
    assert_eq!((taken[0].applied_seq, taken[1].applied_seq), (3, 5));
    assert_eq!(taken[0].outcomes, []);
    let told: Vec<_> = taken[1]
        .outcomes
        .iter()
        .map(|outcome| (outcome.seq, outcome.kind.as_str()))
        .collect();
    assert_eq!(told, [(seq, "quarantined")]);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 3 + 6 + 3);
    bench.check().await;
}

#[tokio::test]
async fn batches_of_one_turn_see_what_those_before_them_did() {
    // Two devices on one line, in one transaction: the second one is told that it was done already.
    let bench = Bench::new(Store::File).await;
    let mut first = bench.device("main", "Handheld 1").await;
    let mut second = bench.device("main", "Handheld 2").await;
    first.confirm(super::bench::picked("P-1", 1, "MILK", 6, "A-01"));
    second.confirm(super::bench::picked("P-1", 1, "MILK", 6, "A-01"));
    let batches = [&first, &second].map(|device| {
        let identity = DeviceIdentity {
            site: device.enrolled.site.clone(),
            device: device.enrolled.device.clone(),
        };
        ReadBatch::read(identity, device.batch(1, 1))
    });
    let now = "2026-11-23T08:00:00Z".parse().unwrap();
    let ledger = bench.hub.ledger();
    let taken = ledger.take_batches("main".to_owned(), batches.into(), now);
    let taken: Vec<_> = taken.await.unwrap().into_iter().map(Result::unwrap).collect();
    let codes = |taken: &crate::ledger::Taken| -> Vec<String> {
        taken
            .outcomes
            .iter()
            .map(|outcome| outcome.code.clone())
            .collect()
    };
    assert_eq!(codes(&taken[0]), [""; 0]);
    assert_eq!(codes(&taken[1]), ["double_pick"]);
    bench.check().await;
}
