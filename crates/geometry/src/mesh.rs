//! Triangle meshes: checked, weighed and moved into their inertial frame; contact sees their convex hull.
//!
//! Volume, center of mass and inertia are sums over tetrahedra from an inner point to each triangle. Which triangles, and
//! whether a tetrahedron that points inward counts as negative, is [`MeshInertia`]: MuJoCo's names and meanings.

use crate::hull::Hull;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use leitai_math::linear::principal_axes;
use leitai_math::{Mat3, Pose, Vec3, real};
use once_cell::race::OnceBox;

/// Products of inertia that MuJoCo leaves in a mesh, as a part of its largest moment: its corners are in single precision.
const ALMOST_DIAGONAL: f64 = 1e-7;

/// A closed triangle mesh in its own inertial frame: center of mass at the origin, principal axes along x, y, z.
#[derive(Clone)]
pub struct Mesh {
    /// Corners [m] in the mesh's inertial frame.
    pub vertices: Vec<Vec3>,
    /// Triangles, counter-clockwise seen from outside.
    pub faces: Vec<[u32; 3]>,
    /// Where the inertial frame stands in the frame the file's corners were given in.
    pub file_from_mesh: Pose,
    /// Made when first asked for, as many meshes are only drawn.
    hull: OnceBox<Hull>,
    /// The corners [m] as given, from which the hull is made, so that its bits do not depend on when.
    given: Vec<Vec3>,
    flat: bool,
    volume: f64,
    unit_inertia: Vec3,
    low: Vec3,
    high: Vec3,
    radius: f64,
}

/// The same for equal meshes, whether the hull is made or not.
impl fmt::Debug for Mesh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Mesh");
        out.field("vertices", &self.vertices).field("faces", &self.faces).field("file_from_mesh", &self.file_from_mesh);
        out.field("volume", &self.volume).field("unit_inertia", &self.unit_inertia).finish_non_exhaustive()
    }
}

/// How the mass of a mesh is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MeshInertia {
    /// Uniform in the convex hull.
    Convex,
    /// Uniform inside the surface, which must be closed and consistently oriented.
    Exact,
    /// On the surface, by area: the mesh need not enclose anything, and may be flat.
    Shell,
    /// Every triangle adds its tetrahedron as positive: counts hollows of non-convex meshes double, forgives wrong orientation.
    #[default]
    Legacy,
}

/// Why a mesh cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MeshError {
    /// Fewer than four corners or no triangle.
    #[error("a mesh needs at least four corners and one triangle; this one has {vertices} and {faces}")]
    TooSmall {
        /// Corners found.
        vertices: usize,
        /// Triangles found.
        faces: usize,
    },
    /// More than [`Mesh::MOST_FACES`] triangles or three times as many corners.
    #[error(
        "a mesh may have up to {} triangles and {} corners; this one has {faces} and {vertices}: simplify it",
        Mesh::MOST_FACES,
        Mesh::MOST_VERTICES
    )]
    TooLarge {
        /// Corners found.
        vertices: usize,
        /// Triangles found.
        faces: usize,
    },
    /// A coordinate is not a number, infinite, or beyond [`Mesh::FARTHEST`].
    #[error(
        "corner {vertex} lies at ({x}, {y}, {z}): coordinates must be numbers up to {} m; check the file or its scale",
        Mesh::FARTHEST
    )]
    Corner {
        /// Its index.
        vertex: usize,
        /// x as read.
        x: f64,
        /// y as read.
        y: f64,
        /// z as read.
        z: f64,
    },
    /// A triangle names a corner that is not there.
    #[error("triangle {face} names corner {corner}, but there are only {vertices}")]
    Index {
        /// The triangle's index.
        face: usize,
        /// The corner it names.
        corner: u32,
        /// How many corners there are.
        vertices: usize,
    },
    /// All corners lie in one plane, line or point.
    #[error("the mesh is flat: its corners lie in one plane, so it has no volume; give it thickness or use it for drawing only")]
    Flat,
    /// Signed volume not positive.
    #[error(
        "the mesh encloses {volume} m³: its triangles are turned inside out or do not close; turn them, or choose inertia \"convex\""
    )]
    Inside {
        /// Signed volume [m³].
        volume: f64,
    },
}

impl Mesh {
    /// The most triangles a mesh may have.
    pub const MOST_FACES: usize = 1_000_000;
    /// The most corners a mesh may have.
    pub const MOST_VERTICES: usize = 3 * Self::MOST_FACES;
    /// The largest coordinate [m].
    pub const FARTHEST: f64 = 1e6;

    /// A mesh from corners [m] and triangles in the file's frame, weighed as MuJoCo does by default ([`MeshInertia::Legacy`]).
    ///
    /// # Errors
    /// See [`MeshError`].
    pub fn new(vertices: Vec<Vec3>, faces: Vec<[u32; 3]>) -> Result<Self, MeshError> {
        Self::with_inertia(vertices, faces, MeshInertia::default())
    }

    /// The convex hull of corners [m] in the file's frame, as a mesh of its own.
    ///
    /// # Errors
    /// See [`MeshError`].
    pub fn convex(vertices: Vec<Vec3>) -> Result<Self, MeshError> {
        check(&vertices, &[[0, 0, 0]])?;
        let hull = Hull::new(&vertices).ok_or(MeshError::Flat)?;
        let (corners, triangles) = (hull.corners.clone(), hull.triangles.clone());
        Self::weighed(corners, triangles, Some(hull), false, MeshInertia::Convex)
    }

    /// A mesh from corners [m] and triangles in the file's frame, weighed as `inertia` says.
    ///
    /// # Errors
    /// See [`MeshError`].
    pub fn with_inertia(vertices: Vec<Vec3>, faces: Vec<[u32; 3]>, inertia: MeshInertia) -> Result<Self, MeshError> {
        check(&vertices, &faces)?;
        let flat = Hull::is_flat(&vertices);
        if flat && inertia != MeshInertia::Shell {
            return Err(MeshError::Flat);
        }
        let hull = if inertia == MeshInertia::Convex { Hull::new(&vertices) } else { None };
        Self::weighed(vertices, faces, hull, flat, inertia)
    }

    fn weighed(
        mut vertices: Vec<Vec3>,
        faces: Vec<[u32; 3]>,
        hull: Option<Hull>,
        flat: bool,
        inertia: MeshInertia,
    ) -> Result<Self, MeshError> {
        let mass = match (inertia, &hull) {
            (MeshInertia::Convex, Some(hull)) => MassProperties::of(&hull.corners, &hull.triangles, false),
            (MeshInertia::Shell, _) => MassProperties::of_shell(&vertices, &faces),
            _ => MassProperties::of(&vertices, &faces, inertia == MeshInertia::Legacy),
        };
        let size = vertices.iter().fold(0.0, |s, c| real::max(s, (*c - vertices[0]).norm()));
        let least = 1e-9 * size * size * if inertia == MeshInertia::Shell { 1.0 } else { size };
        // Below this volume the inertia is rounding.
        if mass.volume.is_nan() || mass.volume <= least {
            return Err(MeshError::Inside { volume: mass.volume });
        }
        let (moments, axes) = principal_axes(&mass.inertia, ALMOST_DIAGONAL);
        let file_from_mesh = Pose::new(mass.center, axes);
        let rotation = file_from_mesh.rotation.to_mat();
        let (given, hull) = match hull {
            Some(mut hull) => {
                hull.transform(&rotation, mass.center);
                (Vec::new(), OnceBox::with_value(Box::new(hull)))
            }
            None => (vertices.clone(), OnceBox::new()),
        };
        vertices.iter_mut().for_each(|p| *p = rotation.transpose_mul(*p - mass.center));
        let (mut low, mut high, mut radius) = (vertices[0], vertices[0], 0.0);
        for &p in &vertices {
            (low, high, radius) = (low.min(p), high.max(p), real::max(radius, p.norm()));
        }
        let unit_inertia = moments * (1.0 / mass.volume);
        Ok(Self { vertices, faces, file_from_mesh, hull, given, flat, volume: mass.volume, unit_inertia, low, high, radius })
    }

    /// The convex hull, in the mesh's frame. The first call makes it, which allocates and takes milliseconds for large meshes.
    #[must_use]
    pub fn hull(&self) -> &Hull {
        self.hull.get_or_init(|| {
            let solid = if self.flat { None } else { Hull::new(&self.given) };
            let mut hull = solid.unwrap_or_else(|| Hull::sheet(&self.given, &self.faces));
            hull.transform(&self.file_from_mesh.rotation.to_mat(), self.file_from_mesh.position);
            Box::new(hull)
        })
    }
    /// True if all corners lie in one plane: such a mesh can be drawn, but not touched.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.flat
    }
    /// Volume [m³], or area [m²] if the mass is spread on the surface.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.volume
    }
    /// Principal inertia [kg·m²] at the given mass [kg].
    #[must_use]
    pub fn inertia(&self, mass: f64) -> Vec3 {
        self.unit_inertia * mass
    }
    /// Radius [m] of a ball about the origin that holds every corner.
    #[must_use]
    pub fn bounding_radius(&self) -> f64 {
        self.radius
    }
    /// Lowest and highest corner of the upright box in the mesh's frame [m].
    #[must_use]
    pub fn bounds(&self) -> (Vec3, Vec3) {
        (self.low, self.high)
    }
}

fn check(vertices: &[Vec3], faces: &[[u32; 3]]) -> Result<(), MeshError> {
    let (vertex_count, face_count) = (vertices.len(), faces.len());
    if vertex_count < 4 || face_count == 0 {
        return Err(MeshError::TooSmall { vertices: vertex_count, faces: face_count });
    }
    if face_count > Mesh::MOST_FACES || vertex_count > Mesh::MOST_VERTICES {
        return Err(MeshError::TooLarge { vertices: vertex_count, faces: face_count });
    }
    for (vertex, p) in vertices.iter().enumerate() {
        // Written so that NaN fails.
        if !(p.is_finite() && p.abs().max_component() <= Mesh::FARTHEST) {
            return Err(MeshError::Corner { vertex, x: p.x, y: p.y, z: p.z });
        }
    }
    for (face, corners) in faces.iter().enumerate() {
        for &corner in corners {
            if corner as usize >= vertex_count {
                return Err(MeshError::Index { face, corner, vertices: vertex_count });
            }
        }
    }
    Ok(())
}

/// Volume [m³], center of mass [m] and inertia about it at unit density [m⁵].
struct MassProperties {
    volume: f64,
    center: Vec3,
    inertia: Mat3,
}

impl MassProperties {
    /// Area [m²] in place of the volume, center of mass and inertia of the surface at unit density.
    fn of_shell(vertices: &[Vec3], faces: &[[u32; 3]]) -> Self {
        let triangle = |f: &[u32; 3], from: Vec3| {
            let p = f.map(|i| vertices[i as usize] - from);
            (p, 0.5 * (p[1] - p[0]).cross(p[2] - p[0]).norm())
        };
        let (mut area, mut center) = (0.0, Vec3::ZERO);
        for f in faces {
            let (p, a) = triangle(f, Vec3::ZERO);
            area += a;
            center += (p[0] + p[1] + p[2]) * (a / 3.0);
        }
        let center = if area > 0.0 { center * (1.0 / area) } else { vertices[0] };
        // ∫ x xᵀ over a triangle is A/12 (Σ pᵢpᵢᵀ + s sᵀ), s = Σ pᵢ.
        let mut second = [0.0; 6];
        for f in faces {
            let (p, a) = triangle(f, center);
            add_second_moment(&mut second, &p, a / 12.0);
        }
        Self { volume: area, center, inertia: inertia_of(second) }
    }

    /// Sums over triangles; `unsigned` counts every tetrahedron as positive.
    fn of(vertices: &[Vec3], faces: &[[u32; 3]], unsigned: bool) -> Self {
        let corners = |f: &[u32; 3]| f.map(|i| vertices[i as usize]);
        // The surface's own center is a good inner point to hang the tetrahedra on.
        let (mut area, mut middle) = (0.0, Vec3::ZERO);
        for f in faces {
            let [a, b, c] = corners(f);
            let twice = (b - a).cross(c - a).norm();
            area += twice;
            middle += (a + b + c) * (twice / 3.0);
        }
        let middle = if area > 0.0 { middle * (1.0 / area) } else { vertices[0] };
        let volume_of = |a: Vec3, b: Vec3, c: Vec3| {
            let v = a.dot(b.cross(c)) / 6.0;
            if unsigned { real::abs(v) } else { v }
        };
        let (mut volume, mut center) = (0.0, Vec3::ZERO);
        for f in faces {
            let [a, b, c] = corners(f).map(|p| p - middle);
            let v = volume_of(a, b, c);
            volume += v;
            center += (a + b + c) * (v / 4.0);
        }
        let center = middle + if real::abs(volume) > 0.0 { center * (1.0 / volume) } else { Vec3::ZERO };
        // ∫ x xᵀ over a tetrahedron with one corner at the origin is V/20 (Σ pᵢpᵢᵀ + s sᵀ), s = Σ pᵢ (Tonon, 2004).
        let mut second = [0.0; 6];
        let mut volume_about_center = 0.0;
        for f in faces {
            let p = corners(f).map(|p| p - center);
            let v = volume_of(p[0], p[1], p[2]);
            volume_about_center += v;
            add_second_moment(&mut second, &p, v / 20.0);
        }
        // Unsigned sums depend on the inner point; MuJoCo divides by the sum it took with the inertia.
        let volume = if unsigned { volume_about_center } else { volume };
        Self { volume, center, inertia: inertia_of(second) }
    }
}

/// Adds `weight` (Σ pᵢpᵢᵀ + s sᵀ), s = Σ pᵢ, as its entries xx, yy, zz, xy, xz, yz.
fn add_second_moment(second: &mut [f64; 6], p: &[Vec3; 3], weight: f64) {
    let s = p[0] + p[1] + p[2];
    for (slot, (i, j)) in second.iter_mut().zip([(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]) {
        *slot += weight * (p[0][i] * p[0][j] + p[1][i] * p[1][j] + p[2][i] * p[2][j] + s[i] * s[j]);
    }
}

/// The inertia that follows from ∫ x xᵀ.
fn inertia_of([xx, yy, zz, xy, xz, yz]: [f64; 6]) -> Mat3 {
    Mat3::symmetric(yy + zz, xx + zz, xx + yy, -xy, -xz, -yz)
}
