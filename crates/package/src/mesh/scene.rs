//! What scene formats share: triangles of several meshes, each placed where the scene's nodes put it.

use super::{MOST, MeshFileError, Triangles};
use alloc::string::String;
use leitai_math::{Mat3, Vec3};

/// The most nodes that a scene may walk through, those that are used again counted again.
const MOST_NODES: usize = 100_000;
/// The deepest nesting of nodes.
const DEEPEST: usize = 100;

/// A linear map and a shift.
#[derive(Clone, Copy, Debug)]
pub struct Affine {
    pub linear: Mat3,
    pub shift: Vec3,
}

impl Affine {
    pub const IDENTITY: Self = Self { linear: Mat3::IDENTITY, shift: Vec3::ZERO };

    /// First `inner`, then this.
    pub fn after(&self, inner: &Self) -> Self {
        Self { linear: self.linear * inner.linear, shift: self.apply(inner.shift) }
    }
    pub fn apply(&self, point: Vec3) -> Vec3 {
        self.linear * point + self.shift
    }
    /// From sixteen numbers, row by row.
    pub fn from_rows(m: &[f64; 16]) -> Self {
        let row = |i: usize| Vec3::new(m[4 * i], m[4 * i + 1], m[4 * i + 2]);
        Self { linear: Mat3::from_rows(row(0), row(1), row(2)), shift: Vec3::new(m[3], m[7], m[11]) }
    }
    fn mirrors(&self) -> bool {
        let l = &self.linear;
        l.column(0).cross(l.column(1)).dot(l.column(2)) < 0.0
    }
}

/// Walks a scene and gathers triangles, within bounds.
#[derive(Default)]
pub struct Gathering {
    pub found: Triangles,
    nodes: usize,
    depth: usize,
}

impl Gathering {
    /// Enters a node; [`Self::leave`] follows.
    pub fn enter(&mut self) -> Result<(), MeshFileError> {
        self.nodes += 1;
        self.depth += 1;
        if self.nodes > MOST_NODES {
            return Err(wrong(alloc::format!("walks through more than {MOST_NODES} nodes")));
        }
        if self.depth > DEEPEST {
            return Err(wrong(alloc::format!("nests nodes deeper than {DEEPEST}, perhaps in a circle")));
        }
        Ok(())
    }
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Adds a mesh where `place` puts it.
    pub fn add(&mut self, mesh: &Triangles, place: &Affine) -> Result<(), MeshFileError> {
        let Triangles { vertices, faces } = &mut self.found;
        if vertices.len() + mesh.vertices.len() > MOST || faces.len() + mesh.faces.len() > MOST {
            return Err(MeshFileError::TooLarge);
        }
        let start = vertices.len() as u32;
        // Corners pass through single precision, as those of other formats.
        #[allow(clippy::cast_possible_truncation)]
        let single = |v: Vec3| Vec3::new(f64::from(v.x as f32), f64::from(v.y as f32), f64::from(v.z as f32));
        vertices.extend(mesh.vertices.iter().map(|v| single(place.apply(*v))));
        let turned = place.mirrors();
        faces.extend(mesh.faces.iter().map(|[a, b, c]| {
            let [b, c] = if turned { [c, b] } else { [b, c] };
            [start + a, start + b, start + c]
        }));
        Ok(())
    }
}

/// What is wrong with a scene.
pub fn wrong(what: impl Into<String>) -> MeshFileError {
    MeshFileError::Scene { what: what.into() }
}
