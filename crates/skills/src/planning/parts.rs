//! A mesh in convex parts, none of which is much fatter than the mesh where it is.
//!
//! A part is cut by a plane across one of the mesh's own axes wherever that takes most from the volume of all hulls; the largest gain
//! first, until no cut takes enough or there are [`MOST_PARTS`]. A part's surface is closed over each cut by the hull of its outline
//! there, so what the mesh encloses stays inside the parts. The order of cuts is fixed, so a mesh always gets the same parts.

use alloc::vec;
use alloc::vec::Vec;
use leitai_geometry::{Hull, Mesh};
use leitai_math::{Vec3, real};

/// Most convex parts of a mesh.
pub const MOST_PARTS: usize = 16;
/// A mesh of more triangles counts as its hull.
pub const MOST_TRIANGLES: usize = 20_000;
/// A cut that takes a smaller share of the volume of the whole hull is not worth a part.
const LEAST_GAIN: f64 = 0.005;
/// Where a part may be cut, in shares of its size.
const CUTS: [f64; 3] = [0.25, 0.5, 0.75];

type Triangle = [Vec3; 3];

/// A part by its surface, and the volume of its hull.
#[derive(Clone)]
struct Part {
    surface: Vec<Triangle>,
    volume: f64,
}

/// The best cut of a part, and the volume that it takes.
struct Cut {
    gain: f64,
    halves: [Part; 2],
}

/// Convex meshes in the mesh's own frame that together enclose what `mesh` encloses; nothing if the mesh is best left whole.
#[must_use]
pub fn parts(mesh: &Mesh) -> Option<Vec<Mesh>> {
    if mesh.faces.len() > MOST_TRIANGLES {
        return None;
    }
    let surface = mesh.faces.iter().map(|f| f.map(|i| mesh.vertices[i as usize])).collect();
    let whole = Part::new(surface)?;
    let least = whole.volume * LEAST_GAIN;
    let mut parts = vec![(whole.best_cut(), whole)];
    while parts.len() < MOST_PARTS {
        let gain = |k: usize| parts[k].0.as_ref().map_or(0.0, |cut: &Cut| cut.gain);
        let k = (1..parts.len()).fold(0, |best, k| if gain(k) > gain(best) { k } else { best });
        if gain(k) <= least {
            break;
        }
        let (cut, _) = parts.swap_remove(k);
        parts.extend(cut?.halves.map(|half| (half.best_cut(), half)));
    }
    if parts.len() == 1 {
        return None;
    }
    parts.iter().map(|(_, part)| Mesh::convex(part.corners()).ok()).collect()
}

impl Part {
    /// Nothing for a part without volume.
    fn new(surface: Vec<Triangle>) -> Option<Self> {
        let mut part = Self { surface, volume: 0.0 };
        let hull = Hull::new(&part.corners())?;
        let middle = hull.corners[0];
        part.volume = hull.triangles.iter().fold(0.0, |sum, t| {
            let [a, b, c] = t.map(|i| hull.corners[i as usize] - middle);
            sum + a.dot(b.cross(c)) * (1.0 / 6.0)
        });
        Some(part)
    }

    fn corners(&self) -> Vec<Vec3> {
        self.surface.concat()
    }

    fn best_cut(&self) -> Option<Cut> {
        let corners = || self.surface.iter().flatten();
        let mut best: Option<Cut> = None;
        for axis in 0..3 {
            let low = corners().fold(f64::INFINITY, |low, p| real::min(low, p.to_array()[axis]));
            let high = corners().fold(f64::NEG_INFINITY, |high, p| real::max(high, p.to_array()[axis]));
            for share in CUTS {
                let Some(halves) = self.cut(axis, low + (high - low) * share) else { continue };
                let gain = self.volume - halves[0].volume - halves[1].volume;
                if best.as_ref().is_none_or(|best| gain > best.gain) {
                    best = Some(Cut { gain, halves });
                }
            }
        }
        best
    }

    /// Both halves of a cut across a coordinate axis at `height`.
    fn cut(&self, axis: usize, height: f64) -> Option<[Self; 2]> {
        let over = |p: &Vec3| p.to_array()[axis] - height;
        let mut outline = Vec::new();
        let mut halves = [-1.0, 1.0].map(|side| {
            let mut surface = Vec::with_capacity(self.surface.len());
            for triangle in &self.surface {
                let mut kept = Vec::with_capacity(4);
                for k in 0..3 {
                    let (p, next) = (triangle[k], triangle[(k + 1) % 3]);
                    let (a, b) = (side * over(&p), side * over(&next));
                    if a >= 0.0 {
                        kept.push(p);
                    }
                    if (a < 0.0 && b > 0.0) || (a > 0.0 && b < 0.0) {
                        kept.push(p + (next - p) * (a / (a - b)));
                    }
                }
                for k in 2..kept.len() {
                    surface.push([kept[0], kept[k - 1], kept[k]]);
                }
                let crosses = |p: &&Vec3| real::abs(over(p)) <= 1e-12;
                outline.extend(kept.iter().filter(crosses));
            }
            surface
        });
        let lid = flat_hull(outline, (axis + 1) % 3, (axis + 2) % 3);
        for k in 2..lid.len() {
            halves.iter_mut().for_each(|half| half.push([lid[0], lid[k - 1], lid[k]]));
        }
        let [below, above] = halves;
        Some([Self::new(below)?, Self::new(above)?])
    }
}

/// The corners of the hull of points in a plane, in their order around it (Andrew 1979), by coordinates `u` and `v`.
fn flat_hull(mut points: Vec<Vec3>, u: usize, v: usize) -> Vec<Vec3> {
    let at = |p: &Vec3| (p.to_array()[u], p.to_array()[v]);
    points.sort_by(|a, b| at(a).0.total_cmp(&at(b).0).then(at(a).1.total_cmp(&at(b).1)));
    points.dedup();
    let left = |a: &Vec3, b: &Vec3, c: &Vec3| {
        let ((ax, ay), (bx, by), (cx, cy)) = (at(a), at(b), at(c));
        (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0.0
    };
    let chain = |points: &mut dyn Iterator<Item = Vec3>| {
        let mut out: Vec<Vec3> = Vec::new();
        for p in points {
            while out.len() > 1 && !left(&out[out.len() - 2], &out[out.len() - 1], &p) {
                out.pop();
            }
            out.push(p);
        }
        out.pop();
        out
    };
    let mut hull = chain(&mut points.iter().copied());
    hull.extend(chain(&mut points.iter().rev().copied()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// A bar along x with a square section [m], as triangles turned outward; boxes that meet in faces make one closed surface each.
    fn bars(boxes: &[([f64; 3], [f64; 3])]) -> Mesh {
        let (mut vertices, mut faces) = (Vec::new(), Vec::new());
        for (low, high) in boxes {
            let first = vertices.len() as u32;
            vertices.extend((0..8).map(|k| {
                let pick = |axis: usize| if k >> axis & 1 == 0 { low[axis] } else { high[axis] };
                Vec3::new(pick(0), pick(1), pick(2))
            }));
            let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
            faces.extend(quads.iter().flat_map(|q| [[q[0], q[1], q[2]], [q[0], q[2], q[3]]]).map(|t| t.map(|i: u32| first + i)));
        }
        Mesh::new(vertices, faces).expect("a mesh")
    }

    fn holds(hull: &Hull, p: Vec3) -> bool {
        (0..hull.face_count()).all(|f| hull.normal(f).dot(p - hull.corners[hull.rim(f)[0] as usize]) <= 1e-9)
    }

    /// By geometry: an angle of two bars is much less than its hull. Every point of the bars is in some part, and the parts enclose
    /// little more.
    #[test]
    fn parts_hold_the_mesh_and_little_more() {
        let boxes = [([0.0, 0.0, 0.0], [0.5, 0.1, 0.1]), ([0.0, 0.1, 0.0], [0.1, 0.5, 0.1])];
        let mesh = bars(&boxes);
        let parts = parts(&mesh).expect("more than one part");
        assert!(parts.len() <= MOST_PARTS);
        // Parts meet in cuts only, so their volumes add up.
        let volume: f64 = parts.iter().map(Mesh::volume).sum();
        assert!((0.009 - 1e-9..0.0115).contains(&volume), "{volume} m³ for 0.009 m³; the hull has 0.0165 m³");
        let mut draw = Seed::from_number(4).stream("points");
        for (low, high) in boxes {
            for _ in 0..2000 {
                let p = Vec3::from_slice(&[0, 1, 2].map(|k| draw.uniform(low[k], high[k])));
                let here = mesh.file_from_mesh.inverse().apply(p);
                assert!(parts.iter().any(|part| holds(part.hull(), part.file_from_mesh.inverse().apply(here))), "{p:?}");
            }
        }
    }

    /// What is convex has nothing to gain.
    #[test]
    fn a_box_stays_whole() {
        assert!(parts(&bars(&[([0.0; 3], [0.3, 0.2, 0.1])])).is_none());
    }
}
