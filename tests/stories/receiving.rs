//! Goods come in.

use crate::house::{BOLT, BOLT_CASE, House, MILK, MILK_WITH_LOT, NUT, pieces};

#[tokio::test]
async fn a_receipt_by_case_and_piece_with_lot_and_expiry() {
    let house = House::open().await;
    let mut receiver = house.device("dock").await;
    receiver.scans(&["]C0PO-1"], "go").await;
    // A case of twelve and one loose piece fill the line of thirteen.
    receiver.scans(&[BOLT_CASE, BOLT], "accept").await;
    // This label says lot and expiry; the other one only the item, so both are asked for.
    receiver.scans(&[MILK_WITH_LOT], "accept").await;
    receiver.scans(&[MILK], "ask").await;
    receiver.types("7").await;
    assert_eq!(receiver.press("enter").await, "ask", "{}", receiver.screen());
    receiver.types("291231").await;
    assert_eq!(receiver.press("enter").await, "accept", "{}", receiver.screen());
    assert_eq!(receiver.press("done").await, "accept");

    house.synced(&[&receiver]).await;
    assert_eq!(
        house.stock("location", "DOCK-1").await,
        pieces(&[("BOLT", 13), ("MILK", 2)])
    );
    assert_eq!(
        house.stock("supplier", "").await,
        pieces(&[("BOLT", -13), ("MILK", -2)])
    );
    assert_eq!(house.open_exceptions().await, Vec::<String>::new());
    house.close(vec![receiver]).await;
}

#[tokio::test]
async fn more_than_expected_is_asked_and_then_recorded_as_over() {
    let house = House::open().await;
    let mut receiver = house.device("dock").await;
    receiver.scans(&["]C0PO-1"], "go").await;
    receiver.scans(&[BOLT_CASE], "accept").await;
    receiver.scans(&[BOLT_CASE], "ask").await;
    assert_eq!(receiver.press("enter").await, "accept", "{}", receiver.screen());

    house.synced(&[&receiver]).await;
    // What is more than the 13 expected is held apart until somebody decides.
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[("BOLT", 13)]));
    assert_eq!(
        house.stock("over_receipt", "DOCK-1").await,
        pieces(&[("BOLT", 11)])
    );
    assert_eq!(house.open_exceptions().await, ["over_receipt"]);
    house.close(vec![receiver]).await;
}

#[tokio::test]
async fn goods_nobody_ordered_are_recorded_as_found() {
    let house = House::open().await;
    let mut receiver = house.device("dock").await;
    receiver.scans(&["]C0PO-1"], "go").await;
    receiver.scans(&[NUT], "ask").await;
    assert_eq!(receiver.press("enter").await, "accept", "{}", receiver.screen());

    house.synced(&[&receiver]).await;
    assert_eq!(house.stock("location", "DOCK-1").await, pieces(&[("NUT", 1)]));
    assert_eq!(house.open_exceptions().await, ["found_goods"]);
    house.close(vec![receiver]).await;
}
