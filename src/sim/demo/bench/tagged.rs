//! What lies on the bench where goods carry tags: beside a swept bay, and at the door with the portal.

use super::{Bench, Group, Label, cards, is_complete};
use crate::demo::desk::Shown;
use crate::heard::Screen;
use crate::warehouse::TaggedZone;

/// A count by RFID: the reader begins by itself in each bay.
pub(super) fn sweeping(bench: &mut Bench, zone: &TaggedZone, shown: &Shown) {
    let screen = &shown.screen;
    let is_going = |location: &str| screen.big.as_ref().is_some_and(|big| big.text == location);
    let bays = zone.bays.iter().map(|bay| {
        let code = format!("]C0LOC-{}", bay.location);
        Label::new(code, &bay.location, "bay").next_if(is_going(&bay.location))
    });
    let is_at_one = zone.bays.iter().any(|bay| is_going(&bay.location));
    // On the way to the next bay there is none to scan.
    let here = shown.bay.filter(|_| !is_at_one && !is_complete(screen));
    let here = here.and_then(|bay| zone.bays.get(bay));
    let jackets = here.into_iter().flat_map(|bay| {
        let label = |serial: &u64| Label::new(zone.label(*serial), serial.to_string(), zone.article_name());
        bay.there.iter().map(label)
    });
    bench.groups = vec![
        Group {
            title: "Bays",
            labels: bays.collect(),
        },
        Group {
            title: "Jackets",
            labels: jackets.collect(),
        },
        cards(),
    ];
    bench.hint = if is_complete(screen) {
        bench.next_key = Some("done");
        "Every bay is counted. Press Done.".to_owned()
    } else if is_at_one {
        "Go to the bay and scan it. The reader in Cleo's hand begins by itself: these goods are known to carry tags.".to_owned()
    } else if screen.instruction.contains("Done") || screen.instruction.contains("Scan labels") {
        bench.next_key = Some("done");
        "Press Done. Jackets that may hang in the next bay are asked about: scan their labels, or close the bay without them.".to_owned()
    } else {
        "Cleo moves the reader along the jackets. Wait until the device says that nothing new comes; or pull the battery: what is safe \
         stays."
            .to_owned()
    };
}

/// A delivery by the dock's portal.
pub(super) fn driving_in(bench: &mut Bench, zone: &TaggedZone, screen: &Screen) {
    let asked = screen
        .big
        .as_ref()
        .filter(|big| big.caption.ends_with(zone.article_name()));
    let asked = asked.and_then(|big| big.text.parse::<u64>().ok());
    let is_passing = asked.is_none() && screen.big.is_some();
    let is_on_pallet = |serial: &u64| zone.delivery.serials.contains(serial);
    let label = |serial: &u64| {
        let label = Label::new(zone.label(*serial), serial.to_string(), zone.article_name());
        label.next_if(asked == Some(*serial))
    };
    bench.groups = vec![
        Group {
            title: "Jackets on the pallet",
            labels: zone.delivery.serials.iter().map(label).collect(),
        },
        cards(),
    ];
    bench.hint = match asked {
        Some(serial) if is_on_pallet(&serial) => {
            format!(
                "The portal is not sure of jacket {serial}. It is on the pallet: click its marked label, or drive the pallet in once more."
            )
        }
        Some(serial) => {
            bench.next_key = Some("done");
            format!(
                "The portal is not sure of jacket {serial}. It is none of the pallet's: it stands beside the door. Press Done, and leave \
                 it out with Enter."
            )
        }
        None if is_passing => "The pallet passes between the antennas. Watch the light.".to_owned(),
        None if is_complete(screen) => {
            bench.next_key = Some("done");
            "Every jacket is in, and none of the pallet that stands beside the door. Press Done; or drive through again: nothing counts \
             twice."
                .to_owned()
        }
        None => {
            bench.next_drive = true;
            match screen.done_of {
                Some((1.., _)) => {
                    "The portal did not hear every jacket. Drive through again, or click the labels of those that are missing."
                }
                _ => {
                    "Drive the pallet in and watch the light: the portal records what it is sure of, and asks about the rest."
                }
            }
            .to_owned()
        }
    };
}

#[cfg(test)]
mod tests {
    use super::super::bench;
    use super::super::tests::{next, shown};
    use super::*;
    use crate::demo::desk::Role;
    use crate::heard::Big;
    use crate::warehouse::{FIRST_LOOK, Warehouse};

    #[test]
    fn who_receives_by_the_portal_is_told_what_the_light_means() {
        let warehouse = Warehouse::new(7, FIRST_LOOK);
        let zone = warehouse.tagged.as_ref().unwrap();
        let shows = |done: usize, big: Option<(&str, &str)>| {
            let screen = Screen {
                title: format!("Receive {}", zone.delivery.reference),
                done_of: Some((done, zone.delivery.serials.len())),
                big: big.map(|(text, caption)| Big {
                    text: text.to_owned(),
                    caption: caption.to_owned(),
                }),
                ..Screen::default()
            };
            bench(Role::Dock, &warehouse, &shown(screen))
        };
        assert!(shows(0, None).next_drive);
        let passing = shows(0, Some(("47", "Tags")));
        assert!(
            !passing.next_drive && next(&passing).is_empty(),
            "{}",
            passing.hint
        );
        let doubt = zone.delivery.serials[3].to_string();
        // As screens write it below a big serial number.
        let caption = format!("Serial number · {}", zone.article_name());
        let asked = shows(20, Some((&doubt, &caption)));
        assert_eq!(next(&asked), [doubt.as_str()]);
        let staged = shows(20, Some(("600011", &caption)));
        assert_eq!((next(&staged).len(), staged.next_key), (0, Some("done")));
        assert!(shows(20, None).next_drive, "not all of it was heard");
        let complete = shows(zone.delivery.serials.len(), None);
        assert_eq!((complete.next_drive, complete.next_key), (false, Some("done")));
    }

    #[test]
    fn who_sweeps_is_told_to_wait_and_then_to_press_done() {
        let warehouse = Warehouse::new(7, FIRST_LOOK);
        let zone = warehouse.tagged.as_ref().unwrap();
        let shows = |instruction: &str, big: &str| {
            let screen = Screen {
                title: format!("Count {}", zone.reference),
                done_of: Some((0, 2)),
                instruction: instruction.to_owned(),
                big: Some(Big {
                    text: big.to_owned(),
                    caption: String::new(),
                }),
                ..Screen::default()
            };
            let shown = Shown {
                bay: Some(0),
                ..shown(screen)
            };
            bench(Role::Stocktaker, &warehouse, &shown)
        };
        let place = zone.bays[0].location.as_str();
        let jackets = |bench: &Bench| {
            let group = bench.groups.iter().find(|group| group.title == "Jackets");
            group.map_or(0, |group| group.labels.len())
        };
        let going = shows("Scan the location", place);
        assert_eq!((next(&going), jackets(&going)), (vec![place], 0));
        let sweeping = shows("Keep sweeping along the goods", "9");
        assert_eq!((next(&sweeping).len(), sweeping.next_key), (0, None));
        assert_eq!(jackets(&sweeping), zone.bays[0].there.len());
        assert_eq!(
            shows("Nothing new comes. Press Done", "13").next_key,
            Some("done")
        );
        assert_eq!(
            shows("Goods too close to tell. Scan labels", "2").next_key,
            Some("done")
        );
    }
}
