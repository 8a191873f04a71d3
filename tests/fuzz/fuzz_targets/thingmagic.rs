#![no_main]
//! Feeds the decoder of `thingmagic`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::thingmagic(input));
