//! The packages at hand: built in, and whatever the user lays over them.
//!
//! A package laid over another of the same kind and id replaces it whole. Messages of the readers name files by their path in
//! the catalog; [`Catalog::where_it_is`] turns those into the paths that the user knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leitai_model::nearest_name;
use leitai_package::disk::Folder;
use leitai_package::files::Files as _;
use leitai_package::manifest::{ManifestError, PartManifest, RobotManifest, ScenarioManifest, SolutionManifest};
use leitai_proving::packages::{Files, ids, manifest_path};

use crate::arguments::Kind;
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};

/// The catalog of this repository, by path.
static BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// Where products stand in the action plan, beside the packages.
const PLAN: &str = "plan.toml";
/// A folder deeper than this, or with more files, is not a package.
const DEEPEST: usize = 8;
const MOST_FILES: usize = 10_000;
const MOST_BYTES: usize = 512 << 20;

/// Folder in a catalog, manifest, and names of a kind of package.
pub struct KindOf {
    /// Which.
    pub kind: Kind,
    /// As the readers call it.
    pub word: &'static str,
    /// Folder in a catalog.
    pub folder: &'static str,
    /// Manifest file.
    pub manifest: &'static str,
    /// For people.
    pub zh: &'static str,
}

/// Every kind, in the order they are listed.
pub const KINDS: [KindOf; 4] = [
    KindOf { kind: Kind::Robot, word: "robot", folder: "robots", manifest: "robot.toml", zh: "机器人" },
    KindOf { kind: Kind::Scenario, word: "scenario", folder: "scenarios", manifest: "scenario.toml", zh: "场景" },
    KindOf { kind: Kind::Solution, word: "solution", folder: "solutions", manifest: "solution.toml", zh: "方案" },
    KindOf { kind: Kind::Part, word: "part", folder: "parts", manifest: "part.toml", zh: "部件" },
];

impl Kind {
    /// What belongs to this kind.
    pub fn about(self) -> &'static KindOf {
        KINDS.iter().find(|k| k.kind == self).expect("KINDS lists every kind")
    }
}

/// A manifest that parsed.
#[derive(Clone, Debug)]
pub enum Manifest {
    /// A robot.
    Robot(Box<RobotManifest>),
    /// A tool.
    Part(Box<PartManifest>),
    /// A job.
    Scenario(Box<ScenarioManifest>),
    /// A way to do jobs.
    Solution(Box<SolutionManifest>),
}

impl Manifest {
    /// Reads the text of a manifest; `file` names it in messages.
    pub fn parse(kind: Kind, file: &str, text: &str) -> Result<Self, ManifestError> {
        Ok(match kind {
            Kind::Robot => Self::Robot(Box::new(RobotManifest::parse(file, text)?)),
            Kind::Part => Self::Part(Box::new(PartManifest::parse(file, text)?)),
            Kind::Scenario => Self::Scenario(Box::new(ScenarioManifest::parse(file, text)?)),
            Kind::Solution => Self::Solution(Box::new(SolutionManifest::parse(file, text)?)),
        })
    }

    /// The package's id.
    pub fn id(&self) -> &str {
        match self {
            Self::Robot(m) => &m.robot.id,
            Self::Part(m) => &m.part.id,
            Self::Scenario(m) => &m.scenario.id,
            Self::Solution(m) => &m.solution.id,
        }
    }
}

/// The packages at hand.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Every file by its path in the catalog.
    pub files: Arc<Files>,
    /// Folders on disk that packages came from, by their folder in the catalog.
    origins: BTreeMap<String, PathBuf>,
}

impl Catalog {
    /// The built-in packages, and over them those of `--catalog`.
    pub fn open(context: &Context) -> Result<Self, Failure> {
        let files: Files = BUILT_IN.iter().map(|(path, bytes)| (path.to_string(), bytes.to_vec())).collect();
        let mut catalog = Self { files: files.into(), origins: BTreeMap::new() };
        let Some(root) = &context.catalog else { return Ok(catalog) };
        if !root.is_dir() {
            return Err(unreadable(context, root, &std::io::ErrorKind::NotFound.into()));
        }
        let mut found = false;
        for about in &KINDS {
            let folder = root.join(about.folder);
            for name in subfolders(&folder).map_err(|error| unreadable(context, &folder, &error))? {
                catalog.lay_over(context, about.kind, &folder.join(name))?;
                found = true;
            }
        }
        let plan = root.join(PLAN);
        if plan.is_file() {
            let bytes = std::fs::read(&plan).map_err(|error| unreadable(context, &plan, &error))?;
            Arc::make_mut(&mut catalog.files).insert(PLAN.to_string(), bytes);
            catalog.origins.insert(PLAN.to_string(), plan);
        }
        if found {
            return Ok(catalog);
        }
        let what = context.say(
            "不是目录：其中没有 robots/、parts/、scenarios/ 或 solutions/ 下的包",
            "not a catalog: there is no package in robots/, parts/, scenarios/ or solutions/",
        );
        let next = context.say(
            "给 --catalog 一个含有例如 robots/<编号>/robot.toml 的文件夹",
            "give --catalog a folder that holds, for example, robots/<id>/robot.toml",
        );
        Err(Failure::usage(format!("{}: {what}", root.display()), next))
    }

    /// Ids of a kind, in order.
    pub fn ids(&self, kind: Kind) -> Vec<String> {
        ids(&self.files, kind.about().word)
    }

    /// Reads the manifest of a package that is here.
    pub fn manifest(&self, context: &Context, kind: Kind, id: &str) -> Result<Manifest, Failure> {
        let path = manifest_path(kind.about().word, id);
        let text = text_of(context, &self.where_it_is(&path), &self.files[&path])?;
        Manifest::parse(kind, &path, &text).map_err(|error| self.wrong_manifest(context, &error))
    }

    /// The id of the package that the user means by an id or a path; a path is laid over the catalog.
    pub fn resolve(&mut self, context: &Context, kind: Kind, word: &str) -> Result<String, Failure> {
        if is_path(word) {
            return self.lay_over(context, kind, &package_folder(Path::new(word), kind));
        }
        if self.files.contains_key(&manifest_path(kind.about().word, word)) {
            return Ok(word.to_string());
        }
        Err(self.unknown(context, &[kind], word))
    }

    /// As [`Self::resolve`], where any kind will do.
    pub fn resolve_any(&mut self, context: &Context, word: &str) -> Result<(Kind, String), Failure> {
        if is_path(word) {
            let path = Path::new(word);
            let kind = KINDS.iter().find(|k| package_folder(path, k.kind).join(k.manifest).is_file());
            let Some(kind) = kind else {
                return Err(not_a_package(context, path, "robot.toml, part.toml, scenario.toml, solution.toml"));
            };
            let id = self.lay_over(context, kind.kind, &package_folder(path, kind.kind))?;
            return Ok((kind.kind, id));
        }
        match KINDS.iter().find(|k| self.files.contains_key(&manifest_path(k.word, word))) {
            Some(kind) => Ok((kind.kind, word.to_string())),
            None => Err(self.unknown(context, &KINDS.map(|k| k.kind), word)),
        }
    }

    /// A library's message with the user's own paths in it.
    pub fn where_it_is(&self, message: &str) -> String {
        self.origins.iter().fold(message.to_string(), |text, (inside, outside)| {
            text.replace(&format!("{inside}/"), &format!("{}/", outside.display()))
        })
    }

    /// The failure of a manifest of this catalog.
    pub fn wrong_manifest(&self, context: &Context, error: &ManifestError) -> Failure {
        let lead = "包的清单文件有误";
        let mut failure = Failure::from_error(Exit::Usage, context.language, lead, error, "");
        failure.what = self.where_it_is(&failure.what);
        failure.next =
            context.say("按上面所说修改该文件，再运行同一命令", "correct that line, then run the same command again").to_string();
        failure
    }

    /// Reads a package folder and puts it in place of the one with the same id.
    fn lay_over(&mut self, context: &Context, kind: Kind, folder: &Path) -> Result<String, Failure> {
        let about = kind.about();
        let manifest_file = folder.join(about.manifest);
        if !manifest_file.is_file() {
            return Err(not_a_package(context, folder, about.manifest));
        }
        let mut names = Vec::new();
        list(folder, "", DEEPEST, &mut names).map_err(|error| unreadable(context, folder, &error))?;
        let disk = Folder::inside(folder);
        let mut files = Files::new();
        let mut bytes = 0;
        for name in names {
            let content = disk.read(&name).map_err(|error| {
                let mut failure = Failure::from_error(Exit::Usage, context.language, "包中的文件无法读取", &error, "");
                failure.what = format!("{}: {}", folder.display(), failure.what);
                failure
            })?;
            bytes += content.len();
            if bytes > MOST_BYTES {
                return Err(too_much(context, folder));
            }
            files.insert(name, content);
        }
        let shown = manifest_file.display().to_string();
        let text = text_of(context, &shown, &files[about.manifest])?;
        let manifest = Manifest::parse(kind, &shown, &text).map_err(|error| self.wrong_manifest(context, &error))?;
        let id = manifest.id().to_string();
        let inside = format!("{}/{id}", about.folder);
        let prefix = format!("{inside}/");
        let all = Arc::make_mut(&mut self.files);
        let before = all.range(prefix.clone()..).map(|(path, _)| path).take_while(|path| path.starts_with(&prefix));
        for path in before.cloned().collect::<Vec<_>>() {
            all.remove(&path);
        }
        all.extend(files.into_iter().map(|(name, content)| (format!("{prefix}{name}"), content)));
        self.origins.insert(inside, folder.to_path_buf());
        Ok(id)
    }

    fn unknown(&self, context: &Context, kinds: &[Kind], word: &str) -> Failure {
        let known: Vec<String> = kinds.iter().flat_map(|&kind| self.ids(kind)).collect();
        let other = KINDS.iter().find(|k| self.files.contains_key(&manifest_path(k.word, word)));
        if let ([wanted], Some(other)) = (kinds, other) {
            let wanted = wanted.about();
            return Failure::usage(
                context.say(
                    format!("“{word}”是{}，不是{}", other.zh, wanted.zh),
                    format!("`{word}` is a {}, not a {}", other.word, wanted.word),
                ),
                format!("{} prove {}", program(), context.say("机器人 场景", "ROBOT SCENARIO")),
            );
        }
        let (zh, en, list) = match kinds {
            [kind] => (kind.about().zh, kind.about().word, format!("list {}", kind.about().folder)),
            _ => ("包", "package", "list".to_string()),
        };
        let what = context.say(format!("目录中没有{zh}“{word}”"), format!("there is no {en} `{word}` in the catalog"));
        let next = match nearest_name(known.iter().map(String::as_str), word) {
            _ if Path::new(word).is_dir() => {
                format!("{} ./{word}", context.say("要用当前位置的这个文件夹，请写", "to use the folder of that name, write"))
            }
            Some(near) => context.say(format!("是不是 {near}？"), format!("did you mean {near}?")),
            None => format!("{} {list}", program()),
        };
        Failure::usage(what, next)
    }
}

/// Whether a word is a path rather than an id: ids have neither slashes nor dots.
pub fn is_path(word: &str) -> bool {
    word.contains(['/', '\\', '.'])
}

/// The folder of the package that a path means: the folder itself, or that of its manifest.
fn package_folder(path: &Path, kind: Kind) -> PathBuf {
    match path.file_name() {
        Some(name) if name == kind.about().manifest => match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        },
        _ => path.to_path_buf(),
    }
}

fn subfolders(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(names),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = plain_name(&entry.file_name())?;
        if entry.path().is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Names of the files below a folder, with forward slashes. Hidden files are left out, as they are from the built-in catalog.
fn list(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) -> std::io::Result<()> {
    let too_much = || std::io::Error::other(format!("more than {MOST_FILES} files, or folders deeper than {DEEPEST}"));
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = plain_name(&entry.file_name())?;
        if name.starts_with('.') {
            continue;
        }
        let inside = format!("{prefix}{name}");
        if entry.path().is_dir() {
            let deeper = depth.checked_sub(1).ok_or_else(too_much)?;
            list(&entry.path(), &format!("{inside}/"), deeper, names)?;
        } else if names.len() < MOST_FILES {
            names.push(inside);
        } else {
            return Err(too_much());
        }
    }
    Ok(())
}

fn plain_name(name: &std::ffi::OsStr) -> std::io::Result<String> {
    name.to_str().map(str::to_string).ok_or_else(|| std::io::Error::other(format!("{name:?} is not a UTF-8 name; rename it")))
}

fn text_of(context: &Context, file: &str, bytes: &[u8]) -> Result<String, Failure> {
    String::from_utf8(bytes.to_vec()).map_err(|_| {
        let what = context.say("不是 UTF-8 文本", "not UTF-8 text");
        Failure::usage(format!("{file}: {what}"), context.say("将该文件另存为 UTF-8", "save the file as UTF-8"))
    })
}

fn unreadable(context: &Context, path: &Path, error: &std::io::Error) -> Failure {
    let what = match error.kind() {
        std::io::ErrorKind::NotFound => context.say("没有这个文件或文件夹", "there is no such file or folder").to_string(),
        _ => error.to_string(),
    };
    Failure::usage(format!("{}: {what}", path.display()), context.say("检查路径是否写对", "check the path"))
}

fn too_much(context: &Context, folder: &Path) -> Failure {
    let what = context.say("文件总量超过 512 MiB，不像一个包", "more than 512 MiB of files; this is not a package");
    Failure::usage(format!("{}: {what}", folder.display()), context.say("给出包自己的文件夹", "give the package's own folder"))
}

fn not_a_package(context: &Context, path: &Path, manifests: &str) -> Failure {
    if !path.exists() {
        return unreadable(context, path, &std::io::ErrorKind::NotFound.into());
    }
    let what = format!("{}: {} {manifests}", path.display(), context.say("不是包：其中没有", "not a package: it has no"));
    let next = context.say(
        "给出含有该文件的文件夹；写法见 docs/guides/",
        "give the folder that holds that file; docs/guides/ shows how to write one",
    );
    Failure::usage(what, next)
}
