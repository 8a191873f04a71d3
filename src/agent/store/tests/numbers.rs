//! Leased numbers: none is given twice, whatever is pulled, restarted, copied or taken back.

use tallyman_floor::Place as Where;
use tallyman_floor::{HandlingUnitId, NumberBlock, NumberForm, NumberKind};

use super::*;
use crate::seams::NumberStore as _;

fn block(first: u64, last: u64) -> NumberBlock {
    NumberBlock::new(NumberForm::sscc(3, "4012345").unwrap(), first, last).unwrap()
}

async fn lease(fixture: &Fixture, key: &str, block: NumberBlock) {
    let kind = block.form.kind();
    let asked = fixture.store.ask_numbers(kind, key.to_owned()).await.unwrap();
    assert_eq!(asked, key);
    fixture.store.keep_numbers(asked, vec![block]).await.unwrap();
}

fn into_unit(unit: &str) -> Draft {
    let mut draft = picked("T", 1, 1);
    draft.goods.as_mut().unwrap().handling_unit = Some(HandlingUnitId::new(unit));
    draft
}

fn next(fixture: &Fixture) -> Option<String> {
    fixture.store.numbers().unwrap().next()
}

#[tokio::test]
async fn a_number_is_used_up_with_the_confirmation_that_carries_it_first() {
    let fixture = store_with(0).await;
    assert_eq!(next(&fixture), None);
    lease(&fixture, "a", block(0, 2)).await;
    let first = next(&fixture).unwrap();
    fixture.commit(vec![picked("T", 1, 1)]).await.unwrap();
    fixture.commit(vec![into_unit("TOTE-1")]).await.unwrap();
    assert_eq!(next(&fixture).as_ref(), Some(&first), "nothing carried it");
    let places = fixture
        .commit(vec![into_unit(&first), into_unit(&first)])
        .await
        .unwrap();
    let second = next(&fixture).unwrap();
    assert_ne!(first, second);
    fixture
        .commit(vec![reversed(&into_unit(&first), places[0])])
        .await
        .unwrap();
    assert_eq!(
        next(&fixture).as_ref(),
        Some(&second),
        "undo gives no number back"
    );
    // Also as the place the goods go to.
    let mut to = picked("T", 1, 1);
    to.to = Some(Where::HandlingUnit(HandlingUnitId::new(second.as_str())));
    fixture.commit(vec![to]).await.unwrap();
    let (fixture, _) = fixture.reopen_after(|_| ());
    let third = next(&fixture).unwrap();
    assert!(third != first && third != second, "after a restart");
    fixture.commit(vec![into_unit(&third)]).await.unwrap();
    assert_eq!(next(&fixture), None);
}

#[tokio::test]
async fn a_commit_that_fails_uses_nothing_up() {
    let fixture = store_with(0).await;
    lease(&fixture, "a", block(0, 2)).await;
    let first = next(&fixture).unwrap();
    let step = StepCommit {
        expected: at(1, 9),
        drafts: vec![into_unit(&first)],
        session: "{}".to_owned(),
        trace: Vec::new(),
    };
    assert!(matches!(
        fixture.store.commit(step).await,
        Err(StoreError::Elsewhere(_))
    ));
    assert_eq!(next(&fixture), Some(first));
}

#[tokio::test]
async fn a_request_that_was_not_answered_keeps_its_key() {
    let fixture = store_with(0).await;
    assert_eq!(
        fixture
            .store
            .ask_numbers(NumberKind::Sscc, "a".to_owned())
            .await
            .unwrap(),
        "a"
    );
    let (fixture, _) = fixture.reopen_after(|_| ());
    assert_eq!(
        fixture
            .store
            .ask_numbers(NumberKind::Sscc, "b".to_owned())
            .await
            .unwrap(),
        "a"
    );
    fixture
        .store
        .keep_numbers("b".to_owned(), vec![block(5, 9)])
        .await
        .unwrap();
    assert_eq!(next(&fixture), None, "nobody waits for this answer");
    fixture
        .store
        .keep_numbers("a".to_owned(), vec![block(0, 4)])
        .await
        .unwrap();
    fixture
        .store
        .keep_numbers("a".to_owned(), vec![block(0, 4)])
        .await
        .unwrap();
    assert_eq!(
        fixture.store.numbers().unwrap().left(NumberKind::Sscc),
        5,
        "an answer counts once"
    );
}

#[tokio::test]
async fn a_new_epoch_gives_none_of_the_numbers_before_it() {
    let fixture = store_with(1).await;
    lease(&fixture, "a", block(0, 9)).await;
    fixture
        .store
        .ask_numbers(NumberKind::Sscc, "b".to_owned())
        .await
        .unwrap();
    fixture
        .store
        .begin_epoch(2, at(1, 0), HubStory::default())
        .await
        .unwrap();
    assert_eq!(next(&fixture), None, "a copy that went on may have given them");
    let held = fixture.store.numbers().unwrap();
    assert_eq!(
        held.blocks[0].block,
        block(0, 9),
        "the hub is told of them all the same"
    );
    assert!(held.asked.is_empty());
    lease(&fixture, "c", block(10, 19)).await;
    assert!(next(&fixture).is_some());
    let other = Identity {
        device: "dev-8".to_owned(),
        ..identity()
    };
    fixture.store.note(SyncMarks {
        applied: at(2, 1),
        ..fixture.store.marks()
    });
    fixture.store.flush().await.unwrap();
    fixture.store.enrol(other).await.unwrap();
    assert!(
        fixture.store.numbers().unwrap().blocks.is_empty(),
        "another device has other numbers"
    );
}

#[tokio::test]
async fn a_damaged_row_gives_no_number_and_stops_no_work() {
    let fixture = store_with(0).await;
    lease(&fixture, "a", block(0, 9)).await;
    let first = next(&fixture).unwrap();
    let (fixture, _) = fixture.reopen_after(|path| {
        meddle(
            path,
            "UPDATE state SET body = replace(body, '4012345', '4012346') WHERE name = 'numbers'",
        );
    });
    assert_eq!(next(&fixture), None);
    fixture.commit(vec![into_unit(&first)]).await.unwrap();
    lease(&fixture, "b", block(10, 19)).await;
    assert!(next(&fixture).is_some());
}
