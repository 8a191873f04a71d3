//! One connection on its way through a network, exchange by exchange.
//!
//! The proxy reads no HTTP. An exchange begins with the first bytes that a device sends after an answer; devices send one
//! request at a time on a connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tallyman_platform::entropy::SeededEntropy;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::State;
use super::faults::Fault;

/// Bytes carried at a time.
const CHUNK_BYTES: usize = 16 * 1024;

/// Bytes of a request that is sent a second time; a longer one goes once.
const DUPLICATE_BYTES_MAX: usize = 4 << 20;

/// How long the second copy of a request may take to be answered.
const DUPLICATE_ANSWER: Duration = Duration::from_secs(30);

/// A request and its answer, so far.
#[derive(Debug, Default)]
struct Exchange {
    fault: Option<Fault>,
    request_bytes: u64,
    answer_bytes: u64,
    /// The request, where it is to be sent a second time.
    copy: Vec<u8>,
    /// The hub was told that no more comes.
    is_half_closed: bool,
}

/// Whether the connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    End,
    /// It ends at once, with what was under way.
    Reset,
}

/// One connection, both ways.
struct Connection {
    state: Arc<State>,
    chance: SeededEntropy,
    to_hub: OwnedWriteHalf,
    to_device: OwnedWriteHalf,
    exchange: Exchange,
}

/// Carries one connection until either side ends it, the network is cut, or a fault breaks it.
pub(super) async fn carry(device: TcpStream, state: Arc<State>, chance: SeededEntropy) {
    state.tally.connection();
    let mut up = state.up.subscribe();
    tokio::select! {
        _ = up.wait_for(|up| !up) => {}
        _ = carry_on(device, state, chance) => {}
    }
}

async fn carry_on(device: TcpStream, state: Arc<State>, chance: SeededEntropy) -> io::Result<()> {
    // The sender lives as long as the state.
    let _ = state.held.subscribe().wait_for(|held| !held).await;
    let Some(hub) = state.connect().await else {
        return Ok(());
    };
    let (mut from_device, to_device) = device.into_split();
    let (mut from_hub, to_hub) = hub.into_split();
    let mut connection = Connection {
        state,
        chance,
        to_hub,
        to_device,
        exchange: Exchange {
            // What is sent first begins an exchange.
            answer_bytes: 1,
            ..Exchange::default()
        },
    };
    let (mut request, mut answer) = (vec![0; CHUNK_BYTES], vec![0; CHUNK_BYTES]);
    loop {
        let then = tokio::select! {
            count = from_device.read(&mut request) => connection.request(&request[..count?]).await?,
            count = from_hub.read(&mut answer) => connection.answer(&answer[..count?]).await?,
        };
        match then {
            Then::GoOn => {}
            Then::End => return Ok(()),
            Then::Reset => return connection.reset(from_device),
        }
    }
}

impl Connection {
    /// Bytes of a device; none where it has ended.
    async fn request(&mut self, bytes: &[u8]) -> io::Result<Then> {
        if bytes.is_empty() {
            return Ok(Then::End);
        }
        if self.exchange.answer_bytes > 0 {
            let fault = self.state.chances.borrow().draw(&mut self.chance);
            self.exchange = Exchange {
                fault,
                ..Exchange::default()
            };
            self.state.tally.exchange();
        }
        let is_first = self.exchange.request_bytes == 0;
        let before = self.exchange.request_bytes;
        self.exchange.request_bytes += bytes.len() as u64;
        match self.exchange.fault {
            Some(fault @ Fault::Refuse) => {
                self.state.tally.struck(fault);
                return Ok(Then::Reset);
            }
            Some(fault @ Fault::BlackHole(ms)) => {
                self.state.tally.struck(fault);
                tokio::time::sleep(Duration::from_millis(ms)).await;
                return Ok(Then::End);
            }
            Some(fault @ Fault::Delay(ms)) if is_first => {
                self.state.tally.struck(fault);
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            Some(fault @ Fault::CutRequest(place)) if self.exchange.request_bytes > place => {
                self.state.tally.struck(fault);
                self.up(part(bytes, before, place)).await?;
                return Ok(Then::End);
            }
            Some(Fault::HalfClose(_)) if self.exchange.is_half_closed => return Ok(Then::GoOn),
            Some(fault @ Fault::HalfClose(place)) if self.exchange.request_bytes > place => {
                self.state.tally.struck(fault);
                self.up(part(bytes, before, place)).await?;
                self.exchange.is_half_closed = true;
                self.to_hub.shutdown().await?;
                return Ok(Then::GoOn);
            }
            Some(Fault::Duplicate) if self.exchange.copy.len() < DUPLICATE_BYTES_MAX => {
                self.exchange.copy.extend_from_slice(bytes);
            }
            _ => {}
        }
        self.up(bytes).await?;
        Ok(Then::GoOn)
    }

    /// Bytes of a hub; none where it has ended.
    async fn answer(&mut self, bytes: &[u8]) -> io::Result<Then> {
        if bytes.is_empty() {
            return Ok(Then::End);
        }
        let is_first = self.exchange.answer_bytes == 0;
        if is_first && self.state.swallow_one() {
            return Ok(Then::End);
        }
        let before = self.exchange.answer_bytes;
        self.exchange.answer_bytes += bytes.len() as u64;
        match self.exchange.fault {
            Some(fault @ Fault::SwallowAnswer) if is_first => {
                self.state.tally.struck(fault);
                return Ok(Then::End);
            }
            Some(fault @ Fault::CutAnswer(place)) if self.exchange.answer_bytes > place => {
                self.state.tally.struck(fault);
                self.down(part(bytes, before, place)).await?;
                return Ok(Then::End);
            }
            Some(fault @ Fault::Duplicate) if is_first => {
                let request = std::mem::take(&mut self.exchange.copy);
                if !request.is_empty() && request.len() < DUPLICATE_BYTES_MAX {
                    self.state.tally.struck(fault);
                    tokio::spawn(send_again(Arc::clone(&self.state), request));
                }
            }
            _ => {}
        }
        self.down(bytes).await?;
        Ok(Then::GoOn)
    }

    async fn up(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to_hub.write_all(bytes).await?;
        self.state.tally.up(bytes.len());
        Ok(())
    }

    async fn down(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to_device.write_all(bytes).await?;
        self.state.tally.down(bytes.len());
        Ok(())
    }

    /// The device gets a reset instead of an end.
    fn reset(self, from_device: OwnedReadHalf) -> io::Result<()> {
        let whole = from_device.reunite(self.to_device).map_err(io::Error::other)?;
        whole.set_zero_linger()
    }
}

/// What of these bytes lies before the place, where `before` bytes came earlier.
fn part(bytes: &[u8], before: u64, place: u64) -> &[u8] {
    let left = usize::try_from(place.saturating_sub(before)).unwrap_or(usize::MAX);
    &bytes[..left.min(bytes.len())]
}

/// Sends a request once more, on a connection of its own to the hub whose turn it is. Nobody hears the answer.
async fn send_again(state: Arc<State>, request: Vec<u8>) {
    let sending = async {
        let mut hub = state.connect().await?;
        hub.write_all(&request).await.ok()?;
        state.tally.up(request.len());
        // The first bytes of the answer say that the hub is done with it.
        hub.read(&mut [0; 1_024]).await.ok()
    };
    let _ = tokio::time::timeout(DUPLICATE_ANSWER, sending).await;
}
