//! A running agent: what can be asked of it, and how it ends.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tallyman_codes::Moment;
use tallyman_drivers::link::{DeviceHandle, Phase, Report};
use tallyman_drivers::{Driver, OwnBeep};
use tallyman_floor::wire::v1::{ConfirmationBody, Heartbeat};
use tallyman_floor::{Key, NumberKind, SinceLogIn, View};
use tallyman_platform::disk;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calendar::Calendar;
use crate::config::{AgentConfig, ThemeName};
use crate::floor_loop::{Presence, StoreHealth};
use crate::intake::Dropped;
use crate::panel::PanelHandle;
use crate::pictures::PictureKeeper;
use crate::printing::{Label, Printing};
use crate::screen::{
    self, Battery, ItemPicture, Painter, Painting, Panel, ScannerState, Shift, StatusBar, StoreState, Target,
    Theme,
};
use crate::seams::{Console, Happening, Identity, Incoming, Input, NumberStore as _, Ping, Store};
use crate::status::{
    BatteryReport, DeviceAnswer, DeviceNotice, DeviceReport, InputNodeReport, InputReport, LinkReport,
    OutboxStatus, PicturesReport, PrinterReport, Status, StoreReport,
};
use crate::store::SqliteStore;
use crate::sync::{LinkState, LinkStatus, Reporter};

/// A device and its driver.
pub(crate) struct DeviceSeat {
    pub(crate) handle: DeviceHandle,
    pub(crate) driver: &'static Driver,
}

/// What all who look at the agent share.
pub(crate) struct Shared {
    pub(crate) config: AgentConfig,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) calendar: Calendar,
    pub(crate) devices: Vec<DeviceSeat>,
    pub(crate) dropped: Dropped,
    /// Looked at for its fill, and the way in for scanners of this process.
    pub(crate) reports: mpsc::Sender<Report>,
    pub(crate) inputs: mpsc::Sender<Incoming>,
    pub(crate) view: watch::Receiver<Arc<View>>,
    /// The picture that the view wants, where it is here.
    pub(crate) item_picture: watch::Receiver<Option<Arc<ItemPicture>>>,
    pub(crate) pictures: Option<PictureKeeper>,
    pub(crate) happenings: broadcast::Sender<Happening>,
    pub(crate) presence: watch::Receiver<Presence>,
    pub(crate) identity: watch::Receiver<Option<Identity>>,
    pub(crate) link: watch::Receiver<LinkStatus>,
    pub(crate) printing: Option<Printing>,
    pub(crate) panel: Option<PanelHandle>,
    pub(crate) input_nodes: Vec<watch::Receiver<InputNodeReport>>,
    pub(crate) battery: watch::Receiver<Option<BatteryReport>>,
    /// When somebody last touched the device or pressed a key.
    pub(crate) active: watch::Sender<Moment>,
    /// Closes every input node, so that it is opened anew.
    pub(crate) reopen: Arc<Notify>,
    /// Turns true when the agent has to start anew with what it was set up with.
    pub(crate) set_up_changed: watch::Receiver<bool>,
}

/// A running agent. Dropping it ends nothing; [`RunningAgent::shutdown`] does.
pub struct RunningAgent {
    pub(crate) shared: Arc<Shared>,
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl RunningAgent {
    pub(crate) fn new(shared: Arc<Shared>, cancel: CancellationToken, tasks: TaskTracker) -> Self {
        Self {
            shared,
            cancel,
            tasks,
        }
    }

    /// What the agent is doing.
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    /// What the screen shows.
    pub fn view(&self) -> Arc<View> {
        self.shared.view()
    }

    /// The screen as it changes.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.shared.view.clone()
    }

    /// What the screen shows, painted, as PNG.
    pub fn shot(&self) -> Vec<u8> {
        self.shared.shot()
    }

    /// Everything that is shown and sounded from now on, in its order: what is promised, shown, then sounded.
    pub fn watch(&self) -> broadcast::Receiver<Happening> {
        self.shared.watch()
    }

    /// Presses a key, as the keypad does. False where the agent is ending.
    pub async fn press(&self, key: Key) -> bool {
        self.shared.press(key).await
    }

    /// Hands in what a scanner reported, as the link of a device does: for scanners that live in this process. False
    /// where the agent is ending.
    pub async fn report(&self, report: Report) -> bool {
        self.shared.reports.send(report).await.is_ok()
    }

    /// The agent, for whoever serves a view of it elsewhere.
    pub fn console(&self) -> Arc<dyn Console> {
        Arc::<Shared>::clone(&self.shared)
    }

    /// Waits until the store takes nothing any more, and says why: the process should end and be started again.
    pub async fn store_failed(&self) -> String {
        let mut presence = self.shared.presence.clone();
        let failed = presence
            .wait_for(|_| self.shared.store.figures().dead)
            .await
            .map(|presence| match &presence.store {
                StoreHealth::Failing(reason) => reason.clone(),
                _ => "the store has failed".to_owned(),
            });
        match failed {
            Ok(reason) => reason,
            // The loop has ended, so nothing is stored and nothing can fail.
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits until a set-up was taken: the agent should end, and start anew with its configuration read again.
    pub async fn set_up_changed(&self) {
        let mut changed = self.shared.set_up_changed.clone();
        if changed.wait_for(|changed| *changed).await.is_err() {
            // The floor loop and the sync have ended, so nothing is taken any more.
            std::future::pending::<()>().await;
        }
    }

    /// Answers when what a scan passes has gone round once: the channel, the floor loop, the store's writer. Where one of
    /// them hangs it never answers.
    pub async fn goes_round(&self) {
        let ping = Ping::default();
        let incoming = Incoming {
            at: self.shared.now(),
            input: Input::Ping(ping.clone()),
        };
        if self.shared.inputs.send(incoming).await.is_err() {
            // The loop has ended, and with it the agent or its store.
            return std::future::pending().await;
        }
        ping.answered().await;
    }

    /// Ends the agent: devices, sync, floor loop, store. Everything that was promised is on disk before; marks are
    /// written and the log is copied into the file.
    pub async fn shutdown(self) {
        self.cancel.cancel();
        self.tasks.wait().await;
    }
}

impl Console for Shared {
    fn status(&self) -> Status {
        let identity = self.identity.borrow().clone();
        let presence = self.presence.borrow().clone();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: self.config.device_name(),
            device: identity.as_ref().map(|identity| identity.device.clone()),
            site: identity.as_ref().map(|identity| identity.site.clone()),
            epoch: identity.map_or(0, |identity| identity.epoch),
            worker: presence.worker.as_ref().map(ToString::to_string),
            task: presence.task.as_ref().map(ToString::to_string),
            outbox: self.outbox(&presence),
            link: self.link_report(),
            devices: self.devices.iter().map(|seat| self.device(seat)).collect(),
            inputs: InputReport {
                waiting: filled(&self.inputs) + filled(&self.reports),
                waiting_max: self.inputs.max_capacity() + self.reports.max_capacity(),
                worst_wait_us: presence.worst_wait_us,
                late_reads: presence.late_reads,
            },
            store: self.store_report(&presence),
            printer: self.printer_report(),
            pictures: self.pictures.as_ref().map(|pictures| {
                let figures = pictures.figures();
                PicturesReport {
                    count: figures.count,
                    bytes: figures.bytes,
                }
            }),
            silent_neighbours: presence.silent_neighbours.into_iter().collect(),
            panel: self.panel.as_ref().map(PanelHandle::report),
            battery: self.battery.borrow().clone(),
            input_nodes: self
                .input_nodes
                .iter()
                .map(|node| node.borrow().clone())
                .collect(),
        }
    }

    fn print_test(&self) -> bool {
        if let Some(printing) = &self.printing {
            printing.put(&Label::Test {
                name: self.config.device_name(),
            });
        }
        self.printing.is_some()
    }

    fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.borrow())
    }

    fn shot(&self) -> Vec<u8> {
        self.painting().picture.to_png()
    }

    fn status_bar(&self) -> StatusBar {
        Self::status_bar(self)
    }

    fn fields(&self) -> Vec<Target> {
        self.painting().targets
    }

    fn watch(&self) -> broadcast::Receiver<Happening> {
        self.happenings.subscribe()
    }

    fn press(&self, key: Key) -> BoxFuture<'_, bool> {
        self.active.send_replace(self.now());
        Box::pin(async move {
            let incoming = Incoming {
                at: self.now(),
                input: Input::Key(key),
            };
            self.inputs.send(incoming).await.is_ok()
        })
    }
}

impl Reporter for Shared {
    fn heartbeat(&self, waiting: u64) -> Heartbeat {
        let presence = self.presence.borrow().clone();
        Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            waiting,
            worker: presence.worker.map(|worker| worker.to_string()),
            task: presence.task.map(|task| task.to_string()),
            scanners: self
                .devices
                .iter()
                .map(|seat| scanner_line(&self.device(seat)))
                .collect(),
            battery_percent: self.battery.borrow().as_ref().and_then(|report| report.percent),
            oldest_seconds: (waiting > 0).then(|| self.oldest_seconds()).flatten(),
        }
    }

    fn screen(&self) -> Vec<u8> {
        self.shot()
    }
}

impl Shared {
    /// What the screen is painted for: the panel there is, or the size that is configured.
    fn screen_panel(&self) -> Panel {
        let screen = &self.config.screen;
        let theme = theme_of(screen.theme);
        let report = self.panel.as_ref().map(PanelHandle::report);
        match report.filter(|report| report.width > 0) {
            Some(report) => Panel::new(report.width, report.height, theme),
            None => Panel::new(screen.width, screen.height, theme),
        }
    }

    /// The screen as it is to be now, with the keys or keypad that a finger has laid over it.
    fn painting(&self) -> Painting {
        let (view, panel) = (self.view(), self.screen_panel());
        let sheet = self.panel.as_ref().map(PanelHandle::sheet).unwrap_or_default();
        let mut painter = Painter::default();
        painter.show_picture(self.item_picture.borrow().clone());
        painter.paint_sheet(&view, sheet, &self.status_bar(), &panel)
    }

    /// Opens every device, keypad and the panel anew.
    pub(crate) fn open_anew(&self) {
        for seat in &self.devices {
            seat.handle.reopen.notify_waiters();
            seat.handle.retry_now.notify_waiters();
        }
        self.reopen.notify_waiters();
        if let Some(panel) = &self.panel {
            panel.reopen();
        }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::from_us(self.calendar.clock().now().us)
    }

    fn seconds_since(&self, moment: Moment) -> u64 {
        self.now().since_us(moment) / 1_000_000
    }

    fn outbox(&self, presence: &Presence) -> OutboxStatus {
        let (marks, next) = (self.store.marks(), self.store.next_place());
        let last_seq = next.seq.saturating_sub(1);
        let waiting = last_seq.saturating_sub(marks.applied.seq);
        let oldest_seconds = if waiting > 0 { self.oldest_seconds() } else { None };
        let safe = presence.store == StoreHealth::Good;
        OutboxStatus {
            waiting,
            oldest_seconds,
            safe,
            last_seq,
            applied_seq: marks.applied.seq,
            stable_seq: marks.stable.seq,
            sentence: OutboxStatus::sentence_of(waiting, oldest_seconds, safe),
        }
    }

    /// How long the oldest confirmation has waited: by the clock that never jumps where it is of this boot, else by
    /// the wall clock, which may be wrong.
    fn oldest_seconds(&self) -> Option<u64> {
        let body: ConfirmationBody = serde_json::from_str(&self.store.oldest_waiting().ok()??).ok()?;
        let clock = self.calendar.clock();
        if body.boot == clock.boot_id() {
            return Some(self.seconds_since(Moment::from_us(body.boottime_us)));
        }
        u64::try_from(clock.wall().as_second() - body.wall.as_second()).ok()
    }

    fn link_report(&self) -> LinkReport {
        let link = self.link.borrow().clone();
        LinkReport {
            state: if link.revoked && link.state == LinkState::Online {
                "blocked".to_owned()
            } else {
                link.state.word().to_owned()
            },
            for_seconds: self.seconds_since(link.since),
            answered_seconds: link.answered_at.map(|at| self.seconds_since(at)),
            last_fault: link.last_fault,
            exceptions: link.exceptions,
            quarantined: link.quarantined,
        }
    }

    fn device(&self, seat: &DeviceSeat) -> DeviceReport {
        let state = seat.handle.state.borrow().clone();
        let beep_not_trusted = state.own_beep != OwnBeep::Off;
        DeviceReport {
            name: seat.handle.name.as_str().to_owned(),
            driver: seat.driver.name.to_owned(),
            phase: state.phase.as_str().to_owned(),
            last_error: state.last_error.filter(|_| state.phase != Phase::Open),
            reads: state.reads,
            garbage_bytes: state.garbage_bytes,
            repetitions_dropped: self.dropped.count(&seat.handle.name),
            beep_not_trusted,
            node: state.node,
            waiting: state.waiting,
            oldest_waiting_us: state.waiting_since.map(|since| self.now().since_us(since)),
            worst_wait_us: state.worst_wait_us,
            answers: state
                .answers
                .into_iter()
                .map(|(name, text)| DeviceAnswer { name, text })
                .collect(),
            notices: state
                .notices
                .into_iter()
                .map(|noticed| DeviceNotice {
                    seconds_ago: self.seconds_since(noticed.at),
                    code: noticed.code,
                    message: noticed.message,
                    count: noticed.count,
                })
                .collect(),
        }
    }

    fn store_report(&self, presence: &Presence) -> StoreReport {
        let figures = self.store.figures();
        StoreReport {
            path: self.store.path().display().to_string(),
            health: match &presence.store {
                StoreHealth::Good => "good".to_owned(),
                StoreHealth::Full => "full".to_owned(),
                StoreHealth::Failing(reason) => reason.clone(),
            },
            commits: figures.commits,
            last_commit_us: figures.last_commit_us,
            damaged: figures.damaged,
            free_bytes: disk::space(self.store.path()).ok().map(|space| space.free_bytes),
        }
    }

    fn printer_report(&self) -> Option<PrinterReport> {
        let status = self.printing.as_ref()?.status();
        let numbers = self.store.numbers().unwrap_or_default();
        Some(PrinterReport {
            state: status.state.word().to_owned(),
            waiting: status.waiting,
            printed: status.printed,
            dropped: status.dropped,
            last_fault: status.last_fault,
            sscc_left: numbers.left(NumberKind::Sscc),
            lpn_left: numbers.left(NumberKind::Lpn),
        })
    }

    pub(crate) fn status_bar(&self) -> StatusBar {
        let presence = self.presence.borrow().clone();
        let outbox = self.outbox(&presence);
        let open = |seat: &DeviceSeat| seat.handle.state.borrow().phase == Phase::Open;
        let now = self.calendar.local();
        StatusBar {
            link: match self.link.borrow().state {
                LinkState::Online if self.link.borrow().revoked => screen::Link::Revoked,
                LinkState::Online => screen::Link::Online,
                LinkState::Unknown | LinkState::Offline => screen::Link::Offline,
                LinkState::NotEnrolled => screen::Link::Unenrolled,
                LinkState::Refused => screen::Link::Refused,
            },
            waiting: outbox.waiting,
            oldest_waiting_minutes: outbox.oldest_seconds.map(|seconds| seconds / 60),
            store: match presence.store {
                StoreHealth::Good => StoreState::Safe,
                StoreHealth::Full => StoreState::Full,
                StoreHealth::Failing(_) => StoreState::Failing,
            },
            worker: presence
                .worker
                .map(|worker| worker.to_string())
                .unwrap_or_default(),
            battery: battery_of(self.battery.borrow().as_ref()),
            scanner: match (self.devices.is_empty(), self.devices.iter().all(open)) {
                (true, _) => ScannerState::None,
                (false, true) => ScannerState::Ready,
                (false, false) => ScannerState::Lost,
            },
            clock: now
                .map(|now| now.strftime("%H:%M").to_string())
                .unwrap_or_default(),
            shift: presence.since_log_in.map(shift_of),
            language: presence.language,
        }
    }
}

/// What the bar says of the battery.
fn battery_of(report: Option<&BatteryReport>) -> Option<Battery> {
    let report = report?;
    Some(Battery {
        percent: report.percent?,
        minutes_left: report.minutes_left,
        charging: report.charging,
    })
}

/// What the bar says of the shift. Nobody plans how many lines it is to have.
fn shift_of(done: SinceLogIn) -> Shift {
    Shift {
        lines: done.lines,
        of: None,
        lines_per_hour: done
            .lines_per_hour
            .map(|rate| u32::try_from(rate).unwrap_or(u32::MAX)),
    }
}

/// The painter's theme of a configuration.
pub(crate) const fn theme_of(name: ThemeName) -> Theme {
    match name {
        ThemeName::Light => Theme::Light,
        ThemeName::Dark => Theme::Dark,
    }
}

/// How many values wait in a channel.
fn filled<T>(sender: &mpsc::Sender<T>) -> usize {
    sender.max_capacity() - sender.capacity()
}

fn scanner_line(device: &DeviceReport) -> String {
    match &device.last_error {
        Some(error) => format!("{} ({}): {}, {error}", device.name, device.driver, device.phase),
        None => format!("{} ({}): {}", device.name, device.driver, device.phase),
    }
}
