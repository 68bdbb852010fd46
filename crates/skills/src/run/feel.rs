//! Skills of a program that are done by feel: the servo's reference moves by what the wrist's sensor shows.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_control::accommodation::Ask;
use leitai_control::{Reference, Trajectory};
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::Observation;

use super::{Phase, TaskProgram};
use crate::insert::Insertion;
use crate::motion::Motion;
use crate::offer::Offering;
use crate::scoop::Scooping;
use crate::task::{Insert, Trace};
use crate::touch::{Felt, Next};
use crate::trace::Tracing;

/// Greatest angular velocity of a tip that feels, and of a spoon [rad/s].
const MOST_TURN_RAD_S: f64 = 0.5;
const SPOON_TURN_RAD_S: f64 = 1.0;
/// Speed [m/s] of the tip on its way to where it feels.
pub(super) const TRANSFER_M_S: f64 = 0.15;

/// What the tip does by feel.
#[derive(Clone, Debug)]
pub(super) enum Feeling {
    Insert(Insertion),
    Trace(Tracing),
    Scoop(Scooping),
    Offer(Offering),
}

impl Feeling {
    /// One control step with the tip at `tip` and the site `number` of the work measured at `place`: how the reference is to move, and what comes next.
    fn step(&mut self, seen: &Observation, tip: &Pose, number: usize, place: &Pose) -> (Ask, Next) {
        match self {
            Self::Insert(insertion) => insertion.step(&seen.wrist, tip),
            Self::Trace(tracing) => tracing.step(seen, number, tip),
            Self::Scoop(scooping) => scooping.step(&seen.wrist, tip),
            Self::Offer(offering) => offering.step(&seen.wrist, tip, place),
        }
    }

    /// Greatest speed [m/s] and angular velocity [rad/s] of the tip now.
    fn fastest(&self) -> [f64; 2] {
        match self {
            Self::Insert(insertion) => [insertion.most_m_s(), MOST_TURN_RAD_S],
            Self::Trace(tracing) => [tracing.most_m_s(), MOST_TURN_RAD_S],
            Self::Scoop(scooping) => [scooping.most_m_s(), SPOON_TURN_RAD_S],
            Self::Offer(offering) => [offering.most_m_s(), SPOON_TURN_RAD_S],
        }
    }

    /// What the tip is doing.
    fn doing(&self) -> &'static str {
        match self {
            Self::Insert(insertion) => insertion.doing(),
            Self::Trace(tracing) => tracing.doing(),
            Self::Scoop(scooping) => scooping.doing(),
            Self::Offer(offering) => offering.doing(),
        }
    }

    /// What was not felt where it gave up.
    fn missed(&self) -> &'static str {
        match self {
            Self::Insert(_) => "the tip did not go in from any side",
            Self::Trace(_) => "the surface was not felt where it must be",
            Self::Scoop(_) | Self::Offer(_) => "the floor of the bowl was not felt where it must be",
        }
    }
}

impl TaskProgram {
    /// Goes to where feeling begins. Without feeling, the tip goes straight to where it should end.
    pub(super) fn begin_insert(&mut self, how: Insert) -> Result<Phase, String> {
        let work = self.task.work.ok_or("nothing is to be done with the tip")?;
        let site = self.sites.pose(work.site).ok_or("the place has not been seen")?;
        let from = self.q();
        let upright = nearest_first(upright_tips(&site), self.planner.tip(&from).rotation)[0].rotation;
        if self.numb {
            let end = Pose::new(site.position - site.rotation.rotate(Vec3::Z) * work.depth_m, upright);
            let queue = VecDeque::from([self.planner.straight(&from, &end, how.speed_m_s)?]);
            return Ok(Phase::Follow { queue, steps: 0, feel: None });
        }
        let wrist = self.planner.robot.wrist.ok_or("there is no force sensor at the wrist")?;
        self.accommodation.leash = 0.5 * self.settings.lag;
        let insertion = Insertion::new(how, work, site, upright, Felt::new(wrist), self.settings.period_s);
        let queue = VecDeque::from([self.planner.straight(&from, &insertion.begin(), TRANSFER_M_S)?]);
        Ok(Phase::Feeling { queue, steps: 0, feeling: Box::new(Feeling::Insert(insertion)) })
    }

    /// One control step of what is done by feel.
    pub(super) fn feeling(
        &mut self,
        seen: &Observation,
        mut queue: Motion,
        steps: u64,
        mut feeling: Box<Feeling>,
    ) -> (Phase, bool) {
        if self.transfer(seen, &mut queue, steps) {
            return (Phase::Feeling { queue, steps: steps + 1, feeling }, false);
        }
        let site = self.task.work.and_then(|work| Some((work.site, self.sites.pose(work.site)?)));
        let Some((number, place)) = site else { return (self.fail("the place has not been seen".to_string()), false) };
        self.accommodation.most_of_tip = feeling.fastest();
        let (ask, next) = feeling.step(seen, &self.planner.tip(&seen.q), number, &place);
        let reference = self.reference.get_or_insert_with(|| Reference::standing(&seen.q));
        self.accommodation.step(&mut self.servo.arm, &self.planner.robot.chain, &ask, self.settings.period_s, &seen.q, reference);
        if self.status.doing != feeling.doing() {
            self.status.doing = feeling.doing().to_string();
        }
        if next == Next::GoOn {
            return (Phase::Feeling { queue, steps, feeling }, false);
        }
        self.stand();
        let phase = match next {
            Next::GoOn | Next::Done => self.next_skill(),
            Next::GaveUp => self.fail(feeling.missed().to_string()),
            Next::MoveTo(pose) => {
                if matches!(*feeling, Feeling::Scoop(_) | Feeling::Offer(_)) {
                    self.keep_clear_of_food();
                }
                match self.planner.straight(&self.q(), &pose, TRANSFER_M_S) {
                    Ok(line) => Phase::Feeling { queue: VecDeque::from([line]), steps: 0, feeling },
                    Err(reason) => self.fail(reason),
                }
            }
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
        let tips = nearest_first(upright_tips(&site), self.planner.tip(&from).rotation);
        let rates = [self.settings.period_s, self.settings.yielding_rad_s];
        let mut reason = None;
        for tip in tips {
            let tracing = Tracing::new(how, &self.task.path, site, tip.rotation, Felt::new(wrist), rates, self.numb);
            match self.leads_over(&from, &tracing) {
                Ok(there) => {
                    let queue = VecDeque::from([there]);
                    return Ok(Phase::Feeling { queue, steps: 0, feeling: Box::new(Feeling::Trace(tracing)) });
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

    /// Moves the reference along the first motion of `queue`, if there is one.
    fn transfer(&mut self, seen: &Observation, queue: &mut Motion, steps: u64) -> bool {
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

/// The poses, that whose attitude is nearest to `now` first; equally near ones stay in order.
fn nearest_first(mut poses: Vec<Pose>, now: Quat) -> Vec<Pose> {
    let turn = |pose: &Pose| (now.conjugate() * pose.rotation).to_rotation_vector().norm();
    poses.sort_by(|a, b| turn(a).total_cmp(&turn(b)));
    poses
}
