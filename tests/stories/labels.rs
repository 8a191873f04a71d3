//! Goods without a label get one: numbers leased while the hub was there, printed while it is not.
//!
//! The store, the numbers, the lease over the network and the printing are the agent's own; the hand that orders each label is
//! the story's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tallyman_agent::printing::{Label, PrinterLink, Printing};
use tallyman_agent::seams::{Identity, NumberStore as _, StepCommit, Store as _};
use tallyman_agent::store::{SqliteStore, StoreCatalogue, Writing};
use tallyman_agent::{Agent, AgentConfig, Machine, Seams};
use tallyman_codes::{Rules, check_digit};
use tallyman_floor::confirmation::{Goods, Times};
use tallyman_floor::{
    Act, Catalogue as _, Draft, HandlingUnitId, ItemId, LabelOrder, Language, LocationId, NumberKind,
    Place as Where, Quantity, SiteId, StockStatus,
};
use tallyman_hub::HubConfig;
use tallyman_hub::config::{NumberKindName, NumberRangeConfig};
use tallyman_platform::config::Secret;
use tallyman_sim::printer::{PrintedBars, VirtualPrinter};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::house::{House, SITE};

fn config() -> HubConfig {
    let mut config = HubConfig::default();
    config.numbers.ranges = vec![NumberRangeConfig {
        site: SITE.to_owned(),
        kind: NumberKindName::Sscc,
        company_prefix: Some("9521101".to_owned()),
        extension: Some(3),
        prefix: None,
        digits: None,
        first: 0,
        last: 999,
    }];
    config
}

/// A device in this process, with its store and a printer.
struct Bench {
    config: AgentConfig,
}

impl Bench {
    async fn new(house: &House, folder: &Path, printer: &VirtualPrinter) -> Self {
        let mut config = AgentConfig {
            name: "dock".to_owned(),
            ..AgentConfig::default()
        };
        let code = house
            .hub()
            .create_enrolment_code(SITE, "dock")
            .await
            .expect("a code");
        config.hub.url = format!("http://{}", house.network().address());
        config.hub.enrolment_code = Secret::new(code);
        config.hub.poll_ms = 250;
        config.store.path = folder.join("agent.db");
        config.store.free_mib_min = 0;
        config.printer.link = PrinterLink {
            tcp: Some(printer.address()),
            usb: None,
        };
        config.printer.retry_ms = 500;
        config.numbers.below = 2;
        config.numbers.count = 5;
        Self { config }
    }

    /// Lets the agent run until this holds of its status.
    async fn runs_until(&self, holds: impl Fn(&tallyman_agent::status::Status) -> bool) {
        let seams = Seams {
            machine: Machine::StoreOnly,
            ..Seams::of_this_machine().expect("clocks")
        };
        let agent = Agent::start(self.config.clone(), seams).await.expect("an agent");
        while !holds(&agent.status()) {
            tokio::task::yield_now().await;
        }
        agent.shutdown().await;
    }

    fn store(&self) -> PathBuf {
        self.config.store.path.clone()
    }

    /// The device is switched on, without any way to the hub.
    fn switched_on(&self) -> Device {
        let (store, opened) = SqliteStore::open(&self.store(), Writing::Inline).expect("the store");
        let (notices, _) = mpsc::channel(8);
        let (printing, worker) = Printing::new(&self.config.printer, notices)
            .expect("templates")
            .expect("a printer");
        let cancel = CancellationToken::new();
        tokio::spawn(worker.run(cancel.clone()));
        Device {
            identity: opened.identity.expect("an enrolled device"),
            store,
            printing,
            _printing: cancel.drop_guard(),
        }
    }
}

struct Device {
    identity: Identity,
    store: SqliteStore,
    printing: Printing,
    _printing: DropGuard,
}

impl Device {
    fn next(&self) -> Option<HandlingUnitId> {
        let rules = Arc::new(Rules::new(jiff::civil::date(2026, 11, 29)));
        let site = SiteId::new(self.identity.site.as_str());
        let next = self.store.next_place();
        let catalogue = StoreCatalogue::open(self.store.path(), site, Language::English, rules, next);
        catalogue.expect("the catalogue").next_handling_unit()
    }

    /// Receives a piece into a handling unit of its own, and labels that.
    async fn receives(&self) -> String {
        let unit = self.next().expect("a number");
        let step = StepCommit {
            expected: self.store.next_place(),
            drafts: vec![received_in(&unit)],
            session: "{}".to_owned(),
            trace: Vec::new(),
        };
        self.store.commit(step).await.expect("stored");
        let order = LabelOrder::HandlingUnit {
            unit: unit.clone(),
            text: "PO-1".to_owned(),
        };
        self.printing.put(&Label::from(order));
        unit.to_string()
    }
}

fn received_in(unit: &HandlingUnitId) -> Draft {
    Draft {
        site: SiteId::new(SITE),
        worker: None,
        work: None,
        act: Act::Received,
        goods: Some(Goods {
            item: Some(ItemId::new("BOLT")),
            code: "09521101530001".to_owned(),
            quantity: Quantity::ONE,
            unit: "each".to_owned(),
            pack: Quantity::ONE,
            lot: None,
            serials: Vec::new(),
            expiry: None,
            handling_unit: Some(unit.clone()),
            status: StockStatus::Available,
            owner: None,
            weight: None,
        }),
        from: Some(Where::Supplier),
        to: Some(Where::Location(LocationId::new("DOCK-1"))),
        observed: None,
        started: None,
        exception: None,
        reverses: None,
        raw: None,
        pass: None,
        times: Times {
            boot: "boot-1".to_owned(),
            boottime_us: 1_000_000,
            wall: jiff::Timestamp::now(),
        },
    }
}

/// The SSCC that a scanner reads off a label.
fn scanned(bars: &PrintedBars) -> String {
    let mut text = bars.text.clone();
    assert_eq!(bars.symbology, "]C1", "{bars:?}");
    assert_eq!(text.drain(..2).collect::<String>(), "00", "{bars:?}");
    text
}

#[tokio::test]
async fn three_labels_are_printed_without_the_hub_and_no_number_twice() {
    let house = House::open_with(config()).await;
    let printer = VirtualPrinter::start().await.expect("a printer");
    let folder = tempfile::tempdir().expect("a folder");
    let bench = Bench::new(&house, folder.path(), &printer).await;
    bench
        .runs_until(|status| {
            status
                .printer
                .as_ref()
                .is_some_and(|printer| printer.sscc_left == 5)
        })
        .await;
    house.network().cut();

    let device = bench.switched_on();
    let mut numbers = vec![device.receives().await];
    printer.until_printed(1).await;
    // The battery is out, and the printer out of labels.
    drop(device);
    printer.set_paper(false);
    let device = bench.switched_on();
    for _ in 0..2 {
        numbers.push(device.receives().await);
    }
    assert_eq!(printer.printed().len(), 1);
    printer.set_paper(true);
    let labels = printer.until_printed(3).await;

    let read: Vec<String> = labels.iter().map(|label| scanned(&label.bars[0])).collect();
    assert_eq!(read, numbers);
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 3, "{numbers:?}");
    for (number, label) in numbers.iter().zip(&labels) {
        assert!(
            check_digit::is_valid(number.as_bytes()) && number.starts_with("39521101"),
            "{number}"
        );
        assert!(label.texts.contains(&format!("(00) {number}")), "{label:?}");
        assert!(label.texts.contains(&"PO-1".to_owned()), "{label:?}");
    }
    assert_eq!(device.store.numbers().expect("numbers").left(NumberKind::Sscc), 2);
    drop(device);

    // The hub is back: it has the facts, and the device other numbers.
    house.network().mend();
    bench
        .runs_until(|status| {
            let is_synced = status.outbox.waiting == 0 && status.outbox.last_seq == 3;
            is_synced
                && status
                    .printer
                    .as_ref()
                    .is_some_and(|printer| printer.sscc_left >= 2)
        })
        .await;
    let proof = house.hub().verify().await.expect("a proof");
    assert!(proof.holds(), "{:?}", proof.findings);
    let (store, _) = SqliteStore::open(&bench.store(), Writing::Inline).expect("the store");
    let next = store.numbers().expect("numbers").next().expect("a number");
    assert!(!numbers.contains(&next), "{next} again");
}
