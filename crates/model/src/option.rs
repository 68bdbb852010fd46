//! Options of the simulation, and the two numbers sets that say how stiff a constraint is.

use leitai_math::Vec3;

/// How the state advances over one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrator {
    /// Semi-implicit Euler, implicit in joint damping.
    #[default]
    Euler,
    /// Euler, implicit in every velocity-dependent joint and actuator force (symmetric part).
    ImplicitFast,
    /// Euler, implicit in every force that depends on velocity, Coriolis and centrifugal ones too.
    Implicit,
    /// Runge–Kutta of fourth order; constraint forces are recomputed at each stage.
    RungeKutta4,
    /// Adams–Bashforth–Moulton of third order where no constraint pushes, with the exact motion of free tops; `implicitfast`
    /// elsewhere. Keeps energy at one dynamics evaluation in each step. Ours: MuJoCo does not know it.
    Adams,
}

/// Shape of the friction cone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cone {
    /// Linear pyramid.
    #[default]
    Pyramidal,
    /// Second-order cone: Coulomb's own.
    Elliptic,
}

/// How constraint forces are found. The convex problem is the same, and so is its solution; what differs is how far a given
/// number of iterations comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solver {
    /// Newton's method on the accelerations: few iterations, each of which factors a matrix.
    #[default]
    Newton,
    /// Conjugate gradients on the accelerations: many iterations without a matrix of their own.
    ConjugateGradient,
    /// Projected Gauss–Seidel on the constraint forces: sweeps over the constraints, one after another.
    ProjectedGaussSeidel,
}

/// Parts of the computation that a model switches off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disable {
    /// Every constraint.
    pub constraint: bool,
    /// Equality constraints.
    pub equality: bool,
    /// Joint and tendon friction loss.
    pub frictionloss: bool,
    /// Joint and tendon limits.
    pub limit: bool,
    /// Contacts.
    pub contact: bool,
    /// Joint and tendon springs.
    pub spring: bool,
    /// Joint and tendon dampers.
    pub damper: bool,
    /// Gravity.
    pub gravity: bool,
    /// Clamping of controls to their range.
    pub clamp_ctrl: bool,
    /// Starting the solver from the last step's accelerations.
    pub warmstart: bool,
    /// The rule that parent and child bodies do not collide.
    pub filter_parent: bool,
    /// Actuators.
    pub actuation: bool,
    /// The rule that a constraint's time constant is at least two steps.
    pub refsafe: bool,
    /// Sensors.
    pub sensor: bool,
    /// Implicit joint damping in the Euler integrator.
    pub euler_damp: bool,
}

/// How to find the lengths an actuator can take: it is pulled each way until it settles, without contacts, gravity, springs and
/// friction, in slowed motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LengthSearch {
    /// Norm of the accelerations [rad/s², m/s²] that the pull gives.
    pub acceleration: f64,
    /// Greatest norm of the joint forces; no limit if zero.
    pub most_force: f64,
    /// Time constant [s] with which motion decays.
    pub decay_s: f64,
    /// Step [s]; the model's if zero.
    pub timestep_s: f64,
    /// Duration [s] of each search.
    pub total_s: f64,
    /// Its end [s] over which lengths are taken.
    pub interval_s: f64,
}

impl Default for LengthSearch {
    fn default() -> Self {
        Self { acceleration: 20.0, most_force: 0.0, decay_s: 1.0, timestep_s: 0.01, total_s: 10.0, interval_s: 2.0 }
    }
}

/// Surface parameters that replace those of all contacts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContactOverride {
    /// Distance [m] below which contacts act.
    pub margin: f64,
    /// Stiffness.
    pub solref: SolRef,
    /// Impedance.
    pub solimp: SolImp,
    /// Friction: two sliding, one torsional [m], two rolling [m].
    pub friction: [f64; 5],
}

/// Options of the simulation; defaults are MJCF's.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Step [s].
    pub timestep_s: f64,
    /// Gravity [m/s²], in the world.
    pub gravity: Vec3,
    /// Integrator.
    pub integrator: Integrator,
    /// Friction cone.
    pub cone: Cone,
    /// How constraint forces are found. Contact mode `stick` always uses Newton's method.
    pub solver: Solver,
    /// Most solver iterations.
    pub iterations: u32,
    /// Solver stops when the scaled improvement falls below this.
    pub tolerance: f64,
    /// Most line-search steps in one solver iteration.
    pub line_search_iterations: u32,
    /// Line search stops when the slope falls below this share.
    pub line_search_tolerance: f64,
    /// Most sweeps of the pass against slip after the solver; none if zero. Only in contact mode `compat`.
    pub noslip_iterations: u32,
    /// The pass stops when the scaled improvement falls below this.
    pub noslip_tolerance: f64,
    /// Ratio of friction to normal impedance of elliptic contacts.
    pub impratio: f64,
    /// What is switched off.
    pub disable: Disable,
    /// What replaces the surface parameters of all contacts.
    pub contact_override: Option<ContactOverride>,
    /// How the length ranges of muscles are found.
    pub length_search: LengthSearch,
    /// Friction remembers where it holds (contact mode `stick`); without it contacts are MuJoCo's (`compat`).
    pub stick: bool,
    /// Bodies at rest freeze until touched.
    pub sleep: bool,
    /// Largest speed [rad/s or m/s] that counts as rest.
    pub sleep_tolerance: f64,
    /// Density [kg/m³] of the medium.
    pub density: f64,
    /// Viscosity [Pa·s] of the medium.
    pub viscosity: f64,
    /// Wind [m/s], in the world.
    pub wind: Vec3,
    /// Magnetic flux, in the world.
    pub magnetic: Vec3,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timestep_s: 0.002,
            gravity: Vec3::new(0.0, 0.0, -9.81),
            integrator: Integrator::Euler,
            cone: Cone::Pyramidal,
            solver: Solver::Newton,
            iterations: 100,
            tolerance: 1e-8,
            line_search_iterations: 50,
            line_search_tolerance: 0.01,
            noslip_iterations: 0,
            noslip_tolerance: 1e-6,
            impratio: 1.0,
            disable: Disable::default(),
            contact_override: None,
            length_search: LengthSearch::default(),
            stick: false,
            sleep: false,
            sleep_tolerance: 1e-4,
            density: 0.0,
            viscosity: 0.0,
            wind: Vec3::ZERO,
            magnetic: Vec3::new(0.0, -0.5, 0.0),
        }
    }
}

/// MJCF `solref`: time constant [s] and damping ratio, or, both negative, −stiffness and −damping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolRef(pub [f64; 2]);

impl Default for SolRef {
    fn default() -> Self {
        Self([0.02, 1.0])
    }
}

/// MJCF `solimp`: d0, d_width, width [m or rad], midpoint, power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolImp(pub [f64; 5]);

impl Default for SolImp {
    fn default() -> Self {
        Self([0.9, 0.95, 0.001, 0.5, 2.0])
    }
}
