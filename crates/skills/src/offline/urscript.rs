//! A planned program in Universal Robots' language, URScript.
//!
//! Facts used, from Universal Robots' script manual (module motion, interfaces) as published and quoted: `movej(q, a, v, t, r)` with joint
//! positions in radians, acceleration and speed of the leading axis; `movel(pose, a, v, t, r)` and `movec(pose_via, pose_to, a, v, r, mode)`
//! with tool acceleration [m/s²], tool speed [m/s] and blend radius [m]; poses `p[x, y, z, rx, ry, rz]` in meters and as rotation vector;
//! mode 0 of `movec` turns evenly from start to end. The controller's base frame is turned by half a turn about z from one whose x axis the
//! arm points along in its zero posture (ur_description, "Robot frames"); ours is the latter.
//!
//! Nothing here has run on a maker's controller, and the text says so.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3, real};

use super::{Action, At, MotionProgram, Pace, Plan, ToolPace};

/// Why a program cannot be written in a language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// It cannot run, so nothing is written.
    #[error("the program has faults; correct them first (leitai program check)")]
    Faults,
    /// The language's controllers drive arms of six joints.
    #[error("an arm of {0} joints; this language writes six")]
    Joints(usize),
    /// A number that the language does not take.
    #[error("step {step}: {what}")]
    Number {
        /// The step, from 1.
        step: usize,
        /// What, and what to change.
        what: String,
    },
}

/// Half a turn about z.
fn controller_from_base(pose: &Pose) -> Pose {
    Pose::new(Vec3::ZERO, Quat::new(0.0, 0.0, 0.0, 1.0)) * *pose
}

fn pose(p: &Pose) -> String {
    let turn = p.rotation.to_rotation_vector();
    format!("p[{:?}, {:?}, {:?}, {:?}, {:?}, {:?}]", p.position.x, p.position.y, p.position.z, turn.x, turn.y, turn.z)
}

/// Writes the program; `plan` says where its joint moves end.
///
/// # Errors
/// If the plan has faults or the arm has not six joints.
pub fn write(program: &MotionProgram, plan: &Plan) -> Result<String, ExportError> {
    if !plan.runs() {
        return Err(ExportError::Faults);
    }
    if plan.start.len() != 6 {
        return Err(ExportError::Joints(plan.start.len()));
    }
    let mut out = format!("def {}():\n", program.name);
    out += "  # Written by Leitai. Not run on a maker's controller / 未在厂家控制器上运行.\n";
    let tool = &program.tool;
    out += &format!("  set_tcp({})\n", pose(&tool.tcp));
    let c = tool.center_m;
    out += &format!("  set_payload({:?}, [{:?}, {:?}, {:?}])\n", tool.mass_kg, c.x, c.y, c.z);
    let postures: Vec<String> = program.places.iter().map(|place| format!("q_{}", place.name)).collect();
    // Lines and circles go to poses, joint moves to postures, so a place may be written twice.
    for (k, place) in program.places.iter().enumerate() {
        if cartesian(program, k)
            && let At::Pose(p) = &place.at
        {
            out += &format!("  p_{} = {}\n", place.name, pose(&controller_from_base(p)));
        }
        if let At::Posture(q) = &place.at {
            out += &format!("  {} = {q:?}\n", postures[k]);
        }
    }
    let target = |place: usize| match &program.places[place].at {
        At::Pose(_) => format!("p_{}", program.places[place].name),
        // A line to a posture: the controller's own forward kinematics.
        At::Posture(_) => format!("get_forward_kin({})", postures[place]),
    };
    let start = program.start.map_or_else(|| format!("{:?}", plan.start), |start| postures[start].clone());
    out += &format!("  # begins at {start}\n");
    for (k, step) in program.steps.iter().enumerate() {
        let from = if k == 0 { &plan.start } else { &plan.steps[k - 1].end };
        let how = |p: &ToolPace| {
            let blend = if p.blend_m > 0.0 { format!(", r={:?}", p.blend_m) } else { String::new() };
            format!("a={:?}, v={:?}{blend}", p.acceleration_m_s2, p.speed_m_s)
        };
        out += &match step.action {
            Action::Joint { to, pace } => {
                let end = &plan.steps[k].end;
                let target = match &program.places[to].at {
                    At::Posture(_) => postures[to].clone(),
                    At::Pose(_) => format!("{end:?}"),
                };
                let (v, a) = leading(pace, from, end, plan);
                format!("  movej({target}, a={a:?}, v={v:?})\n")
            }
            Action::Line { to, pace } => format!("  movel({}, {})\n", target(to), how(&pace)),
            Action::Circle { via, to, pace } => format!("  movec({}, {}, {}, mode=0)\n", target(via), target(to), how(&pace)),
            Action::Output { number, on } => {
                format!("  set_digital_out({number}, {})\n", if on { "True" } else { "False" })
            }
            Action::Wait { seconds } => format!("  sleep({seconds:?})\n"),
        };
    }
    out += "end\n";
    Ok(out)
}

fn cartesian(program: &MotionProgram, place: usize) -> bool {
    program.steps.iter().any(|step| match step.action {
        Action::Line { to, .. } => to == place,
        Action::Circle { via, to, .. } => to == place || via == place,
        Action::Joint { .. } | Action::Output { .. } | Action::Wait { .. } => false,
    })
}

/// Speed and acceleration of the joint that has farthest to go.
fn leading(pace: Pace, from: &[f64], to: &[f64], plan: &Plan) -> (f64, f64) {
    match pace {
        Pace::Leading { speed_rad_s, acceleration_rad_s2 } => (speed_rad_s, acceleration_rad_s2),
        Pace::Share { speed, acceleration } => {
            let far: Vec<f64> = from.iter().zip(to).map(|(a, b)| real::abs(a - b)).collect();
            let most = far.iter().fold(0.0, |most, d| real::max(most, *d));
            let slowest = |share: f64, limits: &[f64]| {
                let rate = |(d, limit): (&f64, &f64)| if *d > 0.0 { share * limit / d } else { f64::INFINITY };
                most * far.iter().zip(limits).map(rate).fold(f64::INFINITY, real::min)
            };
            if most > 0.0 {
                (slowest(speed, &plan.limits.velocity), slowest(acceleration, &plan.limits.acceleration))
            } else {
                (speed * plan.limits.velocity[0], acceleration * plan.limits.acceleration[0])
            }
        }
    }
}
