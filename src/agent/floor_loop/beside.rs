//! What the device knows of the bins beside the one that is swept: the tags that were sure in other places of the same count.
//!
//! In a blind count nobody tells the device what is expected. But what it has counted elsewhere it knows, and bins are counted one
//! after the other: those tags are the control of the next sweep. Where they would be sure again, radio does not tell the bins apart.

use std::collections::HashMap;

use tallyman_codes::EpcBytes;
use tallyman_floor::rfid::Known;
use tallyman_floor::{LocationId, TaskId};

use crate::seams::SweptPlace;

/// Tags that are remembered: some 2 MB. With more it begins anew, for the bins beside one were counted lately.
const TAGS_MAX: usize = 20_000;

/// Tags of the places of one count.
#[derive(Debug, Default)]
pub(super) struct Beside {
    task: Option<TaskId>,
    places: Vec<LocationId>,
    tags: HashMap<EpcBytes, usize>,
}

impl Beside {
    /// These tags were counted in this place. Of another count nothing is remembered: goods have moved since.
    pub fn remember(&mut self, place: &SweptPlace, tags: impl Iterator<Item = EpcBytes>) {
        if self.task.as_ref() != Some(&place.task) {
            *self = Self {
                task: Some(place.task.clone()),
                ..Self::default()
            };
        }
        let known = self.places.iter().position(|known| *known == place.location);
        let number = known.unwrap_or_else(|| {
            self.places.push(place.location.clone());
            self.places.len() - 1
        });
        for tag in tags {
            if self.tags.len() >= TAGS_MAX {
                self.tags.clear();
            }
            self.tags.insert(tag, number);
        }
    }

    /// What is known of a tag that is heard in this place.
    pub fn known(&self, place: &SweptPlace, epc: &EpcBytes) -> Known {
        if self.task.as_ref() != Some(&place.task) {
            return Known::Nothing;
        }
        let counted = self.tags.get(epc).and_then(|number| self.places.get(*number));
        match counted {
            Some(location) if *location != place.location => Known::Elsewhere,
            _ => Known::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(task: &str, location: &str) -> SweptPlace {
        SweptPlace {
            task: TaskId::from(task),
            location: LocationId::from(location),
        }
    }

    fn tag(serial: u32) -> EpcBytes {
        EpcBytes::new(&serial.to_be_bytes()).unwrap()
    }

    #[test]
    fn tags_of_other_places_of_the_same_count_are_known() {
        let mut beside = Beside::default();
        let (one, two) = (place("C", "A-01"), place("C", "A-02"));
        assert_eq!(beside.known(&one, &tag(1)), Known::Nothing);
        beside.remember(&one, [tag(1), tag(2)].into_iter());
        beside.remember(&two, [tag(3)].into_iter());
        for (here, serial, known) in [
            (&one, 1, Known::Nothing),
            (&one, 3, Known::Elsewhere),
            (&two, 1, Known::Elsewhere),
            (&two, 3, Known::Nothing),
            (&two, 4, Known::Nothing),
        ] {
            assert_eq!(beside.known(here, &tag(serial)), known, "{serial}");
        }
        let other = place("D", "A-03");
        assert_eq!(beside.known(&other, &tag(1)), Known::Nothing);
        beside.remember(&other, [tag(9)].into_iter());
        assert_eq!(beside.known(&place("D", "A-01"), &tag(1)), Known::Nothing);
    }

    #[test]
    fn it_does_not_grow_beyond_its_bound() {
        let mut beside = Beside::default();
        let tags = 0..3 * TAGS_MAX as u32;
        beside.remember(&place("C", "A-01"), tags.clone().map(tag));
        assert!(beside.tags.len() <= TAGS_MAX);
        let latest = tag(tags.end - 1);
        assert_eq!(beside.known(&place("C", "A-02"), &latest), Known::Elsewhere);
    }
}
