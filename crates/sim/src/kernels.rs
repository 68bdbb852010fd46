//! Products with the few rows of a block, unrolled over its dimension.
//!
//! Sums run in the order of the columns, as the plain loops would: unrolling changes no bit.

use crate::cone::Curvature;

/// `out[r]` = row `r` of `rows` (row by row, as long as `x`) times `x`.
#[inline]
pub(crate) fn times(rows: &[f64], x: &[f64], out: &mut [f64]) {
    match out.len() {
        1 => times_of::<1>(rows, x, out),
        3 => times_of::<3>(rows, x, out),
        4 => times_of::<4>(rows, x, out),
        6 => times_of::<6>(rows, x, out),
        _ => out.iter_mut().zip(rows.chunks_exact(x.len())).for_each(|(o, row)| {
            let mut one = [0.0];
            times_of::<1>(row, x, &mut one);
            *o = one[0];
        }),
    }
}

#[inline]
fn split<const D: usize>(rows: &[f64], width: usize) -> [&[f64]; D] {
    core::array::from_fn(|r| &rows[r * width..(r + 1) * width])
}

#[inline]
fn times_of<const D: usize>(rows: &[f64], x: &[f64], out: &mut [f64]) {
    let rows = split::<D>(rows, x.len());
    let mut sum = [0.0; D];
    for c in 0..x.len() {
        for r in 0..D {
            sum[r] += rows[r][c] * x[c];
        }
    }
    out.copy_from_slice(&sum);
}

/// `out[c·dim + k]` = Σₘ `rows[m][c]`·`h[m][k]`: Jᵀ·H, column by column of J.
#[inline]
pub(crate) fn transposed_product(rows: &[f64], h: &Curvature, dim: usize, out: &mut [f64]) {
    match dim {
        1 => transposed_product_of::<1>(rows, h, out),
        3 => transposed_product_of::<3>(rows, h, out),
        4 => transposed_product_of::<4>(rows, h, out),
        _ => transposed_product_of::<6>(rows, h, out),
    }
}

#[inline]
fn transposed_product_of<const D: usize>(rows: &[f64], h: &Curvature, out: &mut [f64]) {
    let rows = split::<D>(rows, out.len() / D);
    for (c, out) in out.chunks_exact_mut(D).enumerate() {
        for k in 0..D {
            let mut s = 0.0;
            for m in 0..D {
                s += rows[m][c] * h[m][k];
            }
            out[k] = s;
        }
    }
}

/// `out[c]` −= Σᵣ `rows[r][c]`·`force[r]`.
#[inline]
pub(crate) fn subtract_transposed(rows: &[f64], force: &[f64], out: &mut [f64]) {
    let width = out.len();
    for (row, f) in rows.chunks_exact(width).zip(force) {
        for (o, j) in out.iter_mut().zip(row) {
            *o -= j * f;
        }
    }
}

/// `target[c]` += Σₖ `left[k]`·`rows[k][c]`; `rows` are `stride` apart and begin with the first column wanted.
#[inline]
pub(crate) fn add_combination(left: &[f64], rows: &[f64], stride: usize, target: &mut [f64]) {
    match left.len() {
        1 => add_combination_of::<1>(left, rows, stride, target),
        3 => add_combination_of::<3>(left, rows, stride, target),
        4 => add_combination_of::<4>(left, rows, stride, target),
        6 => add_combination_of::<6>(left, rows, stride, target),
        _ => {
            for (c, t) in target.iter_mut().enumerate() {
                let mut s = 0.0;
                for (k, l) in left.iter().enumerate() {
                    s += l * rows[k * stride + c];
                }
                *t += s;
            }
        }
    }
}

#[inline]
fn add_combination_of<const D: usize>(left: &[f64], rows: &[f64], stride: usize, target: &mut [f64]) {
    let n = target.len();
    let rows: [&[f64]; D] = core::array::from_fn(|k| &rows[k * stride..k * stride + n]);
    let left: [f64; D] = core::array::from_fn(|k| left[k]);
    for c in 0..n {
        let mut s = 0.0;
        for k in 0..D {
            s += left[k] * rows[k][c];
        }
        target[c] += s;
    }
}
