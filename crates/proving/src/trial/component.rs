//! A solution that is a module: started in its sandbox with a brief, then stepped with what the scenario lets it see.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use leitai_math::Seed;
use leitai_model::interface::{Command, Observation};
use leitai_package::manifest::Controller;
use leitai_runtime::{Breach, Interface, Limits, Module, Said, Sandbox};
use serde::Serialize;

use super::cell::Cell;

/// What a module is told before its first step, as JSON: the nominal cell, which is public, and numbers for its own random draws.
/// Nothing in it depends on what the trial drew.
#[derive(Serialize)]
struct Brief<'a> {
    /// Id of the robot's package.
    robot: &'a str,
    /// Id of the scenario's.
    scenario: &'a str,
    /// The goal to work towards.
    goal: &'a str,
    /// Control period.
    period_s: f64,
    /// Claim parameters.
    parameters: &'a BTreeMap<String, f64>,
    /// Joints, in the order of `q`, `v` and `tau`.
    joints: &'a [String],
    /// Controls of the tool, in the order of the command.
    tool_controls: usize,
    /// How many work pieces are observed.
    pieces: usize,
    /// Sites, in the order of `sites`.
    sites: &'a [String],
    /// Channels of the observation with how many numbers each has.
    observes: Vec<(&'static str, usize)>,
    /// Channels of the command.
    commands: Vec<(&'static str, usize)>,
    /// 64 hexadecimal digits, new in each trial; the trial's own seed cannot be found from them.
    seed: String,
    /// Manifests and models of robot, tool and scenario, by their path in the catalog.
    files: BTreeMap<&'a str, &'a str>,
}

/// A module in its trial.
pub(super) struct Component {
    module: Module,
    interface: Interface,
    limits: Limits,
    /// Until the first step; a breach of the start is then one of that step.
    brief: Option<String>,
    sandbox: Option<Sandbox>,
    observation: Vec<f64>,
    command: Vec<f64>,
    /// What it said last; it is stepped on after it has finished, since an arm has to be held.
    pub(super) said: Said,
}

impl Component {
    pub(super) fn new(
        cell: &Cell,
        module: &Module,
        controller: &Controller,
        period_s: f64,
        seed: Seed,
        (observation, command): (&Observation, &Command),
    ) -> Self {
        let interface = Interface { observes: controller.observes.clone(), commands: controller.commands.clone() };
        let fuel = controller.fuel;
        let packages = cell.packages();
        let told = |path: &str| !path.starts_with("solutions/") && (path.ends_with(".toml") || path.ends_with(".xml"));
        let files = packages.files.iter().filter(|(path, _)| told(path));
        let files = files.filter_map(|(path, bytes)| Some((path.as_str(), core::str::from_utf8(bytes).ok()?))).collect();
        let brief = Brief {
            robot: &packages.robot.robot.id,
            scenario: &packages.scenario.scenario.id,
            goal: &controller.goal,
            period_s,
            parameters: cell.parameters(),
            joints: &packages.robot.interface.joints,
            tool_controls: command.tool.len(),
            pieces: observation.pieces.len(),
            sites: &cell.sites,
            observes: controller.observes.iter().map(|channel| (channel.name(), channel.count(observation))).collect(),
            commands: controller.commands.iter().map(|channel| (channel.name(), channel.count(command))).collect(),
            seed: own_seed(seed),
            files,
        };
        let numbers = controller.commands.iter().map(|channel| channel.count(command)).sum();
        Self {
            module: module.clone(),
            interface,
            limits: Limits { start_fuel: fuel.start_fuel, step_fuel: fuel.step_fuel, trial_fuel: fuel.trial_fuel },
            brief: Some(serde_json::to_string(&brief).expect("text and finite numbers")),
            sandbox: None,
            observation: Vec::new(),
            command: vec![0.0; numbers],
            said: Said::GoOn,
        }
    }

    /// One control step.
    pub(super) fn step(&mut self, seen: &Observation, answer: &mut Command) -> Result<(), Breach> {
        self.interface.write(seen, &mut self.observation);
        if let Some(brief) = self.brief.take() {
            let (observed, commanded) = (self.observation.len(), self.command.len());
            self.sandbox = Some(Sandbox::start(&self.module, self.limits, brief.as_bytes(), observed, commanded)?);
        }
        let Some(sandbox) = &mut self.sandbox else { return Ok(()) };
        let said = sandbox.step(&self.observation, &mut self.command)?;
        self.interface.read(&self.command, answer);
        if self.said == Said::GoOn {
            self.said = said;
        }
        Ok(())
    }
}

/// Random numbers for the module, drawn from a stream of their own: from the trial's seed itself it could compute every draw.
fn own_seed(seed: Seed) -> String {
    let mut stream = seed.stream("controller");
    (0..4).map(|_| format!("{:016x}", stream.bits())).collect()
}
