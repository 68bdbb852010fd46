//! Skills of a program that are done by feel: the servo's reference moves by what the wrist's sensor shows.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_control::Reference;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::Observation;

use super::{Phase, TaskProgram};
use crate::insert::{Insertion, Next};
use crate::motion::Motion;
use crate::task::Insert;
use crate::touch::Felt;

/// Greatest angular velocity of a tip that feels [rad/s].
const MOST_TURN_RAD_S: f64 = 0.5;
/// Speed [m/s] of the tip on its way to where it feels.
const TRANSFER_M_S: f64 = 0.15;

impl TaskProgram {
    /// Goes to where feeling begins. Without feeling, the tip goes straight to where it should end.
    pub(super) fn begin_insert(&mut self, how: Insert) -> Result<Phase, String> {
        let work = self.task.work.ok_or("nothing is to be done with the tip")?;
        let site = self.sites.pose(work.site).ok_or("the place has not been seen")?;
        let from = self.q();
        let upright = nearest(&upright_tips(&site), self.planner.tip(&from).rotation);
        if self.numb {
            let end = Pose::new(site.position - site.rotation.rotate(Vec3::Z) * work.depth_m, upright);
            let queue = VecDeque::from([self.planner.straight(&from, &end, how.speed_m_s)?]);
            return Ok(Phase::Follow { queue, steps: 0, feel: None });
        }
        let wrist = self.planner.robot.wrist.ok_or("there is no force sensor at the wrist")?;
        self.accommodation.leash = 0.5 * self.settings.lag;
        let insertion = Insertion::new(how, work, site, upright, Felt::new(wrist), self.settings.period_s);
        let queue = VecDeque::from([self.planner.straight(&from, &insertion.begin(), TRANSFER_M_S)?]);
        Ok(Phase::Inserting { queue, steps: 0, insertion: Box::new(insertion) })
    }

    pub(super) fn inserting(
        &mut self,
        seen: &Observation,
        mut queue: Motion,
        steps: u64,
        mut insertion: Box<Insertion>,
    ) -> (Phase, bool) {
        let reference = self.reference.get_or_insert_with(|| Reference::standing(&seen.q));
        if let Some(now) = queue.front() {
            let t = (steps + 1) as f64 * self.settings.period_s;
            now.at(t, &mut reference.q, &mut reference.v, &mut reference.a);
            if t >= now.duration_s() {
                queue.pop_front();
                self.stand();
            }
            return (Phase::Inserting { queue, steps: steps + 1, insertion }, false);
        }
        self.accommodation.most_of_tip = [insertion.most_m_s(), MOST_TURN_RAD_S];
        let (ask, next) = insertion.step(&seen.wrist, &self.planner.tip(&seen.q));
        self.accommodation.step(&mut self.servo.arm, &self.planner.robot.chain, &ask, self.settings.period_s, &seen.q, reference);
        if self.status.doing != insertion.doing() {
            self.status.doing = insertion.doing().to_string();
        }
        if next == Next::GoOn {
            return (Phase::Inserting { queue, steps, insertion }, false);
        }
        self.stand();
        let phase = match next {
            Next::GoOn | Next::Done => self.next_skill(),
            Next::GaveUp => self.fail("the tip did not go in from any side".to_string()),
            Next::MoveTo(pose) => match self.planner.straight(&self.q(), &pose, TRANSFER_M_S) {
                Ok(line) => Phase::Inserting { queue: VecDeque::from([line]), steps: 0, insertion },
                Err(reason) => self.fail(reason),
            },
        };
        (phase, false)
    }
}

/// Poses of the tip at a site, against its z, each turned by an eighth: a tip is round.
pub(super) fn upright_tips(site: &Pose) -> Vec<Pose> {
    let down = Quat::from_axis_angle(Vec3::X, real::PI);
    (0..8).map(|k| *site * Pose::new(Vec3::ZERO, Quat::from_axis_angle(Vec3::Z, 0.25 * real::PI * f64::from(k)) * down)).collect()
}

/// The attitude among `poses` that is nearest to `now`.
fn nearest(poses: &[Pose], now: Quat) -> Quat {
    let turn = |pose: &Pose| (now.conjugate() * pose.rotation).to_rotation_vector().norm();
    poses.iter().fold((f64::INFINITY, now), |best, pose| if turn(pose) < best.0 { (turn(pose), pose.rotation) } else { best }).1
}
