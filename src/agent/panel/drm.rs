//! A panel behind the kernel's mode setting, as `/dev/dri/card0`: the first connected connector in its preferred mode, with
//! one buffer that is plain memory.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use rustix::fs::OFlags;

use super::framebuffer::not_one;
use super::kernel::{self, Card, Clip, Connector, DumbBuffer, Mapping, Mode, Pipe};
use super::output::{OPENING, Output, PanelError};
use super::pixels::PixelFormat;
use crate::screen::SIDE_MAX;

/// The formats that are tried, the first that the card takes is used: every card knows the first but a few small panels.
const FORMATS: [(u32, u32, PixelFormat); 2] = [
    (kernel::FORMAT_XRGB8888, 32, PixelFormat::XRGB8888),
    (kernel::FORMAT_RGB565, 16, PixelFormat::RGB565),
];

/// Rectangles in one request, of which more are no help (Linux, DRM_MODE_FB_DIRTY_MAX_CLIPS is 256).
const CLIPS_MAX: usize = 64;

/// An open card that shows our buffer.
#[derive(Debug)]
pub struct DrmPanel {
    path: PathBuf,
    buffer: Buffer,
    pipe: Pipe,
    /// Whether the card wants to be told what has changed, as far as is known.
    wants_to_be_told: bool,
}

/// A buffer on a card, given back when it is dropped.
#[derive(Debug)]
struct Buffer {
    card: Arc<Card>,
    dumb: DumbBuffer,
    framebuffer: Option<u32>,
    memory: Option<Mapping>,
    format: PixelFormat,
}

impl DrmPanel {
    /// Opens a card and shows a dark picture on its panel.
    ///
    /// # Errors
    /// [`PanelError`] says what to do.
    pub fn open(path: &Path) -> Result<Self, PanelError> {
        let card = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::CLOEXEC.bits() as i32)
            .open(path)
            .map_err(|cause| PanelError::of(path, OPENING, cause))?;
        let unfit = |what: &str| PanelError::Unfit {
            path: PathBuf::from(path),
            what: what.to_owned(),
        };
        let can = kernel::can_do_dumb_buffers(&card).map_err(|cause| match not_one(&cause) {
            true => unfit("it is no card"),
            false => PanelError::of(path, "asking what it can", cause),
        })?;
        if !can {
            return Err(unfit("its driver gives no buffers of plain memory"));
        }
        let pipe = find_pipe(&card, path)?;
        let failed = |doing| move |cause| PanelError::of(path, doing, cause);
        let buffer = Buffer::new(&Arc::new(card), &pipe.mode).map_err(failed("making a buffer"))?;
        kernel::set_pipe(&buffer.card, &pipe, buffer.framebuffer.unwrap_or(0))
            .map_err(failed("showing the buffer"))?;
        Ok(Self {
            path: path.to_path_buf(),
            buffer,
            pipe,
            wants_to_be_told: true,
        })
    }
}

/// The first connected panel in its preferred mode, and what drives it.
fn find_pipe(card: &Card, path: &Path) -> Result<Pipe, PanelError> {
    let failed = |cause| PanelError::of(path, "looking for a panel", cause);
    let (connectors, crtcs) = kernel::resources(card).map_err(|cause| match not_one(&cause) {
        // A card that only computes.
        true => PanelError::NotConnected(path.to_path_buf()),
        false => failed(cause),
    })?;
    for id in connectors {
        let connector = kernel::connector(card, id).map_err(failed)?;
        let Some(mode) = mode_of(&connector) else { continue };
        for encoder in &connector.encoders {
            let (current, possible) = kernel::crtc_of_encoder(card, *encoder).map_err(failed)?;
            if let Some(crtc) = crtc_of(&crtcs, current, possible) {
                return Ok(Pipe {
                    connector: connector.id,
                    crtc,
                    mode,
                });
            }
        }
    }
    Err(PanelError::NotConnected(path.to_path_buf()))
}

/// The preferred mode of a connected panel, else its first one, of those that a picture can have the size of.
fn mode_of(connector: &Connector) -> Option<Mode> {
    let mut modes = connector
        .modes
        .iter()
        .filter(|mode| mode.width() <= SIDE_MAX && mode.height() <= SIDE_MAX);
    let first = modes.clone().next();
    let preferred = modes.find(|mode| mode.is_preferred());
    preferred.or(first).copied().filter(|_| connector.is_connected)
}

/// The CRTC that an encoder uses, else the first that it can use.
fn crtc_of(crtcs: &[u32], current: u32, possible: u32) -> Option<u32> {
    if current != 0 {
        return Some(current);
    }
    let bits = 0..u32::BITS;
    crtcs
        .iter()
        .zip(bits)
        .find(|(_, bit)| possible & (1 << bit) != 0)
        .map(|(crtc, _)| *crtc)
}

impl Buffer {
    fn new(card: &Arc<Card>, mode: &Mode) -> io::Result<Self> {
        let [first, second] = FORMATS;
        match Self::of_format(card, mode, first) {
            Err(refused) if not_one(&refused) => Self::of_format(card, mode, second),
            made => made,
        }
    }

    fn of_format(
        card: &Arc<Card>,
        mode: &Mode,
        (fourcc, bits, format): (u32, u32, PixelFormat),
    ) -> io::Result<Self> {
        let (width, height) = (mode.width(), mode.height());
        let mut buffer = Self {
            dumb: kernel::create_dumb(card, width, height, bits)?,
            card: Arc::clone(card),
            framebuffer: None,
            memory: None,
            format,
        };
        buffer.show_and_map(width, height, fourcc)?;
        Ok(buffer)
    }

    fn show_and_map(&mut self, width: u32, height: u32, fourcc: u32) -> io::Result<()> {
        let framebuffer = kernel::add_framebuffer(&self.card, &self.dumb, width, height, fourcc)?;
        self.framebuffer = Some(framebuffer);
        let offset = kernel::map_offset(&self.card, self.dumb.handle)?;
        let size = usize::try_from(self.dumb.size).map_err(io::Error::other)?;
        self.memory = Some(Mapping::new(&self.card, offset, size)?);
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // Unmapped first. What the card does not take back now it does when it is closed, a moment later.
        self.memory = None;
        if let Some(framebuffer) = self.framebuffer.take() {
            let _ = kernel::remove_framebuffer(&self.card, framebuffer);
        }
        let _ = kernel::destroy_dumb(&self.card, self.dumb.handle);
    }
}

impl Output for DrmPanel {
    fn kind(&self) -> &'static str {
        "drm"
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn size(&self) -> Size {
        Size::new(self.pipe.mode.width(), self.pipe.mode.height())
    }

    fn format(&self) -> PixelFormat {
        self.buffer.format
    }

    fn write(&mut self, at: Point, pixels: &[u8]) -> io::Result<()> {
        let part = |value: i32| value.max(0).unsigned_abs() as usize;
        let place = part(at.y) * self.buffer.dumb.pitch as usize + part(at.x) * self.buffer.format.bytes();
        let memory = self.buffer.memory.as_mut();
        memory.ok_or(io::ErrorKind::NotConnected)?.write(place, pixels)
    }

    fn flush(&mut self, parts: &[Rectangle]) -> io::Result<()> {
        let Some(framebuffer) = self.buffer.framebuffer.filter(|_| self.wants_to_be_told) else {
            return Ok(());
        };
        for parts in parts.chunks(CLIPS_MAX) {
            let mut clips: Vec<Clip> = parts.iter().map(clip).collect();
            match kernel::mark_dirty(&self.buffer.card, framebuffer, &mut clips) {
                // The panel reads the memory by itself.
                Err(error) if not_one(&error) => {
                    self.wants_to_be_told = false;
                    return Ok(());
                }
                told => told?,
            }
        }
        Ok(())
    }

    fn blank(&mut self, dark: bool) -> io::Result<bool> {
        let card = &self.buffer.card;
        match (dark, self.buffer.framebuffer) {
            (true, _) => kernel::switch_off(card, self.pipe.crtc)?,
            (false, Some(framebuffer)) => kernel::set_pipe(card, &self.pipe, framebuffer)?,
            (false, None) => {}
        }
        Ok(true)
    }
}

/// A part of the panel as the kernel takes it.
fn clip(part: &Rectangle) -> Clip {
    let side = |value: i64| u16::try_from(value.max(0)).unwrap_or(u16::MAX);
    let (left, top) = (i64::from(part.top_left.x), i64::from(part.top_left.y));
    Clip {
        left: side(left),
        top: side(top),
        right: side(left + i64::from(part.size.width)),
        bottom: side(top + i64::from(part.size.height)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_keeps_its_crtc_or_takes_the_first_it_can() {
        let crtcs = [31, 32, 33];
        for (current, possible, wanted) in [
            (32, 0b001, Some(32)),
            (0, 0b001, Some(31)),
            (0, 0b110, Some(32)),
            (0, 0b100, Some(33)),
            (0, 0, None),
            (0, 0b1000, None),
        ] {
            assert_eq!(
                crtc_of(&crtcs, current, possible),
                wanted,
                "{current} {possible:b}"
            );
        }
    }

    #[test]
    fn a_part_becomes_a_clip_whose_ends_are_not_in_it() {
        let part = Rectangle::new(Point::new(2, 3), Size::new(5, 1));
        let wanted = Clip {
            left: 2,
            top: 3,
            right: 7,
            bottom: 4,
        };
        assert_eq!(clip(&part), wanted);
        assert_eq!(clip(&Rectangle::zero()), Clip::default());
    }

    #[test]
    fn what_is_not_connected_has_no_mode() {
        let connector = |is_connected, modes| Connector {
            id: 1,
            is_connected,
            modes,
            encoders: Vec::new(),
        };
        assert_eq!(mode_of(&connector(true, Vec::new())), None);
        assert_eq!(mode_of(&connector(false, vec![Mode::default()])), None);
        assert_eq!(
            mode_of(&connector(true, vec![Mode::default()])),
            Some(Mode::default())
        );
    }
}
