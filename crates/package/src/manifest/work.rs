//! Work with the tip of a tool at a site: what is bored there, what is to be done, and the sensor that feels it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

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
    /// How deep the tip goes below the site, m; there exactly where something is put in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth_m: Option<f64>,
    /// The surface that is gone over; there exactly where something is traced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patch>,
    /// Who is fed from what; there exactly where somebody is fed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feeding: Option<Feeding>,
    /// How far to trust it.
    pub standing: Standing,
    /// Key of a [`super::Source`].
    pub source: String,
}

/// A part of a surface around a site, gone over in lanes: a rectangle in the site's xy plane, seen along the site's -z.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// Geoms of the world that the surface is made of.
    pub on: Vec<String>,
    /// Edge along the site's x, in which the lanes run, m.
    pub length_m: f64,
    /// Edge along its y, m.
    pub width_m: f64,
    /// Greatest distance of two lanes, m.
    pub pitch_m: f64,
    /// How far the lanes go beyond the patch on all sides, m.
    pub margin_m: f64,
    /// Force along the normal, N.
    pub force_n: f64,
    /// Share of that force with which a place counts as covered.
    pub least_share: f64,
    /// Radius of the tool's face, m.
    pub contact_radius_m: f64,
    /// Edge of the cells in which the patch is judged, m.
    pub cell_m: f64,
    /// What the tool takes off; nothing if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removal: Option<Removal>,
}

/// Removal of material by a spinning tool: dh = k·p·v·dt (Preston, *The theory and design of plate glass polishing machines*, 1927).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Preston's k, 1/Pa.
    pub preston_1_pa: Figure,
    /// Speed of the rim of the spinning face, m/s.
    pub rim_speed_m_s: Figure,
}

/// Pieces of food in a bowl, and lips that take them off a spoon.
///
/// A bite is offered once the tip of the spoon has stayed near the mouth for some time; what lies on the spoon then, and how far the
/// tip was from the mouth on the mean over the second half of that time, is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeding {
    /// Site in the middle of the bowl's floor, z up, x along the bowl. The pieces stand on it.
    pub bowl: String,
    /// Inner length and width of the bowl, along x and y of that site, m.
    pub inner_m: [f64; 2],
    /// Height of the rim above that site, m.
    pub rim_m: f64,
    /// Geoms of the lips, on the body that carries the mouth's site.
    pub lips: Vec<String>,
    /// Distance of the tip of the spoon from the mouth that is near, m.
    pub near_m: f64,
    /// How long it must stay near, s.
    pub bite_s: f64,
}

/// The vocabulary of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// Put the tip into the hole that opens at the site.
    Insert,
    /// Go over a patch of the surface around the site, pressing on it.
    Trace,
    /// Take food from a bowl with a spoon and offer it at the mouth: the site between the lips, z out of it, x up.
    Feed,
}

/// Most cells and path points of a patch.
const MOST_CELLS: f64 = 1e5;

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
        document.source(&format!("{path}.source"), &work.source, &manifest.source)?;
        match (work.kind, work.depth_m, &work.patch, &work.feeding) {
            (WorkKind::Insert, Some(depth_m), None, None) => {
                document.positive(&format!("{path}.depth_m"), depth_m, 10.0)?;
                if !manifest.bore.values().any(|bore| bore.at == work.at && bore.depth_m.value >= depth_m) {
                    let what = format!("no [bore] opens at `{}` that is {depth_m} m deep", work.at);
                    return Err(document.fault(&format!("{path}.at"), what));
                }
            }
            (WorkKind::Trace, None, Some(patch), None) => traced(manifest, document, &format!("{path}.patch"), patch)?,
            (WorkKind::Insert, ..) => return Err(document.fault(&path, "`insert` takes `depth_m` and no `patch`")),
            (WorkKind::Trace, ..) => return Err(document.fault(&path, "`trace` takes a `patch` and no `depth_m`")),
            (WorkKind::Feed, None, None, Some(feeding)) => fed(manifest, document, &format!("{path}.feeding"), feeding)?,
            (WorkKind::Feed, ..) => return Err(document.fault(&path, "`feed` takes `feeding` and no `depth_m` or `patch`")),
        }
    }
    Ok(())
}

fn traced(manifest: &ScenarioManifest, document: &Document, path: &str, patch: &Patch) -> Result<(), ManifestError> {
    if manifest.force_sensor.is_none() {
        return Err(document.fault(path, "a patch is gone over with a force; the scenario needs a [force_sensor]"));
    }
    if patch.on.is_empty() {
        return Err(document.fault(&format!("{path}.on"), "`on` is empty; name the geoms of the surface"));
    }
    document.distinct(&format!("{path}.on"), "", patch.on.iter().map(String::as_str))?;
    for (i, geom) in patch.on.iter().enumerate() {
        document.name(&format!("{path}.on.{i}"), geom)?;
    }
    let numbers = [("length_m", patch.length_m, 10.0), ("width_m", patch.width_m, 10.0), ("pitch_m", patch.pitch_m, 10.0)];
    let more =
        [("force_n", patch.force_n, 1e4), ("contact_radius_m", patch.contact_radius_m, 1.0), ("cell_m", patch.cell_m, 1.0)];
    for (field, value, most) in numbers.into_iter().chain(more) {
        document.positive(&format!("{path}.{field}"), value, most)?;
    }
    document.within(&format!("{path}.margin_m"), patch.margin_m, 0.0, 1.0)?;
    document.within(&format!("{path}.least_share"), patch.least_share, 0.01, 1.0)?;
    for (field, across) in [("cell_m", patch.cell_m), ("pitch_m", patch.pitch_m)] {
        let (length, width) = (patch.length_m + 2.0 * patch.margin_m, patch.width_m + 2.0 * patch.margin_m);
        if length / across.min(0.002) * (width / across) > MOST_CELLS {
            return Err(document.fault(&format!("{path}.{field}"), "too fine for a patch of this size"));
        }
    }
    if let Some(removal) = &patch.removal {
        document.figure(&format!("{path}.removal.preston_1_pa"), &removal.preston_1_pa, 1.0, &manifest.source)?;
        document.figure(&format!("{path}.removal.rim_speed_m_s"), &removal.rim_speed_m_s, 1e3, &manifest.source)?;
    }
    Ok(())
}

fn fed(manifest: &ScenarioManifest, document: &Document, path: &str, feeding: &Feeding) -> Result<(), ManifestError> {
    document.name(&format!("{path}.bowl"), &feeding.bowl)?;
    for (i, inner) in feeding.inner_m.iter().enumerate() {
        document.positive(&format!("{path}.inner_m.{i}"), *inner, 1.0)?;
    }
    for (field, value, most) in [("rim_m", feeding.rim_m, 1.0), ("near_m", feeding.near_m, 1.0), ("bite_s", feeding.bite_s, 60.0)]
    {
        document.positive(&format!("{path}.{field}"), value, most)?;
    }
    document.distinct(&format!("{path}.lips"), "", feeding.lips.iter().map(String::as_str))?;
    for (i, lip) in feeding.lips.iter().enumerate() {
        document.name(&format!("{path}.lips.{i}"), lip)?;
    }
    let scattered = manifest.scatter.values().any(|scatter| scatter.at == feeding.bowl);
    if !scattered && !manifest.generate.values().any(|generate| generate.at == feeding.bowl) {
        let what = format!("no [scatter] or [generate] puts pieces at `{}`", feeding.bowl);
        return Err(document.fault(&format!("{path}.bowl"), what));
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
