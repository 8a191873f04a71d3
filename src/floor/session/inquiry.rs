//! Looking up stock: an item, a place or a handling unit is scanned, the hub is asked, and what it says is shown. The
//! work that is open stays as it is, and nothing is recorded.

use crate::event::Key;
use crate::ids::{HandlingUnitId, ItemId, LocationId};
use crate::label::{Inquiry, InquiryAnswer, StockRow};
use crate::verdict::{MenuEntry, Question, Reason, Scanned, Verdict, Wanted};
use crate::view::{View, ViewLine};
use crate::words::{Instruction, KeyUse, Label as LineLabel, Names, Words};

use super::Session;
use super::pull::{self, Code, Label};
use super::show::{hint, line};
use super::stage::{LookUp, Told};
use super::work::{Desk, Outcome};

/// Rows of an answer that are kept and shown: more than a screen shows and a person reads on the way.
const ROWS_MAX: usize = 20;

impl Session {
    /// The menu's entry: asks what is to be looked up. A question about a piece in hand is left.
    pub(super) fn begin_look_up(&mut self) -> Outcome {
        self.stage.drop_question();
        self.stage.ask(Question::LookUp, None);
        Outcome::of(Verdict::Ask(Question::LookUp))
    }

    /// What is to be looked up was scanned. The question stays open, for the next thing.
    pub(super) fn look_up(&mut self, code: Code, desk: &Desk<'_>) -> Outcome {
        self.stage.typed.clear();
        let inquiry = match code {
            Code::Location(location) => Inquiry::Location(LocationId::new(location)),
            Code::Unit(unit) => Inquiry::HandlingUnit(HandlingUnitId::new(unit)),
            Code::Label(Label::Goods(piece)) => {
                let by_number = || desk.catalogue.item(&ItemId::from(piece.code.as_str()));
                match piece
                    .item
                    .clone()
                    .or_else(|| by_number().map(|item| item.id.clone()))
                {
                    Some(item) => Inquiry::Item(item),
                    None => return Outcome::reject(Reason::UnknownCode { code: piece.code }),
                }
            }
            Code::Label(Label::Addition(piece)) => {
                return Outcome::not_wanted(Scanned::Text(piece.code), Wanted::AnyItem);
            }
            Code::Badge(_) | Code::Key(_) | Code::HandOver(_) => {
                return Outcome::not_wanted(Scanned::Badge, Wanted::AnyItem);
            }
        };
        self.stage.look_up = Some(LookUp {
            inquiry: inquiry.clone(),
            answer: None,
        });
        Outcome {
            inquire: Some(inquiry),
            ..Outcome::of(Verdict::Ask(Question::LookUp))
        }
    }

    /// What is to be looked up was typed.
    pub(super) fn look_up_typed(&mut self, desk: &Desk<'_>) -> Outcome {
        let text = std::mem::take(&mut self.stage.typed);
        match text.trim() {
            "" => Outcome::quiet(),
            text => match pull::typed(text, desk) {
                Ok(seen) => self.look_up(seen.code, desk),
                Err(outcome) => outcome,
            },
        }
    }

    /// The hub's answer came, or that it cannot be reached. One that nobody waits for any more is dropped.
    pub(super) fn told(&mut self, answer: InquiryAnswer, desk: &Desk<'_>) -> Outcome {
        let waiting = self.stage.look_up.as_mut();
        let Some(look_up) =
            waiting.filter(|look_up| look_up.inquiry == answer.inquiry && look_up.answer.is_none())
        else {
            return Outcome::quiet();
        };
        match answer.rows {
            Some(_) if answer.is_being_counted => {
                look_up.answer = Some(Told::TooEarly);
                Outcome::quiet()
            }
            Some(rows) if matches!(answer.inquiry, Inquiry::Missing { .. }) => {
                look_up.answer = Some(Told::Rows(Vec::new()));
                self.missing_told(rows, desk)
            }
            Some(mut rows) => {
                rows.truncate(ROWS_MAX);
                look_up.answer = Some(Told::Rows(rows));
                Outcome::quiet()
            }
            None => {
                look_up.answer = Some(Told::Unreachable);
                Outcome::reject(Reason::HubUnreachable)
            }
        }
    }

    /// The screen of a look-up; `None` while none is open.
    pub(super) fn look_up_view(
        &mut self,
        words: &dyn Words,
        names: &Names<'_>,
        desk: &Desk<'_>,
    ) -> Option<View> {
        let open = self.stage.open.as_ref()?;
        if open.question != Question::LookUp {
            return None;
        }
        let mut lines = Vec::new();
        let mut instruction = Instruction::ScanToLookUp;
        if let Some(look_up) = &self.stage.look_up {
            lines.extend(known_here(&look_up.inquiry, words, names, desk));
            instruction = match &look_up.answer {
                None => Instruction::Asking,
                Some(Told::Unreachable | Told::TooEarly) => Instruction::ScanToLookUp,
                Some(Told::Rows(rows)) if rows.is_empty() => Instruction::NothingInStock,
                Some(Told::Rows(rows)) => {
                    let row = |row: &StockRow| told_row(&look_up.inquiry, row, words, names);
                    lines.extend(rows.iter().map(row));
                    Instruction::InStock
                }
            };
        }
        let done_lines = self.done_lines;
        let done_of = self.work(desk).map(|work| (done_lines, work.task.lines.len()));
        Some(View {
            title: words.menu(MenuEntry::Inquiry).to_owned(),
            instruction: words.instruction(instruction).to_owned(),
            lines,
            done_of,
            picture: match self.stage.look_up.as_ref().map(|look_up| &look_up.inquiry) {
                Some(Inquiry::Item(item)) => names.picture(item),
                _ => None,
            },
            keys: vec![hint(words, Key::Escape, KeyUse::Cancel)],
            ..View::default()
        })
    }
}

/// What the device knows without the hub: of an item its name, number, codes and packs; of the rest its number.
fn known_here(inquiry: &Inquiry, words: &dyn Words, names: &Names<'_>, desk: &Desk<'_>) -> Vec<ViewLine> {
    match inquiry {
        Inquiry::Location(location) | Inquiry::Missing { location, .. } => {
            vec![line(words, LineLabel::Number, location.as_str())]
        }
        Inquiry::HandlingUnit(unit) => vec![line(words, LineLabel::Number, unit.as_str())],
        Inquiry::Item(id) => {
            let mut lines = vec![
                line(words, LineLabel::Item, &names.item(id)),
                line(words, LineLabel::Number, id.as_str()),
            ];
            if let Some(item) = desk.catalogue.item(id) {
                lines.extend(item.codes.iter().map(|code| {
                    let text = format!("{} · {} = {} {}", code.code, code.unit, code.pack, item.unit);
                    line(words, LineLabel::Code, &text)
                }));
            }
            lines
        }
    }
}

/// A row of the answer: the place where an item was asked for, else the item.
fn told_row(inquiry: &Inquiry, row: &StockRow, words: &dyn Words, names: &Names<'_>) -> ViewLine {
    let mut text = match row.quantity {
        Some(quantity) => format!("{quantity} {}", names.unit(&row.item))
            .trim_end()
            .to_owned(),
        None => words.being_counted().to_owned(),
    };
    if let Some(lot) = &row.lot {
        text.push_str(&format!(" · {} {lot}", words.label(LineLabel::Lot)));
    }
    let (unit, location) = (row.handling_unit.as_deref(), row.location.as_deref());
    let label = match inquiry {
        Inquiry::Item(_) => match (location, unit) {
            (Some(location), Some(unit)) => format!("{location} · {unit}"),
            _ => row.place.clone(),
        },
        Inquiry::Location(_) | Inquiry::HandlingUnit(_) | Inquiry::Missing { .. } => names.item(&row.item),
    };
    let beside = match inquiry {
        Inquiry::Item(_) => None,
        Inquiry::Location(_) | Inquiry::Missing { .. } => unit,
        Inquiry::HandlingUnit(_) => location,
    };
    text.extend(beside.map(|beside| format!(" · {beside}")));
    ViewLine { label, text }
}
