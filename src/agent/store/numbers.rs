//! Leased numbers in the store: one row, changed together with what uses a number up.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tallyman_floor::wire::v1::NumberBlockBody;
use tallyman_floor::{Draft, HandlingUnitId, NumberBlock, NumberKind, Place};

use crate::seams::{HeldBlock, HeldNumbers};

use super::mark_rows::{self, Name};
use super::trouble::Trouble;

/// The stored form.
#[derive(Debug, Default, Serialize, Deserialize)]
struct NumbersForm {
    blocks: Vec<BlockForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asked: Vec<AskedForm>,
}

#[derive(Debug, Serialize, Deserialize)]
struct BlockForm {
    block: NumberBlockBody,
    next: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct AskedForm {
    kind: String,
    key: String,
}

/// What is held. A row that is damaged holds nothing: its numbers are never given, and others are leased.
pub(super) fn read(connection: &Connection) -> Result<HeldNumbers, Trouble> {
    let form = match mark_rows::get_form::<NumbersForm>(connection, Name::Numbers) {
        Err(Trouble::Refused(error)) => {
            tracing::error!(%error, "the numbers leased to this device are lost");
            None
        }
        form => form?,
    };
    Ok(form.map(held).unwrap_or_default())
}

fn held(form: NumbersForm) -> HeldNumbers {
    let block = |form: BlockForm| {
        let block = NumberBlock::try_from(&form.block).ok()?;
        // A next number before the first one is damage: then none is left.
        let next = if form.next < block.first {
            block.last + 1
        } else {
            form.next
        };
        Some(HeldBlock { block, next })
    };
    let asked = |form: AskedForm| Some((NumberKind::of_word(&form.kind)?, form.key));
    HeldNumbers {
        blocks: form.blocks.into_iter().filter_map(block).collect(),
        asked: form.asked.into_iter().filter_map(asked).collect(),
    }
}

fn write(connection: &Connection, held: &HeldNumbers) -> Result<(), Trouble> {
    let form = NumbersForm {
        blocks: held
            .blocks
            .iter()
            .map(|held| BlockForm {
                block: NumberBlockBody::from(&held.block),
                next: held.next,
            })
            .collect(),
        asked: held
            .asked
            .iter()
            .map(|(kind, key)| AskedForm {
                kind: kind.word().to_owned(),
                key: key.clone(),
            })
            .collect(),
    };
    mark_rows::put_form(connection, Name::Numbers, &form)
}

/// Uses up the numbers that these confirmations give for the first time.
pub(super) fn spend(connection: &Connection, drafts: &[Draft]) -> Result<(), Trouble> {
    if drafts.iter().all(|draft| units_of(draft).next().is_none()) {
        return Ok(());
    }
    let mut held = read(connection)?;
    let mut is_changed = false;
    for unit in drafts.iter().flat_map(units_of) {
        is_changed |= held.spend(unit.as_str());
    }
    if is_changed {
        write(connection, &held)
    } else {
        Ok(())
    }
}

/// The handling units that a confirmation fills or closes.
fn units_of(draft: &Draft) -> impl Iterator<Item = &HandlingUnitId> {
    let goods = draft
        .goods
        .as_ref()
        .and_then(|goods| goods.handling_unit.as_ref());
    let places = [&draft.from, &draft.to]
        .into_iter()
        .filter_map(|place| match place {
            Some(Place::HandlingUnit(unit)) => Some(unit),
            _ => None,
        });
    goods.into_iter().chain(places)
}

/// See [`crate::seams::NumberStore::ask_numbers`].
pub(super) fn ask(connection: &Connection, kind: NumberKind, fresh: String) -> Result<String, Trouble> {
    let mut held = read(connection)?;
    if let Some((_, key)) = held.asked.iter().find(|(asked, _)| *asked == kind) {
        return Ok(key.clone());
    }
    held.asked.push((kind, fresh.clone()));
    write(connection, &held)?;
    Ok(fresh)
}

/// See [`crate::seams::NumberStore::keep_numbers`].
pub(super) fn keep(connection: &Connection, key: &str, blocks: Vec<NumberBlock>) -> Result<(), Trouble> {
    let mut held = read(connection)?;
    let Some(place) = held.asked.iter().position(|(_, asked)| asked == key) else {
        return Ok(());
    };
    held.asked.remove(place);
    held.add(blocks);
    write(connection, &held)
}

/// Gives none of the numbers that are held any more: this store may be an older copy of one that went on.
pub(super) fn burn(connection: &Connection) -> Result<(), Trouble> {
    let mut held = read(connection)?;
    if held == HeldNumbers::default() {
        return Ok(());
    }
    held.burn();
    write(connection, &held)
}

/// Forgets everything: another device has other numbers.
pub(super) fn forget(connection: &Connection) -> Result<(), Trouble> {
    write(connection, &HeldNumbers::default())
}
