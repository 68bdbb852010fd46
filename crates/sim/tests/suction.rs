//! Suction cups: when they seal, what they lift, and how they let go.

mod scene;

use leitai_math::{Pose, Quat, Vec3};
use leitai_model::spec::{Source, SuctionFigures, SuctionSpec};
use leitai_model::{Spec, SuctionId};
use leitai_sim::{Scene, World};
use scene::G;
use std::collections::BTreeMap;
use std::sync::Arc;

const CUP: SuctionId = SuctionId(0);

/// A cup of 40 mm at 60 kPa: 75.4 N, without limits of its own.
fn figures() -> SuctionFigures {
    SuctionFigures {
        radius_m: 0.02,
        pressure_pa: 60_000.0,
        efficiency: 1.0,
        pull_limit_n: f64::INFINITY,
        shear_limit_n: f64::INFINITY,
        peel_limit_nm: f64::INFINITY,
        seal_distance_m: 0.003,
        seal_angle_rad: 0.0873,
        evacuate_s: 0.1,
    }
}

fn force() -> f64 {
    60_000.0 * std::f64::consts::PI * 0.02 * 0.02
}

/// A vertical drive, a ton without weight so that no load moves it, that holds what `inside` says, with its frame at the
/// height `z` upside down; and `things`, in `gravity`.
fn scene_of(z: f64, gravity: f64, inside: &str, things: &str) -> Spec {
    let mjcf = format!(
        "<mujoco><option timestep='0.002' cone='elliptic' impratio='10' integrator='implicitfast' gravity='0 0 {}'/>\
         <default><geom friction='0.5 0.005 0.0001' condim='4'/></default><worldbody>\
         <body name='tool' pos='0 0 {z}' euler='180 0 0' gravcomp='1'><joint name='lift' type='slide' axis='0 0 -1'/>\
           <inertial pos='0 0 0' mass='1000' diaginertia='10 10 10'/>{inside}</body>{things}</worldbody>\
         <actuator><position joint='lift' kp='1e6' kv='6e4'/></actuator></mujoco>",
        -gravity
    );
    let files: BTreeMap<String, Vec<u8>> = [("scene.xml".to_string(), mjcf.into_bytes())].into();
    let mut spec = leitai_package::mjcf::read("scene.xml", &files).expect("a valid scene").spec;
    spec.option.stick = true;
    spec.option.sleep = true;
    spec
}

/// A cup on the drive, its lip 10 mm long with its mouth at the height `lip`.
fn cell(figures: SuctionFigures, lip: f64, gravity: f64, things: &str) -> World {
    let cup = "<geom type='cylinder' size='0.02 0.005' pos='0 0 -0.005'/><site name='lip'/>";
    let mut spec = scene_of(lip, gravity, cup, things);
    spec.suctions.push(SuctionSpec { name: "cup".into(), site: "lip".into(), figures, source: Source::default() });
    World::new(&Scene::new(Arc::new(spec.build().expect("a valid model"))))
}

/// A plate of 0.3 × 0.3 × 0.02 m that lies on the ground.
fn plate(mass: f64) -> String {
    format!(
        "<geom type='plane' size='2 2 1'/><body name='plate' pos='0 0 0.01'><freejoint/>\
         <geom type='box' size='0.15 0.15 0.01' mass='{mass}'/></body>"
    )
}

/// The same plate afloat.
fn floating_plate() -> String {
    "<body name='plate' pos='0 0 0.01'><freejoint/><geom type='box' size='0.15 0.15 0.01' mass='1'/></body>".to_string()
}

fn run(world: &mut World, seconds: f64) {
    scene::run(world, seconds);
}

/// Raises the tool with a smooth speed profile whose greatest acceleration is `acceleration`.
fn raise(world: &mut World, way: f64, acceleration: f64) {
    let time = (way * std::f64::consts::TAU / acceleration).sqrt();
    let (start, z0) = (world.time_s(), world.state().ctrl[0]);
    while world.time_s() - start < time {
        let s = ((world.time_s() - start + 0.002) / time).min(1.0);
        let tau = std::f64::consts::TAU;
        world.ctrl_mut()[0] = z0 + way * (s - (tau * s).sin() / tau);
        world.step().expect("stable");
    }
}

fn sealed(world: &World) -> bool {
    world.state().cups[0].sealed_on.is_some()
}

/// Where the plate is, which is the last body [m].
fn place(world: &World) -> Vec3 {
    world.data().body_pose.last().expect("a plate").position
}

fn height(world: &World) -> f64 {
    place(world).z
}

fn draw(world: &mut World) {
    *world.valve_mut(CUP) = true;
    run(world, 0.3);
}

/// Holding force = area × pressure difference: nine tenths of it is lifted, a tenth more stays on the ground.
#[test]
fn a_cup_lifts_what_its_area_and_pressure_can() {
    for (share, lifts) in [(0.9, true), (1.1, false)] {
        let mut world = cell(figures(), 0.02, G, &plate(share * force() / G));
        run(&mut world, 0.2);
        draw(&mut world);
        assert!(sealed(&world), "it seals on the lying plate");
        assert!((world.state().cups[0].force_n(&world.model().suctions[0]) - force()).abs() < 1e-9);
        // So slowly that only the weight counts.
        // So slowly that only the weight counts.
        raise(&mut world, 0.05, 0.2);
        run(&mut world, 0.5);
        assert_eq!(sealed(&world), lifts, "share {share}");
        assert_eq!(height(&world) > 0.05, lifts, "share {share}: at {} m", height(&world));
        if lifts {
            let load = world.cup_load(CUP);
            assert!((load.pull_n / (share * force()) - 1.0).abs() < 1e-3, "{load:?}");
        }
    }
}

/// Inertia pulls too: what hangs at rest is lost when the tool rises too fast.
#[test]
fn a_hasty_tool_loses_its_load() {
    for (acceleration, keeps) in [(5.0, true), (12.0, false)] {
        let mut world = cell(figures(), 0.02, G, &plate(0.6 * force() / G));
        draw(&mut world);
        raise(&mut world, 0.3, acceleration);
        assert_eq!(sealed(&world), keeps, "0.6·({G} + {acceleration})/{G} of the force");
    }
}

/// Its own limit of pull may be below what the air gives.
#[test]
fn a_cup_tears_off_at_its_pull_limit() {
    for (limit, holds) in [(33.0, true), (29.0, false)] {
        let mut world = cell(SuctionFigures { pull_limit_n: limit, ..figures() }, 0.02, G, &plate(30.0 / G));
        draw(&mut world);
        raise(&mut world, 0.05, 0.1);
        assert_eq!(sealed(&world), holds, "limit {limit} N");
    }
}

/// Shear: friction times the force of the air, then the plate slides, and when the lip passes its edge the seal is gone.
#[test]
fn a_plate_slides_off_past_friction_times_force() {
    let slid = |share: f64| {
        let mut world = cell(figures(), 0.02, 0.0, &floating_plate());
        draw(&mut world);
        world.change(|s| s.body_force[2].linear.x = share * 0.5 * force());
        run(&mut world, 1.0);
        (place(&world).x, sealed(&world), world.cup_load(CUP).shear_n)
    };
    let (way, held, shear) = slid(0.95);
    assert!(held && way < 1e-3, "below the limit it moves {way} m");
    assert!((shear / (0.95 * 0.5 * force()) - 1.0).abs() < 1e-3, "and bears {shear} N");
    let (way, held, _) = slid(1.1);
    assert!(!held && way > 0.13, "above the limit it moves {way} m and is lost");
}

/// The cup's own limits of shear and peel end the hold at once.
#[test]
fn a_cup_tears_off_at_its_shear_and_peel_limits() {
    let holds = |figures: SuctionFigures, push: Vec3, turn: Vec3| {
        let mut world = cell(figures, 0.02, 0.0, &floating_plate());
        draw(&mut world);
        // Raised slowly, so that nothing swings beyond it.
        for k in 1..=500 {
            let share = f64::from(k) / 500.0;
            world.change(|s| (s.body_force[2].linear, s.body_force[2].angular) = (push * share, turn * share));
            world.step().expect("stable");
        }
        run(&mut world, 0.5);
        sealed(&world)
    };
    let shear = SuctionFigures { shear_limit_n: 20.0, ..figures() };
    // The push acts at the plate's center, 10 mm below the lip.
    assert!(holds(shear, Vec3::X * 19.0, Vec3::ZERO));
    assert!(!holds(shear, Vec3::X * 21.0, Vec3::ZERO));
    let peel = SuctionFigures { peel_limit_nm: 0.5, ..figures() };
    assert!(holds(peel, Vec3::ZERO, Vec3::Y * 0.48));
    assert!(!holds(peel, Vec3::ZERO, Vec3::Y * 0.52));
}

/// Peel without a limit of its own: the rim opens when the moment passes force × radius.
#[test]
fn a_rim_opens_past_force_times_radius() {
    let holds = |share: f64| {
        let mut world = cell(figures(), 0.02, 0.0, &floating_plate());
        draw(&mut world);
        for k in 1..=500 {
            world.change(|s| s.body_force[2].angular.x = f64::from(k) / 500.0 * share * force() * 0.02);
            world.step().expect("stable");
        }
        run(&mut world, 0.5);
        sealed(&world)
    };
    // A soft lip leans over before it opens, so the limit is felt a little early.
    assert!(holds(0.8));
    assert!(!holds(1.1));
}

/// No seal on a gap, on a slope, on a ball, over an edge, or across a joint between two things.
#[test]
fn a_cup_seals_only_on_a_flat_near_place() {
    let seals = |lip: f64, thing: &str| {
        let mut world = cell(figures(), lip, 0.0, thing);
        draw(&mut world);
        sealed(&world)
    };
    assert!(seals(0.0225, &floating_plate()), "2.5 mm away");
    assert!(!seals(0.0235, &floating_plate()), "3.5 mm away");
    let tilted = |degrees: f64| {
        format!(
            "<body pos='0 0 0.0085' euler='{degrees} 0 0'><freejoint/><geom type='box' size='0.15 0.15 0.01' mass='1'/></body>"
        )
    };
    assert!(seals(0.02, &tilted(4.0)), "4 degrees");
    assert!(!seals(0.02, &tilted(6.0)), "6 degrees");
    assert!(!seals(0.02, "<body pos='0 0 -0.08'><freejoint/><geom type='sphere' size='0.1' mass='1'/></body>"), "a ball");
    let beside = |x: f64| format!("<body pos='{x} 0 0.01'><freejoint/><geom type='box' size='0.15 0.15 0.01' mass='1'/></body>");
    assert!(seals(0.02, &beside(0.129)), "1 mm from the edge");
    assert!(!seals(0.02, &beside(0.131)), "1 mm over the edge");
    assert!(!seals(0.02, &(beside(0.15) + &beside(-0.15))), "across a joint");
    assert!(!seals(0.02, "<geom type='box' size='0.15 0.15 0.01' pos='0 0 0.01' contype='0' conaffinity='0'/>"), "only drawn");
}

/// A shut valve holds nothing; opening it takes its time; shutting it drops the plate.
#[test]
fn the_valve_commands_the_cup() {
    let mut world = cell(figures(), 0.0215, G, &plate(3.0));
    run(&mut world, 0.5);
    assert!(!sealed(&world));
    assert!((0..world.scene().groups.len()).any(|g| world.state().sleep.is_asleep(g)), "the plate sleeps");
    *world.valve_mut(CUP) = true;
    run(&mut world, 0.05);
    let vacuum = world.state().cups[0].vacuum;
    assert!((vacuum - 0.5).abs() < 1e-9, "half of the time, half of the vacuum, not {vacuum}");
    run(&mut world, 0.05);
    assert_eq!(world.state().cups[0].vacuum, 1.0);
    raise(&mut world, 0.1, 1.0);
    assert!(height(&world) > 0.1, "a plate that slept is lifted");
    *world.valve_mut(CUP) = false;
    run(&mut world, 0.5);
    assert!(!sealed(&world) && height(&world) < 0.011, "dropped to {} m", height(&world));
}

/// Third law: a cup's force is inside the world. Two floating bodies that suck each other keep their momentum.
#[test]
fn a_cup_pulls_both_sides_alike() {
    let things = "<body name='plate' pos='0 0 0.0085'><freejoint/><geom type='box' size='0.15 0.15 0.01' mass='1'/></body>";
    let mjcf = format!(
        "<mujoco><option timestep='0.002' gravity='0 0 0'/><worldbody>\
         <body name='tool' pos='0 0 0.02' euler='180 0 0'><freejoint/><geom type='cylinder' size='0.02 0.005' pos='0 0 -0.005' mass='0.5'/>\
         <site name='lip'/></body>{things}</worldbody></mujoco>"
    );
    let files: BTreeMap<String, Vec<u8>> = [("scene.xml".to_string(), mjcf.into_bytes())].into();
    let mut spec = leitai_package::mjcf::read("scene.xml", &files).unwrap().spec;
    let suction = SuctionSpec { name: "cup".into(), site: "lip".into(), figures: figures(), source: Source::default() };
    spec.suctions.push(suction);
    let mut world = World::new(&Scene::new(Arc::new(spec.build().unwrap())));
    draw(&mut world);
    assert!(sealed(&world));
    let v = &world.state().v;
    let momentum = Vec3::from_slice(v) * 0.5 + Vec3::from_slice(&v[6..]);
    assert!(momentum.norm() < 1e-12, "{momentum:?}");
}

/// A snapshot holds the seal and the vacuum; a digest shows them.
#[test]
fn a_snapshot_keeps_the_seal() {
    let mut world = cell(figures(), 0.02, G, &plate(3.0));
    *world.valve_mut(CUP) = true;
    run(&mut world, 0.04);
    let saved = world.snapshot();
    let mut other = World::new(world.scene());
    other.restore(&saved);
    for world in [&mut world, &mut other] {
        raise(world, 0.1, 2.0);
    }
    assert_eq!(world.state().digest(), other.state().digest());
    let mut changed = saved.clone();
    changed.cups[0].vacuum *= 0.5;
    assert_ne!(changed.digest(), saved.digest());
}

/// Figures that cannot be are refused by name; so is a site that is not there.
#[test]
fn impossible_cups_are_refused() {
    let build = |figures: SuctionFigures, site: &str| {
        let files: BTreeMap<String, Vec<u8>> =
            [("scene.xml".to_string(), b"<mujoco><worldbody><site name='lip'/></worldbody></mujoco>".to_vec())].into();
        let mut spec = leitai_package::mjcf::read("scene.xml", &files).unwrap().spec;
        spec.suctions.push(SuctionSpec { name: "cup".into(), site: site.into(), figures, source: Source::default() });
        spec.build().map(drop).map_err(|e| e.to_string())
    };
    assert!(build(figures(), "lip").is_ok());
    let said = build(SuctionFigures { radius_m: -1.0, ..figures() }, "lip").unwrap_err();
    assert!(said.contains("suction cup `cup` has a radius of -1"), "{said}");
    let said = build(SuctionFigures { pressure_pa: f64::NAN, ..figures() }, "lip").unwrap_err();
    assert!(said.contains("pressure of NaN"), "{said}");
    let said = build(figures(), "lp").unwrap_err();
    assert!(said.contains("did you mean `lip`?"), "{said}");
}

/// The catalog's gripper of four cups: 4 × 75 N lift a 24 kg sheet, with some play for the pick-up, and not one of 32 kg.
#[test]
fn the_catalogs_gripper_lifts_what_its_figures_say() {
    let folder =
        leitai_package::disk::Folder::inside(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/parts/suction-gripper"));
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/parts/suction-gripper/part.toml")).unwrap();
    let manifest = leitai_package::manifest::PartManifest::parse("part.toml", &text).unwrap();
    for (mass, lifts) in [(24.0, true), (32.0, false)] {
        let mut tool = leitai_package::mjcf::read("part.xml", &folder).unwrap().spec;
        tool.suctions = manifest.suction.as_ref().unwrap().cups("part.toml");
        let sheet = format!(
            "<geom type='plane' size='2 2 1'/><body pos='0 0 0.01'><freejoint/><geom type='box' size='0.2 0.15 0.01' mass='{mass}'/></body>"
        );
        let mut spec = scene_of(0.1701, G, "<site name='flange'/>", &sheet);
        spec.attach("flange", &tool, Pose::IDENTITY, "tool/").unwrap();
        let mut world = World::new(&Scene::new(Arc::new(spec.build().unwrap())));
        assert_eq!(world.model().suctions.len(), 4);
        for cup in 0..4 {
            *world.valve_mut(SuctionId(cup)) = true;
        }
        run(&mut world, 0.3);
        assert!(world.state().cups.iter().all(|cup| cup.vacuum == 1.0), "{:?}", world.state().cups);
        raise(&mut world, 0.1, 0.3);
        assert_eq!(height(&world) > 0.1, lifts, "{mass} kg at {} m", height(&world));
    }
}

/// A cup of 40 g between 75 N of vacuum and its plunger's stop does not bounce on the surface: the load on it is steady.
#[test]
fn a_light_cup_does_not_bounce() {
    let cup = "<body><joint type='slide' axis='0 0 1' range='-0.01 0' limited='true' stiffness='3000' damping='30' solreflimit='0.004 1' \
        solimplimit='0.99 0.999 0.001'/><geom type='cylinder' size='0.02 0.005' pos='0 0 -0.005' mass='0.04' solref='0.004 1' \
        solimp='0.99 0.999 0.001' priority='1'/><site name='lip'/></body>";
    let mut spec = scene_of(0.02, G, cup, &plate(4.0));
    spec.suctions.push(SuctionSpec { name: "cup".into(), site: "lip".into(), figures: figures(), source: Source::default() });
    let mut world = World::new(&Scene::new(Arc::new(spec.build().unwrap())));
    draw(&mut world);
    raise(&mut world, 0.05, 0.5);
    run(&mut world, 0.5);
    for _ in 0..200 {
        world.step().unwrap();
        let pull = world.cup_load(CUP).pull_n;
        assert!((pull - 4.0 * G).abs() < 0.02 * 4.0 * G, "{pull} N of {} N", 4.0 * G);
    }
}

/// Attached to a flange, a tool brings its cups along under its own name.
#[test]
fn cups_come_along_with_their_tool() {
    let read = |mjcf: &str| {
        let files: BTreeMap<String, Vec<u8>> = [("scene.xml".to_string(), mjcf.as_bytes().to_vec())].into();
        leitai_package::mjcf::read("scene.xml", &files).unwrap().spec
    };
    let mut arm = read("<mujoco><worldbody><site name='flange' pos='0 0 1'/></worldbody></mujoco>");
    let mut tool = read("<mujoco><worldbody><body><geom size='0.1'/><site name='lip'/></body></worldbody></mujoco>");
    tool.suctions.push(SuctionSpec { name: "cup".into(), site: "lip".into(), figures: figures(), source: Source::default() });
    let turned = Pose::new(Vec3::ZERO, Quat::from_axis_angle(Vec3::X, 1.0));
    arm.attach("flange", &tool, turned, "tool/").unwrap();
    let model = arm.build().unwrap();
    assert_eq!(model.suction_named("tool/cup"), Some(CUP));
    assert_eq!(model.sites[model.suctions[0].site.index()].name, "tool/lip");
}
