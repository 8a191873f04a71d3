//! Every fault of a reader against the driver's own link, in memory and virtual time: the link goes on by itself, or says what is
//! wrong, and tags come again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tallyman_codes::{DeviceName, EpcBytes};
use tallyman_drivers::link::{DeviceHandle, Opener as _, Report, Surroundings, TokioClock, supervise_with};
use tallyman_drivers::llrp::numbers::message as m;
use tallyman_drivers::{Output, driver};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Tags;
use crate::reader::llrp::{Fault, LlrpPlan, LlrpReader, Maker, NetworkReader, ReaderClock};

/// Tags before the antennas.
const TAGS: u32 = 12;
/// What is waited for comes within this virtual time, or never.
const NEVER: Duration = Duration::from_secs(600);

/// A device's life, and what it told.
pub(super) struct Rig {
    pub(super) handle: DeviceHandle,
    reports: mpsc::Receiver<Report>,
    notices: BTreeSet<String>,
    read: BTreeSet<EpcBytes>,
    /// Windows with sightings.
    windows: u64,
    reads: u64,
    pub(super) inputs: Vec<(u16, bool)>,
    cancel: CancellationToken,
}

impl Rig {
    /// Leads a device's life through this link, looking for tags from the start.
    pub(super) fn begin(opener: Box<dyn tallyman_drivers::link::Opener>) -> Self {
        let (sender, reports) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        // A reader that refuses settings is to have some to refuse.
        let settings = [
            ("autostart", "on"),
            ("keepalive_ms", "1000"),
            ("power_centi_dbm", "2500"),
        ];
        let make = move |_: &[(&'static str, String)]| {
            let decoder = driver("llrp").unwrap().decoder(settings);
            decoder.map_err(|error| error.to_string())
        };
        let (handle, life) = supervise_with(
            DeviceName::new("portal"),
            Box::new(make),
            opener,
            Surroundings {
                reports: sender,
                clock: Arc::new(TokioClock::start()),
                entropy: Box::new(|| 100),
                cancel: cancel.clone(),
            },
        );
        tokio::spawn(life);
        Self {
            handle,
            reports,
            notices: BTreeSet::new(),
            read: BTreeSet::new(),
            windows: 0,
            reads: 0,
            inputs: Vec::new(),
            cancel,
        }
    }

    fn hear(&mut self, report: Report) {
        match report.output {
            Output::Notice { code, .. } => drop(self.notices.insert(code.into_owned())),
            Output::Sightings(window) => {
                self.windows += 1;
                for sighting in window.sightings {
                    self.reads += u64::from(sighting.reads);
                    self.read.insert(sighting.epc);
                }
            }
            Output::Input { port, high } => self.inputs.push((port, high)),
            _ => {}
        }
    }

    /// Waits until it is so.
    pub(super) async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let mut state = self.handle.state.clone();
        let wait = async {
            while !is_so(self) {
                tokio::select! {
                    report = self.reports.recv() => self.hear(report.expect("the device lives")),
                    changed = state.changed() => changed.expect("the device lives"),
                }
            }
        };
        if tokio::time::timeout(NEVER, wait).await.is_err() {
            let state = self.handle.state.borrow().clone();
            panic!(
                "{what}: never; {:?}, notices {:?}",
                state.last_error, self.notices
            );
        }
    }

    /// Waits until tags come that were told from now on: those of two windows that begin later.
    pub(super) async fn until_read(&mut self, what: &str) {
        let windows = self.windows;
        self.until(what, |rig| rig.windows > windows + 2).await;
    }

    pub(super) fn has_all(&self, tags: u32) -> bool {
        (0..tags).all(|number| self.read.contains(&Tags::epc(number)))
    }

    fn says(&self, text: &str) -> bool {
        let state = self.handle.state.borrow();
        let error = state.last_error.as_deref().unwrap_or("");
        error.contains(text) || self.notices.contains(text)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    /// Before the agent connects.
    Before,
    /// While tags come.
    AtWork,
}
use When::{AtWork, Before};

/// How the agent's side gets over it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    /// The connection stands and tags come on.
    GoesOn,
    /// It connects anew by itself.
    ConnectsAnew,
    /// It says what is wrong for as long as it is so, and connects anew.
    Waits,
}
use Then::{ConnectsAnew, GoesOn, Waits};

/// The fault, when, what the agent's side says (a notice's code or words of why the link was lost), and what then.
const FAULTS: &[(Fault, When, &str, Then)] = &[
    (Fault::HangsUpInReport, AtWork, "hung up", ConnectsAnew),
    (
        Fault::FallsSilentInReport,
        AtWork,
        "stopped its keep-alives",
        ConnectsAnew,
    ),
    (Fault::HugeReport, AtWork, "", GoesOn),
    (Fault::LyingMessage(7), AtWork, "no LLRP", ConnectsAnew),
    (Fault::LyingMessage(-7), AtWork, "no LLRP", ConnectsAnew),
    (Fault::LyingMessage(100_000_000), AtWork, "no LLRP", ConnectsAnew),
    (Fault::LyingParameter, AtWork, "", GoesOn),
    (Fault::Garbage, AtWork, "no LLRP", ConnectsAnew),
    (Fault::GreetsTwice, Before, "reader_ready", GoesOn),
    (Fault::NeverGreets, Before, "no_greeting", Waits),
    (Fault::KeepsOldSpecs, Before, "old_specs_left", GoesOn),
    (Fault::KeepsOldSpecs, Before, "foreign_reports", GoesOn),
    (
        Fault::NoKeepalives,
        AtWork,
        "stopped its keep-alives",
        ConnectsAnew,
    ),
    (
        Fault::NeverAnswers(m::GET_READER_CAPABILITIES),
        Before,
        "no_answer",
        Waits,
    ),
    (Fault::NeverAnswers(m::DELETE_ROSPEC), Before, "no_answer", Waits),
    (
        Fault::NeverAnswers(m::SET_READER_CONFIG),
        Before,
        "no_answer",
        Waits,
    ),
    (Fault::NeverAnswers(m::START_ROSPEC), Before, "no_answer", Waits),
    (Fault::RefusesSettings, Before, "settings_refused", GoesOn),
];

fn plan(seed: u64) -> LlrpPlan {
    LlrpPlan {
        seed,
        maker: [Maker::Another, Maker::Impinj][seed as usize % 2],
        mixes_order: seed.is_multiple_of(3),
        in_pieces: seed % 2 == 1,
        ..LlrpPlan::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_agents_side_gets_over_every_fault_or_says_what_is_wrong() {
    for (seed, (fault, when, says, then)) in FAULTS.iter().enumerate() {
        let place = format!("{fault:?}, {says}");
        let (reader, pipes) = NetworkReader::in_memory(plan(seed as u64), Tags(TAGS));
        if *fault == Fault::KeepsOldSpecs {
            reader.touch(|reader, at| reader.leave_behind(1, at));
        }
        if *when == Before {
            reader.suffer(*fault);
        }
        let mut rig = Rig::begin(Box::new(pipes));
        let clients = if *when == AtWork {
            rig.until(&place, |rig| rig.has_all(TAGS)).await;
            reader.suffer(*fault);
            1
        } else {
            0
        };
        if !says.is_empty() {
            rig.until(&place, |rig| rig.says(says)).await;
        }
        if *fault == Fault::HugeReport {
            let is_huge = |rig: &Rig| rig.handle.state.borrow().bytes > 4 * 1024 * 1024;
            rig.until(&place, is_huge).await;
        }
        if *then == Waits {
            reader.recover();
        }
        match then {
            GoesOn => rig.until_read(&place).await,
            ConnectsAnew | Waits => {
                rig.until(&place, |_| reader.state().clients > clients).await;
                rig.until_read(&place).await;
                assert!(reader.state().clients > 1, "{place}");
            }
        }
        rig.until(&place, |rig| rig.has_all(TAGS)).await;
        let state = rig.handle.state.borrow().clone();
        assert_eq!(state.panics, 0, "{place}");
        assert_eq!(rig.read.len(), TAGS as usize, "{place}: tags that do not exist");
        if *then == GoesOn {
            assert_eq!(reader.state().clients, 1, "{place}: {:?}", state.last_error);
        }
        if *fault == Fault::LyingParameter {
            assert!(state.garbage_bytes > 0, "{place}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn readers_of_every_kind_are_read_and_what_is_odd_about_them_is_said() {
    let table = [
        (LlrpPlan::default(), ""),
        (
            LlrpPlan {
                clock: ReaderClock::Utc(86_400_000_000),
                ..LlrpPlan::default()
            },
            "reader_clock",
        ),
        (
            LlrpPlan {
                clock: ReaderClock::Uptime,
                ..LlrpPlan::default()
            },
            "",
        ),
        (
            LlrpPlan {
                maker: Maker::SaysImpinj,
                ..LlrpPlan::default()
            },
            "extensions_refused",
        ),
        (
            LlrpPlan {
                inputs: 0,
                outputs: 0,
                filters: 0,
                antennas: 4,
                ..LlrpPlan::default()
            },
            "",
        ),
        (
            LlrpPlan {
                in_pieces: true,
                mixes_order: true,
                maker: Maker::Impinj,
                ..LlrpPlan::default()
            },
            "",
        ),
    ];
    for (plan, says) in table {
        let place = format!("{plan:?}");
        let (reader, pipes) = NetworkReader::in_memory(plan, Tags(TAGS));
        let mut rig = Rig::begin(Box::new(pipes));
        rig.until(&place, |rig| rig.has_all(TAGS)).await;
        assert!(says.is_empty() || rig.says(says), "{place}: {:?}", rig.notices);
        assert_eq!(rig.read.len(), TAGS as usize, "{place}");
        assert_eq!(rig.handle.state.borrow().garbage_bytes, 0, "{place}");
        assert_eq!(reader.state().clients, 1, "{place}");
    }
}

/// A reader that another program has says so, and is taken when that one goes. Then another tries while we have it.
#[tokio::test(start_paused = true)]
async fn a_reader_in_use_is_waited_for_and_a_second_program_is_told() {
    let (reader, mut pipes) = NetworkReader::in_memory(LlrpPlan::default(), Tags(TAGS));
    let another = pipes.open().await.unwrap();
    let mut state = reader.watch();
    state.wait_for(|state| state.is_connected).await.unwrap();
    let mut rig = Rig::begin(Box::new(pipes.clone()));
    rig.until("in use", |rig| rig.says("reader_in_use")).await;
    assert!(rig.read.is_empty());
    drop(another);
    rig.until("free", |rig| rig.has_all(TAGS)).await;
    let refused = reader.state().refused;
    let _third = pipes.open().await.unwrap();
    state.wait_for(|state| state.refused > refused).await.unwrap();
    rig.until("a second program", |rig| rig.says("second_program"))
        .await;
    rig.until_read("ours goes on").await;
    assert_eq!(reader.state().clients, 2);
}

/// A crashed agent's place is held by the reader for a while: the next connection is refused, and one of those after it is taken.
#[tokio::test(start_paused = true)]
async fn a_reader_that_holds_the_place_of_a_client_that_is_gone_is_asked_until_it_gives_in() {
    let (reader, pipes) = NetworkReader::in_memory(LlrpPlan::default(), Tags(TAGS));
    let mut rig = Rig::begin(Box::new(pipes));
    rig.until("at work", |rig| rig.has_all(TAGS)).await;
    reader.suffer(Fault::HoldsItsPlace(8_000));
    rig.handle.reopen.notify_one();
    rig.until("held", |rig| rig.says("reader_in_use")).await;
    rig.until("given", |_| reader.state().clients == 2).await;
    rig.until_read("again").await;
    assert!(reader.state().refused > 0);
}

/// The reader's power fails while it looks for tags: it has forgotten everything, and is set up again.
#[tokio::test(start_paused = true)]
async fn a_reader_that_restarts_is_set_up_again() {
    let (reader, pipes) = NetworkReader::in_memory(LlrpPlan::default(), Tags(TAGS));
    let mut rig = Rig::begin(Box::new(pipes));
    for round in 1..4 {
        rig.until("at work", |rig| rig.has_all(TAGS)).await;
        rig.until("connected", |_| reader.state().is_looking).await;
        reader.touch(LlrpReader::restart);
        rig.until("anew", |_| reader.state().clients > round).await;
        rig.until_read("again").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_photo_eye_is_heard_and_a_lamp_is_lit() {
    let (reader, pipes) = NetworkReader::in_memory(LlrpPlan::default(), Tags(TAGS));
    reader.set_input(2, true);
    let mut rig = Rig::begin(Box::new(pipes));
    rig.until("ready", |rig| rig.says("reader_ready")).await;
    rig.until("levels", |rig| rig.inputs.len() == 4).await;
    assert_eq!(rig.inputs, [(1, false), (2, true), (3, false), (4, false)]);
    reader.set_input(3, true);
    rig.until("the eye", |rig| rig.inputs.last() == Some(&(3, true)))
        .await;
    let lamp = tallyman_drivers::Command::SetOutput { port: 1, high: true };
    rig.handle.commands.send(lamp).await.unwrap();
    let mut state = reader.watch();
    let lit = state.wait_for(|state| state.outputs.first() == Some(&true));
    tokio::time::timeout(NEVER, lit).await.unwrap().unwrap();
}
