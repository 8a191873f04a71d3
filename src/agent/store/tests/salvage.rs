//! What can still be read of a damaged store is saved, and nothing else is believed.

use super::*;
use crate::store::salvage;

const NOW: &str = "2026-11-29T08:00:00Z";

/// Bytes of a page of the store, see the schema.
const PAGE_BYTES: usize = 512;

/// Closes a store, with everything in its file.
async fn closed(fixture: Fixture) -> (tempfile::TempDir, PathBuf) {
    fixture.store.flush().await.unwrap();
    fixture.store.checkpoint().await.unwrap();
    let path = fixture.path();
    let Fixture { folder, store } = fixture;
    drop(store);
    (folder, path)
}

/// Overwrites the page in the middle of those that hold the journal's rows.
fn destroy_a_page_of_rows(path: &Path) {
    /// The beginning of each body, which stands on the page of its row; what is longer follows elsewhere.
    const BEGINNING: &[u8] = b"{\"v\":1,\"site\"";
    let mut bytes = std::fs::read(path).unwrap();
    let holds_rows = |page: &[u8]| {
        page.windows(BEGINNING.len())
            .filter(|window| *window == BEGINNING)
            .count()
            > 1
    };
    let pages: Vec<usize> = bytes
        .chunks(PAGE_BYTES)
        .enumerate()
        .filter(|(_, page)| holds_rows(page))
        .map(|(number, _)| number)
        .collect();
    assert!(pages.len() > 4, "the journal fills several pages");
    let page = pages[pages.len() / 2];
    bytes[page * PAGE_BYTES..(page + 1) * PAGE_BYTES].fill(0xA5);
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn rows_before_and_behind_a_destroyed_page_are_saved_and_the_missing_ones_are_named() {
    let fixture = store_with(0).await;
    for quantity in 1..=60 {
        fixture.commit(vec![picked("T", 1, quantity)]).await.unwrap();
    }
    fixture.store.note(SyncMarks {
        applied: at(1, 5),
        ..SyncMarks::default()
    });
    let (folder, path) = closed(fixture).await;
    destroy_a_page_of_rows(&path);

    let salvaged = salvage(&path, NOW.parse().unwrap()).unwrap();
    assert_eq!((salvaged.device.as_str(), salvaged.session), ("dev-7", true));
    let [lost] = salvaged.lost.as_slice() else {
        panic!("one gap, not {:?}", salvaged.lost)
    };
    assert!(lost.clone().count() < 16, "{lost:?}");
    assert_eq!(salvaged.records, 60 - lost.clone().count() as u64);
    assert!(salvaged.aside.exists(), "the evidence is kept");
    let left_over = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .contains(".reading")
        })
        .count();
    assert_eq!(left_over, 0);

    // The store works, says that a record is missing, and goes on in a new epoch with what lies behind it, unchanged.
    let (store, opened) = SqliteStore::open(&path, Writing::Inline).unwrap();
    assert_eq!(
        (opened.damaged, store.next_place()),
        (salvaged.damaged, at(1, 61))
    );
    let before_gap = store.outbox(0, 1_000).await.unwrap();
    assert_eq!(before_gap.records.len() as u64, lost.start() - 1);
    assert!(before_gap.missing);
    let moved = store
        .begin_epoch(2, at(1, lost.start() - 1), HubStory::default())
        .await
        .unwrap();
    assert_eq!(moved, 60 - lost.end());
    let again = store.outbox(0, 1_000).await.unwrap();
    assert!(again.damaged.is_empty());
    let mut cut_short = 0;
    for (record, quantity) in again.records.iter().zip(lost.end() + 1..) {
        match serde_json::from_str::<ConfirmationBody>(&record.body) {
            Ok(body) => assert_eq!(body.goods.unwrap().quantity_micro, quantity as i64 * 1_000_000),
            // The rest of it stood on the destroyed page: a text, which nobody takes for a confirmation.
            Err(_) => {
                cut_short += 1;
                assert!(
                    serde_json::from_str::<String>(&record.body).is_ok(),
                    "{}",
                    record.body
                );
            }
        }
    }
    assert_eq!(cut_short, salvaged.damaged);
}

#[tokio::test]
async fn a_sound_store_is_saved_whole() {
    let (_folder, path) = closed(store_with(40).await).await;
    let salvaged = salvage(&path, NOW.parse().unwrap()).unwrap();
    assert_eq!((salvaged.records, salvaged.damaged), (40, 0));
    assert!(salvaged.lost.is_empty());
    let (store, opened) = SqliteStore::open(&path, Writing::Inline).unwrap();
    assert_eq!(opened.identity, Some(identity()));
    assert_eq!(store.next_place(), at(1, 41));
}

#[tokio::test]
async fn what_only_the_log_has_is_saved_too() {
    let fixture = store_with(20).await;
    let path = fixture.path();
    // A battery pulled: the log is not copied into the file.
    let Fixture { folder, store } = fixture;
    let aside = folder.path().join("pulled");
    std::fs::create_dir(&aside).unwrap();
    for suffix in ["", "-wal"] {
        let name = format!("agent.db{suffix}");
        std::fs::copy(folder.path().join(&name), aside.join(&name)).unwrap();
    }
    drop(store);
    assert!(path.exists());
    let salvaged = salvage(&aside.join("agent.db"), NOW.parse().unwrap()).unwrap();
    assert_eq!(salvaged.records, 20);
}

#[tokio::test]
async fn without_an_identity_nothing_is_made_and_the_file_is_kept() {
    let (_folder, path) = closed(store_with(3).await).await;
    meddle(
        &path,
        "UPDATE state SET body = replace(body, 'north', 'norti') WHERE name = 'identity'",
    );
    let message = salvage(&path, NOW.parse().unwrap()).unwrap_err().to_string();
    assert!(
        message.contains("enrolled anew") && message.contains(".aside-"),
        "{message}"
    );
    assert!(!path.exists(), "no empty store takes its place");
}

/// Any page may be the one that is destroyed: what is saved is what was written, and nothing is made up.
#[tokio::test]
async fn whichever_page_is_destroyed_no_record_is_made_up() {
    let fixture = store_with(0).await;
    for quantity in 1..=40 {
        fixture.commit(vec![picked("T", 1, quantity)]).await.unwrap();
    }
    let (folder, path) = closed(fixture).await;
    let sound = std::fs::read(&path).unwrap();
    let (mut refused, mut whole, mut parts) = (0, 0, 0);
    for page in 0..sound.len() / PAGE_BYTES {
        let case = folder.path().join(format!("case-{page}"));
        std::fs::create_dir(&case).unwrap();
        let path = case.join("agent.db");
        let mut bytes = sound.clone();
        bytes[page * PAGE_BYTES..(page + 1) * PAGE_BYTES].fill(0xFF);
        std::fs::write(&path, bytes).unwrap();
        let Ok(salvaged) = salvage(&path, NOW.parse().unwrap()) else {
            refused += 1;
            continue;
        };
        let lost: u64 = salvaged
            .lost
            .iter()
            .map(|range| range.clone().count() as u64)
            .sum();
        let (store, _) = SqliteStore::open(&path, Writing::Inline).unwrap();
        let next = store.next_place().seq;
        assert_eq!(salvaged.records + lost + 1, next, "page {page}");
        let connection = Connection::open(&path).unwrap();
        let mut select = connection.prepare("SELECT seq, body FROM journal").unwrap();
        let rows = select
            .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
            .unwrap();
        let mut unreadable = 0;
        for row in rows {
            let (seq, body) = row.unwrap();
            match serde_json::from_str::<ConfirmationBody>(&body) {
                Ok(body) => assert_eq!(body.goods.unwrap().quantity_micro, seq * 1_000_000, "page {page}"),
                Err(_) => unreadable += 1,
            }
        }
        assert_eq!(unreadable, salvaged.damaged, "page {page}");
        if salvaged.records == 40 {
            whole += 1
        } else {
            parts += 1
        }
    }
    assert!(
        refused > 0 && whole > 0 && parts > 0,
        "{refused} refused, {whole} whole, {parts} in parts"
    );
}

#[tokio::test]
async fn where_it_is_not_known_what_moved_no_record_of_an_earlier_epoch_is_taken() {
    let fixture = store_with(5).await;
    fixture
        .store
        .begin_epoch(2, at(1, 3), HubStory::default())
        .await
        .unwrap();
    fixture.commit(vec![picked("T", 1, 1)]).await.unwrap();
    let (_folder, path) = closed(fixture).await;
    let whole = path.with_file_name("whole.db");
    std::fs::copy(&path, &whole).unwrap();
    assert_eq!(salvage(&whole, NOW.parse().unwrap()).unwrap().records, 5 + 3);
    meddle_with_schema(&path, "DROP TABLE moved");
    assert_eq!(
        salvage(&path, NOW.parse().unwrap()).unwrap().records,
        3,
        "those of epoch 2"
    );
}

fn meddle_with_schema(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}
