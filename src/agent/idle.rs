//! What the screen does while nobody is there: it goes dim, then dark, and is bright again at the first sign of life.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tallyman_codes::Moment;

/// Where the kernel shows backlights.
pub const BACKLIGHTS: &str = "/sys/class/backlight";

/// How bright the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// As usual.
    Bright,
    /// Less, because nobody is there.
    Dim,
    /// Off.
    Dark,
}

/// When the screen goes dim and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// After so many microseconds without a sign of life it goes dim; `None` for never.
    pub dim_after_us: Option<u64>,
    /// After so many it goes dark; `None` for never.
    pub dark_after_us: Option<u64>,
}

impl Idle {
    /// How bright it is, so long after the last sign of life, and in how many microseconds that changes.
    pub fn light(&self, active: Moment, now: Moment) -> (Light, Option<u64>) {
        let idle_us = now.since_us(active);
        let is_over = |after: Option<u64>| after.is_some_and(|after| idle_us >= after);
        let light = match (is_over(self.dim_after_us), is_over(self.dark_after_us)) {
            (_, true) => Light::Dark,
            (true, false) => Light::Dim,
            (false, false) => Light::Bright,
        };
        let next = [self.dim_after_us, self.dark_after_us]
            .into_iter()
            .flatten()
            .filter(|after| *after > idle_us)
            .min();
        let changes_in = next.map(|after| after - idle_us);
        (light, changes_in.filter(|_| light != Light::Dark))
    }
}

/// A backlight. What it was before is what it is when this is dropped.
#[derive(Debug)]
pub struct Backlight {
    folder: PathBuf,
    usual: u64,
    is_dim: bool,
}

impl Backlight {
    /// Takes the backlight in a folder, or the first one in a folder of them. `None` where there is none.
    ///
    /// # Errors
    /// What the system says where it cannot be read.
    pub fn open(folder: &Path) -> io::Result<Option<Self>> {
        let found = if folder.join("brightness").exists() {
            Some(folder.to_path_buf())
        } else {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut folders: Vec<PathBuf> = entries
                .map(|entry| entry.path())
                .filter(|folder| folder.join("brightness").exists())
                .collect();
            folders.sort();
            folders.into_iter().next()
        };
        let Some(folder) = found else { return Ok(None) };
        let usual = number(&folder.join("brightness"))?;
        Ok(Some(Self {
            folder,
            usual,
            is_dim: false,
        }))
    }

    /// Makes it dim, by so many percent of what is usual, or bright.
    ///
    /// # Errors
    /// What the system says.
    pub fn dim(&mut self, dim: bool, percent: u8) -> io::Result<()> {
        let file = self.folder.join("brightness");
        if dim == self.is_dim {
            return Ok(());
        }
        let brightness = if dim {
            // Somebody may have made it brighter or darker meanwhile: that is usual now.
            self.usual = number(&file)?;
            (self.usual * u64::from(percent.min(100)) / 100)
                .max(1)
                .min(self.usual)
        } else {
            self.usual
        };
        fs::write(file, brightness.to_string())?;
        self.is_dim = dim;
        Ok(())
    }
}

impl Drop for Backlight {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.dim(false, 100);
    }
}

fn number(file: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(file)?;
    text.trim()
        .parse()
        .map_err(|_| io::Error::other(format!("{} holds no number", file.display())))
}

/// Notices that the device has slept.
#[derive(Debug, Default)]
pub struct Sleeps {
    slept_us: Option<u64>,
}

/// Two clocks are read one after the other; what they are apart by that is no sleep.
const SLEPT_US_MIN: u64 = 500_000;

impl Sleeps {
    /// Whether it slept since it was asked before. `slept_us` is for how long it has slept since it booted, in microseconds.
    pub fn has_slept(&mut self, slept_us: u64) -> bool {
        let before = self.slept_us.replace(slept_us).unwrap_or(slept_us);
        slept_us.saturating_sub(before) >= SLEPT_US_MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> u64 {
        seconds * 1_000_000
    }

    #[test]
    fn it_goes_dim_then_dark_and_says_when() {
        let both = Idle {
            dim_after_us: Some(s(30)),
            dark_after_us: Some(s(120)),
        };
        let dim = Idle {
            dark_after_us: None,
            ..both
        };
        let dark = Idle {
            dim_after_us: None,
            ..both
        };
        let never = Idle {
            dim_after_us: None,
            dark_after_us: None,
        };
        let dark_first = Idle {
            dim_after_us: Some(s(120)),
            dark_after_us: Some(s(30)),
        };
        for (idle, passed, light, changes_in) in [
            (both, 0, Light::Bright, Some(s(30))),
            (both, s(29), Light::Bright, Some(s(1))),
            (both, s(30), Light::Dim, Some(s(90))),
            (both, s(120), Light::Dark, None),
            (dim, s(500), Light::Dim, None),
            (dark, s(31), Light::Bright, Some(s(89))),
            (dark, s(121), Light::Dark, None),
            (never, s(9_999), Light::Bright, None),
            (dark_first, s(31), Light::Dark, None),
        ] {
            let (active, now) = (Moment::from_us(s(7)), Moment::from_us(s(7) + passed));
            assert_eq!(
                idle.light(active, now),
                (light, changes_in),
                "{idle:?} after {passed}"
            );
        }
    }

    fn backlight(folder: &Path, brightness: &str) -> PathBuf {
        let light = folder.join("panel");
        fs::create_dir_all(&light).unwrap();
        fs::write(light.join("brightness"), brightness).unwrap();
        light
    }

    #[test]
    fn a_backlight_is_dimmed_and_given_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Backlight::open(folder.path()).unwrap().is_none());
        assert!(Backlight::open(&folder.path().join("missing")).unwrap().is_none());
        let light = backlight(folder.path(), "200\n");
        let brightness = || fs::read_to_string(light.join("brightness")).unwrap();
        let mut opened = Backlight::open(folder.path()).unwrap().unwrap();
        for (dim, percent, wanted) in [
            (true, 20, "40"),
            (false, 20, "200"),
            (true, 0, "1"),
            (false, 0, "200"),
        ] {
            opened.dim(dim, percent).unwrap();
            assert_eq!(brightness(), wanted);
        }
        fs::write(light.join("brightness"), "100").unwrap();
        opened.dim(true, 50).unwrap();
        assert_eq!(brightness(), "50", "of what somebody set meanwhile");
        drop(opened);
        assert_eq!(brightness(), "100");
        let dark = Backlight::open(&light).unwrap().unwrap();
        assert!(!dark.is_dim, "a backlight itself is one too");
        backlight(folder.path(), "much");
        assert!(Backlight::open(folder.path()).is_err());
    }

    #[test]
    fn a_jump_of_the_clocks_is_a_sleep() {
        let mut sleeps = Sleeps::default();
        for (slept_us, wanted) in [
            (5_000_000, false),
            (5_000_003, false),
            (4_999_998, false),
            (65_000_000, true),
            (65_000_000, false),
        ] {
            assert_eq!(sleeps.has_slept(slept_us), wanted, "{slept_us}");
        }
    }
}
