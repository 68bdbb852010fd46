//! Constraint forces, by Newton's method on the accelerations unless the model asks for another.
//!
//! The accelerations minimize ½(a − a₀)ᵀ·M·(a − a₀) + Σ cost(J·a − a_ref), with a₀ the unconstrained ones: MuJoCo's primal
//! problem, convex, solved island by island. Each iteration factors the Hessian M + Jᵀ·H·J and searches exactly along its
//! step. Work is bounded by counts. A model may ask for conjugate gradients instead (`conjugate.rs`), which share all but the
//! direction, or for Gauss–Seidel on the dual problem (`gauss_seidel.rs`).
//!
//! In contact mode `stick` the bound of a contact's friction is a constant of the convex problem: the normal force at the last
//! step's accelerations, and in a second pass that of the first. Over the steps of a steady slide both agree, and that is
//! Coulomb's law. (MuJoCo's cone couples both, so that a fast slide lifts a body off.) A contact that holds does not feel its
//! bound and needs one pass.

use crate::cone::{self, CURVED, Curvature, MOST};
use crate::conjugate::Conjugate;
use crate::factor::BlockFactor;
use crate::gauss_seidel::GaussSeidel;
use crate::hessian::{Assembly, Island};
use crate::kernels;
use crate::rows::{Block, Kind, Rows};
use crate::scene::{LEAST, Scene};
use crate::unstable::Cause;
use crate::world::Room;
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_dynamics::mass::mass_times_of;
use leitai_math::real;
use leitai_model::option::{self, Options};

/// Most passes of contact mode `stick`, in each of which friction is bounded by the normal forces that the last one found. More
/// make jammed piles change their mind (the forces are not unique) and cost what they cost.
const MOST_PASSES: u32 = 2;

/// Relative change of a normal force that friction follows one step later, for the next step starts from these forces.
const BOUND_TOLERANCE: f64 = 0.01;

/// What the solver did, for people who tune it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SolverReport {
    /// Islands solved.
    pub islands: u32,
    /// Iterations, summed over islands.
    pub iterations: u32,
    /// Most iterations in one island.
    pub most_iterations: u32,
}

/// Workspace of the solver.
#[derive(Clone, Debug)]
pub(crate) struct Solver {
    /// Island of each group in this step: its lowest group.
    pub island_of: Vec<u32>,
    /// Blocks sorted by island, with the island.
    order: Vec<(u32, u32)>,
    members: Vec<u32>,
    node_of: Vec<u32>,
    sizes: Vec<u32>,
    edges: Vec<[u32; 2]>,
    factor: BlockFactor,
    assembly: Assembly,
    residual: Vec<f64>,
    slope: Vec<f64>,
    pieces: Vec<u32>,
    curvature: Vec<Curvature>,
    /// Values of a vector at a block's columns.
    gathered: Vec<f64>,
    gradient: Vec<f64>,
    search: Vec<f64>,
    ma: Vec<f64>,
    m_search: Vec<f64>,
    conjugate: Conjugate,
    gauss_seidel: GaussSeidel,
    pub report: SolverReport,
}

/// The problem of one step.
pub(crate) struct Problem<'a> {
    pub scene: &'a Scene,
    pub data: &'a Data,
    pub rows: &'a mut Rows,
    /// Unconstrained forces and accelerations.
    pub smooth_force: &'a [f64],
    pub smooth_a: &'a [f64],
    pub warm_start: &'a [f64],
    /// Result.
    pub a: &'a mut [f64],
}

impl Solver {
    pub(crate) fn new(scene: &Scene, room: &Room) -> Self {
        let (nv, groups) = (scene.model.nv, scene.groups.len());
        // A block touches two groups, rarely more.
        let edges = 3 * room.blocks;
        Self {
            island_of: vec![0; groups],
            order: Vec::with_capacity(room.blocks),
            members: Vec::with_capacity(groups),
            node_of: vec![0; groups],
            sizes: Vec::with_capacity(groups),
            edges: Vec::with_capacity(edges),
            factor: BlockFactor::with_room(scene, usize::min(edges, groups * groups)),
            assembly: Assembly::with_room(room.width),
            residual: Vec::with_capacity(room.rows),
            slope: Vec::with_capacity(room.rows),
            pieces: Vec::with_capacity(room.blocks),
            curvature: Vec::with_capacity(room.blocks),
            gathered: Vec::with_capacity(room.width),
            gradient: vec![0.0; nv],
            search: vec![0.0; nv],
            ma: vec![0.0; nv],
            m_search: vec![0.0; nv],
            conjugate: match method(&scene.model.option) {
                option::Solver::ConjugateGradient => Conjugate::new(nv),
                _ => Conjugate::default(),
            },
            gauss_seidel: match method(&scene.model.option) {
                option::Solver::ProjectedGaussSeidel => GaussSeidel::new(scene, room),
                _ => GaussSeidel::default(),
            },
            report: SolverReport::default(),
        }
    }

    /// Solves; `problem.a` holds the unconstrained accelerations where nothing constrains. An error names an island.
    pub(crate) fn solve(&mut self, problem: &mut Problem) -> Result<(), (u32, Cause)> {
        self.report = SolverReport::default();
        problem.a.copy_from_slice(problem.smooth_a);
        self.find_islands(problem.scene, problem.rows);
        let count = problem.rows.len();
        self.residual.resize(count, 0.0);
        self.slope.resize(count, 0.0);
        self.pieces.resize(problem.rows.blocks.len(), 0);
        self.curvature.resize(problem.rows.blocks.len(), [[0.0; MOST]; MOST]);
        if method(&problem.scene.model.option) == option::Solver::ProjectedGaussSeidel {
            self.gauss_seidel.start(problem.rows);
        }
        let mut at = 0;
        while at < self.order.len() {
            let island = self.order[at].0;
            let end = at + self.order[at..].iter().take_while(|o| o.0 == island).count();
            self.solve_island(problem, island, at..end).map_err(|cause| (island, cause))?;
            at = end;
        }
        Ok(())
    }

    fn find_islands(&mut self, scene: &Scene, rows: &Rows) {
        for (g, island) in self.island_of.iter_mut().enumerate() {
            *island = g as u32;
        }
        fn root(of: &mut [u32], g: u32) -> u32 {
            let mut g = g;
            while of[g as usize] != g {
                of[g as usize] = of[of[g as usize] as usize];
                g = of[g as usize];
            }
            g
        }
        for block in &rows.blocks {
            let columns = &rows.columns[block.column..block.column + block.width];
            let mut first = u32::MAX;
            for &c in columns {
                let g = scene.group_of_dof[c as usize];
                if first == u32::MAX {
                    first = root(&mut self.island_of, g);
                } else if g != first {
                    let other = root(&mut self.island_of, g);
                    let (low, high) = if other < first { (other, first) } else { (first, other) };
                    self.island_of[high as usize] = low;
                    first = low;
                }
            }
        }
        for g in 0..self.island_of.len() as u32 {
            let r = root(&mut self.island_of, g);
            self.island_of[g as usize] = r;
        }
        self.order.clear();
        for (b, block) in rows.blocks.iter().enumerate() {
            let group = scene.group_of_dof[rows.columns[block.column] as usize];
            self.order.push((self.island_of[group as usize], b as u32));
        }
        self.order.sort_unstable();
    }

    /// Nodes and edges of the island's graph.
    fn lay_out(&mut self, problem: &Problem, island: u32, blocks: core::ops::Range<usize>) {
        let scene = problem.scene;
        self.members.clear();
        self.sizes.clear();
        self.edges.clear();
        for (g, group) in scene.groups.iter().enumerate() {
            if self.island_of[g] == island && !group.dofs.is_empty() {
                self.node_of[g] = self.members.len() as u32;
                self.members.push(g as u32);
                self.sizes.push(group.dofs.len() as u32);
            }
        }
        for &(_, b) in &self.order[blocks] {
            let block = &problem.rows.blocks[b as usize];
            let columns = &problem.rows.columns[block.column..block.column + block.width];
            let (mut last, start) = (u32::MAX, self.edges.len());
            // Columns ascend, so groups come in runs.
            for &c in columns {
                let g = scene.group_of_dof[c as usize];
                if g != last {
                    last = g;
                    self.edges.push([self.node_of[g as usize], u32::MAX]);
                }
            }
            let end = self.edges.len();
            for i in start..end {
                for j in i + 1..end {
                    let pair = [self.edges[i][0], self.edges[j][0]];
                    self.edges.push(pair);
                }
            }
            self.edges.drain(start..end);
        }
        self.edges.sort_unstable();
        self.edges.dedup();
    }

    fn solve_island(&mut self, problem: &mut Problem, island: u32, blocks: core::ops::Range<usize>) -> Result<(), Cause> {
        self.lay_out(problem, island, blocks.clone());
        self.report.islands += 1;
        let scale = 1.0 / real::max(LEAST, self.trace(problem));
        let (mut iterations, mut passes) = (0, 0);
        if method(&problem.scene.model.option) == option::Solver::ProjectedGaussSeidel {
            let Self { gauss_seidel, order, members, .. } = self;
            iterations = gauss_seidel.settle(problem, &order[blocks], members, scale)?;
            self.count(iterations);
            return Ok(());
        }
        let stick = problem.scene.model.option.stick;
        let mut cost = self.start(problem, blocks.clone(), scale);
        loop {
            self.descend(problem, blocks.clone(), scale, cost, &mut iterations)?;
            passes += 1;
            if !stick || passes == MOST_PASSES || !self.renew_bounds(problem, blocks.clone()) {
                break;
            }
            cost = self.evaluate(problem, blocks.clone(), &mut true);
            self.gradient(problem, blocks.clone());
        }
        self.count(iterations);
        Ok(())
    }

    fn count(&mut self, iterations: u32) {
        self.report.iterations += iterations;
        self.report.most_iterations = self.report.most_iterations.max(iterations);
    }

    /// Whether the gradient is as good as zero.
    fn is_flat(&self, scene: &Scene, scale: f64) -> bool {
        scale * real::sqrt(self.sum(scene, |s, d| s.gradient[d] * s.gradient[d])) < scene.model.option.tolerance
    }

    /// Goes down from the current accelerations, which cost `cost`, until it is flat.
    fn descend(
        &mut self,
        problem: &mut Problem,
        blocks: core::ops::Range<usize>,
        scale: f64,
        mut cost: f64,
        iterations: &mut u32,
    ) -> Result<(), Cause> {
        let option = &problem.scene.model.option;
        let by_newton = method(option) == option::Solver::Newton;
        let (mut changed, mut first) = (true, true);
        while *iterations < option.iterations && !self.is_flat(problem.scene, scale) {
            *iterations += 1;
            // Pieces whose curvature is constant need no new factor while they stay the same.
            if changed && by_newton {
                self.assemble(problem, blocks.clone())?;
                self.factor.factor()?;
            }
            if by_newton {
                self.newton_direction(problem.scene);
            } else {
                let Self { conjugate, members, gradient, search, .. } = self;
                conjugate.turn(problem.scene, problem.data, members, first, gradient, search);
                first = false;
            }
            self.look_along(problem, blocks.clone());
            let alpha = self.line_search(problem, blocks.clone(), scale, by_newton);
            if alpha == 0.0 {
                break;
            }
            for &g in &self.members {
                for d in problem.scene.groups[g as usize].dofs.clone() {
                    problem.a[d] += alpha * self.search[d];
                    self.ma[d] += alpha * self.m_search[d];
                }
            }
            for &(_, b) in &self.order[blocks.clone()] {
                let block = &problem.rows.blocks[b as usize];
                for r in block.row..block.row + block.dim {
                    self.residual[r] += alpha * self.slope[r];
                }
            }
            let next = self.evaluate(problem, blocks.clone(), &mut changed);
            let improvement = scale * (cost - next);
            cost = next;
            // Conjugate gradients come to rounding only if rounding in the cost does not stop them; a tolerance of 0 says so.
            if improvement < option.tolerance && (by_newton || option.tolerance > 0.0) {
                break;
            }
            self.gradient(problem, blocks.clone());
        }
        Ok(())
    }

    /// Bounds friction by the normal forces of the current accelerations: contact mode `stick`.
    fn guess_bounds(&self, problem: &mut Problem, blocks: core::ops::Range<usize>) {
        let Rows { blocks: all, stiffness, .. } = &mut *problem.rows;
        for &(_, b) in &self.order[blocks] {
            let block = &mut all[b as usize];
            if let Kind::Coulomb(most) = &mut block.kind {
                *most = real::max(0.0, -stiffness[block.row] * self.residual[block.row]);
            }
        }
    }

    /// Bounds friction by the normal forces just found, if that changes friction.
    fn renew_bounds(&self, problem: &mut Problem, blocks: core::ops::Range<usize>) -> bool {
        let Rows { blocks: all, force, .. } = &mut *problem.rows;
        let changes = self.order[blocks.clone()].iter().any(|&(_, b)| {
            let block = &all[b as usize];
            let Kind::Coulomb(most) = block.kind else { return false };
            let force = &force[block.row..block.row + block.dim];
            let (low, high) = if force[0] < most { (force[0], most) } else { (most, force[0]) };
            // Friction that stays inside both bounds does not feel them.
            high - low > BOUND_TOLERANCE * high && block.friction_over_mu(force) > low * (1.0 - BOUND_TOLERANCE)
        });
        if changes {
            for &(_, b) in &self.order[blocks] {
                let block = &mut all[b as usize];
                if let Kind::Coulomb(most) = &mut block.kind {
                    *most = force[block.row];
                }
            }
        }
        changes
    }

    /// Starts from the last step's accelerations or the unconstrained ones, whichever cost less; gives the cost. Where the last
    /// step's are the solution still, the others need no look.
    fn start(&mut self, problem: &mut Problem, blocks: core::ops::Range<usize>, scale: f64) -> f64 {
        let scene = problem.scene;
        let mut changed = true;
        let warm = !scene.model.option.disable.warmstart;
        if warm {
            for &g in &self.members {
                let dofs = scene.groups[g as usize].dofs.clone();
                problem.a[dofs.clone()].copy_from_slice(&problem.warm_start[dofs]);
            }
        }
        self.set_point(problem, blocks.clone());
        if scene.model.option.stick {
            self.guess_bounds(problem, blocks.clone());
        }
        let cost = self.evaluate(problem, blocks.clone(), &mut changed);
        self.gradient(problem, blocks.clone());
        if !warm || self.is_flat(scene, scale) || cost <= self.smooth_cost(problem, blocks.clone()) {
            return cost;
        }
        for &g in &self.members {
            let dofs = scene.groups[g as usize].dofs.clone();
            problem.a[dofs.clone()].copy_from_slice(&problem.smooth_a[dofs]);
        }
        self.set_point(problem, blocks.clone());
        let cost = self.evaluate(problem, blocks.clone(), &mut changed);
        self.gradient(problem, blocks);
        cost
    }

    /// Calls `visit(block, its rows of the Jacobian, the values of `x` at its columns)`.
    fn for_each_block(
        order: &[(u32, u32)],
        gathered: &mut Vec<f64>,
        rows: &Rows,
        x: &[f64],
        mut visit: impl FnMut(&Block, &[f64], &[f64]),
    ) {
        let mut last = usize::MAX;
        for &(_, b) in order {
            let block = &rows.blocks[b as usize];
            // Contacts of one pair share their columns.
            if block.column != last {
                last = block.column;
                gathered.clear();
                gathered.extend(rows.columns[block.column..block.column + block.width].iter().map(|&c| x[c as usize]));
            }
            visit(block, &rows.jacobian[block.entry..block.entry + block.dim * block.width], gathered);
        }
    }

    /// Residuals and M·a at the current accelerations.
    fn set_point(&mut self, problem: &Problem, blocks: core::ops::Range<usize>) {
        for &g in &self.members {
            let dofs = problem.scene.groups[g as usize].dofs.clone();
            mass_times_of(&problem.scene.model, &problem.data.mass, problem.a, &mut self.ma, dofs.start, dofs.end);
        }
        let Self { order, gathered, residual, .. } = self;
        Self::for_each_block(&order[blocks], gathered, problem.rows, problem.a, |block, jacobian, x| {
            let rows = block.row..block.row + block.dim;
            kernels::times(jacobian, x, &mut residual[rows.clone()]);
            for r in rows {
                residual[r] -= problem.rows.reference[r];
            }
        });
    }

    /// Cost of the unconstrained accelerations.
    fn smooth_cost(&mut self, problem: &Problem, blocks: core::ops::Range<usize>) -> f64 {
        let Self { order, gathered, .. } = self;
        let rows = &*problem.rows;
        let mut cost = 0.0;
        Self::for_each_block(&order[blocks], gathered, rows, problem.smooth_a, |block, jacobian, x| {
            let (mut residual, mut force) = ([0.0; MOST], [0.0; MOST]);
            kernels::times(jacobian, x, &mut residual[..block.dim]);
            for r in 0..block.dim {
                residual[r] -= rows.reference[block.row + r];
            }
            let stiffness = &rows.stiffness[block.row..block.row + block.dim];
            cost += cone::evaluate(block, stiffness, &residual[..block.dim], &mut force[..block.dim], None).cost;
        });
        cost
    }

    /// Cost at the current residuals; writes forces and curvatures. `changed` tells whether curvatures are new.
    fn evaluate(&mut self, problem: &mut Problem, blocks: core::ops::Range<usize>, changed: &mut bool) -> f64 {
        let mut cost =
            0.5 * self.sum(problem.scene, |s, d| (s.ma[d] - problem.smooth_force[d]) * (problem.a[d] - problem.smooth_a[d]));
        *changed = false;
        let Rows { blocks: all, stiffness, force, .. } = &mut *problem.rows;
        for &(_, b) in &self.order[blocks] {
            let block = &all[b as usize];
            let rows = block.row..block.row + block.dim;
            let h = &mut self.curvature[b as usize];
            let value = cone::evaluate(block, &stiffness[rows.clone()], &self.residual[rows.clone()], &mut force[rows], Some(h));
            let piece = &mut self.pieces[b as usize];
            *changed |= value.piece == CURVED || value.piece != *piece;
            *piece = value.piece;
            cost += value.cost;
        }
        cost
    }

    fn gradient(&mut self, problem: &Problem, blocks: core::ops::Range<usize>) {
        for &g in &self.members {
            for d in problem.scene.groups[g as usize].dofs.clone() {
                self.gradient[d] = self.ma[d] - problem.smooth_force[d];
            }
        }
        let rows = &*problem.rows;
        for &(_, b) in &self.order[blocks] {
            let block = &rows.blocks[b as usize];
            let force = &rows.force[block.row..block.row + block.dim];
            if force.iter().all(|f| *f == 0.0) {
                continue;
            }
            let columns = &rows.columns[block.column..block.column + block.width];
            let jacobian = &rows.jacobian[block.entry..block.entry + block.dim * block.width];
            match contiguous(columns) {
                Some(first) => {
                    kernels::subtract_transposed(jacobian, force, &mut self.gradient[first..first + block.width]);
                }
                None => {
                    for (row, f) in jacobian.chunks_exact(block.width).zip(force) {
                        for (j, &c) in row.iter().zip(columns) {
                            self.gradient[c as usize] -= j * f;
                        }
                    }
                }
            }
        }
    }

    /// Sum of the island's masses and inertias, by which cost and gradient are made comparable between islands.
    fn trace(&self, problem: &Problem) -> f64 {
        let dofs = &problem.scene.model.dofs;
        self.sum(problem.scene, |_, d| problem.data.mass[(dofs[d].row_start + dofs[d].row_len - 1) as usize])
    }

    fn sum(&self, scene: &Scene, term: impl Fn(&Self, usize) -> f64) -> f64 {
        let mut s = 0.0;
        for &g in &self.members {
            for d in scene.groups[g as usize].dofs.clone() {
                s += term(self, d);
            }
        }
        s
    }

    /// Writes the Hessian into the factor's blocks.
    fn assemble(&mut self, problem: &Problem, blocks: core::ops::Range<usize>) -> Result<(), Cause> {
        let Self { members, node_of, sizes, edges, order, pieces, curvature, factor, assembly, .. } = self;
        let island = Island { members, node_of, sizes, edges };
        let (scene, data, rows) = (problem.scene, problem.data, &*problem.rows);
        assembly.fill(scene, data, rows, &island, &order[blocks], pieces, curvature, factor)
    }

    /// Solves for Newton's step.
    fn newton_direction(&mut self, scene: &Scene) {
        let Self { factor, gradient, search, members, .. } = self;
        let dof = |node: usize, k: usize| scene.groups[members[node] as usize].dofs.start + k;
        factor.solve(|node, k| -gradient[dof(node, k)], |node, k, x| search[dof(node, k)] = x);
    }

    /// The images of the step under M and J.
    fn look_along(&mut self, problem: &Problem, blocks: core::ops::Range<usize>) {
        let scene = problem.scene;
        for &g in &self.members {
            let dofs = scene.groups[g as usize].dofs.clone();
            mass_times_of(&scene.model, &problem.data.mass, &self.search, &mut self.m_search, dofs.start, dofs.end);
        }
        let Self { order, gathered, slope, search, .. } = self;
        Self::for_each_block(&order[blocks], gathered, problem.rows, search, |block, jacobian, x| {
            kernels::times(jacobian, x, &mut slope[block.row..block.row + block.dim]);
        });
    }

    /// How far to go along the step: Newton on the slope of the cost, kept inside a bracket.
    fn line_search(&self, problem: &Problem, blocks: core::ops::Range<usize>, scale: f64, by_newton: bool) -> f64 {
        let (scene, option) = (problem.scene, &problem.scene.model.option);
        let length = real::sqrt(self.sum(scene, |s, d| s.search[d] * s.search[d]));
        if length < LEAST {
            return 0.0;
        }
        let flat = option.tolerance * option.line_search_tolerance * length / scale;
        let linear = self.sum(scene, |s, d| s.search[d] * (s.ma[d] - problem.smooth_force[d]));
        let quadratic = self.sum(scene, |s, d| s.search[d] * s.m_search[d]);
        let slopes_at = |alpha: f64| {
            let (mut first, mut second) = (linear + alpha * quadratic, quadratic);
            for &(_, b) in &self.order[blocks.clone()] {
                let block = &problem.rows.blocks[b as usize];
                let rows = block.row..block.row + block.dim;
                let (residual, slope) = (&self.residual[rows.clone()], &self.slope[rows.clone()]);
                let (d1, d2) = cone::along(block, &problem.rows.stiffness[rows], residual, slope, alpha);
                first += d1;
                second += d2;
            }
            (first, real::max(second, LEAST))
        };
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut alpha = if by_newton {
            // The step solves H·s = −g, so along it the slope at 0 is g·s, the curvature −g·s, and Newton's first guess 1.
            1.0
        } else {
            let (first, second) = slopes_at(0.0);
            -first / second
        };
        for _ in 0..option.line_search_iterations {
            let (first, second) = slopes_at(alpha);
            if real::abs(first) < flat {
                return alpha;
            }
            if first < 0.0 {
                low = alpha;
            } else {
                high = alpha;
            }
            let next = alpha - first / second;
            if next == alpha && !by_newton {
                return alpha;
            }
            alpha = if next > low && next < high { next } else { 0.5 * (low + high) };
        }
        // The cost falls from 0 to `low`, because it is convex and still falling there.
        low
    }
}

/// How the model's constraint forces are found.
fn method(option: &Options) -> option::Solver {
    if option.stick { option::Solver::Newton } else { option.solver }
}

/// The first of `columns` if they follow each other without a gap.
fn contiguous(columns: &[u32]) -> Option<usize> {
    let (&first, &last) = (columns.first()?, columns.last()?);
    ((last - first) as usize + 1 == columns.len()).then_some(first as usize)
}
