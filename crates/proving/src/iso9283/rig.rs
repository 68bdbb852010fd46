//! The robot in its servo loop, in the physics: what it is told to follow, and where it really is.

use leitai_control::{JointServo, Reference, ServoGains};
use leitai_dynamics::{Data, kinematics, site_pose};
use leitai_math::{Pose, Seed, Stream, real};
use leitai_sim::{Unstable, World};

use super::figures::JointErrors;
use super::machine::{Machine, Plant, STEP_S};

/// Natural frequency of the servo's error [rad/s]; rotors, which are most of the inertia here, let the motors be held so stiffly.
pub const SERVO_RAD_S: f64 = 60.0;
/// Steps of the physics in one step of the servo.
const STEPS: usize = 2;
/// Period of the servo [s].
pub const PERIOD_S: f64 = STEPS as f64 * STEP_S;
/// Stiffness with which friction inside a reducer holds before it gives, over the reducer's own.
const STICKS: f64 = 1.0;

/// Something to follow: writes positions, velocities and accelerations of the joints at a time [s] from its start.
pub trait Motion {
    /// Duration [s].
    fn duration_s(&self) -> f64;
    /// The joints at `t_s`, at rest after the end.
    fn at(&self, t_s: f64, reference: &mut Reference);
}

impl Motion for leitai_control::Trajectory {
    fn duration_s(&self) -> f64 {
        self.duration_s()
    }
    fn at(&self, t_s: f64, reference: &mut Reference) {
        self.at(t_s, &mut reference.q, &mut reference.v, &mut reference.a);
    }
}

/// Friction inside one reducer: a spring that gives at its greatest torque (elastic and perfectly plastic).
#[derive(Clone, Copy, Debug, Default)]
struct Friction {
    /// Stretch of the spring [rad].
    stretch: f64,
    /// Twist of the reducer when it was last looked at [rad].
    twist: f64,
    /// Greatest torque of this move [N·m].
    most: f64,
}

/// One robot at work.
#[derive(Debug)]
pub struct Rig<'a> {
    machine: &'a Machine,
    plant: &'a Plant,
    world: World,
    /// Where everything is after the last step.
    data: Data,
    servo: JointServo,
    reference: Reference,
    friction: Vec<Friction>,
    noise: Vec<Stream>,
    moves: Vec<Stream>,
    last: Vec<f64>,
    seen: Vec<f64>,
    speed: Vec<f64>,
    tau: Vec<f64>,
    saturated: u64,
    ticks: u64,
}

impl<'a> Rig<'a> {
    /// At rest in posture `q`; what varies is drawn from the streams of `seed`.
    #[must_use]
    pub fn new(machine: &'a Machine, plant: &'a Plant, seed: &Seed, q: &[f64]) -> Self {
        let n = q.len();
        let gains = ServoGains { natural_frequency_rad_s: SERVO_RAD_S, damping_ratio: 1.0 };
        let mut servo = JointServo::new(machine.dynamics(), gains, machine.limits.torque.clone(), 0);
        let mut hold = vec![0.0; n];
        let zero = vec![0.0; n];
        servo.arm.torques(q, &zero, &zero, &mut hold);
        let mut world = World::new(&plant.scene);
        world.change(|state| {
            for i in 0..n {
                state.q[plant.motors[i]] = q[i] - plant.zeros[i];
                if let Some(twist) = plant.twists.get(i) {
                    state.q[*twist] = -hold[i] / machine.errors.joints[i].stiffness_nm_rad;
                }
            }
        });
        let named = |what: &str| (0..machine.errors.joints.len()).map(|i| seed.stream(&format!("{what}/{i}"))).collect();
        let mut rig = Self {
            machine,
            plant,
            data: Data::new(&plant.scene.model),
            world,
            servo,
            reference: Reference::standing(q),
            friction: vec![Friction::default(); machine.errors.joints.len()],
            noise: named("encoder"),
            moves: named("hysteresis"),
            last: q.to_vec(),
            seen: q.to_vec(),
            speed: zero,
            tau: hold,
            saturated: 0,
            ticks: 0,
        };
        kinematics(rig.world.model(), &mut rig.data, &rig.world.state().q);
        for (i, friction) in rig.friction.iter_mut().enumerate() {
            friction.twist = rig.world.state().q[plant.twists[i]];
        }
        rig
    }

    /// `base_from_measured`, where it really is.
    #[must_use]
    pub fn pose(&self) -> Pose {
        self.machine.base.inverse() * site_pose(self.world.model(), &self.data, self.plant.measured)
    }

    /// How many of the servo's periods a drive gave all of its torque in.
    #[must_use]
    pub fn saturated(&self) -> u64 {
        self.saturated
    }

    /// Share of the servo's periods in which a drive gave all of its torque.
    #[must_use]
    pub fn saturated_share(&self) -> f64 {
        self.saturated as f64 / (self.ticks as f64).max(1.0)
    }

    /// Follows `motion` and stands for `dwell_s` after it; `look` gets the time from the motion's start and the pose, once a period.
    ///
    /// # Errors
    /// If the motion left its bounds.
    pub fn follow(&mut self, motion: &dyn Motion, dwell_s: f64, look: &mut dyn FnMut(f64, Pose)) -> Result<(), Unstable> {
        self.begin_move();
        let ticks = real::ceil((motion.duration_s() + dwell_s) / PERIOD_S) as u64;
        for tick in 0..ticks {
            let time_s = tick as f64 * PERIOD_S;
            motion.at(time_s, &mut self.reference);
            self.tick()?;
            look(time_s + PERIOD_S, self.pose());
        }
        Ok(())
    }

    /// A move begins: friction inside the reducers is drawn anew.
    pub fn begin_move(&mut self) {
        for (i, friction) in self.friction.iter_mut().enumerate() {
            let errors = &self.machine.errors.joints[i];
            let varied = real::max(1.0 + self.moves[i].normal(0.0, errors.hysteresis_variation), 0.0);
            friction.most = errors.hysteresis_nm * varied;
        }
    }

    /// One period towards what `lead` writes.
    ///
    /// # Errors
    /// If the motion left its bounds.
    pub fn period(&mut self, lead: impl FnOnce(&mut Reference)) -> Result<(), Unstable> {
        lead(&mut self.reference);
        self.tick()
    }

    /// The greatest torque beyond what the motion needs that the servo asked for in the last period, as a share of a joint's rated torque.
    pub fn beyond(&mut self) -> f64 {
        let mut needs = vec![0.0; self.tau.len()];
        self.servo.arm.torques(&self.reference.q, &self.reference.v, &self.reference.a, &mut needs);
        let shares =
            self.tau.iter().zip(&needs).zip(&self.machine.limits.torque).map(|((tau, needs), most)| (tau - needs).abs() / most);
        shares.fold(0.0, real::max)
    }

    /// What the encoders read last [rad].
    #[must_use]
    pub fn seen(&self) -> &[f64] {
        &self.seen
    }

    /// The world that it works in.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Stands for `dwell_s` and tells where.
    ///
    /// # Errors
    /// If the motion left its bounds.
    pub fn stand(&mut self, dwell_s: f64) -> Result<Pose, Unstable> {
        for _ in 0..real::ceil(dwell_s / PERIOD_S) as u64 {
            self.tick()?;
        }
        Ok(self.pose())
    }

    /// A force on the load's center [N], in the base's frame, from now on.
    pub fn push(&mut self, force: leitai_math::Vec3) {
        let world_force = self.machine.base.rotation.rotate(force);
        let load = self.plant.load.index();
        self.world.change(|state| state.body_force[load].linear = world_force);
    }

    /// One period of the servo.
    fn tick(&mut self) -> Result<(), Unstable> {
        let n = self.seen.len();
        let first = self.ticks == 0;
        self.ticks += 1;
        for i in 0..n {
            let q = self.world.state().q[self.plant.motors[i]] + self.plant.zeros[i];
            match self.machine.errors.joints.get(i) {
                Some(errors) => {
                    let noisy = q + self.noise[i].normal(0.0, errors.noise_rad);
                    self.seen[i] = real::round(noisy / errors.count_rad) * errors.count_rad;
                    self.speed[i] = if first { 0.0 } else { (self.seen[i] - self.last[i]) / PERIOD_S };
                }
                None => {
                    self.seen[i] = q;
                    self.speed[i] = self.world.state().v[self.plant.speeds[i]];
                }
            }
        }
        self.last.copy_from_slice(&self.seen);
        self.servo.step(&self.reference, &self.seen, &self.speed, &mut self.tau);
        let full = self.tau.iter().zip(&self.machine.limits.torque).any(|(tau, most)| real::abs(*tau) >= *most);
        self.saturated += u64::from(full);
        for i in 0..n {
            self.world.ctrl_mut()[self.plant.drives[i]] = self.tau[i];
        }
        for _ in 0..STEPS {
            self.twist();
            self.world.step()?;
        }
        // A step leaves the positions of its start behind.
        kinematics(self.world.model(), &mut self.data, &self.world.state().q);
        Ok(())
    }

    /// What the reducers do beyond their springs: friction, and the transmission error as a spring's rest that moves with the motor.
    fn twist(&mut self) {
        for (i, errors) in self.machine.errors.joints.iter().enumerate() {
            let twist = self.world.state().q[self.plant.twists[i]];
            let motor = self.world.state().q[self.plant.motors[i]];
            let friction = &mut self.friction[i];
            let holds = STICKS * errors.stiffness_nm_rad;
            let stretch = friction.stretch + (twist - friction.twist);
            let most = friction.most / holds;
            friction.stretch = real::clamp(stretch, -most, most);
            friction.twist = twist;
            let rest = transmission_error(errors, motor);
            self.world.ctrl_mut()[self.plant.reducers[i]] = errors.stiffness_nm_rad * rest - holds * friction.stretch;
        }
    }
}

/// How far the joint is from the motor's angle over the ratio [rad].
fn transmission_error(errors: &JointErrors, motor: f64) -> f64 {
    errors.transmission_error_rad * real::sin(errors.error_cycles * errors.gear_ratio * motor)
}
