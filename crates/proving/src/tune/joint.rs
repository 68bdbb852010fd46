//! One joint on the bench: its drive train beside a link of constant inertia and weight, under the loops of a drive.

use leitai_sim::drive_train::{Demand, DriveTrain, Figures, State};

use super::cascade::{Cascade, Gains};

/// Joint angle [rad] of the steps that are shown.
pub const STEP_RAD: f64 = 0.01;
/// Length of a step response [s].
pub const STEP_S: f64 = 1.0;
/// Every so many samples of a step response are kept.
const KEEP: usize = 16;

/// The link of a joint in one posture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Inertia about the joint [kg·m²].
    pub inertia_kg_m2: f64,
    /// Torque of its weight [N·m] that the joint bears.
    pub weight_nm: f64,
}

/// A joint at work.
#[derive(Clone, Debug)]
pub struct Bench {
    train: DriveTrain,
    /// The parts.
    pub state: State,
    link: Link,
    /// The link's angle [rad].
    pub q: f64,
    v: f64,
    dt: f64,
    start_rad: f64,
}

/// How a joint answers a step of its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Time [s] and the link's angle as a share of the step.
    pub curve: Vec<[f64; 2]>,
    /// Share by which the link passes its goal.
    pub overshoot: f64,
    /// Time [s] from which it stays within 5 % of the step.
    pub settled_s: Option<f64>,
    /// Integral of time × error [s²], the step as one.
    pub itae_s2: f64,
    /// Least share by which the error of the last fifth is below that of the first: growing swings are negative.
    pub calm: bool,
}

impl Bench {
    /// At rest, with velocity period `dt`.
    #[must_use]
    pub fn new(figures: &Figures, link: Link, dt: f64) -> Self {
        let train = DriveTrain::new(figures, dt);
        let state = train.at_rest(0.0, link.weight_nm);
        let start_rad = train.reading(&state).0;
        Self { train, state, link, q: 0.0, v: 0.0, dt, start_rad }
    }

    /// Motor angle [rad] since the start and speed [rad/s], as the encoder gives them.
    #[must_use]
    pub fn reading(&self) -> (f64, f64) {
        let ratio = self.train.figures.ratio;
        let (q, v) = self.train.reading(&self.state);
        (ratio * (q - self.start_rad), ratio * v)
    }

    /// One velocity period under a torque of the motor.
    pub fn step(&mut self, motor_nm: f64) {
        let torque = self.train.step(&mut self.state, Demand::Motor(motor_nm), self.q, self.v);
        let inertia = self.link.inertia_kg_m2 + self.train.link_inertia_kg_m2();
        self.v += self.dt * (torque - self.link.weight_nm) / inertia;
        self.q += self.dt * self.v;
    }

    /// Greatest torque of the motor [N·m].
    #[must_use]
    pub fn most_nm(&self) -> f64 {
        self.train.figures.peak_current_a * self.train.figures.torque_constant_nm_a
    }
}

/// The answer to a step of [`STEP_RAD`].
#[must_use]
pub fn step_response(figures: &Figures, link: Link, dt: f64, gains: &Gains) -> Answer {
    let mut bench = Bench::new(figures, link, dt);
    let mut cascade = Cascade::new(gains, dt, link.weight_nm / figures.ratio);
    let most = bench.most_nm();
    let steps = (STEP_S / dt).round() as usize;
    let mut shares = Vec::with_capacity(steps);
    for _ in 0..steps {
        let (angle, speed) = bench.reading();
        let torque = cascade.step(STEP_RAD * figures.ratio - angle, 0.0, speed, most);
        bench.step(torque);
        shares.push(bench.q / STEP_RAD);
    }
    answer(&shares, dt)
}

/// What a response of shares of a step comes to.
#[must_use]
pub fn answer(shares: &[f64], dt: f64) -> Answer {
    let time = |i: usize| (i + 1) as f64 * dt;
    let overshoot = shares.iter().fold(0.0_f64, |most, x| most.max(x - 1.0));
    let outside = shares.iter().rposition(|x| (x - 1.0).abs() > 0.05);
    let settled_s = match outside {
        None => Some(0.0),
        Some(i) if i + 1 < shares.len() => Some(time(i)),
        Some(_) => None,
    };
    let itae_s2 = shares.iter().enumerate().map(|(i, x)| time(i) * (x - 1.0).abs() * dt).sum();
    let late = shares[shares.len() * 4 / 5..].iter().fold(0.0_f64, |most, x| most.max((x - 1.0).abs()));
    let curve = shares.iter().enumerate().step_by(KEEP).map(|(i, x)| [time(i), *x]).collect();
    Answer { curve, overshoot, settled_s, itae_s2, calm: late < 0.1 && shares.iter().all(|x| x.is_finite()) }
}
