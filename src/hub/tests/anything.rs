//! Any order, repetition and loss of batches from any devices: each fact is in the ledger once, and it sums to zero.

use proptest::prelude::*;
use serde_json::{Value, json};

use tallyman_floor::wire::v1::Outcome;

use super::bench::{Bench, Handheld, Store, counted, picked, received, reversal};
use crate::ledger::LedgerSnapshot;
use crate::ledger::views::Exception;

/// One thing a worker does.
#[derive(Debug, Clone)]
struct Deed {
    device: usize,
    what: u8,
    item: u8,
    quantity: i64,
    line: u32,
}

/// One try to send: from which device, which part of its journal, and whether the answer is believed.
#[derive(Debug, Clone)]
struct Try {
    device: usize,
    first: u64,
    length: u64,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = (0..3_usize, 0..8_u8, 0..4_u8, 1..30_i64, 1..4_u32).prop_map(
        |(device, what, item, quantity, line)| Deed {
            device,
            what,
            item,
            quantity,
            line,
        },
    );
    prop::collection::vec(deed, 1..40)
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = (0..3_usize, 1..40_u64, 0..12_u64).prop_map(|(device, first, length)| Try {
        device,
        first,
        length,
    });
    prop::collection::vec(one, 0..30)
}

fn do_deed(device: &mut Handheld, done: &mut Vec<(u64, Value)>, deed: &Deed) {
    let item = ["MILK", "CREAM", "DRILL", "GHOST"][usize::from(deed.item)];
    let body = match deed.what {
        0 | 1 => received("R-1", deed.line, item, deed.quantity),
        2 | 3 => picked(
            "P-1",
            deed.line,
            item,
            deed.quantity,
            ["A-01", "A-02", "Z-99"][deed.line as usize - 1],
        ),
        4 => counted("C-1", 1, item, deed.quantity, "A-01"),
        5 => json!({ "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" } }),
        6 => json!({ "act": "line_closed", "task": "P-1", "line": deed.line }),
        _ => match done.pop() {
            Some((seq, original)) => reversal(&original, seq),
            None => json!({ "act": "task_closed", "task": "R-1" }),
        },
    };
    let seq = device.confirm(body.clone());
    if body["act"] != "reversed" {
        done.push((seq, body));
    }
}

async fn play(store: Store, deeds: &[Deed], tries: &[Try]) -> Result<(), TestCaseError> {
    let bench = Bench::new(store).await;
    let mut devices = Vec::new();
    for name in ["one", "two", "three"] {
        devices.push(bench.device("main", name).await);
    }
    let mut done: Vec<Vec<(u64, Value)>> = vec![Vec::new(); devices.len()];
    for deed in deeds {
        do_deed(&mut devices[deed.device], &mut done[deed.device], deed);
    }
    for attempt in tries {
        let device = &devices[attempt.device];
        let first = attempt.first.min(device.last_seq());
        if first > 0 {
            device
                .send(&bench, first, (first + attempt.length).min(device.last_seq()))
                .await;
        }
    }
    for device in &devices {
        let receipt = device.send_all(&bench).await;
        prop_assert_eq!(receipt.applied_seq, device.last_seq());
        prop_assert!(!receipt.fork && receipt.expected_seq.is_none());
    }
    let proof = bench.hub.verify().await.unwrap();
    prop_assert!(proof.holds(), "{:#?}", proof.findings);
    prop_assert_eq!(proof.records, deeds.len() as u64);
    prop_assert_eq!((proof.quarantined, proof.ledger_sum), (0, 0));
    // What came in is what was said to have come in, once, less what was taken back.
    let mut wanted = 0;
    for device in &devices {
        for (_, _, body) in device.journal.iter().skip(1) {
            let body: Value = serde_json::from_str(body).unwrap();
            let quantity = body["goods"]["quantity_micro"].as_i64().unwrap_or(0);
            wanted += match (body["act"].as_str(), body["reverses"]["act"].as_str()) {
                (Some("received"), _) => quantity,
                (_, Some("received")) => -quantity,
                _ => 0,
            };
        }
    }
    let snapshot = bench.hub.ledger_snapshot().await.unwrap();
    let supplied: i64 = snapshot
        .balances
        .iter()
        .filter(|row| row.account == "supplier")
        .map(|row| row.quantity_micro)
        .sum();
    prop_assert_eq!(-supplied, wanted);
    Ok(())
}

/// What the ledger and the receipts say after the deeds of one device were sent in batches of these lengths, round and
/// round.
async fn cut_into(
    store: Store,
    deeds: &[Deed],
    lengths: &[u64],
) -> (LedgerSnapshot, Vec<Outcome>, Vec<Exception>) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "one").await;
    let mut done = Vec::new();
    for deed in deeds {
        do_deed(&mut device, &mut done, deed);
    }
    let mut outcomes = Vec::new();
    let mut first = 1;
    for length in lengths.iter().cycle() {
        if first > device.last_seq() {
            break;
        }
        let last = (first + length - 1).min(device.last_seq());
        outcomes.extend(device.send(&bench, first, last).await.outcomes);
        first = last + 1;
    }
    bench.check().await;
    let exceptions = bench
        .hub
        .ledger()
        .exceptions("main".to_owned(), Default::default())
        .await
        .unwrap();
    (bench.hub.ledger_snapshot().await.unwrap(), outcomes, exceptions)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_arrives_is_applied_once(deeds in deeds(), tries in tries()) {
        runtime().block_on(play(Store::File, &deeds, &tries))?;
    }

    #[test]
    fn the_ledger_is_the_same_however_a_journal_is_cut_into_batches(
        deeds in deeds(),
        lengths in prop::collection::vec(1..9_u64, 1..5),
    ) {
        let one_by_one = runtime().block_on(cut_into(Store::File, &deeds, &[1]));
        let in_batches = runtime().block_on(cut_into(Store::File, &deeds, &lengths));
        let at_once = runtime().block_on(cut_into(Store::File, &deeds, &[1_000]));
        prop_assert_eq!(&one_by_one, &in_batches);
        prop_assert_eq!(&one_by_one, &at_once);
    }
}

proptest! {
    // Each case makes databases of its own.
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_arrives_is_applied_once_in_postgres(deeds in deeds(), tries in tries()) {
        if Store::Postgres.is_there() {
            runtime().block_on(play(Store::Postgres, &deeds, &tries))?;
        }
    }

    #[test]
    fn both_stores_post_alike(deeds in deeds(), lengths in prop::collection::vec(1..9_u64, 1..5)) {
        if Store::Postgres.is_there() {
            let file = runtime().block_on(cut_into(Store::File, &deeds, &lengths));
            let database = runtime().block_on(cut_into(Store::Postgres, &deeds, &lengths));
            prop_assert_eq!(&file, &database);
        }
    }
}

#[test]
fn a_count_whose_end_is_taken_back_and_said_again_is_compared_with_what_it_found() {
    let deed = |what, item| Deed {
        device: 0,
        what,
        item,
        quantity: 18,
        line: 1,
    };
    // Drills are counted where the book has none; the end, taken back, and the end again.
    let deeds = [deed(4, 2), deed(5, 0), deed(7, 0), deed(5, 0)];
    let one_by_one = runtime().block_on(cut_into(Store::File, &deeds, &[1]));
    let in_pairs = runtime().block_on(cut_into(Store::File, &deeds, &[2]));
    assert_eq!(one_by_one, in_pairs);
}
