//! Receipts by portal: posted as any other, and told by the passes that they came of.

use serde_json::{Value, json};

use super::bench::{Bench, Store, get, on_both_stores, received, text};
use crate::ImportKind;

on_both_stores![
    a_receipt_by_portal_is_posted_once_and_told_by_its_passes,
    a_piece_that_two_devices_recorded_is_told,
    lines_are_told_by_their_serial_numbers_and_pallets,
];

/// Drills that came in with a pass.
fn passed(number: u64, serials: &[&str]) -> Value {
    let mut body = received("R-1", 1, "DRILL", i64::try_from(serials.len()).unwrap());
    body["goods"]["serials"] = json!(serials);
    let tags = serials
        .iter()
        .map(|serial| format!("30{serial}"))
        .collect::<Vec<_>>();
    body["raw"] = json!({ "scanner": "door-3", "text": tags.join(" "), "source": "rfid" });
    body["pass"] = json!({ "portal": "door-3", "number": number });
    body
}

async fn a_receipt_by_portal_is_posted_once_and_told_by_its_passes(store: Store) {
    let bench = Bench::new(store).await;
    let mut device = bench.device("main", "Dock 3").await;
    device.confirm(passed(7, &["S1", "S2"]));
    device.confirm(passed(7, &["S3"]));
    let taken_back = passed(8, &["S4", "S5"]);
    let seq = device.confirm(taken_back.clone());
    let mut reversal = taken_back;
    reversal["act"] = json!("reversed");
    reversal["reverses"] = json!({ "epoch": 1, "seq": seq, "act": "received" });
    device.confirm(reversal);
    device.confirm(passed(9, &["S4"]));
    // Scanned, as one that was not sure.
    let mut scanned = received("R-1", 1, "DRILL", 1);
    scanned["goods"]["serials"] = json!(["S6"]);
    device.confirm(scanned);
    let mut unsure = passed(9, &["S9"]);
    unsure["act"] = json!("reported");
    unsure["exception"] = json!({ "code": "unsure", "reason": "maybe", "quantity_micro": 1_000_000 });
    unsure.as_object_mut().unwrap().remove("raw");
    device.confirm(unsure);
    device.send_all(&bench).await;
    assert_eq!(bench.balance("location", "DOCK-1", "DRILL").await, 5);
    let detail = bench
        .hub
        .ledger()
        .task("main".to_owned(), "R-1".to_owned())
        .await
        .unwrap()
        .unwrap();
    let told: Vec<_> = detail
        .passes
        .iter()
        .map(|pass| {
            (
                pass.portal.as_str(),
                pass.number,
                pass.device_name.as_str(),
                pass.tags,
                pass.unsure,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("door-3", 7, "Dock 3", 3, 0),
            ("door-3", 8, "Dock 3", 0, 0),
            ("door-3", 9, "Dock 3", 1, 1)
        ]
    );
    let page = text(bench.ask(get("/site/main/tasks/R-1", None)).await).await;
    assert!(
        page.contains("Through portals") && page.contains("door-3"),
        "{page}"
    );
    bench.check().await;
}

async fn a_piece_that_two_devices_recorded_is_told(store: Store) {
    let bench = Bench::new(store).await;
    for name in ["Dock 3", "Dock 4"] {
        let mut device = bench.device("main", name).await;
        device.confirm(passed(1, &["S1"]));
        device.send_all(&bench).await;
    }
    assert!(bench.exceptions().await.contains(&"serial_twice".to_owned()));
    bench.check().await;
}

/// A receipt that names each piece shows which line is which, and on which pallet.
async fn lines_are_told_by_their_serial_numbers_and_pallets(store: Store) {
    let bench = Bench::new(store).await;
    let lines = "task,kind,reference,dock,line,item,quantity,serial,handling_unit\n\
        R-9,receive,PO-9,DOCK-1,1,DRILL,1,S7,340123450000000017\n\
        R-9,,,,2,DRILL,1,S8,\n";
    bench.import("main", ImportKind::Tasks, lines).await;
    let page = text(bench.ask(get("/site/main/tasks/R-9", None)).await).await;
    for told in [
        "DRILL · serial number S7 · on 340123450000000017</div>",
        "DRILL · serial number S8</div>",
    ] {
        assert!(page.contains(told), "{told} is missing in {page}");
    }
}
