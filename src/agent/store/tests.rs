//! The store against real files: append, restart, chain, quota, damage, epochs, pruning.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tallyman_floor::confirmation::{Act, Goods, Reverses, StockStatus, Times, WorkReference};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{
    ConfirmationBody, Delta, ItemBody, ItemCodeBody, LineBody, Mark, PickBody, SiteRuleBody, TaskBody,
    TaskKindBody,
};
use tallyman_floor::{Draft, LineNumber, Quantity, SiteId, TaskId};

use crate::seams::{
    CacheChange, HubMark, HubMoved, HubStory, Identity, Place, StepCommit, Store, StoreError, SyncMarks,
};

use super::{OpenStoreError, SqliteStore, Writing, options, set_aside};

mod bad_input;
mod begun;
pub(crate) mod cache;
mod journal;
mod large;
mod numbers;
mod salvage;
mod session;
mod sweeps;
mod wishes;

pub(crate) fn at(epoch: u32, seq: u64) -> Place {
    Place { epoch, seq }
}

pub(crate) fn identity() -> Identity {
    Identity {
        device: "dev-7".to_owned(),
        site: "north".to_owned(),
        epoch: 1,
    }
}

/// A confirmation of `quantity` pieces on a line of a task.
pub(crate) fn picked(task: &str, line: u32, quantity: i64) -> Draft {
    Draft {
        site: SiteId::new("north"),
        worker: None,
        work: Some(WorkReference {
            task: TaskId::new(task),
            revision: 1,
            line: Some(LineNumber(line)),
            fence: None,
        }),
        act: Act::Picked,
        goods: Some(Goods {
            item: None,
            code: "04006381333931".to_owned(),
            quantity: Quantity::whole(quantity).unwrap(),
            unit: "each".to_owned(),
            pack: Quantity::ONE,
            lot: None,
            serials: Vec::new(),
            expiry: None,
            handling_unit: None,
            status: StockStatus::Available,
            owner: None,
            weight: None,
        }),
        from: None,
        to: None,
        exception: None,
        reverses: None,
        raw: None,
        pass: None,
        times: Times {
            boot: "boot-1".to_owned(),
            boottime_us: 1_000_000,
            wall: "2026-11-23T08:00:00Z".parse().unwrap(),
        },
        observed: None,
        started: None,
    }
}

/// The reversal of a confirmation made by [`picked`].
pub(crate) fn reversed(draft: &Draft, place: Place) -> Draft {
    Draft {
        act: Act::Reversed,
        reverses: Some(Reverses {
            epoch: place.epoch,
            seq: place.seq,
            act: draft.act,
        }),
        ..draft.clone()
    }
}

/// A store in a folder of its own.
pub(crate) struct Fixture {
    folder: tempfile::TempDir,
    pub(crate) store: Arc<SqliteStore>,
}

impl Fixture {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("agent.db")
    }

    /// Closes the store and opens it again, doing something to the file in between.
    pub(crate) fn reopen_after(self, meddle: impl FnOnce(&Path)) -> (Self, crate::seams::Opened) {
        let Self { folder, store } = self;
        drop(store);
        let path = folder.path().join("agent.db");
        meddle(&path);
        let (store, opened) = SqliteStore::open(&path, Writing::Inline).unwrap();
        let store = Arc::new(store);
        (Self { folder, store }, opened)
    }

    /// A copy of the store as it lies now, log included.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["agent.db", "agent.db-wal"] {
            std::fs::copy(self.folder.path().join(file), folder.path().join(file)).unwrap();
        }
        let (store, _) = SqliteStore::open(&folder.path().join("agent.db"), Writing::Inline).unwrap();
        let store = Arc::new(store);
        Self { folder, store }
    }

    pub(crate) async fn commit(&self, drafts: Vec<Draft>) -> Result<Vec<Place>, StoreError> {
        let step = StepCommit {
            expected: self.store.next_place(),
            drafts,
            session: "{\"v\":1}".to_owned(),
            trace: vec!["{\"n\":1}".to_owned()],
        };
        self.store.commit(step).await
    }
}

/// A store of a device that belongs to no hub yet.
pub(crate) fn unenrolled_store() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = SqliteStore::open(&folder.path().join("agent.db"), Writing::Inline).unwrap();
    let store = Arc::new(store);
    Fixture { folder, store }
}

/// An enrolled store with `records` confirmations of one piece each on line 1 of task T.
pub(crate) async fn store_with(records: usize) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let (store, opened) = SqliteStore::open(&folder.path().join("agent.db"), Writing::Inline).unwrap();
    assert!(opened.created && opened.identity.is_none());
    store.enrol(identity()).await.unwrap();
    let store = Arc::new(store);
    let fixture = Fixture { folder, store };
    for _ in 0..records {
        fixture.commit(vec![picked("T", 1, 1)]).await.unwrap();
    }
    fixture
}

/// Changes the file behind the program's back.
pub(crate) fn meddle(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    assert!(connection.execute(sql, []).unwrap() > 0, "{sql} changed nothing");
}

#[tokio::test]
async fn a_store_of_before_devices_had_keys_is_the_same_device_with_its_facts() {
    let fixture = store_with(2).await;
    let (fixture, opened) = fixture.reopen_after(|path| {
        let connection = Connection::open(path).unwrap();
        let before = "{\"device\":\"dev-7\",\"site\":\"north\",\"epoch\":1,\"token\":\"dev-7.secret\"}";
        super::mark_rows::put(&connection, super::mark_rows::Name::Identity, before).unwrap();
    });
    assert_eq!(opened.identity, Some(identity()));
    assert_eq!(fixture.store.next_place(), at(1, 3));
}
