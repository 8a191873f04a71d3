//! Plays patterns on a device of the kernel: a thread takes each outcome, switches its notes on and off, and opens the
//! device again where it was lost.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Cue, Note, SoundError, Sounder, pattern};

/// Outcomes that may wait for the thread, which takes each at once.
const WAITING_MAX: usize = 16;

/// A device that is on or off. It is off when it is made, and must be when it is dropped.
pub trait Voice: Send {
    /// Whether it says anything for an outcome.
    fn has(&self, _cue: Cue) -> bool {
        true
    }

    /// Begins a note, this loud of 100.
    ///
    /// # Errors
    /// What the system says.
    fn on(&mut self, cue: Cue, note: &Note, volume: u8) -> io::Result<()>;

    /// Ends it.
    ///
    /// # Errors
    /// What the system says.
    fn off(&mut self) -> io::Result<()>;

    /// How many times as long a note is as it sounds, for what is seen and felt more slowly than heard.
    fn stretch(&self) -> u32 {
        1
    }
}

/// How a voice is opened, again and again.
pub type OpenVoice = Box<dyn FnMut() -> io::Result<Box<dyn Voice>> + Send>;

/// A voice with its thread.
pub struct Player {
    name: PathBuf,
    volume: u8,
    /// Gone when the player ends.
    cues: Option<SyncSender<(Cue, u8)>>,
    failed: Arc<Mutex<Option<io::Error>>>,
    thread: Option<JoinHandle<()>>,
}

impl Player {
    /// A player of this voice, which is opened with the first outcome.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(name: impl Into<PathBuf>, open: OpenVoice) -> Result<Self, SoundError> {
        let name = name.into();
        let (cues, queue) = sync_channel(WAITING_MAX);
        let failed = Arc::new(Mutex::new(None));
        let told = Arc::clone(&failed);
        let thread = std::thread::Builder::new()
            .name("sound".to_owned())
            .spawn(move || play(open, &queue, &told))
            .map_err(|source| SoundError::Output {
                path: name.clone(),
                source,
            })?;
        Ok(Self {
            name,
            volume: 100,
            cues: Some(cues),
            failed,
            thread: Some(thread),
        })
    }

    fn error(&self, source: io::Error) -> SoundError {
        SoundError::Output {
            path: self.name.clone(),
            source,
        }
    }
}

impl Sounder for Player {
    fn sound(&mut self, cue: Cue) -> Result<(), SoundError> {
        // What failed before is told now; this outcome is tried all the same.
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        match self.cues.as_ref().map(|cues| cues.try_send((cue, self.volume))) {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_))) => return Err(self.error(io::ErrorKind::WouldBlock.into())),
            Some(Err(TrySendError::Disconnected(_))) | None => {
                return Err(self.error(io::Error::other("its thread ended by a bug")));
            }
        }
        failed.map_or(Ok(()), |source| Err(self.error(source)))
    }

    fn set_volume(&mut self, percent: u8) {
        self.volume = percent;
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.cues = None;
        if let Some(thread) = self.thread.take() {
            // A panic of it was logged by the panic itself.
            let _ = thread.join();
        }
    }
}

/// Plays what comes until nobody can send any more.
fn play(mut open: OpenVoice, cues: &Receiver<(Cue, u8)>, failed: &Mutex<Option<io::Error>>) {
    let mut voice: Option<Box<dyn Voice>> = None;
    let mut next = cues.recv().ok();
    while let Some((cue, volume)) = next.take() {
        let played = match voice.take().map_or_else(&mut open, Ok) {
            Ok(mut opened) => {
                let played = play_pattern(opened.as_mut(), cue, volume, cues);
                // A tone would sound for ever.
                let ended = opened.off();
                played.and_then(|newer| {
                    ended?;
                    voice = Some(opened);
                    Ok(newer)
                })
            }
            Err(error) => Err(error),
        };
        next = played.unwrap_or_else(|error| {
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            None
        });
        if next.is_none() {
            next = cues.recv().ok();
        }
    }
}

/// Plays one outcome. Gives the newer one that ended it.
fn play_pattern(
    voice: &mut dyn Voice,
    cue: Cue,
    volume: u8,
    cues: &Receiver<(Cue, u8)>,
) -> io::Result<Option<(Cue, u8)>> {
    if volume == 0 || !voice.has(cue) {
        return Ok(None);
    }
    let stretched = |ms: u16| Duration::from_millis(u64::from(ms) * u64::from(voice_stretch(voice)));
    let notes: Vec<(Note, Duration, Duration)> = pattern(cue)
        .notes
        .iter()
        .map(|note| (*note, stretched(note.ms), stretched(note.pause_ms)))
        .collect();
    for (note, sounds, silent) in notes {
        voice.on(cue, &note, volume)?;
        for (wait, then_off) in [(sounds, true), (silent, false)] {
            match cues.recv_timeout(wait) {
                Ok(newer) => return Ok(Some(newer)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
            if then_off {
                voice.off()?;
            }
        }
    }
    Ok(None)
}

fn voice_stretch(voice: &dyn Voice) -> u32 {
    voice.stretch()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    /// A voice that tells what it is told.
    struct Told {
        said: Sender<String>,
        fails: bool,
    }

    impl Voice for Told {
        fn has(&self, cue: Cue) -> bool {
            cue != Cue::Calm
        }

        fn on(&mut self, cue: Cue, note: &Note, volume: u8) -> io::Result<()> {
            if self.fails {
                return Err(io::Error::from(io::ErrorKind::NotFound));
            }
            let _ = self
                .said
                .send(format!("{} {} Hz at {volume}", cue.word(), note.hz));
            Ok(())
        }

        fn off(&mut self) -> io::Result<()> {
            let _ = self.said.send("off".to_owned());
            Ok(())
        }
    }

    #[test]
    fn a_pattern_is_on_and_off_note_by_note() {
        let (said, heard) = channel();
        let open: OpenVoice = Box::new(move || {
            Ok(Box::new(Told {
                said: said.clone(),
                fails: false,
            }))
        });
        let mut player = Player::start("/dev/twin", open).unwrap();
        player.set_volume(40);
        for cue in [Cue::Calm, Cue::Good] {
            player.sound(cue).unwrap();
        }
        // The first one says nothing here.
        assert_eq!(heard.recv().unwrap(), "off");
        let wanted = ["good 659 Hz at 40", "off", "good 988 Hz at 40", "off", "off"];
        for wanted in wanted {
            assert_eq!(heard.recv().unwrap(), wanted);
        }
        player.set_volume(0);
        player.sound(Cue::Bad).unwrap();
        drop(player);
        assert_eq!(heard.iter().collect::<Vec<_>>(), ["off"]);
    }

    #[test]
    fn a_newer_outcome_ends_an_older_one_and_the_end_is_silent() {
        let (said, heard) = channel();
        let (cues, queue) = sync_channel(WAITING_MAX);
        for cue in [Cue::StorageFailure, Cue::Bad] {
            cues.send((cue, 100)).unwrap();
        }
        drop(cues);
        let open: OpenVoice = Box::new(move || {
            Ok(Box::new(Told {
                said: said.clone(),
                fails: false,
            }))
        });
        play(open, &queue, &Mutex::default());
        let said: Vec<String> = heard.iter().collect();
        assert_eq!(
            said,
            ["storage_failure 932 Hz at 100", "off", "bad 196 Hz at 100", "off"]
        );
    }

    #[test]
    fn a_device_that_is_lost_is_told_and_opened_again() {
        let (said, heard) = channel();
        let mut opened = 0;
        let open: OpenVoice = Box::new(move || {
            opened += 1;
            Ok(Box::new(Told {
                said: said.clone(),
                fails: opened == 1,
            }))
        });
        let mut player = Player::start("/dev/twin", open).unwrap();
        player.sound(Cue::Good).unwrap();
        // The first voice is off after it failed; the next outcome has a new one.
        assert_eq!(heard.recv().unwrap(), "off");
        let mut told = None;
        while told.is_none() {
            told = player.sound(Cue::Duplicate).err();
            heard
                .iter()
                .find(|said| said.starts_with("duplicate"))
                .expect("it is opened again");
        }
        let told = told.unwrap().to_string();
        assert!(told.contains("/dev/twin"), "{told}");
    }
}
