//! For tests of limits that hold for a whole process: such a test runs itself again as a child.

use std::path::Path;
use std::process::{Command, Output};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Says to a test that it is the child, and which folder is its own.
const CHILD_FOLDER: &str = "TALLYMAN_TEST_CHILD_FOLDER";

/// Runs `inside` in a child process that gets an error, instead of a signal that would end it, where it
/// writes beyond the size a file may have (setrlimit(2), RLIMIT_FSIZE). In the parent, gives what the child
/// wrote once it has succeeded; in the child `None`, and the test is over. `test` is the calling test's own
/// path.
pub(crate) fn in_child(test: &str, folder: &Path, inside: impl FnOnce(&Path)) -> Option<Output> {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        inside(Path::new(&folder));
        return None;
    }
    // The harness knows a test by its path without the crate.
    let (_, test) = test.split_once("::").unwrap();
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .env_remove(crate::logs::LEVEL_VARIABLE)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    Some(child)
}

/// Runs `inside` while no file of this process may grow beyond this size.
pub(crate) fn with_files_limited_to<T>(bytes: u64, inside: impl FnOnce() -> T) -> T {
    let unlimited = getrlimit(Resource::Fsize);
    let limited = Rlimit {
        current: Some(bytes),
        ..unlimited
    };
    setrlimit(Resource::Fsize, limited).unwrap();
    let done = inside();
    setrlimit(Resource::Fsize, unlimited).unwrap();
    done
}
