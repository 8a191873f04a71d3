//! What the stores keep as JSON: tasks, lines, items and locations come back as they were told, also from a store of before.

use tallyman_floor::wire::v1::{ItemBody, LineBody, LoadBody, LocationBody, TaskBody, TaskKindBody};

use super::bench::{Bench, Store, config, on_both_stores, received};
use crate::{ImportFile, ImportKind};

on_both_stores![
    work_of_before_is_carried_over,
    members_without_columns_come_back_as_they_were_told,
    a_location_is_told_with_its_zone_and_check_digits,
];

/// The plan of [`BEFORE`], as a file says it.
const PLAN: &str = "task,kind,reference,dock,over_percent,tote,line,item,quantity,location,lot\n\
    R-1,receive,PO-1,DOCK-1,10,,1,MILK,20,,\n\
    P-1,pick,ORDER-1,,,TOTE-7,1,MILK,6,A-01,L1\n\
    P-2,pick,ORDER-2,,,,1,MILK,4,A-01,\n\
    C-1,count,COUNT-1,,,,1,,,A-01,\n";

/// Master data and a plan in the columns of step 5. `no` and `yes` are as the store writes them.
fn before(no: &str, yes: &str) -> String {
    format!(
        "INSERT INTO site (site, name, change_seq) VALUES ('main', 'Main warehouse', 7);
         INSERT INTO item (site, item, name, unit, lot, serial, expiry, owner, change_seq)
         VALUES ('main', 'MILK', 'Milk', 'each', {yes}, {no}, {no}, '', 1);
         INSERT INTO item_code VALUES ('main', '04006381333931', 'MILK', 'each', 1000000);
         INSERT INTO location (site, location, zone, change_seq)
         VALUES ('main', 'DOCK-1', 'Dock', 2), ('main', 'A-01', '', 3);
         INSERT INTO task (site, task, kind, revision, state, reference, priority, assigned_to, quantity_entry, dock,
                           over_tolerance_percent, into_unit, created_us, changed_us, change_seq)
         VALUES ('main', 'R-1', 'receive', 1, 'open', 'PO-1', 0, '', 'each_scan', 'DOCK-1', 10, '', 1, 1, 4),
                ('main', 'P-1', 'pick', 1, 'open', 'ORDER-1', 0, '', 'each_scan', '', 0, 'TOTE-7', 1, 1, 5),
                ('main', 'P-2', 'pick', 3, 'done', 'ORDER-2', 0, '', 'each_scan', '', 0, '', 1, 1, 6),
                ('main', 'C-1', 'count', 1, 'open', 'COUNT-1', 0, '', 'each_scan', '', 0, '', 1, 1, 7);
         INSERT INTO line (site, task, number, item, expected_micro, location, lot, expiry_min, owner)
         VALUES ('main', 'R-1', 1, 'MILK', 20000000, '', '', '', ''),
                ('main', 'P-1', 1, 'MILK', 6000000, 'A-01', 'L1', '', ''),
                ('main', 'P-2', 1, 'MILK', 4000000, 'A-01', '', '', ''),
                ('main', 'C-1', 1, '', NULL, 'A-01', '', '', '');"
    )
}

async fn bench_of_before(store: Store) -> Bench {
    let rows = match store {
        Store::File => before("0", "1"),
        Store::Postgres => before("false", "true"),
    };
    Bench::of_step(store, 5, &rows).await
}

async fn work_of_before_is_carried_over(store: Store) {
    let bench = bench_of_before(store).await;
    // The file of before says nothing new of what is open; what is done it opens again.
    let file = ImportFile::named("plan.csv", PLAN.as_bytes());
    let imported = bench.hub.import("main", ImportKind::Tasks, &file).await.unwrap();
    assert_eq!((imported.added, imported.changed, imported.unchanged), (0, 1, 3));
    let mut device = bench.device("main", "Handheld 1").await;
    let delta = device.delta(&bench, None).await;
    assert_eq!(delta.tasks.len(), 4);
    assert_eq!(delta.items[0].name, "Milk");
    let shown = bench.hub.ledger().task("main".to_owned(), "P-1".to_owned()).await;
    assert_eq!(shown.unwrap().unwrap().summary.place, "TOTE-7");
    // Ten percent more are received without a question, and no more.
    let mut receipt = received("R-1", 1, "MILK", 22);
    receipt["goods"]["lot"] = "L1".into();
    device.confirm(receipt.clone());
    assert_eq!(device.send_all(&bench).await.outcomes, []);
    receipt["goods"]["quantity_micro"] = 1_000_000.into();
    device.confirm(receipt);
    assert_eq!(device.send(&bench, 2, 2).await.outcomes[0].code, "over_receipt");
    bench.check().await;
}

async fn members_without_columns_come_back_as_they_were_told(store: Store) {
    let bench = Bench::empty(store, config()).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let item = ItemBody {
        id: "HAM".to_owned(),
        name: "Ham".to_owned(),
        unit: "kg".to_owned(),
        lot: true,
        weight: true,
        tag: true,
        shelf_life_min_days: Some(21),
        substitutes: vec!["HAM-2".to_owned(), "\"quoted\" \u{e4}".to_owned()],
        ..ItemBody::default()
    };
    let line = LineBody {
        number: 3,
        item: Some("HAM".to_owned()),
        expected_micro: Some(2_500_000),
        location: Some("A-01".to_owned()),
        to: Some("B-02".to_owned()),
        why: Some("same item there".to_owned()),
        lot: Some("L1".to_owned()),
        expiry_min: Some("2027-01-31".parse().unwrap()),
        handling_unit: Some("PALLET-1".to_owned()),
        into: Some("CARTON-1".to_owned()),
        owner: Some("ACME".to_owned()),
        ..LineBody::default()
    };
    let load = LoadBody {
        door: "DOOR-2".to_owned(),
        vehicle: "M-XY 123".to_owned(),
        checks: vec!["seal".to_owned()],
    };
    let mut task = TaskBody {
        id: "L-1".to_owned(),
        site: "main".to_owned(),
        kind: TaskKindBody::Load(load),
        revision: 1,
        state: "open".to_owned(),
        reference: "TOUR-1".to_owned(),
        priority: 0,
        assigned_to: None,
        quantity_entry: "each_scan".to_owned(),
        claim: None,
        doubts: Vec::new(),
        lines: vec![line],
    };
    let ledger = bench.hub.ledger();
    let items = |item: &ItemBody| ledger.import_items("main".to_owned(), vec![item.clone()]);
    let tasks = |task: &TaskBody| ledger.import_tasks("main".to_owned(), vec![task.clone()], bench.hub.now());
    assert_eq!(items(&item).await.unwrap().added, 1);
    assert_eq!(tasks(&task).await.unwrap().added, 1);
    let delta = device.delta(&bench, None).await;
    assert_eq!(delta.items, std::slice::from_ref(&item));
    assert_eq!(delta.tasks, [task.clone()]);
    assert_eq!(items(&item).await.unwrap().unchanged, 1);
    assert_eq!(tasks(&task).await.unwrap().unchanged, 1);
    // A change of such a member alone is a change, and replaces what was there.
    let item = ItemBody {
        substitutes: Vec::new(),
        ..item
    };
    assert_eq!(items(&item).await.unwrap().changed, 1);
    task.lines[0].why = None;
    task.revision = 2;
    assert_eq!(tasks(&task).await.unwrap().changed, 1);
    let delta = device.delta(&bench, Some(&delta.cursor)).await;
    assert_eq!((delta.items, delta.tasks), (vec![item], vec![task]));
    let shown = ledger
        .task("main".to_owned(), "L-1".to_owned())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (shown.summary.kind.as_str(), shown.summary.place.as_str()),
        ("load", "DOOR-2")
    );
    // Facts about such a task are posted.
    let mut receipt = received("L-1", 3, "HAM", 1);
    receipt["goods"]["lot"] = "L1".into();
    device.confirm(receipt);
    assert_eq!(device.send_all(&bench).await.applied_seq, 1);
    bench.check().await;
}

async fn a_location_is_told_with_its_zone_and_check_digits(store: Store) {
    let bench = Bench::empty(store, config()).await;
    for (text, changes) in [
        (
            "location,zone,check_digits\nA-01,Aisle A,047\nA-02,,\n",
            (2, 0, 0),
        ),
        (
            "location,zone,check_digits\nA-01,Aisle A,047\nA-02,,\n",
            (0, 0, 2),
        ),
        ("location,zone,check_digits\nA-01,Aisle A,47\nA-02,,\n", (0, 1, 1)),
        ("location,zone,check_digits\nA-01,Aisle B,47\nA-02,,\n", (0, 1, 1)),
    ] {
        let file = ImportFile::named("locations.csv", text.as_bytes());
        let imported = bench
            .hub
            .import("main", ImportKind::Locations, &file)
            .await
            .unwrap();
        assert_eq!(
            (imported.added, imported.changed, imported.unchanged),
            changes,
            "{text}"
        );
    }
    let device = bench.device("main", "Handheld 1").await;
    let delta = device.delta(&bench, None).await;
    assert_eq!(delta.locations, ["A-02", "A-01"]);
    let detail = LocationBody {
        id: "A-01".to_owned(),
        check_digits: Some("47".to_owned()),
        zone: Some("Aisle B".to_owned()),
    };
    assert_eq!(delta.location_details, [detail]);
}
