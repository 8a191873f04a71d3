//! The cache of the hub's words, and the catalogue over it.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use jiff::Timestamp;
use tallyman_codes::Rules;
use tallyman_floor::wire::v1::{HoldBody, HoldsBody, LocationBody, ReasonsBody, WorkerBody};
use tallyman_floor::words::Language;
use tallyman_floor::{Catalogue as _, ItemId, LocationId, task_key};
use tallyman_floor::{ExceptionCode, WorkerId};

use crate::seams::{Change, World as _};
use crate::store::StoreCatalogue;

use super::*;

pub(crate) fn task(id: &str, reference: &str, priority: i32, lines: u32) -> TaskBody {
    TaskBody {
        id: id.to_owned(),
        site: "north".to_owned(),
        kind: TaskKindBody::Pick(PickBody::default()),
        revision: 1,
        state: "open".to_owned(),
        reference: reference.to_owned(),
        priority,
        assigned_to: None,
        quantity_entry: "each_scan".to_owned(),
        claim: None,
        doubts: Vec::new(),
        lines: (1..=lines).map(line).collect(),
    }
}

fn line(number: u32) -> LineBody {
    LineBody {
        number,
        item: Some(format!("I{number}")),
        expected_micro: Some(10_000_000),
        location: Some(format!("A-{number:04}")),
        lot: None,
        expiry_min: None,
        owner: None,
        confirmed_micro: 0,
        closed: false,
        ..LineBody::default()
    }
}

pub(crate) fn item(id: &str, code: &str) -> ItemBody {
    ItemBody {
        id: id.to_owned(),
        name: format!("Item {id}"),
        unit: "each".to_owned(),
        codes: vec![ItemCodeBody {
            code: code.to_owned(),
            unit: "each".to_owned(),
            pack_micro: 1_000_000,
        }],
        lot: false,
        serial: false,
        expiry: false,
        owner: None,
        ..ItemBody::default()
    }
}

pub(crate) fn delta(cursor: &str, applied: Place) -> Delta {
    Delta {
        generation: "g1".to_owned(),
        cursor: cursor.to_owned(),
        reset: false,
        more: false,
        applied: Mark {
            epoch: applied.epoch,
            seq: applied.seq,
        },
        tasks: Vec::new(),
        removed_tasks: Vec::new(),
        items: Vec::new(),
        locations: Vec::new(),
        site_rules: None,
        server_time: "2026-11-23T09:00:00Z".parse().unwrap(),
        ..Delta::default()
    }
}

pub(super) fn catalogue(fixture: &Fixture) -> StoreCatalogue {
    let rules = Arc::new(Rules::new(jiff::civil::date(2026, 11, 23)));
    let next = fixture.store.next_place();
    StoreCatalogue::open(
        &fixture.path(),
        SiteId::new("north"),
        Language::English,
        rules,
        next,
    )
    .unwrap()
}

async fn take(fixture: &Fixture, world: &mut StoreCatalogue, part: Delta) -> Vec<Change> {
    let swept = fixture
        .store
        .cache(CacheChange {
            part: part.clone(),
            last: true,
        })
        .await
        .unwrap();
    let changes = world.cached(&part);
    if swept {
        world.rebuild(fixture.store.next_place()).unwrap();
    }
    changes
}

fn confirmed(world: &StoreCatalogue, task: &str, line: u32) -> i64 {
    world
        .progress(&TaskId::new(task))
        .line(LineNumber(line))
        .quantity
        .as_whole()
        .unwrap()
}

#[tokio::test]
async fn a_list_of_tasks_is_known_without_their_lines() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    let part = Delta {
        tasks: vec![task("T", "SO-1", 0, 3), task("U", "SO-2", 1, 3)],
        ..delta("c1", at(1, 0))
    };
    take(&fixture, &mut world, part).await;
    let listed = |world: &StoreCatalogue| -> Vec<(String, u32)> {
        let tasks = world.open_tasks();
        assert!(tasks.iter().all(|task| task.lines.is_empty()));
        tasks
            .iter()
            .map(|task| (task.id.to_string(), task.revision))
            .collect()
    };
    let of = |rows: &[(&str, u32)]| -> Vec<(String, u32)> {
        rows.iter()
            .map(|(id, revision)| ((*id).to_owned(), *revision))
            .collect()
    };
    assert_eq!(listed(&world), of(&[("U", 1), ("T", 1)]));
    assert_eq!(world.task(&TaskId::new("U")).unwrap().lines.len(), 3);

    // What a worker has ended is listed no more, whether the whole task was looked at before or not.
    let ended = |task: &str| Draft {
        act: Act::TaskClosed,
        goods: None,
        ..picked(task, 1, 1)
    };
    for (id, left) in [("T", &[("U", 1)][..]), ("U", &[])] {
        let drafts = vec![ended(id)];
        let places = fixture.commit(drafts.clone()).await.unwrap();
        world.committed(&places, &drafts);
        assert_eq!(listed(&world), of(left));
        assert_eq!(listed(&catalogue(&fixture)), of(left), "after a restart");
    }

    // The hub says something else of a task.
    let part = Delta {
        tasks: vec![
            TaskBody {
                revision: 2,
                ..task("T", "SO-1", 5, 3)
            },
            task("V", "SO-3", 0, 1),
        ],
        removed_tasks: vec!["U".to_owned()],
        ..delta("c2", at(1, 2))
    };
    take(&fixture, &mut world, part).await;
    assert_eq!(listed(&world), of(&[("T", 2), ("V", 1)]));
}

#[tokio::test]
async fn what_the_hub_said_of_the_site_is_known_again_after_a_restart() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    let ann = WorkerId::new("ANN");
    assert!(world.holds().is_none() && world.worker(&ann).is_none());
    let pin_hash = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(8, 1, 1, None).unwrap(),
    )
    .hash_password_with_salt(b"4711", &[7; 16])
    .unwrap()
    .to_string();
    let said = Delta {
        location_details: vec![LocationBody {
            id: "A-0001".to_owned(),
            check_digits: Some("42".to_owned()),
            zone: None,
        }],
        holds: Some(HoldsBody {
            version: 3,
            entries: vec![HoldBody {
                item: "I1".to_owned(),
                lot: Some("L1".to_owned()),
                reason: "recall".to_owned(),
            }],
        }),
        workers: Some(vec![WorkerBody {
            id: "ANN".to_owned(),
            name: "Ann".to_owned(),
            language: Some("de".to_owned()),
            pin_hash: Some(pin_hash),
        }]),
        reasons: Some(vec![ReasonsBody {
            code: "short".to_owned(),
            reasons: vec!["eaten".to_owned()],
        }]),
        ..delta("c1", at(1, 0))
    };
    take(&fixture, &mut world, said).await;
    let told: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
    assert_eq!(world.holds().unwrap().heard, Some(told));
    let later: Timestamp = "2026-11-23T09:05:00Z".parse().unwrap();
    world.up_to_date(later);
    assert_eq!(world.holds().unwrap().heard, Some(later));

    let mut again = catalogue(&fixture);
    let holds = again.holds().unwrap();
    assert_eq!(holds.heard, None, "the hub was not heard of since the start");
    let is_held = |lot| holds.of(&ItemId::new("I1"), lot).is_some();
    assert_eq!((is_held(Some("L1")), is_held(Some("L2"))), (true, false));
    let place = LocationId::new("A-0001");
    let known = again.location(&place).unwrap();
    assert_eq!(
        (known.check_digits.as_deref(), known.zone.as_deref()),
        (Some("42"), None)
    );
    assert!(again.location(&LocationId::new("A-0002")).is_none());
    assert_eq!(again.worker(&ann).unwrap().language, Some(Language::German));
    assert!(again.is_pin_of(&ann, "4711") && !again.is_pin_of(&ann, "4712"));
    assert_eq!(again.reasons(ExceptionCode::Short), ["eaten"]);
    assert!(
        !again.reasons(ExceptionCode::Damaged).is_empty(),
        "the usual ones"
    );
    assert!(again.take_fault().is_none());
}

#[tokio::test]
async fn lookups_find_what_was_cached() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    assert_eq!(
        world.has_location(&LocationId::new("A-0001")),
        None,
        "nobody told the locations"
    );
    let mut done = task("T4", "SO-4", 9, 1);
    done.state = "done".to_owned();
    let first = Delta {
        tasks: vec![
            task("T2", "so-2", 5, 2),
            task("T1", "SO-1", 5, 1),
            task("T3", "SO-3", 7, 1),
            done,
        ],
        items: vec![item("I1", "04006381333931"), item("I2", "X"), item("I3", "X")],
        locations: vec!["A-0001".to_owned()],
        site_rules: Some(vec![SiteRuleBody {
            pattern: "B-<.+>".to_owned(),
            kind: "badge".to_owned(),
        }]),
        ..delta("c1", at(1, 0))
    };
    take(&fixture, &mut world, first).await;
    let ids: Vec<_> = world
        .open_tasks()
        .iter()
        .map(|task| task.id.as_str().to_owned())
        .collect();
    assert_eq!(ids, ["T3", "T1", "T2"], "most urgent first, then by reference");
    assert_eq!(
        world.find_reference("SO-2").unwrap().id.as_str(),
        "T2",
        "without regard to case"
    );
    assert!(world.find_reference("SO-4").is_none(), "it is done");
    let key = |id: &str| task_key(&TaskId::new(id));
    let handed = world.find_handed_over(&key("T2"));
    assert_eq!(handed.unwrap().id.as_str(), "T2", "by a code of another device");
    assert!(world.find_handed_over(&key("T4")).is_none(), "it is done");
    assert!(world.task(&TaskId::new("T4")).is_some());
    let (found, code) = world.find_code("04006381333931").unwrap();
    assert_eq!((found.id.as_str(), code.unit.as_str()), ("I1", "each"));
    assert!(world.find_code("X").is_none(), "a code of two items is a guess");
    assert_eq!(world.item(&ItemId::new("I3")).unwrap().name, "Item I3");
    assert_eq!(world.has_location(&LocationId::new("A-0001")), Some(true));
    assert_eq!(world.has_location(&LocationId::new("A-0002")), Some(false));
    assert_eq!(fixture.store.site_rules().unwrap().len(), 1);
    assert!(world.take_fault().is_none());

    // An item that lost a code and changed its name.
    let second = Delta {
        items: vec![ItemBody {
            name: "New".to_owned(),
            ..item("I3", "Z")
        }],
        ..delta("c2", at(1, 0))
    };
    take(&fixture, &mut world, second).await;
    assert_eq!(world.find_code("X").unwrap().0.id.as_str(), "I2");
    assert_eq!(world.find_code("Z").unwrap().0.name, "New");
    assert!(world.find_code("04006381333931").is_some());

    // A code that was scanned before, and that another item claims as well from now on.
    let third = Delta {
        items: vec![item("I4", "04006381333931")],
        ..delta("c3", at(1, 0))
    };
    take(&fixture, &mut world, third).await;
    assert!(world.find_code("04006381333931").is_none(), "it is a guess now");
    let (_, opened) = fixture.reopen_after(|_| ());
    assert_eq!(opened.cursor.as_deref(), Some("c3"));
}

#[tokio::test]
async fn progress_is_the_hubs_figures_and_own_facts_after_their_mark() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    let cached = |confirmed: i64, applied: u64| {
        let mut body = task("T", "SO-1", 0, 2);
        body.lines[0].confirmed_micro = confirmed * 1_000_000;
        Delta {
            tasks: vec![body],
            ..delta("c", at(1, applied))
        }
    };
    take(&fixture, &mut world, cached(0, 0)).await;
    let pick = async |world: &mut StoreCatalogue, draft: Draft| {
        let places = fixture.commit(vec![draft.clone()]).await.unwrap();
        world.committed(&places, &[draft]);
        places[0]
    };
    assert_eq!(world.next_confirmation(), (1, 1));
    for _ in 0..3 {
        pick(&mut world, picked("T", 1, 2)).await;
    }
    let last = pick(&mut world, picked("T", 2, 5)).await;
    assert_eq!((confirmed(&world, "T", 1), confirmed(&world, "T", 2)), (6, 5));
    assert_eq!(world.next_confirmation(), (1, 5));

    // The hub has two of them, and another device's ten.
    let changes = take(&fixture, &mut world, cached(14, 2)).await;
    assert_eq!(changes, [Change::Figures], "the same revision is no other work");
    assert_eq!((confirmed(&world, "T", 1), confirmed(&world, "T", 2)), (16, 5));
    assert_eq!(world.own_facts(), 2);

    // Taken back.
    let undo = reversed(&picked("T", 2, 5), last);
    pick(&mut world, undo).await;
    assert_eq!(confirmed(&world, "T", 2), 0);

    // A restart derives the same from the journal.
    let again = catalogue(&fixture);
    assert_eq!((confirmed(&again, "T", 1), confirmed(&again, "T", 2)), (16, 0));
    assert_eq!(again.own_facts(), world.own_facts());

    // A new epoch moves what the hub lacks; it counts once.
    fixture
        .store
        .begin_epoch(2, at(1, 2), HubStory::default())
        .await
        .unwrap();
    world.rebuild(fixture.store.next_place()).unwrap();
    assert_eq!((confirmed(&world, "T", 1), confirmed(&world, "T", 2)), (16, 0));
    assert_eq!(world.next_confirmation(), (2, 4));
}

#[tokio::test]
async fn serial_numbers_stay_known_when_the_hub_has_counted_them() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    let mut draft = picked("T", 1, 1);
    if let Some(goods) = &mut draft.goods {
        goods.item = Some(ItemId::new("DRILL"));
        goods.serials = vec!["SN-5".to_owned()];
    }
    let cached = |confirmed: i64, applied: u64| {
        let mut body = task("T", "SO-1", 0, 1);
        body.lines[0].confirmed_micro = confirmed * 1_000_000;
        Delta {
            tasks: vec![body],
            ..delta("c", at(1, applied))
        }
    };
    let knows = |world: &StoreCatalogue| {
        let progress = world.progress(&TaskId::new("T"));
        (
            confirmed(world, "T", 1),
            progress.has_serial(&ItemId::new("DRILL"), "SN-5"),
        )
    };
    take(&fixture, &mut world, cached(0, 0)).await;
    let places = fixture.commit(vec![draft.clone()]).await.unwrap();
    world.committed(&places, std::slice::from_ref(&draft));
    assert_eq!(knows(&world), (1, true));
    take(&fixture, &mut world, cached(1, 1)).await;
    assert_eq!(
        knows(&world),
        (1, true),
        "the figures have the piece, the journal its number"
    );
    assert_eq!(knows(&catalogue(&fixture)), (1, true), "and after a restart");
    let undo = reversed(&draft, places[0]);
    let places = fixture.commit(vec![undo.clone()]).await.unwrap();
    world.committed(&places, &[undo]);
    assert_eq!(knows(&world), (0, false));
    assert_eq!(knows(&catalogue(&fixture)), (0, false));
}

#[tokio::test]
async fn a_changed_or_withdrawn_task_is_told_to_the_session() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    take(
        &fixture,
        &mut world,
        Delta {
            tasks: vec![task("T", "SO-1", 0, 1)],
            ..delta("c1", at(1, 0))
        },
    )
    .await;
    world.task(&TaskId::new("T")).unwrap();
    let mut next = task("T", "SO-1", 0, 2);
    next.revision = 2;
    let changes = take(
        &fixture,
        &mut world,
        Delta {
            tasks: vec![next],
            ..delta("c2", at(1, 0))
        },
    )
    .await;
    assert!(changes.contains(&Change::Task(TaskId::new("T"))));
    assert_eq!(world.task(&TaskId::new("T")).unwrap().lines.len(), 2);
    let removed = Delta {
        removed_tasks: vec!["T".to_owned()],
        ..delta("c3", at(1, 0))
    };
    assert!(
        take(&fixture, &mut world, removed)
            .await
            .contains(&Change::Task(TaskId::new("T")))
    );
    assert!(world.task(&TaskId::new("T")).is_none());
}

#[tokio::test]
async fn a_reset_keeps_what_is_in_use_until_the_new_round_is_complete() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    let first = Delta {
        tasks: vec![task("OLD", "SO-1", 0, 1), task("BOTH", "SO-2", 0, 1)],
        items: vec![item("I-OLD", "1")],
        locations: vec!["L-OLD".to_owned()],
        ..delta("c1", at(1, 0))
    };
    take(&fixture, &mut world, first).await;
    let page = Delta {
        reset: true,
        more: true,
        tasks: vec![task("NEW", "SO-3", 0, 1)],
        ..delta("c2", at(1, 0))
    };
    take(&fixture, &mut world, page).await;
    for id in ["OLD", "BOTH", "NEW"] {
        assert!(
            world.task(&TaskId::new(id)).is_some(),
            "{id} while the round is under way"
        );
    }

    // The power goes between two pages: the round goes on where it was.
    let (fixture, opened) = fixture.reopen_after(|_| ());
    assert_eq!(opened.cursor.as_deref(), Some("c2"));
    let mut world = catalogue(&fixture);
    let page = Delta {
        tasks: vec![task("BOTH", "SO-2", 0, 1)],
        ..delta("c3", at(1, 0))
    };
    take(&fixture, &mut world, page).await;
    assert!(world.task(&TaskId::new("OLD")).is_none());
    assert!(world.find_code("1").is_none() && world.item(&ItemId::new("I-OLD")).is_none());
    assert_eq!(world.has_location(&LocationId::new("L-OLD")), Some(false));
    for id in ["BOTH", "NEW"] {
        assert!(world.task(&TaskId::new(id)).is_some(), "{id} after the round");
    }
}

#[tokio::test]
async fn a_cached_row_that_is_damaged_voids_the_verdict() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    take(
        &fixture,
        &mut world,
        Delta {
            tasks: vec![task("T", "SO-1", 0, 1)],
            ..delta("c1", at(1, 0))
        },
    )
    .await;
    let (fixture, _) = fixture.reopen_after(|path| meddle(path, "UPDATE task SET body = substr(body, 9)"));
    let mut world = catalogue(&fixture);
    assert!(world.task(&TaskId::new("T")).is_none());
    assert!(matches!(world.take_fault(), Some(StoreError::Unreadable(_))));
    assert!(world.take_fault().is_none(), "it is told once");
}

#[tokio::test]
async fn a_code_linked_here_is_known_at_once_and_after_a_restart() {
    let fixture = store_with(0).await;
    let mut world = catalogue(&fixture);
    let items = |codes: [&str; 2]| Delta {
        items: ["I1", "I2"]
            .iter()
            .zip(codes)
            .map(|(id, code)| item(id, code))
            .collect(),
        ..delta("c", at(1, 0))
    };
    take(&fixture, &mut world, items(["C1", "C2"])).await;
    let mut link = picked("T", 1, 6);
    link.act = Act::CodeLinked;
    if let Some(goods) = &mut link.goods {
        goods.item = Some(ItemId::new("I1"));
        goods.code = "NEW".to_owned();
        goods.unit = "case".to_owned();
        goods.pack = Quantity::whole(6).unwrap();
    }
    let means = |world: &StoreCatalogue| {
        let found = world.find_code("NEW");
        found.map(|(item, code)| (item.id.to_string(), code.unit, code.pack.as_whole()))
    };
    assert_eq!(means(&world), None);
    let places = fixture.commit(vec![link.clone()]).await.unwrap();
    world.committed(&places, std::slice::from_ref(&link));
    let linked = Some(("I1".to_owned(), "case".to_owned(), Some(6)));
    assert_eq!(means(&world), linked);
    assert_eq!(means(&catalogue(&fixture)), linked, "after a restart");

    // What the hub says of the code outweighs it.
    take(&fixture, &mut world, items(["C1", "NEW"])).await;
    let told = Some(("I2".to_owned(), "each".to_owned(), Some(1)));
    assert_eq!(means(&world), told);
    take(&fixture, &mut world, items(["NEW", "NEW"])).await;
    assert_eq!(means(&world), None, "two items claim it");
    take(&fixture, &mut world, items(["C1", "C2"])).await;
    assert_eq!(means(&world), linked);

    // Taken back.
    let undo = reversed(&link, places[0]);
    let places = fixture.commit(vec![undo.clone()]).await.unwrap();
    world.committed(&places, &[undo]);
    assert_eq!(means(&world), None);
    assert_eq!(means(&catalogue(&fixture)), None);
    assert!(world.take_fault().is_none());
}

#[tokio::test]
async fn a_cache_that_a_program_without_pictures_filled_is_filled_anew() {
    let fixture = store_with(0).await;
    let part = Delta {
        reset: true,
        items: vec![item("I1", "X")],
        ..delta("c1", at(1, 0))
    };
    let change = CacheChange { part, last: true };
    fixture.store.cache(change.clone()).await.unwrap();
    let (fixture, opened) = fixture.reopen_after(|_| {});
    assert_eq!(opened.cursor.as_deref(), Some("c1"));
    // As that program left it: the row said nothing of what was kept.
    let (fixture, opened) = fixture.reopen_after(|path| {
        let store = rusqlite::Connection::open(path).unwrap();
        let body: String = store
            .query_row("SELECT body FROM state WHERE name = 'cache'", [], |row| {
                row.get(0)
            })
            .unwrap();
        let body = body.replace(",\"kept\":1", "");
        assert!(!body.contains("kept"));
        let hash = ChainHash::of_record(ChainHash::START, "cache", 0, 0, body.as_bytes());
        store
            .execute(
                "UPDATE state SET body = ?1, hash = ?2 WHERE name = 'cache'",
                (body, hash.as_bytes().as_slice()),
            )
            .unwrap();
    });
    assert_eq!(opened.cursor, None, "the next request gets everything");
    fixture.store.cache(change).await.unwrap();
    let (_, opened) = fixture.reopen_after(|_| {});
    assert_eq!(opened.cursor.as_deref(), Some("c1"));
}
