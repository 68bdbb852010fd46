//! `joint` and `freejoint`.

use super::Reading;
use super::compiler::set;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use leitai_math::{Pose, Vec3};
use leitai_model::option::{SolImp, SolRef};
use leitai_model::spec::{Growth, JointKind, JointSpec};

/// A joint as written: angles in the file's unit, limits not yet decided.
#[derive(Clone, Debug, Default)]
pub struct JointDraft {
    /// Everything that needs no decision.
    spec: JointSpec,
    limited: Option<bool>,
    range: [f64; 2],
    force_limited: Option<bool>,
    force_range: [f64; 2],
    spring_damper: [f64; 2],
}

impl JointDraft {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element);
        let joint = &mut self.spec;
        let kinds =
            [("free", JointKind::Free), ("ball", JointKind::Ball), ("slide", JointKind::Slide), ("hinge", JointKind::Hinge)];
        set(&mut joint.kind, a.keyword("type", &kinds)?);
        set(&mut joint.position, a.vector("pos")?);
        set(&mut joint.axis, a.vector("axis")?);
        set(&mut self.limited, a.tristate("limited")?);
        set(&mut self.range, a.numbers("range")?);
        set(&mut self.force_limited, a.tristate("actuatorfrclimited")?);
        set(&mut self.force_range, a.numbers("actuatorfrcrange")?);
        set(&mut joint.reference, a.number("ref")?);
        set(&mut joint.spring_reference, a.number("springref")?);
        set(&mut joint.armature, a.not_negative("armature")?);
        set(&mut joint.frictionloss, a.not_negative("frictionloss")?);
        set(&mut joint.margin, a.number("margin")?);
        set(&mut joint.actuators_compensate, a.flag("actuatorgravcomp")?);
        grown(&mut a, "stiffness", &mut joint.stiffness, &mut joint.stiffness_growth)?;
        grown(&mut a, "damping", &mut joint.damping, &mut joint.damping_growth)?;
        a.overlay("solreflimit", &mut joint.solref_limit.0)?;
        a.overlay("solimplimit", &mut joint.solimp_limit.0)?;
        a.overlay("solreffriction", &mut joint.solref_friction.0)?;
        a.overlay("solimpfriction", &mut joint.solimp_friction.0)?;
        set(&mut self.spring_damper, a.numbers("springdamper")?);
        let skipped = ["name", "class", "group", "user"];
        a.finish(&mut reading.reports, &skipped, &["springyield"])
    }

    /// The joint, in the body's frame moved by `body_from_frame`.
    fn finish(self, reading: &Reading, element: &Element, body_from_frame: Pose) -> Result<JointSpec, DescriptionError> {
        let Self { mut spec, limited, range, force_limited, force_range, spring_damper } = self;
        let compiler = &reading.compiler;
        spec.name = element.attribute("name").unwrap_or_default().into();
        spec.source = element.at.clone();
        spec.position = body_from_frame.apply(spec.position);
        spec.axis = body_from_frame.rotation.rotate(spec.axis);
        if spring_damper != [0.0; 2] {
            let [time_s, ratio] = spring_damper;
            if time_s <= 0.0 || ratio <= 0.0 {
                let what =
                    format!("springdamper=\"{time_s} {ratio}\" is not a time constant above 0 s and a damping ratio above 0");
                return Err(element.error(what, "write both above 0, or give `stiffness` and `damping` instead"));
            }
            // In place of the linear numbers; those that grow stay.
            (spec.stiffness, spec.damping, spec.spring_damper) = (0.0, 0.0, Some(spring_damper));
        }
        let turns = matches!(spec.kind, JointKind::Hinge | JointKind::Ball);
        let in_units = |x: f64| if turns { compiler.angle(x) } else { x };

        if spec.kind == JointKind::Free {
            spec.position = Vec3::ZERO;
        } else {
            if compiler.limited(limited, range, ["limited", "range"], element)? {
                if range[0] >= range[1] {
                    let what = format!("the lower limit {} is not below the upper limit {}", range[0], range[1]);
                    return Err(element.error(what, "write range=\"low high\""));
                }
                if spec.kind == JointKind::Ball && range[0] != 0.0 {
                    return Err(element.error(format!("a ball joint's range starts at {}", range[0]), "write range=\"0 angle\""));
                }
                spec.range = Some(range.map(in_units));
            }
            let scalar = spec.kind != JointKind::Ball;
            let limits = compiler.limited(force_limited, force_range, ["actuatorfrclimited", "actuatorfrcrange"], element)?;
            if scalar && limits {
                if force_range[0] >= force_range[1] {
                    let what = format!("`actuatorfrcrange` goes from {} to {}", force_range[0], force_range[1]);
                    return Err(element.error(what, "write the smaller force first"));
                }
                spec.actuator_force_range = Some(force_range);
            }
        }
        if matches!(spec.kind, JointKind::Hinge | JointKind::Slide) && spec.axis.norm() < 1e-14 {
            return Err(element.error("`axis` is zero", "write a direction"));
        }
        spec.reference = in_units(spec.reference);
        spec.spring_reference = in_units(spec.spring_reference);
        if !matches!(spec.kind, JointKind::Hinge | JointKind::Slide) {
            (spec.reference, spec.spring_reference) = (0.0, 0.0);
        }
        Ok(spec)
    }
}

/// A coefficient that may grow with the square and the cube.
pub fn grown(a: &mut Attributes, name: &'static str, linear: &mut f64, growth: &mut Growth) -> Result<(), DescriptionError> {
    let mut polynomial = [*linear, growth[0], growth[1]];
    a.overlay(name, &mut polynomial)?;
    [*linear, growth[0], growth[1]] = polynomial;
    Ok(())
}

/// As [`grown`] where the engine knows the linear part only; the rest is reported.
pub fn linear(a: &mut Attributes, name: &'static str, into: &mut f64, reading: &mut Reading) -> Result<(), DescriptionError> {
    let mut polynomial = [0.0; 3];
    if a.overlay(name, &mut polynomial)? > 0 {
        *into = polynomial[0];
        if polynomial[1..] != [0.0; 2] {
            let zh = format!("不支持 <{}> 的二次与三次 {name}，只用线性部分", a.element.name);
            let en = format!("quadratic and cubic {name} of <{}> are not supported; the linear part is used", a.element.name);
            reading.report(&a.element.at, zh, en);
        }
    }
    Ok(())
}

/// Reads a `joint`.
pub fn read(reading: &mut Reading, element: &Element, around: Option<&str>, frame: Pose) -> Result<JointSpec, DescriptionError> {
    let mut draft = reading.classes.of(&mut Attributes::new(element), around)?.joint.clone();
    draft.apply(reading, element)?;
    draft.finish(reading, element, frame)
}

/// Reads a `freejoint`, which takes nothing from its class.
pub fn read_free(reading: &mut Reading, element: &Element) -> Result<JointSpec, DescriptionError> {
    let mut a = Attributes::new(element);
    let name = a.name("name");
    a.finish(&mut reading.reports, &["group"], &["align"])?;
    Ok(JointSpec { name, kind: JointKind::Free, source: element.at.clone(), ..JointSpec::default() })
}

/// Reads `solref` and `solimp` into what a class gave.
pub fn solver(a: &mut Attributes, solref: &mut SolRef, solimp: &mut SolImp) -> Result<(), DescriptionError> {
    a.overlay("solref", &mut solref.0)?;
    a.overlay("solimp", &mut solimp.0)?;
    Ok(())
}
