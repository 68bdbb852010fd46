//! What is doubtful about a robot's description, before anybody trusts a figure that comes out of it.
//!
//! [`check_file`] takes a `robot.toml`, an MJCF or a URDF file and says everything it finds; [`check`] looks at a description
//! that is already read. A finding names a rule, so that a program can count or filter them:
//!
//! | rule | says |
//! |---|---|
//! | `unreadable`, `unbuildable` | the file ends in an error |
//! | `not-read` | something in the file has no effect |
//! | `interface` | the manifest names what the model does not have |
//! | `mass-missing`, `mass-tiny`, `mass-huge`, `mass-claim` | masses |
//! | `inertia-impossible`, `inertia-size`, `inertia-placeholder`, `inertia-inferred`, `center-outside` | inertias |
//! | `limit-missing`, `limit-inverted`, `limit-wide`, `limit-claim` | joint limits |
//! | `home-outside`, `reference-outside` | postures against limits |
//! | `torque-unlimited`, `torque-claim`, `no-actuator` | motors |
//! | `self-collision`, `no-contact-shape` | contact |
//! | `units` | lengths that look like millimeters, angles that look like degrees |

mod inertia;
mod interface;
mod joints;
mod posture;
mod size;

use crate::files::{self, FileError, Files};
use crate::load::load;
use crate::manifest::{RobotManifest, Text};
use crate::urdf::Options;
use crate::xml::report::{Loss, Report};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_model::spec::{BodySpec, Source};
use leitai_model::{BuildError, Model, Spec};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The description cannot be used, or what comes out of it is wrong.
    Error,
    /// Probably a mistake.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// The rule, as in the table above.
    pub rule: &'static str,
    /// File and line; the name of the file where there is no line.
    pub place: String,
    /// What is wrong and what to change.
    pub text: Text,
}

impl Finding {
    fn new(level: Level, rule: &'static str, place: impl ToString, zh: String, en: String) -> Self {
        Self { level, rule, place: place.to_string(), text: Text { zh, en } }
    }
}

/// The most findings of one rule that are told one by one: a hostile file could have millions.
const MOST: usize = 200;

/// Findings, bounded for each rule.
#[derive(Default)]
struct Findings {
    told: Vec<Finding>,
    counts: BTreeMap<&'static str, usize>,
}

impl Findings {
    fn push(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.rule).or_default();
        *count += 1;
        if *count <= MOST {
            self.told.push(finding);
        }
    }

    /// All that is told, errors first, and how many more there are of a rule.
    fn finish(mut self) -> Vec<Finding> {
        for (rule, count) in self.counts {
            if count > MOST {
                let more = count - MOST;
                let place = self.told.iter().rfind(|finding| finding.rule == rule).map_or_else(String::new, |f| f.place.clone());
                let (zh, en) = (format!("另有 {more} 处同类问题"), format!("{more} more of this kind"));
                self.told.push(Finding { level: Level::Note, rule, place, text: Text { zh, en } });
            }
        }
        self.told.sort_by_key(|finding| finding.level);
        self.told
    }
}

/// What [`check_file`] could read, and what it found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The manifest, if one was given and is sound.
    pub manifest: Option<RobotManifest>,
    /// The description, if it can be read.
    pub spec: Option<Spec>,
    /// The model, if the description makes one.
    pub model: Option<Model>,
    /// What was found, errors first, then in the order of the file.
    pub findings: Vec<Finding>,
}

/// Reads and checks the file at `path` inside `files`: a `robot.toml` with the model it names, or a model alone.
///
/// ```
/// use std::collections::BTreeMap;
/// let xml = br#"<mujoco><worldbody><body name="b"><joint name="j"/><inertial mass="1" pos="0 0 0" diaginertia="1 1 9"/></body></worldbody></mujoco>"#;
/// let files = BTreeMap::from([("b.xml".to_string(), xml.to_vec())]);
/// let checked = leitai_package::lint::check_file("b.xml", &files, &Default::default());
/// assert_eq!(checked.findings[0].rule, "inertia-impossible");
/// assert_eq!(checked.findings[0].place, "b.xml:1");
/// ```
#[must_use]
pub fn check_file(path: &str, files: &dyn Files, urdf_options: &Options) -> Checked {
    let mut out = Checked::default();
    let mut model_path = path.to_owned();
    if files::extension(path) == "toml" {
        match read_manifest(path, files) {
            Ok(manifest) => {
                model_path = files::join(files::folder(path), &manifest.robot.model);
                out.manifest = Some(manifest);
            }
            Err(finding) => {
                out.findings.push(finding);
                return out;
            }
        }
    }
    let loaded = match load(&model_path, files, urdf_options) {
        Ok(loaded) => loaded,
        Err(error) => {
            out.findings.push(unreadable(&model_path, &error.to_string()));
            return out;
        }
    };
    let mut findings = Findings::default();
    loaded.reports.iter().map(not_read).for_each(|finding| findings.push(finding));
    out.model = check_into(&loaded.spec, out.manifest.as_ref(), &mut findings);
    out.findings = findings.finish();
    out.spec = Some(loaded.spec);
    out
}

/// Checks a description, against its manifest if there is one. Gives the model too, if the description makes one.
#[must_use]
pub fn check(spec: &Spec, manifest: Option<&RobotManifest>) -> (Option<Model>, Vec<Finding>) {
    let mut findings = Findings::default();
    let model = check_into(spec, manifest, &mut findings);
    (model, findings.finish())
}

fn check_into(spec: &Spec, manifest: Option<&RobotManifest>, findings: &mut Findings) -> Option<Model> {
    let mut moving = false;
    walk(&spec.world, false, true, &mut |body| {
        moving |= body.moves;
        inertia::check(spec, body, findings);
        joints::check(body.spec, findings);
        size::check(body, findings);
    });
    joints::check_actuators(spec, moving, findings);
    size::check_contact_shapes(spec, findings);
    let model = match spec.build() {
        Ok(model) => Some(model),
        Err(error) => {
            // An inertia that cannot be was found above, with all its like.
            let said = matches!(error, BuildError::ImpossibleInertia { .. } | BuildError::MasslessBody { .. })
                && findings
                    .told
                    .iter()
                    .any(|f| f.level == Level::Error && matches!(f.rule, "inertia-impossible" | "mass-missing"));
            if !said {
                findings.push(unbuildable(&error));
            }
            None
        }
    };
    if let Some(manifest) = manifest {
        interface::check(spec, manifest, findings);
    }
    if let Some(model) = &model {
        if let Some(manifest) = manifest {
            interface::check_mass(model, manifest, &spec.world.source, findings);
        }
        posture::check(spec, model, manifest, findings);
    }
    model
}

/// A body on the way through the tree.
struct Visited<'a> {
    spec: &'a BodySpec,
    /// It or something above has a joint.
    moves: bool,
    is_world: bool,
}

/// Visits `body` and everything below, parents first.
fn walk<'a>(body: &'a BodySpec, moves: bool, is_world: bool, visit: &mut dyn FnMut(&Visited<'a>)) {
    let moves = moves || !body.joints.is_empty();
    visit(&Visited { spec: body, moves, is_world });
    for child in &body.bodies {
        walk(child, moves, false, visit);
    }
}

fn read_manifest(path: &str, files: &dyn Files) -> Result<RobotManifest, Finding> {
    let bytes = files.read(path).map_err(|error: FileError| unreadable(path, &error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable(path, "not UTF-8 text; save the file as UTF-8"))?;
    RobotManifest::parse(path, &text).map_err(|error| unreadable(path, &error.to_string()))
}

/// An error that ends the reading. Its message starts with the place it speaks of, which is taken off.
fn unreadable(path: &str, message: &str) -> Finding {
    let (place, what) = split_place(path, message);
    Finding::new(Level::Error, "unreadable", place, format!("无法读取：{what}"), what.to_owned())
}

fn split_place<'a>(path: &str, message: &'a str) -> (String, &'a str) {
    let Some(rest) = message.strip_prefix(path).and_then(|rest| rest.strip_prefix(':')) else {
        return (path.to_owned(), message);
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest[digits..].strip_prefix(": ") {
        Some(what) if digits > 0 => (format!("{path}:{}", &rest[..digits]), what),
        _ => (path.to_owned(), rest.trim_start()),
    }
}

fn unbuildable(error: &BuildError) -> Finding {
    let at = match error {
        BuildError::MasslessBody { at, .. }
        | BuildError::ImpossibleInertia { at, .. }
        | BuildError::SameName { at, .. }
        | BuildError::UnknownName { at, .. }
        | BuildError::Invalid { at, .. } => at,
    };
    let place = at.to_string();
    let message = error.to_string();
    let what = message.strip_prefix(&*place).map_or(&*message, |rest| rest.trim_start_matches(": "));
    Finding::new(Level::Error, "unbuildable", place, format!("不能构成模型：{what}"), what.to_owned())
}

fn not_read(report: &Report) -> Finding {
    let source = Source { file: report.file.clone(), line: report.line };
    let level = match report.loss {
        Loss::Motion => Level::Warning,
        Loss::Drawing | Loss::Control => Level::Note,
    };
    Finding::new(level, "not-read", source, report.zh.clone(), report.what.clone())
}

/// A body's name in a sentence.
fn named(name: &str) -> &str {
    if name.is_empty() { "(unnamed)" } else { name }
}
