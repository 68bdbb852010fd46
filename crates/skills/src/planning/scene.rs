//! What stands around a robot, laid out for lanes and kept exactly.
//!
//! Obstacles are spheres, capsules, boxes, cylinders and planes in single precision, each kind in a list of its own; a mesh or an
//! ellipsoid stands in its upright bounding box there, and as itself in the exact check. Each link has the list of what it can
//! reach at all, which for the first links of an arm is little.

use super::check::Precision;
use super::model::{CollisionModel, LARGEST, good};
use super::touch::{self, Touch};
use alloc::string::String;
use alloc::vec::Vec;
use leitai_geometry::{Placement, Shape};
use leitai_math::{Mat3, Pose, Vec3, real};

/// Most obstacles of one scene.
pub const MOST_OBSTACLES: usize = 4096;

/// Something that stands still.
#[derive(Clone, Debug)]
pub struct Obstacle {
    /// Name, for reasons.
    pub name: String,
    /// Shape.
    pub shape: Shape,
    /// `world_from_obstacle`.
    pub pose: Pose,
}

/// Why obstacles cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    /// Too many.
    #[error("{0} obstacles; at most {MOST_OBSTACLES} fit in a scene")]
    TooMany(usize),
    /// A size or place is no number or huge.
    #[error("obstacle `{0}` has a size or place that is no number, empty or larger than {LARGEST} m")]
    NoNumber(String),
    /// Terrain.
    #[error("obstacle `{0}` is terrain, which has no convex shape; give it as boxes or meshes")]
    Terrain(String),
}

/// An obstacle in single precision.
#[derive(Clone, Copy, Debug)]
pub(super) enum Solid {
    /// Center and radius.
    Sphere([f32; 3], f32),
    /// Middle, half axis, one over its squared length, radius.
    Capsule([f32; 3], [f32; 3], f32, f32),
    /// Middle, unit axis, half length, radius.
    Cylinder([f32; 3], [f32; 3], f32, f32),
    /// Middle and half sizes along the world's axes.
    Upright([f32; 3], [f32; 3]),
    /// Middle, half sizes, cosine and sine of the turn about z.
    Turned([f32; 3], [f32; 3], [f32; 2]),
    /// Middle, half sizes, unit axes.
    Tilted([f32; 3], [f32; 3], [[f32; 3]; 3]),
    /// Unit normal and its height.
    Plane([f32; 3], f32),
}

/// Obstacles around one robot.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The obstacles with their placements, in the order given.
    pub obstacles: Vec<(Obstacle, Placement)>,
    pub(super) solids: Vec<Solid>,
    /// For each group of links that move as one, what it can reach.
    pub(super) near: Vec<Vec<u16>>,
    /// What of the robot that never moves touches, by balls and by shapes.
    base: [Option<Touch>; 2],
    finer: bool,
}

fn narrow(v: Vec3) -> [f32; 3] {
    v.to_array().map(|x| x as f32)
}

impl Scene {
    /// Lays out `obstacles` for `robot`.
    ///
    /// # Errors
    /// If there are too many, or one is no number, huge or terrain.
    pub fn new(robot: &CollisionModel, obstacles: &[Obstacle]) -> Result<Self, SceneError> {
        if obstacles.len() > MOST_OBSTACLES {
            return Err(SceneError::TooMany(obstacles.len()));
        }
        let mut scene =
            Self { obstacles: Vec::new(), solids: Vec::new(), near: Vec::new(), base: [None; 2], finer: robot.is_finer() };
        for obstacle in obstacles {
            let at = Placement { position: obstacle.pose.position, rotation: obstacle.pose.rotation.normalized().to_mat() };
            match &obstacle.shape {
                Shape::HeightField(_) => return Err(SceneError::Terrain(obstacle.name.clone())),
                Shape::Plane { .. } if at.is_finite() && at.position.norm() <= LARGEST => {}
                shape if good(shape, &at) => {}
                _ => return Err(SceneError::NoNumber(obstacle.name.clone())),
            }
            scene.solids.push(solid(&obstacle.shape, &at));
            scene.finer |= matches!(obstacle.shape, Shape::Mesh(_) | Shape::Ellipsoid { .. });
            scene.obstacles.push((obstacle.clone(), at));
        }
        for group in &robot.lanes.groups {
            let reached = |k: &u16| {
                let (obstacle, at) = &scene.obstacles[usize::from(*k)];
                gap(group.root, &obstacle.shape, at) <= group.reach + 1e-4
            };
            // What never moves is looked at once, below.
            let count = if group.frame.is_some() { obstacles.len() as u16 } else { 0 };
            scene.near.push((0..count).filter(reached).collect());
        }
        scene.base = [Precision::Balls, Precision::Exact].map(|precision| {
            let fixed = (0..robot.links.len()).filter(|a| robot.links[*a].frame.is_none());
            let mut pairs = fixed.flat_map(|a| (0..obstacles.len()).map(move |k| Touch::Obstacle(a, k)));
            pairs.find(|pair| touch::touches(robot, &scene, &[], *pair, precision))
        });
        Ok(scene)
    }

    /// True if shapes may be free where balls are not.
    #[must_use]
    pub fn is_finer(&self) -> bool {
        self.finer
    }

    /// The first pair of a link that never moves and an obstacle that touch.
    #[must_use]
    pub fn base_touch(&self, precision: Precision) -> Option<Touch> {
        self.base[usize::from(precision == Precision::Exact)]
    }
}

/// At most the distance [m] of a point from an obstacle; exact for boxes and planes.
fn gap(point: Vec3, shape: &Shape, at: &Placement) -> f64 {
    let local = at.rotation.transpose_mul(point - at.position);
    match shape {
        Shape::Box { half } | Shape::Bore { half, .. } => {
            let beyond = |x: f64, h: f64| real::max(real::abs(x) - h, 0.0);
            Vec3::new(beyond(local.x, half.x), beyond(local.y, half.y), beyond(local.z, half.z)).norm()
        }
        Shape::Plane { .. } => local.z,
        other => local.norm() - other.bounding_radius(),
    }
}

fn solid(shape: &Shape, at: &Placement) -> Solid {
    let middle = narrow(at.position);
    let axis = at.axis();
    match shape {
        Shape::Sphere { radius } => Solid::Sphere(middle, *radius as f32),
        Shape::Capsule { radius, half_length } => {
            let squared = half_length * half_length;
            if squared < 1e-12 {
                return Solid::Sphere(middle, (radius + half_length) as f32);
            }
            Solid::Capsule(middle, narrow(axis * *half_length), (1.0 / squared) as f32, *radius as f32)
        }
        Shape::Cylinder { radius, half_length } => Solid::Cylinder(middle, narrow(axis), *half_length as f32, *radius as f32),
        Shape::Box { half } | Shape::Bore { half, .. } => {
            let m = &at.rotation;
            let lies = |x: f64| real::abs(x) < 1e-7;
            if !(lies(m.0[0][2]) && lies(m.0[1][2]) && m.0[2][2] > 0.0) {
                return Solid::Tilted(middle, narrow(*half), [0, 1, 2].map(|k| narrow(m.column(k))));
            }
            if lies(m.0[1][0]) {
                return Solid::Upright(middle, narrow(*half));
            }
            Solid::Turned(middle, narrow(*half), [m.0[0][0] as f32, m.0[1][0] as f32])
        }
        Shape::Plane { .. } => Solid::Plane(narrow(axis), axis.dot(at.position) as f32),
        Shape::Ellipsoid { .. } | Shape::Mesh(_) | Shape::HeightField(_) => {
            let (half, offset) = shape.bounds(&at.rotation);
            let margin = Vec3::new(1e-6, 1e-6, 1e-6);
            Solid::Upright(narrow(at.position + offset), narrow(half + margin))
        }
    }
}

/// The same frame as the world's.
pub(super) const WORLD: Placement = Placement { position: Vec3::ZERO, rotation: Mat3::IDENTITY };
