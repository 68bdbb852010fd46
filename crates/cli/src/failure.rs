//! Why a command ends without its result, and with which exit code.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use leitai_proving::verdict::{Decision, Language};
use serde::Serialize;

use crate::context::{json, say};

/// Exit codes; `leitai --help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Proved, or done.
    Good = 0,
    /// The machine stood in the way: a disk, a key, a trial that could not run.
    Failed = 1,
    /// The command line or a file is wrong.
    Usage = 2,
    /// The claim is refuted.
    Refuted = 3,
    /// The trials settled nothing.
    Undecided = 4,
    /// A bound rules the claim out.
    Rejected = 5,
    /// A bundle is refused, or fresh trials disagree with it.
    Refused = 6,
    /// Someone pressed Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Decision> for Exit {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Proved => Self::Good,
            Decision::Refuted => Self::Refuted,
            Decision::Undecided => Self::Undecided,
            Decision::Rejected => Self::Rejected,
        }
    }
}

/// What went wrong and what to do next, in the user's language.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// Where and what.
    pub what: String,
    /// What to change or to run; may be empty if `what` says it.
    pub next: String,
}

impl Failure {
    /// A wrong word on the command line, or a wrong file.
    pub fn usage(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, what: what.into(), next: next.into() }
    }

    /// A library's error with everything behind it. Those are in English, so Chinese readers get `lead` before it.
    pub fn from_error(exit: Exit, language: Language, lead: &str, error: &dyn Error, next: impl Into<String>) -> Self {
        let mut what = error.to_string();
        let mut source = error.source();
        while let Some(behind) = source {
            let text = behind.to_string();
            // Some errors already tell what is behind them.
            if !what.contains(&text) {
                let _ = write!(what, ": {text}");
            }
            source = behind.source();
        }
        if language == Language::Zh {
            what = format!("{lead}（程序原文如下）\n  {what}");
        }
        Self { exit, what, next: next.into() }
    }

    /// Tells the user, on stderr, and a program, as JSON on stdout; gives the exit code.
    pub fn report(&self, language: Language, as_json: bool) -> Exit {
        #[derive(Serialize)]
        struct Document<'a> {
            error: &'a str,
            next: &'a str,
            exit_code: u8,
        }
        let mut text = format!("{}{}\n", say(language, "错误：", "error: "), self.what);
        if !self.next.is_empty() {
            let _ = writeln!(text, "{}{}", say(language, "下一步：", "next: "), self.next);
        }
        // When nobody reads, the exit code still tells.
        let _ = std::io::stderr().write_all(text.as_bytes());
        if as_json {
            let document = Document { error: &self.what, next: &self.next, exit_code: self.exit as u8 };
            let _ = std::io::stdout().write_all(json(&document).as_bytes());
        }
        self.exit
    }
}
