//! Paints a view: one tree of parts per class of panels, solved and painted part by part.

use std::sync::Arc;

use embedded_graphics::prelude::Point;
use embedded_graphics::primitives::Rectangle;
use tallyman_floor::View;

use super::canvas::{Canvas, Placed, Target};
use super::code::PlacedCode;
use super::fonts::Fonts;
use super::item_picture::ItemPicture;
use super::layout::{Slot, Solution, Solved};
use super::panel::{Look, Panel};
use super::parts::{Asked, PicturePlace, tree};
use super::picture::Picture;
use super::repaint::mark;
use super::sheet::{Sheet, Touch};
use super::status::StatusBar;

/// Paints a view once. What paints often keeps a [`Painter`], which remembers the glyphs.
pub fn paint(view: &View, status: &StatusBar, panel: &Panel) -> Picture {
    Painter::default().paint(view, status, panel).picture
}

/// Paints views, and keeps the glyphs it has painted.
#[derive(Debug, Default)]
pub struct Painter {
    fonts: Fonts,
    item_picture: Option<Arc<ItemPicture>>,
}

/// A painted view, and what is where on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Painting {
    /// The pixels.
    pub picture: Picture,
    /// The texts, in the order they were painted.
    pub placed: Vec<Placed>,
    /// The fields that can be touched.
    pub targets: Vec<Target>,
    /// The symbols that can be scanned off it.
    pub codes: Vec<PlacedCode>,
    /// Where pictures of items are, with the line around them.
    pub item_pictures: Vec<Rectangle>,
    /// The places of the parts.
    pub parts: Vec<(Slot, Rectangle)>,
    /// The parts that the panel has no room for; none on the panels of the classes.
    pub left_out: Vec<Slot>,
    /// Pixels that a part would have painted outside its place; they were not painted.
    pub spilled: usize,
    /// What each part says, as numbers.
    pub(super) marks: Vec<u64>,
    /// What it was painted for.
    pub(super) panel: Panel,
}

impl Painter {
    /// Shows this picture with the views that want it, from now on.
    pub fn show_picture(&mut self, picture: Option<Arc<ItemPicture>>) {
        self.item_picture = picture;
    }

    /// The picture for a view, where it is here and there is room for it, and where it goes.
    pub(super) fn picture_for(
        &mut self,
        asked: &Asked<'_>,
        panel: &Panel,
    ) -> Option<(Arc<ItemPicture>, PicturePlace)> {
        let wanted = asked.view.picture.as_ref()?;
        let picture = self
            .item_picture
            .clone()
            .filter(|picture| picture.id() == wanted)?;
        if asked.sheet != Sheet::Plain {
            return None;
        }
        let look = panel.look();
        let place = PicturePlace::Own;
        let tree = tree(panel, &look, asked, Some((&picture, place)));
        let solution = tree.solve(
            &mut self.fonts,
            &look,
            Picture::area_of(panel.width, panel.height),
        );
        let has_own = solution.parts.iter().any(|part| part.slot == Slot::Picture);
        drop(solution);
        drop(tree);
        Some((picture, if has_own { place } else { PicturePlace::BesideBig }))
    }

    /// Paints a view for a panel.
    pub fn paint(&mut self, view: &View, status: &StatusBar, panel: &Panel) -> Painting {
        self.paint_sheet(view, Sheet::Plain, status, panel)
    }

    /// Paints a view with a sheet over it, where the view has a use for one.
    pub fn paint_sheet(&mut self, view: &View, sheet: Sheet, status: &StatusBar, panel: &Panel) -> Painting {
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
        let solution = tree.solve(
            &mut self.fonts,
            &look,
            Picture::area_of(panel.width, panel.height),
        );
        self.paint_solution(&solution, panel)
    }

    /// Paints parts that have their places.
    pub(super) fn paint_solution(&mut self, solution: &Solution<'_, '_>, panel: &Panel) -> Painting {
        let look = panel.look();
        let mut painting = Painting {
            picture: Picture::new(panel.width, panel.height, look.colours.page.ground),
            placed: Vec::new(),
            targets: Vec::new(),
            codes: Vec::new(),
            item_pictures: Vec::new(),
            parts: Vec::new(),
            left_out: solution.left_out.clone(),
            spilled: 0,
            marks: Vec::new(),
            panel: *panel,
        };
        for solved in &solution.parts {
            painting.parts.push((solved.slot, solved.area));
            painting.marks.push(mark(solved.widget));
            self.paint_on(solved, &look, &mut painting);
        }
        painting
    }

    /// Paints one part anew, in the place that it has.
    pub(super) fn paint_part(&mut self, solved: &Solved<'_, '_>, look: &Look, painting: &mut Painting) {
        painting.placed.retain(|placed| placed.slot != solved.slot);
        painting.targets.retain(|target| target.slot != solved.slot);
        let is_here = |code: &PlacedCode| code.area.intersection(&solved.area) == code.area;
        painting.codes.retain(|code| !is_here(code));
        let is_within = |area: &Rectangle| area.intersection(&solved.area) == *area;
        painting.item_pictures.retain(|area| !is_within(area));
        painting.picture.fill(solved.area, look.colours.page.ground);
        self.paint_on(solved, look, painting);
        let order: Vec<Slot> = painting.parts.iter().map(|(slot, _)| *slot).collect();
        let place = |slot: Slot| order.iter().position(|known| *known == slot);
        painting.placed.sort_by_key(|placed| place(placed.slot));
        painting.targets.sort_by_key(|target| place(target.slot));
    }

    fn paint_on(&mut self, solved: &Solved<'_, '_>, look: &Look, painting: &mut Painting) {
        let mut canvas = Canvas {
            picture: &mut painting.picture,
            fonts: &mut self.fonts,
            slot: solved.slot,
            clip: solved.area,
            placed: std::mem::take(&mut painting.placed),
            targets: std::mem::take(&mut painting.targets),
            codes: std::mem::take(&mut painting.codes),
            item_pictures: std::mem::take(&mut painting.item_pictures),
            spilled: painting.spilled,
        };
        solved.widget.paint(&mut canvas, look, solved.area);
        (painting.placed, painting.targets) = (canvas.placed, canvas.targets);
        (painting.codes, painting.spilled) = (canvas.codes, canvas.spilled);
        painting.item_pictures = canvas.item_pictures;
    }

    pub(super) const fn fonts(&mut self) -> &mut Fonts {
        &mut self.fonts
    }
}

impl Painting {
    /// What the field at a place stands for.
    pub fn touch_at(&self, at: Point) -> Option<Touch> {
        let mut targets = self.targets.iter();
        targets
            .find(|target| target.area.contains(at))
            .map(|target| target.touch)
    }
}
