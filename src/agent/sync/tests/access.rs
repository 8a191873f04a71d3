//! Tokens that end, keys that are lost, devices that are blocked: nothing is lost, and people are told.

use super::*;

/// Time passes: the lanes do what they have to in it.
async fn minutes(count: u64) {
    tokio::time::sleep(std::time::Duration::from_secs(60 * count)).await;
}

#[tokio::test(start_paused = true)]
async fn tokens_are_renewed_long_before_they_end_and_asked_for_again_when_the_hub_forgets_them() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    device.pick(1).await;
    hub.until(|hub| hub.journal(1).len() == 1).await;
    assert_eq!(hub.tokens(), 1, "both lanes share one");
    minutes(29).await;
    assert_eq!(hub.tokens(), 1);
    minutes(3).await;
    assert_eq!(hub.tokens(), 2, "half of its life is over");
    let ended = |hub: &FakeHub| {
        hub.requests()
            .iter()
            .filter(|name| name.contains("ended"))
            .count()
    };
    assert_eq!(ended(&hub), 0);
    hub.end_tokens();
    device.pick(2).await;
    hub.until(|hub| hub.journal(1).len() == 2).await;
    assert!(ended(&hub) >= 1);
    assert_eq!(device.link.borrow().state, LinkState::Online, "nobody noticed");
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_lost_the_key_keeps_nothing_back_and_a_code_binds_another_one() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    device.pick(1).await;
    hub.until(|hub| hub.journal(1).len() == 1).await;
    hub.forget_key();
    device.pick(2).await;
    minutes(5).await;
    assert_eq!(device.link.borrow().state, LinkState::Refused);
    assert_eq!(quantities(&hub.journal(1)), [1], "what waits stays here");
    // Started again with a code, it goes on with its journal.
    let fixture = device.stop().await;
    let device = Device::start(&hub, fixture, Some("K7"), 8).await;
    device.pick(3).await;
    hub.until(|hub| hub.journal(1).len() == 3).await;
    assert_eq!(quantities(&hub.journal(1)), [1, 2, 3]);
    assert_eq!(device.link.borrow().state, LinkState::Online);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_code_to_enrol_again_is_tried_once_and_loses_nothing() {
    let hub = FakeHub::new();
    hub.forget_key();
    let device = Device::start(&hub, Arc::new(store_with(3).await), Some("WRONG"), 7).await;
    minutes(60).await;
    let tries = hub.requests().iter().filter(|name| *name == "enrol").count();
    assert_eq!(tries, 1);
    assert_eq!(device.link.borrow().state, LinkState::Refused);
    let fixture = device.stop().await;
    assert_eq!(fixture.store.next_place(), at(1, 4));
    assert_eq!(fixture.store.marks().applied, at(1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_blocked_device_sends_what_it_has_gets_no_work_and_says_so() {
    let hub = FakeHub::new();
    let mut device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    device.deltas.recv().await.unwrap();
    hub.revoke(true);
    device.pick(1).await;
    hub.until(|hub| hub.journal(1).len() == 1).await;
    minutes(2).await;
    {
        let link = device.link.borrow();
        assert_eq!((link.state, link.revoked), (LinkState::Online, true));
    }
    hub.revoke(false);
    minutes(3).await;
    assert!(!device.link.borrow().revoked);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_of_before_there_were_keys_keeps_its_facts_and_says_what_to_do() {
    let hub = FakeHub::new();
    let fixture = Arc::new(store_with(3).await);
    let device = Device::start_without_key(&hub, Arc::clone(&fixture), None, 7).await;
    minutes(5).await;
    let said = device.link.borrow().last_fault.clone().unwrap();
    assert!(said.contains("Enrol this device again"), "{said}");
    assert_eq!(device.link.borrow().state, LinkState::Refused);
    device.stop().await;
    let device = Device::start_without_key(&hub, fixture, Some("K7"), 8).await;
    hub.until(|hub| hub.journal(1).len() == 3).await;
    device.stop().await;
}
