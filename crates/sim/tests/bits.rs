//! Same bits: from a snapshot, on any thread, in every build.

mod scene;

use leitai_sim::{Scene, World};
use scene::{busy_arm, falling_stack, push, started};
use std::path::Path;
use std::sync::Arc;

fn text(digest: [u8; 32]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// Worlds that together use every part of the state.
fn worlds() -> Vec<(&'static str, World)> {
    let arm = |integrator: &str| started(Scene::new(Arc::new(scene::model(&busy_arm(integrator)))));
    let mut sticky = scene::model(&busy_arm("Euler"));
    sticky.option.stick = true;
    vec![
        ("a falling stack that goes to sleep", started(Arc::new(falling_stack(1)))),
        ("an arm under Euler", arm("Euler")),
        ("an arm under implicitfast", arm("implicitfast")),
        ("an arm under Runge-Kutta", arm("RK4")),
        ("an arm whose contacts stick", started(Scene::new(Arc::new(sticky)))),
        ("a suction cup that lifts a block", started(Scene::new(Arc::new(scene::sucking_slide())))),
    ]
}

fn go(world: &mut World, steps: usize) {
    for _ in 0..steps {
        push(world);
        if let Some(t) = (!world.state().mocap.is_empty()).then(|| world.time_s()) {
            world.mocap_mut()[0].position.y = 0.4 - 0.3 * leitai_math::real::sin(4.0 * t);
        }
        world.step().expect("stable");
    }
}

/// Snapshot, restore, step equals step: in the same world, and in a new one that has seen nothing.
#[test]
fn going_on_from_a_snapshot_is_going_on() {
    for (name, mut world) in worlds() {
        for _ in 0..3 {
            go(&mut world, 330);
            let saved = world.snapshot();
            let mut other = World::new(world.scene());
            go(&mut world, 170);
            let straight = world.state().digest();
            let readings = world.readings().to_vec();
            world.restore(&saved);
            other.restore(&saved);
            go(&mut world, 170);
            assert_eq!(world.state().digest(), straight, "{name}, the same world");
            go(&mut other, 170);
            assert_eq!(other.state().digest(), straight, "{name}, another world");
            assert_eq!(other.readings(), readings, "{name}, readings");
        }
    }
}

/// The slide does pick its block up and lets it go, so the test above covers seals.
#[test]
fn the_slide_lifts_its_block() {
    let mut world = started(Scene::new(Arc::new(scene::sucking_slide())));
    let mut sealed = Vec::new();
    let mut highest = 0.0_f64;
    for _ in 0..4_000 {
        go(&mut world, 1);
        let now = world.state().cups[0].sealed_on.is_some();
        if sealed.last() != Some(&now) {
            sealed.push(now);
        }
        highest = highest.max(world.state().q[3]);
    }
    assert!(sealed.len() >= 3 && highest > 0.1, "{sealed:?}, at most {highest} m high");
}

/// The bodies of a stack sleep at last, so the test above covers waking state and sleeping state.
#[test]
fn a_fallen_stack_sleeps() {
    let mut world = started(Arc::new(falling_stack(1)));
    go(&mut world, 8_000);
    let asleep = (0..world.scene().groups.len()).filter(|&g| world.state().sleep.is_asleep(g)).count();
    assert!(asleep >= 4, "{asleep} of {} sleep", world.scene().groups.len());
}

/// One thread or many, in any order: a world depends on nothing outside it.
#[test]
fn worlds_on_threads_give_the_bits_of_worlds_in_a_row() {
    let scene = Arc::new(falling_stack(2));
    let run = |shift: f64| {
        let mut world = started(Arc::clone(&scene));
        world.change(|s| s.q[0] += shift * 1e-3);
        go(&mut world, 800);
        world.state().digest()
    };
    let alone: Vec<_> = (0..8).map(|i| run(f64::from(i))).collect();
    let together = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).rev().map(|i| (i, scope.spawn(move || run(f64::from(i))))).collect();
        let mut digests: Vec<_> = threads.into_iter().map(|(i, t)| (i, t.join().expect("no panic"))).collect();
        digests.sort_by_key(|(i, _)| *i);
        digests.into_iter().map(|(_, digest)| digest).collect::<Vec<_>>()
    });
    assert_eq!(alone, together);
}

/// Debug and release, today and tomorrow, give the same bits. New physics, new digest: `cargo xtask bless`, and the commit says
/// why.
#[test]
fn motions_keep_their_bits() {
    let mut found = String::new();
    for (name, mut world) in worlds() {
        go(&mut world, 2_000);
        found += &format!("{}  {name}, 2000 steps\n", text(world.state().digest()));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/motions.txt");
    if std::env::var_os("LEITAI_BLESS").is_some() {
        std::fs::write(&file, &found).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&file).expect("the golden file");
    assert_eq!(found, golden, "new bits; if the physics changed on purpose: cargo xtask bless");
}
