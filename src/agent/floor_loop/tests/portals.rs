//! Portals: passes by photo eye and without, what stands beside the door, the lamps, restarts, and two doors that hear one
//! pallet.

use tallyman_codes::epc::Identity as Epc;
use tallyman_codes::{Element, EpcBytes, Sighting, Tag};
use tallyman_drivers::burst::{BurstCounts, Window};
use tallyman_floor::wire::v1::{LineBody, ReceiveBody};

use super::*;
use crate::portals::PortalConfig;
use crate::seams::neighbours::{Heard, NeighbourAsks, NeighbourInquiry};
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
    inquiries: watch::Receiver<Vec<NeighbourInquiry>>,
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
        let (inquiries_in, inquiries) = watch::channel(Vec::new());
        bench.floor = bench.floor.with_readers(readers).with_portals(Portals {
            store,
            rules: config.judging_rules(),
            readers: vec![(DeviceName::new("dock"), wish_in)],
            portals,
            lamps: lamps_in,
            inquiries: inquiries_in,
        });
        bench.floor.begin(Some(crate::store::tests::identity())).await;
        let mut doors = Self {
            bench,
            lamps,
            wish,
            inquiries,
        };
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

/// A device whose door has the door of another device for a neighbour.
async fn beside_another(name: &str, other: &str) -> AtDoors {
    let doors = AtDoors::receiving(3, vec![door_beside(name, other)]).await;
    // It knows nothing of what was before its start, and asks about a little more than the pass.
    pass_ms(3_000).await;
    doors
}

fn door_beside(name: &str, other: &str) -> PortalConfig {
    let eyes = "photo_eyes = [\"dock:1\", \"dock:2\"]";
    door(
        name,
        "dock",
        &format!("neighbours_elsewhere = [\"{other}\"]\n{eyes}\nsettle_ms = 3000"),
    )
}

/// Goods drive through the first door; the second, where they are weaker, hears them as well.
async fn drive_beside(first: &mut AtDoors, second: &mut AtDoors, weaker_db: i32) {
    first.eye(1, true).await;
    second.eye(1, true).await;
    for step in 0..20 {
        let (outside, inside) = (course(step, 6), course(step, 14));
        first.hear("dock", &[1, 2, 3], &[(1, outside), (2, inside)]).await;
        second
            .hear(
                "dock",
                &[1, 2, 3],
                &[(1, outside - weaker_db), (2, inside - weaker_db)],
            )
            .await;
        pass_ms(250).await;
        first.tick().await;
        second.tick().await;
    }
    first.eye(1, false).await;
    second.eye(1, false).await;
}

/// Brings what one device asks to the other, as the hub does, and what it answers back, where it answers at once.
async fn pass_on(asks: &mut AtDoors, answers: &mut AtDoors) {
    let inquiries = asks.inquiries.borrow().clone();
    for inquiry in inquiries {
        let (now, other_now) = (asks.now(), answers.now());
        let there = |moment: Moment| Moment::from_us(other_now.us.saturating_sub(now.since_us(moment)));
        let (answer, mut heard) = oneshot::channel::<Heard>();
        let question = NeighbourAsks {
            portal: inquiry.neighbours[0].clone(),
            began: there(inquiry.began),
            ended: there(inquiry.ended),
            by: other_now.plus_ms(inquiry.by.since_us(now) / 1_000),
            answer,
        };
        answers.bench.settle();
        answers.bench.floor.hear(FromHub::NeighbourAsks(question)).await;
        answers.bench.settle();
        if let Ok(heard) = heard.try_recv() {
            let news = FromHub::NeighboursHeard(inquiry.pass, vec![heard]);
            asks.bench.floor.hear(news).await;
            asks.bench.settle();
        }
    }
}

/// Time passes at both while the hub passes on what they ask.
async fn wait_beside(first: &mut AtDoors, second: &mut AtDoors) {
    for _ in 0..60 {
        pass_ms(250).await;
        first.tick().await;
        second.tick().await;
        pass_on(first, second).await;
        pass_on(second, first).await;
    }
}

fn to_check(doors: &AtDoors) -> bool {
    doors.instruction() == "Look for this piece and scan its label"
}

#[tokio::test(start_paused = true)]
async fn doors_of_two_devices_settle_before_either_records() {
    for (weaker_db, recorded, is_checked) in [
        (12, ["received 1 2 3 by door-1 1"].as_slice(), false),
        (-12, [].as_slice(), false),
        // Alike at both: somebody has to look, whichever it is.
        (2, [].as_slice(), true),
        (-2, [].as_slice(), true),
    ] {
        let mut first = beside_another("door-1", "door-2").await;
        let mut second = beside_another("door-2", "door-1").await;
        drive_beside(&mut first, &mut second, weaker_db).await;
        assert!(first.facts().await.is_empty() && second.facts().await.is_empty());
        wait_beside(&mut first, &mut second).await;
        assert_eq!(first.facts().await, recorded, "{weaker_db} dB weaker");
        let others = match weaker_db {
            -12 => vec!["received 1 2 3 by door-2 1"],
            _ => Vec::new(),
        };
        assert_eq!(second.facts().await, others, "{weaker_db} dB weaker");
        assert_eq!((to_check(&first), to_check(&second)), (is_checked, is_checked));
        assert!(first.inquiries.borrow().is_empty(), "nothing waits");
        assert_eq!(first.bench.floor.due_in(), None, "nothing is due");
        assert!(first.bench.presence.borrow().silent_neighbours.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_door_whose_neighbour_is_silent_asks_for_labels_and_says_why() {
    let mut doors = beside_another("door-1", "door-2").await;
    doors.drive_in(&[1, 2, 3], &[]).await;
    pass_ms(2_000).await;
    doors.tick().await;
    let inquiry = doors.inquiries.borrow().clone();
    assert_eq!(
        inquiry
            .iter()
            .map(|inquiry| (
                inquiry.portal.as_str(),
                inquiry.pass,
                inquiry.by.since_us(inquiry.ended)
            ))
            .collect::<Vec<_>>(),
        [("door-1", 1, 3_000_000)]
    );
    pass_ms(2_900).await;
    doors.tick().await;
    assert_eq!(doors.lit("dock"), [LAMPS[0]], "it waits");
    pass_ms(100).await;
    doors.tick().await;
    assert!(doors.facts().await.is_empty());
    assert!(to_check(&doors));
    assert_eq!(doors.lit("dock"), [LAMPS[2]], "a doubt");
    let told = "The portal next door does not answer: scan the labels.";
    assert!(doors.bench.sentences().iter().any(|sentence| sentence == told));
    let silent = |doors: &AtDoors| {
        let presence = doors.bench.presence.borrow();
        presence.silent_neighbours.iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(silent(&doors), ["door-2"]);
    // It answers again, and has heard nothing.
    doors.drive_in(&[1, 2, 3], &[]).await;
    pass_ms(2_000).await;
    doors.tick().await;
    let heard = Heard {
        portal: "door-2".to_owned(),
        knows_all: true,
        tags: Vec::new(),
    };
    doors
        .bench
        .floor
        .hear(FromHub::NeighboursHeard(2, vec![heard]))
        .await;
    assert_eq!(doors.facts().await, ["received 1 2 3 by door-1 2"]);
    assert_eq!(silent(&doors), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_a_restarted_neighbour_heard_before_is_not_known() {
    let mut first = beside_another("door-1", "door-2").await;
    let mut second = beside_another("door-2", "door-1").await;
    drive_beside(&mut first, &mut second, 12).await;
    // Its battery is pulled: what it has of the pass is on its disk, and when that was nobody knows.
    let session = Session::from_saved(&second.bench.floor.session.to_saved()).unwrap();
    let pulled = second.bench.fixture.copy();
    let mut second = AtDoors::on(pulled, session, vec![door_beside("door-2", "door-1")]).await;
    wait_beside(&mut first, &mut second).await;
    assert!(first.facts().await.is_empty() && second.facts().await.is_empty());
    assert!(to_check(&first) && to_check(&second));
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_whose_goods_pass_answers_when_they_are_through_or_the_time_is_up() {
    let mut first = beside_another("door-1", "door-2").await;
    let mut second = beside_another("door-2", "door-1").await;
    drive_beside(&mut first, &mut second, 12).await;
    second.eye(2, true).await;
    let (answer, mut heard) = oneshot::channel::<Heard>();
    let now = second.now();
    let question = NeighbourAsks {
        portal: "door-2".to_owned(),
        began: now,
        ended: now,
        by: now.plus_ms(2_500),
        answer,
    };
    second.bench.floor.hear(FromHub::NeighbourAsks(question)).await;
    assert!(heard.try_recv().is_err(), "goods pass");
    pass_ms(2_500).await;
    second.tick().await;
    let told = heard.try_recv().unwrap();
    assert_eq!((told.knows_all, told.tags.len()), (true, 3));
    assert!(told.tags.iter().all(|tag| tag.goes_on));
    // A door that nobody knows has heard nobody knows what.
    let (answer, mut heard) = oneshot::channel::<Heard>();
    let question = NeighbourAsks {
        portal: "door-9".to_owned(),
        began: now,
        ended: now,
        by: now.plus_ms(2_500),
        answer,
    };
    second.bench.floor.hear(FromHub::NeighbourAsks(question)).await;
    assert!(!heard.try_recv().unwrap().knows_all);
}
