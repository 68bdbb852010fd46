//! Embeds the catalog: every file of the packages, by its path in the catalog.
//!
//! The list is written here, and not by a macro, because cargo has to hear about new files as well as changed ones.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const KINDS: [&str; 4] = ["robots", "parts", "scenarios", "solutions"];

fn main() -> io::Result<()> {
    let variable = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("cargo sets {name}")));
    let catalog = variable("CARGO_MANIFEST_DIR")?.join("../../catalog").canonicalize()?;
    let mut files = Vec::new();
    for kind in KINDS {
        let folder = catalog.join(kind);
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(&folder, &mut files)?;
    }
    let plan = catalog.join("plan.toml");
    println!("cargo::rerun-if-changed={}", plan.display());
    files.push(plan);
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let inside = file.strip_prefix(&catalog).map_err(io::Error::other)?;
        let name = inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        writeln!(list, "    ({name:?}, include_bytes!({file:?})),").map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    fs::write(variable("OUT_DIR")?.join("catalog.rs"), list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // What editors and file managers leave beside a package is not part of it.
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
