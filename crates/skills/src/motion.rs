//! From a goal to a timed motion: every simple way to every posture that serves is timed, and the quickest is taken.
//!
//! Simple ways are swings around the base's axis, which keep the tool's attitude, and joint-space ways with few way-points.
//! Random trees grow only where no simple way is free, and then the first way found is taken.

use crate::guard::{Guard, Solid};
use crate::load::Load;
use crate::plan::{Block, NoWay, PlanOptions, Search};
use crate::robot::Robot;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_control::{ArmDynamics, IkOptions, Path, Payload, TipLimits, Trajectory, ik, time_path};
use leitai_geometry::Shape;
use leitai_math::{Pose, Seed, Stream, Vec3, real};

/// Motions that keep an attitude.
mod level;

/// Trajectories to follow one after another, at rest in between.
pub(crate) type Motion = VecDeque<Trajectory>;

/// Postures above a destination that are tried.
const MOST_GOALS: usize = 8;
/// Spacing [m] of the points that lead a straight line of the tool, and the way that a radian of turn counts as.
const LINE_SPACING_M: f64 = 0.02;
const TURN_LENGTH_M: f64 = 0.3;

/// Plans for one arm in one cell.
#[derive(Clone, Debug)]
pub(crate) struct MotionPlanner {
    pub robot: Robot,
    guard: Guard,
    load: Load,
    lever_arms: Vec<f64>,
    draw: Stream,
    options: PlanOptions,
    empty: TipLimits,
    loaded: TipLimits,
    holds: bool,
}

/// The best motion so far, with its duration [s] and what it is for.
struct Best {
    duration_s: f64,
    motion: Motion,
    choice: usize,
}

impl MotionPlanner {
    /// `widest` [m] is the radius of the largest piece; `empty` and `loaded` limit the tool.
    pub fn new(
        robot: Robot,
        arm: ArmDynamics,
        widest: f64,
        options: PlanOptions,
        empty: TipLimits,
        loaded: TipLimits,
        seed: &Seed,
    ) -> Self {
        Self {
            guard: Guard::new(&robot),
            load: Load::new(arm, &robot.limits),
            lever_arms: robot.chain.lever_arms(real::max(widest, 0.3)),
            draw: seed.stream("task_program"),
            options,
            empty,
            loaded,
            holds: false,
            robot,
        }
    }

    /// What stands around from now on.
    pub fn surround(&mut self, solids: Vec<Solid>) {
        self.guard.solids = solids;
    }

    /// Holds a piece of this shape at `grip_from_piece` from now on.
    pub fn hold(&mut self, shape: Shape, grip_from_piece: Pose, payload: &Payload) {
        self.guard.hold(shape, grip_from_piece);
        self.load.arm.carry(payload, 1.0);
        self.holds = true;
    }

    /// Holds nothing from now on.
    pub fn let_go(&mut self) {
        self.guard.let_go();
        self.load.arm.release();
        self.holds = false;
    }

    /// The tip's pose at `q`.
    pub fn tip(&self, q: &[f64]) -> Pose {
        self.robot.chain.tip(q)
    }

    /// From posture to posture.
    pub fn move_to(&mut self, from: &[f64], goal: &[f64]) -> Result<Motion, String> {
        self.joint_way(from, goal, false).or_else(|_| self.joint_way(from, goal, true))
    }

    /// The quickest motion to `above_m` over any of `grips`, from where a straight line leads down; and which grip it is.
    pub fn move_above(&mut self, from: &[f64], grips: &[Pose], above_m: f64) -> Result<(Motion, usize), String> {
        let mut best: Option<Best> = None;
        let mut reason = String::new();
        let mut goals: Vec<(f64, Vec<f64>, usize)> = Vec::new();
        for (choice, grip) in grips.iter().enumerate() {
            let above = Pose::new(grip.position - grip.rotation.rotate(Vec3::Z) * above_m, grip.rotation);
            for path in self.searching(false).swings(from, &above) {
                if let Err(why) = self.leads_down(path.end(), grip) {
                    reason = why;
                    continue;
                }
                let tip = self.tip_limits();
                take_quicker(&mut best, VecDeque::from([self.timed(path, tip)]), choice);
            }
            match self.postures(from, &above) {
                Ok(postures) => goals.extend(postures.into_iter().map(|(least_s, q)| (least_s, q, choice))),
                Err(why) => reason = why,
            }
        }
        // Stable, so equal times stay in order.
        goals.sort_by(|a, b| a.0.total_cmp(&b.0));
        goals.truncate(MOST_GOALS);
        for search in [false, true] {
            for (least_s, goal, choice) in &goals {
                if best.as_ref().is_some_and(|best| search || best.duration_s <= *least_s) {
                    break;
                }
                let way = self.leads_down(goal, &grips[*choice]).and_then(|()| self.joint_way(from, goal, search));
                match way {
                    Ok(motion) => take_quicker(&mut best, motion, *choice),
                    Err(why) => reason = why,
                }
            }
        }
        best.map(|best| (best.motion, best.choice)).ok_or(reason)
    }

    /// A straight line of the tool.
    pub fn straight(&mut self, from: &[f64], to: &Pose, speed_m_s: f64) -> Result<Trajectory, String> {
        let path = Path::line(&self.robot.chain, from, to, LINE_SPACING_M, TURN_LENGTH_M).map_err(|error| error.to_string())?;
        let tip = TipLimits { speed_m_s, ..self.tip_limits() };
        Ok(self.timed(path, tip))
    }

    /// The posture at the end of a straight line of the tool.
    pub fn line_end(&self, from: &[f64], to: &Pose) -> Result<Vec<f64>, String> {
        let line = Path::line(&self.robot.chain, from, to, LINE_SPACING_M, TURN_LENGTH_M).map_err(|error| error.to_string())?;
        Ok(line.end().to_vec())
    }

    fn leads_down(&self, from: &[f64], grip: &Pose) -> Result<(), String> {
        let line = Path::line(&self.robot.chain, from, grip, 1.5 * LINE_SPACING_M, TURN_LENGTH_M);
        line.map(|_| ()).map_err(|error| format!("from above, {error}"))
    }

    /// Postures at `tip`, quickest to reach first, each with the time [s] of its slowest joint at full speed.
    fn postures(&mut self, from: &[f64], tip: &Pose) -> Result<Vec<(f64, Vec<f64>)>, String> {
        let options = IkOptions { restarts: 16, ..IkOptions::default() };
        let mut nearest = None;
        for posture in [from, &self.robot.home] {
            match ik::solve(&self.robot.chain, tip, posture, &mut self.draw, &options) {
                Ok(found) => {
                    let timed = found.into_iter().map(|mut solution| {
                        self.robot.chain.unwind(&mut solution.q, from);
                        (self.least_s(from, &solution.q), solution.q)
                    });
                    return Ok(timed.collect());
                }
                Err(unreached) => nearest = Some(unreached),
            }
        }
        Err(nearest.map_or_else(String::new, |unreached| unreached.to_string()))
    }

    fn least_s(&self, from: &[f64], to: &[f64]) -> f64 {
        let speeds = &self.robot.limits.speed;
        (0..from.len()).fold(0.0, |most, i| real::max(most, real::abs(to[i] - from[i]) / speeds[i]))
    }

    fn searching(&mut self, search: bool) -> Search<'_> {
        Search {
            chain: &self.robot.chain,
            guard: &mut self.guard,
            load: &mut self.load,
            lever_arms: &self.lever_arms,
            draw: &mut self.draw,
            options: PlanOptions { search, ..self.options },
        }
    }

    /// A motion through joint space, free of collisions; `search` allows random trees.
    fn joint_way(&mut self, from: &[f64], to: &[f64], search: bool) -> Result<Motion, String> {
        let way = self.searching(search).way(from, to).map_err(|no_way| self.describe(no_way))?;
        let tip = self.tip_limits();
        if way.len() > 2 {
            let smooth = Path::through(&way);
            let clearance_m = 0.5 * self.options.clearance_m;
            if self.searching(search).path_free(&smooth, clearance_m) {
                return Ok(VecDeque::from([self.timed(smooth, tip)]));
            }
        }
        Ok(way.windows(2).map(|edge| self.timed(Path::straight(&edge[0], &edge[1]), tip)).collect())
    }

    fn describe(&self, no_way: NoWay) -> String {
        match no_way {
            NoWay::StartBlocked(touch) => format!("the move cannot start: {}", self.guard.describe(touch)),
            NoWay::GoalBlocked(touch) => format!("the goal is blocked: {}", self.guard.describe(touch)),
            NoWay::NotFound(Block::Touch(touch)) => format!("no way around was found: {}", self.guard.describe(touch)),
            NoWay::NotFound(Block::Overload(joint)) => {
                format!("no way was found on which joint {} can hold what the arm carries", joint + 1)
            }
        }
    }

    fn tip_limits(&self) -> TipLimits {
        if self.holds { self.loaded } else { self.empty }
    }

    fn timed(&mut self, path: Path, tip: TipLimits) -> Trajectory {
        let arm = &mut self.load.arm;
        time_path(path, &self.robot.limits, Some((&self.robot.chain, tip)), &mut |q, v, a, tau| arm.torques(q, v, a, tau)).0
    }
}

fn take_quicker(best: &mut Option<Best>, motion: Motion, choice: usize) {
    let duration_s = motion.iter().map(Trajectory::duration_s).sum();
    if best.as_ref().is_none_or(|best| duration_s < best.duration_s) {
        *best = Some(Best { duration_s, motion, choice });
    }
}
