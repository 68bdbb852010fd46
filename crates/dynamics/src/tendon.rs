//! Tendons: how long they are, and how their length depends on the joints.
//!
//! A fixed tendon is a weighted sum of joint coordinates. A spatial one is a string through sites and around geoms: where two
//! stations stand on different bodies, the rate of their distance is the difference of their velocities along it. A point where
//! the string touches an obstacle counts as fixed to it: it slides along the obstacle without changing the length.

use crate::data::Data;
use crate::jacobian::{point_motion, site_pose};
use crate::wrap::{Round, wrap};
use leitai_geometry::Shape;
use leitai_math::{Vec3, real};
use leitai_model::Model;
use leitai_model::model::{BodyId, SiteId, TendonId};
use leitai_model::spec::TendonPoint;

/// Writes lengths and moments of spatial tendons. Needs [`crate::com_frames`].
pub fn tendons(model: &Model, data: &mut Data) {
    if model.ntendonmoment == 0 && model.tendons.iter().all(|t| t.path.is_empty()) {
        return;
    }
    let mut moment = core::mem::take(&mut data.tendon_moment);
    moment.fill(0.0);
    for (t, tendon) in model.tendons.iter().enumerate().filter(|(_, t)| !t.path.is_empty()) {
        let start = tendon.moment_start as usize;
        let own = &mut moment[start..start + tendon.columns.len()];
        let mut length = 0.0;
        for_each_piece(model, data, TendonId(t as u32), |piece| {
            length += piece.length() / piece.divisor;
            if piece.bodies[0] != piece.bodies[1] {
                let along = piece.direction() / piece.divisor;
                for (body, point, sign) in [(0, piece.points[0], -1.0), (1, piece.points[1], 1.0)] {
                    add_moment(model, data, piece.bodies[body], point, along * sign, &tendon.columns, own);
                }
            }
        });
        data.tendon_length[t] = length;
    }
    data.tendon_moment = moment;
}

/// A piece of a tendon: straight, or along an obstacle.
struct Piece {
    bodies: [BodyId; 2],
    points: [Vec3; 2],
    /// Length along an obstacle; none if the piece is straight.
    arc: Option<f64>,
    divisor: f64,
}

impl Piece {
    fn length(&self) -> f64 {
        self.arc.unwrap_or_else(|| (self.points[1] - self.points[0]).norm())
    }
    fn direction(&self) -> Vec3 {
        (self.points[1] - self.points[0]).normalized_or(Vec3::X)
    }
}

fn for_each_piece(model: &Model, data: &Data, tendon: TendonId, mut visit: impl FnMut(Piece)) {
    let path = &model.tendons[tendon.index()].path;
    let place = |site: SiteId| (model.sites[site.index()].body, site_pose(model, data, site).position);
    let mut divisor = 1.0;
    let mut last: Option<(BodyId, Vec3)> = None;
    let mut obstacle = None;
    for point in path {
        match point {
            TendonPoint::Pulley(d) => (divisor, last) = (*d, None),
            TendonPoint::Around { geom, side } => obstacle = Some((*geom, *side)),
            TendonPoint::Site(site) => {
                let (body, here) = place(*site);
                if let Some((from, start)) = last {
                    let way = obstacle.take().and_then(|(geom, side)| {
                        let owner = &model.geoms[geom.index()];
                        let round = match owner.shape {
                            Shape::Cylinder { radius, .. } => Round::Cylinder(radius),
                            Shape::Sphere { radius } => Round::Sphere(radius),
                            _ => return None,
                        };
                        let side = side.map(|side| place(side).1);
                        wrap([start, here], round, &data.geom[geom.index()], side).map(|way| (owner.body, way))
                    });
                    let mut piece = |bodies, points, arc| visit(Piece { bodies, points, arc, divisor });
                    match way {
                        None => piece([from, body], [start, here], None),
                        Some((geom, way)) => {
                            let [first, second] = way.points;
                            piece([from, geom], [start, first], None);
                            piece([geom; 2], way.points, Some(way.length));
                            piece([geom, body], [second, here], None);
                        }
                    }
                }
                last = Some((body, here));
            }
        }
    }
}

fn add_moment(
    model: &Model,
    data: &Data,
    body: BodyId,
    point: Vec3,
    along: Vec3,
    columns: &[leitai_model::DofId],
    out: &mut [f64],
) {
    let body = &model.bodies[body.index()];
    let offset = point - data.subtree_com[body.root.index()];
    let mut next = body.last_dof;
    while let Some(dof) = next {
        if let Ok(at) = columns.binary_search(&dof) {
            out[at] += point_motion(data.dof_motion[dof.index()], offset).0.dot(along);
        }
        next = model.dofs[dof.index()].parent;
    }
}

/// The degrees of freedom a tendon pulls on, with its moment about each. Needs [`tendons`].
pub fn tendon_moments<'a>(model: &'a Model, data: &'a Data, tendon: TendonId) -> impl Iterator<Item = (usize, f64)> + Clone + 'a {
    let t = &model.tendons[tendon.index()];
    let moments = &data.tendon_moment[t.moment_start as usize..t.moment_start as usize + t.columns.len()];
    let fixed = t.joints.iter().map(|(j, weight)| (model.joints[j.index()].v_start as usize, *weight));
    fixed.chain(t.columns.iter().zip(moments).map(|(d, moment)| (d.index(), *moment)))
}

/// Length of a tendon [m; for a fixed one what its weights make of the joints'] at `q`. Needs [`tendons`].
#[must_use]
pub fn tendon_length(model: &Model, data: &Data, q: &[f64], tendon: TendonId) -> f64 {
    let t = &model.tendons[tendon.index()];
    if t.path.is_empty() {
        t.joints.iter().map(|(j, w)| w * q[model.joints[j.index()].q_start as usize]).sum()
    } else {
        data.tendon_length[tendon.index()]
    }
}

/// Rate of a tendon's length at velocity `v`. Needs [`tendons`].
#[must_use]
pub fn tendon_velocity(model: &Model, data: &Data, v: &[f64], tendon: TendonId) -> f64 {
    tendon_moments(model, data, tendon).map(|(d, moment)| moment * v[d]).sum()
}

/// Adds what tendons with inertia contribute to the rows `start..end` of the mass matrix, where it has entries. Needs
/// [`tendons`].
pub fn add_tendon_inertia(model: &Model, data: &mut Data, start: usize, end: usize) {
    let mut mass = core::mem::take(&mut data.mass);
    for (t, tendon) in model.tendons.iter().enumerate().filter(|(_, t)| t.armature != 0.0) {
        let moments = tendon_moments(model, data, TendonId(t as u32));
        for (d, moment) in moments.clone().filter(|(d, _)| (start..end).contains(d)) {
            let row = model.dofs[d].row_start as usize..(model.dofs[d].row_start + model.dofs[d].row_len) as usize;
            for (other, other_moment) in moments.clone() {
                if let Ok(at) = model.mass_columns[row.clone()].binary_search(&(other as u32)) {
                    mass[row.start + at] += tendon.armature * moment * other_moment;
                }
            }
        }
    }
    data.mass = mass;
}

/// Adds to `data.bias` the forces that tendons with inertia need because their moments change. Needs [`crate::bias_forces`].
pub fn add_tendon_bias(model: &Model, data: &mut Data) {
    for t in 0..model.tendons.len() {
        let tendon = &model.tendons[t];
        if tendon.armature == 0.0 || tendon.path.is_empty() {
            continue;
        }
        let mut rate = 0.0;
        for_each_piece(model, data, TendonId(t as u32), |piece| {
            if piece.bodies[0] == piece.bodies[1] {
                return;
            }
            let [one, two] = [0, 1].map(|i| moving(model, data, piece.bodies[i], piece.points[i]));
            let (velocity, acceleration) = (two.0 - one.0, two.1 - one.1);
            let along = piece.direction();
            let turning = (velocity - along * along.dot(velocity)) / real::max(1e-15, piece.length());
            rate += (turning.dot(velocity) + along.dot(acceleration)) / piece.divisor;
        });
        let (start, force) = (tendon.moment_start as usize, tendon.armature * rate);
        for (k, d) in tendon.columns.iter().enumerate() {
            data.bias[d.index()] += data.tendon_moment[start + k] * force;
        }
    }
}

/// Velocity of a point of a body, and its acceleration while no degree of freedom accelerates.
fn moving(model: &Model, data: &Data, body: BodyId, point: Vec3) -> (Vec3, Vec3) {
    let i = body.index();
    if model.bodies[i].last_dof.is_none() {
        return (Vec3::ZERO, Vec3::ZERO);
    }
    let offset = point - data.subtree_com[model.bodies[i].root.index()];
    let (v, a) = (data.body_velocity[i], data.body_acceleration[i]);
    let velocity = v.linear + v.angular.cross(offset);
    (velocity, a.linear + data.gravity + a.angular.cross(offset) + v.angular.cross(velocity))
}
