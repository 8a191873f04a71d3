//! Goods go out: picked into the totes of a cart, handed over, packed into a carton, loaded onto a truck.

use crate::house::{BOLT, House, MILK, NUT, Worker, pieces};

const CART: &str = "task,kind,reference,line,item,quantity,location,into
P-5,pick,WAVE-5,1,BOLT,2,A-01,21
P-5,,,2,NUT,1,A-02,22
";
const ZONE: &str = "task,kind,reference,tote,hand_over,line,item,quantity,location
P-6,pick,ZONE-6,23,DOCK-1,1,BOLT,1,A-01
";
const PACK: &str = "task,kind,reference,tote,weigh,line,item,quantity
K-1,pack,PK-1,21,yes,1,BOLT,2
";
const LOAD: &str = "task,kind,reference,dock,vehicle,checks,line,handling_unit
L-1,load,TOUR-1,DOCK-1,TRUCK-7,seal,1,100
L-1,,,,,,2,101
";

/// Two pieces for one order and one for another, on one way through the aisle.
async fn picks_into_the_cart(picker: &mut Worker) {
    picker.scans(&["]C0WAVE-5", "]C0LOC-A-01", BOLT], "go").await;
    picker.scans(&["]C0TOTE-22", NUT], "reject").await;
    picker.scans(&["]C0TOTE-21", BOLT], "accept").await;
    picker.scans(&["]C0LOC-A-02", NUT], "go").await;
    picker.scans(&["]C0TOTE-22"], "accept").await;
    assert_eq!(picker.press("done").await, "accept", "{}", picker.screen());
}

/// What is in the tote goes into a carton, which is weighed.
async fn packs(packer: &mut Worker) {
    packer.scans(&["]C0PK-1", "]C0TOTE-100"], "go").await;
    packer.scans(&[BOLT], "accept").await;
    packer.scans(&[MILK], "reject").await;
    packer.scans(&[BOLT], "accept").await;
    assert_eq!(packer.press("done").await, "ask", "{}", packer.screen());
    packer.types("12.5").await;
    assert_eq!(packer.press("enter").await, "accept", "{}", packer.screen());
}

#[tokio::test]
async fn a_cart_of_totes_is_picked_while_the_network_is_down() {
    let house = House::open().await;
    house.plan(CART).await;
    let mut picker = house.device("picker").await;
    house.network().cut();
    picks_into_the_cart(&mut picker).await;
    house.network().mend();

    house.synced(&[&picker]).await;
    assert_eq!(house.stock("handling_unit", "21").await, pieces(&[("BOLT", 2)]));
    assert_eq!(house.stock("handling_unit", "22").await, pieces(&[("NUT", 1)]));
    assert_eq!(house.stock("location", "A-01").await, pieces(&[("BOLT", 18)]));
    assert_eq!(house.task_state("P-5").await, "done");
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn a_tote_is_handed_over_to_the_next_zone() {
    let house = House::open().await;
    house.plan(ZONE).await;
    let mut picker = house.device("picker").await;
    picker.scans(&["]C0ZONE-6", "]C0LOC-A-01"], "go").await;
    picker.scans(&[BOLT], "accept").await;
    picker.scans(&[NUT], "reject").await;
    picker.scans(&["]C0LOC-DOCK-1"], "accept").await;

    house.synced(&[&picker]).await;
    assert_eq!(house.task_state("P-6").await, "done");
    assert_eq!(house.stock("handling_unit", "23").await, pieces(&[("BOLT", 1)]));
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![picker]).await;
}

#[tokio::test]
async fn an_order_is_picked_packed_and_loaded_and_the_truck_has_it() {
    let house = House::open().await;
    for tasks in [CART, PACK, LOAD] {
        house.plan(tasks).await;
    }
    let mut worker = house.device("outbound").await;
    picks_into_the_cart(&mut worker).await;
    house.network().cut();
    packs(&mut worker).await;
    house.network().mend();
    house.synced(&[&worker]).await;
    assert_eq!(house.stock("handling_unit", "21").await, pieces(&[]));
    assert_eq!(house.stock("handling_unit", "100").await, pieces(&[("BOLT", 2)]));
    assert_eq!(house.task_state("K-1").await, "done");

    worker.scans(&["]C0TOUR-1"], "go").await;
    // The truck first, and the right one.
    worker.scans(&["]C0TOTE-100", "]C0LOC-A-01"], "reject").await;
    worker.scans(&["]C0LOC-DOCK-1"], "go").await;
    worker.scans(&["]C0TOTE-22"], "reject").await;
    worker.scans(&["]C0TOTE-100"], "accept").await;
    // A carton is missing: it is told before the doors close. Then the seal is asked for.
    assert_eq!(worker.press("done").await, "ask");
    assert!(worker.screen().contains("101"), "{}", worker.screen());
    assert_eq!(worker.press("enter").await, "ask", "{}", worker.screen());
    worker.types("4711").await;
    assert_eq!(worker.press("enter").await, "accept", "{}", worker.screen());

    house.synced(&[&worker]).await;
    assert_eq!(house.stock("vehicle", "TRUCK-7").await, pieces(&[("BOLT", 2)]));
    assert_eq!(house.stock("handling_unit", "100").await, pieces(&[]));
    assert_eq!(house.task_state("L-1").await, "done");
    assert_eq!(house.open_exceptions().await, ["short"]);
    house.close(vec![worker]).await;
}

#[tokio::test]
async fn a_carton_taken_off_the_truck_again_is_in_the_house_again() {
    let house = House::open().await;
    for tasks in [CART, PACK, LOAD] {
        house.plan(tasks).await;
    }
    let mut worker = house.device("outbound").await;
    picks_into_the_cart(&mut worker).await;
    packs(&mut worker).await;
    worker.scans(&["]C0TOUR-1", "]C0LOC-DOCK-1"], "go").await;
    worker.scans(&["]C0TOTE-100"], "accept").await;
    assert_eq!(worker.press("undo").await, "accept", "{}", worker.screen());

    house.synced(&[&worker]).await;
    assert_eq!(house.stock("vehicle", "TRUCK-7").await, pieces(&[]));
    assert_eq!(house.stock("handling_unit", "100").await, pieces(&[("BOLT", 2)]));
    assert_eq!(house.task_state("L-1").await, "open");
    house.close(vec![worker]).await;
}
