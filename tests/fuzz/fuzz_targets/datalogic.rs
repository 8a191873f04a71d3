#![no_main]
//! Feeds the decoder of `datalogic`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::datalogic(input));
