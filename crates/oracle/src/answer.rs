//! What the engine says at a state: once without constraints, once with everything.
//!
//! These are answers, not where an iteration happens to stop: the solver works to rounding, whatever the model's tolerances.

use crate::compiled::{self, shape_number};
use crate::format::{Answers, ContactAnswer, FORMAT, Free, Given, InContact, RowAnswers, StateAnswer};
use leitai_dynamics::{kinetic_energy, potential_energy, site_pose};
use leitai_math::Motion;
use leitai_model::model::{ActuatorId, SiteId, TendonId};
use leitai_model::{Model, Solver};
use leitai_sim::listing::RowKind;
use leitai_sim::{Contact, Scene, State, Unstable, World};
use std::sync::Arc;

/// Where the solver stops: at rounding.
const TOLERANCE: f64 = 1e-15;
/// At least so many iterations, of the solver and of its line search.
const ITERATIONS: u32 = 200;
/// The same for solvers that come nearer by a share in each iteration, not by the square.
const LINEAR_ITERATIONS: u32 = 3_000;

/// Why a state has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnswerError {
    /// A list of the wrong length.
    #[error("state {state}: `{field}` has {found} numbers; this model needs {wanted}{optional}")]
    Length {
        /// Which state, from zero.
        state: usize,
        /// Which list.
        field: &'static str,
        /// How many numbers it has.
        found: usize,
        /// How many it needs.
        wanted: usize,
        /// Whether it may be left out, in words.
        optional: &'static str,
    },
    /// The state breaks the engine down.
    #[error("state {state}: its numbers are too large to compute with ({unstable})")]
    Unstable {
        /// Which state, from zero.
        state: usize,
        /// Where it broke.
        unstable: Unstable,
    },
}

/// Answers for `model`, which stands in the file `name`, at the given states.
///
/// # Errors
/// If a state does not fit the model or breaks the engine down.
pub fn answer(name: &str, model: &Model, given: &[Given]) -> Result<Answers, AnswerError> {
    let mut worlds = Worlds::new(model);
    let states = given.iter().enumerate().map(|(k, state)| worlds.answer(k, state)).collect::<Result<_, _>>()?;
    Ok(Answers {
        format: FORMAT.into(),
        engine: concat!("leitai ", env!("CARGO_PKG_VERSION")).into(),
        model: name.into(),
        sizes: compiled::sizes(model),
        option: compiled::option(model),
        names: compiled::names(model),
        model_const: compiled::constants(worlds.full.scene()),
        states,
        rollout: None,
    })
}

/// Two worlds of one model.
pub struct Worlds {
    /// Without constraints.
    pub free: World,
    /// With everything.
    pub full: World,
}

impl Worlds {
    /// Both at the model's reference. Contacts are MuJoCo's (`compat`), nobody sleeps, and the solver works to rounding.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut model = model.clone();
        let option = &mut model.option;
        (option.stick, option.sleep) = (false, false);
        (option.tolerance, option.line_search_tolerance) = (TOLERANCE, 1e-6);
        option.iterations = option.iterations.max(ITERATIONS);
        if option.solver != Solver::Newton {
            (option.tolerance, option.iterations) = (0.0, option.iterations.max(LINEAR_ITERATIONS));
        }
        option.line_search_iterations = option.line_search_iterations.max(ITERATIONS);
        let mut unconstrained = model.clone();
        unconstrained.option.disable.constraint = true;
        let world = |model| World::new(&Scene::new(Arc::new(model)));
        Self { free: world(unconstrained), full: world(model) }
    }

    /// The answers at state number `k`.
    ///
    /// # Errors
    /// If the state does not fit the model or breaks the engine down.
    pub fn answer(&mut self, k: usize, given: &Given) -> Result<StateAnswer, AnswerError> {
        for world in [&mut self.free, &mut self.full] {
            put(world, k, given)?;
            world.forward().map_err(|unstable| AnswerError::Unstable { state: k, unstable })?;
        }
        Ok(StateAnswer { contact: constrained(&self.full), ..unconstrained(&self.free) })
    }
}

/// Puts a state into a world; what is left out stands at its reference, or at zero.
///
/// # Errors
/// If a list does not fit the model.
pub fn put(world: &mut World, k: usize, given: &Given) -> Result<(), AnswerError> {
    let model = world.model();
    let optional = [
        ("qvel", given.qvel.len(), model.nv),
        ("ctrl", given.ctrl.len(), model.nu),
        ("act", given.act.len(), model.na),
        ("mocap_pos", given.mocap_pos.len(), 3 * model.nmocap),
        ("mocap_quat", given.mocap_quat.len(), 4 * model.nmocap),
    ];
    let length = |field, found, wanted, optional| Err(AnswerError::Length { state: k, field, found, wanted, optional });
    if given.qpos.len() != model.nq {
        return length("qpos", given.qpos.len(), model.nq, "");
    }
    for (field, found, wanted) in optional {
        if found != 0 && found != wanted {
            return length(field, found, wanted, ", or none");
        }
    }
    let reference = State::reference(world.scene());
    world.change(|s| {
        *s = reference;
        let set = |to: &mut [f64], from: &[f64]| {
            if !from.is_empty() {
                to.copy_from_slice(from);
            }
        };
        set(&mut s.q, &given.qpos);
        set(&mut s.v, &given.qvel);
        set(&mut s.ctrl, &given.ctrl);
        set(&mut s.act, &given.act);
        for (i, pose) in s.mocap.iter_mut().enumerate() {
            if !given.mocap_pos.is_empty() {
                pose.position = leitai_math::Vec3::from_slice(&given.mocap_pos[3 * i..]);
            }
            if !given.mocap_quat.is_empty() {
                pose.rotation = leitai_math::Quat::from_slice(&given.mocap_quat[4 * i..]);
            }
        }
    });
    Ok(())
}

/// The state that stands in a world.
fn given(world: &World) -> Given {
    let state = world.state();
    Given {
        qpos: state.q.clone(),
        qvel: state.v.clone(),
        ctrl: state.ctrl.clone(),
        act: state.act.clone(),
        mocap_pos: state.mocap.iter().flat_map(|p| p.position.to_array()).collect(),
        mocap_quat: state.mocap.iter().flat_map(|p| p.rotation.to_array()).collect(),
    }
}

/// Everything that needs no constraint.
fn unconstrained(world: &World) -> StateAnswer {
    let (model, data, forces, state) = (world.model(), world.data(), world.forces(), world.state());
    let velocity = |(body, m): (&leitai_model::model::Body, &Motion)| {
        let m = if body.last_dof.is_some() { *m } else { Motion::ZERO };
        [m.angular.to_array(), m.linear.to_array()].concat()
    };
    let ids = |n: usize| 0..n as u32;
    StateAnswer {
        given: given(world),
        xpos: data.body_pose.iter().flat_map(|p| p.position.to_array()).collect(),
        xquat: data.body_pose.iter().flat_map(|p| p.rotation.to_array()).collect(),
        xipos: data.com.iter().flat_map(|p| p.to_array()).collect(),
        cvel: model.bodies.iter().zip(&data.body_velocity).flat_map(velocity).collect(),
        geom_xpos: data.geom.iter().flat_map(|p| p.position.to_array()).collect(),
        site_xpos: ids(model.sites.len()).flat_map(|s| site_pose(model, data, SiteId(s)).position.to_array()).collect(),
        subtree_com: data.subtree_com.iter().flat_map(|p| p.to_array()).collect(),
        ten_length: ids(model.tendons.len()).map(|t| world.tendon_length(TendonId(t))).collect(),
        actuator_length: ids(model.actuators.len()).map(|a| world.actuator_length(ActuatorId(a))).collect(),
        M: dense(model, &data.mass),
        qfrc_bias: data.bias.clone(),
        qfrc_passive: forces.passive.clone(),
        qfrc_actuator: forces.actuation.clone(),
        actuator_force: forces.actuator.clone(),
        act_dot: forces.act_rate.clone(),
        qacc_smooth: forces.smooth_a.clone(),
        energy: vec![potential_energy(model, data, &state.q), kinetic_energy(model, data, &state.v)],
        free: Free { qacc: forces.a.clone(), sensordata: world.readings().to_vec() },
        contact: InContact::default(),
    }
}

/// A packed symmetric matrix row by row.
fn dense(model: &Model, packed: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; model.nv * model.nv];
    for (d, dof) in model.dofs.iter().enumerate() {
        let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
        for (at, &c) in row.clone().zip(&model.mass_columns[row]) {
            out[d * model.nv + c as usize] = packed[at];
            out[c as usize * model.nv + d] = packed[at];
        }
    }
    out
}

/// Everything that rests on constraints.
fn constrained(world: &World) -> InContact {
    let forces = world.forces();
    let rows = world.constraint_rows();
    let mut out = InContact {
        qacc: forces.a.clone(),
        qfrc_constraint: forces.constraint.clone(),
        nefc: rows.len(),
        ncon: world.contacts().len(),
        contacts: world.contacts().iter().map(|c| contact(world, c)).collect(),
        sensordata: world.readings().to_vec(),
        solver_niter: world.solver_report().most_iterations,
        ..InContact::default()
    };
    for row in rows {
        let kind = row_word(row.kind);
        *out.efc_types.entry(kind.into()).or_default() += 1;
        let RowAnswers { kind: kinds, id, pos, margin, d, aref, force } = &mut out.efc;
        kinds.push(kind.into());
        id.push(row.id.into());
        for (list, value) in
            [(pos, row.position), (margin, row.margin), (d, row.stiffness), (aref, row.reference), (force, row.force)]
        {
            list.push(value);
        }
    }
    out
}

/// As `oracle.py` cuts MuJoCo's words.
fn row_word(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Equality => "_equality",
        RowKind::DofFriction => "_friction_dof",
        RowKind::TendonFriction => "_friction_tendon",
        RowKind::JointLimit => "_limit_joint",
        RowKind::TendonLimit => "_limit_tendon",
        RowKind::FrictionlessContact => "_contact_frictionless",
        RowKind::PyramidalContact => "_contact_pyramidal",
        RowKind::EllipticContact => "_contact_elliptic",
    }
}

/// A contact in MuJoCo's words.
fn contact(world: &World, c: &Contact) -> ContactAnswer {
    let mut frame = [0.0; 9];
    for (i, row) in frame.chunks_mut(3).enumerate() {
        row.copy_from_slice(&c.frame.row(i).to_array());
    }
    ContactAnswer {
        geom: c.geoms.map(|g| g.0.into()),
        kind: c.geoms.map(|g| shape_number(&world.model().geoms[g.index()].shape)),
        dist: c.distance,
        pos: c.position.to_array(),
        frame,
        dim: c.condim,
        includemargin: c.active_below,
        friction: c.friction,
        solref: c.solref.0,
        solreffriction: c.solref_friction.0,
        solimp: c.solimp.0,
        // In MuJoCo's words: 0 acts, 1 is in the gap beyond the margin.
        exclude: i64::from(c.row == u32::MAX),
        force: world.contact_force(c),
    }
}
