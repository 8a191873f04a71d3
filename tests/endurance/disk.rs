//! A small disk for a device's store, which fills up and is freed.
//!
//! A file system in memory of its own where this process may mount one, as in CI; else a library that makes writes to
//! the store fail as the kernel would.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::clock::preload;

/// Room on the disk: what a device wants to have free before it takes tasks in, and some more.
const MEBIBYTES: usize = 48;

/// The disk of one device.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A file system of its own.
    Mounted,
    /// Where the library looks for its switch.
    Preloaded { switch: PathBuf, program: PathBuf },
}

impl SmallDisk {
    /// Makes the folder of a device a disk of its own. `program` is what it will run.
    pub fn under(folder: &Path, program: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let mounted = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={MEBIBYTES}m"),
                "tallyman-test",
            ])
            .arg(folder)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        let kind = if mounted {
            Kind::Mounted
        } else {
            let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories/bad_disk.c"));
            let switch = folder.join("disk");
            let program = preload(source, folder, program, &[("TALLYMAN_BAD_DISK", &switch)]);
            Kind::Preloaded { switch, program }
        };
        Self {
            folder: folder.to_path_buf(),
            kind,
        }
    }

    /// What the device has to run, where that is another program.
    pub fn program(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Mounted => None,
            Kind::Preloaded { program, .. } => Some(program),
        }
    }

    /// Something else fills it to the last byte.
    pub fn fill(&self) {
        match &self.kind {
            Kind::Mounted => {
                let mut filler = std::fs::File::create(self.filler()).expect("a file");
                for size in [1 << 20, 4_096, 1] {
                    let block = vec![0x5a; size];
                    while filler.write_all(&block).is_ok() {}
                }
            }
            Kind::Preloaded { switch, .. } => {
                std::fs::write(switch.with_extension("full"), "").expect("switched");
            }
        }
    }

    /// Somebody makes room.
    pub fn free(&self) {
        let what = match &self.kind {
            Kind::Mounted => self.filler(),
            Kind::Preloaded { switch, .. } => switch.with_extension("full"),
        };
        std::fs::remove_file(what).expect("freed");
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Kind::Mounted = self.kind {
            let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
        }
    }
}
