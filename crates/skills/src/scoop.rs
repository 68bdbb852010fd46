//! Taking food from a bowl with a spoon.
//!
//! The spoon comes down tilted behind the food, until it feels the floor; goes along the floor with a light push, flattening, and heaps the
//! pieces against the far wall, where they climb over its lip; turns level about its tip, rises, and goes to and fro over the bowl, so that
//! what lies loose falls off there. What it feels along the floor's
//! normal moves it up and down, so a floor known to a few millimeters is enough. A spoon stands level when the x axis of its tip is up; it
//! points along the z axis.

use crate::task::{Bowl, Scoop};
use crate::touch::{Felt, Next, ZERO_READINGS};
use leitai_control::accommodation::Ask;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::interface::WristReading;

/// How far over the floor it comes down by feel, over the rim it sheds what lies loose, and over the rim it carries the rest [m].
const HOVER_M: f64 = 0.02;
const SHED_M: f64 = 0.025;
const OVER_RIM_M: f64 = 0.07;
/// How far back from the wall it sheds, and how far it goes to and fro there [m]: what falls, falls into the bowl.
const BACK_M: f64 = 0.03;
const SHAKE_M: f64 = 0.012;
/// Speed of coming down [m/s].
const LOWER_M_S: f64 = 0.025;
/// The floor is not further than this [m] above or below where it was measured: what is met higher is food, and is pushed aside.
const UNSURE_M: f64 = 0.006;
/// Push that moves food aside, as a multiple of the push on the floor.
const ASIDE_SHARE: f64 = 3.0;
/// Room between the back of the spoon and the near wall, and between its tip and the far one [m].
const BEHIND_M: f64 = 0.010;
const SHORT_M: f64 = 0.003;
/// As near to the far wall as this [m], a force along the floor is the wall's.
const NEAR_M: f64 = 0.012;
/// Way [m] along the floor in which it flattens.
const FLATTEN_M: f64 = 0.05;
/// Force along the floor that is given way to, and that tells of the far wall, as multiples of the push.
const YIELD_SHARE: f64 = 1.5;
const WALL_SHARE: f64 = 3.0;
/// Rate [1/s] at which attitude and line are held.
const HOLD_1_S: f64 = 6.0;
/// How far the tip rises while it turns level [m].
const CLEAR_M: f64 = 0.018;
/// Longest time [s] for coming down; and for the way along the floor, as a multiple of what it takes where nothing is in the way.
const PATIENCE_S: f64 = 8.0;
const PATIENCE_SHARE: f64 = 1.5;

/// Attitude of a level spoon that points along the level part of `along`.
pub(crate) fn level(along: Vec3) -> Quat {
    let forward = Quat::from_axis_angle(Vec3::Z, real::PI) * Quat::from_axis_angle(Vec3::Y, -0.5 * real::PI);
    Quat::from_axis_angle(Vec3::Z, real::atan2(along.y, along.x)) * forward
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Zero,
    Lower,
    Sweep,
    Level,
    Rise,
    Shed { left: u32 },
}

/// One scoop along one direction.
#[derive(Clone, Debug)]
pub(crate) struct Scooping {
    how: Scoop,
    bowl: Bowl,
    base_from_bowl: Pose,
    /// Way of the spoon along the floor.
    forward: Vec3,
    felt: Felt,
    stage: Stage,
    steps: u32,
    period_s: f64,
    /// Where the floor was felt, above the site [m].
    floor_m: f64,
    /// Nothing can be felt: the floor is where it was measured.
    numb: bool,
}

impl Scooping {
    /// In the bowl at `base_from_bowl`, along its x axis, or against it where `back` says so.
    pub fn new(how: Scoop, bowl: Bowl, base_from_bowl: Pose, back: bool, felt: Felt, period_s: f64, numb: bool) -> Self {
        let forward = base_from_bowl.rotation.rotate(if back { -Vec3::X } else { Vec3::X });
        Self { how, bowl, base_from_bowl, forward, felt, stage: Stage::Zero, steps: 0, period_s, floor_m: 0.0, numb }
    }

    /// The tip at `along_m` from the middle and `above_m` over the floor, tilted.
    fn pose(&self, along_m: f64, above_m: f64, tilt_rad: f64) -> Pose {
        let position = self.base_from_bowl.position + self.forward * along_m + Vec3::Z * above_m;
        Pose::new(position, level(self.forward) * Quat::from_axis_angle(Vec3::Y, -tilt_rad))
    }

    /// Where the tip comes down: as far behind as the near wall lets a tilted spoon.
    fn start_m(&self) -> f64 {
        let (s, c) = real::sin_cos(self.how.tilt_rad);
        BEHIND_M + self.bowl.rim_m * c / real::max(s, 0.1) - 0.5 * self.bowl.inner_m[0]
    }

    fn end_m(&self) -> f64 {
        0.5 * self.bowl.inner_m[0] - SHORT_M
    }

    /// Its way along the floor.
    pub fn along(&self) -> Vec3 {
        self.forward
    }

    /// Where the tip begins.
    pub fn begin(&self) -> Pose {
        self.pose(self.start_m(), HOVER_M, self.how.tilt_rad)
    }

    /// Over the bowl, `above_m` above where it begins.
    pub fn over(&self, above_m: f64) -> Pose {
        self.pose(self.start_m(), HOVER_M + above_m, self.how.tilt_rad)
    }

    /// Poses through which it goes in straight lines, the last with food on it.
    pub fn way(&self) -> [Pose; 5] {
        let (start, end) = (self.start_m(), self.end_m());
        let flat = self.how.flat_rad;
        let middle = real::min(start + FLATTEN_M, end);
        [
            self.begin(),
            self.pose(start, 0.0, self.how.tilt_rad),
            self.pose(middle, 0.0, flat),
            self.pose(end, CLEAR_M, 0.0),
            self.pose(end - BACK_M, self.bowl.rim_m + OVER_RIM_M, 0.0),
        ]
    }

    /// One control step with the tip at `tip`: how the reference is to move, and what comes next.
    pub fn step(&mut self, reading: &WristReading, tip: &Pose) -> (Ask, Next) {
        self.steps += 1;
        let moved = tip.position - self.base_from_bowl.position;
        let (along_m, above_m) = (moved.dot(self.forward), moved.z);
        let (force, _) = self.felt.felt(reading, tip);
        let time_s = f64::from(self.steps) * self.period_s;
        let still = (Ask::default(), Next::GoOn);
        match self.stage {
            Stage::Zero => {
                if self.felt.zero(reading, tip) >= ZERO_READINGS {
                    self.enter(Stage::Lower);
                }
                still
            }
            Stage::Lower => {
                let met = if self.numb { above_m <= 0.001 } else { force.z > self.how.force_n && above_m < UNSURE_M };
                if met {
                    self.floor_m = above_m;
                    self.enter(Stage::Sweep);
                    return still;
                }
                let push = if self.numb { 0.0 } else { real::max(force.z - ASIDE_SHARE * self.how.force_n, 0.0) };
                let next = if time_s > PATIENCE_S || above_m < -UNSURE_M { Next::GaveUp } else { Next::GoOn };
                (self.ask(Vec3::Z * -LOWER_M_S, tip, self.start_m(), self.how.tilt_rad, Vec3::Z * push), next)
            }
            Stage::Sweep => {
                let against = -force.dot(self.forward);
                let wall = !self.numb && against > WALL_SHARE * self.how.force_n && along_m > self.end_m() - NEAR_M;
                let late = time_s > PATIENCE_SHARE * (self.end_m() - self.start_m()) / self.how.speed_m_s;
                if wall || along_m >= self.end_m() || late {
                    self.enter(Stage::Level);
                    return (Ask::default(), Next::MoveTo(self.pose(along_m, self.floor_m + CLEAR_M, 0.0)));
                }
                let share = real::clamp((along_m - self.start_m()) / FLATTEN_M, 0.0, 1.0);
                let tilt = self.how.tilt_rad + (self.how.flat_rad - self.how.tilt_rad) * share;
                let back = real::max(against - YIELD_SHARE * self.how.force_n, 0.0);
                let push = Vec3::Z * (force.z - self.how.force_n) - self.forward * back;
                let push = if self.numb { Vec3::ZERO } else { push };
                let height = if self.numb { (0.001 - above_m) * HOLD_1_S } else { 0.0 };
                (self.ask(self.forward * self.how.speed_m_s + Vec3::Z * height, tip, along_m, tilt, push), Next::GoOn)
            }
            Stage::Level => {
                self.enter(Stage::Rise);
                (Ask::default(), Next::MoveTo(self.pose(along_m - BACK_M, self.floor_m + self.bowl.rim_m + SHED_M, 0.0)))
            }
            Stage::Rise => {
                self.enter(Stage::Shed { left: 2 });
                let aside = self.forward.cross(Vec3::Z) * SHAKE_M - self.forward * SHAKE_M;
                (Ask::default(), Next::MoveTo(Pose::new(tip.position + aside, level(self.forward))))
            }
            Stage::Shed { left: 0 } => (Ask::default(), Next::Done),
            Stage::Shed { left } => {
                self.enter(Stage::Shed { left: left - 1 });
                let above_m = self.floor_m + self.bowl.rim_m + if left > 1 { SHED_M } else { OVER_RIM_M };
                (Ask::default(), Next::MoveTo(self.pose(real::min(along_m + SHAKE_M, self.end_m() - BACK_M), above_m, 0.0)))
            }
        }
    }

    /// The velocity, the line through the middle of the bowl and the attitude; gives way to `push` [N].
    fn ask(&self, velocity: Vec3, tip: &Pose, along_m: f64, tilt_rad: f64, push: Vec3) -> Ask {
        let line = self.pose(along_m, 0.0, tilt_rad);
        let across = self.forward.cross(Vec3::Z);
        let velocity = velocity + across * (across.dot(line.position - tip.position) * HOLD_1_S);
        let rate = (line.rotation * tip.rotation.conjugate()).to_rotation_vector() * HOLD_1_S;
        Ask {
            twist: [velocity.x, velocity.y, velocity.z, rate.x, rate.y, rate.z],
            wrench: [push.x, push.y, push.z, 0.0, 0.0, 0.0],
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.steps = 0;
    }

    /// Greatest speed [m/s] of the tip now.
    pub fn most_m_s(&self) -> f64 {
        real::max(2.0 * self.how.speed_m_s, 2.0 * LOWER_M_S)
    }

    /// What the spoon is doing.
    pub fn doing(&self) -> &'static str {
        match self.stage {
            Stage::Zero => "scoop: zero the sensor",
            Stage::Lower => "scoop: feel for the floor",
            Stage::Sweep => "scoop: sweep the floor",
            Stage::Level => "scoop: turn level",
            Stage::Rise => "scoop: rise",
            Stage::Shed { .. } => "scoop: shed what lies loose",
        }
    }
}
