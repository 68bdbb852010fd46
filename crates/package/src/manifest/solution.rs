//! `solution.toml`: how a robot does a task: a list of skills without joint values or robot names, or a controller of someone's own.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::common::{Assumption, Text};
use super::controller::{Controller, WrittenController, controller};
use super::document::{Document, ManifestError};
use super::part::PartClass;

/// A checked `solution.toml`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SolutionManifest {
    /// Identity.
    pub solution: Solution,
    /// What is done, under the name of its kind.
    #[serde(flatten)]
    pub work: Work,
    /// What it takes for granted.
    pub assumption: Vec<Assumption>,
}

/// What a solution does, by its kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A list of skills.
    Program(Program),
    /// A module that answers observations with commands.
    Controller(Controller),
}

/// Identity of a solution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solution {
    /// The catalog's name for it.
    pub id: String,
    /// What it is.
    pub name: Text,
    /// Kind of solution.
    pub kind: SolutionKind,
    /// Scenarios it is written for.
    pub scenarios: Vec<String>,
    /// Kind of tool it needs.
    pub tool_class: PartClass,
    /// Version of this package.
    pub version: String,
}

/// Kind of solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SolutionKind {
    /// A list of skills.
    TaskProgram,
    /// A controller as a WebAssembly module.
    Controller,
}

/// What is done: go to `start`, then `each` once for every place of the goal, then `finish`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Program {
    /// Where it begins.
    pub start: Destination,
    /// Goal of the scenario.
    pub goal: String,
    /// Which place is filled first.
    pub order: Order,
    /// What the tool may do with a piece, where the solution says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carry: Option<Carry>,
    /// Skills for one place, in order.
    pub each: Vec<Skill>,
    /// Skills after the last place.
    pub finish: Vec<Skill>,
}

/// Limits of the tool while it carries a piece.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carry {
    /// Greatest speed of the tool, m/s.
    pub speed_m_s: f64,
    /// Greatest acceleration of the tool, m/s².
    pub acceleration_m_s2: f64,
}

/// Which place is filled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By distance from the robot's base, the farthest first; equal distances in the goal's order.
    FarToNear,
    /// As the goal lists them.
    AsListed,
}

/// A place a skill can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// The posture `home_rad` of the robot package.
    Home,
    /// The piece that is moved now, as measured.
    Piece,
    /// The place it goes to.
    Target,
    /// The place that food is taken from.
    Source,
}

/// Lower until contact is felt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Press {
    /// Force that counts as contact, N.
    pub force_n: f64,
    /// How far beyond the nominal height to go without contact, m.
    pub slack_m: f64,
}

/// One skill. Poses are the tool's grip center; heights are along the z of the site that carries the piece or its place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Skill {
    /// Go there by any collision-free path.
    Move {
        /// Where.
        to: Destination,
        /// How far above it, m; 0 at `home`.
        above_m: f64,
    },
    /// Go there in a straight line.
    Approach {
        /// Where.
        to: Destination,
        /// Speed along the line, m/s.
        speed_m_s: f64,
        /// Go on until contact.
        press: Option<Press>,
    },
    /// Leave in a straight line.
    Retreat {
        /// How far up, m.
        above_m: f64,
        /// Speed along the line, m/s.
        speed_m_s: f64,
    },
    /// Take hold of the piece.
    Grip {
        /// Closing force on each jaw, N; None uses all the tool has, as does a suction gripper.
        force_n: Option<f64>,
        /// Wait after closing, s.
        settle_s: f64,
    },
    /// Let go of it.
    Release {
        /// How far each jaw opens, m; None opens fully, as does a suction gripper.
        open_m: Option<f64>,
        /// Wait after opening, s.
        settle_s: f64,
    },
    /// Feel for the hole below the tip and put the tip into it.
    Insert {
        /// Push along the hole, N.
        force_n: f64,
        /// Speed while nothing is felt, m/s.
        speed_m_s: f64,
        /// How far beside the hole the tip first touches the face around it, which is square to the hole, m.
        beside_m: f64,
        /// Lean with which the tip looks for the hole, rad.
        lean_rad: f64,
    },
    /// Come down on the patch, go over it in its lanes with a force along its normal, and leave.
    Trace {
        /// Force along the normal, N.
        force_n: f64,
        /// Speed along the lanes, m/s.
        speed_m_s: f64,
        /// How long the site is watched before, s, to go along with what sways like a sine; a site that stands is not watched.
        watch_s: f64,
    },
    /// Take food from the bowl below the spoon: down tilted to its floor, along it, level, up.
    Scoop {
        /// Push on the floor, N.
        force_n: f64,
        /// Speed along the floor, m/s.
        speed_m_s: f64,
        /// Tilt with which the spoon goes in, rad.
        tilt_rad: f64,
        /// Tilt with which it meets the end of the bowl, rad.
        flat_rad: f64,
    },
    /// Bring the level spoon to the mouth, follow it, wait for the bite, and leave.
    Offer {
        /// Force that is given way to, N.
        force_n: f64,
        /// Speed towards the mouth, m/s.
        speed_m_s: f64,
        /// Wait at the mouth, s.
        wait_s: f64,
        /// How far to leave, m.
        above_m: f64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    solution: Solution,
    program: Option<WrittenProgram>,
    controller: Option<WrittenController>,
    #[serde(default)]
    assumption: Vec<Assumption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProgram {
    start: Destination,
    goal: String,
    order: Order,
    carry: Option<Carry>,
    each: Vec<WrittenSkill>,
    #[serde(default)]
    finish: Vec<WrittenSkill>,
}

/// All fields of all skills. A tagged enum would lose the line of a fault inside a skill, so the sorting is done here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSkill {
    #[serde(rename = "do")]
    verb: Verb,
    to: Option<Destination>,
    above_m: Option<f64>,
    speed_m_s: Option<f64>,
    press_n: Option<f64>,
    slack_m: Option<f64>,
    force_n: Option<f64>,
    open_m: Option<f64>,
    settle_s: Option<f64>,
    beside_m: Option<f64>,
    lean_rad: Option<f64>,
    watch_s: Option<f64>,
    tilt_rad: Option<f64>,
    flat_rad: Option<f64>,
    wait_s: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verb {
    Move,
    Approach,
    Retreat,
    Grip,
    Release,
    Insert,
    Trace,
    Scoop,
    Offer,
}

impl SolutionManifest {
    /// Reads and checks a `solution.toml`; `file` names it in messages.
    ///
    /// # Errors
    /// The first fault found, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let document = Document::parse(file, text)?;
        let Written { solution, program, controller: module, assumption } = document.decode()?;
        document.assumptions(&assumption)?;
        document.id("solution.id", &solution.id)?;
        document.text("solution.name", &solution.name)?;
        document.words("solution.version", &solution.version)?;
        document.distinct("solution.scenarios", "", solution.scenarios.iter().map(String::as_str))?;
        for (i, scenario) in solution.scenarios.iter().enumerate() {
            document.id(&format!("solution.scenarios.{i}"), scenario)?;
        }
        let work = match (solution.kind, program, module) {
            (SolutionKind::TaskProgram, Some(program), None) => Work::Program(checked(&document, program)?),
            (SolutionKind::Controller, None, Some(module)) => Work::Controller(controller(&document, module)?),
            (SolutionKind::TaskProgram, ..) => {
                return Err(document.fault("solution.kind", "a `task_program` has a [program] and no [controller]"));
            }
            (SolutionKind::Controller, ..) => {
                return Err(document.fault("solution.kind", "a `controller` has a [controller] and no [program]"));
            }
        };
        Ok(Self { solution, work, assumption })
    }

    /// The scenario's goal that it works towards.
    #[must_use]
    pub fn goal(&self) -> &str {
        match &self.work {
            Work::Program(program) => &program.goal,
            Work::Controller(controller) => &controller.goal,
        }
    }

    /// Its list of skills, if it is one.
    #[must_use]
    pub fn program(&self) -> Option<&Program> {
        if let Work::Program(program) = &self.work { Some(program) } else { None }
    }

    /// Its module, if it is one.
    #[must_use]
    pub fn controller(&self) -> Option<&Controller> {
        if let Work::Controller(controller) = &self.work { Some(controller) } else { None }
    }
}

fn checked(document: &Document, program: WrittenProgram) -> Result<Program, ManifestError> {
    document.id("program.goal", &program.goal)?;
    if program.start != Destination::Home {
        return Err(document.fault("program.start", "a program starts at `home`: no piece is known before"));
    }
    if let Some(carry) = program.carry {
        document.positive("program.carry.speed_m_s", carry.speed_m_s, 20.0)?;
        document.positive("program.carry.acceleration_m_s2", carry.acceleration_m_s2, 1000.0)?;
    }
    let each = skills(document, "program.each", &program.each)?;
    let finish = skills(document, "program.finish", &program.finish)?;
    for (i, skill) in finish.iter().enumerate() {
        if !matches!(skill, Skill::Move { to: Destination::Home, .. } | Skill::Release { .. }) {
            return Err(document
                .fault(&format!("program.finish.{i}"), "after the last piece only `move` to `home` and `release` make sense"));
        }
    }
    let WrittenProgram { start, goal, order, carry, .. } = program;
    Ok(Program { start, goal, order, carry, each, finish })
}

fn skills(document: &Document, path: &str, written: &[WrittenSkill]) -> Result<Vec<Skill>, ManifestError> {
    if written.len() > 1000 {
        return Err(document.fault(path, format!("{} skills; the limit is 1000", written.len())));
    }
    written.iter().enumerate().map(|(i, skill)| one(document, &format!("{path}.{i}"), skill)).collect()
}

fn one(document: &Document, path: &str, written: &WrittenSkill) -> Result<Skill, ManifestError> {
    let WrittenSkill { verb, to, above_m, speed_m_s, press_n, slack_m, force_n, open_m, settle_s, beside_m, lean_rad, .. } =
        *written;
    let WrittenSkill { watch_s, tilt_rad, flat_rad, wait_s, .. } = *written;
    let takes: &[&str] = match verb {
        Verb::Move => &["to", "above_m"],
        Verb::Approach => &["to", "speed_m_s", "press_n", "slack_m"],
        Verb::Retreat => &["above_m", "speed_m_s"],
        Verb::Grip => &["force_n", "settle_s"],
        Verb::Release => &["open_m", "settle_s"],
        Verb::Insert => &["force_n", "speed_m_s", "beside_m", "lean_rad"],
        Verb::Trace => &["force_n", "speed_m_s", "watch_s"],
        Verb::Scoop => &["force_n", "speed_m_s", "tilt_rad", "flat_rad"],
        Verb::Offer => &["force_n", "speed_m_s", "wait_s", "above_m"],
    };
    let numbers =
        [("above_m", above_m, 10.0), ("speed_m_s", speed_m_s, 20.0), ("press_n", press_n, 1e5), ("slack_m", slack_m, 1.0)];
    let more = [("force_n", force_n, 1e6), ("open_m", open_m, 10.0), ("settle_s", settle_s, 600.0)];
    let felt = [("beside_m", beside_m, 1.0), ("lean_rad", lean_rad, 0.5), ("watch_s", watch_s, 600.0)];
    let fed = [("tilt_rad", tilt_rad, 1.3), ("flat_rad", flat_rad, 1.3), ("wait_s", wait_s, 600.0)];
    for (field, value, most) in numbers.into_iter().chain(more).chain(felt).chain(fed) {
        let Some(value) = value else { continue };
        let at = format!("{path}.{field}");
        if !takes.contains(&field) {
            return Err(document.fault(&at, format!("`{field}` does not belong here; this skill takes {}", takes.join(", "))));
        }
        if matches!(field, "speed_m_s" | "press_n" | "force_n") {
            document.positive(&at, value, most)?;
        } else {
            document.within(&at, value, 0.0, most)?;
        }
    }
    if to.is_some() && !takes.contains(&"to") {
        return Err(
            document.fault(&format!("{path}.to"), format!("`to` does not belong here; this skill takes {}", takes.join(", ")))
        );
    }
    let missing = |field: &str| document.fault(path, format!("`{field}` is missing; this skill takes {}", takes.join(", ")));
    match verb {
        Verb::Move => {
            let to = to.ok_or_else(|| missing("to"))?;
            if to == Destination::Home && above_m.is_some() {
                return Err(document.fault(&format!("{path}.above_m"), "`home` is a posture; nothing is above it"));
            }
            Ok(Skill::Move { to, above_m: above_m.unwrap_or(0.0) })
        }
        Verb::Approach => {
            let to = to.ok_or_else(|| missing("to"))?;
            if to == Destination::Home {
                return Err(document.fault(&format!("{path}.to"), "`home` is a posture; `move` there"));
            }
            let press = match (press_n, slack_m) {
                (Some(force_n), Some(slack_m)) => Some(Press { force_n, slack_m }),
                (None, None) => None,
                (Some(_), None) => return Err(missing("slack_m")),
                (None, Some(_)) => return Err(missing("press_n")),
            };
            Ok(Skill::Approach { to, speed_m_s: speed_m_s.ok_or_else(|| missing("speed_m_s"))?, press })
        }
        Verb::Retreat => {
            let above_m = above_m.ok_or_else(|| missing("above_m"))?;
            Ok(Skill::Retreat { above_m, speed_m_s: speed_m_s.ok_or_else(|| missing("speed_m_s"))? })
        }
        Verb::Grip => Ok(Skill::Grip { force_n, settle_s: settle_s.unwrap_or(0.0) }),
        Verb::Release => Ok(Skill::Release { open_m, settle_s: settle_s.unwrap_or(0.0) }),
        Verb::Insert => Ok(Skill::Insert {
            force_n: force_n.ok_or_else(|| missing("force_n"))?,
            speed_m_s: speed_m_s.ok_or_else(|| missing("speed_m_s"))?,
            beside_m: beside_m.ok_or_else(|| missing("beside_m"))?,
            lean_rad: lean_rad.ok_or_else(|| missing("lean_rad"))?,
        }),
        Verb::Trace => Ok(Skill::Trace {
            force_n: force_n.ok_or_else(|| missing("force_n"))?,
            speed_m_s: speed_m_s.ok_or_else(|| missing("speed_m_s"))?,
            watch_s: watch_s.unwrap_or(0.0),
        }),
        Verb::Scoop => Ok(Skill::Scoop {
            force_n: force_n.ok_or_else(|| missing("force_n"))?,
            speed_m_s: speed_m_s.ok_or_else(|| missing("speed_m_s"))?,
            tilt_rad: tilt_rad.ok_or_else(|| missing("tilt_rad"))?,
            flat_rad: flat_rad.ok_or_else(|| missing("flat_rad"))?,
        }),
        Verb::Offer => Ok(Skill::Offer {
            force_n: force_n.ok_or_else(|| missing("force_n"))?,
            speed_m_s: speed_m_s.ok_or_else(|| missing("speed_m_s"))?,
            wait_s: wait_s.ok_or_else(|| missing("wait_s"))?,
            above_m: above_m.ok_or_else(|| missing("above_m"))?,
        }),
    }
}
