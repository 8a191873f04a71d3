//! What the kernel says of a process: memory, time on a processor, and how often its threads were woken.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::time::Duration;

/// Resident memory in KiB (proc_pid_status(5)).
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// All of it.
    pub all_kib: u64,
    /// What no file stands behind: heap, stacks, and data that was written.
    pub own_kib: u64,
    /// Pages of files, which the kernel can drop and share.
    pub file_kib: u64,
    /// The most that was ever resident.
    pub most_kib: u64,
}

impl Memory {
    /// Of a process.
    pub fn of(process: u32) -> Self {
        let text = fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
        let field = |name: &str| number(&text, name).unwrap_or_else(|| panic!("{name} in {text}"));
        Self {
            all_kib: field("VmRSS:"),
            own_kib: field("RssAnon:"),
            file_kib: field("RssFile:"),
            most_kib: field("VmHWM:"),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mb = |kib: u64| kib as f64 * 1024.0 / 1e6;
        write!(
            formatter,
            "{:>6.2}  own {:>6.2}  files {:>6.2}  (at most {:.2} so far)",
            mb(self.all_kib),
            mb(self.own_kib),
            mb(self.file_kib),
            mb(self.most_kib)
        )
    }
}

/// What a process has done since it started.
#[derive(Debug, Clone, Default)]
pub struct Effort {
    /// Time on a processor, of all threads.
    pub running: Duration,
    /// How often each thread went to sleep by itself, which is how often it was woken.
    pub wakes: BTreeMap<String, u64>,
}

impl Effort {
    /// Of a process. Threads that have ended are not in it.
    pub fn of(process: u32) -> Self {
        let mut effort = Self::default();
        let threads = fs::read_dir(format!("/proc/{process}/task")).expect("a process");
        for thread in threads.flatten() {
            let read = |name: &str| fs::read_to_string(thread.path().join(name)).unwrap_or_default();
            // The first number of schedstat is nanoseconds on a processor (Documentation/scheduler/sched-stats.rst).
            let running = read("schedstat");
            let running = running.split(' ').next().and_then(|ns| ns.parse().ok());
            effort.running += Duration::from_nanos(running.unwrap_or(0));
            let slept = number(&read("status"), "voluntary_ctxt_switches:").unwrap_or(0);
            let name = format!("{} {}", read("comm").trim(), thread.file_name().to_string_lossy());
            effort.wakes.insert(name, slept);
        }
        effort
    }

    /// What was done since then.
    pub fn since(&self, before: &Self) -> Self {
        let wakes = self.wakes.iter().map(|(name, wakes)| {
            let before = before.wakes.get(name).copied().unwrap_or(0);
            (name.clone(), wakes.saturating_sub(before))
        });
        Self {
            running: self.running.saturating_sub(before.running),
            wakes: wakes.collect(),
        }
    }

    /// Wake-ups of all threads.
    pub fn total(&self) -> u64 {
        self.wakes.values().sum()
    }
}

fn number(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line[name.len()..].split_whitespace().next()?.parse().ok()
}
