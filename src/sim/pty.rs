//! A serial port without hardware: a pseudo terminal whose far end a virtual scanner writes to.
//!
//! The agent opens the near end by a fixed path, as it would a device node, through the real link and the real
//! driver. Pulling the plug hangs the line up; plugging in again gives another node behind the same path, as
//! USB adapters do.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::OptionalActions;
use tokio::io::unix::AsyncFd;

/// A virtual serial port.
#[derive(Debug)]
pub struct VirtualPort {
    path: PathBuf,
    line: Option<Line>,
}

/// Both ends of a pseudo terminal. The near end is kept open as well, so that the line does not hang up while the
/// agent restarts: a scanner's cable stays plugged in.
#[derive(Debug)]
struct Line {
    far: AsyncFd<File>,
    _near: OwnedFd,
}

impl VirtualPort {
    /// Makes a port that is found under `path`, which must not exist yet. As everything that plugs in, it needs an
    /// asynchronous runtime around it.
    ///
    /// # Errors
    /// What the kernel says when it gives no pseudo terminal, or the path cannot be made.
    pub fn plug_in(path: &Path) -> io::Result<Self> {
        let mut port = Self {
            path: path.to_path_buf(),
            line: None,
        };
        port.plug_in_again()?;
        Ok(port)
    }

    /// The path to open, as a device node.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the plug is in.
    pub const fn is_plugged_in(&self) -> bool {
        self.line.is_some()
    }

    /// Pulls the plug: whoever has the port open sees it hang up, and the path is gone.
    ///
    /// # Errors
    /// When the path cannot be removed.
    pub fn pull_out(&mut self) -> io::Result<()> {
        self.line = None;
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Plugs in again: another node behind the same path.
    ///
    /// # Errors
    /// As [`VirtualPort::plug_in`].
    pub fn plug_in_again(&mut self) -> io::Result<()> {
        self.pull_out()?;
        let far = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&far)?;
        rustix::pty::unlockpt(&far)?;
        let node = rustix::pty::ptsname(&far, Vec::new())?;
        let near = rustix::fs::open(
            &node,
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        // Raw from the start: otherwise the line would echo what is scanned before the agent has opened it.
        let mut settings = rustix::termios::tcgetattr(&near)?;
        settings.make_raw();
        rustix::termios::tcsetattr(&near, OptionalActions::Now, &settings)?;
        rustix::fs::fcntl_setfl(&far, OFlags::RDWR | OFlags::NONBLOCK)?;
        let node = PathBuf::from(std::ffi::OsString::from(node.to_string_lossy().into_owned()));
        std::os::unix::fs::symlink(node, &self.path)?;
        #[allow(
            deprecated,
            reason = "its replacement is unsafe; the file owns its descriptor for as long as it is registered"
        )]
        let far = AsyncFd::new(File::from(far))?;
        self.line = Some(Line { far, _near: near });
        Ok(())
    }

    /// Sends bytes as a scanner does. They wait in the line while the agent is away, as in a serial adapter's
    /// buffer.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotConnected`] when the plug is out, [`io::ErrorKind::WouldBlock`] when the line's buffer
    /// (about 4 KiB) is full because nobody reads.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let line = self.line.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        line.far.get_mut().write_all(bytes)
    }

    /// What the agent wrote to the scanner since the last call; empty when nothing.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotConnected`] when the plug is out; what the kernel says of the line.
    pub fn received(&mut self) -> io::Result<Vec<u8>> {
        let line = self.line.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let mut bytes = vec![0; 1024];
        match line.far.get_mut().read(&mut bytes) {
            Ok(count) => {
                bytes.truncate(count);
                Ok(bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Waits until the agent writes something, and gives it. Pending for as long as the plug is out; whoever plugs it
    /// in wakes the one who waits.
    ///
    /// # Errors
    /// What the kernel says of the line.
    pub fn poll_received(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Vec<u8>>> {
        let Some(line) = &mut self.line else {
            return Poll::Pending;
        };
        loop {
            let mut guard = ready!(line.far.poll_read_ready_mut(context))?;
            let mut bytes = vec![0; 1024];
            match guard.try_io(|far| far.get_mut().read(&mut bytes)) {
                Ok(read) => {
                    bytes.truncate(read?);
                    return Poll::Ready(Ok(bytes));
                }
                // Somebody has read it already.
                Err(_would_block) => {}
            }
        }
    }
}

impl Drop for VirtualPort {
    fn drop(&mut self) {
        // Nothing can be done about a path that stays behind in a folder of its own.
        let _ = self.pull_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> File {
        File::options()
            .read(true)
            .write(true)
            .open(path)
            .expect("the near end opens")
    }

    #[tokio::test]
    async fn what_the_scanner_sends_arrives_unchanged_and_is_not_echoed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut port = VirtualPort::plug_in(&folder.path().join("scanner")).expect("a port");
        let mut near = open(port.path());
        port.send(b"]C10109521234543213\r\x03\x1d").expect("sent");
        let mut bytes = [0; 22];
        near.read_exact(&mut bytes).expect("received");
        assert_eq!(&bytes, b"]C10109521234543213\r\x03\x1d");
        assert_eq!(port.received().expect("readable"), b"");
    }

    #[tokio::test]
    async fn what_the_agent_writes_is_received() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut port = VirtualPort::plug_in(&folder.path().join("scanner")).expect("a port");
        open(port.path()).write_all(b"\x06").expect("written");
        assert_eq!(port.received().expect("readable"), b"\x06");
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_what_the_agent_writes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut port = VirtualPort::plug_in(&folder.path().join("scanner")).expect("a port");
        let mut near = open(port.path());
        let (received, ()) = tokio::join!(
            std::future::poll_fn(|context| port.poll_received(context)),
            async {
                near.write_all(b"\x16\x07\r").expect("written");
            }
        );
        assert_eq!(received.expect("readable"), b"\x16\x07\r");
        port.pull_out().expect("pulled");
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(port.poll_received(&mut context).is_pending());
    }

    #[tokio::test]
    async fn pulling_the_plug_hangs_up_and_another_node_returns_under_the_same_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut port = VirtualPort::plug_in(&folder.path().join("scanner")).expect("a port");
        let mut before = open(port.path());
        port.pull_out().expect("pulled");
        assert!(matches!(before.read(&mut [0; 8]), Ok(0) | Err(_)));
        assert!(!port.path().exists());
        assert_eq!(
            port.send(b"x").expect_err("no line").kind(),
            io::ErrorKind::NotConnected
        );

        port.plug_in_again().expect("plugged in");
        let mut after = open(port.path());
        port.send(b"back").expect("sent");
        let mut bytes = [0; 4];
        after.read_exact(&mut bytes).expect("received");
        assert_eq!(&bytes, b"back");
    }
}
