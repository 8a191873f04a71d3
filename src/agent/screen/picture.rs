//! What a screen looks like, in memory: pixels that can be compared, sent to a panel, and kept as PNG.
//!
//! Colours are 24 bits deep here whatever the panel takes; they are reduced on the way out.

use std::convert::Infallible;

use embedded_graphics::{Pixel, pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use tallyman_platform::image::Image;

/// The longest side of a picture, in pixels: larger than any panel of a handheld or dock, small enough that a
/// wrong configuration cannot ask for gigabytes.
pub const SIDE_MAX: u32 = 4096;

/// Pixels in rows, from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<Rgb888>,
}

impl Picture {
    /// What a picture of a size covers.
    pub(super) fn area_of(width: u32, height: u32) -> Rectangle {
        let side = |side: u32| side.clamp(1, SIDE_MAX);
        Rectangle::new(Point::zero(), Size::new(side(width), side(height)))
    }

    /// A picture of one colour. Sides are held between 1 and [`SIDE_MAX`].
    pub fn new(width: u32, height: u32, ground: Rgb888) -> Self {
        let Size { width, height } = Self::area_of(width, height).size;
        Self {
            width,
            height,
            pixels: vec![ground; width as usize * height as usize],
        }
    }

    /// The width in pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// The height in pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The colour at a place; `None` outside the picture.
    pub fn pixel(&self, at: Point) -> Option<Rgb888> {
        self.place(at).and_then(|place| self.pixels.get(place)).copied()
    }

    /// All of it.
    pub fn area(&self) -> Rectangle {
        self.bounding_box()
    }

    /// A part of it; what lies outside the picture is left off.
    pub(super) fn cut(&self, area: Rectangle) -> Self {
        let area = area.intersection(&self.bounding_box());
        let mut pixels = Vec::with_capacity(area.size.width as usize * area.size.height as usize);
        self.part(area).for_each(|row| pixels.extend_from_slice(row));
        Self {
            width: area.size.width,
            height: area.size.height,
            pixels,
        }
    }

    /// Every pixel, row after row.
    pub fn pixels(&self) -> &[Rgb888] {
        &self.pixels
    }

    /// The smallest rectangle that holds every pixel that differs; `None` where the pictures are equal. Pictures
    /// of different sizes differ everywhere.
    pub fn diff(&self, other: &Self) -> Option<Rectangle> {
        if (self.width, self.height) != (other.width, other.height) {
            return Some(self.bounding_box());
        }
        self.differing(other, self.bounding_box())
    }

    /// The smallest rectangle around what differs in a part of this picture from another one that shows the part alone.
    pub(super) fn differing(&self, other: &Self, area: Rectangle) -> Option<Rectangle> {
        let rows = || self.part(area).zip(other.part(other.bounding_box()));
        let differs = |(mine, theirs): (&[Rgb888], &[Rgb888])| mine != theirs;
        let top = rows().position(differs)?;
        let bottom = top
            + rows()
                .skip(top)
                .enumerate()
                .filter(|(_, pair)| differs(*pair))
                .last()?
                .0;
        let (mut left, mut right) = (usize::MAX, 0);
        for (mine, theirs) in rows().skip(top).take(bottom - top + 1) {
            let differs = |(a, b): (&Rgb888, &Rgb888)| a != b;
            if let Some(first) = mine.iter().zip(theirs).position(differs) {
                left = left.min(first);
            }
            if let Some(last) = mine.iter().zip(theirs).rposition(differs) {
                right = right.max(last);
            }
        }
        let corner = |x: usize, y: usize| area.top_left + Point::new(x as i32, y as i32);
        Some(Rectangle::with_corners(corner(left, top), corner(right, bottom)))
    }

    /// Copies an image, whose corner is here; what lies outside is left off.
    pub(super) fn copy(&mut self, image: &Image, corner: Point) {
        let rows = image.rgb().chunks_exact(image.width().max(1) as usize * 3);
        for (y, row) in (0..).zip(rows) {
            for (x, pixel) in (0..).zip(row.chunks_exact(3)) {
                if let Some(place) = self.place(corner + Point::new(x, y)) {
                    self.pixels[place] = Rgb888::new(pixel[0], pixel[1], pixel[2]);
                }
            }
        }
    }

    /// Sends a part of the picture to a panel, reduced to the panel's colours.
    ///
    /// # Errors
    /// What the panel says when it cannot be written.
    pub fn flush<T>(&self, area: Rectangle, panel: &mut T) -> Result<(), T::Error>
    where
        T: DrawTarget,
        T::Color: From<Rgb888>,
    {
        let area = area.intersection(&self.bounding_box());
        let colours = self.part(area).flatten().map(|colour| T::Color::from(*colour));
        panel.fill_contiguous(&area, colours)
    }

    /// The picture as a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let bytes: Vec<u8> = self.pixels.iter().flat_map(|c| [c.r(), c.g(), c.b()]).collect();
        let written = encoder.write_header().and_then(|mut body| {
            body.write_image_data(&bytes)?;
            body.finish()
        });
        assert!(
            written.is_ok(),
            "a PNG of a picture in memory cannot fail: {written:?}"
        );
        file
    }

    /// Fills a rectangle; what lies outside the picture is left out.
    pub(super) fn fill(&mut self, area: Rectangle, colour: Rgb888) {
        let area = area.intersection(&self.bounding_box());
        let (left, wide) = (area.top_left.x.max(0) as usize, area.size.width as usize);
        let width = self.width as usize;
        let top = area.top_left.y.max(0) as usize;
        for row in self
            .pixels
            .chunks_exact_mut(width)
            .skip(top)
            .take(area.size.height as usize)
        {
            row[left..left + wide].fill(colour);
        }
    }

    /// Lays a colour over one pixel; `coverage` 0 leaves it, 255 replaces it.
    pub(super) fn blend(&mut self, at: Point, colour: Rgb888, coverage: u8) {
        let Some(pixel) = self.place(at).and_then(|place| self.pixels.get_mut(place)) else {
            return;
        };
        *pixel = match coverage {
            0 => return,
            255 => colour,
            _ => {
                let (over, under) = (u32::from(coverage), 255 - u32::from(coverage));
                let mix = |new: u8, old: u8| ((u32::from(new) * over + u32::from(old) * under) / 255) as u8;
                Rgb888::new(
                    mix(colour.r(), pixel.r()),
                    mix(colour.g(), pixel.g()),
                    mix(colour.b(), pixel.b()),
                )
            }
        };
    }

    fn place(&self, at: Point) -> Option<usize> {
        let (x, y) = (u32::try_from(at.x).ok()?, u32::try_from(at.y).ok()?);
        (x < self.width && y < self.height).then(|| y as usize * self.width as usize + x as usize)
    }

    /// The rows of a part that lies inside the picture.
    fn part(&self, area: Rectangle) -> impl Iterator<Item = &[Rgb888]> {
        let (left, wide) = (area.top_left.x.max(0) as usize, area.size.width as usize);
        let (top, high) = (area.top_left.y.max(0) as usize, area.size.height as usize);
        let rows = self
            .pixels
            .chunks_exact(self.width.max(1) as usize)
            .skip(top)
            .take(high);
        rows.map(move |row| &row[left..left + wide])
    }
}

impl OriginDimensions for Picture {
    fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }
}

impl DrawTarget for Picture {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Self::Color>>,
    {
        for Pixel(at, colour) in pixels {
            self.blend(at, colour, 255);
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Self::Color) -> Result<(), Self::Error> {
        self.fill(*area, colour);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::pixelcolor::Rgb565;

    use super::*;

    const PAPER: Rgb888 = Rgb888::new(250, 250, 250);
    const INK: Rgb888 = Rgb888::new(10, 20, 30);

    fn spots(at: &[(i32, i32)]) -> Picture {
        let mut picture = Picture::new(30, 20, PAPER);
        let pixels = at.iter().map(|&(x, y)| Pixel(Point::new(x, y), INK));
        picture.draw_iter(pixels).expect("memory takes every pixel");
        picture
    }

    #[test]
    fn the_difference_is_the_smallest_rectangle_around_all_changed_pixels() {
        type Case<'a> = (&'a [(i32, i32)], Option<(i32, i32, u32, u32)>);
        let table: [Case<'_>; 5] = [
            (&[], None),
            (&[(0, 0)], Some((0, 0, 1, 1))),
            (&[(29, 19)], Some((29, 19, 1, 1))),
            (&[(3, 5), (20, 7)], Some((3, 5, 18, 3))),
            (&[(20, 2), (4, 18), (10, 9)], Some((4, 2, 17, 17))),
        ];
        for (at, wanted) in table {
            let wanted = wanted.map(|(x, y, w, h)| Rectangle::new(Point::new(x, y), Size::new(w, h)));
            assert_eq!(spots(at).diff(&spots(&[])), wanted, "{at:?}");
            assert_eq!(spots(&[]).diff(&spots(at)), wanted, "{at:?} the other way round");
        }
    }

    #[test]
    fn pictures_of_different_sizes_differ_everywhere() {
        let (small, large) = (Picture::new(2, 3, PAPER), Picture::new(3, 2, PAPER));
        assert_eq!(small.diff(&large), Some(small.bounding_box()));
    }

    #[test]
    fn pixels_outside_are_left_out() {
        assert_eq!(
            spots(&[(-1, 0), (30, 0), (0, 20), (i32::MIN, i32::MAX)]),
            spots(&[])
        );
        let mut picture = spots(&[]);
        picture.fill(Rectangle::new(Point::new(-5, -5), Size::new(6, 6)), INK);
        assert_eq!(picture, spots(&[(0, 0)]));
    }

    #[test]
    fn a_png_reads_back_as_it_was() {
        let picture = spots(&[(1, 2), (28, 17)]);
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture.to_png()))
            .read_info()
            .expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
        let frame = reader.next_frame(&mut bytes).expect("a frame");
        assert_eq!((frame.width, frame.height), (30, 20));
        let colours: Vec<_> = bytes
            .chunks_exact(3)
            .map(|c| Rgb888::new(c[0], c[1], c[2]))
            .collect();
        assert_eq!(colours, picture.pixels());
    }

    #[test]
    fn flushing_the_difference_brings_a_panel_up_to_date() {
        struct Panel(Vec<Rgb565>);
        impl OriginDimensions for Panel {
            fn size(&self) -> Size {
                Size::new(30, 20)
            }
        }
        impl DrawTarget for Panel {
            type Color = Rgb565;
            type Error = Infallible;
            fn draw_iter<I: IntoIterator<Item = Pixel<Rgb565>>>(
                &mut self,
                pixels: I,
            ) -> Result<(), Infallible> {
                for Pixel(at, colour) in pixels {
                    self.0[(at.y * 30 + at.x) as usize] = colour;
                }
                Ok(())
            }
        }
        let (before, after) = (spots(&[(4, 4)]), spots(&[(9, 6), (12, 11)]));
        let mut panel = Panel(before.pixels().iter().map(|c| Rgb565::from(*c)).collect());
        after
            .flush(after.diff(&before).expect("a difference"), &mut panel)
            .expect("memory");
        assert_eq!(
            panel.0,
            after
                .pixels()
                .iter()
                .map(|c| Rgb565::from(*c))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn sides_are_held_within_limits() {
        let picture = Picture::new(0, 5_000_000, PAPER);
        assert_eq!((picture.width(), picture.height()), (1, SIDE_MAX));
    }
}
