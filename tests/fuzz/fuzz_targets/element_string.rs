#![no_main]
//! Feeds the target `codes::element_string`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::element_string(input));
