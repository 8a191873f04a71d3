//! What comes into a session, and what comes out of it.

use jiff::Timestamp;
use jiff::civil::Date;
use tallyman_codes::{Refusal, Scan};

use crate::confirmation::{Draft, Times};
use crate::ids::TaskId;
use crate::label::{Inquiry, InquiryAnswer, LabelOrder};
use crate::passed::{Light, Passed};
use crate::verdict::Verdict;
use crate::view::{Tone, View};

/// Something that happened to a session. Each is judged to the end before the next one.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The agent started and the session was taken up again, or something it shows may have changed.
    Refresh,
    /// The codes of one trigger pull; nearly always one.
    Scans(Vec<Scanning>),
    /// A key.
    Key(Key),
    /// The hub changed or withdrew a task.
    TaskChanged(TaskId),
    /// What the hub said to an inquiry.
    Told(InquiryAnswer),
    /// Goods went through a portal; their tags are what the catalogue has for the receipt and its dock.
    Passed(Passed),
}

/// One code as it came, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanning {
    /// The scanner's name in the configuration.
    pub scanner: String,
    /// The message as it came, without identifier.
    pub raw: String,
    /// The symbology identifier, as `]C1`.
    pub symbology: Option<String>,
    /// What it means, or why the label is refused.
    pub scan: Result<Scan, Refusal>,
    /// Whether a scanner or an RFID reader read it; typed codes are made by the session itself.
    pub rfid: bool,
}

/// A key as the session knows it; keypads, touch fields and command codes map to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A digit, 0 to 9.
    Digit(u8),
    /// A letter or sign, for lots, serials and labels that cannot be read.
    Character(char),
    /// The decimal point.
    Point,
    /// Takes the last typed character away.
    Backspace,
    /// Yes, this is right, go on.
    Enter,
    /// No, leave this, go back.
    Escape,
    /// Takes the last confirmation back.
    Undo,
    /// The place or the task is done.
    Done,
    /// There is less than expected.
    Short,
    /// Something is not as it should be: asks what.
    Exception,
    /// Leaves this line for later.
    Skip,
    /// Everything else: what is in here, an unplanned move, hand over, own figures.
    Menu,
    /// Types a code by hand: the label cannot be read.
    Type,
}

/// When a step happens, as the caller's clocks say. The session reads none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// The times that confirmations of this step carry.
    pub times: Times,
    /// The local day, for expiry and two-digit years.
    pub today: Date,
    /// What the hub's clock says; `None` where the hub was not heard of since this device started.
    pub hub: Option<HubTime>,
    /// For how long the worker waited for the answer to what they did before, in microseconds; 0 where nobody measured.
    pub waited_us: u64,
}

/// The hub's clock, as a device reckons it: by what the hub said last, and by its own clock since. For what people are
/// told; nothing is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubTime {
    /// What it says now.
    pub now: Timestamp,
    /// What it said when the hub was last heard of.
    pub heard: Timestamp,
}

/// The outcome of one step: the answer, and what the agent has to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The answer.
    pub verdict: Verdict,
    /// What to do.
    pub effects: Vec<Effect>,
}

/// One thing the agent does after a step. Everything before a [`Effect::Show`] is durable before it is shown,
/// and it is shown before it is sounded.
#[expect(
    clippy::large_enum_variant,
    reason = "a step has a handful, and most of them are facts"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Writes a confirmation, and the session as it is after the step, in one synced transaction.
    Persist(Draft),
    /// Writes the session as it is after the step, synced.
    SaveSession,
    /// Shows a screen.
    Show(View),
    /// Sounds an answer.
    Sound(Tone),
    /// Prints a label. It is ordered after the sound; a printer that is out of paper loses no fact.
    Print(LabelOrder),
    /// Shows what came of a pass at the lights of its portal.
    Light(Light),
    /// Asks the hub about stock; the answer comes as [`Event::Told`].
    Inquire(Inquiry),
}
