//! A box with a round hole against a cylinder and a ball: peg and hole.
//!
//! Everything happens in the bore's frame, where the hole is x² + y² ≤ R². Four features touch: the cylinder's end circles
//! reach the wall where they are farthest from the hole's axis, the bottom where they are lowest, and the face around the
//! hole in the crescent that lies outside of it; the hole's rim reaches the cylinder's side where it is nearest to the
//! cylinder's axis. Where a circle is from an axis is a wave of two harmonics in its angle, with at most two peaks: samples
//! find them, a fixed number of Newton steps refines them, so that distances are exact up to rounding. Of two ways out of the
//! solid, up or to the hole's axis, the shorter counts. A peg that leans touches at two opposite sides, as in Whitney,
//! *Quasi-static assembly of compliantly supported rigid parts* (1982).

use super::{ContactPoint, Manifold, Placement, convex, sphere};
use crate::shape::Shape;
use leitai_math::{Mat3, Vec3, real};

/// A box of half edges `half` with a hole about its z axis, open at the +z face.
#[derive(Clone, Copy)]
pub struct Bore {
    pub half: Vec3,
    pub radius: f64,
    pub depth: f64,
}

/// Samples of a circle; two peaks of a wave nearer than a step apart differ by less than 1e-9 m on pegs of 1 cm.
const SAMPLES: usize = 32;
/// Angle between them [rad].
const STEP: f64 = real::TAU / SAMPLES as f64;
/// Newton steps towards a peak or a crossing, kept between samples.
const ROUNDS: usize = 12;
/// Cosine from which an end that looks along a face does not stand on it; sine from which a rim does not touch a side.
const LEANS: f64 = 0.2;
/// Part of the cylinder's size by which two points are one.
const SAME: f64 = 1e-6;
/// The most points found before the deepest are kept.
const FOUND: usize = 24;

/// cos(k·TAU/32) for the first quarter.
const QUARTER: [f64; 9] = [
    1.0,
    0.980_785_280_403_230_4,
    0.923_879_532_511_286_7,
    0.831_469_612_302_545_2,
    core::f64::consts::FRAC_1_SQRT_2,
    0.555_570_233_019_602_2,
    0.382_683_432_365_089_8,
    0.195_090_322_016_128_3,
    0.0,
];

/// Cosine and sine of sample `k`.
fn sample(k: usize) -> (f64, f64) {
    let cos = |k: usize| match k % SAMPLES {
        k @ 0..=8 => QUARTER[k],
        k @ 9..=16 => -QUARTER[16 - k],
        k @ 17..=24 => -QUARTER[k - 16],
        k => QUARTER[32 - k],
    };
    (cos(k), cos(k + SAMPLES - 8))
}

/// Contacts of a cylinder, standing at `a`, with the bore at `b`.
pub fn cylinder(a: &Placement, radius: f64, half_length: f64, b: &Placement, bore: &Bore, margin: f64, out: &mut Manifold) {
    let rotation = b.rotation.transpose() * a.rotation;
    let center = b.local(a.position);
    let shape = Shape::Cylinder { radius, half_length };
    let reach = shape.bounds(&rotation).0;
    let through = bore.is_through();
    let beyond = |x: f64, reach: f64, half: f64| real::abs(x) - reach - half;
    let mut outside = real::max(beyond(center.x, reach.x, bore.half.x), beyond(center.y, reach.y, bore.half.y));
    let above = if through { beyond(center.z, reach.z, bore.half.z) } else { center.z - reach.z - bore.half.z };
    if !through {
        outside = real::max(outside, -center.z - reach.z - bore.half.z);
    }
    if real::max(outside, above) >= margin {
        return;
    }
    let solid = Shape::Box { half: bore.half };
    let small = real::min(radius, half_length);
    let axis = rotation.column(2);
    // Touched from another side, or beside the hole.
    if outside > -small || from_axis(center, axis, half_length) >= bore.radius + radius {
        convex::pair(&shape, a, &solid, b, margin, out);
        return;
    }
    let mut whole = Manifold { steady: out.steady, ..Manifold::default() };
    if above > -0.25 * small {
        convex::pair(&shape, a, &solid, b, margin, &mut whole);
        let beside = |p: &ContactPoint| {
            let at = b.local(p.position);
            across(at) - bore.radius >= real::max(0.0, -p.distance)
        };
        // What touches not even the whole box, or only outside of the hole.
        if whole.points().iter().all(beside) {
            whole.points().iter().for_each(|&p| out.push(p));
            return;
        }
    }
    let mut touch = Touch {
        bore,
        through,
        center,
        rotation,
        radius,
        half_length,
        margin,
        same: SAME * small,
        overhangs: false,
        found: [Found::default(); FOUND],
        len: 0,
    };
    for end in [-1.0, 1.0] {
        touch.bottom(end);
    }
    for end in [-1.0, 1.0] {
        touch.end(end);
    }
    for mouth in bore.mouths() {
        touch.rim(*mouth);
    }
    if touch.overhangs {
        for p in whole.points() {
            let at = b.local(p.position);
            if across(at) >= bore.radius {
                touch.push(at, b.rotation.transpose_mul(-p.normal), p.distance);
            }
        }
    }
    touch.write(b, out);
}

/// Contacts of a ball with the bore at `b`: wall and bottom, three points of the rim, or the outside of the box.
pub fn ball(a: &Placement, radius: f64, b: &Placement, bore: &Bore, margin: f64, out: &mut Manifold) {
    let at = b.local(a.position);
    let from_axis = across(at);
    let side = if from_axis < sphere::TINY { Vec3::X } else { Vec3::new(at.x / from_axis, at.y / from_axis, 0.0) };
    let mut add = |outward: Vec3, apart: f64| {
        let normal = b.rotation * -outward;
        out.add(a.position + normal * radius, normal, apart - radius, margin);
    };
    let floor = bore.floor();
    // Above the mouth that is nearer.
    let up = if bore.is_through() && at.z < 0.0 { -1.0 } else { 1.0 };
    let height = up * at.z - bore.half.z;
    if from_axis < bore.radius && height > 0.0 {
        // A ball that sits in the mouth touches all around: the nearest point and two more keep it there.
        let (sin, cos) = (0.5 * SQRT_3, -0.5);
        for (c, s) in [(1.0, 0.0), (cos, sin), (cos, -sin)] {
            let way = Vec3::new(c * side.x - s * side.y, s * side.x + c * side.y, 0.0);
            let between = at - way * bore.radius - Vec3::Z * (up * bore.half.z);
            let apart = between.norm();
            if apart > sphere::TINY {
                add(between * (1.0 / apart), apart);
            }
        }
        return;
    }
    if from_axis < bore.radius && at.z > floor {
        add(-side, bore.radius - from_axis);
        if !bore.is_through() {
            add(Vec3::Z, at.z - floor);
        }
        return;
    }
    let inside = at.abs().max(bore.half) == bore.half;
    let shallow = sphere::nearest_face(at, bore.half).2;
    if inside && at.z > floor && from_axis - bore.radius < shallow {
        add(-side, bore.radius - from_axis);
    } else if inside && !bore.is_through() && from_axis < bore.radius && floor - at.z < shallow {
        add(Vec3::Z, at.z - floor);
    } else {
        sphere::against_box(a.position, radius, b, bore.half, margin, out);
    }
}

const SQRT_3: f64 = 1.732_050_807_568_877_2;

/// Distance of a point from the z axis.
fn across(p: Vec3) -> f64 {
    real::sqrt(p.x * p.x + p.y * p.y)
}

/// Least distance of a segment from the z axis.
fn from_axis(center: Vec3, axis: Vec3, half_length: f64) -> f64 {
    let flat = axis.x * axis.x + axis.y * axis.y;
    let nearest = if flat > 1e-18 { -(center.x * axis.x + center.y * axis.y) / flat } else { 0.0 };
    across(center + axis * real::clamp(nearest, -half_length, half_length))
}

impl Bore {
    fn is_through(&self) -> bool {
        self.depth >= 2.0 * self.half.z
    }
    /// Height of the bottom [m].
    fn floor(&self) -> f64 {
        self.half.z - self.depth
    }
    /// Sides of the box where the hole opens.
    fn mouths(&self) -> &'static [f64] {
        if self.is_through() { &[1.0, -1.0] } else { &[1.0] }
    }
}

/// A circle: center + a cos φ + b sin φ.
struct Circle {
    center: Vec3,
    a: Vec3,
    b: Vec3,
}

impl Circle {
    fn at(&self, angle: f64) -> Vec3 {
        let (sin, cos) = real::sin_cos(angle);
        self.center + self.a * cos + self.b * sin
    }
    fn along(&self, angle: f64) -> Vec3 {
        let (sin, cos) = real::sin_cos(angle);
        self.b * cos - self.a * sin
    }
    /// Squared distance from the z axis, times `sign`.
    fn wave(&self, sign: f64) -> Wave {
        let dot = |p: Vec3, q: Vec3| p.x * q.x + p.y * q.y;
        let (aa, bb) = (dot(self.a, self.a), dot(self.b, self.b));
        Wave {
            mean: sign * (dot(self.center, self.center) + 0.5 * (aa + bb)),
            once: [2.0 * sign * dot(self.center, self.a), 2.0 * sign * dot(self.center, self.b)],
            twice: [0.5 * sign * (aa - bb), sign * dot(self.a, self.b)],
        }
    }
    /// The angle at which the circle is farthest along −`up`.
    fn lowest(&self, up: Vec3) -> f64 {
        real::atan2(-self.b.dot(up), -self.a.dot(up))
    }
}

/// mean + once · (cos φ, sin φ) + twice · (cos 2φ, sin 2φ).
struct Wave {
    mean: f64,
    once: [f64; 2],
    twice: [f64; 2],
}

impl Wave {
    fn value(&self, (cos, sin): (f64, f64)) -> f64 {
        let (cos2, sin2) = (cos * cos - sin * sin, 2.0 * cos * sin);
        self.mean + self.once[0] * cos + self.once[1] * sin + self.twice[0] * cos2 + self.twice[1] * sin2
    }
    fn at(&self, angle: f64) -> f64 {
        let (sin, cos) = real::sin_cos(angle);
        self.value((cos, sin))
    }
    /// First and second derivative.
    fn slopes(&self, angle: f64) -> (f64, f64) {
        let (sin, cos) = real::sin_cos(angle);
        let (cos2, sin2) = (cos * cos - sin * sin, 2.0 * cos * sin);
        let first = self.once[1] * cos - self.once[0] * sin + 2.0 * (self.twice[1] * cos2 - self.twice[0] * sin2);
        let second = -self.once[0] * cos - self.once[1] * sin - 4.0 * (self.twice[0] * cos2 + self.twice[1] * sin2);
        (first, second)
    }
    fn samples(&self) -> [f64; SAMPLES] {
        core::array::from_fn(|k| self.value(sample(k)))
    }

    /// Angles of the two highest peaks above `least`, the same twice if there is one.
    fn peaks(&self, samples: &[f64; SAMPLES], least: f64) -> [Option<f64>; 2] {
        let mut best = [None::<usize>; 2];
        for k in 0..SAMPLES {
            let (before, after) = (samples[(k + SAMPLES - 1) % SAMPLES], samples[(k + 1) % SAMPLES]);
            if samples[k] > before && samples[k] >= after {
                if best[0].is_none_or(|b| samples[k] > samples[b]) {
                    best = [Some(k), best[0]];
                } else if best[1].is_none_or(|b| samples[k] > samples[b]) {
                    best[1] = Some(k);
                }
            }
        }
        // A level circle about the axis is as far everywhere.
        if best[0].is_none() {
            best[0] = Some(0);
        }
        // Half a step beside a peak it is lower by no more than this.
        let bulge =
            real::abs(self.once[0]) + real::abs(self.once[1]) + 4.0 * (real::abs(self.twice[0]) + real::abs(self.twice[1]));
        let worth = least - 0.5 * STEP * STEP * bulge;
        best.map(|k| k.filter(|&k| samples[k] > worth).map(|k| self.peak(k)))
    }

    /// The peak next to sample `k`.
    fn peak(&self, k: usize) -> f64 {
        let mut x = k as f64 * STEP;
        let (mut low, mut high) = (x - STEP, x + STEP);
        for _ in 0..ROUNDS {
            let (first, second) = self.slopes(x);
            if first == 0.0 {
                return x;
            }
            if first > 0.0 {
                low = x
            } else {
                high = x
            }
            let next = x - first / second;
            x = if second < 0.0 && next >= low && next <= high { next } else { 0.5 * (low + high) };
        }
        x
    }

    /// Where the wave crosses `level` on the way from the angle `from`, where it is above, in the direction `turn`; nothing
    /// if it never does.
    fn crossing(&self, samples: &[f64; SAMPLES], level: f64, from: f64, turn: f64) -> Option<f64> {
        let first = if turn > 0.0 { real::floor(from / STEP) + 1.0 } else { real::ceil(from / STEP) - 1.0 };
        let mut above = from;
        for k in 0..SAMPLES {
            let step = first + turn * k as f64;
            let index = (step as i64).rem_euclid(SAMPLES as i64) as usize;
            let here = step * STEP;
            if samples[index] < level {
                return Some(self.between(level, above, here));
            }
            above = here;
        }
        None
    }

    /// The crossing of `level` between two angles, above it at the first and below it at the second.
    fn between(&self, level: f64, mut above: f64, mut below: f64) -> f64 {
        let mut x = 0.5 * (above + below);
        for _ in 0..ROUNDS {
            let value = self.at(x) - level;
            if value >= 0.0 {
                above = x
            } else {
                below = x
            }
            let next = x - value / self.slopes(x).0;
            let inside = (next - above) * (next - below) <= 0.0;
            x = if inside { next } else { 0.5 * (above + below) };
        }
        x
    }
}

/// A part of a circle, from one angle to another; all of it without ends.
#[derive(Clone, Copy)]
struct Arc {
    ends: Option<[f64; 2]>,
}

impl Arc {
    fn holds(&self, angle: f64) -> bool {
        self.ends.is_none_or(|[from, to]| {
            let turns = real::floor((angle - from) / real::TAU);
            angle - turns * real::TAU <= to
        })
    }
}

/// A point of the cylinder's surface in the bore's frame, the normal out of the bore, and the gap.
#[derive(Clone, Copy, Default)]
struct Found {
    at: Vec3,
    normal: Vec3,
    gap: f64,
}

/// A cylinder in the bore's frame, and the points found so far.
struct Touch<'a> {
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
    overhangs: bool,
    found: [Found; FOUND],
    len: usize,
}

impl Touch<'_> {
    fn push(&mut self, at: Vec3, normal: Vec3, gap: f64) {
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
                let on = self.bore.mouths().iter().find(|m| self.stands_on(**m, end, &circle, &arc, over));
                if let Some(&mouth) = on {
                    stands = Some(arc);
                    self.stand(mouth, end, &circle, &arc, angle);
                    continue;
                }
            }
            self.wall(&circle, &wave, arc, angle, over);
        }
    }

    /// True if the way up onto the face is shorter than the way to the hole's axis.
    fn stands_on(&self, mouth: f64, end: f64, circle: &Circle, arc: &Arc, over: f64) -> bool {
        if end * mouth * self.axis().z > LEANS {
            return false;
        }
        let below = |angle: f64| self.bore.half.z - mouth * circle.at(angle).z;
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

    /// An end's farthest point against the wall; if that is beyond a mouth, where the circle enters it.
    fn wall(&mut self, circle: &Circle, wave: &Wave, arc: Option<Arc>, angle: f64, over: f64) {
        let half = self.bore.half.z;
        let p = circle.at(angle);
        let Some(&mouth) = self.bore.mouths().iter().find(|m| **m * p.z > half) else {
            if p.z >= -half {
                self.push(p, -Vec3::new(p.x, p.y, 0.0).normalized_or(Vec3::X), -over);
            }
            return;
        };
        let (Some(arc), slope) = (arc, across(Vec3::new(circle.a.z, circle.b.z, 0.0))) else { return };
        let cosine = (mouth * half - circle.center.z) / slope;
        if !(cosine > -1.0 && cosine < 1.0) {
            return;
        }
        let (highest, turn) = (circle.lowest(-Vec3::Z), real::acos(cosine));
        for angle in [highest - turn, highest + turn] {
            let over = real::sqrt(wave.at(angle)) - self.bore.radius;
            if arc.holds(angle) {
                let p = circle.at(angle);
                self.push(p, -Vec3::new(p.x, p.y, 0.0).normalized_or(Vec3::X), -over);
            }
        }
    }

    /// The hole's rim against the cylinder's side.
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
    }

    /// All points, or the deepest if they are more than a manifold holds, in the order they were found.
    fn write(&mut self, b: &Placement, out: &mut Manifold) {
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
