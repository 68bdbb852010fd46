//! Segments and the corners between them as one curve of the tool.

use super::curve::{NOTHING, Shape, Spot};
use super::{Segment, SequenceError, Way};
use crate::closed_form::is_pose;
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, real};

/// Most segments of one sequence.
pub const MOST_SEGMENTS: usize = 2000;
/// Longest sequence [m].
const LONGEST_M: f64 = 1000.0;
/// Difference of slopes up to which neighbors meet without a corner.
const SMOOTH: f64 = 1e-6;
/// Cosine of the angle between two directions from which on the way back is the way there.
const REVERSED: f64 = -0.996;
/// Rounds in which a blend's parameter becomes its length.
const ROUNDS: usize = 12;

/// A blend that had to be smaller than asked, because its neighbors need room too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortened {
    /// The segment before the corner.
    pub segment: usize,
    /// Radius that was asked for [m].
    pub asked_m: f64,
    /// Radius that is used [m].
    pub used_m: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Piece {
    shape: Shape,
    /// Where in the shape the piece starts.
    from: f64,
    pub length: f64,
    /// Where on the whole path it starts.
    pub start: f64,
}

/// Where a segment runs by itself, between the blends at its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Core {
    pub from: f64,
    pub to: f64,
}

/// A curve of the tool: segments, their corners blended. Its parameter is in meters of the tool's way.
#[derive(Clone, Debug)]
pub struct ToolPath {
    pub(super) pieces: Vec<Piece>,
    pub(super) cores: Vec<Core>,
    pub(super) speeds: Vec<[f64; 2]>,
    length: f64,
    turn_length_m: f64,
    /// Blends that are smaller than asked.
    pub shortened: Vec<Shortened>,
}

impl ToolPath {
    /// The curve from `start` along `segments`; a radian of rotation counts as `turn_length_m` of way.
    ///
    /// Two blends on one segment never overlap: where they would, each keeps half of the segment at most and [`Self::shortened`] says so.
    ///
    /// # Errors
    /// If a number is not finite or out of bounds, a segment leads nowhere, three points make no circle, or a corner cannot be passed
    /// without a stop.
    pub fn new(start: &Pose, segments: &[Segment], turn_length_m: f64) -> Result<Self, SequenceError> {
        if segments.is_empty() || segments.len() > MOST_SEGMENTS {
            return Err(SequenceError::Count(segments.len()));
        }
        if !(is_pose(start) && turn_length_m > 0.0 && turn_length_m <= LONGEST_M) {
            return Err(SequenceError::NotFinite { segment: 0 });
        }
        let mut shapes = Vec::with_capacity(segments.len());
        let mut at = Pose::new(start.position, start.rotation.normalized());
        let mut whole = 0.0;
        for (k, segment) in segments.iter().enumerate() {
            let (shape, length) = shape(&at, segment, k, turn_length_m)?;
            whole += length;
            if whole > LONGEST_M {
                return Err(SequenceError::TooLong { segment: k });
            }
            let q = shape.at(length).at;
            at = Pose::new(segment.to.position, Quat::new(q[3], q[4], q[5], q[6]).normalized());
            shapes.push((shape, length));
        }
        let (radii, shortened) = radii(segments, &shapes);
        let mut path = Self { pieces: Vec::new(), cores: Vec::new(), speeds: Vec::new(), length: 0.0, turn_length_m, shortened };
        for (k, segment) in segments.iter().enumerate() {
            let (shape, length) = &shapes[k];
            let before = if k > 0 { radii[k - 1] } else { 0.0 };
            let own = length - before - radii[k];
            let from = path.length;
            if own > NOTHING {
                path.push(shape.clone(), before, own);
            }
            path.cores.push(Core { from, to: path.length });
            path.speeds.push([segment.speed_m_s, segment.acceleration_m_s2]);
            if let Some((next, _)) = shapes.get(k + 1) {
                path.corner(k, &shape.at(length - radii[k]), &next.at(radii[k]), radii[k])?;
            }
        }
        Ok(path)
    }

    fn push(&mut self, shape: Shape, from: f64, length: f64) {
        self.pieces.push(Piece { shape, from, length, start: self.length });
        self.length += length;
    }

    /// Fills the corner after segment `k`, cut out `radius` to each side.
    fn corner(&mut self, k: usize, before: &Spot, after: &Spot, radius: f64) -> Result<(), SequenceError> {
        if radius <= NOTHING {
            let gap: f64 = before.slope.iter().zip(&after.slope).map(|(a, b)| (a - b) * (a - b)).sum();
            return if gap <= SMOOTH * SMOOTH { Ok(()) } else { Err(SequenceError::SharpCorner { segment: k }) };
        }
        let ((a, _), (b, _)) = (before.twist(), after.twist());
        if a.dot(b) < REVERSED * a.norm() * b.norm() {
            return Err(SequenceError::TurnsBack { segment: k });
        }
        // The parameter should be the length; the curve depends on it a little.
        let mut length = 2.0 * radius;
        for _ in 0..ROUNDS {
            let quintic = Shape::quintic(before, after, length);
            let rate = |i: usize| quintic.at(length * i as f64 / 16.0).rate(self.turn_length_m);
            let simpson = |i: usize| rate(2 * i) + 4.0 * rate(2 * i + 1) + rate(2 * i + 2);
            length = length / 48.0 * (0..8).map(simpson).sum::<f64>();
        }
        self.push(Shape::quintic(before, after, length), 0.0, length);
        Ok(())
    }

    /// Length of the parameter [m].
    #[must_use]
    pub fn length(&self) -> f64 {
        self.length
    }

    /// Number of segments.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.cores.len()
    }

    /// The stretch [m, m] of the parameter on which a segment runs by itself, between the blends at its ends.
    ///
    /// # Panics
    /// If there is no such segment.
    #[must_use]
    pub fn stretch(&self, segment: usize) -> [f64; 2] {
        [self.cores[segment].from, self.cores[segment].to]
    }

    /// The segment at `s`; a blend counts to the segment before it up to its middle.
    #[must_use]
    pub fn segment_at(&self, s: f64) -> usize {
        let last = self.cores.len() - 1;
        self.cores.windows(2).position(|pair| s < 0.5 * (pair[0].to + pair[1].from)).unwrap_or(last)
    }

    /// Share of its segment, with half of the blends at its ends, that is behind at `s`: 0 to 1.
    #[must_use]
    pub fn share_at(&self, s: f64) -> f64 {
        let k = self.segment_at(s);
        let core = |k: usize| &self.cores[k];
        let from = if k > 0 { 0.5 * (core(k - 1).to + core(k).from) } else { 0.0 };
        let to = self.cores.get(k + 1).map_or(self.length, |next| 0.5 * (core(k).to + next.from));
        if to > from { real::clamp((s - from) / (to - from), 0.0, 1.0) } else { 1.0 }
    }

    /// `world_from_tool` at `s` [m], held at the ends.
    #[must_use]
    pub fn pose(&self, s: f64) -> Pose {
        self.spot(s).pose()
    }

    /// How fast the tool goes at `s` for each meter of the parameter: 1 but for blends and splines.
    #[must_use]
    pub fn rate(&self, s: f64) -> f64 {
        self.spot(s).rate(self.turn_length_m)
    }

    pub(super) fn spot(&self, s: f64) -> Spot {
        let s = real::clamp(s, 0.0, self.length);
        let k = self.pieces[1..].partition_point(|piece| piece.start <= s);
        let piece = &self.pieces[k];
        piece.shape.at(piece.from + real::min(s - piece.start, piece.length))
    }
}

fn shape(at: &Pose, segment: &Segment, k: usize, turn_length_m: f64) -> Result<(Shape, f64), SequenceError> {
    let Segment { way, to, blend_m, speed_m_s, acceleration_m_s2 } = segment;
    let within = |x: f64| x.is_finite() && x > 0.0 && x <= LONGEST_M;
    let numbers = within(*speed_m_s) && within(*acceleration_m_s2) && (*blend_m == 0.0 || within(*blend_m));
    let through = match way {
        Way::Line => true,
        Way::Circle { via } => via.is_finite(),
        Way::Spline { through } => through.len() <= MOST_SEGMENTS && through.iter().all(is_pose),
    };
    if !(numbers && through && is_pose(to)) {
        return Err(SequenceError::NotFinite { segment: k });
    }
    match way {
        Way::Line => Shape::line(at, to, turn_length_m).ok_or(SequenceError::NoWay { segment: k }),
        Way::Circle { via } => Shape::arc(at, *via, to, turn_length_m).ok_or(SequenceError::NoCircle { segment: k }),
        Way::Spline { through } => {
            let mut points = through.clone();
            points.push(*to);
            Shape::spline(at, &points, turn_length_m).ok_or(SequenceError::NoWay { segment: k })
        }
    }
}

/// The radius at the end of each segment: as asked, but no two on one segment overlap.
fn radii(segments: &[Segment], shapes: &[(Shape, f64)]) -> (Vec<f64>, Vec<Shortened>) {
    let last = segments.len() - 1;
    let asked = |k: usize| if k < last { segments[k].blend_m } else { 0.0 };
    let mut radii = Vec::with_capacity(segments.len());
    let mut shortened = Vec::new();
    for k in 0..=last {
        // Half of a segment is always left to the blend at its other end, and more where that one is smaller.
        let room = |segment: usize, other: f64| {
            let length = shapes[segment].1;
            real::max(0.5 * length, length - other)
        };
        let mut used = asked(k);
        if used > 0.0 {
            used = real::min(used, room(k, if k > 0 { asked(k - 1) } else { 0.0 }));
            used = real::min(used, room(k + 1, asked(k + 1)));
            if used < asked(k) {
                shortened.push(Shortened { segment: k, asked_m: asked(k), used_m: used });
            }
        }
        radii.push(used);
    }
    (radii, shortened)
}
