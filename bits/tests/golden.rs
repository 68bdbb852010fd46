//! The eleven scenes keep their bits: in this build, from any number of threads.
//!
//! The same digests from code for another processor: `cargo test -p xtask` for AVX2 and FMA, `cargo xtask bits` for the others.

use leitai_bits::NAMES;
use leitai_sim::World;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The worlds of these scenes after ten seconds, played by so many threads that each take the next scene.
fn play(names: &[&str], threads: usize) -> Vec<World> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(i) else { return done };
            done.push((i, leitai_bits::played(name).expect("a stable motion")));
        }
    };
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, world)| world).collect()
}

/// All eleven, played once for every test of this file.
fn worlds() -> &'static [World] {
    static WORLDS: OnceLock<Vec<World>> = OnceLock::new();
    WORLDS.get_or_init(|| play(&NAMES, std::thread::available_parallelism().map_or(1, usize::from)))
}

fn lines(names: &[&str], worlds: &[World]) -> Vec<String> {
    names.iter().zip(worlds).map(|(name, world)| leitai_bits::line(name, world)).collect()
}

/// Debug = release = every processor: `golden.txt` is one for all. New physics, new digests: `cargo xtask bless`, and the commit
/// says why.
#[test]
fn eleven_scenes_keep_their_bits() {
    let found = lines(&NAMES, worlds()).concat();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden.txt");
    if std::env::var_os("LEITAI_BLESS").is_some() {
        std::fs::write(&file, &found).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&file).expect("the golden file");
    assert_eq!(found, golden, "new bits; if the physics changed on purpose: cargo xtask bless");
}

/// Eight worlds at a time, several of one scene among them, or one after the other: no world knows of another.
#[test]
fn threads_change_no_bit() {
    let names = ["arm-six", "gripper", "hand", "arm-six", "gripper", "quadruped-trot", "hand", "arm-six"];
    let (many, few) = (play(&names, 8), play(&names, 1));
    assert_eq!(lines(&names, &many), lines(&names, &few));
}

/// The scenes are what they are called: legs stand, the box is lifted, the pile lies in its bin, the pallet stands.
#[test]
fn the_scenes_do_what_they_are_for() {
    let world = |name: &str| &worlds()[NAMES.iter().position(|n| *n == name).expect("a scene")];
    for (name, least_m) in [("quadruped-trot", 0.25), ("quadruped-crawl", 0.08), ("humanoid-squat", 0.7)] {
        let q = &world(name).state().q;
        assert!(q[2] > least_m, "{name} fell: {:?}", &q[..7]);
    }
    let gripper = world("gripper");
    assert!(gripper.state().q[5] > 0.3 && gripper.contacts().len() >= 4, "the box is at {:?}", &gripper.state().q[3..6]);
    let (cube, bar) = (&world("bimanual").state().q[..3], &world("bimanual").state().q[7..10]);
    assert!(cube[2] > 0.4 && bar[2] > 0.45, "the cube is at {cube:?}, the bar at {bar:?}");
    let hand = world("hand");
    let stone = &hand.state().q[hand.model().nq - 7..];
    assert!(stone[2] > 0.25, "the stone fell: {stone:?}");
    let pile = world("pile");
    assert!(pile.contacts().len() > 60, "{} contacts", pile.contacts().len());
    for thing in pile.state().q.chunks(7) {
        assert!(thing[0].abs() < 0.4 && thing[1].abs() < 0.4 && thing[2] > 0.0, "one left the bin: {thing:?}");
    }
    for (i, carton) in world("pallet").state().q.chunks(7).enumerate() {
        let height_m = 0.125 + 0.25 * (i / 12) as f64;
        assert!((carton[2] - height_m).abs() < 2e-3, "carton {i} is at {carton:?}");
    }
}
