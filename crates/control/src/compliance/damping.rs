//! Damping that fits stiffness and inertia: each of the six ways in which tool and springs swing gets the same damping ratio.
//!
//! With Λ = A·Aᵀ and K = A·K₀·Aᵀ, K₀ diagonal, the tool's motion falls into six oscillators of frequencies √K₀, and D = 2ζ·A·√K₀·Aᵀ damps each
//! of them by ζ (Albu-Schäffer, Ott, Frese & Hirzinger, *Cartesian impedance control of redundant robots: recent results with the DLR-light-weight-
//! arms*, 2003). With Λ⁻¹ = L·Lᵀ, A is L⁻ᵀ·Q, Q the eigenvectors of Lᵀ·K·L.
//!
//! A loop that acts late cannot hold an oscillator of any frequency. One that is too fast is given the stiffness of the fastest that holds:
//! a light wrist behind a hard rotational spring is the usual case.

use leitai_math::linear::{ROUNDING, diagonalize_until};
use leitai_math::real;

/// Six oscillators.
#[derive(Clone, Debug)]
pub(crate) struct Oscillators {
    /// A, row by row.
    a: [f64; 36],
    /// √K₀ [rad/s], at most the bound.
    pub frequencies: [f64; 6],
    /// Some frequency was above the bound.
    pub softened: bool,
}

impl Oscillators {
    /// Of stiffness `k` (6 × 6, symmetric, not negative) before an inertia whose inverse has the lower Cholesky factor `root`; none faster than
    /// `most` [rad/s].
    pub fn of(root: &[f64; 36], k: &[f64; 36], most: f64) -> Self {
        let at = |r: usize, c: usize| r * 6 + c;
        let mut half = [0.0; 36];
        let mut both = [0.0; 36];
        for r in 0..6 {
            for c in 0..6 {
                half[at(r, c)] = (c..6).map(|i| k[at(r, i)] * root[at(i, c)]).sum();
            }
        }
        for r in 0..6 {
            for c in 0..=r {
                let sum: f64 = (r..6).map(|i| root[at(i, r)] * half[at(i, c)]).sum();
                (both[at(r, c)], both[at(c, r)]) = (sum, sum);
            }
        }
        let mut a = [0.0; 36];
        diagonalize_until(&mut both, 6, &mut a, ROUNDING);
        let mut frequencies = [0.0; 6];
        let mut softened = false;
        for (i, w) in frequencies.iter_mut().enumerate() {
            let own = real::sqrt(real::max(both[at(i, i)], 0.0));
            softened |= own > most;
            *w = real::min(own, most);
        }
        // A = L⁻ᵀ·Q, column by column from below.
        for c in 0..6 {
            for r in (0..6).rev() {
                let below: f64 = (r + 1..6).map(|i| root[at(i, r)] * a[at(i, c)]).sum();
                a[at(r, c)] = (a[at(r, c)] - below) / root[at(r, r)];
            }
        }
        Self { a, frequencies, softened }
    }

    /// A·diag(`of`(√K₀))·Aᵀ·x.
    pub fn apply(&self, x: &[f64; 6], of: impl Fn(f64) -> f64) -> [f64; 6] {
        let mut out = [0.0; 6];
        for (c, w) in self.frequencies.iter().enumerate() {
            let share = of(*w) * (0..6).map(|r| self.a[r * 6 + c] * x[r]).sum::<f64>();
            out.iter_mut().enumerate().for_each(|(r, out)| *out += self.a[r * 6 + c] * share);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operational::times;
    use leitai_math::Seed;
    use leitai_math::linear::{cholesky, cholesky_solve};

    /// The definitions: A·Aᵀ is the inertia and A·K₀·Aᵀ the stiffness, for random ones, also where the stiffness has half a rank.
    #[test]
    fn the_factors_are_inertia_and_stiffness() {
        let mut draw = Seed::from_number(9).stream("oscillators");
        for rank in [3, 6, 6, 6] {
            let mut square = |rank: usize, size: f64| {
                let x: [[f64; 6]; 6] = core::array::from_fn(|_| core::array::from_fn(|_| draw.uniform(-size, size)));
                let mut m = [0.0; 36];
                (0..36).for_each(|i| m[i] = (0..rank).map(|j| x[j][i / 6] * x[j][i % 6]).sum());
                m
            };
            let (mobility, k) = (square(6, 1.0), square(rank, 30.0));
            let mut root = mobility;
            cholesky(&mut root, 6, 0.0).unwrap();
            let found = Oscillators::of(&root, &k, f64::INFINITY);
            assert!(!found.softened);
            for c in 0..6 {
                let mut unit = [0.0; 6];
                unit[c] = 1.0;
                let mut inertia = unit;
                cholesky_solve(&root, 6, &mut inertia);
                let scale = inertia.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
                let (is, was) = (found.apply(&unit, |_| 1.0), found.apply(&unit, |w| w * w));
                let column = times(&k, &unit);
                for r in 0..6 {
                    assert!((is[r] - inertia[r]).abs() < 1e-9 * scale, "{is:?} {inertia:?}");
                    assert!((was[r] - column[r]).abs() < 1e-7 * 900.0, "{was:?} {column:?}");
                }
            }
        }
    }

    /// Closed form: a mass of 4 kg on 100 N/m swings at 5 rad/s; its damping is 2ζ√(km); bounded to 2 rad/s its spring has 16 N/m.
    #[test]
    fn one_mass_on_one_spring() {
        let (mut root, mut k) = ([0.0; 36], [0.0; 36]);
        (0..6).for_each(|i| (root[i * 7], k[i * 7]) = (0.5, 100.0));
        let free = Oscillators::of(&root, &k, 1e9);
        let x = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert!((free.frequencies[0] - 5.0).abs() < 1e-14);
        assert!((free.apply(&x, |w| 2.0 * 0.7 * w)[0] - 2.0 * 0.7 * 20.0).abs() < 1e-12);
        let slow = Oscillators::of(&root, &k, 2.0);
        assert!(slow.softened && (slow.apply(&x, |w| w * w)[0] - 16.0).abs() < 1e-12);
    }
}
