//! Rapier's side of the bench: piles of free boxes, in its default single precision.
//!
//! `rapier-bench step SCENE_DIR NAME NWARM NSTEP REPS`, as bench/README.md describes; scenes without a `NAME.bodies.tsv` are left out.
//! Sleeping is off, as it is in MuJoCo: a pile that sleeps costs nothing and measures nothing.

use std::process::ExitCode;

use rapier3d::prelude::*;

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

/// Columns: dynamic, half size (3), position (3), quaternion w x y z (4), mass, friction.
fn world(scene: &str) -> PhysicsWorld {
    let mut world = PhysicsWorld::new();
    world.gravity = Vector::new(0.0, 0.0, -9.81);
    world.integration_parameters.dt = 0.002;
    world.colliders.insert(ColliderBuilder::cuboid(50.0, 50.0, 1.0).translation(Vector::new(0.0, 0.0, -1.0)).friction(0.6));
    for line in scene.lines().filter(|line| !line.starts_with('#')) {
        let r: Vec<f32> = line.split_whitespace().map(|x| x.parse().expect("prep.py writes numbers")).collect();
        let pose = Pose::from_parts(Vector::new(r[4], r[5], r[6]), Rotation::from_xyzw(r[8], r[9], r[10], r[7]));
        let shape = ColliderBuilder::cuboid(r[1], r[2], r[3]).friction(r[12]);
        if r[0] > 0.5 {
            let body = world.bodies.insert(RigidBodyBuilder::dynamic().pose(pose).can_sleep(false));
            world.colliders.insert_with_parent(shape.mass(r[11]), body, &mut world.bodies);
        } else {
            world.colliders.insert(shape.position(pose));
        }
    }
    world
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, folder, name, warm, steps, repetitions] = arguments.as_slice() else {
        eprintln!("rapier-bench step SCENE_DIR NAME NWARM NSTEP REPS");
        return ExitCode::from(2);
    };
    let (Ok(warm), Ok(steps), Ok(repetitions)) = (warm.parse::<u32>(), steps.parse::<u32>(), repetitions.parse::<u32>()) else {
        eprintln!("NWARM, NSTEP and REPS are whole numbers");
        return ExitCode::from(2);
    };
    let Ok(scene) = std::fs::read_to_string(format!("{folder}/{name}.bodies.tsv")) else {
        eprintln!("{name} is not a pile of boxes; left out");
        return ExitCode::SUCCESS;
    };
    assert_eq!(mode, "step", "the only measure");
    let (mut rates, mut highest, mut fastest) = (Vec::new(), 0f32, 0f32);
    for _ in 0..repetitions {
        let mut world = world(&scene); // fresh, so that every repetition measures the same steps
        (0..warm).for_each(|_| world.step());
        let start = cpu_seconds();
        (0..steps).for_each(|_| world.step());
        rates.push(f64::from(steps) / (cpu_seconds() - start));
        let moving = || world.bodies.iter().map(|(_, body)| body).filter(|body| body.is_dynamic());
        highest = moving().map(|body| body.translation().z).fold(0.0, f32::max);
        fastest = moving().map(|body| body.linvel().length()).fold(0.0, f32::max);
    }
    rates.sort_by(f64::total_cmp);
    let median = rates[rates.len() / 2];
    let note = format!("single precision, highest={highest:.3} m, fastest={fastest:.1e} m/s");
    println!("rapier-0.36\t{name}\tstep\t{median:.6}\t{:.6}\t{:.6}\tsteps/s\t{note}", rates[0], rates[rates.len() - 1]);
    ExitCode::SUCCESS
}
