//! Servo loops that tune themselves against a robot's drive trains.
//!
//! Joint by joint, in the home posture with the rated payload as a point at the flange: the current loop follows from the motor's sheet;
//! the joint is moved and found ([`identify`]); gains are chosen on what was found ([`choose`]) and tried on the joint itself, which has
//! the friction, hysteresis, limits and encoder that the fitted masses lack; and again with the payload three times as heavy. Nothing is
//! taken from the figures of reducer or link but to set up the bench.

/// The loops.
pub mod cascade;
/// Gains on what was found.
pub mod choose;
/// What a joint is.
pub mod identify;
/// A joint on the bench.
pub mod joint;
/// The page.
pub mod page;

use leitai_control::{ArmDynamics, Payload};
use leitai_math::{Pose, Vec3};
use leitai_model::Spec;
use leitai_package::manifest::{DriveTrain, Figure, PartManifest, RobotManifest, ServoMotor, Standing};

use crate::packages::{Files, Train, ids, manifest_path};
use crate::trial::drives::figures;
use cascade::{Gains, modulus_optimum};
use choose::{Margins, choose, margins};
use identify::{Identified, identify};
use joint::{Answer, Link, STEP_S, step_response};

/// A payload so many times the rated one must be safe.
pub const HEAVIER: f64 = 3.0;

/// The current loop, before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurrentLoop {
    /// Bandwidth as delivered [Hz].
    pub delivered_hz: f64,
    /// Bandwidth by the modulus optimum [Hz].
    pub tuned_hz: f64,
    /// Its proportional gain [V/A].
    pub gain_v_a: f64,
    /// Its integral time [s].
    pub integral_s: f64,
}

/// One joint, tuned.
#[derive(Clone, Debug)]
pub struct Tuned {
    /// The joint.
    pub joint: String,
    /// Its motor, reducer and drive.
    pub parts: [String; 3],
    /// Gear ratio.
    pub ratio: f64,
    /// The link with the rated payload.
    pub link: Link,
    /// The link with three times as much.
    pub heavy: Link,
    /// The current loop.
    pub current: CurrentLoop,
    /// What was found.
    pub found: Identified,
    /// Gains as delivered.
    pub delivered: Gains,
    /// Gains as tuned.
    pub gains: Gains,
    /// Margins as delivered and as tuned.
    pub margins: [Margins; 2],
    /// Steps as delivered, as tuned, and as tuned with the heavy link.
    pub steps: [Answer; 3],
    /// No gains of the grid keep the margins and hold the heavy link: the joint stays as it was delivered.
    pub kept: bool,
    /// Whether the heavy link comes to rest.
    pub safe: bool,
    /// Time in motion to tune [s].
    pub motion_s: f64,
    /// Way turned to tune [rad].
    pub way_rad: f64,
    /// Period of the velocity loop [s].
    pub period_s: f64,
}

/// Why a robot cannot be tuned.
#[derive(Debug, thiserror::Error)]
pub enum TuneError {
    /// Its package names no parts.
    #[error("`{0}` names no parts that turn its joints; add [[drive_train]] tables to its robot.toml")]
    NoParts(String),
    /// Its model lacks something.
    #[error("the model of `{robot}` has no {kind} `{name}`; name one that it has in robot.toml")]
    Missing {
        /// The robot.
        robot: String,
        /// Kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The model cannot be built.
    #[error(transparent)]
    Model(#[from] leitai_model::BuildError),
    /// The answer to the sines was not that of two masses.
    #[error("joint `{0}`: too few frequencies answered alike twice; look at friction and encoder of its parts")]
    Unclear(String),
    /// Neither gains of the grid nor the delivered ones bring it to rest.
    #[error("joint `{0}`: it does not come to rest under any gains tried; a stiffer reducer or a faster drive may")]
    NoGains(String),
}

/// Tunes every joint whose parts are named. `model` is the robot's own, without rotors.
///
/// # Errors
/// If there are no parts, a name is missing, or a joint cannot be found or tuned.
pub fn tune(manifest: &RobotManifest, model: &Spec, trains: &[Train]) -> Result<Vec<Tuned>, TuneError> {
    let id = &manifest.robot.id;
    if trains.is_empty() {
        return Err(TuneError::NoParts(id.clone()));
    }
    let rated = manifest.claimed("payload_kg").map_or(0.0, |claim| claim.value);
    let [light, heavy] = [rated, HEAVIER * rated].map(|payload_kg| links(manifest, model, payload_kg));
    let (light, heavy) = (light?, heavy?);
    let mut all = Vec::new();
    for train in trains {
        let name = &train.train.joint;
        let missing = || TuneError::Missing { robot: id.clone(), kind: "joint", name: name.clone() };
        let i = manifest.interface.joints.iter().position(|joint| joint == name).ok_or_else(missing)?;
        all.push(tune_joint(train, light[i], heavy[i])?);
    }
    Ok(all)
}

/// Generic parts of `catalog` for a robot that names none: for each joint the smallest reducer whose repeated peak is its torque limit,
/// and the smallest motor that brings it through there. Everything about them is assumed.
#[must_use]
pub fn assumed(catalog: &Files, robot: &RobotManifest) -> Vec<Train> {
    let parts: Vec<PartManifest> = ids(catalog, "part")
        .iter()
        .filter(|id| id.starts_with("generic-"))
        .filter_map(|id| {
            let path = manifest_path("part", id);
            PartManifest::parse(&path, std::str::from_utf8(catalog.get(&path)?).ok()?).ok()
        })
        .collect();
    let mut reducers: Vec<_> = parts.iter().filter_map(|p| Some((p, p.reducer.as_ref()?, p.part.reducer_kind?))).collect();
    reducers.sort_by(|a, b| a.1.repeated_peak_nm.value.total_cmp(&b.1.repeated_peak_nm.value));
    let peak = |motor: &ServoMotor| motor.torque_constant_nm_a.value * motor.peak_current_a.value;
    let mut motors: Vec<_> = parts.iter().filter_map(|p| Some((p, p.servo_motor.as_ref()?))).collect();
    motors.sort_by(|a, b| peak(a.1).total_cmp(&peak(b.1)));
    let Some((drive_part, drive)) = parts.iter().find_map(|p| Some((p, p.drive.as_ref()?))) else { return Vec::new() };
    let warm = |value| Figure { value, standing: Standing::Assumed, source: "template".to_string() };
    let train = |(joint, &limit): (&String, &f64)| {
        let (part, reducer, kind) = *reducers.iter().find(|r| r.1.repeated_peak_nm.value >= limit).or(reducers.last())?;
        let needed = limit / (reducer.ratio.value * reducer.efficiency.value);
        let (motor_part, motor) = *motors.iter().find(|m| peak(m.1) >= needed).or(motors.last())?;
        let train = DriveTrain {
            joint: joint.clone(),
            motor: motor_part.part.id.clone(),
            reducer: part.part.id.clone(),
            drive: drive_part.part.id.clone(),
            ambient_c: warm(40.0),
            start_c: warm(40.0),
            link_share: None,
        };
        let (reducer, motor, drive) = (reducer.clone(), motor.clone(), drive.clone());
        Some(Train { train, motor, reducer, kind, drive, rigid: false, cold: false })
    };
    robot.interface.joints.iter().zip(&robot.limits.torque_nm.value).filter_map(train).collect()
}

fn tune_joint(train: &Train, link: Link, heavy: Link) -> Result<Tuned, TuneError> {
    let name = &train.train.joint;
    let as_delivered = figures(train, 1.0);
    let drive = &train.drive;
    let period_s = drive.velocity_period_s.value;
    // One period until the voltage acts, half of one for its being held.
    let sum_s = 1.5 * drive.current_period_s.value;
    let [gain_v_a, integral_s] = modulus_optimum(as_delivered.inductance_h, as_delivered.resistance_ohm, sum_s);
    let tuned_hz = 1.0 / (std::f64::consts::TAU * 2.0 * sum_s);
    let figures = leitai_sim::drive_train::Figures { current_bandwidth_hz: tuned_hz, ..as_delivered };
    let delivered = Gains {
        velocity: std::f64::consts::TAU * drive.velocity_bandwidth_hz.value * figures.inertia_kg_m2,
        integral_s: drive.velocity_integral_s.value,
        position: drive.position_gain_1_s.value,
        notch: None,
    };
    let rated_nm = train.motor.rated_current_a.value * figures.torque_constant_nm_a;
    let found = identify(&figures, link, period_s, &delivered, rated_nm).ok_or_else(|| TuneError::Unclear(name.clone()))?;
    let heavier = heavy.inertia_kg_m2 / link.inertia_kg_m2;
    let mut tried = choose(&found, period_s, heavier);
    let kept = tried.is_empty();
    if kept {
        tried.push(delivered);
    }
    let trials = tried.len();
    let answers = tried.into_iter().map(|gains| (gains, step_response(&figures, link, period_s, &gains)));
    let best = answers.filter(|(_, answer)| answer.calm).min_by(|a, b| a.1.itae_s2.total_cmp(&b.1.itae_s2));
    let (gains, tuned) = best.ok_or_else(|| TuneError::NoGains(name.clone()))?;
    let steps =
        [step_response(&as_delivered, link, period_s, &delivered), tuned, step_response(&figures, heavy, period_s, &gains)];
    Ok(Tuned {
        joint: name.clone(),
        parts: [&train.train.motor, &train.train.reducer, &train.train.drive].map(String::clone),
        ratio: figures.ratio,
        link,
        heavy,
        current: CurrentLoop { delivered_hz: drive.current_bandwidth_hz.value, tuned_hz, gain_v_a, integral_s },
        margins: [margins(&found.lines, &delivered, period_s), margins(&found.lines, &gains, period_s)],
        kept,
        safe: steps[2].calm,
        // The joint itself moves while it is found, for each set that is tried and as delivered; the heavy link is a check beside it.
        motion_s: found.motion_s + (trials + 1) as f64 * STEP_S,
        way_rad: found.way_rad + (trials + 1) as f64 * joint::STEP_RAD,
        found,
        delivered,
        gains,
        steps,
        period_s,
    })
}

/// Inertia and weight at each joint in the home posture, with a point of `payload_kg` at the flange.
fn links(manifest: &RobotManifest, model: &Spec, payload_kg: f64) -> Result<Vec<Link>, TuneError> {
    let (id, interface) = (&manifest.robot.id, &manifest.interface);
    let missing = |kind, name: &String| TuneError::Missing { robot: id.clone(), kind, name: name.clone() };
    let model = model.build()?;
    let joints = interface.joints.iter().map(|name| model.joint_named(name).ok_or_else(|| missing("joint", name)));
    let joints = joints.collect::<Result<Vec<_>, _>>()?;
    let flange = model.site_named(&interface.tool_mount).ok_or_else(|| missing("site", &interface.tool_mount))?;
    let mut arm = ArmDynamics::new(&model, &joints, flange);
    if payload_kg > 0.0 {
        arm.carry(&Payload { mass_kg: payload_kg, pose: Pose::IDENTITY, inertia: Vec3::ZERO }, 1.0);
    }
    let still = vec![0.0; joints.len()];
    let mut weight = still.clone();
    arm.torques(&interface.home_rad, &still, &still, &mut weight);
    let links = (0..joints.len()).map(|i| {
        let (mut unit, mut tau) = (still.clone(), still.clone());
        unit[i] = 1.0;
        arm.torques(&interface.home_rad, &still, &unit, &mut tau);
        Link { inertia_kg_m2: tau[i] - weight[i], weight_nm: weight[i] }
    });
    Ok(links.collect())
}
