//! A pallet is driven through a door with a portal, beside goods that are staged there.
//!
//! The door is in the plane `y = 0`, outside is where `y` is negative. On each side of it stands a post with an antenna that looks
//! half outwards and one that looks half inwards; with eight antennas each of these looks from two heights.

use tallyman_codes::EpcBytes;
use tallyman_floor::rfid::{Direction, Side, Sides};

use super::chance::Chance;
use super::field::{Antenna, Dipole, Echo, Obstacle};
use super::motion::Motion;
use super::space::{Cuboid, Vector, at};
use super::{Air, AirTag, Body, Carried, Region};

/// What goes through the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drive {
    /// A pallet comes in.
    In,
    /// A pallet goes out.
    Out,
    /// A truck without goods comes in: every tag that is heard lies elsewhere.
    Empty,
    /// A truck brings a pallet to the door and takes it back: nothing goes through.
    Back,
}

/// How a scene is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoorPlan {
    /// What goes through.
    pub drive: Drive,
    /// The gap between the driven goods and the staged ones, in metres; `None` where nothing is staged.
    pub staged_metres: Option<f64>,
    /// Antennas of the portal, 4 or 8.
    pub antennas: u16,
}

/// A door, what happens at it, and the truth.
#[derive(Debug, Clone)]
pub struct DoorScene {
    /// Tags, antennas, movement.
    pub air: Air,
    /// Where each antenna looks.
    pub sides: Sides,
    /// The portal's power.
    pub power_centi_dbm: i32,
    /// When the photo eyes say that a pass begins and ends, in seconds.
    pub pass_seconds: (f64, f64),
    /// Which tags went through, and which way.
    pub through: Vec<EpcBytes>,
    /// Which way.
    pub direction: Option<Direction>,
}

/// The size of a loaded pallet without its height.
const PALLET: (f64, f64) = (0.8, 1.2);
/// How far before and behind the door the photo eyes look.
const EYE_METRES: f64 = 2.2;
/// The posts stand so far from the middle of the door.
const POST_METRES: f64 = 1.6;
/// The truck behind its pallet begins so far behind the goods, and is so long.
const TRUCK_METRES: (f64, f64) = (0.1, 2.0);
/// The body that is driven, where there is one.
pub const DRIVEN: usize = 1;

/// Where the middle of a pallet that comes in is when a photo eye changes, in metres behind the plane of the door: the eye, 1 outside
/// and 2 inside, and whether it is interrupted from there on. The truck interrupts an eye as its goods do.
pub fn eyes() -> [(f64, u16, bool); 4] {
    let front = PALLET.1 / 2.0;
    let rear = front + TRUCK_METRES.0 + TRUCK_METRES.1;
    [
        (-EYE_METRES - front, 1, true),
        (-EYE_METRES + rear, 1, false),
        (EYE_METRES - front, 2, true),
        (EYE_METRES + rear, 2, false),
    ]
}

/// The scene of a seed.
pub fn scene(plan: &DoorPlan, seed: u64) -> DoorScene {
    let mut chance = Chance::new(seed);
    let region = if chance.is(0.5) {
        Region::Europe
    } else {
        Region::America
    };
    let mut air = Air::new(region, 0, chance.branch_seed());
    let sides = portal(&mut air, plan.antennas);
    air.echoes = echoes(&mut chance.branch());
    let pass_seconds = drive(&mut air, plan.drive, &mut chance.branch());
    let mut through = Vec::new();
    if plan.drive != Drive::Empty {
        let goods = goods(&mut air, DRIVEN, 1, Vector::default(), &mut chance.branch());
        if plan.drive != Drive::Back {
            through = goods;
        }
    }
    if let Some(gap) = plan.staged_metres {
        let mut chance = chance.branch();
        let side = if chance.is(0.5) { 1.0 } else { -1.0 };
        let across = side * (gap + PALLET.0);
        // Staged inside mostly, where there is room; sometimes outside, under the ramp's roof.
        let ahead = if chance.is(0.8) {
            chance.between(0.9, 2.6)
        } else {
            chance.between(-2.2, -0.9)
        };
        air.bodies.push(Body {
            motion: Motion::standing(at(across, ahead, 0.0)),
            obstacles: Vec::new(),
        });
        let body = air.bodies.len() - 1;
        goods(&mut air, body, 2, Vector::default(), &mut chance);
    }
    DoorScene {
        air,
        sides,
        power_centi_dbm: 2_900,
        pass_seconds,
        through,
        direction: match plan.drive {
            Drive::In => Some(Direction::In),
            Drive::Out => Some(Direction::Out),
            Drive::Empty | Drive::Back => None,
        },
    }
}

/// The antennas on their posts, and where each looks.
fn portal(air: &mut Air, antennas: u16) -> Sides {
    let mut sides = Sides::default();
    let heights: &[f64] = if antennas > 4 { &[0.7, 1.7] } else { &[1.2] };
    let mut number = 0;
    for height in heights {
        for post in [-1.0, 1.0] {
            for (side, ahead) in [(Side::Outside, -1.0), (Side::Inside, 1.0)] {
                // The posts' antennas look across the door, a third turned away from it.
                let position = at(post * POST_METRES, ahead * 0.25, *height);
                let looks = at(-post, ahead * 0.75, 0.0);
                air.antennas.push(Carried::fixed(Antenna::panel(position, looks)));
                if let Some(kept) = sides.get_mut(number) {
                    *kept = side;
                }
                number += 1;
            }
        }
    }
    sides
}

/// Walls, racks, gates and trucks around the door.
fn echoes(chance: &mut Chance) -> Vec<Echo> {
    let echo = |chance: &mut Chance| {
        let side = if chance.is(0.5) { 1.0 } else { -1.0 };
        Echo {
            position: at(
                side * chance.between(1.8, 6.0),
                chance.between(-4.0, 6.0),
                chance.between(0.3, 4.0),
            ),
            share: chance.between(0.1, 0.45),
        }
    };
    (0..6).map(|_| echo(chance)).collect()
}

/// The driven body, number 1, with the truck behind its goods. Returns when the photo eyes see it come and go.
fn drive(air: &mut Air, drive: Drive, chance: &mut Chance) -> (f64, f64) {
    let speed = chance.between(0.7, 2.2);
    let across = chance.between(-0.25, 0.25);
    let (from, to) = match drive {
        Drive::Out => (7.0, -7.0),
        _ => (-7.0, 7.0),
    };
    let way = match drive {
        Drive::Back => vec![
            at(across, from, 0.0),
            at(across, -1.0, 0.0),
            at(across, from, 0.0),
        ],
        _ => vec![at(across, from, 0.0), at(across, to, 0.0)],
    };
    let motion = Motion::along(0.0, speed, &way);
    let half = PALLET.1 / 2.0;
    let (come, gone) = match drive {
        Drive::Back => {
            let come = (7.0 - EYE_METRES - half) / speed;
            (come, motion.ends() - come)
        }
        _ => (
            (7.0 - EYE_METRES - half) / speed,
            (7.0 + EYE_METRES + half) / speed,
        ),
    };
    let behind = if to > from { -1.0 } else { 1.0 };
    let truck = Obstacle {
        space: Cuboid::around(
            at(0.0, behind * (half + TRUCK_METRES.0 + TRUCK_METRES.1 / 2.0), 1.1),
            at(1.1, TRUCK_METRES.1, 2.2),
        ),
        db_per_metre: 40.0,
        most_db: 14.0,
    };
    air.bodies.push(Body {
        motion,
        obstacles: vec![truck],
    });
    (come, gone)
}

/// A pallet of cartons, a tag on each. Returns their EPCs.
fn goods(air: &mut Air, body: usize, batch: u8, middle: Vector, chance: &mut Chance) -> Vec<EpcBytes> {
    let layers = 3 + chance.below(4);
    let carton = at(0.4, 0.3, 0.27);
    let size = at(PALLET.0, PALLET.1, carton.z * layers as f64);
    let base = 0.15;
    // Most goods are dry, some are dense, a few hold water or metal.
    let kind = chance.between(0.0, 1.0);
    let (db_per_metre, most_db) = if kind < 0.70 {
        (chance.between(2.0, 8.0), 15.0)
    } else if kind < 0.95 {
        (chance.between(8.0, 20.0), 20.0)
    } else {
        (chance.between(20.0, 45.0), 25.0)
    };
    if let Some(body) = air.bodies.get_mut(body) {
        let stack = at(middle.x, middle.y, base + size.z / 2.0);
        body.obstacles.push(Obstacle {
            space: Cuboid::around(stack, size),
            db_per_metre,
            most_db,
        });
    }
    let mut epcs = Vec::new();
    for (layer, row, column) in (0..layers)
        .flat_map(|layer| (0..4).flat_map(move |row| (0..2).map(move |column| (layer, row, column))))
    {
        let corner = at(
            middle.x + (column as f64 - 0.5) * carton.x,
            middle.y + (row as f64 - 1.5) * carton.y,
            base + (layer as f64 + 0.5) * carton.z,
        );
        // The label is on one of the four upright faces, its tag across it or upright.
        let face = chance.below(4);
        let away = match face {
            0 => at(carton.x / 2.0, 0.0, 0.0),
            1 => at(-carton.x / 2.0, 0.0, 0.0),
            2 => at(0.0, carton.y / 2.0, 0.0),
            _ => at(0.0, -carton.y / 2.0, 0.0),
        };
        let along = if face < 2 {
            at(0.0, 1.0, 0.0)
        } else {
            at(1.0, 0.0, 0.0)
        };
        let axis = if chance.is(0.7) { along } else { at(0.0, 0.0, 1.0) };
        let epc = epc(batch, epcs.len());
        air.tags.push(AirTag {
            epc,
            body,
            dipole: Dipole {
                position: corner + away * 0.98,
                axis,
                loss_db: sticking_loss(chance),
            },
            needs_dbm: -17.0 + chance.around(1.0),
        });
        epcs.push(epc);
    }
    epcs
}

/// What a tag loses where it sticks: a little mostly, much where it was put badly.
pub(super) fn sticking_loss(chance: &mut Chance) -> f64 {
    let badly = if chance.is(0.03) {
        chance.between(4.0, 9.0)
    } else {
        0.0
    };
    chance.around(1.5).abs() + badly
}

/// The EPC of a piece: an SGTIN-96 whose serial is batch and number.
pub(super) fn epc(batch: u8, number: usize) -> EpcBytes {
    let [high, low] = (number as u16).to_be_bytes();
    EpcBytes::new(&[
        0x30, 0x34, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0x00, batch, high, low,
    ])
    .unwrap_or_default()
}
