//! Holds and reasons: files that are the whole list, forms of a supervisor, and what devices hear of it.

use axum::http::StatusCode;
use tallyman_floor::wire::v1::{HoldBody, ReasonsBody};

use super::bench::{Bench, Handheld, Store, on_both_stores};
use super::browser::Browser;
use crate::ledger::Imported;
use crate::ledger::people::Role;
use crate::{ImportFile, ImportKind};

on_both_stores![
    a_file_of_holds_is_the_whole_list,
    a_supervisor_holds_and_releases,
    reasons_are_told_by_code,
];

/// Holds as (item, lot, reason).
fn shown(entries: &[HoldBody]) -> Vec<(&str, &str, &str)> {
    entries
        .iter()
        .map(|hold| {
            (
                hold.item.as_str(),
                hold.lot.as_deref().unwrap_or_default(),
                hold.reason.as_str(),
            )
        })
        .collect()
}

async fn import(bench: &Bench, kind: ImportKind, text: &str) -> Imported {
    let file = ImportFile::named("list.csv", text.as_bytes());
    bench.hub.import("main", kind, &file).await.unwrap()
}

async fn next(
    bench: &Bench,
    device: &Handheld,
    cursor: &mut Option<String>,
) -> tallyman_floor::wire::v1::Delta {
    let delta = device.delta(bench, cursor.as_deref()).await;
    *cursor = Some(delta.cursor.clone());
    delta
}

async fn a_file_of_holds_is_the_whole_list(store: Store) {
    let bench = Bench::new(store).await;
    let device = bench.device("main", "Handheld 1").await;
    let elsewhere = bench.device("north", "Handheld 2").await;
    let mut cursor = None;
    let told = next(&bench, &device, &mut cursor).await.holds.unwrap();
    assert_eq!(
        (told.version, told.entries.len()),
        (0, 0),
        "nothing is on hold yet"
    );

    let done = import(
        &bench,
        ImportKind::Holds,
        "item,lot,reason\nCREAM,L1,recall\nMILK,,check\n",
    )
    .await;
    assert_eq!(done.added, 2);
    let told = next(&bench, &device, &mut cursor).await.holds.unwrap();
    assert_eq!(told.version, 1);
    assert_eq!(
        shown(&told.entries),
        [("CREAM", "L1", "recall"), ("MILK", "", "check")]
    );

    // The same list again is no change, and nobody is told.
    let same = import(
        &bench,
        ImportKind::Holds,
        "item,lot,reason\nMILK,,check\nCREAM,L1,recall\n",
    )
    .await;
    assert_eq!((same.unchanged, same.changed), (2, 0));
    assert_eq!(next(&bench, &device, &mut cursor).await.holds, None);

    let done = import(
        &bench,
        ImportKind::Holds,
        "item,lot,reason\nCREAM,L1,recall 14\nCREAM,L2,recall 14\n",
    )
    .await;
    assert_eq!((done.added, done.changed, done.removed), (1, 1, 1));
    let told = next(&bench, &device, &mut cursor).await.holds.unwrap();
    assert_eq!(told.version, 2);
    assert_eq!(
        shown(&told.entries),
        [("CREAM", "L1", "recall 14"), ("CREAM", "L2", "recall 14")]
    );

    let done = import(&bench, ImportKind::Holds, "item,lot,reason\n").await;
    assert_eq!(done.removed, 2);
    let told = next(&bench, &device, &mut cursor).await.holds.unwrap();
    assert_eq!((told.version, told.entries.len()), (3, 0));
    let of_north = elsewhere.delta(&bench, None).await.holds.unwrap();
    assert_eq!(
        (of_north.version, of_north.entries.len()),
        (0, 0),
        "each site has its own"
    );
    bench.check().await;
}

async fn a_supervisor_holds_and_releases(store: Store) {
    let bench = Bench::new(store).await;
    bench.person("lena", Role::Supervisor, "main").await;
    bench.person("nora", Role::Supervisor, "north").await;
    let (lena, nora) = (
        Browser::of(&bench, "lena").await,
        Browser::of(&bench, "nora").await,
    );
    let device = bench.device("main", "Handheld 1").await;
    let mut cursor = None;
    next(&bench, &device, &mut cursor).await;
    let before = bench.trail().await.len();

    let cream = [("item", "CREAM"), ("lot", "L1"), ("reason", "recall")];
    for _ in 0..2 {
        let response = lena.post(&bench, "/site/main/holds", &cream).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
    }
    let told = next(&bench, &device, &mut cursor).await.holds.unwrap();
    assert_eq!(told.version, 1, "the same once more is no change");
    assert_eq!(shown(&told.entries), [("CREAM", "L1", "recall")]);
    assert!(lena.page(&bench, "/site/main/holds").await.contains("recall"));

    for (fields, said) in [
        ([("item", "TEA"), ("lot", ""), ("reason", "x")], "no such item"),
        (
            [("item", "MILK"), ("lot", "L1"), ("reason", "x")],
            "Lots of this item are not recorded",
        ),
        ([("item", "MILK"), ("lot", ""), ("reason", " ")], "Say why"),
    ] {
        let response = lena.post(&bench, "/site/main/holds", &fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(super::bench::text(response).await.contains(said), "{said}");
    }
    assert_eq!(next(&bench, &device, &mut cursor).await.holds, None);

    for path in ["/site/main/holds", "/site/main/holds/release"] {
        let response = nora.post(&bench, path, &cream).await;
        assert_ne!(
            response.status(),
            StatusCode::SEE_OTHER,
            "another site's supervisor"
        );
    }
    for _ in 0..2 {
        lena.post(&bench, "/site/main/holds/release", &cream).await;
    }
    let told = next(&bench, &device, &mut cursor).await.holds.unwrap();
    assert_eq!((told.version, told.entries.len()), (2, 0));
    // Refusals of one minute are counted into one row.
    let trail = bench.trail_in_short().await;
    let of_lena: Vec<&String> = trail[before..]
        .iter()
        .filter(|row| row.starts_with("lena"))
        .collect();
    assert_eq!(
        of_lena,
        [
            "lena hold.set CREAM lot L1 done",
            "lena hold.set CREAM lot L1 unchanged",
            "lena hold.set TEA refused",
            "lena hold.release CREAM lot L1 done",
            "lena hold.release CREAM lot L1 unchanged",
        ]
    );
    bench.check().await;
}

async fn reasons_are_told_by_code(store: Store) {
    let bench = Bench::new(store).await;
    let device = bench.device("main", "Handheld 1").await;
    let mut cursor = None;
    assert_eq!(next(&bench, &device, &mut cursor).await.reasons, Some(Vec::new()));
    let done = import(
        &bench,
        ImportKind::Reasons,
        "code,number,word\nshort,2,not_found\nshort,1,empty\ndamaged,,wet\n",
    )
    .await;
    assert_eq!(done.added, 3);
    let reasons = |code: &str, words: &[&str]| ReasonsBody {
        code: code.to_owned(),
        reasons: words.iter().map(|&word| word.to_owned()).collect(),
    };
    let told = next(&bench, &device, &mut cursor).await.reasons;
    assert_eq!(
        told,
        Some(vec![
            reasons("damaged", &["wet"]),
            reasons("short", &["empty", "not_found"])
        ])
    );
    let done = import(&bench, ImportKind::Reasons, "code,number,word\nshort,1,empty\n").await;
    assert_eq!((done.unchanged, done.removed), (1, 2));
    let told = next(&bench, &device, &mut cursor).await.reasons;
    assert_eq!(told, Some(vec![reasons("short", &["empty"])]));
    import(&bench, ImportKind::Reasons, "code,number,word\nshort,1,empty\n").await;
    assert_eq!(next(&bench, &device, &mut cursor).await.reasons, None);
}
