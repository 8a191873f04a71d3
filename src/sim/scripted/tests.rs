//! What a script lets be heard is judged the same however time passes: reads come late and in heaps, steps take long.

use tallyman_codes::{EpcBytes, Moment, Sighting, Tag};
use tallyman_drivers::{Burst, BurstSettings};
use tallyman_floor::rfid::{Class, Known, Pass, Rules, Side, Sweep};
use tallyman_platform::entropy::{Entropy as _, SeededEntropy};

use super::door::{BeforeTheDoor, Pallet};
use super::shelf::BeforeTheShelf;
use crate::doorway::OUTSIDE;
use crate::operator::WINDOWS_A_STEP;
use crate::reader::{Air, Heard};

const SEEDS: u64 = 64;
/// The longest that the machine is busy with other things, in milliseconds.
const STALL_MS_MAX: u64 = 3_000;

fn tags(first: u8, count: u8) -> Vec<EpcBytes> {
    let tag = |number| EpcBytes::new(&[number; 12]).unwrap();
    (first..first + count).map(tag).collect()
}

/// A machine that is busy now and then.
struct Machine {
    chance: SeededEntropy,
    now: Moment,
    burst: Burst,
}

impl Machine {
    fn new(seed: u64) -> Self {
        Self {
            chance: SeededEntropy::new(seed),
            now: Moment::from_ms(1_000),
            burst: Burst::new(BurstSettings::default()),
        }
    }

    fn passes(&mut self, ms: u64) {
        let stall_ms = match self.chance.below(4) {
            0 => self.chance.below(STALL_MS_MAX),
            _ => 0,
        };
        self.now = self.now.plus_ms(ms + stall_ms);
    }

    /// Some rounds over the antennas.
    fn rounds(&mut self, air: &mut dyn Air, antennas: u8) {
        for round in 0..4 + self.chance.below(16) {
            let antenna = (round % u64::from(antennas)) as u8 + 1;
            let mut heard = Vec::new();
            air.round(antenna, 2_900, self.now, &mut heard);
            for heard in heard {
                self.burst.fold(&tag(&heard, antenna), self.now);
            }
        }
    }

    /// The window in hand, when the machine comes to it.
    fn window(&mut self) -> (Moment, Vec<Sighting>) {
        self.passes(250);
        let window = self.burst.take_rest(self.now);
        (
            self.now,
            window.map(|window| window.sightings).unwrap_or_default(),
        )
    }
}

fn tag(heard: &Heard, antenna: u8) -> Tag {
    Tag {
        epc: heard.epc,
        pc: Some(heard.pc),
        antenna: Some(antenna.into()),
        rssi_centi_dbm: Some(heard.rssi_centi_dbm),
        ..Tag::default()
    }
}

#[test]
fn what_a_script_drives_through_is_sure_what_one_side_hears_is_maybe_and_what_is_staged_is_stray() {
    for seed in 0..SEEDS {
        let (through, one_sided, staged) = (tags(1, 20), tags(100, 1), tags(200, 12));
        let pallet = Pallet {
            through: through.clone(),
            one_sided: one_sided.clone(),
        };
        let (mut air, lead) = BeforeTheDoor::of(pallet, staged.clone());
        let mut machine = Machine::new(seed);
        let sides = std::array::from_fn(|number| match OUTSIDE.contains(&(number as u16 + 1)) {
            true => Side::Outside,
            false => Side::Inside,
        });
        let mut pass = Pass::new(Rules::default(), sides);
        pass.advance(machine.now);
        for step in [false, true] {
            // What the window in hand has of the step before belongs to it as well.
            machine.rounds(&mut air, 4);
            lead(Some(step));
            for _ in 0..WINDOWS_A_STEP {
                machine.rounds(&mut air, 4);
                let (at, sightings) = machine.window();
                pass.take(at, &sightings);
            }
        }
        lead(None);
        machine.rounds(&mut air, 4);
        let (at, sightings) = machine.window();
        pass.take(at, &sightings);
        machine.passes(300);
        pass.advance(machine.now);
        let judged = pass.judge(|_| Known::Here);
        for (tag, says) in pass.tags().zip(&judged.tags) {
            let wanted = match tag.epc {
                epc if through.contains(&epc) => Class::Sure,
                epc if one_sided.contains(&epc) => Class::Maybe,
                _ => Class::Stray,
            };
            assert_eq!(says.class, wanted, "seed {seed}, {}", tag.epc);
        }
        let heard = pass.tags().count();
        assert_eq!(heard, through.len() + one_sided.len() + staged.len());
    }
}

#[test]
fn what_a_script_reaches_is_sure_what_it_glimpses_is_maybe_and_what_is_far_is_stray() {
    for seed in 0..SEEDS {
        let (near, glimpsed, far) = (tags(1, 30), tags(100, 3), tags(200, 40));
        let (mut air, script) = BeforeTheShelf::of(far.clone());
        let mut machine = Machine::new(seed);
        let mut sweep = Sweep::new(Rules::default());
        let mut windows = |count: u64, sweep: &mut Sweep, machine: &mut Machine| {
            for _ in 0..count {
                machine.rounds(&mut air, 1);
                let (at, sightings) = machine.window();
                sweep.take(at, &sightings);
            }
        };
        let (first, rest) = near.split_at(15);
        script.reach(first);
        windows(4 + seed % 20, &mut sweep, &mut machine);
        script.reach(rest);
        windows(4 + seed % 7, &mut sweep, &mut machine);
        script.glimpse(&glimpsed);
        for more in [3, 20, 150] {
            windows(more, &mut sweep, &mut machine);
            let judged = sweep.judge(|_| Known::Nothing);
            for (tag, class) in sweep.tags().zip(&judged.classes) {
                let wanted = match tag.epc {
                    epc if near.contains(&epc) => Class::Sure,
                    epc if glimpsed.contains(&epc) => Class::Maybe,
                    _ => Class::Stray,
                };
                assert_eq!(*class, wanted, "seed {seed}, {}, {more} windows more", tag.epc);
            }
            assert_eq!(sweep.unique(), near.len() + glimpsed.len() + far.len());
        }
    }
}
