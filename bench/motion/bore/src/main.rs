//! What one call of `collide` costs for a peg in, on and beside a hole, next to the same call for a box without one, and how
//! far its distances are from closed forms. Time is CPU time of this process, the least of nine repeats.

use std::hint::black_box;

use leitai_geometry::{Manifold, Placement, Shape, collide};
use leitai_math::{Quat, Seed, Vec3};

/// A hole of 20 mm, 40 mm deep; its mouth at z = 30 mm.
const HOLE: f64 = 0.01;
const DEPTH: f64 = 0.04;
const SIZE: Vec3 = Vec3::new(0.04, 0.04, 0.03);
const CLEARANCE: f64 = 5e-5;
const HALF: f64 = 0.03;
const CALLS: u32 = 20_000;

fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    stat.split(' ').next().and_then(|t| t.parse::<f64>().ok()).expect("a number") * 1e-9
}

fn call_us(peg: &Shape, at: &Placement, other: &Shape, origin: &Placement) -> (f64, usize) {
    let mut out = Manifold::default();
    out.steady = true;
    let mut least = f64::INFINITY;
    for _ in 0..9 {
        let from = cpu_s();
        for _ in 0..CALLS {
            collide(peg, black_box(at), other, origin, 0.0, &mut out);
            black_box(&out);
        }
        least = least.min((cpu_s() - from) / f64::from(CALLS));
    }
    (1e6 * least, out.points().len())
}

fn main() {
    let bore = Shape::Bore { half: SIZE, radius: HOLE, depth: DEPTH };
    let whole = Shape::Box { half: SIZE };
    let peg = Shape::Cylinder { radius: HOLE - CLEARANCE, half_length: HALF };
    let turn = Quat::from_axis_angle(Vec3::new(0.6, 0.8, 0.0), 0.3).to_mat();
    let origin = Placement { position: Vec3::new(0.3, 0.1, 0.2), rotation: turn };
    let put = |position: Vec3, tilt: f64, spin: f64| {
        let turn = Quat::from_axis_angle(Vec3::Y, tilt) * Quat::from_axis_angle(Vec3::Z, spin);
        Placement { position: origin.apply(position), rotation: origin.rotation * turn.to_mat() }
    };
    let (bottom, deep) = (SIZE.z - DEPTH + HALF, 1e-6);
    let lean = 2.0 * CLEARANCE / 0.02;
    let cases = [
        ("on the bottom", Vec3::Z * (bottom - deep), 0.0),
        ("on the bottom, at the wall", Vec3::new(CLEARANCE + deep, 0.0, bottom - deep), 0.0),
        ("along the wall", Vec3::new(CLEARANCE + deep, 0.0, 0.04), 0.0),
        ("leaning, at two sides", Vec3::new(HALF * lean - CLEARANCE + deep, 0.0, 0.04), 1.01 * lean),
        ("in the hole, touching nothing", Vec3::Z * 0.04, 0.0),
        ("standing on a crescent", Vec3::new(0.003, 0.0, SIZE.z + HALF - deep), 0.0),
        ("standing beside the hole", Vec3::new(0.025, 0.0, SIZE.z + HALF - deep), 0.0),
    ];
    println!("| peg | bore, µs | points | box without a hole, µs |\n|---|---:|---:|---:|");
    for (name, position, tilt) in cases {
        let at = put(position, tilt, 0.3);
        let (own, points) = call_us(&peg, &at, &bore, &origin);
        let (boxed, _) = call_us(&peg, &at, &whole, &origin);
        println!("| {name} | {own:.2} | {points} | {boxed:.2} |");
    }

    let mut draw = Seed::from_number(1).stream("offsets");
    let (mut worst, mut out) = (0.0_f64, Manifold::default());
    for _ in 0..100_000 {
        let clearance = 1e-5;
        let gap = draw.uniform(-1e-6, 1e-6);
        let way = draw.uniform(0.0, core::f64::consts::TAU);
        let at = put(Vec3::new(way.cos(), way.sin(), 0.0) * (clearance - gap) + Vec3::Z * 0.04, 0.0, draw.uniform(0.0, 6.0));
        let peg = Shape::Cylinder { radius: HOLE - clearance, half_length: HALF };
        collide(&peg, &at, &bore, &origin, 2e-6, &mut out);
        assert_eq!(out.points().len(), 2);
        worst = out.points().iter().fold(worst, |w, p| w.max((p.distance - gap).abs()));
    }
    println!("\nclearance 10 µm, moved aside: within {worst:.1e} m of clearance − offset");
}
