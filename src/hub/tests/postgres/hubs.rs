//! Several hubs on one database take batches of the same devices, in any order and with lost answers: each fact is in
//! the ledger once.

use std::sync::Arc;

use axum::http::StatusCode;
use tallyman_floor::wire::v1::Receipt;
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use super::super::bench::{enrolment, read};
use super::audit::audit;
use super::{Bench, Handheld, Store, name_of, server, work};

/// Sends a device's journal through hubs chosen by chance, in pieces of chance, some again and some given up in the
/// middle, until it is applied.
async fn send_through(hubs: Arc<Vec<Bench>>, device: Handheld, seed: u64) {
    let mut chance = SeededEntropy::new(seed);
    let mut applied = 0;
    while applied < device.last_seq() {
        let hub = &hubs[usize::try_from(chance.below(hubs.len() as u64)).unwrap()];
        let back = chance.below(4).min(applied);
        let last = (applied + 1 + chance.below(9)).min(device.last_seq());
        let batch = serde_json::to_value(device.batch(applied + 1 - back, last)).unwrap();
        let request = device.post("/v1/confirmations", &batch);
        if chance.below(5) == 0 {
            // The connection breaks: what was begun is finished, and its answer is lost.
            let patience = chance.below(20);
            let given_up = async {
                for _ in 0..patience {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                () = given_up => {}
                _ = hub.ask(request) => {}
            }
            continue;
        }
        let response = hub.ask(request).await;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            // The batch that was given up waits or runs still.
            assert!(response.headers().contains_key("retry-after"));
            tokio::task::yield_now().await;
            continue;
        }
        let receipt: Receipt = read(response, StatusCode::OK).await;
        assert!(!receipt.fork, "{receipt:?}");
        assert!(receipt.applied_seq >= applied, "a mark went back: {receipt:?}");
        applied = receipt.applied_seq;
    }
}

#[tokio::test]
async fn hubs_take_the_same_devices_in_turns() {
    let Some(server) = server() else { return };
    let seed = 20_261_124;
    println!("seed {seed}");
    let first = Bench::new(Store::Postgres).await;
    let hubs = vec![first.beside().await, first.beside().await, first];
    let mut devices = Vec::new();
    for number in 0..6 {
        let mut device = hubs[number % 3]
            .device("main", &format!("Handheld {number}"))
            .await;
        work(&mut device, 60);
        devices.push(device);
    }
    let hubs = Arc::new(hubs);
    let sending: Vec<_> = devices
        .iter()
        .zip(seed..)
        .map(|(device, seed)| tokio::spawn(send_through(Arc::clone(&hubs), device.clone(), seed)))
        .collect();
    for sent in sending {
        sent.await.unwrap();
    }
    hubs[0].check().await;
    hubs[1].check().await;
    audit(server, &name_of(&hubs[0]), &devices.iter().collect::<Vec<_>>());
    // What one knows, the others know.
    let snapshots = [&hubs[0], &hubs[1], &hubs[2]].map(|hub| hub.hub.ledger_snapshot());
    let [one, two, three] = snapshots;
    let one = one.await.unwrap();
    assert_eq!((&one, &one), (&two.await.unwrap(), &three.await.unwrap()));
}

#[tokio::test]
async fn sites_go_side_by_side_and_never_meet() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let other = bench.beside().await;
    let mut main = bench.device("main", "Handheld 1").await;
    let mut north = other.device("north", "Handheld 1").await;
    work(&mut main, 80);
    work(&mut north, 80);
    let hubs = Arc::new(vec![bench, other]);
    let sending = [
        tokio::spawn(send_through(Arc::clone(&hubs), main.clone(), 1)),
        tokio::spawn(send_through(Arc::clone(&hubs), north.clone(), 2)),
    ];
    for sent in sending {
        sent.await.unwrap();
    }
    hubs[0].check().await;
    audit(server, &name_of(&hubs[0]), &[&main, &north]);
}

#[tokio::test]
async fn one_code_enrols_one_device_whichever_hubs_are_asked() {
    if server().is_none() {
        return;
    }
    let bench = Bench::new(Store::Postgres).await;
    let hubs = Arc::new(vec![bench.beside().await, bench.beside().await]);
    let code = bench.hub.create_enrolment_code("main", "Dock").await.unwrap();
    let asking: Vec<_> = (0..8)
        .map(|number| {
            let (hubs, code) = (Arc::clone(&hubs), code.clone());
            tokio::spawn(async move { hubs[number % 2].ask(enrolment(&code)).await.status() })
        })
        .collect();
    let mut enrolled = 0;
    for answer in asking {
        match answer.await.unwrap() {
            StatusCode::OK => enrolled += 1,
            other => assert_eq!(other, StatusCode::FORBIDDEN),
        }
    }
    assert_eq!(enrolled, 1);
    assert_eq!(
        bench.hub.ledger().devices("main".to_owned()).await.unwrap().len(),
        1
    );
}
