//! `pid` and `dcmotor`: servos and motors with a controller on board.

use super::{ActuatorDraft, Bias, Gain, first};
use crate::mjcf::compiler::set;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use leitai_math::real;

impl ActuatorDraft {
    /// `pid`: a servo with inputs for position, speed and feedforward, an integral and a limit on the position's rate.
    pub(super) fn pid(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        let kept = self.gain == Gain::Pid;
        let [stiffness, kept_damping] = if kept { [-self.bias_numbers[1], self.bias_numbers[2]] } else { [1.0, 0.0] };
        let kp = a.number("kp")?.unwrap_or(stiffness);
        let (kv, ratio) = (a.not_negative("kv")?, a.not_negative("dampratio")?);
        if kv.is_some() && ratio.is_some() {
            return Err(a.element.error("both `kv` and `dampratio` are given", "keep one"));
        }
        let damping = kv.map(|kv| -kv).or(ratio).unwrap_or(kept_damping);
        let integral = a.number("ki")?.unwrap_or(if kept { self.gain_numbers[0] } else { 0.0 });
        let mut states = if kept { self.dynamics_numbers } else { [0.0; 10] };
        set(&mut states[0], a.not_negative("imax")?);
        set(&mut states[1], a.not_negative("slewmax")?);
        self.reset(Gain::Pid, first(integral), Bias::Affine, [0.0, -kp, damping]);
        self.dynamics_numbers = states;
        if let Some(text) = a.text("input") {
            self.inputs = inputs(a.element, text)?;
        }
        set(&mut self.ctrl_range, a.numbers("posrange")?);
        set(&mut self.more_ranges[0], a.numbers("velrange")?);
        set(&mut self.more_ranges[1], a.numbers("ffrange")?);
        if !self.inputs[0] && (integral != 0.0 || states[1] > 0.0) {
            return Err(a.element.error("`ki` and `slewmax` follow a position", "add `pos` to `input`, or drop them"));
        }
        if let Some(share) = a.not_negative("inheritrange")? {
            self.inherit_range = share;
            if share > 0.0 && self.ctrl_range != [0.0; 2] {
                return Err(a.element.error("both `posrange` and `inheritrange` are given", "keep one"));
            }
        }
        Ok(())
    }

    /// `dcmotor`: K/R·(voltage − K·speed), or torque-controlled by position, speed and feedforward. Whatever gives it a state (inductance,
    /// heat, LuGre friction, integral, limited rate), cogging and a limit of the drive's voltage are not supported.
    pub(super) fn dc_motor(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        let mut numbers = self.gain_numbers;
        if self.gain != Gain::DcMotor {
            (numbers, self.by_voltage) = ([0.0; 10], true);
        }
        let [resistance, constant, stiffness, damping, more, ..] = &mut numbers;
        if let Some([voltage, stall, fastest]) = a.numbers("nominal")? {
            if voltage <= 0.0 || stall <= 0.0 || fastest <= 0.0 {
                let change = "write a voltage [V], a stall torque [N m] and a no-load speed [rad/s] above 0";
                return Err(a.element.error(format!("nominal=\"{voltage} {stall} {fastest}\" is no point of operation"), change));
            }
            *constant = voltage / fastest;
            *resistance = *constant * voltage / stall;
        }
        let mut constants = [0.0; 2];
        if a.overlay("motorconst", &mut constants)? > 0 {
            let [torque, back] = constants;
            if torque < 0.0 || back < 0.0 {
                return Err(a.element.error(format!("motorconst=\"{torque} {back}\" is negative"), "write zero or more"));
            }
            *constant = if torque > 0.0 && back > 0.0 { real::sqrt(torque * back) } else { real::max(torque, back) };
        }
        set(resistance, a.not_negative("resistance")?);
        let mut saturation = [0.0; 3];
        if a.overlay("saturation", &mut saturation)? > 0 {
            let [torque, current, _] = saturation;
            let most = if torque > 0.0 { torque } else { *constant * current };
            (self.force_limited, self.force_range) = (Some(most > 0.0), [-most, most]);
        }
        let mut gains = [*stiffness, 0.0, *damping, 0.0, 0.0, 0.0];
        a.overlay("controller", &mut gains)?;
        let [kp, ki, kd, slew, _, most_voltage] = gains;
        (*stiffness, *damping) = (kp, kd);
        let mut has_more = *more != 0.0 || ki != 0.0 || slew != 0.0 || most_voltage != 0.0;
        for name in ["inductance", "thermal", "cogging", "lugre"] {
            has_more |= a.list(name)?.is_some_and(|numbers| numbers.iter().any(|number| *number != 0.0));
        }
        if let Some(text) = a.text("input") {
            let mut words = text.split_ascii_whitespace();
            self.by_voltage = words.clone().all(|word| word == "voltage");
            if words.any(|word| matches!(word, "voltage" | "none")) {
                has_more |= !self.by_voltage;
            } else if !self.by_voltage {
                self.inputs = inputs(a.element, text)?;
            }
        }
        *more = if has_more { 1.0 } else { 0.0 };
        self.reset(Gain::DcMotor, numbers, Bias::None, [0.0; 3]);
        Ok(())
    }

    /// What a direct-current motor comes down to: an affine law, or a controller on board whose torque it delivers.
    pub(super) fn driven(mut self, element: &Element) -> Result<Self, DescriptionError> {
        let [resistance, constant, stiffness, damping, more, ..] = self.gain_numbers;
        // Of a class whose motor another kind of actuator takes over, MuJoCo makes a mixture.
        if more != 0.0 || &*element.name != "dcmotor" {
            self.gain = Gain::Unsupported;
        } else if resistance <= 0.0 || constant <= 0.0 {
            let change = "give `motorconst` and `resistance`, or `nominal`";
            return Err(element.error("a motor needs its constant and its resistance, both above 0", change));
        } else if self.by_voltage {
            let back = constant * constant / resistance;
            self.reset(Gain::Fixed, first(constant / resistance), Bias::Affine, [0.0, 0.0, -back]);
        } else {
            self.reset(Gain::Pid, first(0.0), Bias::Affine, [0.0, -stiffness, -damping]);
            self.dynamics_numbers = [0.0; 10];
        }
        Ok(self)
    }
}

/// The inputs of a `pid`, which stand in one order; nothing means position and speed.
fn inputs(element: &Element, text: &str) -> Result<[bool; 3], DescriptionError> {
    let mut given = [false; 3];
    let mut least = 0;
    for word in text.split_ascii_whitespace() {
        let Some(at) = ["pos", "vel", "ff"].iter().position(|name| *name == word).filter(|at| *at >= least) else {
            let word: String = word.chars().take(40).collect();
            let what = format!("`input` holds `{word}` where it cannot stand");
            return Err(element.error(what, "write some of `pos vel ff`, in this order, each once"));
        };
        (given[at], least) = (true, at + 1);
    }
    Ok(if least == 0 { [true, true, false] } else { given })
}
