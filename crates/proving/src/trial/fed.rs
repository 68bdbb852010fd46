//! What a bite came to: pieces on the spoon at the mouth, how near it was, what the head bore, and what was spilled.

use alloc::vec::Vec;

use leitai_math::{Vec3, real};
use leitai_model::model::{BodyId, GeomId};
use leitai_package::manifest::{Feeding, Metric};
use leitai_sim::World;

use super::cell::{Built, Cell};
use super::judge::metric_name;

/// Beyond the bowl's inner edges and rim by this much [m], a piece is still in it.
const EDGE_M: f64 = 0.01;

/// The offered bite.
#[derive(Clone, Copy, Debug)]
struct Bite {
    pieces: usize,
    error_m: f64,
}

/// Watches one mouth, in scenarios whose work is to feed.
pub(super) struct Fed {
    feeding: Feeding,
    /// Numbers of the mouth's and the bowl's site in [`Built::sites`].
    mouth: usize,
    bowl: usize,
    head: BodyId,
    lips: Vec<GeomId>,
    /// Steps that the tip must stay near, and those for which it has; the sum of its distances over the second half, in which lips close [m].
    bite_steps: u64,
    near_steps: u64,
    distance_m: f64,
    least_m: f64,
    bite: Option<Bite>,
    lip_n: f64,
    head_n: f64,
}

impl Fed {
    /// None where the task is not to feed.
    pub(super) fn new(cell: &Cell, built: &Built) -> Option<Self> {
        let scenario = &cell.packages().scenario;
        let (work, bowl) = (cell.task.work?, cell.task.bowl?);
        let at = &cell.sites[work.site];
        let feeding = scenario.work.iter().find(|w| w.at == *at).and_then(|w| w.feeding.clone())?;
        let model = &built.scene.model;
        let lips = feeding.lips.iter().filter_map(|name| model.geom_named(name)).collect();
        let head = model.sites[built.sites[work.site].index()].body;
        Some(Self {
            mouth: work.site,
            bowl: bowl.site,
            head,
            lips,
            bite_steps: real::max(real::round(feeding.bite_s / cell.dt_s()), 1.0) as u64,
            near_steps: 0,
            distance_m: 0.0,
            least_m: f64::INFINITY,
            bite: None,
            lip_n: 0.0,
            head_n: 0.0,
            feeding,
        })
    }

    /// After a step.
    pub(super) fn look(&mut self, world: &World, built: &Built) {
        let (mut on_lips, mut on_head) = (Vec3::ZERO, Vec3::ZERO);
        for contact in world.contacts() {
            let second = world.model().geoms[contact.geoms[1].index()].body == self.head;
            let first = world.model().geoms[contact.geoms[0].index()].body == self.head;
            if first == second {
                continue;
            }
            let on_second = world.force_on_second(contact);
            let force = if second { on_second } else { -on_second };
            on_head += force;
            if contact.geoms.iter().any(|geom| self.lips.contains(geom)) {
                on_lips += force;
            }
        }
        self.lip_n = real::max(self.lip_n, on_lips.norm());
        self.head_n = real::max(self.head_n, on_head.norm());
        let site = |site| leitai_dynamics::site_pose(world.model(), world.data(), site);
        let distance_m = (site(built.grip).position - site(built.sites[self.mouth]).position).norm();
        self.least_m = real::min(self.least_m, distance_m);
        if self.bite.is_some() {
            return;
        }
        if distance_m > self.feeding.near_m {
            (self.near_steps, self.distance_m) = (0, 0.0);
            return;
        }
        self.near_steps += 1;
        if 2 * self.near_steps > self.bite_steps {
            self.distance_m += distance_m;
        }
        if self.near_steps == self.bite_steps {
            let pieces = on_spoon(world, built).iter().filter(|on| **on).count();
            self.bite = Some(Bite { pieces, error_m: self.distance_m / (self.bite_steps - self.bite_steps / 2) as f64 });
        }
    }

    /// The finished trial in numbers.
    pub(super) fn metrics(&self, world: &World, built: &Built, put: &mut impl FnMut(&str, f64)) {
        let on_spoon = on_spoon(world, built);
        let bowl = leitai_dynamics::site_pose(world.model(), world.data(), built.sites[self.bowl]).inverse();
        let [length, width] = self.feeding.inner_m.map(|inner| 0.5 * inner + EDGE_M);
        let in_bowl = |i: usize| {
            let at = bowl.apply(world.data().body_pose[built.pieces[i].index()].position);
            let level = -EDGE_M < at.z && at.z < self.feeding.rim_m + EDGE_M;
            real::abs(at.x) < length && real::abs(at.y) < width && level
        };
        let spilled = (0..built.pieces.len()).filter(|&i| !on_spoon[i] && !in_bowl(i)).count() as f64;
        let left = spilled + on_spoon.iter().filter(|on| **on).count() as f64;
        let share = if left > 0.0 { spilled / left } else { 0.0 };
        put(metric_name(Metric::PiecesOffered), self.bite.map_or(0.0, |bite| bite.pieces as f64));
        put(metric_name(Metric::SpillShare), share);
        put(metric_name(Metric::MouthErrorM), self.bite.map_or(self.least_m, |bite| bite.error_m));
        put(metric_name(Metric::LipForceN), self.lip_n);
        put(metric_name(Metric::HeadForceN), self.head_n);
    }
}

/// Which pieces lie on the tool, or on a piece that does.
fn on_spoon(world: &World, built: &Built) -> Vec<bool> {
    let geoms = &world.model().geoms;
    let mut on = alloc::vec![false; built.pieces.len()];
    // Once more for each layer; whoever is on stays on.
    loop {
        let mut more = false;
        for contact in world.contacts() {
            let [a, b] = contact.geoms.map(|g| geoms[g.index()].body);
            for (me, other) in [(a, b), (b, a)] {
                let Some(i) = built.pieces.iter().position(|body| *body == me).filter(|&i| !on[i]) else { continue };
                let below = built.pieces.iter().position(|body| *body == other);
                if built.tool_bodies.contains(&other) || below.is_some_and(|k| on[k]) {
                    on[i] = true;
                    more = true;
                }
            }
        }
        if !more {
            return on;
        }
    }
}
