//! The network of a warehouse, between the agents and the hubs: it can be cut, and it can do to each exchange what
//! networks, proxies and load balancers do.
//!
//! A [`Network`] is a proxy on loopback that forwards TCP connections to a hub, or to several in turn. Faults are
//! switched on and off while it runs: by hand ([`Network::cut`], [`Network::swallow_answers`]), or by chance
//! ([`Network::set_chances`]), drawn from a seed. A swallowed answer is the fault that doubles stock elsewhere: the hub
//! has done the work, and the device never hears of it.

mod connection;
mod faults;

#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tallyman_platform::entropy::SeededEntropy;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use faults::{Chances, Counts, Fault};

use faults::Tally;

/// A network that can be broken. It ends when it is dropped.
#[derive(Debug)]
pub struct Network {
    address: SocketAddr,
    state: Arc<State>,
    _running: DropGuard,
}

/// Where the network leads, what is wrong with it now, and what went wrong so far.
#[derive(Debug)]
struct State {
    hubs: watch::Sender<Vec<SocketAddr>>,
    /// The hub that is tried first for the next connection, as a number that only grows.
    turn: AtomicU64,
    up: watch::Sender<bool>,
    held: watch::Sender<bool>,
    chances: watch::Sender<Chances>,
    answers_to_swallow: AtomicU32,
    asked_to_swallow: AtomicU64,
    swallowed: watch::Sender<u64>,
    cuts: AtomicU64,
    tally: Tally,
}

impl Network {
    /// Opens the network in front of `hub`, on a free port of the loopback address. Nothing happens in it by chance.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn open(hub: SocketAddr) -> io::Result<Self> {
        Self::open_seeded(vec![hub], 0).await
    }

    /// Opens the network in front of hubs that take connections in turn, as behind a load balancer. What happens to
    /// a connection by chance follows from the seed and from how many connections there were before it.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn open_seeded(hubs: Vec<SocketAddr>, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            hubs: watch::Sender::new(hubs),
            turn: AtomicU64::new(0),
            up: watch::Sender::new(true),
            held: watch::Sender::new(false),
            chances: watch::Sender::new(Chances::default()),
            answers_to_swallow: AtomicU32::new(0),
            asked_to_swallow: AtomicU64::new(0),
            swallowed: watch::Sender::new(0),
            cuts: AtomicU64::new(0),
            tally: Tally::default(),
        });
        let running = CancellationToken::new();
        let carrying = accept(listener, Arc::clone(&state), seed, running.clone());
        tokio::spawn(running.clone().run_until_cancelled_owned(carrying));
        Ok(Self {
            address,
            state,
            _running: running.drop_guard(),
        })
    }

    /// Where devices reach a hub through this network.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From the next connection on the network leads to these hubs, as when one came back on another port. With none
    /// it leads nowhere.
    pub fn lead_to(&self, hubs: Vec<SocketAddr>) {
        self.state.hubs.send_replace(hubs);
    }

    /// From the next exchange on this happens by chance.
    pub fn set_chances(&self, chances: Chances) {
        self.state.chances.send_replace(chances);
    }

    /// Cuts every connection, and refuses new ones until [`Network::mend`].
    pub fn cut(&self) {
        if self.state.up.send_replace(false) {
            self.state.cuts.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.state.up.send_replace(true);
    }

    /// Takes connections and carries nothing of those that are new, until [`Network::release`].
    pub fn hold(&self) {
        self.state.held.send_replace(true);
    }

    /// Carries what was held.
    pub fn release(&self) {
        self.state.held.send_replace(false);
    }

    /// Whether connections are let through.
    pub fn is_up(&self) -> bool {
        *self.state.up.borrow()
    }

    /// Swallows the next `count` answers: the request reaches the hub, the answer is cut off.
    pub fn swallow_answers(&self, count: u32) {
        self.state
            .asked_to_swallow
            .fetch_add(count.into(), Ordering::Relaxed);
        self.state.answers_to_swallow.fetch_add(count, Ordering::Relaxed);
    }

    /// How often the network was cut.
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::Relaxed)
    }

    /// How many answers were swallowed because [`Network::swallow_answers`] said so.
    pub fn swallowed(&self) -> u64 {
        *self.state.swallowed.borrow()
    }

    /// What was carried, and what happened by chance.
    pub fn counts(&self) -> Counts {
        self.state.tally.counts()
    }

    /// Waits until every answer that was to be swallowed is.
    pub async fn all_swallowed(&self) {
        let asked = self.state.asked_to_swallow.load(Ordering::Relaxed);
        let mut swallowed = self.state.swallowed.subscribe();
        // The sender lives as long as this network.
        let _ = swallowed.wait_for(|swallowed| *swallowed >= asked).await;
    }
}

impl State {
    /// A connection to the hub whose turn it is, or to the next one that takes it.
    async fn connect(&self) -> Option<TcpStream> {
        let hubs = self.hubs.borrow().clone();
        let first = self.turn.fetch_add(1, Ordering::Relaxed) as usize;
        for step in 0..hubs.len() {
            let hub = hubs[first.wrapping_add(step) % hubs.len()];
            if let Ok(stream) = TcpStream::connect(hub).await {
                // Small answers must not wait for each other.
                let _ = stream.set_nodelay(true);
                return Some(stream);
            }
        }
        None
    }

    /// Whether this answer is one of those that are to be swallowed.
    fn swallow_one(&self) -> bool {
        let take_one = |left: u32| left.checked_sub(1);
        let taken = self
            .answers_to_swallow
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one)
            .is_ok();
        if taken {
            self.swallowed.send_modify(|swallowed| *swallowed += 1);
        }
        taken
    }
}

async fn accept(listener: TcpListener, state: Arc<State>, seed: u64, running: CancellationToken) {
    let mut number = 0_u64;
    loop {
        // A device that has gone before it was taken is no reason to take no other.
        let Ok((device, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        if !*state.up.borrow() {
            continue;
        }
        let _ = device.set_nodelay(true);
        let chance = SeededEntropy::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        number += 1;
        let carrying = connection::carry(device, Arc::clone(&state), chance);
        tokio::spawn(running.clone().run_until_cancelled_owned(carrying));
    }
}
