//! How a tool takes a piece.
//!
//! The tool comes from above, its z against the piece's. A clamp takes a box by the two ends that fit its opening, the long
//! way first, and a cylinder at any turn; cups take the top. A blade goes in under the piece along the piece's x axis.

use crate::robot::Tool;
use crate::task::Piece;
use alloc::vec::Vec;
use leitai_control::Payload;
use leitai_math::{Pose, Quat, Vec3, real};

/// Turns at which a cylinder is tried.
const TURNS: usize = 8;

/// Ways to hold `piece`, as `piece_from_grip`; none if it does not fit the tool.
#[must_use]
pub fn grasps(tool: &Tool, piece: &Piece) -> Vec<Pose> {
    let down = Quat::from_axis_angle(Vec3::X, real::PI);
    let turned = |angle: f64, height: f64| Pose::new(Vec3::new(0.0, 0.0, height), Quat::from_axis_angle(Vec3::Z, angle) * down);
    match tool {
        Tool::Clamp { opening_max_m, opening_min_m, .. } => {
            let fits = |half: f64| 2.0 * half < *opening_max_m && 2.0 * half > *opening_min_m;
            if piece.round {
                let turns = if fits(piece.half.x) { TURNS } else { 0 };
                return (0..turns).map(|k| turned(real::TAU * k as f64 / TURNS as f64, 0.0)).collect();
            }
            let along_x = fits(piece.half.x) && (piece.half.x >= piece.half.y || !fits(piece.half.y));
            let first = if along_x {
                0.0
            } else if fits(piece.half.y) {
                0.5 * real::PI
            } else {
                return Vec::new();
            };
            [first, first + real::PI].map(|angle| turned(angle, 0.0)).to_vec()
        }
        Tool::Suction { half_m: [x, y], .. } => {
            let fits = |along: f64, across: f64| *x <= along && *y <= across;
            let mut turns = Vec::new();
            if fits(piece.half.x, piece.half.y) {
                turns.extend([0.0, 1.0]);
            }
            if fits(piece.half.y, piece.half.x) {
                turns.extend([0.5, 1.5]);
            }
            turns.into_iter().map(|turn| turned(turn * real::PI, piece.half.z)).collect()
        }
        Tool::Blade { .. } => {
            // Grip z along the piece's x, grip x along its z.
            let rotation = Quat::from_axis_angle(Vec3::Z, real::PI) * Quat::from_axis_angle(Vec3::Y, -0.5 * real::PI);
            Vec::from([Pose::new(Vec3::new(0.0, 0.0, -piece.half.z), rotation)])
        }
        Tool::Process => Vec::new(),
    }
}

/// Length [m] of the piece between the jaws when held at `piece_from_grip`.
#[must_use]
pub fn length_between_jaws(piece: &Piece, piece_from_grip: &Pose) -> f64 {
    let jaws = piece_from_grip.rotation.rotate(Vec3::X);
    if real::abs(jaws.x) > real::abs(jaws.y) { 2.0 * piece.half.x } else { 2.0 * piece.half.y }
}

/// The piece as a payload, for the servo.
#[must_use]
pub fn payload(piece: &Piece, piece_from_grip: &Pose) -> Payload {
    let inertia = piece.shape().inertia(piece.mass_kg);
    Payload { mass_kg: piece.mass_kg, pose: piece_from_grip.inverse(), inertia }
}

/// Poses of a placed piece that are as good as `target`.
#[must_use]
pub fn equal_targets(piece: &Piece, target: &Pose) -> Vec<Pose> {
    let half_turn = Pose::new(Vec3::ZERO, Quat::from_axis_angle(Vec3::Z, real::PI));
    if piece.half_turn_symmetry { [*target, *target * half_turn].to_vec() } else { [*target].to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAMP: Tool =
        Tool::Clamp { opening_max_m: 0.44, opening_min_m: 0.35, force_n: 650.0, speed_m_s: 0.15, jaw_mass_kg: 1.3 };

    fn block(x: f64, y: f64) -> Piece {
        Piece { half: Vec3::new(x, y, 0.095), round: false, mass_kg: 20.0, half_turn_symmetry: true }
    }

    /// The jaws travel along x of the grip: the block's long side must lie there, the tool's z down.
    #[test]
    fn a_clamp_takes_a_block_by_its_ends() {
        for (piece, along) in [(block(0.195, 0.095), Vec3::X), (block(0.095, 0.195), Vec3::Y)] {
            let grasps = grasps(&CLAMP, &piece);
            assert_eq!(grasps.len(), 2);
            for grasp in &grasps {
                assert!((grasp.rotation.rotate(Vec3::Z) + Vec3::Z).norm() < 1e-12);
                assert!((grasp.rotation.rotate(Vec3::X).dot(along).abs() - 1.0).abs() < 1e-12);
                assert!((length_between_jaws(&piece, grasp) - 0.39).abs() < 1e-12);
            }
        }
    }

    /// Lips that reach past an edge do not seal: cups lie along the block, either way round, and on a big face any way.
    #[test]
    fn cups_stay_on_the_top() {
        let cups = Tool::Suction { evacuate_s: 0.15, half_m: [0.11, 0.065] };
        assert_eq!(grasps(&cups, &block(0.195, 0.095)).len(), 2);
        assert_eq!(grasps(&cups, &block(0.3, 0.3)).len(), 4);
        assert!(grasps(&cups, &block(0.1, 0.06)).is_empty());
    }

    /// A cylinder has no sides: any turn serves if its diameter fits, none if it does not.
    #[test]
    fn a_clamp_takes_a_cylinder_at_any_turn() {
        let can = |radius: f64| Piece { round: true, ..block(radius, radius) };
        assert_eq!(grasps(&CLAMP, &can(0.2)).len(), TURNS);
        assert!(grasps(&CLAMP, &can(0.23)).is_empty());
        assert!((length_between_jaws(&can(0.2), &grasps(&CLAMP, &can(0.2))[1]) - 0.4).abs() < 1e-12);
    }

    /// By definition of the blade's frame: in along the piece's x, up along its z, at its lower face.
    #[test]
    fn a_blade_goes_in_under_the_piece() {
        let blade = Tool::Blade { evacuate_s: 0.2, clearance_m: 0.003, lift_m: 0.003 };
        let grasp = grasps(&blade, &block(0.15, 0.15))[0];
        assert!((grasp.rotation.rotate(Vec3::Z) - Vec3::X).norm() < 1e-12);
        assert!((grasp.rotation.rotate(Vec3::X) - Vec3::Z).norm() < 1e-12);
        assert!((grasp.position - Vec3::new(0.0, 0.0, -0.095)).norm() < 1e-12);
    }

    /// A piece wider than the opening cannot be taken.
    #[test]
    fn a_piece_that_does_not_fit_has_no_grasp() {
        assert!(grasps(&CLAMP, &block(0.3, 0.3)).is_empty());
    }
}
