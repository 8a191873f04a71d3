#![no_main]
//! Feeds the decoder of `llrp`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::llrp(input));
