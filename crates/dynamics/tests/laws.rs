//! Laws that hold for every tree, so they need no oracle.

use leitai_dynamics::derivative::{BiasSlopes, add_bias_slopes};
use leitai_dynamics::{
    Data, Links, bias_forces, com_frames, factor_mass, forward_dynamics, inverse_dynamics, jacobian, kinematics, mass_matrix,
    mass_times, solve_mass, velocities,
};
use leitai_geometry::Shape;
use leitai_math::{Mat3, Pose, Quat, Seed, Stream, Vec3};
use leitai_model::model::{BodyId, Model};
use leitai_model::spec::{BodySpec, GeomSpec, InertialSpec, JointKind, JointSpec, Spec};

struct Motion {
    model: Model,
    q: Vec<f64>,
    v: Vec<f64>,
    a: Vec<f64>,
}

fn vector(draw: &mut Stream, size: f64) -> Vec3 {
    Vec3::new(draw.uniform(-size, size), draw.uniform(-size, size), draw.uniform(-size, size))
}

fn random_body(draw: &mut Stream, depth: u32) -> BodySpec {
    let kind = match (depth, draw.below(4)) {
        (0, 0) => JointKind::Free,
        (_, 0 | 1) => JointKind::Hinge,
        (_, 2) => JointKind::Slide,
        _ => JointKind::Ball,
    };
    let joints = if depth > 0 && draw.chance(0.15) {
        vec![]
    } else {
        vec![JointSpec {
            kind,
            position: vector(draw, 0.1),
            axis: vector(draw, 1.0),
            armature: draw.uniform(0.0, 0.1),
            reference: draw.uniform(-0.5, 0.5),
            ..JointSpec::default()
        }]
    };
    let principal = Vec3::new(0.02, 0.03, 0.04) * draw.uniform(0.5, 2.0);
    let inertial = InertialSpec {
        mass: draw.uniform(0.5, 3.0),
        pose: Pose::new(vector(draw, 0.2), Quat::from_rotation_vector(vector(draw, 2.0))),
        inertia: Mat3::diagonal(principal),
    };
    let children = if depth > 4 { 0 } else { draw.below(3) };
    BodySpec {
        pose: Pose::new(vector(draw, 0.5), Quat::from_rotation_vector(vector(draw, 2.0))),
        inertial: Some(inertial),
        joints,
        geoms: vec![GeomSpec::new(Shape::Sphere { radius: 0.05 })],
        bodies: (0..children).map(|_| random_body(draw, depth + 1)).collect(),
        ..BodySpec::default()
    }
}

fn random_motion(seed: u64) -> Motion {
    let mut draw = Seed::from_number(seed).stream("motion");
    let mut spec = Spec::default();
    spec.world.bodies = vec![random_body(&mut draw, 0), random_body(&mut draw, 0)];
    let model = spec.build().unwrap();
    let q = random_q(&model, &mut draw);
    let v = (0..model.nv).map(|_| draw.uniform(-2.0, 2.0)).collect();
    let a = (0..model.nv).map(|_| draw.uniform(-5.0, 5.0)).collect();
    Motion { model, q, v, a }
}

fn random_q(model: &Model, draw: &mut Stream) -> Vec<f64> {
    let mut q = model.q0.clone();
    for joint in &model.joints {
        let at = joint.q_start as usize;
        let rotation = Quat::from_rotation_vector(vector(draw, 1.5)).to_array();
        match joint.kind {
            JointKind::Free => {
                q[at..at + 3].copy_from_slice(&vector(draw, 1.0).to_array());
                q[at + 3..at + 7].copy_from_slice(&rotation);
            }
            JointKind::Ball => q[at..at + 4].copy_from_slice(&rotation),
            _ => q[at] += draw.uniform(-1.5, 1.5),
        }
    }
    q
}

/// Moves `q` along `v` for `dt` seconds: linear in the world and angular in the body for free joints.
fn advanced(model: &Model, q: &[f64], v: &[f64], dt: f64) -> Vec<f64> {
    let mut out = q.to_vec();
    for joint in &model.joints {
        let (at, d) = (joint.q_start as usize, joint.v_start as usize);
        let turn = |at: usize, d: usize, out: &mut Vec<f64>| {
            let r = Quat::from_slice(&q[at..]).integrated(Vec3::from_slice(&v[d..]) * dt);
            out[at..at + 4].copy_from_slice(&r.to_array());
        };
        match joint.kind {
            JointKind::Free => {
                for k in 0..3 {
                    out[at + k] += v[d + k] * dt;
                }
                turn(at + 3, d + 3, &mut out);
            }
            JointKind::Ball => turn(at, d, &mut out),
            _ => out[at] += v[d] * dt,
        }
    }
    out
}

fn assert_close(found: &[f64], wanted: &[f64], tolerance: f64, seed: u64) {
    let size = wanted.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    for (i, (f, w)) in found.iter().zip(wanted).enumerate() {
        assert!((f - w).abs() <= tolerance * size, "seed {seed}, entry {i}: {f} instead of {w}");
    }
}

/// True of every tree.
#[test]
fn forward_dynamics_undoes_inverse_dynamics() {
    for seed in 0..200 {
        let Motion { model, q, v, a } = random_motion(seed);
        let mut data = Data::new(&model);
        inverse_dynamics(&model, &mut data, &q, &v, &a);
        let tau = data.tau.clone();
        forward_dynamics(&model, &mut data, &q, &v, &tau);
        assert_close(&data.a, &a, 1e-9, seed);
    }
}

/// Two independent ways to one number: τ(a) − τ(0) = M·a, and M⁻¹ undoes M.
#[test]
fn the_mass_matrix_is_what_inverse_dynamics_says() {
    for seed in 0..100 {
        let Motion { model, q, v, a } = random_motion(seed);
        let mut data = Data::new(&model);
        inverse_dynamics(&model, &mut data, &q, &v, &vec![0.0; model.nv]);
        let still = data.tau.clone();
        inverse_dynamics(&model, &mut data, &q, &v, &a);
        let moved: Vec<f64> = data.tau.iter().zip(&still).map(|(a, b)| a - b).collect();
        mass_matrix(&model, &mut data);
        factor_mass(&model, &mut data);
        let mut product = vec![0.0; model.nv];
        mass_times(&model, &data.mass, &a, &mut product);
        assert_close(&product, &moved, 1e-11, seed);
        solve_mass(&model, &data, &mut product);
        assert_close(&product, &a, 1e-9, seed);
    }
}

/// Finite differences: the Jacobian times v is how the point moves.
#[test]
fn jacobians_are_derivatives_of_positions() {
    for seed in 0..60 {
        let Motion { model, q, v, .. } = random_motion(seed);
        let mut data = Data::new(&model);
        let body = BodyId(model.bodies.len() as u32 - 1);
        let local = Vec3::new(0.1, -0.2, 0.3);
        let mut at = |t: f64| {
            kinematics(&model, &mut data, &advanced(&model, &q, &v, t));
            data.body_pose[body.index()].apply(local)
        };
        let h = 1e-5;
        let velocity = (at(h) - at(-h)) * (0.5 / h);
        let point = at(0.0);
        leitai_dynamics::com_frames(&model, &mut data);
        let (mut jt, mut jr) = (vec![0.0; 3 * model.nv], vec![0.0; 3 * model.nv]);
        jacobian(&model, &data, body, point, &mut jt, &mut jr);
        for k in 0..3 {
            let s: f64 = (0..model.nv).map(|d| jt[k * model.nv + d] * v[d]).sum();
            assert!((s - velocity[k]).abs() < 1e-7 * (1.0 + velocity.norm()), "seed {seed}");
        }
    }
}

/// Law: without gravity and joint forces, power is zero, so the kinetic energy does not change: d/dt(½vᵀMv) = 0.
#[test]
fn free_motion_keeps_its_energy() {
    for seed in 0..60 {
        let Motion { mut model, q, v, .. } = random_motion(seed);
        model.option.disable.gravity = true;
        let mut data = Data::new(&model);
        forward_dynamics(&model, &mut data, &q, &v, &vec![0.0; model.nv]);
        let a = data.a.clone();
        let mut energy = |t: f64| {
            let vt: Vec<f64> = v.iter().zip(&a).map(|(v, a)| v + a * t).collect();
            let half: Vec<f64> = v.iter().zip(&a).map(|(v, a)| v + a * t * 0.5).collect();
            kinematics(&model, &mut data, &advanced(&model, &q, &half, t));
            leitai_dynamics::com_frames(&model, &mut data);
            mass_matrix(&model, &mut data);
            leitai_dynamics::kinetic_energy(&model, &data, &vt)
        };
        let h = 1e-4;
        let rate = (energy(h) - energy(-h)) / (2.0 * h);
        assert!(rate.abs() < 1e-4 * energy(0.0).max(1.0), "seed {seed}: {rate} W");
    }
}

/// Two ways to the same numbers: the moving links alone, and the algorithms that serve a simulation.
#[test]
fn links_agree_with_the_whole_model() {
    for seed in 0..200 {
        let Motion { model, q, v, a } = random_motion(seed);
        let (mut data, mut links) = (Data::new(&model), Links::new(&model));
        let close = |found: &[f64], wanted: &[f64], what: &str| {
            let size = wanted.iter().fold(1.0_f64, |most, x| most.max(x.abs()));
            for (found, wanted) in found.iter().zip(wanted) {
                assert!((found - wanted).abs() < 1e-12 * size, "{what} of seed {seed}: {found} and {wanted}");
            }
        };
        inverse_dynamics(&model, &mut data, &q, &v, &a);
        links.inverse_dynamics(&q, &v, &a);
        close(&links.tau, &data.tau, "inverse dynamics");
        mass_matrix(&model, &mut data);
        links.mass_matrix(&q);
        close(&links.mass, &data.mass, "the mass matrix");
        for body in 1..model.bodies.len() {
            let point = data.com[body];
            let (mut linear, mut angular) = (vec![0.0; 3 * model.nv], vec![0.0; 3 * model.nv]);
            jacobian(&model, &data, BodyId(body as u32), point, &mut linear, &mut angular);
            let mut next = model.bodies[body].last_dof;
            while let Some(dof) = next {
                let (moved, turned) = links.column(dof, point);
                let wanted = |of: &[f64]| [0, 1, 2].map(|k| of[k * model.nv + dof.index()]);
                close(&moved.to_array(), &wanted(&linear), "a Jacobian's column");
                close(&turned.to_array(), &wanted(&angular), "a Jacobian's column");
                next = model.dofs[dof.index()].parent;
            }
        }
    }
}

/// Whoever carries its own double weighs twice as much, wherever its center of mass is; and nothing is left of it once put down.
#[test]
fn what_is_carried_adds_its_inertia() {
    for seed in 0..50 {
        let Motion { mut model, q, v, a } = random_motion(seed);
        let mut links = Links::new(&model);
        links.inverse_dynamics(&q, &v, &a);
        let bare = links.tau.clone();
        let carrier = model.bodies.len() - 1;
        let body = &mut model.bodies[carrier];
        links.carry(BodyId(carrier as u32), Pose::new(body.com, body.inertia_rotation), body.mass, body.inertia);
        (body.mass, body.inertia) = (2.0 * body.mass, body.inertia * 2.0);
        links.inverse_dynamics(&q, &v, &a);
        let mut data = Data::new(&model);
        inverse_dynamics(&model, &mut data, &q, &v, &a);
        let size = data.tau.iter().fold(1.0_f64, |most, x| most.max(x.abs()));
        for (found, wanted) in links.tau.iter().zip(&data.tau) {
            assert!((found - wanted).abs() < 1e-12 * size, "seed {seed}: {found} and {wanted}");
        }
        links.carry(BodyId(carrier as u32), Pose::IDENTITY, 0.0, Vec3::ZERO);
        links.inverse_dynamics(&q, &v, &a);
        assert_eq!(links.tau, bare, "seed {seed}");
    }
}

/// Bias forces are quadratic in the velocity, so half the difference between one step ahead and one step behind is their derivative,
/// without a limit. True of every tree.
#[test]
fn bias_slopes_are_differences() {
    for seed in 0..100 {
        let Motion { model, q, v, .. } = random_motion(seed);
        let mut data = Data::new(&model);
        kinematics(&model, &mut data, &q);
        com_frames(&model, &mut data);
        let mut bias = |v: &[f64]| {
            velocities(&model, &mut data, v);
            bias_forces(&model, &mut data, v);
            data.bias.clone()
        };
        let mut wanted = vec![vec![0.0; model.nv]; model.nv];
        for j in 0..model.nv {
            let mut moved = v.clone();
            moved[j] = v[j] + 1.0;
            let ahead = bias(&moved);
            moved[j] = v[j] - 1.0;
            let behind = bias(&moved);
            for i in 0..model.nv {
                wanted[i][j] = 0.5 * (ahead[i] - behind[i]);
            }
        }
        bias(&v);
        mass_matrix(&model, &mut data);
        let (mut lower, mut upper) = (vec![0.0; model.nm], vec![0.0; model.nm]);
        let mut work = BiasSlopes::new(&model);
        add_bias_slopes(&model, &data, &v, &mut work, 1..model.bodies.len(), 1.0, &mut lower, &mut upper);
        let mut found = vec![vec![0.0; model.nv]; model.nv];
        for (d, dof) in model.dofs.iter().enumerate() {
            for at in dof.row_start as usize..(dof.row_start + dof.row_len) as usize {
                let c = model.mass_columns[at] as usize;
                found[d][c] = lower[at];
                if c != d {
                    found[c][d] = upper[at];
                }
            }
        }
        for i in 0..model.nv {
            assert_close(&found[i], &wanted[i], 1e-12, seed);
        }
    }
}
