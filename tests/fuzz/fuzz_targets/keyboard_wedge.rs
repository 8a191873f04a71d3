#![no_main]
//! Feeds the decoder of `keyboard_wedge`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::keyboard_wedge(input));
