//! Joints and motors: limits that are missing, inverted or in another unit.

use super::{Finding, Findings, Level, named};
use alloc::collections::BTreeSet;
use alloc::format;
use leitai_math::real;
use leitai_model::Spec;
use leitai_model::spec::{ActuatorSpec, BodySpec, JointKind, JointSpec, Law, TransmissionSpec};

/// A hinge that turns farther than this [rad] either way was probably written in degrees.
const TURNS: f64 = 8.0 * real::PI;
/// A slide that moves farther than this [m] was probably written in millimeters.
const TRAVEL: f64 = 20.0;

pub fn check(body: &BodySpec, findings: &mut Findings) {
    for joint in &body.joints {
        if matches!(joint.kind, JointKind::Hinge | JointKind::Slide) {
            check_range(joint, findings);
        }
    }
}

fn check_range(joint: &JointSpec, findings: &mut Findings) {
    let name = named(&joint.name);
    let mut say = |level, rule, zh, en| findings.push(Finding::new(level, rule, &joint.source, zh, en));
    let slides = joint.kind == JointKind::Slide;
    let Some([low, high]) = joint.range else {
        say(
            if slides { Level::Warning } else { Level::Note },
            "limit-missing",
            format!("关节 `{name}` 没有限位；若实机有限位，请填写"),
            format!("joint `{name}` has no limits; give them if the machine has any"),
        );
        return;
    };
    if low >= high {
        say(
            Level::Error,
            "limit-inverted",
            format!("关节 `{name}` 的限位为 {low} 到 {high}；下限必须小于上限"),
            format!("joint `{name}` has limits from {low} to {high}; the lower must be below the upper"),
        );
    } else if slides && high - low > TRAVEL {
        say(
            Level::Warning,
            "units",
            format!("直线关节 `{name}` 的行程为 {:.1} m；单位应为 m，是否写成了 mm？", high - low),
            format!("slide `{name}` travels {:.1} m; lengths are in m; were millimeters written?", high - low),
        );
    } else if !slides && real::max(real::abs(low), real::abs(high)) > TURNS {
        say(
            Level::Warning,
            "units",
            format!("关节 `{name}` 的限位为 {low:.1} 到 {high:.1} rad；是否写成了度？"),
            format!("joint `{name}` has limits from {low:.1} to {high:.1} rad; were degrees written?"),
        );
    } else if joint.reference < low || joint.reference > high {
        say(
            Level::Note,
            "reference-outside",
            format!("关节 `{name}` 的参考位置 {:.3} 在限位 {low:.3} 到 {high:.3} 之外；请从另一姿态开始", joint.reference),
            format!(
                "joint `{name}` has its reference {:.3} outside its limits {low:.3} to {high:.3}; start from another posture",
                joint.reference
            ),
        );
    }
}

/// Motors that could pull without end, and robots without motors.
pub fn check_actuators(spec: &Spec, moves: bool, findings: &mut Findings) {
    if spec.actuators.is_empty() && moves {
        findings.push(Finding::new(
            Level::Note,
            "no-actuator",
            &spec.world.source,
            "描述中没有驱动器；要让它动起来，请在 MJCF 中加入 <actuator>".into(),
            "the description has no actuators; to drive it, add <actuator> in MJCF".into(),
        ));
    }
    let mut held = BTreeSet::new();
    let mut look = |body: &BodySpec| {
        held.extend(body.joints.iter().filter(|j| j.actuator_force_range.is_some()).map(|j| j.name.clone()));
    };
    each(&spec.world, &mut look);
    for actuator in &spec.actuators {
        let by_joint = match &actuator.transmission {
            TransmissionSpec::Joint(joint) | TransmissionSpec::JointInParent(joint) => held.contains(joint),
            _ => false,
        };
        if !by_joint && !is_limited(actuator) {
            let name = named(&actuator.name);
            findings.push(Finding::new(
                Level::Warning,
                "torque-unlimited",
                &actuator.source,
                format!("驱动器 `{name}` 的力没有上限；请按数据表填写 forcerange"),
                format!("actuator `{name}` can pull without limit; give the data sheet's forcerange"),
            ));
        }
    }
}

/// Whether its force is bounded: directly, or because a bounded control is all that it depends on.
fn is_limited(actuator: &ActuatorSpec) -> bool {
    let drive = &actuator.drive;
    // A muscle has its greatest force in its curve.
    matches!(drive.gain, Law::Muscle(_))
        || drive.force_range.is_some()
        || (drive.ctrl_range.is_some() && drive.plain_gain().is_some())
}

fn each(body: &BodySpec, look: &mut dyn FnMut(&BodySpec)) {
    look(body);
    body.bodies.iter().for_each(|child| each(child, look));
}
