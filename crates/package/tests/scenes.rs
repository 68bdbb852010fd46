//! Meshes from scene files: COLLADA and GLB, checked against corners and volumes known beforehand.

use leitai_math::Vec3;
use leitai_package::mesh;

/// A wedge in COLLADA, in centimeters, moved and turned by two nodes, and in GLB, moved and scaled: the corners are those of an OBJ
/// that holds them as they end up.
#[test]
fn scenes_are_placed_by_their_nodes() {
    let collada = include_str!("../../../oracle/mujoco/models/part/wedge.dae");
    let found = mesh::read(collada.as_bytes(), mesh::Format::Collada).unwrap();
    let wanted = [[1.0, 0.0, 0.5], [1.0, 0.1, 0.5], [0.8, 0.0, 0.5], [1.0, 0.0, 0.8]];
    for (corner, wanted) in found.vertices.iter().zip(wanted) {
        assert!((*corner - Vec3::from_slice(&wanted)).norm() < 1e-7, "{corner:?}");
    }
    assert_eq!((found.vertices.len(), found.faces.len()), (8, 4));
    assert!((mesh::build(found.vertices, found.faces, mesh::MeshInertia::Exact).unwrap().volume() - 1e-3).abs() < 1e-9);

    let glb = include_bytes!("../../../oracle/mujoco/models/part/wedge.glb");
    let found = mesh::read(glb, mesh::Format::Glb).unwrap();
    let wanted = [[0.0, 0.0, 2.0], [0.0, 2.0, 2.0], [-1.0, 0.0, 2.0], [0.0, 0.0, 1.0]];
    for (corner, wanted) in found.vertices.iter().zip(wanted) {
        assert!((*corner - Vec3::from_slice(&wanted)).norm() < 1e-7, "{corner:?}");
    }
    // The mirror turned the triangles round, so that they still face outward.
    assert!((mesh::build(found.vertices, found.faces, mesh::MeshInertia::Exact).unwrap().volume() - 1.0 / 3.0).abs() < 1e-7);

    for (bytes, format, wanted) in [
        (&b"<COLLADA/"[..], mesh::Format::Collada, "the scene is not well-formed XML"),
        (b"<html/>", mesh::Format::Collada, "the scene is no COLLADA; export the mesh again, or as STL"),
        (&glb[..60], mesh::Format::Glb, "the file has 60 bytes where"),
        (b"glTF\x01\0\0\0", mesh::Format::Glb, "the scene is no GLB of version 2; export the mesh again, or as STL"),
    ] {
        let error = mesh::read(bytes, format).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
    let circle = collada
        .replace("<instance_geometry url=\"#g\"/>", "<instance_node url=\"#n\"/>")
        .replace("<node><matrix>", "<node id=\"n\"><matrix>");
    let error = mesh::read(circle.as_bytes(), mesh::Format::Collada).unwrap_err().to_string();
    assert_eq!(error, "the scene nests nodes deeper than 100, perhaps in a circle; export the mesh again, or as STL");
}
