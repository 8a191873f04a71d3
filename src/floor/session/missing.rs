//! What the book has in a place that was swept and closed, and nobody counted: listed, and looked for one by one.

use crate::ids::ItemId;
use crate::kinds::judge_of;
use crate::label::StockRow;
use crate::verdict::{MissingPiece, Question, Verdict};
use crate::view::{Big, View, ViewLine};
use crate::words::{Instruction, Label, Names, Words};

use super::Session;
use super::show::line;
use super::stage::Told;
use super::work::{Desk, Outcome};

/// Pieces to choose from at once: each has a digit.
const CHOICES_MAX: usize = 9;

impl Session {
    /// Asks the hub once more.
    pub(super) fn ask_what_is_missing(&mut self, desk: &Desk<'_>) -> Outcome {
        let is_asking = self
            .stage
            .look_up
            .as_ref()
            .is_some_and(|look_up| look_up.answer.is_none());
        if is_asking {
            return Outcome::quiet();
        }
        self.stage.drop_question();
        match self.work(desk) {
            Some(mut work) => judge_of(&work.task.kind).entered(&mut work),
            None => Outcome::quiet(),
        }
    }

    /// The hub said what is missing: pieces that this device has found meanwhile are not, and only a tag can be looked for
    /// by its signal.
    pub(super) fn missing_told(&mut self, rows: Vec<StockRow>, desk: &Desk<'_>) -> Outcome {
        let Some(Question::Missing { location, .. }) = self.stage.open.as_ref().map(|open| &open.question)
        else {
            return Outcome::quiet();
        };
        let location = location.clone();
        let Some(standing) = self.standing(desk) else {
            return Outcome::quiet();
        };
        let is_tagged = |item: &ItemId| {
            let known = desk.catalogue.item(item);
            known.is_some_and(|item| item.tracking.tag)
        };
        let mut pieces: Vec<MissingPiece> = rows
            .into_iter()
            .filter_map(|row| {
                let serial = row
                    .serial
                    .filter(|serial| !standing.has_serial(&row.item, serial))?;
                is_tagged(&row.item).then_some(MissingPiece {
                    item: row.item,
                    serial,
                    lot: row.lot,
                })
            })
            .collect();
        let more = pieces.len().saturating_sub(CHOICES_MAX);
        pieces.truncate(CHOICES_MAX);
        if let Some(open) = &mut self.stage.open {
            open.question = Question::Missing {
                location,
                pieces,
                more: u32::try_from(more).unwrap_or(u32::MAX),
            };
        }
        Outcome::quiet()
    }

    /// One of them is looked for.
    pub(super) fn locate(&mut self, piece: MissingPiece) -> Outcome {
        let question = Question::Locate { piece };
        self.stage.ask(question.clone(), None);
        Outcome::of(Verdict::Ask(question))
    }

    /// The screen of the list.
    pub(super) fn show_missing(&self, view: &mut View, words: &dyn Words) {
        let answer = self
            .stage
            .look_up
            .as_ref()
            .and_then(|look_up| look_up.answer.as_ref());
        let question = self.stage.open.as_ref().map(|open| &open.question);
        let is_none = matches!(question, Some(Question::Missing { pieces, .. }) if pieces.is_empty());
        let instruction = match answer {
            None => Instruction::Asking,
            Some(Told::Unreachable | Told::TooEarly) => Instruction::AskAgain,
            Some(Told::Rows(_)) if is_none => Instruction::NothingMissing,
            Some(Told::Rows(_)) => Instruction::ChooseMissing,
        };
        view.instruction = words.instruction(instruction).to_owned();
        view.big = None;
        view.lines.clear();
        view.picture = None;
        view.next = None;
    }
}

/// The articles of tags that are not sure, with how many of each.
pub(super) fn unsure_lines(items: &[(ItemId, u32)], names: &Names<'_>) -> Vec<ViewLine> {
    let line = |(item, count): &(ItemId, u32)| ViewLine {
        label: names.count(*count),
        text: names.item(item),
    };
    items.iter().map(line).collect()
}

/// The screen of a piece that is looked for: how strongly its tag is heard.
pub(super) fn show_signal(
    view: &mut View,
    piece: &MissingPiece,
    words: &dyn Words,
    names: &Names<'_>,
    desk: &Desk<'_>,
) {
    let signal = desk.catalogue.signal();
    view.instruction = words.instruction(Instruction::FollowSignal).to_owned();
    view.big = Some(Big {
        bar: Some(signal.unwrap_or(0)),
        ..Big::new(
            signal.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")),
            words.label(Label::Signal),
        )
    });
    view.lines = vec![
        line(words, Label::Item, &names.item(&piece.item)),
        line(words, Label::Serial, &piece.serial),
    ];
    view.picture = names.picture(&piece.item);
    let lot = piece.lot.iter();
    view.lines.extend(lot.map(|lot| line(words, Label::Lot, lot)));
    view.next = None;
}
