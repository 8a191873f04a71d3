//! No cursor skips a change, whoever writes at the same time. The control shows how a sequence would.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tallyman_floor::wire::v1::{Delta, TaskBody};
use tokio_postgres::{Client, NoTls};

use super::super::bench::{TASKS, picked};
use super::{Bench, Handheld, Store, server};
use crate::import::ImportKind;

/// What a device knows, kept up by deltas as an agent keeps it.
#[derive(Default)]
struct Follower {
    cursor: Option<String>,
    tasks: BTreeMap<String, TaskBody>,
}

impl Follower {
    async fn follow(&mut self, hub: &Bench, device: &Handheld) {
        loop {
            let delta: Delta = device.delta(hub, self.cursor.as_deref()).await;
            if delta.reset {
                self.tasks.clear();
            }
            self.tasks
                .extend(delta.tasks.into_iter().map(|task| (task.id.clone(), task)));
            self.cursor = Some(delta.cursor);
            if !delta.more {
                return;
            }
        }
    }
}

async fn write(hubs: Arc<Vec<Bench>>, mut device: Handheld, number: usize) {
    for round in 0..25 {
        let task = format!("T-{}", (number * 7 + round * 3) % 20);
        device.confirm(picked(&task, 1, "MILK", 1, "A-01"));
        let hub = &hubs[(number + round) % hubs.len()];
        let seq = device.last_seq();
        assert_eq!(device.send(hub, seq, seq).await.applied_seq, seq);
    }
}

#[tokio::test]
async fn a_follower_knows_at_the_end_what_somebody_new_is_told() {
    if server().is_none() {
        return;
    }
    let bench = Bench::new(Store::Postgres).await;
    let mut tasks = "task,kind,item,quantity,location\n".to_owned();
    for number in 0..20 {
        tasks.push_str(&format!("T-{number},pick,MILK,50,A-01\n"));
    }
    bench.import("main", ImportKind::Tasks, &tasks).await;
    let hubs = Arc::new(vec![bench.beside().await, bench.beside().await]);
    let mut writing = Vec::new();
    for number in 0..5 {
        let device = bench.device("main", &format!("Writer {number}")).await;
        writing.push(tokio::spawn(write(Arc::clone(&hubs), device, number)));
    }
    // A planner changes tasks meanwhile.
    let planning = {
        let hubs = Arc::clone(&hubs);
        tokio::spawn(async move {
            for round in 0..15 {
                let tasks = TASKS.replace("ORDER-1", &format!("ORDER-{round}"));
                hubs[round % 2].import("main", ImportKind::Tasks, &tasks).await;
            }
        })
    };
    let done = Arc::new(AtomicBool::new(false));
    let reader = bench.device("main", "Reader").await;
    let following = {
        let (hubs, done, reader) = (Arc::clone(&hubs), Arc::clone(&done), reader.clone());
        tokio::spawn(async move {
            let mut follower = Follower::default();
            let mut looks = 0;
            loop {
                // Read before the flag, so that one look comes after everything.
                let last = done.load(Ordering::SeqCst);
                follower.follow(&hubs[looks % 2], &reader).await;
                looks += 1;
                if last {
                    return (follower, looks);
                }
            }
        })
    };
    for written in writing {
        written.await.unwrap();
    }
    planning.await.unwrap();
    done.store(true, Ordering::SeqCst);
    let (follower, looks) = following.await.unwrap();
    assert!(looks > 3, "the reader looked while others wrote");
    let mut fresh = Follower::default();
    fresh.follow(&bench, &reader).await;
    assert_eq!(follower.tasks, fresh.tasks);
    let confirmed: i64 = fresh
        .tasks
        .iter()
        .filter(|(task, _)| task.starts_with("T-"))
        .map(|(_, task)| task.lines[0].confirmed_micro / 1_000_000)
        .sum();
    assert_eq!(confirmed, 125);
    bench.check().await;
}

async fn client(address: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Takes a change number in the open transaction, and writes the change.
async fn change(client: &Client, take: &str, name: &str) {
    let row = client.query_one(take, &[]).await.unwrap();
    let number: i64 = row.get(0);
    client
        .execute("INSERT INTO change VALUES ($1, $2)", &[&name, &number])
        .await
        .unwrap();
}

/// Two transactions take a number each, and the second tries to commit first; a reader with a cursor looks after each
/// commit. Gives what the reader has seen.
async fn seen_by_a_reader(address: &str, take: &'static str) -> Vec<String> {
    let (first, second, reader) = (
        client(address).await,
        client(address).await,
        client(address).await,
    );
    first.batch_execute("BEGIN").await.unwrap();
    change(&first, take, "first").await;
    let number: i32 = second
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .unwrap()
        .get(0);
    let other = tokio::spawn(async move {
        second.batch_execute("BEGIN").await.unwrap();
        change(&second, take, "second").await;
        second.batch_execute("COMMIT").await.unwrap();
    });
    // Until the second has committed, or waits for the first.
    loop {
        let row = reader
            .query_one(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'",
                &[&number],
            )
            .await
            .unwrap();
        if other.is_finished() || row.get::<_, i64>(0) > 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    let (mut cursor, mut seen) = (0, Vec::new());
    look(&reader, &mut cursor, &mut seen).await;
    first.batch_execute("COMMIT").await.unwrap();
    other.await.unwrap();
    look(&reader, &mut cursor, &mut seen).await;
    seen
}

async fn look(reader: &Client, cursor: &mut i64, seen: &mut Vec<String>) {
    let rows = reader
        .query(
            "SELECT name, number FROM change WHERE number > $1 ORDER BY number",
            &[cursor],
        )
        .await
        .unwrap();
    for row in rows {
        seen.push(row.get(0));
        *cursor = row.get(1);
    }
}

#[tokio::test]
async fn a_sequence_would_skip_what_the_counter_of_a_site_does_not() {
    let Some(server) = server() else { return };
    let address = server.database();
    let client = client(&address).await;
    client
        .batch_execute(
            "CREATE TABLE site (change_seq bigint); INSERT INTO site VALUES (0); CREATE SEQUENCE naive;
             CREATE TABLE change (name text, number bigint)",
        )
        .await
        .unwrap();
    let counted = seen_by_a_reader(
        &address,
        "UPDATE site SET change_seq = change_seq + 1 RETURNING change_seq",
    );
    assert_eq!(counted.await, ["first", "second"]);
    client.batch_execute("TRUNCATE change").await.unwrap();
    let drawn = seen_by_a_reader(&address, "SELECT nextval('naive')").await;
    assert_eq!(drawn, ["second"], "the control: a change is never seen");
}
