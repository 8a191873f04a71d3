//! What a scan says: symbology identifiers, GS1 element strings, Digital Links, EPCs, and the site's own codes.
//!
//! The room is pure: it reads no clock, does no I/O, writes no log, and is the same on device and hub. A driver
//! hands in a [`Read`]; [`understand()`] makes a [`Scan`] of it, or a [`Refusal`] that names the field and says
//! what to do.

pub mod ai;
pub mod amount;
pub mod antennas;
pub mod associations;
pub mod bars;
pub mod bracketed;
pub mod charset;
pub mod check_digit;
mod checks;
pub mod code_id;
mod coupon;
pub mod date;
pub mod digital_link;
mod ean;
mod eci;
pub mod element_string;
pub mod epc;
pub mod fault;
pub mod fields;
pub mod gs_alias;
pub mod gtin;
pub mod in_house;
pub mod keys;
mod lists;
mod pieces;
pub mod read;
mod refusal;
pub mod repair;
mod rules;
pub mod scan;
pub mod sighting;
pub mod site;
pub mod symbology;
pub mod tag;
pub mod tag_table;
pub mod understand;

pub use antennas::{ANTENNAS_MAX, Antennas};
pub use bars::Bars;
pub use read::{Barcode, DeviceName, Moment, Read, Seen};
pub use refusal::Refusal;
pub use rules::{Rules, Settings};
pub use scan::{Confidence, Element, Scan, ScanKind, Warning};
pub use sighting::{RawStrength, ReaderTimes, Sighting, Strength};
pub use site::{SiteCode, SiteCodeKind, SiteRule, SiteRules, SiteRulesError};
pub use symbology::{Symbology, SymbologyId};
pub use tag::{EPC_BYTES_MAX, EpcBytes, Tag, gen2_crc};
pub use tag_table::{OfTag, TagTable};
pub use understand::{
    understand, understand_bracketed, understand_element_string, understand_text, understand_uri,
};

#[cfg(test)]
mod tests;
