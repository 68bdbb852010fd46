//! A capsule and a box: MuJoCo's points.
//!
//! MuJoCo takes the point of the capsule's axis that comes nearest to the box's edges, or an end that lies in the box or over one
//! of its faces; then, if the axis runs along the box from there, a second point as far along as the box reaches. Each is the
//! center of a ball against the box, and one inside leaves it by the nearest face. So where the axis runs through the box the
//! points need not be the deepest.

use super::{Manifold, Placement, sphere};
use leitai_math::{Vec3, real};

/// Squared lengths [m²] and determinants [m⁴] below this are rounding.
const ROUNDING: f64 = 1e-15;

/// A capsule's axis in the box's frame; points on it are numbered from −1 to 1.
struct Axis<'a> {
    center: Vec3,
    /// From the center to the end numbered 1.
    half: Vec3,
    box_half: &'a Vec3,
}

/// Where the axis comes nearest to the box.
#[derive(Clone, Copy)]
enum Feature {
    /// An end of the axis, in the box or over the face across this coordinate.
    End { face: Option<usize> },
    /// An edge along `along`, `on_edge` of its half length from its middle; `corner` has a bit for each positive coordinate of the
    /// corner it begins at, or of the corner itself where the nearest point is one.
    Edge { along: usize, corner: u8, on_edge: f64 },
}

/// Writes MuJoCo's points. `axis` is the capsule's unit axis and `center` its center, both in the box's frame.
pub fn points(
    center: Vec3,
    axis: Vec3,
    half_length: f64,
    radius: f64,
    b: &Placement,
    half: &Vec3,
    margin: f64,
    out: &mut Manifold,
) {
    let line = Axis { center, half: axis * half_length, box_half: half };
    let (at, feature) = line.nearest(half_length);
    let step = match feature {
        Feature::End { face } => face.map(|face| line.over_face(at, face)),
        Feature::Edge { along, corner, on_edge } if real::abs(on_edge) < 1.0 => line.beyond_edge(at, along, corner, on_edge),
        Feature::Edge { corner, .. } => line.beyond_corner(at, corner, axis),
    };
    for s in [Some(at), step.map(|step| at + step)].into_iter().flatten() {
        sphere::against_box(b.apply(line.at(s)), radius, b, *half, margin, out);
    }
}

impl Axis<'_> {
    fn at(&self, s: f64) -> Vec3 {
        self.center + self.half * s
    }

    fn nearest(&self, half_length: f64) -> (f64, Feature) {
        let (mut at, mut feature, mut least) = (0.0, Feature::End { face: None }, f64::INFINITY);
        for s in [-1.0, 1.0] {
            let end = self.at(s);
            let beyond = end - end.max(-*self.box_half).min(*self.box_half);
            let mut out = (0..3).filter(|&k| real::abs(beyond[k]) > 0.0);
            let face = out.next();
            if out.next().is_none() && beyond.norm_squared() < least {
                (at, feature, least) = (s, Feature::End { face }, beyond.norm_squared());
            }
        }
        for along in 0..3 {
            for corner in (0..8_u8).filter(|corner| corner >> along & 1 == 0) {
                let Some((squared, s, on_edge)) = self.to_edge(along, corner, half_length) else { continue };
                if squared < least - ROUNDING {
                    let corner = if on_edge >= 1.0 { corner | 1 << along } else { corner };
                    (at, feature, least) = (s, Feature::Edge { along, corner, on_edge }, squared);
                }
            }
        }
        (at, feature)
    }

    /// Squared distance [m²] to an edge, and where on the axis and on the edge; nothing if they are parallel.
    fn to_edge(&self, along: usize, corner: u8, half_length: f64) -> Option<(f64, f64, f64)> {
        let mut middle = Vec3::ZERO;
        for k in (0..3).filter(|&k| k != along) {
            middle[k] = if corner >> k & 1 == 1 { self.box_half[k] } else { -self.box_half[k] };
        }
        let (reach, to) = (self.box_half[along], middle - self.center);
        let (edge, mixed, axis) = (reach * reach, -reach * self.half[along], half_length * half_length);
        let (u, v) = (-reach * to[along], self.half.dot(to));
        let determinant = edge * axis - mixed * mixed;
        if real::abs(determinant) < ROUNDING {
            return None;
        }
        let mut on_edge = (axis * u - mixed * v) / determinant;
        let mut s = (edge * v - mixed * u) / determinant;
        if real::abs(on_edge) > 1.0 {
            on_edge = real::clamp(on_edge, -1.0, 1.0);
            s = (v - mixed * on_edge) / axis;
        }
        if real::abs(s) > 1.0 {
            s = real::clamp(s, -1.0, 1.0);
            on_edge = real::clamp((u - mixed * s) / edge, -1.0, 1.0);
        }
        let mut between = to - self.half * s;
        between[along] += reach * on_edge;
        Some((between.norm_squared(), s, on_edge))
    }

    /// A bit for each coordinate along which the axis rises.
    fn rising(&self) -> u8 {
        (0..3).map(|k| u8::from(self.half[k] > 0.0) << k).sum()
    }

    /// The part of the axis that runs the whole width of the box along one coordinate.
    fn width(&self, k: usize) -> f64 {
        2.0 * self.box_half[k] / real::abs(self.half[k])
    }

    /// From an end over a face: up to where the axis leaves the space over that face.
    fn over_face(&self, at: f64, face: usize) -> f64 {
        let (inward, end) = (-at, self.at(at));
        let mut step = 2.0;
        for k in (0..3).filter(|&k| k != face) {
            for side in [self.box_half[k], -self.box_half[k]] {
                let reach = (side - end[k]) / self.half[k] * inward;
                if reach > 0.0 && reach < step {
                    step = reach;
                }
            }
        }
        step * inward
    }

    /// From a corner: along an edge or across a face, unless the axis points to the corner or away from it.
    fn beyond_corner(&self, at: f64, corner: u8, axis: Vec3) -> Option<f64> {
        let bits = self.rising() ^ corner;
        let (sign, bit) = match bits {
            1 | 2 | 4 => (1.0, bits),
            3 | 5 | 6 => (-1.0, 7 - bits),
            _ => return None,
        };
        let k = bit.trailing_zeros() as usize;
        let (others, ahead, behind) = ([(k + 1) % 3, (k + 2) % 3], 1.0 - sign * at, 1.0 + sign * at);
        if axis[k] * axis[k] > 0.5 {
            return Some(sign * real::min(ahead, self.width(k)));
        }
        Some(-sign * others.iter().fold(behind, |least, &k| real::min(least, self.width(k))))
    }

    /// From the middle of an edge: across the face that the axis is less steep over, if it crosses the edge in that face's way.
    fn beyond_edge(&self, at: f64, along: usize, corner: u8, on_edge: f64) -> Option<f64> {
        let (rising, others) = (self.rising(), [(along + 1) % 3, (along + 2) % 3]);
        let bits = (rising ^ corner) & !(1 << along);
        if bits.count_ones() != 1 {
            return None;
        }
        let [first, second] = others.map(|k| real::abs(self.half[k]));
        let across = if first > second { others[0] } else { others[1] };
        let ahead = bits >> across & 1 == 1;
        let sign = if ahead { 1.0 } else { -1.0 };
        let to_end = if (rising >> along & 1 == 1) == ahead { 1.0 - on_edge } else { 1.0 + on_edge };
        let on_face = self.box_half[along] * to_end / real::abs(self.half[along]);
        Some(sign * real::min(real::min(1.0 - sign * at, self.width(across)), on_face))
    }
}
