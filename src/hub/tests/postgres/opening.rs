//! Opening a database: several hubs at once, roles that may little, servers that cannot be used, and what is said then.

use tallyman_platform::config::Secret;

use super::super::bench::{config, received};
use super::{Bench, Server, Store, name_of, server};
use crate::config::DatabaseConfig;
use crate::ledger::postgres::{OpenPostgresError, PostgresLedger};

fn at(url: String) -> DatabaseConfig {
    DatabaseConfig {
        url: Secret::new(url),
        connections_max: 4,
        connect_timeout_ms: 2_000,
        ..config().database
    }
}

async fn open(url: String) -> Result<PostgresLedger, OpenPostgresError> {
    PostgresLedger::open(&at(url), "FIRST", "2026-11-23T08:00:00Z".parse().unwrap(), false).await
}

async fn refused(url: String) -> String {
    open(url).await.expect_err("it cannot be opened").to_string()
}

#[tokio::test]
async fn hubs_that_start_together_make_one_schema_and_one_life() {
    let Some(server) = server() else { return };
    let address = server.database();
    let opening: Vec<_> = (0..8).map(|_| tokio::spawn(open(address.clone()))).collect();
    let mut lives = std::collections::HashSet::new();
    for opened in opening {
        lives.insert(crate::ledger::Ledger::generation(&opened.await.unwrap().unwrap()));
    }
    assert_eq!(lives.len(), 1, "{lives:?}");
    let database = address
        .split_once(":///")
        .unwrap()
        .1
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        server.sql(
            &database,
            "SELECT count(*) = max(version) FROM tallyman.schema_step"
        ),
        "t",
        "each step once"
    );
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let Some(server) = server() else { return };
    let bench = Bench::new(Store::Postgres).await;
    let database = name_of(&bench);
    server.sql(
        &database,
        "INSERT INTO tallyman.schema_step VALUES (99, 'the future')",
    );
    let said = refused(server.address(&database)).await;
    assert!(
        said.contains("step 99") && said.contains("newer program"),
        "{said}"
    );
    let read = PostgresLedger::open_to_read(&at(server.address(&database))).await;
    assert!(matches!(read, Err(OpenPostgresError::Newer { .. })));
    let empty = PostgresLedger::open_to_read(&at(server.database())).await;
    assert!(matches!(empty, Err(OpenPostgresError::NoStore)));
}

#[tokio::test]
async fn a_role_without_privileges_is_enough() {
    let Some(server) = server() else { return };
    let address = server.database();
    let database = address
        .split_once(":///")
        .unwrap()
        .1
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    server.sql(
        &database,
        &format!("CREATE ROLE hub_role LOGIN; ALTER DATABASE {database} OWNER TO hub_role"),
    );
    let mut settings = config();
    settings.database.url = Secret::new(server.address_as(&database, "hub_role"));
    let bench = Bench::empty(Store::File, settings).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    assert_eq!(device.send_all(&bench).await.applied_seq, 1);
    bench.check().await;
    // One that only reads checks it, and changes nothing.
    server.sql(
        &database,
        "CREATE ROLE auditor_role LOGIN; GRANT USAGE ON SCHEMA tallyman TO auditor_role;
         GRANT SELECT ON ALL TABLES IN SCHEMA tallyman TO auditor_role;
         REVOKE SELECT ON tallyman.person, tallyman.session, tallyman.api_key FROM auditor_role",
    );
    let reader = PostgresLedger::open_to_read(&at(server.address_as(&database, "auditor_role")))
        .await
        .unwrap();
    let proof = reader.verify_sites(None).await.unwrap();
    assert_eq!((proof.records, proof.holds()), (1, true));
    assert!(reader.verify_sites(Some("north")).await.unwrap().holds());
    assert!(reader.verify_sites(Some("nowhere")).await.is_err());
}

#[tokio::test]
async fn addresses_and_servers_that_cannot_be_used_are_told() {
    let Some(server) = server() else { return };
    for (url, wanted) in [
        (
            "not an address".to_owned(),
            "postgresql://user:password@host/name",
        ),
        ("postgresql:///name".to_owned(), "names no host"),
        (
            "postgresql://u:secret-word@127.0.0.1:1/name".to_owned(),
            "127.0.0.1",
        ),
        (server.address("no_such_database"), "does not exist"),
        (server.address_as("postgres", "no_such_role"), "does not exist"),
    ] {
        let said = refused(url).await;
        assert!(said.contains(wanted), "{wanted}: {said}");
        assert!(!said.contains("secret-word"), "{said}");
    }
    server.sql(
        "postgres",
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    );
    assert!(refused(server.address("latin")).await.contains("UTF8"));
}

#[tokio::test]
async fn a_server_that_does_not_sync_is_refused() {
    let Some(server) = Server::start("fsync = off\n") else {
        return;
    };
    assert!(refused(server.database()).await.contains("fsync = off"));
}

#[tokio::test]
async fn commits_are_synchronous_whatever_the_server_says() {
    let Some(server) = Server::start("synchronous_commit = off\n") else {
        return;
    };
    let mut settings = config();
    settings.database.url = Secret::new(server.database());
    let bench = Bench::empty(Store::File, settings).await;
    let mut device = bench.device("main", "Handheld 1").await;
    for _ in 0..20 {
        let seq = device.confirm(received("R-1", 1, "MILK", 1));
        assert_eq!(device.send(&bench, seq, seq).await.applied_seq, seq);
    }
    // What was answered is there after a crash.
    server.stop_at_once();
    server.start_again();
    let bench = bench.reopened().await;
    assert_eq!(bench.hub.verify().await.unwrap().records, 20);
}
