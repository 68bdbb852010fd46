//! Distance of convex shapes, and how deep they overlap.
//!
//! Apart: Gilbert, Johnson & Keerthi (1988), with the nearest point of a simplex found by signed volumes in the manner of
//! Montanari, Petrinic & Barbieri (ACM TOG 36(3), 2017). Overlapping: the expanding polytope of van den Bergen (*Collision
//! Detection in Interactive 3D Environments*, 2003). Both work on the difference of the two cores, {p − q}, whose nearest
//! point to the origin is what is sought. Iteration counts are fixed, and nothing is allocated.

use crate::epa;
use crate::support::Convex;
use leitai_math::{Vec3, real};

/// A corner of the difference of two shapes, with the points it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Corner {
    /// `on_first` − `on_second` [m].
    pub difference: Vec3,
    /// The point of the first shape [m].
    pub on_first: Vec3,
    /// Which corners of the two shapes' hulls these are; zero for shapes that are no meshes.
    pub hull_corners: [u32; 2],
}

impl Corner {
    /// The corner farthest along `direction`.
    pub fn farthest(first: &Convex, second: &Convex, direction: Vec3) -> Self {
        let (on_first, one) = first.support_corner(direction);
        let (on_second, two) = second.support_corner(-direction);
        Self { difference: on_first - on_second, on_first, hull_corners: [one, two] }
    }
}

/// How two shapes stand to each other.
#[derive(Clone, Copy, Debug)]
pub struct Nearest {
    /// Gap between the surfaces [m]; negative where they overlap.
    pub gap: f64,
    /// Unit normal from the first shape to the second.
    pub normal: Vec3,
    /// The first shape's nearest (or deepest) point [m].
    pub on_first: Vec3,
    /// The facet of the cores' difference that is nearest to the origin. Where the cores are apart it may be an edge or a corner,
    /// the last of which is repeated.
    pub facet: [Corner; 3],
}

/// Up to four corners and the weights that give the point of their hull nearest to the origin.
#[derive(Clone, Copy)]
pub struct Simplex {
    /// The corners; the first `len` count.
    pub corners: [Corner; 4],
    weights: [f64; 4],
    /// How many corners there are.
    pub len: usize,
}

const ROUNDS: usize = 96;
/// Part of the distance by which the answer may miss.
const PRECISION: f64 = 1e-13;
/// Part of the size below which a distance is rounding.
const ROUNDING: f64 = 1e-14;

/// Cosine from a cylinder's axis within which a normal is square to it.
const SQUARE: f64 = 1e-9;
/// Newton steps about that axis.
const KINK_ROUNDS: usize = 8;
/// Newton steps of the normal on smooth shapes.
const POLISH_ROUNDS: usize = 32;
/// Part of a shape's radius within which its lone support point replaces the simplex's.
const REFINED: f64 = 1e-4;
/// Turn [rad] over which the curvature of the support function is measured.
const PROBE: f64 = 1e-5;
/// The longest turn of the normal in one step [rad].
const LONGEST_STEP: f64 = 0.05;
/// How often a step that does not descend is shortened to a quarter.
const STEP_CUTS: usize = 8;

/// Gap, normal and nearest point of two shapes; nothing if the gap surely reaches `margin` [m].
#[must_use]
pub fn nearest(first: &Convex, second: &Convex, margin: f64) -> Option<Nearest> {
    let radii = first.radius + second.radius;
    let reach = margin + radii;
    let mut v = first.center() - second.center();
    if v.norm_squared() < 1e-20 {
        v = Vec3::X;
    }
    let mut simplex = Simplex { corners: [Corner::default(); 4], weights: [0.0; 4], len: 0 };
    let mut size = 0.0;
    let mut squared = f64::INFINITY;
    for _ in 0..ROUNDS {
        let corner = Corner::farthest(first, second, -v);
        let w = corner.difference;
        let reached = v.dot(w);
        let length = v.norm();
        // Everything lies at least reached/length away.
        if reached > 0.0 && reached >= reach * length {
            return None;
        }
        if simplex.len > 0 {
            let known = simplex.corners[..simplex.len].iter().any(|c| c.difference == w);
            if known || squared - reached <= PRECISION * squared + ROUNDING * size * length {
                break;
            }
        }
        let largest = w.norm();
        if largest > size {
            size = largest;
        }
        if size.is_nan() {
            return None;
        }
        simplex.corners[simplex.len] = corner;
        simplex.len += 1;
        let (point, reduced) = simplex.reduce();
        let next = point.norm_squared();
        simplex = reduced;
        if simplex.len == 4 || next <= (ROUNDING * size) * (ROUNDING * size) {
            return epa::deepest(first, second, &simplex, size).map(|n| n.polished(first, second).widened(first.radius, radii));
        }
        if next >= squared {
            // No more progress: rounding rules from here on.
            break;
        }
        (v, squared) = (point, next);
    }
    let distance = v.norm();
    let normal = v * (-1.0 / distance);
    let mut on_first = Vec3::ZERO;
    for (corner, weight) in simplex.corners[..simplex.len].iter().zip(simplex.weights) {
        on_first += corner.on_first * weight;
    }
    let corner = |k: usize| simplex.corners[usize::min(k, simplex.len - 1)];
    let facet = [corner(0), corner(1), corner(2)];
    let found = Nearest { gap: distance, normal, on_first, facet }.polished(first, second).widened(first.radius, radii);
    (found.gap < margin).then_some(found)
}

impl Nearest {
    /// Turns the normal of smooth shapes downhill until both support points lie along it.
    ///
    /// The gap along n is −h(n), with h the difference's support function; its slope over the sphere is the part of the
    /// support point across n. The simplex methods approach a curved surface by ever smaller facets, whose normals stop at
    /// the square root of rounding; a few Newton steps on the sphere go the rest of the way.
    fn polished(mut self, first: &Convex, second: &Convex) -> Self {
        if !(first.is_smooth() || second.is_smooth()) {
            return self;
        }
        let mut corner = Corner::farthest(first, second, self.normal);
        for _ in 0..POLISH_ROUNDS {
            let height = corner.difference.dot(self.normal);
            let across = corner.difference - self.normal * height;
            if across.norm() <= 1e-12 * corner.difference.norm() {
                break;
            }
            let mut turn = downhill(first, second, self.normal, across);
            let long = turn.norm();
            if long > LONGEST_STEP {
                turn = turn * (LONGEST_STEP / long);
            }
            // Where an edge makes the slope jump, Newton's step overshoots; shorter ones still descend.
            let mut better = None;
            for _ in 0..STEP_CUTS {
                let normal = (self.normal + turn).normalized_or(self.normal);
                let next = Corner::farthest(first, second, normal);
                if next.difference.dot(normal) < height {
                    better = Some((normal, next));
                    break;
                }
                turn = turn * 0.25;
            }
            let Some((normal, next)) = better else { break };
            (self.normal, corner) = (normal, next);
        }
        self.gap = -corner.difference.dot(self.normal);
        // Keep the nearest point's place along the surface, since a flat side has many support points. A support point that
        // stands alone is exact, where the simplex stopped at the square root of rounding.
        let kept = self.on_first + self.normal * (corner.on_first - self.on_first).dot(self.normal);
        let on_second = corner.on_first - corner.difference;
        let close = |point: Vec3, shape: &Convex| shape.is_round() || (point - kept).norm() < REFINED * shape.bounding_radius();
        let from_second = on_second - self.normal * self.gap;
        self.on_first = if first.has_one_point(self.normal) && close(corner.on_first, first) {
            corner.on_first
        } else if second.has_one_point(-self.normal) && close(from_second, second) {
            from_second
        } else {
            kept
        };
        self
    }

    /// Turns the normal about the axis of a cylinder that it is square to, until the slope about that axis vanishes.
    ///
    /// The cylinder's ends make a kink there, across which no step of [`Self::polished`] descends; along it the height is smooth.
    #[must_use]
    pub fn along_kinks(mut self, first: &Convex, second: &Convex) -> Self {
        for axis in [first, second].into_iter().filter_map(Convex::cylinder_axis) {
            if real::abs(axis.dot(self.normal)) > SQUARE {
                continue;
            }
            let across = |normal: Vec3| axis.cross(normal).normalized_or(Vec3::ZERO);
            let look = |normal: Vec3| {
                let difference = Corner::farthest(first, second, normal).difference;
                (difference.dot(across(normal)), difference.dot(normal))
            };
            let turned = |normal: Vec3, by: f64| (normal + across(normal) * by).normalized_or(normal);
            let mut normal = self.normal;
            let (mut here, mut height) = look(normal);
            for _ in 0..KINK_ROUNDS {
                let rise = (look(turned(normal, PROBE)).0 - here) / PROBE;
                let next = turned(normal, -here / rise);
                let (there, lower) = look(next);
                let short = rise > 0.0 && real::abs(here) < LONGEST_STEP * rise;
                if !(short && real::abs(there) < real::abs(here) && lower <= height) {
                    break;
                }
                (normal, here, height) = (next, there, lower);
            }
            if normal == self.normal {
                continue;
            }
            let corner = Corner::farthest(first, second, normal);
            let core = self.on_first - self.normal * first.radius;
            // Its place along the axis stays: the side has many support points.
            let aside = corner.on_first - core;
            let on_first = core + aside - axis * axis.dot(aside) + normal * first.radius;
            let gap = -corner.difference.dot(normal) - first.radius - second.radius;
            self = Self { gap, normal, on_first, ..self };
        }
        self
    }

    /// From the cores to the surfaces around them.
    fn widened(self, radius_of_first: f64, radii: f64) -> Self {
        Self { gap: self.gap - radii, on_first: self.on_first + self.normal * radius_of_first, ..self }
    }
}

/// The turn of `normal` that Newton's method takes towards the least height, given the slope `across` there.
fn downhill(first: &Convex, second: &Convex, normal: Vec3, across: Vec3) -> Vec3 {
    let (e, f) = normal.complete_frame();
    let slope_at = |turn: Vec3| {
        let n = (normal + turn).normalized_or(normal);
        let point = Corner::farthest(first, second, n).difference;
        let slope = point - n * point.dot(n);
        (slope.dot(e), slope.dot(f))
    };
    let here = (across.dot(e), across.dot(f));
    let (along_e, along_f) = (slope_at(e * PROBE), slope_at(f * PROBE));
    let (ee, ff) = ((along_e.0 - here.0) / PROBE, (along_f.1 - here.1) / PROBE);
    let ef = 0.5 * (along_e.1 - here.1 + along_f.0 - here.0) / PROBE;
    let determinant = ee * ff - ef * ef;
    if ee > 0.0 && determinant > 1e-12 * ee * ff {
        return e * ((ef * here.1 - ff * here.0) / determinant) + f * ((ef * here.0 - ee * here.1) / determinant);
    }
    // Not a valley: straight down.
    across * (-LONGEST_STEP / across.norm())
}

impl Simplex {
    fn at(&self, i: usize) -> Vec3 {
        self.corners[i].difference
    }

    /// The nearest point to the origin, and the part of the simplex it rests on.
    fn reduce(&self) -> (Vec3, Self) {
        let all = [0, 1, 2, 3];
        let (weights, kept, len) = self.on(&all[..self.len]);
        let mut out = Self { corners: [Corner::default(); 4], weights: [0.0; 4], len };
        let mut point = Vec3::ZERO;
        for k in 0..len {
            out.corners[k] = self.corners[kept[k]];
            out.weights[k] = weights[k];
            point += self.at(kept[k]) * weights[k];
        }
        (point, out)
    }

    /// Weights of the nearest point on the part of the simplex named by `part`, with the corners that carry it.
    fn on(&self, part: &[usize]) -> ([f64; 4], [usize; 4], usize) {
        let weights = match part {
            [a] => {
                let _ = a;
                return ([1.0, 0.0, 0.0, 0.0], [part[0], 0, 0, 0], 1);
            }
            &[a, b] => line(self.at(a), self.at(b)),
            &[a, b, c] => triangle(self.at(a), self.at(b), self.at(c)),
            _ => tetrahedron([self.at(0), self.at(1), self.at(2), self.at(3)]),
        };
        let inside = weights.is_some_and(|w| w[..part.len()].iter().all(|&x| x > 0.0));
        if let (true, Some(w)) = (inside, weights) {
            let mut kept = [0; 4];
            kept[..part.len()].copy_from_slice(part);
            return (w, kept, part.len());
        }
        // Outside some faces (or flat): the nearest point lies on a face across from a corner with no weight.
        let mut best = (f64::INFINITY, ([0.0; 4], [0; 4], 0));
        for drop in 0..part.len() {
            if weights.is_some_and(|w| w[drop] > 0.0) {
                continue;
            }
            let mut rest = [0; 4];
            let mut n = 0;
            for (k, &corner) in part.iter().enumerate() {
                if k != drop {
                    rest[n] = corner;
                    n += 1;
                }
            }
            let answer = self.on(&rest[..n]);
            let mut point = Vec3::ZERO;
            for k in 0..answer.2 {
                point += self.at(answer.1[k]) * answer.0[k];
            }
            let squared = point.norm_squared();
            if squared < best.0 {
                best = (squared, answer);
            }
        }
        best.1
    }
}

/// Weights of the point of the line nearest to the origin.
fn line(a: Vec3, b: Vec3) -> Option<[f64; 4]> {
    let d = b - a;
    let length = d.norm_squared();
    if length <= 0.0 {
        return None;
    }
    let t = -a.dot(d) / length;
    Some([1.0 - t, t, 0.0, 0.0])
}

/// Weights of the point of the triangle's plane nearest to the origin.
fn triangle(a: Vec3, b: Vec3, c: Vec3) -> Option<[f64; 4]> {
    let (u, v) = (b - a, c - a);
    let normal = u.cross(v);
    let doubled = normal.norm_squared();
    if doubled <= 1e-28 * u.norm_squared() * v.norm_squared() {
        return None;
    }
    // Areas from differences with `a`, which stay exact when the corners come close together.
    let (second, third) = (-a.cross(v).dot(normal) / doubled, -u.cross(a).dot(normal) / doubled);
    Some([1.0 - second - third, second, third, 0.0])
}

/// Weights of the origin in the tetrahedron, from the volumes it cuts it into.
fn tetrahedron([a, b, c, d]: [Vec3; 4]) -> Option<[f64; 4]> {
    let whole = (b - a).cross(c - a).dot(d - a);
    let scale = (b - a).norm() * (c - a).norm() * (d - a).norm();
    if !(whole > 1e-14 * scale || whole < -1e-14 * scale) {
        return None;
    }
    let volume = |p: Vec3, q: Vec3, r: Vec3| p.dot(q.cross(r));
    Some([volume(b, c, d) / whole, -volume(a, c, d) / whole, volume(a, b, d) / whole, -volume(a, b, c) / whole])
}
