//! The way to a printer: bytes out, and where it answers, bytes back.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::config::Way;
use super::host_status;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a printer may take no bytes: it holds them up while its memory is full.
const WRITE: Duration = Duration::from_secs(20);

/// An open way.
pub(super) enum Connection {
    Tcp(TcpStream),
    Usb(Arc<File>),
}

impl Connection {
    /// Opens it.
    pub(super) async fn open(way: &Way) -> io::Result<Self> {
        match way {
            Way::Tcp(address) => {
                let stream = in_time(CONNECT, TcpStream::connect(address.as_str())).await?;
                Ok(Self::Tcp(stream))
            }
            Way::Usb(path) => {
                let path = path.clone();
                let file = blocking(move || open_node(&path)).await?;
                Ok(Self::Usb(Arc::new(file)))
            }
        }
    }

    /// Sends bytes. When this returns, the printer or the system has them.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => in_time(WRITE, stream.write_all(bytes)).await,
            Self::Usb(file) => {
                let (file, bytes) = (Arc::clone(file), bytes.to_vec());
                blocking(move || write_node(&file, &bytes)).await
            }
        }
    }

    /// Asks the printer for its state. Empty where it answers nothing in time; an error where the way is broken.
    pub(super) async fn ask(&mut self, patience: Duration) -> io::Result<Vec<u8>> {
        self.send(host_status::QUESTION).await?;
        match self {
            Self::Tcp(stream) => {
                let mut answer = Vec::new();
                let read = tokio::time::timeout(patience, read_answer(stream, &mut answer)).await;
                read.unwrap_or(Ok(()))?;
                Ok(answer)
            }
            Self::Usb(file) => {
                let file = Arc::clone(file);
                blocking(move || read_node(&file, patience)).await
            }
        }
    }

    /// Ends it in order.
    pub(super) async fn close(self) {
        if let Self::Tcp(mut stream) = self {
            let _ = in_time(WRITE, stream.shutdown()).await;
        }
    }
}

async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> io::Result<()> {
    let mut bytes = [0; 256];
    while !host_status::is_whole(answer) && answer.len() < host_status::ANSWER_BYTES_MAX {
        match stream.read(&mut bytes).await? {
            0 => {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the printer hung up",
                ));
            }
            read => answer.extend_from_slice(&bytes[..read]),
        }
    }
    Ok(())
}

async fn in_time<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = |_| {
        io::Error::new(
            io::ErrorKind::TimedOut,
            format!("nothing within {} s", time.as_secs()),
        )
    };
    tokio::time::timeout(time, work).await.map_err(late)?
}

/// Nodes of devices are read and written on a thread for that; each call ends by itself.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

fn open_node(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags)
        .open(path)
}

fn write_node(mut file: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        if !is_ready(file, PollFlags::OUT, WRITE)? {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the printer takes nothing",
            ));
        }
        match file.write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if is_not_yet(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn read_node(mut file: &File, patience: Duration) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut bytes = [0; 256];
    while !host_status::is_whole(&answer)
        && answer.len() < host_status::ANSWER_BYTES_MAX
        && is_ready(file, PollFlags::IN, patience)?
    {
        match file.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&bytes[..read]),
            Err(error) if is_not_yet(&error) => {}
            // A printer on a line without a way back.
            Err(_) => break,
        }
    }
    Ok(answer)
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

fn is_ready(file: &File, flags: PollFlags, time: Duration) -> io::Result<bool> {
    let time = Timespec::try_from(time).map_err(io::Error::other)?;
    let mut polled = [PollFd::new(file, flags)];
    match poll(&mut polled, Some(&time)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
