//! The letters: which font has a character, how wide it is, and its pixels at a size.
//!
//! Three faces with open licences (see NOTICE) are built in. They are outlines, so one set serves every panel at
//! every size, with smooth edges. Digits and letters that are easily taken for one another (0 and O, 1, I and l)
//! differ in all three.

use std::collections::HashMap;
use std::sync::Arc;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, point};

/// Pixels of glyphs that are kept between paintings, in bytes. A shift's screens need about 300 kB; a view full of
/// rare characters must not grow the agent without bound.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// Characters whose place in the fonts is kept: more than the fonts have.
const FOUND_MAX: usize = 4096;

/// Below this size in pixels a glyph's place within a pixel shows, and four variants of it are kept.
const FINE_BELOW_PX: u16 = 26;

/// The variants of a glyph's place within a pixel.
const STEPS: f32 = 4.0;

/// The width of the box that stands for a character that no font has, in parts of the size.
const MISSING_WIDTH: f32 = 0.62;

/// How high letters reach above the baseline, in parts of the size: capitals with accents fit.
pub(super) const ASCENT: f32 = 1.0;

/// The distance of one baseline to the next, in parts of the size.
pub(super) const LEADING: f32 = 1.27;

/// How high capitals and digits are, in parts of the size.
pub(super) const CAPITALS: f32 = 0.70;

/// A way to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Face {
    /// Running text.
    Regular,
    /// What matters most: instructions, answers, keys.
    Strong,
    /// Locations, numbers and codes: every character as wide as the next, the zero with a dot.
    Code,
}

/// One character in pixels: how much of each pixel it covers.
#[derive(Debug)]
pub(super) struct Glyph {
    pub left: i32,
    /// From the baseline, negative above it.
    pub top: i32,
    pub width: usize,
    pub coverage: Vec<u8>,
}

/// Where a character was found.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Found {
    font: usize,
    id: GlyphId,
    /// How far it moves the pen, in parts of the size.
    advance: f32,
}

/// What the pixels of a glyph depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Form {
    font: usize,
    id: GlyphId,
    size: u16,
    /// Its place within a pixel, in [`STEPS`].
    step: u8,
}

/// The built-in fonts, and the glyphs painted lately.
#[derive(Debug)]
pub struct Fonts {
    fonts: [FontRef<'static>; 3],
    found: HashMap<(Face, char), Option<Found>>,
    kept: HashMap<Form, Arc<Glyph>>,
    kept_bytes: usize,
}

impl Default for Fonts {
    fn default() -> Self {
        let load = |bytes: &'static [u8]| FontRef::try_from_slice(bytes).expect("a built-in font is whole");
        let fonts = [
            load(include_bytes!("fonts/regular.ttf")),
            load(include_bytes!("fonts/strong.ttf")),
            load(include_bytes!("fonts/code.ttf")),
        ];
        Self {
            fonts,
            found: HashMap::new(),
            kept: HashMap::new(),
            kept_bytes: 0,
        }
    }
}

impl Face {
    /// Where to look for a character, first to last.
    const fn chain(self) -> [usize; 3] {
        match self {
            Self::Regular => [0, 1, 2],
            Self::Strong => [1, 0, 2],
            Self::Code => [2, 1, 0],
        }
    }
}

impl Fonts {
    /// Whether some font has the character; else a box stands for it.
    pub fn has(&mut self, face: Face, character: char) -> bool {
        self.find(face, character).is_some()
    }

    /// How wide a text is at a size, in pixels.
    pub(super) fn width(&mut self, face: Face, size: u16, text: &str) -> f32 {
        text.chars()
            .map(|character| self.advance(face, size, character))
            .sum()
    }

    /// How far a character moves the pen, in pixels.
    pub(super) fn advance(&mut self, face: Face, size: u16, character: char) -> f32 {
        self.find(face, character)
            .map_or(MISSING_WIDTH, |found| found.advance)
            * f32::from(size)
    }

    /// A character's pixels at a size, with the pen at `pen` from the left; and the whole pixels before it. `None`
    /// where no font has the character; blanks are glyphs without pixels.
    pub(super) fn glyph(
        &mut self,
        face: Face,
        size: u16,
        character: char,
        pen: f32,
    ) -> Option<(i32, Arc<Glyph>)> {
        let Found { font, id, .. } = self.find(face, character)?;
        let steps = if size < FINE_BELOW_PX { STEPS } else { 1.0 };
        let place = (pen * steps).round() / steps;
        let step = ((place - place.floor()) * steps) as u8;
        let form = Form { font, id, size, step };
        if let Some(glyph) = self.kept.get(&form) {
            return Some((place.floor() as i32, Arc::clone(glyph)));
        }
        let glyph = Arc::new(self.rasterize(form, f32::from(step) / steps));
        if self.kept_bytes + glyph.coverage.len() > KEPT_BYTES_MAX {
            self.kept.clear();
            self.kept_bytes = 0;
        }
        self.kept_bytes += glyph.coverage.len();
        self.kept.insert(form, Arc::clone(&glyph));
        Some((place.floor() as i32, glyph))
    }

    fn rasterize(&self, form: Form, offset: f32) -> Glyph {
        let font = &self.fonts[form.font];
        let units = font.units_per_em().unwrap_or(1000.0);
        let scale = PxScale::from(f32::from(form.size) * font.height_unscaled() / units);
        let Some(outline) = font.outline_glyph(form.id.with_scale_and_position(scale, point(offset, 0.0)))
        else {
            return Glyph {
                left: 0,
                top: 0,
                width: 0,
                coverage: Vec::new(),
            };
        };
        let bounds = outline.px_bounds();
        let (width, height) = (bounds.width() as usize, bounds.height() as usize);
        let mut coverage = vec![0; width * height];
        outline.draw(|x, y, covered| {
            if let Some(pixel) = coverage.get_mut(y as usize * width + x as usize) {
                *pixel = (covered * 255.0).round().clamp(0.0, 255.0) as u8;
            }
        });
        Glyph {
            left: bounds.min.x as i32,
            top: bounds.min.y as i32,
            width,
            coverage,
        }
    }

    /// The first font of the face's chain that has a character.
    fn find(&mut self, face: Face, character: char) -> Option<Found> {
        let fonts = &self.fonts;
        if self.found.len() > FOUND_MAX {
            self.found.clear();
        }
        *self.found.entry((face, character)).or_insert_with(|| {
            let index = face
                .chain()
                .into_iter()
                .find(|&index| fonts[index].glyph_id(character).0 != 0)?;
            let font = &fonts[index];
            let id = font.glyph_id(character);
            let advance = font.h_advance_unscaled(id) / font.units_per_em().unwrap_or(1000.0);
            Some(Found {
                font: index,
                id,
                advance,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters of the languages that the words may come in, and the signs the painter itself uses.
    const LETTERS: &str = "ABCXYZabcxyz0123456789 .,:;!?'\"()[]{}<>/\\|@#$%&*+-=_~^`\u{a0}\
        ÄÖÜäöüßẞ éèêëçñõãàâîïôùûœæøåÅÆØ ĄĆĘŁŃÓŚŹŻąćęłńóśźż ÇĞİÖŞÜçğıöşü ČĎĚŇŘŠŤŮŽčďěňřšťůž ŐŰőű ȘȚșț \
        ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωςάέήίόύώΆΈΉΊΌΎΏ \
        АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяІіЇїЄєҐґ ĂÂĐÊÔƠƯăâđêôơưẾếỘộ \
        –—…“”„‘’«»°×±µ€£·•→←↑↓−≤≥№";

    #[test]
    fn every_letter_of_the_european_languages_has_a_glyph_in_every_face() {
        let mut fonts = Fonts::default();
        for face in [Face::Regular, Face::Strong, Face::Code] {
            let missing: String = LETTERS.chars().filter(|&c| !fonts.has(face, c)).collect();
            assert_eq!(missing, "", "no glyph in {face:?}");
        }
    }

    #[test]
    fn greek_in_a_code_comes_from_the_next_font_of_the_chain() {
        let mut fonts = Fonts::default();
        assert_eq!(fonts.find(Face::Code, 'A').map(|found| found.font), Some(2));
        assert_eq!(fonts.find(Face::Code, 'Ω').map(|found| found.font), Some(1));
        assert_eq!(fonts.find(Face::Code, '\u{1d}'), None);
        assert_eq!(fonts.find(Face::Regular, '漢'), None);
    }

    #[test]
    fn kept_glyphs_are_bounded() {
        let mut fonts = Fonts::default();
        for size in 20..400 {
            for character in ['8', 'W'] {
                fonts.glyph(Face::Code, size, character, 0.0).expect("a glyph");
                assert!(
                    fonts.kept_bytes <= KEPT_BYTES_MAX,
                    "{} bytes at {size}",
                    fonts.kept_bytes
                );
            }
        }
    }

    #[test]
    fn a_line_is_high_enough_for_accented_capitals_and_for_descenders() {
        let mut fonts = Fonts::default();
        for face in [Face::Regular, Face::Strong, Face::Code] {
            for character in "ÄÅÖÜŻŘĞĚÁqgjpy,;ÇŞ(|_".chars() {
                let (_, glyph) = fonts.glyph(face, 100, character, 0.0).expect("a glyph");
                let bottom = glyph.top + (glyph.coverage.len() / glyph.width) as i32;
                assert!(
                    -glyph.top as f32 <= ASCENT * 100.0,
                    "{character} in {face:?} rises to {}",
                    -glyph.top
                );
                assert!(
                    bottom as f32 <= (LEADING - ASCENT) * 100.0,
                    "{character} in {face:?} falls to {bottom}"
                );
            }
        }
    }
}
