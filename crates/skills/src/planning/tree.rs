//! A tree of configurations that finds the one nearest to another.
//!
//! Eight configurations stand side by side, and all are looked at: up to some thousands that is faster than any structure that
//! would spare some of them. Every node knows its cost, the length of the way to it from the root.

use super::check::Config;
use super::connect::distance;
use super::lanes::{Lanes, WIDTH};
use super::model::MOST_JOINTS;
use alloc::vec::Vec;

/// No parent.
pub const ROOT: u32 = u32::MAX;

/// Configurations with their parents.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    joints: usize,
    /// For each eight nodes, a row of lanes for each joint, and one of costs.
    rows: Vec<Lanes>,
    parents: Vec<u32>,
    /// Samples farther than this are not for this node (Yershova et al., ICRA 2005).
    pub radii: Vec<f32>,
    /// The box of all nodes: its lowest corner.
    pub low: Config,
    /// Its highest corner.
    pub high: Config,
}

impl Tree {
    /// Forgets all nodes; from now on, configurations of `joints` coordinates.
    pub fn clear(&mut self, joints: usize) {
        self.joints = joints;
        self.rows.clear();
        self.parents.clear();
        self.radii.clear();
        self.low = [f32::INFINITY; MOST_JOINTS];
        self.high = [f32::NEG_INFINITY; MOST_JOINTS];
    }
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// Adds a node and gives its number.
    pub fn add(&mut self, q: &Config, parent: u32) -> u32 {
        let number = self.len();
        if number.is_multiple_of(WIDTH) {
            // Nobody is near to what is far away.
            self.rows.resize(self.rows.len() + self.joints + 1, [1e18; WIDTH]);
        }
        let first = number / WIDTH * (self.joints + 1);
        for j in 0..self.joints {
            self.rows[first + j][number % WIDTH] = q[j];
            self.low[j] = if q[j] < self.low[j] { q[j] } else { self.low[j] };
            self.high[j] = if q[j] > self.high[j] { q[j] } else { self.high[j] };
        }
        let cost = if parent == ROOT { 0.0 } else { self.cost(parent) + distance(&self.get(parent), q, self.joints) };
        self.rows[first + self.joints][number % WIDTH] = cost;
        self.parents.push(parent);
        self.radii.push(f32::INFINITY);
        number as u32
    }

    /// The configuration of a node.
    pub fn get(&self, node: u32) -> Config {
        let (row, lane) = (node as usize / WIDTH * (self.joints + 1), node as usize % WIDTH);
        let mut q = [0.0; MOST_JOINTS];
        for j in 0..self.joints {
            q[j] = self.rows[row + j][lane];
        }
        q
    }

    /// Length of the way from the root to a node.
    pub fn cost(&self, node: u32) -> f32 {
        self.rows[node as usize / WIDTH * (self.joints + 1) + self.joints][node as usize % WIDTH]
    }

    /// The node nearest to `q`, the first of several, and the square of its distance. The tree must not be empty.
    pub fn nearest(&self, q: &Config) -> (u32, f32) {
        self.pick::<false>(q, 0.0)
    }

    /// The node nearest to `q` of those over which `q` is reached at a cost of at most `most`, and the square of its distance.
    pub fn nearest_within(&self, q: &Config, most: f32) -> Option<(u32, f32)> {
        let (node, squared) = self.pick::<true>(q, most);
        (squared < f32::INFINITY).then_some((node, squared))
    }

    #[inline(always)]
    fn pick<const WITHIN: bool>(&self, q: &Config, most: f32) -> (u32, f32) {
        let (mut least, mut where_least) = ([f32::INFINITY; WIDTH], [0_u32; WIDTH]);
        for (k, rows) in self.rows.chunks_exact(self.joints + 1).enumerate() {
            let mut sum = [0.0; WIDTH];
            for (row, q) in rows[..self.joints].iter().zip(q) {
                for l in 0..WIDTH {
                    let way = row[l] - q;
                    sum[l] += way * way;
                }
            }
            if WITHIN {
                let costs = &rows[self.joints];
                for l in 0..WIDTH {
                    let room = most - costs[l];
                    let reached = (room >= 0.0) & (sum[l] <= room * room);
                    sum[l] = if reached { sum[l] } else { f32::INFINITY };
                }
            }
            for l in 0..WIDTH {
                where_least[l] = if sum[l] < least[l] { k as u32 } else { where_least[l] };
                least[l] = if sum[l] < least[l] { sum[l] } else { least[l] };
            }
        }
        let number = |l: usize| where_least[l] * WIDTH as u32 + l as u32;
        let mut best = 0;
        for l in 1..WIDTH {
            if least[l] < least[best] || (least[l] == least[best] && number(l) < number(best)) {
                best = l;
            }
        }
        (number(best), least[best])
    }

    /// Appends a node and its ancestors up to the root.
    pub fn back(&self, mut node: u32, out: &mut Vec<Config>) {
        while node != ROOT {
            out.push(self.get(node));
            node = self.parents[node as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// Against looking at one after the other.
    #[test]
    fn the_nearest_is_nearest() {
        let mut draw = Seed::from_number(3).stream("nodes");
        let mut any = || {
            let mut q = [0.0; MOST_JOINTS];
            q[..5].fill_with(|| draw.uniform(-2.0, 2.0) as f32);
            q
        };
        let (mut tree, mut all) = (Tree::default(), Vec::new());
        tree.clear(5);
        for k in 0..300 {
            let q = any();
            assert_eq!(tree.add(&q, if k == 0 { ROOT } else { k / 2 }), k);
            all.push(q);
            let to = any();
            let square = |q: &Config| (0..5).map(|j| (q[j] - to[j]) * (q[j] - to[j])).fold(0.0, |a, b| a + b);
            let mut best = 0;
            for i in 1..all.len() {
                if square(&all[i]) < square(&all[best]) {
                    best = i;
                }
            }
            assert_eq!(tree.nearest(&to), (best as u32, square(&all[best])));
        }
        for j in 0..5 {
            let corner = |pick: fn(f32, f32) -> f32| all.iter().map(|q| q[j]).reduce(pick);
            assert_eq!((Some(tree.low[j]), Some(tree.high[j])), (corner(f32::min), corner(f32::max)));
        }
        let mut path = Vec::new();
        tree.back(5, &mut path);
        assert_eq!(path, [all[5], all[2], all[1], all[0]]);
    }
}
