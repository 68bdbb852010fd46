//! The cost of one block as a function of its residual x = J·a − a_ref, with force and curvature.
//!
//! MuJoCo's primal problem: quadratic for equalities, Huber for dry friction, one-sided quadratic for limits, a sum over
//! edges for the pyramid, and for the elliptic cone the squared distance to the dual cone in a scaled space. Of contact mode
//! `stick`: a one-sided quadratic for the normal and Huber in the plane for friction, whose bound does not depend on the
//! residual, so that sliding never pushes surfaces apart.

use crate::rows::{Block, Kind};
use leitai_math::real;

/// Most rows in a block.
pub(crate) const MOST: usize = 6;

/// Second derivative of a block's cost, row by row, `dim`×`dim` used.
pub(crate) type Curvature = [[f64; MOST]; MOST];

/// Cost of a block and which of its pieces is active. Equal pieces mean equal curvature, but for [`CURVED`].
pub(crate) struct Value {
    pub cost: f64,
    pub piece: u32,
}

/// A piece whose curvature depends on the residual.
pub(crate) const CURVED: u32 = u32::MAX;

/// Cost at residual `x`; writes the force (minus the gradient) and, if wanted, the curvature.
pub(crate) fn evaluate(
    block: &Block,
    stiffness: &[f64],
    x: &[f64],
    force: &mut [f64],
    curvature: Option<&mut Curvature>,
) -> Value {
    match block.kind {
        Kind::Equality => {
            let mut cost = 0.0;
            for r in 0..block.dim {
                force[r] = -stiffness[r] * x[r];
                cost -= 0.5 * force[r] * x[r];
            }
            if let Some(h) = curvature {
                diagonal(h, &stiffness[..block.dim]);
            }
            Value { cost, piece: 1 }
        }
        Kind::Friction(most) => {
            let bend = most / stiffness[0];
            let (cost, piece, f, slope) = if x[0] <= -bend {
                (-most * (0.5 * bend + x[0]), 0, most, 0.0)
            } else if x[0] >= bend {
                (-most * (0.5 * bend - x[0]), 2, -most, 0.0)
            } else {
                (0.5 * stiffness[0] * x[0] * x[0], 1, -stiffness[0] * x[0], stiffness[0])
            };
            force[0] = f;
            if let Some(h) = curvature {
                h[0][0] = slope;
            }
            Value { cost, piece }
        }
        Kind::Push => {
            let d = if x[0] < 0.0 { stiffness[0] } else { 0.0 };
            force[0] = -d * x[0];
            if let Some(h) = curvature {
                h[0][0] = d;
            }
            Value { cost: 0.5 * d * x[0] * x[0], piece: u32::from(x[0] < 0.0) }
        }
        Kind::Pyramid => pyramid(block, stiffness[0], x, force, curvature),
        Kind::Ellipse(mu) => ellipse(block, mu, stiffness, x, force, curvature),
        Kind::Coulomb(most) => coulomb(block, most, stiffness, x, force, curvature),
    }
}

/// First and second derivative of the cost along `x + alpha·slope`.
pub(crate) fn along(block: &Block, stiffness: &[f64], x: &[f64], slope: &[f64], alpha: f64) -> (f64, f64) {
    match block.kind {
        Kind::Push => {
            let at = x[0] + alpha * slope[0];
            if at < 0.0 { (stiffness[0] * at * slope[0], stiffness[0] * slope[0] * slope[0]) } else { (0.0, 0.0) }
        }
        Kind::Pyramid => {
            let d = stiffness[0];
            let (at, rate) = (x[0] + alpha * slope[0], slope[0]);
            let (mut first, mut second) = (0.0, 0.0);
            for r in 1..block.dim {
                let mu = block.friction[r - 1];
                let (side, side_rate) = (mu * (x[r] + alpha * slope[r]), mu * slope[r]);
                if at + side < 0.0 {
                    first += d * (at + side) * (rate + side_rate);
                    second += d * (rate + side_rate) * (rate + side_rate);
                }
                if at - side < 0.0 {
                    first += d * (at - side) * (rate - side_rate);
                    second += d * (rate - side_rate) * (rate - side_rate);
                }
            }
            (first, second)
        }
        Kind::Ellipse(mu) => ellipse_along(block, mu, stiffness, x, slope, alpha),
        Kind::Coulomb(most) => coulomb_along(block, most, stiffness, x, slope, alpha),
        Kind::Equality => {
            let (mut first, mut second) = (0.0, 0.0);
            for r in 0..block.dim {
                first += stiffness[r] * (x[r] + alpha * slope[r]) * slope[r];
                second += stiffness[r] * slope[r] * slope[r];
            }
            (first, second)
        }
        Kind::Friction(most) => {
            let at = x[0] + alpha * slope[0];
            let bend = most / stiffness[0];
            if at <= -bend {
                (-most * slope[0], 0.0)
            } else if at >= bend {
                (most * slope[0], 0.0)
            } else {
                (stiffness[0] * at * slope[0], stiffness[0] * slope[0] * slope[0])
            }
        }
    }
}

/// Square of the tangential part where friction's ellipse is a circle, its product with its rate, and the rate's square.
fn tangent_along(block: &Block, x: &[f64], slope: &[f64], alpha: f64) -> [f64; 3] {
    let (mut square, mut product, mut rate_square) = (0.0, 0.0, 0.0);
    for r in 1..block.dim {
        let scale = block.friction[r - 1];
        let (u, v) = ((x[r] + alpha * slope[r]) * scale, slope[r] * scale);
        square += u * u;
        product += u * v;
        rate_square += v * v;
    }
    [square, product, rate_square]
}

fn ellipse_along(block: &Block, mu: f64, stiffness: &[f64], x: &[f64], slope: &[f64], alpha: f64) -> (f64, f64) {
    let (normal, rate) = ((x[0] + alpha * slope[0]) * mu, slope[0] * mu);
    let [square, product, rate_square] = tangent_along(block, x, slope, alpha);
    let tangent = real::sqrt(square);
    if normal >= mu * tangent {
        return (0.0, 0.0);
    }
    if mu * normal + tangent <= 0.0 {
        let (mut first, mut second) = (0.0, 0.0);
        for r in 0..block.dim {
            first += stiffness[r] * (x[r] + alpha * slope[r]) * slope[r];
            second += stiffness[r] * slope[r] * slope[r];
        }
        return (first, second);
    }
    let d = stiffness[0] / (mu * mu * (1.0 + mu * mu));
    let (gap, tangent_rate) = (normal - mu * tangent, product / tangent);
    let gap_rate = rate - mu * tangent_rate;
    let bend = (rate_square - tangent_rate * tangent_rate) / tangent;
    (d * gap * gap_rate, d * (gap_rate * gap_rate - gap * mu * bend))
}

fn coulomb_along(block: &Block, most: f64, stiffness: &[f64], x: &[f64], slope: &[f64], alpha: f64) -> (f64, f64) {
    let normal = x[0] + alpha * slope[0];
    let (mut first, mut second) =
        if normal < 0.0 { (stiffness[0] * normal * slope[0], stiffness[0] * slope[0] * slope[0]) } else { (0.0, 0.0) };
    let [square, product, rate_square] = tangent_along(block, x, slope, alpha);
    let (tangent, k) = (real::sqrt(square), tangent_stiffness(block, stiffness));
    if k * tangent <= most {
        first += k * product;
        second += k * rate_square;
    } else {
        let rate = product / tangent;
        first += most * rate;
        second += most * (rate_square - rate * rate) / tangent;
    }
    (first, second)
}

/// Stiffness of friction in the space where its ellipse is a circle: the same along every row.
fn tangent_stiffness(block: &Block, stiffness: &[f64]) -> f64 {
    stiffness[1] / (block.friction[0] * block.friction[0])
}

fn diagonal(h: &mut Curvature, d: &[f64]) {
    for (r, row) in h.iter_mut().enumerate().take(d.len()) {
        row[..d.len()].fill(0.0);
        row[r] = d[r];
    }
}

fn pyramid(block: &Block, stiffness: f64, x: &[f64], force: &mut [f64], mut curvature: Option<&mut Curvature>) -> Value {
    force[..block.dim].fill(0.0);
    if let Some(h) = curvature.as_deref_mut() {
        for row in h.iter_mut().take(block.dim) {
            row[..block.dim].fill(0.0);
        }
    }
    let (mut cost, mut piece) = (0.0, 0);
    for r in 1..block.dim {
        for (bit, mu) in [(0, block.friction[r - 1]), (1, -block.friction[r - 1])] {
            let edge = x[0] + mu * x[r];
            if edge < 0.0 {
                cost += 0.5 * stiffness * edge * edge;
                piece |= 1 << (2 * r + bit);
                force[0] -= stiffness * edge;
                force[r] -= stiffness * edge * mu;
                if let Some(h) = curvature.as_deref_mut() {
                    h[0][0] += stiffness;
                    h[0][r] += stiffness * mu;
                    h[r][0] += stiffness * mu;
                    h[r][r] += stiffness * mu * mu;
                }
            }
        }
    }
    Value { cost, piece }
}

fn ellipse(block: &Block, mu: f64, stiffness: &[f64], x: &[f64], force: &mut [f64], curvature: Option<&mut Curvature>) -> Value {
    let n = block.dim;
    let scale = |r: usize| if r == 0 { mu } else { block.friction[r - 1] };
    let mut u = [0.0; MOST];
    let mut tangent = 0.0;
    for r in 0..n {
        u[r] = x[r] * scale(r);
        if r > 0 {
            tangent += u[r] * u[r];
        }
    }
    let normal = u[0];
    let tangent = real::sqrt(tangent);
    if normal >= mu * tangent {
        // Above the dual cone: no contact force.
        force[..n].fill(0.0);
        if let Some(h) = curvature {
            diagonal(h, &[0.0; MOST][..n]);
        }
        return Value { cost: 0.0, piece: 0 };
    }
    if mu * normal + tangent <= 0.0 {
        // Inside the cone: sticking, quadratic.
        let mut cost = 0.0;
        for r in 0..n {
            force[r] = -stiffness[r] * x[r];
            cost -= 0.5 * force[r] * x[r];
        }
        if let Some(h) = curvature {
            diagonal(h, &stiffness[..n]);
        }
        return Value { cost, piece: 1 };
    }
    // Between: sliding on the cone's surface.
    let d = stiffness[0] / (mu * mu * (1.0 + mu * mu));
    let gap = normal - mu * tangent;
    force[0] = -d * gap * mu;
    for r in 1..n {
        force[r] = d * gap * mu * u[r] / tangent * scale(r);
    }
    if let Some(h) = curvature {
        let across = -d * gap * mu / tangent;
        for r in 0..n {
            for c in 0..n {
                let value = match (r, c) {
                    (0, 0) => d,
                    (0, k) | (k, 0) => -d * mu * u[k] / tangent,
                    _ => {
                        let both = u[r] * u[c] / (tangent * tangent);
                        d * mu * mu * both + across * (if r == c { 1.0 } else { 0.0 } - both)
                    }
                };
                h[r][c] = value * scale(r) * scale(c);
            }
        }
    }
    Value { cost: 0.5 * d * gap * gap, piece: CURVED }
}

fn coulomb(
    block: &Block,
    most: f64,
    stiffness: &[f64],
    x: &[f64],
    force: &mut [f64],
    curvature: Option<&mut Curvature>,
) -> Value {
    let n = block.dim;
    let pushes = x[0] < 0.0;
    let push = if pushes { stiffness[0] } else { 0.0 };
    force[0] = -push * x[0];
    let mut u = [0.0; MOST];
    let mut square = 0.0;
    for r in 1..n {
        u[r] = x[r] * block.friction[r - 1];
        square += u[r] * u[r];
    }
    let (tangent, k) = (real::sqrt(square), tangent_stiffness(block, stiffness));
    let slides = k * tangent > most;
    // Secant stiffness: all of the curvature while it sticks, the part across the motion while it slides.
    let secant = if slides { most / tangent } else { k };
    for r in 1..n {
        force[r] = -secant * u[r] * block.friction[r - 1];
    }
    if let Some(h) = curvature {
        let along = if slides { secant / square } else { 0.0 };
        for r in 0..n {
            for c in 0..n {
                h[r][c] = match (r, c) {
                    (0, 0) => push,
                    (0, _) | (_, 0) => 0.0,
                    _ => {
                        let scale = block.friction[r - 1] * block.friction[c - 1];
                        scale * (if r == c { secant } else { 0.0 } - along * u[r] * u[c])
                    }
                };
            }
        }
    }
    let friction = if slides { most * (tangent - 0.5 * most / k) } else { 0.5 * k * square };
    let piece = match (slides, most > 0.0) {
        (true, true) => CURVED,
        (true, false) => u32::from(pushes),
        (false, _) => 2 + u32::from(pushes),
    };
    Value { cost: 0.5 * push * x[0] * x[0] + friction, piece }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Origin;
    use leitai_math::Seed;

    fn blocks() -> [Block; 8] {
        let block = |kind, dim| Block {
            kind,
            origin: Origin::Contact,
            row: 0,
            dim,
            column: 0,
            width: 0,
            entry: 0,
            friction: [0.8, 0.8, 0.3, 0.2, 0.2],
        };
        [
            block(Kind::Equality, 3),
            block(Kind::Friction(0.7), 1),
            block(Kind::Push, 1),
            block(Kind::Pyramid, 4),
            block(Kind::Ellipse(0.5), 3),
            block(Kind::Ellipse(0.8), 6),
            block(Kind::Coulomb(0.6), 3),
            block(Kind::Coulomb(0.9), 6),
        ]
    }

    /// Related as the builder relates them, or the cone's pieces would not meet.
    fn stiffness(block: &Block) -> [f64; MOST] {
        let mut d = [2.0; MOST];
        if let Kind::Ellipse(_) | Kind::Coulomb(_) = block.kind {
            let share = if let Kind::Ellipse(mu) = block.kind { block.friction[0] / mu } else { 1.0 };
            for r in 1..MOST {
                d[r] = d[0]
                    * share
                    * share
                    * (block.friction[r - 1] / block.friction[0])
                    * (block.friction[r - 1] / block.friction[0]);
            }
        }
        d
    }

    fn draw(seed: u64) -> ([f64; MOST], [f64; MOST]) {
        let mut draw = Seed::from_number(seed).stream("residual");
        let mut x = [0.0; MOST];
        x.iter_mut().for_each(|x| *x = draw.uniform(-1.0, 1.0));
        let mut slope = [0.0; MOST];
        slope.iter_mut().for_each(|x| *x = draw.uniform(-1.0, 1.0));
        (x, slope)
    }

    fn cost(block: &Block, d: &[f64], x: &[f64]) -> f64 {
        evaluate(block, &d[..block.dim], &x[..block.dim], &mut [0.0; MOST], None).cost
    }

    /// The force is minus the cost's gradient, and the curvature the gradient's derivative, by finite differences.
    #[test]
    fn forces_and_curvatures_are_derivatives() {
        let step = 1e-6;
        for block in &blocks() {
            let d = stiffness(block);
            for seed in 0..300 {
                let (x, _) = draw(seed);
                let (mut force, mut h) = ([0.0; MOST], [[0.0; MOST]; MOST]);
                let here = evaluate(block, &d[..block.dim], &x[..block.dim], &mut force, Some(&mut h)).piece;
                for r in 0..block.dim {
                    let moved = |by: f64| {
                        let mut y = x;
                        y[r] += by;
                        y
                    };
                    let slope = (cost(block, &d, &moved(step)) - cost(block, &d, &moved(-step))) / (2.0 * step);
                    assert!((slope + force[r]).abs() < 1e-6, "{:?} seed {seed} row {r}: {slope} and {}", block.kind, force[r]);
                    let mut ahead = [0.0; MOST];
                    let there = evaluate(block, &d[..block.dim], &moved(step)[..block.dim], &mut ahead, None).piece;
                    if here != there {
                        // On the border of two pieces the curvature jumps.
                        continue;
                    }
                    for c in 0..block.dim {
                        let bend = (force[c] - ahead[c]) / step;
                        assert!((bend - h[c][r]).abs() < 2e-4, "{:?} seed {seed}: {bend} and {}", block.kind, h[c][r]);
                    }
                }
            }
        }
    }

    /// Along a line, slope and bend are those of the force and the curvature.
    #[test]
    fn slopes_along_a_line_are_those_of_the_cost() {
        for block in &blocks() {
            let d = stiffness(block);
            for seed in 0..300 {
                let (x, slope) = draw(seed);
                let alpha = 0.37;
                let mut at = x;
                at.iter_mut().zip(slope).for_each(|(x, s)| *x += alpha * s);
                let (mut force, mut h) = ([0.0; MOST], [[0.0; MOST]; MOST]);
                evaluate(block, &d[..block.dim], &at[..block.dim], &mut force, Some(&mut h));
                let first: f64 = (0..block.dim).map(|r| -force[r] * slope[r]).sum();
                let bent = |r: usize| (0..block.dim).map(|c| h[r][c] * slope[c]).sum::<f64>();
                let second: f64 = (0..block.dim).map(|r| slope[r] * bent(r)).sum();
                let (f, s) = along(block, &d[..block.dim], &x[..block.dim], &slope[..block.dim], alpha);
                assert!((f - first).abs() < 1e-12 && (s - second).abs() < 1e-11, "{:?}: {f} {first}, {s} {second}", block.kind);
            }
        }
    }
}
