//! From evidence to a page.

pub(crate) mod motion;
mod scene;

pub use motion::Motion;
