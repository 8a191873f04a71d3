//! Why something was accepted, asked after the shift: at the hub, and at the device itself.

use std::path::Path;
use std::process::{Command, Output};

use tallyman_floor::trace::{Glimpse, Replay, Sameness};
use tallyman_floor::wire::trace::StepBody;

use crate::house::{BOLT, House, MILK, NUT, Worker, program};

/// The steps of [`a_day`].
const STEPS: usize = 15;

/// A picker's day: what is right, what is wrong, an undo, a short line, and a question left open.
async fn a_day(picker: &mut Worker) {
    picker.scans(&["]C0SO-1"], "go").await;
    picker.scans(&["]C0LOC-A-01"], "reject").await;
    picker.scans(&["]C0TOTE-17", "]C0LOC-A-01"], "go").await;
    picker.scans(&[MILK], "reject").await;
    picker.scans(&[BOLT, BOLT, "]C0CMD-UNDO", BOLT], "accept").await;
    picker.scans(&["]C0LOC-A-02"], "go").await;
    picker.scans(&["]E09521101530002"], "reject").await;
    picker.scans(&[NUT], "accept").await;
    assert_eq!(picker.press("short").await, "ask");
    assert_eq!(picker.press("1").await, "accept", "{}", picker.screen());
    assert_eq!(picker.press("done").await, "accept", "{}", picker.screen());
}

fn explain(arguments: &[&str]) -> (i32, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(program())
        .arg("explain")
        .args(arguments)
        .output()
        .expect("it runs");
    let text = [stdout, stderr].concat();
    (
        status.code().unwrap_or(-1),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

fn entries_of(hub: &Path) -> Vec<(u64, String)> {
    let store = rusqlite::Connection::open(hub).expect("the hub's store");
    let mut select = store
        .prepare("SELECT number, CAST(input AS TEXT) FROM trace ORDER BY number")
        .expect("traces");
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

/// Waits until the hub has the trace of all that was committed.
async fn traced(hub: &Path, steps: usize) -> Vec<(u64, String)> {
    loop {
        let entries = entries_of(hub);
        if entries.len() >= steps {
            return entries;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_step_of_a_day_is_judged_again_at_the_hub_to_the_same_verdict() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    a_day(&mut picker).await;
    house.synced(&[&picker]).await;
    let store = house.store_path();
    let entries = traced(&store, STEPS).await;

    let mut replay = Replay::default();
    for (number, entry) in &entries {
        let replayed = replay
            .play(entry)
            .unwrap_or_else(|error| panic!("{number}: {error}"));
        assert_eq!(replayed.sameness, Sameness::Same, "{number}: {entry}");
    }

    let hub = store.display().to_string();
    let of_picker = ["--store", &hub, "--device", "picker"];
    for seq in 1..=7 {
        let (code, told) = explain(&[&of_picker[..], &["--seq", &seq.to_string()]].concat());
        assert_eq!(code, 0, "{seq}: {told}");
        assert!(told.contains("by these rules the same verdict"), "{told}");
    }
    let (_, told) = explain(&[&of_picker[..], &["--seq", "1"]].concat());
    for part in [
        "(01)09521101530001",
        "Pick SO-1, line 1, at A-01, into 17",
        "picked, 1 BOLT",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    // What was refused made no confirmation, and is found by what was scanned.
    let (code, told) = explain(&[&of_picker[..], &["--scan", "9521101530025", "--json"]].concat());
    assert_eq!(code, 0, "{told}");
    let line: serde_json::Value = serde_json::from_str(told.trim()).expect("one object");
    assert_eq!(line["step"]["replay"]["outcome"], "same");
    assert_eq!(
        line["step"]["sentences"].as_array().map(Vec::len),
        Some(3),
        "{told}"
    );
    // The device's own store says the same.
    let own = picker.station.store_path().display().to_string();
    let (code, told) = explain(&["--store", &own, "--seq", "1"]);
    assert_eq!(code, 0, "{told}");

    assert_eq!(
        explain(&[&of_picker[..], &["--seq", "99"]].concat()).0,
        1,
        "there is none"
    );
    assert_eq!(explain(&of_picker).0, 2, "it is not said which");
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn another_rule_and_a_lost_entry_are_told() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    a_day(&mut picker).await;
    house.synced(&[&picker]).await;
    let path = house.store_path();
    let entries = traced(&path, STEPS).await;
    let hub = path.display().to_string();
    let ask = |seq: u64| explain(&["--store", &hub, "--device", "picker", "--seq", &seq.to_string()]);
    let number_of = |seq| {
        let made =
            |(_, entry): &&(u64, String)| Glimpse::of(entry).is_some_and(|glimpse| glimpse.has_made(1, seq));
        entries.iter().find(made).expect("an entry").0
    };
    let put = |number: u64, text: &str| {
        let store = rusqlite::Connection::open(&path).expect("the hub's store");
        store
            .execute(
                "UPDATE trace SET input = CAST(?2 AS BLOB) WHERE number = ?1",
                (number, text),
            )
            .expect("changed");
    };

    // By rules that want the lot of bolts the first one is asked about.
    for (number, entry) in &entries {
        let mut body: StepBody = serde_json::from_str(entry).expect("an entry");
        if body.said.items.iter().any(|item| item.id == "BOLT") {
            body.said.items.iter_mut().for_each(|item| item.lot = true);
            put(*number, &body.sealed());
        }
    }
    let (code, told) = ask(1);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("ANOTHER verdict: Ask(Lot"), "{told}");

    // A flipped bit, and an entry that is gone.
    let (number, entry) = &entries[0];
    put(*number, &entry.replacen("SO-1", "SO-2", 1));
    let (code, told) = ask(1);
    assert!(code == 1 && told.contains("cannot be replayed"), "{told}");
    put(number_of(1), "{}");
    let (code, told) = ask(1);
    assert!(
        code == 1 && told.contains("not in the trace that is kept"),
        "{told}"
    );
    house.close(vec![picker]).await;
}
