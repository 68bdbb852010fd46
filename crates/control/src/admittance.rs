//! A position-controlled arm that gives: admittance.
//!
//! What the tool is pushed with moves its commanded pose off the reference like a mass on a damper and a spring, M·ë + D·ė + K·e = F, along and about the
//! axes of a frame. A step is implicit, ė ← (M·ė + T·(F − K·e))/(M + T·D + T²·K), so it is stable for every M, D, K ≥ 0.
//!
//! The loop through arm, wall and sensor is another matter: a wall of stiffness k pushes back τ late, and M·s² + D·s + K + k·e^(−τs) is stable for K = 0
//! exactly while k < ω·√(M²ω² + D²) at the ω where M·ω·tan(τω) = D: for M = 0 that is D > 2kτ/π. [`stiffest_wall`] is that bound, and
//! [`damping_for`] the damping that keeps a margin; the customary D ≥ k·τ with M = k·τ²/2 has a margin of 1.2 (Seraji, *Adaptive admittance control: an
//! approach to explicit force control in compliant motion*, 1994, for the loop).

use crate::compliance::ToolReference;
use crate::operational::{halves, is_rotation, six};
use leitai_math::{Pose, Quat, Vec3, real};

/// How the tool gives, along and about the axes of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Yielding {
    /// `world_from_frame`.
    pub frame: Quat,
    /// Apparent mass along x, y, z [kg] and inertia about them [kg·m²], above 0.
    pub mass: [f64; 6],
    /// Damping [N·s/m, N·m·s/rad].
    pub damping: [f64; 6],
    /// Stiffness [N/m, N·m/rad]; 0 lets the tool be led anywhere.
    pub stiffness: [f64; 6],
    /// Greatest speed off the reference [m/s, rad/s].
    pub speed: [f64; 2],
    /// Greatest way off the reference [m], and turn [rad], below π.
    pub way: [f64; 2],
}

/// A figure is none: a mass not above 0, a damping, stiffness or bound below 0, a push or reference that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadYielding;

impl core::fmt::Display for BadYielding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "masses must be above 0, dampings, stiffnesses and bounds from 0 on, turns below π, pushes and references numbers"
        )
    }
}

impl core::error::Error for BadYielding {}

/// The commanded pose of one tool.
#[derive(Clone, Copy, Debug)]
pub struct Admittance {
    /// How it gives; change it at any time: what it is off by stays.
    pub yielding: Yielding,
    /// Off the reference, in the frame: way [m] and rotation vector [rad].
    off: [f64; 6],
    speed: [f64; 6],
    period_s: f64,
}

impl Admittance {
    /// On its reference, called every `period_s`.
    ///
    /// # Panics
    /// If the period is not above 0.
    #[must_use]
    pub fn new(yielding: Yielding, period_s: f64) -> Self {
        assert!(period_s > 0.0 && period_s.is_finite(), "a period is above 0");
        Self { yielding, off: [0.0; 6], speed: [0.0; 6], period_s }
    }

    /// Off the reference, in the frame: way [m] and rotation vector [rad].
    #[must_use]
    pub fn off(&self) -> &[f64; 6] {
        &self.off
    }

    /// The pose and velocity to command in this step, while `contact`, force and moment on the tool at its tip in the world, pushes it off
    /// `reference`; the reference's own wrench is what the tool should push with, and cancels as much.
    ///
    /// # Errors
    /// If a figure is none; nothing then changes.
    pub fn step(&mut self, reference: &ToolReference, contact: &[f64; 6]) -> Result<ToolReference, BadYielding> {
        let y = &self.yielding;
        let least = |x: &[f64], above: f64| x.iter().all(|x| *x >= above && x.is_finite());
        let sound = least(&y.mass, f64::MIN_POSITIVE)
            && least(&y.damping, 0.0)
            && least(&y.stiffness, 0.0)
            && least(&y.speed, 0.0)
            && least(&y.way, 0.0)
            && y.way[1] < real::PI
            && contact.iter().all(|x| x.is_finite())
            && is_rotation(y.frame)
            && reference.is_sound();
        if !sound {
            return Err(BadYielding);
        }
        let into = y.frame.conjugate();
        let (force, moment) = halves(&core::array::from_fn(|k| contact[k] + reference.wrench[k]));
        let push = six(into.rotate(force), into.rotate(moment));
        let h = self.period_s;
        for k in 0..6 {
            let (m, d, c) = (y.mass[k], y.damping[k], y.stiffness[k]);
            self.speed[k] = (m * self.speed[k] + h * (push[k] - c * self.off[k])) / (m + h * d + h * h * c);
        }
        for half in [0, 3] {
            let bound = |x: &mut [f64], most: f64| {
                let size = Vec3::from_slice(x).norm();
                if size > most {
                    x.iter_mut().for_each(|x| *x *= most / size);
                }
            };
            bound(&mut self.speed[half..half + 3], y.speed[half / 3]);
            let before: [f64; 3] = core::array::from_fn(|k| self.off[half + k]);
            (half..half + 3).for_each(|k| self.off[k] += h * self.speed[k]);
            bound(&mut self.off[half..half + 3], y.way[half / 3]);
            // What the bound of the way takes is no speed either, so that the tool turns around at once.
            (0..3).for_each(|k| self.speed[half + k] = (self.off[half + k] - before[k]) / h);
        }
        let ((way, turn), (linear, angular)) = (halves(&self.off), halves(&self.speed));
        let rotation = Quat::from_rotation_vector(y.frame.rotate(turn)) * reference.pose.rotation;
        let mut command = *reference;
        command.pose = Pose::new(reference.pose.position + y.frame.rotate(way), rotation.normalized());
        let (linear, angular) = (y.frame.rotate(linear), y.frame.rotate(angular));
        let own = six(linear, angular);
        (0..6).for_each(|k| command.velocity[k] += own[k]);
        Ok(command)
    }
}

/// Steps of bisection: to the last bit of a number.
const HALVINGS: usize = 60;

/// The stiffest wall [N/m] on which a tool of apparent mass `mass` [kg] and damping `damping` [N·s/m] does not swing up, when the arm does what is
/// commanded, and the sensor tells of it, `delay_s` later altogether: with [`Admittance`], whose step looks one period ahead, one period less than lies
/// between a reading and the one that shows its effect. About an axis with the units of turns.
/// Without delay every wall is held; without damping none is.
#[must_use]
pub fn stiffest_wall(mass: f64, damping: f64, delay_s: f64) -> f64 {
    if delay_s <= 0.0 {
        return f64::INFINITY;
    }
    if damping <= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 0.5 * real::PI / delay_s);
    for _ in 0..HALVINGS {
        let w = 0.5 * (low + high);
        let (s, c) = real::sin_cos(delay_s * w);
        if mass * w * s < damping * c { low = w } else { high = w }
    }
    low * real::sqrt(mass * mass * low * low + damping * damping)
}

/// The least damping [N·s/m] with which a wall of `stiffness` [N/m] is held with `margin` (at least 1): it could be so many times as stiff.
#[must_use]
pub fn damping_for(stiffness: f64, margin: f64, mass: f64, delay_s: f64) -> f64 {
    // 2kτ/π is enough for no mass, and kτ·margin·2 with mass to spare; more mass asks for more.
    let (mut low, mut high) =
        (0.0, 2.0 * margin * stiffness * real::max(delay_s, 0.0) + 2.0 * real::sqrt(margin * stiffness * mass));
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if stiffest_wall(mass, middle, delay_s) < margin * stiffness { low = middle } else { high = middle }
    }
    high
}
