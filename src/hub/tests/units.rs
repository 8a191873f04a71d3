//! Handling units: where they stand, what is in them there, and what goes along with one that is moved as a whole.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyman_floor::wire::v1::{PlaceBody, StockAnswer};

use super::bench::{Bench, Handheld, Store, on_both_stores, read, reversal};

on_both_stores![
    a_pallet_is_loaded_straight_from_receipt,
    a_pallet_that_was_loaded_before_its_receipt_arrives_is_on_the_truck,
    what_is_in_a_unit_goes_where_it_is_moved,
    any_order_of_arrival_gives_the_same_ledger,
    an_unknown_unit_is_asked_about_until_its_receipt_arrives,
    what_was_taken_off_does_not_go_along,
    a_tote_is_used_again,
    a_move_that_is_taken_back_brings_the_goods_back,
    stock_names_the_unit_and_its_location,
    an_older_store_learns_where_units_stand,
];

const SSCC: &str = "095201230000000010";
const OTHER: &str = "095201230000000027";

fn goods(item: &str, quantity: i64, unit: Option<&str>) -> Value {
    let mut goods = json!({
        "item": item, "code": item, "quantity_micro": quantity * 1_000_000, "unit": "each",
        "pack_micro": 1_000_000, "status": "available"
    });
    if let Some(unit) = unit {
        goods["handling_unit"] = json!(unit);
    }
    goods
}

fn at(place: &str) -> Value {
    json!({ "location": place })
}

fn received(unit: &str, item: &str, quantity: i64) -> Value {
    json!({ "act": "received", "task": "R-9", "from": "supplier", "to": at("DOCK-1"),
            "goods": goods(item, quantity, Some(unit)) })
}

fn moved(unit: &str, item: &str, quantity: i64, from: &str, to: &str) -> Value {
    json!({ "act": "moved", "task": format!("M-{from}-{to}"), "from": at(from), "to": at(to),
            "goods": goods(item, quantity, Some(unit)) })
}

/// The unit with whatever is in it.
fn whole(unit: &str, from: &str, to: &str) -> Value {
    json!({ "act": "moved", "task": format!("M-{from}-{to}"), "from": at(from), "to": at(to),
            "goods": { "code": unit, "quantity_micro": 1_000_000, "unit": "each", "pack_micro": 1_000_000,
                       "handling_unit": unit, "status": "available" } })
}

fn loaded(unit: &str) -> Value {
    json!({ "act": "loaded", "task": "L-9", "from": { "handling_unit": unit }, "to": { "vehicle": "TRUCK-7" } })
}

async fn site(store: Store) -> (Bench, Handheld) {
    let bench = Bench::new(store).await;
    bench
        .import("main", crate::ImportKind::Locations, "location\nB-01\nB-02\n")
        .await;
    bench
        .import(
            "main",
            crate::ImportKind::Tasks,
            "task,kind,reference,dock,vehicle,line,item,quantity,handling_unit,location,to\n\
             R-9,receive,PO-9,DOCK-1,,1,MILK,400,,,\n\
             R-10,receive,PO-10,DOCK-1,,1,CREAM,400,,,\n\
             L-9,load,TOUR-9,DOCK-1,TRUCK-7,1,,,095201230000000010,,\n\
             M-DOCK-1-B-01,putaway,PA-1,,,1,MILK,400,,DOCK-1,B-01\n\
             M-DOCK-1-B-02,putaway,PA-2,,,1,MILK,400,,DOCK-1,B-02\n\
             M-B-01-B-02,putaway,PA-3,,,1,MILK,400,,B-01,B-02\n\
             M-B-02-A-02,putaway,PA-4,,,1,MILK,400,,B-02,A-02\n",
        )
        .await;
    let device = bench.device("main", "Handheld 1").await;
    (bench, device)
}

async fn stock(bench: &Bench, device: &Handheld, asked: &str) -> StockAnswer {
    let response = bench.ask(device.get(&format!("/v1/stock?{asked}"))).await;
    read(response, StatusCode::OK).await
}

/// The location that a unit is told to stand in.
async fn location_of(bench: &Bench, device: &Handheld, unit: &str) -> Option<String> {
    match stock(bench, device, &format!("handling_unit={unit}"))
        .await
        .stands_at
    {
        Some(PlaceBody::Location(location)) => Some(location),
        Some(PlaceBody::Vehicle(vehicle)) => Some(vehicle),
        _ => None,
    }
}

async fn a_pallet_is_loaded_straight_from_receipt(store: Store) {
    let (bench, mut device) = site(store).await;
    device.confirm(received(SSCC, "MILK", 40));
    device.confirm(received(OTHER, "MILK", 24));
    device.confirm(loaded(SSCC));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, [""; 0]);
    assert_eq!(bench.balance("vehicle", "TRUCK-7", "MILK").await, 40);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 24);
    assert_eq!(
        location_of(&bench, &device, SSCC).await.as_deref(),
        Some("TRUCK-7")
    );
    bench.check().await;
    // And off again.
    device.confirm(reversal(&loaded(SSCC), 3));
    device.send_all(&bench).await;
    assert_eq!(bench.balance("vehicle", "TRUCK-7", "MILK").await, 0);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 64);
    assert_eq!(
        location_of(&bench, &device, SSCC).await.as_deref(),
        Some("DOCK-1")
    );
    bench.check().await;
}

async fn a_pallet_that_was_loaded_before_its_receipt_arrives_is_on_the_truck(store: Store) {
    let (bench, mut device) = site(store).await;
    let mut dock = bench.device("main", "Dock reader").await;
    device.confirm(loaded(SSCC));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["unknown_unit"]);
    dock.confirm(received(SSCC, "MILK", 40));
    dock.send_all(&bench).await;
    assert_eq!(
        bench.exceptions().await,
        [""; 0],
        "nobody has to find out any more"
    );
    assert_eq!(bench.balance("vehicle", "TRUCK-7", "MILK").await, 40);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 0);
    assert_eq!(
        location_of(&bench, &device, SSCC).await.as_deref(),
        Some("TRUCK-7")
    );
    bench.check().await;
}

async fn what_is_in_a_unit_goes_where_it_is_moved(store: Store) {
    let (bench, mut device) = site(store).await;
    device.confirm(received(SSCC, "MILK", 40));
    device.confirm(received(SSCC, "CREAM", 6));
    device.confirm(received(OTHER, "MILK", 24));
    device.send_all(&bench).await;
    device.confirm(whole(SSCC, "DOCK-1", "B-01"));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, [""; 0]);
    assert_eq!(bench.balance("location", "B-01", "MILK").await, 40);
    assert_eq!(bench.balance("location", "B-01", "CREAM").await, 6);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 24);
    assert_eq!(location_of(&bench, &device, SSCC).await.as_deref(), Some("B-01"));
    assert_eq!(
        location_of(&bench, &device, OTHER).await.as_deref(),
        Some("DOCK-1")
    );
    bench.check().await;
}

/// One life of a pallet, told by a device each: received in two parts, brought on with and without a word of what is on
/// it, there and back, and loaded.
fn life() -> Vec<Value> {
    vec![
        received(SSCC, "MILK", 40),
        received(SSCC, "CREAM", 6),
        whole(SSCC, "DOCK-1", "B-01"),
        moved(SSCC, "MILK", 40, "B-01", "B-02"),
        moved(SSCC, "CREAM", 6, "B-01", "B-02"),
        whole(SSCC, "B-02", "A-02"),
    ]
}

async fn any_order_of_arrival_gives_the_same_ledger(store: Store) {
    // Enough orders to have each fact before and after each other, and all of them where that costs little.
    let rounds: u64 = if store == Store::File { 60 } else { 6 };
    let mut seed = 1_u64;
    for round in 0..rounds {
        let (bench, device) = site(store).await;
        let mut facts = life();
        if round % 2 == 1 {
            facts.push(loaded(SSCC));
        }
        for last in (1..facts.len()).rev() {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let choice = usize::try_from(seed >> 33).unwrap() % (last + 1);
            facts.swap(last, choice);
        }
        for (number, fact) in facts.iter().enumerate() {
            let mut one = bench.device("main", &format!("Device {number}")).await;
            one.confirm(fact.clone());
            one.send_all(&bench).await;
        }
        let (account, place, before) = match round % 2 {
            0 => ("location", "A-02", 3),
            _ => ("vehicle", "TRUCK-7", 0),
        };
        assert_eq!(
            bench.balance(account, place, "MILK").await,
            40 + before,
            "{facts:#?}"
        );
        assert_eq!(bench.balance(account, place, "CREAM").await, 6, "{facts:#?}");
        for left in ["DOCK-1", "B-01", "B-02"] {
            assert_eq!(
                bench.balance("location", left, "MILK").await,
                0,
                "{left}: {facts:#?}"
            );
        }
        assert_eq!(
            location_of(&bench, &device, SSCC).await.as_deref(),
            Some(place),
            "{facts:#?}"
        );
        let open = bench.exceptions().await;
        let asked = open
            .iter()
            .any(|kind| kind == "unit_found" || kind == "unknown_unit");
        assert!(!asked, "{open:?}, {facts:#?}");
        bench.check().await;
    }
}

async fn an_unknown_unit_is_asked_about_until_its_receipt_arrives(store: Store) {
    let (bench, mut device) = site(store).await;
    let mut dock = bench.device("main", "Dock reader").await;
    device.confirm(whole(SSCC, "DOCK-1", "B-01"));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["unit_found"]);
    assert_eq!(location_of(&bench, &device, SSCC).await.as_deref(), Some("B-01"));
    let snapshot = bench.hub.ledger_snapshot().await.unwrap();
    let suspense = snapshot.balances.iter().any(|row| row.account == "suspense");
    assert!(!suspense, "it is known where it stands: {:?}", snapshot.balances);
    bench.check().await;
    dock.confirm(received(SSCC, "MILK", 40));
    dock.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, [""; 0]);
    assert_eq!(bench.balance("location", "B-01", "MILK").await, 40);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 0);
    bench.check().await;
}

async fn what_was_taken_off_does_not_go_along(store: Store) {
    let (bench, mut device) = site(store).await;
    device.confirm(received(SSCC, "MILK", 40));
    device.confirm(
        json!({ "act": "picked", "from": at("DOCK-1"), "to": { "handling_unit": "TOTE-1" },
                           "goods": goods("MILK", 10, None) }),
    );
    device.confirm(whole(SSCC, "DOCK-1", "B-01"));
    device.send_all(&bench).await;
    assert_eq!(bench.balance("location", "B-01", "MILK").await, 30);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 0);
    bench.check().await;
}

async fn a_tote_is_used_again(store: Store) {
    let (bench, mut device) = site(store).await;
    let mut again = received("LPN-1", "CREAM", 6);
    again["task"] = json!("R-10");
    device.confirm(received("LPN-1", "MILK", 40));
    device.confirm(whole("LPN-1", "DOCK-1", "B-01"));
    device.confirm(again);
    device.send_all(&bench).await;
    assert_eq!(
        bench.balance("location", "DOCK-1", "CREAM").await,
        6,
        "it came in again"
    );
    assert_eq!(
        location_of(&bench, &device, "LPN-1").await.as_deref(),
        Some("DOCK-1")
    );
    device.confirm(whole("LPN-1", "DOCK-1", "B-02"));
    device.send_all(&bench).await;
    assert_eq!(bench.balance("location", "B-01", "MILK").await, 40);
    assert_eq!(bench.balance("location", "B-02", "CREAM").await, 6);
    assert_eq!(bench.balance("location", "DOCK-1", "CREAM").await, 0);
    assert_eq!(
        location_of(&bench, &device, "LPN-1").await.as_deref(),
        Some("B-02")
    );
    bench.check().await;
}

async fn a_move_that_is_taken_back_brings_the_goods_back(store: Store) {
    let (bench, mut device) = site(store).await;
    let mut dock = bench.device("main", "Dock reader").await;
    device.confirm(whole(SSCC, "DOCK-1", "B-01"));
    device.send_all(&bench).await;
    dock.confirm(received(SSCC, "MILK", 40));
    dock.send_all(&bench).await;
    device.confirm(reversal(&whole(SSCC, "DOCK-1", "B-01"), 1));
    device.send_all(&bench).await;
    assert_eq!(
        location_of(&bench, &device, SSCC).await.as_deref(),
        Some("DOCK-1")
    );
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 40);
    assert_eq!(bench.balance("location", "B-01", "MILK").await, 0);
    bench.check().await;
}

async fn stock_names_the_unit_and_its_location(store: Store) {
    let (bench, mut device) = site(store).await;
    device.confirm(received(SSCC, "MILK", 40));
    device.confirm(moved(SSCC, "MILK", 40, "DOCK-1", "B-01"));
    device.confirm(
        json!({ "act": "picked", "from": at("A-02"), "to": { "handling_unit": "TOTE-1" },
                           "goods": goods("MILK", 2, None) }),
    );
    device.confirm(json!({ "act": "handed_over", "from": { "handling_unit": "TOTE-1" }, "to": at("B-01") }));
    device.send_all(&bench).await;
    let told = |answer: StockAnswer| -> Vec<(String, i64, Option<String>, Option<String>)> {
        let rows = answer.rows.into_iter();
        rows.map(|row| {
            let micro = row.quantity_micro.unwrap_or_default();
            (row.place, micro / 1_000_000, row.handling_unit, row.location)
        })
        .collect()
    };
    let row = |place: &str, quantity, unit: Option<&str>, location: &str| {
        (
            place.to_owned(),
            quantity,
            unit.map(str::to_owned),
            Some(location.to_owned()),
        )
    };
    assert_eq!(
        told(stock(&bench, &device, "location=B-01").await),
        [
            row("B-01", 40, Some(SSCC), "B-01"),
            row("TOTE-1", 2, Some("TOTE-1"), "B-01")
        ]
    );
    assert_eq!(
        told(stock(&bench, &device, "item=MILK").await),
        [
            row("A-01", 0, None, "A-01"),
            row("A-02", 1, None, "A-02"),
            row("B-01", 40, Some(SSCC), "B-01"),
            row("TOTE-1", 2, Some("TOTE-1"), "B-01")
        ],
        "C-1 counts A-01"
    );
    assert_eq!(
        told(stock(&bench, &device, &format!("handling_unit={SSCC}")).await),
        [row("B-01", 40, Some(SSCC), "B-01")]
    );
    assert_eq!(
        told(stock(&bench, &device, "handling_unit=TOTE-1").await),
        [row("TOTE-1", 2, Some("TOTE-1"), "B-01")]
    );
    // It is being filled again: it stands where it stood no more.
    device.confirm(
        json!({ "act": "picked", "from": at("A-02"), "to": { "handling_unit": "TOTE-1" },
                           "goods": goods("MILK", 1, None) }),
    );
    device.send_all(&bench).await;
    assert_eq!(location_of(&bench, &device, "TOTE-1").await, None);
    bench.check().await;
}

/// A store of a program before this one: what facts said of units is read from the journal.
async fn an_older_store_learns_where_units_stand(store: Store) {
    let (bench, mut device) = site(store).await;
    device.confirm(received(SSCC, "MILK", 40));
    device.confirm(received(SSCC, "CREAM", 6));
    device.confirm(moved(SSCC, "MILK", 40, "DOCK-1", "B-01"));
    device.confirm(moved(SSCC, "CREAM", 6, "DOCK-1", "B-01"));
    device.confirm(received(OTHER, "MILK", 24));
    device.confirm(moved(OTHER, "MILK", 24, "DOCK-1", "B-02"));
    device.confirm(reversal(&moved(OTHER, "MILK", 24, "DOCK-1", "B-02"), 6));
    device.confirm(
        json!({ "act": "picked", "from": at("A-02"), "to": { "handling_unit": "TOTE-1" },
                           "goods": goods("MILK", 2, None) }),
    );
    device.confirm(json!({ "act": "handed_over", "from": { "handling_unit": "TOTE-1" }, "to": at("B-01") }));
    device.send_all(&bench).await;
    let before = bench.hub.verify().await.unwrap();
    assert!(before.holds(), "{:#?}", before.findings);
    let bench = bench
        .without_tables(&["unit_step", "unit_place", "unit_content"], 10)
        .await;
    bench.check().await;
    assert_eq!(location_of(&bench, &device, SSCC).await.as_deref(), Some("B-01"));
    assert_eq!(
        location_of(&bench, &device, OTHER).await.as_deref(),
        Some("DOCK-1")
    );
    assert_eq!(
        location_of(&bench, &device, "TOTE-1").await.as_deref(),
        Some("B-01")
    );
    let answer = stock(&bench, &device, &format!("handling_unit={SSCC}")).await;
    assert_eq!(answer.rows.len(), 2, "{answer:?}");
}

/// Whatever is changed in what is kept of units, the check finds it.
#[tokio::test]
async fn the_check_finds_what_is_wrong_about_units() {
    for wrong in [
        "UPDATE unit_place SET place = 'A-02'",
        "DELETE FROM unit_place",
        "INSERT INTO unit_place VALUES ('main', 'GHOST', 'location', 'A-01')",
        "UPDATE unit_step SET facts = facts + 1",
        "UPDATE unit_step SET whole = 0 WHERE place = 'B-01'",
        "DELETE FROM unit_step WHERE place = 'DOCK-1'",
        "UPDATE unit_content SET quantity_micro = quantity_micro - 1 WHERE place = 'B-01'",
        "DELETE FROM unit_content WHERE place = 'B-01'",
    ] {
        let (bench, mut device) = site(Store::File).await;
        device.confirm(received(SSCC, "MILK", 40));
        device.confirm(whole(SSCC, "DOCK-1", "B-01"));
        device.send_all(&bench).await;
        bench.check().await;
        let store = rusqlite::Connection::open(bench.folder.path().join("hub.db")).unwrap();
        assert!(store.execute(wrong, []).unwrap() > 0, "{wrong}");
        let proof = bench.hub.verify().await.unwrap();
        assert!(!proof.holds(), "{wrong}");
    }
}
