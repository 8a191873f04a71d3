#![no_main]
//! Feeds the target `codes::bracketed`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::bracketed(input));
