//! A catalogue that notes what a step asks of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use tallyman_codes::Rules;

use crate::catalogue::Catalogue;
use crate::claim::Claim;
use crate::confirmation::ExceptionCode;
use crate::ids::{DeviceId, HandlingUnitId, ItemId, LocationId, SiteId, TaskId, WorkerId};
use crate::item::{Item, ItemCode};
use crate::progress::Progress;
use crate::rfid::Class;
use crate::site::{Holds, Location, Worker};
use crate::swept::{SweepFigures, SweptTag};
use crate::task::Task;
use crate::words::Language;

/// A catalogue over another one, which notes what is asked and what was answered.
pub struct Recording<'a, C> {
    catalogue: &'a C,
    asked: RefCell<Asked>,
}

/// What a step asked, and the answers. They are shared with the catalogue, so noting them costs little.
#[derive(Debug, Default)]
pub struct Asked {
    pub(super) site: bool,
    pub(super) rules: bool,
    pub(super) language: bool,
    pub(super) next: bool,
    pub(super) device: bool,
    pub(super) items: BTreeMap<ItemId, Option<Arc<Item>>>,
    pub(super) codes: BTreeMap<String, Option<(Arc<Item>, ItemCode)>>,
    pub(super) tasks: BTreeMap<TaskId, Option<Arc<Task>>>,
    pub(super) open: Option<Vec<Arc<Task>>>,
    pub(super) references: BTreeMap<String, Option<Arc<Task>>>,
    pub(super) progress: BTreeMap<TaskId, Arc<Progress>>,
    pub(super) claims: BTreeMap<TaskId, Option<Arc<Claim>>>,
    pub(super) locations: BTreeMap<LocationId, Option<bool>>,
    pub(super) places: BTreeMap<LocationId, Option<Arc<Location>>>,
    pub(super) workers: BTreeMap<WorkerId, Option<Arc<Worker>>>,
    /// Whether a PIN was right; never the PIN.
    pub(super) pins: BTreeMap<WorkerId, bool>,
    pub(super) reasons: BTreeMap<&'static str, Vec<String>>,
    pub(super) holds: Option<Option<Arc<Holds>>>,
    pub(super) next_unit: Option<Option<HandlingUnitId>>,
    pub(super) sweeps: BTreeMap<SweptPlace, Option<SweepFigures>>,
    /// Pieces of sweeps, by GTIN and serial number.
    pub(super) swept_pieces: BTreeMap<(SweptPlace, String, String), Option<Class>>,
    pub(super) swept_tags: BTreeMap<SweptPlace, Arc<[SweptTag]>>,
    pub(super) signal: Option<Option<u8>>,
}

/// A count and its place.
pub(super) type SweptPlace = (TaskId, LocationId);

impl<'a, C: Catalogue> Recording<'a, C> {
    /// Notes what is asked of this catalogue from now on.
    pub fn of(catalogue: &'a C) -> Self {
        Self {
            catalogue,
            asked: RefCell::default(),
        }
    }

    /// What was asked.
    pub fn asked(self) -> Asked {
        self.asked.into_inner()
    }
}

impl<C: Catalogue> Catalogue for Recording<'_, C> {
    fn site(&self) -> &SiteId {
        self.asked.borrow_mut().site = true;
        self.catalogue.site()
    }

    fn rules(&self) -> &Rules {
        self.asked.borrow_mut().rules = true;
        self.catalogue.rules()
    }

    fn language(&self) -> Language {
        self.asked.borrow_mut().language = true;
        self.catalogue.language()
    }

    fn next_confirmation(&self) -> (u32, u64) {
        self.asked.borrow_mut().next = true;
        self.catalogue.next_confirmation()
    }

    fn device(&self) -> DeviceId {
        self.asked.borrow_mut().device = true;
        self.catalogue.device()
    }

    fn item(&self, id: &ItemId) -> Option<Arc<Item>> {
        let answer = self.catalogue.item(id);
        self.asked.borrow_mut().items.insert(id.clone(), answer.clone());
        answer
    }

    fn find_code(&self, code: &str) -> Option<(Arc<Item>, ItemCode)> {
        let answer = self.catalogue.find_code(code);
        let mut asked = self.asked.borrow_mut();
        if let Some((item, _)) = &answer {
            asked.items.insert(item.id.clone(), Some(Arc::clone(item)));
        }
        asked.codes.insert(code.to_owned(), answer.clone());
        answer
    }

    fn task(&self, id: &TaskId) -> Option<Arc<Task>> {
        let answer = self.catalogue.task(id);
        self.asked.borrow_mut().tasks.insert(id.clone(), answer.clone());
        answer
    }

    fn open_tasks(&self) -> Vec<Arc<Task>> {
        let answer = self.catalogue.open_tasks();
        self.asked.borrow_mut().open = Some(answer.clone());
        answer
    }

    fn find_reference(&self, reference: &str) -> Option<Arc<Task>> {
        let answer = self.catalogue.find_reference(reference);
        let mut asked = self.asked.borrow_mut();
        if let Some(task) = &answer {
            asked.tasks.insert(task.id.clone(), Some(Arc::clone(task)));
        }
        asked.references.insert(reference.to_owned(), answer.clone());
        answer
    }

    fn find_handed_over(&self, key: &str) -> Option<Arc<Task>> {
        let answer = self.catalogue.find_handed_over(key);
        let mut asked = self.asked.borrow_mut();
        if let Some(task) = &answer {
            asked.tasks.insert(task.id.clone(), Some(Arc::clone(task)));
        }
        asked.references.insert(handed_over(key), answer.clone());
        answer
    }

    fn progress(&self, task: &TaskId) -> Arc<Progress> {
        let answer = self.catalogue.progress(task);
        self.asked
            .borrow_mut()
            .progress
            .insert(task.clone(), Arc::clone(&answer));
        answer
    }

    fn claim(&self, task: &TaskId) -> Option<Arc<Claim>> {
        let answer = self.catalogue.claim(task);
        self.asked
            .borrow_mut()
            .claims
            .insert(task.clone(), answer.clone());
        answer
    }

    fn has_location(&self, location: &LocationId) -> Option<bool> {
        let answer = self.catalogue.has_location(location);
        self.asked.borrow_mut().locations.insert(location.clone(), answer);
        answer
    }

    fn location(&self, location: &LocationId) -> Option<Arc<Location>> {
        let answer = self.catalogue.location(location);
        self.asked
            .borrow_mut()
            .places
            .insert(location.clone(), answer.clone());
        answer
    }

    fn worker(&self, worker: &WorkerId) -> Option<Arc<Worker>> {
        let answer = self.catalogue.worker(worker);
        self.asked
            .borrow_mut()
            .workers
            .insert(worker.clone(), answer.clone());
        answer
    }

    fn is_pin_of(&self, worker: &WorkerId, pin: &str) -> bool {
        let answer = self.catalogue.is_pin_of(worker, pin);
        self.asked.borrow_mut().pins.insert(worker.clone(), answer);
        answer
    }

    fn reasons(&self, code: ExceptionCode) -> Vec<String> {
        let answer = self.catalogue.reasons(code);
        self.asked
            .borrow_mut()
            .reasons
            .insert(code.word(), answer.clone());
        answer
    }

    fn holds(&self) -> Option<Arc<Holds>> {
        let answer = self.catalogue.holds();
        self.asked.borrow_mut().holds = Some(answer.clone());
        answer
    }

    fn next_handling_unit(&self) -> Option<HandlingUnitId> {
        let answer = self.catalogue.next_handling_unit();
        self.asked.borrow_mut().next_unit = Some(answer.clone());
        answer
    }

    fn sweep(&self, task: &TaskId, location: &LocationId) -> Option<SweepFigures> {
        let answer = self.catalogue.sweep(task, location);
        let place = (task.clone(), location.clone());
        self.asked.borrow_mut().sweeps.insert(place, answer);
        answer
    }

    fn swept_piece(&self, task: &TaskId, location: &LocationId, gtin: &str, serial: &str) -> Option<Class> {
        let answer = self.catalogue.swept_piece(task, location, gtin, serial);
        let piece = (
            (task.clone(), location.clone()),
            gtin.to_owned(),
            serial.to_owned(),
        );
        self.asked.borrow_mut().swept_pieces.insert(piece, answer);
        answer
    }

    fn swept_tags(&self, task: &TaskId, location: &LocationId) -> Arc<[SweptTag]> {
        let answer = self.catalogue.swept_tags(task, location);
        let place = (task.clone(), location.clone());
        self.asked
            .borrow_mut()
            .swept_tags
            .insert(place, Arc::clone(&answer));
        answer
    }

    fn signal(&self) -> Option<u8> {
        let answer = self.catalogue.signal();
        self.asked.borrow_mut().signal = Some(answer);
        answer
    }
}

/// What a task that is handed over is written under among the documents: as no document reads.
pub(super) fn handed_over(key: &str) -> String {
    format!("\u{1f}{key}")
}
