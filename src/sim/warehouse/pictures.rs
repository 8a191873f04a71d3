//! Pictures of some of the goods, drawn by this program: shapes on white, as a catalogue has them.

use tallyman_platform::image::Image;

/// Pixels of a drawing's side. It is made smaller afterwards, which makes its edges smooth.
const SIDE: u32 = 480;

/// The side of the picture that comes of it.
const SIDE_SMOOTH: u32 = 240;

/// A shape, in hundredths of the side from the top left.
enum Shape {
    /// From corner to corner.
    Block(f32, f32, f32, f32),
    /// A middle and a radius.
    Disc(f32, f32, f32),
    /// Corners, one after the other.
    Area(&'static [(f32, f32)]),
}

use Shape::{Area, Block, Disc};

type Colour = [u8; 3];

const STEEL: Colour = [142, 150, 160];
const STEEL_DARK: Colour = [96, 104, 116];
const STEEL_LIGHT: Colour = [190, 197, 205];
const WHITE: Colour = [255, 255, 255];
const SHADOW: Colour = [228, 230, 233];
const BLUE: Colour = [36, 92, 178];
const BLUE_LIGHT: Colour = [176, 208, 240];
const BROWN: Colour = [92, 58, 36];
const BROWN_LIGHT: Colour = [166, 116, 72];
const ORANGE: Colour = [232, 132, 32];
const GLASS: Colour = [214, 228, 234];
const YELLOW: Colour = [250, 214, 92];
const BLACK: Colour = [42, 44, 48];
const RED: Colour = [196, 48, 44];
const CREAM: Colour = [246, 243, 234];
const GREEN: Colour = [58, 130, 74];

/// The corners of a nut, and of the head of a bolt seen from above.
const HEXAGON: &[(f32, f32)] = &[
    (88.0, 50.0),
    (69.0, 83.0),
    (31.0, 83.0),
    (12.0, 50.0),
    (31.0, 17.0),
    (69.0, 17.0),
];

/// What is drawn of an article, one over the other.
static DRAWINGS: &[(&str, &[(Shape, Colour)])] = &[
    (
        "MILK-1L",
        &[
            (Block(26.0, 90.0, 80.0, 93.0), SHADOW),
            (Block(30.0, 34.0, 70.0, 91.0), CREAM),
            (
                Area(&[(30.0, 34.0), (40.0, 16.0), (60.0, 16.0), (70.0, 34.0)]),
                BLUE_LIGHT,
            ),
            (Block(38.0, 8.0, 62.0, 16.0), BLUE),
            (Block(30.0, 52.0, 70.0, 74.0), BLUE),
            (Disc(50.0, 63.0, 8.0), WHITE),
            (Block(30.0, 34.0, 31.0, 91.0), BLUE_LIGHT),
            (Block(69.0, 34.0, 70.0, 91.0), BLUE_LIGHT),
        ],
    ),
    (
        "COFFEE-1K",
        &[
            (Block(22.0, 90.0, 84.0, 93.0), SHADOW),
            (
                Area(&[(26.0, 22.0), (74.0, 22.0), (80.0, 91.0), (20.0, 91.0)]),
                BROWN,
            ),
            (Block(26.0, 12.0, 74.0, 22.0), BROWN_LIGHT),
            (Disc(50.0, 58.0, 17.0), CREAM),
            (Disc(46.0, 58.0, 8.0), BROWN),
            (Disc(55.0, 58.0, 8.0), BROWN),
            (Block(49.0, 50.0, 52.0, 66.0), CREAM),
        ],
    ),
    (
        "JAM-340",
        &[
            (Block(24.0, 90.0, 80.0, 93.0), SHADOW),
            (Block(28.0, 30.0, 72.0, 91.0), ORANGE),
            (Block(28.0, 28.0, 72.0, 34.0), GLASS),
            (Block(26.0, 12.0, 74.0, 28.0), RED),
            (Block(28.0, 48.0, 72.0, 76.0), CREAM),
            (Disc(50.0, 62.0, 9.0), ORANGE),
            (Area(&[(52.0, 54.0), (62.0, 49.0), (58.0, 57.0)]), GREEN),
        ],
    ),
    (
        "WATER-15",
        &[
            (Block(34.0, 92.0, 70.0, 94.0), SHADOW),
            (Block(44.0, 4.0, 56.0, 12.0), BLUE),
            (Block(45.0, 12.0, 55.0, 20.0), GLASS),
            (
                Area(&[(45.0, 20.0), (55.0, 20.0), (66.0, 36.0), (34.0, 36.0)]),
                GLASS,
            ),
            (Block(34.0, 36.0, 66.0, 93.0), GLASS),
            (Block(34.0, 48.0, 66.0, 68.0), BLUE),
            (Block(34.0, 72.0, 66.0, 74.0), BLUE_LIGHT),
            (Block(34.0, 80.0, 66.0, 82.0), BLUE_LIGHT),
        ],
    ),
    (
        "BOLT-M8",
        &[
            (Block(12.0, 74.0, 94.0, 76.0), SHADOW),
            (Block(10.0, 30.0, 26.0, 70.0), STEEL),
            (Block(10.0, 42.0, 26.0, 44.0), STEEL_DARK),
            (Block(10.0, 56.0, 26.0, 58.0), STEEL_DARK),
            (Block(26.0, 40.0, 92.0, 60.0), STEEL_LIGHT),
            (Block(54.0, 40.0, 57.0, 60.0), STEEL_DARK),
            (Block(60.0, 40.0, 63.0, 60.0), STEEL_DARK),
            (Block(66.0, 40.0, 69.0, 60.0), STEEL_DARK),
            (Block(72.0, 40.0, 75.0, 60.0), STEEL_DARK),
            (Block(78.0, 40.0, 81.0, 60.0), STEEL_DARK),
            (Block(84.0, 40.0, 87.0, 60.0), STEEL_DARK),
        ],
    ),
    (
        "NUT-M8",
        &[
            (Area(HEXAGON), STEEL),
            (Disc(50.0, 50.0, 27.0), STEEL_LIGHT),
            (Disc(50.0, 50.0, 20.0), STEEL_DARK),
            (Disc(50.0, 50.0, 17.0), WHITE),
        ],
    ),
    (
        "WASHER-M8",
        &[
            (Disc(50.0, 50.0, 42.0), STEEL),
            (Disc(50.0, 50.0, 39.0), STEEL_LIGHT),
            (Disc(50.0, 50.0, 19.0), STEEL_DARK),
            (Disc(50.0, 50.0, 17.0), WHITE),
        ],
    ),
    (
        "DRILL-18V",
        &[
            (Block(8.0, 30.0, 22.0, 34.0), STEEL_DARK),
            (Block(20.0, 25.0, 34.0, 39.0), BLACK),
            (Block(32.0, 18.0, 86.0, 46.0), ORANGE),
            (Block(80.0, 22.0, 92.0, 42.0), BLACK),
            (
                Area(&[(58.0, 46.0), (78.0, 46.0), (72.0, 78.0), (52.0, 78.0)]),
                ORANGE,
            ),
            (Block(50.0, 50.0, 58.0, 58.0), BLACK),
            (Block(42.0, 76.0, 82.0, 92.0), BLACK),
        ],
    ),
    (
        "LAMP-E27",
        &[
            (Disc(50.0, 36.0, 29.0), YELLOW),
            (
                Area(&[(27.0, 53.0), (73.0, 53.0), (61.0, 70.0), (39.0, 70.0)]),
                YELLOW,
            ),
            (Disc(42.0, 28.0, 8.0), CREAM),
            (Block(39.0, 70.0, 61.0, 90.0), STEEL),
            (Block(39.0, 74.0, 61.0, 76.0), STEEL_DARK),
            (Block(39.0, 80.0, 61.0, 82.0), STEEL_DARK),
            (Block(44.0, 90.0, 56.0, 95.0), BLACK),
        ],
    ),
    (
        "TAPE-50",
        &[
            (Disc(50.0, 50.0, 42.0), BROWN_LIGHT),
            (Disc(50.0, 50.0, 27.0), CREAM),
            (Disc(50.0, 50.0, 24.0), WHITE),
            (Block(50.0, 8.0, 94.0, 12.0), BROWN_LIGHT),
        ],
    ),
    (
        "MUG-WHITE",
        &[
            (Block(16.0, 86.0, 76.0, 89.0), SHADOW),
            (Disc(74.0, 52.0, 19.0), STEEL_LIGHT),
            (Disc(74.0, 52.0, 12.0), WHITE),
            (Block(20.0, 20.0, 72.0, 87.0), STEEL_LIGHT),
            (Block(22.0, 22.0, 70.0, 85.0), CREAM),
            (Block(22.0, 22.0, 70.0, 27.0), SHADOW),
        ],
    ),
    (
        "BATT-AA4",
        &[
            (Block(10.0, 88.0, 92.0, 91.0), SHADOW),
            (Block(16.0, 14.0, 24.0, 20.0), STEEL),
            (Block(12.0, 20.0, 28.0, 88.0), GREEN),
            (Block(12.0, 20.0, 28.0, 36.0), ORANGE),
            (Block(36.0, 14.0, 44.0, 20.0), STEEL),
            (Block(32.0, 20.0, 48.0, 88.0), GREEN),
            (Block(32.0, 20.0, 48.0, 36.0), ORANGE),
            (Block(56.0, 14.0, 64.0, 20.0), STEEL),
            (Block(52.0, 20.0, 68.0, 88.0), GREEN),
            (Block(52.0, 20.0, 68.0, 36.0), ORANGE),
            (Block(76.0, 14.0, 84.0, 20.0), STEEL),
            (Block(72.0, 20.0, 88.0, 88.0), GREEN),
            (Block(72.0, 20.0, 88.0, 36.0), ORANGE),
        ],
    ),
];

impl Shape {
    fn covers(&self, x: f32, y: f32) -> bool {
        match *self {
            Self::Block(left, top, right, bottom) => (left..right).contains(&x) && (top..bottom).contains(&y),
            Self::Disc(across, down, radius) => (x - across).hypot(y - down) < radius,
            // A ray to the right crosses the edge an odd number of times from inside.
            Self::Area(corners) => {
                let ends = corners.iter().cycle().skip(1);
                let crossed = corners.iter().zip(ends).filter(|((x1, y1), (x2, y2))| {
                    (*y1 > y) != (*y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
                });
                crossed.count() % 2 == 1
            }
        }
    }
}

fn drawn(shapes: &[(Shape, Colour)]) -> Vec<u8> {
    let place = |pixel: u32| (pixel as f32 + 0.5) * 100.0 / SIDE as f32;
    let colour = |x: u32, y: u32| {
        let top = shapes
            .iter()
            .rev()
            .find(|(shape, _)| shape.covers(place(x), place(y)));
        top.map_or(WHITE, |(_, colour)| *colour)
    };
    let rgb = (0..SIDE).flat_map(|y| (0..SIDE).flat_map(move |x| colour(x, y)));
    let image = Image::of_rgb(SIDE, SIDE, rgb.collect());
    image
        .map(|image| image.within(SIDE_SMOOTH).to_png())
        .unwrap_or_default()
}

/// The pictures, as PNG, each with the number of its article.
pub fn all() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    DRAWINGS.iter().map(|(article, shapes)| (*article, drawn(shapes)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tallyman_hub::pictures::made_of;

    use super::*;
    use crate::warehouse::{FIRST_LOOK, Warehouse};

    #[test]
    fn each_is_of_an_article_and_good_enough_for_the_hub() {
        let warehouse = Warehouse::new(7, FIRST_LOOK);
        let known: BTreeSet<&str> = warehouse.articles.iter().map(|article| article.number).collect();
        let mut seen = BTreeSet::new();
        for (article, png) in all() {
            assert!(known.contains(article), "{article}");
            let made = made_of(&png).unwrap();
            assert!(seen.insert(made.id), "two look the same: {article}");
            if let Some(folder) = std::env::var_os("TALLYMAN_SCREENS") {
                let file = std::path::Path::new(&folder).join(format!("{article}.png"));
                std::fs::write(file, made.png).unwrap();
            }
        }
        assert!(seen.len() >= 10);
    }
}
