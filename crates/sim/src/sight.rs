//! Sensors that look: rays, nearest points, and who is inside whom.

use crate::sensor::Moment;
use leitai_geometry::{Manifold, Placement, Shape, cast, collide};
use leitai_math::{Vec3, real};
use leitai_model::model::{BodyId, Frame, GeomId, SiteId};
use leitai_model::spec::{Nearness, RAY_FIELDS, Watched};

/// What the ray along z of `site` meets first, of geoms on other bodies that are not drawn wholly transparent.
pub(crate) fn rangefinder(m: &Moment, site: SiteId, fields: u16, cutoff: f64, out: &mut [f64]) {
    let model = &*m.scene.model;
    let (body, pose) = m.frame(&Frame::Site(site));
    let (origin, along) = (pose.position, pose.rotation.rotate(Vec3::Z));
    let mut best: Option<(f64, Vec3)> = None;
    for (g, geom) in model.geoms.iter().enumerate() {
        if geom.body == body || geom.rgba[3] == 0.0 {
            continue;
        }
        if let Some(hit) = cast(&geom.shape, &m.data.geom[g], origin, along)
            && best.is_none_or(|(nearest, _)| hit.distance < nearest)
        {
            best = Some((hit.distance, hit.normal));
        }
    }
    let distance = best.map_or(-1.0, |(d, _)| d);
    let hit = |v: Vec3| if best.is_some() { v } else { Vec3::ZERO };
    let values = [
        Value::One(distance),
        Value::Three(hit(along)),
        Value::Three(origin),
        Value::Three(hit(origin + along * distance)),
        Value::Three(best.map_or(Vec3::ZERO, |(_, normal)| normal)),
        Value::One(distance),
    ];
    debug_assert_eq!(values.len(), RAY_FIELDS.len());
    write(&values, fields, out);
    if cutoff > 0.0 && fields == 1 {
        out[0] = real::min(distance, cutoff);
    } else if cutoff > 0.0 {
        // MuJoCo clips directions like lengths.
        out.iter_mut().for_each(|x| *x = real::clamp(*x, -cutoff, cutoff));
    }
}

/// A field of a reading.
pub(crate) enum Value {
    One(f64),
    Three(Vec3),
}

/// Writes those of `values` whose bit is set, one after the other; gives what is left of `out`.
pub(crate) fn write<'a>(values: &[Value], fields: u16, mut out: &'a mut [f64]) -> &'a mut [f64] {
    for (i, value) in values.iter().enumerate() {
        if fields & 1 << i == 0 {
            continue;
        }
        let n = match value {
            Value::One(x) => {
                out[0] = *x;
                1
            }
            Value::Three(v) => {
                out[..3].copy_from_slice(&v.to_array());
                3
            }
        };
        out = &mut out[n..];
    }
    out
}

/// Where the geoms of two sides come closest, no farther apart than `cutoff`.
pub(crate) fn nearest(m: &Moment, sides: &[Watched<GeomId, BodyId>; 2], what: Nearness, cutoff: f64, out: &mut [f64]) {
    let mut found: Option<(f64, Vec3, Vec3)> = None;
    let mut manifold = Manifold::default();
    let model = &*m.scene.model;
    for a in geoms(m, &sides[0]) {
        for b in geoms(m, &sides[1]) {
            let (first, second) = (&model.geoms[a], &model.geoms[b]);
            collide(&first.shape, &m.data.geom[a], &second.shape, &m.data.geom[b], cutoff, &mut manifold);
            for point in manifold.points() {
                if found.is_none_or(|(distance, ..)| point.distance < distance) {
                    found = Some((point.distance, point.position, point.normal));
                }
            }
        }
    }
    let Some((distance, middle, normal)) = found else {
        if what == Nearness::Distance {
            out[0] = cutoff;
        }
        return;
    };
    let half = normal * (0.5 * distance);
    match what {
        Nearness::Distance => out[0] = distance,
        // From the first surface to the second: backward where they overlap.
        Nearness::Normal => {
            let direction = if distance < 0.0 { -normal } else { normal };
            out.copy_from_slice(&direction.to_array());
        }
        Nearness::Ends => {
            out[..3].copy_from_slice(&(middle - half).to_array());
            out[3..].copy_from_slice(&(middle + half).to_array());
        }
    }
}

fn geoms(m: &Moment, side: &Watched<GeomId, BodyId>) -> core::ops::Range<usize> {
    let of_body = |b: usize| {
        let body = &m.scene.model.bodies[b];
        body.geom_start as usize..(body.geom_start + body.geom_count) as usize
    };
    match side {
        Watched::Geom(g) => g.index()..g.index() + 1,
        Watched::Body(b) => of_body(b.index()),
        Watched::Subtree(b) => {
            let last = b.index() + m.scene.model.bodies[b.index()].subtree_count as usize - 1;
            of_body(b.index()).start..of_body(last).end
        }
    }
}

/// True if a point of the world lies inside a site.
pub(crate) fn is_inside(m: &Moment, site: SiteId, point: Vec3) -> bool {
    let (_, pose) = m.frame(&Frame::Site(site));
    let at = Placement { position: pose.position, rotation: pose.rotation.to_mat() };
    let p = at.local(point);
    match &m.scene.model.sites[site.index()].shape {
        Shape::Sphere { radius } => p.norm_squared() < radius * radius,
        Shape::Capsule { radius, half_length } => {
            let z = p.z - real::clamp(p.z, -half_length, *half_length);
            p.x * p.x + p.y * p.y + z * z < radius * radius
        }
        Shape::Ellipsoid { radii } => Vec3::new(p.x / radii.x, p.y / radii.y, p.z / radii.z).norm_squared() < 1.0,
        Shape::Cylinder { radius, half_length } => real::abs(p.z) < *half_length && p.x * p.x + p.y * p.y < radius * radius,
        Shape::Box { half } => (0..3).all(|i| real::abs(p[i]) < half[i]),
        Shape::Bore { half, radius, depth } => {
            let hole = p.z >= half.z - depth && p.x * p.x + p.y * p.y <= radius * radius;
            !hole && (0..3).all(|i| real::abs(p[i]) < half[i])
        }
        Shape::Mesh(mesh) => {
            let hull = mesh.hull();
            (0..hull.face_count()).all(|f| hull.normal(f).dot(p - hull.corners[hull.rim(f)[0] as usize]) < 0.0)
        }
        Shape::Plane { .. } | Shape::HeightField(_) => false,
    }
}
