//! The first working set: from nothing, from the last answer's rows, or the last one itself.

use super::solve::{DEPENDENT, Workspace};
use super::{Options, Qp, QpError, Start};
use leitai_math::real;

impl Workspace {
    /// Makes the first working set: every equality, and the rows of the last solve if they are wanted.
    pub(super) fn begin(&mut self, qp: &Qp, start: Start, options: &Options) -> Result<(), QpError> {
        let count = self.rows.count;
        self.way = 0.0;
        self.x_norm = 0.0;
        self.until[..count].fill(0.0);
        self.implied[..count].fill(false);
        for i in 0..count {
            if self.rows.norm[i] == 0.0 {
                let gap = real::max(self.rows.low[i], -self.rows.high[i]);
                if gap > options.tolerance {
                    return Err(self.infeasible(i, 0));
                }
                self.implied[i] = true;
            }
        }
        self.before.clear();
        if start == Start::SameMatrices {
            self.reconcile();
        } else {
            if start == Start::Warm {
                self.remember();
            }
            self.hold(qp);
        }
        if self.set.len() > 0 {
            self.settle();
            self.mend_signs();
        }
        let mut added = false;
        for i in 0..count {
            if self.rows.is_equality(i) && !self.held[i] && !self.implied[i] {
                let value = self.take_value(qp, i);
                let sign = if self.rows.low[i] >= value { 1.0 } else { -1.0 };
                self.take(qp, i, 0.0, sign, options)?;
                added = true;
            }
        }
        if added {
            self.settle();
            self.mend_signs();
        }
        Ok(())
    }

    /// Lists in `before` the held inequalities that can still be held.
    pub(super) fn remember(&mut self) {
        self.before.clear();
        for k in 0..self.set.len() {
            let (i, side) = (self.set.rows[k], self.set.side[k]);
            let bound = if side > 0.0 { self.rows.low[i] } else { self.rows.high[i] };
            if side != 0.0 && bound.is_finite() && !self.rows.is_equality(i) && !self.implied[i] {
                self.before.push((i, side));
            }
        }
    }

    /// Makes the working set from every equality and the rows in `before`, the rows with the shortest reach first, so that the
    /// basis stays sparse. Rows that depend on those before them are left out.
    pub(super) fn hold(&mut self, qp: &Qp) {
        let (n, count) = (self.variables, self.rows.count);
        self.set.clear(n);
        self.held[..count].fill(false);
        for i in 0..count {
            if self.rows.is_equality(i) && !self.implied[i] {
                self.before.push((i, 0.0));
            }
        }
        let reach = &self.rows.reach;
        self.before.sort_unstable_by_key(|&(i, _)| (n - reach[i].0, i));
        for k in 0..self.before.len() {
            let (i, side) = self.before[k];
            if self.set.len() >= n {
                break;
            }
            self.load_row(qp, i);
            let (whole, left) = self.split(i);
            if left > DEPENDENT * whole {
                self.set.push(i, side, 0.0, &self.d, &self.z[..n], left);
                self.held[i] = true;
            }
        }
    }

    /// Fits the kept working set to sides that may have moved, vanished or met.
    fn reconcile(&mut self) {
        let mut k = 0;
        while k < self.set.len() {
            let i = self.set.rows[k];
            if self.rows.is_equality(i) {
                self.set.side[k] = 0.0;
            } else {
                if self.set.side[k] == 0.0 {
                    self.set.side[k] = if self.set.lambda[k] >= 0.0 { 1.0 } else { -1.0 };
                }
                let bound = if self.set.side[k] > 0.0 { self.rows.low[i] } else { self.rows.high[i] };
                if !bound.is_finite() {
                    self.let_go(k);
                    continue;
                }
            }
            k += 1;
        }
    }
}
