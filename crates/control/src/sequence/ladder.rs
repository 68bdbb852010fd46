//! Joint positions along a tool path: a ladder of branches, and the cheapest way up without changing branch by a jump.
//!
//! At each place along the path all branches of the closed form are a rung's holds; from one rung to the next only holds that are near in
//! every joint are joined (Descartes' way, without jumps). The price of a step is the time that its slowest joint needs at its
//! greatest speed; the cheapest sum wins (dynamic programming). Where a way ends, the rung is moved closer by halving, so that a fast but
//! steady stretch near a singular posture is told from a jump.

use super::{SequenceError, Start, ToolPath};
use crate::chain::Chain;
use crate::closed_form::{ClosedForm, Redundant, Unreachable, is_pose};
use crate::ik;
use crate::path::LineWork;
use crate::search::{Search, SearchOptions};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::{Pose, real};

/// Largest change of a joint from rung to rung [rad or m].
const JUMP: f64 = 0.35;
/// Halvings of the way between two rungs.
const HALVINGS: usize = 7;
/// Ways that are followed side by side, the nearest to the wanted posture first.
const MOST_WAYS: usize = 64;
/// Values of a seventh joint's parameter that are tried where the start is free.
const PARAMETERS: u32 = 24;
/// A pose is met within this [m, a radian counting as 0.3 m].
const MET: f64 = 1e-6;

/// How an arm's branches are found.
#[allow(clippy::large_enum_variant, reason = "a plan has one of these")]
pub(super) enum Arm {
    Six(ClosedForm),
    Seven(Redundant),
    /// By Newton's method from the rung before.
    Any,
}

impl Arm {
    pub fn of(chain: &Chain) -> Self {
        match chain.len() {
            6 => ClosedForm::of(chain).map_or(Self::Any, Self::Six),
            7 => Redundant::of(chain).map_or(Self::Any, Self::Seven),
            _ => Self::Any,
        }
    }
}

/// What a rung offers.
enum Holds {
    /// Joint positions, turned by whole turns at will.
    Branches(Vec<Vec<f64>>),
    /// None: what is missed by the nearest [m].
    Beyond(f64),
    /// To be found from the rung before.
    Followed,
}

#[derive(Clone, Debug)]
struct Hold {
    q: Vec<f64>,
    cost: f64,
    below: usize,
}

/// A finished way: parameter of each rung and joint positions there.
pub(super) struct Climbed {
    pub knots: Vec<f64>,
    pub points: Vec<Vec<f64>>,
    cost: f64,
}

/// Why a way ended, and how far up.
struct Ended {
    at: f64,
    error: SequenceError,
}

/// An arm's branches at a pose.
#[derive(Clone, Copy)]
pub(super) struct Branching<'a> {
    pub chain: &'a Chain,
    /// Greatest speed of each joint.
    pub speed: &'a [f64],
}

pub(super) struct Ladder<'a> {
    pub branching: Branching<'a>,
    pub tool: &'a ToolPath,
    pub spacing_m: f64,
}

impl Branching<'_> {
    /// The holds of the first rung, for each value of the parameter of a seventh joint.
    fn foot(&self, arm: &Arm, pose: &Pose, start: &Start) -> Result<Vec<(f64, Vec<Hold>)>, SequenceError> {
        let hold = |q: &[f64], near: Option<&[f64]>| {
            let far = |near: &[f64]| self.price(q, near);
            Hold { q: q.to_vec(), cost: near.map_or(0.0, far), below: 0 }
        };
        let near = match start {
            Start::Posture(q) => {
                let (p, r) = ik::pose_error(pose, &self.chain.tip(q));
                let missed = p.norm() + 0.3 * r.norm();
                if missed > MET {
                    return Err(SequenceError::NotAtStart { missed_by_m: missed });
                }
                self.within(q).map_err(|joint| SequenceError::JointLimit { segment: 0, at: 0.0, joint })?;
                let parameter = match (arm, <&[f64; 7]>::try_from(&q[..])) {
                    (Arm::Seven(seven), Ok(q)) => seven.parameter(q),
                    _ => 0.0,
                };
                return Ok(vec![(parameter, vec![hold(q, None)])]);
            }
            Start::Near(q) => &q[..],
        };
        let mut parameters = vec![0.0];
        if let (Arm::Seven(seven), Ok(q)) = (arm, <&[f64; 7]>::try_from(near)) {
            let [low, high] = seven.range();
            parameters = vec![real::clamp(seven.parameter(q), low, high)];
            parameters.extend((0..PARAMETERS).map(|k| low + (high - low) * (f64::from(k) + 0.5) / f64::from(PARAMETERS)));
        }
        let mut missed = f64::INFINITY;
        let mut reached = false;
        let mut out = Vec::new();
        for parameter in parameters {
            let mut holds: Vec<Hold> = Vec::new();
            match self.holds(arm, parameter, pose, near) {
                Holds::Branches(branches) => {
                    reached = true;
                    for branch in branches {
                        self.windings(&branch, |q| holds.push(hold(q, Some(near))));
                    }
                }
                Holds::Beyond(by) => missed = real::min(missed, by),
                Holds::Followed => {
                    let search = Search::new(self.chain);
                    match search.several(pose, near, 8, &SearchOptions::default(), &mut search.work()) {
                        Ok(found) => {
                            reached = true;
                            let mut work = LineWork::new(self.chain.len());
                            for mut found in found {
                                let met = work.correct(self.chain, pose, &mut found.q) <= MET;
                                if met && self.within(&found.q).is_ok() {
                                    holds.push(hold(&found.q, Some(near)));
                                }
                            }
                        }
                        Err(crate::search::Missed::Nearest(found)) => missed = found.position_error_m,
                        Err(crate::search::Missed::NotAPose) => return Err(SequenceError::NotFinite { segment: 0 }),
                    }
                }
            }
            // Stable, and by total order: the same list on every machine.
            holds.sort_by(|a, b| a.cost.total_cmp(&b.cost));
            holds.truncate(MOST_WAYS);
            if !holds.is_empty() {
                out.push((parameter, holds));
            }
        }
        if out.is_empty() && !reached {
            return Err(SequenceError::OutOfReach { segment: 0, at: 0.0, missed_by_m: missed });
        }
        Ok(out)
    }

    /// Calls `visit` with every set of joint positions within the limits that differs by whole turns.
    fn windings(&self, q: &[f64], mut visit: impl FnMut(&[f64])) {
        let n = q.len();
        let (low, high) = (&self.chain.low, &self.chain.high);
        let mut choices: Vec<Vec<f64>> = Vec::with_capacity(n);
        for i in 0..n {
            let turned = (-2..=2).map(|k| q[i] + f64::from(k) * real::TAU);
            choices.push(turned.filter(|q| *q >= low[i] && *q <= high[i]).collect());
        }
        let total = choices.iter().map(Vec::len).product::<usize>();
        let mut one = vec![0.0; n];
        for mut k in 0..total.min(4096) {
            for (value, choice) in one.iter_mut().zip(&choices) {
                *value = choice[k % choice.len()];
                k /= choice.len();
            }
            visit(&one);
        }
    }

    /// Time that the slowest joint needs between two postures.
    fn price(&self, a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).zip(self.speed).fold(0.0, |most, ((a, b), v)| real::max(most, real::abs(a - b) / v))
    }

    /// The first joint beyond its limits.
    fn within(&self, q: &[f64]) -> Result<(), usize> {
        let (low, high) = (&self.chain.low, &self.chain.high);
        (0..q.len()).find(|&i| q[i] < low[i] - 1e-9 || q[i] > high[i] + 1e-9).map_or(Ok(()), Err)
    }

    /// What a rung at `pose` offers.
    fn holds(&self, arm: &Arm, parameter: f64, pose: &Pose, near: &[f64]) -> Holds {
        fn of<const N: usize>(answer: Result<crate::closed_form::Branches<N>, Unreachable<N>>) -> Holds {
            match answer {
                Ok(branches) => Holds::Branches(branches.as_slice().iter().map(|b| b.q.to_vec()).collect()),
                Err(Unreachable::TooFar(nearest)) => Holds::Beyond(nearest.map_or(f64::INFINITY, |b| b.position_error_m)),
                Err(Unreachable::NotAPose | Unreachable::Limits) => Holds::Beyond(f64::INFINITY),
            }
        }
        match arm {
            Arm::Six(six) => of(six.solve(pose, near.try_into().expect("six joints"))),
            Arm::Seven(seven) => of(seven.solve(pose, parameter, near.try_into().expect("seven joints"))),
            Arm::Any => Holds::Followed,
        }
    }
}

/// The postures within the limits in which the chain's tip stands at `pose`, the quickest to reach from `near` first, whole turns counted
/// apart; of a seventh joint's freedom, some values. `speed` is the greatest speed of each joint.
///
/// # Errors
/// If no branch reaches the pose. An empty list means that some do, but none within the limits.
pub fn postures(chain: &Chain, pose: &Pose, near: &[f64], speed: &[f64]) -> Result<Vec<Vec<f64>>, SequenceError> {
    let n = chain.len();
    let good = |list: &[f64]| list.len() == n && list.iter().all(|x| x.is_finite());
    if !good(near) || !good(speed) || !speed.iter().all(|v| *v > 0.0) {
        return Err(SequenceError::Lengths);
    }
    if !is_pose(pose) {
        return Err(SequenceError::NotFinite { segment: 0 });
    }
    let feet = Branching { chain, speed }.foot(&Arm::of(chain), pose, &Start::Near(near.to_vec()))?;
    let mut holds: Vec<Hold> = feet.into_iter().flat_map(|(_, holds)| holds).collect();
    holds.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    Ok(holds.into_iter().map(|hold| hold.q).collect())
}

impl Ladder<'_> {
    /// The cheapest way up.
    pub fn climb(&self, start: &Start) -> Result<Climbed, SequenceError> {
        let arm = Arm::of(self.branching.chain);
        let pose = self.tool.pose(0.0);
        let mut best: Option<Climbed> = None;
        let mut farthest: Option<Ended> = None;
        for (parameter, holds) in self.branching.foot(&arm, &pose, start)? {
            match self.up(&arm, parameter, holds) {
                Ok(way) => {
                    if best.as_ref().is_none_or(|b| way.cost < b.cost) {
                        best = Some(way);
                    }
                }
                Err(ended) => {
                    if farthest.as_ref().is_none_or(|f| ended.at > f.at) {
                        farthest = Some(ended);
                    }
                }
            }
        }
        match (best, farthest) {
            (Some(way), _) => Ok(way),
            (None, Some(ended)) => Err(ended.error),
            (None, None) => Err(SequenceError::Limits { segment: 0, at: 0.0 }),
        }
    }

    /// All the way up from the first rung's holds.
    fn up(&self, arm: &Arm, parameter: f64, foot: Vec<Hold>) -> Result<Climbed, Ended> {
        let mut rungs: Vec<(f64, Vec<Hold>)> = vec![(0.0, foot)];
        let mut work = LineWork::new(self.branching.chain.len());
        for piece in &self.tool.pieces {
            let steps = real::clamp(real::ceil(piece.length / self.spacing_m), 8.0, 1e5) as usize;
            for k in 1..=steps {
                let to = piece.start + piece.length * (k as f64 / steps as f64);
                self.step(arm, parameter, to, HALVINGS, &mut rungs, &mut work)?;
            }
        }
        let (mut knots, mut points) = (Vec::with_capacity(rungs.len()), Vec::with_capacity(rungs.len()));
        let top = &rungs[rungs.len() - 1].1;
        let mut hold = 0;
        for k in 1..top.len() {
            if top[k].cost < top[hold].cost {
                hold = k;
            }
        }
        let cost = top[hold].cost;
        for (s, holds) in rungs.iter().rev() {
            knots.push(*s);
            points.push(holds[hold].q.clone());
            hold = holds[hold].below;
        }
        knots.reverse();
        points.reverse();
        Ok(Climbed { knots, points, cost })
    }

    /// One rung up to `to`, by halves where ways end.
    fn step(
        &self,
        arm: &Arm,
        parameter: f64,
        to: f64,
        halvings: usize,
        rungs: &mut Vec<(f64, Vec<Hold>)>,
        work: &mut LineWork,
    ) -> Result<(), Ended> {
        let pose = self.tool.pose(to);
        let (from, below) = &rungs[rungs.len() - 1];
        let from = *from;
        let offered = self.branching.holds(arm, parameter, &pose, &below[0].q);
        let mut above: Vec<Hold> = Vec::new();
        let mut lost = false;
        let mut error = None;
        for (k, hold) in below.iter().enumerate() {
            let next = match &offered {
                Holds::Branches(branches) => self.nearest(&hold.q, branches),
                Holds::Beyond(_) => None,
                Holds::Followed => {
                    let mut q = hold.q.clone();
                    (work.correct(self.branching.chain, &pose, &mut q) <= MET).then_some(q)
                }
            };
            let jumped = |q: &[f64]| q.iter().zip(&hold.q).any(|(a, b)| real::abs(a - b) > JUMP);
            let why = match next {
                None => self.beyond(&offered, to),
                Some(q) if jumped(&q) => SequenceError::Singular { segment: self.tool.segment_at(to), at: self.share(to) },
                Some(q) => match self.branching.within(&q) {
                    Err(joint) => SequenceError::JointLimit { segment: self.tool.segment_at(to), at: self.share(to), joint },
                    Ok(()) => {
                        let cost = hold.cost + self.branching.price(&q, &hold.q);
                        match above.iter_mut().find(|other| ik::distance(&other.q, &q) < 1e-12) {
                            Some(other) if other.cost <= cost => {}
                            Some(other) => (other.cost, other.below) = (cost, k),
                            None => above.push(Hold { q, cost, below: k }),
                        }
                        continue;
                    }
                },
            };
            lost = true;
            error = error.or(Some(why));
        }
        if lost && halvings > 0 {
            let middle = 0.5 * (from + to);
            self.step(arm, parameter, middle, halvings - 1, rungs, work)?;
            return self.step(arm, parameter, to, halvings - 1, rungs, work);
        }
        if above.is_empty() {
            let error = error.unwrap_or(SequenceError::Limits { segment: self.tool.segment_at(to), at: self.share(to) });
            return Err(Ended { at: to, error });
        }
        rungs.push((to, above));
        Ok(())
    }

    /// The branch nearest to `q` in its farthest joint, each joint turned to where it is nearest.
    fn nearest(&self, q: &[f64], branches: &[Vec<f64>]) -> Option<Vec<f64>> {
        let mut best: Option<(f64, Vec<f64>)> = None;
        for branch in branches {
            let turned = |(b, q): (&f64, &f64)| b + real::TAU * real::round((q - b) / real::TAU);
            let near: Vec<f64> = branch.iter().zip(q).map(turned).collect();
            let far = near.iter().zip(q).fold(0.0, |most, (a, b)| real::max(most, real::abs(a - b)));
            if best.as_ref().is_none_or(|(least, _)| far < *least) {
                best = Some((far, near));
            }
        }
        best.map(|(_, q)| q)
    }

    fn beyond(&self, offered: &Holds, to: f64) -> SequenceError {
        let (segment, at) = (self.tool.segment_at(to), self.share(to));
        match offered {
            Holds::Beyond(missed_by_m) => SequenceError::OutOfReach { segment, at, missed_by_m: *missed_by_m },
            _ => SequenceError::Singular { segment, at },
        }
    }

    /// Share of its segment at a place.
    fn share(&self, s: f64) -> f64 {
        self.tool.share_at(s)
    }
}
