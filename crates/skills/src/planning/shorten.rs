//! From a jagged path to a short one, with checks only where they can gain length.
//!
//! First way-points are left out wherever the straight line between two others is free and shorter by enough. Then corners are cut,
//! always where most is to be gained: a straight line joins points on both edges of a corner, as far out as the shorter one reaches or
//! some halvings of that; or, to pull a path taut, the far end of one edge and a point on the other.

use super::check::{Checker, Config};
use super::connect::{between, distance};
use alloc::vec::Vec;

/// How hard to shorten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortening {
    /// Rounds of leaving out and cutting.
    pub rounds: u32,
    /// Straight lines to try in a round of cutting.
    pub cuts: u32,
    /// Lines that would gain less are not tried.
    pub least_gain: f32,
    /// Lines from the far end of an edge are tried, too.
    pub taut: bool,
}

/// Lines that cut a corner: equally far out on both edges, then from either end.
const EQUAL: u32 = 4;
const LINES: u32 = 10;

impl Default for Shortening {
    fn default() -> Self {
        Self { rounds: 2, cuts: 100, least_gain: 0.02, taut: false }
    }
}

/// Length of a path of configurations of `n` joints.
#[must_use]
pub fn length(path: &[Config], n: usize) -> f32 {
    path.windows(2).fold(0.0, |sum, w| sum + distance(&w[0], &w[1], n))
}

/// Work space of shortening.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    /// For each way-point.
    corners: Vec<Corner>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Corner {
    /// Length of the edge before it.
    before: f32,
    /// A bit for each line that was tried.
    tried: u32,
    /// The line to try next, and what it would gain.
    line: u32,
    gain: f32,
}

impl Cutter {
    /// Shortens `path`, whose ends stay; every edge is free before and after.
    pub fn shorten(&mut self, checker: &mut Checker, path: &mut Vec<Config>, how: &Shortening) {
        for round in 0..how.rounds {
            let left_out = self.leave_out(checker, path, how);
            if round > 0 && !left_out {
                break;
            }
            if !self.cut(checker, path, how) {
                break;
            }
        }
    }

    /// From each way-point in turn, straight on to the farthest one that can be reached.
    fn leave_out(&mut self, checker: &mut Checker, path: &mut Vec<Config>, how: &Shortening) -> bool {
        let n = checker.robot.len();
        let mut changed = false;
        let mut i = 0;
        while i + 2 < path.len() {
            let mut along = length(&path[i..], n);
            let mut j = path.len() - 1;
            while j > i + 1 {
                if along - distance(&path[i], &path[j], n) > how.least_gain && checker.edge_free(&path[i], &path[j]) {
                    path.drain(i + 1..j);
                    changed = true;
                    break;
                }
                along -= distance(&path[j - 1], &path[j], n);
                j -= 1;
            }
            i += 1;
        }
        changed
    }

    fn cut(&mut self, checker: &mut Checker, path: &mut Vec<Config>, how: &Shortening) -> bool {
        let n = checker.robot.len();
        self.corners.clear();
        for k in 0..path.len() {
            let before = if k == 0 { 0.0 } else { distance(&path[k - 1], &path[k], n) };
            self.corners.push(Corner { before, ..Corner::default() });
        }
        for k in 1..path.len() - 1 {
            self.weigh(path, k, how, n);
        }
        let mut changed = false;
        for _ in 0..how.cuts {
            let mut k = 0;
            for c in 1..path.len() - 1 {
                if self.corners[c].gain > self.corners[k].gain {
                    k = c;
                }
            }
            let worth = self.corners[k].gain > how.least_gain;
            if k == 0 || !worth {
                break;
            }
            let (a, b) = self.line(path, k, self.corners[k].line);
            if checker.edge_free(&a, &b) {
                changed = true;
                self.replace(path, k, a, b, how, n);
            } else {
                self.corners[k].tried |= 1 << self.corners[k].line;
                self.weigh(path, k, how, n);
            }
        }
        changed
    }

    /// Where a line that cuts a corner starts and ends.
    fn line(&self, path: &[Config], k: usize, line: u32) -> (Config, Config) {
        let (before, after) = (self.corners[k].before, self.corners[k + 1].before);
        let halved = |x: f32, times: u32| x / (1 << times) as f32;
        let (a, b) = if line < EQUAL {
            let out = halved(if before < after { before } else { after }, line);
            (out, out)
        } else {
            let times = (line - EQUAL) / 2 + 1;
            if line.is_multiple_of(2) { (before, halved(after, times)) } else { (halved(before, times), after) }
        };
        let on = |end: &Config, out: f32, whole: f32| if out >= whole { *end } else { between(&path[k], end, out / whole) };
        (on(&path[k - 1], a, before), on(&path[k + 1], b, after))
    }

    /// Finds the line that would gain most of those not tried.
    fn weigh(&mut self, path: &[Config], k: usize, how: &Shortening, n: usize) {
        let mut corner = Corner { gain: 0.0, ..self.corners[k] };
        for line in (0..if how.taut { LINES } else { EQUAL }).filter(|line| corner.tried >> line & 1 == 0) {
            let (a, b) = self.line(path, k, line);
            let gain = distance(&a, &path[k], n) + distance(&path[k], &b, n) - distance(&a, &b, n);
            if gain > corner.gain {
                (corner.line, corner.gain) = (line, gain);
            }
            // Of equal lines, the longer gains more.
            if line < EQUAL && !how.taut {
                break;
            }
        }
        self.corners[k] = corner;
    }

    /// Puts a line in place of a corner.
    fn replace(&mut self, path: &mut Vec<Config>, k: usize, a: Config, b: Config, how: &Shortening, n: usize) {
        let (first, last) = (a == path[k - 1], b == path[k + 1]);
        match (first, last) {
            (true, true) => {
                path.remove(k);
                self.corners.remove(k);
            }
            (true, false) => path[k] = b,
            (false, true) => path[k] = a,
            (false, false) => {
                path[k] = a;
                path.insert(k + 1, b);
                self.corners.insert(k + 1, Corner::default());
            }
        }
        let low = if k > 1 { k - 1 } else { 1 };
        let high = if k + 2 < path.len() { k + 2 } else { path.len() - 1 };
        for c in low..=high {
            self.corners[c].before = distance(&path[c - 1], &path[c], n);
        }
        for c in low..high {
            self.corners[c].tried = 0;
            self.weigh(path, c, how, n);
        }
    }
}
