//! The flat, immutable model.
//!
//! Bodies stand in depth-first order, so a parent's number is below its children's and every subtree, and every kinematic
//! tree's degrees of freedom, are one contiguous range. Body 0 is the world.
//!
//! | coordinates | position part of `q` | part of `v` |
//! |---|---|---|
//! | free | position in the world [m], quaternion (w, x, y, z): 7 | linear in the world [m/s], angular in the body [rad/s]: 6 |
//! | ball | quaternion: 4 | angular in the body [rad/s]: 3 |
//! | slide, hinge | m or rad: 1 | m/s or rad/s: 1 |
//!
//! These are MuJoCo's conventions, so that states, key frames and controllers of its users mean the same here.

use crate::option::{Options, SolImp, SolRef};
use crate::spec::{CONTACT_FIELDS, ContactWatch, Nearness, RAY_FIELDS, Watched, width};
use crate::spec::{Drive, Growth, JointKind, SuctionFigures, Surface, TendonPoint};
use alloc::string::String;
use alloc::vec::Vec;
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index into the model's table.
            #[inline]
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        })*
    };
}

ids! {
    /// Number of a body; 0 is the world.
    BodyId;
    /// Number of a joint.
    JointId;
    /// Number of a degree of freedom: an index into `v`.
    DofId;
    /// Number of a geom.
    GeomId;
    /// Number of a site.
    SiteId;
    /// Number of a camera.
    CameraId;
    /// Number of a tendon.
    TendonId;
    /// Number of an actuator.
    ActuatorId;
    /// Number of a suction cup.
    SuctionId;
    /// Number of a kinematic tree: bodies that move together with one chain of degrees of freedom.
    TreeId;
}

/// A rigid body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Name; may be empty.
    pub name: String,
    /// Parent; the world is its own.
    pub parent: BodyId,
    /// The ancestor (or self) that hangs directly on the world; the world for itself.
    pub root: BodyId,
    /// The body this one is rigidly joined to, going up; itself if it has joints.
    pub weld: BodyId,
    /// `parent_from_body` with every joint at its reference.
    pub pose: Pose,
    /// Center of mass [m], in the body.
    pub com: Vec3,
    /// Principal axes of inertia, in the body.
    pub inertia_rotation: Quat,
    /// Mass [kg].
    pub mass: f64,
    /// Principal inertia [kg·m²] about the center of mass.
    pub inertia: Vec3,
    /// Mass of this body and everything below [kg].
    pub subtree_mass: f64,
    /// First joint.
    pub joint_start: u32,
    /// Number of joints.
    pub joint_count: u32,
    /// First degree of freedom.
    pub dof_start: u32,
    /// Number of degrees of freedom.
    pub dof_count: u32,
    /// The last degree of freedom of this body or its ancestors.
    pub last_dof: Option<DofId>,
    /// First geom.
    pub geom_start: u32,
    /// Number of geoms.
    pub geom_count: u32,
    /// Place among the bodies moved by the program.
    pub mocap: Option<u32>,
    /// Share of the weight that is compensated.
    pub gravity_compensation: f64,
    /// Kinematic tree; none for bodies fixed to the world.
    pub tree: Option<TreeId>,
    /// Bodies below this one, including itself, are this many, consecutively numbered.
    pub subtree_count: u32,
}

/// A joint.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Name; may be empty.
    pub name: String,
    /// Kind.
    pub kind: JointKind,
    /// Body that it moves.
    pub body: BodyId,
    /// First coordinate in `q`.
    pub q_start: u32,
    /// First degree of freedom in `v`.
    pub v_start: u32,
    /// Anchor [m], in the body.
    pub position: Vec3,
    /// Unit axis, in the body.
    pub axis: Vec3,
    /// Limits [rad or m].
    pub range: Option<[f64; 2]>,
    /// Distance from the limit at which it acts.
    pub margin: f64,
    /// Limit stiffness.
    pub solref_limit: SolRef,
    /// Limit impedance.
    pub solimp_limit: SolImp,
    /// Spring stiffness.
    pub stiffness: f64,
    /// Quadratic and cubic stiffness.
    pub stiffness_growth: Growth,
    /// Time constant [s] and damping ratio of a spring and damper that are still to be added, from the inertia that the joint
    /// feels at the reference configuration.
    pub spring_damper: Option<[f64; 2]>,
    /// Limits of the total actuator force.
    pub actuator_force_range: Option<[f64; 2]>,
    /// Its actuators bear the compensation of weight.
    pub actuators_compensate: bool,
}

/// A degree of freedom.
#[derive(Clone, Debug)]
pub struct Dof {
    /// Body.
    pub body: BodyId,
    /// Joint.
    pub joint: JointId,
    /// The next degree of freedom towards the world.
    pub parent: Option<DofId>,
    /// Kinematic tree.
    pub tree: TreeId,
    /// Rotor inertia.
    pub armature: f64,
    /// Damping.
    pub damping: f64,
    /// Quadratic and cubic damping.
    pub damping_growth: Growth,
    /// Dry friction.
    pub frictionloss: f64,
    /// Friction stiffness.
    pub solref: SolRef,
    /// Friction impedance.
    pub solimp: SolImp,
    /// First entry of this row in the packed mass matrix.
    pub row_start: u32,
    /// Length of the row: the number of degrees of freedom from the tree's root to this one.
    pub row_len: u32,
}

/// A kinematic tree.
#[derive(Clone, Debug)]
pub struct Tree {
    /// First degree of freedom.
    pub dof_start: u32,
    /// Number of degrees of freedom.
    pub dof_count: u32,
    /// First body.
    pub body_start: u32,
    /// Number of bodies.
    pub body_count: u32,
    /// Moved by an actuator or tied by a tendon: never sleeps.
    pub driven: bool,
}

/// A shape on a body.
#[derive(Clone, Debug)]
pub struct Geom {
    /// Name; may be empty.
    pub name: String,
    /// Body.
    pub body: BodyId,
    /// Shape.
    pub shape: Shape,
    /// `body_from_geom`.
    pub pose: Pose,
    /// Bits this geom offers.
    pub contype: u32,
    /// Bits this geom meets.
    pub conaffinity: u32,
    /// Group.
    pub group: i32,
    /// Priority.
    pub priority: i32,
    /// Weight when surfaces are mixed.
    pub solmix: f64,
    /// Surface.
    pub surface: Surface,
    /// Coefficients of its drag and lift as an ellipsoid in the medium.
    pub fluid: Option<[f64; 5]>,
    /// Color.
    pub rgba: [f32; 4],
}

/// A marked frame.
#[derive(Clone, Debug)]
pub struct Site {
    /// Name; may be empty.
    pub name: String,
    /// Body.
    pub body: BodyId,
    /// `body_from_site`.
    pub pose: Pose,
    /// Shape, for touch sensors and drawing.
    pub shape: Shape,
    /// Group.
    pub group: i32,
    /// Color.
    pub rgba: [f32; 4],
}

/// A camera's frame: it looks along −z, y up.
#[derive(Clone, Debug)]
pub struct Camera {
    /// Name; may be empty.
    pub name: String,
    /// Body.
    pub body: BodyId,
    /// `body_from_camera`.
    pub pose: Pose,
}

/// A pair of geoms that may touch, with its surface.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The geoms.
    pub geoms: [GeomId; 2],
    /// Contact dimensions.
    pub condim: u8,
    /// Friction: two sliding, one torsional, two rolling.
    pub friction: [f64; 5],
    /// Stiffness.
    pub solref: SolRef,
    /// Stiffness of friction rows; all zero means the same as `solref`.
    pub solref_friction: SolRef,
    /// Impedance.
    pub solimp: SolImp,
    /// Distance [m] below which contacts act.
    pub margin: f64,
    /// Distance [m] beyond the margin in which contacts are found but give no force.
    pub gap: f64,
}

/// An equality constraint.
#[derive(Clone, Debug)]
pub struct Equality {
    /// Name; may be empty.
    pub name: String,
    /// What it ties.
    pub kind: EqualityTie,
    /// Acts from the start.
    pub active: bool,
    /// Stiffness.
    pub solref: SolRef,
    /// Impedance.
    pub solimp: SolImp,
}

/// What an equality constraint ties, by number.
#[derive(Clone, Debug)]
pub enum EqualityTie {
    /// Points of two bodies coincide.
    Connect {
        /// The bodies.
        bodies: [BodyId; 2],
        /// The point in each body [m]; the second is found from the reference configuration.
        anchors: [Vec3; 2],
    },
    /// Two bodies keep their relative pose.
    Weld {
        /// The bodies.
        bodies: [BodyId; 2],
        /// The point in body two [m].
        anchor: Vec3,
        /// `one_from_two`.
        relative: Pose,
        /// Weight of rotation [m].
        torque_scale: f64,
    },
    /// A joint follows another, or a constant.
    Joint {
        /// The joints.
        joints: (JointId, Option<JointId>),
        /// Coefficients.
        polynomial: [f64; 5],
    },
    /// A tendon follows another, or a constant.
    Tendon {
        /// The tendons.
        tendons: (TendonId, Option<TendonId>),
        /// Coefficients.
        polynomial: [f64; 5],
    },
}

/// A tendon, fixed or spatial.
#[derive(Clone, Debug)]
pub struct Tendon {
    /// Name; may be empty.
    pub name: String,
    /// Joints (scalar) and weights of a fixed tendon.
    pub joints: Vec<(JointId, f64)>,
    /// Stations of a spatial tendon; empty for a fixed one.
    pub path: Vec<TendonPoint<SiteId, GeomId>>,
    /// Degrees of freedom that a spatial tendon may pull on, ascending.
    pub columns: Vec<DofId>,
    /// Where a spatial tendon's moments stand among those of all.
    pub moment_start: u32,
    /// Limits.
    pub range: Option<[f64; 2]>,
    /// Limits of the total force of its actuators.
    pub actuator_force_range: Option<[f64; 2]>,
    /// Stiffness.
    pub stiffness: f64,
    /// Quadratic and cubic stiffness.
    pub stiffness_growth: Growth,
    /// Damping.
    pub damping: f64,
    /// Quadratic and cubic damping.
    pub damping_growth: Growth,
    /// Dry friction.
    pub frictionloss: f64,
    /// Inertia.
    pub armature: f64,
    /// Band of lengths in which the spring rests; if absent, the length at [`Model::q_spring`].
    pub spring_length: Option<[f64; 2]>,
    /// Margin.
    pub margin: f64,
    /// Limit stiffness.
    pub solref_limit: SolRef,
    /// Limit impedance.
    pub solimp_limit: SolImp,
    /// Friction stiffness.
    pub solref_friction: SolRef,
    /// Friction impedance.
    pub solimp_friction: SolImp,
}

/// What an actuator pulls on, by number.
#[derive(Clone, Copy, Debug)]
pub enum Transmission {
    /// A joint, force in the child's frame.
    Joint(JointId),
    /// A joint, force in the parent's frame.
    JointInParent(JointId),
    /// A tendon.
    Tendon(TendonId),
    /// A site, in its own frame or a reference site's.
    Site(SiteId, Option<SiteId>),
    /// Crank, slider, and length of the rod between them [m].
    SliderCrank(SiteId, SiteId, f64),
    /// All contacts of a body.
    Body(BodyId),
}

/// An actuator.
#[derive(Clone, Debug)]
pub struct Actuator {
    /// Name; may be empty.
    pub name: String,
    /// What it pulls on.
    pub transmission: Transmission,
    /// How control becomes force.
    pub drive: Drive,
    /// Place of the first control.
    pub ctrl: u32,
    /// Place of the first activation, if there is one.
    pub act: Option<u32>,
}

/// A frame that a sensor watches, by number.
#[derive(Clone, Copy, Debug)]
pub enum Frame {
    /// A body's inertial frame.
    BodyInertial(BodyId),
    /// A body's frame.
    Body(BodyId),
    /// A geom.
    Geom(GeomId),
    /// A site.
    Site(SiteId),
    /// A camera.
    Camera(CameraId),
}

/// What a sensor measures, by number.
#[derive(Clone, Copy, Debug)]
pub enum Measure {
    /// Coordinate of a scalar joint.
    JointPosition(JointId),
    /// Velocity of a scalar joint.
    JointVelocity(JointId),
    /// Actuator force on a scalar joint.
    JointActuatorForce(JointId),
    /// Tendon length.
    TendonPosition(TendonId),
    /// Tendon velocity.
    TendonVelocity(TendonId),
    /// Transmission length.
    ActuatorPosition(ActuatorId),
    /// Transmission velocity.
    ActuatorVelocity(ActuatorId),
    /// Actuator force.
    ActuatorForce(ActuatorId),
    /// Orientation of a ball joint.
    BallQuaternion(JointId),
    /// Angular velocity of a ball joint.
    BallAngularVelocity(JointId),
    /// Violation of a limit.
    JointLimitPosition(JointId),
    /// Velocity of a limit.
    JointLimitVelocity(JointId),
    /// Force of a limit.
    JointLimitForce(JointId),
    /// Violation of a tendon's limit.
    TendonLimitPosition(TendonId),
    /// Velocity of a tendon's limit.
    TendonLimitVelocity(TendonId),
    /// Force of a tendon's limit.
    TendonLimitForce(TendonId),
    /// Total actuator force on a tendon.
    TendonActuatorForce(TendonId),
    /// Position.
    FramePosition(Frame, Option<Frame>),
    /// Orientation.
    FrameQuaternion(Frame, Option<Frame>),
    /// One axis.
    FrameAxis(Frame, Option<Frame>, u8),
    /// Linear velocity.
    FrameLinearVelocity(Frame, Option<Frame>),
    /// Angular velocity.
    FrameAngularVelocity(Frame, Option<Frame>),
    /// Linear acceleration.
    FrameLinearAcceleration(Frame),
    /// Angular acceleration.
    FrameAngularAcceleration(Frame),
    /// Proper acceleration.
    Accelerometer(SiteId),
    /// Angular velocity.
    Gyro(SiteId),
    /// Linear velocity.
    Velocimeter(SiteId),
    /// Force on the child.
    Force(SiteId),
    /// Torque on the child.
    Torque(SiteId),
    /// Normal contact forces inside a site.
    Touch(SiteId),
    /// Magnetic flux.
    Magnetometer(SiteId),
    /// What a ray along the site's z axis meets.
    Rangefinder(SiteId, u16),
    /// Whether a frame's origin is inside a site.
    InsideSite(Frame, SiteId),
    /// Where geoms come closest.
    Nearest([Watched<GeomId, BodyId>; 2], Nearness),
    /// Contacts.
    Contact(ContactWatch<GeomId, BodyId, SiteId>),
    /// Center of mass.
    SubtreeCenter(BodyId),
    /// Velocity of the center of mass.
    SubtreeLinearVelocity(BodyId),
    /// Angular momentum.
    SubtreeAngularMomentum(BodyId),
    /// Energy of gravity and springs.
    PotentialEnergy,
    /// Energy of motion.
    KineticEnergy,
    /// Time.
    Clock,
}

impl Measure {
    /// How many numbers a reading has.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::JointPosition(_)
            | Self::JointVelocity(_)
            | Self::JointActuatorForce(_)
            | Self::TendonPosition(_)
            | Self::TendonVelocity(_)
            | Self::ActuatorPosition(_)
            | Self::ActuatorVelocity(_)
            | Self::ActuatorForce(_)
            | Self::JointLimitPosition(_)
            | Self::JointLimitVelocity(_)
            | Self::JointLimitForce(_)
            | Self::TendonLimitPosition(_)
            | Self::TendonLimitVelocity(_)
            | Self::TendonLimitForce(_)
            | Self::TendonActuatorForce(_)
            | Self::Touch(_)
            | Self::InsideSite(..)
            | Self::Nearest(_, Nearness::Distance)
            | Self::PotentialEnergy
            | Self::KineticEnergy
            | Self::Clock => 1,
            Self::BallQuaternion(_) | Self::FrameQuaternion(..) => 4,
            Self::Nearest(_, Nearness::Ends) => 6,
            Self::Rangefinder(_, fields) => width(&RAY_FIELDS, *fields),
            Self::Contact(watch) => usize::from(watch.count) * width(&CONTACT_FIELDS, watch.fields),
            _ => 3,
        }
    }
    /// A reading is never empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// A sensor.
#[derive(Clone, Debug)]
pub struct Sensor {
    /// Name; may be empty.
    pub name: String,
    /// What it measures.
    pub measure: Measure,
    /// First number in the readings.
    pub start: u32,
    /// Clip at ± this if positive.
    pub cutoff: f64,
    /// Declared standard deviation.
    pub noise: f64,
}

/// A suction cup.
#[derive(Clone, Debug)]
pub struct Suction {
    /// Name; may be empty.
    pub name: String,
    /// Site in the middle of the lip, z outward.
    pub site: SiteId,
    /// Figures.
    pub figures: SuctionFigures,
}

/// A stored state.
#[derive(Clone, Debug)]
pub struct Keyframe {
    /// Name; may be empty.
    pub name: String,
    /// Time [s].
    pub time_s: f64,
    /// Coordinates.
    pub q: Vec<f64>,
    /// Velocities.
    pub v: Vec<f64>,
    /// Activations.
    pub act: Vec<f64>,
    /// Controls.
    pub ctrl: Vec<f64>,
    /// Mocap poses.
    pub mocap: Vec<Pose>,
}

/// Robots and their world, ready to be stepped. Never changes.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Name.
    pub name: String,
    /// Options.
    pub option: Options,
    /// Length of `q`.
    pub nq: usize,
    /// Length of `v`.
    pub nv: usize,
    /// Number of activations.
    pub na: usize,
    /// Number of controls.
    pub nu: usize,
    /// Number of bodies moved by the program.
    pub nmocap: usize,
    /// Length of the sensor readings.
    pub nsensordata: usize,
    /// Length of the packed mass matrix.
    pub nm: usize,
    /// Bodies, depth first.
    pub bodies: Vec<Body>,
    /// Joints.
    pub joints: Vec<Joint>,
    /// Degrees of freedom.
    pub dofs: Vec<Dof>,
    /// Kinematic trees.
    pub trees: Vec<Tree>,
    /// Geoms.
    pub geoms: Vec<Geom>,
    /// Sites.
    pub sites: Vec<Site>,
    /// Cameras.
    pub cameras: Vec<Camera>,
    /// Explicit contact pairs.
    pub pairs: Vec<Pair>,
    /// Pairs of bodies that never collide, smaller number first, sorted.
    pub excludes: Vec<[BodyId; 2]>,
    /// Equality constraints.
    pub equalities: Vec<Equality>,
    /// Tendons.
    pub tendons: Vec<Tendon>,
    /// Number of moments of spatial tendons.
    pub ntendonmoment: usize,
    /// Actuators.
    pub actuators: Vec<Actuator>,
    /// Sensors.
    pub sensors: Vec<Sensor>,
    /// Suction cups.
    pub suctions: Vec<Suction>,
    /// Stored states.
    pub keyframes: Vec<Keyframe>,
    /// Reference configuration.
    pub q0: Vec<f64>,
    /// Configuration at which joint springs rest.
    pub q_spring: Vec<f64>,
    /// Columns of the packed mass matrix: for each row the chain from the tree's root to the row's own degree of freedom.
    pub mass_columns: Vec<u32>,
}

macro_rules! by_name {
    ($($(#[$doc:meta])* $method:ident, $table:ident, $id:ident;)*) => {
        impl Model {
            $($(#[$doc])*
            #[must_use]
            pub fn $method(&self, name: &str) -> Option<$id> {
                self.$table.iter().position(|e| e.name == name).map(|i| $id(i as u32))
            })*
        }
    };
}

by_name! {
    /// The body called `name`.
    body_named, bodies, BodyId;
    /// The joint called `name`.
    joint_named, joints, JointId;
    /// The geom called `name`.
    geom_named, geoms, GeomId;
    /// The site called `name`.
    site_named, sites, SiteId;
    /// The tendon called `name`.
    tendon_named, tendons, TendonId;
    /// The actuator called `name`.
    actuator_named, actuators, ActuatorId;
    /// The suction cup called `name`.
    suction_named, suctions, SuctionId;
}

impl Model {
    /// True if `body` is `ancestor` or hangs below it.
    #[must_use]
    pub fn is_below(&self, body: BodyId, ancestor: BodyId) -> bool {
        let start = ancestor.0;
        body.0 >= start && body.0 < start + self.bodies[ancestor.index()].subtree_count
    }
    /// The stored state called `name`.
    #[must_use]
    pub fn keyframe(&self, name: &str) -> Option<&Keyframe> {
        self.keyframes.iter().find(|k| k.name == name)
    }
}
