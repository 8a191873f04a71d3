//! Two portals heard one tag: through which of them did it go?
//!
//! Neighbouring doors are three to four metres apart, and a strong portal hears the pallet of the next one. Before anything
//! is posted the two compare what they heard.

use tallyman_codes::EpcBytes;

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

/// What a portal heard of a tag and says of it, as its neighbour is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardAt {
    /// The strongest read, in hundredths of a dBm; `None` where the reader tells no strength.
    pub best_centi_dbm: Option<i16>,
    /// What it says.
    pub class: Class,
}

/// A tag of a portal's pass, as its neighbours are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardTag {
    /// The tag.
    pub epc: EpcBytes,
    /// What was heard of it.
    pub heard: HeardAt,
    /// Whether the pass goes on: it may be heard more strongly yet.
    pub goes_on: bool,
}

/// Compares what two portals heard of one tag and say of it. Each portal comes to the other's opposite.
pub fn settle(here: (&PassEvidence, PassSays), there: (&PassEvidence, PassSays), rules: &Rules) -> Settled {
    let heard = |(heard, says): (&PassEvidence, PassSays)| HeardAt {
        best_centi_dbm: heard.best(),
        class: says.class,
    };
    settle_heard(heard(here), heard(there), rules)
}

/// The same of what was told of both.
pub fn settle_heard(here: HeardAt, there: HeardAt, rules: &Rules) -> Settled {
    match (here.class, there.class) {
        (Class::Stray, Class::Stray) => Settled::Neither,
        (_, Class::Stray) => Settled::Here,
        (Class::Stray, _) => Settled::There,
        _ => {
            let Some((best_here, best_there)) = here.best_centi_dbm.zip(there.best_centi_dbm) else {
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
