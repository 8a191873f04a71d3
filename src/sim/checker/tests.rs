//! The check is itself checked: each way of losing, doubling or changing something must be found, and told with the
//! device and the seq.

use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;

/// Two stores that hold three picks and the end of a task.
struct Stores {
    _folder: TempDir,
    device: PathBuf,
    hub: PathBuf,
    witness: Witness,
}

fn body(seq: u64) -> String {
    match seq {
        1 | 2 => r#"{"v":1,"act":"picked","goods":{"item":"MILK","code":"4006","quantity_micro":1000000}}"#.to_owned(),
        3 => r#"{"v":1,"act":"reversed","goods":{"item":"MILK","code":"4006","quantity_micro":1000000},"reverses":{"epoch":1,"seq":2,"act":"picked"}}"#.to_owned(),
        _ => r#"{"v":1,"act":"task_closed"}"#.to_owned(),
    }
}

fn stores() -> Stores {
    let folder = tempfile::tempdir().expect("a folder");
    let (device, hub) = (folder.path().join("agent.db"), folder.path().join("hub.db"));
    let on_device = Connection::open(&device).expect("a store");
    on_device
        .execute_batch(
            "CREATE TABLE journal (epoch INTEGER, seq INTEGER, hash BLOB, body TEXT);
             CREATE TABLE moved (epoch INTEGER, seq INTEGER, epoch_new INTEGER, seq_new INTEGER);",
        )
        .expect("tables");
    let at_hub = Connection::open(&hub).expect("a store");
    at_hub
        .execute_batch(
            "CREATE TABLE device (site TEXT, device TEXT, name TEXT);
             INSERT INTO device VALUES ('main', 'd1', 'picker');
             CREATE TABLE journal (place INTEGER PRIMARY KEY, site TEXT, device TEXT, epoch INTEGER, seq INTEGER,
                                   hash BLOB, body BLOB);
             CREATE TABLE entry (entry INTEGER PRIMARY KEY, site TEXT, journal INTEGER, account TEXT, place TEXT,
                                 item TEXT, lot TEXT, serial TEXT, status TEXT DEFAULT '', owner TEXT,
                                 quantity_micro INTEGER);
             CREATE TABLE exception (exception INTEGER, journal INTEGER, kind TEXT);",
        )
        .expect("tables");
    for seq in 1..=4_u64 {
        let text = body(seq);
        let hash = vec![seq as u8; 16];
        on_device
            .execute(
                "INSERT INTO journal VALUES (1, ?1, ?2, ?3)",
                (seq as i64, &hash, &text),
            )
            .expect("a record");
        at_hub
            .execute(
                "INSERT INTO journal (site, device, epoch, seq, hash, body) VALUES ('main', 'd1', 1, ?1, ?2, ?3)",
                (seq as i64, &hash, text.as_bytes()),
            )
            .expect("a record");
        if seq < 4 {
            let quantity = if seq == 3 { -1_000_000_i64 } else { 1_000_000 };
            for (account, place, quantity) in [("location", "A", -quantity), ("unit", "T", quantity)] {
                at_hub
                    .execute(
                        "INSERT INTO entry (site, journal, account, place, item, lot, serial, owner, quantity_micro)
                         VALUES ('main', ?1, ?2, ?3, 'MILK', '', '', '', ?4)",
                        (seq as i64, account, place, quantity),
                    )
                    .expect("an entry");
            }
        }
    }
    let witness = Witness {
        name: "picker".to_owned(),
        store: device.clone(),
        sounded: (1..=4).map(|seq| Place { epoch: 1, seq }).collect(),
        facts: Some(4),
        moved: Some(BTreeMap::from([(("picked".to_owned(), "MILK".to_owned()), 1)])),
        pieces: None,
    };
    Stores {
        _folder: folder,
        device,
        hub,
        witness,
    }
}

impl Stores {
    fn after(self, at_hub: &str, on_device: &str) -> Findings {
        for (path, sql) in [(&self.hub, at_hub), (&self.device, on_device)] {
            let store = Connection::open(path).expect("the store");
            store.execute_batch(sql).expect("tampered with");
        }
        check(&self.hub, &[self.witness]).expect("checked")
    }
}

#[test]
fn what_holds_is_found_to_hold() {
    let findings = stores().after("", "");
    assert!(findings.hold(), "{findings:?}");
    assert_eq!(findings.confirmations, 4);
}

#[test]
fn whatever_is_done_to_the_stores_is_found() {
    type Figures = (usize, usize, usize, usize, usize, i64);
    let figures = |found: &Findings| -> Figures {
        (
            found.lost.min(9),
            found.doubled.min(9),
            found.out_of_order.min(9),
            found.altered.min(9),
            found.unbalanced.min(9),
            found.ledger_sum,
        )
    };
    // Lost (once as a record, once against the operator's count), doubled, out of order, altered, unbalanced, sum.
    let cases: [(&str, &str, &str, Figures); 11] = [
        (
            "a record is missing at the hub",
            "DELETE FROM journal WHERE seq = 4",
            "",
            (2, 0, 0, 0, 0, 0),
        ),
        (
            "a record in the middle is missing",
            "DELETE FROM journal WHERE seq = 2",
            "",
            (2, 0, 1, 1, 0, 0),
        ),
        (
            "a record is there twice",
            "INSERT INTO journal (site, device, epoch, seq, hash, body)
             SELECT site, device, epoch, seq, hash, body FROM journal WHERE seq = 4",
            "",
            (0, 2, 1, 0, 0, 0),
        ),
        (
            "a body is changed",
            "UPDATE journal SET body = body || ' ' WHERE seq = 4",
            "",
            (0, 0, 0, 1, 0, 0),
        ),
        (
            "a hash is changed",
            "UPDATE journal SET hash = x'00' WHERE seq = 1",
            "",
            (0, 0, 0, 1, 0, 0),
        ),
        (
            "an entry is out of balance",
            "UPDATE entry SET quantity_micro = 5000000 WHERE journal = 1 AND account = 'unit'",
            "",
            (0, 0, 0, 0, 1, 4_000_000),
        ),
        (
            "a pair names other goods",
            "UPDATE entry SET item = 'OATS' WHERE journal = 1",
            "",
            (0, 0, 0, 0, 1, 0),
        ),
        (
            "a pair is missing",
            "DELETE FROM entry WHERE journal = 2",
            "",
            (1, 0, 0, 0, 0, 0),
        ),
        (
            "a pair is posted twice",
            "INSERT INTO entry (site, journal, account, place, item, lot, serial, owner, quantity_micro)
             SELECT site, journal, account, place, item, lot, serial, owner, quantity_micro FROM entry
             WHERE journal = 1",
            "",
            (0, 1, 0, 0, 0, 0),
        ),
        (
            "two records changed places on the way",
            "UPDATE journal SET place = 100 WHERE seq = 1",
            "",
            (1, 0, 2, 0, 0, 0),
        ),
        (
            "a sounded fact is in no journal",
            "DELETE FROM journal WHERE seq = 4",
            "DELETE FROM journal WHERE seq = 4",
            (2, 0, 0, 0, 0, 0),
        ),
    ];
    for (what, at_hub, on_device, wanted) in cases {
        let found = stores().after(at_hub, on_device);
        assert!(!found.hold(), "{what}: nothing was found");
        assert_eq!(figures(&found), wanted, "{what}: {:#?}", found.findings);
    }
}

#[test]
fn a_finding_names_the_device_and_the_seq() {
    let found = stores().after("DELETE FROM journal WHERE seq = 4", "");
    let told: Vec<String> = found.findings.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "picker, epoch 1, seq 4: it is not in the hub's journal");
}

#[test]
fn goods_that_the_operator_did_not_move_are_found() {
    let mut stores = stores();
    stores.witness.moved = Some(BTreeMap::new());
    assert_eq!(stores.after("", "").altered, 1);
}

#[test]
fn a_store_that_is_not_there_is_named() {
    let error = check(Path::new("/nowhere/hub.db"), &[])
        .expect_err("no store")
        .to_string();
    assert!(error.contains("/nowhere/hub.db"), "{error}");
}

#[test]
fn what_was_moved_to_a_new_epoch_is_not_lost() {
    let to_epoch_2 = "UPDATE journal SET epoch = 2, seq = 1 WHERE seq = 4";
    let moved = format!("{to_epoch_2}; INSERT INTO moved VALUES (1, 4, 2, 1)");
    let found = stores().after(to_epoch_2, &moved);
    assert!(found.hold(), "{found:#?}");
    let found = stores().after(to_epoch_2, to_epoch_2);
    assert_eq!(found.lost, 1, "{found:#?}");
}

#[test]
fn two_sounds_for_one_fact_are_found() {
    let mut stores = stores();
    stores.witness.sounded.push(Place { epoch: 1, seq: 4 });
    assert_eq!(stores.after("", "").doubled, 1);
}

#[test]
fn the_end_of_a_count_clears_memos_and_nothing_else() {
    let ends = "UPDATE journal SET body = replace(CAST(body AS TEXT), 'task_closed', 'location_counted')
                WHERE seq = 4;";
    let with = |account: &str, quantity: i64| {
        format!(
            "{ends} INSERT INTO entry (site, journal, account, place, item, lot, serial, owner, quantity_micro)
             VALUES ('main', 4, '{account}', 'A', 'MILK', '', '', '', -3), ('main', 4, 'count_control', '', 'MILK', '',
             '', '', {quantity})"
        )
    };
    let found = stores().after(&with("counted", 3), ends);
    assert!(found.hold(), "{found:#?}");
    assert_eq!(stores().after(&with("counted", 4), ends).unbalanced, 1);
    assert_eq!(stores().after(&with("location", 3), ends).unbalanced, 1);
}

/// The fourth record says something else, and has these entries of milk: account, place, quantity.
fn instead_of_the_end(body: &str, entries: &[(&str, &str, i64)]) -> Findings {
    after_these(&[], body, entries)
}

/// The same, where these entries were there before.
fn after_these(before: &[(&str, &str, i64)], body: &str, entries: &[(&str, &str, i64)]) -> Findings {
    let says = format!("UPDATE journal SET body = CAST('{body}' AS BLOB) WHERE seq = 4;");
    let before = before.iter().map(|entry| (0, entry));
    let entries: String = before
        .chain(entries.iter().map(|entry| (4, entry)))
        .map(|(journal, (account, place, quantity))| {
            format!(
                "INSERT INTO entry (site, journal, account, place, item, lot, serial, owner, quantity_micro)
                 VALUES ('main', {journal}, '{account}', '{place}', 'MILK', '', '', '', {quantity});"
            )
        })
        .collect();
    let mut stores = stores();
    stores.witness.moved = None;
    stores.after(&format!("{says}{entries}"), &says)
}

#[test]
fn a_unit_is_loaded_with_all_that_is_in_it_and_onto_its_truck() {
    const LOADED: &str = r#"{"act":"loaded","from":{"handling_unit":"T"},"to":{"vehicle":"V"}}"#;
    let in_unit = [("location", "A", -3), ("handling_unit", "T", 3)];
    let loads = |vehicle: &'static str, quantity: i64| {
        let pair = [("handling_unit", "T", -quantity), ("vehicle", vehicle, quantity)];
        let found = instead_of_the_end(LOADED, &pair);
        (found.unbalanced, found.lost, found.doubled)
    };
    assert_eq!(loads("V", 3), (0, 0, 0));
    assert_eq!(loads("W", 3), (1, 0, 0), "another truck");
    assert_eq!(loads("V", -3), (1, 0, 0), "off the truck");
    let loads_of_three = |quantity: i64| {
        let pair = [("handling_unit", "T", -quantity), ("vehicle", "V", quantity)];
        after_these(&in_unit, LOADED, &pair).unbalanced
    };
    assert_eq!(
        (loads_of_three(3), loads_of_three(2)),
        (0, 1),
        "one is left in it"
    );
    let taken_off = LOADED.replace("\"loaded\"", "\"reversed\"");
    let taken_off = taken_off.replace("}}", r#"},"reverses":{"epoch":1,"seq":3,"act":"loaded"}}"#);
    let pair = [("vehicle", "V", -3), ("handling_unit", "T", 3)];
    let found = instead_of_the_end(&taken_off, &pair);
    assert!(found.hold(), "{found:#?}");
}

#[test]
fn goods_that_change_their_status_go_out_of_their_place_and_in_again() {
    const CHANGED: &str =
        r#"{"act":"status_changed","goods":{"item":"MILK","code":"4006","quantity_micro":3}}"#;
    let out = [("location", "A", -3), ("status_change", "", 3)];
    let back = |place: &'static str| [("status_change", "", -3), ("location", place, 3)];
    let found = instead_of_the_end(CHANGED, &[out, back("A")].concat());
    assert!(found.hold(), "{found:#?}");
    assert!(
        !instead_of_the_end(CHANGED, &[out, back("B")].concat()).hold(),
        "into another place"
    );
    let taken_back = CHANGED.replace("\"status_changed\"", "\"reversed\"");
    let reverses = r#"},"reverses":{"epoch":1,"seq":3,"act":"status_changed"}}"#;
    let taken_back = taken_back.replace("}}", reverses);
    let turned_round = [back("A"), out].concat();
    let found = instead_of_the_end(&taken_back, &turned_round);
    assert!(found.hold(), "{found:#?}");
    assert!(
        !instead_of_the_end(CHANGED, &turned_round).hold(),
        "in before it was out"
    );
    assert!(
        !instead_of_the_end(CHANGED, &[out, out].concat()).hold(),
        "out twice"
    );
}

#[test]
fn a_receipt_that_goes_over_is_held_in_part_and_can_be_taken_back_whole() {
    const RECEIVED: &str = r#"{"act":"received","goods":{"item":"MILK","code":"4006","quantity_micro":12}}"#;
    let taken_back = RECEIVED.replace("\"received\"", "\"reversed\"");
    let taken_back = taken_back.replace("}}", r#"},"reverses":{"epoch":1,"seq":3,"act":"received"}}"#);
    let pairs = |taken: i64, held: i64| {
        [
            ("supplier", "", -taken),
            ("location", "DOCK", taken),
            ("supplier", "", -held),
            ("over_receipt", "DOCK", held),
        ]
    };
    let found = instead_of_the_end(RECEIVED, &pairs(3, 9));
    assert!(found.hold(), "{found:#?}");
    let found = instead_of_the_end(&taken_back, &pairs(-3, -9));
    assert!(found.hold(), "{found:#?}");
    assert_eq!(
        instead_of_the_end(RECEIVED, &pairs(3, 8)).doubled,
        1,
        "one is missing"
    );
    assert_eq!(
        instead_of_the_end(RECEIVED, &pairs(-3, -9)).doubled,
        1,
        "it went back"
    );
    assert_eq!(
        instead_of_the_end(&taken_back, &pairs(3, 9)).doubled,
        1,
        "it came in twice"
    );
}

#[test]
fn goods_that_are_inspected_may_come_back_as_they_were() {
    const INSPECTED: &str = r#"{"act":"inspected","goods":{"item":"MILK","code":"4006","quantity_micro":3}}"#;
    let out = [("location", "A", -3), ("status_change", "", 3)];
    let back = [("status_change", "", -3), ("location", "A", 3)];
    let found = instead_of_the_end(INSPECTED, &[out, back].concat());
    assert!(found.hold(), "{found:#?}");
    assert!(!instead_of_the_end(INSPECTED, &[]).hold(), "without entries");
}

#[test]
fn every_act_with_goods_is_looked_at() {
    for act in tallyman_floor::Act::ALL {
        // A code that is linked names its goods, and moves none.
        let is_posted = act.moves_goods() && act != tallyman_floor::Act::CodeLinked;
        assert_eq!(
            evidence::ACTS_OF_GOODS.contains(&act.word()),
            is_posted,
            "{act:?}"
        );
    }
}

#[test]
fn what_was_taken_back_before_is_told_and_not_posted_again() {
    const AGAIN: &str = r#"{"act":"reversed","goods":{"item":"MILK","code":"4006","quantity_micro":1000000},"reverses":{"epoch":1,"seq":2,"act":"picked"}}"#;
    let other = AGAIN.replace("\"seq\":2", "\"seq\":1");
    let told = "INSERT INTO exception (journal, kind) VALUES (4, 'nothing_to_reverse');";
    let with = |body: &str, told: &str| {
        let says = format!("UPDATE journal SET body = CAST('{body}' AS BLOB) WHERE seq = 4;");
        let mut stores = stores();
        stores.witness.moved = None;
        stores.after(&format!("{says}{told}"), &says).lost
    };
    assert_eq!(with(AGAIN, told), 0);
    assert_eq!(with(AGAIN, ""), 1, "nobody was told");
    assert_eq!(with(&other, told), 1, "it was not taken back before");
}

#[test]
fn goods_that_are_only_named_have_no_entries() {
    const LINKED: &str = r#"{"act":"code_linked","goods":{"item":"MILK","code":"4006","quantity_micro":3}}"#;
    assert!(instead_of_the_end(LINKED, &[]).hold());
    let pair = [("location", "A", -3), ("location", "B", 3)];
    assert_eq!(instead_of_the_end(LINKED, &pair).doubled, 1);
}
