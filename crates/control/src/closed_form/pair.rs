//! Two linear equations in the cosines and sines of two angles: the common core of subproblems 5 and 6.
//!
//! With x = (cos α, sin α) and y = (cos β, sin β), each of two rows says l·x + r·y = g. In most arms a structure (axes that
//! meet or are parallel) empties one side of a row, and the pair falls into two equations of one angle. In general, x is a
//! linear map of y, and ‖x‖ = 1 is a trigonometric polynomial of second degree in β: a quartic in tan(β/2), with up to four
//! roots.

use super::subproblem::{Fit, NO_LEVER, Turn, level};
use leitai_math::real;

/// One equation: `left`·(cos α, sin α) + `right`·(cos β, sin β) = `level`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Row {
    /// Factors of cos α and sin α.
    pub left: [f64; 2],
    /// Factors of cos β and sin β.
    pub right: [f64; 2],
    /// Right-hand side.
    pub level: f64,
}

/// The order in which the structure of the rows lets the angles be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Row 0 has no β: α from it, then β from row 1.
    FirstLeft,
    /// Row 0 has no α: β from it, then α from row 1.
    FirstRight,
    /// Row 0 has no β and row 1 no α.
    Apart,
    /// Both rows have both.
    Together,
}

/// Up to four solutions (α, β).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    solutions: [(Turn, Turn); 4],
    count: usize,
    /// How they are meant.
    pub fit: Fit,
}

impl Pair {
    const EMPTY: Self = Self { solutions: [(Turn::NONE, Turn::NONE); 4], count: 0, fit: Fit::Exact };

    /// The solutions.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[(Turn, Turn)] {
        &self.solutions[..self.count]
    }
    #[inline]
    fn push(&mut self, a: Turn, b: Turn) {
        if self.count < 4 {
            self.solutions[self.count] = (a, b);
            self.count += 1;
        }
    }
    #[inline]
    fn note(&mut self, fit: Fit) {
        self.fit = self.fit.and(fit);
    }
}

#[inline]
fn dot(f: [f64; 2], t: Turn) -> f64 {
    f[0] * t.c + f[1] * t.s
}

/// Solves both rows in the given order. `free` holds the angles to take where every angle does.
///
/// ```
/// use leitai_control::closed_form::{Order, Row, Turn, pair};
/// let (a, b) = (Turn::by(0.7), Turn::by(-2.0));
/// let row = |l: [f64; 2], r: [f64; 2]| Row { left: l, right: r, level: l[0] * a.c + l[1] * a.s + r[0] * b.c + r[1] * b.s };
/// let rows = [row([1.0, 0.3], [-0.4, 0.8]), row([0.2, -1.1], [0.9, 0.5])];
/// let found = pair(&rows, Order::Together, [0.0, 0.0]);
/// assert!(found.as_slice().iter().any(|(x, y)| (x.angle() - 0.7).abs() < 1e-12 && (y.angle() + 2.0).abs() < 1e-12));
/// ```
#[must_use]
pub fn pair(rows: &[Row; 2], order: Order, free: [f64; 2]) -> Pair {
    let mut out = Pair::EMPTY;
    let [first, second] = rows;
    match order {
        Order::FirstLeft => {
            let alphas = level(first.left[0], first.left[1], first.level);
            out.note(alphas.fit);
            for &a in alphas.as_slice() {
                let a = chosen(a, alphas.fit, free[0]);
                let betas = level(second.right[0], second.right[1], second.level - dot(second.left, a));
                out.note(betas.fit);
                for &b in betas.as_slice() {
                    out.push(a, chosen(b, betas.fit, free[1]));
                }
            }
        }
        Order::FirstRight => {
            let betas = level(first.right[0], first.right[1], first.level);
            out.note(betas.fit);
            for &b in betas.as_slice() {
                let b = chosen(b, betas.fit, free[1]);
                let alphas = level(second.left[0], second.left[1], second.level - dot(second.right, b));
                out.note(alphas.fit);
                for &a in alphas.as_slice() {
                    out.push(chosen(a, alphas.fit, free[0]), b);
                }
            }
        }
        Order::Apart => {
            let alphas = level(first.left[0], first.left[1], first.level);
            let betas = level(second.right[0], second.right[1], second.level);
            out.note(alphas.fit);
            out.note(betas.fit);
            for &a in alphas.as_slice() {
                for &b in betas.as_slice() {
                    out.push(chosen(a, alphas.fit, free[0]), chosen(b, betas.fit, free[1]));
                }
            }
        }
        Order::Together => together(rows, free, &mut out),
    }
    out
}

#[inline]
pub(super) fn chosen(turn: Turn, fit: Fit, free: f64) -> Turn {
    if fit == Fit::Free { Turn::by(free) } else { turn }
}

fn determinant(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn together(rows: &[Row; 2], free: [f64; 2], out: &mut Pair) {
    let [r0, r1] = rows;
    // Of the two sides, the one whose matrix is further from singular: its rows share their units with the other side's.
    let (left, right) = (determinant(r0.left, r1.left), determinant(r0.right, r1.right));
    let swap = real::abs(right) > real::abs(left);
    let (known, solved, det) =
        if swap { ([r0.left, r1.left], [r0.right, r1.right], right) } else { ([r0.right, r1.right], [r0.left, r1.left], left) };
    let scale = (norm(r0.left) + norm(r0.right)) * (norm(r1.left) + norm(r1.right));
    if real::abs(det) <= 1e-12 * scale {
        return flat(rows, free, out);
    }
    // x = m + n·y, where x belongs to the side that is solved for.
    let undo = |u: f64, v: f64| [(solved[1][1] * u - solved[0][1] * v) / det, (solved[0][0] * v - solved[1][0] * u) / det];
    let m = undo(r0.level, r1.level);
    let nc = undo(-known[0][0], -known[1][0]);
    let ns = undo(-known[0][1], -known[1][1]);
    let of = |y: Turn| Turn { c: m[0] + nc[0] * y.c + ns[0] * y.s, s: m[1] + nc[1] * y.c + ns[1] * y.s };
    // ‖x‖² − 1 as a polynomial in cos β and sin β.
    let f = Conic {
        cc: nc[0] * nc[0] + nc[1] * nc[1],
        cs: 2.0 * (nc[0] * ns[0] + nc[1] * ns[1]),
        ss: ns[0] * ns[0] + ns[1] * ns[1],
        c: 2.0 * (m[0] * nc[0] + m[1] * nc[1]),
        s: 2.0 * (m[0] * ns[0] + m[1] * ns[1]),
        one: m[0] * m[0] + m[1] * m[1] - 1.0,
    };
    // A side that vanishes for this target (a point on the first axis, say) leaves its angle free.
    let vanishes = f.size() <= NO_LEVER;
    let (roots, fit) =
        if vanishes { ([Some(Turn::by(free[usize::from(!swap)])), None, None, None], Fit::Free) } else { f.roots() };
    out.note(fit);
    for y in roots.iter().flatten() {
        let x = of(*y);
        let n = real::sqrt(x.c * x.c + x.s * x.s);
        let x = if n > 1e-300 { Turn { c: x.c / n, s: x.s / n } } else { Turn::NONE };
        if swap { out.push(*y, x) } else { out.push(x, *y) }
    }
}

fn norm(f: [f64; 2]) -> f64 {
    real::sqrt(f[0] * f[0] + f[1] * f[1])
}

/// Rows that for this target know one height of each angle only: two equations in the two heights. If these are one and the same,
/// α keeps its free angle and β follows.
fn flat(rows: &[Row; 2], free: [f64; 2], out: &mut Pair) {
    let larger = |a: [f64; 2], b: [f64; 2]| if norm(b) > norm(a) { b } else { a };
    let share = |f: [f64; 2], of: [f64; 2]| {
        let square = of[0] * of[0] + of[1] * of[1];
        if square > 0.0 { (f[0] * of[0] + f[1] * of[1]) / square } else { 0.0 }
    };
    let [r0, r1] = rows;
    let (left, right) = (larger(r0.left, r1.left), larger(r0.right, r1.right));
    let (x, y) = ([share(r0.left, left), share(r1.left, left)], [share(r0.right, right), share(r1.right, right)]);
    let det = x[0] * y[1] - x[1] * y[0];
    if norm(left) > NO_LEVER && norm(right) > NO_LEVER && real::abs(det) > 1e-9 {
        let first = Row { left, right: [0.0; 2], level: (r0.level * y[1] - r1.level * y[0]) / det };
        let second = Row { left: [0.0; 2], right, level: (x[0] * r1.level - x[1] * r0.level) / det };
        let apart = pair(&[first, second], Order::Apart, free);
        out.note(apart.fit);
        apart.as_slice().iter().for_each(|&(a, b)| out.push(a, b));
        return;
    }
    out.note(Fit::Free);
    // The row that knows more of the angle that follows.
    let (row, follows_beta) = if norm(right) > NO_LEVER {
        (if real::abs(y[1]) > real::abs(y[0]) { r1 } else { r0 }, true)
    } else {
        (if real::abs(x[1]) > real::abs(x[0]) { r1 } else { r0 }, false)
    };
    let (kept, of, other) =
        if follows_beta { (Turn::by(free[0]), row.left, row.right) } else { (Turn::by(free[1]), row.right, row.left) };
    let found = level(other[0], other[1], row.level - dot(of, kept));
    out.note(found.fit);
    for &turn in found.as_slice() {
        if follows_beta { out.push(kept, turn) } else { out.push(turn, kept) }
    }
}

/// cc·c² + cs·c·s + ss·s² + c·c + s·s + one, at c = cos β and s = sin β.
#[derive(Clone, Copy)]
struct Conic {
    cc: f64,
    cs: f64,
    ss: f64,
    c: f64,
    s: f64,
    one: f64,
}

/// Cosine and sine of one to four fifths of a turn.
const FIFTHS: [[f64; 2]; 4] = [
    [0.309_016_994_374_947_45, 0.951_056_516_295_153_5],
    [-0.809_016_994_374_947_5, 0.587_785_252_292_473_1],
    [-0.809_016_994_374_947_5, -0.587_785_252_292_473_1],
    [0.309_016_994_374_947_45, -0.951_056_516_295_153_5],
];

impl Conic {
    fn size(&self) -> f64 {
        [self.cc, self.cs, self.ss, self.c, self.s, self.one].iter().fold(0.0, |most, x| real::max(most, real::abs(*x)))
    }
    fn at(&self, t: Turn) -> f64 {
        self.cc * t.c * t.c + self.cs * t.c * t.s + self.ss * t.s * t.s + self.c * t.c + self.s * t.s + self.one
    }
    fn slope(&self, t: Turn) -> f64 {
        2.0 * (self.ss - self.cc) * t.c * t.s + self.cs * (t.c * t.c - t.s * t.s) - self.c * t.s + self.s * t.c
    }
    /// The same function of the angle that is left of β after `by`.
    fn after(&self, by: Turn) -> Self {
        let Turn { c, s } = by;
        Self {
            cc: self.cc * c * c + self.cs * c * s + self.ss * s * s,
            cs: 2.0 * (self.ss - self.cc) * c * s + self.cs * (c * c - s * s),
            ss: self.cc * s * s - self.cs * c * s + self.ss * c * c,
            c: self.c * c + self.s * s,
            s: self.s * c - self.c * s,
            one: self.one,
        }
    }

    /// Angles where the function vanishes; if none, the one where it comes nearest to it among the quartic's stationary pairs.
    fn roots(&self) -> ([Option<Turn>; 4], Fit) {
        // tan(β/2) is infinite at β = π, so π is put where the function is far from zero: of five angles one at least is no root.
        let mut by = Turn::NONE;
        for [c, s] in FIFTHS {
            let here = Turn { c, s };
            if real::abs(self.at(Turn { c: -c, s: -s })) > real::abs(self.at(Turn { c: -by.c, s: -by.s })) {
                by = here;
            }
        }
        let f = self.after(by);
        let lead = f.at(Turn { c: -1.0, s: 0.0 });
        if lead == 0.0 || !lead.is_finite() {
            return ([None; 4], Fit::Nearest);
        }
        let polynomial = [
            (2.0 * f.s - 2.0 * f.cs) / lead,
            (4.0 * f.ss - 2.0 * f.cc + 2.0 * f.one) / lead,
            (2.0 * f.s + 2.0 * f.cs) / lead,
            (f.cc + f.c + f.one) / lead,
        ];
        let (found, exact) = quartic(polynomial);
        let mut out = [None; 4];
        for (slot, t) in out.iter_mut().zip(found) {
            let Some(t) = t else { continue };
            let d = 1.0 / (1.0 + t * t);
            let mut y = Turn { c: (1.0 - t * t) * d, s: 2.0 * t * d };
            // Newton on the angle itself: the quartic's coefficients have lost some digits.
            for _ in 0..3 {
                let slope = f.slope(y);
                let value = f.at(y);
                if real::abs(slope) <= 1e-9 * (real::abs(f.cc) + real::abs(f.ss) + real::abs(f.c) + real::abs(f.s)) {
                    break;
                }
                let step = real::clamp(-value / slope, -0.1, 0.1);
                y = y.and(Turn::by(step));
            }
            *slot = Some(y.and(by));
        }
        (out, if exact { Fit::Exact } else { Fit::Nearest })
    }
}

/// Real roots of t⁴ + a₀t³ + a₁t² + a₂t + a₃, by Ferrari's resolvent. Two complex roots that nearly touch the real axis give
/// their real part twice, not exact.
fn quartic(a: [f64; 4]) -> ([Option<f64>; 4], bool) {
    // t = u − a₀/4 leaves u⁴ + p·u² + q·u + r.
    let shift = 0.25 * a[0];
    let s2 = shift * shift;
    let p = a[1] - 6.0 * s2;
    let q = a[2] - 2.0 * a[1] * shift + 8.0 * s2 * shift;
    let r = a[3] - a[2] * shift + a[1] * s2 - 3.0 * s2 * s2;
    // (u² + m)² = (2m − p)u² − q·u + m² − r is a square where 8m³ − 4pm² − 8rm + 4pr − q² = 0; the largest root has 2m ≥ p.
    let m = largest_cubic_root(-0.5 * p, -r, 0.5 * p * r - 0.125 * q * q);
    // Of w² = 2m − p and v² = m² − r the one that has lost fewer digits, and the other by 2·w·v = q.
    let (w2, v2) = (2.0 * m - p, m * m - r);
    let (w_kept, v_kept) = (w2 / (real::abs(m) + real::abs(p) + 1e-300), v2 / (m * m + real::abs(r) + 1e-300));
    let (w, v) = if w_kept >= v_kept {
        let w = real::sqrt(real::max(w2, 0.0));
        (w, if w > 0.0 { 0.5 * q / w } else { 0.0 })
    } else {
        let v = real::sqrt(real::max(v2, 0.0));
        (if v > 0.0 { 0.5 * q / v } else { 0.0 }, v)
    };
    // u² − w·u + m + v = 0 and u² + w·u + m − v = 0.
    let mut out = [None; 4];
    let mut nearest: Option<(f64, f64)> = None;
    for (k, (half, rest)) in [(0.5 * w, m + v), (-0.5 * w, m - v)].into_iter().enumerate() {
        let d = half * half - rest;
        let scale = half * half + real::abs(rest) + 1e-300;
        if d >= -1e-7 * scale {
            let root = real::sqrt(real::max(d, 0.0));
            out[2 * k] = Some(half + root - shift);
            out[2 * k + 1] = Some(half - root - shift);
        } else if nearest.is_none_or(|(least, _)| -d / scale < least) {
            nearest = Some((-d / scale, half - shift));
        }
    }
    if out.iter().all(Option::is_none) {
        out[0] = nearest.map(|(_, t)| t);
        return (out, false);
    }
    (out, true)
}

/// The largest real root of m³ + b·m² + c·m + d.
fn largest_cubic_root(b: f64, c: f64, d: f64) -> f64 {
    let third = b / 3.0;
    let p = c / 3.0 - third * third;
    let q = third * third * third - 0.5 * third * c + 0.5 * d;
    let disc = q * q + p * p * p;
    let mut x = if disc > 0.0 {
        let root = real::sqrt(disc);
        // The larger of the two cube roots by magnitude, to lose no digits.
        let u = if q > 0.0 { real::cbrt(-q - root) } else { real::cbrt(-q + root) };
        if u == 0.0 { 0.0 } else { u - p / u }
    } else {
        let r = real::sqrt(real::max(-p, 0.0));
        if r == 0.0 { 0.0 } else { 2.0 * r * real::cos(real::acos(real::clamp(-q / (r * r * r), -1.0, 1.0)) / 3.0) }
    } - third;
    for _ in 0..2 {
        let value = ((x + b) * x + c) * x + d;
        let slope = (3.0 * x + 2.0 * b) * x + c;
        if real::abs(slope) > 1e-12 * (1.0 + real::abs(c)) {
            x -= value / slope;
        }
    }
    x
}
