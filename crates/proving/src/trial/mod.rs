//! One trial: the controller in its loop with the physics, from the first observation to the last metric.
//!
//! The loop reads sensors, lets the controller answer, delays its command by the drawn latency, limits it to what the drives
//! can do, and steps the world. Nothing in it depends on time, threads or order of memory: the outcome is a function of the
//! packages, the claim and the seed.

/// What no controller can beat.
pub mod bound;
/// The cell: world, robot, tool and pieces.
pub mod cell;
/// What one trial draws.
pub mod draws;
/// The parts between controller and joint.
pub mod drives;
/// Bodies of the world that move of themselves.
pub mod motion;
/// What stops a robot: one limit lifted at a time.
pub mod relax;

mod carried;
mod component;
mod fed;
mod held;
mod judge;
mod measure;
mod traced;
mod watch;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use leitai_control::{Controller, JointServo, ServoGains};
use leitai_math::{Pose, Seed, Vec3, real};
use leitai_model::interface::{Command, Observation, PoseReading, WristReading};
use leitai_model::model::BodyId;
use leitai_runtime::Said;
use leitai_sim::{ContactResiduals, World};
use leitai_skills::{Settings, TaskProgram};

use crate::claim::Requirement;
use crate::outcome::{Failure, Outcome};
use carried::Carried;
use cell::{Built, Cell, CellError};
use component::Component;
use draws::Draws;
use drives::Drives;
use fed::Fed;
use held::HeldArm;
use measure::{Sensors, nominal_poses, tool_reading, true_wrist};
use traced::Traced;

pub use judge::metric_name;
pub use watch::{Frame, Happening, Watch};

/// Who moves the arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// The solution, with the declared measurements.
    Solution,
    /// The solution, told the true poses at once: must pass, or the scenario is broken.
    Oracle,
    /// Holds the home posture: must fail.
    Hold,
    /// The solution, told the nominal poses whatever is there: repeats the nominal motion blind, and must fail.
    Blind,
}

/// A piece that moved further than this [m] from its start was taken.
const TAKEN_M: f64 = 0.05;
/// A piece nearer than this [m] to its place counts as brought there; how exactly is another metric.
const BROUGHT_M: f64 = 0.05;
/// A piece out of the tool that falls faster than this [m/s] was dropped.
const FALL_M_S: f64 = 0.5;
/// Steps between two entries of the motion's digest.
const TRACE_EVERY: u64 = 50;
/// Above its greatest speed a drive's torque in the direction of motion fades out over this share of it.
const FADE: f64 = 0.02;

/// Runs one trial and judges it.
///
/// # Errors
/// If the cell cannot be put together. A robot that fails is an outcome.
pub fn run(
    cell: &Cell,
    requirements: &[Requirement],
    index: u64,
    seed: Seed,
    arm: Arm,
    watch: &mut dyn Watch,
) -> Result<Outcome, CellError> {
    let draws = cell.draws(seed);
    let built = cell.build(&draws)?;
    let mut trial = Trial::new(cell, &built, &draws, seed, arm);
    trial.traced = Traced::new(cell, &built, draws.removal_scale)?;
    let (metrics, failure) = match trial.run(watch) {
        Ok(failure) => (trial.metrics(), failure),
        // Where a motion broke off there is nothing to measure, so no predicate holds.
        Err(broken) => (BTreeMap::new(), Some(broken)),
    };
    let trace = crate::canonical::Digest(*trial.trace.finalize().as_bytes());
    Ok(Outcome::new(index, seed, metrics, failure, Some(trace), requirements))
}

enum Mover {
    Program(alloc::boxed::Box<TaskProgram>),
    Component(alloc::boxed::Box<Component>),
    Hold(alloc::boxed::Box<JointServo>),
}

struct Trial<'a> {
    cell: &'a Cell,
    built: &'a Built,
    arm: Arm,
    world: World,
    drives: Drives,
    mover: Mover,
    second: Option<HeldArm>,
    sensors: Sensors,
    observation: Observation,
    answer: Command,
    /// Commands under way to the drives, oldest first.
    queue: VecDeque<Command>,
    period_steps: u64,
    latency_steps: usize,
    carried: Option<Carried>,
    traced: Option<Traced>,
    fed: Option<Fed>,
    start: Vec<Vec3>,
    taken: Vec<bool>,
    dropped: Vec<bool>,
    peaks: Peaks,
    clear_s: Option<f64>,
    stack_shift_m: Option<f64>,
    trace: blake3::Hasher,
}

struct Peaks {
    torque: Vec<f64>,
    speed: Vec<f64>,
    saturated_steps: Vec<u64>,
    press_n: f64,
    clash_n: f64,
    contact_n: f64,
    tracking_rad: f64,
    residuals: ContactResiduals,
}

impl<'a> Trial<'a> {
    fn new(cell: &'a Cell, built: &'a Built, draws: &'a Draws, seed: Seed, arm: Arm) -> Self {
        let scenario = &cell.packages().scenario;
        let mut world = World::new(&built.scene);
        let home = &cell.packages().robot.interface.home_rad;
        world.change(|state| {
            for (joint, q) in built.joints.iter().zip(home) {
                state.q[built.scene.model.joints[joint.index()].q_start as usize] = *q;
            }
        });
        let second = HeldArm::new(cell, built, &mut world);
        let n = built.joints.len();
        let period_steps = (real::round(scenario.trial.control_period_s / cell.dt_s()) as u64).max(1);
        // Drawn in steps of the scenario's own time step, whatever step the claim runs with.
        let latency_s = draws.latency_steps as f64 * scenario.trial.dt_s;
        let latency_steps = real::round(latency_s / cell.dt_s()) as usize;
        let settings = Settings { period_s: period_steps as f64 * cell.dt_s(), numb: arm == Arm::Blind, ..Settings::default() };
        let observation = Observation::new(n, cell.pieces.len(), cell.sites.len());
        let answer = Command::new(n, built.tool_motors.len().max(usize::from(!built.cups.is_empty())));
        let packages = cell.packages();
        let mover = match (arm, &cell.program, packages.module.as_ref().zip(packages.solution.controller())) {
            (Arm::Solution | Arm::Oracle | Arm::Blind, Some(program), _) => {
                let program = TaskProgram::new(cell.robot.clone(), cell.task.clone(), program, settings, &seed);
                Mover::Program(program.into())
            }
            (Arm::Solution | Arm::Oracle | Arm::Blind, None, Some((module, controller))) => {
                let arrays = (&observation, &answer);
                Mover::Component(Component::new(cell, module, controller, settings.period_s, seed, arrays).into())
            }
            _ => {
                let robot = &cell.robot;
                let arm = leitai_control::ArmDynamics::new(&robot.model, &robot.joints, robot.grip);
                let gains: ServoGains = settings.gains;
                Mover::Hold(JointServo::new(arm, gains, robot.limits.torque.clone(), 0).into())
            }
        };
        let start = built.pieces.iter().map(|b| world.data().body_pose[b.index()].position).collect();
        Self {
            sensors: Sensors::new(cell, draws, seed),
            drives: Drives::new(cell, &draws.joint_friction_scale),
            observation,
            queue: VecDeque::new(),
            taken: vec![false; built.pieces.len()],
            dropped: vec![false; built.pieces.len()],
            peaks: Peaks {
                torque: vec![0.0; n],
                speed: vec![0.0; n],
                saturated_steps: vec![0; n],
                press_n: 0.0,
                clash_n: 0.0,
                contact_n: 0.0,
                tracking_rad: 0.0,
                residuals: ContactResiduals::default(),
            },
            carried: Carried::new(cell, built),
            traced: None,
            fed: Fed::new(cell, built),
            clear_s: None,
            stack_shift_m: None,
            trace: blake3::Hasher::new(),
            cell,
            built,
            arm,
            world,
            mover,
            second,
            answer,
            period_steps,
            latency_steps,
            start,
        }
    }

    /// Task, then stability check. Gives what went wrong, if anything did; an error if the motion broke off.
    fn run(&mut self, watch: &mut dyn Watch) -> Result<Option<Failure>, Failure> {
        self.run_task(watch)?;
        self.check_stability(watch)?;
        Ok(self.failure())
    }

    fn run_task(&mut self, watch: &mut dyn Watch) -> Result<(), Failure> {
        let limit = real::round(self.cell.packages().scenario.trial.duration_s / self.cell.dt_s()) as u64;
        while self.world.state().steps < limit {
            self.step(watch)?;
            let ended = match &self.mover {
                Mover::Program(program) => program.status().ended.then(|| program.status().failures.is_empty()),
                Mover::Component(component) => (component.said != Said::GoOn).then_some(component.said == Said::Finished),
                Mover::Hold(_) => None,
            };
            if let Some(well) = ended {
                if well {
                    self.clear_s = Some(self.world.time_s());
                }
                break;
            }
        }
        Ok(())
    }

    /// One step of everything.
    fn step(&mut self, watch: &mut dyn Watch) -> Result<(), Failure> {
        let step = self.world.state().steps;
        if step.is_multiple_of(self.period_steps) {
            self.observe(step);
            match &mut self.mover {
                Mover::Program(program) => program.step(&self.observation, &mut self.answer),
                Mover::Component(component) => {
                    let stepped = component.step(&self.observation, &mut self.answer);
                    stepped.map_err(|breach| self.broken_off(breach.to_string(), "the controller"))?;
                }
                Mover::Hold(servo) => {
                    let home = &self.cell.packages().robot.interface.home_rad;
                    let still = leitai_control::Reference::standing(home);
                    servo.step(&still, &self.observation.q, &self.observation.v, &mut self.answer.tau);
                }
            }
            self.check_answer()?;
        }
        // Before the first answer arrives, the drives hold what it will be: the controller ran before the trial began.
        while self.queue.len() < self.latency_steps {
            self.queue.push_back(self.answer.clone());
        }
        self.queue.push_back(self.answer.clone());
        let command = self.queue.pop_front().expect("just pushed");
        self.drive(&command)?;
        if let Some(arm) = &mut self.second
            && step.is_multiple_of(self.period_steps)
        {
            arm.step(&mut self.world);
        }
        motion::push(&self.built.moved, &mut self.world);
        self.world.step().map_err(|broken| self.broken_off(broken.to_string(), "the physics"))?;
        self.look(watch);
        Ok(())
    }

    /// A controller that asks for no number has failed here and now, whatever the drives would make of it.
    fn check_answer(&self) -> Result<(), Failure> {
        let interface = &self.cell.packages().robot.interface;
        if let Some(i) = self.answer.tau.iter().position(|tau| !tau.is_finite()) {
            let what = format!("the controller asked joint `{}` for a torque that is not a finite number", interface.joints[i]);
            return Err(self.broken_off(what, "the controller"));
        }
        if self.answer.tool.iter().any(|u| !u.is_finite()) {
            let what = "the controller asked the tool for something that is not a finite number".to_string();
            return Err(self.broken_off(what, "the controller"));
        }
        Ok(())
    }

    fn broken_off(&self, what: String, cause: &str) -> Failure {
        Failure { time_s: Some(self.world.time_s()), what, cause: cause.to_string() }
    }

    fn observe(&mut self, step: u64) {
        let (world, built) = (&self.world, self.built);
        let (state, model) = (world.state(), world.model());
        let seen = &mut self.observation;
        seen.step = step;
        seen.time_s = world.time_s();
        for (i, joint) in built.joints.iter().enumerate() {
            let joint = &model.joints[joint.index()];
            seen.q[i] = state.q[joint.q_start as usize];
            seen.v[i] = state.v[joint.v_start as usize];
            if let Some((q, v)) = self.drives.reading(i, seen.q[i], seen.v[i]) {
                (seen.q[i], seen.v[i]) = (q, v);
            }
            seen.tau[i] = world.forces().actuator[built.motors[i].index()];
        }
        seen.tool = tool_reading(self.cell, built, world);
        if let Some(sensor) = &mut self.sensors.wrist {
            let truth = true_wrist(world);
            let noisy = sensor.read(truth);
            seen.wrist = match self.arm {
                Arm::Oracle => truth,
                Arm::Blind => WristReading::default(),
                Arm::Solution | Arm::Hold => noisy,
            };
        }
        let base = built.base.inverse();
        let data = world.data();
        let piece = |i: usize| base * data.body_pose[built.pieces[i].index()];
        let error = self.sensors.error;
        let seen_piece = |i: usize| error.map_or_else(|| piece(i), |error| error * piece(i));
        let site = |i: usize| base * leitai_dynamics::site_pose(model, data, built.sites[i]);
        let time_s = seen.time_s;
        let sure = |pose: Pose| PoseReading { base_from_object: pose, measured_at_s: time_s, valid: true };
        match self.arm {
            Arm::Oracle => {
                seen.pieces.iter_mut().enumerate().for_each(|(i, r)| *r = sure(piece(i)));
                seen.sites.iter_mut().enumerate().for_each(|(i, r)| *r = sure(site(i)));
            }
            Arm::Blind => {
                let (pieces, sites) = nominal_poses(self.cell);
                seen.pieces.iter_mut().zip(pieces).for_each(|(r, pose)| *r = sure(pose));
                seen.sites.iter_mut().zip(sites).for_each(|(r, pose)| *r = sure(pose));
            }
            Arm::Solution | Arm::Hold => {
                let dt = self.cell.dt_s();
                if let Some(sensor) = &mut self.sensors.pieces {
                    seen.pieces.copy_from_slice(sensor.step(step, dt, seen_piece));
                }
                if let Some((sensor, which)) = &mut self.sensors.sites {
                    let shown = sensor.step(step, dt, |i| site(which[i]));
                    which.iter().zip(shown).for_each(|(&i, r)| seen.sites[i] = *r);
                }
            }
        }
    }

    /// Puts a command on the drives, within what they can do at their present speed.
    fn drive(&mut self, command: &Command) -> Result<(), Failure> {
        let limits = &self.cell.packages().robot.limits;
        for (i, motor) in self.built.motors.iter().enumerate() {
            let joint = &self.world.model().joints[self.built.joints[i].index()];
            let v = self.world.state().v[joint.v_start as usize];
            let (most, fastest) = (limits.torque_nm.value[i], limits.speed_rad_s.value[i]);
            let with_motion = command.tau[i] * v > 0.0;
            let left = real::clamp(1.0 - (real::abs(v) - fastest) / (FADE * fastest), 0.0, 1.0);
            let available = if with_motion { most * left } else { most };
            let tau = real::clamp(command.tau[i], -available, available);
            self.peaks.torque[i] = real::max(self.peaks.torque[i], real::abs(tau) / most);
            self.peaks.speed[i] = real::max(self.peaks.speed[i], real::abs(v) / fastest);
            self.peaks.saturated_steps[i] += u64::from(real::abs(command.tau[i]) >= most);
            let control = self.world.model().actuators[motor.index()].ctrl;
            let q = self.world.state().q[self.world.model().joints[self.built.joints[i].index()].q_start as usize];
            let name = &self.cell.packages().robot.interface.joints[i];
            let reached = self.drives.step(i, name, tau, q, v);
            let tau = reached.map_err(|what| self.broken_off(what, "the reducer's momentary peak torque"))?;
            self.world.ctrl_mut()[control as usize] = tau;
        }
        for (motor, force) in self.built.tool_motors.iter().zip(&command.tool) {
            let control = self.world.model().actuators[motor.index()].ctrl;
            self.world.ctrl_mut()[control as usize] = *force;
        }
        for &cup in &self.built.cups {
            *self.world.valve_mut(cup) = command.tool.first().is_some_and(|valve| *valve > 0.5);
        }
        Ok(())
    }

    /// After a step: who was taken, who falls, what to remember.
    fn look(&mut self, watch: &mut dyn Watch) {
        let steps = self.world.state().steps;
        if steps.is_multiple_of(TRACE_EVERY) {
            self.trace.update(&self.world.state().digest());
            self.drives.hash_into(&mut self.trace);
        }
        let mut happening = None;
        for i in 0..self.built.pieces.len() {
            let body = self.built.pieces[i];
            let model = self.world.model();
            let v = model.bodies[body.index()].dof_start as usize;
            let moved = (self.world.data().body_pose[body.index()].position - self.start[i]).norm();
            if !self.taken[i] && moved > TAKEN_M {
                self.taken[i] = true;
                happening = Some(Happening::Taken(i));
            }
            let falls = self.taken[i] && !self.dropped[i] && self.world.state().v[v + 2] < -FALL_M_S;
            if falls && !self.in_tool(i) {
                self.dropped[i] = true;
                happening = Some(Happening::Dropped(i));
            }
        }
        self.feel();
        if let Some(carried) = &mut self.carried {
            carried.look(&self.world, self.built, &self.taken);
        }
        if let Some(traced) = &mut self.traced
            && steps.is_multiple_of(self.period_steps)
        {
            traced.look(&self.world, self.built, self.period_steps as f64 * self.cell.dt_s());
        }
        if let Some(fed) = &mut self.fed {
            fed.look(&self.world, self.built);
        }
        watch.step(&Frame { world: &self.world, built: self.built, time_s: self.world.time_s(), happening, doing: self.doing() });
    }

    /// Remembers the largest forces: of what the tool holds against its surroundings, and of the robot against the cell; how far
    /// contacts were from rigid ones; and the largest distance of a joint from its reference.
    fn feel(&mut self) {
        let (geoms, bodies) = (&self.world.model().geoms, &self.world.model().bodies);
        let piece = |b: BodyId| self.built.pieces.contains(&b);
        let held = |b: BodyId| piece(b) && (0..self.built.pieces.len()).any(|i| self.built.pieces[i] == b && self.in_tool(i));
        let robot = |b: BodyId| bodies[b.index()].name.starts_with("robot/") || self.built.tool_bodies.contains(&b);
        let (mut press, mut clash) = (0.0, 0.0);
        let mut on_tool = Vec3::ZERO;
        for contact in self.world.contacts() {
            let [a, b] = contact.geoms.map(|g| geoms[g.index()].body);
            let force = || self.world.contact_force(contact)[0];
            let tool = [a, b].map(|body| self.built.tool_bodies.contains(&body));
            if tool[0] != tool[1] && !(robot(a) && robot(b)) {
                let on_second = self.world.force_on_second(contact);
                on_tool += if tool[1] { on_second } else { -on_second };
            }
            if robot(a) || robot(b) {
                if !piece(a) && !piece(b) {
                    clash += force();
                }
            } else if held(a) || held(b) {
                press += force();
            }
        }
        self.peaks.press_n = real::max(self.peaks.press_n, press);
        self.peaks.clash_n = real::max(self.peaks.clash_n, clash);
        self.peaks.contact_n = real::max(self.peaks.contact_n, on_tool.norm());
        self.peaks.residuals = self.peaks.residuals.max(self.world.contact_residuals());
        if let Mover::Program(program) = &self.mover
            && let Some(reference) = program.reference()
        {
            for (joint, q) in self.built.joints.iter().zip(&reference.q) {
                let at = self.world.model().joints[joint.index()].q_start as usize;
                let error = real::abs(self.world.state().q[at] - q);
                self.peaks.tracking_rad = real::max(self.peaks.tracking_rad, error);
            }
        }
    }

    fn doing(&self) -> &str {
        match &self.mover {
            Mover::Program(program) => &program.status().doing,
            Mover::Component(_) => "run the controller",
            Mover::Hold(_) => "hold",
        }
    }

    /// Whether anything of the tool touches piece `i`.
    fn in_tool(&self, i: usize) -> bool {
        let geoms = &self.world.model().geoms;
        self.world.contacts().iter().any(|contact| {
            let [a, b] = contact.geoms.map(|g| geoms[g.index()].body);
            let piece = self.built.pieces[i];
            (a == piece && self.built.tool_bodies.contains(&b)) || (b == piece && self.built.tool_bodies.contains(&a))
        })
    }

    /// The scenario's check of the finished stack; only a whole stack is checked.
    fn check_stability(&mut self, watch: &mut dyn Watch) -> Result<(), Failure> {
        let Some(check) = self.cell.packages().scenario.stability.clone() else { return Ok(()) };
        if self.clear_s.is_none() || self.placements().iter().any(|p| p.offset_m > BROUGHT_M) {
            return Ok(());
        }
        let site = self.cell.sites.iter().position(|s| *s == check.at).map(|i| self.built.sites[i]);
        let Some(site) = site else { return Ok(()) };
        let steps = |time_s: f64| real::round(time_s / self.cell.dt_s()) as u64;
        let (settle, hold) = (steps(check.settle_s), steps(check.hold_s));
        for _ in 0..settle {
            self.step(watch)?;
        }
        let frame = leitai_dynamics::site_pose(self.world.model(), self.world.data(), site);
        let stack: Vec<usize> = (0..self.cell.pieces.len())
            .filter(|&i| {
                self.cell.sites[self.cell.pieces[i].site] == check.at || self.cell.task.jobs.iter().any(|j| j.piece == i)
            })
            .collect();
        let positions = |world: &World, built: &Built| -> Vec<Vec3> {
            stack.iter().map(|&i| frame.inverse().apply(world.data().body_pose[built.pieces[i].index()].position)).collect()
        };
        let before = positions(&self.world, self.built);
        let gravity = self.world.state().gravity;
        let mut shift: f64 = 0.0;
        for k in 0..check.directions {
            let (s, c) = real::sin_cos(real::TAU * f64::from(k) / f64::from(check.directions));
            let sideways = frame.rotation.rotate(Vec3::new(c, s, 0.0)) * (check.lateral_g * 9.80665);
            self.world.change(|state| state.gravity = gravity + sideways);
            for _ in 0..hold {
                self.step(watch)?;
            }
            for (now, then) in positions(&self.world, self.built).iter().zip(&before) {
                shift = real::max(shift, (*now - *then).norm());
            }
        }
        self.world.change(|state| state.gravity = gravity);
        self.stack_shift_m = Some(shift);
        Ok(())
    }
}

#[cfg(test)]
#[path = "../../tests/catalog/files.rs"]
mod catalog_files;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::Packages;
    use alloc::sync::Arc;

    fn cell() -> Cell {
        let packages =
            Packages::read(&catalog_files::catalog(), "ur20", "con-block-palletizing", None).expect("packages of the catalog");
        Cell::new(&Arc::new(packages), &[("block_mass_kg".to_string(), 20.0)].into(), 0.002).expect("a cell")
    }

    /// Controllers from strangers will come; the loop that runs them tells whose number was none, and when.
    #[test]
    fn a_controller_that_answers_nan_fails_by_name() {
        let cell = cell();
        let draws = cell.nominal_draws();
        let built = cell.build(&draws).expect("a world");
        let mut trial = Trial::new(&cell, &built, &draws, Seed::from_number(1), Arm::Hold);
        for _ in 0..100 {
            trial.step(&mut ()).expect("holding still works");
        }
        for bad in [f64::NAN, f64::INFINITY] {
            trial.answer.tau[2] = bad;
            let failure = trial.check_answer().expect_err("not a number");
            assert_eq!(failure.time_s, Some(0.2));
            assert_eq!(failure.what, "the controller asked joint `elbow_joint` for a torque that is not a finite number");
            assert_eq!(failure.cause, "the controller");
        }
        trial.answer.tau[2] = 0.0;
        trial.answer.tool[0] = f64::NAN;
        assert!(trial.check_answer().expect_err("not a number").what.contains("the tool"));
    }
}
