//! Robots, tools and worlds as the user names them, read and checked: a catalog id, a package's folder, or an MJCF or URDF file.

use std::path::Path;

use leitai_model::Model;
use leitai_package::disk::Folder;
use leitai_package::files::Files;
use leitai_package::lint::{self, Checked, Level};
use leitai_package::manifest::Text;
use leitai_package::urdf::{Base, Options};
use leitai_proving::canonical::Digest;

use crate::arguments::{Kind, Urdf};
use crate::catalog::{Catalog, Manifest, is_path};
use crate::context::Context;
use crate::failure::Failure;

/// A description that was read.
pub struct Description {
    /// Kind of package; none for a bare file.
    pub kind: Option<Kind>,
    /// For people.
    pub name: Text,
    /// As the user named it.
    pub source: String,
    /// Digest of the file that describes the model.
    pub digest: Option<Digest>,
    /// What it holds and what is doubtful about it.
    pub checked: Checked,
}

/// Reads and checks what the user names.
pub fn read(context: &Context, word: &str, urdf: &Urdf) -> Result<Description, Failure> {
    let options = Options {
        base: if urdf.floating { Base::Floating } else { Base::Fixed },
        packages: urdf.packages.iter().map(|folder| folder.to_string_lossy().into_owned()).collect(),
        ..Options::default()
    };
    let path = Path::new(word);
    if is_path(word) && !path.is_dir() && path.extension().is_none_or(|e| e != "toml") {
        return file(context, word, &options);
    }
    let mut catalog = Catalog::open(context)?;
    // A robot's own faults are findings, not the end: it is read straight from its folder, before its manifest parses.
    if let Some(folder) = robot_folder(path).filter(|_| is_path(word)) {
        let mut checked = lint::check_file("robot.toml", &Folder::inside(folder), &options);
        for finding in &mut checked.findings {
            finding.place = format!("{}/{}", folder.display(), finding.place);
        }
        let name = checked.manifest.as_ref().map(|m| m.robot.name.clone());
        let digest = checked.manifest.as_ref().and_then(|m| digest(&Folder::inside(folder), &m.robot.model));
        return Ok(Description {
            kind: Some(Kind::Robot),
            name: name.unwrap_or_else(|| same(word)),
            source: word.to_string(),
            digest,
            checked,
        });
    }
    let (kind, id) = catalog.resolve_any(context, word)?;
    packaged(context, &catalog, (kind, &id), word, &options)
}

/// Reads and checks a package of the catalog, which the user called `word`.
pub fn packaged(
    context: &Context,
    catalog: &Catalog,
    (kind, id): (Kind, &str),
    word: &str,
    options: &Options,
) -> Result<Description, Failure> {
    let manifest = catalog.manifest(context, kind, id)?;
    let about = kind.about();
    let inside = |file: &str| format!("{}/{id}/{file}", about.folder);
    let (name, model) = match &manifest {
        Manifest::Robot(m) => (m.robot.name.clone(), inside(&m.robot.model)),
        Manifest::Part(m) if !m.part.class.is_tool() => {
            let what = context.say("只有数据，没有模型", "is figures only and has no model");
            return Err(Failure::usage(format!("`{word}` {what}"), format!("{} show {word}", crate::context::program())));
        }
        Manifest::Part(m) => (m.part.name.clone(), inside(&m.part.model)),
        Manifest::Scenario(m) => (m.scenario.name.clone(), inside(&m.scenario.world)),
        Manifest::Solution(_) => {
            let what = context.say("是作业方案，没有模型", "is a solution, which has no model");
            return Err(Failure::usage(format!("`{word}` {what}"), format!("{} show {word}", crate::context::program())));
        }
    };
    let path = if kind == Kind::Robot { inside(about.manifest) } else { model.clone() };
    let mut checked = lint::check_file(&path, &*catalog.files, options);
    for finding in &mut checked.findings {
        finding.place = catalog.where_it_is(&finding.place);
    }
    let digest = digest(&*catalog.files, &model);
    Ok(Description { kind: Some(kind), name, source: word.to_string(), digest, checked })
}

impl Description {
    /// The model, or the reason why there is none.
    pub fn model(&self, context: &Context) -> Result<&Model, Failure> {
        self.checked.model.as_ref().ok_or_else(|| {
            let error = self.checked.findings.iter().find(|finding| finding.level == Level::Error);
            let what = error.map_or_else(
                || format!("{}: {}", self.source, context.say("没有模型", "there is no model")),
                |finding| format!("{}: {}", finding.place, context.say(&finding.text.zh, &finding.text.en)),
            );
            Failure::usage(what, format!("{} robot check {}", crate::context::program(), self.source))
        })
    }
}

/// A bare MJCF or URDF file. It may name meshes anywhere: the user trusts a file of their own.
fn file(context: &Context, word: &str, options: &Options) -> Result<Description, Failure> {
    let path = Path::new(word);
    if !path.is_file() {
        return Err(Failure::usage(
            format!("{word}: {}", context.say("没有这个文件", "there is no such file")),
            context.say("检查路径，或用目录编号（leitai list）", "check the path, or give a catalog id (leitai list)"),
        ));
    }
    let files = Folder::anywhere(".");
    let plain = word.strip_prefix("./").unwrap_or(word);
    let checked = lint::check_file(plain, &files, options);
    let name = checked.spec.as_ref().map(|spec| spec.name.clone()).filter(|name| !name.is_empty());
    let name =
        name.or_else(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).unwrap_or_else(|| word.to_string());
    Ok(Description { kind: None, name: same(&name), source: word.to_string(), digest: digest(&files, plain), checked })
}

/// The folder of a robot's package that a path means.
fn robot_folder(path: &Path) -> Option<&Path> {
    if path.is_dir() {
        return path.join("robot.toml").is_file().then_some(path);
    }
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    folder.filter(|_| path.file_name().is_some_and(|name| name == "robot.toml") && path.is_file())
}

fn digest(files: &dyn Files, path: &str) -> Option<Digest> {
    files.read(path).ok().map(|bytes| Digest::of_bytes(&bytes))
}

fn same(word: &str) -> Text {
    Text { zh: word.to_string(), en: word.to_string() }
}
