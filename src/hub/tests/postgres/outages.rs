//! The database goes away in the middle of work and comes back: nothing is lost, doubled or out of order, and no hub
//! has to be started again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use tallyman_floor::wire::v1::Receipt;
use tallyman_platform::config::Secret;

use super::super::bench::{config, get, read, text};
use super::audit::audit;
use super::{Bench, Handheld, Server, Store, work};

/// A bench on a server of its own, which may be harmed.
async fn bench_on(server: &Server) -> (Bench, String) {
    let address = server.database();
    let mut config = config();
    config.database.url = Secret::new(address);
    config.database.connections_max = 8;
    config.database.connect_timeout_ms = 2_000;
    let bench = Bench::filled(Store::File, config).await;
    let database = super::name_of(&bench);
    (bench, database)
}

/// Sends a journal in batches of ten until it is applied, whatever happens to the database meanwhile.
async fn persist(hubs: Arc<Vec<Bench>>, device: Handheld, taken: Arc<AtomicU64>, refused: Arc<AtomicU64>) {
    let (mut applied, mut turn) = (0, 0);
    while applied < device.last_seq() {
        let last = (applied + 10).min(device.last_seq());
        let batch = serde_json::to_value(device.batch(applied + 1, last)).unwrap();
        turn += 1;
        let response = hubs[turn % hubs.len()]
            .ask(device.post("/v1/confirmations", &batch))
            .await;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            assert!(response.headers().contains_key("retry-after"));
            refused.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            continue;
        }
        let receipt: Receipt = read(response, StatusCode::OK).await;
        assert!(!receipt.fork && receipt.applied_seq >= applied, "{receipt:?}");
        applied = receipt.applied_seq;
        taken.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_loses_and_doubles_nothing() {
    let Some(server) = Server::start("") else { return };
    let server = Arc::new(server);
    let (bench, database) = bench_on(&server).await;
    let generation = bench.hub.ledger().generation();
    let mut devices = Vec::new();
    for number in 0..5 {
        let mut device = bench.device("main", &format!("Handheld {number}")).await;
        work(&mut device, 400);
        devices.push(device);
    }
    let hubs = Arc::new(vec![bench.beside().await, bench.beside().await]);
    let (taken, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let sending: Vec<_> = devices
        .iter()
        .map(|device| {
            let (hubs, taken, refused) = (Arc::clone(&hubs), Arc::clone(&taken), Arc::clone(&refused));
            tokio::spawn(persist(hubs, device.clone(), taken, refused))
        })
        .collect();
    for wanted in [20, 60, 110] {
        while taken.load(Ordering::Relaxed) < wanted {
            tokio::task::yield_now().await;
        }
        let server = Arc::clone(&server);
        let restart = move || {
            server.stop_at_once();
            server.start_again();
        };
        tokio::task::spawn_blocking(restart).await.unwrap();
    }
    for sent in sending {
        sent.await.unwrap();
    }
    assert!(refused.load(Ordering::Relaxed) > 0, "nobody noticed the outages");
    bench.check().await;
    audit(&server, &database, &devices.iter().collect::<Vec<_>>());
    assert_eq!(
        bench.hub.ledger().generation(),
        generation,
        "a server that was started again is the same life"
    );
}

#[tokio::test]
async fn without_a_database_everything_says_so_and_nothing_ends() {
    let Some(server) = Server::start("") else { return };
    let (bench, _) = bench_on(&server).await;
    let mut device = bench.device("main", "Handheld 1").await;
    work(&mut device, 3);
    server.stop_at_once();
    let batch = serde_json::to_value(device.batch(1, 3)).unwrap();
    for request in [
        device.post("/v1/confirmations", &batch),
        device.get("/v1/tasks"),
        device.get("/v1/device/cursor"),
        get("/healthz", None),
        get("/site/main", None),
        get("/site/main/stock", None),
    ] {
        let path = request.uri().clone();
        let response = bench.ask(request).await;
        assert_eq!(response.status(), 503, "{path}");
        let said = text(response).await;
        assert!(!said.contains("panicked") && said.len() > 40, "{path}: {said}");
    }
    assert!(bench.hub.verify().await.is_err());
    server.start_again();
    // The next that asks after a moment finds it back.
    while bench.ask(get("/healthz", None)).await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    assert_eq!(device.send_all(&bench).await.applied_seq, device.last_seq());
    bench.check().await;
}

#[tokio::test]
async fn a_hub_that_dies_in_the_middle_leaves_nothing_half_done() {
    let Some(server) = super::server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let database = super::name_of(&bench);
    let mut devices = Vec::new();
    for number in 0..4 {
        let mut device = bench.device("main", &format!("Handheld {number}")).await;
        work(&mut device, 200);
        devices.push(device);
    }
    let hubs = Arc::new(vec![bench.beside().await, bench.beside().await]);
    let (taken, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let sending: Vec<_> = devices
        .iter()
        .map(|device| {
            let (hubs, taken, refused) = (Arc::clone(&hubs), Arc::clone(&taken), Arc::clone(&refused));
            tokio::spawn(persist(hubs, device.clone(), taken, refused))
        })
        .collect();
    // What the server sees when a hub is killed: all its connections end, at whatever point they were.
    for wanted in [10, 20, 30, 40, 50, 60] {
        while taken.load(Ordering::Relaxed) < wanted {
            tokio::task::yield_now().await;
        }
        server.sql(
            &database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }
    for sent in sending {
        sent.await.unwrap();
    }
    bench.check().await;
    audit(server, &database, &devices.iter().collect::<Vec<_>>());
}
