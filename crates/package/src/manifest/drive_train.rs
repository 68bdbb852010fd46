//! What turns a joint: reducer, servo motor, drive; and the force sensor at the flange. Figures as their data sheets give them.
//!
//! | table of `part.toml` | class | becomes |
//! |---|---|---|
//! | `[reducer]` | `reducer` | torsion, friction, efficiency, limits and life between motor and joint |
//! | `[servo_motor]` | `servo_motor` | torque, voltage and heat |
//! | `[drive]` | `drive` | loops, limits and encoder |
//! | `[force_sensor]` | `force_sensor` | what is read of a force and a moment |
//!
//! A robot names the parts of a joint in a [`DriveTrain`]. Torques, speeds and stiffness of a reducer are at its output unless the
//! name says `input`; a motor's current is the one of the power-invariant q-axis: torque = constant × current, and the loss in the
//! winding is resistance (of one phase) × current². A sheet's r.m.s. phase current is that divided by √3.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::common::{Figure, Source};
use super::document::{Document, ManifestError};

/// A figure with its name and the range in which it makes sense; a low end of zero may itself be taken.
pub type Named<'a> = (&'static str, &'a Figure, f64, f64);

macro_rules! sheet {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $low:expr, $high:expr;)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$doc])* pub $field: Figure,)*
        }

        impl $name {
            /// Every figure with its name and range, in the order of a sheet.
            #[must_use]
            pub fn figures(&self) -> Vec<Named<'_>> {
                alloc::vec![$((stringify!($field), &self.$field, $low, $high)),*]
            }
        }
    };
}

/// Kind of reducer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReducerKind {
    /// Strain wave gear.
    Harmonic,
    /// Cycloid behind a planetary stage.
    Rv,
}

impl ReducerKind {
    /// Exponent of the mean torque on which life depends: 3 for the ball bearing of a wave generator, 10/3 for rollers.
    #[must_use]
    pub fn life_exponent(self) -> f64 {
        match self {
            Self::Harmonic => 3.0,
            Self::Rv => 10.0 / 3.0,
        }
    }
}

sheet! {
    /// A reducer. `life_h` is the life that 90 % reach under the rated torque at the rated input speed.
    Reducer {
        /// Turns of the input for one of the output.
        ratio: 1.0, 1e3;
        /// Torsional stiffness up to `break_1_nm`, N·m/rad.
        stiffness_1_nm_rad: 1.0, 1e8;
        /// From there to `break_2_nm`.
        stiffness_2_nm_rad: 1.0, 1e8;
        /// Beyond.
        stiffness_3_nm_rad: 1.0, 1e8;
        /// Torque at which the first slope ends, N·m.
        break_1_nm: 1e-3, 1e6;
        /// Torque at which the second slope ends, N·m.
        break_2_nm: 1e-3, 1e6;
        /// Damping of the torsion, N·m·s/rad.
        damping_nm_s_rad: 0.0, 1e6;
        /// Width of the hysteresis loop where the torque is zero, rad.
        hysteresis_rad: 0.0, 0.1;
        /// Free play between the flanks, from one to the other, rad.
        backlash_rad: 0.0, 0.1;
        /// Amplitude of the error of the output's angle, rad.
        kinematic_error_rad: 0.0, 0.1;
        /// Its periods in one turn of the input: 2 for a strain wave gear.
        error_cycles: 1.0, 100.0;
        /// Friction at the input without load, beyond the slowest speeds, N·m.
        input_coulomb_nm: 0.0, 1e3;
        /// Friction at the input from which it starts to move, N·m.
        input_breakaway_nm: 0.0, 1e3;
        /// Input speed over which the one becomes the other, rad/s.
        input_stribeck_rad_s: 1e-3, 1e3;
        /// Viscous friction at the input, N·m·s/rad.
        input_viscous_nm_s_rad: 0.0, 10.0;
        /// Share of the load's power that passes through, besides the friction without load.
        efficiency: 0.05, 1.0;
        /// Inertia of the input side, kg·m².
        input_inertia_kg_m2: 0.0, 1.0;
        /// Torque for the rated life, N·m.
        rated_torque_nm: 1e-3, 1e6;
        /// Input speed for the rated life, rad/s.
        rated_input_rad_s: 1.0, 1e4;
        /// Torque that starting and stopping may reach again and again, N·m.
        repeated_peak_nm: 1e-3, 1e6;
        /// Torque beyond which it breaks or jumps a tooth, N·m.
        momentary_peak_nm: 1e-3, 1e6;
        /// Greatest input speed, rad/s.
        most_input_rad_s: 1.0, 1e4;
        /// Life under the rated torque at the rated speed, hours.
        life_h: 1.0, 1e6;
    }
}

sheet! {
    /// A permanent-magnet servo motor, with the two masses that heat up.
    ServoMotor {
        /// Torque for each ampere at 25 °C, N·m/A; also V·s/rad.
        torque_constant_nm_a: 1e-4, 1e3;
        /// Resistance of a phase at 25 °C, Ω.
        resistance_ohm: 1e-4, 1e3;
        /// Inductance of a phase, H.
        inductance_h: 1e-7, 1.0;
        /// Inertia of the rotor, kg·m².
        rotor_inertia_kg_m2: 1e-9, 1.0;
        /// Current that it bears for good, A.
        rated_current_a: 1e-3, 1e4;
        /// Current that it bears for a moment, A.
        peak_current_a: 1e-3, 1e4;
        /// Greatest speed, rad/s.
        most_rad_s: 1.0, 1e4;
        /// Heat capacity of the winding, J/K.
        winding_j_k: 1e-2, 1e6;
        /// Heat capacity of the housing, J/K.
        housing_j_k: 1e-2, 1e7;
        /// Thermal resistance from winding to housing, K/W.
        winding_housing_k_w: 1e-3, 1e3;
        /// Thermal resistance from housing to surroundings, K/W.
        housing_ambient_k_w: 1e-3, 1e3;
        /// Temperature that the winding bears, °C.
        winding_limit_c: 40.0, 400.0;
        /// Share of the torque constant that goes with each kelvin of the magnets.
        magnet_loss_1_k: 0.0, 0.01;
    }
}

sheet! {
    /// A servo drive as it is delivered: limits, periods and gains before any tuning.
    Drive {
        /// Voltage of the direct-current bus, V.
        bus_voltage_v: 1.0, 2e3;
        /// Greatest current, A.
        peak_current_a: 1e-3, 1e4;
        /// Period of the current loop, s.
        current_period_s: 1e-5, 1e-3;
        /// Bandwidth of the current loop, Hz.
        current_bandwidth_hz: 1.0, 1e4;
        /// Period of the velocity and position loops, s.
        velocity_period_s: 1e-5, 1e-2;
        /// Bandwidth of the velocity loop over the rotor alone, Hz.
        velocity_bandwidth_hz: 0.1, 5e3;
        /// Integral time of the velocity loop, s.
        velocity_integral_s: 1e-4, 1e2;
        /// Gain of the position loop, 1/s.
        position_gain_1_s: 1e-2, 1e4;
        /// Bits of the encoder in one turn of the motor.
        encoder_bits: 4.0, 32.0;
        /// Gain of the loop around the joint's torque: it makes rotor and friction appear 1 + gain times smaller; 0 for none.
        torque_feedback: 0.0, 20.0;
        /// Share of the sheet's friction that it adds to a torque asked for, at the speed that the motor has.
        friction_compensation: 0.0, 1.0;
    }
}

sheet! {
    /// A sensor of force and moment about three axes each.
    ForceSensor {
        /// Greatest force across the axis, N.
        range_across_n: 1e-3, 1e6;
        /// Greatest force along the axis, N.
        range_along_n: 1e-3, 1e6;
        /// Greatest moment across the axis, N·m.
        range_across_nm: 1e-4, 1e6;
        /// Greatest moment along the axis, N·m.
        range_along_nm: 1e-4, 1e6;
        /// Spread of the force's noise, N.
        noise_sd_n: 0.0, 1e3;
        /// Spread of the moment's noise, N·m.
        noise_sd_nm: 0.0, 1e3;
        /// Smallest step of force, N.
        resolution_n: 0.0, 1e3;
        /// Smallest step of moment, N·m.
        resolution_nm: 0.0, 1e3;
        /// Frequency at which the reading has fallen to 1/√2, Hz.
        bandwidth_hz: 0.1, 1e5;
        /// Share of its range by which one axis shows what acts on another.
        crosstalk: 0.0, 0.5;
        /// Stiffness against a force across the axis, N/m.
        stiffness_n_m: 1.0, 1e12;
        /// Stiffness against a moment across the axis, N·m/rad.
        stiffness_nm_rad: 1.0, 1e12;
    }
}

/// The parts that turn one joint of a robot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriveTrain {
    /// The joint.
    pub joint: String,
    /// Id of its servo motor.
    pub motor: String,
    /// Id of its reducer.
    pub reducer: String,
    /// Id of its drive.
    pub drive: String,
    /// Temperature around the motor inside the arm, °C.
    pub ambient_c: Figure,
    /// Temperature of motor and housing when a trial begins, °C: an arm in its shift is warm.
    pub start_c: Figure,
    /// Share of a second encoder at the link in what the controller reads; without it the motor's encoder alone is read. With the link's
    /// share of the inertia, the swing of link against motor cancels out of the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_share: Option<Figure>,
}

/// Checks figures with their ranges and sources; `table` is where they stand.
pub(super) fn figures(document: &Document, table: &str, figures: &[Named<'_>], sources: &[Source]) -> Result<(), ManifestError> {
    for (name, figure, low, high) in figures {
        number(document, &format!("{table}.{name}"), figure, (*low, *high), sources)?;
    }
    Ok(())
}

fn number(
    document: &Document,
    path: &str,
    figure: &Figure,
    (low, high): (f64, f64),
    sources: &[Source],
) -> Result<(), ManifestError> {
    let value = figure.value;
    if !(value.is_finite() && low <= value && value <= high) {
        let name = path.rsplit('.').next().unwrap_or(path);
        return Err(document.fault(path, format!("`{name}` is {value}; it must be a number from {low} to {high}")));
    }
    document.source(&format!("{path}.source"), &figure.source, sources)
}

/// Checks what the figures of a reducer must be to each other.
pub(super) fn check_reducer(document: &Document, r: &Reducer) -> Result<(), ManifestError> {
    for (less, few, more, many) in [
        ("break_1_nm", &r.break_1_nm, "break_2_nm", &r.break_2_nm),
        ("input_coulomb_nm", &r.input_coulomb_nm, "input_breakaway_nm", &r.input_breakaway_nm),
        ("rated_torque_nm", &r.rated_torque_nm, "repeated_peak_nm", &r.repeated_peak_nm),
        ("repeated_peak_nm", &r.repeated_peak_nm, "momentary_peak_nm", &r.momentary_peak_nm),
    ] {
        if few.value > many.value {
            let what = format!("`{less}` is {} and `{more}` is {}; the second is never the smaller one", few.value, many.value);
            return Err(document.fault(&format!("reducer.{less}"), what));
        }
    }
    Ok(())
}

/// Checks the drive trains of a robot with these joints.
pub(super) fn check_trains(
    document: &Document,
    trains: &[DriveTrain],
    joints: &[String],
    sources: &[Source],
) -> Result<(), ManifestError> {
    document.distinct("drive_train", "joint", trains.iter().map(|train| train.joint.as_str()))?;
    for (i, train) in trains.iter().enumerate() {
        let at = |field: &str| format!("drive_train.{i}.{field}");
        document.refers(&at("joint"), "joint", &train.joint, joints.iter().map(String::as_str))?;
        for (field, id) in [("motor", &train.motor), ("reducer", &train.reducer), ("drive", &train.drive)] {
            document.id(&at(field), id)?;
        }
        number(document, &at("ambient_c"), &train.ambient_c, (-60.0, 150.0), sources)?;
        number(document, &at("start_c"), &train.start_c, (-60.0, 200.0), sources)?;
        if let Some(share) = &train.link_share {
            number(document, &at("link_share"), share, (0.0, 1.0), sources)?;
        }
    }
    Ok(())
}
