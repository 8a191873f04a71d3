//! Sweeps of places: kept part by part, and forgotten with the facts that close the place.

use tallyman_codes::EpcBytes;
use tallyman_floor::confirmation::{ExceptionCode, ExceptionReport};
use tallyman_floor::rfid::KeptTag;
use tallyman_floor::{LocationId, Place as Where};

use super::*;
use crate::seams::{KeptSweep, SweepPart, SweepStore as _, SweptPlace};

fn place(location: &str) -> SweptPlace {
    SweptPlace {
        task: TaskId::new("T"),
        location: LocationId::new(location),
    }
}

fn tag(number: u8, packed: &[u8]) -> KeptTag {
    KeptTag {
        epc: EpcBytes::new(&[0x30, number]).unwrap(),
        packed: packed.to_vec(),
    }
}

fn part(location: &str, head: u8, tags: Vec<KeptTag>) -> SweepPart {
    SweepPart {
        place: place(location),
        anew: false,
        head: vec![head],
        tags,
    }
}

fn kept(fixture: &Fixture, location: &str) -> Option<KeptSweep> {
    fixture.store.kept_sweep(&place(location)).unwrap()
}

/// What ends the work in a place.
fn ending(act: Act, location: &str) -> Draft {
    let at = Some(Where::Location(LocationId::new(location)));
    let (from, to) = match act {
        Act::LineClosed => (at, None),
        _ => (None, at),
    };
    Draft {
        act,
        goods: None,
        from,
        to,
        exception: (act == Act::LineClosed).then_some(ExceptionReport {
            code: ExceptionCode::NotReachable,
            reason: None,
            quantity: None,
        }),
        ..picked("T", 1, 1)
    }
}

#[tokio::test]
async fn each_part_replaces_what_was_kept_of_its_tags_and_a_restart_finds_them() {
    let fixture = store_with(0).await;
    assert_eq!(kept(&fixture, "A-1"), None);
    let parts = [
        (part("A-1", 1, vec![tag(1, b"a"), tag(2, b"b")]), 2),
        (part("A-1", 2, vec![tag(2, b"c"), tag(3, b"d")]), 3),
        (part("A-1", 3, Vec::new()), 3),
        (part("A-2", 4, vec![tag(1, b"e")]), 1),
    ];
    for (part, count) in parts {
        assert_eq!(fixture.store.keep_sweep(part).await, Ok(count));
    }
    let (fixture, _) = fixture.reopen_after(|_| ());
    let tags = |tags: &[(u8, &[u8])]| {
        let tags = tags
            .iter()
            .map(|(number, packed)| (vec![0x30, *number], packed.to_vec()));
        tags.collect::<Vec<_>>()
    };
    let first = kept(&fixture, "A-1").unwrap();
    assert_eq!(
        (first.head.as_slice(), first.tags),
        (&[3][..], tags(&[(1, b"a"), (2, b"c"), (3, b"d")]))
    );
    let second = kept(&fixture, "A-2").unwrap();
    assert_eq!(second.tags, tags(&[(1, b"e")]));
    // What cannot be read is replaced whole.
    let anew = SweepPart {
        anew: true,
        ..part("A-1", 5, vec![tag(9, b"z")])
    };
    assert_eq!(fixture.store.keep_sweep(anew).await, Ok(1));
    assert_eq!(kept(&fixture, "A-1").unwrap().tags, tags(&[(9, b"z")]));
}

#[tokio::test]
async fn a_sweep_is_forgotten_with_the_facts_that_end_it_and_with_no_others() {
    for (ends, is_kept) in [
        (vec![picked("T", 1, 1)], [true, true]),
        (vec![ending(Act::LocationCounted, "A-1")], [false, true]),
        (
            vec![picked("T", 1, 1), ending(Act::LocationCounted, "A-2")],
            [true, false],
        ),
        (vec![ending(Act::LineClosed, "A-1")], [false, true]),
        (vec![ending(Act::TaskClosed, "A-9")], [false, false]),
        (
            vec![Draft {
                work: picked("OTHER", 1, 1).work,
                ..ending(Act::LocationCounted, "A-1")
            }],
            [true, true],
        ),
    ] {
        let fixture = store_with(0).await;
        for location in ["A-1", "A-2"] {
            let part = part(location, 1, vec![tag(1, b"a")]);
            fixture.store.keep_sweep(part).await.unwrap();
        }
        let refused = StepCommit {
            expected: at(1, 99),
            drafts: ends.clone(),
            session: "{}".to_owned(),
            trace: Vec::new(),
        };
        fixture.store.commit(refused).await.unwrap_err();
        let found = |fixture: &Fixture| ["A-1", "A-2"].map(|location| kept(fixture, location).is_some());
        assert_eq!(
            found(&fixture),
            [true, true],
            "a commit that fails forgets nothing"
        );
        let acts: Vec<Act> = ends.iter().map(|draft| draft.act).collect();
        fixture.commit(ends).await.unwrap();
        assert_eq!(found(&fixture), is_kept, "{acts:?}");
        // As a pulled battery leaves it.
        assert_eq!(found(&fixture.copy()), is_kept, "{acts:?}");
    }
}

#[tokio::test]
async fn more_places_than_anybody_leaves_half_done_are_not_kept() {
    let fixture = store_with(0).await;
    for number in 0..70 {
        let part = part(&format!("A-{number}"), 1, vec![tag(1, b"a")]);
        fixture.store.keep_sweep(part).await.unwrap();
    }
    let is_kept = |number: i32| kept(&fixture, &format!("A-{number}")).is_some();
    assert_eq!((0..70).filter(|number| is_kept(*number)).count(), 64);
    assert!(!is_kept(5) && is_kept(6) && is_kept(69));
    let connection = Connection::open(fixture.path()).unwrap();
    let tags: i64 = connection
        .query_row("SELECT count(*) FROM swept_tag", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tags, 64);
}
