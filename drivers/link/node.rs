//! Links to device nodes that hand out whole units: hidraw reports, and key events of a grabbed input node.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use evdev::InputEvent;
use evdev::raw_stream::{EventStream, RawDevice as Device};
use futures_util::future::BoxFuture;
use rustix::fs::{Mode, OFlags};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Link, LinkError, Opener, nodes};
use crate::contract::report::hex;
use crate::keyboard_wedge::event::EVENT_BYTES;

/// Opens one hidraw node.
#[derive(Debug)]
pub struct HidrawOpener {
    path: PathBuf,
    descriptor: Vec<u8>,
}

impl HidrawOpener {
    /// An opener for this node.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            descriptor: Vec::new(),
        }
    }
}

impl Opener for HidrawOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            let link = open_hidraw(&self.path)?;
            self.descriptor = nodes::descriptor_of(&self.path);
            Ok(link)
        })
    }

    fn node(&self) -> Option<String> {
        Some(super::node_behind(&self.path))
    }

    fn discovered(&self) -> Vec<(&'static str, String)> {
        discovered(&self.descriptor)
    }
}

/// The setting that a report descriptor is; none where the kernel did not show one.
pub(super) fn discovered(descriptor: &[u8]) -> Vec<(&'static str, String)> {
    if descriptor.is_empty() {
        Vec::new()
    } else {
        vec![("descriptor", hex(descriptor))]
    }
}

/// Opens a hidraw node: each read is a report, each write is one.
///
/// # Errors
/// [`LinkError`] says what is in the way.
pub fn open_hidraw(path: &Path) -> Result<Box<dyn Link>, LinkError> {
    let fault = |cause| LinkError::of_node(&path.to_string_lossy(), cause);
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let node = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| fault(errno.into()))?;
    #[allow(
        deprecated,
        reason = "an OwnedFd keeps its descriptor; the replacement would need unsafe code"
    )]
    let node = AsyncFd::new(node).map_err(fault)?;
    Ok(Box::new(Reports { node }))
}

struct Reports {
    node: AsyncFd<OwnedFd>,
}

impl AsyncRead for Reports {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.node.poll_read_ready(context))?;
            let unfilled = buffer.initialize_unfilled();
            match ready.try_io(|node| rustix::io::read(node.get_ref(), &mut *unfilled).map_err(Into::into)) {
                Ok(Ok(count)) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) => {}
            }
        }
    }
}

impl super::Link for Reports {}

impl AsyncWrite for Reports {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut ready = ready!(self.node.poll_write_ready(context))?;
            match ready.try_io(|node| rustix::io::write(node.get_ref(), bytes).map_err(Into::into)) {
                // The kernel takes a report whole and may count the bytes of its own length.
                Ok(result) => return Poll::Ready(result.map(|_| bytes.len())),
                Err(_would_block) => {}
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Opens one input node for this program alone.
#[derive(Debug)]
pub struct EvdevOpener {
    path: PathBuf,
}

impl EvdevOpener {
    /// An opener for this node.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Opener for EvdevOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async { open_evdev(&self.path) })
    }

    fn node(&self) -> Option<String> {
        Some(super::node_behind(&self.path))
    }
}

/// Opens and grabs an input node: its events reach nobody else, for as long as the link is open.
///
/// # Errors
/// [`LinkError`] says what is in the way; a node that another program has grabbed is busy, and so is one with a
/// key down, whose release would be lost to everybody else.
pub fn open_evdev(path: &Path) -> Result<Box<dyn Link>, LinkError> {
    let fault = |cause| LinkError::of_node(&path.to_string_lossy(), cause);
    let mut device = Device::open(path).map_err(fault)?;
    if device.get_key_state().map_err(fault)?.iter().next().is_some() {
        return Err(LinkError::Busy {
            path: path.to_string_lossy().into_owned(),
        });
    }
    device.grab().map_err(fault)?;
    Ok(Box::new(Events {
        stream: device.into_event_stream().map_err(fault)?,
        waiting: Vec::new(),
    }))
}

struct Events {
    stream: EventStream,
    /// Bytes of an event that did not fit the reader's buffer.
    waiting: Vec<u8>,
}

/// An event as 64-bit machines lay it out, on every machine. The kernel's time is a wall clock's and is left out:
/// the moment of the read stands for it.
fn bytes_of(event: InputEvent) -> Vec<u8> {
    let mut bytes = vec![0; EVENT_BYTES - 8];
    bytes.extend(event.event_type().0.to_le_bytes());
    bytes.extend(event.code().to_le_bytes());
    bytes.extend(event.value().to_le_bytes());
    bytes
}

impl AsyncRead for Events {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let link = &mut *self;
        let mut filled = false;
        loop {
            let count = link.waiting.len().min(buffer.remaining());
            buffer.put_slice(&link.waiting[..count]);
            link.waiting.drain(..count);
            filled |= count > 0;
            if buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            match link.stream.poll_event(context) {
                Poll::Ready(Ok(event)) => link.waiting = bytes_of(event),
                // The error comes again at the next read.
                Poll::Ready(Err(_)) | Poll::Pending if filled => return Poll::Ready(Ok(())),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// Nothing is written to a keyboard.
impl super::Link for Events {}

impl AsyncWrite for Events {
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
