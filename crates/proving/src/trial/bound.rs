//! What no controller can beat: bounds that rule a claim out before the first trial.
//!
//! Reach: the solution grips each piece upright in a pose that follows from the piece's, so the flange's pose is fixed up to
//! a half turn. The last joint's axis passes through the flange frame, so its anchor is fixed too; and it is never farther
//! from the first joints' crossing than the arm's links, laid end to end, are long. That sum holds for every posture; a slide adds
//! its whole travel.
//!
//! Attitude: an arm whose axes are all parallel keeps one direction of its tool, so a tool that comes from above must be mounted that way.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use leitai_dynamics::{Data, kinematics, site_pose};
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::spec::JointKind;
use leitai_skills::Tool;

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
    let slides = |i: usize| model.joints[robot.joints[i].index()].kind == JointKind::Slide;
    let range = |i: usize| [robot.chain.low[i], robot.chain.high[i]];
    let last = anchors.len() - 1;
    let grip = site_pose(model, &data, robot.grip);
    let grip_from_last = grip.inverse().apply(anchors[last]);
    // The point of the first axis nearest to the second anchor stays where it is.
    let shoulder = anchors[0] + axes[0] * (anchors[1] - anchors[0]).dot(axes[0]);
    let mut chain = alloc::vec![shoulder];
    chain.extend(&anchors[1..]);
    let travel: f64 = (0..robot.joints.len()).filter(|&i| slides(i)).map(|i| range(i)[1] - range(i)[0]).sum();
    let span_m: f64 = chain.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum::<f64>() + travel;
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
    if let Some(work) = cell.task.work {
        places.push((format!("`{}`", cell.sites[work.site]), sites[work.site]));
    }
    let mut worst: Option<OutOfReach> = None;
    for (what, piece) in places {
        let mut needed = f64::INFINITY;
        for rotation in attitudes(robot.tool, piece.rotation) {
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

/// Attitudes of the grip at which a tool takes a piece that is turned by `piece`.
fn attitudes(tool: Tool, piece: Quat) -> Vec<Quat> {
    match tool {
        // Pointing down onto the piece, jaws along its x, either way round.
        Tool::Clamp { .. } | Tool::Suction { .. } | Tool::Process => [0.0, real::PI]
            .map(|turn| piece * Quat::from_axis_angle(Vec3::Z, turn) * Quat::from_axis_angle(Vec3::X, real::PI))
            .to_vec(),
        // In along the piece's x, pads up.
        Tool::Blade { .. } => {
            [piece * Quat::from_axis_angle(Vec3::Z, real::PI) * Quat::from_axis_angle(Vec3::Y, -0.5 * real::PI)].to_vec()
        }
    }
}

/// Angle [rad] by which everything that may vary about the nominal cell could help.
const SLACK_RAD: f64 = 0.1;

/// The angle [rad] by which an arm on parallel axes misses the attitude that its tool needs, if it does.
#[must_use]
pub fn attitude(cell: &Cell) -> Option<f64> {
    let (robot, packages) = (&cell.robot, cell.packages());
    let upright = robot.upright?;
    let base = site_in_world(&packages.world, &packages.scenario.mount.robot_at)?.inverse();
    let mut least = f64::INFINITY;
    let mut places = Vec::new();
    for job in &cell.task.jobs {
        let piece = &cell.pieces[job.piece];
        places.push(base * site_in_world(&packages.world, &cell.sites[piece.site])? * pose_of(&piece.place));
    }
    if let Some(work) = cell.task.work {
        places.push(base * site_in_world(&packages.world, &cell.sites[work.site])?);
    }
    for place in places {
        for rotation in attitudes(robot.tool, place.rotation) {
            let kept = rotation.rotate(upright.in_grip);
            least = real::min(least, real::atan2(kept.cross(upright.in_base).norm(), kept.dot(upright.in_base)));
        }
    }
    (least.is_finite() && least > SLACK_RAD).then_some(least)
}
