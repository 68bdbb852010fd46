//! What the joints of an arm must give for a motion, with what it carries.
//!
//! The controller has its own model of the arm, tool and payload: it is what the maker and the task declare, not what the
//! simulation holds. A payload is one rigid body with the link that carries it, so carrying changes that link's inertia and
//! nothing else; a share between 0 and 1 takes up a load gradually.

use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::Links;
use leitai_math::{Pose, Vec3};
use leitai_model::{BodyId, JointId, Model, SiteId};

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
    links: Links,
    /// Places of the arm's joints in `q` and in `v`.
    places: Vec<(usize, usize)>,
    /// Declared damping of each joint [N·m·s/rad, N·s/m].
    damping: Vec<f64>,
    /// Workspace of [`Self::holding`].
    half: Vec<f64>,
    /// Momentum and its own change, of every degree of freedom of the model.
    momenta: [Vec<f64>; 2],
    /// Where the links' packed mass matrix holds the entry of two joints, if it does.
    mass_places: Vec<Option<usize>>,
    q: Vec<f64>,
    v: Vec<f64>,
    a: Vec<f64>,
    carrier: BodyId,
    carrier_from_site: Pose,
}

impl ArmDynamics {
    /// For the scalar joints `joints` of `model`; payloads hang on `site`.
    #[must_use]
    pub fn new(model: &Model, joints: &[JointId], site: SiteId) -> Self {
        let places: Vec<(usize, usize)> =
            joints.iter().map(|j| (model.joints[j.index()].q_start as usize, model.joints[j.index()].v_start as usize)).collect();
        let mark = &model.sites[site.index()];
        Self {
            links: Links::new(model),
            damping: places.iter().map(|&(_, at_v)| model.dofs[at_v].damping).collect(),
            half: vec![0.0; places.len()],
            momenta: [vec![0.0; model.nv], vec![0.0; model.nv]],
            mass_places: places.iter().flat_map(|a| places.iter().map(|b| packed_place(model, a.1, b.1))).collect(),
            places,
            q: model.q0.clone(),
            v: vec![0.0; model.nv],
            a: vec![0.0; model.nv],
            carrier: mark.body,
            carrier_from_site: mark.pose,
        }
    }

    /// Number of joints.
    #[must_use]
    pub fn joints(&self) -> usize {
        self.places.len()
    }

    /// Carries `share` (0 to 1) of `payload` from now on.
    pub fn carry(&mut self, payload: &Payload, share: f64) {
        let pose = self.carrier_from_site * payload.pose;
        self.links.carry(self.carrier, pose, share * payload.mass_kg, payload.inertia * share);
    }

    /// Carries nothing from now on.
    pub fn release(&mut self) {
        self.links.carry(self.carrier, self.carrier_from_site, 0.0, Vec3::ZERO);
    }

    /// Writes into `tau` the joint torques [N·m or N] that give acceleration `a` at (`q`, `v`), all in the order of the joints.
    /// Declared joint damping is included; dry friction is not.
    pub fn torques(&mut self, q: &[f64], v: &[f64], a: &[f64], tau: &mut [f64]) {
        for (i, &(at_q, at_v)) in self.places.iter().enumerate() {
            (self.q[at_q], self.v[at_v], self.a[at_v]) = (q[i], v[i], a[i]);
        }
        self.links.inverse_dynamics(&self.q, &self.v, &self.a);
        for (i, &(_, at_v)) in self.places.iter().enumerate() {
            tau[i] = self.links.tau[at_v] + self.damping[i] * v[i];
        }
    }

    /// Writes into `tau` what holds the arm at `q` and takes along what moves with `w` while it moves with `v`: g(q) + C(q, v)·w + damping·w, with
    /// Christoffel's C, for which Ṁ − 2C is skew. With `w` = 0 it is the weight; with `w` = `v` all that [`Self::torques`] has without acceleration.
    pub fn holding(&mut self, q: &[f64], v: &[f64], w: &[f64], tau: &mut [f64]) {
        self.along(q, |_| 0.0);
        for (tau, &(_, at_v)) in tau.iter_mut().zip(&self.places) {
            *tau = self.links.tau[at_v];
        }
        if w.iter().all(|w| *w == 0.0) {
            return;
        }
        // C(q, v)·w is bilinear and symmetric: a quarter of what v + w has more than v − w. Gravity falls out.
        self.along(q, |i| v[i] + w[i]);
        for (half, &(_, at_v)) in self.half.iter_mut().zip(&self.places) {
            *half = self.links.tau[at_v];
        }
        self.along(q, |i| v[i] - w[i]);
        for (i, &(_, at_v)) in self.places.iter().enumerate() {
            tau[i] += 0.25 * (self.half[i] - self.links.tau[at_v]) + self.damping[i] * w[i];
        }
    }

    /// Writes into `momentum` M·v and into `own` what changes it besides torques, Cᵀ·v − g − damping·v, at (`q`, `v`): ṗ = τ + own.
    pub fn momentum(&mut self, q: &[f64], v: &[f64], momentum: &mut [f64], own: &mut [f64]) {
        self.along(q, |_| 0.0);
        for (i, &(_, at_v)) in self.places.iter().enumerate() {
            own[i] = -self.links.tau[at_v] - self.damping[i] * v[i];
            self.v[at_v] = v[i];
        }
        let [p, slope] = &mut self.momenta;
        self.links.momenta(&self.q, &self.v, p, slope);
        for (i, &(_, at_v)) in self.places.iter().enumerate() {
            momentum[i] = p[at_v];
            own[i] += slope[at_v];
        }
    }

    /// Replaces accelerations `a` by the torques that they alone take at `q`: M·a.
    pub fn inertial(&mut self, q: &[f64], a: &mut [f64]) {
        for (i, &(at_q, at_v)) in self.places.iter().enumerate() {
            (self.q[at_q], self.v[at_v], self.a[at_v]) = (q[i], 0.0, 0.0);
        }
        self.links.inverse_dynamics(&self.q, &self.v, &self.a);
        for (i, &(_, at_v)) in self.places.iter().enumerate() {
            self.half[i] = self.links.tau[at_v];
            self.a[at_v] = a[i];
        }
        self.links.inverse_dynamics(&self.q, &self.v, &self.a);
        for (i, &(_, at_v)) in self.places.iter().enumerate() {
            a[i] = self.links.tau[at_v] - self.half[i];
        }
    }

    /// Inverse dynamics of the links at `q`, moving with `v` without acceleration.
    fn along(&mut self, q: &[f64], v: impl Fn(usize) -> f64) {
        for (i, &(at_q, at_v)) in self.places.iter().enumerate() {
            (self.q[at_q], self.v[at_v], self.a[at_v]) = (q[i], v(i), 0.0);
        }
        self.links.inverse_dynamics(&self.q, &self.v, &self.a);
    }

    /// Writes into `mass` the joints' mass matrix at `q`, n × n, row by row [kg·m², kg·m, kg], with what is carried and the rotors.
    ///
    /// # Panics
    /// If `mass` has not n² numbers.
    pub fn mass_matrix(&mut self, q: &[f64], mass: &mut [f64]) {
        assert_eq!(mass.len(), self.mass_places.len(), "a mass matrix is n × n");
        for (&(at_q, _), q) in self.places.iter().zip(q) {
            self.q[at_q] = *q;
        }
        self.links.mass_matrix(&self.q);
        for (entry, place) in mass.iter_mut().zip(&self.mass_places) {
            *entry = place.map_or(0.0, |place| self.links.mass[place]);
        }
    }
}

/// Where the packed mass matrix holds the entry of degrees of freedom `a` and `b`; two of different branches have none.
fn packed_place(model: &Model, a: usize, b: usize) -> Option<usize> {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let start = model.dofs[high].row_start as usize;
    let row = start..start + model.dofs[high].row_len as usize;
    row.clone().find(|&at| model.mass_columns[at] as usize == low)
}
