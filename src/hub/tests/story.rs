//! A day in the ledger: receipts, picks, counts, what goes wrong with them, and what is done about it.

use serde_json::json;

use super::bench::{Bench, Store, counted, goods, on_both_stores, picked, received, reversal};
use crate::ledger::{Decided, Decision, Resolution};

on_both_stores![
    goods_are_received_picked_and_taken_back,
    a_short_pick_closes_its_line_and_waits_for_a_supervisor,
    a_count_that_differs_is_accepted_with_one_click,
    a_count_taken_back_takes_its_variances_with_it,
    two_devices_on_one_line_are_told_from_one_that_goes_too_far,
    what_is_unknown_goes_to_suspense_and_nothing_is_refused,
    what_was_done_after_a_cancellation_is_posted_and_raised,
    a_reversal_of_nothing_changes_nothing,
    serial_numbers_have_a_place_each,
    a_location_counted_twice_in_one_task_changes_nothing,
];

async fn goods_are_received_picked_and_taken_back(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "MILK", 24));
    let pick = picked("P-1", 1, "MILK", 6, "A-01");
    let seq = device.confirm(pick.clone());
    device.confirm(reversal(&pick, seq));
    device.confirm(picked("P-1", 1, "MILK", 5, "A-01"));
    let receipt = device.send_all(&bench).await;
    assert_eq!(
        (receipt.applied_seq, receipt.expected_seq, receipt.fork),
        (4, None, false)
    );
    assert_eq!(receipt.outcomes, []);
    assert_eq!(bench.balance("location", "DOCK-1", "MILK").await, 24);
    assert_eq!(bench.balance("supplier", "", "MILK").await, -24);
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 15);
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 5);
    assert_eq!(bench.line("P-1", 1).await, (5, false));
    assert_eq!(bench.line("R-1", 1).await, (24, false));
    bench.check().await;
}

async fn a_short_pick_closes_its_line_and_waits_for_a_supervisor(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(picked("P-1", 2, "MILK", 3, "A-02"));
    device.confirm(json!({
        "act": "line_closed", "task": "P-1", "line": 2, "from": { "location": "A-02" },
        "exception": { "code": "short", "reason": "empty", "quantity_micro": 1_000_000 }
    }));
    device.confirm(json!({ "act": "task_closed", "task": "P-1" }));
    let receipt = device.send_all(&bench).await;
    assert_eq!(receipt.outcomes.len(), 1);
    assert_eq!(
        (receipt.outcomes[0].seq, receipt.outcomes[0].code.as_str()),
        (2, "short")
    );
    assert_eq!(bench.line("P-1", 2).await, (3, true));
    assert_eq!(bench.balance("location", "A-02", "MILK").await, 0);
    assert_eq!(bench.exceptions().await, ["short"]);
    let task = bench
        .hub
        .ledger()
        .task("main".to_owned(), "P-1".to_owned())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(task.summary.state, "done");
    bench.check().await;
}

async fn a_count_that_differs_is_accepted_with_one_click(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    // The book says 20 MILK and 5 CREAM of lot L1; 18 MILK and 1 DRILL are found.
    device.confirm(counted("C-1", 1, "MILK", 10, "A-01"));
    device.confirm(counted("C-1", 1, "MILK", 8, "A-01"));
    device.confirm(counted("C-1", 1, "DRILL", 1, "A-01"));
    device.confirm(
        json!({ "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" } }),
    );
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["count_variance"; 3]);
    assert_eq!(
        bench.balance("location", "A-01", "MILK").await,
        20,
        "nothing is posted before somebody accepts it"
    );
    assert_eq!(
        bench.balance("count_control", "", "MILK").await,
        0,
        "the memo is cleared"
    );
    bench.check().await;

    let open = bench
        .hub
        .ledger()
        .exceptions("main".to_owned(), Default::default())
        .await
        .unwrap();
    let now = "2026-11-23T09:00:00Z".parse().unwrap();
    for exception in &open {
        let figures = (
            exception.item.as_str(),
            exception.found.unwrap().as_whole(),
            exception.wanted.unwrap().as_whole(),
        );
        let expected = [
            ("MILK", Some(18), Some(20)),
            ("CREAM", Some(0), Some(5)),
            ("DRILL", Some(1), Some(0)),
        ];
        assert!(expected.contains(&figures), "{figures:?}");
        let resolve = || {
            bench.hub.ledger().decide(
                "main".to_owned(),
                exception.exception,
                Decision::plain(Resolution::AcceptCount),
                now,
            )
        };
        assert_eq!(resolve().await.unwrap(), Decided::Done);
        assert_eq!(
            resolve().await.unwrap(),
            Decided::Ended,
            "an exception is resolved once"
        );
    }
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 18);
    assert_eq!(bench.balance("location", "A-01", "CREAM").await, 0);
    assert_eq!(bench.balance("location", "A-01", "DRILL").await, 1);
    assert_eq!(bench.balance("variance", "", "MILK").await, 2);
    assert_eq!(bench.exceptions().await, [""; 0]);
    bench.check().await;
}

async fn a_count_taken_back_takes_its_variances_with_it(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(counted("C-1", 1, "MILK", 18, "A-01"));
    let end = json!({ "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" } });
    let seq = device.confirm(end.clone());
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await.len(), 2);
    device.confirm(reversal(&end, seq));
    device.send(&bench, 3, 3).await;
    assert_eq!(bench.exceptions().await, [""; 0]);
    assert_eq!(bench.line("C-1", 1).await, (18, false));
    // The rest is counted, and now everything is there.
    device.confirm(counted("C-1", 1, "MILK", 2, "A-01"));
    let mut cream = counted("C-1", 1, "CREAM", 5, "A-01");
    cream["goods"]["lot"] = json!("L1");
    device.confirm(cream);
    device.confirm(end);
    device.send(&bench, 4, 6).await;
    assert_eq!(bench.exceptions().await, [""; 0]);
    bench.check().await;
}

async fn two_devices_on_one_line_are_told_from_one_that_goes_too_far(store: Store) {
    let bench = Bench::new(store).await;
    let mut first = bench.device("main", "Handheld 1").await;
    let mut second = bench.device("main", "Handheld 2").await;
    first.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    second.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    first.send_all(&bench).await;
    second.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["double_pick"]);
    assert_eq!(
        bench.balance("handling_unit", "TOTE-1", "MILK").await,
        12,
        "both movements are posted"
    );
    // Whoever goes on, each further piece was picked by two.
    second.confirm(picked("P-1", 1, "MILK", 1, "A-01"));
    let receipt = second.send(&bench, 2, 2).await;
    assert_eq!(receipt.outcomes[0].code, "double_pick");
    second.confirm(picked("P-1", 2, "MILK", 5, "A-02"));
    let receipt = second.send(&bench, 3, 3).await;
    assert_eq!(receipt.outcomes[0].code, "over_pick");
    assert_eq!(
        bench.exceptions().await,
        ["double_pick", "double_pick", "negative_bin", "over_pick"]
    );
    assert_eq!(bench.balance("location", "A-02", "MILK").await, -2);
    bench.check().await;
}

async fn what_is_unknown_goes_to_suspense_and_nothing_is_refused(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    device.confirm(received("R-1", 1, "GHOST", 2));
    device.confirm(received("R-404", 1, "MILK", 3));
    device.confirm(picked("P-1", 1, "MILK", 1, "Z-99"));
    device.confirm(picked("P-1", 77, "MILK", 1, "A-01"));
    let mut found = counted("C-1", 1, "MILK", 4, "A-01");
    found["goods"]["item"] = json!(null);
    found["goods"]["code"] = json!("SECRET-CODE");
    device.confirm(found);
    let receipt = device.send_all(&bench).await;
    assert_eq!(receipt.applied_seq, 5);
    let codes: Vec<&str> = receipt
        .outcomes
        .iter()
        .map(|outcome| outcome.code.as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "unknown_item",
            "unknown_task",
            "unknown_location",
            "unknown_line",
            "unknown_item"
        ]
    );
    assert_eq!(bench.balance("suspense", "DOCK-1", "GHOST").await, 2);
    assert_eq!(bench.balance("suspense", "DOCK-1", "MILK").await, 3);
    assert_eq!(bench.balance("suspense", "Z-99", "MILK").await, -1);
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 2);
    assert_eq!(bench.balance("counted", "A-01#C-1", "?SECRET-CODE").await, 4);
    bench.check().await;
}

async fn what_was_done_after_a_cancellation_is_posted_and_raised(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let now = "2026-11-23T09:00:00Z".parse().unwrap();
    assert!(
        bench
            .hub
            .ledger()
            .cancel_task("main".to_owned(), "P-1".to_owned(), now)
            .await
            .unwrap()
    );
    device.confirm(picked("P-1", 1, "MILK", 6, "A-01"));
    device.confirm(json!({ "act": "task_closed", "task": "R-1" }));
    device.confirm(received("R-1", 1, "MILK", 25));
    device.confirm(received("R-1", 2, "CREAM", 1));
    device.send_all(&bench).await;
    assert_eq!(
        bench.exceptions().await,
        ["over_receipt", "task_cancelled", "task_done"]
    );
    assert_eq!(bench.balance("location", "A-01", "MILK").await, 14);
    bench.check().await;
}

async fn a_reversal_of_nothing_changes_nothing(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let pick = picked("P-1", 1, "MILK", 6, "A-01");
    let seq = device.confirm(pick.clone());
    device.confirm(reversal(&pick, seq));
    device.confirm(reversal(&pick, seq));
    device.confirm(reversal(&pick, 99));
    let lie = device.confirm(picked("P-1", 1, "MILK", 2, "A-01"));
    device.confirm(reversal(&pick, lie));
    device.send_all(&bench).await;
    assert_eq!(bench.exceptions().await, ["nothing_to_reverse"; 3]);
    assert_eq!(bench.line("P-1", 1).await, (2, false));
    assert_eq!(bench.balance("handling_unit", "TOTE-1", "MILK").await, 2);
    bench.check().await;
}

async fn serial_numbers_have_a_place_each(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let with_serials = |quantity: i64, serials: &[&str]| {
        let mut body = received("R-1", 1, "DRILL", quantity);
        body["goods"]["serials"] = json!(serials);
        body
    };
    device.confirm(with_serials(2, &["S1", "S2"]));
    device.confirm(with_serials(3, &["S3"]));
    device.confirm(with_serials(1, &["S4", "S5"]));
    let mut elsewhere = with_serials(1, &["S1"]);
    elsewhere["to"] = json!({ "location": "A-01" });
    device.confirm(elsewhere);
    device.send_all(&bench).await;
    let snapshot = bench.hub.ledger_snapshot().await.unwrap();
    let at_dock: Vec<(&str, i64)> = snapshot
        .balances
        .iter()
        .filter(|row| row.account == "location" && row.place == "DOCK-1")
        .map(|row| (row.serial.as_str(), row.quantity_micro / 1_000_000))
        .collect();
    assert_eq!(at_dock, [("", 3), ("S1", 1), ("S2", 1), ("S3", 1)]);
    let kinds = bench.exceptions().await;
    assert!(
        kinds.contains(&"serial_twice".to_owned()) && kinds.contains(&"serials_exceed_quantity".to_owned())
    );
    bench.check().await;
}

async fn a_location_counted_twice_in_one_task_changes_nothing(store: Store) {
    let bench = Bench::new(store).await;
    let end = json!({ "act": "location_counted", "task": "C-1", "line": 1, "to": { "location": "A-01" } });
    for name in ["Handheld 1", "Handheld 2"] {
        let mut device = bench.device("main", name).await;
        device.confirm(counted("C-1", 1, "MILK", 20, "A-01"));
        let mut cream = counted("C-1", 1, "CREAM", 5, "A-01");
        cream["goods"] = goods("CREAM", 5);
        cream["goods"]["lot"] = json!("L1");
        device.confirm(cream);
        device.confirm(end.clone());
        device.send_all(&bench).await;
    }
    assert_eq!(bench.exceptions().await, ["counted_twice"]);
    bench.check().await;
}
