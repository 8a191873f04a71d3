//! A bay of a shelf is counted with a handheld reader, its neighbours within range.
//!
//! The shelf's front is in the plane `y = 0`, its goods behind it; the worker stands before it, where `y` is negative, and moves
//! the reader to and fro in front of the bay from `x = 0` to `x = 1`, level by level.

use tallyman_codes::EpcBytes;

use super::chance::Chance;
use super::door::{epc, sticking_loss};
use super::field::{Antenna, Dipole, Echo, Obstacle};
use super::motion::Motion;
use super::space::{Cuboid, Vector, at};
use super::{Air, AirTag, Carried, Region};

/// How a scene is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShelfPlan {
    /// Pieces in the bay that is counted, about; 0 for an empty one.
    pub pieces: usize,
    /// The gap between the bay's goods and its neighbours', in metres; `None` where there are no neighbours.
    pub neighbour_metres: Option<f64>,
    /// Another bay stands behind, back to back.
    pub behind: bool,
    /// How the worker holds the reader.
    pub hand: Hand,
}

/// How a worker holds the reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hand {
    /// How far from the shelf's front, in metres, from and to.
    pub metres: (f64, f64),
    /// How far beyond the bay's edges, in metres, from and to; negative within them.
    pub beyond: (f64, f64),
}

impl Hand {
    /// As the screen asks for: two hands from the goods, and turning a little before the edges.
    pub const CAREFUL: Self = Self {
        metres: (0.15, 0.35),
        beyond: (-0.12, 0.02),
    };
    /// An arm's length away, and over the edges.
    pub const CARELESS: Self = Self {
        metres: (0.35, 0.6),
        beyond: (0.0, 0.2),
    };
}

/// A shelf, how it is swept, and the truth.
#[derive(Debug, Clone)]
pub struct ShelfScene {
    /// Tags, the reader's antenna, movement.
    pub air: Air,
    /// The reader's power.
    pub power_centi_dbm: i32,
    /// How long the worker sweeps if nothing says "done" before, in seconds.
    pub seconds: f64,
    /// The tags of the bay.
    pub inside: Vec<EpcBytes>,
    /// The tags of its neighbours.
    pub elsewhere: Vec<EpcBytes>,
}

/// A bay's width, the depth of its goods, and the height of its lowest and its highest level.
const WIDTH: f64 = 1.0;
const DEPTH: f64 = 0.4;
const LEVELS: [f64; 4] = [0.3, 0.75, 1.2, 1.65];
/// The power of a sweep: enough for two metres, not for a hall.
const POWER_CENTI_DBM: i32 = 2_000;

/// The scene of a seed.
pub fn scene(plan: &ShelfPlan, seed: u64) -> ShelfScene {
    let mut chance = Chance::new(seed);
    let region = if chance.is(0.5) {
        Region::Europe
    } else {
        Region::America
    };
    let mut air = Air::new(region, 0, chance.branch_seed());
    let mut dry = chance.branch();
    let spread = |count: usize, chance: &mut Chance| match count {
        0 => 0,
        count => (count as f64 * chance.between(0.6, 1.4)) as usize,
    };
    let mut bays = vec![(at(0.0, 0.0, 0.0), plan.pieces, 1)];
    if let Some(gap) = plan.neighbour_metres {
        let pieces = plan.pieces.max(60);
        bays.push((at(WIDTH + gap, 0.0, 0.0), pieces, 2));
        bays.push((at(-WIDTH - gap, 0.0, 0.0), pieces, 3));
    }
    if plan.behind {
        bays.push((at(0.0, DEPTH + 0.6, 0.0), plan.pieces.max(60), 4));
    }
    let (mut inside, mut elsewhere) = (Vec::new(), Vec::new());
    for (corner, pieces, batch) in bays {
        let mut chance = dry.branch();
        let epcs = bay(&mut air, corner, spread(pieces, &mut chance), batch, &mut chance);
        if batch == 1 {
            inside = epcs
        } else {
            elsewhere.extend(epcs)
        }
    }
    air.echoes = echoes(&mut chance.branch());
    let (carried, seconds) = hand(&plan.hand, &mut chance.branch());
    air.antennas.push(carried);
    ShelfScene {
        air,
        power_centi_dbm: POWER_CENTI_DBM,
        seconds,
        inside,
        elsewhere,
    }
}

/// The goods of one bay, each with a tag, all put up much the same way. Returns their EPCs.
fn bay(air: &mut Air, corner: Vector, pieces: usize, batch: u8, chance: &mut Chance) -> Vec<EpcBytes> {
    let usual = match chance.below(3) {
        0 => at(1.0, 0.0, 0.0),
        1 => at(0.0, 0.0, 1.0),
        _ => at(0.6, 0.8, 0.0),
    };
    let db_per_metre = chance.between(2.0, 10.0);
    for level in LEVELS {
        let middle = corner + at(WIDTH / 2.0, DEPTH / 2.0, level + 0.15);
        if let Some(body) = air.bodies.first_mut() {
            body.obstacles.push(Obstacle {
                space: Cuboid::around(middle, at(WIDTH, DEPTH, 0.3)),
                db_per_metre,
                most_db: 12.0,
            });
        }
    }
    let mut epcs = Vec::new();
    for _ in 0..pieces {
        let level = LEVELS.get(chance.below(LEVELS.len())).copied().unwrap_or(0.3);
        let place = at(
            chance.between(0.03, WIDTH - 0.03),
            chance.between(0.02, DEPTH - 0.02),
            level + chance.between(0.03, 0.28),
        );
        let tilt = at(chance.around(0.2), chance.around(0.2), chance.around(0.2));
        let epc = epc(batch, epcs.len());
        air.tags.push(AirTag {
            epc,
            body: 0,
            dipole: Dipole {
                position: corner + place,
                axis: (usual + tilt).unit(),
                loss_db: sticking_loss(chance),
            },
            needs_dbm: -17.0 + chance.around(1.0),
        });
        epcs.push(epc);
    }
    epcs
}

/// Uprights, the shelves' metal, the other side of the aisle.
fn echoes(chance: &mut Chance) -> Vec<Echo> {
    let echo = |chance: &mut Chance| Echo {
        position: at(
            chance.between(-2.0, 3.0),
            if chance.is(0.5) {
                chance.between(0.0, 1.2)
            } else {
                chance.between(-3.0, -1.5)
            },
            chance.between(0.2, 2.4),
        ),
        share: chance.between(0.1, 0.4),
    };
    (0..6).map(|_| echo(chance)).collect()
}

/// The reader in the worker's hand: to and fro before the bay, from its top to its bottom and back, not quite straight and not
/// quite to the edges.
fn hand(hand: &Hand, chance: &mut Chance) -> (Carried, f64) {
    let distance = chance.between(hand.metres.0, hand.metres.1);
    let speed = chance.between(0.3, 0.6);
    let overshoot = chance.between(hand.beyond.0, hand.beyond.1);
    let heights: Vec<f64> = LEVELS
        .iter()
        .rev()
        .chain(&LEVELS)
        .map(|level| level + 0.15)
        .collect();
    let (mut points, mut looks, mut seconds) = (Vec::new(), Vec::new(), 0.0);
    let mut before: Option<Vector> = None;
    // Twice over the whole bay is more than a worker does who is told that it is done.
    for (stroke, height) in heights.iter().chain(&heights).enumerate() {
        let (from, to) = if stroke % 2 == 0 {
            (-overshoot, WIDTH + overshoot)
        } else {
            (WIDTH + overshoot, -overshoot)
        };
        for share in [0.0, 0.5, 1.0] {
            let point = at(
                from + (to - from) * share + chance.around(0.03),
                -distance + chance.around(0.05),
                height + chance.around(0.06),
            );
            if let Some(before) = before {
                seconds += (point - before).length() / speed;
            }
            before = Some(point);
            points.push((seconds, point));
            looks.push((seconds, at(chance.around(0.2), 1.0, chance.around(0.2))));
        }
    }
    let carried = Carried {
        antenna: Antenna::handheld(Vector::default(), at(0.0, 1.0, 0.0)),
        motion: Motion::through(points),
        looks: Motion::through(looks),
    };
    (carried, seconds)
}
