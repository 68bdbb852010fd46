//! What must not touch what: the arm, its tool and the piece it holds against the cell and against each other.
//!
//! A pair is looked at closely only where a ball around the moving shape comes near; against boxes the ball is measured
//! exactly, which settles most pairs of a stack of blocks.

use crate::robot::Robot;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_dynamics::{Data, kinematics};
use leitai_geometry::contact::collide;
use leitai_geometry::{Manifold, Placement, Shape};
use leitai_math::{Pose, Vec3, real};
use leitai_model::Model;

/// A shape that stands still.
#[derive(Clone, Debug)]
pub struct Solid {
    /// Name, for reasons.
    pub name: String,
    /// Shape.
    pub shape: Shape,
    /// Where.
    pub at: Placement,
}

impl Solid {
    /// A shape at `pose` in the robot's base frame.
    #[must_use]
    pub fn new(name: String, shape: Shape, pose: Pose) -> Self {
        Self { name, shape, at: placement(&pose) }
    }
}

/// Two things that come too near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Two shapes of the robot.
    Robot(usize, usize),
    /// A shape of the robot and a solid.
    Solid(usize, usize),
    /// The held piece and a solid.
    Held(usize),
    /// The held piece and a shape of the robot.
    HeldRobot(usize),
}

/// The robot's shapes, what it holds, and what stands around.
#[derive(Clone, Debug)]
pub struct Guard {
    model: Model,
    data: Data,
    q: Vec<f64>,
    places: Vec<usize>,
    grip: leitai_model::SiteId,
    /// Shapes that move, with the radius of a ball around each.
    moving: Vec<(usize, f64)>,
    pairs: Vec<[usize; 2]>,
    /// Shapes of links that the held piece could hit.
    arm: Vec<(usize, f64)>,
    held: Option<(Shape, Pose, f64)>,
    /// What stands around.
    pub solids: Vec<Solid>,
    /// Workspace.
    found: Manifold,
}

/// Robot shapes this near each other at home [m] are built so, and are not watched.
const NEIGHBORS_M: f64 = 0.002;

impl Guard {
    /// A guard for `robot`, its tool fully open, in an empty cell.
    #[must_use]
    pub fn new(robot: &Robot) -> Self {
        let model = only_colliding(&robot.model);
        let places = robot.joints.iter().map(|j| model.joints[j.index()].q_start as usize).collect();
        let carrier = model.sites[robot.grip.index()].body;
        let moves = |g: usize| model.bodies[model.geoms[g].body.index()].last_dof.is_some();
        let ball = |g: usize| (g, model.geoms[g].shape.bounding_radius());
        let moving: Vec<(usize, f64)> = (0..model.geoms.len()).filter(|&g| moves(g)).map(ball).collect();
        // Links before the one that carries the tool, up to its own last joint.
        let tool_link = model.bodies[carrier.index()].weld;
        let arm = moving.iter().copied().filter(|&(g, _)| !model.is_below(model.geoms[g].body, tool_link)).collect();
        let mut guard = Self {
            data: Data::new(&model),
            q: robot.rest.clone(),
            places,
            grip: robot.grip,
            moving,
            pairs: Vec::new(),
            arm,
            held: None,
            solids: Vec::new(),
            found: Manifold::default(),
            model,
        };
        guard.stand(&robot.home);
        guard.pairs = guard.pairs_to_watch();
        guard
    }

    /// Pairs of the robot's own shapes that can meet: not of one rigid link or of two joined ones, not excluded by the model,
    /// and not near each other at home.
    fn pairs_to_watch(&self) -> Vec<[usize; 2]> {
        let (m, places) = (&self.model, &self.data.geom);
        let mut found = Manifold::default();
        let mut pairs = Vec::new();
        for a in 0..m.geoms.len() {
            for b in a + 1..m.geoms.len() {
                let (ga, gb) = (&m.geoms[a], &m.geoms[b]);
                let link = |g: leitai_model::BodyId| m.bodies[g.index()].weld;
                let parent = |g: leitai_model::BodyId| {
                    let weld = link(g);
                    link(m.bodies[weld.index()].parent)
                };
                let (la, lb) = (link(ga.body), link(gb.body));
                let joined = la == lb || parent(ga.body) == lb || parent(gb.body) == la;
                let excluded = m.excludes.contains(&[ga.body.min(gb.body), ga.body.max(gb.body)]);
                let meant = (ga.contype & gb.conaffinity) != 0 || (gb.contype & ga.conaffinity) != 0;
                let mut near = || touching(&ga.shape, &places[a], &gb.shape, &places[b], NEIGHBORS_M, &mut found);
                if meant && !joined && !excluded && !near() {
                    pairs.push([a, b]);
                }
            }
        }
        pairs
    }

    /// Holds a piece of this shape at `grip_from_piece` from now on.
    pub fn hold(&mut self, shape: Shape, grip_from_piece: Pose) {
        let radius = shape.bounding_radius();
        self.held = Some((shape, grip_from_piece, radius));
    }
    /// Holds nothing from now on.
    pub fn let_go(&mut self) {
        self.held = None;
    }

    fn stand(&mut self, q: &[f64]) {
        for (&place, &q) in self.places.iter().zip(q) {
            self.q[place] = q;
        }
        kinematics(&self.model, &mut self.data, &self.q);
    }

    /// The first pair that comes nearer than `clearance_m` (robot against itself: touches) with the arm at `q`.
    pub fn blocked(&mut self, q: &[f64], clearance_m: f64) -> Option<Touch> {
        self.stand(q);
        let Self { model, data, solids, found, .. } = self;
        let (geoms, places) = (&model.geoms, &data.geom);
        for &(g, radius) in &self.moving {
            let at = &places[g];
            for (k, solid) in solids.iter().enumerate() {
                if ball_near(at.position, radius + clearance_m, solid)
                    && touching(&geoms[g].shape, at, &solid.shape, &solid.at, clearance_m, found)
                {
                    return Some(Touch::Solid(g, k));
                }
            }
        }
        if let Some((shape, grip_from_piece, radius)) = &self.held {
            let site = &model.sites[self.grip.index()];
            let at = placement(&(data.body_pose[site.body.index()] * site.pose * *grip_from_piece));
            for (k, solid) in solids.iter().enumerate() {
                if ball_near(at.position, radius + clearance_m, solid)
                    && touching(shape, &at, &solid.shape, &solid.at, clearance_m, found)
                {
                    return Some(Touch::Held(k));
                }
            }
            for &(g, other) in &self.arm {
                if (places[g].position - at.position).norm() < radius + other
                    && touching(shape, &at, &geoms[g].shape, &places[g], 0.0, found)
                {
                    return Some(Touch::HeldRobot(g));
                }
            }
        }
        let near = |&&[a, b]: &&[usize; 2]| touching(&geoms[a].shape, &places[a], &geoms[b].shape, &places[b], 0.0, found);
        self.pairs.iter().find(near).map(|&[a, b]| Touch::Robot(a, b))
    }

    /// A touch in words.
    #[must_use]
    pub fn describe(&self, touch: Touch) -> String {
        let geom = |g: usize| {
            let geom = &self.model.geoms[g];
            if geom.name.is_empty() { &self.model.bodies[geom.body.index()].name } else { &geom.name }
        };
        match touch {
            Touch::Robot(a, b) => format!("`{}` would touch `{}`", geom(a), geom(b)),
            Touch::Solid(g, k) => format!("`{}` would touch {}", geom(g), self.solids[k].name),
            Touch::Held(k) => format!("the held piece would touch {}", self.solids[k].name),
            Touch::HeldRobot(g) => format!("the held piece would touch `{}`", geom(g)),
        }
    }
}

/// The model without shapes that are only drawn.
fn only_colliding(model: &Model) -> Model {
    let mut kept = model.clone();
    kept.geoms.clear();
    kept.pairs.clear();
    for body in &mut kept.bodies {
        let range = body.geom_start as usize..(body.geom_start + body.geom_count) as usize;
        body.geom_start = kept.geoms.len() as u32;
        kept.geoms.extend(model.geoms[range].iter().filter(|g| g.contype != 0 || g.conaffinity != 0).cloned());
        body.geom_count = kept.geoms.len() as u32 - body.geom_start;
    }
    kept
}

fn placement(pose: &Pose) -> Placement {
    Placement { position: pose.position, rotation: pose.rotation.to_mat() }
}

/// Whether two shapes come nearer than `margin`; `found` is workspace.
fn touching(a: &Shape, at_a: &Placement, b: &Shape, at_b: &Placement, margin: f64, found: &mut Manifold) -> bool {
    collide(a, at_a, b, at_b, margin, found);
    !found.points().is_empty()
}

/// True if a ball comes near a solid: exactly for boxes and planes, by its own ball for other shapes.
fn ball_near(center: Vec3, radius: f64, solid: &Solid) -> bool {
    let local = solid.at.rotation.transpose_mul(center - solid.at.position);
    match &solid.shape {
        Shape::Box { half } | Shape::Bore { half, .. } => {
            let beyond = |x: f64, h: f64| real::max(real::abs(x) - h, 0.0);
            Vec3::new(beyond(local.x, half.x), beyond(local.y, half.y), beyond(local.z, half.z)).norm_squared() < radius * radius
        }
        Shape::Plane { .. } => local.z < radius,
        other => local.norm() < radius + other.bounding_radius(),
    }
}
