//! Description files in, one model out.
//!
//! Everything here turns bytes into data and never touches a disk, a clock or the network; the one exception is [`disk`], which
//! serves files to the readers and is kept apart for that reason.
#![no_std]

extern crate alloc;

/// Where readers get their bytes: a package in memory, or a folder.
pub mod files;

/// Files of a folder on disk.
pub mod disk;

/// Triangle meshes: STL, OBJ and MSH.
pub mod mesh;

/// Height fields: PNG and MuJoCo's binary format.
pub mod terrain;

/// What MJCF and URDF share: XML read into a bounded tree, attributes all accounted for, one kind of error.
mod xml;

/// MJCF, MuJoCo's scene language.
pub mod mjcf;

/// URDF, the robot language of ROS.
pub mod urdf;

/// SRDF, which pairs of a URDF's links need no check for collision.
pub mod srdf;

/// Either language, told apart by the root element.
pub mod load;

/// What a package says about itself: robots, parts, scenarios and solutions.
pub mod manifest;

/// Body regions that a robot may touch, with force limits in the manner of ISO/TS 15066.
pub mod contact_regions;

/// What is doubtful about a robot's description.
pub mod lint;

pub use load::load;
pub use xml::error::DescriptionError;
pub use xml::report::{Loaded, Loss, Report};
