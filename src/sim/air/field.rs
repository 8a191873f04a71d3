//! What one antenna and one tag have of each other: the direct way, the echo of the floor, and those of things around.
//!
//! A narrow-band field at one frequency: each way adds a wave of its length and loss, and the waves may cancel. So a tag
//! fades within a hand's breadth and between channels, as real ones do. The way there and the way back are the same.

use super::space::{Cuboid, Vector, at};

/// Metres a second.
const LIGHT: f64 = 299_792_458.0;

/// A reader's antenna, circularly polarised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Antenna {
    /// Where it is.
    pub position: Vector,
    /// Where it looks.
    pub looks: Vector,
    /// How much it gains ahead, in dBi.
    pub gain_db: f64,
    /// The full angle within which it gains at most 3 dB less, in degrees.
    pub beam_degrees: f64,
    /// How much less it gains at most, to the sides and behind, in dB.
    pub behind_db: f64,
}

impl Antenna {
    /// A portal's panel.
    pub fn panel(position: Vector, looks: Vector) -> Self {
        Self {
            position,
            looks: looks.unit(),
            gain_db: 6.0,
            beam_degrees: 70.0,
            behind_db: 18.0,
        }
    }

    /// The small antenna of a handheld reader.
    pub fn handheld(position: Vector, looks: Vector) -> Self {
        Self {
            position,
            looks: looks.unit(),
            gain_db: 3.0,
            beam_degrees: 85.0,
            behind_db: 12.0,
        }
    }

    /// The gain towards a point in dB: a parabola in the angle, as sector antennas are modelled (3GPP TR 36.814, table A.2.1.1-2).
    pub fn gain_towards(&self, point: Vector) -> f64 {
        let degrees = (point - self.position).cos_to(self.looks).acos().to_degrees();
        let falls = 12.0 * (degrees / self.beam_degrees).powi(2);
        self.gain_db - falls.min(self.behind_db)
    }
}

/// Goods or machines that weaken what goes through them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Obstacle {
    /// Where.
    pub space: Cuboid,
    /// By how many dB a metre.
    pub db_per_metre: f64,
    /// By how many at most: waves go around things.
    pub most_db: f64,
}

impl Obstacle {
    fn loss_db(&self, from: Vector, to: Vector) -> f64 {
        (self.space.inside(from, to) * self.db_per_metre).min(self.most_db)
    }
}

/// A thing that throws waves back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Echo {
    /// Where.
    pub position: Vector,
    /// How much of the field, against a mirror.
    pub share: f64,
}

/// All that surrounds antennas and tags.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Things that throw waves back.
    pub echoes: Vec<Echo>,
    /// How much of the field the floor mirrors.
    pub floor_share: f64,
    /// Things in the way.
    pub obstacles: Vec<Obstacle>,
}

/// The tag's place in the field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dipole {
    /// Where.
    pub position: Vector,
    /// The direction of its wire: along it hardly anything is heard.
    pub axis: Vector,
    /// What it loses where it sticks, in dB.
    pub loss_db: f64,
}

/// A linear tag before a circular antenna.
const POLARISATION_DB: f64 = 3.0;
/// Of a dipole.
const DIPOLE_DB: f64 = 2.0;
/// What a bent dipole still hears along its axis.
const DIPOLE_NULL_DB: f64 = -11.0;

impl Dipole {
    fn gain_towards(&self, point: Vector) -> f64 {
        let cos = (point - self.position).cos_to(self.axis);
        let sin = (1.0 - cos * cos).max(0.0).sqrt();
        DIPOLE_DB + (20.0 * sin.max(1e-3).log10()).max(DIPOLE_NULL_DB)
    }
}

/// How much of a reader's power arrives in a tag, and of a tag's in the reader, in dB, antennas included. Negative.
pub fn one_way_db(antenna: &Antenna, tag: &Dipole, around: &Surroundings, hertz: f64) -> f64 {
    let wavelength = LIGHT / hertz;
    let mut sum = Wave::default();
    let direct_loss: f64 = around
        .obstacles
        .iter()
        .map(|obstacle| obstacle.loss_db(tag.position, antenna.position))
        .sum();
    let gain = antenna.gain_towards(tag.position) + tag.gain_towards(antenna.position) - direct_loss;
    sum.add((tag.position - antenna.position).length(), 1.0, gain, wavelength);

    let mirrored = at(tag.position.x, tag.position.y, -tag.position.z);
    let gain = antenna.gain_towards(mirrored) + tag.gain_towards(antenna.position) - direct_loss;
    let length = (mirrored - antenna.position).length();
    sum.add(length, -around.floor_share, gain, wavelength);

    for echo in &around.echoes {
        let length = (echo.position - antenna.position).length() + (tag.position - echo.position).length();
        // Echoes come from elsewhere, and what stands in the direct way is less in theirs.
        let gain = antenna.gain_towards(echo.position) + tag.gain_towards(echo.position) - direct_loss * 0.6;
        sum.add(length, echo.share, gain, wavelength);
    }
    sum.db() - POLARISATION_DB - tag.loss_db
}

/// Waves of one frequency that add up.
#[derive(Debug, Clone, Copy, Default)]
struct Wave {
    real: f64,
    imaginary: f64,
}

impl Wave {
    fn add(&mut self, metres: f64, share: f64, gain_db: f64, wavelength: f64) {
        // Nearer than a tenth of a metre an antenna has no far field, and more than all cannot arrive.
        let metres = metres.max(0.1);
        let amplitude =
            share * 10f64.powf(gain_db / 20.0) * wavelength / (4.0 * std::f64::consts::PI * metres);
        let (sin, cos) = (-2.0 * std::f64::consts::PI * metres / wavelength).sin_cos();
        self.real += amplitude * cos;
        self.imaginary += amplitude * sin;
    }

    fn db(&self) -> f64 {
        10.0 * (self.real * self.real + self.imaginary * self.imaginary)
            .max(1e-20)
            .log10()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(distance: f64) -> f64 {
        let antenna = Antenna::panel(at(0.0, 0.0, 1.0), at(0.0, 1.0, 0.0));
        let tag = Dipole {
            position: at(0.0, distance, 1.0),
            axis: at(1.0, 0.0, 0.0),
            loss_db: 0.0,
        };
        one_way_db(&antenna, &tag, &Surroundings::default(), 866.9e6)
    }

    #[test]
    fn in_free_space_the_field_falls_by_6_db_with_twice_the_distance() {
        // 31.2 dB at a metre (Friis), with 6 dBi ahead, 2 dBi of the tag, 3 dB lost to polarisation.
        assert!(
            (free(1.0) - (-31.2 + 6.0 + 2.0 - 3.0)).abs() < 0.1,
            "{}",
            free(1.0)
        );
        assert!((free(1.0) - free(2.0) - 6.02).abs() < 0.01);
    }

    #[test]
    fn echoes_make_it_fade_within_a_hands_breadth() {
        let antenna = Antenna::panel(at(0.0, 0.0, 1.0), at(0.0, 1.0, 0.0));
        let around = Surroundings {
            echoes: vec![Echo {
                position: at(2.0, 2.0, 1.0),
                share: 0.5,
            }],
            floor_share: 0.4,
            obstacles: Vec::new(),
        };
        let heard = (0..40).map(|step| {
            let tag = Dipole {
                position: at(0.0, 2.5 + 0.02 * f64::from(step), 1.0),
                axis: at(0.0, 0.0, 1.0),
                loss_db: 0.0,
            };
            one_way_db(&antenna, &tag, &around, 866.9e6)
        });
        let (least, most) = heard.fold((f64::MAX, f64::MIN), |(least, most), db| {
            (least.min(db), most.max(db))
        });
        assert!(most - least > 4.0, "{least} to {most}");
    }

    #[test]
    fn what_stands_in_the_way_weakens() {
        let antenna = Antenna::panel(at(0.0, 0.0, 1.0), at(0.0, 1.0, 0.0));
        let tag = Dipole {
            position: at(0.0, 3.0, 1.0),
            axis: at(1.0, 0.0, 0.0),
            loss_db: 0.0,
        };
        let goods = Obstacle {
            space: Cuboid::around(at(0.0, 1.5, 1.0), at(1.0, 1.0, 1.0)),
            db_per_metre: 8.0,
            most_db: 20.0,
        };
        let blocked = Surroundings {
            obstacles: vec![goods],
            ..Surroundings::default()
        };
        let open = one_way_db(&antenna, &tag, &Surroundings::default(), 866.9e6);
        assert!((open - one_way_db(&antenna, &tag, &blocked, 866.9e6) - 8.0).abs() < 0.01);
    }
}
