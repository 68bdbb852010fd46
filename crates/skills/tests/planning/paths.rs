//! Paths: free when looked at closely, the same every time, and a reason where there is none.

use crate::problems::{self, Problem};
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::{JointId, Model};
use leitai_package::mjcf;
use leitai_skills::planning::connect::Growth;
use leitai_skills::planning::shorten::Shortening;
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

/// The same on every processor, debug or optimized: new bits mean other paths than before, and the commit says why.
#[test]
fn paths_keep_their_bits() {
    let (mut search, mut digest) = (Search::default(), 0_u64);
    for name in ["panda", "ur5"] {
        let robot = problems::robot(name);
        for (problem, improving) in problems::problems(name).iter().flat_map(|p| [(p, 0), (p, 100)]) {
            let Ok(found) = plan(&robot, problem, &mut search, &Settings { improving, ..Settings::default() }) else { continue };
            digest = found.path.iter().flatten().fold(digest, |d, x| d.rotate_left(5) ^ x.to_bits());
        }
    }
    assert_eq!(digest, 0x613c_1ddf_1628_f0f8, "{digest:#x}");
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

fn length(found: &Found) -> f64 {
    let way = |w: &[Vec<f64>]| real::sqrt(w[0].iter().zip(&w[1]).map(|(x, y)| (x - y) * (x - y)).sum());
    found.path.windows(2).map(way).sum()
}

/// The path is at most as long as it was before it was shortened, at least the straight line, and never longer with more samples to
/// look for shorter ones.
#[test]
fn shortening_never_lengthens() {
    let robot = problems::robot("ur5");
    let mut shorter = 0;
    for problem in problems::problems("ur5") {
        let Ok(found) = plan(&robot, &problem, &mut Search::default(), &Settings::default()) else { continue };
        let straight = Found { path: vec![problem.start.clone(), problem.goal.clone()], ..found.clone() };
        let mut last = length(&found);
        assert!(last <= found.first_length + 1e-4 && last >= length(&straight) - 1e-6);
        for improving in [1, 100, 400] {
            let more = Settings { improving, ..Settings::default() };
            let now = length(&plan(&robot, &problem, &mut Search::default(), &more).expect("it was found before"));
            assert!(now <= last + 1e-6, "{}: {now} after {last}", problem.name);
            shorter += usize::from(now < last - 1e-3);
            last = now;
        }
    }
    assert!(shorter >= 4, "{shorter}");
}

/// By geometry: a ball of radius r passes a wall of half width h that reaches down to depth d below the line of both ends on tangents
/// to the circles of radius r about the wall's lower corners. The way over it is longer by an eighth, and shortening alone never leaves
/// the side of the first path.
#[test]
fn paths_tend_to_the_shortest() {
    let model = build(
        r#"<mujoco><worldbody><body name="cart"><joint name="x" type="slide" axis="1 0 0" range="-2 2"/>
        <joint name="z" type="slide" axis="0 0 1" range="-2 2"/><geom type="sphere" size="0.1"/></body></worldbody></mujoco>"#,
    );
    let robot = CollisionModel::new(&model, &Options::new(&[JointId(0), JointId(1)])).expect("a robot");
    let (r, h, d, top) = (0.1, 0.1, 0.5, 0.7);
    let wall = Obstacle {
        name: "wall".into(),
        shape: Shape::Box { half: Vec3::new(h, 1.0, 0.5 * (top + d)) },
        pose: Pose::new(Vec3::new(0.0, 0.0, 0.5 * (top - d)), Quat::IDENTITY),
    };
    let around = |depth: f64| {
        let to_corner = real::sqrt((1.0 - h) * (1.0 - h) + depth * depth);
        let turn = real::atan2(depth, 1.0 - h) + real::asin(r / to_corner);
        2.0 * (real::sqrt(to_corner * to_corner - r * r) + r * turn + h)
    };
    let problem = Problem { name: "wall".into(), start: vec![-1.0, 0.0], goal: vec![1.0, 0.0], obstacles: vec![wall] };
    let mut long = 0;
    for skip in (0..2000).step_by(100) {
        let [first, short, shortest] = [0, 200, 2000].map(|improving| {
            let growth = Growth { range: 0.3, skip, ..Growth::default() };
            let shortening = Shortening { least_gain: 0.005, ..Shortening::default() };
            let settings = Settings { growth, improving, shortening, ..Settings::default() };
            length(&plan(&robot, &problem, &mut Search::default(), &settings).expect("a way around the wall")) / around(d) - 1.0
        });
        // Between the places that are looked at, 1/128 apart, a corner may be cut.
        assert!(first > -0.001 && first < around(top) / around(d) - 1.0 + 0.05, "{skip}: {first}");
        long += usize::from(first > 0.08);
        assert!(short <= first && shortest <= short && shortest > -0.001 && shortest < 0.008, "{skip}: {short} {shortest}");
    }
    assert!(long > 2, "{long} first paths went over the wall");
}
