//! Why a sequence cannot be planned.

use crate::timing::TimingError;
use alloc::string::String;

/// Why a sequence cannot be planned. Segments are counted from zero; `at` is the share of the segment, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "segment, at and joint are explained above")]
pub enum SequenceError {
    /// No segments, or too many.
    Count(usize),
    /// A number is not finite, out of bounds, or a speed or acceleration not above zero.
    NotFinite { segment: usize },
    /// A start posture or limits that are not one for each joint.
    Lengths,
    /// The segment ends where it starts, or two neighbors of its poses coincide.
    NoWay { segment: usize },
    /// Start, via and end lie on a line, or two of them coincide.
    NoCircle { segment: usize },
    /// The whole is too long to be planned at once.
    TooLong { segment: usize },
    /// The corner after the segment has no blend, and the tool would have to stop there.
    SharpCorner { segment: usize },
    /// After the segment the way leads back where it came from: no blend without a stop.
    TurnsBack { segment: usize },
    /// The tool does not stand at the start.
    NotAtStart {
        /// Distance [m].
        missed_by_m: f64,
    },
    /// The way leaves the reach.
    OutOfReach {
        segment: usize,
        at: f64,
        /// What the nearest branch misses [m]; infinite if not known.
        missed_by_m: f64,
    },
    /// A joint meets its limit.
    JointLimit { segment: usize, at: f64, joint: usize },
    /// Every branch there is beyond some limit.
    Limits { segment: usize, at: f64 },
    /// Joints would have to jump: the way passes a singular posture too closely.
    Singular { segment: usize, at: f64 },
    /// The path cannot be timed.
    Timing { segment: usize, at: f64, why: TimingError },
}

impl SequenceError {
    /// The segment that it happens on, if it is about one.
    #[must_use]
    pub fn segment(&self) -> Option<usize> {
        match self {
            Self::Count(_) | Self::Lengths | Self::NotAtStart { .. } => None,
            Self::NotFinite { segment }
            | Self::NoWay { segment }
            | Self::NoCircle { segment }
            | Self::TooLong { segment }
            | Self::SharpCorner { segment }
            | Self::TurnsBack { segment }
            | Self::OutOfReach { segment, .. }
            | Self::JointLimit { segment, .. }
            | Self::Limits { segment, .. }
            | Self::Singular { segment, .. }
            | Self::Timing { segment, .. } => Some(*segment),
        }
    }
}

impl core::fmt::Display for SequenceError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let there = |segment: &usize, at: &f64| alloc::format!("{:.0} % along segment {}", at * 100.0, segment + 1);
        match self {
            Self::Count(count) => write!(f, "a sequence of {count} segments; give between 1 and {}", super::MOST_SEGMENTS),
            Self::NotFinite { segment } => write!(
                f,
                "segment {}: needs finite poses with unit quaternions, and speed, acceleration and blend radius above zero",
                segment + 1
            ),
            Self::Lengths => write!(f, "the start posture and the limits need one value for each joint"),
            Self::NoWay { segment } => write!(f, "segment {} ends where it starts; leave it out", segment + 1),
            Self::NoCircle { segment } => write!(
                f,
                "segment {}: start, via and end make no circle; move the via point off the line, or use two arcs for a full circle",
                segment + 1
            ),
            Self::TooLong { segment } => write!(f, "the sequence is too long from segment {} on; end it before", segment + 1),
            Self::SharpCorner { segment } => {
                write!(f, "a corner without a blend after segment {}; give a blend radius or end the sequence there", segment + 1)
            }
            Self::TurnsBack { segment } => {
                write!(f, "the way turns back after segment {}; end the sequence there, so that the tool stops", segment + 1)
            }
            Self::NotAtStart { missed_by_m } => {
                write!(f, "the posture's tool stands {:.3} mm from the start of the sequence", missed_by_m * 1e3)
            }
            Self::OutOfReach { segment, at, missed_by_m } => {
                let by = if missed_by_m.is_finite() {
                    alloc::format!(" (the nearest branch misses by {:.1} mm)", missed_by_m * 1e3)
                } else {
                    String::new()
                };
                write!(f, "the way leaves the arm's reach {}{by}; move it closer", there(segment, at))
            }
            Self::JointLimit { segment, at, joint } => {
                write!(f, "joint {} meets its limit {}; choose another posture at the start", joint + 1, there(segment, at))
            }
            Self::Limits { segment, at } => write!(f, "no branch stands within the joint limits {}", there(segment, at)),
            Self::Singular { segment, at } => write!(
                f,
                "joints would have to jump {}: a singular posture; move the way aside, or use a joint move",
                there(segment, at)
            ),
            Self::Timing { segment, at, why } => write!(f, "{}: {}", there(segment, at), why),
        }
    }
}

impl core::error::Error for SequenceError {}
