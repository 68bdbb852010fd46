//! Convex polygons cut by half planes (Sutherland & Hodgman, *Reentrant polygon clipping*, 1974), without allocation.

use leitai_math::Vec3;

/// A convex polygon of up to `MOST` corners; a cut that would make more keeps the first ones.
#[derive(Clone, Copy)]
pub struct Polygon<const MOST: usize> {
    corners: [Vec3; MOST],
    len: usize,
}

impl<const MOST: usize> Polygon<MOST> {
    pub fn new() -> Self {
        Self { corners: [Vec3::ZERO; MOST], len: 0 }
    }

    pub fn push(&mut self, corner: Vec3) {
        if self.len < MOST {
            self.corners[self.len] = corner;
            self.len += 1;
        }
    }

    pub fn corners(&self) -> &[Vec3] {
        &self.corners[..self.len]
    }

    /// Keeps the part where `outward`·p ≤ `limit`. Corners beyond by no more than `slack` count as inside and stay where they
    /// are, so that edges that coincide up to rounding do not come and go.
    pub fn cut(&self, outward: Vec3, limit: f64, slack: f64) -> Self {
        let mut kept = Self::new();
        let corners = self.corners();
        let Some(&last) = corners.last() else { return kept };
        let mut from = last;
        let mut from_by = outward.dot(from) - limit;
        for &to in corners {
            let to_by = outward.dot(to) - limit;
            if (from_by > slack) != (to_by > slack) {
                // One end is beyond the slack; if the other lies within it, that corner itself stands for the crossing.
                if from_by <= slack && from_by > -slack || to_by <= slack && to_by > -slack {
                    // Nothing to add: the corner near the line is kept by the rule below.
                } else {
                    kept.push(from + (to - from) * (from_by / (from_by - to_by)));
                }
            }
            if to_by <= slack {
                kept.push(to);
            }
            from = to;
            from_by = to_by;
        }
        kept
    }
}
