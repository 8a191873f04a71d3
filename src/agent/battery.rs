//! How full the battery is, as the kernel says (Documentation/ABI/testing/sysfs-class-power).

use std::path::Path;

/// Where the kernel lists what gives power.
const SUPPLIES: &str = "/sys/class/power_supply";

/// How full this machine's battery is, 0 to 100; `None` where it has none, or cannot tell.
pub(crate) fn percent() -> Option<u8> {
    percent_in(Path::new(SUPPLIES))
}

/// Of several the emptiest: with that one the work ends.
fn percent_in(supplies: &Path) -> Option<u8> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .ok()
            .map(|text| text.trim().to_owned())
    };
    let supplies = std::fs::read_dir(supplies)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    // A mouse has a battery too, and is no part of the machine.
    let batteries = supplies.filter(|supply| {
        read(&supply.join("type")).as_deref() == Some("Battery")
            && read(&supply.join("scope")).as_deref() != Some("Device")
    });
    let levels = batteries.filter_map(|battery| read(&battery.join("capacity"))?.parse::<u8>().ok());
    levels.map(|level| level.min(100)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emptiest_battery_of_the_machine_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(percent_in(folder.path()), None);
        for (name, kind, scope, capacity) in [
            ("ac", "Mains", "", "0"),
            ("mouse", "Battery", "Device", "3"),
            ("bat0", "Battery", "System", "101"),
            ("bat1", "Battery", "", "64"),
            ("bat2", "Battery", "", "unknown"),
        ] {
            let supply = folder.path().join(name);
            std::fs::create_dir(&supply).unwrap();
            for (file, text) in [("type", kind), ("scope", scope), ("capacity", capacity)] {
                if !text.is_empty() {
                    std::fs::write(supply.join(file), format!("{text}\n")).unwrap();
                }
            }
        }
        assert_eq!(percent_in(folder.path()), Some(64));
    }
}
