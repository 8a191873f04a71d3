//! A receipt by a dock portal, from the pallet in the door to the receipt's page: an LLRP reader on loopback, the model of the air with a
//! pallet staged beside the door, photo eyes and a light stack.
//!
//! Where a tag is heard and how strongly is not the same twice, for the pallet is driven in real time; so the story says what must hold
//! whatever was heard: what is not sure is asked, and everything is in the ledger once.

use std::collections::BTreeSet;
use std::time::Duration;

use tallyman_codes::epc::Identity;
use tallyman_codes::{Element, EpcBytes};
use tallyman_hub::ImportKind;
use tallyman_sim::air::door::{self, DRIVEN, DoorPlan, DoorScene, Drive};
use tallyman_sim::doorway::Doorway;
use tallyman_sim::heard::Screen;
use tallyman_sim::plugged::PluggedScanner;
use tallyman_sim::reader::llrp::{LlrpPlan, ReaderState};
use tallyman_sim::scanner::{Label, Manners, ScannerKind};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::house::{House, SITE, Worker};

pub const ITEMS: &str =
    "item,name,unit,code,code_unit,pack,serial,tag\nCOAT,Rain coat,each,9521101530032,each,1,yes,yes\n";
pub const COAT: &str = "09521101530032";

/// The serial numbers of the pallets that come begin here, and those of the staged ones beside them.
pub const PALLETS: [u64; 2] = [101, 201];
const STAGED: u64 = 9_001;
/// Scenes are looked for from this seed on: the rules for tags were not found with them.
const FIRST_SEED: u64 = 500_000;
/// Coats on a pallet, and the longest time from eye to eye in seconds: stories are not to take long.
pub const COATS: usize = 24;
const PASS_SECONDS: f64 = 3.0;

/// The outputs of the lamps.
const READY: u16 = 1;
const READING: u16 = 2;
const GOOD: u16 = 3;
const DOUBT: u16 = 4;
const STOP: u16 = 5;

/// So that a story which would hang fails instead.
const HANGS: Duration = Duration::from_secs(60);

/// The tag of a coat, as GS1 writes it.
fn epc(serial: u64) -> EpcBytes {
    let element = |ai: &str, value: String| Element {
        ai: ai.to_owned(),
        value,
    };
    let elements = [element("01", COAT.to_owned()), element("21", serial.to_string())];
    let identity = Identity::from_elements(&elements, 7).expect("a serial number");
    let epc = identity.encode("sgtin-96", 1).expect("a tag");
    EpcBytes::new(epc.bytes()).expect("96 bits")
}

/// The label of a coat, as a scanner sends it.
fn label(serial: u64) -> String {
    format!("]C101{COAT}21{serial}")
}

/// The serial numbers of a pallet.
pub fn coats(first: u64) -> BTreeSet<u64> {
    (first..first + COATS as u64).collect()
}

/// Quick pallets of so many coats, driven in beside one that is staged so far away.
pub fn scenes(staged_metres: Option<f64>) -> Vec<DoorScene> {
    let plan = DoorPlan {
        drive: Drive::In,
        staged_metres,
        antennas: 4,
    };
    let is_right = |scene: &DoorScene| {
        let (come, gone) = scene.pass_seconds;
        scene.through.len() == COATS && gone - come < PASS_SECONDS
    };
    let scenes = (FIRST_SEED..)
        .map(|seed| door::scene(&plan, seed))
        .filter(is_right);
    scenes
        .zip(PALLETS)
        .map(|(mut scene, first)| {
            let (mut driven, mut staged) = (first.., STAGED..);
            for tag in &mut scene.air.tags {
                let serials = if tag.body == DRIVEN {
                    &mut driven
                } else {
                    &mut staged
                };
                tag.epc = epc(serials.next().expect("a number"));
            }
            scene
        })
        .collect()
}

/// Both pallets, announced piece by piece.
pub fn announced() -> String {
    let serials = PALLETS.into_iter().flat_map(coats);
    let rows = (1..)
        .zip(serials)
        .map(|(line, serial): (u32, u64)| format!("R-9,receive,ASN-9,DOCK-1,{line},COAT,1,{serial}\n"));
    format!(
        "task,kind,reference,dock,line,item,quantity,serial\n{}",
        rows.collect::<String>()
    )
}

/// The reader, the portal, and a scanner over the belt behind the door.
fn config(doorway: &Doorway) -> String {
    let address = doorway.address().expect("an address");
    format!(
        "[[device]]\nname = \"gate\"\ndriver = \"llrp\"\nlink = {{ tcp_client = {{ address = \"{address}\" }} }}\n\
         [[device]]\nname = \"belt\"\ndriver = \"plain_text\"\nlink = {{ serial = {{ path = \"{{folder}}/belt\" }} }}\n\
         [[portal]]\nname = \"door-3\"\ndock = \"DOCK-1\"\n\
         outside = [\"gate:1\", \"gate:3\"]\ninside = [\"gate:2\", \"gate:4\"]\n\
         photo_eyes = [\"gate:1\", \"gate:2\"]\npower_centi_dbm = 2900\nlamps_s = 600\n\
         lamps = {{ ready = [\"gate:{READY}\"], reading = [\"gate:{READING}\"], good = [\"gate:{GOOD}\"], \
         doubt = [\"gate:{DOUBT}\"], stop = [\"gate:{STOP}\"] }}\n"
    )
}

/// The dock of the story.
struct Dock {
    house: House,
    worker: Worker,
    doorway: Doorway,
    belt: PluggedScanner,
}

impl Dock {
    /// The receipt is open, and the portal is ready.
    async fn open() -> Self {
        let house = House::open().await;
        house.import(ImportKind::Items, ITEMS).await;
        house.plan(&announced()).await;
        let plan = LlrpPlan {
            outputs: STOP,
            ..LlrpPlan::default()
        };
        let doorway = Doorway::listen(plan, scenes(Some(2.0))).await.expect("a port");
        let folder = house.folder_of("dock");
        let belt = PluggedScanner::plug_in(&folder.join("belt"), ScannerKind::Text, Manners::good());
        let worker = house.device_with_more("dock", &config(&doorway)).await;
        let mut dock = Self {
            house,
            worker,
            doorway,
            belt: belt.expect("a port"),
        };
        dock.worker.scans(&["]C0ASN-9"], "go").await;
        dock.lit(&[READY]).await;
        dock.reader("looking for tags", |reader| reader.is_looking).await;
        dock.shows("Drive the goods through the portal").await;
        dock
    }

    /// Waits until the reader is like this.
    async fn reader(&self, what: &str, is: impl Fn(&ReaderState) -> bool) {
        let mut states = self.doorway.reader().watch();
        let found = tokio::time::timeout(HANGS, states.wait_for(|state| is(state))).await;
        let found = found.map(|found| drop(found.expect("a reader")));
        assert!(
            found.is_ok(),
            "{what}: {:?}; {}",
            self.doorway.reader().state(),
            self.worker.screen()
        );
    }

    /// Waits until one of these lamps alone burns, and tells which.
    async fn lit(&self, wanted: &[u16]) -> u16 {
        let burns = |reader: &ReaderState| {
            let mut burning = (1..).zip(&reader.outputs).filter(|(_, high)| **high);
            let lamp: Option<(u16, _)> = burning.next();
            lamp.filter(|_| burning.next().is_none()).map(|(lamp, _)| lamp)
        };
        let found = std::cell::Cell::new(0);
        let is_wanted = |reader: &ReaderState| {
            let lamp = burns(reader).filter(|lamp| wanted.contains(lamp));
            lamp.inspect(|lamp| found.set(*lamp)).is_some()
        };
        self.reader(&format!("lamps {wanted:?}"), is_wanted).await;
        found.get()
    }

    /// Waits until the screen says so.
    async fn shows(&self, text: &str) -> Screen {
        let says = |screen: &Screen| screen.as_text().contains(text);
        let shown = self.worker.station.screen_that(text, says).await;
        shown.expect("the screen")
    }

    /// Drives a pallet through, and tells which lamp says what came of it.
    async fn drive_through(&self, pallet: usize) -> u16 {
        let lights = async {
            self.lit(&[READING]).await;
            self.lit(&[GOOD, DOUBT]).await
        };
        tokio::join!(self.doorway.drive_through(pallet), lights).1
    }

    /// The scanner over the belt reads a label; the answer's word.
    async fn belt_reads(&self, label: &str) -> String {
        let mut heard = self.worker.station.listen();
        self.belt
            .pull(&Label::of(label))
            .expect("the scanner is plugged in");
        loop {
            let sound = self.worker.station.next_sound(&mut heard).await;
            let sound = sound.expect("an answer");
            if sound.device.as_deref() == Some("belt") {
                return sound.verdict;
            }
        }
    }

    /// The serial numbers that the ledger has at the dock, each of which is one piece.
    async fn in_the_ledger(&self) -> BTreeSet<u64> {
        self.house.synced(&[&self.worker]).await;
        let snapshot = self.house.hub().ledger_snapshot().await.expect("a snapshot");
        let rows = snapshot
            .balances
            .iter()
            .filter(|row| row.account == "location" && row.place == "DOCK-1");
        rows.map(|row| {
            assert_eq!(row.quantity_micro, 1_000_000, "{row:?}");
            row.serial.parse().expect("a serial number")
        })
        .collect()
    }

    /// Somebody scans the labels of the coats that the portal was not sure of, or did not hear.
    async fn scans_the_rest(&mut self, of: &BTreeSet<u64>) {
        let known = self.in_the_ledger().await;
        for serial in of.difference(&known) {
            self.worker.scans(&[&label(*serial)], "accept").await;
        }
        assert!(
            self.in_the_ledger().await.is_superset(of),
            "{}",
            self.worker.screen()
        );
    }

    /// A page of the hub.
    async fn page(&self, path: &str) -> String {
        let address = self.house.network().address();
        let mut stream = TcpStream::connect(address).await.expect("the hub listens");
        let asked = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(asked.as_bytes()).await.expect("sent");
        let mut page = String::new();
        stream.read_to_string(&mut page).await.expect("a page");
        page
    }

    /// The receipt's passes, as the hub tells them: number, tags that were recorded, tags that nobody looked at.
    async fn passes(&self) -> Vec<(u64, u32)> {
        let found = self.house.hub().ledger().task(SITE.to_owned(), "R-9".to_owned());
        let detail = found.await.expect("a ledger").expect("the receipt");
        let told = detail
            .passes
            .iter()
            .inspect(|pass| assert_eq!(pass.portal, "door-3"));
        told.map(|pass| (pass.number, u32::try_from(pass.tags).expect("a few")))
            .collect()
    }

    /// Ends the receipt. Tags of the staged goods may be unsure: their labels are on no pallet that came.
    async fn ends(&mut self) {
        // What passes sounded is no answer to the key.
        self.worker.heard_meanwhile();
        let mut answer = self.worker.press("done").await;
        if answer == "ask" {
            assert!(
                self.worker.screen().contains("Not sure"),
                "{}",
                self.worker.screen()
            );
            // The office is told of them, and the receipt ends.
            answer = self.worker.press("enter").await;
        }
        assert_eq!(answer, "accept", "{}", self.worker.screen());
        self.house.synced(&[&self.worker]).await;
        assert_eq!(self.house.task_state("R-9").await, "done");
        for kind in self.house.open_exceptions().await {
            assert_eq!(kind, "unsure_tag");
        }
    }
}

#[tokio::test]
async fn pallets_are_received_by_a_portal_and_each_piece_is_in_the_ledger_once() {
    let mut dock = Dock::open().await;
    let [first, second] = PALLETS.map(coats);

    let lamp = dock.drive_through(0).await;
    let by_tag = dock.in_the_ledger().await;
    println!("{} of {} by their tags, lamp {lamp}", by_tag.len(), first.len());
    assert!(by_tag.is_subset(&first), "{by_tag:?}");
    assert!(
        by_tag.len() * 2 > first.len(),
        "{by_tag:?}; {}",
        dock.worker.screen()
    );
    // What is not sure is asked, and nothing is where the light is green.
    let asks = "Look for this piece and scan its label";
    match lamp {
        DOUBT => drop(dock.shows(asks).await),
        _ => assert!(
            !dock.worker.screen().contains("To check"),
            "{}",
            dock.worker.screen()
        ),
    }
    dock.scans_the_rest(&first).await;
    assert_eq!(
        dock.passes().await,
        [(1, u32::try_from(by_tag.len()).expect("a few"))]
    );

    // The same pallet again, and labels of what is recorded: nothing.
    let before = dock.worker.station.last_seq().await.expect("a status");
    dock.drive_through(0).await;
    assert_eq!(dock.belt_reads(&label(PALLETS[0])).await, "reject");
    assert_eq!(dock.worker.station.last_seq().await.expect("a status"), before);
    assert_eq!(dock.in_the_ledger().await, first);

    // One coat of the second pallet came over the belt.
    let by_belt = PALLETS[1];
    assert_eq!(dock.belt_reads(&label(by_belt)).await, "accept");

    // The battery is pulled while the second pallet stands in the door.
    dock.doorway.drive_to_the_middle(1).await;
    dock.lit(&[READING]).await;
    dock.shows("Goods pass the portal").await;
    dock.worker.station.kill().await.expect("killed");
    dock.worker.station.restart().await.expect("started again");
    dock.reader("the same reader", |reader| {
        reader.is_connected && reader.is_looking
    })
    .await;
    dock.lit(&[READING]).await;
    let lights = async { dock.lit(&[GOOD, DOUBT]).await };
    tokio::join!(dock.doorway.drive_on(), lights);
    let all: BTreeSet<u64> = first.union(&second).copied().collect();
    assert!(dock.in_the_ledger().await.is_subset(&all));
    dock.scans_the_rest(&all).await;
    let passes = dock.passes().await;
    println!("passes and what each recorded: {passes:?}");
    assert!(passes.len() == 2 && passes[1].1 > 0, "{passes:?}");

    dock.ends().await;
    assert_eq!(dock.in_the_ledger().await, all);
    let page = dock.page(&format!("/site/{SITE}/tasks/R-9")).await;
    assert!(
        page.contains("Through portals") && page.contains("door-3"),
        "{page}"
    );
    for (number, _) in passes {
        let told = format!("<td class=\"number\">{number}</td>");
        assert!(page.contains(&told), "{told} is missing in {page}");
    }
    dock.reader("at rest", |reader| !reader.is_looking).await;
    dock.house.close(vec![dock.worker]).await;
}
