//! The answer's last digits: residuals in the program's own numbers, and the steps that shrink them.

use super::kernel::dot;
use super::solve::Workspace;
use super::{Answer, Options, Part, Qp, QpError, Residual};
use leitai_math::real;

/// Stationarity beyond this part of its largest term is worth a refining step.
const WORTH: f64 = 1e-12;
const REFINEMENTS: usize = 3;

impl Workspace {
    /// Refines x and the multipliers on the working set, measures them, and writes the multipliers out.
    pub(super) fn finish(&mut self, qp: &Qp, options: &Options) -> Result<Answer, QpError> {
        let n = qp.g.len();
        let (mut stationarity, mut size) = self.stationarity(qp);
        let mut off = self.distance_of_held(qp);
        for _ in 0..REFINEMENTS {
            let good = stationarity <= WORTH * size && off <= 0.02 * options.tolerance;
            if good || !stationarity.is_finite() {
                break;
            }
            let before = (stationarity, off);
            self.refine(qp);
            (stationarity, size) = self.stationarity(qp);
            off = self.distance_of_held(qp);
            if stationarity >= before.0 && off >= before.1 {
                break;
            }
        }
        // The objective in the true Hessian; `spare` holds the gradient there after this.
        self.factor.multiply(qp.h, &self.x, &mut self.spare);
        let objective = 0.5 * dot(&self.x[..n], &self.spare[..n]) + dot(qp.g, &self.x[..n]);
        if self.ridge > 0.0 {
            for k in 0..n {
                self.spare[k] += qp.g[k];
            }
            for j in 0..self.set.len() {
                self.rows.add_to(qp, self.set.rows[j], -self.set.lambda[j], &mut self.spare);
            }
            stationarity = largest(&self.spare[..n]);
        }
        if !objective.is_finite() || !stationarity.is_finite() || !self.x[..n].iter().all(|x| x.is_finite()) {
            return Err(QpError::NotFinite(Part::Gradient));
        }
        self.multipliers[..self.rows.count].fill(0.0);
        let mut sign = 0.0;
        for j in 0..self.set.len() {
            self.multipliers[self.set.rows[j]] = -self.set.lambda[j];
            sign = real::max(sign, -self.set.side[j] * self.set.lambda[j]);
        }
        let feasibility = real::max(off, self.violation_of_others(qp));
        let residual = Residual { stationarity, feasibility, sign };
        Ok(Answer { objective, iterations: 0, held: self.set.len(), ridge: self.ridge, residual })
    }

    /// Puts H·x + ρ·x + gradient − Σ λ·c into `spare`; gives its largest entry and the largest of its terms.
    fn stationarity(&mut self, qp: &Qp) -> (f64, f64) {
        let n = qp.g.len();
        self.factor.multiply(qp.h, &self.x, &mut self.spare);
        let mut size = 0.0;
        for k in 0..n {
            size = real::max(size, real::max(real::abs(self.spare[k]), real::abs(self.gradient[k])));
            self.spare[k] += self.ridge * self.x[k] + self.gradient[k];
        }
        for j in 0..self.set.len() {
            self.rows.add_to(qp, self.set.rows[j], -self.set.lambda[j], &mut self.spare);
        }
        (largest(&self.spare[..n]), size)
    }

    fn bound(&self, j: usize) -> f64 {
        let i = self.set.rows[j];
        if self.set.side[j] < 0.0 { self.rows.high[i] } else { self.rows.low[i] }
    }

    fn distance_of_held(&self, qp: &Qp) -> f64 {
        (0..self.set.len())
            .fold(0.0, |most, j| real::max(most, real::abs(self.bound(j) - self.rows.value(qp, self.set.rows[j], &self.x))))
    }

    /// One step of iterative refinement on the rows held; the residual of stationarity is in `spare`.
    fn refine(&mut self, qp: &Qp) {
        let n = qp.g.len();
        for j in 0..self.set.len() {
            self.target[j] = self.bound(j) - self.rows.value(qp, self.set.rows[j], &self.x);
        }
        for k in 0..n {
            self.y0[k] = -self.spare[k];
        }
        self.factor.forward(&mut self.y0[..n], 0);
        self.set.settle(&self.y0[..n], &mut self.target, &mut self.y[..n]);
        self.factor.backward(&mut self.y[..n]);
        self.way += real::sqrt(dot(&self.y[..n], &self.y[..n])) * (1.0 + 1e-12);
        for k in 0..n {
            self.x[k] += self.y[k];
        }
        for j in 0..self.set.len() {
            self.set.lambda[j] += self.target[j];
        }
    }

    /// Largest violation of rows that are not held; what is far from its bounds since its last look is not looked at.
    fn violation_of_others(&self, qp: &Qp) -> f64 {
        let mut most = 0.0;
        for i in 0..self.rows.count {
            if self.held[i] || self.is_far(i) {
                continue;
            }
            let value = self.rows.value(qp, i, &self.x);
            most = real::max(most, real::max(self.rows.low[i] - value, value - self.rows.high[i]));
        }
        most
    }
}

fn largest(x: &[f64]) -> f64 {
    // NaN must not be lost in a comparison.
    x.iter().fold(0.0, |most, x| if real::abs(*x) > most || x.is_nan() { real::abs(*x) } else { most })
}
