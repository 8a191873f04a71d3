//! Handing a task over to another device, without a network: a code on one screen that the other device scans, or that
//! is typed there.
//!
//! The code says which task, at which line, in which place and with which tote. It carries no facts: those of the first
//! device come by the hub, and what the hub has not heard of is a doubt that the second device asks about line by line.

use crate::ids::{HandlingUnitId, LineNumber, LocationId, TaskId};
use crate::kinds::{Judge, judge_of};
use crate::verdict::{Question, Reason, Verdict, Where};

use super::Session;
use super::list::holder_of;
use super::work::{Desk, Outcome, Work};

/// What every such code begins with.
const PREFIX: &str = "HANDOVER-";

/// Characters of a code at most: as many as a barcode across a small screen, and a patient worker, can bear.
const CODE_CHARS_MAX: usize = 60;

/// Characters that stand for a task: 40 bits, so that among thousands of open tasks two alike are not to be expected.
const TASK_CHARS: usize = 8;

/// The digits of base 32 by Crockford: none looks like another one.
const BASE_32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Where the work goes on, as the code says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandOver {
    /// What stands for the task, see [`task_key`].
    pub task: String,
    /// The line.
    pub line: Option<LineNumber>,
    /// The place that was confirmed.
    pub place: Option<String>,
    /// The tote.
    pub unit: Option<String>,
}

/// What stands for a task in a hand-over code: eight letters and digits made of its identity.
pub fn task_key(task: &TaskId) -> String {
    let hash = blake3::hash(task.as_str().as_bytes());
    let bits = hash.as_bytes().iter().take(5);
    let bits = bits.fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let digit = |place: usize| BASE_32[(bits >> (5 * place) & 31) as usize];
    let digits = (0..TASK_CHARS).rev().map(digit);
    digits.map(char::from).collect()
}

impl HandOver {
    /// The code. What has other characters than a code may have, or no room, is left out and scanned again: first the
    /// place, then the tote.
    pub fn code(&self) -> String {
        let line = self.line.map_or(0, |line| line.0);
        let head = format!("{PREFIX}{}-{line}-", self.task);
        // Two lengths of two digits each, and the check character.
        let mut room = CODE_CHARS_MAX.saturating_sub(head.len() + 5);
        let mut fitting = |text: &Option<String>| {
            let fits = |text: &&str| text.len() <= room && text.bytes().all(is_allowed);
            let text = text.as_deref().filter(fits).unwrap_or_default().to_owned();
            room -= text.len();
            text
        };
        let unit = fitting(&self.unit);
        let place = fitting(&self.place);
        let code = format!("{head}{:02}{place}{:02}{unit}", place.len(), unit.len());
        let check = check_character(code.bytes());
        format!("{code}{check}")
    }

    /// Reads a code; `None` where it was read or typed wrong.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        if text.len() > CODE_CHARS_MAX || !text.bytes().all(is_allowed) {
            return None;
        }
        let (code, check) = text.split_at_checked(text.len().checked_sub(1)?)?;
        if !check.starts_with(check_character(code.bytes())) {
            return None;
        }
        let (task, rest) = code.strip_prefix(PREFIX)?.split_once('-')?;
        let (line, rest) = rest.split_once('-')?;
        let (place, rest) = counted(rest)?;
        let (unit, rest) = counted(rest)?;
        let line: u32 = line.parse().ok()?;
        (task.len() == TASK_CHARS && rest.is_empty()).then(|| Self {
            task: task.to_owned(),
            line: (line > 0).then_some(LineNumber(line)),
            place: place.map(str::to_owned),
            unit: unit.map(str::to_owned),
        })
    }
}

/// Whether a code is one of a hand-over, or wants to be.
pub(super) fn is_hand_over(text: &str) -> bool {
    let start = text.trim_start().get(..PREFIX.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-'
}

/// A text behind its length in two digits.
fn counted(text: &str) -> Option<(Option<&str>, &str)> {
    let (length, rest) = text.split_at_checked(2)?;
    let (counted, rest) = rest.split_at_checked(length.parse().ok()?)?;
    Some(((!counted.is_empty()).then_some(counted), rest))
}

/// The check character of digits and letters by ISO 7064, MOD 37,36: it finds every wrong character, and nearly every two
/// that changed places.
fn check_character(text: impl Iterator<Item = u8>) -> char {
    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let values = text.filter_map(|byte| ALPHABET.iter().position(|known| *known == byte));
    let product = values.fold(36, |product, value| {
        let sum = (product + value) % 36;
        let sum = if sum == 0 { 36 } else { sum };
        sum * 2 % 37
    });
    char::from(ALPHABET[(37 - product) % 36])
}

impl Session {
    /// Whether the open task can be handed over: one that other devices have too, with nothing in hand.
    pub(super) const fn may_hand_over(&self) -> bool {
        self.stage.task.is_some() && !self.stage.begun_here && self.stage.has_free_hands()
    }

    /// Leaves the open task, and shows the code by which another device goes on with it.
    pub(super) fn hand_over(&mut self, desk: &Desk<'_>) -> Outcome {
        let Some(work) = self.work(desk) else {
            return Outcome::reject(Reason::NoTask);
        };
        let code = HandOver {
            task: task_key(&work.task.id),
            line: work.line_wanted().map(|line| line.number),
            place: work.stage.location.as_ref().map(ToString::to_string),
            unit: work.stage.unit.as_ref().map(ToString::to_string),
        }
        .code();
        let task = work.task.id.clone();
        self.leave_stage();
        self.stage.ask(Question::HandOver { code }, None);
        Outcome::go(Where::LeftTask(task))
    }

    /// The code of another device was scanned: its task is opened where that device left it. Who holds it is not asked
    /// about, for that one has just given it.
    pub(super) fn take_up(&mut self, text: &str, desk: &Desk<'_>) -> Outcome {
        let Some(handed) = HandOver::read(text) else {
            return Outcome::reject(Reason::HandOverUnreadable);
        };
        let Some(task) = desk.catalogue.find_handed_over(&handed.task) else {
            return Outcome::reject(Reason::HandOverUnknown);
        };
        if let Some(refused) = self.refused(&task, desk) {
            return refused;
        }
        let is_kept = self.keeps(&task.id);
        let opened = self.begin(&task, holder_of(&task, desk).is_some(), desk);
        if !is_kept {
            self.stand_at(handed, desk);
        }
        opened
    }

    /// Goes to the line with the tote and in the place of the other device, as if both were scanned: the judge of the kind
    /// says whether that is right.
    fn stand_at(&mut self, handed: HandOver, desk: &Desk<'_>) {
        if let Some(work) = self.work(desk) {
            let line = handed.line.and_then(|number| work.task.line(number));
            if let Some(line) = line.filter(|line| !work.standing.is_done(line)) {
                work.stage.line = Some(line.number);
            }
        }
        let unit = handed.unit.map(HandlingUnitId::new);
        if let Some(unit) = unit.filter(|unit| self.stage.unit.as_ref() != Some(unit)) {
            self.attempt(desk, |work, judge| judge.handling_unit(work, unit));
        }
        if let Some(place) = handed.place.map(LocationId::new) {
            self.attempt(desk, |work, judge| judge.location(work, place));
        }
    }

    /// Does something that counts only where it leads on and writes nothing.
    fn attempt(&mut self, desk: &Desk<'_>, act: impl FnOnce(&mut Work<'_>, &dyn Judge) -> Outcome) {
        let before = self.stage.clone();
        let outcome = self.work(desk).map(|mut work| {
            let judge = judge_of(&work.task.kind);
            act(&mut work, judge)
        });
        if !outcome.is_some_and(|outcome| matches!(outcome.verdict, Verdict::Go(_))) {
            self.stage = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed() -> HandOver {
        HandOver {
            task: task_key(&TaskId::from("P1")),
            line: Some(LineNumber(12)),
            place: Some("A-01-02-03".to_owned()),
            unit: Some("095212345678912347".to_owned()),
        }
    }

    #[test]
    fn a_code_is_read_as_it_was_made_by_scanner_and_by_hand() {
        let code = handed().code();
        assert!(
            code.len() <= CODE_CHARS_MAX && code.bytes().all(is_allowed),
            "{code}"
        );
        assert_eq!(HandOver::read(&code), Some(handed()));
        assert_eq!(
            HandOver::read(&format!(" {} ", code.to_lowercase())),
            Some(handed())
        );
        let nothing = HandOver {
            line: None,
            place: None,
            unit: None,
            ..handed()
        };
        assert_eq!(HandOver::read(&nothing.code()), Some(nothing));
    }

    #[test]
    fn every_wrong_letter_and_digit_is_found() {
        let code = handed().code();
        for place in 0..code.len() {
            for wrong in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars() {
                let mut other: Vec<char> = code.chars().collect();
                if other[place] != wrong && other[place] != '-' {
                    other[place] = wrong;
                    let other: String = other.into_iter().collect();
                    assert_eq!(HandOver::read(&other), None, "{other}");
                }
            }
            assert_eq!(HandOver::read(&code[..place]), None, "cut");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_scanned_again() {
        let long = HandOver {
            line: Some(LineNumber(u32::MAX)),
            place: Some("A".repeat(20)),
            ..handed()
        };
        let code = long.code();
        assert!(code.len() <= CODE_CHARS_MAX, "{code}");
        let read = HandOver::read(&code).unwrap();
        assert_eq!((read.place, read.unit), (None, long.unit));
        let odd = HandOver {
            place: Some("Gang 3".to_owned()),
            unit: Some("U".repeat(200)),
            ..handed()
        };
        let read = HandOver::read(&odd.code()).unwrap();
        assert_eq!((read.place, read.unit), (None, None));
    }
}
