//! Refusals and failures on their way into the audit trail: the first of a minute is written at once, and those that
//! follow from the same address are counted into one more row. So nobody can flood the trail.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::ledger::audit::AuditNote;

/// Addresses and actions that are told apart in a minute; those beyond are counted together.
const KEPT_MAX: usize = 256;

/// What those beyond are called.
const OTHERS: &str = "many addresses";

/// The refusals of the minute at hand.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    /// What was refused again after its first row, by address and action.
    counted: HashMap<(String, String), Option<AuditNote>>,
}

impl Refusals {
    /// Takes a refusal, and gives what is to be written now.
    pub(crate) fn take(&self, mut note: AuditNote) -> Vec<AuditNote> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = minute.turn(note.at);
        let mut key = (
            note.source.clone(),
            format!("{} {}", note.action, note.outcome.word()),
        );
        if minute.counted.len() >= KEPT_MAX && !minute.counted.contains_key(&key) {
            key.0 = OTHERS.to_owned();
            note.source.clone_from(&key.0);
        }
        match minute.counted.get_mut(&key) {
            None => {
                minute.counted.insert(key, None);
                due.push(note);
            }
            Some(Some(counted)) => counted.add(&note),
            Some(counted @ None) => *counted = Some(note),
        }
        due
    }

    /// What is to be written because its minute is over; all of it where the hub stops.
    pub(crate) fn due(&self, now: Timestamp, stopping: bool) -> Vec<AuditNote> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stopping {
            minute.number = i64::MIN;
        }
        minute.turn(now)
    }
}

impl Minute {
    /// Begins the minute of a moment, and gives what was counted in the one before.
    fn turn(&mut self, now: Timestamp) -> Vec<AuditNote> {
        let number = now.as_second().div_euclid(60);
        if number == self.number {
            return Vec::new();
        }
        self.number = number;
        let mut counted: Vec<AuditNote> = self.counted.drain().filter_map(|(_, note)| note).collect();
        counted.sort_by(|one, other| {
            (one.at, &one.source, &one.action).cmp(&(other.at, &other.source, &other.action))
        });
        counted
    }
}

impl AuditNote {
    /// Counts another refusal into this one. What is not the same in both is left out.
    fn add(&mut self, other: &Self) {
        self.times = self.times.saturating_add(1);
        for (mine, theirs) in [
            (&mut self.actor, &other.actor),
            (&mut self.subject, &other.subject),
            (&mut self.site, &other.site),
            (&mut self.detail, &other.detail),
        ] {
            if mine != theirs {
                *mine = "several".to_owned();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(second: i64, source: &str, subject: &str) -> AuditNote {
        let mut note = AuditNote::new(Timestamp::from_second(second).unwrap(), "nobody", "sign-in");
        note.source = source.to_owned();
        note.subject = subject.to_owned();
        note
    }

    #[test]
    fn repeated_refusals_are_one_row_a_minute_and_address() {
        let refusals = Refusals::default();
        let first = refusals.take(refusal(0, "10.0.0.1", "anna"));
        assert_eq!(first.len(), 1);
        for second in 1..50 {
            assert_eq!(refusals.take(refusal(second, "10.0.0.1", "anna")), []);
        }
        assert_eq!(
            refusals.take(refusal(50, "10.0.0.2", "bo")).len(),
            1,
            "another address"
        );
        assert_eq!(refusals.take(refusal(51, "10.0.0.1", "bo")), []);
        assert_eq!(refusals.due(Timestamp::from_second(59).unwrap(), false), []);
        let due = refusals.due(Timestamp::from_second(60).unwrap(), false);
        assert_eq!(due.len(), 1);
        assert_eq!(
            (due[0].times, due[0].source.as_str(), due[0].subject.as_str()),
            (50, "10.0.0.1", "several")
        );
        assert_eq!(refusals.due(Timestamp::from_second(61).unwrap(), true), []);
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded() {
        let refusals = Refusals::default();
        let mut rows = 0;
        for number in 0..10_000 {
            rows += refusals.take(refusal(0, &format!("10.{number}"), "")).len();
        }
        assert_eq!(rows, KEPT_MAX + 1);
        let rest = refusals.due(Timestamp::from_second(60).unwrap(), false);
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].times as usize, 10_000 - KEPT_MAX - 1);
    }

    #[test]
    fn what_was_counted_is_not_lost_at_the_end() {
        let refusals = Refusals::default();
        refusals.take(refusal(0, "a", ""));
        refusals.take(refusal(1, "a", ""));
        assert_eq!(refusals.due(Timestamp::from_second(2).unwrap(), true).len(), 1);
    }
}
