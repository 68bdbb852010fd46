//! From any state to a target, at once: jerk-limited motions of single joints, and of several that arrive together.
//!
//! Each joint starts at any position, velocity and acceleration and reaches a position and a velocity, acceleration zero, within
//! limits of velocity, acceleration and jerk, in the least time there is. Joints that shall arrive together take the least duration that
//! is possible for all: not every longer one is, because a joint that moves cannot always waste time (Berscheid & Kröger,
//! *Jerk-limited Real-time Trajectory Generation with Arbitrary Target States*, RSS 2021, call these durations blocked).
//!
//! What a joint can do in a time T is an interval of distances, since mixing two admissible motions gives an admissible one. Its
//! ends are the motions that come farthest forward and farthest backward, each with a closed form in T. A duration is possible exactly
//! if the distance lies between them, the least duration is the first at which it does, and between two bounds there is always a motion.
//!
//! A start beyond its limits is first brought back as quickly as they allow.

/// Stretches of constant jerk and their evaluation.
mod course;
/// The farthest motions.
mod extremal;
/// Motions of a given duration.
mod lasting;
/// One joint in units of its jerk; the brake.
mod task;

pub use course::{Course, Stretch};

use alloc::vec;
use alloc::vec::Vec;
use extremal::{Family, Shape};
use leitai_math::real;
use task::{Brake, Task, brake};

/// One joint at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// Position [rad or m].
    pub position: f64,
    /// Velocity [rad/s or m/s].
    pub velocity: f64,
    /// Acceleration [rad/s² or m/s²].
    pub acceleration: f64,
}

/// Where a motion ends, its acceleration zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Target {
    /// Position [rad or m].
    pub position: f64,
    /// Velocity [rad/s or m/s].
    pub velocity: f64,
}

/// Limits of one joint, least and greatest; the least are below zero, the greatest above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Velocity [rad/s or m/s].
    pub velocity: [f64; 2],
    /// Acceleration [rad/s² or m/s²].
    pub acceleration: [f64; 2],
    /// Magnitude of the jerk [rad/s³ or m/s³].
    pub jerk: f64,
}

impl Limits {
    /// The same limits in both directions.
    #[must_use]
    pub fn symmetric(velocity: f64, acceleration: f64, jerk: f64) -> Self {
        Self { velocity: [-velocity, velocity], acceleration: [-acceleration, acceleration], jerk }
    }
}

/// What one joint has to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transfer {
    /// Now.
    pub start: State,
    /// Then.
    pub target: Target,
    /// On the way.
    pub limits: Limits,
}

/// Why there is no motion; each names the joint, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferError {
    /// A number is not finite.
    NotFinite(usize),
    /// A limit leaves no room around zero.
    NoRoom(usize),
    /// The target's velocity is beyond the limits.
    TargetTooFast(usize),
    /// The numbers are so far apart that the target would be missed by rounding.
    TooLarge(usize),
    /// The duration asked for is shorter than the least possible, or one at which the joint cannot arrive.
    Impossible(usize),
}

impl core::fmt::Display for TransferError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (joint, what) = match self {
            Self::NotFinite(joint) => (joint, "a state, target or limit is not finite"),
            Self::NoRoom(joint) => (joint, "limits must be below zero and above zero, the jerk above zero"),
            Self::TargetTooFast(joint) => (joint, "the target's velocity is beyond the limits"),
            Self::TooLarge(joint) => (joint, "numbers are so far apart that rounding would miss the target; scale them"),
            Self::Impossible(joint) => (joint, "no motion of this duration reaches the target; ask for a longer one"),
        };
        write!(f, "joint {}: {what}", joint + 1)
    }
}

impl core::error::Error for TransferError {}

/// A transfer made ready: the brake done, mirrored so that the target is not short of what the direct change of velocity covers.
#[derive(Clone, Copy, Debug, Default)]
struct Ready {
    task: Task,
    sign: f64,
    brake: Brake,
    brake_time: f64,
    /// Unit of time in 1/s: √jerk.
    scale: f64,
    /// Duration and distance of the direct change of velocity.
    direct: (f64, f64),
    fastest: Shape,
    /// Least duration [s].
    least_s: f64,
}

/// Within this share two durations are the same.
const SAME: f64 = 1e-13;

impl Ready {
    fn new(joint: usize, transfer: &Transfer) -> Result<Self, TransferError> {
        let Transfer { start, target, limits } = transfer;
        let Limits { velocity: [v_low, v_high], acceleration: [a_low, a_high], jerk } = *limits;
        // Zero times a number is zero exactly if the number is finite.
        let sum = 0.0 * (start.position + start.velocity + start.acceleration + target.position + target.velocity);
        if sum != 0.0 || 0.0 * (v_low + v_high + a_low + a_high + jerk) != 0.0 {
            return Err(TransferError::NotFinite(joint));
        }
        if !(v_low < 0.0 && v_high > 0.0 && a_low < 0.0 && a_high > 0.0 && jerk > 0.0) {
            return Err(TransferError::NoRoom(joint));
        }
        if target.velocity < v_low || target.velocity > v_high {
            return Err(TransferError::TargetTooFast(joint));
        }
        let scale = real::sqrt(jerk);
        let unit = 1.0 / scale;
        let mut task = Task {
            v0: start.velocity,
            a0: start.acceleration * unit,
            vf: target.velocity,
            d: (target.position - start.position) * scale,
            fast: v_high,
            back: -v_low,
            up: a_high * unit,
            down: -a_low * unit,
        };
        let brake = brake(&mut task);
        let mut direct = task.direct();
        let mut sign = 1.0;
        if task.d < direct.1 {
            sign = -1.0;
            task = task.mirrored();
            direct.1 = -direct.1;
        }
        let fastest = Family::of(&task).fastest();
        let brake_time = brake[0].0 + brake[1].0;
        let least_s = (brake_time + fastest.duration() - task.a0) * unit;
        if !least_s.is_finite() {
            return Err(TransferError::TooLarge(joint));
        }
        Ok(Self { task, sign, brake, brake_time, scale, direct, fastest, least_s })
    }

    /// The least duration not below `t_s` at which the joint can arrive [s].
    fn possible_from(&self, t_s: f64) -> f64 {
        if t_s <= self.least_s * (1.0 + SAME) {
            return real::max(t_s, self.least_s);
        }
        // Who may wait at the final velocity without moving away from the goal has time.
        let vf = self.task.vf;
        if vf == 0.0 {
            return t_s;
        }
        let task = if vf > 0.0 { self.task.mirrored() } else { self.task };
        let family = Family::of(&task);
        if vf < 0.0 && !family.has_knee() {
            return t_s;
        }
        let (shape, distance) = family.farthest(t_s * self.scale - self.brake_time + task.a0);
        if distance >= family.d {
            return t_s;
        }
        let least = (self.brake_time + family.next_reach(&shape) - task.a0) / self.scale;
        real::max(least, t_s)
    }

    /// The motion of duration `t_s`, which is possible.
    fn course(&self, joint: usize, t_s: f64, transfer: &Transfer, course: &mut Course) -> Result<(), TransferError> {
        let (mut sign, mut a0) = (self.sign, self.task.a0);
        let shape = if t_s <= self.least_s * (1.0 + SAME) {
            self.fastest
        } else {
            let t = t_s * self.scale - self.brake_time;
            let mut family = Family::of(&self.task);
            if self.task.d < self.direct.1 + self.task.vf * (t - self.direct.0) {
                family = Family::of(&self.task.mirrored());
                (sign, a0) = (-sign, -a0);
            }
            family.lasting(t + a0)
        };
        let Transfer { start, target, limits } = transfer;
        let target = State { position: target.position, velocity: target.velocity, acceleration: 0.0 };
        let end = course.lay(*start, target, limits.jerk, self.scale, &self.brake, sign, a0, &shape, t_s);
        let reach = real::abs(start.position) + real::abs(target.position) + t_s * (limits.velocity[1] - limits.velocity[0]);
        let missed = real::abs(end.position - target.position);
        let (speed, off) = (real::abs(start.velocity) + real::abs(target.velocity), real::abs(end.velocity - target.velocity));
        let close = missed.is_finite() && missed <= 1e-9 * (1.0 + reach) && off.is_finite() && off <= 1e-9 * (1.0 + speed);
        if close { Ok(()) } else { Err(TransferError::TooLarge(joint)) }
    }
}

/// Plans joints that arrive together; keeps its work space, so that planning again allocates nothing.
#[derive(Clone, Debug)]
pub struct Together {
    ready: Vec<Ready>,
    courses: Vec<Course>,
}

impl Together {
    /// For `joints` joints.
    #[must_use]
    pub fn new(joints: usize) -> Self {
        Self { ready: vec![Ready::default(); joints], courses: vec![Course::default(); joints] }
    }

    /// Plans all transfers over the least duration that is possible for each of them, and gives that duration [s].
    ///
    /// # Errors
    /// If a number is not finite, a limit leaves no room, a target is too fast, or numbers are too far apart for each other.
    ///
    /// # Panics
    /// If there are not as many transfers as joints.
    pub fn plan(&mut self, transfers: &[Transfer]) -> Result<f64, TransferError> {
        assert_eq!(transfers.len(), self.ready.len(), "one transfer for each joint");
        let mut t_s = 0.0;
        for (joint, transfer) in transfers.iter().enumerate() {
            self.ready[joint] = Ready::new(joint, transfer)?;
            t_s = real::max(t_s, self.ready[joint].least_s);
        }
        // Each joint has at most two gaps, and the duration only grows.
        for _ in 0..=2 * transfers.len() {
            let before = t_s;
            for ready in &self.ready {
                t_s = ready.possible_from(t_s);
            }
            if t_s <= before * (1.0 + SAME) {
                break;
            }
        }
        for (joint, transfer) in transfers.iter().enumerate() {
            self.ready[joint].course(joint, t_s, transfer, &mut self.courses[joint])?;
        }
        Ok(t_s)
    }

    /// The motions planned last, one for each joint.
    #[must_use]
    pub fn courses(&self) -> &[Course] {
        &self.courses
    }
}

/// The quickest motion of one joint.
///
/// # Errors
/// As [`Together::plan`].
pub fn fastest(transfer: &Transfer) -> Result<Course, TransferError> {
    let ready = Ready::new(0, transfer)?;
    let mut course = Course::default();
    ready.course(0, ready.least_s, transfer, &mut course)?;
    Ok(course)
}

/// A motion of one joint that takes `duration_s`.
///
/// # Errors
/// As [`Together::plan`], and if no motion of this duration reaches the target.
pub fn lasting(transfer: &Transfer, duration_s: f64) -> Result<Course, TransferError> {
    let ready = Ready::new(0, transfer)?;
    if !duration_s.is_finite() || duration_s < ready.least_s || ready.possible_from(duration_s) > duration_s * (1.0 + SAME) {
        return Err(TransferError::Impossible(0));
    }
    let mut course = Course::default();
    ready.course(0, duration_s, transfer, &mut course)?;
    Ok(course)
}
