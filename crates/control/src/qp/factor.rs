//! Cholesky factorization H = Uᵀ·U that leaves zeros alone.
//!
//! Row i of U reaches no further to the right than the rows of H above it that touch it, so a Hessian of blocks (accelerations
//! beside contact forces, say) costs what its blocks cost. Four pivots are eliminated in one pass over the rows below.

use super::kernel::{add_scaled, dot, subtract_four, subtract_four_twice};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// A pivot below this part of its diagonal entry may be rounding that small pivots before it have enlarged.
const PIVOT_FLOOR: f64 = 1e-11;

/// Why H = Uᵀ·U was not found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FactorError {
    /// The pivot of this variable is not above rounding.
    NotPositive(usize),
    /// A number that is not finite reached the pivot of this variable.
    NotFinite(usize),
}

/// U, row by row, with the reach of each row.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    n: usize,
    u: Vec<f64>,
    /// 1/Uᵢᵢ.
    inverse: Vec<f64>,
    /// Column after the last entry of a row of U.
    end: Vec<usize>,
    /// Column after the last entry of a row of H.
    h_end: Vec<usize>,
    /// The smallest pivot as a part of its diagonal entry.
    pub(super) weakest: f64,
}

impl Factor {
    pub(super) fn new(n: usize) -> Self {
        Self { n: 0, u: vec![0.0; n * n], inverse: vec![0.0; n], end: vec![0; n], h_end: vec![0; n], weakest: 1.0 }
    }

    /// Factors H + `ridge`·1 from the upper triangle of `h`.
    pub(super) fn factor(&mut self, h: &[f64], n: usize, ridge: f64) -> Result<(), FactorError> {
        self.n = n;
        self.weakest = 1.0;
        for i in 0..n {
            let from = &h[i * n + i..(i + 1) * n];
            let to = &mut self.u[i * n + i..(i + 1) * n];
            to.copy_from_slice(from);
            to[0] += ridge;
            let reach = from.iter().rposition(|x| *x != 0.0).map_or(1, |k| k + 1);
            (self.h_end[i], self.end[i]) = (i + reach, i + reach);
        }
        let mut first = 0;
        while first < n {
            let width = if n - first < 4 { n - first } else { 4 };
            for j in first..first + width {
                let (above, row) = self.u.split_at_mut(j * n);
                for p in first..j {
                    let s = above[p * n + j];
                    if s != 0.0 {
                        let end = self.end[p];
                        add_scaled(&mut row[j..end], -s, &above[p * n + j..p * n + end]);
                        self.end[j] = if end > self.end[j] { end } else { self.end[j] };
                    }
                }
                let (pivot, whole) = (row[j], h[j * n + j] + ridge);
                if !pivot.is_finite() || !whole.is_finite() {
                    return Err(FactorError::NotFinite(j));
                }
                if pivot <= PIVOT_FLOOR * whole || pivot <= 0.0 {
                    return Err(FactorError::NotPositive(j));
                }
                self.weakest = real::min(self.weakest, pivot / whole);
                let root = real::sqrt(pivot);
                let inverse = 1.0 / root;
                row[j] = root;
                self.inverse[j] = inverse;
                for x in &mut row[j + 1..self.end[j]] {
                    *x *= inverse;
                }
            }
            let next = first + width;
            let reach = (first..next).fold(next, |most, p| if self.end[p] > most { self.end[p] } else { most });
            let mut k = next;
            while k < reach {
                let (above, rows) = self.u.split_at_mut(k * n);
                let (mut s, mut t, mut end) = ([0.0; 4], [0.0; 4], 0);
                // Two rows at a time; a pivot that touches the second alone is zero in the first.
                let both = k + 1 < reach;
                for p in 0..width {
                    s[p] = above[(first + p) * n + k];
                    t[p] = if both { above[(first + p) * n + k + 1] } else { 0.0 };
                    if (s[p] != 0.0 || t[p] != 0.0) && self.end[first + p] > end {
                        end = self.end[first + p];
                    }
                }
                if end > k {
                    let part = |p: usize| {
                        let p = first + if p < width { p } else { 0 };
                        &above[p * n + k..p * n + end]
                    };
                    let x = [part(0), part(1), part(2), part(3)];
                    if both {
                        let (row, under) = rows.split_at_mut(n);
                        // The entry of the second row before its diagonal is not part of U; it is passed over as if it were.
                        subtract_four_twice(&mut row[k..end], &mut under[k..end], s, t, x);
                        self.end[k + 1] = if end > self.end[k + 1] { end } else { self.end[k + 1] };
                    } else {
                        subtract_four(&mut rows[k..end], s, x);
                    }
                    self.end[k] = if end > self.end[k] { end } else { self.end[k] };
                }
                k += 2;
            }
            first = next;
        }
        Ok(())
    }

    /// Uᵀ·m = v in place; `v` is zero before `start`.
    pub(super) fn forward(&self, v: &mut [f64], start: usize) {
        let n = self.n;
        let mut first = start;
        while first < n {
            if v[first] == 0.0 {
                first += 1;
                continue;
            }
            let width = if n - first < 4 { n - first } else { 4 };
            let mut end = first + width;
            for j in first..first + width {
                let s = v[j] * self.inverse[j];
                v[j] = s;
                let row = &self.u[j * n..(j + 1) * n];
                for k in j + 1..first + width {
                    v[k] -= s * row[k];
                }
                if s != 0.0 && self.end[j] > end {
                    end = self.end[j];
                }
            }
            let next = first + width;
            if end > next {
                let (head, tail) = v.split_at_mut(next);
                let mut s = [0.0; 4];
                s[..width].copy_from_slice(&head[first..next]);
                let part = |p: usize| {
                    let p = first + if p < width { p } else { 0 };
                    &self.u[p * n + next..p * n + end]
                };
                subtract_four(&mut tail[..end - next], s, [part(0), part(1), part(2), part(3)]);
            }
            first = next;
        }
    }

    /// U·x = y in place.
    pub(super) fn backward(&self, y: &mut [f64]) {
        let n = self.n;
        for i in (0..n).rev() {
            let end = self.end[i];
            let sum = dot(&self.u[i * n + i + 1..i * n + end], &y[i + 1..end]);
            y[i] = (y[i] - sum) * self.inverse[i];
        }
    }

    /// `out` = H·x, from the upper triangle of the matrix that was factored, without the ridge.
    pub(super) fn multiply(&self, h: &[f64], x: &[f64], out: &mut [f64]) {
        let n = self.n;
        out[..n].fill(0.0);
        for i in 0..n {
            let end = self.h_end[i];
            let row = &h[i * n..i * n + end];
            out[i] += dot(&row[i..], &x[i..end]);
            add_scaled(&mut out[i + 1..end], x[i], &row[i + 1..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Law: U undoes itself, whatever the sizes of blocks and of the remainder of four.
    #[test]
    fn forward_and_backward_solve_what_was_factored() {
        for n in 1..14 {
            for block in [1, 2, 5, n] {
                let mut h = vec![0.0; n * n];
                for i in 0..n {
                    for j in 0..n {
                        if i / block == j / block {
                            h[i * n + j] = 1.0 / (1.0 + (i + j) as f64) + if i == j { 1.0 } else { 0.0 };
                        }
                    }
                }
                let mut factor = Factor::new(n);
                factor.factor(&h, n, 0.0).unwrap();
                let x: Vec<f64> = (0..n).map(|i| 1.0 - 0.3 * i as f64).collect();
                let mut b = vec![0.0; n];
                factor.multiply(&h, &x, &mut b);
                for i in 0..n {
                    let direct: f64 = (0..n).map(|j| h[i * n + j] * x[j]).sum();
                    assert!(real::abs(direct - b[i]) < 1e-13);
                }
                factor.forward(&mut b, 0);
                factor.backward(&mut b);
                for i in 0..n {
                    assert!(real::abs(b[i] - x[i]) < 1e-13, "{n} {block}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_positive_is_named() {
        let mut factor = Factor::new(2);
        assert_eq!(factor.factor(&[1.0, 1.0, 1.0, 1.0], 2, 0.0), Err(FactorError::NotPositive(1)));
        assert_eq!(factor.factor(&[1.0, f64::NAN, 0.0, 1.0], 2, 0.0), Err(FactorError::NotFinite(1)));
        assert_eq!(factor.factor(&[1.0, 1.0, 1.0, 1.0], 2, 1e-6), Ok(()));
    }
}
