#![no_main]
//! Feeds the decoder of `plain_text`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::plain_text(input));
