//! The chain of joints between the world and a tool: where the tool is and how it moves.
//!
//! Planning asks for one frame a hundred thousand times, so the chain is cut out of the model once: a fixed pose before each
//! joint, and the joint. Whatever hangs beside the chain (jaws, cables) has no part in it.

use alloc::string::String;
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::model::Joint;
use leitai_model::spec::JointKind;
use leitai_model::{JointId, Model, SiteId};

/// A chain needs joints with one coordinate each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainError {
    /// This joint between the world and the tool is free or a ball.
    NotScalar(String),
    /// Nothing moves between the world and the tool.
    NoJoints,
}

impl core::fmt::Display for ChainError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotScalar(name) => write!(f, "joint `{name}` carries the tool but is neither a hinge nor a slide"),
            Self::NoJoints => write!(f, "nothing moves between the world and the tool; name a site on the moving end"),
        }
    }
}

impl core::error::Error for ChainError {}

#[derive(Clone, Copy, Debug)]
struct Link {
    /// Frame at the joint's anchor, in the frame behind the previous joint.
    before: Pose,
    axis: Vec3,
    hinge: bool,
    reference: f64,
}

/// The joints from the world to a site, outermost first.
#[derive(Clone, Debug)]
pub struct Chain {
    links: Vec<Link>,
    tip: Pose,
    joints: Vec<JointId>,
    /// Lowest joint positions [rad or m]; −∞ where the model has no limit.
    pub low: Vec<f64>,
    /// Highest joint positions [rad or m].
    pub high: Vec<f64>,
}

impl Chain {
    /// The chain that carries `site`.
    ///
    /// # Errors
    /// If a joint on the way has more than one coordinate, or there is none.
    pub fn new(model: &Model, site: SiteId) -> Result<Self, ChainError> {
        let mut bodies = Vec::new();
        let mut body = model.sites[site.index()].body;
        while body.0 != 0 {
            bodies.push(body);
            body = model.bodies[body.index()].parent;
        }
        let mut chain = Self { links: Vec::new(), tip: Pose::IDENTITY, joints: Vec::new(), low: Vec::new(), high: Vec::new() };
        let mut fixed = Pose::IDENTITY;
        for body in bodies.iter().rev().map(|b| &model.bodies[b.index()]) {
            fixed = fixed * body.pose;
            for j in body.joint_start..body.joint_start + body.joint_count {
                let joint: &Joint = &model.joints[j as usize];
                let hinge = match joint.kind {
                    JointKind::Hinge => true,
                    JointKind::Slide => false,
                    JointKind::Free | JointKind::Ball => return Err(ChainError::NotScalar(joint.name.clone())),
                };
                let anchor = Pose::new(joint.position, Quat::IDENTITY);
                let reference = model.q0[joint.q_start as usize];
                chain.links.push(Link { before: fixed * anchor, axis: joint.axis, hinge, reference });
                chain.joints.push(JointId(j));
                let [low, high] = joint.range.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
                chain.low.push(low);
                chain.high.push(high);
                fixed = anchor.inverse();
            }
        }
        if chain.links.is_empty() {
            return Err(ChainError::NoJoints);
        }
        chain.tip = fixed * model.sites[site.index()].pose;
        Ok(chain)
    }

    /// The same joints with another tip: `tip_from_tool` beyond this one's.
    #[must_use]
    pub fn extended(mut self, tip_from_tool: Pose) -> Self {
        self.tip = self.tip * tip_from_tool;
        self
    }

    /// Number of joints.
    #[must_use]
    pub fn len(&self) -> usize {
        self.links.len()
    }
    /// A chain has at least one joint.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }
    /// The joints, from the world to the tool.
    #[must_use]
    pub fn joints(&self) -> &[JointId] {
        &self.joints
    }

    /// `world_from_tip` at joint positions `q` (one for each joint of the chain).
    #[must_use]
    pub fn tip(&self, q: &[f64]) -> Pose {
        let mut pose = Pose::IDENTITY;
        for (link, &q) in self.links.iter().zip(q) {
            pose = pose * link.before * motion(link, q);
        }
        pose * self.tip
    }

    /// Writes into `links` the world pose of the frame behind each joint: the frame of the joint's body, moved to its anchor.
    pub fn frames(&self, q: &[f64], frames: &mut Vec<Pose>) {
        frames.clear();
        let mut pose = Pose::IDENTITY;
        for (link, &q) in self.links.iter().zip(q) {
            pose = pose * link.before * motion(link, q);
            frames.push(pose);
        }
    }

    /// `world_from_tip`, and into `jacobian` its columns: six numbers for each joint, linear velocity of the tip then angular
    /// velocity, both in the world.
    ///
    /// # Panics
    /// If `jacobian` has room for fewer joints than the chain has.
    pub fn tip_and_jacobian(&self, q: &[f64], jacobian: &mut [[f64; 6]]) -> Pose {
        let mut pose = Pose::IDENTITY;
        for ((link, &q), column) in self.links.iter().zip(q).zip(jacobian.iter_mut()) {
            let anchor = pose * link.before;
            let axis = anchor.rotation.rotate(link.axis);
            let p = anchor.position;
            *column = [axis.x, axis.y, axis.z, p.x, p.y, p.z];
            pose = anchor * motion(link, q);
        }
        let tip = pose * self.tip;
        for (link, column) in self.links.iter().zip(jacobian.iter_mut()) {
            let axis = Vec3::new(column[0], column[1], column[2]);
            let (linear, angular) = if link.hinge {
                (axis.cross(tip.position - Vec3::new(column[3], column[4], column[5])), axis)
            } else {
                (axis, Vec3::ZERO)
            };
            *column = [linear.x, linear.y, linear.z, angular.x, angular.y, angular.z];
        }
        tip
    }

    /// An upper bound of the way [m] that any point within `radius` [m] of the tip moves for each unit of each joint.
    ///
    /// From a joint to the tip nothing is longer than the fixed offsets added up, plus the strokes of slides.
    #[must_use]
    pub fn lever_arms(&self, radius: f64) -> Vec<f64> {
        let mut arms = alloc::vec![1.0; self.links.len()];
        let mut beyond = radius + self.tip.position.norm();
        for i in (0..self.links.len()).rev() {
            let link = &self.links[i];
            if link.hinge {
                arms[i] = beyond;
            } else {
                let stroke = self.high[i] - self.low[i];
                beyond += if stroke.is_finite() { stroke } else { 0.0 };
            }
            beyond += link.before.position.norm();
        }
        arms
    }

    /// Adds whole turns to hinges so that each stands as near to `posture` as its limits allow.
    pub fn unwind(&self, q: &mut [f64], posture: &[f64]) {
        use leitai_math::real;
        for i in 0..self.links.len() {
            if !self.links[i].hinge {
                continue;
            }
            let turned = q[i] + real::TAU * real::round((posture[i] - q[i]) / real::TAU);
            for candidate in [turned, turned - real::TAU, turned + real::TAU] {
                if candidate >= self.low[i] && candidate <= self.high[i] {
                    let nearer = real::abs(candidate - posture[i]) < real::abs(q[i] - posture[i]);
                    if nearer {
                        q[i] = candidate;
                    }
                }
            }
        }
    }
}

fn motion(link: &Link, q: f64) -> Pose {
    let way = q - link.reference;
    if link.hinge {
        Pose::new(Vec3::ZERO, Quat::from_axis_angle(link.axis, way))
    } else {
        Pose::new(link.axis * way, Quat::IDENTITY)
    }
}
