//! This device's own confirmations that are not in the hub's figures yet, a few bytes each.
//!
//! A task's progress is the hub's figures, as of a mark in this device's journal, and the fold of what comes after
//! that mark. Facts are kept for as long as a delta may still bring a task without them.

use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;
use tallyman_floor::wire::v1::ConfirmationBody;
use tallyman_floor::{Act, Draft, ItemCode, ItemId, LineNumber, Progress, Quantity, TaskId};

use crate::seams::Place;

use super::links::Links;
use super::trouble::{Trouble, natural};
use super::{mark_rows, reading};

/// The part of a confirmation that progress is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    place: Place,
    line: Option<LineNumber>,
    act: Act,
    quantity: Quantity,
    forward: bool,
    /// The item and the serial numbers, where they are recorded.
    serials: Option<Box<(ItemId, Vec<String>)>>,
}

impl Fact {
    /// Whether it is needed beside figures that contain everything up to `base`: they have no serial numbers.
    fn is_needed_after(&self, base: Place) -> bool {
        self.place > base || self.serials.is_some()
    }
}

/// Own facts by task, each list in the journal's order.
#[derive(Debug, Default)]
pub(super) struct Facts {
    by_task: HashMap<TaskId, Vec<Fact>>,
    links: Links,
}

impl Facts {
    /// Derives the facts from the journal: every record that stands for itself. Records that moved to a later epoch
    /// are counted there; damaged ones cannot be counted.
    pub(super) fn derive(connection: &Connection) -> Result<Self, Trouble> {
        let mut facts = Self::default();
        let Some(device) = reading::device(connection)? else {
            return Ok(facts);
        };
        let cache = mark_rows::get_form::<mark_rows::CacheForm>(connection, mark_rows::Name::Cache);
        let applied = cache.unwrap_or(None).unwrap_or_default().applied;
        let moved = moved(connection)?;
        for epoch in epochs(connection)? {
            let begins = first_seq(connection, epoch)?.saturating_sub(1);
            reading::walk(
                connection,
                &device,
                Place { epoch, seq: begins },
                |row, is_sound| {
                    let place = Place { epoch, seq: row.seq };
                    // What is damaged cannot be counted; the hub's figures will tell what a person makes of it.
                    if is_sound && !moved.contains(&place) {
                        facts.add_body(place, &row.body);
                    }
                    Ok(())
                },
            )?;
        }
        facts.forget_unneeded(connection, applied)?;
        Ok(facts)
    }

    /// Adds a confirmation that was committed just now. Answers its task.
    pub(super) fn add(&mut self, place: Place, draft: &Draft) -> Option<TaskId> {
        self.links.add(draft);
        let work = draft.work.as_ref()?;
        let (act, forward) = draft.progress_act();
        let goods = draft.goods.as_ref();
        let fact = Fact {
            place,
            line: work.line,
            act,
            quantity: goods.map_or(Quantity::ZERO, |goods| goods.quantity),
            forward,
            serials: goods
                .filter(|_| act.counts_as_progress())
                .and_then(|goods| serials_of(|| goods.called(), &goods.serials)),
        };
        self.by_task.entry(work.task.clone()).or_default().push(fact);
        Some(work.task.clone())
    }

    /// The hub's figures with the facts after their mark.
    pub(super) fn fold(&self, task: &TaskId, base: Place, figures: Progress) -> Progress {
        let mut progress = figures;
        for fact in self.by_task.get(task).into_iter().flatten() {
            if fact.place > base {
                progress.count(fact.line, fact.act, fact.quantity, fact.forward);
            }
            for (item, serials) in fact.serials.iter().map(|known| (&known.0, &known.1)) {
                serials
                    .iter()
                    .for_each(|serial| progress.count_serial(item, serial, fact.forward));
            }
        }
        progress
    }

    /// The hub's figures of this task contain everything up to `base` now.
    pub(super) fn settle(&mut self, task: &TaskId, base: Place) {
        if let Some(facts) = self.by_task.get_mut(task) {
            facts.retain(|fact| fact.is_needed_after(base));
            if facts.is_empty() {
                self.by_task.remove(task);
            }
        }
    }

    /// The item a code was linked to on this device, and what one scan of it stands for.
    pub(super) fn find_link(&self, code: &str) -> Option<(ItemId, ItemCode)> {
        self.links.find(code)
    }

    /// How many facts are kept.
    pub(super) fn len(&self) -> usize {
        self.by_task.values().map(Vec::len).sum()
    }

    fn add_body(&mut self, place: Place, text: &str) {
        // A body that cannot be read counts nowhere; the hub keeps it for people to look at.
        let Ok(body) = serde_json::from_str::<ConfirmationBody>(text) else {
            return;
        };
        self.links.add_body(&body);
        let Some(task) = body.task else { return };
        let (word, forward) = match &body.reverses {
            Some(reverses) => (reverses.act.as_str(), false),
            None => (body.act.as_str(), true),
        };
        let Some(act) = Act::ALL.into_iter().find(|act| act.word() == word) else {
            return;
        };
        let goods = body.goods;
        let quantity = goods.as_ref().map_or(0, |goods| goods.quantity_micro);
        let fact = Fact {
            place,
            line: body.line.map(LineNumber),
            act,
            quantity: Quantity::from_micro(quantity),
            forward,
            serials: goods.filter(|_| act.counts_as_progress()).and_then(|goods| {
                let called = || ItemId::new(goods.item.unwrap_or(goods.code));
                serials_of(called, &goods.serials)
            }),
        };
        self.by_task.entry(TaskId::new(task)).or_default().push(fact);
    }

    /// Facts of cached tasks are needed after the task's own mark, others after the newest delta's.
    fn forget_unneeded(&mut self, connection: &Connection, applied: Place) -> Result<(), Trouble> {
        let mut base = connection.prepare_cached("SELECT base_epoch, base_seq FROM task WHERE id = ?1")?;
        for (task, facts) in &mut self.by_task {
            let mut rows = base.query([task.as_str()])?;
            match rows.next()? {
                Some(row) => {
                    let base = Place {
                        epoch: row.get(0)?,
                        seq: natural(row.get(1)?),
                    };
                    facts.retain(|fact| fact.is_needed_after(base));
                }
                None => facts.retain(|fact| fact.place > applied),
            }
        }
        self.by_task.retain(|_, facts| !facts.is_empty());
        Ok(())
    }
}

fn serials_of(called: impl FnOnce() -> ItemId, serials: &[String]) -> Option<Box<(ItemId, Vec<String>)>> {
    (!serials.is_empty()).then(|| Box::new((called(), serials.to_vec())))
}

fn epochs(connection: &Connection) -> rusqlite::Result<Vec<u32>> {
    connection
        .prepare("SELECT DISTINCT epoch FROM journal ORDER BY epoch")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn first_seq(connection: &Connection, epoch: u32) -> rusqlite::Result<u64> {
    connection
        .query_row("SELECT min(seq) FROM journal WHERE epoch = ?1", [epoch], |row| {
            row.get(0)
        })
        .map(natural)
}

pub(super) fn moved(connection: &Connection) -> rusqlite::Result<BTreeSet<Place>> {
    connection
        .prepare("SELECT epoch, seq FROM moved")?
        .query_map([], |row| {
            Ok(Place {
                epoch: row.get(0)?,
                seq: natural(row.get(1)?),
            })
        })?
        .collect()
}
