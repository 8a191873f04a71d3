//! What the hub wrote, read back from its store and laid out again as the transactions it was written in: the yardstick
//! writes the same rows in the same portions, and knows beforehand what they are.
//!
//! All batches of one of the hub's transactions carry the same moment, by which they are told apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tallyman_floor::wire::v1::ConfirmationBody;

/// A fact of the journal.
pub struct JournalRow {
    pub place: i64,
    pub device: String,
    pub epoch: i64,
    pub seq: i64,
    pub hash: Vec<u8>,
    pub body: Vec<u8>,
    pub received_us: i64,
}

/// Account, place, item, lot, serial, status, owner.
pub type BalanceKey = [String; 7];

/// An entry.
pub struct EntryRow {
    pub entry: i64,
    pub journal: i64,
    pub key: BalanceKey,
    pub expiry: String,
    pub handling_unit: String,
    pub quantity_micro: i64,
}

/// The progress of a line after a transaction.
#[derive(Clone, Default)]
pub struct Progress {
    pub quantity_micro: i64,
    pub device: String,
}

/// What was noted about a device with its batch.
pub struct Contact {
    pub device: String,
    pub epoch: i64,
    pub seq: i64,
    pub hash: Vec<u8>,
}

/// The rows of one transaction.
#[derive(Default)]
pub struct Turn {
    pub now_us: i64,
    pub journal: Vec<JournalRow>,
    /// The task that each fact names.
    pub journal_tasks: Vec<String>,
    pub entries: Vec<EntryRow>,
    pub balances: Vec<(BalanceKey, i64)>,
    pub progress: Vec<((String, i64), Progress)>,
    pub reversals: Vec<(i64, i64)>,
    /// Tasks that were worked on, and whether they were closed.
    pub tasks: Vec<(String, bool)>,
    pub contacts: Vec<Contact>,
}

/// Lays rows out as transactions, one round after the other.
#[derive(Default)]
pub struct Folder {
    progress: HashMap<(String, i64), i64>,
    /// Places of facts that may be taken back.
    places: HashMap<(String, i64, i64), i64>,
}

impl Folder {
    /// The transactions of these rows, which are in the order of their numbers.
    pub fn fold(&mut self, journal: Vec<JournalRow>, entries: Vec<EntryRow>) -> Vec<Turn> {
        let mut turns: Vec<Turn> = Vec::new();
        let mut turn_of_place = HashMap::new();
        for row in journal {
            if turns.last().is_none_or(|turn| turn.now_us != row.received_us) {
                turns.push(Turn {
                    now_us: row.received_us,
                    ..Turn::default()
                });
            }
            turn_of_place.insert(row.place, turns.len() - 1);
            turns.last_mut().expect("just pushed").journal.push(row);
        }
        for entry in entries {
            turns[turn_of_place[&entry.journal]].entries.push(entry);
        }
        for turn in &mut turns {
            self.derive(turn);
        }
        turns
    }

    /// What follows from the facts and the entries of a transaction.
    fn derive(&mut self, turn: &mut Turn) {
        let mut progress = BTreeMap::new();
        let mut tasks = BTreeMap::new();
        let mut contacts = BTreeMap::new();
        for row in &turn.journal {
            let body: ConfirmationBody = serde_json::from_slice(&row.body).expect("a confirmation");
            let task = body.task.clone().unwrap_or_default();
            *tasks.entry(task.clone()).or_insert(false) |= body.act == "task_closed";
            if let (Some(line), Some(goods)) = (body.line, &body.goods) {
                let key = (task.clone(), i64::from(line));
                let sum = self.progress.entry(key.clone()).or_default();
                let sign = if body.reverses.is_some() { -1 } else { 1 };
                *sum += sign * goods.quantity_micro;
                let device = row.device.clone();
                progress.insert(
                    key,
                    Progress {
                        quantity_micro: *sum,
                        device,
                    },
                );
            }
            self.places
                .insert((row.device.clone(), row.epoch, row.seq), row.place);
            if let Some(reverses) = &body.reverses {
                let seq = i64::try_from(reverses.seq).expect("a small number");
                let original = self.places[&(row.device.clone(), i64::from(reverses.epoch), seq)];
                turn.reversals.push((original, row.place));
            }
            turn.journal_tasks.push(task);
            let contact = Contact {
                device: row.device.clone(),
                epoch: row.epoch,
                seq: row.seq,
                hash: row.hash.clone(),
            };
            contacts.insert(row.device.clone(), contact);
        }
        let mut balances: BTreeMap<BalanceKey, i64> = BTreeMap::new();
        for entry in &turn.entries {
            *balances.entry(entry.key.clone()).or_default() += entry.quantity_micro;
        }
        turn.progress = progress.into_iter().collect();
        turn.tasks = tasks.into_iter().collect();
        turn.contacts = contacts.into_values().collect();
        turn.balances = balances.into_iter().collect();
    }
}

/// The devices of these transactions: each has one batch in one of them.
pub fn batches(turns: &[Turn]) -> usize {
    turns.iter().map(|turn| turn.contacts.len()).sum()
}

/// Records in these transactions.
pub fn records(turns: &[Turn]) -> usize {
    turns.iter().map(|turn| turn.journal.len()).sum()
}

/// What a store has in the tables that both sides have written, to compare: the name of a table and what it comes to.
pub type Sums = BTreeSet<(String, String)>;

/// What each store is asked for a look at what it holds: numbers of rows, and figures that depend on each of them.
pub const SUMS: &[(&str, &str)] = &[
    ("journal", "SELECT count(*), sum(place * 7 + seq) FROM journal"),
    (
        "entry",
        "SELECT count(*), sum(entry % 1009 * (quantity_micro / 1000000)) FROM entry WHERE journal IS NOT NULL",
    ),
    (
        "balance",
        "SELECT count(*), sum(abs(quantity_micro) / 1000000 * (length(place) + length(item))) FROM balance",
    ),
    (
        "line_progress",
        "SELECT count(*), sum(quantity_micro / 1000000 * number) FROM line_progress",
    ),
    (
        "reversal",
        "SELECT count(*), sum(original + reversal) FROM reversal",
    ),
    (
        "task",
        "SELECT count(*), sum(CASE WHEN state = 'done' THEN 1 ELSE 0 END) FROM task",
    ),
    (
        "device_epoch",
        "SELECT count(*), sum(applied_seq) FROM device_epoch",
    ),
    ("exception", "SELECT count(*), 0 FROM exception"),
];
