//! `leitai completions`: what a shell needs to complete commands.

use clap_complete::Shell;

use crate::arguments::command;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Writes the script for a shell to stdout.
pub fn run(context: &Context, shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(context.language), "leitai", &mut script);
    context.print_text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Good)
}
