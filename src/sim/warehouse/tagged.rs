//! A zone whose goods carry RFID tags, a count of it, and a delivery of such goods by the dock's portal: bays of a shelf beside each
//! other and a pallet in the door, in the air of [`crate::air`].

use tallyman_codes::epc::Identity;
use tallyman_codes::{Element, EpcBytes};

use crate::air::door::{self, DRIVEN, DoorPlan, DoorScene, Drive};
use crate::air::shelf::{self, Hand, ShelfPlan, ShelfScene};

/// What lies in the zone: number, name, GTIN-13 (of the prefix that is kept for demonstrations), and the digits of the company
/// prefix in it, which a tag tells.
const NUMBER: &str = "JACKET-R";
const NAME: &str = "Rain jacket";
const GTIN: &str = "9521101530995";
const COMPANY_DIGITS: u8 = 7;

/// About so many jackets are in a bay, and so far apart are the bays.
const PIECES: usize = 30;
const APART_METRES: f64 = 0.6;
/// Serial numbers of a bay begin with its number, from 1, times this.
const SERIALS_A_BAY: u64 = 1_000;
/// Jackets that the book has in each bay and nobody finds there, and those that nobody has booked.
const MISSING: u64 = 2;
const UNBOOKED: usize = 1;

/// What comes through the dock's door: beside it a pallet is staged that stays.
const DOOR: DoorPlan = DoorPlan {
    drive: Drive::In,
    staged_metres: Some(2.0),
    antennas: 4,
};
/// Serial numbers of what is delivered begin here, and those of what is staged at the door.
const DELIVERED: u64 = 500_001;
const STAGED: u64 = 600_001;
/// Jackets that are staged in a script.
const STAGED_PIECES: u64 = 12;
/// Jackets of a bay that a script lets the reader glimpse.
const GLIMPSED: usize = 3;

/// A delivery that is announced by serial numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedDelivery {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// Where it comes in.
    pub dock: String,
    /// What its air is made from.
    pub seed: u64,
    /// The serial numbers.
    pub serials: Vec<u64>,
}

/// How a delivery comes in by a script: on two pallets, and not as it is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loads {
    /// What is on each pallet.
    pub pallets: [Vec<u64>; 2],
    /// The one on the first pallet that the antennas outside alone hear.
    pub one_sided: u64,
    /// The one on the first pallet that nobody announced.
    pub surplus: u64,
    /// The one that is announced and does not come.
    pub missing: u64,
    /// What is staged beside the door.
    pub staged: Vec<u64>,
}

/// What a reader hears before a bay by a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptBay {
    /// What hangs there and is heard well.
    pub sure: Vec<u64>,
    /// What hangs there and is glimpsed.
    pub glimpsed: Vec<u64>,
    /// What hangs in the bays beside it.
    pub beside: Vec<u64>,
}

/// The zone and the count of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedZone {
    /// The task.
    pub task: String,
    /// The document.
    pub reference: String,
    /// The bays, in their order along the aisle.
    pub bays: Vec<TaggedBay>,
    /// What is delivered for it.
    pub delivery: TaggedDelivery,
}

/// One bay, which is one bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedBay {
    /// Its address.
    pub location: String,
    /// What its air is made from.
    pub seed: u64,
    /// The serial numbers of the jackets that hang there.
    pub there: Vec<u64>,
    /// Those that the book has there.
    pub booked: Vec<u64>,
}

/// The plan of every bay.
const PLAN: ShelfPlan = ShelfPlan {
    pieces: PIECES,
    neighbour_metres: Some(APART_METRES),
    behind: false,
    hand: Hand::CAREFUL,
};

impl TaggedZone {
    /// So many bays, made from a seed.
    pub fn new(seed: u64, bays: u64) -> Self {
        let bay = |number: u64| {
            let seed = seed.wrapping_mul(1_000).wrapping_add(number);
            let count = shelf::scene(&PLAN, seed).inside.len() as u64;
            let first = number * SERIALS_A_BAY + 1;
            let there: Vec<u64> = (first..first + count).collect();
            let missing = first + count..first + count + MISSING;
            let booked = there.iter().copied().skip(UNBOOKED).chain(missing).collect();
            TaggedBay {
                location: format!("Z-01-{number:02}"),
                seed,
                there,
                booked,
            }
        };
        Self {
            task: "C-3901".to_owned(),
            reference: "COUNT-Z".to_owned(),
            bays: (1..=bays).map(bay).collect(),
            delivery: TaggedDelivery::new(seed),
        }
    }

    /// The air before a bay, with a worker who sweeps it: its own jackets, and those of the bays on both sides.
    pub fn scene(&self, bay: usize) -> Option<ShelfScene> {
        let mut scene = shelf::scene(&PLAN, self.bays.get(bay)?.seed);
        let inside = scene.inside.len();
        let beside = [
            self.bays.get(bay + 1),
            bay.checked_sub(1).and_then(|bay| self.bays.get(bay)),
        ];
        let beside = beside
            .into_iter()
            .flatten()
            .flat_map(|bay| bay.there.iter().copied());
        // Behind them hang others that are on nobody's list.
        let further = (self.bays.len() as u64 + 1) * SERIALS_A_BAY..;
        let serials = self.bays.get(bay)?.there.iter().copied().take(inside);
        let serials = serials.chain(beside).chain(further);
        for (tag, serial) in scene.air.tags.iter_mut().zip(serials) {
            tag.epc = epc(serial);
        }
        let epcs = scene.air.tags.iter().map(|tag| tag.epc);
        (scene.inside, scene.elsewhere) = (epcs.clone().take(inside).collect(), epcs.skip(inside).collect());
        Some(scene)
    }

    /// What a reader hears before a bay where a script says it; of the first bay some is glimpsed.
    pub fn swept(&self, bay: usize) -> Option<SweptBay> {
        let there = &self.bays.get(bay)?.there;
        let glimpsed = if bay == 0 { GLIMPSED } else { 0 };
        let (sure, glimpsed) = there.split_at(there.len().saturating_sub(glimpsed));
        let others = self.bays.iter().enumerate().filter(|(other, _)| *other != bay);
        Some(SweptBay {
            sure: sure.to_vec(),
            glimpsed: glimpsed.to_vec(),
            beside: others.flat_map(|(_, other)| other.there.clone()).collect(),
        })
    }

    /// The number of a jacket.
    pub const fn article_number(&self) -> &'static str {
        NUMBER
    }

    /// The tag on a jacket.
    pub fn tag(&self, serial: u64) -> EpcBytes {
        epc(serial)
    }

    /// What a jacket is called.
    pub const fn article_name(&self) -> &'static str {
        NAME
    }

    /// The label on a jacket, as a scanner sends it.
    pub fn label(&self, serial: u64) -> String {
        format!("]C1010{GTIN}21{serial}")
    }

    /// Its items, for the hub's import.
    pub fn items_csv(&self) -> String {
        format!("item,name,unit,code,code_unit,pack,serial,tag\n{NUMBER},{NAME},each,{GTIN},each,1,yes,yes\n")
    }

    /// Its locations.
    pub fn locations_csv(&self) -> String {
        let rows = self.bays.iter().map(|bay| format!("{},Aisle Z\n", bay.location));
        format!("location,zone\n{}", rows.collect::<String>())
    }

    /// Its opening stock, piece by piece.
    pub fn stock_csv(&self) -> String {
        let rows = self.bays.iter().flat_map(|bay| {
            let row = |serial: &u64| format!("{},{NUMBER},1,{serial}\n", bay.location);
            bay.booked.iter().map(row)
        });
        format!("location,item,quantity,serial\n{}", rows.collect::<String>())
    }

    /// The delivery, piece by piece.
    pub fn delivery_csv(&self) -> String {
        let TaggedDelivery {
            task,
            reference,
            dock,
            ..
        } = &self.delivery;
        let rows = (1..).zip(&self.delivery.serials).map(|(line, serial): (u32, _)| {
            format!("{task},receive,{reference},{dock},{line},{NUMBER},1,{serial}\n")
        });
        format!(
            "task,kind,reference,dock,line,item,quantity,serial\n{}",
            rows.collect::<String>()
        )
    }

    /// The count.
    pub fn tasks_csv(&self) -> String {
        let rows = (1..).zip(&self.bays).map(|(number, bay): (u32, _)| {
            let (task, reference) = (&self.task, &self.reference);
            format!("{task},count,{reference},,{number},{NUMBER},,{}\n", bay.location)
        });
        format!(
            "task,kind,reference,dock,line,item,quantity,location\n{}",
            rows.collect::<String>()
        )
    }
}

impl TaggedDelivery {
    fn new(seed: u64) -> Self {
        let jackets = door::scene(&DOOR, seed).through.len() as u64;
        Self {
            task: "R-3901".to_owned(),
            reference: "ASN-Z".to_owned(),
            dock: "DOCK-1".to_owned(),
            seed,
            serials: (DELIVERED..DELIVERED + jackets).collect(),
        }
    }

    /// How it comes in where a script says it.
    pub fn loads(&self) -> Loads {
        let (missing, coming) = self.serials.split_last().unwrap_or((&DELIVERED, &[]));
        let surplus = missing + 1;
        let (first, second) = coming.split_at(coming.len().div_ceil(2));
        Loads {
            one_sided: first.first().copied().unwrap_or(DELIVERED),
            surplus,
            missing: *missing,
            pallets: [[first, &[surplus]].concat(), second.to_vec()],
            staged: (STAGED..STAGED + STAGED_PIECES).collect(),
        }
    }

    /// The door, with the pallet that is driven through it and the one that is staged there.
    pub fn scene(&self) -> DoorScene {
        let mut scene = door::scene(&DOOR, self.seed);
        let mut delivered = self.serials.iter().copied();
        let mut staged = STAGED..;
        for tag in &mut scene.air.tags {
            let serial = if tag.body == DRIVEN {
                delivered.next()
            } else {
                staged.next()
            };
            tag.epc = epc(serial.unwrap_or_default());
        }
        let driven = scene.air.tags.iter().filter(|tag| tag.body == DRIVEN);
        scene.through = driven.map(|tag| tag.epc).collect();
        scene
    }
}

/// The tag on a jacket: an SGTIN-96 (GS1 EPC Tag Data Standard).
fn epc(serial: u64) -> EpcBytes {
    let element = |ai: &str, value: String| Element {
        ai: ai.to_owned(),
        value,
    };
    let elements = [
        element("01", format!("0{GTIN}")),
        element("21", serial.to_string()),
    ];
    let tag = Identity::from_elements(&elements, COMPANY_DIGITS)
        .ok()
        .and_then(|identity| identity.encode("sgtin-96", 1).ok());
    tag.and_then(|tag| EpcBytes::new(tag.bytes())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_driven_through_the_door_is_what_is_announced() {
        let zone = TaggedZone::new(7, 2);
        let delivery = &zone.delivery;
        let announced: Vec<EpcBytes> = delivery.serials.iter().copied().map(epc).collect();
        let scene = delivery.scene();
        assert_eq!(scene.through, announced);
        let all: BTreeSet<EpcBytes> = scene.air.tags.iter().map(|tag| tag.epc).collect();
        assert_eq!(all.len(), scene.air.tags.len());
        assert!(all.len() > announced.len(), "others are staged");
        assert_eq!(zone.delivery_csv().lines().count(), announced.len() + 1);
    }

    #[test]
    fn every_jacket_is_another_one_and_the_air_before_a_bay_has_those_of_the_files() {
        let zone = TaggedZone::new(7, 2);
        let there: BTreeSet<u64> = zone
            .bays
            .iter()
            .flat_map(|bay| bay.there.iter().copied())
            .collect();
        assert_eq!(
            there.len(),
            zone.bays.iter().map(|bay| bay.there.len()).sum::<usize>()
        );
        for (number, bay) in zone.bays.iter().enumerate() {
            let scene = zone.scene(number).unwrap();
            let wanted: Vec<EpcBytes> = bay.there.iter().map(|serial| epc(*serial)).collect();
            assert_eq!(scene.inside, wanted);
            let all: BTreeSet<EpcBytes> = scene.air.tags.iter().map(|tag| tag.epc).collect();
            assert_eq!(all.len(), scene.air.tags.len(), "no tag is there twice");
            assert_ne!(bay.there, bay.booked, "there is a difference to find");
        }
        assert!(zone.scene(2).is_none());
        let rows = zone.stock_csv().lines().count() - 1;
        assert_eq!(rows, zone.bays.iter().map(|bay| bay.booked.len()).sum::<usize>());
    }

    #[test]
    fn a_script_brings_all_that_is_announced_but_one_and_one_that_is_not() {
        for seed in 0..64 {
            let delivery = TaggedZone::new(seed, 0).delivery;
            let loads = delivery.loads();
            let mut coming = loads.pallets.concat();
            assert!(loads.pallets.iter().all(|pallet| pallet.len() > 4), "seed {seed}");
            assert!(loads.pallets[0].contains(&loads.one_sided), "seed {seed}");
            coming.retain(|serial| *serial != loads.surplus);
            coming.push(loads.missing);
            assert_eq!(coming, delivery.serials, "seed {seed}");
            assert!(!delivery.serials.contains(&loads.surplus), "seed {seed}");
        }
    }

    #[test]
    fn a_script_sweeps_all_that_hangs_in_a_bay() {
        for seed in 0..64 {
            let zone = TaggedZone::new(seed, 2);
            for (number, bay) in zone.bays.iter().enumerate() {
                let swept = zone.swept(number).unwrap();
                assert_eq!([swept.sure.clone(), swept.glimpsed].concat(), bay.there);
                assert!(swept.sure.len() > 4, "seed {seed}");
                assert!(!swept.beside.is_empty(), "seed {seed}");
            }
            assert_eq!(zone.swept(0).unwrap().glimpsed.len(), GLIMPSED);
            assert_eq!(zone.swept(2), None);
        }
    }

    #[test]
    fn a_tag_says_what_the_label_says() {
        let zone = TaggedZone::new(7, 1);
        assert_eq!(zone.label(1_001), "]C10109521101530995211001");
        assert_eq!(epc(1_001).len(), 12);
        assert_ne!(epc(1_001), epc(1_002));
    }
}
