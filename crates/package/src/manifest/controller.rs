//! `[controller]` of a `solution.toml`: a WebAssembly module beside it that answers observations with commands.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use leitai_model::channel::{Asked, Seen};
use serde::{Deserialize, Serialize, Serializer};

use super::document::{Document, ManifestError};

/// A controller as a module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Controller {
    /// Name of the module's file, beside the manifest.
    pub module: String,
    /// Goal of the scenario.
    pub goal: String,
    /// What it sees, in the order of its observation array.
    #[serde(serialize_with = "seen_names")]
    pub observes: Vec<Seen>,
    /// What it commands, in the order of its command array; torques that it does not command are zero.
    #[serde(serialize_with = "asked_names")]
    pub commands: Vec<Asked>,
    /// Fuel that it may use, in units of the sandbox: one for each instruction or so.
    #[serde(flatten)]
    pub fuel: Fuel,
}

/// Fuel of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fuel {
    /// For everything before the first step.
    pub start_fuel: u64,
    /// For one step.
    pub step_fuel: u64,
    /// For a whole trial.
    pub trial_fuel: u64,
}

impl Fuel {
    /// What a controller gets that asks for nothing else.
    pub const DEFAULT: Self = Self { start_fuel: 100_000_000, step_fuel: 10_000_000, trial_fuel: 10_000_000_000 };
    /// The most that a manifest may ask for.
    pub const MOST: Self = Self { start_fuel: 2_000_000_000, step_fuel: 20_000_000_000, trial_fuel: 100_000_000_000 };
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenController {
    module: String,
    goal: String,
    observes: Vec<String>,
    commands: Vec<String>,
    start_fuel: Option<u64>,
    step_fuel: Option<u64>,
    trial_fuel: Option<u64>,
}

/// Checks the table.
pub(super) fn controller(document: &Document, written: WrittenController) -> Result<Controller, ManifestError> {
    document.file_name("controller.module", &written.module)?;
    if !written.module.ends_with(".wasm") {
        let what = format!("`{}` is not the name of a WebAssembly module; it ends in .wasm", written.module);
        return Err(document.fault("controller.module", what));
    }
    document.id("controller.goal", &written.goal)?;
    let observes = channels(document, "controller.observes", &written.observes, &Seen::ALL.map(|c| (c.name(), c)))?;
    let commands = channels(document, "controller.commands", &written.commands, &Asked::ALL.map(|c| (c.name(), c)))?;
    let fuel = |name: &str, given: Option<u64>, default: u64, most: u64| {
        let value = given.unwrap_or(default);
        if (1..=most).contains(&value) {
            return Ok(value);
        }
        let what = format!("`{name}` is {value}; it must be a whole number from 1 to {most}");
        Err(document.fault(&format!("controller.{name}"), what))
    };
    let (usual, most) = (Fuel::DEFAULT, Fuel::MOST);
    let fuel = Fuel {
        start_fuel: fuel("start_fuel", written.start_fuel, usual.start_fuel, most.start_fuel)?,
        step_fuel: fuel("step_fuel", written.step_fuel, usual.step_fuel, most.step_fuel)?,
        trial_fuel: fuel("trial_fuel", written.trial_fuel, usual.trial_fuel, most.trial_fuel)?,
    };
    Ok(Controller { module: written.module, goal: written.goal, observes, commands, fuel })
}

fn channels<C: Copy>(
    document: &Document,
    path: &str,
    written: &[String],
    known: &[(&'static str, C)],
) -> Result<Vec<C>, ManifestError> {
    document.distinct(path, "", written.iter().map(String::as_str))?;
    let mut out = Vec::new();
    for (i, name) in written.iter().enumerate() {
        document.refers(&format!("{path}.{i}"), "channel", name, known.iter().map(|(name, _)| *name))?;
        out.extend(known.iter().filter(|(known, _)| known == name).map(|(_, channel)| *channel));
    }
    if out.is_empty() {
        return Err(document.fault(path, "no channel; a controller without any does nothing"));
    }
    Ok(out)
}

fn seen_names<S: Serializer>(channels: &[Seen], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(channels.iter().map(|channel| channel.name()))
}

fn asked_names<S: Serializer>(channels: &[Asked], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(channels.iter().map(|channel| channel.name()))
}
