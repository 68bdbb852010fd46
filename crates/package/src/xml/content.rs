//! What an XML file says, without how it is written: the text whose digest names a package.

use super::error::DescriptionError;
use super::tree::{self, Element};
use crate::files::Files;
use alloc::string::String;
use alloc::vec::Vec;

/// Elements and attributes of the XML file at `path`, includes in place, in one fixed form: comments, white space and the
/// order of attributes leave no trace.
///
/// # Errors
/// If it cannot be read as XML, or is beyond the reader's limits.
pub fn content(path: &str, files: &dyn Files) -> Result<String, DescriptionError> {
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
        for part in [" ", name, "=\""] {
            out.push_str(part);
        }
        // Escaped, or a value could pass for the end of its attribute and the start of another.
        for letter in value.trim().chars() {
            match letter {
                '&' => out.push_str("&amp;"),
                '"' => out.push_str("&quot;"),
                letter => out.push(letter),
            }
        }
        out.push('"');
    }
    out.push('>');
    element.children.iter().for_each(|child| write(child, out));
    out.push_str("</>");
}
