//! Following a timed path at a changing share of its speed, and stopping on it.
//!
//! The clock of the motion runs at a rate r between 0 (paused) and 1. Joints then have velocity v·r and acceleration a·r² + v·ṙ, with v
//! and a those of the timed motion, so the path is kept whatever r does. The rate goes to the wanted one with limited first and second
//! derivative, and in each tick ṙ is cut to what leaves every joint within its acceleration: at r ≤ 1 standing rates are always allowed,
//! so there is always such a ṙ; where the timed motion itself uses all of a joint's acceleration to brake, slowing down waits for it.
//!
//! A stop of category 1 is the fastest stop along the path: in each tick the path's parameter takes the greatest deceleration with which
//! no joint passes its acceleration or torque. Since the timed motion itself keeps within the same limits, one that is slower at the same
//! place always can too.

use crate::limits::Torques;
use crate::path::Path;
use crate::profile::Moment;
use crate::timing::Timing;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// What a ride keeps to.
#[derive(Clone, Debug, PartialEq)]
pub struct RideLimits {
    /// Greatest acceleration of each joint [rad/s² or m/s²]; at least what the path was timed with.
    pub acceleration: Vec<f64>,
    /// Greatest torque of each joint [N·m or N] when stopping; empty where torques do not matter.
    pub torque: Vec<f64>,
    /// Time [s] in which the rate would go from 0 to 1 at its greatest ṙ.
    pub ramp_s: f64,
    /// Time [s] in which ṙ would go from 0 to its greatest.
    pub rise_s: f64,
}

/// Why a ride cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RideError {
    /// A limit, a time or the tick is not finite and above zero, or there is not one limit for each joint.
    Limits,
}

impl core::fmt::Display for RideError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "a ride needs one limit for each joint, and limits, times and tick above zero")
    }
}

impl core::error::Error for RideError {}

/// What a ride is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Riding {
    /// Following, or paused.
    On,
    /// Stopping as fast as the limits allow.
    Stopping,
    /// Stopped; [`Ride::release`] goes on from here.
    Stopped,
    /// At the end of the path.
    Done,
}

/// A place between a path's start and end, and how it is left.
#[derive(Clone, Debug)]
pub struct Ride<'a> {
    path: &'a Path,
    timing: &'a Timing,
    limits: RideLimits,
    tick_s: f64,
    /// Time on the motion's clock [s], its rate and the rate's derivative.
    clock: f64,
    rate: f64,
    push: f64,
    state: Riding,
    /// The path's parameter and its derivatives.
    now: Moment,
    q: Vec<f64>,
    slope: Vec<f64>,
    bend: Vec<f64>,
    v: Vec<f64>,
    a: Vec<f64>,
    tau: [Vec<f64>; 2],
}

/// Halvings in which the clock is found again after a stop.
const HALVINGS: usize = 60;

impl<'a> Ride<'a> {
    /// At the start of `path`, at rate 1, in ticks of `tick_s`.
    ///
    /// # Errors
    /// If limits or tick are not finite and above zero.
    pub fn new(path: &'a Path, timing: &'a Timing, limits: RideLimits, tick_s: f64) -> Result<Self, RideError> {
        let n = path.joints();
        let positive = |x: &f64| x.is_finite() && *x > 0.0;
        let all = limits.acceleration.iter().chain(&limits.torque).chain([&limits.ramp_s, &limits.rise_s, &tick_s]).all(positive);
        if !all || limits.acceleration.len() != n || !(limits.torque.is_empty() || limits.torque.len() == n) {
            return Err(RideError::Limits);
        }
        let none = vec![0.0; n];
        Ok(Self {
            path,
            timing,
            limits,
            tick_s,
            clock: 0.0,
            rate: 1.0,
            push: 0.0,
            state: Riding::On,
            now: timing.at(0.0),
            q: none.clone(),
            slope: none.clone(),
            bend: none.clone(),
            v: none.clone(),
            a: none.clone(),
            tau: [none.clone(), none],
        })
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> Riding {
        self.state
    }

    /// The rate of the motion's clock: 1 at full speed, 0 standing. While stopping it means nothing.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The path's parameter and its derivatives.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Joint positions, velocities and accelerations now.
    pub fn joints(&self, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
        self.path.moving(&self.now, q, v, a);
    }

    /// One tick on, towards the rate `wanted` (cut to 0…1; 0 pauses). Does nothing while stopping, stopped or done. Allocates nothing.
    pub fn follow(&mut self, wanted: f64) {
        if self.state != Riding::On {
            return;
        }
        let wanted = if wanted.is_nan() { 0.0 } else { real::clamp(wanted, 0.0, 1.0) };
        let dt = self.tick_s;
        let most = 1.0 / self.limits.ramp_s;
        let per_tick = most / self.limits.rise_s * dt;
        // The greatest ṙ from which the rate still comes to rest at the wanted one, by whole ticks of the greatest change.
        let left = wanted - self.rate;
        let half = 0.5 * per_tick;
        let bound = real::sqrt(half * half + 2.0 * real::abs(left) * per_tick / dt) - half;
        let bound = real::min(real::min(bound, real::abs(left) / dt), most);
        let aim = if left < 0.0 { -bound } else { bound };
        let mut push = real::clamp(aim, self.push - per_tick, self.push + per_tick);
        let (low, high) = self.room();
        push = real::clamp(push, low, high);
        let mut rate = real::clamp(self.rate + push * dt, 0.0, 1.0);
        let there = (wanted - rate) * left <= 0.0 && real::abs(push) <= 2.0 * per_tick;
        if there {
            (rate, push) = (wanted, 0.0);
        }
        self.clock += 0.5 * dt * (self.rate + rate);
        (self.rate, self.push) = (rate, push);
        let timed = self.timing.at(self.clock);
        self.now = Moment {
            position: timed.position,
            speed: timed.speed * rate,
            acceleration: timed.acceleration * rate * rate + timed.speed * push,
            jerk: timed.jerk * rate * rate * rate + 3.0 * timed.acceleration * rate * push,
        };
        if self.clock >= self.timing.duration_s() {
            self.state = Riding::Done;
            self.now = self.timing.at(self.timing.duration_s());
        }
    }

    /// Least and greatest ṙ that leave every joint within its acceleration, now and where the next tick ends.
    fn room(&mut self) -> (f64, f64) {
        let (mut low, mut high) = (-f64::MAX, f64::MAX);
        for ahead in [0.0, self.tick_s] {
            let timed = self.timing.at(self.clock + ahead * self.rate);
            self.path.moving(&timed, &mut self.q, &mut self.v, &mut self.a);
            for ((v, a), most) in self.v.iter().zip(&self.a).zip(&self.limits.acceleration) {
                let used = a * self.rate * self.rate;
                // Standing rates are always allowed, whatever rounding says.
                let (up, down) = (real::max(most - used, 0.0), real::max(most + used, 0.0));
                let per = real::abs(*v);
                if per > 1e-12 {
                    let (up, down) = if *v > 0.0 { (up, down) } else { (down, up) };
                    high = real::min(high, up / per);
                    low = real::max(low, -down / per);
                }
            }
        }
        (low, high)
    }

    /// Stops as fast as the limits allow from now on: [`Self::brake`] is to be called in each tick instead of [`Self::follow`].
    pub fn stop(&mut self) {
        if self.state == Riding::On {
            self.state = if self.now.speed > 0.0 { Riding::Stopping } else { Riding::Stopped };
        }
    }

    /// One tick of a stop along the path. `torques` writes the joint torques for (q, v, a) and is asked only if there are limits of
    /// torque. Does nothing unless stopping. Allocates nothing.
    pub fn brake(&mut self, torques: &mut Torques<'_>) {
        if self.state != Riding::Stopping {
            return;
        }
        let (s, v) = (self.now.position, self.now.speed);
        let u = self.hardest(s, v, torques);
        let dt = self.tick_s;
        // Where the deceleration is none (limits used up by gravity alone), the timed motion's own goes on; it ends at the path's end.
        let mut after = v + u * dt;
        let mut way = 0.5 * (v + after) * dt;
        if after <= 0.0 {
            (after, way) = (0.0, -0.5 * v * v / u);
        }
        let position = real::min(s + way, self.path.length());
        let stands = after <= 0.0 || position >= self.path.length();
        self.now = Moment { position, speed: after, acceleration: u, jerk: 0.0 };
        if stands {
            self.now = Moment { position, ..Moment::default() };
            self.state = Riding::Stopped;
            self.find_clock();
        }
    }

    /// The least s̈ that leaves every joint within acceleration and torque.
    fn hardest(&mut self, s: f64, v: f64, torques: &mut Torques<'_>) -> f64 {
        self.path.at(s, &mut self.q, &mut self.slope, &mut self.bend);
        let (mut low, mut high) = (-f64::MAX, f64::MAX);
        let mut take = |of_u: f64, rest: f64, most: f64| {
            let per = real::abs(of_u);
            if per > 1e-12 {
                let (up, down) = (most - rest, most + rest);
                let (up, down) = if of_u > 0.0 { (up, down) } else { (down, up) };
                high = real::min(high, up / per);
                low = real::max(low, -down / per);
            }
        };
        for j in 0..self.q.len() {
            take(self.slope[j], self.bend[j] * v * v, self.limits.acceleration[j]);
        }
        if !self.limits.torque.is_empty() {
            for j in 0..self.q.len() {
                (self.v[j], self.a[j]) = (self.slope[j] * v, self.bend[j] * v * v);
            }
            let [moving, with] = &mut self.tau;
            torques(&self.q, &self.v, &self.a, moving);
            for j in 0..self.q.len() {
                self.a[j] += self.slope[j];
            }
            torques(&self.q, &self.v, &self.a, with);
            for j in 0..self.q.len() {
                take(with[j] - moving[j], moving[j], self.limits.torque[j]);
            }
        }
        real::min(real::max(low, -f64::MAX), high)
    }

    /// The clock at which the timed motion passes where the stop ended.
    fn find_clock(&mut self) {
        let (mut early, mut late) = (0.0, self.timing.duration_s());
        for _ in 0..HALVINGS {
            let middle = 0.5 * (early + late);
            if self.timing.at(middle).position < self.now.position {
                early = middle;
            } else {
                late = middle;
            }
        }
        (self.clock, self.rate, self.push) = (late, 0.0, 0.0);
    }

    /// Goes on after a stop, from rate 0; [`Self::follow`] takes it up.
    pub fn release(&mut self) {
        if self.state == Riding::Stopped {
            self.state = if self.clock >= self.timing.duration_s() { Riding::Done } else { Riding::On };
            self.rate = 0.0;
            self.push = 0.0;
        }
    }
}
