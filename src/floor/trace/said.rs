//! What a run of the trace has said so far of the catalogue: the recorder writes what is not among it, the replay
//! answers from it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use tallyman_codes::Rules;

use crate::catalogue::Catalogue;
use crate::claim::Claim;
use crate::confirmation::Draft;
use crate::ids::{HandlingUnitId, ItemId, LocationId, SiteId, TaskId, WorkerId};
use crate::item::{Item, ItemCode};
use crate::progress::Progress;
use crate::rfid::Class;
use crate::site::{Holds, Location, Worker};
use crate::swept::{SweepFigures, SweptTag};
use crate::task::Task;
use crate::wire::trace::SaidBody;
use crate::wire::v1::{ItemBody, LocationBody, TaskBody};
use crate::words::Language;

use super::recording::{Asked, SweptPlace};
use super::{SWEPT_TAGS_MAX, TASK_LINES_MAX};

mod forms;

pub(super) use forms::rules_of;

/// What a run has said.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub site: Option<SiteId>,
    pub language: Option<Language>,
    pub rules: Option<Rules>,
    pub items: HashMap<ItemId, Option<Arc<Item>>>,
    pub codes: HashMap<String, Option<ItemId>>,
    pub tasks: HashMap<TaskId, KnownTask>,
    pub open: Option<Vec<TaskId>>,
    pub references: HashMap<String, Option<TaskId>>,
    pub progress: HashMap<TaskId, Arc<Progress>>,
    pub claims: HashMap<TaskId, Option<Arc<Claim>>>,
    pub locations: HashMap<LocationId, Option<bool>>,
    pub places: HashMap<LocationId, Option<Arc<Location>>>,
    pub workers: HashMap<WorkerId, Option<Arc<Worker>>>,
    pub pins: HashMap<WorkerId, bool>,
    pub reasons: HashMap<String, Vec<String>>,
    pub holds: Option<Option<Arc<Holds>>>,
    pub next_unit: Option<Option<HandlingUnitId>>,
    pub sweeps: HashMap<SweptPlace, Option<SweepFigures>>,
    pub swept_pieces: HashMap<(SweptPlace, String, String), Option<Class>>,
    pub swept_tags: HashMap<SweptPlace, Arc<[SweptTag]>>,
    pub signal: Option<Option<u8>>,
}

/// A task, as far as it was said.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum KnownTask {
    /// There is none.
    None,
    /// All of it but its lines.
    Head(Arc<Task>),
    /// All of it.
    Whole(Arc<Task>),
}

impl Known {
    /// Takes up what a step asked, and answers what of it is new.
    ///
    /// # Errors
    /// Why the step cannot be noted whole; what could be is taken up and is in the second part.
    pub(super) fn note(
        &mut self,
        asked: Asked,
        catalogue: &impl Catalogue,
    ) -> (SaidBody, Result<(), String>) {
        let mut said = SaidBody::default();
        if asked.site && self.site.as_ref() != Some(catalogue.site()) {
            self.site = Some(catalogue.site().clone());
            said.site = Some(catalogue.site().to_string());
        }
        if asked.language && self.language != Some(catalogue.language()) {
            self.language = Some(catalogue.language());
            said.language = Some(catalogue.language().code().to_owned());
        }
        if asked.rules && self.rules.as_ref() != Some(catalogue.rules()) {
            self.rules = Some(catalogue.rules().clone());
            said.rules = Some(forms::rules_body(catalogue.rules()));
        }
        let codes = self.note_items(&asked, &mut said);
        let tasks = self.note_tasks(&asked, &mut said);
        let progress = self.note_all_progress(&asked, &mut said);
        let swept = self.note_sweeps(&asked, &mut said);
        self.note_site(asked, &mut said);
        (said, codes.and(tasks).and(progress).and(swept))
    }

    fn note_site(&mut self, asked: Asked, said: &mut SaidBody) {
        for (task, claim) in new(&mut self.claims, asked.claims) {
            let body = claim.as_deref().map(forms::held_body);
            said.claims.push((task.to_string(), body));
        }
        for (location, known) in new(&mut self.locations, asked.locations) {
            said.locations.push((location.to_string(), known));
        }
        for (location, known) in new(&mut self.places, asked.places) {
            let body = known.as_deref().map(LocationBody::from);
            said.places.push((location.to_string(), body));
        }
        for (worker, known) in new(&mut self.workers, asked.workers) {
            let body = known.as_deref().map(forms::person_body);
            said.workers.push((worker.to_string(), body));
        }
        for (worker, is_right) in new(&mut self.pins, asked.pins) {
            said.pins.push((worker.to_string(), is_right));
        }
        let reasons = asked
            .reasons
            .into_iter()
            .map(|(code, reasons)| (code.to_owned(), reasons));
        said.reasons = new(&mut self.reasons, reasons);
        if asked.holds.is_some() && self.holds != asked.holds {
            let before = self.holds.as_ref().and_then(Option::as_deref);
            let now = asked.holds.as_ref().and_then(Option::as_deref);
            said.holds = Some(forms::holds_body(before, now));
            self.holds = asked.holds;
        }
        if asked.next_unit.is_some() && self.next_unit != asked.next_unit {
            let unit = asked.next_unit.as_ref().and_then(Option::as_ref);
            said.next_unit = Some((unit.map(ToString::to_string),));
            self.next_unit = asked.next_unit;
        }
    }

    /// What was asked of sweeps. The tags of one are noted up to a bound: beyond it, those that were counted are in the
    /// facts, and the step cannot be replayed.
    fn note_sweeps(&mut self, asked: &Asked, said: &mut SaidBody) -> Result<(), String> {
        let mut noted = Ok(());
        for ((task, location), figures) in new(&mut self.sweeps, asked.sweeps.clone()) {
            let body = figures.map(forms::figures_body);
            said.sweeps.push((task.to_string(), location.to_string(), body));
        }
        for (((task, location), gtin, serial), class) in
            new(&mut self.swept_pieces, asked.swept_pieces.clone())
        {
            let class = class.map(|class| class.as_str().to_owned());
            said.swept_pieces
                .push((task.to_string(), location.to_string(), gtin, serial, class));
        }
        for (place, tags) in &asked.swept_tags {
            if tags.len() > SWEPT_TAGS_MAX {
                noted = Err(format!(
                    "a sweep of {} tags, of which more than {SWEPT_TAGS_MAX} are not noted: what was counted is in the facts",
                    tags.len()
                ));
                continue;
            }
            if self.swept_tags.get(place) != Some(tags) {
                let bodies = tags.iter().map(forms::tag_body).collect();
                said.swept_tags
                    .push((place.0.to_string(), place.1.to_string(), bodies));
                self.swept_tags.insert(place.clone(), Arc::clone(tags));
            }
        }
        if let Some(signal) = asked.signal
            && self.signal != Some(signal)
        {
            said.signal = Some((signal,));
            self.signal = Some(signal);
        }
        noted
    }

    fn note_items(&mut self, asked: &Asked, said: &mut SaidBody) -> Result<(), String> {
        let mut noted = Ok(());
        for (id, item) in &asked.items {
            if self.items.get(id) == Some(item) {
                continue;
            }
            match item {
                Some(item) => said.items.push(ItemBody::from(&**item)),
                None => said.no_items.push(id.to_string()),
            }
            self.items.insert(id.clone(), item.clone());
        }
        for (code, found) in &asked.codes {
            let owner = found.as_ref().map(|(item, _)| item.id.clone());
            if let Some((item, known)) = found
                && code_of(item, code) != Some(known)
            {
                noted = Err(format!("the code {code} is none of the item it was taken for"));
            }
            if self.codes.get(code) != Some(&owner) {
                said.codes
                    .push((code.clone(), owner.as_ref().map(ToString::to_string)));
                self.codes.insert(code.clone(), owner);
            }
        }
        noted
    }

    fn note_tasks(&mut self, asked: &Asked, said: &mut SaidBody) -> Result<(), String> {
        let mut noted = Ok(());
        for (id, task) in &asked.tasks {
            let known = task
                .as_ref()
                .map_or(KnownTask::None, |task| KnownTask::Whole(Arc::clone(task)));
            if self.tasks.get(id) == Some(&known) {
                continue;
            }
            match task {
                Some(task) if task.lines.len() > TASK_LINES_MAX => {
                    noted = Err(format!(
                        "the task {id} has {} lines, and tasks with more than {TASK_LINES_MAX} are not noted",
                        task.lines.len()
                    ));
                    continue;
                }
                Some(task) => said.tasks.push(TaskBody::new(task, &Progress::default())),
                None => said.no_tasks.push(id.to_string()),
            }
            self.tasks.insert(id.clone(), known);
        }
        for task in asked.open.iter().flatten() {
            let known = self.tasks.get(&task.id).and_then(KnownTask::head);
            if !known.is_some_and(|known| is_same_head(known, task)) {
                said.heads.push(forms::head(task));
                self.tasks
                    .insert(task.id.clone(), KnownTask::Head(Arc::clone(task)));
            }
        }
        if let Some(open) = &asked.open {
            let ids: Vec<TaskId> = open.iter().map(|task| task.id.clone()).collect();
            if self.open.as_ref() != Some(&ids) {
                said.open = Some(ids.iter().map(ToString::to_string).collect());
                self.open = Some(ids);
            }
        }
        for (reference, task) in &asked.references {
            let id = task.as_ref().map(|task| task.id.clone());
            if self.references.get(reference) != Some(&id) {
                said.references
                    .push((reference.clone(), id.as_ref().map(ToString::to_string)));
                self.references.insert(reference.clone(), id);
            }
        }
        noted
    }

    fn note_all_progress(&mut self, asked: &Asked, said: &mut SaidBody) -> Result<(), String> {
        let mut noted = Ok(());
        for (id, progress) in &asked.progress {
            let task = asked.tasks.get(id).and_then(Option::as_ref);
            let lines = task
                .map_or(0, |task| task.lines.len())
                .max(progress.lines().len());
            if lines > TASK_LINES_MAX {
                noted = Err(format!(
                    "more than {TASK_LINES_MAX} lines of the task {id} are not noted"
                ));
                continue;
            }
            said.progress.extend(self.note_progress(id, progress));
        }
        noted
    }

    /// Progress grows by the facts of each step, here as in the replay, so that most often nothing is to be said.
    fn note_progress(&mut self, task: &TaskId, now: &Progress) -> Option<crate::wire::trace::ProgressBody> {
        let known = self.progress.get(task);
        if known.is_some_and(|known| known.digest() == now.digest()) {
            return None;
        }
        let empty = Progress::default();
        let body = forms::progress_body(task, known.map_or(&empty, |known| &**known), now);
        // A copy of its own: a shared one would make the catalogue copy it with the next fact.
        self.progress.insert(task.clone(), Arc::new(now.clone()));
        Some(body)
    }

    /// Takes up what an entry says.
    ///
    /// # Errors
    /// What of it cannot be understood.
    pub(super) fn learn(&mut self, said: SaidBody) -> Result<(), String> {
        if let Some(site) = said.site {
            self.site = Some(SiteId::new(site));
        }
        if let Some(code) = said.language {
            let language = Language::of_code(&code).ok_or_else(|| format!("{code:?} is no language"))?;
            self.language = Some(language);
        }
        if let Some(rules) = said.rules {
            self.rules = Some(rules_of(rules)?);
        }
        for body in said.items {
            let item = Item::try_from(body).map_err(|error| error.to_string())?;
            self.items.insert(item.id.clone(), Some(Arc::new(item)));
        }
        self.items
            .extend(said.no_items.into_iter().map(|id| (ItemId::new(id), None)));
        let codes = said.codes.into_iter();
        self.codes
            .extend(codes.map(|(code, item)| (code, item.map(ItemId::new))));
        for (bodies, made) in [
            (said.heads, KnownTask::Head as fn(Arc<Task>) -> KnownTask),
            (said.tasks, KnownTask::Whole),
        ] {
            for body in bodies {
                let task = Task::try_from(body).map_err(|error| error.to_string())?;
                self.tasks.insert(task.id.clone(), made(Arc::new(task)));
            }
        }
        let missing = said.no_tasks.into_iter();
        self.tasks
            .extend(missing.map(|id| (TaskId::new(id), KnownTask::None)));
        if let Some(open) = said.open {
            self.open = Some(open.into_iter().map(TaskId::new).collect());
        }
        let references = said.references.into_iter();
        self.references
            .extend(references.map(|(reference, task)| (reference, task.map(TaskId::new))));
        for body in said.progress {
            let progress = self.progress.entry(TaskId::from(body.task.as_str())).or_default();
            forms::patch(Arc::make_mut(progress), body);
        }
        for (task, held) in said.claims {
            let claim = held.map(|held| Arc::new(forms::claim_of(held)));
            self.claims.insert(TaskId::new(task), claim);
        }
        let locations = said.locations.into_iter();
        self.locations
            .extend(locations.map(|(location, known)| (LocationId::new(location), known)));
        let places = said.places.into_iter();
        self.places.extend(places.map(|(location, known)| {
            let known = known.map(|body| Arc::new(Location::from(body)));
            (LocationId::new(location), known)
        }));
        for (worker, body) in said.workers {
            let worker = WorkerId::new(worker);
            let person = body.map(|body| Arc::new(forms::worker_of(&worker, body)));
            self.workers.insert(worker, person);
        }
        let pins = said.pins.into_iter();
        self.pins
            .extend(pins.map(|(worker, is_right)| (WorkerId::new(worker), is_right)));
        self.reasons.extend(said.reasons);
        if let Some(body) = said.holds {
            let before = self.holds.take().flatten();
            self.holds = Some(forms::holds_of(before.as_deref(), body).map(Arc::new));
        }
        if let Some((unit,)) = said.next_unit {
            self.next_unit = Some(unit.map(HandlingUnitId::new));
        }
        for (task, location, figures) in said.sweeps {
            let place = (TaskId::new(task), LocationId::new(location));
            self.sweeps.insert(place, figures.map(forms::figures_of));
        }
        for (task, location, gtin, serial, class) in said.swept_pieces {
            let place = (TaskId::new(task), LocationId::new(location));
            let class = class.map(|word| forms::class_of(&word)).transpose()?;
            self.swept_pieces.insert((place, gtin, serial), class);
        }
        for (task, location, tags) in said.swept_tags {
            let place = (TaskId::new(task), LocationId::new(location));
            let tags: Result<Vec<SweptTag>, String> = tags.into_iter().map(forms::tag_of).collect();
            self.swept_tags.insert(place, tags?.into());
        }
        if let Some((signal,)) = said.signal {
            self.signal = Some(signal);
        }
        Ok(())
    }

    /// The facts of a step count from now on.
    pub(super) fn count<'a>(&mut self, facts: impl Iterator<Item = &'a Draft>) {
        for fact in facts {
            let task = fact.work.as_ref().map(|work| &work.task);
            if let Some(progress) = task.and_then(|task| self.progress.get_mut(task)) {
                Arc::make_mut(progress).apply(fact);
            }
        }
    }
}

impl KnownTask {
    /// The task as a list shows it.
    pub(super) const fn head(&self) -> Option<&Arc<Task>> {
        match self {
            Self::None => None,
            Self::Head(task) | Self::Whole(task) => Some(task),
        }
    }
}

/// Whether two tasks are the same but for their lines.
fn is_same_head(one: &Task, other: &Task) -> bool {
    let Task {
        id,
        site,
        kind,
        revision,
        state,
        reference,
        priority,
        assigned_to,
        quantity_entry,
        lines: _,
    } = one;
    (id, site, kind, revision) == (&other.id, &other.site, &other.kind, &other.revision)
        && (state, reference, priority) == (&other.state, &other.reference, &other.priority)
        && (assigned_to, quantity_entry) == (&other.assigned_to, &other.quantity_entry)
}

/// Takes answers up, and gives those that are new.
fn new<K, V>(known: &mut HashMap<K, V>, answers: impl IntoIterator<Item = (K, V)>) -> Vec<(K, V)>
where
    K: Clone + Eq + Hash,
    V: Clone + PartialEq,
{
    let answers = answers.into_iter();
    let new: Vec<_> = answers
        .filter(|(question, answer)| known.get(question) != Some(answer))
        .collect();
    known.extend(new.iter().cloned());
    new
}

/// The code of an item that reads so.
pub(super) fn code_of<'a>(item: &'a Item, code: &str) -> Option<&'a ItemCode> {
    item.codes.iter().find(|known| known.code == code)
}
