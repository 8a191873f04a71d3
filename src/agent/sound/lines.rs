//! Outcomes as lines of JSON in a file or a pipe, for whoever listens outside the agent.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::{Cue, SoundError, Sounder};

/// Writes `{"n":1,"sound":"good"}` for each outcome, counting from 1 since it was opened.
///
/// A pipe that nobody reads does not hold the agent up: it is opened again at each outcome until somebody does.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    file: Option<File>,
    sounded: u64,
}

impl Lines {
    /// Opens a file to append to, which is made where it is missing, or a pipe.
    ///
    /// # Errors
    /// When it can neither be opened nor made.
    pub fn open(path: &Path) -> Result<Self, SoundError> {
        let mut lines = Self {
            path: path.to_path_buf(),
            file: None,
            sounded: 0,
        };
        lines.file = lines.reopened()?;
        Ok(lines)
    }

    /// The open file, or nothing where it is a pipe that nobody reads.
    fn reopened(&self) -> Result<Option<File>, SoundError> {
        let flags = OFlags::NONBLOCK.union(OFlags::NOCTTY).bits() as i32;
        match OpenOptions::new()
            .append(true)
            .create(true)
            .custom_flags(flags)
            .open(&self.path)
        {
            Ok(file) => Ok(Some(file)),
            // fifo(7): opening a pipe for writing fails so where no process has it open for reading.
            Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => Ok(None),
            Err(source) => Err(SoundError::Output {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

impl Sounder for Lines {
    fn sound(&mut self, cue: Cue) -> Result<(), SoundError> {
        self.sounded += 1;
        // One write a line: lines shorter than PIPE_BUF are never torn in a pipe (pipe(7)).
        let line = format!("{{\"n\":{},\"sound\":\"{}\"}}\n", self.sounded, cue.word());
        if self.file.is_none() {
            self.file = self.reopened()?;
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        match file.write_all(line.as_bytes()) {
            Ok(()) => Ok(()),
            Err(source) => {
                self.file = None;
                // The reader went away: that is its own business.
                if source.kind() == ErrorKind::BrokenPipe {
                    return Ok(());
                }
                Err(SoundError::Output {
                    path: self.path.clone(),
                    source,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    fn pipe(folder: &tempfile::TempDir) -> PathBuf {
        let path = folder.path().join("sounds");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        path
    }

    fn reader(path: &Path) -> BufReader<File> {
        let flags = OFlags::NONBLOCK.bits() as i32;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(path)
            .expect("a reader");
        BufReader::new(file)
    }

    fn next(reader: &mut BufReader<File>) -> String {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        line
    }

    #[test]
    fn a_file_gets_a_line_for_each_outcome_behind_what_it_held() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sounds.jsonl");
        for cues in [[Cue::Good, Cue::Bad], [Cue::StorageFailure, Cue::Duplicate]] {
            let mut lines = Lines::open(&path).expect("a file");
            for cue in cues {
                lines.sound(cue).expect("written");
            }
        }
        let text = std::fs::read_to_string(&path).expect("text");
        let words: Vec<_> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
            .map(|line| format!("{} {}", line["n"], line["sound"].as_str().expect("a word")))
            .collect();
        assert_eq!(words, ["1 good", "2 bad", "1 storage_failure", "2 duplicate"]);
    }

    #[test]
    fn a_pipe_without_a_reader_holds_nothing_up_and_a_late_reader_hears_what_follows() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = pipe(&folder);
        let mut lines = Lines::open(&path).expect("a pipe that nobody reads yet");
        lines.sound(Cue::Bad).expect("unheard");
        let mut first = reader(&path);
        lines.sound(Cue::Good).expect("heard");
        assert_eq!(next(&mut first), "{\"n\":2,\"sound\":\"good\"}\n");
        drop(first);
        lines.sound(Cue::Ask).expect("the reader went away");
        let mut second = reader(&path);
        lines.sound(Cue::Good).expect("heard again");
        assert_eq!(next(&mut second), "{\"n\":4,\"sound\":\"good\"}\n");
    }

    #[test]
    fn a_full_pipe_is_an_error_and_no_wait() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = pipe(&folder);
        let reader = reader(&path);
        let mut lines = Lines::open(&path).expect("a pipe");
        // A pipe holds 64 KiB, and at least one page (pipe(7)); this is more than a megabyte.
        let refused = (0..50_000).find_map(|_| lines.sound(Cue::Good).err());
        assert!(matches!(refused, Some(SoundError::Output { .. })), "{refused:?}");
        drop(reader);
    }
}
