//! Paints what has changed, and says where: a panel behind a slow bus is sent no more than that.
//!
//! Where the parts keep their places, only those that say something else are painted anew. Where one of them needs
//! another place, the page is painted anew. What is told to have changed is in either case no larger than the pixels
//! that really differ.

use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hasher as _};

use embedded_graphics::primitives::Rectangle;
use tallyman_floor::View;

use super::layout::Widget;
use super::paint::{Painter, Painting};
use super::panel::Panel;
use super::parts::{Asked, tree};
use super::sheet::Sheet;
use super::status::StatusBar;

impl Painter {
    /// Brings a painting up to date. Answers the rectangles whose pixels have changed, none of them over another.
    pub fn repaint(
        &mut self,
        painting: &mut Painting,
        view: &View,
        sheet: Sheet,
        status: &StatusBar,
        panel: &Panel,
    ) -> Vec<Rectangle> {
        if painting.panel != *panel {
            *painting = self.paint_sheet(view, sheet, status, panel);
            return vec![painting.picture.area()];
        }
        let look = panel.look();
        let asked = Asked {
            view,
            sheet: sheet.over(view),
            status,
        };
        let picture = self.picture_for(&asked, panel);
        let picture = picture
            .as_ref()
            .map(|(picture, place)| (picture.as_ref(), *place));
        let tree = tree(panel, &look, &asked, picture);
        let solution = tree.solve(self.fonts(), &look, painting.picture.area());
        let places = solution.parts.iter().map(|part| (part.slot, part.area));
        if !places.eq(painting.parts.iter().copied()) || solution.left_out != painting.left_out {
            let painted = self.paint_solution(&solution, panel);
            let changed = painting.picture.diff(&painted.picture);
            *painting = painted;
            return changed.into_iter().collect();
        }
        let mut changed = Vec::new();
        for (nth, part) in solution.parts.iter().enumerate() {
            let mark = mark(part.widget);
            if painting.marks[nth] != mark {
                let before = painting.picture.cut(part.area);
                self.paint_part(part, &look, painting);
                painting.marks[nth] = mark;
                changed.extend(painting.picture.differing(&before, part.area));
            }
        }
        changed
    }
}

/// What a part says, as a number: two that say the same have the same one.
pub(super) fn mark(widget: &dyn Widget) -> u64 {
    struct Marker(DefaultHasher);

    impl fmt::Write for Marker {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }

    let mut marker = Marker(DefaultHasher::new());
    write!(marker, "{widget:?}").expect("a hash takes every text");
    marker.0.finish()
}

#[cfg(test)]
mod tests {
    use embedded_graphics::prelude::*;
    use proptest::prelude::*;
    use tallyman_floor::Language;

    use super::*;
    use crate::screen::Theme;
    use crate::screen::picture::Picture;
    use crate::screen::samples::{Sample, samples};
    use crate::screen::scenes::scenes;

    /// What a panel shows that was sent the old picture, and then the parts that are said to have changed.
    fn sent(old: &Picture, new: &Picture, changed: &[Rectangle]) -> Picture {
        let mut panel = old.clone();
        for area in changed {
            new.flush(*area, &mut panel).expect("memory takes every pixel");
        }
        panel
    }

    fn all() -> Vec<Sample> {
        samples().into_iter().chain(scenes(Language::German)).collect()
    }

    #[test]
    fn a_typed_digit_changes_its_field_and_nothing_else() {
        let all = scenes(Language::English);
        let find = |name: &str| all.iter().find(|sample| sample.name == name).expect("a scene");
        let sample = find("pick_quantity_typed");
        let panel = Panel::new(480, 800, Theme::Light);
        let mut painter = Painter::default();
        let mut painting = painter.paint(&sample.view, &sample.status, &panel);
        let mut view = sample.view.clone();
        let typed = view
            .question
            .as_mut()
            .and_then(|question| question.typed.as_mut());
        typed.expect("something is typed").push('2');
        let changed = painter.repaint(&mut painting, &view, Sheet::Plain, &sample.status, &panel);
        let [area] = changed[..] else {
            panic!("{changed:?}");
        };
        assert!(area.size.height < 150, "{area:?}");
        assert_eq!(painting, painter.paint(&view, &sample.status, &panel));
    }

    #[test]
    fn nothing_new_changes_nothing() {
        let panel = Panel::new(240, 320, Theme::Dark);
        let mut painter = Painter::default();
        for sample in all() {
            let mut painting = painter.paint(&sample.view, &sample.status, &panel);
            let changed = painter.repaint(&mut painting, &sample.view, Sheet::Plain, &sample.status, &panel);
            assert_eq!(changed, [], "{}", sample.name);
        }
    }

    #[test]
    fn another_panel_is_painted_whole() {
        let sample = &samples()[0];
        let (small, large) = (
            Panel::new(240, 320, Theme::Light),
            Panel::new(480, 800, Theme::Light),
        );
        let mut painter = Painter::default();
        let mut painting = painter.paint(&sample.view, &sample.status, &small);
        let changed = painter.repaint(&mut painting, &sample.view, Sheet::Plain, &sample.status, &large);
        assert_eq!(changed, [Rectangle::new(Point::zero(), Size::new(480, 800))]);
        assert_eq!(painting, painter.paint(&sample.view, &sample.status, &large));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn the_old_picture_and_what_changed_are_the_new_picture(
            steps in proptest::collection::vec((0usize..1000, 0usize..1000, 0usize..5, any::<bool>()), 2..6),
            lying: bool,
        ) {
            let all = all();
            let (width, height) = if lying { (320, 240) } else { (240, 320) };
            let panel = Panel::new(width, height, Theme::Light);
            let sheets = [
                Sheet::Plain, Sheet::Plain, Sheet::Keys, Sheet::Digits, Sheet::Letters { page: 1 },
            ];
            let mut painter = Painter::default();
            let first = &all[0];
            let mut painting = painter.paint(&first.view, &first.status, &panel);
            for (of_view, of_status, sheet, has_picture) in steps {
                painter.show_picture(has_picture.then(crate::screen::samples::picture));
                let view = &all[of_view % all.len()].view;
                let status = &all[of_status % all.len()].status;
                let before = painting.picture.clone();
                let changed = painter.repaint(&mut painting, view, sheets[sheet], status, &panel);
                let fresh = painter.paint_sheet(view, sheets[sheet], status, &panel);
                prop_assert_eq!(&painting, &fresh);
                prop_assert_eq!(&sent(&before, &fresh.picture, &changed), &fresh.picture);
                for (at, one) in changed.iter().enumerate() {
                    for other in &changed[at + 1..] {
                        prop_assert!(one.intersection(other).is_zero_sized(), "{:?} {:?}", one, other);
                    }
                }
            }
        }
    }
}
