//! The manifest against the model: names, ranges, torques and mass.

use super::{Finding, Findings, Level};
use crate::manifest::{Limits, RobotManifest};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use leitai_math::real;
use leitai_model::spec::{ActuatorSpec, BodySpec, JointKind, JointSpec, Source, TransmissionSpec};
use leitai_model::{Model, Spec, nearest_name};

/// Angles [rad] that differ by less agree: rounding in a table.
const ANGLE: f64 = 1e-3;
/// Shares that differ by less agree.
const SHARE: f64 = 0.01;
/// The difference to a maker's mass that a model of the best grade may have.
const MASS_SHARE: f64 = 0.10;

#[derive(Default)]
struct Names<'a> {
    joints: BTreeMap<&'a str, &'a JointSpec>,
    sites: BTreeMap<&'a str, ()>,
    actuators: BTreeMap<&'a str, &'a ActuatorSpec>,
}

fn collect<'a>(body: &'a BodySpec, names: &mut Names<'a>) {
    names.joints.extend(body.joints.iter().map(|joint| (&*joint.name, joint)));
    names.sites.extend(body.sites.iter().map(|site| (&*site.name, ())));
    body.bodies.iter().for_each(|child| collect(child, names));
}

/// Names that the manifest gives must exist, and figures for one joint agree.
pub fn check(spec: &Spec, manifest: &RobotManifest, findings: &mut Findings) {
    let mut names = Names::default();
    collect(&spec.world, &mut names);
    names.actuators = spec.actuators.iter().map(|actuator| (&*actuator.name, actuator)).collect();
    let at = &spec.world.source;
    let (interface, second) = (&manifest.interface, manifest.second_arm.as_ref());
    for site in [&interface.tool_mount, &interface.base].into_iter().chain(second.map(|arm| &arm.tool_mount)) {
        if !names.sites.contains_key(&**site) {
            findings.push(missing(at, ["标记点", "site"], site, names.sites.keys().copied()));
        }
    }
    check_arm(&names, (&interface.joints, &interface.actuators), &manifest.limits, at, findings);
    if let Some(arm) = second {
        check_arm(&names, (&arm.joints, &arm.actuators), &arm.limits, at, findings);
    }
}

fn check_arm(names: &Names, (joints, actuators): (&[String], &[String]), limits: &Limits, at: &Source, findings: &mut Findings) {
    for (i, name) in joints.iter().enumerate() {
        match names.joints.get(&**name) {
            Some(joint) if matches!(joint.kind, JointKind::Hinge | JointKind::Slide) => {
                check_range(joint, [limits.position_rad.low[i], limits.position_rad.high[i]], findings);
            }
            _ => findings.push(missing(at, ["单自由度关节", "joint with one axis"], name, names.joints.keys().copied())),
        }
    }
    for (i, name) in actuators.iter().enumerate() {
        match names.actuators.get(&**name) {
            Some(actuator) => check_torque(actuator, names, limits.torque_nm.value[i], findings),
            None => findings.push(missing(at, ["驱动器", "actuator"], name, names.actuators.keys().copied())),
        }
    }
}

fn missing<'a>(at: &Source, kind: [&str; 2], name: &str, known: impl Iterator<Item = &'a str>) -> Finding {
    let near = nearest_name(known, name);
    let (zh, en) = near.map_or_else(Default::default, |n| (format!("；是否应为 `{n}`？"), format!("; is `{n}` meant?")));
    Finding::new(
        Level::Error,
        "interface",
        at,
        format!("robot.toml 指明的{} `{name}` 在模型中不存在{zh}", kind[0]),
        format!("robot.toml names the {} `{name}`, which the model does not have{en}", kind[1]),
    )
}

fn check_range(joint: &JointSpec, [low, high]: [f64; 2], findings: &mut Findings) {
    let Some(range) = joint.range else { return };
    if real::abs(range[0] - low) > ANGLE || real::abs(range[1] - high) > ANGLE {
        let name = &joint.name;
        let text = |said: &str, model: &str| format!("{said} {low:.4}, {high:.4}{model} {:.4}, {:.4}", range[0], range[1]);
        findings.push(Finding::new(
            Level::Warning,
            "limit-claim",
            &joint.source,
            format!("关节 `{name}` 的限位不一致：{}；请改其一", text("robot.toml 为", "，模型为")),
            format!("joint `{name}` has two ranges: {}; correct one", text("robot.toml says", ", the model")),
        ));
    }
}

fn check_torque(actuator: &ActuatorSpec, names: &Names, claimed: f64, findings: &mut Findings) {
    let gear = real::abs(actuator.drive.gear[0]);
    let by_joint = match &actuator.transmission {
        TransmissionSpec::Joint(joint) => names.joints.get(&**joint).and_then(|joint| joint.actuator_force_range),
        _ => None,
    };
    let of_actuator = actuator.drive.force_range.map(|range| range.map(|force| force * gear));
    let by_control = match (actuator.drive.ctrl_range, actuator.drive.plain_gain()) {
        (Some(range), Some(gain)) => Some(range.map(|control| control * gain * gear)),
        _ => None,
    };
    let most = |range: [f64; 2]| real::max(real::abs(range[0]), real::abs(range[1]));
    let Some(torque) = [by_joint, of_actuator, by_control].into_iter().flatten().map(most).min_by(f64::total_cmp) else { return };
    if real::abs(torque - claimed) > SHARE * claimed {
        let name = &actuator.name;
        findings.push(Finding::new(
            Level::Warning,
            "torque-claim",
            &actuator.source,
            format!("驱动器 `{name}` 的最大力矩不一致：robot.toml 为 {claimed} N·m，模型为 {torque} N·m；请改其一"),
            format!("actuator `{name}` has two torques: robot.toml says {claimed} N m, the model {torque} N m; correct one"),
        ));
    }
}

/// The model's mass against the maker's `mass_kg`.
pub fn check_mass(model: &Model, manifest: &RobotManifest, at: &Source, findings: &mut Findings) {
    let Some(claim) = manifest.claimed("mass_kg").filter(|claim| claim.value > 0.0) else { return };
    let mass: f64 = model.bodies.iter().map(|body| body.mass).sum();
    let share = mass / claim.value - 1.0;
    let percent: String = format!("{:+.1} %", 100.0 * share);
    let level = match real::abs(share) {
        share if share > MASS_SHARE => Level::Warning,
        share if share > SHARE => Level::Note,
        _ => return,
    };
    findings.push(Finding::new(
        level,
        "mass-claim",
        at,
        format!("模型总质量 {mass:.3} kg，厂家称 {} kg（{percent}）", claim.value),
        format!("the model weighs {mass:.3} kg, its maker says {} kg ({percent})", claim.value),
    ));
}
