//! What a key means: an answer to the open question, a character of what is typed, or a wish about the work.

use crate::event::Key;
use crate::kinds::{Judge, judge_of};
use crate::task::QuantityEntry;
use crate::verdict::{Question, Reason, Verdict, Where};

use super::Session;
use super::answers::{Form, form};
use super::login::Shift;
use super::pull;
use super::stage::{LeftChecks, Piece, Stage};
use super::work::{Desk, Note, Outcome, Work};

/// Characters typed at most: a label with GTIN, lot, date and serial number in brackets fits.
const TYPED_CHARS_MAX: usize = 90;

impl Session {
    /// Judges a key, pressed or scanned as a command.
    pub(super) fn key(&mut self, key: Key, desk: &Desk<'_>) -> Outcome {
        let last = self.stage.last.take();
        let unknown = self.stage.unknown.take();
        if !matches!(key, Key::Enter | Key::Escape) {
            self.put_aside();
        }
        if key == Key::Undo {
            return self.undo(desk);
        }
        let question = self.stage.open.as_ref().map(|open| open.question.clone());
        match question {
            Some(question) => self.key_to_question(key, &question, desk),
            None if self.stage.digits => self.key_to_digits(key, desk),
            None if self.stage.typing => self.key_to_label(key, desk),
            None => match unknown.filter(|_| key == Key::Exception) {
                Some(piece) => self.ask_which_item_it_is(piece, desk),
                None => self.key_at_rest(key, last, desk),
            },
        }
    }

    fn key_to_question(&mut self, key: Key, question: &Question, desk: &Desk<'_>) -> Outcome {
        match (key, form(question)) {
            (Key::Enter, _) => self.answer_by_enter(desk),
            (Key::Escape, _) => self.answer_by_escape(question),
            (Key::Exception, Form::YesNo) => self.link_instead(desk),
            (Key::Digit(digit), Form::Choice(_)) => self.answer_choice(digit, desk),
            (Key::Digit(digit @ 1..=2), Form::ToDo) => self.answer_to_do(digit == 1, desk),
            (
                Key::Digit(_) | Key::Point | Key::Character(',' | '+' | '-' | '*') | Key::Backspace,
                Form::Number,
            )
            | (Key::Digit(_) | Key::Backspace, Form::Secret) => self.edit(key),
            (Key::Digit(_) | Key::Point | Key::Character(_) | Key::Backspace, Form::Text) => self.edit(key),
            _ => Outcome::reject(Reason::KeyUnused),
        }
    }

    /// The digits painted beside a place are being typed.
    fn key_to_digits(&mut self, key: Key, desk: &Desk<'_>) -> Outcome {
        match key {
            Key::Digit(_) => self.edit(key),
            Key::Backspace => {
                let outcome = self.edit(key);
                self.stage.digits = !self.stage.typed.is_empty();
                outcome
            }
            Key::Escape => {
                self.stage.drop_question();
                Outcome::quiet().with_note(Note::NothingRecorded)
            }
            Key::Enter => {
                let typed = std::mem::take(&mut self.stage.typed);
                self.stage.digits = false;
                match self.work(desk) {
                    Some(mut work) => judge_of(&work.task.kind)
                        .check_digits(&mut work, &typed)
                        .of_place(),
                    None => Outcome::reject(Reason::NoTask),
                }
            }
            _ => Outcome::reject(Reason::KeyUnused),
        }
    }

    fn key_to_label(&mut self, key: Key, desk: &Desk<'_>) -> Outcome {
        match key {
            Key::Escape => {
                self.stage.drop_question();
                Outcome::quiet().with_note(Note::NothingRecorded)
            }
            Key::Enter => {
                let text = std::mem::take(&mut self.stage.typed);
                self.stage.typing = false;
                match text.trim() {
                    "" => Outcome::quiet().with_note(Note::NothingRecorded),
                    text => match pull::typed(text, desk) {
                        Ok(seen) => self.code(seen, desk),
                        Err(outcome) => outcome,
                    },
                }
            }
            Key::Digit(_) | Key::Point | Key::Character(_) | Key::Backspace => self.edit(key),
            Key::Undo | Key::Done | Key::Short | Key::Exception | Key::Skip | Key::Menu | Key::Type => {
                Outcome::reject(Reason::KeyUnused)
            }
        }
    }

    fn key_at_rest(&mut self, key: Key, last: Option<Piece>, desk: &Desk<'_>) -> Outcome {
        match key {
            Key::Type => {
                self.stage.typing = true;
                self.stage.typed.clear();
                return Outcome::quiet();
            }
            Key::Escape => return self.leave(),
            Key::Menu => return self.menu(desk),
            Key::Backspace => return Outcome::quiet(),
            Key::Enter if self.stage.task.is_none() => return Outcome::quiet(),
            Key::Enter if last.is_some() && !self.stage.hand.is_empty() => {
                return self.ask_the_rest(last, desk);
            }
            Key::Digit(digit) if self.stage.task.is_none() => return self.choose(digit, desk),
            _ => {}
        }
        let Some(mut work) = self.work(desk) else {
            return Outcome::reject(Reason::NoTask);
        };
        let judge = judge_of(&work.task.kind);
        match key {
            Key::Enter => judge.entered(&mut work),
            Key::Done => judge.done(&mut work),
            Key::Short => judge.short(&mut work),
            Key::Skip => judge.skip(&mut work),
            Key::Exception => {
                let codes = judge.exceptions(&work);
                match codes.is_empty() {
                    true => Outcome::reject(Reason::KeyUnused),
                    false => work.ask(Question::Exception { codes }, None),
                }
            }
            // With goods in hand, the digits are those of the place: how many more is asked by Enter.
            Key::Digit(_)
                if (last.is_none() || !work.stage.hand.is_empty()) && wants_check_digits(&work, judge) =>
            {
                self.stage.digits = true;
                self.edit(key)
            }
            Key::Digit(_) => {
                // Scan one, type the rest.
                let more = last.filter(|_| work.task.quantity_entry == QuantityEntry::EachScan);
                let Some(piece) = more else {
                    return Outcome::reject(Reason::KeyUnused);
                };
                let question = Question::Quantity {
                    item: piece.called(),
                    proposed: None,
                };
                let outcome = work.ask(question, Some(piece));
                self.edit(key);
                outcome
            }
            _ => Outcome::reject(Reason::KeyUnused),
        }
    }

    /// Scan one, and Enter asks for the number of the rest.
    fn ask_the_rest(&mut self, last: Option<Piece>, desk: &Desk<'_>) -> Outcome {
        let (Some(mut work), Some(piece)) = (self.work(desk), last) else {
            return Outcome::quiet();
        };
        let proposed = judge_of(&work.task.kind).proposed(&work, &piece);
        let item = piece.called();
        work.ask(Question::Quantity { item, proposed }, Some(piece))
    }

    /// Adds a character to what is typed, or takes one away.
    fn edit(&mut self, key: Key) -> Outcome {
        let typed = &mut self.stage.typed;
        let character = match key {
            Key::Backspace => {
                typed.pop();
                return Outcome::quiet();
            }
            Key::Digit(digit) => char::from_digit(u32::from(digit), 10),
            Key::Point => Some('.'),
            Key::Character(character) => Some(character).filter(|character| !character.is_control()),
            _ => None,
        };
        match character.filter(|_| typed.chars().count() < TYPED_CHARS_MAX) {
            Some(character) => {
                typed.push(character);
                Outcome::quiet()
            }
            None => Outcome::reject(Reason::KeyUnused),
        }
    }

    /// Leaves the task. What of its passes is still to be looked at is there when it is opened again.
    pub(super) fn leave_stage(&mut self) -> Stage {
        let mut left = self.stage.leave();
        if let Some(task) = left.task.clone().filter(|_| !left.portal.checks.is_empty()) {
            let portal = std::mem::take(&mut left.portal);
            self.left_checks = Some(LeftChecks { task, portal });
        }
        left
    }

    /// Leaves the task, which keeps what is confirmed; without a task, the worker goes back to the one that was kept, or
    /// logs out.
    fn leave(&mut self) -> Outcome {
        if self.stage.marked.take().is_some() {
            return Outcome::quiet().with_note(Note::NothingRecorded);
        }
        if self.stage.task.is_none()
            && let Some(back) = self.back_to_kept()
        {
            return back;
        }
        match self.leave_stage() {
            Stage { task: Some(task), .. } => Outcome::go(Where::LeftTask(task)),
            _ if self.worker.take().is_some() => {
                self.shift = Shift::default();
                Outcome::go(Where::LoggedOut)
            }
            _ => Outcome::of(Verdict::Quiet),
        }
    }
}

/// Whether a place is wanted that has digits painted beside it.
fn wants_check_digits(work: &Work<'_>, judge: &dyn Judge) -> bool {
    let wanted = judge.place_wanted(work);
    let known = wanted.and_then(|location| work.desk.catalogue.location(&location));
    known.is_some_and(|known| known.check_digits.is_some())
}
