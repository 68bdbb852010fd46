//! How fast a joint may move when it must be able to stop before its end.

use leitai_math::real;

/// The largest speed toward an end that is `room` away from which ticks of length `dt` with deceleration `a` stop before it.
///
/// Speeds are held for a tick (q ← q + v·dt), so the way to a stop from v = (N + f)·a·dt is a·dt²·(N + 1)·(N/2 + f); this is
/// its inverse. The bound of the next tick is exactly v − a·dt: position and acceleration limits never contradict each other.
pub(super) fn speed_before_end(room: f64, a: f64, dt: f64) -> f64 {
    if room <= 0.0 {
        return 0.0;
    }
    if room == f64::INFINITY {
        return f64::INFINITY;
    }
    let steps = room / (a * dt * dt);
    // Beyond 10¹² ticks the speed limit rules; the formula would lose its digits there.
    if steps.is_nan() || steps > 1e24 {
        return f64::INFINITY;
    }
    let whole = real::floor(0.5 * (real::sqrt(1.0 + 8.0 * steps) - 1.0));
    let part = steps / (whole + 1.0) - 0.5 * whole;
    (whole + part) * a * dt
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Law: moving at the bound in every tick never needs more than the deceleration and ends on the stop.
    #[test]
    fn braking_at_the_bound_stops_on_the_end() {
        for (room, a, dt) in [(1.0, 8.0, 0.004), (0.37, 2.0, 0.01), (1e-5, 20.0, 0.001), (3.0, 0.5, 0.02)] {
            let mut left = room;
            let mut v = speed_before_end(left, a, dt);
            for _ in 0..100_000 {
                left -= v * dt;
                assert!(left >= -1e-12 * room, "{left}");
                let next = speed_before_end(left, a, dt);
                assert!(next >= v - a * dt - 1e-9 * a * dt && next <= v + 1e-12, "{v} {next}");
                v = next;
            }
            assert!(left < 1e-12 * room && v < 1e-9);
        }
        assert_eq!(speed_before_end(-1.0, 1.0, 0.1), 0.0);
        assert_eq!(speed_before_end(f64::INFINITY, 1.0, 0.1), f64::INFINITY);
    }
}
