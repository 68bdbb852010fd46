//! Skills of a program that are done by feel: the servo's reference moves by what the wrist's sensor shows.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_control::{Reference, Trajectory};
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::Observation;

use super::{Phase, TaskProgram};
use crate::insert::{Insertion, Next};
use crate::motion::Motion;
use crate::task::{Insert, Trace};
use crate::touch::Felt;
use crate::trace::{self, Tracing};

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
        if self.transfer(seen, &mut queue, steps) {
            return (Phase::Inserting { queue, steps: steps + 1, insertion }, false);
        }
        self.accommodation.most_of_tip = [insertion.most_m_s(), MOST_TURN_RAD_S];
        let (ask, next) = insertion.step(&seen.wrist, &self.planner.tip(&seen.q));
        let reference = self.reference.get_or_insert_with(|| Reference::standing(&seen.q));
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

    /// Goes to where the path over the surface begins.
    pub(super) fn begin_trace(&mut self, how: Trace) -> Result<Phase, String> {
        let work = self.task.work.ok_or("nothing is to be done with the tip")?;
        if self.task.path.len() < 2 {
            return Err("there is no surface to go over".to_string());
        }
        let site = self.sites.pose(work.site).ok_or("the place has not been seen")?;
        let wrist = self.planner.robot.wrist.ok_or("there is no force sensor at the wrist")?;
        let from = self.q();
        // What lies against the surface bends a light wrist far.
        self.accommodation.leash = 0.8 * self.settings.lag;
        let now = self.planner.tip(&from).rotation;
        let mut tips = upright_tips(&site);
        let turn = |tip: &Pose| (now.conjugate() * tip.rotation).to_rotation_vector().norm();
        tips.sort_by(|a, b| turn(a).total_cmp(&turn(b)));
        let rates = [self.settings.period_s, self.settings.yielding_rad_s];
        let mut reason = None;
        for tip in tips {
            let tracing = Tracing::new(how, &self.task.path, site, tip.rotation, Felt::new(wrist), rates, self.numb);
            match self.leads_over(&from, &tracing) {
                Ok(there) => {
                    let queue = VecDeque::from([there]);
                    return Ok(Phase::Tracing { queue, steps: 0, tracing: Box::new(tracing) });
                }
                Err(why) => reason = reason.or(Some(why)),
            }
        }
        Err(reason.unwrap_or_default())
    }

    /// The motion to where the path begins, if the arm can then go all of it.
    fn leads_over(&mut self, from: &[f64], tracing: &Tracing) -> Result<Trajectory, String> {
        let there = self.planner.straight(from, &tracing.begin(), TRANSFER_M_S)?;
        let mut at = there.path.end().to_vec();
        for pose in tracing.on_the_way() {
            at = self.planner.line_end(&at, &pose)?;
        }
        Ok(there)
    }

    pub(super) fn tracing(
        &mut self,
        seen: &Observation,
        mut queue: Motion,
        steps: u64,
        mut tracing: Box<Tracing>,
    ) -> (Phase, bool) {
        if self.transfer(seen, &mut queue, steps) {
            return (Phase::Tracing { queue, steps: steps + 1, tracing }, false);
        }
        let Some(work) = self.task.work else { return (self.next_skill(), false) };
        self.accommodation.most_of_tip = [tracing.most_m_s(), MOST_TURN_RAD_S];
        let (ask, next) = tracing.step(seen, work.site, &self.planner.tip(&seen.q));
        let reference = self.reference.get_or_insert_with(|| Reference::standing(&seen.q));
        self.accommodation.step(&mut self.servo.arm, &self.planner.robot.chain, &ask, self.settings.period_s, &seen.q, reference);
        if self.status.doing != tracing.doing() {
            self.status.doing = tracing.doing().to_string();
        }
        if next == trace::Next::GoOn {
            return (Phase::Tracing { queue, steps, tracing }, false);
        }
        self.stand();
        let phase = if next == trace::Next::Done {
            self.next_skill()
        } else {
            self.fail("the surface was not felt where it must be".to_string())
        };
        (phase, false)
    }

    /// Moves the reference along the first motion of `queue`, if there is one.
    pub(super) fn transfer(&mut self, seen: &Observation, queue: &mut Motion, steps: u64) -> bool {
        let Some(now) = queue.front() else { return false };
        let reference = self.reference.get_or_insert_with(|| Reference::standing(&seen.q));
        let t = (steps + 1) as f64 * self.settings.period_s;
        now.at(t, &mut reference.q, &mut reference.v, &mut reference.a);
        if t >= now.duration_s() {
            queue.pop_front();
            self.stand();
        }
        true
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
