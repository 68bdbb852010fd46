//! Ten seconds of eleven scenes, and the digest of where they end: the same on every processor.
//!
//! `golden.txt` beside this crate's manifest says what every build on every processor must give. The crate is `no_std` like
//! the core, so what it builds for runs the physics; `docs/bits.md` says where that was tried and how.
#![no_std]

extern crate alloc;

/// The scenes: a model each, and who moves it.
pub mod scenes;

mod drive;
#[cfg(target_arch = "wasm32")]
mod wasm;

use alloc::format;
use alloc::string::String;
use leitai_sim::{Unstable, World};

/// Steps of 2 ms in ten seconds.
pub const STEPS: u64 = 5_000;

/// The scenes' names, in the order in which they are printed.
pub const NAMES: [&str; 11] = [
    "arm-six",
    "arm-seven",
    "quadruped-trot",
    "quadruped-crawl",
    "humanoid-squat",
    "humanoid-tumble",
    "gripper",
    "bimanual",
    "hand",
    "pile",
    "pallet",
];

/// The scene's world after [`STEPS`] steps.
///
/// # Errors
/// If the motion breaks down, which none of these does.
///
/// # Panics
/// If no scene has this name.
pub fn played(name: &str) -> Result<World, Unstable> {
    let mut play = scenes::play(name);
    for _ in 0..STEPS {
        play.step()?;
    }
    Ok(play.world)
}

/// What `golden.txt` holds of a scene: the digest of its state, and its name.
#[must_use]
pub fn line(name: &str, world: &World) -> String {
    let digest: String = world.state().digest().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digest}  {name}\n")
}
