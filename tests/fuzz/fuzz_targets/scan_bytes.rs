#![no_main]
//! Feeds the target `codes::scan_bytes`.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::codes::scan_bytes(input));
