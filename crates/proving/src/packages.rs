//! The packages of a claim, read and joined: robot, tool, scenario, solution.
//!
//! Everything comes from files in memory, by their path in a catalog (`robots/ur20/robot.toml`), so that a bundle, an embedded
//! catalog and a folder are read alike. Digests are of parsed content: a comment or a blank line changes none.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_model::{Solver, Spec};
use leitai_package::manifest::{
    Controller, Drive, DriveTrain, ManifestError, PartClass, PartManifest, Reducer, ReducerKind, RobotManifest, ScenarioManifest,
    ServoMotor, SolutionManifest,
};
use leitai_package::{DescriptionError, Report, mjcf};
use leitai_runtime::{Module, Refusal, SANDBOX};
use leitai_skills::Described;
use serde::Serialize;

use crate::canonical::{Canonical, Digest};

/// Files by catalog path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A tool with its model.
#[derive(Clone, Debug)]
pub struct Tool {
    /// What its package says.
    pub manifest: PartManifest,
    /// Its model.
    pub model: Spec,
}

/// The parts that turn one joint, read.
#[derive(Clone, Debug)]
pub struct Train {
    /// Which joint, and how warm it is there.
    pub train: DriveTrain,
    /// Its motor.
    pub motor: ServoMotor,
    /// Its reducer.
    pub reducer: Reducer,
    /// What kind of reducer.
    pub kind: ReducerKind,
    /// Its drive.
    pub drive: Drive,
    /// A counterfactual: the reducer does not twist.
    pub rigid: bool,
    /// A counterfactual: the motor does not heat up.
    pub cold: bool,
}

/// Everything a claim is about.
#[derive(Clone, Debug)]
pub struct Packages {
    /// What the robot's package says.
    pub robot: RobotManifest,
    /// The robot's model.
    pub robot_model: Spec,
    /// The parts that turn its joints, as far as its package names them, in its order.
    pub trains: Vec<Train>,
    /// The tool the scenario asks for.
    pub tool: Option<Tool>,
    /// What the scenario's package says.
    pub scenario: ScenarioManifest,
    /// The scenario's world.
    pub world: Spec,
    /// How the robot does the job.
    pub solution: SolutionManifest,
    /// The solution's module, if it is a controller.
    pub module: Option<Module>,
    /// The files of these packages and no others.
    pub files: Files,
    /// What the models ask for and do not get.
    pub reports: Vec<Report>,
    /// Digest of each package's parsed content: robot (with its tool), scenario, solution.
    pub digests: [Digest; 3],
}

/// Why packages cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// No package of that id.
    #[error("there is no {kind} `{id}` in the catalog{hint}")]
    Unknown {
        /// Kind of package.
        kind: &'static str,
        /// The id asked for.
        id: String,
        /// The nearest id, as the end of a sentence.
        hint: String,
    },
    /// A file is not text.
    #[error("{0}: not UTF-8 text; save the file as UTF-8")]
    NotText(String),
    /// A manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A model is wrong.
    #[error(transparent)]
    Model(#[from] DescriptionError),
    /// A part of another kind than its place needs.
    #[error("{file}: `{part}` is a {class}, and {place} needs a {needed}")]
    OtherPart {
        /// The manifest that names it.
        file: String,
        /// Its id.
        part: String,
        /// What it is.
        class: &'static str,
        /// Where it is named.
        place: String,
        /// What belongs there.
        needed: &'static str,
    },
    /// A controller without its module.
    #[error("{manifest}: there is no file `{module}` beside it; put the built module there")]
    NoModule {
        /// The manifest that names it.
        manifest: String,
        /// Its name.
        module: String,
    },
    /// A module that cannot be a controller.
    #[error("{file}: {why}")]
    Module {
        /// The module.
        file: String,
        /// What is wrong with it.
        why: Refusal,
    },
}

/// Kinds of packages: folder in the catalog, and name of the manifest.
pub const KINDS: [(&str, &str, &str); 4] = [
    ("robot", "robots", "robot.toml"),
    ("part", "parts", "part.toml"),
    ("scenario", "scenarios", "scenario.toml"),
    ("solution", "solutions", "solution.toml"),
];

impl Packages {
    /// Reads the packages of a claim out of `catalog`. Without a `solution`, the first that names the scenario is taken.
    ///
    /// # Errors
    /// If a package is missing or wrong; the message says where and what to change.
    pub fn read(catalog: &Files, robot: &str, scenario: &str, solution: Option<&str>) -> Result<Self, PackagesError> {
        let mut files = Files::new();
        let robot_manifest = RobotManifest::parse(&manifest_path("robot", robot), &take(catalog, &mut files, "robot", robot)?)?;
        let scenario_text = take(catalog, &mut files, "scenario", scenario)?;
        let scenario_manifest = ScenarioManifest::parse(&manifest_path("scenario", scenario), &scenario_text)?;
        let solution_id = match solution {
            Some(id) => id.to_string(),
            None => default_solution(catalog, scenario)?,
        };
        let read = Solution::read(catalog, &solution_id)?;
        files.extend(read.files);
        let mut reports = Vec::new();
        let mut model = |path: String| -> Result<Spec, PackagesError> {
            let loaded = mjcf::read(&path, catalog)?;
            reports.extend(loaded.reports);
            Ok(loaded.spec)
        };
        let mut robot_model = model(format!("robots/{robot}/{}", robot_manifest.robot.model))?;
        let trains = read_trains(catalog, &mut files, &robot_manifest)?;
        crate::trial::drives::weigh(&mut robot_model, &trains);
        let world = model(format!("scenarios/{scenario}/{}", scenario_manifest.scenario.world))?;
        let tool = match &scenario_manifest.mount.tool {
            None => None,
            Some(id) => {
                let manifest = PartManifest::parse(&manifest_path("part", id), &take(catalog, &mut files, "part", id)?)?;
                if !manifest.part.class.is_tool() {
                    let (file, class) = (manifest_path("scenario", scenario), manifest.part.class.word());
                    let place = "[mount] tool".to_string();
                    return Err(PackagesError::OtherPart { file, part: id.clone(), class, place, needed: "tool" });
                }
                let model = model(format!("parts/{id}/{}", manifest.part.model))?;
                Some(Tool { manifest, model })
            }
        };
        if world.option.solver != Solver::Newton {
            let zh = "接触模式 stick 只用牛顿法求解，`solver` 不起作用";
            let en = "contact mode `stick` is solved by Newton's method only; `solver` has no effect";
            reports.push(Report::new(&world.world.source, zh, en));
        }
        Ok(Self {
            digests: [
                robot_digest(&files, robot, &robot_manifest, tool.as_ref().map(|tool| &tool.manifest)),
                scenario_digest(&files, scenario, &scenario_manifest),
                read.digest,
            ],
            robot: robot_manifest,
            robot_model,
            trains,
            tool,
            scenario: scenario_manifest,
            world,
            solution: read.manifest,
            module: read.module,
            files,
            reports,
        })
    }
}

impl Packages {
    /// What a controller is told of them.
    #[must_use]
    pub fn described(&self) -> Described<'_> {
        Described {
            robot: &self.robot,
            robot_model: &self.robot_model,
            tool: self.tool.as_ref().map(|tool| (&tool.manifest, &tool.model)),
            scenario: &self.scenario,
            world: &self.world,
        }
    }
}

/// A robot alone, with its model as it is written and the parts that turn its joints.
#[derive(Clone, Debug)]
pub struct Machine {
    /// What its package says.
    pub robot: RobotManifest,
    /// Its model, without rotors.
    pub model: Spec,
    /// Its parts.
    pub trains: Vec<Train>,
}

impl Machine {
    /// Reads the robot `id` out of `catalog`.
    ///
    /// # Errors
    /// If it or a part is missing or wrong.
    pub fn read(catalog: &Files, id: &str) -> Result<Self, PackagesError> {
        let robot = RobotManifest::parse(&manifest_path("robot", id), &take(catalog, &mut Files::new(), "robot", id)?)?;
        let model = mjcf::read(&format!("robots/{id}/{}", robot.robot.model), catalog)?.spec;
        let trains = trains(catalog, &robot)?;
        Ok(Self { robot, model, trains })
    }
}

/// The parts that turn a robot's joints, as far as its package names them, out of `catalog`.
///
/// # Errors
/// If a part is missing, faulty or of another class.
pub fn trains(catalog: &Files, robot: &RobotManifest) -> Result<Vec<Train>, PackagesError> {
    read_trains(catalog, &mut Files::new(), robot)
}

/// Reads the parts that turn a robot's joints, and copies their files.
fn read_trains(catalog: &Files, files: &mut Files, robot: &RobotManifest) -> Result<Vec<Train>, PackagesError> {
    let mut trains = Vec::new();
    for train in &robot.drive_train {
        let mut part = |id: &String, needed: PartClass| -> Result<PartManifest, PackagesError> {
            let manifest = PartManifest::parse(&manifest_path("part", id), &take(catalog, files, "part", id)?)?;
            if manifest.part.class == needed {
                return Ok(manifest);
            }
            let (file, class) = (manifest_path("robot", &robot.robot.id), manifest.part.class.word());
            let place = format!("joint `{}`", train.joint);
            Err(PackagesError::OtherPart { file, part: id.clone(), class, place, needed: needed.word() })
        };
        let motor = part(&train.motor, PartClass::ServoMotor)?.servo_motor.expect("checked with its class");
        let drive = part(&train.drive, PartClass::Drive)?.drive.expect("checked with its class");
        let reducer = part(&train.reducer, PartClass::Reducer)?;
        let kind = reducer.part.reducer_kind.expect("checked with its class");
        let reducer = reducer.reducer.expect("checked with its class");
        trains.push(Train { train: train.clone(), motor, reducer, kind, drive, rigid: false, cold: false });
    }
    Ok(trains)
}

/// Digest of the parsed content of the robot `id` together with the tool that it carries and the parts that turn its joints, all of
/// whose files are among `files`.
#[must_use]
pub fn robot_digest(files: &Files, id: &str, robot: &RobotManifest, tool: Option<&PartManifest>) -> Digest {
    let mut form = Canonical::new("leitai robot content v1");
    add_manifest(&mut form, robot);
    add_models(&mut form, files, &format!("robots/{id}/"));
    if let Some(tool) = tool {
        add_manifest(&mut form, tool);
        add_models(&mut form, files, &format!("parts/{}/", tool.part.id));
    }
    for part in robot.drive_train.iter().flat_map(|train| [&train.motor, &train.reducer, &train.drive]) {
        let path = manifest_path("part", part);
        let text = files.get(&path).and_then(|bytes| core::str::from_utf8(bytes).ok());
        match text.and_then(|text| PartManifest::parse(&path, text).ok()) {
            Some(manifest) => add_manifest(&mut form, &manifest),
            None => drop(form.text("no such part")),
        }
    }
    form.finish()
}

/// Digest of the parsed content of the scenario `id`, whose files are among `files`.
#[must_use]
pub fn scenario_digest(files: &Files, id: &str, scenario: &ScenarioManifest) -> Digest {
    let mut form = Canonical::new("leitai scenario content v1");
    add_manifest(&mut form, scenario);
    add_models(&mut form, files, &format!("scenarios/{id}/"));
    form.finish()
}

/// A solution's package, read alone: what a stranger hands in is checked by this before it is kept.
#[derive(Clone, Debug)]
pub struct Solution {
    /// What its manifest says.
    pub manifest: SolutionManifest,
    /// Its module, checked, translated and started once, if it is a controller.
    pub module: Option<Module>,
    /// Digest of its content.
    pub digest: Digest,
    /// Its files and no others.
    pub files: Files,
}

impl Solution {
    /// Reads the solution `id` out of `catalog`.
    ///
    /// # Errors
    /// If it is missing or wrong, or its module cannot be a controller; the message says where and what to change.
    pub fn read(catalog: &Files, id: &str) -> Result<Self, PackagesError> {
        let mut files = Files::new();
        let text = take(catalog, &mut files, "solution", id)?;
        let path = manifest_path("solution", id);
        let manifest = SolutionManifest::parse(&path, &text)?;
        let module = match manifest.controller() {
            None => None,
            Some(controller) => {
                let file = module_path(id, controller);
                let missing = || PackagesError::NoModule { manifest: path, module: controller.module.clone() };
                let bytes = files.get(&file).ok_or_else(missing)?;
                let module = Module::read(bytes, controller.fuel.start_fuel);
                Some(module.map_err(|why| PackagesError::Module { file, why })?)
            }
        };
        Ok(Self { digest: solution_digest(&files, id, &manifest), manifest, module, files })
    }
}

/// Digest of the content of the solution `id`, whose files are among `files`: what its manifest says, and for a controller the bytes
/// of its module and the name of the sandbox, whose versions count fuel differently.
#[must_use]
pub fn solution_digest(files: &Files, id: &str, solution: &SolutionManifest) -> Digest {
    let mut form = Canonical::new("leitai solution content v1");
    add_manifest(&mut form, solution);
    if let Some(controller) = solution.controller() {
        form.text(SANDBOX).bytes(files.get(&module_path(id, controller)).map_or(&[], Vec::as_slice));
    }
    form.finish()
}

fn module_path(id: &str, controller: &Controller) -> String {
    format!("solutions/{id}/{}", controller.module)
}

/// Where the manifest of a package stands in a catalog.
///
/// # Panics
/// If there is no such kind.
#[must_use]
pub fn manifest_path(kind: &str, id: &str) -> String {
    let (_, folder, file) = KINDS.iter().find(|k| k.0 == kind).expect("a kind of package");
    format!("{folder}/{id}/{file}")
}

/// Ids of all packages of a kind, in alphabetical order.
#[must_use]
pub fn ids(catalog: &Files, kind: &str) -> Vec<String> {
    let Some((_, folder, file)) = KINDS.iter().find(|k| k.0 == kind) else { return Vec::new() };
    let prefix = format!("{folder}/");
    let suffix = format!("/{file}");
    let name = |path: &String| Some(path.strip_prefix(&prefix)?.strip_suffix(&suffix)?.to_string());
    let mut ids: Vec<String> = catalog.keys().filter_map(name).collect();
    // Paths sort `a-b/` before `a/`.
    ids.sort();
    ids
}

/// Copies a package's files and gives the text of its manifest.
fn take(catalog: &Files, files: &mut Files, kind: &'static str, id: &str) -> Result<String, PackagesError> {
    let path = manifest_path(kind, id);
    let Some(bytes) = catalog.get(&path) else {
        let known = ids(catalog, kind);
        let hint = match leitai_model::nearest_name(known.iter().map(String::as_str), id) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if known.is_empty() => String::new(),
            None => format!("; there are {}", known.join(", ")),
        };
        return Err(PackagesError::Unknown { kind, id: id.to_string(), hint });
    };
    let folder = leitai_package::files::folder(&path);
    let inside = format!("{folder}/");
    for (name, content) in catalog.range(inside.clone()..).take_while(|(name, _)| name.starts_with(&inside)) {
        files.insert(name.clone(), content.clone());
    }
    String::from_utf8(bytes.clone()).map_err(|_| PackagesError::NotText(path))
}

fn default_solution(catalog: &Files, scenario: &str) -> Result<String, PackagesError> {
    for id in ids(catalog, "solution") {
        let path = manifest_path("solution", &id);
        let text = core::str::from_utf8(&catalog[&path]).map_err(|_| PackagesError::NotText(path.clone()))?;
        if SolutionManifest::parse(&path, text)?.solution.scenarios.iter().any(|s| s == scenario) {
            return Ok(id);
        }
    }
    let hint = format!("; add one whose `scenarios` lists `{scenario}`, or name one with --solution");
    Err(PackagesError::Unknown { kind: "solution", id: format!("for {scenario}"), hint })
}

/// Adds a manifest's content: its fields in their fixed order.
fn add_manifest(form: &mut Canonical, manifest: &impl Serialize) {
    let text = serde_json::to_string(manifest).expect("manifests hold text and finite numbers only");
    form.text(&text);
}

/// Adds the other files of a package: XML by its elements and attributes, anything else by its bytes.
fn add_models(form: &mut Canonical, files: &Files, folder: &str) {
    for (path, bytes) in files.range(folder.to_string()..).take_while(|(path, _)| path.starts_with(folder)) {
        if path.ends_with(".toml") {
            continue;
        }
        form.text(&path[folder.len()..]);
        let xml = if path.ends_with(".xml") { mjcf::content(path, files).ok() } else { None };
        match xml {
            Some(content) => form.text(&content),
            None => form.bytes(bytes),
        };
    }
}
