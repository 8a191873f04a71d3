//! Where something is at which time: straight ways between points.

use super::space::Vector;

/// A way through points at times.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Motion {
    /// Seconds and points, in the order of time.
    points: Vec<(f64, Vector)>,
}

impl Motion {
    /// Stands still.
    pub fn standing(at: Vector) -> Self {
        Self {
            points: vec![(0.0, at)],
        }
    }

    /// Through these points, in the order of their seconds.
    pub fn through(points: Vec<(f64, Vector)>) -> Self {
        Self { points }
    }

    /// From a point on at a speed in metres a second, through further points.
    pub fn along(from_seconds: f64, speed: f64, points: &[Vector]) -> Self {
        let mut seconds = from_seconds;
        let mut timed = Vec::with_capacity(points.len());
        for (index, point) in points.iter().enumerate() {
            if let Some((_, before)) = index.checked_sub(1).and_then(|before| timed.get(before)) {
                let before: &Vector = before;
                seconds += (*point - *before).length() / speed.max(1e-3);
            }
            timed.push((seconds, *point));
        }
        Self { points: timed }
    }

    /// Where it is.
    pub fn at(&self, seconds: f64) -> Vector {
        let behind = self.points.partition_point(|(time, _)| *time <= seconds);
        let before = behind.checked_sub(1).and_then(|index| self.points.get(index));
        match (before, self.points.get(behind)) {
            (Some((from, start)), Some((to, end))) => {
                start.towards(*end, (seconds - from) / (to - from).max(1e-9))
            }
            (Some((_, point)), None) | (None, Some((_, point))) => *point,
            (None, None) => Vector::default(),
        }
    }

    /// The same with each point changed.
    pub fn mapped(&self, change: impl Fn(Vector) -> Vector) -> Self {
        Self {
            points: self
                .points
                .iter()
                .map(|(seconds, point)| (*seconds, change(*point)))
                .collect(),
        }
    }

    /// When it arrives at its last point.
    pub fn ends(&self) -> f64 {
        self.points.last().map_or(0.0, |(seconds, _)| *seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::space::at;
    use super::*;

    #[test]
    fn it_goes_straight_between_its_points() {
        let motion = Motion::along(
            1.0,
            2.0,
            &[at(0.0, 0.0, 0.0), at(4.0, 0.0, 0.0), at(4.0, 2.0, 0.0)],
        );
        assert_eq!(motion.ends(), 4.0);
        for (seconds, x, y) in [(0.0, 0.0, 0.0), (2.0, 2.0, 0.0), (3.5, 4.0, 1.0), (9.0, 4.0, 2.0)] {
            assert_eq!(motion.at(seconds), at(x, y, 0.0), "at {seconds} s");
        }
    }
}
