//! Labels for what came without: of the goods in hand, or of a new pallet.

use crate::label::LabelOrder;
use crate::quantity::Quantity;
use crate::session::work::{Note, Outcome, Work};
use crate::verdict::{Reason, Where};

use super::in_hand;

/// Prints the label of the goods that were recorded last; with none in hand, begins a new pallet and prints its label.
#[allow(dead_code, reason = "the menu's entry")]
pub(crate) fn print_label(work: &mut Work<'_>) -> Outcome {
    match of_goods(work) {
        Some(label) => Outcome::quiet().with_note(Note::LabelOrdered).with_print(label),
        None => new_unit(work),
    }
}

/// The next pieces are on a new pallet, with a number of this device.
pub(super) fn new_unit(work: &mut Work<'_>) -> Outcome {
    let Some(unit) = work.desk.catalogue.next_handling_unit() else {
        return Outcome::reject(Reason::NoHandlingUnitNumber);
    };
    work.stage.unit = Some(unit.clone());
    let text = work.task.reference.clone();
    let label = LabelOrder::HandlingUnit {
        unit: unit.clone(),
        text,
    };
    Outcome::go(Where::Tote(unit.to_string())).with_print(label)
}

/// The label of the goods that were recorded last.
pub(super) fn of_goods(work: &Work<'_>) -> Option<LabelOrder> {
    let piece = in_hand(work);
    let item = work.desk.catalogue.item(piece.item.as_ref()?)?;
    let single = item.codes.iter().find(|code| code.pack == Quantity::ONE);
    let code = single.or_else(|| item.codes.first());
    Some(LabelOrder::Goods {
        item: item.id.clone(),
        name: item.name.clone(),
        code: code.map_or_else(|| item.id.to_string(), |code| code.code.clone()),
        lot: piece.lot,
        expiry: None,
    })
}
