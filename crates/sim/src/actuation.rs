//! Forces that do not come from constraints: springs, dampers, weight compensation, actuators, what the program applies.

use crate::contact::Contact;
use crate::fluid;
use crate::muscle;
use crate::scene::{LEAST, Scene};
use crate::state::State;
use crate::transmission::{for_each_moment, transmission_length};
use crate::world::Forces;
use leitai_dynamics::jacobian::point_motion;
use leitai_dynamics::{Data, tendon_length, tendon_moments, tendon_velocity};
use leitai_math::{Motion, Quat, Vec3, real};
use leitai_model::model::{Actuator, BodyId, DofId, TendonId, Transmission};
use leitai_model::spec::{ActuatorDynamics, Growth, JointKind, Law, Pid};
use leitai_model::{Integrator, Model};

/// Adds passive forces of the degrees of freedom of awake groups to `out`.
pub(crate) fn passive(scene: &Scene, data: &Data, state: &State, out: &mut [f64], borne: &mut [f64]) {
    let model = &*scene.model;
    // What switches off springs and dampers switches off all that is passive.
    if model.option.disable.spring && model.option.disable.damper {
        return;
    }
    if !model.option.disable.spring {
        for joint in model.joints.iter().filter(|j| j.stiffness != 0.0 || j.stiffness_growth != [0.0; 2]) {
            spring(model, state, joint, out);
        }
    }
    if !model.option.disable.damper {
        for (d, dof) in model.dofs.iter().enumerate() {
            if dof.damping != 0.0 || dof.damping_growth != [0.0; 2] {
                out[d] -= damping(dof.damping, &dof.damping_growth, state.v[d]) * state.v[d];
            }
        }
    }
    for (t, tendon) in model.tendons.iter().enumerate() {
        let id = TendonId(t as u32);
        let mut force = 0.0;
        if (tendon.stiffness != 0.0 || tendon.stiffness_growth != [0.0; 2]) && !model.option.disable.spring {
            let length = tendon_length(model, data, &state.q, id);
            let [low, high] = data.tendon_rest[t];
            let stiff = |short: f64| stiffness(tendon.stiffness, &tendon.stiffness_growth, -short) * short;
            if length > high {
                force = stiff(high - length);
            } else if length < low {
                force = stiff(low - length);
            }
        }
        if !model.option.disable.damper {
            let velocity = tendon_velocity(model, data, &state.v, id);
            force -= damping(tendon.damping, &tendon.damping_growth, velocity) * velocity;
        }
        if force != 0.0 {
            for (d, moment) in tendon_moments(model, data, id) {
                out[d] += moment * force;
            }
        }
    }
    let shared = model.joints.iter().any(|j| j.actuators_compensate);
    borne.fill(0.0);
    for (i, body) in model.bodies.iter().enumerate() {
        if body.gravity_compensation != 0.0 {
            let lift = Motion::new(Vec3::ZERO, state.gravity * (-body.mass * body.gravity_compensation));
            let to = if shared { &mut *borne } else { &mut *out };
            add_force_at(model, data, BodyId(i as u32), data.com[i], lift, to);
        }
    }
    if shared {
        for (d, dof) in model.dofs.iter().enumerate() {
            if !model.joints[dof.joint.index()].actuators_compensate {
                out[d] += core::mem::take(&mut borne[d]);
            }
        }
    }
    if fluid::acts(model) {
        fluid::add_forces(model, data, &scene.fluid, out);
    }
}

/// Stiffness at displacement `x`: what `x` is multiplied by.
fn stiffness(linear: f64, growth: &Growth, x: f64) -> f64 {
    linear + x * (growth[0] + x * growth[1])
}

/// Damping at speed `v`: what `v` is multiplied by.
fn damping(linear: f64, growth: &Growth, v: f64) -> f64 {
    let v = real::abs(v);
    linear + v * (growth[0] + v * growth[1])
}

/// How fast a damper's force grows at speed `v`.
pub(crate) fn damping_slope(linear: f64, growth: &Growth, v: f64) -> f64 {
    let v = real::abs(v);
    linear + v * (2.0 * growth[0] + v * 3.0 * growth[1])
}

pub(crate) fn spring(model: &Model, state: &State, joint: &leitai_model::model::Joint, out: &mut [f64]) {
    let (at, d) = (joint.q_start as usize, joint.v_start as usize);
    let stiff = |x: f64| stiffness(joint.stiffness, &joint.stiffness_growth, x);
    let turning = |at: usize, d: usize, out: &mut [f64]| {
        let rest = Quat::from_slice(&model.q_spring[at..]);
        let turn = (rest.conjugate() * Quat::from_slice(&state.q[at..]).normalized()).to_rotation_vector();
        let k = stiff(turn.norm());
        for i in 0..3 {
            out[d + i] -= k * turn[i];
        }
    };
    match joint.kind {
        JointKind::Slide | JointKind::Hinge => {
            let x = state.q[at] - model.q_spring[at];
            out[d] -= stiff(x) * x;
        }
        JointKind::Ball => turning(at, d, out),
        JointKind::Free => {
            let moved = Vec3::from_slice(&state.q[at..]) - Vec3::from_slice(&model.q_spring[at..]);
            let k = stiff(moved.norm());
            for i in 0..3 {
                out[d + i] -= k * moved[i];
            }
            turning(at + 3, d + 3, out);
        }
    }
}

/// Adds the joint forces of a moment and force applied to `body` at `point`.
pub(crate) fn add_force_at(model: &Model, data: &Data, body: BodyId, point: Vec3, force: Motion, out: &mut [f64]) {
    let offset = point - data.subtree_com[model.bodies[body.index()].root.index()];
    let mut next = model.bodies[body.index()].last_dof;
    while let Some(DofId(d)) = next {
        let (linear, angular) = point_motion(data.dof_motion[d as usize], offset);
        out[d as usize] += linear.dot(force.linear) + angular.dot(force.angular);
        next = model.dofs[d as usize].parent;
    }
}

/// Forces of every actuator, their joint forces into `forces.actuation`, and rates of activations.
pub(crate) fn actuate(scene: &Scene, data: &Data, state: &State, contacts: &[Contact], forces: &mut Forces) {
    let model = &*scene.model;
    let Forces { borne, actuation: out, actuator: force, actuator_slope: slope, act_rate, .. } = forces;
    out.fill(0.0);
    force.fill(0.0);
    slope.fill(0.0);
    act_rate.fill(0.0);
    if model.option.disable.actuation {
        return;
    }
    let clamps_tendons = model.tendons.iter().any(|t| t.actuator_force_range.is_some());
    for (i, actuator) in model.actuators.iter().enumerate().filter(|(_, a)| !a.drive.disabled) {
        let length = transmission_length(model, data, &state.q, actuator);
        let mut input = match (&actuator.drive.pid, &actuator.drive.bias) {
            (Some(pid), Law::Affine([_, stiffness, _])) => {
                let gains = [-stiffness, -scene.actuator_damping[i]];
                controller(model, state, actuator, pid, gains, length, act_rate)
            }
            _ => input(model, state, actuator, act_rate),
        };
        let mut velocity = 0.0;
        for_each_moment(model, data, &state.q, contacts, actuator, |d, m| velocity += m * state.v[d]);
        if let Some(turn) = scene.actuator_turn[i] {
            input = length + shortest_way(input - length, turn);
        }
        let affine = |p: &[f64; 3]| p[0] + p[1] * length + p[2] * velocity;
        let (gain_now, gain_slope) = match &actuator.drive.gain {
            Law::Affine(gain) => (affine(gain), gain[2]),
            Law::Muscle(curve) => scene.muscles[i].active(curve, length, velocity),
        };
        let (bias_now, bias_slope) = match &actuator.drive.bias {
            Law::Affine([constant, stiffness, _]) => {
                let damping = scene.actuator_damping[i];
                (affine(&[*constant, *stiffness, damping]), damping)
            }
            Law::Muscle(curve) => (scene.muscles[i].passive(curve, length), 0.0),
        };
        let raw = gain_now * input + bias_now;
        slope[i] = bias_slope + gain_slope * input;
        force[i] = raw;
        if let Some([low, high]) = actuator.drive.force_range {
            force[i] = real::clamp(raw, low, high);
            if force[i] <= low || force[i] >= high {
                slope[i] = 0.0;
            }
        }
        if !clamps_tendons {
            for_each_moment(model, data, &state.q, contacts, actuator, |d, m| out[d] += m * force[i]);
        }
    }
    if clamps_tendons {
        clamp_on_tendons(model, force, slope);
        for (i, actuator) in model.actuators.iter().enumerate() {
            for_each_moment(model, data, &state.q, contacts, actuator, |d, m| out[d] += m * force[i]);
        }
    }
    for joint in &model.joints {
        let v = joint.v_start as usize;
        if joint.actuators_compensate {
            let n = match joint.kind {
                JointKind::Free => 6,
                JointKind::Ball => 3,
                JointKind::Slide | JointKind::Hinge => 1,
            };
            (v..v + n).for_each(|d| out[d] += borne[d]);
        }
        if let Some([low, high]) = joint.actuator_force_range {
            let d = joint.v_start as usize;
            out[d] = real::clamp(out[d], low, high);
        }
    }
}

/// `way` shortened by whole turns.
fn shortest_way(way: f64, turn: f64) -> f64 {
    way - turn * real::round(way / turn)
}

/// Actuators that pull on one tendon share what its limit cuts off.
fn clamp_on_tendons(model: &Model, force: &mut [f64], slope: &mut [f64]) {
    for (t, tendon) in model.tendons.iter().enumerate() {
        let Some([low, high]) = tendon.actuator_force_range else { continue };
        let pulls = |i: usize| matches!(model.actuators[i].transmission, Transmission::Tendon(on) if on.index() == t);
        let total: f64 = (0..force.len()).filter(|i| pulls(*i)).map(|i| force[i]).sum();
        let bound = if total < low {
            low
        } else if total > high {
            high
        } else {
            continue;
        };
        for i in (0..force.len()).filter(|i| pulls(*i)) {
            force[i] *= bound / total;
            slope[i] = 0.0;
        }
    }
}

/// The control (clamped) or the activation that drives the actuator; writes the activation's rate.
fn input(model: &Model, state: &State, actuator: &Actuator, act_rate: &mut [f64]) -> f64 {
    let mut ctrl = state.ctrl[actuator.ctrl as usize];
    if let (Some([low, high]), false) = (actuator.drive.ctrl_range, model.option.disable.clamp_ctrl) {
        ctrl = real::clamp(ctrl, low, high);
    }
    let Some(at) = actuator.act else { return ctrl };
    let act = state.act[at as usize];
    let rate = match actuator.drive.dynamics {
        ActuatorDynamics::None => 0.0,
        ActuatorDynamics::Integrator => ctrl,
        ActuatorDynamics::Filter(time) | ActuatorDynamics::FilterExact(time) => (ctrl - act) / real::max(LEAST, time),
        ActuatorDynamics::Muscle { times_s, smoothing } => muscle::activation_rate(ctrl, act, times_s, smoothing),
    };
    act_rate[at as usize] = rate;
    if actuator.drive.act_early { later_activation(actuator, act, rate, model.option.timestep_s) } else { act }
}

/// What a controller on board makes of its controls (clamped) with gains for position and speed; writes its activations' rates.
fn controller(
    model: &Model,
    state: &State,
    actuator: &Actuator,
    pid: &Pid,
    [stiffness, damping]: [f64; 2],
    length: f64,
    act_rate: &mut [f64],
) -> f64 {
    let mut at = actuator.ctrl as usize;
    let [position, speed, feedforward] = core::array::from_fn(|k| {
        if !pid.inputs[k] {
            return 0.0;
        }
        at += 1;
        let given = state.ctrl[at - 1];
        let limits = pid.ranges[k].filter(|_| !model.option.disable.clamp_ctrl);
        limits.map_or(given, |[low, high]| real::clamp(given, low, high))
    });
    let mut place = actuator.act.unwrap_or(0) as usize;
    let mut target = position;
    if pid.slew > 0.0 {
        let dt = model.option.timestep_s;
        let rate = real::clamp((position - state.act[place]) / dt, -pid.slew, pid.slew);
        act_rate[place] = rate;
        target = state.act[place] + dt * rate;
        place += 1;
    }
    let mut input = stiffness * target + damping * speed + feedforward;
    if pid.integral != 0.0 {
        let (sum, error) = (state.act[place], target - length);
        // Past its limit it only comes back.
        let full = pid.most_integral > 0.0 && real::abs(sum) >= pid.most_integral && sum * error > 0.0;
        act_rate[place] = if full { 0.0 } else { error };
        input += pid.integral * sum;
    }
    input
}

/// An activation `seconds` later.
fn later_activation(actuator: &Actuator, act: f64, rate: f64, seconds: f64) -> f64 {
    let next = act
        + match actuator.drive.dynamics {
            ActuatorDynamics::FilterExact(time) => {
                let time = real::max(LEAST, time);
                rate * time * (1.0 - real::exp(-seconds / time))
            }
            _ => rate * seconds,
        };
    actuator.drive.act_range.map_or(next, |[low, high]| real::clamp(next, low, high))
}

/// Activations after one step.
pub(crate) fn advance_activations(model: &Model, act: &mut [f64], act_rate: &[f64], timestep_s: f64) {
    for actuator in &model.actuators {
        if let Some(at) = actuator.act {
            for at in at as usize..at as usize + actuator.drive.activations() {
                act[at] = later_activation(actuator, act[at], act_rate[at], timestep_s);
            }
        }
    }
}

/// Adds the derivative of actuator and damping forces with respect to velocity, times −`timestep_s`, to a matrix packed
/// like the mass matrix (entries outside its pattern are dropped, as in MuJoCo). That of the medium's forces, made symmetric,
/// is added too unless the integrator adds it in full.
pub(crate) fn add_velocity_derivatives(
    scene: &Scene,
    data: &Data,
    state: &State,
    contacts: &[Contact],
    forces: &Forces,
    timestep_s: f64,
    packed: &mut [f64],
) {
    let model = &*scene.model;
    if !model.option.disable.damper {
        for (d, dof) in model.dofs.iter().enumerate() {
            let slope = damping_slope(dof.damping, &dof.damping_growth, state.v[d]);
            packed[(dof.row_start + dof.row_len - 1) as usize] += timestep_s * slope;
        }
        for (t, tendon) in model.tendons.iter().enumerate() {
            let id = TendonId(t as u32);
            let speed = || tendon_velocity(model, data, &state.v, id);
            let slope = match tendon.damping_growth {
                [0.0, 0.0] => tendon.damping,
                growth => damping_slope(tendon.damping, &growth, speed()),
            };
            if slope != 0.0 {
                let moment = |d: usize| tendon_moments(model, data, id).filter(|(at, _)| *at == d).map(|(_, m)| m).sum();
                add_outer(model, timestep_s * slope, &moment, packed);
            }
        }
    }
    let in_full = model.option.integrator == Integrator::Implicit;
    if fluid::acts(model) && !in_full && !(model.option.disable.spring && model.option.disable.damper) {
        fluid::add_velocity_derivatives(model, data, &scene.fluid, timestep_s, packed);
    }
    if model.option.disable.actuation {
        return;
    }
    for (i, actuator) in model.actuators.iter().enumerate() {
        let slope = forces.actuator_slope[i];
        if slope == 0.0 {
            continue;
        }
        if let Transmission::Joint(j) | Transmission::JointInParent(j) = actuator.transmission
            && matches!(model.joints[j.index()].kind, JointKind::Slide | JointKind::Hinge)
        {
            let joint = &model.joints[j.index()];
            let d = joint.v_start as usize;
            if joint.actuator_force_range.is_some_and(|[low, high]| forces.actuation[d] <= low || forces.actuation[d] >= high) {
                // What the joint's limit cuts off no longer depends on speed.
                continue;
            }
            let (dof, gear) = (&model.dofs[d], actuator.drive.gear[0]);
            packed[(dof.row_start + dof.row_len - 1) as usize] -= timestep_s * slope * gear * gear;
            continue;
        }
        let moment = |d: usize| {
            let mut sum = 0.0;
            for_each_moment(model, data, &state.q, contacts, actuator, |at, m| {
                if at == d {
                    sum += m
                }
            });
            sum
        };
        add_outer(model, -timestep_s * slope, &moment, packed);
    }
}

fn add_outer(model: &Model, scale: f64, moment: &dyn Fn(usize) -> f64, packed: &mut [f64]) {
    for d in 0..model.nv {
        let md = moment(d);
        if md == 0.0 {
            continue;
        }
        let dof = &model.dofs[d];
        let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
        for (at, &c) in row.clone().zip(&model.mass_columns[row]) {
            packed[at] += scale * md * moment(c as usize);
        }
    }
}
