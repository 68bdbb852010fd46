//! Small dense factorizations, in place, in a fixed order of operations.

use crate::real;
use crate::space::{Mat3, Quat, Vec3};

/// A matrix that is not positive definite was met at this pivot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositive(pub usize);

/// Replaces the lower triangle of the symmetric `n`×`n` matrix `a` (row by row) by its Cholesky factor L, a = L·Lᵀ.
///
/// # Errors
/// At the first pivot that is not above `floor`.
pub fn cholesky(a: &mut [f64], n: usize, floor: f64) -> Result<(), NotPositive> {
    for j in 0..n {
        let (head, row_j) = a.split_at_mut(j * n);
        let row_j = &mut row_j[..n];
        for k in 0..j {
            let row_k = &head[k * n..k * n + k + 1];
            let mut s = row_j[k];
            for i in 0..k {
                s -= row_j[i] * row_k[i];
            }
            row_j[k] = s / row_k[k];
        }
        let mut d = row_j[j];
        for i in 0..j {
            d -= row_j[i] * row_j[i];
        }
        if d.is_nan() || d <= floor {
            return Err(NotPositive(j));
        }
        row_j[j] = real::sqrt(d);
    }
    Ok(())
}

/// Solves L·Lᵀ·x = b in place, with L from [`cholesky`].
pub fn cholesky_solve(l: &[f64], n: usize, x: &mut [f64]) {
    for i in 0..n {
        let row = &l[i * n..i * n + i + 1];
        let mut s = x[i];
        for k in 0..i {
            s -= row[k] * x[k];
        }
        x[i] = s / row[i];
    }
    for i in (0..n).rev() {
        x[i] /= l[i * n + i];
        let xi = x[i];
        for k in 0..i {
            x[k] -= l[i * n + k] * xi;
        }
    }
}

/// Sweeps of Jacobi's rotations; each about squares what is off the diagonal, so a handful suffice.
const SWEEPS: usize = 24;

/// Turns the symmetric `n`×`n` matrix `a` (row by row) diagonal by Jacobi's rotations in a fixed order: its eigenvalues, in no order, and into
/// the columns of `turned` the eigenvectors.
pub fn diagonalize(a: &mut [f64], n: usize, turned: &mut [f64]) {
    turned.fill(0.0);
    (0..n).for_each(|i| turned[i * n + i] = 1.0);
    for _ in 0..SWEEPS {
        for p in 0..n {
            for q in p + 1..n {
                rotate(a, turned, n, p, q);
            }
        }
    }
}

/// As [`diagonalize`], but ends with the sweep after which nothing beside the diagonal is above `slack`, a part of the largest entry on it: some
/// five sweeps at rounding ([`ROUNDING`]), for whoever has to be done within a tick. A matrix that holds what is no number is left after one.
pub fn diagonalize_until(a: &mut [f64], n: usize, turned: &mut [f64], slack: f64) {
    turned.fill(0.0);
    (0..n).for_each(|i| turned[i * n + i] = 1.0);
    for _ in 0..SWEEPS {
        for p in 0..n {
            for q in p + 1..n {
                rotate(a, turned, n, p, q);
            }
        }
        let (mut beside, mut on) = (0.0, 0.0);
        for p in 0..n {
            on = real::max(on, real::abs(a[p * n + p]));
            (p + 1..n).for_each(|q| beside = real::max(beside, real::abs(a[p * n + q])));
        }
        if beside <= slack * on {
            return;
        }
    }
}

/// Makes `a[p][q]` zero by a rotation in the plane of p and q, and turns the columns of `turned` with it.
fn rotate(a: &mut [f64], turned: &mut [f64], n: usize, p: usize, q: usize) {
    let off = a[p * n + q];
    if off == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * off);
    let t = (if theta < 0.0 { -1.0 } else { 1.0 }) / (real::abs(theta) + real::sqrt(theta * theta + 1.0));
    let c = 1.0 / real::sqrt(t * t + 1.0);
    let s = t * c;
    for k in 0..n {
        let (kp, kq) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * kp - s * kq, s * kp + c * kq);
    }
    for k in 0..n {
        let (pk, qk) = (a[p * n + k], a[q * n + k]);
        (a[p * n + k], a[q * n + k]) = (c * pk - s * qk, s * pk + c * qk);
    }
    for k in 0..n {
        let (kp, kq) = (turned[k * n + p], turned[k * n + q]);
        (turned[k * n + p], turned[k * n + q]) = (c * kp - s * kq, s * kp + c * kq);
    }
}

/// Entries beside the diagonal that are rounding, as a part of the largest entry.
pub const ROUNDING: f64 = 4e-15;
/// Part of the largest entry by which two eigenvalues differ.
const APART: f64 = 1e-12;
/// The most turns; eight or so are enough for any matrix.
const MOST_TURNS: usize = 50;

/// Eigenvalues of a symmetric matrix, largest first, and the rotation whose axes are the eigenvectors: of all that there are, the
/// one that MuJoCo 4 finds. It looks no further once entries beside the diagonal are below `slack`, a part of the largest entry,
/// [`ROUNDING`] at least.
///
/// Jacobi's method on a quaternion, the largest entry beside the diagonal first, each turn less than 45°; then quarter turns put
/// the values in order.
#[must_use]
pub fn principal_axes(m: &Mat3, slack: f64) -> (Vec3, Quat) {
    let scale = m.0.iter().flatten().fold(0.0, |most, x| real::max(most, real::abs(*x)));
    if scale.is_nan() || scale <= 0.0 {
        return (Vec3::ZERO, Quat::IDENTITY);
    }
    let matrix = Mat3(m.0.map(|row| row.map(|x| x / scale)));
    let (mut turn, mut values) = (Quat::IDENTITY, [0.0; 3]);
    for _ in 0..MOST_TURNS {
        let axes = turn.to_mat();
        let columns = [0, 1, 2].map(|k| matrix * axes.column(k));
        let entry = |i: usize, j: usize| axes.column(i).dot(columns[j]);
        values = [0, 1, 2].map(|k| entry(k, k));
        let (xy, xz, yz) = (entry(0, 1), entry(0, 2), entry(1, 2));
        let (i, j, about, off) = if real::abs(xy) > real::abs(xz) && real::abs(xy) > real::abs(yz) {
            (0, 1, 2, xy)
        } else if real::abs(xz) > real::abs(yz) {
            (0, 2, 1, xz)
        } else {
            (1, 2, 0, yz)
        };
        if real::abs(off) <= slack {
            break;
        }
        let tau = (values[j] - values[i]) / (2.0 * off);
        let root = real::sqrt(1.0 + tau * tau);
        let tan = if tau >= 0.0 { 1.0 / (tau + root) } else { -1.0 / (root - tau) };
        // Of half the angle.
        let tan = tan / (1.0 + real::sqrt(1.0 + tan * tan));
        let mut step = [1.0, 0.0, 0.0, 0.0];
        step[about + 1] = if about == 1 { tan } else { -tan };
        turn = (turn * Quat::from_slice(&step).normalized()).normalized();
    }
    for lead in [0, 1, 0] {
        if values[lead] + real::max(slack, APART) < values[lead + 1] {
            values.swap(lead, lead + 1);
            let mut step = [core::f64::consts::FRAC_1_SQRT_2, 0.0, 0.0, 0.0];
            step[(lead + 2) % 3 + 1] = core::f64::consts::FRAC_1_SQRT_2;
            turn = (turn * Quat::from_slice(&step)).normalized();
        }
    }
    (Vec3::from_slice(&values) * scale, turn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Law: L·Lᵀ·x = b gives back b.
    #[test]
    fn cholesky_solves_what_it_factors() {
        let n = 5;
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                a[i * n + j] = 1.0 / (1.0 + i as f64 + j as f64) + if i == j { 1.0 } else { 0.0 };
            }
        }
        let full = a.clone();
        let mut x = vec![1.0, -2.0, 3.0, -4.0, 5.0];
        let b = x.clone();
        cholesky(&mut a, n, 0.0).unwrap();
        cholesky_solve(&a, n, &mut x);
        for i in 0..n {
            let s: f64 = (0..n).map(|j| full[i * n + j] * x[j]).sum();
            assert!((s - b[i]).abs() < 1e-13);
        }
    }

    /// The definition: A·v = λ·v, of the whole matrix and of one of rank two, and the axes are orthonormal.
    #[test]
    fn an_early_end_leaves_eigenvectors() {
        let n = 6;
        for rank in [2, 6] {
            let entry = |i: usize, j: usize| -> f64 {
                (0..rank)
                    .map(|k| 10.0_f64.powi(k) * ((i * 7 + k as usize * 3) as f64).sin() * ((j * 7 + k as usize * 3) as f64).sin())
                    .sum()
            };
            let full: Vec<f64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
            let (mut a, mut v) = (full.clone(), vec![0.0; n * n]);
            diagonalize_until(&mut a, n, &mut v, ROUNDING);
            let largest = (0..n).fold(0.0, |most, i| real::max(most, a[i * n + i]));
            for c in 0..n {
                for r in 0..n {
                    let product: f64 = (0..n).map(|k| full[r * n + k] * v[k * n + c]).sum();
                    assert!((product - a[c * n + c] * v[r * n + c]).abs() < 1e-13 * largest);
                    let dot: f64 = (0..n).map(|k| v[k * n + r] * v[k * n + c]).sum();
                    assert!((dot - if r == c { 1.0 } else { 0.0 }).abs() < 1e-14);
                }
            }
        }
    }

    #[test]
    fn an_indefinite_matrix_is_refused_at_its_pivot() {
        assert_eq!(cholesky(&mut [1.0, 2.0, 2.0, 1.0], 2, 0.0), Err(NotPositive(1)));
        assert_eq!(cholesky(&mut [f64::NAN], 1, 0.0), Err(NotPositive(0)));
    }

    /// Law: A·v = λ·v, at any size; the axes of a sorted diagonal are left alone, and a swap is a quarter turn.
    #[test]
    fn principal_axes_satisfy_their_definition_at_any_size() {
        for size in [1e-15, 1.0, 1e9] {
            let m = Mat3::symmetric(2.0 * size, 3.0 * size, 1.0 * size, 0.3 * size, -0.2 * size, 0.5 * size);
            let (values, turn) = principal_axes(&m, ROUNDING);
            for k in 0..3 {
                let v = turn.to_mat().column(k);
                assert!((m * v - v * values[k]).norm() < 1e-14 * size);
            }
            assert!(values.x >= values.y && values.y >= values.z);
        }
        assert_eq!(principal_axes(&Mat3::diagonal(Vec3::new(3.0, 2.0, 1.0)), ROUNDING).1, Quat::IDENTITY);
        let (values, turn) = principal_axes(&Mat3::diagonal(Vec3::new(1.0, 2.0, 3.0)), ROUNDING);
        assert_eq!(values, Vec3::new(3.0, 2.0, 1.0));
        assert!((turn.to_mat().column(0) - Vec3::Z).norm() < 1e-15 || (turn.to_mat().column(0) + Vec3::Z).norm() < 1e-15);
    }
}
