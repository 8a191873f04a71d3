//! A virtual LLRP reader on the network: it listens, with or without TLS, or connects by itself, on loopback; or in memory, for tests
//! whose time does not pass by itself.
//!
//! What a hand does with it takes effect at once; a task of the runtime does what happens by itself.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tallyman_codes::Moment;
use tallyman_drivers::link::{Link, LinkError, Opener};
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::{Fault, LlrpPlan, LlrpReader};
use crate::reader::Air;

/// Connections that may wait for the reader to look at them.
const NEWCOMERS_MAX: usize = 4;
/// Bytes on their way in memory.
const PIPE_BYTES: usize = 64 * 1024;
/// Bytes that are heard at once.
const HEARD_BYTES: usize = 4 * 1024;
/// The longest piece, where a reader sends in pieces.
const PIECE_BYTES_MAX: usize = 40;
/// How long a client may take no bytes before it counts as gone, and how long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause before a reader that connects by itself tries again.
const DIAL_AGAIN: Duration = Duration::from_millis(100);

/// What carries the bytes.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// How a reader is, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReaderState {
    /// A client is connected.
    pub is_connected: bool,
    /// It looks for tags.
    pub is_looking: bool,
    /// The numbers of the ROSpecs in it.
    pub ro_specs: Vec<u32>,
    /// The levels of its outputs.
    pub outputs: Vec<bool>,
    /// Which inputs a client wants to hear of.
    pub listens_to: Vec<u16>,
    /// Clients it has had.
    pub clients: u64,
    /// Clients it refused.
    pub refused: u64,
    /// Tags it has told.
    pub told: u64,
}

/// A virtual reader at the network. It goes when it is dropped.
#[derive(Debug)]
pub struct NetworkReader {
    shared: Arc<Shared>,
    address: Option<SocketAddr>,
    certificate_sha256: Option<String>,
    tasks: Vec<JoinHandle<()>>,
}

struct Inside {
    reader: LlrpReader,
    air: Box<dyn Air + Send>,
    start: Instant,
    clients: u64,
    refused: u64,
    told: u64,
}

struct Shared {
    inside: Mutex<Inside>,
    /// A hand did something, so that there is something else to wait for.
    touched: Notify,
    state: watch::Sender<ReaderState>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}

impl NetworkReader {
    /// A reader that listens on loopback, at a free port.
    ///
    /// # Errors
    /// What the system says when there is no port.
    pub async fn listen(plan: LlrpPlan, air: impl Air + Send + 'static) -> io::Result<Self> {
        Self::listen_at("127.0.0.1:0", plan, air).await
    }

    /// The same at an address of one's choice.
    ///
    /// # Errors
    /// What the system says when the address cannot be had.
    pub async fn listen_at(
        address: &str,
        plan: LlrpPlan,
        air: impl Air + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (mut reader, newcomers) = Self::begin(plan, air);
        reader.address = Some(address);
        reader.tasks.push(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if stream.set_nodelay(true).is_ok() && newcomers.send(Box::new(stream)).await.is_err() {
                    return;
                }
            }
        }));
        Ok(reader)
    }

    /// A reader that listens on loopback with TLS, and a certificate of its own that nobody vouches for.
    ///
    /// # Errors
    /// What the system says when there is no port, or no certificate can be made.
    pub async fn listen_with_tls(plan: LlrpPlan, air: impl Air + Send + 'static) -> io::Result<Self> {
        let (acceptor, fingerprint) = own_certificate().map_err(io::Error::other)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (mut reader, newcomers) = Self::begin(plan, air);
        reader.address = Some(address);
        reader.certificate_sha256 = Some(fingerprint);
        reader.tasks.push(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, newcomers) = (acceptor.clone(), newcomers.clone());
                // A client that does not go on with its handshake keeps nobody else away.
                tokio::spawn(async move {
                    let shaken = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = shaken {
                        let _ = newcomers.send(Box::new(stream)).await;
                    }
                });
            }
        }));
        Ok(reader)
    }

    /// A reader that connects to a program by itself, and again when the connection is lost.
    pub fn dial(address: SocketAddr, plan: LlrpPlan, air: impl Air + Send + 'static) -> Self {
        let (mut reader, newcomers) = Self::begin(plan, air);
        let mut state = reader.watch();
        reader.tasks.push(tokio::spawn(async move {
            loop {
                let clients = state.borrow().clients;
                if let Ok(stream) = TcpStream::connect(address).await {
                    if newcomers.send(Box::new(stream)).await.is_err() {
                        return;
                    }
                    let is_over = |state: &ReaderState| state.clients > clients && !state.is_connected;
                    if state.wait_for(is_over).await.is_err() {
                        return;
                    }
                }
                tokio::time::sleep(DIAL_AGAIN).await;
            }
        }));
        reader
    }

    /// A reader in memory, and what a device's life opens to reach it.
    pub fn in_memory(plan: LlrpPlan, air: impl Air + Send + 'static) -> (Self, Pipes) {
        let (reader, newcomers) = Self::begin(plan, air);
        (reader, Pipes { newcomers })
    }

    fn begin(plan: LlrpPlan, air: impl Air + Send + 'static) -> (Self, mpsc::Sender<Box<dyn Wire>>) {
        let cut = plan.in_pieces.then(|| SeededEntropy::new(plan.seed ^ 0x9EC3));
        let shared = Arc::new(Shared {
            inside: Mutex::new(Inside {
                reader: LlrpReader::new(plan),
                air: Box::new(air),
                start: Instant::now(),
                clients: 0,
                refused: 0,
                told: 0,
            }),
            touched: Notify::new(),
            state: watch::Sender::default(),
        });
        let (sender, newcomers) = mpsc::channel(NEWCOMERS_MAX);
        let life = Life {
            shared: Arc::clone(&shared),
            newcomers,
            wire: None,
            cut,
        };
        let reader = Self {
            shared,
            address: None,
            certificate_sha256: None,
            tasks: vec![tokio::spawn(life.live())],
        };
        (reader, sender)
    }

    /// Where it listens; `None` for one that connects by itself or is in memory.
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The SHA-256 of its certificate in hexadecimal digits, where it has one.
    pub fn certificate_sha256(&self) -> Option<&str> {
        self.certificate_sha256.as_deref()
    }

    /// Something goes wrong from now on.
    pub fn suffer(&self, fault: Fault) {
        self.touch(|reader, _| reader.suffer(fault));
    }

    /// Nothing is wrong any more.
    pub fn recover(&self) {
        self.touch(|reader, _| reader.recover());
    }

    /// A line is put on an input, 1-based.
    pub fn set_input(&self, port: u16, high: bool) {
        self.touch(|reader, at| reader.set_input(port, high, at));
    }

    /// Anything else that a hand does with it.
    pub fn touch(&self, act: impl FnOnce(&mut LlrpReader, Moment)) {
        self.shared.change(|inside, at| act(&mut inside.reader, at));
        self.shared.touched.notify_one();
    }

    /// How it is.
    pub fn state(&self) -> ReaderState {
        self.shared.state.borrow().clone()
    }

    /// How it is, as it changes.
    pub fn watch(&self) -> watch::Receiver<ReaderState> {
        self.shared.state.subscribe()
    }
}

impl Drop for NetworkReader {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// A certificate for loopback, and its fingerprint.
fn own_certificate() -> Result<(TlsAcceptor, String), Box<dyn std::error::Error + Send + Sync>> {
    let key = rcgen::KeyPair::generate()?;
    let made = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])?.self_signed(&key)?;
    let certificate = made.der().clone();
    let digest = ring::digest::digest(&ring::digest::SHA256, &certificate);
    let fingerprint = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
    Ok((TlsAcceptor::from(Arc::new(config)), fingerprint))
}

/// Opens connections to a reader in memory.
#[derive(Debug, Clone)]
pub struct Pipes {
    newcomers: mpsc::Sender<Box<dyn Wire>>,
}

impl std::fmt::Debug for dyn Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wire")
    }
}

impl Opener for Pipes {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
            self.newcomers
                .send(Box::new(theirs))
                .await
                .map_err(|_| LinkError::Absent {
                    what: "reader".to_owned(),
                })?;
            Ok(Box::new(ours) as Box<dyn Link>)
        })
    }
}

impl Shared {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, after everything that was due before it, and tells how the reader is then.
    fn change<T>(&self, act: impl FnOnce(&mut Inside, Moment) -> T) -> T {
        let mut inside = self.inside();
        let at = inside.now();
        inside.work(at);
        let done = act(&mut inside, at);
        let state = inside.state();
        drop(inside);
        self.state.send_if_modified(|before| {
            let is_other = *before != state;
            *before = state;
            is_other
        });
        done
    }
}

impl Inside {
    fn now(&self) -> Moment {
        let us = self.start.elapsed().as_micros();
        Moment::from_us(u64::try_from(us).unwrap_or(u64::MAX))
    }

    fn work(&mut self, at: Moment) {
        self.reader.work(at, self.air.as_mut());
    }

    fn state(&self) -> ReaderState {
        let reader = &self.reader;
        ReaderState {
            is_connected: reader.is_connected(),
            is_looking: reader.is_looking(),
            ro_specs: reader.ro_specs(),
            outputs: reader.outputs().to_vec(),
            listens_to: (1..=reader.plan().inputs)
                .filter(|port| reader.listens_to(*port))
                .collect(),
            clients: self.clients,
            refused: self.refused,
            told: self.told,
        }
    }
}

/// What is due now, and when something will be.
struct Due {
    bytes: Vec<u8>,
    hangs_up: bool,
    next: Option<Instant>,
}

/// The task that leads a reader's life.
struct Life {
    shared: Arc<Shared>,
    newcomers: mpsc::Receiver<Box<dyn Wire>>,
    wire: Option<Box<dyn Wire>>,
    /// Cuts what is sent, where it comes in pieces.
    cut: Option<SeededEntropy>,
}

impl Life {
    async fn live(mut self) {
        let mut heard = vec![0; HEARD_BYTES];
        loop {
            let due = self.due();
            if !self.send(&due.bytes).await || due.hangs_up {
                self.lose();
                continue;
            }
            let next = due.next.unwrap_or_else(Instant::now);
            tokio::select! {
                newcomer = self.newcomers.recv() => match newcomer {
                    Some(newcomer) => self.greet(newcomer).await,
                    None => return,
                },
                read = read(&mut self.wire, &mut heard) => match read {
                    Ok(count) if count > 0 => {
                        let bytes = heard.get(..count).unwrap_or(&[]);
                        self.shared.change(|inside, at| inside.reader.hear(bytes, at));
                    }
                    _ => self.lose(),
                },
                () = self.shared.touched.notified() => {}
                () = tokio::time::sleep_until(next), if due.next.is_some() => {}
            }
        }
    }

    fn due(&self) -> Due {
        self.shared.change(|inside, at| {
            let mut bytes = Vec::new();
            while let Some(spoken) = inside.reader.said(at) {
                bytes.extend(spoken.bytes);
                inside.told += spoken.tags.len() as u64;
            }
            let start = inside.start;
            let next = inside.reader.deadline();
            Due {
                bytes,
                hangs_up: inside.reader.hangs_up(),
                next: next.map(|next| start + Duration::from_micros(next.us)),
            }
        })
    }

    async fn greet(&mut self, mut newcomer: Box<dyn Wire>) {
        let greeted = self.shared.change(|inside, at| {
            let greeted = inside.reader.connected(at);
            match greeted {
                Ok(()) => inside.clients += 1,
                Err(_) => inside.refused += 1,
            }
            greeted
        });
        match greeted {
            Ok(()) => self.wire = Some(newcomer),
            Err(refusal) => {
                // It may have gone already.
                let _ = tokio::time::timeout(PATIENCE, newcomer.write_all(&refusal)).await;
                let _ = newcomer.shutdown().await;
            }
        }
    }

    fn lose(&mut self) {
        self.wire = None;
        self.shared.change(|inside, at| inside.reader.disconnected(at));
    }

    /// Sends bytes, in pieces where the reader does so. `false`: the client does not take them.
    async fn send(&mut self, mut bytes: &[u8]) -> bool {
        let Some(wire) = &mut self.wire else {
            return true;
        };
        while !bytes.is_empty() {
            let length = match &mut self.cut {
                Some(chance) => 1 + chance.below(PIECE_BYTES_MAX as u64) as usize,
                None => bytes.len(),
            };
            let (piece, rest) = bytes.split_at(length.min(bytes.len()));
            let sent = async {
                wire.write_all(piece).await?;
                wire.flush().await
            };
            if !matches!(tokio::time::timeout(PATIENCE, sent).await, Ok(Ok(()))) {
                return false;
            }
            if self.cut.is_some() {
                // The other side gets a chance to read the piece alone.
                tokio::task::yield_now().await;
            }
            bytes = rest;
        }
        true
    }
}

/// Waits for bytes; for ever while nobody is connected.
async fn read(wire: &mut Option<Box<dyn Wire>>, heard: &mut [u8]) -> io::Result<usize> {
    match wire {
        Some(wire) => wire.read(heard).await,
        None => std::future::pending().await,
    }
}
