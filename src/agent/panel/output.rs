//! What every panel can do, and how a picture gets onto one.

use std::io;
use std::path::{Path, PathBuf};

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use serde::Deserialize;

use super::damage::damage;
use super::drm::DrmPanel;
use super::framebuffer::Framebuffer;
use super::pixels::{PixelFormat, Rotation, rows};
use crate::config::ScreenConfig;
use crate::screen::Picture;

/// The kinds of output for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputKind {
    /// No panel: the screen is painted only for who asks.
    #[default]
    None,
    /// The kernel's framebuffer.
    Framebuffer,
    /// The kernel's mode setting, with a buffer of our own.
    Drm,
    /// The second where there is a card with a connected panel, else the first.
    Auto,
}

/// The usual nodes.
pub const FRAMEBUFFER: &str = "/dev/fb0";
/// See [`FRAMEBUFFER`].
pub const CARD: &str = "/dev/dri/card0";

/// An open panel.
pub trait Output: Send {
    /// What it is, as `framebuffer`.
    fn kind(&self) -> &'static str;

    /// The node that is open.
    fn path(&self) -> &Path;

    /// Its size in pixels, as it is built.
    fn size(&self) -> Size;

    /// How a pixel lies in its memory.
    fn format(&self) -> PixelFormat;

    /// Puts pixels into its memory, from a place to the right.
    ///
    /// # Errors
    /// What the kernel says.
    fn write(&mut self, at: Point, pixels: &[u8]) -> io::Result<()>;

    /// Shows what was written into these parts.
    ///
    /// # Errors
    /// What the kernel says.
    fn flush(&mut self, parts: &[Rectangle]) -> io::Result<()>;

    /// Switches it dark or on again. `false`: it cannot, and its pixels must be made dark.
    ///
    /// # Errors
    /// What the kernel says.
    fn blank(&mut self, dark: bool) -> io::Result<bool>;
}

/// Why a panel shows nothing. The messages say what to do.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// There is no such device.
    #[error("there is no panel at {}: correct `screen.path`, or load its driver", .0.display())]
    Missing(PathBuf),
    /// It may not be opened.
    #[error("the panel {} may not be opened: add the user of the agent to the node's group (`video`)", .0.display())]
    Denied(PathBuf),
    /// Somebody else has it.
    #[error("the panel {} is in use by another program, as a desktop: end it, or use its screen", .0.display())]
    Busy(PathBuf),
    /// No panel is connected.
    #[error("no panel is connected to {}: see /sys/class/drm", .0.display())]
    NotConnected(PathBuf),
    /// It is none that this program can paint on.
    #[error("{} cannot be painted on: {what}", .path.display())]
    Unfit {
        /// The node.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// The kernel refused something.
    #[error("the panel {} failed: {doing}: {cause}", .path.display())]
    System {
        /// The node.
        path: PathBuf,
        /// What was to be done.
        doing: &'static str,
        /// What the kernel says.
        cause: io::Error,
    },
    /// Painting failed by a bug.
    #[error("the screen could not be painted, which is a bug: {0}")]
    Bug(String),
}

impl PanelError {
    /// Sorts what the kernel says.
    pub(super) fn of(path: &Path, doing: &'static str, cause: io::Error) -> Self {
        use rustix::io::Errno;
        let path = path.to_path_buf();
        match cause.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOENT | Errno::NODEV | Errno::NXIO) => Self::Missing(path),
            // Opening is refused by the node's mode; what comes later by another program that has the card.
            Some(Errno::ACCESS | Errno::PERM) if doing == OPENING => Self::Denied(path),
            Some(Errno::ACCESS | Errno::PERM | Errno::BUSY) => Self::Busy(path),
            _ => Self::System { path, doing, cause },
        }
    }
}

/// What is being done when a node is opened.
pub(super) const OPENING: &str = "opening it";

/// Opens the panel of a configuration; an empty path is the usual one. `None` where none is wanted.
///
/// # Errors
/// [`PanelError`] says what to do.
pub fn open(kind: OutputKind, path: &Path) -> Result<Option<Box<dyn Output>>, PanelError> {
    let or_usual = |usual: &str| match path.as_os_str().is_empty() {
        true => PathBuf::from(usual),
        false => path.to_path_buf(),
    };
    let framebuffer = || Ok(Some(Box::new(Framebuffer::open(&or_usual(FRAMEBUFFER))?) as _));
    let drm = || Ok(Some(Box::new(DrmPanel::open(&or_usual(CARD))?) as _));
    match kind {
        OutputKind::None => Ok(None),
        OutputKind::Framebuffer => framebuffer(),
        OutputKind::Drm => drm(),
        OutputKind::Auto if path.as_os_str().is_empty() => match drm() {
            Ok(panel) => Ok(panel),
            // Of two failures the second is what can be mended most often: each kernel with DRM has a framebuffer too.
            Err(first) => framebuffer().map_err(|second| match second {
                PanelError::Missing(_) => first,
                second => second,
            }),
        },
        OutputKind::Auto if path.starts_with("/dev/dri") => drm(),
        OutputKind::Auto => framebuffer(),
    }
}

/// The nodes that a configuration may open.
pub fn nodes(screen: &ScreenConfig) -> Vec<PathBuf> {
    if !screen.path.as_os_str().is_empty() {
        return vec![screen.path.clone()];
    }
    let usual: &[&str] = match screen.output {
        OutputKind::None => &[],
        OutputKind::Framebuffer => &[FRAMEBUFFER],
        OutputKind::Drm => &[CARD],
        OutputKind::Auto => &[CARD, FRAMEBUFFER],
    };
    usual.iter().map(PathBuf::from).collect()
}

/// Brings a panel from one picture to the next: only what changed is sent. Gives the parts of the panel.
///
/// # Errors
/// What the kernel says; what the panel shows is not known then.
pub fn show(
    panel: &mut dyn Output,
    rotation: Rotation,
    before: Option<&Picture>,
    after: &Picture,
) -> io::Result<Vec<Rectangle>> {
    let (size, format) = (panel.size(), panel.format());
    let parts: Vec<Rectangle> = damage(before, after)
        .into_iter()
        .map(|area| rotation.area_on_panel(area, size))
        .filter(|area| !area.is_zero_sized())
        .collect();
    for part in &parts {
        for (at, row) in rows(after, rotation, size, *part, &format) {
            panel.write(at, &row)?;
        }
    }
    if !parts.is_empty() {
        panel.flush(&parts)?;
    }
    Ok(parts)
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use embedded_graphics::pixelcolor::Rgb888;

    use super::*;

    /// What a panel in memory has seen.
    #[derive(Debug, Default)]
    pub(in crate::panel) struct Seen {
        pub pixels: Vec<u8>,
        pub flushed: Vec<Rectangle>,
        pub dark: Vec<bool>,
        /// What it fails with from now on.
        pub fails: Option<io::ErrorKind>,
        pub opened: usize,
    }

    /// A panel in memory, which shows only what was flushed.
    #[derive(Debug, Clone)]
    pub(in crate::panel) struct Twin {
        pub size: Size,
        pub seen: Arc<Mutex<Seen>>,
        written: Vec<u8>,
    }

    impl Twin {
        pub(in crate::panel) fn new(width: u32, height: u32) -> Self {
            let pixels = vec![0; (width * height * 4) as usize];
            Self {
                size: Size::new(width, height),
                written: pixels.clone(),
                seen: Arc::new(Mutex::new(Seen {
                    pixels,
                    ..Seen::default()
                })),
            }
        }

        fn range(&self, at: Point, pixels: u32) -> std::ops::Range<usize> {
            let start = ((at.y as u32 * self.size.width + at.x as u32) * 4) as usize;
            start..start + (pixels * 4) as usize
        }
    }

    impl Output for Twin {
        fn kind(&self) -> &'static str {
            "twin"
        }

        fn path(&self) -> &Path {
            Path::new("/dev/twin")
        }

        fn size(&self) -> Size {
            self.size
        }

        fn format(&self) -> PixelFormat {
            PixelFormat::XRGB8888
        }

        fn write(&mut self, at: Point, pixels: &[u8]) -> io::Result<()> {
            if let Some(fails) = self.seen.lock().unwrap().fails {
                return Err(fails.into());
            }
            let range = self.range(at, pixels.len() as u32 / 4);
            self.written[range].copy_from_slice(pixels);
            Ok(())
        }

        fn flush(&mut self, parts: &[Rectangle]) -> io::Result<()> {
            let mut seen = self.seen.lock().unwrap();
            for part in parts {
                for y in part.rows() {
                    let range = self.range(Point::new(part.top_left.x, y), part.size.width);
                    seen.pixels[range.clone()].copy_from_slice(&self.written[range]);
                }
                seen.flushed.push(*part);
            }
            Ok(())
        }

        fn blank(&mut self, dark: bool) -> io::Result<bool> {
            self.seen.lock().unwrap().dark.push(dark);
            Ok(true)
        }
    }

    fn spots(size: Size, at: &[(i32, i32)]) -> Picture {
        let mut picture = Picture::new(size.width, size.height, Rgb888::new(9, 8, 7));
        let Ok(()) = picture.draw_iter(at.iter().map(|&(x, y)| Pixel(Point::new(x, y), Rgb888::WHITE)));
        picture
    }

    #[test]
    fn only_what_changed_is_sent_and_the_panel_shows_all_of_it() {
        for degrees in [0, 90, 180, 270] {
            let rotation = Rotation::of_degrees(degrees).unwrap();
            let mut panel = Twin::new(32, 48);
            let size = rotation.picture_size(panel.size);
            let (first, second) = (spots(size, &[(1, 1)]), spots(size, &[(1, 2), (30, 31)]));
            let parts = show(&mut panel, rotation, None, &first).unwrap();
            assert_eq!(parts, [Rectangle::new(Point::zero(), panel.size)]);
            let parts = show(&mut panel, rotation, Some(&first), &second).unwrap();
            let pixels = |area: &Rectangle| area.size.width * area.size.height;
            assert_eq!(
                parts.iter().map(pixels).collect::<Vec<_>>(),
                [2, 1],
                "{degrees}: {parts:?}"
            );
            let shown = panel.seen.lock().unwrap().pixels.clone();
            let mut fresh = Twin::new(32, 48);
            show(&mut fresh, rotation, None, &second).unwrap();
            assert_eq!(shown, fresh.seen.lock().unwrap().pixels, "{degrees}");
            let parts = show(&mut panel, rotation, Some(&second), &second).unwrap();
            assert_eq!(parts, [], "nothing changed, nothing is sent");
        }
    }

    #[test]
    fn a_panel_that_cannot_be_opened_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("no-panel");
        std::fs::write(&file, "text").unwrap();
        for kind in [OutputKind::Framebuffer, OutputKind::Drm, OutputKind::Auto] {
            let missing = open(kind, &folder.path().join("missing")).err().unwrap();
            assert!(missing.to_string().contains("screen.path"), "{kind:?}: {missing}");
            let unfit = open(kind, &file).err().unwrap();
            assert!(matches!(unfit, PanelError::Unfit { .. }), "{kind:?}: {unfit}");
        }
        assert!(open(OutputKind::None, &file).unwrap().is_none());
        let mut screen = crate::AgentConfig::default().screen;
        assert_eq!(nodes(&screen), [] as [PathBuf; 0]);
        screen.output = OutputKind::Auto;
        assert_eq!(nodes(&screen), [PathBuf::from(CARD), PathBuf::from(FRAMEBUFFER)]);
        screen.path = file.clone();
        assert_eq!(nodes(&screen), [file]);
    }

    #[test]
    fn what_the_kernel_says_is_told_as_what_it_means() {
        use rustix::io::Errno;
        let path = Path::new("/dev/x");
        for (errno, doing, wanted) in [
            (Errno::NOENT, OPENING, "there is no panel"),
            (Errno::NODEV, "painting", "there is no panel"),
            (Errno::ACCESS, OPENING, "add the user"),
            (Errno::ACCESS, "showing", "in use by another program"),
            (Errno::IO, "showing", "failed: showing"),
        ] {
            let told = PanelError::of(path, doing, errno.into()).to_string();
            assert!(told.contains(wanted) && told.contains("/dev/x"), "{told}");
        }
    }
}
