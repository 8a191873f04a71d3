#![no_main]
//! Feeds the target `codes::epc`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::epc(input));
