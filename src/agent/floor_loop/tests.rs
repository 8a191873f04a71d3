//! The order of a step, and what is left of it when a commit fails.

use std::sync::Mutex;

use futures_util::future::BoxFuture;
use tallyman_codes::{Barcode, Moment, Rules, Seen, understand};
use tallyman_floor::trace::{Replay, Sameness};
use tallyman_floor::wire::v1::{
    ClaimBody, ConfirmationBody, Delta, DoubtBody, ReceiveBody, TaskBody, TaskKindBody,
};
use tallyman_floor::{Catalogue as _, Key, LineNumber};
use tokio::sync::{Notify, broadcast, oneshot, watch};

use crate::seams::store::StoreFigures;
use crate::seams::{AtWork, Happening, OutboxSlice, Sounded, SyncMarks, TraceRow};
use crate::store::tests::{Fixture, at, cache, store_with, unenrolled_store};
use crate::store::{SqliteStore, StoreCatalogue};
use crate::testing::NotedSetUp;
use crate::testing::RuntimeClock;

use super::*;

/// A store that fails when it is told to, and sees to it that nothing was shown or sounded before its commit.
struct Watchful {
    store: Arc<SqliteStore>,
    fault: Mutex<Option<StoreError>>,
    commits: Mutex<usize>,
    happenings: broadcast::Sender<Happening>,
    shown_before: Mutex<usize>,
    /// There is too little room to begin a task.
    is_tight: Mutex<bool>,
    /// The writer answers nothing.
    hangs: Mutex<bool>,
}

impl Watchful {
    fn fail(&self, error: StoreError) {
        *self.fault.lock().unwrap() = Some(error);
    }

    fn commits(&self) -> usize {
        *self.commits.lock().unwrap()
    }
}

impl Store for Watchful {
    fn commit(&self, step: StepCommit) -> BoxFuture<'_, Result<Vec<Place>, StoreError>> {
        Box::pin(async move {
            let happened = self.happenings.len();
            assert_eq!(
                happened,
                *self.shown_before.lock().unwrap(),
                "something was shown before the commit"
            );
            if let Some(error) = self.fault.lock().unwrap().take() {
                return Err(error);
            }
            *self.commits.lock().unwrap() += 1;
            self.store.commit(step).await
        })
    }

    fn enrol(&self, identity: Identity) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.enrol(identity)
    }

    fn begin_epoch(
        &self,
        epoch: u32,
        after: Place,
        story: HubStory,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.begin_epoch(epoch, after, story)
    }

    fn ping(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if *self.hangs.lock().unwrap() {
                std::future::pending().await
            }
            self.store.ping().await;
        })
    }

    fn has_earlier_epochs(&self) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.store.has_earlier_epochs()
    }

    fn cache(&self, change: CacheChange) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.store.cache(change)
    }

    fn outbox(&self, after: u64, records_max: usize) -> BoxFuture<'_, Result<OutboxSlice, StoreError>> {
        self.store.outbox(after, records_max)
    }

    fn traces(&self, after: u64, entries_max: usize) -> BoxFuture<'_, Result<Vec<TraceRow>, StoreError>> {
        self.store.traces(after, entries_max)
    }

    fn note(&self, marks: SyncMarks) {
        self.store.note(marks);
    }

    fn marks(&self) -> SyncMarks {
        self.store.marks()
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.flush()
    }

    fn prune(&self) -> BoxFuture<'_, Result<usize, StoreError>> {
        self.store.prune()
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.checkpoint()
    }

    fn check_room(&self) -> Result<(), StoreError> {
        if *self.is_tight.lock().unwrap() {
            return Err(StoreError::Full("1 MiB is free".to_owned()));
        }
        self.store.check_room()
    }

    fn next_place(&self) -> Place {
        self.store.next_place()
    }

    fn figures(&self) -> StoreFigures {
        self.store.figures()
    }
}

/// A loop that is stepped by hand.
struct Bench {
    fixture: Fixture,
    store: Arc<Watchful>,
    floor: FloorLoop<StoreCatalogue>,
    happenings: broadcast::Receiver<Happening>,
    view: watch::Receiver<Arc<View>>,
    presence: watch::Receiver<Presence>,
    set_up: Arc<NotedSetUp>,
}

mod portals;
mod set_up;
mod tags;

use super::notices::Told;
use crate::seams::EnrolTrouble;

const BOLT: &str = "4006381333931";
const NUT: &str = "4012345678901";

impl Bench {
    async fn new(fixture: Fixture, session: Session) -> Self {
        let calendar = Calendar::in_zone(RuntimeClock::start(), jiff::tz::TimeZone::UTC);
        let happenings = broadcast::Sender::new(64);
        let store = Arc::new(Watchful {
            store: Arc::clone(&fixture.store),
            fault: Mutex::default(),
            commits: Mutex::default(),
            happenings: happenings.clone(),
            shown_before: Mutex::default(),
            is_tight: Mutex::default(),
            hangs: Mutex::default(),
        });
        let view = watch::Sender::new(Arc::new(first_view(Language::English)));
        let presence = watch::Sender::new(Presence::default());
        let rules = watch::Sender::new(Arc::new(Rules::new(calendar.today())));
        let (sounds, _) = mpsc::channel(1);
        let (path, world_rules) = (fixture.path(), Arc::clone(&rules.borrow()));
        let open: OpenWorld<StoreCatalogue> = Box::new(move |site, next| {
            StoreCatalogue::open(&path, site, Language::English, Arc::clone(&world_rules), next)
                .map_err(|error| StoreError::Unreadable(error.to_string()))
        });
        let bench_view = view.subscribe();
        let bench_presence = presence.subscribe();
        let bench_happenings = happenings.subscribe();
        let set_up = Arc::new(NotedSetUp::default());
        let outlets = Outlets {
            view,
            happenings,
            sounds,
            presence,
            at_work: watch::Sender::new(AtWork::default()),
            identity: watch::Sender::new(None),
            rules,
            language: Language::English,
            rules_are_local: false,
            labels: None,
            committed: Arc::new(Notify::new()),
            inquiries: watch::Sender::new(None),
            set_up: Arc::<NotedSetUp>::clone(&set_up),
            knows_hub: true,
        };
        let floor = FloorLoop::new(session, open, Arc::<Watchful>::clone(&store), calendar, outlets);
        Self {
            fixture,
            store,
            floor,
            happenings: bench_happenings,
            view: bench_view,
            presence: bench_presence,
            set_up,
        }
    }

    /// An enrolled device with a receipt of 3 bolts and 2 nuts.
    async fn enrolled() -> Self {
        let mut bench = Self::new(store_with(0).await, Session::new()).await;
        bench.floor.begin(Some(crate::store::tests::identity())).await;
        bench.hear_delta(receipt(1)).await;
        bench.settle();
        bench
    }

    async fn hear_delta(&mut self, delta: Delta) {
        let (done, answer) = oneshot::channel();
        self.floor.hear(FromHub::Delta(Box::new(delta), done)).await;
        while self.floor.is_storing() {
            self.floor.store_next_part().await;
        }
        answer.await.unwrap().unwrap();
        self.settle();
    }

    /// Takes what has happened so far.
    fn settle(&mut self) -> Vec<Happening> {
        let happened: Vec<_> = std::iter::from_fn(|| self.happenings.try_recv().ok()).collect();
        *self.store.shown_before.lock().unwrap() = self.store.happenings.len();
        happened
    }

    async fn input(&mut self, input: Input) -> Vec<Sounded> {
        self.floor
            .take(Incoming {
                at: Moment::from_us(1),
                input,
            })
            .await;
        let happened = self.settle();
        let sounds: Vec<_> = happened
            .iter()
            .filter_map(|happening| match happening {
                Happening::Sound(sounded) => Some(sounded.clone()),
                Happening::View(_) => None,
            })
            .collect();
        if let Some(first) = happened
            .iter()
            .position(|happening| matches!(happening, Happening::Sound(_)))
        {
            let views_after = happened[first..]
                .iter()
                .any(|happening| matches!(happening, Happening::View(_)));
            assert!(!views_after, "it sounded before it was shown: {happened:?}");
        }
        sounds
    }

    async fn scan(&mut self, code: &str) -> Vec<Sounded> {
        self.pull(code, None).await
    }

    async fn pull(&mut self, code: &str, pull: Option<u64>) -> Vec<Sounded> {
        self.input(self.scanned("dock", code, pull)).await
    }

    /// A code as a scanner reads it.
    fn scanned(&self, scanner: &str, code: &str, pull: Option<u64>) -> Input {
        let seen = Seen::Barcode(Barcode::plain(code));
        let rules = Rules::new(self.floor.calendar.today());
        let scanning = Scanning {
            scanner: scanner.to_owned(),
            raw: code.to_owned(),
            symbology: None,
            scan: understand(&seen, &rules),
            rfid: false,
        };
        Input::Scan {
            device: DeviceName::new(scanner),
            pull,
            scanning: Box::new(scanning),
        }
    }

    fn sentences(&self) -> Vec<String> {
        self.view
            .borrow()
            .message
            .as_ref()
            .map(|message| message.sentences.clone())
            .unwrap_or_default()
    }
}

fn receipt(revision: u32) -> Delta {
    let base = cache::task("R", "ASN-1", 0, 2);
    let mut task = TaskBody {
        kind: TaskKindBody::Receive(ReceiveBody {
            dock: "DOCK-1".to_owned(),
            over_tolerance_percent: 0,
            ..ReceiveBody::default()
        }),
        revision,
        ..base
    };
    for (line, (item, quantity)) in task.lines.iter_mut().zip([("BOLT", 3), ("NUT", 2)]) {
        line.item = Some(item.to_owned());
        line.expected_micro = Some(quantity * 1_000_000);
        line.location = None;
    }
    Delta {
        tasks: vec![task],
        items: vec![
            cache::item("BOLT", &format!("0{BOLT}")),
            cache::item("NUT", &format!("0{NUT}")),
        ],
        ..cache::delta("c1", at(1, 0))
    }
}

fn verdicts(sounds: &[Sounded]) -> Vec<&'static str> {
    sounds.iter().map(|sounded| sounded.verdict).collect()
}

#[tokio::test]
async fn every_good_sound_follows_a_commit_and_a_view() {
    let mut bench = Bench::enrolled().await;
    assert_eq!(verdicts(&bench.scan("ASN-1").await), ["go"]);
    assert_eq!(bench.store.commits(), 1, "opening a task is a promise too");
    let sounds = bench.scan(BOLT).await;
    assert_eq!((sounds[0].verdict, sounds[0].tone), ("accept", Tone::Good));
    assert_eq!(sounds[0].confirmed, [at(1, 1)]);
    assert_eq!(bench.store.commits(), 2);
    assert_eq!(verdicts(&bench.scan("GARBAGE").await), ["reject"]);
    assert_eq!(bench.store.commits(), 2, "a reject stores nothing");
    assert_eq!(bench.presence.borrow().task.as_ref().unwrap().as_str(), "R");
    // The reject waits for the next commit to be traced.
    assert_eq!(bench.fixture.store.figures().trace_last, 2);
    bench.scan(NUT).await;
    let traced = bench.fixture.store.traces(0, 10).await.unwrap();
    let mut replay = Replay::default();
    let words: Vec<_> = traced
        .iter()
        .map(|row| replay.play(&row.input).unwrap())
        .inspect(|replayed| assert_eq!(replayed.sameness, Sameness::Same))
        .map(|replayed| word_of(&replayed.step.verdict))
        .collect();
    assert_eq!(words, ["go", "accept", "reject", "accept"]);
}

#[tokio::test]
async fn a_worker_who_is_refused_without_end_fills_no_memory_and_the_newest_steps_stay_replayable() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    for _ in 0..600 {
        bench.scan("GARBAGE").await;
    }
    bench.scan(BOLT).await;
    let traced = bench.fixture.store.traces(0, 1_000).await.unwrap();
    assert!((150..=260).contains(&traced.len()), "{}", traced.len());
    let mut replay = Replay::default();
    for row in traced.iter().skip(1) {
        assert_eq!(replay.play(&row.input).unwrap().sameness, Sameness::Same);
    }
}

#[tokio::test]
async fn a_commit_that_fails_leaves_everything_as_it_was_and_says_so() {
    for (error, told) in [
        (StoreError::Full("disk".to_owned()), "full"),
        (StoreError::Busy("locked".to_owned()), "Scan it again"),
        (StoreError::Dead("io".to_owned()), "may not have been counted"),
    ] {
        let mut bench = Bench::enrolled().await;
        bench.scan("ASN-1").await;
        let before = bench.floor.session.clone();
        bench.store.fail(error.clone());
        let sounds = bench.scan(BOLT).await;
        assert_eq!(
            (sounds.len(), sounds[0].tone, sounds[0].verdict),
            (1, Tone::Bad, "failed"),
            "{error}"
        );
        assert!(sounds[0].confirmed.is_empty());
        assert!(
            bench.sentences().join(" ").contains(told),
            "{:?}",
            bench.sentences()
        );
        assert_eq!(bench.floor.session, before);
        let health = bench.presence.borrow().store.clone();
        assert_eq!(health == StoreHealth::Full, matches!(error, StoreError::Full(_)));
        assert_ne!(health, StoreHealth::Good);

        // When there is room again the same scan counts, once.
        assert_eq!(bench.scan(BOLT).await[0].confirmed, [at(1, 1)]);
        assert_eq!(bench.presence.borrow().store, StoreHealth::Good);
        assert_eq!(bench.fixture.store.outbox(0, 10).await.unwrap().records.len(), 1);
    }
}

#[tokio::test]
async fn without_room_for_a_task_none_is_begun_and_the_open_one_goes_on() {
    let mut bench = Bench::enrolled().await;
    *bench.store.is_tight.lock().unwrap() = true;
    assert_eq!(verdicts(&bench.scan("ASN-1").await), ["reject"]);
    assert!(
        bench.sentences().join(" ").contains("no task is begun"),
        "{:?}",
        bench.sentences()
    );
    assert_eq!((bench.floor.session.task(), bench.store.commits()), (None, 0));
    // Everything that was counted is safe: this is no failure of the store.
    assert_eq!(bench.presence.borrow().store, StoreHealth::Good);

    *bench.store.is_tight.lock().unwrap() = false;
    assert_eq!(verdicts(&bench.scan("ASN-1").await), ["go"]);
    *bench.store.is_tight.lock().unwrap() = true;
    assert_eq!(bench.scan(BOLT).await[0].confirmed, [at(1, 1)]);
}

#[tokio::test]
async fn a_journal_that_moved_under_a_step_is_judged_again() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    // Behind the loop's back, as never happens while the loop is the only one to write.
    bench
        .fixture
        .store
        .begin_epoch(2, at(1, 0), HubStory::default())
        .await
        .unwrap();
    assert_eq!(bench.scan(BOLT).await[0].confirmed, [at(2, 1)]);
}

#[tokio::test]
async fn later_reads_of_a_pull_improve_a_reject_and_nothing_else() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    // A carton with a label nobody knows beside the one that counts.
    assert_eq!(verdicts(&bench.pull("GARBAGE", Some(1)).await), ["reject"]);
    let sounds = bench.pull(BOLT, Some(1)).await;
    assert_eq!(verdicts(&sounds), ["accept"]);
    // After the accept nothing of that pull changes or sounds.
    assert_eq!(verdicts(&bench.pull(NUT, Some(1)).await), [""; 0]);
    assert_eq!(verdicts(&bench.pull("MORE", Some(1)).await), [""; 0]);
    assert_eq!(bench.presence.borrow().late_reads, 2);
    // The next pull is judged anew. Two codes in view are a question, which the same code again does not repeat.
    assert_eq!(verdicts(&bench.pull("GARBAGE", Some(2)).await), ["reject"]);
    assert_eq!(verdicts(&bench.pull("RUBBISH", Some(2)).await), ["ask"]);
    assert_eq!(verdicts(&bench.pull("RUBBISH", Some(2)).await), [""; 0]);
    assert_eq!(bench.fixture.store.outbox(0, 10).await.unwrap().records.len(), 1);
}

#[tokio::test]
async fn what_happens_between_two_reads_of_a_pull_is_not_taken_back_by_the_second() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    assert_eq!(verdicts(&bench.pull("GARBAGE", Some(1)).await), ["reject"]);
    // Another scanner counts a piece in between.
    let elsewhere = bench.scanned("other", BOLT, Some(1));
    assert_eq!(bench.input(elsewhere).await[0].confirmed, [at(1, 1)]);
    // The later read counts by itself, on top of that.
    assert_eq!(bench.pull(NUT, Some(1)).await[0].confirmed, [at(1, 2)]);
    assert_eq!(bench.fixture.store.outbox(0, 10).await.unwrap().records.len(), 2);
    // What was accepted stays so: a late read of either pull does nothing.
    assert_eq!(verdicts(&bench.pull("MORE", Some(1)).await), [""; 0]);
    assert_eq!(bench.presence.borrow().late_reads, 1);
}

#[tokio::test]
async fn a_dropped_repetition_is_shown_and_sounded_and_changes_nothing() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    bench.scan(BOLT).await;
    let before = (bench.floor.session.clone(), bench.store.commits());
    for _ in 0..3 {
        let sounds = bench
            .input(Input::Repeated {
                device: DeviceName::new("dock"),
            })
            .await;
        assert_eq!(verdicts(&sounds), ["repeated"]);
    }
    let sentences = bench.sentences();
    assert_eq!(
        sentences
            .iter()
            .filter(|sentence| sentence.contains("twice at once"))
            .count(),
        1,
        "{sentences:?}"
    );
    assert_eq!((bench.floor.session.clone(), bench.store.commits()), before);
}

#[tokio::test]
async fn a_battery_that_is_nearly_empty_is_told_when_nothing_is_half_done() {
    let mut bench = Bench::enrolled().await;
    let asks = |bench: &Bench| {
        let sentences = bench.sentences();
        sentences.iter().any(|sentence| sentence.contains("battery"))
    };
    let sounds = bench.input(Input::BatteryLow(true)).await;
    assert_eq!(verdicts(&sounds), ["battery"]);
    assert!(asks(&bench), "nothing is begun, so it is told at once");
    assert_eq!(
        verdicts(&bench.scan("ASN-1").await),
        ["go"],
        "no sound but its own"
    );
    assert!(
        asks(&bench),
        "with the next answer, as long as nothing is in hand"
    );
    bench.scan(BOLT).await;
    assert!(!asks(&bench), "in the middle of a line");
    let before = (bench.floor.session.clone(), bench.store.commits());
    assert!(bench.input(Input::BatteryLow(true)).await.is_empty());
    assert!(!asks(&bench), "it waits");
    assert_eq!(
        (bench.floor.session.clone(), bench.store.commits()),
        before,
        "nothing of the work changes"
    );
    bench.input(Input::BatteryLow(false)).await;
    bench.input(Input::Key(Key::Escape)).await;
    bench.input(Input::Key(Key::Escape)).await;
    assert!(!asks(&bench), "it was changed");
}

#[tokio::test]
async fn a_restart_shows_what_was_shown() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    bench.scan(BOLT).await;
    let shown = Arc::clone(&bench.view.borrow());
    let Bench {
        fixture,
        floor,
        store,
        happenings,
        ..
    } = bench;
    drop((floor, store, happenings));
    let (fixture, opened) = fixture.reopen_after(|_| ());
    let session = Session::from_saved(&opened.session.unwrap()).unwrap();
    let mut again = Bench::new(fixture, session).await;
    again.floor.begin(opened.identity).await;
    assert_eq!(
        (&again.view.borrow().title, again.view.borrow().done_of),
        (&shown.title, shown.done_of)
    );
    assert_eq!(again.view.borrow().lines, shown.lines);
    again.settle();
    assert_eq!(again.scan(BOLT).await[0].confirmed, [at(1, 2)]);
}

#[tokio::test]
async fn an_open_question_is_saved_when_the_program_ends_in_order() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    let commits = bench.store.commits();
    assert_eq!(verdicts(&bench.input(Input::Key(Key::Done)).await), ["ask"]);
    assert_eq!(bench.store.commits(), commits, "a question promises nothing");
    let asked = bench.floor.session.clone();
    bench.floor.save().await;
    let (_, opened) = {
        let Bench {
            fixture,
            floor,
            store,
            happenings,
            ..
        } = bench;
        drop((floor, store, happenings));
        fixture.reopen_after(|_| ())
    };
    assert_eq!(opened.session.unwrap(), asked.to_saved());
}

#[tokio::test]
async fn the_hub_withdrawing_the_open_task_is_told_at_once() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    bench
        .hear_delta(Delta {
            removed_tasks: vec!["R".to_owned()],
            ..cache::delta("c2", at(1, 0))
        })
        .await;
    assert_eq!(bench.floor.session.task(), None, "{:?}", bench.view.borrow());
    // And a change of another revision keeps the worker on it.
    bench.hear_delta(receipt(2)).await;
    bench.scan("ASN-1").await;
    bench.hear_delta(receipt(3)).await;
    assert_eq!(bench.scan(BOLT).await[0].verdict, "accept");
    let progress = bench.floor.world.as_ref().unwrap().progress(&TaskId::new("R"));
    assert_eq!(progress.line(LineNumber(1)).quantity.as_whole(), Some(1));
}

#[tokio::test]
async fn before_enrolment_a_scan_is_refused_with_what_to_do() {
    let mut bench = Bench::new(unenrolled_store(), Session::new()).await;
    bench.floor.begin(None).await;
    assert!(bench.sentences().join(" ").contains("page Devices"));
    bench.settle();
    assert_eq!(verdicts(&bench.scan(BOLT).await), ["reject"]);
    let (done, answer) = oneshot::channel();
    bench
        .floor
        .hear(FromHub::Enrolled(crate::store::tests::identity(), done))
        .await;
    answer.await.unwrap().unwrap();
    bench.hear_delta(receipt(1)).await;
    assert_eq!(verdicts(&bench.scan("ASN-1").await), ["go"]);
}

#[tokio::test]
async fn inputs_go_before_the_parts_of_a_large_delta() {
    let mut bench = Bench::enrolled().await;
    bench.scan("ASN-1").await;
    let large = Delta {
        tasks: (0..60)
            .map(|n| cache::task(&format!("T{n}"), &format!("SO-{n}"), 0, 40))
            .collect(),
        locations: (0..1_000).map(|n| format!("L-{n}")).collect(),
        ..cache::delta("c2", at(1, 0))
    };
    let (done, mut answer) = oneshot::channel();
    bench.floor.hear(FromHub::Delta(Box::new(large), done)).await;
    let mut parts = 0;
    while bench.floor.is_storing() {
        assert!(
            answer.try_recv().is_err(),
            "it is answered when it is stored, not before"
        );
        bench.floor.store_next_part().await;
        parts += 1;
        if parts == 2 {
            bench.settle();
            assert_eq!(verdicts(&bench.scan(BOLT).await), ["accept"]);
        }
    }
    assert!(parts > 5, "{parts} parts");
    answer.await.unwrap().unwrap();
    assert!(
        bench
            .floor
            .world
            .as_ref()
            .unwrap()
            .find_reference("SO-59")
            .is_some()
    );
}

#[tokio::test]
async fn every_notice_is_told_in_every_language_and_says_what_to_do() {
    for notice in [
        Notice::SetUp(Told::Wanted),
        Notice::SetUp(Told::Taken),
        Notice::SetUp(Told::Damaged),
        Notice::SetUp(Told::Newer),
        Notice::SetUp(Told::OtherHub),
        Notice::SetUp(Told::NotKept),
        Notice::SetUp(Told::AlreadySetUp),
        Notice::SetUp(Told::Trouble(EnrolTrouble::Awaits)),
        Notice::SetUp(Told::Trouble(EnrolTrouble::CodeRefused)),
        Notice::SetUp(Told::Trouble(EnrolTrouble::WrongHub)),
        Notice::SetUp(Told::Trouble(EnrolTrouble::OutOfReach)),
        Notice::Full,
        Notice::NoRoom,
        Notice::Failed,
        Notice::Unreadable,
        Notice::Busy,
        Notice::Mistake,
    ] {
        let mut told = std::collections::BTreeSet::new();
        for language in Language::ALL {
            let view = notice.view(language);
            let message = view.message.unwrap();
            assert_eq!(message.sentences.len(), 2);
            assert!(
                message
                    .sentences
                    .iter()
                    .all(|sentence| sentence.ends_with(['.', '。'])),
                "{message:?}"
            );
            assert!(
                told.insert((view.title, message.sentences)),
                "{notice:?} is not translated to {language:?}"
            );
        }
    }
}

/// The receipt with who holds it and what is in doubt.
fn claimed(cursor: &str, device: &str, fence: u64, in_doubt: &[u32]) -> Delta {
    let mut delta = receipt(1);
    let now: jiff::Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
    for task in &mut delta.tasks {
        task.claim = Some(ClaimBody {
            device: device.to_owned(),
            device_name: "Handheld 2".to_owned(),
            worker: Some("BOB".to_owned()),
            fence,
            until: now + jiff::SignedDuration::from_mins(15),
            heard: now - jiff::SignedDuration::from_mins(14),
            ahead: false,
            lease_ms: 900_000,
        });
        task.doubts = vec![DoubtBody {
            device: "other".to_owned(),
            device_name: "Handheld 2".to_owned(),
            worker: None,
            lines: in_doubt.to_vec(),
        }];
    }
    delta.cursor = cursor.to_owned();
    delta.server_time = now;
    delta
}

#[tokio::test]
async fn a_task_of_somebody_else_is_asked_about_and_goes_on_without_a_lease() {
    let mut bench = Bench::enrolled().await;
    bench.hear_delta(claimed("c2", "other", 4, &[])).await;
    let label = bench.view.borrow().question.as_ref().unwrap().choices[0]
        .label
        .clone();
    assert!(label.ends_with("Handheld 2 (BOB)"), "{label}");
    assert_eq!(verdicts(&bench.scan("ASN-1").await), ["ask"]);
    let prompt = bench.view.borrow().question.as_ref().unwrap().prompt.clone();
    assert!(prompt.contains("for 14 min. Take it over?"), "{prompt}");
    assert_eq!(
        verdicts(&bench.input(Input::Key(Key::Enter)).await),
        ["go"],
        "the worker takes it over"
    );
    let at_work = bench.floor.outlets.at_work.borrow().clone();
    assert!(at_work.take_over && at_work.task.is_some());
    bench.scan(BOLT).await;
    // The hub has given the lease, and it came with the figures it is about.
    bench.hear_delta(claimed("c3", "dev-7", 5, &[2])).await;
    bench.scan(BOLT).await;
    assert_eq!(
        verdicts(&bench.scan(NUT).await),
        ["ask"],
        "the second line may be done"
    );
    bench.input(Input::Key(Key::Digit(2))).await;
    let records = bench.fixture.store.outbox(0, 10).await.unwrap().records;
    let bodies: Vec<ConfirmationBody> = records
        .iter()
        .map(|record| serde_json::from_str(&record.body).unwrap())
        .collect();
    let told: Vec<(&str, Option<u64>)> = bodies
        .iter()
        .map(|body| (body.act.as_str(), body.fence))
        .collect();
    assert_eq!(
        told,
        [
            ("received", None),
            ("received", Some(5)),
            ("line_closed", Some(5))
        ]
    );
    assert_eq!(bodies[2].exception.as_ref().unwrap().code, "elsewhere");
}

/// The watchdog is fed by what comes back: a loop that cannot commit because its writer hangs must not look alive.
#[tokio::test]
async fn a_ping_comes_back_only_while_the_writer_goes_round() {
    let mut bench = Bench::enrolled().await;
    let ping = crate::seams::Ping::default();
    assert!(bench.input(Input::Ping(ping.clone())).await.is_empty());
    ping.answered().await;

    *bench.store.hangs.lock().unwrap() = true;
    let ping = crate::seams::Ping::default();
    let incoming = Incoming {
        at: Moment::from_us(1),
        input: Input::Ping(ping.clone()),
    };
    tokio::select! {
        biased;
        () = bench.floor.take(incoming) => panic!("the loop went on without its writer"),
        () = ping.answered() => panic!("the ping was answered"),
        () = tokio::task::yield_now() => {}
    }
}
