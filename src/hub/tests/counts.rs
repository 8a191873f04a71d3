//! Counts as they end at the hub: what is compared, what follows by itself, and what devices are told of stock.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyman_floor::wire::v1::{StockAnswer, TaskBody, TaskKindBody};

use super::bench::{
    Bench, Handheld, Store, counted, get, goods, on_both_stores, picked, read, received, text,
};
use crate::ImportKind;
use crate::ledger::views::{Exception, ExceptionFilter};
use crate::ledger::{Decided, Decision, ExceptionKind, Resolution};

on_both_stores![
    a_count_that_is_far_off_is_counted_again,
    a_recount_that_came_ends_the_first,
    a_small_difference_is_not_counted_again,
    a_difference_waits_for_a_device_with_work_there,
    a_contact_alone_is_not_what_a_difference_waits_for,
    a_device_that_takes_work_there_is_waited_for_by_the_click,
    a_place_found_empty_is_looked_at_once,
    an_item_is_counted_alone,
    goods_beside_the_count_are_told_and_not_compared,
    a_unit_is_told_where_nobody_knows_what_is_in_it,
    a_place_that_cannot_be_reached_is_told,
    stock_is_told_and_hidden_while_it_is_counted,
    what_a_count_has_not_found_is_told_once_it_is_over,
    tags_that_are_not_sure_or_missing_are_told,
];

fn end(task: &str, location: &str) -> Value {
    json!({ "act": "location_counted", "task": task, "line": 1, "to": { "location": location } })
}

fn cream(task: &str) -> Value {
    let mut cream = counted(task, 1, "CREAM", 5, "A-01");
    cream["goods"]["lot"] = json!("L1");
    cream
}

/// Counts A-01: so much milk, and all of the cream.
fn count(device: &mut Handheld, task: &str, milk: i64) {
    device.confirm(counted(task, 1, "MILK", milk, "A-01"));
    device.confirm(cream(task));
    device.confirm(end(task, "A-01"));
}

/// The same, at this moment.
fn count_now(bench: &Bench, device: &mut Handheld, task: &str, milk: i64) {
    let wall = bench.hub.now().to_string();
    for mut body in [
        counted(task, 1, "MILK", milk, "A-01"),
        cream(task),
        end(task, "A-01"),
    ] {
        body["wall"] = json!(wall);
        device.confirm(body);
    }
}

async fn one(store: Store) -> (Bench, Handheld) {
    let bench = Bench::new(store).await;
    let device = bench.device("main", "Handheld 1").await;
    (bench, device)
}

impl Bench {
    async fn all_exceptions(&self) -> Vec<Exception> {
        let ledger = self.hub.ledger();
        let all = ledger.exceptions("main".to_owned(), ExceptionFilter::default());
        all.await.unwrap()
    }

    async fn accept(&self, kind: ExceptionKind) -> Decided {
        let all = self.all_exceptions().await;
        let is_meant = |each: &&Exception| each.state == "open" && each.kind == kind.word();
        let number = all.iter().find(is_meant).unwrap().exception;
        let decision = Decision::plain(Resolution::AcceptCount);
        let decided = self
            .hub
            .ledger()
            .decide("main".to_owned(), number, decision, self.hub.now());
        let decided = decided.await.unwrap();
        self.check().await;
        decided
    }
}

/// The tasks that a device is given, whose document begins so.
async fn tasks(device: &Handheld, bench: &Bench, reference: &str) -> Vec<TaskBody> {
    let mut tasks = device.delta(bench, None).await.tasks;
    tasks.retain(|task| task.reference.starts_with(reference));
    tasks
}

async fn a_count_that_is_far_off_is_counted_again(store: Store) {
    let (bench, mut device) = one(store).await;
    count(&mut device, "C-1", 10);
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["count_variance"]);
    let made = tasks(&device, &bench, "RECOUNT").await;
    assert_eq!(made.len(), 1, "{made:?}");
    let [line] = made[0].lines.as_slice() else {
        panic!("{made:?}")
    };
    assert_eq!(line.location.as_deref(), Some("A-01"));
    assert_eq!((line.item.as_deref(), line.expected_micro), (None, None), "blind");
    let TaskKindBody::Count(plan) = &made[0].kind else {
        panic!("{made:?}")
    };
    assert_eq!(plan.recount_of.as_deref(), Some("C-1"));
    assert_eq!(plan.not_by, ["ANNA"], "by somebody else");
    bench.hub.tend_counts("main").await;
    assert_eq!(tasks(&device, &bench, "RECOUNT").await.len(), 1, "once");
    assert_eq!(
        bench.balance("location", "A-01", "MILK").await,
        20,
        "nothing is posted"
    );
    bench.check().await;
}

async fn a_recount_that_came_ends_the_first(store: Store) {
    let (bench, mut device) = one(store).await;
    let mut other = bench.device("main", "Handheld 2").await;
    count(&mut device, "C-1", 10);
    device.send_all(&bench).await;
    let recount = tasks(&other, &bench, "RECOUNT").await.remove(0).id;
    count(&mut other, &recount, 12);
    other.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["count_variance"], "of the recount");
    let all = bench.all_exceptions().await;
    let ended: Vec<_> = all.iter().filter(|each| each.state == "resolved").collect();
    assert_eq!(ended.len(), 1, "{all:?}");
    assert_eq!(
        (ended[0].task.as_str(), ended[0].resolution.as_str()),
        ("C-1", "recounted")
    );
    assert_eq!(
        tasks(&device, &bench, "RECOUNT").await.len(),
        1,
        "a supervisor decides now"
    );
    assert_eq!(bench.accept(ExceptionKind::CountVariance).await, Decided::Done);
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 12);
}

async fn a_small_difference_is_not_counted_again(store: Store) {
    let (bench, mut device) = one(store).await;
    count(&mut device, "C-1", 19);
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["count_variance"]);
    assert!(tasks(&device, &bench, "RECOUNT").await.is_empty());
}

/// A picker with a task in A-01, where a count of the milk then comes out one short.
async fn counted_while_a_picker_is_away(store: Store) -> (Bench, Handheld) {
    let (bench, mut device) = one(store).await;
    let picker = bench.device("main", "Handheld 2").await;
    let claim = json!({ "tasks": ["P-1"], "worker": "BOB" });
    let claimed = bench.ask(picker.post("/v1/claims", &claim)).await;
    assert_eq!(claimed.status(), StatusCode::OK);
    bench.clock.advance(Duration::from_secs(60));
    count_now(&bench, &mut device, "C-1", 19);
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["count_waits"]);
    (bench, picker)
}

async fn a_difference_waits_for_a_device_with_work_there(store: Store) {
    for is_heard in [true, false] {
        let (bench, picker) = counted_while_a_picker_is_away(store).await;
        let waits = bench.all_exceptions().await.remove(0);
        assert!(waits.message.contains("Handheld 2"), "{}", waits.message);
        let kind = if is_heard {
            bench.clock.advance(Duration::from_secs(60));
            picker.say_drained(&bench).await;
            bench.hub.tend_counts("main").await;
            ExceptionKind::CountVariance
        } else {
            ExceptionKind::CountWaits
        };
        assert_eq!(bench.accept(kind).await, Decided::Done, "heard {is_heard}");
        assert_eq!(bench.balance("location", "A-01", "MILK").await, 19);
    }
}

async fn a_contact_alone_is_not_what_a_difference_waits_for(store: Store) {
    // What the picker says, and whether the difference still waits then.
    for (what, waiting, records, is_late, waits) in [
        ("records wait", 2, 0, false, true),
        ("not all of them come", 3, 2, false, true),
        ("all of them come", 2, 2, false, false),
        ("nothing waits", 0, 0, false, false),
        ("it was said before the count", 0, 0, true, true),
    ] {
        let (bench, mut picker) = counted_while_a_picker_is_away(store).await;
        let before = picker.clone();
        for _ in 0..records {
            picker.confirm(received("R-1", 1, "MILK", 1));
        }
        bench.clock.advance(Duration::from_secs(60));
        if is_late {
            // Under way for a minute and a half: what was done meanwhile may lie on the device.
            before.say_drained_at(&bench, Duration::from_secs(30)).await;
        } else {
            picker.send_with(&bench, 1, records, waiting).await;
        }
        bench.hub.tend_counts("main").await;
        let is_waiting = bench.exceptions().await.contains(&"count_waits".to_owned());
        assert_eq!(is_waiting, waits, "{what}");
    }
}

async fn a_device_that_takes_work_there_is_waited_for_by_the_click(store: Store) {
    let (bench, mut device) = one(store).await;
    let picker = bench.device("main", "Handheld 2").await;
    count(&mut device, "C-1", 19);
    bench.clock.advance(Duration::from_secs(60));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["count_variance"]);
    // The page shows a plain difference; then the hub hears that somebody works there.
    let claim = json!({ "tasks": ["P-1"], "worker": "BOB" });
    assert_eq!(
        bench.ask(picker.post("/v1/claims", &claim)).await.status(),
        StatusCode::OK
    );
    let refused = bench.accept(ExceptionKind::CountVariance).await;
    assert!(
        matches!(&refused, Decided::Refused(why) if why.contains("Handheld 2")),
        "{refused:?}"
    );
    assert_eq!(bench.exceptions().await, ["count_waits"]);
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 20);
}

async fn a_place_found_empty_is_looked_at_once(store: Store) {
    let (bench, mut device) = one(store).await;
    device.confirm(json!({
        "act": "line_closed", "task": "P-1", "line": 2, "from": { "location": "A-02" },
        "exception": { "code": "short", "reason": "empty", "quantity_micro": 4_000_000 }
    }));
    device.send_all(&bench).await;
    let made = tasks(&device, &bench, "EMPTY?").await;
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(made[0].lines[0].location.as_deref(), Some("A-02"));
    device.confirm(end(&made[0].id, "A-02"));
    device.confirm(json!({ "act": "task_closed", "task": made[0].id }));
    device.send(&bench, 2, 3).await;
    bench.hub.tend_counts("main").await;
    assert!(tasks(&device, &bench, "EMPTY?").await.is_empty(), "once");
    assert_eq!(
        bench.exceptions().await,
        ["count_variance", "short"],
        "three are missing"
    );
    bench.check().await;
}

const COUNTS_OF_ITEMS: &str = "task,kind,line,item,location\nC-2,count,1,MILK,A-01\nC-3,count,1,MILK,A-01\n";

async fn an_item_is_counted_alone(store: Store) {
    let (bench, mut device) = one(store).await;
    bench.import("main", ImportKind::Tasks, COUNTS_OF_ITEMS).await;
    device.confirm(counted("C-2", 1, "MILK", 20, "A-01"));
    device.confirm(end("C-2", "A-01"));
    device.send_all(&bench).await;
    assert!(bench.exceptions().await.is_empty(), "nobody counted the cream");
    device.confirm(counted("C-3", 1, "MILK", 4, "A-01"));
    device.confirm(end("C-3", "A-01"));
    device.send(&bench, 3, 4).await;
    let all = bench.all_exceptions().await;
    let about: Vec<_> = all
        .iter()
        .map(|each| (each.kind.as_str(), each.item.as_str()))
        .collect();
    assert_eq!(about, [("count_variance", "MILK")]);
    assert_eq!(bench.accept(ExceptionKind::CountVariance).await, Decided::Done);
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 4);
    assert_eq!(bench.balance("location", "A-01", "CREAM").await, 5);
}

async fn goods_beside_the_count_are_told_and_not_compared(store: Store) {
    let (bench, mut device) = one(store).await;
    bench.import("main", ImportKind::Tasks, COUNTS_OF_ITEMS).await;
    let found = json!({
        "act": "counted", "task": "C-2", "goods": goods("DRILL", 2), "to": { "location": "A-01" },
        "exception": { "code": "found", "quantity_micro": 2_000_000 }
    });
    device.confirm(found.clone());
    device.confirm(counted("C-2", 1, "MILK", 20, "A-01"));
    device.confirm(end("C-2", "A-01"));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["found_goods"]);
    bench.check().await;
    device.confirm(super::bench::reversal(&found, 1));
    device.send(&bench, 4, 4).await;
    assert!(bench.exceptions().await.is_empty(), "taken back");
    bench.check().await;
}

async fn a_unit_is_told_where_nobody_knows_what_is_in_it(store: Store) {
    let (bench, mut device) = one(store).await;
    let seen = |unit: &str| {
        json!({
            "act": "reported", "task": "C-1", "line": 1, "from": { "handling_unit": unit },
            "to": { "location": "A-01" }, "exception": { "code": "found" }
        })
    };
    device.confirm(picked("P-1", 1, "MILK", 1, "A-01"));
    device.confirm(seen("TOTE-1"));
    device.send_all(&bench).await;
    assert!(
        bench.exceptions().await.is_empty(),
        "the book knows what is in it"
    );
    device.confirm(seen("TOTE-9"));
    device.send(&bench, 3, 3).await;
    assert_eq!(bench.exceptions().await, ["unit_found"]);
    bench.check().await;
}

async fn a_place_that_cannot_be_reached_is_told(store: Store) {
    let (bench, mut device) = one(store).await;
    device.confirm(json!({
        "act": "line_closed", "task": "C-1", "line": 1, "from": { "location": "A-01" },
        "exception": { "code": "not_reachable", "reason": "too_high" }
    }));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["place_not_reachable"]);
    assert_eq!(bench.line("C-1", 1).await, (0, true));
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 20);
    bench.check().await;
}

async fn told(bench: &Bench, device: &Handheld, asked: &str) -> Vec<(String, String, Option<i64>)> {
    let response = bench.ask(device.get(&format!("/v1/stock?{asked}"))).await;
    let answer: StockAnswer = read(response, StatusCode::OK).await;
    let rows = answer.rows.into_iter();
    rows.map(|row| {
        (
            row.item,
            row.place,
            row.quantity_micro.map(|micro| micro / 1_000_000),
        )
    })
    .collect()
}

async fn stock_is_told_and_hidden_while_it_is_counted(store: Store) {
    let (bench, mut device) = one(store).await;
    let row = |item: &str, place: &str, quantity| (item.to_owned(), place.to_owned(), quantity);
    assert_eq!(
        told(&bench, &device, "item=MILK").await,
        [row("MILK", "A-01", None), row("MILK", "A-02", Some(3))],
        "C-1 counts A-01"
    );
    assert_eq!(
        told(&bench, &device, "location=A-01").await,
        [row("CREAM", "A-01", None), row("MILK", "A-01", None)]
    );
    let page = text(bench.ask(get("/site/main/stock", None)).await).await;
    assert!(page.contains("being counted"), "{page}");
    device.confirm(picked("P-1", 1, "MILK", 2, "A-01"));
    count(&mut device, "C-1", 18);
    device.send_all(&bench).await;
    assert_eq!(
        told(&bench, &device, "location=A-01").await,
        [row("CREAM", "A-01", Some(5)), row("MILK", "A-01", Some(18))]
    );
    assert_eq!(
        told(&bench, &device, "handling_unit=TOTE-1").await,
        [row("MILK", "TOTE-1", Some(2))]
    );
    assert!(told(&bench, &device, "item=NOTHING").await.is_empty());
    for nonsense in ["", "item=", "item=MILK&location=A-01", "item=%00"] {
        let response = bench.ask(device.get(&format!("/v1/stock?{nonsense}"))).await;
        assert!(response.status().is_client_error(), "{nonsense}");
    }
    let page = text(bench.ask(get("/site/main/stock", None)).await).await;
    assert!(!page.contains("being counted"), "{page}");
    let stranger = super::bench::get("/v1/stock?item=MILK", None);
    assert_eq!(bench.ask(stranger).await.status(), StatusCode::UNAUTHORIZED);
}

/// Saws carry tags, and are recorded by lot and serial number.
const SAWS: &str = "item,name,unit,code,lot,serial,tag\nSAW,Hand saw,each,04006381000017,yes,yes,yes\n";

fn saws(act: &str, serials: &[&str], lot: Option<&str>) -> Value {
    let mut goods = goods("SAW", i64::try_from(serials.len()).unwrap());
    goods["serials"] = json!(serials);
    goods["lot"] = json!(lot);
    json!({
        "act": act, "goods": goods, "to": { "location": "A-02" },
        "raw": { "scanner": "sweep", "text": "3034F487B400004000000001 3034F487B400004000000002", "source": "rfid" }
    })
}

async fn missing(bench: &Bench, device: &Handheld, asked: &str) -> StockAnswer {
    let response = bench.ask(device.get(&format!("/v1/stock?{asked}"))).await;
    read(response, StatusCode::OK).await
}

/// A device with four saws in A-02 and a count of it.
async fn with_saws(store: Store) -> (Bench, Handheld) {
    let (bench, mut device) = one(store).await;
    bench.import("main", ImportKind::Items, SAWS).await;
    let rows = "task,kind,reference,line,location\nC-9,count,COUNT-9,1,A-02\n";
    bench.import("main", ImportKind::Tasks, rows).await;
    let mut received = saws("received", &["1", "2", "3", "4"], Some("L1"));
    received["from"] = json!("supplier");
    device.confirm(received);
    device.send_all(&bench).await;
    (bench, device)
}

async fn what_a_count_has_not_found_is_told_once_it_is_over(store: Store) {
    let (bench, mut device) = with_saws(store).await;
    let asked = "missing=A-02&task=C-9";
    let before = missing(&bench, &device, asked).await;
    assert!(
        before.being_counted && before.rows.is_empty(),
        "the count is blind"
    );
    // A tag tells no lot: the piece is the one that the book has.
    let mut counted = saws("counted", &["2", "3"], None);
    counted["task"] = json!("C-9");
    counted["line"] = json!(1);
    device.confirm(counted);
    device.confirm(super::bench::counted("C-9", 1, "MILK", 3, "A-02"));
    device.send(&bench, 2, 3).await;
    assert!(
        missing(&bench, &device, asked).await.being_counted,
        "it is not over"
    );
    device.confirm(end("C-9", "A-02"));
    device.send(&bench, 4, 4).await;
    let told = missing(&bench, &device, asked).await;
    let pieces: Vec<_> = told
        .rows
        .iter()
        .map(|row| (row.item.as_str(), row.lot.as_deref(), row.serial.as_deref()))
        .collect();
    assert_eq!(
        pieces,
        [("SAW", Some("L1"), Some("1")), ("SAW", Some("L1"), Some("4"))]
    );
    assert!(!told.being_counted);
    bench.check().await;
    let other = missing(&bench, &device, "missing=A-02&task=C-1").await;
    assert!(other.being_counted, "another count says nothing of it");
    for nonsense in [
        "missing=A-02",
        "missing=A-02&task=",
        "missing=A-02&task=C-9&item=SAW",
    ] {
        let response = bench.ask(device.get(&format!("/v1/stock?{nonsense}"))).await;
        assert!(response.status().is_client_error(), "{nonsense}");
    }
    // Once somebody has decided, nothing is missing any more.
    assert_eq!(bench.accept(ExceptionKind::CountVariance).await, Decided::Done);
    assert_eq!(missing(&bench, &device, asked).await.rows.len(), 1);
    let page = text(bench.ask(get("/site/main/tasks/C-9", None)).await).await;
    assert!(page.contains("by RFID tags that are sure"), "{page}");
}

async fn tags_that_are_not_sure_or_missing_are_told(store: Store) {
    let (bench, mut device) = with_saws(store).await;
    let mut unsure = saws("reported", &["2", "3"], None);
    unsure["task"] = json!("C-9");
    unsure["from"] = unsure["to"].take();
    unsure["exception"] = json!({ "code": "unsure", "quantity_micro": 2_000_000 });
    unsure.as_object_mut().unwrap().remove("to");
    device.confirm(unsure);
    let mut untagged = saws("counted", &["1"], Some("L1"));
    untagged["task"] = json!("C-9");
    untagged["line"] = json!(1);
    untagged["exception"] = json!({ "code": "tag_missing", "quantity_micro": 1_000_000 });
    device.confirm(untagged);
    device.send(&bench, 2, 3).await;
    let all = bench.all_exceptions().await;
    let mut about: Vec<_> = all
        .iter()
        .map(|each| (each.kind.as_str(), each.item.as_str(), each.location.as_str()))
        .collect();
    about.sort_unstable();
    // The saws came in without a task.
    about.retain(|(kind, ..)| *kind != "unplanned_work");
    assert_eq!(
        about,
        [("tag_missing", "SAW", "A-02"), ("unsure_tag", "SAW", "A-02")]
    );
    let saws: i64 = bench.balance("location", "A-02", "SAW").await;
    assert_eq!(saws, 4, "what is reported moves nothing");
    let page = text(bench.ask(get("/site/main/exceptions", None)).await).await;
    assert!(
        page.contains("RFID tag not sure") && page.contains("RFID tag missing"),
        "{page}"
    );
    bench.check().await;
}
