//! A code that no item has is linked on the spot: which item it is, how many are in one, and the piece goes on.
//!
//! Nothing leads here by chance: an unknown code is refused or asked about as ever, and only the exception key, pressed
//! right after it, asks what it is. The link is a fact of its own, written in one step with the piece.

use crate::confirmation::{Act, Draft, Goods, StockStatus};
use crate::ids::ItemId;
use crate::item::Item;
use crate::kinds::judge_of;
use crate::quantity::Quantity;
use crate::verdict::{Question, Reason, Verdict};

use super::Session;
use super::pull::{self, Code, Label};
use super::reporting::report_goods;
use super::stage::Piece;
use super::work::{Desk, Outcome, Work};

/// Characters of a code that can be linked: more than any label of an item has.
const LINKED_CODE_CHARS_MAX: usize = 90;

/// Why a piece whose code no item has is refused where such codes may be linked.
pub(crate) fn unknown(piece: &Piece) -> Reason {
    let code = piece.code.clone();
    match code.chars().count() <= LINKED_CODE_CHARS_MAX {
        true => Reason::LinkableCode { code },
        false => Reason::UnknownCode { code },
    }
}

/// The fact that links the code of a piece to its item.
pub(crate) fn link(work: &Work<'_>, piece: &Piece) -> Draft {
    let goods = Goods {
        item: piece.item.clone(),
        code: piece.code.clone(),
        quantity: piece.pack,
        unit: piece.unit.clone(),
        pack: piece.pack,
        lot: None,
        serials: Vec::new(),
        expiry: None,
        weight: None,
        handling_unit: None,
        status: StockStatus::Available,
        owner: piece.owner.clone(),
    };
    Draft {
        goods: Some(goods),
        raw: piece.raw.clone(),
        ..work.draft(Act::CodeLinked, None)
    }
}

/// What a typed text says of an item: one of its codes, or its number.
pub(super) fn item_typed(text: &str, desk: &Desk<'_>) -> Option<Piece> {
    if let Ok(seen) = pull::typed(text, desk)
        && let Code::Label(Label::Goods(piece)) = seen.code
        && piece.item.is_some()
    {
        return Some(piece);
    }
    let item = desk.catalogue.item(&ItemId::from(text))?;
    Some(Piece {
        item: Some(item.id.clone()),
        owner: item.owner.clone(),
        code: text.to_owned(),
        unit: item.unit.clone(),
        pack: Quantity::ONE,
        raw: Some(pull::typed_raw(text)),
        ..Piece::default()
    })
}

impl Session {
    /// The exception key right after a code that no item has: what is it?
    pub(super) fn ask_which_item_it_is(&mut self, piece: Piece, desk: &Desk<'_>) -> Outcome {
        if let Some(known) = meaning(&piece, desk) {
            return Outcome::reject(known);
        }
        let code = piece.code.clone();
        self.ask_about(Question::LinkItem { code }, piece)
    }

    /// The exception key with a question open: goods nobody knows are linked instead of recorded as found.
    pub(super) fn link_instead(&mut self, desk: &Desk<'_>) -> Outcome {
        let open = self.stage.open.clone();
        match open.map(|open| (open.question, open.piece)) {
            Some((Question::Found { .. }, Some(piece))) if piece.item.is_none() => match unknown(&piece) {
                Reason::LinkableCode { .. } => self.ask_which_item_it_is(piece, desk),
                _ => Outcome::reject(Reason::KeyUnused),
            },
            _ => Outcome::reject(Reason::KeyUnused),
        }
    }

    /// An item was scanned or typed as the answer to a question.
    pub(super) fn item_told(
        &mut self,
        question: &Question,
        piece: Piece,
        label: Piece,
        desk: &Desk<'_>,
    ) -> Outcome {
        let Some(item) = label.item.clone() else {
            return Outcome::quiet();
        };
        if let Question::LinkItem { code } = question {
            let code = code.clone();
            return self.ask_about(Question::LinkPack { code, item }, piece);
        }
        self.stage.drop_question();
        let Some(mut work) = self.work(desk) else {
            return Outcome::quiet();
        };
        let judge = judge_of(&work.task.kind);
        let unit = work.desk.catalogue.item(&item).map(|item| item.unit.clone());
        let named = Piece {
            unit: unit.unwrap_or_else(|| label.unit.clone()),
            pack: Quantity::ONE,
            times: None,
            reported: piece.reported,
            reason: piece.reason,
            ..label
        };
        report_goods(&mut work, judge, named)
    }

    /// How many one of it holds was told: the piece goes on, and its link with it.
    pub(super) fn link_pack(
        &mut self,
        item: &ItemId,
        pack: Quantity,
        piece: Piece,
        desk: &Desk<'_>,
    ) -> Outcome {
        if let Some(known) = meaning(&piece, desk) {
            self.stage.drop_question();
            return Outcome::reject(known);
        }
        let Some(item) = desk.catalogue.item(item) else {
            self.stage.drop_question();
            return Outcome::reject(unknown(&piece));
        };
        let linked = Piece {
            item: Some(item.id.clone()),
            owner: item.owner.clone(),
            unit: unit_of(&item, pack),
            pack,
            is_linked: true,
            ..piece
        };
        self.go_on(linked, desk)
    }

    fn ask_about(&mut self, question: Question, piece: Piece) -> Outcome {
        self.stage.ask(question.clone(), Some(piece));
        Outcome::of(Verdict::Ask(question))
    }
}

/// What a code means by now: another device may have linked it meanwhile.
fn meaning(piece: &Piece, desk: &Desk<'_>) -> Option<Reason> {
    let (item, known) = desk.catalogue.find_code(&piece.code)?;
    Some(Reason::CodeKnown {
        code: known.code,
        item: item.id.clone(),
    })
}

/// What the item's packaging of this size is called.
fn unit_of(item: &Item, pack: Quantity) -> String {
    let same = item.codes.iter().find(|code| code.pack == pack);
    match same {
        Some(code) => code.unit.clone(),
        None if pack == Quantity::ONE => item.unit.clone(),
        None => UNNAMED_PACK.to_owned(),
    }
}

/// What a packaging is called that the item had none of so far.
const UNNAMED_PACK: &str = "pack";
