//! EPCs: what the memory of an RFID tag means, and how to write it (GS1 EPC Tag Data Standard 1.13 and 2.3).
//!
//! [`decode`] reads the bits behind CRC and PC word into an [`Epc`]: scheme, filter, the name of the object and
//! its GS1 key. Texts (URIs, keys) are made only when they are asked for. [`decode_96`] is the fast way for
//! portals: the GS1 keys of 96-bit tags without an allocation.
//!
//! Where the bits came from does not matter, and no input panics: what cannot be read is a
//! [`Refusal`](crate::Refusal) whose `at` is the bit of the EPC, counted from 0 (the first bit of the header);
//! a quarter of it is the character of the EPC's hexadecimal text.

mod bits;
mod build;
mod classic;
mod classic_fields;
mod classic_write;
mod decimal;
mod encoding;
mod fault;
mod filter;
mod hostname;
mod hostname_table;
mod identity;
mod key96;
mod key_read;
mod keys;
mod memory;
mod partition;
mod pc;
mod plus;
mod plus_write;
mod scheme;
mod tag;
mod text;
mod uri;
mod uri_read;
mod value;
mod value_read;
mod value_table;
mod value_write;

#[cfg(test)]
mod tests;

pub use fault::Warning;
pub use identity::Identity;
pub use key96::{Key96, KeyFault, decode_96};
pub use memory::EPC_BITS_MAX;
pub use pc::Pc;
pub use plus_write::encode;
pub use scheme::names as scheme_names;
pub use tag::{Epc, decode, raw_uri};
