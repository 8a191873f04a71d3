//! The reads of one trigger pull, judged together: the first at once, later ones only to improve the answer.

use std::collections::HashMap;

use tallyman_codes::DeviceName;
use tallyman_floor::{Question, Scanning, Session, Verdict};

/// Codes of one pull that are judged together. Scanners that read many codes at once are RFID readers, which do not
/// report pulls.
const SCANS_MAX: usize = 8;

/// How far the answer to a pull has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judged {
    /// No answer, or one that needs none.
    Nothing,
    /// It does not count.
    Rejected,
    /// A question is open.
    Asked(Question),
    /// It is done: nothing after it may change or sound.
    Settled,
    /// The journal stood elsewhere; the step is judged again.
    Elsewhere,
}

impl Judged {
    pub(super) fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accept | Verdict::Go(_) => Self::Settled,
            Verdict::Ask(question) => Self::Asked(question.clone()),
            Verdict::Reject(_) => Self::Rejected,
            Verdict::Quiet => Self::Nothing,
        }
    }
}

/// The last pull of each device.
#[derive(Debug, Default)]
pub(super) struct Pulls(HashMap<DeviceName, Pull>);

/// What a read of a pull is to those before it.
#[derive(Debug)]
pub(super) enum Place {
    /// The first one that counts: it is judged by itself.
    First,
    /// It changes nothing any more.
    Late,
    /// It is judged together with those before it, from the session as it was then.
    Later(Box<Session>, Vec<Scanning>),
}

impl Pulls {
    /// Takes a read into its pull.
    pub(super) fn place(&mut self, device: &DeviceName, number: u64, scanning: &Scanning) -> Place {
        match self.0.get_mut(device).filter(|pull| pull.number == number) {
            None => Place::First,
            Some(pull) => pull.again(scanning),
        }
    }

    /// Remembers the first read of a pull, with the session before it and how it was judged.
    pub(super) fn begin(
        &mut self,
        device: DeviceName,
        number: u64,
        before: Session,
        first: Scanning,
        judged: Judged,
    ) {
        let pull = Pull {
            number,
            before,
            scans: vec![first],
            judged,
        };
        self.0.insert(device, pull);
    }

    /// Whether this answer is better than the one given to the device's pull.
    pub(super) fn is_improved_by(&self, device: &DeviceName, judged: &Judged) -> bool {
        self.0.get(device).is_some_and(|pull| pull.is_improved_by(judged))
    }

    /// A later read changed the answer.
    pub(super) fn judged(&mut self, device: &DeviceName, judged: Judged) {
        if let Some(pull) = self.0.get_mut(device) {
            pull.judged = judged;
        }
    }

    /// Something else happened: an answer must not be worked out from the session before it. What is done stays done; a
    /// later read of a pull that is not is judged by itself.
    pub(super) fn others_happened(&mut self) {
        self.0.retain(|_, pull| pull.judged == Judged::Settled);
    }
}

/// One trigger pull.
#[derive(Debug)]
struct Pull {
    number: u64,
    /// The session before the first read of the pull.
    before: Session,
    scans: Vec<Scanning>,
    judged: Judged,
}

impl Pull {
    /// One more read.
    fn again(&mut self, scanning: &Scanning) -> Place {
        let is_known = self.scans.iter().any(|known| known.raw == scanning.raw);
        if self.judged == Judged::Settled || is_known || self.scans.len() >= SCANS_MAX {
            return Place::Late;
        }
        self.scans.push(scanning.clone());
        Place::Later(Box::new(self.before.clone()), self.scans.clone())
    }

    /// Whether this answer is better than the one given. Another question is better: two codes of one kind in view
    /// must be asked about, also when the first alone only asked how many.
    fn is_improved_by(&self, judged: &Judged) -> bool {
        match (&self.judged, judged) {
            (Judged::Rejected | Judged::Nothing, Judged::Asked(_) | Judged::Settled) => true,
            (Judged::Asked(_), Judged::Settled) => true,
            (Judged::Asked(given), Judged::Asked(next)) => given != next,
            _ => false,
        }
    }
}
