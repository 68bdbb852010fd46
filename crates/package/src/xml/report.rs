//! What a file asks for and does not get.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use leitai_model::spec::{Source, Spec};

/// What is lost when something is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Motion, contact or readings may differ from what the file means.
    Motion,
    /// Only what is drawn.
    Drawing,
    /// Nothing that acts by itself: a limit that a controller must keep to.
    Control,
}

/// Something a file asks for that its reader does not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// File as the user named it.
    pub file: Arc<str>,
    /// Line, from one.
    pub line: u32,
    /// What it is and what happens instead.
    pub what: String,
    /// The same in Chinese.
    pub zh: String,
    /// What is lost by it.
    pub loss: Loss,
}

impl Report {
    /// A report about what stands at `at` and bears on motion.
    #[must_use]
    pub fn new(at: &Source, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { file: at.file.clone(), line: at.line, what: en.into(), zh: zh.into(), loss: Loss::Motion }
    }
    /// A report about what stands at `at` and is only drawn.
    #[must_use]
    pub fn drawing(at: &Source, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { loss: Loss::Drawing, ..Self::new(at, zh, en) }
    }
}

impl core::fmt::Display for Report {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// What a file holds, and what of it could not be taken over.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The description.
    pub spec: Spec,
    /// What the file asks for and does not get, in the order of the file.
    pub reports: Vec<Report>,
}
