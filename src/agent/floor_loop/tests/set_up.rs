//! The first screen: codes scanned and typed, what becomes of them, and what is told afterwards.

use super::*;
use crate::seams::{EnrolTrouble, SetUpNews, SetUpPart, SetUpRefusal};
use tallyman_floor::wire::set_up::{PREFIX, SetUpCode, in_groups};

fn code() -> SetUpCode {
    SetUpCode {
        address: "http://10.0.0.7:7070".to_owned(),
        pin: None,
        code: "K7QM2XRPABCDEFGH".to_owned(),
        site: "main".to_owned(),
        profile: String::new(),
        wifi: None,
    }
}

async fn first_screen() -> Bench {
    let mut bench = Bench::new(unenrolled_store(), Session::new()).await;
    bench.floor.begin(None).await;
    bench.settle();
    bench
}

async fn types(bench: &mut Bench, text: &str) -> Vec<Sounded> {
    for character in text.chars() {
        let key = character.to_digit(10).map_or(Key::Character(character), |digit| {
            Key::Digit(u8::try_from(digit).unwrap())
        });
        bench.input(Input::Key(key)).await;
    }
    bench.input(Input::Key(Key::Enter)).await
}

#[tokio::test]
async fn a_code_is_taken_scanned_or_typed() {
    let (whole, typed) = (code().to_text().unwrap(), code().to_typed().unwrap());
    let taken = "take K7QM2XRPABCDEFGH at http://10.0.0.7:7070";
    let mut bench = first_screen().await;
    assert_eq!(verdicts(&bench.scan(&whole).await), ["go"]);
    assert!(bench.sentences().join(" ").contains("is taken"));
    for text in [
        typed.as_str(),
        &in_groups(&typed).to_lowercase(),
        typed.strip_prefix(PREFIX).unwrap(),
    ] {
        assert_eq!(verdicts(&types(&mut bench, text).await), ["go"], "{text}");
    }
    // The hub is known: the one-time code is enough.
    assert_eq!(verdicts(&types(&mut bench, "K7QM-2XRP-ABCD-EFGH").await), ["go"]);
    let asked = bench.set_up.asked.lock().unwrap().clone();
    assert_eq!(asked, [taken, taken, taken, taken, "take K7QM-2XRP-ABCD-EFGH"]);
}

#[tokio::test]
async fn what_is_typed_is_shown_and_can_be_taken_back() {
    let mut bench = first_screen().await;
    for key in [
        Key::Digit(4),
        Key::Character('k'),
        Key::Character('x'),
        Key::Backspace,
        Key::Menu,
    ] {
        bench.input(Input::Key(key)).await;
    }
    let question = bench.view.borrow().question.clone().unwrap();
    assert_eq!(question.typed.as_deref(), Some("4k"));
    bench.input(Input::Key(Key::Escape)).await;
    assert_eq!(bench.view.borrow().question, None);
    assert_eq!(verdicts(&types(&mut bench, "123").await), ["reject"]);
    assert!(bench.set_up.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_code_that_is_not_taken_says_why() {
    let damaged = code().to_text().unwrap().replace('Q', "R");
    for (text, refusal, wanted) in [
        (damaged.clone(), None, "damaged or incomplete"),
        (PREFIX.to_owned(), None, "damaged or incomplete"),
        (
            code().to_text().unwrap(),
            Some(SetUpRefusal::OtherHub),
            "names another hub",
        ),
        (
            code().to_text().unwrap(),
            Some(SetUpRefusal::NotKept("full".to_owned())),
            "could not be stored",
        ),
    ] {
        let mut bench = first_screen().await;
        *bench.set_up.refusal.lock().unwrap() = refusal;
        assert_eq!(verdicts(&bench.scan(&text).await), ["reject"]);
        let said = bench.sentences().join(" ");
        assert!(said.contains(wanted), "{text}: {said}");
    }
}

#[tokio::test]
async fn why_there_is_no_identity_stays_on_the_screen_until_another_code_is_scanned() {
    let mut bench = first_screen().await;
    for (trouble, wanted) in [
        (EnrolTrouble::OutOfReach, "cannot be reached"),
        (EnrolTrouble::WrongHub, "Somebody else answers"),
        (EnrolTrouble::CodeRefused, "refuses this code"),
        (EnrolTrouble::Awaits, "waits for a yes"),
    ] {
        bench.floor.hear(FromHub::NotEnrolled(trouble)).await;
        bench.scan(BOLT).await;
        let said = bench.sentences().join(" ");
        assert!(said.contains(wanted), "{said}");
    }
    bench.scan(&code().to_text().unwrap()).await;
    assert!(bench.sentences().join(" ").contains("is taken"));
}

#[tokio::test]
async fn a_device_that_is_enrolled_is_not_given_away_by_a_scan() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    assert_eq!(
        verdicts(&bench.scan(&code().to_text().unwrap()).await),
        ["reject"]
    );
    assert!(bench.sentences().join(" ").contains("set up already"));
    assert!(bench.set_up.asked.lock().unwrap().is_empty());
    // And the work goes on where it was.
    assert_eq!(verdicts(&bench.scan(BOLT).await), ["accept"]);
}

#[tokio::test]
async fn what_was_changed_is_told_until_the_worker_does_something() {
    let mut bench = Bench::new(store_with(0).await, Session::new()).await;
    *bench.set_up.news.lock().unwrap() = Some(SetUpNews {
        changed: vec![
            (SetUpPart::Site, "main".to_owned()),
            (SetUpPart::Language, "de".to_owned()),
        ],
        not_taken: vec![SetUpPart::Keymap],
    });
    bench.floor.begin(Some(crate::store::tests::identity())).await;
    // Tasks come at once, and take it off nobody's screen.
    for _ in 0..2 {
        let said = bench.sentences();
        assert_eq!(
            said,
            [
                "This device is set up.",
                "site main, language de.",
                "Not taken: keys."
            ]
        );
        bench.hear_delta(receipt(1)).await;
    }
    bench.scan("ASN-1").await;
    assert!(!bench.sentences().join(" ").contains("is set up"));
    assert_eq!(*bench.set_up.news.lock().unwrap(), None);
}

#[tokio::test]
async fn a_look_at_the_screen_is_said_on_it_and_changes_nothing() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    let before = bench.view.borrow().title.clone();
    let (done, answer) = oneshot::channel();
    bench.floor.hear(FromHub::LookedAt(done)).await;
    answer.await.unwrap().unwrap();
    assert!(bench.sentences().join(" ").contains("is looking at this screen"));
    assert_eq!(bench.view.borrow().title, before);
    bench.settle();
    assert_eq!(verdicts(&bench.scan(BOLT).await), ["accept"]);
}
