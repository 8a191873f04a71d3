//! What the database refuses steps aside and blocks nothing; collisions are tried again; what is away is said to be
//! away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use serde_json::json;

use super::super::bench::{enrolment, get, received};
use super::audit::audit;
use super::{Bench, Store, name_of, server};
use crate::ledger::LedgerError;
use crate::ledger::posting::ReadBatch;

#[tokio::test]
async fn a_record_that_the_database_refuses_steps_aside_and_blocks_nobody() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let database = name_of(&bench);
    server.sql(
        &database,
        "ALTER TABLE tallyman.entry ADD CHECK (expiry <> '2031-01-01');
         ALTER TABLE tallyman.entry ADD CHECK (lot !~ '^\\d+$' OR lot::bigint > 0)",
    );
    let mut good = bench.device("main", "Handheld 1").await;
    let mut bad = bench.device("main", "Handheld 2").await;
    for _ in 0..5 {
        good.confirm(received("R-1", 1, "MILK", 1));
        bad.confirm(received("R-1", 1, "MILK", 2));
    }
    let mut refused = received("R-1", 1, "MILK", 50);
    refused["goods"]["expiry"] = json!("2031-01-01");
    bad.confirm(refused);
    let mut refused = received("R-1", 2, "CREAM", 50);
    refused["goods"]["lot"] = json!("0");
    bad.confirm(refused);
    bad.confirm(received("R-1", 1, "MILK", 3));
    // Both in one transaction, as when they had waited together.
    let batches = [&good, &bad].map(|device| {
        let identity = crate::ledger::DeviceIdentity {
            site: device.enrolled.site.clone(),
            device: device.enrolled.device.clone(),
        };
        ReadBatch::read(identity, device.batch(1, device.last_seq()))
    });
    let now = "2026-11-23T08:00:00Z".parse().unwrap();
    let taken = bench
        .hub
        .ledger()
        .take_batches("main".to_owned(), batches.into(), now)
        .await
        .unwrap();
    let [first, second] = taken.as_slice() else {
        panic!()
    };
    assert_eq!(first.as_ref().unwrap().outcomes, []);
    let second = second.as_ref().unwrap();
    assert_eq!(second.applied_seq, 8);
    let told: Vec<(u64, &str)> = second
        .outcomes
        .iter()
        .map(|outcome| (outcome.seq, outcome.kind.as_str()))
        .collect();
    assert_eq!(told, [(6, "quarantined"), (7, "quarantined")]);
    assert!(
        second.outcomes[0].message.contains("cannot hold it"),
        "{:?}",
        second.outcomes
    );
    // Asked again it says the same.
    assert_eq!(bad.send_all(&bench).await.outcomes, second.outcomes);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 5 + 13);
    assert_eq!(bench.exceptions().await, ["quarantined", "quarantined"]);
    bench.check().await;
    audit(server, &database, &[&good, &bad]);
}

#[tokio::test]
async fn a_bug_in_a_statement_sets_no_record_aside() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    let database = name_of(&bench);
    server.sql(
        &database,
        "ALTER TABLE tallyman.entry RENAME COLUMN owner TO owned_by",
    );
    let batch = serde_json::to_value(device.batch(1, 1)).unwrap();
    let send = || device.post("/v1/confirmations", &batch);
    assert_eq!(bench.ask(send()).await.status(), 500);
    server.sql(
        &database,
        "ALTER TABLE tallyman.entry RENAME COLUMN owned_by TO owner",
    );
    let receipt = device.send_all(&bench).await;
    assert_eq!((receipt.applied_seq, receipt.outcomes.len()), (1, 0));
    bench.check().await;
}

#[tokio::test]
async fn a_lock_that_is_held_too_long_is_told_to_come_later() {
    let Some(server) = server() else { return };
    let mut config = super::bench::config();
    config.database.lock_timeout_ms = 100;
    let bench = Bench::empty(Store::Postgres, config).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    let (holder, connection) =
        tokio_postgres::connect(&server.address(&name_of(&bench)), tokio_postgres::NoTls)
            .await
            .unwrap();
    tokio::spawn(connection);
    holder
        .batch_execute("BEGIN; SELECT * FROM tallyman.site WHERE site = 'main' FOR UPDATE")
        .await
        .unwrap();
    let batch = serde_json::to_value(device.batch(1, 1)).unwrap();
    let response = bench.ask(device.post("/v1/confirmations", &batch)).await;
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    // Reading waits for nobody, and pages say what is the matter where they cannot be made.
    assert_eq!(bench.ask(get("/site/main", None)).await.status(), 200);
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(device.send_all(&bench).await.applied_seq, 1);
}

#[tokio::test]
async fn transactions_in_each_others_way_are_tried_again() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    // A trigger that says "deadlock" for the first two tries, as the server does to one of two.
    server.sql(
        &name_of(&bench),
        "CREATE SEQUENCE tallyman.tries;
         CREATE FUNCTION tallyman.collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('tallyman.tries') % 3 <> 0 THEN
                 RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
             END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER collide BEFORE INSERT ON tallyman.journal FOR EACH STATEMENT EXECUTE FUNCTION tallyman.collide();
         CREATE TRIGGER collide BEFORE INSERT ON tallyman.device FOR EACH STATEMENT EXECUTE FUNCTION tallyman.collide()",
    );
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    assert_eq!(device.send_all(&bench).await.applied_seq, 1);
    server.sql(
        &name_of(&bench),
        "CREATE OR REPLACE FUNCTION tallyman.collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
         END $$",
    );
    // Not for ever.
    let code = bench.hub.create_enrolment_code("main", "").await.unwrap();
    let response = bench.ask(enrolment(&code)).await;
    assert_eq!(response.status(), 503);
    bench.check().await;
}

/// A way to the server that can break when a commit has arrived and before its answer has.
struct BreakingWay {
    folder: tempfile::TempDir,
    breaks: Arc<AtomicBool>,
}

impl BreakingWay {
    fn to(server: &super::Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let target = server.folder().join(".s.PGSQL.5432");
        let breaks = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&breaks);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&target).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&shared)));
            }
        });
        Self { folder, breaks }
    }

    fn address(&self, database: &str) -> String {
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgresql:///{database}?host={host}&user=tallyman")
    }
}

async fn carry(mut client: UnixStream, mut server: UnixStream, breaks: Arc<AtomicBool>) {
    let (mut there, mut back) = ([0; 65_536], [0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut there) => {
                let Some(bytes) = read.ok().filter(|count| *count > 0).map(|count| &there[..count]) else { return };
                server.write_all(bytes).await.unwrap();
                let is_commit = bytes.windows(7).any(|word| word == b"COMMIT\0");
                if is_commit && breaks.swap(false, Ordering::SeqCst) {
                    // The server has answered: it has happened. Nobody here will ever read it.
                    let _ = server.read(&mut back).await;
                    return;
                }
            }
            read = server.read(&mut back) => {
                let Some(bytes) = read.ok().filter(|count| *count > 0).map(|count| &back[..count]) else { return };
                if client.write_all(bytes).await.is_err() { return };
            }
        }
    }
}

#[tokio::test]
async fn what_was_committed_and_not_answered_is_found_to_be_there() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let way = BreakingWay::to(server);
    let mut settings = bench.hub.config().clone();
    settings.database.url = tallyman_platform::config::Secret::new(way.address(&name_of(&bench)));
    let far = Bench::empty(Store::File, settings).await;
    let mut device = far.device("main", "Handheld 1").await;
    // An import, which people must not repeat, succeeds once although its answer was lost.
    way.breaks.store(true, Ordering::SeqCst);
    far.import(
        "main",
        crate::ImportKind::Stock,
        "location,item,quantity\nA-02,MILK,7\n",
    )
    .await;
    assert!(!way.breaks.load(Ordering::SeqCst), "the way broke");
    assert_eq!(bench.balance("location", "A-02", "MILK").await, 3 + 7);
    // A batch is simply sent again.
    device.confirm(received("R-1", 1, "MILK", 1));
    way.breaks.store(true, Ordering::SeqCst);
    let batch = serde_json::to_value(device.batch(1, 1)).unwrap();
    let lost = far.ask(device.post("/v1/confirmations", &batch)).await;
    assert_eq!(lost.status(), 503);
    loop {
        let again = far.ask(device.post("/v1/confirmations", &batch)).await;
        if again.status() == 200 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 1);
    bench.check().await;
    audit(server, &name_of(&bench), &[&device]);
}

#[tokio::test]
async fn a_commit_that_broke_off_is_known_to_have_stored_nothing() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let database = name_of(&bench);
    // The connection breaks while the transaction is being committed: before, so that it is taken back.
    server.sql(
        &database,
        "CREATE SEQUENCE tallyman.tries;
         CREATE FUNCTION tallyman.break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('tallyman.tries') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
             RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER break_off AFTER INSERT ON tallyman.document DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION tallyman.break_off()",
    );
    let file = crate::ImportFile::named("stock.csv", b"location,item,quantity\nA-02,MILK,7\n");
    let stock = || bench.hub.import("main", crate::ImportKind::Stock, &file);
    let before = bench.balance("location", "A-02", "MILK").await;
    match stock().await {
        Err(crate::ImportError::Ledger(LedgerError::Unavailable(said))) => {
            assert!(said.contains("Nothing of it was stored"), "{said}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.balance("location", "A-02", "MILK").await, before);
    stock().await.unwrap();
    assert_eq!(bench.balance("location", "A-02", "MILK").await, before + 7);
    bench.check().await;
}
