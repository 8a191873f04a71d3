//! Points and directions in metres: x across, y ahead, z up.

use std::ops::{Add, Mul, Sub};

/// A point, or the way from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Vector {
    /// Across.
    pub x: f64,
    /// Ahead.
    pub y: f64,
    /// Up from the floor.
    pub z: f64,
}

/// A point of these coordinates, in metres.
pub const fn at(x: f64, y: f64, z: f64) -> Vector {
    Vector { x, y, z }
}

impl Vector {
    /// The sum of the products of the coordinates.
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// The length in metres.
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The same direction with length 1; straight up where there is no direction.
    pub fn unit(self) -> Self {
        let length = self.length();
        if length < 1e-9 {
            at(0.0, 0.0, 1.0)
        } else {
            self * (1.0 / length)
        }
    }

    /// The cosine of the angle to another direction.
    pub fn cos_to(self, other: Self) -> f64 {
        let lengths = self.length() * other.length();
        if lengths < 1e-12 {
            1.0
        } else {
            (self.dot(other) / lengths).clamp(-1.0, 1.0)
        }
    }

    /// Turned about the vertical, against the clock seen from above.
    pub fn turned(self, radians: f64) -> Self {
        let (sin, cos) = radians.sin_cos();
        at(self.x * cos - self.y * sin, self.x * sin + self.y * cos, self.z)
    }

    /// The point between this one and another, 0 for this one and 1 for the other.
    pub fn towards(self, other: Self, share: f64) -> Self {
        self + (other - self) * share
    }
}

impl Add for Vector {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        at(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vector {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        at(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f64> for Vector {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        at(self.x * factor, self.y * factor, self.z * factor)
    }
}

/// A box with its sides along the axes: a pallet of goods, a fork-lift truck.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cuboid {
    /// The corner with the least coordinates.
    pub least: Vector,
    /// The corner with the largest.
    pub most: Vector,
}

impl Cuboid {
    /// A box on the floor or above it, of this middle and size.
    pub fn around(middle: Vector, size: Vector) -> Self {
        Self {
            least: middle - size * 0.5,
            most: middle + size * 0.5,
        }
    }

    /// The same box elsewhere.
    pub fn moved(self, by: Vector) -> Self {
        Self {
            least: self.least + by,
            most: self.most + by,
        }
    }

    /// How many metres of the straight way from one point to another lie inside.
    pub fn inside(&self, from: Vector, to: Vector) -> f64 {
        let way = to - from;
        let (mut enters, mut leaves) = (0.0f64, 1.0f64);
        let axes = [
            (from.x, way.x, self.least.x, self.most.x),
            (from.y, way.y, self.least.y, self.most.y),
            (from.z, way.z, self.least.z, self.most.z),
        ];
        for (start, step, least, most) in axes {
            if step.abs() < 1e-9 {
                if start < least || start > most {
                    return 0.0;
                }
                continue;
            }
            let (one, other) = ((least - start) / step, (most - start) / step);
            enters = enters.max(one.min(other));
            leaves = leaves.min(one.max(other));
        }
        (leaves - enters).max(0.0) * way.length()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_through_a_box_is_as_long_as_the_box() {
        let goods = Cuboid::around(at(0.0, 0.0, 1.0), at(1.0, 2.0, 2.0));
        let table = [
            (at(-5.0, 0.0, 1.0), at(5.0, 0.0, 1.0), 1.0),
            (at(0.0, -5.0, 1.0), at(0.0, 5.0, 1.0), 2.0),
            (at(0.0, 0.0, 1.0), at(5.0, 0.0, 1.0), 0.5),
            (at(-5.0, 0.0, 3.0), at(5.0, 0.0, 3.0), 0.0),
            (at(2.0, 0.0, 1.0), at(5.0, 0.0, 1.0), 0.0),
        ];
        for (from, to, metres) in table {
            assert!(
                (goods.inside(from, to) - metres).abs() < 1e-9,
                "{from:?} to {to:?}"
            );
        }
    }
}
