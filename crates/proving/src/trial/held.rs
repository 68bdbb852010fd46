//! The second arm of a robot that has two: it holds its home while the first works.

use alloc::vec;
use alloc::vec::Vec;

use leitai_control::{ArmDynamics, JointServo, Reference, ServoGains};
use leitai_model::model::{ActuatorId, JointId};
use leitai_sim::World;
use leitai_skills::Settings;

use super::cell::{Built, Cell};

/// A servo of its own for each joint, at the torque that the data sheet gives and without the drawn latency: the arm only stands.
pub(super) struct HeldArm {
    joints: Vec<(JointId, ActuatorId)>,
    home: Reference,
    servo: JointServo,
    q: Vec<f64>,
    v: Vec<f64>,
    tau: Vec<f64>,
}

impl HeldArm {
    /// The robot's second arm, put at its home; none if it has one arm.
    pub(super) fn new(cell: &Cell, built: &Built, world: &mut World) -> Option<Self> {
        let arm = cell.packages().robot.second_arm.as_ref()?;
        let robot = &cell.robot.model;
        let named = |name: &str| alloc::format!("robot/{name}");
        let joints: Vec<JointId> = arm.joints.iter().filter_map(|name| robot.joint_named(&named(name))).collect();
        let dynamics = ArmDynamics::new(robot, &joints, robot.site_named(&named(&arm.tool_mount))?);
        world.change(|state| {
            for ((joint, _), q) in built.second.iter().zip(&arm.home_rad) {
                state.q[built.scene.model.joints[joint.index()].q_start as usize] = *q;
            }
        });
        let gains: ServoGains = Settings::default().gains;
        let n = built.second.len();
        Some(Self {
            joints: built.second.clone(),
            home: Reference::standing(&arm.home_rad),
            servo: JointServo::new(dynamics, gains, arm.limits.torque_nm.value.clone(), 0),
            q: vec![0.0; n],
            v: vec![0.0; n],
            tau: vec![0.0; n],
        })
    }

    /// Puts this period's torques on its motors.
    pub(super) fn step(&mut self, world: &mut World) {
        for (i, (joint, _)) in self.joints.iter().enumerate() {
            let joint = &world.model().joints[joint.index()];
            self.q[i] = world.state().q[joint.q_start as usize];
            self.v[i] = world.state().v[joint.v_start as usize];
        }
        self.servo.step(&self.home, &self.q, &self.v, &mut self.tau);
        for ((_, motor), tau) in self.joints.iter().zip(&self.tau) {
            let control = world.model().actuators[motor.index()].ctrl;
            world.ctrl_mut()[control as usize] = *tau;
        }
    }
}
