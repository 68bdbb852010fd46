//! What is to be done: pieces, places, what stands around, and the list of skills.
//!
//! Everything stands in the frame of the robot's base, or in that of a measured site (a pallet on uneven ground).

use crate::surface::Spot;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_control::TipLimits;
use leitai_geometry::Shape;
use leitai_math::{Pose, Vec3};

/// A work piece: a box or an upright cylinder of even density, as its maker declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Half sizes [m].
    pub half: Vec3,
    /// A cylinder about its own z instead of a box.
    pub round: bool,
    /// Mass [kg].
    pub mass_kg: f64,
    /// A half turn about its own z changes nothing that matters.
    pub half_turn_symmetry: bool,
}

impl Piece {
    /// Its shape, centered.
    #[must_use]
    pub fn shape(&self) -> Shape {
        if self.round {
            Shape::Cylinder { radius: self.half.x, half_length: self.half.z }
        } else {
            Shape::Box { half: self.half }
        }
    }
}

/// One piece and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Number of the piece in [`Task::pieces`] and in the observation.
    pub piece: usize,
    /// Number of the measured site the place belongs to; the robot's base if none.
    pub site: Option<usize>,
    /// `site_from_piece` once it is placed.
    pub site_from_target: Pose,
}

/// Something the robot must not touch while it moves freely.
#[derive(Clone, Debug)]
pub struct Obstacle {
    /// Name, for reasons of failure.
    pub name: String,
    /// Shape.
    pub shape: Shape,
    /// Number of the measured site it stands on; the robot's base if none.
    pub site: Option<usize>,
    /// `site_from_obstacle` or `base_from_obstacle`.
    pub pose: Pose,
}

/// Something that the tool's tip does at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TipWork {
    /// Number of the measured site; z against the tool.
    pub site: usize,
    /// How deep the tip goes below it [m]; 0 if it follows a path.
    pub depth_m: f64,
    /// Radius of the tip [m].
    pub radius_m: f64,
}

/// A bowl with food.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bowl {
    /// Number of the measured site in the middle of its floor; z up, x along it.
    pub site: usize,
    /// Inner length and width [m], along x and y of that site.
    pub inner_m: [f64; 2],
    /// Height of its rim above the floor [m].
    pub rim_m: f64,
}

/// A task on pieces, or of the tool's tip.
#[derive(Clone, Debug)]
pub struct Task {
    /// All pieces the observation tells of; those without a job only stand in the way.
    pub pieces: Vec<Piece>,
    /// Number of measured sites in the observation.
    pub sites: usize,
    /// Pieces to move.
    pub jobs: Vec<Job>,
    /// What the tip is to do; then there are no jobs.
    pub work: Option<TipWork>,
    /// The path that the tip goes on a surface, in the frame of the site of its work; empty if it goes on none.
    pub path: Vec<Spot>,
    /// What food is taken from, where the work is to feed.
    pub bowl: Option<Bowl>,
    /// What stands around.
    pub obstacles: Vec<Obstacle>,
}

/// A list of skills that any arm with enough reach can run.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Which job comes first.
    pub order: Order,
    /// Limits of the tool with a piece; those of the settings if none.
    pub carry: Option<TipLimits>,
    /// Skills for each job, in order.
    pub each: Vec<Skill>,
    /// Skills after the last job.
    pub finish: Vec<Skill>,
    /// After a failed skill, give up the job and go on with the next; else stop there.
    pub go_on_after_failure: bool,
}

/// Which job comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By distance of the place from the robot's base, the farthest first; equal distances as listed.
    FarToNear,
    /// As listed.
    AsListed,
}

/// A place that a skill can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The robot's own home posture.
    Home,
    /// The piece of this job, as measured.
    Piece,
    /// The place of this job.
    Target,
    /// Over the bowl.
    Source,
}

/// Lower until contact is felt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Press {
    /// Force that counts as contact [N].
    pub force_n: f64,
    /// How far beyond the nominal height to go without contact [m].
    pub slack_m: f64,
}

/// How the tip is put into a hole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Insert {
    /// Push along the hole [N].
    pub force_n: f64,
    /// Speed while nothing is felt [m/s].
    pub speed_m_s: f64,
    /// How far beside the hole [m] the tip first touches the face around it.
    pub beside_m: f64,
    /// Lean with which the tip looks for the hole [rad].
    pub lean_rad: f64,
}

/// How the tip goes over a surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trace {
    /// Force along the normal [N].
    pub force_n: f64,
    /// Speed along the path [m/s].
    pub speed_m_s: f64,
    /// How long the site is watched before [s], to go along with a sway; 0 if it stands.
    pub watch_s: f64,
}

/// How food is taken from a bowl.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scoop {
    /// Push on the floor [N].
    pub force_n: f64,
    /// Speed along the floor [m/s].
    pub speed_m_s: f64,
    /// Tilt with which the spoon goes in [rad].
    pub tilt_rad: f64,
    /// Tilt with which it meets the end of the bowl [rad].
    pub flat_rad: f64,
}

/// How a bite is offered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// Force that is given way to [N].
    pub force_n: f64,
    /// Speed towards the mouth [m/s].
    pub speed_m_s: f64,
    /// Wait at the mouth [s].
    pub wait_s: f64,
    /// How far to leave [m].
    pub leave_m: f64,
}

/// One skill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Skill {
    /// Go there by any way free of collisions.
    Move {
        /// Where.
        to: Destination,
        /// How far above it, along its z [m]; without meaning at home.
        above_m: f64,
    },
    /// Go there in a straight line of the tool.
    Approach {
        /// Where: a piece or a target.
        to: Destination,
        /// Speed of the tool [m/s].
        speed_m_s: f64,
        /// Go on until contact is felt.
        press: Option<Press>,
    },
    /// Leave in a straight line, along the z of what was approached.
    Retreat {
        /// How far [m].
        above_m: f64,
        /// Speed of the tool [m/s].
        speed_m_s: f64,
    },
    /// Take hold.
    Grip {
        /// Closing force of each jaw [N]; all the tool has if none.
        force_n: Option<f64>,
        /// Wait after closing [s].
        settle_s: f64,
    },
    /// Let go.
    Release {
        /// How far each jaw opens [m]; all the way if none.
        open_m: Option<f64>,
        /// Wait after opening [s].
        settle_s: f64,
    },
    /// Move the tool straight along the x axis of its grip: a blade rises under a piece, or sinks from it. No manifest asks for it;
    /// a blade does it before it takes hold and after it lets go.
    Rise {
        /// How far [m]; down if negative.
        by_m: f64,
    },
    /// Feel for the hole below the tip and put the tip into it.
    Insert(Insert),
    /// Go along the path on the surface, pressing on it.
    Trace(Trace),
    /// Take food from the bowl below the spoon.
    Scoop(Scoop),
    /// Bring the level spoon to the mouth, wait there, and leave.
    Offer(Offer),
    /// Stand still.
    Wait {
        /// How long [s].
        time_s: f64,
    },
}
