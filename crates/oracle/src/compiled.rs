//! What was compiled: sizes, options, names and constants of a model, in MuJoCo's words and numbers.

use crate::format::{Constants, OptionAnswer, Sizes};
use leitai_dynamics::{Data, com_frames, kinematics, mass_matrix};
use leitai_geometry::Shape;
use leitai_math::Pose;
use leitai_model::option::{Integrator, Solver};
use leitai_model::spec::{JointKind, Law};
use leitai_model::{Cone, Model};
use leitai_sim::{Scene, World};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Numbers of everything.
#[must_use]
pub fn sizes(model: &Model) -> Sizes {
    // One mesh may stand in many places, and is one only if it is shared.
    let meshes: std::collections::BTreeSet<_> = model
        .geoms
        .iter()
        .filter_map(|g| match &g.shape {
            Shape::Mesh(mesh) => Some(Arc::as_ptr(mesh)),
            _ => None,
        })
        .collect();
    Sizes {
        nq: model.nq,
        nv: model.nv,
        nu: model.nu,
        na: model.na,
        nbody: model.bodies.len(),
        ngeom: model.geoms.len(),
        njnt: model.joints.len(),
        nsite: model.sites.len(),
        nsensor: model.sensors.len(),
        nsensordata: model.nsensordata,
        neq: model.equalities.len(),
        ntendon: model.tendons.len(),
        nmesh: meshes.len(),
    }
}

/// How the simulation steps. The energies are always computed.
#[must_use]
pub fn option(model: &Model) -> OptionAnswer {
    let option = &model.option;
    let off = &option.disable;
    let flags = [
        (off.constraint, 0),
        (off.equality, 1),
        (off.frictionloss, 2),
        (off.limit, 3),
        (off.contact, 4),
        (off.spring, 5),
        (off.damper, 6),
        (off.gravity, 7),
        (off.clamp_ctrl, 8),
        (off.warmstart, 9),
        (off.filter_parent, 10),
        (off.actuation, 11),
        (off.refsafe, 12),
        (off.sensor, 13),
        (off.euler_damp, 15),
    ];
    OptionAnswer {
        timestep: option.timestep_s,
        integrator: match option.integrator {
            Integrator::Euler => "euler",
            Integrator::RungeKutta4 => "rk4",
            Integrator::ImplicitFast => "implicitfast",
            Integrator::Implicit => "implicit",
            Integrator::Adams => "adams",
        }
        .into(),
        solver: match option.solver {
            Solver::Newton => "newton",
            Solver::ConjugateGradient => "cg",
            Solver::ProjectedGaussSeidel => "pgs",
        }
        .into(),
        cone: if option.cone == Cone::Elliptic { "elliptic" } else { "pyramidal" }.into(),
        iterations: option.iterations,
        tolerance: option.tolerance,
        impratio: option.impratio,
        gravity: option.gravity.to_array().to_vec(),
        disableflags: flags.iter().filter(|(off, _)| *off).map(|(_, bit)| 1 << bit).sum(),
        enableflags: 2 + if option.sleep { 16 } else { 0 },
    }
}

/// Names of everything, by kind. The world's name is `world`, whatever the file calls it.
#[must_use]
pub fn names(model: &Model) -> BTreeMap<String, Vec<String>> {
    fn all<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
        names.cloned().collect()
    }
    [
        ("body", all(model.bodies.iter().map(|e| &e.name))),
        ("joint", all(model.joints.iter().map(|e| &e.name))),
        ("geom", all(model.geoms.iter().map(|e| &e.name))),
        ("site", all(model.sites.iter().map(|e| &e.name))),
        ("tendon", all(model.tendons.iter().map(|e| &e.name))),
        ("actuator", all(model.actuators.iter().map(|e| &e.name))),
        ("sensor", all(model.sensors.iter().map(|e| &e.name))),
    ]
    .into_iter()
    .map(|(kind, names)| (kind.into(), names))
    .collect()
}

/// One entry, or a row of them, for each element.
fn rows<T, const N: usize>(of: &[T], row: impl Fn(&T) -> [f64; N]) -> Vec<f64> {
    of.iter().flat_map(row).collect()
}

fn whole<T>(of: &[T], number: impl Fn(&T) -> i64) -> Vec<i64> {
    of.iter().map(number).collect()
}

/// What was compiled.
#[must_use]
pub fn constants(scene: &Arc<Scene>) -> Constants {
    let model = &*scene.model;
    let world = World::new(scene);
    let (bodies, joints, dofs) = (&model.bodies[..], &model.joints[..], &model.dofs[..]);
    let affine = |law: &Law| law.affine().copied().unwrap_or_default();
    let (geoms, sites, actuators) = (&model.geoms[..], &model.sites[..], &model.actuators[..]);
    let controls: Vec<Option<[f64; 2]>> = (actuators.iter())
        .flat_map(|a| match &a.drive.pid {
            Some(pid) => (0..3).filter(|k| pid.inputs[*k]).map(|k| pid.ranges[k]).collect(),
            None => vec![a.drive.ctrl_range],
        })
        .collect();
    let range = |range: Option<[f64; 2]>| range.unwrap_or([0.0; 2]);
    let position = |pose: &Pose| pose.position.to_array();
    let rotation = |pose: &Pose| pose.rotation.to_array();
    let tendons = 0..model.tendons.len() as u32;
    Constants {
        body_parent: whole(bodies, |b| b.parent.0.into()),
        body_pos: rows(bodies, |b| position(&b.pose)),
        body_quat: rows(bodies, |b| rotation(&b.pose)),
        body_mass: rows(bodies, |b| [b.mass]),
        body_inertia: rows(bodies, |b| b.inertia.to_array()),
        body_ipos: rows(bodies, |b| b.com.to_array()),
        body_iquat: rows(bodies, |b| b.inertia_rotation.to_array()),
        body_invweight0: scene.body_weight.concat(),
        total_mass: bodies.iter().map(|b| b.mass).sum(),
        meaninertia: mean_inertia(model),
        qpos0: model.q0.clone(),
        qpos_spring: model.q_spring.clone(),
        jnt_type: whole(joints, |j| joint_number(j.kind)),
        jnt_body: whole(joints, |j| j.body.0.into()),
        jnt_pos: rows(joints, |j| j.position.to_array()),
        jnt_axis: rows(joints, |j| j.axis.to_array()),
        jnt_limited: whole(joints, |j| j.range.is_some().into()),
        jnt_range: rows(joints, |j| range(j.range)),
        jnt_stiffness: rows(joints, |j| [j.stiffness]),
        dof_armature: rows(dofs, |d| [d.armature]),
        dof_damping: rows(dofs, |d| [d.damping]),
        dof_frictionloss: rows(dofs, |d| [d.frictionloss]),
        dof_invweight0: scene.dof_weight.clone(),
        geom_type: whole(geoms, |g| shape_number(&g.shape)),
        geom_body: whole(geoms, |g| g.body.0.into()),
        geom_size: rows(geoms, |g| size(&g.shape)),
        geom_pos: rows(geoms, |g| position(&g.pose)),
        geom_quat: rows(geoms, |g| rotation(&g.pose)),
        geom_condim: whole(geoms, |g| g.surface.condim.into()),
        geom_friction: rows(geoms, |g| g.surface.friction),
        geom_solref: rows(geoms, |g| g.surface.solref.0),
        geom_solimp: rows(geoms, |g| g.surface.solimp.0),
        geom_margin: rows(geoms, |g| [g.surface.margin]),
        geom_gap: rows(geoms, |g| [g.surface.gap]),
        site_body: whole(sites, |s| s.body.0.into()),
        site_pos: rows(sites, |s| position(&s.pose)),
        site_quat: rows(sites, |s| rotation(&s.pose)),
        tendon_length0: tendons.map(|t| world.tendon_length(leitai_model::model::TendonId(t))).collect(),
        tendon_invweight0: scene.tendon_weight.clone(),
        actuator_gear: rows(actuators, |a| a.drive.gear),
        actuator_gainprm: actuators.iter().flat_map(|a| affine(&a.drive.gain)).collect(),
        actuator_biasprm: (actuators.iter().zip(&scene.actuator_damping))
            .flat_map(|(a, kv)| {
                let [constant, stiffness, _] = affine(&a.drive.bias);
                [constant, stiffness, *kv]
            })
            .collect(),
        actuator_ctrllimited: whole(&controls, |limits| limits.is_some().into()),
        actuator_ctrlrange: rows(&controls, |limits| range(*limits)),
        actuator_forcelimited: whole(actuators, |a| a.drive.force_range.is_some().into()),
        actuator_forcerange: rows(actuators, |a| range(a.drive.force_range)),
    }
}

/// Mean of the mass matrix's diagonal at the reference.
fn mean_inertia(model: &Model) -> f64 {
    let mut data = Data::new(model);
    kinematics(model, &mut data, &model.q0);
    com_frames(model, &mut data);
    mass_matrix(model, &mut data);
    let diagonal: f64 = model.dofs.iter().map(|d| data.mass[(d.row_start + d.row_len - 1) as usize]).sum();
    if model.nv == 0 { 1.0 } else { diagonal / model.nv as f64 }
}

fn joint_number(kind: JointKind) -> i64 {
    match kind {
        JointKind::Free => 0,
        JointKind::Ball => 1,
        JointKind::Slide => 2,
        JointKind::Hinge => 3,
    }
}

/// MuJoCo's number of a shape's kind; a bore, which it does not know, is a box.
#[must_use]
pub fn shape_number(shape: &Shape) -> i64 {
    match shape {
        Shape::Plane { .. } => 0,
        Shape::HeightField(_) => 1,
        Shape::Sphere { .. } => 2,
        Shape::Capsule { .. } => 3,
        Shape::Ellipsoid { .. } => 4,
        Shape::Cylinder { .. } => 5,
        Shape::Box { .. } | Shape::Bore { .. } => 6,
        Shape::Mesh(_) => 7,
    }
}

/// MuJoCo's three sizes; a plane's third is a drawn grid, which is not kept.
fn size(shape: &Shape) -> [f64; 3] {
    match shape {
        Shape::Plane { half } => [half[0], half[1], 0.0],
        Shape::Sphere { radius } => [*radius, 0.0, 0.0],
        Shape::Capsule { radius, half_length } | Shape::Cylinder { radius, half_length } => [*radius, *half_length, 0.0],
        Shape::Ellipsoid { radii } => radii.to_array(),
        Shape::Box { half } | Shape::Bore { half, .. } => half.to_array(),
        Shape::HeightField(field) => field.bounds().1.to_array(),
        Shape::Mesh(mesh) => {
            let (low, high) = mesh.bounds();
            low.abs().max(high.abs()).to_array()
        }
    }
}
