//! How lines in space lie to each other: parallel, meeting in a point, or neither.

use leitai_math::{Vec3, real};

/// Where two lines, or all of several, count as parallel or as meeting [rad, m]. Wide enough for files that write π/2 as 1.5708;
/// what it lets pass is made good by polishing against the exact lines.
pub(super) const ALIKE: f64 = 2e-5;

/// A line through `point` along the unit vector `axis`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub axis: Vec3,
    pub point: Vec3,
}

impl Line {
    pub fn parallel_to(&self, o: &Self) -> bool {
        self.axis.cross(o.axis).norm() < ALIKE
    }
    /// The point where both lines meet; nothing if they are parallel or pass each other.
    pub fn meets(&self, o: &Self) -> Option<Vec3> {
        let n = self.axis.cross(o.axis);
        let nn = n.norm_squared();
        if nn < ALIKE {
            return None;
        }
        let d = o.point - self.point;
        let here = self.point + self.axis * (d.cross(o.axis).dot(n) / nn);
        let there = o.point + o.axis * (d.cross(self.axis).dot(n) / nn);
        ((here - there).norm() < ALIKE).then(|| (here + there) * 0.5)
    }
    pub fn distance_to(&self, p: Vec3) -> f64 {
        self.axis.cross(p - self.point).norm()
    }
}

/// The point in which three lines meet, consecutive ones not parallel.
pub(super) fn center(a: &Line, b: &Line, c: &Line) -> Option<Vec3> {
    let p = a.meets(b)?;
    let q = b.meets(c)?;
    (real::abs(c.distance_to(p)) < ALIKE).then(|| (p + q) * 0.5)
}
