//! Appending, proving, rewinding, epochs and pruning.

use tallyman_floor::{RawScan, Source};

use super::*;

#[tokio::test]
async fn records_are_chained_and_a_restart_goes_on_where_it_was() {
    let fixture = store_with(3).await;
    let places = fixture
        .commit(vec![picked("T", 2, 4), picked("T", 3, 5)])
        .await
        .unwrap();
    assert_eq!(places, [at(1, 4), at(1, 5)]);
    let before = fixture.store.outbox(0, 10).await.unwrap();
    assert_eq!(
        (before.previous, before.records.len(), before.missing),
        (ChainHash::START, 5, false)
    );
    let mut previous = ChainHash::START;
    for (record, seq) in before.records.iter().zip(1..) {
        assert_eq!(record.seq, seq);
        previous = ChainHash::of_record(previous, "dev-7", 1, seq, record.body.as_bytes());
        assert_eq!(record.hash, previous);
    }

    let (fixture, opened) = fixture.reopen_after(|_| ());
    assert_eq!(opened.identity, Some(identity()));
    assert_eq!(
        (opened.session.as_deref(), opened.damaged),
        (Some("{\"v\":1}"), 0)
    );
    assert_eq!(fixture.store.next_place(), at(1, 6));
    assert_eq!(fixture.commit(vec![picked("T", 1, 1)]).await.unwrap(), [at(1, 6)]);
    let after = fixture.store.outbox(5, 10).await.unwrap();
    assert_eq!((after.previous, after.records.len()), (previous, 1));
}

#[tokio::test]
async fn a_step_that_expected_another_place_stores_nothing() {
    let fixture = store_with(2).await;
    let step = StepCommit {
        expected: at(1, 2),
        drafts: vec![picked("T", 1, 1)],
        session: "{\"v\":2}".to_owned(),
        trace: Vec::new(),
    };
    assert_eq!(
        fixture.store.commit(step).await,
        Err(StoreError::Elsewhere(at(1, 3)))
    );
    let (fixture, opened) = fixture.reopen_after(|_| ());
    assert_eq!(fixture.store.next_place(), at(1, 3));
    assert_eq!(opened.session.as_deref(), Some("{\"v\":1}"));
}

#[tokio::test]
async fn before_enrolment_nothing_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = SqliteStore::open(&folder.path().join("agent.db"), Writing::Inline).unwrap();
    let step = StepCommit {
        expected: store.next_place(),
        drafts: vec![picked("T", 1, 1)],
        session: String::new(),
        trace: Vec::new(),
    };
    assert_eq!(store.commit(step).await, Err(StoreError::NotEnrolled));
    assert_eq!(store.outbox(0, 1).await.unwrap_err(), StoreError::NotEnrolled);
}

#[tokio::test]
async fn marks_are_written_with_the_next_step_or_by_a_flush() {
    let marks = |applied| SyncMarks {
        generation: Some("g1".to_owned()),
        applied: at(1, applied),
        stable: at(1, 1),
        trace_sent: 2,
        hub_time: Some("2026-11-23T09:00:00Z".parse().unwrap()),
        withheld: None,
    };
    let fixture = store_with(3).await;
    fixture.store.note(marks(2));
    fixture.commit(vec![picked("T", 1, 1)]).await.unwrap();
    fixture.store.note(marks(3));
    let (fixture, _) = fixture.reopen_after(|_| ());
    assert_eq!(fixture.store.marks(), marks(2), "the second note was only noted");
    fixture.store.note(marks(3));
    fixture.store.flush().await.unwrap();
    let (fixture, _) = fixture.reopen_after(|_| ());
    assert_eq!(fixture.store.marks(), marks(3));
}

#[tokio::test]
async fn a_damaged_body_goes_out_as_it_lies_and_a_damaged_hash_is_repaired() {
    let fixture = store_with(6).await;
    let whole = fixture.store.outbox(0, 10).await.unwrap();
    let (fixture, opened) = fixture.reopen_after(|path| {
        meddle(path, "UPDATE journal SET hash = zeroblob(16) WHERE seq = 2");
        meddle(
            path,
            "UPDATE journal SET body = replace(body, 'each', 'eacg') WHERE seq = 4",
        );
        meddle(path, "UPDATE journal SET body = substr(body, 2) WHERE seq = 5");
    });
    assert_eq!((opened.damaged, fixture.store.figures().damaged), (2, 2));
    let slice = fixture.store.outbox(0, 10).await.unwrap();
    assert_eq!(
        slice.records[..3],
        whole.records[..3],
        "the hash of 2 is known from 3"
    );
    assert_eq!((slice.damaged, slice.missing), (vec![4, 5], false));
    // The chain is the one that was written, so the record behind them is as good as ever.
    assert_eq!(slice.records[5], whole.records[5]);
    assert_eq!(slice.records[3].hash, whole.records[3].hash);
    assert!(slice.records[3].body.contains("eacg"));
    let text: String = serde_json::from_str(&slice.records[4].body).expect("what is no JSON goes as a text");
    assert!(text.starts_with("\"v\":1"), "{text}");

    // In a new epoch a damaged body must not pass for a true one.
    assert_eq!(
        fixture
            .store
            .begin_epoch(2, at(1, 3), HubStory::default())
            .await
            .unwrap(),
        3
    );
    let moved = fixture.store.outbox(0, 10).await.unwrap();
    assert!(serde_json::from_str::<ConfirmationBody>(&moved.records[0].body).is_err());
    assert!(serde_json::from_str::<ConfirmationBody>(&moved.records[1].body).is_err());
    assert_eq!(as_written_first(&moved.records[2].body), whole.records[5].body);
}

/// What the hub says, with nothing of records that moved.
fn marked(marks: Vec<HubMark>) -> HubStory {
    HubStory {
        marks,
        moved: Vec::new(),
    }
}

/// A body that moved, without what it was first: everything else is byte for byte what it was.
fn as_written_first(body: &str) -> String {
    let moved = body.strip_prefix("{\"first\":{").expect(body);
    format!("{{{}", moved.split_once("},").unwrap().1)
}

#[tokio::test]
async fn what_a_copy_of_this_store_has_moved_is_not_written_again() {
    let fixture = store_with(4).await;
    let records = fixture.store.outbox(0, 10).await.unwrap().records;
    // Another copy went on in epoch 2 with the first two, and one that is not here.
    let moved = |seq: u64, first| HubMoved {
        first,
        place: at(2, seq),
    };
    let story = HubStory {
        marks: vec![HubMark {
            place: at(1, 0),
            last_hash: ChainHash::START,
        }],
        moved: vec![
            moved(1, records[0].hash),
            moved(2, records[1].hash),
            moved(3, ChainHash::from_slice(&[9; 16]).unwrap()),
        ],
    };
    let undone = picked("T", 1, 1);
    fixture.commit(vec![reversed(&undone, at(1, 2))]).await.unwrap();
    assert_eq!(
        fixture.store.begin_epoch(3, at(1, 0), story).await.unwrap(),
        3,
        "two records and the reversal"
    );
    let again = fixture.store.outbox(0, 10).await.unwrap().records;
    let bodies: Vec<ConfirmationBody> = again
        .iter()
        .map(|record| serde_json::from_str(&record.body).unwrap())
        .collect();
    let firsts: Vec<u64> = bodies
        .iter()
        .map(|body| body.first.as_ref().unwrap().seq)
        .collect();
    assert_eq!(firsts, [3, 4, 5]);
    let reverses = bodies[2].reverses.as_ref().unwrap();
    assert_eq!(
        (reverses.epoch, reverses.seq),
        (2, 2),
        "it takes back the record where the hub has it"
    );
    assert!(!fixture.store.has_earlier_epochs().await.unwrap());

    // What moves a second time is still known by what it was first.
    fixture
        .store
        .begin_epoch(4, at(3, 0), marked(Vec::new()))
        .await
        .unwrap();
    let body = &fixture.store.outbox(0, 1).await.unwrap().records[0].body;
    let first = serde_json::from_str::<ConfirmationBody>(body).unwrap().first;
    assert_eq!(
        first.map(|first| (first.epoch, first.seq, first.hash)),
        Some((1, 3, records[2].hash.to_string()))
    );
}

#[tokio::test]
async fn a_missing_record_is_said_to_be_missing() {
    let fixture = store_with(5).await;
    let (fixture, _) = fixture.reopen_after(|path| meddle(path, "DELETE FROM journal WHERE seq = 3"));
    let slice = fixture.store.outbox(0, 10).await.unwrap();
    assert_eq!((slice.records.len(), slice.missing), (2, true));
    assert!(fixture.store.outbox(3, 10).await.unwrap().missing);
}

#[tokio::test]
async fn a_record_whose_predecessors_are_forgotten_is_not_taken_for_damaged() {
    let fixture = store_with(6).await;
    let whole = fixture.store.outbox(0, 10).await.unwrap();
    let (fixture, opened) = fixture.reopen_after(|path| meddle(path, "DELETE FROM journal WHERE seq <= 3"));
    assert_eq!(opened.damaged, 0);
    // A hub that starts from a backup older than what was forgotten has none of them.
    assert_eq!(
        fixture
            .store
            .begin_epoch(2, at(1, 0), HubStory::default())
            .await
            .unwrap(),
        3
    );
    let moved = fixture.store.outbox(0, 10).await.unwrap();
    assert_eq!(
        moved
            .records
            .iter()
            .map(|record| as_written_first(&record.body))
            .collect::<Vec<_>>(),
        whole.records[3..]
            .iter()
            .map(|record| record.body.clone())
            .collect::<Vec<_>>(),
        "a fact that is sound goes to the hub as a fact"
    );
}

#[tokio::test]
async fn the_hubs_own_marks_say_what_an_epoch_begins_with() {
    let fixture = store_with(6).await;
    let records = fixture.store.outbox(0, 10).await.unwrap().records;
    let mark = |epoch, seq, last_hash| HubMark {
        place: at(epoch, seq),
        last_hash,
    };
    // The hub has more than was known here, and it is the same story.
    let same = mark(1, 4, records[3].hash);
    assert_eq!(
        fixture
            .store
            .begin_epoch(2, at(1, 2), marked(vec![same]))
            .await
            .unwrap(),
        2
    );
    fixture.commit(vec![picked("T", 1, 3)]).await.unwrap();
    assert!(fixture.store.has_earlier_epochs().await.unwrap());
    // It was restored and has less of the first epoch; of the second it has two records of another story.
    let marks = vec![mark(1, 2, records[1].hash), mark(2, 2, ChainHash::START)];
    assert_eq!(
        fixture
            .store
            .begin_epoch(3, at(2, 1), marked(marks))
            .await
            .unwrap(),
        2 + 2
    );
    let bodies = fixture.store.outbox(0, 10).await.unwrap().records;
    let bodies: Vec<String> = bodies
        .iter()
        .map(|record| as_written_first(&record.body))
        .collect();
    assert_eq!(bodies[..2], [records[2].body.clone(), records[3].body.clone()]);
    assert_eq!(bodies[2], records[5].body, "5 and 6 have moved once already");
    // Of an epoch that it does not know it has nothing.
    let marks = vec![mark(1, 2, records[1].hash)];
    assert_eq!(
        fixture
            .store
            .begin_epoch(4, at(3, 4), marked(marks))
            .await
            .unwrap(),
        1 + 4
    );
}

#[tokio::test]
async fn a_new_epoch_moves_what_the_hub_lacks_and_reversals_follow() {
    let fixture = store_with(4).await;
    let undone = picked("T", 1, 1);
    fixture.commit(vec![reversed(&undone, at(1, 4))]).await.unwrap();
    assert_eq!(
        fixture
            .store
            .begin_epoch(3, at(1, 2), HubStory::default())
            .await
            .unwrap(),
        3
    );
    assert_eq!(fixture.store.next_place(), at(3, 4));
    assert_eq!(fixture.store.marks().applied, at(3, 0));
    let slice = fixture.store.outbox(0, 10).await.unwrap();
    let bodies: Vec<ConfirmationBody> = slice
        .records
        .iter()
        .map(|record| serde_json::from_str(&record.body).unwrap())
        .collect();
    let reverses = bodies[2].reverses.as_ref().unwrap();
    assert_eq!((reverses.epoch, reverses.seq), (3, 2), "1:4 is 3:2 now");

    // The session still knows the old places: a reversal of a moved record is written with the new one.
    fixture.commit(vec![reversed(&undone, at(1, 3))]).await.unwrap();
    let last = fixture.store.outbox(3, 1).await.unwrap();
    let body: ConfirmationBody = serde_json::from_str(&last.records[0].body).unwrap();
    let reverses = body.reverses.unwrap();
    assert_eq!((reverses.epoch, reverses.seq), (3, 1));

    // And of one that moved twice, the newest.
    assert_eq!(
        fixture
            .store
            .begin_epoch(4, at(3, 0), HubStory::default())
            .await
            .unwrap(),
        4
    );
    fixture.commit(vec![reversed(&undone, at(1, 3))]).await.unwrap();
    let last = fixture.store.outbox(4, 1).await.unwrap();
    let body: ConfirmationBody = serde_json::from_str(&last.records[0].body).unwrap();
    assert_eq!(
        body.reverses.map(|reverses| (reverses.epoch, reverses.seq)),
        Some((4, 1))
    );
    assert!(
        fixture
            .store
            .begin_epoch(4, at(4, 0), HubStory::default())
            .await
            .is_err(),
        "an epoch never comes twice"
    );
}

#[tokio::test]
async fn another_device_takes_over_only_when_nothing_waits() {
    let fixture = store_with(2).await;
    let other = Identity {
        device: "dev-8".to_owned(),
        ..identity()
    };
    let refused = fixture.store.enrol(other.clone()).await.unwrap_err().to_string();
    assert!(
        refused.contains("dev-7") && refused.contains("upload them first"),
        "{refused}"
    );

    // The same device with a new secret and epoch: what waits moves with it.
    let again = Identity {
        epoch: 2,
        ..identity()
    };
    fixture.store.enrol(again.clone()).await.unwrap();
    assert_eq!(fixture.store.next_place(), at(2, 3));
    fixture.store.note(SyncMarks {
        applied: at(2, 2),
        ..fixture.store.marks()
    });
    fixture.store.flush().await.unwrap();
    fixture
        .store
        .enrol(Identity {
            epoch: 9,
            ..other.clone()
        })
        .await
        .unwrap();
    assert_eq!(fixture.store.next_place(), at(9, 1));
    let (_, opened) = fixture.reopen_after(|_| ());
    assert_eq!(opened.identity, Some(Identity { epoch: 9, ..other }));
}

#[tokio::test]
async fn records_stay_for_a_week_after_the_hub_has_them_safe() {
    let fixture = store_with(10).await;
    let note = |day: &str, stable: u64, applied: u64| {
        fixture.store.note(SyncMarks {
            generation: Some("g1".to_owned()),
            applied: at(1, applied),
            stable: at(1, stable),
            trace_sent: 0,
            hub_time: Some(format!("2026-11-{day}T12:00:00Z").parse().unwrap()),
            withheld: None,
        });
    };
    for (day, stable, forgotten, left) in [
        ("01", 4, 0, 10),
        ("02", 8, 0, 10),
        ("08", 8, 0, 10),
        // Seven whole days after the first: its records but the last, which begins the chain of the rest.
        ("09", 8, 3, 7),
        ("10", 8, 4, 3),
        ("20", 8, 0, 3),
    ] {
        note(day, stable, 10);
        fixture.store.flush().await.unwrap();
        assert_eq!(fixture.store.prune().await.unwrap(), forgotten, "on day {day}");
        let connection = Connection::open(fixture.path()).unwrap();
        let rows: i64 = connection
            .query_row("SELECT count(*) FROM journal", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, left, "on day {day}");
    }
    let slice = fixture.store.outbox(8, 10).await.unwrap();
    assert_eq!(
        (slice.records.len(), slice.missing),
        (2, false),
        "the chain goes on after what was forgotten"
    );

    // A hub that was restored takes its word back: nothing it lacks is forgotten.
    note("28", 10, 8);
    fixture.store.flush().await.unwrap();
    assert_eq!(fixture.store.prune().await.unwrap(), 0);
}

#[tokio::test]
async fn a_record_that_the_hub_has_only_in_part_is_never_forgotten() {
    let fixture = store_with(10).await;
    let note = |day: &str| {
        fixture.store.note(SyncMarks {
            applied: at(1, 10),
            stable: at(1, 8),
            hub_time: Some(format!("2026-11-{day}T12:00:00Z").parse().unwrap()),
            withheld: Some(at(1, 5)),
            ..SyncMarks::default()
        });
    };
    note("01");
    fixture.store.flush().await.unwrap();
    // The mark is in the file, not only in memory.
    let (fixture, _) = fixture.reopen_after(|_| ());
    fixture.store.note(SyncMarks {
        hub_time: Some("2026-11-20T12:00:00Z".parse().unwrap()),
        ..fixture.store.marks()
    });
    fixture.store.flush().await.unwrap();
    assert_eq!(fixture.store.prune().await.unwrap(), 4);
    let left = fixture.store.outbox(5, 10).await.unwrap();
    assert_eq!((left.records.len(), left.missing), (5, false));
}

#[tokio::test]
async fn a_restored_hub_that_was_refilled_is_trusted_again_only_after_its_next_backup() {
    let fixture = store_with(10).await;
    for (day, stable, applied, forgotten) in [
        ("01", 8, 10, 0),
        // Restored from a backup with four records, then refilled: the other six are in no backup of its new life.
        ("05", 4, 4, 0),
        ("06", 4, 10, 0),
        ("12", 4, 10, 3),
        ("14", 4, 10, 0),
        ("15", 9, 10, 0),
        ("22", 9, 10, 0),
        ("23", 9, 10, 5),
    ] {
        fixture.store.note(SyncMarks {
            generation: Some("g1".to_owned()),
            applied: at(1, applied),
            stable: at(1, stable),
            trace_sent: 0,
            hub_time: Some(format!("2026-11-{day}T12:00:00Z").parse().unwrap()),
            withheld: None,
        });
        fixture.store.flush().await.unwrap();
        assert_eq!(fixture.store.prune().await.unwrap(), forgotten, "on day {day}");
    }
}

#[tokio::test]
async fn the_beginning_of_an_epoch_makes_nothing_before_it_safe() {
    let fixture = store_with(4).await;
    fixture
        .store
        .begin_epoch(2, at(1, 4), HubStory::default())
        .await
        .unwrap();
    // The marks of the new epoch were not written yet when the battery was pulled.
    let (fixture, _) = fixture.reopen_after(|_| ());
    for day in ["01", "20"] {
        fixture.store.note(SyncMarks {
            generation: Some("g1".to_owned()),
            applied: at(2, 0),
            stable: at(2, 0),
            trace_sent: 0,
            hub_time: Some(format!("2026-11-{day}T12:00:00Z").parse().unwrap()),
            withheld: None,
        });
        fixture.store.flush().await.unwrap();
        assert_eq!(fixture.store.prune().await.unwrap(), 0, "on day {day}");
    }
}

#[tokio::test]
async fn an_answer_that_is_taken_up_late_does_not_move_the_journals_end_back() {
    use std::task::{Context, Waker};

    let folder = tempfile::tempdir().unwrap();
    let (store, _) = SqliteStore::open(&folder.path().join("agent.db"), Writing::Thread).unwrap();
    store.enrol(identity()).await.unwrap();
    for seq in 1..=50 {
        let mut flush = store.flush();
        // Queued; whoever waits for it is not run before the step behind it has its answer.
        let early = flush.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let step = StepCommit {
            expected: at(1, seq),
            drafts: vec![picked("T", 1, 1)],
            session: String::new(),
            trace: Vec::new(),
        };
        store.commit(step).await.unwrap();
        if early.is_pending() {
            flush.await.unwrap();
        }
        assert_eq!(store.next_place(), at(1, seq + 1));
    }
}

#[tokio::test]
async fn the_trace_is_bounded_and_read_in_order() {
    let fixture = store_with(0).await;
    let inputs: Vec<String> = (1..=5_200).map(|number| format!("{{\"n\":{number}}}")).collect();
    for trace in inputs.chunks(100) {
        let step = StepCommit {
            expected: fixture.store.next_place(),
            drafts: Vec::new(),
            session: "{\"v\":1}".to_owned(),
            trace: trace.to_vec(),
        };
        fixture.store.commit(step).await.unwrap();
    }
    assert_eq!(fixture.store.figures().trace_last, 5_200);
    let rows = fixture.store.traces(0, 3).await.unwrap();
    assert!(
        (101..=200).contains(&rows[0].number),
        "the oldest are gone: {}",
        rows[0].number
    );
    let last = fixture.store.traces(5_199, 10).await.unwrap();
    assert_eq!(
        (last.len(), last[0].number, last[0].input.as_str()),
        (1, 5_200, "{\"n\":5200}")
    );
}

#[tokio::test]
async fn the_last_scan_of_each_scanner_is_known_after_a_restart() {
    let scan = |scanner: &str, text: &str| Draft {
        raw: Some(RawScan {
            scanner: scanner.to_owned(),
            text: text.to_owned(),
            symbology: Some("]C1".to_owned()),
            source: Source::Scan,
        }),
        ..picked("T", 1, 1)
    };
    let fixture = store_with(1).await;
    assert_eq!(fixture.store.last_scans(), Ok(Vec::new()));
    for draft in [
        scan("ring", "A"),
        scan("dock", "B"),
        scan("ring", "C"),
        picked("T", 1, 1),
    ] {
        fixture.commit(vec![draft]).await.unwrap();
    }
    let (fixture, _) = fixture.reopen_after(|_| ());
    fixture.commit(vec![scan("dock", "damaged")]).await.unwrap();
    let (fixture, _) = fixture.reopen_after(|path| {
        let file = Connection::open(path).unwrap();
        file.execute("UPDATE journal SET body = 'x' WHERE seq = 6", [])
            .unwrap();
    });
    let scans = fixture.store.last_scans().unwrap();
    let told: Vec<(&str, &str)> = scans
        .iter()
        .map(|raw| (raw.scanner.as_str(), raw.text.as_str()))
        .collect();
    assert_eq!(told, [("ring", "C"), ("dock", "B")]);
}
