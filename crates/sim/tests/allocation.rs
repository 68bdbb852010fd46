//! Stepping allocates nothing.
// A global allocator that counts needs `unsafe impl`; each method only counts and passes on to the system's.
#![allow(unsafe_code)]

mod scene;

use leitai_sim::{Scene, World};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // While a thread ends its local is gone, and nobody counts any more.
    let _ = COUNT.try_with(|c| c.set(c.get() + 1));
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of `steps` steps after the first.
fn allocations(mut world: World, steps: usize) -> u64 {
    world.step().expect("stable");
    let before = COUNT.get();
    for _ in 0..steps {
        scene::push(&mut world);
        world.step().expect("stable");
    }
    COUNT.get() - before
}

#[test]
fn the_counter_counts() {
    let before = COUNT.get();
    let list = Box::new([1_u8; 100]);
    assert!(COUNT.get() > before && list.len() == 100);
}

/// A heap that is still falling: contacts come and go, islands join, bodies fall asleep and wake.
#[test]
fn a_falling_stack_allocates_nothing() {
    for seed in 1..4 {
        assert_eq!(allocations(scene::started(Arc::new(scene::falling_stack(seed))), 3_000), 0, "seed {seed}");
    }
}

/// Hulls are made when first asked for: by the scene, not by the step in which a mesh first meets another.
#[test]
fn meshes_that_meet_late_allocate_nothing() {
    let corners = "0 0 0 0.1 0 0 0 0.1 0 0 0 0.1 0.1 0.1 0.1";
    let mjcf = format!(
        "<mujoco><asset><mesh name='a' vertex='{corners}'/><mesh name='b' vertex='{corners}'/></asset><worldbody>\
         <geom type='mesh' mesh='a'/><body pos='0 0 0.5'><freejoint/><geom type='mesh' mesh='b'/></body></worldbody></mujoco>"
    );
    let mut world = World::new(&Scene::new(Arc::new(scene::model(&mjcf))));
    world.step().expect("stable");
    let (before, mut met) = (COUNT.get(), 0);
    for _ in 0..400 {
        world.step().expect("stable");
        met += world.contacts().len();
    }
    assert_eq!(COUNT.get() - before, 0);
    assert!(met > 0, "they meet");
}

#[test]
fn a_suction_cup_allocates_nothing() {
    assert_eq!(allocations(scene::started(Scene::new(Arc::new(scene::sucking_slide()))), 3_000), 0);
}

/// Servos, limits, friction, a tendon, a mocap body and sensors, under every integrator and contact mode.
#[test]
fn a_busy_arm_allocates_nothing() {
    for integrator in ["Euler", "implicitfast", "implicit", "RK4"] {
        for stick in [false, true] {
            let mut model = scene::model(&scene::busy_arm(integrator));
            model.option.stick = stick;
            let world = scene::started(Scene::new(Arc::new(model)));
            assert_eq!(allocations(world, 2_000), 0, "{integrator}, stick {stick}");
        }
    }
}

/// Whatever the reader knows: one theme each, under moving controls.
#[test]
fn no_theme_model_allocates() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracle/mujoco/models");
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".xml"));
    names.sort();
    assert!(names.len() >= 42, "only {} models", names.len());
    for name in names {
        let files = leitai_package::disk::Folder::anywhere(&folder);
        let loaded = leitai_package::mjcf::read(&name, &files).expect("a valid scene");
        let mut world = scene::started(Scene::new(Arc::new(loaded.spec.build().expect("a valid model"))));
        world.step().expect("stable");
        let before = COUNT.get();
        for i in 0..100 {
            let control = leitai_math::real::sin(0.1 * f64::from(i));
            world.ctrl_mut().fill(control);
            world.step().expect("stable");
        }
        assert_eq!(COUNT.get() - before, 0, "{name}");
    }
}
