//! A dock door with a portal, in real time: pallets are driven through it past the antennas of a virtual LLRP reader, and the photo
//! eyes at its inputs see them come and go.
//!
//! What the antennas hear is the model of [`crate::air::door`], with goods that are staged beside the door; where a pallet is, the one who
//! holds the [`Doorway`] decides.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tallyman_codes::Moment;
use tokio::time::Instant;

use crate::air::door::{self, DoorScene};
use crate::air::motion::Motion;
use crate::air::space::{Vector, at};
use crate::air::{self, AirTag};
use crate::reader::llrp::{LlrpPlan, NetworkReader};
use crate::reader::{Air, Heard};

/// Antennas of a door that look outside and inside, as [`door::scene`] hangs four.
pub const OUTSIDE: [u16; 2] = [1, 3];
/// The same for those that look inside.
pub const INSIDE: [u16; 2] = [2, 4];
/// The inputs of the photo eyes.
pub const EYES: [u16; 2] = [1, 2];

/// Where a pallet comes from and goes to, in metres behind the plane of the door. Further away it is gone.
const WAY_METRES: (f64, f64) = (-7.0, 7.0);
/// Where nothing is heard of it.
const GONE: f64 = -500.0;

/// A door with its reader. It goes when it is dropped.
#[derive(Debug)]
pub struct Doorway {
    reader: NetworkReader,
    traffic: Traffic,
    /// How fast each pallet is driven, in metres a second.
    speeds: Vec<f64>,
    /// One truck at a time.
    lane: tokio::sync::Mutex<()>,
}

/// The pallet that is driven, if one is.
type Traffic = Arc<Mutex<Option<Leg>>>;

/// A part of a way, straight and at one speed.
#[derive(Debug, Clone, Copy)]
struct Leg {
    pallet: usize,
    from: f64,
    to: f64,
    speed: f64,
    began: Instant,
}

impl Leg {
    /// How far behind the door the pallet is.
    fn place(&self, now: Instant) -> f64 {
        let driven = now.saturating_duration_since(self.began).as_secs_f64() * self.speed;
        (self.from + driven).min(self.to)
    }

    /// When it is there.
    fn when(&self, place: f64) -> Instant {
        self.began + Duration::from_secs_f64(((place - self.from) / self.speed).max(0.0))
    }
}

impl Doorway {
    /// A door on loopback. The first scene is the door's, with what is staged there; every scene brings the pallet that is driven in
    /// in it.
    ///
    /// # Errors
    /// What the system says when there is no port.
    pub async fn listen(plan: LlrpPlan, scenes: Vec<DoorScene>) -> io::Result<Self> {
        let speeds = scenes.iter().map(speed).collect();
        let traffic = Traffic::default();
        let air = BeforeTheDoor::new(scenes, Arc::clone(&traffic));
        Ok(Self {
            reader: NetworkReader::listen(plan, air).await?,
            traffic,
            speeds,
            lane: tokio::sync::Mutex::default(),
        })
    }

    /// The reader.
    pub const fn reader(&self) -> &NetworkReader {
        &self.reader
    }

    /// Where the reader listens.
    pub const fn address(&self) -> Option<SocketAddr> {
        self.reader.address()
    }

    /// Pallets that can be driven.
    pub const fn pallets(&self) -> usize {
        self.speeds.len()
    }

    /// Drives a pallet in, until it is gone inside. A truck that is on its way is let through first.
    pub async fn drive_through(&self, pallet: usize) {
        let _lane = self.lane.lock().await;
        self.go(pallet, WAY_METRES.0, WAY_METRES.1).await;
        *self.traffic() = None;
    }

    /// Drives a pallet until it stands in the middle of the door, and leaves it there until [`Doorway::drive_on`].
    pub async fn drive_to_the_middle(&self, pallet: usize) {
        let _lane = self.lane.lock().await;
        self.go(pallet, WAY_METRES.0, 0.0).await;
    }

    /// Drives the pallet that stands in the door on, until it is gone inside.
    pub async fn drive_on(&self) {
        let _lane = self.lane.lock().await;
        let standing = *self.traffic();
        if let Some(leg) = standing {
            self.go(leg.pallet, leg.to, WAY_METRES.1).await;
            *self.traffic() = None;
        }
    }

    /// One part of a way: the photo eyes see it as it goes.
    async fn go(&self, pallet: usize, from: f64, to: f64) {
        let Some(&speed) = self.speeds.get(pallet) else {
            return;
        };
        let leg = Leg {
            pallet,
            from,
            to,
            speed,
            began: Instant::now(),
        };
        *self.traffic() = Some(leg);
        let seen = door::eyes();
        for (place, eye, is_interrupted) in seen {
            if place > from && place <= to {
                tokio::time::sleep_until(leg.when(place)).await;
                self.reader.set_input(eye, is_interrupted);
            }
        }
        tokio::time::sleep_until(leg.when(to)).await;
    }

    fn traffic(&self) -> MutexGuard<'_, Option<Leg>> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How fast a scene's pallet is driven, in metres a second.
fn speed(scene: &DoorScene) -> f64 {
    let motion = scene.air.bodies.get(door::DRIVEN).map(|body| &body.motion);
    motion.map_or(1.0, |motion| {
        let way = motion.at(motion.ends()) - motion.at(0.0);
        (way.length() / motion.ends().max(1e-3)).max(0.1)
    })
}

/// The air of a door through which pallets are driven as somebody says.
struct BeforeTheDoor {
    air: air::Air,
    /// Each pallet's body, and how far from the middle of the door it is driven.
    pallets: Vec<(usize, f64)>,
    traffic: Traffic,
}

impl BeforeTheDoor {
    fn new(scenes: Vec<DoorScene>, traffic: Traffic) -> Self {
        let mut scenes = scenes.into_iter().map(|scene| scene.air);
        let mut air = scenes
            .next()
            .unwrap_or_else(|| air::Air::new(air::Region::Europe, 0, 0));
        let across = |air: &air::Air, body: usize| air.bodies.get(body).map(|body| body.motion.at(0.0).x);
        let mut pallets = Vec::new();
        pallets.extend(across(&air, door::DRIVEN).map(|across| (door::DRIVEN, across)));
        for other in scenes {
            let Some(body) = other.bodies.get(door::DRIVEN) else {
                continue;
            };
            let place = air.bodies.len();
            pallets.extend(across(&other, door::DRIVEN).map(|across| (place, across)));
            let on_it = other.tags.iter().filter(|tag| tag.body == door::DRIVEN);
            air.tags.extend(on_it.map(|tag| AirTag {
                body: place,
                ..tag.clone()
            }));
            air.bodies.push(body.clone());
        }
        Self {
            air,
            pallets,
            traffic,
        }
    }

    /// Every pallet is where it is now.
    fn put(&mut self, now: Instant) {
        let leg = *self.traffic.lock().unwrap_or_else(PoisonError::into_inner);
        for (pallet, (body, across)) in self.pallets.iter().enumerate() {
            let leg = leg.filter(|leg| leg.pallet == pallet);
            let place: Vector = at(*across, leg.map_or(GONE, |leg| leg.place(now)), 0.0);
            if let Some(body) = self.air.bodies.get_mut(*body) {
                body.motion = Motion::standing(place);
            }
        }
    }
}

impl Air for BeforeTheDoor {
    fn round(&mut self, antenna: u8, power_centi_dbm: u16, at: Moment, heard: &mut Vec<Heard>) {
        self.put(Instant::now());
        Air::round(&mut self.air, antenna, power_centi_dbm, at, heard);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tallyman_codes::EpcBytes;

    use super::*;
    use crate::air::door::{DoorPlan, Drive};

    fn scene(seed: u64) -> DoorScene {
        let plan = DoorPlan {
            drive: Drive::In,
            staged_metres: Some(2.0),
            antennas: 4,
        };
        door::scene(&plan, seed)
    }

    /// Another pallet: the same serial numbers begin somewhere else.
    fn other(seed: u64) -> DoorScene {
        let mut scene = scene(seed);
        for tag in &mut scene.air.tags {
            let mut bytes = tag.epc.to_vec();
            bytes.iter_mut().rev().take(3).for_each(|byte| *byte ^= 0x80);
            tag.epc = EpcBytes::new(&bytes).unwrap();
        }
        scene.through = scene
            .air
            .tags
            .iter()
            .filter(|tag| tag.body == door::DRIVEN)
            .map(|tag| tag.epc)
            .collect();
        scene
    }

    /// What all antennas hear within some rounds.
    fn heard(air: &mut BeforeTheDoor, from_ms: u64) -> BTreeSet<EpcBytes> {
        let mut heard = Vec::new();
        for round in 0..40 {
            let antenna = (round % 4) as u8 + 1;
            Air::round(
                air,
                antenna,
                2_900,
                Moment::from_ms(from_ms + round * 20),
                &mut heard,
            );
        }
        heard.into_iter().map(|heard| heard.epc).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_pallet_is_heard_while_it_is_driven_and_the_staged_one_always() {
        let (one, two) = (scene(500_001), other(500_002));
        let (first, second): (BTreeSet<_>, BTreeSet<_>) = (
            one.through.iter().copied().collect(),
            two.through.iter().copied().collect(),
        );
        let speed = speed(&one);
        let traffic = Traffic::default();
        let mut air = BeforeTheDoor::new(vec![one, two], Arc::clone(&traffic));
        let before = heard(&mut air, 0);
        assert!(!before.is_empty(), "the staged goods");
        assert!(before.is_disjoint(&first) && before.is_disjoint(&second));

        let leg = Leg {
            pallet: 0,
            from: -7.0,
            to: 7.0,
            speed,
            began: Instant::now(),
        };
        *traffic.lock().unwrap() = Some(leg);
        tokio::time::advance(leg.when(0.0) - leg.began).await;
        assert!(leg.place(Instant::now()).abs() < 0.01);
        let during = heard(&mut air, 5_000);
        let of_it = during.intersection(&first).count();
        assert!(of_it * 2 > first.len(), "{of_it} of {}", first.len());
        assert!(during.is_disjoint(&second), "the other pallet stands far away");

        *traffic.lock().unwrap() = None;
        assert!(heard(&mut air, 20_000).is_disjoint(&first));
    }

    #[test]
    fn the_eyes_see_the_pallet_and_its_truck_from_outside_to_inside() {
        let eyes = door::eyes();
        assert!(eyes.is_sorted_by(|one, other| one.0 < other.0), "{eyes:?}");
        let seen: Vec<_> = eyes
            .iter()
            .map(|(_, eye, is_interrupted)| (*eye, *is_interrupted))
            .collect();
        assert_eq!(seen, [(1, true), (1, false), (2, true), (2, false)]);
    }
}
