//! Pushes on a moving arm: how soon they are noticed, which are missed, and how often nothing is taken for one.

use leitai_control::collision::{CleanRuns, MomentumObserver, Thresholds};
use leitai_control::excitation::{Excitation, Room};
use leitai_control::{JointServo, Reference, ServoGains};
use leitai_math::halton::halton;
use leitai_math::{Seed, Stream, Vec3};

use crate::arm::{Arm, PERIOD_S, speeds};
use crate::plant::Plant;

/// Cut-off of the observer [1/s].
pub const GAIN_1_S: f64 = 50.0;
/// Seconds of clean motion that thresholds are made from, and that false alarms are counted in.
const LEARN: [u32; 2] = [12, 10];
const WATCH: [u32; 2] = [36, 10];
/// A push lasts so long; what is not noticed by then is missed [s].
const PUSH_S: f64 = 0.2;
const PUSHES: u32 = 100;

pub struct Told {
    pub alarms: u32,
    pub watched_s: f64,
    /// Of each size of push: size [N], missed, and delays of those noticed, sorted [ms].
    pub pushes: Vec<(f64, u32, Vec<f64>)>,
}

struct Run<'a> {
    plant: Plant,
    servo: JointServo,
    observer: MomentumObserver,
    motion: Excitation,
    tau: Vec<f64>,
    next: Vec<f64>,
    to: Reference,
    draw: Stream,
    _arm: &'a Arm,
}

impl<'a> Run<'a> {
    /// A motion of its own for each `seed`: five harmonics of ten seconds in each joint, up to 0.6 rad and 1.2 rad/s.
    fn new(arm: &'a Arm, seed: u64) -> Self {
        let n = arm.start.len();
        let rooms: Vec<Room> = arm.start.iter().map(|q| Room { center: *q, reach: 0.6, speed: 1.2, acceleration: 5.0 }).collect();
        let motion = Excitation::new(&rooms, 10.0, &Seed::from_number(seed));
        let mut to = Reference { q: vec![0.0; n], v: vec![0.0; n], a: vec![0.0; n] };
        motion.at(0.0, &mut to.q, &mut to.v, &mut to.a);
        let told = arm.told();
        let mut plant = arm.real();
        plant.step_s = 2.5e-4;
        plant.q.copy_from_slice(&to.q);
        plant.v.copy_from_slice(&to.v);
        let gains = ServoGains { natural_frequency_rad_s: 40.0, damping_ratio: 1.0 };
        let mut tau = vec![0.0; n];
        told.dynamics().torques(&to.q, &to.v, &to.a, &mut tau);
        Self {
            plant,
            servo: JointServo::new(told.dynamics(), gains, arm.torque.clone(), 0),
            observer: MomentumObserver::new(told.dynamics(), GAIN_1_S, PERIOD_S, 0),
            motion,
            next: tau.clone(),
            tau,
            to,
            draw: Seed::from_number(seed).stream("readings"),
            _arm: arm,
        }
    }

    fn step(&mut self, t: f64) -> Result<(), String> {
        self.motion.at(t, &mut self.to.q, &mut self.to.v, &mut self.to.a);
        let (q, v) = (self.plant.q.clone(), speeds(&self.plant, &mut self.draw));
        self.observer.step(&q, &v, &self.tau).map_err(|e| e.to_string())?;
        self.tau.copy_from_slice(&self.next);
        self.servo.step(&self.to, &q, &v, &mut self.next);
        self.plant.run(&self.tau, PERIOD_S);
        Ok(())
    }
}

/// Evenly spread directions and places in the motion.
pub fn told(arm: &Arm) -> Result<Told, String> {
    let thresholds = learn(arm)?;
    let mut out = Told { alarms: 0, watched_s: f64::from(WATCH[0] * WATCH[1]), pushes: Vec::new() };
    for run in 0..WATCH[0] {
        let mut run = Run::new(arm, 1000 + u64::from(run));
        let mut alarmed = false;
        for step in 0..WATCH[1] * 1000 {
            run.step(f64::from(step) * PERIOD_S)?;
            let hit = thresholds.hit(&run.to.v, &run.to.a, run.observer.residual()).is_some();
            // An alarm is one until it ends.
            out.alarms += u32::from(hit && !alarmed);
            alarmed = hit;
        }
    }
    for size in [10.0, 20.0, 30.0] {
        let (mut missed, mut delays) = (0, Vec::new());
        for k in 1..=PUSHES {
            let mut run = Run::new(arm, 2000 + u64::from(k));
            let (z, turn) = (2.0 * halton(k, 0) - 1.0, std::f64::consts::TAU * halton(k, 1));
            let flat = (1.0 - z * z).sqrt();
            let direction = Vec3::new(flat * turn.cos(), flat * turn.sin(), z);
            let begin = 0.3 + 0.7 * halton(k, 2);
            let (mut t, mut noticed) = (0.0, None);
            while t < begin + PUSH_S && noticed.is_none() {
                if t >= begin {
                    run.plant.push[..3].copy_from_slice(&(direction * size).to_array());
                }
                run.step(t)?;
                t += PERIOD_S;
                if t > begin && thresholds.hit(&run.to.v, &run.to.a, run.observer.residual()).is_some() {
                    noticed = Some(1e3 * (t - begin));
                }
            }
            match noticed {
                Some(delay) => delays.push(delay),
                None => missed += 1,
            }
        }
        delays.sort_by(f64::total_cmp);
        out.pushes.push((size, missed, delays));
    }
    Ok(out)
}

fn learn(arm: &Arm) -> Result<Thresholds, String> {
    let mut clean = CleanRuns::new(arm.start.len());
    for run in 0..LEARN[0] {
        let mut run = Run::new(arm, u64::from(run));
        for step in 0..LEARN[1] * 1000 {
            run.step(f64::from(step) * PERIOD_S)?;
            clean.add(&run.to.v, &run.to.a, run.observer.residual());
        }
    }
    clean.thresholds(1.0, 1.4).map_err(|e| e.to_string())
}
