//! The way of a batch: repetition, gaps, forks, damage, epochs, deltas, and the wall between sites.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{Delta, DeviceCursor, EpochGranted, MovedRecord, Problem, Receipt};

use super::bench::{
    Bench, Store, config, counted, enrolment, get, on_both_stores, picked, read, received, text,
};
use crate::import::ImportKind;

on_both_stores![
    a_batch_sent_again_is_applied_once,
    a_gap_stops_the_batch_and_says_what_is_wanted,
    a_second_story_is_a_fork_and_a_new_epoch_goes_on,
    a_batch_that_arrives_after_the_next_epoch_was_granted_is_not_taken,
    a_copy_from_before_an_epoch_is_told_what_moved_into_it,
    a_damaged_record_steps_aside_and_those_behind_it_are_taken,
    what_is_no_confirmation_is_kept_as_it_came,
    texts_that_not_every_store_can_hold_step_aside,
    a_figure_the_ledger_cannot_hold_steps_aside,
    nonsense_requests_get_a_problem_and_change_nothing,
    tokens_and_codes_are_asked_for_and_work_once,
    a_device_sees_its_own_site_only,
    deltas_go_on_from_a_cursor_and_carry_progress_and_mark,
    an_epoch_whose_grant_was_lost_hides_nothing_that_waits,
    a_large_catalogue_comes_in_pages_without_a_hole,
    a_hub_that_forgot_is_filled_again_by_its_devices,
    the_hub_says_what_it_is,
    a_file_may_be_larger_than_a_batch,
];

async fn a_batch_sent_again_is_applied_once(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 5));
    device.confirm(received("R-1", 1, "GHOST", 1));
    let first = device.send_all(&bench).await;
    // The answer is swallowed; the device sends it all again, and more with it.
    device.confirm(received("R-1", 1, "MILK", 7));
    let again = device.send_all(&bench).await;
    assert_eq!(
        again.outcomes, first.outcomes,
        "a repeated record gets its outcome again"
    );
    assert_eq!((again.applied_seq, again.expected_seq), (3, None));
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 12);
    let bench = bench.reopened().await;
    assert_eq!(device.send_all(&bench).await.applied_seq, 3);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 12);
    assert_eq!(bench.exceptions().await, ["unknown_item"]);
    bench.check().await;
}

async fn a_gap_stops_the_batch_and_says_what_is_wanted(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    for _ in 0..5 {
        device.confirm(received("R-1", 1, "MILK", 1));
    }
    let receipt = device.send(&bench, 3, 5).await;
    assert_eq!(
        (receipt.applied_seq, receipt.expected_seq, receipt.fork),
        (0, Some(1), false)
    );
    // A hole within a batch: what stands before it is taken.
    let mut batch = device.batch(1, 5);
    batch.records.remove(2);
    let body = serde_json::to_value(&batch).unwrap();
    let response = bench.ask(device.post("/v1/confirmations", &body)).await;
    let receipt: Receipt = read(response, StatusCode::OK).await;
    assert_eq!((receipt.applied_seq, receipt.expected_seq), (2, Some(3)));
    assert_eq!(device.send(&bench, 3, 5).await.applied_seq, 5);
    bench.check().await;
}

async fn a_second_story_is_a_fork_and_a_new_epoch_goes_on(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 5));
    let mut copy = device.clone();
    device.confirm(received("R-1", 1, "MILK", 1));
    copy.confirm(received("R-1", 1, "MILK", 2));
    copy.confirm(received("R-1", 1, "MILK", 3));
    assert!(!device.send_all(&bench).await.fork);
    let receipt = copy.send_all(&bench).await;
    assert!(receipt.fork);
    assert_eq!(
        (receipt.applied_seq, receipt.expected_seq),
        (2, Some(2)),
        "1 is the same story"
    );
    // The answer may be lost: asked again it says the same.
    assert_eq!(copy.send_all(&bench).await.expected_seq, Some(2));
    assert_eq!(copy.send(&bench, 1, 1).await.expected_seq, Some(2));
    // It builds on another past, even where its own numbers are new.
    assert!(copy.send(&bench, 3, 3).await.fork);
    assert!(
        device.send_all(&bench).await.fork,
        "both copies have to ask for a new epoch"
    );
    assert_eq!(bench.exceptions().await, ["fork"]);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 6);

    let request = json!({ "epoch": 1, "last_seq": 3, "reason": "fork" });
    let granted: EpochGranted = read(
        bench.ask(copy.post("/v1/device/epoch", &request)).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(
        (granted.epoch, granted.applied_seq),
        (2, Some(2)),
        "what the hub has of the old epoch is told"
    );
    let [mark] = granted.marks.as_slice() else {
        panic!("{granted:?}")
    };
    assert_eq!(
        (mark.epoch, mark.applied_seq, &mark.last_hash),
        (1, 2, &device.journal[2].1.to_string()),
        "and with which record"
    );
    copy.enrolled.epoch = 2;
    copy.journal.truncate(1);
    copy.confirm(received("R-1", 1, "MILK", 2));
    let receipt = copy.send_all(&bench).await;
    assert_eq!((receipt.epoch, receipt.applied_seq, receipt.fork), (2, 1, false));
    let cursor: DeviceCursor = read(bench.ask(copy.get("/v1/device/cursor")).await, StatusCode::OK).await;
    assert_eq!((cursor.epoch, cursor.applied_seq), (2, 1));
    bench.check().await;
}

async fn a_copy_from_before_an_epoch_is_told_what_moved_into_it(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let mut copy = device.clone();
    copy.confirm(received("R-1", 1, "MILK", 5));
    copy.confirm(received("R-1", 1, "MILK", 2));
    let request = json!({ "epoch": 1, "last_seq": 2, "reason": "store_restored" });
    let asking = device.clone();
    let ask = || bench.ask(asking.post("/v1/device/epoch", &request));
    let granted: EpochGranted = read(ask().await, StatusCode::OK).await;
    assert_eq!((granted.epoch, granted.moved.len()), (2, 0));
    // The device itself goes on in epoch 2: a damaged record, one as it was, and something new.
    device.enrolled.epoch = 2;
    let hash = copy.journal[2].1.to_string();
    device.write(json!({ "first": { "epoch": 1, "seq": 1, "hash": "?" }, "damaged": "{" }).to_string());
    let mut moved = received("R-1", 1, "MILK", 2);
    moved["first"] = json!({ "epoch": 1, "seq": 2, "hash": hash });
    device.confirm(moved);
    device.confirm(received("R-1", 1, "MILK", 1));
    assert_eq!(device.send_all(&bench).await.applied_seq, 3);
    // Its store is put back from the copy, which asks from where it is.
    let granted: EpochGranted = read(ask().await, StatusCode::OK).await;
    let told = MovedRecord {
        first: hash,
        epoch: 2,
        seq: 2,
    };
    assert_eq!((granted.epoch, granted.moved), (3, vec![told]));
    // A batch of the newest epoch that is still on its way would not be in that list.
    device.confirm(received("R-1", 1, "MILK", 1));
    assert!(device.send(&bench, 4, 4).await.fork);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 3);
    bench.check().await;
}

async fn a_batch_that_arrives_after_the_next_epoch_was_granted_is_not_taken(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 5));
    device.send_all(&bench).await;
    device.confirm(received("R-1", 1, "MILK", 2));
    let request = json!({ "epoch": 1, "last_seq": 2, "reason": "store_restored" });
    bench.ask(device.post("/v1/device/epoch", &request)).await;
    let mut next = device.clone();
    next.enrolled.epoch = 2;
    next.journal.truncate(1);
    next.confirm(received("R-1", 1, "MILK", 2));
    assert_eq!(next.send_all(&bench).await.applied_seq, 1);
    // It was given up by the device, and not by the network.
    let late = device.send(&bench, 2, 2).await;
    assert_eq!(
        (late.applied_seq, late.fork, late.expected_seq),
        (1, true, Some(2))
    );
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 7);
    assert!(!next.send_all(&bench).await.fork, "the new epoch goes on");
    assert!(bench.exceptions().await.is_empty());
    bench.check().await;
}

async fn a_damaged_record_steps_aside_and_those_behind_it_are_taken(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.confirm(received("R-1", 1, "MILK", 2));
    device.confirm(received("R-1", 1, "MILK", 4));
    device.journal[2].2 = device.journal[2].2.replace("2000000", "3000000");
    let receipt = device.send_all(&bench).await;
    assert_eq!((receipt.applied_seq, receipt.fork), (3, false));
    assert_eq!(
        (receipt.outcomes[0].seq, receipt.outcomes[0].kind.as_str()),
        (2, "quarantined")
    );
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 5);
    assert_eq!(device.send_all(&bench).await.outcomes, receipt.outcomes);
    bench.check().await;
}

async fn what_is_no_confirmation_is_kept_as_it_came(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    for nonsense in [
        "17",
        "null",
        "{\"v\":1}",
        "[\"]\u{0}\"]".replace('\u{0}', "\\u0000").as_str(),
    ] {
        device.write(nonsense.to_owned());
    }
    let mut other_site = received("R-1", 1, "MILK", 1);
    other_site["site"] = json!("north");
    device.confirm(other_site);
    let mut act = received("R-1", 1, "MILK", 1);
    act["act"] = json!("teleported");
    device.confirm(act);
    let mut quantity = received("R-1", 1, "MILK", 1);
    quantity["goods"]["quantity_micro"] = json!(-1);
    device.confirm(quantity.clone());
    quantity["goods"]["quantity_micro"] = json!(i64::MAX);
    device.confirm(quantity);
    let goodless = json!({ "act": "picked", "task": "P-1", "line": 1 });
    device.confirm(goodless);
    device.confirm(received("R-1", 1, "MILK", 1));
    let receipt = device.send_all(&bench).await;
    assert_eq!(receipt.applied_seq, 10);
    assert!(
        receipt
            .outcomes
            .iter()
            .all(|outcome| outcome.kind == "quarantined")
    );
    assert_eq!(receipt.outcomes.len(), 9);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 1);
    let proof = bench.hub.verify().await.unwrap();
    assert_eq!((proof.records, proof.quarantined), (10, 9));
    bench.check().await;
}

async fn texts_that_not_every_store_can_hold_step_aside(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let long = "L".repeat(257);
    for (path, text) in [
        ("/goods/lot", long.as_str()),
        ("/goods/lot", "A\u{0}B"),
        ("/goods/item", long.as_str()),
        ("/goods/code", "4006\u{0}"),
        ("/task", "\u{0}"),
        ("/to/location", long.as_str()),
    ] {
        let mut body = received("R-1", 1, "MILK", 1);
        body["goods"]["lot"] = json!("");
        *body.pointer_mut(path).unwrap() = json!(text);
        device.confirm(body);
    }
    let mut serial = received("R-1", 1, "DRILL", 1);
    serial["goods"]["serials"] = json!([long]);
    device.confirm(serial);
    let receipt = device.send_all(&bench).await;
    assert_eq!((receipt.applied_seq, receipt.outcomes.len()), (7, 7));
    assert!(
        receipt
            .outcomes
            .iter()
            .all(|outcome| outcome.kind == "quarantined"),
        "{:?}",
        receipt.outcomes
    );
    // A code that nobody knows may be as long as a label holds: it is cut in the ledger, and told from others.
    for end in ["1", "2"] {
        let mut found = counted("C-1", 1, "MILK", 4, "A-01");
        found["goods"]["item"] = json!(null);
        found["goods"]["code"] = json!("ö".repeat(2_000) + end);
        device.confirm(found);
    }
    let receipt = device.send(&bench, 8, 9).await;
    assert!(
        receipt
            .outcomes
            .iter()
            .all(|outcome| outcome.code == "unknown_item")
    );
    let snapshot = bench.hub.ledger_snapshot().await.unwrap();
    let memo = snapshot.balances.iter().filter(|row| row.account == "counted");
    let items: Vec<&str> = memo.map(|row| row.item.as_str()).collect();
    assert_eq!(items.len(), 2);
    assert!(
        items
            .iter()
            .all(|item| item.starts_with("?ö") && item.len() < 200),
        "{items:?}"
    );
    bench.check().await;
}

async fn a_figure_the_ledger_cannot_hold_steps_aside(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    // A thousand million units each: the sum passes what 64 bits hold after about 9,200 of them.
    let mut most = received("R-1", 1, "MILK", 1);
    most["goods"]["quantity_micro"] = json!(1_000_000_000_000_000_i64);
    for _ in 0..9_300 {
        device.confirm(most.clone());
    }
    let mut applied = 0;
    while applied < device.last_seq() {
        let receipt = device
            .send(&bench, applied + 1, (applied + 1_000).min(device.last_seq()))
            .await;
        assert!(receipt.applied_seq > applied);
        applied = receipt.applied_seq;
    }
    let proof = bench.hub.verify().await.unwrap();
    assert!(
        proof.quarantined > 0 && proof.quarantined < 200,
        "{}",
        proof.quarantined
    );
    bench.check().await;
}

async fn nonsense_requests_get_a_problem_and_change_nothing(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    let good = serde_json::to_value(device.batch(1, 1)).unwrap();
    let with = |path: &str, value: Value| {
        let mut batch = good.clone();
        *batch.pointer_mut(path).unwrap() = value;
        batch
    };
    let many: Vec<Value> = vec![good["records"][0].clone(); 1_001];
    for (body, status, code) in [
        (json!("hello"), StatusCode::UNPROCESSABLE_ENTITY, "unreadable"),
        (json!({}), StatusCode::UNPROCESSABLE_ENTITY, "unreadable"),
        (
            with("/epoch", json!(0)),
            StatusCode::UNPROCESSABLE_ENTITY,
            "unreadable",
        ),
        (
            with("/device", json!("someone-else")),
            StatusCode::FORBIDDEN,
            "other_device",
        ),
        (
            with("/records", json!(many)),
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
        ),
    ] {
        let problem: Problem = read(bench.ask(device.post("/v1/confirmations", &body)).await, status).await;
        assert_eq!(problem.code, code);
    }
    let huge = json!("x".repeat(2 << 20));
    let response = bench.ask(device.post("/v1/confirmations", &huge)).await;
    let problem: Problem = read(response, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert_eq!(problem.code, "too_large");
    // A hash that is none, and numbers at the end of what there is.
    let odd = with("/records/0/hash", json!("not a hash"));
    let receipt: Receipt = read(
        bench.ask(device.post("/v1/confirmations", &odd)).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(
        (receipt.applied_seq, receipt.outcomes[0].kind.as_str()),
        (1, "quarantined")
    );
    let far = with("/records/0/seq", json!(u64::MAX));
    let receipt: Receipt = read(
        bench.ask(device.post("/v1/confirmations", &far)).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(receipt.expected_seq, Some(2));
    bench.check().await;
}

async fn tokens_and_codes_are_asked_for_and_work_once(store: Store) {
    let bench = Bench::new(store).await;
    let device = bench.device("main", "Handheld 1").await;
    let wrong = format!("{}0", device.signer.token);
    for token in [None, Some("x"), Some("a.b"), Some(wrong.as_str())] {
        let response = bench.ask(get("/v1/tasks", token)).await;
        let problem: Problem = read(response, StatusCode::UNAUTHORIZED).await;
        assert_eq!(problem.code, "unauthorized");
    }
    let code = bench.hub.create_enrolment_code("main", "").await.unwrap();
    let typed = code.to_lowercase().replace('-', " ");
    let enrol = enrolment;
    assert_eq!(bench.ask(enrol(&typed)).await.status(), StatusCode::OK);
    assert_eq!(
        bench.ask(enrol(&code)).await.status(),
        StatusCode::FORBIDDEN,
        "a code works once"
    );
    let late = bench.hub.create_enrolment_code("main", "").await.unwrap();
    bench.clock.advance(std::time::Duration::from_secs(15 * 60));
    assert_eq!(
        bench.ask(enrol(&late)).await.status(),
        StatusCode::FORBIDDEN,
        "a code has an end"
    );
    for _ in 0..30 {
        bench.ask(enrol("GUESS")).await;
    }
    let response = bench.ask(enrol("GUESS")).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key("retry-after"));
    assert!(bench.hub.create_enrolment_code("nowhere", "").await.is_err());
}

async fn a_device_sees_its_own_site_only(store: Store) {
    let bench = Bench::new(store).await;
    bench
        .import(
            "north",
            ImportKind::Items,
            "item,name,code\nSCREW,Screw,SCREW-1\n",
        )
        .await;
    bench
        .import(
            "north",
            ImportKind::Tasks,
            "task,kind,item,quantity,location\nP-1,pick,SCREW,5,N-1\n",
        )
        .await;
    let mut north = bench.device("north", "Handheld 1").await;
    let mut main = bench.device("main", "Handheld 1").await;
    assert_ne!(north.enrolled.device, main.enrolled.device);
    let delta = north.delta(&bench, None).await;
    assert_eq!(delta.tasks.len(), 1);
    assert!(delta.tasks.iter().all(|task| task.site == "north"));
    assert_eq!(
        delta
            .items
            .iter()
            .map(|item| item.id.as_str())
            .collect::<Vec<_>>(),
        ["SCREW"]
    );
    assert_eq!(delta.locations, [""; 0]);
    // The same task number in two sites is two tasks.
    north.confirm(picked("P-1", 1, "SCREW", 5, "N-1"));
    main.confirm(picked("P-1", 1, "MILK", 1, "A-01"));
    north.send_all(&bench).await;
    main.send_all(&bench).await;
    assert_eq!(bench.line("P-1", 1).await, (1, false));
    assert_eq!(main.delta(&bench, None).await.items.len(), 3);
    // A batch cannot name another device, and a body cannot name another site.
    let mut stolen = north.batch(1, 1);
    stolen.device = main.enrolled.device.clone();
    let body = serde_json::to_value(&stolen).unwrap();
    let response = bench.ask(north.post("/v1/confirmations", &body)).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let snapshot = bench.hub.ledger_snapshot().await.unwrap();
    assert!(
        snapshot
            .balances
            .iter()
            .all(|row| (row.item == "SCREW") == (row.site == "north"))
    );
    bench.check().await;
}

async fn deltas_go_on_from_a_cursor_and_carry_progress_and_mark(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let first = device.delta(&bench, None).await;
    assert!(first.reset && !first.more);
    assert_eq!(
        (first.tasks.len(), first.items.len(), first.locations.len()),
        (3, 3, 3)
    );
    assert_eq!(first.site_rules.as_ref().map(Vec::len), Some(4));
    let idle = device.delta(&bench, Some(&first.cursor)).await;
    assert!(!idle.reset && idle.tasks.is_empty() && idle.items.is_empty() && idle.site_rules.is_none());
    assert_eq!(idle.cursor, first.cursor);

    device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    device.send_all(&bench).await;
    let delta = device.delta(&bench, Some(&first.cursor)).await;
    assert_eq!((delta.applied.epoch, delta.applied.seq), (1, 1));
    let [task] = delta.tasks.as_slice() else {
        panic!("{:?}", delta.tasks)
    };
    assert_eq!(
        (task.id.as_str(), task.revision, task.lines[0].confirmed_micro),
        ("P-1", 1, 6_000_000)
    );

    bench
        .import(
            "main",
            ImportKind::Tasks,
            &super::bench::TASKS.replace("ORDER-1", "ORDER-1B"),
        )
        .await;
    let delta = device.delta(&bench, Some(&delta.cursor)).await;
    let [task] = delta.tasks.as_slice() else {
        panic!("{:?}", delta.tasks)
    };
    assert_eq!(
        (
            task.reference.as_str(),
            task.revision,
            task.lines[0].confirmed_micro
        ),
        ("ORDER-1B", 2, 6_000_000)
    );
    let foreign = device.delta(&bench, Some("ANOTHERLIFE1:9")).await;
    assert!(foreign.reset, "a cursor of another generation starts anew");
}

async fn an_epoch_whose_grant_was_lost_hides_nothing_that_waits(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    assert_eq!(device.delta(&bench, None).await.applied.seq, 0);
    device.confirm(picked("P-1", 1, "MILK", 1, "A-01"));
    device.send_all(&bench).await;
    // The answer never arrives: the device goes on in epoch 1, with facts after seq 1 that wait.
    let request = json!({ "epoch": 1, "last_seq": 3, "reason": "store_short" });
    bench.ask(device.post("/v1/device/epoch", &request)).await;
    let applied = device.delta(&bench, None).await.applied;
    assert_eq!((applied.epoch, applied.seq), (1, 1));
    device.enrolled.epoch = 2;
    device.journal.truncate(1);
    device.confirm(picked("P-1", 1, "MILK", 1, "A-01"));
    device.send_all(&bench).await;
    let applied = device.delta(&bench, None).await.applied;
    assert_eq!((applied.epoch, applied.seq), (2, 1));
}

async fn a_large_catalogue_comes_in_pages_without_a_hole(store: Store) {
    let bench = Bench::empty(store, config()).await;
    let mut items = "item,name,code\n".to_owned();
    let mut tasks = "task,kind,item,quantity,location\n".to_owned();
    for number in 0..4_500 {
        items.push_str(&format!("I-{number},Item {number},CODE-{number}\n"));
    }
    for number in 0..450 {
        for line in 0..20 {
            tasks.push_str(&format!("P-{number},pick,I-{line},1,BIN-{line}\n"));
        }
    }
    bench.import("main", ImportKind::Items, &items).await;
    bench.import("main", ImportKind::Tasks, &tasks).await;
    let device = bench.device("main", "Handheld 1").await;
    let (mut cursor, mut pages) = (None, 0);
    let (mut seen_items, mut seen_tasks) =
        (std::collections::HashSet::new(), std::collections::HashSet::new());
    loop {
        let delta: Delta = device.delta(&bench, cursor.as_deref()).await;
        assert_eq!(delta.reset, pages == 0);
        seen_items.extend(delta.items.into_iter().map(|item| item.id));
        seen_tasks.extend(delta.tasks.into_iter().map(|task| task.id));
        pages += 1;
        cursor = Some(delta.cursor);
        if !delta.more {
            break;
        }
    }
    assert!(pages > 3, "{pages}");
    assert_eq!((seen_items.len(), seen_tasks.len()), (4_500, 450));
}

async fn a_hub_that_forgot_is_filled_again_by_its_devices(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.enrolled.epoch = 3;
    device.journal.truncate(1);
    device.confirm(received("R-1", 1, "MILK", 1));
    device.confirm(received("R-1", 1, "MILK", 2));
    let receipt = device.send(&bench, 2, 2).await;
    assert_eq!(
        (receipt.epoch, receipt.applied_seq, receipt.expected_seq),
        (3, 0, Some(1))
    );
    assert_eq!(device.send_all(&bench).await.applied_seq, 2);
    let request = json!({ "epoch": 3, "last_seq": 2, "reason": "store_short" });
    let response = bench.ask(device.post("/v1/device/epoch", &request)).await;
    assert_eq!(read::<EpochGranted>(response, StatusCode::OK).await.epoch, 4);
    assert_eq!(device.journal[0].1, ChainHash::START);
    bench.check().await;
}

#[tokio::test]
async fn a_backup_moves_the_stable_marks_and_is_a_hub_of_its_own() {
    let bench = Bench::new(Store::File).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    assert_eq!(device.send_all(&bench).await.stable_seq, 0);
    let backup = bench.hub.back_up().await.unwrap().unwrap();
    assert_eq!(backup.proof.records, 1);
    device.confirm(received("R-1", 1, "MILK", 1));
    let receipt = device.send_all(&bench).await;
    assert_eq!((receipt.applied_seq, receipt.stable_seq), (2, 1));
    let proof = crate::ledger::sqlite::SqliteLedger::verify_file(&backup.file).unwrap();
    assert_eq!((proof.records, proof.holds()), (1, true));
    bench.check().await;
}

async fn last_backup(bench: &Bench) -> jiff::Timestamp {
    let overview = bench.hub.ledger().overview("main".to_owned()).await.unwrap();
    overview.backup.expect("there is one")
}

#[tokio::test]
async fn a_backup_that_was_due_before_the_hub_was_started_is_made_at_once() {
    let bench = Bench::new(Store::File).await;
    bench.hub.back_up().await.unwrap();
    let before = last_backup(&bench).await;
    bench.clock.advance(std::time::Duration::from_secs(2 * 3_600));
    let bench = bench.reopened().await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let serving = bench
        .hub
        .serve(listener, tokio_util::sync::CancellationToken::new());
    let made = async {
        while last_backup(&bench).await == before {
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(60);
    tokio::select! {
        _ = serving => panic!("it serves until it is told to stop"),
        made = tokio::time::timeout(patience, made) => made.expect("a backup"),
    }
}

#[tokio::test]
async fn a_restored_hub_is_another_one_and_its_devices_fill_it_again() {
    let bench = Bench::new(Store::File).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    let backup = bench.hub.back_up().await.unwrap().unwrap();
    device.confirm(received("R-1", 1, "MILK", 2));
    let before = device.send_all(&bench).await;
    let cursor = device.delta(&bench, None).await.cursor;

    let bench = bench.restored(&backup.file).await;
    assert_ne!(bench.hub.ledger().generation(), before.generation);
    assert!(
        device.delta(&bench, Some(&cursor)).await.reset,
        "the device's cache is of another life"
    );
    let asked = bench.ask(device.get("/v1/device/cursor")).await;
    let stands: DeviceCursor = read(asked, StatusCode::OK).await;
    assert_eq!(
        (stands.applied_seq, &stands.generation),
        (1, &bench.hub.ledger().generation())
    );
    let receipt = device.send(&bench, 2, 2).await;
    assert_eq!((receipt.applied_seq, receipt.fork), (2, false));
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 3);
    bench.check().await;
}

#[tokio::test]
async fn a_hub_that_is_restored_twice_from_one_backup_is_another_one_each_time() {
    let bench = Bench::new(Store::File).await;
    let device = bench.device("main", "Handheld 1").await;
    let backup = bench.hub.back_up().await.unwrap().unwrap();
    let mut lives = vec![bench.hub.ledger().generation().to_owned()];
    let mut bench = bench;
    let mut cursor = device.delta(&bench, None).await.cursor;
    for _ in 0..2 {
        bench = bench.restored(&backup.file).await;
        lives.push(bench.hub.ledger().generation().to_owned());
        let delta = device.delta(&bench, Some(&cursor)).await;
        assert!(
            delta.reset,
            "the cursor is of a life that went on without this hub"
        );
        cursor = delta.cursor;
    }
    bench = bench.reopened().await;
    assert_eq!(
        bench.hub.ledger().generation(),
        lives[2],
        "a restart is the same life"
    );
    lives.sort();
    lives.dedup();
    assert_eq!(lives.len(), 3);
}

#[tokio::test]
async fn without_backups_applied_counts_as_stable() {
    let mut config = config();
    config.backups.enabled = false;
    let bench = Bench::empty(Store::File, config).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 1));
    let receipt = device.send_all(&bench).await;
    assert_eq!((receipt.applied_seq, receipt.stable_seq), (1, 1));
    assert!(bench.hub.back_up().await.unwrap().is_none());
    bench.check().await;
}

#[tokio::test]
async fn only_the_newest_backups_are_kept() {
    let mut config = config();
    config.backups.keep = 2;
    let bench = Bench::empty(Store::File, config).await;
    let stranger = bench.folder.path().join("backups/notes.txt");
    for minute in 0..4 {
        bench.clock.advance(std::time::Duration::from_secs(60 * minute));
        bench.hub.back_up().await.unwrap().unwrap();
        std::fs::write(&stranger, "mine").unwrap();
    }
    let files = std::fs::read_dir(bench.folder.path().join("backups"))
        .unwrap()
        .count();
    assert_eq!(files, 3, "two backups and a file of somebody else");
}

#[tokio::test]
async fn the_backup_that_was_made_last_stays_though_the_clock_went_back() {
    let mut config = config();
    config.backups.keep = 2;
    let bench = Bench::empty(Store::File, config).await;
    let mut device = bench.device("main", "Handheld 1").await;
    for _ in 0..2 {
        bench.clock.advance(std::time::Duration::from_secs(3_600));
        bench.hub.back_up().await.unwrap().unwrap();
    }
    bench.clock.set_wall("2026-11-22T08:00:00Z".parse().unwrap());
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    let backup = bench.hub.back_up().await.unwrap().unwrap();
    assert_eq!(device.send_all(&bench).await.stable_seq, 1);
    assert!(
        backup.file.exists(),
        "the device may forget what is in this backup and in no other"
    );
}

#[tokio::test]
async fn what_a_power_cut_left_of_a_backup_is_removed_a_day_later() {
    let bench = Bench::new(Store::File).await;
    let folder = bench.folder.path().join("backups");
    std::fs::create_dir(&folder).unwrap();
    let [old, journal, under_way, stranger] = [
        "hub-20261122T075959Z.db.unfinished",
        "hub-20261122T075959Z.db.unfinished-journal",
        "hub-20261122T080001Z.db.unfinished",
        "20261122T075959Z.db.unfinished",
    ]
    .map(|name| folder.join(name));
    for file in [&old, &journal, &under_way, &stranger] {
        std::fs::write(file, "half").unwrap();
    }
    bench.hub.back_up().await.unwrap().unwrap();
    assert!(!old.exists() && !journal.exists());
    assert!(under_way.exists(), "another program may still be at it");
    assert!(stranger.exists());
}

async fn the_hub_says_what_it_is(store: Store) {
    let bench = Bench::new(store).await;
    let meta: Value = read(bench.ask(get("/v1/meta", None)).await, StatusCode::OK).await;
    assert_eq!(
        (meta["protocols"][0].as_u64(), meta["records_max"].as_u64()),
        (Some(1), Some(1_000))
    );
    assert_eq!(text(bench.ask(get("/healthz", None)).await).await, "ok\n");
}

async fn a_file_may_be_larger_than_a_batch(store: Store) {
    let bench = Bench::empty(store, config()).await;
    let mut file = "location,zone\n".to_owned();
    for number in 0..60_000 {
        file.push_str(&format!("BIN-{number:06},A part of the house\n"));
    }
    assert!(file.len() > bench.hub.config().limits.body_bytes_max);
    let request = |content: String| {
        let request = axum::http::Request::post("/v1/import/locations?site=main").header("host", "localhost");
        request.body(axum::body::Body::from(content)).unwrap()
    };
    let done: Value = read(bench.ask(request(file.clone())).await, StatusCode::OK).await;
    assert_eq!(
        (done["added"].as_u64(), done["site"].as_str()),
        (Some(60_000), Some("main"))
    );
    let huge = file.repeat(5);
    let problem: Problem = read(bench.ask(request(huge)).await, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert_eq!(problem.code, "too_large");
}
