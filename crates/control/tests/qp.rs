//! Quadratic programs, against two other solvers' answers and against the conditions that every minimum satisfies.

use leitai_control::qp::{Options, Part, Qp, QpError, Row, Start, Workspace};
use leitai_math::{Seed, Stream};

/// A program with its own numbers.
#[derive(Clone, Default)]
struct Program {
    name: String,
    h: Vec<f64>,
    g: Vec<f64>,
    a: Vec<f64>,
    b: Vec<f64>,
    c: Vec<f64>,
    l: Vec<f64>,
    u: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Program {
    fn qp(&self) -> Qp<'_> {
        Qp {
            h: &self.h,
            g: &self.g,
            a: &self.a,
            b: &self.b,
            c: &self.c,
            l: &self.l,
            u: &self.u,
            low: &self.low,
            high: &self.high,
        }
    }
    fn n(&self) -> usize {
        self.g.len()
    }
    fn workspace(&self) -> Workspace {
        Workspace::new(self.n(), self.b.len() + self.l.len() + self.low.len())
    }
    /// Every row with its sides: equalities, inequalities, bounds.
    fn rows(&self) -> Vec<(Vec<f64>, f64, f64)> {
        let n = self.n();
        let unit = |k: usize| (0..n).map(|i| if i == k { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
        let mut rows: Vec<_> = (0..self.b.len()).map(|i| (self.a[i * n..(i + 1) * n].to_vec(), self.b[i], self.b[i])).collect();
        rows.extend((0..self.l.len()).map(|i| (self.c[i * n..(i + 1) * n].to_vec(), self.l[i], self.u[i])));
        rows.extend((0..self.low.len()).map(|i| (unit(i), self.low[i], self.high[i])));
        rows
    }
    fn objective(&self, x: &[f64]) -> f64 {
        let n = self.n();
        (0..n).map(|i| x[i] * (self.g[i] + 0.5 * (0..n).map(|j| self.h[i * n + j] * x[j]).sum::<f64>())).sum()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn read(text: &str) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    for line in text.lines() {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        if key == "program" {
            programs.push(Program { name: rest.split(' ').next().unwrap().to_owned(), ..Program::default() });
            continue;
        }
        let p = programs.last_mut().expect("a file starts with `program`");
        let numbers = rest.split_whitespace().map(|x| x.parse().unwrap()).collect();
        match key {
            "H" => p.h = numbers,
            "g" => p.g = numbers,
            "A" => p.a = numbers,
            "b" => p.b = numbers,
            "C" => p.c = numbers,
            "l" => p.l = numbers,
            "u" => p.u = numbers,
            _ => panic!("unknown line `{key}`"),
        }
    }
    programs
}

fn recorded() -> Vec<Program> {
    let ik7 = include_str!("programs/ik7.qp");
    let wbc = include_str!("programs/wbc.qp");
    let tight = include_str!("programs/tight.qp");
    let mpc = include_str!("programs/mpc.qp");
    [ik7, wbc, tight, mpc].into_iter().flat_map(read).collect()
}

/// The conditions of Karush, Kuhn and Tucker, recomputed here from the program: enough for a convex minimum, so no other solver
/// is needed. Gives the largest deviation, each as a part of the size of its terms.
fn deviation(p: &Program, x: &[f64], multipliers: &[f64]) -> f64 {
    let n = p.n();
    let rows = p.rows();
    assert_eq!(rows.len(), multipliers.len());
    let mut worst: f64 = 0.0;
    for i in 0..n {
        let hx: Vec<f64> = (0..n).map(|j| p.h[i * n + j] * x[j]).collect();
        let from_rows: Vec<f64> = rows.iter().zip(multipliers).map(|((c, _, _), z)| c[i] * z).collect();
        let sum = hx.iter().sum::<f64>() + p.g[i] + from_rows.iter().sum::<f64>();
        let size = 1.0 + p.g[i].abs() + hx.iter().chain(&from_rows).map(|t| t.abs()).sum::<f64>();
        worst = worst.max(sum.abs() / size);
    }
    for ((c, low, high), z) in rows.iter().zip(multipliers) {
        let value = dot(c, x);
        let size = 1.0 + c.iter().zip(x).map(|(c, x)| (c * x).abs()).sum::<f64>();
        worst = worst.max((low - value) / size).max((value - high) / size);
        // A multiplier belongs to the side that is touched.
        let away = if *z > 0.0 {
            (value - high).abs()
        } else if *z < 0.0 {
            (value - low).abs()
        } else {
            0.0
        };
        worst = worst.max(away / size);
    }
    worst
}

/// quadprog 0.1.14 and DAQP 0.11.0, written by `oracle/qp/answers.py`. Bars: objective within 1e-9 of theirs, rows within 1e-9.
#[test]
fn recorded_programs_agree_with_two_other_solvers() {
    let programs = recorded();
    let mut compared = 0;
    for line in include_str!("programs/answers.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let (name, solver) = (words.next().unwrap(), words.next().unwrap());
        let numbers: Vec<f64> = words.map(|w| w.parse().unwrap()).collect();
        let p = programs.iter().find(|p| p.name == name).unwrap();
        let mut work = p.workspace();
        let answer = work.solve(&p.qp(), Start::Cold, &Options::default()).unwrap();
        let gap = (answer.objective - numbers[0]) / numbers[0].abs();
        assert!(gap.abs() < 1e-9, "{name}: the objective is {gap:e} from {solver}'s");
        assert!((answer.objective - p.objective(work.x())).abs() < 1e-12 * numbers[0].abs());
        assert!(answer.residual.feasibility < 1e-9 && answer.residual.sign == 0.0, "{name}: {:?}", answer.residual);
        let off = deviation(p, work.x(), work.multipliers());
        assert!(off < 1e-12, "{name}: {off:e} {answer:?}");
        compared += 1;
    }
    assert_eq!(compared, 2 * programs.len());
}

/// A random program with a point inside, unless `infeasible` adds a row against the others. `kind` picks what is special.
fn random(draw: &mut Stream, kind: usize) -> Program {
    let n = 1 + draw.below(20) as usize;
    let mut p = Program { name: format!("kind {kind}, {n} variables"), ..Program::default() };
    let rank = if kind == 5 { n.div_ceil(2) } else { n };
    let factor: Vec<f64> = (0..rank * n).map(|_| draw.normal(0.0, 1.0)).collect();
    p.h = (0..n * n).map(|k| (0..rank).map(|r| factor[r * n + k / n] * factor[r * n + k % n]).sum()).collect();
    if kind != 5 {
        for i in 0..n {
            p.h[i * n + i] += 1e-3;
        }
    }
    p.g = (0..n).map(|_| draw.normal(0.0, 5.0)).collect();
    let inside: Vec<f64> = (0..n).map(|_| draw.normal(0.0, 1.0)).collect();
    let row = |draw: &mut Stream| -> Vec<f64> {
        let sparse = draw.chance(0.3);
        (0..n).map(|_| if sparse && draw.chance(0.7) { 0.0 } else { draw.normal(0.0, 1.0) }).collect()
    };
    if kind == 1 || draw.chance(0.4) {
        for _ in 0..draw.below(n as u64 / 2 + 1) {
            let a = row(draw);
            p.b.push(dot(&a, &inside));
            p.a.extend(a);
        }
    }
    if kind != 1 {
        for _ in 0..draw.below(3 * n as u64 + 2) {
            let c = row(draw);
            let value = dot(&c, &inside);
            // Many rows through one point: degenerate corners.
            let room = |draw: &mut Stream| if kind == 2 { 0.0 } else { draw.uniform(0.0, 1.0) };
            let (below, above) = (room(draw), room(draw));
            let (open, meet) = (draw.below(4), kind == 2 && draw.chance(0.1));
            p.l.push(if open == 0 && !meet { f64::NEG_INFINITY } else { value - below });
            p.u.push(if open == 0 || meet || kind != 2 { value + above } else { f64::INFINITY });
            p.c.extend(c);
        }
    }
    if kind == 3 {
        // The same rows again, scaled and combined: rank-deficient.
        for _ in 0..p.l.len().min(6) {
            let (i, j) = (draw.below(p.l.len() as u64) as usize, draw.below(p.l.len() as u64) as usize);
            let s = if draw.chance(0.5) { 0.0 } else { draw.uniform(-2.0, 2.0) };
            let c: Vec<f64> = (0..n).map(|k| 2.0 * p.c[i * n + k] + s * p.c[j * n + k]).collect();
            let value = dot(&c, &inside);
            p.l.push(value - draw.uniform(0.0, 0.5));
            p.u.push(value + draw.uniform(0.0, 0.5));
            p.c.extend(c);
        }
        for i in 0..p.b.len() {
            let a: Vec<f64> = (0..n).map(|k| -3.0 * p.a[i * n + k]).collect();
            p.b.push(-3.0 * p.b[i]);
            p.a.extend(a);
        }
    }
    if kind == 4 || kind == 5 || draw.chance(0.3) {
        p.low = inside.iter().map(|x| x - draw.uniform(0.0, 0.5)).collect();
        p.high = inside.iter().map(|x| x + draw.uniform(0.0, 0.5)).collect();
        if kind == 4 {
            let i = draw.below(n as u64) as usize;
            p.low[i] = inside[i];
            p.high[i] = inside[i];
        }
    }
    p
}

/// Law (Karush, Kuhn, Tucker), on thousands of programs: ordinary, equalities alone, degenerate corners, rank-deficient rows,
/// fixed variables, and a Hessian of half rank; each cold, then warm from another program's rows, then with one number moved.
#[test]
fn random_programs_satisfy_the_conditions_of_a_minimum() {
    let mut draw = Seed::from_number(51).stream("programs");
    let mut largest = [0.0_f64; 6];
    for case in 0..6000 {
        let kind = case % 6;
        let mut p = random(&mut draw, kind);
        let mut work = p.workspace();
        let cold = work.solve(&p.qp(), Start::Cold, &Options::default());
        let cold = cold.unwrap_or_else(|e| panic!("case {case} ({}): {e} {:?}", p.name, work.conflict()));
        assert_eq!(cold.ridge > 0.0, kind == 5 && p.n() > 1, "case {case} ({})", p.name);
        let off = deviation(&p, work.x(), work.multipliers());
        largest[kind] = largest[kind].max(off);
        assert!(off < 1e-9, "case {case} ({}): {off:e} {cold:?}", p.name);
        let x = work.x().to_vec();
        for start in [Start::Warm, Start::SameMatrices] {
            let again = work.solve(&p.qp(), start, &Options::default()).unwrap();
            let gap = (again.objective - cold.objective).abs() / (1.0 + cold.objective.abs());
            assert!(gap < 1e-9, "case {case} ({}): {gap:e} apart from {start:?}", p.name);
            assert!(deviation(&p, work.x(), work.multipliers()) < 1e-9, "case {case} ({}) {start:?}", p.name);
        }
        if kind != 5 {
            assert!(work.x().iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-6 * (1.0 + b.abs())), "one minimum");
        }
        for g in &mut p.g {
            *g += draw.normal(0.0, 1.0);
        }
        for start in [Start::SameMatrices, Start::Warm] {
            work.solve(&p.qp(), start, &Options::default()).unwrap();
            let off = deviation(&p, work.x(), work.multipliers());
            assert!(off < 1e-9, "case {case} ({}) moved, {start:?}: {off:e}", p.name);
        }
    }
    // Definite Hessians lose nothing to a ridge.
    assert!(largest[..5].iter().all(|x| *x < 1e-10), "{largest:?}");
}

/// Infeasible by construction: a combination of rows with multipliers of the right sign contradicts one more row. The rows
/// named must contradict each other by themselves: with only them, there is still no answer; without the last, there is.
#[test]
fn rows_that_conflict_are_named() {
    let mut draw = Seed::from_number(52).stream("programs");
    for case in 0..600 {
        let mut p = random(&mut draw, case % 4);
        let n = p.n();
        // c = Σ sᵢ·cᵢ over rows with a finite upper side, so c·x ≤ Σ sᵢ·uᵢ; the new row asks for more.
        let mut c: Vec<f64> = (0..n).map(|_| draw.normal(0.0, 1.0)).collect();
        let mut most = dot(&c, &vec![0.5; n]);
        p.c.extend_from_slice(&c);
        p.l.push(f64::NEG_INFINITY);
        p.u.push(most);
        for i in 0..p.l.len() - 1 {
            if p.u[i].is_finite() && draw.chance(0.3) {
                let s = draw.uniform(0.1, 1.0);
                (0..n).for_each(|k| c[k] += s * p.c[i * n + k]);
                most += s * p.u[i];
            }
        }
        p.c.extend_from_slice(&c);
        p.l.push(most + draw.uniform(0.01, 1.0));
        p.u.push(f64::INFINITY);
        let mut work = p.workspace();
        let error = work.solve(&p.qp(), Start::Cold, &Options::default()).unwrap_err();
        assert!(matches!(error, QpError::Infeasible(_)), "case {case}: {error}");
        let named = work.conflict().to_vec();
        let only = |named: &[Row]| {
            let mut part = Program { h: p.h.clone(), g: p.g.clone(), ..Program::default() };
            part.low = vec![f64::NEG_INFINITY; n];
            part.high = vec![f64::INFINITY; n];
            for row in named {
                match *row {
                    Row::Equality(i) => {
                        part.a.extend_from_slice(&p.a[i * n..(i + 1) * n]);
                        part.b.push(p.b[i]);
                    }
                    Row::Inequality(i) => {
                        part.c.extend_from_slice(&p.c[i * n..(i + 1) * n]);
                        part.l.push(p.l[i]);
                        part.u.push(p.u[i]);
                    }
                    Row::Bound(i) => (part.low[i], part.high[i]) = (p.low[i], p.high[i]),
                }
            }
            let mut work = part.workspace();
            work.solve(&part.qp(), Start::Cold, &Options::default()).map(|_| ())
        };
        assert!(matches!(only(&named), Err(QpError::Infeasible(_))), "case {case}: {named:?} do not conflict");
        for k in 0..named.len() {
            let mut fewer = named.clone();
            fewer.remove(k);
            assert!(only(&fewer).is_ok(), "case {case}: {named:?} conflict even without {:?}", named[k]);
        }
    }
}

/// Closed form: the nearest point of a cube's corner, held by three times as many rows as it has directions.
#[test]
fn a_corner_where_many_rows_meet_is_found_without_cycling() {
    let n = 6;
    let mut p = Program { g: vec![-10.0; n], ..Program::default() };
    p.h = (0..n * n).map(|k| if k / n == k % n { 1.0 } else { 0.0 }).collect();
    let mut draw = Seed::from_number(53).stream("rows");
    for k in 0..200 {
        // Rows with positive entries through (1, …, 1): all of them are touched there.
        let c: Vec<f64> = (0..n)
            .map(|i| {
                if k % n == i {
                    1.0
                } else if k < n {
                    0.0
                } else {
                    draw.uniform(0.0, 1.0)
                }
            })
            .collect();
        p.u.push(c.iter().sum());
        p.l.push(f64::NEG_INFINITY);
        p.c.extend(c);
    }
    let mut work = p.workspace();
    let answer = work.solve(&p.qp(), Start::Cold, &Options::default()).unwrap();
    assert!(work.x().iter().all(|x| (x - 1.0).abs() < 1e-12), "{:?}", work.x());
    assert!(answer.iterations < 100 && answer.held <= n, "{answer:?}");
}

/// Linear programs have a zero Hessian; their corners are known. Without bounds the objective falls without end.
#[test]
fn a_zero_hessian_ends_in_a_corner_or_says_that_there_is_none() {
    let mut p = Program { h: vec![0.0; 4], g: vec![-3.0, -2.0], ..Program::default() };
    p.c = vec![1.0, 1.0, 1.0, 3.0];
    (p.l, p.u) = (vec![f64::NEG_INFINITY; 2], vec![4.0, 6.0]);
    (p.low, p.high) = (vec![0.0; 2], vec![3.0, f64::INFINITY]);
    let mut work = p.workspace();
    let answer = work.solve(&p.qp(), Start::Cold, &Options::default()).unwrap();
    assert!((work.x()[0] - 3.0).abs() < 1e-9 && (work.x()[1] - 1.0).abs() < 1e-9, "{:?}", work.x());
    assert!(answer.ridge > 0.0 && (answer.objective + 11.0).abs() < 1e-8, "{answer:?}");
    p.u = vec![f64::INFINITY; 2];
    assert_eq!(work.solve(&p.qp(), Start::Cold, &Options::default()), Err(QpError::Unbounded));
}

#[test]
fn bad_numbers_are_refused_with_their_place() {
    let good = || Program {
        h: vec![2.0, 0.0, 0.0, 2.0],
        g: vec![1.0, 1.0],
        a: vec![1.0, 1.0],
        b: vec![1.0],
        c: vec![1.0, -1.0],
        l: vec![-1.0],
        u: vec![1.0],
        ..Program::default()
    };
    let solve = |p: &Program| p.workspace().solve(&p.qp(), Start::Cold, &Options::default());
    assert!(solve(&good()).is_ok());
    let nan = f64::NAN;
    type Spoil = fn(&mut Program, f64);
    let cases: [(Spoil, QpError); 6] = [
        (|p, nan| p.h[1] = nan, QpError::NotFinite(Part::Hessian)),
        (|p, nan| p.g[0] = nan, QpError::NotFinite(Part::Gradient)),
        (|p, nan| p.a[1] = nan, QpError::NotFinite(Part::Row(Row::Equality(0)))),
        (|p, nan| p.b[0] = nan, QpError::NotFinite(Part::Row(Row::Equality(0)))),
        (|p, nan| p.u[0] = nan, QpError::NotFinite(Part::Row(Row::Inequality(0)))),
        (|p, nan| p.l[0] = if nan.is_nan() { 1e300 } else { nan }, QpError::Crossed(Row::Inequality(0))),
    ];
    for (spoil, expected) in cases {
        let mut p = good();
        spoil(&mut p, nan);
        assert_eq!(solve(&p), Err(expected));
        let message = expected.to_string();
        assert!(message.len() > 20, "{message}");
    }
    let huge = Program { c: vec![1e300, 1.0], ..good() };
    assert_eq!(solve(&huge), Err(QpError::NotFinite(Part::Row(Row::Inequality(0)))));
    let saddle = Program { h: vec![1.0, 0.0, 0.0, -1.0], ..good() };
    assert_eq!(solve(&saddle), Err(QpError::NotConvex(1)));
    assert_eq!(
        solve(&saddle).unwrap_err().to_string(),
        "the Hessian curves downward along variable 1; add a term on the diagonal"
    );
}

/// Every pattern of NaN, infinity and huge numbers ends in an answer or an error: never a hang, a panic or a NaN called a minimum.
#[test]
fn spoiled_programs_end() {
    let mut draw = Seed::from_number(54).stream("programs");
    for case in 0..3000 {
        let mut p = random(&mut draw, case % 6);
        let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308, 1e160, 1e-308, 0.0][draw.below(8) as usize];
        let list: &mut Vec<f64> = match draw.below(8) {
            0 => &mut p.h,
            1 => &mut p.g,
            2 => &mut p.a,
            3 => &mut p.b,
            4 => &mut p.c,
            5 => &mut p.l,
            6 => &mut p.u,
            _ => &mut p.high,
        };
        if !list.is_empty() {
            let i = draw.below(list.len() as u64) as usize;
            list[i] = bad;
        }
        let mut work = p.workspace();
        for start in [Start::Cold, Start::Warm, Start::SameMatrices] {
            if let Ok(answer) = work.solve(&p.qp(), start, &Options::default()) {
                assert!(work.x().iter().all(|x| x.is_finite()), "case {case} ({})", p.name);
                assert!(answer.objective.is_finite() && answer.residual.stationarity.is_finite(), "case {case} ({})", p.name);
            }
        }
    }
}

/// With one step allowed, a program that needs ten says so, and leaves the point that it reached.
#[test]
fn the_limit_of_iterations_is_an_error_with_the_violation() {
    let p = &recorded()[1];
    let mut work = p.workspace();
    let error = work.solve(&p.qp(), Start::Cold, &Options { iterations: 1, ..Options::default() }).unwrap_err();
    let QpError::IterationLimit(residual) = error else { panic!("{error}") };
    assert!(residual.feasibility > 1e-3 && work.x().iter().all(|x| x.is_finite()), "{residual:?}");
    assert!(error.to_string().contains("allow more"), "{error}");
}

/// A warm start on an unchanged program changes nothing, and the workspace's history leaves no trace in a cold start.
#[test]
fn a_warm_start_changes_nothing_and_a_cold_start_forgets() {
    let programs = recorded();
    for p in &programs {
        let mut work = p.workspace();
        let cold = work.solve(&p.qp(), Start::Cold, &Options::default()).unwrap();
        let x = work.x().to_vec();
        let warm = work.solve(&p.qp(), Start::SameMatrices, &Options::default()).unwrap();
        assert_eq!((warm.iterations, warm.held), (0, cold.held), "{}", p.name);
        let again = work.solve(&p.qp(), Start::Cold, &Options::default()).unwrap();
        assert_eq!(again, cold);
        assert!(work.x().iter().zip(&x).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", p.name);
    }
}
