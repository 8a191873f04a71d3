//! Taking a fact back: its entries are posted the other way round, its progress is taken off, and what waited for a
//! supervisor because of it waits no more. The journal keeps both.

use tallyman_floor::Act;
use tallyman_floor::wire::v1::ConfirmationBody;

use crate::ledger::units::Statement;

/// Whether a reversal repeats what it takes back. One that says something else takes nothing back: ledger and progress
/// would part.
pub(super) fn repeats(reversal: &ConfirmationBody, original: &ConfirmationBody) -> bool {
    let stated = reversal.reverses.as_ref().map(|reverses| reverses.act.as_str());
    let quantity = |body: &ConfirmationBody| body.goods.as_ref().map(|goods| goods.quantity_micro);
    original.act != Act::Reversed.word()
        && stated == Some(original.act.as_str())
        && reversal.task == original.task
        && reversal.line == original.line
        && quantity(reversal) == quantity(original)
        && Statement::of(reversal) == Statement::of(original)
}
