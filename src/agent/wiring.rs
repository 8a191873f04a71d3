//! The one file where the parts of the agent meet: channels of values that `floor` and [`crate::seams`] define.
//!
//! The order of starting is the order of trust: the store first, the world it holds, the floor loop, then those who
//! bring something to it. They end in the reverse order.

mod battery;
mod ground;
mod nodes;
mod outlets;
mod pictures;
mod portals;
mod readers;
mod sticks;
mod waking;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use tallyman_codes::{DeviceName, Moment};
use tallyman_drivers::config::{DeviceConfig, DeviceConfigError};
use tallyman_drivers::link::{self, REPORTS_MAX, Report};
use tallyman_floor::wire::v1::AheadBody;
use tallyman_platform::clock::{Clock, SystemClock};
use tallyman_platform::entropy::{Entropy, SeededEntropy, SystemEntropy};
use tallyman_platform::paths;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calendar::Calendar;
use crate::config::{AgentConfig, AgentConfigError};
use crate::control::{self, SocketError};
use crate::floor_loop::FloorLoop;
use crate::housekeeping;
use crate::intake::{Dropped, Intake, IntakeOptions, Taken};
use crate::keys;
use crate::panel::worker::OpenPanel;
use crate::panel::{OutputKind, PanelHandle, PanelThread};
use crate::pictures::PictureKeeper;
use crate::printing::PrinterConfigError;
use crate::running::{DeviceSeat, RunningAgent, Shared};
use crate::seams::neighbours::NeighbourInquiry;
use crate::seams::{
    Console, FromHub, INPUTS_MAX, Incoming, Keys, Lamps, PictureStore, ReaderWish, StoreError, Transport,
};
use crate::set_up::Desk;
use crate::showing;
use crate::sound::{SoundError, Sounder};
use crate::status::BatteryReport;
use crate::store::{OpenStoreError, SqliteStore, StoreCatalogue, Writing};
use crate::sync::{self, Access, HttpTransport, HubAddressError, Link, SyncOptions};
use ground::Ground;
use outlets::Labels;

/// News of the hub that may wait for the floor loop: one of each lane, and the time.
const NEWS_MAX: usize = 7;

/// Sounds that may wait to be played; more would come too late to mean anything.
const SOUNDS_MAX: usize = 4;

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
        let (ground, sounder) = Ground::lay(config, &mut seams)?;
        let (cancel, tasks) = (ground.cancel.clone(), ground.tasks.clone());
        let (reports_in, reports) = mpsc::channel(REPORTS_MAX);
        let devices = start_devices(&ground.config, &mut seams, &reports_in, &cancel, &tasks)?;
        let (sounds_in, sounds) = mpsc::channel(SOUNDS_MAX);
        let (inputs_in, inputs) = mpsc::channel(INPUTS_MAX);
        let (news_in, news) = mpsc::channel(NEWS_MAX);
        let labels = Labels::new(&ground.config)?;

        let triggers = readers::triggers(devices.iter().map(|seat| &seat.handle.name));
        let waiting_passes = watch::Sender::new(Vec::new());
        let floor_loop = ground.floor_loop(sounds_in, labels.orders_in.clone());
        let radio = Radio {
            ground: &ground,
            devices: &devices,
            inputs: &inputs_in,
            clock: &seams.clock,
        };
        let floor_loop = radio.start(floor_loop, &triggers, &waiting_passes);
        let dropped = Dropped::of(devices.iter().map(|seat| seat.handle.name.clone()));
        let intake = Intake::new(
            intake_options(&ground.config),
            ground.calendar.clone(),
            ground.wires.rules.subscribe(),
            confirmed_last(&ground.store)?,
            dropped.clone(),
        )
        .telling_triggers(triggers);

        let keys = device_keys(&ground.config, &mut seams);
        let link = Link::new(Moment::from_us(seams.clock.now().us));
        let (battery_in, battery) = watch::channel(None);
        let seats = nodes::seats(&ground.config, &seams)?;
        let (panel_thread, panel) = start_panel(&ground.config, &mut seams)?.unzip();
        let shared = Arc::new(Shared {
            printing: labels.printing.clone(),
            panel,
            input_nodes: seats.iter().map(nodes::Seat::reports).collect(),
            battery,
            active: watch::Sender::new(Moment::from_us(seams.clock.now().us)),
            reopen: Arc::new(Notify::new()),
            link: link.subscribe(),
            view: ground.wires.view.subscribe(),
            item_picture: ground.wires.item_picture.subscribe(),
            pictures: item_pictures(&ground, seams.machine),
            presence: ground.wires.presence.subscribe(),
            identity: ground.wires.identity.subscribe(),
            happenings: ground.wires.happenings.clone(),
            set_up_changed: ground.desk.subscribe(),
            inputs: inputs_in.clone(),
            reports: reports_in,
            store: Arc::clone(&ground.store),
            dropped,
            calendar: ground.calendar.clone(),
            devices,
            config: ground.config.clone(),
        });
        let surroundings = to_the_hub(&ground, &shared, keys, link, news_in, &waiting_passes);

        if seams.machine == Machine::Whole {
            start_beside(&ground, &shared, battery_in)?;
        }
        let Ground {
            opened, store, wires, ..
        } = ground;
        tasks.spawn(floor_loop.run(opened.identity, inputs, news, cancel.clone()));
        labels.start(&shared, &cancel, &tasks);
        if let Some(thread) = panel_thread {
            tasks.spawn(showing::run(thread, Arc::clone(&shared), cancel.clone()));
        }
        nodes::start(seats, &mut seams, &shared, &cancel, &tasks);
        tasks.spawn(intake.run(reports, inputs_in, cancel.clone()));
        tasks.spawn(outlets::play(
            sounds,
            sounder,
            Arc::clone(&shared),
            cancel.clone(),
        ));
        tasks.spawn(housekeeping::run(
            store,
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

/// The readers of tags, beside the floor loop that says what they are wanted for.
struct Radio<'a> {
    ground: &'a Ground,
    devices: &'a [DeviceSeat],
    inputs: &'a mpsc::Sender<Incoming>,
    clock: &'a Arc<dyn Clock>,
}

impl Radio<'_> {
    /// Starts what the readers need. Answers the floor loop with them and with the portals that are made of them.
    fn start(
        &self,
        floor_loop: FloorLoop<StoreCatalogue>,
        triggers: &HashMap<DeviceName, watch::Sender<bool>>,
        waiting_passes: &watch::Sender<Vec<NeighbourInquiry>>,
    ) -> FloorLoop<StoreCatalogue> {
        let Ground {
            config,
            store,
            cancel,
            tasks,
            ..
        } = self.ground;
        let of_portals = portals::readers(config);
        let lamps = watch::Sender::new(Lamps::default());
        let reading = start_readers(config, self.devices, triggers, &of_portals, cancel, tasks);
        let clock = Arc::clone(self.clock);
        let moment = move || Moment::from_us(clock.now().us);
        portals::start(config, self.devices, &lamps, self.inputs, moment, cancel, tasks);
        let floor_loop = match reading {
            Some(wish) => {
                floor_loop.with_readers(config.rfid.readers(Arc::<SqliteStore>::clone(store), wish))
            }
            None => floor_loop,
        };
        let store = Arc::<SqliteStore>::clone(store);
        match portals::of_loop(config, store, of_portals, lamps, waiting_passes.clone()) {
            Some(portals) => floor_loop.with_portals(portals),
            None => floor_loop,
        }
    }
}

/// The pictures of items, for a device that shows some.
fn item_pictures(ground: &Ground, machine: Machine) -> Option<PictureKeeper> {
    let wires = &ground.wires;
    match machine {
        Machine::Whole => pictures::keeper(&ground.config, wires.view.subscribe(), wires.at_work.subscribe()),
        Machine::StoreOnly => None,
    }
}

/// What sync needs.
fn to_the_hub(
    ground: &Ground,
    shared: &Arc<Shared>,
    keys: Arc<dyn Keys>,
    link: Link,
    news: mpsc::Sender<FromHub>,
    waiting_passes: &watch::Sender<Vec<NeighbourInquiry>>,
) -> sync::Surroundings {
    let wires = &ground.wires;
    let clock = ground.calendar.clock();
    let pictures = shared.pictures.clone();
    sync::Surroundings {
        options: sync_options(&ground.config),
        store: Arc::<SqliteStore>::clone(&ground.store),
        numbers: Arc::<SqliteStore>::clone(&ground.store),
        transport: Arc::clone(&ground.transport),
        access: Access::new(Arc::clone(&ground.transport), Arc::clone(clock), keys),
        set_up: Arc::<Desk>::clone(&ground.desk),
        clock: Arc::clone(clock),
        reporter: Arc::<Shared>::clone(shared),
        floor: news,
        identity: wires.identity.subscribe(),
        link,
        cancel: ground.cancel.clone(),
        committed: Arc::clone(&wires.committed),
        upload_wake: Arc::new(Notify::new()),
        download_wake: Arc::new(Notify::new()),
        claims_wake: Arc::new(Notify::new()),
        numbers_wake: Arc::new(Notify::new()),
        neighbours_wake: Arc::new(Notify::new()),
        pictures_wake: Arc::new(Notify::new()),
        rounds: watch::Sender::new(0),
        pictures: pictures.map(|pictures| Arc::new(pictures) as Arc<dyn PictureStore>),
        neighbours: portals::seat(&ground.config, waiting_passes),
        work: wires.at_work.subscribe(),
        inquiries: wires.inquiries.subscribe(),
    }
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

/// Starts what a device has beside its work: pictures, waking and dimming, the set-up stick, the battery, the control socket.
fn start_beside(
    ground: &Ground,
    shared: &Arc<Shared>,
    battery: watch::Sender<Option<BatteryReport>>,
) -> Result<(), StartError> {
    let Ground {
        wires, cancel, tasks, ..
    } = ground;
    if let Some(pictures) = shared.pictures.clone() {
        let (view, ready) = (wires.view.subscribe(), wires.item_picture.clone());
        tasks.spawn(pictures::follow(pictures, view, ready, cancel.clone()));
    }
    tasks.spawn(waking::open_anew_after_sleep(Arc::clone(shared), cancel.clone()));
    tasks.spawn(waking::dim_when_idle(Arc::clone(shared), cancel.clone()));
    if ground.opened.identity.is_none() {
        let (desk, identity) = (Arc::clone(&ground.desk), wires.identity.subscribe());
        tasks.spawn(sticks::look(desk, identity, cancel.clone()));
    }
    tasks.spawn(battery::run(Arc::clone(shared), battery, cancel.clone()));
    let console: Arc<dyn Console> = Arc::<Shared>::clone(shared);
    tasks.spawn(control::serve(
        control_socket(&ground.config)?,
        console,
        cancel.clone(),
    )?);
    Ok(())
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

/// Where the device's key is kept. One that cannot be used stops nobody from working: it is told when the hub is asked.
fn device_keys(config: &AgentConfig, seams: &mut Seams) -> Arc<dyn Keys> {
    let given = seams.keys.take();
    given.unwrap_or_else(|| Arc::from(keys::configured(config)))
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
