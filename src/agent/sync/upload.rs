//! What to send next, and what an answer means: the pure half of the upload.
//!
//! The hub's mark is the truth. It may go back (the hub was restored from a backup), be ahead of this journal (this
//! store was restored, or lost its tail) or tell another story (a fork): each has one way out, a rewind or a new
//! epoch, and none of them loses or doubles a record.

use tallyman_codes::Moment;
use tallyman_floor::wire::v1::{Outcome, Receipt};
use tallyman_platform::entropy::Entropy;

use crate::seams::{Fault, Place, SyncMarks};

use super::batch_size::BatchSize;
use super::retry::Retry;

/// Longest pause the hub may ask for between batches.
const PACE_MS_MAX: u64 = 60_000;

/// Trace entries in one upload.
pub const TRACE_ENTRIES_MAX: usize = 100;

/// How the outbox stands when the engine is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outbox {
    /// The place the next confirmation will get.
    pub next: Place,
    /// What the hub has, as it said last.
    pub applied: Place,
    /// Trace entries may wait.
    pub traces: bool,
}

impl Outbox {
    /// Records that wait for the hub.
    pub fn waiting(&self) -> u64 {
        self.next.seq.saturating_sub(1).saturating_sub(self.applied.seq)
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Ask for an identity.
    Enrol,
    /// Send the records after the mark, at most so many; none make it a heartbeat.
    Batch {
        /// Records at most.
        records_max: usize,
    },
    /// Ask for a new epoch.
    Epoch {
        /// Why, for the hub's audit.
        reason: &'static str,
        /// What the hub has of this journal: records after it are written again.
        after: Place,
    },
    /// Send trace entries.
    Traces,
    /// Nothing before this moment, unless something is committed.
    Wait(Moment),
    /// Nothing at all until something changes.
    Idle,
}

/// A batch that was answered.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The marks it was made from; its first record came after `marks.applied`.
    pub marks: &'a SyncMarks,
    /// How many records it had.
    pub records: usize,
    /// How the outbox stands now.
    pub outbox: Outbox,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

/// What an answer changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learned {
    /// The marks as they are now, where they changed.
    pub marks: Option<SyncMarks>,
    /// Records that did not go plainly.
    pub outcomes: Vec<Outcome>,
    /// The hub has another life than before: the cursor of the tasks is void.
    pub hub_restored: bool,
}

/// The upload's memory.
#[derive(Debug)]
pub struct Upload {
    heartbeat_ms: u64,
    not_before: Moment,
    heartbeat_at: Moment,
    retry: Retry,
    out_of_reach: bool,
    size: BatchSize,
    epoch_wanted: Option<(&'static str, Place)>,
    /// The hub offered no place for traces; they are lost without harm.
    traces_refused: bool,
    /// The one-time code was used or is wrong: asking again is no use.
    code_refused: bool,
}

impl Upload {
    /// A fresh engine. The first heartbeat is due at once: it tells both sides where they stand.
    pub fn new(heartbeat_ms: u64) -> Self {
        Self {
            heartbeat_ms,
            not_before: Moment::default(),
            heartbeat_at: Moment::default(),
            retry: Retry::default(),
            out_of_reach: false,
            size: BatchSize::default(),
            epoch_wanted: None,
            traces_refused: false,
            code_refused: false,
        }
    }

    /// What to do now. `outbox` is `None` before enrolment, `has_code` whether there is a one-time code to enrol with.
    pub fn wish(&self, now: Moment, outbox: Option<Outbox>, has_code: bool) -> Wish {
        let Some(outbox) = outbox else {
            return match has_code && !self.code_refused {
                true if now >= self.not_before => Wish::Enrol,
                true => Wish::Wait(self.not_before),
                false => Wish::Idle,
            };
        };
        if now < self.not_before {
            return Wish::Wait(self.not_before);
        }
        if let Some((reason, after)) = self.epoch_wanted {
            return Wish::Epoch { reason, after };
        }
        if outbox.waiting() > 0 || now >= self.heartbeat_at {
            return Wish::Batch {
                records_max: self.size.records(),
            };
        }
        if outbox.traces && !self.traces_refused {
            return Wish::Traces;
        }
        Wish::Wait(self.heartbeat_at)
    }

    /// A record cannot be sent as it lies in the store: the chain goes on in a new epoch.
    pub fn broken(&mut self, reason: &'static str, after: Place) {
        self.epoch_wanted = Some((reason, after));
    }

    /// The hub answered the other lane: a wait for it to come back is over.
    pub fn hub_is_back(&mut self, now: Moment) {
        if self.out_of_reach {
            self.not_before = self.not_before.min(now);
        }
    }

    /// Nothing more for a while: the store has to be looked at first.
    pub fn pause(&mut self, now: Moment, pause_ms: u64) {
        self.not_before = now.plus_ms(pause_ms);
    }

    /// An identity was given.
    pub fn enrolled(&mut self, now: Moment) {
        self.retry.succeeded();
        self.not_before = now;
        self.heartbeat_at = now;
    }

    /// A new epoch began.
    pub fn epoch_begun(&mut self, now: Moment) {
        self.retry.succeeded();
        self.epoch_wanted = None;
        self.not_before = now;
    }

    /// Traces were taken.
    pub fn traces_taken(&mut self, now: Moment) {
        self.retry.succeeded();
        self.not_before = now;
    }

    /// A request other than a batch failed.
    pub fn failed(&mut self, now: Moment, wish: &Wish, fault: &Fault, entropy: &mut dyn Entropy) {
        self.out_of_reach = fault.is_out_of_reach();
        let asked_ms = match fault {
            Fault::Busy { retry_after_ms } => *retry_after_ms,
            _ => None,
        };
        match (wish, fault) {
            // A hub without a place for traces works all the same.
            (Wish::Traces, Fault::Refused { .. }) => {
                self.traces_refused = true;
                return;
            }
            (Wish::Enrol, Fault::Refused { .. } | Fault::Unauthorised(_)) => self.code_refused = true,
            (Wish::Batch { .. }, _) => self.size.failed(),
            _ => {}
        }
        self.not_before = now.plus_ms(self.retry.failed(entropy, asked_ms));
    }

    /// The hub answered a batch.
    pub fn answered(
        &mut self,
        now: Moment,
        sent: &Sent<'_>,
        receipt: &Receipt,
        entropy: &mut dyn Entropy,
    ) -> Learned {
        let Sent {
            marks,
            records,
            outbox,
            took_us,
        } = *sent;
        let before = marks.applied;
        let sent_last = before.seq + records as u64;
        let mut next = SyncMarks {
            generation: Some(receipt.generation.clone()),
            hub_time: Some(receipt.server_time),
            ..marks.clone()
        };
        self.heartbeat_at = now.plus_ms(self.heartbeat_ms);
        self.out_of_reach = false;
        match judge(before, sent_last, outbox.next.seq.saturating_sub(1), receipt) {
            Judged::Applied(seq) => next.applied.seq = seq,
            Judged::NewEpoch { reason, after_seq } => {
                let after = Place {
                    seq: after_seq,
                    ..before
                };
                self.epoch_wanted = Some((reason, after));
            }
        }
        next.stable = Place {
            seq: receipt.stable_seq.min(next.applied.seq),
            ..before
        };
        if records > 0 && next.applied == before && self.epoch_wanted.is_none() {
            // It took nothing and wants nothing else: asking at once again would be a loop.
            self.size.failed();
            self.not_before = now.plus_ms(self.retry.failed(entropy, Some(receipt.pace_ms)));
        } else {
            self.retry.succeeded();
            self.size.succeeded(records, took_us, receipt.records_max);
            self.not_before = now.plus_ms(receipt.pace_ms.min(PACE_MS_MAX));
        }
        Learned {
            hub_restored: marks
                .generation
                .as_ref()
                .is_some_and(|known| *known != receipt.generation),
            marks: Some(next),
            outcomes: receipt.outcomes.clone(),
        }
    }
}

enum Judged {
    /// The hub has everything up to here, as far as it was compared.
    Applied(u64),
    /// The stories differ after this seq.
    NewEpoch { reason: &'static str, after_seq: u64 },
}

/// Where the hub stands with this journal, after a batch from `before` to `sent_last`; the journal ends at `last`.
///
/// What was sent the hub has compared, what was not sent nobody has. So a hub that has more is told record by record
/// what this journal holds, until it finds a difference or the journal ends.
fn judge(before: Place, sent_last: u64, last: u64, receipt: &Receipt) -> Judged {
    if receipt.epoch != before.epoch {
        // It follows another life of this device. What it acknowledged of this one it has.
        return Judged::NewEpoch {
            reason: "store_restored",
            after_seq: before.seq,
        };
    }
    if receipt.fork {
        // Everything before the record it names is the same story. Without a name nothing sent now is known to be.
        let same = receipt
            .expected_seq
            .map_or(before.seq, |seq| seq.saturating_sub(1))
            .min(sent_last);
        return if same == sent_last && sent_last < last && receipt.expected_seq.is_some() {
            Judged::Applied(sent_last)
        } else {
            Judged::NewEpoch {
                reason: "fork",
                after_seq: same,
            }
        };
    }
    if let Some(expected) = receipt.expected_seq {
        return Judged::Applied(expected.saturating_sub(1).min(sent_last));
    }
    if receipt.applied_seq > sent_last && sent_last == last {
        return Judged::NewEpoch {
            reason: "store_short",
            after_seq: last,
        };
    }
    Judged::Applied(receipt.applied_seq.min(sent_last))
}

#[cfg(test)]
mod tests {
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
                "forked, and it does not say where",
                10,
                5,
                15,
                fork(None),
                (10, Some(("fork", 10))),
            ),
            (
                "nonsense: a record never sent",
                10,
                5,
                15,
                expected(99, 15),
                (15, None),
            ),
            (
                "another epoch",
                10,
                5,
                15,
                Receipt {
                    epoch: 2,
                    ..receipt(3)
                },
                (10, Some(("store_restored", 10))),
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
        engine.failed(NOW, &batch, &Fault::Unauthorised("who?".to_owned()), &mut entropy);
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
}
