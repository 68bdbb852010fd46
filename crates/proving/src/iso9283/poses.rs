//! Tests of poses: accuracy and repeatability, approach from several directions, distance, settling, minimum posing time, compliance.

use leitai_math::{Pose, Seed, Vec3};
use leitai_sim::Unstable;
use serde::Serialize;

use super::cube::Cube;
use super::figures::Procedure;
use super::formulas::{self, DistanceFigures, PoseFigures};
use super::machine::{Machine, Plant};
use super::moves;
use super::rig::{PERIOD_S, Rig};

/// The order of one cycle after P1, by number from zero: P5, P4, P3, P2, P1.
const CYCLE: [usize; 5] = [4, 3, 2, 1, 0];
/// Distances of the minimum posing time, as shares of that from P1 to P2.
const GRADES: [f64; 4] = [1.0, 0.5, 0.25, 0.125];
/// Steps of the force in the compliance test, each a tenth of the load's weight.
const FORCE_STEPS: usize = 10;

/// Robot, cube and what is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The robot.
    pub machine: &'a Machine,
    /// The one that stands there.
    pub plant: &'a Plant,
    /// Where it is tested.
    pub cube: &'a Cube,
    /// How.
    pub procedure: &'a Procedure,
    /// Root of all draws.
    pub seed: Seed,
    /// Cycles of the pose tests.
    pub cycles: usize,
}

impl Setting<'_> {
    /// A rig of a test's own, at rest in P1.
    #[must_use]
    pub fn rig(&self, test: &str) -> Rig<'_> {
        let seed = Seed(blake3::derive_key("leitai iso9283 test v1", &[self.seed.0.as_slice(), test.as_bytes()].concat()));
        Rig::new(self.machine, self.plant, &seed, &self.cube.postures[0])
    }

    /// The lesser of the standard's count and the pose tests' cycles.
    #[must_use]
    pub fn cycles_of(&self, count: f64) -> usize {
        (count as usize).min(self.cycles)
    }
}

/// The pose tests at one speed.
#[derive(Clone, Debug, Serialize)]
pub struct PoseTests {
    /// Accuracy and repeatability in P1 to P5.
    pub poses: Vec<PoseFigures>,
    /// Distance between P2 and P4.
    pub distance: DistanceFigures,
    /// Stabilization time in P1, mean over the cycles [s].
    pub stabilization_s: f64,
    /// Overshoot in P1, the greatest of the cycles [m].
    pub overshoot_m: f64,
    /// The band of both: RP in P1 [m].
    pub band_m: f64,
    /// Share of the time in which a drive gave all of its torque.
    pub saturated_share: f64,
}

/// AP, RP, AD, RD, stabilization and overshoot, with every joint at most at `share` of its rated speed.
///
/// # Errors
/// If the motion left its bounds.
pub fn at_speed(setting: &Setting, share: f64) -> Result<PoseTests, Unstable> {
    let Setting { machine, cube, procedure, .. } = *setting;
    let dwell_s = procedure.dwell_s.value;
    let test = format!("poses/{share}");
    let mut rig = setting.rig(&test);
    let mut draw = setting.seed.stream(&format!("bootstrap/{test}"));
    let mut from = 0;
    let legs: Vec<_> = CYCLE
        .iter()
        .map(|&to| moves::joints(machine, &cube.postures[std::mem::replace(&mut from, to)], &cube.postures[to], share))
        .collect();
    let mut attained: [Vec<Pose>; 5] = Default::default();
    let mut arrivals: Vec<Vec<Vec3>> = Vec::new();
    let settled = setting.cycles_of(procedure.few_cycles.value);
    // The first cycle brings the reducers into the state that all later ones find, and is not counted.
    for cycle in 0..=setting.cycles {
        for (leg, &to) in legs.iter().zip(&CYCLE) {
            let watched = to == 0 && (1..=settled).contains(&cycle);
            let mut track = Vec::new();
            rig.follow(leg, dwell_s, &mut |time_s, pose| {
                // The arrival: from the middle of the move on.
                if watched && time_s > 0.5 * leg.duration_s() {
                    track.push(pose.position);
                }
            })?;
            if cycle > 0 {
                attained[to].push(rig.pose());
            }
            if watched {
                arrivals.push(track);
            }
        }
    }
    let commands = cube.poses();
    let poses: Vec<PoseFigures> =
        attained.iter().zip(&commands).map(|(attained, command)| formulas::pose(attained, command, &mut draw)).collect();
    let band_m = poses[0].rp_m;
    let found: Vec<(f64, f64)> = arrivals.iter().map(|track| formulas::settling(track, band_m, PERIOD_S)).collect();
    Ok(PoseTests {
        distance: distance(setting, share)?,
        stabilization_s: found.iter().map(|(time, _)| time).sum::<f64>() / found.len() as f64,
        overshoot_m: found.iter().map(|(_, over)| *over).fold(0.0, f64::max),
        band_m,
        saturated_share: rig.saturated_share(),
        poses,
    })
}

/// AD and RD: back and forth between P2 and P4.
fn distance(setting: &Setting, share: f64) -> Result<DistanceFigures, Unstable> {
    let Setting { machine, cube, procedure, .. } = *setting;
    let mut rig = setting.rig(&format!("distance/{share}"));
    let go = |from: usize, to: usize| moves::joints(machine, &cube.postures[from], &cube.postures[to], share);
    rig.follow(&go(0, 3), procedure.dwell_s.value, &mut |_, _| {})?;
    let (down, up) = (go(3, 1), go(1, 3));
    let mut pairs = Vec::new();
    for cycle in 0..=setting.cycles {
        rig.follow(&down, procedure.dwell_s.value, &mut |_, _| {})?;
        let low = rig.pose().position;
        rig.follow(&up, procedure.dwell_s.value, &mut |_, _| {})?;
        if cycle > 0 {
            pairs.push((low, rig.pose().position));
        }
    }
    let commands = cube.poses();
    Ok(formulas::distance(&pairs, (commands[1].position - commands[3].position).norm()))
}

/// Multi-directional pose accuracy variation in P1, P2 and P4.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Directions {
    /// Number of the pose: 1, 2 or 4.
    pub pose: usize,
    /// vAP: the greatest distance between the barycenters of three directions [m].
    pub vap_m: f64,
    /// The greatest angle between their mean attitudes [rad].
    pub vap_rad: f64,
}

/// vAP: each pose approached along x, y and z of the base.
///
/// # Errors
/// If the motion left its bounds.
pub fn directions(setting: &Setting) -> Result<Vec<Directions>, Unstable> {
    let Setting { machine, cube, procedure, .. } = *setting;
    let commands = cube.poses();
    let step = procedure.approach_share.value * cube.edge_m;
    let mut found = Vec::new();
    for at in [0, 1, 3] {
        let mut means: Vec<(Vec3, Vec3)> = Vec::new();
        for (axis, along) in [Vec3::X, Vec3::Y, Vec3::Z].into_iter().enumerate() {
            let mut rig = setting.rig(&format!("directions/{at}/{axis}"));
            rig.follow(
                &moves::joints(machine, &cube.postures[0], &cube.postures[at], 1.0),
                procedure.dwell_s.value,
                &mut |_, _| {},
            )?;
            // Towards the center of the cube, so that the start lies within it.
            let inward = if (commands[0].position - commands[at].position).dot(along) < 0.0 { -along } else { along };
            let start = Pose::new(commands[at].position + inward * step, commands[at].rotation);
            let Ok(out) = moves::line(machine, &cube.postures[at], &start, procedure.path_speed_m_s.value) else { continue };
            let Ok(back) = moves::line(machine, out.path.end(), &commands[at], procedure.path_speed_m_s.value) else { continue };
            let mut attained = Vec::new();
            for cycle in 0..=setting.cycles {
                rig.follow(&out, 0.2, &mut |_, _| {})?;
                rig.follow(&back, procedure.dwell_s.value, &mut |_, _| {})?;
                if cycle > 0 {
                    attained.push(rig.pose());
                }
            }
            let turned = |pose: &Pose| (pose.rotation * commands[at].rotation.conjugate()).to_rotation_vector();
            let (places, turns): (Vec<Vec3>, Vec<Vec3>) = attained.iter().map(|pose| (pose.position, turned(pose))).unzip();
            means.push((formulas::mean(&places), formulas::mean(&turns)));
        }
        let (mut vap_m, mut vap_rad) = (0.0_f64, 0.0_f64);
        for (i, a) in means.iter().enumerate() {
            for b in &means[..i] {
                (vap_m, vap_rad) = (vap_m.max((a.0 - b.0).norm()), vap_rad.max((a.1 - b.1).norm()));
            }
        }
        found.push(Directions { pose: at + 1, vap_m, vap_rad });
    }
    Ok(found)
}

/// Minimum posing time over one distance.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PosingTime {
    /// Distance of the tool [m].
    pub distance_m: f64,
    /// From the start to the last entry into the band, mean over the cycles [s].
    pub time_s: f64,
    /// Of that, the commanded motion [s].
    pub commanded_s: f64,
}

/// Minimum posing time from P1 towards P2, at full speed; settled within `band_m` of where it stands in the end.
///
/// # Errors
/// If the motion left its bounds.
pub fn posing_times(setting: &Setting, band_m: f64) -> Result<Vec<PosingTime>, Unstable> {
    let Setting { machine, cube, procedure, .. } = *setting;
    let commands = cube.poses();
    let way = commands[1].position - commands[0].position;
    let mut found = Vec::new();
    for grade in GRADES {
        let target = Pose::new(commands[0].position + way * grade, commands[0].rotation);
        let Ok(line) = moves::line(machine, &cube.postures[0], &target, 1.0) else { continue };
        let (out, back) = (
            moves::joints(machine, &cube.postures[0], line.path.end(), 1.0),
            moves::joints(machine, line.path.end(), &cube.postures[0], 1.0),
        );
        let mut rig = setting.rig(&format!("posing/{grade}"));
        let cycles = setting.cycles_of(procedure.few_cycles.value);
        let mut total = 0.0;
        for _ in 0..cycles {
            let mut track = Vec::new();
            rig.follow(&out, 2.0 * procedure.dwell_s.value, &mut |_, pose| track.push(pose.position))?;
            let rest = rig.pose().position;
            let last = track.iter().rposition(|p| (*p - rest).norm() > band_m);
            total += last.map_or(0.0, |last| (last + 1) as f64 * PERIOD_S);
            rig.follow(&back, procedure.dwell_s.value, &mut |_, _| {})?;
        }
        found.push(PosingTime { distance_m: way.norm() * grade, time_s: total / cycles as f64, commanded_s: out.duration_s() });
    }
    Ok(found)
}

/// Static compliance along one direction.
#[derive(Clone, Debug, Serialize)]
pub struct Compliance {
    /// The direction, in the base's frame.
    pub along: [f64; 3],
    /// Displacement over force at the greatest force held, along the force [m/N], mean over the repetitions; none if none was held.
    pub compliance_m_n: Option<f64>,
    /// The force [N] at which a drive gave all of its torque, so that the arm gave way instead of bending; the ramp ended there.
    pub gave_way_n: Option<f64>,
    /// The forces held [N].
    pub forces_n: Vec<f64>,
    /// The displacements at each, vectors in the base's frame [m], of the last repetition.
    pub moved_m: Vec<[f64; 3]>,
}

/// Static compliance in P1: a force along each axis both ways, in ten steps up to the load's weight, servo on.
///
/// # Errors
/// If the motion left its bounds.
pub fn compliance(setting: &Setting) -> Result<Vec<Compliance>, Unstable> {
    let Setting { machine, procedure, .. } = *setting;
    let most = machine.load_kg * machine.model.option.gravity.norm();
    let mut found = Vec::new();
    if most <= 0.0 {
        return Ok(found);
    }
    for (axis, along) in [Vec3::X, Vec3::Y, Vec3::Z].into_iter().enumerate() {
        for way in [1.0, -1.0] {
            let mut rig = setting.rig(&format!("compliance/{axis}/{way}"));
            let repetitions = setting.cycles_of(procedure.few_cycles.value);
            let along = along * way;
            let (mut total, mut gave_way_n, mut forces_n, mut moved_m) = (Some(0.0), None, Vec::new(), Vec::new());
            for _ in 0..repetitions {
                (forces_n, moved_m) = (Vec::new(), Vec::new());
                let rest = rig.stand(procedure.dwell_s.value)?.position;
                let mut last = None;
                for step in 1..=FORCE_STEPS {
                    let (force, before) = (most * step as f64 / FORCE_STEPS as f64, rig.saturated());
                    rig.push(along * force);
                    let moved = rig.stand(procedure.dwell_s.value)?.position - rest;
                    if rig.saturated() > before {
                        gave_way_n = Some(force);
                        break;
                    }
                    forces_n.push(force);
                    moved_m.push([moved.x, moved.y, moved.z]);
                    last = Some(moved.dot(along) / force);
                }
                total = total.zip(last).map(|(total, last)| total + last);
                rig.push(Vec3::ZERO);
            }
            let compliance_m_n = total.map(|total| total / repetitions as f64);
            found.push(Compliance { along: [along.x, along.y, along.z], compliance_m_n, gave_way_n, forces_n, moved_m });
        }
    }
    Ok(found)
}
