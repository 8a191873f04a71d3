//! The demo: a hub and three devices on one machine, to be worked with the mouse in a browser.
//!
//! What is clicked travels as bytes through a pseudo terminal, the real driver and the agent of a real process; what
//! the page shows of a device is the picture that the device itself paints. Batteries, cables and networks can be
//! pulled, and nothing that was sounded is lost.

mod bench;
mod desk;
mod door;
mod page;
mod server;
mod sled;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::house::{House, HouseError, Seat};
use crate::rfid_config;
use crate::scanner::ScannerKind;
use crate::station::StationError;
use crate::warehouse::{FIRST_LOOK, Warehouse};

use desk::{Desk, Role};
use sled::Sled;

/// What the demo's warehouse is made from: the same goods and tasks at every start, with something to see in each of
/// them.
const SEED: u64 = 1515;

/// The device's own window for mechanical repetitions, as shipped: a double click is one scan.
const DUPLICATE_MS: u64 = 150;

/// The devices, from the picker's handheld to the stocktaker's.
const SEATS: [(Role, Seat); 3] = [
    (
        Role::Picker,
        Seat {
            name: "picker",
            screen: (480, 800),
            duplicate_ms: DUPLICATE_MS,
            scanner: ScannerKind::ZebraSsi,
            more: String::new(),
        },
    ),
    (
        Role::Dock,
        Seat {
            name: "dock",
            screen: (800, 480),
            duplicate_ms: DUPLICATE_MS,
            scanner: ScannerKind::Text,
            more: String::new(),
        },
    ),
    (
        Role::Stocktaker,
        Seat {
            name: "stocktaker",
            screen: (240, 320),
            duplicate_ms: DUPLICATE_MS,
            scanner: ScannerKind::Honeywell,
            more: String::new(),
        },
    ),
];

/// Changes that a slow browser may be behind; after that it asks for everything anew.
const CHANGES_MAX: usize = 256;

/// An open demo.
pub struct Demo {
    house: House,
    desks: Vec<Arc<Desk>>,
    address: SocketAddr,
    stop: CancellationToken,
    ended: CancellationToken,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// What the pages are made of.
pub(crate) struct Stage {
    warehouse: Warehouse,
    desks: Vec<Arc<Desk>>,
    hub: SocketAddr,
    address: SocketAddr,
    changes: broadcast::Sender<desk::Change>,
    stop: CancellationToken,
}

impl Demo {
    /// Opens a hub, three devices that run `program` (`tallyman` itself), and the pages to work them, all on loopback.
    ///
    /// # Errors
    /// [`HouseError`] says what of it this machine does not give.
    pub async fn open(program: PathBuf) -> Result<Self, HouseError> {
        let warehouse = Warehouse::new(SEED, FIRST_LOOK);
        let house = House::open(program, &warehouse).await?;
        house.give_pictures().await?;
        let zone = warehouse.tagged.clone();
        let failed = |cause| HouseError::System {
            what: "a port on loopback",
            cause,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stop = CancellationToken::new();
        let changes = broadcast::Sender::new(CHANGES_MAX);
        let mut desks = Vec::with_capacity(SEATS.len());
        for (role, mut seat) in SEATS {
            let (mut own_sled, mut own_door) = (None, None);
            match role {
                Role::Picker => {}
                Role::Dock => {
                    if let Some(delivery) = zone.as_ref().map(|zone| &zone.delivery) {
                        let door = door::open(delivery).await?;
                        seat.more = door::config(&door, &delivery.dock);
                        own_door = Some(door);
                    }
                }
                Role::Stocktaker => {
                    let folder = house.folder_of(seat.name)?;
                    seat.more = rfid_config::module(&folder);
                    if let Some(zone) = &zone {
                        own_sled = Some(Sled::plug_in(&folder, zone.clone())?);
                    }
                }
            }
            let (station, network) = house.seat(seat.clone()).await?;
            let desk = Desk::new(role, seat, station, network, changes.clone()).with(own_sled, own_door);
            let desk = Arc::new(desk);
            let watching = stop.clone().run_until_cancelled_owned(Arc::clone(&desk).watch());
            tokio::spawn(watching);
            desks.push(desk);
        }
        let stage = Arc::new(Stage {
            warehouse,
            desks: desks.clone(),
            hub: house.address(),
            address,
            changes,
            stop: stop.clone(),
        });
        let ended = CancellationToken::new();
        let serving = tokio::spawn({
            let (stop, ended) = (stop.clone(), ended.clone().drop_guard());
            async move {
                let _told_at_the_end = ended;
                server::serve(listener, stage, stop).await
            }
        });
        Ok(Self {
            house,
            desks,
            address,
            stop,
            ended,
            serving,
        })
    }

    /// Where the devices are.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the hub's pages are.
    pub const fn hub_address(&self) -> SocketAddr {
        self.house.address()
    }

    /// Waits for as long as the pages are served: for ever, unless the system takes the port away.
    pub async fn served(&self) {
        self.ended.cancelled().await;
    }

    /// Ends devices and hub in an orderly way and removes their files.
    ///
    /// # Errors
    /// [`HouseError`] where one of them did not end well; it is ended all the same.
    pub async fn close(mut self) -> Result<(), HouseError> {
        self.stop.cancel();
        // The devices first, so that each can say good-bye to a hub that still listens.
        let mut ended: Result<(), StationError> = Ok(());
        for desk in &self.desks {
            ended = ended.and(desk.end().await);
        }
        let served = (&mut self.serving).await.map_err(std::io::Error::other);
        self.house.close().await?;
        ended?;
        served
            .and_then(|served| served)
            .map_err(|cause| HouseError::System {
                what: "the demo's pages",
                cause,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tasks_show_what_there_is_to_see() {
        let warehouse = Warehouse::new(SEED, FIRST_LOOK);
        let order = &warehouse.orders[0].lines;
        assert!(order[0].pieces > 1, "several pieces from the first shelf");
        assert!(
            order.iter().any(|line| warehouse.article_in(line.bin).lot),
            "a lot to pick"
        );
        let receipt = &warehouse.receipts[0].lines;
        let comes_in_cases = |article: usize| warehouse.articles[article].case.is_some();
        assert!(
            receipt.iter().all(|line| comes_in_cases(line.article)),
            "cases on the pallet"
        );
        assert!(
            receipt.iter().any(|line| warehouse.articles[line.article].lot),
            "a lot to ask for"
        );
        let count = &warehouse.counts[0].places;
        assert!(count.iter().all(|place| place.pieces > 0), "no empty shelf");
        let is_less = count
            .iter()
            .any(|place| place.pieces < warehouse.bins[place.bin].quantity);
        assert!(is_less, "a count that differs from the book");
    }
}
