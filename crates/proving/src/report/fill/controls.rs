//! Control arms and counterfactuals, in words.

use super::Source;
use crate::arms::{ArmResult, Control as Arm};
use crate::report::{Control, Must, Text};
use crate::verdict::Decision;

pub(super) fn controls(source: &Source) -> Vec<Control> {
    let refuted = source.evidence.verdict.decision == Decision::Refuted;
    let one = |arm: &ArmResult| {
        let (id, name, note) = match arm.control {
            Arm::NullHold => (
                "null_hold",
                Text::new("空白组：保持不动", "Null: hold still"),
                Text::new("机器人停在初始姿态", "The robot stays in its home posture"),
            ),
            Arm::NullBlind => (
                "null_blind",
                Text::new("空白组：盲目重复名义运动", "Null: repeat the nominal motion blind"),
                Text::new("按名义位姿运动，不看测量值", "Moves to the nominal places, whatever is measured"),
            ),
            Arm::Oracle => ("oracle", Text::new("真值组：使用真实位姿", "Oracle: true poses"), oracle_note(refuted, arm)),
        };
        let must = if arm.control == Arm::Oracle { Must::Pass } else { Must::Fail };
        Control { id: id.to_string(), name, must, successes: arm.passed, n: arm.trials, as_expected: arm.as_expected, note }
    };
    source.evidence.controls.iter().map(one).collect()
}

fn oracle_note(refuted: bool, arm: &ArmResult) -> Text {
    if refuted && arm.passed < arm.trials {
        Text::new(
            "没有测量误差与延迟也未通过：限制在机器人或方案，而不在测量",
            "Fails without measurement error or delay too: the robot or the solution is the limit, not what it sees",
        )
    } else {
        Text::new("没有测量误差与延迟", "No measurement error and no delay")
    }
}

/// A warning for each control arm that did not do what it must.
pub(super) fn warnings(source: &Source) -> Vec<Text> {
    let broken = source.evidence.controls.iter().filter(|arm| !arm.as_expected);
    let said = |arm: &ArmResult| match arm.control {
        Arm::Oracle => Text::new(
            "对照组异常：使用真实位姿的真值组未通过，此场景的结果不可信",
            "A control arm is not as it must be: the oracle, which sees true poses, fails; do not trust this scenario",
        ),
        Arm::NullHold | Arm::NullBlind => Text::new(
            "对照组异常：空白组未失败，此场景没有考验",
            "A control arm is not as it must be: a null arm does not fail; this scenario asks for nothing",
        ),
    };
    broken.map(said).collect()
}
