//! Skills of a program that feeds: food is taken by feel, carried level, and offered.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;

use leitai_control::Payload;
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3};

use super::feel::{Feeling, TRANSFER_M_S};
use super::{Phase, TaskProgram};
use crate::offer::{Offering, at_mouth};
use crate::scoop::Scooping;
use crate::task::{Destination, Offer, Scoop, Skill};
use crate::touch::Felt;

/// How far the reference may run ahead, as a share of the lag that stops the program.
const LEASH_SHARE: f64 = 0.25;
/// Half edges [m] of the food that may lie on a spoon, and where its middle is from the tip: for what it must keep clear of.
const FOOD_HALF_M: Vec3 = Vec3::new(0.010, 0.015, 0.020);
const FOOD_AT_M: Vec3 = Vec3::new(0.010, 0.0, -0.025);

impl TaskProgram {
    /// The scoop of this program both ways along the bowl, if it has one.
    fn scoops(&self, how: Scoop) -> Result<[Scooping; 2], String> {
        let bowl = self.task.bowl.ok_or("there is no bowl to take food from")?;
        let site = self.sites.pose(bowl.site).ok_or("the place has not been seen")?;
        let wrist = self.planner.robot.wrist.ok_or("there is no force sensor at the wrist")?;
        let felt = Felt::new(wrist);
        Ok([false, true].map(|back| Scooping::new(how, bowl, site, back, felt, self.settings.period_s, self.numb)))
    }

    /// Where the mouth was measured.
    fn mouth(&self) -> Result<Pose, String> {
        let work = self.task.work.ok_or("nothing is to be done with the tip")?;
        Ok(self.sites.pose(work.site).ok_or("the place has not been seen")?)
    }

    /// Over the bowl, in a posture from which scooping and the way to the mouth are straight lines.
    pub(super) fn begin_over_bowl(&mut self, above_m: f64) -> Result<Phase, String> {
        let how =
            self.script[self.at..].iter().find_map(|line| if let Skill::Scoop(how) = line.skill { Some(how) } else { None });
        let how = how.ok_or("nothing is taken from the bowl after this")?;
        let before_m = self.script[self.at..].iter().find_map(|line| match line.skill {
            Skill::Move { to: Destination::Target, above_m } => Some(above_m),
            _ => None,
        });
        let mouth = self.mouth()?;
        let from = self.q();
        let there = at_mouth(&mouth, 0.0);
        let mut scoops = self.scoops(how)?;
        // The less the loaded spoon must turn on its way to the mouth, the better.
        let turn = |scooping: &Scooping| scooping.along().dot(there.rotation.rotate(Vec3::Z));
        if turn(&scoops[1]) > turn(&scoops[0]) {
            scoops.reverse();
        }
        let mut reason = String::new();
        for scooping in scoops {
            let mut way = scooping.way().to_vec();
            way.extend([at_mouth(&mouth, before_m.unwrap_or(0.0)), there]);
            match self.planner.move_to_line(&from, &scooping.over(above_m), &way) {
                Ok(queue) => return Ok(Phase::Follow { queue, steps: 0, feel: None }),
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }

    /// In front of the mouth, level all the way.
    pub(super) fn begin_to_mouth(&mut self, before_m: f64) -> Result<Phase, String> {
        let there = at_mouth(&self.mouth()?, before_m);
        let queue = VecDeque::from([self.planner.level(&self.q(), &there)?]);
        Ok(Phase::Follow { queue, steps: 0, feel: None })
    }

    pub(super) fn begin_scoop(&mut self, how: Scoop) -> Result<Phase, String> {
        let from = self.q();
        let tip = self.planner.tip(&from);
        let [ahead, back] = self.scoops(how)?;
        let off = |scooping: &Scooping| (scooping.begin().position - tip.position).norm();
        let scooping = if off(&ahead) <= off(&back) { ahead } else { back };
        self.accommodation.leash = LEASH_SHARE * self.settings.lag;
        let queue = VecDeque::from([self.planner.straight(&from, &scooping.begin(), TRANSFER_M_S)?]);
        Ok(Phase::Feeling { queue, steps: 0, feeling: Box::new(Feeling::Scoop(scooping)) })
    }

    pub(super) fn begin_offer(&mut self, how: Offer) -> Result<Phase, String> {
        self.mouth()?;
        let wrist = self.planner.robot.wrist.ok_or("there is no force sensor at the wrist")?;
        self.accommodation.leash = LEASH_SHARE * self.settings.lag;
        let offering = Offering::new(how, Felt::new(wrist), self.settings.period_s, self.numb);
        Ok(Phase::Feeling { queue: VecDeque::new(), steps: 0, feeling: Box::new(Feeling::Offer(offering)) })
    }

    /// Food may lie on the spoon from here on.
    pub(super) fn keep_clear_of_food(&mut self) {
        self.planner.hold(Shape::Box { half: FOOD_HALF_M }, Pose::new(FOOD_AT_M, Quat::IDENTITY), &NOTHING);
    }
}

/// A few grams of food are no load.
const NOTHING: Payload = Payload { mass_kg: 0.0, pose: Pose::IDENTITY, inertia: Vec3::ZERO };
