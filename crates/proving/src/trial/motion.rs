//! Bodies of the world that move of themselves: each a mass on a spring and a damper whose base moves.
//!
//! For a joint at x with stiffness k and damping d, whose base is at u(t), the force is k·(u − x) + d·(u' − x'). The model's own spring
//! and damper give the part of x; what is added here is k·u + d·u'.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_model::Model;
use leitai_model::model::JointId;
use leitai_model::spec::{BodySpec, JointKind, JointSpec};
use leitai_package::manifest::{Motion, ScenarioManifest, Wave};
use leitai_sim::World;

use super::cell::CellError;
use super::draws::Draws;

/// One joint whose base moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// The joint.
    pub joint: JointId,
    /// How its base moves.
    pub wave: Wave,
}

/// Gives slides of the world that a scenario varies their drawn stiffness and damping.
pub(super) fn spring(scenario: &ScenarioManifest, world: &mut BodySpec, draws: &Draws) -> Result<(), CellError> {
    for name in scenario.vary.values().flat_map(|vary| &vary.joints) {
        let slide = |joint: &JointSpec| joint.name == *name && joint.kind == JointKind::Slide;
        let body = world.find_mut(&|body| body.joints.iter().any(slide)).ok_or_else(|| missing("slide joint", name))?;
        let [stiffness, damping] = draws.joint_spring.get(name).copied().unwrap_or_default();
        for joint in body.joints.iter_mut().filter(|joint| slide(joint)) {
            joint.stiffness = stiffness.unwrap_or(joint.stiffness);
            joint.damping = damping.unwrap_or(joint.damping);
        }
    }
    Ok(())
}

/// The joints that a scenario moves, in the built world.
pub(super) fn moved(scenario: &ScenarioManifest, model: &Model, draws: &Draws) -> Result<Vec<Moved>, CellError> {
    let joint = |(name, motion): (&String, &Motion)| {
        let joint = model.joint_named(&motion.joint).ok_or_else(|| missing("joint", &motion.joint))?;
        let found = &model.joints[joint.index()];
        if found.kind != JointKind::Slide || found.stiffness <= 0.0 {
            return Err(missing("slide joint with a spring", &motion.joint));
        }
        let written = motion.wave();
        let [amplitude_m, frequency_hz, phase_rad] = draws.motion.get(name).copied().unwrap_or_default();
        let wave = Wave {
            amplitude_m: amplitude_m.unwrap_or(written.amplitude_m),
            frequency_hz: frequency_hz.unwrap_or(written.frequency_hz),
            phase_rad: phase_rad.unwrap_or(written.phase_rad),
        };
        Ok(Moved { joint, wave })
    };
    scenario.motion.iter().map(joint).collect()
}

/// Before a step: what the bases add now.
pub(super) fn push(moved: &[Moved], world: &mut World) {
    let time_s = world.time_s();
    for Moved { joint, wave } in moved {
        let found = &world.model().joints[joint.index()];
        let damping = world.model().dofs[found.v_start as usize].damping;
        let [offset_m, speed_m_s] = wave.at(time_s);
        let force = found.stiffness * offset_m + damping * speed_m_s;
        world.set_joint_force(*joint, force);
    }
}

fn missing(kind: &'static str, name: &str) -> CellError {
    CellError::NoSuchName { file: "scenario.toml".to_string(), kind, name: name.to_string() }
}
