//! Tags: swept, kept, closed, looked for; and scans where nothing is swept.

use tallyman_codes::epc::Identity as Epc;
use tallyman_codes::{Element, EpcBytes, Sighting, Tag};
use tallyman_drivers::Inventory;
use tallyman_drivers::burst::{BurstCounts, Window};
use tallyman_floor::wire::v1::{CountBody, LineBody};

use super::*;
use crate::seams::{ReaderWish, SweepStore as _, SweptPlace};

const COAT: &str = "04006381000017";

/// The signal of goods that the reader stands before.
const NEAR_CENTI_DBM: i32 = -2_500;

/// The moment that the loop's clock starts at, in milliseconds.
const START_MS: u64 = 1_000;

fn readers(store: &Arc<SqliteStore>) -> (Readers, watch::Receiver<ReaderWish>) {
    let wish = watch::Sender::new(ReaderWish::default());
    let told = wish.subscribe();
    let config = crate::rfid::RfidConfig::default();
    (config.readers(Arc::<SqliteStore>::clone(store), wish), told)
}

/// A count of two places.
fn count() -> Delta {
    let mut task = cache::task("C", "CC-1", 0, 2);
    task.kind = TaskKindBody::Count(CountBody::default());
    let line = |number: u32, location: &str| LineBody {
        number,
        location: Some(location.to_owned()),
        ..LineBody::default()
    };
    task.lines = vec![line(1, "A-01"), line(2, "A-02")];
    let mut coat = cache::item("COAT", COAT);
    coat.serial = true;
    coat.tag = true;
    Delta {
        tasks: vec![task],
        items: vec![coat],
        locations: vec!["A-01".to_owned(), "A-02".to_owned()],
        ..cache::delta("c1", at(1, 0))
    }
}

impl Bench {
    /// A device with a reader, whose session stands somewhere.
    async fn reading(fixture: Fixture, session: Session) -> (Self, watch::Receiver<ReaderWish>) {
        let (readers, wish) = readers(&fixture.store);
        let mut bench = Self::new(fixture, session).await;
        bench.floor = bench.floor.with_readers(readers);
        bench.floor.begin(Some(crate::store::tests::identity())).await;
        bench.settle();
        (bench, wish)
    }

    /// The same in the first place of a count.
    async fn counting() -> (Self, watch::Receiver<ReaderWish>) {
        let (mut bench, wish) = Self::reading(store_with(0).await, Session::new()).await;
        bench.hear_delta(count()).await;
        assert_eq!(verdicts(&bench.scan("CC-1").await), ["go"]);
        assert_eq!(verdicts(&bench.scan("A-01").await), ["go"]);
        (bench, wish)
    }

    /// Coats with these serial numbers are heard for a window.
    async fn hear(&mut self, serials: std::ops::Range<u64>, centi_dbm: i32) {
        let now = self.floor.calendar.clock().now().us;
        let sighting = |serial: u64| {
            let element = |ai: &str, value: String| Element {
                ai: ai.to_owned(),
                value,
            };
            let elements = [element("01", COAT.to_owned()), element("21", serial.to_string())];
            let epc = Epc::from_elements(&elements, 7).unwrap();
            let tag = Tag {
                epc: EpcBytes::new(epc.encode("sgtin-96", 0).unwrap().bytes()).unwrap(),
                rssi_centi_dbm: Some(centi_dbm),
                ..Tag::default()
            };
            Sighting::of(&tag, Moment::from_us(now))
        };
        let window = Window {
            from: Moment::from_us(now),
            to: Moment::from_us(now),
            sightings: serials.map(sighting).collect(),
            goes_on: false,
            counts: BurstCounts::default(),
        };
        let input = Input::Tags {
            device: DeviceName::new("sled"),
            pull: 1,
            window: Box::new(window),
        };
        let at = Moment::from_us(now);
        self.floor.take(Incoming { at, input }).await;
    }

    /// They are heard for so many windows, one after the other.
    async fn sweep(&mut self, serials: std::ops::Range<u64>, windows: u32) {
        for _ in 0..windows {
            pass_ms(300).await;
            self.hear(serials.clone(), NEAR_CENTI_DBM).await;
        }
    }

    fn big(&self) -> Option<String> {
        let view = self.view.borrow();
        view.big.as_ref().map(|big| big.text.clone())
    }

    fn told(&self, label: &str) -> Option<String> {
        let view = self.view.borrow();
        let line = view.lines.iter().find(|line| line.label == label);
        line.map(|line| line.text.clone())
    }
}

async fn pass_ms(ms: u64) {
    tokio::time::advance(std::time::Duration::from_millis(ms)).await;
}

fn a_01() -> SweptPlace {
    SweptPlace {
        task: TaskId::from("C"),
        location: tallyman_floor::LocationId::from("A-01"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_is_shown_kept_and_goes_on_after_the_battery_was_pulled() {
    let (mut bench, _) = Bench::counting().await;
    assert_eq!(bench.floor.due_in(), None, "nothing came, nothing is due");
    bench.sweep(1..4, 3).await;
    assert!(bench.floor.due_in().is_some());
    pass_ms(1_000).await;
    bench.floor.tick().await;
    pass_ms(300).await;
    bench.floor.tick().await;
    assert_eq!(bench.big().as_deref(), Some("3"));
    assert_eq!(bench.told("Safe").as_deref(), Some("3"));
    assert_eq!(bench.floor.due_in(), None, "all is kept and shown");
    // What comes after the last checkpoint is what a pulled battery takes.
    pass_ms(300).await;
    bench.hear(4..5, NEAR_CENTI_DBM).await;
    let pulled = bench.fixture.copy();
    let session = Session::from_saved(&bench.floor.session.to_saved()).unwrap();
    let (mut bench, _) = Bench::reading(pulled, session).await;
    assert_eq!(bench.big().as_deref(), Some("3"));
    assert_eq!(bench.told("Safe").as_deref(), Some("3"));
    bench.sweep(4..6, 3).await;
    pass_ms(1_000).await;
    bench.floor.tick().await;
    pass_ms(300).await;
    bench.floor.tick().await;
    assert_eq!(bench.big().as_deref(), Some("5"));
}

#[tokio::test(start_paused = true)]
async fn many_changed_tags_are_kept_without_waiting_for_the_second() {
    let (mut bench, _) = Bench::counting().await;
    bench.hear(1_000..1_150, -4_500).await;
    assert_eq!(bench.fixture.store.kept_sweep(&a_01()), Ok(None));
    bench.hear(2_000..2_060, -4_500).await;
    let kept = bench.fixture.store.kept_sweep(&a_01()).unwrap().unwrap();
    assert_eq!(kept.tags.len(), 210);
}

#[tokio::test(start_paused = true)]
async fn closing_a_place_counts_what_is_sure_and_forgets_the_sweep_in_one_commit() {
    let (mut bench, _) = Bench::counting().await;
    bench.sweep(1..4, 3).await;
    pass_ms(1_000).await;
    bench.floor.tick().await;
    bench.settle();
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Done)).await), ["ask"]);
    let before = bench.store.commits();
    bench.store.fail(StoreError::Full("no room".to_owned()));
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Enter)).await), ["failed"]);
    assert!(bench.fixture.store.kept_sweep(&a_01()).unwrap().is_some());
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Enter)).await), ["accept"]);
    assert_eq!(bench.store.commits(), before + 1);
    assert_eq!(bench.fixture.store.kept_sweep(&a_01()), Ok(None));
    let outbox = bench.fixture.store.outbox(0, 10).await.unwrap();
    let acts: Vec<String> = outbox
        .records
        .iter()
        .map(|record| {
            let body: ConfirmationBody = serde_json::from_str(&record.body).unwrap();
            let serials = body
                .goods
                .map(|goods| goods.serials.join(" "))
                .unwrap_or_default();
            format!("{} {serials}", body.act)
        })
        .collect();
    assert_eq!(acts, ["counted 1 2 3", "location_counted "]);
    // What the reader still tells is no scan, and the sweep does not come back.
    bench.hear(1..4, -4_500).await;
    assert!(bench.settle().is_empty());
    pass_ms(5_000).await;
    bench.floor.tick().await;
    assert_eq!(bench.fixture.store.kept_sweep(&a_01()), Ok(None));
    // Taken back, the place is swept anew.
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Undo)).await), ["accept"]);
    bench.sweep(2..3, 3).await;
    assert_eq!(bench.big().as_deref(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_kept_is_tried_again_and_said() {
    let (mut bench, _) = Bench::counting().await;
    bench.sweep(1..4, 1).await;
    let path = bench.fixture.path();
    // A table that is not there refuses each checkpoint.
    let meddle = |sql: &str| {
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute(sql, [])
            .unwrap()
    };
    meddle("ALTER TABLE swept_tag RENAME TO swept_tag_away");
    pass_ms(1_000).await;
    bench.floor.tick().await;
    assert!(matches!(bench.presence.borrow().store, StoreHealth::Failing(_)));
    meddle("ALTER TABLE swept_tag_away RENAME TO swept_tag");
    pass_ms(1_000).await;
    bench.floor.tick().await;
    let kept = bench.fixture.store.kept_sweep(&a_01()).unwrap().unwrap();
    assert_eq!(kept.tags.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn readers_follow_the_work_and_return_to_their_own_settings() {
    let (mut bench, mut wish) = Bench::counting().await;
    let sweep = ReaderWish::Read {
        inventory: Inventory {
            session: Some(1),
            ..Inventory::default()
        },
        at_once: false,
    };
    assert_eq!(*wish.borrow_and_update(), sweep);
    bench.input(Input::Key(Key::Done)).await;
    assert_eq!(*wish.borrow_and_update(), ReaderWish::Rest);
    // What is heard while a question is open does not count.
    bench.sweep(1..4, 3).await;
    bench.input(Input::Key(Key::Escape)).await;
    assert_eq!(*wish.borrow_and_update(), sweep);
    assert_eq!(bench.big(), None);
    bench.input(Input::Key(Key::Escape)).await;
    assert_eq!(*wish.borrow_and_update(), ReaderWish::Scan);
}

#[tokio::test(start_paused = true)]
async fn a_missing_piece_is_looked_for_by_its_signal() {
    let (mut bench, mut wish) = Bench::counting().await;
    bench.sweep(1..4, 3).await;
    bench.settle();
    for key in [Key::Done, Key::Enter, Key::Enter] {
        bench.input(Input::Key(key)).await;
    }
    let inquiry = bench.floor.outlets.inquiries.borrow().clone().unwrap();
    let row = tallyman_floor::StockRow {
        item: tallyman_floor::ItemId::from("COAT"),
        place: "A-01".to_owned(),
        lot: None,
        quantity: Some(tallyman_floor::Quantity::ONE),
        handling_unit: None,
        location: None,
        serial: Some("77".to_owned()),
    };
    let answer = tallyman_floor::InquiryAnswer {
        inquiry,
        rows: Some(vec![row]),
        is_being_counted: false,
    };
    bench.floor.hear(FromHub::Stock(answer)).await;
    bench.settle();
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Digit(1))).await), ["ask"]);
    // Only its own tag passes the filter, made from those of its kind that were swept.
    let ReaderWish::Read {
        inventory,
        at_once: true,
    } = *wish.borrow_and_update()
    else {
        panic!("it looks for it")
    };
    assert_eq!(inventory.filter.unwrap().mask().last(), Some(&77));
    assert_eq!(bench.big().as_deref(), Some("–"));
    pass_ms(600).await;
    bench.hear(77..78, -5_500).await;
    assert_eq!(bench.big().as_deref(), Some("50 %"));
    let tones = |happened: Vec<Happening>| {
        let is_tone = |happening: &&Happening| matches!(happening, Happening::Sound(sounded) if sounded.verdict == "near");
        happened.iter().filter(is_tone).count()
    };
    bench.settle();
    for (centi_dbm, expected) in [(-7_900, 1), (-5_500, 1), (-3_000, 8)] {
        for _ in 0..8 {
            pass_ms(125).await;
            bench.hear(77..78, centi_dbm).await;
        }
        assert_eq!(tones(bench.settle()), expected, "{centi_dbm}");
    }
    pass_ms(2_000).await;
    bench.floor.tick().await;
    assert_eq!(bench.big().as_deref(), Some("–"), "it is not heard any more");
    assert_eq!(bench.floor.due_in(), None);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_swept_a_tag_is_a_scan_once_and_two_are_a_question() {
    let (mut bench, _) = Bench::reading(store_with(0).await, Session::new()).await;
    bench.hear_delta(receipt(1)).await;
    let mut items = count();
    items.tasks.clear();
    bench.hear_delta(items).await;
    let sounds = |happened: Vec<Happening>| {
        let sounded = happened.into_iter().filter_map(|happening| match happening {
            Happening::Sound(sounded) => Some(sounded.verdict),
            Happening::View(_) => None,
        });
        sounded.collect::<Vec<_>>()
    };
    pass_ms(START_MS).await;
    bench.hear(1..2, -4_500).await;
    assert_eq!(sounds(bench.settle()), ["reject"], "no task is open");
    pass_ms(300).await;
    bench.hear(1..2, -4_500).await;
    assert!(bench.settle().is_empty(), "it is still in view");
    pass_ms(300).await;
    bench.hear(1..3, -4_500).await;
    assert_eq!(sounds(bench.settle()), ["ask"], "another one came");
    pass_ms(2_500).await;
    bench.hear(1..2, -4_500).await;
    assert_eq!(sounds(bench.settle()), ["reject"], "it left and came again");
}

#[tokio::test(start_paused = true)]
async fn what_was_counted_in_one_place_and_is_as_near_in_the_next_says_that_radio_does_not_tell() {
    let (mut bench, _) = Bench::counting().await;
    bench.sweep(1..11, 12).await;
    bench.settle();
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Done)).await), ["ask"]);
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Enter)).await), ["accept"]);
    pass_ms(1_000).await;
    assert_eq!(verdicts(&bench.scan("A-02").await), ["go"]);
    pass_ms(1_000).await;
    // The goods of A-02 alone are sure. Those of the first place come as strongly: nothing is any more.
    bench.sweep(11..21, 12).await;
    bench.floor.tick().await;
    pass_ms(300).await;
    bench.floor.tick().await;
    assert_eq!(bench.big().as_deref(), Some("10"));
    bench.sweep(1..21, 12).await;
    pass_ms(300).await;
    bench.floor.tick().await;
    assert_eq!(bench.big().as_deref(), Some("0"));
}
