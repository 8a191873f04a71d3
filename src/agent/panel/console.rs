//! The kernel's text console, which paints on the same panel: it is asked to leave it alone, and gets it back in the end.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

use super::kernel;

/// A console that paints no text, until this is dropped: also when a panic unwinds. A program that is killed cannot give
/// it back; `chvt` to another console and back does.
#[derive(Debug)]
pub struct Console {
    terminal: File,
}

impl Console {
    /// Takes the panel from a virtual terminal, as `/dev/tty0` for the one that is seen. `None` where there is no such
    /// terminal: nobody paints text then.
    ///
    /// # Errors
    /// What the kernel says. The panel can be painted on, and the console may paint over it.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        if path.as_os_str().is_empty() {
            return Ok(None);
        }
        // Without NOCTTY the terminal could become the one that controls the agent.
        let flags = OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.bits() as i32)
            .open(path);
        let terminal = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        kernel::set_graphics(&terminal, true)?;
        Ok(Some(Self { terminal }))
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if let Err(error) = kernel::set_graphics(&self.terminal, false) {
            tracing::warn!(%error, "the console does not come back to the panel; switch to another one and back (chvt)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_paints_text_nothing_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for path in [Path::new(""), &folder.path().join("tty0")] {
            assert!(Console::take(path).unwrap().is_none());
        }
    }

    #[test]
    fn what_is_no_console_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Console::take(file.path()).is_err());
    }
}
