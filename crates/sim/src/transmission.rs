//! How far and about what actuators pull: lengths of their transmissions and moments about the degrees of freedom.

use crate::contact::Contact;
use leitai_dynamics::jacobian::point_motion;
use leitai_dynamics::{Data, site_pose, tendon_length, tendon_moments};
use leitai_math::{Quat, Vec3, real};
use leitai_model::Model;
use leitai_model::model::{Actuator, BodyId, DofId, JointId, SiteId, Transmission};
use leitai_model::spec::{JointKind, Law};

/// Calls `add(dof, moment)` for every degree of freedom the actuator pulls on.
pub(crate) fn for_each_moment(
    model: &Model,
    data: &Data,
    q: &[f64],
    contacts: &[Contact],
    actuator: &Actuator,
    mut add: impl FnMut(usize, f64),
) {
    let gear = &actuator.drive.gear;
    match actuator.transmission {
        Transmission::Joint(j) | Transmission::JointInParent(j) => {
            let in_parent = matches!(actuator.transmission, Transmission::JointInParent(_));
            joint_moments(model, q, j, gear, in_parent, &mut add);
        }
        Transmission::Tendon(t) => {
            for (d, moment) in tendon_moments(model, data, t) {
                add(d, gear[0] * moment);
            }
        }
        Transmission::Site(site, reference) => site_moments(model, data, site, reference, gear, &mut add),
        Transmission::SliderCrank(crank, slider, rod) => {
            let linkage = Linkage::new(model, data, crank, slider, rod);
            let [(crank_body, crank_at), (slider_body, slider_at)] = [crank, slider].map(|s| place(model, data, s));
            body_moments(model, data, crank_body, crank_at, [linkage.along * gear[0], Vec3::ZERO], None, &mut add);
            // As the slider's body turns, so does the axis that the length is measured along.
            let turn = linkage.axis.cross(linkage.across);
            body_moments(model, data, slider_body, slider_at, [linkage.along * -gear[0], turn * gear[0]], None, &mut add);
        }
        Transmission::Body(body) => contact_moments(model, data, contacts, body, gear[0], &mut add),
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

fn place(model: &Model, data: &Data, site: SiteId) -> (BodyId, Vec3) {
    (model.sites[site.index()].body, site_pose(model, data, site).position)
}

/// Moments of a force and a torque on `body` at `point`, but not about what moves `apart` too.
fn body_moments(
    model: &Model,
    data: &Data,
    body: BodyId,
    point: Vec3,
    [force, torque]: [Vec3; 2],
    apart: Option<BodyId>,
    add: &mut dyn FnMut(usize, f64),
) {
    let offset = point - data.subtree_com[model.bodies[body.index()].root.index()];
    let mut next = model.bodies[body.index()].last_dof;
    while let Some(DofId(d)) = next {
        if apart.is_none_or(|other| !model.is_below(other, model.dofs[d as usize].body)) {
            let (linear, angular) = point_motion(data.dof_motion[d as usize], offset);
            add(d as usize, linear.dot(force) + angular.dot(torque));
        }
        next = model.dofs[d as usize].parent;
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
    let (body, point) = place(model, data, site);
    let frame = site_pose(model, data, reference.unwrap_or(site)).rotation;
    let [force, torque] = [Vec3::from_slice(gear), Vec3::from_slice(&gear[3..])].map(|g| frame.rotate(g));
    let Some(reference) = reference else {
        return body_moments(model, data, body, point, [force, torque], None, add);
    };
    // What moves both sites moves neither against the other.
    let (other, other_point) = place(model, data, reference);
    body_moments(model, data, body, point, [force, torque], Some(other), add);
    body_moments(model, data, other, other_point, [-force, -torque], Some(body), add);
}

/// The state of a crank that drives a slider.
struct Linkage {
    length: f64,
    axis: Vec3,
    /// How the length changes with the crank's pin against the slider's.
    along: Vec3,
    /// How the length changes with the axis.
    across: Vec3,
}

impl Linkage {
    fn new(model: &Model, data: &Data, crank: SiteId, slider: SiteId, rod: f64) -> Self {
        let guide = site_pose(model, data, slider);
        let axis = guide.rotation.rotate(Vec3::Z);
        let apart = site_pose(model, data, crank).position - guide.position;
        let along = apart.dot(axis);
        let square = along * along + rod * rod - apart.norm_squared();
        if square <= 0.0 {
            // The rod does not reach: the slider follows the pin.
            return Self { length: along, axis, along: axis, across: apart };
        }
        let root = real::sqrt(square);
        let share = 1.0 - along / root;
        Self { length: along - root, axis, along: axis * share + apart / root, across: apart * share }
    }
}

/// A pull that all contacts of a body share, each along its normal.
fn contact_moments(model: &Model, data: &Data, contacts: &[Contact], body: BodyId, gear: f64, add: &mut dyn FnMut(usize, f64)) {
    let bodies = |c: &Contact| c.geoms.map(|g| model.geoms[g.index()].body);
    let own = || contacts.iter().filter(|c| bodies(c).contains(&body));
    let count = own().count();
    for contact in own() {
        let normal = contact.frame.row(0) * (gear / count as f64);
        let [first, second] = bodies(contact);
        body_moments(model, data, first, contact.position, [normal, Vec3::ZERO], None, add);
        body_moments(model, data, second, contact.position, [-normal, Vec3::ZERO], None, add);
    }
}

/// Length of an actuator's transmission; zero where it has none.
pub(crate) fn transmission_length(model: &Model, data: &Data, q: &[f64], actuator: &Actuator) -> f64 {
    let gear = &actuator.drive.gear;
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
        Transmission::Tendon(t) => gear[0] * tendon_length(model, data, q, t),
        Transmission::Site(site, Some(reference)) => {
            let pose = site_pose(model, data, reference).inverse() * site_pose(model, data, site);
            let turn = pose.rotation.normalized().to_rotation_vector();
            pose.position.dot(Vec3::from_slice(gear)) + turn.dot(Vec3::from_slice(&gear[3..]))
        }
        Transmission::SliderCrank(crank, slider, rod) => gear[0] * Linkage::new(model, data, crank, slider, rod).length,
        Transmission::Site(_, None) | Transmission::Body(_) => 0.0,
    }
}

/// The length of a full turn where a servo's lengths lie on a circle: of ball joints, and of sites that are turned against
/// others.
pub(crate) fn turn_of(model: &Model, actuator: &Actuator) -> Option<f64> {
    let is_servo = match (&actuator.drive.gain, &actuator.drive.bias) {
        (Law::Affine(gain), Law::Affine(bias)) => actuator.drive.pid.is_none() && gain[0] != 0.0 && gain[0] == -bias[1],
        _ => false,
    };
    let gear = &actuator.drive.gear;
    let axis = match actuator.transmission {
        Transmission::Joint(j) | Transmission::JointInParent(j) if model.joints[j.index()].kind == JointKind::Ball => &gear[..3],
        Transmission::Site(_, Some(_)) if gear[..3] == [0.0; 3] => &gear[3..],
        _ => return None,
    };
    let turn = real::TAU * Vec3::from_slice(axis).norm();
    (is_servo && turn > 0.0).then_some(turn)
}
