//! What neighbouring portals heard of one tag is compared before anything of a pass is recorded.

use std::collections::HashMap;

use tallyman_codes::EpcBytes;
use tallyman_floor::rfid::{
    Class, Direction, HeardAt, Pass, PassEvidence, PassJudged, Rules, Settled, settle_heard,
};
use tallyman_floor::{Announced, SweepFigures, Swept, SweptTag};

/// What one neighbour heard.
pub(super) struct Other {
    tags: HashMap<EpcBytes, HeardAt>,
    /// Whether its pass is over: what it says of a tag stays so.
    is_over: bool,
}

impl Other {
    /// What a neighbour on this device heard.
    pub fn of(pass: &Pass, announced: &Announced, is_over: bool) -> Self {
        let judged = judged(pass, announced);
        let heard = pass.tags().zip(&judged.tags).filter(|(tag, _)| tag.reads > 0);
        let tags = heard.map(|(tag, says)| {
            let heard = HeardAt {
                best_centi_dbm: tag.best(),
                class: says.class,
            };
            (tag.epc, heard)
        });
        Self {
            tags: tags.collect(),
            is_over,
        }
    }

    /// How sure a tag is here, when this neighbour is asked.
    fn says(&self, epc: &EpcBytes, here: HeardAt, rules: &Rules) -> Class {
        let Some(there) = self.tags.get(epc) else {
            return here.class;
        };
        match (here.class, self.is_over) {
            (Class::Stray, _) => Class::Stray,
            // It may hear more of it yet.
            (_, false) => Class::Maybe,
            (class, true) => match settle_heard(here, *there, rules) {
                Settled::Here => class,
                Settled::There | Settled::Neither => Class::Stray,
                Settled::Undecided => Class::Maybe,
            },
        }
    }
}

fn judged(pass: &Pass, announced: &Announced) -> PassJudged {
    let pcs: HashMap<EpcBytes, u16> = pass.tags().map(|tag| (tag.epc, tag.pc)).collect();
    pass.judge(|epc| {
        let pc = pcs.get(epc).copied().filter(|pc| *pc != 0);
        announced.knows(epc, pc)
    })
}

/// The tags of a pass, with what its neighbours heard taken into account, and which way they went.
pub(super) fn settled(
    pass: &Pass,
    announced: &Announced,
    others: &[Other],
    rules: &Rules,
) -> (Swept, Option<Direction>) {
    let judged = judged(pass, announced);
    let tag_of = |(tag, class): (&PassEvidence, Class)| {
        let here = HeardAt {
            best_centi_dbm: tag.best(),
            class,
        };
        let class = others
            .iter()
            .map(|other| other.says(&tag.epc, here, rules))
            .min()
            .unwrap_or(class);
        SweptTag {
            epc: tag.epc,
            epc_bits: None,
            pc: Some(tag.pc).filter(|pc| *pc != 0),
            class,
        }
    };
    let classes = judged.tags.iter().map(|says| says.class);
    let heard = pass.tags().zip(classes).filter(|(tag, _)| tag.reads > 0);
    let tags: Vec<SweptTag> = heard.map(tag_of).collect();
    let count = |class| {
        let of_class = tags.iter().filter(|tag| tag.class == class).count();
        u32::try_from(of_class).unwrap_or(u32::MAX)
    };
    let figures = SweepFigures {
        sure: count(Class::Sure),
        maybe: count(Class::Maybe),
        stray: count(Class::Stray),
        kept: u32::try_from(tags.len()).unwrap_or(u32::MAX),
        is_done: true,
    };
    let tags = tags.into();
    (Swept { figures, tags }, judged.summary.direction)
}
