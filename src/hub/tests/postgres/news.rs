//! What is changed through one hub is heard by those who wait at another.

use std::sync::Arc;

use axum::http::StatusCode;
use tallyman_floor::wire::v1::Delta;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::super::bench::{TASKS, config, read};
use super::{Bench, Store, name_of, server};
use crate::import::ImportKind;
use crate::ledger::Bell;

/// Rings into a channel.
fn bell() -> (Bell, mpsc::UnboundedReceiver<String>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let ring = move |site: &str| drop(sender.send(site.to_owned()));
    (Arc::new(ring), receiver)
}

#[tokio::test]
async fn a_device_that_waits_hears_of_a_task_from_another_hub() {
    if server().is_none() {
        return;
    }
    let mut config = config();
    // So rarely that only being told helps.
    config.database.look_every_seconds = 600;
    let bench = Bench::filled(Store::Postgres, config).await;
    let other = bench.beside().await;
    let stop = CancellationToken::new();
    let mut serving = Vec::new();
    for hub in [&bench.hub, &other.hub] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (hub, stop) = (hub.clone(), stop.clone());
        serving.push(tokio::spawn(async move { hub.serve(listener, stop).await }));
    }
    let device = other.device("main", "Handheld 1").await;
    let cursor = device.delta(&other, None).await.cursor;
    let path = format!("/v1/tasks?cursor={cursor}&wait_ms=30000");
    let waiting = other.ask(device.get(&path));
    let changed = TASKS.replace("ORDER-1", "ORDER-1B");
    let importing = bench.import("main", ImportKind::Tasks, &changed);
    let (response, ()) = tokio::join!(waiting, importing);
    let delta: Delta = read(response, StatusCode::OK).await;
    assert_eq!(delta.tasks.len(), 1, "{delta:?}");
    stop.cancel();
    for served in serving {
        served.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn news_goes_to_the_others_and_lost_news_is_found_by_looking() {
    let Some(server) = server() else { return };
    let mut config = config();
    config.database.look_every_seconds = 600;
    let rarely = Bench::empty(Store::Postgres, config).await;
    let mut config = rarely.hub.config().clone();
    config.database.look_every_seconds = 1;
    let often = {
        let folder = tempfile::tempdir().unwrap();
        let hub = super::bench::open(&folder, &rarely.clock, config).await;
        Bench {
            hub,
            clock: rarely.clock.clone(),
            folder,
        }
    };
    let (ring, mut heard) = bell();
    let hub = rarely.hub.clone();
    let following = tokio::spawn(async move { hub.ledger().follow(ring).await });
    // The first look rings for all: from then on it listens.
    let mut first = [heard.recv().await.unwrap(), heard.recv().await.unwrap()];
    first.sort();
    assert_eq!(first, ["main", "north"]);

    let (ring, mut heard_often) = bell();
    let hub = often.hub.clone();
    let following_often = tokio::spawn(async move { hub.ledger().follow(ring).await });
    for _ in 0..2 {
        heard_often.recv().await.unwrap();
    }
    often.hub.ledger().tell("north");
    assert_eq!(heard.recv().await.unwrap(), "north");

    // Nobody tells of this one; who looks often finds it.
    let database = name_of(&rarely);
    server.sql(
        &database,
        "UPDATE tallyman.site SET change_seq = change_seq + 1 WHERE site = 'main'",
    );
    assert_eq!(heard_often.recv().await.unwrap(), "main");

    // Connections break, and what was changed meanwhile is found when they are back.
    server.sql(
        &database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    server.sql(
        &database,
        "UPDATE tallyman.site SET journal_last = journal_last + 1 WHERE site = 'north'",
    );
    let mut found = Vec::new();
    while found.last().map(String::as_str) != Some("north") {
        found.push(heard.recv().await.unwrap());
    }
    following.abort();
    following_often.abort();
}
