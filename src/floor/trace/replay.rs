//! Steps judged again from what the trace says of them.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use tallyman_codes::Rules;

use crate::catalogue::Catalogue;
use crate::claim::Claim;
use crate::confirmation::{Draft, ExceptionCode, Times};
use crate::event::{Effect, Event, HubTime, Now, Step};
use crate::ids::{DeviceId, HandlingUnitId, ItemId, LocationId, SiteId, TaskId, WorkerId};
use crate::item::{Item, ItemCode};
use crate::progress::Progress;
use crate::rfid::Class;
use crate::session::Session;
use crate::site::{Holds, Location, Worker};
use crate::swept::{SweepFigures, SweptTag};
use crate::task::Task;
use crate::wire::trace::{StepBody, VERSION};
use crate::words::Language;

use super::explained::{Stood, stood};
use super::said::{Known, KnownTask, code_of};
use super::{digest, event};

/// Plays the entries of a trace, one after the other. Entries of several runs may follow each other.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    known: Known,
    run: Option<Run>,
}

#[derive(Debug, Clone)]
struct Run {
    id: u64,
    next_at: u32,
    boot: String,
    today: Date,
    /// The session as the last entry left it; `None` where that one could not be replayed.
    session: Option<Session>,
}

/// A step that was judged again.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The entry.
    pub entry: StepBody,
    /// Where the worker stood.
    pub stood: Stood,
    /// The session before the step.
    pub before: Session,
    /// The session after it.
    pub after: Session,
    /// What happened.
    pub event: Event,
    /// When.
    pub now: Now,
    /// What the rules answer.
    pub step: Step,
    /// Whether it is what they answered then.
    pub sameness: Sameness,
}

/// How a verdict compares with the one that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sameness {
    /// It is the same.
    Same,
    /// It is another one.
    Another {
        /// The verdict that was given.
        given: String,
        /// The verdict of these rules.
        replayed: String,
    },
}

/// Why a step cannot be judged again. It is said, and nothing is guessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotReplay {
    /// An older program wrote it.
    #[error("an older version of the program noted it, in a form (version {0}) that says too little")]
    Older(u32),
    /// A newer program wrote it.
    #[error(
        "a newer version of the program noted it, in a form (version {0}) that this one does not know: update it"
    )]
    Newer(u32),
    /// It cannot be read.
    #[error("what was noted of it is damaged ({0})")]
    Damaged(String),
    /// An entry before it in its run is not there.
    #[error("what was noted before it, and is needed with it, is no longer there")]
    Incomplete,
    /// It was not noted whole.
    #[error("it was not noted whole: {0}")]
    NotWhole(String),
    /// The session is not what it was then.
    #[error("the steps before it leave the worker elsewhere by these rules than by those of then")]
    OtherSession,
    /// The rules of this program ask for something that was not asked for then.
    #[error("these rules ask for what those of then did not: {0}")]
    NotAsked(String),
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl Replay {
    /// Judges a step again. The entries before it in its run must have been given before.
    ///
    /// # Errors
    /// [`CannotReplay`] says why not. Later entries may be given all the same.
    pub fn play(&mut self, entry: &str) -> Result<Replayed, CannotReplay> {
        let body = self.read(entry);
        if body.is_err() {
            self.run = None;
        }
        let body = body?;
        let session = self.session(&body);
        let run = self.run.as_mut().ok_or(CannotReplay::Incomplete)?;
        run.session = None;
        if let Some(reason) = body.lost {
            return Err(CannotReplay::NotWhole(reason));
        }
        let before = session?;
        let damaged = CannotReplay::Damaged;
        let event = event::read(&body.event, self.known.rules.as_ref()).map_err(damaged)?;
        let now = now(&body, run);
        let answers = Answers::of(&self.known, &body);
        // The names in it need not have been asked for then.
        let stood = stood(&before, &Answers::of(&self.known, &body));
        let mut after = before.clone();
        let step = after.step(event.clone(), &now, &answers);
        if let Some(question) = answers.unanswered.into_inner() {
            return Err(CannotReplay::NotAsked(question));
        }
        self.known.count(facts(&step));
        run.session = Some(after.clone());
        let replayed = format!("{:?}", step.verdict);
        let sameness = if replayed == body.verdict {
            Sameness::Same
        } else {
            let given = body.verdict.clone();
            Sameness::Another { given, replayed }
        };
        Ok(Replayed {
            entry: body,
            stood,
            before,
            after,
            event,
            now,
            step,
            sameness,
        })
    }

    /// Reads an entry and takes up what it says.
    fn read(&mut self, entry: &str) -> Result<StepBody, CannotReplay> {
        let damaged = |error: serde_json::Error| CannotReplay::Damaged(error.to_string());
        let Version { v } = serde_json::from_str(entry).map_err(damaged)?;
        if v < VERSION {
            return Err(CannotReplay::Older(v));
        }
        if v > VERSION {
            return Err(CannotReplay::Newer(v));
        }
        if !StepBody::is_sound(entry) {
            return Err(CannotReplay::Damaged("it is not as it was written".to_owned()));
        }
        let mut body: StepBody = serde_json::from_str(entry).map_err(damaged)?;
        if body.at == 0 {
            self.known = Known::default();
            self.run = Some(Run {
                id: body.run,
                next_at: 0,
                boot: String::new(),
                today: Date::default(),
                session: None,
            });
        }
        let run = self
            .run
            .as_mut()
            .filter(|run| run.id == body.run && run.next_at == body.at);
        let run = run.ok_or(CannotReplay::Incomplete)?;
        run.next_at += 1;
        if let Some(boot) = body.boot.take() {
            run.boot = boot;
        }
        run.today = body.today.unwrap_or(run.today);
        self.known
            .learn(std::mem::take(&mut body.said))
            .map_err(CannotReplay::Damaged)?;
        Ok(body)
    }

    /// The session before the step: as it was written, or as the entry before left it.
    fn session(&mut self, body: &StepBody) -> Result<Session, CannotReplay> {
        let session = match &body.session {
            Some(saved) => {
                Session::as_written(saved).map_err(|error| CannotReplay::Damaged(error.to_string()))?
            }
            None => {
                let left = self.run.as_mut().and_then(|run| run.session.take());
                left.ok_or(CannotReplay::OtherSession)?
            }
        };
        if digest(&session) == body.before {
            Ok(session)
        } else {
            Err(CannotReplay::OtherSession)
        }
    }
}

impl Replayed {
    /// The confirmations that the step makes, in their order.
    pub fn facts(&self) -> impl Iterator<Item = &Draft> {
        facts(&self.step)
    }
}

fn facts(step: &Step) -> impl Iterator<Item = &Draft> {
    step.effects.iter().filter_map(|effect| match effect {
        Effect::Persist(draft) => Some(draft),
        _ => None,
    })
}

fn now(body: &StepBody, run: &Run) -> Now {
    Now {
        times: Times {
            boot: run.boot.clone(),
            boottime_us: body.us,
            wall: body.wall,
        },
        today: run.today,
        hub: body.hub.map(|(now, heard)| HubTime { now, heard }),
        waited_us: body.waited_us,
    }
}

/// A catalogue that answers what was answered then.
pub(super) struct Answers<'a> {
    known: &'a Known,
    site: SiteId,
    rules: Rules,
    next: Option<(u32, u64)>,
    device: Option<String>,
    /// The first question that was not asked then.
    unanswered: RefCell<Option<String>>,
}

impl<'a> Answers<'a> {
    pub(super) fn of(known: &'a Known, body: &StepBody) -> Self {
        Self {
            known,
            site: known.site.clone().unwrap_or_else(|| SiteId::from("")),
            rules: known.rules.clone().unwrap_or_else(|| Rules::new(Date::default())),
            next: body.next,
            device: body.device.clone(),
            unanswered: RefCell::default(),
        }
    }

    fn answer<T>(&self, answer: Option<T>, question: impl FnOnce() -> String) -> Option<T> {
        if answer.is_none() {
            self.unanswered.borrow_mut().get_or_insert_with(question);
        }
        answer
    }
}

impl Catalogue for Answers<'_> {
    fn site(&self) -> &SiteId {
        self.answer(self.known.site.as_ref(), || "the site".to_owned());
        &self.site
    }

    fn rules(&self) -> &Rules {
        self.answer(self.known.rules.as_ref(), || "what codes mean".to_owned());
        &self.rules
    }

    fn language(&self) -> Language {
        let known = self.answer(self.known.language, || "the language".to_owned());
        known.unwrap_or_default()
    }

    fn next_confirmation(&self) -> (u32, u64) {
        let known = self.answer(self.next, || "the next confirmation".to_owned());
        known.unwrap_or_default()
    }

    fn device(&self) -> DeviceId {
        let known = self.answer(self.device.as_deref(), || "the device".to_owned());
        DeviceId::from(known.unwrap_or_default())
    }

    fn item(&self, id: &ItemId) -> Option<Arc<Item>> {
        let known = self.known.items.get(id).cloned();
        self.answer(known, || format!("the item {id}")).flatten()
    }

    fn find_code(&self, code: &str) -> Option<(Arc<Item>, ItemCode)> {
        let known = self.known.codes.get(code).cloned();
        let owner = self.answer(known, || format!("the code {code}")).flatten()?;
        let item = self.item(&owner)?;
        let code = code_of(&item, code)?.clone();
        Some((item, code))
    }

    fn task(&self, id: &TaskId) -> Option<Arc<Task>> {
        let known = match self.known.tasks.get(id) {
            Some(KnownTask::Whole(task)) => Some(Some(Arc::clone(task))),
            Some(KnownTask::None) => Some(None),
            Some(KnownTask::Head(_)) | None => None,
        };
        self.answer(known, || format!("the task {id}")).flatten()
    }

    fn open_tasks(&self) -> Vec<Arc<Task>> {
        let heads = self.known.open.as_ref().and_then(|open| {
            let head = |id| self.known.tasks.get(id).and_then(KnownTask::head).cloned();
            open.iter().map(head).collect()
        });
        self.answer(heads, || "the open tasks".to_owned())
            .unwrap_or_default()
    }

    fn find_reference(&self, reference: &str) -> Option<Arc<Task>> {
        let known = self.known.references.get(reference).cloned();
        let task = self
            .answer(known, || format!("the document {reference}"))
            .flatten()?;
        self.task(&task)
    }

    fn find_handed_over(&self, key: &str) -> Option<Arc<Task>> {
        self.find_reference(&super::recording::handed_over(key))
    }

    fn progress(&self, task: &TaskId) -> Arc<Progress> {
        let known = self.known.progress.get(task).cloned();
        self.answer(known, || format!("the progress of the task {task}"))
            .unwrap_or_default()
    }

    fn claim(&self, task: &TaskId) -> Option<Arc<Claim>> {
        let known = self.known.claims.get(task).cloned();
        self.answer(known, || format!("who holds the task {task}"))
            .flatten()
    }

    fn has_location(&self, location: &LocationId) -> Option<bool> {
        let known = self.known.locations.get(location).copied();
        self.answer(known, || format!("the location {location}"))
            .flatten()
    }

    fn location(&self, location: &LocationId) -> Option<Arc<Location>> {
        let known = self.known.places.get(location).cloned();
        self.answer(known, || format!("what is known of the location {location}"))
            .flatten()
    }

    fn worker(&self, worker: &WorkerId) -> Option<Arc<Worker>> {
        let known = self.known.workers.get(worker).cloned();
        self.answer(known, || format!("the person {worker}")).flatten()
    }

    fn is_pin_of(&self, worker: &WorkerId, _pin: &str) -> bool {
        let known = self.known.pins.get(worker).copied();
        self.answer(known, || format!("the PIN of {worker}"))
            .unwrap_or_default()
    }

    fn reasons(&self, code: ExceptionCode) -> Vec<String> {
        let known = self.known.reasons.get(code.word()).cloned();
        self.answer(known, || format!("the reasons for {}", code.word()))
            .unwrap_or_default()
    }

    fn holds(&self) -> Option<Arc<Holds>> {
        let known = self.known.holds.clone();
        self.answer(known, || "what is on hold".to_owned()).flatten()
    }

    fn next_handling_unit(&self) -> Option<HandlingUnitId> {
        let known = self.known.next_unit.clone();
        self.answer(known, || "the next handling unit".to_owned())
            .flatten()
    }

    fn sweep(&self, task: &TaskId, location: &LocationId) -> Option<SweepFigures> {
        let place = (task.clone(), location.clone());
        let known = self.known.sweeps.get(&place).copied();
        self.answer(known, || format!("the sweep of {location}"))
            .flatten()
    }

    fn swept_piece(&self, task: &TaskId, location: &LocationId, gtin: &str, serial: &str) -> Option<Class> {
        let piece = (
            (task.clone(), location.clone()),
            gtin.to_owned(),
            serial.to_owned(),
        );
        let known = self.known.swept_pieces.get(&piece).copied();
        self.answer(known, || format!("the tag of {gtin} {serial} in {location}"))
            .flatten()
    }

    fn swept_tags(&self, task: &TaskId, location: &LocationId) -> Arc<[SweptTag]> {
        let place = (task.clone(), location.clone());
        let known = self.known.swept_tags.get(&place).cloned();
        self.answer(known, || format!("the tags of {location}"))
            .unwrap_or_default()
    }

    fn signal(&self) -> Option<u8> {
        self.answer(self.known.signal, || "the signal of a tag".to_owned())
            .flatten()
    }
}
