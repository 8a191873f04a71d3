#![no_main]
//! Feeds the target `codes::label_repair`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::label_repair(input));
