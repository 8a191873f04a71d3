#![no_main]
//! Feeds the decoder of `uhf_chafon`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::uhf_chafon(input));
