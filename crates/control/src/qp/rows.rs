//! The rows of a program under one numbering: equalities, then inequalities, then bounds of variables.

use super::kernel::{dot, support};
use super::{Part, Qp, QpError, Row};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// What is known of each row: where it is not zero, how long it is, between which values it lies.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    n: usize,
    equalities: usize,
    inequalities: usize,
    pub(super) count: usize,
    pub(super) reach: Vec<(usize, usize)>,
    pub(super) norm: Vec<f64>,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
}

impl Rows {
    pub(super) fn new(most: usize) -> Self {
        Self {
            n: 0,
            equalities: 0,
            inequalities: 0,
            count: 0,
            reach: vec![(0, 0); most],
            norm: vec![0.0; most],
            low: vec![0.0; most],
            high: vec![0.0; most],
        }
    }

    /// Reads the sides of every row and, unless the matrices are the last solve's, the rows.
    pub(super) fn load(&mut self, qp: &Qp, same_matrices: bool) -> Result<(), QpError> {
        let n = qp.g.len();
        let (p, m) = (qp.b.len(), qp.l.len());
        (self.n, self.equalities, self.inequalities) = (n, p, m);
        self.count = p + m + qp.low.len();
        self.low[..p].copy_from_slice(qp.b);
        self.high[..p].copy_from_slice(qp.b);
        self.low[p..p + m].copy_from_slice(qp.l);
        self.high[p..p + m].copy_from_slice(qp.u);
        self.low[p + m..self.count].copy_from_slice(qp.low);
        self.high[p + m..self.count].copy_from_slice(qp.high);
        for i in 0..self.count {
            if !same_matrices {
                (self.reach[i], self.norm[i]) = if i < p + m {
                    let row = self.dense(qp, i);
                    let (start, end) = support(row);
                    ((start, end), real::sqrt(dot(&row[start..end], &row[start..end])))
                } else {
                    ((i - p - m, i - p - m + 1), 1.0)
                };
            }
            let (low, high) = (self.low[i], self.high[i]);
            let lost = low.is_nan() || high.is_nan() || low == f64::INFINITY || high == f64::NEG_INFINITY;
            if lost || !self.norm[i].is_finite() || (i < p && !low.is_finite()) {
                return Err(QpError::NotFinite(Part::Row(self.name(i))));
            }
            if low > high {
                return Err(QpError::Crossed(self.name(i)));
            }
        }
        Ok(())
    }

    /// What row `i` is called outside.
    pub(super) fn name(&self, i: usize) -> Row {
        if i < self.equalities {
            Row::Equality(i)
        } else if i < self.equalities + self.inequalities {
            Row::Inequality(i - self.equalities)
        } else {
            Row::Bound(i - self.equalities - self.inequalities)
        }
    }

    fn dense<'a>(&self, qp: &Qp<'a>, i: usize) -> &'a [f64] {
        let n = self.n;
        match self.name(i) {
            Row::Equality(k) => &qp.a[k * n..(k + 1) * n],
            Row::Inequality(k) => &qp.c[k * n..(k + 1) * n],
            Row::Bound(_) => unreachable!("a bound has no dense row"),
        }
    }

    /// Whether both sides of row `i` are the same number.
    pub(super) fn is_equality(&self, i: usize) -> bool {
        self.low[i] == self.high[i]
    }

    /// cᵢ·x.
    pub(super) fn value(&self, qp: &Qp, i: usize, x: &[f64]) -> f64 {
        let (start, end) = self.reach[i];
        if i >= self.equalities + self.inequalities {
            return x[start];
        }
        dot(&self.dense(qp, i)[start..end], &x[start..end])
    }

    /// out += s·cᵢ.
    pub(super) fn add_to(&self, qp: &Qp, i: usize, s: f64, out: &mut [f64]) {
        let (start, end) = self.reach[i];
        if i >= self.equalities + self.inequalities {
            out[start] += s;
            return;
        }
        super::kernel::add_scaled(&mut out[start..end], s, &self.dense(qp, i)[start..end]);
    }

    /// out = cᵢ.
    pub(super) fn copy_to(&self, qp: &Qp, i: usize, out: &mut [f64]) {
        out[..self.n].fill(0.0);
        let (start, end) = self.reach[i];
        if i >= self.equalities + self.inequalities {
            out[start] = 1.0;
            return;
        }
        out[start..end].copy_from_slice(&self.dense(qp, i)[start..end]);
    }
}
