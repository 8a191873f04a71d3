//! A site of 100,000 cached lines, and what a step writes.

use tallyman_floor::Catalogue as _;

use super::cache::{catalogue, delta, item, task};
use super::*;

#[tokio::test]
async fn a_hundred_thousand_lines_are_looked_up_without_being_in_memory() {
    let fixture = store_with(0).await;
    for page in 0..50 {
        let part = Delta {
            tasks: (0..100)
                .map(|n| task(&format!("T{page}-{n}"), &format!("SO-{page:02}{n:03}"), n % 7, 20))
                .collect(),
            items: (0..400)
                .map(|n| item(&format!("I{page}-{n}"), &format!("{page:05}{n:09}")))
                .collect(),
            ..delta(&format!("c{page}"), at(1, 0))
        };
        fixture
            .store
            .cache(CacheChange { part, last: true })
            .await
            .unwrap();
    }
    let world = catalogue(&fixture);
    assert_eq!(
        world.open_tasks().len(),
        tallyman_floor::catalogue::OPEN_TASKS_MAX
    );
    for page in 0..50 {
        let found = world.find_reference(&format!("so-{page:02}042")).unwrap();
        assert_eq!(
            (found.id.as_str(), found.lines.len()),
            (format!("T{page}-42").as_str(), 20)
        );
        let (item, _) = world.find_code(&format!("{page:05}{:09}", 399)).unwrap();
        assert_eq!(item.id.as_str(), format!("I{page}-399"));
    }
    assert!(world.find_code("no such code").is_none());
}

/// Bytes a step writes to the flash, checkpoints included. A figure for the benchmarks; here it guards against a
/// second index or a larger page creeping in.
#[tokio::test]
async fn a_step_writes_few_pages() {
    let fixture = store_with(0).await;
    let mut pages = 0;
    const STEPS: u64 = 500;
    for _ in 0..STEPS {
        let before = wal_bytes(&fixture);
        fixture.commit(vec![picked("T", 1, 1)]).await.unwrap();
        let after = wal_bytes(&fixture);
        pages += after.saturating_sub(before) / (1024 + 24);
    }
    // Journal, state and trace leaf, and now and then a new page with its parent and the header.
    assert!(pages <= STEPS * 5, "{pages} pages of the log for {STEPS} steps");
}

fn wal_bytes(fixture: &Fixture) -> u64 {
    std::fs::metadata(format!("{}-wal", fixture.path().display())).map_or(0, |file| file.len())
}
