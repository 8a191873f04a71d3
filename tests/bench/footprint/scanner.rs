//! The far end of a serial line: what a scanner writes to.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::OptionalActions;

/// A scanner's line. Both ends are kept open, so that it does not hang up while agents come and go.
#[derive(Debug)]
pub struct ScannerLine {
    far: File,
    _near: std::os::fd::OwnedFd,
    path: PathBuf,
}

impl ScannerLine {
    /// Makes one.
    ///
    /// # Errors
    /// What the kernel says where it gives no pseudo terminal.
    pub fn plug_in() -> io::Result<Self> {
        let far = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&far)?;
        rustix::pty::unlockpt(&far)?;
        let node = rustix::pty::ptsname(&far, Vec::new())?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let near = rustix::fs::open(&node, flags, Mode::empty())?;
        // Raw from the start: otherwise the line would echo what is scanned before the agent has opened it.
        let mut settings = rustix::termios::tcgetattr(&near)?;
        settings.make_raw();
        rustix::termios::tcsetattr(&near, OptionalActions::Now, &settings)?;
        Ok(Self {
            far: File::from(far),
            _near: near,
            path: PathBuf::from(OsString::from_vec(node.into_bytes())),
        })
    }

    /// The node that the agent opens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sends what was scanned.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.far.write_all(bytes)
    }
}
