//! Triangle meshes: STL, OBJ, MuJoCo's MSH, COLLADA and GLB, from bytes to corners and triangles.
//!
//! Corners pass through single precision, because MuJoCo keeps them so and its inertias follow from that.

mod collada;
mod glb;
mod msh;
mod obj;
mod polygon;
mod scene;
mod stl;

use alloc::string::String;
use alloc::vec::Vec;
pub use leitai_geometry::mesh::MeshInertia;
use leitai_geometry::{Mesh, MeshError};
use leitai_math::Vec3;

/// The most corners or triangles of a mesh.
pub const MOST: usize = 4_000_000;

/// The most bytes of mesh files of one description, a file counted each time it is read.
pub const MOST_BYTES: usize = 512 << 20;

/// What is left of [`MOST_BYTES`]: a description may name a large file very often.
#[derive(Clone, Debug)]
pub struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MOST_BYTES }
    }
}

impl Budget {
    /// Takes `bytes` out of the budget.
    ///
    /// # Errors
    /// If they are not left.
    pub fn take(&mut self, bytes: usize) -> Result<(), MeshFileError> {
        let left = self.left.checked_sub(bytes);
        // Once passed, nothing more is read, however small.
        self.left = left.unwrap_or(0);
        left.map(drop).ok_or(MeshFileError::TooMuch)
    }

    /// Whether nothing is left, so that the next file need not be opened.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// STL, binary or text.
    Stl,
    /// Wavefront OBJ.
    Obj,
    /// MuJoCo's own binary format.
    Msh,
    /// COLLADA; in URDF only.
    Collada,
    /// Binary glTF; in URDF only.
    Glb,
}

impl Format {
    /// The format of a file name's extension (lower case, without the dot).
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "stl" => Some(Self::Stl),
            "obj" => Some(Self::Obj),
            "msh" => Some(Self::Msh),
            "dae" => Some(Self::Collada),
            "glb" => Some(Self::Glb),
            _ => None,
        }
    }
    /// True for formats that MuJoCo reads.
    #[must_use]
    pub fn is_of_mjcf(self) -> bool {
        matches!(self, Self::Stl | Self::Obj | Self::Msh)
    }
    /// The format of a media type.
    #[must_use]
    pub fn of_media_type(kind: &str) -> Option<Self> {
        match kind {
            "model/stl" => Some(Self::Stl),
            "model/obj" => Some(Self::Obj),
            "model/vnd.mujoco.msh" => Some(Self::Msh),
            _ => None,
        }
    }
}

/// Corners and triangles as a file gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Triangles {
    /// Corners, in the file's unit.
    pub vertices: Vec<Vec3>,
    /// Triangles, counter-clockwise seen from outside; empty asks for the convex hull of the corners.
    pub faces: Vec<[u32; 3]>,
}

/// Why a mesh file cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MeshFileError {
    /// The file ends too early or is too long for what it announces.
    #[error("the file has {actual} bytes where {expected} are announced; it is damaged or of another format")]
    Length {
        /// Bytes the header announces.
        expected: u64,
        /// Bytes there are.
        actual: u64,
    },
    /// A text file has a line that makes no sense.
    #[error("line {line}: {what}; export the mesh again")]
    Line {
        /// Line, from one.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A coordinate is not finite.
    #[error("corner {corner} is not finite; export the mesh again")]
    NotFinite {
        /// Index of the corner.
        corner: usize,
    },
    /// A triangle names a corner that is not there.
    #[error("a triangle names corner {index}, and there are {corners}; corners count from 0")]
    NoSuchCorner {
        /// The index.
        index: i64,
        /// How many there are.
        corners: usize,
    },
    /// A list of numbers does not divide into triples.
    #[error("`{what}` has {count} numbers, which is no multiple of three; add or remove some")]
    Ragged {
        /// The list.
        what: &'static str,
        /// How many numbers.
        count: usize,
    },
    /// A scene that cannot be read.
    #[error("the scene {what}; export the mesh again, or as STL")]
    Scene {
        /// What is wrong.
        what: String,
    },
    /// Too much.
    #[error("the mesh has more than {limit} corners or triangles; simplify it", limit = MOST)]
    TooLarge,
    /// Too much together.
    #[error("with it the meshes of this description have more than {limit} bytes; simplify them", limit = MOST_BYTES)]
    TooMuch,
    /// Geometry refuses it.
    #[error(transparent)]
    Shape(#[from] MeshError),
}

/// Reads corners and triangles from the bytes of a file.
///
/// # Errors
/// If the bytes are not of that format, or hold impossible numbers.
pub fn read(bytes: &[u8], format: Format) -> Result<Triangles, MeshFileError> {
    let triangles = match format {
        Format::Stl => stl::read(bytes)?,
        Format::Obj => obj::read(bytes)?,
        Format::Msh => msh::read(bytes)?,
        Format::Collada => collada::read(bytes)?,
        Format::Glb => glb::read(bytes)?,
    };
    if triangles.vertices.len() > MOST || triangles.faces.len() > MOST {
        return Err(MeshFileError::TooLarge);
    }
    if let Some(corner) = triangles.vertices.iter().position(|vertex| !vertex.is_finite()) {
        return Err(MeshFileError::NotFinite { corner });
    }
    Ok(triangles)
}

/// A mesh from corners [m] and triangles; without triangles, the convex hull of the corners.
///
/// # Errors
/// If a triangle names a corner that is not there, or the mesh has no volume.
pub fn build(vertices: Vec<Vec3>, faces: Vec<[u32; 3]>, inertia: MeshInertia) -> Result<Mesh, MeshError> {
    if faces.is_empty() { Mesh::convex(vertices) } else { Mesh::with_inertia(vertices, faces, inertia) }
}
