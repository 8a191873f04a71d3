//! Tests of the whole: worked examples, properties, and every way to break a tag.

mod examples;
