//! The expanding polytope: how deep two overlapping shapes are in each other, and in which direction.
//!
//! A polytope inside the difference of the two shapes grows around the origin at its nearest facet until that facet lies on
//! the difference's surface. Its distance is then the overlap, its normal the direction of least separation.

use crate::gjk::{Corner, Nearest, Simplex};
use crate::support::Convex;
use leitai_math::Vec3;

const MOST_CORNERS: usize = 128;
const MOST_FACETS: usize = 320;
const MOST_EDGES: usize = 96;
/// Part of the size by which the overlap may be missed.
const PRECISION: f64 = 1e-11;
/// Part of the size within which a corner counts as lying on a facet.
const ON_FACET: f64 = 1e-13;
/// Part of the size, and turn squared, by which facets of one flat side may differ.
const FLAT: f64 = 1e-10;

#[derive(Clone, Copy, Default)]
struct Facet {
    corners: [u16; 3],
    across: [u16; 3],
    normal: Vec3,
    distance: f64,
    alive: bool,
    seen: u16,
}

struct Polytope {
    corners: [Corner; MOST_CORNERS],
    corner_count: usize,
    facets: [Facet; MOST_FACETS],
    facet_count: usize,
    size: f64,
}

/// Overlap of two shapes whose difference holds the origin, started from a simplex that does; `size` is the difference's [m].
///
/// Nothing if the difference has no volume to speak of, as for shapes with a vanishing size.
#[must_use]
pub fn deepest(first: &Convex, second: &Convex, simplex: &Simplex, size: f64) -> Option<Nearest> {
    let start = tetrahedron(first, second, simplex, size)?;
    let mut polytope = Polytope {
        corners: [Corner::default(); MOST_CORNERS],
        corner_count: 4,
        facets: [Facet::default(); MOST_FACETS],
        facet_count: 0,
        size,
    };
    polytope.corners[..4].copy_from_slice(&start);
    for (corners, across) in [([0, 1, 2], [1, 2, 3]), ([1, 0, 3], [0, 3, 2]), ([2, 1, 3], [0, 1, 3]), ([0, 2, 3], [0, 2, 1])] {
        polytope.add(corners, across)?;
    }
    let mut best = polytope.nearest();
    for round in 1..MOST_CORNERS as u16 - 4 {
        let facet = polytope.facets[best];
        let corner = Corner::farthest(first, second, facet.normal);
        let beyond = corner.difference.dot(facet.normal) - facet.distance;
        if beyond <= PRECISION * size || !polytope.extend(best, corner, round) {
            break;
        }
        best = polytope.nearest();
    }
    Some(polytope.answer(best))
}

impl Polytope {
    fn point(&self, i: u16) -> Vec3 {
        self.corners[i as usize].difference
    }

    /// Adds a facet; nothing if there is no room or the corners lie in a line.
    fn add(&mut self, corners: [u16; 3], across: [u16; 3]) -> Option<usize> {
        let [a, b, c] = corners.map(|i| self.point(i));
        let normal = (b - a).cross(c - a);
        let twice = normal.norm();
        if self.facet_count == MOST_FACETS || twice.is_nan() || twice <= 1e-26 * self.size * self.size {
            return None;
        }
        let normal = normal * (1.0 / twice);
        // The largest of the three is as good as any in exact arithmetic; the mean is the least noisy.
        let distance = normal.dot(a + b + c) / 3.0;
        let index = self.facet_count;
        self.facets[index] = Facet { corners, across, normal, distance, alive: true, seen: 0 };
        self.facet_count += 1;
        Some(index)
    }

    fn nearest(&self) -> usize {
        let mut best = (0, f64::INFINITY);
        for (i, facet) in self.facets[..self.facet_count].iter().enumerate() {
            if facet.alive && facet.distance < best.1 {
                best = (i, facet.distance);
            }
        }
        best.0
    }

    /// Replaces the facets that `corner` sees by a cone to it. If that cannot be done cleanly, nothing changes.
    fn extend(&mut self, from: usize, corner: Corner, round: u16) -> bool {
        let w = corner.difference;
        if self.corner_count == MOST_CORNERS {
            return false;
        }
        let mut visible = [0_u16; MOST_FACETS];
        visible[0] = from as u16;
        self.facets[from].seen = round;
        let (mut count, mut k) = (1, 0);
        while k < count {
            for other in self.facets[visible[k] as usize].across {
                let facet = &mut self.facets[other as usize];
                if facet.seen != round && facet.normal.dot(w) - facet.distance > ON_FACET * self.size {
                    facet.seen = round;
                    visible[count] = other;
                    count += 1;
                }
            }
            k += 1;
        }
        let mut horizon = [(0_u16, 0_u16, 0_u16); MOST_EDGES];
        let mut edges = 0;
        for &f in &visible[..count] {
            let facet = self.facets[f as usize];
            for e in 0..3 {
                if self.facets[facet.across[e] as usize].seen != round {
                    if edges == MOST_EDGES {
                        return false;
                    }
                    horizon[edges] = (facet.corners[e], facet.corners[(e + 1) % 3], facet.across[e]);
                    edges += 1;
                }
            }
        }
        // Into loop order by exchange; a broken or double loop ends the growth.
        for k in 1..edges {
            let Some(next) = (k..edges).find(|&n| horizon[n].0 == horizon[k - 1].1) else { return false };
            horizon.swap(k, next);
        }
        if edges < 3 || horizon[edges - 1].1 != horizon[0].0 {
            return false;
        }
        let (tip, first_new, facets_before) = (self.corner_count as u16, self.facet_count, self.facet_count);
        self.corners[self.corner_count] = corner;
        self.corner_count += 1;
        for k in 0..edges {
            let (a, b, other) = horizon[k];
            let (after, before) = (first_new + (k + 1) % edges, first_new + (k + edges - 1) % edges);
            if self.add([a, b, tip], [other, after as u16, before as u16]).is_none() {
                self.corner_count -= 1;
                self.facet_count = facets_before;
                return false;
            }
        }
        for k in 0..edges {
            let (a, b, other) = horizon[k];
            let facet = &mut self.facets[other as usize];
            for e in 0..3 {
                if facet.corners[e] == b && facet.corners[(e + 1) % 3] == a {
                    facet.across[e] = (first_new + k) as u16;
                }
            }
        }
        for &f in &visible[..count] {
            self.facets[f as usize].alive = false;
        }
        self.compact();
        true
    }

    /// Moves living facets to the front when the room gets short.
    fn compact(&mut self) {
        if self.facet_count + MOST_EDGES < MOST_FACETS {
            return;
        }
        let mut renamed = [0_u16; MOST_FACETS];
        let mut kept = 0;
        for f in 0..self.facet_count {
            if self.facets[f].alive {
                renamed[f] = kept as u16;
                self.facets[kept] = self.facets[f];
                kept += 1;
            }
        }
        self.facet_count = kept;
        for facet in &mut self.facets[..kept] {
            facet.across = facet.across.map(|f| renamed[f as usize]);
        }
    }

    /// The origin's foot on the nearest facet, carried back to the first shape.
    ///
    /// A flat side of the difference consists of several facets whose distances differ by rounding; the foot belongs to the
    /// one it lies in.
    fn answer(&self, best: usize) -> Nearest {
        let Facet { normal, distance, .. } = self.facets[best];
        let near = distance + FLAT * self.size;
        let mut chosen = (best, f64::NEG_INFINITY);
        for (i, facet) in self.facets[..self.facet_count].iter().enumerate() {
            if facet.alive && facet.distance <= near && facet.normal.dot(normal) > 1.0 - FLAT {
                let shares = self.shares(facet);
                let least = shares.into_iter().fold(f64::INFINITY, |least, share| if share < least { share } else { least });
                if least > chosen.1 {
                    chosen = (i, least);
                }
            }
        }
        let facet = &self.facets[chosen.0];
        let mut on_first = Vec3::ZERO;
        for (i, share) in facet.corners.iter().zip(self.shares(facet)) {
            on_first += self.corners[*i as usize].on_first * share;
        }
        // Overlap cannot be negative; a facet through the origin may say so by rounding.
        let overlap = if distance > 0.0 { distance } else { 0.0 };
        let facet = facet.corners.map(|i| self.corners[i as usize]);
        Nearest { gap: -overlap, normal, on_first, facet }
    }

    /// Weights of a facet's corners in the origin's foot on its plane.
    fn shares(&self, facet: &Facet) -> [f64; 3] {
        let foot = facet.normal * facet.distance;
        let [a, b, c] = facet.corners.map(|i| self.point(i) - foot);
        let areas = [b.cross(c).dot(facet.normal), c.cross(a).dot(facet.normal), a.cross(b).dot(facet.normal)];
        let sum = areas[0] + areas[1] + areas[2];
        areas.map(|area| area / sum)
    }
}

/// Four corners around the origin with volume, outward facets ordered as `deepest` expects.
fn tetrahedron(first: &Convex, second: &Convex, simplex: &Simplex, size: f64) -> Option<[Corner; 4]> {
    let mut corners = simplex.corners;
    let mut len = simplex.len;
    let floor = 1e-9 * size;
    let axes = [Vec3::X, Vec3::Y, Vec3::Z];
    while len < 4 {
        let base = corners[0].difference;
        let mut best = (floor, None);
        let mut offer = |direction: Vec3, width: &dyn Fn(Vec3) -> f64| {
            for d in [direction, -direction] {
                let corner = Corner::farthest(first, second, d);
                let wide = width(corner.difference - base);
                if wide > best.0 {
                    best = (wide, Some(corner));
                }
            }
        };
        match len {
            0 | 1 => axes.iter().for_each(|&d| offer(d, &|p| p.norm())),
            2 => {
                let along = (corners[1].difference - base).normalized_or(Vec3::X);
                for axis in axes {
                    let aside = along.cross(axis);
                    if aside.norm_squared() > 0.1 {
                        offer(aside, &|p| (p - along * p.dot(along)).norm());
                    }
                }
            }
            _ => {
                let normal = (corners[1].difference - base).cross(corners[2].difference - base).normalized_or(Vec3::Z);
                offer(normal, &|p| {
                    let h = p.dot(normal);
                    if h < 0.0 { -h } else { h }
                });
            }
        }
        let at = if len == 0 { 0 } else { len };
        corners[at] = best.1?;
        len = at + 1;
    }
    let [a, b, c, d] = corners.map(|k| k.difference);
    // The facet (0, 1, 2) must look away from corner 3.
    if (b - a).cross(c - a).dot(d - a) > 0.0 {
        corners.swap(1, 2);
    }
    Some(corners)
}
