//! A planned motion program run in the physics: how closely the arm follows, and how long it takes.
//!
//! The arm of the program stands alone (its tool's mass at the flange); the joint servo of the task programs drives it through its motors, limited
//! to the data sheet's torque. Obstacles of the program are not part of the physics: whether they are touched is for the check to say.

use std::sync::Arc;

use leitai_control::servo::{JointServo, Reference, ServoGains};
use leitai_sim::{Scene, World};
use leitai_skills::offline::{Arm, Plan};

/// Control period [s].
const PERIOD_S: f64 = 0.002;
/// After the last leg the arm stands for this long [s].
const REST_S: f64 = 0.25;
/// Longest program that is run [s].
pub const LONGEST_S: f64 = 3600.0;
/// How stiffly joints follow: as in trials.
const GAINS: ServoGains = ServoGains { natural_frequency_rad_s: 25.0, damping_ratio: 1.0 };

/// Why a program was not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The plan has faults.
    #[error("the program has faults; correct them first")]
    Faults,
    /// It lasts too long.
    #[error("the program takes {0:.0} s; at most {LONGEST_S} s are run")]
    TooLong(f64),
    /// The physics came to an end.
    #[error("the simulation failed after {time_s:.3} s: {what}")]
    Unstable {
        /// When [s].
        time_s: f64,
        /// What happened.
        what: String,
    },
}

/// How a program went.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// Time of the program [s].
    pub duration_s: f64,
    /// Greatest distance of each joint from its plan [rad].
    pub joint_error_rad: Vec<f64>,
    /// Greatest distance of the tool's point from where the plan has it at that time [m].
    pub tool_error_m: f64,
    /// Root of its mean square [m].
    pub tool_error_rms_m: f64,
    /// The same distance after a short rest at the end [m].
    pub end_error_m: f64,
    /// Greatest share of each joint's torque that was asked for.
    pub torque_share: Vec<f64>,
    /// Joint positions at each control period.
    pub motion: Vec<Vec<f64>>,
}

/// Runs a plan.
///
/// # Errors
/// If the plan has faults or is too long, or the physics fails.
pub fn rehearse(arm: &Arm, plan: &Plan) -> Result<Rehearsal, RehearsalError> {
    if !plan.runs() {
        return Err(RehearsalError::Faults);
    }
    let duration_s = plan.duration_s();
    if duration_s > LONGEST_S {
        return Err(RehearsalError::TooLong(duration_s));
    }
    let n = arm.joints.len();
    let model = Arc::new(arm.model.clone());
    let places: Vec<(usize, usize)> = arm
        .joints
        .iter()
        .map(|j| &model.joints[j.index()])
        .map(|joint| (joint.q_start as usize, joint.v_start as usize))
        .collect();
    let steps_each = (PERIOD_S / model.option.timestep_s).round().max(1.0) as u32;
    let period_s = f64::from(steps_each) * model.option.timestep_s;
    let mut world = World::new(&Scene::new(model));
    world.change(|state| {
        for (&(at, _), q) in places.iter().zip(&plan.start) {
            state.q[at] = *q;
        }
    });
    let unstable = |time_s: f64, what: &dyn std::fmt::Display| RehearsalError::Unstable { time_s, what: what.to_string() };
    world.forward().map_err(|error| unstable(0.0, &error))?;
    let mut servo = JointServo::new(arm.dynamics(), GAINS, arm.torque.clone(), 0);
    let mut reference = Reference::standing(&plan.start);
    let (mut q, mut v, mut tau) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut out = Rehearsal {
        duration_s,
        joint_error_rad: vec![0.0; n],
        tool_error_m: 0.0,
        tool_error_rms_m: 0.0,
        end_error_m: 0.0,
        torque_share: vec![0.0; n],
        motion: Vec::new(),
    };
    let periods = ((duration_s + REST_S) / period_s).ceil() as u64;
    let mut squares = 0.0;
    for period in 0..=periods {
        let time_s = period as f64 * period_s;
        for (i, &(at_q, at_v)) in places.iter().enumerate() {
            (q[i], v[i]) = (world.state().q[at_q], world.state().v[at_v]);
        }
        plan.at(time_s, &mut reference.q, &mut reference.v, &mut reference.a);
        let off = (arm.chain.tip(&q).position - arm.chain.tip(&reference.q).position).norm();
        for (most, (q, wanted)) in out.joint_error_rad.iter_mut().zip(q.iter().zip(&reference.q)) {
            *most = most.max((q - wanted).abs());
        }
        out.tool_error_m = out.tool_error_m.max(off);
        out.end_error_m = off;
        squares += off * off;
        out.motion.push(q.clone());
        servo.step(&reference, &q, &v, &mut tau);
        for (i, &drive) in arm.drives.iter().enumerate() {
            out.torque_share[i] = out.torque_share[i].max(tau[i].abs() / arm.torque[i]);
            world.ctrl_mut()[drive] = tau[i];
        }
        for _ in 0..steps_each {
            world.step().map_err(|error| unstable(time_s, &error))?;
        }
    }
    out.tool_error_rms_m = (squares / (periods + 1) as f64).sqrt();
    Ok(out)
}
