#![no_main]
//! Feeds the target `codes::site_pattern`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::site_pattern(input));
