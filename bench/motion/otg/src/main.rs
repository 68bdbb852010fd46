//! State-to-state motions: `check CASES SEED` proves random ones right, `time FILE DOF REPEATS OUT` measures those of a file.

#[path = "../../../../crates/control/tests/transfers/mod.rs"]
mod transfers;

use leitai_control::otg::{Limits, State, Target, Together, Transfer};
use leitai_math::Seed;
use std::io::Write;
use std::time::Instant;
use transfers::check::{Worst, check};
use transfers::draw::{Kind, disturb, transfer};

const DOF: usize = 7;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check", cases, seed] => random(cases.parse().expect("a number of cases"), seed.parse().expect("a seed")),
        ["time", file, dof, repeats, out] => {
            time(file, dof.parse().expect("a number of joints"), repeats.parse().expect("a number"), out);
        }
        _ => {
            eprintln!("usage: leitai-bench-otg check CASES SEED | time FILE DOF REPEATS OUT");
            std::process::exit(2);
        }
    }
}

/// Plans `cases` random problems of seven joints and checks every motion.
fn random(cases: u64, seed: u64) {
    let mut draw = Seed::from_number(seed).stream("transfers");
    let mut planner = Together::new(DOF);
    let (mut failures, mut refused, mut disturbed) = (0u64, 0u64, 0u64);
    let mut worst = Worst::default();
    for case in 0..cases {
        let kind = [Kind::Rest, Kind::State, Kind::Full][(case % 3) as usize];
        let mut transfers: [Transfer; DOF] = std::array::from_fn(|_| transfer(&mut draw, kind));
        let mut impossible = false;
        if draw.chance(0.1) {
            disturbed += 1;
            let joint = draw.below(DOF as u64) as usize;
            impossible = disturb(&mut draw, &mut transfers[joint]);
        }
        let wrong = match planner.plan(&transfers) {
            Err(_) if impossible => {
                refused += 1;
                None
            }
            Err(error) => Some(error.to_string()),
            Ok(_) if impossible => Some("a target beyond its limits was accepted".into()),
            Ok(t) => transfers
                .iter()
                .zip(planner.courses())
                .enumerate()
                .find_map(|(k, (transfer, course))| check(transfer, course, t, &mut worst).err().map(|e| format!("joint {k} of {t} s: {e}; {transfer:?}"))),
        };
        if let Some(wrong) = wrong {
            failures += 1;
            if failures <= 10 {
                println!("case {case} ({kind:?}): {wrong}");
            }
        }
    }
    println!(
        "{{\"cases\": {cases}, \"disturbed\": {disturbed}, \"refused_as_impossible\": {refused}, \"failures\": {failures}, \
         \"worst_position\": {:e}, \"worst_velocity\": {:e}, \"worst_acceleration\": {:e}, \"worst_beyond_limit\": {:e}}}",
        worst.position, worst.velocity, worst.acceleration, worst.beyond
    );
    if failures > 0 {
        std::process::exit(1);
    }
}

/// Times the problems of `file` (eight little-endian f64 for each joint: p0, v0, a0, pf, vf, v, a, j) and writes durations to `out`.
fn time(file: &str, dof: usize, repeats: usize, out: &str) {
    let bytes = std::fs::read(file).expect("the problem file");
    let numbers: Vec<f64> = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    let transfers: Vec<Transfer> = numbers
        .chunks_exact(8)
        .map(|x| Transfer {
            start: State { position: x[0], velocity: x[1], acceleration: x[2] },
            target: Target { position: x[3], velocity: x[4] },
            limits: Limits::symmetric(x[5], x[6], x[7]),
        })
        .collect();
    let mut planner = Together::new(dof);
    let problems = transfers.len() / dof;
    let mut best = f64::INFINITY;
    let mut durations = vec![0.0; problems];
    for _ in 0..repeats {
        let start = Instant::now();
        for (problem, duration) in transfers.chunks_exact(dof).zip(&mut durations) {
            *duration = planner.plan(problem).unwrap_or(f64::NAN);
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(out).expect("the file of durations"));
    for duration in &durations {
        file.write_all(&duration.to_le_bytes()).expect("the file of durations");
    }
    println!("{}", best * 1e9 / problems as f64);
}
