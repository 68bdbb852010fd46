//! Convex hulls of point sets.
//!
//! Quickhull (Barber, Dobkin & Huhdanpaa, ACM TOMS 22(4), 1996): a tetrahedron grows by the farthest point outside one of
//! its facets, near O(n log n) on the meshes robots are made of. Points closer to a facet than a small part of the size
//! count as on it; facets that lie in one plane are merged into polygons, which is what contact clipping needs. The order of
//! work depends only on the input, so the same points give the same hull everywhere.

use crate::broad::BroadFaces;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Mat3, Vec3, real};

/// A convex polyhedron: corners, edges and merged flat faces.
#[derive(Clone, Debug)]
pub struct Hull {
    /// Corners [m].
    pub corners: Vec<Vec3>,
    /// Triangles, counter-clockwise seen from outside.
    pub triangles: Vec<[u32; 3]>,
    /// Neighbors of corner `i` along edges: `neighbors[neighbor_start[i]..neighbor_start[i + 1]]`.
    neighbor_start: Vec<u32>,
    neighbors: Vec<u32>,
    /// Flat faces: corners of face `f` are `rims[rim_start[f]..rim_start[f + 1]]`, counter-clockwise.
    rim_start: Vec<u32>,
    rims: Vec<u32>,
    /// Outward unit normals of the flat faces.
    normals: Vec<Vec3>,
    /// Flat faces at corner `i`: `faces_at[face_start[i]..face_start[i + 1]]`.
    face_start: Vec<u32>,
    faces_at: Vec<u32>,
    /// A corner far out in each of the 27 directions of a 3×3×3 grid, where a search begins.
    starts: [u32; 27],
    /// Faces that are flat to within a hundredth of a radian.
    pub(crate) broad: BroadFaces,
}

/// Below this many corners a plain scan is faster than climbing.
const SCAN: usize = 24;
/// Part of the size within which a point counts as lying on a facet.
const ON_FACET: f64 = 1e-9;
/// Part of the size below which a point set counts as flat.
const FLAT: f64 = 1e-6;
/// Facets whose normals differ by less [rad] and whose corners lie this near (as part of the size) to the plane are one face.
const MERGE_ANGLE: f64 = 1e-3;
const MERGE_HEIGHT: f64 = 1e-6;

impl Hull {
    /// The hull of `points`; nothing if they lie (nearly) in one plane.
    ///
    /// Coordinates must be finite.
    #[must_use]
    pub fn new(points: &[Vec3]) -> Option<Self> {
        let mut builder = Builder::new(points)?;
        builder.grow();
        Some(builder.finish())
    }

    /// Whether `points` lie (nearly) in one plane, so that they have no hull.
    pub(crate) fn is_flat(points: &[Vec3]) -> bool {
        tetrahedron(points).is_none()
    }

    /// Stands for the hull of a surface that has none because it is flat: its own corners and triangles, to be drawn.
    pub(crate) fn sheet(corners: &[Vec3], triangles: &[[u32; 3]]) -> Self {
        let edges = triangles.iter().flat_map(|t| [(t[0], t[1]), (t[1], t[2]), (t[2], t[0])]);
        let (neighbor_start, neighbors) = gather(corners.len(), edges.flat_map(|(a, b)| [(a, b), (b, a)]));
        let at_corners = triangles.iter().enumerate().flat_map(|(f, t)| t.map(|corner| (corner, f as u32)));
        let (face_start, faces_at) = gather(corners.len(), at_corners);
        let normal = |t: &[u32; 3]| {
            let [a, b, c] = t.map(|i| corners[i as usize]);
            (b - a).cross(c - a).normalized_or(Vec3::Z)
        };
        Self {
            corners: corners.to_vec(),
            triangles: triangles.to_vec(),
            neighbor_start,
            neighbors,
            rim_start: (0..=triangles.len() as u32).map(|f| 3 * f).collect(),
            rims: triangles.concat(),
            normals: triangles.iter().map(normal).collect(),
            face_start,
            faces_at,
            starts: starts(corners),
            broad: BroadFaces::default(),
        }
    }

    /// The corner farthest along `direction` (need not be unit length). Of equally far corners a scan takes the first.
    #[must_use]
    pub fn farthest(&self, direction: Vec3) -> usize {
        let mut best = 0;
        if self.corners.len() <= SCAN {
            let mut reach = f64::NEG_INFINITY;
            for (i, corner) in self.corners.iter().enumerate() {
                let along = corner.dot(direction);
                if along > reach {
                    (best, reach) = (i, along);
                }
            }
            return best;
        }
        best = self.starts[cell(direction)] as usize;
        let mut reach = self.corners[best].dot(direction);
        loop {
            let from = best;
            for &i in self.neighbors(from) {
                let along = self.corners[i as usize].dot(direction);
                if along > reach {
                    (best, reach) = (i as usize, along);
                }
            }
            if best == from {
                return best;
            }
        }
    }

    /// Corners that share an edge with corner `i`.
    #[must_use]
    pub fn neighbors(&self, i: usize) -> &[u32] {
        &self.neighbors[self.neighbor_start[i] as usize..self.neighbor_start[i + 1] as usize]
    }

    /// Moves the hull into the frame whose axes are the columns of `rotation` and whose origin is `center`.
    pub(crate) fn transform(&mut self, rotation: &Mat3, center: Vec3) {
        for corner in &mut self.corners {
            *corner = rotation.transpose_mul(*corner - center);
        }
        for normal in &mut self.normals {
            *normal = rotation.transpose_mul(*normal);
        }
        self.starts = starts(&self.corners);
        self.broad = BroadFaces::new(&self.corners, &self.triangles);
    }

    /// How many flat faces there are.
    #[must_use]
    pub fn face_count(&self) -> usize {
        self.normals.len()
    }

    /// Corners of flat face `f`, counter-clockwise seen from outside.
    #[must_use]
    pub fn rim(&self, f: usize) -> &[u32] {
        &self.rims[self.rim_start[f] as usize..self.rim_start[f + 1] as usize]
    }

    /// Outward unit normal of flat face `f`.
    #[must_use]
    pub fn normal(&self, f: usize) -> Vec3 {
        self.normals[f]
    }

    /// The flat face at corner `i` that looks most along `direction`.
    #[must_use]
    pub fn face_at(&self, i: usize, direction: Vec3) -> usize {
        let mut best = (0, f64::NEG_INFINITY);
        for &f in &self.faces_at[self.face_start[i] as usize..self.face_start[i + 1] as usize] {
            let along = self.normals[f as usize].dot(direction);
            if along > best.1 {
                best = (f as usize, along);
            }
        }
        best.0
    }
}

/// The cell of the 3×3×3 grid of directions that `direction` falls into.
fn cell(direction: Vec3) -> usize {
    let limit = 0.4 * direction.abs().max_component();
    let step = |x: f64| if x > limit { 2 } else { usize::from(x >= -limit) };
    step(direction.x) * 9 + step(direction.y) * 3 + step(direction.z)
}

/// A triangle of the growing hull.
struct Facet {
    corners: [u32; 3],
    /// The facet across the edge from corner `k` to corner `k + 1`.
    across: [u32; 3],
    normal: Vec3,
    offset: f64,
    outside: Vec<u32>,
    farthest: (f64, u32),
    alive: bool,
    /// The last round in which this facet was found visible.
    seen: u32,
}

struct Builder<'a> {
    points: &'a [Vec3],
    facets: Vec<Facet>,
    size: f64,
    round: u32,
}

pub(crate) const NONE: u32 = u32::MAX;

/// Corners of a tetrahedron, as large as a few scans can make it, and the points' size; nothing if they lie (nearly) in one plane.
/// The first three, in order, look away from the last.
fn tetrahedron(points: &[Vec3]) -> Option<([u32; 4], f64)> {
    let first = *points.first()?;
    let (mut low, mut high) = (first, first);
    let mut extremes = [0_usize; 6];
    for (i, p) in points.iter().enumerate() {
        for k in 0..3 {
            if p[k] < low[k] {
                (low[k], extremes[k]) = (p[k], i);
            }
            if p[k] > high[k] {
                (high[k], extremes[k + 3]) = (p[k], i);
            }
        }
    }
    let size = (high - low).max_component();
    if size.is_nan() || size <= 0.0 {
        return None;
    }
    let mut base = (0, 0, 0.0);
    for i in extremes {
        for j in extremes {
            let apart = (points[i] - points[j]).norm_squared();
            if apart > base.2 {
                base = (i, j, apart);
            }
        }
    }
    let (a, b) = (base.0, base.1);
    let along = (points[b] - points[a]).normalized_or(Vec3::X);
    let aside = |p: Vec3| {
        let d = p - points[a];
        (d - along * d.dot(along)).norm()
    };
    let (c, width) = farthest(points, aside);
    let normal = (points[b] - points[a]).cross(points[c] - points[a]).normalized_or(Vec3::Z);
    let (d, height) = farthest(points, |p| real::abs(normal.dot(p - points[a])));
    if width < FLAT * size || height < FLAT * size {
        return None;
    }
    let above = normal.dot(points[d] - points[a]) > 0.0;
    let [a, b, c, d] = [a, b, c, d].map(|i| i as u32);
    Some((if above { [a, c, b, d] } else { [a, b, c, d] }, size))
}

impl<'a> Builder<'a> {
    fn new(points: &'a [Vec3]) -> Option<Self> {
        let ([a, b, c, d], size) = tetrahedron(points)?;
        let mut builder = Self { points, facets: Vec::new(), size, round: 0 };
        for (corners, across) in [([a, b, c], [1, 2, 3]), ([b, a, d], [0, 3, 2]), ([c, b, d], [0, 1, 3]), ([a, c, d], [0, 2, 1])]
        {
            builder.add(corners, across);
        }
        let everything: Vec<u32> = (0..points.len() as u32).filter(|i| ![a, b, c, d].contains(i)).collect();
        builder.assign(&everything, 0);
        Some(builder)
    }

    fn add(&mut self, corners: [u32; 3], across: [u32; 3]) {
        let [a, b, c] = corners.map(|i| self.points[i as usize]);
        let normal = (b - a).cross(c - a).normalized_or(Vec3::ZERO);
        let offset = normal.dot((a + b + c) * (1.0 / 3.0));
        self.facets.push(Facet {
            corners,
            across,
            normal,
            offset,
            outside: Vec::new(),
            farthest: (0.0, NONE),
            alive: true,
            seen: 0,
        });
    }

    fn height(&self, facet: usize, point: u32) -> f64 {
        let f = &self.facets[facet];
        f.normal.dot(self.points[point as usize]) - f.offset
    }

    /// Gives each point to the facet from `from` on that it lies farthest above; points above none are inside.
    fn assign(&mut self, points: &[u32], from: usize) {
        let least = ON_FACET * self.size;
        for &p in points {
            let mut best = (least, NONE);
            for f in from..self.facets.len() {
                let height = self.height(f, p);
                if height > best.0 {
                    best = (height, f as u32);
                }
            }
            if best.1 != NONE {
                let facet = &mut self.facets[best.1 as usize];
                facet.outside.push(p);
                if best.0 > facet.farthest.0 {
                    facet.farthest = (best.0, p);
                }
            }
        }
    }

    fn grow(&mut self) {
        // `leaving_from[corner]` finds the horizon's edge that leaves a corner.
        let mut leaving_from = vec![NONE; self.points.len()];
        let mut next = 0;
        while next < self.facets.len() {
            let facet = &self.facets[next];
            if !facet.alive || facet.outside.is_empty() {
                next += 1;
                continue;
            }
            let tip = facet.farthest.1;
            if !self.extend(next, tip, &mut leaving_from) {
                // Rounding tangled the horizon: this point is within rounding of the hull, and left out.
                self.forget(next, tip);
            }
        }
    }

    /// Takes `tip` off a facet's list.
    fn forget(&mut self, facet: usize, tip: u32) {
        let mut outside = core::mem::take(&mut self.facets[facet].outside);
        outside.retain(|&p| p != tip);
        let mut farthest = (0.0, NONE);
        for &p in &outside {
            let height = self.height(facet, p);
            if height > farthest.0 {
                farthest = (height, p);
            }
        }
        if farthest.1 == NONE {
            outside.clear();
        }
        self.facets[facet].outside = outside;
        self.facets[facet].farthest = farthest;
    }

    /// Replaces everything visible from `tip` by a cone of new facets; says whether that worked.
    fn extend(&mut self, facet: usize, tip: u32, leaving_from: &mut [u32]) -> bool {
        self.round += 1;
        let mut visible = vec![facet as u32];
        self.facets[facet].seen = self.round;
        let mut k = 0;
        let mut horizon: Vec<(u32, u32, u32)> = Vec::new();
        while k < visible.len() {
            let Facet { corners, across, .. } = self.facets[visible[k] as usize];
            for e in 0..3 {
                let other = across[e];
                if self.facets[other as usize].seen == self.round {
                    continue;
                }
                let hidden = self.height(other as usize, tip) <= ON_FACET * self.size;
                if !(hidden && self.makes_triangle(corners[e], corners[(e + 1) % 3], tip)) {
                    self.facets[other as usize].seen = self.round;
                    visible.push(other);
                }
            }
            k += 1;
        }
        for &f in &visible {
            let Facet { corners, across, .. } = self.facets[f as usize];
            for e in 0..3 {
                if self.facets[across[e] as usize].seen != self.round {
                    horizon.push((corners[e], corners[(e + 1) % 3], across[e]));
                }
            }
        }
        let loop_order = in_order(&horizon, leaving_from);
        for edge in &horizon {
            leaving_from[edge.0 as usize] = NONE;
        }
        let Some(order) = loop_order else { return false };

        let from = self.facets.len();
        let count = order.len();
        for (k, &edge) in order.iter().enumerate() {
            let (a, b, other) = horizon[edge];
            let (after, before) = (from + (k + 1) % count, from + (k + count - 1) % count);
            let new = (from + k) as u32;
            self.add([a, b, tip], [other, after as u32, before as u32]);
            let facet = &mut self.facets[other as usize];
            for e in 0..3 {
                if facet.corners[e] == b && facet.corners[(e + 1) % 3] == a {
                    facet.across[e] = new;
                }
            }
        }
        let mut orphans = Vec::new();
        for &f in &visible {
            let facet = &mut self.facets[f as usize];
            facet.alive = false;
            orphans.append(&mut facet.outside);
            facet.outside = Vec::new();
        }
        orphans.retain(|&p| p != tip);
        self.assign(&orphans, from);
        true
    }

    /// False where the three points lie in one line, up to rounding.
    fn makes_triangle(&self, a: u32, b: u32, c: u32) -> bool {
        let [a, b, c] = [a, b, c].map(|i| self.points[i as usize]);
        let (u, v) = (b - a, c - a);
        let longest = real::max((c - b).norm_squared(), real::max(u.norm_squared(), v.norm_squared()));
        u.cross(v).norm() > 0.1 * ON_FACET * self.size * real::sqrt(longest)
    }

    fn finish(self) -> Hull {
        let mut renamed = vec![NONE; self.points.len()];
        let mut facet_name = vec![NONE; self.facets.len()];
        let mut corners = Vec::new();
        let mut triangles = Vec::new();
        for (f, facet) in self.facets.iter().enumerate().filter(|(_, facet)| facet.alive) {
            facet_name[f] = triangles.len() as u32;
            triangles.push(facet.corners.map(|i| {
                let name = &mut renamed[i as usize];
                if *name == NONE {
                    *name = corners.len() as u32;
                    corners.push(self.points[i as usize]);
                }
                *name
            }));
        }
        let alive: Vec<&Facet> = self.facets.iter().filter(|facet| facet.alive).collect();
        let across: Vec<[u32; 3]> = alive.iter().map(|facet| facet.across.map(|f| facet_name[f as usize])).collect();
        let facet_normals: Vec<Vec3> = alive.iter().map(|facet| facet.normal).collect();

        let (neighbor_start, neighbors) =
            gather(corners.len(), triangles.iter().flat_map(|t| [(t[0], t[1]), (t[1], t[2]), (t[2], t[0])]));
        let (rim_start, rims, normals) = merge(&corners, &triangles, &across, &facet_normals, self.size);
        let face_corners = (0..normals.len()).flat_map(|f| {
            let range = rim_start[f] as usize..rim_start[f + 1] as usize;
            rims[range].iter().map(move |&corner| (corner, f as u32))
        });
        let (face_start, faces_at) = gather(corners.len(), face_corners);
        let starts = starts(&corners);
        let broad = BroadFaces::default();
        Hull { corners, triangles, neighbor_start, neighbors, rim_start, rims, normals, face_start, faces_at, starts, broad }
    }
}

/// A far corner for each cell of the grid of directions.
fn starts(corners: &[Vec3]) -> [u32; 27] {
    core::array::from_fn(|i| {
        let direction = Vec3::new((i / 9) as f64 - 1.0, (i / 3 % 3) as f64 - 1.0, (i % 3) as f64 - 1.0);
        farthest(corners, |p| p.dot(direction)).0 as u32
    })
}

/// The index with the largest value, and that value; the first of equals.
fn farthest(points: &[Vec3], value: impl Fn(Vec3) -> f64) -> (usize, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for (i, &p) in points.iter().enumerate() {
        let v = value(p);
        if v > best.1 {
            best = (i, v);
        }
    }
    best
}

/// The horizon's edges as one closed loop; nothing if they are not one.
pub(crate) fn in_order(horizon: &[(u32, u32, u32)], leaving_from: &mut [u32]) -> Option<Vec<usize>> {
    if horizon.len() < 3 {
        return None;
    }
    let mut simple = true;
    for (k, edge) in horizon.iter().enumerate() {
        simple &= leaving_from[edge.0 as usize] == NONE;
        leaving_from[edge.0 as usize] = k as u32;
    }
    if !simple {
        return None;
    }
    let mut order = Vec::with_capacity(horizon.len());
    let mut k = 0;
    loop {
        order.push(k);
        let next = leaving_from[horizon[k].1 as usize];
        if next == 0 {
            break;
        }
        if next == NONE || order.len() >= horizon.len() {
            return None;
        }
        k = next as usize;
    }
    (order.len() == horizon.len()).then_some(order)
}

/// Lists of (owner, item) pairs packed by owner, each owner's items in the order met.
pub(crate) fn gather(owners: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> (Vec<u32>, Vec<u32>) {
    let mut start = vec![0_u32; owners + 1];
    for (owner, _) in pairs.clone() {
        start[owner as usize + 1] += 1;
    }
    for i in 0..owners {
        start[i + 1] += start[i];
    }
    let mut fill = start.clone();
    let mut items = vec![0; start[owners] as usize];
    for (owner, item) in pairs {
        items[fill[owner as usize] as usize] = item;
        fill[owner as usize] += 1;
    }
    (start, items)
}

/// Joins neighboring triangles that lie in one plane: (starts of rims, rims, normals).
fn merge(
    corners: &[Vec3],
    triangles: &[[u32; 3]],
    across: &[[u32; 3]],
    facet_normals: &[Vec3],
    size: f64,
) -> (Vec<u32>, Vec<u32>, Vec<Vec3>) {
    let area = |t: usize| {
        let [a, b, c] = triangles[t].map(|i| corners[i as usize]);
        (b - a).cross(c - a).norm()
    };
    // Large triangles have trustworthy normals, so they gather the small ones.
    let mut by_area: Vec<usize> = (0..triangles.len()).collect();
    let areas: Vec<f64> = by_area.iter().map(|&t| area(t)).collect();
    by_area.sort_by(|&a, &b| areas[b].total_cmp(&areas[a]).then(a.cmp(&b)));
    let mut group = vec![NONE; triangles.len()];
    let (mut rim_start, mut rims, mut normals) = (vec![0_u32], Vec::new(), Vec::new());
    let mut leaving_from = vec![NONE; corners.len()];
    for &seed in &by_area {
        if group[seed] != NONE {
            continue;
        }
        let normal = facet_normals[seed];
        let level = normal.dot(corners[triangles[seed][0] as usize]);
        let flat = |t: usize| {
            // A sliver's own normal means nothing; its corners decide.
            let aligned =
                facet_normals[t].dot(normal) > 1.0 - 0.5 * MERGE_ANGLE * MERGE_ANGLE || areas[t] < MERGE_HEIGHT * size * size;
            aligned && triangles[t].iter().all(|&i| real::abs(normal.dot(corners[i as usize]) - level) < MERGE_HEIGHT * size)
        };
        let mut members = vec![seed];
        let name = normals.len() as u32;
        group[seed] = name;
        let mut k = 0;
        while k < members.len() {
            for other in across[members[k]] {
                let other = other as usize;
                if group[other] == NONE && flat(other) {
                    group[other] = name;
                    members.push(other);
                }
            }
            k += 1;
        }
        let mut rim = Vec::new();
        for &t in &members {
            for e in 0..3 {
                if group[across[t][e] as usize] != name {
                    rim.push((triangles[t][e], triangles[t][(e + 1) % 3], 0));
                }
            }
        }
        let order = in_order(&rim, &mut leaving_from);
        for edge in &rim {
            leaving_from[edge.0 as usize] = NONE;
        }
        if let Some(order) = order {
            rims.extend(order.iter().map(|&k| rim[k].0));
        } else {
            // A rim that touches itself: the seed stands alone, the others are taken up later.
            for &t in &members[1..] {
                group[t] = NONE;
            }
            rims.extend(triangles[seed]);
        }
        rim_start.push(rims.len() as u32);
        normals.push(normal);
    }
    (rim_start, rims, normals)
}
