//! The small problems that inverse kinematics in closed form is put together from.
//!
//! One unknown angle each, or two, about given axes: Paden's and Kahan's subproblems (Murray, Li & Sastry, *A Mathematical
//! Introduction to Robotic Manipulation*, 1994, §3.3), with the further ones of Elias & Wen (*IK-Geo*, 2022). An angle is
//! carried as its cosine and sine, so that nothing here calls a transcendental function. Where no angle solves a problem, the
//! answer is the angle that comes nearest (least squares) and says so; where every angle does, it says that. No input gives NaN
//! unless it holds one.
//!
//! | here | number in the literature | unknown |
//! |---|---|---|
//! | [`about`] | 1 | rot(k, θ) p₁ = p₂ |
//! | [`cones`] | 2 | rot(k₁, θ₁) p₁ = rot(k₂, θ₂) p₂ |
//! | [`distance`] | 3 | ‖rot(k, θ) p₁ − p₂‖ = d |
//! | [`height`] | 4 | hᵀ rot(k, θ) p = d |
//! | [`Pair`](super::pair::Pair) | 5, 6 | two equations in two angles |

use leitai_math::{Vec3, real};

/// An angle by its cosine and sine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Cosine.
    pub c: f64,
    /// Sine.
    pub s: f64,
}

impl Turn {
    /// No turn.
    pub const NONE: Self = Self { c: 1.0, s: 0.0 };

    /// The turn by `angle` [rad].
    #[must_use]
    pub fn by(angle: f64) -> Self {
        let (s, c) = real::sin_cos(angle);
        Self { c, s }
    }
    /// The angle [rad] in [−π, π].
    #[inline]
    #[must_use]
    pub fn angle(self) -> f64 {
        real::atan2(self.s, self.c)
    }
    /// The same turn the other way.
    #[inline]
    #[must_use]
    pub fn back(self) -> Self {
        Self { c: self.c, s: -self.s }
    }
    /// Both turns, one after the other.
    #[inline]
    #[must_use]
    pub fn and(self, o: Self) -> Self {
        Self { c: self.c * o.c - self.s * o.s, s: self.s * o.c + self.c * o.s }
    }
    /// `v` turned about the unit axis `k` (Rodrigues).
    #[inline]
    #[must_use]
    pub fn apply(self, k: Vec3, v: Vec3) -> Vec3 {
        v * self.c + k.cross(v) * self.s + k * (k.dot(v) * (1.0 - self.c))
    }
    /// The direction of (`c`, `s`), or nothing if that is shorter than `least`.
    #[inline]
    fn along(c: f64, s: f64, least: f64) -> Option<Self> {
        let r = real::sqrt(c * c + s * s);
        if r <= least {
            return None;
        }
        let k = 1.0 / r;
        Some(Self { c: c * k, s: s * k })
    }
}

/// How an answer is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The angles solve the problem.
    Exact,
    /// No angle does; these come nearest.
    Nearest,
    /// Every angle does (or none matters): the one given stands for all.
    Free,
}

impl Fit {
    /// Of two fits that belong together, the worse: a miss outweighs freedom, freedom outweighs an exact answer.
    #[inline]
    #[must_use]
    pub fn and(self, o: Self) -> Self {
        match (self, o) {
            (Self::Nearest, _) | (_, Self::Nearest) => Self::Nearest,
            (Self::Free, _) | (_, Self::Free) => Self::Free,
            _ => Self::Exact,
        }
    }
}

/// Up to two angles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turns {
    turns: [Turn; 2],
    count: u8,
    /// How they are meant.
    pub fit: Fit,
}

impl Turns {
    #[inline]
    fn one(turn: Turn, fit: Fit) -> Self {
        Self { turns: [turn; 2], count: 1, fit }
    }
    /// The angles.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[Turn] {
        &self.turns[..self.count as usize]
    }
}

/// Shorter than this [m, or the sine of an angle], a lever turns nothing: the angle about it is free.
pub const NO_LEVER: f64 = 1e-11;

/// Relative miss of an equation that is rounding, not distance.
const ROUNDING: f64 = 1e-12;

/// Solves a·cos θ + b·sin θ = e.
#[inline]
#[must_use]
pub fn level(a: f64, b: f64, e: f64) -> Turns {
    let r = real::sqrt(a * a + b * b);
    if r <= NO_LEVER {
        let fit = if real::abs(e) <= 1e-9 { Fit::Free } else { Fit::Nearest };
        return Turns::one(Turn::NONE, fit);
    }
    let k = 1.0 / r;
    let (a, b, e) = (a * k, b * k, e * k);
    let rest = (1.0 - e) * (1.0 + e);
    if rest <= 0.0 {
        let side = if e > 0.0 { 1.0 } else { -1.0 };
        let fit = if rest > -ROUNDING { Fit::Exact } else { Fit::Nearest };
        return Turns::one(Turn { c: a * side, s: b * side }, fit);
    }
    let w = real::sqrt(rest);
    let turns = [Turn { c: a * e - b * w, s: b * e + a * w }, Turn { c: a * e + b * w, s: b * e - a * w }];
    Turns { turns, count: 2, fit: Fit::Exact }
}

/// [`level`] for a² + b² = 1 and a √(1 − e²) that the caller knows without cancellation, `w` ≥ 0: the same two angles where they
/// lie close together.
#[inline]
pub(super) fn level_beside(a: f64, b: f64, e: f64, w: f64) -> Turns {
    let k = 1.0 / real::sqrt(e * e + w * w);
    let (e, w) = (e * k, w * k);
    let turns = [Turn { c: a * e - b * w, s: b * e + a * w }, Turn { c: a * e + b * w, s: b * e - a * w }];
    Turns { turns, count: 2, fit: Fit::Exact }
}

/// Subproblem 1: the turn about `k` that brings `p1` to `p2`.
///
/// Exact if both have the same length and height along `k`; otherwise it brings `p1` nearest to `p2`. Free if either lies on
/// the axis.
#[must_use]
pub fn about(k: Vec3, p1: Vec3, p2: Vec3) -> Turns {
    let (h1, h2) = (k.dot(p1), k.dot(p2));
    let (n1, n2) = (p1.norm(), p2.norm());
    let scale = real::max(n1, n2);
    let Some(turn) = turn_about(k, p1, p2, NO_LEVER * n1 * n2) else {
        let fit = if (p1 - p2).norm() <= 1e-9 * scale { Fit::Free } else { Fit::Nearest };
        return Turns::one(Turn::NONE, fit);
    };
    let same = real::abs(h1 - h2) <= 1e-9 * scale && real::abs(n1 - n2) <= 1e-9 * scale;
    Turns::one(turn, if same { Fit::Exact } else { Fit::Nearest })
}

/// [`about`] without judging the fit: nothing if the product of both levers is not above `least`.
///
/// Levers are taken before they are multiplied: of vectors close to the axis, products cancel and levers do not.
#[inline]
pub(super) fn turn_about(k: Vec3, p1: Vec3, p2: Vec3, least: f64) -> Option<Turn> {
    let (x1, x2) = (k.cross(p1), k.cross(p2));
    Turn::along(x1.dot(x2), k.dot(x1.cross(x2)), least)
}

/// Subproblem 4: the turns about `k` that bring `p` to the height `d` along `h`.
#[must_use]
pub fn height(h: Vec3, k: Vec3, p: Vec3, d: f64) -> Turns {
    let along = h.dot(k) * k.dot(p);
    level(h.dot(p) - along, h.dot(k.cross(p)), d - along)
}

/// Subproblem 3: the turns about `k` that bring `p1` to the distance `d` from `p2`.
#[must_use]
pub fn distance(k: Vec3, p1: Vec3, p2: Vec3, d: f64) -> Turns {
    height(p2, k, p1, 0.5 * (p1.norm_squared() + p2.norm_squared() - d * d))
}

/// Pairs of turns that solve a problem with two unknowns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Couples {
    couples: [(Turn, Turn); 2],
    count: u8,
    /// How they are meant.
    pub fit: Fit,
}

impl Couples {
    /// The pairs.
    #[must_use]
    pub fn as_slice(&self) -> &[(Turn, Turn)] {
        &self.couples[..self.count as usize]
    }
}

/// Subproblem 2: where the circle of `p1` about `k1` meets the circle of `p2` about `k2` (axes through one point).
///
/// The meeting point z has known heights along both axes and the length of `p1` (of the two lengths, the mean, if they differ).
/// Parallel axes leave a family of solutions or none: the answer is then the least turn about `k1` alone, free or nearest.
#[must_use]
pub fn cones(k1: Vec3, p1: Vec3, k2: Vec3, p2: Vec3) -> Couples {
    let across = k1.cross(k2);
    let det = across.norm_squared();
    if det <= NO_LEVER * NO_LEVER {
        let one = about(k1, p1, p2);
        let fit = if one.fit == Fit::Nearest { Fit::Nearest } else { Fit::Free };
        return Couples { couples: [(one.turns[0], Turn::NONE); 2], count: 1, fit };
    }
    let (n1, n2, cosine) = (p1.norm(), p2.norm(), k1.dot(k2));
    let length = 0.5 * (n1 + n2);
    let (h1, h2) = (k1.dot(p1), k2.dot(p2));
    let foot = k1 * ((h1 - cosine * h2) / det) + k2 * ((h2 - cosine * h1) / det);
    let rest = (length * length - foot.norm_squared()) / det;
    let scale = length * length / det;
    let lengths_agree = real::abs(n1 - n2) <= 1e-9 * length;
    let to = |z: Vec3| {
        let first = turn_about(k1, p1, z, NO_LEVER * length * length).unwrap_or(Turn::NONE);
        let second = turn_about(k2, p2, z, NO_LEVER * length * length).unwrap_or(Turn::NONE);
        (first, second)
    };
    if rest <= 0.0 {
        let fit = if lengths_agree && rest > -ROUNDING * scale { Fit::Exact } else { Fit::Nearest };
        return Couples { couples: [to(foot); 2], count: 1, fit };
    }
    let side = across * real::sqrt(rest);
    let fit = if lengths_agree { Fit::Exact } else { Fit::Nearest };
    Couples { couples: [to(foot + side), to(foot - side)], count: 2, fit }
}
