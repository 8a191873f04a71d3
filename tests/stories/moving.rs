//! Goods are put away, brought to where they are picked, and moved; what nobody planned is begun on the floor.

use tallyman_floor::Quantity;

use crate::house::{BOLT, BOLT_CASE, House, NUT, lists, pieces};

const PUTAWAY: &str = "task,kind,reference,line,item,quantity,location,to,why
U-1,putaway,PA-1,1,BOLT,13,DOCK-1,A-03,empty
";
const REPLENISH: &str = "task,kind,reference,line,item,quantity,location,to
N-1,replenish,RE-1,1,BOLT,6,A-01,A-03
";
const MOVE: &str = "task,kind,reference,line,item,quantity,location,to
M-1,move,MO-1,1,NUT,20,A-02,A-03
";

#[tokio::test]
async fn what_came_in_is_put_away_while_the_network_is_down() {
    let house = House::open().await;
    house.plan(PUTAWAY).await;
    let mut receiver = house.device("dock").await;
    receiver.scans(&["]C0PO-1"], "go").await;
    receiver.scans(&[BOLT_CASE, BOLT], "accept").await;
    assert_eq!(receiver.press("escape").await, "go", "{}", receiver.screen());
    receiver.scans(&["]C0PA-1"], "go").await;

    house.network().cut();
    receiver.scans(&[BOLT_CASE], "go").await;
    // Nobody has planned nuts: they are asked about, and stay where they are.
    receiver.scans(&[NUT], "ask").await;
    receiver.station.press("escape").await.expect("the key arrives");
    receiver.scans(&["]C0LOC-A-03"], "accept").await;
    receiver.scans(&[BOLT], "go").await;
    receiver.scans(&["]C0LOC-A-03"], "accept").await;
    // What was set down is taken back, and set down again.
    assert_eq!(receiver.press("undo").await, "accept", "{}", receiver.screen());
    receiver.scans(&["]C0LOC-A-03"], "accept").await;
    assert_eq!(receiver.press("done").await, "accept", "{}", receiver.screen());
    house.network().mend();

    house.synced(&[&receiver]).await;
    assert_eq!(house.stock("location", "A-03").await, pieces(&[("BOLT", 13)]));
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[]));
    assert_eq!(house.task_state("U-1").await, "done");
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![receiver]).await;
}

#[tokio::test]
async fn a_pick_place_is_replenished_with_less_than_was_planned() {
    let house = House::open().await;
    house.plan(REPLENISH).await;
    let mut driver = house.device("driver").await;
    driver.scans(&["]C0RE-1"], "go").await;
    driver.scans(&["]C0LOC-A-02"], "reject").await;
    driver.scans(&["]C0LOC-A-01"], "go").await;
    driver.scans(&[BOLT], "go").await;
    assert_eq!(driver.press("3").await, "ask");
    assert_eq!(driver.press("enter").await, "go", "{}", driver.screen());
    driver.scans(&["]C0LOC-A-03"], "accept").await;
    assert_eq!(driver.press("short").await, "ask");
    assert_eq!(driver.press("1").await, "accept", "{}", driver.screen());
    assert_eq!(driver.press("done").await, "accept", "{}", driver.screen());

    house.synced(&[&driver]).await;
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 16)]));
    assert_eq!(house.stock("location", "A-03").await, pieces(&[("BOLT", 4)]));
    assert_eq!(house.task_state("N-1").await, "done");
    assert_eq!(house.open_exceptions().await, ["short"]);
    house.close(vec![driver]).await;
}

#[tokio::test]
async fn two_devices_move_the_same_goods_and_a_supervisor_is_told() {
    let house = House::open().await;
    house.plan(MOVE).await;
    let mut first = house.device("first").await;
    let mut second = house.device("second").await;
    house.network().cut();
    for worker in [&mut first, &mut second] {
        worker.scans(&["]C0MO-1", "]C0LOC-A-02", NUT], "go").await;
        assert_eq!(worker.press("1").await, "ask");
        worker.types("1").await;
        assert_eq!(worker.press("enter").await, "go", "{}", worker.screen());
        worker.scans(&["]C0LOC-A-03"], "accept").await;
    }
    house.network().mend();

    house.synced(&[&first, &second]).await;
    // Both say that they carried twelve of twenty: both are believed, and somebody has to look.
    assert_eq!(house.stock("location", "A-03").await, pieces(&[("NUT", 24)]));
    assert_eq!(house.stock("location", "A-02").await, pieces(&[("NUT", -4)]));
    assert_eq!(house.open_exceptions().await, ["moved_too_much", "negative_bin"]);
    house.close(vec![first, second]).await;
}

#[tokio::test]
async fn a_move_that_nobody_planned_is_begun_without_the_hub_and_arrives_as_a_task() {
    let house = House::open().await;
    let mut mover = house.device("mover").await;
    house.network().cut();
    assert_eq!(mover.press("menu").await, "ask", "{}", mover.screen());
    assert_eq!(mover.press("1").await, "ask", "{}", mover.screen());
    mover.scans(&["]C0LOC-A-02"], "accept").await;
    mover.scans(&[NUT, NUT], "go").await;
    mover.scans(&["]C0LOC-A-03"], "accept").await;
    assert_eq!(mover.press("done").await, "accept", "{}", mover.screen());
    house.network().mend();

    house.synced(&[&mover]).await;
    assert_eq!(house.stock("location", "A-02").await, pieces(&[("NUT", 18)]));
    assert_eq!(house.stock("location", "A-03").await, pieces(&[("NUT", 2)]));
    assert_eq!(
        house.begun_tasks().await,
        [("move".to_owned(), "done".to_owned())]
    );
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![mover]).await;
}

#[tokio::test]
async fn a_found_pallet_is_recorded_where_it_stands_and_a_supervisor_is_told() {
    let house = House::open().await;
    let mut mover = house.device("mover").await;
    assert_eq!(mover.press("menu").await, "ask", "{}", mover.screen());
    assert_eq!(mover.press("2").await, "ask", "{}", mover.screen());
    mover
        .scans(&["]C100395211010000000024", "]C0LOC-A-03", BOLT_CASE], "accept")
        .await;
    assert_eq!(mover.press("done").await, "accept", "{}", mover.screen());

    house.synced(&[&mover]).await;
    assert_eq!(house.stock("location", "A-03").await, pieces(&[("BOLT", 12)]));
    assert_eq!(
        house.begun_tasks().await,
        [("move".to_owned(), "done".to_owned())]
    );
    let told = house.open_exceptions().await;
    // What is on it was told: nobody has to find that out.
    assert_eq!(told, ["found_goods", "found_goods"]);
    house.close(vec![mover]).await;
}

#[tokio::test]
async fn a_count_begun_on_the_floor_is_compared_with_the_book() {
    let house = House::open().await;
    let mut counter = house.device("counter").await;
    house.network().cut();
    assert_eq!(counter.press("menu").await, "ask", "{}", counter.screen());
    assert_eq!(counter.press("3").await, "ask", "{}", counter.screen());
    counter.scans(&["]C0LOC-A-03", NUT], "accept").await;
    assert_eq!(counter.press("done").await, "ask");
    assert_eq!(counter.press("enter").await, "accept", "{}", counter.screen());
    assert_eq!(counter.press("done").await, "accept", "{}", counter.screen());
    house.network().mend();

    house.synced(&[&counter]).await;
    assert_eq!(
        house.begun_tasks().await,
        [("count".to_owned(), "done".to_owned())]
    );
    assert_eq!(house.stock("location", "A-03").await, pieces(&[]));
    assert_eq!(house.open_exceptions().await, ["count_variance"]);
    let screen = counter.station.screen();
    assert!(lists(&screen, "SO-1"), "back at the list: {}", screen.as_text());
    assert_eq!(
        house.stock("location", "A-02").await["NUT"],
        Quantity::whole(20).unwrap()
    );
    house.close(vec![counter]).await;
}
