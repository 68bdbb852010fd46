//! The points where a cylinder touches a box with a hole, feature by feature.

use super::Bore;
use super::circle::{Arc, Circle, across};
use crate::contact::{Manifold, Placement};
use leitai_math::{Mat3, Vec3, real};

/// Cosine from which an end that looks along a face does not stand on it; sine from which a rim does not touch a side.
const LEANS: f64 = 0.2;
/// Part of the cylinder's size by which two points are one.
const SAME: f64 = 1e-6;
/// The most points found before the deepest are kept.
const FOUND: usize = 24;

/// A point of the cylinder's surface in the bore's frame, the normal out of the bore, and the gap.
#[derive(Clone, Copy, Default)]
struct Found {
    at: Vec3,
    normal: Vec3,
    gap: f64,
}

/// A cylinder in the bore's frame, and the points found so far.
pub struct Touch<'a> {
    bore: &'a Bore,
    through: bool,
    center: Vec3,
    rotation: Mat3,
    radius: f64,
    half_length: f64,
    margin: f64,
    /// Points nearer to each other than this are one [m].
    same: f64,
    /// The end that stands on the face reaches over the box's edge.
    pub overhangs: bool,
    found: [Found; FOUND],
    len: usize,
}

impl<'a> Touch<'a> {
    /// A cylinder of radius and half length `size` with its center and axes in the bore's frame.
    pub fn new(bore: &'a Bore, center: Vec3, rotation: Mat3, size: [f64; 2], margin: f64) -> Self {
        let [radius, half_length] = size;
        Self {
            bore,
            through: bore.is_through(),
            center,
            rotation,
            radius,
            half_length,
            margin,
            same: SAME * real::min(radius, half_length),
            overhangs: false,
            found: [Found::default(); FOUND],
            len: 0,
        }
    }

    /// Looks at every feature: ends on the bottom first, which rest, then walls, faces and rims.
    pub fn find(&mut self) {
        for end in [-1.0, 1.0] {
            self.bottom(end);
        }
        for end in [-1.0, 1.0] {
            self.end(end);
        }
        for mouth in self.bore.mouths() {
            self.rim(*mouth);
        }
    }

    /// Adds a point of the cylinder's surface, with the normal out of the bore, unless the gap is too wide or it is there already.
    pub fn push(&mut self, at: Vec3, normal: Vec3, gap: f64) {
        let again = |p: &Found| (p.at - at).norm() < self.same && p.normal.dot(normal) > 0.99;
        if gap < self.margin && self.len < FOUND && !self.found[..self.len].iter().any(again) {
            self.found[self.len] = Found { at, normal, gap };
            self.len += 1;
        }
    }

    fn axis(&self) -> Vec3 {
        self.rotation.column(2)
    }

    fn circle(&self, end: f64) -> Circle {
        let [a, b] = [0, 1].map(|k| self.rotation.column(k) * self.radius);
        Circle { center: self.center + self.axis() * (end * self.half_length), a, b }
    }

    /// An end on the bottom of a blind hole: four points that stay with the cylinder, and its lowest.
    fn bottom(&mut self, end: f64) {
        if self.through || end * self.axis().z > LEANS {
            return;
        }
        let circle = self.circle(end);
        let floor = self.bore.floor();
        if circle.center.z - across(Vec3::new(circle.a.z, circle.b.z, 0.0)) - floor >= self.margin {
            return;
        }
        let mut deepest = f64::INFINITY;
        // A peg pressed into the wall still stands on the bottom.
        let widest = self.bore.radius + 0.1 * self.radius;
        for p in [circle.a, circle.b, -circle.a, -circle.b] {
            let p = circle.center + p;
            if across(p) < widest {
                deepest = real::min(deepest, p.z - floor);
                self.push(p, Vec3::Z, p.z - floor);
            }
        }
        let lowest = circle.at(circle.lowest(Vec3::Z));
        if across(lowest) < widest && lowest.z - floor < deepest - self.same {
            self.push(lowest, Vec3::Z, lowest.z - floor);
        }
    }

    /// An end's circle against wall and face.
    fn end(&mut self, end: f64) {
        let circle = self.circle(end);
        let wave = circle.wave(1.0);
        let radius = self.bore.radius;
        let samples = wave.samples();
        let within = real::max(0.0, radius - self.margin);
        let mut stands: Option<Arc> = None;
        for angle in wave.peaks(&samples, within * within).into_iter().flatten() {
            let over = real::sqrt(real::max(0.0, wave.at(angle))) - radius;
            if -over >= self.margin || stands.is_some_and(|arc| arc.holds(angle)) {
                continue;
            }
            let level = radius * radius;
            let arc = if over > 0.0 {
                let ends = [-1.0, 1.0].map(|turn| wave.crossing(&samples, level, angle, turn));
                Some(Arc { ends: if let [Some(from), Some(to)] = ends { Some([from, to]) } else { None } })
            } else {
                None
            };
            if let Some(arc) = arc {
                let looks = |mouth: f64| end * mouth * self.axis().z <= LEANS;
                let mut mouths = self.bore.mouths().iter();
                if let Some(&mouth) = mouths.find(|m| looks(**m) && self.is_on(**m, end, &circle, &arc, angle, over)) {
                    stands = Some(arc);
                    self.stand(mouth, end, &circle, &arc, angle);
                    continue;
                }
            }
            self.wall(circle.at(angle), over);
        }
    }

    /// True if an end whose circle leaves the hole by `over` at `angle` is nearer to the face around it than to the hole's axis:
    /// the rim there is less deep under the end than under the side. Where the rim lies beside the cylinder, the circle decides.
    fn is_on(&self, mouth: f64, end: f64, circle: &Circle, arc: &Arc, angle: f64, over: f64) -> bool {
        let half = self.bore.half.z;
        let farthest = circle.at(angle);
        let outward = Vec3::new(farthest.x, farthest.y, 0.0).normalized_or(Vec3::X);
        let rim = self.rotation.transpose_mul(outward * self.bore.radius + Vec3::Z * (mouth * half) - self.center);
        let under_side = self.radius - across(rim);
        if under_side > 0.0 {
            return self.half_length - end * rim.z <= under_side;
        }
        let below = |angle: f64| half - mouth * circle.at(angle).z;
        let lowest = circle.lowest(Vec3::Z * mouth);
        let depth = match arc.ends {
            Some([from, to]) if !arc.holds(lowest) => real::max(below(from), below(to)),
            _ => below(lowest),
        };
        depth <= over
    }

    /// Points of an end on the face around the hole: where its circle crosses the rim, the farthest point, the two beside
    /// it, and the lowest if that is lower than these.
    fn stand(&mut self, mouth: f64, end: f64, circle: &Circle, arc: &Arc, farthest: f64) {
        let up = Vec3::Z * mouth;
        let mut deepest = f64::INFINITY;
        for tip in arc.ends.into_iter().flatten() {
            let p = circle.at(tip);
            let lift = mouth * p.z - self.bore.half.z;
            let normal = self.crossed(up, end, circle, tip, p);
            let gap = lift * normal.dot(up);
            deepest = real::min(deepest, gap);
            self.push(p, normal, gap);
        }
        let quarter = 0.5 * real::PI;
        for angle in [farthest, farthest + quarter, farthest - quarter, farthest + real::PI] {
            if arc.holds(angle) {
                let p = circle.at(angle);
                deepest = real::min(deepest, self.on_face(up, p));
            }
        }
        let lowest = circle.lowest(up);
        if arc.holds(lowest) {
            let p = circle.at(lowest);
            if mouth * p.z - self.bore.half.z < deepest - self.same {
                self.on_face(up, p);
            }
        }
    }

    /// A point over the face; its gap, or infinity beside the box.
    fn on_face(&mut self, up: Vec3, p: Vec3) -> f64 {
        let half = self.bore.half;
        if real::abs(p.x) > half.x || real::abs(p.y) > half.y {
            self.overhangs = true;
            return f64::INFINITY;
        }
        let gap = up.dot(p) - half.z;
        self.push(p, up, gap);
        gap
    }

    /// The normal where an end's circle crosses the hole's rim: square to both, within what either edge allows.
    fn crossed(&self, up: Vec3, end: f64, circle: &Circle, angle: f64, p: Vec3) -> Vec3 {
        let outward = Vec3::new(p.x, p.y, 0.0).normalized_or(Vec3::X);
        let normal = circle.along(angle).normalized_or(up).cross(Vec3::Z.cross(outward));
        if normal.norm() < 1e-6 {
            return up;
        }
        let normal = normal.normalized_or(up);
        let normal = if normal.dot(up) < 0.0 { -normal } else { normal };
        let from_peg = p - circle.center;
        if normal.dot(outward) > 0.0 {
            up
        } else if normal.dot(from_peg) > 0.0 {
            self.axis() * -end
        } else {
            normal
        }
    }

    /// An end's farthest point against the wall, unless it is out of the hole or the outside of the box is nearer.
    fn wall(&mut self, p: Vec3, over: f64) {
        let half = self.bore.half;
        let to_outside = real::min(half.x - real::abs(p.x), half.y - real::abs(p.y));
        if real::abs(p.z) <= half.z && over <= to_outside {
            self.push(p, -Vec3::new(p.x, p.y, 0.0).normalized_or(Vec3::X), -over);
        }
    }

    /// The hole's rim against the cylinder's side and, where an inclined end lies on it, against that end.
    fn rim(&mut self, mouth: f64) {
        let half = self.bore.half.z;
        let local = |v: Vec3| self.rotation.transpose_mul(v);
        let rim = Circle {
            center: local(Vec3::Z * (mouth * half) - self.center),
            a: local(Vec3::X * self.bore.radius),
            b: local(Vec3::Y * self.bore.radius),
        };
        let wave = rim.wave(-1.0);
        let samples = wave.samples();
        let beyond = self.radius + self.margin;
        for angle in wave.peaks(&samples, -beyond * beyond).into_iter().flatten() {
            let at = rim.at(angle);
            let apart = across(at);
            let gap = apart - self.radius;
            let from_end = self.half_length - real::abs(at.z);
            let end = if at.z < 0.0 { -1.0 } else { 1.0 };
            let looks_down = end * mouth * self.axis().z < LEANS;
            if from_end < 0.0 || looks_down && from_end < -gap {
                continue;
            }
            let outward = Vec3::new(at.x, at.y, 0.0).normalized_or(Vec3::X);
            let normal = self.rotation * -outward;
            let (sin, cos) = real::sin_cos(angle);
            let to_wall = Vec3::new(cos, sin, 0.0);
            if normal.z * mouth < -LEANS || normal.dot(to_wall) > LEANS {
                continue;
            }
            let on_side = self.center + self.rotation * (outward * self.radius + Vec3::Z * at.z);
            self.push(on_side, normal, gap);
        }
        for end in [-1.0, 1.0] {
            let at = rim.at(rim.lowest(Vec3::Z * end));
            let (gap, under_side) = (end * at.z - self.half_length, self.radius - across(at));
            let deepest = self.found[..self.len].iter().fold(f64::INFINITY, |d, p| real::min(d, p.gap));
            // A level end rests on its own points.
            let tells = gap < deepest - self.same && -gap <= under_side && under_side > 0.0;
            if tells && end * mouth * self.axis().z < LEANS {
                let on_end = Vec3::new(at.x, at.y, end * self.half_length);
                self.push(self.center + self.rotation * on_end, self.axis() * -end, gap);
            }
        }
    }

    /// All points, or the deepest if they are more than a manifold holds, in the order they were found.
    pub fn write(&mut self, b: &Placement, out: &mut Manifold) {
        while self.len > Manifold::MOST {
            let mut shallow = 0;
            for k in 1..self.len {
                if self.found[k].gap >= self.found[shallow].gap {
                    shallow = k;
                }
            }
            self.found.copy_within(shallow + 1..self.len, shallow);
            self.len -= 1;
        }
        for p in &self.found[..self.len] {
            out.add(b.apply(p.at), b.rotation * -p.normal, p.gap, self.margin);
        }
    }
}
