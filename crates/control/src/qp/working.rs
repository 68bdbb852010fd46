//! The working set: the rows held at a bound, as an orthonormal basis.
//!
//! With M the held rows in the coordinates y = U·x, Mᵀ = Qᵀ·R: the rows of Q are orthonormal and R is upper triangular. Rows come
//! by the Gram–Schmidt process, a second time where the first cancels (Daniel, Gragg, Kaufman & Stewart 1976), and go by
//! plane rotations. The squared matrix M·Mᵀ is never formed, so nearly dependent rows keep their digits.

use super::kernel::{add_scaled, dot, subtract_four, support};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// A remainder below this part of its row has lost digits worth a second projection.
pub(super) const CANCELLED: f64 = 0.1;

#[derive(Clone, Debug)]
pub(super) struct WorkingSet {
    n: usize,
    /// Held rows, in the order of R's columns.
    pub(super) rows: Vec<usize>,
    /// 1: held at the lower bound, −1: at the upper, 0: an equality.
    pub(super) side: Vec<f64>,
    /// Multipliers λ in H·x + g = Σ λⱼ·cⱼ.
    pub(super) lambda: Vec<f64>,
    q: Vec<f64>,
    /// Where a row of Q is not zero.
    reach: Vec<(usize, usize)>,
    /// Column by column, `n` apart.
    r: Vec<f64>,
    /// 1/Rⱼⱼ.
    inverse: Vec<f64>,
}

fn hull(a: (usize, usize), b: (usize, usize)) -> (usize, usize) {
    (if a.0 < b.0 { a.0 } else { b.0 }, if a.1 > b.1 { a.1 } else { b.1 })
}

impl WorkingSet {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            rows: Vec::with_capacity(n),
            side: Vec::with_capacity(n),
            lambda: Vec::with_capacity(n),
            q: vec![0.0; n * n],
            reach: Vec::with_capacity(n),
            r: vec![0.0; n * n],
            inverse: vec![0.0; n],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn clear(&mut self, n: usize) {
        self.n = n;
        self.rows.clear();
        self.side.clear();
        self.lambda.clear();
        self.reach.clear();
    }

    /// Row `i` of Q between two columns.
    fn basis(&self, i: usize, (start, end): (usize, usize)) -> &[f64] {
        &self.q[i * self.n + start..i * self.n + end]
    }

    /// Row `i` of Q times `v`, which is zero outside `reach`.
    fn along(&self, i: usize, v: &[f64], reach: (usize, usize)) -> f64 {
        let (start, end) = self.reach[i];
        let (start, end) = (if start > reach.0 { start } else { reach.0 }, if end < reach.1 { end } else { reach.1 });
        if start >= end { 0.0 } else { dot(self.basis(i, (start, end)), &v[start..end]) }
    }

    /// z −= Qᵀ·d.
    fn subtract_spanned(&self, d: &[f64], z: &mut [f64]) {
        let mut i = 0;
        while i + 4 <= self.len() {
            let s = [d[i], d[i + 1], d[i + 2], d[i + 3]];
            if s != [0.0; 4] {
                let r = &self.reach[i..i + 4];
                let all = hull(hull(r[0], r[1]), hull(r[2], r[3]));
                let rows = [self.basis(i, all), self.basis(i + 1, all), self.basis(i + 2, all), self.basis(i + 3, all)];
                subtract_four(&mut z[all.0..all.1], s, rows);
            }
            i += 4;
        }
        for i in i..self.len() {
            if d[i] != 0.0 {
                let reach = self.reach[i];
                add_scaled(&mut z[reach.0..reach.1], -d[i], self.basis(i, reach));
            }
        }
    }

    /// Splits `m`, zero outside `reach`, into Qᵀ·d and a remainder z across the held rows; gives ‖m‖ and ‖z‖.
    pub(super) fn project(&self, m: &[f64], reach: (usize, usize), d: &mut [f64], z: &mut [f64], more: &mut [f64]) -> (f64, f64) {
        let part = &m[reach.0..reach.1];
        let whole = dot(part, part);
        z.copy_from_slice(m);
        for i in 0..self.len() {
            d[i] = self.along(i, m, reach);
        }
        self.subtract_spanned(d, z);
        let mut left = dot(z, z);
        if left < CANCELLED * CANCELLED * whole {
            let all = (0, self.n);
            for i in 0..self.len() {
                more[i] = self.along(i, z, all);
            }
            self.subtract_spanned(more, z);
            for i in 0..self.len() {
                d[i] += more[i];
            }
            left = dot(z, z);
        }
        (real::sqrt(whole), real::sqrt(left))
    }

    /// R·r = d in place of `d`: the row's coordinates in the held rows.
    pub(super) fn coordinates(&self, d: &mut [f64]) {
        for j in (0..self.len()).rev() {
            let column = &self.r[j * self.n..j * self.n + j + 1];
            d[j] *= self.inverse[j];
            let s = -d[j];
            if s != 0.0 {
                add_scaled(&mut d[..j], s, column);
            }
        }
    }

    /// Holds a row whose parts along and across the held rows are `d` and `z`, ‖z‖ = `left`.
    pub(super) fn push(&mut self, row: usize, side: f64, lambda: f64, d: &[f64], z: &[f64], left: f64) {
        let (k, n) = (self.len(), self.n);
        let scale = 1.0 / left;
        for (q, z) in self.q[k * n..(k + 1) * n].iter_mut().zip(z) {
            *q = z * scale;
        }
        self.r[k * n..k * n + k].copy_from_slice(&d[..k]);
        self.r[k * n + k] = left;
        self.inverse[k] = scale;
        self.reach.push(support(z));
        self.rows.push(row);
        self.side.push(side);
        self.lambda.push(lambda);
    }

    /// Lets row number `k` of the set go. `d` is turned with the basis: its entry after the last held row becomes the part of
    /// its vector along the direction that is free now, [`freed`](Self::freed).
    pub(super) fn remove(&mut self, k: usize, d: &mut [f64]) {
        let n = self.n;
        self.rows.remove(k);
        self.side.remove(k);
        self.lambda.remove(k);
        for j in k..self.len() {
            self.r.copy_within((j + 1) * n..(j + 1) * n + j + 2, j * n);
        }
        for i in k..self.len() {
            let (a, b) = (self.r[i * n + i], self.r[i * n + i + 1]);
            let length = real::sqrt(a * a + b * b);
            let (c, s) = (a / length, b / length);
            self.r[i * n + i] = length;
            self.inverse[i] = 1.0 / length;
            for j in i + 1..self.len() {
                let (a, b) = (self.r[j * n + i], self.r[j * n + i + 1]);
                self.r[j * n + i] = c * a + s * b;
                self.r[j * n + i + 1] = c * b - s * a;
            }
            (d[i], d[i + 1]) = (c * d[i] + s * d[i + 1], c * d[i + 1] - s * d[i]);
            let all = hull(self.reach[i], self.reach[i + 1]);
            (self.reach[i], self.reach[i + 1]) = (all, all);
            let (head, tail) = self.q.split_at_mut((i + 1) * n);
            for (a, b) in head[i * n + all.0..i * n + all.1].iter_mut().zip(&mut tail[all.0..all.1]) {
                (*a, *b) = (c * *a + s * *b, c * *b - s * *a);
            }
        }
        self.reach.pop();
    }

    /// The direction across the held rows that the last removal left.
    pub(super) fn freed(&self) -> &[f64] {
        &self.q[self.len() * self.n..(self.len() + 1) * self.n]
    }

    /// The point nearest to `y0` at which the held rows take the values `target`: y = y0 + Qᵀ·w, and `w` becomes the
    /// multipliers R⁻¹·w. `w` holds `target` on entry.
    pub(super) fn settle(&self, y0: &[f64], w: &mut [f64], y: &mut [f64]) {
        for j in 0..self.len() {
            let column = &self.r[j * self.n..j * self.n + j + 1];
            w[j] = (w[j] - dot(&column[..j], &w[..j])) * self.inverse[j];
        }
        for j in 0..self.len() {
            w[j] = self.along(j, y0, (0, self.n)) - w[j];
        }
        y.copy_from_slice(y0);
        self.subtract_spanned(w, y);
        for x in &mut w[..self.len()] {
            *x = -*x;
        }
        self.coordinates(w);
    }
}
