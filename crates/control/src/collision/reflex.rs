//! What the arm does after a hit: stop, float, or retreat the way the push points.
//!
//! Each is a motion of the reference, for a [`JointServo`](crate::JointServo). Floating takes the reference along with the arm, so that the servo bears
//! its weight, damps it and no more. A retreat first stops, then goes the way in which the push accelerates the arm, M⁻¹·r, so far that the tip
//! moves by the stated way (De Luca, Albu-Schäffer, Haddadin & Hirzinger, *Collision detection and safe reaction with the DLR-III
//! lightweight manipulator arm*, 2006).

use crate::operational::Operational;
use crate::otg::{Limits, State, Target, Together, Transfer, TransferError};
use crate::servo::Reference;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// Farthest that any joint goes in a retreat [rad or m]: where the push moves the tip little, the joints would go far.
const FARTHEST: f64 = 0.5;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reaction {
    /// Come to rest as soon as the limits allow, and hold.
    Stop,
    /// Give way: bear the arm's own weight and damp it, at this rate [1/s].
    Float {
        /// Rate at which the arm's speed dies [1/s].
        damping_1_s: f64,
    },
    /// Retreat so far that the tip moves by this way [m], and hold.
    Retreat {
        /// Way of the tip [m].
        way_m: f64,
    },
}

/// Reference after a hit.
#[derive(Clone, Debug)]
pub struct Reflex {
    limits: Vec<Limits>,
    transfers: Vec<Transfer>,
    plan: Together,
    push: Vec<f64>,
    reaction: Reaction,
    elapsed: u64,
}

impl Reflex {
    /// For an arm whose joints brake and retreat within `limits`.
    ///
    /// # Panics
    /// If there are no limits.
    #[must_use]
    pub fn new(limits: Vec<Limits>) -> Self {
        assert!(!limits.is_empty(), "an arm has joints");
        let n = limits.len();
        let rest = State::default();
        let transfers =
            limits.iter().map(|limits| Transfer { start: rest, target: Target::default(), limits: *limits }).collect();
        Self { limits, transfers, plan: Together::new(n), push: vec![0.0; n], reaction: Reaction::Stop, elapsed: 0 }
    }

    /// Begins `reaction` from the reference `now`; `state` is the arm's, `residual` what pushed it. Allocates nothing.
    ///
    /// # Errors
    /// If a number is none or a limit leaves no room: then brake by other means.
    pub fn begin(
        &mut self,
        reaction: Reaction,
        now: &Reference,
        state: &Operational,
        residual: &[f64],
    ) -> Result<(), TransferError> {
        (self.reaction, self.elapsed) = (reaction, 0);
        self.push.copy_from_slice(residual);
        state.accelerations(&mut self.push);
        let tip: f64 = (0..3)
            .map(|k| state.jacobian.iter().zip(&self.push).map(|(column, a)| column[k] * a).sum::<f64>())
            .map(|x| x * x)
            .sum();
        let joints = self.push.iter().fold(0.0, |most, a| real::max(most, real::abs(*a)));
        let share = match reaction {
            Reaction::Retreat { way_m } if tip > 0.0 => real::min(way_m / real::sqrt(tip), FARTHEST / joints),
            _ => 0.0,
        };
        for (i, transfer) in self.transfers.iter_mut().enumerate() {
            let limits = self.limits[i];
            transfer.start = State { position: now.q[i], velocity: now.v[i], acceleration: now.a[i] };
            let stop = stopping_way(now.v[i], &limits);
            transfer.target = Target { position: now.q[i] + stop + share * self.push[i], velocity: 0.0 };
        }
        self.plan.plan(&self.transfers).map(|_| ())
    }

    /// The next reference, a `period_s` after the last; `q` and `v` are read, and count only while floating.
    pub fn step(&mut self, period_s: f64, q: &[f64], v: &[f64], reference: &mut Reference) {
        self.elapsed += 1;
        if let Reaction::Float { damping_1_s } = self.reaction {
            reference.q.copy_from_slice(q);
            reference.v.copy_from_slice(v);
            reference.a.iter_mut().zip(v).for_each(|(a, v)| *a = -damping_1_s * v);
            return;
        }
        let t = self.elapsed as f64 * period_s;
        for (i, course) in self.plan.courses().iter().enumerate() {
            let State { position, velocity, acceleration } = course.at(t);
            (reference.q[i], reference.v[i], reference.a[i]) = (position, velocity, acceleration);
        }
    }
}

/// The way that a joint at speed `v` without acceleration still goes until it rests: half the speed times the time, v/A + A/J, or 2·√(v/J) where it
/// never comes to the whole deceleration A.
#[must_use]
pub fn stopping_way(v: f64, limits: &Limits) -> f64 {
    let deceleration = if v > 0.0 { -limits.acceleration[0] } else { limits.acceleration[1] };
    let speed = real::abs(v);
    let time = if speed * limits.jerk >= deceleration * deceleration {
        speed / deceleration + deceleration / limits.jerk
    } else {
        2.0 * real::sqrt(speed / limits.jerk)
    };
    0.5 * v * time
}
