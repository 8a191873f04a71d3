//! A panel behind the kernel's framebuffer, as `/dev/fb0`.
//!
//! Its pixels are written with write(2) at their place: every driver takes that, those behind a slow bus (SPI) learn from it
//! which rows they have to send, and no memory has to be shared.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use rustix::fs::OFlags;

use super::kernel::{self, Geometry};
use super::output::{OPENING, Output, PanelError};
use super::pixels::PixelFormat;
use crate::screen::SIDE_MAX;

/// An open framebuffer.
#[derive(Debug)]
pub struct Framebuffer {
    path: PathBuf,
    node: File,
    layout: Layout,
}

/// Where its pixels lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    size: Size,
    format: PixelFormat,
    /// Bytes from one row to the next: more than a row has where the hardware wants rows to begin at round addresses.
    stride: u64,
    /// Bytes before the first visible pixel, where the kernel has moved the window over its memory.
    start: u64,
}

impl Framebuffer {
    /// Opens a framebuffer.
    ///
    /// # Errors
    /// [`PanelError`] says what to do.
    pub fn open(path: &Path) -> Result<Self, PanelError> {
        let node = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::CLOEXEC.bits() as i32)
            .open(path)
            .map_err(|cause| PanelError::of(path, OPENING, cause))?;
        let unfit = |what: String| PanelError::Unfit {
            path: PathBuf::from(path),
            what,
        };
        let geometry = kernel::geometry(&node).map_err(|cause| match not_one(&cause) {
            true => unfit("it is no framebuffer".to_owned()),
            false => PanelError::of(path, "asking for its size", cause),
        })?;
        tracing::debug!(?geometry, "a framebuffer");
        let layout = Layout::of(&geometry).map_err(unfit)?;
        Ok(Self {
            path: path.to_path_buf(),
            node,
            layout,
        })
    }
}

/// Whether a node is of another kind than was thought.
pub(super) fn not_one(cause: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(
        cause.raw_os_error().map(Errno::from_raw_os_error),
        Some(Errno::NOTTY | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
    )
}

impl Layout {
    /// # Errors
    /// A sentence about what cannot be painted on.
    fn of(geometry: &Geometry) -> Result<Self, String> {
        let Geometry { width, height, .. } = *geometry;
        if !(1..=SIDE_MAX).contains(&width) || !(1..=SIDE_MAX).contains(&height) {
            return Err(format!(
                "{width}x{height} pixels are none, or more than {SIDE_MAX} a side"
            ));
        }
        let format = PixelFormat::new(geometry.bits, geometry.fields)
            .filter(|_| geometry.has_plain_colours)
            .ok_or_else(|| {
                format!(
                    "it has {} bits a pixel, with a palette, planes or grey; 16, 24 and 32 bits of colour are known. \
                     Set another depth (fbset -depth 16), or use `output = \"drm\"`",
                    geometry.bits
                )
            })?;
        let pixel = format.bytes() as u64;
        let row = u64::from(geometry.left + width) * pixel;
        // Drivers of one mode leave the stride empty.
        let stride = match u64::from(geometry.stride) {
            0 => row,
            stride => stride,
        };
        if stride < row {
            return Err(format!(
                "its rows of {stride} bytes are shorter than {width} pixels"
            ));
        }
        Ok(Self {
            size: Size::new(width, height),
            format,
            stride,
            start: u64::from(geometry.above) * stride + u64::from(geometry.left) * pixel,
        })
    }

    fn place(&self, at: Point) -> u64 {
        let part = |value: i32| u64::from(value.max(0).unsigned_abs());
        self.start + part(at.y) * self.stride + part(at.x) * self.format.bytes() as u64
    }
}

impl Output for Framebuffer {
    fn kind(&self) -> &'static str {
        "framebuffer"
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn size(&self) -> Size {
        self.layout.size
    }

    fn format(&self) -> PixelFormat {
        self.layout.format
    }

    fn write(&mut self, at: Point, pixels: &[u8]) -> io::Result<()> {
        self.node.write_all_at(pixels, self.layout.place(at))
    }

    fn flush(&mut self, _: &[Rectangle]) -> io::Result<()> {
        // The kernel has seen each write.
        Ok(())
    }

    fn blank(&mut self, dark: bool) -> io::Result<bool> {
        match kernel::blank(&self.node, dark) {
            Err(error) if not_one(&error) => Ok(false),
            told => told.map(|()| true),
        }
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::pixelcolor::Rgb888;

    use super::super::output::show;
    use super::super::pixels::{Field, Rotation};
    use super::*;
    use crate::screen::Picture;

    fn geometry(bits: u32, width: u32, height: u32, stride: u32) -> Geometry {
        let lengths = if bits == 16 { [5, 6, 5] } else { [8, 8, 8] };
        let field = |offset, length| Field { offset, length };
        Geometry {
            driver: "twin".to_owned(),
            width,
            height,
            left: 0,
            above: 0,
            bits,
            fields: [
                field(lengths[2] + lengths[1], lengths[0]),
                field(lengths[2], lengths[1]),
                field(0, lengths[2]),
                Field::default(),
            ],
            stride,
            bytes: stride * height,
            has_plain_colours: true,
        }
    }

    #[test]
    fn rows_are_as_long_as_the_kernel_says() {
        for (bits, width, stride, at, wanted) in [
            (16, 10, 20, (0, 0), 0),
            (16, 10, 20, (3, 2), 46),
            // Rows that begin at round addresses.
            (16, 10, 32, (3, 2), 70),
            (24, 5, 16, (4, 1), 28),
            (32, 5, 64, (4, 3), 208),
            // Nothing told: as long as they are.
            (32, 5, 0, (4, 3), 76),
        ] {
            let layout = Layout::of(&geometry(bits, width, 4, stride)).unwrap();
            assert_eq!(
                layout.place(Point::new(at.0, at.1)),
                wanted,
                "{bits} {stride} {at:?}"
            );
        }
        let moved = Geometry {
            left: 2,
            above: 5,
            ..geometry(16, 10, 4, 32)
        };
        assert_eq!(
            Layout::of(&moved).unwrap().place(Point::new(1, 1)),
            5 * 32 + 4 + 32 + 2
        );
    }

    #[test]
    fn what_cannot_be_painted_on_is_told() {
        let good = geometry(16, 10, 4, 20);
        assert!(Layout::of(&good).is_ok());
        for (wrong, wanted) in [
            (geometry(8, 10, 4, 10), "8 bits"),
            (geometry(16, 10, 4, 19), "shorter than 10 pixels"),
            (geometry(16, 0, 4, 20), "0x4"),
            (geometry(16, 10, 5_000, 20), "10x5000"),
            (
                Geometry {
                    has_plain_colours: false,
                    ..good
                },
                "palette",
            ),
        ] {
            let told = Layout::of(&wrong).unwrap_err();
            assert!(told.contains(wanted), "{told}");
        }
    }

    #[test]
    fn a_picture_fills_the_visible_part_of_the_memory_and_nothing_else() {
        let path = tempfile::NamedTempFile::new().unwrap();
        // Two columns and a row beyond the visible ones on each side.
        let geometry = Geometry {
            left: 2,
            above: 1,
            ..geometry(24, 4, 3, 24)
        };
        let length = 24 * 5;
        std::fs::write(path.path(), vec![0xEE; length]).unwrap();
        let mut panel = Framebuffer {
            path: path.path().to_path_buf(),
            node: OpenOptions::new().write(true).open(path.path()).unwrap(),
            layout: Layout::of(&geometry).unwrap(),
        };
        let picture = Picture::new(3, 4, Rgb888::new(1, 2, 3));
        show(&mut panel, Rotation::Right, None, &picture).unwrap();
        let memory = std::fs::read(path.path()).unwrap();
        for (place, byte) in memory.iter().enumerate() {
            let (row, column) = (place / 24, place % 24);
            let is_visible = (1..4).contains(&row) && (6..18).contains(&column);
            let wanted = if is_visible { [3, 2, 1][column % 3] } else { 0xEE };
            assert_eq!(*byte, wanted, "row {row}, byte {column}");
        }
        assert_eq!(memory.len(), length);
    }
}
