//! What is left after a run, held against what the operators heard; and the check itself, which has to notice what was
//! done to a copy of it.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tallyman_sim::checker::{self, Findings, Witness};

use super::devices::Operator;
use super::hubs::Hubs;

/// Everything that is left.
pub struct Evidence {
    hub: PathBuf,
    witnesses: Vec<Witness>,
    folder: PathBuf,
}

/// What is done to a copy of the hub's file, and the figure that has to notice.
type Tampering = (&'static str, &'static str, fn(&Findings) -> bool);

/// The third of a device's facts stands for any; each statement leaves the rest as it is.
const TAMPERINGS: [Tampering; 4] = [
    (
        "a fact is removed",
        "DELETE FROM journal WHERE place = (SELECT max(place) FROM journal WHERE seq = 3)",
        |findings| findings.lost == 1 && findings.out_of_order > 0,
    ),
    (
        "a fact is doubled",
        "DROP INDEX IF EXISTS journal_identity;
         CREATE TEMP TABLE twice AS SELECT * FROM journal WHERE place = (SELECT max(place) FROM journal WHERE seq = 3);
         UPDATE twice SET place = (SELECT max(place) + 1 FROM journal);
         INSERT INTO journal SELECT * FROM twice",
        |findings| findings.doubled == 1,
    ),
    (
        "two facts of a device change places",
        "CREATE TEMP TABLE pair AS SELECT a.place AS first, b.place AS second FROM journal AS a JOIN journal AS b
             ON b.device = a.device AND b.epoch = a.epoch AND b.seq = a.seq + 1 AND a.seq = 3 LIMIT 1;
         UPDATE journal SET place = -1 WHERE place = (SELECT first FROM pair);
         UPDATE journal SET place = (SELECT first FROM pair) WHERE place = (SELECT second FROM pair);
         UPDATE journal SET place = (SELECT second FROM pair) WHERE place = -1",
        |findings| findings.out_of_order > 0,
    ),
    (
        "an entry says more than it should",
        "UPDATE entry SET quantity_micro = quantity_micro + 7 WHERE entry = (SELECT max(entry) FROM entry)",
        |findings| findings.ledger_sum == 7 && findings.unbalanced == 1,
    ),
];

impl Evidence {
    /// Collects it. Nothing runs any more.
    pub fn of(hubs: &Hubs, operators: &[Operator], folder: &Path) -> Self {
        let hub = match hubs.database() {
            None => hubs.store(),
            Some(database) => {
                let copy = folder.join("copy-of-database.db");
                database.copy_to(&copy);
                copy
            }
        };
        Self {
            hub,
            witnesses: operators.iter().map(Operator::witness).collect(),
            folder: folder.to_path_buf(),
        }
    }

    /// What the independent check finds.
    pub fn findings(&self) -> Findings {
        checker::check(&self.hub, &self.witnesses).expect("checked")
    }

    /// The hub has what each operator heard and at most the scans that nobody answered besides; and the clocks did jump.
    pub fn check_against_operators(&self, operators: &[Operator]) {
        let hub = Connection::open(&self.hub).expect("the hub's file");
        for operator in operators {
            let sql =
                "SELECT count(*) FROM journal AS j JOIN device AS d USING (site, device) WHERE d.name = ?1";
            let facts: usize = hub
                .query_row(sql, [operator.name()], |row| row.get(0))
                .expect("a count");
            let heard = operator.record.confirmed;
            assert!(
                (heard..=heard + operator.record.unanswered).contains(&facts),
                "{}: {facts} facts, {:?}",
                operator.name(),
                operator.record
            );
        }
        let sql = "SELECT min(json_extract(CAST(body AS TEXT), '$.wall')), max(json_extract(CAST(body AS TEXT), '$.wall'))
                   FROM journal";
        let (first, last): (String, String) = hub
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("two times");
        println!("devices' clocks showed {first} to {last}");
        assert!(
            first.as_str() < "2000" || last.as_str() > "2030",
            "no clock jumped: {first} to {last}"
        );
    }

    /// The same check is shown copies with which somebody has meddled.
    pub fn check_that_tampering_is_found(&self) {
        let whole = self.folder.join("whole.db");
        copy(&self.hub, &whole);
        for (what, sql, is_noticed) in TAMPERINGS {
            let tampered = self.folder.join("tampered.db");
            let _ = std::fs::remove_file(&tampered);
            std::fs::copy(&whole, &tampered).expect("a copy");
            meddle(&tampered, sql);
            let findings = checker::check(&tampered, &self.witnesses).expect("checked");
            assert!(is_noticed(&findings), "{what}, and the check says {findings:#?}");
        }
        // A device that has forgotten what it has sounded: the hub cannot be asked what nobody sent.
        let mut witnesses = self.witnesses.clone();
        let forgetful = self.folder.join("forgetful.db");
        copy(&witnesses[0].store, &forgetful);
        let last = witnesses[0]
            .sounded
            .last()
            .copied()
            .expect("something was sounded");
        let sql = format!(
            "DELETE FROM journal WHERE epoch = {} AND seq = {}",
            last.epoch, last.seq
        );
        meddle(&forgetful, &sql);
        witnesses[0].store = forgetful;
        let findings = checker::check(&self.hub, &witnesses).expect("checked");
        assert!(
            findings.lost == 1,
            "a sounded fact is gone, and the check says {findings:#?}"
        );
    }
}

fn copy(from: &Path, to: &Path) {
    let from = Connection::open(from).expect("a file");
    from.execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .expect("a copy");
}

fn meddle(file: &Path, sql: &str) {
    let file = Connection::open(file).expect("a file");
    file.execute_batch("PRAGMA foreign_keys = OFF").expect("set");
    file.execute_batch(sql).expect("meddled with");
}
