//! The disks of the machines, through the library that is preloaded into this process: `disk.c`.

use std::path::{Path, PathBuf};
use std::process::Command;

use tallyman_sim::world::disk::{Disk, DiskTally, Loss, Node};

/// Disks that fail by command.
#[derive(Debug, Clone, Copy)]
pub struct PreloadedDisk;

impl PreloadedDisk {
    /// The library answers here.
    pub fn is_there() -> bool {
        std::fs::read_link("/tallyman-disk/look/0/").is_ok()
    }

    fn ask(command: &str) -> Vec<u64> {
        let answer =
            std::fs::read_link(format!("/tallyman-disk/{command}")).expect("the preloaded disk answers");
        let answer = answer.display().to_string();
        answer
            .split(' ')
            .map(|word| word.parse().expect("a number"))
            .collect()
    }
}

impl Disk for PreloadedDisk {
    fn add(&self, node: Node, folder: &Path) {
        let folder = folder.canonicalize().expect("the folder of a machine");
        Self::ask(&format!("add/{node}{}", folder.display()));
    }

    fn cut(&self, node: Node, loss: Loss) {
        Self::ask(&format!("cut/{node}/{}", loss.word()));
    }

    fn cut_after(&self, node: Node, operations: u64, loss: Loss) {
        Self::ask(&format!("cut-after/{node}/{}/{operations}", loss.word()));
    }

    fn fail_after(&self, node: Node, operations: u64) {
        Self::ask(&format!("fail-after/{node}/{operations}"));
    }

    fn fill(&self, node: Node, is_full: bool) {
        Self::ask(&format!("full/{node}/{}", u8::from(is_full)));
    }

    fn settle(&self, node: Node) {
        Self::ask(&format!("settle/{node}/"));
    }

    fn lie(&self, node: Node) {
        Self::ask(&format!("lie/{node}/"));
    }

    fn is_cut(&self, node: Node) -> bool {
        Self::ask(&format!("look/{node}/"))[0] == 1
    }

    fn mend(&self, node: Node) {
        Self::ask(&format!("mend/{node}/"));
    }

    fn tally(&self, node: Node) -> DiskTally {
        let told = Self::ask(&format!("look/{node}/"));
        DiskTally {
            cuts: told[1],
            failures: told[2],
            full: told[3],
            lost: told[4],
        }
    }
}

/// Builds the library.
pub fn build(folder: &Path) -> PathBuf {
    let library = folder.join("disk.so");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/simulation/disk.c"))
        .arg("-ldl")
        .status()
        .expect("a C compiler");
    assert!(status.success(), "disk.c does not build");
    library
}
