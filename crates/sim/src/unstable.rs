//! How a step breaks down: a result with time, body and cause, never a crash and never silence.
//!
//! Every step is checked where it begins and where it ends. Numbers beyond [`LARGEST`] are no motion of a robot, and whatever is
//! not a number is beyond it too. What a step may need is bounded by counts, so that it ends in one of these causes rather
//! than in a machine without memory.

use crate::state::State;
use alloc::string::String;
use leitai_math::{Vec3, real};
use leitai_model::Model;
use leitai_model::model::{BodyId, Transmission};

/// Greatest size of a coordinate, velocity or acceleration, in the units of each; MuJoCo draws the line there too.
pub const LARGEST: f64 = 1e10;

/// Most pairs of shapes that may be near each other at once.
pub const MOST_PAIRS: usize = 1 << 20;

/// Most contacts at once.
pub const MOST_CONTACTS: usize = 1 << 18;

/// Most numbers of the constraints' Jacobian, and of the factor in which they are solved; half a gigabyte each.
pub const MOST_NUMBERS: usize = 1 << 26;

/// A step broke down. It is a result, not a crash: the trial records it and ends.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the simulation became unstable at {time_s} s at body `{body}`: {cause}")]
pub struct Unstable {
    /// When [s].
    pub time_s: f64,
    /// Body whose motion broke first.
    pub body: String,
    /// What broke.
    pub cause: Cause,
}

/// What broke in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Someone outside asked for it: a control, an applied force, a pose set by the program.
    #[error("a command is not a finite number")]
    Command,
    /// A coordinate or an activation is beyond [`LARGEST`].
    #[error("the position is out of bounds")]
    Position,
    /// A velocity is.
    #[error("the velocity is out of bounds")]
    Velocity,
    /// An acceleration is.
    #[error("the acceleration is out of bounds")]
    Acceleration,
    /// The matrix of the contact problem lost its positive definiteness.
    #[error("the contact problem has no solution")]
    Constraints,
    /// More than [`MOST_PAIRS`].
    #[error("more than {MOST_PAIRS} pairs of shapes are near each other")]
    Pairs,
    /// More than [`MOST_CONTACTS`].
    #[error("there are more than {MOST_CONTACTS} contacts")]
    Contacts,
    /// More than [`MOST_NUMBERS`].
    #[error("the constraints need more than {MOST_NUMBERS} numbers")]
    Memory,
}

/// Whether `x` is a number of bounded size; written so that NaN is not.
pub(crate) fn bounded(x: f64) -> bool {
    real::abs(x) <= LARGEST
}

/// The first of what the program sets that is not a finite number, with the body it acts on.
pub(crate) fn check_commands(model: &Model, state: &State) -> Result<(), (BodyId, Cause)> {
    let finite = |v: Vec3| v.to_array().iter().all(|x| x.is_finite());
    let bad = |body: BodyId| Err((body, Cause::Command));
    if let Some(at) = state.ctrl.iter().position(|u| !u.is_finite()) {
        let actuator = model.actuators.iter().rposition(|a| a.ctrl as usize <= at);
        return bad(actuator.map_or(BodyId(0), |i| body_of_actuator(model, i)));
    }
    if let Some(d) = state.joint_force.iter().position(|f| !f.is_finite()) {
        return bad(model.dofs[d].body);
    }
    if let Some(b) = state.body_force.iter().position(|f| !(finite(f.linear) && finite(f.angular))) {
        return bad(BodyId(b as u32));
    }
    let unset = |p: &leitai_math::Pose| !(finite(p.position) && p.rotation.to_array().iter().all(|x| x.is_finite()));
    if let Some(m) = state.mocap.iter().position(unset) {
        let body = model.bodies.iter().position(|b| b.mocap == Some(m as u32));
        return bad(BodyId(body.unwrap_or(0) as u32));
    }
    if finite(state.gravity) { Ok(()) } else { bad(BodyId(0)) }
}

/// The first coordinate, velocity or activation that is out of bounds, with the body it moves.
pub(crate) fn check_motion(model: &Model, state: &State) -> Result<(), (BodyId, Cause)> {
    if let Some(at) = state.q.iter().position(|x| !bounded(*x)) {
        let joint = model.joints.iter().rfind(|j| j.q_start as usize <= at);
        return Err((joint.map_or(BodyId(0), |j| j.body), Cause::Position));
    }
    if let Some(d) = state.v.iter().position(|x| !bounded(*x)) {
        return Err((model.dofs[d].body, Cause::Velocity));
    }
    if let Some(at) = state.act.iter().position(|x| !bounded(*x)) {
        let of = |a: &leitai_model::model::Actuator| a.act.is_some_and(|start| start as usize <= at);
        let actuator = model.actuators.iter().rposition(of);
        return Err((actuator.map_or(BodyId(0), |i| body_of_actuator(model, i)), Cause::Position));
    }
    Ok(())
}

/// A body that the actuator pulls on.
fn body_of_actuator(model: &Model, i: usize) -> BodyId {
    match model.actuators[i].transmission {
        Transmission::Joint(j) | Transmission::JointInParent(j) => model.joints[j.index()].body,
        Transmission::Tendon(t) => {
            let first = model.tendons[t.index()].columns.first();
            first.map_or(BodyId(0), |d| model.dofs[d.index()].body)
        }
        Transmission::Site(site, _) | Transmission::SliderCrank(site, ..) => model.sites[site.index()].body,
        Transmission::Body(body) => body,
    }
}
