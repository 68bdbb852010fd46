//! The spring between where the tool is and where it should be, and the account that pays for changes of it.
//!
//! The spring's energy is ½·eᵀ·K·e, e the way and the rotation vector from the tool to the reference; its force is exactly that energy's slope,
//! so it gives back what it takes, however large the turn. Making it stiffer while it is stretched adds energy that nobody supplied, and an arm
//! in contact may then run away. The tank holds what damping has taken out of the motion: stiffening is paid from it and waits while it is empty
//! (Ferraguti, Secchi & Fantuzzi, *A tank-based approach to impedance control with variable stiffness*, 2013).

use leitai_math::{Mat3, Quat, Vec3, real};

/// Energy that may go into making the spring stiffer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tank {
    /// What is in it [J].
    pub level_j: f64,
    /// What it holds at most [J]: so much can go into the motion at once.
    pub most_j: f64,
}

impl Default for Tank {
    /// Two of at most five joules: 200 N/m become 2000 N/m at 47 mm from the reference.
    fn default() -> Self {
        Self { level_j: 2.0, most_j: 5.0 }
    }
}

impl Tank {
    /// Takes in `energy_j`; what does not fit is lost.
    pub(crate) fn fill(&mut self, energy_j: f64) {
        self.level_j = real::clamp(self.level_j + energy_j, 0.0, self.most_j);
    }
}

/// Stiffness as it is now, in the world's axes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spring {
    pub translational: Mat3,
    pub rotational: Mat3,
}

/// `axes` times diagonal times its transpose.
pub(crate) fn turned(frame: Quat, along: &[f64]) -> Mat3 {
    let axes = frame.to_mat();
    axes * Mat3::diagonal(Vec3::from_slice(along)) * axes.transpose()
}

impl Spring {
    pub const SLACK: Self = Self { translational: Mat3::ZERO, rotational: Mat3::ZERO };

    /// Goes `share` of the way to the spring `target`, at most as far as `tank` pays at the error (`way`, `turn`). True if it had to wait.
    pub fn go_to(&mut self, target: &Self, share: f64, way: Vec3, turn: Vec3, tank: &mut Tank) -> bool {
        let step = |from: &Mat3, to: &Mat3| (*to + *from * -1.0) * share;
        let (mut dt, mut dr) = (step(&self.translational, &target.translational), step(&self.rotational, &target.rotational));
        let price = 0.5 * (way.dot(dt * way) + turn.dot(dr * turn));
        let waits = price > tank.level_j;
        if waits {
            let paid = tank.level_j / price;
            (dt, dr) = (dt * paid, dr * paid);
            tank.level_j = 0.0;
        } else {
            tank.fill(-price);
        }
        (self.translational, self.rotational) = (self.translational + dt, self.rotational + dr);
        waits
    }

    /// Both halves in one 6 × 6 matrix.
    pub fn matrix(&self) -> [f64; 36] {
        let mut k = [0.0; 36];
        for r in 0..3 {
            for c in 0..3 {
                k[r * 6 + c] = self.translational.0[r][c];
                k[(r + 3) * 6 + c + 3] = self.rotational.0[r][c];
            }
        }
        k
    }
}

/// What a moment `m` = K·e of a spring turned by `e` is on the tool: J⁻¹(e)·m, J the left Jacobian of rotations. Both are the same where the
/// spring is as stiff about all axes, or the turn is small.
pub(crate) fn moment_on_tool(e: Vec3, m: Vec3) -> Vec3 {
    let square = e.dot(e);
    // (1 − ½θ·cot ½θ)/θ², by its series near zero.
    let second = if square < 1e-4 {
        1.0 / 12.0 + square / 720.0
    } else {
        let half = 0.5 * real::sqrt(square);
        let (s, c) = real::sin_cos(half);
        (1.0 - half * c / s) / square
    };
    let cross = e.cross(m);
    m - cross * 0.5 + e.cross(cross) * second
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Seed;

    /// The definition of a spring: turned a little, its energy changes by what its moment does, at any turn.
    #[test]
    fn the_moment_is_the_slope_of_the_energy() {
        let mut draw = Seed::from_number(2).stream("springs");
        let k = turned(Quat::from_rotation_vector(Vec3::new(0.3, -0.8, 0.5)), &[5.0, 40.0, 200.0]);
        for size in [1e-3, 0.009, 0.011, 0.5, 2.0, 3.1] {
            let axis = Vec3::new(draw.normal(0.0, 1.0), draw.normal(0.0, 1.0), draw.normal(0.0, 1.0)).normalized_or(Vec3::X);
            let e = axis * size;
            let moment = moment_on_tool(e, k * e);
            let energy = |turn: Vec3| {
                let left = (Quat::from_rotation_vector(e) * Quat::from_rotation_vector(-turn)).to_rotation_vector();
                0.5 * left.dot(k * left)
            };
            for along in [Vec3::X, Vec3::Y, Vec3::Z] {
                let h = 1e-5;
                let slope = (energy(along * h) - energy(along * -h)) / (2.0 * h);
                assert!((slope + moment.dot(along)).abs() < 1e-6 * 200.0 * size.max(0.01), "{size} {slope} {moment:?}");
            }
        }
    }

    /// The law that the tank is for: spring and tank together never gain, and what cannot be paid waits.
    #[test]
    fn stiffening_is_paid_for() {
        let target = Spring { translational: turned(Quat::IDENTITY, &[2000.0, 500.0, 100.0]), rotational: Mat3::ZERO };
        let way = Vec3::new(0.05, -0.02, 0.01);
        let mut spring = Spring::SLACK;
        let mut tank = Tank { level_j: 1.0, most_j: 5.0 };
        let stored = |spring: &Spring, tank: &Tank| 0.5 * way.dot(spring.translational * way) + tank.level_j;
        let mut waited = false;
        for _ in 0..200 {
            let before = stored(&spring, &tank);
            waited |= spring.go_to(&target, 0.05, way, Vec3::ZERO, &mut tank);
            assert!(stored(&spring, &tank) <= before + 1e-12);
        }
        assert!(waited && spring.translational.0[0][0] < 1000.0, "{spring:?}");
        for _ in 0..200 {
            spring.go_to(&Spring::SLACK, 0.05, way, Vec3::ZERO, &mut tank);
        }
        assert!((tank.level_j - 1.0).abs() < 1e-3, "going slack gives back what it cost: {tank:?}");
    }
}
