//! What a scan says: symbology identifiers, GS1 element strings, Digital Links, EPCs, and the site's own codes.
//!
//! The room is pure: it reads no clock, does no I/O, writes no log, and is the same on device and hub. A driver
//! hands in a [`Read`]; [`understand`] makes a [`Scan`] of it, or a [`Refusal`] that names the field and says
//! what to do.

pub mod ai;
pub mod associations;
pub mod charset;
pub mod check_digit;
mod checks;
pub mod date;
pub mod element_string;
pub mod epc;
pub mod fault;
pub mod fields;
pub mod gtin;
mod lists;
pub mod read;
pub mod scan;
pub mod site;
pub mod symbology;
pub mod understand;

pub use read::{Barcode, DeviceName, Moment, Read, Seen, Tag};
pub use scan::{Element, Scan, ScanKind};
pub use site::{SiteCode, SiteCodeKind, SiteRule, SiteRules, SiteRulesError};
pub use symbology::SymbologyId;
pub use understand::{Refusal, Rules, understand, understand_text};
