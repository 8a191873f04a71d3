//! The devices of the kernel that tell an outcome: beeper, light and vibrator.
//!
//! Sources: Linux, `include/uapi/linux/input-event-codes.h` (EV_SND), `Documentation/input/ff.rst`,
//! `Documentation/leds/leds-class.rst`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use evdev::raw_stream::RawDevice;
use evdev::{
    EventType, FFEffect, FFEffectCode, FFEffectData, FFEffectKind, FFReplay, FFTrigger, InputEvent, SoundCode,
};

use super::player::Voice;
use super::{Cue, Note};
use crate::input_nodes::device::find;
use tallyman_drivers::link::nodes::{SYSFS, input_nodes};

/// Where the kernel shows its lights.
pub const LEDS: &str = "/sys/class/leds";

/// The word for the first device that can.
pub const AUTO: &str = "auto";

/// A note that is felt or seen is so many times as long as one that is heard: a motor takes some 50 ms to start.
const STRETCH: u32 = 2;

/// Longest time that a vibration may go on if nobody ends it, in milliseconds.
const VIBRATION_MS_MAX: u16 = 2_000;

/// Opens the input node of a name, or the first one that can what is wanted.
fn open(name: &str, can: impl Fn(&RawDevice) -> bool, what: &str) -> io::Result<RawDevice> {
    let cannot = |path: &Path| io::Error::other(format!("{} is no {what}", path.display()));
    if name == AUTO {
        let mut opened = input_nodes(Path::new(SYSFS))
            .into_iter()
            .filter_map(|path| RawDevice::open(path).ok());
        let found = opened.find(can);
        return found.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                format!("no input device that may be opened is a {what}"),
            )
        });
    }
    let path = find(name, Path::new(SYSFS)).map_err(io::Error::other)?;
    let device = RawDevice::open(&path)?;
    if can(&device) {
        Ok(device)
    } else {
        Err(cannot(&path))
    }
}

/// A beeper: what the kernel sounds through EV_SND.
pub struct Beeper {
    device: RawDevice,
    /// It knows pitches; else it is only on or off.
    has_tones: bool,
    is_on: bool,
}

impl Beeper {
    /// Opens one.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(name: &str) -> io::Result<Self> {
        let device = open(name, |device| device.supported_sounds().is_some(), "beeper")?;
        let has_tones = device
            .supported_sounds()
            .is_some_and(|sounds| sounds.contains(SoundCode::SND_TONE));
        Ok(Self {
            device,
            has_tones,
            is_on: false,
        })
    }

    fn send(&mut self, value: i32) -> io::Result<()> {
        // The report ends it for those who listen to the node as well.
        let end = InputEvent::new(EventType::SYNCHRONIZATION.0, 0, 0);
        self.device
            .send_events(&[sound_event(self.has_tones, value), end])?;
        self.is_on = value != 0;
        Ok(())
    }
}

/// The event that begins or ends a tone: its pitch, or just on, and 0 for off.
fn sound_event(has_tones: bool, hz: i32) -> InputEvent {
    if has_tones {
        InputEvent::new(EventType::SOUND.0, SoundCode::SND_TONE.0, hz)
    } else {
        InputEvent::new(EventType::SOUND.0, SoundCode::SND_BELL.0, i32::from(hz != 0))
    }
}

impl Voice for Beeper {
    fn on(&mut self, _: Cue, note: &Note, _: u8) -> io::Result<()> {
        self.send(i32::from(note.hz))
    }

    fn off(&mut self) -> io::Result<()> {
        if self.is_on { self.send(0) } else { Ok(()) }
    }
}

impl Drop for Beeper {
    fn drop(&mut self) {
        // A tone goes on until it is told to end. Nobody is left to hear that it could not be.
        let _ = self.off();
    }
}

/// A motor that shakes the device.
pub struct Vibrator {
    device: RawDevice,
    effect: Option<(u8, FFEffect)>,
    is_on: bool,
}

impl Vibrator {
    /// Opens one.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(name: &str) -> io::Result<Self> {
        let rumbles = |device: &RawDevice| {
            device
                .supported_ff()
                .is_some_and(|effects| effects.contains(FFEffectCode::FF_RUMBLE))
        };
        Ok(Self {
            device: open(name, rumbles, "vibrator")?,
            effect: None,
            is_on: false,
        })
    }
}

/// A vibration this strong of 100.
fn rumble(strength: u8) -> FFEffectData {
    let magnitude = (u32::from(strength.min(100)) * u32::from(u16::MAX) / 100) as u16;
    FFEffectData {
        direction: 0,
        trigger: FFTrigger::default(),
        replay: FFReplay {
            length: VIBRATION_MS_MAX,
            delay: 0,
        },
        kind: FFEffectKind::Rumble {
            strong_magnitude: magnitude,
            weak_magnitude: magnitude,
        },
    }
}

impl Voice for Vibrator {
    fn on(&mut self, _: Cue, _: &Note, volume: u8) -> io::Result<()> {
        let ready = self.effect.take().filter(|(strength, _)| *strength == volume);
        let (strength, mut effect) = match ready {
            Some(ready) => ready,
            None => (volume, self.device.upload_ff_effect(rumble(volume))?),
        };
        let played = effect.play(1);
        self.effect = Some((strength, effect));
        self.is_on = true;
        played
    }

    fn off(&mut self) -> io::Result<()> {
        match &mut self.effect {
            Some((_, effect)) if std::mem::take(&mut self.is_on) => effect.stop(),
            _ => Ok(()),
        }
    }

    fn stretch(&self) -> u32 {
        STRETCH
    }
}

/// Lights, one for each outcome that has one.
#[derive(Debug)]
pub struct Lights {
    folder: PathBuf,
    names: BTreeMap<String, String>,
    lit: Option<PathBuf>,
}

impl Lights {
    /// Takes the lights from what the kernel blinks them for.
    ///
    /// # Errors
    /// What the system says about the first that cannot be had.
    pub fn open(folder: &Path, names: &BTreeMap<String, String>) -> io::Result<Self> {
        let lights = Self {
            folder: folder.to_path_buf(),
            names: names.clone(),
            lit: None,
        };
        for name in names.values() {
            let light = lights.folder.join(name);
            let wrong = |cause: io::Error| {
                io::Error::new(cause.kind(), format!("the light {}: {cause}", light.display()))
            };
            // Before its brightness: a trigger would change it again.
            fs::write(light.join("trigger"), "none").map_err(wrong)?;
            fs::write(light.join("brightness"), "0").map_err(wrong)?;
        }
        Ok(lights)
    }
}

impl Voice for Lights {
    fn has(&self, cue: Cue) -> bool {
        self.names.contains_key(cue.word())
    }

    fn on(&mut self, cue: Cue, _: &Note, volume: u8) -> io::Result<()> {
        let Some(name) = self.names.get(cue.word()) else {
            return Ok(());
        };
        let light = self.folder.join(name);
        let most = fs::read_to_string(light.join("max_brightness"))?;
        let most: u64 = most.trim().parse().unwrap_or(1);
        let brightness = (most * u64::from(volume.min(100))).div_ceil(100);
        fs::write(light.join("brightness"), brightness.to_string())?;
        self.lit = Some(light);
        Ok(())
    }

    fn off(&mut self) -> io::Result<()> {
        match self.lit.take() {
            Some(light) => fs::write(light.join("brightness"), "0"),
            None => Ok(()),
        }
    }

    fn stretch(&self) -> u32 {
        STRETCH
    }
}

impl Drop for Lights {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.off();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: Note = Note {
        hz: 659,
        ms: 60,
        pause_ms: 15,
    };

    #[test]
    fn a_beeper_is_told_its_pitch_and_a_simple_one_just_on() {
        let event = |has_tones, hz| {
            let event = sound_event(has_tones, hz);
            (event.event_type().0, event.code(), event.value())
        };
        assert_eq!(event(true, 659), (0x12, 2, 659));
        assert_eq!(event(true, 0), (0x12, 2, 0));
        assert_eq!(event(false, 659), (0x12, 1, 1));
        assert_eq!(event(false, 0), (0x12, 1, 0));
    }

    #[test]
    fn a_vibration_is_as_strong_as_the_volume() {
        for (volume, wanted) in [(0, 0), (50, 32_767), (100, 65_535), (200, 65_535)] {
            let FFEffectKind::Rumble { strong_magnitude, .. } = rumble(volume).kind else {
                panic!("no rumble");
            };
            assert_eq!(strong_magnitude, wanted, "{volume}");
        }
    }

    /// Lights like those of `/sys/class/leds`.
    fn lights(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let light = folder.path().join(name);
            fs::create_dir(&light).unwrap();
            for (file, text) in [
                ("trigger", "[timer]"),
                ("brightness", "77"),
                ("max_brightness", "200\n"),
            ] {
                fs::write(light.join(file), text).unwrap();
            }
        }
        folder
    }

    #[test]
    fn each_outcome_has_its_light_which_goes_out_again() {
        let folder = lights(&["a:green:status", "a:red:status"]);
        let names = [("good", "a:green:status"), ("bad", "a:red:status")];
        let names = names.map(|(cue, name)| (cue.to_owned(), name.to_owned())).into();
        let read = |name: &str, file: &str| fs::read_to_string(folder.path().join(name).join(file)).unwrap();
        let mut lights = Lights::open(folder.path(), &names).unwrap();
        assert_eq!(read("a:green:status", "trigger"), "none");
        assert_eq!(read("a:green:status", "brightness"), "0");
        assert!(lights.has(Cue::Good) && !lights.has(Cue::Calm));
        lights.on(Cue::Good, &NOTE, 50).unwrap();
        assert_eq!(
            (
                read("a:green:status", "brightness"),
                read("a:red:status", "brightness")
            ),
            ("100".to_owned(), "0".to_owned())
        );
        lights.off().unwrap();
        assert_eq!(read("a:green:status", "brightness"), "0");
        lights.on(Cue::Bad, &NOTE, 1).unwrap();
        assert_eq!(read("a:red:status", "brightness"), "2");
        drop(lights);
        assert_eq!(read("a:red:status", "brightness"), "0");
    }

    #[test]
    fn a_device_that_is_not_there_is_named() {
        let folder = lights(&[]);
        let names = [("good".to_owned(), "a:green:status".to_owned())].into();
        let told = Lights::open(folder.path(), &names).unwrap_err().to_string();
        assert!(told.contains("a:green:status"), "{told}");
        for open in [Beeper::open("no such").err(), Vibrator::open("no such").err()] {
            let told = open.unwrap().to_string();
            assert!(told.contains("no such"), "{told}");
        }
    }
}
