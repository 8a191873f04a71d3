//! RFID counts that can be believed: what the sightings of a sweep or of a pass through a portal say of each tag.
//!
//! A reader hears more than it is asked about: the next bay, goods staged beside the door. So every tag is judged by what was
//! heard of it, and the answer is one of three ([`Class`]). Only *sure* is ever counted by itself; *maybe* becomes a
//! barcode check; *stray* lies elsewhere. Where the radio cannot tell, the answer is *maybe*.
//!
//! * [`Sweep`]: a reader is moved over a bin or a zone. [`Growth`] says when every tag has been heard.
//! * [`Pass`]: goods go through a portal. Which way, and what stood beside it.
//! * [`Gate`]: when a pass begins and ends, and what stood beside the door before.
//! * [`settle()`]: two portals heard one pallet; it went through one of them.
//!
//! Everything here is folded sighting by sighting, in bounded memory, and can be kept and taken up again
//! ([`Sweep::take_changed`], [`Pass::take_changed`]). Strengths are integers in hundredths of a dBm, times are milliseconds of
//! the reading; nothing is computed in floating point, so that device and hub come to the same answer. What the numbers in
//! the rules mean and where they come from is in `docs/rfid.md`.

mod class;
mod company;
mod gate;
mod growth;
mod level;
mod packed;
mod pass;
mod pass_evidence;
mod pass_judge;
mod rules;
mod settle;
mod sweep;
mod sweep_evidence;
mod sweep_judge;
mod time;

pub use class::{Class, Known, Tally};
pub use gate::{EYES_MAX, EndedPass, Gate, GateTiming, RESIDENTS_MAX};
pub use growth::{Growth, GrowthSays};
pub use packed::{KeptTag, NotKept};
pub use pass::{Direction, PASS_TAGS_MAX, Pass, PassJudged, PassSays, PassSummary, Sides};
pub use pass_evidence::{PassEvidence, Side, SideEvidence};
pub use rules::{Rule, RuleFault, Rules};
pub use settle::{HeardAt, HeardTag, Settled, settle, settle_heard};
pub use sweep::{Judged, SWEEP_TAGS_MAX, Sweep};
pub use sweep_evidence::{SweepEvidence, TopWindow};

#[cfg(test)]
mod tests;
