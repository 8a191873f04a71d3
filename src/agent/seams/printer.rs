//! What a label printer is doing, for those who do not print.

/// The state of a printer, as it was when it was asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PrinterState {
    /// Nothing was to be printed yet.
    #[default]
    Unknown,
    /// It takes labels.
    Ready,
    /// It has no labels left.
    PaperOut,
    /// It has no ribbon left.
    RibbonOut,
    /// Its head is open.
    HeadOpen,
    /// Somebody has paused it.
    Paused,
    /// It does not answer.
    Unreachable,
}

impl PrinterState {
    /// The word that `status` uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ready => "ready",
            Self::PaperOut => "paper_out",
            Self::RibbonOut => "ribbon_out",
            Self::HeadOpen => "head_open",
            Self::Paused => "paused",
            Self::Unreachable => "unreachable",
        }
    }

    /// Whether labels wait because of it.
    pub const fn is_trouble(self) -> bool {
        !matches!(self, Self::Unknown | Self::Ready)
    }
}

/// What a worker is told about labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterNotice {
    /// A label waits: the printer has to be helped.
    Waits(PrinterState),
    /// It prints again.
    Prints,
    /// A label is not printed, because too many wait.
    TooMany,
    /// A label is not printed, because it cannot be one: what it has to say does not fit.
    Unprintable,
    /// A label is not printed, because this device has no printer.
    NoPrinter,
}

/// What is known of the printer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrinterStatus {
    /// Its state.
    pub state: PrinterState,
    /// Labels that wait for it.
    pub waiting: usize,
    /// Labels that it took since the start.
    pub printed: u64,
    /// Labels that were not printed since the start: too many waited, or they could not be one.
    pub dropped: u64,
    /// What went wrong the last time.
    pub last_fault: Option<String>,
}
