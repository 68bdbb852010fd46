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
            seed: own_seed(seed).0.iter().map(|byte| format!("{byte:02x}")).collect(),
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

/// The module's own root of randomness: from the trial's seed itself it could compute every draw.
fn own_seed(seed: Seed) -> Seed {
    let mut stream = seed.stream("controller");
    let mut bytes = [0; 32];
    bytes.chunks_exact_mut(8).for_each(|word| word.copy_from_slice(&stream.bits().to_be_bytes()));
    Seed(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{Arm, Mover, Trial, catalog_files};
    use super::*;
    use crate::packages::Packages;
    use alloc::sync::Arc;
    use leitai_skills::{Settings, TaskProgram};

    /// The catalog's module is the engine's own skills, compiled to WebAssembly, and so is what it computes: every torque of these
    /// seconds, planning included. After a change of skills, control or dynamics, `cargo xtask controllers` builds it anew.
    #[test]
    fn the_catalogs_module_commands_what_the_engine_would() {
        let catalog = catalog_files::catalog();
        let read = |solution| Arc::new(Packages::read(&catalog, "ur20", "con-block-palletizing", Some(solution)).expect("reads"));
        let parameters = [("block_mass_kg".into(), 20.0)].into();
        let cell = |solution| Cell::new(&read(solution), &parameters, 0.002).expect("a cell");
        let (sandboxed, native) = (cell("palletizing-module"), cell("block-palletizing"));
        let seed = Seed::from_number(1).trial(0);
        let draws = native.draws(seed);
        let built = native.build(&draws).expect("a world");
        let mut one = Trial::new(&sandboxed, &built, &draws, seed, Arm::Solution);
        let mut other = Trial::new(&native, &built, &draws, seed, Arm::Solution);
        let program = native.program.as_ref().expect("a task program");
        let program = TaskProgram::new(native.robot.clone(), native.task.clone(), program, Settings::default(), &own_seed(seed));
        other.mover = Mover::Program(program.into());
        for step in 0..2_000 {
            one.step(&mut ()).expect("runs");
            other.step(&mut ()).expect("runs");
            let bits = |trial: &Trial| -> Vec<u64> {
                trial.answer.tau.iter().chain(&trial.answer.tool).map(|number| number.to_bits()).collect()
            };
            assert_eq!(bits(&one), bits(&other), "step {step}; rebuild the module: cargo xtask controllers");
        }
        assert!(matches!(&other.mover, Mover::Program(program) if program.status().doing.contains("piece")), "it is at work");
    }
}
