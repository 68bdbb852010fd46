//! Inner products and row updates in one fixed order of operations.
//!
//! The order is written out in lanes, so that a compiler may use vector registers of any width without changing a bit.

/// Σ aᵢ·bᵢ over the shorter length; short ones in the caller's own code.
#[inline(always)]
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    if a.len() > 4 {
        return long_dot(a, b);
    }
    let mut sum = 0.0;
    for (x, y) in a.iter().zip(b) {
        sum += x * y;
    }
    sum
}

/// Eight running sums, then four, then the rest one by one. Even and odd sums meet last, which is how they lie in registers of two.
#[inline(never)]
fn long_dot(a: &[f64], b: &[f64]) -> f64 {
    let n = if a.len() < b.len() { a.len() } else { b.len() };
    let (a, b) = (&a[..n], &b[..n]);
    let mut sums = [0.0; 8];
    let (mut a8, mut b8) = (a.chunks_exact(8), b.chunks_exact(8));
    for (x, y) in (&mut a8).zip(&mut b8) {
        for k in 0..8 {
            sums[k] += x[k] * y[k];
        }
    }
    let (a, b) = (a8.remainder(), b8.remainder());
    let (mut a4, mut b4) = (a.chunks_exact(4), b.chunks_exact(4));
    for (x, y) in (&mut a4).zip(&mut b4) {
        for k in 0..4 {
            sums[k] += x[k] * y[k];
        }
    }
    let mut rest = 0.0;
    for (x, y) in a4.remainder().iter().zip(b4.remainder()) {
        rest += x * y;
    }
    let even = (sums[0] + sums[4]) + (sums[2] + sums[6]);
    let odd = (sums[1] + sums[5]) + (sums[3] + sums[7]);
    (even + odd) + rest
}

/// y += s·x.
#[inline]
pub(super) fn add_scaled(y: &mut [f64], s: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += s * x;
    }
}

/// y −= s₀·x₀ + s₁·x₁ + s₂·x₂ + s₃·x₃: four updates for one pass over `y`.
#[inline]
pub(super) fn subtract_four(y: &mut [f64], s: [f64; 4], x: [&[f64]; 4]) {
    let n = y.len();
    let (a, b, c, d) = (&x[0][..n], &x[1][..n], &x[2][..n], &x[3][..n]);
    for i in 0..n {
        y[i] -= (s[0] * a[i] + s[1] * b[i]) + (s[2] * c[i] + s[3] * d[i]);
    }
}

/// y −= s₀·x₀ + s₁·x₁ + s₂·x₂ + s₃·x₃ and the same for z with t: eight updates for one pass over the four.
#[inline]
pub(super) fn subtract_four_twice(y: &mut [f64], z: &mut [f64], s: [f64; 4], t: [f64; 4], x: [&[f64]; 4]) {
    let n = y.len();
    let z = &mut z[..n];
    let (a, b, c, d) = (&x[0][..n], &x[1][..n], &x[2][..n], &x[3][..n]);
    for i in 0..n {
        y[i] -= (s[0] * a[i] + s[1] * b[i]) + (s[2] * c[i] + s[3] * d[i]);
        z[i] -= (t[0] * a[i] + t[1] * b[i]) + (t[2] * c[i] + t[3] * d[i]);
    }
}

/// The half-open range of indices outside which `row` is zero; empty at the front when all of it is. NaN counts as not zero.
#[inline]
pub(super) fn support(row: &[f64]) -> (usize, usize) {
    let Some(start) = row.iter().position(|x| *x != 0.0) else { return (0, 0) };
    let end = row.iter().rposition(|x| *x != 0.0).map_or(0, |i| i + 1);
    (start, end)
}
