//! Questions between portals of several devices: who is asked, who may answer, and what is said of those that are silent.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tallyman_floor::wire::v1::{NeighbourAnswers, NeighbourQuestions, Problem};

use crate::ledger::DeviceIdentity;

use super::bench::{Bench, Handheld, Store, config, read, text};

/// A test waits for an answer so long that it would be hung, and so short that it ends.
const HANGS_MS: u64 = 20_000;

async fn bench() -> Bench {
    Bench::empty(Store::File, config()).await
}

impl Handheld {
    fn asks(&self, pass: u64, neighbours: &[&str], wait_ms: u64) -> Request<Body> {
        let body = json!({
            "portal": "door-1", "pass": pass, "neighbours": neighbours, "began_ms_ago": 7_000, "ended_ms_ago": 2_000,
            "wait_ms": wait_ms,
        });
        self.post("/v1/portals/neighbours", &body)
    }

    fn watches(&self, portals: &[&str], seen: Option<(&str, u64)>, wait_ms: u64) -> Request<Body> {
        let (run, after) = seen.unzip();
        let body = json!({
            "portals": portals, "run": run, "after": after.unwrap_or(0), "wait_ms": wait_ms,
        });
        self.post("/v1/portals/questions", &body)
    }

    fn answers(&self, run: &str, number: u64, portal: &str) -> Request<Body> {
        let tags = [json!({"epc": "3034", "best_centi_dbm": -4_500, "class": "sure"})];
        let body = json!({
            "run": run, "number": number,
            "heard": {"portal": portal, "knows_all": true, "tags": tags},
        });
        self.post("/v1/portals/answers", &body)
    }
}

async fn questions(bench: &Bench, request: Request<Body>) -> NeighbourQuestions {
    read(bench.ask(request).await, StatusCode::OK).await
}

async fn answers(bench: &Bench, request: Request<Body>) -> NeighbourAnswers {
    read(bench.ask(request).await, StatusCode::OK).await
}

async fn refused(bench: &Bench, request: Request<Body>) -> (StatusCode, String) {
    let response = bench.ask(request).await;
    let status = response.status();
    let problem: Problem = serde_json::from_str(&text(response).await).unwrap();
    (status, problem.code)
}

#[tokio::test]
async fn a_question_goes_to_the_portal_it_is_for_and_its_answer_back() {
    let bench = bench().await;
    let asking = bench.device("main", "door-1").await;
    let asked = bench.device("main", "door-2").await;
    let elsewhere = bench.device("north", "door-2").await;
    let answering = async {
        let told = questions(&bench, asked.watches(&["door-2"], None, HANGS_MS)).await;
        let [question] = told.questions.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(
            (question.portal.as_str(), question.by.as_str()),
            ("door-2", "door-1")
        );
        bench.clock.advance(Duration::from_millis(300));
        // Until it is answered it is told again to whoever has not seen it, with the time as it is now.
        let again = questions(&bench, asked.watches(&["door-2"], None, 0)).await;
        assert_eq!(again.questions[0].ended_ms_ago, question.ended_ms_ago + 300);
        assert_eq!(again.questions[0].wait_ms, question.wait_ms - 300);
        let seen = Some((told.run.as_str(), question.number));
        assert!(
            questions(&bench, asked.watches(&["door-2"], seen, 0))
                .await
                .questions
                .is_empty()
        );
        // What is not its own, or of another run, is nobody's.
        for request in [
            asking.answers(&told.run, question.number, "door-2"),
            elsewhere.answers(&told.run, question.number, "door-2"),
            asked.answers(&told.run, question.number, "door-3"),
            asked.answers("earlier", question.number, "door-2"),
            asked.answers(&told.run, question.number + 1, "door-2"),
        ] {
            let refused = refused(&bench, request).await;
            assert_eq!(refused, (StatusCode::GONE, "question_over".to_owned()));
        }
        let request = asked.answers(&told.run, question.number, "door-2");
        assert_eq!(bench.ask(request).await.status(), StatusCode::NO_CONTENT);
        let request = asked.answers(&told.run, question.number, "door-2");
        assert_eq!(
            bench.ask(request).await.status(),
            StatusCode::GONE,
            "it is answered"
        );
    };
    let asks = answers(&bench, asking.asks(3, &["door-2"], HANGS_MS));
    let (told, ()) = tokio::join!(asks, answering);
    assert_eq!(told.silent, []);
    assert_eq!(told.answers.len(), 1);
    assert!(told.answers[0].knows_all);
    assert_eq!(told.answers[0].tags[0].epc, "3034");
    // An answer that was lost on its way is asked for again, and is there at once.
    assert_eq!(answers(&bench, asking.asks(3, &["door-2"], HANGS_MS)).await, told);
    // Another pass is another question.
    assert_eq!(answers(&bench, asking.asks(4, &["door-2"], 0)).await.answers, []);
}

#[tokio::test]
async fn who_is_silent_is_told_and_what_is_over_is_forgotten() {
    let bench = bench().await;
    let asking = bench.device("main", "door-1").await;
    let asked = bench.device("main", "door-2").await;
    let run = questions(&bench, asked.watches(&["door-2"], None, 0)).await.run;
    bench.clock.advance(Duration::from_secs(5));
    let told = answers(&bench, asking.asks(1, &["door-2", "door-9"], 0)).await;
    let silent: Vec<_> = told
        .silent
        .iter()
        .map(|silent| (silent.portal.as_str(), silent.seen_ms_ago))
        .collect();
    assert_eq!(silent, [("door-2", Some(5_000)), ("door-9", None)]);
    // A moment later nobody waits for it.
    bench.clock.advance(Duration::from_millis(1));
    assert!(
        questions(&bench, asked.watches(&["door-2"], None, 0))
            .await
            .questions
            .is_empty()
    );
    // Numbers of an earlier run of the hub hide nothing of this one.
    let asks = answers(&bench, asking.asks(2, &["door-2"], HANGS_MS));
    let looks = async {
        let told = questions(
            &bench,
            asked.watches(&["door-2"], Some(("earlier", 1_000)), HANGS_MS),
        )
        .await;
        assert_eq!(told.run, run);
        let number = told.questions[0].number;
        bench.ask(asked.answers(&run, number, "door-2")).await
    };
    assert_eq!(tokio::join!(asks, looks).0.answers.len(), 1);
}

#[tokio::test]
async fn a_portal_has_one_device_that_answers_for_it() {
    let bench = bench().await;
    let first = bench.device("main", "dock-a").await;
    let second = bench.device("main", "dock-b").await;
    questions(&bench, first.watches(&["door-2"], None, 0)).await;
    let taken = (StatusCode::CONFLICT, "portal_taken".to_owned());
    assert_eq!(refused(&bench, second.watches(&["door-2"], None, 0)).await, taken);
    bench.clock.advance(Duration::from_secs(59));
    assert_eq!(refused(&bench, second.watches(&["door-2"], None, 0)).await, taken);
    // The first one was replaced.
    bench.clock.advance(Duration::from_secs(1));
    questions(&bench, second.watches(&["door-2"], None, 0)).await;
    assert_eq!(refused(&bench, first.watches(&["door-2"], None, 0)).await, taken);
}

#[tokio::test]
async fn nonsense_too_much_and_blocked_devices_are_refused() {
    let bench = bench().await;
    let device = bench.device("main", "dock-a").await;
    let many = ["door"; 9];
    let unreadable = (StatusCode::UNPROCESSABLE_ENTITY, "unreadable".to_owned());
    for request in [
        device.asks(1, &[], 0),
        device.asks(1, &many, 0),
        device.asks(1, &[""], 0),
        device.asks(1, &["\0"], 0),
        device.asks(1, &["x".repeat(65).as_str()], 0),
        device.watches(&[], None, 0),
        device.watches(&many, None, 0),
        device.post("/v1/portals/neighbours", &json!({"portal": "door-1"})),
        device.post("/v1/portals/answers", &Value::Null),
    ] {
        assert_eq!(refused(&bench, request).await, unreadable);
    }
    for pass in 0..64 {
        answers(&bench, device.asks(pass, &["door-2"], 0)).await;
    }
    let busy = (StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned());
    assert_eq!(refused(&bench, device.asks(64, &["door-2"], 0)).await, busy);
    bench.clock.advance(Duration::from_millis(1));
    answers(&bench, device.asks(64, &["door-2"], 0)).await;
    // Nobody but the device itself asks in its name.
    let stranger = Request::post("/v1/portals/questions")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"portals":["door-2"]}"#))
        .unwrap();
    assert_eq!(bench.ask(stranger).await.status(), StatusCode::UNAUTHORIZED);
    let who = DeviceIdentity {
        site: "main".to_owned(),
        device: device.enrolled.device.clone(),
    };
    let ledger = bench.hub.ledger();
    ledger.set_revoked(who, true, bench.hub.now()).await.unwrap();
    for request in [
        device.asks(1, &["door-2"], 0),
        device.watches(&["door-2"], None, 0),
        device.answers("run", 1, "door-2"),
    ] {
        assert_eq!(bench.ask(request).await.status(), StatusCode::FORBIDDEN);
    }
}
