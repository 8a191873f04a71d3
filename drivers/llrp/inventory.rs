//! Looking for tags: a ROSpec is added, enabled, started, stopped and deleted, and its reports told from others.
//!
//! ```text
//! none ─▶ adding ─▶ enabling ─▶ starting ─▶ running ─▶ stopping ─▶ deleting ─▶ none
//! ```
//!
//! What is wanted and what the reader does are kept apart: each answer moves the reader one step towards what is wanted
//! then. Every inventory has a ROSpec number of its own, so that a report that was on its way when the inventory ended is
//! never one of the next.
//!
//! A stop closes the gate at once: from the moment that it is asked for no report is a read, whatever the reader still
//! sends. Those reports are counted, and said to have come late.

use tallyman_codes::Moment;

use super::LlrpRules;
use super::capabilities::Capabilities;
use super::events::RoSpecEvent;
use super::numbers::message as m;
use super::requests::{Effort, Look, Request};
use super::session::{Ask, Asker};
use super::status::Status;
use crate::contract::{EpcFilter, Inventory, Output, Outputs};

/// The first number of a ROSpec of this program. Others count from 1.
const RO_SPEC_FIRST: u32 = 7_001;
/// How many numbers are used in turn.
const RO_SPECS: u32 = 1_000;
/// The pause before a ROSpec that ended by itself is started again.
const REST_MS: u64 = 1_000;

/// Whether a report of a tag is a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Every report is: recorded bytes are read.
    Open,
    /// None is: they are of a ROSpec that was in the reader before this program.
    Foreign,
    /// None is: nothing is looked for, or not any more.
    Closed,
    /// Those of this ROSpec are, of tags that this filter takes.
    Only(u32, Option<EpcFilter>),
}

impl Gate {
    /// Whether a report of this ROSpec passes. One that does not say which it is of passes while one of ours runs.
    #[inline]
    pub(super) fn passes(&self, ro_spec: Option<u32>) -> bool {
        match self {
            Self::Open => true,
            Self::Foreign | Self::Closed => false,
            Self::Only(ours, _) => ro_spec.is_none_or(|ro_spec| ro_spec == *ours),
        }
    }

    /// Whether a tag with this EPC is looked for.
    #[inline]
    pub(super) fn takes(&self, epc: &[u8]) -> bool {
        match self {
            Self::Only(_, Some(filter)) => filter.takes(epc),
            _ => true,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    None,
    Adding(Effort),
    Enabling,
    Starting,
    Running,
    /// It ended by itself, and is started again at this moment.
    Resting(Moment),
    Stopping,
    Deleting,
}

impl State {
    /// The question whose answer is waited for.
    const fn question(self) -> Option<u16> {
        match self {
            Self::None | Self::Running | Self::Resting(_) => None,
            Self::Adding(_) => Some(m::ADD_ROSPEC),
            Self::Enabling => Some(m::ENABLE_ROSPEC),
            Self::Starting => Some(m::START_ROSPEC),
            Self::Stopping => Some(m::STOP_ROSPEC),
            Self::Deleting => Some(m::DELETE_ROSPEC),
        }
    }
}

/// What a step needs to send.
pub(super) struct Context<'a> {
    pub(super) rules: &'a LlrpRules,
    pub(super) reader: &'a Capabilities,
    pub(super) impinj: bool,
    pub(super) asker: &'a mut Asker,
    pub(super) at: Moment,
    pub(super) out: &'a mut Outputs,
}

impl Context<'_> {
    fn ask(&mut self, request: Request) {
        self.asker.ask(Ask::Inventory, request, self.at, self.out);
    }
}

/// The inventories of a connection, one after the other.
#[derive(Debug, Default)]
pub(super) struct Inventories {
    wanted: Option<Inventory>,
    /// What the ROSpec in the reader was made of.
    given: Option<Inventory>,
    state: State,
    /// How many ROSpecs there were.
    count: u32,
    /// The program was told that the reader looks for tags.
    is_told: bool,
    late: u64,
    is_foreign_told: bool,
    is_filter_told: bool,
}

impl Inventories {
    /// What the program wants now. Nothing is sent.
    pub(super) fn want(&mut self, inventory: Option<Inventory>) {
        self.wanted = inventory;
    }

    fn ro_spec(&self) -> u32 {
        RO_SPEC_FIRST + self.count % RO_SPECS
    }

    pub(super) fn gate(&self) -> Gate {
        match (self.state, self.wanted) {
            (State::Starting | State::Running | State::Resting(_), Some(wanted))
                if self.wanted == self.given =>
            {
                Gate::Only(self.ro_spec(), wanted.filter)
            }
            _ => Gate::Closed,
        }
    }

    /// Takes the next step towards what is wanted, if none is under way.
    pub(super) fn go_on(&mut self, context: &mut Context<'_>) {
        if self.wanted.is_none() {
            self.tell(false, context.out);
        }
        match self.state {
            State::None => {
                if let Some(wanted) = self.wanted {
                    self.count = self.count.wrapping_add(1);
                    self.given = Some(wanted);
                    self.add(&wanted, Effort::Full, context);
                }
            }
            // Started already, or about to be: the stop need not wait for that.
            State::Starting | State::Running | State::Resting(_) if self.wanted != self.given => {
                self.state = State::Stopping;
                context.ask(Request::of_spec(m::STOP_ROSPEC, self.ro_spec()));
            }
            _ => {}
        }
    }

    fn add(&mut self, inventory: &Inventory, effort: Effort, context: &mut Context<'_>) {
        self.state = State::Adding(effort);
        let request = self.request(inventory, effort, context);
        if effort == Effort::Full {
            self.tell_limits(inventory, context);
        }
        context.ask(request);
    }

    fn request(&self, inventory: &Inventory, effort: Effort, context: &Context<'_>) -> Request {
        let look = Look {
            ro_spec: self.ro_spec(),
            inventory,
            rules: context.rules,
            reader: context.reader,
            impinj: context.impinj,
        };
        Request::ro_spec(&look, effort)
    }

    /// Says what the reader cannot do as it is wished.
    fn tell_limits(&mut self, inventory: &Inventory, context: &mut Context<'_>) {
        let wanted = inventory.power_centi_dbm.or(context.rules.power_centi_dbm);
        if let Some(wanted) = wanted {
            let message = match context.reader.power(wanted) {
                None => {
                    Some("The reader does not say which powers it has; it sends with its own.".to_owned())
                }
                Some((_, power)) if power > i32::from(wanted) => Some(format!(
                    "The reader's lowest power is {} dBm, above the {} dBm that were asked for.",
                    f64::from(power) / 100.0,
                    f64::from(wanted) / 100.0
                )),
                Some(_) => None,
            };
            if let Some(message) = message {
                context.out.push(Output::notice("power_limits", message));
            }
        }
        if inventory.filter.is_some() && context.reader.filters_max == Some(0) && !self.is_filter_told {
            self.is_filter_told = true;
            context.out.push(Output::notice(
                "filter_here",
                "The reader takes no filter: it reports all tags, and those not looked for are left out here.",
            ));
        }
    }

    /// A question was answered. Only the answer to the step under way counts: a stop overtakes a start.
    pub(super) fn answered(&mut self, kind: u16, status: &Status, context: &mut Context<'_>) {
        if self.state.question() != Some(kind) {
            return;
        }
        match (self.state, status) {
            (State::Adding(effort), Status::Refused(why)) => return self.refused(effort, why, context),
            (State::Enabling | State::Starting, Status::Refused(why)) => {
                self.give_up(why, context);
                return self.delete(context);
            }
            (State::Adding(_), Status::Done) if self.wanted == self.given => {
                self.state = State::Enabling;
                context.ask(Request::of_spec(m::ENABLE_ROSPEC, self.ro_spec()));
            }
            (State::Enabling, Status::Done) if self.wanted == self.given => {
                self.state = State::Starting;
                context.ask(Request::of_spec(m::START_ROSPEC, self.ro_spec()));
            }
            (State::Adding(_) | State::Enabling, Status::Done) => return self.delete(context),
            (State::Starting, Status::Done) => {
                self.state = State::Running;
                self.tell(true, context.out);
            }
            // Some readers call it an error to stop what does not run.
            (State::Stopping, _) => return self.delete(context),
            (State::Deleting, _) => {
                self.state = State::None;
                self.given = None;
                self.tell_late(context.out);
            }
            (State::None | State::Running | State::Resting(_), _) => {}
        }
        self.go_on(context);
    }

    fn delete(&mut self, context: &mut Context<'_>) {
        self.state = State::Deleting;
        context.ask(Request::of_spec(m::DELETE_ROSPEC, self.ro_spec()));
    }

    /// The reader refused the ROSpec: it is asked for less, as long as that is another request.
    fn refused(&mut self, effort: Effort, why: &str, context: &mut Context<'_>) {
        let Some(given) = self.given else {
            self.state = State::None;
            return;
        };
        let refused = self.request(&given, effort, context);
        let mut next = effort.less();
        while let Some(less) = next {
            if self.request(&given, less, context) != refused {
                context.out.push(Output::notice(
                    "settings_refused",
                    format!(
                        "The reader refused how it is to look for tags: {why} It is tried without {}.",
                        less.left_out()
                    ),
                ));
                return self.add(&given, less, context);
            }
            next = less.less();
        }
        self.give_up(why, context);
        self.state = State::None;
        self.given = None;
    }

    fn give_up(&mut self, why: &str, context: &mut Context<'_>) {
        self.wanted = None;
        self.tell(false, context.out);
        context.out.push(Output::notice(
            "inventory_refused",
            format!("The reader does not look for tags: {why}"),
        ));
    }

    /// Whether a report is the first that the program hears of this inventory.
    pub(super) fn is_untold(&self) -> bool {
        self.state == State::Starting && !self.is_told
    }

    /// A report of the ROSpec came before the answer to its start.
    pub(super) fn tags_come(&mut self, out: &mut Outputs) {
        self.tell(true, out);
    }

    /// The reader says that a ROSpec started or ended.
    pub(super) fn event(&mut self, ro_spec: u32, event: RoSpecEvent, at: Moment, out: &mut Outputs) {
        if ro_spec != self.ro_spec() || self.wanted != self.given {
            return;
        }
        match (event, self.state) {
            (RoSpecEvent::Started, State::Resting(_)) => {
                self.state = State::Running;
                self.tell(true, out);
            }
            (RoSpecEvent::Started, State::Starting) => self.tell(true, out),
            (RoSpecEvent::Ended, State::Running) => {
                self.state = State::Resting(at.plus_ms(REST_MS));
                self.tell(false, out);
                out.push(Output::notice(
                    "inventory_ended",
                    "The reader stopped looking for tags by itself; it is started again.",
                ));
            }
            _ => {}
        }
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        match self.state {
            State::Resting(until) => Some(until),
            _ => None,
        }
    }

    pub(super) fn idle(&mut self, context: &mut Context<'_>) {
        if self.deadline().is_some_and(|deadline| deadline <= context.at) {
            self.state = State::Starting;
            context.ask(Request::of_spec(m::START_ROSPEC, self.ro_spec()));
        }
    }

    /// Reports that were no reads.
    pub(super) fn not_counted(&mut self, not_counted: &NotCounted, out: &mut Outputs) {
        self.late = self.late.saturating_add(not_counted.late);
        if not_counted.foreign > 0 && !std::mem::replace(&mut self.is_foreign_told, true) {
            let which = match not_counted.ro_spec {
                Some(ro_spec) => format!("ROSpec {ro_spec}"),
                None => "a ROSpec".to_owned(),
            };
            out.push(Output::notice(
                "foreign_reports",
                format!("The reader reports tags of {which}, which another program left in it; they are not counted."),
            ));
        }
    }

    fn tell_late(&mut self, out: &mut Outputs) {
        let late = std::mem::take(&mut self.late);
        if late > 0 {
            out.push(Output::notice(
                "late_reports",
                format!("{late} reports of tags came after the stop and were not counted."),
            ));
        }
    }

    /// The connection is lost.
    pub(super) fn lost(&mut self, out: &mut Outputs) {
        self.tell(false, out);
        *self = Self::default();
    }

    fn tell(&mut self, running: bool, out: &mut Outputs) {
        if std::mem::replace(&mut self.is_told, running) != running {
            out.push(Output::Inventory { running });
        }
    }
}

/// Reports of tags in one message that were no reads.
#[derive(Debug, Default)]
pub(super) struct NotCounted {
    foreign: u64,
    /// The number of a foreign ROSpec, where it is reported.
    ro_spec: Option<u32>,
    late: u64,
}

impl NotCounted {
    pub(super) fn is_empty(&self) -> bool {
        self.foreign == 0 && self.late == 0
    }

    /// A report of this ROSpec did not pass the gate.
    pub(super) fn add(&mut self, gate: Gate, ro_spec: Option<u32>) {
        let is_ours = |number: &u32| (RO_SPEC_FIRST..RO_SPEC_FIRST + RO_SPECS).contains(number);
        if gate == Gate::Foreign || ro_spec.is_some_and(|number| !is_ours(&number)) {
            self.foreign += 1;
            self.ro_spec = ro_spec.or(self.ro_spec);
        } else {
            self.late += 1;
        }
    }
}
