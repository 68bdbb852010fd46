//! RRT-Connect (Kuffner & LaValle, ICRA 2000): two trees, one from each end, each growing towards the other.
//!
//! Samples are Halton sequences. The first fill a box around both ends, which widens with every sample up to the joints' limits:
//! what leads far away is seldom needed and makes paths long. Then most samples fill a box around the nodes of the tree that grows,
//! which brings it out of a cage sooner. The smaller tree grows, and a node that failed to grow only takes samples near it (dynamic
//! domain, Yershova, Jaillet, Siméon & LaValle, ICRA 2005). Effort is bounded by counts.

use super::check::{Checker, Config};
use super::halton::Halton;
use super::model::MOST_JOINTS;
use super::tree::{ROOT, Tree};
use alloc::vec::Vec;
use leitai_math::real;

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Longest edge of a tree.
    pub range: f32,
    /// Samples to draw.
    pub iterations: u32,
    /// Nodes of both trees together.
    pub nodes: u32,
    /// Where the Halton sequence starts: another number gives another path.
    pub skip: u32,
    /// Radius of a node's domain after its first failure.
    pub domain: f32,
    /// Share by which it changes at each failure and success.
    pub domain_change: f32,
    /// The least it becomes.
    pub domain_least: f32,
    /// Samples are drawn from the box of both ends, wider by this on every side,
    pub margin: f32,
    /// and by this more with each sample.
    pub widening: f32,
    /// After this many samples, three of four are drawn from the box of the nodes of the tree that grows, wider by `own_margin`.
    pub early: u32,
    /// See `early`.
    pub own_margin: f32,
}

impl Default for Growth {
    fn default() -> Self {
        Self {
            range: 1.0,
            iterations: 1_000_000,
            nodes: 100_000,
            skip: 0,
            domain: 4.0,
            domain_change: 1e-4,
            domain_least: 1.0,
            margin: 0.5,
            widening: 0.002,
            early: 32,
            own_margin: 1.0,
        }
    }
}

/// Distance between configurations of `n` joints.
#[inline]
#[must_use]
pub fn distance(a: &Config, b: &Config, n: usize) -> f32 {
    let mut squares = 0.0;
    for j in 0..n {
        squares += (b[j] - a[j]) * (b[j] - a[j]);
    }
    root(squares)
}

/// Square root in single precision; rounded twice, it is the rounded root.
#[inline]
#[must_use]
pub fn root(x: f32) -> f32 {
    real::sqrt(f64::from(x)) as f32
}

/// The configuration `share` of the way from `a` to `b`.
#[inline]
#[must_use]
pub fn between(a: &Config, b: &Config, share: f32) -> Config {
    let mut q = [0.0; MOST_JOINTS];
    for j in 0..MOST_JOINTS {
        q[j] = a[j] + (b[j] - a[j]) * share;
    }
    q
}

/// From `a` to `b` or back, wider by `margin`, within `limits`; all of them where a number is none.
fn widened(a: f32, b: f32, margin: f32, limits: [f64; 2]) -> [f64; 2] {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let (low, high) = (f64::from(low - margin), f64::from(high + margin));
    [if low > limits[0] { low } else { limits[0] }, if high < limits[1] { high } else { limits[1] }]
}

/// Work space of a search.
#[derive(Clone, Debug, Default)]
pub struct Trees {
    pub(super) trees: [Tree; 2],
    half: Vec<Config>,
}

impl Trees {
    /// Leaves nothing but both ends, `n` joints each.
    pub(super) fn plant(&mut self, ends: [&Config; 2], n: usize) {
        for (tree, root) in self.trees.iter_mut().zip(ends) {
            tree.clear(n);
            tree.add(root, ROOT);
        }
    }

    /// Writes a path from `start` to `goal` into `path`, both included and taken to be free; gives the samples drawn and
    /// whether a path was found.
    pub fn connect(
        &mut self,
        checker: &mut Checker,
        start: &Config,
        goal: &Config,
        growth: &Growth,
        path: &mut Vec<Config>,
    ) -> (u32, bool) {
        path.clear();
        let robot = checker.robot;
        let n = robot.len();
        self.plant([start, goal], n);
        let mut samples = [Halton::new(growth.skip), Halton::new(growth.skip)];
        let mut grows = 1;
        for iteration in 1..=growth.iterations {
            let other = 1 - grows;
            if self.trees[other].len() <= self.trees[grows].len() {
                grows = other;
            }
            let own = iteration > growth.early && !iteration.is_multiple_of(4);
            let margin = if own { growth.own_margin } else { growth.margin + growth.widening * iteration as f32 };
            let mut sample = [0.0; MOST_JOINTS];
            for j in 0..n {
                let tree = &self.trees[grows];
                let (a, b) = if own { (tree.low[j], tree.high[j]) } else { (start[j], goal[j]) };
                let [low, high] = widened(a, b, margin, [robot.low[j], robot.high[j]]);
                sample[j] = (low + (high - low) * samples[usize::from(own)].next(j)) as f32;
            }
            let [a, b] = &mut self.trees;
            let (tree, other) = if grows == 0 { (a, b) } else { (b, a) };
            let (near, squared) = tree.nearest(&sample);
            let radius = tree.radii[near as usize];
            if radius * radius < squared {
                continue;
            }
            let from = tree.get(near);
            let way = root(squared);
            let new = if way > growth.range { between(&from, &sample, growth.range / way) } else { sample };
            if !checker.edge_free(&from, &new) {
                let shrunk = radius * (1.0 - growth.domain_change);
                let least = if shrunk > growth.domain_least { shrunk } else { growth.domain_least };
                tree.radii[near as usize] = if radius == f32::INFINITY { growth.domain } else { least };
                continue;
            }
            // Infinity stays infinity.
            tree.radii[near as usize] = radius * (1.0 + growth.domain_change);
            let node = tree.add(&new, near);
            let (target, _) = other.nearest(&new);
            if self.join(checker, grows, node, target, growth, path) {
                return (iteration, true);
            }
            if self.trees[0].len() + self.trees[1].len() >= growth.nodes as usize {
                return (iteration, false);
            }
        }
        (growth.iterations, false)
    }

    /// From `node` of the tree that grows straight on to `target` of the other, adding nodes on the way; true if it arrived, and
    /// then the path from the first tree's root to the second's is written.
    pub(super) fn join(
        &mut self,
        checker: &mut Checker,
        grows: usize,
        mut node: u32,
        target: u32,
        growth: &Growth,
        path: &mut Vec<Config>,
    ) -> bool {
        let n = checker.robot.len();
        let (new, to) = (self.trees[grows].get(node), self.trees[1 - grows].get(target));
        let tree = &mut self.trees[grows];
        let pieces = real::max(real::ceil(f64::from(distance(&new, &to, n) / growth.range)), 1.0) as u32;
        let mut last = new;
        for k in 1..=pieces {
            let next = if k == pieces { to } else { between(&new, &to, k as f32 / pieces as f32) };
            if tree.len() >= growth.nodes as usize || !checker.edge_free(&last, &next) {
                return false;
            }
            if k < pieces {
                node = tree.add(&next, node);
                last = next;
            }
        }
        let (first, second) = if grows == 0 { (node, target) } else { (target, node) };
        path.clear();
        self.trees[0].back(first, path);
        path.reverse();
        self.half.clear();
        self.trees[1].back(second, &mut self.half);
        path.extend_from_slice(&self.half);
        true
    }
}
