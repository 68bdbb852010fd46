//! Inertia of the whole: the mass matrix and its factor.
//!
//! Composite rigid bodies (Featherstone 2008, §6.2). Entries exist only between a degree of freedom and those between it and
//! the root, so the matrix is packed by rows along these chains, and its factor Lᵀ·D·L fills in nothing (§6.5).

use crate::data::Data;
use leitai_model::Model;

/// Writes `data.mass`. Needs [`crate::com_frames`].
pub fn mass_matrix(model: &Model, data: &mut Data) {
    mass_matrix_of(model, data, 1, model.bodies.len());
}

/// The part of [`mass_matrix`] for bodies `start..end`, which hold whole trees.
pub fn mass_matrix_of(model: &Model, data: &mut Data, start: usize, end: usize) {
    data.composite[start..end].copy_from_slice(&data.body_inertia[start..end]);
    for i in (start..end).rev() {
        let parent = model.bodies[i].parent.index();
        if parent >= start {
            let below = data.composite[i];
            data.composite[parent] += below;
        }
        let body = &model.bodies[i];
        for d in body.dof_start as usize..(body.dof_start + body.dof_count) as usize {
            let dof = &model.dofs[d];
            let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
            let force = data.composite[i].apply(data.dof_motion[d]);
            for (at, &column) in row.clone().zip(&model.mass_columns[row.clone()]) {
                data.mass[at] = data.dof_motion[column as usize].dot(force);
            }
            data.mass[row.end - 1] += dof.armature;
        }
    }
}

/// Writes `data.mass_factor` from `data.mass`.
pub fn factor_mass(model: &Model, data: &mut Data) {
    let Data { mass, mass_factor, mass_factor_inverse, .. } = data;
    factor_packed(model, mass, mass_factor, mass_factor_inverse, 0, model.nv);
}

/// Factors rows `start..end` of a matrix packed like the mass matrix: `packed` = Lᵀ·D·L, with 1/D in `inverse`.
pub fn factor_packed(model: &Model, packed: &[f64], factor: &mut [f64], inverse: &mut [f64], start: usize, end: usize) {
    if start == end {
        return;
    }
    let range = |d: usize| {
        let dof = &model.dofs[d];
        (dof.row_start as usize, dof.row_len as usize)
    };
    let (first, _) = range(start);
    let (last, len) = range(end - 1);
    factor[first..last + len].copy_from_slice(&packed[first..last + len]);
    for k in (start..end).rev() {
        let (at, len) = range(k);
        let inverse_pivot = 1.0 / factor[at + len - 1];
        inverse[k] = inverse_pivot;
        // Rows above are prefixes of this row's chain, and they come earlier in memory.
        let (above, row) = factor.split_at_mut(at);
        for c in (0..len - 1).rev() {
            let share = row[c] * inverse_pivot;
            let (target, target_len) = range(model.mass_columns[at + c] as usize);
            debug_assert_eq!(target_len, c + 1);
            for (t, r) in above[target..target + c + 1].iter_mut().zip(row[..=c].iter()) {
                *t -= share * r;
            }
        }
        for x in &mut row[..len - 1] {
            *x *= inverse_pivot;
        }
    }
}

/// Replaces `x` by M⁻¹·x. Needs [`factor_mass`].
pub fn solve_mass(model: &Model, data: &Data, x: &mut [f64]) {
    solve_packed(model, &data.mass_factor, &data.mass_factor_inverse, x, 0, model.nv);
}

/// Solves with a factor from [`factor_packed`], rows `start..end`.
pub fn solve_packed(model: &Model, factor: &[f64], inverse: &[f64], x: &mut [f64], start: usize, end: usize) {
    for k in (start..end).rev() {
        let dof = &model.dofs[k];
        let (at, len) = (dof.row_start as usize, dof.row_len as usize);
        let xk = x[k];
        if xk != 0.0 {
            for c in 0..len - 1 {
                x[model.mass_columns[at + c] as usize] -= factor[at + c] * xk;
            }
        }
    }
    for k in start..end {
        let dof = &model.dofs[k];
        let (at, len) = (dof.row_start as usize, dof.row_len as usize);
        let mut s = x[k] * inverse[k];
        for c in 0..len - 1 {
            s -= factor[at + c] * x[model.mass_columns[at + c] as usize];
        }
        x[k] = s;
    }
}

/// Writes M·x into `out`, for a matrix packed like the mass matrix.
pub fn mass_times(model: &Model, packed: &[f64], x: &[f64], out: &mut [f64]) {
    mass_times_of(model, packed, x, out, 0, model.nv);
}

/// The part of [`mass_times`] for rows `start..end`, which hold whole trees.
pub fn mass_times_of(model: &Model, packed: &[f64], x: &[f64], out: &mut [f64], start: usize, end: usize) {
    for k in start..end {
        let dof = &model.dofs[k];
        let (at, len) = (dof.row_start as usize, dof.row_len as usize);
        let xk = x[k];
        let mut s = packed[at + len - 1] * xk;
        for c in 0..len - 1 {
            let column = model.mass_columns[at + c] as usize;
            s += packed[at + c] * x[column];
            out[column] += packed[at + c] * xk;
        }
        out[k] = s;
    }
}
