//! From readings to poses: the mean of the last readings of each object.
//!
//! Readings are noisy, late and sometimes missing; objects on a pallet stand still. So every new reading joins a window, and
//! the pose is the window's mean: n readings of standard deviation σ leave σ/√n.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::PoseReading;

/// Readings that count, newest last.
const WINDOW: usize = 40;

/// What has been seen of a list of objects.
#[derive(Clone, Debug)]
pub struct Sight {
    seen: Vec<VecDeque<(f64, Pose)>>,
}

impl Sight {
    /// Nothing seen yet of `objects` objects.
    #[must_use]
    pub fn new(objects: usize) -> Self {
        Self { seen: vec![VecDeque::with_capacity(WINDOW); objects] }
    }
    /// Takes in what is new.
    pub fn update(&mut self, readings: &[PoseReading]) {
        for (seen, reading) in self.seen.iter_mut().zip(readings) {
            let new = seen.back().is_none_or(|(at, _)| reading.measured_at_s > *at);
            if reading.valid && new {
                if seen.len() == WINDOW {
                    seen.pop_front();
                }
                seen.push_back((reading.measured_at_s, reading.base_from_object));
            }
        }
    }
    /// Forgets what was seen of an object: it was moved.
    pub fn forget(&mut self, object: usize) {
        self.seen[object].clear();
    }
    /// How many readings count for an object.
    #[must_use]
    pub fn readings(&self, object: usize) -> usize {
        self.seen[object].len()
    }
    /// The mean pose of an object; none before its first reading.
    #[must_use]
    pub fn pose(&self, object: usize) -> Option<Pose> {
        let seen = &self.seen[object];
        let (_, first) = seen.back()?;
        let (mut position, mut turn) = (Vec3::ZERO, Vec3::ZERO);
        for (_, pose) in seen {
            position += pose.position;
            // Small turns from the newest reading average like vectors.
            turn += (first.rotation.conjugate() * pose.rotation).to_rotation_vector();
        }
        let share = 1.0 / seen.len() as f64;
        Some(Pose::new(position * share, first.rotation * Quat::from_rotation_vector(turn * share)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// Law of large numbers: forty readings of 1 mm and 2 mrad leave less than 0.5 mm and 1 mrad (three standard deviations).
    #[test]
    fn the_mean_of_many_readings_is_near_the_truth() {
        let truth = Pose::new(Vec3::new(1.0, -0.4, 0.2), Quat::from_rotation_vector(Vec3::new(0.02, 0.0, 3.1)));
        let mut draw = Seed::from_number(11).stream("sight");
        let mut sight = Sight::new(1);
        for k in 0..100 {
            let mut noise = |sd: f64| Vec3::new(draw.normal(0.0, sd), draw.normal(0.0, sd), draw.normal(0.0, sd));
            let shift = noise(0.001);
            let turn = Quat::from_rotation_vector(noise(0.002));
            let pose = Pose::new(truth.position + shift, truth.rotation * turn);
            let valid = k % 7 != 0;
            sight.update(&[PoseReading { base_from_object: pose, measured_at_s: 0.1 * f64::from(k), valid }]);
        }
        assert_eq!(sight.readings(0), WINDOW);
        let seen = sight.pose(0).unwrap();
        assert!((seen.position - truth.position).norm() < 0.000_8);
        assert!((truth.rotation.conjugate() * seen.rotation).to_rotation_vector().norm() < 0.001_6);
    }

    /// One reading seen in many steps is one reading, and a missing one is none.
    #[test]
    fn a_reading_counts_once() {
        let mut sight = Sight::new(1);
        let reading = PoseReading { measured_at_s: 0.5, valid: true, ..PoseReading::default() };
        for _ in 0..10 {
            sight.update(&[reading]);
        }
        sight.update(&[PoseReading { measured_at_s: 0.6, ..PoseReading::default() }]);
        assert_eq!(sight.readings(0), 1);
        sight.forget(0);
        assert!(sight.pose(0).is_none());
    }
}
