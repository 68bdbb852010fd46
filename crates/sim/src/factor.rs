//! Cholesky of the solver's Hessian, block by block.
//!
//! A node is a group of degrees of freedom (a robot, a box) that is dense in itself; two nodes are joined where a constraint
//! couples them. Nodes are eliminated in order of least degree (ties: lower number), which for stacks leaves few fill-in
//! blocks. The symbolic part is kept as long as the graph stays the same.

use crate::scene::Scene;
use crate::unstable::{Cause, MOST_NUMBERS};
use alloc::vec::Vec;
#[cfg(test)]
use leitai_math::real;

/// Factor of a symmetric positive definite matrix with a sparse pattern of dense blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockFactor {
    /// Size of each node.
    sizes: Vec<u32>,
    /// Edges the pattern was made for, sorted, lower node first.
    edges: Vec<[u32; 2]>,
    /// Place of each node in the order of elimination.
    rank: Vec<u32>,
    /// Node at each place.
    order: Vec<u32>,
    /// First unknown of each place, in the order of elimination.
    offset: Vec<u32>,
    /// For each place, where its list of lower blocks starts.
    column_start: Vec<u32>,
    /// Lower blocks of each column: (place of row, first value), rows ascending; the diagonal block first.
    blocks: Vec<(u32, u32)>,
    values: Vec<f64>,
    solution: Vec<f64>,
    neighbors: Vec<u64>,
}

impl BlockFactor {
    /// Room for a graph of all groups with `edges` edges, which fills in to at most four times as many.
    pub(crate) fn with_room(scene: &Scene, edges: usize) -> Self {
        let nodes = scene.groups.len();
        let largest = scene.groups.iter().fold(0, |most, g| most.max(g.dofs.len()));
        let places = || Vec::with_capacity(nodes + 1);
        let blocks = nodes + usize::min(4 * edges, nodes * nodes);
        let values: usize = scene.groups.iter().map(|g| g.dofs.len() * largest).sum::<usize>() / nodes.max(1) * blocks;
        let values = values.min(MOST_NUMBERS / 16);
        Self {
            sizes: places(),
            edges: Vec::with_capacity(edges),
            rank: places(),
            order: places(),
            offset: places(),
            column_start: places(),
            blocks: Vec::with_capacity(blocks),
            values: Vec::with_capacity(values),
            solution: Vec::with_capacity(scene.model.nv),
            neighbors: Vec::with_capacity((nodes * nodes.div_ceil(64)).min(MOST_NUMBERS / 16)),
        }
    }

    /// Takes the pattern of a matrix: node `sizes` and `edges` (sorted, unique, lower node first). All values become zero.
    ///
    /// # Errors
    /// If the factor needs more than [`MOST_NUMBERS`].
    pub(crate) fn start(&mut self, sizes: &[u32], edges: &[[u32; 2]]) -> Result<(), Cause> {
        if self.sizes != sizes || self.edges != edges {
            self.sizes.clear();
            self.sizes.extend_from_slice(sizes);
            self.edges.clear();
            self.edges.extend_from_slice(edges);
            if let Err(cause) = self.analyze() {
                self.sizes.clear();
                return Err(cause);
            }
        }
        self.values.fill(0.0);
        Ok(())
    }

    /// Order of elimination and pattern of the factor.
    fn analyze(&mut self) -> Result<(), Cause> {
        let n = self.sizes.len();
        let words = n.div_ceil(64);
        if n * words > MOST_NUMBERS {
            return Err(Cause::Memory);
        }
        let Self { neighbors, edges, rank, order, .. } = self;
        neighbors.clear();
        neighbors.resize(n * words, 0);
        for &[a, b] in edges.iter() {
            set(&mut neighbors[a as usize * words..], b as usize);
            set(&mut neighbors[b as usize * words..], a as usize);
        }
        rank.clear();
        rank.resize(n, u32::MAX);
        order.clear();
        self.column_start.clear();
        self.blocks.clear();
        for place in 0..n {
            let degree = |node: usize| neighbors[node * words..(node + 1) * words].iter().map(|w| w.count_ones()).sum::<u32>();
            let next =
                (0..n).filter(|&node| rank[node] == u32::MAX).min_by_key(|&node| (degree(node), node)).expect("a node is left");
            rank[next] = place as u32;
            order.push(next as u32);
            self.column_start.push(self.blocks.len() as u32);
            self.blocks.push((next as u32, 0));
            // Its remaining neighbors become one clique.
            for w in 0..words {
                let mut bits = neighbors[next * words + w];
                while bits != 0 {
                    let other = w * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    self.blocks.push((other as u32, 0));
                    for k in 0..words {
                        let clique = neighbors[next * words + k];
                        neighbors[other * words + k] |= clique;
                    }
                    clear(&mut neighbors[other * words..], other);
                    clear(&mut neighbors[other * words..], next);
                }
            }
        }
        self.column_start.push(self.blocks.len() as u32);
        self.offset.clear();
        let mut unknowns = 0;
        for &node in order.iter() {
            self.offset.push(unknowns);
            unknowns += self.sizes[node as usize];
        }
        self.offset.push(unknowns);
        let mut values = 0_u32;
        for place in 0..n {
            let (from, to) = (self.column_start[place] as usize, self.column_start[place + 1] as usize);
            let width = self.sizes[order[place] as usize];
            for block in &mut self.blocks[from..to] {
                block.0 = rank[block.0 as usize];
            }
            self.blocks[from..to].sort_unstable();
            for block in &mut self.blocks[from..to] {
                block.1 = values;
                values = values.saturating_add(width.saturating_mul(self.sizes[order[block.0 as usize] as usize]));
            }
        }
        if values as usize > MOST_NUMBERS {
            return Err(Cause::Memory);
        }
        self.values.clear();
        self.values.resize(values as usize, 0.0);
        self.solution.clear();
        self.solution.resize(unknowns as usize, 0.0);
        Ok(())
    }

    fn size_at(&self, place: usize) -> usize {
        (self.offset[place + 1] - self.offset[place]) as usize
    }

    fn find(&self, column: usize, row: u32) -> usize {
        let list = &self.blocks[self.column_start[column] as usize..self.column_start[column + 1] as usize];
        list[list.partition_point(|b| b.0 < row)].1 as usize
    }

    /// Where in [`Self::values_mut`] the block of nodes (`a`, `b`) begins, for `a`'s rows by `b`'s columns or, if the answer is
    /// true, the other way round.
    pub(crate) fn place(&self, a: usize, b: usize) -> (usize, bool) {
        let (ra, rb) = (self.rank[a], self.rank[b]);
        let (row, column, transposed) = if ra >= rb { (ra, rb, false) } else { (rb, ra, true) };
        (self.find(column as usize, row), transposed)
    }

    /// The values of all blocks.
    pub(crate) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// Replaces the values by their factor.
    pub(crate) fn factor(&mut self) -> Result<(), Cause> {
        for place in 0..self.sizes.len() {
            let n = self.size_at(place);
            let (from, to) = (self.column_start[place] as usize, self.column_start[place + 1] as usize);
            let diagonal = self.blocks[from].1 as usize;
            if leitai_math::linear::cholesky(&mut self.values[diagonal..diagonal + n * n], n, 0.0).is_err() {
                return Err(Cause::Constraints);
            }
            // Column blocks: A ← A·L⁻ᵀ.
            let (head, below) = self.values.split_at_mut(diagonal + n * n);
            let l = &head[diagonal..];
            for b in from + 1..to {
                let (row, at) = self.blocks[b];
                let m = (self.offset[row as usize + 1] - self.offset[row as usize]) as usize;
                let at = at as usize - (diagonal + n * n);
                for r in 0..m {
                    let line = &mut below[at + r * n..at + (r + 1) * n];
                    for c in 0..n {
                        let mut s = line[c];
                        for k in 0..c {
                            s -= line[k] * l[c * n + k];
                        }
                        line[c] = s / l[c * n + c];
                    }
                }
            }
            // Later blocks lose the product of the two column blocks that meet there.
            for b in from + 1..to {
                let (row_b, at_b) = self.blocks[b];
                let mut target_at = 0;
                let list = self.column_start[row_b as usize] as usize..self.column_start[row_b as usize + 1] as usize;
                for c in b..to {
                    let (row_c, at_c) = self.blocks[c];
                    while self.blocks[list.start + target_at].0 < row_c {
                        target_at += 1;
                    }
                    let target = self.blocks[list.start + target_at].1 as usize;
                    let (nb, nc) = (self.size_at(row_b as usize), self.size_at(row_c as usize));
                    // Columns of place `row_b` lie after this column's blocks.
                    let (sources, targets) = self.values.split_at_mut(target);
                    let left = &sources[at_c as usize..at_c as usize + nc * n];
                    let right = &sources[at_b as usize..at_b as usize + nb * n];
                    subtract_product(&mut targets[..nc * nb], left, right, nc, nb, n);
                }
            }
        }
        Ok(())
    }

    /// Solves for the right-hand side given by `load` (node, index in node), and hands each unknown to `store`.
    pub(crate) fn solve(&mut self, load: impl Fn(usize, usize) -> f64, mut store: impl FnMut(usize, usize, f64)) {
        let places = self.sizes.len();
        let mut x = core::mem::take(&mut self.solution);
        for place in 0..places {
            let at = self.offset[place] as usize;
            for k in 0..self.size_at(place) {
                x[at + k] = load(self.order[place] as usize, k);
            }
        }
        for place in 0..places {
            let (n, at) = (self.size_at(place), self.offset[place] as usize);
            let (from, to) = (self.column_start[place] as usize, self.column_start[place + 1] as usize);
            let l = &self.values[self.blocks[from].1 as usize..];
            for i in 0..n {
                let mut s = x[at + i];
                for k in 0..i {
                    s -= l[i * n + k] * x[at + k];
                }
                x[at + i] = s / l[i * n + i];
            }
            for &(row, value) in &self.blocks[from + 1..to] {
                let (m, to_at) = (self.size_at(row as usize), self.offset[row as usize] as usize);
                let block = &self.values[value as usize..];
                for r in 0..m {
                    let mut s = 0.0;
                    for k in 0..n {
                        s += block[r * n + k] * x[at + k];
                    }
                    x[to_at + r] -= s;
                }
            }
        }
        for place in (0..places).rev() {
            let (n, at) = (self.size_at(place), self.offset[place] as usize);
            let (from, to) = (self.column_start[place] as usize, self.column_start[place + 1] as usize);
            for &(row, value) in &self.blocks[from + 1..to] {
                let (m, from_at) = (self.size_at(row as usize), self.offset[row as usize] as usize);
                let block = &self.values[value as usize..];
                for r in 0..m {
                    let y = x[from_at + r];
                    for k in 0..n {
                        x[at + k] -= block[r * n + k] * y;
                    }
                }
            }
            let l = &self.values[self.blocks[from].1 as usize..];
            for i in (0..n).rev() {
                x[at + i] /= l[i * n + i];
                let y = x[at + i];
                for k in 0..i {
                    x[at + k] -= l[i * n + k] * y;
                }
            }
        }
        for place in 0..places {
            let at = self.offset[place] as usize;
            for k in 0..self.size_at(place) {
                store(self.order[place] as usize, k, x[at + k]);
            }
        }
        self.solution = x;
    }
}

/// `target` −= `left`·`right`ᵀ for row-by-row blocks of nc×n and nb×n.
fn subtract_product(target: &mut [f64], left: &[f64], right: &[f64], nc: usize, nb: usize, n: usize) {
    if (nc, nb, n) == (6, 6, 6) {
        let left: &[f64; 36] = left.try_into().expect("6 × 6");
        let right: &[f64; 36] = right.try_into().expect("6 × 6");
        let target: &mut [f64; 36] = target.try_into().expect("6 × 6");
        for r in 0..6 {
            for c in 0..6 {
                let mut s = 0.0;
                for k in 0..6 {
                    s += left[r * 6 + k] * right[c * 6 + k];
                }
                target[r * 6 + c] -= s;
            }
        }
        return;
    }
    for r in 0..nc {
        for c in 0..nb {
            let mut s = 0.0;
            for k in 0..n {
                s += left[r * n + k] * right[c * n + k];
            }
            target[r * nb + c] -= s;
        }
    }
}

fn set(bits: &mut [u64], i: usize) {
    bits[i / 64] |= 1 << (i % 64);
}

fn clear(bits: &mut [u64], i: usize) {
    bits[i / 64] &= !(1 << (i % 64));
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use leitai_math::Seed;

    /// Law: the factor solves the system it was made from, whatever the pattern.
    #[test]
    fn block_factors_solve_random_systems() {
        for seed in 0..50 {
            let mut draw = Seed::from_number(seed).stream("pattern");
            let nodes = 1 + draw.below(12) as usize;
            let sizes: Vec<u32> = (0..nodes).map(|_| 1 + draw.below(7) as u32).collect();
            let mut edges = Vec::new();
            for a in 0..nodes as u32 {
                for b in a + 1..nodes as u32 {
                    if draw.chance(0.3) {
                        edges.push([a, b]);
                    }
                }
            }
            let starts: Vec<usize> = (0..nodes).map(|i| sizes[..i].iter().sum::<u32>() as usize).collect();
            let total = sizes.iter().sum::<u32>() as usize;
            let mut dense = vec![0.0; total * total];
            let mut factor = BlockFactor::default();
            factor.start(&sizes, &edges).expect("small");
            let pairs = (0..nodes as u32).map(|a| [a, a]).chain(edges.iter().copied());
            for [a, b] in pairs {
                let (a, b) = (a as usize, b as usize);
                let (na, nb) = (sizes[a] as usize, sizes[b] as usize);
                for r in 0..na {
                    for c in 0..nb {
                        if a == b && c > r {
                            continue;
                        }
                        let x = draw.uniform(-1.0, 1.0) + if a == b && r == c { 60.0 } else { 0.0 };
                        dense[(starts[a] + r) * total + starts[b] + c] = x;
                        dense[(starts[b] + c) * total + starts[a] + r] = x;
                        let (at, transposed) = factor.place(a, b);
                        factor.values_mut()[at + if transposed { c * na + r } else { r * nb + c }] = x;
                    }
                }
            }
            factor.factor().unwrap();
            let rhs: Vec<f64> = (0..total).map(|_| draw.uniform(-1.0, 1.0)).collect();
            let mut x = vec![0.0; total];
            factor.solve(|node, k| rhs[starts[node] + k], |node, k, value| x[starts[node] + k] = value);
            for r in 0..total {
                let s: f64 = (0..total).map(|c| dense[r * total + c] * x[c]).sum();
                assert!(real::abs(s - rhs[r]) < 1e-10, "seed {seed}");
            }
        }
    }

    /// Half a gigabyte is where it ends: nothing is allocated before that is known, and the next matrix is factored as ever.
    #[test]
    fn a_factor_without_room_is_refused() {
        let mut factor = BlockFactor::default();
        assert_eq!(factor.start(&[9_000], &[]), Err(Cause::Memory));
        assert_eq!(factor.start(&[6_000, 6_000], &[[0, 1]]), Err(Cause::Memory));
        assert_eq!(factor.start(&[1], &[]), Ok(()));
        factor.values_mut()[0] = 4.0;
        assert_eq!(factor.factor(), Ok(()));
    }
}
