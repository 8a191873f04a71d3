//! What neighbouring portals heard of one tag is compared before anything of a pass is recorded.

use std::collections::HashMap;

use tallyman_codes::EpcBytes;
use tallyman_floor::rfid::{
    Class, Direction, HeardAt, HeardTag, Pass, PassEvidence, PassJudged, Rules, Settled, settle_heard,
};
use tallyman_floor::{Announced, SweepFigures, Swept, SweptTag};

use crate::seams::neighbours::Heard;

/// What one neighbour heard.
#[derive(Debug, Default)]
pub(super) struct Other {
    tags: HashMap<EpcBytes, HeardTag>,
    /// Whether it has told all that it heard. Of one that is silent, nothing is known.
    knows_all: bool,
}

impl Other {
    /// What a neighbour on this device heard in a pass.
    pub fn of(pass: &Pass, announced: &Announced, goes_on: bool) -> Self {
        Self::of_tags(heard_tags(pass, announced, goes_on), true)
    }

    /// What a neighbour on another device says that it heard.
    pub fn told(heard: Heard) -> Self {
        Self::of_tags(heard.tags, heard.knows_all)
    }

    /// A neighbour that does not answer.
    pub fn silent() -> Self {
        Self::default()
    }

    fn of_tags(tags: Vec<HeardTag>, knows_all: bool) -> Self {
        let tags = tags.into_iter().map(|tag| (tag.epc, tag)).collect();
        Self { tags, knows_all }
    }

    /// Whether it has told all that it heard.
    pub const fn knows_all(&self) -> bool {
        self.knows_all
    }

    /// How sure a tag is here, when this neighbour is asked.
    fn says(&self, epc: &EpcBytes, here: HeardAt, rules: &Rules) -> Class {
        let class = match self.tags.get(epc) {
            _ if here.class == Class::Stray => Class::Stray,
            None => here.class,
            // It may hear more of it yet.
            Some(there) if there.goes_on => Class::Maybe,
            Some(there) => match settle_heard(here, there.heard, rules) {
                Settled::Here => here.class,
                Settled::There | Settled::Neither => Class::Stray,
                Settled::Undecided => Class::Maybe,
            },
        };
        match self.knows_all {
            true => class,
            false => class.min(Class::Maybe),
        }
    }
}

/// The tags of a pass that are not strays, as neighbours are told of them.
pub(super) fn heard_tags(pass: &Pass, announced: &Announced, goes_on: bool) -> Vec<HeardTag> {
    let judged = judged(pass, announced);
    let tags = pass.tags().zip(&judged.tags);
    let heard = tags.filter(|(tag, says)| tag.reads > 0 && says.class != Class::Stray);
    heard
        .map(|(tag, says)| HeardTag {
            epc: tag.epc,
            heard: HeardAt {
                best_centi_dbm: tag.best(),
                class: says.class,
            },
            goes_on,
        })
        .collect()
}

fn judged(pass: &Pass, announced: &Announced) -> PassJudged {
    let pcs: HashMap<EpcBytes, u16> = pass.tags().map(|tag| (tag.epc, tag.pc)).collect();
    pass.judge(|epc| {
        let pc = pcs.get(epc).copied().filter(|pc| *pc != 0);
        announced.knows(epc, pc)
    })
}

/// The tags of a pass, with what its neighbours heard taken into account, and which way they went.
pub(super) fn settled<'a>(
    pass: &Pass,
    announced: &Announced,
    others: impl Iterator<Item = &'a Other> + Clone,
    rules: &Rules,
) -> (Swept, Option<Direction>) {
    let judged = judged(pass, announced);
    let tag_of = |(tag, class): (&PassEvidence, Class)| {
        let here = HeardAt {
            best_centi_dbm: tag.best(),
            class,
        };
        let others = others.clone().map(|other| other.says(&tag.epc, here, rules));
        SweptTag {
            epc: tag.epc,
            epc_bits: None,
            pc: Some(tag.pc).filter(|pc| *pc != 0),
            class: others.min().unwrap_or(class),
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
