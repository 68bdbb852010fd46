//! Dense quadratic programs: min ½·xᵀ·H·x + gᵀ·x subject to A·x = b, l ≤ C·x ≤ u and low ≤ x ≤ high.
//!
//! A dual active-set method (Goldfarb & Idnani, *A numerically stable dual method for solving strictly convex quadratic
//! programs*, 1983) for the sizes of robot control, 5 to 150 variables: it starts at the minimum without constraints and takes
//! in one violated row at a time, so a tick that holds few rows costs little more than factoring H. Three things keep it quick.
//! Zeros of H and of the rows are left alone ([`Workspace`] finds them itself); the transformed row U⁻ᵀ·c is made only for rows
//! that are held; and a row far from its bounds is not evaluated again until x could have reached them.
//!
//! Every budget is a count and every sum has one order: same program, same start, same bits. After [`Workspace::new`] nothing
//! is allocated.
//!
//! A Hessian that is only semidefinite is made definite by adding a small multiple of 1, and the effect of the addition is
//! removed by proximal steps (Rockafellar 1976): [`Answer::ridge`] says that and how much was added.

mod begin;
mod factor;
mod kernel;
mod kkt;
mod rows;
mod solve;
mod working;

pub use solve::Workspace;

/// A program, borrowed. Matrices are dense, row by row; parts without rows are empty slices.
///
/// | part | shape | meaning |
/// |---|---|---|
/// | `h` | n × n | Hessian, symmetric and positive semidefinite; only its upper triangle is read |
/// | `g` | n | gradient at x = 0 |
/// | `a`, `b` | p × n, p | A·x = b |
/// | `c`, `l`, `u` | m × n, m, m | l ≤ C·x ≤ u; a side without bound is ∓∞; equal sides make an equality |
/// | `low`, `high` | n each, or both empty | bounds of x, which cost less than rows of `c` |
#[derive(Clone, Copy, Debug, Default)]
pub struct Qp<'a> {
    /// Hessian.
    pub h: &'a [f64],
    /// Gradient at x = 0; its length is the number of variables.
    pub g: &'a [f64],
    /// Rows of the equalities.
    pub a: &'a [f64],
    /// Values of the equalities.
    pub b: &'a [f64],
    /// Rows of the inequalities.
    pub c: &'a [f64],
    /// Lower sides of the inequalities.
    pub l: &'a [f64],
    /// Upper sides of the inequalities.
    pub u: &'a [f64],
    /// Lower bounds of x.
    pub low: &'a [f64],
    /// Upper bounds of x.
    pub high: &'a [f64],
}

/// One constraint of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// A row of A.
    Equality(usize),
    /// A row of C.
    Inequality(usize),
    /// The bounds of a variable.
    Bound(usize),
}

impl core::fmt::Display for Row {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Equality(i) => write!(f, "equality {i}"),
            Self::Inequality(i) => write!(f, "inequality {i}"),
            Self::Bound(i) => write!(f, "the bounds of variable {i}"),
        }
    }
}

/// Where to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// From the minimum without inequalities.
    #[default]
    Cold,
    /// From the rows that the last solve ended with; every number may have changed.
    Warm,
    /// As [`Warm`](Start::Warm), and `h`, `a` and `c` hold the same numbers as in the last solve (the caller's promise): their
    /// factorizations are kept. After a solve that failed this is a warm start.
    SameMatrices,
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The most that a row may be violated, beside rounding of its own terms. In the row's unit.
    pub tolerance: f64,
    /// The most changes of the working set.
    pub iterations: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { tolerance: 1e-10, iterations: 2000 }
    }
}

/// How well an answer satisfies the conditions of Karush, Kuhn and Tucker, in the program's own numbers (largest entry).
///
/// Complementarity holds by construction: a row that is not held at a bound has the multiplier 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Residual {
    /// ‖H·x + g + Aᵀ·y + Cᵀ·z + w‖.
    pub stationarity: f64,
    /// The largest violation of a row or a bound, and the largest distance of a held row from its bound.
    pub feasibility: f64,
    /// The largest multiplier with the wrong sign.
    pub sign: f64,
}

/// What a solve found. The minimum itself is [`Workspace::x`], the multipliers [`Workspace::multipliers`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// ½·xᵀ·H·x + gᵀ·x.
    pub objective: f64,
    /// Changes of the working set.
    pub iterations: usize,
    /// Rows held at the end.
    pub held: usize,
    /// What was added to the diagonal of a semidefinite Hessian; 0 for a definite one.
    pub ridge: f64,
    /// How well the answer holds.
    pub residual: Residual,
}

/// Why a program has no answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QpError {
    /// A number of this part is NaN, infinite where it must not be, or too large to square.
    NotFinite(Part),
    /// The lower side of this row lies above its upper side.
    Crossed(Row),
    /// H curves downward along this variable, given the variables before it.
    NotConvex(usize),
    /// No x satisfies this row together with the others listed by [`Workspace::conflict`].
    Infeasible(Row),
    /// The objective falls without end within the constraints, or along a direction too flat to follow.
    Unbounded,
    /// The limit of iterations came first. [`Workspace::x`] is the minimum over the rows taken in so far and violates others
    /// by up to `residual.feasibility`.
    IterationLimit(Residual),
}

/// A part of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `h`, or what its factorization makes of it.
    Hessian,
    /// `g`, or an x that overflows.
    Gradient,
    /// This row of `a` or `c`, or its sides.
    Row(Row),
}

impl core::fmt::Display for QpError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotFinite(Part::Hessian) => write!(f, "the Hessian holds a number that is not finite or too large to square"),
            Self::NotFinite(Part::Gradient) => write!(f, "the gradient or the minimum is not finite; scale the program down"),
            Self::NotFinite(Part::Row(row)) => write!(f, "{row} holds a number that is not finite or too large to square"),
            Self::Crossed(row) => write!(f, "the lower side of {row} lies above its upper side; swap them"),
            Self::NotConvex(i) => write!(f, "the Hessian curves downward along variable {i}; add a term on the diagonal"),
            Self::Infeasible(row) => write!(f, "{row} cannot hold together with the rows it conflicts with; relax one of them"),
            Self::Unbounded => write!(f, "the objective falls without end; bound the variables or add a term on the diagonal"),
            Self::IterationLimit(r) => {
                write!(f, "the limit of iterations came first, with a row violated by {:.1e}; allow more", r.feasibility)
            }
        }
    }
}

impl core::error::Error for QpError {}
