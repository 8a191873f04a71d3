//! A panel behind the kernel's framebuffer, as `/dev/fb0`.
//!
//! Its pixels are written with write(2) at their place: every driver takes that, those behind a slow bus (SPI) learn from it
//! which rows they have to send, and no memory has to be shared.
//!
//! Where rows follow each other without a gap, whole rows are written, at least two at a time. From a write the
//! kernel reckons which part of the panel it has to send, and where one fills just one row to its end it reckons an empty part
//! (Linux 6.1, `drivers/gpu/drm/drm_fb_helper.c`, `drm_fb_helper_memory_range_to_clip`).

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
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
    /// The visible rows as they are to be, one after the other.
    rows: Vec<u8>,
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
            rows: layout.empty(),
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

    /// Bytes of the visible part of a row.
    fn row_bytes(&self) -> usize {
        self.size.width as usize * self.format.bytes()
    }

    /// All visible rows, dark.
    fn empty(&self) -> Vec<u8> {
        vec![0; self.row_bytes() * self.size.height as usize]
    }

    /// Whether the visible rows follow each other without a gap.
    fn is_gapless(&self) -> bool {
        self.row_bytes() as u64 == self.stride
    }

    /// The pieces that bring a part of the panel up to date: where each goes, and which of the visible bytes it is.
    fn pieces(&self, part: &Rectangle) -> Vec<(u64, Range<usize>)> {
        let (high, row_bytes) = (self.size.height as usize, self.row_bytes());
        let rows = (part.rows().start.max(0) as usize).min(high)..(part.rows().end.max(0) as usize).min(high);
        if self.is_gapless() {
            let first = if rows.len() == 1 && rows.end == high {
                rows.start.saturating_sub(1)
            } else {
                rows.start
            };
            let last = rows.end.max(first + 2).min(high);
            let place = self.start + first as u64 * self.stride;
            return vec![(place, first * row_bytes..last * row_bytes)];
        }
        let columns = part.columns();
        let pixel = self.format.bytes();
        let left = columns.start.max(0) as usize * pixel;
        let right = (columns.end.max(0) as usize * pixel).min(row_bytes);
        rows.map(|row| {
            let place = self.start + row as u64 * self.stride + left as u64;
            (place, row * row_bytes + left..row * row_bytes + right)
        })
        .collect()
    }

    #[cfg(test)]
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
        let part = |value: i32| value.max(0).unsigned_abs() as usize;
        let place = part(at.y) * self.layout.row_bytes() + part(at.x) * self.layout.format.bytes();
        let end = place.saturating_add(pixels.len());
        let into = self.rows.get_mut(place..end).ok_or(io::ErrorKind::InvalidInput)?;
        into.copy_from_slice(pixels);
        Ok(())
    }

    fn flush(&mut self, parts: &[Rectangle]) -> io::Result<()> {
        for part in parts {
            for (place, bytes) in self.layout.pieces(part) {
                self.node.write_all_at(&self.rows[bytes], place)?;
            }
        }
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
    fn no_write_is_just_one_row_to_its_end() {
        let part = |x, y, w, h| Rectangle::new(Point::new(x, y), Size::new(w, h));
        let gapless = Layout::of(&geometry(16, 10, 4, 20)).unwrap();
        let padded = Layout::of(&geometry(16, 10, 4, 32)).unwrap();
        type Row<'a> = (Layout, Rectangle, &'a [(u64, Range<usize>)]);
        let table: [Row<'_>; 6] = [
            (gapless, part(0, 0, 10, 4), &[(0, 0..80)]),
            (gapless, part(2, 1, 3, 2), &[(20, 20..60)]),
            // One row, with the one below it, and the last one with the one above it.
            (gapless, part(2, 1, 8, 1), &[(20, 20..60)]),
            (gapless, part(0, 3, 10, 1), &[(40, 40..80)]),
            (padded, part(2, 1, 3, 2), &[(36, 24..30), (68, 44..50)]),
            (padded, part(9, 3, 1, 1), &[(114, 78..80)]),
        ];
        for (layout, part, wanted) in table {
            assert_eq!(layout.pieces(&part), wanted, "{part:?} of {layout:?}");
        }
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
        let layout = Layout::of(&geometry).unwrap();
        let mut panel = Framebuffer {
            path: path.path().to_path_buf(),
            node: OpenOptions::new().write(true).open(path.path()).unwrap(),
            layout,
            rows: layout.empty(),
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
