//! Why a job was not stored.

use std::path::PathBuf;
use std::sync::Arc;

/// Why a job was not stored. Nothing of it is in the file, with one exception: where the disk failed under
/// the job's own commit ([`WriteError::Dead`]), what was written may be found whole at the next start, or not
/// at all.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The job itself returned an error, and everything it had written was taken back.
    #[error(transparent)]
    Job(E),

    /// There was no room for it. The writer lives, and takes jobs again when there is room.
    #[error("the disk that holds {} is full; nothing of this was stored. Free some space and try again.", .path.display())]
    Full {
        /// The store file.
        path: PathBuf,
    },

    /// Another program kept the file locked for longer than the busy timeout.
    #[error("{} is locked by another program; nothing of this was stored. Close that program and try again.", .path.display())]
    Busy {
        /// The store file.
        path: PathBuf,
    },

    /// SQLite took the whole transaction back, for a reason that may pass: memory ran out, or a job before
    /// this one in the same transaction brought it down.
    #[error("the transaction was taken back ({cause}); nothing of this was stored. It may be tried again.")]
    Aborted {
        /// What SQLite said.
        cause: String,
    },

    /// The job panicked: a mistake in the program. What it had written was taken back, and the writer lives.
    #[error(
        "the program made a mistake while storing ({message}); nothing of this was stored. Please report this."
    )]
    Panicked {
        /// The panic's message.
        message: String,
    },

    /// The disk has failed under an earlier commit, or under this one; see [`Death`]. Nothing may be claimed
    /// about this job: ask the file at the next start.
    #[error("{0}")]
    Dead(Arc<Death>),

    /// The writer was closed before the job's turn came.
    #[error("the store is closed; nothing of this was stored")]
    Closed,
}

/// Why a writer stores nothing any more.
///
/// When a write or a sync fails, Linux may mark the lost pages as clean: trying again in the same process can
/// report a success that never reached the disk (Rebello et al., "Can Applications Recover from fsync
/// Failures?", USENIX ATC 2020). So the first such failure is the last write: the process should say so, end,
/// and check its rows when it starts again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the disk that holds {} has failed ({cause}); nothing more is stored until the program is started again. Look at the \
     kernel's log, and replace the disk if it reports errors.",
    .path.display()
)]
pub struct Death {
    /// The store file.
    pub path: PathBuf,
    /// What SQLite said.
    pub cause: String,
}
