//! `leitai test`: procedures in the order of their standard, on a model.

mod contact;
mod datasheet;
mod iso9283;

use leitai_model::Spec;
use leitai_package::manifest::RobotManifest;

use crate::arguments::{TestAction, Urdf};
use crate::context::{Context, program};
use crate::description::{self, Description};
use crate::failure::{Exit, Failure};

/// Runs a procedure.
pub fn run(context: &Context, action: &TestAction) -> Result<Exit, Failure> {
    match action {
        TestAction::Datasheet { robot } => datasheet::run(context, robot),
        TestAction::Contact(arguments) => contact::run(context, arguments),
        TestAction::Iso9283(arguments) => iso9283::run(context, arguments),
    }
}

/// The package of a robot that a procedure drives.
fn robot(context: &Context, word: &str) -> Result<Description, Failure> {
    description::read(context, word, &Urdf::default())
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
