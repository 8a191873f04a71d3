//! The one file where the parts of the agent meet: channels of values that `floor` and [`crate::seams`] define.
//!
//! The order of starting is the order of trust: the store first, the world it holds, the floor loop, then those who
//! bring something to it. They end in the reverse order.

mod battery;
mod nodes;
mod pictures;
mod portals;
mod readers;
mod sticks;
mod waking;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use tallyman_codes::{DeviceName, Moment, Rules};
use tallyman_drivers::config::{DeviceConfig, DeviceConfigError};
use tallyman_drivers::link::{self, REPORTS_MAX, Report};
use tallyman_drivers::{Command, Signal};
use tallyman_floor::wire::v1::AheadBody;
use tallyman_floor::words::Language;
use tallyman_floor::{Inquiry, LabelOrder, Session, SiteId, View};
use tallyman_platform::ballast::{Ballast, RESERVE_BYTES};
use tallyman_platform::clock::{Clock, SystemClock};
use tallyman_platform::entropy::{Entropy, SeededEntropy, SystemEntropy};
use tallyman_platform::paths;
use tallyman_platform::sqlite::OpenError;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calendar::Calendar;
use crate::config::{AgentConfig, AgentConfigError};
use crate::control::{self, SocketError};
use crate::floor_loop::{self, FloorLoop, OpenWorld, Outlets, Presence};
use crate::housekeeping;
use crate::intake::{Dropped, Intake, IntakeOptions, Taken};
use crate::keys;
use crate::panel::worker::OpenPanel;
use crate::panel::{OutputKind, PanelHandle, PanelThread};
use crate::printing::{LABELS_MAX, PrinterConfigError, Printing};
use crate::running::{DeviceSeat, RunningAgent, Shared};
use crate::screen::ItemPicture;
use crate::seams::happening::HAPPENINGS_MAX;
use crate::seams::{
    AtWork, Console, Happening, INPUTS_MAX, Identity, Incoming, Input, Keys, Lamps, Opened, PictureStore,
    Place, PrinterNotice, ReaderWish, SetUp, Sounded, Store, StoreError, Transport,
};
use crate::set_up::Desk;
use crate::showing;
use crate::sound::{self, Cue, SoundError, Sounder, TimeOfDay};
use crate::store::{CatalogueError, OpenStoreError, SqliteStore, StoreCatalogue, Writing};
use crate::sync::{self, Access, HttpTransport, HubAddressError, Link, SyncOptions};

/// News of the hub that may wait for the floor loop: one of each lane, and the time.
const NEWS_MAX: usize = 5;

/// Sounds that may wait to be played; more would come too late to mean anything.
const SOUNDS_MAX: usize = 4;

/// What may wait to be told about labels.
const PRINTER_NOTICES_MAX: usize = 4;

/// What the agent takes from the machine, each replaceable by a deterministic twin.
pub struct Seams {
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Chance, for the jitter of waits.
    pub entropy: Box<dyn Entropy>,
    /// The way to the hub; `None` for HTTP to `hub.url`.
    pub transport: Option<Arc<dyn Transport>>,
    /// Where the device's key is kept; `None` for what the configuration says. Never from a source of chance that can be
    /// guessed.
    pub keys: Option<Arc<dyn Keys>>,
    /// What plays the sounds; `None` for the configured output.
    pub sounder: Option<Box<dyn Sounder>>,
    /// How the panel is opened; `None` for the configured output.
    pub panel: Option<OpenPanel>,
    /// Where the store's writer works.
    pub writing: Writing,
    /// The time zone that says which day it is.
    pub zone: TimeZone,
    /// What else of the machine is used.
    pub machine: Machine,
}

/// What an agent uses of the machine besides its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// A control socket for other programs, and a reserve for a full disk.
    Whole,
    /// Nothing: for a simulator, where there are no other programs and no time passes by itself.
    StoreOnly,
}

impl Seams {
    /// The real ones.
    ///
    /// # Errors
    /// What the system says where it has no clock that survives sleep.
    pub fn of_this_machine() -> std::io::Result<Self> {
        Ok(Self {
            clock: Arc::new(SystemClock::new()?),
            entropy: Box::new(SystemEntropy),
            transport: None,
            keys: None,
            sounder: None,
            panel: None,
            writing: Writing::Thread,
            zone: TimeZone::system(),
            machine: Machine::Whole,
        })
    }

    /// Another source of chance, for one part.
    fn chance(&mut self) -> SeededEntropy {
        SeededEntropy::new(self.entropy.u64())
    }
}

/// Why an agent cannot start. Each message says what to do; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] AgentConfigError),
    /// There is no way to the hub that the device is enrolled at.
    #[error(
        "`hub.url` is empty, and this device is enrolled; set it to the address of its hub, as https://hub.example"
    )]
    NoHub,
    /// The way to the hub.
    #[error(transparent)]
    Hub(#[from] HubAddressError),
    /// A folder.
    #[error("the folder {} cannot be used: {cause}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// What is in the store.
    #[error(transparent)]
    Rows(#[from] StoreError),
    /// A device.
    #[error(transparent)]
    Device(#[from] DeviceConfigError),
    /// The control socket.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The panel's thread.
    #[error("the system gives no thread for the panel: {0}")]
    Panel(std::io::Error),
    /// The sound output.
    #[error(transparent)]
    Sound(#[from] SoundError),
    /// The label printer.
    #[error(transparent)]
    Printer(#[from] PrinterConfigError),
}

/// The agent.
#[derive(Debug, Clone, Copy)]
pub struct Agent;

impl Agent {
    /// Starts an agent in the current asynchronous runtime. Its first view is there when this returns, the session is
    /// taken up a moment later.
    ///
    /// # Errors
    /// [`StartError`] says what to do.
    pub async fn start(config: AgentConfig, mut seams: Seams) -> Result<RunningAgent, StartError> {
        config.check()?;
        let calendar = Calendar::in_zone(Arc::clone(&seams.clock), seams.zone.clone());
        let no_hub = seams.transport.is_none() && config.hub.url.is_empty();
        let transport = transport(&config, &mut seams, &calendar)?;
        let sounder = seams
            .sounder
            .take()
            .map_or_else(|| sound::open(&config.sound, time_of_day(&calendar)), Ok)?;
        let (store, opened) = open_store(&config, &seams)?;
        if no_hub && opened.identity.is_some() {
            return Err(StartError::NoHub);
        }
        let desk = Arc::new(Desk::of(&config));
        match &opened.identity {
            None => desk.look_at_stick(),
            // Where the program ended right after it was enrolled.
            Some(_) => desk.forget_code(),
        }
        let store = Arc::new(store.keeping_free(config.store.free_mib_min << 20));
        if let Some(time) = store.marks().hub_time {
            calendar.hub_said(time);
        }
        let wires = Wires::new(&config, &calendar, &store)?;
        let cancel = CancellationToken::new();
        let tasks = TaskTracker::new();
        let (reports_in, reports) = mpsc::channel(REPORTS_MAX);
        let devices = start_devices(&config, &mut seams, &reports_in, &cancel, &tasks)?;
        let (sounds_in, sounds) = mpsc::channel(SOUNDS_MAX);
        let (inputs_in, inputs) = mpsc::channel(INPUTS_MAX);
        let (news_in, news) = mpsc::channel(NEWS_MAX);

        let (notices_in, notices) = mpsc::channel(PRINTER_NOTICES_MAX);
        let (printing, print_worker) = Printing::new(&config.printer, notices_in)?.unzip();
        let (labels_in, labels) = mpsc::channel(LABELS_MAX);
        let labels_in = printing.is_some().then_some(labels_in);

        let floor_loop = FloorLoop::new(
            take_up_session(&opened),
            open_world(&store, &wires.rules, config.language),
            Arc::<SqliteStore>::clone(&store),
            calendar.clone(),
            wires.outlets(sounds_in, labels_in, &config, Arc::<Desk>::clone(&desk)),
        );
        let triggers = readers::triggers(devices.iter().map(|seat| &seat.handle.name));
        let portal_wishes = portals::readers(&config);
        let lamps = watch::Sender::new(Lamps::default());
        let reading = start_readers(&config, &devices, &triggers, &portal_wishes, &cancel, &tasks);
        let floor_loop = match reading {
            Some(wish) => {
                floor_loop.with_readers(config.rfid.readers(Arc::<SqliteStore>::clone(&store), wish))
            }
            None => floor_loop,
        };
        let portal_clock = Arc::clone(&seams.clock);
        let moment = move || Moment::from_us(portal_clock.now().us);
        portals::start(&config, &devices, &lamps, &inputs_in, moment, &cancel, &tasks);
        let waiting_passes = watch::Sender::new(Vec::new());
        let portals = portals::of_loop(
            &config,
            Arc::<SqliteStore>::clone(&store),
            portal_wishes,
            lamps,
            waiting_passes.clone(),
        );
        let floor_loop = match portals {
            Some(portals) => floor_loop.with_portals(portals),
            None => floor_loop,
        };
        let dropped = Dropped::of(devices.iter().map(|seat| seat.handle.name.clone()));
        let intake = Intake::new(
            intake_options(&config),
            calendar.clone(),
            wires.rules.subscribe(),
            confirmed_last(&store)?,
            dropped.clone(),
        )
        .telling_triggers(triggers);
        let access = Access::new(
            Arc::clone(&transport),
            Arc::clone(&seams.clock),
            device_keys(&config, &mut seams),
        );
        let link = Link::new(Moment::from_us(seams.clock.now().us));
        let (battery_in, battery) = watch::channel(None);
        let seats = nodes::seats(&config, &seams)?;
        let (panel_thread, panel) = start_panel(&config, &mut seams)?.unzip();
        let pictures = match seams.machine {
            Machine::Whole => pictures::keeper(&config, wires.view.subscribe(), wires.at_work.subscribe()),
            Machine::StoreOnly => None,
        };
        let shared = Arc::new(Shared {
            printing,
            panel,
            input_nodes: seats.iter().map(nodes::Seat::reports).collect(),
            battery,
            active: watch::Sender::new(Moment::from_us(seams.clock.now().us)),
            reopen: Arc::new(Notify::new()),
            link: link.subscribe(),
            view: wires.view.subscribe(),
            item_picture: wires.item_picture.subscribe(),
            pictures: pictures.clone(),
            presence: wires.presence.subscribe(),
            identity: wires.identity.subscribe(),
            happenings: wires.happenings.clone(),
            set_up_changed: desk.subscribe(),
            inputs: inputs_in.clone(),
            reports: reports_in,
            store: Arc::clone(&store),
            dropped,
            calendar,
            devices,
            config,
        });
        let stick_desk = Arc::clone(&desk);
        let surroundings = sync::Surroundings {
            options: sync_options(&shared.config),
            store: Arc::<SqliteStore>::clone(&store),
            numbers: Arc::<SqliteStore>::clone(&store),
            transport,
            access,
            set_up: desk,
            clock: Arc::clone(&seams.clock),
            reporter: Arc::<Shared>::clone(&shared),
            floor: news_in,
            identity: wires.identity.subscribe(),
            link,
            cancel: cancel.clone(),
            committed: Arc::clone(&wires.committed),
            upload_wake: Arc::new(Notify::new()),
            download_wake: Arc::new(Notify::new()),
            claims_wake: Arc::new(Notify::new()),
            numbers_wake: Arc::new(Notify::new()),
            neighbours_wake: Arc::new(Notify::new()),
            pictures_wake: Arc::new(Notify::new()),
            rounds: watch::Sender::new(0),
            pictures: pictures
                .clone()
                .map(|pictures| Arc::new(pictures) as Arc<dyn PictureStore>),
            neighbours: portals::seat(&shared.config, &waiting_passes),
            work: wires.at_work.subscribe(),
            inquiries: wires.inquiries.subscribe(),
        };

        if let Some(pictures) = pictures {
            let (view, ready) = (wires.view.subscribe(), wires.item_picture.clone());
            tasks.spawn(pictures::follow(pictures, view, ready, cancel.clone()));
        }
        if seams.machine == Machine::Whole {
            tasks.spawn(waking::open_anew_after_sleep(Arc::clone(&shared), cancel.clone()));
            tasks.spawn(waking::dim_when_idle(Arc::clone(&shared), cancel.clone()));
            if opened.identity.is_none() {
                let identity = wires.identity.subscribe();
                tasks.spawn(sticks::look(stick_desk, identity, cancel.clone()));
            }
            tasks.spawn(battery::run(Arc::clone(&shared), battery_in, cancel.clone()));
            let console: Arc<dyn Console> = Arc::<Shared>::clone(&shared);
            tasks.spawn(control::serve(
                control_socket(&shared.config)?,
                console,
                cancel.clone(),
            )?);
        }
        tasks.spawn(floor_loop.run(opened.identity, inputs, news, cancel.clone()));
        if let Some(worker) = print_worker {
            tasks.spawn(worker.run(cancel.clone()));
            tasks.spawn(hand_on_labels(labels, Arc::clone(&shared), cancel.clone()));
            tasks.spawn(tell_of_printer(notices, Arc::clone(&shared), cancel.clone()));
        }
        if let Some(thread) = panel_thread {
            tasks.spawn(showing::run(thread, Arc::clone(&shared), cancel.clone()));
        }
        nodes::start(seats, &mut seams, &shared, &cancel, &tasks);
        tasks.spawn(intake.run(reports, inputs_in, cancel.clone()));
        tasks.spawn(play(sounds, sounder, Arc::clone(&shared), cancel.clone()));
        tasks.spawn(housekeeping::run(
            Arc::<SqliteStore>::clone(&store),
            wires.happenings.subscribe(),
            cancel.clone(),
        ));
        tasks.spawn(sync::run(surroundings, opened.cursor, move || {
            Box::new(seams.chance())
        }));
        tasks.close();
        Ok(RunningAgent::new(shared, cancel, tasks))
    }
}

/// What several parts look at: the newest value of each.
struct Wires {
    view: watch::Sender<Arc<View>>,
    happenings: broadcast::Sender<Happening>,
    presence: watch::Sender<Presence>,
    at_work: watch::Sender<AtWork>,
    identity: watch::Sender<Option<Identity>>,
    rules: watch::Sender<Arc<Rules>>,
    committed: Arc<Notify>,
    inquiries: watch::Sender<Option<Inquiry>>,
    item_picture: watch::Sender<Option<Arc<ItemPicture>>>,
}

impl Wires {
    fn new(config: &AgentConfig, calendar: &Calendar, store: &SqliteStore) -> Result<Self, StartError> {
        let hubs = store.site_rules()?;
        let bodies = if config.site_rules.is_empty() {
            &hubs
        } else {
            &config.site_rules
        };
        let mut rules = Rules::new(calendar.today());
        match floor_loop::rules_of(bodies) {
            Ok(site) => rules.site = site,
            // The configuration's were checked; the hub's may be of another version.
            Err(reason) => tracing::error!(reason, "the hub's site rules cannot be used"),
        }
        Ok(Self {
            view: watch::Sender::new(Arc::new(floor_loop::first_view(config.language))),
            happenings: broadcast::Sender::new(HAPPENINGS_MAX),
            presence: watch::Sender::new(Presence {
                language: config.language,
                ..Presence::default()
            }),
            at_work: watch::Sender::new(AtWork::default()),
            identity: watch::Sender::new(None),
            rules: watch::Sender::new(Arc::new(rules)),
            committed: Arc::new(Notify::new()),
            inquiries: watch::Sender::new(None),
            item_picture: watch::Sender::new(None),
        })
    }

    fn outlets(
        &self,
        sounds: mpsc::Sender<Sounded>,
        labels: Option<mpsc::Sender<LabelOrder>>,
        config: &AgentConfig,
        set_up: Arc<dyn SetUp>,
    ) -> Outlets {
        Outlets {
            set_up,
            knows_hub: !config.hub.url.is_empty(),
            view: self.view.clone(),
            happenings: self.happenings.clone(),
            sounds,
            labels,
            presence: self.presence.clone(),
            at_work: self.at_work.clone(),
            identity: self.identity.clone(),
            rules: self.rules.clone(),
            language: config.language,
            rules_are_local: !config.site_rules.is_empty(),
            committed: Arc::clone(&self.committed),
            inquiries: self.inquiries.clone(),
        }
    }
}

fn transport(
    config: &AgentConfig,
    seams: &mut Seams,
    calendar: &Calendar,
) -> Result<Arc<dyn Transport>, StartError> {
    match seams.transport.take() {
        Some(transport) => Ok(transport),
        None if config.hub.url.is_empty() => Ok(Arc::new(sync::NoHub)),
        None => Ok(Arc::new(http_transport(config, calendar)?)),
    }
}

/// The way to the configured hub. A device whose clock fell back to 1970 judges its certificate by what it knows besides.
pub(crate) fn http_transport(config: &AgentConfig, calendar: &Calendar) -> Result<HttpTransport, StartError> {
    let trust = config
        .hub
        .trust()
        .map_err(|error| AgentConfigError::Value(format!("`hub.certificate_pin`: {error}")))?;
    let calendar = calendar.clone();
    let time = Arc::new(move || calendar.known_time());
    Ok(HttpTransport::new(&config.hub.url, &trust, time)?)
}

/// The time of day, for sounds that are quieter at night.
fn time_of_day(calendar: &Calendar) -> TimeOfDay {
    let calendar = calendar.clone();
    Box::new(move || calendar.local().map(|now| now.time()))
}

/// Where the device's key is kept. One that cannot be used stops nobody from working: it is told when the hub is asked.
fn device_keys(config: &AgentConfig, seams: &mut Seams) -> Arc<dyn Keys> {
    let given = seams.keys.take();
    given.unwrap_or_else(|| Arc::from(keys::configured(config)))
}

/// Opens the store. On a full disk not even that works; the reserve is given up for it, and kept again when there is
/// room.
fn open_store(config: &AgentConfig, seams: &Seams) -> Result<(SqliteStore, Opened), StartError> {
    let path = config.store_path();
    let writing = seams.writing;
    make_folder(&path, config.store.path.as_os_str().is_empty())?;
    if seams.machine == Machine::StoreOnly {
        return Ok(SqliteStore::open(&path, writing)?);
    }
    let reserve = Ballast::new(with_extension(&path, "reserve"), RESERVE_BYTES);
    let opened = match SqliteStore::open(&path, writing) {
        Err(OpenStoreError::File(OpenError::DiskFull { .. })) if reserve.release().unwrap_or(false) => {
            tracing::warn!(path = %path.display(), "the disk is full: the reserve is given up to open the store");
            return Ok(SqliteStore::open(&path, writing)?);
        }
        opened => opened?,
    };
    if let Err(error) = reserve.hold() {
        tracing::warn!(%error, path = %reserve.path().display(), "no reserve can be kept for a full disk");
    }
    let (_, found) = &opened;
    if found.damaged > 0 {
        tracing::error!(
            records = found.damaged,
            "records in the journal are damaged; the hub will keep them aside"
        );
    }
    Ok(opened)
}

/// The session as it was saved. Every fact is in the journal, so a session that cannot be read costs a scan of the
/// task, nothing more.
fn take_up_session(opened: &Opened) -> Session {
    if opened.session_damaged {
        tracing::error!("the saved session is damaged: a new one starts");
    }
    let Some(saved) = &opened.session else {
        return Session::new();
    };
    Session::from_saved(saved).unwrap_or_else(|error| {
        tracing::error!(%error, "the saved session is not taken up");
        Session::new()
    })
}

fn open_world(
    store: &SqliteStore,
    rules: &watch::Sender<Arc<Rules>>,
    language: Language,
) -> OpenWorld<StoreCatalogue> {
    let (path, rules) = (store.path().to_path_buf(), rules.subscribe());
    Box::new(move |site: SiteId, next: Place| {
        let rules = Arc::clone(&rules.borrow());
        StoreCatalogue::open(&path, site, language, rules, next).map_err(|error| match error {
            CatalogueError::Journal(error) => error,
            CatalogueError::File(error) => StoreError::Unreadable(error.to_string()),
        })
    })
}

fn intake_options(config: &AgentConfig) -> IntakeOptions {
    let own_time = |device: &DeviceConfig| {
        let filters_itself = device.driver().is_ok_and(|driver| driver.filters_repeats);
        let duplicate_ms = device.duplicate_ms.or(filters_itself.then_some(0))?;
        Some((DeviceName::new(device.name.as_str()), duplicate_ms))
    };
    IntakeOptions {
        duplicate_ms: config.intake.duplicate_ms,
        of_device: config.devices.iter().filter_map(own_time).collect(),
    }
}

/// What was confirmed last by each scanner, before this life of the program.
fn confirmed_last(store: &SqliteStore) -> Result<HashMap<DeviceName, Taken>, StoreError> {
    let scans = store.last_scans()?;
    Ok(scans
        .into_iter()
        .map(|raw| (DeviceName::new(raw.scanner), (raw.text, raw.symbology)))
        .collect())
}

fn sync_options(config: &AgentConfig) -> SyncOptions {
    let code = config.hub.enrolment_code.expose();
    SyncOptions {
        name: config.device_name(),
        enrolment_code: (!code.is_empty()).then(|| code.to_owned()),
        heartbeat_ms: config.hub.heartbeat_ms,
        wait_ms: config.hub.wait_ms,
        poll_ms: config.hub.poll_ms,
        ahead: (config.hub.ahead_minutes > 0).then_some(AheadBody {
            kind: None,
            tasks_max: config.hub.ahead_tasks,
            minutes: config.hub.ahead_minutes,
        }),
        numbers: config.numbers(),
    }
}

/// Starts the life of each device.
fn start_devices(
    config: &AgentConfig,
    seams: &mut Seams,
    reports: &mpsc::Sender<Report>,
    cancel: &CancellationToken,
    tasks: &TaskTracker,
) -> Result<Vec<DeviceSeat>, StartError> {
    let mut seats = Vec::with_capacity(config.devices.len());
    let mut plugged_in = Vec::new();
    for device in &config.devices {
        let mut chance = seams.chance();
        let surroundings = link::Surroundings {
            reports: reports.clone(),
            clock: Arc::new(DeviceClock(Arc::clone(&seams.clock))),
            entropy: Box::new(move || chance.u64()),
            cancel: cancel.clone(),
        };
        let device = if config.scanners.set_up {
            device.clone()
        } else {
            device.clone().left_alone()
        };
        let (handle, life) = link::supervise(&device, surroundings)?;
        tasks.spawn(life);
        if device.link.is_plugged_in() {
            plugged_in.push(Arc::clone(&handle.retry_now));
        }
        seats.push(DeviceSeat {
            handle,
            driver: device.driver()?,
        });
    }
    if !plugged_in.is_empty() {
        tasks.spawn(link::hotplug::wake_on_arrival(plugged_in, cancel.clone()));
    }
    Ok(seats)
}

/// Starts what tells the RFID readers what they are wanted for: those of portals for passes, the others for everything else.
/// `None` where there are none.
fn start_readers(
    config: &AgentConfig,
    devices: &[DeviceSeat],
    triggers: &HashMap<DeviceName, watch::Sender<bool>>,
    of_portals: &BTreeMap<DeviceName, watch::Sender<ReaderWish>>,
    cancel: &CancellationToken,
    tasks: &TaskTracker,
) -> Option<watch::Sender<ReaderWish>> {
    let is_reader = |seat: &&DeviceSeat| {
        let of_seat = |device: &&DeviceConfig| device.name == seat.handle.name.as_str();
        config
            .devices
            .iter()
            .find(of_seat)
            .is_some_and(readers::is_reader)
    };
    let wish = watch::Sender::new(ReaderWish::default());
    let mut is_any = false;
    for seat in devices.iter().filter(is_reader) {
        let Some(trigger) = triggers.get(&seat.handle.name) else {
            continue;
        };
        is_any = true;
        let own = of_portals.get(&seat.handle.name).unwrap_or(&wish);
        tasks.spawn(readers::follow(
            seat.handle.clone(),
            own.subscribe(),
            trigger.subscribe(),
            cancel.clone(),
        ));
    }
    is_any.then_some(wish)
}

/// Starts what paints on the configured panel. A panel that fails is tried again; only a mistake of the system is an error.
fn start_panel(
    config: &AgentConfig,
    seams: &mut Seams,
) -> Result<Option<(PanelThread, PanelHandle)>, StartError> {
    let given = seams.panel.take();
    let is_wanted = given.is_some() || config.screen.output != OutputKind::None;
    if seams.machine == Machine::StoreOnly || !is_wanted {
        return Ok(None);
    }
    let mut options = showing::options(&config.screen, seams.chance());
    if let Some(open) = given {
        options.open = open;
    }
    PanelThread::start(options).map(Some).map_err(StartError::Panel)
}

/// Devices and workers are timed by one clock, which goes on while the device sleeps.
struct DeviceClock(Arc<dyn Clock>);

impl link::Clock for DeviceClock {
    fn now(&self) -> Moment {
        Moment::from_us(self.0.now().us)
    }
}

/// Plays sounds as they come, here and at the scanner that is answered.
async fn play(
    mut sounds: mpsc::Receiver<Sounded>,
    mut sounder: Box<dyn Sounder>,
    shared: Arc<Shared>,
    cancel: CancellationToken,
) {
    loop {
        let sounded = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            sounded = sounds.recv() => sounded,
        };
        let Some(sounded) = sounded else { return };
        let cue = cue_of(&sounded);
        if let Err(error) = sounder.sound(cue) {
            tracing::warn!(%error, "a sound was not heard");
        }
        if let Some(seat) = shared
            .devices
            .iter()
            .find(|seat| Some(&seat.handle.name) == sounded.device.as_ref())
        {
            // A device that is gone or busy hears it no more.
            let _ = seat.handle.commands.try_send(Command::Signal(signal_of(cue)));
        }
    }
}

/// Hands labels on to the printer's queue, in their order.
async fn hand_on_labels(
    mut labels: mpsc::Receiver<LabelOrder>,
    shared: Arc<Shared>,
    cancel: CancellationToken,
) {
    loop {
        let order = tokio::select! {
            biased;
            () = cancel.cancelled() => return,
            order = labels.recv() => order,
        };
        let (Some(order), Some(printing)) = (order, &shared.printing) else {
            return;
        };
        printing.put(&order.into());
    }
}

/// Brings what there is to know about labels before the worker, between two of their inputs.
async fn tell_of_printer(
    mut notices: mpsc::Receiver<PrinterNotice>,
    shared: Arc<Shared>,
    cancel: CancellationToken,
) {
    let telling = async {
        while let Some(notice) = notices.recv().await {
            let incoming = Incoming {
                at: Moment::from_us(shared.calendar.clock().now().us),
                input: Input::Printer(notice),
            };
            if shared.inputs.send(incoming).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => {}
        () = telling => {}
    }
}

fn cue_of(sounded: &Sounded) -> Cue {
    match sounded.verdict {
        "repeated" => Cue::Duplicate,
        "failed" => Cue::StorageFailure,
        "tag" => Cue::Tag,
        "near" => Cue::Near,
        _ => sounded.tone.into(),
    }
}

const fn signal_of(cue: Cue) -> Signal {
    match cue {
        Cue::Good | Cue::Calm | Cue::Tag | Cue::Near => Signal::Good,
        Cue::Ask => Signal::Ask,
        Cue::Bad | Cue::StorageFailure => Signal::Bad,
        Cue::Duplicate => Signal::NotCounted,
    }
}

fn control_socket(config: &AgentConfig) -> Result<PathBuf, StartError> {
    let socket = config.socket_path();
    make_folder(&socket, config.control.socket.as_os_str().is_empty())?;
    Ok(socket)
}

/// The usual folders are made where they are missing; a folder that somebody named must be there.
fn make_folder(file: &Path, is_usual: bool) -> Result<(), StartError> {
    let Some(folder) = file.parent().filter(|_| is_usual) else {
        return Ok(());
    };
    paths::create_private(folder).map_err(|cause| StartError::Folder {
        folder: folder.to_path_buf(),
        cause,
    })
}

fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
