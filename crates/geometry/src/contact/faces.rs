//! Several points where faces of two overlapping shapes lie on each other, as MuJoCo finds them.
//!
//! The facet of the shapes' difference that is nearest to the origin has corners on both shapes. From these corners follow the
//! faces and edges that may touch: two faces that look at each other to within 5°, or an edge along a face. One is cut by the
//! sides of the other, and every corner of what is left that lies below the face is a point, with its depth under that face.

use super::{ContactPoint, Manifold};
use crate::gjk::Corner;
use crate::shape::Shape;
use crate::support::Convex;
use leitai_math::{Vec3, real};

/// Cosine of the angle within which two faces look at each other.
const FACING: f64 = 0.996;
/// Sine of the angle within which an edge lies along a face.
const ALONG: f64 = 0.0888;
/// What is outside of a side by less than this [m] is inside.
const SLACK: f64 = 1e-15;
/// The most corners of a face, and of a face cut by another.
const CORNERS: usize = 150;
/// Corners of the polygon that stands for a cylinder's cap.
const CAP: usize = 16;
/// The most faces or edges that may touch.
const CHOICES: usize = 150;
/// Part by which ground must grow to count as larger.
const GAIN: f64 = 1e-9;
/// The most points of one pair.
const MOST: usize = 4;

/// A list of up to `N` things without allocation; what is more is left out.
struct List<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy, const N: usize> List<T, N> {
    fn new(filler: T) -> Self {
        Self { items: [filler; N], len: 0 }
    }
    fn push(&mut self, item: T) {
        if self.len < N {
            self.items[self.len] = item;
            self.len += 1;
        }
    }
    fn all(&self) -> &[T] {
        &self.items[..self.len]
    }
}

/// A face with its outward normal, or an edge with its direction.
#[derive(Clone, Copy)]
struct Choice {
    along: Vec3,
    /// The face's number, or where the edge ends.
    face: u32,
    end: Vec3,
}

type Choices = List<Choice, CHOICES>;
type Corners = List<Vec3, CORNERS>;

/// True for shapes that have flat faces.
pub fn has_faces(shape: &Shape) -> bool {
    matches!(shape, Shape::Box { .. } | Shape::Cylinder { .. } | Shape::Mesh(_))
}

/// Writes the points into `out`, in the frame of the query moved by `origin`; false if no faces lie on each other there.
/// `normal` is the direction of least overlap, and `facet` the facet of the difference that it goes through.
pub fn points(
    shapes: [&Shape; 2],
    first: &Convex,
    second: &Convex,
    normal: Vec3,
    facet: &[Corner; 3],
    origin: Vec3,
    margin: f64,
    out: &mut Manifold,
) -> bool {
    let one = Touch::new(shapes[0], first, facet.map(|c| (c.hull_corners[0], c.on_first)), normal);
    let two = Touch::new(shapes[1], second, facet.map(|c| (c.hull_corners[1], c.on_first - c.difference)), -normal);
    let (one_faces, two_faces) = (one.faces(), two.faces());
    let facing = one_faces.all().iter().flat_map(|f| two_faces.all().iter().map(move |g| (f, g)));
    let facing = facing.filter(|(f, g)| f.along.dot(g.along) < -FACING);
    // Of several, the pair that looks most along the normal.
    let most_along = |(f, g): &(&Choice, &Choice)| (f.along - g.along).dot(normal);
    if let Some((f, g)) = facing.max_by(|a, b| most_along(a).total_cmp(&most_along(b))) {
        let cut = Cut { face: one.corners(f.face), normal: f.along, points_along: -g.along, margin };
        return cut.write(&two.corners(g.face), origin, out);
    }
    if one.count < 3 && one.count <= two.count {
        let Some((edge, g)) = along(&one.edges(), &two_faces, -normal) else { return false };
        let cut = Cut { face: two.corners(g.face), normal: g.along, points_along: -g.along, margin };
        return cut.write(&one.edge(&edge), origin, out);
    }
    if two.count < 3 {
        let Some((edge, f)) = along(&two.edges(), &one_faces, normal) else { return false };
        let cut = Cut { face: one.corners(f.face), normal: f.along, points_along: f.along, margin };
        return cut.write(&two.edge(&edge), origin, out);
    }
    false
}

/// The first edge that lies along a face which looks along `direction`.
fn along(edges: &Choices, faces: &Choices, direction: Vec3) -> Option<(Choice, Choice)> {
    let facing = faces.all().iter().filter(|f| f.along.dot(direction) > SLACK);
    facing.flat_map(|f| edges.all().iter().map(move |e| (*e, *f))).find(|(e, f)| real::abs(e.along.dot(f.along)) < ALONG)
}

/// Where one shape is touched: the distinct corners of the facet.
struct Touch<'a> {
    shape: &'a Shape,
    of: &'a Convex<'a>,
    /// Number and place of each corner; the first `count` count.
    corners: [(u32, Vec3); 3],
    count: usize,
    /// Out of the shape.
    outward: Vec3,
}

impl<'a> Touch<'a> {
    fn new(shape: &'a Shape, of: &'a Convex<'a>, mut corners: [(u32, Vec3); 3], outward: Vec3) -> Self {
        let local = |p: Vec3| of.at.rotation.transpose_mul(p - of.at.position);
        for corner in &mut corners {
            let p = local(corner.1);
            match shape {
                Shape::Box { .. } => corner.0 = (0..3).map(|k| u32::from(p[k] > 0.0) << k).sum(),
                // All points of one rim count as one corner: the one farthest out, which the facet's come near to.
                Shape::Cylinder { radius, half_length } => {
                    corner.0 = u32::from(p.z < 0.0);
                    let out = of.at.rotation.transpose_mul(outward);
                    let across = real::sqrt(out.x * out.x + out.y * out.y);
                    if across > ALONG {
                        let (x, y) = (radius * out.x / across, radius * out.y / across);
                        corner.1 = of.at.apply(Vec3::new(x, y, if p.z < 0.0 { -half_length } else { *half_length }));
                    }
                }
                _ => {}
            }
        }
        let [a, b, c] = corners.map(|corner| corner.0);
        let count = match (a == b, a == c, b == c) {
            (true, true, _) => 1,
            (true, false, _) => {
                corners[1] = corners[2];
                2
            }
            (false, false, false) => 3,
            _ => 2,
        };
        Self { shape, of, corners, count, outward }
    }

    fn turned(&self, local: Vec3) -> Vec3 {
        self.of.at.rotation * local
    }

    /// Faces on which all the corners lie.
    fn faces(&self) -> Choices {
        let mut out = Choices::new(Choice { along: Vec3::ZERO, face: 0, end: Vec3::ZERO });
        let mut add = |local: Vec3, face: u32| out.push(Choice { along: self.turned(local), face, end: Vec3::ZERO });
        match self.shape {
            Shape::Mesh(mesh) => {
                let broad = &mesh.hull().broad;
                let others = &self.corners[1..self.count];
                let shared = |f: &&u32| others.iter().all(|corner| broad.at(corner.0 as usize).contains(f));
                // Two corners share two faces at most, three share one.
                let most = [CHOICES, 2, 1][self.count - 1];
                for &f in broad.at(self.corners[0].0 as usize).iter().filter(shared).take(most) {
                    add(broad.normal(f as usize), f);
                }
            }
            Shape::Box { .. } => {
                let sides = self.shared_sides();
                if sides.iter().flatten().count() == 4 - self.count {
                    sides.iter().flatten().for_each(|&side| add(side_normal(side), side));
                } else {
                    // The corners lie across a side, or across the box: the side that the normal goes through, if any.
                    let local = self.of.at.rotation.transpose_mul(self.outward);
                    if let Some(side) = (0..6).find(|&side| side_normal(side).dot(local) > FACING) {
                        add(side_normal(side), side);
                    }
                }
            }
            Shape::Cylinder { .. } if self.count == 1 => {
                let cap = self.corners[0].0;
                add(if cap == 0 { Vec3::Z } else { -Vec3::Z }, cap);
            }
            _ => {}
        }
        out
    }

    /// The sides of a box on which all the corners lie, one for each axis.
    fn shared_sides(&self) -> [Option<u32>; 3] {
        [0, 1, 2].map(|k| {
            let up = |corner: &(u32, Vec3)| corner.0 >> k & 1 == 1;
            let corners = &self.corners[..self.count];
            if corners.iter().all(up) {
                Some(2 * k)
            } else if corners.iter().any(up) {
                None
            } else {
                Some(2 * k + 1)
            }
        })
    }

    /// Edges that start at the first corner.
    fn edges(&self) -> Choices {
        let mut out = Choices::new(Choice { along: Vec3::ZERO, face: 0, end: Vec3::ZERO });
        let from = self.corners[0].1;
        let mut add = |end: Vec3| out.push(Choice { along: (end - from).normalized_or(Vec3::ZERO), face: 0, end });
        match self.shape {
            Shape::Cylinder { half_length, .. } => {
                let other = if self.corners[0].0 == 1 { 2.0 } else { -2.0 };
                add(from + self.of.at.axis() * (other * half_length));
            }
            _ if self.count == 2 => add(self.corners[1].1),
            Shape::Box { .. } => {
                let local = self.of.at.rotation.transpose_mul(from - self.of.at.position);
                for k in 0..3 {
                    let mut end = local;
                    end[k] = -end[k];
                    add(self.of.at.apply(end));
                }
            }
            Shape::Mesh(mesh) => {
                let (hull, corner) = (mesh.hull(), self.corners[0].0);
                for &f in hull.broad.at(corner as usize) {
                    let rim = hull.broad.rim(f as usize);
                    let at = rim.iter().position(|&c| c == corner).unwrap_or(0);
                    add(self.of.at.apply(hull.corners[rim[(at + rim.len() - 1) % rim.len()] as usize]));
                }
            }
            _ => {}
        }
        out
    }

    /// An edge's two ends.
    fn edge(&self, edge: &Choice) -> Corners {
        let mut out = Corners::new(Vec3::ZERO);
        out.push(self.corners[0].1);
        out.push(edge.end);
        out
    }

    /// Corners of a face, clockwise seen from outside.
    fn corners(&self, face: u32) -> Corners {
        let mut out = Corners::new(Vec3::ZERO);
        match self.shape {
            Shape::Mesh(mesh) => {
                let rim = mesh.hull().broad.rim(face as usize);
                rim.iter().rev().for_each(|&i| out.push(self.of.at.apply(mesh.hull().corners[i as usize])));
            }
            Shape::Box { half } => {
                side_corners(face).into_iter().for_each(|corner| out.push(self.of.at.apply(corner.scaled(*half))));
            }
            Shape::Cylinder { radius, half_length } => {
                let up = if face == 0 { 1.0 } else { -1.0 };
                for k in 0..CAP {
                    let (sin, cos) = real::sin_cos(k as f64 * (real::TAU / CAP as f64));
                    out.push(self.of.at.apply(Vec3::new(radius * cos, -up * radius * sin, up * half_length)));
                }
            }
            _ => {}
        }
        out
    }
}

/// Outward normal of a box's side: +x, −x, +y, −y, +z, −z.
fn side_normal(side: u32) -> Vec3 {
    let mut normal = Vec3::ZERO;
    normal[side as usize / 2] = if side.is_multiple_of(2) { 1.0 } else { -1.0 };
    normal
}

/// Signs of the corners of a box's side, clockwise seen from outside.
fn side_corners(side: u32) -> [Vec3; 4] {
    let v = Vec3::new;
    match side {
        0 => [v(1., 1., 1.), v(1., 1., -1.), v(1., -1., -1.), v(1., -1., 1.)],
        1 => [v(-1., 1., -1.), v(-1., 1., 1.), v(-1., -1., 1.), v(-1., -1., -1.)],
        2 => [v(-1., 1., -1.), v(1., 1., -1.), v(1., 1., 1.), v(-1., 1., 1.)],
        3 => [v(-1., -1., 1.), v(1., -1., 1.), v(1., -1., -1.), v(-1., -1., -1.)],
        4 => [v(-1., 1., 1.), v(1., 1., 1.), v(1., -1., 1.), v(-1., -1., 1.)],
        _ => [v(1., 1., -1.), v(-1., 1., -1.), v(-1., -1., -1.), v(1., -1., -1.)],
    }
}

/// A face that cuts another face or an edge.
struct Cut {
    face: Corners,
    /// Outward.
    normal: Vec3,
    /// The contact's normal, from the first shape to the second.
    points_along: Vec3,
    /// Points up to this far above the face count [m].
    margin: f64,
}

impl Cut {
    fn write(&self, polygon: &Corners, origin: Vec3, out: &mut Manifold) -> bool {
        let face = self.face.all();
        if face.len() < 3 {
            return false;
        }
        let mut left = Corners::new(Vec3::ZERO);
        polygon.all().iter().for_each(|&p| left.push(p));
        for (i, &from) in face.iter().enumerate() {
            let edge = face[(i + 1) % face.len()] - from;
            let inward = edge.cross(self.normal).normalized_or(Vec3::ZERO);
            left = clipped(&left, inward, from);
        }
        let depth = |p: Vec3| (p - face[0]).dot(self.normal);
        let mut below = Corners::new(Vec3::ZERO);
        left.all().iter().filter(|&&p| depth(p) <= self.margin).for_each(|&p| below.push(p));
        let all = below.all();
        // From the point of what was cut to its foot on the face, and from there halfway back along the contact's normal.
        let across = self.normal.dot(self.points_along);
        let mut write = |p: Vec3| {
            let distance = depth(p) * real::abs(across);
            let half = if across < 0.0 { -0.5 } else { 0.5 };
            let position = origin + p - self.normal * depth(p) + self.points_along * (half * distance);
            out.push(ContactPoint { position, normal: self.points_along, distance });
        };
        match all.len() {
            0 => return false,
            n if polygon.len == 2 && n > 2 => farthest_two(all).into_iter().for_each(|i| write(all[i])),
            n if n > MOST => largest_quadrangle(all).into_iter().for_each(|i| write(all[i])),
            _ => all.iter().for_each(|&p| write(p)),
        }
        true
    }
}

/// The part of a polygon, or of an edge there and back, on the inner side of a plane through `on`.
fn clipped(polygon: &Corners, inward: Vec3, on: Vec3) -> Corners {
    let mut out = Corners::new(Vec3::ZERO);
    let all = polygon.all();
    for (i, &p) in all.iter().enumerate() {
        let q = all[(i + 1) % all.len()];
        let (by_p, by_q) = ((p - on).dot(inward), (q - on).dot(inward));
        let (p_in, q_in) = (by_p > -SLACK, by_q > -SLACK);
        if p_in != q_in {
            let part = by_p / (by_p - by_q);
            if (0.0..=1.0).contains(&part) {
                out.push(p + (q - p) * part);
            }
        }
        if q_in {
            out.push(q);
        }
    }
    out
}

/// The two points farthest from each other.
fn farthest_two(all: &[Vec3]) -> [usize; 2] {
    let mut best = ([0, 1], 0.0);
    for i in 0..all.len() {
        for j in i + 1..all.len() {
            let apart = (all[j] - all[i]).norm_squared();
            if apart > best.1 {
                best = ([i, j], apart);
            }
        }
    }
    best.0
}

/// Four corners of a convex polygon that span the largest ground: each moves on as long as that gains, for every first corner.
/// Rounding is no gain, so that the choice does not jump while a can rests on its rim.
fn largest_quadrangle(all: &[Vec3]) -> [usize; 4] {
    let n = all.len();
    let area = |[a, b, c, d]: [usize; 4]| (all[a] - all[c]).cross(all[b] - all[d]).norm();
    let gains = |next: [usize; 4], most: f64| area(next) > most * (1.0 + GAIN);
    let mut at = [0, 1, 2, 3];
    let (mut best, mut most) = (at, area(at));
    let step = |at: [usize; 4], k: usize| {
        let mut next = at;
        next[k] = (at[k] + 1) % n;
        next
    };
    for first in 0..n {
        at[0] = first;
        // The farthest corner leads; the two between follow it.
        while gains(step(at, 3), most) {
            at = step(at, 3);
            (best, most) = (at, area(at));
            for k in [2, 1] {
                while gains(step(at, k), most) {
                    at = step(at, k);
                    (best, most) = (at, area(at));
                }
            }
        }
        for k in 1..4 {
            if at[k] == at[k - 1] {
                at = step(at, k);
            } else {
                break;
            }
        }
    }
    best
}
