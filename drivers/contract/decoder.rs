//! The decoder's contract: bytes in, outputs out, time as an argument.

use tallyman_codes::Moment;

use super::inventory::Inventory;
use super::output::Outputs;

/// One protocol, following one device.
///
/// The caller (see [`super::Pump`]) keeps three promises: moments never go backwards; [`Decoder::idle`] is called
/// for a deadline that has passed before bytes of a later moment are pushed; and after [`Decoder::reset`] the
/// decoder is used again only for a new connection.
///
/// The decoder keeps three in return: bytes of equal moments may be cut into chunks anywhere without changing
/// the outputs; no input panics; and its memory is bounded by a named constant.
pub trait Decoder: Send {
    /// The link is open. A driver that sets its scanner up writes its first question here.
    fn opened(&mut self, _at: Moment, _out: &mut Outputs) {}

    /// Takes the next bytes of the device.
    fn push(&mut self, bytes: &[u8], at: Moment, out: &mut Outputs);

    /// When [`Decoder::idle`] wants to be called, if no byte comes before. `None`: nothing is waited for.
    fn deadline(&self) -> Option<Moment> {
        None
    }

    /// The deadline passed without a byte: a gap closes what was begun, a question is repeated.
    fn idle(&mut self, _at: Moment, _out: &mut Outputs) {}

    /// The input ended in good order (the end of a file): what is whole is given, the rest is garbage.
    fn finish(&mut self, out: &mut Outputs);

    /// The link is lost: half a code is dropped and said to be garbage, and all state of the connection ends.
    fn reset(&mut self, out: &mut Outputs);

    /// Does something at the device, if its protocol can. Returns whether it can.
    fn command(&mut self, _command: Command, _at: Moment, _out: &mut Outputs) -> bool {
        false
    }

    /// Why the connection is of no use any more, as a sentence, where the protocol says so before the link breaks: the
    /// device serves somebody else, or stopped the signs of life that it was asked for. The caller closes the link, and
    /// opens it again after its usual wait. A decoder that says so takes bytes all the same.
    fn hang_up(&self) -> Option<&str> {
        None
    }

    /// Whether the device beeps by itself when it decodes a code, as far as it was asked.
    fn own_beep(&self) -> OwnBeep {
        OwnBeep::Unknown
    }
}

/// A scanner's own decode beep. It says "decoded", not "stored": unless it is off, it may be taken for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OwnBeep {
    /// The device was not asked, cannot be asked, or did not answer.
    #[default]
    Unknown,
    /// It beeps by itself, and would not stop.
    On,
    /// It was read back as switched off.
    Off,
}

/// What the program may ask of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Scan when the worker pulls the trigger.
    Enable,
    /// Do not scan until enabled again.
    Disable,
    /// Pull the trigger by software.
    TriggerOn,
    /// Let the trigger go.
    TriggerOff,
    /// Beep and light as the verdict says.
    Signal(Signal),
    /// Look for tags with these settings until told to stop. While the reader looks already, the settings are changed.
    StartInventory(Inventory),
    /// Stop looking for tags; the settings that the reader was set up with hold again.
    StopInventory,
    /// Set a general-purpose output, as a lamp of a light stack.
    SetOutput {
        /// The port, 1-based.
        port: u16,
        /// Whether the line is to be high.
        high: bool,
    },
}

/// What a verdict is to a scanner's beeper and lamp. Sent only after the verdict is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Accepted, or go on to the next place.
    Good,
    /// A question is open.
    Ask,
    /// Refused.
    Bad,
    /// The read was a repetition and was not counted.
    NotCounted,
}
