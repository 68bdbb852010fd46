//! Newton, conjugate gradients and Gauss–Seidel: three ways to the solution of one convex problem.

mod scene;

use leitai_model::{Model, Solver};
use leitai_sim::{Scene, World};
use std::sync::Arc;

const OTHERS: [Solver; 2] = [Solver::ConjugateGradient, Solver::ProjectedGaussSeidel];

/// Trees that lean on each other, both cones, limits, dry friction and ties, and things thrown on a heap.
fn scenes() -> Vec<(&'static str, Model)> {
    let cone = |cone: &str| {
        let mut mjcf = scene::busy_arm("implicitfast");
        mjcf = mjcf.replace("<option ", &format!("<option cone='{cone}' "));
        mjcf = mjcf.replace(
            "<sensor>",
            "<equality><connect body1='two' anchor='0 0 0.1'/><joint joint1='b' joint2='a'/></equality><sensor>",
        );
        let free = "<body name='two' pos='0.6 0.3 0.3'><freejoint/><geom type='box' size='0.1 0.05 0.05'/></body>";
        scene::model(&mjcf.replace("<body name='paddle'", &format!("{free}<body name='paddle'")))
    };
    let mut heap = (*scene::falling_stack(1).model).clone();
    heap.option.sleep = false;
    vec![("pyramids", cone("pyramidal")), ("ellipses", cone("elliptic")), ("heap", heap)]
}

fn with(model: &Model, solver: Solver, iterations: u32, tolerance: f64) -> World {
    let mut model = model.clone();
    (model.option.solver, model.option.iterations, model.option.tolerance) = (solver, iterations, tolerance);
    (model.option.line_search_tolerance, model.option.line_search_iterations) = (1e-6, 200);
    scene::started(Scene::new(Arc::new(model)))
}

/// Largest difference of accelerations, in parts of the largest.
fn gap(found: &World, wanted: &World) -> f64 {
    let size = wanted.forces().a.iter().fold(1.0_f64, |m, a| m.max(a.abs()));
    found.forces().a.iter().zip(&wanted.forces().a).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs())) / size
}

/// At every step of a motion, from the state that Newton's method led to.
#[test]
fn all_solvers_find_one_solution() {
    for (name, model) in scenes() {
        let mut newton = with(&model, Solver::Newton, 100, 1e-15);
        let mut others = OTHERS.map(|solver| with(&model, solver, 5_000, 0.0));
        let mut rows = 0;
        for step in 0..400 {
            scene::push(&mut newton);
            let state = newton.snapshot();
            newton.step().expect("stable");
            rows = rows.max(newton.constraint_count());
            if step % 50 > 0 {
                continue;
            }
            for (other, solver) in others.iter_mut().zip(OTHERS) {
                other.restore(&state);
                other.forward().expect("stable");
                let gap = gap(other, &newton);
                assert!(gap < 1e-8, "{name}, step {step}: {solver:?} is {gap:e} away");
            }
        }
        assert!(rows > 20, "{name}: only {rows} rows");
    }
}

/// With tolerances and iterations as they stand in the files, over the motion that MuJoCo is asked about.
#[test]
fn theme_models_move_as_under_newton() {
    for name in ["solver_cg_elliptic", "solver_cg_pyramidal", "solver_pgs_elliptic", "solver_pgs_pyramidal"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../oracle/mujoco/models/{name}.xml"));
        let model = scene::model(&std::fs::read_to_string(path).expect("a model"));
        assert_ne!(model.option.solver, Solver::Newton, "{name}");
        let mut other = scene::started(Scene::new(Arc::new(model.clone())));
        let mut newton = with(&model, Solver::Newton, 100, 1e-15);
        scene::run(&mut other, 0.1);
        scene::run(&mut newton, 0.1);
        let pairs = || other.state().q.iter().zip(&newton.state().q);
        let gap = pairs().fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()));
        assert!(gap < 1e-6, "{name}: {gap:e}");
    }
}

/// Iterations are counted, bounded by what the model allows, and come nearer.
#[test]
fn more_iterations_come_nearer() {
    for (name, model) in scenes() {
        let mut newton = with(&model, Solver::Newton, 100, 1e-15);
        scene::run(&mut newton, 0.5);
        let mut start = newton.snapshot();
        // Nothing to start from.
        start.warm_start.fill(0.0);
        newton.restore(&start);
        newton.forward().expect("stable");
        for solver in OTHERS {
            let gaps = [1, 10, 100, 1_000].map(|most| {
                let mut world = with(&model, solver, most, 0.0);
                world.restore(&start);
                world.forward().expect("stable");
                assert!(world.solver_report().most_iterations <= most, "{name}, {solver:?}: more than {most} iterations");
                gap(&world, &newton)
            });
            assert!(gaps[0] > 1e-6 && gaps[0] > 100.0 * gaps[2] && gaps[3] < 1e-8, "{name}, {solver:?}: {gaps:?}");
        }
    }
}

/// A tolerance ends the iterations early.
#[test]
fn a_wide_tolerance_takes_fewer_iterations() {
    for (name, model) in scenes() {
        for solver in OTHERS {
            let iterations = [1e-3, 1e-8].map(|tolerance| {
                let mut world = with(&model, solver, 500, tolerance);
                let mut sum = 0;
                for _ in 0..100 {
                    world.step().expect("stable");
                    sum += world.solver_report().iterations;
                }
                sum
            });
            assert!(iterations[0] < iterations[1], "{name}, {solver:?}: {iterations:?}");
        }
    }
}

/// In contact mode `stick` the choice has no effect, to the last bit.
#[test]
fn stick_is_always_newtons() {
    for (name, mut model) in scenes() {
        model.option.stick = true;
        let mut worlds = [Solver::Newton, OTHERS[0], OTHERS[1]].map(|solver| with(&model, solver, 100, 1e-8));
        worlds.iter_mut().for_each(|world| scene::run(world, 0.3));
        for world in &worlds[1..] {
            assert_eq!(world.state().q, worlds[0].state().q, "{name}");
        }
    }
}

/// Rows of boxes side by side: hundreds of rows in one island.
#[test]
fn gauss_seidel_holds_a_wall() {
    let pile = |columns: usize| {
        let bodies: String = (0..4 * columns)
            .map(|i| {
                format!(
                    "<body pos='{} 0 {}'><freejoint/><geom type='box' size='0.1 0.1 0.05'/></body>",
                    0.2 * (i / 4) as f64,
                    0.05 + 0.0999 * (i % 4) as f64
                )
            })
            .collect();
        scene::model(&format!(
            "<mujoco><option solver='PGS' cone='elliptic' iterations='20'/><worldbody><geom type='plane' size='9 9 1'/>{bodies}</worldbody></mujoco>"
        ))
    };
    let rows = [4, 16].map(|columns| {
        let mut world = scene::started(Scene::new(Arc::new(pile(columns))));
        scene::run(&mut world, 0.2);
        for (i, body) in world.state().q.chunks(7).enumerate() {
            let sunk = 0.05 + 0.0999 * (i % 4) as f64 - body[2];
            assert!(sunk.abs() < 2e-3, "box {i} has sunk by {sunk} m");
        }
        world.constraint_count()
    });
    assert!(rows[1] >= 4 * rows[0] && rows[0] > 100, "{rows:?}");
}
