//! Words on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use leitai_proving::verdict::Language;

use crate::context::{program, say};
use crate::failure::{Exit, Failure};
use crate::help;

/// A proving ground for robots: whether this robot can do this job, settled by trials that anyone can run again
#[derive(Clone, Debug, Parser)]
#[command(name = "leitai", version, disable_help_flag = true, disable_version_flag = true, disable_help_subcommand = true)]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without it, an introduction.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Language of messages; the locale's by default
    #[arg(long, global = true, value_enum, value_name = "LANG", hide_possible_values = true)]
    pub lang: Option<Lang>,
    /// One JSON document on stdout, for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// A catalog folder whose packages stand before the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
    /// Print help
    #[arg(short, long, global = true, action = ArgAction::Help)]
    pub help: Option<bool>,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub version: Option<bool>,
}

/// A language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// List the packages of the catalog
    List(List),
    /// Show a package: identity, figures with their sources, requirements, assumptions
    Show(Show),
    /// Make a signing key, and say whose keys to trust
    Key(Key),
    /// Write completions for a shell to stdout
    Completions(Completions),
}

/// `leitai list`
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Only these: robots, parts, scenarios or solutions
    #[arg(value_enum, hide_possible_values = true)]
    pub kind: Option<Kind>,
}

/// `leitai show`
#[derive(Clone, Debug, Args)]
pub struct Show {
    /// A catalog id such as ur20, or the folder of a package
    #[arg(value_name = "ID|PATH")]
    pub package: String,
}

/// `leitai key`
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Key {
    /// What to do with keys.
    #[command(subcommand)]
    pub action: KeyAction,
}

/// What to do with keys.
#[derive(Clone, Debug, Subcommand)]
pub enum KeyAction {
    /// Make an Ed25519 key that signs bundles; an existing file is never overwritten
    New {
        /// Where to put the secret key (mode 0600); the public key stands beside it, ending in .pub
        file: Option<PathBuf>,
    },
    /// Show a key's id and its public half
    Show {
        /// A secret or public key file; your own key by default
        file: Option<PathBuf>,
    },
    /// Trust somebody's public key when verifying
    Trust {
        /// Their public key file
        file: PathBuf,
        /// The name to show; the file's name by default
        #[arg(long)]
        name: Option<String>,
    },
    /// List your own key and those you trust
    List,
}

/// `leitai completions`
#[derive(Clone, Debug, Args)]
pub struct Completions {
    /// bash, zsh, fish, elvish or powershell
    #[arg(value_enum, hide_possible_values = true)]
    pub shell: clap_complete::Shell,
}

/// A kind of package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// Machines.
    #[value(name = "robots", alias = "robot")]
    Robot,
    /// Tools that robots carry.
    #[value(name = "parts", alias = "part")]
    Part,
    /// Jobs.
    #[value(name = "scenarios", alias = "scenario")]
    Scenario,
    /// Ways to do a job.
    #[value(name = "solutions", alias = "solution")]
    Solution,
}

/// The command with its help in this language.
pub fn command(language: Language) -> clap::Command {
    help::in_language(Arguments::command(), language)
}

/// Understands the command line. Help and the version are printed here, and end the program.
pub fn parse(words: &[OsString], language: Language) -> Result<Arguments, Failure> {
    let matches = command(language).try_get_matches_from(words).map_err(|error| {
        if !error.use_stderr() {
            error.exit();
        }
        wrong(&error.render(), language)
    })?;
    Arguments::from_arg_matches(&matches).map_err(|error| wrong(&error.render(), language))
}

/// The parser's message without its own lead-in and last line: ours stand there.
fn wrong(message: &StyledStr, language: Language) -> Failure {
    let text = message.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let text = text.split("\n\nFor more information").next().unwrap_or(text).trim_end();
    let what = match language {
        Language::Zh => format!("命令行有误（程序原文如下）\n  {text}"),
        Language::En => text.to_string(),
    };
    let next = format!("{} --help{}", program(), say(language, " --lang zh  # 查看用法", ""));
    Failure { exit: Exit::Usage, what, next }
}
