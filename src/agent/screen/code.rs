//! A symbol that another device scans off the screen: a QR code (ISO/IEC 18004), dark on light in every theme.

use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};
use embedded_graphics::primitives::Rectangle;
use qrcode::{Color, EcLevel, QrCode};

use super::canvas::{Canvas, part};

/// Modules of light around a symbol (ISO/IEC 18004, 5.3.8).
pub(super) const QUIET_ZONE: u32 = 4;

/// A symbol on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedCode {
    /// Where it is, with the light around it.
    pub area: Rectangle,
    /// Pixels of a module's side.
    pub module_px: u32,
}

/// A symbol that can be painted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// Modules of a side, without the light around.
    width: u32,
    /// Row by row from the top, true for dark.
    modules: Vec<bool>,
}

impl Code {
    /// The smallest symbol for a text, with as much correction as it has room for; `None` for a text that fits none.
    pub fn of(text: &str) -> Option<Self> {
        let made = |level| QrCode::with_error_correction_level(text, level).ok();
        let smallest = made(EcLevel::L)?;
        let as_small = |code: &QrCode| code.width() == smallest.width();
        let better = [EcLevel::H, EcLevel::Q, EcLevel::M];
        let code = better.into_iter().filter_map(made).find(as_small);
        let code = code.unwrap_or(smallest);
        Some(Self {
            width: u32::try_from(code.width()).ok()?,
            modules: code
                .to_colors()
                .into_iter()
                .map(|colour| colour == Color::Dark)
                .collect(),
        })
    }

    /// Modules of a side, with the light around.
    fn modules_across(&self) -> u32 {
        self.width + 2 * QUIET_ZONE
    }

    /// Pixels of its side where modules have at most so many, and it is no wider than this.
    pub fn side_within(&self, width: u32, module_px_max: u32) -> u32 {
        let across = self.modules_across();
        (width / across).min(module_px_max) * across
    }

    /// Paints it as large as it goes at the top of an area, in the middle from left to right; not at all where a pixel a
    /// module is too much. Answers its side in pixels.
    pub fn paint(&self, canvas: &mut Canvas<'_>, area: Rectangle) -> u32 {
        let (wide, high) = (area.size.width, area.size.height);
        let side = self.side_within(wide.min(high), u32::MAX);
        if side == 0 {
            return 0;
        }
        let module = side / self.modules_across();
        let whole = part(area, (wide - side) / 2, 0, side, side);
        canvas.fill(whole, Rgb888::WHITE);
        let rows = self.modules.chunks_exact(self.width as usize);
        for (y, row) in (QUIET_ZONE..).zip(rows) {
            let mut x = QUIET_ZONE;
            for run in row.chunk_by(|one, next| one == next) {
                let length = run.len() as u32;
                if run.first() == Some(&true) {
                    canvas.fill(
                        part(whole, x * module, y * module, length * module, module),
                        Rgb888::BLACK,
                    );
                }
                x += length;
            }
        }
        canvas.code(PlacedCode {
            area: whole,
            module_px: module,
        });
        side
    }
}

#[cfg(test)]
mod tests {
    use embedded_graphics::prelude::*;
    use tallyman_floor::{Big, View};

    use super::*;
    use crate::screen::{Painter, Panel, StatusBar, Theme};

    fn view(text: &str) -> View {
        View {
            big: Some(Big::new(text, "")),
            code: Some(text.to_owned()),
            ..View::default()
        }
    }

    #[test]
    fn every_module_and_the_light_around_are_on_the_screen() {
        let text = "HANDOVER-7K3M9QRT-1-07A-01-0205T-417X";
        let code = Code::of(text).unwrap();
        for theme in [Theme::Light, Theme::Dark] {
            for (width, height) in [(240, 320), (320, 240), (480, 800), (800, 480)] {
                let painting = Painter::default().paint(
                    &view(text),
                    &StatusBar::default(),
                    &Panel::new(width, height, theme),
                );
                let [placed] = painting.codes[..] else {
                    panic!("{:?}", painting.codes);
                };
                let side = placed.module_px * code.modules_across();
                assert_eq!(placed.area.size, Size::new(side, side), "{width}x{height}");
                for y in 0..code.modules_across() {
                    for x in 0..code.modules_across() {
                        let inside = |at: u32| at.checked_sub(QUIET_ZONE).filter(|at| *at < code.width);
                        let is_dark = inside(x)
                            .zip(inside(y))
                            .is_some_and(|(x, y)| code.modules[(y * code.width + x) as usize]);
                        let wanted = if is_dark { Rgb888::BLACK } else { Rgb888::WHITE };
                        let corner = Point::new((x * placed.module_px) as i32, (y * placed.module_px) as i32);
                        let size = Size::new(placed.module_px, placed.module_px);
                        let module = Rectangle::new(placed.area.top_left + corner, size);
                        let shown = module.points().map(|at| painting.picture.pixel(at).unwrap());
                        assert!(
                            shown.into_iter().all(|pixel| pixel == wanted),
                            "{width}x{height} {theme:?}: {x}, {y}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_text_that_fits_no_symbol_is_shown_as_text() {
        let text = "X".repeat(5_000);
        assert_eq!(Code::of(&text), None);
        let painting = Painter::default().paint(
            &view(&text),
            &StatusBar::default(),
            &Panel::new(480, 800, Theme::Light),
        );
        assert_eq!(painting.codes, []);
    }
}
