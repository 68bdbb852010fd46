//! Whether a motion is what was asked for, by integrating its jerk anew, stretch by stretch.
// A NaN must fail, so comparisons say what is right and are negated.
#![allow(clippy::neg_cmp_op_on_partial_ord)]

use leitai_control::otg::{Course, Transfer};

/// How far the ends may be missed [rad, rad/s, rad/s²].
const END: f64 = 1e-8;
/// How far the ends of two stretches may be apart, as a share of what they are or of 1: rounding.
const JOIN: f64 = 1e-11;
/// How far a limit may be passed, as a share of it.
const LIMIT: f64 = 1e-9;

/// The largest errors seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    pub position: f64,
    pub velocity: f64,
    pub acceleration: f64,
    pub beyond: f64,
}

/// Checks ends, limits and duration of a motion; says what is wrong.
pub fn check(transfer: &Transfer, course: &Course, duration_s: f64, worst: &mut Worst) -> Result<(), String> {
    let Transfer { start, target, limits } = transfer;
    let [v_low, v_high] = limits.velocity;
    let [a_low, a_high] = limits.acceleration;
    let (mut p, mut v, mut a) = (start.position, start.velocity, start.acceleration);
    let stretches = course.stretches();
    let j = limits.jerk;
    let within = |v: f64, low: f64, high: f64| (v - high).max(low - v) / (high - low);
    // A state from which limits can be kept: from the first such state on they must be.
    let mut safe = false;
    let mut largest = 0.0f64;
    for (k, stretch) in stretches.iter().enumerate() {
        let until = stretches.get(k + 1).map_or(duration_s, |next| next.from_s);
        let t = until - stretch.from_s;
        if !(t >= -1e-12) {
            return Err(format!("stretch {k} lasts {t}"));
        }
        let joint = stretch.state;
        let gaps = [(joint.position - p).abs(), (joint.velocity - v).abs(), (joint.acceleration - a).abs()];
        // A time cannot be told more finely than it is stored.
        let tick = 4.0 * f64::EPSILON * until;
        let allowed =
            [JOIN * (1.0 + p.abs()) + tick * v.abs(), JOIN * (1.0 + v.abs()) + tick * a.abs(), JOIN * (1.0 + a.abs()) + tick * j];
        if !(0..3).all(|i| gaps[i] <= allowed[i]) {
            return Err(format!("stretch {k} does not join the one before: {gaps:?}"));
        }
        (p, v, a) = (joint.position, joint.velocity, joint.acceleration);
        largest = largest.max(p.abs());
        if stretch.jerk.abs() > j * (1.0 + LIMIT) {
            return Err(format!("stretch {k} has jerk {}", stretch.jerk));
        }
        let settled = v + 0.5 * a * a.abs() / j;
        let beyond = within(v, v_low, v_high).max(within(a, a_low, a_high)).max(within(settled, v_low, v_high));
        safe |= beyond <= 0.0;
        // Velocity is monotonic between zeros of the acceleration.
        let mut extreme = v;
        if stretch.jerk != 0.0 {
            let zero = -a / stretch.jerk;
            if zero > 0.0 && zero < t {
                extreme = v + zero * (a + zero * stretch.jerk / 2.0);
            }
        }
        p += t * (v + t * (a / 2.0 + t * stretch.jerk / 6.0));
        v += t * (a + t * stretch.jerk / 2.0);
        a += t * stretch.jerk;
        if safe {
            let rounding = tick * j;
            let most =
                within(extreme, v_low, v_high).max(within(v, v_low, v_high)).max(within(a, a_low - rounding, a_high + rounding));
            worst.beyond = worst.beyond.max(most);
            if !(most <= LIMIT) {
                return Err(format!("stretch {k} passes a limit by {most}: v {extreme} to {v}, a {a}"));
            }
        }
    }
    let errors = ((p - target.position).abs(), (v - target.velocity).abs(), a.abs());
    worst.position = worst.position.max(errors.0);
    worst.velocity = worst.velocity.max(errors.1);
    worst.acceleration = worst.acceleration.max(errors.2);
    if !(errors.0 <= END + JOIN * largest && errors.1 <= END && errors.2 <= END + 4.0 * f64::EPSILON * duration_s * j) {
        return Err(format!("ends off by {errors:?}"));
    }
    Ok(())
}
