//! Random transfers, drawn as the problem set of `otg.py` is.

use leitai_control::otg::{Limits, State, Target, Transfer};
use leitai_math::Stream;

/// What moves at the ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Rest to rest.
    Rest,
    /// Moving to rest.
    State,
    /// Moving to moving.
    Full,
}

/// One joint's transfer.
pub fn transfer(draw: &mut Stream, kind: Kind) -> Transfer {
    let (vm, am, jm) = (draw.uniform(1.0, 3.0), draw.uniform(5.0, 15.0), draw.uniform(50.0, 200.0));
    let (p0, pf) = (draw.uniform(-2.8, 2.8), draw.uniform(-2.8, 2.8));
    let (mut v0, mut a0, mut vf) = (0.0, 0.0, 0.0);
    if kind != Kind::Rest {
        v0 = draw.uniform(-0.9, 0.9) * vm;
        let room = (2.0 * jm * (vm - v0.abs()).max(1e-3)).sqrt();
        a0 = draw.uniform(-1.0, 1.0) * (0.9 * am).min(0.9 * room);
    }
    if kind == Kind::Full {
        vf = draw.uniform(-0.5, 0.5) * vm;
    }
    Transfer {
        start: State { position: p0, velocity: v0, acceleration: a0 },
        target: Target { position: pf, velocity: vf },
        limits: Limits::symmetric(vm, am, jm),
    }
}

/// Puts a start or a target at a limit or beyond it, or makes ends coincide; true if the target is beyond, so that no motion exists.
pub fn disturb(draw: &mut Stream, transfer: &mut Transfer) -> bool {
    let Transfer { start, target, limits } = transfer;
    let (vm, am) = (limits.velocity[1], limits.acceleration[1]);
    let sign = if draw.chance(0.5) { 1.0 } else { -1.0 };
    match draw.below(10) {
        0 => start.velocity = sign * vm,
        1 => start.velocity = sign * vm * draw.uniform(1.0, 1.5),
        2 => start.acceleration = sign * am,
        3 => start.acceleration = sign * am * draw.uniform(1.0, 1.5),
        4 => (start.velocity, start.acceleration) = (sign * vm * draw.uniform(0.5, 1.5), am * draw.uniform(-1.5, 1.5)),
        5 => target.velocity = sign * vm,
        6 => {
            target.velocity = sign * vm * draw.uniform(1.0, 1.5);
            return target.velocity.abs() > vm;
        }
        7 => target.position = start.position,
        8 => (start.velocity, start.acceleration, target.velocity) = (sign * vm, 0.0, sign * vm),
        // On the way already: nothing, or almost nothing, is left to do.
        _ => {
            *start = State { position: target.position - 1e-9 * draw.unit(), velocity: target.velocity, acceleration: 0.0 };
        }
    }
    false
}
