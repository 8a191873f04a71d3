//! A database that was restored begins another life, and its devices fill it again.

use axum::http::StatusCode;
use tallyman_floor::wire::v1::DeviceCursor;
use tallyman_platform::config::Secret;

use super::super::bench::{config, get, read, received};
use super::audit::audit;
use super::{Bench, Handheld, Server, Store, name_of};
use crate::Opening;

/// A bench on a server of its own, with a device that has sent one confirmation.
async fn bench_on(server: &Server) -> (Bench, Handheld) {
    let mut config = config();
    config.database.url = Secret::new(server.database());
    config.database.connections_max = 4;
    let bench = Bench::empty(Store::File, config).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    (bench, device)
}

async fn stands(bench: &Bench, device: &Handheld) -> DeviceCursor {
    let asked = bench.ask(device.get("/v1/device/cursor")).await;
    read(asked, StatusCode::OK).await
}

/// What a device does with a hub in another life: it asks where the hub stands, and sends the rest again.
async fn refill(bench: &Bench, device: &Handheld, before: &str, cursor: &str) {
    let now = stands(bench, device).await;
    assert_ne!(now.generation, before, "another life");
    assert!(
        now.applied_seq < device.last_seq(),
        "something was lost with the copy"
    );
    assert!(device.delta(bench, Some(cursor)).await.reset);
    let receipt = device.send(bench, now.applied_seq + 1, device.last_seq()).await;
    assert_eq!((receipt.applied_seq, receipt.fork), (device.last_seq(), false));
    assert_eq!(receipt.generation, now.generation);
    bench.check().await;
}

/// A bench on the same database of another server.
async fn bench_at(server: &Server, bench: &Bench) -> Bench {
    let mut config = bench.hub.config().clone();
    config.database.url = Secret::new(server.address(&name_of(bench)));
    Bench::empty(Store::File, config).await
}

#[tokio::test]
async fn recovery_from_a_base_backup_is_another_life() {
    let Some(server) = Server::start("") else { return };
    let (bench, mut device) = bench_on(&server).await;
    let before = stands(&bench, &device).await.generation;
    let restored = Server::from_copy(|data| {
        let host = server.folder().display().to_string();
        let data = data.display().to_string();
        server.run(
            "pg_basebackup",
            &[
                "-h",
                &host,
                "-U",
                "tallyman",
                "-D",
                &data,
                "-X",
                "fetch",
                "-c",
                "fast",
                "--no-sync",
            ],
        );
        // As documented for recovery: a signal file, and where archived segments would come from.
        std::fs::write(format!("{data}/recovery.signal"), "").unwrap();
        std::fs::write(
            format!("{data}/postgresql.conf"),
            "restore_command = 'false'\nrecovery_target_action = 'promote'\n",
        )
        .unwrap();
    });
    // A recovered server answers readers before it takes writes.
    while restored.sql("postgres", "SELECT pg_is_in_recovery()") == "t" {
        tokio::task::yield_now().await;
    }
    device.confirm(received("R-1", 1, "MILK", 2));
    device.send(&bench, 2, 2).await;
    let cursor = device.delta(&bench, None).await.cursor;
    let after = bench_at(&restored, &bench).await;
    refill(&after, &device, &before, &cursor).await;
    audit(&restored, &name_of(&after), &[&device]);
    // The hub that went on with the first server is what it was.
    assert_eq!(stands(&bench, &device).await.generation, before);
    // Another hub on the restored database lives the same life.
    let beside = after.beside().await;
    assert_eq!(beside.hub.ledger().generation(), after.hub.ledger().generation());
}

#[tokio::test]
async fn files_that_were_put_back_are_noticed_by_a_hub_that_saw_more() {
    let Some(server) = Server::start("") else { return };
    let (bench, mut device) = bench_on(&server).await;
    let before = stands(&bench, &device).await.generation;
    let (data, copy) = (server.data(), server.folder().join("copy"));
    let copied = |from: &std::path::Path, to: &std::path::Path| {
        let status = std::process::Command::new("cp")
            .arg("-a")
            .arg(from)
            .arg(to)
            .status();
        assert!(status.unwrap().success());
    };
    server.stop_at_once();
    copied(&data, &copy);
    server.start_again();
    while bench.ask(get("/healthz", None)).await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        stands(&bench, &device).await.generation,
        before,
        "started again, nothing more"
    );
    for _ in 0..50 {
        device.confirm(received("R-1", 1, "MILK", 2));
    }
    device.send(&bench, 2, device.last_seq()).await;
    let cursor = device.delta(&bench, None).await.cursor;
    // A connection made now sees how far the log is.
    let witness = bench.beside().await;
    server.stop_at_once();
    std::fs::remove_dir_all(&data).unwrap();
    copied(&copy, &data);
    server.start_again();
    while witness.ask(get("/healthz", None)).await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    refill(&witness, &device, &before, &cursor).await;
    audit(&server, &name_of(&witness), &[&device]);
}

#[tokio::test]
async fn a_dump_that_was_restored_is_another_life() {
    let Some(server) = super::server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    let before = stands(&bench, &device).await.generation;
    let (database, host) = (name_of(&bench), server.folder().display().to_string());
    let dump = format!("{database}.dump");
    server.run(
        "pg_dump",
        &["-h", &host, "-U", "tallyman", "-d", &database, "-Fc", "-f", &dump],
    );
    device.confirm(received("R-1", 1, "MILK", 2));
    device.send(&bench, 2, 2).await;
    let cursor = device.delta(&bench, None).await.cursor;
    let mut config = bench.hub.config().clone();
    drop(bench);
    let address = server.database();
    config.database.url = Secret::new(address.clone());
    let restored = address
        .split_once(":///")
        .unwrap()
        .1
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    server.run(
        "pg_restore",
        &[
            "-h",
            &host,
            "-U",
            "tallyman",
            "-d",
            &restored,
            "--no-owner",
            &dump,
        ],
    );
    let after = Bench::empty(Store::File, config).await;
    refill(&after, &device, &before, &cursor).await;
    audit(server, &restored, &[&device]);
}

#[tokio::test]
async fn an_administrator_may_say_that_it_was_restored() {
    if super::server().is_none() {
        return;
    }
    let bench = Bench::new(Store::Postgres).await;
    let before = bench.hub.ledger().generation();
    assert_eq!(bench.beside().await.hub.ledger().generation(), before);
    let folder = tempfile::tempdir().unwrap();
    let said = super::bench::open_as(
        &folder,
        &bench.clock,
        bench.hub.config().clone(),
        Opening::Restored,
    )
    .await;
    assert_ne!(said.ledger().generation(), before);
    // A hub that runs tells its devices so with its next answer.
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    assert_eq!(
        device.send_all(&bench).await.generation,
        said.ledger().generation()
    );
}
