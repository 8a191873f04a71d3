//! What the session asks about the world: the device's cached items, tasks and progress.
//!
//! The agent answers from a compact index over its store, tests and the hub's replay from plain maps. Answers
//! are shared (`Arc`), so that a step copies no task however long it is.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use jiff::civil::Date;
use tallyman_codes::Rules;

use crate::claim::Claim;
use crate::confirmation::{Act, Draft, ExceptionCode, Place};
use crate::ids::{DeviceId, HandlingUnitId, ItemId, LocationId, SiteId, TaskId, WorkerId};
use crate::item::{Item, ItemCode};
use crate::progress::Progress;
use crate::rfid::Class;
use crate::session::hand_over::task_key;
use crate::site::{Holds, Location, Worker, usual_reasons};
use crate::swept::{SweepFigures, Swept, SweptTag};
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

    /// This device, as the hub named it; empty before that. A task that the floor itself begins is named after it and its
    /// next confirmation.
    fn device(&self) -> DeviceId;

    /// The item with this number.
    fn item(&self, id: &ItemId) -> Option<Arc<Item>>;

    /// The item a code means, and what one scan of that code stands for. `code` is a GTIN in 14 digits or the
    /// text of a label.
    fn find_code(&self, code: &str) -> Option<(Arc<Item>, ItemCode)>;

    /// The task with this identity, open or not.
    fn task(&self, id: &TaskId) -> Option<Arc<Task>>;

    /// The open tasks that no worker has ended on this device, most urgent first: of the [`OPEN_TASKS_MAX`] that come first.
    /// They are for a list: their lines may be missing, so that a list of long tasks costs little.
    fn open_tasks(&self) -> Vec<Arc<Task>>;

    /// The open task with this document number, compared without case.
    fn find_reference(&self, reference: &str) -> Option<Arc<Task>>;

    /// The open task that a hand-over code stands for, see [`crate::task_key`].
    fn find_handed_over(&self, key: &str) -> Option<Arc<Task>>;

    /// What is confirmed of a task so far: the hub's figures and this device's own confirmations since.
    fn progress(&self, task: &TaskId) -> Arc<Progress>;

    /// Who holds a task, and what is in doubt about it, as the hub said last; nothing where it said nothing.
    fn claim(&self, _task: &TaskId) -> Option<Arc<Claim>> {
        None
    }

    /// Whether the site has this location; `None` when the device was not told its locations.
    fn has_location(&self, location: &LocationId) -> Option<bool>;

    /// What is known of a location beside its address.
    fn location(&self, _location: &LocationId) -> Option<Arc<Location>> {
        None
    }

    /// The person with this badge; `None` where the device was not told its people, or not this one.
    fn worker(&self, _worker: &WorkerId) -> Option<Arc<Worker>> {
        None
    }

    /// Whether a PIN is the one of a person. False for people without one.
    fn is_pin_of(&self, _worker: &WorkerId, _pin: &str) -> bool {
        false
    }

    /// The reasons to choose from for an exception code; empty where none is asked for.
    fn reasons(&self, code: ExceptionCode) -> Vec<String> {
        usual_reasons(code)
    }

    /// What may not be used, as the hub said last; `None` where it never said.
    fn holds(&self) -> Option<Arc<Holds>> {
        None
    }

    /// The number that this device gives to the next handling unit, out of a range leased to it; `None` where it has
    /// none left. A fact that closes or fills a unit of this number uses it up.
    fn next_handling_unit(&self) -> Option<HandlingUnitId> {
        None
    }

    /// How far the sweep of a place is; `None` where no RFID reader takes part in the count.
    fn sweep(&self, _task: &TaskId, _location: &LocationId) -> Option<SweepFigures> {
        None
    }

    /// How sure the tag of one piece is in a sweep, by its GTIN in 14 digits and its serial number; `None` where it was not
    /// heard there.
    fn swept_piece(
        &self,
        _task: &TaskId,
        _location: &LocationId,
        _gtin: &str,
        _serial: &str,
    ) -> Option<Class> {
        None
    }

    /// Every tag of a sweep: for when its place is closed.
    fn swept_tags(&self, _task: &TaskId, _location: &LocationId) -> Arc<[SweptTag]> {
        Arc::default()
    }

    /// How strongly the tag is heard now that is looked for ([`crate::swept::Radio::Find`]), of 100; `None` where it is
    /// not.
    fn signal(&self) -> Option<u8> {
        None
    }
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
    /// Which items have a code.
    owners: HashMap<String, BTreeSet<ItemId>>,
    tasks: HashMap<TaskId, Arc<Task>>,
    progress: HashMap<TaskId, Arc<Progress>>,
    locations: Option<Vec<LocationId>>,
    claims: HashMap<TaskId, Arc<Claim>>,
    places: HashMap<LocationId, Arc<Location>>,
    workers: HashMap<WorkerId, (Arc<Worker>, Option<String>)>,
    reasons: HashMap<ExceptionCode, Vec<String>>,
    holds: Option<Arc<Holds>>,
    handling_units: VecDeque<HandlingUnitId>,
    sweeps: HashMap<(TaskId, LocationId), Arc<Swept>>,
    signal: Option<u8>,
    next: (u32, u64),
    device: DeviceId,
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
            owners: HashMap::new(),
            tasks: HashMap::new(),
            progress: HashMap::new(),
            locations: None,
            claims: HashMap::new(),
            places: HashMap::new(),
            workers: HashMap::new(),
            reasons: HashMap::new(),
            holds: None,
            handling_units: VecDeque::new(),
            sweeps: HashMap::new(),
            signal: None,
            next: (1, 1),
            device: DeviceId::from("D1"),
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
        for code in &item.codes {
            self.own(&code.code, &item.id);
        }
        if let Some(before) = self.items.insert(item.id.clone(), Arc::new(item)) {
            for code in &before.codes {
                self.disown(&code.code, &before.id);
            }
        }
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

    /// Tells what is known of a location beside its address.
    pub fn put_location(&mut self, location: Location) {
        self.places.insert(location.id.clone(), Arc::new(location));
    }

    /// Adds a person, with the PIN where they have one.
    pub fn put_worker(&mut self, worker: Worker, pin: Option<&str>) {
        let pin = pin.map(str::to_owned);
        self.workers.insert(worker.id.clone(), (Arc::new(worker), pin));
    }

    /// Sets the reasons to choose from for an exception code.
    pub fn put_reasons(&mut self, code: ExceptionCode, reasons: &[&str]) {
        let reasons = reasons.iter().map(|&reason| reason.to_owned()).collect();
        self.reasons.insert(code, reasons);
    }

    /// Sets what may not be used.
    pub fn put_holds(&mut self, holds: Holds) {
        self.holds = Some(Arc::new(holds));
    }

    /// Links a code to an item that is known.
    pub fn put_code(&mut self, item: &ItemId, code: ItemCode) {
        if let Some(known) = self.items.get_mut(item) {
            let owned = code.code.clone();
            Arc::make_mut(known).codes.push(code);
            self.own(&owned, item);
        }
    }

    /// Takes a link back.
    pub fn remove_code(&mut self, item: &ItemId, code: &str) {
        if let Some(known) = self.items.get_mut(item) {
            Arc::make_mut(known).codes.retain(|known| known.code != code);
            self.disown(code, item);
        }
    }

    fn own(&mut self, code: &str, item: &ItemId) {
        self.owners
            .entry(code.to_owned())
            .or_default()
            .insert(item.clone());
    }

    /// The item has the code no more, unless it says so itself.
    fn disown(&mut self, code: &str, item: &ItemId) {
        let has = self
            .items
            .get(item)
            .is_some_and(|item| item.codes.iter().any(|known| known.code == code));
        if let Some(owners) = self.owners.get_mut(code).filter(|_| !has) {
            owners.remove(item);
        }
    }

    /// Adds a number for a handling unit.
    pub fn put_handling_unit(&mut self, number: HandlingUnitId) {
        self.handling_units.push_back(number);
    }

    /// Takes a number away that was used.
    pub fn use_handling_unit(&mut self, number: &HandlingUnitId) {
        self.handling_units.retain(|known| known != number);
    }

    /// Sets how far the sweep of a place is.
    pub fn put_sweep(&mut self, task: TaskId, location: LocationId, swept: Swept) {
        self.sweeps.insert((task, location), Arc::new(swept));
    }

    /// Sets how strongly the tag is heard that is looked for.
    pub const fn put_signal(&mut self, signal: Option<u8>) {
        self.signal = signal;
    }

    fn swept(&self, task: &TaskId, location: &LocationId) -> Option<&Arc<Swept>> {
        self.sweeps.get(&(task.clone(), location.clone()))
    }

    /// Sets which device this is.
    pub fn put_device(&mut self, device: DeviceId) {
        self.device = device;
    }

    /// A fact was committed: a task that the floor itself began with it is a task as any other. Taken back, it is none,
    /// by its progress.
    pub fn committed(&mut self, draft: &Draft) {
        let begun = draft.started.as_ref().filter(|_| draft.act == Act::TaskStarted);
        if let Some(task) = begun {
            self.tasks
                .entry(task.id.clone())
                .or_insert_with(|| Arc::clone(task));
        }
        // A place that is closed is swept no more; where that is taken back, it is swept anew.
        if let (Act::LocationCounted, Some(work), Some(Place::Location(location))) =
            (draft.act, &draft.work, &draft.to)
            && let Some(swept) = self.sweeps.get_mut(&(work.task.clone(), location.clone()))
        {
            *swept = Arc::default();
        }
    }

    /// The open tasks, in no order.
    fn open(&self) -> impl Iterator<Item = &Arc<Task>> {
        self.tasks.values().filter(|task| task.is_open())
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

    fn device(&self) -> DeviceId {
        self.device.clone()
    }

    fn item(&self, id: &ItemId) -> Option<Arc<Item>> {
        self.items.get(id).cloned()
    }

    fn find_code(&self, code: &str) -> Option<(Arc<Item>, ItemCode)> {
        let item = self.items.get(self.owners.get(code)?.first()?)?;
        let found = item.codes.iter().find(|known| known.code == code)?;
        Some((Arc::clone(item), found.clone()))
    }

    fn task(&self, id: &TaskId) -> Option<Arc<Task>> {
        self.tasks.get(id).cloned()
    }

    fn open_tasks(&self) -> Vec<Arc<Task>> {
        let mut open: Vec<_> = self.open().cloned().collect();
        open.sort_by(|a, b| a.order_of_urgency(b));
        open.truncate(OPEN_TASKS_MAX);
        open.retain(|task| !self.progress(&task.id).task_closed());
        open
    }

    fn find_reference(&self, reference: &str) -> Option<Arc<Task>> {
        self.open()
            .filter(|task| task.reference.eq_ignore_ascii_case(reference))
            .min_by(|a, b| a.order_of_urgency(b))
            .cloned()
    }

    fn find_handed_over(&self, key: &str) -> Option<Arc<Task>> {
        self.open().find(|task| task_key(&task.id) == key).cloned()
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

    fn location(&self, location: &LocationId) -> Option<Arc<Location>> {
        self.places.get(location).cloned()
    }

    fn worker(&self, worker: &WorkerId) -> Option<Arc<Worker>> {
        self.workers.get(worker).map(|(worker, _)| Arc::clone(worker))
    }

    fn is_pin_of(&self, worker: &WorkerId, pin: &str) -> bool {
        let known = self.workers.get(worker);
        known.is_some_and(|(_, known)| known.as_deref() == Some(pin))
    }

    fn reasons(&self, code: ExceptionCode) -> Vec<String> {
        let own = self.reasons.get(&code).cloned();
        own.unwrap_or_else(|| usual_reasons(code))
    }

    fn holds(&self) -> Option<Arc<Holds>> {
        self.holds.clone()
    }

    fn next_handling_unit(&self) -> Option<HandlingUnitId> {
        self.handling_units.front().cloned()
    }

    fn sweep(&self, task: &TaskId, location: &LocationId) -> Option<SweepFigures> {
        self.swept(task, location).map(|swept| swept.figures)
    }

    fn swept_piece(&self, task: &TaskId, location: &LocationId, gtin: &str, serial: &str) -> Option<Class> {
        self.swept(task, location)?.class_of(gtin, serial)
    }

    fn swept_tags(&self, task: &TaskId, location: &LocationId) -> Arc<[SweptTag]> {
        self.swept(task, location)
            .map_or_else(Arc::default, |swept| Arc::clone(&swept.tags))
    }

    fn signal(&self) -> Option<u8> {
        self.signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::task;
    use crate::plan::PickPlan;
    use crate::quantity::Quantity;
    use crate::task::TaskKind;

    #[test]
    fn a_task_is_found_by_its_document_however_many_are_more_urgent() {
        let mut catalogue = MapCatalogue::new(SiteId::from("MAIN"));
        for number in 0..=OPEN_TASKS_MAX {
            catalogue.put_task(Task {
                id: TaskId::from(format!("P-{number:03}").as_str()),
                reference: format!("SO-{number:03}"),
                ..task("P", TaskKind::Pick(PickPlan::default()), Vec::new())
            });
        }
        let last = format!("so-{OPEN_TASKS_MAX:03}");
        assert_eq!(catalogue.open_tasks().len(), OPEN_TASKS_MAX);
        assert!(
            catalogue
                .open_tasks()
                .iter()
                .all(|task| !task.reference.eq_ignore_ascii_case(&last))
        );
        assert!(catalogue.find_reference(&last).is_some());
        let key = task_key(&TaskId::from(format!("P-{OPEN_TASKS_MAX:03}").as_str()));
        assert!(catalogue.find_handed_over(&key).is_some());
    }

    #[test]
    fn a_code_belongs_to_whom_it_was_linked_to_last() {
        let code = |text: &str| ItemCode {
            code: text.to_owned(),
            unit: "each".to_owned(),
            pack: Quantity::ONE,
        };
        let item = |codes: &[&str]| Item {
            id: ItemId::from("BOLT"),
            name: "Bolt".to_owned(),
            unit: "each".to_owned(),
            codes: codes.iter().map(|text| code(text)).collect(),
            tracking: crate::item::Tracking::default(),
            shelf_life_min_days: None,
            substitutes: Vec::new(),
            owner: None,
            picture: None,
        };
        let mut catalogue = MapCatalogue::new(SiteId::from("MAIN"));
        let known =
            |catalogue: &MapCatalogue| ["1", "2", "3"].map(|text| catalogue.find_code(text).is_some());
        catalogue.put_item(item(&["1", "2"]));
        assert_eq!(known(&catalogue), [true, true, false]);
        catalogue.put_item(item(&["2"]));
        assert_eq!(known(&catalogue), [false, true, false]);
        let bolt = ItemId::from("BOLT");
        catalogue.put_code(&bolt, code("3"));
        assert_eq!(known(&catalogue), [false, true, true]);
        catalogue.remove_code(&bolt, "3");
        assert_eq!(known(&catalogue), [false, true, false]);
    }
}
