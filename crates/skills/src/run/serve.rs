//! Skills of a program that feeds: food is taken by feel, carried level, and offered.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};

use leitai_control::{Payload, Reference};
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::Observation;
use leitai_model::interface::WristReading;

use super::{Phase, TaskProgram};
use crate::insert::Next;
use crate::motion::Motion;
use crate::offer::{Offering, at_mouth};
use crate::scoop::Scooping;
use crate::task::{Destination, Offer, Scoop, Skill};
use crate::touch::Felt;

/// Greatest angular velocity of a spoon that feels [rad/s].
const MOST_TURN_RAD_S: f64 = 1.0;
/// How far the reference may run ahead, as a share of the lag that stops the program.
const LEASH_SHARE: f64 = 0.25;
/// Speed [m/s] of the spoon in a bowl, where it is not felt for.
const IN_BOWL_M_S: f64 = 0.15;
/// Half edges [m] of the food that may lie on a spoon, and where its middle is from the tip: for what it must keep clear of.
const FOOD_HALF_M: Vec3 = Vec3::new(0.010, 0.015, 0.020);
const FOOD_AT_M: Vec3 = Vec3::new(0.010, 0.0, -0.025);

/// What a spoon is doing by feel.
#[derive(Clone, Debug)]
pub(super) enum Serving {
    Scoop(Scooping),
    Offer(Offering),
}

impl Serving {
    fn step(&mut self, reading: &WristReading, tip: &Pose, mouth: &Pose) -> (leitai_control::accommodation::Ask, Next) {
        match self {
            Self::Scoop(scooping) => scooping.step(reading, tip),
            Self::Offer(offering) => offering.step(reading, tip, mouth),
        }
    }

    fn most_m_s(&self) -> f64 {
        match self {
            Self::Scoop(scooping) => scooping.most_m_s(),
            Self::Offer(offering) => offering.most_m_s(),
        }
    }

    fn doing(&self) -> &'static str {
        match self {
            Self::Scoop(scooping) => scooping.doing(),
            Self::Offer(offering) => offering.doing(),
        }
    }
}

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
        let queue = VecDeque::from([self.planner.straight(&from, &scooping.begin(), IN_BOWL_M_S)?]);
        Ok(Phase::Serving { queue, steps: 0, serving: Box::new(Serving::Scoop(scooping)) })
    }

    pub(super) fn begin_offer(&mut self, how: Offer) -> Result<Phase, String> {
        self.mouth()?;
        let wrist = self.planner.robot.wrist.ok_or("there is no force sensor at the wrist")?;
        self.accommodation.leash = LEASH_SHARE * self.settings.lag;
        let offering = Offering::new(how, Felt::new(wrist), self.settings.period_s, self.numb);
        Ok(Phase::Serving { queue: VecDeque::new(), steps: 0, serving: Box::new(Serving::Offer(offering)) })
    }

    pub(super) fn serving(
        &mut self,
        seen: &Observation,
        mut queue: Motion,
        steps: u64,
        mut serving: Box<Serving>,
    ) -> (Phase, bool) {
        if self.transfer(seen, &mut queue, steps) {
            return (Phase::Serving { queue, steps: steps + 1, serving }, false);
        }
        let Ok(mouth) = self.mouth() else { return (self.fail("the place has not been seen".to_string()), false) };
        self.accommodation.most_of_tip = [serving.most_m_s(), MOST_TURN_RAD_S];
        let (ask, next) = serving.step(&seen.wrist, &self.planner.tip(&seen.q), &mouth);
        let reference = self.reference.get_or_insert_with(|| Reference::standing(&seen.q));
        self.accommodation.step(&mut self.servo.arm, &self.planner.robot.chain, &ask, self.settings.period_s, &seen.q, reference);
        if self.status.doing != serving.doing() {
            self.status.doing = serving.doing().to_string();
        }
        let phase = match next {
            Next::GoOn => return (Phase::Serving { queue, steps, serving }, false),
            Next::Done => {
                self.stand();
                self.next_skill()
            }
            Next::GaveUp => self.fail("the floor of the bowl was not felt where it must be".to_string()),
            Next::MoveTo(pose) => {
                self.stand();
                // Food may lie on the spoon from here on.
                self.planner.hold(Shape::Box { half: FOOD_HALF_M }, Pose::new(FOOD_AT_M, Quat::IDENTITY), &NOTHING);
                match self.planner.straight(&self.q(), &pose, IN_BOWL_M_S) {
                    Ok(line) => Phase::Serving { queue: VecDeque::from([line]), steps: 0, serving },
                    Err(reason) => self.fail(reason),
                }
            }
        };
        (phase, false)
    }
}

/// A few grams of food are no load.
const NOTHING: Payload = Payload { mass_kg: 0.0, pose: Pose::IDENTITY, inertia: Vec3::ZERO };
