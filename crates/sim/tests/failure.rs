//! Failure is data: whatever breaks a step ends it with time, body and cause, and leaves the motion as it was.

mod scene;

use leitai_sim::{Cause, State, Unstable, World};
use scene::world;
use std::fmt::Write;

/// A link on a hinge with a motor, and a paddle moved by the program.
const LINK: &str = "<mujoco><option timestep='0.002'/><worldbody>\
    <body name='link' pos='0 0 1'><joint name='hinge' axis='0 1 0'/><geom type='capsule' fromto='0 0 0 0.3 0 0' size='0.02'/></body>\
    <body name='paddle' mocap='true' pos='0 1 0'><geom size='0.1'/></body></worldbody>\
    <actuator><motor joint='hinge'/></actuator></mujoco>";

fn broken(world: &mut World) -> Unstable {
    let digest = world.state().digest();
    let why = world.step().expect_err("a step that breaks down");
    assert_eq!(world.state().digest(), digest, "the state stays as it was");
    assert_eq!(why.time_s, world.time_s());
    why
}

/// A controller that divides by zero: the step that was to obey it says when, whose joint, and that the command was no number.
/// With a number the same world goes on.
#[test]
fn a_command_that_is_no_number_is_told() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut world = world(LINK);
        for _ in 0..50 {
            world.step().expect("stable");
        }
        world.ctrl_mut()[0] = bad;
        let why = broken(&mut world);
        assert_eq!((why.time_s, &*why.body, why.cause), (0.1, "link", Cause::Command));
        let text = "the simulation became unstable at 0.1 s at body `link`: a command is not a finite number";
        assert_eq!(why.to_string(), text);
        world.ctrl_mut()[0] = 0.1;
        world.step().expect("stable again");
    }
}

type Set = fn(&mut State, f64);

/// The same for everything else that a program may set.
#[test]
fn whatever_the_program_sets_is_checked() {
    let nan = f64::NAN;
    let cases: [(&str, Set); 4] = [
        ("link", |state, bad| state.joint_force[0] = bad),
        ("link", |state, bad| state.body_force[1].linear.y = bad),
        ("paddle", |state, bad| state.mocap[0].position.z = bad),
        ("world", |state, bad| state.gravity.x = bad),
    ];
    for (body, set) in cases {
        let mut world = world(LINK);
        world.change(|state| set(state, nan));
        let why = broken(&mut world);
        assert_eq!((&*why.body, why.cause), (body, Cause::Command));
    }
    for (cause, set) in
        [(Cause::Position, (|state, bad| state.q[0] = bad) as Set), (Cause::Velocity, |state, bad| state.v[0] = bad)]
    {
        for bad in [nan, 1e11, f64::NEG_INFINITY] {
            let mut world = world(LINK);
            world.change(|state| set(state, bad));
            let why = broken(&mut world);
            assert_eq!((&*why.body, why.cause), ("link", cause));
        }
    }
}

/// Whatever NaN a processor makes, a digest sees one and the same.
#[test]
fn a_digest_never_sees_the_bits_of_a_nan() {
    let digest = |nan: f64| {
        let mut world = world(LINK);
        world.change(|state| state.v[0] = nan);
        world.state().digest()
    };
    let quiet = digest(f64::from_bits(0x7ff8_0000_0000_0000));
    assert_eq!(digest(f64::from_bits(0xfff8_0000_0000_0001)), quiet);
    assert_eq!(digest(f64::from_bits(0x7ff0_0000_0000_0001)), quiet);
    assert_ne!(digest(1.0), quiet);
}

/// Gains far beyond what the step can hold blow up under every integrator; each time it is told, and no number that is none
/// stays behind.
#[test]
fn gains_that_explode_end_in_a_cause() {
    for integrator in ["Euler", "implicitfast", "RK4"] {
        let mut world = world(&format!(
            "<mujoco><option timestep='0.01' integrator='{integrator}'/><worldbody><geom type='plane' size='1 1 1'/>\
             <body name='a' pos='0 0 0.5'><joint name='a' axis='0 1 0'/><geom type='capsule' fromto='0 0 0 0.3 0 0' size='0.02'/>\
             <body name='b' pos='0.3 0 0'><joint name='b' axis='0 1 0'/><geom type='capsule' fromto='0 0 0 0.3 0 0' size='0.02'/>\
             </body></body></worldbody>\
             <actuator><motor joint='a'/><motor joint='b'/></actuator></mujoco>"
        ));
        world.change(|state| state.q[0] = 0.3);
        let mut why = None;
        for _ in 0..10_000 {
            let (q, v) = (world.state().q.clone(), world.state().v.clone());
            for (i, u) in world.ctrl_mut().iter_mut().enumerate() {
                *u = -1e3 * q[i] - 100.0 * v[i];
            }
            if let Err(broken) = world.step() {
                why = Some(broken);
                break;
            }
        }
        let why = why.unwrap_or_else(|| panic!("{integrator} held 1000 N·m/rad on 0.3 kg"));
        assert!(["a", "b"].contains(&&*why.body), "{why}");
        assert!(why.time_s > 0.0 && why.time_s == world.time_s(), "{why}");
        let state = world.state();
        assert!(state.q.iter().chain(&state.v).chain(&state.warm_start).all(|x| x.is_finite()), "{integrator}");
    }
}

fn balls_in_one_place(count: usize) -> World {
    let mut bodies = String::new();
    for i in 0..count {
        write!(bodies, "<body name='ball{i}' pos='0 {} 1'><freejoint/><geom size='0.1'/></body>", 1e-6 * i as f64).unwrap();
    }
    world(&format!("<mujoco><worldbody>{bodies}</worldbody></mujoco>"))
}

/// 800 balls in one place touch at 319 600 points, more than there is room for; 1 500 are more pairs than are looked at.
#[test]
fn more_contacts_than_room_end_in_a_cause() {
    let mut crowd = balls_in_one_place(800);
    let why = broken(&mut crowd);
    assert_eq!(why.cause, Cause::Contacts);
    assert!(why.to_string().ends_with("there are more than 262144 contacts"), "{why}");
    assert!(why.body.starts_with("ball"), "{why}");
    let why = broken(&mut balls_in_one_place(1_500));
    assert_eq!(why.cause, Cause::Pairs);
}

/// A field of 10 000 loose boxes is a large model, not a broken one: it loads, and steps.
#[test]
fn a_huge_model_is_only_large() {
    let mut bodies = String::new();
    for i in 0..10_000 {
        let (x, y) = (0.3 * f64::from(i % 100), 0.3 * f64::from(i / 100));
        write!(bodies, "<body pos='{x} {y} 0.0999'><freejoint/><geom type='box' size='0.1 0.1 0.1'/></body>").unwrap();
    }
    let mut field = world(&format!("<mujoco><worldbody><geom type='plane' size='1 1 1'/>{bodies}</worldbody></mujoco>"));
    field.step().expect("stable");
    assert_eq!(field.contacts().len(), 40_000);
}
