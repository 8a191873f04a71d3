//! The signs that tell without colour and without words: what an answer means, how the link and the scanner are.
//!
//! Each is a few geometric shapes given by their distance to a point (negative inside), so that it is sharp and
//! smooth at every size. The plates behind the answers differ in outline: disc, octagon, diamond, square.

use embedded_graphics::prelude::Point;
use tallyman_floor::Tone;

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Symbol {
    /// How to take an answer.
    Answer(Tone),
    /// Bars of growing height: the hub is in reach.
    Online,
    /// The same bars, hollow and struck through.
    Offline,
    /// A triangle with an exclamation mark.
    Alarm,
    /// A bar code.
    Scanner,
    /// A bar code struck through.
    ScannerLost,
    /// A battery, filled to so many tenths.
    Battery(u8),
    /// A battery with a bolt in it: it is being charged.
    Charging,
    /// What comes next: an arrow to the right.
    Next,
}

/// What a point of a symbol is covered with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cover {
    /// How much of the pixel the plate behind covers, 0 to 1.
    pub plate: f32,
    /// How much of the pixel the sign covers, 0 to 1.
    pub sign: f32,
}

impl Symbol {
    /// What covers the pixels of a symbol, row after row.
    pub fn covers(self, side: u32) -> impl Iterator<Item = Cover> {
        let rows = 0..side as i32;
        rows.flat_map(move |y| (0..side as i32).map(move |x| self.cover(Point::new(x, y), side)))
    }

    /// What covers a pixel of a symbol that is `side` pixels wide and high.
    pub fn cover(self, at: Point, side: u32) -> Cover {
        let side = side as f32;
        // The unit square with its middle at 0, x to the right, y down, from -1 to 1.
        let place = |v: i32| (v as f32 + 0.5) / side * 2.0 - 1.0;
        let (plate, sign) = self.distances(V(place(at.x), place(at.y)));
        // A distance of one pixel is 2 / side here; the edge is one pixel soft.
        let covered = |distance: f32| (0.5 - distance * side / 2.0).clamp(0.0, 1.0);
        Cover {
            plate: covered(plate),
            sign: covered(sign),
        }
    }

    /// The distances to the plate and to the sign on it.
    fn distances(self, p: V) -> (f32, f32) {
        match self {
            Self::Answer(Tone::Good) => (p.length() - 0.98, tick(p)),
            Self::Answer(Tone::Bad) => (octagon(p, 0.96), cross(p)),
            Self::Answer(Tone::Ask) => (diamond(p, 0.98), question(p.scaled(0.72))),
            Self::Answer(Tone::Calm) => (rounded(p, V(0.9, 0.9), 0.22), information(p)),
            Self::Online => (OUTSIDE, bars(p)),
            Self::Offline => (OUTSIDE, struck(bars(p).abs() - 0.05, p)),
            Self::Alarm => (triangle(p), exclamation(p)),
            Self::Scanner => (OUTSIDE, bar_code(p)),
            Self::ScannerLost => (OUTSIDE, struck(bar_code(p), p)),
            Self::Battery(tenths) => (OUTSIDE, battery(p, tenths)),
            Self::Charging => (OUTSIDE, charging(p)),
            Self::Next => (OUTSIDE, arrow(p)),
        }
    }
}

const OUTSIDE: f32 = 1e3;

/// A point or a vector.
#[derive(Debug, Clone, Copy)]
struct V(f32, f32);

impl V {
    fn length(self) -> f32 {
        self.0.hypot(self.1)
    }

    fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }

    /// The same place in a sign drawn smaller by a factor.
    fn scaled(self, factor: f32) -> Self {
        Self(self.0 / factor, self.1 / factor)
    }
}

/// A stroke from one point to another, with round ends.
fn stroke(p: V, from: V, to: V, half_width: f32) -> f32 {
    let (along, reach) = (to.minus(from), p.minus(from));
    let part = (reach.0 * along.0 + reach.1 * along.1) / (along.0 * along.0 + along.1 * along.1);
    let part = part.clamp(0.0, 1.0);
    reach.minus(V(along.0 * part, along.1 * part)).length() - half_width
}

/// A box around a middle, with round corners.
fn rounded(p: V, half: V, radius: f32) -> f32 {
    let d = V(p.0.abs() - half.0 + radius, p.1.abs() - half.1 + radius);
    V(d.0.max(0.0), d.1.max(0.0)).length() + d.0.max(d.1).min(0.0) - radius
}

fn octagon(p: V, half: f32) -> f32 {
    let (x, y) = (p.0.abs(), p.1.abs());
    x.max(y).max((x + y) * std::f32::consts::FRAC_1_SQRT_2) - half
}

fn diamond(p: V, half: f32) -> f32 {
    (p.0.abs() + p.1.abs() - half) * std::f32::consts::FRAC_1_SQRT_2
}

fn tick(p: V) -> f32 {
    let knee = V(-0.14, 0.40);
    stroke(p, V(-0.48, 0.06), knee, 0.115).min(stroke(p, knee, V(0.48, -0.36), 0.115))
}

fn cross(p: V) -> f32 {
    let arm = 0.40;
    stroke(p, V(-arm, -arm), V(arm, arm), 0.125).min(stroke(p, V(-arm, arm), V(arm, -arm), 0.125))
}

fn question(p: V) -> f32 {
    // The hook: the upper three quarters of a ring, from the left round to below its middle.
    let middle = V(0.0, -0.30);
    let from_middle = p.minus(middle);
    let on_ring = from_middle.0 > 0.0 || from_middle.1 < 0.0;
    let ring = (from_middle.length() - 0.34).abs() - 0.12;
    let start = p.minus(V(-0.34, -0.30)).length() - 0.12;
    let hook = if on_ring { ring.min(start) } else { start };
    let stem = stroke(p, V(0.0, 0.04), V(0.0, 0.24), 0.12);
    hook.min(stem).min(p.minus(V(0.0, 0.60)).length() - 0.15)
}

fn information(p: V) -> f32 {
    stroke(p, V(0.0, -0.06), V(0.0, 0.46), 0.13).min(p.minus(V(0.0, -0.46)).length() - 0.16)
}

fn triangle(p: V) -> f32 {
    // Upright: two slopes that meet at the top, and a foot.
    let slope = p.0.abs() * 0.88 + (p.1 + 0.92) * -0.47;
    slope.max(p.1 - 0.88)
}

fn exclamation(p: V) -> f32 {
    stroke(p, V(0.0, -0.22), V(0.0, 0.22), 0.12).min(p.minus(V(0.0, 0.60)).length() - 0.14)
}

/// Four bars of growing height.
fn bars(p: V) -> f32 {
    let bar = |x: f32, height: f32| rounded(p.minus(V(x, 0.8 - height)), V(0.17, height), 0.06);
    bar(-0.72, 0.2)
        .min(bar(-0.24, 0.4))
        .min(bar(0.24, 0.6))
        .min(bar(0.72, 0.8))
}

fn bar_code(p: V) -> f32 {
    let bar = |x: f32, half: f32| rounded(p.minus(V(x, 0.0)), V(half, 0.66), 0.02);
    let left = bar(-0.84, 0.10).min(bar(-0.52, 0.06)).min(bar(-0.16, 0.14));
    left.min(bar(0.22, 0.06))
        .min(bar(0.52, 0.12))
        .min(bar(0.88, 0.07))
}

/// A case, hollow, with its contact on top.
fn case(p: V) -> f32 {
    let body = rounded(p.minus(V(0.0, 0.12)), V(0.50, 0.80), 0.16).abs() - 0.09;
    body.min(rounded(p.minus(V(0.0, -0.86)), V(0.22, 0.12), 0.06))
}

/// A case filled from below.
fn battery(p: V, tenths: u8) -> f32 {
    let half = 0.58 * f32::from(tenths.min(10)) / 10.0;
    let charge = rounded(p.minus(V(0.0, 0.70 - half)), V(0.28, half), 0.02);
    case(p).min(if tenths == 0 { OUTSIDE } else { charge })
}

/// A case with a bolt in it.
fn charging(p: V) -> f32 {
    let (top, left, right, foot) = (V(0.12, -0.42), V(-0.18, 0.16), V(0.18, 0.10), V(-0.12, 0.66));
    let bolt = stroke(p, top, left, 0.10)
        .min(stroke(p, left, right, 0.10))
        .min(stroke(p, right, foot, 0.10));
    case(p).min(bolt)
}

/// A shape with a stroke through it, and a gap beside the stroke so that it shows.
fn struck(shape: f32, p: V) -> f32 {
    let line = stroke(p, V(-0.86, -0.86), V(0.86, 0.86), 0.11);
    line.min(shape.max(0.14 - line))
}

fn arrow(p: V) -> f32 {
    let tip = V(0.62, 0.0);
    let shaft = stroke(p, V(-0.66, 0.0), tip, 0.13);
    shaft
        .min(stroke(p, V(0.14, -0.46), tip, 0.13))
        .min(stroke(p, V(0.14, 0.46), tip, 0.13))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Symbol; 13] = [
        Symbol::Answer(Tone::Good),
        Symbol::Answer(Tone::Bad),
        Symbol::Answer(Tone::Ask),
        Symbol::Answer(Tone::Calm),
        Symbol::Online,
        Symbol::Offline,
        Symbol::Alarm,
        Symbol::Scanner,
        Symbol::ScannerLost,
        Symbol::Battery(1),
        Symbol::Battery(9),
        Symbol::Charging,
        Symbol::Next,
    ];

    /// The parts of a symbol that are plate or sign, as a picture of one bit.
    fn silhouette(symbol: Symbol, side: u32) -> Vec<(bool, bool)> {
        let places = (0..side).flat_map(|y| (0..side).map(move |x| Point::new(x as i32, y as i32)));
        places
            .map(|at| symbol.cover(at, side))
            .map(|c| (c.plate > 0.5, c.sign > 0.5))
            .collect()
    }

    #[test]
    fn symbols_are_told_apart_without_colour_at_the_smallest_size() {
        for (index, &one) in ALL.iter().enumerate() {
            for &other in &ALL[index + 1..] {
                let (a, b) = (silhouette(one, 16), silhouette(other, 16));
                let differing = a.iter().zip(&b).filter(|(a, b)| a != b).count();
                assert!(
                    differing >= 16,
                    "{one:?} and {other:?} differ in {differing} of 256 pixels"
                );
            }
        }
    }

    #[test]
    fn a_symbol_stays_inside_its_square_and_a_sign_on_its_plate() {
        for symbol in ALL {
            for side in [14, 34, 64, 200] {
                let cells = silhouette(symbol, side);
                assert!(
                    cells.iter().any(|cell| cell.1),
                    "{symbol:?} at {side} shows nothing"
                );
                if cells.iter().any(|cell| cell.0) {
                    assert!(
                        cells.iter().all(|cell| cell.0 || !cell.1),
                        "{symbol:?} at {side} leaves its plate"
                    );
                }
            }
        }
    }
}
