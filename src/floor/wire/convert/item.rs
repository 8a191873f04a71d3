//! Items, and the site's own codes.

use tallyman_codes::{SiteCodeKind, SiteRule, SiteRules};

use super::{ConvertError, positive, text};
use crate::ids::{ItemId, OwnerId, PictureId};
use crate::item::{Item, ItemCode, Tracking};
use crate::wire::v1::{ItemBody, ItemCodeBody, SiteRuleBody};

impl From<&Item> for ItemBody {
    fn from(item: &Item) -> Self {
        Self {
            id: item.id.to_string(),
            name: item.name.clone(),
            unit: item.unit.clone(),
            codes: item.codes.iter().map(ItemCodeBody::from).collect(),
            lot: item.tracking.lot,
            serial: item.tracking.serial,
            expiry: item.tracking.expiry,
            weight: item.tracking.weight,
            tag: item.tracking.tag,
            shelf_life_min_days: item.shelf_life_min_days,
            substitutes: item.substitutes.iter().map(ToString::to_string).collect(),
            owner: text(item.owner.as_ref()),
            picture: text(item.picture.as_ref()),
        }
    }
}

impl TryFrom<ItemBody> for Item {
    type Error = ConvertError;

    fn try_from(body: ItemBody) -> Result<Self, ConvertError> {
        let codes: Result<_, _> = body.codes.into_iter().map(ItemCode::try_from).collect();
        Ok(Self {
            id: ItemId::new(body.id),
            name: body.name,
            unit: body.unit,
            codes: codes?,
            tracking: Tracking {
                lot: body.lot,
                serial: body.serial,
                expiry: body.expiry,
                weight: body.weight,
                tag: body.tag,
            },
            shelf_life_min_days: body.shelf_life_min_days,
            substitutes: body.substitutes.into_iter().map(ItemId::new).collect(),
            owner: body.owner.map(OwnerId::new),
            // A name of another form is of a later version: the item is good without its picture.
            picture: body.picture.as_deref().and_then(PictureId::named),
        })
    }
}

impl From<&ItemCode> for ItemCodeBody {
    fn from(code: &ItemCode) -> Self {
        Self {
            code: code.code.clone(),
            unit: code.unit.clone(),
            pack_micro: code.pack.micro(),
        }
    }
}

impl TryFrom<ItemCodeBody> for ItemCode {
    type Error = ConvertError;

    fn try_from(body: ItemCodeBody) -> Result<Self, ConvertError> {
        Ok(Self {
            code: body.code,
            unit: body.unit,
            pack: positive("codes.pack_micro", body.pack_micro)?,
        })
    }
}

/// The kinds of site codes and their words on the wire.
const SITE_CODE_KINDS: [(SiteCodeKind, &str); 4] = [
    (SiteCodeKind::Location, "location"),
    (SiteCodeKind::Badge, "badge"),
    (SiteCodeKind::HandlingUnit, "handling_unit"),
    (SiteCodeKind::Command, "command"),
];

impl From<&SiteRule> for SiteRuleBody {
    fn from(rule: &SiteRule) -> Self {
        let word = SITE_CODE_KINDS.iter().find(|(kind, _)| *kind == rule.kind);
        Self {
            pattern: rule.pattern.clone(),
            kind: word.map_or("", |(_, word)| *word).to_owned(),
        }
    }
}

impl TryFrom<SiteRuleBody> for SiteRule {
    type Error = ConvertError;

    fn try_from(body: SiteRuleBody) -> Result<Self, ConvertError> {
        let known = SITE_CODE_KINDS.iter().find(|(_, word)| *word == body.kind);
        let (kind, _) = known.ok_or_else(|| ConvertError::word("site_rules.kind", &body.kind))?;
        Ok(Self {
            pattern: body.pattern,
            kind: *kind,
        })
    }
}

/// The site's own codes, checked and ready to use.
///
/// # Errors
/// A [`ConvertError`] for a word that is no kind, a pattern that cannot be read, or two that claim one code.
pub fn site_rules(bodies: impl IntoIterator<Item = SiteRuleBody>) -> Result<SiteRules, ConvertError> {
    let rules: Result<Vec<_>, _> = bodies.into_iter().map(SiteRule::try_from).collect();
    Ok(SiteRules::new(rules?)?)
}
