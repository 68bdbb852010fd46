//! The cost of one block as a function of its residual x = J·a − a_ref, with force and curvature.
//!
//! MuJoCo's primal problem: quadratic for equalities, Huber for dry friction, one-sided quadratic for limits, a sum over
//! edges for the pyramid, and for the elliptic cone the squared distance to the dual cone in a scaled space.

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
        _ => {
            let mut at = [0.0; MOST];
            for r in 0..block.dim {
                at[r] = x[r] + alpha * slope[r];
            }
            let (mut force, mut h) = ([0.0; MOST], [[0.0; MOST]; MOST]);
            evaluate(block, stiffness, &at, &mut force, Some(&mut h));
            let (mut first, mut second) = (0.0, 0.0);
            for r in 0..block.dim {
                first -= force[r] * slope[r];
                for c in 0..block.dim {
                    second += slope[r] * h[r][c] * slope[c];
                }
            }
            (first, second)
        }
    }
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
