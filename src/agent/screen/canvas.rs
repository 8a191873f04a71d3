//! What widgets paint on: a picture, the area they may touch, and a record of what they placed where.
//!
//! The record is what tests judge a screen by, and what finds the key under a finger.

use super::code::PlacedCode;
use super::fonts::{CAPITALS, Face, Fonts};
use super::layout::Slot;
use super::picture::Picture;
use super::sheet::Touch;
use super::symbol::Symbol;
use super::text::Block;
use super::theme::Pair;
use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use tallyman_platform::image::Image;

/// A text on a screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The part of the screen that it belongs to.
    pub slot: Slot,
    /// The lines as shown.
    pub lines: Vec<String>,
    /// The box around them.
    pub area: Rectangle,
    /// How it is written.
    pub face: Face,
    /// The size in pixels.
    pub size: u16,
    /// Its colours.
    pub pair: Pair,
}

/// A field that can be touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The part of the screen that it belongs to.
    pub slot: Slot,
    /// What it stands for.
    pub touch: Touch,
    /// Where it is.
    pub area: Rectangle,
}

/// Where a text stands in its box, from left to right. It always stands in the middle from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

#[derive(Debug)]
pub(super) struct Canvas<'a> {
    pub picture: &'a mut Picture,
    pub fonts: &'a mut Fonts,
    pub slot: Slot,
    pub clip: Rectangle,
    pub placed: Vec<Placed>,
    pub targets: Vec<Target>,
    pub codes: Vec<PlacedCode>,
    pub item_pictures: Vec<Rectangle>,
    /// Pixels that a widget tried to paint outside its area.
    pub spilled: usize,
}

impl Canvas<'_> {
    /// Fills a rectangle.
    pub fn fill(&mut self, area: Rectangle, colour: Rgb888) {
        let inside = area.intersection(&self.clip);
        let pixels = |area: Rectangle| area.size.width as usize * area.size.height as usize;
        self.spilled += pixels(area) - pixels(inside);
        self.picture.fill(inside, colour);
    }

    /// Fills a rectangle with round corners.
    pub fn rounded(&mut self, area: Rectangle, radius: u32, colour: Rgb888) {
        let radius = radius.min(area.size.width / 2).min(area.size.height / 2);
        let middle = area.size.height - 2 * radius;
        self.fill(part(area, 0, radius, area.size.width, middle), colour);
        let straight = area.size.width - 2 * radius;
        for top in [0, area.size.height - radius] {
            self.fill(part(area, radius, top, straight, radius), colour);
        }
        let (right, bottom) = (area.size.width as i32 - 1, area.size.height as i32 - 1);
        for y in 0..radius as i32 {
            for x in 0..radius as i32 {
                let from = |v: i32| radius as f32 - v as f32 - 0.5;
                let distance = from(x).hypot(from(y)) - radius as f32;
                let covered = ((0.5 - distance).clamp(0.0, 1.0) * 255.0) as u8;
                for at in [(x, y), (right - x, y), (x, bottom - y), (right - x, bottom - y)] {
                    self.blend(area.top_left + Point::from(at), colour, covered);
                }
            }
        }
    }

    /// Fills a rectangle with round corners and draws a line around it, inside.
    pub fn framed(&mut self, area: Rectangle, radius: u32, line: u32, edge: Rgb888, ground: Rgb888) {
        self.rounded(area, radius, edge);
        self.rounded(inset(area, line, line), radius.saturating_sub(line), ground);
    }

    /// Draws a symbol in the middle of an area; the plate, where it has one, in the pair's ink and the sign in its
    /// ground, else the sign in the ink.
    pub fn symbol(&mut self, symbol: Symbol, area: Rectangle, pair: Pair) {
        let side = area.size.width.min(area.size.height);
        let margin = |free: u32| ((free - side) / 2) as i32;
        let start = area.top_left + Point::new(margin(area.size.width), margin(area.size.height));
        let covers = self.fonts.sign(symbol, side);
        for (y, row) in covers.chunks_exact(side.max(1) as usize).enumerate() {
            for (x, cover) in row.iter().enumerate() {
                let at = start + Point::new(x as i32, y as i32);
                let (plate, sign) = ((cover.plate * 255.0) as u8, (cover.sign * 255.0) as u8);
                self.blend(at, pair.ink, plate);
                self.blend(at, if plate > 0 { pair.ground } else { pair.ink }, sign);
            }
        }
    }

    /// Writes a text into a box.
    pub fn text(&mut self, block: &Block, area: Rectangle, align: Align, pair: Pair) {
        let high = block.height().min(area.size.height.max(block.line_height()));
        let top = area.top_left.y + (area.size.height as i32 - high as i32) / 2;
        let line_high = block.line_height() as i32;
        let mut left_most = i32::MAX;
        for (index, line) in block.lines.iter().enumerate() {
            let wide = self.fonts.width(block.face, block.size, line);
            let free = area.size.width as f32 - wide;
            let start = match align {
                Align::Left => 0.0,
                Align::Middle => (free / 2.0).max(0.0).floor(),
                Align::Right => free.max(0.0).floor(),
            };
            let left = area.top_left.x + start as i32;
            left_most = left_most.min(left);
            let line_top = top + index as i32 * line_high;
            self.line(
                block,
                line,
                Point::new(left, line_top + block.baseline()),
                pair.ink,
            );
        }
        if block.lines.is_empty() {
            return;
        }
        let area = Rectangle::new(Point::new(left_most, top), Size::new(block.width, block.height()));
        let (face, size, lines) = (block.face, block.size, block.lines.clone());
        self.placed.push(Placed {
            slot: self.slot,
            lines,
            area,
            face,
            size,
            pair,
        });
    }

    /// Notes a symbol that was painted.
    pub fn code(&mut self, code: PlacedCode) {
        self.codes.push(code);
    }

    /// Notes a picture of an item that was painted.
    pub fn item_picture(&mut self, area: Rectangle) {
        self.item_pictures.push(area);
    }

    /// Copies an image, whose corner is here.
    pub fn image(&mut self, image: &Image, corner: Point) {
        let whole = Rectangle::new(corner, Size::new(image.width(), image.height()));
        let inside = whole.intersection(&self.clip);
        self.spilled +=
            (whole.size.width * whole.size.height - inside.size.width * inside.size.height) as usize;
        if inside == whole {
            self.picture.copy(image, corner);
        }
    }

    /// Makes an area a field.
    pub fn target(&mut self, touch: Touch, area: Rectangle) {
        let slot = self.slot;
        self.targets.push(Target { slot, touch, area });
    }

    fn line(&mut self, block: &Block, line: &str, start: Point, ink: Rgb888) {
        let mut pen = 0.0;
        for character in line.chars() {
            match self.fonts.glyph(block.face, block.size, character, pen) {
                Some((offset, glyph)) if glyph.width > 0 => {
                    let corner = start + Point::new(offset + glyph.left, glyph.top);
                    for (row, covered) in glyph.coverage.chunks_exact(glyph.width).enumerate() {
                        self.blend_row(corner + Point::new(0, row as i32), covered, ink);
                    }
                }
                Some(_) => {}
                None => self.missing(block, start + Point::new(pen.round() as i32, 0), character, ink),
            }
            pen += self.fonts.advance(block.face, block.size, character);
        }
    }

    /// A box in place of a character that no font has.
    fn missing(&mut self, block: &Block, start: Point, character: char, ink: Rgb888) {
        let size = f32::from(block.size);
        let advance = self.fonts.advance(block.face, block.size, character);
        let (high, bearing) = ((size * CAPITALS) as u32, (size * 0.06).ceil() as u32);
        let wide = (advance as u32).saturating_sub(2 * bearing).max(1);
        let line = (u32::from(block.size) / 14).max(1);
        let area = Rectangle::new(
            start + Point::new(bearing as i32, -(high as i32)),
            Size::new(wide, high),
        );
        let below = high.saturating_sub(line);
        let beside = wide.saturating_sub(line);
        for edge in [
            part(area, 0, 0, wide, line),
            part(area, 0, below, wide, line),
            part(area, 0, 0, line, high),
            part(area, beside, 0, line, high),
        ] {
            self.fill(edge, ink);
        }
    }

    fn blend_row(&mut self, start: Point, coverage: &[u8], ink: Rgb888) {
        for (x, &covered) in coverage.iter().enumerate() {
            if covered > 0 {
                self.blend(start + Point::new(x as i32, 0), ink, covered);
            }
        }
    }

    fn blend(&mut self, at: Point, colour: Rgb888, coverage: u8) {
        if self.clip.contains(at) {
            self.picture.blend(at, colour, coverage);
        } else if coverage > 0 {
            self.spilled += 1;
        }
    }
}

/// A part of an area, by its distance from the area's corner and its size; what reaches beyond the area is left off.
pub(super) fn part(area: Rectangle, left: u32, top: u32, width: u32, height: u32) -> Rectangle {
    let start = area.top_left + Point::new(left as i32, top as i32);
    Rectangle::new(start, Size::new(width, height)).intersection(&area)
}

/// An area without a margin on each side.
pub(super) fn inset(area: Rectangle, x: u32, y: u32) -> Rectangle {
    let (wide, high) = (
        area.size.width.saturating_sub(2 * x),
        area.size.height.saturating_sub(2 * y),
    );
    part(area, x, y, wide, high)
}
