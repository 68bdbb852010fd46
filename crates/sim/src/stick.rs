//! Friction that holds: the declared contact mode `stick`.
//!
//! MuJoCo's friction resists speed only. A loaded contact therefore creeps, and a piece carried around a curve slides out of
//! its grip, because the reference acceleration leaves out how the contact itself is accelerated. Here each pair of touching
//! bodies remembers where it took hold, and the friction rows also pull back to there, with the contact's own stiffness: the
//! tangential spring of Cundall & Strack, *A discrete numerical model for granular assemblies* (Géotechnique 29, 1979). When
//! friction of all loaded contacts of a pair is at its bound the pair slides: the memory is dragged along at the distance it had,
//! so a force never exceeds the bound and turns with the motion. Only displacement in the plane is remembered, or what rolls
//! would be held back.
//!
//! The bound itself, μ times the normal force, is [`crate::solver`]'s; the points of boxes at rest are kept by
//! [`leitai_geometry::Manifold::steady`].

use crate::contact::Contact;
use crate::rows::{Kind, Rows};
use crate::scene::Scene;
use crate::sleep::Sleep;
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::model::{BodyId, Model};

/// A share of its bound from which on a contact's friction counts as sliding; the solver puts sliding contacts on the bound.
const SLIDING: f64 = 0.999;

/// Displacement [m] and turn [rad] off the tangent plane from which on a hold is renewed: what rolls is renewed in every step, what
/// rests hardly ever.
const STILL: f64 = 1e-12;

/// Where two geoms took hold of each other.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hold {
    /// The geoms, in the contact's order.
    geoms: [u32; 2],
    /// The second body in the first when they took hold.
    first_from_second: Pose,
    /// Farthest displacement [m] and turn [rad] that a sliding pair keeps; infinite while it holds.
    most: [f64; 2],
}

/// All pairs that hold: part of the state. Empty in `compat` mode.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// Sorted by geoms.
    pairs: Vec<Hold>,
    /// Workspace of [`Self::settle`].
    next: Vec<Hold>,
    /// What [`Self::fill`] found of each touching pair, in the order of contacts: where it held, and how it has moved since.
    seen: Vec<Option<(Hold, Moved)>>,
}

impl PartialEq for Holds {
    fn eq(&self, other: &Self) -> bool {
        self.pairs == other.pairs
    }
}

impl Holds {
    pub(crate) fn with_capacity(pairs: usize) -> Self {
        Self { pairs: Vec::with_capacity(pairs), next: Vec::with_capacity(pairs), seen: Vec::with_capacity(pairs) }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.pairs.clone_from(&other.pairs);
    }

    fn find(&self, geoms: [u32; 2]) -> Option<&Hold> {
        self.pairs.binary_search_by(|hold| hold.geoms.cmp(&geoms)).ok().map(|i| &self.pairs[i])
    }

    /// Writes into every contact how far it has been displaced from where its pair took hold.
    pub(crate) fn fill(&mut self, model: &Model, data: &Data, contacts: &mut [Contact]) {
        let mut seen = core::mem::take(&mut self.seen);
        seen.clear();
        for pair in contacts.chunk_by_mut(|a, b| a.geoms == b.geoms) {
            let found = self.find(numbers(&pair[0])).map(|hold| {
                let hold = hold.dragged(model, data, pair);
                (hold, Moved::since(&hold, model, data, pair))
            });
            if let Some((_, moved)) = &found {
                for contact in pair {
                    contact.slip = moved.at(contact);
                }
            }
            seen.push(found);
        }
        self.seen = seen;
    }

    /// Takes and gives up hold after a solution, for the contacts that were filled last.
    pub(crate) fn settle(&mut self, scene: &Scene, data: &Data, sleep: &Sleep, contacts: &[Contact], rows: &Rows) {
        let model = &*scene.model;
        let mut next = core::mem::take(&mut self.next);
        next.clear();
        // Pairs that sleep keep their hold: they have no contacts now.
        let awake = |g: u32| sleep.is_awake(scene, model.geoms[g as usize].body);
        next.extend(self.pairs.iter().filter(|hold| !hold.geoms.iter().any(|g| awake(*g))));
        for (pair, seen) in contacts.chunk_by(|a, b| a.geoms == b.geoms).zip(&self.seen) {
            let (mut loaded, mut holding) = (false, false);
            for block in pair.iter().filter_map(|contact| rows.block_of(contact)) {
                let force = &rows.force[block.row..block.row + block.dim];
                if let Kind::Coulomb(most) = block.kind
                    && force[0] > 0.0
                {
                    loaded = true;
                    holding = block.friction_over_mu(force) < SLIDING * most;
                }
                if holding {
                    break;
                }
            }
            if !loaded {
                continue;
            }
            let geoms = numbers(&pair[0]);
            let (mut hold, moved) = seen.unwrap_or_else(|| {
                let hold = Hold { geoms, first_from_second: relative(model, data, geoms), most: [f64::INFINITY; 2] };
                (hold, Moved::since(&hold, model, data, pair))
            });
            let (shift, turn) = hold.flatten(&moved, model, data, pair);
            hold.most = if holding { [f64::INFINITY; 2] } else { [shift.norm(), real::abs(turn)] };
            next.push(hold);
        }
        next.sort_unstable_by_key(|hold| hold.geoms);
        self.next = core::mem::replace(&mut self.pairs, next);
    }

    pub(crate) fn clear(&mut self) {
        self.pairs.clear();
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        self.pairs.iter().flat_map(|hold| {
            let geoms = hold.geoms.map(f64::from);
            let Pose { position, rotation } = hold.first_from_second;
            geoms.into_iter().chain(position.to_array()).chain(rotation.to_array()).chain(hold.most)
        })
    }
}

impl Hold {
    /// Forgets all displacement but that in the tangent plane and about the normal, which it gives [m, rad]: a ball that rolls
    /// leaves nothing behind to be pulled back to.
    fn flatten(&mut self, moved: &Moved, model: &Model, data: &Data, pair: &[Contact]) -> (Vec3, f64) {
        let (normal, middle) = (pair[0].frame.row(0), middle(pair));
        let (away, turn) = (moved.away_at(middle), moved.turn.dot(normal));
        let (lift, tilt) = (away.dot(normal), moved.turn - normal * turn);
        let shift = away - normal * lift;
        if real::abs(lift) < STILL && tilt.norm_squared() < STILL * STILL {
            return (shift, turn);
        }
        let now = body_pose(model, data, self.geoms[1]);
        let back = Quat::from_axis_angle(normal, -turn);
        let held = Pose::new(middle + back.rotate(now.position - middle) - shift, (back * now.rotation).normalized());
        self.first_from_second = body_pose(model, data, self.geoms[0]).inverse() * held;
        (shift, turn)
    }

    /// This hold, pulled after a sliding pair so far that it is displaced no more than it was.
    fn dragged(&self, model: &Model, data: &Data, pair: &[Contact]) -> Self {
        let mut out = *self;
        let [most_shift, most_turn] = self.most;
        if most_shift == f64::INFINITY {
            return out;
        }
        let (normal, middle) = (pair[0].frame.row(0), middle(pair));
        let first = body_pose(model, data, self.geoms[0]);
        let moved = Moved::since(&out, model, data, pair);
        let turn = moved.turn.dot(normal);
        let over = real::abs(turn) - most_turn;
        let mut held = first * out.first_from_second;
        if over > 0.0 {
            let back = Quat::from_axis_angle(normal, if turn > 0.0 { over } else { -over });
            held = Pose::new(middle + back.rotate(held.position - middle), (back * held.rotation).normalized());
            out.first_from_second = first.inverse() * held;
        }
        let shift = Moved::since(&out, model, data, pair).shift_at(middle, normal);
        let length = shift.norm();
        if length > most_shift {
            held.position += shift * (1.0 - most_shift / length);
            out.first_from_second = first.inverse() * held;
        }
        out
    }
}

/// The motion of the second body relative to where it was held, seen in the world.
#[derive(Clone, Copy, Debug)]
struct Moved {
    held_from_now: Pose,
    turn: Vec3,
}

impl Moved {
    fn since(hold: &Hold, model: &Model, data: &Data, pair: &[Contact]) -> Self {
        debug_assert_eq!(numbers(&pair[0]), hold.geoms);
        let held = body_pose(model, data, hold.geoms[0]) * hold.first_from_second;
        let now = body_pose(model, data, hold.geoms[1]);
        let turn = (now.rotation * held.rotation.conjugate()).to_rotation_vector();
        Self { held_from_now: held * now.inverse(), turn }
    }

    /// Displacement [m] of the second body's point that is now at `point`.
    fn away_at(&self, point: Vec3) -> Vec3 {
        point - self.held_from_now.apply(point)
    }

    /// The part of it in the plane across `normal`.
    fn shift_at(&self, point: Vec3, normal: Vec3) -> Vec3 {
        let away = self.away_at(point);
        away - normal * normal.dot(away)
    }

    /// Displacement along both tangents [m] and about the normal [rad].
    fn at(&self, contact: &Contact) -> [f64; 3] {
        let [normal, first, second] = [0, 1, 2].map(|k| contact.frame.row(k));
        let away = self.away_at(contact.position);
        [first.dot(away), second.dot(away), normal.dot(self.turn)]
    }
}

fn numbers(contact: &Contact) -> [u32; 2] {
    contact.geoms.map(|g| g.0)
}

fn body_of(model: &Model, geom: u32) -> BodyId {
    model.geoms[geom as usize].body
}

fn body_pose(model: &Model, data: &Data, geom: u32) -> Pose {
    data.body_pose[body_of(model, geom).index()]
}

fn relative(model: &Model, data: &Data, geoms: [u32; 2]) -> Pose {
    body_pose(model, data, geoms[0]).inverse() * body_pose(model, data, geoms[1])
}

fn middle(pair: &[Contact]) -> Vec3 {
    let sum = pair.iter().fold(Vec3::ZERO, |sum, contact| sum + contact.position);
    sum * (1.0 / pair.len() as f64)
}
