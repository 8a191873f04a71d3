//! Makes an entry of the trace of each step.

use jiff::civil::Date;

use crate::catalogue::Catalogue;
use crate::event::{Effect, Event, Now, Step};
use crate::session::Session;
use crate::wire::trace::{EventBody, SaidBody, StepBody, VERSION};

use super::recording::Asked;
use super::said::Known;
use super::{digest, event, is_secret, without_secret};

/// Entries of a run before it may end, so that what is said once is said seldom.
const RUN_ENTRIES_MIN: u32 = 200;

/// Entries of a run at most: with one that is lost, those behind it in its run are.
const RUN_ENTRIES_MAX: u32 = 2_000;

/// A run goes on for one entry more for so many bytes that its entries said of the catalogue: what is said anew with the
/// next run costs each entry about as much.
const SAID_BYTES_PER_ENTRY: usize = 100;

/// Bytes of one entry at most. A step that asked for more is noted without it, and cannot be replayed.
const ENTRY_BYTES_MAX: usize = 512 << 10;

/// Makes entries of steps.
#[derive(Debug, Clone)]
pub struct Recorder {
    program: &'static str,
    run: Option<Run>,
}

/// A step as it was taken.
#[derive(Debug, Clone, Copy)]
pub struct Noted<'a> {
    /// The session before it.
    pub before: &'a Session,
    /// What happened.
    pub event: &'a Event,
    /// When.
    pub now: &'a Now,
    /// The session after it.
    pub after: &'a Session,
    /// What came of it.
    pub step: &'a Step,
}

/// An entry, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The run that it belongs to.
    pub run: u64,
    /// A [`StepBody`] as JSON.
    pub text: String,
}

#[derive(Debug, Clone)]
struct Run {
    id: u64,
    at: u32,
    boot: String,
    today: Option<Date>,
    /// The session as the last entry left it; `None` where that entry cannot be replayed.
    after: Option<Session>,
    known: Known,
    said_bytes: usize,
}

impl Recorder {
    /// A recorder of a program of this version.
    pub const fn new(program: &'static str) -> Self {
        Self { program, run: None }
    }

    /// Lets the next entry begin a run: what was written before may not be there when it is read.
    pub fn begin_run(&mut self) {
        self.run = None;
    }

    /// Makes an entry of a step, and of what it asked of a catalogue, which has not changed since.
    pub fn note(&mut self, mut asked: Asked, catalogue: &impl Catalogue, noted: Noted<'_>) -> Entry {
        let Noted { now, step, .. } = noted;
        let begins = self.run.as_ref().is_none_or(Run::is_over);
        if begins {
            self.run = None;
        }
        let run = self.run.get_or_insert_with(|| Run::begin(now));
        // What a code means is found anew by the replay.
        asked.rules |= matches!(noted.event, Event::Scans(_));
        let made = step
            .effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Persist(_)))
            .count();
        let next = (asked.next || made > 0).then(|| catalogue.next_confirmation());
        let device = asked.device.then(|| catalogue.device().to_string());
        let (said, whole) = run.known.note(asked, catalogue);
        let is_continued = !begins && run.after.as_ref() == Some(noted.before);
        let body = StepBody {
            v: VERSION,
            run: run.id,
            at: run.at,
            program: begins.then(|| self.program.to_owned()),
            boot: (begins || run.boot != now.times.boot).then(|| now.times.boot.clone()),
            us: now.times.boottime_us,
            wall: now.times.wall,
            today: (run.today != Some(now.today)).then_some(now.today),
            hub: now.hub.map(|hub| (hub.now, hub.heard)),
            waited_us: now.waited_us,
            session: (whole.is_ok() && !is_continued).then(|| without_secret(noted.before).to_saved()),
            before: digest(noted.before),
            event: event::written(noted.event, catalogue.rules(), is_secret(noted.before)),
            next,
            device,
            made: u32::try_from(made).unwrap_or(u32::MAX),
            said,
            verdict: format!("{:?}", step.verdict),
            lost: whole.err(),
        };
        run.go_on(&noted);
        run.entry(body)
    }
}

impl Run {
    fn begin(now: &Now) -> Self {
        Self {
            id: now.times.boottime_us,
            at: 0,
            boot: String::new(),
            today: None,
            after: None,
            known: Known::default(),
            said_bytes: 0,
        }
    }

    fn is_over(&self) -> bool {
        let more = u32::try_from(self.said_bytes / SAID_BYTES_PER_ENTRY).unwrap_or(u32::MAX);
        self.at >= RUN_ENTRIES_MIN.saturating_add(more).min(RUN_ENTRIES_MAX)
    }

    fn go_on(&mut self, noted: &Noted<'_>) {
        self.at += 1;
        self.boot.clone_from(&noted.now.times.boot);
        self.today = Some(noted.now.today);
        self.after = Some(noted.after.clone());
        let facts = noted.step.effects.iter().filter_map(|effect| match effect {
            Effect::Persist(draft) => Some(draft),
            _ => None,
        });
        self.known.count(facts);
    }

    fn entry(&mut self, body: StepBody) -> Entry {
        let mut text = body.sealed();
        if body.said != SaidBody::default() {
            self.said_bytes += serde_json::to_string(&body.said).map_or(0, |said| said.len());
        }
        if body.lost.is_some() {
            self.after = None;
        }
        if text.len() > ENTRY_BYTES_MAX {
            text = without_content(body, text.len()).sealed();
            // What it said is not in it: the entries behind it must not build on it.
            self.at = RUN_ENTRIES_MAX;
        }
        Entry { run: self.id, text }
    }
}

/// An entry that is too long, without what makes it long.
fn without_content(body: StepBody, bytes: usize) -> StepBody {
    let event = match body.event {
        EventBody::Scans(_) => EventBody::Scans(Vec::new()),
        event => event,
    };
    StepBody {
        session: None,
        said: SaidBody::default(),
        verdict: body.verdict.chars().take(200).collect(),
        lost: Some(format!("the step asked for more than is noted ({bytes} bytes)")),
        event,
        ..body
    }
}
