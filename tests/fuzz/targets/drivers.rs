//! The decoders of the room `drivers`: every driver of the catalogue is a target, told by the first byte or by the
//! environment variable `TALLYMAN_DRIVER`.

use tallyman_codes::Moment;
use tallyman_drivers::{CATALOGUE, Driver, Output, Pump};

/// Feeds a decoder twice, cut differently, with silence at the same places. It never panics, and says the same.
pub fn decoder(input: &[u8]) {
    let [chosen, cut, input @ ..] = input else { return };
    let driver = match std::env::var("TALLYMAN_DRIVER") {
        Ok(name) => tallyman_drivers::driver(&name).expect("TALLYMAN_DRIVER names a driver"),
        Err(_) => &CATALOGUE[usize::from(*chosen) % CATALOGUE.len()],
    };
    let whole = outputs(driver, input, usize::MAX);
    let pieces = outputs(driver, input, 1 + usize::from(cut % 16));
    assert_eq!(whole, pieces, "{} depends on how the bytes are cut", driver.name);
    let garbage: u64 = whole
        .iter()
        .map(|output| match output {
            Output::Garbage { bytes, .. } => *bytes,
            _ => 0,
        })
        .sum();
    assert!(garbage <= input.len() as u64, "{} counts more garbage than bytes", driver.name);
}

/// A byte FE at the begin of a stretch of 64 bytes is half a second of silence before it.
fn outputs(driver: &Driver, input: &[u8], longest: usize) -> Vec<Output> {
    let mut pump = Pump::new(driver.decoder([]).expect("defaults are right"));
    let mut at = Moment::default();
    pump.opened(at);
    for stretch in input.chunks(64) {
        if stretch[0] == 0xFE {
            at = at.plus_ms(500);
        }
        for piece in stretch.chunks(longest.min(64)) {
            pump.push(piece, at);
        }
    }
    pump.finish();
    std::iter::from_fn(|| pump.take()).collect()
}
