//! Stable marks move to what a copy holds, and never beyond.

use super::super::bench::{config, received};
use super::{Bench, Handheld, Store, name_of, server};
use crate::config::{DatabaseConfig, StablePolicy};
use crate::ledger::postgres::PostgresLedger;

fn now() -> jiff::Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

async fn ledger(bench: &Bench, policy: StablePolicy) -> PostgresLedger {
    let database = DatabaseConfig {
        stable: policy,
        ..bench.hub.config().database.clone()
    };
    PostgresLedger::open(&database, "UNUSED", now(), false)
        .await
        .unwrap()
}

async fn confirmed(device: &mut Handheld, bench: &Bench) -> (u64, u64) {
    let seq = device.confirm(received("R-1", 1, "MILK", 1));
    let receipt = device.send(bench, seq, seq).await;
    (receipt.applied_seq, receipt.stable_seq)
}

#[tokio::test]
async fn a_confirmed_backup_moves_the_marks_to_where_they_were_before_it() {
    if server().is_none() {
        return;
    }
    let bench = Bench::new(Store::Postgres).await;
    let mut device = bench.device("main", "Handheld 1").await;
    assert_eq!(confirmed(&mut device, &bench).await, (1, 0));
    let ledger = ledger(&bench, StablePolicy::Backup).await;
    let moment = ledger.moment().await.unwrap();
    // While the backup runs, work goes on; none of that is known to be in it.
    assert_eq!(confirmed(&mut device, &bench).await, (2, 0));
    assert_eq!(ledger.mark_stable(&moment, "a copy", now()).await.unwrap(), 1);
    assert_eq!(confirmed(&mut device, &bench).await, (3, 1));
    let page = super::super::bench::text(bench.ask(super::super::bench::get("/site/main", None)).await).await;
    assert!(page.contains("Last confirmed backup of the database"), "{page}");
    // An older moment takes nothing back.
    let later = ledger.moment().await.unwrap();
    ledger.mark_stable(&later, "another", now()).await.unwrap();
    assert_eq!(ledger.mark_stable(&moment, "late", now()).await.unwrap(), 0);
    assert_eq!(confirmed(&mut device, &bench).await, (4, 3));
    bench.check().await;
}

#[tokio::test]
async fn a_copy_of_another_life_moves_nothing() {
    if server().is_none() {
        return;
    }
    let bench = Bench::new(Store::Postgres).await;
    let mut device = bench.device("main", "Handheld 1").await;
    confirmed(&mut device, &bench).await;
    let ledger = ledger(&bench, StablePolicy::Backup).await;
    let moment = ledger.moment().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = bench.hub.config().clone();
    super::bench::open_as(&folder, &bench.clock, config, crate::Opening::Restored).await;
    let error = ledger.mark_stable(&moment, "a copy", now()).await.unwrap_err();
    assert!(error.to_string().contains("another life"), "{error}");
    assert_eq!(confirmed(&mut device, &bench).await, (2, 0));
}

#[tokio::test]
async fn replicas_that_hold_the_log_move_the_marks() {
    let Some(server) = server() else { return };
    let mut config = config();
    config.database.stable = StablePolicy::Replicas;
    config.database.look_every_seconds = 1;
    let bench = Bench::empty(Store::Postgres, config).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let hub = bench.hub.clone();
    let ring: crate::ledger::Bell = std::sync::Arc::new(|_: &str| {});
    let following = tokio::spawn(async move { hub.ledger().follow(ring).await });
    assert_eq!(confirmed(&mut device, &bench).await, (1, 0));
    let host = server.folder().display().to_string();
    std::fs::create_dir(server.folder().join("received")).unwrap();
    let owner = std::fs::metadata(server.folder()).unwrap();
    let received = server.folder().join("received");
    let (user, group) = {
        use std::os::unix::fs::MetadataExt as _;
        (owner.uid(), owner.gid())
    };
    std::os::unix::fs::chown(&received, Some(user), Some(group)).unwrap();
    let arguments = ["-h", &host, "-U", "tallyman", "-D", "received", "--synchronous"];
    let replica = server.leave_running("pg_receivewal", &arguments);
    // Every confirmation asks again; at last the marks of the first are stable.
    while confirmed(&mut device, &bench).await.1 == 0 {
        tokio::task::yield_now().await;
    }
    drop(replica);
    following.abort();
    bench.check().await;
}

#[tokio::test]
async fn where_applied_is_enough_it_is_stable_at_once() {
    if server().is_none() {
        return;
    }
    let mut config = config();
    config.database.stable = StablePolicy::Applied;
    let bench = Bench::empty(Store::Postgres, config).await;
    let mut device = bench.device("main", "Handheld 1").await;
    assert_eq!(confirmed(&mut device, &bench).await, (1, 1));
    assert!(bench.hub.back_up().await.unwrap().is_none());
    bench.check().await;
    assert!(!name_of(&bench).is_empty());
}
