//! What the session asks about the world: the device's cached items, tasks and progress.
//!
//! The agent answers from a compact index over its store, tests and the hub's replay from plain maps. Answers
//! are shared (`Arc`), so that a step copies no task however long it is.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use tallyman_codes::Rules;

use crate::claim::Claim;
use crate::ids::{ItemId, LocationId, SiteId, TaskId};
use crate::item::{Item, ItemCode};
use crate::progress::Progress;
use crate::task::Task;
use crate::words::Language;

/// The cached world, as one step of a session sees it. Nothing changes during a step.
pub trait Catalogue {
    /// The warehouse this device works in.
    fn site(&self) -> &SiteId;

    /// What codes mean here: typed ones are understood by the session itself, by the same rules as scanned ones.
    fn rules(&self) -> &Rules;

    /// The language the worker reads.
    fn language(&self) -> Language {
        Language::default()
    }

    /// The identity the next confirmation of this device will get, as epoch and seq: a step that can be taken
    /// back notes what it would have to reverse.
    fn next_confirmation(&self) -> (u32, u64);

    /// The item with this number.
    fn item(&self, id: &ItemId) -> Option<Arc<Item>>;

    /// The item a code means, and what one scan of that code stands for. `code` is a GTIN in 14 digits or the
    /// text of a label.
    fn find_code(&self, code: &str) -> Option<(Arc<Item>, ItemCode)>;

    /// The task with this identity, open or not.
    fn task(&self, id: &TaskId) -> Option<Arc<Task>>;

    /// The open tasks, most urgent first, at most [`OPEN_TASKS_MAX`].
    fn open_tasks(&self) -> Vec<Arc<Task>>;

    /// The open task with this document number, compared without case.
    fn find_reference(&self, reference: &str) -> Option<Arc<Task>>;

    /// What is confirmed of a task so far: the hub's figures and this device's own confirmations since.
    fn progress(&self, task: &TaskId) -> Arc<Progress>;

    /// Who holds a task, and what is in doubt about it, as the hub said last; nothing where it said nothing.
    fn claim(&self, _task: &TaskId) -> Option<Arc<Claim>> {
        None
    }

    /// Whether the site has this location; `None` when the device was not told its locations.
    fn has_location(&self, location: &LocationId) -> Option<bool>;
}

/// How many open tasks a device shows to choose from; more than a person reads.
pub const OPEN_TASKS_MAX: usize = 50;

/// A catalogue of plain maps, for tests, tools and small sites.
#[derive(Debug, Clone)]
pub struct MapCatalogue {
    site: SiteId,
    rules: Rules,
    language: Language,
    items: HashMap<ItemId, Arc<Item>>,
    tasks: HashMap<TaskId, Arc<Task>>,
    progress: HashMap<TaskId, Arc<Progress>>,
    locations: Option<Vec<LocationId>>,
    claims: HashMap<TaskId, Arc<Claim>>,
    next: (u32, u64),
}

impl MapCatalogue {
    /// A catalogue of a site with nothing in it: no codes of its own, and two-digit years as of 2026 until
    /// [`Self::put_rules`] says otherwise.
    pub fn new(site: SiteId) -> Self {
        Self {
            site,
            rules: Rules::new(Date::constant(2026, 1, 1)),
            language: Language::default(),
            items: HashMap::new(),
            tasks: HashMap::new(),
            progress: HashMap::new(),
            locations: None,
            claims: HashMap::new(),
            next: (1, 1),
        }
    }

    /// Sets what codes mean.
    pub fn put_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Sets the language.
    pub const fn put_language(&mut self, language: Language) {
        self.language = language;
    }

    /// Adds an item or replaces the one with its number.
    pub fn put_item(&mut self, item: Item) {
        self.items.insert(item.id.clone(), Arc::new(item));
    }

    /// Adds a task or replaces the one with its identity.
    pub fn put_task(&mut self, task: Task) {
        self.tasks.insert(task.id.clone(), Arc::new(task));
    }

    /// Sets what is confirmed of a task.
    pub fn put_progress(&mut self, task: TaskId, progress: Progress) {
        self.progress.insert(task, Arc::new(progress));
    }

    /// Sets the identity of the next confirmation.
    pub fn put_next_confirmation(&mut self, epoch: u32, seq: u64) {
        self.next = (epoch, seq);
    }

    /// Sets who holds a task and what is in doubt about it.
    pub fn put_claim(&mut self, task: TaskId, claim: Claim) {
        self.claims.insert(task, Arc::new(claim));
    }

    /// Tells all locations of the site.
    pub fn put_locations(&mut self, locations: Vec<LocationId>) {
        self.locations = Some(locations);
    }
}

impl Catalogue for MapCatalogue {
    fn site(&self) -> &SiteId {
        &self.site
    }

    fn rules(&self) -> &Rules {
        &self.rules
    }

    fn language(&self) -> Language {
        self.language
    }

    fn next_confirmation(&self) -> (u32, u64) {
        self.next
    }

    fn item(&self, id: &ItemId) -> Option<Arc<Item>> {
        self.items.get(id).cloned()
    }

    fn find_code(&self, code: &str) -> Option<(Arc<Item>, ItemCode)> {
        self.items.values().find_map(|item| {
            let found = item.codes.iter().find(|known| known.code == code)?;
            Some((Arc::clone(item), found.clone()))
        })
    }

    fn task(&self, id: &TaskId) -> Option<Arc<Task>> {
        self.tasks.get(id).cloned()
    }

    fn open_tasks(&self) -> Vec<Arc<Task>> {
        let mut open: Vec<_> = self
            .tasks
            .values()
            .filter(|task| task.is_open())
            .cloned()
            .collect();
        open.sort_by(|a, b| a.order_of_urgency(b));
        open.truncate(OPEN_TASKS_MAX);
        open
    }

    fn find_reference(&self, reference: &str) -> Option<Arc<Task>> {
        self.open_tasks()
            .into_iter()
            .find(|task| task.reference.eq_ignore_ascii_case(reference))
    }

    fn progress(&self, task: &TaskId) -> Arc<Progress> {
        self.progress.get(task).cloned().unwrap_or_default()
    }

    fn claim(&self, task: &TaskId) -> Option<Arc<Claim>> {
        self.claims.get(task).cloned()
    }

    fn has_location(&self, location: &LocationId) -> Option<bool> {
        self.locations.as_ref().map(|all| all.contains(location))
    }
}
