#![no_main]
//! Feeds the target `codes::scan_text`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::scan_text(input));
