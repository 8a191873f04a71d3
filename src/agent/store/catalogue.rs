//! The catalogue of a step: prepared statements over the cache, with the newest tasks and items kept parsed.
//!
//! A handheld caches a whole site, 100,000 lines and more; only what a worker touches is in memory. Progress is the
//! hub's figures and this device's own facts since, see [`super::facts`].

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};
use tallyman_codes::Rules;
use tallyman_floor::catalogue::OPEN_TASKS_MAX;
use tallyman_floor::rfid::Class;
use tallyman_floor::wire::v1::{Delta, ItemBody, LocationBody, TaskBody, TaskHead};
use tallyman_floor::words::Language;
use tallyman_floor::{
    Catalogue, Claim, DeviceId, Draft, ExceptionCode, HandlingUnitId, Holds, Item, ItemCode, ItemId,
    Location, LocationId, Progress, SiteId, SweepFigures, Swept, SweptTag, Task, TaskId, Worker, WorkerId,
    task_key,
};
use tallyman_platform::sqlite::{self, OpenError};

use crate::seams::{Change, Identity, Place, StoreError, SweptPlace, World};

use super::facts::Facts;
use super::mark_rows::{self, CacheForm, IdentityForm, Name};
use super::recent::Recent;
use super::site::Site;
use super::trouble::{Trouble, natural};

/// Lines of parsed tasks kept at most, about 200 bytes each; of one task that has more, all.
const LINES_KEPT_MAX: usize = 30_000;

/// Parsed items kept at most, about 500 bytes each.
const ITEMS_KEPT_MAX: usize = 4_000;

/// Tasks that are kept as a list shows them, without their lines: more than a list has.
const HEADS_KEPT_MAX: usize = 2 * OPEN_TASKS_MAX;

/// The world as the floor loop sees it, over the store file.
pub struct StoreCatalogue {
    site: SiteId,
    rules: Arc<Rules>,
    language: Language,
    next: Place,
    reader: Connection,
    facts: Facts,
    /// Who this device is: its own claims are told from others'.
    device: String,
    locations_known: bool,
    said_of_site: Site,
    tasks: RefCell<Recent<TaskId, Known>>,
    heads: RefCell<Recent<TaskId, Head>>,
    items: RefCell<Recent<ItemId, Arc<Item>>>,
    /// Whose the codes are that were scanned last, as the hub says.
    owners: RefCell<Recent<String, ItemId>>,
    fault: Cell<Option<StoreError>>,
    /// The sweep of the place in hand.
    sweep: Option<(SweptPlace, Arc<Swept>)>,
    /// How strongly the tag is heard that is looked for.
    signal: Option<u8>,
}

/// A task as it was parsed, with the progress that belongs to it.
#[derive(Debug, Clone)]
struct Known {
    task: Arc<Task>,
    progress: Arc<Progress>,
    claim: Option<Arc<Claim>>,
}

/// A task as a list shows it.
#[derive(Debug, Clone)]
struct Head {
    /// Without its lines.
    task: Arc<Task>,
    claim: Option<Arc<Claim>>,
    /// Up to here the hub's figures contain this device's facts.
    base: Place,
}

/// Whose a code is, as the hub says.
enum Owner {
    Nobody,
    Item(ItemId),
    Several,
}

impl StoreCatalogue {
    /// Opens the catalogue of a site over a store that its owner has open.
    ///
    /// # Errors
    /// [`OpenError`] where the file cannot be read; [`StoreError::Unreadable`] where the journal cannot be.
    pub fn open(
        path: &Path,
        site: SiteId,
        language: Language,
        rules: Arc<Rules>,
        next: Place,
    ) -> Result<Self, CatalogueError> {
        let reader = sqlite::open_reader(path, &super::options())?;
        let mut catalogue = Self {
            site,
            rules,
            language,
            next,
            reader,
            facts: Facts::default(),
            device: String::new(),
            locations_known: false,
            said_of_site: Site::default(),
            tasks: RefCell::new(Recent::new(LINES_KEPT_MAX)),
            heads: RefCell::new(Recent::new(HEADS_KEPT_MAX)),
            items: RefCell::new(Recent::new(ITEMS_KEPT_MAX)),
            owners: RefCell::new(Recent::new(ITEMS_KEPT_MAX)),
            fault: Cell::new(None),
            sweep: None,
            signal: None,
        };
        catalogue.rebuild(next)?;
        Ok(catalogue)
    }

    /// How many of this device's own confirmations are not in the hub's figures yet.
    pub fn own_facts(&self) -> usize {
        self.facts.len()
    }

    fn swept(&self, task: &TaskId, location: &LocationId) -> Option<&Swept> {
        let (place, swept) = self.sweep.as_ref()?;
        (place.task == *task && place.location == *location).then_some(swept)
    }

    /// Notes a failed lookup; the floor loop asks for it after the step.
    fn ask<T>(&self, answer: Result<Option<T>, Trouble>) -> Option<T> {
        answer.unwrap_or_else(|trouble| {
            self.fault.set(Some(trouble.into()));
            None
        })
    }

    fn known(&self, id: &TaskId) -> Option<Known> {
        if let Some(known) = self.tasks.borrow_mut().get(id) {
            return Some(known.clone());
        }
        let known = self.ask(self.load(id))?;
        self.tasks
            .borrow_mut()
            .put(id.clone(), known.clone(), known.task.lines.len().max(1));
        Some(known)
    }

    /// The text of a task, and up to where the hub's figures in it contain this device's facts.
    fn read_task(&self, id: &TaskId) -> Result<Option<(String, Place)>, Trouble> {
        let row = self
            .reader
            .prepare_cached("SELECT body, base_epoch, base_seq FROM task WHERE id = ?1")?
            .query_row([id.as_str()], |row| {
                Ok((
                    row.get(0)?,
                    Place {
                        epoch: row.get(1)?,
                        seq: natural(row.get(2)?),
                    },
                ))
            })
            .optional()?;
        Ok(row)
    }

    fn head(&self, id: &TaskId) -> Option<Head> {
        if let Some(head) = self.heads.borrow_mut().get(id) {
            return Some(head.clone());
        }
        let head = self.ask(self.load_head(id))?;
        self.heads.borrow_mut().put(id.clone(), head.clone(), 1);
        Some(head)
    }

    fn load_head(&self, id: &TaskId) -> Result<Option<Head>, Trouble> {
        let Some((body, base)) = self.read_task(id)? else {
            return Ok(None);
        };
        let body = TaskBody::from(parse::<TaskHead>(&body)?);
        let claim = body.claim_for(&self.device).map(Arc::new);
        let task = Task::try_from(body).map_err(|error| Trouble::damaged(error.to_string()))?;
        Ok(Some(Head {
            task: Arc::new(task),
            claim,
            base,
        }))
    }

    /// Whether a worker has ended the task here, which the hub has not heard of.
    fn is_ended(&self, head: &Head) -> bool {
        if let Some(known) = self.tasks.borrow_mut().get(&head.task.id) {
            return known.progress.task_closed();
        }
        let own = self.facts.fold(&head.task.id, head.base, Progress::default());
        own.task_closed()
    }

    fn load(&self, id: &TaskId) -> Result<Option<Known>, Trouble> {
        let Some((body, base)) = self.read_task(id)? else {
            return Ok(None);
        };
        let (task, figures, claim) = task_of(&body, &self.device)?;
        let progress = self.facts.fold(&task.id, base, figures);
        Ok(Some(Known {
            task: Arc::new(task),
            progress: Arc::new(progress),
            claim: claim.map(Arc::new),
        }))
    }

    fn load_item(&self, id: &ItemId) -> Result<Option<Arc<Item>>, Trouble> {
        let body: Option<String> = self
            .reader
            .prepare_cached("SELECT body FROM item WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))
            .optional()?;
        body.map(|body| item_of(&body).map(Arc::new)).transpose()
    }

    /// The item a code belongs to. A code that two items claim belongs to none: a guess is never approved.
    fn owner_of(&self, code: &str) -> Result<Owner, Trouble> {
        let code = code.to_owned();
        if let Some(owner) = self.owners.borrow_mut().get(&code) {
            return Ok(Owner::Item(owner.clone()));
        }
        let owners = self
            .reader
            .prepare_cached("SELECT item FROM item_code WHERE code = ?1 LIMIT 2")?
            .query_map([&code], text)?
            .collect::<Result<Vec<String>, _>>()?;
        Ok(match owners.as_slice() {
            [] => Owner::Nobody,
            [owner] => {
                let owner = ItemId::new(owner.as_str());
                self.owners.borrow_mut().put(code, owner.clone(), 1);
                Owner::Item(owner)
            }
            _ => Owner::Several,
        })
    }

    fn ids(&self, sql: &str, parameter: impl rusqlite::ToSql) -> Result<Vec<TaskId>, Trouble> {
        let ids = self
            .reader
            .prepare_cached(sql)?
            .query_map([parameter], text)?
            .map(|id| id.map(TaskId::new))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(ids)
    }

    fn read_cache_row(&self) -> Result<CacheForm, Trouble> {
        Ok(mark_rows::get_form::<CacheForm>(&self.reader, Name::Cache)?.unwrap_or_default())
    }
}

impl Catalogue for StoreCatalogue {
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
        (self.next.epoch, self.next.seq)
    }

    fn next_handling_unit(&self) -> Option<HandlingUnitId> {
        let held = self.ask(super::numbers::read(&self.reader).map(Some))?;
        held.next().map(HandlingUnitId::new)
    }

    fn device(&self) -> DeviceId {
        DeviceId::new(self.device.as_str())
    }

    fn item(&self, id: &ItemId) -> Option<Arc<Item>> {
        if let Some(item) = self.items.borrow_mut().get(id) {
            return Some(Arc::clone(item));
        }
        let item = self.ask(self.load_item(id))?;
        self.items.borrow_mut().put(id.clone(), Arc::clone(&item), 1);
        Some(item)
    }

    fn find_code(&self, code: &str) -> Option<(Arc<Item>, ItemCode)> {
        match self.ask(self.owner_of(code).map(Some))? {
            Owner::Item(owner) => {
                let item = self.item(&owner)?;
                let found = item.codes.iter().find(|known| known.code == code)?.clone();
                Some((item, found))
            }
            // What the hub says of a code outweighs what was linked here.
            Owner::Nobody => {
                let (item, linked) = self.facts.find_link(code)?;
                Some((self.item(&item)?, linked))
            }
            Owner::Several => None,
        }
    }

    fn task(&self, id: &TaskId) -> Option<Arc<Task>> {
        self.known(id).map(|known| known.task)
    }

    fn open_tasks(&self) -> Vec<Arc<Task>> {
        const MOST_URGENT: &str =
            "SELECT id FROM task WHERE open = 1 ORDER BY priority DESC, reference, id LIMIT ?1";
        let ids = self
            .ids(MOST_URGENT, i64::try_from(OPEN_TASKS_MAX).unwrap_or(i64::MAX))
            .map(Some);
        let ids = self.ask(ids).unwrap_or_default();
        let heads = ids.iter().filter_map(|id| self.head(id));
        heads
            .filter(|head| !self.is_ended(head))
            .map(|head| head.task)
            .collect()
    }

    fn find_reference(&self, reference: &str) -> Option<Arc<Task>> {
        const BY_REFERENCE: &str = "SELECT id FROM task WHERE open = 1 AND reference = ?1 COLLATE NOCASE
             ORDER BY priority DESC, reference, id LIMIT 1";
        let ids = self.ask(self.ids(BY_REFERENCE, reference).map(Some))?;
        self.task(ids.first()?)
    }

    fn find_handed_over(&self, key: &str) -> Option<Arc<Task>> {
        let ids = self.ask(
            self.ids("SELECT id FROM task WHERE open = ?1 ORDER BY id", 1)
                .map(Some),
        )?;
        let id = ids.iter().find(|id| task_key(id) == key)?;
        self.task(id)
    }

    fn progress(&self, task: &TaskId) -> Arc<Progress> {
        self.known(task).map(|known| known.progress).unwrap_or_default()
    }

    fn claim(&self, task: &TaskId) -> Option<Arc<Claim>> {
        if let Some(known) = self.tasks.borrow_mut().get(task) {
            return known.claim.clone();
        }
        self.head(task)?.claim
    }

    fn has_location(&self, location: &LocationId) -> Option<bool> {
        if !self.locations_known {
            return None;
        }
        let found = self
            .reader
            .prepare_cached("SELECT 1 FROM location WHERE id = ?1")
            .and_then(|mut select| select.exists([location.as_str()]));
        self.ask(found.map(Some).map_err(Trouble::from))
    }

    fn location(&self, location: &LocationId) -> Option<Arc<Location>> {
        let found = self
            .reader
            .prepare_cached("SELECT check_digits, zone FROM location_detail WHERE id = ?1")
            .and_then(|mut select| {
                select
                    .query_row([location.as_str()], |row| {
                        Ok(LocationBody {
                            id: location.to_string(),
                            check_digits: row.get(0)?,
                            zone: row.get(1)?,
                        })
                    })
                    .optional()
            });
        let body = self.ask(found.map_err(Trouble::from))?;
        Some(Arc::new(Location::from(body)))
    }

    fn worker(&self, worker: &WorkerId) -> Option<Arc<Worker>> {
        self.said_of_site.worker(worker)
    }

    fn is_pin_of(&self, worker: &WorkerId, pin: &str) -> bool {
        self.said_of_site.is_pin_of(worker, pin)
    }

    fn reasons(&self, code: ExceptionCode) -> Vec<String> {
        self.said_of_site.reasons(code)
    }

    fn holds(&self) -> Option<Arc<Holds>> {
        self.said_of_site.holds()
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

impl World for StoreCatalogue {
    fn committed(&mut self, places: &[Place], drafts: &[Draft]) {
        for (place, draft) in places.iter().zip(drafts) {
            self.next = Place {
                epoch: place.epoch,
                seq: place.seq + 1,
            };
            let Some(task) = self.facts.add(*place, draft) else {
                continue;
            };
            if let Some(known) = self.tasks.get_mut().get_mut(&task) {
                Arc::make_mut(&mut known.progress).apply(draft);
            }
        }
    }

    fn cached(&mut self, part: &Delta) -> Vec<Change> {
        let mut changes = Vec::new();
        for body in &part.tasks {
            let id = TaskId::new(body.id.as_str());
            self.facts.settle(&id, part.applied);
            self.heads.get_mut().remove(&id);
            let before = self.tasks.get_mut().remove(&id);
            if before.is_some_and(|known| !is_same_work(&known.task, body)) {
                changes.push(Change::Task(id));
            }
        }
        for id in &part.removed_tasks {
            let id = TaskId::new(id.as_str());
            self.heads.get_mut().remove(&id);
            self.tasks.get_mut().remove(&id);
            changes.push(Change::Task(id));
        }
        if !part.items.is_empty() {
            // A code may be another item's now.
            self.owners.get_mut().clear();
        }
        for item in &part.items {
            self.items.get_mut().remove(&ItemId::new(item.id.as_str()));
        }
        self.locations_known |= !part.locations.is_empty();
        self.said_of_site.take(part);
        changes.push(Change::Figures);
        changes
    }

    fn rebuild(&mut self, next: Place) -> Result<(), StoreError> {
        self.next = next;
        self.tasks.get_mut().clear();
        self.heads.get_mut().clear();
        self.items.get_mut().clear();
        self.owners.get_mut().clear();
        self.facts = Facts::derive(&self.reader)?;
        let identity = mark_rows::get_form::<IdentityForm>(&self.reader, Name::Identity);
        self.device = identity
            .ok()
            .flatten()
            .map_or_else(String::new, |form| Identity::from(form).device);
        self.locations_known = self.read_cache_row().unwrap_or_default().locations_known;
        let heard = self.said_of_site.holds().and_then(|holds| holds.heard);
        self.said_of_site = Site::read(&self.reader)?;
        if let Some(heard) = heard {
            self.said_of_site.up_to_date(heard);
        }
        Ok(())
    }

    fn up_to_date(&mut self, hub_time: Timestamp) {
        self.said_of_site.up_to_date(hub_time);
    }

    fn set_rules(&mut self, rules: Arc<Rules>) {
        self.rules = rules;
    }

    fn set_sweep(&mut self, sweep: Option<(SweptPlace, Arc<Swept>)>) {
        self.sweep = sweep;
    }

    fn set_signal(&mut self, signal: Option<u8>) {
        self.signal = signal;
    }

    fn take_fault(&mut self) -> Option<StoreError> {
        self.fault.take()
    }
}

/// Why a catalogue could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file.
    #[error(transparent)]
    File(#[from] OpenError),
    /// The journal in it.
    #[error(transparent)]
    Journal(#[from] StoreError),
}

/// Whether a session that works on the task need not hear of the change.
fn is_same_work(task: &Task, body: &TaskBody) -> bool {
    task.revision == body.revision && task.is_open() == (body.state == "open")
}

fn task_of(body: &str, device: &str) -> Result<(Task, Progress, Option<Claim>), Trouble> {
    let body: TaskBody = parse(body)?;
    let progress = body.progress();
    let claim = body.claim_for(device);
    let task = Task::try_from(body).map_err(|error| Trouble::damaged(error.to_string()))?;
    Ok((task, progress, claim))
}

fn item_of(body: &str) -> Result<Item, Trouble> {
    Item::try_from(parse::<ItemBody>(body)?).map_err(|error| Trouble::damaged(error.to_string()))
}

fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, Trouble> {
    serde_json::from_str(body).map_err(|error| Trouble::damaged(format!("a cached row is damaged ({error})")))
}

fn text(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}
