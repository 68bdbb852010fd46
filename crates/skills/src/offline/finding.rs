//! What speaks against a program.

use alloc::string::String;
use leitai_package::manifest::Text;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program cannot run.
    Error,
    /// It can, but not as asked or with little to spare.
    Note,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What kind: `reach`, `limit`, `singular`, `collision`, `speed`, `blend`, `geometry`, `torque`, `start`.
    pub rule: &'static str,
    /// Line of the step or place in the program; 0 if it has none.
    pub line: usize,
    /// The step, counted from zero, if it is about one.
    pub step: Option<usize>,
    /// What is wrong and what to change.
    pub text: Text,
}

impl Finding {
    pub(super) fn new(severity: Severity, rule: &'static str, place: (usize, Option<usize>), zh: String, en: String) -> Self {
        Self { severity, rule, line: place.0, step: place.1, text: Text { zh, en } }
    }
}
