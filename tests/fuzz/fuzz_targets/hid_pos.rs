#![no_main]
//! Feeds the decoder of `hid_pos`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::hid_pos(input));
