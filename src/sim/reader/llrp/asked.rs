//! What a virtual LLRP reader does when it is asked something.
//!
//! Sources: LLRP 1.0.1, sections 9 to 12 and 20.1; Impinj Octane LLRP for IMPINJ_ENABLE_EXTENSIONS.

use tallyman_codes::Moment;
use tallyman_drivers::llrp::message_spec;
use tallyman_drivers::llrp::numbers::{message as m, parameter as p};
use tallyman_drivers::llrp::tree::{Message, Parameter, Value};
use tallyman_drivers::llrp::wire::Header;

use super::plan::{Fault, IMPINJ, Maker};
use super::says::{self, DEVICE_ERROR, DONE, Event, FIELD_ERROR, PARAMETER_ERROR};
use super::spec::{AccessSpec, RoSpec, Start, State, has_custom, number};
use super::{Configuration, LlrpReader, SPECS_MAX};

/// IMPINJ_ENABLE_EXTENSIONS and its response.
const ENABLE_EXTENSIONS: i64 = 21;
const ENABLE_EXTENSIONS_RESPONSE: u8 = 22;
/// The version that is spoken, 1.0.1.
const VERSION: u8 = 1;

/// Why something was not done: a status, and a word.
type Refused = (u16, &'static str);

const NO_SUCH_SPEC: Refused = (FIELD_ERROR, "there is no such spec");

impl LlrpReader {
    /// Takes one whole message of the client.
    pub(super) fn asked(&mut self, bytes: &[u8], at: Moment) {
        let Some(header) = Header::of(bytes) else {
            return;
        };
        if self.has(Fault::NeverAnswers(header.kind)) {
            return;
        }
        let asked = match Message::decode(bytes) {
            Ok(message) if message.version == VERSION => message,
            Ok(_) => return self.refuse(header, says::UNSUPPORTED_VERSION, "version 1 is spoken", at),
            Err(error) => return self.refuse(header, PARAMETER_ERROR, &error.to_string(), at),
        };
        match asked.kind {
            m::KEEPALIVE_ACK => {
                if let Some(client) = &mut self.client {
                    client.unanswered = 0;
                }
            }
            m::ENABLE_EVENTS_AND_REPORTS => self.let_go(at),
            m::GET_REPORT => self.report_all(at),
            m::CUSTOM_MESSAGE => self.custom(&asked, at),
            m::GET_READER_CAPABILITIES => {
                let has_clock = self.clock().1;
                let wanted = asked.number("RequestedData").unwrap_or(0);
                let told = says::capabilities(&self.plan, has_clock, wanted);
                self.done(&asked, Ok(told), at);
            }
            m::GET_READER_CONFIG => {
                let told = self.told_configuration(&asked);
                self.done(&asked, Ok(told), at);
            }
            m::SET_READER_CONFIG => {
                let done = self.configure(&asked, at).map(|()| Vec::new());
                self.done(&asked, done, at);
            }
            m::CLOSE_CONNECTION => {
                self.done(&asked, Ok(Vec::new()), at);
                self.hang_up();
            }
            _ if message_spec(asked.kind).is_some_and(|spec| spec.answer.is_some()) => self.specs(&asked, at),
            _ => self.refuse(header, says::UNSUPPORTED_MESSAGE, "", at),
        }
    }

    fn specs(&mut self, asked: &Message, at: Moment) {
        let id = asked
            .number("ROSpecID")
            .or_else(|| asked.number("AccessSpecID"))
            .and_then(|id| u32::try_from(id).ok())
            .unwrap_or(0);
        let done = match asked.kind {
            m::ADD_ROSPEC => self.add_ro_spec(asked),
            m::DELETE_ROSPEC => self.delete_ro_spec(id, at),
            m::ENABLE_ROSPEC => self.enable_ro_spec(id, at),
            m::DISABLE_ROSPEC => self.disable_ro_spec(id, at),
            m::START_ROSPEC => self.start_ro_spec(id, at),
            m::STOP_ROSPEC => self.stop_ro_spec(id, at),
            m::GET_ROSPECS => {
                let told = self.ro_specs.iter().map(RoSpec::told).collect();
                return self.done(asked, Ok(told), at);
            }
            m::ADD_ACCESSSPEC => self.add_access_spec(asked),
            m::DELETE_ACCESSSPEC => self.of_access_specs(id, |specs| specs.clear()),
            m::ENABLE_ACCESSSPEC => self.of_access_specs(id, |specs| enable(specs, true)),
            m::DISABLE_ACCESSSPEC => self.of_access_specs(id, |specs| enable(specs, false)),
            m::GET_ACCESSSPECS => {
                let told = self.access_specs.iter().map(AccessSpec::told).collect();
                return self.done(asked, Ok(told), at);
            }
            kind => {
                let header = Header {
                    reserved: 0,
                    version: VERSION,
                    kind,
                    length: 0,
                    id: asked.id,
                };
                return self.refuse(header, says::UNSUPPORTED_MESSAGE, "", at);
            }
        };
        self.done(asked, done.map(|()| Vec::new()), at);
    }

    /// The response to a request: its status, and what was asked for.
    fn done(&mut self, asked: &Message, done: Result<Vec<Parameter>, Refused>, at: Moment) {
        let Some(kind) = message_spec(asked.kind).and_then(|spec| spec.answer) else {
            return;
        };
        let parameters = match done {
            Ok(told) => std::iter::once(says::status(DONE, "")).chain(told).collect(),
            Err((code, why)) => vec![says::status(code, why)],
        };
        self.answer(kind, asked.id, Vec::new(), parameters, at);
    }

    /// What was not understood: by its own response where it has one, else by an ERROR_MESSAGE.
    fn refuse(&mut self, header: Header, code: u16, why: &str, at: Moment) {
        let own = message_spec(header.kind).and_then(|spec| spec.answer);
        let kind = own
            .filter(|_| code == PARAMETER_ERROR)
            .unwrap_or(m::ERROR_MESSAGE);
        self.answer(kind, header.id, Vec::new(), vec![says::status(code, why)], at);
    }

    fn custom(&mut self, asked: &Message, at: Moment) {
        let is_extensions = asked.number("VendorIdentifier") == Some(i64::from(IMPINJ))
            && asked.number("MessageSubtype") == Some(ENABLE_EXTENSIONS);
        if !is_extensions || self.plan.maker != Maker::Impinj {
            let why = says::status(says::UNSUPPORTED_MESSAGE, "no such extension");
            return self.answer(m::ERROR_MESSAGE, asked.id, Vec::new(), vec![why], at);
        }
        if let Some(client) = &mut self.client {
            client.impinj = true;
        }
        let fields = vec![
            Value::U32(IMPINJ),
            Value::U8(ENABLE_EXTENSIONS_RESPONSE),
            // The body is a status; to the standard it is bytes.
            Value::Rest(vec![0x01, 0x1F, 0, 8, 0, 0, 0, 0]),
        ];
        self.answer(m::CUSTOM_MESSAGE, asked.id, fields, Vec::new(), at);
    }

    fn configure(&mut self, asked: &Message, at: Moment) -> Result<(), Refused> {
        if asked.parameters.iter().any(has_custom) && !self.knows_impinj() {
            return Err((says::UNKNOWN_PARAMETER, "a maker's parameter"));
        }
        if asked.number("ResetToFactoryDefault") == Some(1) {
            self.configuration = Configuration::default();
            self.inputs.iter_mut().for_each(|input| input.is_on = false);
        }
        for given in &asked.parameters {
            match given.kind {
                p::READER_EVENT_NOTIFICATION_SPEC => self.switch_events(given),
                p::KEEPALIVE_SPEC => {
                    let is_on = given.number("KeepaliveTriggerType") == Some(1);
                    let interval_ms = number(given, "PeriodicTriggerValue").filter(|_| is_on);
                    self.configuration.keepalive_ms = interval_ms.unwrap_or(0);
                }
                p::EVENTS_AND_REPORTS => {
                    let holds = given.number("HoldEventsAndReportsUponReconnect") == Some(1);
                    self.configuration.holds = holds;
                }
                p::GPI_PORT_CURRENT_STATE => {
                    let port = port(given, "GPIPortNum");
                    let input = self.inputs.get_mut(port).ok_or((FIELD_ERROR, "no such input"))?;
                    input.is_on = given.number("Config") == Some(1);
                }
                p::GPO_WRITE_DATA => {
                    let port = port(given, "GPOPortNumber");
                    let output = self
                        .outputs
                        .get_mut(port)
                        .ok_or((FIELD_ERROR, "no such output"))?;
                    *output = given.number("GPOData") == Some(1);
                }
                // Antennas and what a ROSpec reports are said with each ROSpec by those who care.
                _ => {}
            }
        }
        let next = self.keepalive_after(at);
        if let Some(client) = &mut self.client {
            client.keepalive_at = next;
            client.unanswered = 0;
        }
        Ok(())
    }

    fn switch_events(&mut self, given: &Parameter) {
        for event in given.children(p::EVENT_NOTIFICATION_STATE) {
            let bit = number::<u32>(event, "EventType").and_then(|number| 1_u16.checked_shl(number));
            let bit = bit.unwrap_or(0);
            if event.number("NotificationState") == Some(1) {
                self.configuration.events |= bit;
            } else {
                self.configuration.events &= !bit;
            }
        }
    }

    /// What is asked for of the configuration: all, or one kind of it.
    fn told_configuration(&self, asked: &Message) -> Vec<Parameter> {
        let wanted = asked.number("RequestedData").unwrap_or(0);
        let is_wanted = |number: i64| wanted == 0 || wanted == number;
        let (input, output) = (asked.number("GPIPortNum"), asked.number("GPOPortNum"));
        let is_port =
            |wanted: Option<i64>, port: u16| matches!(wanted, None | Some(0)) || wanted == Some(port.into());
        let mut told = Vec::new();
        if is_wanted(8) {
            let interval_ms = self.configuration.keepalive_ms;
            let fields = vec![
                Value::U8(u8::from(interval_ms > 0)),
                Value::U32(u32::try_from(interval_ms).unwrap_or(u32::MAX)),
            ];
            told.push(Parameter::new(p::KEEPALIVE_SPEC, fields, Vec::new()));
        }
        if is_wanted(9) {
            let ports = (1..).zip(&self.inputs).filter(|(port, _)| is_port(input, *port));
            told.extend(ports.map(|(port, input)| says::input(port, input.is_on, input.high)));
        }
        if is_wanted(10) {
            let ports = (1..)
                .zip(&self.outputs)
                .filter(|(port, _)| is_port(output, *port));
            told.extend(ports.map(|(port, high)| says::output(port, *high)));
        }
        if is_wanted(11) {
            let fields = says::flag(self.configuration.holds).to_vec();
            told.push(Parameter::new(p::EVENTS_AND_REPORTS, fields, Vec::new()));
        }
        told
    }

    /// Whether the client switched Impinj's extensions on.
    fn knows_impinj(&self) -> bool {
        self.client.as_ref().is_some_and(|client| client.impinj)
    }

    fn add_ro_spec(&mut self, asked: &Message) -> Result<(), Refused> {
        let given = asked.child(p::RO_SPEC).ok_or((PARAMETER_ERROR, "no ROSpec"))?;
        if has_custom(given) && !self.knows_impinj() {
            return Err((says::UNKNOWN_PARAMETER, "a maker's parameter"));
        }
        let spec = RoSpec::of(given, self.plan.antennas, self.configuration.wish)
            .ok_or((FIELD_ERROR, "something in the ROSpec cannot be"))?;
        let settings = spec.ai_specs.iter().map(|ai| (ai.power, ai.filter.is_some()));
        for (power, has_filter) in settings {
            if power.is_some_and(|step| says::power_of(step).is_none()) {
                return Err((FIELD_ERROR, "no such power"));
            }
            if has_filter && self.plan.filters == 0 {
                return Err((FIELD_ERROR, "no filters"));
            }
            if power.is_some() && self.has(Fault::RefusesSettings) {
                return Err((FIELD_ERROR, "the antennas' configuration"));
            }
        }
        if self.ro_specs.iter().any(|known| known.id == spec.id) {
            return Err((FIELD_ERROR, "there is a ROSpec of this number"));
        }
        if self.ro_specs.len() >= SPECS_MAX {
            return Err((DEVICE_ERROR, "no room for more ROSpecs"));
        }
        self.ro_specs.push(spec);
        Ok(())
    }

    /// The numbers of the ROSpecs that are meant: 0 is all.
    fn meant(&self, id: u32) -> Result<Vec<u32>, Refused> {
        let all = self.ro_specs();
        match id {
            0 => Ok(all),
            _ if all.contains(&id) => Ok(vec![id]),
            _ => Err(NO_SUCH_SPEC),
        }
    }

    fn delete_ro_spec(&mut self, id: u32, at: Moment) -> Result<(), Refused> {
        if self.has(Fault::KeepsOldSpecs) && id == 0 {
            return Err((DEVICE_ERROR, "the ROSpecs are in use"));
        }
        for id in self.meant(id)? {
            self.end(id, at);
            self.ro_specs.retain(|spec| spec.id != id);
        }
        Ok(())
    }

    fn enable_ro_spec(&mut self, id: u32, at: Moment) -> Result<(), Refused> {
        for id in self.meant(id)? {
            let Some(spec) = self.ro_specs.iter_mut().find(|spec| spec.id == id) else {
                continue;
            };
            if spec.state != State::Disabled {
                continue;
            }
            let due = match spec.start {
                Start::Immediate => Some(at),
                Start::Periodic { offset_ms, .. } => Some(at.plus_ms(offset_ms)),
                Start::Null | Start::Input { .. } => None,
            };
            spec.state = State::Inactive(due);
        }
        Ok(())
    }

    fn disable_ro_spec(&mut self, id: u32, at: Moment) -> Result<(), Refused> {
        for id in self.meant(id)? {
            self.end(id, at);
            if let Some(spec) = self.ro_specs.iter_mut().find(|spec| spec.id == id) {
                spec.state = State::Disabled;
            }
        }
        Ok(())
    }

    fn start_ro_spec(&mut self, id: u32, at: Moment) -> Result<(), Refused> {
        match self
            .ro_specs
            .iter()
            .find(|spec| spec.id == id)
            .map(|spec| &spec.state)
        {
            None => Err(NO_SUCH_SPEC),
            Some(State::Disabled) => Err((FIELD_ERROR, "the ROSpec is disabled")),
            Some(State::Active(_)) => Ok(()),
            Some(State::Inactive(_)) => {
                self.begin(id, at);
                Ok(())
            }
        }
    }

    fn stop_ro_spec(&mut self, id: u32, at: Moment) -> Result<(), Refused> {
        match self.ro_specs.iter().find(|spec| spec.id == id).map(RoSpec::run) {
            None => Err(NO_SUCH_SPEC),
            Some(None) => Err((FIELD_ERROR, "the ROSpec is not active")),
            Some(Some(_)) => {
                self.end(id, at);
                Ok(())
            }
        }
    }

    fn add_access_spec(&mut self, asked: &Message) -> Result<(), Refused> {
        let given = asked
            .child(p::ACCESS_SPEC)
            .ok_or((PARAMETER_ERROR, "no AccessSpec"))?;
        let spec = AccessSpec::of(given).ok_or((FIELD_ERROR, "something in the AccessSpec cannot be"))?;
        if self.access_specs.iter().any(|known| known.id == spec.id) {
            return Err((FIELD_ERROR, "there is an AccessSpec of this number"));
        }
        if self.access_specs.len() >= SPECS_MAX {
            return Err((DEVICE_ERROR, "no room for more AccessSpecs"));
        }
        self.access_specs.push(spec);
        Ok(())
    }

    /// Does something to the AccessSpecs that are meant: 0 is all.
    fn of_access_specs(&mut self, id: u32, act: impl FnOnce(&mut Vec<AccessSpec>)) -> Result<(), Refused> {
        if id != 0 && !self.access_specs.iter().any(|spec| spec.id == id) {
            return Err(NO_SUCH_SPEC);
        }
        let (mut meant, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.access_specs)
            .into_iter()
            .partition(|spec| id == 0 || spec.id == id);
        act(&mut meant);
        self.access_specs = others;
        self.access_specs.append(&mut meant);
        Ok(())
    }

    /// What was held back is said.
    fn let_go(&mut self, at: Moment) {
        if let Some(client) = &mut self.client {
            client.is_waited_for = false;
        }
        if std::mem::take(&mut self.is_overflown) {
            self.tell(&Event::BufferOverflow, at);
        }
        for spoken in std::mem::take(&mut self.kept) {
            self.say(spoken, at);
        }
    }
}

fn enable(specs: &mut [AccessSpec], is_enabled: bool) {
    specs.iter_mut().for_each(|spec| spec.is_enabled = is_enabled);
}

/// The place of a port in a list; a number of 0 is none.
fn port(given: &Parameter, name: &str) -> usize {
    number::<usize>(given, name).unwrap_or(0).wrapping_sub(1)
}
