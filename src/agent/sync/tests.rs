//! Sync as it runs, against a hub that fails in every way: nothing is lost, nothing is doubled, all of it arrives.

use std::sync::Arc;

use tallyman_floor::InquiryAnswer;
use tallyman_floor::wire::v1::{ConfirmationBody, Delta};
use tallyman_platform::entropy::SeededEntropy;
use tokio::task::JoinHandle;

use crate::seams::neighbours::Heard;
use crate::seams::{Fault, Place};
use crate::store::tests::{Fixture, at, picked, store_with};
use crate::testing::{FakeHub, Mishap, RuntimeClock};

use super::*;

mod access;
mod claims;
mod inquiries;
mod neighbours;
mod numbers;
mod pictures;

struct Silent;

impl Reporter for Silent {
    fn heartbeat(&self, waiting: u64) -> Heartbeat {
        Heartbeat {
            version: "test".to_owned(),
            waiting,
            worker: None,
            task: None,
            scanners: Vec::new(),
            ..Heartbeat::default()
        }
    }
}

/// A device whose floor loop does what it is told and nothing else.
struct Device {
    fixture: Arc<Fixture>,
    committed: Arc<Notify>,
    link: watch::Receiver<LinkStatus>,
    deltas: mpsc::Receiver<Delta>,
    work: watch::Sender<AtWork>,
    inquiries: watch::Sender<Option<Inquiry>>,
    told: mpsc::Receiver<InquiryAnswer>,
    cancel: CancellationToken,
    tasks: [JoinHandle<()>; 2],
}

impl Device {
    async fn start(hub: &Arc<FakeHub>, fixture: Arc<Fixture>, code: Option<&str>, seed: u64) -> Self {
        let has_key = fixture.store.next_place().seq > 0;
        Self::start_with(hub, fixture, code, seed, has_key).await
    }

    async fn start_without_key(
        hub: &Arc<FakeHub>,
        fixture: Arc<Fixture>,
        code: Option<&str>,
        seed: u64,
    ) -> Self {
        Self::start_with(hub, fixture, code, seed, false).await
    }

    async fn start_with(
        hub: &Arc<FakeHub>,
        fixture: Arc<Fixture>,
        code: Option<&str>,
        seed: u64,
        has_key: bool,
    ) -> Self {
        let clock = RuntimeClock::start();
        let link = Link::new(Moment::from_us(clock.now().us));
        let (floor, news) = mpsc::channel(4);
        let (deltas_in, deltas) = mpsc::channel(64);
        let known = (fixture.store.next_place().seq > 0).then(crate::store::tests::identity);
        let (identity_in, identity) = watch::channel(known.map(|known| Identity {
            epoch: fixture.store.next_place().epoch,
            ..known
        }));
        let committed = Arc::new(Notify::new());
        let work = watch::Sender::new(AtWork::default());
        let inquiries = watch::Sender::new(None);
        let (told_in, told) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let surroundings = Surroundings {
            options: SyncOptions {
                name: "test".to_owned(),
                enrolment_code: code.map(str::to_owned),
                heartbeat_ms: 60_000,
                wait_ms: 25_000,
                poll_ms: 5_000,
                ahead: None,
                numbers: hub.has_numbers().then_some(NumberOptions { below: 5, count: 10 }),
            },
            store: Arc::<crate::store::SqliteStore>::clone(&fixture.store),
            numbers: Arc::<crate::store::SqliteStore>::clone(&fixture.store),
            transport: Arc::<FakeHub>::clone(hub),
            access: Access::new(
                Arc::<FakeHub>::clone(hub),
                Arc::clone(&clock),
                Arc::new(crate::testing::MemoryKeys::new(has_key)),
            ),
            set_up: Arc::new(crate::testing::NotedSetUp::default()),
            clock,
            reporter: Arc::new(Silent),
            floor,
            identity,
            link: link.clone(),
            cancel: cancel.clone(),
            committed: Arc::clone(&committed),
            upload_wake: Arc::new(Notify::new()),
            download_wake: Arc::new(Notify::new()),
            claims_wake: Arc::new(Notify::new()),
            numbers_wake: Arc::new(Notify::new()),
            neighbours_wake: Arc::new(Notify::new()),
            pictures_wake: Arc::new(Notify::new()),
            rounds: watch::Sender::new(0),
            pictures: hub.shelf(),
            neighbours: hub.portals.seat(),
            work: work.subscribe(),
            inquiries: inquiries.subscribe(),
        };
        let mut seeds = SeededEntropy::new(seed);
        let chance = move || Box::new(SeededEntropy::new(seeds.u64())) as Box<dyn Entropy>;
        let floor = floor_loop(
            Arc::clone(hub),
            Arc::clone(&fixture),
            news,
            (deltas_in, told_in),
            identity_in,
            cancel.clone(),
        );
        let tasks = [tokio::spawn(floor), tokio::spawn(run(surroundings, None, chance))];
        Self {
            fixture,
            committed,
            link: link.subscribe(),
            deltas,
            work,
            inquiries,
            told,
            cancel,
            tasks,
        }
    }

    fn works_on(&self, worker: Option<&str>, task: Option<&str>) {
        self.work.send_replace(AtWork {
            worker: worker.map(tallyman_floor::WorkerId::from),
            task: task.map(tallyman_floor::TaskId::from),
            take_over: false,
        });
    }

    async fn pick(&self, quantity: i64) -> Place {
        let places = self.fixture.commit(vec![picked("T", 1, quantity)]).await.unwrap();
        self.committed.notify_one();
        places[0]
    }

    async fn stop(self) -> Arc<Fixture> {
        self.cancel.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
        self.fixture
    }
}

async fn floor_loop(
    hub: Arc<FakeHub>,
    fixture: Arc<Fixture>,
    mut news: mpsc::Receiver<FromHub>,
    (deltas, told): (mpsc::Sender<Delta>, mpsc::Sender<InquiryAnswer>),
    identity: watch::Sender<Option<Identity>>,
    cancel: CancellationToken,
) {
    loop {
        let next = tokio::select! {
            () = cancel.cancelled() => return,
            next = news.recv() => next,
        };
        match next {
            None => return,
            Some(FromHub::Time(_) | FromHub::UpToDate(_) | FromHub::NotEnrolled(_)) => {}
            Some(FromHub::LookedAt(done)) => {
                let _ = done.send(Ok(()));
            }
            Some(FromHub::NeighboursHeard(pass, heard)) => {
                hub.portals.change(|told| told.heard.push((pass, heard)));
            }
            Some(FromHub::NeighbourAsks(asks)) => {
                let _ = asks.answer.send(Heard {
                    portal: asks.portal,
                    knows_all: true,
                    tags: Vec::new(),
                });
            }
            Some(FromHub::Stock(answer)) => {
                let _ = told.send(answer).await;
            }
            Some(FromHub::Enrolled(known, done)) => {
                let stored = fixture.store.enrol(known.clone()).await;
                identity.send_replace(Some(known));
                let _ = done.send(stored);
            }
            Some(FromHub::Epoch {
                epoch,
                after,
                story,
                done,
            }) => {
                let _ = done.send(fixture.store.begin_epoch(epoch, after, story).await.map(drop));
            }
            Some(FromHub::Delta(delta, done)) => {
                deltas.send(*delta).await.unwrap();
                let _ = done.send(Ok(()));
            }
        }
    }
}

fn quantities(bodies: &[String]) -> Vec<i64> {
    bodies
        .iter()
        .map(|body| {
            let body: ConfirmationBody = serde_json::from_str(body).unwrap();
            body.goods.unwrap().quantity_micro / 1_000_000
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_device_enrols_sends_what_it_has_and_hears_what_changed() {
    let hub = FakeHub::new();
    let fixture = Arc::new(crate::store::tests::unenrolled_store());
    let mut device = Device::start(&hub, fixture, Some("K7"), 7).await;
    let first = device.deltas.recv().await.unwrap();
    assert!(first.reset, "without a cursor the cache begins anew");
    for quantity in 1..=3 {
        device.pick(quantity).await;
    }
    hub.until(|hub| hub.journal(1).len() == 3 && hub.traces() >= 3)
        .await;
    assert_eq!(quantities(&hub.journal(1)), [1, 2, 3]);
    hub.put_delta(Delta {
        cursor: "c9".to_owned(),
        removed_tasks: vec!["T".to_owned()],
        ..first
    });
    assert_eq!(device.deltas.recv().await.unwrap().cursor, "c9");
    assert_eq!(device.link.borrow().state, LinkState::Online);
    let fixture = device.stop().await;
    assert_eq!(fixture.store.marks().applied, at(1, 3));
}

#[tokio::test(start_paused = true)]
async fn every_fault_ends_in_every_record_once() {
    for seed in 0..32 {
        let hub = FakeHub::new();
        let device = Device::start(&hub, Arc::new(store_with(0).await), None, seed).await;
        let mut chance = SeededEntropy::new(seed);
        let faults = [
            Mishap::Lost,
            Mishap::Swallowed,
            Mishap::Swallowed,
            Mishap::Refused(Fault::Nonsense("<html>".to_owned())),
            Mishap::Refused(Fault::Busy {
                retry_after_ms: Some(2_000),
            }),
            Mishap::Refused(crate::testing::unauthorised("unauthorized")),
            Mishap::Refused(Fault::Refused {
                status: 500,
                code: None,
                message: "oops".to_owned(),
            }),
        ];
        let count = 40;
        for quantity in 1..=count {
            device.pick(quantity).await;
            if chance.below(3) == 0 {
                let which = usize::try_from(chance.below(faults.len() as u64)).unwrap();
                hub.mishaps([faults[which].clone()]);
            }
            tokio::time::advance(std::time::Duration::from_millis(chance.below(3_000))).await;
        }
        let wanted: Vec<i64> = (1..=count).collect();
        hub.until(|hub| hub.is_calm() && hub.journal(1).len() >= wanted.len())
            .await;
        assert_eq!(quantities(&hub.journal(1)), wanted, "seed {seed}");
        device.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_restored_hub_is_refilled() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    for quantity in 1..=6 {
        device.pick(quantity).await;
    }
    hub.until(|hub| hub.journal(1).len() == 6).await;
    hub.restore(1, 2);
    device.pick(7).await;
    hub.until(|hub| hub.journal(1).len() == 7).await;
    assert_eq!(quantities(&hub.journal(1)), [1, 2, 3, 4, 5, 6, 7]);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_put_back_from_a_copy_sends_only_what_is_new() {
    let hub = FakeHub::new();
    // The copy: two records, the hub knows of none in its marks.
    let fixture = store_with(0).await;
    for quantity in 1..=2 {
        fixture.commit(vec![picked("T", 1, quantity)]).await.unwrap();
    }
    let copied = fixture.store.outbox(0, 10).await.unwrap();
    let known = copied
        .records
        .iter()
        .map(|record| (record.hash, record.body.clone()));
    // What the device did and sent after the copy was made.
    let later: Vec<_> = (3..=4)
        .map(|seq| {
            let body = serde_json::to_string(&ConfirmationBody::from(&picked("T", 1, 100 + seq))).unwrap();
            let hash = tallyman_floor::wire::chain::ChainHash::from_slice(&[u8::try_from(seq).unwrap(); 16]);
            (hash.unwrap(), body)
        })
        .collect();
    hub.pretend(1, known.chain(later).collect());
    // And what it does with the copy, before it hears from the hub.
    fixture.commit(vec![picked("T", 1, 3)]).await.unwrap();

    let device = Device::start(&hub, Arc::new(fixture), None, 7).await;
    hub.until(|hub| hub.journal(2).len() == 1).await;
    assert_eq!(quantities(&hub.journal(1)), [1, 2, 103, 104]);
    assert_eq!(quantities(&hub.journal(2)), [3]);
    assert_eq!(device.pick(5).await, at(2, 2));
    hub.until(|hub| hub.journal(2).len() == 2).await;
    assert!(
        hub.requests().contains(&"epoch because fork".to_owned()),
        "{:?}",
        hub.requests()
    );
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_put_back_from_before_its_epoch_sends_no_fact_again() {
    let hub = FakeHub::new();
    let fixture = store_with(0).await;
    for quantity in 1..=3 {
        fixture.commit(vec![picked("T", 1, quantity)]).await.unwrap();
    }
    let copy = fixture.copy();
    // The hub has another story: all three are written again in epoch 2.
    let other = tallyman_floor::wire::chain::ChainHash::START;
    hub.pretend(1, vec![(other, "null".to_owned())]);
    let device = Device::start(&hub, Arc::new(fixture), None, 7).await;
    hub.until(|hub| hub.journal(2).len() == 3).await;
    device.stop().await;

    copy.commit(vec![picked("T", 1, 4)]).await.unwrap();
    let device = Device::start(&hub, Arc::new(copy), None, 7).await;
    hub.until(|hub| !hub.journal(3).is_empty()).await;
    assert_eq!(quantities(&hub.journal(2)), [1, 2, 3]);
    assert_eq!(quantities(&hub.journal(3)), [4]);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lost_its_tail_goes_on_in_a_new_epoch() {
    let hub = FakeHub::new();
    let fixture = store_with(3).await;
    let records = fixture.store.outbox(0, 10).await.unwrap().records;
    hub.pretend(
        1,
        records
            .into_iter()
            .map(|record| (record.hash, record.body))
            .collect(),
    );
    let short = store_with(2).await;
    let device = Device::start(&hub, Arc::new(short), None, 7).await;
    hub.until(|hub| hub.requests().iter().any(|request| request.starts_with("epoch")))
        .await;
    let mut link = device.link.clone();
    link.wait_for(|link| link.epochs_begun == 1).await.unwrap();
    assert_eq!(device.pick(9).await, at(2, 1));
    hub.until(|hub| hub.journal(2).len() == 1).await;
    assert_eq!((hub.journal(1).len(), quantities(&hub.journal(2))), (3, vec![9]));
    assert!(hub.requests().contains(&"epoch because store_short".to_owned()));
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_the_hubs_loses_and_doubles_nothing() {
    let lied = |epoch, applied_seq| Mishap::Lied { epoch, applied_seq };
    // Each of these claims something of two records that no hub has. The last one is the only story that is believable
    // for a hub, and costs a new epoch in which both are written again.
    for (what, mishap, epoch) in [
        ("another epoch", lied(2, 2), 1),
        ("another epoch, and more than there is", lied(7, 99), 1),
        ("what was sent and no more", lied(1, 2), 1),
        ("more than there is", lied(1, 99), 2),
    ] {
        let hub = FakeHub::new();
        hub.mishaps([mishap]);
        let device = Device::start(&hub, Arc::new(store_with(2).await), None, 7).await;
        hub.until(|hub| hub.journal(epoch).len() == 2).await;
        device.pick(5).await;
        hub.until(|hub| hub.journal(epoch).len() == 3).await;
        let all: Vec<i64> = [1, 2]
            .iter()
            .flat_map(|epoch| quantities(&hub.journal(*epoch)))
            .collect();
        assert_eq!(all, [1, 1, 5], "{what}");
        device.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_fork_that_nobody_names_doubles_nothing_after_a_lost_receipt() {
    let hub = FakeHub::new();
    hub.mishaps([Mishap::Swallowed, Mishap::Forked]);
    let device = Device::start(&hub, Arc::new(store_with(2).await), None, 7).await;
    device.pick(5).await;
    hub.until(|hub| hub.is_calm() && (hub.journal(1).len() == 3 || !hub.journal(2).is_empty()))
        .await;
    assert_eq!(quantities(&hub.journal(2)), [0_i64; 0], "written a second time");
    assert_eq!(quantities(&hub.journal(1)), [1, 1, 5]);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_restored_hub_gets_what_it_lacks_of_earlier_epochs_too() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(3).await), None, 7).await;
    hub.until(|hub| hub.journal(1).len() == 3).await;
    // A copy of this store has sent one more: the device goes on in epoch 2.
    let other = tallyman_floor::wire::chain::ChainHash::START;
    hub.pretend(1, vec![(other, "null".to_owned())]);
    device.pick(5).await;
    hub.until(|hub| quantities(&hub.journal(2)) == [5]).await;
    // The hub starts from a backup with one record of epoch 1, and knows of no other epoch.
    hub.restore(1, 1);
    hub.restore(2, 0);
    device.pick(7).await;
    let all = |hub: &FakeHub| -> Vec<i64> {
        let epochs = (1..=4).map(|epoch| quantities(&hub.journal(epoch)));
        epochs.flatten().collect()
    };
    hub.until(|hub| all(hub).len() >= 5).await;
    assert_eq!(all(&hub), [1, 1, 1, 5, 7]);
    assert_eq!(
        hub.requests()
            .iter()
            .filter(|name| *name == "epoch because hub_restored")
            .count(),
        1
    );
    let fixture = device.stop().await;
    assert_eq!(fixture.store.marks().generation.as_deref(), Some("g2"));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lost_its_marks_and_pruned_its_records_sends_none_of_them_again() {
    let hub = FakeHub::new();
    let fixture = store_with(6).await;
    let sent = fixture.store.outbox(0, 10).await.unwrap().records;
    hub.pretend(
        1,
        sent.into_iter()
            .map(|record| (record.hash, record.body))
            .collect(),
    );
    let (fixture, _) = fixture.reopen_after(|path| {
        crate::store::tests::meddle(path, "DELETE FROM journal WHERE seq <= 3");
    });
    assert_eq!(fixture.store.marks().applied, at(1, 0));
    let device = Device::start(&hub, Arc::new(fixture), None, 7).await;
    device.pick(9).await;
    hub.until(|hub| hub.journal(1).len() == 7 || !hub.journal(2).is_empty())
        .await;
    assert_eq!(quantities(&hub.journal(2)), [0_i64; 0], "written a second time");
    assert_eq!(quantities(&hub.journal(1)), [1, 1, 1, 1, 1, 1, 9]);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_record_that_is_refused_holds_up_none_behind_it() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    hub.until(|hub| !hub.requests().is_empty()).await;
    hub.chokes_on("\"quantity_micro\":3000000");
    for quantity in 1..=6 {
        device.pick(quantity).await;
    }
    hub.until(|hub| hub.journal(1).len() == 6).await;
    let journal = hub.journal(1);
    let (text, whole): (Vec<_>, Vec<_>) = journal.into_iter().partition(|body| body.starts_with('"'));
    assert_eq!(quantities(&whole), [1, 2, 4, 5, 6]);
    let inside: String = serde_json::from_str(&text[0]).unwrap();
    assert_eq!(
        quantities(&[inside]),
        [3],
        "all of it is there, for people to read"
    );
    let fixture = device.stop().await;
    assert_eq!(fixture.store.marks().withheld, None);
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_refuses_everything_is_given_nothing_as_a_text() {
    let hub = FakeHub::new();
    let refusal = Mishap::Refused(Fault::Refused {
        status: 422,
        code: None,
        message: "a proxy's page".to_owned(),
    });
    hub.mishaps(vec![refusal; 40]);
    let device = Device::start(&hub, Arc::new(store_with(3).await), None, 7).await;
    hub.until(|hub| hub.journal(1).len() == 3).await;
    assert_eq!(quantities(&hub.journal(1)), [1, 1, 1]);
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_device_asks_for_nothing_but_its_timers() {
    let hub = FakeHub::new();
    let device = Device::start(&hub, Arc::new(store_with(0).await), None, 7).await;
    hub.until(|hub| !hub.requests().is_empty()).await;
    let before = hub.requests().len();
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let beats = hub.requests().len() - before;
    assert!((9..=11).contains(&beats), "{beats} heartbeats in ten minutes");
    device.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_code_is_told_and_not_tried_for_ever() {
    let hub = FakeHub::new();
    let fixture = Arc::new(crate::store::tests::unenrolled_store());
    let device = Device::start(&hub, fixture, Some("WRONG"), 7).await;
    let mut link = device.link.clone();
    let told = link
        .wait_for(|link| link.state == LinkState::NotEnrolled)
        .await
        .unwrap()
        .clone();
    assert!(told.last_fault.unwrap().contains("The code is not known."));
    tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
    assert_eq!(hub.requests(), ["enrol"]);
    device.stop().await;
}
