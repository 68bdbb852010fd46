//! `leitai test`: procedures in the order of their standard, on a model.

mod contact;
mod datasheet;
mod iso9283;

use std::fs;
use std::path::Path;

use leitai_model::Spec;
use leitai_package::manifest::RobotManifest;
use leitai_proving::packages::{self, Train};

use crate::arguments::{TestAction, Urdf};
use crate::catalog::Catalog;
use crate::commands::view::write_file;
use crate::context::{Context, program};
use crate::description::{self, Description};
use crate::failure::{Exit, Failure};

/// Runs a procedure.
pub fn run(context: &Context, action: &TestAction) -> Result<Exit, Failure> {
    match action {
        TestAction::Datasheet { robot, tip, state, urdf } => datasheet::run(context, robot, tip.as_deref(), state, urdf),
        TestAction::Contact(arguments) => contact::run(context, arguments),
        TestAction::Iso9283(arguments) => iso9283::run(context, arguments),
    }
}

/// The package of a robot that a procedure drives.
fn robot(context: &Context, word: &str) -> Result<Description, Failure> {
    description::read(context, word, &Urdf::default())
}

/// The parts that turn its joints, as far as its package names them.
fn trains(context: &Context, word: &str, manifest: &RobotManifest) -> Result<Vec<Train>, Failure> {
    let catalog = Catalog::open(context)?;
    packages::trains(&catalog.files, manifest).map_err(|error| Failure {
        exit: Exit::Usage,
        what: format!("{word}: {error}"),
        next: format!("{} list parts", program()),
    })
}

/// What it says about itself, and its model's description.
fn package<'a>(context: &Context, word: &str, found: &'a Description) -> Result<(&'a RobotManifest, &'a Spec), Failure> {
    match (&found.checked.manifest, &found.checked.spec, &found.checked.model) {
        (Some(manifest), Some(spec), Some(_)) => Ok((manifest, spec)),
        _ => Err(Failure {
            exit: Exit::Usage,
            what: context
                .say(format!("{word}：没有可检验的机器人包"), format!("{word}: no robot's package that could be tested")),
            next: format!("{} robot check {word}", program()),
        }),
    }
}

/// Writes files of a report's folder.
fn write(context: &Context, folder: &Path, files: &[(&str, &str)]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure {
        exit: Exit::Failed,
        what: format!("{}: {error}", folder.display()),
        next: context.say("用 -o 指定可写的文件夹", "name a folder that can be written with -o").to_string(),
    })?;
    files.iter().try_for_each(|(name, text)| write_file(context, &folder.join(name), text))
}
