//! The `leitai` command: prove, verify, compare and look at robots and jobs.
//!
//! What a program may read goes to stdout; progress, notes and errors go to stderr. Every error says where, what and what to
//! change, and ends in a next step. Verdicts come from `leitai-proving`; nothing here computes one.

/// Words on the command line.
mod arguments;
/// The packages at hand: built in, and whatever the user lays over them.
mod catalog;
/// What every command knows: language, form of output, catalog.
mod context;
/// Robots, tools and worlds as the user names them, read and checked.
mod description;
/// Bundles as the user names them.
mod evidence;
/// Why a command ends without its result, and with which exit code.
mod failure;
/// `--help` in Chinese.
mod help;
/// Ctrl-C.
mod stop;
/// Text for a terminal: tables, paragraphs and colors that know how wide Chinese is.
mod text;
/// A verdict on a terminal.
mod verdict;

/// The commands, one module each.
mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let (language, json) = context::read_ahead(&words);
    let outcome = match arguments::parse(&words, language) {
        Ok(arguments) => commands::run(arguments, language),
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report(language, json).into(),
    }
}
