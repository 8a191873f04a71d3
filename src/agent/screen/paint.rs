//! Paints a view: one tree of parts per class of panels, solved and painted part by part.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use tallyman_floor::View;

use super::canvas::{Canvas, Placed, Target};
use super::fonts::Fonts;
use super::layout::{Node, Slot, Widget};
use super::panel::{Look, Panel, PanelClass};
use super::picture::Picture;
use super::sheet::{Sheet, Touch};
use super::status::StatusBar;
use super::widgets::{
    AllKeys, Answer, BigThing, Heading, Instruction, Keypad, Keys, Lines, Next, OpenQuestion, ShiftLine,
    Status,
};

/// Paints a view once. What paints often keeps a [`Painter`], which remembers the glyphs.
pub fn paint(view: &View, status: &StatusBar, panel: &Panel) -> Picture {
    Painter::default().paint(view, status, panel).picture
}

/// Paints views, and keeps the glyphs it has painted.
#[derive(Debug, Default)]
pub struct Painter {
    fonts: Fonts,
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
    /// The places of the parts.
    pub parts: Vec<(Slot, Rectangle)>,
    /// The parts that the panel has no room for; none on the panels of the classes.
    pub left_out: Vec<Slot>,
    /// Pixels that a part would have painted outside its place; they were not painted.
    pub spilled: usize,
}

impl Painter {
    /// Paints a view for a panel.
    pub fn paint(&mut self, view: &View, status: &StatusBar, panel: &Panel) -> Painting {
        self.paint_sheet(view, Sheet::Plain, status, panel)
    }

    /// Paints a view with a sheet over it, where the view has a use for one.
    pub fn paint_sheet(&mut self, view: &View, sheet: Sheet, status: &StatusBar, panel: &Panel) -> Painting {
        let look = panel.look();
        let mut picture = Picture::new(panel.width, panel.height, look.colours.page.ground);
        let whole = picture.bounding_box();
        let tree = tree(panel, &look, view, sheet.over(view), status);
        let solution = tree.solve(&mut self.fonts, &look, whole);
        let mut canvas = Canvas {
            picture: &mut picture,
            fonts: &mut self.fonts,
            slot: Slot::Status,
            clip: whole,
            placed: Vec::new(),
            targets: Vec::new(),
            spilled: 0,
        };
        let mut parts = Vec::new();
        for solved in &solution.parts {
            parts.push((solved.slot, solved.area));
            (canvas.slot, canvas.clip) = (solved.slot, solved.area);
            solved.widget.paint(&mut canvas, &look, solved.area);
        }
        let Canvas {
            placed,
            targets,
            spilled,
            ..
        } = canvas;
        Painting {
            picture,
            placed,
            targets,
            parts,
            left_out: solution.left_out,
            spilled,
        }
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

/// Where the parts of a view go on a panel.
fn tree<'a>(panel: &Panel, look: &Look, view: &'a View, sheet: Sheet, status: &'a StatusBar) -> Node<'a> {
    let class = panel.class();
    let parts = Parts { view, status, class };
    let bar = Node::Part(Slot::Status, Box::new(Status(status)));
    let (body, margin) = match sheet {
        Sheet::Plain if panel.width > panel.height && parts.fill_two_columns() => (lying(look, &parts), 1),
        Sheet::Plain => (upright(look, &parts), 1),
        // A sheet is all fields: it takes half of the margin for them.
        sheet => (parts.sheet(sheet), 2),
    };
    let body = Node::Inset {
        margin: look.px(look.measures.margin) / margin,
        child: Box::new(body),
    };
    Node::Column {
        gap: 0,
        children: vec![bar, body],
    }
}

/// One column: what is wanted at the top, what was answered and what to press near the thumbs.
fn upright<'a>(look: &Look, parts: &Parts<'a>) -> Node<'a> {
    let mut children = vec![parts.heading(), parts.shift()];
    children.extend(wanted(parts));
    children.push(parts.lines_beside_big());
    children.extend([parts.message(), parts.question(), parts.next(), parts.keys()]);
    column(look, children)
}

/// Two columns between heading and keys: what is wanted on the left, what it is about and the answer on the right.
/// A view that has nothing for one side gets one column.
fn lying<'a>(look: &Look, parts: &Parts<'a>) -> Node<'a> {
    let mut left = wanted(parts);
    let mut right = vec![parts.lines_beside_big()];
    right.extend(right[0].is_some().then_some(Some(Node::Space)));
    // Many answers need a column of their own.
    let (beside, with_answers) = match parts.asks_to_choose() {
        true => (parts.message(), None),
        false => (None, parts.message()),
    };
    left.extend(beside.is_some().then_some(beside));
    right.extend([with_answers, parts.question()]);
    let middle = if is_bare(&left) {
        right.push(parts.next());
        column(look, right)
    } else {
        left.push(parts.next());
        let gap = look.px(look.measures.margin);
        let shares = if parts.asks_to_choose() {
            NARROW_WIDE
        } else {
            SHARES
        };
        match is_bare(&right) {
            true => column(look, left),
            false => Node::Row {
                gap,
                children: vec![(shares.0, column(look, left)), (shares.1, column(look, right))],
            },
        }
    };
    column(
        look,
        vec![parts.heading(), parts.shift(), Some(middle), parts.keys()],
    )
}

/// The shares of the two columns: the right one holds the long texts.
const SHARES: (u32, u32) = (9, 11);

/// Their shares where the right one holds answers to choose from.
const NARROW_WIDE: (u32, u32) = (7, 13);

/// What is wanted: the instruction with the big thing in the middle of the free room, or with the lines below it.
fn wanted<'a>(parts: &Parts<'a>) -> Vec<Option<Node<'a>>> {
    match parts.big() {
        Some(big) => vec![
            parts.instruction(),
            Some(Node::Space),
            Some(big),
            Some(Node::Space),
        ],
        None if parts.are_an_instruction() => vec![Some(Node::Space), parts.instruction(), Some(Node::Space)],
        None => vec![parts.instruction(), parts.lines(), Some(Node::Space)],
    }
}

fn column<'a>(look: &Look, children: Vec<Option<Node<'a>>>) -> Node<'a> {
    Node::Column {
        gap: look.px(look.measures.gap),
        children: children.into_iter().flatten().collect(),
    }
}

fn is_bare(children: &[Option<Node<'_>>]) -> bool {
    children
        .iter()
        .flatten()
        .all(|child| matches!(child, Node::Space))
}

/// The parts that a view has something for.
struct Parts<'a> {
    view: &'a View,
    status: &'a StatusBar,
    class: PanelClass,
}

impl<'a> Parts<'a> {
    fn heading(&self) -> Option<Node<'a>> {
        let View { title, done_of, .. } = self.view;
        let heading = Heading {
            title,
            done_of: *done_of,
        };
        (!title.is_empty() || done_of.is_some()).then(|| part(Slot::Heading, heading))
    }

    /// How the shift goes. A small panel has room for it only between tasks.
    fn shift(&self) -> Option<Node<'a>> {
        let has_room = self.class != PanelClass::Small || self.view.done_of.is_none();
        (self.status.shift.is_some() && has_room).then(|| part(Slot::Shift, ShiftLine(self.status)))
    }

    /// What is wanted; left to the question where one is open that says the same.
    fn instruction(&self) -> Option<Node<'a>> {
        let text = self.view.instruction.as_str();
        let asked = self
            .view
            .question
            .as_ref()
            .is_some_and(|question| question.prompt == text);
        let instruction = Instruction {
            text,
            alone: self.are_an_instruction(),
        };
        (!text.is_empty() && !asked && !self.is_all_question()).then(|| part(Slot::Instruction, instruction))
    }

    /// Whether there is more to say beside what is wanted than fits below it on a low panel.
    fn fill_two_columns(&self) -> bool {
        let View {
            lines,
            message,
            question,
            ..
        } = self.view;
        let long_answer = message
            .as_ref()
            .is_some_and(|message| message.sentences.len() > 1);
        let answers = question
            .as_ref()
            .is_some_and(|question| question.typed.is_some() || !question.choices.is_empty());
        let has_two =
            !lines.is_empty() || long_answer || answers || (message.is_some() && question.is_some());
        has_two && !self.is_all_question()
    }

    /// Whether an instruction is all that the middle of the page holds.
    fn are_an_instruction(&self) -> bool {
        let View {
            instruction,
            big,
            question,
            lines,
            ..
        } = self.view;
        !instruction.is_empty() && big.is_none() && question.is_none() && lines.is_empty()
    }

    fn big(&self) -> Option<Node<'a>> {
        let big = self.view.big.as_ref().filter(|_| !self.is_all_question());
        big.map(|big| part(Slot::Big, BigThing(big)))
    }

    fn lines(&self) -> Option<Node<'a>> {
        let is_shown = !self.view.lines.is_empty() && !self.is_all_question();
        is_shown.then(|| part(Slot::Lines, Lines(&self.view.lines)))
    }

    /// The lines, where a big thing has taken their place under the instruction.
    fn lines_beside_big(&self) -> Option<Node<'a>> {
        self.view.big.as_ref().and_then(|_| self.lines())
    }

    fn message(&self) -> Option<Node<'a>> {
        self.view
            .message
            .as_ref()
            .map(|message| part(Slot::Message, Answer(message)))
    }

    fn question(&self) -> Option<Node<'a>> {
        self.view.question.as_ref().map(|question| {
            let keys = if self.folds_keys() {
                self.view.keys.as_slice()
            } else {
                &[]
            };
            part(Slot::Question, OpenQuestion { question, keys })
        })
    }

    fn next(&self) -> Option<Node<'a>> {
        self.view
            .next
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| part(Slot::Next, Next(text)))
    }

    fn keys(&self) -> Option<Node<'a>> {
        let hints = self.view.keys.as_slice();
        let rows_max = match self.class {
            PanelClass::Tall => 2,
            PanelClass::Small | PanelClass::Wide => 1,
        };
        (!hints.is_empty() && !self.folds_keys()).then(|| part(Slot::Keys, Keys { hints, rows_max }))
    }

    /// Whether the question is one with answers to choose from, more than yes and no.
    fn asks_to_choose(&self) -> bool {
        self.view
            .question
            .as_ref()
            .is_some_and(|question| question.choices.len() > 2)
    }

    /// Whether the keys stand among the answers, because a small panel has no row for them beside.
    fn folds_keys(&self) -> bool {
        let choices = self
            .view
            .question
            .as_ref()
            .map_or(0, |question| question.choices.len());
        self.class == PanelClass::Small && choices > 0
    }

    /// Whether a small panel shows the question and the answer to the last step, and nothing beside.
    fn is_all_question(&self) -> bool {
        let is_open = self.view.question.is_some() && self.view.message.is_some();
        self.class == PanelClass::Small && (is_open || self.asks_to_choose())
    }

    /// What lies over the view.
    fn sheet(&self, sheet: Sheet) -> Node<'a> {
        let view = self.view;
        match (&view.question, sheet) {
            (Some(question), Sheet::Digits | Sheet::Letters { .. }) => part(
                Slot::Question,
                Keypad {
                    view,
                    question,
                    sheet,
                },
            ),
            _ => part(Slot::Keys, AllKeys(view)),
        }
    }
}

fn part<'a>(slot: Slot, widget: impl Widget + 'a) -> Node<'a> {
    Node::Part(slot, Box::new(widget))
}
