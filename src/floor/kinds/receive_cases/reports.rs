//! Goods that are not as they should be, and what is looked at before they are taken.

use super::{dock, opened, plan, receive};
use crate::cases::Floor;
use crate::ids::ItemId;
use crate::plan::{Check, ReceivePlan};
use crate::site::{Hold, Holds};

fn checking(checks: &[Check], texts: &[&str]) -> Floor {
    plan(
        ReceivePlan {
            checks: checks.to_vec(),
            ..dock()
        },
        texts,
    )
}

#[test]
fn what_expires_too_soon_is_asked_about_and_held() {
    opened(receive(0, &["cream 5", "milk 5"])).play(
        "scan (01)CREAM(17)261203 -> accept received 1 cream exp 2026-12-03 from supplier to DOCK-1 line 1
         scan (01)CREAM(17)261202 -> ask shelf life of cream 2026-12-02
         key escape     -> quiet
         scan (01)CREAM(17)261202 -> ask shelf life of cream 2026-12-02
         scan BOLT      -> reject item bolt, wanted an answer
         key 1          -> reject key unused
         key enter      -> accept received 1 cream exp 2026-12-02 hold from supplier to DOCK-1 line 1 expired 1
         key undo       -> accept reversed #2 received 1 cream exp 2026-12-02 hold from supplier to DOCK-1 line 1
         scan CREAM     -> ask expiry of cream
         keys 1.12.26 enter -> ask shelf life of cream 2026-12-01
         scan CMD-yes   -> accept received 1 cream exp 2026-12-01 hold from supplier to DOCK-1 line 1 expired 1
         # Milk wants no days, but it may not be too old already.
         scan (01)MILK(10)L1(17)261123 -> accept received 1 milk lot L1 exp 2026-11-23 from supplier to DOCK-1 line 2
         scan (01)MILK(10)L1(17)261122 -> ask shelf life of milk 2026-11-22
         scan CMD-no    -> quiet
         scan (01)BOLT(17)261122 -> ask found 04006381333931
         key enter      -> ask shelf life of bolt 2026-11-22
         key enter      -> accept received 1 bolt exp 2026-11-22 hold from supplier to DOCK-1 expired 1",
    );
    opened(receive(0, &["cream 1"])).play(
        "scan (01)CREAM(17)261202(30)3 -> ask shelf life of cream 2026-12-02
         key enter      -> ask over cream by 2
         restart        -> quiet
         key enter      -> accept received 3 cream exp 2026-12-02 hold from supplier to DOCK-1 line 1 expired 3",
    );
}

#[test]
fn what_is_on_hold_is_taken_as_such() {
    let mut floor = opened(receive(0, &["milk 2", "nut 6 #T-8"]));
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![hold("milk", Some("BAD")), hold("nut", None)],
    });
    floor.play(
        "scan (01)MILK(10)BAD(17)271231  -> accept received 1 milk lot BAD exp 2027-12-31 hold from supplier to DOCK-1 line 1
         scan (01)MILK(10)GOOD(17)271231 -> accept received 1 milk lot GOOD exp 2027-12-31 from supplier to DOCK-1 line 1
         scan T-8       -> accept received 6 nut on T-8 hold from supplier to DOCK-1 line 2",
    );
}

fn hold(item: &str, lot: Option<&str>) -> Hold {
    Hold {
        item: ItemId::from(item),
        lot: lot.map(str::to_owned),
        reason: "recall".to_owned(),
    }
}

#[test]
fn damaged_goods_are_received_as_damaged() {
    opened(receive(0, &["bolt 10", "milk 2 lot L1", "drill 1"])).play(
        "scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         key exception  -> ask which exception short damaged wrong_goods expired blocked unreadable
         key 2          -> ask why damaged
         key 2          -> ask how much bolt damaged
         key enter      -> reject entry \"\", wanted a number
         keys 2+1 enter -> accept received 3 bolt damaged from supplier to DOCK-1 line 1 damaged 3 wet
         key undo       -> accept reversed #2 received 3 bolt damaged from supplier to DOCK-1 line 1
         # Another item than the one in hand: scan it.
         keys exception 2 1 -> ask how much bolt damaged
         scan A-01-01   -> reject place A-01-01, wanted a number
         scan GHOST     -> reject text 09999999999994, wanted a number
         scan (01)MILK(10)L1(17)271231 -> ask how much milk damaged
         key 2          -> quiet
         key enter      -> accept received 2 milk lot L1 exp 2027-12-31 damaged from supplier to DOCK-1 line 2 damaged 2 broken
         keys exception 2 4 -> ask how much milk damaged
         scan (01)DRILL(21)S1 -> accept received 1 drill serial S1 damaged from supplier to DOCK-1 line 3 damaged 1 packaging
         # The next piece is as good as any.
         scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         keys exception 2 1 -> ask how much bolt damaged
         key escape     -> quiet
         scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1",
    );
}

#[test]
fn with_nothing_in_hand_the_damaged_item_is_asked_for() {
    opened(receive(0, &["bolt 10"])).play(
        "keys exception 2 1 -> ask which item damaged
         scan T-1       -> reject unit T-1, wanted an item
         scan SOMETHING -> reject text SOMETHING, wanted an item
         keys x enter   -> reject entry \"x\", wanted an item
         restart        -> quiet
         keys bolt enter -> ask how much bolt damaged
         keys 2 enter   -> accept received 2 bolt damaged from supplier to DOCK-1 line 1 damaged 2 broken
         keys exception 2 1 -> ask how much bolt damaged
         scan NUT       -> ask how much nut damaged
         keys 1 enter   -> accept received 1 nut damaged from supplier to DOCK-1 damaged 1 broken
         keys exception 2 1 -> ask how much nut damaged
         key escape     -> quiet",
    );
}

#[test]
fn goods_that_were_received_already_are_given_another_status() {
    opened(receive(0, &["bolt 24 #T-8", "nut 1"])).play(
        "scan T-8       -> accept received 24 bolt on T-8 from supplier to DOCK-1 line 1
         keys exception 2 1 -> ask how much bolt damaged
         keys 2 enter   -> accept status_changed 2 bolt on T-8 damaged from DOCK-1 to DOCK-1 line 1 damaged 2 broken
         key undo       -> accept reversed #2 status_changed 2 bolt on T-8 damaged from DOCK-1 to DOCK-1 line 1
         keys exception 4 -> ask how much bolt expired
         keys 3 enter   -> accept status_changed 3 bolt on T-8 hold from DOCK-1 to DOCK-1 line 1 expired 3
         keys exception 5 -> ask how much bolt blocked
         scan NUT       -> ask how much nut blocked
         keys 1 enter   -> accept received 1 nut hold from supplier to DOCK-1 line 2 blocked 1
         key done       -> accept task closed",
    );
}

#[test]
fn a_piece_with_a_serial_number_is_reported_by_it() {
    opened(receive(0, &["drill 2"])).play(
        "scan (01)DRILL(21)S1 -> accept received 1 drill serial S1 from supplier to DOCK-1 line 1
         keys exception 2 1 -> ask serial of drill
         keys S1 enter  -> accept status_changed 1 drill serial S1 damaged from DOCK-1 to DOCK-1 line 1 damaged 1 broken
         key undo       -> accept reversed #2 status_changed 1 drill serial S1 damaged from DOCK-1 to DOCK-1 line 1
         # Taking the report back leaves the piece received.
         scan (01)DRILL(21)S1 -> reject serial S1 repeated
         keys exception 2 1 -> ask serial of drill
         scan (21)S2    -> accept received 1 drill serial S2 damaged from supplier to DOCK-1 line 1 damaged 1 broken
         keys exception 2 1 -> ask serial of drill
         scan (21)S3    -> accept received 1 drill serial S3 damaged from supplier to DOCK-1 line 1 damaged 1 broken",
    );
}

#[test]
fn what_is_wrong_otherwise_is_told_to_the_office() {
    let mut floor = opened(receive(0, &["bolt 2"]));
    floor.play(
        "scan BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1
         keys exception 3 -> ask why wrong_goods
         key 1          -> accept reported to DOCK-1 line 1 wrong_goods other_item
         key undo       -> accept reversed #2 reported to DOCK-1 line 1
         keys exception 9 -> reject key unused
         key escape     -> quiet
         keys exception 1 -> ask end with 1 open
         key escape     -> quiet
         keys exception 6 -> accept reported to DOCK-1 line 1 unreadable
         type BOLT      -> accept received 1 bolt from supplier to DOCK-1 line 1",
    );
    let typed = floor.journal.last().unwrap().raw.clone().unwrap();
    assert_eq!(typed.source, crate::Source::Typed);
}

#[test]
fn the_truck_is_looked_at_before_the_goods() {
    let mut floor = checking(
        &[Check::Seal, Check::Temperature, Check::Signature],
        &["bolt 2 #T-8", "nut 1"],
    );
    assert_eq!(
        floor.screen().split(" | ").nth(1),
        Some("Look at the truck first: press OK")
    );
    floor.play(
        "scan NUT       -> ask seal
         keys S-77 enter -> accept observed to DOCK-1 seal S-77
         key undo       -> accept reversed #1 observed to DOCK-1 seal S-77
         scan T-8       -> ask seal
         scan SEAL-1    -> accept observed to DOCK-1 seal SEAL-1
         key enter      -> ask temperature
         keys cold enter -> reject entry \"cold\", wanted a temperature
         keys -18.5 enter -> accept observed to DOCK-1 temperature -18.5
         scan T-8       -> accept received 2 bolt on T-8 from supplier to DOCK-1 line 1
         key done       -> ask signature",
    );
    assert!(
        floor.screen().contains("Missing: 1 each Hex nut M8"),
        "{}",
        floor.screen()
    );
    floor.play(
        "key escape     -> quiet
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 2
         key done       -> ask signature
         scan BADGE-4   -> accept observed to DOCK-1 signature 4
         key done       -> accept task closed",
    );
}

#[test]
fn a_check_that_cannot_be_made_stops_nobody() {
    checking(&[Check::Seal, Check::Temperature], &["nut 2"]).play(
        "scan NUT       -> ask seal
         key escape     -> quiet
         keys exception 6 -> accept reported to DOCK-1 unreadable seal
         keys exception 6 -> accept reported to DOCK-1 unreadable temperature
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 1
         key undo       -> accept reversed #3 received 1 nut from supplier to DOCK-1 line 1
         key undo       -> accept reversed #2 reported to DOCK-1
         scan NUT       -> ask temperature
         keys 4 enter   -> accept observed to DOCK-1 temperature 4
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 1
         key escape     -> go left R1
         # Whoever takes it up later is not asked again.
         scan DOC-R1    -> go task R1
         scan NUT       -> accept received 1 nut from supplier to DOCK-1 line 1",
    );
}
