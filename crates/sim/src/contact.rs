//! Who touches whom: sweep and prune over upright boxes, then the exact shapes.

use crate::scene::Scene;
use crate::sleep::Sleep;
use crate::unstable::{Cause, MOST_CONTACTS, MOST_NUMBERS, MOST_PAIRS};
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::Data;
use leitai_geometry::{Manifold, Placement, Shape, collide};
use leitai_math::{Mat3, Vec3, real};
use leitai_model::model::{BodyId, GeomId, Model, Pair};

/// One touching point with its frame and surface.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// The geoms; the normal points from the first to the second.
    pub geoms: [GeomId; 2],
    /// Halfway between the surfaces [m], in the world.
    pub position: Vec3,
    /// Rows: normal and two tangents, in the world.
    pub frame: Mat3,
    /// Gap [m]; negative where they overlap.
    pub distance: f64,
    /// Distance [m] below which the contact acts.
    pub active_below: f64,
    /// Dimensions of the contact force.
    pub condim: u8,
    /// Friction: two sliding, one torsional [m], two rolling [m].
    pub friction: [f64; 5],
    /// Stiffness.
    pub solref: leitai_model::SolRef,
    /// Stiffness of friction rows; all zero means the same.
    pub solref_friction: leitai_model::SolRef,
    /// Impedance.
    pub solimp: leitai_model::SolImp,
    /// How far friction is displaced from where it took hold: along both tangents [m], about the normal [rad]. Zero in
    /// `compat` mode.
    pub slip: [f64; 3],
    /// Force [N] by which something else, a vacuum, presses the surfaces together here: the contact acts also while they are
    /// apart, and gives the difference to what pulls at it, as long as that is less.
    pub adhesion_n: f64,
    /// First of this contact's `condim` forces in the world's constraint forces; `u32::MAX` if it does not act.
    pub row: u32,
}

/// Workspace of the search.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    low: Vec<Vec3>,
    high: Vec<Vec3>,
    order: Vec<u32>,
    planes: Vec<u32>,
    active: Vec<u32>,
    near: Vec<[u32; 2]>,
    explicit: Vec<[u32; 2]>,
    manifold: Manifold,
}

impl Search {
    pub(crate) fn new(model: &Model) -> Self {
        let collides = |g: usize| {
            let geom = &model.geoms[g];
            geom.contype != 0 || geom.conaffinity != 0
        };
        let is_plane = |g: usize| matches!(model.geoms[g].shape, Shape::Plane { .. });
        let n = model.geoms.len();
        let mut explicit: Vec<[u32; 2]> = model.pairs.iter().map(|p| sorted(p.geoms[0].0, p.geoms[1].0)).collect();
        explicit.sort_unstable();
        Self {
            low: vec![Vec3::ZERO; n],
            high: vec![Vec3::ZERO; n],
            order: (0..n).filter(|&g| collides(g) && !is_plane(g)).map(|g| g as u32).collect(),
            planes: (0..n).filter(|&g| collides(g) && is_plane(g)).map(|g| g as u32).collect(),
            active: Vec::with_capacity(n),
            near: Vec::with_capacity(8 * n),
            explicit,
            manifold: Manifold::default(),
        }
    }
}

fn sorted(a: u32, b: u32) -> [u32; 2] {
    if a <= b { [a, b] } else { [b, a] }
}

/// Finds all contacts among geoms of which at least one can move and is awake; writes them in order of geom numbers. If they
/// are too many, says so and at which body.
pub(crate) fn find(
    scene: &Scene,
    data: &Data,
    sleep: &Sleep,
    search: &mut Search,
    contacts: &mut Vec<Contact>,
) -> Result<(), (BodyId, Cause)> {
    let model = &*scene.model;
    contacts.clear();
    if model.option.disable.contact || model.option.disable.constraint {
        return Ok(());
    }
    near_pairs(scene, data, sleep, search)?;
    let near = core::mem::take(&mut search.near);
    let mut numbers = 0;
    for &[a, b] in &near {
        let surface = match search.explicit.binary_search(&[a, b]) {
            Ok(_) => continue,
            Err(_) => model.mixed_surface(GeomId(a), GeomId(b)),
        };
        exact(scene, data, &surface, &mut search.manifold, contacts, &mut numbers)?;
    }
    search.near = near;
    for pair in &model.pairs {
        let awake = pair.geoms.iter().any(|g| sleep.is_awake(scene, model.geoms[g.index()].body));
        if awake {
            exact(scene, data, pair, &mut search.manifold, contacts, &mut numbers)?;
        }
    }
    Ok(())
}

/// Collects the pairs whose boxes overlap and whose rules let them touch.
fn near_pairs(scene: &Scene, data: &Data, sleep: &Sleep, search: &mut Search) -> Result<(), (BodyId, Cause)> {
    let model = &*scene.model;
    let Search { low, high, order, planes, active, near, .. } = search;
    for &g in order.iter() {
        let g = g as usize;
        let geom = &model.geoms[g];
        let (half, center) = geom.shape.bounds(&data.geom[g].rotation);
        let at = data.geom[g].position + center;
        let margin = margin_of(model, geom.surface.margin) + geom.surface.gap + scene.seal_reach[g];
        let grown = half + Vec3::new(margin, margin, margin);
        low[g] = at - grown;
        high[g] = at + grown;
    }
    // Nearly sorted from the last step, so insertion is linear. The order is only a cache: pairs are sorted below.
    for i in 1..order.len() {
        let g = order[i];
        let key = low[g as usize].x;
        let mut j = i;
        while j > 0 && low[order[j - 1] as usize].x > key {
            order[j] = order[j - 1];
            j -= 1;
        }
        order[j] = g;
    }
    near.clear();
    active.clear();
    for &g in order.iter() {
        let gi = g as usize;
        active.retain(|&o| high[o as usize].x >= low[gi].x);
        for &o in active.iter() {
            let oi = o as usize;
            let apart = low[gi].y > high[oi].y || low[oi].y > high[gi].y || low[gi].z > high[oi].z || low[oi].z > high[gi].z;
            if !apart && may_touch(scene, sleep, gi, oi) {
                near.push(sorted(g, o));
            }
        }
        if near.len() > MOST_PAIRS {
            return Err((model.geoms[gi].body, Cause::Pairs));
        }
        active.push(g);
    }
    for &p in planes.iter() {
        let normal = data.geom[p as usize].rotation.column(2);
        let origin = data.geom[p as usize].position;
        for &g in order.iter() {
            let gi = g as usize;
            let half = (high[gi] - low[gi]) * 0.5;
            let height = ((high[gi] + low[gi]) * 0.5 - origin).dot(normal);
            let surface = &model.geoms[p as usize].surface;
            let reach = half.dot(normal.abs()) + margin_of(model, surface.margin) + surface.gap + scene.seal_reach[p as usize];
            if height <= reach && may_touch(scene, sleep, p as usize, gi) {
                near.push(sorted(p, g));
            }
        }
    }
    near.sort_unstable();
    Ok(())
}

/// MuJoCo's filters: affinity bits, same weld, parent and child, explicit exclusion; and at least one side awake.
fn may_touch(scene: &Scene, sleep: &Sleep, a: usize, b: usize) -> bool {
    let model = &*scene.model;
    let (ga, gb) = (&model.geoms[a], &model.geoms[b]);
    if ga.contype & gb.conaffinity == 0 && gb.contype & ga.conaffinity == 0 {
        return false;
    }
    let (wa, wb) = (model.bodies[ga.body.index()].weld, model.bodies[gb.body.index()].weld);
    if wa == wb || !(sleep.is_awake(scene, ga.body) || sleep.is_awake(scene, gb.body)) {
        return false;
    }
    let world = BodyId(0);
    if !model.option.disable.filter_parent && wa != world && wb != world {
        let (pa, pb) = (scene.parent_weld[ga.body.index()], scene.parent_weld[gb.body.index()]);
        if pa == wb || pb == wa {
            return false;
        }
    }
    if model.excludes.is_empty() {
        return true;
    }
    let key = if ga.body <= gb.body { [ga.body, gb.body] } else { [gb.body, ga.body] };
    model.excludes.binary_search(&key).is_err()
}

/// The tangents of a contact. MuJoCo turns those of a capsule on a plane along the capsule, which a pyramid of friction feels.
fn tangents(normal: Vec3, first: &Shape, second: &Shape, at_second: &Placement) -> (Vec3, Vec3) {
    if let (Shape::Plane { .. }, Shape::Capsule { .. }) = (first, second) {
        let along = at_second.axis() - normal * at_second.axis().dot(normal);
        if along.norm_squared() > 1e-20 {
            let y = along.normalized_or(Vec3::X);
            return (y, normal.cross(y));
        }
    }
    normal.complete_frame()
}

/// A margin, or what replaces all.
fn margin_of(model: &Model, margin: f64) -> f64 {
    model.option.contact_override.map_or(margin, |o| o.margin)
}

/// Runs the exact test of a pair and appends what it finds; `numbers` counts those of all Jacobians so far.
fn exact(
    scene: &Scene,
    data: &Data,
    surface: &Pair,
    manifold: &mut Manifold,
    contacts: &mut Vec<Contact>,
    numbers: &mut usize,
) -> Result<(), (BodyId, Cause)> {
    let model = &*scene.model;
    let replaced = model.option.contact_override.map(|o| Pair {
        margin: o.margin,
        solref: o.solref,
        solimp: o.solimp,
        friction: o.friction,
        ..surface.clone()
    });
    let surface = replaced.as_ref().unwrap_or(surface);
    let [mut a, mut b] = surface.geoms;
    if model.geoms[a.index()].shape.rank() > model.geoms[b.index()].shape.rank() {
        core::mem::swap(&mut a, &mut b);
    }
    let (sa, sb) = (&model.geoms[a.index()].shape, &model.geoms[b.index()].shape);
    let seal = scene.seal_reach[a.index()] + scene.seal_reach[b.index()];
    // A lip that seals needs points all around it that stay; MuJoCo, which knows no cups, has none to compare with.
    manifold.steady = model.option.stick || seal > 0.0;
    collide(sa, &data.geom[a.index()], sb, &data.geom[b.index()], surface.margin + surface.gap + seal, manifold);
    for point in manifold.points() {
        let (y, z) = tangents(point.normal, sa, sb, &data.geom[b.index()]);
        contacts.push(Contact {
            geoms: [a, b],
            position: point.position,
            frame: Mat3::from_rows(point.normal, y, z),
            distance: point.distance,
            active_below: surface.margin,
            condim: surface.condim,
            friction: surface.friction.map(|f| real::max(f, 1e-5)),
            solref: surface.solref,
            solref_friction: surface.solref_friction,
            solimp: surface.solimp,
            slip: [0.0; 3],
            adhesion_n: 0.0,
            row: u32::MAX,
        });
    }
    let bodies = [a, b].map(|g| &model.bodies[model.geoms[g.index()].body.index()]);
    let width: usize = bodies.iter().filter_map(|body| body.last_dof).map(|d| model.dofs[d.index()].row_len as usize).sum();
    *numbers += manifold.points().len() * surface.condim as usize * width;
    let full = if contacts.len() > MOST_CONTACTS { Cause::Contacts } else { Cause::Memory };
    if contacts.len() > MOST_CONTACTS || *numbers > MOST_NUMBERS { Err((model.geoms[b.index()].body, full)) } else { Ok(()) }
}
