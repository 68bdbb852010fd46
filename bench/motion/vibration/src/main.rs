//! Residual vibration after moves of 0.3, 0.6 and 1.2 rad at rated limits, unshaped and shaped, as JSON on stdout.
//!
//!     leitai-bench-vibration CATALOG

mod arm;

use std::process::ExitCode;
use std::sync::Arc;

use leitai_control::vibration::{BadMode, FlexibleJoints, Mode, Modes, MotorReference, Shaped, ShapedTrajectory, Shaper, modes};
use leitai_control::{ArmDynamics, JointServo, MotionLimits, Path, Reference, ServoGains, Trajectory, time_path};
use leitai_dynamics::jacobian::site_pose;
use leitai_sim::{Scene, World};

/// Rated torques [N·m] and speeds [rad/s] of the data sheet.
const TORQUE: [f64; 6] = [330.0, 330.0, 150.0, 54.0, 54.0, 54.0];
const SPEED: [f64; 6] = [
    2.0943951023931953,
    2.0943951023931953,
    std::f64::consts::PI,
    std::f64::consts::PI,
    std::f64::consts::PI,
    std::f64::consts::PI,
];
/// Time from no to full acceleration [s]: of the motion at rated limits, and of the smoother one that our planner makes today.
const RISE_S: f64 = 0.01;
const PLANNER_RISE_S: f64 = 0.08;
/// Share of the rated torque that a plan for rigid joints may ask for. What swings asks for more than planned: at this share the motion at
/// rated limits comes to the whole torque, a shaped one only at the greater share.
const SHARE: f64 = 0.85;
const SHAPED_SHARE: f64 = 0.97;
/// A shaped move may take so much longer.
const LONGER: f64 = 1.1;
/// The servo on the motors: with the rotors a tenth of what it reckons with, they are held three times as stiffly.
const SERVO_RAD_S: f64 = 100.0;
/// The frequency is known to this share.
const TOLERANCE: f64 = 0.1;
const STEP_S: f64 = 5e-4;
/// Step of the differences by which the feed-forward for flexible joints differentiates: smooths the jumps of the jerk.
const APART_S: f64 = 0.01;
/// Window after the commanded stop in which the tip is watched [s].
const WATCH_S: f64 = 0.3;

/// Postures before the move: stretched out, and bent as over a pallet.
const STRETCHED: [f64; 6] = [0.0, -0.2, 0.4, -0.2, -std::f64::consts::FRAC_PI_2, 0.0];
const BENT: [f64; 6] = [0.0, -1.2, 1.6, -1.9707963267948967, -std::f64::consts::FRAC_PI_2, 0.0];

/// The links' mass matrix without the rotors, column by column from inverse dynamics.
fn mass_matrix(arm: &mut ArmDynamics, q: &[f64], rotors: &[f64]) -> Vec<f64> {
    let n = q.len();
    let (zero, mut bias) = (vec![0.0; n], vec![0.0; n]);
    arm.torques(q, &zero, &zero, &mut bias);
    let mut mass = vec![0.0; n * n];
    for c in 0..n {
        let (mut a, mut tau) = (vec![0.0; n], vec![0.0; n]);
        a[c] = 1.0;
        arm.torques(q, &zero, &a, &mut tau);
        (0..n).for_each(|r| mass[r * n + c] = tau[r] - bias[r]);
        mass[c * n + c] -= rotors[c];
    }
    mass
}

struct Ran {
    move_s: f64,
    residual_mm: f64,
    torque_share: f64,
}

/// The modes that a motion along `direction` strikes, the hardest first: by the mean acceleration that each would have, |xᵀM·direction|, and
/// how far it swings for that, 1/ω².
fn struck(found: &Modes, mass: &[f64], direction: &[f64]) -> Vec<usize> {
    let n = direction.len();
    let force: Vec<f64> = (0..n).map(|r| (0..n).map(|c| mass[r * n + c] * direction[c]).sum()).collect();
    let hit = |k: usize| {
        let along: f64 = found.shapes[k].iter().zip(&force).map(|(x, f)| x * f).sum();
        along.abs() / found.frequencies_rad_s[k].powi(2)
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| hit(b).total_cmp(&hit(a)));
    order
}

/// One move on the arm that gives; with `links`, the rigid arm without rotors, the motors are told what makes the links follow.
fn run(
    rigid: &arm::Rigid,
    links: Option<&arm::Rigid>,
    plant: &Arc<leitai_model::Model>,
    motion: &ShapedTrajectory,
) -> Result<Ran, String> {
    let n = rigid.joints.len();
    let mut world = World::new(&Scene::new(plant.clone()));
    let dynamics = ArmDynamics::new(&rigid.model, &rigid.joints, rigid.tip);
    let gains = ServoGains { natural_frequency_rad_s: SERVO_RAD_S, damping_ratio: 1.0 };
    let mut servo = JointServo::new(dynamics, gains, TORQUE.to_vec(), 0);
    let mut reference = Reference { q: vec![0.0; n], v: vec![0.0; n], a: vec![0.0; n] };
    motion.at(0.0, &mut reference.q, &mut reference.v, &mut reference.a);
    let start = reference.q.clone();
    // At rest: the reducers twisted by the weight.
    let mut hold = vec![0.0; n];
    servo.arm.torques(&start, &vec![0.0; n], &vec![0.0; n], &mut hold);
    let stiffness: Vec<f64> = (0..n).map(|k| plant.joints[2 * k + 1].stiffness).collect();
    world.change(|state| (0..n).for_each(|k| (state.q[2 * k], state.q[2 * k + 1]) = (start[k], -hold[k] / stiffness[k])));
    let tip = arm::tip(plant)?;
    let mut flat = links.map(|links| {
        let damping = (0..n).map(|k| arm::damping(k, arm::STIFFNESS[k])).collect();
        let dynamics = ArmDynamics::new(&links.model, &links.joints, links.tip);
        FlexibleJoints::new(dynamics, arm::STIFFNESS.to_vec(), damping, arm::ROTOR.to_vec())
    });
    let mut motors = MotorReference::default();
    let mut correction = vec![0.0; n];
    let (mut q, mut v, mut tau) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let settle_s = 0.5;
    let steps = ((settle_s + motion.duration_s() + WATCH_S) / STEP_S) as usize;
    let (mut seen, mut torque_share) = (Vec::new(), 0.0_f64);
    for k in 0..steps {
        let t = k as f64 * STEP_S - settle_s;
        motion.at(t.max(0.0), &mut reference.q, &mut reference.v, &mut reference.a);
        for i in 0..n {
            (q[i], v[i]) = (world.state().q[2 * i], world.state().v[2 * i]);
        }
        if let Some(flat) = &mut flat {
            flat.motors(APART_S, |away, q, v, a| motion.at((t + 0.5 * STEP_S + away).max(0.0), q, v, a), &mut motors);
            // The servo's own gains and inertia, about where the motors should be.
            for i in 0..n {
                correction[i] = 2.0 * SERVO_RAD_S * (motors.v[i] - v[i]) + SERVO_RAD_S * SERVO_RAD_S * (motors.q[i] - q[i]);
            }
            servo.arm.inertial(&reference.q, &mut correction);
            (0..n).for_each(|i| tau[i] = (motors.tau[i] + correction[i]).clamp(-TORQUE[i], TORQUE[i]));
        } else {
            servo.step(&reference, &q, &v, &mut tau);
        }
        torque_share = tau.iter().zip(TORQUE).fold(torque_share, |most, (t, limit)| most.max(t.abs() / limit));
        world.ctrl_mut()[..n].copy_from_slice(&tau);
        world.step().map_err(|e| format!("{e:?}"))?;
        if t >= motion.duration_s() {
            seen.push(site_pose(world.model(), world.data(), tip).position);
        }
    }
    let mut widest = 0.0_f64;
    for (i, a) in seen.iter().enumerate() {
        for b in &seen[..i] {
            widest = widest.max((*a - *b).norm());
        }
    }
    Ok(Ran { move_s: motion.duration_s(), residual_mm: 500.0 * widest, torque_share })
}

fn main() -> ExitCode {
    match std::env::args().nth(1).ok_or_else(|| "give the catalog's folder".to_string()).and_then(|catalog| bench(&catalog)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(catalog: &str) -> Result<(), String> {
    let rigid = arm::rigid(catalog, 1.0)?;
    let links = arm::rigid(catalog, 0.0)?;
    let plants: Vec<_> = [0.9, 1.0, 1.1]
        .into_iter()
        .map(|by| Ok((by, arm::flexible(catalog, by * by, STEP_S)?)))
        .collect::<Result<_, String>>()?;
    let mut dynamics = ArmDynamics::new(&rigid.model, &rigid.joints, rigid.tip);
    println!("[");
    let mut first = true;
    for (posture, start, moving) in
        [("stretched", STRETCHED, [1.0, 0.0, 0.0]), ("stretched", STRETCHED, [0.0, -1.0, 0.0]), ("bent", BENT, [1.0, 0.6, -0.8])]
    {
        for distance in [0.3, 0.6, 1.2] {
            let mut end = start;
            (0..3).for_each(|i| end[i] += distance * moving[i]);
            let mass = mass_matrix(&mut dynamics, &end, &arm::ROTOR);
            let found = modes(&mass, &arm::STIFFNESS).map_err(|e| e.to_string())?;
            let direction: Vec<f64> = (0..6).map(|i| end[i] - start[i]).collect();
            let order = struck(&found, &mass, &direction);
            let mode = |k: usize| Mode { frequency_rad_s: found.frequencies_rad_s[order[k]], damping_ratio: arm::DAMPING_RATIO };
            let mut timed = |rise_s: f64, share: f64| {
                let limits =
                    MotionLimits { speed: SPEED.to_vec(), acceleration: vec![60.0; 6], torque: TORQUE.to_vec(), share, rise_s };
                time_path(Path::straight(&start, &end), &limits, None, &mut |q, v, a, tau| dynamics.torques(q, v, a, tau)).0
            };
            let (rated, planned, hard) = (timed(RISE_S, SHARE), timed(PLANNER_RISE_S, SHARE), timed(RISE_S, SHAPED_SHARE));
            let with = |timed: &Trajectory, shaper| ShapedTrajectory {
                path: timed.path.clone(),
                profile: Shaped::new(timed.profile, shaper),
            };
            let told = |error: BadMode| error.to_string();
            let (zv, ei) = (Shaper::zv(mode(0)).map_err(told)?, Shaper::ei(mode(0), TOLERANCE).map_err(told)?);
            // The second mode too, as well as the time allows.
            let other = [Shaper::ei(mode(1), TOLERANCE).map_err(told)?, Shaper::zv(mode(1)).map_err(told)?];
            let both = [ei.and(&other[0]).map_err(told)?, ei.and(&other[1]).map_err(told)?, ei];
            let most_s = LONGER * rated.duration_s();
            let shaped = both.into_iter().find(|s| hard.duration_s() + s.length_s() <= most_s).unwrap_or(ei);
            let arms = [
                ("rated", with(&rated, Shaper::NONE)),
                ("planned", with(&planned, Shaper::NONE)),
                ("zv", with(&hard, zv)),
                ("ei", with(&hard, ei)),
                ("shaped", with(&hard, shaped)),
                ("flat", with(&planned, Shaper::NONE)),
            ];
            for (by, plant) in &plants {
                for (name, motion) in &arms {
                    let ran = run(&rigid, (*name == "flat").then_some(&links), plant, motion)?;
                    let comma = if std::mem::take(&mut first) { "" } else { "," };
                    println!(
                        "{comma}{{\"posture\": \"{posture}\", \"joints\": {moving:?}, \"distance_rad\": {distance}, \"frequency\": {by}, \"mode_hz\": {:?}, \"motion\": \"{name}\", \"move_s\": {:.4}, \"residual_mm\": {:.5}, \"torque_share\": {:.3}}}",
                        [0, 1].map(|k| (mode(k).frequency_rad_s / std::f64::consts::TAU * 100.0).round() / 100.0),
                        ran.move_s,
                        ran.residual_mm,
                        ran.torque_share
                    );
                }
            }
        }
    }
    println!("]");
    Ok(())
}
