//! An independent check of the promise "accepted on the floor means exactly once in the ledger".
//!
//! It reads every device's store and the hub's store with plain SQL, and holds them against what virtual operators
//! heard and did. It shares no code with what it checks: no record, hash or ledger type of agent or hub is used
//! here, and a change of their tables must be repeated here by hand.

mod evidence;
pub mod history;
mod ledger;
mod pieces;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::heard::Place;

use evidence::{DeviceRow, HubRow};

pub use pieces::Piece;

/// What is known of a device from outside.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// What the device calls itself; the hub knows it by the same name.
    pub name: String,
    /// Its store.
    pub store: PathBuf,
    /// Facts that a good sound has promised.
    pub sounded: Vec<Place>,
    /// How many facts the operator made; `None` where nobody counted.
    pub facts: Option<usize>,
    /// Pieces that the operator really moved, by act and article; `None` where nobody counted.
    pub moved: Option<BTreeMap<(String, String), i64>>,
    /// Pieces with serial numbers that the operator was told of as recorded, by a pass, a closed place or a label; `None` where nobody
    /// looked at them.
    pub pieces: Option<BTreeSet<Piece>>,
}

/// What is wrong with one fact, or with a device as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The device.
    pub device: String,
    /// The fact; `None` where the device as a whole is meant.
    pub place: Option<Place>,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place {
            Some(Place { epoch, seq }) => {
                write!(
                    formatter,
                    "{}, epoch {epoch}, seq {seq}: {}",
                    self.device, self.what
                )
            }
            None => write!(formatter, "{}: {}", self.device, self.what),
        }
    }
}

/// What the check found. All figures but the first two must be zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Facts in the hub's journal.
    pub confirmations: usize,
    /// Exceptions at the hub, in whatever state.
    pub exceptions: usize,
    /// Facts that were sounded, made or journalled by a device, and are not in the hub's journal or its ledger.
    pub lost: usize,
    /// Facts that are there more than once, or that nobody made.
    pub doubled: usize,
    /// Facts that came out of their device's order, or after a gap.
    pub out_of_order: usize,
    /// Facts that say something else than the device wrote, or than the operator did.
    pub altered: usize,
    /// Facts whose pair of entries does not balance or does not say what the fact says.
    pub unbalanced: usize,
    /// The sum of absolute sums per item and lot over all accounts, in millionths of a base unit.
    pub ledger_sum: i64,
    /// What is wrong, one by one.
    pub findings: Vec<Finding>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be checked: {cause}", .path.display())]
pub struct CheckError {
    /// The store.
    pub path: PathBuf,
    /// What SQLite said.
    pub cause: rusqlite::Error,
}

impl Findings {
    /// Whether every promise held.
    pub fn hold(&self) -> bool {
        let wrong = [
            self.lost,
            self.doubled,
            self.out_of_order,
            self.altered,
            self.unbalanced,
            self.findings.len(),
        ];
        wrong.iter().all(|count| *count == 0) && self.ledger_sum == 0
    }

    fn note(&mut self, device: &str, place: Option<Place>, what: impl Into<String>) {
        self.findings.push(Finding {
            device: device.to_owned(),
            place,
            what: what.into(),
        });
    }
}

/// Checks the devices' stores against the hub's.
///
/// # Errors
/// [`CheckError`] where a store cannot be read.
pub fn check(hub: &Path, witnesses: &[Witness]) -> Result<Findings, CheckError> {
    let store = open(hub)?;
    let failed = |cause| CheckError {
        path: hub.to_path_buf(),
        cause,
    };
    let mut findings = Findings {
        confirmations: evidence::count(&store, "SELECT count(*) FROM journal").map_err(failed)?,
        exceptions: evidence::count(&store, "SELECT count(*) FROM exception").map_err(failed)?,
        ..Findings::default()
    };
    for witness in witnesses {
        let at_hub = evidence::of_hub(&store, &witness.name).map_err(failed)?;
        let device = open(&witness.store)?;
        let failed_here = |cause| CheckError {
            path: witness.store.clone(),
            cause,
        };
        let on_device = evidence::of_device(&device).map_err(failed_here)?;
        let moved = evidence::moved(&device).map_err(failed_here)?;
        check_copies(witness, &on_device, &at_hub, &mut findings);
        check_order(witness, &at_hub, &mut findings);
        check_sounded(witness, &on_device, &moved, &mut findings);
        check_operator(witness, &at_hub, &mut findings);
        ledger::check_entries(&store, &witness.name, &at_hub, &mut findings).map_err(failed)?;
        pieces::check_pieces(&store, witness, &at_hub, &mut findings).map_err(failed)?;
    }
    ledger::check_sums(&store, &mut findings).map_err(failed)?;
    Ok(findings)
}

fn open(path: &Path) -> Result<Connection, CheckError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|cause| CheckError {
        path: path.to_path_buf(),
        cause,
    })
}

/// What was sounded is in the device's journal, and no two sounds promised the same fact.
fn check_sounded(
    witness: &Witness,
    on_device: &[DeviceRow],
    moved: &BTreeMap<Place, Place>,
    findings: &mut Findings,
) {
    let journal: BTreeSet<Place> = on_device.iter().map(|row| row.place).collect();
    let mut heard = BTreeSet::new();
    for place in &witness.sounded {
        let mut now = *place;
        // Epochs only grow, so this ends.
        while let Some(new) = moved.get(&now).filter(|new| **new > now) {
            now = *new;
        }
        if !journal.contains(&now) {
            findings.lost += 1;
            let what = "it was sounded and is not in the device's journal";
            findings.note(&witness.name, Some(*place), what);
        }
        if !heard.insert(place) {
            findings.doubled += 1;
            findings.note(&witness.name, Some(*place), "two sounds promised the same fact");
        }
    }
}

/// What the operator counted is what arrived.
fn check_operator(witness: &Witness, at_hub: &[HubRow], findings: &mut Findings) {
    if let Some(facts) = witness.facts {
        let found = at_hub.len();
        findings.lost += facts.saturating_sub(found);
        findings.doubled += found.saturating_sub(facts);
        if facts != found {
            let what = format!("the operator made {facts} facts, and the hub has {found}");
            findings.note(&witness.name, None, what);
        }
    }
    if let Some(moved) = &witness.moved {
        check_moved(witness, moved, at_hub, findings);
    }
}

/// Each record of the device is once at the hub, byte for byte, and the hub has no other.
fn check_copies(witness: &Witness, on_device: &[DeviceRow], at_hub: &[HubRow], findings: &mut Findings) {
    let mut copies: BTreeMap<Place, Vec<&HubRow>> = BTreeMap::new();
    for row in at_hub {
        copies.entry(row.place).or_default().push(row);
    }
    for row in on_device {
        let found = copies.remove(&row.place).unwrap_or_default();
        match found.as_slice() {
            [] => {
                findings.lost += 1;
                findings.note(&witness.name, Some(row.place), "it is not in the hub's journal");
            }
            [copy] if copy.body != row.body || copy.hash != row.hash => {
                findings.altered += 1;
                findings.note(
                    &witness.name,
                    Some(row.place),
                    "the hub has other bytes than the device",
                );
            }
            [_] => {}
            more => {
                findings.doubled += more.len() - 1;
                let what = format!("it is {} times in the hub's journal", more.len());
                findings.note(&witness.name, Some(row.place), what);
            }
        }
    }
    for (place, rows) in copies {
        findings.doubled += rows.len();
        findings.note(
            &witness.name,
            Some(place),
            "the hub has it, and the device never wrote it",
        );
    }
}

/// The hub took a device's facts in the device's order, and from the first on without a gap.
fn check_order(witness: &Witness, at_hub: &[HubRow], findings: &mut Findings) {
    let mut before: Option<Place> = None;
    for row in at_hub {
        let Place { epoch, seq } = row.place;
        let is_next = match before {
            Some(last) if last.epoch == epoch => seq == last.seq + 1,
            Some(last) => epoch > last.epoch && seq == 1,
            None => seq == 1,
        };
        if !is_next {
            findings.out_of_order += 1;
            findings.note(
                &witness.name,
                Some(row.place),
                format!("it came after {before:?}"),
            );
        }
        before = Some(row.place);
    }
}

/// The goods that the facts name are those that the operator moved.
fn check_moved(
    witness: &Witness,
    moved: &BTreeMap<(String, String), i64>,
    at_hub: &[HubRow],
    findings: &mut Findings,
) {
    let mut stated: BTreeMap<(String, String), i64> = BTreeMap::new();
    for goods in at_hub.iter().filter_map(|row| row.goods.as_ref()) {
        *stated.entry((goods.act.clone(), goods.item.clone())).or_default() += goods.moved_micro;
    }
    stated.retain(|_, micro| *micro != 0);
    let mut wanted: BTreeMap<_, _> = moved
        .iter()
        .map(|(key, pieces)| (key.clone(), pieces * 1_000_000))
        .collect();
    wanted.retain(|_, micro| *micro != 0);
    let keys: BTreeSet<_> = stated.keys().chain(wanted.keys()).cloned().collect();
    for key in keys {
        let (found, did) = (stated.get(&key).copied(), wanted.get(&key).copied());
        if found != did {
            findings.altered += 1;
            let (act, item) = key;
            let what = format!(
                "{act} {item}: the operator moved {} millionths, and the facts say {}",
                did.unwrap_or(0),
                found.unwrap_or(0)
            );
            findings.note(&witness.name, None, what);
        }
    }
}
