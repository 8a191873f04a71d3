//! Pieces with serial numbers, as those that carry tags: each that an operator was told of is once in the ledger, in its place, and
//! no other is.
//!
//! Quantities alone do not show that: two pieces that changed their names in the ledger still sum up.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::evidence::HubRow;
use super::{Findings, Witness};

/// A piece that an operator was told of as recorded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// What was done with it, as the journal calls it.
    pub act: String,
    /// The article.
    pub item: String,
    /// Its serial number.
    pub serial: String,
    /// Where it was put down, or seen.
    pub place: String,
}

/// Acts that are told piece by piece, and the accounts that hold what they bring. What was counted is a memo until the end of the
/// count clears it, and the entries of that end are none of these acts.
const HELD_BY: [(&str, &[&str]); 2] = [
    ("received", &["location", "over_receipt"]),
    ("counted", &["counted"]),
];

/// What parts a location from its count's task in the place of a memo.
const OF_TASK: char = '#';

/// One piece, in millionths of its base unit.
const ONE_MICRO: i64 = 1_000_000;

/// What was told of pieces is what the ledger has of them.
pub(super) fn check_pieces(
    store: &Connection,
    witness: &Witness,
    at_hub: &[HubRow],
    findings: &mut Findings,
) -> rusqlite::Result<()> {
    let Some(told) = &witness.pieces else {
        return Ok(());
    };
    let mut entered = entered(store, at_hub)?;
    for piece in told {
        let found = entered.remove(piece).unwrap_or(0) / ONE_MICRO;
        let (lost, doubled) = (found < 1, usize::try_from(found - 1).unwrap_or(0));
        findings.lost += usize::from(lost);
        findings.doubled += doubled;
        if lost || doubled > 0 {
            let what = format!("{piece} was told as recorded, and the ledger has it {found} times");
            findings.note(&witness.name, None, what);
        }
    }
    for (piece, _) in entered.into_iter().filter(|(_, micro)| *micro != 0) {
        findings.doubled += 1;
        let what = format!("{piece} is in the ledger, and nobody was told that it is recorded");
        findings.note(&witness.name, None, what);
    }
    Ok(())
}

/// What the facts of a device brought of each piece, after everything that was taken back.
fn entered(store: &Connection, at_hub: &[HubRow]) -> rusqlite::Result<BTreeMap<Piece, i64>> {
    let mut of_record = store.prepare(
        "SELECT account, item, serial, place, quantity_micro FROM entry WHERE journal = ?1 AND serial <> ''",
    )?;
    let mut entered = BTreeMap::new();
    for row in at_hub {
        let act = row.goods.as_ref().map(|goods| goods.act.as_str());
        let Some((act, accounts)) = HELD_BY.iter().find(|(held, _)| act == Some(*held)) else {
            continue;
        };
        let mut entries = of_record.query([row.number])?;
        while let Some(entry) = entries.next()? {
            let account: String = entry.get(0)?;
            if !accounts.contains(&account.as_str()) {
                continue;
            }
            let mut place: String = entry.get(3)?;
            if let Some(end) = place.find(OF_TASK) {
                place.truncate(end);
            }
            let piece = Piece {
                act: (*act).to_owned(),
                item: entry.get(1)?,
                serial: entry.get(2)?,
                place,
            };
            *entered.entry(piece).or_insert(0) += entry.get::<_, i64>(4)?;
        }
    }
    Ok(entered)
}

impl std::fmt::Display for Piece {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            act,
            item,
            serial,
            place,
        } = self;
        write!(formatter, "{item} {serial}, {act} at {place},")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::checker::evidence::Goods;
    use crate::heard::Place;

    use super::*;

    /// A ledger in which pieces 1 and 2 were received, piece 3 was received and taken back, and piece 4 was counted; the count of its
    /// place has ended.
    fn ledger() -> Connection {
        let store = Connection::open_in_memory().expect("a store");
        store
            .execute_batch(
                "CREATE TABLE entry (journal INTEGER, account TEXT, place TEXT, item TEXT, serial TEXT,
                                     quantity_micro INTEGER);
                 INSERT INTO entry VALUES
                 (1, 'supplier', '', 'COAT', '1', -1000000), (1, 'location', 'DOCK', 'COAT', '1', 1000000),
                 (1, 'supplier', '', 'COAT', '2', -1000000), (1, 'location', 'DOCK', 'COAT', '2', 1000000),
                 (2, 'supplier', '', 'COAT', '3', -1000000), (2, 'location', 'DOCK', 'COAT', '3', 1000000),
                 (3, 'location', 'DOCK', 'COAT', '3', -1000000), (3, 'supplier', '', 'COAT', '3', 1000000),
                 (4, 'count_control', '', 'COAT', '4', -1000000), (4, 'counted', 'A#C-1', 'COAT', '4', 1000000),
                 (5, 'counted', 'A#C-1', 'COAT', '4', -1000000), (5, 'count_control', '', 'COAT', '4', 1000000);",
            )
            .expect("a ledger");
        store
    }

    fn rows() -> Vec<HubRow> {
        let row = |number: i64, act: Option<&str>| HubRow {
            number,
            place: Place {
                epoch: 1,
                seq: number.unsigned_abs(),
            },
            hash: Vec::new(),
            body: Vec::new(),
            goods: act.map(|act| Goods {
                act: act.to_owned(),
                item: "COAT".to_owned(),
                quantity_micro: ONE_MICRO,
                moved_micro: ONE_MICRO,
                names_unit: false,
                is_whole_unit: false,
            }),
            ends_count: act.is_none(),
            loaded: None,
            takes_back: None,
        };
        let received = Some("received");
        vec![
            row(1, received),
            row(2, received),
            row(3, received),
            row(4, Some("counted")),
            row(5, None),
        ]
    }

    fn told() -> BTreeSet<Piece> {
        let piece = |act: &str, serial: &str, place: &str| Piece {
            act: act.to_owned(),
            item: "COAT".to_owned(),
            serial: serial.to_owned(),
            place: place.to_owned(),
        };
        BTreeSet::from([
            piece("received", "1", "DOCK"),
            piece("received", "2", "DOCK"),
            piece("counted", "4", "A"),
        ])
    }

    /// Lost and doubled, after something was done to the ledger.
    fn after(sql: &str) -> (usize, usize, Vec<String>) {
        let store = ledger();
        store.execute_batch(sql).expect("tampered with");
        let witness = Witness {
            name: "dock".to_owned(),
            pieces: Some(told()),
            ..Witness::default()
        };
        let mut findings = Findings::default();
        check_pieces(&store, &witness, &rows(), &mut findings).expect("checked");
        let notes = findings.findings.iter().map(ToString::to_string);
        (findings.lost, findings.doubled, notes.collect())
    }

    #[test]
    fn what_is_once_in_the_ledger_is_found_to_be() {
        assert_eq!(after(""), (0, 0, Vec::new()));
    }

    #[test]
    fn a_piece_that_is_lost_doubled_or_made_up_is_found_and_named() {
        let (lost, doubled, notes) = after("DELETE FROM entry WHERE serial = '2'");
        assert_eq!((lost, doubled), (1, 0));
        assert_eq!(
            notes,
            ["dock: COAT 2, received at DOCK, was told as recorded, and the ledger has it 0 times"]
        );
        let again = "INSERT INTO entry SELECT 2, account, place, item, serial, quantity_micro FROM entry
                     WHERE serial = '1'";
        assert_eq!(after(again).0, 0);
        assert_eq!(after(again).1, 1, "in another fact");
        assert_eq!(
            after("DELETE FROM entry WHERE journal = 3").1,
            1,
            "3 is there after all"
        );
        let other = after("UPDATE entry SET serial = '2' WHERE serial = '1'");
        assert_eq!((other.0, other.1), (1, 1), "sums are right, and pieces are not");
        let elsewhere = after("UPDATE entry SET place = 'B#C-1' WHERE journal = 4");
        assert_eq!((elsewhere.0, elsewhere.1), (1, 1), "in another bay");
    }

    #[test]
    fn where_nobody_looked_at_pieces_none_is_found() {
        let mut findings = Findings::default();
        let witness = Witness::default();
        check_pieces(&ledger(), &witness, &rows(), &mut findings).expect("checked");
        assert!(findings.hold(), "{findings:?}");
    }
}
