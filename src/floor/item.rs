//! What a site stocks: items, the codes printed on them, and what has to be recorded of each piece.

use crate::ids::{ItemId, OwnerId, PictureId};
use crate::quantity::Quantity;

/// An article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The article number.
    pub id: ItemId,
    /// What people call it.
    pub name: String,
    /// The name of the base unit, as `each` or `kg`.
    pub unit: String,
    /// The codes that mean this item, with what one scan of each stands for.
    pub codes: Vec<ItemCode>,
    /// What has to be recorded besides the quantity.
    pub tracking: Tracking,
    /// Days that must be left before the expiry date when it comes in, where the site wants some.
    pub shelf_life_min_days: Option<u32>,
    /// Items that may be given in its place, the best first.
    pub substitutes: Vec<ItemId>,
    /// Whose it is, where the site keeps stock for several owners.
    pub owner: Option<OwnerId>,
    /// What it looks like, where the hub has a picture of it.
    pub picture: Option<PictureId>,
}

/// A code on an item or its packaging, and what one scan of it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemCode {
    /// A GTIN in 14 digits, or any other text a label carries.
    pub code: String,
    /// The name of the packaging, as `each`, `inner`, `case`, `pallet`.
    pub unit: String,
    /// Base units in one of it, more than none.
    pub pack: Quantity,
}

/// What has to be recorded of an item besides its quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tracking {
    /// The batch or lot.
    pub lot: bool,
    /// The serial number of every piece.
    pub serial: bool,
    /// The expiry or best-before date.
    pub expiry: bool,
    /// The net weight of what is moved, because no two pieces weigh the same (catch weight).
    pub weight: bool,
    /// Nothing, for each piece carries an RFID tag: it is counted by that, and its barcode asks whether the tag is missing.
    pub tag: bool,
}
