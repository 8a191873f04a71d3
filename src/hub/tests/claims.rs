//! Claims: leases whose numbers grow, what ends them, who may take a task over, and what is in doubt then.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};
use tallyman_floor::wire::v1::{Claims, TaskBody};

use super::bench::{Bench, Handheld, Store, config, on_both_stores, picked, post, read, text};

on_both_stores![
    a_lease_is_held_by_one_and_its_number_grows,
    contact_renews_a_lease_and_silence_ends_it,
    a_worker_takes_over_from_a_silent_device_and_a_supervisor_from_any,
    what_a_silent_device_may_have_done_is_in_doubt_until_it_has_drained,
    work_is_taken_along_for_a_shift,
    a_line_left_to_another_device_waits_for_its_records,
    a_late_pick_is_posted_and_not_held_against_the_holder,
    two_hubs_on_one_store_give_one_lease,
    any_interleaving_keeps_one_holder_and_every_fact,
    nonsense_is_unknown_and_too_much_is_refused,
];

impl Handheld {
    pub(super) async fn claim(&self, bench: &Bench, request: Value) -> Claims {
        let response = bench.ask(self.post("/v1/claims", &request)).await;
        read(response, StatusCode::OK).await
    }

    /// Claims one task; gives the number of the lease, or who holds it.
    async fn claim_one(&self, bench: &Bench, task: &str) -> Result<u64, String> {
        answer(self.claim(bench, json!({ "tasks": [task] })).await)
    }

    async fn take_over(&self, bench: &Bench, task: &str) -> Result<u64, String> {
        let request = json!({ "tasks": [task], "worker": "BOB", "take_over": true });
        answer(self.claim(bench, request).await)
    }

    async fn release(&self, bench: &Bench, task: &str, fence: u64) {
        let body = json!({ "leases": [{ "task": task, "fence": fence }] });
        let response = bench.ask(self.post("/v1/claims/release", &body)).await;
        assert_eq!(
            response.status(),
            StatusCode::NO_CONTENT,
            "{}",
            text(response).await
        );
    }

    async fn heartbeat(&self, bench: &Bench, waiting: u64) {
        let mut batch = self.batch(1, 0);
        batch.previous_hash = self.journal.last().unwrap().1.to_string();
        batch.heartbeat.waiting = waiting;
        let batch = serde_json::to_value(batch).unwrap();
        let response = bench.ask(self.post("/v1/confirmations", &batch)).await;
        assert_eq!(response.status(), StatusCode::OK, "{}", text(response).await);
    }

    /// The task as this device is told.
    pub(super) async fn task(&self, bench: &Bench, id: &str) -> TaskBody {
        let delta = self.delta(bench, None).await;
        delta.tasks.into_iter().find(|task| task.id == id).unwrap()
    }
}

/// A hub whose tokens outlast the longest of these stories.
async fn bench(store: Store) -> Bench {
    let mut config = config();
    config.credentials.token_minutes = 1_440;
    Bench::filled(store, config).await
}

fn answer(claims: Claims) -> Result<u64, String> {
    match (claims.granted.as_slice(), claims.refused.as_slice()) {
        ([granted], []) => Ok(granted.fence),
        ([], [refused]) => Err(match &refused.holder {
            Some(holder) => format!("{} {}", refused.code, holder.device_name),
            None => refused.code.clone(),
        }),
        other => panic!("neither one nor the other: {other:?}"),
    }
}

fn under(fence: u64, mut body: Value) -> Value {
    body["fence"] = json!(fence);
    body
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

async fn a_lease_is_held_by_one_and_its_number_grows(store: Store) {
    let bench = bench(store).await;
    let one = bench.device("main", "Handheld 1").await;
    let two = bench.device("main", "Handheld 2").await;
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(1));
    assert_eq!(
        one.claim_one(&bench, "P-1").await,
        Ok(1),
        "again is the same lease"
    );
    assert_eq!(
        two.claim_one(&bench, "P-1").await,
        Err("held Handheld 1".to_owned())
    );
    assert_eq!(two.claim_one(&bench, "NONE").await, Err("unknown".to_owned()));
    let told = two.task(&bench, "P-1").await.claim.unwrap();
    assert_eq!((told.device_name.as_str(), told.fence), ("Handheld 1", 1));
    two.release(&bench, "P-1", 1).await;
    assert_eq!(
        two.claim_one(&bench, "P-1").await,
        Err("held Handheld 1".to_owned()),
        "nobody gives back what another one has"
    );
    one.release(&bench, "P-1", 1).await;
    let free = two.task(&bench, "P-1").await;
    assert_eq!((free.claim, free.doubts), (None, Vec::new()));
    assert_eq!(two.claim_one(&bench, "P-1").await, Ok(2));
    one.release(&bench, "P-1", 1).await;
    assert!(
        two.task(&bench, "P-1").await.claim.is_some(),
        "an old lease gives nothing back"
    );
    // A task that ends is held by nobody, and cannot be claimed.
    let mut two = two;
    two.confirm(under(2, json!({ "act": "task_closed", "task": "P-1" })));
    two.send_all(&bench).await;
    assert_eq!(one.claim_one(&bench, "P-1").await, Err("closed".to_owned()));
    let detail = bench
        .hub
        .ledger()
        .task("main".to_owned(), "P-1".to_owned())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(detail.summary.claim, None);
}

async fn contact_renews_a_lease_and_silence_ends_it(store: Store) {
    let bench = bench(store).await;
    let one = bench.device("main", "Handheld 1").await;
    let two = bench.device("main", "Handheld 2").await;
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(1));
    for _ in 0..5 {
        bench.clock.advance(minutes(14));
        one.heartbeat(&bench, 0).await;
        assert!(
            two.claim_one(&bench, "P-1").await.is_err(),
            "a heartbeat renews the lease"
        );
    }
    bench.clock.advance(minutes(14));
    assert!(two.claim_one(&bench, "P-1").await.is_err());
    // It has run out, and nobody has claimed since: its device goes on under its number.
    bench.clock.advance(minutes(2));
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(1));
    bench.clock.advance(minutes(15));
    assert_eq!(two.claim_one(&bench, "P-1").await, Ok(2));
    assert_eq!(
        one.claim_one(&bench, "P-1").await,
        Err("held Handheld 2".to_owned())
    );
}

async fn a_worker_takes_over_from_a_silent_device_and_a_supervisor_from_any(store: Store) {
    let bench = bench(store).await;
    let one = bench.device("main", "Handheld 1").await;
    let two = bench.device("main", "Handheld 2").await;
    one.heartbeat(&bench, 0).await;
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(1));
    assert!(
        two.take_over(&bench, "P-1").await.is_err(),
        "who was heard just now works on it"
    );
    bench.clock.advance(minutes(3));
    assert!(two.claim_one(&bench, "P-1").await.is_err());
    assert_eq!(two.take_over(&bench, "P-1").await, Ok(2));
    let path = "/site/main/tasks/P-1/free";
    let form = axum::http::Request::post(path)
        .header("host", "127.0.0.1:7070")
        .header("origin", "http://127.0.0.1:7070")
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(bench.ask(form).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(3));
    let told = one.task(&bench, "P-1").await;
    assert_eq!(told.doubts.len(), 1, "only the other device is in doubt");
    assert_eq!(told.doubts[0].device_name, "Handheld 2");
}

async fn what_a_silent_device_may_have_done_is_in_doubt_until_it_has_drained(store: Store) {
    let bench = bench(store).await;
    let mut one = bench.device("main", "Handheld 1").await;
    let two = bench.device("main", "Handheld 2").await;
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(1));
    one.confirm(under(1, picked("P-1", 1, "MILK", 6, "A-01")));
    one.send_all(&bench).await;
    // It picks the second line and dies.
    one.confirm(under(1, picked("P-1", 2, "MILK", 3, "A-02")));
    bench.clock.advance(minutes(20));
    assert_eq!(two.claim_one(&bench, "P-1").await, Ok(2));
    let told = two.task(&bench, "P-1").await;
    assert_eq!(told.claim.unwrap().fence, 2);
    assert_eq!(told.doubts.len(), 1);
    assert_eq!(told.doubts[0].lines, [2], "the first line is known to be done");
    // It comes into its cradle: its records come, and then it has none left.
    one.send(&bench, 2, 2).await;
    assert_eq!(two.task(&bench, "P-1").await.doubts.len(), 1, "more may follow");
    one.heartbeat(&bench, 0).await;
    let told = two.task(&bench, "P-1").await;
    assert_eq!(told.doubts, []);
    assert_eq!(told.lines[1].confirmed_micro, 3_000_000);
    assert_eq!(bench.exceptions().await, [""; 0], "nothing was done twice");
    bench.check().await;
}

async fn work_is_taken_along_for_a_shift(store: Store) {
    let bench = bench(store).await;
    let tasks = "task,kind,reference,assigned_to,priority,line,item,quantity,location\n\
        P-2,pick,O-2,BOB,0,1,MILK,1,A-01\nP-3,pick,O-3,,5,1,MILK,1,A-01\nP-4,pick,O-4,,0,1,MILK,1,A-01\n\
        P-5,pick,O-5,EVE,9,1,MILK,1,A-01\n";
    bench.import("main", crate::ImportKind::Tasks, tasks).await;
    let one = bench.device("main", "Handheld 1").await;
    let two = bench.device("main", "Handheld 2").await;
    assert_eq!(two.claim_one(&bench, "P-3").await, Ok(1));
    let ahead = json!({ "worker": "BOB", "ahead": { "kind": "pick", "tasks_max": 2, "minutes": 600 } });
    let claims = one.claim(&bench, ahead).await;
    let granted: Vec<&str> = claims.granted.iter().map(|lease| lease.task.as_str()).collect();
    assert_eq!(
        granted,
        ["P-2", "P-4", "P-1"],
        "what is Bob's, and the next that nobody has"
    );
    assert!(claims.granted.iter().all(|lease| lease.lease_ms == 600 * 60_000));
    let told = two.task(&bench, "P-4").await.claim.unwrap();
    assert!(told.ahead);
    // Nine hours without a word, and nobody takes it away by a question.
    bench.clock.advance(minutes(540));
    two.heartbeat(&bench, 0).await;
    assert!(two.take_over(&bench, "P-4").await.is_err());
    bench.clock.advance(minutes(60));
    assert_eq!(two.claim_one(&bench, "P-4").await, Ok(2));
    let too_long = json!({ "ahead": { "tasks_max": 1, "minutes": 100_000 } });
    let claims = two.claim(&bench, too_long).await;
    assert_eq!(claims.granted[0].lease_ms, 12 * 60 * 60_000, "a shift at most");
}

async fn a_line_left_to_another_device_waits_for_its_records(store: Store) {
    let bench = bench(store).await;
    let mut one = bench.device("main", "Handheld 1").await;
    let mut two = bench.device("main", "Handheld 2").await;
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(1));
    one.confirm(under(1, picked("P-1", 1, "MILK", 6, "A-01")));
    bench.clock.advance(minutes(20));
    assert_eq!(two.claim_one(&bench, "P-1").await, Ok(2));
    let left = json!({
        "act": "line_closed", "task": "P-1", "line": 1, "from": { "location": "A-01" },
        "exception": { "code": "elsewhere", "quantity_micro": 6_000_000 }
    });
    two.confirm(under(2, left.clone()));
    two.confirm(under(2, picked("P-1", 2, "MILK", 3, "A-02")));
    two.confirm(under(2, json!({ "act": "task_closed", "task": "P-1" })));
    two.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["waits_for_device"]);
    bench.check().await;
    one.send_all(&bench).await;
    assert_eq!(
        bench.exceptions().await,
        [""; 0],
        "its records came, and nothing is wrong with them"
    );
    assert_eq!(bench.line("P-1", 1).await, (6, true));
    bench.check().await;
}

async fn a_late_pick_is_posted_and_not_held_against_the_holder(store: Store) {
    let bench = bench(store).await;
    let mut one = bench.device("main", "Handheld 1").await;
    let mut two = bench.device("main", "Handheld 2").await;
    assert_eq!(one.claim_one(&bench, "P-1").await, Ok(1));
    one.confirm(under(1, picked("P-1", 1, "MILK", 6, "A-01")));
    bench.clock.advance(minutes(20));
    assert_eq!(two.claim_one(&bench, "P-1").await, Ok(2));
    // Both have picked the line; the late one is heard first.
    one.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, [""; 0], "so far there is room for it");
    two.confirm(under(2, picked("P-1", 1, "MILK", 6, "A-01")));
    let receipt = two.send_all(&bench).await;
    assert_eq!(receipt.outcomes[0].code, "double_pick");
    // What the holder picks beyond that is his own.
    two.confirm(under(2, picked("P-1", 1, "MILK", 1, "A-01")));
    two.send(&bench, 2, 2).await;
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 13);
    bench.check().await;
}

async fn two_hubs_on_one_store_give_one_lease(store: Store) {
    if store == Store::File {
        return;
    }
    let bench = bench(store).await;
    let beside = bench.beside().await;
    let mut devices = Vec::new();
    for number in 0..6 {
        devices.push(bench.device("main", &format!("Handheld {number}")).await);
    }
    for round in 1..=3_u64 {
        let tries = devices.iter().enumerate().map(|(number, device)| {
            let hub = if number % 2 == 0 { &bench } else { &beside };
            device.claim_one(hub, "P-1")
        });
        let answers = futures_util::future::join_all(tries).await;
        let granted: Vec<&u64> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(granted, [&round], "{answers:?}");
        let holder = answers.iter().position(Result::is_ok).unwrap();
        devices[holder].release(&beside, "P-1", round).await;
    }
}

async fn nonsense_is_unknown_and_too_much_is_refused(store: Store) {
    let bench = bench(store).await;
    let one = bench.device("main", "Handheld 1").await;
    let long = "x".repeat(300);
    let claims = one
        .claim(
            &bench,
            json!({ "tasks": ["a\u{0}b", long, ""], "worker": "B\u{0}B" }),
        )
        .await;
    assert!(claims.granted.is_empty());
    assert!(claims.refused.iter().all(|refused| refused.code == "unknown"));
    for (body, status) in [
        (
            json!({ "tasks": vec!["P-1"; 201] }),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            json!({ "ahead": { "kind": "nothing", "minutes": 1 } }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let response = bench.ask(one.post("/v1/claims", &body)).await;
        assert_eq!(response.status(), status);
    }
    let response = bench.ask(post("/v1/claims", None, &json!({}))).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

/// One thing that happens to one of three devices.
#[derive(Debug, Clone, Copy)]
enum Step {
    Claim(usize),
    TakeOver(usize),
    Release(usize),
    Pick(usize),
    Send(usize),
    Wait(u64),
    Free,
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..3_usize;
    prop_oneof![
        3 => device.clone().prop_map(Step::Claim),
        1 => device.clone().prop_map(Step::TakeOver),
        1 => device.clone().prop_map(Step::Release),
        3 => device.clone().prop_map(Step::Pick),
        3 => device.prop_map(Step::Send),
        2 => (1..20_u64).prop_map(Step::Wait),
        1 => Just(Step::Free),
    ]
}

/// Devices with the lease that each believes to have, and what of its journal was sent.
struct Crowd {
    devices: Vec<(Handheld, Option<u64>, u64)>,
    newest: u64,
    picked: i64,
}

impl Crowd {
    async fn take(&mut self, bench: &Bench, step: Step) {
        match step {
            Step::Wait(more) => bench.clock.advance(minutes(more)),
            Step::Free => {
                let now = "2026-11-23T09:00:00Z".parse().unwrap();
                let freed = bench
                    .hub
                    .ledger()
                    .free_claim("main".to_owned(), "P-1".to_owned(), now);
                freed.await.unwrap();
            }
            Step::Claim(at) | Step::TakeOver(at) => {
                let (device, lease, _) = &mut self.devices[at];
                let answer = match step {
                    Step::Claim(_) => device.claim_one(bench, "P-1").await,
                    _ => device.take_over(bench, "P-1").await,
                };
                if let Ok(fence) = answer {
                    assert!(fence >= self.newest, "a number never goes back");
                    let is_again = *lease == Some(fence);
                    assert!(is_again || fence > self.newest, "a new lease has a new number");
                    self.newest = fence;
                    *lease = Some(fence);
                }
            }
            Step::Release(at) => {
                let (device, lease, _) = &mut self.devices[at];
                if let Some(fence) = lease.take() {
                    device.release(bench, "P-1", fence).await;
                }
            }
            Step::Pick(at) => {
                let (device, lease, _) = &mut self.devices[at];
                let body = picked("P-1", 1, "MILK", 1, "A-01");
                let body = lease.map_or(body.clone(), |fence| under(fence, body));
                device.confirm(body);
                self.picked += 1;
            }
            Step::Send(at) => {
                let (device, _, sent) = &mut self.devices[at];
                if device.last_seq() > *sent {
                    device.send(bench, *sent + 1, device.last_seq()).await;
                    *sent = device.last_seq();
                }
            }
        }
    }

    /// At most one device holds the task, and it is the one with the newest number.
    async fn check(&self, bench: &Bench) {
        let mut holders: HashMap<String, u64> = HashMap::new();
        for (device, ..) in &self.devices {
            if let Some(claim) = device.task(bench, "P-1").await.claim {
                holders.insert(claim.device, claim.fence);
            }
        }
        assert!(holders.len() <= 1, "{holders:?}");
        assert!(
            holders.values().all(|fence| *fence == self.newest),
            "{holders:?} {}",
            self.newest
        );
    }
}

async fn any_interleaving_keeps_one_holder_and_every_fact(store: Store) {
    let cases = if store == Store::File { 40 } else { 6 };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig::with_cases(cases),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for _ in 0..cases {
        let steps = prop::collection::vec(step(), 1..40);
        let steps = proptest::strategy::ValueTree::current(&steps.new_tree(&mut runner).unwrap());
        println!("{steps:?}");
        let bench = bench(store).await;
        let mut crowd = Crowd {
            devices: Vec::new(),
            newest: 0,
            picked: 0,
        };
        for number in 0..3 {
            let device = bench.device("main", &format!("Handheld {number}")).await;
            crowd.devices.push((device, None, 0));
        }
        for step in steps {
            crowd.take(&bench, step).await;
            crowd.check(&bench).await;
        }
        for at in 0..3 {
            crowd.take(&bench, Step::Send(at)).await;
        }
        assert_eq!(
            bench.line("P-1", 1).await,
            (crowd.picked, false),
            "each fact once"
        );
        assert_eq!(
            bench.balance("handling_unit", "TOTE-1", "MILK").await,
            crowd.picked
        );
        let told = bench.exceptions().await;
        let told = told.iter().filter(|kind| kind.ends_with("pick")).count();
        assert_eq!(
            i64::try_from(told).unwrap(),
            (crowd.picked - 6).max(0),
            "each piece too much is told"
        );
        bench.check().await;
    }
}
