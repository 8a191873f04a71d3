//! Counts that a supervisor makes, and how far they are covered.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tallyman_floor::wire::v1::{TaskBody, TaskKindBody};

use super::bench::{Bench, Handheld, Store, counted, get, on_both_stores, picked, text};
use super::browser::Browser;
use crate::ImportKind;
use crate::ledger::inventory::CoverState;
use crate::ledger::people::Role;
use crate::ledger::views::ExceptionFilter;

on_both_stores![
    a_supervisor_makes_counts,
    what_cannot_be_counted_is_said,
    an_inventory_is_covered_location_by_location,
    what_nobody_counts_any_more_is_counted_by_one_click,
    what_moves_around_the_cut_off_is_told_until_the_place_is_counted,
    what_moved_since_a_cut_off_in_the_past_is_told_once,
];

const LOCATIONS: &str = "location,zone\nA-10,Aisle A\nB-01,Cold\nB-02,Cold\nB-03,Cold\n";

/// A site with locations in three zones, a supervisor, and a handheld.
async fn site(store: Store) -> (Bench, Browser, Handheld) {
    let bench = Bench::new(store).await;
    bench.import("main", ImportKind::Locations, LOCATIONS).await;
    bench.person("lena", Role::Supervisor, "main").await;
    let lena = Browser::of(&bench, "lena").await;
    let device = bench.device("main", "Handheld 1").await;
    (bench, lena, device)
}

fn led_to(response: &Response) -> String {
    let to = response.headers().get(header::LOCATION);
    to.map_or_else(String::new, |to| to.to_str().unwrap().to_owned())
}

/// The open tasks of a count, as a device gets them.
async fn made(bench: &Bench, device: &Handheld, name: &str) -> Vec<TaskBody> {
    let mut tasks = device.delta(bench, None).await.tasks;
    tasks.retain(|task| task.id.starts_with(&format!("{name}-")));
    tasks.sort_by(|one, other| one.id.cmp(&other.id));
    tasks
}

fn places(task: &TaskBody) -> Vec<&str> {
    let lines = task.lines.iter();
    lines.filter_map(|line| line.location.as_deref()).collect()
}

fn scope(task: &TaskBody) -> &str {
    match &task.kind {
        TaskKindBody::Count(plan) => &plan.scope,
        _ => "",
    }
}

async fn a_supervisor_makes_counts(store: Store) {
    let (bench, lena, device) = site(store).await;
    // What is asked for, the name of its tasks, and the locations of each. A-01 is in the open count C-1.
    for (fields, name, expected) in [
        (
            vec![("kind", "locations"), ("locations", "A-02, A-10\nA-01")],
            "CC-1",
            vec![vec!["A-02", "A-10"]],
        ),
        (
            vec![("kind", "zone"), ("zone", "Cold"), ("per_task", "2")],
            "CC-2",
            vec![vec!["B-01", "B-02"], vec!["B-03"]],
        ),
        (
            vec![("kind", "inventory_zone"), ("zone", "Aisle A")],
            "PI-3",
            vec![vec!["A-01", "A-02", "A-10"]],
        ),
        (
            vec![("kind", "inventory"), ("cut_off", "2026-11-22T22:00")],
            "PI-4",
            vec![
                vec!["A-01", "A-02", "A-10"],
                vec!["B-01", "B-02", "B-03"],
                vec!["DOCK-1"],
            ],
        ),
    ] {
        let response = lena.post(&bench, "/site/main/counts", &fields).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{fields:?}");
        let number = name.split_once('-').unwrap().1;
        assert_eq!(led_to(&response), format!("/site/main/counts/{number}"));
        let tasks = made(&bench, &device, name).await;
        assert_eq!(tasks.iter().map(places).collect::<Vec<_>>(), expected, "{name}");
        let is_inventory = name.starts_with("PI");
        let word = if is_inventory {
            "physical_inventory"
        } else {
            "cycle"
        };
        assert!(tasks.iter().all(|task| scope(task) == word), "{name}");
        let page = lena.page(&bench, &led_to(&response)).await;
        assert!(page.contains(name), "{page}");
    }
    let page = lena.page(&bench, "/site/main/counts").await;
    assert!(page.contains("2026-11-22 22:00 UTC"), "the cut-off: {page}");
    assert!(
        page.contains("PI-4") && page.contains("0 of 7 locations"),
        "{page}"
    );
    // C-1 counts A-01, so that the item is counted in the other place.
    bench
        .hub
        .ledger()
        .cancel_task("main".to_owned(), "CC-1-01".to_owned(), bench.hub.now())
        .await
        .unwrap();
    for name in ["PI-3-01", "PI-4-01"] {
        let cancelled = bench
            .hub
            .ledger()
            .cancel_task("main".to_owned(), name.to_owned(), bench.hub.now());
        assert!(cancelled.await.unwrap());
    }
    let response = lena
        .post(&bench, "/site/main/counts", &[("kind", "item"), ("item", "MILK")])
        .await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let tasks = made(&bench, &device, "CC-5").await;
    assert_eq!(places(&tasks[0]), ["A-02"]);
    assert_eq!(tasks[0].lines[0].item.as_deref(), Some("MILK"));
    assert_eq!(tasks[0].lines[0].expected_micro, None, "blind");
    let trail = bench.trail().await;
    let rows = trail.iter().filter(|row| row.action == "count.make");
    assert_eq!(rows.count(), 5);
    bench.check().await;
}

async fn what_cannot_be_counted_is_said(store: Store) {
    let (bench, lena, device) = site(store).await;
    for (fields, said) in [
        (
            vec![("kind", "locations"), ("locations", "A-02 X-9")],
            "no location X-9",
        ),
        (
            vec![("kind", "locations"), ("locations", " ,\n")],
            "which locations",
        ),
        (
            vec![("kind", "locations"), ("locations", "A-01")],
            "in open counts already",
        ),
        (vec![("kind", "zone"), ("zone", "Roof")], "has no locations"),
        (vec![("kind", "zone")], "which zone"),
        (vec![("kind", "item"), ("item", "DRILL")], "lies in no location"),
        (vec![("kind", "item")], "which item"),
        (vec![("kind", "")], "what is to be counted"),
        (vec![("kind", "inventory"), ("per_task", "0")], "1 to 500"),
        (
            vec![("kind", "inventory"), ("cut_off", "tomorrow")],
            "a day and a time",
        ),
        (
            vec![("kind", "inventory"), ("cut_off", "1926-11-22T22:00")],
            "more than a year",
        ),
    ] {
        let response = lena.post(&bench, "/site/main/counts", &fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        let page = text(response).await;
        assert!(page.contains(said), "{fields:?}: {page}");
    }
    assert!(made(&bench, &device, "CC-1").await.is_empty());
    assert!(made(&bench, &device, "PI-1").await.is_empty());
    // A task of that name that somebody imported is never overwritten.
    let tasks = "task,kind,line,item,location\nPI-1-01,count,1,,A-02\n";
    bench.import("main", ImportKind::Tasks, tasks).await;
    let response = lena
        .post(&bench, "/site/main/counts", &[("kind", "inventory")])
        .await;
    assert_eq!(led_to(&response), "/site/main/counts/2");
    let missing = bench.ask(get("/site/main/counts/9", None)).await;
    assert_ne!(missing.status(), StatusCode::OK);
}

impl Bench {
    /// The locations of a count with how each stands.
    async fn cover_of(&self, number: i64) -> Vec<(String, CoverState)> {
        self.hub.tend_counts("main").await;
        let cover = self.hub.ledger().cover("main".to_owned(), number);
        let rows = cover.await.unwrap().unwrap().rows.into_iter();
        rows.map(|row| (row.place.location, row.state)).collect()
    }
}

fn states(cover: &[(String, CoverState)]) -> Vec<(&str, CoverState)> {
    cover
        .iter()
        .map(|(location, state)| (location.as_str(), *state))
        .collect()
}

async fn an_inventory_is_covered_location_by_location(store: Store) {
    let (bench, lena, mut device) = site(store).await;
    let zone = [("kind", "inventory_zone"), ("zone", "Cold")];
    lena.post(&bench, "/site/main/counts", &zone).await;
    let end = |line: u32, location: &str| json!({ "act": "location_counted", "task": "PI-1-01", "line": line, "to": { "location": location } });
    // B-01 is empty as the book says, B-02 has milk that nobody knew, B-03 cannot be reached.
    device.confirm(end(1, "B-01"));
    device.confirm(counted("PI-1-01", 2, "MILK", 1, "B-02"));
    device.send_all(&bench).await;
    assert_eq!(
        states(&bench.cover_of(1).await),
        [
            ("B-01", CoverState::Counted),
            ("B-02", CoverState::Begun),
            ("B-03", CoverState::Open)
        ]
    );
    let page = lena.page(&bench, "/site/main/counts/1").await;
    assert!(page.contains("2 locations are left"), "{page}");
    assert!(
        page.contains("ANNA") && page.contains("Handheld 1"),
        "who counted: {page}"
    );
    assert!(page.contains("2026-11-23 08:00 UTC"), "when: {page}");
    device.confirm(end(2, "B-02"));
    device.confirm(json!({
        "act": "line_closed", "task": "PI-1-01", "line": 3, "from": { "location": "B-03" },
        "exception": { "code": "not_reachable", "reason": "too_high" }
    }));
    device.send(&bench, 3, 4).await;
    assert_eq!(
        states(&bench.cover_of(1).await),
        [
            ("B-01", CoverState::Counted),
            ("B-02", CoverState::Differs),
            ("B-03", CoverState::NotReached)
        ]
    );
    let page = lena
        .page(&bench, "/site/main/counts/1?state=differs&zone=Cold")
        .await;
    assert!(page.contains("B-02") && !page.contains("B-01"), "{page}");
    let page = lena
        .page(&bench, "/site/main/counts/1?state=open&zone=%3Cb%3E")
        .await;
    assert!(!page.contains("<b>"), "{page}");
    // What was taken back is not counted.
    let mut reversal = end(1, "B-01");
    reversal["reverses"] = json!({ "epoch": 1, "seq": 1, "act": "location_counted" });
    reversal["act"] = json!("reversed");
    device.confirm(reversal);
    device.send(&bench, 5, 5).await;
    assert_eq!(bench.cover_of(1).await[0].1, CoverState::Open);
    bench.check().await;
}

async fn what_nobody_counts_any_more_is_counted_by_one_click(store: Store) {
    let (bench, lena, mut device) = site(store).await;
    let zone = [("kind", "inventory_zone"), ("zone", "Cold")];
    lena.post(&bench, "/site/main/counts", &zone).await;
    let cancelled = bench
        .hub
        .ledger()
        .cancel_task("main".to_owned(), "PI-1-01".to_owned(), bench.hub.now());
    assert!(cancelled.await.unwrap());
    let cover = bench.cover_of(1).await;
    assert!(
        cover.iter().all(|(_, state)| *state == CoverState::LeftOut),
        "{cover:?}"
    );
    let page = lena.page(&bench, "/site/main/counts/1").await;
    assert!(
        page.contains("Have 3 locations counted that no open task counts"),
        "{page}"
    );
    let again = [("kind", "locations"), ("locations", "B-01\nB-02\nB-03")];
    let response = lena.post(&bench, "/site/main/counts", &again).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    device.confirm(
        json!({ "act": "location_counted", "task": "CC-2-01", "line": 1, "to": { "location": "B-01" } }),
    );
    device.send_all(&bench).await;
    let cover = bench.cover_of(1).await;
    assert_eq!(
        cover[0].1,
        CoverState::Counted,
        "whatever task it was counted for"
    );
    assert_eq!(cover[1].1, CoverState::LeftOut);
}

impl Bench {
    /// What is open about cut-offs: the place, how many movements, and what is said.
    async fn crossings(&self) -> Vec<(String, Option<i64>, String)> {
        self.hub.tend_counts("main").await;
        let filter = ExceptionFilter {
            state: Some("open".to_owned()),
            kind: Some("cut_off_crossed".to_owned()),
        };
        let open = self.hub.ledger().exceptions("main".to_owned(), filter);
        let open = open.await.unwrap().into_iter();
        open.map(|each| {
            (
                each.location,
                each.found.and_then(|found| found.as_whole()),
                each.message,
            )
        })
        .collect()
    }
}

async fn what_moves_around_the_cut_off_is_told_until_the_place_is_counted(store: Store) {
    let (bench, lena, mut counter) = site(store).await;
    let mut picker = bench.device("main", "Handheld 2").await;
    picker.say_drained(&bench).await;
    let pick = |minute: u32, line: u32, from: &str| {
        let mut body = picked("P-1", line, "MILK", 1, from);
        body["wall"] = json!(format!("2026-11-23T08:{minute:02}:00Z"));
        body
    };
    // The cut-off is at minute 10. What the hub has before it is nobody's question.
    picker.confirm(pick(1, 1, "A-01"));
    picker.send_with(&bench, 1, 1, 1).await;
    bench.clock.advance(Duration::from_secs(10 * 60));
    let whole = [("kind", "inventory")];
    let response = lena.post(&bench, "/site/main/counts", &whole).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert!(bench.crossings().await.is_empty());
    // Done before the cut-off, and told after it.
    bench.clock.advance(Duration::from_secs(5 * 60));
    picker.confirm(pick(5, 1, "A-01"));
    picker.send_with(&bench, 2, 2, 1).await;
    let told = bench.crossings().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].0.as_str(), told[0].1), ("A-01", Some(1)));
    assert!(told[0].2.contains("after the cut-off of PI-1"), "{told:?}");
    // Moved after it, at a place that nobody has counted yet; and once more at the first.
    picker.confirm(pick(14, 2, "A-02"));
    picker.confirm(pick(14, 1, "A-01"));
    picker.send_with(&bench, 3, 4, 2).await;
    let mut told = bench.crossings().await;
    told.sort();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((told[0].0.as_str(), told[0].1), ("A-01", Some(2)));
    assert!(
        told[1].2.contains("between the cut-off of PI-1 and its count"),
        "{told:?}"
    );
    // The count knows of all that: 17 of 20 are there, and nothing differs.
    bench.clock.advance(Duration::from_secs(5 * 60));
    let at = |mut body: Value| {
        body["wall"] = json!("2026-11-23T08:20:00Z");
        body
    };
    let mut cream = counted("PI-1-01", 1, "CREAM", 5, "A-01");
    cream["goods"]["lot"] = json!("L1");
    counter.confirm(at(counted("PI-1-01", 1, "MILK", 17, "A-01")));
    counter.confirm(at(cream));
    let end =
        json!({ "act": "location_counted", "task": "PI-1-01", "line": 1, "to": { "location": "A-01" } });
    counter.confirm(at(end));
    counter.send_all(&bench).await;
    let kinds = bench.exceptions().await;
    assert_eq!(kinds, ["cut_off_crossed", "cut_off_crossed"], "no wrong variance");
    // Counted: what moves now is of another day.
    bench.clock.advance(Duration::from_secs(5 * 60));
    picker.confirm(pick(24, 1, "A-01"));
    picker.send_with(&bench, 5, 5, 1).await;
    let mut told = bench.crossings().await;
    told.sort();
    assert_eq!((told.len(), told[0].1), (2, Some(2)));
    let page = lena.page(&bench, "/site/main/exceptions").await;
    assert!(page.contains("Moved around the cut-off"), "{page}");
    bench.check().await;
}

async fn what_moved_since_a_cut_off_in_the_past_is_told_once(store: Store) {
    // Whether the hub has looked at the movements already when the inventory is made.
    for is_looked_at in [false, true] {
        let (bench, lena, _) = site(store).await;
        let mut picker = bench.device("main", "Handheld 2").await;
        let picks: u64 = if is_looked_at { 600 } else { 3 };
        for number in 0..picks {
            let quantity = i64::from(number == 0);
            picker.confirm(picked("P-1", 1, "MILK", 1 + quantity, "A-01"));
        }
        picker.send_with(&bench, 1, 1, picks).await;
        bench.clock.advance(Duration::from_secs(60 * 10));
        for first in (2..=picks).step_by(200) {
            let last = picks.min(first + 199);
            picker.send_with(&bench, first, last, picks + 1 - first).await;
        }
        bench.hub.tend_counts("main").await;
        bench.clock.advance(Duration::from_secs(60 * 10));
        // The first came before the cut-off, the others after it.
        let fields = [("kind", "inventory"), ("cut_off", "2026-11-23T08:05")];
        let response = lena.post(&bench, "/site/main/counts", &fields).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        for _ in 0..2 {
            let told = bench.crossings().await;
            let expected = i64::try_from(picks).unwrap() - 1;
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!((told[0].0.as_str(), told[0].1), ("A-01", Some(expected)));
        }
        bench.check().await;
    }
}
