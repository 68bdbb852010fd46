//! `part.toml`: a tool that a robot can carry.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use leitai_model::spec::{self, SuctionFigures, SuctionSpec};
use serde::{Deserialize, Serialize};

use super::common::{Assumption, Claim, Figure, Source, Text};
use super::document::{Document, ManifestError};
use super::robot::claims;

/// A checked `part.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartManifest {
    /// Identity.
    pub part: Part,
    /// Names inside the model that others build on.
    pub interface: PartInterface,
    /// Figures of a two-jaw clamp; there exactly when the class is `gripper`.
    pub clamp: Option<Clamp>,
    /// Figures of a suction gripper; there exactly when the class is `suction`.
    pub suction: Option<Suction>,
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
    /// Kind of tool.
    pub class: PartClass,
    /// MJCF file beside this one.
    pub model: String,
    /// Version of this package.
    pub version: String,
}

/// Kind of tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartClass {
    /// Holds between two jaws, by friction.
    Gripper,
    /// Holds by vacuum.
    Suction,
}

/// Names inside the model that others build on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartInterface {
    /// Joints of the tool: a clamp's jaws, zero fully open and growing while closing.
    pub joints: Vec<String>,
    /// The motor of each joint. All get one command: the closing force, N, negative to open.
    pub actuators: Vec<String>,
    /// Site that meets a robot's tool mount, frames equal.
    pub mount: String,
    /// Site where a piece is held; z away from the arm, x along the jaws' travel.
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
        document.file_name("part.model", &self.part.model)?;
        document.words("part.version", &self.part.version)?;

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

        match (self.part.class, &self.clamp, &self.suction) {
            (PartClass::Gripper, Some(clamp), None) => self.check_clamp(document, clamp),
            (PartClass::Suction, None, Some(suction)) => self.check_suction(document, suction),
            (PartClass::Gripper, _, _) => {
                Err(document.fault("part.class", "a `gripper` needs a [clamp] table and no [suction] table"))
            }
            (PartClass::Suction, _, _) => {
                Err(document.fault("part.class", "a `suction` part needs a [suction] table and no [clamp] table"))
            }
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
