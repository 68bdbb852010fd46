//! Motions that make an arm's parameters show: sums of sines for each joint.
//!
//! Joint i follows q_i(t) = center_i + window(t)·Σ (a_il sin lωt + b_il cos lωt), a Fourier series of a few harmonics whose position, velocity and acceleration are
//! known exactly (Swevers et al., *Optimal robot excitation and identification*, 1997). Coefficients are drawn from a named stream and scaled
//! until the joint keeps its ranges of position, velocity and acceleration; a smooth window brings the motion from and to rest.

use alloc::vec::Vec;
use leitai_math::{Seed, real};

/// Harmonics of the base frequency.
const HARMONICS: usize = 5;

/// What each joint may do, around its center.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Position around which it moves [rad or m].
    pub center: f64,
    /// Greatest distance from there.
    pub reach: f64,
    /// Greatest speed.
    pub speed: f64,
    /// Greatest acceleration.
    pub acceleration: f64,
}

/// A motion of several joints from rest to rest.
#[derive(Clone, Debug)]
pub struct Excitation {
    base_rad_s: f64,
    duration_s: f64,
    joints: Vec<(f64, [f64; HARMONICS], [f64; HARMONICS])>,
}

/// Instants at which the ranges are checked.
const CHECKS: u32 = 2000;

impl Excitation {
    /// A motion of `duration_s` [s], which is one period of the lowest harmonic, drawn by `seed`.
    ///
    /// # Panics
    /// If a range or the duration is not positive.
    #[must_use]
    pub fn new(rooms: &[Room], duration_s: f64, seed: &Seed) -> Self {
        assert!(
            duration_s > 0.0 && rooms.iter().all(|r| r.reach > 0.0 && r.speed > 0.0 && r.acceleration > 0.0),
            "ranges must be positive"
        );
        let mut draw = seed.stream("excitation");
        let mut motion = Self { base_rad_s: real::TAU / duration_s, duration_s, joints: Vec::new() };
        for room in rooms {
            let mut sines = [0.0; HARMONICS];
            let mut cosines = [0.0; HARMONICS];
            for (l, (s, c)) in sines.iter_mut().zip(&mut cosines).enumerate() {
                // All harmonics about equally fast.
                let share = 1.0 / (l + 1) as f64;
                (*s, *c) = (draw.normal(0.0, share), draw.normal(0.0, share));
            }
            motion.joints.push((0.0, sines, cosines));
            let one = Self { joints: motion.joints[motion.joints.len() - 1..].to_vec(), ..motion };
            let (mut q, mut v, mut a) = ([0.0], [0.0], [0.0]);
            let mut most = 0.0;
            for k in 0..=CHECKS {
                one.at(duration_s * f64::from(k) / f64::from(CHECKS), &mut q, &mut v, &mut a);
                let used = [real::abs(q[0]) / room.reach, real::abs(v[0]) / room.speed, real::abs(a[0]) / room.acceleration];
                most = used.into_iter().fold(most, real::max);
            }
            let joint = motion.joints.last_mut().expect("just pushed");
            joint.0 = room.center;
            joint.1.iter_mut().chain(&mut joint.2).for_each(|x| *x /= most);
        }
        motion
    }

    /// Duration [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.duration_s
    }

    /// Writes joint positions, velocities and accelerations at `t_s`; at rest at the center before and after.
    pub fn at(&self, t_s: f64, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
        let t = real::clamp(t_s, 0.0, self.duration_s);
        // The window (1 − cos⁸)² is flat in the middle and has neither slope nor bend at its ends.
        let w = 0.5 * self.base_rad_s;
        let (sin, cos) = real::sin_cos(w * t);
        let c2 = cos * cos;
        let c6 = c2 * c2 * c2;
        let (u, du, ddu) = (1.0 - c6 * c2, 8.0 * w * c6 * cos * sin, 8.0 * w * w * c6 * (c2 - 7.0 * sin * sin));
        let window = [u * u, 2.0 * u * du, 2.0 * (du * du + u * ddu)];
        for (i, (center, sines, cosines)) in self.joints.iter().enumerate() {
            let mut series = [0.0; 3];
            for l in 0..HARMONICS {
                let f = self.base_rad_s * (l + 1) as f64;
                let (s, c) = real::sin_cos(f * t);
                series[0] += sines[l] * s + cosines[l] * c;
                series[1] += f * (sines[l] * c - cosines[l] * s);
                series[2] -= f * f * (sines[l] * s + cosines[l] * c);
            }
            q[i] = center + window[0] * series[0];
            v[i] = window[1] * series[0] + window[0] * series[1];
            a[i] = window[2] * series[0] + 2.0 * window[1] * series[1] + window[0] * series[2];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { center: 0.4, reach: 0.7, speed: 1.5, acceleration: 6.0 };

    /// Laws: within the ranges and up to one of them, from rest to rest, derivatives true.
    #[test]
    fn it_uses_its_room_and_no_more() {
        for number in 0..20 {
            let motion = Excitation::new(&[ROOM, Room { center: -1.0, ..ROOM }], 8.0, &Seed::from_number(number));
            let state = |t: f64| {
                let (mut q, mut v, mut a) = ([0.0; 2], [0.0; 2], [0.0; 2]);
                motion.at(t, &mut q, &mut v, &mut a);
                (q, v, a)
            };
            for t in [0.0, 8.0] {
                let (q, v, a) = state(t);
                assert!((q[0] - 0.4).abs() < 1e-12 && (q[1] + 1.0).abs() < 1e-12, "{q:?}");
                assert!(v.iter().chain(&a).all(|x| x.abs() < 1e-9), "{v:?} {a:?}");
            }
            let mut most = 0.0_f64;
            for k in 1..4000 {
                let t = 0.002 * f64::from(k);
                let (h, now) = (1e-5, state(t));
                let (before, after) = (state(t - h), state(t + h));
                for i in 0..2 {
                    assert!(((after.0[i] - before.0[i]) / (2.0 * h) - now.1[i]).abs() < 1e-5);
                    assert!(((after.1[i] - before.1[i]) / (2.0 * h) - now.2[i]).abs() < 1e-4);
                }
                most = most.max((now.0[0] - 0.4).abs() / 0.7).max(now.1[0].abs() / 1.5).max(now.2[0].abs() / 6.0);
            }
            assert!((0.99..=1.001).contains(&most), "{most}");
        }
    }
}
