//! What an arm carries, from the torques of a motion.
//!
//! Inverse dynamics is linear in a rigid body's ten parameters π = (m, m·c, I), mass, first moments and inertia about the site that
//! carries it (Atkeson, An & Hollerbach, *Estimation of inertial parameters of manipulator loads and links*, 1986). The columns of the
//! regressor are torques of the arm's own dynamics with ten different bodies in its hand, so nothing is derived twice. Least squares over the
//! joints' noise gives π; a π that no body has is replaced by the nearest in the sense of the pseudo-inertia matrix, whose eigenvalues must
//! not be negative (Wensing, Kim & Slotine, *Linear matrix inequalities for physically consistent inertial parameter identification*, 2018).

use crate::arm::{ArmDynamics, Payload};
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::linear::{ROUNDING, cholesky, cholesky_solve, diagonalize, principal_axes};
use leitai_math::{Mat3, Pose, Quat, Vec3, real};

/// Parameters: mass, first moments x y z, inertia xx yy zz xy xz yz.
const PARAMETERS: usize = 10;
/// Least eigenvalue of a body's pseudo-inertia, as a share of its trace: what rounding may leave of a thin one.
const THIN: f64 = 1e-6;
/// A parameter of which the torques show less than this share of what they show of the plainest is not seen at all; rounding shows 10⁻¹².
const UNSEEN: f64 = 1e-6;
/// Least share of a parameter's own scale that a pivot must keep for the motion to tell it from the others.
const TOLD: f64 = 1e-10;

/// The sum of everything seen so far.
#[derive(Clone, Debug)]
pub struct PayloadEstimator {
    arm: ArmDynamics,
    /// 1/σ of each joint's torque.
    weight: Vec<f64>,
    /// Normal matrix, row by row, and right side.
    normal: [f64; PARAMETERS * PARAMETERS],
    right: [f64; PARAMETERS],
    columns: Vec<Vec<f64>>,
    samples: u64,
}

/// A body, and how well it is known.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// The body, for [`ArmDynamics::carry`].
    pub payload: Payload,
    /// Standard deviations of mass [kg], first moments [kg·m] and inertia about the site [kg·m²] (xx, yy, zz, xy, xz, yz), for the stated noise.
    pub deviation: [f64; PARAMETERS],
    /// Least squares gave parameters that no body has, and the nearest body's stand here.
    pub mended: bool,
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTold {
    /// The motion leaves parameters open: move every wrist joint, through at least three orientations, and not too slowly.
    Motion,
    /// What is carried weighs nothing, or less.
    Weightless,
}

impl core::fmt::Display for NotTold {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Motion => write!(
                f,
                "the motion does not tell the load's parameters apart; turn the wrist through more orientations, and faster"
            ),
            Self::Weightless => write!(f, "the torques are those of an empty hand"),
        }
    }
}

impl core::error::Error for NotTold {}

/// The ten bodies that span all: mass, mass off the site along each axis, and moments of inertia alone, about the axes and between them.
fn bodies() -> [Payload; PARAMETERS] {
    let at = |position| Pose::new(position, Quat::IDENTITY);
    let half = core::f64::consts::FRAC_PI_4;
    // A moment of inertia about an axis turned by 45°, out of the plane of two others, has their product.
    let turned = |axis, angle| Pose::new(Vec3::ZERO, Quat::from_axis_angle(axis, angle));
    let (x, y, z) = (Vec3::new(1.0, 0.0, 0.0), Vec3::new(0.0, 1.0, 0.0), Vec3::new(0.0, 0.0, 1.0));
    let mass = |pose| Payload { mass_kg: 1.0, pose, inertia: Vec3::ZERO };
    let moment = |pose, inertia| Payload { mass_kg: 0.0, pose, inertia };
    [
        mass(at(Vec3::ZERO)),
        mass(at(x)),
        mass(at(y)),
        mass(at(z)),
        moment(at(Vec3::ZERO), x),
        moment(at(Vec3::ZERO), y),
        moment(at(Vec3::ZERO), z),
        moment(turned(z, half), x),
        moment(turned(y, -half), x),
        moment(turned(x, half), y),
    ]
}

impl PayloadEstimator {
    /// For `arm`, whose own links are known; what it carries is taken out of its hand. `noise` is the standard deviation of each joint's torque
    /// reading [N·m or N].
    ///
    /// # Panics
    /// If there is not one positive deviation for each joint.
    #[must_use]
    pub fn new(mut arm: ArmDynamics, noise: &[f64]) -> Self {
        let n = arm.joints();
        assert!(noise.len() == n && noise.iter().all(|s| *s > 0.0), "one positive deviation for each joint");
        arm.release();
        Self {
            arm,
            weight: noise.iter().map(|s| 1.0 / s).collect(),
            normal: [0.0; PARAMETERS * PARAMETERS],
            right: [0.0; PARAMETERS],
            columns: vec![vec![0.0; n]; PARAMETERS + 1],
            samples: 0,
        }
    }

    /// How many samples there were.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Takes in the torques `tau` of an instant with positions, velocities and accelerations `q`, `v`, `a`.
    pub fn add(&mut self, q: &[f64], v: &[f64], a: &[f64], tau: &[f64]) {
        self.regressor(q, v, a);
        let (own, columns) = self.columns.split_last().expect("the arm's own torques come last");
        for (i, weight) in self.weight.iter().enumerate() {
            let w = weight * weight;
            for r in 0..PARAMETERS {
                let scaled = w * columns[r][i];
                self.right[r] += scaled * (tau[i] - own[i]);
                for c in 0..=r {
                    self.normal[r * PARAMETERS + c] += scaled * columns[c][i];
                }
            }
        }
        self.samples += 1;
    }

    /// Fills the columns: torques of one unit of each parameter, and last the empty hand's.
    fn regressor(&mut self, q: &[f64], v: &[f64], a: &[f64]) {
        let (own, columns) = self.columns.split_last_mut().expect("the arm's own torques come last");
        self.arm.release();
        self.arm.torques(q, v, a, own);
        for (body, column) in bodies().iter().zip(columns.iter_mut()) {
            self.arm.carry(body, 1.0);
            self.arm.torques(q, v, a, column);
            column.iter_mut().zip(own.iter()).for_each(|(c, own)| *c -= own);
        }
        self.arm.release();
        for i in 0..own.len() {
            let body: [f64; PARAMETERS] = core::array::from_fn(|k| columns[k][i]);
            let [m, mx, my, mz, xx, yy, zz, xy, xz, yz] = body;
            // A kilogram a meter away along x also has the inertia of its distance about y and z.
            let unit = [
                m,
                mx - m - yy - zz,
                my - m - xx - zz,
                mz - m - xx - yy,
                xx,
                yy,
                zz,
                2.0 * xy - xx - yy,
                2.0 * xz - xx - zz,
                2.0 * yz - yy - zz,
            ];
            (0..PARAMETERS).for_each(|k| columns[k][i] = unit[k]);
        }
    }

    /// The body that fits best.
    ///
    /// # Errors
    /// If the motion so far leaves parameters open, or the hand is empty.
    pub fn estimate(&self) -> Result<Carried, NotTold> {
        // Parameters in units of their own sight, so that pivots compare.
        let scale: [f64; PARAMETERS] = core::array::from_fn(|k| real::sqrt(self.normal[k * PARAMETERS + k]));
        let largest = scale.iter().fold(0.0, |most, s| real::max(most, *s));
        if !largest.is_finite() || scale.iter().any(|s| *s <= UNSEEN * largest) {
            return Err(NotTold::Motion);
        }
        let mut l = self.normal;
        for r in 0..PARAMETERS {
            (0..=r).for_each(|c| l[r * PARAMETERS + c] /= scale[r] * scale[c]);
        }
        cholesky(&mut l, PARAMETERS, TOLD).map_err(|_| NotTold::Motion)?;
        let mut found: [f64; PARAMETERS] = core::array::from_fn(|k| self.right[k] / scale[k]);
        cholesky_solve(&l, PARAMETERS, &mut found);
        (0..PARAMETERS).for_each(|k| found[k] /= scale[k]);
        let deviation = core::array::from_fn(|k| {
            let mut unit = [0.0; PARAMETERS];
            unit[k] = 1.0;
            cholesky_solve(&l, PARAMETERS, &mut unit);
            real::sqrt(real::max(unit[k], 0.0)) / scale[k]
        });
        // NaN is no weight either.
        if found[0].is_nan() || found[0] <= deviation[0] {
            return Err(NotTold::Weightless);
        }
        let (found, mended) = nearest_body(found);
        Ok(Carried { payload: payload(found), deviation, mended })
    }
}

/// The parameters themselves if a body has them; else those of the nearest pseudo-inertia without negative eigenvalues.
fn nearest_body(found: [f64; PARAMETERS]) -> ([f64; PARAMETERS], bool) {
    let [m, x, y, z, xx, yy, zz, xy, xz, yz] = found;
    let half = 0.5 * (xx + yy + zz);
    // Second moments of the mass, first moments, mass.
    let pseudo = [half - xx, -xy, -xz, x, -xy, half - yy, -yz, y, -xz, -yz, half - zz, z, x, y, z, m];
    let (mut values, mut vectors) = (pseudo, [0.0; 16]);
    diagonalize(&mut values, 4, &mut vectors);
    let least = THIN * (half + m);
    if (0..4).all(|i| values[i * 5] >= least) {
        return (found, false);
    }
    let value = |i: usize| real::max(values[i * 5], least);
    let entry = |r: usize, c: usize| (0..4).map(|i| vectors[r * 4 + i] * value(i) * vectors[c * 4 + i]).sum::<f64>();
    let (sx, sy, sz) = (entry(0, 0), entry(1, 1), entry(2, 2));
    let mended =
        [entry(3, 3), entry(0, 3), entry(1, 3), entry(2, 3), sy + sz, sx + sz, sx + sy, -entry(0, 1), -entry(0, 2), -entry(1, 2)];
    (mended, true)
}

/// The body with these parameters.
fn payload(found: [f64; PARAMETERS]) -> Payload {
    let [m, x, y, z, xx, yy, zz, xy, xz, yz] = found;
    let c = Vec3::new(x, y, z) * (1.0 / m);
    let square = c.dot(c);
    let about_center = |own: f64, a: f64, b: f64, same: bool| own - m * (if same { square } else { 0.0 } - a * b);
    let (ixy, ixz, iyz) =
        (about_center(xy, c.x, c.y, false), about_center(xz, c.x, c.z, false), about_center(yz, c.y, c.z, false));
    let inertia = Mat3::from_rows(
        Vec3::new(about_center(xx, c.x, c.x, true), ixy, ixz),
        Vec3::new(ixy, about_center(yy, c.y, c.y, true), iyz),
        Vec3::new(ixz, iyz, about_center(zz, c.z, c.z, true)),
    );
    let (moments, axes) = principal_axes(&inertia, ROUNDING);
    Payload { mass_kg: m, pose: Pose::new(c, axes), inertia: moments }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed form: a body of pseudo-inertia with a negative eigenvalue is replaced, one without is kept.
    #[test]
    fn only_what_no_body_has_is_mended() {
        // A solid cube of 3 kg with edges of 0.2 m, 0.1 m off the site along z.
        let (m, own) = (3.0, 3.0 * 0.2 * 0.2 / 6.0);
        let cube = [m, 0.0, 0.0, 0.3, own + 0.03, own + 0.03, own, 0.0, 0.0, 0.0];
        assert_eq!(nearest_body(cube), (cube, false));
        let body = payload(cube);
        assert!((body.pose.position - Vec3::new(0.0, 0.0, 0.1)).norm() < 1e-15);
        assert!((body.inertia - Vec3::new(own, own, own)).norm() < 1e-15);
        // The triangle inequality broken: no body turns harder about z than about x and y together.
        let (mended, was) = nearest_body([m, 0.0, 0.0, 0.0, 0.01, 0.01, 0.05, 0.0, 0.0, 0.0]);
        assert!(was && mended[6] <= mended[4] + mended[5] && mended[4] > 0.01, "{mended:?}");
    }
}
