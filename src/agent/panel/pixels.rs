//! Colours and places as a panel wants them: how a pixel lies in memory, and which way round the panel is built in.
//!
//! Nothing here touches a device.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use serde::{Deserialize, Deserializer};

use crate::screen::Picture;

/// A pixel has so many bytes at most.
const BYTES_MAX: usize = 4;

/// Where one colour lies in a pixel, in bits from the lowest (Linux, `include/uapi/linux/fb.h`, struct fb_bitfield).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Field {
    /// Bits below it.
    pub offset: u32,
    /// Its own bits; 0 where the pixel has no such part.
    pub length: u32,
}

/// How a pixel lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelFormat {
    bytes: usize,
    red: Field,
    green: Field,
    blue: Field,
    alpha: Field,
}

const fn field(offset: u32, length: u32) -> Field {
    Field { offset, length }
}

impl PixelFormat {
    /// Four bytes a pixel, the highest not used: `XR24` of `include/uapi/drm/drm_fourcc.h`.
    pub const XRGB8888: Self = Self {
        bytes: 4,
        red: field(16, 8),
        green: field(8, 8),
        blue: field(0, 8),
        alpha: field(24, 0),
    };

    /// Two bytes a pixel: `RG16` of `include/uapi/drm/drm_fourcc.h`.
    pub const RGB565: Self = Self {
        bytes: 2,
        red: field(11, 5),
        green: field(5, 6),
        blue: field(0, 5),
        alpha: field(0, 0),
    };

    /// A format as a framebuffer tells it; `None` for what is not 16, 24 or 32 bits of red, green and blue, as panels
    /// with a palette.
    pub fn new(bits: u32, [red, green, blue, alpha]: [Field; 4]) -> Option<Self> {
        let bytes = match bits {
            16 => 2,
            24 => 3,
            32 => 4,
            _ => return None,
        };
        let fits = |field: Field| {
            field
                .offset
                .checked_add(field.length)
                .is_some_and(|end| end <= bits)
        };
        let is_colour = |field: Field| (1..=16).contains(&field.length) && fits(field);
        let good = [red, green, blue].into_iter().all(is_colour) && fits(alpha);
        good.then_some(Self {
            bytes,
            red,
            green,
            blue,
            alpha,
        })
    }

    /// Bytes of a pixel.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends a pixel.
    pub fn put(&self, colour: Rgb888, row: &mut Vec<u8>) {
        let part = |value: u8, field: Field| scaled(value, field.length) << field.offset;
        let pixel = part(colour.r(), self.red)
            | part(colour.g(), self.green)
            | part(colour.b(), self.blue)
            | part(u8::MAX, self.alpha);
        // In the order of this machine, as the kernel's own console writes them.
        let (little, big) = (pixel.to_le_bytes(), pixel.to_be_bytes());
        row.extend_from_slice(if cfg!(target_endian = "big") {
            &big[BYTES_MAX - self.bytes..]
        } else {
            &little[..self.bytes]
        });
    }
}

/// A value of 8 bits in another number of them, so that full stays full.
fn scaled(value: u8, bits: u32) -> u32 {
    let full = (1u64 << bits.min(32)) - 1;
    ((u64::from(value) * full + 127) / 255) as u32
}

/// By how much the picture is turned clockwise before it goes to the panel, because of how the panel is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    /// Not at all.
    #[default]
    Upright,
    /// A quarter.
    Right,
    /// Half: the panel hangs upside down.
    Over,
    /// Three quarters.
    Left,
}

impl Rotation {
    /// The rotation by so many degrees; `None` unless these are 0, 90, 180 or 270.
    pub const fn of_degrees(degrees: u32) -> Option<Self> {
        Some(match degrees {
            0 => Self::Upright,
            90 => Self::Right,
            180 => Self::Over,
            270 => Self::Left,
            _ => return None,
        })
    }

    /// In degrees.
    pub const fn degrees(self) -> u32 {
        match self {
            Self::Upright => 0,
            Self::Right => 90,
            Self::Over => 180,
            Self::Left => 270,
        }
    }

    /// The size of the picture for a panel of this size, as the worker sees it.
    pub const fn picture_size(self, panel: Size) -> Size {
        match self {
            Self::Upright | Self::Over => panel,
            Self::Right | Self::Left => Size::new(panel.height, panel.width),
        }
    }

    /// The place in the picture that is shown at a place of the panel.
    pub fn in_picture(self, at: Point, panel: Size) -> Point {
        let (right, bottom) = (panel.width as i32 - 1, panel.height as i32 - 1);
        match self {
            Self::Upright => at,
            Self::Right => Point::new(at.y, right - at.x),
            Self::Over => Point::new(right - at.x, bottom - at.y),
            Self::Left => Point::new(bottom - at.y, at.x),
        }
    }

    /// The place on the panel where a place of the picture is shown.
    pub fn on_panel(self, at: Point, panel: Size) -> Point {
        let (right, bottom) = (panel.width as i32 - 1, panel.height as i32 - 1);
        match self {
            Self::Upright => at,
            Self::Right => Point::new(right - at.y, at.x),
            Self::Over => Point::new(right - at.x, bottom - at.y),
            Self::Left => Point::new(at.y, bottom - at.x),
        }
    }

    /// The part of the panel where a part of the picture is shown, as far as the panel reaches.
    pub fn area_on_panel(self, area: Rectangle, panel: Size) -> Rectangle {
        let Some(last) = area.bottom_right() else {
            return Rectangle::zero();
        };
        let corners = [area.top_left, last].map(|corner| self.on_panel(corner, panel));
        Rectangle::with_corners(corners[0], corners[1]).intersection(&Rectangle::new(Point::zero(), panel))
    }
}

impl<'de> Deserialize<'de> for Rotation {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let degrees = u32::deserialize(source)?;
        Self::of_degrees(degrees).ok_or_else(|| {
            serde::de::Error::custom(format!("{degrees} is no rotation; there are 0, 90, 180 and 270"))
        })
    }
}

/// The rows of an area of the panel, from the top: where each begins, and its bytes.
pub fn rows<'a>(
    picture: &'a Picture,
    rotation: Rotation,
    panel: Size,
    area: Rectangle,
    format: &'a PixelFormat,
) -> impl Iterator<Item = (Point, Vec<u8>)> + 'a {
    area.rows().map(move |y| {
        let mut row = Vec::with_capacity(area.size.width as usize * format.bytes());
        for x in area.columns() {
            let at = rotation.in_picture(Point::new(x, y), panel);
            format.put(picture.pixel(at).unwrap_or(Rgb888::BLACK), &mut row);
        }
        (Point::new(area.top_left.x, y), row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb888 = Rgb888::new(255, 0, 0);
    const MIXED: Rgb888 = Rgb888::new(0x12, 0x80, 0xFE);

    fn format(bits: u32, fields: [(u32, u32); 4]) -> Option<PixelFormat> {
        PixelFormat::new(bits, fields.map(|(offset, length)| field(offset, length)))
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_colour_lies_where_the_kernel_says() {
        let rgb565 = [(11, 5), (5, 6), (0, 5), (0, 0)];
        let bgr565 = [(0, 5), (5, 6), (11, 5), (0, 0)];
        let argb1555 = [(10, 5), (5, 5), (0, 5), (15, 1)];
        let rgb888 = [(16, 8), (8, 8), (0, 8), (0, 0)];
        let bgr888 = [(0, 8), (8, 8), (16, 8), (0, 0)];
        let argb8888 = [(16, 8), (8, 8), (0, 8), (24, 8)];
        let rgba8888 = [(24, 8), (16, 8), (8, 8), (0, 8)];
        let xrgb2101010 = [(20, 10), (10, 10), (0, 10), (0, 0)];
        type Row<'a> = (u32, [(u32, u32); 4], Rgb888, &'a [u8]);
        let table: [Row<'_>; 15] = [
            (16, rgb565, RED, &[0x00, 0xF8]),
            (16, rgb565, Rgb888::WHITE, &[0xFF, 0xFF]),
            // 2 of 31, 32 of 63, 31 of 31.
            (16, rgb565, MIXED, &[0x1F, 0x14]),
            (16, bgr565, RED, &[0x1F, 0x00]),
            (16, argb1555, RED, &[0x00, 0xFC]),
            (16, argb1555, Rgb888::BLACK, &[0x00, 0x80]),
            (24, rgb888, MIXED, &[0xFE, 0x80, 0x12]),
            (24, bgr888, MIXED, &[0x12, 0x80, 0xFE]),
            (32, rgb888, MIXED, &[0xFE, 0x80, 0x12, 0x00]),
            (32, bgr888, MIXED, &[0x12, 0x80, 0xFE, 0x00]),
            (32, argb8888, MIXED, &[0xFE, 0x80, 0x12, 0xFF]),
            (32, rgba8888, MIXED, &[0xFF, 0xFE, 0x80, 0x12]),
            (32, rgba8888, Rgb888::BLACK, &[0xFF, 0, 0, 0]),
            (32, xrgb2101010, RED, &[0x00, 0x00, 0xF0, 0x3F]),
            (32, xrgb2101010, Rgb888::WHITE, &[0xFF, 0xFF, 0xFF, 0x3F]),
        ];
        for (bits, fields, colour, wanted) in table {
            let mut row = Vec::new();
            format(bits, fields).expect("a format").put(colour, &mut row);
            assert_eq!(row, wanted, "{bits} bits, {fields:?}, {colour:?}");
        }
        assert_eq!(format(16, rgb565), Some(PixelFormat::RGB565));
    }

    #[test]
    fn what_has_no_colours_of_its_own_is_no_format() {
        let good = [(16, 8), (8, 8), (0, 8), (24, 8)];
        assert!(format(32, good).is_some());
        for (bits, fields) in [
            (8, [(0, 3), (3, 3), (6, 2), (0, 0)]),
            (1, good),
            (15, [(10, 5), (5, 5), (0, 5), (0, 0)]),
            // A palette: every colour is said to be the whole pixel, or nothing.
            (16, [(0, 0), (0, 0), (0, 0), (0, 0)]),
            (24, good),
            (32, [(u32::MAX, 8), (8, 8), (0, 8), (24, 8)]),
            (32, [(16, 8), (8, u32::MAX), (0, 8), (24, 8)]),
            (32, [(16, 8), (8, 8), (0, 8), (24, 9)]),
        ] {
            assert_eq!(format(bits, fields), None, "{bits} {fields:?}");
        }
    }

    /// A picture of 3 by 2 pixels, each with a red of its own: 1 2 3 above 4 5 6.
    fn numbered(size: Size) -> Picture {
        let mut picture = Picture::new(size.width, size.height, Rgb888::BLACK);
        let places = Rectangle::new(Point::zero(), size).points();
        let pixels = places.zip(1..).map(|(at, red)| Pixel(at, Rgb888::new(red, 0, 0)));
        let Ok(()) = picture.draw_iter(pixels);
        picture
    }

    #[test]
    fn a_picture_is_turned_clockwise() {
        let upright = Size::new(3, 2);
        for (degrees, wanted) in [
            (0, vec![vec![1, 2, 3], vec![4, 5, 6]]),
            (90, vec![vec![4, 1], vec![5, 2], vec![6, 3]]),
            (180, vec![vec![6, 5, 4], vec![3, 2, 1]]),
            (270, vec![vec![3, 6], vec![2, 5], vec![1, 4]]),
        ] {
            let rotation = Rotation::of_degrees(degrees).expect("a rotation");
            // What the panel is, so that its picture is upright.
            let panel = rotation.picture_size(upright);
            assert_eq!(rotation.picture_size(panel), upright);
            let picture = numbered(upright);
            let whole = Rectangle::new(Point::zero(), panel);
            let shown: Vec<Vec<u8>> = rows(&picture, rotation, panel, whole, &PixelFormat::XRGB8888)
                .map(|(_, row)| row.chunks(4).map(|pixel| pixel[2]).collect())
                .collect();
            assert_eq!(shown, wanted, "{degrees} degrees");
            for at in whole.points() {
                assert_eq!(rotation.on_panel(rotation.in_picture(at, panel), panel), at);
            }
        }
        assert_eq!(Rotation::of_degrees(45), None);
    }

    #[test]
    fn a_part_of_the_picture_is_found_on_the_panel() {
        let panel = Size::new(30, 20);
        let area = |x, y, w, h| Rectangle::new(Point::new(x, y), Size::new(w, h));
        for (degrees, part, wanted) in [
            (0, area(2, 3, 5, 4), area(2, 3, 5, 4)),
            (90, area(2, 3, 5, 4), area(23, 2, 4, 5)),
            (180, area(2, 3, 5, 4), area(23, 13, 5, 4)),
            (270, area(2, 3, 5, 4), area(3, 13, 4, 5)),
            // What is beyond the panel is left off.
            (0, area(25, 15, 50, 50), area(25, 15, 5, 5)),
            (90, Rectangle::zero(), Rectangle::zero()),
        ] {
            let rotation = Rotation::of_degrees(degrees).expect("a rotation");
            assert_eq!(rotation.area_on_panel(part, panel), wanted, "{degrees} {part:?}");
        }
    }
}
