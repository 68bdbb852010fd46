//! Either language, told apart by the root element: `<mujoco>` is MJCF, `<robot>` is URDF.

use crate::files::{self, Files};
use crate::xml::error::DescriptionError;
use crate::xml::report::Loaded;
use crate::xml::tree;
use crate::{mjcf, urdf};
use alloc::format;

/// Reads the description at `path`, inside `files`, with everything it includes and names.
///
/// # Errors
/// If a file is missing, is neither language, or asks for the impossible: the message says where, what, and what to change.
/// Sizes are bounded, so a hostile file ends in an error too.
///
/// ```
/// use std::collections::BTreeMap;
/// let files = BTreeMap::from([("box.urdf".to_string(), br#"<robot name="box"><link name="base"/></robot>"#.to_vec())]);
/// let loaded = leitai_package::load("box.urdf", &files, &Default::default()).unwrap();
/// assert_eq!(loaded.spec.name, "box");
/// ```
pub fn load(path: &str, files: &dyn Files, urdf_options: &urdf::Options) -> Result<Loaded, DescriptionError> {
    let tree = tree::read(path, files)?;
    match &*tree.name {
        "mujoco" => mjcf::read_tree(&tree, files::folder(path), files),
        "robot" => urdf::read_tree(&tree, files::folder(path), files, urdf_options),
        name => {
            let what = format!("<{name}> starts neither MJCF nor URDF");
            Err(tree.error(what, "give a file that starts with <mujoco> or <robot>"))
        }
    }
}
