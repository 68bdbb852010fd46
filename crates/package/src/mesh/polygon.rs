//! From polygons to triangles: where MuJoCo's reader of OBJ files cuts them.
//!
//! A quadrangle is cut along its shorter diagonal. A larger polygon loses its ears one by one, the search going on from where
//! the last ear was; a convex one becomes a fan about its first corner. A corner counts as bent outward if it turns the way it
//! goes about the origin, which is wrong for some, and what then has no ear left is dropped, as are polygons of more than 100
//! corners. Where a polygon is cut changes the mesh's center of mass, in which its frame stands, so all of this is kept, in the
//! file's single precision.

use alloc::vec::Vec;
use leitai_math::Vec3;

/// The most corners of a polygon that is not dropped.
const MOST_CORNERS: usize = 100;

/// Steps that the polygons of one file may take; past it they become fans, so that a hostile file ends soon.
pub const MOST_STEPS: usize = 1 << 28;

/// Appends the triangles of the polygon with these corners, some of which it removes; takes what it costs from `steps`.
pub fn triangles(vertices: &[Vec3], corners: &mut Vec<u32>, out: &mut Vec<[u32; 3]>, steps: &mut usize) {
    match corners[..] {
        [a, b, c] => out.push([a, b, c]),
        [a, b, c, d] => {
            let squared = |from: u32, to: u32| {
                let (p, q) = (single(vertices, from), single(vertices, to));
                let [x, y, z] = [0, 1, 2].map(|k| q[k] - p[k]);
                x * x + y * y + z * z
            };
            out.extend(if squared(a, c) < squared(b, d) { [[a, b, c], [a, c, d]] } else { [[a, b, d], [b, c, d]] });
        }
        _ if corners.len() > MOST_CORNERS => {}
        _ => clip_ears(vertices, corners, out, steps),
    }
}

/// A corner in single precision.
#[allow(clippy::cast_possible_truncation)]
fn single(vertices: &[Vec3], corner: u32) -> [f32; 3] {
    vertices[corner as usize].to_array().map(|x| x as f32)
}

/// Cuts off ears until three corners are left, or a whole round finds none.
fn clip_ears(vertices: &[Vec3], corners: &mut Vec<u32>, out: &mut Vec<[u32; 3]>, steps: &mut usize) {
    let axes = plane(vertices, corners);
    let flat = |corner: u32| axes.map(|k| single(vertices, corner)[k]);
    // Looks left; the first look after an ear is free, unless the ear was found by the last one.
    let (mut start, mut tries, mut before) = (0, corners.len(), corners.len());
    while corners.len() > 3 && tries > 0 {
        let n = corners.len();
        if *steps < n {
            out.extend(corners[1..].windows(2).map(|pair| [corners[0], pair[0], pair[1]]));
            return;
        }
        *steps -= n;
        if start >= n {
            start -= n;
        }
        tries = if before == n { tries - 1 } else { n };
        before = n;
        let ear = [0, 1, 2].map(|k| corners[(start + k) % n]);
        let [p, q, r] = ear.map(flat);
        let turn = (q[0] - p[0]) * (r[1] - q[1]) - (q[1] - p[1]) * (r[0] - q[0]);
        let about_origin = (p[0] * q[1] - p[1] * q[0]) * 0.5;
        if turn * about_origin < 0.0 || (3..n).any(|k| holds(&[p, q, r], flat(corners[(start + k) % n]))) {
            start += 1;
            continue;
        }
        out.push(ear);
        corners.remove((start + 1) % n);
    }
    if let [a, b, c] = corners[..] {
        out.push([a, b, c]);
    }
}

/// The two coordinates in which the polygon is widest, told by its first proper corner.
fn plane(vertices: &[Vec3], corners: &[u32]) -> [usize; 2] {
    let n = corners.len();
    for k in 0..n {
        let [p, q, r] = [0, 1, 2].map(|i| single(vertices, corners[(k + i) % n]));
        let (a, b) = ([0, 1, 2].map(|i| q[i] - p[i]), [0, 1, 2].map(|i| r[i] - q[i]));
        let [x, y, z] = [(1, 2), (2, 0), (0, 1)].map(|(i, j)| {
            let turn = a[i] * b[j] - a[j] * b[i];
            if turn < 0.0 { -turn } else { turn }
        });
        if x > f32::EPSILON || y > f32::EPSILON || z > f32::EPSILON {
            return match () {
                () if x > y && x > z => [1, 2],
                () if z > x && z > y => [0, 1],
                () => [0, 2],
            };
        }
    }
    [1, 2]
}

/// Whether the triangle holds the point, by counting the sides that a ray from it crosses.
fn holds(triangle: &[[f32; 2]; 3], point: [f32; 2]) -> bool {
    let mut inside = false;
    for k in 0..3 {
        let (p, q) = (triangle[k], triangle[(k + 2) % 3]);
        if (p[1] > point[1]) != (q[1] > point[1]) && point[0] < (q[0] - p[0]) * (point[1] - p[1]) / (q[1] - p[1]) + p[0] {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn cut(flat: &[[f64; 2]], order: &[u32]) -> Vec<[u32; 3]> {
        let vertices: Vec<_> = flat.iter().map(|p| Vec3::new(p[0], p[1], 0.0)).collect();
        let (mut corners, mut out) = (order.to_vec(), vec![]);
        triangles(&vertices, &mut corners, &mut out, &mut MOST_STEPS.clone());
        out
    }

    /// `mesh_face` of MuJoCo 4.0.0 for these polygons.
    #[test]
    fn polygons_are_cut_where_mujoco_cuts_them() {
        let wide = [[0.0, 0.0], [2.0, 0.0], [2.2, 1.0], [0.0, 1.0]];
        assert_eq!(cut(&wide, &[0, 1, 2, 3]), [[0, 1, 3], [1, 2, 3]]);
        assert_eq!(cut(&wide, &[3, 2, 1, 0]), [[3, 2, 1], [3, 1, 0]]);
        let pentagon = [[0.0, 0.0], [2.0, 0.0], [3.0, 1.0], [1.0, 2.0], [-1.0, 1.0]];
        assert_eq!(cut(&pentagon, &[0, 1, 2, 3, 4]), [[0, 1, 2], [0, 2, 3], [0, 3, 4]]);
        let corner = [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [1.0, 1.0], [1.0, 2.0], [0.0, 2.0]];
        assert_eq!(cut(&corner, &[5, 4, 3, 2, 1, 0]), [[5, 4, 3], [3, 2, 1], [3, 1, 0], [5, 3, 0]]);
        assert_eq!(cut(&corner, &[0, 1, 2, 3, 4, 5]), [[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 5]]);
    }

    #[test]
    fn a_polygon_ends_when_its_steps_are_used_up() {
        let vertices = vec![Vec3::ZERO; MOST_CORNERS + 1];
        for (n, mut steps, found) in [(100, MOST_STEPS, 98), (100, 1_000, 98), (100, 0, 98), (101, MOST_STEPS, 0)] {
            let (mut corners, mut out) = ((0..n).collect(), vec![]);
            triangles(&vertices, &mut corners, &mut out, &mut steps);
            assert_eq!(out.len(), found);
        }
    }
}
