//! Who moves a scene: five closed loops, and four that do not look.

use alloc::vec::Vec;
use leitai_control::{ArmDynamics, Controller, JointServo, Reference, ServoGains};
use leitai_math::{Seed, Stream, Vec3, real};
use leitai_model::{Command, Model, Observation};
use leitai_sim::World;

/// Sets the controls of the next step.
pub trait Drive {
    /// Looks at the world, if it looks, and acts.
    fn act(&mut self, world: &mut World);
}

/// What a computed-torque loop needs of an arm.
pub struct ArmFigures {
    /// Where it starts [rad].
    pub home: &'static [f64],
    /// What its drives give [N·m].
    pub torque: &'static [f64],
}

/// The catalog's ur5e.
pub const UR5E: ArmFigures =
    ArmFigures { home: &[0.0, -1.6, 1.9, -1.87, -1.57, 0.0], torque: &[150.0, 150.0, 150.0, 28.0, 28.0, 28.0] };

/// The catalog's franka-fr3.
pub const FR3: ArmFigures =
    ArmFigures { home: &[0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785], torque: &[87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0] };

/// An arm follows sines under computed torque, from readings to torques as in a trial.
pub struct Follow {
    servo: JointServo,
    home: Vec<f64>,
    reference: Reference,
    seen: Observation,
    command: Command,
}

impl Follow {
    /// A loop for all joints of `model`, which has a site `tool_mount`.
    pub fn new(model: &Model, figures: &ArmFigures) -> Self {
        let joints: Vec<_> = (0..model.joints.len() as u32).map(leitai_model::JointId).collect();
        let arm = ArmDynamics::new(model, &joints, model.site_named("tool_mount").expect("a tool mount"));
        let gains = ServoGains { natural_frequency_rad_s: 40.0, damping_ratio: 1.0 };
        Self {
            servo: JointServo::new(arm, gains, figures.torque.to_vec(), 0),
            home: figures.home.to_vec(),
            reference: Reference::standing(figures.home),
            seen: Observation::new(joints.len(), 0, 0),
            command: Command::new(joints.len(), 0),
        }
    }
}

impl Controller for Follow {
    fn step(&mut self, seen: &Observation, command: &mut Command) {
        for (i, home) in self.home.iter().enumerate() {
            let (w, sweep) = (1.1 + 0.37 * i as f64, 0.3);
            let (s, c) = real::sin_cos(w * seen.time_s);
            self.reference.q[i] = home + sweep * (1.0 - c);
            self.reference.v[i] = sweep * w * s;
            self.reference.a[i] = sweep * w * w * c;
        }
        self.servo.step(&self.reference, &seen.q, &seen.v, &mut command.tau);
    }
}

impl Drive for Follow {
    fn act(&mut self, world: &mut World) {
        let mut seen = core::mem::take(&mut self.seen);
        let mut command = core::mem::take(&mut self.command);
        (seen.step, seen.time_s) = (world.state().steps, world.time_s());
        seen.q.copy_from_slice(&world.state().q);
        seen.v.copy_from_slice(&world.state().v);
        self.step(&seen, &mut command);
        world.ctrl_mut().copy_from_slice(&command.tau);
        (self.seen, self.command) = (seen, command);
    }
}

/// What the first two sensors of a legged robot say: how its upward axis leans, and how it turns.
fn lean(world: &World) -> (Vec3, Vec3) {
    (Vec3::from_slice(world.readings()), Vec3::from_slice(&world.readings()[3..]))
}

/// Torque of a spring and a damper about `wanted` at the `i`-th joint after the free one.
fn hold(world: &mut World, i: usize, wanted: f64, stiffness: f64, damping: f64) {
    let state = world.state();
    let torque = stiffness * (wanted - state.q[7 + i]) - damping * state.v[6 + i];
    world.ctrl_mut()[i] = torque;
}

/// A quadruped trots on the spot: diagonal legs swing together, and legs on the lower side of the trunk stretch.
pub struct Trot;

impl Drive for Trot {
    fn act(&mut self, world: &mut World) {
        let (up, turn) = lean(world);
        let phase = real::TAU * 1.8 * world.time_s();
        for (leg, [front, left]) in [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]].into_iter().enumerate() {
            let phase = if front == left { phase } else { phase + core::f64::consts::PI };
            let lift = 0.25 * real::max(0.0, real::sin(phase));
            let stretch = 0.6 * (front * (up.x + 0.1 * turn.y) + left * (up.y - 0.1 * turn.x));
            let bend = 0.75 + lift - real::clamp(stretch, -0.3, 0.3);
            let swing = 0.08 * real::cos(phase);
            for (k, wanted) in [0.0, bend + swing, -2.0 * bend].into_iter().enumerate() {
                hold(world, 3 * leg + k, wanted, 80.0, 2.0);
            }
        }
    }
}

/// A humanoid squats and swings its arms, and its ankles push against any lean.
pub struct Squat;

impl Drive for Squat {
    fn act(&mut self, world: &mut World) {
        let (up, turn) = lean(world);
        let (s, c) = real::sin_cos(1.7 * world.time_s());
        let bend = 0.35 - 0.15 * c;
        let pitch = 0.6 * up.x + 0.15 * turn.y;
        let roll = -0.4 * up.y + 0.1 * turn.x;
        let stiff = |wanted: f64| (wanted, 400.0, 15.0);
        let soft = |wanted: f64| (wanted, 60.0, 2.0);
        let ankle = |wanted: f64| (wanted, 250.0, 5.0);
        let arm = |side: f64| [soft(0.5 * s * side), soft(0.15 * side), soft(-0.6 - 0.3 * s * side)];
        let leg = [stiff(0.0), stiff(0.0), stiff(-bend), stiff(2.0 * bend), ankle(pitch - bend), ankle(roll)];
        let trunk = [stiff(0.2 * s), stiff(0.0)];
        let all = trunk.into_iter().chain(arm(1.0)).chain(arm(-1.0)).chain(leg).chain(leg);
        for (i, (wanted, stiffness, damping)) in all.enumerate() {
            hold(world, i, wanted, stiffness, damping);
        }
    }
}

/// A gripper lifts and lowers its box, and grips harder as the box slips.
#[derive(Default)]
pub struct Grip {
    height_m: Option<f64>,
}

impl Drive for Grip {
    fn act(&mut self, world: &mut World) {
        let t = world.time_s();
        let above = world.state().q[5] - world.state().q[0]; // lift, two fingers, then the box's position
        // By now the fingers are closed, and what moves from here on slips.
        if t >= 0.2 && self.height_m.is_none() {
            self.height_m = Some(above);
        }
        let slip = self.height_m.map_or(0.0, |height| height - above);
        let force = real::clamp(12.0 + 4_000.0 * slip, 5.0, 60.0);
        let lift = 0.15 - 0.15 * real::cos(1.6 * real::max(0.0, t - 0.3));
        world.ctrl_mut().copy_from_slice(&[lift, force, force]);
    }
}

/// Servos follow sines of different speeds.
pub struct Waves {
    /// Where they swing about: the first control about the first, and from the beginning again when they are through.
    pub about: &'static [f64],
    /// How far to both sides.
    pub sweep: f64,
    /// Of the slowest [1/s].
    pub frequency_hz: f64,
}

impl Drive for Waves {
    fn act(&mut self, world: &mut World) {
        let t = world.time_s();
        for (i, u) in world.ctrl_mut().iter_mut().enumerate() {
            let phase = real::TAU * self.frequency_hz * (1.0 + 0.13 * (i % 5) as f64) * t + 0.9 * i as f64;
            *u = self.about[i % self.about.len()] + self.sweep * real::sin(phase);
        }
    }
}

/// Motors get a new random command every twenty steps.
pub struct Twitch {
    draw: Stream,
}

impl Twitch {
    /// From a stream of its own.
    pub fn new() -> Self {
        Self { draw: Seed::from_number(1).stream("twitch") }
    }
}

impl Drive for Twitch {
    fn act(&mut self, world: &mut World) {
        if world.state().steps.is_multiple_of(20) {
            world.ctrl_mut().iter_mut().for_each(|u| *u = self.draw.normal(0.0, 0.5));
        }
    }
}

/// The ground tilts to and fro for a second, from a given time on.
pub struct Tilt {
    /// When [s].
    pub at_s: f64,
}

impl Drive for Tilt {
    fn act(&mut self, world: &mut World) {
        let t = world.time_s() - self.at_s;
        // A step longer than the push, so that gravity ends upright.
        if (0.0..1.01).contains(&t) {
            let sideways = if t < 1.0 { 1.5 * real::sin(real::TAU * t) } else { 0.0 };
            world.change(|state| state.gravity.x = sideways);
        }
    }
}
