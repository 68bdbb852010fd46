//! From trials to evidence.
#![warn(missing_docs)]

extern crate alloc;

/// The bundle file.
pub mod bundle;
/// One byte form for everything that is hashed.
pub mod canonical;
/// What is fixed before the first trial.
pub mod claim;
/// Two sides on the same trials.
pub mod compare;
/// The signature on a bundle.
pub mod envelope;
/// Finished trials on disk.
pub mod journal;
/// Keys and trust.
pub mod key;
/// Numbers measured in a trial, and predicates on them.
pub mod metric;
/// What one trial came to.
pub mod outcome;
/// What a claim will take.
pub mod plan;
/// Running trials on threads, in order.
pub mod schedule;
/// What a number of successes says about a rate.
pub mod statistic;
/// What the trials settle.
pub mod verdict;
/// Re-execution.
pub mod verify;
