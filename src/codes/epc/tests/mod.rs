//! Tests of the whole: worked examples, properties, and every way to break a tag.

mod broken;
mod examples;
mod properties;
mod values;
