//! Questions to the scanner: one at a time, repeated when it does not answer, and the set-up made of them.
//!
//! The set-up reads what is set, changes only what differs, and reads it back. It changes nothing for good
//! (status bit 3 stays clear): a scanner that moves to another system finds its own settings after power-up.

use std::collections::VecDeque;

use tallyman_codes::Moment;

use super::parameters::{self, Parameter, WANTED};
use super::transport::Transport;
use super::wire::{STATUS_AGAIN, host_frame, op};
use crate::contract::{Output, Outputs};

/// How long a scanner may take to answer (SSI Programmer's Guide: the host's response time-out is 2 s).
const ANSWER_MS_MAX: u64 = 2_000;
/// How often a question is sent in all.
const ATTEMPTS_MAX: u32 = 3;
/// The pause after the wake-up byte: at least 10 ms, at most 1 s.
const WAKE_UP_MS: u64 = 50;
/// Silence after which the scanner may sleep again. What is sent to a sleeping one loses its first byte.
const AWAKE_MS: u64 = 1_000;
/// Questions that may wait. Verdicts come one a second and cost three each.
const QUEUE_MAX: usize = 32;

/// What is sent, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    opcode: u8,
    body: Vec<u8>,
}

/// Where the set-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SetUp {
    /// Not begun, or left alone.
    Off,
    /// The scanner was asked what is set.
    Reading,
    /// What differs was sent.
    Changing,
    /// The scanner was asked again.
    Checking,
}

/// The host's side of the conversation.
#[derive(Debug)]
pub struct Dialogue {
    transport: Transport,
    set_up: SetUp,
    queue: VecDeque<Question>,
    asked: Option<(Question, u32, Moment)>,
    waking_until: Option<Moment>,
    /// When something was sent or heard last.
    active_at: Moment,
    changed: Vec<(u16, u8, u8)>,
}

impl Dialogue {
    /// Nothing is asked yet.
    pub fn new(transport: Transport) -> Self {
        Self {
            transport,
            set_up: SetUp::Off,
            queue: VecDeque::new(),
            asked: None,
            waking_until: None,
            active_at: Moment::default(),
            changed: Vec::new(),
        }
    }

    /// Begins the set-up: wake the scanner, ask who it is and what is set.
    pub fn begin(&mut self, at: Moment, out: &mut Outputs) {
        *self = Self::new(self.transport);
        self.wake(at, out);
        self.set_up = SetUp::Reading;
        self.add(op::REQUEST_REVISION, &[]);
        self.add(op::PARAM_REQUEST, &wanted_numbers());
    }

    fn wake(&mut self, at: Moment, out: &mut Outputs) {
        out.push(Output::Write(vec![super::wire::WAKE_UP]));
        self.waking_until = Some(at.plus_ms(WAKE_UP_MS));
    }

    /// The scanner said something: it is awake.
    pub fn heard(&mut self, at: Moment) {
        self.active_at = at;
    }

    /// Queues a command. Whether there was room.
    pub fn ask(&mut self, opcode: u8, body: &[u8], at: Moment, out: &mut Outputs) -> bool {
        let room = self.add(opcode, body);
        self.send_next(at, out);
        room
    }

    fn add(&mut self, opcode: u8, body: &[u8]) -> bool {
        let room = self.queue.len() < QUEUE_MAX;
        if room {
            self.queue.push_back(Question {
                opcode,
                body: body.to_vec(),
            });
        }
        room
    }

    /// When [`Dialogue::idle`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        let answer = self
            .asked
            .as_ref()
            .map(|(_, _, sent_at)| sent_at.plus_ms(ANSWER_MS_MAX));
        self.waking_until.or(answer)
    }

    /// The scanner is awake now, or did not answer.
    pub fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if self.deadline().is_none_or(|deadline| at < deadline) {
            return;
        }
        if self.waking_until.take().is_some() {
            self.active_at = at;
            if let Some((question, _, sent_at)) = &mut self.asked {
                out.push(written(self.transport, question, STATUS_AGAIN));
                *sent_at = at;
            }
            return self.send_next(at, out);
        }
        let Some((question, attempts, _)) = self.asked.take() else {
            return;
        };
        if attempts < ATTEMPTS_MAX {
            self.asked = Some((question, attempts + 1, at));
            return self.wake(at, out);
        }
        out.push(Output::notice(
            "no_answer",
            format!(
                "The scanner did not answer the command {:02X} in {ATTEMPTS_MAX} attempts; check that its host type \
                 is SSI.",
                question.opcode
            ),
        ));
        self.set_up = SetUp::Off;
        self.send_next(at, out);
    }

    /// The scanner acknowledged. Whether that answered a question.
    pub fn acknowledged(&mut self, at: Moment, out: &mut Outputs) -> bool {
        let waits_for_data = |question: &Question| {
            matches!(
                question.opcode,
                op::REQUEST_REVISION | op::PARAM_REQUEST | op::CAPABILITIES_REQUEST
            )
        };
        if self
            .asked
            .as_ref()
            .is_none_or(|(question, ..)| waits_for_data(question))
        {
            return false;
        }
        self.done(at, out);
        true
    }

    /// The scanner refused. Returns the opcode that was refused.
    pub fn refused(&mut self, resend: bool, at: Moment, out: &mut Outputs) -> Option<u8> {
        let set_up = self.set_up;
        let (question, attempts, _) = self.asked.as_mut()?;
        let opcode = question.opcode;
        if resend && *attempts < ATTEMPTS_MAX {
            *attempts += 1;
            out.push(written(self.transport, question, STATUS_AGAIN));
            return None;
        }
        if opcode == op::PARAM_SEND && set_up == SetUp::Changing {
            if self.changed.len() > 1 && question.body == changes(&self.changed) {
                // One of them may be what it does not like: without packets the others are worth nothing.
                for change in self.changed.clone() {
                    self.add(op::PARAM_SEND, &changes(&[change]));
                }
                self.asked = None;
                self.send_next(at, out);
                return None;
            }
        } else if matches!(opcode, op::PARAM_REQUEST | op::PARAM_SEND) {
            self.set_up = SetUp::Off;
        }
        self.done(at, out);
        Some(opcode)
    }

    /// The answer to this question came.
    pub fn answered(&mut self, opcode: u8, at: Moment, out: &mut Outputs) {
        if self
            .asked
            .as_ref()
            .is_some_and(|(question, ..)| question.opcode == opcode)
        {
            self.done(at, out);
        }
    }

    /// What is set came: the set-up goes on.
    pub fn parameters(&mut self, found: &[Parameter], at: Moment, out: &mut Outputs) {
        match self.set_up {
            SetUp::Reading => {
                self.changed = differing(found);
                if self.changed.is_empty() {
                    self.set_up = SetUp::Off;
                } else {
                    self.set_up = SetUp::Changing;
                    let body = changes(&self.changed);
                    self.add(op::PARAM_SEND, &body);
                }
            }
            SetUp::Checking => {
                self.set_up = SetUp::Off;
                out.push(told(&self.changed, &differing(found)));
            }
            SetUp::Off | SetUp::Changing => {}
        }
        self.answered(op::PARAM_REQUEST, at, out);
    }

    fn done(&mut self, at: Moment, out: &mut Outputs) {
        let asked = self.asked.take();
        let is_change = |question: &Question| question.opcode == op::PARAM_SEND;
        if self.set_up == SetUp::Changing
            && asked.is_some_and(|(question, ..)| is_change(&question))
            && !self.queue.iter().any(is_change)
        {
            self.set_up = SetUp::Checking;
            self.add(op::PARAM_REQUEST, &wanted_numbers());
        }
        self.send_next(at, out);
    }

    fn send_next(&mut self, at: Moment, out: &mut Outputs) {
        if self.asked.is_some() || self.waking_until.is_some() {
            return;
        }
        if !self.queue.is_empty() && at.since_us(self.active_at) >= AWAKE_MS * 1_000 {
            return self.wake(at, out);
        }
        if let Some(question) = self.queue.pop_front() {
            self.active_at = at;
            out.push(written(self.transport, &question, 0));
            self.asked = Some((question, 1, at));
        }
    }
}

fn written(transport: Transport, question: &Question, status: u8) -> Output {
    Output::Write(transport.wrap(host_frame(question.opcode, status, &question.body)))
}

fn wanted_numbers() -> Vec<u8> {
    WANTED
        .iter()
        .flat_map(|(number, _)| parameters::encode_number(*number))
        .collect()
}

/// The body of a PARAM_SEND: no beep, then numbers and the values that are wanted.
fn changes(changed: &[(u16, u8, u8)]) -> Vec<u8> {
    const NO_BEEP: u8 = 0xFF;
    let mut body = vec![NO_BEEP];
    for (number, _, wanted) in changed {
        body.extend(parameters::encode_number(*number));
        body.push(*wanted);
    }
    body
}

/// Number, value found, value wanted. A parameter the scanner does not tell it does not have.
fn differing(found: &[Parameter]) -> Vec<(u16, u8, u8)> {
    WANTED
        .iter()
        .filter_map(|(number, wanted)| {
            let value = *found
                .iter()
                .find(|parameter| parameter.number == *number)?
                .value
                .last()?;
            (value != *wanted).then_some((*number, value, *wanted))
        })
        .collect()
}

fn told(changed: &[(u16, u8, u8)], refused: &[(u16, u8, u8)]) -> Output {
    let list = |settings: &[(u16, u8, u8)]| {
        let texts: Vec<String> = settings
            .iter()
            .map(|(number, from, to)| format!("{} from {from} to {to}", parameters::name(*number)))
            .collect();
        texts.join(", ")
    };
    if refused.is_empty() {
        return Output::notice(
            "settings_changed",
            format!("Set until power-down: {}.", list(changed)),
        );
    }
    Output::notice(
        "settings_refused",
        format!("The scanner would not change {}.", list(refused)),
    )
}
