//! Codes that were linked to items on this device, and are not among the hub's codes yet.
//!
//! They follow from the journal as progress does. What the hub says of a code outweighs them; they are forgotten with
//! the records that made them, a week after the hub has those safe.

use std::collections::HashMap;

use tallyman_floor::wire::v1::{ConfirmationBody, GoodsBody};
use tallyman_floor::{Act, Draft, ItemCode, ItemId, Quantity};

/// Codes and what they were linked to, the newest link last: undo takes that one.
#[derive(Debug, Default)]
pub(super) struct Links {
    by_code: HashMap<String, Vec<Link>>,
}

/// The item of a code, and what one scan of it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    item: ItemId,
    unit: String,
    pack: Quantity,
}

impl Links {
    /// Follows a confirmation that was committed just now.
    pub(super) fn add(&mut self, draft: &Draft) {
        let (act, forward) = draft.progress_act();
        let Some(goods) = draft.goods.as_ref().filter(|_| act == Act::CodeLinked) else {
            return;
        };
        if let Some(item) = goods.item.clone() {
            let (unit, pack) = (goods.unit.clone(), goods.pack);
            self.follow(&goods.code, Link { item, unit, pack }, forward);
        }
    }

    /// Follows a confirmation as the journal has it.
    pub(super) fn add_body(&mut self, body: &ConfirmationBody) {
        let (word, forward) = match &body.reverses {
            Some(reverses) => (reverses.act.as_str(), false),
            None => (body.act.as_str(), true),
        };
        if word != Act::CodeLinked.word() {
            return;
        }
        if let Some((code, link)) = body.goods.as_ref().and_then(link_of) {
            self.follow(code, link, forward);
        }
    }

    fn follow(&mut self, code: &str, link: Link, forward: bool) {
        let links = self.by_code.entry(code.to_owned()).or_default();
        if forward {
            links.push(link);
        } else if let Some(place) = links.iter().rposition(|known| *known == link) {
            links.remove(place);
        }
        if links.is_empty() {
            self.by_code.remove(code);
        }
    }

    /// The item a code was linked to here, and what one scan of it stands for.
    pub(super) fn find(&self, code: &str) -> Option<(ItemId, ItemCode)> {
        let link = self.by_code.get(code)?.last()?;
        let known = ItemCode {
            code: code.to_owned(),
            unit: link.unit.clone(),
            pack: link.pack,
        };
        Some((link.item.clone(), known))
    }
}

fn link_of(goods: &GoodsBody) -> Option<(&str, Link)> {
    let link = Link {
        item: ItemId::new(goods.item.clone()?),
        unit: goods.unit.clone(),
        pack: Quantity::from_micro(goods.pack_micro),
    };
    link.pack.is_positive().then_some((goods.code.as_str(), link))
}
