//! Who works on what, for those who tell the hub.

use tallyman_floor::{TaskId, WorkerId};

/// Who works on what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtWork {
    /// Who is logged in.
    pub worker: Option<WorkerId>,
    /// The task that is open.
    pub task: Option<TaskId>,
    /// The worker was told who else holds the task, and works on it all the same.
    pub take_over: bool,
}
