//! What a virtual LLRP reader does by itself: keep-alives, triggers, rounds over its antennas, reports.

use tallyman_codes::Moment;
use tallyman_drivers::llrp::numbers::{message as m, parameter as p};
use tallyman_drivers::llrp::tree::Parameter;

use super::plan::Fault;
use super::says::{self, Event, Place};
use super::spec::{Run, Seen, Start, State};
use super::{LlrpReader, UNANSWERED_MAX, encoded};
use crate::reader::{Air, Heard, Spoken, begins_with};

/// How long the singulation of one tag takes: a thousand a second, as fixed readers reach in their fast modes.
const TAG_US: u64 = 1_000;
/// How long a round takes beside its tags.
const ROUND_US: u64 = 10_000;
/// A report that is longer than this is a huge one.
const HUGE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes that are no message: reserved bits are set in each of them.
const GARBAGE_BYTES: usize = 64;

impl LlrpReader {
    /// When [`LlrpReader::work`] or [`LlrpReader::said`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        let said = self.to_say.first_key_value().map(|((at, _), _)| *at);
        let talking = self.client.as_ref().filter(|client| !client.is_dead);
        let keepalive = talking.and_then(|client| client.keepalive_at);
        let specs = self.ro_specs.iter().flat_map(|spec| {
            let own = match &spec.state {
                State::Disabled => None,
                State::Inactive(due) => *due,
                State::Active(run) => Some(run.round_at.max(self.radio_free_at)),
            };
            [own, spec.ends_at(), spec.ai_ends_at(), spec.reports_at()]
        });
        said.into_iter().chain(keepalive).chain(specs.flatten()).min()
    }

    /// What is due.
    pub fn work(&mut self, at: Moment, air: &mut dyn Air) {
        self.keep_alive(at);
        for id in self.ro_specs() {
            self.start_by_time(id, at);
            self.end_by_time(id, at);
        }
        for id in self.turns() {
            self.round(id, at, air);
            self.report_by_time(id, at);
        }
    }

    /// The ROSpecs that are active, the one that has waited longest for the radio first.
    fn turns(&self) -> Vec<u32> {
        let active = self
            .ro_specs
            .iter()
            .filter_map(|spec| Some((spec.run()?.round_at, spec.id)));
        let mut active: Vec<_> = active.collect();
        active.sort_unstable();
        active.into_iter().map(|(_, id)| id).collect()
    }

    fn keep_alive(&mut self, at: Moment) {
        let Some(client) = self.client.as_mut().filter(|client| !client.is_dead) else {
            return;
        };
        let Some(due) = client.keepalive_at.filter(|due| *due <= at) else {
            return;
        };
        if client.unanswered >= UNANSWERED_MAX {
            client.keepalive_at = None;
            self.tell(&Event::Closes, at);
            return self.hang_up();
        }
        client.unanswered += 1;
        client.keepalive_at = Some(due.plus_ms(self.configuration.keepalive_ms).max(at));
        if self.has(Fault::NoKeepalives) {
            if let Some(client) = &mut self.client {
                client.unanswered = 0;
            }
            return;
        }
        let message = self.own(m::KEEPALIVE, Vec::new());
        let spoken = Spoken {
            bytes: encoded(&message),
            tags: Vec::new(),
        };
        self.say(spoken, at);
    }

    fn spec_mut(&mut self, id: u32) -> Option<&mut super::RoSpec> {
        self.ro_specs.iter_mut().find(|spec| spec.id == id)
    }

    fn start_by_time(&mut self, id: u32, at: Moment) {
        let due = match self.spec_mut(id).map(|spec| &spec.state) {
            Some(State::Inactive(Some(due))) if *due <= at => *due,
            _ => return,
        };
        self.begin(id, due);
    }

    /// An input starts and ends what waits for it.
    pub(super) fn input_triggers(&mut self, port: u16, high: bool, at: Moment) {
        for id in self.ro_specs() {
            let Some(spec) = self.ro_specs.iter().find(|spec| spec.id == id) else {
                continue;
            };
            let starts = matches!(spec.start, Start::Input { port: p, high: h } if (p, h) == (port, high));
            let current = spec.run().and_then(|run| spec.ai_specs.get(run.ai));
            if spec.stop.is_input((port, high)) {
                self.end(id, at);
            } else if current.is_some_and(|ai| ai.stop.is_input((port, high))) {
                self.end_ai_spec(id, at);
            }
            let waits = self
                .ro_specs
                .iter()
                .any(|spec| spec.id == id && matches!(spec.state, State::Inactive(_)));
            if starts && waits {
                self.begin(id, at);
            }
        }
    }

    /// A ROSpec becomes active.
    pub(super) fn begin(&mut self, id: u32, at: Moment) {
        if let Some(spec) = self.spec_mut(id) {
            spec.state = State::Active(Run {
                began: at,
                ai: 0,
                ai_began: at,
                turn: 0,
                round_at: at,
                pending: Vec::new(),
                reported_at: at,
            });
            self.tell(&Event::RoSpecStarted(id), at);
        }
    }

    /// A ROSpec that is active ends: what it saw is reported, and nothing that it would have seen.
    pub(super) fn end(&mut self, id: u32, at: Moment) {
        let Some(spec) = self.spec_mut(id) else {
            return;
        };
        let next = match spec.start {
            Start::Periodic { period_ms, .. } if period_ms > 0 => {
                spec.run().map(|run| run.began.plus_ms(period_ms))
            }
            _ => None,
        };
        let (wish, state) = (
            spec.wish,
            std::mem::replace(&mut spec.state, State::Inactive(next)),
        );
        let State::Active(run) = state else {
            spec.state = state;
            return;
        };
        self.unsay_tags_after(at);
        if wish.is_at_end() {
            let seen = run.pending.into_iter().filter(|seen| seen.last <= at).collect();
            self.report_tags(id, run.ai, seen, at);
        }
        self.radio_free_at = self.radio_free_at.min(at);
        self.tell(&Event::RoSpecEnded(id), at);
    }

    /// What was to be told of tags that are seen later.
    fn unsay_tags_after(&mut self, at: Moment) {
        self.to_say
            .retain(|(when, _), spoken| *when <= at || spoken.tags.is_empty());
    }

    fn end_by_time(&mut self, id: u32, at: Moment) {
        let spec = self.ro_specs.iter().find(|spec| spec.id == id);
        let (whole, part) = spec.map_or((None, None), |spec| (spec.ends_at(), spec.ai_ends_at()));
        if let Some(end) = whole.filter(|end| *end <= at) {
            self.end(id, end);
        } else if let Some(end) = part.filter(|end| *end <= at) {
            self.end_ai_spec(id, end);
        }
    }

    /// The next AISpec, or the end of the ROSpec.
    fn end_ai_spec(&mut self, id: u32, at: Moment) {
        let Some(spec) = self.spec_mut(id) else {
            return;
        };
        let (wish, specs) = (spec.wish, spec.ai_specs.len());
        let State::Active(run) = &mut spec.state else {
            return;
        };
        let ended = run.ai;
        (run.ai, run.turn, run.ai_began, run.round_at) = (run.ai + 1, 0, at, at);
        let seen = if wish.is_at_end_of_ai_spec() {
            std::mem::take(&mut run.pending)
        } else {
            Vec::new()
        };
        if !seen.is_empty() {
            self.report_tags(id, ended, seen, at);
        }
        self.tell(&Event::AiSpecEnded(id, ended as u16 + 1), at);
        if ended + 1 >= specs {
            self.end(id, at);
        }
    }

    /// One round on the next antenna.
    fn round(&mut self, id: u32, at: Moment, air: &mut dyn Air) {
        let radio_free_at = self.radio_free_at;
        let is_silent = self.has(Fault::NoKeepalives);
        let Some(spec) = self.spec_mut(id) else {
            return;
        };
        let (ends_at, ai_ends_at) = (spec.ends_at(), spec.ai_ends_at());
        let State::Active(run) = &mut spec.state else {
            return;
        };
        let began = run.round_at.max(radio_free_at);
        let Some(ai) = spec.ai_specs.get(run.ai).filter(|_| began <= at) else {
            return;
        };
        let antenna = ai
            .antennas
            .get(run.turn % ai.antennas.len().max(1))
            .copied()
            .unwrap_or(1);
        let power = ai.power.and_then(says::power_of).unwrap_or(says::POWER_MOST);
        let mut heard = Vec::new();
        if !is_silent {
            air.round(antenna, power, began, &mut heard);
        }
        if let Some((mask, bits)) = &ai.filter {
            heard.retain(|heard| begins_with(&heard.epc, mask, *bits));
        }
        let over = [ends_at, ai_ends_at].into_iter().flatten().min();
        let moment = |number: usize| Moment::from_us(began.us + TAG_US * (number as u64 + 1));
        let end = Moment::from_us(moment(heard.len()).us + ROUND_US);
        (run.turn, run.round_at) = (run.turn + 1, end);
        self.radio_free_at = end;
        for (number, heard) in heard.iter().enumerate() {
            let seen_at = moment(number);
            if over.is_some_and(|over| over <= seen_at) {
                break;
            }
            self.see(id, seen(heard, antenna, seen_at));
        }
    }

    /// A tag was singulated: it waits to be reported, or makes a report whole.
    fn see(&mut self, id: u32, seen: Seen) {
        let Some(spec) = self.spec_mut(id) else {
            return;
        };
        let wish = spec.wish;
        let State::Active(run) = &mut spec.state else {
            return;
        };
        let same = |known: &&mut Seen| (known.epc, known.antenna) == (seen.epc, seen.antenna);
        match run.pending.iter_mut().find(same) {
            Some(known) => {
                known.count = known.count.saturating_add(1);
                known.last = seen.last;
                known.rssi_centi_dbm = known.rssi_centi_dbm.max(seen.rssi_centi_dbm);
            }
            None => run.pending.push(seen),
        }
        if wish.is_full(run.pending.len()) {
            let (ai, tags) = (run.ai, std::mem::take(&mut run.pending));
            self.report_tags(id, ai, tags, seen.last);
        }
    }

    fn report_by_time(&mut self, id: u32, at: Moment) {
        let Some(spec) = self.spec_mut(id) else {
            return;
        };
        let Some(due) = spec.reports_at().filter(|due| *due <= at) else {
            return;
        };
        let State::Active(run) = &mut spec.state else {
            return;
        };
        run.reported_at = due;
        let (tags, later) = std::mem::take(&mut run.pending)
            .into_iter()
            .partition(|seen| seen.last <= at);
        run.pending = later;
        let ai = run.ai;
        self.report_tags(id, ai, tags, at);
    }

    /// What every ROSpec has seen so far.
    pub(super) fn report_all(&mut self, at: Moment) {
        for id in self.ro_specs() {
            let Some(State::Active(run)) = self.spec_mut(id).map(|spec| &mut spec.state) else {
                continue;
            };
            let (tags, later) = std::mem::take(&mut run.pending)
                .into_iter()
                .partition(|seen| seen.last <= at);
            run.pending = later;
            let ai = run.ai;
            self.report_tags(id, ai, tags, at);
        }
    }

    fn report_tags(&mut self, id: u32, ai: usize, tags: Vec<Seen>, at: Moment) {
        let Some(wish) = self.spec_mut(id).map(|spec| spec.wish) else {
            return;
        };
        let (clock_us, is_utc) = self.clock();
        let place = Place {
            ro_spec: id,
            ai_spec: ai as u16 + 1,
            clock_us,
            is_utc,
        };
        let mut reports = Vec::with_capacity(tags.len());
        for seen in &tags {
            let mut parts = says::tag(seen, &place, &wish, self.plan.mixes_order);
            if self.plan.mixes_order {
                for last in (1..parts.len()).rev() {
                    parts.swap(last, self.below(last + 1));
                }
            }
            reports.push(Parameter::new(p::TAG_REPORT_DATA, Vec::new(), parts));
        }
        if self.take_fault(|fault| *fault == Fault::HugeReport) {
            make_huge(&mut reports);
        }
        let message = self.own(m::RO_ACCESS_REPORT, reports);
        let spoken = Spoken {
            bytes: encoded(&message),
            tags: tags.iter().map(|seen| seen.epc).collect(),
        };
        match tags.is_empty() {
            true => self.report(spoken, at),
            false => self.report_with_fault(spoken, at),
        }
    }

    /// A report with tags, as the reader's faults let it go out.
    fn report_with_fault(&mut self, mut spoken: Spoken, at: Moment) {
        if let Some(Fault::LyingMessage(more)) =
            self.taken_fault(|fault| matches!(fault, Fault::LyingMessage(_)))
        {
            let length = (spoken.bytes.len() as u32).wrapping_add_signed(more);
            spoken.bytes[2..6].copy_from_slice(&length.to_be_bytes());
        }
        if self.take_fault(|fault| *fault == Fault::LyingParameter) {
            spoken.bytes[12..14].copy_from_slice(&u16::MAX.to_be_bytes());
            spoken.tags.clear();
        }
        if self.take_fault(|fault| *fault == Fault::Garbage) {
            let garbage: Vec<u8> = (0..GARBAGE_BYTES).map(|_| self.below(256) as u8 | 0xE0).collect();
            spoken.bytes.splice(0..0, garbage);
        }
        let hangs_up = self.take_fault(|fault| *fault == Fault::HangsUpInReport);
        let falls_silent = !hangs_up && self.take_fault(|fault| *fault == Fault::FallsSilentInReport);
        if hangs_up || falls_silent {
            spoken.bytes.truncate(spoken.bytes.len() / 2);
            spoken.tags.clear();
        }
        self.report(spoken, at);
        if let Some(client) = self.client.as_mut().filter(|_| hangs_up || falls_silent) {
            client.is_over |= hangs_up;
            client.is_dead |= falls_silent;
            self.to_say.retain(|(when, _), _| *when <= at);
        }
    }

    fn take_fault(&mut self, is_it: impl Fn(&Fault) -> bool) -> bool {
        self.taken_fault(is_it).is_some()
    }

    fn taken_fault(&mut self, is_it: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let place = self.faults.iter().position(is_it)?;
        Some(self.faults.remove(place))
    }
}

fn seen(heard: &Heard, antenna: u8, at: Moment) -> Seen {
    Seen {
        epc: heard.epc,
        pc: heard.pc,
        antenna,
        rssi_centi_dbm: heard.rssi_centi_dbm,
        phase_centi_deg: heard.phase_centi_deg,
        channel: heard.channel,
        first: at,
        last: at,
        count: 1,
    }
}

/// The same tags again until the report is a huge one.
fn make_huge(reports: &mut Vec<Parameter>) {
    let one = encoded(&tallyman_drivers::llrp::tree::Message::new(
        m::RO_ACCESS_REPORT,
        1,
        Vec::new(),
        reports.clone(),
    ));
    let once = reports.clone();
    for _ in 0..HUGE_BYTES / one.len().max(1) {
        reports.extend_from_slice(&once);
    }
}
