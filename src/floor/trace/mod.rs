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

use crate::session::Session;

/// Tasks with more lines than this are not noted: the trace is not to be larger than the work.
const TASK_LINES_MAX: usize = 2_000;

/// The digest of a session: two that differ have, nearly surely, other ones.
fn digest(session: &Session) -> String {
    let hash = blake3::hash(session.to_saved().as_bytes());
    hash.as_bytes()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
