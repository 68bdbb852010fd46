//! What fuzzing found, replayed: `fuzz/regressions/TARGET/` holds the inputs, `fuzz/bodies/package.rs` what is done with them.

#[path = "../../../fuzz/bodies/package.rs"]
mod package;

use std::path::Path;

/// A target's name and what it does with bytes.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 13] = [
    ("mjcf", package::mjcf),
    ("urdf", package::urdf),
    ("mesh_stl", package::mesh_stl),
    ("mesh_obj", package::mesh_obj),
    ("mesh_msh", package::mesh_msh),
    ("mesh_dae", package::mesh_dae),
    ("mesh_glb", package::mesh_glb),
    ("terrain", package::terrain),
    ("manifest_robot", package::manifest_robot),
    ("manifest_part", package::manifest_part),
    ("manifest_scenario", package::manifest_scenario),
    ("manifest_solution", package::manifest_solution),
    ("manifest_acceptance", package::manifest_acceptance),
];

/// Every input of every target, and the seeds; the name of the one that fails stands last in the output.
#[test]
fn inputs_that_once_broke_a_reader_no_longer_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (target, body) in TARGETS {
        let mut files = found(&root.join("fuzz/regressions").join(target));
        match target {
            "mjcf" => files.extend(found(&root.join("oracle/mujoco/models"))),
            "urdf" => files.extend(found(&root.join("oracle/mujoco/models/urdf"))),
            "mesh_stl" | "mesh_obj" | "mesh_msh" | "mesh_dae" | "mesh_glb" | "terrain" => {
                files.extend(found(&root.join("oracle/mujoco/models/part")))
            }
            _ => {}
        }
        for file in files {
            println!("{target}: {}", file.display());
            body(&std::fs::read(&file).expect("a file of the tree"));
        }
    }
}

/// The files of a folder; none where it does not exist.
fn found(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}
