//! What MJCF and URDF share: XML read into a bounded tree, attributes that are all accounted for, one kind of error.

/// Attributes of one element: typed, checked, and accounted for.
pub mod attribute;

/// What an XML file says, without how it is written.
pub mod content;

/// Why a description cannot be read.
pub mod error;

/// What a file asks for and does not get.
pub mod report;

/// What is measured before the text is parsed.
mod scan;

/// From bytes to a tree of elements.
pub mod tree;
