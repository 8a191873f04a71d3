//! What the drivers of UHF reader modules share: following one reader by a goal, and reading what tags said.
//!
//! No driver by itself. A protocol ([`Protocol`]) knows its frames, what the reader has been set to, and which step
//! comes next on the way to a [`Goal`]. The decoder ([`UhfDecoder`]) keeps to one open question, repeats and gives up,
//! stops at once, and begins anew with a reader that fell silent.

pub mod backscatter;
pub mod decoder;
pub mod knob;
pub mod protocol;
pub mod reader;
pub mod reports;
pub mod settings;
#[cfg(test)]
pub(crate) mod testing;

pub use backscatter::Backscatter;
pub use decoder::UhfDecoder;
pub use knob::Knob;
pub use protocol::{Can, Goal, Meaning, Patience, Protocol, Stream, Unanswered};
pub use reader::Plan;
pub use reports::Reports;
