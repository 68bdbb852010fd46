//! The dual active-set iteration.
//!
//! In the coordinates y = U·x the objective is ½·‖y − y₀‖² and a row is m = U⁻ᵀ·c. The iterate is always the minimum over the
//! rows of the working set, with multipliers of the right sign. A violated row is taken in along the part of m across the
//! held rows; a held row whose multiplier reaches zero on the way is let go first. A violated row without such a part, and
//! nothing to let go, proves that the rows conflict.

use super::factor::{Factor, FactorError};
use super::kernel::{add_scaled, dot};
use super::rows::Rows;
use super::working::{CANCELLED, WorkingSet};
use super::{Answer, Options, Part, Qp, QpError, Row, Start};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;

/// A row with a smaller part of its length across the held rows depends on them.
pub(super) const DEPENDENT: f64 = 1e-10;
/// Rounding of a row's terms, in units of ‖c‖·‖x‖ + |bound|.
const ROUNDING: f64 = 16.0 * f64::EPSILON;
/// Multipliers of the wrong sign below this part of the largest are rounding.
const SIGN_ROUNDING: f64 = 1e-12;
/// What is added to a semidefinite Hessian's diagonal, as a part of its largest diagonal entry.
const RIDGE: f64 = 1e-7;
/// A smallest pivot below this part of its diagonal entry casts doubt on a conflict.
const WEAK: f64 = 1e-8;
/// The most proximal steps that take a ridge's effect away.
const PROXIMAL_STEPS: usize = 100;
/// Steps without progress before rows are taken by their number and the tolerance grows.
const PATIENCE: usize = 30;

/// Everything a solve needs, allocated once for programs up to a size; it keeps the last answer for a warm start.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(super) factor: Factor,
    pub(super) set: WorkingSet,
    pub(super) rows: Rows,
    /// Gradient of the current step: g, less what a ridge adds.
    pub(super) gradient: Vec<f64>,
    pub(super) ridge: f64,
    pub(super) y0: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) x: Vec<f64>,
    pub(super) spare: Vec<f64>,
    pub(super) m: Vec<f64>,
    /// Parts of `m` along the held rows' basis, and `m`'s coordinates in the held rows.
    pub(super) d: Vec<f64>,
    r: Vec<f64>,
    pub(super) z: Vec<f64>,
    pub(super) target: Vec<f64>,
    pub(super) multipliers: Vec<f64>,
    /// Rows in the working set, and rows that the others imply.
    pub(super) held: Vec<bool>,
    pub(super) implied: Vec<bool>,
    /// Length of x's way so far, and for each row the length before which it cannot be violated.
    pub(super) way: f64,
    pub(super) until: Vec<f64>,
    pub(super) x_norm: f64,
    conflict: Vec<Row>,
    pub(super) before: Vec<(usize, f64)>,
    iterations: usize,
    pub(super) variables: usize,
    most: (usize, usize),
    shape: (usize, usize, usize, usize),
    /// Whether factorizations and working set are those of a finished solve.
    kept: bool,
}

/// What became of a row that was to be taken in.
pub(super) enum Taken {
    Held,
    /// The held rows imply it, up to rounding.
    Implied,
}

impl Workspace {
    /// Room for programs of up to `variables` variables and up to `rows` equalities, inequalities and bounded variables
    /// together.
    #[must_use]
    pub fn new(variables: usize, rows: usize) -> Self {
        let n = variables;
        Self {
            factor: Factor::new(n),
            set: WorkingSet::new(n),
            rows: Rows::new(rows),
            gradient: vec![0.0; n],
            ridge: 0.0,
            y0: vec![0.0; n],
            y: vec![0.0; n],
            x: vec![0.0; n],
            spare: vec![0.0; n],
            m: vec![0.0; n],
            d: vec![0.0; n],
            r: vec![0.0; n],
            z: vec![0.0; n],
            target: vec![0.0; n],
            multipliers: vec![0.0; rows],
            held: vec![false; rows],
            implied: vec![false; rows],
            way: 0.0,
            until: vec![0.0; rows],
            x_norm: 0.0,
            conflict: Vec::with_capacity(n + 1),
            before: Vec::with_capacity(rows),
            iterations: 0,
            variables: 0,
            most: (n, rows),
            shape: (0, 0, 0, 0),
            kept: false,
        }
    }

    /// The minimum of the last solve.
    #[must_use]
    pub fn x(&self) -> &[f64] {
        &self.x[..self.variables]
    }

    /// Multipliers of the last solve in the order equalities, inequalities, bounds: positive at an upper side, negative at a
    /// lower, so that H·x + g + Aᵀ·y + Cᵀ·z + w = 0.
    #[must_use]
    pub fn multipliers(&self) -> &[f64] {
        &self.multipliers[..self.rows.count]
    }

    /// After [`QpError::Infeasible`]: the rows that cannot hold together; without any one of them the others' contradiction
    /// is gone.
    #[must_use]
    pub fn conflict(&self) -> &[Row] {
        &self.conflict
    }

    /// Solves `qp`.
    ///
    /// # Errors
    /// [`QpError`] says which part of the program stands in the way.
    ///
    /// # Panics
    /// If lengths disagree or the program is larger than the workspace: that is a bug in the caller, not bad input.
    ///
    /// ```
    /// use leitai_control::qp::{Options, Qp, Row, Start, Workspace};
    /// // The point nearest to (3, 2) with x + y ≤ 2 and x ≤ 1.2.
    /// let qp = Qp {
    ///     h: &[1.0, 0.0, 0.0, 1.0],
    ///     g: &[-3.0, -2.0],
    ///     c: &[1.0, 1.0],
    ///     l: &[f64::NEG_INFINITY],
    ///     u: &[2.0],
    ///     low: &[f64::NEG_INFINITY; 2],
    ///     high: &[1.2, f64::INFINITY],
    ///     ..Qp::default()
    /// };
    /// let mut work = Workspace::new(2, 3);
    /// let answer = work.solve(&qp, Start::Cold, &Options::default()).unwrap();
    /// assert!((work.x()[0] - 1.2).abs() < 1e-15 && (work.x()[1] - 0.8).abs() < 1e-15);
    /// assert!(answer.residual.stationarity < 1e-15);
    /// ```
    pub fn solve(&mut self, qp: &Qp, start: Start, options: &Options) -> Result<Answer, QpError> {
        let n = qp.g.len();
        let shape = (n, qp.b.len(), qp.l.len(), qp.low.len());
        assert_eq!(qp.h.len(), n * n, "`h` is n × n");
        assert_eq!(qp.a.len(), n * qp.b.len(), "`a` has a row of n for each entry of `b`");
        assert_eq!(qp.c.len(), n * qp.l.len(), "`c` has a row of n for each entry of `l`");
        assert_eq!(qp.u.len(), qp.l.len(), "`u` is as long as `l`");
        assert_eq!(qp.low.len(), qp.high.len(), "`high` is as long as `low`");
        assert!(qp.low.is_empty() || qp.low.len() == n, "bounds are given for all variables or for none");
        let rows = shape.1 + shape.2 + shape.3;
        assert!(n <= self.most.0 && rows <= self.most.1, "the workspace is for {:?} variables and rows", self.most);
        let start = match start {
            Start::SameMatrices if !self.kept && self.shape == shape => Start::Warm,
            other if self.shape == shape => other,
            _ => Start::Cold,
        };
        (self.variables, self.shape) = (n, shape);
        self.kept = false;
        self.iterations = 0;
        self.conflict.clear();
        self.rows.load(qp, start == Start::SameMatrices)?;
        if start != Start::SameMatrices {
            self.factor_hessian(qp)?;
        }
        let mut found = self.search(qp, start, options);
        // That rows conflict must rest neither on where the search began nor on a pivot that may be rounding.
        if matches!(found, Err(QpError::Infeasible(_))) && start != Start::Cold {
            found = self.search(qp, Start::Cold, options);
        }
        if matches!(found, Err(QpError::Infeasible(_))) && self.ridge == 0.0 && self.factor.weakest < WEAK {
            self.add_ridge(qp)?;
            found = self.search(qp, Start::Cold, options);
        }
        found?;
        let answer = self.finish(qp, options)?;
        self.kept = true;
        Ok(Answer { iterations: self.iterations, ..answer })
    }

    /// From the start to a working set that solves the program.
    fn search(&mut self, qp: &Qp, start: Start, options: &Options) -> Result<(), QpError> {
        self.x[..self.variables].fill(0.0);
        self.aim(qp, false);
        self.begin(qp, start, options)?;
        self.descend(qp, options)?;
        if self.ridge > 0.0 { self.take_ridge_away(qp, options) } else { Ok(()) }
    }

    fn factor_hessian(&mut self, qp: &Qp) -> Result<(), QpError> {
        let n = self.variables;
        self.ridge = 0.0;
        match self.factor.factor(qp.h, n, 0.0) {
            Ok(()) => Ok(()),
            Err(FactorError::NotFinite(_)) => Err(QpError::NotFinite(Part::Hessian)),
            Err(FactorError::NotPositive(_)) => self.add_ridge(qp),
        }
    }

    fn add_ridge(&mut self, qp: &Qp) -> Result<(), QpError> {
        let n = self.variables;
        let largest = (0..n).fold(0.0, |most, i| real::max(most, real::abs(qp.h[i * n + i])));
        self.ridge = RIDGE * if largest > 0.0 { largest } else { 1.0 };
        match self.factor.factor(qp.h, n, self.ridge) {
            Ok(()) => Ok(()),
            Err(FactorError::NotFinite(_)) => Err(QpError::NotFinite(Part::Hessian)),
            Err(FactorError::NotPositive(i)) => Err(QpError::NotConvex(i)),
        }
    }

    /// Sets the gradient, of a proximal step about x if asked for, and the minimum without constraints.
    fn aim(&mut self, qp: &Qp, proximal: bool) {
        let n = self.variables;
        self.gradient[..n].copy_from_slice(qp.g);
        if proximal {
            add_scaled(&mut self.gradient[..n], -self.ridge, &self.x[..n]);
        }
        for (y0, g) in self.y0[..n].iter_mut().zip(&self.gradient) {
            *y0 = -g;
        }
        self.factor.forward(&mut self.y0[..n], 0);
        self.y[..n].copy_from_slice(&self.y0[..n]);
    }

    /// Takes in violated rows until there is none.
    fn descend(&mut self, qp: &Qp, options: &Options) -> Result<(), QpError> {
        let n = self.variables;
        // Whether y came straight from the working set, without the rounding of steps.
        let (mut exact, mut anew) = (true, false);
        let (mut mended, mut stalled, mut slack, mut best) = (0, 0, 1.0, -1.0);
        loop {
            self.locate();
            let violated = self.look(qp, options.tolerance * slack, stalled > PATIENCE);
            let Some((i, side)) = violated else {
                if exact || mended > 3 {
                    return Ok(());
                }
                self.settle();
                self.mend_signs();
                (exact, mended) = (true, mended + 1);
                continue;
            };
            if self.iterations >= options.iterations {
                return Err(self.limit(qp, options));
            }
            self.load_row(qp, i);
            match self.take(qp, i, side, side, options) {
                Ok(Taken::Held) => exact = false,
                Ok(Taken::Implied) => {
                    self.settle();
                    self.mend_signs();
                    exact = true;
                }
                // Such a verdict must not rest on the rounding of many steps: once more from a basis made anew.
                Err(QpError::Infeasible(_)) if !anew => {
                    self.remember();
                    self.hold(qp);
                    self.settle();
                    self.mend_signs();
                    (exact, anew) = (true, true);
                    continue;
                }
                Err(why) => return Err(why),
            }
            let far = (0..n).fold(0.0, |sum, k| sum + (self.y[k] - self.y0[k]) * (self.y[k] - self.y0[k]));
            if far > best * (1.0 + 1e-14) {
                (best, stalled) = (far, 0);
            } else {
                stalled += 1;
                // The objective must rise with every row taken in; when it does not, rounding decides.
                if stalled > 2 * PATIENCE && slack < 1e4 {
                    (stalled, slack) = (0, slack * 10.0);
                }
            }
        }
    }

    /// How far row `i` is beyond the nearer of its sides (negative within), which side, and that side's bound.
    fn gap(&self, qp: &Qp, i: usize) -> (f64, f64, f64) {
        let value = self.rows.value(qp, i, &self.x);
        let (low, high) = (self.rows.low[i], self.rows.high[i]);
        if low - value > value - high { (low - value, 1.0, low) } else { (value - high, -1.0, high) }
    }

    /// x from y, and how far it moved.
    fn locate(&mut self) {
        let n = self.variables;
        core::mem::swap(&mut self.x, &mut self.spare);
        self.x[..n].copy_from_slice(&self.y[..n]);
        self.factor.backward(&mut self.x[..n]);
        let (mut moved, mut size) = (0.0, 0.0);
        for (a, b) in self.x[..n].iter().zip(&self.spare) {
            moved += (a - b) * (a - b);
            size += a * a;
        }
        self.way += real::sqrt(moved) * (1.0 + 1e-12);
        self.x_norm = real::sqrt(size);
    }

    /// The violated row farthest from its bound (the first by number if asked for), and its side.
    fn look(&mut self, qp: &Qp, tolerance: f64, first: bool) -> Option<(usize, f64)> {
        let (mut worst, mut found) = (0.0, None);
        for i in 0..self.rows.count {
            if self.is_far(i) || self.held[i] || self.implied[i] {
                continue;
            }
            let (gap, side, bound) = self.gap(qp, i);
            let norm = self.rows.norm[i];
            if gap <= 0.0 {
                self.until[i] = self.way - gap / norm * (1.0 - 1e-9);
            } else if gap > tolerance + ROUNDING * (norm * self.x_norm + real::abs(bound)) && gap > worst {
                (worst, found) = (gap, Some((i, side)));
                if first {
                    break;
                }
            }
        }
        found
    }

    /// Puts m = U⁻ᵀ·c of row `i` into its place.
    pub(super) fn load_row(&mut self, qp: &Qp, i: usize) {
        let n = self.variables;
        self.rows.copy_to(qp, i, &mut self.m);
        self.factor.forward(&mut self.m[..n], self.rows.reach[i].0);
    }

    /// Puts m of row `i` into its place and gives the row's present value m·y.
    pub(super) fn take_value(&mut self, qp: &Qp, i: usize) -> f64 {
        self.load_row(qp, i);
        dot(&self.m[..self.variables], &self.y[..self.variables])
    }

    /// Splits m of row `i` along and across the held rows.
    pub(super) fn split(&mut self, i: usize) -> (f64, f64) {
        let n = self.variables;
        let start = self.rows.reach[i].0;
        let end = self.m[..n].iter().rposition(|x| *x != 0.0).map_or(start, |k| k + 1);
        self.set.project(&self.m[..n], (start, end), &mut self.d, &mut self.z[..n], &mut self.target)
    }

    /// Takes in row `i`, whose m is in its place, from the side `sign`, letting go what stands in its way.
    pub(super) fn take(&mut self, qp: &Qp, i: usize, side: f64, sign: f64, options: &Options) -> Result<Taken, QpError> {
        let n = self.variables;
        let bound = if sign > 0.0 { self.rows.low[i] } else { self.rows.high[i] };
        let mut lambda = 0.0;
        let (whole, mut left) = self.split(i);
        loop {
            self.iterations += 1;
            let dependent = left <= DEPENDENT * whole || self.set.len() >= n;
            let gap = real::max(sign * (bound - dot(&self.m[..n], &self.y[..n])), 0.0);
            self.r[..n].copy_from_slice(&self.d[..n]);
            self.set.coordinates(&mut self.r);
            let (mut step, mut blocking) = (if dependent { f64::INFINITY } else { gap / (left * left) }, None);
            for j in 0..self.set.len() {
                let rate = sign * self.r[j];
                if self.set.side[j] * rate > 0.0 {
                    let until_zero = real::max(self.set.lambda[j] / rate, 0.0);
                    if until_zero < step {
                        (step, blocking) = (until_zero, Some(j));
                    }
                }
            }
            if dependent && blocking.is_none() {
                let mut size = self.rows.norm[i] * self.x_norm + real::abs(bound);
                for j in 0..self.set.len() {
                    let k = self.set.rows[j];
                    let held = if self.set.side[j] < 0.0 { self.rows.high[k] } else { self.rows.low[k] };
                    size += real::abs(self.r[j] * held);
                }
                // A ridge makes U ill-conditioned, and m and y long.
                size = real::max(size, whole * real::sqrt(dot(&self.y[..n], &self.y[..n])));
                if gap <= 10.0 * options.tolerance + 16.0 * ROUNDING * size {
                    self.implied[i] = true;
                    return Ok(Taken::Implied);
                }
                return Err(self.infeasible(i, self.set.len()));
            }
            if !dependent {
                add_scaled(&mut self.y[..n], sign * step, &self.z[..n]);
            }
            for j in 0..self.set.len() {
                self.set.lambda[j] -= sign * step * self.r[j];
            }
            lambda += sign * step;
            match blocking {
                Some(j) => {
                    // The row's part along the direction that is free now joins its part across.
                    self.let_go(j);
                    add_scaled(&mut self.z[..n], self.d[self.set.len()], self.set.freed());
                    left = real::sqrt(dot(&self.z[..n], &self.z[..n]));
                    if left < CANCELLED * whole {
                        (_, left) = self.split(i);
                    }
                }
                None => {
                    self.set.push(i, side, lambda, &self.d, &self.z[..n], left);
                    self.held[i] = true;
                    return Ok(Taken::Held);
                }
            }
            if self.iterations >= options.iterations {
                return Err(self.limit(qp, options));
            }
        }
    }

    /// Whether x cannot have reached a bound of row `i` since the row was last evaluated.
    pub(super) fn is_far(&self, i: usize) -> bool {
        self.until[i] > self.way
    }

    pub(super) fn let_go(&mut self, k: usize) {
        let i = self.set.rows[k];
        self.held[i] = false;
        self.until[i] = 0.0;
        self.set.remove(k, &mut self.d);
    }

    /// y and multipliers straight from the working set.
    pub(super) fn settle(&mut self) {
        let n = self.variables;
        for j in 0..self.set.len() {
            let i = self.set.rows[j];
            self.target[j] = if self.set.side[j] < 0.0 { self.rows.high[i] } else { self.rows.low[i] };
        }
        self.set.settle(&self.y0[..n], &mut self.target, &mut self.y[..n]);
        let held = self.set.len();
        self.set.lambda.copy_from_slice(&self.target[..held]);
    }

    /// Lets rows go whose multiplier has the wrong sign, the worst first, until the rest is right.
    pub(super) fn mend_signs(&mut self) {
        loop {
            let largest = self.set.lambda.iter().fold(0.0, |most, x| real::max(most, real::abs(*x)));
            let (mut worst, mut found) = (SIGN_ROUNDING * largest, None);
            for j in 0..self.set.len() {
                let wrong = -self.set.side[j] * self.set.lambda[j];
                if wrong > worst {
                    (worst, found) = (wrong, Some(j));
                } else if wrong > 0.0 && wrong <= SIGN_ROUNDING * largest {
                    self.set.lambda[j] = 0.0;
                }
            }
            let Some(j) = found else { return };
            self.iterations += 1;
            self.let_go(j);
            self.settle();
        }
    }

    /// Proximal steps: the ridge's pull toward 0 becomes a pull toward the last x, and vanishes.
    fn take_ridge_away(&mut self, qp: &Qp, options: &Options) -> Result<(), QpError> {
        let n = self.variables;
        let size = qp.g.iter().fold(self.ridge, |most, g| real::max(most, real::abs(*g)));
        for _ in 0..PROXIMAL_STEPS {
            let last = self.way;
            self.aim(qp, true);
            self.settle();
            self.mend_signs();
            self.descend(qp, options)?;
            if !self.x[..n].iter().all(|x| x.is_finite()) {
                return Err(QpError::Unbounded);
            }
            if self.ridge * (self.way - last) <= 1e-13 * size {
                return Ok(());
            }
        }
        Err(QpError::Unbounded)
    }

    /// Names row `i` and the `held` rows whose combination contradicts it; their coordinates are in `r`.
    pub(super) fn infeasible(&mut self, i: usize, held: usize) -> QpError {
        self.conflict.clear();
        self.conflict.push(self.rows.name(i));
        for j in 0..held {
            let k = self.set.rows[j];
            if real::abs(self.r[j]) * self.rows.norm[k] > 1e-9 * self.rows.norm[i] {
                self.conflict.push(self.rows.name(k));
            }
        }
        self.conflict.sort_unstable();
        QpError::Infeasible(self.rows.name(i))
    }

    fn limit(&mut self, qp: &Qp, options: &Options) -> QpError {
        self.locate();
        match self.finish(qp, options) {
            Ok(answer) => QpError::IterationLimit(answer.residual),
            Err(why) => why,
        }
    }
}
