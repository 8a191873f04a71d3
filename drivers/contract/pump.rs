//! Drives a decoder as its contract asks: deadlines first, then bytes.

use tallyman_codes::Moment;

use super::decoder::{Command, Decoder, OwnBeep};
use super::output::{Output, Outputs};

/// How many deadlines may pass in one gap before the rest of the gap is skipped. A decoder that repeats a
/// question needs a handful; the limit keeps one with a broken deadline from hanging its caller.
const DEADLINES_PER_GAP_MAX: usize = 64;

/// A decoder with its outputs, kept to the promises of [`Decoder`].
pub struct Pump {
    decoder: Box<dyn Decoder>,
    outputs: Outputs,
    now: Moment,
}

impl Pump {
    /// A pump for a fresh decoder.
    pub fn new(decoder: Box<dyn Decoder>) -> Self {
        Self {
            decoder,
            outputs: Outputs::new(),
            now: Moment::default(),
        }
    }

    /// The link is open.
    pub fn opened(&mut self, at: Moment) {
        let at = self.forward(at);
        self.decoder.opened(at, &mut self.outputs);
    }

    /// Hands bytes to the decoder, after the deadlines that passed before `at`.
    pub fn push(&mut self, bytes: &[u8], at: Moment) {
        let at = self.advance(at);
        self.decoder.push(bytes, at, &mut self.outputs);
    }

    /// Lets time pass without bytes: every deadline up to `at` is served.
    /// Returns the moment reached, which is never before an earlier one.
    pub fn advance(&mut self, at: Moment) -> Moment {
        let at = self.forward(at);
        for _ in 0..DEADLINES_PER_GAP_MAX {
            match self.decoder.deadline() {
                Some(deadline) if deadline <= at => self.decoder.idle(deadline, &mut self.outputs),
                _ => break,
            }
        }
        at
    }

    /// When [`Pump::advance`] wants to be called.
    pub fn deadline(&self) -> Option<Moment> {
        self.decoder.deadline()
    }

    /// Asks the device for something. Returns whether its protocol can do it.
    pub fn command(&mut self, command: Command, at: Moment) -> bool {
        let at = self.forward(at);
        self.decoder.command(command, at, &mut self.outputs)
    }

    /// The input ended in good order.
    pub fn finish(&mut self) {
        self.decoder.finish(&mut self.outputs);
        self.outputs.flush();
    }

    /// The link is lost.
    pub fn reset(&mut self) {
        self.decoder.reset(&mut self.outputs);
        self.outputs.flush();
    }

    /// Why the link should be closed, if it should.
    pub fn hang_up(&self) -> Option<&str> {
        self.decoder.hang_up()
    }

    /// What is known of the device's own decode beep.
    pub fn own_beep(&self) -> OwnBeep {
        self.decoder.own_beep()
    }

    /// Takes the oldest output.
    pub fn take(&mut self) -> Option<Output> {
        self.outputs.take()
    }

    /// How many outputs wait to be taken.
    pub fn waiting(&self) -> usize {
        self.outputs.len()
    }

    /// How many bytes of garbage are not yet given as an output, because more may follow.
    pub fn held_garbage_bytes(&self) -> u64 {
        self.outputs.held_bytes()
    }

    fn forward(&mut self, at: Moment) -> Moment {
        self.now = self.now.max(at);
        self.now
    }
}
