//! What the joints of an arm must give for a motion, with what it carries.
//!
//! The controller has its own model of the arm, tool and payload: it is what the maker and the task declare, not what the
//! simulation holds. A payload is one rigid body with the link that carries it, so carrying changes that link's inertia and
//! nothing else; a share between 0 and 1 takes up a load gradually.

use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::{Data, inverse_dynamics};
use leitai_math::linear::symmetric_eigen3;
use leitai_math::{Inertia, Mat3, Pose, Vec3};
use leitai_model::model::Body;
use leitai_model::{JointId, Model, SiteId};

/// A rigid body held at the tool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Payload {
    /// Mass [kg].
    pub mass_kg: f64,
    /// `site_from_payload`: center of mass and principal axes, in the site that carries it.
    pub pose: Pose,
    /// Principal moments of inertia [kg·m²] about the center of mass.
    pub inertia: Vec3,
}

/// Inverse dynamics of an arm's joints; everything else that the model moves stands at its reference.
#[derive(Clone, Debug)]
pub struct ArmDynamics {
    model: Model,
    data: Data,
    /// Places of the arm's joints in `q` and in `v`.
    places: Vec<(usize, usize)>,
    q: Vec<f64>,
    v: Vec<f64>,
    a: Vec<f64>,
    carrier: usize,
    carrier_from_site: Pose,
    bare: Body,
    ancestors_mass: Vec<(usize, f64)>,
}

impl ArmDynamics {
    /// For the scalar joints `joints` of `model`; payloads hang on `site`. Shapes have no part in it and are left out.
    #[must_use]
    pub fn new(model: &Model, joints: &[JointId], site: SiteId) -> Self {
        let mut model = model.clone();
        model.geoms.clear();
        model.pairs.clear();
        for body in &mut model.bodies {
            (body.geom_start, body.geom_count) = (0, 0);
        }
        let places =
            joints.iter().map(|j| (model.joints[j.index()].q_start as usize, model.joints[j.index()].v_start as usize)).collect();
        let mark = &model.sites[site.index()];
        let (carrier, carrier_from_site) = (mark.body.index(), mark.pose);
        let mut ancestors_mass = Vec::new();
        let mut body = carrier;
        while body != 0 {
            ancestors_mass.push((body, model.bodies[body].subtree_mass));
            body = model.bodies[body].parent.index();
        }
        ancestors_mass.push((0, model.bodies[0].subtree_mass));
        Self {
            data: Data::new(&model),
            places,
            q: model.q0.clone(),
            v: vec![0.0; model.nv],
            a: vec![0.0; model.nv],
            carrier,
            carrier_from_site,
            bare: model.bodies[carrier].clone(),
            ancestors_mass,
            model,
        }
    }

    /// Number of joints.
    #[must_use]
    pub fn joints(&self) -> usize {
        self.places.len()
    }

    /// Carries `share` (0 to 1) of `payload` from now on.
    pub fn carry(&mut self, payload: &Payload, share: f64) {
        let (body, mass) = (&self.bare, share * payload.mass_kg);
        let mut whole = Inertia::from_principal(body.mass, body.inertia, &body.inertia_rotation.to_mat(), body.com);
        let pose = self.carrier_from_site * payload.pose;
        whole += Inertia::from_principal(mass, payload.inertia * share, &pose.rotation.to_mat(), pose.position);
        let carrier = &mut self.model.bodies[self.carrier];
        carrier.mass = whole.mass;
        carrier.com = if whole.mass > 0.0 { whole.moment * (1.0 / whole.mass) } else { Vec3::ZERO };
        // The parallel-axis theorem back to the common center of mass.
        let (m, c) = (whole.mass, carrier.com);
        let [xx, yy, zz, xy, xz, yz] = whole.rotational;
        let (xx, yy, zz) = (xx - m * (c.y * c.y + c.z * c.z), yy - m * (c.x * c.x + c.z * c.z), zz - m * (c.x * c.x + c.y * c.y));
        let (xy, xz, yz) = (xy + m * c.x * c.y, xz + m * c.x * c.z, yz + m * c.y * c.z);
        let (moments, axes) = symmetric_eigen3(&Mat3([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]));
        carrier.inertia = moments;
        carrier.inertia_rotation = axes.to_quat();
        for &(body, bare) in &self.ancestors_mass {
            self.model.bodies[body].subtree_mass = bare + mass;
        }
    }

    /// Carries nothing from now on.
    pub fn release(&mut self) {
        self.model.bodies[self.carrier] = self.bare.clone();
        for &(body, bare) in &self.ancestors_mass {
            self.model.bodies[body].subtree_mass = bare;
        }
    }

    /// Writes into `tau` the joint torques [N·m or N] that give acceleration `a` at (`q`, `v`), all in the order of the joints.
    /// Declared joint damping is included; dry friction is not.
    pub fn torques(&mut self, q: &[f64], v: &[f64], a: &[f64], tau: &mut [f64]) {
        for (i, &(at_q, at_v)) in self.places.iter().enumerate() {
            (self.q[at_q], self.v[at_v], self.a[at_v]) = (q[i], v[i], a[i]);
        }
        inverse_dynamics(&self.model, &mut self.data, &self.q, &self.v, &self.a);
        for (i, &(_, at_v)) in self.places.iter().enumerate() {
            tau[i] = self.data.tau[at_v] + self.model.dofs[at_v].damping * v[i];
        }
    }
}
