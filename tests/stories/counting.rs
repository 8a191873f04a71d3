//! Bins are counted.

use tallyman_hub::ledger::{Decision, Resolution};

use crate::house::{BOLT, House, NUT, SITE, pieces};

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
