//! A wall clock of a device that jumps, by a library preloaded into the agent; and how libraries are preloaded.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Jumps of a clock, in seconds from the true time: back to the years before 1980, an hour, a day, ten years.
pub const JUMPS: [i64; 6] = [0, -1_600_000_000, -3_600, 86_400, 315_360_000, 0];

/// The wall clock of one device.
#[derive(Debug)]
pub struct JumpingClock {
    program: PathBuf,
    offset: PathBuf,
}

impl JumpingClock {
    /// A clock that shows the true time at first. `folder` outlives it; `program` is what it is for.
    pub fn new(folder: &Path, program: &Path) -> Self {
        let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/endurance/clock.c"));
        let offset = folder.join("clock-offset");
        let program = preload(source, folder, program, &[("TALLYMAN_CLOCK", &offset)]);
        let clock = Self { program, offset };
        clock.jump_to(0);
        clock
    }

    /// What the device has to run.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// From now on it shows the time so many seconds from the true one.
    pub fn jump_to(&self, seconds: i64) {
        // The new file takes the old one's place at once: a clock is never half set.
        let next = self.offset.with_extension("next");
        std::fs::write(&next, seconds.to_string()).expect("written");
        std::fs::rename(&next, &self.offset).expect("set");
    }
}

/// A program with a library built from `source` preloaded, which is told things by environment variables.
pub fn preload(source: &Path, folder: &Path, program: &Path, variables: &[(&str, &Path)]) -> PathBuf {
    let built = folder
        .join(source.file_name().expect("a name"))
        .with_extension("so");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
        .args([built.as_os_str(), source.as_ref(), "-ldl".as_ref()])
        .status()
        .expect("a C compiler");
    assert!(status.success(), "{} does not build", source.display());
    let mut text = format!(
        "#!/bin/sh\nexport LD_PRELOAD=\"{}${{LD_PRELOAD:+ $LD_PRELOAD}}\"\n",
        built.display()
    );
    for (name, value) in variables {
        text.push_str(&format!("export {name}='{}'\n", value.display()));
    }
    text.push_str(&format!("exec '{}' \"$@\"\n", program.display()));
    let script = built.with_extension("sh");
    std::fs::write(&script, text).expect("a script");
    let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, runnable).expect("a runnable script");
    script
}
