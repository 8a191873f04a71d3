//! Files that are not what they should be, and a disk that is full.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn open(path: &Path) -> Result<(SqliteStore, crate::seams::Opened), OpenStoreError> {
    SqliteStore::open(path, Writing::Inline)
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database, only text that somebody needs".repeat(100)).unwrap();
    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);")
        .unwrap();
    for path in [text, foreign] {
        let before = std::fs::read(&path).unwrap();
        let message = open(&path).err().expect("a refusal").to_string();
        assert!(message.contains("is no agent store"), "{message}");
        assert_eq!(
            std::fs::read(&path).unwrap(),
            before,
            "{} was changed",
            path.display()
        );
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_what_to_do() {
    let fixture = store_with(1).await;
    let path = fixture.path();
    let Fixture { folder, store } = fixture;
    drop(store);
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let message = open(&path).err().expect("a refusal").to_string();
    assert!(
        message.contains("99") && message.contains("newer program"),
        "{message}"
    );
    drop(folder);
}

#[tokio::test]
async fn a_damaged_identity_stops_the_start_and_names_the_way_out() {
    let fixture = store_with(1).await;
    let path = fixture.path();
    let Fixture { folder, store } = fixture;
    drop(store);
    meddle(
        &path,
        "UPDATE state SET body = replace(body, 'north', 'norti') WHERE name = 'identity'",
    );
    let message = open(&path).err().expect("a refusal").to_string();
    assert!(
        message.contains("`identity`") && message.contains("--set-store-aside"),
        "{message}"
    );

    // The way out keeps the file.
    let aside = set_aside(&path, "2026-11-23T08:00:00Z".parse().unwrap()).unwrap();
    assert!(
        aside
            .to_string_lossy()
            .ends_with("agent.db.aside-20261123T080000Z"),
        "{}",
        aside.display()
    );
    let (_, opened) = open(&path).unwrap();
    assert!(opened.created);
    let rows: i64 = Connection::open(&aside)
        .unwrap()
        .query_row("SELECT count(*) FROM journal", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1, "what was set aside is still there");
    drop(folder);
}

#[tokio::test]
async fn a_store_in_use_is_not_set_aside_and_a_missing_one_is_said_to_be() {
    let fixture = store_with(1).await;
    let now = "2026-11-23T08:00:00Z".parse().unwrap();
    let message = set_aside(&fixture.path(), now).unwrap_err().to_string();
    assert!(message.contains("stop the agent first"), "{message}");
    assert!(fixture.path().exists());
    let missing = fixture.path().with_file_name("no.db");
    assert!(
        set_aside(&missing, now)
            .unwrap_err()
            .to_string()
            .contains("there is no store")
    );
}

#[tokio::test]
async fn a_damaged_session_or_mark_is_no_reason_to_stop() {
    let fixture = store_with(2).await;
    fixture.store.note(SyncMarks {
        applied: at(1, 2),
        ..SyncMarks::default()
    });
    fixture.store.flush().await.unwrap();
    let (fixture, opened) = fixture.reopen_after(|path| {
        meddle(path, "UPDATE session SET packed = CAST('{\"v\":9}' AS BLOB)");
        meddle(
            path,
            "UPDATE state SET body = replace(body, '2', '1') WHERE name = 'marks'",
        );
    });
    assert!(opened.session_damaged);
    assert_eq!(opened.session, None);
    assert_eq!(
        fixture.store.marks().applied,
        at(1, 0),
        "the hub tells again what it has"
    );
}

#[tokio::test]
async fn a_full_disk_refuses_the_step_whole_and_takes_the_next_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.db");
    let mut small = options();
    small.pages_max = Some(60);
    let (store, _) = SqliteStore::open_with(&path, Writing::Inline, &small).unwrap();
    store.enrol(identity()).await.unwrap();
    let store = Arc::new(store);
    let fixture = Fixture { folder, store };
    let mut stored = 0;
    let error = loop {
        match fixture.commit(vec![picked("T", 1, 1), picked("T", 2, 1)]).await {
            Ok(places) => stored += places.len(),
            Err(error) => break error,
        }
        assert!(stored < 1_000, "the quota never came");
    };
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    assert!(error.to_string().contains("full"), "{error}");
    let next = fixture.store.next_place();
    assert_eq!(next, at(1, stored as u64 + 1), "half a step is no step");
    assert!(!fixture.store.figures().dead);

    // Opened with room again, everything that was answered is there and the next step is taken.
    let (fixture, opened) = fixture.reopen_after(|_| ());
    assert_eq!((opened.damaged, fixture.store.next_place()), (0, next));
    assert_eq!(
        fixture.store.outbox(0, 10_000).await.unwrap().records.len(),
        stored
    );
    assert_eq!(fixture.commit(vec![picked("T", 1, 1)]).await.unwrap(), [next]);
}

#[tokio::test]
async fn the_file_with_the_secret_is_for_its_owner_alone() {
    let fixture = store_with(1).await;
    for suffix in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{}{suffix}", fixture.path().display()));
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    assert!(!format!("{:?}", identity()).contains("secret-of-dev-7"));
}
