//! Paths: free when looked at closely, the same every time, and a reason where there is none.

use crate::problems::{self, Problem};
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::{JointId, Model};
use leitai_package::mjcf;
use leitai_skills::planning::connect::Growth;
use leitai_skills::planning::{
    Checker, CollisionModel, Found, NoPath, Obstacle, Options, Precision, Scene, Search, Settings, Touch,
};
use std::collections::BTreeMap;

fn plan(robot: &CollisionModel, problem: &Problem, search: &mut Search, settings: &Settings) -> Result<Found, NoPath> {
    let scene = Scene::new(robot, &problem.obstacles).expect("a scene");
    search.path(&mut Checker::new(robot, &scene, Precision::Balls), &problem.start, &problem.goal, settings)
}

/// Looking at balls one pair at a time in double precision, four times as closely as the search did (and at other places); single
/// precision may miss 1e-5 m.
#[test]
fn paths_are_free_when_looked_at_closely() {
    let (mut search, mut solved) = (Search::default(), 0);
    for name in ["panda", "ur5"] {
        let robot = problems::robot(name);
        let mut smaller = robot.clone();
        smaller.balls.iter_mut().for_each(|b| b.radius -= 1e-5);
        for problem in problems::problems(name) {
            let Ok(found) = plan(&robot, &problem, &mut search, &Settings::default()) else { continue };
            solved += 1;
            assert_eq!((found.path.first(), found.path.last()), (Some(&problem.start), Some(&problem.goal)));
            let scene = Scene::new(&robot, &problem.obstacles).expect("a scene");
            let mut close = Checker::new(&smaller, &scene, found.precision);
            close.per_unit *= 4.0;
            for edge in found.path.windows(2) {
                assert_eq!(close.first_touch(&edge[0], &edge[1]), None, "{}", problem.name);
            }
            for (q, (low, high)) in found.path.iter().flat_map(|q| q.iter().zip(robot.low.iter().zip(&robot.high))) {
                assert!(*q >= low - 1e-6 && *q <= high + 1e-6, "{}", problem.name);
            }
        }
    }
    // Of eleven, one goal of each robot touches by balls, and balls are all that these robots have.
    assert_eq!(solved, 9);
}

/// One work space for all, or a new one each time: nothing of an earlier search is left.
#[test]
fn a_path_has_the_same_bits_every_time() {
    let robot = problems::robot("panda");
    let mut kept = Search::default();
    let mut different = 0;
    for problem in problems::problems("panda") {
        let bits = |found: Result<Found, NoPath>| -> Vec<u64> {
            found.map_or_else(|_| Vec::new(), |f| f.path.iter().flatten().map(|x| x.to_bits()).collect())
        };
        let first = bits(plan(&robot, &problem, &mut kept, &Settings::default()));
        let again = bits(plan(&robot, &problem, &mut Search::default(), &Settings::default()));
        assert_eq!(first, again, "{}", problem.name);
        let growth = Growth { skip: 1000, ..Growth::default() };
        let other = bits(plan(&robot, &problem, &mut kept, &Settings { growth, ..Settings::default() }));
        different += usize::from(other != first);
    }
    assert!(different > 2, "other samples give other paths");
}

fn build(xml: &str) -> Model {
    let files = BTreeMap::from([("robot.xml".to_string(), xml.as_bytes().to_vec())]);
    mjcf::read("robot.xml", &files).expect("MJCF").spec.build().expect("a model")
}

/// A plate that slides in a plane, 0.2 m high and 0.4 m wide.
fn plate() -> CollisionModel {
    let model = build(
        r#"<mujoco><worldbody><body name="plate"><joint name="x" type="slide" axis="1 0 0" range="-2 2"/>
        <joint name="z" type="slide" axis="0 0 1" range="-1 1"/><geom type="box" size="0.2 0.2 0.1"/></body></worldbody></mujoco>"#,
    );
    CollisionModel::new(&model, &Options::new(&[JointId(0), JointId(1)])).expect("a robot")
}

/// A wall across the way, with a slot from `low` to `high`.
fn slot(low: f64, high: f64) -> Vec<Obstacle> {
    let part = |name: &str, from: f64, to: f64| Obstacle {
        name: name.into(),
        shape: Shape::Box { half: Vec3::new(0.1, 2.0, 0.5 * (to - from)) },
        pose: Pose::new(Vec3::new(0.0, 0.0, 0.5 * (from + to)), Quat::IDENTITY),
    };
    vec![part("sill", -3.0, low), part("lintel", high, 3.0)]
}

fn through(obstacles: Vec<Obstacle>, settings: &Settings) -> Result<Found, NoPath> {
    let problem = Problem { name: "slot".into(), start: vec![-1.0, 0.0], goal: vec![1.0, 0.3], obstacles };
    plan(&plate(), &problem, &mut Search::default(), settings)
}

/// By hand: a plate 0.2 m high passes a slot of 0.24 m, which balls around its sixteenths, 0.245 m high, do not.
#[test]
fn shapes_pass_where_balls_do_not() {
    let growth = Growth { iterations: 2000, ..Growth::default() };
    let settings = Settings { growth, ..Settings::default() };
    let found = through(slot(0.15, 0.39), &settings).expect("it fits");
    assert_eq!(found.precision, Precision::Exact);
    let inside = |w: &[Vec<f64>]| {
        // The height at which the straight line crosses the wall's middle.
        let share = -w[0][0] / (w[1][0] - w[0][0]);
        (0.0..=1.0).contains(&share).then(|| w[0][1] + share * (w[1][1] - w[0][1]))
    };
    let height = found.path.windows(2).find_map(inside).expect("it crosses");
    assert!(height > 0.25 && height < 0.29, "{height}");
    let wide = through(slot(-0.5, 0.6), &settings).expect("it fits");
    assert_eq!(wide.precision, Precision::Balls);
}

#[test]
fn what_blocks_is_named() {
    let few = Settings { growth: Growth { iterations: 200, ..Growth::default() }, ..Settings::default() };
    let closed = through(slot(0.2, 0.35), &few).expect_err("it does not fit");
    assert_eq!(
        closed.to_string(),
        "no path within 400 samples; the straight line is blocked where `plate` touches obstacle `sill`"
    );
    let at = |start: Vec<f64>| {
        let problem = Problem { name: String::new(), start, goal: vec![1.0, 0.0], obstacles: slot(-0.05, 0.5) };
        plan(&plate(), &problem, &mut Search::default(), &few).expect_err("refused")
    };
    let blocked = at(vec![0.0, 0.0]);
    assert!(matches!(blocked, NoPath::Blocked { touch: Some(Touch::Obstacle(0, 0)), .. }));
    assert_eq!(blocked.to_string(), "at the start, `plate` touches obstacle `sill`");
    assert_eq!(at(vec![0.0, 1.5]).to_string(), "at the start, joint `z` is at 1.5, outside its limits -1 to 1");
    for bad in [vec![f64::NAN, 0.0], vec![0.0, f64::INFINITY], vec![0.0]] {
        assert!(at(bad).to_string().starts_with("the start needs 2 finite joint positions"));
    }
}

/// Settings that ask for nothing end; those that are no number are refused.
#[test]
fn odd_settings_end() {
    let few = |range: f32| {
        let growth = Growth { range, iterations: 50, nodes: 1000, ..Growth::default() };
        through(slot(0.2, 0.35), &Settings { growth, ..Settings::default() }).expect_err("it does not fit")
    };
    for range in [1e-3, 1.0, 1e30, f32::INFINITY] {
        assert!(matches!(few(range), NoPath::NotFound { .. }), "{range}");
    }
    for range in [0.0, -1.0, f32::NAN, 1e-30] {
        assert!(matches!(few(range), NoPath::Range(_)), "{range}");
    }
    let none = Settings { growth: Growth { iterations: 0, ..Growth::default() }, ..Settings::default() };
    assert!(through(slot(0.3, 0.9), &none).is_err());
}

/// The path is at most as long as it was before it was shortened, at least the straight line, and no longer with more tries.
#[test]
fn shortening_never_lengthens() {
    let robot = problems::robot("ur5");
    let way = |a: &[f64], b: &[f64]| real::sqrt(a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum());
    let length = |found: &Found| found.path.windows(2).map(|w| way(&w[0], &w[1])).sum::<f64>();
    for problem in problems::problems("ur5") {
        let Ok(found) = plan(&robot, &problem, &mut Search::default(), &Settings::default()) else { continue };
        let once = length(&found);
        assert!(once <= found.first_length + 1e-4 && once >= way(&problem.start, &problem.goal) - 1e-6);
        let more = Settings { tries: 3, ..Settings::default() };
        let more = plan(&robot, &problem, &mut Search::default(), &more).expect("it was found before");
        assert!(length(&more) <= once + 1e-6, "{}", problem.name);
    }
}
