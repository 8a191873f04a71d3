//! Goods are picked.

use crate::house::{BOLT, House, NUT, lists, pieces};

#[tokio::test]
async fn a_pick_with_a_short_line() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT, BOLT], "accept").await;
    picker.scans(&["]C0LOC-A-02"], "go").await;
    picker.scans(&[NUT], "accept").await;
    // Two of three are missing: the first reason is an empty place.
    assert_eq!(picker.press("short").await, "ask");
    assert_eq!(picker.press("1").await, "accept", "{}", picker.screen());
    assert_eq!(picker.press("done").await, "accept", "{}", picker.screen());

    house.synced(&[&picker]).await;
    assert_eq!(
        house.stock("handling_unit", "17").await,
        pieces(&[("BOLT", 2), ("NUT", 1)])
    );
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 18)]));
    assert_eq!(house.stock("location", "A-02").await, pieces(&[("NUT", 19)]));
    assert_eq!(house.open_exceptions().await, ["short"]);
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn the_wrong_item_and_the_wrong_place_do_not_count_and_say_what_to_do() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker.scans(&["]C0SO-1", "]C0TOTE-17"], "go").await;
    picker.scans(&["]C0LOC-A-02"], "reject").await;
    let answer = picker.screen();
    assert!(
        answer.contains("A-02") && answer.contains("A-01"),
        "both places are named: {answer}"
    );
    picker.scans(&["]C0LOC-A-01"], "go").await;
    picker.picture("pick").await;
    picker.scans(&[NUT], "reject").await;
    picker.picture("wrong-item").await;
    let message = picker.station.screen().message.expect("an answer");
    assert_eq!(message.tone, "bad");
    assert_eq!(
        message.sentences.len(),
        3,
        "what was scanned, what was wanted, what to do: {message:?}"
    );
    // A label with a wrong check digit is refused as such, and not looked up.
    picker.scans(&["]E09521101530002"], "reject").await;

    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn undo_takes_the_last_piece_back_on_the_device_and_in_the_ledger() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    picker
        .scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go")
        .await;
    picker.scans(&[BOLT], "accept").await;
    let before = picker.station.screen();
    picker.scans(&[BOLT], "accept").await;
    // By command code, as a glove presses no small key.
    picker.scans(&["]C0CMD-UNDO"], "accept").await;
    let after = picker.station.screen();
    assert_eq!((after.big, after.done_of), (before.big, before.done_of));

    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 1)]));
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 19)]));
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn two_devices_on_one_task_are_both_posted_and_a_supervisor_is_told() {
    let house = House::open().await;
    let mut first = house.device("first").await;
    let mut second = house.device("second").await;
    // Neither hears of the other: the network is down while both work.
    house.network().cut();
    for (worker, tote) in [(&mut first, "]C0TOTE-17"), (&mut second, "]C0TOTE-18")] {
        worker.scans(&["]C0SO-1", tote, "]C0LOC-A-01"], "go").await;
        worker.scans(&[BOLT, BOLT], "accept").await;
    }
    house.network().mend();

    house.synced(&[&first, &second]).await;
    assert_eq!(house.stock("handling_unit", "17").await, pieces(&[("BOLT", 2)]));
    assert_eq!(house.stock("handling_unit", "18").await, pieces(&[("BOLT", 2)]));
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 16)]));
    // Who of the two came second at which piece is the network's affair.
    let exceptions = house.open_exceptions().await;
    assert_eq!(exceptions.len(), 2, "{exceptions:?}");
    assert!(
        exceptions.iter().any(|kind| kind == "double_pick"),
        "{exceptions:?}"
    );
    house.close(vec![first, second]).await;
}

#[tokio::test]
async fn a_task_is_handed_over_to_another_device_by_a_code_without_the_network() {
    let house = House::open().await;
    let mut first = house.device("first").await;
    let mut second = house.device("second").await;
    house.network().cut();
    first.scans(&["]C0SO-1", "]C0TOTE-17", "]C0LOC-A-01"], "go").await;
    first.scans(&[BOLT, BOLT], "accept").await;
    first.scans(&["]C0LOC-A-02"], "go").await;
    first.scans(&[NUT], "accept").await;
    assert_eq!(first.press("menu").await, "ask", "{}", first.screen());
    let menu = first.station.screen().question.expect("the menu").choices;
    let place = menu.iter().position(|choice| choice.label.contains("Hand over"));
    let key = (place.expect("the entry") + 1).to_string();
    assert_eq!(first.press(&key).await, "go", "{}", first.screen());
    let code = first.station.screen().big.expect("the code").text;

    // The second device goes on in the place and with the tote of the first, which the hub knows nothing of.
    second.scans(&[&format!("]C0{code}")], "go").await;
    second.scans(&[NUT, NUT], "accept").await;
    assert!(!second.screen().contains("TOTE"), "{}", second.screen());
    house.network().mend();

    house.synced(&[&first, &second]).await;
    assert_eq!(
        house.stock("handling_unit", "17").await,
        pieces(&[("BOLT", 2), ("NUT", 3)])
    );
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 18)]));
    assert_eq!(house.stock("location", "A-02").await, pieces(&[("NUT", 17)]));
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![first, second]).await;
}

#[tokio::test]
async fn work_planned_during_the_shift_arrives_by_itself() {
    let house = House::open().await;
    let mut picker = house.device("picker").await;
    house
        .plan("task,kind,reference,tote,line,item,quantity,location,quantity_entry\nP-2,pick,SO-2,TOTE-9,1,NUT,4,A-02,scan_then_enter\n")
        .await;
    picker
        .station
        .screen_that("the new order", |screen| lists(screen, "SO-2"))
        .await
        .expect("it arrives");
    picker.scans(&["]C0SO-2", "]C0LOC-A-02"], "go").await;
    // One scan, then the number: four are proposed, and Enter takes them.
    picker.scans(&[NUT], "ask").await;
    assert_eq!(picker.press("enter").await, "accept", "{}", picker.screen());
    assert_eq!(picker.press("done").await, "accept");
    house.synced(&[&picker]).await;
    assert_eq!(
        house.stock("handling_unit", "TOTE-9").await,
        pieces(&[("NUT", 4)])
    );
    house.close(vec![picker]).await;
}
