//! How devices prove themselves: keys, tokens, signatures, enrolment again; and every way in which it is refused.

use std::io::Write as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::proof::SIGNATURE_HEADER;
use tallyman_floor::wire::v1::{Enrolled, Problem};

use super::bench::{Bench, Handheld, Store, config, get, on_both_stores, post, read, received, signed, text};
use super::signer::{self, Signer};

on_both_stores![
    a_token_ends_by_the_hubs_clock_and_the_key_gets_the_next,
    every_refusal_has_its_status_and_its_word,
    a_code_to_enrol_again_binds_another_key_to_the_same_journal,
    an_enrolment_whose_answer_was_lost_is_answered_again,
    a_restored_hub_takes_devices_all_the_same,
    each_device_has_so_many_requests_a_minute,
    a_device_of_before_there_were_keys_is_enrolled_again_and_keeps_its_facts,
];

const MINUTE: Duration = Duration::from_secs(60);

async fn refused(response: Response<Body>) -> (u16, String) {
    let status = response.status();
    let problem: Problem = read(response, status).await;
    assert!(problem.message.len() > 30, "{}", problem.message);
    (status.as_u16(), problem.code)
}

fn said(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn challenge(bench: &Bench, device: &str) -> String {
    let response = bench
        .ask(post(signer::CHALLENGE, None, &json!({ "device": device })))
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    text(response).await
}

async fn a_token_ends_by_the_hubs_clock_and_the_key_gets_the_next(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    bench.clock.advance(59 * MINUTE);
    device.send_all(&bench).await;
    // Another one is there beside it: an answer that was lost locks nobody out.
    let first = device.clone();
    device.renew(&bench).await;
    first.send_all(&bench).await;
    bench.clock.advance(MINUTE);
    let response = bench.ask(first.get("/v1/tasks")).await;
    assert_eq!(refused(response).await, said(401, "token_expired"));
    device.send_all(&bench).await;
    // Off for a year, its clock gone: the key is enough.
    bench.clock.advance(365 * 24 * 60 * MINUTE);
    let batch = serde_json::to_value(device.batch(1, 1)).unwrap();
    let response = bench.ask(device.post("/v1/confirmations", &batch)).await;
    assert_eq!(refused(response).await, said(401, "token_expired"));
    device.renew(&bench).await;
    assert_eq!(device.send_all(&bench).await.applied_seq, 1);
    // Only so many tokens work side by side.
    let tokens: Vec<Handheld> = {
        let mut tokens = Vec::new();
        for _ in 0..6 {
            bench.clock.advance(Duration::from_secs(1));
            device.renew(&bench).await;
            tokens.push(device.clone());
        }
        tokens
    };
    let mut works = Vec::new();
    for token in &tokens {
        works.push(bench.ask(token.get("/v1/device/cursor")).await.status() == StatusCode::OK);
    }
    assert_eq!(works, [false, false, true, true, true, true]);
    bench.check().await;
}

/// A request, changed.
fn with_header(mut request: Request<Body>, name: &'static str, value: Option<&str>) -> Request<Body> {
    request.headers_mut().remove(name);
    if let Some(value) = value {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

async fn every_refusal_has_its_status_and_its_word(store: Store) {
    let mut settings = config();
    settings.limits.tries_per_minute = 1_000;
    let bench = Bench::filled(store, settings).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let other = bench.device("main", "Handheld 2").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    let batch = serde_json::to_value(device.batch(1, 1)).unwrap();
    let path = "/v1/confirmations";
    let send = |body: &Value| device.post(path, body);
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let stolen_token = {
        // Somebody has the token, and a key of their own.
        let mut thief = Signer::new(999);
        thief.device.clone_from(&device.signer.device);
        thief.token.clone_from(&device.signer.token);
        thief
    };
    let signature = device.signer.signature(path, &batch.to_string()).unwrap();
    let for_another = device.signer.signature("/v1/traces", &batch.to_string()).unwrap();
    let foreign_token = format!(
        "{}.{}",
        other.enrolled.device,
        &device.signer.token.split_once('.').unwrap().1
    );
    let mut of_other = batch.clone();
    of_other["device"] = json!(other.enrolled.device);
    let old_challenge = challenge(&bench, &device.enrolled.device).await;
    let other_challenge = challenge(&bench, &other.enrolled.device).await;
    bench.clock.advance(Duration::from_secs(100));
    let challenge_now = challenge(&bench, &device.enrolled.device).await;
    bench.clock.advance(Duration::from_secs(30));
    let nobody = {
        let mut nobody = Signer::new(998);
        nobody.device = "nobody-1".to_owned();
        nobody
    };
    let nobodys = challenge(&bench, "nobody-1").await;
    let code = bench.hub.create_enrolment_code("main", "").await.unwrap();
    let bound = {
        let made = bench
            .hub
            .create_code_to_enrol_again("main", &other.enrolled.device);
        made.await.unwrap()
    };
    let its_key = Signer {
        device: String::new(),
        ..other.signer.clone()
    };
    let fresh = Signer::new(997);
    let mut not_its_key = fresh.enrol_body(&code, "x");
    not_its_key["public_key"] = json!(Signer::new(996).key.public_hex());
    let mut no_key = fresh.enrol_body(&code, "x");
    no_key["public_key"] = json!("00");
    let token_with = |by: &Signer, challenge: &str| signed(by, signer::TOKEN, &by.token_body(challenge));
    let enrol = |by: &Signer, code: &str| signed(by, "/v1/enrol", &by.enrol_body(code, "x"));

    for (what, request, status, word) in [
        (
            "no token",
            with_header(send(&batch), "authorization", None),
            401,
            "unauthorized",
        ),
        (
            "no such token",
            with_header(send(&batch), "authorization", bearer("a.b").as_deref()),
            401,
            "unauthorized",
        ),
        (
            "another device's token",
            with_header(send(&batch), "authorization", bearer(&foreign_token).as_deref()),
            401,
            "unauthorized",
        ),
        (
            "a name that is none",
            with_header(send(&batch), "authorization", bearer("a'b.c").as_deref()),
            401,
            "unauthorized",
        ),
        (
            "not signed",
            with_header(send(&batch), SIGNATURE_HEADER, None),
            403,
            "signature_missing",
        ),
        (
            "no signature",
            with_header(send(&batch), SIGNATURE_HEADER, Some("x")),
            403,
            "signature_wrong",
        ),
        (
            "in capitals",
            with_header(send(&batch), SIGNATURE_HEADER, Some(&signature.to_uppercase())),
            403,
            "signature_wrong",
        ),
        (
            "signed for something else",
            with_header(send(&batch), SIGNATURE_HEADER, Some(&for_another)),
            403,
            "signature_wrong",
        ),
        (
            "a stolen token",
            signed(&stolen_token, path, &batch),
            403,
            "signature_wrong",
        ),
        ("another device's batch", send(&of_other), 403, "other_device"),
        (
            "a stolen token asks for an epoch",
            signed(
                &stolen_token,
                "/v1/device/epoch",
                &json!({"epoch": 1, "last_seq": 1, "reason": "x"}),
            ),
            403,
            "signature_wrong",
        ),
        (
            "a stolen token sends traces",
            signed(
                &stolen_token,
                "/v1/traces",
                &json!({"device": "x", "entries": []}),
            ),
            403,
            "signature_wrong",
        ),
        (
            "an old challenge",
            token_with(&device.signer, &old_challenge),
            401,
            "challenge_expired",
        ),
        (
            "another device's challenge",
            token_with(&device.signer, &other_challenge),
            401,
            "challenge_expired",
        ),
        (
            "another key",
            token_with(&stolen_token, &challenge_now),
            401,
            "key_unknown",
        ),
        (
            "a device that is not known",
            token_with(&nobody, &nobodys),
            401,
            "key_unknown",
        ),
        ("a guessed code", enrol(&fresh, "GUESS"), 403, "code_refused"),
        (
            "a key that is another's",
            signed(&fresh, "/v1/enrol", &not_its_key),
            403,
            "signature_wrong",
        ),
        (
            "a key that is none",
            signed(&fresh, "/v1/enrol", &no_key),
            422,
            "unreadable",
        ),
        ("another device's key", enrol(&its_key, &code), 403, "key_taken"),
        (
            "a code for a new device",
            enrol(&device.signer, &code),
            403,
            "code_for_new_device",
        ),
        (
            "a code for another device",
            enrol(&device.signer, &bound),
            403,
            "code_for_other_device",
        ),
        (
            "a code for a known device",
            enrol(&fresh, &bound),
            403,
            "code_for_other_device",
        ),
    ] {
        assert_eq!(
            refused(bench.ask(request).await).await,
            said(status, word),
            "{what}"
        );
    }
    // Nothing of it was done: codes and keys are what they were.
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 0);
    assert_eq!(bench.ask(enrol(&fresh, &code)).await.status(), StatusCode::OK);
    assert_eq!(
        bench.ask(enrol(&other.signer, &bound)).await.status(),
        StatusCode::OK
    );
    assert_eq!(device.send_all(&bench).await.applied_seq, 1);
    bench.check().await;
}

async fn a_code_to_enrol_again_binds_another_key_to_the_same_journal(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    device.confirm(received("R-1", 1, "MILK", 2));
    let made = bench
        .hub
        .create_code_to_enrol_again("main", &device.enrolled.device);
    let code = made.await.unwrap();
    let before = device.clone();
    device.signer = Signer {
        device: device.enrolled.device.clone(),
        ..Signer::new(777)
    };
    let request = signed(&device.signer, "/v1/enrol", &device.signer.enrol_body(&code, "x"));
    let enrolled: Enrolled = read(bench.ask(request).await, StatusCode::OK).await;
    assert_eq!(enrolled, before.enrolled);
    // What the key before got works no more.
    let response = bench.ask(before.get("/v1/tasks")).await;
    assert_eq!(refused(response).await, said(401, "unauthorized"));
    let challenge = challenge(&bench, &device.enrolled.device).await;
    let request = before.post(signer::TOKEN, &before.signer.token_body(&challenge));
    assert_eq!(refused(bench.ask(request).await).await, said(401, "key_unknown"));
    device.renew(&bench).await;
    let receipt = device.send(&bench, 2, 2).await;
    assert_eq!((receipt.epoch, receipt.applied_seq, receipt.fork), (1, 2, false));
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 3);
    bench.check().await;
}

async fn an_enrolment_whose_answer_was_lost_is_answered_again(store: Store) {
    let bench = Bench::new(store).await;
    let code = bench.hub.create_enrolment_code("main", "Dock").await.unwrap();
    let signer = Signer::new(5);
    let enrol = |by: &Signer| signed(by, "/v1/enrol", &by.enrol_body(&code, "x"));
    let first: Enrolled = read(bench.ask(enrol(&signer)).await, StatusCode::OK).await;
    let again: Enrolled = read(bench.ask(enrol(&signer)).await, StatusCode::OK).await;
    assert_eq!(first, again);
    // It was stored, and the key was not put in its place: the same once more.
    let known = Signer {
        device: first.device.clone(),
        ..signer
    };
    let again: Enrolled = read(bench.ask(enrol(&known)).await, StatusCode::OK).await;
    assert_eq!(first, again);
    let response = bench.ask(enrol(&Signer::new(6))).await;
    assert_eq!(refused(response).await, said(403, "code_refused"));
    let devices = bench.hub.ledger().devices("main".to_owned()).await.unwrap();
    assert_eq!(devices.len(), 1);
}

async fn a_restored_hub_takes_devices_all_the_same(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    let bench = match store {
        Store::File => {
            let backup = bench.hub.back_up().await.unwrap().unwrap();
            bench.restored(&backup.file).await
        }
        // Another process, as after a failover.
        Store::Postgres => bench.beside().await,
    };
    device.confirm(received("R-1", 1, "MILK", 2));
    device.renew(&bench).await;
    assert_eq!(device.send_all(&bench).await.applied_seq, 2);
    bench.check().await;
}

async fn each_device_has_so_many_requests_a_minute(store: Store) {
    let mut settings = config();
    settings.limits.device_requests_per_minute = 10;
    let bench = Bench::filled(store, settings).await;
    let busy = bench.device("main", "Handheld 1").await;
    let calm = bench.device("main", "Handheld 2").await;
    for _ in 0..10 {
        assert_eq!(
            bench.ask(busy.get("/v1/device/cursor")).await.status(),
            StatusCode::OK
        );
    }
    let response = bench.ask(busy.get("/v1/device/cursor")).await;
    assert_eq!(response.headers()["retry-after"], "6");
    assert_eq!(refused(response).await, said(429, "too_often"));
    assert_eq!(
        bench.ask(calm.get("/v1/device/cursor")).await.status(),
        StatusCode::OK
    );
    bench.clock.advance(Duration::from_secs(6));
    assert_eq!(
        bench.ask(busy.get("/v1/device/cursor")).await.status(),
        StatusCode::OK
    );
    // Nobody without a token uses up those of a device.
    for _ in 0..50 {
        let token = format!("{}.guess", calm.enrolled.device);
        let response = bench.ask(get("/v1/device/cursor", Some(&token))).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        bench.ask(calm.get("/v1/device/cursor")).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_body_that_unpacks_to_far_more_is_not_unpacked() {
    let bench = Bench::new(Store::File).await;
    let mut device = bench.device("main", "Handheld 1").await;
    // A batch of equal records is packed well, and taken.
    for _ in 0..1_000 {
        device.confirm(received("R-1", 1, "MILK", 1));
    }
    let batch = serde_json::to_value(device.batch(1, 1_000)).unwrap();
    let body = batch.to_string();
    let bomb = format!("\"{}\"", " ".repeat(4 << 20));
    for (body, status) in [(&body, 200), (&bomb, 413)] {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(body.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let signature = device.signer.signature("/v1/confirmations", body).unwrap();
        let request = Request::post("/v1/confirmations")
            .header("host", "127.0.0.1:7070")
            .header("authorization", format!("Bearer {}", device.signer.token))
            .header("content-encoding", "gzip")
            .header(SIGNATURE_HEADER, signature)
            .body(Body::from(packed))
            .unwrap();
        assert_eq!(bench.ask(request).await.status(), status);
    }
}

/// A device as the first step of the schema had it, whose `scanners` are these.
fn device_of_before(scanners: &str, secret: &str, no: &str) -> String {
    format!(
        "INSERT INTO site (site, name) VALUES ('main', 'Main warehouse');
         INSERT INTO device (site, device, name, secret_hash, epoch, enrolled_us, contact_us, version, waiting, worker,
                             open_task, scanners, wall_us)
         VALUES ('main', 'old-1', 'Old', {secret}, 1, 1, 1, '0.0.9', 0, '', '', '{scanners}', 1);
         INSERT INTO device_epoch VALUES ('main', 'old-1', 1, 0, 0, {secret}, {no});"
    )
}

/// A hub whose store is as old as that.
async fn bench_of_before(store: Store) -> Bench {
    let rows = match store {
        Store::File => device_of_before("[]", "x'00'", "0"),
        Store::Postgres => {
            let device = device_of_before("", "'x'", "false");
            format!("{device} INSERT INTO device_site VALUES ('old-1', 'main');")
        }
    };
    Bench::of_step(store, 1, &rows).await
}

async fn a_device_of_before_there_were_keys_is_enrolled_again_and_keeps_its_facts(store: Store) {
    let bench = bench_of_before(store).await;
    let devices = bench.hub.ledger().devices("main".to_owned()).await.unwrap();
    assert_eq!(devices.len(), 1);
    assert!(!devices[0].has_key && devices[0].revoked.is_none());
    let page = text(bench.ask(get("/site/main/devices", None)).await).await;
    assert!(page.contains("Has no key"), "{page}");
    let mut device = Handheld {
        enrolled: Enrolled {
            device: "old-1".to_owned(),
            site: "main".to_owned(),
            epoch: 1,
            generation: String::new(),
            profile: None,
        },
        signer: Signer {
            device: "old-1".to_owned(),
            ..Signer::new(1)
        },
        journal: vec![(0, ChainHash::START, String::new())],
    };
    // What it wrote before.
    device.confirm(received("R-9", 1, "MILK", 3));
    let asked = challenge(&bench, "old-1").await;
    let request = device.post(signer::TOKEN, &device.signer.token_body(&asked));
    assert_eq!(refused(bench.ask(request).await).await, said(401, "key_unknown"));
    let code = bench
        .hub
        .create_code_to_enrol_again("main", "old-1")
        .await
        .unwrap();
    let request = device.post("/v1/enrol", &device.signer.enrol_body(&code, "x"));
    assert_eq!(bench.ask(request).await.status(), StatusCode::OK);
    device.renew(&bench).await;
    assert_eq!(device.send_all(&bench).await.applied_seq, 1);
    bench.check().await;
}

#[tokio::test]
async fn something_to_sign_is_given_so_often_to_one_address() {
    let mut settings = config();
    settings.limits.challenges_per_minute = 5;
    let bench = Bench::empty(Store::File, settings).await;
    let ask = || post(signer::CHALLENGE, None, &json!({ "device": "anyone" }));
    for _ in 0..10 {
        assert_eq!(bench.ask(ask()).await.status(), StatusCode::OK);
    }
    let response = bench.ask(ask()).await;
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(refused(response).await, said(429, "too_often"));
}
