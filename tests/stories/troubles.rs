//! What goes wrong around the work: no network, no battery, a scanner that comes and goes, a task withdrawn.

use crate::house::{BOLT, House, NUT, pieces};

#[tokio::test]
async fn a_day_offline_then_synced() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    house.network().cut();
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT, BOLT], "accept").await;
    picker.scans(&["]C0LOC-A-02"], "go").await;
    picker.scans(&[NUT, NUT, NUT], "accept").await;
    assert_eq!(picker.press("done").await, "accept");
    assert_eq!(picker.station.waiting().await.expect("a status"), 6);
    picker.picture("offline").await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[]));

    house.network().mend();
    house.synced(&[&picker]).await;
    assert_eq!(
        house.stock("handling_unit", "17").await,
        pieces(&[("BOLT", 2), ("NUT", 3)])
    );
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn answers_that_are_swallowed_double_nothing() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    house.network().swallow_answers(3);
    picker.scans(&[BOLT, BOLT], "accept").await;
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn a_pulled_battery_resumes_on_the_exact_step() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT], "accept").await;
    let before = picker.station.screen();
    picker.station.kill().await.expect("killed");
    picker.station.restart().await.expect("started again");
    let after = picker
        .station
        .screen_that("the same step", |screen| screen.title == before.title)
        .await
        .expect("the step");
    assert_eq!(
        (after.instruction, after.big, after.lines),
        (before.instruction, before.big, before.lines)
    );
    picker.scans(&[BOLT], "accept").await;
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn half_a_code_before_an_unplugged_cable_is_no_code() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.station.send(&BOLT.as_bytes()[..9]).expect("half a code");
    picker.station.unplug_scanner().expect("unplugged");
    picker.station.plug_in_scanner().expect("plugged in");
    picker.scans(&[BOLT], "accept").await;
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 1)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn what_was_done_for_a_withdrawn_task_is_posted_and_told() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    house.network().cut();
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT], "accept").await;
    house
        .hub()
        .ledger()
        .cancel_task("main".to_owned(), "P-1".to_owned(), jiff::Timestamp::now())
        .await
        .expect("withdrawn");
    house.network().mend();
    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 1)]));
    assert_eq!(house.open_exceptions().await, ["task_cancelled"]);
    house.close(vec![picker]).await;
}
