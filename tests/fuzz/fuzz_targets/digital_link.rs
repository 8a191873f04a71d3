#![no_main]
//! Feeds the target `codes::digital_link`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::digital_link(input));
