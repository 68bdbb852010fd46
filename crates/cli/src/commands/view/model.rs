//! The page of a model: its shapes, joints to turn, masses, and what the check found.

use leitai_dynamics::Data;
use leitai_dynamics::kinematics::kinematics;
use leitai_model::Model;
use leitai_model::model::{Joint, Transmission};
use leitai_model::spec::JointKind;
use leitai_package::lint;
use leitai_package::manifest::RobotManifest;
use leitai_proving::report::model::{Fact, Finding, JointKind as PageJointKind, Level, ModelBody, ModelJoint, ModelPage};
use leitai_proving::report::replay::BodyRole;
use leitai_proving::report::{self, Text, scene};

use crate::arguments::Kind;
use crate::description::Description;
use crate::text::figure;

/// The page of a description that has a model.
pub fn page(found: &Description, model: &Model, language: report::Language) -> ModelPage {
    let manifest = found.checked.manifest.as_ref();
    let home = home(model, manifest);
    let mut data = Data::new(model);
    kinematics(model, &mut data, &home);
    let mut scene = scene(model, &data);
    let role = match found.kind {
        Some(Kind::Part) => BodyRole::Tool,
        Some(Kind::Scenario) => BodyRole::World,
        _ => BodyRole::Robot,
    };
    // The world's own shapes are surroundings, whatever the model is.
    scene.bodies.iter_mut().skip(1).for_each(|body| body.role = role);
    let bodies = model.bodies.iter().enumerate().map(|(i, body)| {
        let joints = &model.joints[body.joint_start as usize..(body.joint_start + body.joint_count) as usize];
        let moves_freely = joints.iter().any(|j| matches!(j.kind, JointKind::Free | JointKind::Ball));
        let parent = (i > 0).then(|| body.parent.index());
        // The page leaves ball and free joints where they are, so their home goes into the body's pose.
        let pose = match parent {
            Some(parent) if moves_freely => data.body_pose[parent].inverse() * data.body_pose[i],
            _ => body.pose,
        };
        let (position, rotation) = (pose.position.to_array(), pose.rotation.to_array());
        ModelBody { parent, position, rotation, mass_kg: body.mass }
    });
    ModelPage {
        language,
        title: Text::new(&found.name.zh, &found.name.en),
        banner: None,
        source: found.source.clone(),
        digest: found.digest.map_or(String::new(), |digest| format!("blake3:{digest}")),
        facts: facts(model, manifest),
        bodies: bodies.collect(),
        joints: (0..model.joints.len()).map(|i| joint(model, i, &home, manifest)).collect(),
        scene,
        findings: found.checked.findings.iter().map(finding).collect(),
    }
}

/// Where the model stands at first: the manifest's home, a key frame of that name, or the reference.
fn home(model: &Model, manifest: Option<&RobotManifest>) -> Vec<f64> {
    let mut q = model.keyframe("home").map_or_else(|| model.q0.clone(), |key| key.q.clone());
    for (name, value) in manifest.iter().flat_map(|m| m.interface.joints.iter().zip(&m.interface.home_rad)) {
        if let Some(joint) = model.joints.iter().find(|j| j.name == *name && is_scalar(j)) {
            q[joint.q_start as usize] = *value;
        }
    }
    q
}

fn is_scalar(joint: &Joint) -> bool {
    matches!(joint.kind, JointKind::Slide | JointKind::Hinge)
}

/// A joint with what limits it: the manifest's figures, else the model's.
fn joint(model: &Model, index: usize, home: &[f64], manifest: Option<&RobotManifest>) -> ModelJoint {
    let joint = &model.joints[index];
    // The page counts from where the body stands in its parent, which is the joint's reference.
    let reference = if is_scalar(joint) { model.q0[joint.q_start as usize] } else { 0.0 };
    let place = manifest.and_then(|m| m.interface.joints.iter().position(|name| *name == joint.name));
    let figures = manifest.zip(place).map(|(m, i)| (m.limits.torque_nm.value[i], m.limits.speed_rad_s.value[i]));
    ModelJoint {
        name: joint.name.clone(),
        body: joint.body.index(),
        kind: match joint.kind {
            JointKind::Hinge => PageJointKind::Hinge,
            JointKind::Slide => PageJointKind::Slide,
            JointKind::Ball => PageJointKind::Ball,
            JointKind::Free => PageJointKind::Free,
        },
        axis: joint.axis.to_array(),
        anchor: joint.position.to_array(),
        lower: joint.range.filter(|_| is_scalar(joint)).map(|range| range[0] - reference),
        upper: joint.range.filter(|_| is_scalar(joint)).map(|range| range[1] - reference),
        home: if is_scalar(joint) { home[joint.q_start as usize] - reference } else { 0.0 },
        effort_limit: figures.map(|f| f.0).or_else(|| effort(model, index)),
        speed_limit: figures.map(|f| f.1),
    }
}

/// The most that the model lets drives exert on a joint.
fn effort(model: &Model, index: usize) -> Option<f64> {
    let own = model.joints[index].actuator_force_range;
    let driven = || {
        model.actuators.iter().find_map(|actuator| match actuator.transmission {
            Transmission::Joint(joint) | Transmission::JointInParent(joint) if joint.index() == index => {
                let [low, high] = actuator.drive.force_range?;
                Some([low * actuator.drive.gear[0], high * actuator.drive.gear[0]])
            }
            _ => None,
        })
    };
    own.or_else(driven).map(|[low, high]| low.abs().max(high.abs()))
}

fn facts(model: &Model, manifest: Option<&RobotManifest>) -> Vec<Fact> {
    let mass = model.bodies.first().map_or(0.0, |world| world.subtree_mass);
    let mut facts = vec![
        Fact { name: Text::new("总质量", "total mass"), value: figure(mass, "kg") },
        Fact { name: Text::new("自由度", "degrees of freedom"), value: model.nv.to_string() },
        Fact { name: Text::new("物体", "bodies"), value: model.bodies.len().saturating_sub(1).to_string() },
    ];
    if let Some(manifest) = manifest {
        let grade = manifest.robot.dynamics_grade.grade;
        facts.push(Fact { name: Text::new("动力学等级", "dynamics grade"), value: format!("{grade:?}") });
        let claimed = [("payload_kg", "厂家额定负载", "maker's payload"), ("reach_m", "厂家臂展", "maker's reach")];
        for (name, zh, en) in claimed {
            let claim = manifest.claimed(name);
            facts.extend(claim.map(|c| Fact { name: Text::new(zh, en), value: figure(c.value, &c.unit) }));
        }
    }
    facts
}

fn finding(found: &lint::Finding) -> Finding {
    Finding {
        level: match found.level {
            lint::Level::Error => Level::Error,
            lint::Level::Warning => Level::Warning,
            lint::Level::Note => Level::Note,
        },
        place: found.place.clone(),
        text: Text::new(&found.text.zh, &found.text.en),
    }
}
