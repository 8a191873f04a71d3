//! A bin is counted by its tags, with a UHF module at a serial port: from the place that is confirmed to the count at the hub.

use tallyman_codes::epc::Identity;
use tallyman_codes::{Element, EpcBytes, Moment};
use tallyman_hub::ImportKind;
use tallyman_hub::ledger::views::ExceptionFilter;
use tallyman_hub::ledger::{Decision, Resolution};
use tallyman_sim::heard::Screen;
use tallyman_sim::plugged_reader::PluggedReader;
use tallyman_sim::reader::{Air, Heard, M100Module};

use crate::house::{House, SITE, pieces};

const ITEMS: &str =
    "item,name,unit,code,code_unit,pack,serial,tag\nCOAT,Rain coat,each,9521101530032,each,1,yes,yes\n";
const TASKS: &str = "task,kind,reference,dock,line,item,quantity,location\nC-9,count,CS-9,,1,COAT,,A-03\n";
const COAT: &str = "09521101530032";

/// What the book has in the bin: a coat for each serial number up to this one, of which the last is not there.
const BOOKED: std::ops::RangeInclusive<u64> = 1..=42;

fn stock() -> String {
    let rows = BOOKED.map(|serial| format!("A-03,COAT,1,{serial}\n"));
    format!("location,item,quantity,serial\n{}", rows.collect::<String>())
}

/// A module at the device, beside its scanner.
const READER: &str = "[[device]]\nname = \"sled\"\ndriver = \"uhf_m100\"\n\
                      link = { serial = { path = \"{folder}/sled\" } }\n";

/// Coats in the bin, by serial number; then those that are heard at the edges of the sweep, and those of the next bay.
const INSIDE: std::ops::RangeInclusive<u64> = 1..=40;
const AT_THE_EDGE: std::ops::RangeInclusive<u64> = 41..=43;
const NEXT_BAY: std::ops::RangeInclusive<u64> = 44..=55;
/// The agent is killed when so many of the coats are counted.
const KILLED_AT: u32 = 12;

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

/// A worker moves the reader along the bin: from round to round one coat more is near. Some are heard now and then, and those of
/// the next bay once.
struct Bin {
    rounds: u64,
}

impl Air for Bin {
    fn round(&mut self, _antenna: u8, _power_centi_dbm: u16, _at: Moment, heard: &mut Vec<Heard>) {
        self.rounds += 1;
        let rounds = self.rounds;
        let mut hear = |serial: u64, rssi_centi_dbm: i32| {
            heard.push(Heard {
                epc: epc(serial),
                pc: 0x3000,
                rssi_centi_dbm,
                phase_centi_deg: 0,
                channel: 0,
            });
        };
        INSIDE
            .take_while(|serial| *serial <= rounds)
            .for_each(|serial| hear(serial, -2_900 - (serial % 4) as i32 * 100));
        AT_THE_EDGE
            .filter(|serial| rounds % 20 == serial % 20)
            .for_each(|serial| hear(serial, -5_800));
        if rounds == 10 {
            NEXT_BAY.for_each(|serial| hear(serial, -6_200));
        }
    }
}

/// How many tags are sure, as the screen says.
fn sure(screen: &Screen) -> u32 {
    let big = screen.big.as_ref().map(|big| big.text.parse());
    big.and_then(Result::ok).unwrap_or(0)
}

/// The number in a line of the screen.
fn told(screen: &Screen, label: &str) -> u32 {
    let line = screen.lines.iter().find(|line| line.label == label);
    line.and_then(|line| line.text.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_bin_is_counted_by_its_tags_and_the_sweep_outlives_a_pulled_battery() {
    let house = House::open().await;
    house.import(ImportKind::Items, ITEMS).await;
    house.import(ImportKind::Stock, &stock()).await;
    house.plan(TASKS).await;
    let sled = house.folder_of("stocktaker").join("sled");
    let reader = PluggedReader::plug_in(&sled, M100Module::default(), Bin { rounds: 0 }).expect("a module");
    let mut worker = house.device_with_more("stocktaker", READER).await;

    worker.scans(&["]C0CS-9"], "go").await;
    assert!(!reader.state().is_looking, "no place is swept yet");
    worker.scans(&["]C0LOC-A-03"], "go").await;
    // It begins by itself: coats carry tags.
    let is_safe = |screen: &Screen| sure(screen) >= KILLED_AT && told(screen, "Safe") >= KILLED_AT;
    let before = worker.station.screen_that("a part of the coats", is_safe).await;
    let before = before.expect("a sweep");

    // The battery is pulled while tags come.
    worker.station.kill().await.expect("killed");
    reader.another_line().expect("another line");
    worker.station.restart().await.expect("started again");
    let goes_on = |screen: &Screen| sure(screen) > 0;
    let after = worker.station.screen_that("the sweep as it was", goes_on).await;
    let after = after.expect("the sweep goes on");
    assert!(
        told(&after, "Safe") >= told(&before, "Safe"),
        "what was safe is lost: {} before, {} after",
        before.as_text(),
        after.as_text()
    );

    let is_whole = |screen: &Screen| sure(screen) == 40 && told(screen, "Maybe next bay") == 3;
    let whole = worker.station.screen_that("all coats", is_whole).await;
    whole.expect("forty are sure, three may be");
    worker.picture("sweep").await;

    // One of the three is found by its label; the others are not there.
    assert_eq!(worker.press("done").await, "ask", "{}", worker.screen());
    assert!(worker.screen().contains("Not sure: 3"), "{}", worker.screen());
    worker.scans(&["]C101095211015300322141"], "accept").await;
    worker.scans(&["]C10109521101530032217"], "reject").await;
    assert_eq!(worker.press("done").await, "ask", "{}", worker.screen());
    assert!(worker.screen().contains("Not sure: 2"), "{}", worker.screen());
    assert_eq!(worker.press("enter").await, "accept", "{}", worker.screen());
    let rests = reader.watch().wait_for(|state| !state.is_looking).await.is_ok();
    assert!(rests, "the reader stops with the place");

    house.synced(&[&worker]).await;
    let found = house
        .hub()
        .ledger()
        .exceptions(SITE.to_owned(), ExceptionFilter::default());
    let found = found.await.expect("exceptions");
    let mut kinds: Vec<&str> = found.iter().map(|exception| exception.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["count_variance", "unsure_tag"]);
    let variance = found.iter().find(|exception| exception.kind == "count_variance");
    let variance = variance.expect("a difference").exception;
    let decision = Decision::plain(Resolution::AcceptCount);
    let decided = house
        .hub()
        .ledger()
        .decide(SITE.to_owned(), variance, decision, jiff::Timestamp::now());
    decided.await.expect("decided");
    assert_eq!(house.stock("location", "A-03").await, pieces(&[("COAT", 41)]));
    house.close(vec![worker]).await;
}
