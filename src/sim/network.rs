//! The network of a warehouse, between the agents and the hub: it can be cut, and it can swallow an answer.
//!
//! A [`Network`] is a proxy on loopback that forwards TCP connections to the hub. Faults are switched on and off
//! while it runs. A swallowed answer is the fault that doubles stock elsewhere: the hub has done the work, and the
//! device never hears of it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A network that can be broken. It ends when it is dropped.
#[derive(Debug)]
pub struct Network {
    address: SocketAddr,
    faults: Arc<Faults>,
    _running: DropGuard,
}

/// What is wrong with the network now, and what went wrong so far.
#[derive(Debug)]
struct Faults {
    up: watch::Sender<bool>,
    answers_to_swallow: AtomicU32,
    asked_to_swallow: AtomicU64,
    swallowed: watch::Sender<u64>,
    cuts: AtomicU64,
}

/// Bytes carried at a time.
const CHUNK_BYTES: usize = 16 * 1024;

impl Network {
    /// Opens the network in front of `hub`, on a free port of the loopback address.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn open(hub: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let faults = Arc::new(Faults {
            up: watch::Sender::new(true),
            answers_to_swallow: AtomicU32::new(0),
            asked_to_swallow: AtomicU64::new(0),
            swallowed: watch::Sender::new(0),
            cuts: AtomicU64::new(0),
        });
        let running = CancellationToken::new();
        tokio::spawn(
            running
                .clone()
                .run_until_cancelled_owned(accept(listener, hub, Arc::clone(&faults))),
        );
        Ok(Self {
            address,
            faults,
            _running: running.drop_guard(),
        })
    }

    /// Where devices reach the hub through this network.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every connection, and refuses new ones until [`Network::mend`].
    pub fn cut(&self) {
        if self.faults.up.send_replace(false) {
            self.faults.cuts.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.faults.up.send_replace(true);
    }

    /// Whether connections are let through.
    pub fn is_up(&self) -> bool {
        *self.faults.up.borrow()
    }

    /// Swallows the next `count` answers: the request reaches the hub, the answer is cut off.
    pub fn swallow_answers(&self, count: u32) {
        self.faults
            .asked_to_swallow
            .fetch_add(count.into(), Ordering::Relaxed);
        self.faults.answers_to_swallow.fetch_add(count, Ordering::Relaxed);
    }

    /// How often the network was cut.
    pub fn cuts(&self) -> u64 {
        self.faults.cuts.load(Ordering::Relaxed)
    }

    /// How many answers were swallowed.
    pub fn swallowed(&self) -> u64 {
        *self.faults.swallowed.borrow()
    }

    /// Waits until every answer that was to be swallowed is.
    pub async fn all_swallowed(&self) {
        let asked = self.faults.asked_to_swallow.load(Ordering::Relaxed);
        let mut swallowed = self.faults.swallowed.subscribe();
        // The sender lives as long as this network.
        let _ = swallowed.wait_for(|swallowed| *swallowed >= asked).await;
    }
}

async fn accept(listener: TcpListener, hub: SocketAddr, faults: Arc<Faults>) {
    while let Ok((device, _)) = listener.accept().await {
        if *faults.up.borrow() {
            tokio::spawn(carry(device, hub, Arc::clone(&faults)));
        }
    }
}

/// Carries one connection until either side ends it, the network is cut, or its answer is swallowed.
async fn carry(device: TcpStream, hub: SocketAddr, faults: Arc<Faults>) {
    let mut up = faults.up.subscribe();
    let Ok(hub) = TcpStream::connect(hub).await else {
        return;
    };
    let (from_device, to_device) = device.into_split();
    let (from_hub, to_hub) = hub.into_split();
    tokio::select! {
        _ = up.wait_for(|up| !up) => {}
        _ = requests(from_device, to_hub) => {}
        _ = answers(from_hub, to_device, &faults) => {}
    }
}

async fn requests(mut from_device: OwnedReadHalf, mut to_hub: OwnedWriteHalf) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = from_device.read(&mut chunk).await?;
        if count == 0 {
            return Ok(());
        }
        to_hub.write_all(&chunk[..count]).await?;
    }
}

async fn answers(
    mut from_hub: OwnedReadHalf,
    mut to_device: OwnedWriteHalf,
    faults: &Faults,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = from_hub.read(&mut chunk).await?;
        if count == 0 {
            return Ok(());
        }
        let take_one = |left: u32| left.checked_sub(1);
        if faults
            .answers_to_swallow
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one)
            .is_ok()
        {
            faults.swallowed.send_modify(|swallowed| *swallowed += 1);
            return Ok(());
        }
        to_device.write_all(&chunk[..count]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hub that answers each byte with the same byte, and counts them.
    async fn echo() -> (SocketAddr, Arc<AtomicU64>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                tokio::spawn(async move {
                    let mut byte = [0];
                    while let Ok(1) = connection.read(&mut byte).await {
                        counter.fetch_add(1, Ordering::SeqCst);
                        if connection.write_all(&byte).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        (address, seen)
    }

    async fn ask(network: &Network) -> io::Result<u8> {
        let mut connection = TcpStream::connect(network.address()).await?;
        connection.write_all(b"?").await?;
        connection.read_u8().await
    }

    #[tokio::test]
    async fn it_carries_what_it_is_given() {
        let (hub, _) = echo().await;
        let network = Network::open(hub).await.expect("a network");
        assert_eq!(ask(&network).await.expect("an answer"), b'?');
    }

    #[tokio::test]
    async fn a_swallowed_answer_reached_the_hub() {
        let (hub, seen) = echo().await;
        let network = Network::open(hub).await.expect("a network");
        network.swallow_answers(1);
        assert!(ask(&network).await.is_err());
        network.all_swallowed().await;
        assert_eq!((seen.load(Ordering::SeqCst), network.swallowed()), (1, 1));
        assert_eq!(ask(&network).await.expect("the next one arrives"), b'?');
    }

    #[tokio::test]
    async fn a_cut_ends_open_connections_and_refuses_new_ones_until_mended() {
        let (hub, _) = echo().await;
        let network = Network::open(hub).await.expect("a network");
        let mut open = TcpStream::connect(network.address()).await.expect("connected");
        open.write_all(b"a").await.expect("sent");
        assert_eq!(open.read_u8().await.expect("an answer"), b'a');
        network.cut();
        assert!(open.read_u8().await.is_err());
        assert!(ask(&network).await.is_err());
        network.mend();
        assert_eq!(ask(&network).await.expect("back"), b'?');
        assert_eq!(network.cuts(), 1);
    }
}
