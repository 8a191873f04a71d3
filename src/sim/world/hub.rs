//! The hub of a world: the real one over a store file, asked through its router; started, stopped, killed, and put back
//! from its own backups.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, header};
use futures_util::FutureExt as _;
use tallyman_floor::wire::proof::SIGNATURE_HEADER;
use tallyman_hub::{Hub, HubConfig, ImportFile, ImportKind, Opening, Seams, Threads};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::chance::Chance;
use super::clock::VirtualClock;
use super::disk::{Disk, Loss, Node};
use super::trace::{self, Trace};

/// The hub is the first machine.
pub const HUB: Node = 0;

/// A request as it travels.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// What proves its device.
    pub proof: Proof,
    /// The body is compressed.
    pub is_compressed: bool,
    /// The body.
    pub body: Vec<u8>,
}

/// What a request carries to prove its device.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The value of `Authorization`.
    pub token: Option<String>,
    /// The signature.
    pub signature: Option<String>,
}

impl Call {
    /// What it is, for the trace.
    pub fn told(&self) -> String {
        let hash = blake3::hash(&self.body).to_hex();
        format!(
            "{} {} {} bytes {}",
            self.method,
            self.path,
            self.body.len(),
            &hash[..8]
        )
    }
}

/// How much of a request arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// All of it.
    Whole,
    /// Half of it, then the connection is closed.
    HalfClosed,
    /// Half of it as if that were all.
    CutShort,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Milliseconds that the hub asks to wait.
    pub retry_after_ms: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// The hub's machine.
pub struct HubMachine {
    folder: PathBuf,
    config: HubConfig,
    disk: Arc<dyn Disk>,
    trace: Arc<Trace>,
    clock: Arc<VirtualClock>,
    chance: Mutex<Chance>,
    life: Mutex<Option<Life>>,
    lives: AtomicU64,
    /// Each with how many of the imports it holds.
    backups: Mutex<Vec<(PathBuf, usize)>>,
    imports: Mutex<Imports>,
}

/// A file that was imported: the site, what it holds, and its text.
pub type Import = (String, ImportKind, String);

/// What was imported, as far as the store holds it.
#[derive(Default)]
struct Imports {
    done: Vec<Import>,
    /// Nobody knows of some whether the store holds them.
    is_unsure: bool,
}

/// One life of the program.
#[derive(Clone)]
struct Life {
    hub: Hub,
    router: Router,
    ended: CancellationToken,
}

/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Backups that are kept, so that a restore goes far back at times.
const BACKUPS_KEPT: usize = 200;

impl HubMachine {
    /// A machine with an empty store.
    pub fn new(
        folder: &Path,
        config: HubConfig,
        disk: Arc<dyn Disk>,
        trace: Arc<Trace>,
        clock: Arc<VirtualClock>,
        chance: Chance,
    ) -> Self {
        disk.add(HUB, folder);
        let mut config = config;
        config.backups.keep = BACKUPS_KEPT;
        Self {
            folder: folder.to_path_buf(),
            config,
            disk,
            trace,
            clock,
            chance: Mutex::new(chance),
            life: Mutex::new(None),
            lives: AtomicU64::new(0),
            backups: Mutex::default(),
            imports: Mutex::default(),
        }
    }

    /// Its store.
    pub fn store(&self) -> PathBuf {
        self.folder.join("hub.db")
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<VirtualClock> {
        &self.clock
    }

    /// The hub, while it runs.
    pub fn hub(&self) -> Option<Hub> {
        self.life().as_ref().map(|life| life.hub.clone())
    }

    /// Starts the program.
    ///
    /// # Errors
    /// What it says when it cannot start.
    pub async fn start(&self, opening: Opening) -> Result<(), String> {
        let number = self.lives.fetch_add(1, Ordering::Relaxed);
        let entropy = Box::new(
            self.chance
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entropy(),
        );
        let seams = Seams {
            clock: Arc::<VirtualClock>::clone(&self.clock),
            entropy,
            threads: Threads::None,
        };
        match Hub::open_as(self.config.clone(), &self.store(), seams, opening).await {
            Ok(hub) => {
                self.trace.note("hub", format_args!("starts its life {number}"));
                *self.life() = Some(Life {
                    router: hub.router(),
                    hub,
                    ended: CancellationToken::new(),
                });
                Ok(())
            }
            Err(error) => {
                self.trace.count("hub: could not start");
                Err(error.to_string())
            }
        }
    }

    /// Starts the program, again and again until it does.
    pub async fn start_until_it_runs(&self, opening: Opening) {
        for _ in 0..100 {
            match self.start(opening).await {
                Ok(()) => return,
                Err(why) => self.trace.note(
                    "hub",
                    format_args!("does not start: {}", self.without_folder(&why)),
                ),
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
            self.disk.mend(HUB);
        }
    }

    /// Ends the program: requests that are under way get no answer.
    pub async fn stop(&self) {
        let life = self.life().take();
        if let Some(life) = life {
            life.ended.cancel();
            drop(life);
            // By then every task that held something of it has gone.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The power goes, and comes back.
    pub async fn lose_power(&self, loss: Loss) {
        self.disk.cut(HUB, loss);
        self.stop().await;
        let _ = std::fs::remove_file(self.folder.join("hub.db-shm"));
        self.disk.mend(HUB);
    }

    /// Whether it runs, and need not be started again.
    pub fn is_well(&self) -> bool {
        let hub = self.hub();
        !self.disk.is_cut(HUB) && hub.is_some_and(|hub| hub.store_failed().now_or_never().is_none())
    }

    /// Makes a backup.
    pub async fn back_up(&self) {
        let Some(hub) = self.hub() else { return };
        match hub.back_up().await {
            Ok(Some(backup)) if !self.disk.is_cut(HUB) => {
                self.trace.happened("hub", "hub: backup");
                let imports = self
                    .imports
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .done
                    .len();
                self.backups().push((backup.file, imports));
            }
            Ok(_) => {}
            Err(error) => {
                self.trace.count("hub: no backup");
                let why = self.without_folder(&error.to_string());
                self.trace.note("hub", format_args!("no backup: {why}"));
            }
        }
    }

    /// Backups from before now are no more used: a device is newer than they are.
    pub fn forget_backups(&self) {
        self.backups().clear();
    }

    /// Ends the hub and starts it from a backup, which one by a number from 0 for the newest. The later ones are history.
    /// False where there is none.
    pub async fn restore(&self, back: usize) -> bool {
        let chosen = {
            let mut backups = self.backups();
            let keep = backups.len().saturating_sub(back);
            backups.truncate(keep);
            backups.last().cloned()
        };
        let Some((backup, imports)) = chosen else {
            return false;
        };
        self.stop().await;
        self.disk.mend(HUB);
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.folder.join(format!("hub.db{suffix}")));
        }
        if let Err(error) = std::fs::copy(&backup, self.store()) {
            self.trace
                .note("hub", format_args!("the backup cannot be copied: {error}"));
            return false;
        }
        self.disk.settle(HUB);
        self.imports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .done
            .truncate(imports);
        self.start_until_it_runs(Opening::AsBefore).await;
        true
    }

    /// Imports files into a site.
    ///
    /// # Errors
    /// What the hub says.
    pub async fn import(&self, site: &str, kind: ImportKind, text: &str) -> Result<(), String> {
        let Some(hub) = self.hub() else {
            return Err("the hub is gone".to_owned());
        };
        let file = ImportFile::named("world.csv", text.as_bytes());
        let imported = hub.import(site, kind, &file).await;
        let mut imports = self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        match imported {
            Ok(_) => {
                imports.done.push((site.to_owned(), kind, text.to_owned()));
                Ok(())
            }
            Err(error) => {
                imports.is_unsure = true;
                Err(self.without_folder(&error.to_string()))
            }
        }
    }

    /// What was imported, as far as the store holds it; `None` where nobody knows that.
    pub fn imports(&self) -> Option<Vec<Import>> {
        let imports = self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        (!imports.is_unsure).then(|| imports.done.clone())
    }

    /// Takes a request. `None` where there is no answer: the hub is not there, or ends before it has one.
    pub async fn take(&self, call: &Call, delivery: Delivery) -> Option<Answer> {
        let life = self.life().clone()?;
        if self.disk.is_cut(HUB) {
            return None;
        }
        let request = request(call, delivery);
        let talk = async {
            let response = life.router.clone().oneshot(request).await.ok()?;
            let status = response.status().as_u16();
            let retry_after = response.headers().get(header::RETRY_AFTER);
            let retry_after_ms = retry_after
                .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
                .map(|seconds| seconds * 1_000);
            let body = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.ok()?;
            Some(Answer {
                status,
                retry_after_ms,
                body: body.to_vec(),
            })
        };
        let answer = tokio::select! {
            biased;
            () = life.ended.cancelled() => None,
            answer = talk => answer,
        };
        // A machine whose power went while it worked has told nobody.
        answer.filter(|_| !self.disk.is_cut(HUB) && delivery != Delivery::HalfClosed)
    }

    /// A message without what is another one in every run: the name of the folder, and the process that holds a lock.
    pub fn without_folder(&self, text: &str) -> String {
        trace::of_every_run(text, &self.folder)
    }

    fn life(&self) -> MutexGuard<'_, Option<Life>> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backups(&self) -> MutexGuard<'_, Vec<(PathBuf, usize)>> {
        self.backups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn request(call: &Call, delivery: Delivery) -> Request<Body> {
    let half = || Bytes::copy_from_slice(&call.body[..call.body.len() / 2]);
    let body = match delivery {
        Delivery::Whole => Body::from(call.body.clone()),
        Delivery::CutShort => Body::from(half()),
        Delivery::HalfClosed => {
            let pieces: [Result<Bytes, std::io::Error>; 2] =
                [Ok(half()), Err(std::io::ErrorKind::UnexpectedEof.into())];
            Body::from_stream(futures_util::stream::iter(pieces))
        }
    };
    let mut request = Request::new(body);
    *request.method_mut() = if call.method == "POST" {
        Method::POST
    } else {
        Method::GET
    };
    *request.uri_mut() = call.path.parse().unwrap_or_default();
    let headers = request.headers_mut();
    headers.insert(header::HOST, header::HeaderValue::from_static("127.0.0.1"));
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    if call.is_compressed {
        headers.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    let proofs = [
        (header::AUTHORIZATION, &call.proof.token),
        (
            header::HeaderName::from_static(SIGNATURE_HEADER),
            &call.proof.signature,
        ),
    ];
    for (name, value) in proofs {
        if let Some(value) = value.as_deref().and_then(|value| value.parse().ok()) {
            headers.insert(name, value);
        }
    }
    request
}
