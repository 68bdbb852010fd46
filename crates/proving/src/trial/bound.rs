//! What no controller can beat: bounds that rule a claim out before the first trial.
//!
//! Reach: the solution grips each piece upright in a pose that follows from the piece's, so the flange's pose is fixed up to
//! a half turn. The last joint's axis passes through the flange frame, so its anchor is fixed too; and it is never farther
//! from the first joints' crossing than the arm's links, laid end to end, are long. That sum holds for every posture.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use leitai_dynamics::{Data, kinematics, site_pose};
use leitai_math::{Pose, Quat, Vec3, real};

use super::cell::{Cell, pose_of, site_in_world};

/// Slack [m] for everything that may vary about the nominal cell.
const SLACK_M: f64 = 0.03;

/// A place that is out of reach whatever the controller does.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfReach {
    /// What must be reached: `place 3 of goal layer`.
    pub what: String,
    /// Least distance [m] that the arm must span.
    pub needed_m: f64,
    /// Length [m] of all links laid end to end.
    pub span_m: f64,
}

/// The farthest place that is out of reach, if one is.
#[must_use]
pub fn reach(cell: &Cell) -> Option<OutOfReach> {
    let packages = cell.packages();
    let (robot, model) = (&cell.robot, &cell.robot.model);
    let mut data = Data::new(model);
    kinematics(model, &mut data, &model.q0);
    let anchors: Vec<Vec3> = robot.joints.iter().map(|j| data.joint_anchor[j.index()]).collect();
    let axes: Vec<Vec3> = robot.joints.iter().map(|j| data.joint_axis[j.index()]).collect();
    let last = anchors.len() - 1;
    let grip = site_pose(model, &data, robot.grip);
    let grip_from_last = grip.inverse().apply(anchors[last]);
    // The point of the first axis nearest to the second anchor stays where it is.
    let shoulder = anchors[0] + axes[0] * (anchors[1] - anchors[0]).dot(axes[0]);
    let mut chain = alloc::vec![shoulder];
    chain.extend(&anchors[1..]);
    let span_m: f64 = chain.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
    let base = site_in_world(&packages.world, &packages.scenario.mount.robot_at)?.inverse();
    let sites: Vec<Pose> =
        cell.sites.iter().map(|s| base * site_in_world(&packages.world, s).unwrap_or(Pose::IDENTITY)).collect();
    let mut places: Vec<(String, Pose)> = Vec::new();
    for job in &cell.task.jobs {
        let piece = &cell.pieces[job.piece];
        places.push((
            format!("piece {} on `{}`", job.piece + 1, cell.sites[piece.site]),
            sites[piece.site] * pose_of(&piece.place),
        ));
        let site = job.site.map_or(Pose::IDENTITY, |s| sites[s]);
        let name = job.site.map_or("the base", |s| cell.sites[s].as_str());
        places.push((format!("the place of piece {} on `{name}`", job.piece + 1), site * job.site_from_target));
    }
    let mut worst: Option<OutOfReach> = None;
    for (what, piece) in places {
        let mut needed = f64::INFINITY;
        for turn in [0.0, real::PI] {
            // Tool pointing down onto the piece, jaws along its x, either way round.
            let flipped = Quat::from_axis_angle(Vec3::X, real::PI);
            let rotation = piece.rotation * Quat::from_axis_angle(Vec3::Z, turn) * flipped;
            let world_from_grip = Pose::new(piece.position, rotation);
            let anchor = world_from_grip.apply(grip_from_last);
            needed = real::min(needed, (anchor - shoulder).norm());
        }
        let needed_m = needed - SLACK_M;
        if needed_m > span_m && worst.as_ref().is_none_or(|w| needed_m > w.needed_m) {
            worst = Some(OutOfReach { what, needed_m, span_m });
        }
    }
    worst
}
