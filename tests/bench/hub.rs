//! How many confirmations a second the hub applies durably, against the same rows written without it.
//!
//! 64 devices send batches one after the other, each when it has the answer to the one before; an answer means on disk.
//! The yardstick takes what the hub has written in a round and writes the same rows into a copy of the store: the same
//! transactions, prepared statements, and the same writer, but nothing is read, checked, hashed or worked out. Rounds of
//! both take turns, because a machine's speed drifts; each gives a ratio, and the medians are the figures. At the end
//! both stores hold the same, or the bench fails.
//!
//! Two ways into the hub are told apart: its queue of batches, called within the process, and requests over a loopback
//! socket with everything that belongs to them (tokens, gzip, JSON). The hub has a runtime on a thread of its own, as in
//! earnest; the devices' side is worked out before the clock runs.
//!
//! ```text
//! cargo bench --bench hub
//! TALLYMAN_BENCH_STORES=postgres TALLYMAN_BENCH_WAYS=queue TALLYMAN_BENCH_SIZES=500 cargo bench --bench hub
//! TALLYMAN_BENCH_DIR=/dev/shm cargo bench --bench hub
//! TALLYMAN_BENCH_GROWTH=1 TALLYMAN_BENCH_WAYS=queue TALLYMAN_BENCH_SIZES=64 cargo bench --bench hub
//! TALLYMAN_BENCH_WAYS=wait cargo bench --bench hub
//! ```

#[path = "hub/bare_file.rs"]
mod bare_file;
#[path = "hub/bare_postgres.rs"]
mod bare_postgres;
#[path = "hub/growth.rs"]
mod growth;
#[path = "hub/house.rs"]
mod house;
#[path = "hub/http.rs"]
mod http;
#[path = "../postgres/server.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod server;
#[path = "../client/signer.rs"]
#[allow(dead_code, reason = "each test program uses its own part of it")]
mod signer;
#[path = "hub/turns.rs"]
mod turns;
#[path = "hub/usage.rs"]
mod usage;
#[path = "hub/waiting.rs"]
mod waiting;
#[path = "hub/work.rs"]
mod work;

use std::time::Instant;

use tallyman_floor::wire::v1::Batch;

use self::growth::Growth;
use self::house::{Bare, House, Store};
use self::turns::{Folder, batches, records};
use self::usage::Usage;

/// Devices that send at the same time.
const DEVICES: usize = 64;
/// Records of a round, about: enough to take some tenths of a second.
const ROUND_RECORDS: usize = 24_000;
/// Batches of one device in a round, at most: short ones cost a sync each.
const ROUND_BATCHES_MAX: usize = 60;

/// Devices that wait for news: with both ends of their connections fewer than the files a process may usually open.
const WAITING_DEVICES: usize = 2_000;

/// How batches reach the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Through its queue, in the process.
    Queue,
    /// Through a socket.
    Http,
}

/// What is measured, by name.
fn chosen(variable: &str, all: &str) -> Vec<String> {
    let chosen = std::env::var(variable).unwrap_or_else(|_| all.to_owned());
    chosen.split(',').map(str::to_owned).collect()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let rounds = chosen("TALLYMAN_BENCH_ROUNDS", "5")[0].parse().expect("a number");
    let sizes = chosen("TALLYMAN_BENCH_SIZES", "1,64,500,1000");
    println!(
        "store    way   batch  hub records/s  bare records/s  ratio (least, most)   records in a commit"
    );
    for store in chosen("TALLYMAN_BENCH_STORES", "sqlite,postgres") {
        let Some(store) = Store::named(&store) else {
            continue;
        };
        for way in chosen("TALLYMAN_BENCH_WAYS", "queue,http,wait") {
            if way == "wait" {
                runtime.block_on(waiting::measure(store, WAITING_DEVICES));
                continue;
            }
            let way = if way == "http" { Way::Http } else { Way::Queue };
            for size in &sizes {
                let size = size.parse().expect("a number");
                runtime.block_on(compare(store, way, size, rounds));
            }
        }
    }
}

/// Measures one store, way and size of batches.
async fn compare(store: Store, way: Way, size: usize, rounds: usize) {
    let batches_each = (ROUND_RECORDS / DEVICES / size).clamp(1, ROUND_BATCHES_MAX);
    // The first round warms both sides up and is not counted.
    let mut house = House::build(store, DEVICES, size * batches_each * (rounds + 1)).await;
    let mut bare = house.copy().await;
    let mut growth = Growth::begin(&house).await;
    let mut folder = Folder::default();
    let (mut hub_rates, mut bare_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut commits, mut taken, mut cpu_us) = (0, 0, [0, 0]);
    for round in 0..=rounds {
        let work = house.work(batches_each, size);
        let (hub_rate, turns, hub_us) = hub_round(&mut house, way, work, &mut folder).await;
        let (turns_now, records_now) = (turns.len(), records(&turns));
        assert_eq!(
            batches(&turns),
            DEVICES * batches_each,
            "each batch is in one commit"
        );
        let (bare_rate, bare_us) = bare_round(&mut bare, turns).await;
        growth.add(records_now);
        if round > 0 {
            hub_rates.push(hub_rate);
            bare_rates.push(bare_rate);
            ratios.push(hub_rate / bare_rate);
            cpu_us = [cpu_us[0] + hub_us, cpu_us[1] + bare_us];
            commits += turns_now;
            taken += records_now;
        }
    }
    let ratio = median(&mut ratios);
    println!(
        "{:<8} {:<5} {size:>5}  {:>13.0}  {:>14.0}  {ratio:.2} ({:.2}, {:.2}) {:>17} {:>18.1} {:>5.1}",
        store.name(),
        format!("{way:?}").to_lowercase(),
        median(&mut hub_rates),
        median(&mut bare_rates),
        ratios[0],
        ratios[ratios.len() - 1],
        taken / commits,
        cpu_us[0] as f64 / taken as f64,
        cpu_us[1] as f64 / taken as f64
    );
    assert_eq!(house.sums().await, bare.sums().await, "both sides hold the same");
    growth.print(&house).await;
    house.check().await;
    house.close().await;
}

/// Lets the hub take a round of batches; gives its rate, what it wrote, and this process's CPU.
async fn hub_round(
    house: &mut House,
    way: Way,
    work: Vec<Vec<Batch>>,
    folder: &mut Folder,
) -> (f64, Vec<turns::Turn>, u64) {
    let records: usize = work.iter().flatten().map(|batch| batch.records.len()).sum();
    let before = Usage::now();
    let took = match way {
        Way::Queue => house.take(work).await,
        Way::Http => house.post(work).await,
    };
    let cpu_us = Usage::now().cpu_us - before.cpu_us;
    let (journal, entries) = house.read_new().await;
    assert_eq!(
        journal.len(),
        records,
        "every confirmation is in the journal, once"
    );
    let rate = records as f64 / took.as_secs_f64();
    (rate, folder.fold(journal, entries), cpu_us)
}

/// Writes the same rows; gives the rate, and this process's CPU.
async fn bare_round(bare: &mut Bare, turns: Vec<turns::Turn>) -> (f64, u64) {
    let count = records(&turns);
    let prepared = bare.prepare(turns);
    let (before, start) = (Usage::now(), Instant::now());
    bare.write(prepared).await;
    let rate = count as f64 / start.elapsed().as_secs_f64();
    (rate, Usage::now().cpu_us - before.cpu_us)
}

/// The middle of these figures, which it leaves sorted.
fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
