//! `scenario.toml`: a job as data. World, pieces, goal, what varies, what is measured, and what must hold.
//!
//! A scenario is put together from words that other scenarios use too: generators, quantities that vary, measurements, metrics. None
//! of its content is code.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::common::{Assumption, Series, Source, Standing, Text};
use super::document::{Document, ManifestError};
use super::grid::Grid;
use super::motion::Motion;
use super::vary::Vary;
use super::work::{Bore, TipWork, Wrist};

#[path = "scenario_check.rs"]
mod check;

/// A checked `scenario.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioManifest {
    /// Identity.
    pub scenario: Scenario,
    /// How robot and tool stand in the world.
    pub mount: Mount,
    /// Length and number of trials, and the clock.
    pub trial: Trial,
    /// Numbers that a claim may set, by name.
    #[serde(default)]
    pub parameter: BTreeMap<String, Parameter>,
    /// Kinds of pieces, by name.
    #[serde(default)]
    pub piece: BTreeMap<String, Piece>,
    /// Pieces that are in the world at the start, by name.
    #[serde(default)]
    pub generate: BTreeMap<String, Generate>,
    /// Pieces that lie about at the start, anew in each trial, by name; numbered after those of [`Self::generate`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scatter: BTreeMap<String, Scatter>,
    /// Where generated pieces must go.
    #[serde(default)]
    pub goal: Vec<Goal>,
    /// Holes, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bore: BTreeMap<String, Bore>,
    /// What the tip of the tool is to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<TipWork>,
    /// Bodies of the world that move of themselves, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub motion: BTreeMap<String, Motion>,
    /// The sensor between flange and tool, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_sensor: Option<Wrist>,
    /// The check after the task.
    pub stability: Option<Stability>,
    /// What a controller is told about the world, by name.
    #[serde(default)]
    pub measure: BTreeMap<String, Measure>,
    /// What is drawn anew in each trial, by name of its random stream.
    #[serde(default)]
    pub vary: BTreeMap<String, Vary>,
    /// What must hold.
    pub require: Vec<Requirement>,
    /// How people are kept safe, and what a controller may see beyond its observations.
    pub safety: Safety,
    /// What the model takes for granted.
    #[serde(default)]
    pub assumption: Vec<Assumption>,
    /// Where the figures come from.
    pub source: Vec<Source>,
}

/// Identity of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The catalog's name for it.
    pub id: String,
    /// The job's name.
    pub name: Text,
    /// Sector of use.
    pub sector: String,
    /// The action plan's own words, in Chinese.
    pub plan: String,
    /// How hard it is to simulate: 1 rigid arm or base, 2 contact and force, 3 locomotion or perception, 4 soft or granular.
    pub tier: u32,
    /// MJCF file beside this one.
    pub world: String,
    /// Version of this package.
    pub version: String,
    /// How far the simulation has been compared with reality.
    pub credibility: Credibility,
}

/// How far a simulation has been compared with reality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credibility {
    /// Not at all.
    None,
    /// Its parameters were fitted to measurements.
    Calibrated,
    /// Its results were compared with real runs.
    Paired,
}

/// How robot and tool stand in the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// Site of the world that meets the robot's base site.
    pub robot_at: String,
    /// Part that the robot's tool mount carries.
    pub tool: Option<String>,
}

/// Length and number of trials, and the clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The most trials a claim runs.
    pub most: u32,
    /// Confidence of the whole claim, split over its requirements.
    pub confidence: f64,
    /// Time limit of the task, s, without the stability check.
    pub duration_s: f64,
    /// Step of the simulation, s.
    pub dt_s: f64,
    /// Time between two commands, s, a whole number of steps.
    pub control_period_s: f64,
}

/// A number that a claim may set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Value unless the claim says otherwise.
    pub default: f64,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Its unit, SI.
    pub unit: String,
    /// How far to trust the default.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// A kind of piece: a uniform rigid box, cylinder or ball.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// What it is.
    pub name: Text,
    /// Edges along its x, y and z, m; of a cylinder its diameter twice, and its height; of a ball its diameter thrice.
    pub size_m: Series,
    /// Its shape.
    #[serde(default, skip_serializing_if = "PieceShape::is_box")]
    pub shape: PieceShape,
    /// Its mass.
    pub mass: PieceMass,
    /// Sliding friction.
    pub friction: super::common::Figure,
    /// Softness of its contacts.
    pub contact: Contact,
    /// Color as drawn: red, green, blue, opacity, each 0 to 1.
    pub rgba: [f64; 4],
}

/// Shapes of pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceShape {
    /// A box.
    #[default]
    Box,
    /// An upright cylinder, its axis along z.
    Cylinder,
    /// A ball.
    Sphere,
}

impl PieceShape {
    /// Whether it is a box, as a manifest that says nothing means.
    #[must_use]
    pub fn is_box(&self) -> bool {
        *self == Self::Box
    }
}

/// Softness of a piece's contacts, in the terms of MuJoCo's `solref` and `solimp`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Time in which a penetration goes back, s.
    pub time_constant_s: f64,
    /// 1 is critical; above, nothing bounces.
    pub damping_ratio: f64,
    /// Impedance at zero and at full penetration, then the depth, m, between them.
    pub impedance: [f64; 3],
    /// How far to trust it.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// Mass of a piece, kg: the value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PieceMass {
    /// Name of a [`Parameter`] in kg.
    pub parameter: String,
}

/// The vocabulary of generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridKind {
    /// Rows and columns of boxes: [`Grid`].
    BlockGrid,
}

/// Pieces that are in the world at the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// Generator.
    pub kind: GridKind,
    /// Name of a [`Piece`].
    pub piece: String,
    /// Site that carries them.
    pub at: String,
    /// Pieces along x.
    pub columns: u32,
    /// Pieces along y.
    pub rows: u32,
    /// Distance of centers along x and y, m.
    pub pitch_m: [f64; 2],
    /// Number of the lowest layer.
    pub first_layer: u32,
    /// How many layers.
    pub layers: u32,
    /// Distance of layers, m, where each has a support of its own; else layers lie on each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_pitch_m: Option<f64>,
    /// Whether odd layers are turned by a quarter turn.
    #[serde(default)]
    pub interlock: bool,
    /// How far to trust the layout.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// Pieces that lie about: each somewhere in a rectangle around its site, at any turn within bounds, none near another.
///
/// Pieces are laid one after another. A piece keeps its circle (half its longest level extent) and half the gap clear of other circles
/// and inside the rectangle; where none of 200 tries fits, the layout begins anew, at most 50 times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scatter {
    /// Name of a [`Piece`] for each one that lies there.
    pub pieces: Vec<String>,
    /// Site that carries them.
    pub at: String,
    /// Edges of the rectangle along x and y of the site, m.
    pub area_m: [f64; 2],
    /// Least distance between the circles of two pieces, m.
    pub gap_m: f64,
    /// Greatest turn about the site's z, either way, rad.
    pub turn_rad: f64,
    /// How far to trust the layout.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// Where generated pieces must go. Any piece may take any place, each place takes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Name, used by task programs.
    pub id: String,
    /// Name of a [`Generate`] or a [`Scatter`].
    pub from: String,
    /// Pattern of the places.
    pub kind: GridKind,
    /// Site that carries them.
    pub at: String,
    /// Places along x.
    pub columns: u32,
    /// Places along y.
    pub rows: u32,
    /// Distance of centers along x and y, m.
    pub pitch_m: [f64; 2],
    /// Number of the lowest layer.
    pub first_layer: u32,
    /// How many layers.
    pub layers: u32,
    /// Distance of layers, m, where each has a support of its own; else layers lie on each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_pitch_m: Option<f64>,
    /// Whether odd layers are turned by a quarter turn.
    #[serde(default)]
    pub interlock: bool,
    /// How far to trust the layout.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

impl Generate {
    /// The places of its pieces.
    pub fn grid(&self) -> Grid<'_> {
        let Self { columns, rows, pitch_m, first_layer, layers, layer_pitch_m, interlock, .. } = *self;
        Grid { at: &self.at, columns, rows, pitch_m, first_layer, layers, layer_pitch_m, interlock }
    }
}

impl Goal {
    /// The places to fill.
    pub fn grid(&self) -> Grid<'_> {
        let Self { columns, rows, pitch_m, first_layer, layers, layer_pitch_m, interlock, .. } = *self;
        Grid { at: &self.at, columns, rows, pitch_m, first_layer, layers, layer_pitch_m, interlock }
    }
}

/// The check after the task: is what was built stable?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stability {
    /// How it is disturbed.
    pub method: StabilityMethod,
    /// Site in whose frame moves are measured.
    pub at: String,
    /// Lateral acceleration in units of standard gravity.
    pub lateral_g: f64,
    /// Time in each direction, s.
    pub hold_s: f64,
    /// How many directions, evenly spread from +x of the site.
    pub directions: u32,
    /// Time to come to rest before the first, s.
    pub settle_s: f64,
    /// How far to trust the procedure.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// How a stack is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StabilityMethod {
    /// A lateral acceleration is added to gravity, one direction after another.
    LateralGravity,
}

/// What a controller is told about the world: true poses spoiled in a declared way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What is measured.
    pub of: Measured,
    /// The sites, where sites are measured.
    #[serde(default)]
    pub sites: Vec<String>,
    /// Frame of the readings: `robot_base` moves with the true base, `world` does not.
    pub frame: String,
    /// Standard deviation along each axis, m.
    pub position_sd_m: f64,
    /// Standard deviation about each axis, rad.
    pub angle_sd_rad: f64,
    /// Readings per second.
    pub rate_hz: f64,
    /// Age of a reading when it arrives, s.
    pub delay_s: f64,
    /// Error of the sensor's calibration: a shift that is drawn once in a trial for each object, evenly from minus to plus this
    /// along each axis, m. No mean takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_offset_m: Option<f64>,
    /// The same for turns about each axis, rad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub angle_offset_rad: Option<f64>,
    /// Share of readings that never arrive.
    pub drop_out: f64,
    /// At full dust both deviations are this many times larger.
    pub dust_sd_factor: f64,
    /// At full dust this share of readings never arrives.
    pub dust_drop_out: f64,
    /// How far to trust the model.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// Pose and edges' directions of every piece.
    Pieces,
    /// Pose of the listed sites.
    Sites,
}

/// A predicate on one trial, and the share of trials in which it is to hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Name inside the scenario.
    pub id: String,
    /// Name for people.
    pub name: Text,
    /// What is measured in a trial.
    pub metric: Metric,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub limit: f64,
    /// Unit of metric and limit.
    pub unit: String,
    /// Share of trials, judged on a bound that holds at the claim's confidence.
    pub rate_at_least: f64,
    /// Whether the verdict waits for it; false reports an estimate with its interval only.
    #[serde(default = "yes")]
    pub decides: bool,
    /// How far to trust the limit.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

fn yes() -> bool {
    true
}

/// The vocabulary of metrics: one number from one trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Worst piece: distance from the center of its lower face to that of its place, in the plane of the site, m.
    PlacementOffsetM,
    /// Worst piece: turn about the site's z away from its place, up to the piece's half-turn symmetry, rad.
    PlacementAngleRad,
    /// Largest move of any piece relative to the site during the stability check, m.
    StackShiftM,
    /// Pieces placed over the time from the start until the arm is clear, 1/h.
    PiecesPerHour,
    /// Pieces that left the tool before their place.
    DroppedPieces,
    /// Pieces of the goal that were not brought to their place.
    MissedPieces,
    /// Largest force of one link of the tool on one piece, N.
    PieceForceN,
    /// Largest move of a held piece in the tool while nothing else touches it, m.
    SlipM,
    /// Largest acceleration of a held piece while nothing else touches it, mean over 20 ms, m/s².
    HeldAccelerationMS2,
    /// How far the tip is in its hole in the end, m; nothing if it is not in it.
    InsertionDepthM,
    /// Greatest force between the tool and its surroundings, N.
    ContactForceN,
    /// Root mean square, over the way on the patch, of the force along the normal less the wanted one, N.
    ForceRmsErrorN,
    /// Greatest angle between the tool's axis and the surface's normal where it touches the patch with enough force, rad.
    NormalErrorRad,
    /// Share of the patch that the tool's face passed with enough force.
    Coverage,
    /// Share of the time from the first touch to the last in which nothing is touched.
    LiftOffShare,
    /// Standard deviation of what is taken off the patch, over its mean.
    RemovalVariation,
    /// Most that is taken off a place of the patch, m.
    RemovalDeepestM,
    /// Pieces of food on the spoon when the bite is offered.
    PiecesOffered,
    /// Share of the pieces that left the bowl and are not on the spoon in the end.
    SpillShare,
    /// Distance of the spoon's tip from the mouth, mean over the second half of the bite, m; the least distance if none is offered.
    MouthErrorM,
    /// Greatest force on the lips, N.
    LipForceN,
    /// Greatest force on the head, lips included, N.
    HeadForceN,
    /// Time from the start until the arm is clear, or the time limit, s.
    CycleTimeS,
}

impl Metric {
    /// Unit as written in manifests.
    pub fn unit(self) -> &'static str {
        match self {
            Self::PlacementOffsetM | Self::StackShiftM | Self::SlipM | Self::InsertionDepthM | Self::RemovalDeepestM => "m",
            Self::MouthErrorM => "m",
            Self::PlacementAngleRad | Self::NormalErrorRad => "rad",
            Self::PiecesPerHour => "1/h",
            Self::DroppedPieces | Self::MissedPieces | Self::Coverage | Self::LiftOffShare | Self::RemovalVariation => "1",
            Self::PiecesOffered | Self::SpillShare => "1",
            Self::PieceForceN | Self::ContactForceN | Self::ForceRmsErrorN | Self::LipForceN | Self::HeadForceN => "N",
            Self::HeldAccelerationMS2 => "m/s^2",
            Self::CycleTimeS => "s",
        }
    }
}

/// How a metric is compared with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Holds when the metric is not above the limit.
    AtMost,
    /// Holds when the metric is not below the limit.
    AtLeast,
}

impl Comparison {
    /// Whether `value` meets `limit`. A value that is not a number never does.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::AtMost => value <= limit,
            Self::AtLeast => value >= limit,
        }
    }
}

/// How people are kept safe, and what a controller may see beyond its observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Safety {
    /// Protection.
    pub profile: Protection,
    /// True state opened to controllers; printed on every certificate. None exist yet, so the list must be empty.
    pub privileges: Vec<String>,
}

/// Protection of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// No person inside while the robot moves.
    Fence,
}

impl ScenarioManifest {
    /// Reads and checks a `scenario.toml`; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let document = Document::parse(file, text)?;
        let manifest: Self = document.decode()?;
        check::scenario(&manifest, &document)?;
        Ok(manifest)
    }
}
