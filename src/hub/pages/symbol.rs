//! A QR code (ISO/IEC 18004) drawn into a page.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around a symbol (ISO/IEC 18004, 5.3.8).
const QUIET_ZONE: usize = 4;

/// A QR code as a drawing that stays sharp at any size. `None` for a text that fits none.
pub(super) fn symbol(text: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                let (x, y) = (column + QUIET_ZONE, row + QUIET_ZONE);
                path.push_str(&format!("M{x} {y}h{}v1h-{}z", run.len(), run.len()));
            }
            column += run.len();
        }
    }
    let side = width + 2 * QUIET_ZONE;
    Some(html! {
        svg.symbol xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges"
            role="img" aria-label="Set-up code" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The drawing is the matrix, module by module, with nothing in the white around it.
    #[test]
    fn the_drawing_has_each_dark_module_and_no_other() {
        let text = "TALLYSETUP2632G2G2P22JN8WY2J7ALVBJGVUN6P7Q8R9XUEW6NA";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let width = code.width();
        let side = width + 2 * QUIET_ZONE;
        let mut drawn = vec![false; side * side];
        let shown = symbol(text).unwrap().into_string();
        let (_, path) = shown.split_once("d=\"").unwrap();
        for run in path.split('"').next().unwrap().split('M').skip(1) {
            let (at, rest) = run.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            let start = y.parse::<usize>().unwrap() * side + x.parse::<usize>().unwrap();
            drawn[start..start + length].fill(true);
        }
        let colours = code.to_colors();
        for (place, is_drawn) in drawn.into_iter().enumerate() {
            let (x, y) = (place % side, place / side);
            let inside = [x, y]
                .iter()
                .all(|at| (QUIET_ZONE..QUIET_ZONE + width).contains(at));
            let dark = inside && colours[(y - QUIET_ZONE) * width + x - QUIET_ZONE] == Color::Dark;
            assert_eq!(is_drawn, dark, "{x}, {y}");
        }
        // The longest that the form gives: still one symbol.
        assert!(symbol(&"A".repeat(600)).is_some());
    }
}
