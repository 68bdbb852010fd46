//! The catalog's palletizing program as a module: Leitai's own skills, with planner, inverse kinematics and servo, in the sandbox.
//!
//! It knows no robot. From the packages in its brief it builds the same nominal cell as the engine does for a task program, and then
//! runs the same controller, so its torques are the engine's to the last bit (crates/proving/tests/palletizing_module.rs).

#[path = "../../abi.rs"]
mod abi;

use std::collections::BTreeMap;

use abi::{Component, Said};
use leitai_control::Controller;
use leitai_math::Seed;
use leitai_model::channel::{Asked, Seen};
use leitai_model::{Command, Observation, Spec};
use leitai_package::manifest::{PartManifest, RobotManifest, ScenarioManifest, SolutionManifest};
use leitai_package::mjcf;
use leitai_skills::nominal::program;
use leitai_skills::{Described, Nominal, Settings, TaskProgram};
use serde::Deserialize;

/// The program: that of the catalog's task program.
const PROGRAM: &str = include_str!("../../../catalog/solutions/block-palletizing/solution.toml");

/// The part of the brief that is used.
#[derive(Deserialize)]
struct Brief {
    robot: String,
    scenario: String,
    goal: String,
    period_s: f64,
    parameters: BTreeMap<String, f64>,
    tool_controls: usize,
    observes: Vec<(String, usize)>,
    commands: Vec<(String, usize)>,
    seed: String,
    files: BTreeMap<String, String>,
}

struct Palletizing {
    program: TaskProgram,
    observes: Vec<Seen>,
    commands: Vec<Asked>,
    observation: Observation,
    command: Command,
}

impl Component for Palletizing {
    fn new(brief: &str) -> Self {
        let brief: Brief = serde_json::from_str(brief).expect("the brief is as the guide says");
        let files: BTreeMap<String, Vec<u8>> =
            brief.files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect();
        let spec = |path: String| -> Spec { mjcf::read(&path, &files).expect("the engine has read it too").spec };
        let (robot_id, scenario_id) = (&brief.robot, &brief.scenario);
        let robot_path = format!("robots/{robot_id}/robot.toml");
        let robot = RobotManifest::parse(&robot_path, &brief.files[&robot_path]).expect("the engine has read it too");
        let scenario_path = format!("scenarios/{scenario_id}/scenario.toml");
        let scenario = ScenarioManifest::parse(&scenario_path, &brief.files[&scenario_path]).expect("the engine has read it too");
        let tool = scenario.mount.tool.as_ref().map(|id| {
            let path = format!("parts/{id}/part.toml");
            let manifest = PartManifest::parse(&path, &brief.files[&path]).expect("the engine has read it too");
            let model = spec(format!("parts/{id}/{}", manifest.part.model));
            (manifest, model)
        });
        let described = Described {
            robot_model: &spec(format!("robots/{robot_id}/{}", robot.robot.model)),
            robot: &robot,
            tool: tool.as_ref().map(|(manifest, model)| (manifest, model)),
            world: &spec(format!("scenarios/{scenario_id}/{}", scenario.scenario.world)),
            scenario: &scenario,
        };
        let nominal =
            Nominal::new(&described, &brief.parameters, "palletizing", &brief.goal).expect("the engine has built it too");
        let solution = SolutionManifest::parse("solution.toml", PROGRAM).expect("it stands in the catalog");
        let skills = program(solution.program().expect("a list of skills"));
        let settings = Settings { period_s: brief.period_s, ..Settings::default() };
        let (joints, pieces, sites) = (nominal.robot.joints.len(), nominal.task.pieces.len(), nominal.task.sites);
        let seed = seed(&brief.seed);
        Self {
            program: TaskProgram::new(nominal.robot, nominal.task, &skills, settings, &seed),
            observes: brief.observes.iter().map(|(name, _)| Seen::named(name).expect("a channel")).collect(),
            commands: brief.commands.iter().map(|(name, _)| Asked::named(name).expect("a channel")).collect(),
            observation: Observation::new(joints, pieces, sites),
            command: Command::new(joints, brief.tool_controls),
        }
    }

    fn step(&mut self, observation: &[f64], command: &mut [f64]) -> Said {
        self.observes.iter().fold(0, |at, channel| at + channel.read(&observation[at..], &mut self.observation));
        self.program.step(&self.observation, &mut self.command);
        let mut at = 0;
        for channel in &self.commands {
            let part = match channel {
                Asked::Tau => &self.command.tau,
                Asked::Tool => &self.command.tool,
            };
            command[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        let status = self.program.status();
        match (status.ended, status.failures.is_empty()) {
            (false, _) => Said::GoOn,
            (true, true) => Said::Finished,
            (true, false) => Said::GaveUp,
        }
    }
}

/// The 32 bytes that 64 hexadecimal digits stand for.
fn seed(digits: &str) -> Seed {
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).expect("hexadecimal digits");
        *byte = u8::from_str_radix(pair, 16).expect("hexadecimal digits");
    }
    Seed(bytes)
}

abi::export!(Palletizing);
