//! A panel that is memory, and says in which moment its pixels changed.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use embedded_graphics::prelude::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use rustix::time::{ClockId, clock_gettime};
use tallyman_agent::panel::output::Output;
use tallyman_agent::panel::pixels::PixelFormat;

/// Pixels across.
pub const WIDTH: u32 = 480;
/// Pixels down.
pub const HEIGHT: u32 = 800;

/// The panel. Each flush writes a line to the standard output: the moment in nanoseconds, and how many pixels.
pub struct TellingPanel {
    pixels: Vec<u8>,
}

impl TellingPanel {
    /// A dark one.
    pub fn new() -> Self {
        let bytes = PixelFormat::XRGB8888.bytes();
        Self {
            pixels: vec![0; WIDTH as usize * HEIGHT as usize * bytes],
        }
    }
}

/// The clock that all processes share.
pub fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

impl Output for TellingPanel {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn path(&self) -> &Path {
        Path::new("memory")
    }

    fn size(&self) -> Size {
        Size::new(WIDTH, HEIGHT)
    }

    fn format(&self) -> PixelFormat {
        PixelFormat::XRGB8888
    }

    fn write(&mut self, at: Point, pixels: &[u8]) -> io::Result<()> {
        let place = (at.y.unsigned_abs() * WIDTH + at.x.unsigned_abs()) as usize * self.format().bytes();
        let into = self.pixels.get_mut(place..place + pixels.len());
        into.ok_or(io::ErrorKind::InvalidInput)?.copy_from_slice(pixels);
        Ok(())
    }

    fn flush(&mut self, parts: &[Rectangle]) -> io::Result<()> {
        let pixels: u32 = parts.iter().map(|part| part.size.width * part.size.height).sum();
        let mut out = io::stdout().lock();
        writeln!(out, "{} {pixels}", now().as_nanos())?;
        out.flush()
    }

    fn blank(&mut self, _dark: bool) -> io::Result<bool> {
        Ok(true)
    }
}
