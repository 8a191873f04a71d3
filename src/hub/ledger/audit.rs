//! The audit trail: who did what, when, from where, to what, and what came of it. Rows are only ever added, and the hash
//! of each covers the one before.
//!
//! A change and its row are one transaction. Whoever serves a request opens a [`Pending`] note around it; the first
//! operation of the ledger that writes takes the note, and stores it with what it changes. So no operation has to be
//! told who asks for it, and none can be forgotten.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::Imported;
use super::inventory::CountMade;
use super::people::PersonAnswer;
use super::proof::Proof;
use super::resolution::Decided;

/// Rows of the trail on one page.
pub const AUDIT_ROWS_SHOWN_MAX: usize = 100;

/// Rows of one export: a year of a busy site.
pub const AUDIT_ROWS_EXPORTED_MAX: usize = 200_000;

/// Rows that an export reads at a time.
pub const AUDIT_ROWS_READ_MAX: usize = 1_000;

/// What came of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was allowed, and there was nothing to do: somebody else was first, or nothing was different.
    Unchanged,
    /// It was not allowed, or not possible as it was asked for.
    Refused,
    /// It was allowed, and the hub could not do it.
    Failed,
}

impl Outcome {
    /// Its word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What is to be written into the trail. Texts are cut where they are longer than a row takes; they hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditNote {
    /// When, by the hub's clock.
    pub at: Timestamp,
    /// Who: a login name, `key:…` for a program, `access-key`, `command:…`, `device`, or `nobody`.
    pub actor: String,
    /// The address the request came from; empty for a command on the machine.
    pub source: String,
    /// What was done, as `exception.resolve`.
    pub action: String,
    /// The site it was done in; empty where it belongs to none.
    pub site: String,
    /// What it was done to: a login name, a task, an exception's number.
    pub subject: String,
    /// What came of it.
    pub outcome: Outcome,
    /// More about it, in words.
    pub detail: String,
    /// How often: more than 1 for refusals that were counted together.
    pub times: u32,
}

impl AuditNote {
    /// A note about something done now.
    pub fn new(at: Timestamp, actor: impl Into<String>, action: impl Into<String>) -> Self {
        Self {
            at,
            actor: actor.into(),
            source: String::new(),
            action: action.into(),
            site: String::new(),
            subject: String::new(),
            outcome: Outcome::Done,
            detail: String::new(),
            times: 1,
        }
    }

    /// The note as a row takes it: short texts, each in one line.
    pub(crate) fn fitted(&self) -> FittedNote {
        FittedNote {
            at_us: self.at.as_microsecond(),
            actor: fit(&self.actor, 80),
            source: fit(&self.source, 60),
            action: fit(&self.action, 40),
            site: fit(&self.site, 32),
            subject: fit(&self.subject, 120),
            outcome: self.outcome.word().to_owned(),
            detail: fit(&self.detail, 400),
            times: self.times,
        }
    }
}

fn fit(text: &str, characters_max: usize) -> String {
    let plain = |character: char| if character.is_control() { ' ' } else { character };
    text.chars().take(characters_max).map(plain).collect()
}

/// A note with short texts: what a row holds besides its number and hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FittedNote {
    pub(crate) at_us: i64,
    pub(crate) actor: String,
    pub(crate) source: String,
    pub(crate) action: String,
    pub(crate) site: String,
    pub(crate) subject: String,
    pub(crate) outcome: String,
    pub(crate) detail: String,
    pub(crate) times: u32,
}

/// A row of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number: 1, 2, 3 …, none left out.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who; see [`AuditNote::actor`].
    pub actor: String,
    /// From where.
    pub source: String,
    /// What.
    pub action: String,
    /// In which site.
    pub site: String,
    /// To what.
    pub subject: String,
    /// What came of it: a word of [`Outcome`].
    pub outcome: String,
    /// More about it.
    pub detail: String,
    /// How often.
    pub times: u32,
}

/// Which rows are wanted, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this actor.
    pub actor: Option<String>,
    /// Of this action, or of all that begin with it up to a dot, as `person`.
    pub action: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// With a number below this one: the next page.
    pub before: Option<i64>,
    /// So many at most.
    pub rows_max: usize,
}

impl AuditFilter {
    /// The bounds of an action that is the word itself or begins with the word and a dot: the word, the first that is
    /// meant, and the first after those. Texts compare by their bytes, and `/` comes right after `.`.
    pub(crate) fn action_bounds(&self) -> [Option<String>; 3] {
        let word = super::text::sought(self.action.as_ref());
        let with = |end: &str| word.as_ref().map(|word| format!("{word}{end}"));
        [with(""), with("."), with("/")]
    }
}

/// Where the trail ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) number: i64,
    pub(crate) hash: [u8; 32],
}

impl Head {
    /// Before the first row.
    pub(crate) const START: Self = Self {
        number: 0,
        hash: [0; 32],
    };

    /// A head as it is stored; bytes that are no hash fit nothing.
    pub(crate) fn stored(number: i64, hash: &[u8]) -> Self {
        Self {
            number,
            hash: hash.try_into().unwrap_or([0xff; 32]),
        }
    }

    /// The head after one more row.
    pub(crate) fn after(self, note: &FittedNote) -> Self {
        let number = self.number.saturating_add(1);
        let mut hasher = blake3::Hasher::new_derive_key("tallyman audit trail v1");
        hasher.update(&self.hash);
        hasher.update(&number.to_le_bytes());
        hasher.update(&note.at_us.to_le_bytes());
        hasher.update(&note.times.to_le_bytes());
        for text in [
            &note.actor,
            &note.source,
            &note.action,
            &note.site,
            &note.subject,
            &note.outcome,
            &note.detail,
        ] {
            // With its length, so that no letter can move from one text to the next.
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        Self {
            number,
            hash: *hasher.finalize().as_bytes(),
        }
    }
}

/// The independent check of the trail: rows come by their number.
#[derive(Debug)]
pub(crate) struct TrailCheck {
    head: Head,
    proof: Proof,
}

impl TrailCheck {
    pub(crate) fn new() -> Self {
        Self {
            head: Head::START,
            proof: Proof::default(),
        }
    }

    pub(crate) fn row(&mut self, number: i64, hash: &[u8], note: &FittedNote) {
        self.proof.audit_rows += 1;
        let expected = self.head.after(note);
        let found = Head::stored(number, hash);
        if number != expected.number {
            let last = self.head.number;
            self.proof
                .find(format!("The audit trail goes from row {last} to {number}."));
            // What follows is held against the row that is there.
            self.head = found;
            return;
        }
        if found.hash != expected.hash {
            self.proof
                .find(format!("Row {number} of the audit trail does not fit the chain."));
        }
        self.head = found;
    }

    pub(crate) fn finish(mut self, stored: Head) -> Proof {
        if stored != self.head {
            let (ends, wanted) = (self.head.number, stored.number);
            self.proof.find(format!(
                "The audit trail ends with row {ends}, and the store says that it ends with {wanted} and its hash."
            ));
        }
        self.proof
    }
}

tokio::task_local! {
    static PENDING: Pending;
}

/// A note that waits for the change it is about.
#[derive(Debug, Clone)]
pub struct Pending(Arc<Mutex<Waiting>>);

#[derive(Debug)]
struct Waiting {
    note: AuditNote,
    taken: bool,
    written: bool,
}

impl Pending {
    /// A note about what is going to be done.
    pub fn new(note: AuditNote) -> Self {
        Self(Arc::new(Mutex::new(Waiting {
            note,
            taken: false,
            written: false,
        })))
    }

    /// Runs something; the first operation of the ledger in it that writes takes the note.
    pub async fn around<T>(&self, doing: impl Future<Output = T>) -> T {
        PENDING.scope(self.clone(), doing).await
    }

    /// The note, where no change has stored it.
    pub fn unwritten(&self) -> Option<AuditNote> {
        let waiting = self.lock();
        (!waiting.written).then(|| waiting.note.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says more about the action under way: who turned out to act, on what, or that it was refused. Nothing happens
/// outside of one.
pub fn amend(change: impl FnOnce(&mut AuditNote)) {
    let _ = PENDING.try_with(|pending| change(&mut pending.lock().note));
}

/// The note of the action under way, for the operation that changes something. Stores ask this once for each, before
/// anything of it is done.
pub(crate) fn taken() -> Option<Taken> {
    PENDING
        .try_with(|pending| {
            let mut waiting = pending.lock();
            if std::mem::replace(&mut waiting.taken, true) {
                return None;
            }
            let note = waiting.note.clone();
            drop(waiting);
            Some(Taken {
                pending: pending.clone(),
                note,
            })
        })
        .ok()
        .flatten()
}

/// A note in the hands of the operation that stores it.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pending: Pending,
    note: AuditNote,
}

impl Taken {
    /// The row, with what the operation answered.
    pub(crate) fn row(&self, answer: &dyn Any) -> FittedNote {
        let mut note = self.note.clone();
        if let Some(changed) = answer.downcast_ref::<bool>() {
            note.outcome = if *changed {
                Outcome::Done
            } else {
                Outcome::Unchanged
            };
        } else if let Some(None) = answer.downcast_ref::<Option<Vec<u8>>>() {
            // A picture that somebody else has taken.
            note.outcome = Outcome::Unchanged;
        } else if let Some(decided) = answer.downcast_ref::<Option<Decided>>() {
            note.outcome = match decided {
                // The rest follows in transactions of its own.
                None | Some(Decided::Done) => Outcome::Done,
                Some(Decided::Ended) => Outcome::Unchanged,
                Some(Decided::Refused(_)) => Outcome::Refused,
            };
            if let Some(Decided::Refused(sentence)) = decided {
                note.detail.clone_from(sentence);
            }
        } else if let Some(CountMade::Refused(sentence)) = answer.downcast_ref::<CountMade>() {
            note.outcome = Outcome::Refused;
            note.detail.clone_from(sentence);
        } else if let Some(answer) = answer.downcast_ref::<PersonAnswer>() {
            note.outcome = answer.outcome();
            if note.outcome == Outcome::Refused {
                note.detail = answer.to_string();
            }
        } else if let Some(imported) = answer.downcast_ref::<Imported>() {
            let Imported {
                added,
                changed,
                unchanged,
                removed,
            } = imported;
            let mut figures = format!("{added} added, {changed} changed, {unchanged} as before");
            if *removed > 0 {
                figures.push_str(&format!(", {removed} removed"));
            }
            note.detail = match note.detail.as_str() {
                "" => figures,
                said => format!("{said}: {figures}"),
            };
        }
        note.fitted()
    }

    /// Notes that the row is stored.
    pub(crate) fn written(&self) {
        self.pending.lock().written = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(actor: &str, subject: &str) -> AuditNote {
        let mut note = AuditNote::new(Timestamp::UNIX_EPOCH, actor, "person.add");
        note.subject = subject.to_owned();
        note
    }

    #[test]
    fn a_letter_that_moves_from_one_text_to_the_next_changes_the_hash() {
        let hash = |actor, subject| Head::START.after(&note(actor, subject).fitted()).hash;
        assert_eq!(hash("anna", "bo"), hash("anna", "bo"));
        assert_ne!(hash("annab", "o"), hash("anna", "bo"));
    }

    #[test]
    fn whatever_is_done_to_a_trail_is_found() {
        let mut head = Head::START;
        let mut rows = Vec::new();
        for number in 0..5 {
            let note = note("anna", &format!("person-{number}")).fitted();
            head = head.after(&note);
            rows.push((head.number, head.hash, note));
        }
        let findings = |rows: &[(i64, [u8; 32], FittedNote)]| {
            let mut check = TrailCheck::new();
            for (number, hash, note) in rows {
                check.row(*number, hash, note);
            }
            check.finish(head).findings_total
        };
        assert_eq!(findings(&rows), 0);
        let without = |place: usize| {
            let mut rows = rows.clone();
            rows.remove(place);
            rows
        };
        for place in 0..rows.len() {
            assert!(findings(&without(place)) > 0, "row {place} is gone");
            let mut changed = rows.clone();
            changed[place].2.actor = "bo".to_owned();
            assert!(findings(&changed) > 0, "row {place} is another's");
        }
        let mut swapped = rows.clone();
        swapped.swap(1, 2);
        assert!(findings(&swapped) > 0);
    }

    #[test]
    fn texts_are_short_and_of_one_line() {
        let mut long = note("x\u{0}\ny", &"ä".repeat(1_000));
        long.detail = "z".repeat(10_000);
        let fitted = long.fitted();
        assert_eq!(fitted.actor, "x  y");
        assert_eq!(fitted.subject.chars().count(), 120);
        assert_eq!(fitted.detail.len(), 400);
    }
}
