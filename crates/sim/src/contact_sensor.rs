//! Sensors of contacts: who touches whom, with which force, in a reading of fixed size.

use crate::contact::Contact;
use crate::sensor::Moment;
use crate::sight::{Value, is_inside, write};
use leitai_math::{Vec3, real};
use leitai_model::model::{BodyId, GeomId, SiteId};
use leitai_model::spec::{CONTACT_FIELDS, ContactWatch, Reduce, Watched, width};

type Watch = ContactWatch<GeomId, BodyId, SiteId>;

/// Writes what `watch` finds; slots without a contact are zero. `order` is scratch.
pub(crate) fn read(m: &Moment, watch: &Watch, order: &mut alloc::vec::Vec<(f64, u32, bool)>, out: &mut [f64]) {
    order.clear();
    for (i, contact) in m.contacts.iter().enumerate() {
        if let Some(flipped) = matches(m, watch, contact) {
            let force = || Vec3::from_slice(&m.rows.contact_force(contact)).norm();
            let key = match watch.reduce {
                Reduce::First | Reduce::Sum => 0.0,
                Reduce::Deepest => contact.distance,
                Reduce::Strongest => -force(),
            };
            order.push((key, i as u32, flipped));
        }
    }
    let found = order.len() as f64;
    if order.is_empty() {
        return;
    }
    if watch.reduce == Reduce::Sum {
        sum(m, watch, order, found, out);
        return;
    }
    // Equal ones stay in the contacts' order.
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let slot = width(&CONTACT_FIELDS, watch.fields);
    for (&(_, i, flipped), slot) in order.iter().zip(out.chunks_exact_mut(slot.max(1))) {
        let contact = &m.contacts[i as usize];
        let force = m.rows.contact_force(contact);
        // Seen from the other side normal and first tangent turn round, and so what is along them stays.
        let (sign, last) = if flipped { (-1.0, -1.0) } else { (1.0, 1.0) };
        let seen = |v: Vec3| Vec3::new(v.x, v.y, v.z * last);
        let [first, second] = contact.geoms.map(|g| m.point_velocity(m.scene.model.geoms[g.index()].body, contact.position));
        let in_frame = |v: Vec3| seen(contact.frame * v);
        let values = [
            Value::One(found),
            Value::Three(seen(Vec3::from_slice(&force))),
            Value::Three(seen(Vec3::from_slice(&force[3..]))),
            Value::One(contact.distance),
            Value::Three(contact.position),
            Value::Three(contact.frame.row(0) * sign),
            Value::Three(contact.frame.row(1) * sign),
            Value::Three(in_frame(second.0 - first.0)),
            Value::Three(in_frame(second.1 - first.1)),
        ];
        write(&values, watch.fields, slot);
    }
}

/// One wrench in the world's axes, at the center of the contacts weighted by their forces.
fn sum(m: &Moment, watch: &Watch, order: &[(f64, u32, bool)], found: f64, out: &mut [f64]) {
    let wrenches = || {
        order.iter().map(|&(_, i, flipped)| {
            let contact = &m.contacts[i as usize];
            let f = m.rows.contact_force(contact);
            let sign = if flipped { -1.0 } else { 1.0 };
            let world = |v: Vec3| contact.frame.transpose_mul(v) * sign;
            (contact.position, world(Vec3::from_slice(&f)), world(Vec3::from_slice(&f[3..])))
        })
    };
    let weight: f64 = wrenches().map(|(_, f, _)| f.norm()).sum();
    let center = wrenches().fold(Vec3::ZERO, |sum, (p, f, _)| sum + p * f.norm()) * (1.0 / real::max(1e-15, weight));
    let (mut force, mut torque) = (Vec3::ZERO, Vec3::ZERO);
    for (p, f, t) in wrenches() {
        force += f;
        torque += t + (p - center).cross(f);
    }
    let values = [
        Value::One(found),
        Value::Three(force),
        Value::Three(torque),
        Value::One(0.0),
        Value::Three(center),
        Value::Three(Vec3::X),
        Value::Three(Vec3::Y),
    ];
    write(&values, watch.fields, out);
}

/// Whether a contact is asked for; true inside if first and second are the other way round.
fn matches(m: &Moment, watch: &Watch, contact: &Contact) -> Option<bool> {
    if watch.site.is_some_and(|site| !is_inside(m, site, contact.position)) {
        return None;
    }
    let is = |geom: GeomId, side: &Option<Watched<GeomId, BodyId>>| {
        let body = m.scene.model.geoms[geom.index()].body;
        match side {
            None => true,
            Some(Watched::Geom(g)) => *g == geom,
            Some(Watched::Body(b)) => *b == body,
            Some(Watched::Subtree(b)) => m.scene.model.is_below(body, *b),
        }
    };
    let [a, b] = contact.geoms;
    let [first, second] = &watch.sides;
    if is(a, first) && is(b, second) { Some(false) } else { (is(b, first) && is(a, second)).then_some(true) }
}
