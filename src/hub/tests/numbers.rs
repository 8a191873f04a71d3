//! Leases of numbers: each number once, whatever is asked again, restarted or put back from a copy.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tallyman_floor::NumberBlock;
use tallyman_floor::wire::v1::{NumberBlockBody, Numbers};

use super::bench::{Bench, Handheld, Store, config, on_both_stores, open_as, read, received, text};
use super::server::Server;
use crate::Opening;
use crate::config::{HubConfig, NumberKindName, NumberRangeConfig, SiteCodeConfig};

on_both_stores![
    a_range_is_leased_in_blocks_to_its_end,
    the_same_request_has_the_same_answer,
    a_hub_put_back_from_a_copy_leases_nothing_twice,
    an_older_copy_of_a_journal_gets_no_numbers,
    nonsense_and_blocked_devices_get_no_numbers,
    two_hubs_on_one_store_lease_each_number_once,
];

fn with_ranges() -> HubConfig {
    let mut config = config();
    let range = |kind, first, last| NumberRangeConfig {
        site: "main".to_owned(),
        kind,
        company_prefix: None,
        extension: None,
        prefix: None,
        digits: None,
        first,
        last,
    };
    config.numbers.ranges = vec![
        NumberRangeConfig {
            company_prefix: Some("4012345".to_owned()),
            extension: Some(3),
            ..range(NumberKindName::Sscc, 0, 999)
        },
        NumberRangeConfig {
            prefix: Some("LPN-".to_owned()),
            digits: Some(6),
            ..range(NumberKindName::Lpn, 1, 25)
        },
    ];
    config.numbers.lease_max = 100;
    config.numbers.restore_gap = 50;
    config.sites[0].codes.push(SiteCodeConfig {
        pattern: "LPN-[0-9]{6}".to_owned(),
        kind: crate::config::CodeKind::HandlingUnit,
    });
    config
}

impl Handheld {
    fn number_request(&self, kind: &str, count: u64, key: &str, held: &[NumberBlockBody]) -> Value {
        json!({
            "kind": kind, "count": count, "key": key, "epoch": self.enrolled.epoch, "last_seq": self.last_seq(),
            "held": held,
        })
    }

    async fn numbers(&self, bench: &Bench, kind: &str, count: u64, key: &str) -> Numbers {
        self.numbers_holding(bench, kind, count, key, &[]).await
    }

    async fn numbers_holding(
        &self,
        bench: &Bench,
        kind: &str,
        count: u64,
        key: &str,
        held: &[NumberBlockBody],
    ) -> Numbers {
        let request = self.number_request(kind, count, key, held);
        read(
            bench.ask(self.post("/v1/numbers", &request)).await,
            StatusCode::OK,
        )
        .await
    }
}

fn bounds(numbers: &Numbers) -> Vec<(u64, u64)> {
    numbers
        .blocks
        .iter()
        .map(|block| (block.first, block.last))
        .collect()
}

async fn a_range_is_leased_in_blocks_to_its_end(store: Store) {
    let bench = Bench::empty(store, with_ranges()).await;
    let one = bench.device("main", "Handheld 1").await;
    let two = bench.device("main", "Handheld 2").await;
    let other = bench.device("north", "Handheld 3").await;
    let first = one.numbers(&bench, "lpn", 10, "a").await;
    assert_eq!((bounds(&first), first.left), (vec![(1, 10)], 15));
    let block = NumberBlock::try_from(&first.blocks[0]).unwrap();
    assert_eq!(block.form.write(block.first).unwrap(), "LPN-000001");
    assert_eq!(
        bounds(&two.numbers(&bench, "lpn", 10, "a").await),
        [(11, 20)],
        "a key is the device's own"
    );
    assert_eq!(
        bounds(&one.numbers(&bench, "lpn", 10, "b").await),
        [(21, 25)],
        "what is left"
    );
    let none = two.numbers(&bench, "lpn", 10, "b").await;
    assert_eq!((bounds(&none), none.left), (vec![], 0));
    let many = one.numbers(&bench, "sscc", 5_000, "c").await;
    assert_eq!(
        (bounds(&many), many.left),
        (vec![(0, 99)], 900),
        "no more than a lease may have"
    );
    assert_eq!(many.blocks[0].company_prefix.as_deref(), Some("4012345"));
    assert_eq!(
        bounds(&other.numbers(&bench, "sscc", 10, "a").await),
        [],
        "another site has ranges of its own"
    );
}

async fn the_same_request_has_the_same_answer(store: Store) {
    let bench = Bench::empty(store, with_ranges()).await;
    let device = bench.device("main", "Handheld 1").await;
    let first = device.numbers(&bench, "sscc", 10, "a").await;
    assert_eq!(device.numbers(&bench, "sscc", 10, "a").await.blocks, first.blocks);
    let next = device.numbers(&bench, "sscc", 10, "b").await;
    assert_eq!(bounds(&next), [(10, 19)]);
    let bench = bench.reopened().await;
    let mut device = device;
    device.renew(&bench).await;
    for _ in 0..3 {
        let again = device.numbers(&bench, "sscc", 10, "a").await;
        assert_eq!(
            (bounds(&again), again.left),
            (vec![(0, 9)], 980),
            "also after a restart"
        );
    }
    assert_eq!(bounds(&device.numbers(&bench, "sscc", 10, "c").await), [(20, 29)]);
}

/// A hub that has forgotten what it leased after a copy was made.
async fn put_back(bench: Bench, copy: Option<std::path::PathBuf>) -> Bench {
    let Bench { hub, clock, folder } = bench;
    let config = hub.config().clone();
    let Some(copy) = copy else {
        let name = super::postgres::name_of_hub(&hub);
        let server = Server::shared().unwrap();
        server.sql(
            &name,
            "DELETE FROM tallyman.number_lease WHERE made_us > 0 AND first >= 10",
        );
        drop(hub);
        let hub = open_as(&folder, &clock, config, Opening::Restored).await;
        return Bench { hub, clock, folder };
    };
    drop(hub);
    for file in ["hub.db", "hub.db-wal", "hub.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }
    std::fs::copy(copy, folder.path().join("hub.db")).unwrap();
    let hub = open_as(&folder, &clock, config, Opening::AsBefore).await;
    Bench { hub, clock, folder }
}

async fn a_hub_put_back_from_a_copy_leases_nothing_twice(store: Store) {
    let bench = Bench::empty(store, with_ranges()).await;
    let mut one = bench.device("main", "Handheld 1").await;
    let mut two = bench.device("main", "Handheld 2").await;
    assert_eq!(bounds(&one.numbers(&bench, "sscc", 10, "a").await), [(0, 9)]);
    let copy = match store {
        Store::File => Some(bench.hub.back_up().await.unwrap().unwrap().file),
        Store::Postgres => None,
    };
    // Leased after the copy: by one that will tell of it, and by one that is not heard.
    let lost = one.numbers(&bench, "sscc", 90, "b").await;
    assert_eq!(bounds(&lost), [(10, 99)]);
    assert_eq!(bounds(&two.numbers(&bench, "lpn", 10, "a").await), [(1, 10)]);
    let bench = put_back(bench, copy).await;
    one.renew(&bench).await;
    two.renew(&bench).await;
    // The gap ends at 59; the device that tells of 10 to 99 moves the mark beyond them.
    let again = one.numbers_holding(&bench, "sscc", 10, "c", &lost.blocks).await;
    assert_eq!(bounds(&again), [(100, 109)]);
    assert_eq!(
        bounds(&two.numbers(&bench, "sscc", 10, "b").await),
        [(110, 119)],
        "the gap is once"
    );
    // Nobody told of the plates: their range is shorter than the gap.
    assert_eq!(bounds(&two.numbers(&bench, "lpn", 10, "c").await), []);
}

async fn an_older_copy_of_a_journal_gets_no_numbers(store: Store) {
    let bench = Bench::filled(store, with_ranges()).await;
    let mut device = bench.device("main", "Handheld 1").await;
    let copy = device.clone();
    device.confirm(received("R-1", 1, "MILK", 1));
    device.send_all(&bench).await;
    let request = copy.number_request("sscc", 10, "a", &[]);
    let refused = bench.ask(copy.post("/v1/numbers", &request)).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(text(refused).await.contains("journal_behind"));
    assert_eq!(bounds(&device.numbers(&bench, "sscc", 10, "a").await), [(0, 9)]);
}

async fn nonsense_and_blocked_devices_get_no_numbers(store: Store) {
    let bench = Bench::empty(store, with_ranges()).await;
    let device = bench.device("main", "Handheld 1").await;
    let good = device.number_request("sscc", 10, "a", &[]);
    let with = |member: &str, value: Value| {
        let mut request = good.clone();
        request[member] = value;
        request
    };
    let block = json!({ "kind": "sscc", "first": 0, "last": 1 });
    for (request, status) in [
        (with("kind", json!("gtin")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("key", json!("")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("key", json!("a b\0")), StatusCode::UNPROCESSABLE_ENTITY),
        (
            with("key", json!("k".repeat(65))),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            with("held", json!(vec![block.clone(); 65])),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (with("held", json!([block])), StatusCode::OK),
        (with("count", json!(0)), StatusCode::OK),
        (with("count", json!(u64::MAX)), StatusCode::OK),
    ] {
        let answer = bench.ask(device.post("/v1/numbers", &request)).await;
        assert_eq!(answer.status(), status, "{request}");
    }
    let who = crate::ledger::DeviceIdentity {
        site: "main".to_owned(),
        device: device.enrolled.device.clone(),
    };
    bench
        .hub
        .ledger()
        .set_revoked(who, true, bench.hub.now())
        .await
        .unwrap();
    let answer = bench.ask(device.post("/v1/numbers", &good)).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

async fn two_hubs_on_one_store_lease_each_number_once(store: Store) {
    if store == Store::File {
        return;
    }
    let bench = Bench::empty(store, with_ranges()).await;
    let beside = bench.beside().await;
    let mut devices = Vec::new();
    for number in 0..6 {
        devices.push(bench.device("main", &format!("Handheld {number}")).await);
    }
    let asked = devices.iter().enumerate().map(|(number, device)| {
        let hub = if number % 2 == 0 { &bench } else { &beside };
        device.numbers(hub, "sscc", 10, "a")
    });
    let mut leased: Vec<(u64, u64)> = futures_util::future::join_all(asked)
        .await
        .iter()
        .flat_map(bounds)
        .collect();
    leased.sort_unstable();
    assert_eq!(leased, [(0, 9), (10, 19), (20, 29), (30, 39), (40, 49), (50, 59)]);
}
