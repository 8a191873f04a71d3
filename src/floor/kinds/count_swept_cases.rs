//! Counting by RFID, row by row. See [`crate::cases`] and [`crate::cases::tags`] for how to read the tables.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases::tags::piece;
use crate::cases::{Floor, lines, task};
use crate::confirmation::{Act, Draft, ExceptionCode, Source};
use crate::event::{Effect, Event, Scanning};
use crate::ids::{ItemId, LocationId, TaskId};
use crate::label::{Inquiry, InquiryAnswer, StockRow};
use crate::plan::{CountPlan, CountScope};
use crate::quantity::Quantity;
use crate::rfid::Class;
use crate::session::Session;
use crate::site::{Hold, Holds};
use crate::swept::{Radio, SweepFigures, SweepWish, SweptTag};
use crate::task::{Task, TaskKind};
use crate::trace::{CannotReplay, Noted, Recorder, Recording, Replay};
use crate::verdict::Verdict;

fn count(texts: &[&str]) -> Task {
    task("C1", TaskKind::Count(CountPlan::default()), lines(texts))
}

/// A device with an RFID reader, in the first place of a count.
fn sweeping(task: Task) -> Floor {
    let mut floor = Floor::new(vec![task]);
    floor.play(
        "scan DOC-C1    -> go task C1
         scan A-01-01   -> go location A-01-01
         sweep          -> quiet",
    );
    floor
}

#[test]
fn what_is_sure_is_counted_when_the_place_is_closed() {
    let mut floor = sweeping(count(&["@A-01-01", "@A-01-02"]));
    floor.play("sweep sure COAT 3 1 2 -> quiet");
    assert_eq!(
        floor.screen(),
        "Count DOC-C1 | Keep sweeping along the goods | [3 Tags] | Maybe next bay: 0 | Safe: 3 | A-01-01 is right."
    );
    floor.play(
        "sweep sure SCARF 7    -> quiet
         sweep stray COAT 99   -> quiet
         sweep sure COATS 5    -> quiet
         sweep done            -> quiet",
    );
    assert!(
        floor
            .screen()
            .starts_with("Count DOC-C1 | Nothing new comes. Press Done | [5 Tags]"),
        "{}",
        floor.screen()
    );
    floor.play(
        "key done  -> ask is A-01-01 complete
         key enter -> accept counted 3 coat serial 1 serial 2 serial 3 to A-01-01 line 1; \
counted 5 coat serial 5 to A-01-01 line 1; counted 1 scarf serial 7 to A-01-01 line 1; \
place counted to A-01-01 line 1",
    );
    let counted = floor.journal.first().and_then(|draft| draft.raw.clone()).unwrap();
    assert_eq!(
        (counted.source, counted.text.split(' ').count()),
        (Source::Rfid, 3)
    );
}

#[test]
fn where_radio_does_not_tell_bins_apart_the_screen_says_so() {
    let mut floor = sweeping(count(&["@A-01-01"]));
    floor.play(
        "sweep sure COAT 1      -> quiet
         sweep maybe COAT 2 3   -> quiet",
    );
    assert!(floor.screen().contains("Keep sweeping"), "{}", floor.screen());
    floor.play("sweep done -> quiet");
    assert!(
        floor.screen().contains("Goods too close to tell. Scan labels"),
        "{}",
        floor.screen()
    );
    floor.play(
        "sweep sure COAT 4 5    -> quiet
         sweep done             -> quiet",
    );
    assert!(
        floor.screen().contains("Nothing new comes. Press Done"),
        "{}",
        floor.screen()
    );
}

#[test]
fn a_maybe_is_a_barcode_check_and_never_counts_by_itself() {
    let mut floor = sweeping(count(&["@A-01-01", "@A-01-02"]));
    floor.play(
        "sweep sure COAT 1      -> quiet
         sweep maybe COAT 7 8 9 -> quiet
         sweep maybe SCARF 4    -> quiet
         key done   -> ask unsure of 4 in A-01-01: 3 coat, 1 scarf",
    );
    assert!(
        floor.screen().contains("3: Coat | 1: Scarf")
            && floor
                .screen()
                .contains("? Not sure: 4. Scan their labels, or close A-01-01 without them?"),
        "{}",
        floor.screen()
    );
    floor.play(
        "scan A-01-02 -> reject place A-01-02, wanted an answer
         # The label of a maybe says that it is here.
         scan (01)COAT(21)8 -> accept counted 1 coat serial 8 to A-01-01 line 1
         scan (01)COAT(21)8 -> reject serial 8 repeated
         key done   -> ask unsure of 3 in A-01-01: 2 coat, 1 scarf
         scan (01)SCARF(21)4 -> accept counted 1 scarf serial 4 to A-01-01 line 1
         key done   -> ask unsure of 2 in A-01-01: 2 coat
         key escape -> quiet
         key done   -> ask unsure of 2 in A-01-01: 2 coat
         key enter  -> accept counted 1 coat serial 1 to A-01-01 line 1; \
reported 2 coat serial 7 serial 9 from A-01-01 line 1 unsure 2; place counted to A-01-01 line 1",
    );
}

#[test]
fn a_piece_counts_once_however_it_was_seen() {
    sweeping(count(&["@A-01-01", "@A-01-02"])).play(
        "sweep sure COAT 1 2      -> quiet
         scan (01)COAT(21)1       -> reject serial 1 counted by tag
         # Its tag is not heard: missing.
         scan (01)COAT(21)3       -> ask is the tag of coat missing
         key escape               -> quiet
         scan (01)COAT(21)3       -> ask is the tag of coat missing
         key enter                -> accept counted 1 coat serial 3 to A-01-01 line 1 tag_missing 1
         # It was heard after all: the barcode has counted it.
         sweep sure COAT 3        -> quiet
         scan SCARF               -> ask is the tag of scarf missing
         key enter                -> accept counted 1 scarf to A-01-01 line 1 tag_missing 1
         # Goods without tags count as ever, and a stray tag is one that is here.
         scan BOLT                -> accept counted 1 bolt to A-01-01 line 1
         sweep stray COAT 6       -> quiet
         scan (01)COAT(21)6       -> accept counted 1 coat serial 6 to A-01-01 line 1
         sweep sure DRILL 5       -> quiet
         scan (01)DRILL(21)5      -> reject serial 5 counted by tag
         key done                 -> ask is A-01-01 complete
         key enter                -> accept counted 2 coat serial 1 serial 2 to A-01-01 line 1; \
counted 1 drill serial 5 to A-01-01 line 1; place counted to A-01-01 line 1
         # The piece was counted in another place.
         scan A-01-02             -> go location A-01-02
         sweep sure COAT 1 8      -> quiet
         key done                 -> ask is A-01-02 complete
         key enter                -> accept counted 1 coat serial 8 to A-01-02 line 2; place counted to A-01-02 line 2",
    );
}

#[test]
fn without_a_reader_a_tagged_item_counts_by_its_label() {
    let mut floor = Floor::new(vec![count(&["@A-01-01"])]);
    floor.play(
        "scan DOC-C1    -> go task C1
         scan A-01-01   -> go location A-01-01
         scan (01)COAT(21)3 -> accept counted 1 coat serial 3 to A-01-01 line 1
         key done  -> ask is A-01-01 complete
         key enter -> accept place counted to A-01-01 line 1
         key enter -> quiet",
    );
}

#[test]
fn what_is_no_goods_is_what_it_is() {
    sweeping(count(&["@A-01-01"])).play(
        "sweep sure unit 095212345678912347 -> quiet
         sweep sure shelf 1        -> quiet
         sweep sure asset 1        -> quiet
         sweep maybe asset 2       -> quiet
         sweep sure GHOST 4 5      -> quiet
         key done  -> ask is A-01-01 complete
         key enter -> accept counted 2 ?09999999999994 serial 4 serial 5 to A-01-01 line 1 found 2; \
reported from 095212345678912347 to A-01-01 line 1 found; reported from A-01-01 unsure no_goods; \
place counted to A-01-01 line 1",
    );
}

#[test]
fn where_one_item_is_counted_the_tags_of_others_are_left_out() {
    sweeping(count(&["coat @A-01-01", "@A-01-02"])).play(
        "sweep sure COAT 1         -> quiet
         sweep sure SCARF 2        -> quiet
         sweep maybe SCARF 3       -> quiet
         sweep sure GHOST 4        -> quiet
         sweep sure unit 095212345678912347 -> quiet
         key done  -> ask is A-01-01 complete
         key enter -> accept counted 1 coat serial 1 to A-01-01 line 1; place counted to A-01-01 line 1",
    );
}

#[test]
fn goods_on_hold_are_counted_as_such() {
    let mut floor = sweeping(count(&["@A-01-01"]));
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries: vec![Hold {
            item: ItemId::from("coat"),
            lot: None,
            reason: "recall".to_owned(),
        }],
    });
    floor.play(
        "sweep sure COAT 1 -> quiet
         key done  -> ask is A-01-01 complete
         key enter -> accept counted 1 coat serial 1 hold to A-01-01 line 1; place counted to A-01-01 line 1",
    );
}

#[test]
fn nobody_leaves_a_place_with_tags_in_it_for_another() {
    sweeping(count(&["@A-01-01", "@A-01-02"])).play(
        "sweep sure COAT 1 -> quiet
         scan A-01-02 -> reject at A-01-02, wanted A-01-01
         key skip     -> go skipped
         scan A-01-02 -> go location A-01-02
         key done     -> ask is A-01-02 empty
         key enter    -> accept place counted to A-01-02 line 2
         # What was swept there is still there.
         scan A-01-01 -> go location A-01-01
         key done     -> ask is A-01-01 complete
         key enter    -> accept counted 1 coat serial 1 to A-01-01 line 1; place counted to A-01-01 line 1",
    );
}

#[test]
fn a_place_that_should_be_empty_is_not_where_a_tag_is_sure() {
    let plan = CountPlan {
        scope: CountScope::ZeroStock,
        ..CountPlan::default()
    };
    let mut floor = Floor::new(vec![task("C1", TaskKind::Count(plan), lines(&["@A-01-01"]))]);
    floor.play(
        "scan DOC-C1  -> go task C1
         scan A-01-01 -> ask is A-01-01 empty
         key escape   -> quiet
         sweep sure COAT 1 -> quiet
         key done     -> ask is A-01-01 complete
         key enter    -> accept counted 1 coat serial 1 to A-01-01 line 1; place counted to A-01-01 line 1; task closed",
    );
}

#[test]
fn a_closed_place_is_taken_back_and_swept_anew() {
    sweeping(count(&["@A-01-01", "@A-01-02"])).play(
        "sweep sure COAT 1 2 -> quiet
         key done   -> ask is A-01-01 complete
         key enter  -> accept counted 2 coat serial 1 serial 2 to A-01-01 line 1; place counted to A-01-01 line 1
         key undo   -> accept reversed #2 location_counted to A-01-01 line 1; \
reversed #1 counted 2 coat serial 1 serial 2 to A-01-01 line 1
         key done   -> ask is A-01-01 empty
         key escape -> quiet
         sweep sure COAT 2 -> quiet
         key done   -> ask is A-01-01 complete
         restart    -> quiet
         key enter  -> accept counted 1 coat serial 2 to A-01-01 line 1; place counted to A-01-01 line 1",
    );
}

fn many(serials: std::ops::Range<u32>, class: Class) -> Vec<SweptTag> {
    serials
        .map(|serial| piece("COAT", &serial.to_string(), class))
        .collect()
}

#[test]
fn facts_have_a_bound_and_so_has_what_is_kept_to_take_them_back() {
    let mut floor = sweeping(count(&["@A-01-01", "@A-01-02", "@A-01-03"]));
    // A step of every size is taken back at once.
    floor.put_tags(many(100..350, Class::Sure), false);
    floor.play("key done -> ask is A-01-01 complete");
    floor.act("key enter");
    let sizes = |journal: &[Draft]| -> Vec<usize> {
        let goods = journal.iter().filter_map(|draft| draft.goods.as_ref());
        goods.map(|goods| goods.serials.len()).collect()
    };
    assert_eq!(sizes(&floor.journal), [200, 50]);
    let mut undone = floor.clone();
    let answer = undone.act("key undo");
    assert!(
        answer.starts_with("accept reversed #3 location_counted"),
        "{answer}"
    );
    // After the next step a large one stays: what would take it back is stored with every step.
    floor.play(
        "scan A-01-02 -> go location A-01-02
         key undo     -> go back
         key undo     -> reject nothing to undo",
    );
    assert!(
        floor.session.to_saved().len() < 2_000,
        "{}",
        floor.session.to_saved()
    );
}

/// The step is played back from what was noted of it, or it is said why it cannot be.
#[test]
fn a_sweep_of_thousands_is_told_and_not_noted() {
    for (tags, is_noted) in [(1_000, true), (1_001, false)] {
        let mut floor = sweeping(count(&["@A-01-01"]));
        floor.put_tags(many(0..tags, Class::Sure), false);
        floor.act("refresh");
        let (before, now) = (floor.session.clone(), floor.now());
        let recording = Recording::of(&floor.catalogue);
        let mut after = before.clone();
        let event = Event::Key(crate::Key::Done);
        let step = after.step(event.clone(), &now, &recording);
        let noted = Noted {
            before: &before,
            event: &event,
            now: &now,
            after: &after,
            step: &step,
        };
        let entry = Recorder::new("test").note(recording.asked(), &floor.catalogue, noted);
        let played = Replay::default().play(&entry.text);
        match is_noted {
            true => assert_eq!(played.unwrap().step, step),
            false => assert_eq!(
                played.unwrap_err(),
                CannotReplay::NotWhole(
                    "a sweep of 1001 tags, of which more than 1000 are not noted: what was counted is in the facts"
                        .to_owned()
                )
            ),
        }
    }
}

#[test]
fn the_reader_follows_the_work() {
    let mut floor = Floor::new(vec![count(&["@A-01-01", "coat @A-01-02", "bolt @A-01-02"])]);
    let wish = |place: &str, gtins: &[&str]| SweepWish {
        task: TaskId::from("C1"),
        location: LocationId::from(place),
        gtins: gtins.iter().map(|&gtin| gtin.to_owned()).collect(),
        is_expected: false,
        is_paused: false,
    };
    let radio = |floor: &Floor| floor.session.radio(&floor.catalogue);
    assert_eq!(radio(&floor), Radio::Scan);
    floor.play("scan DOC-C1 -> go task C1");
    assert_eq!(radio(&floor), Radio::Scan);
    floor.play("scan A-01-01 -> go location A-01-01");
    assert_eq!(radio(&floor), Radio::Sweep(wish("A-01-01", &[])));
    floor.play("key done -> ask is A-01-01 empty");
    let paused = SweepWish {
        is_paused: true,
        ..wish("A-01-01", &[])
    };
    assert_eq!(radio(&floor), Radio::Sweep(paused));
    floor.play("key enter -> accept place counted to A-01-01 line 1");
    assert_eq!(radio(&floor), Radio::Scan);
    floor.play("scan A-01-02 -> go location A-01-02");
    // Only what is counted there is heard; an item known as tagged starts the reader.
    let named = SweepWish {
        is_expected: true,
        ..wish(
            "A-01-02",
            &[
                "04006381000017",
                "14006381000014",
                "04006381333931",
                "14006381333938",
            ],
        )
    };
    assert_eq!(radio(&floor), Radio::Sweep(named));
}

#[test]
fn outside_a_sweep_two_tags_are_a_question_and_one_is_a_scan() {
    let mut floor = Floor::new(vec![count(&["@A-01-01"])]);
    floor.play(
        "scan DOC-C1    -> go task C1
         scan A-01-01   -> go location A-01-01",
    );
    let scanning = |tag: &SweptTag| {
        let seen = tallyman_codes::Seen::Tag(tallyman_codes::Tag {
            epc: tag.epc,
            ..tallyman_codes::Tag::default()
        });
        Scanning {
            scanner: "reader-1".to_owned(),
            raw: tag.epc.to_string(),
            symbology: None,
            scan: tallyman_codes::understand(&seen, crate::Catalogue::rules(&floor.catalogue)),
            rfid: true,
        }
    };
    let coat = scanning(&piece("COAT", "1", Class::Sure));
    let unit = scanning(&crate::cases::tags::tag(
        &[("00", "095212345678912347")],
        "sscc-96",
        Class::Sure,
    ));
    let two = floor.step(Event::Scans(vec![coat.clone(), unit]));
    assert!(matches!(
        two.verdict,
        Verdict::Ask(crate::Question::TwoInView { .. })
    ));
    let one = floor.step(Event::Scans(vec![coat.clone(), coat]));
    assert_eq!(one.verdict, Verdict::Accept);
    assert_eq!(
        floor.journal.last().unwrap().goods.as_ref().unwrap().serials,
        ["1"]
    );
}

fn missing_row(item: &str, serial: &str) -> StockRow {
    StockRow {
        item: ItemId::from(item),
        place: "A-01-01".to_owned(),
        lot: None,
        quantity: Some(Quantity::ONE),
        handling_unit: None,
        location: None,
        serial: Some(serial.to_owned()),
    }
}

fn inquiry() -> Inquiry {
    Inquiry::Missing {
        task: TaskId::from("C1"),
        location: LocationId::from("A-01-01"),
    }
}

fn tell(floor: &mut Floor, rows: Option<&[(&str, &str)]>, is_being_counted: bool) {
    let rows = rows.map(|rows| {
        rows.iter()
            .map(|(item, serial)| missing_row(item, serial))
            .collect()
    });
    floor.step(Event::Told(InquiryAnswer {
        inquiry: inquiry(),
        rows,
        is_being_counted,
    }));
}

/// A place with one coat, closed.
fn closed() -> Floor {
    let mut floor = sweeping(count(&["@A-01-01", "@A-01-02"]));
    floor.play(
        "key enter         -> quiet
         sweep sure COAT 1 -> quiet
         key done          -> ask is A-01-01 complete
         key enter         -> accept counted 1 coat serial 1 to A-01-01 line 1; place counted to A-01-01 line 1",
    );
    floor
}

#[test]
fn what_is_missing_is_told_once_the_place_is_closed_and_looked_for_one_by_one() {
    let mut floor = closed();
    let asked = floor.step(Event::Key(crate::Key::Enter));
    assert!(asked.effects.contains(&Effect::Inquire(inquiry())));
    assert_eq!(
        floor.screen(),
        "Count DOC-C1 | Asking the hub … | ? Missing in A-01-01"
    );
    floor.play(
        "key enter  -> quiet
         key 1      -> reject key unused",
    );
    // The facts of the place are on the way: nobody is told before they are there.
    tell(&mut floor, Some(&[]), true);
    assert!(
        floor.screen().contains("The hub has not told it yet"),
        "{}",
        floor.screen()
    );
    let again = floor.step(Event::Key(crate::Key::Enter));
    assert!(again.effects.contains(&Effect::Inquire(inquiry())));
    // What is counted here is not missing, and what has no tag cannot be heard.
    let rows: &[(&str, &str)] = &[("coat", "1"), ("coat", "6"), ("drill", "7"), ("coat", "8")];
    tell(&mut floor, Some(rows), false);
    floor.play(
        "restart -> quiet
         key 3   -> reject key unused
         key 2   -> ask is coat 8 found",
    );
    floor.catalogue.put_signal(Some(73));
    floor.play("refresh -> quiet");
    assert_eq!(
        floor.screen(),
        "Count DOC-C1 | Go where the signal grows | [73 % Signal] | Item: Coat | Serial number: 8 | ? Is 8 found?"
    );
    assert_eq!(floor.view.big.as_ref().unwrap().bar, Some(73));
    let Radio::Find { gtins, serial } = floor.session.radio(&floor.catalogue) else {
        panic!("the reader looks for it")
    };
    assert_eq!(
        (gtins, serial.as_str()),
        (
            vec!["04006381000017".to_owned(), "14006381000014".to_owned()],
            "8"
        )
    );
    floor.play(
        "scan (01)COAT(21)6 -> reject item coat, wanted an answer
         scan (01)COAT(21)8 -> accept counted 1 coat serial 8 to A-01-01 found 1
         key enter  -> ask missing in A-01-01:  + 0",
    );
    tell(&mut floor, Some(rows), false);
    floor.play(
        "key 1      -> ask is coat 6 found
         key escape -> quiet
         scan A-01-02 -> go location A-01-02
         key enter  -> quiet",
    );
}

#[test]
fn a_hub_that_cannot_be_reached_is_asked_again() {
    let mut floor = closed();
    floor.play("key enter -> ask missing in A-01-01:  + 0");
    tell(&mut floor, None, false);
    assert!(
        floor.screen().contains("Press OK to ask again"),
        "{}",
        floor.screen()
    );
    floor.play("key enter -> ask missing in A-01-01:  + 0");
    tell(&mut floor, Some(&[]), false);
    assert!(
        floor.screen().contains("Nothing is missing here"),
        "{}",
        floor.screen()
    );
    floor.play("key escape -> quiet");
    let rows: Vec<(&str, String)> = (10..22).map(|serial| ("coat", serial.to_string())).collect();
    let rows: Vec<(&str, &str)> = rows
        .iter()
        .map(|(item, serial)| (*item, serial.as_str()))
        .collect();
    floor.play("key enter -> ask missing in A-01-01:  + 0");
    tell(&mut floor, Some(&rows), false);
    assert!(
        floor.screen().contains("Missing in A-01-01, and 3 more"),
        "{}",
        floor.screen()
    );
}

fn any_tags() -> impl Strategy<Value = Vec<SweptTag>> {
    let words = select(vec!["COAT", "COATS", "SCARF", "DRILL", "GHOST"]);
    let tag = (
        words,
        1..12_u32,
        select(vec![Class::Sure, Class::Maybe, Class::Stray]),
    );
    vec(
        tag.prop_map(|(word, serial, class)| piece(word, &serial.to_string(), class)),
        0..40,
    )
}

/// Closes the place, and answers the facts.
fn close(floor: &mut Floor, tags: Vec<SweptTag>) -> Vec<Draft> {
    let before = floor.journal.len();
    // A tag has one class.
    let mut tags = tags;
    let mut seen = std::collections::BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.epc));
    floor.put_tags(tags, false);
    floor.act("key done");
    floor.act("key enter");
    floor.journal.split_off(before)
}

fn serials(drafts: &[Draft], is_wanted: impl Fn(&Draft) -> bool) -> Vec<(String, String)> {
    let goods = drafts
        .iter()
        .filter(|draft| is_wanted(draft))
        .filter_map(|draft| draft.goods.as_ref());
    let mut serials: Vec<_> = goods
        .flat_map(|goods| {
            goods
                .serials
                .iter()
                .map(|serial| (goods.code.clone(), serial.clone()))
        })
        .collect();
    serials.sort();
    serials
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn only_what_is_sure_counts_each_piece_once_and_the_rest_is_told(
        tags in any_tags(),
        scanned in vec((select(vec!["COAT", "SCARF"]), 1..12_u32), 0..4),
    ) {
        let mut floor = sweeping(count(&["@A-01-01"]));
        for (word, serial) in &scanned {
            floor.act(&format!("scan (01){word}(21){serial}"));
            floor.act("key enter");
        }
        let by_barcode = serials(&floor.journal, |_| true);
        let drafts = close(&mut floor, tags.clone());
        let counted = serials(&drafts, |draft| draft.act == Act::Counted);
        let told = serials(&drafts, |draft| draft.act == Act::Reported);
        let mut once = counted.clone();
        once.dedup();
        prop_assert_eq!(&once, &counted, "each piece once");
        prop_assert!(counted.iter().all(|piece| !by_barcode.contains(piece)), "no piece twice");
        prop_assert!(told.iter().all(|piece| !counted.contains(piece)), "what counts is not doubted");
        let sure_tags = tags.iter().filter(|tag| tag.class == Class::Sure);
        let sure: Vec<String> = sure_tags.map(|tag| tag.epc.to_string()).collect();
        for draft in drafts.iter().filter(|draft| draft.act == Act::Counted) {
            let raw = draft.raw.as_ref().unwrap();
            prop_assert!(raw.text.split(' ').all(|epc| sure.iter().any(|known| known == epc)), "no maybe posts");
            let goods = draft.goods.as_ref().unwrap();
            let pieces = i64::try_from(goods.serials.len()).unwrap();
            prop_assert_eq!(goods.pack.times(pieces), Some(goods.quantity));
        }
        for draft in drafts.iter().filter(|draft| draft.act == Act::Reported) {
            prop_assert_eq!(draft.exception.as_ref().map(|report| report.code), Some(ExceptionCode::Unsure));
        }
    }

    #[test]
    fn the_order_in_which_tags_were_heard_is_nobodys_business(tags in any_tags(), seed in any::<u64>()) {
        let mut seen = std::collections::BTreeSet::new();
        let tags: Vec<SweptTag> = tags.into_iter().filter(|tag| seen.insert(tag.epc)).collect();
        let mut turned = tags.clone();
        let length = turned.len().max(1);
        turned.rotate_left(usize::try_from(seed % length as u64).unwrap());
        turned.reverse();
        let floor = sweeping(count(&["@A-01-01"]));
        let (mut one, mut other) = (floor.clone(), floor);
        prop_assert_eq!(close(&mut one, tags), close(&mut other, turned));
    }
}

#[test]
fn the_figures_of_a_place_nobody_swept_are_none() {
    let floor = sweeping(count(&["@A-01-01"]));
    let figures = crate::Catalogue::sweep(
        &floor.catalogue,
        &TaskId::from("C1"),
        &LocationId::from("A-01-01"),
    );
    assert_eq!(figures, Some(SweepFigures::default()));
    assert_eq!(Session::new().radio(&floor.catalogue), Radio::Scan);
}
