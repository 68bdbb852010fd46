//! The motions of the procedure, timed within what the drives can do.

use leitai_control::{LineError, Path, TipLimits, Trajectory, time_path};
use leitai_math::{Pose, Quat, Vec3, real};

use super::cube::TURN_M;
use super::machine::Machine;

/// Spacing of the points that lead a path of the tool [m]; the tool leaves it by less than a micrometer.
const SPACING_M: f64 = 0.008;
/// Greatest acceleration of the tool on paths [m/s²]; assumed, as for a tool that carries something.
pub const PATH_ACCELERATION_M_S2: f64 = 4.0;
/// Share of a path that its greatest test speed leaves at constant speed.
const CRUISE: f64 = 0.5;

/// From posture to posture with every joint at most at `share` of its rated speed.
#[must_use]
pub fn joints(machine: &Machine, from: &[f64], to: &[f64], share: f64) -> Trajectory {
    let mut limits = machine.limits.clone();
    limits.speed.iter_mut().for_each(|speed| *speed *= share / limits.share);
    let mut arm = machine.dynamics();
    time_path(Path::straight(from, to), &limits, None, &mut |q, v, a, tau| arm.torques(q, v, a, tau)).0
}

/// A straight line of the tool.
///
/// # Errors
/// If it leaves the reach.
pub fn line(machine: &Machine, from: &[f64], to: &Pose, speed_m_s: f64) -> Result<Trajectory, LineError> {
    let path = Path::line(&machine.chain, from, &(machine.base * *to), SPACING_M, TURN_M)?;
    Ok(timed(machine, path, speed_m_s))
}

/// The tool on places `at(share)` in the base's frame, in one attitude, over `length` [m].
///
/// # Errors
/// If it leaves the reach.
pub fn along(
    machine: &Machine,
    from: &[f64],
    length: f64,
    attitude: Quat,
    at: &dyn Fn(f64) -> Vec3,
    speed_m_s: f64,
) -> Result<Trajectory, LineError> {
    let spacing = real::min(SPACING_M, length / 64.0);
    let pose = |share: f64| machine.base * Pose::new(at(share), attitude);
    let path = Path::along(&machine.chain, from, length, spacing, &pose)?;
    Ok(timed(machine, path, speed_m_s))
}

fn timed(machine: &Machine, path: Path, speed_m_s: f64) -> Trajectory {
    let tip = TipLimits { speed_m_s, acceleration_m_s2: PATH_ACCELERATION_M_S2 };
    let mut arm = machine.dynamics();
    time_path(path, &machine.limits, Some((&machine.chain, tip)), &mut |q, v, a, tau| arm.torques(q, v, a, tau)).0
}

/// The greatest speed that leaves enough of `length` at constant speed: the ramps at both ends take v²/a and a little for the jerk.
#[must_use]
pub fn path_speed(length: f64, most_m_s: f64) -> f64 {
    real::min(most_m_s, real::sqrt(0.7 * (1.0 - CRUISE) * length * PATH_ACCELERATION_M_S2))
}

/// The greatest speed [m/s] at which a bend of this radius is planned: a third of the acceleration is left to it.
#[must_use]
pub fn bend_speed(radius_m: f64) -> f64 {
    real::sqrt(PATH_ACCELERATION_M_S2 / 3.0 * radius_m)
}

/// Speed of the tool in the middle of a path whose parameter is its length [m/s].
#[must_use]
pub fn cruise(trajectory: &Trajectory) -> f64 {
    trajectory.profile.at(0.5 * trajectory.duration_s()).speed
}
