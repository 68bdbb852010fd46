//! Pressing on walls of any stiffness: the first touch, the force, and the way along the wall.

use leitai_control::{Compliance, ForceGains, Hybrid, Impedance, Push, ToolReference};
use leitai_math::{Quat, Seed, Vec3};

use crate::arm::{Arm, FORCE_NOISE, PERIOD_S, speeds};
use crate::plant::Wall;

/// Wanted force [N], force that the first touch may reach [N], approach [m/s], stiffest wall that may be met [N/m].
pub const WANTED_N: f64 = 20.0;
pub const IMPACT_N: f64 = 20.0;
const APPROACH_M_S: f64 = 0.25;
pub const TOLD_N_M: f64 = 1e5;
/// The tool moves so far along the wall [m] from 3 s to 5 s.
const ALONG_M: f64 = 0.06;

pub struct Pressed {
    pub stiffness: f64,
    pub approach_m_s: f64,
    pub peak_n: f64,
    pub settle_s: f64,
    pub still_rms_n: f64,
    pub moving_rms_n: f64,
    pub moving_max_n: f64,
    pub along_mm: f64,
    pub found: f64,
}

/// One run on a wall of `stiffness` [N/m] 20 mm in front of the tip.
pub fn press(arm: &Arm, stiffness: f64) -> Result<Pressed, String> {
    let (told, mut plant) = (arm.told(), arm.real());
    let frame = Quat::from_rotation_vector(Vec3::new(0.2, 2.0, 0.1));
    let (sideways, inward) = (frame.to_mat().column(0), frame.to_mat().column(2));
    let start = plant.tip();
    plant.wall = Some(Wall { point: start.position + inward * 0.02, normal: -inward, stiffness, damping: 0.0 });
    let compliance = Compliance { frame, ..Compliance::even(2000.0, 100.0) };
    let n = arm.start.len();
    let impedance = Impedance::new(told.dynamics(), told.chain.clone(), compliance, arm.torque.clone(), PERIOD_S, 0);
    let gains = ForceGains { surface: [TOLD_N_M, 200.0], impact_n: IMPACT_N, ..ForceGains::default() };
    let mut control = Hybrid::new(impedance, gains);
    let push = Push {
        along: [false, false, true, false, false, false],
        wanted: [0.0, 0.0, WANTED_N, 0.0, 0.0, 0.0],
        approach_m_s: APPROACH_M_S,
    };
    let mut draw = Seed::from_number(5).stream("readings");
    let (mut tau, mut next) = (vec![0.0; n], vec![0.0; n]);
    told.dynamics().holding(&arm.start, &vec![0.0; n], &vec![0.0; n], &mut tau);
    let mut out = Pressed {
        stiffness,
        approach_m_s: 0.0,
        peak_n: 0.0,
        settle_s: f64::NAN,
        still_rms_n: 0.0,
        moving_rms_n: 0.0,
        moving_max_n: 0.0,
        along_mm: 0.0,
        found: f64::NAN,
    };
    let (mut touched, mut outside) = (None, 0.0);
    let (mut still, mut moving) = (0, 0);
    for step in 0..5500 {
        let t = f64::from(step) * PERIOD_S;
        let u = ((t - 3.0) / 2.0).clamp(0.0, 1.0);
        let gone = ALONG_M * u * u * (3.0 - 2.0 * u);
        let mut reference = ToolReference::standing(start);
        reference.pose.position = start.position + sideways * gone;
        let speed = ALONG_M * 3.0 * u * (1.0 - u);
        let faster = if u > 0.0 && u < 1.0 { ALONG_M * 1.5 * (1.0 - 2.0 * u) } else { 0.0 };
        reference.velocity[..3].copy_from_slice(&(sideways * speed).to_array());
        reference.acceleration[..3].copy_from_slice(&(sideways * faster).to_array());
        let (q, v) = (plant.q.clone(), speeds(&plant, &mut draw));
        let contact = core::array::from_fn(|k| plant.contact[k] + draw.normal(0.0, FORCE_NOISE[k / 3]));
        control.step(&reference, &push, &q, &v, &contact, &mut next).map_err(|e| e.to_string())?;
        if touched.is_none() {
            out.approach_m_s = out.approach_m_s.max(inward.dot(Vec3::from_slice(&plant.tip_velocity()[..3])));
        }
        // Computed from this reading, acting in the next period.
        plant.run(&tau, PERIOD_S);
        tau.copy_from_slice(&next);
        let force = -inward.dot(Vec3::from_slice(&plant.contact[..3]));
        if force > 0.0 && touched.is_none() {
            touched = Some(t);
        }
        out.peak_n = out.peak_n.max(force);
        if t < 3.0 && (force - WANTED_N).abs() > 0.05 * WANTED_N {
            outside = t;
        }
        let off = force - WANTED_N;
        if (2.0..3.0).contains(&t) {
            (out.still_rms_n, still) = (out.still_rms_n + off * off, still + 1);
        } else if (3.0..5.0).contains(&t) {
            (out.moving_rms_n, moving) = (out.moving_rms_n + off * off, moving + 1);
            out.moving_max_n = out.moving_max_n.max(off.abs());
            let way = (plant.tip().position - start.position).dot(sideways) - gone;
            out.along_mm = out.along_mm.max(1e3 * way.abs());
        }
    }
    out.still_rms_n = (out.still_rms_n / f64::from(still)).sqrt();
    out.moving_rms_n = (out.moving_rms_n / f64::from(moving)).sqrt();
    out.settle_s = touched.map_or(f64::NAN, |t| outside - t);
    out.found = control.surface()[2].unwrap_or(f64::NAN);
    Ok(out)
}
