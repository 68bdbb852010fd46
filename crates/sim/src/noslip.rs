//! MuJoCo's pass against slip: after the solver, friction alone is solved again as if it were hard.
//!
//! Normal forces, limits and ties stay; block by block, dry friction and the tangential forces of contacts take the value at
//! which nothing slips, as far as their bounds let them (Gauss–Seidel on the dual problem without regularization). Each block
//! sees the forces of those before it through the accelerations they give.

use crate::dual::{Images, least_in_ball, residual};
use crate::rows::{Block, Kind, Rows};
use crate::scene::{LEAST, Scene};
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_math::real;

/// Workspace of the pass; empty unless the model asks for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoSlip {
    images: Images,
    /// Forces of pyramids' edges, two for each tangent, contact after contact.
    edges: Vec<f64>,
}

impl NoSlip {
    pub(crate) fn new(scene: &Scene, most_rows: usize) -> Self {
        if scene.model.option.noslip_iterations == 0 {
            return Self::default();
        }
        Self { images: Images::new(scene), edges: Vec::with_capacity(2 * most_rows) }
    }

    /// Corrects the forces in `rows` and the accelerations `a`, which are the solver's, island by island.
    pub(crate) fn run(&mut self, scene: &Scene, data: &Data, island_of: &[u32], rows: &mut Rows, a: &mut [f64]) {
        self.take_edges(rows, a);
        for island in 0..island_of.len() as u32 {
            if island_of[island as usize] == island {
                self.settle(scene, data, island_of, island, rows, a);
            }
        }
        self.give_edges(rows);
    }

    fn settle(&mut self, scene: &Scene, data: &Data, island_of: &[u32], island: u32, rows: &mut Rows, a: &mut [f64]) {
        let (option, model) = (&scene.model.option, &scene.model);
        let inside =
            |rows: &Rows, block: &Block| island_of[scene.group_of_dof[rows.columns[block.column] as usize] as usize] == island;
        let members = scene.groups.iter().zip(island_of).filter(|(_, i)| **i == island).flat_map(|(g, _)| g.dofs.clone());
        let trace: f64 = members.map(|d| data.mass[(model.dofs[d].row_start + model.dofs[d].row_len - 1) as usize]).sum();
        let mut improvement = 0.0;
        for sweep in 0..option.noslip_iterations {
            let (mut edge, mut any) = (0, false);
            for b in 0..rows.blocks.len() {
                let block = rows.blocks[b];
                let own = edge;
                if block.kind == Kind::Pyramid {
                    edge += 2 * (block.dim - 1);
                }
                if !inside(rows, &block) {
                    continue;
                }
                any = true;
                if sweep == 0 {
                    improvement += self.dropped_cost(rows, &block, own);
                }
                improvement += match block.kind {
                    Kind::Friction(most) => self.friction(scene, data, rows, &block, most, a),
                    Kind::Pyramid => self.pyramid(scene, data, rows, &block, own, a),
                    Kind::Ellipse(_) => self.ellipse(scene, data, rows, &block, a),
                    _ => 0.0,
                };
            }
            if !any || improvement / real::max(LEAST, trace) < option.noslip_tolerance {
                break;
            }
            improvement = 0.0;
        }
    }

    /// What the regularization of a block costs, which the pass leaves out.
    fn dropped_cost(&self, rows: &Rows, block: &Block, edge: usize) -> f64 {
        let cost = |force: f64, stiffness: f64| 0.5 * force * force / stiffness;
        if block.kind == Kind::Pyramid {
            let edges = &self.edges[edge..edge + 2 * (block.dim - 1)];
            return edges.iter().map(|f| cost(*f, rows.stiffness[block.row])).sum();
        }
        (block.row..block.row + block.dim).map(|r| cost(rows.force[r], rows.stiffness[r])).sum()
    }

    /// Writes the forces of pyramids from those of their edges.
    fn give_edges(&self, rows: &mut Rows) {
        let mut edge = 0;
        for b in 0..rows.blocks.len() {
            let block = rows.blocks[b];
            if block.kind != Kind::Pyramid {
                continue;
            }
            let force = &mut rows.force[block.row..block.row + block.dim];
            force.fill(0.0);
            for t in 1..block.dim {
                let [plus, minus] = [self.edges[edge], self.edges[edge + 1]];
                edge += 2;
                force[0] += plus + minus;
                force[t] = block.friction[t - 1] * (plus - minus);
            }
        }
    }

    /// Forces of edges at the solver's solution.
    fn take_edges(&mut self, rows: &Rows, a: &[f64]) {
        self.edges.clear();
        for block in rows.blocks.iter().filter(|block| block.kind == Kind::Pyramid) {
            let stiffness = rows.stiffness[block.row];
            let normal = residual(rows, block, 0, a);
            for t in 1..block.dim {
                let tangent = block.friction[t - 1] * residual(rows, block, t, a);
                for x in [normal + tangent, normal - tangent] {
                    self.edges.push(real::max(0.0, -stiffness * x));
                }
            }
        }
    }

    fn friction(&mut self, scene: &Scene, data: &Data, rows: &mut Rows, block: &Block, most: f64, a: &mut [f64]) -> f64 {
        self.images.fill(scene, data, rows, block, 0);
        let own = real::max(LEAST, self.images.coupling(rows, block, 0, 0));
        let (x, old) = (residual(rows, block, 0, a), rows.force[block.row]);
        let force = real::clamp(old - x / own, -most, most);
        rows.force[block.row] = force;
        let change = force - old;
        self.images.push(scene, rows, block, 0, change, a);
        -(0.5 * change * change * own + change * x)
    }

    /// Each pair of opposite edges keeps its sum, which is its share of the normal force.
    fn pyramid(&mut self, scene: &Scene, data: &Data, rows: &Rows, block: &Block, edge: usize, a: &mut [f64]) -> f64 {
        let mut gain = 0.0;
        for t in 1..block.dim {
            self.images.fill(scene, data, rows, block, t);
            let (mu, at) = (block.friction[t - 1], edge + 2 * (t - 1));
            let (x, own) = (residual(rows, block, t, a), self.images.coupling(rows, block, t, t));
            let (plus, minus) = (self.edges[at], self.edges[at + 1]);
            let (middle, old) = (0.5 * (plus + minus), 0.5 * (plus - minus));
            let bend = 4.0 * mu * mu * own;
            let new = if bend < LEAST { 0.0 } else { real::clamp(old - 2.0 * mu * x / bend, -middle, middle) };
            let change = new - old;
            let cost = 0.5 * change * change * bend + change * 2.0 * mu * x;
            if cost > 1e-10 {
                continue;
            }
            gain -= cost;
            (self.edges[at], self.edges[at + 1]) = (middle + new, middle - new);
            self.images.push(scene, rows, block, t, 2.0 * mu * change, a);
        }
        gain
    }

    /// The tangential force of least slip inside the ellipse that the normal force allows.
    fn ellipse(&mut self, scene: &Scene, data: &Data, rows: &mut Rows, block: &Block, a: &mut [f64]) -> f64 {
        let n = block.dim - 1;
        let normal = rows.force[block.row];
        (1..=n).for_each(|t| self.images.fill(scene, data, rows, block, t));
        let (mut matrix, mut x, mut old) = ([[0.0; 5]; 5], [0.0; 5], [0.0; 5]);
        for i in 0..n {
            x[i] = residual(rows, block, i + 1, a);
            old[i] = rows.force[block.row + 1 + i];
            for j in 0..n {
                matrix[i][j] = self.images.coupling(rows, block, i + 1, j + 1);
            }
        }
        let mut new = [0.0; 5];
        if normal >= LEAST {
            // In the space where the ellipse is a ball.
            let mu = &block.friction;
            let (mut round, mut linear) = ([[0.0; 5]; 5], [0.0; 5]);
            for i in 0..n {
                linear[i] = x[i];
                for j in 0..n {
                    linear[i] -= matrix[i][j] * old[j];
                    round[i][j] = matrix[i][j] * mu[i] * mu[j];
                }
                linear[i] *= mu[i];
            }
            let inside = least_in_ball(&round, &linear, n, normal);
            for i in 0..n {
                new[i] = inside[i] * mu[i];
            }
        }
        let mut cost = 0.0;
        for i in 0..n {
            let change = new[i] - old[i];
            cost += change * x[i];
            for j in 0..n {
                cost += 0.5 * change * matrix[i][j] * (new[j] - old[j]);
            }
        }
        if cost > 1e-10 {
            return 0.0;
        }
        for i in 0..n {
            rows.force[block.row + 1 + i] = new[i];
            self.images.push(scene, rows, block, i + 1, new[i] - old[i], a);
        }
        -cost
    }
}
