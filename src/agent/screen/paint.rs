//! Paints a view: one tree of parts per class of panels, solved and painted part by part.

use embedded_graphics::{prelude::*, primitives::Rectangle};
use tallyman_floor::View;
use tallyman_floor::event::Key;

use super::canvas::{Canvas, Placed, Target};
use super::fonts::Fonts;
use super::layout::{Node, Slot, Widget};
use super::panel::{Look, Panel, PanelClass};
use super::picture::Picture;
use super::status::StatusBar;
use super::widgets::{Answer, BigThing, Heading, Instruction, Keys, Lines, Next, OpenQuestion, Status};

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
        let look = panel.look();
        let mut picture = Picture::new(panel.width, panel.height, look.colours.page.ground);
        let whole = picture.bounding_box();
        let tree = tree(panel.class(), &look, view, status);
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
    /// The key whose field is at a place.
    pub fn key_at(&self, at: Point) -> Option<Key> {
        self.targets
            .iter()
            .find(|target| target.area.contains(at))
            .map(|target| target.key)
    }
}

/// Where the parts of a view go on a class of panels.
fn tree<'a>(class: PanelClass, look: &Look, view: &'a View, status: &'a StatusBar) -> Node<'a> {
    let parts = Parts(view);
    let bar = Node::Part(Slot::Status, Box::new(Status(status)));
    let body = match class {
        PanelClass::Wide if parts.fill_two_columns() => lying(look, &parts),
        PanelClass::Small | PanelClass::Tall | PanelClass::Wide => upright(look, &parts),
    };
    let body = Node::Inset {
        margin: look.px(look.measures.margin),
        child: Box::new(body),
    };
    Node::Column {
        gap: 0,
        children: vec![bar, body],
    }
}

/// One column: what is wanted at the top, what was answered and what to press near the thumbs.
fn upright<'a>(look: &Look, parts: &Parts<'a>) -> Node<'a> {
    let mut children = vec![parts.heading()];
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
    right.extend([parts.message(), parts.question()]);
    let middle = if is_bare(&left) {
        right.push(parts.next());
        column(look, right)
    } else {
        left.push(parts.next());
        let gap = look.px(look.measures.margin);
        match is_bare(&right) {
            true => column(look, left),
            false => Node::Row {
                gap,
                children: vec![(LEFT, column(look, left)), (RIGHT, column(look, right))],
            },
        }
    };
    column(look, vec![parts.heading(), Some(middle), parts.keys()])
}

/// The shares of the two columns: the right one holds the long texts.
const LEFT: u32 = 9;
const RIGHT: u32 = 11;

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
struct Parts<'a>(&'a View);

impl<'a> Parts<'a> {
    fn heading(&self) -> Option<Node<'a>> {
        let View { title, done_of, .. } = self.0;
        let heading = Heading {
            title,
            done_of: *done_of,
        };
        (!title.is_empty() || done_of.is_some()).then(|| part(Slot::Heading, heading))
    }

    /// What is wanted; left to the question where one is open that says the same.
    fn instruction(&self) -> Option<Node<'a>> {
        let text = self.0.instruction.as_str();
        let asked = self
            .0
            .question
            .as_ref()
            .is_some_and(|question| question.prompt == text);
        let instruction = Instruction {
            text,
            alone: self.are_an_instruction(),
        };
        (!text.is_empty() && !asked).then(|| part(Slot::Instruction, instruction))
    }

    /// Whether there is more to say beside what is wanted than fits below it on a low panel.
    fn fill_two_columns(&self) -> bool {
        let View {
            lines,
            message,
            question,
            ..
        } = self.0;
        let long_answer = message
            .as_ref()
            .is_some_and(|message| message.sentences.len() > 1);
        let answers = question
            .as_ref()
            .is_some_and(|question| question.typed.is_some() || !question.choices.is_empty());
        !lines.is_empty() || long_answer || answers || (message.is_some() && question.is_some())
    }

    /// Whether an instruction is all that the middle of the page holds.
    fn are_an_instruction(&self) -> bool {
        let View {
            instruction,
            big,
            question,
            lines,
            ..
        } = self.0;
        !instruction.is_empty() && big.is_none() && question.is_none() && lines.is_empty()
    }

    fn big(&self) -> Option<Node<'a>> {
        self.0.big.as_ref().map(|big| part(Slot::Big, BigThing(big)))
    }

    fn lines(&self) -> Option<Node<'a>> {
        (!self.0.lines.is_empty()).then(|| part(Slot::Lines, Lines(&self.0.lines)))
    }

    /// The lines, where a big thing has taken their place under the instruction.
    fn lines_beside_big(&self) -> Option<Node<'a>> {
        self.0.big.as_ref().and_then(|_| self.lines())
    }

    fn message(&self) -> Option<Node<'a>> {
        self.0
            .message
            .as_ref()
            .map(|message| part(Slot::Message, Answer(message)))
    }

    fn question(&self) -> Option<Node<'a>> {
        self.0
            .question
            .as_ref()
            .map(|question| part(Slot::Question, OpenQuestion(question)))
    }

    fn next(&self) -> Option<Node<'a>> {
        self.0
            .next
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| part(Slot::Next, Next(text)))
    }

    fn keys(&self) -> Option<Node<'a>> {
        (!self.0.keys.is_empty()).then(|| part(Slot::Keys, Keys(&self.0.keys)))
    }
}

fn part<'a>(slot: Slot, widget: impl Widget + 'a) -> Node<'a> {
    Node::Part(slot, Box::new(widget))
}
