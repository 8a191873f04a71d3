#![no_main]
//! Feeds the decoder of `zebra_ssi`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::zebra_ssi(input));
