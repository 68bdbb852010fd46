//! Robots beside people: how fast the arm may be at a distance, and how fast where it may touch.
//!
//! *Speed and separation*: between person and arm there has to stay S = v_h·(T_r + T_s) + v_r·T_r + S_s + C + Z_d + Z_r: the person's way until the arm
//! stands, the arm's way until it reacts, its stopping way, and allowances for reach through the sensor's field and for what sensor and robot are off
//! by. *Power and force*: a part of effective mass m_R that runs at v into a body part of mass m_H on a spring k presses with v·√(μ·k),
//! 1/μ = 1/m_H + 1/m_R. Both are given in the manner of ISO/TS 15066:2016 (now part of ISO 10218-2:2025), which was not read: formulas and the
//! person's 1.6 m/s are recalled from secondary sources. Body regions with the standing of each figure are data (`contact_regions.toml`), not code.

use crate::arm::ArmDynamics;
use leitai_math::real;

/// What separation depends on besides the arm's motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Separation {
    /// Speed of the person toward the arm [m/s].
    pub person_m_s: f64,
    /// Time from an intrusion to the arm's braking [s], T_r.
    pub reaction_s: f64,
    /// Reach through the sensor's field before it sees [m], C.
    pub intrusion_m: f64,
    /// What the person's position is uncertain by [m], Z_d.
    pub sensor_m: f64,
    /// What the arm's position is uncertain by [m], Z_r.
    pub robot_m: f64,
}

/// How an arm comes to rest, toward the person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Braking {
    /// Deceleration of the point that is nearest the person [m/s²].
    pub deceleration_m_s2: f64,
    /// Time until that deceleration is reached [s].
    pub rise_s: f64,
}

/// A figure is no number, below 0, or a deceleration not above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSeparation;

impl core::fmt::Display for BadSeparation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "speeds, times and distances must be numbers from 0 on, masses, stiffnesses and decelerations above 0")
    }
}

impl core::error::Error for BadSeparation {}

fn from_zero(all: &[f64]) -> Result<(), BadSeparation> {
    if all.iter().all(|x| *x >= 0.0 && x.is_finite()) { Ok(()) } else { Err(BadSeparation) }
}

fn above_zero(all: &[f64]) -> Result<(), BadSeparation> {
    if all.iter().all(|x| *x > 0.0 && x.is_finite()) { Ok(()) } else { Err(BadSeparation) }
}

impl Braking {
    /// Time to stop from `speed` [m/s], at most: v/A + rise [s].
    #[must_use]
    pub fn time_s(&self, speed: f64) -> f64 {
        speed / self.deceleration_m_s2 + self.rise_s
    }

    /// Way to stop from `speed` [m/s], at most: half the speed for that time [m].
    #[must_use]
    pub fn way_m(&self, speed: f64) -> f64 {
        0.5 * speed * self.time_s(speed)
    }
}

impl Separation {
    /// Distance that has to be kept while the arm comes toward the person with `speed` [m/s].
    ///
    /// # Errors
    /// If a figure is none.
    pub fn needed_m(&self, speed: f64, braking: &Braking) -> Result<f64, BadSeparation> {
        self.check(braking)?;
        from_zero(&[speed])?;
        Ok(self.person_m_s * (self.reaction_s + braking.time_s(speed))
            + speed * self.reaction_s
            + braking.way_m(speed)
            + self.intrusion_m
            + self.sensor_m
            + self.robot_m)
    }

    /// The speed [m/s] at which `distance` [m] is just enough: 0 where it is not enough for an arm that begins to move, and must stand.
    ///
    /// # Errors
    /// If a figure is none.
    pub fn allowed_m_s(&self, distance: f64, braking: &Braking) -> Result<f64, BadSeparation> {
        self.check(braking)?;
        from_zero(&[distance])?;
        // v²/2A + v·(T_r + v_h/A + rise/2) = distance − what is needed at rest.
        let spare =
            distance - self.person_m_s * (self.reaction_s + braking.rise_s) - self.intrusion_m - self.sensor_m - self.robot_m;
        if spare <= 0.0 {
            return Ok(0.0);
        }
        let a = braking.deceleration_m_s2;
        let linear = self.reaction_s + self.person_m_s / a + 0.5 * braking.rise_s;
        // In the form that does not cancel where the linear part rules.
        Ok(2.0 * spare / (linear + real::sqrt(linear * linear + 2.0 * spare / a)))
    }

    fn check(&self, braking: &Braking) -> Result<(), BadSeparation> {
        from_zero(&[self.person_m_s, self.reaction_s, self.intrusion_m, self.sensor_m, self.robot_m, braking.rise_s])?;
        above_zero(&[braking.deceleration_m_s2])
    }
}

/// How hard the arm can brake on its path in this state: all joints slow down together, v̇ = −λ·v, and it gives the greatest λ [1/s] at which no joint
/// asks for more than `torque` [N·m or N]. Braking at that deceleration a stop takes 1/λ, and every point goes half its speed times that, as far as
/// posture and weight stay what they are. `None` if no such λ is above 0: the drives cannot stop the arm on its path, or a number is none. `work` has
/// twice as many numbers as the arm has joints.
///
/// # Panics
/// If a length is not that of the arm.
pub fn hardest_braking(arm: &mut ArmDynamics, q: &[f64], v: &[f64], torque: &[f64], work: &mut [f64]) -> Option<f64> {
    let n = arm.joints();
    assert!(q.len() == n && v.len() == n && torque.len() == n && work.len() == 2 * n, "states and limits are as long as the arm");
    let (held, braked) = work.split_at_mut(n);
    arm.holding(q, v, v, held);
    // Inverse dynamics is linear in the acceleration: at −v it has −M·v more.
    let (mut least, mut most) = (0.0, f64::INFINITY);
    braked.iter_mut().zip(v).for_each(|(a, v)| *a = -v);
    arm.inertial(q, braked);
    for i in 0..n {
        let (h, d, limit) = (held[i], braked[i], torque[i]);
        if !(h + d).is_finite() || limit.is_nan() {
            return None;
        }
        if d == 0.0 {
            if real::abs(h) > limit {
                return None;
            }
            continue;
        }
        let (one, other) = ((-limit - h) / d, (limit - h) / d);
        least = real::max(least, real::min(one, other));
        most = real::min(most, real::max(one, other));
    }
    (most > 0.0 && least <= most).then_some(most)
}

/// A part of the body that may be touched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BodyPart {
    /// Greatest force [N].
    pub force_n: f64,
    /// Its spring [N/m].
    pub stiffness_n_m: f64,
    /// Its effective mass [kg].
    pub mass_kg: f64,
}

impl BodyPart {
    /// Force [N] of an impact of effective mass `robot_kg` at the relative speed `speed` [m/s] toward the body part: v·√(μ·k).
    ///
    /// # Errors
    /// If a figure is none.
    pub fn impact_n(&self, speed: f64, robot_kg: f64) -> Result<f64, BadSeparation> {
        from_zero(&[speed])?;
        Ok(speed * real::sqrt(self.reduced_kg(robot_kg)? * self.stiffness_n_m))
    }

    /// Greatest relative speed [m/s] at which an impact of effective mass `robot_kg` stays within the force: F/√(μ·k). The mass is that along the normal
    /// of the contact, 1/(nᵀ·Λ⁻¹·n) ([`Operational::effective_mass`](crate::operational::Operational::effective_mass)), or, where no model is, half of
    /// what moves and the payload.
    ///
    /// # Errors
    /// If a figure is none.
    pub fn speed_m_s(&self, robot_kg: f64) -> Result<f64, BadSeparation> {
        above_zero(&[self.force_n])?;
        Ok(self.force_n / real::sqrt(self.reduced_kg(robot_kg)? * self.stiffness_n_m))
    }

    fn reduced_kg(&self, robot_kg: f64) -> Result<f64, BadSeparation> {
        above_zero(&[self.stiffness_n_m, self.mass_kg, robot_kg])?;
        Ok(1.0 / (1.0 / self.mass_kg + 1.0 / robot_kg))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: Separation = Separation { person_m_s: 1.6, reaction_s: 0.1, intrusion_m: 0.2, sensor_m: 0.05, robot_m: 0.02 };
    const BRAKING: Braking = Braking { deceleration_m_s2: 5.0, rise_s: 0.04 };

    /// By hand: from 1 m/s the arm stops in 0.24 s over 0.12 m; the person walks 1.6·0.34 = 0.544 m, the arm 0.1 m before it reacts; with 0.27 m of
    /// allowances 1.034 m.
    #[test]
    fn the_distance_is_that_by_hand() {
        assert!((OFFICE.needed_m(1.0, &BRAKING).unwrap() - 1.034).abs() < 1e-12);
    }

    /// The inverse: at the allowed speed exactly the distance is needed; too near, the arm stands; it never gets slower with distance.
    #[test]
    fn the_allowed_speed_needs_the_distance() {
        let mut last = 0.0;
        for k in 0..=300 {
            let distance = 0.01 * f64::from(k);
            let speed = OFFICE.allowed_m_s(distance, &BRAKING).unwrap();
            assert!(speed >= last);
            last = speed;
            let needed = OFFICE.needed_m(speed, &BRAKING).unwrap();
            if speed > 0.0 {
                assert!((needed - distance).abs() < 1e-12, "{distance} {speed}");
            } else {
                assert!(needed >= distance - 1e-12);
            }
        }
        assert!(last > 2.0);
    }

    /// The law behind it: the person's and the arm's ways added up in small steps, the arm braking from the allowed speed after its reaction, meet no
    /// sooner than when the arm stands.
    #[test]
    fn person_and_arm_do_not_meet_before_the_arm_stands() {
        let braking = Braking { deceleration_m_s2: 4.0, rise_s: 0.0 };
        let only = Separation { intrusion_m: 0.0, sensor_m: 0.0, robot_m: 0.0, ..OFFICE };
        for distance in [0.3, 0.8, 2.0] {
            let (mut v, mut left, mut t, h) = (only.allowed_m_s(distance, &braking).unwrap(), distance, 0.0, 1e-6);
            while v > 0.0 {
                v -= if t >= only.reaction_s { braking.deceleration_m_s2 * h } else { 0.0 };
                left -= h * (only.person_m_s + v.max(0.0));
                t += h;
            }
            assert!(left.abs() < 1e-5, "{distance}: {left}");
        }
    }

    /// Worked figures, M = 20 kg moving and 5 kg payload, that is 15 kg: hand 280 N, 75 N/mm, 0.6 kg: 1.35 m/s; chest 280 N, 25 N/mm, 40 kg: 0.54 m/s;
    /// forearm 320 N, 40 N/mm, 2 kg: 1.20 m/s. And energy: ½·μ·v² fills the spring to F²/2k.
    #[test]
    fn speeds_of_contact_are_those_by_hand() {
        for (force_n, stiffness_n_m, mass_kg, speed) in
            [(280.0, 75e3, 0.6, 1.35), (280.0, 25e3, 40.0, 0.54), (320.0, 40e3, 2.0, 1.20)]
        {
            let part = BodyPart { force_n, stiffness_n_m, mass_kg };
            let found = part.speed_m_s(15.0).unwrap();
            assert!((found - speed).abs() < 0.007, "{found} {speed}");
            assert!((part.impact_n(found, 15.0).unwrap() - force_n).abs() < 1e-9);
            let mu = 15.0 * mass_kg / (15.0 + mass_kg);
            assert!((0.5 * mu * found * found - 0.5 * force_n * force_n / stiffness_n_m).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_no_figure_is_refused() {
        assert_eq!(OFFICE.allowed_m_s(f64::NAN, &BRAKING), Err(BadSeparation));
        assert_eq!(OFFICE.allowed_m_s(1.0, &Braking { deceleration_m_s2: 0.0, rise_s: 0.0 }), Err(BadSeparation));
        assert_eq!(Separation { person_m_s: -1.0, ..OFFICE }.needed_m(1.0, &BRAKING), Err(BadSeparation));
        let part = BodyPart { force_n: 140.0, stiffness_n_m: 25e3, mass_kg: 40.0 };
        assert_eq!(part.speed_m_s(0.0), Err(BadSeparation));
        assert_eq!(BodyPart { mass_kg: f64::INFINITY, ..part }.speed_m_s(10.0), Err(BadSeparation));
    }
}
