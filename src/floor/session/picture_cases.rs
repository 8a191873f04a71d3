//! Which item a screen is about, and so whose picture belongs on it. See [`crate::cases`] for how to read the tables.

use crate::Catalogue as _;
use crate::cases::{Floor, lines, task};
use crate::ids::{ItemId, PictureId};
use crate::item::Item;
use crate::plan::PickPlan;
use crate::task::{Task, TaskKind};

const PICTURED: [(&str, u8); 3] = [("bolt", 1), ("nut", 2), ("milk", 3)];

fn floor(tasks: Vec<Task>) -> Floor {
    let mut floor = Floor::new(tasks);
    for (id, digest) in PICTURED {
        let item = floor.catalogue.item(&ItemId::from(id)).unwrap();
        floor.catalogue.put_item(Item {
            picture: Some(PictureId::new([digest; 16])),
            ..Item::clone(&item)
        });
    }
    floor
}

/// Whose picture is on the screen.
fn shown(floor: &Floor) -> &'static str {
    let Some(picture) = &floor.view.picture else {
        return "";
    };
    let known = PICTURED
        .iter()
        .find(|(_, digest)| *picture == PictureId::new([*digest; 16]));
    known.map_or("another", |(id, _)| id)
}

/// Each row is what is done, and whose picture is on the screen then.
fn play(floor: &mut Floor, rows: &[(&str, &str)]) {
    for (what, wanted) in rows {
        let answer = floor.act(what);
        assert_eq!(shown(floor), *wanted, "{what}: {answer}");
    }
}

#[test]
fn a_pick_shows_what_is_to_be_taken_and_not_what_was_scanned_wrongly() {
    let plan = TaskKind::Pick(PickPlan::default());
    let mut floor = floor(vec![task(
        "P1",
        plan,
        lines(&["bolt 2 @A-01-01", "nut 1 @A-01-02", "oil 1 @A-01-03"]),
    )]);
    play(
        &mut floor,
        &[
            ("scan DOC-P1", "bolt"),
            ("scan T-1", "bolt"),
            ("scan A-01-01", "bolt"),
            ("scan NUT", "bolt"),
            ("scan BOLT", "bolt"),
            ("key exception", "bolt"),
            ("key escape", "bolt"),
            ("scan BOLT", "nut"),
            ("scan A-01-02", "nut"),
            // The oil has no picture.
            ("scan NUT", ""),
        ],
    );
}

#[test]
fn a_count_shows_what_is_in_hand_and_a_question_what_it_is_about() {
    let mut floor = floor(vec![task(
        "C1",
        TaskKind::Count(Default::default()),
        lines(&["@A-01-01"]),
    )]);
    play(
        &mut floor,
        &[
            ("scan DOC-C1", ""),
            ("scan A-01-01", ""),
            ("scan BOLT", "bolt"),
            ("scan NUT", "nut"),
            // Which lot?
            ("scan MILK", "milk"),
            ("key escape", "nut"),
        ],
    );
}

#[test]
fn a_list_and_a_place_that_is_looked_up_show_none_and_an_item_that_is_looked_up_its_own() {
    let plan = TaskKind::Pick(PickPlan::default());
    let mut floor = floor(vec![task("P1", plan, lines(&["bolt 2 @A-01-01"]))]);
    assert_eq!(shown(&floor), "");
    let menu = floor.act("key menu");
    let entries = menu.strip_prefix("ask menu ").unwrap().split(' ');
    let key = entries.clone().position(|entry| entry == "inquiry").unwrap() + 1;
    play(
        &mut floor,
        &[
            (&format!("key {key}"), ""),
            ("scan MILK", "milk"),
            ("scan A-01-01", ""),
            ("scan NUT", "nut"),
            ("key escape", ""),
        ],
    );
}
