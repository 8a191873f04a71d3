//! The store and the disk under it: sound, nobody else's, with room, and honest about what it has written.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tallyman_platform::{disk, sqlite};

use super::{Finding, Grade};
use crate::config::AgentConfig;
use crate::store;

/// How many syncs are timed.
const SYNCS: usize = 9;

/// No flash memory takes a write in less: what answers sooner has answered from a cache. Cards and eMMC take milliseconds, good
/// solid-state disks some hundred microseconds (docs/durability.md).
const HONEST_SYNC_MIN: Duration = Duration::from_micros(40);

/// A worker waits for one sync before each good sound; beyond this they notice.
const PLEASANT_SYNC_MAX: Duration = Duration::from_millis(150);

/// File systems that are gone with the power, by their magic numbers (statfs(2)).
const IN_MEMORY: [(u64, &str); 2] = [(0x0102_1994, "tmpfs"), (0x8584_58F6, "ramfs")];

/// Checks the store of a configuration. `answers` is whether its agent answers at its socket.
pub(super) fn check(config: &AgentConfig, answers: bool) -> Vec<Finding> {
    let path = config.store_path();
    let mut findings = vec![soundness(&path)];
    findings.extend(owner(&path, answers));
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()) else {
        return findings;
    };
    if let Ok(space) = disk::space(folder) {
        findings.push(room(space.free_bytes >> 20, config.store.free_mib_min));
    }
    findings.push(honesty(folder));
    findings
}

fn soundness(path: &Path) -> Finding {
    let looked = sqlite::open_reader(path, &store::options()).and_then(|reader| sqlite::quick_check(&reader));
    match looked {
        Ok(()) => Finding::new("store", Grade::Good, format!("{} is sound", path.display())),
        Err(sqlite::OpenError::Missing { .. }) => {
            let text = format!("{} is made at the first start", path.display());
            Finding::new("store", Grade::Good, text)
        }
        Err(error) => Finding::new("store", Grade::Wrong, error.to_string()),
    }
}

/// A store that is held while no agent answers at the configured socket is another agent's.
fn owner(path: &Path, answers: bool) -> Option<Finding> {
    let mut lock = path.as_os_str().to_owned();
    lock.push(".lock");
    let lock = PathBuf::from(lock).metadata().ok()?;
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let holder = holder_of(&locks, lock.ino()).filter(|_| !answers)?;
    let text = format!(
        "{} is held by process {holder}, which does not answer at this configuration's socket. A store belongs to one agent: \
         end the other one, or give it a store of its own (`store.path`)",
        path.display()
    );
    Some(Finding::new("owner", Grade::Wrong, text))
}

/// The process that holds a lock on the file with this inode, by the lines of /proc/locks (proc(5)):
/// `1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF`.
fn holder_of(locks: &str, inode: u64) -> Option<u32> {
    let inode = inode.to_string();
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let is_whole_file = words.next() == Some("FLOCK");
        let process = words.nth(2)?.parse().ok()?;
        let is_it = words.next()?.rsplit(':').next() == Some(inode.as_str());
        (is_whole_file && is_it).then_some(process)
    })
}

fn room(free_mib: u64, wanted_mib: u64) -> Finding {
    let (grade, text) = if free_mib < wanted_mib {
        let text =
            format!("{free_mib} MiB free, and {wanted_mib} are wanted for confirmations; free some space");
        (Grade::Wrong, text)
    } else if free_mib < 2 * wanted_mib {
        let text =
            format!("{free_mib} MiB free; below {wanted_mib} no new tasks are taken in. Free some space");
        (Grade::Warning, text)
    } else {
        (Grade::Good, format!("{free_mib} MiB free"))
    };
    Finding::new("disk", grade, text)
}

fn honesty(folder: &Path) -> Finding {
    let file_system = rustix::fs::statfs(folder).map_or(0, |stat| magic(stat.f_type));
    match timed_syncs(folder) {
        Ok(median) => judged(file_system, median, folder),
        Err(error) => {
            let text = format!(
                "nothing can be written in {}: {error}. The folder has to belong to the user who runs the agent",
                folder.display()
            );
            Finding::new("sync", Grade::Wrong, text)
        }
    }
}

/// The kernel's word for a file system; its type has another width on each architecture.
fn magic(word: impl TryInto<i64>) -> u64 {
    let word: i64 = word.try_into().unwrap_or_default();
    // Magic numbers have 32 bits, whatever sign they were stored with.
    word.cast_unsigned() & 0xFFFF_FFFF
}

fn judged(file_system: u64, median: Duration, folder: &Path) -> Finding {
    let what = "sync";
    let us = median.as_micros();
    if let Some((_, name)) = IN_MEMORY.iter().find(|(magic, _)| *magic == file_system) {
        let text = format!(
            "{} is on {name}, in memory: every confirmation is lost with the power. Set `store.path` to a disk",
            folder.display()
        );
        return Finding::new(what, Grade::Wrong, text);
    }
    if median < HONEST_SYNC_MIN {
        let text = format!(
            "a sync takes {us} µs, less than any flash memory needs: the disk, or what emulates it, answers before it has \
             written. Unless its cache survives a power cut, a good beep is not on disk; see docs/durability.md"
        );
        return Finding::new(what, Grade::Warning, text);
    }
    if median > PLEASANT_SYNC_MAX {
        let text = format!(
            "a sync takes {} ms, and each good beep waits for one: use a faster card, or end what else writes to it",
            median.as_millis()
        );
        return Finding::new(what, Grade::Warning, text);
    }
    Finding::new(what, Grade::Good, format!("takes {us} µs"))
}

/// The median time of a sync after a small write, as the journal makes them.
fn timed_syncs(folder: &Path) -> std::io::Result<Duration> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let mut file = File::options().write(true).create_new(true).open(&path)?;
    let timed = (0..SYNCS)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&[0; 4_096])?;
            file.sync_data()?;
            Ok(begun.elapsed())
        })
        .collect::<std::io::Result<Vec<_>>>();
    std::fs::remove_file(&path)?;
    let mut times = timed?;
    times.sort_unstable();
    Ok(times[SYNCS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_judged_by_its_room() {
        for (free, grade) in [(10, Grade::Wrong), (40, Grade::Warning), (64, Grade::Good)] {
            assert_eq!(room(free, 32).grade, grade, "{free}");
        }
    }

    #[test]
    fn a_disk_is_judged_by_how_long_it_takes() {
        const EXT4: u64 = 0xEF53;
        for (file_system, us, grade, wanted) in [
            (EXT4, 2_000, Grade::Good, "takes 2000 µs"),
            (EXT4, 12, Grade::Warning, "answers before it has written"),
            (EXT4, 400_000, Grade::Warning, "use a faster card"),
            (0x0102_1994, 2_000, Grade::Wrong, "in memory"),
            (magic(-2_054_924_042_i64), 2_000, Grade::Wrong, "ramfs"),
        ] {
            let finding = judged(
                file_system,
                Duration::from_micros(us),
                Path::new("/var/lib/tallyman"),
            );
            assert_eq!(finding.grade, grade, "{finding:?}");
            assert!(finding.text.contains(wanted), "{finding:?}");
        }
    }

    #[test]
    fn who_holds_a_store_is_read_from_the_kernel() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF\n2: FLOCK  ADVISORY  WRITE 4711 fe:00:77 0 EOF\n\
                     3: -> FLOCK  ADVISORY  WRITE 12 fe:00:77 0 EOF\n4: FLOCK  ADVISORY  WRITE 13 fe:00:78 0 EOF\n";
        assert_eq!(holder_of(locks, 77), Some(4711));
        assert_eq!(holder_of(locks, 78), Some(13));
        assert_eq!(holder_of(locks, 7), None);
        assert_eq!(holder_of("nonsense", 7), None);
    }

    #[test]
    fn a_store_that_another_agent_holds_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.db");
        let held = sqlite::Database::open(&path, &store::options()).unwrap();
        let finding = owner(&path, false).unwrap();
        assert!(
            finding.text.contains(&std::process::id().to_string()),
            "{finding:?}"
        );
        // The agent that answers is the one that holds it.
        assert_eq!(owner(&path, true), None);
        drop(held);
        assert_eq!(owner(&path, false), None);
    }
}
