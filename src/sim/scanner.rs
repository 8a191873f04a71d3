//! Virtual scanners: the other side of the drivers, answering as real ones do.
//!
//! Each is a pure state machine, as the drivers' decoders are: bytes with the moment they came, bytes to send, and a
//! deadline. It encodes and reads frames by itself and shares nothing with the drivers, so that each checks the other.
//! What a scanner beeped and lit, and what became of each code, it remembers; a test compares that with what the
//! program says. How badly it behaves is told by its [`Manners`].

pub mod face;
pub mod honeywell;
pub mod label;
pub mod manners;
mod mouth;
pub mod ssi;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod text;

use std::fmt;

use tallyman_codes::Moment;

pub use face::{Beep, Beeped, Face, Lights, Tones};
pub use honeywell::HoneywellScanner;
pub use label::Label;
pub use manners::{Manner, Manners, Travel};
pub use ssi::SsiScanner;
pub use tally::Tally;
pub use text::TextScanner;

/// A scanner without hardware.
///
/// The caller keeps the promises that it keeps to a decoder: moments never go backwards, and [`Scanner::idle`] is
/// called for a deadline that has passed before anything of a later moment is told. After each call, what the scanner
/// has to say is taken with [`Scanner::said`] until there is nothing more.
pub trait Scanner: fmt::Debug + Send {
    /// Takes bytes of the host.
    fn hear(&mut self, bytes: &[u8], at: Moment);

    /// When [`Scanner::idle`] wants to be called. `None`: it waits for nobody.
    fn deadline(&self) -> Option<Moment>;

    /// The deadline passed: an answer is late, a packet was not acknowledged, half a command is given up.
    fn idle(&mut self, at: Moment);

    /// The next bytes for the host that are due.
    fn said(&mut self, at: Moment) -> Option<Vec<u8>>;

    /// A finger pulls the trigger, over a label or over nothing.
    fn pull(&mut self, label: Option<&Label>, at: Moment);

    /// Lays a label before the scanner, or takes it away. It is read when the host pulls the trigger.
    fn lay_before(&mut self, label: Option<Label>, at: Moment);

    /// From now on it behaves so.
    fn behave(&mut self, manners: Manners);

    /// The plug is pulled: what is set until power-down is gone, and so is every code that waits.
    fn power_off(&mut self, at: Moment);

    /// It starts, with the settings that it keeps.
    fn power_on(&mut self, at: Moment);

    /// What a person sees and hears of it.
    fn face(&self) -> &Face;

    /// What became of the codes.
    fn tally(&self) -> &Tally;

    /// How many codes wait to be taken by the host.
    fn holds(&self) -> usize;

    /// Whether it sends codes as the program wants them. Codes that it reads before are sent as it was made.
    fn is_set_up(&self) -> bool;
}

/// The kinds of scanner there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ScannerKind {
    /// Text with a suffix, and nothing else.
    #[default]
    Text,
    /// Zebra's Simple Serial Interface.
    ZebraSsi,
    /// Honeywell's menu commands and metadata.
    Honeywell,
}

impl ScannerKind {
    /// One as it comes from the factory, switched on at the moment 0.
    pub fn make(self, manners: Manners) -> Box<dyn Scanner> {
        match self {
            Self::Text => Box::new(TextScanner::new(manners)),
            Self::ZebraSsi => Box::new(SsiScanner::new(manners)),
            Self::Honeywell => Box::new(HoneywellScanner::new(manners)),
        }
    }

    /// The driver that speaks with it, and the settings that the driver needs.
    pub const fn driver(self) -> (&'static str, &'static [(&'static str, &'static str)]) {
        match self {
            Self::Text => ("plain_text", &[("suffix", "cr")]),
            Self::ZebraSsi => ("zebra_ssi", &[]),
            Self::Honeywell => ("honeywell", &[]),
        }
    }

    /// What it is called on pages.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Text => "Fixed scanner, plain text",
            Self::ZebraSsi => "Zebra scanner, SSI",
            Self::Honeywell => "Honeywell scanner, serial",
        }
    }

    /// Whether it keeps a bouncing trigger's second read back by itself.
    pub const fn filters_repeats(self) -> bool {
        matches!(self, Self::ZebraSsi)
    }
}
