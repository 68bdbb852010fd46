//! Our side of the bench, as bench/README.md describes: worlds that step, single algorithms, loading, and worlds
//! left to themselves.

mod func;
mod roll;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use leitai_model::Model;
use leitai_package::{disk::Folder, urdf};
use leitai_sim::{Scene, World};

/// Seconds of CPU time of this thread, so that other load on the machine does not enter.
fn cpu_seconds() -> f64 {
    #[repr(C)]
    struct Timespec {
        seconds: i64,
        nanoseconds: i64,
    }
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    }
    const CLOCK_THREAD_CPUTIME_ID: i32 = 3; // Linux
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the C library fills the structure it is given and keeps no reference to it.
    unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.seconds as f64 + 1e-9 * time.nanoseconds as f64
}

/// home, amplitude, frequency [Hz], phase of each actuator.
type Controls = Vec<[f64; 4]>;

fn controls(path: &Path) -> Result<Controls, String> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(Vec::new()) };
    let line = |line: &str| {
        let numbers: Vec<f64> = line.split_whitespace().map_while(|x| x.parse().ok()).collect();
        <[f64; 4]>::try_from(numbers).map_err(|_| format!("{}: `{line}` is not four numbers", path.display()))
    };
    text.lines().map(line).collect()
}

fn drive(world: &mut World, controls: &Controls) {
    let t = world.time_s();
    for (u, [home, amplitude, frequency, phase]) in world.ctrl_mut().iter_mut().zip(controls) {
        *u = home + amplitude * (std::f64::consts::TAU * frequency * t + phase).sin();
    }
}

/// Reads MJCF, or URDF whose packages lie in the folders above it. Files name meshes by absolute paths, wherever the robot's
/// package is installed.
fn read(file: &Path, base: urdf::Base) -> Result<Model, String> {
    let file = file.canonicalize().map_err(|e| format!("{}: {e}", file.display()))?;
    let packages = file.ancestors().skip(1).map(|folder| folder.to_string_lossy().into_owned()).collect();
    let (path, files) = (file.to_string_lossy(), Folder::anywhere("/"));
    let options = urdf::Options { base, packages, ..urdf::Options::default() };
    let loaded = leitai_package::load(&path, &files, &options).map_err(|e| e.to_string())?;
    // What is left out costs nothing, and whoever compares should know.
    loaded.reports.iter().for_each(|report| eprintln!("leitai-bench: {report}"));
    loaded.spec.build().map_err(|e| e.to_string())
}

/// A line of results: median, least and greatest of `values`.
fn line(name: &str, measure: &str, mut values: Vec<f64>, unit: &str, note: &str) -> String {
    values.sort_by(f64::total_cmp);
    let (median, least, greatest) = (values[values.len() / 2], values[0], values[values.len() - 1]);
    format!("leitai\t{name}\t{measure}\t{median:.6}\t{least:.6}\t{greatest:.6}\t{unit}\t{note}")
}

/// Milliseconds from file to scene, meshes and their hulls included: the first time in a process, and again.
fn load(folder: &str, name: &str, reps: usize) -> Result<String, String> {
    let file = Path::new(folder).join(format!("{name}.xml"));
    let mut times = Vec::new();
    let mut geoms = 0;
    for _ in 0..=reps {
        let begin = cpu_seconds();
        let scene = Scene::new(Arc::new(read(&file, urdf::Base::Fixed)?));
        times.push(1e3 * (cpu_seconds() - begin));
        geoms = scene.model.geoms.len();
    }
    let again = times.split_off(1);
    let note = format!("geoms={geoms}");
    Ok([line(name, "load", times, "ms", &note), line(name, "load again", again, "ms", &note)].join("\n"))
}

fn run(folder: &str, name: &str, warm: usize, steps: usize, reps: usize) -> Result<String, String> {
    let model = read(&Path::new(folder).join(format!("{name}.xml")), urdf::Base::Fixed)?;
    let controls = controls(&Path::new(folder).join(format!("{name}.ctrl")))?;
    let mut world = World::new(&Scene::new(Arc::new(model)));
    if let Some(key) = world.model().keyframe("bench").cloned() {
        world.reset_to(&key);
    }
    let step = |world: &mut World| {
        drive(world, &controls);
        world.step().map_err(|e| e.to_string())
    };
    for _ in 0..warm {
        step(&mut world)?;
    }
    let start = world.snapshot();
    let (mut contacts, mut rows, mut iterations) = (0, 0, 0);
    for _ in 0..steps {
        step(&mut world)?;
        contacts += world.contacts().len();
        rows += world.constraint_count();
        iterations += world.solver_report().iterations;
    }
    let mut rates = Vec::new();
    for _ in 0..reps {
        world.restore(&start);
        let begin = cpu_seconds();
        for _ in 0..steps {
            step(&mut world)?;
        }
        rates.push(steps as f64 / (cpu_seconds() - begin));
    }
    let mean = |sum: f64| sum / steps as f64;
    let (model, option) = (world.model(), &world.model().option);
    let note = format!(
        "nv={} nu={} ncon={:.1} nefc={:.1} iters={:.2} dt={} {:?}/{:?}/{:?}",
        model.nv,
        model.actuators.len(),
        mean(contacts as f64),
        mean(rows as f64),
        mean(f64::from(iterations)),
        option.timestep_s,
        option.integrator,
        option.solver,
        option.cone,
    );
    Ok(line(name, "step", rates, "steps/s", &note))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &str| text.parse::<usize>().ok().filter(|&n| n > 0);
    let asked = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["step", folder, name, warm, steps, reps] => {
            number(warm).zip(number(steps)).zip(number(reps)).map(|((w, s), r)| run(folder, name, w, s, r))
        }
        ["func", file, name, base @ ("fixed" | "free"), calls, reps] => {
            let base = if base == "free" { urdf::Base::Floating } else { urdf::Base::Fixed };
            number(calls).zip(number(reps)).map(|(c, r)| Ok(func::all(&read(Path::new(file), base)?, name, c, r)))
        }
        ["roll", file, mode @ ("compat" | "stick"), times, ref controls @ ..] if controls.len() < 2 => {
            let list = |text: &str| text.split(',').map(|x| x.parse().ok()).collect::<Option<Vec<f64>>>();
            list(times).zip(controls.first().map_or(Some(Vec::new()), |c| list(c))).map(|(times, controls)| {
                let asked = roll::Asked { times, controls, stick: mode == "stick" };
                roll::roll(read(Path::new(file), urdf::Base::Fixed)?, &asked)
            })
        }
        ["load", folder, name, "0", reps] => number(reps).map(|r| load(folder, name, r)),
        _ => None,
    };
    match asked {
        Some(Ok(line)) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Some(Err(why)) => {
            eprintln!("leitai-bench: {why}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!(
                "usage: leitai-bench step SCENE_DIR NAME NWARM NSTEP REPS\n       leitai-bench func FILE NAME fixed|free CALLS REPS\n       leitai-bench load SCENE_DIR NAME 0 REPS\n       leitai-bench roll FILE compat|stick T1,T2,... [U1,U2,...]"
            );
            ExitCode::from(2)
        }
    }
}
