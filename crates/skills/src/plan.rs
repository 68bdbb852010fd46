//! Ways around obstacles, in joint space.
//!
//! First the straight line; then straight lines over lifted way-points; then RRT-Connect (Kuffner & LaValle 2000), shortened
//! by cutting corners. Edges are checked so densely that no point of the robot moves farther between two checked postures
//! than twice the clearance: a free edge is free between the checks too.

use crate::guard::{Guard, Touch};
use crate::load::{HOLDING_SHARE, Load};
use alloc::vec;
use alloc::vec::Vec;
use leitai_control::{Chain, IkOptions, Path, ik};
use leitai_math::{Pose, Stream, Vec3, real};

/// How hard to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanOptions {
    /// Distance [m] to keep from everything.
    pub clearance_m: f64,
    /// Heights [m] of lifted way-points to try, in turn.
    pub lifts_m: [f64; 4],
    /// Whether to search with random trees where no simple way is free.
    pub search: bool,
    /// Samples of RRT-Connect.
    pub samples: usize,
    /// Largest step of a tree [rad, in the root of the sum of squares].
    pub step_rad: f64,
    /// Tries to cut corners.
    pub shortcuts: usize,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self { clearance_m: 0.02, lifts_m: [0.1, 0.2, 0.35, 0.5], search: true, samples: 1500, step_rad: 0.5, shortcuts: 60 }
    }
}

/// Why a posture cannot be part of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Two things come too near.
    Touch(Touch),
    /// This joint could not hold what the arm carries.
    Overload(usize),
}

/// Why there is no way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWay {
    /// The first posture is blocked.
    StartBlocked(Touch),
    /// The last posture is blocked.
    GoalBlocked(Touch),
    /// Every tried way is blocked; the straight line was blocked by this.
    NotFound(Block),
}

/// Spacing [m] of the points that lead a swing, and the way that a radian of turn counts as.
const SWING_SPACING_M: f64 = 0.06;
const TURN_LENGTH_M: f64 = 0.3;

/// What every posture on a way must keep.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Distance [m] from everything.
    clearance_m: f64,
    /// Share of the planned torque that holding it may need.
    holding: f64,
}

/// A search for one arm in one cell.
#[derive(Debug)]
pub struct Search<'a> {
    /// The arm.
    pub chain: &'a Chain,
    /// What must not touch.
    pub guard: &'a mut Guard,
    /// What the arm carries.
    pub load: &'a mut Load,
    /// How far a unit of each joint moves the farthest point that moves with it.
    pub lever_arms: &'a [f64],
    /// Random draws.
    pub draw: &'a mut Stream,
    /// How hard.
    pub options: PlanOptions,
}

impl Search<'_> {
    /// Way-points from `from` to `to`, both included, straight lines between them.
    ///
    /// # Errors
    /// If an end touches something or no way was found with the counted effort.
    pub fn way(&mut self, from: &[f64], to: &[f64]) -> Result<Vec<Vec<f64>>, NoWay> {
        // Where an end itself stands nearer than the clearance (over a stack, between neighbors), the way may too.
        let mut clearance_m = self.options.clearance_m;
        for (q, wrong) in [(from, NoWay::StartBlocked as fn(Touch) -> NoWay), (to, NoWay::GoalBlocked)] {
            while let Some(touch) = self.guard.blocked(q, clearance_m) {
                if clearance_m <= 0.0 {
                    return Err(wrong(touch));
                }
                clearance_m = if clearance_m > 0.004 { 0.5 * clearance_m } else { 0.0 };
            }
        }
        let bounds = Bounds { clearance_m, holding: self.holding(from, to) };
        let Some(block) = self.edge_blocked(from, to, &bounds) else {
            return Ok(vec![from.to_vec(), to.to_vec()]);
        };
        if let Some(way) = self.over(from, to, &bounds) {
            return Ok(way);
        }
        if !self.options.search {
            return Err(NoWay::NotFound(block));
        }
        let way = self.connect(from, to, &bounds).ok_or(NoWay::NotFound(block))?;
        Ok(self.shorten(way, &bounds))
    }

    /// Where an end itself needs more torque than a way should, the way may need a little more than that.
    fn holding(&mut self, from: &[f64], to: &[f64]) -> f64 {
        let ends = real::max(self.load.holding(from).1, self.load.holding(to).1);
        real::max(HOLDING_SHARE, 1.02 * ends)
    }

    fn blocked(&mut self, q: &[f64], bounds: &Bounds) -> Option<Block> {
        let (joint, share) = self.load.holding(q);
        if share > bounds.holding {
            return Some(Block::Overload(joint));
        }
        self.guard.blocked(q, bounds.clearance_m).map(Block::Touch)
    }

    /// The tool swung around the base's axis to `to`, either way round, lifted as little as keeps it free: a way for pieces that
    /// must stay upright.
    pub fn swings(&mut self, from: &[f64], to: &Pose) -> Vec<Path> {
        let mut out = Vec::new();
        let (start, end) = (self.chain.tip(from).position, to.position);
        let direct = real::atan2(start.x * end.y - start.y * end.x, start.x * end.x + start.y * end.y);
        let around = direct - if direct < 0.0 { -real::TAU } else { real::TAU };
        for sweep_rad in [direct, around] {
            for lift_m in core::iter::once(0.0).chain(self.options.lifts_m) {
                let Ok(path) = Path::swing(self.chain, from, to, sweep_rad, lift_m, SWING_SPACING_M, TURN_LENGTH_M) else {
                    continue;
                };
                if self.path_free(&path, self.options.clearance_m) {
                    out.push(path);
                    break;
                }
            }
        }
        out
    }

    /// True if the whole path keeps the clearance and can be held.
    pub fn path_free(&mut self, path: &Path, clearance_m: f64) -> bool {
        let n = path.joints();
        let (mut q, mut slope, mut bend) = (path.start().to_vec(), vec![0.0; n], vec![0.0; n]);
        let bounds = Bounds { clearance_m, holding: self.holding(&q, path.end()) };
        let mut s = 0.0;
        while s < path.length() {
            path.at(s, &mut q, &mut slope, &mut bend);
            if self.blocked(&q, &bounds).is_some() {
                return false;
            }
            let rate: f64 = slope.iter().zip(self.lever_arms).map(|(v, arm)| real::abs(*v) * arm).sum();
            s += spacing(clearance_m) / real::max(rate, 1e-6);
        }
        true
    }

    /// The first block found along a straight line in joint space, its ends left out.
    fn edge_blocked(&mut self, from: &[f64], to: &[f64], bounds: &Bounds) -> Option<Block> {
        let way: f64 = (0..from.len()).map(|i| real::abs(to[i] - from[i]) * self.lever_arms[i]).sum();
        let pieces = real::ceil(way / spacing(bounds.clearance_m)) as usize;
        let mut q = vec![0.0; from.len()];
        // Coarse first: what blocks an edge is usually wide.
        for stride in [16, 1] {
            for k in (stride..pieces).step_by(stride) {
                if stride == 1 && k % 16 == 0 {
                    continue;
                }
                let share = k as f64 / pieces as f64;
                for i in 0..q.len() {
                    q[i] = from[i] + (to[i] - from[i]) * share;
                }
                if let Some(block) = self.blocked(&q, bounds) {
                    return Some(block);
                }
            }
        }
        None
    }

    /// Up, across and down: the first lift whose three lines are free.
    fn over(&mut self, from: &[f64], to: &[f64], bounds: &Bounds) -> Option<Vec<Vec<f64>>> {
        let options = IkOptions { restarts: 0, wanted: 1, ..IkOptions::default() };
        let (tip_from, tip_to) = (self.chain.tip(from), self.chain.tip(to));
        let top = real::max(tip_from.position.z, tip_to.position.z);
        for lift in self.options.lifts_m {
            let lifted = |tip: &Pose| {
                let p = tip.position;
                Pose::new(Vec3::new(p.x, p.y, top + lift), tip.rotation)
            };
            let mut way = vec![from.to_vec()];
            for (tip, near) in [(tip_from, from), (tip_to, to)] {
                if let Ok(found) = ik::solve(self.chain, &lifted(&tip), near, self.draw, &options) {
                    way.extend(found.into_iter().take(1).map(|s| s.q));
                }
            }
            way.push(to.to_vec());
            if way.len() == 4 && way.windows(2).all(|e| self.edge_blocked(&e[0], &e[1], bounds).is_none()) {
                return Some(way);
            }
        }
        None
    }

    /// RRT-Connect: two trees, one from each end, each growing towards the other's newest posture.
    fn connect(&mut self, from: &[f64], to: &[f64], bounds: &Bounds) -> Option<Vec<Vec<f64>>> {
        let n = from.len();
        let mut trees = [Tree::new(from), Tree::new(to)];
        for sample in 0..self.options.samples {
            let grows = sample % 2;
            // Samples around both ends: whole turns of an unlimited wrist lead nowhere new.
            let target: Vec<f64> = (0..n)
                .map(|i| {
                    let (low, high) = (real::min(from[i], to[i]) - real::PI, real::max(from[i], to[i]) + real::PI);
                    self.draw.uniform(real::max(low, self.chain.low[i]), real::min(high, self.chain.high[i]))
                })
                .collect();
            let Some(newest) = self.extend(&mut trees[grows], &target, bounds) else { continue };
            let meeting = trees[grows].q[newest].clone();
            let other = &mut trees[1 - grows];
            while let Some(reached) = self.extend(other, &meeting, bounds) {
                if ik::distance(&other.q[reached], &meeting) < 1e-18 {
                    let (first, second) = if grows == 0 { (newest, reached) } else { (reached, newest) };
                    let mut way = trees[0].back(first);
                    way.reverse();
                    way.extend(trees[1].back(second).into_iter().skip(1));
                    return Some(way);
                }
            }
        }
        None
    }

    fn extend(&mut self, tree: &mut Tree, target: &[f64], bounds: &Bounds) -> Option<usize> {
        let near = tree.nearest(target);
        let way = real::sqrt(ik::distance(&tree.q[near], target));
        let share = if way > self.options.step_rad { self.options.step_rad / way } else { 1.0 };
        let q: Vec<f64> = if share < 1.0 {
            tree.q[near].iter().zip(target).map(|(a, b)| a + (b - a) * share).collect()
        } else {
            target.to_vec()
        };
        if self.blocked(&q, bounds).is_some() || self.edge_blocked(&tree.q[near], &q, bounds).is_some() {
            return None;
        }
        tree.q.push(q);
        tree.parent.push(near);
        Some(tree.q.len() - 1)
    }

    fn shorten(&mut self, mut way: Vec<Vec<f64>>, bounds: &Bounds) -> Vec<Vec<f64>> {
        for _ in 0..self.options.shortcuts {
            if way.len() < 3 {
                break;
            }
            let a = self.draw.below(way.len() as u64) as usize;
            let b = self.draw.below(way.len() as u64) as usize;
            let (a, b) = (a.min(b), a.max(b));
            if b - a >= 2 && self.edge_blocked(&way[a].clone(), &way[b].clone(), bounds).is_none() {
                way.drain(a + 1..b);
            }
        }
        way
    }
}

/// Way [m] between checked postures that leaves no gap at a clearance.
fn spacing(clearance_m: f64) -> f64 {
    real::max(2.0 * clearance_m, 0.01)
}

#[derive(Debug)]
struct Tree {
    q: Vec<Vec<f64>>,
    parent: Vec<usize>,
}

impl Tree {
    fn new(root: &[f64]) -> Self {
        Self { q: vec![root.to_vec()], parent: vec![0] }
    }
    fn nearest(&self, target: &[f64]) -> usize {
        let mut best = (f64::INFINITY, 0);
        for (i, q) in self.q.iter().enumerate() {
            let d = ik::distance(q, target);
            if d < best.0 {
                best = (d, i);
            }
        }
        best.1
    }
    /// From a posture back to the root.
    fn back(&self, mut i: usize) -> Vec<Vec<f64>> {
        let mut way = vec![self.q[i].clone()];
        while i != 0 {
            i = self.parent[i];
            way.push(self.q[i].clone());
        }
        way
    }
}
