//! Components and their clock; so far the sandbox, in which a controller from a stranger runs as a plain WebAssembly module.
//!
//! A module sees two arrays of numbers in its own memory and nothing else: it imports nothing, so it has no clock, no entropy, no
//! file and no way to the simulation. What it may use is counted in *fuel*, a unit for each instruction or so, never in seconds.
//! Interpreter and floats are deterministic, NaN included, so a trial with a stranger's controller has the same bits everywhere.
//!
//! [`Module::read`] refuses what can be refused before any trial; [`Sandbox`] is one trial's instance, and whatever goes wrong in it
//! is a [`Breach`] that ends that trial.
#![no_std]

extern crate alloc;

/// What passes between host and controller.
pub mod abi;

/// How much a controller may use.
pub mod limits;

/// From bytes to a program that may be run.
pub mod module;

/// One running instance.
pub mod sandbox;

/// Looking through a module before it is translated.
mod inspect;

pub use abi::{Interface, SANDBOX};
pub use limits::Limits;
pub use module::{Module, Refusal};
pub use sandbox::{Breach, Said, Sandbox};
