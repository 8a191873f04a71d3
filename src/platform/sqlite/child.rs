//! For tests of limits that hold for a whole process: such a test runs itself again as a child.

use std::path::Path;
use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Says to a test that it is the child, and which folder is its own.
const CHILD_FOLDER: &str = "TALLYMAN_TEST_CHILD_FOLDER";

/// Runs `inside` in a child process that gets an error, instead of a signal that would end it, where it
/// writes beyond the size a file may have (setrlimit(2), RLIMIT_FSIZE). True in the parent, where the child
/// has succeeded; in the child the test is over when this returns.
pub(super) fn in_child(folder: &Path, inside: impl FnOnce(&Path)) -> bool {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        inside(Path::new(&folder));
        return false;
    }
    let thread = std::thread::current();
    let own_name = thread.name().expect("a test's thread has the test's name");
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", own_name, "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    true
}

/// Runs `inside` while no file of this process may grow beyond this size.
pub(super) fn with_files_limited_to<T>(bytes: u64, inside: impl FnOnce() -> T) -> T {
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
