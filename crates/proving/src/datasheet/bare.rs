//! A model as it is published, without a package: its chain of joints stands for the arm, and what the maker states is given by hand.
//!
//! Joint speeds stand in no model that we read, so the tool's speed is left out. A joint without a limit of torque, or with one of zero, has
//! none; the payload's line then says which joint that is.

use leitai_model::spec::{BodySpec, JointKind, JointSpec, SiteSpec};
use leitai_model::{Model, Spec};
use leitai_package::manifest::{
    Claim, DynamicsGrade, Grade, Limits, Ranges, Robot, RobotClass, RobotInterface, RobotManifest, Series, Standing, Text,
};

use super::SheetError;

/// Masses agree within this share.
const TOLERANCE: f64 = 0.1;
/// The site that marks the arm's end.
const END: &str = "datasheet end";

/// What [`super::test`] takes, for a bare model: its arm ends at the body `tip`, by default where the longest chain of hinges and slides does;
/// `stated` are names ending in their unit, as in `mass_kg`, with their values.
///
/// # Errors
/// If there is no such body or chain, a figure has no known unit, or the model does not build.
pub fn package(spec: &Spec, tip: Option<&str>, stated: &[(String, f64)]) -> Result<(RobotManifest, Model), SheetError> {
    let mut spec = spec.clone();
    let mut chains = Vec::new();
    chains_of(&spec.world, &mut Vec::new(), &mut chains);
    let found = match tip {
        Some(tip) => chains.iter().find(|(body, _)| body == tip),
        // Of equally long ones the first in the file.
        None => chains.iter().rev().max_by_key(|(_, joints)| joints.len()),
    };
    let Some((body, joints)) = found.cloned() else {
        return Err(SheetError::NoArm(match tip {
            Some(tip) => format!("the model has no body `{tip}` at the end of hinges and slides"),
            None => "the model has no chain of hinges and slides".to_string(),
        }));
    };
    if joints.is_empty() {
        return Err(SheetError::NoArm(format!("nothing moves between the world and the body `{body}`")));
    }
    let end = spec.world.find_mut(&|other| other.name == body).expect("just found");
    end.sites.push(SiteSpec { name: END.to_string(), ..SiteSpec::default() });
    let model = spec.build().map_err(|error| SheetError::NoArm(error.to_string()))?;
    let claim = stated.iter().map(|(name, value)| claim(name, *value)).collect::<Result<Vec<_>, _>>()?;
    Ok((manifest(&spec, &joints, claim), model))
}

fn claim(name: &str, value: f64) -> Result<Claim, SheetError> {
    let unit = [("_kg", "kg"), ("_m", "m")].into_iter().find(|(ending, _)| name.ends_with(ending));
    let Some((_, unit)) = unit else {
        return Err(SheetError::NoArm(format!("`{name}` is no figure of a model; give mass_kg, reach_m or payload_kg")));
    };
    let source = "command line".to_string();
    Ok(Claim { name: name.to_string(), value, unit: unit.to_string(), standing: Standing::Assumed, source })
}

/// Every named body with the scalar joints between it and the world; bodies behind free joints and balls are left out.
fn chains_of(body: &BodySpec, before: &mut Vec<JointSpec>, found: &mut Vec<(String, Vec<JointSpec>)>) {
    if body.joints.iter().any(|joint| !matches!(joint.kind, JointKind::Hinge | JointKind::Slide)) {
        return;
    }
    let length = before.len();
    before.extend(body.joints.iter().cloned());
    if !body.name.is_empty() && body.joints.iter().all(|joint| !joint.name.is_empty()) {
        found.push((body.name.clone(), before.clone()));
    }
    for child in &body.bodies {
        chains_of(child, before, found);
    }
    before.truncate(length);
}

fn manifest(spec: &Spec, joints: &[JointSpec], claim: Vec<Claim>) -> RobotManifest {
    let same = |text: &str| Text { zh: text.to_string(), en: text.to_string() };
    let series = |value: Vec<f64>| Series { value, standing: Standing::Assumed, source: "model".to_string() };
    let torque = |joint: &JointSpec| {
        let on_joint = joint.actuator_force_range.map(|[low, high]| high.max(-low));
        let of_motors = spec.actuators.iter().filter_map(|motor| {
            let pulls = matches!(&motor.transmission, leitai_model::spec::TransmissionSpec::Joint(name) if *name == joint.name);
            let range = motor.drive.force_range.or(motor.drive.plain_gain().and(motor.drive.ctrl_range)).filter(|_| pulls)?;
            Some(range[1].max(-range[0]) * motor.drive.gear[0].abs())
        });
        on_joint.or(of_motors.reduce(f64::max)).filter(|torque| *torque > 0.0).unwrap_or(f64::INFINITY)
    };
    let names: Vec<String> = joints.iter().map(|joint| joint.name.clone()).collect();
    let limits = Limits {
        torque_nm: series(joints.iter().map(torque).collect()),
        speed_rad_s: series(vec![f64::INFINITY; joints.len()]),
        position_rad: Ranges {
            low: joints.iter().map(|joint| joint.range.map_or(f64::NEG_INFINITY, |range| range[0])).collect(),
            high: joints.iter().map(|joint| joint.range.map_or(f64::INFINITY, |range| range[1])).collect(),
            standing: Standing::Assumed,
            source: "model".to_string(),
        },
        acceleration_rad_s2: None,
    };
    RobotManifest {
        robot: Robot {
            id: spec.name.clone(),
            name: same(&spec.name),
            maker: same(""),
            class: RobotClass::Manipulator,
            sectors: Vec::new(),
            dof: joints.len() as u32,
            model: String::new(),
            version: String::new(),
            dynamics_grade: DynamicsGrade {
                grade: Grade::C,
                reason: same(""),
                tolerance: TOLERANCE,
                standing: Standing::Assumed,
            },
        },
        interface: RobotInterface {
            actuators: names.clone(),
            joints: names,
            tool_mount: END.to_string(),
            base: String::new(),
            home_rad: vec![0.0; joints.len()],
        },
        limits,
        second_arm: None,
        drive_train: Vec::new(),
        claim,
        assumption: Vec::new(),
        source: Vec::new(),
    }
}
