//! What devices cost that only wait: memory for each open request, and the work of the hub when something of their site
//! changes, for all of them then look.
//!
//! Hub and devices are one process here, so the devices' side is kept to a file descriptor each.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::house::{House, Store};
use super::usage::Usage;

/// How often it is looked whether the process still computes.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Times that the site changes.
const CHANGES: u32 = 5;

/// Measures so many waiting devices of one site.
pub async fn measure(store: Store, devices: usize) {
    let mut house = House::build(store, 1, 1_000).await;
    let (address, token, cursor) = house.asker().await;
    let before = Usage::now();
    let waiting: Vec<TcpStream> = (0..devices).map(|_| ask(address, &token, &cursor)).collect();
    let idle = settled().await;
    let bytes = (idle.resident_bytes - before.resident_bytes) as f64 / devices as f64;
    let first_look = (idle.cpu_us - before.cpu_us) as f64 / devices as f64;

    let mut last = idle;
    let mut each_us = [Vec::new(), Vec::new()];
    for _ in 0..CHANGES {
        for (of_all, figures) in [false, true].into_iter().zip(&mut each_us) {
            if of_all {
                house.touch().await;
            } else {
                house.heartbeat().await;
            }
            let now = settled().await;
            figures.push((now.cpu_us - last.cpu_us) as f64 / devices as f64);
            last = now;
        }
    }
    each_us
        .iter_mut()
        .for_each(|figures| figures.sort_by(f64::total_cmp));
    let [heartbeat_us, change_us] = each_us.map(|figures| figures[figures.len() / 2]);
    println!(
        "{:<8} {devices} devices wait: {:.1} kB each; {first_look:.0} us of CPU each to begin, {change_us:.0} us for a change of their \
         site, {heartbeat_us:.0} us for a heartbeat of another",
        store.name(),
        bytes / 1024.0
    );
    drop(waiting);
    house.close().await;
}

fn ask(address: SocketAddr, token: &str, cursor: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the hub listens");
    write!(
        stream,
        "GET /v1/tasks?wait_ms=30000&cursor={cursor} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n"
    )
    .expect("sent");
    stream
}

/// Waits until nothing happens any more.
async fn settled() -> Usage {
    let mut last = Usage::now();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.tick().await;
    loop {
        looks.tick().await;
        let now = Usage::now();
        if now.cpu_us <= last.cpu_us {
            return now;
        }
        last = now;
    }
}
