//! What the tip feels: the wrist sensor's reading without its offset and the tool's weight, at the tip.

use crate::robot::Wrist;
use leitai_control::force_sensor::ForceSensor;
use leitai_math::{Pose, Vec3};
use leitai_model::interface::WristReading;

/// Readings that make the sensor's zero.
pub(crate) const ZERO_READINGS: u32 = 50;

/// What comes after a step by feel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// Go on.
    GoOn,
    /// Go straight to this pose of the tip and go on there.
    MoveTo(Pose),
    /// All that was asked is done.
    Done,
    /// What must be felt was not.
    GaveUp,
}

/// One sensor, zeroed by the mean of some readings.
#[derive(Clone, Copy, Debug)]
pub struct Felt {
    wrist: Wrist,
    sensor: ForceSensor,
    /// Sum of the readings that make the zero.
    sum: [f64; 6],
    readings: u32,
}

impl Felt {
    /// Nothing is known of the offset yet.
    #[must_use]
    pub fn new(wrist: Wrist) -> Self {
        let sensor = ForceSensor { gravity: wrist.gravity, ..ForceSensor::new(wrist.load) };
        Self { wrist, sensor, sum: [0.0; 6], readings: 0 }
    }

    /// Takes in a reading while the tool stands still at `base_from_tip` and touches nothing. Gives how many there were.
    pub fn zero(&mut self, reading: &WristReading, base_from_tip: &Pose) -> u32 {
        self.sum.iter_mut().zip(numbers(reading)).for_each(|(sum, x)| *sum += x);
        self.readings += 1;
        let mean = self.sum.map(|x| x / f64::from(self.readings));
        self.sensor.zero(base_from_tip.rotation * self.wrist.tip_from_sensor.rotation, &mean);
        self.readings
    }

    /// Force [N] and moment about the tip [N·m] of the surroundings on the tool, in the base; the tool moves slowly.
    #[must_use]
    pub fn felt(&self, reading: &WristReading, base_from_tip: &Pose) -> (Vec3, Vec3) {
        let base_from_sensor = *base_from_tip * self.wrist.tip_from_sensor;
        let contact = self.sensor.contact_at_tip(base_from_sensor, base_from_tip.position, &numbers(reading));
        (Vec3::from_slice(&contact), Vec3::from_slice(&contact[3..]))
    }
}

fn numbers(reading: &WristReading) -> [f64; 6] {
    let (force, torque) = (reading.force, reading.torque);
    [force.x, force.y, force.z, torque.x, torque.y, torque.z]
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_control::force_sensor::ToolLoad;
    use leitai_math::Quat;

    /// Statics: whatever the attitude, offset and weight vanish from the reading, and a force at a lever arm from the tip appears there.
    #[test]
    fn weight_and_offset_vanish_at_every_attitude() {
        let sensor = Pose::new(Vec3::new(0.01, -0.02, -0.15), Quat::from_rotation_vector(Vec3::new(0.3, -0.2, 1.1)));
        let load = ToolLoad { mass_kg: 1.3, center: Vec3::new(0.0, 0.005, 0.09), offset: [0.0; 6] };
        let wrist = Wrist { tip_from_sensor: sensor, load, gravity: Vec3::new(0.1, 0.0, -9.8) };
        let offset = (Vec3::new(0.4, -0.7, 0.2), Vec3::new(0.02, 0.01, -0.03));
        let shown = |tip: &Pose, force: Vec3, at: Vec3| {
            let base_from_sensor = *tip * sensor;
            let weight = wrist.gravity * load.mass_kg;
            let arm = |point: Vec3| point - base_from_sensor.position;
            let moment = arm(base_from_sensor.apply(load.center)).cross(weight) + arm(at).cross(force);
            let back = base_from_sensor.rotation.conjugate();
            WristReading { force: back.rotate(weight + force) + offset.0, torque: back.rotate(moment) + offset.1 }
        };
        let mut felt = Felt::new(wrist);
        let first = Pose::new(Vec3::new(0.5, 0.1, 0.3), Quat::from_rotation_vector(Vec3::new(3.0, 0.2, 0.1)));
        assert_eq!(felt.zero(&shown(&first, Vec3::ZERO, Vec3::ZERO), &first), 1);
        for k in 0..20 {
            let turn = Vec3::new(0.3 * f64::from(k), 1.0 - 0.1 * f64::from(k), 0.5);
            let tip = Pose::new(Vec3::new(0.4, 0.2, 0.1 * f64::from(k)), Quat::from_rotation_vector(turn));
            let (force, arm) = (Vec3::new(3.0, -2.0, 11.0), Vec3::new(0.01, 0.02, 0.005));
            let (f, m) = felt.felt(&shown(&tip, force, tip.position + arm), &tip);
            assert!((f - force).norm() < 1e-12 && (m - arm.cross(force)).norm() < 1e-12, "{f:?} {m:?}");
        }
    }
}
