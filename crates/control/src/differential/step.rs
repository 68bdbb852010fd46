//! The program of one tick: its parts in, joint speeds out.

use super::brake::speed_before_end;
use super::lift::{Asked, Lift};
use crate::chain::Chain;
use crate::qp::{Answer, Options, Qp, QpError, Start, Workspace};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// What the drives allow, one entry for each joint of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct JointLimits {
    /// Largest speed [rad/s or m/s].
    pub speed: Vec<f64>,
    /// Largest acceleration [rad/s² or m/s²].
    pub acceleration: Vec<f64>,
}

/// One point of the arm and how it is to move. All in the world, linear part first.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// A column for each joint, as [`Chain::tip_and_jacobian`] gives them.
    pub jacobian: &'a [[f64; 6]],
    /// Velocity at full speed of the path [m/s, rad/s].
    pub velocity: [f64; 6],
    /// Wanted pose less reached pose [m, rad], as [`pose_error`](crate::ik::pose_error) gives it.
    pub error: [f64; 6],
    /// What each component counts for: 1 for a meter, a length [m] for a radian; 0 leaves it free.
    pub weight: [f64; 6],
}

/// Two bodies that must keep apart.
#[derive(Clone, Copy, Debug)]
pub struct Clearance<'a> {
    /// Growth of the distance for each joint's speed, n̂ᵀ·(J_a − J_b), with n̂ from b to a.
    pub gradient: &'a [f64],
    /// Present distance [m].
    pub distance_m: f64,
}

/// How the parts of the program count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferentialOptions {
    /// Length of a tick [s].
    pub period_s: f64,
    /// Part of the error removed in a second [1/s]; at most one over the period.
    pub error_gain: f64,
    /// Weighted error at which the path stands still until it is made up [m].
    pub tolerance_m: f64,
    /// What a lost part of the path's speed counts for, against the same part of deviation: small.
    pub speed_weight: f64,
    /// Weight of joint speeds, so that a redundant arm does not drift [m²].
    pub idle_weight: f64,
    /// Singular values of the weighted Jacobian below this are lifted [m].
    pub singular_floor: f64,
    /// Weight of the posture [m²].
    pub posture_weight: f64,
    /// Distance that clearances keep [m].
    pub clearance_m: f64,
    /// Part of the distance left that may be used up in a second [1/s]; at most one over the period.
    pub clearance_rate: f64,
    /// Limits of the program's solver.
    pub qp: Options,
}

impl Default for DifferentialOptions {
    fn default() -> Self {
        Self {
            period_s: 0.004,
            error_gain: 20.0,
            tolerance_m: 2e-3,
            speed_weight: 1e-4,
            idle_weight: 1e-8,
            singular_floor: 0.01,
            posture_weight: 1e-5,
            clearance_m: 0.02,
            clearance_rate: 10.0,
            qp: Options { tolerance: 1e-9, iterations: 500 },
        }
    }
}

/// What a tick came to; the joint speeds are [`Differential::speeds`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Part s of the path's speed that is kept, 0 to 1: advance the path by s times the period.
    pub scale: f64,
    /// Smallest singular value of the first task's weighted Jacobian [m], before it is lifted.
    pub singular_value: f64,
    /// How much faster than its rule a clearance shrinks because no braking is hard enough [m/s]; 0 in ordinary motion.
    pub clearance_missed: f64,
    /// Joints that are braked as hard as they can be because they came too fast or beyond an end.
    pub overrun: usize,
    /// The solver's own account.
    pub answer: Answer,
}

/// Why a tick has no joint speeds. [`Differential::speeds`] then brakes every joint as hard as its limit allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DifferentialError {
    /// This input holds NaN or an infinity.
    NotFinite(&'static str),
    /// A speed or acceleration limit of this joint is not positive and finite.
    Limit(usize),
    /// This option is outside what it may be.
    Option(&'static str),
    /// The program's numbers are beyond the solver.
    Qp(QpError),
}

impl core::fmt::Display for DifferentialError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotFinite(what) => write!(f, "the {what} holds a number that is not finite"),
            Self::Limit(joint) => write!(f, "joint {joint} of the chain needs a positive, finite speed and acceleration limit"),
            Self::Option(what) => write!(f, "`{what}` must be positive, and a gain or rate at most one over the period"),
            Self::Qp(why) => write!(f, "no joint speeds in this tick: {why}"),
        }
    }
}

impl core::error::Error for DifferentialError {}

/// The workspace of differential inverse kinematics for one chain. It remembers the last tick's active limits.
#[derive(Clone, Debug)]
pub struct Differential {
    n: usize,
    most_clearances: usize,
    low_end: Vec<f64>,
    high_end: Vec<f64>,
    limits: JointLimits,
    lifts: Vec<Lift>,
    weighted: Vec<[f64; 6]>,
    h: Vec<f64>,
    g: Vec<f64>,
    c: Vec<f64>,
    l: Vec<f64>,
    u: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    speeds: Vec<f64>,
    work: Workspace,
}

/// What an exactly kept clearance counts for, in the unit of the multipliers: more than any task asks.
const SLACK_SLOPE: f64 = 1e3;

impl Differential {
    /// A workspace for `chain` with up to `tasks` tasks and `clearances` clearances a tick.
    ///
    /// # Panics
    /// If the limits are not as many as the joints, or the chain has more than 16 joints.
    #[must_use]
    pub fn new(chain: &Chain, limits: JointLimits, tasks: usize, clearances: usize) -> Self {
        let n = chain.len();
        assert!(n <= 16, "a chain of at most 16 joints");
        assert!(limits.speed.len() == n && limits.acceleration.len() == n, "one limit for each joint of the chain");
        let variables = n + 2;
        Self {
            n,
            most_clearances: clearances,
            low_end: chain.low.clone(),
            high_end: chain.high.clone(),
            limits,
            lifts: vec![Lift::new(n); tasks],
            weighted: vec![[0.0; 6]; n],
            h: vec![0.0; variables * variables],
            g: vec![0.0; variables],
            c: vec![0.0; variables * clearances],
            l: vec![0.0; clearances],
            u: vec![f64::INFINITY; clearances],
            low: vec![0.0; variables],
            high: vec![0.0; variables],
            speeds: vec![0.0; n],
            work: Workspace::new(variables, variables + clearances),
        }
    }

    /// Joint speeds of the last tick [rad/s or m/s].
    #[must_use]
    pub fn speeds(&self) -> &[f64] {
        &self.speeds
    }

    /// Finds joint speeds for one tick at joint positions `q`, after a tick at speeds `v`; `posture` is where a redundant arm
    /// likes to be. Move on by q + v·period. Allocates nothing.
    ///
    /// # Errors
    /// [`DifferentialError`]; the speeds then are those of the hardest braking.
    ///
    /// # Panics
    /// If a length is not the number of joints, or there are more tasks or clearances than the workspace is for.
    pub fn step(
        &mut self,
        q: &[f64],
        v: &[f64],
        tasks: &[Task],
        clearances: &[Clearance],
        posture: Option<&[f64]>,
        options: &DifferentialOptions,
    ) -> Result<Step, DifferentialError> {
        let n = self.n;
        assert!(q.len() == n && v.len() == n, "`q` and `v` have one entry for each joint");
        assert!(posture.is_none_or(|p| p.len() == n), "`posture` has one entry for each joint");
        assert!(tasks.len() <= self.lifts.len() && clearances.len() <= self.most_clearances, "the workspace is for fewer");
        assert!(tasks.iter().all(|t| t.jacobian.len() == n), "a column for each joint");
        assert!(clearances.iter().all(|c| c.gradient.len() == n), "an entry for each joint");
        self.brake(v, options.period_s);
        self.check(q, v, tasks, clearances, posture, options)?;

        let slack = usize::from(!clearances.is_empty());
        let size = n + 1 + slack;
        let overrun = self.bound(q, v, options);
        let singular_value = self.weigh(size, tasks, options);
        for i in 0..n {
            self.h[i * size + i] += options.idle_weight;
            if let Some(posture) = posture {
                self.h[i * size + i] += options.posture_weight;
                self.g[i] -= options.posture_weight * options.error_gain * (posture[i] - q[i]);
            }
        }
        if slack == 1 {
            self.h[(n + 1) * size + n + 1] = 1.0;
            self.g[n + 1] = SLACK_SLOPE;
            (self.low[n + 1], self.high[n + 1]) = (0.0, f64::INFINITY);
        }
        for (k, clearance) in clearances.iter().enumerate() {
            let row = &mut self.c[k * size..(k + 1) * size];
            row[..n].copy_from_slice(clearance.gradient);
            (row[n], row[n + 1]) = (0.0, 1.0);
            self.l[k] = -options.clearance_rate * (clearance.distance_m - options.clearance_m);
        }
        let qp = Qp {
            h: &self.h[..size * size],
            g: &self.g[..size],
            c: &self.c[..size * clearances.len()],
            l: &self.l[..clearances.len()],
            u: &self.u[..clearances.len()],
            low: &self.low[..size],
            high: &self.high[..size],
            ..Qp::default()
        };
        let answer = self.work.solve(&qp, Start::Warm, &options.qp).map_err(DifferentialError::Qp)?;
        let x = self.work.x();
        for i in 0..n {
            // The solver keeps bounds up to rounding; the drives get them exactly.
            self.speeds[i] = real::clamp(x[i], self.low[i], self.high[i]);
        }
        let clearance_missed = if slack == 1 { real::max(x[n + 1], 0.0) } else { 0.0 };
        Ok(Step { scale: real::clamp(x[n], 0.0, 1.0), singular_value, clearance_missed, overrun, answer })
    }

    /// Every joint as near to rest as its acceleration brings it.
    fn brake(&mut self, v: &[f64], dt: f64) {
        for i in 0..self.n {
            let change = self.limits.acceleration[i] * dt;
            let v = if v[i].is_finite() { v[i] } else { 0.0 };
            self.speeds[i] = if change.is_finite() { v - real::clamp(v, -change, change) } else { 0.0 };
        }
    }

    fn check(
        &self,
        q: &[f64],
        v: &[f64],
        tasks: &[Task],
        clearances: &[Clearance],
        posture: Option<&[f64]>,
        options: &DifferentialOptions,
    ) -> Result<(), DifferentialError> {
        use DifferentialError::{Limit, NotFinite, Option};
        let finite = |x: &[f64]| x.iter().all(|x| x.is_finite());
        let positive = |x: f64| x.is_finite() && x > 0.0;
        let o = options;
        for (name, value) in [
            ("period_s", o.period_s),
            ("tolerance_m", o.tolerance_m),
            ("speed_weight", o.speed_weight),
            ("idle_weight", o.idle_weight),
            ("singular_floor", o.singular_floor),
        ] {
            if !positive(value) {
                return Err(Option(name));
            }
        }
        for (name, value) in [("error_gain", o.error_gain), ("clearance_rate", o.clearance_rate)] {
            if !(value >= 0.0 && value * o.period_s <= 1.0) {
                return Err(Option(name));
            }
        }
        if !(o.posture_weight >= 0.0 && o.posture_weight.is_finite()) {
            return Err(Option("posture_weight"));
        }
        if !o.clearance_m.is_finite() {
            return Err(Option("clearance_m"));
        }
        if let Some(i) = (0..self.n).find(|&i| !positive(self.limits.speed[i]) || !positive(self.limits.acceleration[i])) {
            return Err(Limit(i));
        }
        if !finite(q) || !finite(v) {
            return Err(NotFinite("joint state"));
        }
        if !posture.is_none_or(finite) {
            return Err(NotFinite("posture"));
        }
        for task in tasks {
            if !task.jacobian.iter().all(|c| finite(c))
                || !finite(&task.velocity)
                || !finite(&task.error)
                || !finite(&task.weight)
            {
                return Err(NotFinite("task"));
            }
        }
        if !clearances.iter().all(|c| finite(c.gradient) && c.distance_m.is_finite()) {
            return Err(NotFinite("clearance"));
        }
        Ok(())
    }

    /// Bounds of the joint speeds and of the scale; gives the number of joints that no bound but the hardest braking fits.
    fn bound(&mut self, q: &[f64], v: &[f64], options: &DifferentialOptions) -> usize {
        let dt = options.period_s;
        let mut overrun = 0;
        for i in 0..self.n {
            let (fast, a) = (self.limits.speed[i], self.limits.acceleration[i]);
            let change = a * dt;
            let up = real::min(fast, speed_before_end(self.high_end[i] - q[i], a, dt));
            let down = -real::min(fast, speed_before_end(q[i] - self.low_end[i], a, dt));
            let (slowest, fastest) = (v[i] - change, v[i] + change);
            let (low, high) = (real::max(down, slowest), real::min(up, fastest));
            (self.low[i], self.high[i]) = if low <= high {
                (low, high)
            } else {
                // Rounding can part bounds that meet; more than that is a joint that came too fast.
                overrun += usize::from(low - high > 1e-9 * change);
                let hardest = if slowest > up { slowest } else { fastest };
                (hardest, hardest)
            };
        }
        (self.low[self.n], self.high[self.n]) = (0.0, 1.0);
        overrun
    }

    /// The tasks' terms in the Hessian and the gradient; gives the first task's smallest singular value.
    fn weigh(&mut self, size: usize, tasks: &[Task], options: &DifferentialOptions) -> f64 {
        let n = self.n;
        self.h[..size * size].fill(0.0);
        self.g[..size].fill(0.0);
        let (mut singular_value, mut square, mut share) = (0.0, 0.0, 1.0);
        for (k, task) in tasks.iter().enumerate() {
            for (to, from) in self.weighted.iter_mut().zip(task.jacobian) {
                *to = core::array::from_fn(|c| from[c] * task.weight[c]);
            }
            let velocity: [f64; 6] = core::array::from_fn(|c| task.velocity[c] * task.weight[c]);
            let error: [f64; 6] = core::array::from_fn(|c| task.error[c] * task.weight[c]);
            let dot = |a: &[f64; 6], b: &[f64; 6]| (0..6).map(|c| a[c] * b[c]).sum::<f64>();
            let part = dot(&error, &error) / (options.tolerance_m * options.tolerance_m);
            share = real::min(share, real::max(1.0 - part, 0.0));
            let wanted = core::array::from_fn(|c| share * velocity[c] + options.error_gain * error[c]);
            let asked = Asked { jacobian: task.jacobian, weight: &task.weight, velocity: wanted };
            let h = &mut self.h;
            let smallest = self.lifts[k].apply(&mut self.weighted, options.singular_floor, &asked, |direction, damping| {
                for i in 0..n {
                    for j in i..n {
                        h[i * size + j] += damping * direction[i] * direction[j];
                    }
                }
            });
            if k == 0 {
                singular_value = smallest;
            }
            for i in 0..n {
                for j in i..n {
                    self.h[i * size + j] += dot(&self.weighted[i], &self.weighted[j]);
                }
                self.h[i * size + n] -= dot(&self.weighted[i], &velocity);
                self.g[i] -= options.error_gain * dot(&self.weighted[i], &error);
            }
            self.h[n * size + n] += dot(&velocity, &velocity);
            self.g[n] += options.error_gain * dot(&velocity, &error);
            square += dot(&velocity, &velocity);
        }
        // A path at rest still has a scale, so that the program has one answer.
        let weight = options.speed_weight * if square > 0.0 { square } else { 1.0 };
        self.h[n * size + n] += weight;
        self.g[n] -= weight * share;
        singular_value
    }
}
