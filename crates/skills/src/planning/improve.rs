//! Shorter and shorter paths: RRT-Connect again, in the space of configurations and costs (AORRTC, Wilson, Thomason, Kingston, Kavraki
//! & Gammell, IEEE RA-L 2025, after AO-x, Hauser & Zhou, IEEE T-RO 2016).
//!
//! Every run must beat the best path known. A sample is a configuration that some shorter path goes through, which all lie in an
//! ellipsoid about both ends (informed sampling, Gammell, Srinivasa & Barfoot, IROS 2014), and the most that reaching it may cost; it
//! grows the nearest node that keeps to that. Trees are joined only where the whole path would be shorter. Each run's chance to find a
//! path shorter by some share stays above zero, so with more and more samples the length tends to the shortest there is.

use super::check::{Checker, Config};
use super::connect::{Growth, Trees, between, distance, root};
use super::halton::Halton;
use super::model::MOST_JOINTS;
use alloc::vec::Vec;

/// Configurations over which a path from `start` to `goal` may be as short as `most`.
struct Informed {
    middle: Config,
    /// Unit direction from start to goal.
    axis: Config,
    /// Half length along the axis, and half width across it.
    half: [f32; 2],
}

impl Informed {
    fn new(start: &Config, goal: &Config, most: f32, n: usize) -> Self {
        let straight = distance(start, goal, n);
        let mut axis = [0.0; MOST_JOINTS];
        for j in 0..n {
            axis[j] = if straight > 0.0 { (goal[j] - start[j]) / straight } else { 0.0 };
        }
        let across = most * most - straight * straight;
        let half = [0.5 * most, 0.5 * root(if across > 0.0 { across } else { 0.0 })];
        Self { middle: between(start, goal, 0.5), axis, half }
    }

    /// The point of the ellipsoid for a point of the cube from -1 to 1: the cube shrinks to the ball, the ball stretches along the axis.
    fn place(&self, cube: &Config, n: usize) -> Config {
        let (mut squares, mut most) = (0.0, 0.0);
        for x in &cube[..n] {
            let size = if *x < 0.0 { -x } else { *x };
            squares += x * x;
            most = if size > most { size } else { most };
        }
        let shrink = if squares > 0.0 { most / root(squares) } else { 0.0 };
        let along = (0..n).fold(0.0, |sum, j| sum + cube[j] * self.axis[j]) * shrink;
        let mut q = [0.0; MOST_JOINTS];
        for j in 0..n {
            q[j] = self.middle[j] + self.half[1] * (cube[j] * shrink) + (self.half[0] - self.half[1]) * along * self.axis[j];
        }
        q
    }
}

impl Trees {
    /// Writes a path from `start` to `goal` that is shorter than `bound` into `path`; gives the samples drawn and whether one was
    /// found. Both ends are taken to be free.
    pub fn improve(
        &mut self,
        checker: &mut Checker,
        [start, goal]: &[Config; 2],
        bound: f32,
        growth: &Growth,
        path: &mut Vec<Config>,
    ) -> (u32, bool) {
        path.clear();
        let robot = checker.robot;
        let n = robot.len();
        self.plant([start, goal], n);
        let informed = Informed::new(start, goal, bound, n);
        let mut samples = Halton::new(growth.skip);
        let mut grows = 1;
        for iteration in 1..=growth.iterations {
            if self.trees[1 - grows].len() <= self.trees[grows].len() {
                grows = 1 - grows;
            }
            let mut cube = [0.0; MOST_JOINTS];
            for (j, x) in cube[..n].iter_mut().enumerate() {
                *x = (2.0 * samples.next(j) - 1.0) as f32;
            }
            let share = samples.next(n) as f32;
            let sample = informed.place(&cube, n);
            if !(0..n).all(|j| f64::from(sample[j]) >= robot.low[j] && f64::from(sample[j]) <= robot.high[j]) {
                continue;
            }
            let (here, there) = if grows == 0 { (start, goal) } else { (goal, start) };
            let least = distance(here, &sample, n);
            let most = bound - distance(&sample, there, n);
            let Some((near, squared)) = self.trees[grows].nearest_within(&sample, least + (most - least) * share) else {
                continue;
            };
            let from = self.trees[grows].get(near);
            let way = root(squared);
            let new = if way > growth.range { between(&from, &sample, growth.range / way) } else { sample };
            if !checker.edge_free(&from, &new) {
                continue;
            }
            let node = self.trees[grows].add(&new, near);
            let rest = bound - self.trees[grows].cost(node);
            if let Some((target, _)) = self.trees[1 - grows].nearest_within(&new, rest)
                && self.join(checker, grows, node, target, growth, path)
            {
                return (iteration, true);
            }
            if self.trees[0].len() + self.trees[1].len() >= growth.nodes as usize {
                return (iteration, false);
            }
        }
        (growth.iterations, false)
    }
}
