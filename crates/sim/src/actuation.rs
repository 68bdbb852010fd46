//! Forces that do not come from constraints: springs, dampers, weight compensation, actuators, what the program applies.

use crate::scene::{LEAST, Scene};
use crate::state::State;
use crate::world::Forces;
use leitai_dynamics::Data;
use leitai_dynamics::jacobian::point_motion;
use leitai_math::{Motion, Quat, Vec3, real};
use leitai_model::Model;
use leitai_model::model::{Actuator, BodyId, DofId, JointId, SiteId, TendonId, Transmission};
use leitai_model::spec::{ActuatorDynamics, JointKind};

/// Adds passive forces of the degrees of freedom of awake groups to `out`.
pub(crate) fn passive(scene: &Scene, data: &Data, state: &State, out: &mut [f64]) {
    let model = &*scene.model;
    if !model.option.disable.spring {
        for joint in model.joints.iter().filter(|j| j.stiffness != 0.0) {
            spring(model, state, joint, out);
        }
    }
    if !model.option.disable.damper {
        for (d, dof) in model.dofs.iter().enumerate() {
            if dof.damping != 0.0 {
                out[d] -= dof.damping * state.v[d];
            }
        }
    }
    for (t, tendon) in model.tendons.iter().enumerate() {
        let id = TendonId(t as u32);
        let mut force = 0.0;
        if tendon.stiffness != 0.0 && !model.option.disable.spring {
            let length = tendon_length(model, &state.q, id);
            let [low, high] = tendon.spring_length;
            if length > high {
                force = tendon.stiffness * (high - length);
            } else if length < low {
                force = tendon.stiffness * (low - length);
            }
        }
        if !model.option.disable.damper {
            force -= tendon.damping * tendon_velocity(model, &state.v, id);
        }
        if force != 0.0 {
            for (joint, weight) in &tendon.joints {
                out[model.joints[joint.index()].v_start as usize] += weight * force;
            }
        }
    }
    for (i, body) in model.bodies.iter().enumerate() {
        if body.gravity_compensation != 0.0 {
            let lift = Motion::new(Vec3::ZERO, state.gravity * (-body.mass * body.gravity_compensation));
            add_force_at(model, data, BodyId(i as u32), data.com[i], lift, out);
        }
    }
}

fn spring(model: &Model, state: &State, joint: &leitai_model::model::Joint, out: &mut [f64]) {
    let (at, d, k) = (joint.q_start as usize, joint.v_start as usize, joint.stiffness);
    let turning = |at: usize, d: usize, out: &mut [f64]| {
        let rest = Quat::from_slice(&model.q_spring[at..]);
        let turn = (rest.conjugate() * Quat::from_slice(&state.q[at..]).normalized()).to_rotation_vector();
        for i in 0..3 {
            out[d + i] -= k * turn[i];
        }
    };
    match joint.kind {
        JointKind::Slide | JointKind::Hinge => out[d] -= k * (state.q[at] - model.q_spring[at]),
        JointKind::Ball => turning(at, d, out),
        JointKind::Free => {
            for i in 0..3 {
                out[d + i] -= k * (state.q[at + i] - model.q_spring[at + i]);
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

/// Length of a fixed tendon.
pub(crate) fn tendon_length(model: &Model, q: &[f64], tendon: TendonId) -> f64 {
    model.tendons[tendon.index()].joints.iter().map(|(j, w)| w * q[model.joints[j.index()].q_start as usize]).sum()
}

/// Velocity of a fixed tendon.
pub(crate) fn tendon_velocity(model: &Model, v: &[f64], tendon: TendonId) -> f64 {
    model.tendons[tendon.index()].joints.iter().map(|(j, w)| w * v[model.joints[j.index()].v_start as usize]).sum()
}

/// Calls `add(dof, moment)` for every degree of freedom the actuator pulls on.
pub(crate) fn for_each_moment(model: &Model, data: &Data, q: &[f64], actuator: &Actuator, mut add: impl FnMut(usize, f64)) {
    let gear = &actuator.gear;
    match actuator.transmission {
        Transmission::Joint(j) | Transmission::JointInParent(j) => {
            let in_parent = matches!(actuator.transmission, Transmission::JointInParent(_));
            joint_moments(model, q, j, gear, in_parent, &mut add);
        }
        Transmission::Tendon(t) => {
            for (joint, weight) in &model.tendons[t.index()].joints {
                add(model.joints[joint.index()].v_start as usize, gear[0] * weight);
            }
        }
        Transmission::Site(site, reference) => site_moments(model, data, site, reference, gear, &mut add),
    }
}

fn joint_moments(model: &Model, q: &[f64], joint: JointId, gear: &[f64; 6], in_parent: bool, add: &mut dyn FnMut(usize, f64)) {
    let joint = &model.joints[joint.index()];
    let (at, d) = (joint.q_start as usize, joint.v_start as usize);
    let in_child =
        |q: &[f64], axis: Vec3| if in_parent { Quat::from_slice(q).normalized().conjugate().rotate(axis) } else { axis };
    match joint.kind {
        JointKind::Slide | JointKind::Hinge => add(d, gear[0]),
        JointKind::Ball => {
            let axis = in_child(&q[at..], Vec3::from_slice(gear));
            (0..3).for_each(|i| add(d + i, axis[i]));
        }
        JointKind::Free => {
            (0..3).for_each(|i| add(d + i, gear[i]));
            let axis = in_child(&q[at + 3..], Vec3::from_slice(&gear[3..]));
            (0..3).for_each(|i| add(d + 3 + i, axis[i]));
        }
    }
}

fn site_moments(
    model: &Model,
    data: &Data,
    site: SiteId,
    reference: Option<SiteId>,
    gear: &[f64; 6],
    add: &mut dyn FnMut(usize, f64),
) {
    let pose = leitai_dynamics::site_pose(model, data, site);
    let frame = reference.map_or(pose, |r| leitai_dynamics::site_pose(model, data, r)).rotation;
    let (force, torque) = (frame.rotate(Vec3::from_slice(gear)), frame.rotate(Vec3::from_slice(&gear[3..])));
    let body = model.sites[site.index()].body;
    let offset = pose.position - data.subtree_com[model.bodies[body.index()].root.index()];
    let mut next = model.bodies[body.index()].last_dof;
    while let Some(DofId(d)) = next {
        let (linear, angular) = point_motion(data.dof_motion[d as usize], offset);
        add(d as usize, linear.dot(force) + angular.dot(torque));
        next = model.dofs[d as usize].parent;
    }
}

/// Length of an actuator's transmission; a reference site's pose difference is not measured and counts as zero.
pub(crate) fn transmission_length(model: &Model, q: &[f64], actuator: &Actuator) -> f64 {
    let gear = &actuator.gear;
    match actuator.transmission {
        Transmission::Joint(j) | Transmission::JointInParent(j) => {
            let joint = &model.joints[j.index()];
            let at = joint.q_start as usize;
            match joint.kind {
                JointKind::Slide | JointKind::Hinge => gear[0] * q[at],
                JointKind::Ball => Quat::from_slice(&q[at..]).normalized().to_rotation_vector().dot(Vec3::from_slice(gear)),
                JointKind::Free => 0.0,
            }
        }
        Transmission::Tendon(t) => gear[0] * tendon_length(model, q, t),
        Transmission::Site(..) => 0.0,
    }
}

/// Forces of every actuator, their joint forces into `forces.actuation`, and rates of activations.
pub(crate) fn actuate(scene: &Scene, data: &Data, state: &State, forces: &mut Forces) {
    let model = &*scene.model;
    let Forces { actuation: out, actuator: force, actuator_slope: slope, act_rate, .. } = forces;
    out.fill(0.0);
    force.fill(0.0);
    slope.fill(0.0);
    act_rate.fill(0.0);
    if model.option.disable.actuation {
        return;
    }
    for (i, actuator) in model.actuators.iter().enumerate() {
        let input = input(model, state, i, actuator, act_rate);
        let length = transmission_length(model, &state.q, actuator);
        let mut velocity = 0.0;
        for_each_moment(model, data, &state.q, actuator, |d, m| velocity += m * state.v[d]);
        let affine = |p: &[f64; 3]| p[0] + p[1] * length + p[2] * velocity;
        let bias = [actuator.bias[0], actuator.bias[1], scene.actuator_damping[i]];
        let raw = affine(&actuator.gain) * input + affine(&bias);
        slope[i] = bias[2] + actuator.gain[2] * input;
        force[i] = raw;
        if let Some([low, high]) = actuator.force_range {
            force[i] = real::clamp(raw, low, high);
            if force[i] <= low || force[i] >= high {
                slope[i] = 0.0;
            }
        }
        for_each_moment(model, data, &state.q, actuator, |d, m| out[d] += m * force[i]);
    }
    for joint in &model.joints {
        if let Some([low, high]) = joint.actuator_force_range {
            let d = joint.v_start as usize;
            out[d] = real::clamp(out[d], low, high);
        }
    }
}

/// The control (clamped) or the activation that drives the actuator; writes the activation's rate.
fn input(model: &Model, state: &State, i: usize, actuator: &Actuator, act_rate: &mut [f64]) -> f64 {
    let mut ctrl = state.ctrl[i];
    if let (Some([low, high]), false) = (actuator.ctrl_range, model.option.disable.clamp_ctrl) {
        ctrl = real::clamp(ctrl, low, high);
    }
    let Some(at) = actuator.act else { return ctrl };
    let act = state.act[at as usize];
    let rate = match actuator.dynamics {
        ActuatorDynamics::None => 0.0,
        ActuatorDynamics::Integrator => ctrl,
        ActuatorDynamics::Filter(time) | ActuatorDynamics::FilterExact(time) => (ctrl - act) / real::max(LEAST, time),
    };
    act_rate[at as usize] = rate;
    if actuator.act_early { later_activation(actuator, act, rate, model.option.timestep_s) } else { act }
}

/// An activation `seconds` later.
fn later_activation(actuator: &Actuator, act: f64, rate: f64, seconds: f64) -> f64 {
    let next = act
        + match actuator.dynamics {
            ActuatorDynamics::FilterExact(time) => {
                let time = real::max(LEAST, time);
                rate * time * (1.0 - real::exp(-seconds / time))
            }
            _ => rate * seconds,
        };
    actuator.act_range.map_or(next, |[low, high]| real::clamp(next, low, high))
}

/// Activations after one step.
pub(crate) fn advance_activations(model: &Model, act: &mut [f64], act_rate: &[f64], timestep_s: f64) {
    for actuator in &model.actuators {
        if let Some(at) = actuator.act {
            let at = at as usize;
            act[at] = later_activation(actuator, act[at], act_rate[at], timestep_s);
        }
    }
}

/// Adds the derivative of actuator and damping forces with respect to velocity, times −`timestep_s`, to a matrix packed
/// like the mass matrix (entries outside its pattern are dropped, as in MuJoCo's implicitfast).
pub(crate) fn add_velocity_derivatives(
    scene: &Scene,
    data: &Data,
    state: &State,
    forces: &Forces,
    timestep_s: f64,
    packed: &mut [f64],
) {
    let model = &*scene.model;
    if !model.option.disable.damper {
        for dof in &model.dofs {
            packed[(dof.row_start + dof.row_len - 1) as usize] += timestep_s * dof.damping;
        }
        for tendon in model.tendons.iter().filter(|t| t.damping != 0.0) {
            let moment = |d: usize| {
                tendon.joints.iter().filter(|(j, _)| model.joints[j.index()].v_start as usize == d).map(|(_, w)| *w).sum()
            };
            add_outer(model, timestep_s * tendon.damping, &moment, packed);
        }
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
            let (dof, gear) = (&model.dofs[d], actuator.gear[0]);
            packed[(dof.row_start + dof.row_len - 1) as usize] -= timestep_s * slope * gear * gear;
            continue;
        }
        let moment = |d: usize| {
            let mut sum = 0.0;
            for_each_moment(model, data, &state.q, actuator, |at, m| {
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
