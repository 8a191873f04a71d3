//! What changed between two pictures, as rectangles: only these go to the panel.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};

use crate::screen::Picture;

/// Rows that may be equal within one rectangle: two rectangles cost more than a few rows sent in vain.
const GAP_ROWS: usize = 8;

/// The rectangles that hold every pixel that differs, from the top, none over another. A picture of another size, or
/// none before, differs everywhere.
pub fn damage(before: Option<&Picture>, after: &Picture) -> Vec<Rectangle> {
    let whole = after.bounding_box();
    let Some(before) = before.filter(|before| before.size() == whole.size) else {
        return vec![whole];
    };
    let width = after.width() as usize;
    let rows = after
        .pixels()
        .chunks_exact(width)
        .zip(before.pixels().chunks_exact(width));
    let mut bands: Vec<Band> = Vec::new();
    for (y, (after, before)) in rows.enumerate() {
        let Some((left, right)) = columns(after, before) else {
            continue;
        };
        match bands.last_mut() {
            Some(band) if y - band.bottom <= GAP_ROWS => {
                band.bottom = y;
                band.left = band.left.min(left);
                band.right = band.right.max(right);
            }
            _ => bands.push(Band {
                top: y,
                bottom: y,
                left,
                right,
            }),
        }
    }
    bands.iter().map(Band::area).collect()
}

struct Band {
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
}

impl Band {
    fn area(&self) -> Rectangle {
        let corner = |x: usize, y: usize| Point::new(x as i32, y as i32);
        Rectangle::with_corners(corner(self.left, self.top), corner(self.right, self.bottom))
    }
}

/// The first and the last column in which two rows differ.
fn columns(after: &[Rgb888], before: &[Rgb888]) -> Option<(usize, usize)> {
    if after == before {
        return None;
    }
    let differs = |(a, b): (&Rgb888, &Rgb888)| a != b;
    let left = after.iter().zip(before).position(differs)?;
    let right = after.iter().zip(before).rposition(differs)?;
    Some((left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spots(at: &[(i32, i32)]) -> Picture {
        let mut picture = Picture::new(30, 40, Rgb888::WHITE);
        let Ok(()) = picture.draw_iter(at.iter().map(|&(x, y)| Pixel(Point::new(x, y), Rgb888::BLACK)));
        picture
    }

    #[test]
    fn far_changes_have_rectangles_of_their_own() {
        type Row<'a> = (&'a [(i32, i32)], &'a [(i32, i32, u32, u32)]);
        let table: [Row<'_>; 5] = [
            (&[], &[]),
            (&[(0, 0)], &[(0, 0, 1, 1)]),
            (&[(3, 5), (20, 12)], &[(3, 5, 18, 8)]),
            (&[(3, 1), (5, 2), (29, 39)], &[(3, 1, 3, 2), (29, 39, 1, 1)]),
            (&[(9, 0), (8, 9)], &[(9, 0, 1, 1), (8, 9, 1, 1)]),
        ];
        for (at, wanted) in table {
            let wanted: Vec<_> = wanted
                .iter()
                .map(|&(x, y, w, h)| Rectangle::new(Point::new(x, y), Size::new(w, h)))
                .collect();
            assert_eq!(damage(Some(&spots(&[])), &spots(at)), wanted, "{at:?}");
            assert_eq!(damage(Some(&spots(at)), &spots(&[])), wanted, "{at:?} back");
        }
    }

    #[test]
    fn without_a_picture_before_everything_is_new() {
        let after = spots(&[]);
        assert_eq!(damage(None, &after), [after.bounding_box()]);
        let other = Picture::new(40, 30, Rgb888::WHITE);
        assert_eq!(damage(Some(&other), &after), [after.bounding_box()]);
    }
}
