//! Projected Gauss–Seidel: constraint forces settle one after another, each where it is best while the others stay.
//!
//! The dual of the solver's convex problem: minimize ½fᵀ·(J·M⁻¹·Jᵀ + R)·f + fᵀ·(J·a₀ − a_ref) over the forces f that bounds and
//! cones allow. Single rows and the edges of pyramids are clamped. An elliptic contact goes along the ray from its cone's tip
//! first, then within the slice of the cone at the normal force found: along the rows alone it would get stuck (MuJoCo's
//! documentation, *Computation*, Algorithms).
//!
//! What each row does to the accelerations, M⁻¹·Jᵀ, is kept for the step: a number for each degree of freedom of the trees that
//! its block touches, all in all at most [`MOST_NUMBERS`]. Contacts that share no tree share no number, so memory grows with the
//! contacts of a pile and not with their square.

use crate::cone::{self, Curvature, MOST};
use crate::dual::{Images, for_each_group, least_in_ball, residual};
use crate::rows::{Block, Kind, Rows};
use crate::scene::{LEAST, Scene};
use crate::solver::Problem;
use crate::unstable::{Cause, MOST_NUMBERS};
use crate::world::Room;
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::mass::solve_packed;
use leitai_math::real;

/// Workspace; empty unless the model asks for this solver.
#[derive(Clone, Debug, Default)]
pub(crate) struct GaussSeidel {
    images: Images,
    /// M⁻¹·Jᵀ of every block, row by row, over the degrees of freedom of the trees that it touches.
    kept: Vec<f64>,
    /// First number of each block in `kept`, and numbers in a row.
    places: Vec<(usize, usize)>,
    /// J·M⁻¹·Jᵀ within each block; with R on its diagonal but for pyramids, which have R on their edges.
    matrices: Vec<Curvature>,
    /// Forces of pyramids' edges, from twice the block's row on: two for each tangent.
    edges: Vec<f64>,
    joint_force: Vec<f64>,
}

impl GaussSeidel {
    pub(crate) fn new(scene: &Scene, room: &Room) -> Self {
        let nv = scene.model.nv;
        let largest = scene.groups.iter().fold(0, |most, g| most.max(g.dofs.len()));
        // A block touches two trees, rarely more.
        let reach = usize::min(nv, 2 * largest).min(MOST_NUMBERS / 16 / room.rows.max(1));
        Self {
            images: Images::new(scene),
            kept: Vec::with_capacity(room.rows * reach),
            places: Vec::with_capacity(room.blocks),
            matrices: Vec::with_capacity(room.blocks),
            edges: Vec::with_capacity(2 * room.rows),
            joint_force: vec![0.0; nv],
        }
    }

    /// Makes room for the blocks of a step, before its islands are settled.
    pub(crate) fn start(&mut self, rows: &Rows) {
        self.kept.clear();
        self.places.resize(rows.blocks.len(), (0, 0));
        self.matrices.resize(rows.blocks.len(), [[0.0; MOST]; MOST]);
        self.edges.resize(2 * rows.len(), 0.0);
    }

    /// Settles the island of the groups `members` and the blocks `order`; gives the number of sweeps. `scale` makes costs
    /// comparable between islands.
    pub(crate) fn settle(
        &mut self,
        problem: &mut Problem,
        order: &[(u32, u32)],
        members: &[u32],
        scale: f64,
    ) -> Result<u32, Cause> {
        let option = &problem.scene.model.option;
        let mut sweeps = 0;
        self.keep_images(problem, order)?;
        self.begin(problem, order, members);
        while sweeps < option.iterations {
            sweeps += 1;
            let mut improvement = 0.0;
            for &(_, b) in order {
                improvement += self.improve(problem, b as usize);
            }
            // Rounding alone may raise the cost, which must not end sweeps that are to come to rounding: a tolerance of 0.
            if scale * improvement < option.tolerance && option.tolerance > 0.0 {
                break;
            }
        }
        for &(_, b) in order {
            self.give_edges(problem.rows, b as usize);
        }
        Ok(sweeps)
    }

    fn keep_images(&mut self, problem: &Problem, order: &[(u32, u32)]) -> Result<(), Cause> {
        let (scene, data, rows) = (problem.scene, problem.data, &*problem.rows);
        for &(_, b) in order {
            let block = rows.blocks[b as usize];
            let columns = &rows.columns[block.column..block.column + block.width];
            let mut reach = 0;
            for_each_group(scene, columns, |dofs| reach += dofs.len());
            self.places[b as usize] = (self.kept.len(), reach);
            if self.kept.len() + block.dim * reach > MOST_NUMBERS {
                return Err(Cause::Memory);
            }
            for r in 0..block.dim {
                self.images.fill(scene, data, rows, &block, r);
                for_each_group(scene, columns, |dofs| self.kept.extend_from_slice(&self.images.row(r)[dofs]));
            }
            let matrix = &mut self.matrices[b as usize];
            for r in 0..block.dim {
                for s in 0..block.dim {
                    matrix[r][s] = self.images.coupling(rows, &block, r, s);
                }
                if block.kind != Kind::Pyramid {
                    matrix[r][r] += 1.0 / rows.stiffness[block.row + r];
                }
            }
        }
        Ok(())
    }

    /// Starts from the forces that the last step's accelerations give, or from none, whichever costs less.
    fn begin(&mut self, problem: &mut Problem, order: &[(u32, u32)], members: &[u32]) {
        let scene = problem.scene;
        let groups = || members.iter().map(|&g| scene.groups[g as usize].dofs.clone());
        if !scene.model.option.disable.warmstart {
            self.forces_at(problem.rows, problem.warm_start, order);
            let data = problem.data;
            groups().for_each(|dofs| self.joint_force[dofs].fill(0.0));
            for &(_, b) in order {
                problem.rows.add_joint_forces_of(b as usize, &mut self.joint_force);
            }
            for dofs in groups() {
                let force = &mut self.joint_force;
                solve_packed(&scene.model, &data.mass_factor, &data.mass_factor_inverse, force, dofs.start, dofs.end);
                for d in dofs {
                    problem.a[d] = problem.smooth_a[d] + force[d];
                }
            }
            if self.cost(problem, order) < 0.0 {
                return;
            }
        }
        for dofs in groups() {
            problem.a[dofs.clone()].copy_from_slice(&problem.smooth_a[dofs]);
        }
        for &(_, b) in order {
            let block = &problem.rows.blocks[b as usize];
            problem.rows.force[block.row..block.row + block.dim].fill(0.0);
            self.edges[2 * block.row..2 * (block.row + block.dim)].fill(0.0);
        }
    }

    /// Forces that the primal problem gives at accelerations `a`.
    fn forces_at(&mut self, rows: &mut Rows, a: &[f64], order: &[(u32, u32)]) {
        for &(_, b) in order {
            let block = rows.blocks[b as usize];
            let mut x = [0.0; MOST];
            for (r, x) in x[..block.dim].iter_mut().enumerate() {
                *x = residual(rows, &block, r, a);
            }
            let span = block.row..block.row + block.dim;
            let Rows { stiffness, force, .. } = rows;
            cone::evaluate(&block, &stiffness[span.clone()], &x[..block.dim], &mut force[span], None);
            if block.kind == Kind::Pyramid {
                for (e, force) in self.edges_of(&block).iter_mut().enumerate() {
                    let (t, side) = edge(e);
                    *force = real::max(0.0, -stiffness[block.row] * (x[0] + side * block.friction[t - 1] * x[t]));
                }
            }
        }
    }

    fn edges_of(&mut self, block: &Block) -> &mut [f64] {
        &mut self.edges[2 * block.row..2 * (block.row + block.dim - 1)]
    }

    /// Dual cost of the forces in `rows`, whose accelerations are in `problem.a`.
    fn cost(&mut self, problem: &Problem, order: &[(u32, u32)]) -> f64 {
        let rows = &*problem.rows;
        let mut cost = 0.0;
        for &(_, b) in order {
            let block = &rows.blocks[b as usize];
            for r in 0..block.dim {
                let mut x = residual(rows, block, r, problem.a) + residual(rows, block, r, problem.smooth_a);
                if block.kind != Kind::Pyramid {
                    x += rows.force[block.row + r] / rows.stiffness[block.row + r];
                }
                cost += 0.5 * rows.force[block.row + r] * x;
            }
            if block.kind == Kind::Pyramid {
                cost += self.edges_of(block).iter().map(|f| 0.5 * f * f / rows.stiffness[block.row]).sum::<f64>();
            }
        }
        cost
    }

    /// Puts block `b` to its best forces; gives how much lower the cost is.
    fn improve(&mut self, problem: &mut Problem, b: usize) -> f64 {
        let block = problem.rows.blocks[b];
        match block.kind {
            Kind::Pyramid => self.pyramid(problem, &block, b),
            Kind::Ellipse(_) => self.ellipse(problem, &block, b),
            Kind::Equality | Kind::Friction(_) | Kind::Push | Kind::Coulomb(_) => {
                let mut gain = 0.0;
                for r in 0..block.dim {
                    let at = block.row + r;
                    let (old, own) = (problem.rows.force[at], self.matrices[b][r][r]);
                    let x = residual(problem.rows, &block, r, problem.a) + old / problem.rows.stiffness[at];
                    let free = old - x / own;
                    let new = match block.kind {
                        Kind::Friction(most) => real::clamp(free, -most, most),
                        Kind::Equality => free,
                        _ => real::max(0.0, free),
                    };
                    let change = new - old;
                    problem.rows.force[at] = new;
                    let mut changes = [0.0; MOST];
                    changes[r] = change;
                    self.push(problem, &block, b, &changes);
                    gain -= change * (x + 0.5 * change * own);
                }
                gain
            }
        }
    }

    fn pyramid(&mut self, problem: &mut Problem, block: &Block, b: usize) -> f64 {
        let soft = 1.0 / problem.rows.stiffness[block.row];
        let mut gain = 0.0;
        for e in 0..2 * (block.dim - 1) {
            let (t, side) = edge(e);
            let mu = side * block.friction[t - 1];
            let matrix = &self.matrices[b];
            let own = matrix[0][0] + mu * (matrix[0][t] + matrix[t][0] + mu * matrix[t][t]) + soft;
            let force = &mut self.edges[2 * block.row + e];
            let x =
                residual(problem.rows, block, 0, problem.a) + mu * residual(problem.rows, block, t, problem.a) + soft * *force;
            let change = real::max(0.0, *force - x / own) - *force;
            *force += change;
            let mut changes = [0.0; MOST];
            (changes[0], changes[t]) = (change, mu * change);
            self.push(problem, block, b, &changes);
            gain -= change * (x + 0.5 * change * own);
        }
        gain
    }

    fn ellipse(&mut self, problem: &mut Problem, block: &Block, b: usize) -> f64 {
        let (n, matrix) = (block.dim, self.matrices[b]);
        let (mut x, mut old) = ([0.0; MOST], [0.0; MOST]);
        for r in 0..n {
            old[r] = problem.rows.force[block.row + r];
            x[r] = residual(problem.rows, block, r, problem.a) + old[r] / problem.rows.stiffness[block.row + r];
        }
        let new = best_in_cone(&matrix, &x, &old, &block.friction, n);
        let mut change = [0.0; MOST];
        for r in 0..n {
            change[r] = new[r] - old[r];
        }
        let mut gain = 0.0;
        for r in 0..n {
            let bend: f64 = (0..n).map(|s| matrix[r][s] * change[s]).sum();
            gain -= change[r] * (x[r] + 0.5 * bend);
        }
        problem.rows.force[block.row..block.row + n].copy_from_slice(&new[..n]);
        self.push(problem, block, b, &change);
        gain
    }

    /// Accelerations after the forces of block `b` have changed.
    fn push(&self, problem: &mut Problem, block: &Block, b: usize, changes: &[f64; MOST]) {
        if changes.iter().all(|c| *c == 0.0) {
            return;
        }
        let (start, reach) = self.places[b];
        let rows = &*problem.rows;
        let mut at = start;
        for_each_group(problem.scene, &rows.columns[block.column..block.column + block.width], |dofs| {
            for d in dofs {
                for (r, change) in changes[..block.dim].iter().enumerate() {
                    problem.a[d] += change * self.kept[at + r * reach];
                }
                at += 1;
            }
        });
    }

    /// Writes the forces of a pyramid from those of its edges.
    fn give_edges(&mut self, rows: &mut Rows, b: usize) {
        let block = rows.blocks[b];
        if block.kind == Kind::Pyramid {
            let force = &mut rows.force[block.row..block.row + block.dim];
            force.fill(0.0);
            for (e, f) in self.edges_of(&block).iter().enumerate() {
                let (t, side) = edge(e);
                force[0] += f;
                force[t] += side * block.friction[t - 1] * f;
            }
        }
    }
}

/// Tangent and side of a pyramid's edge `e`.
fn edge(e: usize) -> (usize, f64) {
    (1 + e / 2, if e.is_multiple_of(2) { 1.0 } else { -1.0 })
}

/// Better forces of an elliptic contact than `old`, at which the slope of the cost is `x`.
fn best_in_cone(matrix: &Curvature, x: &[f64; MOST], old: &[f64; MOST], mu: &[f64; 5], n: usize) -> [f64; MOST] {
    let along = |ray: &[f64; MOST]| {
        let slope: f64 = (0..n).map(|r| ray[r] * x[r]).sum();
        let bend: f64 = (0..n).map(|r| ray[r] * (0..n).map(|s| matrix[r][s] * ray[s]).sum::<f64>()).sum();
        -slope / real::max(LEAST, bend)
    };
    // From the tip, along the ray on which the cost falls fastest. MuJoCo looks along the normal only, and stays there where
    // pushing costs while pushing and rubbing together would pay.
    let (ray, share) = if old[0] < LEAST {
        let ray = steepest_ray(x, mu, n);
        (ray, along(&ray))
    } else {
        (*old, 1.0 + along(old))
    };
    let mut new = ray.map(|f| real::max(0.0, share) * f);
    if new[0] < LEAST {
        return [0.0; MOST];
    }
    // In the space where the slice is a ball.
    let (mut round, mut linear) = ([[0.0; 5]; 5], [0.0; 5]);
    for i in 1..n {
        let mut l = x[i] + matrix[i][0] * (new[0] - old[0]);
        for j in 1..n {
            l -= matrix[i][j] * old[j];
            round[i - 1][j - 1] = matrix[i][j] * mu[i - 1] * mu[j - 1];
        }
        linear[i - 1] = l * mu[i - 1];
    }
    let inside = least_in_ball(&round, &linear, n - 1, new[0]);
    for i in 1..n {
        new[i] = inside[i - 1] * mu[i - 1];
    }
    new
}

/// The ray of the cone, with a normal part of 1, along which the cost falls fastest where its slope is `x`.
fn steepest_ray(x: &[f64; MOST], mu: &[f64; 5], n: usize) -> [f64; MOST] {
    let mut ray = [0.0; MOST];
    ray[0] = 1.0;
    let square: f64 = (1..n).map(|i| mu[i - 1] * x[i] * mu[i - 1] * x[i]).sum();
    let slip = real::sqrt(square);
    if slip >= LEAST {
        for i in 1..n {
            ray[i] = -mu[i - 1] * mu[i - 1] * x[i] / slip;
        }
    }
    ray
}
