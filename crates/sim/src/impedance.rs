//! From `solref` and `solimp` to the stiffness, damping and regularization of a constraint row.
//!
//! The formulas are MuJoCo's documentation, "Solver parameters": d(r) is the impedance at violation r, R = (1 − d)/d · Â with Â
//! the inverse weight, and the reference acceleration is −b·velocity − k·d·violation.

use crate::scene::LEAST;
use leitai_math::real;
use leitai_model::{SolImp, SolRef};

const LEAST_IMPEDANCE: f64 = 0.0001;
const MOST_IMPEDANCE: f64 = 0.9999;

/// Stiffness k, damping b and impedance d of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    pub stiffness: f64,
    pub damping: f64,
    pub impedance: f64,
}

/// Impedance at the distance `violation` from where the constraint is met.
pub(crate) fn impedance(solimp: &SolImp, violation: f64) -> f64 {
    let [low, high, width, mid, power] = solimp.0;
    let low = real::clamp(low, LEAST_IMPEDANCE, MOST_IMPEDANCE);
    let high = real::clamp(high, LEAST_IMPEDANCE, MOST_IMPEDANCE);
    let width = real::max(0.0, width);
    let mid = real::clamp(mid, LEAST_IMPEDANCE, MOST_IMPEDANCE);
    let power = real::max(1.0, power);
    if low == high || width <= LEAST {
        return 0.5 * (low + high);
    }
    let x = real::abs(violation / width);
    if x >= 1.0 {
        return high;
    }
    if x == 0.0 {
        return low;
    }
    let raised = |x: f64, p: f64| if p == 2.0 { x * x } else { real::pow(x, p) };
    let y = if power == 1.0 {
        x
    } else if x <= mid {
        raised(x, power) / real::pow(mid, power - 1.0)
    } else {
        1.0 - raised(1.0 - x, power) / real::pow(1.0 - mid, power - 1.0)
    };
    low + y * (high - low)
}

/// Stiffness and damping from `solref`; `timestep_s` bounds the time constant from below if `safe`.
pub(crate) fn reference(solref: &SolRef, solimp: &SolImp, violation: f64, timestep_s: f64, safe: bool) -> Reference {
    let high = real::clamp(solimp.0[1], LEAST_IMPEDANCE, MOST_IMPEDANCE);
    let [first, second] = solref.0;
    let (stiffness, damping) = if first > 0.0 {
        let time = if safe { real::max(first, 2.0 * timestep_s) } else { first };
        let stiffness = 1.0 / real::max(LEAST, high * high * time * time * second * second);
        (stiffness, 2.0 / real::max(LEAST, high * time))
    } else {
        (-first / real::max(LEAST, high * high), -second / real::max(LEAST, high))
    };
    Reference { stiffness, damping, impedance: impedance(solimp, violation) }
}

/// Regularization R of a row with inverse weight `weight`.
pub(crate) fn regularization(impedance: f64, weight: f64) -> f64 {
    real::max(LEAST, (1.0 - impedance) / impedance * weight)
}
