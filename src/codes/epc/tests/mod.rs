//! Tests of the whole: worked examples, properties, and every way to break a tag.

mod broken;
mod docs;
mod examples;
mod identities;
mod memory;
mod properties;
mod values;
