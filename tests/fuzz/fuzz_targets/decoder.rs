#![no_main]
//! Feeds the target `drivers::decoder`; `TALLYMAN_DRIVER=zebra_ssi` keeps to one driver.

libfuzzer_sys::fuzz_target!(|input: &[u8]| tallyman_fuzz::drivers::decoder(input));
