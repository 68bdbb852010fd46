//! Tracking with 3 kg that nobody declared, before and after they are identified, as JSON on stdout.
//!
//!     leitai-bench-payload CATALOG

use std::process::ExitCode;
use std::sync::Arc;

use leitai_control::excitation::{Excitation, Room};
use leitai_control::payload::{Carried, PayloadEstimator};
use leitai_control::{ArmDynamics, MotionLimits, Path, Trajectory, time_path};
use leitai_math::{Mat3, Pose, Quat, Seed, Vec3};
use leitai_model::spec::{BodySpec, InertialSpec};
use leitai_model::{JointId, Model, SiteId, Spec};
use leitai_package::disk::Folder;
use leitai_sim::{Scene, World};

/// Data sheet of the UR5e: torques [N·m], speeds [rad/s].
const TORQUE: [f64; 6] = [150.0, 150.0, 150.0, 28.0, 28.0, 28.0];
const SPEED: [f64; 6] = [std::f64::consts::PI; 6];
/// Engine and control period [s].
const STEP_S: f64 = 1e-3;
/// Encoders at the joints: 20 bits a turn. Torque readings: noise of this share of the rated torque.
const ENCODER_RAD: f64 = std::f64::consts::TAU / 1_048_576.0;
const TORQUE_NOISE: f64 = 0.005;
/// Servo gains of each joint, K_p = ω²·J and K_d = 2ωJ, with a rough constant inertia J [kg·m²].
const SERVO_RAD_S: f64 = 25.0;
const INERTIA: [f64; 6] = [3.0, 3.0, 1.0, 0.1, 0.1, 0.05];
/// Half-width of the filter that differentiates readings offline [samples].
const HALF: usize = 15;

struct Arm {
    rigid: Arc<Model>,
    joints: Vec<JointId>,
    tip: SiteId,
}

fn read(catalog: &str) -> Result<Spec, String> {
    let files = Folder::inside(format!("{catalog}/robots/ur5e"));
    let mut spec = leitai_package::load("robot.xml", &files, &Default::default()).map_err(|e| e.to_string())?.spec;
    each(&mut spec.world, &mut |body| body.geoms.clear());
    spec.option.timestep_s = STEP_S;
    Ok(spec)
}

fn each(body: &mut BodySpec, change: &mut impl FnMut(&mut BodySpec)) {
    change(body);
    body.bodies.iter_mut().for_each(|child| each(child, change));
}

/// 3 kg, off the flange's axis, not a ball.
fn load() -> InertialSpec {
    let turn = Quat::from_axis_angle(Vec3::new(0.6, 0.0, 0.8), 0.7);
    let inertia = Mat3::diagonal(Vec3::new(0.018, 0.014, 0.008));
    InertialSpec { mass: 3.0, pose: Pose::new(Vec3::new(0.04, -0.03, 0.08), turn), inertia }
}

fn plant(catalog: &str) -> Result<Arc<Model>, String> {
    let mut spec = read(catalog)?;
    each(&mut spec.world, &mut |body| {
        if let Some(site) = body.sites.iter().find(|site| site.name == "tool_mount") {
            let (own, at) = (load(), site.pose);
            body.bodies.push(BodySpec {
                name: "load".to_string(),
                inertial: Some(InertialSpec { pose: at * own.pose, ..own }),
                ..BodySpec::default()
            });
        }
    });
    Ok(Arc::new(spec.build().map_err(|e| e.to_string())?))
}

fn arm(catalog: &str) -> Result<Arm, String> {
    let rigid = Arc::new(read(catalog)?.build().map_err(|e| e.to_string())?);
    let place = rigid.sites.iter().position(|site| site.name == "tool_mount").ok_or("the arm has no site tool_mount")?;
    Ok(Arm { joints: (0..6).map(JointId).collect(), tip: SiteId(place as u32), rigid })
}

/// Writes position, velocity and acceleration of the joints at a time.
type Follow<'a> = dyn Fn(f64, &mut [f64], &mut [f64], &mut [f64]) + 'a;

/// Feed-forward from which model of the arm.
enum Forward<'a> {
    /// Weight alone, at the reading.
    Gravity(&'a mut ArmDynamics),
    /// Whole inverse dynamics, at the reference.
    Dynamics(&'a mut ArmDynamics),
}

#[derive(Default)]
struct Log {
    q: Vec<[f64; 6]>,
    tau: Vec<[f64; 6]>,
    joint_rms_rad: f64,
    joint_max_rad: f64,
    tip_rms_m: f64,
    tip_max_m: f64,
}

fn follow(arm: &Arm, plant: &Arc<Model>, duration_s: f64, at: &Follow<'_>, forward: &mut Forward<'_>) -> Result<Log, String> {
    let mut world = World::new(&Scene::new(plant.clone()));
    let (mut q, mut v, mut a) = ([0.0; 6], [0.0; 6], [0.0; 6]);
    at(0.0, &mut q, &mut v, &mut a);
    world.change(|state| state.q[..6].copy_from_slice(&q));
    let mut draw = Seed::from_number(7).stream("torque noise");
    let mut log = Log::default();
    let mut last = q;
    let (mut sums, mut count) = ([0.0; 2], 0.0);
    let chain = leitai_control::Chain::new(&arm.rigid, arm.tip).map_err(|e| e.to_string())?;
    for k in 0..(duration_s / STEP_S) as usize {
        at(k as f64 * STEP_S, &mut q, &mut v, &mut a);
        let now: [f64; 6] = std::array::from_fn(|i| (world.state().q[i] / ENCODER_RAD).round() * ENCODER_RAD);
        let mut tau = [0.0; 6];
        match forward {
            Forward::Gravity(model) => model.torques(&now, &[0.0; 6], &[0.0; 6], &mut tau),
            Forward::Dynamics(model) => model.torques(&q, &v, &a, &mut tau),
        }
        for i in 0..6 {
            let speed = (now[i] - last[i]) / STEP_S;
            tau[i] += SERVO_RAD_S * SERVO_RAD_S * INERTIA[i] * (q[i] - now[i]) + 2.0 * SERVO_RAD_S * INERTIA[i] * (v[i] - speed);
            tau[i] = tau[i].clamp(-TORQUE[i], TORQUE[i]);
        }
        last = now;
        log.q.push(now);
        log.tau.push(std::array::from_fn(|i| tau[i] + draw.normal(0.0, TORQUE_NOISE * TORQUE[i])));
        let miss = (chain.tip(&world.state().q[..6]).position - chain.tip(&q).position).norm();
        sums[1] += miss * miss;
        log.tip_max_m = log.tip_max_m.max(miss);
        for (wanted, is) in q.iter().zip(&world.state().q) {
            let error = wanted - is;
            sums[0] += error * error;
            log.joint_max_rad = log.joint_max_rad.max(error.abs());
        }
        count += 1.0;
        world.ctrl_mut()[..6].copy_from_slice(&tau);
        world.step().map_err(|e| format!("{e:?}"))?;
    }
    (log.joint_rms_rad, log.tip_rms_m) = ((sums[0] / (6.0 * count)).sqrt(), (sums[1] / count).sqrt());
    Ok(log)
}

/// The load from readings: positions are smoothed and differentiated by a parabola through a window, torques averaged over it.
fn identify(arm: &Arm, log: &Log) -> Result<Carried, String> {
    let noise: Vec<f64> = TORQUE.iter().map(|t| TORQUE_NOISE * t / ((2 * HALF + 1) as f64).sqrt()).collect();
    let mut estimator = PayloadEstimator::new(ArmDynamics::new(&arm.rigid, &arm.joints, arm.tip), &noise);
    let width = (2 * HALF + 1) as f64;
    let (mut square, mut fourth) = (0.0, 0.0);
    for k in -(HALF as i32)..=HALF as i32 {
        let x = f64::from(k);
        (square, fourth) = (square + x * x, fourth + x * x * x * x);
    }
    for center in (HALF..log.q.len() - HALF).step_by(HALF) {
        let (mut q, mut v, mut a, mut tau) = ([0.0; 6], [0.0; 6], [0.0; 6], [0.0; 6]);
        for i in 0..6 {
            let (mut s0, mut s1, mut s2) = (0.0, 0.0, 0.0);
            for k in 0..=2 * HALF {
                let x = k as f64 - HALF as f64;
                let (y, t) = (log.q[center - HALF + k][i], log.tau[center - HALF + k][i]);
                (s0, s1, s2) = (s0 + y, s1 + x * y, s2 + x * x * y);
                tau[i] += t / width;
            }
            // Least squares of y = c0 + c1 x + c2 x².
            let c2 = (width * s2 - square * s0) / (width * fourth - square * square);
            q[i] = (s0 - c2 * square) / width;
            v[i] = s1 / square / STEP_S;
            a[i] = 2.0 * c2 / (STEP_S * STEP_S);
        }
        // A torque acts over the step after the reading.
        estimator.add(&q, &v, &a, &tau);
    }
    estimator.estimate().map_err(|e| e.to_string())
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
    let (arm, plant) = (arm(catalog)?, plant(catalog)?);
    let fresh = || ArmDynamics::new(&arm.rigid, &arm.joints, arm.tip);
    let center = [0.0, -1.2, 1.6, -1.9, -1.57, 0.0];
    let reach = [0.5, 0.4, 0.4, 0.9, 0.9, 1.2];
    let rooms: Vec<Room> =
        (0..6).map(|i| Room { center: center[i], reach: reach[i], speed: 0.6 * SPEED[i], acceleration: 8.0 }).collect();
    let motion = Excitation::new(&rooms, 10.0, &Seed::from_number(1));
    let mut empty = fresh();
    let seen = follow(&arm, &plant, motion.duration_s(), &|t, q, v, a| motion.at(t, q, v, a), &mut Forward::Gravity(&mut empty))?;
    let found = identify(&arm, &seen)?;
    let work = [
        [0.0, -1.2, 1.6, -1.97, -1.57, 0.0],
        [0.9, -0.9, 1.3, -1.9, -1.3, 0.8],
        [1.6, -1.4, 1.9, -2.1, -1.57, -0.5],
        [0.5, -1.0, 1.2, -1.5, -1.9, 1.0],
        [-0.6, -1.3, 1.7, -1.9, -1.57, 0.0],
    ];
    let path = Path::through(&work.map(|q| q.to_vec()));
    let limits =
        MotionLimits { speed: SPEED.to_vec(), acceleration: vec![20.0; 6], torque: TORQUE.to_vec(), share: 0.7, rise_s: 0.08 };
    let mut loaded = fresh();
    loaded.carry(&found.payload, 1.0);
    let trajectory: Trajectory = time_path(path, &limits, None, &mut |q, v, a, tau| loaded.torques(q, v, a, tau)).0;
    let (mut nominal, mut plain) = (fresh(), fresh());
    let own = load();
    let body = found.payload;
    println!(
        "{{\"identified\": {{\"mass_kg\": {:.5}, \"mass_error\": {:.5}, \"center_error_mm\": {:.3}, \"mass_deviation_kg\": {:.5}, \"mended\": {}}}, \"move_s\": {:.3}, \"tracking\": [",
        body.mass_kg,
        body.mass_kg / own.mass - 1.0,
        1e3 * (body.pose.position - own.pose.position).norm(),
        found.deviation[0],
        found.mended,
        trajectory.duration_s()
    );
    let mut weighed = fresh();
    weighed.carry(&found.payload, 1.0);
    let arms: [(&str, Forward); 4] = [
        ("PD with gravity compensation, no payload known", Forward::Gravity(&mut plain)),
        ("PD with gravity compensation, payload identified", Forward::Gravity(&mut weighed)),
        ("PD with inverse dynamics, no payload known", Forward::Dynamics(&mut nominal)),
        ("PD with inverse dynamics, payload identified", Forward::Dynamics(&mut loaded)),
    ];
    for (i, (name, mut forward)) in arms.into_iter().enumerate() {
        let log = follow(&arm, &plant, trajectory.duration_s(), &|t, q, v, a| trajectory.at(t, q, v, a), &mut forward)?;
        let comma = if i == 0 { "" } else { "," };
        println!(
            "{comma}{{\"control\": \"{name}\", \"joint_rms_mrad\": {:.4}, \"joint_max_mrad\": {:.4}, \"tip_rms_mm\": {:.4}, \"tip_max_mm\": {:.4}}}",
            1e3 * log.joint_rms_rad,
            1e3 * log.joint_max_rad,
            1e3 * log.tip_rms_m,
            1e3 * log.tip_max_m
        );
    }
    println!("]}}");
    Ok(())
}
