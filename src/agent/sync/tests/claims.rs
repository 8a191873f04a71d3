//! Claims as they run: the open task is claimed, given back after its facts, and nothing waits for any of it.

use super::*;

#[tokio::test(start_paused = true)]
async fn an_open_task_is_claimed_and_given_back_after_its_facts() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 5).await;
    hub.claim_faults([
        Fault::Unreachable("cut".to_owned()),
        Fault::Timeout(30_000),
        Fault::Nonsense("<html>".to_owned()),
    ]);
    device.works_on(Some("ANNA"), Some("T"));
    hub.until(|hub| hub.claims() == ["claim T by ANNA"]).await;
    // The facts are held up, and the worker has left the task.
    hub.mishaps(vec![Mishap::Lost; 3]);
    device.pick(1).await;
    device.works_on(Some("ANNA"), None);
    hub.until(|hub| hub.claims().len() == 2).await;
    assert_eq!(hub.claims()[1], "release T 1, 1 records there");
    device.works_on(Some("ANNA"), Some("U"));
    hub.until(|hub| hub.claims().len() == 3).await;
    device.works_on(None, None);
    hub.until(|hub| {
        hub.claims()
            .last()
            .is_some_and(|last| last.starts_with("release U"))
    })
    .await;
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hub_without_claims_is_no_hindrance() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 5).await;
    let missing = || Fault::Refused {
        status: 404,
        code: None,
        message: "no such thing".to_owned(),
    };
    hub.claim_faults(std::iter::repeat_with(missing).take(50));
    device.works_on(Some("ANNA"), Some("T"));
    for quantity in 1..=5 {
        device.pick(quantity).await;
    }
    hub.until(|hub| hub.journal(1).len() == 5).await;
    device.stop().await;
}
