//! From trials to evidence: a claim, the trials that settle it, and one signed file that anyone can run again.
//!
//! The order of the modules is the order of a proof. Statistics, schedule and verification know nothing of robots: they ask a
//! [`schedule::TrialRunner`] and a [`verify::Engine`], which [`engine`] is.
//!
//! The modules of the first group decide what a verdict says. They use `core`, `alloc` and [`leitai_math::real`] only, so
//! that a verdict has the same bits on every machine. Those of the second group touch files, threads and entropy.
//!
//! ```
//! use leitai_proving::statistic::wilson;
//! use leitai_proving::verdict::Rate;
//!
//! let rate = Rate { successes: 45, trials: 50, interval: wilson(45, 50, 0.95) };
//! assert_eq!(rate.to_string(), "45/50 = 90.0 % [78.6 %, 95.7 %], n = 50");
//! ```

extern crate alloc;

// What a verdict says.

/// Control arms, and what each must do.
pub mod arms;
/// One byte form for everything that is hashed.
pub mod canonical;
/// What is fixed before the first trial, and the seeds that follow from it.
pub mod claim;
/// Numbers measured in a trial, and predicates on them.
pub mod metric;
/// What one trial came to.
pub mod outcome;
/// The packages of a claim, read and joined.
pub mod packages;
/// How many trials a claim will take, and how likely each verdict is.
pub mod plan;
/// Why a claim was refuted.
pub mod reason;
/// What a challenge keeps secret until its deadline, and the digest that binds it before.
pub mod seal;
/// What a number of successes says about a rate.
pub mod statistic;
/// One trial: controller and physics in their loop.
pub mod trial;
/// What the trials settle, in numbers and in words.
pub mod verdict;

// What carries it: threads, files and keys.

/// The bundle file.
pub mod bundle;
/// Two sides on the same trials: what their pairs say.
pub mod compare;
/// Contact of a moving arm with a measuring device, limits unverified.
pub mod contact;
/// A robot's data sheet against its model.
pub mod datasheet;
/// The one engine: packages in, evidence out.
pub mod engine;
/// The signature on a bundle.
pub mod envelope;
/// Performance by the procedure of ISO 9283, in simulation.
pub mod iso9283;
/// Finished trials on disk, so that a run can be resumed.
pub mod journal;
/// Keys that sign, and whom to trust.
pub mod key;
/// A motion program, run in the physics.
pub mod rehearsal;
/// The page that people look at.
pub mod report;
/// Running trials on threads, judged in order.
pub mod schedule;
/// Reports of procedures: pages without scripts, with drawings.
pub mod sheet;
/// Servo loops that tune themselves.
pub mod tune;
/// Believing nothing that can be computed again.
pub mod verify;
/// Files that are written whole or not at all.
pub mod whole;
