//! Two dock doors on two devices hear one pallet, from the pallet in the door to the ledger: two LLRP readers on loopback in the model of
//! the air, the second a few metres beside the first.
//!
//! The second door's receipt wants as many of the same coats and names no serial numbers, so whatever it takes for its own would be received
//! there. The pallet is driven in real time; the story says what must hold whatever was heard.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_hub::ImportKind;
use tallyman_sim::air::door::DoorScene;
use tallyman_sim::air::space::at;
use tallyman_sim::doorway::Doorway;
use tallyman_sim::heard::Screen;
use tallyman_sim::reader::llrp::{LlrpPlan, ReaderState};

use crate::house::{House, SITE, Worker};
use crate::portal::{COAT, COATS, ITEMS, PALLETS, announced, coats, scenes};

/// How far apart the doors are.
const DOORS_METRES: f64 = 3.5;

/// The lamp of a pass of which nothing is left to look at, and that of one in doubt.
const GOOD: u16 = 1;
const DOUBT: u16 = 2;

/// So that a story which would hang fails instead.
const HANGS: Duration = Duration::from_secs(60);

/// What the second door hears of the pallets of the first.
fn beside(scenes: &[DoorScene]) -> Vec<DoorScene> {
    let mut scenes = scenes.to_vec();
    for antenna in scenes.iter_mut().flat_map(|scene| &mut scene.air.antennas) {
        antenna.motion = antenna.motion.mapped(|place| place + at(DOORS_METRES, 0.0, 0.0));
    }
    scenes
}

/// A door with its device. Photo eyes are at the first door alone: through the second nobody drives.
struct DockDoor {
    name: &'static str,
    dock: &'static str,
    doorway: Doorway,
    worker: Worker,
}

impl DockDoor {
    async fn open(
        house: &House,
        (name, other): (&'static str, &str),
        dock: &'static str,
        scenes: Vec<DoorScene>,
        more: &str,
    ) -> Self {
        let plan = LlrpPlan {
            outputs: DOUBT,
            ..LlrpPlan::default()
        };
        let doorway = Doorway::listen(plan, scenes).await.expect("a port");
        let address = doorway.address().expect("an address");
        let config = format!(
            "[[device]]\nname = \"gate\"\ndriver = \"llrp\"\nlink = {{ tcp_client = {{ address = \"{address}\" }} }}\n\
             [[portal]]\nname = \"{name}\"\ndock = \"{dock}\"\nneighbours_elsewhere = [\"{other}\"]\n\
             outside = [\"gate:1\", \"gate:3\"]\ninside = [\"gate:2\", \"gate:4\"]\npower_centi_dbm = 2900\nlamps_s = 600\n\
             lamps = {{ good = [\"gate:{GOOD}\"], doubt = [\"gate:{DOUBT}\"] }}\n{more}"
        );
        let worker = house.device_with_more(name, &config).await;
        Self {
            name,
            dock,
            doorway,
            worker,
        }
    }

    /// Opens its receipt.
    async fn receives(&mut self, reference: &str) {
        self.worker.scans(&[&format!("]C0{reference}")], "go").await;
        self.reader("looking for tags", |reader| reader.is_looking).await;
    }

    async fn reader(&self, what: &str, is: impl Fn(&ReaderState) -> bool) {
        let mut states = self.doorway.reader().watch();
        let found = tokio::time::timeout(HANGS, states.wait_for(|state| is(state))).await;
        assert!(
            found.is_ok(),
            "{}: {what}: {:?}; {}",
            self.name,
            self.doorway.reader().state(),
            self.worker.screen()
        );
    }

    /// Waits until the screen says so.
    async fn shows(&self, text: &str) {
        let says = |screen: &Screen| screen.as_text().contains(text);
        let shown = self.worker.station.screen_that(text, says).await;
        shown.expect("the screen");
    }

    /// The serial numbers that the ledger has at its dock.
    async fn in_the_ledger(&self, house: &House) -> BTreeSet<u64> {
        house.synced(&[&self.worker]).await;
        let snapshot = house.hub().ledger_snapshot().await.expect("a snapshot");
        let rows = snapshot
            .balances
            .iter()
            .filter(|row| row.account == "location" && row.place == self.dock);
        rows.map(|row| row.serial.parse().expect("a serial number"))
            .collect()
    }
}

#[tokio::test]
async fn doors_of_two_devices_receive_each_piece_at_one_of_them() {
    let house = House::open().await;
    house.import(ImportKind::Items, ITEMS).await;
    house
        .import(ImportKind::Locations, "location,zone\nDOCK-2,Docks\n")
        .await;
    house.plan(&announced()).await;
    let both = COATS * PALLETS.len();
    let second =
        format!("task,kind,reference,dock,line,item,quantity\nR-10,receive,ASN-10,DOCK-2,1,COAT,{both}\n");
    house.plan(&second).await;

    let scenes = scenes(None);
    let there = beside(&scenes);
    let eyes = "photo_eyes = [\"gate:1\", \"gate:2\"]\n";
    let mut first = DockDoor::open(&house, ("door-3", "door-4"), "DOCK-1", scenes, eyes).await;
    let mut second = DockDoor::open(&house, ("door-4", "door-3"), "DOCK-2", there, "").await;
    first.receives("ASN-9").await;
    second.receives("ASN-10").await;

    // The pallet goes through the first door, and both hear it.
    let pallet = coats(PALLETS[0]);
    let is_over = |reader: &ReaderState| reader.outputs.iter().any(|high| *high);
    tokio::join!(
        first.doorway.drive_through(0),
        second.doorway.drive_through(0),
        first.reader("the end of the pass", is_over),
    );
    let at_first = first.in_the_ledger(&house).await;
    println!("{} of {COATS} by the first door", at_first.len());
    assert!(at_first.is_subset(&pallet), "{at_first:?}");
    assert!(
        at_first.len() * 3 > COATS,
        "{at_first:?}; {}",
        first.worker.screen()
    );

    // The second pallet comes while the network is down: nobody knows what the other one heard, so nothing is recorded by itself.
    house.network().cut();
    tokio::join!(
        first.doorway.drive_through(1),
        second.doorway.drive_through(1),
        first.shows("The portal next door does not answer: scan the labels."),
        // It has heard the pallet too, and would have received it.
        second.shows("The portal next door does not answer: scan the labels."),
    );
    second.shows("Look for this piece and scan its label").await;
    house.network().mend();
    assert_eq!(first.in_the_ledger(&house).await, at_first);
    assert_eq!(second.in_the_ledger(&house).await, BTreeSet::new());
    assert_eq!(house.open_exceptions().await, [] as [String; 0]);

    // Labels say where they are.
    let of_second = coats(PALLETS[1]);
    for serial in pallet.difference(&at_first).chain(&of_second) {
        let label = format!("]C101{COAT}21{serial}");
        first.worker.scans(&[&label], "accept").await;
    }
    let all: BTreeSet<u64> = pallet.union(&of_second).copied().collect();
    assert_eq!(first.in_the_ledger(&house).await, all);
    assert_eq!(house.task_state("R-10").await, "open");
    assert_eq!(second.in_the_ledger(&house).await, BTreeSet::new());
    let found = house.hub().ledger().task(SITE.to_owned(), "R-9".to_owned());
    let passes = found.await.expect("a ledger").expect("the receipt").passes;
    assert!(passes.iter().all(|pass| pass.portal == "door-3"), "{passes:?}");
    house.close(vec![first.worker, second.worker]).await;
}
