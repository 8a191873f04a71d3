//! What is asked of the ledger on PostgreSQL alone: several hubs, servers that go away and come back, databases that
//! were restored, schemas, and the order of changes.

mod audit;
mod cursors;
mod hubs;
mod lives;
mod news;
mod opening;
mod outages;
mod partitions;
mod plans;
mod refusals;
mod stable;

use super::bench::{self, Bench, Handheld, Store};
use super::server::Server;

/// The server of all tests that do not harm it; `None` where there is none, which was said.
fn server() -> Option<&'static Server> {
    Server::shared()
}

/// The database of a bench, by its name on the server.
fn name_of(bench: &Bench) -> String {
    name_of_hub(&bench.hub)
}

/// The same, of a hub.
pub(super) fn name_of_hub(hub: &crate::Hub) -> String {
    let url = hub.config().database.url.expose();
    let (_, rest) = url.split_once(":///").unwrap();
    rest.split('?').next().unwrap().to_owned()
}

/// A device that has written so many confirmations: receipts, picks and their reversals, in turns.
fn work(device: &mut Handheld, confirmations: usize) {
    for number in 0..confirmations {
        let task = format!("P-{}", number % 7);
        let line = u32::try_from(number % 3).unwrap() + 1;
        let pick = bench::picked(&task, line, "MILK", 1, "A-01");
        match number % 4 {
            0 => device.confirm(bench::received("R-1", 1, "MILK", 5)),
            3 => {
                let seq = device.confirm(pick.clone());
                device.confirm(bench::reversal(&pick, seq))
            }
            _ => device.confirm(pick),
        };
    }
}
