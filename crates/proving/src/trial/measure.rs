//! What a controller is told of work pieces and sites: true poses, spoiled as the scenario declares.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use leitai_math::{Pose, Quat, Seed, Stream, Vec3, real};
use leitai_model::interface::{PoseReading, ToolReading, WristReading};
use leitai_model::model::SuctionId;
use leitai_package::manifest::{Measure, Measured, Quantity, Wrist};
use leitai_sim::World;

use super::cell::{Built, Cell, pose_of, site_in_world};
use super::draws::Draws;

/// Share of the full vacuum at which a vacuum switch closes.
const SEALED: f64 = 0.9;

/// What the controller sees the cell with: one sensor of all pieces, one of some sites with their numbers.
pub(super) struct Sensors {
    pub(super) pieces: Option<PoseSensor>,
    pub(super) sites: Option<(PoseSensor, Vec<usize>)>,
    /// The lasting error of the sensor of pieces, where the scenario declares one.
    pub(super) error: Option<Pose>,
    pub(super) wrist: Option<WristSensor>,
}

impl Sensors {
    pub(super) fn new(cell: &Cell, draws: &Draws, seed: Seed) -> Self {
        let lasting = [Quantity::SensorOffsetM, Quantity::SensorTurnRad];
        let wrong = cell.packages().scenario.vary.values().any(|vary| lasting.contains(&vary.quantity));
        let error = || Pose::new(draws.sensor_offset_m, Quat::from_rotation_vector(draws.sensor_turn_rad));
        let wrist = cell.packages().scenario.force_sensor.as_ref().map(|sensor| WristSensor::new(sensor, seed));
        let mut out = Self { pieces: None, sites: None, error: wrong.then(error), wrist };
        for (name, measure) in &cell.packages().scenario.measure {
            let sensor = |objects| PoseSensor::new(name, measure, objects, draws.dust, seed, cell.dt_s());
            match measure.of {
                Measured::Pieces => out.pieces = Some(sensor(cell.pieces.len())),
                Measured::Sites => {
                    let which = |s: &String| cell.sites.iter().position(|known| known == s);
                    let which: Vec<usize> = measure.sites.iter().filter_map(which).collect();
                    out.sites = Some((sensor(which.len()), which));
                }
            }
        }
        out
    }
}

/// Poses of pieces and sites in the nominal cell, in the frame of the robot's nominal base.
pub(super) fn nominal_poses(cell: &Cell) -> (Vec<Pose>, Vec<Pose>) {
    let world = &cell.packages().world;
    let at = |name: &str| site_in_world(world, name).unwrap_or(Pose::IDENTITY);
    let base = at(&cell.packages().scenario.mount.robot_at).inverse();
    let sites: Vec<Pose> = cell.sites.iter().map(|name| base * at(name)).collect();
    let pieces = cell.pieces.iter().map(|p| sites[p.site] * pose_of(&p.place)).collect();
    (pieces, sites)
}

pub(super) fn tool_reading(cell: &Cell, built: &Built, world: &World) -> ToolReading {
    let Some(clamp) = cell.packages().tool.as_ref().and_then(|t| t.manifest.clamp.as_ref()) else {
        let sealed = |cup: &SuctionId| {
            let cup = &world.state().cups[cup.index()];
            cup.sealed_on.is_some() && cup.vacuum >= SEALED
        };
        return ToolReading { sealed: !built.cups.is_empty() && built.cups.iter().all(sealed), ..ToolReading::default() };
    };
    let (mut opening_m, mut opening_speed_m_s) = (clamp.opening_max_m.value, 0.0);
    for joint in &built.tool_joints {
        let joint = &world.model().joints[joint.index()];
        opening_m -= world.state().q[joint.q_start as usize];
        opening_speed_m_s -= world.state().v[joint.v_start as usize];
    }
    ToolReading { opening_m, opening_speed_m_s, sealed: false }
}

/// What the tool puts on the flange, in the frame of the tool mount: these are the world's last two sensors.
pub(super) fn true_wrist(world: &World) -> WristReading {
    // They read what the flange puts on the tool.
    let readings = world.readings();
    let readings = &readings[readings.len() - 6..];
    WristReading { force: -Vec3::from_slice(readings), torque: -Vec3::from_slice(&readings[3..]) }
}

/// The force sensor at the wrist.
#[derive(Clone, Debug)]
pub(super) struct WristSensor {
    stream: Stream,
    model: Wrist,
    offset: WristReading,
}

impl WristSensor {
    fn new(model: &Wrist, seed: Seed) -> Self {
        let mut drawn = seed.stream("force_sensor_offset");
        let mut offset =
            |half: f64| Vec3::new(drawn.uniform(-half, half), drawn.uniform(-half, half), drawn.uniform(-half, half));
        let offset = WristReading { force: offset(model.force_offset_n), torque: offset(model.torque_offset_nm) };
        Self { stream: seed.stream("force_sensor"), model: model.clone(), offset }
    }

    /// One reading of `truth`.
    pub(super) fn read(&mut self, truth: WristReading) -> WristReading {
        let mut noisy = |value: Vec3, sd: f64, range: f64| {
            let mut one = |x: f64| real::clamp(x + self.stream.normal(0.0, sd), -range, range);
            Vec3::new(one(value.x), one(value.y), one(value.z))
        };
        let (model, offset) = (&self.model, &self.offset);
        WristReading {
            force: noisy(truth.force + offset.force, model.force_sd_n, model.force_range_n),
            torque: noisy(truth.torque + offset.torque, model.torque_sd_nm, model.torque_range_nm),
        }
    }
}

/// A sensor of the poses of several objects.
#[derive(Clone, Debug)]
pub(super) struct PoseSensor {
    stream: Stream,
    position_sd_m: f64,
    angle_sd_rad: f64,
    drop_out: f64,
    period_steps: u64,
    delay_steps: u64,
    under_way: VecDeque<(u64, usize, PoseReading)>,
    shown: Vec<PoseReading>,
    /// Error of the calibration for each object: a shift [m] in the base and a turn [rad] in the object.
    offset: Vec<(Vec3, Vec3)>,
}

impl PoseSensor {
    pub(super) fn new(name: &str, model: &Measure, objects: usize, dust: f64, seed: Seed, dt_s: f64) -> Self {
        let steps = |time_s: f64| real::round(time_s / dt_s) as u64;
        let mut drawn = seed.stream(&format!("{name}_offset"));
        let mut even = |half: Option<f64>| {
            let half = half.unwrap_or(0.0);
            Vec3::new(drawn.uniform(-half, half), drawn.uniform(-half, half), drawn.uniform(-half, half))
        };
        let offset = (0..objects).map(|_| (even(model.position_offset_m), even(model.angle_offset_rad))).collect();
        let spread = 1.0 + dust * (model.dust_sd_factor - 1.0);
        Self {
            stream: seed.stream(name),
            position_sd_m: model.position_sd_m * spread,
            angle_sd_rad: model.angle_sd_rad * spread,
            drop_out: model.drop_out + dust * (model.dust_drop_out - model.drop_out),
            period_steps: steps(1.0 / model.rate_hz).max(1),
            delay_steps: steps(model.delay_s),
            under_way: VecDeque::new(),
            shown: vec![PoseReading::default(); objects],
            offset,
        }
    }

    /// One step of the world: takes a reading when one is due, and shows what has arrived.
    pub(super) fn step(&mut self, step: u64, dt_s: f64, truth: impl Fn(usize) -> Pose) -> &[PoseReading] {
        if step.is_multiple_of(self.period_steps) {
            for object in 0..self.shown.len() {
                // Every reading draws the same numbers, lost or not.
                let lost = self.stream.chance(self.drop_out);
                let shift = self.noise(self.position_sd_m);
                let turn = Quat::from_rotation_vector(self.noise(self.angle_sd_rad));
                if lost {
                    continue;
                }
                let (moved, turned) = self.offset[object];
                let (shift, turn) = (shift + moved, turn * Quat::from_rotation_vector(turned));
                let pose = truth(object);
                let base_from_object = Pose::new(pose.position + shift, (pose.rotation * turn).normalized());
                let reading = PoseReading { base_from_object, measured_at_s: step as f64 * dt_s, valid: true };
                self.under_way.push_back((step + self.delay_steps, object, reading));
            }
        }
        while let Some((_, object, reading)) = self.under_way.pop_front_if(|(arrives, _, _)| *arrives <= step) {
            self.shown[object] = reading;
        }
        &self.shown
    }

    fn noise(&mut self, sd: f64) -> Vec3 {
        Vec3::new(self.stream.normal(0.0, sd), self.stream.normal(0.0, sd), self.stream.normal(0.0, sd))
    }
}
