//! Network scanners that listen: the program connects.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::net::TcpStream;

use super::{Link, LinkError, Opener};

/// How long a connection may take to be made. A reader on the same site answers in milliseconds.
const CONNECT_MS_MAX: u64 = 5_000;

/// Silence after which the peer is probed, the interval of the probes, and how many may go unanswered: a reader
/// that lost its power is noticed within half a minute.
const KEEPALIVE_IDLE_S: u64 = 15;
const KEEPALIVE_INTERVAL_S: u64 = 5;
const KEEPALIVE_PROBES: u32 = 3;

/// Connects to one address.
#[derive(Debug)]
pub struct TcpClientOpener {
    address: String,
}

impl TcpClientOpener {
    /// An opener for host and port.
    pub fn new(address: String) -> Self {
        Self { address }
    }
}

impl Opener for TcpClientOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            let stream = connect(&self.address).await?;
            Ok(Box::new(stream) as Box<dyn Link>)
        })
    }

    fn discovered(&self) -> Vec<(&'static str, String)> {
        super::one_line_a_trigger()
    }
}

/// Connects to host and port.
pub(super) async fn connect(address: &str) -> Result<TcpStream, LinkError> {
    let unreachable = |cause| LinkError::Unreachable {
        address: address.to_owned(),
        cause,
    };
    let stream = tokio::time::timeout(Duration::from_millis(CONNECT_MS_MAX), TcpStream::connect(address))
        .await
        .map_err(|_| unreachable(std::io::ErrorKind::TimedOut.into()))?
        .map_err(unreachable)?;
    prepare(&stream).map_err(unreachable)?;
    Ok(stream)
}

/// Small messages leave at once, and a peer that vanished is noticed.
pub(super) fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    use rustix::net::sockopt;
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, Duration::from_secs(KEEPALIVE_IDLE_S))?;
    sockopt::set_tcp_keepintvl(stream, Duration::from_secs(KEEPALIVE_INTERVAL_S))?;
    sockopt::set_tcp_keepcnt(stream, KEEPALIVE_PROBES)?;
    Ok(())
}
