//! A Jacobian without small singular values.
//!
//! Where the arm loses a direction, the smallest singular value σ of the weighted Jacobian falls to zero and the exact joint speeds
//! grow without end. The value is lifted to σ' = (σ² + f²)/2f below a floor f, which joins σ' = σ smoothly at the floor: a form of
//! numerical filtering (Maciejewski & Klein 1988) that damps the lost direction alone. Unlike damped least squares, whose joint speed
//! in that direction is zero at σ = 0, the lifted one keeps turning the arm there, which is what brings it out of a wrist in line.
//!
//! At the edge of the reach that would be wrong: bending a stretched arm either way draws the tool back. There the tool's acceleration along the
//! lost direction opposes what is asked for, and the direction is damped by λ² = f²·(1 − (σ/f)²) instead (Nakamura & Hanafusa 1986), so that
//! the arm comes to rest stretched.

use leitai_math::real;

/// Rounds of plane rotations over all pairs of directions; six are enough for any matrix seen.
const ROUNDS: usize = 12;
/// A singular value below this part of the largest has no joint direction of its own any more.
const LOST: f64 = 1e-9;

/// Accelerations of the tool beyond this many floors tell an edge of the reach from a wrist in line.
const EDGE: f64 = 5.0;

/// What a lift needs to know of a task.
pub(super) struct Asked<'a> {
    /// A column for each joint, not weighted.
    pub jacobian: &'a [[f64; 6]],
    pub weight: &'a [f64; 6],
    /// Weighted velocity that the tool is asked for.
    pub velocity: [f64; 6],
}

/// The direction that was lifted last, so that the sign of a vanished one does not flip between ticks.
#[derive(Clone, Debug)]
pub(super) struct Lift {
    /// Joint direction of each singular value, σ·n before scaling; six of them.
    columns: [alloc::vec::Vec<f64>; 6],
    last_joint: alloc::vec::Vec<f64>,
    last_tool: [f64; 6],
}

impl Lift {
    pub(super) fn new(n: usize) -> Self {
        let column = || alloc::vec![0.0; n];
        Self { columns: core::array::from_fn(|_| column()), last_joint: column(), last_tool: [0.0; 6] }
    }

    /// Lifts the singular values of `jacobian` (a weighted column for each joint) below `floor`, or calls `damp` with a joint
    /// direction and its damping. Gives the smallest singular value as it was.
    pub(super) fn apply(
        &mut self,
        jacobian: &mut [[f64; 6]],
        floor: f64,
        asked: &Asked,
        mut damp: impl FnMut(&[f64], f64),
    ) -> f64 {
        let directions = asked.weight.iter().filter(|w| **w != 0.0).count();
        let n = jacobian.len();
        let mut turn = [[0.0; 6]; 6];
        for k in 0..6 {
            turn[k][k] = 1.0;
            for i in 0..n {
                self.columns[k][i] = jacobian[i][k];
            }
        }
        self.diagonalize(&mut turn);
        let mut order = [0, 1, 2, 3, 4, 5];
        let sigma: [f64; 6] = core::array::from_fn(|k| real::sqrt(self.columns[k].iter().map(|x| x * x).sum::<f64>()));
        // Few and in a fixed order: an insertion sort, largest first.
        for i in 1..6 {
            let mut k = i;
            while k > 0 && sigma[order[k]] > sigma[order[k - 1]] {
                order.swap(k, k - 1);
                k -= 1;
            }
        }
        let count = if directions < n { directions } else { n };
        let count = if count < 6 { count } else { 6 };
        for k in 0..count {
            let k = order[k];
            if sigma[k] > LOST * sigma[order[0]] && sigma[k] > 0.0 {
                self.columns[k].iter_mut().for_each(|x| *x /= sigma[k]);
            }
        }
        for position in 0..count {
            let k = order[position];
            if sigma[k] >= floor {
                continue;
            }
            let tool: [f64; 6] = core::array::from_fn(|i| turn[i][k]);
            let lost = sigma[k] <= LOST * sigma[order[0]];
            if lost {
                self.complete(&order, position, n);
            }
            let wanted: f64 = (0..6).map(|i| tool[i] * asked.velocity[i]).sum();
            let turning = self.acceleration(k, &tool, asked);
            if real::abs(turning) > EDGE * floor && turning * wanted < 0.0 {
                damp(&self.columns[k], floor * floor - sigma[k] * sigma[k]);
                continue;
            }
            let mut by = (sigma[k] * sigma[k] + floor * floor) / (2.0 * floor) - sigma[k];
            if lost {
                let joints: f64 = (0..n).map(|i| self.columns[k][i] * self.last_joint[i]).sum();
                let tools: f64 = (0..6).map(|i| tool[i] * self.last_tool[i]).sum();
                by = if joints * tools < 0.0 { -by } else { by };
            }
            // Remembered with the sign that was used, so that the pair keeps its product.
            let sign = if by < 0.0 { -1.0 } else { 1.0 };
            for i in 0..n {
                self.last_joint[i] = self.columns[k][i];
                for c in 0..6 {
                    jacobian[i][c] += by * self.columns[k][i] * tool[c];
                }
            }
            self.last_tool = tool.map(|x| sign * x);
        }
        if count == 0 { 0.0 } else { sigma[order[count - 1]] }
    }

    /// Weighted acceleration of the tool along `tool` while the joints move steadily along direction `k`.
    ///
    /// The derivative of joint j's column by joint i is (ω_first × ν_second, ω_i × ω_j if i comes before j).
    fn acceleration(&self, k: usize, tool: &[f64; 6], asked: &Asked) -> f64 {
        let n = &self.columns[k];
        let along: [f64; 6] = core::array::from_fn(|c| tool[c] * asked.weight[c]);
        let cross = |a: &[f64], b: &[f64]| [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
        let mut sum = 0.0;
        for i in 0..asked.jacobian.len() {
            for j in i..asked.jacobian.len() {
                let (first, second) = (&asked.jacobian[i], &asked.jacobian[j]);
                let linear = cross(&first[3..], &second[..3]);
                let twice = if i == j { 1.0 } else { 2.0 };
                let mut part = twice * (linear[0] * along[0] + linear[1] * along[1] + linear[2] * along[2]);
                if i != j {
                    let angular = cross(&first[3..], &second[3..]);
                    part += angular[0] * along[3] + angular[1] * along[4] + angular[2] * along[5];
                }
                sum += n[i] * n[j] * part;
            }
        }
        sum
    }

    /// One-sided Jacobi rotations (Hestenes 1958) until the columns are orthogonal; `turn` collects them.
    fn diagonalize(&mut self, turn: &mut [[f64; 6]; 6]) {
        for _ in 0..ROUNDS {
            let mut turned = false;
            for i in 0..5 {
                for j in i + 1..6 {
                    let (head, tail) = self.columns.split_at_mut(j);
                    let (a, b) = (&mut head[i], &mut tail[0]);
                    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
                    for (x, y) in a.iter().zip(b.iter()) {
                        aa += x * x;
                        bb += y * y;
                        ab += x * y;
                    }
                    if real::abs(ab) <= 1e-15 * real::sqrt(aa * bb) || ab == 0.0 {
                        continue;
                    }
                    turned = true;
                    let zeta = (bb - aa) / (2.0 * ab);
                    let root = real::sqrt(1.0 + zeta * zeta);
                    let tan = if zeta >= 0.0 { 1.0 / (zeta + root) } else { -1.0 / (root - zeta) };
                    let cos = 1.0 / real::sqrt(1.0 + tan * tan);
                    let sin = cos * tan;
                    for (x, y) in a.iter_mut().zip(b.iter_mut()) {
                        (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
                    }
                    for row in turn.iter_mut() {
                        (row[i], row[j]) = (cos * row[i] - sin * row[j], sin * row[i] + cos * row[j]);
                    }
                }
            }
            if !turned {
                return;
            }
        }
    }

    /// Gives the lost direction at `position` a joint direction across the others: the last one's if it is not spanned, or the
    /// joint's that is spanned least.
    fn complete(&mut self, order: &[usize; 6], position: usize, n: usize) {
        let k = order[position];
        let mut best = 0.0;
        for candidate in 0..=n {
            let mut v: [f64; 16] = [0.0; 16];
            let v = &mut v[..if n < 16 { n } else { 16 }];
            for (i, x) in v.iter_mut().enumerate() {
                *x = if candidate == 0 { self.last_joint[i] } else { f64::from(u8::from(i + 1 == candidate)) };
            }
            for _ in 0..2 {
                for other in &order[..position] {
                    let n = &self.columns[*other];
                    let along: f64 = v.iter().zip(n).map(|(a, b)| a * b).sum();
                    v.iter_mut().zip(n).for_each(|(a, b)| *a -= along * b);
                }
            }
            let left = real::sqrt(v.iter().map(|x| x * x).sum::<f64>());
            if left > best {
                best = left;
                self.columns[k][..v.len()].iter_mut().zip(v.iter()).for_each(|(to, x)| *to = x / left);
            }
            if candidate == 0 && best > 0.5 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Closed form: a diagonal Jacobian keeps its large values and has its small ones lifted to (σ² + f²)/2f.
    #[test]
    fn small_singular_values_are_lifted_and_large_ones_are_not() {
        for small in [0.0, 1e-12, 0.004, 0.01, 0.02] {
            let values = [1.0, 0.5, 0.3, small, 0.2, 0.1];
            let mut jacobian: Vec<[f64; 6]> = vec![[0.0; 6]; 6];
            for (i, value) in values.iter().enumerate() {
                jacobian[(i + 2) % 6][i] = *value;
            }
            let asked = Asked { jacobian: &[[0.0; 6]; 6], weight: &[1.0; 6], velocity: [1.0; 6] };
            let found = Lift::new(6).apply(&mut jacobian, 0.01, &asked, |_, _| panic!("nothing accelerates"));
            assert!(real::abs(found - small) < 1e-15, "{small} {found}");
            let expected = if small < 0.01 { (small * small + 1e-4) / 0.02 } else { small };
            for (i, value) in values.iter().enumerate() {
                let value = if i == 3 { expected } else { *value };
                assert!(real::abs(real::abs(jacobian[(i + 2) % 6][i]) - value) < 1e-14, "{i} {small}");
            }
        }
    }
}
