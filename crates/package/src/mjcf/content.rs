//! What an XML file says, without how it is written: the text whose digest names a package.

use super::error::MjcfError;
use super::tree::{self, Element};
use crate::files::Files;
use alloc::string::String;
use alloc::vec::Vec;

/// Elements and attributes of the XML file at `path`, includes in place, in one fixed form: comments, white space and the
/// order of attributes leave no trace.
///
/// # Errors
/// If it cannot be read as XML, or is beyond the reader's limits.
pub fn content(path: &str, files: &dyn Files) -> Result<String, MjcfError> {
    let mut out = String::new();
    write(&tree::read(path, files)?, &mut out);
    Ok(out)
}

fn write(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    let mut attributes: Vec<_> = element.attributes.iter().collect();
    attributes.sort_unstable();
    for (name, value) in attributes {
        for part in [" ", name, "=\"", value.trim(), "\""] {
            out.push_str(part);
        }
    }
    out.push('>');
    element.children.iter().for_each(|child| write(child, out));
    out.push_str("</>");
}
