//! Looking up stock, row by row. See [`crate::cases`] for how to read the tables.

use crate::cases::{Floor, lines, task};
use crate::event::{Effect, Event};
use crate::ids::{HandlingUnitId, ItemId, LocationId};
use crate::label::{Inquiry, InquiryAnswer, StockRow};
use crate::plan::PickPlan;
use crate::quantity::Quantity;
use crate::task::TaskKind;
use crate::verdict::{Reason, Verdict};

fn floor() -> Floor {
    Floor::new(vec![task(
        "P1",
        TaskKind::Pick(PickPlan::default()),
        lines(&["bolt 2 @A-01-01"]),
    )])
}

/// The floor with the look-up open, as the menu opens it.
fn looking(mut floor: Floor) -> Floor {
    let menu = floor.act("key menu");
    let entries = menu.strip_prefix("ask menu ").unwrap().split(' ');
    let place = entries.clone().position(|entry| entry == "inquiry").unwrap() + 1;
    floor.play(&format!("key {place} -> ask what to look up"));
    floor
}

fn asked(floor: &mut Floor, text: &str) -> Vec<Inquiry> {
    let scanning = floor.scanning(text);
    let step = floor.step(Event::Scans(vec![scanning]));
    let asked = step.effects.into_iter().filter_map(|effect| match effect {
        Effect::Inquire(inquiry) => Some(inquiry),
        _ => None,
    });
    asked.collect()
}

fn tell(floor: &mut Floor, inquiry: Inquiry, rows: Option<Vec<StockRow>>) -> Verdict {
    let answer = InquiryAnswer {
        inquiry,
        rows,
        is_being_counted: false,
    };
    floor.step(Event::Told(answer)).verdict
}

fn row(item: &str, place: &str, lot: Option<&str>, quantity: Option<i64>) -> StockRow {
    StockRow {
        item: ItemId::from(item),
        place: place.to_owned(),
        lot: lot.map(str::to_owned),
        quantity: quantity.and_then(Quantity::whole),
        handling_unit: None,
        location: None,
        serial: None,
    }
}

#[test]
fn an_item_a_place_or_a_handling_unit_is_asked_for() {
    let mut floor = looking(floor());
    assert_eq!(
        floor.screen(),
        "Look up stock | Scan an item, a place or a tote | ? What do you want to look up?"
    );
    let bolt = Inquiry::Item(ItemId::from("bolt"));
    assert_eq!(asked(&mut floor, "CASE"), std::slice::from_ref(&bolt));
    assert!(floor.screen().starts_with(
        "Look up stock | Asking the hub … | Item: Hex bolt M8 | Number: bolt | Code: 04006381333931 · each = 1 each"
    ));
    let rows = vec![
        row("bolt", "A-01-01", None, Some(12)),
        row("bolt", "A-01-02", Some("L1"), None),
    ];
    assert_eq!(tell(&mut floor, bolt, Some(rows)), Verdict::Quiet);
    let screen = floor.screen();
    assert!(
        screen.contains("| A-01-01: 12 each | A-01-02: Being counted · Lot L1 |"),
        "{screen}"
    );
    assert_eq!(
        asked(&mut floor, "A-01-01"),
        [Inquiry::Location(LocationId::from("A-01-01"))]
    );
    assert_eq!(
        asked(&mut floor, "T-1"),
        [Inquiry::HandlingUnit(HandlingUnitId::from("T-1"))]
    );
    let place = Inquiry::HandlingUnit(HandlingUnitId::from("T-1"));
    tell(&mut floor, place, Some(vec![row("nut", "T-1", None, Some(3))]));
    assert!(
        floor.screen().contains("| Hex nut M8: 3 each |"),
        "{}",
        floor.screen()
    );
}

#[test]
fn a_hub_that_cannot_be_reached_leaves_what_the_device_knows() {
    let mut floor = looking(floor());
    asked(&mut floor, "NUT");
    let nut = Inquiry::Item(ItemId::from("nut"));
    let unreachable = Verdict::Reject(Reason::HubUnreachable);
    assert_eq!(tell(&mut floor, nut.clone(), None), unreachable);
    let screen = floor.screen();
    assert!(
        screen.contains("Item: Hex nut M8 | Number: nut | Code: 04012345678901"),
        "{screen}"
    );
    assert!(screen.contains("The hub cannot be asked now."), "{screen}");
    assert_eq!(
        tell(&mut floor, nut, Some(Vec::new())),
        Verdict::Quiet,
        "told already"
    );
}

#[test]
fn a_late_answer_is_dropped() {
    let mut floor = looking(floor());
    asked(&mut floor, "NUT");
    asked(&mut floor, "A-01-01");
    let nut = Inquiry::Item(ItemId::from("nut"));
    let rows = Some(vec![row("nut", "A-01-01", None, Some(5))]);
    assert_eq!(tell(&mut floor, nut.clone(), rows.clone()), Verdict::Quiet);
    assert!(floor.screen().contains("Asking the hub"), "{}", floor.screen());
    let place = Inquiry::Location(LocationId::from("A-01-01"));
    tell(&mut floor, place, Some(Vec::new()));
    assert!(
        floor.screen().contains("Nothing of it in stock"),
        "{}",
        floor.screen()
    );
    floor.play("key escape -> quiet");
    assert_eq!(tell(&mut floor, nut, rows), Verdict::Quiet);
    assert!(floor.screen().starts_with("Tasks"), "{}", floor.screen());
}

#[test]
fn the_work_goes_on_where_it_was() {
    let mut floor = floor();
    floor.play(
        "scan DOC-P1    -> go task P1
         scan T-1       -> go tote T-1
         scan A-01-01   -> go location A-01-01
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1",
    );
    let mut floor = looking(floor);
    floor.play(
        "scan BOLT      -> ask what to look up
         restart        -> quiet
         scan WHAT      -> reject unknown WHAT
         scan (10)L1    -> reject text (10)L1, wanted an item
         keys A-01-02 enter -> ask what to look up
         keys nut enter -> ask what to look up
         key enter      -> quiet
         key done       -> reject key unused
         key escape     -> quiet
         scan BOLT      -> accept picked 1 bolt from A-01-01 to T-1 line 1
         key undo       -> accept reversed #2 picked 1 bolt from A-01-01 to T-1 line 1",
    );
    assert_eq!(floor.journal.len(), 3);
}

#[test]
fn an_endless_answer_is_cut() {
    let mut floor = looking(floor());
    asked(&mut floor, "NUT");
    let rows = (0..5_000).map(|number| row("nut", &format!("A-{number}"), None, Some(1)));
    let nut = Inquiry::Item(ItemId::from("nut"));
    tell(&mut floor, nut, Some(rows.collect()));
    assert!(floor.view.lines.len() < 30);
    assert!(floor.session.to_saved().len() < 4_096);
}
