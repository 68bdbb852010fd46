//! `[vary.*]`: what is drawn anew in each trial.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::common::{Source, Standing};
use super::document::{Document, ManifestError};

/// One variation: a quantity, how often it is drawn, and from what.
///
/// Its name in the manifest names the random stream, so adding a variation leaves the draws of all others as they were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vary {
    /// What varies.
    pub quantity: Quantity,
    /// One draw for each of these.
    pub each: Each,
    /// The sites, where `each` is `site`.
    #[serde(default)]
    pub sites: Vec<String>,
    /// The motions, where `each` is `motion`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub motions: Vec<String>,
    /// The joints of the world, where `each` is `world_joint`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joints: Vec<String>,
    /// Drawn evenly between two ends.
    pub uniform: Option<Ends>,
    /// Drawn from a normal distribution.
    pub normal: Option<Bell>,
    /// A whole number, each as likely, ends included.
    pub integer: Option<WholeEnds>,
    /// How far to trust the distribution.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

/// Ends of a range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ends {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Mean and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bell {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// Ends of a range of whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WholeEnds {
    /// Lowest.
    pub low: i64,
    /// Highest.
    pub high: i64,
}

/// What a value is drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Draw {
    /// Evenly between two ends.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Normal distribution.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// A whole number, each as likely, ends included.
    Integer {
        /// Lowest.
        low: i64,
        /// Highest.
        high: i64,
    },
}

/// The vocabulary of variations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Factor on a piece's mass.
    PieceMassScale,
    /// Added to an edge of a piece, m.
    PieceSizeM,
    /// Added to the place of a generated piece, along x and y of its site, m.
    PiecePositionM,
    /// Added to the turn of a generated piece about its site's z, rad.
    PieceYawRad,
    /// Tilt of the body that carries a site, rad.
    SiteTiltRad,
    /// Added to the place of the body that carries a site, along x, y and z of the world, m.
    SitePositionM,
    /// Direction in which that tilt falls, about the world's z from x, rad.
    SiteTiltAzimuthRad,
    /// Sliding friction of everything on the body that carries a site, holes included.
    SiteFriction,
    /// Factor on the size of everything on the body that carries a site, about the site.
    SiteSizeScale,
    /// Factor on what a tool takes off: its wear.
    RemovalScale,
    /// Dust on the sensors, 0 clean to 1 full.
    SensorDust,
    /// Error of the sensor of pieces that a trial keeps: shift along each axis of its frame, m.
    SensorOffsetM,
    /// The same: turn about each axis of its frame, rad.
    SensorTurnRad,
    /// Friction of the tool's surfaces that decide a pair (`priority` above 0).
    ToolFriction,
    /// Added to the robot's place along each axis of the world, m.
    RobotBasePositionM,
    /// Turn of the robot about each axis of the world, rad.
    RobotBaseRotationRad,
    /// Factor on each joint's friction.
    JointFrictionScale,
    /// Steps between an observation and the command that answers it.
    ControlLatencySteps,
    /// Amplitude of a motion, m.
    MotionAmplitudeM,
    /// Frequency of a motion, Hz.
    MotionFrequencyHz,
    /// Phase of a motion, rad.
    MotionPhaseRad,
    /// Stiffness of a slide of the world, N/m.
    #[serde(rename = "joint_stiffness_n_m")]
    JointStiffness,
    /// Damping of a slide of the world, N·s/m.
    #[serde(rename = "joint_damping_n_s_m")]
    JointDamping,
}

impl Quantity {
    /// How it may be drawn, and the least and the greatest value that make sense.
    fn rule(self) -> (Each, f64, f64) {
        const TURN: f64 = core::f64::consts::TAU;
        match self {
            Self::PieceMassScale => (Each::Piece, 0.01, 100.0),
            Self::PieceSizeM => (Each::PieceAxis, -1.0, 1.0),
            Self::PiecePositionM => (Each::PieceAxis, -10.0, 10.0),
            Self::PieceYawRad => (Each::Piece, -TURN, TURN),
            Self::SiteTiltRad => (Each::Site, 0.0, 1.5),
            Self::SitePositionM => (Each::SiteAxis, -1.0, 1.0),
            Self::SensorOffsetM | Self::SensorTurnRad => (Each::Axis, -1.0, 1.0),
            Self::ToolFriction => (Each::Trial, 0.0, 5.0),
            Self::SiteTiltAzimuthRad => (Each::Site, -TURN, TURN),
            Self::SiteFriction => (Each::Site, 0.0, 5.0),
            Self::SiteSizeScale => (Each::Site, 0.1, 10.0),
            Self::RemovalScale => (Each::Trial, 0.0, 100.0),
            Self::SensorDust => (Each::Trial, 0.0, 1.0),
            Self::RobotBasePositionM => (Each::Axis, -1.0, 1.0),
            Self::RobotBaseRotationRad => (Each::Axis, -1.0, 1.0),
            Self::JointFrictionScale => (Each::Joint, 0.0, 100.0),
            Self::ControlLatencySteps => (Each::Trial, 0.0, 1000.0),
            Self::MotionAmplitudeM => (Each::Motion, 0.0, 1.0),
            Self::MotionFrequencyHz => (Each::Motion, 0.0, 100.0),
            Self::MotionPhaseRad => (Each::Motion, -TURN, TURN),
            Self::JointStiffness | Self::JointDamping => (Each::WorldJoint, 0.0, 1e9),
        }
    }
}

/// How often a variation is drawn in a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// Once.
    Trial,
    /// For every piece.
    Piece,
    /// For every piece and axis.
    PieceAxis,
    /// For every site of the list.
    Site,
    /// For every site of the list, and x, y and z.
    SiteAxis,
    /// For x, y and z.
    Axis,
    /// For every joint of the robot.
    Joint,
    /// For every motion of the list.
    Motion,
    /// For every joint of the world in the list.
    WorldJoint,
}

impl Each {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Piece => "piece",
            Self::PieceAxis => "piece_axis",
            Self::Site => "site",
            Self::SiteAxis => "site_axis",
            Self::Axis => "axis",
            Self::Joint => "joint",
            Self::Motion => "motion",
            Self::WorldJoint => "world_joint",
        }
    }
}

impl Vary {
    /// What the value is drawn from. None only before checking.
    pub fn draw(&self) -> Option<Draw> {
        match (self.uniform, self.normal, self.integer) {
            (Some(Ends { low, high }), None, None) => Some(Draw::Uniform { low, high }),
            (None, Some(Bell { mean, sd }), None) => Some(Draw::Normal { mean, sd }),
            (None, None, Some(WholeEnds { low, high })) => Some(Draw::Integer { low, high }),
            _ => None,
        }
    }

    /// Checks one variation; `path` is its place in the manifest.
    pub(super) fn check(&self, document: &Document, path: &str, sources: &[Source]) -> Result<(), ManifestError> {
        document.source(&format!("{path}.source"), &self.source, sources)?;
        let (each, least, most) = self.quantity.rule();
        if self.each != each {
            let what = format!("this quantity is drawn for each `{}`, not for each `{}`", each.word(), self.each.word());
            return Err(document.fault(&format!("{path}.each"), what));
        }
        let of_sites = matches!(each, Each::Site | Each::SiteAxis);
        if of_sites == self.sites.is_empty() {
            let what = if of_sites {
                "drawn for each site: list them in `sites`"
            } else {
                "`sites` belongs to a quantity drawn for each site"
            };
            return Err(document.fault(&format!("{path}.sites"), what));
        }
        document.distinct(&format!("{path}.sites"), "", self.sites.iter().map(String::as_str))?;
        for (i, site) in self.sites.iter().enumerate() {
            document.name(&format!("{path}.sites.{i}"), site)?;
        }
        match self.draw() {
            Some(Draw::Uniform { low, high }) if self.quantity != Quantity::ControlLatencySteps => {
                document.within(&format!("{path}.uniform.low"), low, least, most)?;
                document.within(&format!("{path}.uniform.high"), high, least, most)?;
                ordered(document, &format!("{path}.uniform"), low, high)
            }
            Some(Draw::Normal { mean, sd }) if self.quantity != Quantity::ControlLatencySteps => {
                document.within(&format!("{path}.normal.mean"), mean, least, most)?;
                document.positive(&format!("{path}.normal.sd"), sd, most - least)
            }
            Some(Draw::Integer { low, high }) if self.quantity == Quantity::ControlLatencySteps => {
                document.within(&format!("{path}.integer.low"), low as f64, least, most)?;
                document.within(&format!("{path}.integer.high"), high as f64, least, most)?;
                ordered(document, &format!("{path}.integer"), low as f64, high as f64)
            }
            Some(_) => {
                Err(document.fault(path, "steps are drawn with `integer`, every other quantity with `uniform` or `normal`"))
            }
            None => Err(document
                .fault(path, "write one of `uniform = { low, high }`, `normal = { mean, sd }` or `integer = { low, high }`")),
        }
    }
}

fn ordered(document: &Document, path: &str, low: f64, high: f64) -> Result<(), ManifestError> {
    if low <= high {
        return Ok(());
    }
    Err(document.fault(path, format!("the low end {low} is above the high end {high}")))
}
