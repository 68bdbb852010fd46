//! Performance of a manipulating robot by the procedure of ISO 9283:1998 (GB/T 12642-2013), in simulation.
//!
//! The robot moves in the physics, its joints driven by torques from a servo that reads encoders; nothing is computed from formulas alone.
//! What makes it miss is modeled and listed ([`figures`]): without any error source AP and RP are zero and the test is void. The figures are
//! those of a model and not of a machine, and the report says so on every page.
//!
//! All draws come from named streams of one seed, each test has a rig of its own, and nothing depends on threads: the same robot, figures and
//! seed give the same bits.

/// The test cube and its poses.
pub mod cube;
/// Figures of the procedure and the error sources.
pub mod figures;
/// The standard's formulas.
pub mod formulas;
/// The robot under test.
pub mod machine;
/// Motions.
pub mod moves;
/// The report as a page.
pub mod page;
/// Tests of paths.
pub mod paths;
/// Tests of poses.
pub mod poses;
/// The servo loop in the physics.
pub mod rig;

use leitai_math::Seed;
use leitai_model::Spec;
use leitai_package::manifest::{ManifestError, RobotManifest, Text};
use leitai_sim::Unstable;
use serde::Serialize;

pub use cube::{Cube, NoCube};
pub use figures::{ErrorSources, Figures, SourceLine};
pub use machine::{Machine, MachineError};
pub use paths::{Corners, PathTest, PathTests};
pub use poses::{Compliance, Directions, PoseTests, PosingTime};

use crate::packages::Train;
use poses::Setting;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Mass of the load [kg]; the rated one if none.
    pub load_kg: Option<f64>,
    /// The parts that turn the robot's joints, as far as its package names them.
    pub trains: Vec<Train>,
    /// Shares of the rated speeds at which poses and paths are tested, in the report's order.
    pub speeds: Vec<f64>,
    /// Cycles of the pose tests; other tests never take more.
    pub cycles: Option<usize>,
    /// Without any error source: a void test, which shows what the servo alone does.
    pub ideal: bool,
    /// Root of all draws.
    pub seed: Seed,
}

/// Poses and paths at one speed.
#[derive(Clone, Debug, Serialize)]
pub struct AtSpeed {
    /// Share of the rated speeds.
    pub share: f64,
    /// Pose tests.
    pub poses: PoseTests,
    /// Path tests.
    pub paths: PathTests,
}

/// A characteristic that was not tested.
#[derive(Clone, Debug, Serialize)]
pub struct NotPerformed {
    /// Which.
    pub what: Text,
    /// Why.
    pub why: Text,
}

/// Repeatability as the maker states it beside what the model gives.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Stated {
    /// Stated [m].
    pub stated_m: f64,
    /// The greatest RP of the five poses at the first speed [m].
    pub found_m: f64,
    /// The model gives less than half of what is stated: its error sources are incomplete.
    pub incomplete: bool,
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The robot's id.
    pub robot: String,
    /// Its name.
    pub name: Text,
    /// Nothing was measured on a machine.
    pub simulated: bool,
    /// No error source is modeled, so the figures say nothing.
    pub void: bool,
    /// Mass of the load [kg].
    pub load_kg: f64,
    /// Edge of the load's cube [m].
    pub load_edge_m: f64,
    /// Cycles of the pose tests.
    pub cycles: usize,
    /// What goes wrong, and what of it is modeled.
    pub error_sources: Vec<SourceLine>,
    /// Inertia on each reducer that the physics' step needs, beyond what is there [kg·m²].
    pub numerical_inertia_kg_m2: Vec<f64>,
    /// Cube and poses.
    pub cube: Cube,
    /// Poses and paths, speed by speed.
    pub at_speed: Vec<AtSpeed>,
    /// Multi-directional pose accuracy variation, at the first speed's joint limits.
    pub directions: Vec<Directions>,
    /// Minimum posing time.
    pub posing_times: Vec<PosingTime>,
    /// Static compliance.
    pub compliance: Vec<Compliance>,
    /// The maker's repeatability, if one is stated.
    pub stated: Option<Stated>,
    /// What was not tested.
    pub not_performed: Vec<NotPerformed>,
}

/// Why the procedure cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// The robot.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The cube.
    #[error(transparent)]
    Cube(#[from] NoCube),
    /// A table that ships with the command.
    #[error(transparent)]
    Table(#[from] ManifestError),
    /// The simulation broke off.
    #[error("the motion broke off: {0}")]
    Broken(#[from] Unstable),
    /// Too few or too many cycles.
    #[error("{0} cycles; give a number from 2 to 1000")]
    Cycles(usize),
    /// A speed that is none.
    #[error("a speed of {0} %; give numbers above 0 and at most 100")]
    Speed(f64),
}

/// Runs the procedure on the robot `spec`, described by `manifest`. `told` hears what has been done, as a share of the whole.
///
/// # Errors
/// If the options make no sense, the robot cannot be tested, or a motion leaves its bounds.
pub fn run(manifest: &RobotManifest, spec: &Spec, options: &Options, told: &(dyn Fn(f64) + Sync)) -> Result<Report, TestError> {
    let figures = Figures::ours()?;
    let procedure = &figures.procedure;
    let cycles = options.cycles.unwrap_or(procedure.pose_cycles.value as usize);
    if !(2..=1000).contains(&cycles) {
        return Err(TestError::Cycles(cycles));
    }
    if let Some(share) = options.speeds.iter().find(|share| !(**share > 0.0 && **share <= 1.0)) {
        return Err(TestError::Speed(100.0 * share));
    }
    let errors = if options.ideal { ErrorSources::none() } else { ErrorSources::of(&figures, manifest, &options.trains) };
    let machine = Machine::new(manifest, spec, options.load_kg, procedure.load_density_kg_m3.value, errors)?;
    let cube = Cube::largest(&machine, procedure)?;
    let plant = machine.plant(&options.seed)?;
    let setting = Setting { machine: &machine, plant: &plant, cube: &cube, procedure, seed: options.seed, cycles };
    let parts = 2 * options.speeds.len() + 2;
    let done = std::sync::atomic::AtomicUsize::new(0);
    let tell = || told((done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1) as f64 / parts as f64);
    // Each part has rigs and streams of its own, so threads change nothing but the time it takes.
    let (at_speed, directions, compliance) = std::thread::scope(|scope| {
        let poses: Vec<_> = options.speeds.iter().map(|&share| scope.spawn(move || poses::at_speed(&setting, share))).collect();
        let directions = scope.spawn(move || poses::directions(&setting));
        let paths: Vec<_> = options.speeds.iter().map(|&share| scope.spawn(move || paths::at_speed(&setting, share))).collect();
        let compliance = scope.spawn(move || poses::compliance(&setting));
        let at_speed = options.speeds.iter().zip(poses).zip(paths).map(|((&share, poses), paths)| {
            let poses = joined(poses)?;
            tell();
            let paths = joined(paths)?;
            tell();
            Ok(AtSpeed { share, poses, paths })
        });
        let at_speed = at_speed.collect::<Result<Vec<_>, Unstable>>();
        let directions = joined(directions);
        tell();
        let compliance = joined(compliance);
        tell();
        (at_speed, directions, compliance)
    });
    let (at_speed, directions, compliance) = (at_speed?, directions?, compliance?);
    let band_m = at_speed.first().map_or(0.0, |first| first.poses.band_m);
    let posing_times = poses::posing_times(&setting, band_m)?;
    let found_m = at_speed.first().map_or(0.0, |first| first.poses.poses.iter().map(|pose| pose.rp_m).fold(0.0, f64::max));
    let stated = manifest.claim.iter().find(|claim| claim.name == "repeatability_m").map(|claim| Stated {
        stated_m: claim.value,
        found_m,
        incomplete: found_m < 0.5 * claim.value,
    });
    Ok(Report {
        robot: manifest.robot.id.clone(),
        name: manifest.robot.name.clone(),
        simulated: true,
        void: !machine.errors.any(),
        load_kg: machine.load_kg,
        load_edge_m: machine.load_edge_m,
        cycles,
        error_sources: machine.errors.lines.clone(),
        numerical_inertia_kg_m2: machine.numerical_inertia.clone(),
        at_speed,
        directions,
        posing_times,
        compliance,
        stated,
        not_performed: not_performed(),
        cube: setting.cube.clone(),
    })
}

fn joined<T>(part: std::thread::ScopedJoinHandle<'_, T>) -> T {
    part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn not_performed() -> Vec<NotPerformed> {
    let text = |zh: &str, en: &str| Text { zh: zh.to_string(), en: en.to_string() };
    vec![
        NotPerformed {
            what: text("位姿特性漂移 dAP、dRP", "drift of pose characteristics dAP, dRP"),
            why: text("没有热模型：漂移由升温引起，模型中不存在", "there is no thermal model: what drifts is what warms up"),
        },
        NotPerformed { what: text("互换性 E", "exchangeability E"), why: text("只检验了一台", "one unit was tested") },
        NotPerformed {
            what: text("重定向时的路径准确度", "path accuracy on reorientation"),
            why: text("尚未实现", "not there yet"),
        },
        NotPerformed {
            what: text("摆动偏差 WS、WF", "weaving deviations WS, WF"), why: text("尚未实现", "not there yet")
        },
    ]
}
