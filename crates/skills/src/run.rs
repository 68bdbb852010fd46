//! The controller that runs a program.
//!
//! It keeps a reference for every joint, moves it along planned trajectories by counting steps, and lets the joint servo turn
//! it into torques. Skills see measured poses, joint readings and the tool's own sensors; every wait is a number of steps,
//! and a skill that cannot be done ends with a reason.

use crate::grasp;
use crate::guard::Solid;
use crate::hand::Hand;
use crate::motion::{Motion, MotionPlanner};
use crate::plan::PlanOptions;
use crate::robot::{Robot, Tool};
use crate::sight::Sight;
use crate::task::{Destination, Order, Press, Program, Skill, Task};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use leitai_control::accommodation::Accommodation;
use leitai_control::{ArmDynamics, Controller, JointServo, Payload, Reference, ServoGains, TipLimits, ik};
use leitai_math::{Pose, Seed, Vec3, real};
use leitai_model::{Command, Observation};

/// How a program is run; nothing here is fitted to a robot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Control period [s].
    pub period_s: f64,
    /// Servo gains.
    pub gains: ServoGains,
    /// Control steps, beyond one, between a reading and the effect of the command computed from it.
    pub delay_steps: usize,
    /// Readings to average before a straight approach.
    pub readings: usize,
    /// Longest wait for readings [s].
    pub patience_s: f64,
    /// Limits of the empty tool.
    pub empty: TipLimits,
    /// Limits of the tool with a piece.
    pub loaded: TipLimits,
    /// Speed while contact is expected [m/s].
    pub feel_speed_m_s: f64,
    /// Time to take up or set down a load [s].
    pub load_s: f64,
    /// Rate at which forces that are felt settle [rad/s].
    pub yielding_rad_s: f64,
    /// Does what the tip does by feel as a motion, without feeling.
    pub numb: bool,
    /// Protective stop: a joint farther than this [rad or m] from where it should be ends the program.
    pub lag: f64,
    /// Planning effort.
    pub plan: PlanOptions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            period_s: 0.002,
            gains: ServoGains { natural_frequency_rad_s: 25.0, damping_ratio: 1.0 },
            delay_steps: 0,
            readings: 8,
            patience_s: 5.0,
            empty: TipLimits { speed_m_s: 2.0, acceleration_m_s2: 8.0 },
            loaded: TipLimits { speed_m_s: 1.5, acceleration_m_s2: 4.0 },
            feel_speed_m_s: 0.04,
            load_s: 0.1,
            yielding_rad_s: 6.0,
            numb: false,
            lag: 0.2,
            plan: PlanOptions::default(),
        }
    }
}

/// What the tip does by feel.
mod feel;
use feel::Feeling;
/// What a spoon does.
mod serve;

/// A skill that could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Control step.
    pub step: u64,
    /// Number of the job in [`Task::jobs`], if the skill belonged to one.
    pub job: Option<usize>,
    /// What was being done.
    pub doing: String,
    /// Why it failed.
    pub reason: String,
}

/// Where a program stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramStatus {
    /// Control steps so far.
    pub step: u64,
    /// What is being done.
    pub doing: String,
    /// Jobs whose last skill ended well.
    pub jobs_done: usize,
    /// Skills that failed, in order.
    pub failures: Vec<Failure>,
    /// Nothing more will be done.
    pub ended: bool,
}

/// One skill of the whole script.
#[derive(Clone, Copy, Debug)]
struct Line {
    job: Option<usize>,
    skill: Skill,
    last_of_job: bool,
}

/// Watching for contact while moving slowly.
#[derive(Clone, Copy, Debug)]
struct Feel {
    press: Press,
    /// Direction of the motion.
    along: Vec3,
    /// Push [N] without contact: the mean of the first readings at constant speed.
    base: f64,
    readings: u32,
}

#[derive(Clone, Debug)]
enum Phase {
    /// The skill has not begun: it may wait for readings.
    Enter { steps: u64 },
    /// Trajectories to follow, one after another; contact matters on the last.
    Follow { queue: Motion, steps: u64, feel: Option<Feel> },
    /// The hand closes.
    Closing { steps: u64, settle: u64 },
    /// The load is set down, then the hand opens.
    Opening { steps: u64, open_m: Option<f64>, settle: u64 },
    /// The tip works by feel; first, and in between, it goes along the motions of `queue`.
    Feeling { queue: Motion, steps: u64, feeling: Box<Feeling> },
    /// Standing still.
    Pause { left: u64 },
    /// Nothing more to do.
    Ended,
}

/// What the tool holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    piece: usize,
    piece_from_grip: Pose,
    payload: Payload,
    /// Opening below which the piece is gone [m].
    least_opening_m: f64,
    /// Steps since the vacuum switch went off.
    unsealed: u32,
}

/// Readings of the push that make its base.
const BASE_READINGS: u32 = 10;
/// Steps a vacuum switch may be off before the piece counts as lost.
const UNSEALED_STEPS: u32 = 10;
/// A jaw opening this much smaller than the piece [m] means that the piece is gone.
const LOST_M: f64 = 0.012;

/// Runs a [`Program`] on a [`Task`] with a [`Robot`].
#[derive(Clone, Debug)]
pub struct TaskProgram {
    task: Task,
    settings: Settings,
    order: Order,
    go_on: bool,
    script: Vec<Line>,
    each: usize,
    ordered: bool,
    at: usize,
    phase: Phase,
    servo: JointServo,
    planner: MotionPlanner,
    hand: Hand,
    accommodation: Accommodation,
    /// Does the work of the tip as if nothing could be felt.
    numb: bool,
    pieces: Sight,
    sites: Sight,
    /// Where pieces were put, until they are seen again.
    put: Vec<Option<Pose>>,
    held: Option<Held>,
    /// The grasp a move to the piece chose, and the placed pose a move to the target chose.
    grasp: Option<Pose>,
    placed: Option<Pose>,
    /// Direction in which to leave what was approached last.
    away: Vec3,
    load: f64,
    wanted_load: f64,
    reference: Option<Reference>,
    status: ProgramStatus,
}

impl TaskProgram {
    /// A program ready for its first step. `seed` feeds the random draws of inverse kinematics and planning.
    #[must_use]
    pub fn new(robot: Robot, task: Task, program: &Program, settings: Settings, seed: &Seed) -> Self {
        let mut script = Vec::new();
        let each: Vec<Skill> = program.each.iter().flat_map(|&skill| with_rise(robot.tool, skill)).collect();
        for job in 0..task.jobs.len() {
            for (k, &skill) in each.iter().enumerate() {
                script.push(Line { job: Some(job), skill, last_of_job: k + 1 == each.len() });
            }
        }
        let loaded = program.carry.unwrap_or(settings.loaded);
        if task.work.is_some() {
            script.extend(program.each.iter().map(|&skill| Line { job: None, skill, last_of_job: false }));
        }
        script.extend(program.finish.iter().map(|&skill| Line { job: None, skill, last_of_job: false }));
        let arm = ArmDynamics::new(&robot.model, &robot.joints, robot.grip);
        let widest = task.pieces.iter().fold(0.0, |most, p| real::max(most, p.half.norm()));
        Self {
            servo: JointServo::new(arm.clone(), settings.gains, robot.limits.torque.clone(), settings.delay_steps),
            hand: Hand::new(robot.tool),
            accommodation: Accommodation::new(
                settings.gains.natural_frequency_rad_s,
                settings.yielding_rad_s,
                &robot.limits.speed,
            ),
            numb: settings.numb,
            planner: MotionPlanner::new(robot, arm, widest, settings.plan, settings.empty, loaded, seed),
            pieces: Sight::new(task.pieces.len()),
            sites: Sight::new(task.sites),
            put: vec![None; task.pieces.len()],
            held: None,
            grasp: None,
            placed: None,
            away: Vec3::Z,
            load: 0.0,
            wanted_load: 0.0,
            reference: None,
            status: ProgramStatus::default(),
            phase: Phase::Enter { steps: 0 },
            at: 0,
            each: each.len(),
            ordered: false,
            order: program.order,
            go_on: program.go_on_after_failure,
            script,
            task,
            settings,
        }
    }

    /// Where the program stands.
    #[must_use]
    pub fn status(&self) -> &ProgramStatus {
        &self.status
    }

    /// Where the joints should be now; `None` before the first step.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    fn steps(&self, time_s: f64) -> u64 {
        real::ceil(time_s / self.settings.period_s) as u64
    }

    fn line(&self) -> Option<Line> {
        self.script.get(self.at).copied()
    }

    /// Sets the phase's text; only when a skill begins, so that a step in the middle allocates nothing.
    fn announce(&mut self) {
        self.status.doing = match self.line() {
            None => "finished".to_string(),
            Some(line) => match line.job {
                Some(job) => format!("piece {}: {}", self.task.jobs[job].piece + 1, words(&line.skill)),
                None => words(&line.skill),
            },
        };
    }

    fn next_skill(&mut self) -> Phase {
        if self.line().is_some_and(|line| line.last_of_job) {
            self.status.jobs_done += 1;
        }
        self.at += 1;
        self.begin()
    }

    fn begin(&mut self) -> Phase {
        self.announce();
        if self.at < self.script.len() {
            Phase::Enter { steps: 0 }
        } else {
            self.status.ended = true;
            Phase::Ended
        }
    }

    /// Notes why the current skill failed and stands still. Gives the job that it belonged to.
    fn note(&mut self, reason: String) -> Option<usize> {
        let job = self.line().and_then(|line| line.job);
        let doing = self.status.doing.clone();
        self.status.failures.push(Failure { step: self.status.step, job, doing, reason });
        self.stand();
        job
    }

    /// Notes why the current skill failed and chooses what comes next.
    fn fail(&mut self, reason: String) -> Phase {
        let job = self.note(reason);
        let next = (self.at..self.script.len()).find(|&k| self.script[k].job != job);
        match next {
            Some(next) if self.go_on && self.held.is_none() => {
                self.at = next;
                self.begin()
            }
            _ => {
                self.status.ended = true;
                Phase::Ended
            }
        }
    }

    /// Lets the reference stand where it is.
    fn stand(&mut self) {
        if let Some(reference) = &mut self.reference {
            reference.v.fill(0.0);
            reference.a.fill(0.0);
        }
    }

    fn advance(&mut self, seen: &Observation) {
        // A skill may end and the next begin within one step, but never more than a few.
        for _ in 0..3 {
            let phase = core::mem::replace(&mut self.phase, Phase::Ended);
            let (phase, again) = match phase {
                Phase::Enter { steps } => self.enter(seen, steps),
                Phase::Follow { queue, steps, feel } => self.follow(seen, queue, steps, feel),
                Phase::Closing { steps, settle } => self.closing(seen, steps, settle),
                Phase::Opening { steps, open_m, settle } => self.opening(seen, steps, open_m, settle),
                Phase::Feeling { queue, steps, feeling } => self.feeling(seen, queue, steps, feeling),
                Phase::Pause { left } if left > 1 => (Phase::Pause { left: left - 1 }, false),
                Phase::Pause { .. } => (self.next_skill(), true),
                Phase::Ended => (Phase::Ended, false),
            };
            self.phase = phase;
            if !again {
                break;
            }
        }
    }

    /// Begins the current skill, or waits until what it needs has been seen.
    fn enter(&mut self, seen: &Observation, steps: u64) -> (Phase, bool) {
        let Some(line) = self.line() else { return (self.begin(), false) };
        if let Some(missing) = self.missing(&line) {
            if steps > self.steps(self.settings.patience_s) {
                return (self.fail(missing), false);
            }
            return (Phase::Enter { steps: steps + 1 }, false);
        }
        if !self.ordered && line.job.is_some() {
            self.put_in_order();
            self.announce();
            return (Phase::Enter { steps }, true);
        }
        let begun = match line.skill {
            Skill::Move { to, above_m } => self.begin_move(line.job, to, above_m),
            Skill::Approach { to, speed_m_s, press } => self.begin_approach(line.job, to, speed_m_s, press),
            Skill::Retreat { above_m, speed_m_s } => self.begin_retreat(above_m, speed_m_s),
            Skill::Grip { force_n, settle_s } => {
                self.hand.close(&seen.tool, force_n);
                Ok(Phase::Closing { steps: 0, settle: self.steps(settle_s) })
            }
            Skill::Release { open_m, settle_s } => {
                self.wanted_load = 0.0;
                Ok(Phase::Opening { steps: 0, open_m, settle: self.steps(settle_s) })
            }
            Skill::Rise { by_m } => self.begin_rise(by_m),
            Skill::Insert(how) => self.begin_insert(how),
            Skill::Trace(how) => self.begin_trace(how),
            Skill::Scoop(how) => self.begin_scoop(how),
            Skill::Offer(how) => self.begin_offer(how),
            Skill::Wait { time_s } => Ok(Phase::Pause { left: self.steps(time_s) }),
        };
        match begun {
            Ok(phase) => (phase, true),
            Err(reason) => (self.fail(reason), false),
        }
    }

    /// What must still be seen before a skill can begin, in words.
    fn missing(&self, line: &Line) -> Option<String> {
        let served = matches!(line.skill, Skill::Scoop(_) | Skill::Offer(_)) || self.task.bowl.is_some();
        let near = served || matches!(line.skill, Skill::Approach { .. } | Skill::Insert(_) | Skill::Trace(_));
        let enough = if near { self.settings.readings } else { 1 };
        let needs_sites = near || matches!(line.skill, Skill::Move { .. });
        if needs_sites && let Some(site) = (0..self.task.sites).find(|&s| self.sites.readings(s) < enough) {
            return Some(format!("site {} was measured {} times, {enough} are needed", site + 1, self.sites.readings(site)));
        }
        let (Skill::Move { to, .. } | Skill::Approach { to, .. }) = line.skill else { return None };
        let piece = line.job.map(|job| self.task.jobs[job].piece)?;
        let count = self.pieces.readings(piece);
        let short = to == Destination::Piece && count < enough;
        short.then(|| format!("piece {} was measured {count} times, {enough} are needed", piece + 1))
    }

    /// Sorts the jobs once the places have been seen.
    fn put_in_order(&mut self) {
        self.ordered = true;
        if self.order == Order::AsListed || self.each == 0 {
            return;
        }
        let mut jobs: Vec<(f64, usize)> = (0..self.task.jobs.len())
            .map(|job| {
                let at = self.target(job).map_or(Vec3::ZERO, |pose| pose.position);
                (at.x * at.x + at.y * at.y, job)
            })
            .collect();
        // Stable, so equal distances stay as listed.
        jobs.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (k, (_, job)) in jobs.iter().enumerate() {
            for line in &mut self.script[k * self.each..(k + 1) * self.each] {
                line.job = Some(*job);
            }
        }
    }

    fn site(&self, site: Option<usize>) -> Option<Pose> {
        site.map_or(Some(Pose::IDENTITY), |site| self.sites.pose(site))
    }

    /// `base_from_target` of a job, if its site has been seen.
    fn target(&self, job: usize) -> Option<Pose> {
        let job = &self.task.jobs[job];
        Some(self.site(job.site)? * job.site_from_target)
    }

    /// Everything that stands around now, but for what is held.
    fn look_around(&mut self) {
        let mut solids: Vec<Solid> = Vec::new();
        for obstacle in &self.task.obstacles {
            if let Some(base_from_site) = self.site(obstacle.site) {
                let pose = base_from_site * obstacle.pose;
                solids.push(Solid::new(obstacle.name.clone(), obstacle.shape.clone(), pose));
            }
        }
        for (k, piece) in self.task.pieces.iter().enumerate() {
            if self.held.is_some_and(|held| held.piece == k) {
                continue;
            }
            if let Some(pose) = self.pieces.pose(k).or(self.put[k]) {
                solids.push(Solid::new(format!("piece {}", k + 1), piece.shape(), pose));
            }
        }
        self.planner.surround(solids);
    }

    /// Poses of the grip, each as good as another, that stand at a destination.
    fn grips_at(&self, job: Option<usize>, to: Destination) -> Result<Vec<Pose>, String> {
        if let (None, Some(work), Destination::Target) = (job, self.task.work, to) {
            let site = self.sites.pose(work.site).ok_or("the place has not been seen")?;
            return Ok(feel::upright_tips(&site));
        }
        let job = job.ok_or("only a job has a piece and a target")?;
        let piece = self.task.jobs[job].piece;
        match to {
            Destination::Home => Err("home is a posture, not a place".to_string()),
            Destination::Source => Err("there is no bowl to take food from".to_string()),
            Destination::Piece => {
                let pose = self.pieces.pose(piece).ok_or("the piece has not been seen")?;
                let grasps = match self.grasp {
                    Some(grasp) => vec![grasp],
                    None => grasp::grasps(&self.planner.robot.tool, &self.task.pieces[piece]),
                };
                if grasps.is_empty() {
                    return Err(format!("piece {} does not fit the tool", piece + 1));
                }
                let below = pose.rotation.rotate(Vec3::Z) * -self.clearances()[0];
                Ok(grasps.into_iter().map(|grasp| self.turned(pose * grasp, below)).collect())
            }
            Destination::Target => {
                let held = self.held.ok_or("nothing is held that could be placed")?;
                let target = self.target(job).ok_or("the place has not been seen")?;
                let placed = match self.placed {
                    Some(turn) => vec![target * turn],
                    None => grasp::equal_targets(&self.task.pieces[piece], &target),
                };
                let above = target.rotation.rotate(Vec3::Z) * self.clearances()[1];
                Ok(placed.into_iter().map(|pose| self.turned(pose * held.piece_from_grip, above)).collect())
            }
        }
    }

    /// How far a blade goes in below a piece, and comes in above its place [m]; other tools go straight there.
    fn clearances(&self) -> [f64; 2] {
        match self.planner.robot.tool {
            Tool::Blade { clearance_m, lift_m, .. } => [clearance_m, lift_m],
            Tool::Clamp { .. } | Tool::Suction { .. } | Tool::Process => [0.0; 2],
        }
    }

    /// The grip moved by `shift`, turned as the arm can.
    fn turned(&self, grip: Pose, shift: Vec3) -> Pose {
        self.planner.robot.turned(Pose::new(grip.position + shift, grip.rotation))
    }

    fn begin_rise(&mut self, by_m: f64) -> Result<Phase, String> {
        let from = self.q();
        let tip = self.planner.tip(&from);
        let there = Pose::new(tip.position + tip.rotation.rotate(Vec3::X) * by_m, tip.rotation);
        let queue = VecDeque::from([self.planner.straight(&from, &there, self.settings.feel_speed_m_s)?]);
        Ok(Phase::Follow { queue, steps: 0, feel: None })
    }

    fn begin_move(&mut self, job: Option<usize>, to: Destination, above_m: f64) -> Result<Phase, String> {
        self.look_around();
        let from = self.q();
        if to == Destination::Home {
            let home = self.planner.robot.home.clone();
            return Ok(Phase::Follow { queue: self.planner.move_to(&from, &home)?, steps: 0, feel: None });
        }
        if job.is_none() && self.task.bowl.is_some() {
            return if to == Destination::Source { self.begin_over_bowl(above_m) } else { self.begin_to_mouth(above_m) };
        }
        (self.grasp, self.placed) = if to == Destination::Piece { (None, None) } else { (self.grasp, None) };
        let grips = self.grips_at(job, to)?;
        let (queue, choice) = self.planner.move_above(&from, &grips, above_m)?;
        self.choose(job, to, choice);
        Ok(Phase::Follow { queue, steps: 0, feel: None })
    }

    /// Remembers which of several equal grips the arm is going to.
    fn choose(&mut self, job: Option<usize>, to: Destination, choice: usize) {
        let Some(job) = job else { return };
        let piece = self.task.jobs[job].piece;
        match to {
            Destination::Home | Destination::Source => {}
            Destination::Piece => self.grasp = Some(grasp::grasps(&self.planner.robot.tool, &self.task.pieces[piece])[choice]),
            Destination::Target => {
                self.placed = Some(grasp::equal_targets(&self.task.pieces[piece], &Pose::IDENTITY)[choice]);
            }
        }
    }

    fn q(&self) -> Vec<f64> {
        self.reference.as_ref().map_or_else(|| self.planner.robot.home.clone(), |reference| reference.q.clone())
    }

    fn begin_approach(
        &mut self,
        job: Option<usize>,
        to: Destination,
        speed_m_s: f64,
        press: Option<Press>,
    ) -> Result<Phase, String> {
        let grips = self.grips_at(job, to)?;
        let from = self.q();
        // Without a move before, the nearest heading is taken.
        let choice = (0..grips.len())
            .map(|k| (ik::pose_error(&grips[k], &self.planner.tip(&from)).1.norm(), k))
            .fold((f64::INFINITY, 0), |best, now| if now.0 < best.0 { now } else { best })
            .1;
        if self.grasp.is_none() || (to == Destination::Target && self.placed.is_none()) {
            self.choose(job, to, choice);
        }
        let grip = grips[choice];
        self.away = -grip.rotation.rotate(Vec3::Z);
        let Some(press) = press else {
            let queue = VecDeque::from([self.planner.straight(&from, &grip, speed_m_s)?]);
            return Ok(Phase::Follow { queue, steps: 0, feel: None });
        };
        let shifted = |by: f64| Pose::new(grip.position + self.away * by, grip.rotation);
        // Some way at constant speed before contact is possible, to learn what the push reads without it.
        let (hover, deepest) = (shifted(press.slack_m + 0.005), shifted(-press.slack_m));
        let fast = self.planner.straight(&from, &hover, speed_m_s)?;
        let slow = self.planner.straight(fast.path.end(), &deepest, real::min(self.settings.feel_speed_m_s, speed_m_s))?;
        let feel = Feel { press, along: -self.away, base: 0.0, readings: 0 };
        Ok(Phase::Follow { queue: VecDeque::from([fast, slow]), steps: 0, feel: Some(feel) })
    }

    fn begin_retreat(&mut self, above_m: f64, speed_m_s: f64) -> Result<Phase, String> {
        let from = self.q();
        let tip = self.planner.tip(&from);
        let up = Pose::new(tip.position + self.away * above_m, tip.rotation);
        if self.held.is_some() {
            self.wanted_load = 1.0;
        }
        let queue = VecDeque::from([self.planner.straight(&from, &up, speed_m_s)?]);
        Ok(Phase::Follow { queue, steps: 0, feel: None })
    }

    fn follow(&mut self, seen: &Observation, mut queue: Motion, steps: u64, mut feel: Option<Feel>) -> (Phase, bool) {
        let steps = steps + 1;
        let t = steps as f64 * self.settings.period_s;
        let last = queue.len() == 1;
        let Some(now) = queue.front() else { return (self.next_skill(), true) };
        let reference = self.reference.get_or_insert_with(|| Reference::standing(&seen.q));
        now.at(t, &mut reference.q, &mut reference.v, &mut reference.a);
        let cruising = last && now.profile.at(t).acceleration == 0.0 && t < now.duration_s();
        let over = t >= now.duration_s();
        if cruising && let Some(feel) = &mut feel {
            let push = self.push(seen, feel.along);
            if feel.readings < BASE_READINGS {
                feel.readings += 1;
                feel.base += (push - feel.base) / f64::from(feel.readings);
            } else if push - feel.base > feel.press.force_n {
                self.stand();
                return (self.next_skill(), false);
            }
        }
        if over {
            queue.pop_front();
            if queue.is_empty() {
                self.stand();
                return (self.next_skill(), false);
            }
            return (Phase::Follow { queue, steps: 0, feel }, false);
        }
        (Phase::Follow { queue, steps, feel }, false)
    }

    /// Force [N] with which the tool pushes `along`: what the servo adds to the torques of the bare motion, at the tool.
    fn push(&mut self, seen: &Observation, along: Vec3) -> f64 {
        let Some(reference) = &self.reference else { return 0.0 };
        self.servo.push(reference, &seen.q, &seen.v, &self.planner.robot.chain, along)
    }

    fn closing(&mut self, seen: &Observation, steps: u64, settle: u64) -> (Phase, bool) {
        if !self.hand.holds(&seen.tool) {
            if self.hand.is_shut(&seen.tool) {
                return (self.fail("the jaws closed on nothing".to_string()), false);
            }
            if steps > self.steps(self.hand.patience_s()) {
                let reason = match self.planner.robot.tool {
                    Tool::Clamp { .. } => "the jaws did not come to a grip",
                    Tool::Suction { .. } | Tool::Blade { .. } => "no vacuum: the cups do not seal",
                    Tool::Process => "the tool holds nothing",
                };
                return (self.fail(reason.to_string()), false);
            }
            return (Phase::Closing { steps: steps + 1, settle }, false);
        }
        let job = self.line().and_then(|line| line.job);
        let (Some(job), Some(piece_from_grip)) = (job, self.grasp) else {
            return (self.fail("the grip was closed without an approach to a piece".to_string()), false);
        };
        let piece = self.task.jobs[job].piece;
        let described = &self.task.pieces[piece];
        let length = grasp::length_between_jaws(described, &piece_from_grip);
        if matches!(self.planner.robot.tool, Tool::Clamp { .. }) && seen.tool.opening_m < length - LOST_M {
            let reason = format!("the jaws stopped at {:.0} mm on a piece of {:.0} mm", seen.tool.opening_m * 1e3, length * 1e3);
            return (self.fail(reason), false);
        }
        let payload = grasp::payload(described, &piece_from_grip);
        let least_opening_m = length - LOST_M;
        self.planner.hold(described.shape(), piece_from_grip.inverse(), &payload);
        self.held = Some(Held { piece, piece_from_grip, payload, least_opening_m, unsealed: 0 });
        (Phase::Pause { left: settle.max(1) }, false)
    }

    fn opening(&mut self, seen: &Observation, steps: u64, open_m: Option<f64>, settle: u64) -> (Phase, bool) {
        if self.load > 0.0 {
            return (Phase::Opening { steps, open_m, settle }, false);
        }
        if steps == 0 {
            self.hand.open(&seen.tool, open_m);
            let tip = self.planner.tip(&self.q());
            if let Some(held) = self.held.take() {
                self.put[held.piece] = Some(tip * held.piece_from_grip.inverse());
                self.pieces.forget(held.piece);
            }
            self.planner.let_go();
            self.servo.arm.release();
        } else if self.hand.is_open(&seen.tool) {
            (self.grasp, self.placed) = (None, None);
            return (Phase::Pause { left: settle.max(1) }, false);
        } else if steps > self.steps(self.hand.patience_s()) {
            return (self.fail("the tool did not open".to_string()), false);
        }
        (Phase::Opening { steps: steps + 1, open_m, settle }, false)
    }

    /// Ends the program if a joint is far from where it should be: its drive cannot do what the motion asks.
    fn watch_joints(&mut self, seen: &Observation) {
        let Some(reference) = &self.reference else { return };
        let lags = reference.q.iter().zip(&seen.q).map(|(wanted, q)| real::abs(wanted - q));
        let (joint, lag) = lags.enumerate().fold((0, 0.0), |worst, now| if now.1 > worst.1 { now } else { worst });
        if lag > self.settings.lag && !self.status.ended {
            let reason = format!("protective stop: joint {} is {lag:.2} rad from where it should be", joint + 1);
            self.note(reason);
            self.status.ended = true;
            self.phase = Phase::Ended;
        }
    }

    /// Ends the skill if what was held is gone.
    fn watch_grip(&mut self, seen: &Observation) {
        let Some(held) = &mut self.held else { return };
        if matches!(self.phase, Phase::Opening { .. } | Phase::Ended) {
            return;
        }
        let lost = match self.planner.robot.tool {
            Tool::Clamp { .. } => seen.tool.opening_m < held.least_opening_m,
            Tool::Suction { .. } | Tool::Blade { .. } => {
                held.unsealed = if seen.tool.sealed { 0 } else { held.unsealed + 1 };
                held.unsealed > UNSEALED_STEPS
            }
            Tool::Process => false,
        };
        if lost {
            self.held = None;
            self.planner.let_go();
            self.wanted_load = 0.0;
            (self.grasp, self.placed) = (None, None);
            self.hand.open(&seen.tool, None);
            self.phase = self.fail("the piece was lost from the tool".to_string());
        }
    }

    /// Brings the load in the servo's model towards the wanted share.
    fn shift_load(&mut self) {
        let rate = self.settings.period_s / real::max(self.settings.load_s, self.settings.period_s);
        let change = real::clamp(self.wanted_load - self.load, -rate, rate);
        if change == 0.0 {
            return;
        }
        self.load = real::clamp(self.load + change, 0.0, 1.0);
        match &self.held {
            Some(held) => self.servo.arm.carry(&held.payload, self.load),
            None => {
                self.load = 0.0;
                self.servo.arm.release();
            }
        }
    }
}

impl Controller for TaskProgram {
    fn step(&mut self, seen: &Observation, command: &mut Command) {
        if self.reference.is_none() {
            self.reference = Some(Reference::standing(&seen.q));
            self.announce();
        }
        self.pieces.update(&seen.pieces);
        self.sites.update(&seen.sites);
        self.watch_joints(seen);
        self.watch_grip(seen);
        self.advance(seen);
        self.shift_load();
        if let Some(reference) = &self.reference {
            self.servo.step(reference, &seen.q, &seen.v, &mut command.tau);
        }
        let control = self.hand.step(&seen.tool, self.settings.period_s);
        command.tool.fill(control);
        self.status.step += 1;
    }
}

/// A blade rises before it takes hold and sinks after it has let go.
fn with_rise(tool: Tool, skill: Skill) -> impl Iterator<Item = Skill> {
    let way = if let Tool::Blade { clearance_m, lift_m, .. } = tool { Some(clearance_m + lift_m) } else { None };
    let rise = way.filter(|_| matches!(skill, Skill::Grip { .. })).map(|by_m| Skill::Rise { by_m });
    let sink = way.filter(|_| matches!(skill, Skill::Release { .. })).map(|by_m| Skill::Rise { by_m: -by_m });
    rise.into_iter().chain([skill]).chain(sink)
}

fn words(skill: &Skill) -> String {
    let name = |to: &Destination| match to {
        Destination::Home => "home",
        Destination::Piece => "the piece",
        Destination::Target => "its place",
        Destination::Source => "the bowl",
    };
    match skill {
        Skill::Move { to: Destination::Home, .. } => "move home".to_string(),
        Skill::Move { to, above_m } => format!("move to {:.0} mm above {}", above_m * 1e3, name(to)),
        Skill::Approach { to, press: None, .. } => format!("approach {}", name(to)),
        Skill::Approach { to, press: Some(_), .. } => format!("lower onto {}", name(to)),
        Skill::Retreat { above_m, .. } => format!("retreat by {:.0} mm", above_m * 1e3),
        Skill::Grip { .. } => "take hold".to_string(),
        Skill::Release { .. } => "let go".to_string(),
        Skill::Rise { by_m } if *by_m < 0.0 => "sink".to_string(),
        Skill::Rise { .. } => "rise".to_string(),
        Skill::Insert(_) => "insert".to_string(),
        Skill::Trace(_) => "trace".to_string(),
        Skill::Scoop(_) => "scoop".to_string(),
        Skill::Offer(_) => "offer".to_string(),
        Skill::Wait { time_s } => format!("wait {time_s:.2} s"),
    }
}
