//! Fills the Hessian M + Jᵀ·H·J of an island, block of rows by block of rows.

use crate::cone::{Curvature, MOST};
use crate::factor::BlockFactor;
use crate::kernels;
use crate::rows::{Block, Kind, Rows};
use crate::scene::Scene;
use crate::unstable::Cause;
use alloc::vec::Vec;
use leitai_dynamics::Data;

/// Where the product of two runs of columns goes. A run is the part of a block's columns that belongs to one node.
#[derive(Clone, Copy, Debug)]
struct Target {
    /// First column and number of columns of the runs that give rows and columns.
    rows: (usize, usize),
    columns: (usize, usize),
    /// First value of the node pair's block in the factor.
    at: usize,
    /// Steps between neighboring rows and columns there.
    strides: (usize, usize),
    /// First degrees of freedom of the nodes.
    starts: (usize, usize),
    /// Within one node only the lower triangle counts.
    diagonal: bool,
    /// The columns follow each other without a gap, also in the factor.
    gapless: bool,
}

/// Workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assembly {
    runs: Vec<(usize, usize)>,
    targets: Vec<Target>,
    /// Jᵀ·H, column by column of J.
    left: Vec<f64>,
}

/// The graph of an island.
pub(crate) struct Island<'a> {
    /// Groups, node by node.
    pub members: &'a [u32],
    /// Node of each group.
    pub node_of: &'a [u32],
    /// Size of each node.
    pub sizes: &'a [u32],
    /// Pairs of nodes that some block couples.
    pub edges: &'a [[u32; 2]],
}

impl Assembly {
    pub(crate) fn with_room(width: usize) -> Self {
        Self { runs: Vec::with_capacity(4), targets: Vec::with_capacity(8), left: Vec::with_capacity(MOST * width) }
    }

    /// Writes the Hessian of `island` into `factor`; `order` names its blocks, `pieces` and `curvature` are theirs.
    pub(crate) fn fill(
        &mut self,
        scene: &Scene,
        data: &Data,
        rows: &Rows,
        island: &Island,
        order: &[(u32, u32)],
        pieces: &[u32],
        curvature: &[Curvature],
        factor: &mut BlockFactor,
    ) -> Result<(), Cause> {
        factor.start(island.sizes, island.edges)?;
        fill_mass(scene, data, island, factor);
        let mut last = usize::MAX;
        for &(_, b) in order {
            let block = &rows.blocks[b as usize];
            if pieces[b as usize] == 0 && !matches!(block.kind, Kind::Friction(_)) {
                continue;
            }
            if block.column != last {
                last = block.column;
                self.aim(scene, &rows.columns[block.column..block.column + block.width], island, factor);
            }
            let jacobian = &rows.jacobian[block.entry..block.entry + block.dim * block.width];
            self.left.resize(block.dim * block.width, 0.0);
            kernels::transposed_product(jacobian, &curvature[b as usize], block.dim, &mut self.left);
            let columns = &rows.columns[block.column..block.column + block.width];
            for target in &self.targets {
                target.add(block, columns, jacobian, &self.left, factor.values_mut());
            }
        }
        Ok(())
    }

    /// Finds the targets of a block with these columns. Columns ascend, so nodes come in runs.
    fn aim(&mut self, scene: &Scene, columns: &[u32], island: &Island, factor: &BlockFactor) {
        let group = |at: usize| scene.group_of_dof[columns[at] as usize] as usize;
        self.runs.clear();
        let mut at = 0;
        while at < columns.len() {
            let g = group(at);
            let n = columns[at..].iter().take_while(|&&c| scene.group_of_dof[c as usize] as usize == g).count();
            self.runs.push((at, n));
            at += n;
        }
        self.targets.clear();
        for (k, &rows) in self.runs.iter().enumerate() {
            for &run in &self.runs[..=k] {
                let (gi, gj) = (group(rows.0), group(run.0));
                let (at, transposed) = factor.place(island.node_of[gi] as usize, island.node_of[gj] as usize);
                let (di, dj) = (&scene.groups[gi].dofs, &scene.groups[gj].dofs);
                let spread = (columns[run.0 + run.1 - 1] - columns[run.0]) as usize + 1;
                self.targets.push(Target {
                    rows,
                    columns: run,
                    at,
                    strides: if transposed { (1, di.len()) } else { (dj.len(), 1) },
                    starts: (di.start, dj.start),
                    diagonal: gi == gj,
                    gapless: !transposed && spread == run.1,
                });
            }
        }
    }
}

impl Target {
    fn add(&self, block: &Block, columns: &[u32], jacobian: &[f64], left: &[f64], values: &mut [f64]) {
        let (first, count) = self.columns;
        for r in self.rows.0..self.rows.0 + self.rows.1 {
            let left = &left[r * block.dim..(r + 1) * block.dim];
            let at_row = self.at + (columns[r] as usize - self.starts.0) * self.strides.0;
            let n = if self.diagonal { r + 1 - first } else { count };
            if self.gapless {
                let at = at_row + columns[first] as usize - self.starts.1;
                kernels::add_combination(left, &jacobian[first..], block.width, &mut values[at..at + n]);
                continue;
            }
            for c in first..first + n {
                let mut s = 0.0;
                for (k, l) in left.iter().enumerate() {
                    s += l * jacobian[k * block.width + c];
                }
                values[at_row + (columns[c] as usize - self.starts.1) * self.strides.1] += s;
            }
        }
    }
}

/// Adds the mass matrix, which has no entries between nodes.
fn fill_mass(scene: &Scene, data: &Data, island: &Island, factor: &mut BlockFactor) {
    let model = &*scene.model;
    for (node, &g) in island.members.iter().enumerate() {
        let dofs = scene.groups[g as usize].dofs.clone();
        let n = dofs.len();
        let (at, _) = factor.place(node, node);
        let values = &mut factor.values_mut()[at..at + n * n];
        for d in dofs.clone() {
            let dof = &model.dofs[d];
            let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
            for (mass, &c) in data.mass[row.clone()].iter().zip(&model.mass_columns[row]) {
                values[(d - dofs.start) * n + (c as usize - dofs.start)] += mass;
            }
        }
    }
}
