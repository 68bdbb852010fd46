//! Torques that make the tool give: Cartesian impedance.
//!
//! The tool is held by a spring and a damper between it and its reference, stiff along some axes of a frame and soft along others, while the arm's
//! weight is taken off it. Its inertia is left as it is, so no force sensor is needed:
//! τ = Jᵀ·(K·e + D·ė + Λ·(a − J̇·w) + F) + C·w + g + null space. Coriolis forces are those for w = v + J̄·ė, the joints' speeds if the tool moved as its
//! reference: taking off those of the tool's own motion would feed energy into it, while so the tool is passive: pushed, it never gives back more than it
//! got (Ott, *Cartesian Impedance Control of Redundant and Flexible-Joint Robots*, 2008, ch. 3). D follows K and the inertia of the posture, so
//! that every way of swinging is damped alike; a change of K is smooth and pays for its energy.
//!
//! A reading that is d steps old is compared with the reference of d steps ago, as the joint servo does.

/// Damping that fits.
mod damping;

/// The spring and its account.
mod spring;

pub use spring::Tank;

use crate::arm::ArmDynamics;
use crate::chain::Chain;
pub use crate::operational::Posture;
use crate::operational::{BadState, Operational, halves, is_rotation, six};
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use damping::Oscillators;
use leitai_math::{Pose, Quat, Vec3, real};
use spring::{Spring, moment_on_tool, turned};

/// Share of the loop's delay that one radian of the fastest oscillator may last: 45° of phase margin are then left.
const PHASE: f64 = 0.25;

/// The greatest stiffness and damping that count as such: far beyond any, and far from where squares overflow.
const STIFFEST: f64 = 1e12;

/// How the tool gives, along and about the axes of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compliance {
    /// `world_from_frame`. Give it anew in every step if it is the tool's.
    pub frame: Quat,
    /// Stiffness along x, y, z [N/m] and about them [N·m/rad]; 0 lets the tool go.
    pub stiffness: [f64; 6],
    /// Damping ratio of all springs; 1 is critical, 0.7 is quicker.
    pub damping_ratio: f64,
    /// Damping besides, against velocity relative to the reference's: along [N·s/m] and about [N·m·s/rad] the axes. For axes without a spring.
    pub viscous: [f64; 6],
}

impl Compliance {
    /// As stiff along all axes, and as stiff about them, without more damping than critical.
    #[must_use]
    pub fn even(stiffness_n_m: f64, stiffness_nm_rad: f64) -> Self {
        let (k, r) = (stiffness_n_m, stiffness_nm_rad);
        Self { frame: Quat::IDENTITY, stiffness: [k, k, k, r, r, r], damping_ratio: 1.0, viscous: [0.0; 6] }
    }

    fn is_sound(&self) -> bool {
        // NaN is on no side of any bound.
        let sound = |x: &f64| *x >= 0.0 && *x <= STIFFEST;
        is_rotation(self.frame)
            && self.stiffness.iter().all(sound)
            && self.viscous.iter().all(sound)
            && sound(&self.damping_ratio)
    }
}

/// Where the tool should be and how it should push.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToolReference {
    /// `world_from_tip`.
    pub pose: Pose,
    /// Velocity of the tip, linear [m/s] and angular [rad/s], in the world.
    pub velocity: [f64; 6],
    /// Acceleration of the tip [m/s², rad/s²].
    pub acceleration: [f64; 6],
    /// Force [N] and moment [N·m] that the tip exerts besides, at the tip, in the world.
    pub wrench: [f64; 6],
}

impl ToolReference {
    /// Standing at `pose`, without a push.
    #[must_use]
    pub fn standing(pose: Pose) -> Self {
        Self { pose, ..Self::default() }
    }

    pub(crate) fn is_sound(&self) -> bool {
        let finite = |x: &[f64; 6]| x.iter().all(|x| x.is_finite());
        self.pose.position.is_finite()
            && is_rotation(self.pose.rotation)
            && finite(&self.velocity)
            && finite(&self.acceleration)
            && finite(&self.wrench)
    }
}

/// Why there are no torques; `tau` is left as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTorques {
    /// What was read is no state of the arm.
    State(BadState),
    /// A stiffness or damping is not from 0 to 10¹², or the frame is none.
    Compliance,
    /// The reference holds what is no number, or its rotation is none.
    Reference,
}

impl core::fmt::Display for NoTorques {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::State(state) => write!(f, "{state}"),
            Self::Compliance => {
                write!(f, "stiffness and damping must be numbers from 0 to 1e12, and the frame a unit quaternion")
            }
            Self::Reference => write!(f, "the tool's reference holds what is no number, or its rotation is no unit quaternion"),
        }
    }
}

impl core::error::Error for NoTorques {}

/// What the last step saw and did, in the world's axes at the tip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Felt {
    /// Way [m] and rotation vector [rad] from the tool to the reference.
    pub error: [f64; 6],
    /// Force and moment of the spring.
    pub spring: [f64; 6],
    /// Force and moment of spring, damper, feed-forward and acceleration together: at rest, what the tool exerts.
    pub wrench: [f64; 6],
    /// A spring was too stiff for the loop's delay before this inertia, and was held softer.
    pub softened: bool,
    /// The stiffness waits for energy in the tank before it grows.
    pub waits: bool,
}

/// Impedance control of one arm.
#[derive(Clone, Debug)]
pub struct Impedance {
    /// The arm as the controller knows it; give it the payload when it is picked up.
    pub arm: ArmDynamics,
    /// How the tool should give; change it at any time.
    pub compliance: Compliance,
    /// What pays for stiffening.
    pub tank: Tank,
    /// Time constant with which the stiffness follows [`Self::compliance`] [s]; 0 follows at once.
    pub change_s: f64,
    /// Where the joints rest in their null space; without it they are only damped there, with a time constant of 0.2 s.
    pub posture: Option<Posture>,
    chain: Chain,
    state: Operational,
    spring: Spring,
    torque_limit: Vec<f64>,
    period_s: f64,
    /// References of the last steps, oldest first: as many as a reading is late.
    past: VecDeque<(Pose, [f64; 6])>,
    delay_steps: usize,
    felt: Felt,
    resting: Vec<f64>,
    null: Vec<f64>,
    bias: Vec<f64>,
    taken: Vec<f64>,
}

impl Impedance {
    /// For the tip of `chain`, whose joints are those of `arm`, called every `period_s`, with torques up to `torque_limit` [N·m or N]. Between a
    /// reading and the effect of the command computed from it lie `delay_steps` control steps more than one. The spring starts slack.
    ///
    /// # Panics
    /// If arm, chain and limits are not of one length, or the period is not above 0.
    #[must_use]
    pub fn new(
        arm: ArmDynamics,
        chain: Chain,
        compliance: Compliance,
        torque_limit: Vec<f64>,
        period_s: f64,
        delay_steps: usize,
    ) -> Self {
        let n = arm.joints();
        assert!(chain.len() == n && torque_limit.len() == n, "arm, chain and limits are of one length");
        assert!(period_s > 0.0 && period_s.is_finite(), "a period is above 0");
        Self {
            arm,
            compliance,
            tank: Tank::default(),
            change_s: 0.05,
            posture: None,
            chain,
            state: Operational::new(n),
            spring: Spring::SLACK,
            torque_limit,
            period_s,
            past: VecDeque::with_capacity(delay_steps + 1),
            delay_steps,
            felt: Felt { error: [0.0; 6], spring: [0.0; 6], wrench: [0.0; 6], softened: false, waits: false },
            resting: vec![0.0; n],
            null: vec![0.0; n],
            bias: vec![0.0; n],
            taken: vec![0.0; n],
        }
    }

    /// The tip at the last step's reading.
    #[must_use]
    pub fn state(&self) -> &Operational {
        &self.state
    }

    /// What the last step saw and did.
    #[must_use]
    pub fn felt(&self) -> &Felt {
        &self.felt
    }

    /// The chain whose tip gives.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Time between two steps [s].
    #[must_use]
    pub fn period_s(&self) -> f64 {
        self.period_s
    }

    /// The fastest oscillator [rad/s] that the loop's delay can hold; stiffer springs are held softer.
    #[must_use]
    pub fn fastest_rad_s(&self) -> f64 {
        PHASE / (self.period_s * (self.delay_steps + 1) as f64)
    }

    /// Reads the arm's state (`q`, `v`) for [`Self::act`]: for whoever chooses the reference by the state.
    ///
    /// # Errors
    /// If a number is none.
    pub fn read(&mut self, q: &[f64], v: &[f64]) -> Result<&Operational, NoTorques> {
        self.state.update(&mut self.arm, &self.chain, q, v).map_err(NoTorques::State)?;
        Ok(&self.state)
    }

    /// Writes into `tau` the torques for this step, from readings `q` and `v`.
    ///
    /// # Errors
    /// If a number is none; `tau` and the stiffness then stay as they were.
    pub fn step(&mut self, reference: &ToolReference, q: &[f64], v: &[f64], tau: &mut [f64]) -> Result<(), NoTorques> {
        self.read(q, v)?;
        self.act(reference, q, v, tau)
    }

    /// The rest of [`Self::step`], after [`Self::read`] of the same state.
    ///
    /// # Errors
    /// If the reference or the compliance is none.
    pub fn act(&mut self, reference: &ToolReference, q: &[f64], v: &[f64], tau: &mut [f64]) -> Result<(), NoTorques> {
        if !self.compliance.is_sound() || self.change_s.is_nan() || self.change_s < 0.0 {
            return Err(NoTorques::Compliance);
        }
        if !reference.is_sound() {
            return Err(NoTorques::Reference);
        }
        if self.past.len() > self.delay_steps {
            self.past.pop_front();
        }
        self.past.push_back((reference.pose, reference.velocity));
        let (then, then_velocity) = *self.past.front().expect("just pushed");
        let tip = self.state.tip;
        let way = then.position - tip.position;
        let turn = (then.rotation * tip.rotation.conjugate()).to_rotation_vector();
        let lag: [f64; 6] = core::array::from_fn(|k| then_velocity[k] - self.state.velocity[k]);

        let Compliance { frame, stiffness, damping_ratio, viscous } = self.compliance;
        let target = Spring { translational: turned(frame, &stiffness[..3]), rotational: turned(frame, &stiffness[3..]) };
        let share = if self.change_s > self.period_s { self.period_s / self.change_s } else { 1.0 };
        let waits = self.spring.go_to(&target, share, way, turn, &mut self.tank);
        let swings = Oscillators::of(&self.state.root, &self.spring.matrix(), self.fastest_rad_s());
        let error = six(way, turn);
        let stretched = if swings.softened {
            swings.apply(&error, |w| w * w)
        } else {
            six(self.spring.translational * way, self.spring.rotational * turn)
        };
        let (force, moment) = halves(&stretched);
        let pull = six(force, moment_on_tool(turn, moment));
        let damped = swings.apply(&lag, |w| 2.0 * damping_ratio * w);
        let (linear, angular) = halves(&lag);
        let slow = |half: Vec3, along: &[f64]| frame.rotate(frame.conjugate().rotate(half).scaled(Vec3::from_slice(along)));
        let besides = six(slow(linear, &viscous[..3]), slow(angular, &viscous[3..]));
        let lost: f64 = (0..6).map(|k| (damped[k] + besides[k]) * lag[k]).sum();
        self.tank.fill(lost * self.period_s);

        let own = core::array::from_fn(|k| reference.velocity[k] - self.state.velocity[k]);
        self.state.joint_speeds(&own, &mut self.taken);
        self.taken.iter_mut().zip(v).for_each(|(w, v)| *w += v);
        let drift = self.state.drift(v, &self.taken);
        let faster: [f64; 6] = core::array::from_fn(|k| reference.acceleration[k] - drift[k]);
        let inertial = crate::operational::times(&self.state.inertia, &faster);
        let wrench = core::array::from_fn(|k| pull[k] + damped[k] + besides[k] + inertial[k] + reference.wrench[k]);
        self.felt = Felt { error, spring: pull, wrench, softened: swings.softened, waits };
        self.state.rest(self.posture.as_ref(), q, v, &mut self.resting, &mut self.null);
        // The weight is that of where the arm will be when these torques act, as far as its speed tells.
        let late_s = self.period_s * self.delay_steps as f64;
        self.resting.iter_mut().zip(q.iter().zip(v)).for_each(|(ahead, (q, v))| *ahead = q + late_s * v);
        self.arm.holding(&self.resting, v, &self.taken, &mut self.bias);
        self.state.add_wrench(&wrench, &mut self.null);
        // Numbers so great that their products are none.
        if self.null.iter().zip(&self.bias).any(|(a, b)| !(a + b).is_finite()) {
            return Err(NoTorques::State(BadState));
        }
        for (i, tau) in tau.iter_mut().enumerate() {
            *tau = real::clamp(self.null[i] + self.bias[i], -self.torque_limit[i], self.torque_limit[i]);
        }
        Ok(())
    }
}
