//! Questions about stock: answered by the hub, or told to be unanswerable; the newest one alone counts.

use tallyman_floor::{Inquiry, ItemId, LocationId, Quantity};

use super::*;

fn item(name: &str) -> Inquiry {
    Inquiry::Item(ItemId::from(name))
}

#[tokio::test(start_paused = true)]
async fn a_question_is_answered_with_what_the_hub_has() {
    let hub = FakeHub::new();
    let mut device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    device.inquiries.send_replace(Some(item("bolt")));
    let told = device.told.recv().await.unwrap();
    assert_eq!(told.inquiry, item("bolt"));
    let rows = told.rows.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].place.as_str(), rows[0].quantity),
        ("A-01", Quantity::whole(7))
    );
    // Asked once more, it is asked once more.
    device.inquiries.send_replace(Some(item("bolt")));
    assert_eq!(device.told.recv().await.unwrap().inquiry, item("bolt"));
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_cannot_be_asked_is_told() {
    let hub = FakeHub::new();
    let mut device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    hub.until(|hub| !hub.requests().is_empty()).await;
    hub.mishaps(vec![Mishap::Lost; 20]);
    let place = Inquiry::Location(LocationId::from("A-01"));
    device.inquiries.send_replace(Some(place.clone()));
    let told = device.told.recv().await.unwrap();
    assert_eq!((told.inquiry, told.rows), (place, None));
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_device_that_nobody_enrolled_has_no_hub_to_ask() {
    let hub = FakeHub::new();
    let fixture = Arc::new(crate::store::tests::unenrolled_store());
    let mut device = Device::start(&hub, fixture, None, 7).await;
    device.inquiries.send_replace(Some(item("bolt")));
    assert_eq!(device.told.recv().await.unwrap().rows, None);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn of_two_questions_the_newest_is_answered() {
    let hub = FakeHub::new();
    let mut device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    device.inquiries.send_replace(Some(item("bolt")));
    device.inquiries.send_replace(Some(item("nut")));
    assert_eq!(device.told.recv().await.unwrap().inquiry, item("nut"));
    device.stop().await;
}
