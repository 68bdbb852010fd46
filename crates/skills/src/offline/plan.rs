//! From a program to timed motions, and everything that speaks against it.
//!
//! Steps become legs: a joint move is one, lines and circles joined by blends are one sequence. Whatever follows a fault is looked at all the
//! same, from where the step would have ended, so that one check says everything. A joint move to a pose may end in several
//! branches; the first from which the lines after it can be followed is taken, nearest first.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

use leitai_control::Path;
use leitai_control::sequence::{self, Options, Segment, Sequence, SequenceError, Start, Way};
use leitai_control::timing::{JointLimits, Sampled, Timing, TimingError};
use leitai_math::{Pose, real};

use super::collide::Collisions;
use super::finding::Finding;
use super::{Action, Arm, At, MotionProgram, Pace, Severity, ToolPace};

/// Cells of a joint move's grid.
const CELLS: usize = 400;
/// Branches that are tried at the end of a joint move.
const BRANCHES: usize = 8;
/// A joint move over less than this [rad] is none.
const NOTHING: f64 = 1e-9;
/// A singular posture is close if the tool's slowest direction is below this [m/rad].
const CLOSE_M: f64 = 0.03;
/// Share of a segment's length at the asked speed below which a note says so.
const MOSTLY: f64 = 0.5;
/// Findings of one program, at most.
const MOST_FINDINGS: usize = 200;

/// A timed motion on a path.
#[derive(Clone, Debug)]
pub enum LegKind {
    /// All joints straight.
    Joint {
        /// The path.
        path: Path,
        /// Its timing.
        timing: Timing,
    },
    /// Lines and circles without a stop.
    Tool(alloc::boxed::Box<Sequence>),
    /// An output, set at once.
    Output {
        /// Number.
        number: u32,
        /// On or off.
        on: bool,
    },
    /// Standing still.
    Wait,
}

/// What happens from one stop to the next.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Steps that it covers.
    pub steps: Range<usize>,
    /// When it begins [s].
    pub start_s: f64,
    /// How long it takes [s].
    pub duration_s: f64,
    /// What it is.
    pub kind: LegKind,
}

impl Leg {
    /// The path and its timing, if it moves.
    #[must_use]
    pub fn motion(&self) -> Option<(&Path, &Timing)> {
        match &self.kind {
            LegKind::Joint { path, timing } => Some((path, timing)),
            LegKind::Tool(sequence) => Some((&sequence.path, &sequence.timing)),
            LegKind::Output { .. } | LegKind::Wait => None,
        }
    }
}

/// How a step is done.
#[derive(Clone, Debug, PartialEq)]
pub struct StepReport {
    /// The step.
    pub step: usize,
    /// Time that it takes [s]; of steps joined by blends, up to the middle of each blend.
    pub duration_s: f64,
    /// Length at the asked tool speed over its own length between the blends, of lines and circles.
    pub share_at_speed: Option<f64>,
    /// Joint positions where it ends.
    pub end: Vec<f64>,
}

/// A program planned for one arm.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Joint positions at the start.
    pub start: Vec<f64>,
    /// What joints are planned for.
    pub limits: JointLimits,
    /// What happens, in order; everything up to the first error.
    pub legs: Vec<Leg>,
    /// How each step is done, as far as legs go.
    pub steps: Vec<StepReport>,
    /// Everything that speaks against it, in the order of the program.
    pub findings: Vec<Finding>,
    /// The closest to a singular posture that lines and circles come [m/rad], with the step; infinite without any.
    pub margin_m: (f64, usize),
    /// Greatest distance of the tool from its lines and circles as planned [m].
    pub deviation_m: f64,
}

impl Plan {
    /// True if nothing forbids it to run.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }

    /// Time of the whole [s].
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.legs.last().map_or(0.0, |leg| leg.start_s + leg.duration_s)
    }

    /// Writes joint positions, velocities and accelerations at `t_s`, held at the ends.
    pub fn at(&self, t_s: f64, q: &mut [f64], v: &mut [f64], a: &mut [f64]) {
        v.fill(0.0);
        a.fill(0.0);
        q.copy_from_slice(&self.start);
        let begun = self.legs.partition_point(|leg| leg.start_s <= t_s);
        for leg in self.legs[..begun].iter().rev() {
            if let Some((path, timing)) = leg.motion() {
                path.moving(&timing.at(t_s - leg.start_s), q, v, a);
                break;
            }
        }
    }
}

struct Planner<'a> {
    program: &'a MotionProgram,
    arm: &'a Arm,
    collisions: Option<Collisions>,
    plan: Plan,
    /// No leg is kept after an error.
    broken: bool,
}

/// Plans `program` for `arm` and says what speaks against it.
#[must_use]
pub fn plan(program: &MotionProgram, arm: &Arm) -> Plan {
    let start = arm.home.clone();
    let plan = Plan {
        start,
        limits: arm.limits.clone(),
        legs: Vec::new(),
        steps: Vec::new(),
        findings: Vec::new(),
        margin_m: (f64::INFINITY, 0),
        deviation_m: 0.0,
    };
    let mut planner = Planner { program, arm, collisions: None, plan, broken: false };
    match Collisions::new(arm, &program.solids) {
        Ok(collisions) => planner.collisions = Some(collisions),
        Err(error) => {
            planner.say(
                Severity::Error,
                "collision",
                (0, None),
                format!("无法检查碰撞：{error}"),
                format!("collisions cannot be checked: {error}"),
            );
        }
    }
    planner.all();
    let Planner { mut plan, .. } = planner;
    plan.findings.sort_by_key(|f| (f.step.map_or(0, |s| s + 1), f.severity));
    plan
}

impl Planner<'_> {
    fn say(&mut self, severity: Severity, rule: &'static str, place: (usize, Option<usize>), zh: String, en: String) {
        if severity == Severity::Error {
            self.broken = true;
        }
        if self.plan.findings.len() < MOST_FINDINGS {
            self.plan.findings.push(Finding::new(severity, rule, place, zh, en));
        }
    }

    /// Says something about a step.
    fn at_step(&mut self, severity: Severity, rule: &'static str, step: usize, zh: String, en: String) {
        let line = self.program.steps[step].line;
        self.say(severity, rule, (line, Some(step)), zh, en);
    }

    fn all(&mut self) {
        self.check_places();
        if let Some(start) = self.program.start {
            match &self.program.places[start].at {
                At::Posture(q) if q.len() == self.arm.home.len() => self.plan.start.clone_from(q),
                At::Posture(_) => {}
                At::Pose(_) => {
                    let place = &self.program.places[start];
                    let (zh, en) = (
                        format!("起点“{}”是位姿；改用关节角（posture）", place.name),
                        format!("the start `{}` is a pose; begin at a posture", place.name),
                    );
                    self.say(Severity::Error, "start", (place.line, None), zh, en);
                }
            }
        }
        let mut q = self.plan.start.clone();
        let mut step = 0;
        while step < self.program.steps.len() {
            let steps = step..self.end_of(step);
            step = steps.end;
            q = match self.program.steps[steps.start].action {
                Action::Joint { to, pace } => self.joint(steps.start, to, pace, &q),
                Action::Line { .. } | Action::Circle { .. } => self.tool(steps, &q),
                Action::Output { number, on } => {
                    self.keep(steps, 0.0, LegKind::Output { number, on }, &q, None);
                    q
                }
                Action::Wait { seconds } => {
                    self.keep(steps, seconds, LegKind::Wait, &q, None);
                    q
                }
            };
        }
    }

    /// Postures have as many joints as the arm, within their limits.
    fn check_places(&mut self) {
        let chain = &self.arm.chain;
        let n = chain.len();
        for k in 0..self.program.places.len() {
            let place = &self.program.places[k];
            let At::Posture(q) = &place.at else { continue };
            let (name, line) = (place.name.clone(), place.line);
            if q.len() != n {
                let found = q.len();
                let (zh, en) = (
                    format!("姿态“{name}”有 {found} 个关节角；该机械臂有 {n} 个关节"),
                    format!("posture `{name}` has {found} joint angles; this arm has {n} joints"),
                );
                self.say(Severity::Error, "limit", (line, None), zh, en);
            } else if let Some(joint) = (0..n).find(|&i| !(q[i] >= chain.low[i] - 1e-9 && q[i] <= chain.high[i] + 1e-9)) {
                let (value, low, high) = (q[joint], chain.low[joint], chain.high[joint]);
                let j = joint + 1;
                let (zh, en) = (
                    format!("姿态“{name}”的关节 {j} 为 {value:.4} rad，超出限位 {low:.4}…{high:.4} rad；改到限位之内"),
                    format!(
                        "posture `{name}` has joint {j} at {value:.4} rad, beyond its limits {low:.4} to {high:.4} rad; bring it within"
                    ),
                );
                self.say(Severity::Error, "limit", (line, None), zh, en);
            }
        }
    }

    /// The step after those that are joined to `step` without a stop.
    fn end_of(&self, step: usize) -> usize {
        let steps = &self.program.steps;
        let blend = |k: usize| tool_pace(&steps[k].action).map(|pace| pace.blend_m);
        let mut end = step + 1;
        while end < steps.len() && blend(end - 1).is_some_and(|blend| blend > 0.0) && blend(end).is_some() {
            end += 1;
        }
        end
    }

    fn keep(&mut self, steps: Range<usize>, duration_s: f64, kind: LegKind, end: &[f64], shares: Option<Vec<(f64, f64)>>) {
        if self.broken {
            return;
        }
        let start_s = self.plan.duration_s();
        for (k, step) in steps.clone().enumerate() {
            let one = shares.as_ref().and_then(|shares| shares.get(k));
            let end = match (&kind, one) {
                (LegKind::Tool(sequence), Some(_)) => {
                    let s = sequence.tool.stretch(k)[1];
                    let n = end.len();
                    let (mut q, mut slope, mut bend) = (alloc::vec![0.0; n], alloc::vec![0.0; n], alloc::vec![0.0; n]);
                    sequence.path.at(s, &mut q, &mut slope, &mut bend);
                    q
                }
                _ => end.to_vec(),
            };
            let duration_s = one.map_or(duration_s, |(time, _)| *time);
            self.plan.steps.push(StepReport { step, duration_s, share_at_speed: one.map(|(_, share)| *share), end });
        }
        self.plan.legs.push(Leg { steps, start_s, duration_s, kind });
    }

    /// Limits of a joint move between two postures.
    fn paced(&mut self, step: usize, pace: Pace) -> JointLimits {
        let mut limits = self.arm.limits.clone();
        match pace {
            Pace::Share { speed, acceleration } => {
                limits.velocity.iter_mut().for_each(|v| *v *= speed);
                limits.acceleration.iter_mut().for_each(|a| *a *= acceleration);
                limits.jerk.iter_mut().for_each(|j| *j *= acceleration);
            }
            Pace::Leading { speed_rad_s, acceleration_rad_s2 } => {
                let most = limits.velocity.iter().fold(0.0, |most, v| real::max(most, *v));
                if speed_rad_s > most * (1.0 + 1e-9) {
                    let (zh, en) = (
                        format!("要求 {speed_rad_s:.3} rad/s，本机关节最快按 {most:.3} rad/s 规划；将以可达的速度运行"),
                        format!(
                            "{speed_rad_s:.3} rad/s is asked for, joints are planned for {most:.3} rad/s at most; it runs at what they can do"
                        ),
                    );
                    self.at_step(Severity::Note, "speed", step, zh, en);
                }
                for i in 0..limits.velocity.len() {
                    let a = limits.acceleration[i];
                    limits.velocity[i] = real::min(limits.velocity[i], speed_rad_s);
                    limits.acceleration[i] = real::min(a, acceleration_rad_s2);
                    limits.jerk[i] *= limits.acceleration[i] / a;
                }
            }
        }
        limits
    }

    /// The postures in which a joint move may end.
    fn ends(&mut self, step: usize, to: usize, near: &[f64]) -> Vec<Vec<f64>> {
        match &self.program.places[to].at {
            At::Posture(q) if q.len() == near.len() => alloc::vec![q.clone()],
            At::Posture(_) => Vec::new(),
            At::Pose(pose) => {
                let target = self.arm.base * *pose;
                match sequence::postures(&self.arm.chain, &target, near, &self.arm.limits.velocity) {
                    Ok(mut found) => {
                        found.truncate(BRANCHES);
                        if found.is_empty() {
                            self.no_branch(step, to);
                        }
                        found
                    }
                    Err(error) => {
                        self.cannot(step..step + 1, &error);
                        Vec::new()
                    }
                }
            }
        }
    }

    fn no_branch(&mut self, step: usize, to: usize) {
        let name = self.program.places[to].name.clone();
        let (zh, en) = (
            format!("“{name}”的所有姿态都超出关节限位；移动或转动该位姿"),
            format!("every branch at `{name}` is beyond some joint limit; move or turn the pose"),
        );
        self.at_step(Severity::Error, "limit", step, zh, en);
    }

    /// A joint move; returns where it ends.
    fn joint(&mut self, step: usize, to: usize, pace: Pace, from: &[f64]) -> Vec<f64> {
        let ends = self.ends(step, to, from);
        let Some(first) = ends.first() else { return from.to_vec() };
        // Of several branches, the first from which what follows works.
        let next = step + 1;
        let follows = next < self.program.steps.len() && tool_pace(&self.program.steps[next].action).is_some();
        let works = |end: &&Vec<f64>| {
            let steps = next..self.end_of(next);
            let (pose, segments) = self.segments(&steps, end);
            let start = Start::Posture((*end).clone());
            Sequence::plan(&self.arm.chain, &start, &pose, &segments, &free(&self.arm.limits), None, &Options::default()).is_ok()
        };
        let end = if follows && ends.len() > 1 { ends.iter().find(works).unwrap_or(first).clone() } else { first.clone() };
        let limits = self.paced(step, pace);
        let far = from.iter().zip(&end).fold(0.0, |most, (a, b)| real::max(most, real::abs(a - b)));
        if far <= NOTHING {
            self.keep(step..next, 0.0, LegKind::Wait, &end, None);
            return end;
        }
        let path = Path::straight(from, &end);
        let mut dynamics = self.arm.dynamics();
        let mut torques = |q: &[f64], v: &[f64], a: &[f64], tau: &mut [f64]| dynamics.torques(q, v, a, tau);
        match Timing::new(&Sampled::path(&path, CELLS, Some(&mut torques)), &limits) {
            Ok(timing) => {
                self.collide(step..next, &path, |_| step);
                self.keep(step..next, timing.duration_s(), LegKind::Joint { path, timing }, &end, None);
            }
            Err(error) => self.untimed(step, &error),
        }
        end
    }

    /// Segments of some steps, and the pose where they begin.
    fn segments(&self, steps: &Range<usize>, from: &[f64]) -> (Pose, Vec<Segment>) {
        let base = self.arm.base;
        let pose = |place: usize| match &self.program.places[place].at {
            At::Pose(pose) => base * *pose,
            At::Posture(q) if q.len() == from.len() => self.arm.chain.tip(q),
            At::Posture(_) => self.arm.chain.tip(from),
        };
        let segment = |step: usize| {
            let (way, to, pace) = match self.program.steps[step].action {
                Action::Circle { via, to, pace } => (Way::Circle { via: pose(via).position }, to, pace),
                Action::Line { to, pace } => (Way::Line, to, pace),
                _ => unreachable!("only lines and circles are joined"),
            };
            let blend_m = if step + 1 < steps.end { pace.blend_m } else { 0.0 };
            let (speed_m_s, acceleration_m_s2) = (pace.speed_m_s, pace.acceleration_m_s2);
            Segment { way, to: pose(to), blend_m, speed_m_s, acceleration_m_s2 }
        };
        (self.arm.chain.tip(from), steps.clone().map(segment).collect())
    }

    /// Lines and circles without a stop; returns where they end.
    fn tool(&mut self, steps: Range<usize>, from: &[f64]) -> Vec<f64> {
        let last = steps.end - 1;
        if tool_pace(&self.program.steps[last].action).is_some_and(|pace| pace.blend_m > 0.0)
            && steps.end < self.program.steps.len()
        {
            let (zh, en) = (
                "下一步不是直线或圆弧，此处会停，过渡半径不起作用；将 blend_m 设为 0".to_string(),
                "the next step is no line or circle, so it stops here and the blend radius does nothing; set blend_m to 0"
                    .to_string(),
            );
            self.at_step(Severity::Note, "blend", last, zh, en);
        }
        let (pose, segments) = self.segments(&steps, from);
        let start = Start::Posture(from.to_vec());
        let mut dynamics = self.arm.dynamics();
        let mut torques = |q: &[f64], v: &[f64], a: &[f64], tau: &mut [f64]| dynamics.torques(q, v, a, tau);
        let planned =
            Sequence::plan(&self.arm.chain, &start, &pose, &segments, &self.arm.limits, Some(&mut torques), &Options::default());
        match planned {
            Ok(sequence) => {
                self.report(&steps, &sequence);
                let end = sequence.path.end().to_vec();
                let shares = shares(&sequence);
                self.collide(steps.clone(), &sequence.path, |s| steps.start + sequence.tool.segment_at(s));
                let duration = sequence.duration_s();
                self.keep(steps.clone(), duration, LegKind::Tool(alloc::boxed::Box::new(sequence)), &end, Some(shares));
                end
            }
            Err(error) => {
                self.cannot(steps.clone(), &error);
                // Go on from where it would have ended, in the branch nearest to where it began, if there is one.
                let target = segments[segments.len() - 1].to;
                let found = sequence::postures(&self.arm.chain, &target, from, &self.arm.limits.velocity);
                found.ok().and_then(|found| found.into_iter().next()).unwrap_or_else(|| from.to_vec())
            }
        }
    }

    /// Notes on a sequence that can run.
    fn report(&mut self, steps: &Range<usize>, sequence: &Sequence) {
        self.plan.deviation_m = real::max(self.plan.deviation_m, sequence.deviation_m);
        let at = steps.start + sequence.tool.segment_at(sequence.margin_at);
        if sequence.margin_m < self.plan.margin_m.0 {
            self.plan.margin_m = (sequence.margin_m, at);
        }
        if sequence.margin_m < CLOSE_M {
            let margin = sequence.margin_m;
            let (zh, en) = (
                format!("经过奇异姿态附近（余量 {margin:.4} m/rad）；关节会变快，宜把路径移开"),
                format!(
                    "passes close to a singular posture (margin {margin:.4} m/rad); joints get fast there, better move the way aside"
                ),
            );
            self.at_step(Severity::Note, "singular", at, zh, en);
        }
        for short in &sequence.tool.shortened {
            let (asked, used) = (short.asked_m * 1e3, short.used_m * 1e3);
            let (zh, en) = (
                format!("过渡半径 {asked:.1} mm 与相邻过渡重叠，缩短为 {used:.1} mm"),
                format!("the blend radius of {asked:.1} mm would overlap its neighbor's; {used:.1} mm is used"),
            );
            self.at_step(Severity::Note, "blend", steps.start + short.segment, zh, en);
        }
        for (k, run) in sequence.segments.iter().enumerate() {
            if run.share_at_speed < MOSTLY && run.length_m > 1e-9 {
                let share = run.share_at_speed * 100.0;
                let (zh, en) = (
                    format!("只有 {share:.0} % 的长度达到所要求的速度；路径太短，或关节限制了速度"),
                    format!(
                        "the asked speed is kept over {share:.0} % of the length only; the way is short, or joints limit the speed"
                    ),
                );
                self.at_step(Severity::Note, "speed", steps.start + k, zh, en);
            }
        }
    }

    fn collide(&mut self, steps: Range<usize>, path: &Path, step_at: impl Fn(f64) -> usize) {
        let Some((s, what)) = self.collisions.as_ref().and_then(|collisions| collisions.first(path)) else { return };
        let step = step_at(s).clamp(steps.start, steps.end - 1);
        let share = 100.0 * s / path.length();
        let (zh, en) = (
            format!("运动到 {share:.0} % 处发生碰撞：{what}；移动路径，或插入经过点"),
            format!("a collision after {share:.0} % of the motion: {what}; move the way or put a place in between"),
        );
        self.at_step(Severity::Error, "collision", step, zh, en);
    }

    fn untimed(&mut self, step: usize, error: &TimingError) {
        let (zh, en) = match error {
            TimingError::TooWeak { joint, .. } => (
                format!("关节 {} 的力矩不足以保持姿态；减小负载或换姿态", joint + 1),
                format!("joint {} has not the torque to hold its posture; carry less or choose another posture", joint + 1),
            ),
            other => (format!("无法规划时间：{other}"), format!("it cannot be timed: {other}")),
        };
        self.at_step(Severity::Error, "torque", step, zh, en);
    }

    /// Says why some steps cannot be done.
    fn cannot(&mut self, steps: Range<usize>, error: &SequenceError) {
        let step = (steps.start + error.segment().unwrap_or(0)).min(steps.end - 1);
        let percent = |at: f64| 100.0 * at;
        let (rule, zh, en) = match error {
            SequenceError::OutOfReach { at, missed_by_m, .. } => {
                let at = percent(*at);
                let (by_zh, by_en) = if missed_by_m.is_finite() {
                    (format!("，差 {:.1} mm", missed_by_m * 1e3), format!(" by {:.1} mm", missed_by_m * 1e3))
                } else {
                    (String::new(), String::new())
                };
                (
                    "reach",
                    format!("到 {at:.0} % 处超出臂展{by_zh}；移近，或换一个工具方向"),
                    format!("leaves the arm's reach{by_en} after {at:.0} %; move it closer or turn the tool another way"),
                )
            }
            SequenceError::JointLimit { at, joint, .. } => (
                "limit",
                format!("到 {:.0} % 处关节 {} 到达限位；从另一个姿态开始", percent(*at), joint + 1),
                format!("joint {} meets its limit after {:.0} %; begin in another posture", joint + 1, percent(*at)),
            ),
            SequenceError::Limits { .. } => (
                "limit",
                "所有姿态都超出关节限位；移动或转动该位姿".to_string(),
                "every branch is beyond some joint limit; move or turn the pose".to_string(),
            ),
            SequenceError::Singular { at, .. } => (
                "singular",
                format!("到 {:.0} % 处经过奇异姿态，关节须突跳；把路径移开，或改用关节运动", percent(*at)),
                format!(
                    "passes a singular posture after {:.0} %, where joints would have to jump; move the way aside or use a joint move",
                    percent(*at)
                ),
            ),
            SequenceError::NoCircle { .. } => (
                "geometry",
                "起点、经过点和终点不构成圆；把经过点移离直线，整圆用两段圆弧".to_string(),
                "start, via and end make no circle; move the via point off the line, use two arcs for a full circle".to_string(),
            ),
            SequenceError::NoWay { .. } => {
                ("geometry", "终点就是起点；删去这一步".to_string(), "it ends where it starts; leave the step out".to_string())
            }
            SequenceError::TurnsBack { .. } => (
                "blend",
                "此后原路折返，无法不停地过渡；将 blend_m 设为 0".to_string(),
                "the way turns back after it, which no blend can do without a stop; set blend_m to 0".to_string(),
            ),
            SequenceError::Timing { why, .. } => {
                self.untimed(step, why);
                return;
            }
            other => ("geometry", format!("无法规划：{other}"), format!("it cannot be planned: {other}")),
        };
        self.at_step(Severity::Error, rule, step, zh, en);
    }
}

/// Limits without torque, to try whether a way can be followed at all.
fn free(limits: &JointLimits) -> JointLimits {
    JointLimits { torque: Vec::new(), ..limits.clone() }
}

fn tool_pace(action: &Action) -> Option<&ToolPace> {
    match action {
        Action::Line { pace, .. } | Action::Circle { pace, .. } => Some(pace),
        Action::Joint { .. } | Action::Output { .. } | Action::Wait { .. } => None,
    }
}

/// Time and share at speed of each segment: from middle to middle of the blends at its ends.
fn shares(sequence: &Sequence) -> Vec<(f64, f64)> {
    let mut times = alloc::vec![0.0; sequence.segments.len()];
    const PARTS: usize = 2000;
    let dt = sequence.duration_s() / PARTS as f64;
    for i in 0..PARTS {
        let s = sequence.timing.at((i as f64 + 0.5) * dt).position;
        times[sequence.tool.segment_at(s)] += dt;
    }
    times.into_iter().zip(&sequence.segments).map(|(time, run)| (time, run.share_at_speed)).collect()
}
