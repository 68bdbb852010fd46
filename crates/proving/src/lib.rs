//! From trials to evidence.
#![warn(missing_docs)]

extern crate alloc;

/// One byte form for everything that is hashed.
pub mod canonical;
/// What is fixed before the first trial.
pub mod claim;
/// Numbers measured in a trial, and predicates on them.
pub mod metric;
/// What one trial came to.
pub mod outcome;
/// What a claim will take.
pub mod plan;
/// What a number of successes says about a rate.
pub mod statistic;
/// What the trials settle.
pub mod verdict;
