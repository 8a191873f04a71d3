//! The trace: steps written down as they are taken, and judged again from what was written.
//!
//! A [`Recording`] stands between a session and its catalogue and notes what is asked; a [`Recorder`] makes an entry of
//! each step, see [`crate::wire::trace`] for its form. A [`Replay`] reads the entries back, plays each step by the rules
//! of this program, and says whether it comes to the same verdict. [`explain`] tells a step to people.

mod event;
mod explained;
mod find;
mod recorder;
mod recording;
mod replay;
mod said;

#[cfg(test)]
pub(crate) mod tests;

pub use explained::{Explained, Glimpse, ReplaySays, ScannedCode, Stood, explain};
pub use find::{Found, RecordSays, Traced, Wanted, find, trace_of_record};
pub use recorder::{Entry, Noted, Recorder};
pub use recording::{Asked, Recording};
pub use replay::{CannotReplay, Replay, Replayed, Sameness};

use std::borrow::Cow;

use crate::session::Session;

/// Tasks with more lines than this are not noted, nor is what was done of so many: the trace is not to be larger than the
/// work.
const TASK_LINES_MAX: usize = 1_000;

/// The tags of a sweep that has more than this are not noted: it is thousands of them, and the facts have what counted.
const SWEPT_TAGS_MAX: usize = 1_000;

/// The digest of a session: two that differ have, nearly surely, other ones.
fn digest(session: &Session) -> String {
    let hash = blake3::hash(without_secret(session).to_saved().as_bytes());
    hash.to_hex().chars().take(16).collect()
}

/// Whether a secret is being typed.
fn is_secret(session: &Session) -> bool {
    session.asks_for_pin()
}

/// The session with nothing in it of a secret but how much of it was typed: that is all that is ever written down.
pub(crate) fn without_secret(session: &Session) -> Cow<'_, Session> {
    if !is_secret(session) {
        return Cow::Borrowed(session);
    }
    let mut session = session.clone();
    session.stage.typed = "0".repeat(session.stage.typed.chars().count());
    Cow::Owned(session)
}
