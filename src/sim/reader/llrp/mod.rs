//! A virtual LLRP reader: a fixed reader's side of the protocol, with everything that goes wrong with one.
//!
//! [`LlrpReader`] is a state machine as the other virtual readers are: a client connects, bytes come with their moment, what is due
//! is done, bytes go. ROSpecs, configuration, inputs and outputs outlive a connection, as in real readers. Frames are written and
//! read by the driver's codec, which is held against recorded messages; the conversation is written apart from the driver's.
//! [`NetworkReader`] gives it sockets.
//!
//! What it leaves out: access to tags' memory (AccessSpecs are kept and do nothing), surveys of the band, priorities (ROSpecs that
//! are active take turns), AISpecs that end when no more tags come, and version 1.1.

mod asked;
mod network;
mod plan;
mod says;
mod spec;
#[cfg(test)]
mod tests;
mod work;

use std::collections::BTreeMap;

use tallyman_codes::Moment;
use tallyman_drivers::llrp::numbers::message as m;
use tallyman_drivers::llrp::tree::{Message, Parameter, Value};
use tallyman_drivers::llrp::wire::{Begin, begin};
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use super::Spoken;
use says::Event;
use spec::{AccessSpec, RoSpec, Wish};

pub use network::{NetworkReader, Pipes, ReaderState};
pub use plan::{Fault, LlrpPlan, Maker, ReaderClock};

/// ROSpecs and AccessSpecs that a reader keeps, of each.
const SPECS_MAX: usize = 32;
/// Messages that are held back for a client that asked for that.
const HELD_MAX: usize = 1_000;
/// How long the reader takes to answer.
const ANSWER_MS: u64 = 2;
/// Keep-alives that a client may leave unanswered.
const UNANSWERED_MAX: u32 = 3;
/// Antennas at most.
const ANTENNAS_MAX: u8 = 32;

/// ConnectionAttemptEvent (LLRP 1.0.1, section 13.2.6.8).
const TAKEN: u16 = 0;
const IN_USE: u16 = 2;
const ANOTHER_TRIED: u16 = 4;

/// What a client set, until it is reset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Configuration {
    keepalive_ms: u64,
    /// The events that are told, bit by their number.
    events: u16,
    /// What is said while a client is away, or before it asks, is kept for it.
    holds: bool,
    wish: Wish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Input {
    is_on: bool,
    high: bool,
}

/// The one client of a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Client {
    held: Vec<u8>,
    keepalive_at: Option<Moment>,
    unanswered: u32,
    /// Reports and events wait until it asks for them.
    is_waited_for: bool,
    impinj: bool,
    /// The connection ends when everything was said.
    is_over: bool,
    /// Nothing is heard or said any more, and the connection stands.
    is_dead: bool,
}

/// A virtual LLRP reader.
#[derive(Debug)]
pub struct LlrpReader {
    plan: LlrpPlan,
    chance: SeededEntropy,
    switched_on: Moment,
    client: Option<Client>,
    /// Until when a client that is gone counts as connected.
    held_until: Moment,
    configuration: Configuration,
    inputs: Vec<Input>,
    outputs: Vec<bool>,
    ro_specs: Vec<RoSpec>,
    access_specs: Vec<AccessSpec>,
    /// The radio is used by one ROSpec at a time.
    radio_free_at: Moment,
    /// What is to be said, by its moment and the order it was thought of.
    to_say: BTreeMap<(Moment, u64), Spoken>,
    thoughts: u64,
    /// What is held back for the client.
    kept: Vec<Spoken>,
    is_overflown: bool,
    last_id: u32,
    faults: Vec<Fault>,
}

impl LlrpReader {
    /// A reader that was just switched on.
    pub fn new(plan: LlrpPlan) -> Self {
        let plan = LlrpPlan {
            antennas: plan.antennas.clamp(1, ANTENNAS_MAX),
            ..plan
        };
        Self {
            chance: SeededEntropy::new(plan.seed),
            switched_on: Moment::default(),
            client: None,
            held_until: Moment::default(),
            configuration: Configuration::default(),
            inputs: vec![Input::default(); plan.inputs.into()],
            outputs: vec![false; plan.outputs.into()],
            ro_specs: Vec::new(),
            access_specs: Vec::new(),
            radio_free_at: Moment::default(),
            to_say: BTreeMap::new(),
            thoughts: 0,
            kept: Vec::new(),
            is_overflown: false,
            last_id: 0,
            faults: Vec::new(),
            plan,
        }
    }

    /// What it is.
    pub const fn plan(&self) -> &LlrpPlan {
        &self.plan
    }

    /// Something goes wrong from now on.
    pub fn suffer(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// Nothing is wrong any more.
    pub fn recover(&mut self) {
        self.faults.clear();
    }

    /// Its power fails and comes back: what clients left in it is gone.
    pub fn restart(&mut self, at: Moment) {
        let fresh = Self::new(self.plan.clone());
        let (faults, inputs) = (std::mem::take(&mut self.faults), std::mem::take(&mut self.inputs));
        let levels = inputs.into_iter().map(|input| Input {
            is_on: false,
            ..input
        });
        *self = Self {
            faults,
            inputs: levels.collect(),
            switched_on: at,
            radio_free_at: at,
            ..fresh
        };
    }

    /// A client connects. Where the place is taken, the refusal that it is told before the connection ends.
    ///
    /// # Errors
    /// The bytes of the refusal.
    pub fn connected(&mut self, at: Moment) -> Result<(), Vec<u8>> {
        if self.client.is_some() || at < self.held_until {
            let refusal = self.event(&Event::Connection(IN_USE), at);
            self.tell(&Event::Connection(ANOTHER_TRIED), at);
            return Err(encoded(&refusal));
        }
        self.to_say.clear();
        self.faults.retain(|fault| *fault != Fault::NoKeepalives);
        self.client = Some(Client {
            held: Vec::new(),
            keepalive_at: self.keepalive_after(at),
            unanswered: 0,
            is_waited_for: self.configuration.holds,
            impinj: false,
            is_over: false,
            is_dead: false,
        });
        let greetings = match (self.has(Fault::NeverGreets), self.has(Fault::GreetsTwice)) {
            (true, _) => 0,
            (false, twice) => 1 + u64::from(twice),
        };
        for _ in 0..greetings {
            self.tell(&Event::Connection(TAKEN), at);
        }
        Ok(())
    }

    /// The client is gone.
    pub fn disconnected(&mut self, at: Moment) {
        self.client = None;
        self.to_say.clear();
        let holds = self.faults.iter().find_map(|fault| match fault {
            Fault::HoldsItsPlace(ms) => Some(*ms),
            _ => None,
        });
        self.held_until = at.plus_ms(holds.unwrap_or(0));
    }

    /// Takes bytes of the client.
    pub fn hear(&mut self, bytes: &[u8], at: Moment) {
        let Some(client) = self
            .client
            .as_mut()
            .filter(|client| !client.is_dead && !client.is_over)
        else {
            return;
        };
        client.held.extend_from_slice(bytes);
        let mut held = std::mem::take(&mut client.held);
        let mut place = 0;
        loop {
            let rest = held.get(place..).unwrap_or(&[]);
            match begin(rest, false) {
                Begin::Message(length) if rest.len() >= length => {
                    let message = rest.get(..length).unwrap_or(rest).to_vec();
                    place += length;
                    self.asked(&message, at);
                }
                Begin::Message(_) | Begin::Unknown => break,
                Begin::Length | Begin::Noise => {
                    // A client that talks nonsense is not talked to.
                    self.tell(&Event::Closes, at);
                    self.hang_up();
                    return;
                }
            }
        }
        held.drain(..place);
        if let Some(client) = &mut self.client {
            client.held = held;
        }
    }

    /// The next bytes that are due.
    pub fn said(&mut self, at: Moment) -> Option<Spoken> {
        let entry = self.to_say.first_entry().filter(|entry| entry.key().0 <= at)?;
        Some(entry.remove())
    }

    /// Whether the connection is to be ended: everything was said.
    pub fn hangs_up(&self) -> bool {
        self.to_say.is_empty() && self.client.as_ref().is_some_and(|client| client.is_over)
    }

    /// Whether a client is connected.
    pub const fn is_connected(&self) -> bool {
        self.client.is_some()
    }

    /// Whether it looks for tags.
    pub fn is_looking(&self) -> bool {
        self.ro_specs.iter().any(|spec| spec.run().is_some())
    }

    /// The numbers of the ROSpecs in it.
    pub fn ro_specs(&self) -> Vec<u32> {
        self.ro_specs.iter().map(|spec| spec.id).collect()
    }

    /// The levels of its outputs, output 1 first.
    pub fn outputs(&self) -> &[bool] {
        &self.outputs
    }

    /// Whether a client wants to hear of this input, 1-based.
    pub fn listens_to(&self, port: u16) -> bool {
        let place = usize::from(port).wrapping_sub(1);
        self.inputs.get(place).is_some_and(|input| input.is_on)
    }

    /// A line is put on an input, 1-based: a photo eye sees something.
    pub fn set_input(&mut self, port: u16, high: bool, at: Moment) {
        let place = usize::from(port).wrapping_sub(1);
        let Some(input) = self.inputs.get_mut(place).filter(|input| input.high != high) else {
            return;
        };
        input.high = high;
        if input.is_on {
            self.tell(&Event::Input(port, high), at);
        }
        self.input_triggers(port, high, at);
    }

    /// An earlier client was cut off and left a ROSpec that runs: every tag is reported.
    pub fn leave_behind(&mut self, id: u32, at: Moment) {
        let given = spec::of_an_earlier_client(id);
        if let Some(spec) = RoSpec::of(&given, self.plan.antennas, Wish::default()) {
            self.ro_specs.push(spec);
            self.begin(id, at);
        }
    }

    /// It tells of a fault of its own, in its words.
    pub fn report_exception(&mut self, text: &str, at: Moment) {
        self.tell(&Event::Exception(text.to_owned()), at);
    }

    /// An antenna's cable is pulled out, or put back.
    pub fn antenna_event(&mut self, antenna: u8, is_connected: bool, at: Moment) {
        self.tell(&Event::Antenna(antenna, is_connected), at);
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn hang_up(&mut self) {
        if let Some(client) = &mut self.client {
            client.is_over = true;
        }
    }

    fn keepalive_after(&self, at: Moment) -> Option<Moment> {
        let interval_ms = self.configuration.keepalive_ms;
        (interval_ms > 0).then(|| at.plus_ms(interval_ms))
    }

    /// What is added to a moment for the reader's own time, and whether that is a clock's.
    fn clock(&self) -> (u64, bool) {
        let before = 0_u64.wrapping_sub(self.switched_on.us);
        match self.plan.clock {
            ReaderClock::Utc(began_us) => (before.wrapping_add(began_us), true),
            ReaderClock::Uptime => (before, false),
        }
    }

    fn event(&mut self, event: &Event, at: Moment) -> Message {
        let (clock_us, is_utc) = self.clock();
        let now_us = at.us.wrapping_add(clock_us);
        let time = says::timestamp(is_utc.then_some(now_us), now_us);
        let data = Parameter::new(
            tallyman_drivers::llrp::numbers::parameter::READER_EVENT_NOTIFICATION_DATA,
            Vec::new(),
            vec![time, event.parameter()],
        );
        self.own(m::READER_EVENT_NOTIFICATION, vec![data])
    }

    /// A message that answers nothing.
    fn own(&mut self, kind: u16, parameters: Vec<Parameter>) -> Message {
        self.last_id = self.last_id.wrapping_add(1).max(1);
        Message::new(kind, self.last_id, Vec::new(), parameters)
    }

    /// Tells an event, where the client wants to hear of it.
    fn tell(&mut self, event: &Event, at: Moment) {
        let is_wanted = event
            .switch()
            .is_none_or(|number| self.configuration.events >> number & 1 == 1);
        if !is_wanted {
            return;
        }
        let message = self.event(event, at);
        let spoken = Spoken {
            bytes: encoded(&message),
            tags: Vec::new(),
        };
        if event.switch().is_some() {
            self.report(spoken, at);
        } else {
            self.say(spoken, at);
        }
    }

    /// Says something of its own accord: at once, or when a client that asked for that wants it.
    fn report(&mut self, spoken: Spoken, at: Moment) {
        let is_held = match &self.client {
            Some(client) => client.is_waited_for,
            None => self.configuration.holds,
        };
        if !is_held {
            self.say(spoken, at);
        } else if self.kept.len() < HELD_MAX {
            self.kept.push(spoken);
        } else {
            self.is_overflown = true;
        }
    }

    fn say(&mut self, spoken: Spoken, at: Moment) {
        if self
            .client
            .as_ref()
            .is_some_and(|client| !client.is_dead && !client.is_over)
        {
            self.thoughts += 1;
            self.to_say.insert((at, self.thoughts), spoken);
        }
    }

    /// Answers a request.
    fn answer(&mut self, kind: u16, id: u32, fields: Vec<Value>, parameters: Vec<Parameter>, at: Moment) {
        let message = Message::new(kind, id, fields, parameters);
        let spoken = Spoken {
            bytes: encoded(&message),
            tags: Vec::new(),
        };
        self.say(spoken, at.plus_ms(ANSWER_MS));
    }

    /// A number below this, by chance.
    fn below(&mut self, limit: usize) -> usize {
        self.chance.below(limit as u64) as usize
    }
}

/// What is said here is far below every limit of the codec.
fn encoded(message: &Message) -> Vec<u8> {
    message.encode().unwrap_or_default()
}
