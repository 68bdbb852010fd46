//! Our planner on MotionBenchMaker problems: one line of JSON for each run.

mod problems;

use leitai_skills::planning::connect::Growth;
use leitai_skills::planning::shorten::Shortening;
use leitai_skills::planning::{Checker, NoPath, Precision, Scene, Search, Settings};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Time [ns] of one operation of a fixed chain of dependent single-precision multiplications and additions.
fn calibrate() -> f64 {
    const COUNT: u32 = 1_000_000;
    let run = || {
        let clock = Instant::now();
        let mut x = std::hint::black_box(1.5_f32);
        for _ in 0..COUNT / 2 {
            x = x * 0.999_9 + 1e-4;
        }
        std::hint::black_box(x);
        clock.elapsed().as_secs_f64() * 1e9 / f64::from(COUNT)
    };
    (0..20).map(|_| run()).fold(f64::INFINITY, f64::min)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, mbm, models, robot, trials, repeats, effort] = &args[..] else {
        eprintln!("usage: leitai-bench-plan FOLDER_OF_PROBLEMS FOLDER_OF_MODELS ROBOT TRIALS REPEATS quick|short|SAMPLES");
        std::process::exit(2);
    };
    let (trials, repeats): (u32, u32) = (trials.parse().expect("a count"), repeats.parse().expect("a count"));
    let file = Path::new(mbm).join(format!("mbm_{robot}_dev.json"));
    let set = problems::read(&file);
    let clock = Instant::now();
    let model = problems::robot(Path::new(models), robot, &set.joints);
    let ready_ms = clock.elapsed().as_secs_f64() * 1e3;
    println!(
        "{}",
        json!({ "ready_ms": ready_ms, "calibration_ns": calibrate(), "links": model.links.len(), "balls": model.balls.len() })
    );

    // The first path is shortened, or shorter ones are looked for with so many samples.
    let improving = match &effort[..] {
        "quick" => 0,
        "short" => 200,
        count => count.parse().expect("quick, short or a count of samples"),
    };
    let mut search = Search::default();
    for p in &set.problems {
        let scene = Scene::new(&model, &p.obstacles).unwrap_or_else(|e| panic!("{e}"));
        for trial in 0..trials {
            let growth = Growth { skip: trial * 1000, ..Growth::default() };
            let settings = Settings { growth, improving, ..Settings::default() };
            let shortening = Shortening { rounds: 0, ..settings.shortening };
            // The share of planning is what the same search takes without shortening.
            let mut run = |settings: &Settings| {
                let mut checker = Checker::new(&model, &scene, Precision::Balls);
                let clock = Instant::now();
                let found = search.path(&mut checker, &p.start, &p.goal, settings);
                (clock.elapsed().as_secs_f64() * 1e6, checker.blocks, found)
            };
            let (mut least, mut blocks, mut result) = run(&settings);
            let mut plan_us = run(&Settings { shortening, ..settings }).0;
            for _ in 1..repeats {
                let again = run(&settings);
                least = f64::min(least, again.0);
                (blocks, result) = (again.1, again.2);
                plan_us = f64::min(plan_us, run(&Settings { shortening, ..settings }).0);
            }
            let line = match result {
                Ok(found) => {
                    let cost: f64 = found
                        .path
                        .windows(2)
                        .map(|w| w[0].iter().zip(&w[1]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt())
                        .sum();
                    json!({ "scene": p.scene, "index": p.index, "trial": trial, "solved": true, "plan_us": plan_us, "simp_us": least - plan_us, "total_us": least, "cost0": found.first_length, "cost": cost, "verts": found.path.len(), "iters": found.iterations, "blocks": blocks, "exact": found.precision == Precision::Exact })
                }
                Err(why) => {
                    json!({ "invalid": matches!(why, NoPath::Blocked { .. }), "scene": p.scene, "index": p.index, "trial": trial, "solved": false, "total_us": least, "why": why.to_string() })
                }
            };
            println!("{line}");
        }
    }
}
