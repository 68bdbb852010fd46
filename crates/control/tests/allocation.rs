//! What runs in the control loop allocates nothing.
// A global allocator that counts needs `unsafe impl`; each method only counts and passes on to the system's.
#![allow(unsafe_code)]
// Published postures and ranges of the arms stand as they were published.
#![allow(clippy::approx_constant)]

mod arms;
mod plant;

use leitai_control::admittance::{Admittance, Yielding};
use leitai_control::collision::{MomentumObserver, Reaction, Reflex, Thresholds};
use leitai_control::differential::{Clearance, Differential, DifferentialOptions, JointLimits, Task};
use leitai_control::otg::Limits;
use leitai_control::qp::{Options, Qp, Start, Workspace};
use leitai_control::task_servo::{TaskGains, TaskServo};
use leitai_control::{Chain, Compliance, ForceGains, Hybrid, Impedance, Push, Reference, ToolReference, ik};
use leitai_math::{Seed, Vec3};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // While a thread ends its local is gone, and nobody counts any more.
    let _ = COUNT.try_with(|c| c.set(c.get() + 1));
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn the_counter_counts() {
    let before = COUNT.get();
    let list = Box::new([1_u8; 100]);
    assert!(COUNT.get() > before && list.len() == 100);
}

/// Solvable and conflicting programs, equalities, rows that come and go, a Hessian of half rank, cold and warm.
#[test]
fn quadratic_programs_allocate_nothing() {
    let mut draw = Seed::from_number(1).stream("programs");
    let (n, p, m) = (12, 3, 40);
    let mut work = Workspace::new(n, p + m + n);
    let (mut solved, mut refused) = (0, 0);
    for case in 0..300 {
        let rank = if case % 3 == 0 { n / 2 } else { n };
        let factor: Vec<f64> = (0..rank * n).map(|_| draw.normal(0.0, 1.0)).collect();
        let h: Vec<f64> = (0..n * n).map(|k| (0..rank).map(|r| factor[r * n + k / n] * factor[r * n + k % n]).sum()).collect();
        let mut list = |count: usize, size: f64| -> Vec<f64> { (0..count).map(|_| draw.normal(0.0, size)).collect() };
        let (g, a, b, c) = (list(n, 5.0), list(p * n, 1.0), list(p, if case % 5 == 0 { 20.0 } else { 0.3 }), list(m * n, 1.0));
        let (l, u): (Vec<f64>, Vec<f64>) = list(m, 1.0).iter().map(|x| (-1.5 + 0.1 * x, 1.5 + 0.1 * x)).unzip();
        let (low, high) = (vec![-1.0; n], vec![1.0; n]);
        let qp = Qp { h: &h, g: &g, a: &a, b: &b, c: &c, l: &l, u: &u, low: &low, high: &high };
        for start in [Start::Cold, Start::Warm, Start::SameMatrices] {
            let before = COUNT.get();
            let answer = work.solve(&qp, start, &Options::default());
            assert_eq!(COUNT.get() - before, 0, "case {case} {start:?}");
            if answer.is_ok() { solved += 1 } else { refused += 1 }
        }
    }
    assert!(solved > 100 && refused > 10, "both kinds are seen: {solved} {refused}");
}

/// Ticks on the way to the edge of the reach, with a clearance and a posture.
#[test]
fn differential_ticks_allocate_nothing() {
    let model = arms::seven_axes().build().expect("the test's arm is sound");
    let chain = Chain::new(&model, model.site_named("tool_mount").unwrap()).unwrap();
    let limits = JointLimits { speed: vec![2.0; 7], acceleration: vec![10.0; 7] };
    let mut solver = Differential::new(&chain, limits, 1, 1);
    let options = DifferentialOptions::default();
    let (mut q, mut v) = ([0.1, -0.5, 0.2, 1.0, 0.4, -0.8, 0.1], [0.0; 7]);
    let start = chain.tip(&q);
    let mut jacobian = [[0.0; 6]; 7];
    let mut share = 0.0;
    for tick in 0..500 {
        let reached = chain.tip_and_jacobian(&q, &mut jacobian);
        let mut target = start;
        target.position = start.position + Vec3::new(0.0, 0.0, 1.0) * share;
        let (p, r) = ik::pose_error(&target, &reached);
        let gradient: [f64; 7] = core::array::from_fn(|i| -jacobian[i][2]);
        let before = COUNT.get();
        let task = Task {
            jacobian: &jacobian,
            velocity: [0.0, 0.0, 1.0, 0.0, 0.0, 0.0],
            error: [p.x, p.y, p.z, r.x, r.y, r.z],
            weight: [1.0, 1.0, 1.0, 0.3, 0.3, 0.3],
        };
        let clearance = Clearance { gradient: &gradient, distance_m: start.position.z + 0.3 - reached.position.z };
        let step = solver.step(&q, &v, &[task], &[clearance], Some(&[0.0; 7]), &options).expect("a tick");
        assert_eq!(COUNT.get() - before, 0, "tick {tick}");
        share += step.scale * options.period_s;
        v.copy_from_slice(solver.speeds());
        q.iter_mut().zip(&v).for_each(|(q, v)| *q += v * options.period_s);
    }
    assert!(share > 0.05, "the arm moves: {share}");
}

/// Steps of impedance and force control through a touch, with late readings and a changing stiffness.
#[test]
fn pressing_allocates_nothing() {
    let q = [0.1, 0.5, 0.2, -1.4, 0.4, 0.9, 0.1];
    let mut plant = plant::Plant::new(&arms::seven_axes(), &q);
    let start = plant.tip();
    plant.wall = Some(plant::Wall {
        point: start.position - Vec3::new(0.0, 0.0, 0.005),
        normal: Vec3::new(0.0, 0.0, 1.0),
        stiffness: 1e4,
        damping: 0.0,
    });
    let impedance = Impedance::new(plant.dynamics(), plant.chain.clone(), Compliance::even(800.0, 30.0), vec![300.0; 7], 1e-3, 2);
    let mut control = Hybrid::new(impedance, ForceGains::default());
    let push =
        Push { along: [false, false, true, false, false, false], wanted: [0.0, 0.0, -10.0, 0.0, 0.0, 0.0], approach_m_s: 0.1 };
    let (reference, mut tau) = (ToolReference::standing(start), [0.0; 7]);
    for step in 0..400 {
        control.impedance.compliance.stiffness[0] = if step < 200 { 800.0 } else { 300.0 };
        let before = COUNT.get();
        control.step(&reference, &push, &plant.q, &plant.v, &plant.contact, &mut tau).expect("a step");
        assert_eq!(COUNT.get() - before, 0, "step {step}");
        plant.run(&tau, 1e-3);
    }
    assert!(control.touching()[2], "the wall is reached");
}

/// Steps of the other controllers of contact: a servo in the tool's coordinates, an observer with late readings and its verdict, a retreat, and a
/// commanded pose that gives way.
#[test]
fn feeling_allocates_nothing() {
    let q = [0.1, 0.5, 0.2, -1.4, 0.4, 0.9, 0.1];
    let mut plant = plant::Plant::new(&arms::seven_axes(), &q);
    let gains = TaskGains { natural_frequency_rad_s: [15.0, 15.0], damping_ratio: 1.0 };
    let mut servo = TaskServo::new(plant.dynamics(), plant.chain.clone(), gains, vec![300.0; 7], 2);
    let mut observer = MomentumObserver::new(plant.dynamics(), 50.0, 1e-3, 2);
    let thresholds = Thresholds { bounds: vec![[1.0, 0.0, 0.0]; 7] };
    let mut reflex = Reflex::new(vec![Limits::symmetric(2.0, 10.0, 500.0); 7]);
    let yielding = Yielding {
        frame: leitai_math::Quat::IDENTITY,
        mass: [5.0; 6],
        damping: [100.0; 6],
        stiffness: [0.0; 6],
        speed: [0.5, 1.0],
        way: [0.3, 0.5],
    };
    let mut admittance = Admittance::new(yielding, 1e-3);
    let mut state = leitai_control::operational::Operational::new(7);
    let mut arm = plant.dynamics();
    let (reference, mut tau) = (ToolReference::standing(plant.tip()), [0.0; 7]);
    let mut joints = Reference::standing(&q);
    let (mut hits, none) = (0, [0.0; 7]);
    for step in 0..300 {
        let before = COUNT.get();
        servo.step(&reference, &plant.q, &plant.v, &mut tau).expect("a step");
        observer.step(&plant.q, &plant.v, &tau).expect("a step");
        hits += u32::from(thresholds.hit(&none, &none, observer.residual()).is_some());
        state.update(&mut arm, &plant.chain, &plant.q, &plant.v).expect("a state");
        reflex.begin(Reaction::Retreat { way_m: 0.05 }, &joints, &state, observer.residual()).expect("a retreat");
        reflex.step(1e-3, &plant.q, &plant.v, &mut joints);
        admittance.step(&reference, &plant.push).expect("a step");
        assert_eq!(COUNT.get() - before, 0, "step {step}");
        plant.push[1] = if step > 100 { 30.0 } else { 0.0 };
        plant.run(&tau, 1e-3);
    }
    assert!(hits > 50, "the push is felt: {hits}");
}
