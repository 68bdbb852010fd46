//! A patch of a surface and the way over it: lanes in the plane of a site, seen along its -z.
//!
//! Whoever knows the drawing of a part knows its surface: rays along the site's -z tell point and normal. The controller casts them on the
//! nominal world; a trial casts them on the one that was drawn.

use alloc::string::String;
use alloc::vec::Vec;
use leitai_dynamics::{Data, site_pose};
use leitai_geometry::contact::Placement;
use leitai_geometry::{Shape, ray};
use leitai_math::{Pose, Vec3, real};
use leitai_model::{Model, SiteId};
use leitai_package::manifest::Patch;

/// Distance of two points of a way in the plane [m].
const SPACING_M: f64 = 0.002;
/// Rays begin this high above the site [m].
const ABOVE_M: f64 = 10.0;

/// A place of a surface, in the frame of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spot {
    /// Where [m].
    pub point: Vec3,
    /// Unit normal, out of the surface.
    pub normal: Vec3,
}

/// One geom that a surface is made of.
#[derive(Clone, Debug)]
pub struct Face {
    shape: Shape,
    placement: Placement,
}

/// The geoms called `names`, in the frame of `site`; with every joint of the model as in `data`.
///
/// # Errors
/// The first name that the model lacks.
pub fn faces<'n>(model: &Model, data: &Data, site: SiteId, names: &'n [String]) -> Result<Vec<Face>, &'n str> {
    let site_from_world = site_pose(model, data, site).inverse();
    let face = |name: &'n String| {
        let geom = model.geoms.iter().find(|geom| geom.name == *name).ok_or(name.as_str())?;
        let pose: Pose = site_from_world * data.body_pose[geom.body.index()] * geom.pose;
        Ok(Face { shape: geom.shape.clone(), placement: placement(&pose) })
    };
    names.iter().map(face).collect()
}

fn placement(pose: &Pose) -> Placement {
    Placement { position: pose.position, rotation: pose.rotation.to_mat() }
}

/// The highest place of the faces over (`x`, `y`) [m] of the site's plane; none beside them.
#[must_use]
pub fn spot(faces: &[Face], x: f64, y: f64) -> Option<Spot> {
    let above = Vec3::new(x, y, ABOVE_M);
    let mut best: Option<ray::RayHit> = None;
    for face in faces {
        let hit = ray::cast(&face.shape, &face.placement, above, -Vec3::Z);
        if let Some(hit) = hit.filter(|hit| best.is_none_or(|best| hit.distance < best.distance)) {
            best = Some(hit);
        }
    }
    best.map(|hit| Spot { point: Vec3::new(x, y, ABOVE_M - hit.distance), normal: hit.normal })
}

/// The way over a patch: from one lane to the next in half circles. Points [m] of the site's plane.
#[must_use]
pub fn lanes(patch: &Patch) -> Vec<[f64; 2]> {
    let (half, width) = (0.5 * patch.length_m + patch.margin_m, patch.width_m + 2.0 * patch.margin_m);
    let count = real::ceil(width / patch.pitch_m - 1e-9) as usize;
    let pitch = width / count.max(1) as f64;
    let steps = |length: f64| (real::ceil(length / SPACING_M) as usize).max(1);
    let mut way = Vec::new();
    for lane in 0..=count {
        let (y, out) = (pitch * lane as f64 - 0.5 * width, if lane % 2 == 0 { 1.0 } else { -1.0 });
        let along = steps(2.0 * half);
        way.extend((0..=along).map(|k| [out * half * (2.0 * k as f64 / along as f64 - 1.0), y]));
        if lane < count {
            let around = steps(0.5 * real::PI * pitch);
            way.extend((1..around).map(|k| {
                let (s, c) = real::sin_cos(real::PI * k as f64 / around as f64);
                [out * (half + 0.5 * pitch * s), y + 0.5 * pitch * (1.0 - c)]
            }));
        }
    }
    way
}

/// The middles of the cells of a patch, row by row along x, and how many make a row.
#[must_use]
pub fn cells(patch: &Patch) -> (Vec<[f64; 2]>, usize) {
    let count = |edge: f64| (real::round(edge / patch.cell_m) as usize).max(1);
    let (columns, rows) = (count(patch.length_m), count(patch.width_m));
    let at = |k: usize, count: usize, edge: f64| edge * ((k as f64 + 0.5) / count as f64 - 0.5);
    let cell = |k: usize| [at(k % columns, columns, patch.length_m), at(k / columns, rows, patch.width_m)];
    ((0..columns * rows).map(cell).collect(), columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Quat;

    fn patch() -> Patch {
        Patch {
            on: Vec::new(),
            length_m: 0.12,
            width_m: 0.08,
            pitch_m: 0.01,
            margin_m: 0.02,
            force_n: 20.0,
            least_share: 0.5,
            contact_radius_m: 0.02,
            cell_m: 0.004,
            removal: None,
        }
    }

    /// Closed form: a cylinder of radius R along y that touches the site's plane from below is z = √(R² − x²) − R, its normal radial.
    #[test]
    fn lanes_on_a_cylinder_are_where_the_circle_is() {
        let radius = 0.25;
        let turn = Quat::from_axis_angle(Vec3::X, 0.5 * real::PI);
        let pose = Pose::new(Vec3::new(0.0, 0.0, -radius), turn);
        let face = Face { shape: Shape::Cylinder { radius, half_length: 0.3 }, placement: placement(&pose) };
        let way = lanes(&patch());
        for &[x, y] in &way {
            let spot = spot(core::slice::from_ref(&face), x, y).expect("the cylinder is below");
            let root = real::sqrt(radius * radius - x * x);
            assert!((spot.point - Vec3::new(x, y, root - radius)).norm() < 1e-12, "{spot:?}");
            assert!((spot.normal - Vec3::new(x / radius, 0.0, root / radius)).norm() < 1e-12, "{spot:?}");
        }
        assert_eq!(spot(&[face], 0.0, 0.31), None, "beside the cylinder is nothing");
    }

    /// Geometry: thirteen lanes of 160 mm, 10 mm apart, and twelve half circles between them, in steps of at most 2 mm.
    #[test]
    fn lanes_are_as_long_as_their_pieces() {
        let way = lanes(&patch());
        let gap = |pair: &[[f64; 2]]| {
            let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
            real::sqrt(dx * dx + dy * dy)
        };
        let length: f64 = way.windows(2).map(gap).sum();
        let expected = 13.0 * 0.16 + 12.0 * 0.005 * real::PI;
        assert!((length - expected).abs() < 0.002, "{length} {expected}");
        assert!(way.windows(2).all(|pair| gap(pair) < 0.002 + 1e-9 && gap(pair) > 0.001));
        assert_eq!((way[0], way[way.len() - 1]), ([-0.08, -0.06], [0.08, 0.06]));
    }

    /// Geometry: the cells tile the patch.
    #[test]
    fn cells_tile_the_patch() {
        let (cells, columns) = cells(&patch());
        assert_eq!((cells.len(), columns), (600, 30));
        assert!((cells[0][0] + 0.058).abs() < 1e-12 && (cells[0][1] + 0.038).abs() < 1e-12, "{:?}", cells[0]);
        assert!((cells[599][0] - 0.058).abs() < 1e-12 && (cells[599][1] - 0.038).abs() < 1e-12);
    }
}
