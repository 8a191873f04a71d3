#![no_main]
//! Feeds the decoder of `newland`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::newland(input));
