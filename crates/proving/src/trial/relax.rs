//! What if one limit were gone: the counterfactual behind a reason.
//!
//! A trial that failed is run again with its own seed, draws and program, and with a single limit lifted. If it passes, that
//! limit is what stopped it; nothing else was changed.

use alloc::string::String;
use alloc::vec::Vec;

use leitai_model::Spec;
use leitai_model::spec::{BodySpec, GeomMass};
use leitai_package::manifest::{Skill, Work};
use serde::{Deserialize, Serialize};

use super::Arm;
use crate::packages::Packages;

/// One limit that can be lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relaxation {
    /// The torque of the robot's joints.
    JointTorque,
    /// The speed of the robot's joints.
    JointSpeed,
    /// The force of the tool's grip.
    GripForce,
    /// The spread, delay and loss of measured poses.
    Measurement,
    /// The mass of the robot's links and rotors, with which it knocks on what it touches.
    ArmMass,
    /// The twist of the reducers, with their hysteresis, play and kinematic error.
    ReducerStiffness,
    /// The heat of the motors.
    MotorHeat,
    /// The torque that reducers bear and motors and drives give.
    PartTorque,
}

/// A limit counts as lifted when it is this many times larger.
const FACTOR: f64 = 10.0;

impl Relaxation {
    /// Every limit that these packages have, in the order in which they are tried.
    #[must_use]
    pub fn of(packages: &Packages) -> Vec<Self> {
        let touch: &[Self] = if packages.scenario.work.is_empty() { &[] } else { &[Self::ArmMass] };
        let parts: &[Self] = if packages.trains.is_empty() { &[] } else { &Self::OF_PARTS };
        Self::ALL.iter().chain(touch).chain(parts).copied().collect()
    }

    /// What is tried, in order: every limit alone, then two of the parts together, because an undersized motor lacks torque and gets hot.
    #[must_use]
    pub fn tried(packages: &Packages) -> Vec<(Self, Option<Self>)> {
        let limits = Self::of(packages);
        let of_parts: Vec<Self> = Self::OF_PARTS.into_iter().filter(|limit| limits.contains(limit)).collect();
        let pairs = of_parts.iter().enumerate().flat_map(|(k, a)| of_parts[k + 1..].iter().map(|b| (*a, Some(*b))));
        limits.iter().map(|limit| (*limit, None)).chain(pairs).collect()
    }

    /// Limits of the parts that turn a robot's joints.
    pub const OF_PARTS: [Self; 3] = [Self::ReducerStiffness, Self::MotorHeat, Self::PartTorque];

    /// Limits of every robot.
    pub const ALL: [Self; 4] = [Self::JointTorque, Self::JointSpeed, Self::GripForce, Self::Measurement];

    /// The packages with this limit lifted and nothing else changed.
    #[must_use]
    pub fn packages(self, packages: &Packages) -> Packages {
        let mut out = packages.clone();
        match self {
            Self::JointTorque => {
                out.robot.limits.torque_nm.value.iter_mut().for_each(|x| *x *= FACTOR);
                let names = out.robot.interface.actuators.clone();
                widen(&mut out.robot_model, &names);
            }
            Self::JointSpeed => out.robot.limits.speed_rad_s.value.iter_mut().for_each(|x| *x *= FACTOR),
            Self::GripForce => {
                if let Some(tool) = &mut out.tool {
                    if let Some(clamp) = &mut tool.manifest.clamp {
                        clamp.grip_force_n.value *= FACTOR;
                    }
                    let names = tool.manifest.interface.actuators.clone();
                    widen(&mut tool.model, &names);
                }
                // A controller asks for the force that it asks for; a program is told of the stronger grip.
                if let Work::Program(program) = &mut out.solution.work {
                    for step in program.each.iter_mut().chain(&mut program.finish) {
                        if let Skill::Grip { force_n: Some(force_n), .. } = step {
                            *force_n *= FACTOR;
                        }
                    }
                }
            }
            Self::Measurement => {}
            Self::ArmMass => lighten(&mut out.robot_model.world),
            Self::ReducerStiffness => out.trains.iter_mut().for_each(|train| train.rigid = true),
            Self::MotorHeat => out.trains.iter_mut().for_each(|train| train.cold = true),
            Self::PartTorque => {
                for train in &mut out.trains {
                    let (reducer, motor, drive) = (&mut train.reducer, &mut train.motor, &mut train.drive);
                    let of_reducer = [&mut reducer.repeated_peak_nm, &mut reducer.momentary_peak_nm];
                    let of_others = [&mut motor.peak_current_a, &mut drive.peak_current_a, &mut drive.bus_voltage_v];
                    of_reducer.into_iter().chain(of_others).for_each(|figure| figure.value *= FACTOR);
                }
            }
        }
        out
    }

    /// Who moves the arm then.
    #[must_use]
    pub fn arm(self) -> Arm {
        if self == Self::Measurement { Arm::Oracle } else { Arm::Solution }
    }
}

/// Makes a body and all that it carries as many times lighter; whoever drives the robot is told of the lighter one.
fn lighten(body: &mut BodySpec) {
    if let Some(inertial) = &mut body.inertial {
        inertial.mass /= FACTOR;
        inertial.inertia = inertial.inertia * (1.0 / FACTOR);
    }
    for geom in &mut body.geoms {
        let (GeomMass::Density(mass) | GeomMass::Mass(mass)) = &mut geom.mass;
        *mass /= FACTOR;
    }
    body.joints.iter_mut().for_each(|joint| joint.armature /= FACTOR);
    body.bodies.iter_mut().for_each(lighten);
}

/// Makes the ranges of these actuators as many times larger.
fn widen(model: &mut Spec, actuators: &[String]) {
    for actuator in model.actuators.iter_mut().filter(|a| actuators.contains(&a.name)) {
        for range in [&mut actuator.drive.ctrl_range, &mut actuator.drive.force_range].into_iter().flatten() {
            range.iter_mut().for_each(|x| *x *= FACTOR);
        }
    }
}
