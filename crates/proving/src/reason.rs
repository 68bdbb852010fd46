//! Why a claim was refuted: a counterfactual, never a guess.
//!
//! "With only the joint torque limits lifted, the same failed trials pass" says what stopped the robot; nothing else was changed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::report::Text;
use crate::trial::relax::Relaxation;

/// What lifting one limit did to trials that had failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The limit.
    pub relaxed: Relaxation,
    /// A second one lifted with it; of parts only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also: Option<Relaxation>,
    /// The trials run again, by index; all had failed.
    pub trials: Vec<u64>,
    /// Those that passed every deciding requirement then.
    pub passed: Vec<u64>,
    /// Deciding requirements that had failed in all of them and hold in all of them then, by the predicate's text; empty if all passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended: Vec<String>,
}

impl Reason {
    /// Whether this limit is what stopped all of them.
    #[must_use]
    pub fn explains(&self) -> bool {
        !self.trials.is_empty() && self.passed.len() == self.trials.len()
    }

    /// In words.
    #[must_use]
    pub fn text(&self) -> Text {
        let (mut zh, mut en) = names(self.relaxed);
        if let Some((also_zh, also_en)) = self.also.map(names) {
            zh += &format!("与{also_zh}");
            en += &format!(" and {also_en}");
        }
        let (n, k) = (self.trials.len(), self.passed.len());
        let mut text = Text::new(
            format!("仅放开{zh}：同样种子的 {n} 次失败试验中 {k} 次通过"),
            format!("With only {en} lifted, {k} of the same {n} failed trials pass"),
        );
        if !self.mended.is_empty() {
            let mended = self.mended.join(", ").replace("<=", "≤").replace(">=", "≥");
            text.zh += &format!("，但原先不成立的 {mended} 每次都成立");
            text.en += &format!(", but {mended}, which failed in each, holds in each");
        }
        text
    }
}

/// A limit in both languages.
fn names(limit: Relaxation) -> (String, String) {
    let (zh, en) = match limit {
        Relaxation::JointTorque => ("关节力矩上限", "the joint torque limits"),
        Relaxation::JointSpeed => ("关节速度上限", "the joint speed limits"),
        Relaxation::GripForce => ("夹持力上限", "the grip force"),
        Relaxation::Measurement => ("位姿测量误差", "the error of the measured poses"),
        Relaxation::ArmMass => ("机械臂自身质量", "the arm's own mass"),
        Relaxation::ReducerStiffness => ("减速器柔性", "the twist of the reducers"),
        Relaxation::MotorHeat => ("电机发热", "the heat of the motors"),
        Relaxation::PartTorque => ("部件的力矩上限", "the torque limits of the parts"),
    };
    (String::from(zh), String::from(en))
}
