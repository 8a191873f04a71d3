//! What can go wrong with one exchange of a request and its answer, how often, and how often it did.

use std::sync::atomic::{AtomicU64, Ordering};

use tallyman_platform::entropy::Entropy;

/// What goes wrong with one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request waits so many milliseconds on its way.
    Delay(u64),
    /// After so many bytes of the request both sides lose the connection.
    CutRequest(u64),
    /// After so many bytes of the answer both sides lose the connection.
    CutAnswer(u64),
    /// The hub has answered, and nothing of it arrives.
    SwallowAnswer,
    /// After so many bytes of the request the hub hears that no more comes, and the device goes on.
    HalfClose(u64),
    /// A hub gets the same request a second time, while the first one is being answered.
    Duplicate,
    /// Nothing arrives and nobody is told, for so many milliseconds; then the connection is gone.
    BlackHole(u64),
    /// The connection is reset before anything is carried.
    Refuse,
}

/// How often each fault happens, in ten-thousandths of all exchanges, and the longest that some of them last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chances {
    /// [`Fault::Delay`]
    pub delay: u32,
    /// [`Fault::CutRequest`]
    pub cut_request: u32,
    /// [`Fault::CutAnswer`]
    pub cut_answer: u32,
    /// [`Fault::SwallowAnswer`]
    pub swallow_answer: u32,
    /// [`Fault::HalfClose`]
    pub half_close: u32,
    /// [`Fault::Duplicate`]
    pub duplicate: u32,
    /// [`Fault::BlackHole`]
    pub black_hole: u32,
    /// [`Fault::Refuse`]
    pub refuse: u32,
    /// Longest delay in milliseconds.
    pub delay_ms_max: u64,
    /// Longest black hole in milliseconds.
    pub black_hole_ms_max: u64,
}

/// What a network carried, and how often each fault really happened: one that was drawn and found nothing to break, as a cut
/// after more bytes than there were, is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Connections that devices made.
    pub connections: u64,
    /// Requests that began.
    pub exchanges: u64,
    /// Bytes that went to hubs.
    pub bytes_up: u64,
    /// Bytes that came to devices.
    pub bytes_down: u64,
    /// [`Fault::Delay`]
    pub delayed: u64,
    /// [`Fault::CutRequest`]
    pub requests_cut: u64,
    /// [`Fault::CutAnswer`]
    pub answers_cut: u64,
    /// [`Fault::SwallowAnswer`]
    pub answers_swallowed: u64,
    /// [`Fault::HalfClose`]
    pub half_closed: u64,
    /// [`Fault::Duplicate`]
    pub duplicated: u64,
    /// [`Fault::BlackHole`]
    pub black_holes: u64,
    /// [`Fault::Refuse`]
    pub refused: u64,
}

impl Counts {
    /// Exchanges with which something went wrong by chance.
    pub const fn struck(&self) -> u64 {
        self.delayed
            + self.requests_cut
            + self.answers_cut
            + self.answers_swallowed
            + self.half_closed
            + self.duplicated
            + self.black_holes
            + self.refused
    }
}

/// The doublings of a cut's place: from 1 byte to 64 KiB, small places as often as large ones.
const PLACE_DOUBLINGS: u64 = 17;

impl Chances {
    /// What goes wrong with the next exchange.
    pub(super) fn draw(&self, chance: &mut impl Entropy) -> Option<Fault> {
        let mut at = chance.below(10_000);
        let mut strikes = |share: u32| match at.checked_sub(share.into()) {
            None => true,
            Some(left) => {
                at = left;
                false
            }
        };
        // In the order of the members above; the first that is struck it is.
        let which = [
            self.delay,
            self.cut_request,
            self.cut_answer,
            self.swallow_answer,
            self.half_close,
            self.duplicate,
            self.black_hole,
            self.refuse,
        ]
        .into_iter()
        .position(&mut strikes)?;
        Some(match which {
            0 => Fault::Delay(chance.below(self.delay_ms_max.saturating_add(1))),
            1 => Fault::CutRequest(place(chance)),
            2 => Fault::CutAnswer(place(chance)),
            3 => Fault::SwallowAnswer,
            4 => Fault::HalfClose(place(chance)),
            5 => Fault::Duplicate,
            6 => Fault::BlackHole(chance.below(self.black_hole_ms_max.saturating_add(1))),
            _ => Fault::Refuse,
        })
    }
}

fn place(chance: &mut impl Entropy) -> u64 {
    let below = 1 << chance.below(PLACE_DOUBLINGS);
    1 + chance.below(below)
}

/// The counts while they grow.
#[derive(Debug, Default)]
pub(super) struct Tally {
    connections: AtomicU64,
    exchanges: AtomicU64,
    bytes_up: AtomicU64,
    bytes_down: AtomicU64,
    delayed: AtomicU64,
    requests_cut: AtomicU64,
    answers_cut: AtomicU64,
    answers_swallowed: AtomicU64,
    half_closed: AtomicU64,
    duplicated: AtomicU64,
    black_holes: AtomicU64,
    refused: AtomicU64,
}

impl Tally {
    pub(super) fn connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn exchange(&self) {
        self.exchanges.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn up(&self, bytes: usize) {
        self.bytes_up.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn down(&self, bytes: usize) {
        self.bytes_down.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// It really happened.
    pub(super) fn struck(&self, fault: Fault) {
        let count = match fault {
            Fault::Delay(_) => &self.delayed,
            Fault::CutRequest(_) => &self.requests_cut,
            Fault::CutAnswer(_) => &self.answers_cut,
            Fault::SwallowAnswer => &self.answers_swallowed,
            Fault::HalfClose(_) => &self.half_closed,
            Fault::Duplicate => &self.duplicated,
            Fault::BlackHole(_) => &self.black_holes,
            Fault::Refuse => &self.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        let now = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            connections: now(&self.connections),
            exchanges: now(&self.exchanges),
            bytes_up: now(&self.bytes_up),
            bytes_down: now(&self.bytes_down),
            delayed: now(&self.delayed),
            requests_cut: now(&self.requests_cut),
            answers_cut: now(&self.answers_cut),
            answers_swallowed: now(&self.answers_swallowed),
            half_closed: now(&self.half_closed),
            duplicated: now(&self.duplicated),
            black_holes: now(&self.black_holes),
            refused: now(&self.refused),
        }
    }
}
