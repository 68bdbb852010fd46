//! Every figure of a manifest with its standing, so that a report can count what it rests on.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use toml::de::{DeTable, DeValue};

use super::common::Standing;
use super::document::{Document, ManifestError};

/// Deepest table that is looked into; ours are three deep.
const DEEPEST: usize = 16;

/// One figure (or one table of figures that share a standing).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Where it stands: names joined by dots, entries of a list by their `id`, `name`, `key` or number.
    pub path: String,
    /// How far to trust it.
    pub standing: Standing,
}

/// Lists everything in a manifest that carries a standing, in the order of names; sources are not figures and are left out.
///
/// # Errors
/// If the text is not TOML.
pub fn stated(file: &str, text: &str) -> Result<Vec<Stated>, ManifestError> {
    let document = Document::parse(file, text)?;
    let mut found = Vec::new();
    for (name, value) in document.table() {
        if name.get_ref() != "source" {
            collect(value.get_ref(), name.get_ref().to_string(), DEEPEST, &mut found);
        }
    }
    Ok(found)
}

fn collect(value: &DeValue, path: String, depth: usize, found: &mut Vec<Stated>) {
    if depth == 0 {
        return;
    }
    match value {
        DeValue::Table(table) => {
            let standing = match text_of(table, "standing") {
                Some("verified") => Some(Standing::Verified),
                Some("recalled") => Some(Standing::Recalled),
                Some("assumed") => Some(Standing::Assumed),
                _ => None,
            };
            for (name, inner) in table {
                collect(inner.get_ref(), format!("{path}.{}", name.get_ref()), depth - 1, found);
            }
            if let Some(standing) = standing {
                found.push(Stated { path, standing });
            }
        }
        DeValue::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                let DeValue::Table(table) = item.get_ref() else { continue };
                let name = ["id", "name", "key"].into_iter().find_map(|key| text_of(table, key));
                let here = name.map_or_else(|| format!("{path}.{index}"), |name| format!("{path}.{name}"));
                collect(item.get_ref(), here, depth - 1, found);
            }
        }
        _ => {}
    }
}

fn text_of<'t>(table: &'t DeTable, key: &str) -> Option<&'t str> {
    table.iter().find(|(name, _)| name.get_ref() == key).and_then(|(_, value)| value.get_ref().as_str())
}
