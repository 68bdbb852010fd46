//! The drive trains of a robot in a trial: what its parts make of the torques that a controller asks for.
//!
//! Where a robot names its parts, the controller's torque goes to the drive of the joint, the joint gets what comes out of the reducer,
//! and the controller reads the encoder on the motor. Rotor, current, torsion and heat are state of the trial beside that of the world.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use leitai_control::ArmDynamics;
use leitai_math::real;
use leitai_model::Spec;
use leitai_model::spec::BodySpec;
use leitai_sim::drive_train::thermal::Thermal;
use leitai_sim::drive_train::torsion::Torsion;
use leitai_sim::drive_train::{Demand, DriveTrain, Figures, State};

use super::cell::Cell;
use crate::packages::{Packages, Train};

/// A drive that lacked current or voltage for longer than this [s] is worth a word.
const LONG_S: f64 = 0.05;

/// Figures of a joint's parts as the simulation takes them, with friction `friction` times the sheet's.
#[must_use]
pub fn figures(train: &Train, friction: f64) -> Figures {
    let (reducer, motor, drive) = (&train.reducer, &train.motor, &train.drive);
    let thermal = Thermal {
        winding_j_k: motor.winding_j_k.value,
        housing_j_k: motor.housing_j_k.value,
        winding_housing_k_w: motor.winding_housing_k_w.value,
        housing_ambient_k_w: motor.housing_ambient_k_w.value,
        ambient_c: train.train.ambient_c.value,
    };
    Figures {
        ratio: reducer.ratio.value,
        torsion: Torsion {
            stiffness_nm_rad: [
                reducer.stiffness_1_nm_rad.value,
                reducer.stiffness_2_nm_rad.value,
                reducer.stiffness_3_nm_rad.value,
            ],
            breaks_nm: [reducer.break_1_nm.value, reducer.break_2_nm.value],
            damping_nm_s_rad: reducer.damping_nm_s_rad.value,
            hysteresis_rad: reducer.hysteresis_rad.value,
            backlash_rad: reducer.backlash_rad.value,
        },
        kinematic_error_rad: reducer.kinematic_error_rad.value,
        error_cycles: reducer.error_cycles.value,
        coulomb_nm: friction * reducer.input_coulomb_nm.value,
        breakaway_nm: friction * reducer.input_breakaway_nm.value,
        stribeck_rad_s: reducer.input_stribeck_rad_s.value,
        viscous_nm_s_rad: friction * reducer.input_viscous_nm_s_rad.value,
        efficiency: reducer.efficiency.value,
        inertia_kg_m2: motor.rotor_inertia_kg_m2.value + reducer.input_inertia_kg_m2.value,
        rated_torque_nm: reducer.rated_torque_nm.value,
        rated_speed_rad_s: reducer.rated_input_rad_s.value,
        life_h: reducer.life_h.value,
        rollers: train.kind.life_exponent() > 3.0,
        repeated_peak_nm: reducer.repeated_peak_nm.value,
        momentary_peak_nm: reducer.momentary_peak_nm.value,
        torque_constant_nm_a: motor.torque_constant_nm_a.value,
        resistance_ohm: motor.resistance_ohm.value,
        inductance_h: motor.inductance_h.value,
        peak_current_a: real::min(motor.peak_current_a.value, drive.peak_current_a.value),
        // A bus of U gives phases an amplitude of U/√3, which is U/√2 on the power-invariant q-axis.
        voltage_v: drive.bus_voltage_v.value / real::sqrt(2.0),
        magnet_loss_1_k: motor.magnet_loss_1_k.value,
        thermal: (!train.cold).then_some(thermal),
        winding_limit_c: motor.winding_limit_c.value,
        start_c: train.train.start_c.value,
        current_period_s: drive.current_period_s.value,
        current_bandwidth_hz: drive.current_bandwidth_hz.value,
        encoder_counts: (1_u64 << (drive.encoder_bits.value as u32)) as f64,
        torque_feedback: drive.torque_feedback.value,
        friction_compensation: drive.friction_compensation.value,
        rigid: train.rigid,
    }
}

/// Gives the joints of a robot's model the inertia with which a command of torque feels their rotors.
pub fn weigh(model: &mut Spec, trains: &[Train]) {
    for train in trains {
        let felt = DriveTrain::felt_inertia_kg_m2(&figures(train, 1.0));
        set_armature(&mut model.world, &train.train.joint, felt);
    }
}

/// Makes a robot's model ready for its parts: the rotor's share at the joint, and torque as the reducer gives it.
pub fn place(model: &mut Spec, packages: &Packages, dt_s: f64) {
    let interface = &packages.robot.interface;
    for train in &packages.trains {
        let share = DriveTrain::new(&figures(train, 1.0), dt_s).link_inertia_kg_m2();
        set_armature(&mut model.world, &train.train.joint, share);
        let motor = interface.joints.iter().position(|joint| *joint == train.train.joint).map(|i| &interface.actuators[i]);
        for actuator in model.actuators.iter_mut().filter(|a| Some(&a.name) == motor) {
            (actuator.drive.ctrl_range, actuator.drive.force_range) = (None, None);
        }
    }
}

fn set_armature(body: &mut BodySpec, name: &str, armature: f64) {
    body.joints.iter_mut().filter(|joint| joint.name == name).for_each(|joint| joint.armature = armature);
    body.bodies.iter_mut().for_each(|child| set_armature(child, name, armature));
}

/// One joint's parts in a trial.
pub(super) struct Driven {
    train: DriveTrain,
    state: State,
    id: String,
    link_share: f64,
}

/// The parts of each joint in the interface's order; none where the robot names none.
pub(super) struct Drives(Vec<Option<Driven>>);

impl Drives {
    /// At rest in the home posture, bearing the arm's weight.
    pub(super) fn new(cell: &Cell, friction: &[f64]) -> Self {
        let packages = cell.packages();
        let (joints, home) = (&packages.robot.interface.joints, &packages.robot.interface.home_rad);
        if packages.trains.is_empty() {
            return Self(joints.iter().map(|_| None).collect());
        }
        let still = vec![0.0; joints.len()];
        let mut weight = still.clone();
        let robot = &cell.robot;
        ArmDynamics::new(&robot.model, &robot.joints, robot.grip).torques(home, &still, &still, &mut weight);
        let driven = |(i, joint): (usize, &String)| {
            let train = packages.trains.iter().find(|train| train.train.joint == *joint)?;
            let id = train.train.reducer.clone();
            let link_share = train.train.link_share.as_ref().map_or(0.0, |share| share.value);
            let train = DriveTrain::new(&figures(train, friction[i]), cell.dt_s());
            Some(Driven { state: train.at_rest(home[i], weight[i]), train, id, link_share })
        };
        Self(joints.iter().enumerate().map(driven).collect())
    }

    /// What the controller reads of joint `i`, whose link is at `q` [rad] with speed `v` [rad/s]: the motor's encoder, and the link's for
    /// its share.
    pub(super) fn reading(&self, i: usize, q: f64, v: f64) -> Option<(f64, f64)> {
        let driven = self.0[i].as_ref()?;
        let (at_motor, speed) = driven.train.reading(&driven.state);
        let share = driven.link_share;
        Some(((1.0 - share) * at_motor + share * q, (1.0 - share) * speed + share * v))
    }

    /// The torque [N·m] that reaches joint `i` in this step, at `q` and `v`, of the one that is asked for.
    ///
    /// # Errors
    /// If the reducer breaks, in words.
    pub(super) fn step(&mut self, i: usize, joint: &str, asked: f64, q: f64, v: f64) -> Result<f64, String> {
        let Some(Driven { train, state, id, .. }) = &mut self.0[i] else { return Ok(asked) };
        let torque = train.step(state, Demand::Joint(asked), q, v);
        if state.borne.momentary == 0 {
            return Ok(torque);
        }
        let (peak, most) = (state.borne.peak_nm, train.figures.momentary_peak_nm);
        Err(format!("the reducer `{id}` of joint `{joint}` bore {peak:.0} N*m, more than its momentary peak of {most:.0} N*m"))
    }

    /// Every number of their state, for the digest of a motion.
    pub(super) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        for number in self.0.iter().flatten().flat_map(|driven| driven.state.numbers()) {
            hasher.update(&number.to_bits().to_le_bytes());
        }
    }

    /// What the parts bore in `time_s` [s].
    pub(super) fn metrics(&self, time_s: f64, put: &mut BTreeMap<String, f64>) {
        let mut energy_j = 0.0;
        for (i, Driven { train, state, .. }) in self.0.iter().enumerate().filter_map(|(i, d)| Some((i + 1, d.as_ref()?))) {
            let (f, b) = (&train.figures, &state.borne);
            energy_j += state.energy.electrical_j;
            put.insert(format!("reducer_peak_share_{i}"), b.peak_nm / f.repeated_peak_nm);
            put.insert(format!("reducer_overloads_{i}"), b.repeated as f64);
            put.insert(format!("wind_up_rad_{i}"), b.wind_up_rad);
            put.insert(format!("winding_c_{i}"), b.winding_c);
            if let Some(thermal) = &f.thermal
                && time_s > 0.0
            {
                put.insert(format!("winding_settled_c_{i}"), thermal.settled_c(state.energy.copper_j / time_s)[0]);
            }
            if b.life > 0.0 {
                put.insert(format!("reducer_life_h_{i}"), time_s / b.life / 3600.0);
            }
            put.insert(format!("current_limited_s_{i}"), self.limited_s(i - 1, time_s));
        }
        if self.0.iter().any(Option::is_some) {
            put.insert("electrical_energy_j".to_string(), energy_j);
        }
    }

    fn limited_s(&self, i: usize, time_s: f64) -> f64 {
        let Some(driven) = &self.0[i] else { return 0.0 };
        let b = &driven.state.borne;
        if b.steps == 0 { 0.0 } else { (b.current_limited + b.voltage_limited) as f64 / b.steps as f64 * time_s }
    }

    /// What may have led to a failure within `time_s` [s], in words; empty if no part was at a limit.
    pub(super) fn cause(&self, joints: &[String], time_s: f64) -> String {
        let limited = (0..self.0.len()).map(|i| (self.limited_s(i, time_s), i));
        let (seconds, worst) = limited.fold((0.0, 0), |most, next| if next.0 > most.0 { next } else { most });
        let Some(driven) = self.0.get(worst).and_then(Option::as_ref).filter(|_| seconds > LONG_S) else { return String::new() };
        let (joint, hottest) = (&joints[worst], driven.state.borne.winding_c);
        format!("the motor of joint `{joint}` lacked current or voltage for {seconds:.2} s; its winding reached {hottest:.0} °C")
    }
}
