//! What a planned motion touches: the arm itself, or what stands around.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_control::Path;
use leitai_math::real;

use super::{Arm, Solid};
use crate::planning::{Checker, CollisionModel, ModelError, Obstacle, Options, Precision, Scene, SceneError};

/// Places looked at on one motion, at most.
const MOST_LOOKS: usize = 4000;
/// Length of a joint path between two looks [rad]: the checker then looks closer itself.
const LOOK: f64 = 0.05;

/// Robot and surroundings, ready to be asked.
pub(super) struct Collisions {
    robot: CollisionModel,
    scene: Scene,
}

/// Why an arm cannot be checked.
#[derive(Debug)]
pub(super) enum NoCheck {
    Model(ModelError),
    Scene(SceneError),
}

impl core::fmt::Display for NoCheck {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Model(error) => write!(f, "{error}"),
            Self::Scene(error) => write!(f, "{error}"),
        }
    }
}

impl Collisions {
    pub fn new(arm: &Arm, solids: &[Solid]) -> Result<Self, NoCheck> {
        let robot = CollisionModel::new(&arm.model, &Options::new(&arm.joints)).map_err(NoCheck::Model)?;
        let obstacle = |s: &Solid| Obstacle { name: s.name.clone(), shape: s.shape.clone(), pose: arm.base * s.pose };
        let obstacles: Vec<Obstacle> = solids.iter().map(obstacle).collect();
        let scene = Scene::new(&robot, &obstacles).map_err(NoCheck::Scene)?;
        Ok(Self { robot, scene })
    }

    /// The first place on the path (its parameter) where something touches, and what.
    pub fn first(&self, path: &Path) -> Option<(f64, String)> {
        let mut checker = Checker::new(&self.robot, &self.scene, Precision::Exact);
        let n = path.joints();
        let (mut q, mut slope, mut bend) = (alloc::vec![0.0; n], alloc::vec![0.0; n], alloc::vec![0.0; n]);
        // Length of the joint path by a coarse sum.
        let mut length = 0.0;
        let mut before = path.start().to_vec();
        for k in 1..=64 {
            path.at(path.length() * f64::from(k) / 64.0, &mut q, &mut slope, &mut bend);
            length += real::sqrt(q.iter().zip(&before).map(|(a, b)| (a - b) * (a - b)).sum());
            before.copy_from_slice(&q);
        }
        let looks = real::clamp(real::ceil(length / LOOK), 1.0, MOST_LOOKS as f64) as usize;
        before.copy_from_slice(path.start());
        for k in 1..=looks {
            let (s0, s1) = (path.length() * (k - 1) as f64 / looks as f64, path.length() * k as f64 / looks as f64);
            path.at(s1, &mut q, &mut slope, &mut bend);
            if let Some((share, touch)) = checker.first_touch(&before, &q) {
                return Some((s0 + share * (s1 - s0), touch.describe(&self.robot, &self.scene).to_string()));
            }
            before.copy_from_slice(&q);
        }
        None
    }
}
