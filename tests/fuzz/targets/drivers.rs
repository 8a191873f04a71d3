//! The decoders of the room `drivers`: each driver of the catalogue is a target of its own.

use tallyman_codes::Moment;
use tallyman_drivers::{Driver, Output, Pump};

use crate::Target;

/// Makes a target of each driver, and the list of them.
macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        $(
            /// Feeds the decoder of the driver of this name.
            pub fn $name(input: &[u8]) {
                decoder(stringify!($name), input);
            }
        )+

        /// The targets, named as their drivers.
        pub const TARGETS: &[(&str, Target)] = &[$((stringify!($name), $name as Target)),+];
    };
}

targets!(
    plain_text,
    zebra_ssi,
    honeywell,
    datalogic,
    newland,
    hid_pos,
    keyboard_wedge,
    uhf_m100,
    uhf_r2000,
    uhf_chafon,
    llrp,
    thingmagic,
);

/// Feeds a decoder twice, cut differently, with silence at the same places. It never panics, and says the same. The first
/// byte says how it is cut.
fn decoder(name: &str, input: &[u8]) {
    let [cut, input @ ..] = input else { return };
    let driver = tallyman_drivers::driver(name).expect("each target is named as a driver");
    let whole = outputs(driver, input, usize::MAX);
    let pieces = outputs(driver, input, 1 + usize::from(cut % 16));
    assert_eq!(whole, pieces, "{name} depends on how the bytes are cut");
    let garbage: u64 = whole
        .iter()
        .map(|output| match output {
            Output::Garbage { bytes, .. } => *bytes,
            _ => 0,
        })
        .sum();
    assert!(garbage <= input.len() as u64, "{name} counts more garbage than bytes");
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
