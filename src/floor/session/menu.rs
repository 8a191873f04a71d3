//! The menu: what a worker may want beside the work in hand, and the tasks that the floor itself begins.
//!
//! Such a task is made of the next label alone: the place that goods are taken from, the handling unit that was found, the
//! place to count. It begins with a fact that holds all of it, is worked on as any task, and the task that was open before
//! goes on when it ends.

use std::sync::Arc;

use crate::confirmation::{Act, Draft, WorkReference};
use crate::ids::{HandlingUnitId, LineNumber, LocationId, TaskId};
use crate::kinds::judge_of;
use crate::kinds::receive::print_label;
use crate::plan::CountPlan;
use crate::task::{Line, QuantityEntry, Task, TaskKind, TaskState};
use crate::verdict::{MenuEntry, Question, Reason, Scanned, Verdict, Wanted};

use super::Session;
use super::pull::{self, Code, Label};
use super::stage::Stage;
use super::work::{Desk, Outcome};

/// Tasks that are kept at once, below one that the floor itself begins: the planned one, and the more urgent one.
const KEPT_MAX: usize = 2;

impl Session {
    /// Offers what means something now.
    pub(super) fn menu(&mut self, desk: &Desk<'_>) -> Outcome {
        let entries = MenuEntry::ALL.into_iter();
        let entries: Vec<_> = entries.filter(|entry| self.offers(*entry, desk)).collect();
        if entries.is_empty() {
            return Outcome::reject(Reason::KeyUnused);
        }
        let question = Question::Menu { entries };
        self.stage.ask(question.clone(), None);
        Outcome::of(Verdict::Ask(question))
    }

    /// Whether an entry means something now.
    fn offers(&self, entry: MenuEntry, desk: &Desk<'_>) -> bool {
        match entry {
            MenuEntry::Move | MenuEntry::FoundUnit | MenuEntry::Count => self.may_begin(desk),
            MenuEntry::Inquiry => true,
            MenuEntry::OtherTask => self.may_keep(),
            MenuEntry::HandOver => self.may_hand_over(),
            MenuEntry::Figures => self.worker.is_some(),
            MenuEntry::PrintLabel => self.takes_goods_in(desk),
        }
    }

    /// Whether goods come in with the open task: what has no label gets one then.
    fn takes_goods_in(&self, desk: &Desk<'_>) -> bool {
        let task = self.stage.task.as_ref().and_then(|id| desk.catalogue.task(id));
        task.is_some_and(|task| matches!(task.kind, TaskKind::Receive(_) | TaskKind::Return(_)))
    }

    /// An entry was chosen.
    pub(super) fn chosen(&mut self, entry: MenuEntry, desk: &Desk<'_>) -> Outcome {
        if !self.offers(entry, desk) {
            return Outcome::reject(Reason::KeyUnused);
        }
        match entry {
            MenuEntry::Move | MenuEntry::FoundUnit | MenuEntry::Count => {
                let question = Question::Begin { entry };
                self.stage.ask(question.clone(), None);
                Outcome::of(Verdict::Ask(question))
            }
            MenuEntry::Inquiry => self.begin_look_up(),
            MenuEntry::OtherTask => self.keep_open_task(),
            MenuEntry::HandOver => self.hand_over(desk),
            MenuEntry::Figures => self.show_figures(),
            MenuEntry::PrintLabel => match self.work(desk) {
                Some(mut work) => print_label(&mut work),
                None => Outcome::reject(Reason::NoTask),
            },
        }
    }

    /// Whether a task can be begun: with nothing in hand, one at a time, on a device that the hub has named.
    fn may_begin(&self, desk: &Desk<'_>) -> bool {
        let stage = &self.stage;
        let is_one_already = stage.begun_here && stage.kept.is_some();
        let is_free = stage.hand.is_empty() && !is_one_already && stage.depth() < KEPT_MAX;
        is_free && !desk.catalogue.device().as_str().is_empty()
    }

    /// The label that a task is made of was typed.
    pub(super) fn begin_by_typing(&mut self, desk: &Desk<'_>) -> Outcome {
        let typed = std::mem::take(&mut self.stage.typed);
        match pull::typed(typed.trim(), desk) {
            Ok(seen) => self.code(seen, desk),
            Err(outcome) => outcome,
        }
    }

    /// The label that a task is made of.
    pub(super) fn begin_with(
        &mut self,
        entry: MenuEntry,
        code: &Code,
        wanted: Wanted,
        desk: &Desk<'_>,
    ) -> Outcome {
        let line = Line::new(LineNumber(1));
        match (entry, code) {
            (MenuEntry::FoundUnit, Code::Unit(unit)) => {
                let unit = HandlingUnitId::new(unit.as_str());
                let line = Line {
                    handling_unit: Some(unit.clone()),
                    ..line
                };
                self.begin_task(TaskKind::Move, line, unit.as_str(), code, desk)
            }
            (MenuEntry::Move | MenuEntry::Count, Code::Location(place)) => {
                let location = LocationId::new(place.as_str());
                if desk.catalogue.has_location(&location) == Some(false) {
                    let code = place.clone();
                    return Outcome::reject(Reason::UnknownCode { code });
                }
                let kind = match entry {
                    MenuEntry::Count => TaskKind::Count(CountPlan::default()),
                    _ => TaskKind::Move,
                };
                let line = Line {
                    location: Some(location),
                    ..line
                };
                self.begin_task(kind, line, place, code, desk)
            }
            (_, code) => Outcome::not_wanted(scanned(code), wanted),
        }
    }

    /// Begins a task with one line, where the worker stands already.
    fn begin_task(
        &mut self,
        kind: TaskKind,
        line: Line,
        what: &str,
        code: &Code,
        desk: &Desk<'_>,
    ) -> Outcome {
        let task = Arc::new(task(kind, line, what, desk));
        let kept = match self.stage.task.is_some() {
            true => Some(Box::new(self.stage.at_rest())),
            false => self.stage.kept.take(),
        };
        self.stage = Stage {
            task: Some(task.id.clone()),
            begun_here: true,
            kept,
            ..Stage::default()
        };
        let desk = Desk {
            begun: Some(Arc::clone(&task)),
            ..desk.clone()
        };
        if let Some(mut work) = self.work(&desk) {
            let judge = judge_of(&task.kind);
            judge.opened(&mut work);
            // The label that was scanned is the first thing that the task wants.
            match code {
                Code::Location(place) => judge.location(&mut work, LocationId::new(place.as_str())),
                Code::Unit(unit) => judge.handling_unit(&mut work, HandlingUnitId::new(unit.as_str())),
                _ => Outcome::quiet(),
            };
        }
        Outcome::accept(vec![started(task, &desk)])
    }
}

/// A task of this device's own: nobody else can give it the same identity.
fn task(kind: TaskKind, line: Line, what: &str, desk: &Desk<'_>) -> Task {
    let (epoch, seq) = desk.catalogue.next_confirmation();
    let device = desk.catalogue.device();
    Task {
        id: TaskId::new(format!("{device}-{epoch}-{seq}")),
        site: desk.catalogue.site().clone(),
        kind,
        revision: 1,
        state: TaskState::Open,
        reference: format!("{what} {seq}"),
        priority: 0,
        assigned_to: None,
        quantity_entry: QuantityEntry::EachScan,
        lines: vec![line],
    }
}

fn started(task: Arc<Task>, desk: &Desk<'_>) -> Draft {
    Draft {
        site: task.site.clone(),
        worker: desk.worker.clone(),
        work: Some(WorkReference {
            task: task.id.clone(),
            revision: task.revision,
            line: None,
            fence: None,
        }),
        act: Act::TaskStarted,
        goods: None,
        from: None,
        to: None,
        observed: None,
        started: Some(task),
        exception: None,
        reverses: None,
        raw: desk.raw.clone(),
        pass: None,
        times: desk.now.times.clone(),
    }
}

fn scanned(code: &Code) -> Scanned {
    match code {
        Code::Location(place) => Scanned::Location(LocationId::new(place.as_str())),
        Code::Unit(unit) => Scanned::HandlingUnit(unit.clone()),
        Code::Label(Label::Goods(piece) | Label::Addition(piece)) => match &piece.item {
            Some(item) => Scanned::Item(item.clone()),
            None => Scanned::Text(piece.code.clone()),
        },
        Code::HandOver(text) => Scanned::Text(text.clone()),
        Code::Badge(_) | Code::Key(_) => Scanned::Badge,
    }
}
