#![no_main]
//! Feeds the decoder of `uhf_m100`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::uhf_m100(input));
