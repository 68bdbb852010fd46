//! `robot.toml`: what a robot is, what its joints can do, and what its maker claims.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::common::{Assumption, Claim, Series, Source, Standing, Text};
use super::document::{Document, ManifestError};
use super::drive_train::{DriveTrain, check_trains};

/// A checked `robot.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobotManifest {
    /// Identity.
    pub robot: Robot,
    /// Names inside the model that others build on.
    pub interface: RobotInterface,
    /// What the joints can do.
    pub limits: Limits,
    /// The other arm of a robot that has two. A task is done by the first; this one holds its home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_arm: Option<SecondArm>,
    /// The parts that turn the joints, where they are modeled; a joint without them gives the torque that is asked for at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drive_train: Vec<DriveTrain>,
    /// What the maker says.
    #[serde(default)]
    pub claim: Vec<Claim>,
    /// What the model takes for granted.
    #[serde(default)]
    pub assumption: Vec<Assumption>,
    /// Where the figures come from.
    pub source: Vec<Source>,
}

/// Identity of a robot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Robot {
    /// The catalog's name for it, as in `ur20`.
    pub id: String,
    /// The product's name.
    pub name: Text,
    /// Who makes it, and where.
    pub maker: Text,
    /// Kind of machine.
    pub class: RobotClass,
    /// Where such robots work; a hint for searching.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// Actuated degrees of freedom, those of a second arm included.
    pub dof: u32,
    /// MJCF file beside this one.
    pub model: String,
    /// Version of this package.
    pub version: String,
    /// How good the masses and inertias are.
    pub dynamics_grade: DynamicsGrade,
}

/// Kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RobotClass {
    /// A fixed arm with a tool mount.
    Manipulator,
}

/// How good a model's masses and inertias are, and why. Covers rigid links only, not friction, rotors or compliance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DynamicsGrade {
    /// The grade.
    pub grade: Grade,
    /// Why.
    pub reason: Text,
    /// Relative error to expect of masses and tensors.
    pub tolerance: f64,
    /// Standing of the tolerance.
    pub standing: Standing,
}

/// Grades of a dynamics model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// Masses, centers of mass and full tensors from the maker or a published identification, total within 10 % of a sheet.
    A,
    /// Kinematics and masses credible; tensors or masses approximated, with a stated tolerance.
    B,
    /// Kinematics only, or placeholder inertias.
    C,
}

/// Names inside the model that others build on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobotInterface {
    /// Joints from base to tool; every list for each joint has this order.
    pub joints: Vec<String>,
    /// The motor of each joint.
    pub actuators: Vec<String>,
    /// Site on the flange, z outward; a tool's mount meets it.
    pub tool_mount: String,
    /// Site on the mounting face, z up, x forward.
    pub base: String,
    /// A posture to start from, rad, free of collision.
    pub home_rad: Vec<f64>,
}

/// The other arm of a robot with two: the same names and limits as the first has, on the same base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondArm {
    /// Joints from base to tool.
    pub joints: Vec<String>,
    /// The motor of each joint.
    pub actuators: Vec<String>,
    /// Site on its flange, z outward.
    pub tool_mount: String,
    /// Where it stands, rad, free of collision.
    pub home_rad: Vec<f64>,
    /// What its joints can do.
    pub limits: Limits,
}

/// What the joints can do, in N, m and m/s where one slides. Position, speed and torque bind a run; a blank acceleration means that none
/// is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Greatest torque at each joint's output, N·m.
    pub torque_nm: Series,
    /// Greatest speed, rad/s.
    pub speed_rad_s: Series,
    /// Range, rad.
    pub position_rad: Ranges,
    /// Greatest acceleration, rad/s².
    pub acceleration_rad_s2: Option<Series>,
}

/// A range for each joint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranges {
    /// Lower ends.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
    /// How far to trust them.
    pub standing: Standing,
    /// Key of a [`Source`].
    pub source: String,
}

impl RobotManifest {
    /// Reads and checks a `robot.toml`; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let document = Document::parse(file, text)?;
        let manifest: Self = document.decode()?;
        manifest.check(&document)?;
        Ok(manifest)
    }

    /// The maker's figure of that name (`payload_kg`), if there is one.
    pub fn claimed(&self, name: &str) -> Option<&Claim> {
        self.claim.iter().find(|claim| claim.name == name)
    }

    fn check(&self, document: &Document) -> Result<(), ManifestError> {
        document.sources(&self.source)?;
        document.assumptions(&self.assumption)?;
        claims(document, &self.claim, &self.source)?;

        let robot = &self.robot;
        document.id("robot.id", &robot.id)?;
        document.text("robot.name", &robot.name)?;
        document.text("robot.maker", &robot.maker)?;
        document.file_name("robot.model", &robot.model)?;
        document.words("robot.version", &robot.version)?;
        document.distinct("robot.sectors", "", robot.sectors.iter().map(String::as_str))?;
        for (i, sector) in robot.sectors.iter().enumerate() {
            document.id(&format!("robot.sectors.{i}"), sector)?;
        }
        document.within("robot.dof", f64::from(robot.dof), 1.0, 64.0)?;
        document.text("robot.dynamics_grade.reason", &robot.dynamics_grade.reason)?;
        document.positive("robot.dynamics_grade.tolerance", robot.dynamics_grade.tolerance, 1.0)?;

        let interface = &self.interface;
        let second = self.second_arm.as_ref();
        let dof = robot.dof as usize - second.map_or(0, |arm| arm.joints.len().min(robot.dof as usize - 1));
        let first = (&*interface.joints, &*interface.actuators, &*interface.home_rad);
        self.arm(document, ["interface", "limits"], first, &self.limits, dof)?;
        document.name("interface.tool_mount", &interface.tool_mount)?;
        document.name("interface.base", &interface.base)?;
        check_trains(document, &self.drive_train, &interface.joints, &self.source)?;
        if let Some(arm) = second {
            let names = (&*arm.joints, &*arm.actuators, &*arm.home_rad);
            self.arm(document, ["second_arm", "second_arm.limits"], names, &arm.limits, arm.joints.len())?;
            document.name("second_arm.tool_mount", &arm.tool_mount)?;
            if let Some(i) = arm.joints.iter().position(|name| interface.joints.contains(name)) {
                let what = format!("`{}` is a joint of the first arm", arm.joints[i]);
                return Err(document.fault(&format!("second_arm.joints.{i}"), what));
            }
        }
        Ok(())
    }

    /// One arm: `joints`, `actuators` and `home_rad` under the first of `paths`, its limits under the second.
    fn arm(
        &self,
        document: &Document,
        [at, limited]: [&str; 2],
        (joints, actuators, home): (&[String], &[String], &[f64]),
        limits: &Limits,
        dof: usize,
    ) -> Result<(), ManifestError> {
        for (list, names) in [("joints", joints), ("actuators", actuators)] {
            let path = format!("{at}.{list}");
            document.length(&path, names.len(), dof, "degree of freedom")?;
            document.distinct(&path, "", names.iter().map(String::as_str))?;
            for (i, name) in names.iter().enumerate() {
                document.name(&format!("{path}.{i}"), name)?;
            }
        }
        document.length(&format!("{at}.home_rad"), home.len(), dof, "joint")?;

        document.series(&format!("{limited}.torque_nm"), &limits.torque_nm, dof, "joint", 1e5, &self.source)?;
        document.series(&format!("{limited}.speed_rad_s"), &limits.speed_rad_s, dof, "joint", 100.0, &self.source)?;
        if let Some(acceleration) = &limits.acceleration_rad_s2 {
            document.series(&format!("{limited}.acceleration_rad_s2"), acceleration, dof, "joint", 1e4, &self.source)?;
        }
        let ranges = &limits.position_rad;
        let path = format!("{limited}.position_rad");
        document.length(&format!("{path}.low"), ranges.low.len(), dof, "joint")?;
        document.length(&format!("{path}.high"), ranges.high.len(), dof, "joint")?;
        document.source(&format!("{path}.source"), &ranges.source, &self.source)?;
        for (i, joint) in joints.iter().enumerate() {
            let (low, high, home) = (ranges.low[i], ranges.high[i], home[i]);
            document.within(&format!("{path}.low.{i}"), low, -1e3, 1e3)?;
            document.within(&format!("{path}.high.{i}"), high, -1e3, 1e3)?;
            if low >= high {
                return Err(document.fault(
                    &format!("{path}.low.{i}"),
                    format!("joint `{joint}` ranges from {low} up to {high}; the low end must be below the high end"),
                ));
            }
            if !(low <= home && home <= high) {
                return Err(document.fault(
                    &format!("{at}.home_rad.{i}"),
                    format!("joint `{joint}` is at {home} in home, outside its range {low} to {high}"),
                ));
            }
        }
        Ok(())
    }
}

/// Checks a list of claims: name, unit, number and source.
pub(super) fn claims(document: &Document, claims: &[Claim], sources: &[Source]) -> Result<(), ManifestError> {
    document.distinct("claim", "name", claims.iter().map(|claim| claim.name.as_str()))?;
    for (i, claim) in claims.iter().enumerate() {
        document.name(&format!("claim.{i}.name"), &claim.name)?;
        document.unit(&format!("claim.{i}.unit"), &claim.name, &claim.unit)?;
        document.within(&format!("claim.{i}.value"), claim.value, 0.0, 1e9)?;
        document.source(&format!("claim.{i}.source"), &claim.source, sources)?;
    }
    Ok(())
}
