//! Messages on their way to the host: one at a time, each packet acknowledged or sent again, three times in all.

use std::collections::VecDeque;

use tallyman_codes::Moment;

use super::frame::{self, AGAIN, MORE, cause};
use super::{SsiScanner, parameters};
use crate::scanner::face::Beep;
use crate::scanner::{Label, Manner, Travel};

/// How often a packet is sent in all (the guide: two repetitions).
const TRANSMISSIONS_MAX: u32 = 3;

/// What a message carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A code.
    Code(Label),
    /// A pull that found nothing.
    NoRead,
    /// An event.
    Event,
    /// What the host has asked for; how the first transmission is to be sent.
    Reply(Manner),
}

/// A message.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub what: What,
    pub opcode: u8,
    pub packets: Vec<Vec<u8>>,
    /// Not sent before.
    pub due: Moment,
}

impl Message {
    pub fn new(what: What, opcode: u8, packets: Vec<Vec<u8>>, due: Moment) -> Self {
        Self {
            what,
            opcode,
            packets,
            due,
        }
    }

    const fn is_code(&self) -> bool {
        matches!(self.what, What::Code(_))
    }
}

/// The message that waits for the host's acknowledgement.
#[derive(Debug)]
pub(super) struct Sending {
    pub message: Message,
    packet: usize,
    transmissions: u32,
    sent_at: Moment,
}

impl SsiScanner {
    /// Sends a message as soon as those before it are done. What the host has asked for goes before codes that wait.
    pub(super) fn post(&mut self, message: Message, at: Moment) {
        let place = match message.what {
            What::Reply(_) => {
                let is_reply = |message: &&Message| matches!(message.what, What::Reply(_));
                self.waiting.iter().take_while(is_reply).count()
            }
            _ => self.waiting.len(),
        };
        self.waiting.insert(place, message);
        self.send_next(at);
    }

    /// Codes that the host has not taken.
    pub(super) fn waiting_codes(&self) -> usize {
        let sending = self.sending.iter().map(|sending| &sending.message);
        sending
            .chain(&self.waiting)
            .filter(|message| message.is_code())
            .count()
    }

    /// When a packet goes out again, or a message that is held back becomes due.
    pub(super) fn transmission_deadline(&self) -> Option<Moment> {
        match &self.sending {
            Some(sending) => Some(sending.sent_at.plus_ms(self.response_timeout_ms())),
            None => self.waiting.iter().map(|message| message.due).min(),
        }
    }

    pub(super) fn time_passed(&mut self, at: Moment) {
        if self.sending.is_some()
            && self
                .transmission_deadline()
                .is_some_and(|deadline| deadline <= at)
        {
            self.send_again(at);
        }
        self.send_next(at);
    }

    /// The host has taken a packet.
    pub(super) fn acknowledged(&mut self, at: Moment) {
        let Some(sending) = &mut self.sending else {
            return;
        };
        sending.packet += 1;
        sending.transmissions = 0;
        if sending.packet < sending.message.packets.len() {
            return self.transmit(at);
        }
        if self
            .sending
            .take()
            .is_some_and(|sending| sending.message.is_code())
        {
            self.tally.delivered += 1;
        }
        self.send_next(at);
    }

    /// The host has refused what was sent last.
    pub(super) fn refused(&mut self, why: Option<u8>, at: Moment) {
        if self.answered_last {
            if why == Some(cause::RESEND)
                && let Some(answer) = self.last_answer.clone()
            {
                self.mouth.say(answer);
            }
        } else if why == Some(cause::RESEND) {
            self.send_again(at);
        } else {
            self.give_up(at);
        }
    }

    /// Takes the codes out of the queue, the one that waits for its acknowledgement included.
    pub(super) fn flush(&mut self, at: Moment) {
        let sending = self.sending.take_if(|sending| sending.message.is_code());
        let (codes, others): (VecDeque<Message>, _) = self.waiting.drain(..).partition(Message::is_code);
        self.waiting = others;
        for message in sending.map(|sending| sending.message).into_iter().chain(codes) {
            if let What::Code(label) = message.what {
                self.tally.gave_up(label);
            }
        }
        self.send_next(at);
    }

    fn response_timeout_ms(&self) -> u64 {
        u64::from(self.parameters.get(parameters::HOST_RESPONSE_TIMEOUT)) * 100
    }

    fn send_next(&mut self, at: Moment) {
        while self.sending.is_none() {
            let Some(place) = self.waiting.iter().position(|message| message.due <= at) else {
                return;
            };
            let Some(message) = self.waiting.remove(place) else {
                return;
            };
            self.sending = Some(Sending {
                message,
                packet: 0,
                transmissions: 0,
                sent_at: at,
            });
            self.transmit(at);
            if !self.parameters.is_on(parameters::SOFTWARE_HANDSHAKING) {
                // Nobody acknowledges: one packet follows the other.
                while self.sending.is_some() {
                    self.acknowledged(at);
                }
            }
        }
    }

    fn send_again(&mut self, at: Moment) {
        let is_enough = |sending: &Sending| sending.transmissions >= TRANSMISSIONS_MAX;
        match &self.sending {
            Some(sending) if is_enough(sending) => self.give_up(at),
            Some(_) => self.transmit(at),
            None => {}
        }
    }

    fn give_up(&mut self, at: Moment) {
        if let Some(sending) = self.sending.take() {
            self.face.beep(Beep::GaveUp, at);
            if let What::Code(label) = sending.message.what {
                self.tally.gave_up(label);
            }
            self.send_next(at);
        }
    }

    fn transmit(&mut self, at: Moment) {
        let Some(sending) = &mut self.sending else {
            return;
        };
        let message = &sending.message;
        let Some(data) = message.packets.get(sending.packet) else {
            return;
        };
        let more = if sending.packet + 1 < message.packets.len() {
            MORE
        } else {
            0
        };
        let again = if sending.transmissions > 0 { AGAIN } else { 0 };
        let first = frame::frame(message.opcode, more | again, data);
        let marked = frame::frame(message.opcode, more | AGAIN, data);
        let travel = match &message.what {
            What::Reply(manner) if sending.transmissions == 0 => match manner {
                Manner::Twice => Travel::Doubled,
                Manner::Damaged => Travel::Damaged,
                _ => Travel::Whole,
            },
            What::Reply(_) => Travel::Whole,
            What::Code(_) | What::NoRead | What::Event => self.manners.next_code(),
        };
        sending.transmissions += 1;
        sending.sent_at = at;
        self.answered_last = false;
        if travel == Travel::Doubled {
            // No line doubles a frame; a scanner does whose acknowledgement comes late, and says so.
            self.mouth.say(first);
            self.mouth.say(marked);
            return;
        }
        for arrived in self.manners.arrivals(first, travel) {
            self.mouth.say(arrived);
        }
    }
}
