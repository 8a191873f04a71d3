//! What an independent check of the ledger found, and the ledger at one moment.

use serde::Serialize;

/// The findings of a check that recomputed everything from the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Facts in the journal.
    pub records: u64,
    /// Of them kept as they came and not posted.
    pub quarantined: u64,
    /// Entries in the ledger.
    pub entries: u64,
    /// Balances that are not zero.
    pub balances: u64,
    /// The sum of the absolute sums per site, item and lot over all accounts, in millionths. Zero, or the ledger is broken.
    pub ledger_sum: i128,
    /// Places missing in a journal, or there twice.
    pub gaps: u64,
    /// Rows of the audit trail.
    pub audit_rows: u64,
    /// What does not hold, as sentences; at most [`Proof::FINDINGS_MAX`].
    pub findings: Vec<String>,
    /// Findings in all.
    pub findings_total: u64,
}

impl Proof {
    /// Findings that are spelt out; the rest is counted.
    pub const FINDINGS_MAX: usize = 50;

    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.findings_total == 0
    }

    /// Adds the findings about another part of the same store.
    pub(crate) fn add(&mut self, other: Self) {
        self.records += other.records;
        self.quarantined += other.quarantined;
        self.entries += other.entries;
        self.balances += other.balances;
        self.ledger_sum += other.ledger_sum;
        self.gaps += other.gaps;
        self.audit_rows += other.audit_rows;
        self.findings_total += other.findings_total;
        let room = Self::FINDINGS_MAX.saturating_sub(self.findings.len());
        self.findings.extend(other.findings.into_iter().take(room));
    }

    /// Notes something that does not hold.
    pub(crate) fn find(&mut self, sentence: String) {
        self.findings_total += 1;
        if self.findings.len() < Self::FINDINGS_MAX {
            self.findings.push(sentence);
        }
    }
}

/// All balances and marks at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LedgerSnapshot {
    /// Balances that are not zero, by site, account, place, item, lot and the rest.
    pub balances: Vec<BalanceRow>,
    /// Every device's marks.
    pub marks: Vec<DeviceMark>,
    /// Exceptions that wait, per site and kind.
    pub exceptions_open: Vec<(String, String, u64)>,
    /// Exceptions that were ever raised.
    pub exceptions_total: u64,
    /// Facts in the journal.
    pub records: u64,
}

/// One balance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct BalanceRow {
    /// The site.
    pub site: String,
    /// The account's kind.
    pub account: String,
    /// Which account of the kind.
    pub place: String,
    /// The item.
    pub item: String,
    /// The lot; empty for none.
    pub lot: String,
    /// The serial number; empty for none.
    pub serial: String,
    /// The stock status.
    pub status: String,
    /// The owner; empty for none.
    pub owner: String,
    /// Millionths of the base unit.
    pub quantity_micro: i64,
}

/// Where the hub stands with a device in one epoch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeviceMark {
    /// The site.
    pub site: String,
    /// The device.
    pub device: String,
    /// The epoch.
    pub epoch: u32,
    /// Applied up to here.
    pub applied_seq: u64,
    /// Stable up to here.
    pub stable_seq: u64,
}
