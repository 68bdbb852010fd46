//! `part.toml`: a tool that a robot can carry, or what turns and senses inside it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use leitai_model::spec::{self, SuctionFigures, SuctionSpec};
use serde::{Deserialize, Serialize};

use super::common::{Assumption, Claim, Figure, Source, Text};
use super::document::{Document, ManifestError};
use super::drive_train::{self, Drive, ForceSensor, Named, Reducer, ReducerKind, ServoMotor};
use super::robot::claims;

/// A checked `part.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartManifest {
    /// Identity.
    pub part: Part,
    /// Names inside the model that others build on; empty where there is no model.
    #[serde(default)]
    pub interface: PartInterface,
    /// Figures of a two-jaw clamp; there exactly when the class is `gripper`.
    pub clamp: Option<Clamp>,
    /// Figures of a suction gripper or of a blade's pads; there exactly when the class is `suction` or `blade`.
    pub suction: Option<Suction>,
    /// Figures of a blade; there exactly when the class is `blade`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blade: Option<Blade>,
    /// Figures of a reducer; there exactly when the class is `reducer`. This and the next are left out of the content where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reducer: Option<Reducer>,
    /// Figures of a servo motor; there exactly when the class is `servo_motor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servo_motor: Option<ServoMotor>,
    /// Figures of a drive; there exactly when the class is `drive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drive: Option<Drive>,
    /// Figures of a force sensor; there exactly when the class is `force_sensor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_sensor: Option<ForceSensor>,
    /// What the maker says.
    #[serde(default)]
    pub claim: Vec<Claim>,
    /// What the model takes for granted.
    #[serde(default)]
    pub assumption: Vec<Assumption>,
    /// Where the figures come from.
    pub source: Vec<Source>,
}

/// Identity of a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The catalog's name for it.
    pub id: String,
    /// The product's name.
    pub name: Text,
    /// Who makes it.
    pub maker: Text,
    /// Kind of part.
    pub class: PartClass,
    /// MJCF file beside this one; empty for a part that is figures only.
    #[serde(default)]
    pub model: String,
    /// Kind of reducer; there exactly when the class is `reducer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reducer_kind: Option<ReducerKind>,
    /// Version of this package.
    pub version: String,
}

/// Kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartClass {
    /// Holds between two jaws, by friction.
    Gripper,
    /// Holds by vacuum.
    Suction,
    /// Carries from below, on pads that hold by vacuum.
    Blade,
    /// Holds nothing; works with its tip, which is the grip center: a peg, a probe, a pad.
    Process,
    /// Turns a motor's speed into a joint's torque.
    Reducer,
    /// Turns current into torque.
    ServoMotor,
    /// Turns a command into current.
    Drive,
    /// Feels force and moment.
    ForceSensor,
}

impl PartClass {
    /// Whether a robot carries such a part at its flange, with a model of its own; the others are figures only.
    #[must_use]
    pub fn is_tool(self) -> bool {
        !matches!(self, Self::Reducer | Self::ServoMotor | Self::Drive | Self::ForceSensor)
    }

    /// As written in a manifest.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gripper => "gripper",
            Self::Suction => "suction",
            Self::Blade => "blade",
            Self::Process => "process",
            Self::Reducer => "reducer",
            Self::ServoMotor => "servo_motor",
            Self::Drive => "drive",
            Self::ForceSensor => "force_sensor",
        }
    }
}

/// Names inside the model that others build on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartInterface {
    /// Joints of the tool: a clamp's jaws, zero fully open and growing while closing.
    pub joints: Vec<String>,
    /// The motor of each joint. All get one command: the closing force, N, negative to open.
    pub actuators: Vec<String>,
    /// Site that meets a robot's tool mount, frames equal.
    pub mount: String,
    /// Site where a piece is held; z away from the arm, x along the jaws' travel, or up towards what lies on a blade.
    pub grip_center: String,
}

/// Figures of a two-jaw parallel clamp.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clamp {
    /// Distance between the pads when closed, m.
    pub opening_min_m: Figure,
    /// Distance between the pads when open, m.
    pub opening_max_m: Figure,
    /// Travel of each jaw, m.
    pub jaw_stroke_m: Figure,
    /// Greatest closing force on each jaw, N.
    pub grip_force_n: Figure,
    /// Greatest speed of each jaw, m/s.
    pub jaw_speed_m_s: Figure,
    /// Friction of the pads on the pieces.
    pub pad_friction: Figure,
    /// Width of a pad across the jaws' travel, m.
    pub pad_width_m: Figure,
    /// Height of a pad, m.
    pub pad_height_m: Figure,
    /// Room a jaw needs outside the opening, m.
    pub jaw_thickness_m: Figure,
    /// How far the jaws reach beyond the grip center, m.
    pub jaw_below_grip_m: Figure,
}

/// Figures of a suction gripper. A cup lets go when the pull, the shear or the peel moment on it passes its limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suction {
    /// Sites at the lips of the cups, z outward.
    pub cups: Vec<String>,
    /// Radius of the sealed area, m.
    pub cup_radius_m: Figure,
    /// Pressure below ambient, Pa.
    pub pressure_pa: Figure,
    /// Share of pressure times area that holds, 0 to 1.
    pub efficiency: Figure,
    /// Greatest pull along a cup's axis, N.
    pub pull_limit_n: Figure,
    /// Greatest force across the axis, N.
    pub shear_limit_n: Figure,
    /// Greatest moment across the axis, N·m.
    pub peel_limit_nm: Figure,
    /// Greatest distance of the lip from a surface that still seals, m.
    pub seal_distance_m: Figure,
    /// Greatest angle between axis and surface normal that still seals, rad.
    pub seal_angle_rad: Figure,
    /// Time from switching on to full vacuum, s.
    pub evacuate_s: Figure,
}

/// Figures of a blade that goes in under a piece and rises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blade {
    /// How far below a piece the pads go in and come out, m.
    pub clearance_m: Figure,
    /// How far it lifts a piece off its support, m.
    pub lift_m: Figure,
}

impl Suction {
    /// The cups as the model knows them, each called after its site; `file` names their source in messages.
    #[must_use]
    pub fn cups(&self, file: &str) -> Vec<SuctionSpec> {
        let figures = SuctionFigures {
            radius_m: self.cup_radius_m.value,
            pressure_pa: self.pressure_pa.value,
            efficiency: self.efficiency.value,
            pull_limit_n: self.pull_limit_n.value,
            shear_limit_n: self.shear_limit_n.value,
            peel_limit_nm: self.peel_limit_nm.value,
            seal_distance_m: self.seal_distance_m.value,
            seal_angle_rad: self.seal_angle_rad.value,
            evacuate_s: self.evacuate_s.value,
        };
        let source = spec::Source { file: file.into(), ..spec::Source::default() };
        let cup = |site: &String| SuctionSpec { name: site.clone(), site: site.clone(), figures, source: source.clone() };
        self.cups.iter().map(cup).collect()
    }
}

impl PartManifest {
    /// Reads and checks a `part.toml`; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let document = Document::parse(file, text)?;
        let manifest: Self = document.decode()?;
        manifest.check(&document)?;
        Ok(manifest)
    }

    fn check(&self, document: &Document) -> Result<(), ManifestError> {
        document.sources(&self.source)?;
        document.assumptions(&self.assumption)?;
        claims(document, &self.claim, &self.source)?;

        document.id("part.id", &self.part.id)?;
        document.text("part.name", &self.part.name)?;
        document.text("part.maker", &self.part.maker)?;
        document.words("part.version", &self.part.version)?;
        if !self.part.class.is_tool() {
            return self.check_figures(document);
        }
        if let Some((table, _)) = self.sheets().first() {
            let what = format!("a `{}` takes no [{table}] table", self.part.class.word());
            return Err(document.fault(table, what));
        }
        if self.interface == PartInterface::default() {
            return Err(document.fault("part.class", "missing field `interface`"));
        }
        document.file_name("part.model", &self.part.model)?;

        let interface = &self.interface;
        document.length("interface.actuators", interface.actuators.len(), interface.joints.len(), "joint")?;
        for (path, names) in [("interface.joints", &interface.joints), ("interface.actuators", &interface.actuators)] {
            document.distinct(path, "", names.iter().map(String::as_str))?;
            for (i, name) in names.iter().enumerate() {
                document.name(&format!("{path}.{i}"), name)?;
            }
        }
        document.name("interface.mount", &interface.mount)?;
        document.name("interface.grip_center", &interface.grip_center)?;

        match (self.part.class, &self.clamp, &self.suction, &self.blade) {
            (PartClass::Gripper, Some(clamp), None, None) => self.check_clamp(document, clamp),
            (PartClass::Suction, None, Some(suction), None) => self.check_suction(document, suction),
            (PartClass::Blade, None, Some(suction), Some(blade)) => {
                for (name, figure) in [("clearance_m", &blade.clearance_m), ("lift_m", &blade.lift_m)] {
                    document.figure(&format!("blade.{name}"), figure, 1.0, &self.source)?;
                }
                self.check_suction(document, suction)
            }
            (PartClass::Process, None, None, None) => document.length("interface.joints", interface.joints.len(), 0, "joint"),
            (PartClass::Process, ..) => {
                Err(document.fault("part.class", "a `process` part holds nothing: no [clamp] table and no [suction] table"))
            }
            (PartClass::Gripper, ..) => {
                Err(document.fault("part.class", "a `gripper` needs a [clamp] table and no [suction] table"))
            }
            (PartClass::Suction, ..) => {
                Err(document.fault("part.class", "a `suction` part needs a [suction] table and no [clamp] table"))
            }
            (PartClass::Blade, ..) => {
                Err(document.fault("part.class", "a `blade` needs a [blade] and a [suction] table and no [clamp] table"))
            }
            (PartClass::Reducer | PartClass::ServoMotor | PartClass::Drive | PartClass::ForceSensor, ..) => {
                unreachable!("checked above: no tool")
            }
        }
    }

    /// The tables of a part that is figures only, each with its name and what it says.
    #[must_use]
    pub fn sheets(&self) -> Vec<(&'static str, Vec<Named<'_>>)> {
        let sheets = [
            ("reducer", self.reducer.as_ref().map(Reducer::figures)),
            ("servo_motor", self.servo_motor.as_ref().map(ServoMotor::figures)),
            ("drive", self.drive.as_ref().map(Drive::figures)),
            ("force_sensor", self.force_sensor.as_ref().map(ForceSensor::figures)),
        ];
        sheets.into_iter().filter_map(|(table, figures)| Some((table, figures?))).collect()
    }

    /// A part without a model has one table of figures, named after its class.
    fn check_figures(&self, document: &Document) -> Result<(), ManifestError> {
        let class = self.part.class.word();
        let sheets = self.sheets();
        let alone =
            self.clamp.is_none() && self.suction.is_none() && self.blade.is_none() && sheets.len() == 1 && sheets[0].0 == class;
        if !alone {
            return Err(document.fault("part.class", format!("a `{class}` needs a [{class}] table and no other")));
        }
        if !self.part.model.is_empty() || self.interface != PartInterface::default() {
            return Err(document.fault("part.class", format!("a `{class}` is figures only: no `model` and no [interface]")));
        }
        drive_train::figures(document, class, &sheets[0].1, &self.source)?;
        match (&self.reducer, self.part.reducer_kind) {
            (Some(reducer), Some(_)) => drive_train::check_reducer(document, reducer),
            (None, None) => Ok(()),
            (Some(_), None) => Err(document.fault("part.class", "`reducer_kind` is missing: `harmonic` or `rv`")),
            (None, Some(_)) => Err(document.fault("part.reducer_kind", "only a `reducer` has a `reducer_kind`")),
        }
    }

    fn check_clamp(&self, document: &Document, clamp: &Clamp) -> Result<(), ManifestError> {
        for (name, figure, most) in [
            ("opening_min_m", &clamp.opening_min_m, 10.0),
            ("opening_max_m", &clamp.opening_max_m, 10.0),
            ("jaw_stroke_m", &clamp.jaw_stroke_m, 10.0),
            ("grip_force_n", &clamp.grip_force_n, 1e6),
            ("jaw_speed_m_s", &clamp.jaw_speed_m_s, 10.0),
            ("pad_friction", &clamp.pad_friction, 5.0),
            ("pad_width_m", &clamp.pad_width_m, 10.0),
            ("pad_height_m", &clamp.pad_height_m, 10.0),
            ("jaw_thickness_m", &clamp.jaw_thickness_m, 10.0),
            ("jaw_below_grip_m", &clamp.jaw_below_grip_m, 10.0),
        ] {
            document.figure(&format!("clamp.{name}"), figure, most, &self.source)?;
        }
        document.length("interface.joints", self.interface.joints.len(), 2, "jaw")?;
        let (closed, open, stroke) = (clamp.opening_min_m.value, clamp.opening_max_m.value, clamp.jaw_stroke_m.value);
        let travel = open - closed - 2.0 * stroke;
        if !(-1e-6..=1e-6).contains(&travel) {
            return Err(document.fault(
                "clamp.jaw_stroke_m",
                format!("two strokes of {stroke} m do not lead from {open} m open to {closed} m closed"),
            ));
        }
        Ok(())
    }

    fn check_suction(&self, document: &Document, suction: &Suction) -> Result<(), ManifestError> {
        if suction.cups.is_empty() {
            return Err(document.fault("suction.cups", "`cups` is empty; name the site of each cup"));
        }
        document.distinct("suction.cups", "", suction.cups.iter().map(String::as_str))?;
        for (i, cup) in suction.cups.iter().enumerate() {
            document.name(&format!("suction.cups.{i}"), cup)?;
        }
        for (name, figure, most) in [
            ("cup_radius_m", &suction.cup_radius_m, 1.0),
            ("pressure_pa", &suction.pressure_pa, 101_325.0),
            ("efficiency", &suction.efficiency, 1.0),
            ("pull_limit_n", &suction.pull_limit_n, 1e5),
            ("shear_limit_n", &suction.shear_limit_n, 1e5),
            ("peel_limit_nm", &suction.peel_limit_nm, 1e4),
            ("seal_distance_m", &suction.seal_distance_m, 0.1),
            ("seal_angle_rad", &suction.seal_angle_rad, 1.5),
            ("evacuate_s", &suction.evacuate_s, 60.0),
        ] {
            document.figure(&format!("suction.{name}"), figure, most, &self.source)?;
        }
        Ok(())
    }
}
