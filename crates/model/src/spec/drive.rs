//! What moves a model, as a description file says it: tendons and actuators.

use super::Source;
use crate::option::{SolImp, SolRef};
use alloc::string::String;
use alloc::vec::Vec;

/// Quadratic and cubic coefficients of a spring or damper, beside its linear one.
pub type Growth = [f64; 2];

/// A station on the path of a spatial tendon.
#[derive(Clone, Debug, PartialEq)]
pub enum TendonPoint<Site, Geom> {
    /// The tendon passes through this site.
    Site(Site),
    /// From here on a branch begins whose length counts one part in this many.
    Pulley(f64),
    /// Between the sites before and after, the tendon goes around this sphere or cylinder.
    Around {
        /// The obstacle.
        geom: Geom,
        /// Says on which side to pass; inside the obstacle, that the tendon runs through it.
        side: Option<Site>,
    },
}

/// A tendon. A fixed one is a weighted sum of joint coordinates, a spatial one a path through sites and around geoms.
#[derive(Clone, Debug, Default)]
pub struct TendonSpec {
    /// Name; may be empty.
    pub name: String,
    /// Joints and their weights; of a fixed tendon.
    pub joints: Vec<(String, f64)>,
    /// Stations by name; of a spatial tendon.
    pub path: Vec<TendonPoint<String, String>>,
    /// Limits of its length.
    pub range: Option<[f64; 2]>,
    /// Limits of the total force of its actuators [N].
    pub actuator_force_range: Option<[f64; 2]>,
    /// Stiffness per length.
    pub stiffness: f64,
    /// Stiffness that grows with the square and the cube of the stretch.
    pub stiffness_growth: Growth,
    /// Damping per length.
    pub damping: f64,
    /// Damping that grows with the square and the cube of the speed.
    pub damping_growth: Growth,
    /// Dry friction.
    pub frictionloss: f64,
    /// Inertia along its length.
    pub armature: f64,
    /// Band of lengths in which the spring rests; if absent, the length at which joint springs rest.
    pub spring_length: Option<[f64; 2]>,
    /// Distance from the limit at which the limit acts.
    pub margin: f64,
    /// Limit stiffness.
    pub solref_limit: SolRef,
    /// Limit impedance.
    pub solimp_limit: SolImp,
    /// Friction stiffness.
    pub solref_friction: SolRef,
    /// Friction impedance.
    pub solimp_friction: SolImp,
    /// Where it stood.
    pub source: Source,
}

/// What an actuator pulls on.
#[derive(Clone, Debug)]
pub enum TransmissionSpec {
    /// A joint; force in the child's frame for ball and free joints.
    Joint(String),
    /// A joint; force in the parent's frame for ball and free joints.
    JointInParent(String),
    /// A tendon.
    Tendon(String),
    /// A site, force in its own frame or in that of a reference site.
    Site {
        /// The site the force acts on.
        site: String,
        /// The frame it is measured in; empty for the site's own.
        reference: String,
    },
    /// A crank whose rod drives a slider.
    SliderCrank {
        /// Pin of crank and rod.
        crank: String,
        /// Pin of rod and slider, which moves along its z axis.
        slider: String,
        /// Length of the rod [m].
        rod_m: f64,
    },
    /// All contacts of a body, pulled together.
    Body(String),
}

/// How activation follows control.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ActuatorDynamics {
    /// No activation: control acts at once.
    #[default]
    None,
    /// Activation is the integral of control.
    Integrator,
    /// First-order lag with this time constant [s].
    Filter(f64),
    /// First-order lag, integrated exactly, with this time constant [s].
    FilterExact(f64),
    /// A muscle's: faster up than down, and faster the nearer to its end.
    Muscle {
        /// Time constants [s] of activation and deactivation.
        times_s: [f64; 2],
        /// Width, in units of control, over which one time constant goes over into the other.
        smoothing: f64,
    },
}

/// How strong a muscle is at which length and speed. Lengths are parts of the optimal one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MuscleCurve {
    /// What the ends of the length range are.
    pub range: [f64; 2],
    /// Greatest active force at rest [N]; negative: from `scale`.
    pub force: f64,
    /// Force as this over the acceleration that unit force gives.
    pub scale: f64,
    /// Length below which it is powerless.
    pub shortest: f64,
    /// Length above which it is powerless.
    pub longest: f64,
    /// Speed of shortening at which it is powerless [optimal lengths/s].
    pub fastest: f64,
    /// Passive force at the longest length, in parts of the greatest.
    pub passive: f64,
    /// Active force at fast lengthening, in parts of the greatest.
    pub lengthening: f64,
}

/// `constant + length·k + velocity·b`, in length and velocity of the transmission.
pub type Affine = [f64; 3];

/// What an actuator's gain or bias follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Length and velocity of the transmission, linearly.
    Affine(Affine),
    /// A muscle: active force as a gain, passive force as a bias.
    Muscle(MuscleCurve),
}

impl Default for Law {
    fn default() -> Self {
        Self::Affine([0.0; 3])
    }
}

impl Law {
    /// The affine law, unless it is a muscle's.
    #[must_use]
    pub fn affine(&self) -> Option<&Affine> {
        match self {
            Self::Affine(numbers) => Some(numbers),
            Self::Muscle(_) => None,
        }
    }
}

/// A controller on board of an actuator. Its input is k·position + d·speed + feedforward + i·∫(position − length), where k and d are
/// minus the bias's stiffness and damping, so that with the bias the force is k times the error of position, and so on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pid {
    /// Which of position, speed and feedforward [N or N·m] have a control, in this order; the others are zero.
    pub inputs: [bool; 3],
    /// Limits of these controls.
    pub ranges: [Option<[f64; 2]>; 3],
    /// Gain of the integral of the position's error, which is an activation; none if zero.
    pub integral: f64,
    /// The integral grows no further than this either way; unlimited if zero.
    pub most_integral: f64,
    /// Greatest rate of the position that the actuator follows, which is an activation; unlimited if zero.
    pub slew: f64,
}

/// How an actuator turns control into force: force = gain · input + bias.
#[derive(Clone, Debug, Default)]
pub struct Drive {
    /// Six numbers of gear; one for scalar joints and tendons.
    pub gear: [f64; 6],
    /// Limits of the control.
    pub ctrl_range: Option<[f64; 2]>,
    /// Makes the input from several controls, in place of one.
    pub pid: Option<Pid>,
    /// Limits of the force [N or N·m].
    pub force_range: Option<[f64; 2]>,
    /// Limits of the activation.
    pub act_range: Option<[f64; 2]>,
    /// How activation follows control.
    pub dynamics: ActuatorDynamics,
    /// Gives no force and keeps its activation.
    pub disabled: bool,
    /// The force follows the activation of the end of the step instead of its start.
    pub act_early: bool,
    /// What the input is multiplied by.
    pub gain: Law,
    /// What is added.
    pub bias: Law,
    /// Lengths the transmission can take; if absent, found by pulling it both ways.
    pub length_range: Option<[f64; 2]>,
    /// A position servo whose damping is this ratio of critical, from the inertia at the reference configuration.
    pub damping_ratio: Option<f64>,
}

impl Drive {
    /// Number of its controls.
    #[must_use]
    pub fn controls(&self) -> usize {
        self.pid.map_or(1, |pid| pid.inputs.iter().filter(|given| **given).count())
    }

    /// Number of its activations.
    #[must_use]
    pub fn activations(&self) -> usize {
        let of_pid = self.pid.map_or(0, |pid| usize::from(pid.slew > 0.0) + usize::from(pid.integral != 0.0));
        usize::from(self.dynamics != ActuatorDynamics::None) + of_pid
    }

    /// Whether its force has to do with a muscle's curve.
    #[must_use]
    pub fn is_muscle(&self) -> bool {
        matches!((&self.gain, &self.bias), (Law::Muscle(_), _) | (_, Law::Muscle(_)))
    }

    /// The constant gain of an actuator whose force follows its input alone.
    #[must_use]
    pub fn plain_gain(&self) -> Option<f64> {
        match (&self.gain, &self.bias) {
            (&Law::Affine([gain, 0.0, 0.0]), Law::Affine([0.0, 0.0, 0.0])) if self.pid.is_none() => Some(gain),
            _ => None,
        }
    }
}

/// An actuator.
#[derive(Clone, Debug)]
pub struct ActuatorSpec {
    /// Name; may be empty.
    pub name: String,
    /// What it pulls on.
    pub transmission: TransmissionSpec,
    /// How control becomes force.
    pub drive: Drive,
    /// Where it stood.
    pub source: Source,
}
