//! The real catalog as files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file of the catalog, by its path in it.
pub fn catalog() -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the catalog is there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let inside = path.strip_prefix(&root).expect("below the root").components();
                let name: Vec<_> = inside.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
                files.insert(name.join("/"), fs::read(&path).expect("reads"));
            }
        }
    }
    files
}
