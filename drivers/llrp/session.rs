//! The conversation with a reader: from its greeting over the set-up to looking for tags, and what it tells meanwhile.
//!
//! ```text
//! greeting ─▶ capabilities ─▶ extensions? ─▶ old specs deleted ─▶ configuration ─▶ inputs? ─▶ ready
//! ```
//!
//! The reader speaks first and is asked nothing before (LLRP 1.0.1, section 20.1). Answers are found by their number;
//! anything may come between a question and its answer.

use std::collections::BTreeMap;

use tallyman_codes::Moment;

use super::LlrpRules;
use super::capabilities::Capabilities;
use super::events;
use super::inventory::{Context, Gate, Inventories, NotCounted};
use super::layout::IMPINJ;
use super::numbers::message as m;
use super::requests::Request;
use super::status::Status;
use super::tree::Message;
use super::{message_name, message_spec};
use crate::contract::{Command, Output, Outputs};

/// How long a reader may take to say who it is. It does so at once; a busy one is given time.
const GREETING_MS_MAX: u64 = 10_000;
/// How long it may take to answer. Deleting and adding specs takes some a second or two.
const ANSWER_MS_MAX: u64 = 5_000;
/// How many intervals without a byte a reader is given before it counts as dead.
const KEEPALIVES_MISSED_MAX: u64 = 3;
/// Questions that may be open. The set-up asks one after the other, and outputs are few.
const OPEN_MAX: usize = 32;
/// Outputs that are remembered until the reader is ready.
const OUTPUT_PORTS_MAX: usize = 32;

/// What a question is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// What can it do?
    Capabilities,
    /// Impinj's own parameters, please.
    Extensions,
    /// What earlier programs left.
    DeleteRoSpecs,
    /// The same for access to tags' memory.
    DeleteAccessSpecs,
    /// Events and keep-alives; the second attempt asks for less.
    Configuration {
        /// Asks only for what every reader has.
        is_plain: bool,
    },
    /// The levels of the inputs.
    Inputs,
    /// An output.
    Output(u16),
    /// A step of an inventory.
    Inventory,
}

#[derive(Debug)]
struct Open {
    id: u32,
    kind: u16,
    ask: Ask,
    deadline: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The link was never opened: recorded bytes are read, and nothing is asked.
    Passive,
    /// The reader is to say who it is, by this moment.
    Greeting(Moment),
    /// It is being asked and told.
    SetUp,
    /// It does what it is told.
    Ready,
    /// The connection is of no use any more.
    Over,
}

/// The conversation.
#[derive(Debug)]
pub(super) struct Session {
    rules: LlrpRules,
    stage: Stage,
    asker: Asker,
    reader: Capabilities,
    inventories: Inventories,
    outputs: BTreeMap<u16, bool>,
    heard_at: Moment,
    hang_up: Option<String>,
}

/// Sends questions and knows which are open.
#[derive(Debug, Default)]
pub(super) struct Asker {
    last_id: u32,
    open: Vec<Open>,
}

impl Asker {
    /// Sends a question.
    pub(super) fn ask(&mut self, ask: Ask, request: Request, at: Moment, out: &mut Outputs) {
        let kind = request.kind;
        self.send(request, out);
        if self.open.len() < OPEN_MAX {
            self.open.push(Open {
                id: self.last_id,
                kind,
                ask,
                deadline: at.plus_ms(ANSWER_MS_MAX),
            });
        }
    }

    /// Sends what has no answer.
    fn send(&mut self, request: Request, out: &mut Outputs) {
        self.last_id = self.last_id.wrapping_add(1).max(1);
        let message = Message::new(request.kind, self.last_id, request.fields, request.parameters);
        // What the driver makes is far below every limit; a test encodes each request it can make.
        if let Ok(bytes) = message.encode() {
            out.push(Output::Write(bytes));
        }
    }

    /// The question that a message answers, which is then no longer open.
    fn answered(&mut self, message: &Message) -> Option<Open> {
        let place = self.open.iter().position(|open| {
            let answer = message_spec(open.kind).and_then(|spec| spec.answer);
            // A vendor's message is answered by another of the vendor.
            let fits = answer.unwrap_or(open.kind) == message.kind || message.kind == m::ERROR_MESSAGE;
            open.id == message.id && fits
        })?;
        Some(self.open.remove(place))
    }

    fn deadline(&self) -> Option<Moment> {
        self.open.iter().map(|open| open.deadline).min()
    }
}

impl Session {
    pub(super) fn new(rules: LlrpRules) -> Self {
        Self {
            inventories: Inventories::default(),
            rules,
            stage: Stage::Passive,
            asker: Asker::default(),
            reader: Capabilities::default(),
            outputs: BTreeMap::new(),
            heard_at: Moment::default(),
            hang_up: None,
        }
    }

    /// The link is open.
    pub(super) fn opened(&mut self, at: Moment) {
        self.heard_at = at;
        self.stage = Stage::Greeting(at.plus_ms(GREETING_MS_MAX));
        if self.rules.autostart {
            self.inventories.want(Some(Default::default()));
        }
    }

    /// Why the connection is of no use any more.
    pub(super) fn hang_up(&self) -> Option<&str> {
        self.hang_up.as_deref()
    }

    /// Whether reports of tags are reads now.
    pub(super) fn gate(&self) -> Gate {
        match self.stage {
            Stage::Passive => Gate::Open,
            Stage::Ready => self.inventories.gate(),
            Stage::Greeting(_) | Stage::SetUp => Gate::Foreign,
            Stage::Over => Gate::Closed,
        }
    }

    /// Whether the program has not heard yet that the reader looks for tags.
    pub(super) fn is_untold(&self) -> bool {
        self.stage == Stage::Ready && self.inventories.is_untold()
    }

    /// A report is a read: the reader looks for tags.
    pub(super) fn tags_come(&mut self, out: &mut Outputs) {
        self.inventories.tags_come(out);
    }

    /// Reports came that were no reads: of a ROSpec that is not ours, or after the stop was sent.
    pub(super) fn not_counted(&mut self, not_counted: &NotCounted, out: &mut Outputs) {
        self.inventories.not_counted(not_counted, out);
    }

    /// Bytes came.
    pub(super) fn heard(&mut self, at: Moment) {
        self.heard_at = at;
    }

    /// The connection cannot go on; why, as a sentence.
    pub(super) fn end(&mut self, reason: impl Into<String>, out: &mut Outputs) {
        if matches!(self.stage, Stage::Passive | Stage::Over) {
            return;
        }
        self.hang_up = Some(reason.into());
        self.stage = Stage::Over;
        self.asker.open.clear();
        self.inventories.lost(out);
    }

    /// A whole message that is no tag report and no keep-alive.
    pub(super) fn message(&mut self, message: &Message, at: Moment, out: &mut Outputs) {
        if message.kind == m::READER_EVENT_NOTIFICATION {
            return self.event(message, at, out);
        }
        if let Some(open) = self.asker.answered(message) {
            return self.answer(&open, message, at, out);
        }
        if message_spec(message.kind).is_none() {
            out.push(Output::notice(
                "unknown_message",
                format!(
                    "The reader sent a message of the unknown type {}; it was set aside.",
                    message.kind
                ),
            ));
        }
        if message.kind == m::ERROR_MESSAGE
            && let Status::Refused(why) = Status::of(message)
        {
            out.push(Output::notice(
                "reader_error",
                format!("The reader reports {why}"),
            ));
        }
    }

    fn event(&mut self, message: &Message, at: Moment, out: &mut Outputs) {
        let told = events::tell(message, matches!(self.stage, Stage::Greeting(_)), out);
        match told.connection {
            Some(events::Connection::Made) if matches!(self.stage, Stage::Greeting(_)) => {
                self.stage = Stage::SetUp;
                self.asker
                    .ask(Ask::Capabilities, Request::capabilities(), at, out);
            }
            // A reader may say so twice; it is asked once.
            Some(events::Connection::Made) | None => {}
            Some(events::Connection::Refused(why) | events::Connection::Closed(why)) => self.end(why, out),
        }
        if let Some((ro_spec, event)) = told.ro_spec
            && self.stage == Stage::Ready
        {
            self.inventories.event(ro_spec, event, at, out);
        }
    }

    fn answer(&mut self, open: &Open, message: &Message, at: Moment, out: &mut Outputs) {
        let status = Status::of(message);
        match open.ask {
            Ask::Inventory => {
                return self.inventory(
                    |inventories, context| inventories.answered(open.kind, &status, context),
                    at,
                    out,
                );
            }
            Ask::Capabilities => self.capable(message, &status, out),
            Ask::Extensions => {
                if let Status::Refused(why) = &status {
                    self.reader.manufacturer = 0;
                    out.push(Output::notice(
                        "extensions_refused",
                        format!(
                            "The reader says that it is Impinj's and does not take its extensions ({why}) Signal strength \
                             comes in whole dBm; set `impinj=off`."
                        ),
                    ));
                }
            }
            Ask::DeleteRoSpecs | Ask::DeleteAccessSpecs => {
                if let Status::Refused(why) = &status {
                    out.push(Output::notice(
                        "old_specs_left",
                        format!(
                            "What another program left in the reader could not be deleted: {why} What it reports is not \
                             counted."
                        ),
                    ));
                }
            }
            Ask::Configuration { is_plain } => {
                if let Status::Refused(why) = &status {
                    let rest = if is_plain {
                        "It is used as it is."
                    } else {
                        "It is asked for less."
                    };
                    out.push(Output::notice(
                        "settings_refused",
                        format!("The reader refused its configuration: {why} {rest}"),
                    ));
                    if !is_plain {
                        return self.configure(true, at, out);
                    }
                    // Nobody knows now whether it says that it lives.
                    self.rules.keepalive_ms = 0;
                }
            }
            Ask::Inputs => events::inputs(message, out),
            Ask::Output(port) => {
                if let Status::Refused(why) = &status {
                    out.push(Output::notice(
                        "output_refused",
                        format!("The reader did not set its output {port}: {why}"),
                    ));
                }
                return;
            }
        }
        if self.stage == Stage::SetUp {
            self.next(open.ask, at, out);
        }
    }

    fn capable(&mut self, message: &Message, status: &Status, out: &mut Outputs) {
        if let Status::Refused(why) = status {
            out.push(Output::notice(
                "no_capabilities",
                format!("The reader did not say what it can do: {why} It is used with its own settings."),
            ));
        }
        self.reader = Capabilities::of(message);
        for (name, text) in [
            ("manufacturer", self.reader.manufacturer.to_string()),
            ("model", self.reader.model.to_string()),
            ("revision", self.reader.firmware.clone()),
            ("antennas", self.reader.antennas.to_string()),
        ] {
            out.push(Output::Answer {
                name: name.into(),
                bytes: text.clone().into_bytes(),
                text,
            });
        }
    }

    fn is_impinj(&self) -> bool {
        self.rules.impinj && self.reader.manufacturer == IMPINJ
    }

    /// The step of the set-up after this one.
    fn next(&mut self, done: Ask, at: Moment, out: &mut Outputs) {
        match done {
            Ask::Capabilities if self.is_impinj() => {
                self.asker.ask(Ask::Extensions, Request::extensions(), at, out);
            }
            Ask::Capabilities | Ask::Extensions => {
                let all = Request::of_spec(m::DELETE_ROSPEC, 0);
                self.asker.ask(Ask::DeleteRoSpecs, all, at, out);
            }
            Ask::DeleteRoSpecs => {
                let all = Request::of_spec(m::DELETE_ACCESSSPEC, 0);
                self.asker.ask(Ask::DeleteAccessSpecs, all, at, out);
            }
            Ask::DeleteAccessSpecs => self.configure(false, at, out),
            Ask::Configuration { .. } => {
                // An earlier program may have had them held back until somebody asks.
                self.asker.send(Request::enable_reports(), out);
                if self.reader.inputs > 0 {
                    self.asker.ask(Ask::Inputs, Request::inputs(), at, out);
                } else {
                    self.ready(at, out);
                }
            }
            Ask::Inputs => self.ready(at, out),
            Ask::Output(_) | Ask::Inventory => {}
        }
    }

    fn configure(&mut self, is_plain: bool, at: Moment, out: &mut Outputs) {
        let inputs = self.reader.inputs.min(super::PORTS_MAX);
        let request = Request::configuration(self.rules.reset, self.rules.keepalive_ms, inputs, is_plain);
        self.asker.ask(Ask::Configuration { is_plain }, request, at, out);
    }

    fn ready(&mut self, at: Moment, out: &mut Outputs) {
        self.stage = Stage::Ready;
        out.push(Output::notice(
            "reader_ready",
            format!(
                "The reader is set up; its firmware is {:?}.",
                self.reader.firmware
            ),
        ));
        for (port, high) in std::mem::take(&mut self.outputs) {
            self.output(port, high, at, out);
        }
        self.inventory(|inventories, context| inventories.go_on(context), at, out);
    }

    /// Lets the inventory take a step with what it needs.
    fn inventory(
        &mut self,
        step: impl FnOnce(&mut Inventories, &mut Context<'_>),
        at: Moment,
        out: &mut Outputs,
    ) {
        let impinj = self.is_impinj();
        let mut context = Context {
            rules: &self.rules,
            reader: &self.reader,
            impinj,
            asker: &mut self.asker,
            at,
            out,
        };
        step(&mut self.inventories, &mut context);
    }

    fn output(&mut self, port: u16, high: bool, at: Moment, out: &mut Outputs) {
        self.asker
            .ask(Ask::Output(port), Request::output(port, high), at, out);
    }

    pub(super) fn command(&mut self, command: &Command, at: Moment, out: &mut Outputs) -> bool {
        if matches!(self.stage, Stage::Passive | Stage::Over) {
            return false;
        }
        match *command {
            Command::StartInventory(inventory) => self.inventories.want(Some(inventory)),
            Command::StopInventory => self.inventories.want(None),
            Command::SetOutput { port, high } => {
                let is_there = self.reader.outputs.is_none_or(|outputs| port <= outputs);
                if port == 0 || !is_there {
                    return false;
                }
                if self.stage == Stage::Ready {
                    self.output(port, high, at, out);
                } else if self.outputs.len() < OUTPUT_PORTS_MAX || self.outputs.contains_key(&port) {
                    self.outputs.insert(port, high);
                }
                return true;
            }
            Command::Enable
            | Command::Disable
            | Command::TriggerOn
            | Command::TriggerOff
            | Command::Signal(_) => return false,
        }
        if self.stage == Stage::Ready {
            self.inventory(|inventories, context| inventories.go_on(context), at, out);
        }
        true
    }

    fn dead_at(&self) -> Option<Moment> {
        let interval_ms = u64::from(self.rules.keepalive_ms);
        (self.stage == Stage::Ready && interval_ms > 0)
            .then(|| self.heard_at.plus_ms(interval_ms * KEEPALIVES_MISSED_MAX))
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        let greeting = match self.stage {
            Stage::Greeting(by) => Some(by),
            _ => None,
        };
        let inventory = match self.stage {
            Stage::Ready => self.inventories.deadline(),
            _ => None,
        };
        [greeting, self.asker.deadline(), self.dead_at(), inventory]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn idle(&mut self, at: Moment, out: &mut Outputs) {
        let is_over = |deadline: Option<Moment>| deadline.is_some_and(|deadline| deadline <= at);
        if matches!(self.stage, Stage::Greeting(by) if by <= at) {
            out.push(Output::notice(
                "no_greeting",
                "The connection stands and the reader does not say who it is: check that the address and port are those of \
                 LLRP, 5084 or with TLS 5085.",
            ));
            return self.end("the reader did not say who it is.", out);
        }
        if is_over(self.asker.deadline()) {
            let silent = self.asker.open.iter().find(|open| open.deadline <= at);
            let name = silent.map_or("UNKNOWN", |open| message_name(open.kind));
            out.push(Output::notice(
                "no_answer",
                format!(
                    "The reader did not answer {name} in {} s; it is connected to anew.",
                    ANSWER_MS_MAX / 1_000
                ),
            ));
            return self.end(format!("the reader did not answer {name}."), out);
        }
        if is_over(self.dead_at()) {
            let silent_ms = at.since_us(self.heard_at) / 1_000;
            out.push(Output::notice(
                "no_keepalive",
                format!("The reader has said nothing for {silent_ms} ms, not even that it lives; it is connected to anew."),
            ));
            return self.end("the reader stopped its keep-alives.", out);
        }
        if self.stage == Stage::Ready {
            self.inventory(|inventories, context| inventories.idle(context), at, out);
        }
    }
}
