//! Inverse kinematics in closed form: all ways to reach a pose, in about a microsecond, without a starting posture.
//!
//! An arm's lines are taken apart once ([`ClosedForm::of`] finds the decomposition by itself: axes that meet, axes that are
//! parallel), and each pose is then solved by the small problems of [`subproblem`](mod@subproblem). Every branch is checked by
//! forward kinematics of the exact lines before it is given, and polished by Newton's method if it misses by more than rounding.
//! So an arm that is only nearly of a known class (π/2 written as 1.5708, calibrated offsets of micrometers) is solved as well.
//! Seven hinges ([`Redundant`]) leave one parameter, and a closed form for each of its values. Nothing is random and nothing is iterated but the polish, so the same pose gives the same bits.
//!
//! Sources: Paden 1986 and Kahan 1983 (Murray, Li & Sastry 1994, §3.3); Elias & Wen, *IK-Geo*, 2022; Ostermeier, Külz & Althoff,
//! *Automatic geometric decomposition for analytical inverse kinematics*, 2025. The code is our own.

mod candidates;
mod into_limits;
mod lines;
mod orientation;
mod pair;
mod position;
mod screws;
mod seven;
mod six;
mod subproblem;

pub use candidates::{Branch, Branches, MOST};
pub use pair::{Order, Pair, Row, pair};
pub use screws::{ScrewError, Screws};
pub use seven::{Redundancy, Redundant};
pub use six::Structure;
pub use subproblem::{Couples, Fit, NO_LEVER, Turn, Turns, about, cones, distance, height, level};

use crate::chain::Chain;
use candidates::{Candidates, Polish};
use leitai_math::Pose;
pub(crate) use screws::is_pose;
use six::Six;

/// Why an arm has no closed form here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoClosedForm {
    /// The chain is not hinges, or not as many as asked for.
    Chain(ScrewError),
    /// No known decomposition fits the arm's lines.
    Unknown,
}

impl core::fmt::Display for NoClosedForm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Chain(error) => write!(f, "{error}"),
            Self::Unknown => {
                write!(
                    f,
                    "the arm has neither three axes through one point at an end nor three parallel axes; use the numerical solver"
                )
            }
        }
    }
}

impl core::error::Error for NoClosedForm {}

/// Why a pose got no answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unreachable<const N: usize> {
    /// The pose holds a number that is not finite, lies beyond 1000 km, or its quaternion has no unit length.
    NotAPose,
    /// No posture reaches the pose, limits aside. The candidate that misses least, if the decomposition has one.
    TooFar(Option<Branch<N>>),
    /// Postures reach the pose, but none was found within the limits.
    Limits,
}

impl<const N: usize> core::fmt::Display for Unreachable<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotAPose => write!(f, "the target is no pose: give finite meters and a quaternion of unit length"),
            Self::TooFar(Some(b)) => write!(
                f,
                "no posture reaches the pose; the nearest branch misses by {:.1} mm and {:.2}°",
                b.position_error_m * 1e3,
                b.rotation_error_rad * 180.0 / leitai_math::real::PI
            ),
            Self::TooFar(None) => write!(f, "no posture reaches the pose"),
            Self::Limits => write!(f, "postures reach the pose, but none within the joint limits"),
        }
    }
}

impl<const N: usize> core::error::Error for Unreachable<N> {}

/// A six-hinge arm with its decomposition.
#[derive(Clone, Copy, Debug)]
pub struct ClosedForm {
    screws: Screws<6>,
    six: Six,
}

impl ClosedForm {
    /// Takes a chain of six hinges apart.
    ///
    /// # Errors
    /// If the chain has other joints, or no known decomposition fits.
    pub fn of(chain: &Chain) -> Result<Self, NoClosedForm> {
        Self::new(Screws::of(chain).map_err(NoClosedForm::Chain)?)
    }

    /// Takes six lines apart.
    ///
    /// # Errors
    /// If no known decomposition fits.
    pub fn new(screws: Screws<6>) -> Result<Self, NoClosedForm> {
        let six = Six::find(&screws).ok_or(NoClosedForm::Unknown)?;
        Ok(Self { screws, six })
    }

    /// What makes the arm solvable.
    #[must_use]
    pub fn structure(&self) -> Structure {
        self.six.structure
    }

    /// The arm's lines and limits.
    #[must_use]
    pub fn screws(&self) -> &Screws<6> {
        &self.screws
    }

    /// All branches with the tip at `world_from_tip` = `target`, within the limits or not (each says so).
    ///
    /// `posture` [rad] matters in singular postures only: joints that are free to choose keep its angles. Allocates nothing.
    ///
    /// # Errors
    /// If the target is no pose, or no branch reaches it.
    ///
    /// ```
    /// use leitai_control::closed_form::{ClosedForm, Screws};
    /// use leitai_math::{Pose, Quat, Vec3};
    /// // A small arm with a spherical wrist, all joints at zero: turntable, shoulder, elbow, and three axes through one point.
    /// let wrist = Vec3::new(0.0, 0.0, 1.0);
    /// let axis = [Vec3::Z, Vec3::Y, Vec3::Y, Vec3::Z, Vec3::Y, Vec3::Z];
    /// let point = [Vec3::ZERO, Vec3::new(0.0, 0.0, 0.2), Vec3::new(0.0, 0.0, 0.6), wrist, wrist, wrist];
    /// let tip = Pose::new(Vec3::new(0.0, 0.0, 1.1), Quat::IDENTITY);
    /// let arm = ClosedForm::new(Screws::new(axis, point, tip, [-3.2; 6], [3.2; 6])?)?;
    /// let q = [0.3, -0.4, 1.1, 0.2, 0.9, -0.5];
    /// let branches = arm.solve(&arm.screws().tip_at(&q), &[0.0; 6])?;
    /// assert_eq!(branches.as_slice().len(), 8);
    /// assert!(branches.as_slice().iter().any(|b| b.q.iter().zip(&q).all(|(a, b)| (a - b).abs() < 1e-12)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn solve(&self, target: &Pose, posture: &[f64; 6]) -> Result<Branches<6>, Unreachable<6>> {
        if !is_pose(target) || posture.iter().any(|x| !x.is_finite()) {
            return Err(Unreachable::NotAPose);
        }
        let motion = self.screws.motion_to(target);
        let mut candidates = Candidates::new();
        self.six.candidates(&motion, posture, &mut candidates);
        let mut out = Branches::NONE;
        let closest = candidates.settle(&self.screws, &motion, Polish::All, &mut out);
        if out.as_slice().is_empty() { Err(Unreachable::TooFar(closest)) } else { Ok(out) }
    }
}
