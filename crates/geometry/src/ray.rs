//! What a ray meets: the nearest surface of a shape ahead.
//!
//! A ray that starts inside a shape meets its surface from within, as in MuJoCo. A plane is met only from above, and only
//! within its drawn size if it has one. A mesh is met at its triangles, not at its hull.

use crate::contact::Placement;
use crate::height_field::HeightField;
use crate::mesh::Mesh;
use crate::shape::Shape;
use leitai_math::{Vec3, real};

/// Where a ray meets a surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RayHit {
    /// From the ray's origin to the surface, in lengths of its direction: meters if that is a unit vector.
    pub distance: f64,
    /// Unit normal of the surface, away from the shape's inside, in the world.
    pub normal: Vec3,
}

/// The nearest meeting of the ray from `origin` [m] along `direction` with `shape`, if any; both in the world.
#[must_use]
pub fn cast(shape: &Shape, at: &Placement, origin: Vec3, direction: Vec3) -> Option<RayHit> {
    let ray = Ray { origin: at.local(origin), direction: at.rotation.transpose_mul(direction) };
    let speed = ray.direction.norm_squared();
    if speed.is_nan() || speed <= 0.0 {
        return None;
    }
    let (distance, normal) = match shape {
        Shape::Plane { half } => ray.plane(*half),
        Shape::Sphere { radius } => ray.ellipsoid(Vec3::new(*radius, *radius, *radius)),
        Shape::Ellipsoid { radii } => ray.ellipsoid(*radii),
        Shape::Capsule { radius, half_length } => ray.capsule(*radius, *half_length),
        Shape::Cylinder { radius, half_length } => ray.cylinder(*radius, *half_length),
        Shape::Box { half } => ray.cuboid(*half),
        Shape::Bore { half, radius, depth } => ray.bore(*half, *radius, *depth),
        Shape::Mesh(mesh) => ray.mesh(mesh),
        Shape::HeightField(field) => ray.field(field),
    }?;
    Some(RayHit { distance, normal: at.rotation * normal.normalized_or(Vec3::Z) })
}

/// Distance along the ray, and a normal of any length.
type Hit = (f64, Vec3);

/// A ray in a shape's own frame.
struct Ray {
    origin: Vec3,
    direction: Vec3,
}

impl Ray {
    fn at(&self, t: f64) -> Vec3 {
        self.origin + self.direction * t
    }

    fn plane(&self, half: [f64; 2]) -> Option<Hit> {
        if self.direction.z >= 0.0 {
            return None;
        }
        let t = -self.origin.z / self.direction.z;
        let p = self.at(t);
        let within = |x: f64, half: f64| half <= 0.0 || real::abs(x) <= half;
        (t >= 0.0 && within(p.x, half[0]) && within(p.y, half[1])).then_some((t, Vec3::Z))
    }

    fn ellipsoid(&self, radii: Vec3) -> Option<Hit> {
        let inverse = Vec3::new(1.0 / radii.x, 1.0 / radii.y, 1.0 / radii.z);
        let (o, d) = (self.origin.scaled(inverse), self.direction.scaled(inverse));
        let roots = roots(d.norm_squared(), o.dot(d), o.norm_squared() - 1.0)?;
        let t = roots.into_iter().find(|&t| t >= 0.0)?;
        Some((t, self.at(t).scaled(inverse).scaled(inverse)))
    }

    /// Meetings with the endless cylinder around z.
    fn side(&self, radius: f64) -> Option<[f64; 2]> {
        let (o, d) = (self.origin, self.direction);
        roots(d.x * d.x + d.y * d.y, o.x * d.x + o.y * d.y, o.x * o.x + o.y * o.y - radius * radius)
    }

    fn cylinder(&self, radius: f64, half_length: f64) -> Option<Hit> {
        let mut best = None;
        for t in self.side(radius).into_iter().flatten() {
            let p = self.at(t);
            if real::abs(p.z) <= half_length {
                nearer(&mut best, t, Vec3::new(p.x, p.y, 0.0));
            }
        }
        for up in [1.0, -1.0] {
            if self.direction.z != 0.0 {
                let t = (up * half_length - self.origin.z) / self.direction.z;
                let p = self.at(t);
                if p.x * p.x + p.y * p.y <= radius * radius {
                    nearer(&mut best, t, Vec3::Z * up);
                }
            }
        }
        best
    }

    fn capsule(&self, radius: f64, half_length: f64) -> Option<Hit> {
        let mut best = None;
        for t in self.side(radius).into_iter().flatten() {
            let p = self.at(t);
            if real::abs(p.z) <= half_length {
                nearer(&mut best, t, Vec3::new(p.x, p.y, 0.0));
            }
        }
        for up in [1.0, -1.0] {
            let center = Vec3::Z * (up * half_length);
            let (o, d) = (self.origin - center, self.direction);
            for t in roots(d.norm_squared(), o.dot(d), o.norm_squared() - radius * radius).into_iter().flatten() {
                let p = self.at(t) - center;
                if p.z * up >= 0.0 {
                    nearer(&mut best, t, p);
                }
            }
        }
        best
    }

    fn cuboid(&self, half: Vec3) -> Option<Hit> {
        let mut best = None;
        for i in 0..3 {
            if self.direction[i] == 0.0 {
                continue;
            }
            for up in [1.0, -1.0] {
                let t = (up * half[i] - self.origin[i]) / self.direction[i];
                let p = self.at(t);
                let (j, k) = ((i + 1) % 3, (i + 2) % 3);
                if real::abs(p[j]) <= half[j] && real::abs(p[k]) <= half[k] {
                    let mut normal = Vec3::ZERO;
                    normal[i] = up;
                    nearer(&mut best, t, normal);
                }
            }
        }
        best
    }

    /// A box whose hole is open at the top: its faces outside of the mouth, the wall and the bottom.
    fn bore(&self, half: Vec3, radius: f64, depth: f64) -> Option<Hit> {
        let floor = half.z - depth;
        let through = depth >= 2.0 * half.z;
        let mut best = None;
        for i in 0..3 {
            for up in [1.0, -1.0] {
                let t = (up * half[i] - self.origin[i]) / self.direction[i];
                let p = self.at(t);
                let (j, k) = ((i + 1) % 3, (i + 2) % 3);
                let open = i == 2 && (up > 0.0 || through) && p.x * p.x + p.y * p.y < radius * radius;
                if self.direction[i] != 0.0 && !open && real::abs(p[j]) <= half[j] && real::abs(p[k]) <= half[k] {
                    let mut normal = Vec3::ZERO;
                    normal[i] = up;
                    nearer(&mut best, t, normal);
                }
            }
        }
        for t in self.side(radius).into_iter().flatten() {
            let p = self.at(t);
            if p.z <= half.z && p.z >= real::max(floor, -half.z) {
                nearer(&mut best, t, Vec3::new(-p.x, -p.y, 0.0));
            }
        }
        if !through && self.direction.z != 0.0 {
            let t = (floor - self.origin.z) / self.direction.z;
            let p = self.at(t);
            if p.x * p.x + p.y * p.y <= radius * radius {
                nearer(&mut best, t, Vec3::Z);
            }
        }
        best
    }

    fn mesh(&self, mesh: &Mesh) -> Option<Hit> {
        if !self.meets_bounds(mesh.bounds()) {
            return None;
        }
        let mut best = None;
        for face in &mesh.faces {
            let [a, b, c] = face.map(|i| mesh.vertices[i as usize]);
            if let Some(t) = self.triangle(a, b, c) {
                nearer(&mut best, t, (b - a).cross(c - a));
            }
        }
        best
    }

    /// The surface, or the sides and the bottom of what is below it.
    fn field(&self, field: &HeightField) -> Option<Hit> {
        let (low, high) = field.bounds();
        if !self.meets_bounds((low, high)) {
            return None;
        }
        let mut best = None;
        let (rows, columns) = (field.rows() - 1, field.columns() - 1);
        let mut triangle = |[a, b, c]: [Vec3; 3]| {
            if let Some(t) = self.triangle(a, b, c) {
                nearer(&mut best, t, (b - a).cross(c - a));
            }
        };
        for row in 0..rows {
            for column in 0..columns {
                field.triangles(row, column).into_iter().for_each(&mut triangle);
            }
        }
        let down = |p: Vec3| Vec3::new(p.x, p.y, low.z);
        let mut wall = |a: Vec3, b: Vec3| {
            triangle([a, down(a), b]);
            triangle([b, down(a), down(b)]);
        };
        for column in 0..columns {
            wall(field.point(0, column + 1), field.point(0, column));
            wall(field.point(rows, column), field.point(rows, column + 1));
        }
        for row in 0..rows {
            wall(field.point(row, 0), field.point(row + 1, 0));
            wall(field.point(row + 1, columns), field.point(row, columns));
        }
        let (x, y) = (low.x, low.y);
        let corner = |x: f64, y: f64| Vec3::new(x, y, low.z);
        triangle([corner(x, y), corner(x, -y), corner(-x, -y)]);
        triangle([corner(x, y), corner(-x, -y), corner(-x, y)]);
        best
    }

    /// Möller & Trumbore, *Fast, minimum storage ray/triangle intersection* (1997), from either side.
    fn triangle(&self, a: Vec3, b: Vec3, c: Vec3) -> Option<f64> {
        let (u, v) = (b - a, c - a);
        let p = self.direction.cross(v);
        let volume = u.dot(p);
        if volume == 0.0 {
            return None;
        }
        let from = self.origin - a;
        let s = from.dot(p) / volume;
        let q = from.cross(u);
        let r = self.direction.dot(q) / volume;
        (s >= 0.0 && r >= 0.0 && s + r <= 1.0).then(|| v.dot(q) / volume)
    }

    fn meets_bounds(&self, (low, high): (Vec3, Vec3)) -> bool {
        let (mut enter, mut leave) = (0.0, f64::INFINITY);
        for i in 0..3 {
            if self.direction[i] == 0.0 {
                if self.origin[i] < low[i] || self.origin[i] > high[i] {
                    return false;
                }
                continue;
            }
            let (x, y) = ((low[i] - self.origin[i]) / self.direction[i], (high[i] - self.origin[i]) / self.direction[i]);
            enter = real::max(enter, real::min(x, y));
            leave = real::min(leave, real::max(x, y));
        }
        // A little room, so that a ray in the bounding box's own face is not lost to rounding.
        enter <= leave + 1e-9 * (1.0 + real::abs(leave))
    }
}

/// Keeps the nearest hit that lies ahead.
fn nearer(best: &mut Option<Hit>, t: f64, normal: Vec3) {
    if t >= 0.0 && best.is_none_or(|b| t < b.0) {
        *best = Some((t, normal));
    }
}

/// Rising real roots of a·t² + 2b·t + c = 0.
fn roots(a: f64, b: f64, c: f64) -> Option<[f64; 2]> {
    let inner = b * b - a * c;
    if a <= 0.0 || inner.is_nan() || inner < 0.0 {
        return None;
    }
    let root = real::sqrt(inner);
    // The sum without cancellation gives one root, their product the other.
    let far = if b > 0.0 { -b - root } else { -b + root };
    if far == 0.0 {
        return Some([0.0, 0.0]);
    }
    let (x, y) = (far / a, c / far);
    Some([real::min(x, y), real::max(x, y)])
}
