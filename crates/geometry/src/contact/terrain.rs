//! A height field against everything bounded: each prism of the grid below the shape gives a point.

use super::{ContactPoint, Manifold, Placement};
use crate::gjk;
use crate::height_field::HeightField;
use crate::shape::Shape;
use crate::support::Convex;
use leitai_math::Vec3;

/// Contacts of a height field with a bounded convex shape.
pub fn against(field: &HeightField, a: &Placement, shape: &Shape, b: &Placement, margin: f64, out: &mut Manifold) {
    // In the field's own frame, where its prisms stand upright.
    let here = Placement { position: a.local(b.position), rotation: a.rotation.transpose() * b.rotation };
    let Some(solid) = Convex::new(shape, &here, Vec3::ZERO) else { return };
    let (low, high) = reach(&solid);
    let (field_low, field_high) = field.bounds();
    let apart = |i: usize| low[i] > field_high[i] + margin || high[i] < field_low[i] - margin;
    if (0..3).any(apart) {
        return;
    }
    for row in field.squares(low.y - margin, high.y + margin, false) {
        for column in field.squares(low.x - margin, high.x + margin, true) {
            for triangle in field.triangles(row, column) {
                if triangle.iter().all(|p| p.z + margin < low.z) {
                    continue;
                }
                let corners = field.prism(triangle);
                // About the prism's own middle, so that the first guess of its inside is inside.
                let middle = corners.iter().fold(Vec3::ZERO, |sum, p| sum + *p) / 6.0;
                let corners = corners.map(|p| p - middle);
                let prism = Convex::prism(&corners);
                let moved = Placement { position: here.position - middle, rotation: here.rotation };
                let Some(solid) = Convex::new(shape, &moved, Vec3::ZERO) else { return };
                let Some(near) = gjk::nearest(&prism, &solid, margin) else { continue };
                if near.gap >= margin {
                    continue;
                }
                let point = middle + near.on_first + near.normal * (0.5 * near.gap);
                let normal = a.rotation * near.normal;
                if !out.push_many(ContactPoint { position: a.apply(point), normal, distance: near.gap }) {
                    return;
                }
            }
        }
    }
}

/// The upright box around a shape, from its farthest points.
fn reach(solid: &Convex) -> (Vec3, Vec3) {
    let (mut low, mut high) = (Vec3::ZERO, Vec3::ZERO);
    for (i, axis) in [Vec3::X, Vec3::Y, Vec3::Z].into_iter().enumerate() {
        high[i] = solid.support(axis)[i] + solid.radius;
        low[i] = solid.support(-axis)[i] - solid.radius;
    }
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::{Mat3, Quat};

    fn touch(field: &HeightField, shape: &Shape, position: Vec3, turn: Quat, margin: f64) -> Manifold {
        let mut out = Manifold::default();
        let here = Placement { position: Vec3::ZERO, rotation: Mat3::IDENTITY };
        against(field, &here, shape, &Placement { position, rotation: turn.to_mat() }, margin, &mut out);
        out
    }

    /// On level ground a box 1 cm deep is 1 cm deep in each of the six prisms that it covers, straight up.
    #[test]
    fn a_box_in_level_ground_is_as_deep_in_every_prism() {
        let field = HeightField::new([1.0, 1.0, 0.1, 0.2], 5, 5, &[0.0; 25]).unwrap();
        let shape = Shape::Box { half: Vec3::new(0.2, 0.2, 0.05) };
        let out = touch(&field, &shape, Vec3::new(0.5, 0.5, 0.04), Quat::IDENTITY, 0.0);
        assert_eq!(out.points().len(), 6);
        for point in out.points() {
            assert!((point.distance + 0.01).abs() < 1e-12 && (point.normal - Vec3::Z).norm() < 1e-9, "{point:?}");
        }
    }

    /// A ball over a slope of 45° is as far from it as from the plane.
    #[test]
    fn a_ball_over_a_slope_is_as_far_as_from_the_plane() {
        let field = HeightField::new([1.0, 1.0, 2.0, 0.2], 2, 2, &[0.0, 1.0, 0.0, 1.0]).unwrap();
        let ball = Shape::Sphere { radius: 0.1 };
        let out = touch(&field, &ball, Vec3::new(0.0, 0.3, 1.2), Quat::IDENTITY, 0.1);
        let nearest = out.points().iter().fold(1.0, |d, p| if p.distance < d { p.distance } else { d });
        assert!((nearest - (0.2 / leitai_math::real::sqrt(2.0) - 0.1)).abs() < 1e-12, "{nearest}");
    }

    #[test]
    fn beside_and_below_the_field_nothing_touches() {
        let field = HeightField::new([1.0, 1.0, 0.1, 0.2], 2, 2, &[0.0; 4]).unwrap();
        let ball = Shape::Sphere { radius: 0.1 };
        for position in [Vec3::new(1.2, 0.0, 0.0), Vec3::new(0.0, 0.0, -0.4), Vec3::new(f64::NAN, 0.0, 0.0)] {
            assert!(touch(&field, &ball, position, Quat::IDENTITY, 0.05).points().is_empty(), "{position:?}");
        }
    }
}
