//! The reads of one trigger pull, judged together: the first at once, later ones only to improve the answer.

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

/// One trigger pull.
#[derive(Debug)]
pub(super) struct Pull {
    device: DeviceName,
    number: u64,
    /// The session before the first read of the pull.
    before: Session,
    scans: Vec<Scanning>,
    pub(super) judged: Judged,
}

impl Pull {
    pub(super) fn new(
        device: DeviceName,
        number: u64,
        before: Session,
        first: Scanning,
        judged: Judged,
    ) -> Self {
        Self {
            device,
            number,
            before,
            scans: vec![first],
            judged,
        }
    }

    /// Whether a read belongs to this pull.
    pub(super) fn is(&self, device: &DeviceName, number: u64) -> bool {
        self.device == *device && self.number == number
    }

    /// One more read: what to judge, from where. `None` where it can change nothing.
    pub(super) fn again(&mut self, scanning: Scanning) -> Option<(Session, Vec<Scanning>)> {
        let is_known = self.scans.iter().any(|known| known.raw == scanning.raw);
        if self.judged == Judged::Settled || is_known || self.scans.len() >= SCANS_MAX {
            return None;
        }
        self.scans.push(scanning);
        Some((self.before.clone(), self.scans.clone()))
    }

    /// Whether this answer is better than the one given. Another question is better: two codes of one kind in view
    /// must be asked about, also when the first alone only asked how many.
    pub(super) fn is_improved_by(&self, judged: &Judged) -> bool {
        match (&self.judged, judged) {
            (Judged::Rejected | Judged::Nothing, Judged::Asked(_) | Judged::Settled) => true,
            (Judged::Asked(_), Judged::Settled) => true,
            (Judged::Asked(given), Judged::Asked(next)) => given != next,
            _ => false,
        }
    }
}
