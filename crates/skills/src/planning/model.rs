//! A robot as planning sees it: frames that move, links made of balls, and the exact shapes behind them.
//!
//! Made once from any loaded model, in milliseconds. The frames of the planned joints are taken from the model at a rest
//! configuration, z along each joint's axis, so whatever stands between two planned joints (fixed links, joints that are not
//! planned, mounts) is one constant transform. Every link has one ball around everything on it and many small ones.

use super::cover::{self, Ball, Fit};
use super::laned::LaneModel;
use super::pairs;
use super::parts;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::{Data, kinematics};
use leitai_geometry::{Placement, Shape};
use leitai_math::{Mat3, Pose, Vec3, real};
use leitai_model::spec::JointKind;
use leitai_model::{JointId, Model};

/// Sine of the angle below which two axes count as parallel.
const PARALLEL: f64 = 1e-6;
/// Most joints of one plan.
pub const MOST_JOINTS: usize = 16;
/// Most links that can touch something.
pub const MOST_LINKS: usize = 64;
/// Most balls of one robot.
pub const MOST_BALLS: usize = 4096;
/// Largest joint position [rad or m] and largest coordinate [m]: beyond, single precision is too coarse.
pub const LARGEST: f64 = 1000.0;

/// Why a model cannot be planned for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// No joints, or too many.
    #[error("{0} joints to plan; between 1 and {MOST_JOINTS} can be planned")]
    JointCount(usize),
    /// No such joint.
    #[error("the model has no joint number {0}")]
    NoSuchJoint(u32),
    /// The same joint twice.
    #[error("joint `{0}` is given twice")]
    TwiceJoint(String),
    /// Only joints with one coordinate can be planned.
    #[error("joint `{0}` is free or a ball; only hinges and slides can be planned")]
    NotScalar(String),
    /// Limits must be finite, in order and not huge.
    #[error("joint `{joint}` ranges from {low} to {high}; a planned joint needs two limits in order, at most {LARGEST} in size")]
    Limits {
        /// Which.
        joint: String,
        /// Lower limit.
        low: f64,
        /// Upper limit.
        high: f64,
    },
    /// Wrong length, or no number.
    #[error("the rest configuration needs {wanted} finite numbers of at most {LARGEST}")]
    Rest {
        /// Length of the model's `q`.
        wanted: usize,
    },
    /// A plane or terrain hangs on the robot.
    #[error("link `{0}` has a shape without end; give planes as obstacles")]
    Endless(String),
    /// A size or place is no number, not positive, or huge.
    #[error("link `{0}` has a shape that is no number, empty or larger than {LARGEST} m")]
    Shape(String),
    /// Too much.
    #[error("{links} links with {balls} balls; at most {MOST_LINKS} links and {MOST_BALLS} balls: fit fewer balls to each shape")]
    TooMany {
        /// Links with shapes.
        links: usize,
        /// Their balls.
        balls: usize,
    },
    /// A disabled pair or a link of balls names a link that is not there.
    #[error("the model has no link `{0}`")]
    NoSuchLink(String),
}

/// Which pairs of links are watched.
#[derive(Clone, Copy, Debug)]
pub enum Watch<'a> {
    /// Every pair but these, those rigidly joined and those that always touch: a robot's SRDF gives its disabled pairs.
    AllBut(&'a [[String; 2]]),
    /// Every pair but those joined by one joint, excluded by the model, always touching, or never coming near each other in
    /// this many configurations spread over the limits.
    Sampled(usize),
}

/// How a robot is made ready.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Joints to plan, in the order of configurations; the model's order does not matter.
    pub joints: &'a [JointId],
    /// Where all other joints stay: the model's `q`; its reference if absent.
    pub rest: Option<&'a [f64]>,
    /// Pairs of links.
    pub watch: Watch<'a>,
    /// A description of the same links made of balls; where absent, balls are fitted to the shapes.
    pub balls: Option<&'a Model>,
    /// How closely fitted balls follow a shape.
    pub fit: Fit,
}

impl<'a> Options<'a> {
    /// Plans `joints`, the rest at the model's reference, pairs found by sampling, balls fitted.
    #[must_use]
    pub fn new(joints: &'a [JointId]) -> Self {
        Self { joints, rest: None, watch: Watch::Sampled(4096), balls: None, fit: Fit::default() }
    }
}

/// A frame that one planned joint moves.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The planned joint's place in a configuration.
    pub joint: usize,
    /// The frame that carries it; none if it stands in the world.
    pub parent: Option<usize>,
    /// Turns about z, or else slides along it.
    pub hinge: bool,
    /// `parent_from_frame` with the joint at `reference`: rotation.
    pub rotation: Mat3,
    /// Origin [m].
    pub origin: Vec3,
    /// Joint position of the constant transform.
    pub reference: f64,
}

/// A link that can touch something.
#[derive(Clone, Debug)]
pub struct Link {
    /// The body's name.
    pub name: String,
    /// The frame that carries it; none if it never moves.
    pub frame: Option<usize>,
    /// One ball around all of it, in its frame.
    pub bound: Ball,
    /// First of its balls.
    pub first: usize,
    /// Number of its balls.
    pub count: usize,
    /// Its exact shapes, in its frame; a mesh in convex parts.
    pub shapes: Vec<(Shape, Placement)>,
}

/// A robot ready to be planned for. Never changes.
#[derive(Clone, Debug)]
pub struct CollisionModel {
    /// Names of the planned joints.
    pub names: Vec<String>,
    /// Lower limits [rad or m].
    pub low: Vec<f64>,
    /// Upper limits.
    pub high: Vec<f64>,
    /// Moving frames, parents first.
    pub frames: Vec<Frame>,
    /// Links with shapes.
    pub links: Vec<Link>,
    /// All links' balls, each in its link's frame.
    pub balls: Vec<Ball>,
    /// Pairs of links that must not touch.
    pub pairs: Vec<[usize; 2]>,
    pub(super) lanes: LaneModel,
}

impl CollisionModel {
    /// Makes `model` ready.
    ///
    /// # Errors
    /// If a joint cannot be planned or a shape cannot be covered; the message says which.
    pub fn new(model: &Model, options: &Options) -> Result<Self, ModelError> {
        let rest = options.rest.unwrap_or(&model.q0);
        if rest.len() != model.nq || !rest.iter().all(|x| real::abs(*x) <= LARGEST) {
            return Err(ModelError::Rest { wanted: model.nq });
        }
        let mut out = Self {
            names: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            frames: Vec::new(),
            links: Vec::new(),
            balls: Vec::new(),
            pairs: Vec::new(),
            lanes: LaneModel::default(),
        };
        out.take_limits(model, options.joints)?;
        let mut data = Data::new(model);
        kinematics(model, &mut data, rest);
        let (places, frame_of) = out.take_frames(model, options.joints, &data, rest);
        out.take_links(model, options, &data, &places, &frame_of)?;
        out.sort_links();
        out.pairs = match options.watch {
            Watch::AllBut(disabled) => pairs::all_but(&out, model, disabled)?,
            Watch::Sampled(count) => pairs::sampled(&out, model, count),
        };
        // By the groups of their links, which stand in the order of frames.
        let frame = |a: usize| out.links[a].frame;
        out.pairs.sort_by_key(|&[a, b]| (frame(a), frame(b), a, b));
        out.lanes = LaneModel::new(&out);
        Ok(out)
    }

    /// Number of planned joints.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }
    /// At least one joint is planned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// True if some link has shapes other than its balls.
    #[must_use]
    pub fn is_finer(&self) -> bool {
        let same = |link: &Link| {
            let balls = &self.balls[link.first..link.first + link.count];
            let one = |(ball, (shape, at)): (&Ball, &(Shape, Placement))| {
                matches!(shape, Shape::Sphere { radius } if *radius == ball.radius) && at.position == ball.center
            };
            balls.len() == link.shapes.len() && balls.iter().zip(&link.shapes).all(one)
        };
        !self.links.iter().all(same)
    }

    fn take_limits(&mut self, model: &Model, joints: &[JointId]) -> Result<(), ModelError> {
        if joints.is_empty() || joints.len() > MOST_JOINTS {
            return Err(ModelError::JointCount(joints.len()));
        }
        for (k, id) in joints.iter().enumerate() {
            let joint = model.joints.get(id.index()).ok_or(ModelError::NoSuchJoint(id.0))?;
            if joints[..k].contains(id) {
                return Err(ModelError::TwiceJoint(joint.name.clone()));
            }
            if !matches!(joint.kind, JointKind::Hinge | JointKind::Slide) {
                return Err(ModelError::NotScalar(joint.name.clone()));
            }
            // A hinge without limits is planned over one turn either way.
            let turn = [-real::TAU, real::TAU];
            let [low, high] = match joint.range {
                Some(range) => range,
                None if joint.kind == JointKind::Hinge => turn,
                None => [f64::NEG_INFINITY, f64::INFINITY],
            };
            if !(low <= high && low >= -LARGEST && high <= LARGEST) {
                return Err(ModelError::Limits { joint: joint.name.clone(), low, high });
            }
            self.names.push(joint.name.clone());
            self.low.push(low);
            self.high.push(high);
        }
        Ok(())
    }

    /// The frames, their world placements at rest, and each body's frame.
    ///
    /// Turning a frame about its own axis changes nothing but numbers, and is used up: a frame's x axis is square to the axes of
    /// its joint and its parent's, as Denavit and Hartenberg have it, so that it follows from its parent's by a turn about x.
    fn take_frames(
        &mut self,
        model: &Model,
        joints: &[JointId],
        data: &Data,
        rest: &[f64],
    ) -> (Vec<Placement>, Vec<Option<usize>>) {
        struct Axis {
            joint: usize,
            parent: Option<usize>,
            z: Vec3,
            anchor: Vec3,
        }
        let mut axes: Vec<Axis> = Vec::new();
        let mut frame_of = vec![None; model.bodies.len()];
        for (b, body) in model.bodies.iter().enumerate().skip(1) {
            let mut carrier = frame_of[body.parent.index()];
            for j in (body.joint_start..body.joint_start + body.joint_count).map(|j| j as usize) {
                let Some(joint) = joints.iter().position(|id| id.index() == j) else { continue };
                let z = data.joint_axis[j].normalized_or(Vec3::Z);
                axes.push(Axis { joint, parent: carrier, z, anchor: data.joint_anchor[j] });
                carrier = Some(axes.len() - 1);
            }
            frame_of[b] = carrier;
        }
        let square = |one: Vec3, two: Vec3| {
            let x = one.cross(two);
            (x.norm() > PARALLEL).then(|| x.normalized_or(Vec3::X))
        };
        let mut places: Vec<Placement> = Vec::new();
        for (k, axis) in axes.iter().enumerate() {
            let joint = &model.joints[joints[axis.joint].index()];
            let hinge = joint.kind == JointKind::Hinge;
            let x_before = match axis.parent {
                Some(p) => square(axes[p].z, axis.z).unwrap_or_else(|| places[p].rotation.column(0)),
                None => axis.z.complete_frame().0,
            };
            let child = axes.iter().find(|a| a.parent == Some(k));
            let x_after = child.filter(|_| hinge).and_then(|c| square(axis.z, c.z)).unwrap_or(x_before);
            let at = |x: Vec3| {
                let y = axis.z.cross(x).normalized_or(Vec3::Y);
                Placement { position: axis.anchor, rotation: Mat3::from_columns(y.cross(axis.z), y, axis.z) }
            };
            let before = at(x_before);
            let (rotation, origin) = match axis.parent {
                Some(parent) => relative(&places[parent], &before),
                None => (before.rotation, before.position),
            };
            let turn = real::atan2(axis.z.cross(x_before).dot(x_after), x_before.dot(x_after));
            let reference = rest[joint.q_start as usize] - turn;
            self.frames.push(Frame { joint: axis.joint, parent: axis.parent, hinge, rotation, origin, reference });
            places.push(at(x_after));
        }
        (places, frame_of)
    }

    fn take_links(
        &mut self,
        model: &Model,
        options: &Options,
        data: &Data,
        places: &[Placement],
        frame_of: &[Option<usize>],
    ) -> Result<(), ModelError> {
        let world = Placement { position: Vec3::ZERO, rotation: Mat3::IDENTITY };
        for (b, body) in model.bodies.iter().enumerate() {
            let frame = frame_of[b];
            let carrier = frame.map_or(&world, |f| &places[f]);
            let colliding = |m: &Model, b: usize| {
                let body = &m.bodies[b];
                let range = body.geom_start as usize..(body.geom_start + body.geom_count) as usize;
                range.filter(|&g| m.geoms[g].contype != 0 || m.geoms[g].conaffinity != 0).collect::<Vec<_>>()
            };
            let (mut shapes, mut fits) = (Vec::new(), Vec::new());
            let mut balls: Vec<Ball> = Vec::new();
            for g in colliding(model, b) {
                let (rotation, position) = relative(carrier, &data.geom[g]);
                let at = Placement { position, rotation };
                let shape = &model.geoms[g].shape;
                if matches!(shape, Shape::Plane { .. } | Shape::HeightField(_)) {
                    return Err(ModelError::Endless(body.name.clone()));
                }
                if !good(shape, &at) {
                    return Err(ModelError::Shape(body.name.clone()));
                }
                let parts = if let Shape::Mesh(mesh) = shape { parts::parts(mesh) } else { None };
                let Some(parts) = parts else {
                    shapes.push((shape.clone(), at));
                    fits.push(options.fit);
                    continue;
                };
                let most = usize::max(options.fit.most / parts.len(), 2);
                for part in parts {
                    let Pose { position, rotation } = part.file_from_mesh;
                    let at = Placement { position: at.apply(position), rotation: at.rotation * rotation.to_mat() };
                    shapes.push((Shape::Mesh(Arc::new(part)), at));
                    fits.push(Fit { most, ..options.fit });
                }
            }
            if let Some(other) = options.balls {
                let at = Placement { position: data.body_pose[b].position, rotation: data.body_rotation[b] };
                let (rotation, position) = relative(carrier, &at);
                let link = Placement { position, rotation };
                let same = other.body_named(&body.name);
                for g in same.map(|o| colliding(other, o.index())).unwrap_or_default() {
                    let geom = &other.geoms[g];
                    let at = Placement { position: geom.pose.position, rotation: geom.pose.rotation.to_mat() };
                    if !good(&geom.shape, &at) {
                        return Err(ModelError::Shape(body.name.clone()));
                    }
                    let fitted = cover::cover(&geom.shape, &options.fit).ok_or_else(|| ModelError::Endless(body.name.clone()))?;
                    balls.extend(fitted.iter().map(|ball| Ball { center: link.apply(at.apply(ball.center)), ..*ball }));
                }
            }
            if balls.is_empty() {
                for ((shape, at), fit) in shapes.iter().zip(&fits) {
                    let fitted = cover::cover(shape, fit).unwrap_or_default();
                    balls.extend(fitted.iter().map(|ball| Ball { center: at.apply(ball.center), ..*ball }));
                }
            } else if shapes.is_empty() {
                // Nothing better is known: the balls are the shape.
                let ball =
                    |b: &Ball| (Shape::Sphere { radius: b.radius }, Placement { position: b.center, rotation: Mat3::IDENTITY });
                shapes.extend(balls.iter().map(ball));
            }
            if balls.is_empty() {
                continue;
            }
            let mut bound = cover::around_balls(&balls);
            bound.radius += cover::ROUNDING_M;
            self.links.push(Link {
                name: body.name.to_string(),
                frame,
                bound,
                first: self.balls.len(),
                count: balls.len(),
                shapes,
            });
            self.balls.extend(balls);
            if self.links.len() > MOST_LINKS || self.balls.len() > MOST_BALLS {
                return Err(ModelError::TooMany { links: self.links.len(), balls: self.balls.len() });
            }
        }
        Ok(())
    }

    /// Puts links of one frame in a row, and balls in the order of their links.
    fn sort_links(&mut self) {
        self.links.sort_by_key(|link| link.frame);
        let mut balls = Vec::with_capacity(self.balls.len());
        for link in &mut self.links {
            let range = link.first..link.first + link.count;
            link.first = balls.len();
            balls.extend_from_slice(&self.balls[range]);
        }
        self.balls = balls;
    }

    /// Writes the world placement of every frame at configuration `q`, in double precision.
    ///
    /// # Panics
    /// If `q` has the wrong length.
    pub fn place(&self, q: &[f64], out: &mut Vec<Placement>) {
        assert_eq!(q.len(), self.len(), "one number for each planned joint");
        out.clear();
        for frame in &self.frames {
            let (rotation, origin) = match frame.parent {
                Some(parent) => (out[parent].rotation * frame.rotation, out[parent].apply(frame.origin)),
                None => (frame.rotation, frame.origin),
            };
            let moved = q[frame.joint] - frame.reference;
            out.push(if frame.hinge {
                let (s, c) = real::sin_cos(moved);
                let turn = Mat3([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]);
                Placement { position: origin, rotation: rotation * turn }
            } else {
                Placement { position: origin + rotation.column(2) * moved, rotation }
            });
        }
    }
}

/// `at` seen from `from`.
fn relative(from: &Placement, at: &Placement) -> (Mat3, Vec3) {
    (from.rotation.transpose() * at.rotation, from.rotation.transpose_mul(at.position - from.position))
}

/// True for a bounded shape with a size, near enough.
pub(super) fn good(shape: &Shape, at: &Placement) -> bool {
    let positive = match shape {
        Shape::Plane { .. } | Shape::HeightField(_) => false,
        Shape::Sphere { radius } => *radius > 0.0,
        Shape::Capsule { radius, half_length } => *radius > 0.0 && *half_length >= 0.0,
        Shape::Cylinder { radius, half_length } => *radius > 0.0 && *half_length > 0.0,
        Shape::Box { half: v } | Shape::Ellipsoid { radii: v } => v.x > 0.0 && v.y > 0.0 && v.z > 0.0,
        Shape::Bore { half: v, radius, depth } => v.x > *radius && v.y > *radius && v.z > 0.0 && *radius > 0.0 && *depth > 0.0,
        Shape::Mesh(mesh) => !mesh.hull().corners.is_empty(),
    };
    positive && shape.bounding_radius() <= LARGEST && at.is_finite() && at.position.norm() <= LARGEST
}
