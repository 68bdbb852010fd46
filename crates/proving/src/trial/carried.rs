//! What a tool does to the pieces it carries: how hard it presses them, how far they slip, how strongly they are accelerated.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use leitai_math::{Pose, Vec3, real};
use leitai_model::model::BodyId;
use leitai_package::manifest::Metric;
use leitai_sim::World;

use super::cell::{Built, Cell};

/// Time [s] over which an acceleration is a mean.
const MEAN_S: f64 = 0.02;

/// Watches every piece, in scenarios that ask for it.
pub(super) struct Carried {
    window: usize,
    dt_s: f64,
    pieces: Vec<Watched>,
    /// Largest force of one body of the tool on one piece [N].
    pub(super) force_n: f64,
    /// Largest slip [m].
    pub(super) slip_m: f64,
    /// Largest acceleration [m/s²].
    pub(super) acceleration_m_s2: f64,
}

/// What is remembered of one piece while the tool, and nothing else, touches it.
#[derive(Clone, Default)]
struct Watched {
    grip_from_piece: Option<Pose>,
    velocities: VecDeque<Vec3>,
}

impl Carried {
    /// None where no requirement asks for what is watched here.
    pub(super) fn new(cell: &Cell, built: &Built) -> Option<Self> {
        let watched = [Metric::PieceForceN, Metric::SlipM, Metric::HeldAccelerationMS2];
        let asked = cell.packages().scenario.require.iter().any(|r| watched.contains(&r.metric));
        let window = real::max(real::round(MEAN_S / cell.dt_s()), 1.0) as usize;
        let pieces = vec![Watched::default(); built.pieces.len()];
        let new = Self { window, dt_s: cell.dt_s(), pieces, force_n: 0.0, slip_m: 0.0, acceleration_m_s2: 0.0 };
        asked.then_some(new)
    }

    /// After a step; `taken` says which pieces have left their start.
    pub(super) fn look(&mut self, world: &World, built: &Built, taken: &[bool]) {
        let (model, data) = (world.model(), world.data());
        let mut by_tool = vec![false; built.pieces.len()];
        let mut by_others = vec![false; built.pieces.len()];
        let mut forces: Vec<(usize, BodyId, f64)> = Vec::new();
        for contact in world.contacts() {
            let bodies = contact.geoms.map(|g| model.geoms[g.index()].body);
            for (me, other) in [(bodies[0], bodies[1]), (bodies[1], bodies[0])] {
                let Some(i) = built.pieces.iter().position(|b| *b == me) else { continue };
                if !built.tool_bodies.contains(&other) {
                    by_others[i] = true;
                    continue;
                }
                by_tool[i] = true;
                let force = world.contact_force(contact)[0];
                match forces.iter_mut().find(|(k, body, _)| *k == i && *body == other) {
                    Some((_, _, sum)) => *sum += force,
                    None => forces.push((i, other, force)),
                }
            }
        }
        self.force_n = forces.iter().fold(self.force_n, |most, (_, _, force)| real::max(most, *force));
        let world_from_grip = leitai_dynamics::site_pose(model, data, built.grip);
        for (i, piece) in self.pieces.iter_mut().enumerate() {
            if !(by_tool[i] && taken[i]) || by_others[i] {
                *piece = Watched::default();
                continue;
            }
            let world_from_piece = data.body_pose[built.pieces[i].index()];
            let grip_from_piece = world_from_grip.inverse() * world_from_piece;
            let first = piece.grip_from_piece.get_or_insert(grip_from_piece);
            self.slip_m = real::max(self.slip_m, (grip_from_piece.position - first.position).norm());
            let v = model.bodies[built.pieces[i].index()].dof_start as usize;
            let linear = &world.state().v[v..v + 3];
            piece.velocities.push_back(Vec3::new(linear[0], linear[1], linear[2]));
            if piece.velocities.len() > self.window {
                let (Some(then), Some(now)) = (piece.velocities.pop_front(), piece.velocities.back()) else { continue };
                let mean = (*now - then) * (1.0 / (self.window as f64 * self.dt_s));
                self.acceleration_m_s2 = real::max(self.acceleration_m_s2, mean.norm());
            }
        }
    }
}
