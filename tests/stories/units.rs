//! Handling units on their way through the house, with the ledger knowing where each stands; and stock that is looked up.

use tallyman_hub::ledger::views::StockAsked;

use crate::house::{House, SITE, Worker, pieces};

/// A pallet's label as the scanner sends it, and its number.
const PALLET_LABEL: &str = "]C100395211010000000024";
const PALLET: &str = "395211010000000024";

const RECEIPT: &str = "task,kind,reference,dock,line,item,quantity,handling_unit
R-7,receive,PO-7,DOCK-1,1,BOLT,48,395211010000000024
R-7,,,,2,NUT,6,395211010000000024
";
const ONWARD: &str = "task,kind,reference,line,handling_unit,location,to
U-7,putaway,PA-7,1,395211010000000024,DOCK-1,A-03
N-7,replenish,RE-7,1,395211010000000024,A-03,DOCK-1
";
const PICK: &str = "task,kind,reference,line,handling_unit,location
P-7,pick,SO-7,1,395211010000000024,DOCK-1
";
const LOAD: &str = "task,kind,reference,dock,vehicle,line,handling_unit
L-7,load,TOUR-7,DOCK-1,TRUCK-7,1,395211010000000024
";

/// Where the ledger has a handling unit.
async fn place_of(house: &House, unit: &str) -> Option<String> {
    let asked = StockAsked::HandlingUnit(unit.to_owned());
    let told = house.hub().ledger().stock_told(SITE.to_owned(), asked).await;
    told.expect("a ledger").stands_at.map(|account| account.place)
}

async fn receives(worker: &mut Worker) {
    worker.scans(&["]C0PO-7"], "go").await;
    worker.scans(&[PALLET_LABEL], "accept").await;
    assert_eq!(worker.press("escape").await, "go", "{}", worker.screen());
}

async fn loads(worker: &mut Worker) {
    worker.scans(&["]C0TOUR-7", "]C0LOC-DOCK-1"], "go").await;
    worker.scans(&[PALLET_LABEL], "accept").await;
    assert_eq!(worker.press("done").await, "accept", "{}", worker.screen());
}

#[tokio::test]
async fn a_pallet_is_received_put_away_replenished_and_loaded_and_the_ledger_knows_where_it_stands() {
    let house = House::open().await;
    for tasks in [RECEIPT, ONWARD, LOAD] {
        house.plan(tasks).await;
    }
    let mut worker = house.device("driver").await;
    let whole = pieces(&[("BOLT", 48), ("NUT", 6)]);
    receives(&mut worker).await;
    house.synced(&[&worker]).await;
    assert_eq!(place_of(&house, PALLET).await.as_deref(), Some("DOCK-1"));
    assert_eq!(house.stock("location", "DOCK-1").await, whole);

    worker.scans(&["]C0PA-7", PALLET_LABEL], "go").await;
    worker.scans(&["]C0LOC-A-03"], "accept").await;
    assert_eq!(worker.press("done").await, "accept", "{}", worker.screen());
    house.synced(&[&worker]).await;
    assert_eq!(place_of(&house, PALLET).await.as_deref(), Some("A-03"));
    assert_eq!(house.stock("location", "A-03").await, whole);
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[]));

    worker
        .scans(&["]C0RE-7", "]C0LOC-A-03", PALLET_LABEL], "go")
        .await;
    worker.scans(&["]C0LOC-DOCK-1"], "accept").await;
    assert_eq!(worker.press("done").await, "accept", "{}", worker.screen());
    house.synced(&[&worker]).await;
    assert_eq!(place_of(&house, PALLET).await.as_deref(), Some("DOCK-1"));
    assert_eq!(house.stock("location", "DOCK-1").await, whole);

    loads(&mut worker).await;
    house.synced(&[&worker]).await;
    assert_eq!(place_of(&house, PALLET).await.as_deref(), Some("TRUCK-7"));
    assert_eq!(house.stock("vehicle", "TRUCK-7").await, whole);
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[]));
    assert_eq!(house.stock("suspense", "A-03").await, pieces(&[]));
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![worker]).await;
}

#[tokio::test]
async fn a_pallet_is_moved_before_its_receipt_arrives() {
    let house = House::open().await;
    for tasks in [RECEIPT, ONWARD] {
        house.plan(tasks).await;
    }
    let mut dock = house.device("dock").await;
    let mut driver = house.device("driver").await;
    dock.station.stop().await.expect("an orderly end");
    driver.scans(&["]C0PA-7", PALLET_LABEL], "go").await;
    driver.scans(&["]C0LOC-A-03"], "accept").await;
    house.synced(&[&driver]).await;
    assert_eq!(house.open_exceptions().await, ["unit_found"]);
    assert_eq!(place_of(&house, PALLET).await.as_deref(), Some("A-03"));

    dock.station.restart().await.expect("it starts");
    receives(&mut dock).await;
    house.synced(&[&dock]).await;
    assert_eq!(
        house.stock("location", "A-03").await,
        pieces(&[("BOLT", 48), ("NUT", 6)])
    );
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[]));
    assert_eq!(place_of(&house, PALLET).await.as_deref(), Some("A-03"));
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![dock, driver]).await;
}

#[tokio::test]
async fn a_whole_pallet_is_picked_by_one_scan_and_loaded() {
    let house = House::open().await;
    for tasks in [RECEIPT, PICK, LOAD] {
        house.plan(tasks).await;
    }
    let mut worker = house.device("picker").await;
    receives(&mut worker).await;
    house.network().cut();
    worker.scans(&["]C0SO-7", "]C0LOC-DOCK-1"], "go").await;
    worker.scans(&[PALLET_LABEL], "accept").await;
    assert_eq!(worker.press("done").await, "accept", "{}", worker.screen());
    house.network().mend();
    house.synced(&[&worker]).await;
    let whole = pieces(&[("BOLT", 48), ("NUT", 6)]);
    assert_eq!(house.stock("handling_unit", PALLET).await, whole);
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[]));
    assert_eq!(place_of(&house, PALLET).await, None, "it is with the picker");
    assert_eq!(house.task_state("P-7").await, "done");

    loads(&mut worker).await;
    house.synced(&[&worker]).await;
    assert_eq!(house.stock("vehicle", "TRUCK-7").await, whole);
    assert_eq!(house.stock("handling_unit", PALLET).await, pieces(&[]));
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![worker]).await;
}

#[tokio::test]
async fn stock_is_looked_up_and_the_unit_is_named_with_its_place() {
    let house = House::open().await;
    house.plan(RECEIPT).await;
    let mut worker = house.device("driver").await;
    receives(&mut worker).await;
    house.synced(&[&worker]).await;

    assert_eq!(worker.press("menu").await, "ask", "{}", worker.screen());
    let menu = worker.station.screen().question.expect("the menu").choices;
    let place = menu
        .iter()
        .position(|choice| choice.label.contains("Look up stock"));
    let key = (place.expect("the entry") + 1).to_string();
    assert_eq!(worker.press(&key).await, "ask", "{}", worker.screen());
    worker.scans(&[PALLET_LABEL], "ask").await;
    let told =
        |text: &'static str| move |screen: &tallyman_sim::heard::Screen| screen.as_text().contains(text);
    let answer = worker
        .station
        .screen_that("what is on it", told("48 each · DOCK-1"))
        .await;
    assert!(answer.is_ok(), "{}", worker.screen());
    worker.scans(&["]C0LOC-DOCK-1"], "ask").await;
    let answer = worker
        .station
        .screen_that("what is at the dock", told("48 each · 395211010000000024"))
        .await;
    assert!(answer.is_ok(), "{}", worker.screen());
    worker.scans(&[crate::house::BOLT], "ask").await;
    let answer = worker
        .station
        .screen_that("where it is", told("DOCK-1 · 395211010000000024"))
        .await;
    assert!(answer.is_ok(), "{}", worker.screen());

    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![worker]).await;
}
