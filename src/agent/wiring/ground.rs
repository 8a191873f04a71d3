//! What is there before anything runs: the store and what was in it, the way to the hub, and the wires between the parts.

use std::sync::Arc;

use tallyman_codes::Rules;
use tallyman_floor::words::Language;
use tallyman_floor::{Inquiry, LabelOrder, Session, SiteId, View};
use tallyman_platform::ballast::{Ballast, RESERVE_BYTES};
use tallyman_platform::sqlite::OpenError;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Machine, Seams, StartError, http_transport, make_folder, with_extension};
use crate::calendar::Calendar;
use crate::config::AgentConfig;
use crate::floor_loop::{self, FloorLoop, OpenWorld, Outlets, Presence};
use crate::screen::ItemPicture;
use crate::seams::happening::HAPPENINGS_MAX;
use crate::seams::{
    AtWork, Happening, Identity, Opened, Place, SetUp, Sounded, Store as _, StoreError, Transport,
};
use crate::set_up::Desk;
use crate::sound::{self, Sounder, TimeOfDay};
use crate::store::{CatalogueError, OpenStoreError, SqliteStore, StoreCatalogue};
use crate::sync;

/// What the parts of an agent stand on.
pub(super) struct Ground {
    pub(super) config: AgentConfig,
    pub(super) calendar: Calendar,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) store: Arc<SqliteStore>,
    /// What was in the store.
    pub(super) opened: Opened,
    pub(super) desk: Arc<Desk>,
    pub(super) wires: Wires,
    pub(super) cancel: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Ground {
    /// Opens the store, and what has to be there before. Answers the sound output beside it.
    pub(super) fn lay(
        config: AgentConfig,
        seams: &mut Seams,
    ) -> Result<(Self, Box<dyn Sounder>), StartError> {
        config.check()?;
        let calendar = Calendar::in_zone(Arc::clone(&seams.clock), seams.zone.clone());
        let no_hub = seams.transport.is_none() && config.hub.url.is_empty();
        let transport = transport(&config, seams, &calendar)?;
        let sounder = seams
            .sounder
            .take()
            .map_or_else(|| sound::open(&config.sound, time_of_day(&calendar)), Ok)?;
        let (store, opened) = open_store(&config, seams)?;
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
        let ground = Self {
            config,
            calendar,
            transport,
            store,
            opened,
            desk,
            wires,
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        Ok((ground, sounder))
    }

    /// The floor loop, with the session as it was saved.
    pub(super) fn floor_loop(
        &self,
        sounds: mpsc::Sender<Sounded>,
        labels: Option<mpsc::Sender<LabelOrder>>,
    ) -> FloorLoop<StoreCatalogue> {
        let set_up: Arc<dyn SetUp> = Arc::<Desk>::clone(&self.desk);
        FloorLoop::new(
            take_up_session(&self.opened),
            open_world(&self.store, &self.wires.rules, self.config.language),
            Arc::<SqliteStore>::clone(&self.store),
            self.calendar.clone(),
            self.wires.outlets(sounds, labels, &self.config, set_up),
        )
    }
}

/// What several parts look at: the newest value of each.
pub(super) struct Wires {
    pub(super) view: watch::Sender<Arc<View>>,
    pub(super) happenings: broadcast::Sender<Happening>,
    pub(super) presence: watch::Sender<Presence>,
    pub(super) at_work: watch::Sender<AtWork>,
    pub(super) identity: watch::Sender<Option<Identity>>,
    pub(super) rules: watch::Sender<Arc<Rules>>,
    pub(super) committed: Arc<Notify>,
    pub(super) inquiries: watch::Sender<Option<Inquiry>>,
    pub(super) item_picture: watch::Sender<Option<Arc<ItemPicture>>>,
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

/// The time of day, for sounds that are quieter at night.
fn time_of_day(calendar: &Calendar) -> TimeOfDay {
    let calendar = calendar.clone();
    Box::new(move || calendar.local().map(|now| now.time()))
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
