//! From a jagged path to a short one.
//!
//! First way-points are left out wherever the straight line between two others is free. Then corners are cut: a way-point moves
//! between the middles of its edges as long as both new edges are free. Both are repeated while they change something.

use super::check::{Checker, Config};
use super::connect::{between, distance};
use alloc::vec::Vec;

/// How hard to shorten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortening {
    /// Rounds of leaving out and cutting.
    pub rounds: u32,
    /// Halvings of edges in a round.
    pub halvings: u32,
    /// Corners that would move less are left.
    pub least_move: f32,
}

impl Default for Shortening {
    fn default() -> Self {
        Self { rounds: 3, halvings: 2, least_move: 0.1 }
    }
}

/// Length of a path of configurations of `n` joints.
#[must_use]
pub fn length(path: &[Config], n: usize) -> f32 {
    path.windows(2).fold(0.0, |sum, w| sum + distance(&w[0], &w[1], n))
}

/// Shortens `path`, whose ends stay; every edge is free before and after.
pub fn shorten(checker: &mut Checker, path: &mut Vec<Config>, work: &mut Vec<Config>, how: &Shortening) {
    for _ in 0..how.rounds {
        let left_out = leave_out(checker, path);
        let cut = cut_corners(checker, path, work, how);
        if !left_out && !cut {
            break;
        }
    }
}

/// From each way-point in turn, straight on to the farthest one that can be reached.
fn leave_out(checker: &mut Checker, path: &mut Vec<Config>) -> bool {
    let mut changed = false;
    let mut i = 0;
    while i + 2 < path.len() {
        let reached = (i + 2..path.len()).rev().find(|&j| checker.edge_free(&path[i], &path[j]));
        if let Some(j) = reached {
            path.drain(i + 1..j);
            changed = true;
        }
        i += 1;
    }
    changed
}

fn cut_corners(checker: &mut Checker, path: &mut Vec<Config>, work: &mut Vec<Config>, how: &Shortening) -> bool {
    let n = checker.robot.len();
    let mut changed = false;
    for _ in 0..how.halvings {
        if path.len() < 3 {
            break;
        }
        work.clear();
        for w in path.windows(2) {
            work.push(w[0]);
            work.push(between(&w[0], &w[1], 0.5));
        }
        work.extend(path.last());
        core::mem::swap(path, work);
        let mut moved = false;
        for k in (2..path.len() - 1).step_by(2) {
            let before = between(&path[k - 1], &path[k], 0.5);
            let after = between(&path[k], &path[k + 1], 0.5);
            let middle = between(&before, &after, 0.5);
            if distance(&path[k], &middle, n) > how.least_move
                && checker.edge_free(&path[k - 1], &middle)
                && checker.edge_free(&middle, &path[k + 1])
            {
                path[k] = middle;
                moved = true;
            }
        }
        changed |= moved;
        if !moved {
            break;
        }
    }
    changed
}
