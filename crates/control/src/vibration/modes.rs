//! Natural frequencies of an arm on its reducers.
//!
//! With the motors held, small motions x of the links obey M ẍ + K x = 0: the frequencies are the square roots of the eigenvalues of
//! L⁻¹ K L⁻ᵀ, where M = L Lᵀ.

use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{cholesky, diagonalize};
use leitai_math::real;

/// Why there are no modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoModes {
    /// The mass matrix is not positive definite, or holds what is no number.
    Mass,
    /// This joint's stiffness is not above zero.
    Stiffness(usize),
}

impl core::fmt::Display for NoModes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Mass => write!(f, "the mass matrix is not positive definite"),
            Self::Stiffness(joint) => write!(f, "the stiffness of joint {} is not above zero", joint + 1),
        }
    }
}

impl core::error::Error for NoModes {}

/// Modes, the slowest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Modes {
    /// Natural frequencies [rad/s].
    pub frequencies_rad_s: Vec<f64>,
    /// Shapes, mode by mode: how far each joint's reducer is twisted, with xᵀMx = 1.
    pub shapes: Vec<Vec<f64>>,
}

/// The modes of links with `mass` matrix (n × n, row by row [kg·m²]; its lower half is read) on reducers of `stiffness` [N·m/rad].
///
/// # Errors
/// If the mass matrix is not positive definite, or a stiffness is not above zero.
pub fn modes(mass: &[f64], stiffness: &[f64]) -> Result<Modes, NoModes> {
    let n = stiffness.len();
    if let Some(joint) = stiffness.iter().position(|k| !(*k > 0.0 && k.is_finite())) {
        return Err(NoModes::Stiffness(joint));
    }
    if mass.len() != n * n || mass.iter().any(|m| !m.is_finite()) {
        return Err(NoModes::Mass);
    }
    let mut l = mass.to_vec();
    cholesky(&mut l, n, 0.0).map_err(|_| NoModes::Mass)?;
    // Columns of L⁻¹, by substitution: inverse[r][c].
    let mut inverse = vec![0.0; n * n];
    for c in 0..n {
        for r in c..n {
            let sum: f64 = (c..r).map(|k| l[r * n + k] * inverse[k * n + c]).sum();
            inverse[r * n + c] = (if r == c { 1.0 } else { 0.0 } - sum) / l[r * n + r];
        }
    }
    let mut a = vec![0.0; n * n];
    for r in 0..n {
        for c in 0..n {
            a[r * n + c] = (0..n).map(|k| inverse[r * n + k] * stiffness[k] * inverse[c * n + k]).sum();
        }
    }
    let mut turned = vec![0.0; n * n];
    diagonalize(&mut a, n, &mut turned);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[i * n + i].total_cmp(&a[j * n + j]));
    let frequencies_rad_s = order.iter().map(|&i| real::sqrt(real::max(a[i * n + i], 0.0))).collect();
    // x = L⁻ᵀ y.
    let shape = |i: usize| (0..n).map(|r| (r..n).map(|k| inverse[k * n + r] * turned[k * n + i]).sum()).collect();
    Ok(Modes { frequencies_rad_s, shapes: order.iter().map(|&i| shape(i)).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// Two equal masses and springs in a chain: ω² = (3 ∓ √5)/2·k/m, a textbook result. In coordinates of the springs' twists the mass
    /// matrix of a chain of unit masses is [[2, 1], [1, 1]].
    #[test]
    fn two_masses_in_a_chain_swing_as_the_textbook_says() {
        let modes = modes(&[2.0, 1.0, 1.0, 1.0], &[1.0, 1.0]).unwrap();
        for (w, square) in modes.frequencies_rad_s.iter().zip([(3.0 - 5.0_f64.sqrt()) / 2.0, (3.0 + 5.0_f64.sqrt()) / 2.0]) {
            assert!((w * w - square).abs() < 1e-12, "{w}");
        }
    }

    /// The definition: K x = ω² M x and xᵀMx = 1, for random matrices.
    #[test]
    fn every_mode_solves_its_equation() {
        let mut draw = Seed::from_number(5).stream("modes");
        for n in 1..=7_usize {
            let root: Vec<f64> = (0..n * n).map(|_| draw.uniform(-1.0, 1.0)).collect();
            let mass: Vec<f64> = (0..n * n)
                .map(|i| {
                    (0..n).map(|k| root[i / n * n + k] * root[i % n * n + k]).sum::<f64>()
                        + if i / n == i % n { 0.1 } else { 0.0 }
                })
                .collect();
            let stiffness: Vec<f64> = (0..n).map(|_| draw.uniform(1e3, 1e5)).collect();
            let found = modes(&mass, &stiffness).unwrap();
            assert!(found.frequencies_rad_s.is_sorted());
            for (w, x) in found.frequencies_rad_s.iter().zip(&found.shapes) {
                let mx: Vec<f64> = (0..n).map(|r| (0..n).map(|c| mass[r * n + c] * x[c]).sum()).collect();
                assert!((x.iter().zip(&mx).map(|(x, m)| x * m).sum::<f64>() - 1.0).abs() < 1e-9);
                for i in 0..n {
                    assert!((stiffness[i] * x[i] - w * w * mx[i]).abs() < 1e-8 * w * w, "{n} {i}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_arm_is_refused() {
        assert_eq!(modes(&[1.0, 2.0, 2.0, 1.0], &[1.0, 1.0]), Err(NoModes::Mass));
        assert_eq!(modes(&[f64::NAN], &[1.0]), Err(NoModes::Mass));
        assert_eq!(modes(&[1.0], &[0.0]), Err(NoModes::Stiffness(0)));
        assert_eq!(modes(&[1.0], &[1.0, 1.0]), Err(NoModes::Mass));
    }
}
