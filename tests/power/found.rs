//! What is found in a store after a power cut, and what a program has promised of it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tallyman_floor::wire::chain::ChainHash;

/// The journal of one device in one epoch.
pub type Stream = (String, u32);

/// The facts of a stream that a store holds: consecutive, from `first` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The number of the first; those before it were forgotten.
    pub first: u64,
    /// Their hashes. Each covers the one before it, so the last one stands for all.
    pub hashes: Vec<ChainHash>,
}

impl Chain {
    /// The number of the last.
    pub fn last(&self) -> u64 {
        self.first + self.hashes.len() as u64 - 1
    }

    /// The hash of a fact.
    pub fn hash(&self, seq: u64) -> Option<ChainHash> {
        let place = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.hashes.get(place).copied()
    }
}

/// What a store holds.
#[derive(Debug, Clone)]
pub struct Found {
    /// Stands for every row of every table.
    pub digest: blake3::Hash,
    /// The facts.
    pub chains: BTreeMap<Stream, Chain>,
    /// How far each stream is in a whole backup.
    pub backed_up: BTreeMap<Stream, u64>,
    /// What is wrong with it by itself.
    pub findings: Vec<String>,
}

/// What somebody may rely on from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promise {
    /// Everything that was committed is there.
    Done,
    /// This fact is there, with this hash where it was told.
    Fact(Stream, u64, Option<ChainHash>),
    /// The facts up to here are in a backup.
    BackedUp(Stream, u64),
    /// The facts up to here may be forgotten.
    MayForget(Stream, u64),
}

/// A number for all rows of all tables, whatever pages they lie on.
pub fn digest_of(store: &Connection) -> rusqlite::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    let tables: Vec<String> = store
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for table in tables {
        hasher.update(table.as_bytes()).update(b":");
        let mut rows = store.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                let (kind, bytes) = match row.get_ref(column)? {
                    ValueRef::Null => (0, Vec::new()),
                    ValueRef::Integer(number) => (1, number.to_le_bytes().to_vec()),
                    ValueRef::Real(number) => (2, number.to_le_bytes().to_vec()),
                    ValueRef::Text(text) => (3, text.to_vec()),
                    ValueRef::Blob(bytes) => (4, bytes.to_vec()),
                };
                hasher
                    .update(&[kind])
                    .update(&(bytes.len() as u64).to_le_bytes())
                    .update(&bytes);
            }
        }
    }
    Ok(hasher.finalize())
}

/// What SQLite's own check of the whole file finds.
pub fn structure_findings(store: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = store.prepare("PRAGMA integrity_check(5)")?;
    let found = check.query_map([], |row| row.get::<_, String>(0))?;
    let mut found: Vec<String> = found.collect::<rusqlite::Result<_>>()?;
    found.retain(|line| line != "ok");
    Ok(found)
}
