//! The part of a UHF reader's driver that differs from protocol to protocol.

use std::borrow::Cow;
use std::fmt::Debug;

use super::reports::Reports;
use crate::contract::{Inventory, Parsed};

/// What a reader is to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Goal {
    /// Whether it is to look for tags.
    pub looking: bool,
    /// With which settings; members that are `None` are the reader's own.
    pub settings: Inventory,
}

/// What can be told a reader of a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Can {
    /// Transmit power.
    pub power: bool,
    /// The Gen2 session.
    pub session: bool,
    /// Which antennas it may have, bit 0 for antenna 1.
    pub antennas: u32,
    /// A mask that keeps other tags from answering. Without it the program sorts out.
    pub filter: bool,
}

/// How long a step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Milliseconds until it is sent again.
    pub answer_ms: u64,
    /// How often it is sent in all.
    pub attempts: u32,
}

/// Whether a reader looks for tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stream {
    /// It was not heard yet: it may have been left looking.
    #[default]
    Unknown,
    /// It does not.
    Still,
    /// It does.
    Looking,
}

/// What a frame means for the step that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing: the reader told something by itself.
    Other,
    /// The step is under way.
    Progress,
    /// The step is done, or refused.
    Answered,
    /// The frame contradicts itself; nothing was taken from it.
    Malformed,
    /// The frame holds a tag whose own CRC is wrong; nothing was taken from it.
    Damaged,
}

/// What becomes of a step that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The reader can do without: the next step comes.
    GoOn,
    /// The line is set to this rate, and everything begins anew.
    Rate(u32),
    /// Nobody is there who understands: after a while it is tried from the beginning.
    Mute,
}

/// One protocol, and what is known of the one reader that speaks it.
pub trait Protocol: Debug + Send {
    /// Something to ask of the reader, with its arguments.
    type Step: Copy + PartialEq + Debug + Send;

    /// Finds a frame. Must not answer [`Parsed::Incomplete`] to more bytes than the longest frame has.
    fn parse(&self, bytes: &[u8]) -> Parsed;

    /// The number and the name of a frame's message.
    fn kind(&self, frame: &[u8]) -> (u32, Cow<'static, str>);

    /// Takes a whole frame: tags, notices and answers go to `reports`.
    fn take(
        &mut self,
        frame: &[u8],
        open: Option<Self::Step>,
        goal: &Goal,
        reports: &mut Reports<'_>,
    ) -> Meaning;

    /// The next step on the way to the goal, when none is open.
    fn next(&self, goal: &Goal) -> Option<Self::Step>;

    /// The bytes of a step.
    fn encode(&self, step: Self::Step, goal: &Goal) -> Vec<u8>;

    /// How long a step may take.
    fn patience(&self, step: Self::Step) -> Patience;

    /// The step was sent as often as it may be, and not answered.
    fn unanswered(&mut self, step: Self::Step, reports: &mut Reports<'_>) -> Unanswered;

    /// Whether the step is a round of looking for tags: it is not sent again once nobody looks for any.
    fn is_round(&self, _step: Self::Step) -> bool {
        false
    }

    /// A step was not answered in time and is sent again: the reader may have been switched off and on in between.
    fn was_silent(&mut self) {}

    /// The step was open when the goal changed, and its answer is not waited for.
    fn overtaken(&mut self, step: Self::Step);

    /// What must be sent at once when the reader is to stop. `None` where it stops by itself.
    fn stop(&self, open: Option<Self::Step>) -> Option<Self::Step>;

    /// What the reader does, as far as it said.
    fn stream(&self) -> Stream;

    /// A reader that looks for tags and says nothing for so many milliseconds has been switched off, or has ended its
    /// rounds. `None` where each round is a step.
    fn silence_ms(&self) -> Option<u64>;

    /// The reader may be another one, or have been switched off: nothing is known of it but its own settings.
    fn forget(&mut self);

    /// What can be told a reader of this protocol.
    fn can(&self) -> Can;

    /// Whether the reader sends tags whether it was asked or not, so that a goal only opens and shuts the ears.
    fn sends_unasked(&self) -> bool {
        false
    }
}
