//! Offering a bite.
//!
//! The level spoon comes up to the mouth along the mouth's axis and goes along with where the mouth is measured. A head that trembles
//! faster than it is measured cannot be followed; the mean of its readings is its middle, and that is where the spoon waits. The
//! spoon's own motion stays gentle, because food lies loose on it: its velocity changes by a bounded acceleration. What it feels is
//! given way to, and it never goes on against it.

use crate::scoop::level;
use crate::task::Offer;
use crate::touch::{Felt, Next, ZERO_READINGS};
use leitai_control::accommodation::Ask;
use leitai_math::{Pose, Vec3, real};
use leitai_model::interface::WristReading;

/// Rates [1/s] at which the spoon comes to its place and attitude.
const COME_1_S: f64 = 2.0;
const HOLD_1_S: f64 = 3.0;
/// Greatest acceleration [m/s²].
const GENTLE_M_S2: f64 = 0.2;
/// Nearer than this [m] the spoon is there.
const THERE_M: f64 = 0.002;
/// Longest time [s] of coming.
const PATIENCE_S: f64 = 8.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Zero,
    Come,
    Wait,
    Leave,
}

/// One bite.
#[derive(Clone, Debug)]
pub(crate) struct Offering {
    how: Offer,
    felt: Felt,
    stage: Stage,
    velocity: Vec3,
    steps: u32,
    period_s: f64,
    numb: bool,
}

/// The tip of a level spoon at the mouth, as far in front of it as `before_m`; the mouth's z is out of it.
pub(crate) fn at_mouth(mouth: &Pose, before_m: f64) -> Pose {
    let out = mouth.rotation.rotate(Vec3::Z);
    let flat = Vec3::new(out.x, out.y, 0.0).normalized_or(-Vec3::X);
    Pose::new(mouth.position + flat * before_m, level(-flat))
}

impl Offering {
    /// With the spoon at rest in front of the mouth.
    pub fn new(how: Offer, felt: Felt, period_s: f64, numb: bool) -> Self {
        Self { how, felt, stage: Stage::Zero, velocity: Vec3::ZERO, steps: 0, period_s, numb }
    }

    /// One control step with the tip at `tip` and the mouth where it was measured: how the reference is to move, and what comes next.
    pub fn step(&mut self, reading: &WristReading, tip: &Pose, mouth: &Pose) -> (Ask, Next) {
        self.steps += 1;
        let target = at_mouth(mouth, 0.0);
        let over_time = |most_s: f64| f64::from(self.steps) * self.period_s > most_s;
        match self.stage {
            Stage::Zero => {
                if self.felt.zero(reading, tip) >= ZERO_READINGS {
                    self.enter(Stage::Come);
                }
                return (Ask::default(), Next::GoOn);
            }
            Stage::Come if (target.position - tip.position).norm() < THERE_M || over_time(PATIENCE_S) => self.enter(Stage::Wait),
            Stage::Wait if over_time(self.how.wait_s) => {
                self.enter(Stage::Leave);
                return (Ask::default(), Next::MoveTo(at_mouth(mouth, self.how.leave_m)));
            }
            Stage::Leave => return (Ask::default(), Next::Done),
            Stage::Come | Stage::Wait => {}
        }
        let (force, _) = self.felt.felt(reading, tip);
        let touched = !self.numb && force.norm() > 0.5 * self.how.force_n;
        let wanted = if touched { Vec3::ZERO } else { self.towards(target.position - tip.position) };
        let change = wanted - self.velocity;
        let most = GENTLE_M_S2 * self.period_s / real::max(change.norm(), 1e-9);
        self.velocity += change * real::min(most, 1.0);
        let rate = (target.rotation * tip.rotation.conjugate()).to_rotation_vector() * HOLD_1_S;
        let (v, f) = (self.velocity, if touched { force } else { Vec3::ZERO });
        (Ask { twist: [v.x, v.y, v.z, rate.x, rate.y, rate.z], wrench: [f.x, f.y, f.z, 0.0, 0.0, 0.0] }, Next::GoOn)
    }

    /// Velocity towards a place that is `way` off: such that it can still stop there.
    fn towards(&self, way: Vec3) -> Vec3 {
        let left = way.norm();
        let stopping = real::sqrt(2.0 * 0.5 * GENTLE_M_S2 * left);
        let speed = real::min(real::min(stopping, COME_1_S * left), self.how.speed_m_s);
        way * (speed / real::max(left, 1e-9))
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.steps = 0;
    }

    /// Greatest speed [m/s] of the tip.
    pub fn most_m_s(&self) -> f64 {
        2.0 * self.how.speed_m_s
    }

    /// What the spoon is doing.
    pub fn doing(&self) -> &'static str {
        match self.stage {
            Stage::Zero => "offer: zero the sensor",
            Stage::Come => "offer: come to the mouth",
            Stage::Wait => "offer: wait for the bite",
            Stage::Leave => "offer: leave",
        }
    }
}
