//! Lines, circles and splines of the tool as one motion: blended corners, a constant tool speed, joints within their limits.
//!
//! 1. [`ToolPath`] joins [`Segment`]s to one curve. A corner with a blend radius is cut out within that radius and replaced by a
//!    quintic in position and rotation, so velocity and acceleration are continuous; blends never overlap.
//! 2. The curve becomes one [`Path`] through joint space: all branches of the closed form at places along it, the cheapest way from start
//!    to end without a jump, and a spline whose tool stays on the curve (measured, and made finer until it does).
//! 3. The whole is timed at once by [`timing`](crate::timing), tool speed and acceleration being two limits more. Where the speed that is
//!    asked for changes from one segment to the next, the lower one holds a little beyond its segment, so that it is never passed.
//!
//! A sequence runs without a stop. Where a stop is wanted (a corner without a blend, an output to be set), it ends and another one begins.
//! [`Ride`](crate::ride::Ride) follows the result with a speed override and stops on it.
//!
//! ```
//! use leitai_control::sequence::{Options, Segment, Sequence, Start, Way};
//! use leitai_control::{Chain, timing::JointLimits};
//! use leitai_math::{Pose, Quat, Vec3};
//! # use leitai_model::spec::{BodySpec, InertialSpec, JointKind, JointSpec, SiteSpec, Spec};
//! # // Three slides: the tool's coordinates are the joints'.
//! # let mut spec = Spec::default();
//! # let slide = |name: &str, axis| JointSpec {
//! #     name: name.into(), kind: JointKind::Slide, axis, range: Some([-2.0, 2.0]), ..JointSpec::default()
//! # };
//! # let mut body = BodySpec::new("carriage", Pose::IDENTITY);
//! # body.inertial = Some(InertialSpec { mass: 1.0, pose: Pose::IDENTITY, inertia: leitai_math::Mat3::IDENTITY });
//! # body.joints = vec![slide("x", Vec3::X), slide("y", Vec3::Y), slide("z", Vec3::Z)];
//! # body.sites.push(SiteSpec { name: "tool".into(), ..SiteSpec::default() });
//! # spec.world.bodies.push(body);
//! # let model = spec.build()?;
//! let chain = Chain::new(&model, model.site_named("tool").unwrap())?;
//! let at = |x, y| Pose::new(Vec3::new(x, y, 0.0), Quat::IDENTITY);
//! let segment = |to, blend_m| Segment { way: Way::Line, to, blend_m, speed_m_s: 0.2, acceleration_m_s2: 1.0 };
//! let around = [segment(at(0.5, 0.0), 0.05), segment(at(0.5, 0.5), 0.0)];
//! let limits = JointLimits { velocity: vec![1.0; 3], acceleration: vec![5.0; 3], jerk: vec![50.0; 3], torque: Vec::new() };
//! let start = Start::Posture(vec![0.0; 3]);
//! let sequence = Sequence::plan(&chain, &start, &at(0.0, 0.0), &around, &limits, None, &Options::default())?;
//! let (mut q, mut v, mut a) = ([0.0; 3], [0.0; 3], [0.0; 3]);
//! sequence.at(sequence.duration_s(), &mut q, &mut v, &mut a);
//! assert!((q[0] - 0.5).abs() < 1e-9 && (q[1] - 0.5).abs() < 1e-9 && v == [0.0; 3]);
//! assert!(sequence.segments[0].share_at_speed > 0.8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod curve;
mod error;
mod ladder;
mod timed;
mod tool_path;

pub use error::SequenceError;
pub use ladder::postures;
pub use timed::{Sequence, singularity_margin};
pub use tool_path::{MOST_SEGMENTS, Shortened, ToolPath};

use alloc::vec::Vec;
use leitai_math::{Pose, Vec3};

/// How the tool gets to the end of a segment.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// Straight, turning at a constant rate.
    Line,
    /// On the circle through where it starts, `via` [m] and the end, turning at a constant rate from start to end.
    Circle {
        /// A point on the way.
        via: Vec3,
    },
    /// On a smooth curve.
    Spline {
        /// Poses on the way, in order.
        through: Vec<Pose>,
    },
}

/// One part of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Kind of way.
    pub way: Way,
    /// `world_from_tool` at its end.
    pub to: Pose,
    /// Radius [m] around its end within which the corner to the next segment is rounded; 0 goes through the end itself, which needs both
    /// segments to meet smoothly there. At the last segment it means nothing.
    pub blend_m: f64,
    /// Speed of the tool's point [m/s]; of rotation, where that is the longer way, this over the turn length.
    pub speed_m_s: f64,
    /// Greatest acceleration of the tool along its way [m/s²].
    pub acceleration_m_s2: f64,
}

/// Where the joints are at the start.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// At these positions, the tool on the start pose.
    Posture(Vec<f64>),
    /// In whichever branch makes the whole quickest, counting the way there from these positions.
    Near(Vec<f64>),
}

/// How closely a sequence is planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Way [m] that a radian of rotation counts as.
    pub turn_length_m: f64,
    /// Greatest distance of rungs along the path [m].
    pub spacing_m: f64,
    /// Distance [m] (a radian counting as 0.3 m) from the curve up to which no more points are put in.
    pub deviation_m: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { turn_length_m: 0.25, spacing_m: 0.01, deviation_m: 1e-5 }
    }
}

/// How one segment is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SegmentRun {
    /// Length [m] between the blends at its ends.
    pub length_m: f64,
    /// Share of that length run within 1 % of the asked speed; 0 where nothing is left between the blends.
    pub share_at_speed: f64,
    /// Greatest speed on it over the asked one.
    pub greatest_share: f64,
}
