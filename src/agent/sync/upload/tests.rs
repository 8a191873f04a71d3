//! What each answer of the hub leads to, row by row.

use super::*;
use tallyman_platform::entropy::SeededEntropy;

const NOW: Moment = Moment::from_ms(1_000_000);

fn at(epoch: u32, seq: u64) -> Place {
    Place { epoch, seq }
}

fn marks(applied: u64) -> SyncMarks {
    SyncMarks {
        generation: Some("g1".to_owned()),
        applied: at(1, applied),
        stable: at(1, 0),
        ..Default::default()
    }
}

fn outbox(last: u64, applied: u64) -> Outbox {
    Outbox {
        next: at(1, last + 1),
        applied: at(1, applied),
        traces: false,
    }
}

fn receipt(applied_seq: u64) -> Receipt {
    Receipt {
        generation: "g1".to_owned(),
        epoch: 1,
        applied_seq,
        stable_seq: 0,
        expected_seq: None,
        fork: false,
        outcomes: Vec::new(),
        pace_ms: 0,
        records_max: 1_000,
        screen_wanted: false,
        server_time: "2026-11-23T09:00:00Z".parse().unwrap(),
    }
}

/// What follows from one answer: the new mark, and the epoch that is wanted.
fn after(
    applied: u64,
    sent: usize,
    last: u64,
    receipt: &Receipt,
) -> (u64, Option<(&'static str, u64)>, Moment) {
    let mut engine = Upload::new(60_000);
    let mut entropy = SeededEntropy::new(7);
    let learned = engine.answered(
        NOW,
        &Sent {
            marks: &marks(applied),
            records: sent,
            outbox: outbox(last, applied),
            took_us: 1_000,
            earlier_epochs: false,
        },
        receipt,
        &mut entropy,
    );
    let wanted = engine.epoch_wanted.map(|(reason, after)| (reason, after.seq));
    (learned.marks.unwrap().applied.seq, wanted, engine.not_before)
}

#[test]
fn the_hubs_mark_is_the_truth() {
    let expected = |seq, applied| Receipt {
        expected_seq: Some(seq),
        ..receipt(applied)
    };
    let fork = |seq: Option<u64>| Receipt {
        fork: true,
        expected_seq: seq,
        ..receipt(60)
    };
    // applied here, sent, last here, answer, then: applied, epoch wanted
    for (what, applied, sent, last, answer, then) in [
        ("everything was taken", 10, 5, 15, receipt(15), (15, None)),
        ("a heartbeat", 15, 0, 15, receipt(15), (15, None)),
        ("a part was taken", 10, 5, 15, expected(13, 12), (12, None)),
        (
            "the hub was restored: it goes back",
            50,
            0,
            50,
            receipt(40),
            (40, None),
        ),
        (
            "it was restored and wants what it lost",
            50,
            5,
            55,
            expected(41, 40),
            (40, None),
        ),
        ("it lost everything", 50, 5, 55, expected(1, 0), (0, None)),
        (
            "the marks were lost here: it has all of this",
            0,
            64,
            500,
            receipt(500),
            (64, None),
        ),
        (
            "it has more than there is here",
            10,
            5,
            15,
            receipt(60),
            (10, Some(("store_short", 15))),
        ),
        (
            "more, and nothing waits here",
            15,
            0,
            15,
            receipt(60),
            (15, Some(("store_short", 15))),
        ),
        (
            "more, and not all of this was compared",
            10,
            5,
            40,
            receipt(60),
            (15, None),
        ),
        (
            "another story from 13 on",
            10,
            5,
            15,
            fork(Some(13)),
            (10, Some(("fork", 12))),
        ),
        (
            "forked before, this batch is known",
            10,
            5,
            40,
            fork(Some(16)),
            (15, None),
        ),
        (
            "forked before, all of this is known",
            10,
            5,
            15,
            fork(Some(16)),
            (10, Some(("fork", 15))),
        ),
        (
            "forked, and nothing was sent to compare",
            15,
            0,
            15,
            fork(None),
            (15, Some(("fork", 15))),
        ),
        (
            "nonsense: a record never sent",
            10,
            5,
            15,
            expected(99, 15),
            (15, None),
        ),
    ] {
        let (applied, wanted, not_before) = after(applied, sent, last, &answer);
        assert_eq!((applied, wanted), then, "{what}");
        assert_eq!(not_before, NOW, "{what}: the next request goes out at once");
    }
}

#[test]
fn an_answer_that_changes_nothing_is_not_asked_again_at_once() {
    let mut waited = false;
    for seed in 0..20 {
        let mut engine = Upload::new(60_000);
        let mut entropy = SeededEntropy::new(seed);
        for _ in 0..6 {
            engine.answered(
                NOW,
                &Sent {
                    marks: &marks(10),
                    records: 5,
                    outbox: outbox(15, 10),
                    took_us: 1_000,
                    earlier_epochs: false,
                },
                &receipt(10),
                &mut entropy,
            );
        }
        waited |= engine.not_before > NOW.plus_ms(1_000);
    }
    assert!(waited, "a hub that takes nothing would be asked in a loop");
}

#[test]
fn the_hub_may_ask_for_a_pause_within_reason() {
    let paced = |pace_ms| {
        after(
            10,
            5,
            15,
            &Receipt {
                pace_ms,
                ..receipt(15)
            },
        )
        .2
    };
    assert_eq!(paced(750), NOW.plus_ms(750));
    assert_eq!(paced(u64::MAX), NOW.plus_ms(PACE_MS_MAX));
}

#[test]
fn a_restored_hub_is_noticed_and_its_promises_are_taken_back() {
    let mut engine = Upload::new(60_000);
    let mut entropy = SeededEntropy::new(7);
    let before = SyncMarks {
        stable: at(1, 45),
        ..marks(50)
    };
    let answer = Receipt {
        generation: "g2".to_owned(),
        stable_seq: 40,
        ..receipt(40)
    };
    let learned = engine.answered(
        NOW,
        &Sent {
            marks: &before,
            records: 0,
            outbox: outbox(50, 50),
            took_us: 1,
            earlier_epochs: false,
        },
        &answer,
        &mut entropy,
    );
    assert!(learned.hub_restored);
    let after = learned.marks.unwrap();
    assert_eq!((after.applied, after.stable), (at(1, 40), at(1, 40)));
    assert_eq!(after.generation.as_deref(), Some("g2"));
    assert!(after.hub_time.is_some());
}

#[test]
fn what_is_done_next() {
    let mut engine = Upload::new(60_000);
    let mut entropy = SeededEntropy::new(7);
    assert_eq!(engine.wish(NOW, None, false), Wish::Idle);
    assert_eq!(engine.wish(NOW, None, true), Wish::Enrol);
    assert_eq!(
        engine.wish(NOW, Some(outbox(0, 0)), true),
        Wish::Batch { records_max: 64 },
        "the first heartbeat"
    );
    engine.answered(
        NOW,
        &Sent {
            marks: &marks(0),
            records: 0,
            outbox: outbox(0, 0),
            took_us: 1,
            earlier_epochs: false,
        },
        &receipt(0),
        &mut entropy,
    );
    assert_eq!(
        engine.wish(NOW, Some(outbox(0, 0)), true),
        Wish::Wait(NOW.plus_ms(60_000))
    );
    let with_traces = Outbox {
        traces: true,
        ..outbox(3, 3)
    };
    assert_eq!(engine.wish(NOW, Some(with_traces), true), Wish::Traces);
    let facts_first = Outbox {
        traces: true,
        ..outbox(4, 3)
    };
    assert_eq!(
        engine.wish(NOW, Some(facts_first), true),
        Wish::Batch { records_max: 64 }
    );
    engine.broken("store_restored", at(1, 3));
    assert_eq!(
        engine.wish(NOW, Some(facts_first), true),
        Wish::Epoch {
            reason: "store_restored",
            after: at(1, 3)
        }
    );
    engine.epoch_begun(NOW);
    assert_eq!(
        engine.wish(NOW, Some(facts_first), true),
        Wish::Batch { records_max: 64 }
    );
}

#[test]
fn failures_keep_everything_and_a_used_code_is_not_tried_for_ever() {
    let mut entropy = SeededEntropy::new(7);
    let mut engine = Upload::new(60_000);
    let refused = Fault::Refused {
        status: 404,
        code: None,
        message: "none".to_owned(),
    };
    let batch = Wish::Batch { records_max: 64 };
    engine.failed(NOW, &batch, &Fault::Timeout(30_000), &mut entropy);
    let later = NOW.plus_ms(60_000);
    assert_eq!(
        engine.wish(later, Some(outbox(4, 3)), true),
        Wish::Batch { records_max: 32 }
    );
    engine.failed(
        NOW,
        &batch,
        &crate::testing::unauthorised("unauthorized"),
        &mut entropy,
    );
    assert_eq!(
        engine.wish(later, Some(outbox(4, 3)), true),
        Wish::Batch { records_max: 16 }
    );
    // A hub without a place for traces works all the same.
    engine.failed(NOW, &Wish::Traces, &refused, &mut entropy);
    engine.answered(
        NOW,
        &Sent {
            marks: &marks(3),
            records: 1,
            outbox: outbox(4, 3),
            took_us: 1,
            earlier_epochs: false,
        },
        &receipt(4),
        &mut entropy,
    );
    let with_traces = Outbox {
        traces: true,
        ..outbox(4, 4)
    };
    assert_eq!(
        engine.wish(NOW, Some(with_traces), true),
        Wish::Wait(NOW.plus_ms(60_000))
    );
    engine.failed(NOW, &Wish::Enrol, &refused, &mut entropy);
    assert_eq!(engine.wish(later, None, true), Wish::Idle);
}

#[test]
fn a_record_goes_out_as_a_text_only_when_it_was_refused_alone_again_and_again() {
    let mut engine = Upload::new(60_000);
    let mut entropy = SeededEntropy::new(7);
    let waiting = Some(outbox(5, 2));
    let refused = Fault::Refused {
        status: 422,
        code: None,
        message: "the end of the request got lost".to_owned(),
    };
    let mut now = NOW;
    for refusal in 1..=REFUSALS_MIN {
        let wish = engine.wish(now, waiting, false);
        let is_whole = matches!(wish, Wish::Batch { records_max } if records_max > 0);
        assert!(
            is_whole,
            "before refusal {refusal} the record goes out as it is, and not by {wish:?}"
        );
        engine.refused_alone(at(1, 3));
        engine.failed(now, &Wish::Batch { records_max: 1 }, &refused, &mut entropy);
        now = engine.not_before;
        assert_eq!(engine.wish(now, waiting, false), Wish::Batch { records_max: 0 });
        let sent = Sent {
            marks: &marks(2),
            records: 0,
            outbox: outbox(5, 2),
            took_us: 1_000,
            earlier_epochs: false,
        };
        engine.answered(now, &sent, &receipt(2), &mut entropy);
        now = engine.not_before;
    }
    assert_eq!(engine.wish(now, waiting, false), Wish::StandIn);
    assert!(now.since_us(NOW) >= 180_000_000, "a proxy has time to restart");
}

#[test]
fn a_device_that_waits_to_be_let_in_asks_again_and_its_code_is_not_given_up() {
    let mut entropy = SeededEntropy::new(7);
    let mut engine = Upload::new(60_000);
    for _ in 0..3 {
        let pending = crate::testing::unauthorised(crate::seams::transport::APPROVAL_PENDING);
        engine.failed(NOW, &Wish::Enrol, &pending, &mut entropy);
        assert_eq!(engine.wish(NOW, None, true), Wish::Wait(NOW.plus_ms(30_000)));
        assert_eq!(engine.wish(NOW.plus_ms(30_000), None, true), Wish::Enrol);
    }
    engine.failed(
        NOW,
        &Wish::Enrol,
        &crate::testing::unauthorised("code_refused"),
        &mut entropy,
    );
    assert_eq!(engine.wish(NOW.plus_ms(3_600_000), None, true), Wish::Idle);
}
