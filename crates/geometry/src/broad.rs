//! Faces of a hull that are flat enough to rest on: MuJoCo's polygons.
//!
//! Triangles whose normals fall into the same cell of a grid of angles, 0.01 rad wide, and hang together are one face. The grid
//! stands in the mesh's inertial frame; its poles are cells of their own.

use crate::hull::{NONE, gather, in_order};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Vec3, real};

/// Width of a cell [rad].
const CELL: f64 = 0.01;
/// A normal this near to the axis lies at the pole.
const POLE: f64 = 1e-7;

/// The faces.
#[derive(Clone, Debug, Default)]
pub struct BroadFaces {
    /// Corners of face `f` are `rims[rim_start[f]..rim_start[f + 1]]`, counter-clockwise seen from outside.
    rim_start: Vec<u32>,
    rims: Vec<u32>,
    normals: Vec<Vec3>,
    /// Faces at corner `i` are `faces_at[face_start[i]..face_start[i + 1]]`.
    face_start: Vec<u32>,
    faces_at: Vec<u32>,
}

impl BroadFaces {
    /// Joins the triangles of a hull.
    pub fn new(corners: &[Vec3], triangles: &[[u32; 3]]) -> Self {
        let doubled = |t: &[u32; 3]| {
            let [a, b, c] = t.map(|i| corners[i as usize]);
            (b - a).cross(c - a)
        };
        let cells: Vec<Option<(i32, i32)>> = triangles.iter().map(|t| cell(doubled(t))).collect();
        let edges = |t: usize| (0..3).map(move |e| (triangles[t][e], triangles[t][(e + 1) % 3]));
        let owner: BTreeMap<(u32, u32), usize> = (0..triangles.len()).flat_map(|t| edges(t).map(move |e| (e, t))).collect();
        let mut group = vec![NONE; triangles.len()];
        let mut out = Self { rim_start: vec![0], ..Self::default() };
        let mut leaving_from = vec![NONE; corners.len()];
        for seed in 0..triangles.len() {
            if group[seed] != NONE || cells[seed].is_none() {
                continue;
            }
            let name = seed as u32;
            let mut members = vec![seed];
            group[seed] = name;
            let mut k = 0;
            while k < members.len() {
                for (from, to) in edges(members[k]) {
                    if let Some(&other) = owner.get(&(to, from))
                        && group[other] == NONE
                        && cells[other] == cells[seed]
                    {
                        group[other] = name;
                        members.push(other);
                    }
                }
                k += 1;
            }
            let inner = |from, to| owner.get(&(to, from)).is_some_and(|&other| group[other] == name);
            let open = members.iter().flat_map(|&t| edges(t)).filter(|&(from, to)| !inner(from, to));
            let rim: Vec<(u32, u32, u32)> = open.map(|(from, to)| (from, to, 0)).collect();
            let order = in_order(&rim, &mut leaving_from);
            for edge in &rim {
                leaving_from[edge.0 as usize] = NONE;
            }
            match order {
                Some(order) => out.rims.extend(order.iter().map(|&k| rim[k].0)),
                // A rim that touches itself bounds no polygon; its first triangle stands for it.
                None => out.rims.extend(triangles[seed]),
            }
            let normal = members.iter().fold(Vec3::ZERO, |sum, &t| sum + doubled(&triangles[t]));
            out.normals.push(normal.normalized_or(Vec3::Z));
            out.rim_start.push(out.rims.len() as u32);
        }
        let at_corners = (0..out.normals.len()).flat_map(|f| out.rim(f).iter().map(move |&corner| (corner, f as u32)));
        (out.face_start, out.faces_at) = gather(corners.len(), at_corners);
        out
    }

    /// Corners of face `f`, counter-clockwise seen from outside.
    pub fn rim(&self, f: usize) -> &[u32] {
        &self.rims[self.rim_start[f] as usize..self.rim_start[f + 1] as usize]
    }

    /// Outward unit normal of face `f`.
    pub fn normal(&self, f: usize) -> Vec3 {
        self.normals[f]
    }

    /// Faces that have corner `i` on their rim, ascending.
    pub fn at(&self, i: usize) -> &[u32] {
        &self.faces_at[self.face_start[i] as usize..self.face_start[i + 1] as usize]
    }
}

/// The cell of the grid of angles that a normal (of any length) falls into; none for a sliver without one.
#[allow(clippy::cast_possible_truncation)]
fn cell(normal: Vec3) -> Option<(i32, i32)> {
    let length = normal.norm();
    if length.is_nan() || length < 1e-15 {
        return None;
    }
    let n = normal * (1.0 / length);
    let nearest = |x: f64| if x < 0.0 { -((-x + 0.5) as i32) } else { (x + 0.5) as i32 };
    if real::abs(n.z) > 1.0 - POLE {
        return Some((0, if n.z < 0.0 { nearest(real::PI / CELL) } else { 0 }));
    }
    Some((nearest(real::atan2(n.y, n.x) / CELL), nearest(real::acos(n.z) / CELL)))
}
