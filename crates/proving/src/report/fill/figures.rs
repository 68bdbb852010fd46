//! Every figure a verdict rests on, with its value, how sure it is and where it comes from.
//!
//! The manifests are walked as data, so a figure that is added to one appears here by itself: everything that carries a standing
//! is listed, but for the sources themselves.

use leitai_package::manifest::Standing as Known;
use serde::Serialize;
use serde_json::{Map, Value};

use super::names::{figure, short, unit, with_unit, written};
use crate::claim::Claim;
use crate::packages::Packages;
use crate::report::{Assumption, Standing, Text};
use crate::trial::cell;

/// The figures of all packages of a claim, and those that a trial itself assumes.
#[must_use]
pub fn figures(packages: &Packages, claim: &Claim) -> Vec<Assumption> {
    let mut list = List { claim, figures: Vec::new() };
    list.manifest(&format!("robots/{}/robot.toml", claim.robot.id), &packages.robot.robot.name, &packages.robot);
    if let Some(tool) = &packages.tool {
        let part = &tool.manifest.part;
        list.manifest(&format!("parts/{}/part.toml", part.id), &part.name, &tool.manifest);
    }
    let scenario = &packages.scenario.scenario;
    list.manifest(&format!("scenarios/{}/scenario.toml", scenario.id), &scenario.name, &packages.scenario);
    let solution = &packages.solution.solution;
    list.manifest(&format!("solutions/{}/solution.toml", solution.id), &solution.name, &packages.solution);
    for (name, value, unit, standing) in cell::assumptions() {
        list.figures.push(Assumption {
            text: figure(name),
            value: with_unit(value, &written(unit)),
            standing: standing_of(standing),
            source: format!("{} (trial::cell)", claim.engine),
        });
    }
    list.figures
}

fn standing_of(standing: Known) -> Standing {
    match standing {
        Known::Verified => Standing::Verified,
        Known::Recalled => Standing::Recalled,
        Known::Assumed => Standing::Assumed,
    }
}

struct List<'a> {
    claim: &'a Claim,
    figures: Vec<Assumption>,
}

/// One manifest while it is walked.
struct Walk<'a> {
    file: &'a str,
    owner: &'a leitai_package::manifest::Text,
    sources: Vec<Value>,
}

impl List<'_> {
    fn manifest(&mut self, file: &str, owner: &leitai_package::manifest::Text, manifest: &impl Serialize) {
        let Ok(Value::Object(mut root)) = serde_json::to_value(manifest) else { return };
        let sources = match root.remove("source") {
            Some(Value::Array(sources)) => sources,
            _ => Vec::new(),
        };
        let walk = Walk { file, owner, sources };
        for (key, value) in &root {
            self.collect(&walk, key, key, value);
        }
    }

    /// `key` is the name of this value, `group` that of the outermost table it stands in.
    fn collect(&mut self, walk: &Walk, group: &str, key: &str, value: &Value) {
        match value {
            Value::Object(table) => {
                for (inner, value) in table {
                    self.collect(walk, group, inner, value);
                }
                if let Some(standing) = table.get("standing").and_then(Value::as_str) {
                    self.figures.push(self.one(walk, group, key, table, standing));
                }
            }
            Value::Array(list) => list.iter().for_each(|item| self.collect(walk, group, key, item)),
            _ => {}
        }
    }

    fn one(&self, walk: &Walk, group: &str, key: &str, table: &Map<String, Value>, standing: &str) -> Assumption {
        let text = |field: &str| table.get(field).and_then(Value::as_str);
        let (name, value) = match group {
            "assumption" => (said(table, "text"), claimed_value(table)),
            "claim" => (figure(text("name").unwrap_or(key)), claimed_value(table)),
            "vary" => (figure(text("quantity").unwrap_or(key)), spread(table, unit(text("quantity").unwrap_or(key)))),
            "require" => (said(table, "name"), bound(table)),
            "parameter" => (figure(key), self.parameter(key, table)),
            "generate" | "goal" => (layout_name(key, table), layout(table)),
            "scatter" => (layout_name(key, table), scattered(table)),
            "measure" => (measure_name(table), measure(table)),
            _ => (figure(key), plain(key, table)),
        };
        let owner = |owner: &str, name: &str| if group == "assumption" { name.to_string() } else { format!("{owner}: {name}") };
        Assumption {
            text: Text::new(owner(&walk.owner.zh, &name.zh).replace(": ", "："), owner(&walk.owner.en, &name.en)),
            value,
            standing: match standing {
                "verified" => Standing::Verified,
                "recalled" => Standing::Recalled,
                _ => Standing::Assumed,
            },
            source: text("source").and_then(|key| walk.source(key)).unwrap_or_else(|| walk.file.to_string()),
        }
    }

    fn parameter(&self, key: &str, table: &Map<String, Value>) -> String {
        let (unit, number) = (unit_of(table), |field: &str| table.get(field).and_then(Value::as_f64).unwrap_or(0.0));
        let value = self.claim.parameters.get(key).copied().unwrap_or_else(|| number("default"));
        format!("{} ({} – {})", with_unit(value, &unit), short(number("min")), short(number("max")))
    }
}

impl Walk<'_> {
    fn source(&self, key: &str) -> Option<String> {
        let source = self.sources.iter().find(|source| source.get("key").and_then(Value::as_str) == Some(key))?;
        let text = |field: &str| source.get(field).and_then(Value::as_str).unwrap_or("");
        Some(format!("{}: {} ({})", text("publisher"), text("title"), text("date")))
    }
}

fn said(table: &Map<String, Value>, field: &str) -> Text {
    let text = |language: &str| table.get(field).and_then(|t| t.get(language)).and_then(Value::as_str).unwrap_or("").to_string();
    Text::new(text("zh"), text("en"))
}

fn unit_of(table: &Map<String, Value>) -> String {
    written(table.get("unit").and_then(Value::as_str).unwrap_or(""))
}

/// `value` and `unit`, where there are any.
fn claimed_value(table: &Map<String, Value>) -> String {
    table.get("value").and_then(Value::as_f64).map_or_else(|| "–".to_string(), |value| with_unit(value, &unit_of(table)))
}

/// What is drawn from.
fn spread(table: &Map<String, Value>, unit: &str) -> String {
    let number = |kind: &str, field: &str| table.get(kind).and_then(|t| t.get(field)).and_then(Value::as_f64);
    if let (Some(low), Some(high)) = (number("uniform", "low"), number("uniform", "high")) {
        return with_unit_text(format!("{} … {}", short(low), short(high)), unit);
    }
    if let (Some(low), Some(high)) = (number("integer", "low"), number("integer", "high")) {
        return format!("{low} … {high}");
    }
    match (number("normal", "mean"), number("normal", "sd")) {
        (Some(mean), Some(sd)) => with_unit_text(format!("{} ± {} (σ)", short(mean), short(sd)), unit),
        _ => "–".to_string(),
    }
}

fn with_unit_text(text: String, unit: &str) -> String {
    if unit.is_empty() { text } else { format!("{text} {unit}") }
}

/// A requirement's limit on one trial, and its rate.
fn bound(table: &Map<String, Value>) -> String {
    let number = |field: &str| table.get(field).and_then(Value::as_f64).unwrap_or(0.0);
    let sign = if table.get("comparison").and_then(Value::as_str) == Some("at_least") { "≥" } else { "≤" };
    format!("{sign} {}; ≥ {} %", with_unit(number("limit"), &unit_of(table)), short(100.0 * number("rate_at_least")))
}

fn layout_name(key: &str, table: &Map<String, Value>) -> Text {
    let id = table.get("id").and_then(Value::as_str).unwrap_or(key);
    Text::new(format!("布局 {id}"), format!("Layout {id}"))
}

fn layout(table: &Map<String, Value>) -> String {
    let count = |field: &str| table.get(field).and_then(Value::as_u64).unwrap_or(0);
    let pitch = numbers(table.get("pitch_m")).iter().map(|x| short(*x)).collect::<Vec<_>>().join(" × ");
    format!("{} × {} × {}; {pitch} m", count("columns"), count("rows"), count("layers"))
}

fn scattered(table: &Map<String, Value>) -> String {
    let edges = |field: &str| numbers(table.get(field)).iter().map(|x| short(*x)).collect::<Vec<_>>().join(" × ");
    let count = table.get("pieces").and_then(Value::as_array).map_or(0, Vec::len);
    let gap = table.get("gap_m").and_then(Value::as_f64).unwrap_or(0.0);
    format!("{count}; {} m; ≥ {} m", edges("area_m"), short(gap))
}

fn measure_name(table: &Map<String, Value>) -> Text {
    match table.get("of").and_then(Value::as_str) {
        Some("sites") => Text::new("位置测量（σ；频率；延迟；丢失）", "Measured places (σ; rate; delay; lost)"),
        _ => Text::new("工件位姿测量（σ；频率；延迟；丢失）", "Measured poses of pieces (σ; rate; delay; lost)"),
    }
}

fn measure(table: &Map<String, Value>) -> String {
    let number = |field: &str| table.get(field).and_then(Value::as_f64).unwrap_or(0.0);
    format!(
        "{}, {}; {}; {}; {} – {} %",
        with_unit(number("position_sd_m") * 1e3, "mm"),
        with_unit(number("angle_sd_rad"), "rad"),
        with_unit(number("rate_hz"), "Hz"),
        with_unit(number("delay_s"), "s"),
        short(100.0 * number("drop_out")),
        short(100.0 * number("dust_drop_out")),
    )
}

fn numbers(value: Option<&Value>) -> Vec<f64> {
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_f64).collect(),
        Some(number) => number.as_f64().into_iter().collect(),
        None => Vec::new(),
    }
}

/// Everything in a table that is a number or a word, but for what says where it comes from.
fn plain(key: &str, table: &Map<String, Value>) -> String {
    let values = numbers(table.get("value"));
    if !values.is_empty() {
        let list = values.iter().map(|x| short(*x)).collect::<Vec<_>>().join(", ");
        return with_unit_text(list, unit(key));
    }
    if let (low, high) = (numbers(table.get("low")), numbers(table.get("high")))
        && !low.is_empty()
    {
        let ranges = low.iter().zip(&high).map(|(low, high)| format!("{} … {}", short(*low), short(*high)));
        return with_unit_text(ranges.collect::<Vec<_>>().join(", "), unit(key));
    }
    let mut said = Vec::new();
    for (field, value) in table.iter().filter(|(field, _)| !["standing", "source", "reason"].contains(&field.as_str())) {
        match value {
            Value::Number(number) => said.push(format!("{field} {}", short(number.as_f64().unwrap_or(0.0)))),
            Value::String(word) => said.push(format!("{field} {word}")),
            Value::Array(_) => {
                let list = numbers(Some(value)).iter().map(|x| short(*x)).collect::<Vec<_>>().join(" ");
                if !list.is_empty() {
                    said.push(format!("{field} {list}"));
                }
            }
            _ => {}
        }
    }
    said.join(", ")
}
