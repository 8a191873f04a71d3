//! The letters: which font has a character, how wide it is, and its pixels at a size.
//!
//! Three faces with open licences (see NOTICE) are built in. They are outlines, so one set serves every panel at
//! every size, with smooth edges. Digits and letters that are easily taken for one another (0 and O, 1, I and l)
//! differ in all three. Behind them stands one font of Chinese characters, for whatever the three lack: it is opened
//! with the first such character, and lies in the program's file until then. It has one weight; the strong faces draw
//! it thicker.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, point};

use super::symbol::{Cover, Symbol};

/// Pixels of glyphs that are kept between paintings, in bytes. A shift's screens need about 300 kB; a view full of
/// rare characters must not grow the agent without bound.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// Characters whose place in the fonts is kept: more than the fonts have.
const FOUND_MAX: usize = 4096;

/// Below this size in pixels a glyph's place within a pixel shows, and four variants of it are kept.
const FINE_BELOW_PX: u16 = 26;

/// The variants of a glyph's place within a pixel.
const STEPS: f32 = 4.0;

/// The place of the Chinese font behind the others.
const CHINESE: usize = 3;

/// How much wider the strokes of the Chinese font are drawn in the strong faces, in parts of the size.
const THICKER: f32 = 0.028;

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
    /// Whether its strokes are drawn wider than the font has them.
    thick: bool,
}

/// The built-in fonts, and the glyphs painted lately.
#[derive(Debug)]
pub struct Fonts {
    fonts: [FontRef<'static>; CHINESE],
    /// Opened with the first character that the others lack.
    chinese: OnceCell<FontRef<'static>>,
    found: Kept<(Face, char), Option<Found>>,
    kept: Kept<Form, Arc<Glyph>>,
    kept_bytes: usize,
    signs: Kept<(Symbol, u32), Arc<[Cover]>>,
}

type Kept<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// A hash for what is looked up for every character that is measured or painted. Nobody outside chooses the keys so as to
/// make them meet: what is kept is bounded, and small.
#[derive(Debug, Default, Clone, Copy)]
struct QuickHasher(u64);

impl QuickHasher {
    fn add(&mut self, word: u64) {
        // The multiplier of the 64-bit Fibonacci hash.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.add(byte.into()));
    }

    fn write_u8(&mut self, word: u8) {
        self.add(word.into());
    }

    fn write_u16(&mut self, word: u16) {
        self.add(word.into());
    }

    fn write_u32(&mut self, word: u32) {
        self.add(word.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.add(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// Signs whose pixels are kept: more than a shift's screens have.
const SIGNS_MAX: usize = 64;

impl Default for Fonts {
    fn default() -> Self {
        let fonts = [
            load(include_bytes!("fonts/regular.ttf")),
            load(include_bytes!("fonts/strong.ttf")),
            load(include_bytes!("fonts/code.ttf")),
        ];
        Self {
            fonts,
            chinese: OnceCell::new(),
            found: Kept::default(),
            kept: Kept::default(),
            kept_bytes: 0,
            signs: Kept::default(),
        }
    }
}

fn load(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("a built-in font is whole")
}

impl Face {
    /// Where to look for a character, first to last.
    const fn chain(self) -> [usize; 4] {
        match self {
            Self::Regular => [0, 1, 2, CHINESE],
            Self::Strong => [1, 0, 2, CHINESE],
            Self::Code => [2, 1, 0, CHINESE],
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
        let thick = font == CHINESE && face != Face::Regular;
        let form = Form {
            font,
            id,
            size,
            step,
            thick,
        };
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

    /// What covers the pixels of a sign, row after row.
    pub(super) fn sign(&mut self, symbol: Symbol, side: u32) -> Arc<[Cover]> {
        if self.signs.len() > SIGNS_MAX {
            self.signs.clear();
        }
        let sign = self.signs.entry((symbol, side));
        Arc::clone(sign.or_insert_with(|| symbol.covers(side).collect()))
    }

    fn rasterize(&self, form: Form, offset: f32) -> Glyph {
        let font = self.font(form.font);
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
        let thicker = if form.thick {
            f32::from(form.size) * THICKER
        } else {
            0.0
        };
        let (thin, height) = (bounds.width() as usize, bounds.height() as usize);
        // Half of what a stroke grows by goes to the left; neither side leaves the place of the character.
        let start = bounds.min.x as i32;
        let left = (start - (thicker.ceil() / 2.0) as i32).max(start.min(0));
        let end = font.h_advance_unscaled(form.id) / units * f32::from(form.size);
        let room = (end.floor() as i32 - left).max(0) as usize;
        let width = thin.max((thin + thicker.ceil() as usize).min(room));
        let mut coverage = vec![0; width * height];
        outline.draw(|x, y, covered| {
            if let Some(pixel) = coverage.get_mut(y as usize * width + x as usize) {
                *pixel = (covered * 255.0).round().clamp(0.0, 255.0) as u8;
            }
        });
        if form.thick {
            coverage
                .chunks_exact_mut(width.max(1))
                .for_each(|row| thicken(row, thicker));
        }
        Glyph {
            left,
            top: bounds.min.y as i32,
            width,
            coverage,
        }
    }

    fn font(&self, index: usize) -> &FontRef<'static> {
        self.fonts.get(index).unwrap_or_else(|| {
            self.chinese
                .get_or_init(|| load(include_bytes!("fonts/chinese.otf")))
        })
    }

    /// The first font of the face's chain that has a character.
    fn find(&mut self, face: Face, character: char) -> Option<Found> {
        if let Some(found) = self.found.get(&(face, character)) {
            return *found;
        }
        if self.found.len() > FOUND_MAX {
            self.found.clear();
        }
        let found = face.chain().into_iter().find_map(|index| {
            let font = self.font(index);
            let id = font.glyph_id(character);
            let advance = font.h_advance_unscaled(id) / font.units_per_em().unwrap_or(1000.0);
            (id.0 != 0).then_some(Found {
                font: index,
                id,
                advance,
            })
        });
        self.found.insert((face, character), found);
        found
    }
}

/// Draws a row of a glyph again, moved to the right by every step up to a width.
fn thicken(row: &mut [u8], by: f32) {
    let thin = row.to_vec();
    let (whole, part) = (by.floor() as usize, by.fract());
    for (at, pixel) in row.iter_mut().enumerate() {
        let first = at.saturating_sub(whole);
        let full = thin[first..=at].iter().copied().max().unwrap_or(0);
        let edge = at.checked_sub(whole + 1).map_or(0, |at| thin[at]);
        *pixel = full.max((f32::from(edge) * part) as u8);
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
        assert_eq!(fonts.find(Face::Regular, '螔'), None);
    }

    #[test]
    fn the_chinese_font_is_opened_with_the_first_character_that_needs_it() {
        let mut fonts = Fonts::default();
        for character in LETTERS.chars() {
            fonts.find(Face::Strong, character);
        }
        assert!(fonts.chinese.get().is_none(), "opened for European letters");
        let found = fonts.find(Face::Strong, '货').map(|found| found.font);
        assert_eq!(found, Some(CHINESE));
        assert!(fonts.chinese.get().is_some());
    }

    #[test]
    fn chinese_is_drawn_thicker_where_the_face_is_strong() {
        let mut fonts = Fonts::default();
        let mut ink = |face| {
            let (_, glyph) = fonts.glyph(face, 40, '货', 0.0).expect("a glyph");
            glyph
                .coverage
                .iter()
                .map(|&covered| u32::from(covered))
                .sum::<u32>()
        };
        let (regular, strong) = (ink(Face::Regular), ink(Face::Strong));
        assert!(strong * 10 > regular * 12, "{regular} and {strong}");
    }

    /// Characters a table of words is made of: all texts between quotation marks in its source, and the signs that
    /// figures and dates bring.
    fn texts_of(source: &str) -> impl Iterator<Item = char> {
        source
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(str::chars)
            .filter(|character| !character.is_control())
    }

    #[test]
    fn every_character_of_the_words_of_every_language_has_a_glyph_in_every_face() {
        let tables = [
            include_str!("../../floor/words/english.rs"),
            include_str!("../../floor/words/german.rs"),
            include_str!("../../floor/words/spanish.rs"),
            include_str!("../../floor/words/polish.rs"),
            include_str!("../../floor/words/romanian.rs"),
            include_str!("../../floor/words/turkish.rs"),
            include_str!("../../floor/words/ukrainian.rs"),
            include_str!("../../floor/words/chinese.rs"),
        ];
        assert_eq!(tables.len(), tallyman_floor::Language::ALL.len());
        let mut fonts = Fonts::default();
        for face in [Face::Regular, Face::Strong, Face::Code] {
            for table in tables {
                let missing: String = texts_of(table).filter(|&c| !fonts.has(face, c)).collect();
                assert_eq!(missing, "", "no glyph in {face:?}");
            }
        }
    }

    #[test]
    fn the_usual_chinese_characters_have_glyphs() {
        // Names of goods are written in them: the first and last of GB 2312's two levels, and signs of full width.
        let mut fonts = Fonts::default();
        let missing: String = "啊座亍齄螺栓垫圈牛奶纸箱托盘（），。：；？！【】《》、％＋－０９ＡＺ"
            .chars()
            .filter(|&c| !fonts.has(Face::Regular, c))
            .collect();
        assert_eq!(missing, "");
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
            for character in "ÄÅÖÜŻŘĞĚÁqgjpy,;ÇŞ(|_货（，鬣".chars() {
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
