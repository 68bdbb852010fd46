//! Two things that touch, and whether they do: one pair at a time, in double precision.

use super::check::Precision;
use super::cover::Ball;
use super::model::CollisionModel;
use super::pairs::within;
use super::scene::{Scene, WORLD};
use alloc::format;
use alloc::string::String;
use leitai_geometry::{Placement, Shape, distance};
use leitai_math::Vec3;

/// Two things that touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Two links of the robot.
    Links(usize, usize),
    /// A link and an obstacle.
    Obstacle(usize, usize),
}

impl Touch {
    /// In words.
    #[must_use]
    pub fn describe(&self, robot: &CollisionModel, scene: &Scene) -> String {
        match *self {
            Self::Links(a, b) => format!("`{}` touches `{}`", robot.links[a].name, robot.links[b].name),
            Self::Obstacle(a, k) => format!("`{}` touches obstacle `{}`", robot.links[a].name, scene.obstacles[k].0.name),
        }
    }
}

/// Whether a pair touches, in double precision.
pub(super) fn touches(robot: &CollisionModel, scene: &Scene, places: &[Placement], touch: Touch, precision: Precision) -> bool {
    overlap(robot, scene, places, touch) && (precision == Precision::Balls || touching(robot, scene, places, touch))
}

fn link_place(robot: &CollisionModel, places: &[Placement], a: usize) -> Placement {
    robot.links[a].frame.map_or(WORLD, |f| places[f])
}

/// Whether balls of a pair overlap, in double precision.
fn overlap(robot: &CollisionModel, scene: &Scene, places: &[Placement], touch: Touch) -> bool {
    let placed = |a: usize, ball: &Ball| (link_place(robot, places, a).apply(ball.center), ball.radius);
    let balls = |a: usize| &robot.balls[robot.links[a].first..robot.links[a].first + robot.links[a].count];
    match touch {
        Touch::Links(a, b) => {
            let meet = |one: (Vec3, f64), two: (Vec3, f64)| (one.0 - two.0).norm_squared() < (one.1 + two.1) * (one.1 + two.1);
            let (one, two) = (placed(a, &robot.links[a].bound), placed(b, &robot.links[b].bound));
            meet(one, two) && balls(a).iter().map(|x| placed(a, x)).any(|x| balls(b).iter().any(|y| meet(x, placed(b, y))))
        }
        Touch::Obstacle(a, k) => {
            let (obstacle, at) = &scene.obstacles[k];
            let meets = |ball: &Ball| {
                let (position, radius) = placed(a, ball);
                let place = Placement { position, rotation: WORLD.rotation };
                let far = match obstacle.shape {
                    Shape::Plane { .. } => false,
                    _ => (position - at.position).norm() > radius + obstacle.shape.bounding_radius(),
                };
                !far && distance(&Shape::Sphere { radius }, &place, &obstacle.shape, at) < 0.0
            };
            meets(&robot.links[a].bound) && balls(a).iter().any(meets)
        }
    }
}

/// Whether shapes of a pair overlap.
pub(super) fn touching(robot: &CollisionModel, scene: &Scene, places: &[Placement], touch: Touch) -> bool {
    let shapes = |a: usize| {
        let at = link_place(robot, places, a);
        robot.links[a].shapes.iter().map(move |(shape, local)| (shape, within(&at, local)))
    };
    let meet = |one: &Shape, at_one: &Placement, two: &Shape, at_two: &Placement| {
        let far = (at_two.position - at_one.position).norm() - one.bounding_radius();
        let plane = matches!(two, Shape::Plane { .. });
        (plane || far <= two.bounding_radius()) && distance(one, at_one, two, at_two) <= 0.0
    };
    match touch {
        Touch::Links(a, b) => shapes(a).any(|(x, at)| shapes(b).any(|(y, at_y)| meet(x, &at, y, &at_y))),
        Touch::Obstacle(a, k) => {
            let (obstacle, at_obstacle) = &scene.obstacles[k];
            shapes(a).any(|(x, at)| meet(x, &at, &obstacle.shape, at_obstacle))
        }
    }
}
