//! The commands, one module each.

mod compare;
mod completions;
mod hub;
/// The key that signs, and the keys that are trusted.
pub mod key;
mod list;
/// A need, answered.
mod matching;
mod oracle;
/// Motion programs.
mod program;
mod prove;
/// Bundles sent to a hub.
pub mod publish;
mod rerun;
mod robot;
mod serve;
mod show;
mod test;
mod tune;
mod verify;
mod view;
mod welcome;

use leitai_proving::verdict::Language;

use crate::arguments::{Arguments, Command};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Runs what the command line asks for.
pub fn run(arguments: Arguments, language: Language) -> Result<Exit, Failure> {
    let context = Context { language, json: arguments.global.json, catalog: arguments.global.catalog };
    match arguments.command {
        None => welcome::run(&context),
        Some(Command::Prove(arguments)) => prove::run(&context, &arguments),
        Some(Command::Verify(arguments)) => verify::run(&context, &arguments),
        Some(Command::Compare(arguments)) => compare::run(&context, &arguments),
        Some(Command::View(arguments)) => view::run(&context, &arguments),
        Some(Command::Robot(robot)) => robot::run(&context, &robot.action),
        Some(Command::Test(test)) => test::run(&context, &test.action),
        Some(Command::Program(program)) => program::run(&context, &program),
        Some(Command::Tune(arguments)) => tune::run(&context, &arguments),
        Some(Command::List(list)) => list::run(&context, &list),
        Some(Command::Show(show)) => show::run(&context, &show),
        Some(Command::Oracle(arguments)) => oracle::run(&context, &arguments),
        Some(Command::Serve(arguments)) => serve::run(&context, &arguments),
        Some(Command::Publish(arguments)) => publish::run(&context, &arguments),
        Some(Command::Match(arguments)) => matching::run(&context, &arguments),
        Some(Command::Hub(hub)) => hub::run(&context, &hub.action),
        Some(Command::Key(key)) => key::run(&context, &key.action),
        Some(Command::Completions(completions)) => completions::run(&context, completions.shell),
    }
}
