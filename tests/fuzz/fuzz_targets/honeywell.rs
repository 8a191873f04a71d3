#![no_main]
//! Feeds the decoder of `honeywell`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::honeywell(input));
