//! This device's own confirmations that are not in the hub's figures yet, a few bytes each.
//!
//! A task's progress is the hub's figures, as of a mark in this device's journal, and the fold of what comes after
//! that mark. Facts are kept for as long as a delta may still bring a task without them.

use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;
use tallyman_floor::wire::v1::ConfirmationBody;
use tallyman_floor::{Act, Draft, LineNumber, Progress, Quantity, TaskId};

use crate::seams::Place;

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
}

/// Own facts by task, each list in the journal's order.
#[derive(Debug, Default)]
pub(super) struct Facts {
    by_task: HashMap<TaskId, Vec<Fact>>,
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
            reading::walk(connection, &device, Place { epoch, seq: begins }, |record| {
                let place = Place {
                    epoch,
                    seq: record.seq,
                };
                if !moved.contains(&place) {
                    facts.add_body(place, &record.body);
                }
                Ok(())
            })?;
        }
        facts.forget_unneeded(connection, applied)?;
        Ok(facts)
    }

    /// Adds a confirmation that was committed just now. Answers its task.
    pub(super) fn add(&mut self, place: Place, draft: &Draft) -> Option<TaskId> {
        let work = draft.work.as_ref()?;
        let quantity = draft
            .goods
            .as_ref()
            .map_or(Quantity::ZERO, |goods| goods.quantity);
        let (act, forward) = match draft.reverses {
            Some(reverses) => (reverses.act, false),
            None => (draft.act, true),
        };
        let fact = Fact {
            place,
            line: work.line,
            act,
            quantity,
            forward,
        };
        self.by_task.entry(work.task.clone()).or_default().push(fact);
        Some(work.task.clone())
    }

    /// The hub's figures with the facts after their mark.
    pub(super) fn fold(&self, task: &TaskId, base: Place, figures: Progress) -> Progress {
        let mut progress = figures;
        for fact in self
            .by_task
            .get(task)
            .into_iter()
            .flatten()
            .filter(|fact| fact.place > base)
        {
            progress.count(fact.line, fact.act, fact.quantity, fact.forward);
        }
        progress
    }

    /// The hub's figures of this task contain everything up to `base` now.
    pub(super) fn settle(&mut self, task: &TaskId, base: Place) {
        if let Some(facts) = self.by_task.get_mut(task) {
            facts.retain(|fact| fact.place > base);
            if facts.is_empty() {
                self.by_task.remove(task);
            }
        }
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
        let Some(task) = body.task else { return };
        let (word, forward) = match &body.reverses {
            Some(reverses) => (reverses.act.as_str(), false),
            None => (body.act.as_str(), true),
        };
        let Some(act) = Act::ALL.into_iter().find(|act| act.word() == word) else {
            return;
        };
        let quantity = body
            .goods
            .map_or(Quantity::ZERO, |goods| Quantity::from_micro(goods.quantity_micro));
        let fact = Fact {
            place,
            line: body.line.map(LineNumber),
            act,
            quantity,
            forward,
        };
        self.by_task.entry(TaskId::new(task)).or_default().push(fact);
    }

    /// Facts of cached tasks are needed after the task's own mark, others after the newest delta's.
    fn forget_unneeded(&mut self, connection: &Connection, applied: Place) -> Result<(), Trouble> {
        let mut base = connection.prepare_cached("SELECT base_epoch, base_seq FROM task WHERE id = ?1")?;
        for (task, facts) in &mut self.by_task {
            let mut rows = base.query([task.as_str()])?;
            let base = match rows.next()? {
                Some(row) => Place {
                    epoch: row.get(0)?,
                    seq: natural(row.get(1)?),
                },
                None => applied,
            };
            facts.retain(|fact| fact.place > base);
        }
        self.by_task.retain(|_, facts| !facts.is_empty());
        Ok(())
    }
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

fn moved(connection: &Connection) -> rusqlite::Result<BTreeSet<Place>> {
    connection
        .prepare("SELECT epoch, seq FROM aside WHERE reason = 'moved'")?
        .query_map([], |row| {
            Ok(Place {
                epoch: row.get(0)?,
                seq: natural(row.get(1)?),
            })
        })?
        .collect()
}
