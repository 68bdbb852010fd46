//! The format `leitai-oracle-1`: one JSON object, doubles as the shortest text that reads back the same.
//!
//! `oracle/mujoco/oracle.py` describes every field. A file may lack fields: they are empty here, so that answers of older
//! writers, and files of states alone, are read by the same types. Fields that are not listed are passed over.

use leitai_math::{Mat3, Vec3};
use leitai_model::model::GeomId;
use leitai_model::{SolImp, SolRef};
use leitai_sim::Contact;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the format.
pub const FORMAT: &str = "leitai-oracle-1";

/// The most bytes of a file of states.
pub const MOST_BYTES: usize = 1 << 30;

/// One file of answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// [`FORMAT`].
    pub format: String,
    /// Who answers, with the version.
    pub engine: String,
    /// File name of the model.
    pub model: String,
    /// Numbers of everything.
    pub sizes: Sizes,
    /// How the simulation steps.
    pub option: OptionAnswer,
    /// Names of everything; what has none is an empty text.
    pub names: BTreeMap<String, Vec<String>>,
    /// What was compiled.
    pub model_const: Constants,
    /// Answers state by state.
    pub states: Vec<StateAnswer>,
    /// A short motion; ours has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
}

/// Numbers of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Sizes {
    pub nq: usize,
    pub nv: usize,
    pub nu: usize,
    pub na: usize,
    pub nbody: usize,
    pub ngeom: usize,
    pub njnt: usize,
    pub nsite: usize,
    pub nsensor: usize,
    pub nsensordata: usize,
    pub neq: usize,
    pub ntendon: usize,
    pub nmesh: usize,
}

/// How the simulation steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct OptionAnswer {
    pub timestep: f64,
    pub integrator: String,
    pub solver: String,
    pub cone: String,
    pub iterations: u32,
    pub tolerance: f64,
    pub impratio: f64,
    pub gravity: Vec<f64>,
    pub disableflags: u32,
    pub enableflags: u32,
}

/// What was compiled, in MuJoCo's names: one entry, or a row of them, for each element.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Constants {
    pub body_parent: Vec<i64>,
    pub body_pos: Vec<f64>,
    pub body_quat: Vec<f64>,
    pub body_mass: Vec<f64>,
    pub body_inertia: Vec<f64>,
    pub body_ipos: Vec<f64>,
    pub body_iquat: Vec<f64>,
    pub body_invweight0: Vec<f64>,
    pub total_mass: f64,
    pub meaninertia: f64,
    pub qpos0: Vec<f64>,
    pub qpos_spring: Vec<f64>,
    pub jnt_type: Vec<i64>,
    pub jnt_body: Vec<i64>,
    pub jnt_pos: Vec<f64>,
    pub jnt_axis: Vec<f64>,
    pub jnt_limited: Vec<i64>,
    pub jnt_range: Vec<f64>,
    pub jnt_stiffness: Vec<f64>,
    pub dof_armature: Vec<f64>,
    pub dof_damping: Vec<f64>,
    pub dof_frictionloss: Vec<f64>,
    pub dof_invweight0: Vec<f64>,
    pub geom_type: Vec<i64>,
    pub geom_body: Vec<i64>,
    pub geom_size: Vec<f64>,
    pub geom_pos: Vec<f64>,
    pub geom_quat: Vec<f64>,
    pub geom_condim: Vec<i64>,
    pub geom_friction: Vec<f64>,
    pub geom_solref: Vec<f64>,
    pub geom_solimp: Vec<f64>,
    pub geom_margin: Vec<f64>,
    pub geom_gap: Vec<f64>,
    pub site_body: Vec<i64>,
    pub site_pos: Vec<f64>,
    pub site_quat: Vec<f64>,
    pub tendon_length0: Vec<f64>,
    pub tendon_invweight0: Vec<f64>,
    pub actuator_gear: Vec<f64>,
    pub actuator_gainprm: Vec<f64>,
    pub actuator_biasprm: Vec<f64>,
    pub actuator_ctrllimited: Vec<i64>,
    pub actuator_ctrlrange: Vec<f64>,
    pub actuator_forcelimited: Vec<i64>,
    pub actuator_forcerange: Vec<f64>,
}

/// A state as given; what is left out stands at its reference, or at zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// Coordinates.
    pub qpos: Vec<f64>,
    /// Velocities.
    pub qvel: Vec<f64>,
    /// Controls.
    pub ctrl: Vec<f64>,
    /// Activations.
    pub act: Vec<f64>,
    /// Positions of bodies moved by the program.
    pub mocap_pos: Vec<f64>,
    /// Their orientations.
    pub mocap_quat: Vec<f64>,
}

/// Answers at one state; matrices row by row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, non_snake_case)]
pub struct StateAnswer {
    #[serde(flatten)]
    pub given: Given,
    pub xpos: Vec<f64>,
    pub xquat: Vec<f64>,
    pub xipos: Vec<f64>,
    pub cvel: Vec<f64>,
    pub geom_xpos: Vec<f64>,
    pub site_xpos: Vec<f64>,
    pub subtree_com: Vec<f64>,
    pub ten_length: Vec<f64>,
    pub actuator_length: Vec<f64>,
    pub M: Vec<f64>,
    pub qfrc_bias: Vec<f64>,
    pub qfrc_passive: Vec<f64>,
    pub qfrc_actuator: Vec<f64>,
    pub actuator_force: Vec<f64>,
    pub act_dot: Vec<f64>,
    pub qacc_smooth: Vec<f64>,
    pub energy: Vec<f64>,
    pub free: Free,
    pub contact: InContact,
}

/// Without constraints.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Free {
    pub qacc: Vec<f64>,
    pub sensordata: Vec<f64>,
}

/// With everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct InContact {
    pub qacc: Vec<f64>,
    pub qfrc_constraint: Vec<f64>,
    pub nefc: usize,
    pub efc_types: BTreeMap<String, usize>,
    pub efc: RowAnswers,
    pub ncon: usize,
    pub contacts: Vec<ContactAnswer>,
    pub sensordata: Vec<f64>,
    pub solver_niter: u32,
}

/// The constraint rows, in MuJoCo's order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct RowAnswers {
    #[serde(rename = "type")]
    pub kind: Vec<String>,
    pub id: Vec<i64>,
    pub pos: Vec<f64>,
    pub margin: Vec<f64>,
    #[serde(rename = "D")]
    pub d: Vec<f64>,
    pub aref: Vec<f64>,
    pub force: Vec<f64>,
}

/// One contact.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct ContactAnswer {
    pub geom: [i64; 2],
    #[serde(rename = "type")]
    pub kind: [i64; 2],
    pub dist: f64,
    pub pos: [f64; 3],
    pub frame: [f64; 9],
    pub dim: u8,
    pub includemargin: f64,
    pub friction: [f64; 5],
    pub solref: [f64; 2],
    pub solreffriction: [f64; 2],
    pub solimp: [f64; 5],
    pub exclude: i64,
    pub force: [f64; 6],
}

impl ContactAnswer {
    /// The contact, to be put into a world. It has no geoms if one of them is no geom, as for a contact of a flexible body.
    #[must_use]
    pub fn contact(&self) -> Contact {
        let row = |i: usize| Vec3::from_slice(&self.frame[3 * i..]);
        Contact {
            geoms: self.geom.map(|g| GeomId(u32::try_from(g).unwrap_or(u32::MAX))),
            position: Vec3::from_slice(&self.pos),
            frame: Mat3::from_rows(row(0), row(1), row(2)),
            distance: self.dist,
            active_below: self.includemargin,
            condim: self.dim,
            friction: self.friction,
            solref: SolRef(self.solref),
            solref_friction: SolRef(self.solreffriction),
            solimp: SolImp(self.solimp),
            slip: [0.0; 3],
            adhesion_n: 0.0,
            row: u32::MAX,
        }
    }
}

/// A short motion under sinusoidal controls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Rollout {
    pub ctrl_home: Vec<f64>,
    pub ctrl_amp: Vec<f64>,
    pub ctrl_phase: Vec<f64>,
    pub nstep: usize,
    pub every: usize,
    pub qpos: Vec<Vec<f64>>,
}

/// Why a file of states cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Too many bytes.
    #[error("it has {bytes} bytes; the limit is {MOST_BYTES}: split the states over several files")]
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// Not JSON, or other JSON.
    #[error("it is not a JSON object with a list `states` of objects with lists of numbers (qpos, qvel, ctrl, act): {0}")]
    Json(#[from] serde_json::Error),
    /// Of another format.
    #[error("its `format` is `{0}`; write `{FORMAT}` or leave it out")]
    Format(String),
    /// No state.
    #[error("`states` is empty; write at least one, such as {{\"qpos\":[…]}}")]
    Empty,
}

/// What a file of answers says about the states and how the model was read.
#[derive(Clone, Debug, Deserialize)]
pub struct States {
    #[serde(default)]
    format: Option<String>,
    /// The states.
    pub states: Vec<Given>,
    /// The root link of the URDF was free.
    #[serde(default)]
    pub floating: bool,
    /// Links without joints were joined to their parents; if nothing is said, they were, as MuJoCo's reader of URDF does.
    #[serde(default)]
    pub fusestatic: Option<bool>,
}

/// The states of a file: `{"states":[{"qpos":[],"qvel":[],"ctrl":[],"act":[]}, …]}`, or a whole file of answers.
///
/// # Errors
/// If it is not such a file.
pub fn read_states(bytes: &[u8]) -> Result<States, ReadError> {
    if bytes.len() > MOST_BYTES {
        return Err(ReadError::TooLarge { bytes: bytes.len() });
    }
    let states: States = serde_json::from_slice(bytes)?;
    match &states.format {
        Some(format) if format != FORMAT => Err(ReadError::Format(format.clone())),
        _ if states.states.is_empty() => Err(ReadError::Empty),
        _ => Ok(states),
    }
}

impl Answers {
    /// The answers as text: one line for each part and each state, so that a change shows where it is.
    ///
    /// # Errors
    /// Never for numbers; an error says what could not be written.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut lines = Vec::new();
        let mut part = |key: &str, text: String| lines.push(format!("\"{key}\":{text}"));
        part("format", serde_json::to_string(&self.format)?);
        part("engine", serde_json::to_string(&self.engine)?);
        part("model", serde_json::to_string(&self.model)?);
        part("sizes", serde_json::to_string(&self.sizes)?);
        part("option", serde_json::to_string(&self.option)?);
        part("names", serde_json::to_string(&self.names)?);
        part("model_const", serde_json::to_string(&self.model_const)?);
        let states: Vec<_> = self.states.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        part("states", format!("[\n{}\n]", states.join(",\n")));
        Ok(format!("{{{}}}\n", lines.join(",\n")))
    }
}
