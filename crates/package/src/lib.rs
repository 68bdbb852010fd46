//! Description files in, one model out.
#![no_std]

extern crate alloc;

/// What a package says about itself: robots, parts, scenarios and solutions.
pub mod manifest;
