//! `option` and its `flag`: how the simulation steps.

use super::Reading;
use super::compiler::set;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use leitai_model::option::{Cone, Integrator, Solver};

/// Most iterations of anything in one step. With a tolerance of 0 all of them are run, and a file must not make a step endless.
const MOST_ITERATIONS: i64 = 100_000;

/// Reads the section into `reading.spec.option`.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element).with_children();
    let mut option = reading.spec.option.clone();
    if let Some(step) = a.number("timestep")? {
        if step <= 0.0 {
            return Err(element.error(format!("timestep=\"{step}\" does not move time on"), "write a step above 0 s"));
        }
        option.timestep_s = step;
    }
    set(&mut option.gravity, a.vector("gravity")?);
    set(&mut option.wind, a.vector("wind")?);
    set(&mut option.magnetic, a.vector("magnetic")?);
    set(&mut option.density, a.not_negative("density")?);
    set(&mut option.viscosity, a.not_negative("viscosity")?);
    if let Some(ratio) = a.number("impratio")? {
        if ratio <= 0.0 {
            return Err(element.error(format!("impratio=\"{ratio}\" is not positive"), "write a number above 0"));
        }
        option.impratio = ratio;
    }
    let most = MOST_ITERATIONS;
    set(&mut option.iterations, count(a.integer_in("iterations", 0, most)?));
    set(&mut option.tolerance, a.not_negative("tolerance")?);
    set(&mut option.line_search_iterations, count(a.integer_in("ls_iterations", 0, most)?));
    set(&mut option.line_search_tolerance, a.not_negative("ls_tolerance")?);
    set(&mut option.noslip_iterations, count(a.integer_in("noslip_iterations", 0, most)?));
    set(&mut option.noslip_tolerance, a.not_negative("noslip_tolerance")?);
    set(&mut option.sleep_tolerance, a.not_negative("sleep_tolerance")?);
    set(&mut option.cone, a.keyword("cone", &[("pyramidal", Cone::Pyramidal), ("elliptic", Cone::Elliptic)])?);
    let solvers = [("Newton", Solver::Newton), ("CG", Solver::ConjugateGradient), ("PGS", Solver::ProjectedGaussSeidel)];
    set(&mut option.solver, a.keyword("solver", &solvers)?);

    let euler = (Integrator::Euler, None);
    let integrators = [
        ("Euler", euler),
        ("RK4", (Integrator::RungeKutta4, None)),
        ("implicitfast", (Integrator::ImplicitFast, None)),
        ("implicit", (Integrator::Implicit, None)),
        ("discrete", (Integrator::Euler, Some("Euler"))),
        ("adams", (Integrator::Adams, None)),
    ];
    if let Some((integrator, instead)) = a.keyword("integrator", &integrators)? {
        option.integrator = integrator;
        if let Some(instead) = instead {
            let asked = element.attribute("integrator").unwrap_or_default();
            let zh = format!("不支持 integrator=\"{asked}\"，改用 {instead}");
            reading.report(&element.at, zh, format!("integrator=\"{asked}\" is not supported; {instead} is used"));
        }
    }
    if let Some(groups) = a.list("actuatorgroupdisable")? {
        for group in groups {
            if !(0.0..=30.0).contains(&group) || group != leitai_math::real::floor(group) {
                return Err(element.error(format!("actuatorgroupdisable holds {group}"), "write whole numbers from 0 to 30"));
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            reading.disabled_groups.insert(group as i32);
        }
    }
    let replaced = &mut reading.contact_override;
    set(&mut replaced.margin, a.number("o_margin")?);
    a.overlay("o_solref", &mut replaced.solref.0)?;
    a.overlay("o_solimp", &mut replaced.solimp.0)?;
    a.overlay("o_friction", &mut replaced.friction)?;
    reading.spec.option = option;
    for child in &element.children {
        if &*child.name != "flag" {
            return Err(child.unknown_element(["flag"].into_iter()));
        }
        flags(reading, child)?;
    }
    if let Some(replaced) = &mut reading.spec.option.contact_override {
        *replaced = reading.contact_override;
    }
    let skipped = ["jacobian", "ccd_iterations", "ccd_tolerance", "sdf_iterations", "sdf_initpoints"];
    a.finish(&mut reading.reports, &skipped, &[])
}

fn count(number: Option<i64>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

fn flags(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element);
    let switch = [("enable", true), ("disable", false)];
    let mut option = reading.spec.option.clone();
    let off = &mut option.disable;
    let flags: [(&'static str, &mut bool); 15] = [
        ("constraint", &mut off.constraint),
        ("equality", &mut off.equality),
        ("frictionloss", &mut off.frictionloss),
        ("limit", &mut off.limit),
        ("contact", &mut off.contact),
        ("spring", &mut off.spring),
        ("damper", &mut off.damper),
        ("gravity", &mut off.gravity),
        ("clampctrl", &mut off.clamp_ctrl),
        ("warmstart", &mut off.warmstart),
        ("filterparent", &mut off.filter_parent),
        ("actuation", &mut off.actuation),
        ("refsafe", &mut off.refsafe),
        ("sensor", &mut off.sensor),
        ("eulerdamp", &mut off.euler_damp),
    ];
    for (name, disabled) in flags {
        if let Some(enabled) = a.keyword(name, &switch)? {
            *disabled = !enabled;
        }
    }
    set(&mut option.sleep, a.keyword("sleep", &switch)?);
    if let Some(enabled) = a.keyword("override", &switch)? {
        option.contact_override = enabled.then_some(reading.contact_override);
    }
    // On in MuJoCo unless switched off; the engine's own collision decides how many points a pair gives.
    if a.keyword("multiccd", &switch)? == Some(false) {
        let zh = "不支持 multiccd=\"disable\"，平面之间仍给出多个接触点";
        reading.report(&element.at, zh, "multiccd=\"disable\" is not supported; pairs of flat faces give several points");
    }
    reading.spec.option = option;
    let skipped = ["midphase", "nativeccd", "island", "autoreset", "energy", "fwdinv", "invdiscrete"];
    a.finish(&mut reading.reports, &skipped, &["diagexact", "ipc", "speculative"])
}
