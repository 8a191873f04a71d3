//! What holds whatever happens: any events against any tasks. A failure prints the shortest story that breaks it, as
//! rows of the tables, and the seed.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::cases::{Floor, entering, lines, task};
use crate::catalogue::Catalogue;
use crate::claim::{Claim, Doubt, Holder, Lease};
use crate::confirmation::StockStatus;
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, TaskId, WorkerId};
use crate::item::Item;
use crate::plan::{
    Against, Check, CountPlan, CountScope, Disposition, InspectPlan, LoadPlan, PackPlan, PickPlan,
    ReceivePlan, ReturnPlan,
};
use crate::progress::Progress;
use crate::session::Session;
use crate::site::{Hold, Holds, Worker};
use crate::task::{Task, TaskKind, TaskState};
use crate::verdict::Verdict;
use crate::words::Language;

/// Single events; what is likely to lead somewhere stands more than once.
const EVENTS: &[&str] = &[
    "scan DOC-P",
    "scan DOC-P",
    "scan DOC-R",
    "scan DOC-R",
    "scan DOC-C",
    "scan DOC-C",
    "scan DOC-B",
    "scan DOC-B",
    "scan DOC-A",
    "scan DOC-A",
    "scan DOC-N",
    "scan DOC-N",
    "scan DOC-M",
    "scan DOC-M",
    "scan DOC-K",
    "scan DOC-K",
    "scan DOC-L",
    "scan DOC-L",
    "scan DOC-Q",
    "scan DOC-Q",
    "key 1",
    "key 2",
    "key 3",
    "key 4",
    "key 9",
    "key 0",
    "scan T-1",
    "scan T-1",
    "scan T-2",
    "scan T-2",
    "scan T-9",
    "scan T-50",
    "scan T-50",
    "scan T-100",
    "scan T-100",
    "scan TRUCK-7",
    "scan TRUCK-7",
    "scan (3302)001250",
    "scan A-01-01",
    "scan A-01-01",
    "scan A-01-01",
    "scan A-01-02",
    "scan A-01-02",
    "scan DOCK-1",
    "scan DOCK-1",
    "scan B-01-01",
    "scan B-01-01",
    "scan B-01-02",
    "scan B-01-01 + B-01-02",
    "scan B-01-01 + BOLT",
    "key menu",
    "key menu",
    "keys menu 1",
    "keys menu 2",
    "keys menu 3",
    "key exception",
    "key exception",
    "key skip",
    "key 2",
    "scan CMD-menu",
    "scan CMD-exception",
    "scan BOLT",
    "scan BOLT",
    "scan BOLT",
    "scan CASE",
    "scan BAG-OF-BOLTS",
    "scan NUT",
    "scan NUT",
    "scan MILK",
    "scan (01)MILK(10)L1(17)271231",
    "scan (01)MILK(10)L2(17)251231",
    "scan (10)L1",
    "scan (17)271231",
    "scan (01)DRILL(21)S1",
    "scan (01)DRILL(21)S2",
    "scan DRILL",
    "scan OIL",
    "scan GHOST",
    "scan NOISE",
    "scan (01)BOLT(30)3",
    "scan (01)BOLT(37)99999999",
    "scan (00)095212345678912347",
    "scan (00)095212345678912347(02)BOLT(37)4",
    "scan BOLT + NUT",
    "scan MILK + (10)L1 + (17)271231",
    "scan A-01-01 + A-01-02",
    "scan A-01-01 + BOLT",
    "scan NOISE + BOLT",
    "scan BADGE-1",
    "scan BADGE-2",
    "scan CMD-undo",
    "scan CMD-done",
    "scan CMD-yes",
    "scan CMD-yes",
    "scan CMD-no",
    "scan CMD-short",
    "key enter",
    "key enter",
    "key enter",
    "key escape",
    "key undo",
    "key undo",
    "key done",
    "key done",
    "key short",
    "key skip",
    "key skip",
    "key exception",
    "key exception",
    "key exception",
    "key 6",
    "key 7",
    "key type",
    "key back",
    "key .",
    "key x",
    "refresh",
    "restart",
    "changed P",
    "changed R",
    "changed A",
    "changed M",
    "changed Q",
    "hub cancels P",
    "hub reopens P",
    "hub drops line 2",
    "hub restores line 2",
    "hub reverses lines",
    "hub drops line 1 of A",
    "hub restores lines of A",
    "hub cancels of M",
    "hub reopens of M",
    "hub drops line 1 of N",
    "hub restores lines of N",
    "hub doubts P",
    "hub doubts R",
    "hub doubts A",
    "hub doubts N",
    "hub doubts Q",
    "hub drops line 1 of Q",
    "hub restores lines of Q",
    "hub holds P",
    "hub frees P",
    "hub blocks milk",
    "hub releases milk",
    "changed K",
    "changed L",
    "key 2",
    "scan T-8",
    "scan T-9",
    "scan CREAM",
    "scan (01)CREAM(17)261201",
    "scan (01)CHEESE(10)L1",
    "scan (01)CHEESE(10)L1(3103)001250",
    "scan B-01-01",
    "scan DOCK-2",
    "scan NEW",
    "scan CMD-exception",
    "keys exception 2 1",
    "keys exception 4",
    "keys exception 6",
    "keys exception bolt enter",
    "keys bolt enter",
    "keys 1*3 enter",
    "key skip",
    "keys enter enter",
    "hub leases a number",
    "keys menu 4",
    "keys menu 4",
    "keys menu 5",
    "keys menu 5",
    "keys menu 6",
    "hand P",
    "hand P",
    "hand R",
    "hand C",
    "hand A",
    "scan HANDOVER-1",
    "keys 12 enter",
    "keys 12 enter",
    "scan BADGE-1",
    "scan BADGE-3",
    "hub urges R",
    "hub urges R",
    "hub urges C",
    "hub calms R",
];

/// What is brought from place to place.
const TO_MOVE: &[&str] = &[
    "bolt 3 @A-01-01 >B-01-01",
    "bolt 24 @A-01-02 >B-01-02",
    "bolt 5 >B-01-01",
    "nut 2 @A-01-01 >B-01-02",
    "nut 2 @A-01-02",
    "milk 2 @A-01-01 >B-01-01 lot L1",
    "milk 2 @A-01-01 >B-01-01 from 2027-01-01",
    "drill 2 @A-01-01 >B-01-01",
    "oil 5 @A-01-02 >B-01-01",
    "bolt 4 @A-01-01 >B-01-01 #T-1",
    "nut 4 @A-01-01 >B-01-01 #T-1",
    "@A-01-01 >B-01-01 #095212345678912347",
    "@A-01-02",
    "#T-2",
];

fn kinds() -> impl Strategy<Value = (TaskKind, TaskKind, TaskKind)> {
    let into = prop::option::of(Just(HandlingUnitId::from("T-1")));
    let hand_over = prop::option::of(Just(LocationId::from("A-01-02")));
    let pick = (into, hand_over).prop_map(|(into, hand_over)| TaskKind::Pick(PickPlan { into, hand_over }));
    let checks = vec(
        select(vec![Check::Seal, Check::Temperature, Check::Signature]),
        0..3,
    );
    let percent = || select(vec![0_u32, 10, 100]);
    let against = select(Against::ALL.to_vec());
    let receive = (percent(), percent(), checks, against).prop_map(|(over, under, checks, against)| {
        TaskKind::Receive(ReceivePlan {
            against,
            over_tolerance_percent: over,
            under_tolerance_percent: under,
            checks,
            ..ReceivePlan::at(LocationId::from("DOCK-1"))
        })
    });
    let dispositions = [
        ("as new", StockStatus::Available, "A-01-01"),
        ("opened", StockStatus::Hold, "B-01-01"),
        ("broken", StockStatus::Damaged, "DOCK-2"),
    ];
    let dispositions = dispositions.map(|(condition, status, to)| Disposition {
        condition: condition.to_owned(),
        status,
        to: LocationId::from(to),
    });
    let returned = vec(select(dispositions.to_vec()), 0..3).prop_map(|dispositions| {
        TaskKind::Return(ReturnPlan {
            dock: LocationId::from("DOCK-2"),
            dispositions,
        })
    });
    (pick, receive, returned)
}

fn outbound() -> impl Strategy<Value = [Task; 2]> {
    let from = prop::option::of(Just(HandlingUnitId::from("T-1")));
    let pack = (from, any::<bool>()).prop_map(|(from, weigh)| TaskKind::Pack(PackPlan { from, weigh }));
    let load = vec(select(Check::ALL.to_vec()), 0..3).prop_map(|checks| {
        TaskKind::Load(LoadPlan {
            door: LocationId::from("DOCK-1"),
            vehicle: "TRUCK-7".to_owned(),
            checks,
        })
    });
    let goods = [
        "bolt 3",
        "bolt 12",
        "nut 1",
        "milk 2",
        "milk 1 lot L1",
        "drill 2",
        "nut 2 #T-2",
        "bolt 1 into T-100",
    ];
    let units = ["#T-1", "#T-2", "#T-50", "bolt 3 #T-50", "milk 2 #T-9 lot L1"];
    let packed = vec(select(goods.to_vec()), 0..5);
    let loaded = vec(select(units.to_vec()), 0..5);
    let tasks = (pack, load, packed, loaded, any::<bool>());
    tasks.prop_map(|(pack, load, packed, loaded, enter)| {
        let pack = task("K", pack, lines(&packed));
        let pack = if enter { entering(pack) } else { pack };
        [pack, task("L", load, lines(&loaded))]
    })
}

fn tasks() -> impl Strategy<Value = Vec<Task>> {
    let planned = [
        "bolt 3 @A-01-01",
        "bolt 12 @A-01-02",
        "bolt 30 @A-01-01",
        "nut 1 @A-01-01",
        "nut 2 @A-01-02",
        "milk 2 @A-01-01",
        "milk 1 @A-01-02 lot L1",
        "milk 1 @A-01-01 from 2027-01-01",
        "drill 2 @A-01-01",
        "oil 5 @A-01-02",
        "nut 1",
        "bolt @A-01-01",
        "bolt 3 @A-01-01 into T-1",
        "nut 2 @A-01-01 into T-2",
        "milk 1 @A-01-02 into T-2",
        "bolt 40 @A-01-01 #T-50",
        "nut 40 @A-01-01 #T-50",
    ];
    let came_in = [
        "bolt 13",
        "nut 2",
        "milk 2",
        "milk 1 lot L1",
        "drill 2",
        "oil 5",
        "cream 3",
        "cheese 2",
        "bolt",
        "bolt 24 #T-8",
        "nut 6 #T-8",
        "nut 2 lot L1 #T-9",
        "drill 1 #T-9",
    ];
    let planned = || vec(select(planned.to_vec()), 0..5);
    let came_in = || vec(select(came_in.to_vec()), 0..6);
    let places = vec!["@A-01-01", "@A-01-02", "bolt @A-01-01", "nut @A-01-02"];
    let places = (vec(select(places), 0..4), select(CountScope::ALL.to_vec()));
    let to_move = || vec(select(TO_MOVE.to_vec()), 0..4);
    let to_move = (to_move(), to_move(), to_move());
    let entries = any::<[bool; 8]>();
    let inbound = (came_in(), came_in(), planned());
    (kinds(), planned(), inbound, places, to_move, entries, outbound()).prop_map(
        |(
            (pick, receive, returned),
            picked,
            (received, back, looked_at),
            (places, scope),
            to_move,
            entries,
            outbound,
        )| {
            let count = CountPlan {
                scope,
                not_by: vec![WorkerId::from("2")],
                ..CountPlan::default()
            };
            let tasks = [
                task("P", pick, lines(&picked)),
                task("R", receive, lines(&received)),
                task("C", TaskKind::Count(count), lines(&places)),
                task("B", returned, lines(&back)),
                task("A", TaskKind::Putaway, lines(&to_move.0)),
                task("N", TaskKind::Replenish, lines(&to_move.1)),
                task("M", TaskKind::Move, lines(&to_move.2)),
                task("Q", TaskKind::Inspect(InspectPlan::default()), lines(&looked_at)),
            ];
            let entered = tasks.into_iter().zip(entries);
            entered
                .map(|(task, enter)| if enter { entering(task) } else { task })
                .chain(outbound)
                .collect()
        },
    )
}

/// What a hub does meanwhile; the agent then tells the session.
fn hub(floor: &mut Floor, what: &str, planned: &[Task]) {
    if claims(floor, what) || holds(floor, what) {
        return;
    }
    if what == "leases a number" {
        floor.catalogue.put_handling_unit(HandlingUnitId::from("T-900"));
        return;
    }
    if let Some((what @ ("urges" | "calms"), id)) = what.split_once(' ') {
        let mut task = Task::clone(&floor.catalogue.task(&TaskId::from(id)).unwrap());
        task.priority = if what == "urges" { 500 } else { 0 };
        floor.catalogue.put_task(task);
        return;
    }
    let (what, id) = what.split_once(" of ").unwrap_or((what, "P"));
    let (what, id) = match what.strip_suffix(" P") {
        Some(what) => (what, "P"),
        None => (what, id),
    };
    let id = TaskId::from(id);
    let mut task = Task::clone(&floor.catalogue.task(&id).unwrap());
    let planned = planned.iter().find(|task| task.id == id).unwrap();
    task.revision += 1;
    match what {
        "cancels" => task.state = TaskState::Cancelled,
        "reopens" => task.state = TaskState::Open,
        "drops line 1" => task.lines.retain(|line| line.number != LineNumber(1)),
        "drops line 2" => task.lines.retain(|line| line.number != LineNumber(2)),
        "restores line 2" | "restores lines" => task.lines = planned.lines.clone(),
        "reverses lines" => task.lines.reverse(),
        other => panic!("no such deed: {other}"),
    }
    floor.catalogue.put_task(task);
    floor.act(&format!("changed {id}"));
}

/// What a hub says about who holds a task; sessions hear of it by looking.
fn claims(floor: &mut Floor, what: &str) -> bool {
    let lease = Lease {
        fence: 3,
        until: jiff::Timestamp::UNIX_EPOCH,
        renewed_ms: 1,
    };
    let doubt = Doubt {
        name: "H2".to_owned(),
        lines: vec![LineNumber(1), LineNumber(2)],
    };
    let holder = Holder {
        name: "H2".to_owned(),
        heard: lease.until,
        lease,
    };
    let (task, claim) = match what {
        "doubts P" | "doubts R" | "doubts A" | "doubts N" | "doubts Q" => {
            let (own, doubts) = (Some(lease), vec![doubt]);
            let claim = Claim {
                own,
                doubts,
                ..Claim::default()
            };
            (&what[7..], claim)
        }
        "holds P" => (
            "P",
            Claim {
                holder: Some(holder),
                ..Claim::default()
            },
        ),
        "frees P" => ("P", Claim::default()),
        _ => return false,
    };
    floor.catalogue.put_claim(TaskId::from(task), claim);
    true
}

/// What a hub says about what may not be used.
fn holds(floor: &mut Floor, what: &str) -> bool {
    let hold = Hold {
        item: ItemId::from("milk"),
        lot: Some("L1".to_owned()),
        reason: "recall".to_owned(),
    };
    let entries = match what {
        "blocks milk" => vec![hold],
        "releases milk" => Vec::new(),
        _ => return false,
    };
    floor.catalogue.put_holds(Holds {
        version: 1,
        heard: None,
        entries,
    });
    true
}

/// A device that knows these tasks, with numbers for cartons and substitutes for nuts.
fn floor(tasks: &[Task]) -> Floor {
    let mut floor = Floor::new(tasks.to_vec());
    floor
        .catalogue
        .put_handling_unit(HandlingUnitId::from("095212345678912347"));
    let nut = floor.catalogue.item(&ItemId::from("nut")).unwrap();
    floor.catalogue.put_item(Item {
        substitutes: vec![ItemId::from("bolt")],
        ..Item::clone(&nut)
    });
    for (id, language, pin) in [
        ("1", None, Some("12")),
        ("2", Some(Language::German), None),
        ("3", None, Some("4")),
    ] {
        let worker = Worker {
            id: WorkerId::from(id),
            name: format!("Worker {id}"),
            language,
            has_pin: pin.is_some(),
        };
        floor.catalogue.put_worker(worker, pin);
    }
    floor
}

fn progress(floor: &Floor) -> Vec<Progress> {
    let of = |id: &&str| Progress::clone(&floor.catalogue.progress(&TaskId::from(*id)));
    ["P", "R", "C", "B", "A", "N", "M", "K", "L", "Q"]
        .iter()
        .map(of)
        .collect()
}

/// Several keys, one by one: each is a step of its own.
fn single_keys(what: &str) -> Vec<String> {
    let Some(keys) = what.strip_prefix("keys ") else {
        return vec![what.to_owned()];
    };
    let keys = keys.split(' ').flat_map(|word| match word {
        "enter" | "exception" | "menu" => vec![format!("key {word}")],
        typed => typed
            .chars()
            .map(|character| format!("key {character}"))
            .collect(),
    });
    keys.collect()
}

/// Whether a step put something on the stack of what can be taken back.
fn is_pushed(before: &Session, after: &Session) -> bool {
    let grew = after.undo.len() > before.undo.len();
    grew || (after.undo.len() == before.undo.len() && after.undo.last() != before.undo.last())
}

/// A kind that no story has is tried by none: the compiler does not ask for it.
#[test]
fn every_kind_of_work_is_in_the_stories() {
    let stories = tasks().new_tree(&mut TestRunner::deterministic()).unwrap();
    let played: BTreeSet<_> = stories.current().iter().map(|task| task.kind.word()).collect();
    assert_eq!(played, TaskKind::WORDS.into());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// [`Floor::step`] checks after every step: the order of effects, a good sound exactly after what is synced, progress
    /// as the fold of the journal, reversals that repeat, the stored form, and the figures on the screen.
    #[test]
    fn any_story_keeps_every_promise(tasks in tasks(), story in vec(select(EVENTS), 1..80)) {
        let mut floor = floor(&tasks);
        let story = ["key 1"].into_iter().chain(story).flat_map(single_keys);
        for what in story {
            if let Some(deed) = what.strip_prefix("hub ") {
                hub(&mut floor, deed, &tasks);
                continue;
            }
            let what = what.as_str();
            let (before, figures) = (floor.session.clone(), progress(&floor));
            floor.act(what);
            if is_pushed(&before, &floor.session) {
                let mut back = floor.clone();
                let told = back.act("key undo");
                prop_assert!(told.starts_with("accept reversed") || told == "go back", "{}", told);
                prop_assert_eq!(&back.session.stage, &before.stage.at_rest(), "after {}", what);
                prop_assert_eq!(progress(&back), figures, "after {}", what);
            }
        }
    }

    /// The same story twice is the same story: nothing but events, times and the catalogue decides.
    #[test]
    fn the_same_story_has_the_same_facts(tasks in tasks(), story in vec(select(EVENTS), 1..40)) {
        let play = || {
            let mut floor = floor(&tasks);
            let mut verdicts = Vec::new();
            for what in story.iter().filter(|what| !what.starts_with("hub ")) {
                verdicts.push(floor.act(what));
            }
            (verdicts, floor.journal, floor.view)
        };
        prop_assert_eq!(play(), play());
    }

    /// Arbitrary text on labels and keys is judged, never a panic.
    #[test]
    fn any_text_is_judged(tasks in tasks(), texts in vec("[ -~äß\u{1d}]{0,30}", 1..8)) {
        let mut floor = floor(&tasks);
        for reference in [
            "DOC-P", "DOC-R", "DOC-C", "DOC-B", "DOC-A", "DOC-N", "DOC-M", "DOC-K", "DOC-L", "DOC-Q",
        ] {
            floor.act(&format!("scan {reference}"));
            for text in &texts {
                let scanning = floor.scanning(text);
                floor.step(crate::Event::Scans(vec![scanning]));
                for character in text.chars() {
                    floor.step(crate::Event::Key(crate::Key::Character(character)));
                }
            }
            while floor.session.task().is_some() {
                let verdict = floor.step(crate::Event::Key(crate::Key::Escape)).verdict;
                prop_assert!(matches!(verdict, Verdict::Go(_) | Verdict::Quiet));
            }
        }
    }
}
