//! A plane against everything else: the shape's points that reach farthest below the plane's surface.

use super::{ContactPoint, Manifold, Placement};
use crate::hull::Hull;
use crate::shape::Shape;
use leitai_math::{Vec3, real};

/// Contacts of the half space below z = 0 of `plane` with `shape`.
pub fn against(plane: &Placement, shape: &Shape, at: &Placement, margin: f64, out: &mut Manifold) {
    let ground = Ground { normal: plane.axis(), origin: plane.position, margin };
    match shape {
        Shape::Plane { .. } | Shape::HeightField(_) => {}
        Shape::Sphere { radius } => ground.add(at.position - ground.normal * *radius, out),
        Shape::Capsule { radius, half_length } => {
            for end in [*half_length, -*half_length] {
                ground.add(at.position + at.axis() * end - ground.normal * *radius, out);
            }
        }
        Shape::Ellipsoid { radii } => {
            let down = at.rotation.transpose_mul(-ground.normal).scaled(*radii);
            ground.add(at.apply(down.normalized_or(Vec3::ZERO).scaled(*radii)), out);
        }
        Shape::Cylinder { radius, half_length } => ground.cylinder(at, *radius, *half_length, out),
        Shape::Box { half } | Shape::Bore { half, .. } => ground.corners(at, *half, out),
        Shape::Mesh(mesh) => ground.hull(at, mesh.hull(), out),
    }
}

struct Ground {
    normal: Vec3,
    origin: Vec3,
    margin: f64,
}

impl Ground {
    /// Height of a point of the world above the surface [m].
    fn height(&self, point: Vec3) -> f64 {
        self.normal.dot(point - self.origin)
    }

    /// Adds `lowest`, a point of the shape's surface, if it comes near enough.
    fn add(&self, lowest: Vec3, out: &mut Manifold) {
        let gap = self.height(lowest);
        out.add(lowest - self.normal * gap, self.normal, gap, self.margin);
    }

    /// The lowest point of each rim, then two more of the lower rim that make an equilateral triangle with its lowest.
    fn cylinder(&self, at: &Placement, radius: f64, half_length: f64, out: &mut Manifold) {
        let mut axis = at.axis();
        let mut slope = self.normal.dot(axis);
        if slope > 0.0 {
            axis = -axis;
            slope = -slope;
        }
        // Straight down, within the disc. An upright cylinder has no lowest point of its rim: its own x axis stands in.
        let down = axis * slope - self.normal;
        let length = down.norm();
        let down = if length < 1e-12 { at.rotation.column(0) } else { down * (1.0 / length) } * radius;
        let low = at.position + axis * half_length;
        let high = at.position - axis * half_length;
        self.add(low + down, out);
        self.add(high + down, out);
        let aside = axis.cross(down) * HALF_SQRT_3;
        self.add(low - down * 0.5 + aside, out);
        self.add(low - down * 0.5 - aside, out);
    }

    /// Corners of the half of a box that faces the plane, at most four, in the order of their bits.
    fn corners(&self, at: &Placement, half: Vec3, out: &mut Manifold) {
        let [x, y, z] = [0, 1, 2].map(|i| at.rotation.column(i) * half[i]);
        let center = self.height(at.position);
        for corner in 0..8_u8 {
            let signed = |v: Vec3, bit: u8| if corner & bit == 0 { -v } else { v };
            let offset = signed(x, 1) + signed(y, 2) + signed(z, 4);
            let below = self.normal.dot(offset);
            if below <= 0.0 && center + below < self.margin && out.points().len() < 4 {
                self.add(at.position + offset, out);
            }
        }
    }

    /// The lowest corner with the corners beside it; of more than four, four that span the same ground.
    fn hull(&self, at: &Placement, hull: &Hull, out: &mut Manifold) {
        let down = at.rotation.transpose_mul(-self.normal);
        let lowest = hull.farthest(down);
        let face = hull.face_at(lowest, down);
        let mut found = [ContactPoint::default(); 64];
        let mut count = 0;
        let mut push = |i: usize| {
            let point = at.apply(hull.corners[i]);
            let gap = self.height(point);
            if gap < self.margin && count < found.len() {
                let position = point - self.normal * (0.5 * gap);
                found[count] = ContactPoint { position, normal: self.normal, distance: gap };
                count += 1;
            }
        };
        // Resting on a face, its rim counts; on an edge or corner, the neighbors do.
        if hull.normal(face).dot(down) > super::flat::FACING {
            let rim = hull.rim(face);
            // From the same corner each time, whichever is lowest now.
            rim.iter().step_by(rim.len().div_ceil(64)).for_each(|&i| push(i as usize));
            if !rim.contains(&(lowest as u32)) {
                push(lowest);
            }
        } else {
            push(lowest);
            hull.neighbors(lowest).iter().for_each(|&i| push(i as usize));
        }
        let found = &found[..count];
        if count <= 4 {
            found.iter().for_each(|&p| out.push(p));
            return;
        }
        let kept = super::flat::spread(found, self.normal);
        kept.into_iter().for_each(|i| out.push(found[i]));
        let deepest = out.points().iter().fold(f64::INFINITY, |d, p| real::min(d, p.distance));
        for p in found {
            if p.distance < deepest - 1e-9 && p.distance <= self.height(at.apply(hull.corners[lowest])) {
                out.push(*p);
                break;
            }
        }
    }
}

/// Half the square root of three.
const HALF_SQRT_3: f64 = 0.866_025_403_784_438_6;
