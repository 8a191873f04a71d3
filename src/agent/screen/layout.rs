//! Where the parts of a screen go: a small tree of rows and columns, solved into rectangles.
//!
//! Every part says how little height it can do with, how much it needs to say all, and how much it can use. Where
//! there is not enough for all, the most important ones are served first; a part that cannot have its least is left
//! out whole rather than painted over another.

use std::fmt;

use embedded_graphics::{prelude::*, primitives::Rectangle};

use super::canvas::{Canvas, inset, part};
use super::fonts::Fonts;
use super::panel::Look;

/// The parts of a screen, the most important first: this is the order in which they get room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// What to press.
    Keys,
    /// The open question and its choices.
    Question,
    /// The answer to what was just done.
    Message,
    /// What is wanted next.
    Instruction,
    /// The one big thing.
    Big,
    /// Link, waiting confirmations, clock.
    Status,
    /// What the work is about: at least its first line, the item.
    Lines,
    /// The task and how far it is.
    Heading,
    /// What comes after.
    Next,
    /// How the shift goes.
    Shift,
    /// What the item looks like.
    Picture,
}

impl Slot {
    /// Whether a worker cannot go on without it.
    pub const fn is_essential(self) -> bool {
        matches!(self.tier(), Tier::Essential)
    }

    const fn tier(self) -> Tier {
        match self {
            Self::Keys | Self::Question | Self::Message | Self::Instruction | Self::Big => Tier::Essential,
            Self::Status | Self::Lines | Self::Heading | Self::Next => Tier::Usual,
            Self::Shift => Tier::Spare,
            Self::Picture => Tier::Leftover,
        }
    }
}

/// Who is served when: the parts of a tier say all they have to say before those of the next one get any room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// A worker cannot go on without it.
    Essential,
    /// What helps with the work in hand.
    Usual,
    /// What can wait until there is room.
    Spare,
    /// What gets the room that all others together have no use for, and else is not there.
    Leftover,
}

/// How much height a part wants, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wish {
    /// Below this it is left out.
    pub least: u32,
    /// With this it says all that it has to say.
    pub good: u32,
    /// More than this is of no use to it.
    pub most: u32,
}

/// A part of a screen.
pub(super) trait Widget: fmt::Debug {
    /// How much height it wants at a width.
    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish;

    /// Paints it into an area at least as high as its least wish.
    fn paint(&self, canvas: &mut Canvas<'_>, look: &Look, area: Rectangle);
}

/// The tree.
pub(super) enum Node<'a> {
    /// One below the other.
    Column {
        gap: u32,
        children: Vec<Node<'a>>,
    },
    /// Side by side, each with its share of the width.
    Row {
        gap: u32,
        children: Vec<(u32, Node<'a>)>,
    },
    /// With a margin around.
    Inset {
        margin: u32,
        child: Box<Node<'a>>,
    },
    Part(Slot, Box<dyn Widget + 'a>),
    /// Takes the height that nobody else wants.
    Space,
}

impl Wish {
    /// A height that is neither less nor more.
    pub const fn exactly(height: u32) -> Self {
        Self {
            least: height,
            good: height,
            most: height,
        }
    }
}

/// A part with its place.
pub(super) struct Solved<'n, 'a> {
    pub slot: Slot,
    pub widget: &'n (dyn Widget + 'a),
    pub area: Rectangle,
}

/// A solved tree: the parts with their places, and the parts that found none.
#[derive(Default)]
pub(super) struct Solution<'n, 'a> {
    pub parts: Vec<Solved<'n, 'a>>,
    pub left_out: Vec<Slot>,
}

impl<'a> Node<'a> {
    /// Gives every part its place.
    pub fn solve(&self, fonts: &mut Fonts, look: &Look, area: Rectangle) -> Solution<'_, 'a> {
        let mut solution = Solution::default();
        self.place(fonts, look, area, &mut solution);
        solution
    }

    fn place<'n>(&'n self, fonts: &mut Fonts, look: &Look, area: Rectangle, solution: &mut Solution<'n, 'a>) {
        match self {
            Self::Space => {}
            Self::Part(slot, widget) => {
                solution.parts.push(Solved {
                    slot: *slot,
                    widget: widget.as_ref(),
                    area,
                });
            }
            Self::Inset { margin, child } => {
                child.place(fonts, look, inset(area, *margin, *margin), solution)
            }
            Self::Row { gap, children } => {
                for ((_, child), (left, width)) in
                    children.iter().zip(columns(children, *gap, area.size.width))
                {
                    child.place(
                        fonts,
                        look,
                        part(area, left, 0, width, area.size.height),
                        solution,
                    );
                }
            }
            Self::Column { gap, children } => {
                let heights = allocate(children, fonts, look, *gap, area.size);
                let mut top = 0;
                for (child, height) in children.iter().zip(heights) {
                    let Some(height) = height else {
                        child.leave_out(solution);
                        continue;
                    };
                    child.place(fonts, look, part(area, 0, top, area.size.width, height), solution);
                    top += height + if matches!(child, Self::Space) { 0 } else { *gap };
                }
            }
        }
    }

    fn wish(&self, fonts: &mut Fonts, look: &Look, width: u32) -> Wish {
        match self {
            Self::Space => Wish::default(),
            Self::Part(_, widget) => widget.wish(fonts, look, width),
            Self::Inset { margin, child } => {
                let wish = child.wish(fonts, look, width.saturating_sub(2 * margin));
                let around = |height: u32| height.saturating_add(2 * margin);
                Wish {
                    least: around(wish.least),
                    good: around(wish.good),
                    most: around(wish.most),
                }
            }
            Self::Row { gap, children } => {
                let widths = columns(children, *gap, width);
                let mut all = Wish::default();
                for ((_, child), (_, width)) in children.iter().zip(widths) {
                    let wish = child.wish(fonts, look, width);
                    all.least = all.least.max(wish.least);
                    all.good = all.good.max(wish.good);
                    all.most = all.most.max(wish.most);
                }
                all
            }
            // A column can leave parts out; what it holds at least is its most important part. It takes what it is
            // given.
            Self::Column { children, .. } => {
                let first = children.iter().min_by_key(|child| child.rank());
                let least = first.map_or(0, |child| child.wish(fonts, look, width).least);
                Wish {
                    least,
                    good: least,
                    most: u32::MAX,
                }
            }
        }
    }

    /// The most important part in it.
    fn rank(&self) -> Option<Slot> {
        let first = |ranks: Vec<Option<Slot>>| ranks.into_iter().flatten().min();
        match self {
            Self::Space => None,
            Self::Part(slot, _) => Some(*slot),
            Self::Inset { child, .. } => child.rank(),
            Self::Row { children, .. } => first(children.iter().map(|(_, child)| child.rank()).collect()),
            Self::Column { children, .. } => first(children.iter().map(Self::rank).collect()),
        }
    }

    fn leave_out(&self, solution: &mut Solution<'_, 'a>) {
        match self {
            Self::Space => {}
            Self::Part(slot, _) if slot.tier() == Tier::Leftover => {}
            Self::Part(slot, _) => solution.left_out.push(*slot),
            Self::Inset { child, .. } => child.leave_out(solution),
            Self::Row { children, .. } => children.iter().for_each(|(_, child)| child.leave_out(solution)),
            Self::Column { children, .. } => children.iter().for_each(|child| child.leave_out(solution)),
        }
    }
}

/// The left edges and widths of a row's children.
fn columns(children: &[(u32, Node<'_>)], gap: u32, width: u32) -> Vec<(u32, u32)> {
    let shares: u32 = children.iter().map(|(share, _)| share).sum::<u32>().max(1);
    let room = width.saturating_sub(gap * (children.len() as u32).saturating_sub(1));
    let mut before = 0;
    let edge = |shares_before: u32| room * shares_before / shares;
    let place = |(index, (share, _)): (usize, &(u32, Node<'_>))| {
        let left = edge(before);
        before += share;
        (left + gap * index as u32, edge(before) - left)
    };
    children.iter().enumerate().map(place).collect()
}

/// The heights of a column's children; `None` for those that are left out.
fn allocate(children: &[Node<'_>], fonts: &mut Fonts, look: &Look, gap: u32, room: Size) -> Vec<Option<u32>> {
    let wishes: Vec<Wish> = children
        .iter()
        .map(|child| child.wish(fonts, look, room.width))
        .collect();
    let is_space = |&index: &usize| matches!(children[index], Node::Space);
    let (spaces, mut parts): (Vec<usize>, Vec<usize>) = (0..children.len()).partition(is_space);
    parts.sort_by_key(|&index| (children[index].rank(), index));
    let mut column = Heights {
        of: vec![None; children.len()],
        free: room.height,
        gap,
    };
    for tier in [Tier::Essential, Tier::Usual, Tier::Spare] {
        let in_tier = |index: &&usize| children[**index].rank().is_some_and(|slot| slot.tier() == tier);
        for &index in parts.iter().filter(in_tier) {
            column.add(index, wishes[index].least);
        }
        for &index in parts.iter().filter(in_tier) {
            column.raise(index, wishes[index].good);
        }
    }
    for &index in &parts {
        column.raise(index, wishes[index].most);
    }
    let leftover = |index: &&usize| {
        children[**index]
            .rank()
            .is_some_and(|slot| slot.tier() == Tier::Leftover)
    };
    for &index in parts.iter().filter(leftover) {
        column.add(index, wishes[index].least);
        column.raise(index, wishes[index].most);
    }
    for (nth, &index) in spaces.iter().enumerate() {
        let share = column.free / (spaces.len() - nth) as u32;
        column.of[index] = Some(share);
        column.free -= share;
    }
    column.of
}

/// The heights given out so far, and what is left.
struct Heights {
    of: Vec<Option<u32>>,
    free: u32,
    gap: u32,
}

impl Heights {
    /// Gives a part its least height, and the gap that parts it from the others, or leaves it out.
    fn add(&mut self, index: usize, least: u32) {
        let gap = if self.of.iter().all(Option::is_none) {
            0
        } else {
            self.gap
        };
        if let Some(rest) = self.free.checked_sub(least.saturating_add(gap)) {
            self.of[index] = Some(least);
            self.free = rest;
        }
    }

    /// Gives a part that is there more height, as far as there is some.
    fn raise(&mut self, index: usize, wanted: u32) {
        if let Some(height) = &mut self.of[index] {
            let more = wanted.saturating_sub(*height).min(self.free);
            *height += more;
            self.free -= more;
        }
    }
}
