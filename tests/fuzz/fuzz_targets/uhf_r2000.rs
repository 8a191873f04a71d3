#![no_main]
//! Feeds the decoder of `uhf_r2000`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::uhf_r2000(input));
