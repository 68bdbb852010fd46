//! Which pairs of a robot's links are watched.

use super::halton::Halton;
use super::model::{CollisionModel, Link, ModelError};
use super::scene::WORLD;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use leitai_geometry::{Placement, distance};
use leitai_math::real;
use leitai_model::{BodyId, Model};

/// Links that never came nearer than this [m] in any sampled configuration never meet.
const NEVER_M: f64 = 0.005;
/// Configurations in which pairs of a given list are looked at.
const ALWAYS_SAMPLES: usize = 256;
/// Share of sampled configurations from which touching counts as always.
const ALWAYS: f64 = 0.95;

/// Every pair but those disabled by name, those that cannot move against each other and those that always touch, which such lists
/// forget where a tool was added to an arm.
pub fn all_but(robot: &CollisionModel, model: &Model, disabled: &[[String; 2]]) -> Result<Vec<[usize; 2]>, ModelError> {
    let links = &robot.links;
    if let Some(name) = disabled.iter().flatten().find(|name| model.body_named(name).is_none()) {
        return Err(ModelError::NoSuchLink(name.clone()));
    }
    let named = |a: usize, b: usize| {
        let (a, b) = (&links[a].name, &links[b].name);
        disabled.iter().any(|[one, two]| (one == a && two == b) || (one == b && two == a))
    };
    let pairs: Vec<[usize; 2]> = every(links).filter(|&[a, b]| !named(a, b)).collect();
    let seen = sample(robot, &pairs, ALWAYS_SAMPLES);
    let always = |touching: usize| touching as f64 >= ALWAYS * ALWAYS_SAMPLES as f64;
    Ok(pairs.iter().zip(&seen).filter(|(_, (_, touching))| !always(*touching)).map(|(pair, _)| *pair).collect())
}

/// Pairs that can move against each other.
fn every(links: &[Link]) -> impl Iterator<Item = [usize; 2]> {
    let pairs = (0..links.len()).flat_map(|a| (a + 1..links.len()).map(move |b| [a, b]));
    pairs.filter(|&[a, b]| links[a].frame != links[b].frame)
}

/// Every pair but those joined by one joint, excluded by the model, always touching or never near in `count` configurations
/// spread over the limits.
pub fn sampled(robot: &CollisionModel, model: &Model, count: usize) -> Vec<[usize; 2]> {
    let body = |k: usize| model.body_named(&robot.links[k].name).unwrap_or(BodyId(0));
    let excluded = |a: usize, b: usize| {
        let (a, b) = (body(a), body(b));
        model.excludes.contains(&[a.min(b), a.max(b)])
    };
    let parent = |k: usize| robot.links[k].frame.and_then(|f| robot.frames[f].parent);
    let joined = |a: usize, b: usize| {
        let (one, two) = (robot.links[a].frame, robot.links[b].frame);
        (one.is_some() && parent(a) == two) || (two.is_some() && parent(b) == one)
    };
    let pairs: Vec<[usize; 2]> = every(&robot.links).filter(|&[a, b]| !joined(a, b) && !excluded(a, b)).collect();
    let seen = sample(robot, &pairs, count);
    let meets = |&&(least, touching): &&(f64, usize)| least <= NEVER_M && (touching as f64) < ALWAYS * count as f64;
    // Without samples nothing is known, and everything is watched.
    pairs.iter().zip(&seen).filter(|(_, seen)| count == 0 || meets(seen)).map(|(pair, _)| *pair).collect()
}

/// The least gap of each pair, and in how many of `count` configurations it touched.
fn sample(robot: &CollisionModel, pairs: &[[usize; 2]], count: usize) -> Vec<(f64, usize)> {
    let mut halton = Halton::new(100);
    let (mut places, mut q) = (Vec::new(), vec![0.0; robot.len()]);
    let mut seen = vec![(f64::INFINITY, 0_usize); pairs.len()];
    for _ in 0..count {
        for (k, q) in q.iter_mut().enumerate() {
            *q = robot.low[k] + (robot.high[k] - robot.low[k]) * halton.next(k);
        }
        robot.place(&q, &mut places);
        for (&[a, b], (least, touching)) in pairs.iter().zip(&mut seen) {
            let gap = gap(robot, &places, a, b);
            *least = real::min(*least, gap);
            *touching += usize::from(gap <= 0.0);
        }
    }
    seen
}

/// Gap [m] between two links, exact where it matters here: below [`NEVER_M`].
fn gap(robot: &CollisionModel, places: &[Placement], a: usize, b: usize) -> f64 {
    let (one, two) = (&robot.links[a], &robot.links[b]);
    let at = |link: &Link| link.frame.map_or(WORLD, |f| places[f]);
    let (at_one, at_two) = (at(one), at(two));
    let (from, to) = (at_one.apply(one.bound.center), at_two.apply(two.bound.center));
    let bound = (to - from).norm() - one.bound.radius - two.bound.radius;
    if bound > NEVER_M {
        return bound;
    }
    let mut least = f64::INFINITY;
    for (shape, local) in &one.shapes {
        let at_shape = within(&at_one, local);
        for (other, other_local) in &two.shapes {
            let at_other = within(&at_two, other_local);
            let far = (at_other.position - at_shape.position).norm() - shape.bounding_radius() - other.bounding_radius();
            let gap = if far > NEVER_M { far } else { distance(shape, &at_shape, other, &at_other) };
            least = real::min(least, gap);
        }
    }
    least
}

/// A placement inside a frame, in the world.
pub fn within(frame: &Placement, local: &Placement) -> Placement {
    Placement { position: frame.apply(local.position), rotation: frame.rotation * local.rotation }
}
