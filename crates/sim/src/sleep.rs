//! Bodies at rest freeze until touched.
//!
//! A group whose speeds stay below the tolerance for [`REST_S`] seconds falls asleep together with everything it is tied to
//! or touches; it stops being stepped and keeps its pose exactly. It wakes, with all it fell asleep with, when something
//! awake touches it. This is an approximation (creep below the tolerance stops) and reports say so.

use crate::scene::Scene;
use alloc::vec;
use alloc::vec::Vec;
use leitai_math::real;
use leitai_model::model::BodyId;

/// How long [s] a group must be still before it sleeps.
pub const REST_S: f64 = 0.1;

const AWAKE: u32 = u32::MAX;

/// Who sleeps: part of the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Sleep {
    /// Steps for which each group has been still.
    still: Vec<u32>,
    /// With whom each group fell asleep: the lowest group of that island; `u32::MAX` if awake.
    island: Vec<u32>,
}

impl Sleep {
    pub(crate) fn new(scene: &Scene) -> Self {
        let n = scene.groups.len();
        Self { still: vec![0; n], island: vec![AWAKE; n] }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.still.clone_from(&other.still);
        self.island.clone_from(&other.island);
    }

    /// True if `body` can move and is stepped.
    pub(crate) fn is_awake(&self, scene: &Scene, body: BodyId) -> bool {
        match scene.group_of_body[body.index()] {
            u32::MAX => false,
            g => !scene.groups[g as usize].fixed && self.island[g as usize] == AWAKE,
        }
    }

    /// True if group `g` is asleep.
    #[must_use]
    pub fn is_asleep(&self, g: usize) -> bool {
        self.island[g] != AWAKE
    }

    /// Wakes group `g` and all that fell asleep with it. True if it was asleep.
    pub(crate) fn wake(&mut self, g: usize) -> bool {
        let island = self.island[g];
        if island == AWAKE {
            return false;
        }
        for (other, still) in self.island.iter_mut().zip(&mut self.still) {
            if *other == island {
                *other = AWAKE;
                *still = 0;
            }
        }
        true
    }

    /// Wakes group `g`, and lets it sleep only after it has been still from now on.
    pub(crate) fn keep_awake(&mut self, g: usize) {
        self.wake(g);
        self.still[g] = 0;
    }

    /// Wakes everything.
    pub(crate) fn wake_all(&mut self) {
        self.island.fill(AWAKE);
        self.still.fill(0);
    }

    /// Counts still steps and lets islands sleep; `island_of` is the island of each group in this step (its lowest group).
    /// Gives true if a group fell asleep; its velocities in `v` are then zero.
    pub(crate) fn update(&mut self, scene: &Scene, island_of: &[u32], v: &mut [f64]) -> bool {
        let option = &scene.model.option;
        let needed = real::ceil(REST_S / option.timestep_s) as u32;
        for (g, group) in scene.groups.iter().enumerate() {
            if self.island[g] != AWAKE || group.fixed {
                continue;
            }
            let moving = group.driven || v[group.dofs.clone()].iter().any(|x| real::abs(*x) > option.sleep_tolerance);
            self.still[g] = if moving { 0 } else { self.still[g].saturating_add(1) };
        }
        let ready = |still: &[u32], root: u32| {
            (0..scene.groups.len()).all(|g| island_of[g] != root || scene.groups[g].fixed || still[g] >= needed)
        };
        let mut fell = false;
        for g in 0..scene.groups.len() {
            let awake = self.island[g] == AWAKE && !scene.groups[g].fixed;
            if awake && island_of[g] == g as u32 && self.still[g] >= needed && ready(&self.still, g as u32) {
                for other in 0..scene.groups.len() {
                    if island_of[other] == g as u32 && !scene.groups[other].fixed {
                        self.island[other] = g as u32;
                        v[scene.groups[other].dofs.clone()].fill(0.0);
                    }
                }
                fell = true;
            }
        }
        fell
    }

    pub(crate) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        for x in self.still.iter().chain(&self.island) {
            hasher.update(&x.to_le_bytes());
        }
    }
}
