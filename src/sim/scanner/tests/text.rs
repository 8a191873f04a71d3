//! The virtual text scanner against the driver `plain_text`.

use super::world::World;
use crate::scanner::{Manners, Scanner as _, ScannerKind, TextScanner, Travel};

#[test]
fn what_is_on_the_line_arrives_and_the_beep_is_its_own() {
    for (travel, arrivals) in [(Travel::Whole, 1), (Travel::Lost, 0), (Travel::Doubled, 2)] {
        let mut world = World::set_up("plain_text", TextScanner::new(Manners::good().code(0, travel)));
        world.scan("]C10109521101530001");
        world.run_ms(1_000);
        world.scan("NEXT");
        world.run_ms(1_000);
        let mut wanted = vec!["]C10109521101530001"; arrivals];
        wanted.push("NEXT");
        assert_eq!(world.texts(), wanted, "{travel:?}");
        assert_eq!(
            world.scanner.face().own_beeps(),
            2,
            "{travel:?}: it knows nothing of the verdict"
        );
    }
}

#[test]
fn every_kind_has_its_driver_and_can_be_made() {
    for kind in [ScannerKind::Text, ScannerKind::ZebraSsi, ScannerKind::Honeywell] {
        let (name, settings) = kind.driver();
        let driver = tallyman_drivers::driver(name).expect("a driver of the catalogue");
        driver.decoder(settings.iter().copied()).expect("its settings");
        assert_eq!(kind.filters_repeats(), driver.filters_repeats, "{kind:?}");
        let mut scanner = kind.make(Manners::good());
        scanner.power_off(Default::default());
        scanner.pull(Some(&crate::scanner::Label::of("X")), Default::default());
        assert_eq!(
            (scanner.said(Default::default()), scanner.tally().ignored),
            (None, 1),
            "{kind:?}"
        );
    }
}
