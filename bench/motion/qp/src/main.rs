//! Ours and DAQP's C core on the same programs in one process, in turn; one JSON object on stdout.
//!
//! Usage: leitai-bench-qp FILE.json... with REPEATS in the environment. Each file holds a list of {H, g, A, b, C, l, u} and is one
//! family. Times are CPU time of the thread, the least of the repeats of a batch of calls, one figure for each program. `tick` instead of
//! files times differential inverse kinematics.

mod tick;

use leitai_control::qp::{Options, Qp, Start, Workspace};
use serde_json::{Value, json};
use std::hint::black_box;

unsafe extern "C" {
    fn clock_gettime(clock: i32, time: *mut [i64; 2]) -> i32;
    fn peer_cold(
        n: i32,
        m: i32,
        h: *mut f64,
        f: *mut f64,
        a: *mut f64,
        up: *mut f64,
        low: *mut f64,
        sense: *mut i32,
        x: *mut f64,
        lam: *mut f64,
        iterations: *mut i32,
    ) -> i32;
    fn peer_setup(n: i32, m: i32, h: *mut f64, f: *mut f64, a: *mut f64, up: *mut f64, low: *mut f64, sense: *mut i32) -> i32;
    fn peer_warm(f: *mut f64, x: *mut f64, lam: *mut f64, iterations: *mut i32) -> i32;
    fn peer_free();
}

fn cpu_us() -> f64 {
    const CLOCK_THREAD_CPUTIME_ID: i32 = 3;
    let mut time = [0i64; 2];
    unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time[0] as f64 * 1e6 + time[1] as f64 * 1e-3
}

/// CPU microseconds of one call, as the mean of a batch.
fn batch(calls: usize, mut call: impl FnMut()) -> f64 {
    let begin = cpu_us();
    for _ in 0..calls {
        call();
    }
    (cpu_us() - begin) / calls as f64
}

struct Program {
    h: Vec<f64>,
    g: Vec<f64>,
    /// The gradient of the next tick: one part in a hundred away.
    next: Vec<f64>,
    a: Vec<f64>,
    b: Vec<f64>,
    c: Vec<f64>,
    l: Vec<f64>,
    u: Vec<f64>,
}

impl Program {
    fn read(value: &Value) -> Self {
        let vector = |v: &Value| -> Vec<f64> { v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect() };
        let matrix = |v: &Value| -> Vec<f64> { v.as_array().unwrap().iter().flat_map(vector).collect() };
        let g = vector(&value["g"]);
        let next = g.iter().enumerate().map(|(i, g)| g * (1.0 + 0.01 * ((i * 7 % 5) as f64 - 2.0) / 2.0)).collect();
        Self {
            h: matrix(&value["H"]),
            g,
            next,
            a: matrix(&value["A"]),
            b: vector(&value["b"]),
            c: matrix(&value["C"]),
            l: vector(&value["l"]),
            u: vector(&value["u"]),
        }
    }
    fn ours<'a>(&'a self, g: &'a [f64]) -> Qp<'a> {
        Qp { h: &self.h, g, a: &self.a, b: &self.b, c: &self.c, l: &self.l, u: &self.u, ..Qp::default() }
    }
    fn objective(&self, x: &[f64]) -> f64 {
        let n = x.len();
        (0..n).map(|i| x[i] * (self.g[i] + 0.5 * (0..n).map(|j| self.h[i * n + j] * x[j]).sum::<f64>())).sum()
    }
    fn violation(&self, x: &[f64]) -> f64 {
        let n = x.len();
        let value = |m: &[f64], i: usize| (0..n).map(|j| m[i * n + j] * x[j]).sum::<f64>();
        let equalities = (0..self.b.len()).map(|i| (value(&self.a, i) - self.b[i]).abs());
        let others = (0..self.l.len()).map(|i| (self.l[i] - value(&self.c, i)).max(value(&self.c, i) - self.u[i]));
        equalities.chain(others).fold(0.0, f64::max)
    }
}

/// DAQP's view of a program: equalities are rows that are active and may not be let go.
struct Peer {
    n: i32,
    m: i32,
    h: Vec<f64>,
    f: Vec<f64>,
    a: Vec<f64>,
    up: Vec<f64>,
    low: Vec<f64>,
    sense: Vec<i32>,
    x: Vec<f64>,
    lam: Vec<f64>,
    iterations: i32,
}

impl Peer {
    fn new(p: &Program) -> Self {
        let joined = |a: &[f64], b: &[f64]| a.iter().chain(b).copied().collect::<Vec<f64>>();
        let (n, m) = (p.g.len(), p.b.len() + p.l.len());
        Self {
            n: n as i32,
            m: m as i32,
            h: p.h.clone(),
            f: p.g.clone(),
            a: joined(&p.a, &p.c),
            up: joined(&p.b, &p.u),
            low: joined(&p.b, &p.l),
            sense: Self::senses(p),
            x: vec![0.0; n],
            lam: vec![0.0; m],
            iterations: 0,
        }
    }
    fn senses(p: &Program) -> Vec<i32> {
        (0..p.b.len() + p.l.len()).map(|i| if i < p.b.len() { 5 } else { 0 }).collect()
    }
    fn cold(&mut self, senses: &[i32]) -> i32 {
        self.sense.copy_from_slice(senses);
        // SAFETY: DAQP reads and writes within the lengths n, m, n·n and m·n that the vectors have, and keeps no pointer.
        unsafe {
            peer_cold(
                self.n,
                self.m,
                self.h.as_mut_ptr(),
                self.f.as_mut_ptr(),
                self.a.as_mut_ptr(),
                self.up.as_mut_ptr(),
                self.low.as_mut_ptr(),
                self.sense.as_mut_ptr(),
                self.x.as_mut_ptr(),
                self.lam.as_mut_ptr(),
                &mut self.iterations,
            )
        }
    }
    fn set_up(&mut self) -> i32 {
        // SAFETY: as above; the pointers it keeps live until `peer_free`, which is called before the vectors go.
        unsafe {
            peer_setup(
                self.n,
                self.m,
                self.h.as_mut_ptr(),
                self.f.as_mut_ptr(),
                self.a.as_mut_ptr(),
                self.up.as_mut_ptr(),
                self.low.as_mut_ptr(),
                self.sense.as_mut_ptr(),
            )
        }
    }
    fn warm(&mut self, f: &[f64]) -> i32 {
        self.f.copy_from_slice(f);
        // SAFETY: as above.
        unsafe { peer_warm(self.f.as_mut_ptr(), self.x.as_mut_ptr(), self.lam.as_mut_ptr(), &mut self.iterations) }
    }
}

fn main() {
    let repeats: usize = std::env::var("REPEATS").ok().and_then(|s| s.parse().ok()).unwrap_or(30);
    let mut families = serde_json::Map::new();
    if std::env::args().nth(1).as_deref() == Some("tick") {
        let six = [0.3, -1.2, 1.6, -2.0, -1.5, 0.5];
        let seven = [0.1, -0.5, 0.2, -2.0, 0.1, 1.6, 0.8];
        println!(
            "{}",
            json!({ "ur5e": tick::measure("ur5e", &six, repeats), "franka-fr3": tick::measure("franka-fr3", &seven, repeats) })
        );
        return;
    }
    for path in std::env::args().skip(1) {
        let name = std::path::Path::new(&path).file_stem().unwrap().to_string_lossy().trim_start_matches("qp_").to_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let list: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
        families.insert(name, Value::Array(list.iter().map(|v| measure(&Program::read(v), repeats)).collect()));
    }
    println!("{}", Value::Object(families));
}

fn measure(p: &Program, repeats: usize) -> Value {
    let (n, options) = (p.g.len(), Options::default());
    let mut work = Workspace::new(n, p.b.len() + p.l.len());
    let (qp, next) = (p.ours(&p.g), p.ours(&p.next));
    let cold = work.solve(&qp, Start::Cold, &options).expect("the program has an answer");
    let x = work.x().to_vec();
    let iterations_next = work.solve(&next, Start::Warm, &options).expect("the next program has an answer").iterations;

    let mut peer = Peer::new(p);
    let senses = Peer::senses(p);
    let flag = peer.cold(&senses);
    let (peer_x, peer_iterations) = (peer.x.clone(), peer.iterations);

    let calls = (200 / n).max(2);
    // cold, warm, warm on the next tick, the same with unchanged matrices; DAQP cold, DAQP warm on the next tick.
    let mut least = [f64::INFINITY; 6];
    let mut keep = |k: usize, time: f64| least[k] = least[k].min(time);
    for _ in 0..repeats {
        let mut run = |qp: &Qp, start| {
            black_box(work.solve(black_box(qp), start, &options)).expect("solved before");
        };
        keep(0, batch(calls, || run(&qp, Start::Cold)));
        keep(4, batch(calls, || assert_eq!(black_box(peer.cold(&senses)), flag)));
        keep(1, batch(calls, || run(&qp, Start::Warm)));
        for (k, start) in [(2, Start::Warm), (3, Start::SameMatrices)] {
            let both = batch(calls, || {
                run(&next, start);
                run(&qp, start);
            });
            keep(k, 0.5 * both);
        }
    }
    peer.sense.copy_from_slice(&senses);
    assert!(peer.set_up() > 0, "DAQP refuses the program");
    for _ in 0..repeats {
        let both = batch(calls, || {
            black_box(peer.warm(&p.next));
            black_box(peer.warm(&p.g));
        });
        keep(5, 0.5 * both);
    }
    // SAFETY: pairs with `set_up`.
    unsafe { peer_free() };
    json!({
        "n": n, "eq": p.b.len(), "ineq": p.l.len(),
        "cold_us": least[0], "warm_us": least[1], "warm_next_us": least[2], "same_matrices_next_us": least[3],
        "daqp_cold_us": least[4], "daqp_warm_next_us": least[5],
        "iterations": cold.iterations, "iterations_next": iterations_next, "held": cold.held,
        "daqp_iterations": peer_iterations, "daqp_flag": flag,
        "objective": p.objective(&x), "daqp_objective": p.objective(&peer_x),
        "violation": p.violation(&x), "daqp_violation": p.violation(&peer_x),
        "stationarity": cold.residual.stationarity,
    })
}
