//! Portals: passes by photo eye and without, what stands beside the door, the lamps, restarts, and two doors that hear one
//! pallet.

use tallyman_codes::epc::Identity as Epc;
use tallyman_codes::{Element, EpcBytes, Sighting, Tag};
use tallyman_drivers::burst::{BurstCounts, Window};
use tallyman_floor::wire::v1::{LineBody, ReceiveBody};

use super::*;
use crate::portals::PortalConfig;
use crate::seams::{Lamps, PassStore as _, ReaderWish};

const COAT: &str = "04006381000017";

/// Lamp outputs of the first door: reading, good, doubt, stop.
const LAMPS: [u16; 4] = [1, 2, 3, 4];

fn door(name: &str, reader: &str, more: &str) -> PortalConfig {
    let text = format!(
        "name = \"{name}\"\noutside = [\"{reader}:1\"]\ninside = [\"{reader}:2\"]\n\
         lamps = {{ reading = [\"{reader}:1\"], good = [\"{reader}:2\"], doubt = [\"{reader}:3\"], stop = [\"{reader}:4\"] }}\n{more}"
    );
    toml::from_str(&text).unwrap()
}

fn with_eyes() -> PortalConfig {
    door("door-1", "dock", "photo_eyes = [\"dock:1\", \"dock:2\"]")
}

/// A receipt of so many coats.
fn coats(count: i64) -> Delta {
    let mut task = cache::task("R", "ASN-1", 0, 1);
    task.kind = TaskKindBody::Receive(ReceiveBody {
        dock: "DOCK-1".to_owned(),
        ..ReceiveBody::default()
    });
    task.lines = vec![LineBody {
        number: 1,
        item: Some("COAT".to_owned()),
        expected_micro: Some(count * 1_000_000),
        ..LineBody::default()
    }];
    let mut coat = cache::item("COAT", COAT);
    coat.serial = true;
    coat.tag = true;
    Delta {
        tasks: vec![task],
        items: vec![coat],
        ..cache::delta("c1", at(1, 0))
    }
}

/// A device with portals.
struct AtDoors {
    bench: Bench,
    lamps: watch::Receiver<Lamps>,
    wish: watch::Receiver<ReaderWish>,
}

impl AtDoors {
    async fn on(fixture: Fixture, session: Session, portals: Vec<PortalConfig>) -> Self {
        let mut doors = Self::before_readers(fixture, session, portals).await;
        doors.connect().await;
        doors
    }

    /// The same before their readers are connected.
    async fn before_readers(fixture: Fixture, session: Session, portals: Vec<PortalConfig>) -> Self {
        let store = Arc::clone(&fixture.store);
        let mut bench = Bench::new(fixture, session).await;
        let config = crate::rfid::RfidConfig::default();
        let others = watch::Sender::new(ReaderWish::default());
        let readers = config.readers(Arc::<SqliteStore>::clone(&store), others);
        let (wish_in, wish) = watch::channel(ReaderWish::default());
        let (lamps_in, lamps) = watch::channel(Lamps::default());
        bench.floor = bench.floor.with_readers(readers).with_portals(Portals {
            store,
            rules: config.judging_rules(),
            readers: vec![(DeviceName::new("dock"), wish_in)],
            portals,
            lamps: lamps_in,
        });
        bench.floor.begin(Some(crate::store::tests::identity())).await;
        let mut doors = Self { bench, lamps, wish };
        doors.bench.settle();
        doors
    }

    async fn connect(&mut self) {
        for reader in ["dock", "dock-2"] {
            let device = DeviceName::new(reader);
            self.input(Input::Reader {
                device,
                is_open: true,
            })
            .await;
        }
        self.bench.settle();
    }

    /// The same with a receipt of coats open.
    async fn receiving(count: i64, portals: Vec<PortalConfig>) -> Self {
        let mut doors = Self::on(store_with(0).await, Session::new(), portals).await;
        doors.bench.hear_delta(coats(count)).await;
        pass_ms(1_000).await;
        let scanned = doors.bench.scanned("ring", "ASN-1", None);
        doors.input(scanned).await;
        assert_eq!(doors.bench.floor.session.task(), Some(&TaskId::from("R")));
        doors
    }

    async fn input(&mut self, input: Input) {
        let at = self.now();
        self.bench.floor.take(Incoming { at, input }).await;
        self.bench.settle();
    }

    async fn tick(&mut self) {
        self.bench.floor.tick().await;
        self.bench.settle();
    }

    fn now(&self) -> Moment {
        Moment::from_us(self.bench.floor.calendar.clock().now().us)
    }

    async fn eye(&mut self, port: u16, high: bool) {
        let device = DeviceName::new("dock");
        self.input(Input::Line { device, port, high }).await;
    }

    /// Tags are heard by antennas of a reader, with these strengths in whole dBm.
    async fn hear(&mut self, reader: &str, serials: &[u64], antennas: &[(u16, i32)]) {
        let now = self.now();
        let sighting = |serial: &u64| {
            let mut reports = antennas.iter().map(|(antenna, dbm)| Tag {
                epc: epc(*serial),
                antenna: Some(*antenna),
                rssi_centi_dbm: Some(dbm * 100),
                ..Tag::default()
            });
            let mut sighting = Sighting::of(&reports.next().unwrap(), now);
            reports.for_each(|report| sighting.add(&report, now));
            sighting
        };
        let window = Window {
            from: now,
            to: now,
            sightings: serials.iter().map(sighting).collect(),
            goes_on: false,
            counts: BurstCounts::default(),
        };
        self.input(Input::Tags {
            device: DeviceName::new(reader),
            pull: 0,
            window: Box::new(window),
        })
        .await;
    }

    /// Goods drive through the door of a reader, in five seconds, while others are staged beside it; `weaker` dB weaker
    /// where another reader hears them as well.
    async fn drive(
        &mut self,
        reader: &str,
        goods: &[u64],
        staged: &[u64],
        is_out: bool,
        weaker: Option<(&str, i32)>,
    ) {
        for step in 0..20 {
            let (first, second) = (course(step, 6), course(step, 14));
            let (outside, inside) = if is_out { (second, first) } else { (first, second) };
            self.hear(reader, goods, &[(1, outside), (2, inside)]).await;
            if let Some((other, db)) = weaker {
                self.hear(other, goods, &[(1, outside - db), (2, inside - db)])
                    .await;
            }
            if !staged.is_empty() {
                self.hear(reader, staged, &[(1, -67), (2, -67)]).await;
            }
            pass_ms(250).await;
            self.tick().await;
        }
    }

    /// The same through the photo eyes.
    async fn drive_in(&mut self, goods: &[u64], staged: &[u64]) {
        self.eye(1, true).await;
        self.drive("dock", goods, staged, false, None).await;
        self.eye(1, false).await;
    }

    /// Time passes until nothing is to be done.
    async fn wait(&mut self) {
        for _ in 0..60 {
            pass_ms(250).await;
            self.tick().await;
        }
    }

    /// What was recorded: act and serial numbers.
    async fn facts(&self) -> Vec<String> {
        let outbox = self.bench.fixture.store.outbox(0, 100).await.unwrap();
        let told = |body: ConfirmationBody| {
            let serials = body
                .goods
                .map(|goods| goods.serials.join(" "))
                .unwrap_or_default();
            let pass = body
                .pass
                .map_or_else(String::new, |pass| format!(" by {} {}", pass.portal, pass.number));
            format!("{} {serials}{pass}", body.act)
        };
        let records = outbox.records.iter();
        records
            .map(|record| told(serde_json::from_str(&record.body).unwrap()))
            .collect()
    }

    /// Which lamps are lit.
    fn lit(&self, reader: &str) -> Vec<u16> {
        let lamps = self.lamps.borrow();
        let lit = lamps
            .iter()
            .filter(|((name, _), high)| name.as_str() == reader && **high);
        lit.map(|((_, port), _)| *port).collect()
    }

    fn instruction(&self) -> String {
        self.bench.view.borrow().instruction.clone()
    }

    fn kept(&self) -> usize {
        self.bench
            .fixture
            .store
            .kept_passes(&TaskId::from("R"))
            .unwrap()
            .len()
    }
}

fn epc(serial: u64) -> EpcBytes {
    let element = |ai: &str, value: String| Element {
        ai: ai.to_owned(),
        value,
    };
    let elements = [element("01", COAT.to_owned()), element("21", serial.to_string())];
    let epc = Epc::from_elements(&elements, 7).unwrap();
    EpcBytes::new(epc.encode("sgtin-96", 0).unwrap().bytes()).unwrap()
}

/// The strength at one side of the door, which the goods pass at some quarter of a second.
fn course(step: i32, at: i32) -> i32 {
    -38 - 3 * (step - at).abs()
}

async fn pass_ms(ms: u64) {
    tokio::time::advance(std::time::Duration::from_millis(ms)).await;
}

#[tokio::test(start_paused = true)]
async fn a_pass_by_photo_eye_is_recorded_once_with_the_light_for_it() {
    let mut doors = AtDoors::receiving(5, vec![with_eyes()]).await;
    assert_eq!(doors.lit("dock"), [] as [u16; 0], "ready has no lamp here");
    // Staged goods are heard before anything passes.
    for _ in 0..20 {
        doors.hear("dock", &[90, 91], &[(1, -67), (2, -67)]).await;
        pass_ms(250).await;
    }
    assert_eq!(doors.kept(), 0);
    doors.eye(1, true).await;
    assert_eq!(doors.lit("dock"), [LAMPS[0]]);
    doors.eye(1, false).await;
    doors.drive_in(&[1, 2, 3, 4, 5], &[90, 91]).await;
    assert_eq!(doors.instruction(), "Goods pass the portal");
    assert!(
        doors.facts().await.is_empty(),
        "nothing is recorded while goods pass"
    );
    doors.bench.settle();
    doors.wait().await;
    assert_eq!(doors.facts().await, ["received 1 2 3 4 5 by door-1 1"]);
    assert_eq!(doors.instruction(), "All done. Press Done");
    assert_eq!(
        doors.kept(),
        0,
        "what is recorded is forgotten in the same commit"
    );
    assert_eq!(doors.bench.floor.due_in(), None, "nothing is due");
    // A pass of the same goods once more changes nothing.
    doors.drive_in(&[1, 2, 3, 4, 5], &[90, 91]).await;
    doors.wait().await;
    assert_eq!(doors.facts().await.len(), 1);
    assert_eq!(doors.kept(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_lights_say_what_came_of_a_pass() {
    let mut doors = AtDoors::receiving(5, vec![with_eyes()]).await;
    doors.drive_in(&[1, 2], &[]).await;
    assert_eq!(doors.lit("dock"), [LAMPS[0]], "reading");
    pass_ms(2_000).await;
    doors.tick().await;
    assert_eq!(doors.lit("dock"), [LAMPS[1]], "good");
    pass_ms(10_000).await;
    doors.tick().await;
    assert_eq!(doors.lit("dock"), [] as [u16; 0], "ready again");
    // More than was announced.
    doors.drive_in(&[1, 2, 3, 4, 5, 6], &[]).await;
    pass_ms(2_000).await;
    doors.tick().await;
    assert_eq!(doors.lit("dock"), [LAMPS[2]], "a doubt");
    assert_eq!(doors.instruction(), "Look for this piece and scan its label");
    // Out instead of in.
    doors.eye(1, true).await;
    doors.drive("dock", &[1, 2], &[], true, None).await;
    doors.eye(1, false).await;
    pass_ms(2_000).await;
    doors.tick().await;
    assert_eq!(doors.lit("dock"), [LAMPS[3]], "stop");
    assert_eq!(doors.facts().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_photo_eyes_the_first_and_the_last_tag_make_a_pass() {
    let mut doors = AtDoors::receiving(3, vec![door("door-1", "dock", "")]).await;
    doors.drive("dock", &[1, 2, 3], &[], false, None).await;
    doors.wait().await;
    assert_eq!(doors.facts().await, ["received 1 2 3 by door-1 1"]);
}

#[tokio::test(start_paused = true)]
async fn readers_read_while_a_receipt_is_open_and_return_to_their_own_settings() {
    let portal = PortalConfig {
        power_centi_dbm: 2_700,
        ..with_eyes()
    };
    let mut doors = AtDoors::receiving(3, vec![portal]).await;
    let ReaderWish::Read {
        inventory,
        at_once: true,
    } = *doors.wish.borrow_and_update()
    else {
        panic!("it reads");
    };
    assert_eq!(
        (inventory.power_centi_dbm, inventory.session, inventory.antennas),
        (Some(2_700), Some(0), 0b11)
    );
    doors.input(Input::Key(Key::Escape)).await;
    assert_eq!(*doors.wish.borrow_and_update(), ReaderWish::Scan);
    // What passes then is nobody's.
    doors.drive_in(&[1, 2, 3], &[]).await;
    doors.wait().await;
    assert!(doors.facts().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pulled_battery_costs_a_second_of_a_pass_and_records_nothing_twice() {
    let mut doors = AtDoors::receiving(5, vec![with_eyes()]).await;
    doors.drive_in(&[1, 2, 3, 4, 5], &[]).await;
    assert_eq!((doors.kept(), doors.facts().await.len()), (1, 0));
    let session = Session::from_saved(&doors.bench.floor.session.to_saved()).unwrap();
    let pulled = doors.bench.fixture.copy();
    let mut doors = AtDoors::on(pulled, session, vec![with_eyes()]).await;
    assert_eq!(doors.lit("dock"), [LAMPS[0]], "it goes on");
    doors.wait().await;
    assert_eq!(doors.facts().await, ["received 1 2 3 4 5 by door-1 1"]);
    // Right after it is recorded, once more.
    let session = Session::from_saved(&doors.bench.floor.session.to_saved()).unwrap();
    let pulled = doors.bench.fixture.copy();
    let mut doors = AtDoors::on(pulled, session, vec![with_eyes()]).await;
    doors.wait().await;
    assert_eq!(doors.facts().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_stands_in_the_door_at_a_restart_waits_for_its_reader() {
    let mut doors = AtDoors::receiving(5, vec![with_eyes()]).await;
    doors.eye(1, true).await;
    doors.drive("dock", &[1, 2, 3], &[], false, None).await;
    let session = Session::from_saved(&doors.bench.floor.session.to_saved()).unwrap();
    let pulled = doors.bench.fixture.copy();
    let mut doors = AtDoors::before_readers(pulled, session, vec![with_eyes()]).await;
    // Readers hold the place of a client that is gone for a while.
    doors.wait().await;
    assert_eq!(doors.lit("dock"), [LAMPS[0]], "goods pass");
    assert_eq!((doors.kept(), doors.facts().await.len()), (1, 0));
    doors.connect().await;
    doors.eye(1, true).await;
    doors.wait().await;
    assert_eq!(doors.facts().await.len(), 0, "they stand there");
    doors.eye(1, false).await;
    doors.wait().await;
    assert_eq!(doors.facts().await, ["received 1 2 3 by door-1 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_pass_whose_reader_is_lost_goes_on_when_it_is_back_and_ends_when_it_stays_away() {
    let mut doors = AtDoors::receiving(5, vec![with_eyes()]).await;
    let lost = |is_open| Input::Reader {
        device: DeviceName::new("dock"),
        is_open,
    };
    doors.drive_in(&[1, 2], &[]).await;
    doors.input(lost(false)).await;
    doors.wait().await;
    assert_eq!(
        doors.facts().await.len(),
        0,
        "nobody knows whether they are through"
    );
    doors.input(lost(true)).await;
    doors.wait().await;
    assert_eq!(doors.facts().await, ["received 1 2 by door-1 1"]);
    doors.drive_in(&[3, 4], &[]).await;
    doors.input(lost(false)).await;
    for _ in 0..5 {
        doors.wait().await;
    }
    assert_eq!(doors.facts().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_stops_and_is_told_again() {
    let mut doors = AtDoors::receiving(5, vec![with_eyes()]).await;
    doors.drive_in(&[1, 2], &[]).await;
    doors.bench.settle();
    doors.bench.store.fail(StoreError::Full("no room".to_owned()));
    pass_ms(2_000).await;
    doors.tick().await;
    assert_eq!(doors.lit("dock"), [LAMPS[3]], "stop");
    assert_eq!((doors.kept(), doors.facts().await.len()), (1, 0));
    doors.bench.settle();
    doors.wait().await;
    assert_eq!(doors.facts().await, ["received 1 2 by door-1 1"]);
    assert_eq!(doors.kept(), 0);
}

#[tokio::test(start_paused = true)]
async fn many_tags_of_a_pass_are_kept_without_waiting_for_the_second() {
    let mut doors = AtDoors::receiving(500, vec![with_eyes()]).await;
    doors.eye(1, true).await;
    let many: Vec<u64> = (1..=210).collect();
    doors.hear("dock", &many, &[(1, -50)]).await;
    let kept = doors.bench.fixture.store.kept_passes(&TaskId::from("R")).unwrap();
    assert_eq!(kept.first().map(|pass| pass.tags.len()), Some(210));
}

#[tokio::test(start_paused = true)]
async fn two_doors_that_hear_one_pallet_settle_before_anything_is_recorded() {
    let pair = || {
        vec![
            door("door-1", "dock", "neighbours = [\"door-2\"]\ndock = \"DOCK-1\""),
            door("door-2", "dock-2", "dock = \"DOCK-2\""),
        ]
    };
    // Heard strongly at the own door, weakly at the next one.
    let mut doors = AtDoors::receiving(3, pair()).await;
    doors
        .drive("dock", &[1, 2, 3], &[], false, Some(("dock-2", 12)))
        .await;
    doors.wait().await;
    assert_eq!(doors.facts().await, ["received 1 2 3 by door-1 1"]);
    // Through the next door, heard weakly here: nothing of this receipt.
    let mut doors = AtDoors::receiving(3, pair()).await;
    doors
        .drive("dock-2", &[1, 2, 3], &[], false, Some(("dock", 12)))
        .await;
    doors.wait().await;
    assert!(doors.facts().await.is_empty(), "{:?}", doors.facts().await);
    assert_eq!(
        doors
            .bench
            .view
            .borrow()
            .lines
            .iter()
            .find(|line| line.label == "To check"),
        None
    );
    // Alike at both: somebody has to look.
    let mut doors = AtDoors::receiving(3, pair()).await;
    doors
        .drive("dock", &[1, 2, 3], &[], false, Some(("dock-2", 2)))
        .await;
    doors.wait().await;
    assert!(doors.facts().await.is_empty());
    assert_eq!(doors.instruction(), "Look for this piece and scan its label");
}

#[tokio::test(start_paused = true)]
async fn a_portal_whose_reader_is_away_is_not_offered() {
    let mut doors = AtDoors::receiving(3, vec![with_eyes()]).await;
    assert_eq!(
        doors.instruction(),
        "Drive the goods through the portal, or scan them"
    );
    let device = DeviceName::new("dock");
    doors
        .input(Input::Reader {
            device,
            is_open: false,
        })
        .await;
    assert_eq!(doors.instruction(), "Scan an item");
}

#[tokio::test(start_paused = true)]
async fn who_passes_without_goods_is_no_pass() {
    let mut doors = AtDoors::receiving(3, vec![with_eyes()]).await;
    doors.eye(1, true).await;
    assert_eq!(doors.lit("dock"), [LAMPS[0]]);
    doors.eye(1, false).await;
    doors.wait().await;
    assert_eq!(doors.lit("dock"), [] as [u16; 0]);
    assert_eq!(
        doors.instruction(),
        "Drive the goods through the portal, or scan them"
    );
    assert_eq!(doors.bench.floor.due_in(), None, "nothing is due");
    assert_eq!((doors.kept(), doors.facts().await.len()), (0, 0));
}
