//! The screen after a step: what the judge pictures, put into words, with the question and the keys.

use crate::confirmation::{Draft, StockStatus};
use crate::event::Key;
use crate::ids::ItemId;
use crate::kinds::{BigThing, Picture, judge_of};
use crate::verdict::{MissingPiece, Question};
use crate::view::{Big, KeyHint, QuestionView, View, ViewLine};
use crate::words::{Instruction, KeyUse, Label, Names, Words, words};

use super::Session;
use super::answers::{Form, form};
use super::figures::{Figures, hours_and_minutes};
use super::list::holder_of;
use super::login::language_of;
use super::missing::{show_signal, unsure_lines};
use super::stage::{Piece, Stage};
use super::work::{Desk, Outcome, Work};

/// Counted items that a screen lists beside the one in hand.
const COUNTED_LINES_MAX: usize = 3;

impl Session {
    /// The screen as it is after a step with this outcome.
    pub(super) fn view(&mut self, outcome: &Outcome, desk: &Desk<'_>) -> View {
        let words = words(language_of(desk.catalogue, self.worker.as_ref()));
        let names = Names::new(desk.catalogue);
        let message = self.message.clone();
        let mut view = match self.look_up_view(words, &names, desk) {
            Some(view) => view,
            None => self.work_view(outcome, words, &names, desk),
        };
        view.message = message;
        if let Some((mut question, keys)) = self.question_view(words, &names) {
            match self.stage.open.as_ref().map(|open| &open.question) {
                Some(Question::HandOver { code }) => {
                    view.big = Some(Big::new(code, ""));
                    view.code = Some(code.clone());
                }
                Some(Question::Unsure { items, .. }) => view.lines = unsure_lines(items, &names),
                Some(Question::Missing { .. }) => self.show_missing(&mut view, words),
                Some(Question::Locate { piece }) => show_signal(&mut view, piece, words, &names, desk),
                Some(Question::Figures) => view.lines = figure_lines(&self.shift.figures, words),
                Some(Question::Interrupt { task }) => {
                    if let Some(task) = desk.catalogue.task(task) {
                        let title = words.title(&task.kind, &task.reference);
                        question.prompt = format!("{title}: {}", question.prompt);
                    }
                }
                _ => {}
            }
            view.question = Some(question);
            view.keys = keys;
        }
        view
    }

    /// The list of tasks, or the open one.
    fn work_view(
        &mut self,
        outcome: &Outcome,
        words: &dyn Words,
        names: &Names<'_>,
        desk: &Desk<'_>,
    ) -> View {
        let has_undo = !self.undo.is_empty();
        match self.work(desk) {
            None => self.list_view(&outcome.drafts, words, desk),
            Some(mut work) => {
                for draft in &outcome.drafts {
                    work.standing.apply(draft);
                }
                let picture = judge_of(&work.task.kind).picture(&work);
                let mut view = task_view(&picture, words, names);
                view.picture = item_shown(&picture, work.stage).and_then(|item| names.picture(item));
                view.title = words.title(&work.task.kind, &work.task.reference);
                view.done_of = Some((work.done_lines, work.task.lines.len()));
                let unit = picture.unit.zip(work.stage.unit.as_ref());
                view.lines
                    .extend(unit.map(|(label, unit)| line(words, label, unit.as_str())));
                view.lines.extend(claim_lines(&work, words));
                view.keys = task_keys(&picture, has_undo, words);
                view
            }
        }
    }

    fn list_view(&self, facts: &[Draft], words: &dyn Words, desk: &Desk<'_>) -> View {
        let tasks = self.choices(facts, desk);
        let digits = (1_u8..).map(Key::Digit);
        let choice = |(key, task): (Key, &std::sync::Arc<crate::Task>)| KeyHint {
            key,
            label: match holder_of(task, desk) {
                Some(holder) => format!("{} · {}", words.title(&task.kind, &task.reference), holder.name),
                None => words.title(&task.kind, &task.reference),
            },
        };
        let choices: Vec<_> = digits.zip(&tasks).map(choice).collect();
        let (instruction, question) = if choices.is_empty() {
            (Instruction::NoTasks, None)
        } else {
            let question = QuestionView {
                prompt: words.which_task().to_owned(),
                typed: None,
                choices,
            };
            (Instruction::ChooseTask, Some(question))
        };
        let mut keys = vec![
            hint(words, Key::Menu, KeyUse::Menu),
            hint(words, Key::Type, KeyUse::Type),
        ];
        if self.stage.kept.is_some() {
            keys.push(hint(words, Key::Escape, KeyUse::Cancel));
        } else if self.worker.is_some() {
            keys.push(hint(words, Key::Escape, KeyUse::LogOut));
        }
        View {
            title: words.tasks().to_owned(),
            instruction: words.instruction(instruction).to_owned(),
            question,
            keys,
            ..View::default()
        }
    }

    /// The open question, or the label that is being typed, with the keys that answer it.
    fn question_view(&self, words: &dyn Words, names: &Names<'_>) -> Option<(QuestionView, Vec<KeyHint>)> {
        let typed = Some(self.stage.typed.clone());
        let ok_or_leave = vec![
            hint(words, Key::Enter, KeyUse::Enter),
            hint(words, Key::Backspace, KeyUse::Backspace),
            hint(words, Key::Escape, KeyUse::Cancel),
        ];
        if self.stage.typing || self.stage.digits {
            let prompt = match self.stage.typing {
                true => words.type_label(),
                false => words.type_check_digits(),
            };
            let prompt = prompt.to_owned();
            let choices = Vec::new();
            return Some((
                QuestionView {
                    prompt,
                    typed,
                    choices,
                },
                ok_or_leave,
            ));
        }
        let open = self.stage.open.as_ref()?;
        let prompt = words.question(&open.question, names);
        let view = |typed, choices| QuestionView {
            prompt,
            typed,
            choices,
        };
        Some(match form(&open.question) {
            Form::Number | Form::Text => (
                view(typed_or_proposed(typed, &open.question, names), Vec::new()),
                ok_or_leave,
            ),
            Form::YesNo => {
                let answers = vec![
                    hint(words, Key::Enter, KeyUse::Yes),
                    hint(words, Key::Escape, KeyUse::No),
                ];
                (view(None, answers), Vec::new())
            }
            Form::ToDo => {
                let answers = [(1, KeyUse::StillToDo), (2, KeyUse::DoneAlready)];
                let answers = answers.map(|(digit, answer)| hint(words, Key::Digit(digit), answer));
                let cancel = vec![hint(words, Key::Escape, KeyUse::Cancel)];
                (view(None, answers.to_vec()), cancel)
            }
            Form::Choice(count) => {
                let digits = (1_u8..=9).map(Key::Digit);
                let choices = choices(&open.question, words, names);
                debug_assert_eq!(choices.len(), count, "every answer has its words");
                let choices = digits.zip(choices).map(|(key, label)| KeyHint { key, label });
                let cancel = vec![hint(words, Key::Escape, KeyUse::Cancel)];
                (view(None, choices.collect()), cancel)
            }
            Form::Notice => {
                let ok = vec![hint(words, Key::Enter, KeyUse::Enter)];
                (view(None, ok), Vec::new())
            }
            Form::Secret => {
                let hidden = "•".repeat(self.stage.typed.chars().count());
                (view(Some(hidden), Vec::new()), ok_or_leave)
            }
        })
    }
}

/// The answers to choose from, in the order of their digits.
fn choices(question: &Question, words: &dyn Words, names: &Names<'_>) -> Vec<String> {
    match question {
        Question::Missing { pieces, .. } => {
            let named = |piece: &MissingPiece| format!("{} · {}", piece.serial, names.item(&piece.item));
            pieces.iter().map(named).collect()
        }
        Question::Exception { codes } => {
            let codes = codes.iter().map(|code| words.exception(*code).to_owned());
            codes.collect()
        }
        Question::Reason { reasons, .. } => reasons.iter().map(|reason| words.reason(reason)).collect(),
        Question::Condition { conditions, .. } => conditions.clone(),
        Question::State { .. } => StockStatus::ALL
            .map(|status| words.status(status))
            .map(str::to_owned)
            .to_vec(),
        Question::Menu { entries } => {
            let entries = entries.iter().map(|entry| words.menu(*entry).to_owned());
            entries.collect()
        }
        _ => Vec::new(),
    }
}

/// What stands in the field: what was typed, or the proposal that Enter would take.
fn typed_or_proposed(typed: Option<String>, question: &Question, names: &Names<'_>) -> Option<String> {
    let is_empty = typed.as_deref().is_none_or(str::is_empty);
    match question {
        Question::Quantity {
            proposed: Some(proposed),
            ..
        } if is_empty => Some(names.quantity(*proposed)),
        _ => typed,
    }
}

/// Who else holds the task, what of the line in hand may be done, and whether the lease ends soon.
fn claim_lines(work: &Work<'_>, words: &dyn Words) -> Vec<ViewLine> {
    let Some(claim) = work.claim() else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if let Some(holder) = &claim.holder {
        lines.push(line(words, Label::HeldBy, &holder.name));
    }
    let wanted = work.line_wanted().map(|line| line.number);
    if let Some(Question::MaybeDone { holder, .. }) = work.doubt(wanted) {
        lines.push(line(words, Label::MaybeDoneBy, &holder));
    }
    let left = claim
        .own
        .zip(work.desk.now.hub)
        .and_then(|(lease, hub)| lease.minutes_left(hub));
    lines.extend(left.map(|minutes| line(words, Label::Lease, &words.lease_ends(minutes))));
    lines
}

/// The worker's own figures.
fn figure_lines(figures: &Figures, words: &dyn Words) -> Vec<ViewLine> {
    let lines = [
        (Label::LinesDone, figures.lines.to_string()),
        (Label::LinesPerHour, figures.lines_per_hour().to_string()),
        (Label::Walking, hours_and_minutes(figures.walking_us)),
        (Label::Scanning, hours_and_minutes(figures.scanning_us)),
        (Label::Waiting, hours_and_minutes(figures.waiting_us)),
        (Label::Pauses, hours_and_minutes(figures.pause_us)),
    ];
    let lines = lines.iter().map(|(label, text)| line(words, *label, text));
    lines.collect()
}

fn task_view(picture: &Picture, words: &dyn Words, names: &Names<'_>) -> View {
    let unit = picture
        .piece
        .as_ref()
        .and_then(|piece| piece.item.as_ref())
        .map(|item| names.unit(item));
    let unit = unit.unwrap_or_default();
    let big = picture.big.as_ref().map(|big| match big {
        BigThing::Location(location) => Big::new(location.as_str(), ""),
        BigThing::HandlingUnit(unit) => Big::new(unit.as_str(), ""),
        BigThing::Of(done, wanted) => {
            let figures = format!("{} / {}", names.quantity(*done), names.quantity(*wanted));
            Big::new(figures, &unit)
        }
        BigThing::Number(number) => Big::new(names.quantity(*number), &unit),
        // A number alone, as big as this, is taken for a quantity.
        BigThing::Serial(serial, item) => Big::new(
            serial,
            format!("{} · {}", words.label(Label::Serial), names.item(item)),
        ),
        BigThing::Tags(count) => Big::new(names.count(*count), words.label(Label::Tags)),
    });
    let mut lines = Vec::new();
    if let Some(piece) = &picture.piece {
        lines.extend(piece_lines(piece, &unit, words, names));
    }
    let more = picture.more.iter();
    lines.extend(more.map(|(label, text)| line(words, *label, text)));
    if let Some(figures) = &picture.sweep {
        let told = [(Label::MaybeNext, figures.maybe), (Label::Kept, figures.kept)];
        lines.extend(told.map(|(label, count)| line(words, label, &names.count(count))));
    }
    let counted = picture.counted.iter().take(COUNTED_LINES_MAX);
    lines.extend(counted.map(|(item, quantity)| ViewLine {
        label: names.quantity(*quantity),
        text: names.item(item),
    }));
    View {
        instruction: words.instruction(picture.instruction).to_owned(),
        big,
        lines,
        next: picture.next.as_ref().map(|place| words.then(place.as_str())),
        ..View::default()
    }
}

/// The one item that a screen of the work is about: the piece that is asked about, else what is in hand or wanted.
fn item_shown<'a>(picture: &'a Picture, stage: &'a Stage) -> Option<&'a ItemId> {
    let asked = stage.open.as_ref().and_then(|open| open.piece.as_ref());
    let piece = asked.or(picture.piece.as_ref())?;
    piece.item.as_ref()
}

fn piece_lines(piece: &Piece, unit: &str, words: &dyn Words, names: &Names<'_>) -> Vec<ViewLine> {
    let mut lines = Vec::new();
    if let Some(item) = &piece.item {
        lines.push(line(words, Label::Item, &names.item(item)));
        if names.item(item) != item.as_str() {
            lines.push(line(words, Label::Number, ItemId::as_str(item)));
        }
    }
    if let Some(lot) = &piece.lot {
        lines.push(line(words, Label::Lot, lot));
    }
    if let Some(quantity) = piece.quantity.filter(|quantity| quantity.is_positive()) {
        lines.push(line(
            words,
            Label::Take,
            format!("{} {unit}", names.quantity(quantity)).trim_end(),
        ));
    }
    lines
}

fn task_keys(picture: &Picture, has_undo: bool, words: &dyn Words) -> Vec<KeyHint> {
    let keys = [
        (picture.new_unit, Key::Enter, KeyUse::NewUnit),
        (picture.missing, Key::Enter, KeyUse::Missing),
        (picture.done, Key::Done, KeyUse::Done),
        (picture.short, Key::Short, KeyUse::Short),
        (picture.skip, Key::Skip, KeyUse::Skip),
        (picture.open_unit, Key::Skip, KeyUse::OpenUnit),
        (true, Key::Exception, KeyUse::Exception),
        (has_undo, Key::Undo, KeyUse::Undo),
        (true, Key::Menu, KeyUse::Menu),
        (true, Key::Type, KeyUse::Type),
        (true, Key::Escape, KeyUse::Leave),
    ];
    let shown = keys.into_iter().filter(|(is_shown, ..)| *is_shown);
    shown
        .map(|(_, key, use_of_key)| hint(words, key, use_of_key))
        .collect()
}

pub(super) fn hint(words: &dyn Words, key: Key, use_of_key: KeyUse) -> KeyHint {
    KeyHint {
        key,
        label: words.key(use_of_key).to_owned(),
    }
}

pub(super) fn line(words: &dyn Words, label: Label, text: &str) -> ViewLine {
    ViewLine {
        label: words.label(label).to_owned(),
        text: text.to_owned(),
    }
}
