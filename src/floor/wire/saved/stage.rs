//! Where a worker stands in the work, as it is stored.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::confirmation::{ExceptionCode, RawScan};
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, TaskId};
use crate::quantity::Quantity;
use crate::session::stage::{Open, Piece, Stage, Tally};
use crate::verdict::Question;
use crate::wire::convert::ConvertError;
use crate::wire::v1::RawScanBody;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct StageForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counted: Vec<(String, i64)>,
    #[serde(skip_serializing_if = "is_false")]
    counted_newest: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<PieceForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<OpenForm>,
    #[serde(skip_serializing_if = "String::is_empty")]
    typed: String,
    #[serde(skip_serializing_if = "is_false")]
    typing: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<u32>,
    #[serde(skip_serializing_if = "is_false")]
    take_over: bool,
}

/// Whether a member can be left out.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[derive(Serialize, Deserialize)]
struct OpenForm {
    question: QuestionForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    piece: Option<PieceForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum QuestionForm {
    Quantity {
        item: String,
        proposed_micro: Option<i64>,
    },
    Lot {
        item: String,
    },
    Expiry {
        item: String,
    },
    Serial {
        item: String,
    },
    Over {
        item: String,
        by_micro: i64,
    },
    ShortReason {
        missing_micro: i64,
    },
    Empty {
        location: String,
    },
    CountComplete {
        location: String,
    },
    EndTask {
        open_lines: usize,
    },
    Found {
        code: String,
    },
    TakeOver {
        task: String,
        holder: String,
        silent_minutes: Option<u32>,
    },
    MaybeDone {
        line: u32,
        holder: String,
    },
    TwoInView {
        seen: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
struct PieceForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    code: String,
    unit: String,
    pack_micro: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lot: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiry: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit_on_label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantity_micro: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agreed: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw: Option<RawScanBody>,
}

fn text<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

impl From<&Stage> for StageForm {
    fn from(stage: &Stage) -> Self {
        let counted = stage.tally.counted.iter();
        Self {
            task: text(stage.task.as_ref()),
            line: stage.line.map(|line| line.0),
            location: text(stage.location.as_ref()),
            unit: text(stage.unit.as_ref()),
            counted: counted
                .map(|(item, quantity)| (item.to_string(), quantity.micro()))
                .collect(),
            counted_newest: stage.tally.has_newest,
            last: stage.last.as_ref().map(PieceForm::from),
            open: stage.open.as_ref().map(OpenForm::from),
            typed: stage.typed.clone(),
            typing: stage.typing,
            settled: stage.settled.iter().map(|line| line.0).collect(),
            take_over: stage.take_over,
        }
    }
}

impl TryFrom<StageForm> for Stage {
    type Error = ConvertError;

    fn try_from(form: StageForm) -> Result<Self, ConvertError> {
        let counted = form.counted.into_iter();
        let counted = counted.map(|(item, micro)| (ItemId::new(item), Quantity::from_micro(micro)));
        Ok(Self {
            task: form.task.map(TaskId::new),
            line: form.line.map(LineNumber),
            location: form.location.map(LocationId::new),
            unit: form.unit.map(HandlingUnitId::new),
            tally: Tally {
                counted: counted.collect(),
                has_newest: form.counted_newest,
            },
            last: form.last.map(Piece::try_from).transpose()?,
            open: form.open.map(Open::try_from).transpose()?,
            typed: form.typed,
            typing: form.typing,
            settled: form.settled.into_iter().map(LineNumber).collect(),
            take_over: form.take_over,
        })
    }
}

impl From<&Open> for OpenForm {
    fn from(open: &Open) -> Self {
        Self {
            question: QuestionForm::from(&open.question),
            piece: open.piece.as_ref().map(PieceForm::from),
        }
    }
}

impl TryFrom<OpenForm> for Open {
    type Error = ConvertError;

    fn try_from(form: OpenForm) -> Result<Self, ConvertError> {
        Ok(Self {
            question: Question::from(form.question),
            piece: form.piece.map(Piece::try_from).transpose()?,
        })
    }
}

impl From<&Question> for QuestionForm {
    fn from(question: &Question) -> Self {
        let item = |item: &ItemId| item.to_string();
        match question {
            Question::Quantity { item: of, proposed } => Self::Quantity {
                item: item(of),
                proposed_micro: proposed.map(Quantity::micro),
            },
            Question::Lot { item: of } => Self::Lot { item: item(of) },
            Question::Expiry { item: of } => Self::Expiry { item: item(of) },
            Question::Serial { item: of } => Self::Serial { item: item(of) },
            Question::Over { item: of, by } => Self::Over {
                item: item(of),
                by_micro: by.micro(),
            },
            Question::ShortReason { missing } => Self::ShortReason {
                missing_micro: missing.micro(),
            },
            Question::Empty { location } => Self::Empty {
                location: location.to_string(),
            },
            Question::CountComplete { location } => Self::CountComplete {
                location: location.to_string(),
            },
            Question::EndTask { open_lines } => Self::EndTask {
                open_lines: *open_lines,
            },
            Question::Found { code } => Self::Found { code: code.clone() },
            Question::TakeOver {
                task,
                holder,
                silent_minutes,
            } => Self::TakeOver {
                task: task.to_string(),
                holder: holder.clone(),
                silent_minutes: *silent_minutes,
            },
            Question::MaybeDone { line, holder } => Self::MaybeDone {
                line: line.0,
                holder: holder.clone(),
            },
            Question::TwoInView { seen } => Self::TwoInView { seen: seen.clone() },
        }
    }
}

impl From<QuestionForm> for Question {
    fn from(form: QuestionForm) -> Self {
        match form {
            QuestionForm::Quantity { item, proposed_micro } => Self::Quantity {
                item: ItemId::new(item),
                proposed: proposed_micro.map(Quantity::from_micro),
            },
            QuestionForm::Lot { item } => Self::Lot {
                item: ItemId::new(item),
            },
            QuestionForm::Expiry { item } => Self::Expiry {
                item: ItemId::new(item),
            },
            QuestionForm::Serial { item } => Self::Serial {
                item: ItemId::new(item),
            },
            QuestionForm::Over { item, by_micro } => Self::Over {
                item: ItemId::new(item),
                by: Quantity::from_micro(by_micro),
            },
            QuestionForm::ShortReason { missing_micro } => Self::ShortReason {
                missing: Quantity::from_micro(missing_micro),
            },
            QuestionForm::Empty { location } => Self::Empty {
                location: LocationId::new(location),
            },
            QuestionForm::CountComplete { location } => Self::CountComplete {
                location: LocationId::new(location),
            },
            QuestionForm::EndTask { open_lines } => Self::EndTask { open_lines },
            QuestionForm::Found { code } => Self::Found { code },
            QuestionForm::TakeOver {
                task,
                holder,
                silent_minutes,
            } => Self::TakeOver {
                task: TaskId::new(task),
                holder,
                silent_minutes,
            },
            QuestionForm::MaybeDone { line, holder } => Self::MaybeDone {
                line: LineNumber(line),
                holder,
            },
            QuestionForm::TwoInView { seen } => Self::TwoInView { seen },
        }
    }
}

impl From<&Piece> for PieceForm {
    fn from(piece: &Piece) -> Self {
        Self {
            item: text(piece.item.as_ref()),
            code: piece.code.clone(),
            unit: piece.unit.clone(),
            pack_micro: piece.pack.micro(),
            times: piece.times,
            lot: piece.lot.clone(),
            serial: piece.serial.clone(),
            expiry: piece.expiry,
            unit_on_label: text(piece.unit_on_label.as_ref()),
            owner: text(piece.owner.as_ref()),
            line: piece.line.map(|line| line.0),
            quantity_micro: piece.quantity.map(Quantity::micro),
            agreed: piece.agreed.map(|code| code.word().to_owned()),
            raw: piece.raw.as_ref().map(RawScanBody::from),
        }
    }
}

impl TryFrom<PieceForm> for Piece {
    type Error = ConvertError;

    fn try_from(form: PieceForm) -> Result<Self, ConvertError> {
        let agreed = form
            .agreed
            .map(|word| ExceptionCode::of_word(&word).ok_or_else(|| ConvertError::word("agreed", &word)));
        Ok(Self {
            item: form.item.map(ItemId::new),
            code: form.code,
            unit: form.unit,
            pack: Quantity::from_micro(form.pack_micro),
            times: form.times,
            lot: form.lot,
            serial: form.serial,
            expiry: form.expiry,
            unit_on_label: form.unit_on_label.map(HandlingUnitId::new),
            owner: form.owner.map(OwnerId::new),
            line: form.line.map(LineNumber),
            quantity: form.quantity_micro.map(Quantity::from_micro),
            agreed: agreed.transpose()?,
            raw: form.raw.map(RawScan::try_from).transpose()?,
        })
    }
}
