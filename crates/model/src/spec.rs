//! What a description file says, as a tree.
//!
//! Class defaults, includes, angle units and orientation forms are resolved by the reader; lengths are meters and angles
//! radians. Names refer, as in the file; [`Spec::build`] resolves them.

use crate::option::{Options, SolImp, SolRef};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use leitai_geometry::Shape;
use leitai_math::{Mat3, Pose, Vec3};

/// Tendons and actuators.
mod drive;

/// What sensors of contacts, nearness and rays watch.
mod watch;

pub use drive::{
    ActuatorDynamics, ActuatorSpec, Affine, Drive, Growth, Law, MuscleCurve, Pid, TendonPoint, TendonSpec, TransmissionSpec,
};
pub use watch::{CONTACT_FIELDS, ContactWatch, Nearness, RAY_FIELDS, Reduce, Watched, width};

/// Where in which file an element stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// File as the user named it; empty for elements made by a program.
    pub file: Arc<str>,
    /// Line, from one; zero for elements made by a program.
    pub line: u32,
}

impl Default for Source {
    fn default() -> Self {
        Self { file: Arc::from(""), line: 0 }
    }
}

impl core::fmt::Display for Source {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.line == 0 { write!(f, "(generated)") } else { write!(f, "{}:{}", self.file, self.line) }
    }
}

/// One description: a tree of bodies and what refers to them.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// The model's name.
    pub name: String,
    /// Options of the simulation.
    pub option: Options,
    /// How masses and inertias are inferred.
    pub inertia: InertiaRules,
    /// The world and everything in it.
    pub world: BodySpec,
    /// Contact pairs with their own parameters.
    pub pairs: Vec<PairSpec>,
    /// Pairs of bodies that never collide.
    pub excludes: Vec<ExcludeSpec>,
    /// Equality constraints.
    pub equalities: Vec<EqualitySpec>,
    /// Tendons.
    pub tendons: Vec<TendonSpec>,
    /// Actuators.
    pub actuators: Vec<ActuatorSpec>,
    /// Sensors.
    pub sensors: Vec<SensorSpec>,
    /// Suction cups.
    pub suctions: Vec<SuctionSpec>,
    /// Stored states.
    pub keyframes: Vec<KeyframeSpec>,
}

/// When geoms give a body its inertia.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InertiaFromGeom {
    /// Only where the file gives none.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How masses and inertias are inferred and bounded.
#[derive(Clone, Debug, PartialEq)]
pub struct InertiaRules {
    /// When geoms give a body its inertia.
    pub from_geom: InertiaFromGeom,
    /// Groups of geoms that count.
    pub groups: [i32; 2],
    /// Least mass [kg] of a body other than the world.
    pub bound_mass: f64,
    /// Least diagonal inertia [kg·m²] of a body other than the world.
    pub bound_inertia: f64,
    /// Replace inertias that break the triangle inequality by their mean.
    pub balance: bool,
    /// Scale everything to this total mass [kg] if it is positive.
    pub total_mass: f64,
}

impl Default for InertiaRules {
    fn default() -> Self {
        Self {
            from_geom: InertiaFromGeom::Auto,
            groups: [0, 5],
            bound_mass: 0.0,
            bound_inertia: 0.0,
            balance: false,
            total_mass: -1.0,
        }
    }
}

/// A rigid body.
#[derive(Clone, Debug, Default)]
pub struct BodySpec {
    /// Name; may be empty.
    pub name: String,
    /// `parent_from_body` with every joint at its reference.
    pub pose: Pose,
    /// Moved by the program, not by forces.
    pub mocap: bool,
    /// Share of the body's weight that is compensated.
    pub gravity_compensation: f64,
    /// Inertia, if given.
    pub inertial: Option<InertialSpec>,
    /// Joints to the parent, outermost first.
    pub joints: Vec<JointSpec>,
    /// Shapes.
    pub geoms: Vec<GeomSpec>,
    /// Marked frames.
    pub sites: Vec<SiteSpec>,
    /// Frames of cameras.
    pub cameras: Vec<CameraSpec>,
    /// Children.
    pub bodies: Vec<BodySpec>,
    /// Where it stood.
    pub source: Source,
}

/// Inertia as the file gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct InertialSpec {
    /// Mass [kg].
    pub mass: f64,
    /// `body_from_inertial`: center of mass and orientation of the axes of `inertia`.
    pub pose: Pose,
    /// Inertia [kg·m²] about the center of mass in the axes of `pose`.
    pub inertia: Mat3,
}

/// The kinds of joints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JointKind {
    /// Six degrees of freedom.
    Free,
    /// Three rotations.
    Ball,
    /// Translation along the axis.
    Slide,
    /// Rotation about the axis.
    #[default]
    Hinge,
}

/// A joint.
#[derive(Clone, Debug)]
pub struct JointSpec {
    /// Name; may be empty.
    pub name: String,
    /// Kind.
    pub kind: JointKind,
    /// Anchor [m], in the body.
    pub position: Vec3,
    /// Axis, in the body; any length but zero.
    pub axis: Vec3,
    /// Limits [rad or m]; a ball's are (0, largest angle).
    pub range: Option<[f64; 2]>,
    /// Coordinate at the drawn pose [rad or m].
    pub reference: f64,
    /// Coordinate at which the spring is at rest [rad or m].
    pub spring_reference: f64,
    /// Stiffness [N·m/rad or N/m].
    pub stiffness: f64,
    /// Stiffness that grows with the square and the cube of the displacement.
    pub stiffness_growth: Growth,
    /// Damping [N·m·s/rad or N·s/m].
    pub damping: f64,
    /// Damping that grows with the square and the cube of the speed.
    pub damping_growth: Growth,
    /// Time constant [s] and damping ratio of the spring and damper that are added to these, from the inertia that the joint
    /// feels at the reference configuration.
    pub spring_damper: Option<[f64; 2]>,
    /// Inertia of the rotor as seen at the joint [kg·m² or kg].
    pub armature: f64,
    /// Dry friction [N·m or N].
    pub frictionloss: f64,
    /// Distance [rad or m] from the limit at which the limit acts.
    pub margin: f64,
    /// Limit stiffness.
    pub solref_limit: SolRef,
    /// Limit impedance.
    pub solimp_limit: SolImp,
    /// Friction-loss stiffness.
    pub solref_friction: SolRef,
    /// Friction-loss impedance.
    pub solimp_friction: SolImp,
    /// Limits of the total actuator force on this joint [N·m or N].
    pub actuator_force_range: Option<[f64; 2]>,
    /// Its actuators bear the compensation of weight, within their limits.
    pub actuators_compensate: bool,
    /// Where it stood.
    pub source: Source,
}

impl Default for JointSpec {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: JointKind::Hinge,
            position: Vec3::ZERO,
            axis: Vec3::Z,
            range: None,
            reference: 0.0,
            spring_reference: 0.0,
            stiffness: 0.0,
            stiffness_growth: Growth::default(),
            damping: 0.0,
            damping_growth: Growth::default(),
            spring_damper: None,
            armature: 0.0,
            frictionloss: 0.0,
            margin: 0.0,
            solref_limit: SolRef::default(),
            solimp_limit: SolImp::default(),
            solref_friction: SolRef::default(),
            solimp_friction: SolImp::default(),
            actuator_force_range: None,
            actuators_compensate: false,
            source: Source::default(),
        }
    }
}

/// Where a geom's mass comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GeomMass {
    /// Volume times this density [kg/m³].
    Density(f64),
    /// This mass [kg].
    Mass(f64),
}

/// Surface parameters of a geom or of a contact pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    /// Dimensions of the contact force: 1, 3, 4 or 6.
    pub condim: u8,
    /// Sliding (1), torsional [m] and rolling [m] friction.
    pub friction: [f64; 3],
    /// Stiffness.
    pub solref: SolRef,
    /// Impedance.
    pub solimp: SolImp,
    /// How far [m] the surface counts as inflated: contacts act below the sum of two geoms' margins.
    pub margin: f64,
    /// Distance [m] beyond the margin in which contacts are found but give no force.
    pub gap: f64,
}

impl Default for Surface {
    fn default() -> Self {
        Self {
            condim: 3,
            friction: [1.0, 0.005, 0.0001],
            solref: SolRef::default(),
            solimp: SolImp::default(),
            margin: 0.0,
            gap: 0.0,
        }
    }
}

/// A shape fixed to a body.
#[derive(Clone, Debug)]
pub struct GeomSpec {
    /// Name; may be empty.
    pub name: String,
    /// Shape. A mesh stands in its inertial frame; `pose` places the frame of its file.
    pub shape: Shape,
    /// `body_from_geom` (for a mesh: `body_from_file`).
    pub pose: Pose,
    /// Bits this geom offers.
    pub contype: u32,
    /// Bits this geom meets.
    pub conaffinity: u32,
    /// Drawing and inertia group.
    pub group: i32,
    /// The higher priority decides the surface of a pair.
    pub priority: i32,
    /// Weight when surfaces are mixed.
    pub solmix: f64,
    /// Surface.
    pub surface: Surface,
    /// Mass.
    pub mass: GeomMass,
    /// The mass is spread over the surface; a density is then one of area [kg/m²]. A mesh says it itself.
    pub shell: bool,
    /// Coefficients of its drag and lift as an ellipsoid in the medium: blunt, slender, angular, Kutta, Magnus.
    pub fluid: Option<[f64; 5]>,
    /// Color, red green blue alpha in [0, 1].
    pub rgba: [f32; 4],
    /// Where it stood.
    pub source: Source,
}

impl GeomSpec {
    /// A geom with MJCF's defaults: density 1000 kg/m³, collides with everything.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self {
            name: String::new(),
            shape,
            pose: Pose::IDENTITY,
            contype: 1,
            conaffinity: 1,
            group: 0,
            priority: 0,
            solmix: 1.0,
            surface: Surface::default(),
            mass: GeomMass::Density(1000.0),
            shell: false,
            fluid: None,
            rgba: [0.5, 0.5, 0.5, 1.0],
            source: Source::default(),
        }
    }
}

/// A marked frame on a body.
#[derive(Clone, Debug)]
pub struct SiteSpec {
    /// Name; may be empty.
    pub name: String,
    /// `body_from_site`.
    pub pose: Pose,
    /// Shape, for touch sensors and drawing.
    pub shape: Shape,
    /// Drawing group.
    pub group: i32,
    /// Color.
    pub rgba: [f32; 4],
    /// Where it stood.
    pub source: Source,
}

impl Default for SiteSpec {
    fn default() -> Self {
        Self {
            name: String::new(),
            pose: Pose::IDENTITY,
            shape: Shape::Sphere { radius: 0.005 },
            group: 0,
            rgba: [0.5, 0.5, 0.5, 1.0],
            source: Source::default(),
        }
    }
}

/// A camera's frame: it looks along −z, y up.
#[derive(Clone, Debug, Default)]
pub struct CameraSpec {
    /// Name; may be empty.
    pub name: String,
    /// `body_from_camera`.
    pub pose: Pose,
    /// Where it stood.
    pub source: Source,
}

/// A contact pair with its own surface: what is absent is MJCF's default, whatever the geoms say.
#[derive(Clone, Debug)]
pub struct PairSpec {
    /// Names of the two geoms.
    pub geoms: [String; 2],
    /// Contact dimensions.
    pub condim: Option<u8>,
    /// Five friction coefficients: two sliding, one torsional, two rolling.
    pub friction: Option<[f64; 5]>,
    /// Stiffness.
    pub solref: Option<SolRef>,
    /// Stiffness of friction rows (elliptic cones); all zero means the same as `solref`.
    pub solref_friction: Option<SolRef>,
    /// Impedance.
    pub solimp: Option<SolImp>,
    /// Distance [m] below which contacts act.
    pub margin: Option<f64>,
    /// Distance [m] beyond the margin in which contacts are found but give no force.
    pub gap: Option<f64>,
    /// Where it stood.
    pub source: Source,
}

/// Two bodies that never collide.
#[derive(Clone, Debug)]
pub struct ExcludeSpec {
    /// Names of the bodies.
    pub bodies: [String; 2],
    /// Where it stood.
    pub source: Source,
}

/// What an equality constraint ties together.
#[derive(Clone, Debug)]
pub enum EqualityKind {
    /// A point of body one stays on body two (the world if empty).
    Connect {
        /// The bodies' names.
        bodies: [String; 2],
        /// The point [m], in body one.
        anchor: Vec3,
    },
    /// Body two keeps its pose relative to body one.
    Weld {
        /// The bodies' names; the second may be empty for the world.
        bodies: [String; 2],
        /// The point [m] in body two at which translation is measured.
        anchor: Vec3,
        /// `one_from_two`; if absent, the pose at the reference configuration.
        relative: Option<Pose>,
        /// Weight of rotation against translation [m].
        torque_scale: f64,
    },
    /// Two sites' origins coincide, wherever they stand at the reference configuration.
    ConnectSites {
        /// The sites' names.
        sites: [String; 2],
    },
    /// Two sites' frames coincide, wherever they stand at the reference configuration.
    WeldSites {
        /// The sites' names.
        sites: [String; 2],
        /// Weight of rotation against translation [m].
        torque_scale: f64,
    },
    /// Joint one follows a polynomial of joint two (a constant if empty).
    Joint {
        /// The joints' names.
        joints: [String; 2],
        /// Coefficients of powers 0 to 4 of the second joint's way from its reference.
        polynomial: [f64; 5],
    },
    /// Tendon one follows a polynomial of tendon two.
    Tendon {
        /// The tendons' names; the second may be empty.
        tendons: [String; 2],
        /// Coefficients of powers 0 to 4.
        polynomial: [f64; 5],
    },
}

/// An equality constraint.
#[derive(Clone, Debug)]
pub struct EqualitySpec {
    /// Name; may be empty.
    pub name: String,
    /// What it ties.
    pub kind: EqualityKind,
    /// Acts from the start.
    pub active: bool,
    /// Stiffness.
    pub solref: SolRef,
    /// Impedance.
    pub solimp: SolImp,
    /// Where it stood.
    pub source: Source,
}

/// The kinds of frames a sensor can watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameOf {
    /// A body's inertial frame.
    BodyInertial(String),
    /// A body's frame.
    Body(String),
    /// A geom.
    Geom(String),
    /// A site.
    Site(String),
    /// A camera.
    Camera(String),
}

/// What a sensor measures.
#[derive(Clone, Debug, PartialEq)]
pub enum SensorKind {
    /// Coordinate of a scalar joint.
    JointPosition(String),
    /// Velocity of a scalar joint.
    JointVelocity(String),
    /// Total actuator force on a scalar joint.
    JointActuatorForce(String),
    /// Length of a tendon.
    TendonPosition(String),
    /// Velocity of a tendon.
    TendonVelocity(String),
    /// Length of an actuator's transmission.
    ActuatorPosition(String),
    /// Velocity of an actuator's transmission.
    ActuatorVelocity(String),
    /// Force of an actuator.
    ActuatorForce(String),
    /// Orientation of a ball joint (4 numbers).
    BallQuaternion(String),
    /// Angular velocity of a ball joint (3).
    BallAngularVelocity(String),
    /// Violation of a joint limit.
    JointLimitPosition(String),
    /// Velocity of a joint limit.
    JointLimitVelocity(String),
    /// Force of a joint limit.
    JointLimitForce(String),
    /// Violation of a tendon's limit.
    TendonLimitPosition(String),
    /// Velocity of a tendon's limit.
    TendonLimitVelocity(String),
    /// Force of a tendon's limit.
    TendonLimitForce(String),
    /// Total actuator force on a tendon.
    TendonActuatorForce(String),
    /// Position of a frame (3), relative to another if given.
    FramePosition(FrameOf, Option<FrameOf>),
    /// Orientation of a frame (4).
    FrameQuaternion(FrameOf, Option<FrameOf>),
    /// Axis 0, 1 or 2 of a frame (3).
    FrameAxis(FrameOf, Option<FrameOf>, u8),
    /// Linear velocity of a frame (3).
    FrameLinearVelocity(FrameOf, Option<FrameOf>),
    /// Angular velocity of a frame (3).
    FrameAngularVelocity(FrameOf, Option<FrameOf>),
    /// Linear acceleration of a frame (3).
    FrameLinearAcceleration(FrameOf),
    /// Angular acceleration of a frame (3).
    FrameAngularAcceleration(FrameOf),
    /// Proper acceleration at a site, in its frame (3).
    Accelerometer(String),
    /// Angular velocity at a site, in its frame (3).
    Gyro(String),
    /// Linear velocity at a site, in its frame (3).
    Velocimeter(String),
    /// Force between child and parent at a site, in its frame (3).
    Force(String),
    /// Torque between child and parent at a site, in its frame (3).
    Torque(String),
    /// Sum of normal contact forces inside a site's shape.
    Touch(String),
    /// Magnetic flux at a site, in its frame (3).
    Magnetometer(String),
    /// What a ray along a site's z axis meets: these of [`RAY_FIELDS`].
    Rangefinder(String, u16),
    /// Whether a frame's origin is inside a site.
    InsideSite(FrameOf, String),
    /// Where two geoms, or geoms of two bodies, come closest.
    Nearest([Watched<String, String>; 2], Nearness),
    /// Contacts.
    Contact(ContactWatch<String, String, String>),
    /// Center of mass of a subtree (3).
    SubtreeCenter(String),
    /// Velocity of a subtree's center of mass (3).
    SubtreeLinearVelocity(String),
    /// Angular momentum of a subtree about its center of mass (3).
    SubtreeAngularMomentum(String),
    /// Energy of gravity and springs [J], zero with every center of mass at the world's origin.
    PotentialEnergy,
    /// Energy of motion [J].
    KineticEnergy,
    /// Simulated time.
    Clock,
}

/// A sensor.
#[derive(Clone, Debug)]
pub struct SensorSpec {
    /// Name; may be empty.
    pub name: String,
    /// What it measures.
    pub kind: SensorKind,
    /// Readings are clipped to ± this, if positive.
    pub cutoff: f64,
    /// Standard deviation the file declares; applied by the program that reads, never by the physics.
    pub noise: f64,
    /// Where it stood.
    pub source: Source,
}

/// A suction cup. Its lip is made of ordinary geoms of the site's body, which push back and rub; this says how it seals, how
/// hard the air presses the surface against it, and what it can bear.
#[derive(Clone, Debug)]
pub struct SuctionSpec {
    /// Name; may be empty.
    pub name: String,
    /// Site in the middle of the lip, z outward.
    pub site: String,
    /// Figures.
    pub figures: SuctionFigures,
    /// Where it stood.
    pub source: Source,
}

/// What a suction cup is, as a data sheet says it. All positive; an infinite limit never breaks, zero `evacuate_s` is at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuctionFigures {
    /// Radius of the sealed area [m].
    pub radius_m: f64,
    /// Pressure below ambient at full vacuum [Pa].
    pub pressure_pa: f64,
    /// Share of pressure times area that holds.
    pub efficiency: f64,
    /// Greatest pull along the axis [N].
    pub pull_limit_n: f64,
    /// Greatest force across the axis [N].
    pub shear_limit_n: f64,
    /// Greatest moment across the axis [N·m].
    pub peel_limit_nm: f64,
    /// Greatest distance of any part of the lip from the surface that still seals [m].
    pub seal_distance_m: f64,
    /// Greatest angle between axis and surface normal that still seals [rad].
    pub seal_angle_rad: f64,
    /// Time from sealing to full vacuum [s].
    pub evacuate_s: f64,
}

/// A stored state; an empty list means the reference.
#[derive(Clone, Debug, Default)]
pub struct KeyframeSpec {
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
    /// Poses of mocap bodies.
    pub mocap: Vec<Pose>,
    /// Where it stood.
    pub source: Source,
}

impl Spec {
    /// The body called `name`, anywhere in the tree.
    #[must_use]
    pub fn body(&self, name: &str) -> Option<&BodySpec> {
        self.world.find(name)
    }
    /// The body called `name`, to be changed.
    pub fn body_mut(&mut self, name: &str) -> Option<&mut BodySpec> {
        self.world.find_mut(&|body| body.name == name)
    }
}

impl BodySpec {
    /// A body called `name` at `pose`.
    #[must_use]
    pub fn new(name: impl Into<String>, pose: Pose) -> Self {
        Self { name: name.into(), pose, ..Self::default() }
    }
    fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name { Some(self) } else { self.bodies.iter().find_map(|b| b.find(name)) }
    }
    /// The first body, parents before children, for which `wanted` holds.
    pub fn find_mut(&mut self, wanted: &dyn Fn(&Self) -> bool) -> Option<&mut Self> {
        if wanted(self) {
            return Some(self);
        }
        self.bodies.iter_mut().find_map(|b| b.find_mut(wanted))
    }
    /// Moves everything on this body, and what hangs on it, by `at`: the pose, in the new frame, of the frame they stood in.
    pub(crate) fn move_parts(&mut self, at: Pose) {
        let poses = self.bodies.iter_mut().map(|body| &mut body.pose);
        let poses = poses.chain(self.geoms.iter_mut().map(|geom| &mut geom.pose));
        let poses = poses.chain(self.sites.iter_mut().map(|site| &mut site.pose));
        poses.chain(self.cameras.iter_mut().map(|camera| &mut camera.pose)).for_each(|pose| *pose = at * *pose);
    }
    /// Moves all that is on or hangs on `other` to this body, where `other` stands at `at`.
    pub fn take_parts(&mut self, other: &mut Self, at: Pose) {
        other.move_parts(at);
        self.bodies.append(&mut other.bodies);
        self.geoms.append(&mut other.geoms);
        self.sites.append(&mut other.sites);
        self.cameras.append(&mut other.cameras);
    }
    /// Calls `visit` for this body and everything below, parents before children, with `world_from_body`.
    pub fn visit<'a>(&'a self, world_from_parent: Pose, visit: &mut dyn FnMut(&'a Self, Pose)) {
        let world_from_body = world_from_parent * self.pose;
        visit(self, world_from_body);
        for child in &self.bodies {
            child.visit(world_from_body, visit);
        }
    }
}
