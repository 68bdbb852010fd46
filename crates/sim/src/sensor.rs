//! What sensors read at the present state: MuJoCo's meaning of each, without noise (the program that reads adds that).
//!
//! Velocities and accelerations are those of the computation, spatial vectors about each tree's center of mass. Accelerations
//! carry gravity as a pull upward, so that a body at rest reads what an accelerometer would.

use crate::contact::Contact;
use crate::contact_sensor;
use crate::rows::{Origin, Rows};
use crate::scene::Scene;
use crate::sight;
use crate::state::State;
use crate::suction;
use crate::tie::Tie;
use crate::transmission::{for_each_moment, transmission_length};
use crate::world::Forces;
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::{Data, kinetic_energy, potential_energy, site_pose, tendon_length, tendon_velocity};
use leitai_geometry::{Placement, cast};
use leitai_math::{Motion, Pose, Quat, Vec3, real};
use leitai_model::Model;
use leitai_model::model::{Actuator, BodyId, Frame, JointId, Measure, SiteId, Transmission};

/// Readings and what they are made of.
#[derive(Clone, Debug)]
pub(crate) struct Sensors {
    /// One number after the other, in the order of the model's sensors.
    pub readings: Vec<f64>,
    /// Acceleration of each body.
    acceleration: Vec<Motion>,
    /// Force that each body's joints pass on to it.
    force: Vec<Motion>,
    /// Scratch of contact sensors.
    order: Vec<(f64, u32, bool)>,
    needs_acceleration: bool,
    needs_force: bool,
}

/// What the readings are computed from.
pub(crate) struct Moment<'a> {
    pub scene: &'a Scene,
    pub data: &'a Data,
    pub state: &'a State,
    pub contacts: &'a [Contact],
    pub rows: &'a Rows,
    pub forces: &'a Forces,
}

impl Sensors {
    pub(crate) fn new(model: &Model, most_contacts: usize) -> Self {
        let any = |wanted: fn(&Measure) -> bool| model.sensors.iter().any(|s| wanted(&s.measure));
        let needs_force = any(|m| matches!(m, Measure::Force(_) | Measure::Torque(_)));
        let accelerates = any(|m| {
            matches!(m, Measure::Accelerometer(_) | Measure::FrameLinearAcceleration(_) | Measure::FrameAngularAcceleration(_))
        });
        Self {
            readings: vec![0.0; model.nsensordata],
            acceleration: vec![Motion::ZERO; model.bodies.len()],
            force: vec![Motion::ZERO; model.bodies.len()],
            order: Vec::with_capacity(if any(|m| matches!(m, Measure::Contact(_))) { most_contacts } else { 0 }),
            needs_acceleration: accelerates || needs_force,
            needs_force,
        }
    }

    /// Writes all readings.
    pub(crate) fn read(&mut self, moment: &Moment) {
        let model = &*moment.scene.model;
        if model.sensors.is_empty() {
            return;
        }
        self.readings.fill(0.0);
        if model.option.disable.sensor {
            return;
        }
        if self.needs_acceleration {
            self.accelerate(moment);
        }
        if self.needs_force {
            self.transmit(moment);
        }
        for sensor in &model.sensors {
            let (from, len) = (sensor.start as usize, sensor.measure.len());
            let Self { readings, order, .. } = self;
            let out = &mut readings[from..from + len];
            match &sensor.measure {
                Measure::Contact(watch) => contact_sensor::read(moment, watch, order, out),
                Measure::Rangefinder(site, fields) => sight::rangefinder(moment, *site, *fields, sensor.cutoff, out),
                Measure::Nearest(sides, what) => sight::nearest(moment, sides, *what, sensor.cutoff, out),
                _ => {}
            }
            if matches!(sensor.measure, Measure::Contact(_) | Measure::Rangefinder(..) | Measure::Nearest(..)) {
                continue;
            }
            let value = self.measure(moment, &sensor.measure);
            let out = &mut self.readings[from..from + len];
            out.copy_from_slice(&value[..len]);
            let unit =
                matches!(sensor.measure, Measure::BallQuaternion(_) | Measure::FrameQuaternion(..) | Measure::FrameAxis(..));
            if sensor.cutoff > 0.0 && !unit {
                out.iter_mut().for_each(|x| *x = real::clamp(*x, -sensor.cutoff, sensor.cutoff));
            }
        }
    }

    /// Accelerations of all bodies under the accelerations of the degrees of freedom.
    fn accelerate(&mut self, moment: &Moment) {
        let (model, data) = (&*moment.scene.model, moment.data);
        let rest = Motion::new(Vec3::ZERO, -data.gravity);
        self.acceleration[0] = rest;
        for i in 1..model.bodies.len() {
            let body = &model.bodies[i];
            // Each tree has its own reference point, but what stands on the world starts from rest.
            let mut a = if body.parent.0 == 0 { rest } else { self.acceleration[body.parent.index()] };
            if moment.moves(BodyId(i as u32)) {
                for d in body.dof_start as usize..(body.dof_start + body.dof_count) as usize {
                    a += data.dof_motion_rate[d] * moment.state.v[d] + data.dof_motion[d] * moment.forces.a[d];
                }
            }
            self.acceleration[i] = a;
        }
    }

    /// Forces that bodies receive through their joints: what their motion needs, less what pushes them from outside.
    fn transmit(&mut self, moment: &Moment) {
        let (model, data) = (&*moment.scene.model, moment.data);
        self.force[0] = Motion::ZERO;
        for i in 1..model.bodies.len() {
            let (inertia, velocity) = (&data.body_inertia[i], moment.velocity(BodyId(i as u32)));
            self.force[i] = inertia.apply(self.acceleration[i]) + velocity.cross_force(inertia.apply(velocity));
        }
        let mut push = |body: BodyId, point: Vec3, force: Motion| {
            let arm = point - moment.center(body);
            self.force[body.index()] -= Motion::new(force.angular + arm.cross(force.linear), force.linear);
        };
        for (b, force) in moment.state.body_force.iter().enumerate() {
            push(BodyId(b as u32), data.com[b], *force);
        }
        suction::for_each_force(model, data, &moment.state.cups, &mut push);
        moment.for_each_contact_force(&mut push);
        moment.for_each_tie_force(&mut push);
        for i in (1..model.bodies.len()).rev() {
            let parent = model.bodies[i].parent.index();
            if parent > 0 {
                let force = self.force[i];
                self.force[parent] += force;
            }
        }
    }

    fn measure(&self, m: &Moment, measure: &Measure) -> [f64; 4] {
        let (model, data, state) = (&*m.scene.model, m.data, m.state);
        let joint = |j: &JointId| &model.joints[j.index()];
        match measure {
            Measure::JointPosition(j) => one(state.q[joint(j).q_start as usize]),
            Measure::JointVelocity(j) => one(state.v[joint(j).v_start as usize]),
            Measure::JointActuatorForce(j) => one(m.forces.actuation[joint(j).v_start as usize]),
            Measure::TendonPosition(t) => one(tendon_length(model, data, &state.q, *t)),
            Measure::TendonVelocity(t) => one(tendon_velocity(model, data, &state.v, *t)),
            Measure::ActuatorPosition(a) => one(transmission_length(model, data, &state.q, &model.actuators[a.index()])),
            Measure::ActuatorVelocity(a) => {
                let mut velocity = 0.0;
                for_each_moment(model, data, &state.q, m.contacts, &model.actuators[a.index()], |d, k| {
                    velocity += k * state.v[d]
                });
                one(velocity)
            }
            Measure::ActuatorForce(a) => one(m.forces.actuator[a.index()]),
            Measure::BallQuaternion(j) => Quat::from_slice(&state.q[joint(j).q_start as usize..]).normalized().to_array(),
            Measure::BallAngularVelocity(j) => three(Vec3::from_slice(&state.v[joint(j).v_start as usize..])),
            Measure::JointLimitPosition(j) => one(m.limit(Origin::JointLimit(*j))[0]),
            Measure::JointLimitVelocity(j) => one(m.limit(Origin::JointLimit(*j))[1]),
            Measure::JointLimitForce(j) => one(m.limit(Origin::JointLimit(*j))[2]),
            Measure::TendonLimitPosition(t) => one(m.limit(Origin::TendonLimit(*t))[0]),
            Measure::TendonLimitVelocity(t) => one(m.limit(Origin::TendonLimit(*t))[1]),
            Measure::TendonLimitForce(t) => one(m.limit(Origin::TendonLimit(*t))[2]),
            Measure::TendonActuatorForce(t) => {
                let pulls = |a: &Actuator| matches!(a.transmission, Transmission::Tendon(on) if on == *t);
                let forces = model.actuators.iter().zip(&m.forces.actuator);
                one(forces.filter(|(a, _)| pulls(a)).map(|(_, force)| force).sum())
            }
            Measure::FramePosition(f, r) => {
                let (_, pose) = m.frame(f);
                three(r.as_ref().map_or(pose.position, |r| m.frame(r).1.inverse().apply(pose.position)))
            }
            Measure::FrameQuaternion(f, r) => {
                let turn = m.frame(f).1.rotation;
                r.as_ref().map_or(turn, |r| (m.frame(r).1.rotation.conjugate() * turn).normalized()).to_array()
            }
            Measure::FrameAxis(f, r, k) => {
                let axis = m.frame(f).1.rotation.to_mat().column(*k as usize);
                three(m.seen_from(r.as_ref(), axis))
            }
            Measure::FrameLinearVelocity(f, r) => {
                let (linear, _) = m.frame_velocity(f);
                let Some(r) = r else { return three(linear) };
                let (base, turning) = m.frame_velocity(r);
                let apart = m.frame(f).1.position - m.frame(r).1.position;
                three(m.seen_from(Some(r), linear - base - turning.cross(apart)))
            }
            Measure::FrameAngularVelocity(f, r) => {
                let (_, angular) = m.frame_velocity(f);
                let base = r.as_ref().map_or(Vec3::ZERO, |r| m.frame_velocity(r).1);
                three(m.seen_from(r.as_ref(), angular - base))
            }
            Measure::FrameLinearAcceleration(f) => three(self.linear_acceleration(m, f)),
            Measure::FrameAngularAcceleration(f) => three(self.acceleration[m.frame(f).0.index()].angular),
            Measure::Accelerometer(s) => {
                let frame = Frame::Site(*s);
                three(m.frame(&frame).1.rotation.conjugate().rotate(self.linear_acceleration(m, &frame)))
            }
            Measure::Gyro(s) => three(m.seen_from(Some(&Frame::Site(*s)), m.frame_velocity(&Frame::Site(*s)).1)),
            Measure::Velocimeter(s) => three(m.seen_from(Some(&Frame::Site(*s)), m.frame_velocity(&Frame::Site(*s)).0)),
            Measure::Force(s) => three(m.seen_from(Some(&Frame::Site(*s)), self.force_at(m, *s).linear)),
            Measure::Torque(s) => three(m.seen_from(Some(&Frame::Site(*s)), self.force_at(m, *s).angular)),
            Measure::Touch(s) => one(m.touch(*s)),
            Measure::Magnetometer(s) => three(m.seen_from(Some(&Frame::Site(*s)), model.option.magnetic)),
            Measure::InsideSite(f, s) => one(if sight::is_inside(m, *s, m.frame(f).1.position) { 1.0 } else { 0.0 }),
            // Written by [`Self::read`].
            Measure::Rangefinder(..) | Measure::Nearest(..) | Measure::Contact(_) => [0.0; 4],
            Measure::SubtreeCenter(b) => three(data.subtree_com[b.index()]),
            Measure::SubtreeLinearVelocity(b) => three(m.subtree_velocity(*b)),
            Measure::SubtreeAngularMomentum(b) => three(m.subtree_angular_momentum(*b)),
            Measure::PotentialEnergy => one(potential_energy(model, data, &state.q)),
            Measure::KineticEnergy => one(kinetic_energy(model, data, &state.v)),
            Measure::Clock => one(state.time_s(model.option.timestep_s)),
        }
    }

    fn linear_acceleration(&self, m: &Moment, frame: &Frame) -> Vec3 {
        let (body, pose) = m.frame(frame);
        let offset = pose.position - m.center(body);
        let (velocity, a) = (m.velocity(body), self.acceleration[body.index()]);
        let moving = velocity.linear + velocity.angular.cross(offset);
        a.linear + a.angular.cross(offset) + velocity.angular.cross(moving)
    }

    /// Moment and force that the parent puts on the site's body, about the site.
    fn force_at(&self, m: &Moment, site: SiteId) -> Motion {
        let (body, pose) = m.frame(&Frame::Site(site));
        let force = self.force[body.index()];
        Motion::new(force.angular - (pose.position - m.center(body)).cross(force.linear), force.linear)
    }
}

impl Moment<'_> {
    /// True if `body` hangs on a degree of freedom and is stepped.
    fn moves(&self, body: BodyId) -> bool {
        self.scene.model.bodies[body.index()].last_dof.is_some() && self.state.sleep.is_awake(self.scene, body)
    }

    /// The reference point of the body's spatial vectors.
    fn center(&self, body: BodyId) -> Vec3 {
        self.data.subtree_com[self.scene.model.bodies[body.index()].root.index()]
    }

    fn velocity(&self, body: BodyId) -> Motion {
        if self.moves(body) { self.data.body_velocity[body.index()] } else { Motion::ZERO }
    }

    /// The body a frame is fixed to, and where it is.
    pub(crate) fn frame(&self, frame: &Frame) -> (BodyId, Pose) {
        let (model, data) = (&*self.scene.model, self.data);
        match frame {
            Frame::BodyInertial(b) => {
                let turn = data.body_pose[b.index()].rotation * model.bodies[b.index()].inertia_rotation;
                (*b, Pose::new(data.com[b.index()], turn))
            }
            Frame::Body(b) => (*b, data.body_pose[b.index()]),
            Frame::Geom(g) => {
                let geom = &model.geoms[g.index()];
                (geom.body, data.body_pose[geom.body.index()] * geom.pose)
            }
            Frame::Site(s) => (model.sites[s.index()].body, site_pose(model, data, *s)),
            Frame::Camera(c) => {
                let camera = &model.cameras[c.index()];
                (camera.body, data.body_pose[camera.body.index()] * camera.pose)
            }
        }
    }

    /// A vector of the world in the axes of a frame, if one is given.
    fn seen_from(&self, frame: Option<&Frame>, vector: Vec3) -> Vec3 {
        frame.map_or(vector, |f| self.frame(f).1.rotation.conjugate().rotate(vector))
    }

    /// Linear and angular velocity of a frame, in the world.
    fn frame_velocity(&self, frame: &Frame) -> (Vec3, Vec3) {
        let (body, pose) = self.frame(frame);
        self.point_velocity(body, pose.position)
    }

    /// Linear and angular velocity of a point of a body, in the world.
    pub(crate) fn point_velocity(&self, body: BodyId, point: Vec3) -> (Vec3, Vec3) {
        let velocity = self.velocity(body);
        (velocity.linear + velocity.angular.cross(point - self.center(body)), velocity.angular)
    }

    /// Violation, velocity and force of a limit, if it acts now; zero if it does not.
    fn limit(&self, limit: Origin) -> [f64; 3] {
        let Some(block) = self.rows.blocks.iter().find(|b| b.origin == limit) else { return [0.0; 3] };
        [self.rows.violation[block.row], self.rows.row_times(block, 0, &self.state.v), self.rows.force[block.row]]
    }

    /// Sum of the normal forces of contacts of the site's body whose line of force meets the site's shape.
    fn touch(&self, site: SiteId) -> f64 {
        let model = &*self.scene.model;
        let (body, pose) = self.frame(&Frame::Site(site));
        let at = Placement { position: pose.position, rotation: pose.rotation.to_mat() };
        let mut sum = 0.0;
        for contact in self.contacts.iter().filter(|c| c.row != u32::MAX) {
            let [first, second] = contact.geoms.map(|g| model.geoms[g.index()].body);
            let force = self.rows.force[contact.row as usize];
            if (first != body && second != body) || force <= 0.0 {
                continue;
            }
            let normal = contact.frame.row(0);
            let ray = if second == body { -normal } else { normal };
            if cast(&model.sites[site.index()].shape, &at, contact.position, ray).is_some() {
                sum += force;
            }
        }
        sum
    }

    fn subtree(&self, body: BodyId) -> core::ops::Range<usize> {
        body.index()..body.index() + self.scene.model.bodies[body.index()].subtree_count as usize
    }

    fn com_velocity(&self, i: usize) -> Vec3 {
        let body = BodyId(i as u32);
        let velocity = self.velocity(body);
        velocity.linear + velocity.angular.cross(self.data.com[i] - self.center(body))
    }

    fn subtree_velocity(&self, body: BodyId) -> Vec3 {
        let model = &*self.scene.model;
        let momentum = self.subtree(body).fold(Vec3::ZERO, |sum, i| sum + self.com_velocity(i) * model.bodies[i].mass);
        momentum * (1.0 / real::max(crate::scene::LEAST, model.bodies[body.index()].subtree_mass))
    }

    fn subtree_angular_momentum(&self, body: BodyId) -> Vec3 {
        let model = &*self.scene.model;
        let (center, drift) = (self.data.subtree_com[body.index()], self.subtree_velocity(body));
        let mut sum = Vec3::ZERO;
        for i in self.subtree(body) {
            let (own, axes) = (&model.bodies[i], &self.data.inertia_rotation[i]);
            let turning = axes.transpose_mul(self.velocity(BodyId(i as u32)).angular);
            let arm = self.data.com[i] - center;
            sum += *axes * turning.scaled(own.inertia) + arm.cross((self.com_velocity(i) - drift) * own.mass);
        }
        sum
    }

    /// Calls `push(body, point, moment and force)` for what contacts put on bodies.
    fn for_each_contact_force(&self, push: &mut dyn FnMut(BodyId, Vec3, Motion)) {
        for contact in self.contacts.iter().filter(|c| c.row != u32::MAX) {
            let mut along = [0.0; 6];
            let (row, dim) = (contact.row as usize, contact.condim as usize);
            along[..dim].copy_from_slice(&self.rows.force[row..row + dim]);
            let in_world = |x: &[f64]| contact.frame.transpose_mul(Vec3::from_slice(x));
            let force = Motion::new(in_world(&along[3..]), in_world(&along));
            let [first, second] = contact.geoms.map(|g| self.scene.model.geoms[g.index()].body);
            push(first, contact.position, force * -1.0);
            push(second, contact.position, force);
        }
    }

    /// Calls `push(body, point, moment and force)` for what connects and welds put on bodies.
    fn for_each_tie_force(&self, push: &mut dyn FnMut(BodyId, Vec3, Motion)) {
        for block in &self.rows.blocks {
            let Origin::Equality(index) = block.origin else { continue };
            let Some(tie) = Tie::new(&self.scene.model, self.data, index as usize) else { continue };
            let f = &self.rows.force[block.row..block.row + block.dim];
            let moment = if block.dim == 6 { tie.moment(Vec3::from_slice(&f[3..])) } else { Vec3::ZERO };
            let force = Motion::new(moment, Vec3::from_slice(f));
            push(tie.bodies[0], tie.points[0], force);
            push(tie.bodies[1], tie.points[1], force * -1.0);
        }
    }
}

fn one(x: f64) -> [f64; 4] {
    [x, 0.0, 0.0, 0.0]
}

fn three(v: Vec3) -> [f64; 4] {
    [v.x, v.y, v.z, 0.0]
}
