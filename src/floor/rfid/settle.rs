//! Two portals heard one tag: through which of them did it go?
//!
//! Neighbouring doors are three to four metres apart, and a strong portal hears the pallet of the next one. Before anything
//! is posted the two compare what they heard.

use super::class::Class;
use super::pass::PassSays;
use super::pass_evidence::PassEvidence;
use super::rules::Rules;

/// Whose tag it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It went through this portal; the other one drops it.
    Here,
    /// It went through the other portal; this one drops it.
    There,
    /// Neither can be sure: a barcode check at both.
    Undecided,
    /// Neither has it.
    Neither,
}

/// Compares what two portals heard of one tag and say of it. Each portal comes to the other's opposite.
pub fn settle(here: (&PassEvidence, PassSays), there: (&PassEvidence, PassSays), rules: &Rules) -> Settled {
    let ((heard_here, says_here), (heard_there, says_there)) = (here, there);
    match (says_here.class, says_there.class) {
        (Class::Stray, Class::Stray) => Settled::Neither,
        (_, Class::Stray) => Settled::Here,
        (Class::Stray, _) => Settled::There,
        _ => {
            let Some((best_here, best_there)) = heard_here.best().zip(heard_there.best()) else {
                return Settled::Undecided;
            };
            let apart = i32::from(best_here) - i32::from(best_there);
            if apart >= rules.settle_gap.max(1) {
                Settled::Here
            } else if -apart >= rules.settle_gap.max(1) {
                Settled::There
            } else {
                Settled::Undecided
            }
        }
    }
}
