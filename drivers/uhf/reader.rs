//! Following one reader: one step open at a time, repeated and given up, stopped at once, begun anew after silence.

use tallyman_codes::Moment;

use super::protocol::{Goal, Meaning, Protocol, Stream, Unanswered};
use super::reports::{Reports, Told};
use crate::contract::{GarbageReason, Inventory, Output, Outputs};

/// How long a reader that answers nothing is left alone before it is tried again.
const MUTE_MS: u64 = 2_000;

/// What the reader is set up with, and whether it begins by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// Settings that hold while the work has none of its own.
    pub set_up: Inventory,
    /// It looks for tags from the opening of the link on.
    pub starts_by_itself: bool,
}

/// A step that waits for its answer.
#[derive(Debug, Clone, Copy)]
struct Open<S> {
    step: S,
    attempts: u32,
    sent_at: Moment,
}

/// A pause before the next step.
#[derive(Debug, Clone, Copy)]
struct Rest {
    until: Moment,
    /// Afterwards everything begins anew.
    anew: bool,
}

/// One reader on one connection.
#[derive(Debug)]
pub struct Reader<P: Protocol> {
    protocol: P,
    plan: Plan,
    /// The link was opened by us: the reader is asked and told things. Else its bytes are only read.
    is_open: bool,
    /// What the work asks for; `None`: not to look for tags.
    work: Option<Inventory>,
    /// The work said stop, and not start again.
    was_stopped: bool,
    open: Option<Open<P::Step>>,
    rest: Option<Rest>,
    heard_at: Moment,
    told: Told,
    told_running: bool,
    told_mute: bool,
}

impl<P: Protocol> Reader<P> {
    /// A reader of which nothing is known.
    pub fn new(protocol: P, plan: Plan) -> Self {
        Self {
            protocol,
            plan,
            is_open: false,
            work: None,
            was_stopped: false,
            open: None,
            rest: None,
            heard_at: Moment::default(),
            told: Told::default(),
            told_running: false,
            told_mute: false,
        }
    }

    /// The protocol, with what is known.
    pub const fn protocol(&self) -> &P {
        &self.protocol
    }

    /// The link is open.
    pub fn opened(&mut self, at: Moment, out: &mut Outputs) {
        self.is_open = true;
        self.work = self.plan.starts_by_itself.then(Inventory::default);
        self.protocol.forget();
        self.tell_what_cannot_be(self.plan.set_up, out);
        self.go_on(at, out);
    }

    /// The link is lost, and with it all that was known.
    pub fn reset(&mut self, out: &mut Outputs) {
        if self.told_running {
            out.push(Output::Inventory { running: false });
        }
        self.is_open = false;
        (self.work, self.was_stopped) = (None, false);
        (self.open, self.rest) = (None, None);
        (self.told, self.told_running, self.told_mute) = (Told::default(), false, false);
        self.protocol.forget();
    }

    /// Look for tags with these settings.
    pub fn start(&mut self, inventory: Inventory, at: Moment, out: &mut Outputs) {
        self.work = Some(inventory);
        self.was_stopped = false;
        self.tell_what_cannot_be(inventory, out);
        self.tell_running(out);
        self.go_on(at, out);
    }

    /// Do not look for tags any more. Sent at once, whatever is open.
    pub fn stop(&mut self, at: Moment, out: &mut Outputs) {
        self.work = None;
        self.was_stopped = true;
        let open = self.open.map(|open| open.step);
        if let Some(step) = self.protocol.stop(open)
            && self.is_open
            && self.rest.is_none()
            && open != Some(step)
        {
            if let Some(overtaken) = open {
                self.protocol.overtaken(overtaken);
            }
            self.send(step, at, out);
        }
        self.tell_running(out);
        self.go_on(at, out);
    }

    /// A whole frame came.
    pub fn frame(&mut self, frame: &[u8], at: Moment, out: &mut Outputs) {
        let (kind, name) = self.protocol.kind(frame);
        out.push(Output::Message {
            kind,
            name,
            id: None,
            bytes: frame.len(),
        });
        let open = self.open.map(|open| open.step);
        let goal = self.goal();
        let (meaning, rest_ms) = self.reporting(out, |protocol, reports| {
            (
                protocol.take(frame, open, &goal, reports),
                std::mem::take(&mut reports.rest_ms),
            )
        });
        match meaning {
            Meaning::Malformed => return out.garbage(frame.len() as u64, GarbageReason::Malformed),
            Meaning::Damaged => return out.garbage(frame.len() as u64, GarbageReason::Checksum),
            Meaning::Other => {}
            Meaning::Progress => {
                if let Some(open) = &mut self.open {
                    open.sent_at = at;
                }
            }
            Meaning::Answered => self.open = None,
        }
        self.heard_at = at;
        if self.is_open && self.open.is_none() && std::mem::take(&mut self.told_mute) {
            out.push(Output::notice("answers_again", "The reader answers again."));
        }
        if rest_ms > 0 && self.is_open {
            self.rest = Some(Rest {
                until: at.plus_ms(rest_ms),
                anew: false,
            });
        }
        self.tell_running(out);
        self.go_on(at, out);
    }

    /// When [`Reader::idle`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        let rest = self.rest.map(|rest| rest.until);
        [rest, self.answer_deadline(), self.silence_deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Time passed: an answer is overdue, a pause is over, or the reader fell silent.
    pub fn idle(&mut self, at: Moment, out: &mut Outputs) {
        if let Some(rest) = self.rest.take_if(|rest| rest.until <= at)
            && rest.anew
        {
            self.protocol.forget();
        }
        if self.answer_deadline().is_some_and(|deadline| deadline <= at) {
            self.answer_is_overdue(at, out);
        } else if self.silence_deadline().is_some_and(|deadline| deadline <= at) {
            out.push(Output::notice(
                "reader_silent",
                "The reader fell silent while it looked for tags; it is set up and started anew.",
            ));
            self.protocol.forget();
            self.tell_running(out);
        }
        self.go_on(at, out);
    }

    fn answer_deadline(&self) -> Option<Moment> {
        let open = self.open?;
        Some(open.sent_at.plus_ms(self.protocol.patience(open.step).answer_ms))
    }

    fn silence_deadline(&self) -> Option<Moment> {
        let is_quiet = self.is_open && self.open.is_none() && self.rest.is_none();
        let looks = self.protocol.stream() == Stream::Looking;
        let silence_ms = self.protocol.silence_ms().filter(|_| is_quiet && looks)?;
        Some(self.heard_at.plus_ms(silence_ms))
    }

    fn answer_is_overdue(&mut self, at: Moment, out: &mut Outputs) {
        let Some(open) = self.open.take() else { return };
        if self.work.is_none() && self.protocol.is_round(open.step) {
            self.protocol.overtaken(open.step);
            return self.tell_running(out);
        }
        if open.attempts < self.protocol.patience(open.step).attempts {
            self.protocol.was_silent();
            self.send(open.step, at, out);
            if let Some(again) = &mut self.open {
                again.attempts = open.attempts + 1;
            }
            return;
        }
        let unanswered = self.reporting(out, |protocol, reports| protocol.unanswered(open.step, reports));
        match unanswered {
            Unanswered::GoOn => {}
            Unanswered::Rate(baud) => {
                out.push(Output::Baud(baud));
                self.protocol.forget();
            }
            Unanswered::Mute => self.is_mute(at, out),
        }
        self.tell_running(out);
    }

    fn is_mute(&mut self, at: Moment, out: &mut Outputs) {
        if !std::mem::replace(&mut self.told_mute, true) {
            out.push(Output::notice(
                "no_answer",
                "The reader does not answer. It is asked again every few seconds; check its power, the line's speed and \
                 the driver.",
            ));
        }
        self.protocol.forget();
        self.rest = Some(Rest {
            until: at.plus_ms(MUTE_MS),
            anew: true,
        });
    }

    /// Sends what is next, if nothing is waited for.
    fn go_on(&mut self, at: Moment, out: &mut Outputs) {
        if self.is_open
            && self.open.is_none()
            && self.rest.is_none()
            && let Some(step) = self.protocol.next(&self.goal())
        {
            self.send(step, at, out);
        }
    }

    fn send(&mut self, step: P::Step, at: Moment, out: &mut Outputs) {
        out.push(Output::Write(self.protocol.encode(step, &self.goal())));
        self.heard_at = at;
        self.open = Some(Open {
            step,
            attempts: 1,
            sent_at: at,
        });
    }

    fn goal(&self) -> Goal {
        let set_up = self.plan.set_up;
        let work = self.work.unwrap_or_default();
        Goal {
            looking: self.work.is_some(),
            settings: Inventory {
                power_centi_dbm: work.power_centi_dbm.or(set_up.power_centi_dbm),
                session: work.session.or(set_up.session),
                antennas: match work.antennas {
                    0 => set_up.antennas,
                    antennas => antennas,
                },
                filter: work.filter,
            },
        }
    }

    fn reporting<T>(&mut self, out: &mut Outputs, act: impl FnOnce(&mut P, &mut Reports<'_>) -> T) -> T {
        let hears = match self.protocol.sends_unasked() {
            true => !self.was_stopped,
            false => self.work.is_some(),
        };
        let mut reports = Reports {
            out,
            told: &mut self.told,
            deaf: self.is_open && !hears,
            filter: self.work.and_then(|work| work.filter),
            rest_ms: 0,
        };
        act(&mut self.protocol, &mut reports)
    }

    fn tell_running(&mut self, out: &mut Outputs) {
        // Of a reader that cannot be stopped it counts whether it is listened to.
        let is_heard = !self.protocol.sends_unasked() || !self.was_stopped;
        let running = self.protocol.stream() == Stream::Looking && is_heard;
        if self.is_open && std::mem::replace(&mut self.told_running, running) != running {
            out.push(Output::Inventory { running });
        }
    }

    /// What the protocol has no command for, once.
    fn tell_what_cannot_be(&mut self, wanted: Inventory, out: &mut Outputs) {
        let can = self.protocol.can();
        let cases = [
            (
                wanted.power_centi_dbm.is_some() && !can.power,
                "The reader's power cannot be set by its protocol; it stays as it is.",
            ),
            (
                wanted.session.is_some() && !can.session,
                "The reader's session cannot be set by its protocol; it stays as it is.",
            ),
            (
                wanted.antennas & !can.antennas != 0,
                "The reader's protocol does not have all of the antennas that are asked for; the others are used.",
            ),
            (
                wanted.filter.is_some() && !can.filter,
                "The reader's protocol has no filter; the program leaves out the tags that are not asked for.",
            ),
        ];
        self.reporting(out, |_, reports| {
            for (about, (is_so, message)) in (0..).zip(cases) {
                if is_so {
                    reports.once("not_supported", about, || message.to_owned());
                }
            }
        });
    }
}
