//! MuJoCo's answers (`oracle/mujoco/oracle.py`) on poses, the mass matrix and bias forces, beside ours.

use leitai_dynamics::{Data, bias_forces, com_frames, kinematics, mass_matrix, velocities};
use leitai_math::Quat;
use leitai_model::Model;
use serde::Deserialize;
use std::path::Path;

/// The parts of an answer that reading a description decides.
#[derive(Deserialize)]
pub struct Answers {
    pub names: Names,
    pub model_const: Constants,
    pub states: Vec<State>,
}

#[derive(Deserialize)]
pub struct Names {
    pub body: Vec<String>,
    pub joint: Vec<String>,
    pub geom: Vec<String>,
}

#[derive(Deserialize)]
pub struct Constants {
    pub body_mass: Vec<f64>,
    pub jnt_limited: Vec<u8>,
    pub jnt_range: Vec<f64>,
    pub dof_damping: Vec<f64>,
    pub dof_frictionloss: Vec<f64>,
    pub geom_body: Vec<u32>,
}

#[derive(Deserialize)]
#[allow(non_snake_case)]
pub struct State {
    pub qpos: Vec<f64>,
    pub qvel: Vec<f64>,
    pub xpos: Vec<f64>,
    pub xquat: Vec<f64>,
    pub xipos: Vec<f64>,
    pub geom_xpos: Vec<f64>,
    pub M: Vec<f64>,
    pub qfrc_bias: Vec<f64>,
}

pub fn answers(path: &Path) -> Answers {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Largest differences over all states.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gaps {
    /// m and rad.
    pub pose: f64,
    /// In parts of the matrix's largest entry.
    pub mass: f64,
    /// In parts of the largest force.
    pub bias: f64,
}

/// Checks names, masses, limits, damping and friction, then measures the rest.
pub fn compare(model: &Model, wanted: &Answers) -> Gaps {
    assert_eq!(model.bodies.iter().map(|b| &*b.name).collect::<Vec<_>>(), wanted.names.body);
    assert_eq!(model.joints.iter().map(|j| &*j.name).collect::<Vec<_>>(), wanted.names.joint);
    assert_eq!(model.geoms.iter().map(|g| g.body.0).collect::<Vec<_>>(), wanted.model_const.geom_body);
    assert_eq!(model.geoms.iter().map(|g| &*g.name).collect::<Vec<_>>(), wanted.names.geom);
    let constants = &wanted.model_const;
    let close = |what: &str, found: Vec<f64>, wanted: &[f64]| {
        let gap = relative(&found, wanted);
        assert!(gap < 1e-12, "{what} differ by {gap:e}: {found:?}, {wanted:?}");
    };
    // The world's own mass moves nothing, and MuJoCo keeps it.
    close("masses", model.bodies.iter().skip(1).map(|b| b.mass).collect(), &constants.body_mass[1..]);
    close("damping", model.dofs.iter().map(|d| d.damping).collect(), &constants.dof_damping);
    close("friction", model.dofs.iter().map(|d| d.frictionloss).collect(), &constants.dof_frictionloss);
    for (i, joint) in model.joints.iter().enumerate() {
        assert_eq!(joint.range.is_some(), constants.jnt_limited[i] == 1, "limits of `{}`", joint.name);
        if let Some(range) = joint.range {
            close("limits", range.to_vec(), &constants.jnt_range[2 * i..2 * i + 2]);
        }
    }
    let mut data = Data::new(model);
    let mut gaps = Gaps::default();
    for state in &wanted.states {
        let one = compare_state(model, &mut data, state);
        gaps = Gaps { pose: gaps.pose.max(one.pose), mass: gaps.mass.max(one.mass), bias: gaps.bias.max(one.bias) };
    }
    gaps
}

fn compare_state(model: &Model, data: &mut Data, wanted: &State) -> Gaps {
    kinematics(model, data, &wanted.qpos);
    com_frames(model, data);
    mass_matrix(model, data);
    velocities(model, data, &wanted.qvel);
    bias_forces(model, data, &wanted.qvel);
    let mut pose = 0.0_f64;
    let mut places = |found: Vec<[f64; 3]>, wanted: &[f64]| pose = pose.max(absolute(&found.concat(), wanted));
    places(data.body_pose.iter().map(|p| p.position.to_array()).collect(), &wanted.xpos);
    // A body without mass has no center: ours is its origin, MuJoCo's may lie anywhere.
    let with_mass = |xyz: &[f64], body: usize| if model.bodies[body].mass > 0.0 { [xyz[0], xyz[1], xyz[2]] } else { [0.0; 3] };
    let centers: Vec<_> = wanted.xipos.chunks(3).enumerate().map(|(body, xyz)| with_mass(xyz, body)).collect();
    places(data.com.iter().enumerate().map(|(body, p)| with_mass(&p.to_array(), body)).collect(), &centers.concat());
    places(data.geom.iter().map(|p| p.position.to_array()).collect(), &wanted.geom_xpos);
    for (ours, q) in data.body_pose.iter().zip(wanted.xquat.chunks(4)) {
        pose = pose.max((ours.rotation.conjugate() * Quat::from_slice(q)).to_rotation_vector().norm());
    }
    let mut dense = vec![0.0; model.nv * model.nv];
    for (d, dof) in model.dofs.iter().enumerate() {
        let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
        for (at, &column) in row.clone().zip(&model.mass_columns[row]) {
            dense[d * model.nv + column as usize] = data.mass[at];
            dense[column as usize * model.nv + d] = data.mass[at];
        }
    }
    Gaps { pose, mass: relative(&dense, &wanted.M), bias: relative(&data.bias, &wanted.qfrc_bias) }
}

fn absolute(found: &[f64], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len(), "lengths differ");
    found.iter().zip(wanted).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()))
}

/// In parts of the largest entry.
fn relative(found: &[f64], wanted: &[f64]) -> f64 {
    let size = wanted.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let gap = absolute(found, wanted);
    if gap == 0.0 { 0.0 } else { gap / size }
}
