//! `actuator`: motors, servos, dampers, cylinders, muscles, adhesion and controllers on board.
//!
//! Each kind is a way to write the general actuator, force = gain · input + bias. A class has one draft for all kinds: a
//! `position` takes over the `kp` of a class even if a `general` element wrote it, as MuJoCo does.

/// Motors and servos with a controller on board.
mod onboard;

use super::Reading;
use super::compiler::set;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use leitai_math::real;
use leitai_model::Spec;
use leitai_model::spec::{ActuatorDynamics, ActuatorSpec, BodySpec, Drive, JointKind, Law, MuscleCurve, Pid, TransmissionSpec};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gain {
    Fixed,
    Affine,
    Muscle,
    Pid,
    /// Of its numbers resistance [Ω], motor constant K [N·m/A], gains for position and speed, and 1 if it has more than that.
    DcMotor,
    Unsupported,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bias {
    None,
    Affine,
    Muscle,
    Unsupported,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dynamics {
    None,
    Integrator,
    Filter,
    FilterExact,
    Muscle,
    Unsupported,
}

/// An actuator as written.
#[derive(Clone, Debug)]
pub struct ActuatorDraft {
    gain: Gain,
    gain_numbers: [f64; 10],
    bias: Bias,
    bias_numbers: [f64; 10],
    dynamics: Dynamics,
    dynamics_numbers: [f64; 10],
    gear: [f64; 6],
    ctrl_limited: Option<bool>,
    ctrl_range: [f64; 2],
    force_limited: Option<bool>,
    force_range: [f64; 2],
    act_limited: Option<bool>,
    act_range: [f64; 2],
    act_early: bool,
    group: i32,
    length_range: [f64; 2],
    rod: f64,
    inherit_range: f64,
    damping: f64,
    armature: f64,
    /// Of a `pid`: which of position, speed and feedforward have a control, and ranges of the last two.
    inputs: [bool; 3],
    more_ranges: [[f64; 2]; 2],
    /// Of a `dcmotor`: its control is the voltage.
    by_voltage: bool,
}

impl Default for ActuatorDraft {
    fn default() -> Self {
        Self {
            gain: Gain::Fixed,
            gain_numbers: first(1.0),
            bias: Bias::None,
            bias_numbers: [0.0; 10],
            dynamics: Dynamics::None,
            dynamics_numbers: first(1.0),
            gear: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            ctrl_limited: None,
            ctrl_range: [0.0; 2],
            force_limited: None,
            force_range: [0.0; 2],
            act_limited: None,
            act_range: [0.0; 2],
            act_early: false,
            group: 0,
            length_range: [0.0; 2],
            rod: 0.0,
            inherit_range: 0.0,
            damping: 0.0,
            armature: 0.0,
            inputs: [true, true, false],
            more_ranges: [[0.0; 2]; 2],
            by_voltage: true,
        }
    }
}

fn first(number: f64) -> [f64; 10] {
    let mut numbers = [0.0; 10];
    numbers[0] = number;
    numbers
}

/// Kinds MuJoCo knows and this reader leaves out.
const UNSUPPORTED: [&str; 2] = ["orientation", "plugin"];

impl ActuatorDraft {
    /// Every kind of actuator.
    pub const KINDS: [&str; 13] = [
        "general",
        "motor",
        "position",
        "velocity",
        "intvelocity",
        "damper",
        "cylinder",
        "orientation",
        "pid",
        "muscle",
        "adhesion",
        "dcmotor",
        "plugin",
    ];

    /// Overwrites what `element` says. A kind that is not supported leaves the draft as it is.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        if UNSUPPORTED.contains(&&*element.name) {
            let zh = format!("不支持驱动器 <{}>，已略去", element.name);
            reading.report(&element.at, zh, format!("actuator <{}> is not supported; it is left out", element.name));
            return Ok(());
        }
        let mut a = Attributes::new(element);
        set(&mut self.ctrl_limited, a.tristate("ctrllimited")?);
        set(&mut self.ctrl_range, a.numbers("ctrlrange")?);
        set(&mut self.force_limited, a.tristate("forcelimited")?);
        set(&mut self.force_range, a.numbers("forcerange")?);
        set(&mut self.act_early, a.flag("actearly")?);
        set(&mut self.group, a.int32("group")?);
        set(&mut self.length_range, a.numbers("lengthrange")?);
        set(&mut self.rod, a.number("cranklength")?);
        a.overlay("gear", &mut self.gear)?;
        let mut damping = self.damping;
        super::joint::linear(&mut a, "damping", &mut damping, reading)?;
        self.damping = damping;
        set(&mut self.armature, a.not_negative("armature")?);
        match &*element.name {
            "general" => self.general(&mut a)?,
            "position" | "intvelocity" => self.servo(&mut a)?,
            "pid" => self.pid(&mut a)?,
            "dcmotor" => self.dc_motor(&mut a)?,
            "velocity" => {
                let gain = a.not_negative("kv")?.unwrap_or(self.gain_numbers[0]);
                self.reset(Gain::Fixed, first(gain), Bias::Affine, [0.0, 0.0, -gain]);
            }
            "damper" => {
                let gain = a.not_negative("kv")?.unwrap_or(0.0);
                self.reset(Gain::Affine, [0.0; 10], Bias::None, [0.0; 3]);
                self.gain_numbers[2] = -gain;
                self.ctrl_limited = Some(true);
                if self.ctrl_range[0] < 0.0 || self.ctrl_range[1] < 0.0 {
                    return Err(element.error("a damper's `ctrlrange` is negative", "write a range from 0 up"));
                }
            }
            "cylinder" => self.cylinder(&mut a)?,
            "muscle" => self.muscle(&mut a)?,
            "adhesion" => {
                let gain = a.not_negative("gain")?.unwrap_or(self.gain_numbers[0]);
                self.reset(Gain::Fixed, first(gain), Bias::None, [0.0; 3]);
                self.ctrl_limited = Some(true);
                if self.ctrl_range[0] < 0.0 || self.ctrl_range[1] < 0.0 {
                    return Err(element.error("the `ctrlrange` of adhesion is negative", "write a range from 0 up"));
                }
            }
            _ => self.reset(Gain::Fixed, first(1.0), Bias::None, [0.0; 3]),
        }
        let known = [
            "name",
            "class",
            "user",
            "joint",
            "jointinparent",
            "tendon",
            "site",
            "refsite",
            "cranksite",
            "slidersite",
            "body",
            "interp",
            // Of others than `pid` it says what the control is, and changes nothing.
            "input",
        ];
        a.finish(&mut reading.reports, &known, &["delay", "nsample", "velrange", "ffrange"])
    }

    fn reset(&mut self, gain: Gain, gain_numbers: [f64; 10], bias: Bias, bias_numbers: [f64; 3]) {
        (self.gain, self.gain_numbers, self.bias) = (gain, gain_numbers, bias);
        self.bias_numbers = [0.0; 10];
        self.bias_numbers[..3].copy_from_slice(&bias_numbers);
        (self.dynamics, self.dynamics_numbers) = (Dynamics::None, first(1.0));
    }

    fn general(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        let other = Gain::Unsupported;
        let gains = [
            ("fixed", Gain::Fixed),
            ("affine", Gain::Affine),
            ("muscle", Gain::Muscle),
            ("dcmotor", other),
            ("pid", other),
            ("so3", other),
            ("user", other),
        ];
        set(&mut self.gain, a.keyword("gaintype", &gains)?);
        let other = Bias::Unsupported;
        let biases = [
            ("none", Bias::None),
            ("affine", Bias::Affine),
            ("muscle", Bias::Muscle),
            ("dcmotor", other),
            ("so3", other),
            ("user", other),
        ];
        set(&mut self.bias, a.keyword("biastype", &biases)?);
        let other = Dynamics::Unsupported;
        let dynamics = [
            ("none", Dynamics::None),
            ("integrator", Dynamics::Integrator),
            ("filter", Dynamics::Filter),
            ("filterexact", Dynamics::FilterExact),
            ("pid", other),
            ("dcmotor", other),
            ("muscle", Dynamics::Muscle),
            ("user", other),
        ];
        set(&mut self.dynamics, a.keyword("dyntype", &dynamics)?);
        a.overlay("gainprm", &mut self.gain_numbers)?;
        a.overlay("biasprm", &mut self.bias_numbers)?;
        a.overlay("dynprm", &mut self.dynamics_numbers)?;
        set(&mut self.act_limited, a.tristate("actlimited")?);
        set(&mut self.act_range, a.numbers("actrange")?);
        set(&mut self.inherit_range, a.not_negative("inheritrange")?);
        if a.integer("actdim")?.is_some_and(|n| n > 1) {
            return Err(a.element.error("`actdim` above 1 belongs to user dynamics", "drop `actdim`"));
        }
        Ok(())
    }

    /// `position` and `intvelocity`: kp (setpoint − length) − kv velocity.
    fn servo(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        let integrates = &*a.element.name == "intvelocity";
        let kp = a.number("kp")?.unwrap_or(self.gain_numbers[0]);
        let (kv, ratio) = (a.not_negative("kv")?, a.not_negative("dampratio")?);
        if kv.is_some() && ratio.is_some() {
            return Err(a.element.error("both `kv` and `dampratio` are given", "keep one"));
        }
        // MuJoCo keeps either in one place: −kv or +dampratio.
        let damping = kv.map(|kv| -kv).or(ratio).unwrap_or(self.bias_numbers[2]);
        let (kept, filter) = (self.dynamics, self.dynamics_numbers);
        self.reset(Gain::Fixed, first(kp), Bias::Affine, [0.0, -kp, damping]);
        if integrates {
            self.dynamics = Dynamics::Integrator;
            set(&mut self.act_limited, a.tristate("actlimited")?);
            set(&mut self.act_range, a.numbers("actrange")?);
        } else if let Some(lag) = a.not_negative("timeconst")? {
            self.dynamics = if lag > 0.0 { Dynamics::FilterExact } else { Dynamics::None };
            self.dynamics_numbers = first(lag);
        } else if kept == Dynamics::FilterExact {
            (self.dynamics, self.dynamics_numbers) = (kept, filter);
        }
        if let Some(share) = a.not_negative("inheritrange")? {
            self.inherit_range = share;
            let range = if integrates { self.act_range } else { self.ctrl_range };
            if share > 0.0 && range != [0.0; 2] {
                let name = if integrates { "actrange" } else { "ctrlrange" };
                return Err(a.element.error(format!("both `{name}` and `inheritrange` are given"), "keep one"));
            }
        }
        Ok(())
    }

    /// `cylinder`: pressure with a lag, times area, plus an affine bias.
    fn cylinder(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        let lag = a.not_negative("timeconst")?.unwrap_or(self.dynamics_numbers[0]);
        let mut bias = [self.bias_numbers[0], self.bias_numbers[1], self.bias_numbers[2]];
        a.overlay("bias", &mut bias)?;
        let mut area = a.not_negative("area")?.unwrap_or(self.gain_numbers[0]);
        if let Some(diameter) = a.not_negative("diameter")? {
            area = real::PI / 4.0 * diameter * diameter;
        }
        self.reset(Gain::Fixed, first(area), Bias::Affine, bias);
        (self.dynamics, self.dynamics_numbers) = (Dynamics::Filter, first(lag));
        Ok(())
    }

    /// A muscle. What a class did not set has the muscle's own defaults, which MuJoCo tells by the numbers that stand there.
    fn muscle(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        const CURVE: [(f64, f64); 9] =
            [(1.0, 0.75), (0.0, 1.05), (0.0, -1.0), (0.0, 200.0), (0.0, 0.5), (0.0, 1.6), (0.0, 1.5), (0.0, 1.3), (0.0, 1.2)];
        let (mut curve, mut times) = (self.gain_numbers, self.dynamics_numbers);
        for (number, (unset, default)) in curve.iter_mut().zip(CURVE) {
            *number = if *number == unset { default } else { *number };
        }
        for (number, (unset, default)) in times.iter_mut().zip([(1.0, 0.01), (0.0, 0.04)]) {
            *number = if *number == unset { default } else { *number };
        }
        a.overlay("timeconst", &mut times[..2])?;
        set(&mut times[2], a.not_negative("tausmooth")?);
        a.overlay("range", &mut curve[..2])?;
        for (at, name) in ["force", "scale", "lmin", "lmax", "vmax", "fpmax", "fvmax"].into_iter().enumerate() {
            if let Some(number) = a.number(name)?.filter(|number| *number >= 0.0) {
                curve[2 + at] = number;
            }
        }
        (self.gain, self.gain_numbers, self.bias, self.bias_numbers) = (Gain::Muscle, curve, Bias::Muscle, curve);
        (self.dynamics, self.dynamics_numbers) = (Dynamics::Muscle, times);
        Ok(())
    }

    fn finish(self, reading: &mut Reading, element: &Element) -> Result<Option<ActuatorSpec>, DescriptionError> {
        if self.gain == Gain::DcMotor {
            return self.driven(element)?.finish(reading, element);
        }
        if self.gain == Gain::Unsupported || self.bias == Bias::Unsupported || self.dynamics == Dynamics::Unsupported {
            let zh = "不支持这种增益、偏置或动态，驱动器已略去";
            reading.report(&element.at, zh, "this type of gain, bias or dynamics is not supported; the actuator is left out");
            return Ok(None);
        }
        let Some(transmission) = transmission(reading, element, self.rod)? else { return Ok(None) };
        let triple = |n: &[f64; 10]| [n[0], n[1], n[2]];
        let lag = self.dynamics_numbers[0];
        let dynamics = match self.dynamics {
            Dynamics::Integrator => ActuatorDynamics::Integrator,
            Dynamics::Filter => ActuatorDynamics::Filter(lag),
            Dynamics::FilterExact => ActuatorDynamics::FilterExact(lag),
            Dynamics::Muscle => {
                let [up, down, smoothing, ..] = self.dynamics_numbers;
                ActuatorDynamics::Muscle { times_s: [up, down], smoothing }
            }
            _ => ActuatorDynamics::None,
        };
        let curve = |n: &[f64; 10]| MuscleCurve {
            range: [n[0], n[1]],
            force: n[2],
            scale: n[3],
            shortest: n[4],
            longest: n[5],
            fastest: n[6],
            passive: n[7],
            lengthening: n[8],
        };
        let gain = match self.gain {
            Gain::Affine => Law::Affine(triple(&self.gain_numbers)),
            Gain::Muscle => Law::Muscle(curve(&self.gain_numbers)),
            Gain::Pid => Law::Affine([1.0, 0.0, 0.0]),
            _ => Law::Affine([self.gain_numbers[0], 0.0, 0.0]),
        };
        let mut bias = match self.bias {
            Bias::Affine => Law::Affine(triple(&self.bias_numbers)),
            Bias::Muscle => Law::Muscle(curve(&self.bias_numbers)),
            _ => Law::default(),
        };
        let follows = self.gain == Gain::Fixed && self.gain_numbers[0] == -self.bias_numbers[1];
        let is_servo = self.bias == Bias::Affine && (follows || self.gain == Gain::Pid);
        let mut damping_ratio = None;
        if let Law::Affine([.., damping]) = &mut bias
            && is_servo
            && *damping > 0.0
        {
            damping_ratio = Some(core::mem::take(damping));
        }
        let [shortest, longest] = self.length_range;
        let mut length_range = (shortest < longest).then_some(self.length_range);
        let is_muscle = self.gain == Gain::Muscle || self.bias == Bias::Muscle;
        if is_muscle && length_range.is_none() && reading.compiler.lengths_from_limits {
            length_range = reading.reach.of(&reading.spec, &transmission).and_then(|reached| reached.range);
        }
        let (mut ctrl_range, mut act_range) = (self.ctrl_range, self.act_range);
        if self.inherit_range > 0.0 && is_servo {
            let range = self.inherited(reading, element, &transmission)?;
            if dynamics == ActuatorDynamics::Integrator { act_range = range } else { ctrl_range = range }
        }
        let limit = |limited, range: [f64; 2], limit_name, range_name| -> Result<Option<[f64; 2]>, DescriptionError> {
            if !reading.compiler.limited(limited, range, [limit_name, range_name], element)? {
                return Ok(None);
            }
            if range[0] >= range[1] {
                let what = format!("`{range_name}` goes from {} to {}", range[0], range[1]);
                return Err(element.error(what, "write the smaller number first"));
            }
            Ok(Some(range))
        };
        let pid = match self.gain {
            Gain::Pid => {
                let [speeds, forces] = self.more_ranges;
                let own = |name, range| limit(self.ctrl_limited, range, "ctrllimited", name);
                // A control that stands first takes `ctrlrange` unless it has a range of its own.
                let first = |here: bool, range: [f64; 2]| if here && range == [0.0; 2] { ctrl_range } else { range };
                let [position, speed, _] = self.inputs;
                Some(Pid {
                    inputs: self.inputs,
                    ranges: [
                        own("ctrlrange", ctrl_range)?,
                        own("velrange", first(!position, speeds))?,
                        own("ffrange", first(!position && !speed, forces))?,
                    ],
                    integral: self.gain_numbers[0],
                    most_integral: self.dynamics_numbers[0],
                    slew: self.dynamics_numbers[1],
                })
            }
            _ => None,
        };
        let ctrl_range = if pid.is_some() { None } else { limit(self.ctrl_limited, ctrl_range, "ctrllimited", "ctrlrange")? };
        Ok(Some(ActuatorSpec {
            name: element.attribute("name").unwrap_or_default().into(),
            drive: Drive {
                gear: self.gear,
                ctrl_range,
                pid,
                force_range: limit(self.force_limited, self.force_range, "forcelimited", "forcerange")?,
                disabled: reading.disabled_groups.contains(&self.group),
                act_early: self.act_early,
                act_range: limit(self.act_limited, act_range, "actlimited", "actrange")?,
                dynamics,
                gain,
                bias,
                length_range,
                damping_ratio,
            },
            transmission,
            source: element.at.clone(),
        }))
    }

    /// The range of the joint or tendon, widened or narrowed about its middle.
    fn inherited(&self, reading: &mut Reading, element: &Element, on: &TransmissionSpec) -> Result<[f64; 2], DescriptionError> {
        let range = reading.reach.of(&reading.spec, on).and_then(|reached| reached.range);
        let Some([low, high]) = range else {
            let change = "give the joint or tendon a range, or write `ctrlrange`";
            return Err(element.error("`inheritrange` finds no range to inherit", change));
        };
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low) * self.inherit_range);
        Ok([middle - half, middle + half])
    }
}

fn transmission(reading: &mut Reading, element: &Element, rod_m: f64) -> Result<Option<TransmissionSpec>, DescriptionError> {
    let names = ["joint", "jointinparent", "tendon", "site", "cranksite", "body"];
    let mut given = names.iter().filter_map(|name| element.attribute(name).map(|target| (*name, target)));
    let (kind, target): (&str, String) = match (given.next(), given.next()) {
        (Some((kind, target)), None) => (kind, target.into()),
        (None, _) => {
            return Err(element.error("the actuator acts on nothing", "add joint=\"...\", tendon=\"...\" or site=\"...\""));
        }
        (Some((one, _)), Some((other, _))) => {
            return Err(element.error(format!("the actuator acts on both `{one}` and `{other}`"), "keep one"));
        }
    };
    Ok(Some(match kind {
        "joint" => TransmissionSpec::Joint(target),
        "jointinparent" => TransmissionSpec::JointInParent(target),
        "tendon" if reading.falls_with(element, "tendon", &target) => return Ok(None),
        "tendon" => TransmissionSpec::Tendon(target),
        "site" => TransmissionSpec::Site { site: target, reference: element.attribute("refsite").unwrap_or_default().into() },
        "cranksite" => {
            let slider = element.attribute("slidersite").unwrap_or_default();
            if slider.is_empty() || rod_m <= 0.0 {
                let change = "add slidersite=\"...\", and cranklength=\"...\" above 0";
                return Err(element.error("a crank needs a slider and a rod", change));
            }
            TransmissionSpec::SliderCrank { crank: target, slider: slider.into(), rod_m }
        }
        _ => TransmissionSpec::Body(target),
    }))
}

/// Reads the section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        if !ActuatorDraft::KINDS.contains(&&*child.name) {
            return Err(child.unknown_element(ActuatorDraft::KINDS.into_iter()));
        }
        let mut draft = reading.classes.of(&mut Attributes::new(child), None)?.actuator.clone();
        draft.apply(reading, child)?;
        let reflected = [draft.armature, draft.damping];
        let supported = !UNSUPPORTED.contains(&&*child.name);
        match if supported { draft.finish(reading, child)? } else { None } {
            Some(actuator) => {
                remember(reading, child, &actuator, reflected)?;
                reading.spec.actuators.push(actuator);
            }
            None => reading.leave_out("actuator", child.attribute("name").unwrap_or_default()),
        }
    }
    Ok(())
}

/// What actuators act on, looked up once for all of them: a file may have many of both.
#[derive(Debug, Default)]
pub struct Reach {
    known: bool,
    joints: BTreeMap<String, Reached>,
    tendons: BTreeMap<String, Reached>,
}

/// A joint or tendon under actuators.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    range: Option<[f64; 2]>,
    /// It has one coordinate.
    scalar: bool,
    /// Rotor inertia and damping that its actuators bring along.
    brought: [f64; 2],
}

impl Reach {
    /// Looks everything up; bodies and tendons are read before actuators.
    fn of<'a>(&'a mut self, spec: &Spec, on: &TransmissionSpec) -> Option<&'a mut Reached> {
        if !self.known {
            self.known = true;
            collect(&spec.world, &mut self.joints);
            for tendon in &spec.tendons {
                let reached = Reached { range: tendon.range, scalar: true, brought: [0.0; 2] };
                self.tendons.entry(tendon.name.clone()).or_insert(reached);
            }
        }
        match on {
            TransmissionSpec::Joint(name) | TransmissionSpec::JointInParent(name) => self.joints.get_mut(name),
            TransmissionSpec::Tendon(name) => self.tendons.get_mut(name),
            _ => None,
        }
    }
}

fn collect(body: &BodySpec, joints: &mut BTreeMap<String, Reached>) {
    for joint in &body.joints {
        let scalar = matches!(joint.kind, JointKind::Hinge | JointKind::Slide);
        joints.entry(joint.name.clone()).or_insert(Reached { range: joint.range, scalar, brought: [0.0; 2] });
    }
    body.bodies.iter().for_each(|child| collect(child, joints));
}

/// Rotor inertia and damping of an actuator act at its joint or tendon, times gear².
fn remember(reading: &mut Reading, element: &Element, actuator: &ActuatorSpec, own: [f64; 2]) -> Result<(), DescriptionError> {
    if own == [0.0; 2] {
        return Ok(());
    }
    let Some(reached) = reading.reach.of(&reading.spec, &actuator.transmission).filter(|reached| reached.scalar) else {
        let what = "`armature` or `damping` of an actuator needs a hinge, a slide or a tendon to act on";
        return Err(element.error(what, "drop them, or name one that is defined"));
    };
    let ratio = actuator.drive.gear[0] * actuator.drive.gear[0];
    for (sum, number) in reached.brought.iter_mut().zip(own) {
        *sum += ratio * number;
    }
    Ok(())
}

/// Adds what actuators bring along to their joints and tendons, after the last actuator.
pub fn reflect(reading: &mut Reading) {
    let Reach { joints, tendons, .. } = core::mem::take(&mut reading.reach);
    add_to_joints(&mut reading.spec.world, &joints);
    for tendon in &mut reading.spec.tendons {
        if let Some(Reached { brought: [armature, damping], .. }) = tendons.get(&tendon.name) {
            tendon.armature += armature;
            tendon.damping += damping;
        }
    }
}

fn add_to_joints(body: &mut BodySpec, joints: &BTreeMap<String, Reached>) {
    for joint in &mut body.joints {
        if let Some(Reached { brought: [armature, damping], .. }) = joints.get(&joint.name) {
            joint.armature += armature;
            joint.damping += damping;
        }
    }
    body.bodies.iter_mut().for_each(|child| add_to_joints(child, joints));
}
