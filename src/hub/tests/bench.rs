//! A hub on a manual clock, on either store, and devices that keep a journal as an agent does.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::proof::SIGNATURE_HEADER;
use tallyman_floor::wire::v1::{Batch, ClockReading, Delta, Enrolled, Heartbeat, Problem, Receipt, Record};
use tallyman_platform::clock::ManualClock;
use tallyman_platform::config::Secret;
use tallyman_platform::entropy::SeededEntropy;
use tower::ServiceExt as _;

use super::server::Server;
use super::signer::{self, Signer};
use crate::config::{HubConfig, SiteConfig};
use crate::ledger::postgres::sql_of_first;
use crate::ledger::sqlite::make_older;
use crate::{Hub, ImportFile, ImportKind, Opening, Seams, Threads};

pub(super) const ITEMS: &str = "item,name,unit,code,code_unit,pack,lot,serial\n\
    MILK,Whole milk 1 l,each,4006381333931,each,1,,\n\
    MILK,,,TRAY-MILK,tray,12,,\n\
    CREAM,Cream,each,CREAM-1,,,yes,\n\
    DRILL,Cordless drill,each,DRILL-1,,,,yes\n";

pub(super) const LOCATIONS: &str = "location,zone\nDOCK-1,Dock\nA-01,Aisle A\nA-02,Aisle A\n";

pub(super) const TASKS: &str = "task,kind,reference,dock,tote,line,item,quantity,location\n\
    R-1,receive,PO-1,DOCK-1,,1,MILK,24,\n\
    R-1,,,,,2,CREAM,10,\n\
    P-1,pick,ORDER-1,,,1,MILK,6,A-01\n\
    P-1,,,,,2,MILK,4,A-02\n\
    C-1,count,COUNT-1,,,1,,,A-01\n";

pub(super) const STOCK: &str = "location,item,quantity,lot\nA-01,MILK,20,\nA-02,MILK,3,\nA-01,CREAM,5,L1\n";

/// Where a hub of a test keeps its ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    /// In one file, without threads.
    File,
    /// In a database of its own.
    Postgres,
}

impl Store {
    /// Whether it can be had here.
    pub(super) fn is_there(self) -> bool {
        self == Self::File || Server::shared().is_some()
    }
}

/// Makes each of these stories a test for each store.
macro_rules! on_both_stores {
    ($($story:ident),* $(,)?) => {
        mod in_a_file {
            $(#[tokio::test] async fn $story() { super::$story(crate::tests::bench::Store::File).await; })*
        }
        mod in_postgres {
            $(#[tokio::test] async fn $story() {
                let store = crate::tests::bench::Store::Postgres;
                if store.is_there() {
                    super::$story(store).await;
                }
            })*
        }
    };
}
pub(super) use on_both_stores;

/// Takes back what step 12 of the schema adds to tables that were there before.
const STEP_12_UNDONE: &str = "
    DROP TABLE device_screen;
    ALTER TABLE enrolment_code DROP COLUMN uses_max;
    ALTER TABLE enrolment_code DROP COLUMN uses;
    ALTER TABLE enrolment_code DROP COLUMN approval;
    ALTER TABLE enrolment_code DROP COLUMN profile;
    ALTER TABLE enrolment_code DROP COLUMN ended_us;
    ALTER TABLE device DROP COLUMN code_hash;
    ALTER TABLE device DROP COLUMN awaits_us;
    ALTER TABLE device DROP COLUMN profile;
    ALTER TABLE device DROP COLUMN battery_percent;
    ALTER TABLE device DROP COLUMN oldest_seconds;";

/// The same for step 13.
const STEP_13_UNDONE: &str = "
    DROP INDEX item_picture;
    DROP TABLE picture;
    ALTER TABLE item DROP COLUMN picture;";

/// A hub with two sites; `main` has master data, tasks and stock.
pub(super) struct Bench {
    pub(super) hub: Hub,
    pub(super) clock: ManualClock,
    pub(super) folder: tempfile::TempDir,
}

pub(super) fn config() -> HubConfig {
    let mut config = HubConfig::default();
    config.sites.push(SiteConfig {
        counts: Default::default(),
        id: "north".to_owned(),
        name: "North hall".to_owned(),
        codes: Vec::new(),
    });
    config
}

impl Bench {
    pub(super) async fn empty(store: Store, mut config: HubConfig) -> Self {
        if store == Store::Postgres {
            let address = Server::shared().expect("a server").database();
            config.database.url = Secret::new(address);
            config.database.connections_max = 6;
        }
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(START.parse().unwrap(), "boot");
        let hub = open(&folder, &clock, config).await;
        Self { hub, clock, folder }
    }

    /// A hub on a store that a program left with so many steps of the schema, and these rows.
    pub(super) async fn of_step(store: Store, steps: u32, rows: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(START.parse().unwrap(), "boot");
        let mut settings = config();
        match store {
            Store::File => {
                make_older(&folder.path().join("hub.db"), steps, rows);
            }
            Store::Postgres => {
                let server = Server::shared().unwrap();
                let address = server.database();
                let (_, name) = address.split_once(":///").unwrap();
                let name = name.split('?').next().unwrap();
                let steps = sql_of_first(steps);
                let sql = format!(
                    "BEGIN; CREATE SCHEMA tallyman; SET LOCAL search_path = tallyman, pg_catalog;
                     CREATE TABLE schema_step (
                         version integer PRIMARY KEY, name text NOT NULL, made timestamptz NOT NULL DEFAULT now());
                     {steps} {rows} COMMIT;"
                );
                server.sql(name, &sql);
                settings.database.url = Secret::new(address);
                settings.database.connections_max = 6;
            }
        }
        let hub = open(&folder, &clock, settings).await;
        Self { hub, clock, folder }
    }

    pub(super) async fn new(store: Store) -> Self {
        Self::filled(store, config()).await
    }

    pub(super) async fn filled(store: Store, config: HubConfig) -> Self {
        let bench = Self::empty(store, config).await;
        for (kind, text) in [
            (ImportKind::Items, ITEMS),
            (ImportKind::Locations, LOCATIONS),
            (ImportKind::Stock, STOCK),
            (ImportKind::Tasks, TASKS),
        ] {
            bench.import("main", kind, text).await;
        }
        bench
    }

    pub(super) async fn import(&self, site: &str, kind: ImportKind, text: &str) {
        let file = ImportFile::named("test.csv", text.as_bytes());
        self.hub.import(site, kind, &file).await.unwrap();
    }

    /// Another hub on the same database, as behind a balancer.
    pub(super) async fn beside(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = self.clock.clone();
        let hub = open(&folder, &clock, self.hub.config().clone()).await;
        Self { hub, clock, folder }
    }

    /// The same store, opened again as after a restart.
    pub(super) async fn reopened(self) -> Self {
        let Self { hub, clock, folder } = self;
        let config = hub.config().clone();
        drop(hub);
        let hub = open(&folder, &clock, config).await;
        Self { hub, clock, folder }
    }

    /// The same store as a program left it that knew the first `steps` steps of the schema, which had none of these
    /// tables, opened by this one.
    pub(super) async fn without_tables(self, tables: &[&str], steps: u32) -> Self {
        let Self { hub, clock, folder } = self;
        let config = hub.config().clone();
        drop(hub);
        let mut drops: String = tables
            .iter()
            .map(|table| format!("DROP TABLE {table};"))
            .collect();
        if steps < 13 {
            drops.push_str(STEP_13_UNDONE);
        }
        if steps < 12 {
            drops.push_str(STEP_12_UNDONE);
        }
        let address = config.database.url.expose();
        match address.split_once(":///") {
            None => {
                let store = rusqlite::Connection::open(folder.path().join("hub.db")).unwrap();
                store.execute_batch(&drops).unwrap();
                store.pragma_update(None, "user_version", steps).unwrap();
            }
            Some((_, name)) => {
                let name = name.split('?').next().unwrap();
                let sql = format!(
                    "SET search_path = tallyman, pg_catalog; {drops}
                     DELETE FROM schema_step WHERE version > {steps};"
                );
                Server::shared().unwrap().sql(name, &sql);
            }
        }
        let hub = open(&folder, &clock, config).await;
        Self { hub, clock, folder }
    }

    /// A hub that starts from a backup of this one, as after the loss of its disk.
    pub(super) async fn restored(self, backup: &std::path::Path) -> Self {
        let Self { hub, clock, folder } = self;
        drop(hub);
        for file in ["hub.db", "hub.db-wal", "hub.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(file));
        }
        std::fs::copy(backup, folder.path().join("hub.db")).unwrap();
        let hub = open(&folder, &clock, config()).await;
        Self { hub, clock, folder }
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Response {
        self.hub.router().oneshot(request).await.unwrap()
    }

    pub(super) async fn device(&self, site: &str, name: &str) -> Handheld {
        let code = self.hub.create_enrolment_code(site, name).await.unwrap();
        let mut signer = Signer::new(next_key());
        let request = signed(&signer, "/v1/enrol", &signer.enrol_body(&code, "unnamed"));
        let enrolled: Enrolled = read(self.ask(request).await, StatusCode::OK).await;
        assert_eq!(enrolled.site, site);
        signer.device.clone_from(&enrolled.device);
        let mut device = Handheld {
            enrolled,
            signer,
            journal: vec![(0, ChainHash::START, String::new())],
        };
        device.renew(self).await;
        device
    }

    /// That the ledger holds, by the independent check.
    pub(super) async fn check(&self) {
        let proof = self.hub.verify().await.unwrap();
        assert!(proof.holds(), "{:#?}", proof.findings);
        assert_eq!(proof.ledger_sum, 0);
    }

    /// A balance in whole units.
    pub(super) async fn balance(&self, account: &str, place: &str, item: &str) -> i64 {
        let snapshot = self.hub.ledger_snapshot().await.unwrap();
        let rows = snapshot.balances.iter();
        let rows = rows.filter(|row| {
            (row.account.as_str(), row.place.as_str(), row.item.as_str()) == (account, place, item)
        });
        rows.map(|row| row.quantity_micro).sum::<i64>() / 1_000_000
    }

    /// Open exceptions of `main`, by kind.
    pub(super) async fn exceptions(&self) -> Vec<String> {
        let filter = crate::ledger::views::ExceptionFilter {
            state: Some("open".to_owned()),
            kind: None,
        };
        let mut kinds: Vec<String> = self
            .hub
            .ledger()
            .exceptions("main".to_owned(), filter)
            .await
            .unwrap()
            .into_iter()
            .map(|exception| exception.kind)
            .collect();
        kinds.sort();
        kinds
    }

    /// Confirmed and closed of a line of `main`.
    pub(super) async fn line(&self, task: &str, number: u32) -> (i64, bool) {
        let detail = self
            .hub
            .ledger()
            .task("main".to_owned(), task.to_owned())
            .await
            .unwrap()
            .unwrap();
        let line = detail.lines.iter().find(|line| line.number == number).unwrap();
        (line.confirmed.as_whole().unwrap(), line.closed)
    }
}

pub(super) async fn open(folder: &tempfile::TempDir, clock: &ManualClock, config: HubConfig) -> Hub {
    open_as(folder, clock, config, Opening::AsBefore).await
}

/// The seed of this opening: chance is another each time that a folder's store is opened, and the same in each run.
fn seed_of_opening(folder: &std::path::Path) -> u64 {
    thread_local! {
        static OPENINGS: RefCell<HashMap<PathBuf, u64>> = RefCell::default();
    }
    OPENINGS.with_borrow_mut(|openings| {
        let opening = openings.entry(folder.to_path_buf()).or_default();
        *opening += 1;
        6 + *opening
    })
}

pub(super) async fn open_as(
    folder: &tempfile::TempDir,
    clock: &ManualClock,
    config: HubConfig,
    opening: Opening,
) -> Hub {
    let seams = Seams {
        clock: Arc::new(clock.clone()),
        entropy: Box::new(SeededEntropy::new(seed_of_opening(folder.path()))),
        threads: Threads::None,
    };
    Hub::open_as(config, &folder.path().join("hub.db"), seams, opening)
        .await
        .unwrap()
}

/// Another key for each device of a test.
fn next_key() -> u64 {
    thread_local! {
        static KEYS: RefCell<u64> = const { RefCell::new(0) };
    }
    KEYS.with_borrow_mut(|keys| {
        *keys += 1;
        *keys
    })
}

/// A device: its identity, what proves it, and its journal as (seq, hash, body).
#[derive(Clone)]
pub(super) struct Handheld {
    pub(super) enrolled: Enrolled,
    pub(super) signer: Signer,
    pub(super) journal: Vec<(u64, ChainHash, String)>,
}

impl Handheld {
    /// A device with an empty journal that says it is this one.
    pub(super) fn of(signer: Signer) -> Self {
        let enrolled = Enrolled {
            device: signer.device.clone(),
            site: "main".to_owned(),
            epoch: 1,
            generation: String::new(),
            profile: None,
        };
        Self {
            enrolled,
            signer,
            journal: vec![(0, ChainHash::START, String::new())],
        }
    }

    /// Asks for another token.
    pub(super) async fn renew(&mut self, bench: &Bench) {
        self.try_renew(bench).await.unwrap();
    }

    /// Asks for another token; the word of the problem where there is none.
    pub(super) async fn try_renew(&mut self, bench: &Bench) -> Result<(), String> {
        let request = post(signer::CHALLENGE, None, &self.signer.challenge_body());
        let response = bench.ask(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let challenge = text(response).await;
        let request = self.post(signer::TOKEN, &self.signer.token_body(&challenge));
        let response = bench.ask(request).await;
        if response.status() != StatusCode::OK {
            let problem: Problem = serde_json::from_str(&text(response).await).unwrap();
            return Err(problem.code);
        }
        self.signer.take_token(&text(response).await);
        Ok(())
    }

    /// A request of the device, signed where such requests are.
    pub(super) fn post(&self, path: &str, body: &Value) -> Request<Body> {
        signed(&self.signer, path, body)
    }

    pub(super) fn get(&self, path: &str) -> Request<Body> {
        get(path, Some(&self.signer.token))
    }

    /// Writes a confirmation into the journal; what `body` leaves out is filled in.
    pub(super) fn confirm(&mut self, body: Value) -> u64 {
        let mut whole = json!({
            "v": 1, "site": self.enrolled.site, "worker": "ANNA", "revision": 1,
            "boot": "b", "boottime_us": 1, "wall": "2026-11-23T08:00:00Z"
        });
        whole
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        if body.get("wall").is_some() && body.get("boottime_us").is_none() {
            // A boot that began with the bench: its clock and the wall's agree.
            let wall: Timestamp = whole["wall"].as_str().unwrap().parse().unwrap();
            whole["boottime_us"] = json!(since_start_us(wall) + 1);
        }
        self.write(whole.to_string())
    }

    pub(super) fn write(&mut self, body: String) -> u64 {
        let (last, previous, _) = self.journal.last().unwrap();
        let seq = last + 1;
        let hash = ChainHash::of_record(
            *previous,
            &self.enrolled.device,
            self.enrolled.epoch,
            seq,
            body.as_bytes(),
        );
        self.journal.push((seq, hash, body));
        seq
    }

    /// The batch with the records from `first` to `last`.
    pub(super) fn batch(&self, first: u64, last: u64) -> Batch {
        let at = |seq: u64| &self.journal[usize::try_from(seq).unwrap()];
        Batch {
            device: self.enrolled.device.clone(),
            epoch: self.enrolled.epoch,
            previous_hash: at(first - 1).1.to_string(),
            records: (first..=last)
                .map(|seq| Record {
                    seq,
                    hash: at(seq).1.to_string(),
                    body: RawValue::from_string(at(seq).2.clone()).unwrap(),
                })
                .collect(),
            clock: ClockReading {
                boot: "b".to_owned(),
                boottime_us: 2,
                wall: "2026-11-23T08:00:01Z".parse().unwrap(),
            },
            heartbeat: Heartbeat {
                version: "0.1.0".to_owned(),
                waiting: 3,
                worker: Some("ANNA".to_owned()),
                task: Some("P-1".to_owned()),
                scanners: vec!["left hand: ready".to_owned()],
                battery_percent: Some(64),
                oldest_seconds: Some(720),
            },
        }
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.journal.last().unwrap().0
    }

    /// Sends these records, as a device with this many that wait.
    pub(super) async fn send_with(&self, bench: &Bench, first: u64, last: u64, waiting: u64) -> Receipt {
        let mut batch = self.batch(first, last);
        batch.heartbeat.waiting = waiting;
        batch.clock.boottime_us = since_start_us(bench.hub.now()) + 2;
        let batch = serde_json::to_value(batch).unwrap();
        let response = bench.ask(self.post("/v1/confirmations", &batch)).await;
        read(response, StatusCode::OK).await
    }

    /// Says that nothing waits.
    pub(super) async fn say_drained(&self, bench: &Bench) {
        let last = self.last_seq();
        self.send_with(bench, last + 1, last, 0).await;
    }

    /// The same, by a request that is under way since so long after the bench began, and comes now.
    pub(super) async fn say_drained_at(&self, bench: &Bench, since_start: Duration) {
        // What it said in time tells when its boot began.
        self.send_with(bench, 1, 0, 9).await;
        let last = self.last_seq();
        let mut batch = self.batch(last + 1, last);
        batch.heartbeat.waiting = 0;
        batch.clock.boottime_us = u64::try_from(since_start.as_micros()).unwrap() + 2;
        let batch = serde_json::to_value(batch).unwrap();
        let response = bench.ask(self.post("/v1/confirmations", &batch)).await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    pub(super) async fn send(&self, bench: &Bench, first: u64, last: u64) -> Receipt {
        let mut batch = self.batch(first, last);
        batch.clock.boottime_us = since_start_us(bench.hub.now()) + 2;
        let batch = serde_json::to_value(batch).unwrap();
        let response = bench.ask(self.post("/v1/confirmations", &batch)).await;
        read(response, StatusCode::OK).await
    }

    pub(super) async fn send_all(&self, bench: &Bench) -> Receipt {
        self.send(bench, 1, self.last_seq()).await
    }

    pub(super) async fn delta(&self, bench: &Bench, cursor: Option<&str>) -> Delta {
        let path = cursor.map_or("/v1/tasks".to_owned(), |cursor| {
            format!("/v1/tasks?cursor={cursor}")
        });
        read(bench.ask(self.get(&path)).await, StatusCode::OK).await
    }
}

/// When each bench begins.
const START: &str = "2026-11-23T08:00:00Z";

/// Microseconds of the boots of the bench's devices, which began with it.
fn since_start_us(wall: Timestamp) -> u64 {
    let start: Timestamp = START.parse().unwrap();
    u64::try_from(wall.as_microsecond() - start.as_microsecond()).unwrap_or(0)
}

/// Goods of an item as a confirmation carries them.
pub(super) fn goods(item: &str, quantity: i64) -> Value {
    json!({
        "item": item, "code": item, "quantity_micro": quantity * 1_000_000, "unit": "each",
        "pack_micro": 1_000_000, "status": "available"
    })
}

pub(super) fn picked(task: &str, line: u32, item: &str, quantity: i64, from: &str) -> Value {
    json!({
        "act": "picked", "task": task, "line": line, "goods": goods(item, quantity),
        "from": { "location": from }, "to": { "handling_unit": "TOTE-1" }
    })
}

pub(super) fn received(task: &str, line: u32, item: &str, quantity: i64) -> Value {
    json!({
        "act": "received", "task": task, "line": line, "goods": goods(item, quantity),
        "from": "supplier", "to": { "location": "DOCK-1" }
    })
}

pub(super) fn counted(task: &str, line: u32, item: &str, quantity: i64, location: &str) -> Value {
    json!({
        "act": "counted", "task": task, "line": line, "goods": goods(item, quantity), "to": { "location": location }
    })
}

/// What takes back the confirmation `original` with this seq in epoch 1.
pub(super) fn reversal(original: &Value, seq: u64) -> Value {
    let mut reversal = original.clone();
    reversal["reverses"] = json!({ "epoch": 1, "seq": seq, "act": original["act"] });
    reversal["act"] = json!("reversed");
    reversal
}

/// What a device that has no identity sends with a code.
pub(super) fn enrolment(code: &str) -> Request<Body> {
    let signer = Signer::new(next_key());
    signed(&signer, "/v1/enrol", &signer.enrol_body(code, "unnamed"))
}

pub(super) fn signed(signer: &Signer, path: &str, body: &Value) -> Request<Body> {
    let token = Some(signer.token.as_str()).filter(|token| !token.is_empty());
    let mut request = post(path, token, body);
    if let Some(signature) = signer.signature(path, &body.to_string()) {
        let signature = signature.parse().expect("a header");
        request.headers_mut().insert(SIGNATURE_HEADER, signature);
    }
    request
}

pub(super) fn post(path: &str, token: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = Request::post(path)
        .header("host", "127.0.0.1:7070")
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::from(body.to_string())).unwrap()
}

pub(super) fn get(path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path).header("host", "127.0.0.1:7070");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::empty()).unwrap()
}

pub(super) async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(super) async fn read<T: DeserializeOwned>(response: Response, status: StatusCode) -> T {
    let found = response.status();
    let text = text(response).await;
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
