//! The worker's session in the store: packed, told damaged, and taken over from stores of before.

use super::*;
use crate::store::{salvage, session_row};

/// Turns the file into one from before the session had a row of its own.
const OF_BEFORE: &str = "INSERT INTO state (name, body, hash)
         SELECT 'session', '{\"v\":1}', hash FROM session;
     DROP TABLE session;
     DROP TABLE sweep;
     DROP TABLE swept_tag;
     DROP TABLE pass;
     DROP TABLE passed_tag;
     PRAGMA user_version = 2;";

fn meddle(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

async fn with_session(session: &str) -> Fixture {
    let fixture = store_with(0).await;
    let step = StepCommit {
        expected: at(1, 1),
        drafts: vec![picked("T", 1, 1)],
        session: session.to_owned(),
        trace: Vec::new(),
    };
    fixture.store.commit(step).await.unwrap();
    fixture
}

#[tokio::test]
async fn a_session_is_read_as_it_was_written_and_takes_less_room() {
    let undo = "{\"act\":\"reversed\",\"task\":\"P-2001\"}";
    let session = format!("{{\"undo\":[{}]}}", [undo; 60].join(","));
    let fixture = with_session(&session).await;
    let (fixture, opened) = fixture.reopen_after(|_| ());
    assert_eq!(opened.session.as_deref(), Some(session.as_str()));
    let bytes: usize = Connection::open(fixture.path())
        .unwrap()
        .query_row("SELECT length(packed) FROM session", [], |row| row.get(0))
        .unwrap();
    assert!(bytes < session.len() / 5, "{bytes} of {}", session.len());
}

#[tokio::test]
async fn a_damaged_byte_in_it_never_yields_another_session() {
    let session = "{\"v\":1,\"task\":\"P-2001\"}";
    let fixture = with_session(session).await;
    let connection = Connection::open(fixture.path()).unwrap();
    let packed: Vec<u8> = connection
        .query_row("SELECT packed FROM session", [], |row| row.get(0))
        .unwrap();
    let mut told = 0;
    for place in 0..packed.len() {
        let mut damaged = packed.clone();
        damaged[place] ^= 0xFF;
        connection
            .execute("UPDATE session SET packed = ?1", [damaged])
            .unwrap();
        match session_row::get(&connection).unwrap() {
            Some(None) => told += 1,
            // The sum at the end of the stream is not looked at; the hash is.
            read => assert_eq!(read, Some(Some(session.to_owned())), "byte {place}"),
        }
    }
    assert!(told > packed.len() / 2, "{told} of {}", packed.len());
}

#[tokio::test]
async fn a_store_of_before_keeps_its_session() {
    let (_fixture, opened) = with_session("{\"v\":1}")
        .await
        .reopen_after(|path| meddle(path, OF_BEFORE));
    assert_eq!(opened.session.as_deref(), Some("{\"v\":1}"));
    assert!(!opened.session_damaged);
}

#[tokio::test]
async fn a_session_is_salvaged_from_a_store_of_before_as_well() {
    for of_before in [false, true] {
        let fixture = with_session("{\"v\":1}").await;
        fixture.store.checkpoint().await.unwrap();
        let path = fixture.path();
        let Fixture {
            folder: _folder,
            store,
        } = fixture;
        drop(store);
        if of_before {
            meddle(&path, OF_BEFORE);
        }
        let salvaged = salvage(&path, "2026-11-29T08:00:00Z".parse().unwrap()).unwrap();
        assert!(salvaged.session, "of before: {of_before}");
        let (_store, opened) = SqliteStore::open(&path, Writing::Inline).unwrap();
        assert_eq!(opened.session.as_deref(), Some("{\"v\":1}"));
    }
}
