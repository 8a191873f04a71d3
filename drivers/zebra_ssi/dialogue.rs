//! Questions to the scanner: one at a time, repeated when it does not answer, and the set-up made of them.
//!
//! The set-up reads what is set, changes only what differs, and reads it back. It changes nothing for good
//! (status bit 3 stays clear): a scanner that moves to another system finds its own settings after power-up.

use std::collections::VecDeque;

use tallyman_codes::Moment;

use super::parameters::{self, BEEP_AFTER_GOOD_DECODE, Parameter};
use super::transport::Transport;
use super::wire::{STATUS_AGAIN, host_frame, op};
use crate::contract::{Output, Outputs, OwnBeep};

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
/// Parameters of an answer that are kept: a few are asked for, and a scanner that tells all of its own is cut off.
const FOUND_MAX: usize = 512;
/// The first byte of PARAM_SEND: the scanner shall not beep about it.
const NO_BEEP: u8 = 0xFF;

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
    /// Codes shall come with their AIM identifier.
    aim: bool,
    set_up: SetUp,
    own_beep: OwnBeep,
    queue: VecDeque<Question>,
    asked: Option<(Question, u32, Moment)>,
    waking_until: Option<Moment>,
    /// When something was sent or heard last.
    active_at: Moment,
    /// What the scanner said is set, while that is being read.
    found: Vec<Parameter>,
    changed: Vec<(u16, u8, u8)>,
}

impl Dialogue {
    /// Nothing is asked yet. `aim` says whether codes shall come with their AIM identifier.
    pub fn new(transport: Transport, aim: bool) -> Self {
        Self {
            transport,
            aim,
            set_up: SetUp::Off,
            own_beep: OwnBeep::Unknown,
            queue: VecDeque::new(),
            asked: None,
            waking_until: None,
            active_at: Moment::default(),
            found: Vec::new(),
            changed: Vec::new(),
        }
    }

    /// Begins the set-up: wake the scanner, ask who it is and what is set.
    pub fn begin(&mut self, at: Moment, out: &mut Outputs) {
        *self = Self::new(self.transport, self.aim);
        self.wake(at, out);
        self.set_up = SetUp::Reading;
        self.add(op::REQUEST_REVISION, &[]);
        self.add(op::PARAM_REQUEST, &self.wanted_numbers());
    }

    fn wake(&mut self, at: Moment, out: &mut Outputs) {
        out.push(Output::Write(vec![super::wire::WAKE_UP]));
        self.waking_until = Some(at.plus_ms(WAKE_UP_MS));
    }

    /// The scanner said something: it is awake.
    pub fn heard(&mut self, at: Moment) {
        self.active_at = at;
    }

    /// What the scanner said of its own decode beep.
    pub const fn own_beep(&self) -> OwnBeep {
        self.own_beep
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
        // Its settings stay as they are when it does not answer about them; who it is is no condition for that.
        if matches!(question.opcode, op::PARAM_REQUEST | op::PARAM_SEND) {
            self.set_up = SetUp::Off;
        }
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

    /// The scanner refused. Returns the opcode that was refused for good. Of several parameters one may be the reason:
    /// they are tried again one by one, so that an unknown one does not stand in the way of the others.
    pub fn refused(&mut self, resend: bool, at: Moment, out: &mut Outputs) -> Option<u8> {
        let (question, attempts, _) = self.asked.as_mut()?;
        if resend && *attempts < ATTEMPTS_MAX {
            *attempts += 1;
            out.push(written(self.transport, question, STATUS_AGAIN));
            return None;
        }
        let question = question.clone();
        let parts = apart(&question);
        let was_split = parts.len() > 1;
        if was_split {
            self.queue.extend(parts);
        }
        self.done(at, out);
        (!was_split).then_some(question.opcode)
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

    /// What is set came; `more` says that another packet of the same answer follows.
    pub fn parameters(&mut self, found: Vec<Parameter>, more: bool, at: Moment, out: &mut Outputs) {
        if let Some(beep) = value_of(&found, BEEP_AFTER_GOOD_DECODE) {
            self.own_beep = if beep == 0 { OwnBeep::Off } else { OwnBeep::On };
        }
        if matches!(self.set_up, SetUp::Reading | SetUp::Checking) {
            self.found.extend(found);
            self.found.truncate(FOUND_MAX);
        }
        if !more {
            self.answered(op::PARAM_REQUEST, at, out);
        }
    }

    /// A question is answered, refused or given up: the set-up goes on when none of its kind is left.
    fn done(&mut self, at: Moment, out: &mut Outputs) {
        self.asked = None;
        let waits_for = match self.set_up {
            SetUp::Off => None,
            SetUp::Reading | SetUp::Checking => Some(op::PARAM_REQUEST),
            SetUp::Changing => Some(op::PARAM_SEND),
        };
        let is_left = |opcode| self.queue.iter().any(|question| question.opcode == opcode);
        if waits_for.is_some_and(|opcode| !is_left(opcode)) {
            self.next_station(out);
        }
        self.send_next(at, out);
    }

    fn next_station(&mut self, out: &mut Outputs) {
        match self.set_up {
            SetUp::Reading => {
                self.changed = self.differing();
                if self.changed.is_empty() {
                    self.set_up = SetUp::Off;
                } else {
                    self.set_up = SetUp::Changing;
                    let mut body = vec![NO_BEEP];
                    for (number, _, wanted) in &self.changed {
                        body.extend(parameters::encode_number(*number));
                        body.push(*wanted);
                    }
                    self.add(op::PARAM_SEND, &body);
                }
            }
            SetUp::Changing => {
                self.set_up = SetUp::Checking;
                self.found.clear();
                self.add(op::PARAM_REQUEST, &self.wanted_numbers());
            }
            SetUp::Checking => {
                self.set_up = SetUp::Off;
                for notice in told(&self.changed, &self.differing()) {
                    out.push(notice);
                }
            }
            SetUp::Off => {}
        }
    }

    fn wanted_numbers(&self) -> Vec<u8> {
        parameters::wanted(self.aim)
            .into_iter()
            .flat_map(|(number, _)| parameters::encode_number(number))
            .collect()
    }

    /// Number, value found, value wanted. A parameter the scanner does not tell it does not have.
    fn differing(&self) -> Vec<(u16, u8, u8)> {
        parameters::wanted(self.aim)
            .into_iter()
            .filter_map(|(number, wanted)| {
                let value = value_of(&self.found, number)?;
                (value != wanted).then_some((number, value, wanted))
            })
            .collect()
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

/// The value of a parameter in an answer; of a word its low byte.
fn value_of(found: &[Parameter], number: u16) -> Option<u8> {
    let parameter = found.iter().find(|parameter| parameter.number == number)?;
    parameter.value.last().copied()
}

/// What was changed, and what the scanner would not change.
fn told(tried: &[(u16, u8, u8)], refused: &[(u16, u8, u8)]) -> Vec<Output> {
    let is_refused = |number: u16| refused.iter().any(|(other, ..)| *other == number);
    let list = |wanted: bool| {
        let texts: Vec<String> = tried
            .iter()
            .filter(|(number, ..)| is_refused(*number) != wanted)
            .map(|(number, from, to)| format!("{} from {from} to {to}", parameters::name(*number)))
            .collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    let changed =
        list(true).map(|list| Output::notice("settings_changed", format!("Set until power-down: {list}.")));
    let kept = list(false).map(|list| {
        Output::notice(
            "settings_refused",
            format!("The scanner would not change {list}."),
        )
    });
    changed.into_iter().chain(kept).collect()
}

/// A question about several parameters as questions about one each; any other as it is.
fn apart(question: &Question) -> Vec<Question> {
    let numbered = |bytes: &[u8]| parameters::decode_number(bytes).map(|(_, rest)| bytes.len() - rest.len());
    let mut parts = Vec::new();
    let mut push = |body: Vec<u8>| {
        parts.push(Question {
            opcode: question.opcode,
            body,
        });
    };
    match question.opcode {
        op::PARAM_REQUEST => {
            let mut rest = question.body.as_slice();
            while let Some(length) = numbered(rest) {
                let (one, after) = rest.split_at(length);
                push(one.to_vec());
                rest = after;
            }
        }
        op::PARAM_SEND => {
            let mut rest = question.body.get(1..).unwrap_or(&[]);
            while let Some((one, after)) = numbered(rest).and_then(|length| rest.split_at_checked(length + 1))
            {
                push([&[NO_BEEP], one].concat());
                rest = after;
            }
        }
        _ => push(question.body.clone()),
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::report::hex;

    /// Writes that are waiting, as opcode and body in hexadecimal digits; notices as their code.
    fn told(out: &mut Outputs) -> Vec<String> {
        std::iter::from_fn(|| out.take())
            .map(|output| match output {
                Output::Write(bytes) if bytes == [super::super::wire::WAKE_UP] => "wake".to_owned(),
                Output::Write(bytes) => format!("{:02X} {}", bytes[1], hex(&bytes[4..bytes.len() - 2])),
                Output::Notice { code, message } => format!("!{code} {message}"),
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn asked() -> (Dialogue, Outputs) {
        let (mut dialogue, mut out) = (Dialogue::new(Transport::Serial, true), Outputs::new());
        dialogue.begin(Moment::default(), &mut out);
        dialogue.idle(Moment::from_ms(WAKE_UP_MS), &mut out);
        dialogue.answered(op::REQUEST_REVISION, Moment::from_ms(60), &mut out);
        let _wake_up_and_two_questions = told(&mut out);
        (dialogue, out)
    }

    fn set(number: u16, value: u8) -> Vec<Parameter> {
        vec![Parameter {
            number,
            value: vec![value],
        }]
    }

    #[test]
    fn a_parameter_that_is_refused_does_not_stand_in_the_way_of_the_others() {
        let (mut dialogue, mut out) = asked();
        let at = Moment::from_ms(100);
        assert_eq!(
            dialogue.refused(false, at, &mut out),
            None,
            "asked again one by one"
        );
        for (number, value) in [(238, 0), (159, 1), (56, 1), (94, 1), (236, 0)] {
            dialogue.parameters(set(number, value), false, at, &mut out);
        }
        // The scanner does not know parameter 45.
        assert_eq!(dialogue.refused(false, at, &mut out), Some(op::PARAM_REQUEST));
        assert_eq!(
            told(&mut out),
            [
                "C7 EE",
                "C7 9F",
                "C7 38",
                "C7 5E",
                "C7 EC",
                "C7 2D",
                "C6 FFEE013800"
            ]
        );
        // It denies one of the two changes.
        assert_eq!(dialogue.refused(false, at, &mut out), None);
        assert!(dialogue.acknowledged(at, &mut out));
        assert_eq!(dialogue.refused(false, at, &mut out), Some(op::PARAM_SEND));
        assert_eq!(dialogue.own_beep(), OwnBeep::On);
        let all = [set(238, 1), set(159, 1), set(56, 1), set(94, 1), set(236, 0)].concat();
        dialogue.parameters(all, false, at, &mut out);
        assert_eq!(
            told(&mut out),
            [
                "C6 FFEE01",
                "C6 FF3800",
                "C7 EE9F385EEC2D",
                "!settings_changed Set until power-down: decode_data_packet_format from 0 to 1.",
                "!settings_refused The scanner would not change beep_after_good_decode from 1 to 0.",
            ]
        );
        assert_eq!(dialogue.own_beep(), OwnBeep::On);
        assert_eq!(dialogue.deadline(), None, "nothing is open");
    }

    #[test]
    fn an_answer_in_several_packets_is_taken_whole() {
        let (mut dialogue, mut out) = asked();
        let at = Moment::from_ms(100);
        dialogue.parameters([set(238, 1), set(159, 1)].concat(), true, at, &mut out);
        assert_eq!(told(&mut out), [] as [&str; 0]);
        dialogue.parameters([set(56, 0), set(94, 0)].concat(), false, at, &mut out);
        assert_eq!(told(&mut out), ["C6 FF5E01"]);
        assert_eq!(dialogue.own_beep(), OwnBeep::Off);
    }

    #[test]
    fn a_scanner_that_does_not_say_who_it_is_is_set_up_all_the_same() {
        let (mut dialogue, mut out) = (Dialogue::new(Transport::Serial, false), Outputs::new());
        dialogue.begin(Moment::default(), &mut out);
        dialogue.idle(Moment::from_ms(WAKE_UP_MS), &mut out);
        let mut at = Moment::from_ms(WAKE_UP_MS);
        for _ in 0..ATTEMPTS_MAX {
            at = at.plus_ms(ANSWER_MS_MAX);
            dialogue.idle(at, &mut out);
            at = at.plus_ms(WAKE_UP_MS);
            dialogue.idle(at, &mut out);
        }
        dialogue.parameters(set(56, 1), false, at, &mut out);
        let told = told(&mut out);
        assert_eq!(told.last().map(String::as_str), Some("C6 FF3800"), "{told:?}");
    }
}
