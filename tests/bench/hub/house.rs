//! A hub with its store and its devices, and the copy of its store that the yardstick writes to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tallyman_floor::wire::v1::{Batch, Delta};
use tallyman_hub::{Hub, HubConfig, Seams};
use tallyman_platform::config::Secret;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::bare_file::{self, BareFile};
use super::bare_postgres::{self, BarePostgres, Prepared};
use super::http::{Connection, Post};
use super::server::Server;
use super::turns::{EntryRow, JournalRow, Sums, Turn};
use super::work::{self, Device};

pub const SITE: &str = "main";

/// Requests of a device in a minute: the most that can be configured.
const REQUESTS_MAX: u32 = 100_000;

/// Where the hub keeps its ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    File,
    Postgres,
}

impl Store {
    /// By its name; `None`, which the server says, where there is no PostgreSQL.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sqlite" => Some(Self::File),
            _ => Server::shared().map(|_| Self::Postgres),
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A thread with the hub's runtime.
struct Floor {
    handle: Handle,
    end: CancellationToken,
    thread: std::thread::JoinHandle<()>,
}

impl Floor {
    fn new() -> Self {
        let end = CancellationToken::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let handle = runtime.handle().clone();
        let ending = end.clone();
        let thread = std::thread::spawn(move || runtime.block_on(ending.cancelled()));
        Self { handle, end, thread }
    }

    async fn run<T: Send + 'static>(&self, job: impl Future<Output = T> + Send + 'static) -> T {
        self.handle.spawn(job).await.expect("no panic")
    }
}

/// A hub that runs.
struct Running {
    hub: Hub,
    address: SocketAddr,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
}

/// A hub with its store and its devices.
pub struct House {
    store: Store,
    folder: tempfile::TempDir,
    /// The address of the database; empty for a file.
    database: String,
    floor: Floor,
    running: Option<Running>,
    devices: Vec<Device>,
    /// The last numbers that were read.
    journal: i64,
    entry: i64,
}

impl House {
    /// A hub with so many devices, each with tasks for so many confirmations.
    pub async fn build(store: Store, devices: usize, work: usize) -> Self {
        let base = std::env::var_os("TALLYMAN_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
        let mut house = Self {
            store,
            folder: tempfile::tempdir_in(base).expect("a folder"),
            database: match store {
                Store::File => String::new(),
                Store::Postgres => Server::shared().expect("a server").database(),
            },
            floor: Floor::new(),
            running: None,
            devices: Vec::new(),
            journal: 0,
            entry: 0,
        };
        house.open().await;
        let hub = house.hub();
        let address = house.running.as_ref().expect("it runs").address;
        house.devices = house
            .floor
            .run(async move {
                work::furnish(&hub, SITE).await;
                let mut connection = Connection::open(address).await;
                let mut made = Vec::new();
                for number in 0..devices {
                    made.push(Device::new(&hub, &mut connection, SITE, number, work).await);
                }
                made
            })
            .await;
        let (_, entries) = house.read_new().await;
        assert!(entries.is_empty(), "opening stock comes from a document");
        house
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("hub.db")
    }

    /// The store's file.
    pub fn file(&self) -> Option<PathBuf> {
        (self.store == Store::File).then(|| self.path())
    }

    /// The database's address.
    pub fn database(&self) -> &str {
        &self.database
    }

    async fn open(&mut self) {
        let mut config = HubConfig::default();
        // What strangers and devices may do in a minute is no matter here.
        config.limits.tries_per_minute = 10_000;
        config.limits.challenges_per_minute = 10_000;
        config.limits.device_requests_per_minute = REQUESTS_MAX;
        config.database.url = Secret::new(self.database.clone());
        let path = self.path();
        let running = self.floor.run(async move {
            let seams = Seams::real().expect("a clock");
            let hub = Hub::open(config, &path, seams).await.expect("a hub");
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let stop = CancellationToken::new();
            let (served, stopping) = (hub.clone(), stop.clone());
            let serving =
                tokio::spawn(async move { served.serve(listener, stopping).await.expect("served") });
            Running {
                hub,
                address,
                stop,
                serving,
            }
        });
        self.running = Some(running.await);
    }

    async fn stop(&mut self) {
        let Running {
            hub, stop, serving, ..
        } = self.running.take().expect("it runs");
        stop.cancel();
        serving.await.expect("it stops");
        self.floor.run(async move { drop(hub) }).await;
    }

    fn hub(&self) -> Hub {
        self.running.as_ref().expect("it runs").hub.clone()
    }

    /// A copy of the store as it is now.
    pub async fn copy(&mut self) -> Bare {
        self.stop().await;
        let bare = match self.store {
            Store::File => {
                let path = self.folder.path().join("bare.db");
                for end in ["", "-wal"] {
                    let of = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
                    if of(&self.path()).exists() {
                        std::fs::copy(of(&self.path()), of(&path)).expect("copied");
                    }
                }
                Bare::File(BareFile::open(&path), path)
            }
            Store::Postgres => {
                let server = Server::shared().expect("a server");
                let (_, rest) = self.database.split_once(":///").expect("an address");
                let name = rest.split('?').next().expect("a name");
                let copy = format!("{name}_bare");
                // The hub's connections end with its runtime's tasks, a moment after it.
                server.sql(
                    "postgres",
                    &format!(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';"
                    ),
                );
                server.sql("postgres", &format!("CREATE DATABASE {copy} TEMPLATE {name}"));
                let address = server.address(&copy);
                Bare::Postgres(BarePostgres::open(&address).await, address)
            }
        };
        self.open().await;
        bare
    }

    /// The next batches of each device.
    pub fn work(&mut self, batches: usize, size: usize) -> Vec<Vec<Batch>> {
        let of = |device: &mut Device| (0..batches).map(|_| device.batch(size)).collect();
        self.devices.iter_mut().map(of).collect()
    }

    /// Lets the hub's queue take these batches, one of each device at a time; gives how long that took.
    pub async fn take(&mut self, work: Vec<Vec<Batch>>) -> Duration {
        let hub = self.hub();
        let devices: Vec<_> = self.devices.iter().map(Device::identity).collect();
        self.floor
            .run(async move {
                let one = |(device, batches): (_, Vec<Batch>)| {
                    let hub = &hub;
                    async move {
                        for batch in batches {
                            let last = batch.records.last().map(|record| record.seq);
                            let taken = hub.take(Clone::clone(&device), batch).await.expect("taken");
                            assert_eq!(Some(taken.applied_seq), last);
                        }
                    }
                };
                let start = Instant::now();
                join_all(devices.into_iter().zip(work).map(one)).await;
                start.elapsed()
            })
            .await
    }

    /// Posts these batches, each device over a connection of its own; gives how long that took.
    pub async fn post(&mut self, work: Vec<Vec<Batch>>) -> Duration {
        let address = self.running.as_ref().expect("it runs").address;
        let connections = join_all(self.devices.iter().map(|_| Connection::open(address))).await;
        let sign = |(device, batches): (&Device, Vec<Batch>)| -> Vec<Post> {
            let body = |batch: Batch| serde_json::to_vec(&batch).expect("JSON");
            let post = |batch| Post::new(&device.signer, "/v1/confirmations", body(batch));
            batches.into_iter().map(post).collect()
        };
        let work: Vec<Vec<Post>> = self.devices.iter().zip(work).map(sign).collect();
        let one = |(mut connection, posts): (Connection, Vec<Post>)| async move {
            for post in posts {
                connection.post(&post).await;
            }
        };
        let start = Instant::now();
        join_all(connections.into_iter().zip(work).map(one)).await;
        start.elapsed()
    }

    /// Where the hub listens, a device's token, and a cursor behind which nothing is new.
    pub async fn asker(&mut self) -> (SocketAddr, String, String) {
        let address = self.running.as_ref().expect("it runs").address;
        let token = self.devices[0].signer.token.clone();
        let mut connection = Connection::open(address).await;
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/tasks?cursor={cursor}");
            let delta: Delta = serde_json::from_slice(&connection.get(&path, &token).await).expect("a delta");
            cursor = delta.cursor;
            if !delta.more {
                return (address, token, cursor);
            }
        }
    }

    /// A device says that it is there, and nothing else.
    pub async fn heartbeat(&mut self) {
        let batch = self.devices[0].batch(0);
        let hub = self.hub();
        let device = self.devices[0].identity();
        let taken = self.floor.run(async move { hub.take(device, batch).await });
        taken.await.expect("taken");
    }

    /// Something of the site is said to have changed: devices look, and find nothing new.
    pub async fn touch(&mut self) {
        let hub = self.hub();
        self.floor.run(async move { work::touch(&hub, SITE).await }).await;
    }

    /// What the hub has written since the last look.
    pub async fn read_new(&mut self) -> (Vec<JournalRow>, Vec<EntryRow>) {
        let (journal, entries) = match self.store {
            Store::File => bare_file::read(&self.path(), self.journal, self.entry),
            Store::Postgres => bare_postgres::read(&self.database, SITE, self.journal, self.entry).await,
        };
        self.journal = journal.last().map_or(self.journal, |row| row.place);
        self.entry = entries.last().map_or(self.entry, |row| row.entry);
        (journal, entries)
    }

    /// What its store comes to.
    pub async fn sums(&self) -> Sums {
        match self.store {
            Store::File => bare_file::sums(&self.path()),
            Store::Postgres => bare_postgres::sums(&self.database).await,
        }
    }

    /// That the ledger holds, by the hub's own check; gives how long that took.
    pub async fn check(&self) -> Duration {
        let start = Instant::now();
        let hub = self.hub();
        let proof = self
            .floor
            .run(async move { hub.verify().await.expect("checked") })
            .await;
        assert!(proof.holds(), "{:#?}", proof.findings);
        start.elapsed()
    }

    /// Stops it.
    pub async fn close(mut self) {
        self.stop().await;
        self.floor.end.cancel();
        self.floor.thread.join().expect("it ends");
    }
}

/// The yardstick's side.
pub enum Bare {
    File(BareFile, PathBuf),
    Postgres(BarePostgres, String),
}

/// Transactions that wait to be written.
pub enum Waiting {
    File(Vec<Turn>),
    Postgres(Vec<Prepared>),
}

impl Bare {
    /// Lays out transactions, as far as they need not be written to do so.
    pub fn prepare(&self, turns: Vec<Turn>) -> Waiting {
        match self {
            Self::File(..) => Waiting::File(turns),
            Self::Postgres(..) => {
                let prepare = |turn| bare_postgres::prepare(SITE, turn);
                Waiting::Postgres(turns.into_iter().map(prepare).collect())
            }
        }
    }

    /// Writes them.
    pub async fn write(&mut self, waiting: Waiting) {
        match (self, waiting) {
            (Self::File(bare, _), Waiting::File(turns)) => bare.write(SITE, turns).await,
            (Self::Postgres(bare, _), Waiting::Postgres(turns)) => bare.write(&turns).await,
            _ => unreachable!("each side prepares for itself"),
        }
    }

    /// What the copy comes to.
    pub async fn sums(&self) -> Sums {
        match self {
            Self::File(_, path) => bare_file::sums(path),
            Self::Postgres(_, address) => bare_postgres::sums(address).await,
        }
    }
}
