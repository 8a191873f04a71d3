//! A link that plays a capture: the device's bytes at their moments; what is written goes nowhere.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::{Link, LinkError, Opener};
use crate::capture::{self, Capture};
use crate::config::{ReplayConfig, ReplayEnd};

/// Plays a capture file each time it is opened.
#[derive(Debug)]
pub struct ReplayOpener {
    config: ReplayConfig,
}

impl ReplayOpener {
    /// An opener for this capture.
    pub fn new(config: ReplayConfig) -> Self {
        Self { config }
    }
}

impl Opener for ReplayOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            let fault = |reason| LinkError::Capture {
                path: self.config.capture.clone(),
                reason,
            };
            let text =
                std::fs::read_to_string(&self.config.capture).map_err(|cause| fault(cause.to_string()))?;
            let capture = capture::parse(&text).map_err(|cause| fault(cause.to_string()))?;
            Ok(Box::new(ReplayLink::new(&capture, self.config.at_end)) as Box<dyn Link>)
        })
    }
}

/// A capture being played.
pub struct ReplayLink {
    /// What is left, the next piece last.
    chunks: Vec<(Vec<u8>, Instant)>,
    /// How much of the next piece was read.
    taken: usize,
    sleep: Pin<Box<Sleep>>,
    at_end: ReplayEnd,
}

impl ReplayLink {
    /// Begins to play now.
    pub fn new(capture: &Capture, at_end: ReplayEnd) -> Self {
        let start = Instant::now();
        let mut chunks: Vec<(Vec<u8>, Instant)> = capture
            .from_device()
            .map(|(bytes, at)| (bytes.to_vec(), start + Duration::from_micros(at.us)))
            .collect();
        chunks.reverse();
        Self {
            chunks,
            taken: 0,
            sleep: Box::pin(tokio::time::sleep_until(start)),
            at_end,
        }
    }
}

impl AsyncRead for ReplayLink {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let link = &mut *self;
        let Some((bytes, due)) = link.chunks.last() else {
            return match link.at_end {
                ReplayEnd::HangUp => Poll::Ready(Ok(())),
                ReplayEnd::Silence => Poll::Pending,
            };
        };
        if link.sleep.deadline() != *due {
            link.sleep.as_mut().reset(*due);
        }
        ready!(link.sleep.as_mut().poll(context));
        let rest = bytes.get(link.taken..).unwrap_or(&[]);
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..count]);
        link.taken += count;
        if link.taken >= bytes.len() {
            link.chunks.pop();
            link.taken = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl super::Link for ReplayLink {}

impl AsyncWrite for ReplayLink {
    fn poll_write(self: Pin<&mut Self>, _context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
