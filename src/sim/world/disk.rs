//! The disks of a world's machines, as far as they fail: the stores are real files, and whoever runs the world gives
//! something that can spoil them.

use std::path::Path;

/// A machine: 0 is the hub, devices count from 1.
pub type Node = usize;

/// What a power cut does to writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All are on the disk.
    None,
    /// None is.
    All,
    /// The later half is not.
    LaterHalf,
    /// The last one is there by half, and those before it are.
    LastTorn,
}

impl Loss {
    /// Every one, for draws.
    pub const ALL: [Self; 4] = [Self::None, Self::All, Self::LaterHalf, Self::LastTorn];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::All => "all",
            Self::LaterHalf => "half",
            Self::LastTorn => "torn",
        }
    }
}

/// How often what was armed happened to a machine's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskTally {
    /// Times the power was cut in the middle of an operation.
    pub cuts: u64,
    /// Operations that failed.
    pub failures: u64,
    /// Operations for which there was no room.
    pub full: u64,
    /// Writes that a power cut took back.
    pub lost: u64,
}

/// The disks. An operation is a write, a sync, a cut, a removal or a renaming of a file of the machine's folder.
pub trait Disk: Send + Sync {
    /// A machine keeps its files here.
    fn add(&self, node: Node, folder: &Path);

    /// Cuts the power now: nothing below the folder changes any more.
    fn cut(&self, node: Node, loss: Loss);

    /// Cuts the power in place of the operation that comes after so many.
    fn cut_after(&self, node: Node, operations: u64, loss: Loss);

    /// Lets the operation after so many fail.
    fn fail_after(&self, node: Node, operations: u64);

    /// Leaves no room for files to grow, or gives it back.
    fn fill(&self, node: Node, is_full: bool);

    /// Everything that was written so far is on the disk: somebody has replaced files with the machine at rest.
    fn settle(&self, node: Node);

    /// From now on syncs are answered and not done: the disk of a control.
    fn lie(&self, node: Node);

    /// Whether the power is cut.
    fn is_cut(&self, node: Node) -> bool;

    /// The power comes back; whatever was armed is forgotten.
    fn mend(&self, node: Node);

    /// What happened to it since it was added.
    fn tally(&self, node: Node) -> DiskTally;
}
