//! Where the parts of a view go: one tree per class of panels, and what gives way to what.

use tallyman_floor::{Message, View};

use super::item_picture::ItemPicture;
use super::layout::{Node, Slot, Widget};
use super::panel::{Look, Panel, PanelClass};
use super::sheet::Sheet;
use super::status::StatusBar;
use super::widgets::{
    AllKeys, Answer, Beside, BigThing, Heading, Instruction, Keypad, Keys, Lines, Next, OpenQuestion,
    ShiftLine, Status, Weight,
};

/// What is to be painted.
pub(super) struct Asked<'a> {
    pub view: &'a View,
    /// What lies over the view.
    pub sheet: Sheet,
    pub status: &'a StatusBar,
}

/// Where the picture of an item goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PicturePlace {
    /// Where nothing else has a use for the room.
    Own,
    /// Beside the big thing, as far as that is narrow.
    BesideBig,
}

/// Where the parts of a view go on a panel.
pub(super) fn tree<'a>(
    panel: &Panel,
    look: &Look,
    asked: &Asked<'a>,
    picture: Option<(&'a ItemPicture, PicturePlace)>,
) -> Node<'a> {
    let Asked { view, sheet, status } = *asked;
    let class = panel.class();
    let parts = Parts {
        view,
        status,
        class,
        picture,
    };
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
    if let Some(lines) = parts.lines_beside_big() {
        children.extend([parts.own_picture(), Some(lines)]);
    }
    children.extend([parts.message(), parts.question(), parts.next(), parts.keys()]);
    column(look, children)
}

/// Two columns between heading and keys: what is wanted on the left, what it is about and the answer on the right.
/// A view that has nothing for one side gets one column.
fn lying<'a>(look: &Look, parts: &Parts<'a>) -> Node<'a> {
    let mut left = wanted(parts);
    let mut right = vec![parts.lines_beside_big()];
    if right[0].is_some() {
        right.extend([parts.own_picture(), Some(Node::Space)]);
    }
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
        let shares = match (parts.asks_to_choose(), parts.lines_beside_big()) {
            (true, _) => NARROW_WIDE,
            (false, None) if parts.lines().is_some() && parts.message().is_none() => WIDE_NARROW,
            (false, _) => SHARES,
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

/// Their shares where the lines stand on the left, with nothing big above them.
const WIDE_NARROW: (u32, u32) = (11, 9);

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
        None => vec![
            parts.instruction(),
            parts.lines(),
            parts.lines().and_then(|_| parts.own_picture()),
            Some(Node::Space),
        ],
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

/// Characters of an answer, and of a question, that half of a small panel has room for.
const WORDY_ANSWER: usize = 40;
const WORDY_QUESTION: usize = 36;

/// With more lines than this, they are what is looked at.
const LIST_MIN: usize = 3;

/// The parts that a view has something for.
struct Parts<'a> {
    view: &'a View,
    status: &'a StatusBar,
    class: PanelClass,
    picture: Option<(&'a ItemPicture, PicturePlace)>,
}

impl<'a> Parts<'a> {
    fn heading(&self) -> Option<Node<'a>> {
        let View { title, done_of, .. } = self.view;
        let heading = Heading {
            title,
            done_of: *done_of,
        };
        let is_shown = !title.is_empty() || done_of.is_some();
        (is_shown && !self.is_list()).then(|| part(Slot::Heading, heading))
    }

    /// How the shift goes. A small panel has room for it only between tasks.
    fn shift(&self) -> Option<Node<'a>> {
        let has_room = self.class != PanelClass::Small || (self.view.done_of.is_none() && !self.is_list());
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
        let weight = match () {
            () if self.are_an_instruction() => Weight::Alone,
            () if self.view.question.is_some() => Weight::Behind,
            () => Weight::Usual,
        };
        let instruction = Instruction { text, weight };
        let is_hidden = asked || self.is_all_question() || (self.is_list() && self.answers() == 1);
        (!text.is_empty() && !is_hidden).then(|| part(Slot::Instruction, instruction))
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
        has_two && !self.is_all_question() && !self.is_wordy()
    }

    /// Whether a small panel needs its whole width for what is said. A code to scan needs its height.
    fn is_wordy(&self) -> bool {
        if self.view.code.is_some() {
            return false;
        }
        let length = |texts: &[String]| texts.iter().map(|text| text.chars().count()).sum::<usize>();
        let answer = self
            .view
            .message
            .as_ref()
            .map_or(0, |message| length(&message.sentences));
        let question = self
            .view
            .question
            .as_ref()
            .map_or(0, |question| question.prompt.chars().count());
        self.class == PanelClass::Small && (answer > WORDY_ANSWER || question > WORDY_QUESTION)
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
        let is_hidden = self.is_all_question() || self.is_list();
        let big = self.view.big.as_ref().filter(|_| !is_hidden);
        let code = self.view.code.as_deref();
        let picture = self.picture_at(PicturePlace::BesideBig);
        big.map(|big| part(Slot::Big, BigThing::new(big, code).beside(picture)))
    }

    fn picture_at(&self, place: PicturePlace) -> Option<&'a ItemPicture> {
        let (picture, _) = self
            .picture
            .filter(|(_, where_it_goes)| *where_it_goes == place)?;
        Some(picture)
    }

    /// The picture of the item, near the lines that name it.
    fn own_picture(&self) -> Option<Node<'a>> {
        let picture = self.picture_at(PicturePlace::Own)?;
        Some(part(Slot::Picture, Beside(picture)))
    }

    fn lines(&self) -> Option<Node<'a>> {
        let is_shown = !self.view.lines.is_empty() && !self.is_all_question();
        is_shown.then(|| part(Slot::Lines, Lines(&self.view.lines)))
    }

    /// The lines, where a big thing has taken their place under the instruction.
    fn lines_beside_big(&self) -> Option<Node<'a>> {
        self.big().and_then(|_| self.lines())
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
        self.answers() > 2
    }

    /// Answers to choose from.
    fn answers(&self) -> usize {
        self.view
            .question
            .as_ref()
            .map_or(0, |question| question.choices.len())
    }

    /// Whether the keys stand among the answers, because a low panel has no row for them beside.
    fn folds_keys(&self) -> bool {
        match self.class {
            PanelClass::Small => self.answers() > 0,
            PanelClass::Wide => self.answers() > 1,
            PanelClass::Tall => false,
        }
    }

    /// Whether a low panel shows the question and the answer to the last step, and nothing beside. What is only to be
    /// read and agreed to (one answer) is not hidden by the question under it.
    fn is_all_question(&self) -> bool {
        let is_wordy = |message: &Message| self.class == PanelClass::Small || message.sentences.len() > 1;
        let answered = self.view.message.as_ref().is_some_and(is_wordy);
        let is_open = self.view.question.is_some() && answered && self.answers() != 1;
        match self.class {
            PanelClass::Small => is_open || self.asks_to_choose(),
            PanelClass::Wide => is_open && !self.asks_to_choose(),
            PanelClass::Tall => false,
        }
    }

    /// Whether a small panel shows lines that were asked for (stock, own figures), and little else.
    fn is_list(&self) -> bool {
        let is_asked = self.view.question.is_some() && self.view.lines.len() > LIST_MIN;
        self.class == PanelClass::Small && is_asked && !self.is_all_question()
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
