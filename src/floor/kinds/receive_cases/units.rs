//! Receiving by handling unit, and labels for what has none.

use super::{opened, receive};
use crate::cases::{Floor, label};
use crate::claim::{Claim, Doubt};
use crate::event::Effect;
use crate::ids::{HandlingUnitId, ItemId, LineNumber, TaskId};
use crate::kinds::receive::print_label;
use crate::label::LabelOrder;
use crate::session::work::{Desk, Outcome};
use crate::verdict::{Reason, Verdict, Where};

const PALLETS: [&str; 5] = [
    "bolt 24 #095212345678912347",
    "nut 6 #095212345678912347",
    "milk 2 #T-7",
    "bolt 5 #T-7",
    "nut 3",
];

/// What the menu's entry for a label does.
fn print(floor: &mut Floor) -> Outcome {
    let now = floor.now();
    let desk = Desk {
        now: &now,
        catalogue: &floor.catalogue,
        worker: None,
        raw: None,
        gross_weight: None,
        begun: None,
    };
    print_label(&mut floor.session.work(&desk).unwrap())
}

#[test]
fn with_nothing_in_hand_the_menu_labels_a_new_pallet() {
    let mut floor = opened(receive(0, &["nut 3"]));
    let none_left = print(&mut floor).verdict;
    assert_eq!(none_left, Verdict::Reject(Reason::NoHandlingUnitNumber));
    floor.catalogue.put_handling_unit(HandlingUnitId::from("T-900"));
    let begun = print(&mut floor);
    assert_eq!(
        (begun.verdict, begun.print.len()),
        (Verdict::Go(Where::Tote("T-900".to_owned())), 1)
    );
}

fn prints(step: &crate::Step) -> Vec<LabelOrder> {
    let print = step.effects.iter().filter_map(|effect| match effect {
        Effect::Print(label) => Some(label.clone()),
        _ => None,
    });
    print.collect()
}

#[test]
fn a_pallet_whose_contents_are_known_is_one_scan() {
    opened(receive(0, &PALLETS)).play(
        "scan (00)095212345678912347 -> accept received 24 bolt on 095212345678912347 from supplier to DOCK-1 line 1; received 6 nut on 095212345678912347 from supplier to DOCK-1 line 2
         scan (00)095212345678912347 -> reject unit 095212345678912347 done already
         scan (00)095212345678912347(02)BOLT(37)4 -> reject unit 095212345678912347 done already
         # What follows is not on that pallet.
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 5
         key undo       -> accept reversed #3 received 1 nut from supplier to DOCK-1 line 5
         key undo       -> accept reversed #2 received 6 nut on 095212345678912347 from supplier to DOCK-1 line 2; reversed #1 received 24 bolt on 095212345678912347 from supplier to DOCK-1 line 1
         scan (00)095212345678912347 -> accept received 24 bolt on 095212345678912347 from supplier to DOCK-1 line 1; received 6 nut on 095212345678912347 from supplier to DOCK-1 line 2
         restart        -> quiet
         scan (00)095212345678912347 -> reject unit 095212345678912347 done already",
    );
}

#[test]
fn a_pallet_of_which_something_is_not_known_is_opened() {
    opened(receive(0, &PALLETS)).play(
        "scan T-7       -> go tote T-7
         scan T-7       -> go tote T-7
         scan BAG-OF-BOLTS -> accept received 5 bolt on T-7 from supplier to DOCK-1 line 4
         scan (01)MILK(10)L1(17)271231(30)2 -> accept received 2 milk lot L1 exp 2027-12-31 on T-7 from supplier to DOCK-1 line 3
         scan T-7       -> reject unit T-7 done already
         # The goods of the other pallet are not on this one: that is more than its list has.
         scan BOLT      -> ask over bolt by 1
         key enter      -> accept received 1 bolt on T-7 from supplier to DOCK-1 line 4 over 1
         scan NUT       -> accept received 1 nut on T-7 from supplier to DOCK-1 line 5",
    );
}

#[test]
fn a_pallet_can_be_opened_though_it_is_known() {
    let mut floor = opened(receive(0, &PALLETS));
    floor.play(
        "key skip       -> go opening
         scan (00)095212345678912347 -> go tote 095212345678912347
         scan CASE      -> accept received 12 bolt on 095212345678912347 from supplier to DOCK-1 line 1
         scan CASE      -> accept received 12 bolt on 095212345678912347 from supplier to DOCK-1 line 1
         # It is in hand: what is left of it is not taken for received.
         scan (00)095212345678912347 -> go tote 095212345678912347
         scan T-7       -> go tote T-7
         scan (00)095212345678912347 -> go tote 095212345678912347
         scan NUT       -> accept received 1 nut on 095212345678912347 from supplier to DOCK-1 line 2
         key undo       -> accept reversed #3 received 1 nut on 095212345678912347 from supplier to DOCK-1 line 2
         key undo       -> go back
         key undo       -> go back
         key undo       -> accept reversed #2 received 12 bolt on 095212345678912347 from supplier to DOCK-1 line 1",
    );
    let has_key = |floor: &Floor| floor.view.keys.iter().any(|key| key.label == "Open pallet");
    assert!(has_key(&floor), "{:?}", floor.view.keys);
    opened(receive(0, &["bolt 3"])).play("key skip -> reject key unused");
}

#[test]
fn a_done_pallet_is_opened_for_what_was_on_it_besides() {
    opened(receive(0, &["nut 1 #T-8"])).play(
        "scan T-8       -> accept received 1 nut on T-8 from supplier to DOCK-1 line 1
         scan T-8       -> reject unit T-8 done already
         key skip       -> go opening
         scan T-8       -> go tote T-8
         scan NUT       -> ask over nut by 1
         key enter      -> accept received 1 nut on T-8 from supplier to DOCK-1 line 1 over 1
         scan BOLT      -> ask found 04006381333931
         key enter      -> accept received 1 bolt on T-8 from supplier to DOCK-1 found 1",
    );
}

#[test]
fn a_pallet_with_serials_or_of_unknown_lot_is_taken_piece_by_piece() {
    opened(receive(
        0,
        &[
            "drill 2 #T-9",
            "milk 1 lot L1 #T-3",
            "cheese 1 lot C #T-4",
            "oil #T-5",
            "nut 2 lot N #T-6",
        ],
    ))
    .play(
        "scan T-9       -> go tote T-9
         scan (01)DRILL(21)S1 -> accept received 1 drill serial S1 on T-9 from supplier to DOCK-1 line 1
         scan T-3       -> go tote T-3
         scan T-4       -> go tote T-4
         scan T-5       -> go tote T-5
         scan OIL       -> accept received 2.5 oil on T-5 from supplier to DOCK-1 line 4
         scan T-6       -> accept received 2 nut lot N on T-6 from supplier to DOCK-1 line 5",
    );
}

#[test]
fn labels_are_printed_for_what_has_none() {
    let mut floor = opened(receive(0, &["milk 2 lot L1", "bolt 1"]));
    floor.play("scan (01)MILK(10)L1(17)271231 -> accept received 1 milk lot L1 exp 2027-12-31 from supplier to DOCK-1 line 1");
    floor.act("key exception");
    let step = floor.step(crate::Event::Key(crate::Key::Digit(6)));
    let goods = LabelOrder::Goods {
        item: ItemId::from("milk"),
        name: "Milk 1 l".to_owned(),
        code: label("MILK"),
        lot: Some("L1".to_owned()),
        expiry: None,
    };
    let printed = print(&mut floor);
    assert_eq!(
        (printed.verdict, &printed.print),
        (Verdict::Quiet, &prints(&step))
    );
    assert_eq!(printed.print, [goods]);
}

#[test]
fn a_new_pallet_gets_a_number_and_a_label() {
    let mut floor = opened(receive(0, &["nut 3"]));
    floor.play("key enter -> quiet");
    floor.catalogue.put_handling_unit(HandlingUnitId::from("T-900"));
    floor.catalogue.put_handling_unit(HandlingUnitId::from("T-901"));
    floor.play(
        "key enter      -> ask new unit
         key escape     -> quiet
         key enter      -> ask new unit",
    );
    let step = floor.step(crate::Event::Key(crate::Key::Enter));
    let pallet = LabelOrder::HandlingUnit {
        unit: HandlingUnitId::from("T-900"),
        text: "DOC-R1".to_owned(),
    };
    assert_eq!(prints(&step), [pallet]);
    floor.play(
        "scan NUT       -> accept received 1 nut on T-900 from supplier to DOCK-1 line 1
         key undo       -> accept reversed #1 received 1 nut on T-900 from supplier to DOCK-1 line 1
         key undo       -> go back
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 1
         keys enter enter -> go tote T-901
         # Its number is used up by the first fact.
         keys enter enter -> go tote T-901
         scan NUT       -> accept received 1 nut on T-901 from supplier to DOCK-1 line 1
         key enter      -> quiet",
    );
}

#[test]
fn a_pallet_that_another_device_may_have_received_is_not_taken_whole() {
    let mut floor = opened(receive(0, &["nut 2 #T-8"]));
    let doubt = Doubt {
        name: "H2".to_owned(),
        lines: vec![LineNumber(1)],
    };
    let claim = Claim {
        doubts: vec![doubt],
        ..Claim::default()
    };
    floor.catalogue.put_claim(TaskId::from("R1"), claim);
    floor.play(
        "scan T-8       -> go tote T-8
         scan NUT       -> ask is line 1 done by H2
         key 1          -> accept received 1 nut on T-8 from supplier to DOCK-1 line 1",
    );
}
