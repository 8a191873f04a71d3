//! What to send next, and what an answer means: the pure half of the upload.
//!
//! The hub's mark is the truth. It may go back (the hub was restored from a backup), be ahead of this journal (this
//! store was restored, or lost its tail) or tell another story (a fork): each has one way out, a rewind or a new
//! epoch, and none of them loses or doubles a record.

use tallyman_codes::Moment;
use tallyman_floor::wire::v1::{Outcome, Receipt};
use tallyman_platform::entropy::Entropy;

use crate::seams::{EnrolTrouble, Fault, Place, SyncMarks};

use super::batch_size::BatchSize;
use super::retry::Retry;

/// A device that waits to be let in asks again after this long.
const AWAITS_MS: u64 = 30_000;

/// Longest pause the hub may ask for between batches.
const PACE_MS_MAX: u64 = 60_000;

/// Trace entries in one upload.
pub const TRACE_ENTRIES_MAX: usize = 100;
/// Bytes of trace entries in one upload; a single entry may have more.
pub const TRACE_BYTES_MAX: usize = 512 << 10;

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
    /// Send the record after the mark alone, as a mere text that no reader can trip over.
    StandIn,
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
    /// Records of earlier epochs lie here that no later epoch has.
    pub earlier_epochs: bool,
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

/// How often a record is refused, each time alone and with a batch without it taken after it, before it goes out as a text.
/// A proxy that restarts, or a request whose end got lost, refuses a good record once or twice; a text of it is never
/// posted, so nothing may become one by bad luck.
const REFUSALS_MIN: u32 = 5;

/// Milliseconds between two such tries, times the refusals so far: five take three minutes and more.
const REFUSED_PAUSE_MS: u64 = 20_000;

/// A record that was refused although it went alone. One record must not hold up those behind it; yet a hub or a proxy
/// that refuses everything is no reason to set records aside. So a batch without records goes out first: only where that
/// is taken it may be this record, and only where that happens again and again, it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Doubt {
    record: Place,
    refusals: u32,
    /// A batch without it was taken since it was refused last.
    others_are_taken: bool,
}

impl Doubt {
    fn is_proven(&self) -> bool {
        self.others_are_taken && self.refusals >= REFUSALS_MIN
    }
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
    doubt: Option<Doubt>,
    /// The life of the hub that answered last.
    life: Option<String>,
    /// The hub offered no place for traces; they are lost without harm.
    traces_refused: bool,
    /// The one-time code was used or is wrong: asking again is no use.
    code_refused: bool,
    /// The device has no key that the hub knows: a code, where there is one, may be for that.
    key_refused: bool,
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
            doubt: None,
            life: None,
            traces_refused: false,
            code_refused: false,
            key_refused: false,
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
        if self.key_refused && has_code && !self.code_refused {
            return Wish::Enrol;
        }
        if let Some((reason, after)) = self.epoch_wanted {
            return Wish::Epoch { reason, after };
        }
        match self.doubt {
            Some(doubt) if !doubt.others_are_taken => return Wish::Batch { records_max: 0 },
            Some(doubt) if outbox.waiting() > 0 => {
                return match doubt.is_proven() {
                    true => Wish::StandIn,
                    false => Wish::Batch { records_max: 1 },
                };
            }
            _ => {}
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

    /// This record was refused for its form or its size although it went alone.
    pub fn refused_alone(&mut self, record: Place) {
        let before = self.doubt.filter(|doubt| doubt.record == record);
        self.doubt = Some(Doubt {
            record,
            refusals: before.map_or(0, |doubt| doubt.refusals).saturating_add(1),
            others_are_taken: false,
        });
    }

    /// The hub answered in this life.
    pub fn heard(&mut self, life: &str) {
        if self.life.as_deref() != Some(life) {
            self.life = Some(life.to_owned());
        }
    }

    /// The life of the hub that answered last.
    pub fn life(&self) -> Option<&str> {
        self.life.as_deref()
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
        self.key_refused = false;
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
        self.key_refused |= fault.asks_for_enrolment();
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
            (Wish::Enrol, fault) if fault.as_enrol_trouble() == EnrolTrouble::Awaits => {
                self.not_before = now.plus_ms(AWAITS_MS);
                return;
            }
            (Wish::Enrol, Fault::Refused { .. } | Fault::Unauthorised { .. }) => self.code_refused = true,
            // Everything is refused, not this record.
            (Wish::Batch { records_max: 0 } | Wish::StandIn, Fault::Refused { .. }) => self.doubt = None,
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
            earlier_epochs,
        } = *sent;
        self.heard(&receipt.generation);
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
        let known_life = marks.generation.as_ref();
        let hub_restored = known_life.is_some_and(|known| *known != receipt.generation);
        if hub_restored && earlier_epochs {
            // It may lack facts of epochs that are sent no more: they go into the next one. Its name is noted when that has
            // begun, so that a device that starts again before asks again.
            next.generation = marks.generation.clone();
            self.epoch_wanted = self.epoch_wanted.or(Some(("hub_restored", next.applied)));
        }
        self.doubt = match self.doubt {
            Some(doubt) if records == 0 => {
                let record = doubt.record;
                let is_next = record.epoch == next.applied.epoch && record.seq == next.applied.seq + 1;
                is_next.then_some(Doubt {
                    others_are_taken: true,
                    ..doubt
                })
            }
            _ => None,
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
        if let Some(doubt) = self.doubt.filter(|doubt| !doubt.is_proven()) {
            let pause_ms = REFUSED_PAUSE_MS * u64::from(doubt.refusals);
            self.not_before = self.not_before.max(now.plus_ms(pause_ms));
        }
        Learned {
            hub_restored,
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
mod tests;
