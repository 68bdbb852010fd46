//! The report: one self-contained HTML file with the verdict, its figures and a 3D replay, in Chinese and English.
//!
//! [`Data`] says what the page shows, [`replay::Recorder`] writes a trial's motion while it runs, and [`render()`] puts the data
//! into the page built from `web/`. The page computes nothing that a verdict rests on.

/// What a page says.
pub mod data;
/// From evidence to a page.
pub mod fill;
/// A model to look at.
pub mod model;
mod render;
/// Shapes, motion and curves.
pub mod replay;
mod scene;
#[cfg(test)]
mod tests;
/// What a trial says of itself, in Chinese.
pub mod words;

pub use data::{
    Assumption, Claim, Control, Credibility, Data, Distribution, Failure, Grade, JointPeak, Keep, Language, Limit, MetricColumn,
    Moment, Must, Named, OperatingCurve, OperatingPoint, Parameter, Reason, Replay, Report, Requirement, RequirementStatus, Role,
    Sealed, Signature, Standing, Status, Text, Trial, Verdict,
};
pub use render::{read, render, render_bundle};
pub use scene::scene;
