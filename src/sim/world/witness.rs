//! What is known of one device from outside: every fact that was ever in its store, which of them a sound has promised,
//! and which of them the store still holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::heard::Place;

/// A fact by what it says: two records of one fact, written under two epochs, have one key.
pub type FactKey = String;

/// A fact that a device has committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The fact.
    pub key: FactKey,
    /// The life of the store: another one when it was set aside.
    pub store: u32,
    /// Where it was written first.
    pub place: Place,
    /// The task, where it belongs to one.
    pub task: String,
}

/// The account of one device.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// What it calls itself.
    pub name: String,
    /// Its site.
    pub site: String,
    /// Every fact, in the order of the commits.
    pub committed: Vec<Committed>,
    /// Facts that a good sound has promised.
    pub sounded: BTreeSet<FactKey>,
    /// Facts that the store holds, or held until the hub had them safe.
    pub held: BTreeSet<FactKey>,
    /// Facts that were neither in the store nor at the hub at some moment, because a store was put back or set aside: only
    /// these may be missing.
    pub excused: BTreeSet<FactKey>,
    /// What was wrong already while the world went on.
    pub wrong: Vec<String>,
    store: u32,
    seen: BTreeSet<(u32, Place)>,
}

/// What lies in a store's journal.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    rows: BTreeMap<Place, (FactKey, String)>,
    /// Where records that were written again stand first.
    copies: BTreeSet<Place>,
}

impl Account {
    /// An account without facts.
    pub fn new(name: &str, site: &str) -> Self {
        Self {
            name: name.to_owned(),
            site: site.to_owned(),
            ..Self::default()
        }
    }

    /// Takes in what the store holds now. Answers the places that are new.
    pub fn look(&mut self, journal: &Journal) -> Vec<Place> {
        let mut new = Vec::new();
        for (place, (key, task)) in &journal.rows {
            if !self.seen.insert((self.store, *place)) {
                continue;
            }
            self.held.insert(key.clone());
            if journal.copies.contains(place) {
                continue;
            }
            new.push(*place);
            self.committed.push(Committed {
                key: key.clone(),
                store: self.store,
                place: *place,
                task: task.clone(),
            });
        }
        new
    }

    /// A sound promised these places.
    pub fn heard(&mut self, places: &[Place], journal: &Journal) {
        self.look(journal);
        for place in places {
            match journal.rows.get(place) {
                None => self.wrong.push(format!(
                    "I1: {} sounded epoch {} seq {}, and its store does not hold it",
                    self.name, place.epoch, place.seq
                )),
                Some((key, _)) if !self.sounded.insert(key.clone()) => self.wrong.push(format!(
                    "I1: {} sounded epoch {} seq {} twice",
                    self.name, place.epoch, place.seq
                )),
                Some(_) => {}
            }
        }
    }

    /// After a power cut: what was promised is still there.
    pub fn check_power_cut(&mut self, journal: &Journal) {
        let there: BTreeSet<&FactKey> = journal.rows.values().map(|(key, _)| key).collect();
        let missing = self.held.iter().filter(|key| !there.contains(key)).count();
        if missing > 0 {
            self.wrong.push(format!(
                "I1: after a power cut the store of {} lacks {missing} facts that it held",
                self.name
            ));
        }
        self.look(journal);
    }

    /// The store is another one now: what it held is held no more but for what is in `journal`. `at_hub` is what the hub
    /// has at this moment.
    pub fn store_replaced(&mut self, journal: Option<&Journal>, at_hub: &BTreeSet<FactKey>) {
        self.store += 1;
        let held: BTreeSet<FactKey> = journal
            .into_iter()
            .flat_map(|journal| journal.rows.values().map(|(key, _)| key.clone()))
            .collect();
        self.held = held;
        for place in journal.into_iter().flat_map(|journal| journal.rows.keys()) {
            self.seen.insert((self.store, *place));
        }
        self.excuse(at_hub);
    }

    /// Facts that are in no place at this moment may be missing from now on.
    pub fn excuse(&mut self, at_hub: &BTreeSet<FactKey>) {
        for fact in &self.committed {
            if !self.held.contains(&fact.key) && !at_hub.contains(&fact.key) {
                self.excused.insert(fact.key.clone());
            }
        }
    }
}

impl Journal {
    /// Reads a device's store.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn of_device(store: &Path) -> rusqlite::Result<Self> {
        let store = open(store)?;
        let mut journal = Self::default();
        let mut rows = store.prepare("SELECT epoch, seq, body FROM journal")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let body: String = row.get(2)?;
            journal.rows.insert(
                place_of(row.get(0)?, row.get(1)?),
                (key_of(&body), task_of(&body)),
            );
        }
        let mut moved = store.prepare("SELECT epoch_new, seq_new FROM moved")?;
        let mut moved = moved.query([])?;
        while let Some(row) = moved.next()? {
            journal.copies.insert(place_of(row.get(0)?, row.get(1)?));
        }
        Ok(journal)
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The newest epoch; 0 where there is none.
    pub fn epoch(&self) -> u32 {
        self.rows.keys().next_back().map_or(0, |place| place.epoch)
    }

    /// The fact at a place.
    pub fn key_at(&self, place: Place) -> Option<&FactKey> {
        self.rows.get(&place).map(|(key, _)| key)
    }
}

/// Every fact that is in the hub's journal.
///
/// # Errors
/// What SQLite says.
pub fn at_hub(store: &Path) -> rusqlite::Result<BTreeSet<FactKey>> {
    let store = open(store)?;
    let mut rows = store.prepare("SELECT CAST(body AS TEXT) FROM journal")?;
    let keys = rows.query_map([], |row| row.get::<_, String>(0).map(|body| key_of(&body)))?;
    keys.collect()
}

/// Opens a store that somebody else may have open, for reading.
pub(crate) fn open(store: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(
        store,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
}

/// The key of a record's body. What a reversal points at follows its record into another epoch, where a record also says
/// which one it was first; neither is part of the fact.
pub fn key_of(body: &str) -> FactKey {
    let mut value: Value = serde_json::from_str(body).unwrap_or_else(|_| Value::from(body));
    if let Some(reverses) = value.get_mut("reverses").and_then(Value::as_object_mut) {
        reverses.remove("epoch");
        reverses.remove("seq");
    }
    if let Some(members) = value.as_object_mut() {
        members.remove("first");
    }
    let hash = blake3::hash(value.to_string().as_bytes()).to_hex();
    hash[..24].to_owned()
}

fn task_of(body: &str) -> String {
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    value
        .get("task")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn place_of(epoch: u32, seq: i64) -> Place {
    Place {
        epoch,
        seq: seq.unsigned_abs(),
    }
}
