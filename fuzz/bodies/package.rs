//! What is done with bytes from a stranger: the readers of descriptions, meshes and manifests. Shared by the fuzzers and by the
//! tests that replay what they found. Each body panics on what must never happen.
#![allow(dead_code, reason = "each target uses its own part of this")]

use leitai_dynamics::{Data, bias_forces, com_frames, kinematics, mass_matrix, velocities};
use leitai_package::manifest::{
    AcceptanceManifest, ManifestError, PartManifest, RobotManifest, ScenarioManifest, SolutionManifest,
};
use leitai_package::{lint, load, mesh, mjcf, terrain, urdf};
use std::collections::BTreeMap;

/// Files that a description may name, under the names that the seeds use.
const BESIDE: [(&str, &[u8]); 7] = [
    ("part/finger.xml", include_bytes!("../../oracle/mujoco/models/part/finger.xml")),
    ("part/tetra.obj", include_bytes!("../../oracle/mujoco/models/part/tetra.obj")),
    ("part/roof.stl", include_bytes!("../../oracle/mujoco/models/part/roof.stl")),
    ("meshes/roof.stl", include_bytes!("../../oracle/mujoco/models/part/roof.stl")),
    ("part/terrain.png", include_bytes!("../../oracle/mujoco/models/part/terrain.png")),
    ("part/terrain.bin", include_bytes!("../../oracle/mujoco/models/part/terrain.bin")),
    ("self.xml", b"<mujoco><include file=\"main\"/></mujoco>"),
];

/// The largest model that is computed with; reading alone is bounded by the readers.
const MOST_COMPUTED: usize = 200;

pub fn mjcf(data: &[u8]) {
    description(data);
}

pub fn urdf(data: &[u8]) {
    description(data);
}

fn description(data: &[u8]) {
    let mut files: BTreeMap<String, Vec<u8>> = BESIDE.iter().map(|(name, bytes)| (name.to_string(), bytes.to_vec())).collect();
    files.insert("main".into(), data.to_vec());
    let _ = mjcf::content("main", &files);
    for base in [urdf::Base::Fixed, urdf::Base::Floating] {
        let options = urdf::Options { base, ..urdf::Options::default() };
        let loaded = match load("main", &files, &options) {
            Ok(loaded) => loaded,
            Err(error) => return message(&error.to_string()),
        };
        loaded.reports.iter().for_each(|report| {
            assert!(report.line > 0 && !report.file.is_empty(), "{report}");
            message(&report.what);
        });
        let (model, findings) = lint::check(&loaded.spec, None);
        findings.iter().for_each(|finding| message(&finding.text.en));
        let Some(model) = model else {
            assert!(findings.iter().any(|finding| finding.level == lint::Level::Error), "no reason for no model");
            return;
        };
        if model.nq <= MOST_COMPUTED && model.bodies.len() <= MOST_COMPUTED {
            let mut data = Data::new(&model);
            kinematics(&model, &mut data, &model.q0);
            com_frames(&model, &mut data);
            mass_matrix(&model, &mut data);
            velocities(&model, &mut data, &vec![1.0; model.nv]);
            bias_forces(&model, &mut data, &vec![1.0; model.nv]);
        }
    }
}

/// A message fits on a line and on a screen.
fn message(text: &str) {
    assert!(!text.is_empty() && text.len() < 4000, "a message of {} bytes", text.len());
}

pub fn mesh_stl(data: &[u8]) {
    triangles(data, mesh::Format::Stl);
}

pub fn mesh_obj(data: &[u8]) {
    triangles(data, mesh::Format::Obj);
}

pub fn mesh_msh(data: &[u8]) {
    triangles(data, mesh::Format::Msh);
}

pub fn mesh_dae(data: &[u8]) {
    triangles(data, mesh::Format::Collada);
}

pub fn mesh_glb(data: &[u8]) {
    triangles(data, mesh::Format::Glb);
}

pub fn terrain(data: &[u8]) {
    for format in [terrain::Format::Png, terrain::Format::Binary] {
        match terrain::read(data, format) {
            Ok(grid) => {
                assert_eq!(grid.heights.len(), grid.rows * grid.columns);
                assert!(grid.heights.iter().all(|height| height.is_finite()));
            }
            Err(error) => message(&error.to_string()),
        }
    }
}

fn triangles(data: &[u8], format: mesh::Format) {
    let triangles = match mesh::read(data, format) {
        Ok(triangles) => triangles,
        Err(error) => return message(&error.to_string()),
    };
    let corners = triangles.vertices.len() as u32;
    assert!(triangles.vertices.iter().all(|vertex| vertex.is_finite()));
    assert!(triangles.faces.iter().flatten().all(|corner| *corner < corners));
    for inertia in [mesh::MeshInertia::Convex, mesh::MeshInertia::Exact, mesh::MeshInertia::Legacy] {
        match mesh::build(triangles.vertices.clone(), triangles.faces.clone(), inertia) {
            Ok(mesh) => {
                let moments = mesh.inertia(1.0);
                assert!(mesh.volume() > 0.0 && moments.is_finite(), "{} {moments:?}", mesh.volume());
                assert!(mesh.bounding_radius().is_finite() && mesh.file_from_mesh.position.is_finite());
            }
            Err(error) => message(&error.to_string()),
        }
    }
}

pub fn manifest_robot(data: &[u8]) {
    manifest(data, RobotManifest::parse);
}

pub fn manifest_part(data: &[u8]) {
    manifest(data, PartManifest::parse);
}

pub fn manifest_scenario(data: &[u8]) {
    manifest(data, ScenarioManifest::parse);
}

pub fn manifest_solution(data: &[u8]) {
    manifest(data, SolutionManifest::parse);
}

pub fn manifest_acceptance(data: &[u8]) {
    manifest(data, AcceptanceManifest::parse);
    let Some(read) = std::str::from_utf8(data).ok().and_then(|text| AcceptanceManifest::parse("m.toml", text).ok()) else {
        return;
    };
    let again = AcceptanceManifest::parse("m.toml", &read.to_string());
    assert!(again.as_ref() == Ok(&read), "{again:?}");
}

fn manifest<T>(data: &[u8], parse: fn(&str, &str) -> Result<T, ManifestError>) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = leitai_package::manifest::stated("m.toml", text);
    if let Err(error) = parse("m.toml", text) {
        assert!(error.line >= 1 && error.line <= text.lines().count() + 1, "line {}", error.line);
        message(&error.what);
    }
}
