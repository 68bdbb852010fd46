//! The collision core: lanes against one configuration at a time, balls against shapes, and what it refuses.

use crate::problems;

use leitai_dynamics::{Data, kinematics};
use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Seed, Stream, Vec3, real};
use leitai_model::{JointId, Model};
use leitai_package::mjcf;
use leitai_skills::planning::{
    Checker, CollisionModel, Config, Fit, ModelError, Obstacle, Options, Precision, Scene, SceneError, Watch,
};
use std::collections::BTreeMap;

/// What single precision may miss [m].
const TOLERANCE_M: f64 = 1e-5;

fn build(xml: &str) -> Model {
    let files = BTreeMap::from([("robot.xml".to_string(), xml.as_bytes().to_vec())]);
    mjcf::read("robot.xml", &files).expect("MJCF").spec.build().expect("a model")
}

fn joints(model: &Model) -> Vec<JointId> {
    (0..model.joints.len() as u32).map(JointId).collect()
}

fn random(robot: &CollisionModel, draw: &mut Stream) -> (Vec<f64>, Config) {
    let mut config = Config::default();
    let q = (0..robot.len()).map(|j| {
        let x = draw.uniform(robot.low[j], robot.high[j]) as f32;
        config[j] = x;
        f64::from(x)
    });
    (q.collect(), config)
}

/// The same robot with all balls larger, for what looks at them in double precision.
fn grown(robot: &CollisionModel, by: f64) -> CollisionModel {
    let mut out = robot.clone();
    out.balls.iter_mut().for_each(|b| b.radius += by);
    out.links.iter_mut().for_each(|l| l.bound.radius += by);
    out
}

/// Looking at balls one pair at a time in double precision; single precision may miss 1e-5 m.
#[test]
fn lanes_agree_with_one_configuration_at_a_time() {
    for name in ["panda", "ur5"] {
        let robot = problems::robot(name);
        let (larger, smaller) = (grown(&robot, TOLERANCE_M), grown(&robot, -TOLERANCE_M));
        let mut draw = Seed::from_number(11).stream(name);
        let (mut touching, mut free) = (0, 0);
        for problem in problems::problems(name).iter().step_by(2) {
            let scene = Scene::new(&robot, &problem.obstacles).expect("a scene");
            let mut lanes = Checker::new(&robot, &scene, Precision::Balls);
            let mut outer = Checker::new(&larger, &scene, Precision::Balls);
            let mut inner = Checker::new(&smaller, &scene, Precision::Balls);
            for _ in 0..250 {
                let all: [_; 8] = core::array::from_fn(|_| random(&robot, &mut draw));
                let block = core::array::from_fn(|j| core::array::from_fn(|l| all[l].1[j]));
                let mask = lanes.overlapping(&block);
                assert_eq!(lanes.block(&block), mask == 0, "any and all agree");
                for (l, (q, _)) in all.iter().enumerate() {
                    if mask >> l & 1 == 1 {
                        assert!(outer.touch(q).is_some(), "{name}: touches in lane {l} only: {q:?}");
                        touching += 1;
                    } else {
                        assert_eq!(inner.touch(q), None, "{name}: free in lane {l} only: {q:?}");
                        free += 1;
                    }
                }
            }
        }
        assert!(touching > 800 && free > 800, "{name}: {touching} touching, {free} free");
    }
}

/// Looking at every place of a line one at a time: stretches leave nothing out.
#[test]
fn a_free_line_is_free_in_every_place() {
    for name in ["panda", "ur5"] {
        let robot = problems::robot(name);
        let (larger, smaller) = (grown(&robot, TOLERANCE_M), grown(&robot, -TOLERANCE_M));
        let mut draw = Seed::from_number(12).stream(name);
        let (mut free, mut blocked) = (0, 0);
        for problem in &problems::problems(name) {
            let scene = Scene::new(&robot, &problem.obstacles).expect("a scene");
            let mut lanes = Checker::new(&robot, &scene, Precision::Balls);
            let mut outer = Checker::new(&larger, &scene, Precision::Balls);
            let mut inner = Checker::new(&smaller, &scene, Precision::Balls);
            for _ in 0..300 {
                let (from, start) = random(&robot, &mut draw);
                let (far, _) = random(&robot, &mut draw);
                let share = draw.uniform(0.05, 0.6);
                if lanes.scene.base_touch(Precision::Balls).is_some() || !lanes.free(&start) {
                    continue;
                }
                let to: Vec<f64> = from.iter().zip(&far).map(|(a, b)| f64::from((a + (b - a) * share) as f32)).collect();
                let mut end = Config::default();
                to.iter().zip(&mut end).for_each(|(x, e)| *e = *x as f32);
                // As many places as the lanes look at: eight times the steps.
                let length = real::sqrt(from.iter().zip(&to).map(|(a, b)| (a - b) * (a - b)).sum());
                let places = 8.0 * real::max(real::ceil(length * 4.0), 1.0);
                let at = |k: usize| -> Vec<f64> { from.iter().zip(&to).map(|(a, b)| a + (b - a) * k as f64 / places).collect() };
                if lanes.edge_free(&start, &end) {
                    free += 1;
                    for k in 1..=places as usize {
                        assert_eq!(inner.touch(&at(k)), None, "{name} {}: place {k}", problem.name);
                    }
                } else {
                    blocked += 1;
                    let found = (1..=places as usize).any(|k| outer.touch(&at(k)).is_some());
                    assert!(found, "{name} {}: blocked nowhere", problem.name);
                }
            }
        }
        assert!(free > 100 && blocked > 100, "{name}: {free} free, {blocked} blocked");
    }
}

/// The engine's own kinematics.
#[test]
fn shapes_stand_where_kinematics_puts_them() {
    let (model, ids) = problems::model("panda");
    let robot = problems::robot("panda");
    let mut draw = Seed::from_number(5).stream("places");
    let (mut data, mut places) = (Data::new(&model), Vec::new());
    for _ in 0..100 {
        let (q, _) = random(&robot, &mut draw);
        let mut all = model.q0.clone();
        ids.iter().zip(&q).for_each(|(id, x)| all[model.joints[id.index()].q_start as usize] = *x);
        kinematics(&model, &mut data, &all);
        robot.place(&q, &mut places);
        for link in &robot.links {
            let body = &model.bodies[model.body_named(&link.name).expect("a link").index()];
            for (k, (_, local)) in link.shapes.iter().enumerate() {
                let here = link.frame.map_or(local.position, |f| places[f].apply(local.position));
                let there = data.geom[body.geom_start as usize + k].position;
                assert!((here - there).norm() < 1e-12, "{}: {here:?} {there:?}", link.name);
            }
        }
    }
}

const ARM: &str = r#"<mujoco><compiler angle="radian"/><worldbody><body name="base">
  <geom type="cylinder" size="0.05 0.02"/>
  <body name="upper" pos="0 0 0.05"><joint name="a" axis="0 0 1" range="-3 3"/><geom type="capsule" fromto="0.1 0 0 0.4 0 0" size="0.03"/>
  <body name="fore" pos="0.5 0 0"><joint name="b" axis="0 0 1" range="-3 3"/><geom type="box" pos="0.2 0 0" size="0.1 0.03 0.03"/>
  <body name="hand" pos="0.4 0 0"><joint name="c" axis="0 0 1" range="-3 3"/><geom type="ellipsoid" size="0.05 0.03 0.03"/>
  </body></body></body></body></worldbody></mujoco>"#;

/// By the geometry of a planar arm: the hand folds back onto the upper arm, links of one joint are not watched, and the base lies
/// below everything.
#[test]
fn pairs_that_meet_are_found_by_sampling() {
    let model = build(ARM);
    let robot = CollisionModel::new(&model, &Options::new(&joints(&model))).expect("a robot");
    let names: Vec<[&str; 2]> = robot.pairs.iter().map(|p| p.map(|a| &robot.links[a].name[..])).collect();
    assert_eq!(names, [["upper", "hand"]]);
}

/// Exact distances of the shapes: what covering balls clear is clear.
#[test]
fn fitted_balls_never_pass_what_shapes_touch() {
    let model = build(ARM);
    let robot = CollisionModel::new(&model, &Options::new(&joints(&model))).expect("a robot");
    let shape = |k: usize| match k % 5 {
        0 => Shape::Sphere { radius: 0.08 },
        1 => Shape::Capsule { radius: 0.05, half_length: 0.1 },
        2 => Shape::Box { half: Vec3::new(0.05, 0.1, 0.07) },
        3 => Shape::Cylinder { radius: 0.06, half_length: 0.08 },
        _ => Shape::Ellipsoid { radii: Vec3::new(0.05, 0.1, 0.08) },
    };
    let nothing = Scene::new(&robot, &[]).expect("a scene");
    let mut alone = Checker::new(&robot, &nothing, Precision::Exact);
    let mut draw = Seed::from_number(21).stream("scenes");
    let (mut sharp, mut blunt) = (0, 0);
    for round in 0..40 {
        let obstacles: Vec<Obstacle> = (0..5)
            .map(|k| {
                let mut any =
                    |most: f64| Vec3::new(draw.uniform(-most, most), draw.uniform(-most, most), draw.uniform(-most, most));
                let pose = Pose::new(any(0.9).scaled(Vec3::new(1.0, 1.0, 0.1)), Quat::from_rotation_vector(any(2.0)));
                let turned = if round % 2 == 0 { pose.rotation } else { Quat::from_rotation_vector(Vec3::new(0.0, 0.0, 0.7)) };
                Obstacle { name: format!("o{k}"), shape: shape(k), pose: Pose::new(pose.position, turned) }
            })
            .collect();
        let scene = Scene::new(&robot, &obstacles).expect("a scene");
        let mut balls = Checker::new(&robot, &scene, Precision::Balls);
        let mut exact = Checker::new(&robot, &scene, Precision::Exact);
        let mut places = Vec::new();
        for _ in 0..200 {
            let (q, config) = random(&robot, &mut draw);
            robot.place(&q, &mut places);
            let touches = robot.links.iter().filter(|l| l.frame.is_some()).any(|link| {
                link.shapes.iter().any(|(shape, local)| {
                    let at = link.frame.map(|f| leitai_geometry::Placement {
                        position: places[f].apply(local.position),
                        rotation: places[f].rotation * local.rotation,
                    });
                    scene
                        .obstacles
                        .iter()
                        .any(|(o, at_o)| leitai_geometry::distance(shape, &at.expect("moving"), &o.shape, at_o) <= 0.0)
                })
            });
            if alone.touch(&q).is_some() {
                continue;
            }
            assert_eq!(exact.free(&config), !touches, "{q:?}");
            assert!(!(touches && balls.free(&config)), "balls miss a touch at {q:?}");
            sharp += usize::from(touches);
            blunt += usize::from(!balls.free(&config) && !touches);
        }
    }
    assert!(sharp > 300 && blunt > 100, "{sharp} touch, {blunt} only by balls");
}

/// By hand: two slides push a ball of 0.1 m towards a wall 1 m away; the share of the way at which they meet is known.
#[test]
fn the_first_touch_on_a_line_is_named() {
    let model = build(
        r#"<mujoco><worldbody><body name="cart"><joint name="x" type="slide" axis="1 0 0" range="-2 2"/>
        <geom type="sphere" size="0.1"/></body></worldbody></mujoco>"#,
    );
    let robot = CollisionModel::new(&model, &Options::new(&joints(&model))).expect("a robot");
    let wall = |name: &str, x: f64| Obstacle {
        name: name.into(),
        shape: Shape::Box { half: Vec3::new(0.05, 1.0, 1.0) },
        pose: Pose::new(Vec3::new(x, 0.0, 0.0), Quat::IDENTITY),
    };
    let scene = Scene::new(&robot, &[wall("far wall", 1.5), wall("near wall", 1.05)]).expect("a scene");
    let mut checker = Checker::new(&robot, &scene, Precision::Exact);
    let (share, touch) = checker.first_touch(&[0.0], &[2.0]).expect("it meets the wall");
    assert_eq!(touch.describe(&robot, &scene), "`cart` touches obstacle `near wall`");
    assert!((share - 0.45).abs() <= 1.0 / 64.0, "{share}");
    assert_eq!(checker.first_touch(&[0.0], &[0.85]), None);
}

#[test]
fn bad_models_are_refused_with_the_reason() {
    let refused = |xml: &str| {
        let model = build(xml);
        CollisionModel::new(&model, &Options::new(&joints(&model))).expect_err("refused").to_string()
    };
    let arm = |joint: &str, geom: &str| {
        format!(
            r#"<mujoco><worldbody><body name="b">{joint}<inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>{geom}</body></worldbody></mujoco>"#
        )
    };
    let ball = r#"<geom type="sphere" size="0.1"/>"#;
    assert_eq!(
        refused(&arm(r#"<freejoint name="f"/>"#, ball)),
        "joint `f` is free or a ball; only hinges and slides can be planned"
    );
    let endless = refused(&arm(r#"<joint name="s" type="slide"/>"#, ball));
    assert!(endless.starts_with("joint `s` ranges from -inf to inf; a planned joint needs two limits"), "{endless}");
    let huge = refused(&arm(r#"<joint name="s" type="slide" range="0 1e30"/>"#, ball));
    assert!(huge.contains("at most 1000 in size"), "{huge}");
    let far = refused(&arm(r#"<joint name="s" type="slide" range="0 1"/>"#, r#"<geom type="sphere" size="1e8"/>"#));
    assert_eq!(far, "link `b` has a shape that is no number, empty or larger than 1000 m");

    let model = build(ARM);
    let id = JointId(0);
    let ids = [id];
    let twice = CollisionModel::new(&model, &Options::new(&[id, id])).expect_err("refused");
    assert_eq!(twice, ModelError::TwiceJoint("a".into()));
    assert_eq!(CollisionModel::new(&model, &Options::new(&[])).expect_err("refused"), ModelError::JointCount(0));
    assert_eq!(CollisionModel::new(&model, &Options::new(&[JointId(9)])).expect_err("refused"), ModelError::NoSuchJoint(9));
    let rest = [0.0, f64::NAN, 0.0];
    let options = Options { rest: Some(&rest), ..Options::new(&ids) };
    assert_eq!(CollisionModel::new(&model, &options).expect_err("refused"), ModelError::Rest { wanted: 3 });
    let pairs = [["upper".to_string(), "wrist".to_string()]];
    let options = Options { watch: Watch::AllBut(&pairs), ..Options::new(&ids) };
    assert_eq!(CollisionModel::new(&model, &options).expect_err("refused").to_string(), "the model has no link `wrist`");
    let options = Options { fit: Fit { most: 5000, finest_m: 0.0 }, ..Options::new(&ids) };
    assert!(matches!(CollisionModel::new(&model, &options), Err(ModelError::TooMany { .. })));
}

#[test]
fn bad_obstacles_are_refused_with_the_reason() {
    let model = build(ARM);
    let robot = CollisionModel::new(&model, &Options::new(&joints(&model))).expect("a robot");
    let at = |x: f64| Pose::new(Vec3::new(x, 0.0, 0.0), Quat::IDENTITY);
    let one = |shape: Shape, pose: Pose| Scene::new(&robot, &[Obstacle { name: "thing".into(), shape, pose }]);
    let bad = |shape: Shape, pose: Pose| {
        assert_eq!(one(shape, pose).expect_err("refused"), SceneError::NoNumber("thing".into()));
    };
    bad(Shape::Sphere { radius: f64::NAN }, at(0.0));
    bad(Shape::Sphere { radius: 0.0 }, at(0.0));
    bad(Shape::Sphere { radius: 1e9 }, at(0.0));
    bad(Shape::Sphere { radius: 1.0 }, at(f64::INFINITY));
    bad(Shape::Box { half: Vec3::new(1.0, -1.0, 1.0) }, at(0.0));
    bad(Shape::Sphere { radius: 1.0 }, Pose::new(Vec3::ZERO, Quat::new(f64::NAN, 0.0, 0.0, 0.0)));
    let many = vec![Obstacle { name: String::new(), shape: Shape::Sphere { radius: 1.0 }, pose: at(0.0) }; 4097];
    assert_eq!(Scene::new(&robot, &many).expect_err("refused"), SceneError::TooMany(4097));
    // A floor has no end, but is fine where it is.
    let floor = one(Shape::Plane { half: [0.0; 2] }, Pose::new(Vec3::new(0.0, 0.0, -0.5), Quat::IDENTITY)).expect("a scene");
    assert!(Checker::new(&robot, &floor, Precision::Exact).free(&Config::default()));
}
