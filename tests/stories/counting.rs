//! Bins are counted.

use tallyman_hub::ledger::{Decision, Resolution};

use crate::house::{BOLT, House, NUT, SITE, Worker, lists, pieces};

#[tokio::test]
async fn a_blind_count_finds_a_difference_and_a_supervisor_accepts_it() {
    let house = House::open().await;
    let mut counter = house.device("counter").await;
    counter.scans(&["]C0CS-1", "]C0LOC-A-01"], "go").await;
    // The book says twenty; the device does not know that and cannot show it.
    assert!(
        !counter.screen().contains("20"),
        "the count is blind: {}",
        counter.screen()
    );
    counter.scans(&[BOLT], "accept").await;
    // Scan one, type the rest: the first digit asks how many more.
    assert_eq!(counter.press("1").await, "ask");
    counter.types("8").await;
    assert_eq!(counter.press("enter").await, "accept", "{}", counter.screen());
    assert_eq!(counter.press("done").await, "ask");
    assert_eq!(counter.press("enter").await, "accept");
    counter.scans(&["]C0LOC-A-02"], "go").await;
    counter.scans(&[NUT], "accept").await;
    assert_eq!(counter.press("1").await, "ask");
    counter.types("9").await;
    assert_eq!(counter.press("enter").await, "accept");
    assert_eq!(counter.press("done").await, "ask");
    assert_eq!(counter.press("enter").await, "accept");
    assert_eq!(counter.press("done").await, "accept");

    house.synced(&[&counter]).await;
    assert_eq!(
        house.stock("location", "A-01").await,
        pieces(&[("BOLT", 20)]),
        "a count alone moves nothing"
    );
    assert_eq!(house.open_exceptions().await, ["count_variance"]);
    let exceptions = house
        .hub()
        .ledger()
        .exceptions(SITE.to_owned(), Default::default())
        .await
        .expect("exceptions");
    let now = jiff::Timestamp::now();
    house
        .hub()
        .ledger()
        .decide(
            SITE.to_owned(),
            exceptions[0].exception,
            Decision::plain(Resolution::AcceptCount),
            now,
        )
        .await
        .expect("decided");
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 19)]));
    assert_eq!(house.stock("location", "A-02").await, pieces(&[("NUT", 20)]));
    house.close(vec![counter]).await;
}

/// Counts so many bolts in the place of a task that is open, and ends it there.
async fn counts_bolts(worker: &mut Worker, more: &str) {
    worker.scans(&["]C0LOC-A-01"], "go").await;
    worker.scans(&[BOLT], "accept").await;
    if let Some((first, rest)) = more.split_at_checked(1) {
        assert_eq!(worker.press(first).await, "ask", "{}", worker.screen());
        worker.types(rest).await;
        assert_eq!(worker.press("enter").await, "accept", "{}", worker.screen());
    }
    assert_eq!(worker.press("done").await, "ask", "{}", worker.screen());
    assert_eq!(worker.press("enter").await, "accept", "{}", worker.screen());
}

#[tokio::test]
async fn a_count_that_is_far_off_is_counted_again_by_somebody_else() {
    let house = House::open().await;
    let mut first = house.device("first").await;
    let mut second = house.device("second").await;
    first.scans(&["]C0BADGE-ANNA", "]C0CS-1"], "go").await;
    counts_bolts(&mut first, "").await;
    house.synced(&[&first]).await;

    // The book says twenty: nobody is asked to decide before somebody else has looked.
    second.scans(&["]C0BADGE-BEN"], "go").await;
    let offered = second
        .station
        .screen_that("the recount", |screen| lists(screen, "RECOUNT A-01"))
        .await;
    assert!(offered.is_ok(), "{}", second.screen());
    assert_eq!(first.press("escape").await, "go", "{}", first.screen());
    assert!(
        !lists(&first.station.screen(), "RECOUNT"),
        "not for who counted: {}",
        first.screen()
    );
    second.scans(&["]C0RECOUNT A-01"], "go").await;
    counts_bolts(&mut second, "19").await;
    assert_eq!(second.press("done").await, "accept", "{}", second.screen());

    house.synced(&[&second]).await;
    let closed = house.open_exceptions().await;
    assert_eq!(closed, Vec::<String>::new(), "the recount agrees with the book");
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 20)]));
    house.close(vec![first, second]).await;
}
