//! Putting the tip into a hole by feel.
//!
//! Of a hole without a chamfer, a few hundredths of a millimeter wider than its peg, place and axis are known to a millimeter and a
//! degree or two at best. A peg that meets it askew wedges: with friction µ and a clearance c of the diameter it must not be further
//! off the axis than c/µ (Whitney, *Quasi-static assembly of compliantly supported rigid parts*, 1982), here some thousandths of a
//! radian. So the tip, leaning, first touches the face around the hole with the same edge in three places: the face is square to the hole.
//! Then it comes down on the hole leaning, because the lowest edge of a leaning peg is narrow and drops into the opening wherever that
//! is within the lean's reach (Inoue, *Force feedback in precise assembly tasks*, 1974); is pushed over until its edge meets the wall;
//! stands up against it, and slides down while it yields to everything that it feels, about its own end, so that side forces shift it
//! and moments turn it. Where it does not go in, it comes back from another side.

use crate::task::{Insert, TipWork};
use crate::touch::{Felt, Next, ZERO_READINGS};
use leitai_control::accommodation::Ask;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::interface::WristReading;

/// Where the middle of the leaning tip comes down beside the middle of the hole [m]: the edge then has this much room on both sides.
const ASIDE_M: f64 = 0.003;
/// How far above a site of uncertain height the tip begins, above a face of uncertain tilt, and above one that it knows [m].
const HOVER_M: f64 = 0.005;
const AGAIN_M: f64 = 0.004;
const ABOVE_M: f64 = 0.002;
/// Force that tells of contact, as a share of the push.
const CONTACT_SHARE: f64 = 0.3;
/// Push across the hole, and along it while the tip stands up, as shares of the push along it.
const ACROSS_SHARE: f64 = 0.6;
const RISE_SHARE: f64 = 0.5;
/// Rate [1/s] at which the tip itself, not only its reference, comes to an attitude: a force at the end of a long tool turns the wrist.
const HOLD_1_S: f64 = 6.0;
/// As deep as this [m], moments tell how the hole lies.
const LED_M: f64 = 0.005;
/// Angular velocity of standing up [rad/s].
const RISE_RAD_S: f64 = 0.3;
/// Longest times [s]: until something is met, to lean over, to finish standing up, to make no way, to come back.
const LOWER_S: f64 = 3.0;
const LEAN_S: f64 = 1.5;
const RISE_S: f64 = 0.3;
const PATIENCE_S: f64 = 1.5;
const LEAVE_S: f64 = 1.5;
/// Way [m] that counts as some.
const PROGRESS_M: f64 = 0.0001;
/// Below the site by this much [m], the tip is in the hole.
const INSIDE_M: f64 = 0.003;
/// Sides from which it is tried.
const MOST_TRIES: u32 = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Zero,
    Touch { found: [Vec3; 3], count: usize },
    Enter,
    Lean,
    Rise { left_rad: f64 },
    Push { deepest_m: f64, since: u32 },
    Leave,
}

/// Finding one hole.
#[derive(Clone, Debug)]
pub(crate) struct Insertion {
    how: Insert,
    work: TipWork,
    /// As measured; turned and lifted once the face has been felt.
    base_from_site: Pose,
    /// Attitude of a tip that does not lean.
    upright: Quat,
    felt: Felt,
    stage: Stage,
    steps: u32,
    period_s: f64,
    tries: u32,
}

impl Insertion {
    /// For the hole that opens at `base_from_site`, with a tip whose attitude there is `upright`.
    pub fn new(how: Insert, work: TipWork, base_from_site: Pose, upright: Quat, felt: Felt, period_s: f64) -> Self {
        Self { how, work, base_from_site, upright, felt, stage: Stage::Zero, steps: 0, period_s, tries: 0 }
    }

    /// Where the tip begins: over the face beside the hole.
    pub fn begin(&self) -> Pose {
        self.over_face(0, HOVER_M)
    }

    /// Leaning, as high as `above_m` over a place of the face around the hole; three of them stand around it.
    fn over_face(&self, place: usize, above_m: f64) -> Pose {
        let (s, c) = real::sin_cos(real::TAU / 3.0 * place as f64);
        let out = self.base_from_site.rotation.rotate(Vec3::new(c, s, 0.0));
        let position = self.base_from_site.position + out * self.how.beside_m + self.up() * above_m;
        Pose::new(position, self.leaning(self.how.lean_rad))
    }

    /// Where it comes down leaning.
    fn over_hole(&self) -> Pose {
        let position = self.base_from_site.position - self.aside() * ASIDE_M + self.up() * ABOVE_M;
        Pose::new(position, self.leaning(self.how.lean_rad))
    }

    /// Attitude of a tip that leans by `angle` [rad].
    fn leaning(&self, angle: f64) -> Quat {
        (Quat::from_axis_angle(self.up().cross(self.aside()), angle) * self.upright).normalized()
    }

    /// Angular velocity that brings a tip to the attitude of one that leans by `angle`.
    fn hold(&self, tip: &Pose, angle: f64) -> Vec3 {
        (self.leaning(angle) * tip.rotation.conjugate()).to_rotation_vector() * HOLD_1_S
    }

    fn up(&self) -> Vec3 {
        self.base_from_site.rotation.rotate(Vec3::Z)
    }

    /// Direction across the hole in which the tip leans in this try.
    fn aside(&self) -> Vec3 {
        let (s, c) = real::sin_cos(0.5 * real::PI * f64::from(self.tries));
        self.base_from_site.rotation.rotate(Vec3::new(c, s, 0.0))
    }

    /// One control step with the tip at `tip`: how the reference is to move, and what comes next.
    pub fn step(&mut self, reading: &WristReading, tip: &Pose) -> (Ask, Next) {
        self.steps += 1;
        if self.stage == Stage::Zero {
            if self.felt.zero(reading, tip) >= ZERO_READINGS {
                self.enter(Stage::Touch { found: [Vec3::ZERO; 3], count: 0 });
            }
            return (Ask::default(), Next::GoOn);
        }
        let (force, moment) = self.felt.felt(reading, tip);
        let (up, aside, push) = (self.up(), self.aside(), self.how.force_n);
        let depth_m = -up.dot(tip.position - self.base_from_site.position);
        let over_time = |most_s: f64| f64::from(self.steps) * self.period_s > most_s;
        let met = force.dot(up) > CONTACT_SHARE * push;
        let mut next = Next::GoOn;
        let ask = match self.stage {
            Stage::Zero => Ask::default(),
            Stage::Touch { mut found, count } => {
                if met || over_time(LOWER_S) {
                    found[count] = tip.position;
                    let count = count + 1;
                    self.enter(if count < found.len() { Stage::Touch { found, count } } else { Stage::Enter });
                    if count == found.len() {
                        self.know_face(&found);
                    }
                    next = Next::MoveTo(if count < found.len() { self.over_face(count, AGAIN_M) } else { self.over_hole() });
                }
                ask(up * -self.how.speed_m_s, self.hold(tip, self.how.lean_rad), force, Vec3::ZERO)
            }
            Stage::Enter => {
                if met {
                    self.enter(Stage::Lean);
                } else if depth_m > INSIDE_M {
                    // Nothing was met where something must be: stand up in the hole.
                    self.enter(Stage::Rise { left_rad: self.how.lean_rad });
                }
                ask(up * -self.how.speed_m_s, self.hold(tip, self.how.lean_rad), force, Vec3::ZERO)
            }
            Stage::Lean => {
                if over_time(LEAN_S) || force.dot(aside) < -0.5 * ACROSS_SHARE * push {
                    self.enter(Stage::Rise { left_rad: self.how.lean_rad });
                }
                ask(Vec3::ZERO, self.hold(tip, self.how.lean_rad), force + aside * (ACROSS_SHARE * push) - up * push, Vec3::ZERO)
            }
            Stage::Rise { left_rad } => {
                let turn = real::min(RISE_RAD_S * self.period_s, left_rad);
                if left_rad > 0.0 {
                    (self.stage, self.steps) = (Stage::Rise { left_rad: left_rad - turn }, 0);
                } else if over_time(RISE_S) {
                    self.enter(Stage::Push { deepest_m: depth_m, since: 0 });
                }
                // A moment that turned the tip back would be that of the rim under its end.
                let rate = up.cross(aside) * (-turn / self.period_s) + self.hold(tip, left_rad);
                ask(Vec3::ZERO, rate, force + aside * (ACROSS_SHARE * push) - up * (RISE_SHARE * push), Vec3::ZERO)
            }
            Stage::Push { deepest_m, since } => {
                if depth_m >= self.work.depth_m {
                    next = Next::Done;
                } else if depth_m > deepest_m + PROGRESS_M {
                    self.stage = Stage::Push { deepest_m: depth_m, since: 0 };
                } else if f64::from(since) * self.period_s > PATIENCE_S {
                    self.enter(Stage::Leave);
                } else {
                    self.stage = Stage::Push { deepest_m, since: since + 1 };
                }
                if depth_m < LED_M {
                    ask(Vec3::ZERO, self.hold(tip, 0.0), force - up * push, Vec3::ZERO)
                } else {
                    ask(Vec3::ZERO, Vec3::ZERO, force - up * push, moment)
                }
            }
            Stage::Leave => {
                if over_time(LEAVE_S) || depth_m < -HOVER_M {
                    self.tries += 1;
                    self.enter(Stage::Enter);
                    next = if self.tries < MOST_TRIES { Next::MoveTo(self.over_hole()) } else { Next::GaveUp };
                }
                // Whatever holds the tip back is not given way to.
                ask(up * (2.0 * self.how.speed_m_s), Vec3::ZERO, force - up * up.dot(force), moment)
            }
        };
        (ask, next)
    }

    /// Takes axis and height of the hole from where the same edge of the tip met the face around it.
    fn know_face(&mut self, [a, b, c]: &[Vec3; 3]) {
        let normal = (*b - *a).cross(*c - *a);
        let size = normal.norm();
        if size == 0.0 {
            return;
        }
        let felt_up = normal * (1.0 / size);
        // The edge is below the middle of the end.
        let edge = felt_up * (self.work.radius_m * real::sin(self.how.lean_rad));
        let (axis, before) = (self.up().cross(felt_up), self.base_from_site.position);
        let turn = Quat::from_rotation_vector(axis);
        self.base_from_site.rotation = (turn * self.base_from_site.rotation).normalized();
        self.upright = (turn * self.upright).normalized();
        self.base_from_site.position += felt_up * felt_up.dot(*a - edge - before);
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.steps = 0;
    }

    /// Greatest speed [m/s] of the tip now: one that slides across the face must not knock at the wall.
    pub fn most_m_s(&self) -> f64 {
        if self.stage == Stage::Lean { self.how.speed_m_s } else { 2.0 * self.how.speed_m_s }
    }

    /// What the tip is doing.
    pub fn doing(&self) -> &'static str {
        match self.stage {
            Stage::Zero => "insert: zero the sensor",
            Stage::Touch { .. } => "insert: touch the face",
            Stage::Enter => "insert: come down leaning",
            Stage::Lean => "insert: lean against the wall",
            Stage::Rise { .. } => "insert: stand up",
            Stage::Push { .. } => "insert: slide in",
            Stage::Leave => "insert: come back",
        }
    }
}

fn ask(velocity: Vec3, rate: Vec3, force: Vec3, moment: Vec3) -> Ask {
    Ask {
        twist: [velocity.x, velocity.y, velocity.z, rate.x, rate.y, rate.z],
        wrench: [force.x, force.y, force.z, moment.x, moment.y, moment.z],
    }
}
