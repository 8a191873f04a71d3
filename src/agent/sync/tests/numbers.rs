//! Numbers as they are leased: none twice, whatever happens to a request, and the device goes on without the hub.

use tallyman_floor::{HandlingUnitId, NumberKind};

use super::*;
use crate::seams::StepCommit;
use crate::store::SqliteStore;

/// Gives the next number to a handling unit, as a step does.
async fn give(store: &SqliteStore) -> Option<String> {
    let number = store.numbers().unwrap().next()?;
    let mut draft = picked("T", 1, 1);
    draft.goods.as_mut().unwrap().handling_unit = Some(HandlingUnitId::new(number.as_str()));
    let step = StepCommit {
        expected: store.next_place(),
        drafts: vec![draft],
        session: "{}".to_owned(),
        trace: Vec::new(),
    };
    store.commit(step).await.unwrap();
    Some(number)
}

fn left(device: &Device) -> u64 {
    device.fixture.store.numbers().unwrap().left(NumberKind::Sscc)
}

#[tokio::test(start_paused = true)]
async fn numbers_are_leased_again_before_they_run_out_and_a_lost_answer_costs_none() {
    let hub = FakeHub::new();
    hub.leases_numbers(35);
    hub.number_faults([
        Some(Fault::Unreachable("cut".to_owned())),
        // Leased, and the answer is lost: twice.
        None,
        None,
    ]);
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 5).await;
    let mut given = std::collections::BTreeSet::new();
    while given.len() < 35 {
        hub.until(|_| left(&device) > 0).await;
        while let Some(number) = give(&device.fixture.store).await {
            assert!(given.insert(number), "a number twice");
        }
        // So that it is looked again.
        device.works_on(Some("ANNA"), Some(&given.len().to_string()));
    }
    assert_eq!(hub.numbers_leased(), 35, "none was leased for nothing");
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hub_without_numbers_is_no_hindrance() {
    let hub = FakeHub::new();
    hub.leases_numbers(1);
    let missing = || Fault::Refused {
        status: 404,
        code: None,
        message: "no such thing".to_owned(),
    };
    hub.number_faults(std::iter::repeat_with(|| Some(missing())).take(50));
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 5).await;
    for quantity in 1..=5 {
        device.pick(quantity).await;
    }
    hub.until(|hub| hub.journal(1).len() == 5).await;
    assert_eq!(left(&device), 0);
    device.stop().await;
}
