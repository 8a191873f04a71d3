//! The bell of a terminal. The console of Linux has pitch and length for it; others ring once for each note.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::OFlags;

use super::{Cue, Note, SoundError, Sounder, pattern};

/// Outcomes that may wait for the thread. It takes each at once, unless the terminal is stopped (as by Ctrl-S).
const WAITING_MAX: usize = 16;

/// Rings a terminal's bell from a thread of its own, since a pattern takes longer than a worker should wait.
#[derive(Debug)]
pub struct Bell {
    path: PathBuf,
    /// Gone when the thread has ended.
    cues: Option<SyncSender<Cue>>,
    player: Option<JoinHandle<io::Result<()>>>,
}

impl Bell {
    /// Opens a terminal.
    ///
    /// # Errors
    /// When it cannot be opened for writing.
    pub fn open(path: &Path) -> Result<Self, SoundError> {
        let mut bell = Self {
            path: path.to_path_buf(),
            cues: None,
            player: None,
        };
        bell.start()?;
        Ok(bell)
    }

    fn start(&mut self) -> Result<(), SoundError> {
        // Without NOCTTY the terminal could become the one that controls the agent.
        let flags = OFlags::NOCTTY.bits() as i32;
        let opened = OpenOptions::new()
            .write(true)
            .custom_flags(flags)
            .open(&self.path);
        let started = opened.and_then(|terminal| {
            let (cues, queue) = sync_channel(WAITING_MAX);
            let player = move || play(terminal, &queue);
            let player = std::thread::Builder::new()
                .name("bell".to_owned())
                .spawn(player)?;
            Ok((cues, player))
        });
        let (cues, player) = started.map_err(|source| self.error(source))?;
        (self.cues, self.player) = (Some(cues), Some(player));
        Ok(())
    }

    /// Ends the thread, and says what ended it before.
    fn stop(&mut self) -> io::Result<()> {
        self.cues = None;
        match self.player.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(ended)) => ended,
            Some(Err(_)) => Err(io::Error::other("the thread that rings it ended by a bug")),
        }
    }

    fn error(&self, source: io::Error) -> SoundError {
        SoundError::Output {
            path: self.path.clone(),
            source,
        }
    }
}

impl Sounder for Bell {
    fn sound(&mut self, cue: Cue) -> Result<(), SoundError> {
        match self.cues.as_ref().map(|cues| cues.try_send(cue)) {
            Some(Ok(())) => return Ok(()),
            Some(Err(TrySendError::Full(_))) => return Err(self.error(io::ErrorKind::WouldBlock.into())),
            Some(Err(TrySendError::Disconnected(_))) | None => {}
        }
        // The thread ended at a write that failed, or could not start again after one; the next outcome has a new one.
        let ended = self.stop();
        self.start()?;
        ended.map_err(|source| self.error(source))
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // Nobody is left to hear why it could not ring.
        let _ = self.stop();
    }
}

/// Plays what comes until nobody can send any more. What comes while a pattern plays ends it.
fn play(mut terminal: File, cues: &Receiver<Cue>) -> io::Result<()> {
    let mut next = cues.recv().ok();
    while let Some(cue) = next.take() {
        for note in pattern(cue).notes {
            terminal.write_all(ring(note).as_bytes())?;
            match cues.recv_timeout(length(note)) {
                Ok(newer) => {
                    next = Some(newer);
                    break;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
        if next.is_none() {
            next = cues.recv().ok();
        }
    }
    Ok(())
}

/// A note for a terminal: pitch and length as the console of Linux takes them (console_codes(4), "Linux Console
/// Private CSI Sequences"), which other terminals skip, and the bell.
fn ring(note: &Note) -> String {
    format!("\x1b[10;{}]\x1b[11;{}]\x07", note.hz, note.ms)
}

fn length(note: &Note) -> Duration {
    Duration::from_millis(u64::from(note.ms) + u64::from(note.pause_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_outcome_ends_an_older_one() {
        let terminal = tempfile::NamedTempFile::new().expect("a file in place of a terminal");
        let (cues, queue) = sync_channel(WAITING_MAX);
        let sounded = [Cue::StorageFailure, Cue::Bad, Cue::Good];
        for cue in sounded {
            cues.send(cue).expect("room");
        }
        drop(cues);
        play(terminal.reopen().expect("it opens"), &queue).expect("it rings");
        let rung = std::fs::read_to_string(terminal.path()).expect("text");
        let first = |cue| ring(&pattern(cue).notes[0]);
        assert_eq!(rung, sounded.map(first).concat());
    }

    #[test]
    fn a_pattern_rings_note_by_note() {
        let terminal = tempfile::NamedTempFile::new().expect("a file in place of a terminal");
        let file = terminal.reopen().expect("it opens");
        let (cues, queue) = sync_channel(WAITING_MAX);
        let player = std::thread::spawn(move || play(file, &queue));
        cues.send(Cue::Good).expect("a player");
        let whole: String = pattern(Cue::Good).notes.iter().map(ring).collect();
        // The player is let go once it has rung all; it would wait for more.
        while std::fs::metadata(terminal.path()).expect("a file").len() < whole.len() as u64 {
            std::thread::yield_now();
        }
        drop(cues);
        player.join().expect("no bug").expect("it rings");
        assert_eq!(std::fs::read_to_string(terminal.path()).expect("text"), whole);
    }

    #[test]
    fn a_note_carries_pitch_length_and_bell() {
        assert_eq!(
            ring(&Note {
                hz: 659,
                ms: 60,
                pause_ms: 15
            }),
            "\x1b[10;659]\x1b[11;60]\x07"
        );
    }

    #[test]
    fn a_terminal_that_takes_no_writes_is_told_and_tried_again() {
        let mut bell = Bell::open(Path::new("/dev/full")).expect("it opens");
        for _ in 0..2 {
            bell.sound(Cue::Good).expect("the failure is not known yet");
            while bell.player.as_ref().is_some_and(|player| !player.is_finished()) {
                std::thread::yield_now();
            }
            let text = bell.sound(Cue::Good).expect_err("now it is").to_string();
            assert!(text.contains("/dev/full"), "{text}");
        }
    }
}
