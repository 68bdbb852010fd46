//! Constraint forces as unknowns, each seen through the accelerations that it gives.
//!
//! The matrix J·M⁻¹·Jᵀ between all rows is never formed: a block's part of it comes from M⁻¹·Jᵀ of its own rows, and what other
//! blocks do to it is in the accelerations.

use crate::cone::MOST;
use crate::rows::{Block, Rows};
use crate::scene::{LEAST, Scene};
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_dynamics::mass::solve_packed;
use leitai_math::real;

/// M⁻¹·Jᵀ of one block, row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Images {
    values: Vec<f64>,
    nv: usize,
}

impl Images {
    pub(crate) fn new(scene: &Scene) -> Self {
        let nv = scene.model.nv;
        Self { values: vec![0.0; MOST * nv], nv }
    }

    /// That of row `r`, over all degrees of freedom; only those of the groups that the block touches are its own.
    pub(crate) fn row(&self, r: usize) -> &[f64] {
        &self.values[r * self.nv..(r + 1) * self.nv]
    }

    /// Writes that of the block's row `r`.
    pub(crate) fn fill(&mut self, scene: &Scene, data: &Data, rows: &Rows, block: &Block, r: usize) {
        let image = &mut self.values[r * self.nv..(r + 1) * self.nv];
        let columns = &rows.columns[block.column..block.column + block.width];
        for_each_group(scene, columns, |dofs| image[dofs].fill(0.0));
        let row = &rows.jacobian[block.entry + r * block.width..block.entry + (r + 1) * block.width];
        for (j, &c) in row.iter().zip(columns) {
            image[c as usize] = *j;
        }
        for_each_group(scene, columns, |dofs| {
            solve_packed(&scene.model, &data.mass_factor, &data.mass_factor_inverse, image, dofs.start, dofs.end);
        });
    }

    /// J·M⁻¹·Jᵀ between the block's row `r` and the image of its row `s`.
    pub(crate) fn coupling(&self, rows: &Rows, block: &Block, r: usize, s: usize) -> f64 {
        rows.row_times(block, r, self.row(s))
    }

    /// Accelerations after the force of row `r` has changed by `change`.
    pub(crate) fn push(&self, scene: &Scene, rows: &Rows, block: &Block, r: usize, change: f64, a: &mut [f64]) {
        if change == 0.0 {
            return;
        }
        for_each_group(scene, &rows.columns[block.column..block.column + block.width], |dofs| {
            for d in dofs {
                a[d] += change * self.values[r * self.nv + d];
            }
        });
    }
}

/// J·a less the reference of the block's row `r`.
pub(crate) fn residual(rows: &Rows, block: &Block, r: usize, a: &[f64]) -> f64 {
    rows.row_times(block, r, a) - rows.reference[block.row + r]
}

/// The degrees of freedom of each group that `columns`, ascending, belong to.
pub(crate) fn for_each_group(scene: &Scene, columns: &[u32], mut visit: impl FnMut(core::ops::Range<usize>)) {
    let mut last = u32::MAX;
    for &c in columns {
        let group = scene.group_of_dof[c as usize];
        if group != last {
            last = group;
            visit(scene.groups[group as usize].dofs.clone());
        }
    }
}

/// The minimum of ½vᵀ·A·v + bᵀ·v for |v| ≤ `radius`: (A + λ)·v = −b with the least λ ≥ 0 that keeps it inside, by Newton.
pub(crate) fn least_in_ball(a: &[[f64; 5]; 5], b: &[f64; 5], n: usize, radius: f64) -> [f64; 5] {
    const MOST_ITERATIONS: usize = 50;
    let mut lambda = 0.0;
    let mut v = [0.0; 5];
    for _ in 0..MOST_ITERATIONS {
        let Some((found, slope)) = shifted(a, b, n, lambda) else { return [0.0; 5] };
        v = found;
        let square: f64 = v[..n].iter().map(|x| x * x).sum();
        let over = square - radius * radius;
        if over <= 1e-15 * radius * radius {
            break;
        }
        // On 1/|v|, which is nearly straight in λ.
        let length = real::sqrt(square);
        lambda += (length / radius - 1.0) * square / real::max(LEAST, slope);
    }
    v
}

/// v = −(A + λ)⁻¹·b and vᵀ·(A + λ)⁻¹·v, by Cholesky; none if the matrix has no such root.
fn shifted(a: &[[f64; 5]; 5], b: &[f64; 5], n: usize, lambda: f64) -> Option<([f64; 5], f64)> {
    let mut l = [[0.0; 5]; 5];
    for i in 0..n {
        for j in 0..=i {
            let mut sum = a[i][j] + if i == j { lambda } else { 0.0 };
            for k in 0..j {
                sum -= l[i][k] * l[j][k];
            }
            if i == j {
                if sum < LEAST {
                    return None;
                }
                l[i][i] = real::sqrt(sum);
            } else {
                l[i][j] = sum / l[j][j];
            }
        }
    }
    let forward = |b: &[f64; 5]| {
        let mut y = [0.0; 5];
        for i in 0..n {
            y[i] = (b[i] - (0..i).map(|k| l[i][k] * y[k]).sum::<f64>()) / l[i][i];
        }
        y
    };
    let y = forward(b);
    let mut v = [0.0; 5];
    for i in (0..n).rev() {
        v[i] = (-y[i] - (i + 1..n).map(|k| l[k][i] * v[k]).sum::<f64>()) / l[i][i];
    }
    let half = forward(&v);
    Some((v, half[..n].iter().map(|x| x * x).sum()))
}
