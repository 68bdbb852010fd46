//! A planned program in ABB's language, RAPID.
//!
//! Facts used, from ABB's RAPID reference manuals (data types jointtarget, robtarget, speeddata, zonedata, tooldata, loaddata; instructions MoveAbsJ,
//! MoveL, MoveC, VelSet, AccSet, PathAccLim, SetDO, WaitTime): positions in millimeters, rotations as quaternions [q1, q2, q3, q4] with the
//! real part first, joints in degrees, tool speed in mm/s, zones in mm, `PathAccLim` in m/s² and not below 0.1, `AccSet` in percent and not
//! below 20; MoveC turns the tool at even intervals; a zone is reduced to half the distance to the nearest position, as our blends are.
//!
//! A joint move is `MoveAbsJ` at `vmax` under a `VelSet` of the share in percent. Nothing here has run on a maker's controller, and the
//! text says so.

use alloc::format;
use alloc::string::String;
use leitai_math::{Pose, real};

use super::urscript::ExportError;
use super::{Action, At, MotionProgram, Pace, Plan, ToolPace};

/// External axes that are not there.
const NO_AXES: &str = "[9E9, 9E9, 9E9, 9E9, 9E9, 9E9]";
/// Speed of rotation [deg/s] and of external axes that never rules: large, as in the predefined vmax.
const FAST: &str = "500, 5000, 1000";

fn degrees(q: &[f64]) -> String {
    let list: alloc::vec::Vec<f64> = q.iter().map(|q| q * 180.0 / real::PI).collect();
    format!("[{list:?}, {NO_AXES}]")
}

fn frame(p: &Pose) -> String {
    let (x, q) = (p.position * 1000.0, p.rotation);
    format!("[{:?}, {:?}, {:?}], [{:?}, {:?}, {:?}, {:?}]", x.x, x.y, x.z, q.w, q.x, q.y, q.z)
}

/// Quarters of a turn in which joints 1, 4 and 6 stand, as the configuration of a target has them.
fn quarters(q: &[f64]) -> String {
    let quarter = |q: f64| real::floor(q / (0.5 * real::PI)) as i32;
    format!("[{}, {}, {}, 0]", quarter(q[0]), quarter(q[3]), quarter(q[5]))
}

/// Writes the program; `plan` says where its joint moves end.
///
/// # Errors
/// If the plan has faults, the arm has not six joints, or a number is below what the language takes.
pub fn write(program: &MotionProgram, plan: &Plan) -> Result<String, ExportError> {
    if !plan.runs() {
        return Err(ExportError::Faults);
    }
    if plan.start.len() != 6 {
        return Err(ExportError::Joints(plan.start.len()));
    }
    let mut out = format!("MODULE {}\n", program.name);
    out += "  ! Written by Leitai. Not run on a maker's controller / 未在厂家控制器上运行.\n";
    let (tool, c) = (&program.tool, program.tool.center_m * 1000.0);
    // A load of no mass is refused by controllers; RAPID's own tool0 has a gram.
    let mass = real::max(tool.mass_kg, 0.001);
    out += &format!(
        "  PERS tooldata t_program := [TRUE, [{}], [{mass:?}, [{:?}, {:?}, {:?}], [1, 0, 0, 0], 0, 0, 0]];\n",
        frame(&tool.tcp),
        c.x,
        c.y,
        c.z
    );
    for (k, place) in program.places.iter().enumerate() {
        match &place.at {
            At::Posture(q) => {
                out += &format!("  CONST jointtarget j_{} := {};\n", place.name, degrees(q));
            }
            At::Pose(pose) => {
                let end = program.steps.iter().position(|step| to(&step.action) == Some(k)).map(|step| &plan.steps[step].end);
                let configuration = end.map_or_else(|| String::from("[0, 0, 0, 0]"), |q| quarters(q));
                out += &format!("  CONST robtarget p_{} := [{}, {configuration}, {NO_AXES}];\n", place.name, frame(pose));
            }
        }
    }
    out += "  PROC main()\n    ConfJ \\Off;\n    ConfL \\Off;\n";
    let start = program.start.map_or_else(|| degrees(&plan.start), |start| format!("j_{}", program.places[start].name));
    out += &format!("    ! begins at {start}\n");
    for (k, step) in program.steps.iter().enumerate() {
        let number = |what: &str| ExportError::Number { step: k + 1, what: String::from(what) };
        let target = |place: usize| match &program.places[place].at {
            At::Pose(_) => Ok(format!("p_{}", program.places[place].name)),
            At::Posture(_) => Err(number("a line or circle to a posture; RAPID wants a pose there")),
        };
        let pace = |p: &ToolPace| {
            if p.acceleration_m_s2 < 0.1 {
                return Err(number("RAPID's PathAccLim takes 0.1 m/s² or more; raise acceleration_m_s2"));
            }
            let a = p.acceleration_m_s2;
            let speed = format!("[{:?}, {FAST}]", p.speed_m_s * 1000.0);
            let zone = if p.blend_m > 0.0 {
                let r = p.blend_m * 1000.0;
                format!("[FALSE, {r:?}, {r:?}, {r:?}, 90, {r:?}, 90]")
            } else {
                String::from("fine")
            };
            Ok((format!("    PathAccLim TRUE \\AccMax:={a:?}, TRUE \\DecelMax:={a:?};\n"), format!("{speed}, {zone}, t_program")))
        };
        out += &match &step.action {
            Action::Joint { to, pace } => {
                let end = &plan.steps[k].end;
                let target = match &program.places[*to].at {
                    At::Posture(_) => format!("j_{}", program.places[*to].name),
                    At::Pose(_) => degrees(end),
                };
                let from = if k == 0 { &plan.start } else { &plan.steps[k - 1].end };
                let (speed, acceleration) = shares(*pace, from, end, plan);
                if acceleration < 0.2 {
                    return Err(number("RAPID's AccSet takes 20 % or more; raise acceleration_share to 0.2"));
                }
                let (speed, acceleration) = (100.0 * speed, 100.0 * acceleration);
                format!(
                    "    VelSet {speed:?}, 5000;\n    AccSet {acceleration:?}, 100;\n    MoveAbsJ {target}, vmax, fine, t_program;\n    VelSet 100, 5000;\n    AccSet 100, 100;\n"
                )
            }
            Action::Line { to, pace: p } => {
                let (limit, rest) = pace(p)?;
                format!("{limit}    MoveL {}, {rest};\n", target(*to)?)
            }
            Action::Circle { via, to, pace: p } => {
                let (limit, rest) = pace(p)?;
                format!("{limit}    MoveC {}, {}, {rest};\n", target(*via)?, target(*to)?)
            }
            Action::Output { number, on } => format!("    SetDO do_{number}, {};\n", u8::from(*on)),
            Action::Wait { seconds } => format!("    WaitTime {seconds:?};\n"),
        };
    }
    out += "  ENDPROC\nENDMODULE\n";
    Ok(out)
}

fn to(action: &Action) -> Option<usize> {
    match action {
        Action::Line { to, .. } | Action::Circle { to, .. } => Some(*to),
        Action::Joint { .. } | Action::Output { .. } | Action::Wait { .. } => None,
    }
}

/// Shares of the joints' limits that a pace means for this move.
fn shares(pace: Pace, from: &[f64], to: &[f64], plan: &Plan) -> (f64, f64) {
    match pace {
        Pace::Share { speed, acceleration } => (speed, acceleration),
        Pace::Leading { speed_rad_s, acceleration_rad_s2 } => {
            let far = |i: usize| real::abs(from[i] - to[i]);
            let most = (0..from.len()).fold(0.0, |most, i| real::max(most, far(i)));
            let share = |rate: f64, limits: &[f64]| {
                let used = |i: usize| if most > 0.0 { far(i) / most * rate / limits[i] } else { rate / limits[i] };
                real::min((0..from.len()).map(used).fold(0.0, real::max), 1.0)
            };
            (share(speed_rad_s, &plan.limits.velocity), share(acceleration_rad_s2, &plan.limits.acceleration))
        }
    }
}
