//! How fast a backlog drains: 100,000 confirmations in the outboxes of 1, 20 and 200 devices, and what a device that scans
//! meanwhile notices of it.
//!
//! The hub is a real process. The devices of the backlog are agents in this process, each with its own store, filled
//! through the agent's store while the hub is down; the device that scans meanwhile is a real process as well, with a virtual
//! scanner. The clock starts when the hub is started and stops when it has every confirmation once and every outbox is
//! empty. On the way the network is cut at 25 %, every hundredth answer is swallowed, and the hub is killed and
//! started again at 50 %. Each run ends with the hub's own check and the independent one.
//!
//! ```text
//! cargo bench --bench sync
//! TALLYMAN_DRAIN=10000 TALLYMAN_DRAIN_DEVICES=20 cargo bench --bench sync
//! ```

#[path = "../../endurance/database.rs"]
#[allow(dead_code, reason = "each program uses its own part of it")]
mod database;
mod fleet;
#[path = "../../endurance/hubs.rs"]
#[allow(dead_code, reason = "each program uses its own part of it")]
mod hubs;
mod live;
#[path = "../../postgres/server.rs"]
#[allow(dead_code, reason = "each program uses its own part of it")]
mod server;
#[path = "../../endurance/work.rs"]
mod work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tallyman_sim::checker;
use tallyman_sim::network::{Chances, Network};

use fleet::Fleet;
use hubs::{Hubs, Ledger};
use live::Live;
use server::Server;

/// Confirmations in all outboxes together, unless `TALLYMAN_DRAIN` says otherwise.
const BACKLOG: usize = 100_000;
/// How long the network is away.
const CUT: Duration = Duration::from_millis(250);
/// Time between two looks at the ledger.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What goes wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Nothing.
    None,
    /// The network is cut at 25 %, 1 % of answers are swallowed, the hub is killed and started again at 50 %.
    Usual,
    /// The database is ended as by a failing machine, and started again, at 50 %.
    DatabaseRestart,
    /// Every tenth device is switched off and on again at 75 %.
    DeviceRestarts,
}

fn main() {
    let backlog = std::env::var("TALLYMAN_DRAIN").ok();
    let backlog = backlog.map_or(BACKLOG, |text| text.parse().expect("a number"));
    let devices = std::env::var("TALLYMAN_DRAIN_DEVICES").unwrap_or_else(|_| "1,20,200".to_owned());
    let devices: Vec<usize> = devices
        .split(',')
        .map(|text| text.trim().parse().expect("a number"))
        .collect();
    println!(
        "devices ledger    trouble          seconds lost doubled out-of-order ledger_sum  MB up  MB down exchanges | live: \
         scans median ms p99 ms  max ms"
    );
    let most = devices.iter().copied().max().unwrap_or_default();
    for devices in devices {
        drain(devices, backlog, Ledger::File, Trouble::Usual);
        drain(devices, backlog, Ledger::File, Trouble::None);
    }
    drain(most.min(20), backlog, Ledger::File, Trouble::DeviceRestarts);
    if Server::shared().is_some() {
        drain(most.min(20), backlog, Ledger::Database, Trouble::None);
        drain(most.min(20), backlog, Ledger::Database, Trouble::DatabaseRestart);
    }
}

/// One drain, from the filling of the outboxes to the last check.
fn drain(devices: usize, backlog: usize, ledger: Ledger, trouble: Trouble) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::Builder::new().prefix("tm").tempdir().expect("a folder");
        let mut plan = work::plan(devices + 1);
        "live".clone_into(&mut plan[devices].name);
        let (mut hubs, codes) = Hubs::open(ledger, &folder.path().join("h"), &plan).await;
        let network = network_of_its_own();
        network.lead_to(hubs.addresses());
        // The last one is the device that scans meanwhile.
        let last = plan.pop().expect("one at least");
        let live = Live::start(last, codes[devices].clone(), folder.path(), network.address());
        let mut fleet = Fleet::enrol(&plan, &codes, folder.path(), network.address()).await;
        hubs.stop().await;
        fleet.fill(backlog).await;

        network.hold();
        live.switch_on();
        fleet.switch_on().await;
        if trouble == Trouble::Usual {
            network.set_chances(Chances {
                swallow_answer: 100,
                ..Chances::default()
            });
        }
        let before = network.counts();
        let begun = Instant::now();
        hubs.start_all().await;
        network.lead_to(hubs.addresses());
        network.release();
        live.begin();
        make_trouble(trouble, backlog, &mut hubs, &network, &mut fleet).await;
        while applied(&hubs) < backlog {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        fleet.wait_until_sent().await;
        let seconds = begun.elapsed().as_secs_f64();
        let counts = network.counts();
        network.set_chances(Chances::default());
        let (latencies, live) = live.end().await;
        fleet.switch_off().await;
        hubs.stop().await;
        hubs.verify();

        let file = match hubs.database() {
            None => hubs.store(),
            Some(database) => {
                let copy = folder.path().join("copy.db");
                database.copy_to(&copy);
                copy
            }
        };
        let mut witnesses = fleet.witnesses();
        witnesses.push(live);
        let findings = checker::check(&file, &witnesses).expect("checked");
        let megabytes = |after: u64, before: u64| (after - before) as f64 / 1e6;
        let at = |share: usize| latencies[(latencies.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!(
            "{devices:>7} {:<9} {:<16} {seconds:>7.2} {:>4} {:>7} {:>12} {:>10} {:>6.1} {:>8.1} {:>9} | {:>11} {:>9.1} {:>6.1} {:>7.1}",
            format!("{ledger:?}"),
            format!("{trouble:?}"),
            findings.lost,
            findings.doubled,
            findings.out_of_order,
            findings.ledger_sum,
            megabytes(counts.bytes_up, before.bytes_up),
            megabytes(counts.bytes_down, before.bytes_down),
            counts.exchanges - before.exchanges,
            latencies.len(),
            at(50),
            at(99),
            at(100),
        );
        assert!(findings.hold(), "{findings:#?}");
        assert!(findings.confirmations >= backlog);
    });
}

/// The network is on a thread of its own: it is no part of any device.
fn network_of_its_own() -> Arc<Network> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let network = Network::open_seeded(Vec::new(), 7).await.expect("a network");
            sender.send(Arc::new(network)).expect("somebody waits for it");
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().expect("a network")
}

async fn make_trouble(
    trouble: Trouble,
    backlog: usize,
    hubs: &mut Hubs,
    network: &Network,
    fleet: &mut Fleet,
) {
    match trouble {
        Trouble::None => {}
        Trouble::Usual => {
            reached(hubs, backlog / 4).await;
            network.cut();
            tokio::time::sleep(CUT).await;
            network.mend();
            reached(hubs, backlog / 2).await;
            hubs.kill_one().await;
            network.lead_to(hubs.addresses());
        }
        Trouble::DatabaseRestart => {
            reached(hubs, backlog / 2).await;
            hubs.database().expect("a database").restart(false).await;
        }
        Trouble::DeviceRestarts => {
            reached(hubs, backlog * 3 / 4).await;
            fleet.restart_every_tenth().await;
        }
    }
}

async fn reached(hubs: &Hubs, count: usize) {
    while applied(hubs) < count {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// How many confirmations of the backlog the ledger has, asked past the hub.
fn applied(hubs: &Hubs) -> usize {
    let sql = |schema: &str| {
        format!(
            "SELECT coalesce(sum(applied_seq), 0) FROM {schema}device_epoch AS e
             WHERE NOT EXISTS (SELECT 1 FROM {schema}device AS d WHERE d.device = e.device AND d.name = 'live')"
        )
    };
    match hubs.database() {
        Some(database) => database.sql(&sql("tallyman.")).parse().expect("a number"),
        None => {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            rusqlite::Connection::open_with_flags(hubs.store(), flags)
                .and_then(|file| file.query_row(&sql(""), [], |row| row.get(0)))
                // A hub that is just being started may be at its file.
                .unwrap_or_default()
        }
    }
}
