//! Receiving through a portal, row by row. See [`crate::cases::tags`] for how tags are told.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{opened, receive};
use crate::cases::{Floor, lines, task};
use crate::confirmation::{Act, Draft, Source};
use crate::ids::LocationId;
use crate::passed::{Light, PortalWish};
use crate::plan::{Against, Check, ReceivePlan};
use crate::swept::Radio;
use crate::task::{Task, TaskKind};

const PALLET: &str = "340123450000000017";
const OTHER: &str = "340123450000000024";

/// A receipt that is worked at a portal.
fn at_portal(task: Task) -> Floor {
    let mut floor = opened(task);
    floor.play("portal -> quiet");
    floor
}

#[test]
fn a_pass_that_is_sure_and_announced_closes_itself() {
    let mut floor = at_portal(receive(0, &["coat 3", "scarf 1"]));
    assert_eq!(
        floor.screen(),
        "Receive DOC-R1 | Drive the goods through the portal, or scan them | Matched: 0 | Missing: 4 | Task opened."
    );
    floor.play("hear sure COAT 1 2 3 -> quiet");
    floor.play("hear stray COAT 9    -> quiet");
    assert!(
        floor
            .screen()
            .starts_with("Receive DOC-R1 | Goods pass the portal | [4 Tags] | Matched: 0"),
        "{}",
        floor.screen()
    );
    floor.play(
        "pass 1 in -> accept received 3 coat serial 1 serial 2 serial 3 from supplier to DOCK-1 line 1 pass 1",
    );
    assert_eq!(floor.light, Some(Light::Good));
    assert_eq!(
        floor.screen(),
        "Receive DOC-R1 | Drive the goods through the portal, or scan them | Matched: 3 | Missing: 1 | \
Stray tags: 1 | Pass 1: 3 recorded."
    );
    let fact = floor.journal.last().unwrap();
    let raw = fact.raw.clone().unwrap();
    assert_eq!(
        (raw.source, raw.scanner.as_str(), raw.text.split(' ').count()),
        (Source::Rfid, "door-1", 3)
    );
    floor.play(
        "portal            -> quiet
         hear sure SCARF 5 -> quiet
         pass 2 in         -> accept received 1 scarf serial 5 from supplier to DOCK-1 line 2 pass 2
         key done          -> accept task closed",
    );
}

#[test]
fn a_piece_counts_once_however_and_how_often_it_was_seen() {
    let mut floor = at_portal(receive(0, &["coat 5", "scarf 5", "bolt 20"]));
    floor.play(
        "scan (01)COAT(21)1    -> accept received 1 coat serial 1 from supplier to DOCK-1 line 1
         hear sure COAT 1 2    -> quiet
         hear sure SCARF 7     -> quiet
         pass 1 in             -> accept received 1 coat serial 2 from supplier to DOCK-1 line 1 pass 1; \
received 1 scarf serial 7 from supplier to DOCK-1 line 2 pass 1
         # The same pallet again, and after a restart.
         pass 2 in             -> quiet
         restart               -> quiet
         pass 3 in             -> quiet
         scan (01)COAT(21)2    -> reject serial 2 repeated
         # Scarves need no serial number, but this one could be the one that passed.
         scan (01)SCARF(21)7   -> reject serial 7 repeated
         scan SCARF            -> ask serial of scarf
         keys 7 enter          -> reject serial 7 repeated
         key escape            -> quiet
         scan (01)SCARF(21)8   -> accept received 1 scarf serial 8 from supplier to DOCK-1 line 2
         # Goods without tags come in as ever.
         scan CASE             -> accept received 12 bolt from supplier to DOCK-1 line 3
         # Bolts came without serial numbers: nobody knows whether these are among them.
         portal                -> quiet
         hear sure BOLT 1      -> quiet
         pass 4 in             -> quiet",
    );
    assert_eq!(floor.light, Some(Light::Doubt));
    floor.play("scan BOLT -> accept received 1 bolt from supplier to DOCK-1 line 3");
}

#[test]
fn what_is_not_sure_or_not_announced_is_a_barcode_check() {
    let mut floor = at_portal(receive(0, &["coat 2", "milk 4 lot L1"]));
    floor.play(
        "hear sure COAT 1       -> quiet
         hear maybe COAT 2      -> quiet
         hear sure DRILL 9      -> quiet
         hear sure MILK 4       -> quiet
         hear stray SCARF 1     -> quiet
         pass 1 in              -> accept received 1 coat serial 1 from supplier to DOCK-1 line 1 pass 1",
    );
    assert_eq!(floor.light, Some(Light::Doubt));
    assert_eq!(
        floor.screen(),
        "Receive DOC-R1 | Look for this piece and scan its label | [4 Serial number · Milk 1 l] | \
To check: 2 | Surplus: 1 | Matched: 1 | Missing: 5 | Stray tags: 1 | Pass 1: 1 recorded. | To check: 3. Scan their labels."
    );
    floor.play(
        "key skip               -> go skipped
         # The label of what may not have come says that it has; the pass is not asked again.
         scan (01)COAT(21)2     -> accept received 1 coat serial 2 from supplier to DOCK-1 line 1
         pass 2 in              -> quiet
         # What nobody announced is asked about.
         scan (01)DRILL(21)9    -> ask found 05030303030300
         key enter              -> accept received 1 drill serial 9 from supplier to DOCK-1 found 1
         key done               -> ask unsure of 1 in DOCK-1: 1 milk
         key enter              -> ask end with 1 open
         key enter              -> accept reported 1 milk serial 4 from DOCK-1 pass 2 unsure 1 details; \
closed line 2 short 4; task closed",
    );
}

#[test]
fn more_than_announced_is_surplus_beyond_the_tolerance() {
    let mut floor = at_portal(receive(50, &["coat 2"]));
    floor.play(
        "hear sure COAT 1 2 3 4 -> quiet
         pass 1 in -> accept received 3 coat serial 1 serial 2 serial 3 from supplier to DOCK-1 line 1 pass 1
         scan (01)COAT(21)4 -> ask over coat by 2
         key enter -> accept received 1 coat serial 4 from supplier to DOCK-1 line 1 over 2
         pass 2 in -> quiet",
    );
    assert!(!floor.screen().contains("Surplus"), "{}", floor.screen());
}

#[test]
fn goods_that_go_out_record_nothing() {
    let mut floor = at_portal(receive(0, &["coat 2"]));
    floor.play(
        "hear sure COAT 1 2 -> quiet
         pass 1 out         -> reject wrong way
         pass 2             -> accept received 2 coat serial 1 serial 2 from supplier to DOCK-1 line 1 pass 2",
    );
    let mut floor = at_portal(receive(0, &["coat 2"]));
    floor.play("hear sure COAT 1 -> quiet");
    floor.play("pass 1 out -> reject wrong way");
    assert_eq!((floor.light, floor.journal.len()), (Some(Light::Stop), 0));
}

#[test]
fn a_pallet_comes_in_by_its_own_tag_where_its_pieces_have_none() {
    let lines = format!("bolt 24 #{PALLET}");
    let nuts = format!("nut 10 #{PALLET}");
    let mut floor = at_portal(receive(0, &[&lines, &nuts]));
    floor.play(&format!(
        "hear sure unit {PALLET} -> quiet
         hear sure unit {OTHER}  -> quiet
         pass 1 in -> accept received 24 bolt on {PALLET} from supplier to DOCK-1 line 1 pass 1; \
received 10 nut on {PALLET} from supplier to DOCK-1 line 2 pass 1
         pass 2 in -> quiet
         scan (00){PALLET} -> reject unit {PALLET} done already"
    ));
    assert!(floor.screen().contains("Surplus: 1"), "{}", floor.screen());
    // The other one is on no list.
    floor.play(&format!(
        "key done  -> ask unsure of 1 in DOCK-1: 1 {OTHER}
         key enter -> accept reported from {OTHER} to DOCK-1 pass 2 unsure surplus; task closed"
    ));
}

#[test]
fn pieces_with_tags_of_their_own_come_in_one_by_one_and_their_pallet_is_not_added() {
    let coats = format!("coat 3 #{PALLET}");
    let others = format!("coat 3 #{OTHER}");
    let mut floor = at_portal(receive(0, &[&others, &coats]));
    floor.play(&format!(
        "hear sure unit {PALLET}  -> quiet
         hear sure COAT 1 2       -> quiet
         pass 1 in -> accept received 2 coat serial 1 serial 2 on {PALLET} from supplier to DOCK-1 line 2 pass 1"
    ));
    // One is missing on it.
    assert_eq!(floor.light, Some(Light::Doubt));
    assert!(
        floor
            .screen()
            .contains("Pass 1: 2 recorded. | Part of a pallet is missing."),
        "{}",
        floor.screen()
    );
    floor.play(&format!(
        "hear sure COAT 3 -> quiet
         pass 2 in -> accept received 1 coat serial 3 on {PALLET} from supplier to DOCK-1 line 2 pass 2"
    ));
    assert_eq!(floor.light, Some(Light::Good));
}

#[test]
fn a_pallet_that_was_scanned_is_not_recorded_again_by_the_tags_of_its_pieces() {
    let scarves = format!("scarf 3 #{PALLET}");
    let mut floor = at_portal(receive(0, &[&scarves]));
    floor.play(&format!(
        "scan (00){PALLET} -> accept received 3 scarf on {PALLET} from supplier to DOCK-1 line 1
         hear sure SCARF 1 2 3   -> quiet
         hear sure unit {PALLET} -> quiet
         pass 1 in -> quiet"
    ));
    assert_eq!(floor.light, Some(Light::Good));
}

#[test]
fn a_list_of_serial_numbers_takes_these_pieces_and_no_others() {
    let mut floor = at_portal(receive(
        0,
        &["coat 1 serial 1", "coat 1 serial 2", "scarf 1 serial 3"],
    ));
    floor.play(
        "hear sure COAT 2 5  -> quiet
         pass 1 in -> accept received 1 coat serial 2 from supplier to DOCK-1 line 2 pass 1
         scan (01)COAT(21)5  -> ask found 04006381000017
         key escape          -> quiet
         scan (01)COAT(21)1  -> accept received 1 coat serial 1 from supplier to DOCK-1 line 1
         scan SCARF          -> ask serial of scarf
         keys 3 enter        -> accept received 1 scarf serial 3 from supplier to DOCK-1 line 3",
    );
}

#[test]
fn a_blind_receipt_takes_whatever_is_sure() {
    let plan = ReceivePlan {
        against: Against::Blind,
        ..ReceivePlan::at(LocationId::from("DOCK-1"))
    };
    let mut floor = at_portal(task("R1", TaskKind::Receive(plan), Vec::new()));
    floor.play(
        "hear sure COAT 1 2  -> quiet
         hear sure GHOST 3   -> quiet
         pass 1 in -> accept received 2 coat serial 1 serial 2 from supplier to DOCK-1 pass 1",
    );
    assert_eq!(floor.light, Some(Light::Doubt));
}

#[test]
fn a_pass_can_be_taken_back_as_a_whole() {
    let mut floor = at_portal(receive(0, &["coat 4"]));
    floor.play(
        "hear sure COAT 1 2  -> quiet
         hear maybe COAT 3   -> quiet
         pass 1 in -> accept received 2 coat serial 1 serial 2 from supplier to DOCK-1 line 1 pass 1
         key undo  -> accept reversed #1 received 2 coat serial 1 serial 2 from supplier to DOCK-1 line 1 pass 1",
    );
    assert!(floor.session.stage.portal.checks.is_empty());
    floor.play("pass 2 in -> accept received 2 coat serial 1 serial 2 from supplier to DOCK-1 line 1 pass 2");
}

#[test]
fn no_light_is_green_while_something_of_an_earlier_pass_is_to_be_looked_at() {
    let mut floor = at_portal(receive(0, &["coat 4"]));
    floor.play(
        "hear maybe COAT 1 -> quiet
         pass 1 in         -> quiet
         portal            -> quiet
         hear sure COAT 2  -> quiet
         pass 2 in         -> accept received 1 coat serial 2 from supplier to DOCK-1 line 1 pass 2",
    );
    assert_eq!(floor.light, Some(Light::Doubt));
    floor.play(
        "scan (01)COAT(21)1 -> accept received 1 coat serial 1 from supplier to DOCK-1 line 1
         portal             -> quiet
         hear sure COAT 3   -> quiet
         pass 3 in          -> accept received 1 coat serial 3 from supplier to DOCK-1 line 1 pass 3",
    );
    assert_eq!(floor.light, Some(Light::Good));
}

#[test]
fn what_is_to_be_looked_at_outlives_a_receipt_that_is_left() {
    let mut floor = at_portal(receive(0, &["coat 4"]));
    floor.play(
        "hear maybe COAT 1 2 -> quiet
         pass 1 in           -> quiet
         key escape          -> go left R1
         restart             -> quiet
         scan DOC-R1         -> go task R1",
    );
    assert!(floor.screen().contains("To check: 2"), "{}", floor.screen());
    // Agreeing to leave them is asked for anew where another pass brings more.
    floor.play(
        "key done            -> ask unsure of 2 in DOCK-1: 2 coat
         key enter           -> ask end with 1 open
         key escape          -> quiet
         portal              -> quiet
         hear maybe COAT 3   -> quiet
         pass 2 in           -> quiet
         key done            -> ask unsure of 3 in DOCK-1: 3 coat",
    );
}

#[test]
fn before_the_seal_is_told_nothing_may_pass() {
    let plan = ReceivePlan {
        checks: vec![Check::Seal],
        ..ReceivePlan::at(LocationId::from("DOCK-1"))
    };
    let mut floor = at_portal(task("R1", TaskKind::Receive(plan), lines(&["coat 2"])));
    let wish = |floor: &Floor| match floor.session.radio(&floor.catalogue) {
        Radio::Portal(wish) => wish,
        other => panic!("{other:?}"),
    };
    let held_up = PortalWish {
        task: "R1".into(),
        dock: "DOCK-1".into(),
        is_held_up: true,
    };
    assert_eq!(wish(&floor), held_up);
    floor.play(
        "hear sure COAT 1   -> quiet
         pass 1 in          -> ask seal",
    );
    assert_eq!(floor.light, Some(Light::Stop));
    floor.play("keys 4711 enter    -> accept observed to DOCK-1 seal 4711");
    assert!(!wish(&floor).is_held_up);
    floor.play("pass 2 in          -> accept received 1 coat serial 1 from supplier to DOCK-1 line 1 pass 2");
}

#[test]
fn a_pass_disturbs_no_question() {
    let mut floor = at_portal(receive(0, &["coat 4", "milk 3"]));
    floor.play(
        "scan MILK        -> ask lot of milk
         hear sure COAT 1 -> quiet
         pass 1 in        -> accept received 1 coat serial 1 from supplier to DOCK-1 line 1 pass 1
         keys L1 enter    -> ask expiry of milk",
    );
}

#[test]
fn more_tags_than_a_pass_keeps_are_a_doubt() {
    let mut floor = at_portal(receive(0, &["coat 4"]));
    floor.play(
        "hear sure COAT 1 -> quiet
         pass 1 in part   -> accept received 1 coat serial 1 from supplier to DOCK-1 line 1 pass 1",
    );
    assert_eq!(floor.light, Some(Light::Doubt));
    assert!(floor.screen().contains("Too many tags"), "{}", floor.screen());
}

/// How often each piece is recorded, what was taken back taken off.
fn recorded(journal: &[Draft]) -> BTreeMap<(String, String), i32> {
    let mut pieces = BTreeMap::new();
    for draft in journal {
        let (act, forward) = draft.progress_act();
        let Some(goods) = draft.goods.as_ref().filter(|_| act == Act::Received) else {
            continue;
        };
        for serial in &goods.serials {
            let piece = (goods.called().to_string(), serial.clone());
            *pieces.entry(piece).or_default() += if forward { 1 } else { -1 };
        }
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 200 }))]

    #[test]
    fn whatever_passes_and_is_scanned_no_piece_is_recorded_twice_and_none_without_being_sure(
        does in vec((0..9_u8, select(vec!["COAT", "SCARF", "DRILL"]), vec(1..8_u32, 1..5)), 1..30)
    ) {
        let mut floor = at_portal(receive(0, &["coat 5", "scarf 3", "coat 1 serial 7"]));
        let mut may_be_recorded = BTreeSet::new();
        let mut number = 0;
        for (what, article, serials) in does {
            let numbers = serials.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let sure = || serials.iter().map(|serial| (article.to_lowercase(), serial.to_string()));
            match what {
                0..=2 => {
                    floor.act("portal");
                    let class = ["sure", "maybe", "stray"][usize::from(what)];
                    floor.act(&format!("hear {class} {article} {numbers}"));
                    number += 1;
                    floor.act(&format!("pass {number} in"));
                    if class == "sure" {
                        may_be_recorded.extend(sure());
                    }
                }
                3 => {
                    // Without what was heard being heard anew.
                    number += 1;
                    floor.act(&format!("pass {number} in"));
                }
                4 => {
                    floor.act(&format!("scan (01){article}(21){}", serials[0]));
                    may_be_recorded.insert((article.to_lowercase(), serials[0].to_string()));
                }
                5 => drop(floor.act("key undo")),
                6 => drop(floor.act("restart")),
                7 => drop(floor.act("key skip")),
                _ => drop(floor.act("key escape")),
            }
            if floor.session.task().is_none() {
                floor.act("scan DOC-R1");
                floor.act("portal");
            }
            for (piece, times) in recorded(&floor.journal) {
                prop_assert!((0..=1).contains(&times), "{piece:?} is recorded {times} times");
                prop_assert!(times == 0 || may_be_recorded.contains(&piece), "{piece:?} was never sure");
            }
        }
    }
}
