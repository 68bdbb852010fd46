//! What is known of a model before the first step: inverse weights, groups, and who may touch whom.
//!
//! A scene is immutable and shared by every world that steps it.

use crate::fluid::{FluidGeom, fluid_geoms};
use crate::length_range::length_ranges;
use crate::muscle::Muscle;
use crate::transmission::{for_each_moment, turn_of};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use leitai_dynamics::jacobian::point_motion;
use leitai_dynamics::mass::solve_packed;
use leitai_dynamics::tendon::add_tendon_inertia;
use leitai_dynamics::{
    Data, com_frames, factor_mass, kinematics, mass_matrix, solve_mass, tendon_length, tendon_moments, tendons,
};
use leitai_geometry::Shape;
use leitai_math::{Quat, Vec3, real};
use leitai_model::model::{Actuator, BodyId, Dof, Measure, Model, Sensor, TendonId};
use leitai_model::spec::{JointKind, Law};

/// Smallest number that still counts as more than nothing.
pub(crate) const LEAST: f64 = 1e-15;

/// A child of the world with everything below it: the unit that sleeps, and a node of the solver's graph.
#[derive(Clone, Debug)]
pub struct Group {
    /// Bodies.
    pub bodies: core::ops::Range<usize>,
    /// Degrees of freedom.
    pub dofs: core::ops::Range<usize>,
    /// Has no degrees of freedom and is not moved by the program.
    pub fixed: bool,
    /// Moved by an actuator, a tendon or the program: never sleeps.
    pub driven: bool,
    /// One body with a free joint, and what is rigidly joined to it.
    pub free_body: bool,
}

/// A model with its constants.
#[derive(Debug)]
pub struct Scene {
    /// The model.
    pub model: Arc<Model>,
    /// Groups in body order.
    pub groups: Vec<Group>,
    /// Group of each body; the world has none and stands as `u32::MAX`.
    pub group_of_body: Vec<u32>,
    /// Group of each degree of freedom.
    pub group_of_dof: Vec<u32>,
    /// Translational and rotational inverse weight of each body at the reference configuration [1/kg, 1/(kg·m²)].
    pub body_weight: Vec<[f64; 2]>,
    /// Inverse weight of each degree of freedom.
    pub dof_weight: Vec<f64>,
    /// Inverse weight of each tendon.
    pub tendon_weight: Vec<f64>,
    /// Length of each tendon at the reference configuration.
    pub tendon_length0: Vec<f64>,
    /// Velocity gain of each actuator's bias, with damping ratios resolved.
    pub actuator_damping: Vec<f64>,
    /// What each muscle's curve is scaled by; nothing for other actuators.
    pub muscles: Vec<Muscle>,
    /// Length of a full turn of each servo whose lengths lie on a circle.
    pub(crate) actuator_turn: Vec<Option<f64>>,
    /// Geoms that feel the medium.
    pub(crate) fluid: Vec<FluidGeom>,
    /// How far [m] beyond its margin each geom looks for contacts, because a suction cup may seal over that gap.
    pub(crate) seal_reach: Vec<f64>,
    /// Bodies that stand on the same weld as, or next to, each other do not touch: weld of each body's parent.
    pub(crate) parent_weld: Vec<BodyId>,
}

impl Scene {
    /// Prepares `model`.
    #[must_use]
    pub fn new(model: Arc<Model>) -> Arc<Self> {
        make_hulls(&model);
        let mut data = Data::new(&model);
        kinematics(&model, &mut data, &model.q0);
        com_frames(&model, &mut data);
        tendons(&model, &mut data);
        mass_matrix(&model, &mut data);
        add_tendon_inertia(&model, &mut data, 0, model.nv);
        factor_mass(&model, &mut data);
        let (groups, group_of_body, group_of_dof) = groups(&model);
        let (body_weight, dof_weight) = (body_weights(&model, &data, &groups), dof_weights(&model, &data, &groups));
        let model = with_springs(model, &dof_weight);
        let scene = Self {
            groups,
            group_of_body,
            group_of_dof,
            body_weight,
            tendon_weight: tendon_weights(&model, &data),
            tendon_length0: (0..model.tendons.len() as u32)
                .map(|t| tendon_length(&model, &data, &model.q0, TendonId(t)))
                .collect(),
            actuator_damping: actuator_damping(&model, &data),
            muscles: muscles(&model, &data),
            fluid: fluid_geoms(&model),
            actuator_turn: model.actuators.iter().map(|a| turn_of(&model, a)).collect(),
            parent_weld: model.bodies.iter().map(|b| model.bodies[model.bodies[b.weld.index()].parent.index()].weld).collect(),
            seal_reach: seal_reaches(&model),
            dof_weight,
            model,
        };
        Arc::new(scene)
    }
}

/// The model with the springs and dampers that it describes by time constant and damping ratio: a mass I, one over the mean
/// inverse weight of the joint's degrees of freedom, gets the stiffness I/(time·ratio)² and the damping 2·I/time.
fn with_springs(mut model: Arc<Model>, dof_weight: &[f64]) -> Arc<Model> {
    if model.joints.iter().all(|joint| joint.spring_damper.is_none()) {
        return model;
    }
    let changed = Arc::make_mut(&mut model);
    for (j, joint) in changed.joints.iter_mut().enumerate() {
        let Some([time_s, ratio]) = joint.spring_damper.take() else { continue };
        let own = |dof: &Dof| dof.joint.index() == j;
        let weights = || changed.dofs.iter().zip(dof_weight).filter(|(dof, _)| own(dof)).map(|(_, weight)| *weight);
        let mass = weights().count() as f64 / real::max(LEAST, weights().sum());
        joint.stiffness += mass / real::max(LEAST, time_s * time_s * ratio * ratio);
        let damping = 2.0 * mass / real::max(LEAST, time_s);
        changed.dofs.iter_mut().filter(|dof| own(dof)).for_each(|dof| dof.damping += damping);
    }
    model
}

/// Asks for the hull of every mesh that contact or a sensor may meet, because a step allocates nothing.
fn make_hulls(model: &Model) {
    let measured = |s: &Sensor| matches!(s.measure, Measure::Nearest(..) | Measure::InsideSite(..) | Measure::Touch(_));
    let all = model.sensors.iter().any(measured);
    let named = |g: usize| model.pairs.iter().any(|p| p.geoms.iter().any(|geom| geom.index() == g));
    let meets = |g: usize| all || model.geoms[g].contype != 0 || model.geoms[g].conaffinity != 0 || named(g);
    let geoms = (0..model.geoms.len()).filter(|&g| meets(g)).map(|g| &model.geoms[g].shape);
    for shape in geoms.chain(model.sites.iter().filter(|_| all).map(|s| &s.shape)) {
        if let Shape::Mesh(mesh) = shape {
            let _ = mesh.hull();
        }
    }
}

fn seal_reaches(model: &Model) -> Vec<f64> {
    let weld = |body: BodyId| model.bodies[body.index()].weld;
    let reach = |body: BodyId| {
        let cups = model.suctions.iter().filter(|s| weld(model.sites[s.site.index()].body) == weld(body));
        cups.fold(0.0, |most, s| real::max(most, s.figures.seal_distance_m))
    };
    model.geoms.iter().map(|g| reach(g.body)).collect()
}

fn groups(model: &Model) -> (Vec<Group>, Vec<u32>, Vec<u32>) {
    let mut groups = Vec::new();
    let mut of_body = vec![u32::MAX; model.bodies.len()];
    let mut of_dof = vec![u32::MAX; model.nv];
    let mut at = 1;
    let mut dof = 0;
    while at < model.bodies.len() {
        let end = at + model.bodies[at].subtree_count as usize;
        let dof_start = dof;
        let mut driven = model.bodies[at].mocap.is_some();
        for body in at..end {
            dof += model.bodies[body].dof_count as usize;
            of_body[body] = groups.len() as u32;
            driven |= model.bodies[body].tree.is_some_and(|t| model.trees[t.index()].driven);
        }
        of_dof[dof_start..dof].fill(groups.len() as u32);
        let fixed = dof == dof_start && model.bodies[at].mocap.is_none();
        let body = &model.bodies[at];
        let free = body.joint_count == 1 && model.joints[body.joint_start as usize].kind == JointKind::Free;
        let free_body = free && dof - dof_start == 6;
        groups.push(Group { bodies: at..end, dofs: dof_start..dof, fixed, driven, free_body });
        at = end;
    }
    (groups, of_body, of_dof)
}

/// Row of J·M⁻¹·Jᵀ's diagonal for the Jacobian row `row`.
fn inverse_weight(model: &Model, data: &Data, row: &[f64]) -> f64 {
    inverse_weight_within(model, data, row, 0..model.nv, &mut vec![0.0; model.nv])
}

/// The same for a row that is zero outside `dofs`, all degrees of freedom of a group: no other group enters. `x` is workspace.
fn inverse_weight_within(model: &Model, data: &Data, row: &[f64], dofs: Range<usize>, x: &mut [f64]) -> f64 {
    x[dofs.clone()].copy_from_slice(&row[dofs.clone()]);
    solve_packed(model, &data.mass_factor, &data.mass_factor_inverse, x, dofs.start, dofs.end);
    row[dofs.clone()].iter().zip(&x[dofs]).map(|(a, b)| a * b).sum()
}

/// Group by group, so that ten thousand loose boxes are ten thousand small problems.
fn body_weights(model: &Model, data: &Data, groups: &[Group]) -> Vec<[f64; 2]> {
    let mut rows: [Vec<f64>; 6] = core::array::from_fn(|_| vec![0.0; model.nv]);
    let mut x = vec![0.0; model.nv];
    let mut out = vec![[0.0; 2]; model.bodies.len()];
    for (group, i) in groups.iter().flat_map(|group| group.bodies.clone().map(move |i| (group, i))) {
        let body = &model.bodies[i];
        if body.last_dof.is_none() {
            continue;
        }
        rows.iter_mut().for_each(|row| row[group.dofs.clone()].fill(0.0));
        let offset = data.com[i] - data.subtree_com[body.root.index()];
        let mut next = body.last_dof;
        while let Some(d) = next {
            let (linear, angular) = point_motion(data.dof_motion[d.index()], offset);
            for (k, part) in linear.to_array().into_iter().chain(angular.to_array()).enumerate() {
                rows[k][d.index()] = part;
            }
            next = model.dofs[d.index()].parent;
        }
        let mut weight = |k: usize| inverse_weight_within(model, data, &rows[k], group.dofs.clone(), &mut x);
        let mut mean = |first: usize| (first..first + 3).map(&mut weight).sum::<f64>() / 3.0;
        out[i] = if is_slider(model, i) { [1.0 / body.mass, 0.0] } else { [mean(0), mean(3)] };
    }
    out
}

/// MuJoCo weighs a lone body by its mass, not by the mean over all directions, if it only slides along its own axes, and these
/// are its axes of inertia.
fn is_slider(model: &Model, i: usize) -> bool {
    let body = &model.bodies[i];
    let joints = &model.joints[body.joint_start as usize..(body.joint_start + body.joint_count) as usize];
    let along = |axis: Vec3| [Vec3::X, Vec3::Y, Vec3::Z].contains(&axis.abs());
    !joints.is_empty()
        && joints.iter().all(|j| j.kind == JointKind::Slide && along(j.axis))
        && body.subtree_count == 1
        && model.bodies[body.parent.index()].weld == BodyId(0)
        && body.com == Vec3::ZERO
        && body.inertia_rotation == Quat::IDENTITY
}

fn dof_weights(model: &Model, data: &Data, groups: &[Group]) -> Vec<f64> {
    let zeros = || vec![0.0; model.nv];
    let (mut out, mut unit, mut x) = (zeros(), zeros(), zeros());
    for (group, d) in groups.iter().flat_map(|group| group.dofs.clone().map(move |d| (group, d))) {
        unit[d] = 1.0;
        out[d] = inverse_weight_within(model, data, &unit, group.dofs.clone(), &mut x);
        unit[d] = 0.0;
    }
    for joint in &model.joints {
        let d = joint.v_start as usize;
        let spans: &[(usize, usize)] = match joint.kind {
            JointKind::Free => &[(0, 3), (3, 6)],
            JointKind::Ball => &[(0, 3)],
            _ => &[],
        };
        for &(from, to) in spans {
            let mean = out[d + from..d + to].iter().sum::<f64>() / 3.0;
            out[d + from..d + to].fill(mean);
        }
    }
    out
}

fn tendon_weights(model: &Model, data: &Data) -> Vec<f64> {
    let mut out = Vec::new();
    for t in 0..model.tendons.len() as u32 {
        let mut row = vec![0.0; model.nv];
        for (d, moment) in tendon_moments(model, data, TendonId(t)) {
            row[d] += moment;
        }
        out.push(inverse_weight(model, data, &row));
    }
    out
}

fn muscles(model: &Model, data: &Data) -> Vec<Muscle> {
    let searched = |a: &Actuator| a.drive.is_muscle() && a.drive.length_range.is_none();
    let found = if model.actuators.iter().any(searched) { length_ranges(model, searched) } else { Vec::new() };
    let mut found = found.into_iter();
    let mut muscle = |actuator: &Actuator| {
        if !actuator.drive.is_muscle() {
            return Muscle::default();
        }
        let mut row = vec![0.0; model.nv];
        for_each_moment(model, data, &model.q0, &[], actuator, |d, moment| row[d] += moment);
        solve_mass(model, data, &mut row);
        let acceleration = real::sqrt(row.iter().map(|a| a * a).sum());
        let length_range = actuator.drive.length_range.or_else(|| found.next()).unwrap_or_default();
        Muscle { length_range, acceleration }
    };
    model.actuators.iter().map(&mut muscle).collect()
}

/// Damping of each actuator's bias. A damping ratio becomes 2·ratio·√(stiffness·mass) with the mass that the transmission
/// feels at the reference configuration, 1/(J·M⁻¹·Jᵀ).
fn actuator_damping(model: &Model, data: &Data) -> Vec<f64> {
    let damping = |actuator: &Actuator| {
        let affine = |law: &Law| law.affine().copied().unwrap_or_default();
        let Some(ratio) = actuator.drive.damping_ratio else { return affine(&actuator.drive.bias)[2] };
        let mut row = vec![0.0; model.nv];
        for_each_moment(model, data, &model.q0, &[], actuator, |d, moment| row[d] += moment);
        let mass = 1.0 / real::max(LEAST, inverse_weight(model, data, &row));
        -2.0 * ratio * real::sqrt(-affine(&actuator.drive.bias)[1] * mass)
    };
    model.actuators.iter().map(damping).collect()
}
