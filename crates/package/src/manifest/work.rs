//! Work with the tip of a tool at a site: what is bored there, what is to be done, and the sensor that feels it.

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::common::{Figure, Series, Standing};
use super::document::{Document, ManifestError};
use super::scenario::{Contact, ScenarioManifest};

/// Six-axis force sensor between flange and tool. Readings hold the tool's weight; the controller takes it off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrist {
    /// Standard deviation of each force reading, N.
    pub force_sd_n: f64,
    /// Standard deviation of each torque reading, N·m.
    pub torque_sd_nm: f64,
    /// Offset of each force, drawn once in a trial, evenly from minus to plus this, N.
    pub force_offset_n: f64,
    /// Offset of each torque, drawn in the same way, N·m.
    pub torque_offset_nm: f64,
    /// Greatest force along an axis that it can show, N.
    pub force_range_n: f64,
    /// Greatest torque about an axis that it can show, N·m.
    pub torque_range_nm: f64,
    /// How far to trust the figures.
    pub standing: Standing,
    /// Key of a [`super::Source`].
    pub source: String,
}

/// A block with a round hole without a chamfer, opening at a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bore {
    /// Site in the middle of the opening, z out of it. The block moves with the body that carries the site.
    pub at: String,
    /// Edges of the block along x, y and z of the site, m.
    pub block_m: Series,
    /// Diameter of the peg that is meant, m.
    pub peg_diameter_m: Figure,
    /// How much wider the hole is.
    pub clearance: Clearance,
    /// Depth of the hole, m.
    pub depth_m: Figure,
    /// Sliding friction.
    pub friction: Figure,
    /// Softness of its contacts.
    pub contact: Contact,
    /// Color as drawn: red, green, blue, opacity, each 0 to 1.
    pub rgba: [f64; 4],
}

/// Diameter of a hole over that of its peg, m: the value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clearance {
    /// Name of a [`super::Parameter`] in m.
    pub parameter: String,
}

/// Something that the tool's tip does at a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TipWork {
    /// Name, used by task programs as their goal.
    pub id: String,
    /// What is done.
    pub kind: WorkKind,
    /// Site where it is done, z against the tool.
    pub at: String,
    /// How deep the tip goes below the site, m.
    pub depth_m: f64,
    /// How far to trust it.
    pub standing: Standing,
    /// Key of a [`super::Source`].
    pub source: String,
}

/// The vocabulary of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// Put the tip into the hole that opens at the site.
    Insert,
}

/// Checks sensor, holes and work of a scenario.
pub(super) fn check(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    if let Some(sensor) = &manifest.force_sensor {
        for (field, value, most) in [
            ("force_sd_n", sensor.force_sd_n, 1e3),
            ("torque_sd_nm", sensor.torque_sd_nm, 1e3),
            ("force_offset_n", sensor.force_offset_n, 1e3),
            ("torque_offset_nm", sensor.torque_offset_nm, 1e3),
        ] {
            document.within(&format!("force_sensor.{field}"), value, 0.0, most)?;
        }
        document.positive("force_sensor.force_range_n", sensor.force_range_n, 1e6)?;
        document.positive("force_sensor.torque_range_nm", sensor.torque_range_nm, 1e6)?;
        document.source("force_sensor.source", &sensor.source, &manifest.source)?;
    }
    for (name, bore) in &manifest.bore {
        hole(manifest, document, name, bore)?;
    }
    document.distinct("work", "id", manifest.work.iter().map(|work| work.id.as_str()))?;
    for (i, work) in manifest.work.iter().enumerate() {
        let path = format!("work.{i}");
        document.id(&format!("{path}.id"), &work.id)?;
        if manifest.goal.iter().any(|goal| goal.id == work.id) {
            return Err(document.fault(&format!("{path}.id"), format!("`{}` is a [[goal]] already", work.id)));
        }
        document.name(&format!("{path}.at"), &work.at)?;
        document.positive(&format!("{path}.depth_m"), work.depth_m, 10.0)?;
        document.source(&format!("{path}.source"), &work.source, &manifest.source)?;
        let bores = manifest.bore.values().any(|bore| bore.at == work.at && bore.depth_m.value >= work.depth_m);
        if work.kind == WorkKind::Insert && !bores {
            let what = format!("no [bore] opens at `{}` that is {} m deep", work.at, work.depth_m);
            return Err(document.fault(&format!("{path}.at"), what));
        }
    }
    Ok(())
}

fn hole(manifest: &ScenarioManifest, document: &Document, name: &str, bore: &Bore) -> Result<(), ManifestError> {
    let path = format!("bore.{name}");
    document.name(&path, name)?;
    document.name(&format!("{path}.at"), &bore.at)?;
    document.series(&format!("{path}.block_m"), &bore.block_m, 3, "axis", 10.0, &manifest.source)?;
    document.figure(&format!("{path}.peg_diameter_m"), &bore.peg_diameter_m, 1.0, &manifest.source)?;
    document.figure(&format!("{path}.depth_m"), &bore.depth_m, bore.block_m.value[2], &manifest.source)?;
    document.figure(&format!("{path}.friction"), &bore.friction, 5.0, &manifest.source)?;
    bore.contact.check(document, &path, manifest)?;
    for (i, channel) in bore.rgba.iter().enumerate() {
        document.within(&format!("{path}.rgba.{i}"), *channel, 0.0, 1.0)?;
    }
    let at = format!("{path}.clearance.parameter");
    document.refers(&at, "[parameter] named", &bore.clearance.parameter, manifest.parameter.keys().map(String::as_str))?;
    let parameter = &manifest.parameter[&bore.clearance.parameter];
    if parameter.unit != "m" {
        return Err(document.fault(&at, format!("a clearance is in m, `{}` is in {}", bore.clearance.parameter, parameter.unit)));
    }
    document.positive(&format!("parameter.{}.min", bore.clearance.parameter), parameter.min, 1.0)?;
    let widest = bore.peg_diameter_m.value + parameter.max;
    if widest >= bore.block_m.value[0].min(bore.block_m.value[1]) {
        return Err(document.fault(&format!("{path}.block_m"), format!("a hole of {widest} m does not fit the block")));
    }
    Ok(())
}
