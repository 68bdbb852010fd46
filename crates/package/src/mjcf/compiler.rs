//! `compiler`: how the rest of the file is to be understood.

use super::Reading;
use crate::files;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::Report;
use crate::xml::tree::Element;
use alloc::string::String;
use leitai_math::real;
use leitai_model::spec::InertiaFromGeom;

/// How the rest of the file is to be understood.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// Angles are written in degrees.
    pub degrees: bool,
    /// Letters of the Euler sequence.
    pub euler_sequence: [u8; 3],
    /// A range alone makes a limit.
    pub autolimits: bool,
    /// Drop folders from file names.
    pub strip_path: bool,
    /// Geoms that only draw are not wanted. Only a URDF heeds it: here they are kept, as they change no motion.
    pub discard_visual: bool,
    /// Muscles take their length ranges from the limits of their joints and tendons.
    pub lengths_from_limits: bool,
    mesh_folder: Option<String>,
    asset_folder: Option<String>,
}

impl Default for Compiler {
    fn default() -> Self {
        Self {
            degrees: true,
            euler_sequence: *b"xyz",
            autolimits: true,
            strip_path: false,
            discard_visual: false,
            lengths_from_limits: false,
            mesh_folder: None,
            asset_folder: None,
        }
    }
}

impl Compiler {
    /// An angle as written, in radians.
    pub fn angle(&self, written: f64) -> f64 {
        if self.degrees { written / 180.0 * real::PI } else { written }
    }
    /// The path of a mesh file named in a model that lies in `folder`.
    pub fn mesh_path(&self, folder: &str, name: &str) -> String {
        let name = if self.strip_path { files::file_name(name) } else { name };
        let meshes = self.mesh_folder.as_deref().or(self.asset_folder.as_deref()).unwrap_or("");
        files::join(&files::join(folder, meshes), name)
    }
    /// Whether `range` acts as a limit, given the `limited` attribute (none is "auto").
    pub fn limited(
        &self,
        limited: Option<bool>,
        range: [f64; 2],
        names: [&str; 2],
        element: &Element,
    ) -> Result<bool, DescriptionError> {
        let [limit_name, range_name] = names;
        match limited {
            Some(limited) => Ok(limited),
            None if self.autolimits => Ok(range[0] < range[1]),
            None if range != [0.0; 2] => {
                let what = alloc::format!("`{range_name}` is given without `{limit_name}` while autolimits is off");
                Err(element.error(what, alloc::format!("add {limit_name}=\"true\" or \"false\"")))
            }
            None => Ok(false),
        }
    }
}

/// Reads the section into `reading.compiler` and the rules of inertia.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element).with_children();
    let compiler = &mut reading.compiler;
    let rules = &mut reading.spec.inertia;
    set(&mut compiler.degrees, a.keyword("angle", &[("radian", false), ("degree", true)])?);
    set(&mut compiler.autolimits, a.flag("autolimits")?);
    set(&mut compiler.strip_path, a.flag("strippath")?);
    set(&mut compiler.discard_visual, a.flag("discardvisual")?);
    if let Some(sequence) = a.text("eulerseq") {
        match <[u8; 3]>::try_from(sequence.as_bytes()) {
            Ok(letters) if letters.iter().all(|letter| b"xyzXYZ".contains(letter)) => compiler.euler_sequence = letters,
            _ => {
                let what = alloc::format!("eulerseq=\"{sequence}\" is not a sequence of three axes");
                return Err(element.error(what, "write three letters of x, y, z, X, Y, Z"));
            }
        }
    }
    if let Some(folder) = a.text("meshdir") {
        compiler.mesh_folder = Some(folder.into());
    }
    if let Some(folder) = a.text("assetdir") {
        compiler.asset_folder = Some(folder.into());
    }
    if a.keyword("coordinate", &[("local", false), ("global", true)])? == Some(true) {
        return Err(element.error("coordinate=\"global\" is no longer part of MJCF", "write poses in the parent's frame"));
    }
    let from_geom = [("false", InertiaFromGeom::Never), ("true", InertiaFromGeom::Always), ("auto", InertiaFromGeom::Auto)];
    set(&mut rules.from_geom, a.keyword("inertiafromgeom", &from_geom)?);
    if let Some([low, high]) = a.numbers::<2>("inertiagrouprange")? {
        // Groups are small whole numbers; the conversion saturates.
        #[allow(clippy::cast_possible_truncation)]
        let groups = [low as i32, high as i32];
        rules.groups = groups;
    }
    set(&mut rules.bound_mass, a.not_negative("boundmass")?);
    set(&mut rules.bound_inertia, a.not_negative("boundinertia")?);
    set(&mut rules.balance, a.flag("balanceinertia")?);
    set(&mut rules.total_mass, a.number("settotalmass")?);
    for child in &element.children {
        if &*child.name != "lengthrange" {
            return Err(child.unknown_element(["lengthrange"].into_iter()));
        }
        read_length_range(reading, child)?;
    }
    let saving = ["savecanonical", "savecompiled", "saveinertial", "texturedir", "usethread", "conflict", "passthrough"];
    a.finish(&mut reading.reports, &saving, &["alignfree", "fitaabb", "fusestatic"])
}

/// Reads how the length ranges of muscles are found.
fn read_length_range(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element);
    let search = &mut reading.spec.option.length_search;
    let modes = [("none", false), ("muscle", true), ("muscleuser", true), ("all", true)];
    if a.keyword("mode", &modes)? == Some(false) {
        let zh = "不支持 mode=\"none\"，肌肉的长度范围仍会求出";
        reading.reports.push(Report::new(
            &element.at,
            zh,
            "mode=\"none\" is not supported; muscles get length ranges all the same",
        ));
    }
    if a.flag("useexisting")? == Some(false) {
        let zh = "不支持 useexisting=\"false\"，仍采用给出的 lengthrange";
        reading.reports.push(Report::new(
            &element.at,
            zh,
            "useexisting=\"false\" is not supported; a given `lengthrange` is used",
        ));
    }
    set(&mut reading.compiler.lengths_from_limits, a.flag("uselimit")?);
    set(&mut search.acceleration, a.not_negative("accel")?);
    set(&mut search.most_force, a.not_negative("maxforce")?);
    set(&mut search.decay_s, a.not_negative("timeconst")?);
    set(&mut search.timestep_s, a.not_negative("timestep")?);
    set(&mut search.total_s, a.not_negative("inttotal")?);
    set(&mut search.interval_s, a.not_negative("interval")?);
    // Whether a range has settled is for a person to judge, not for the reader.
    a.finish(&mut reading.reports, &["tolrange"], &[])
}

/// Overwrites `place` if there is something to write.
pub fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
