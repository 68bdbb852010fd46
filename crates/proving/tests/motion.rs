//! Bodies of the world that move of themselves: `[motion.*]`, and springs that vary.

use std::f64::consts::TAU;
use std::sync::Arc;

use leitai_math::Seed;
use leitai_proving::packages::Packages;
use leitai_proving::trial::cell::Cell;
use leitai_proving::trial::{self, Arm, Frame, Watch};

#[path = "catalog/files.rs"]
mod files;

const DT_S: f64 = 0.001;
const MASS_KG: f64 = 3.0;
const STIFFNESS_N_M: f64 = 1200.0;
const DAMPING_N_S_M: f64 = 24.0;

const MOTION: &str = "
[motion.shaking]
joint = \"shaken\"
amplitude_m = 0.01
frequency_hz = 4.0
phase_rad = 0.5
standing = \"assumed\"
source = \"project\"
";

/// The peg's job with its fixture, 3 kg, on a level slide with this spring, and `words` more in its manifest.
fn cell(spring: &str, words: &str) -> Cell {
    let mut all = files::catalog();
    let mut change = |path: &str, edit: &dyn Fn(String) -> String| {
        let text = String::from_utf8(all[path].clone()).expect("text");
        all.insert(path.to_string(), edit(text).into_bytes());
    };
    let fixture = "<body name=\"fixture\" pos=\"0.45 0.15 0.05\">";
    let inertia = format!("<inertial mass=\"{MASS_KG}\" pos=\"0 0 0\" diaginertia=\"0.01 0.01 0.01\"/>");
    let sprung = format!("{fixture}{inertia}<joint name=\"shaken\" type=\"slide\" axis=\"1 0 0\" {spring}/>");
    change("scenarios/mfg-peg-in-hole/world.xml", &|text| text.replace(fixture, &sprung));
    // A tilted slide would sag.
    let edits = [("duration_s = 30.0", "duration_s = 3.0"), ("high = 0.05235987755982989", "high = 0.0")];
    let edit = |text: String| edits.iter().fold(format!("{text}{words}"), |text, (old, new)| text.replace(old, new));
    change("scenarios/mfg-peg-in-hole/scenario.toml", &edit);
    let packages = Packages::read(&all, "ur5e", "mfg-peg-in-hole", None).unwrap_or_else(|error| panic!("{error}"));
    Cell::new(&Arc::new(packages), &[("clearance_m".to_string(), 0.000_05)].into(), DT_S).expect("a cell")
}

fn spring() -> String {
    format!("stiffness=\"{STIFFNESS_N_M}\" damping=\"{DAMPING_N_S_M}\"")
}

/// Where the slide is after each step.
struct Way(Vec<f64>);

impl Watch for Way {
    fn step(&mut self, frame: &Frame) {
        let model = frame.world.model();
        let joint = &model.joints[model.joint_named("shaken").expect("the slide").index()];
        self.0.push(frame.world.state().q[joint.q_start as usize]);
    }
}

fn way(cell: &Cell, index: u64) -> Vec<f64> {
    let mut way = Way(Vec::new());
    let outcome = trial::run(cell, &[], index, Seed::from_number(1).trial(index), Arm::Hold, &mut way).expect("a trial");
    assert!(!outcome.metrics.is_empty(), "{:?}", outcome.failure);
    way.0
}

/// A base-excited oscillator once its transient is gone: amplitude A·√((k² + (dω)²) / ((k − mω²)² + (dω)²)), and the lag
/// atan2(dω, k − mω²) − atan2(dω, k) (Meirovitch, *Fundamentals of Vibrations*, 2001, §3.5).
fn steady(amplitude_m: f64, frequency_hz: f64, stiffness: f64, damping: f64) -> (f64, f64) {
    let rate = TAU * frequency_hz;
    let (elastic, viscous) = (stiffness - MASS_KG * rate * rate, damping * rate);
    let gain = (stiffness.hypot(viscous)) / elastic.hypot(viscous);
    (amplitude_m * gain, viscous.atan2(elastic) - viscous.atan2(stiffness))
}

/// Largest difference [m] of the last second from `amplitude`·sin(2πft + `phase`).
fn off(way: &[f64], amplitude: f64, frequency_hz: f64, phase: f64) -> f64 {
    let from = way.len() - 1000;
    let at = |i: usize| amplitude * (TAU * frequency_hz * (i + 1) as f64 * DT_S + phase).sin();
    (from..way.len()).fold(0.0, |worst, i| f64::max(worst, (way[i] - at(i)).abs()))
}

/// By closed form; a step of 1 ms at 4 Hz leaves 1 % of the amplitude.
#[test]
fn a_sprung_body_follows_its_moving_base() {
    let (amplitude, lag) = steady(0.01, 4.0, STIFFNESS_N_M, DAMPING_N_S_M);
    assert!(amplitude > 0.013, "near resonance: more than the base");
    let way = way(&cell(&spring(), MOTION), 0);
    let off = off(&way, amplitude, 4.0, 0.5 - lag);
    assert!(off < 0.02 * amplitude, "{off} of {amplitude}");
}

/// By definition of a spring: a base that stands 1 cm aside takes the body there, but for the last tenth of a millimeter, in which it
/// falls asleep; and where nothing moves, nothing moves.
#[test]
fn a_base_that_stands_aside_takes_the_body_along() {
    let aside = MOTION.replace("frequency_hz = 4.0", "frequency_hz = 0.0").replace("0.5", "1.5707963267948966");
    assert!((way(&cell(&spring(), &aside), 0).last().expect("steps") - 0.01).abs() < 2e-4);
    assert_eq!(way(&cell(&spring(), ""), 0).last(), Some(&0.0));
}

/// Drawn figures take the place of the written ones, each from a stream of its own; the closed form is that of what was drawn.
#[test]
fn motions_and_springs_vary() {
    let vary = |name: &str, quantity: &str, each: &str, low: f64, high: f64| {
        format!(
            "[vary.{name}]\nquantity = \"{quantity}\"\neach = \"{each}\"\n{} = [\"{name}\"]\nuniform = {{ low = {low:?}, high = {high:?} }}
             standing = \"assumed\"\nsource = \"project\"\n",
            if each == "motion" { "motions" } else { "joints" },
        )
    };
    let amplitude = vary("shaking", "motion_amplitude_m", "motion", 0.005, 0.02);
    let stiffness = vary("shaken", "joint_stiffness_n_m", "world_joint", 2000.0, 4000.0);
    let cell = cell(&spring(), &format!("{MOTION}{amplitude}{stiffness}"));
    for index in 0..3 {
        let draws = cell.draws(Seed::from_number(1).trial(index));
        let [Some(base), None, None] = draws.motion["shaking"] else { panic!("{:?}", draws.motion) };
        let [Some(k), None] = draws.joint_spring["shaken"] else { panic!("{:?}", draws.joint_spring) };
        assert!((0.005..0.02).contains(&base) && (2000.0..4000.0).contains(&k));
        let (amplitude, lag) = steady(base, 4.0, k, DAMPING_N_S_M);
        let off = off(&way(&cell, index), amplitude, 4.0, 0.5 - lag);
        assert!(off < 0.02 * amplitude, "{off} of {amplitude}");
    }
}

/// The names are only known where both files are: a motion wants a slide with a spring.
#[test]
fn a_motion_wants_a_sprung_slide() {
    for (spring, motion) in [("", MOTION.to_string()), (&*spring(), MOTION.replace("\"shaken\"", "\"shaking\""))] {
        let cell = cell(spring, &motion);
        let error = cell.build(&cell.nominal_draws()).expect_err("no spring").to_string();
        assert!(error.starts_with("scenario.toml: the model has no "), "{error}");
    }
}
