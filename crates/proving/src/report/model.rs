//! The page of `leitai view MODEL`: shapes, joints to turn, masses, and what the check found.

use serde::{Deserialize, Serialize};

use super::data::{Language, Text};
use super::replay::Scene;

/// A robot or world to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelPage {
    /// Opens in.
    pub language: Language,
    /// The robot's or file's name.
    pub title: Text,
    /// Said across the top; usually `None`.
    pub banner: Option<Text>,
    /// The file or catalog id it came from.
    pub source: String,
    /// Of the model, with its algorithm.
    pub digest: String,
    /// A few figures, such as total mass.
    pub facts: Vec<Fact>,
    /// Bodies at their home poses and their shapes.
    pub scene: Scene,
    /// One for each body of the scene, in the same order; a parent stands before its children.
    pub bodies: Vec<ModelBody>,
    /// Joints of one body apply in this order.
    pub joints: Vec<ModelJoint>,
    /// What `leitai robot check` says.
    pub findings: Vec<Finding>,
}

/// A figure with its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is.
    pub name: Text,
    /// With its unit.
    pub value: String,
}

/// How a body hangs in the tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelBody {
    /// Index of the parent; `None` for the world.
    pub parent: Option<usize>,
    /// In the parent, joints at 0 [m].
    pub position: [f64; 3],
    /// In the parent, joints at 0; w, x, y, z.
    pub rotation: [f64; 4],
    /// 0 for a body without mass.
    pub mass_kg: f64,
}

/// What a joint allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointKind {
    /// One rotation.
    Hinge,
    /// One translation.
    Slide,
    /// Three rotations; shown at home.
    Ball,
    /// Everything; shown at home.
    Free,
}

/// A joint; positions in rad, or m for a slide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelJoint {
    /// Its name.
    pub name: String,
    /// The body it moves.
    pub body: usize,
    /// What it allows.
    pub kind: JointKind,
    /// Unit vector in the body.
    pub axis: [f64; 3],
    /// The point that stays, in the body [m].
    pub anchor: [f64; 3],
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
    /// Where the page opens.
    pub home: f64,
    /// N·m, or N for a slide.
    pub effort_limit: Option<f64>,
    /// rad/s, or m/s for a slide.
    pub speed_limit: Option<f64>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The model cannot be used as it is.
    Error,
    /// It can, but a figure is doubtful.
    Warning,
    /// For information.
    Note,
}

/// One line of the check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// File and line, or the part's name.
    pub place: String,
    /// What is wrong and what to change.
    pub text: Text,
}
