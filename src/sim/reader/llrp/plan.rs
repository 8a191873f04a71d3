//! What a virtual LLRP reader is, and what is wrong with it.

/// The maker's number of Impinj (IANA private enterprise numbers).
pub(super) const IMPINJ: u32 = 25_882;
/// The number of a maker that is not Impinj.
const ANOTHER_MAKER: u32 = 161;

/// Whether a reader is one of Impinj's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Maker {
    /// It is not, and does not know Impinj's extensions.
    #[default]
    Another,
    /// It is: fine signal and phase are reported once its extensions are switched on.
    Impinj,
    /// It says so and refuses the extensions, as readers do that were made from a borrowed design.
    SaysImpinj,
}

impl Maker {
    pub(super) const fn number(self) -> u32 {
        match self {
            Self::Another => ANOTHER_MAKER,
            Self::Impinj | Self::SaysImpinj => IMPINJ,
        }
    }
}

/// What time a reader believes it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderClock {
    /// Microseconds since 1970 when it was switched on. A small number is a clock that was never set.
    Utc(u64),
    /// It has none and tells how long it has been on.
    Uptime,
}

/// A virtual reader as it comes out of its box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlrpPlan {
    /// Chance: order of parameters, pieces, garbage.
    pub seed: u64,
    /// How many antennas it has, 1 to 32.
    pub antennas: u8,
    /// General-purpose inputs.
    pub inputs: u16,
    /// General-purpose outputs.
    pub outputs: u16,
    /// Whose it is.
    pub maker: Maker,
    /// Its clock.
    pub clock: ReaderClock,
    /// How many select filters it takes; 0 for a reader that reports every tag.
    pub filters: u16,
    /// Parts of reports come in another order each time, and EPCs in the form with a length.
    pub mixes_order: bool,
    /// What it sends comes in pieces of any length.
    pub in_pieces: bool,
}

impl Default for LlrpPlan {
    fn default() -> Self {
        Self {
            seed: 1,
            antennas: 4,
            inputs: 4,
            outputs: 4,
            maker: Maker::Another,
            // 2026-06-01T06:00:00Z.
            clock: ReaderClock::Utc(1_780_293_600_000_000),
            filters: 2,
            mixes_order: false,
            in_pieces: false,
        }
    }
}

/// Something that goes wrong. What strikes a report strikes the next one only; the rest lasts until it is said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// In the middle of the next report the connection ends.
    HangsUpInReport,
    /// In the middle of the next report it falls silent, and the connection stands: its power went.
    FallsSilentInReport,
    /// The next report is longer than 4 MB: its tags are told again and again.
    HugeReport,
    /// The next report's header says so many bytes more than there are, or fewer.
    LyingMessage(i32),
    /// The first tag in the next report says that it is longer than the report.
    LyingParameter,
    /// Bytes that are no message go before the next report.
    Garbage,
    /// It says twice that the connection stands.
    GreetsTwice,
    /// It does not say that the connection stands.
    NeverGreets,
    /// It deletes no ROSpec: those of earlier clients run on.
    KeepsOldSpecs,
    /// A client that is gone counts as connected for so many milliseconds.
    HoldsItsPlace(u64),
    /// No keep-alive is sent, and no tag answers it, until the next connection.
    NoKeepalives,
    /// It never answers a message of this type.
    NeverAnswers(u16),
    /// It refuses every ROSpec that says how to look for tags.
    RefusesSettings,
}
