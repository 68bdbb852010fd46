//! What one trial draws: every variation from a stream of its own name.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use leitai_math::{Seed, Stream, Vec3};
use leitai_package::manifest::{Draw, Place, Quantity, ScenarioManifest};

/// The drawn values of one trial. [`Draws::nominal`] draws nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// Factor on each piece's mass.
    pub piece_mass_scale: Vec<f64>,
    /// Added to each piece's edges [m].
    pub piece_size_m: Vec<Vec3>,
    /// Added to each piece's place [m], in its site.
    pub piece_position_m: Vec<Vec3>,
    /// Added to each piece's turn [rad] about its site's z.
    pub piece_yaw_rad: Vec<f64>,
    /// Where each piece lies if it was scattered, in its site.
    pub piece_place: Vec<Option<Place>>,
    /// Added to the place [m] of the body that carries each site, in the world.
    pub site_position_m: Vec<Vec3>,
    /// Lasting error of the sensor of pieces: shift [m], and turn [rad] as a rotation vector, in its frame.
    pub sensor_offset_m: Vec3,
    /// See [`Self::sensor_offset_m`].
    pub sensor_turn_rad: Vec3,
    /// Friction of the tool's deciding surfaces, where it varies.
    pub tool_friction: Option<f64>,
    /// Tilt [rad] and direction of fall [rad] of the body that carries each site.
    pub site_tilt_rad: Vec<(f64, f64)>,
    /// Sliding friction of what is on the body that carries each site, where it is drawn.
    pub site_friction: Vec<Option<f64>>,
    /// Factor on the size of what is on the body that carries each site, about the site.
    pub site_size_scale: Vec<f64>,
    /// Factor on what a tool takes off.
    pub removal_scale: f64,
    /// Dust on the sensors, 0 to 1.
    pub dust: f64,
    /// Shift [m] of the robot's base.
    pub base_position_m: Vec3,
    /// Turn [rad] of the robot's base, as a rotation vector.
    pub base_rotation_rad: Vec3,
    /// Factor on each joint's friction.
    pub joint_friction_scale: Vec<f64>,
    /// Steps between an observation and the command that answers it.
    pub latency_steps: usize,
    /// Amplitude [m], frequency [Hz] and phase [rad] of motions by their names, where they vary.
    pub motion: BTreeMap<String, [Option<f64>; 3]>,
    /// Stiffness [N/m] and damping [N·s/m] of slides of the world by their names, where they vary.
    pub joint_spring: BTreeMap<String, [Option<f64>; 2]>,
}

impl Draws {
    /// No variation.
    #[must_use]
    pub fn nominal(pieces: usize, sites: usize, joints: usize) -> Self {
        Self {
            piece_mass_scale: vec![1.0; pieces],
            piece_size_m: vec![Vec3::ZERO; pieces],
            piece_position_m: vec![Vec3::ZERO; pieces],
            piece_yaw_rad: vec![0.0; pieces],
            piece_place: vec![None; pieces],
            site_position_m: vec![Vec3::ZERO; sites],
            sensor_offset_m: Vec3::ZERO,
            sensor_turn_rad: Vec3::ZERO,
            tool_friction: None,
            site_tilt_rad: vec![(0.0, 0.0); sites],
            site_friction: vec![None; sites],
            site_size_scale: vec![1.0; sites],
            removal_scale: 1.0,
            dust: 0.0,
            base_position_m: Vec3::ZERO,
            base_rotation_rad: Vec3::ZERO,
            joint_friction_scale: vec![1.0; joints],
            latency_steps: 0,
            motion: BTreeMap::new(),
            joint_spring: BTreeMap::new(),
        }
    }

    /// Draws everything the scenario varies; `sites` are the names in the order of [`Self::site_tilt_rad`].
    #[must_use]
    pub fn new(scenario: &ScenarioManifest, seed: Seed, pieces: usize, sites: &[String], joints: usize) -> Self {
        let mut out = Self::nominal(pieces, sites.len(), joints);
        for (name, vary) in &scenario.vary {
            let mut stream = seed.stream(name);
            let mut next = || vary.draw().map_or(0.0, |draw| value(&mut stream, draw));
            let chosen =
                |out: &Self| -> Vec<usize> { (0..out.site_tilt_rad.len()).filter(|&i| vary.sites.contains(&sites[i])).collect() };
            match vary.quantity {
                Quantity::PieceMassScale => out.piece_mass_scale.iter_mut().for_each(|x| *x = next()),
                Quantity::PieceSizeM => out.piece_size_m.iter_mut().for_each(|x| *x = Vec3::new(next(), next(), next())),
                Quantity::PiecePositionM => out.piece_position_m.iter_mut().for_each(|x| *x = Vec3::new(next(), next(), 0.0)),
                Quantity::PieceYawRad => out.piece_yaw_rad.iter_mut().for_each(|x| *x = next()),
                Quantity::SiteTiltRad => chosen(&out).into_iter().for_each(|i| out.site_tilt_rad[i].0 = next()),
                Quantity::SiteTiltAzimuthRad => chosen(&out).into_iter().for_each(|i| out.site_tilt_rad[i].1 = next()),
                Quantity::SitePositionM => {
                    let drawn: Vec<usize> = chosen(&out);
                    drawn.into_iter().for_each(|i| out.site_position_m[i] = Vec3::new(next(), next(), next()));
                }
                Quantity::SensorOffsetM => out.sensor_offset_m = Vec3::new(next(), next(), next()),
                Quantity::SensorTurnRad => out.sensor_turn_rad = Vec3::new(next(), next(), next()),
                Quantity::ToolFriction => out.tool_friction = Some(next()),
                Quantity::SiteFriction => chosen(&out).into_iter().for_each(|i| out.site_friction[i] = Some(next())),
                Quantity::SiteSizeScale => chosen(&out).into_iter().for_each(|i| out.site_size_scale[i] = next()),
                Quantity::RemovalScale => out.removal_scale = next(),
                Quantity::SensorDust => out.dust = next(),
                Quantity::RobotBasePositionM => out.base_position_m = Vec3::new(next(), next(), next()),
                Quantity::RobotBaseRotationRad => out.base_rotation_rad = Vec3::new(next(), next(), next()),
                Quantity::JointFrictionScale => out.joint_friction_scale.iter_mut().for_each(|x| *x = next()),
                Quantity::ControlLatencySteps => out.latency_steps = next() as usize,
                Quantity::MotionAmplitudeM => of_each(&mut out.motion, &vary.motions, 0, next),
                Quantity::MotionFrequencyHz => of_each(&mut out.motion, &vary.motions, 1, next),
                Quantity::MotionPhaseRad => of_each(&mut out.motion, &vary.motions, 2, next),
                Quantity::JointStiffness => of_each(&mut out.joint_spring, &vary.joints, 0, next),
                Quantity::JointDamping => of_each(&mut out.joint_spring, &vary.joints, 1, next),
            }
        }
        out
    }
}

/// Draws figure number `which` of each of `names`.
fn of_each<const N: usize>(
    drawn: &mut BTreeMap<String, [Option<f64>; N]>,
    names: &[String],
    which: usize,
    mut next: impl FnMut() -> f64,
) {
    for name in names {
        drawn.entry(name.clone()).or_insert([None; N])[which] = Some(next());
    }
}

fn value(stream: &mut Stream, draw: Draw) -> f64 {
    match draw {
        Draw::Uniform { low, high } => stream.uniform(low, high),
        Draw::Normal { mean, sd } => stream.normal(mean, sd),
        Draw::Integer { low, high } => (low + stream.below((high - low + 1) as u64) as i64) as f64,
    }
}
