//! A whole house on one machine: the hub in this process, and devices as processes of their own, each behind a
//! network that can be broken. Everything lies in one temporary folder and is gone with it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tallyman_hub::config::HubConfig;
use tallyman_hub::pictures::PictureRefused;
use tallyman_hub::{Hub, ImportError, ImportFile, ImportKind, OpenHubError, Seams};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::network::Network;
use crate::scanner::ScannerKind;
use crate::station::{Station, StationError, StationPlan};
use crate::warehouse::{SITE, Warehouse, pictures};

/// A hub with the goods and tasks of a warehouse.
#[derive(Debug)]
pub struct House {
    hub: Option<Hub>,
    address: SocketAddr,
    folder: TempDir,
    program: PathBuf,
    stop: CancellationToken,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

/// What is special about a device.
#[derive(Debug, Clone)]
pub struct Seat {
    /// What it calls itself; also the name of its folder.
    pub name: &'static str,
    /// Pixels across and down.
    pub screen: (u32, u32),
    /// Milliseconds in which the same code is a mechanical repetition.
    pub duplicate_ms: u64,
    /// Its scanner.
    pub scanner: ScannerKind,
    /// More of its configuration, as TOML.
    pub more: String,
}

/// Why a house cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// Something of the machine.
    #[error("{what}: {cause}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The hub's store.
    #[error(transparent)]
    Hub(#[from] OpenHubError),
    /// The warehouse's files.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A picture of an item.
    #[error("a picture is not taken: {0}")]
    Picture(#[from] PictureRefused),
    /// An enrolment.
    #[error("a device cannot be enrolled: {0}")]
    Enrolment(String),
    /// A device.
    #[error(transparent)]
    Station(#[from] StationError),
}

impl House {
    /// Opens a hub on a free port of the loopback address and imports the warehouse. Devices run `program`, which is
    /// `tallyman` itself.
    ///
    /// # Errors
    /// [`HouseError`]
    pub async fn open(program: PathBuf, warehouse: &Warehouse) -> Result<Self, HouseError> {
        let failed = |what| move |cause| HouseError::System { what, cause };
        let folder = tempfile::Builder::new().prefix("tallyman-").tempdir();
        let folder = folder.map_err(failed("a temporary folder"))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(failed("a port on loopback"))?;
        let address = listener.local_addr().map_err(failed("a port on loopback"))?;
        let mut config = HubConfig {
            listen: address,
            ..HubConfig::default()
        };
        // The folder is gone with the process; a copy in it would save nothing.
        config.backups.enabled = false;
        let seams = Seams::real().map_err(failed("the clock"))?;
        let hub = Hub::open(config, &hub_store(folder.path()), seams).await?;
        let files = warehouse.files();
        let planned = [
            (ImportKind::Items, &files.items),
            (ImportKind::Locations, &files.locations),
            (ImportKind::Stock, &files.stock),
            (ImportKind::Tasks, &files.tasks),
        ];
        let rounds = files.rounds.iter().map(|text| (ImportKind::Tasks, text));
        let tagged = warehouse.tagged.as_ref().map(|zone| {
            [
                (ImportKind::Items, zone.items_csv()),
                (ImportKind::Locations, zone.locations_csv()),
                (ImportKind::Stock, zone.stock_csv()),
                (ImportKind::Tasks, zone.tasks_csv()),
                (ImportKind::Tasks, zone.delivery_csv()),
            ]
        });
        let tagged = tagged.iter().flatten().map(|(kind, text)| (*kind, text));
        for (kind, text) in planned.into_iter().chain(rounds).chain(tagged) {
            let name = format!("{}.csv", kind.word());
            hub.import(SITE, kind, &ImportFile::named(&name, text.as_bytes()))
                .await?;
        }
        let stop = CancellationToken::new();
        let serving = tokio::spawn({
            let (hub, stop) = (hub.clone(), stop.clone());
            async move { hub.serve(listener, stop).await }
        });
        Ok(Self {
            hub: Some(hub),
            address,
            folder,
            program,
            stop,
            serving: Some(serving),
        })
    }

    /// Gives the goods their pictures, those that have one.
    ///
    /// # Errors
    /// [`HouseError::Picture`]
    pub async fn give_pictures(&self) -> Result<(), HouseError> {
        let Some(hub) = &self.hub else { return Ok(()) };
        for (article, png) in pictures::all() {
            hub.set_picture(SITE, article, png).await?;
        }
        Ok(())
    }

    /// The folder of a device that is seated later.
    ///
    /// # Errors
    /// [`HouseError::System`] where it cannot be made.
    pub fn folder_of(&self, device: &str) -> Result<PathBuf, HouseError> {
        let folder = self.folder.path().join(device);
        std::fs::create_dir_all(&folder).map_err(|cause| HouseError::System {
            what: "a folder",
            cause,
        })?;
        Ok(folder)
    }

    /// A device with a network of its own, enrolled by a one-time code.
    ///
    /// # Errors
    /// [`HouseError`]
    pub async fn seat(&self, seat: Seat) -> Result<(Station, Network), HouseError> {
        let network = Network::open(self.address).await;
        let network = network.map_err(|cause| HouseError::System {
            what: "a port on loopback",
            cause,
        })?;
        let Some(hub) = &self.hub else {
            return Err(HouseError::Enrolment("the hub is closed".to_owned()));
        };
        let code = hub.create_enrolment_code(SITE, seat.name).await;
        let code = code.map_err(|error| HouseError::Enrolment(error.to_string()))?;
        let station = Station::start(StationPlan {
            program: self.program.clone(),
            folder: self.folder.path().join(seat.name),
            name: seat.name.to_owned(),
            hub_url: format!("http://{}", network.address()),
            enrolment_code: code,
            screen: seat.screen,
            duplicate_ms: seat.duplicate_ms,
            scanner: seat.scanner,
            more: seat.more,
        });
        Ok((station.await?, network))
    }

    /// Where the hub's pages are.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The hub's store.
    pub fn hub_store(&self) -> PathBuf {
        hub_store(self.folder.path())
    }

    /// Stops the hub and closes its store. The files stay until the house is dropped.
    ///
    /// # Errors
    /// [`HouseError::System`] where serving had failed.
    pub async fn close(&mut self) -> Result<(), HouseError> {
        self.stop.cancel();
        if let Some(serving) = self.serving.take() {
            let served = serving
                .await
                .map_err(std::io::Error::other)
                .and_then(|served| served);
            served.map_err(|cause| HouseError::System {
                what: "the hub",
                cause,
            })?;
        }
        self.hub = None;
        Ok(())
    }

    /// Leaves the files where they are, for somebody to look at, and says where.
    pub fn keep_files(self) -> PathBuf {
        self.folder.keep()
    }
}

fn hub_store(folder: &Path) -> PathBuf {
    folder.join("hub.db")
}
