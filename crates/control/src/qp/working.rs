//! The working set: the rows held at a bound, as an orthonormal basis.
//!
//! With M the held rows in the coordinates y = U·x, Mᵀ = Qᵀ·R: the rows of Q are orthonormal and R is upper triangular. Rows come
//! by the Gram–Schmidt process, a second time where the first cancels (Daniel, Gragg, Kaufman & Stewart 1976), and go by
//! plane rotations. The squared matrix M·Mᵀ is never formed, so nearly dependent rows keep their digits.

use super::kernel::{add_scaled, dot, subtract_four};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

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
    /// Column by column, `n` apart.
    r: Vec<f64>,
}

impl WorkingSet {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            rows: Vec::with_capacity(n),
            side: Vec::with_capacity(n),
            lambda: Vec::with_capacity(n),
            q: vec![0.0; n * n],
            r: vec![0.0; n * n],
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
    }

    fn basis(&self, i: usize) -> &[f64] {
        &self.q[i * self.n..(i + 1) * self.n]
    }

    /// z −= Qᵀ·d.
    fn subtract_spanned(&self, d: &[f64], z: &mut [f64]) {
        let mut i = 0;
        while i + 4 <= self.len() {
            let s = [d[i], d[i + 1], d[i + 2], d[i + 3]];
            subtract_four(z, s, [self.basis(i), self.basis(i + 1), self.basis(i + 2), self.basis(i + 3)]);
            i += 4;
        }
        for i in i..self.len() {
            add_scaled(z, -d[i], self.basis(i));
        }
    }

    /// Splits `m`, zero outside `reach`, into Qᵀ·d and a remainder z across the held rows; gives ‖m‖ and ‖z‖.
    pub(super) fn project(&self, m: &[f64], reach: (usize, usize), d: &mut [f64], z: &mut [f64], more: &mut [f64]) -> (f64, f64) {
        let part = &m[reach.0..reach.1];
        let whole = dot(part, part);
        z.copy_from_slice(m);
        if self.rows.is_empty() {
            return (real::sqrt(whole), real::sqrt(whole));
        }
        for i in 0..self.len() {
            d[i] = dot(&self.basis(i)[reach.0..reach.1], part);
        }
        self.subtract_spanned(d, z);
        let mut left = dot(z, z);
        if left < 0.01 * whole {
            for i in 0..self.len() {
                more[i] = dot(self.basis(i), z);
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
            d[j] /= column[j];
            let s = -d[j];
            add_scaled(&mut d[..j], s, column);
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
        self.rows.push(row);
        self.side.push(side);
        self.lambda.push(lambda);
    }

    /// Lets row number `k` of the set go.
    pub(super) fn remove(&mut self, k: usize) {
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
            for j in i + 1..self.len() {
                let (a, b) = (self.r[j * n + i], self.r[j * n + i + 1]);
                self.r[j * n + i] = c * a + s * b;
                self.r[j * n + i + 1] = c * b - s * a;
            }
            let (head, tail) = self.q.split_at_mut((i + 1) * n);
            for (a, b) in head[i * n..].iter_mut().zip(&mut tail[..n]) {
                (*a, *b) = (c * *a + s * *b, c * *b - s * *a);
            }
        }
    }

    /// The point nearest to `y0` at which the held rows take the values `target`: y = y0 + Qᵀ·w, and `w` becomes the
    /// multipliers R⁻¹·w. `w` holds `target` on entry.
    pub(super) fn settle(&self, y0: &[f64], w: &mut [f64], y: &mut [f64]) {
        for j in 0..self.len() {
            let column = &self.r[j * self.n..j * self.n + j + 1];
            w[j] = (w[j] - dot(&column[..j], &w[..j])) / column[j];
        }
        for j in 0..self.len() {
            w[j] = -(w[j] - dot(self.basis(j), y0));
        }
        y.copy_from_slice(y0);
        self.subtract_spanned(w, y);
        for x in &mut w[..self.len()] {
            *x = -*x;
        }
        self.coordinates(w);
    }
}
