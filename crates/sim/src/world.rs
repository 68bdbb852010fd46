//! A world that steps.

use crate::actuation;
use crate::contact::{self, Contact, Search};
use crate::integrate;
use crate::noslip::NoSlip;
use crate::rows::{self, Rows};
use crate::scene::Scene;
use crate::sensor::{Moment, Sensors};
use crate::solver::{Problem, Solver, SolverReport};
use crate::state::State;
use crate::suction::{self, CupLoad};
use crate::transmission::transmission_length;
use crate::unstable::{Cause, MOST_CONTACTS, MOST_NUMBERS, Unstable, bounded, check_commands, check_motion};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use leitai_dynamics::data::Data;
use leitai_dynamics::inverse::bias_forces_of;
use leitai_dynamics::kinematics::{com_frames_of, kinematics_of, velocities_of};
use leitai_dynamics::mass::{factor_packed, mass_matrix_of, solve_packed};
use leitai_dynamics::tendon::{add_tendon_bias, add_tendon_inertia};
use leitai_geometry::Shape;
use leitai_math::{Motion, Pose, Vec3};
use leitai_model::Model;
use leitai_model::model::{ActuatorId, BodyId, JointId, Keyframe, SuctionId, TendonId};

/// How much a world is likely to hold at once, so that stepping need not ask for memory. More than this only costs time.
pub(crate) struct Room {
    pub contacts: usize,
    pub blocks: usize,
    pub rows: usize,
    /// Most columns of a block.
    pub width: usize,
}

impl Room {
    fn of(model: &Model) -> Self {
        let touching = model.geoms.iter().filter(|g| g.contype != 0 || g.conaffinity != 0);
        let (geoms, condim) = touching.fold((0, 1), |(n, dim), g| (n + 1, dim.max(g.surface.condim as usize)));
        // In a heap each thing touches six others, at four points each.
        // Terrain gives a point for every prism that a thing covers.
        let fields = model.geoms.iter().filter(|g| matches!(g.shape, Shape::HeightField(_))).count();
        let contacts = 4 * usize::min(3 * geoms, geoms * geoms) + 4 * model.pairs.len() + 16 * fields * geoms;
        let contacts = contacts.min(MOST_CONTACTS);
        let condim = model.pairs.iter().fold(condim, |dim, p| dim.max(p.condim as usize));
        let scalars = model.nv + 2 * model.joints.len() + 3 * model.tendons.len();
        let deepest = model.dofs.iter().fold(0, |most, d| most.max(d.row_len as usize));
        let widest = model.tendons.iter().fold(0, |most, t| most.max(t.columns.len()));
        let rows = condim * contacts + scalars + 6 * model.equalities.len();
        // Long chains in numbers would ask for gigabytes that they hardly ever need.
        let width = usize::min(model.nv, 2 * usize::max(deepest, widest)).min(MOST_NUMBERS / 16 / rows.max(1));
        Self { contacts, blocks: contacts + scalars + model.equalities.len(), rows, width }
    }
}

/// One world: the only thing that changes. Cloning it clones everything.
#[derive(Clone, Debug)]
pub struct World {
    scene: Arc<Scene>,
    state: State,
    data: Data,
    contacts: Vec<Contact>,
    rows: Rows,
    search: Search,
    solver: Solver,
    noslip: NoSlip,
    forces: Forces,
    sensors: Sensors,
    scratch: integrate::Scratch,
    /// The motion before this step.
    before: Motions,
}

/// Coordinates, velocities, activations, and the accelerations to start from.
type Motions = [Vec<f64>; 4];

/// Generalized forces and accelerations of the last forward computation.
#[derive(Clone, Debug, Default)]
pub struct Forces {
    /// Springs, dampers, weight compensation.
    pub passive: Vec<f64>,
    /// Weight compensation that actuators bear.
    pub(crate) borne: Vec<f64>,
    /// Actuators, along the degrees of freedom.
    pub actuation: Vec<f64>,
    /// Force of each actuator.
    pub actuator: Vec<f64>,
    /// Derivative of each actuator's force with respect to the velocity of its transmission; 0 at its limits.
    pub actuator_slope: Vec<f64>,
    /// Rate of each activation.
    pub act_rate: Vec<f64>,
    /// Everything but constraints.
    pub smooth: Vec<f64>,
    /// Acceleration without constraints.
    pub smooth_a: Vec<f64>,
    /// Constraints.
    pub constraint: Vec<f64>,
    /// Acceleration.
    pub a: Vec<f64>,
}

impl World {
    /// A world at the model's reference configuration.
    #[must_use]
    pub fn new(scene: &Arc<Scene>) -> Self {
        let model = &*scene.model;
        let nv = model.nv;
        let zero = || vec![0.0; nv];
        let forces = Forces {
            passive: zero(),
            borne: zero(),
            actuation: zero(),
            actuator: vec![0.0; model.actuators.len()],
            actuator_slope: vec![0.0; model.actuators.len()],
            act_rate: vec![0.0; model.na],
            smooth: zero(),
            smooth_a: zero(),
            constraint: zero(),
            a: zero(),
        };
        let room = Room::of(model);
        let mut world = Self {
            state: State::reference(scene),
            data: Data::new(model),
            contacts: Vec::with_capacity(room.contacts),
            rows: Rows::with_room(&room),
            search: Search::new(model),
            solver: Solver::new(scene, &room),
            noslip: NoSlip::new(scene, room.rows),
            forces,
            sensors: Sensors::new(model, room.contacts),
            scratch: integrate::Scratch::new(scene),
            before: [Vec::with_capacity(model.nq), zero(), Vec::with_capacity(model.na), zero()],
            scene: Arc::clone(scene),
        };
        world.place_all();
        world
    }

    /// What is stepped.
    #[must_use]
    pub fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }
    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.scene.model
    }
    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }
    /// Positions, velocities and other results of the last forward computation.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }
    /// Contacts of the last forward computation.
    #[must_use]
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }
    /// Forces of the last forward computation.
    #[must_use]
    pub fn forces(&self) -> &Forces {
        &self.forces
    }
    /// What the solver did last.
    #[must_use]
    pub fn solver_report(&self) -> SolverReport {
        self.solver.report
    }
    /// Time [s].
    #[must_use]
    pub fn time_s(&self) -> f64 {
        self.state.time_s(self.model().option.timestep_s)
    }
    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }
    /// Number of constraint rows of the last forward computation.
    #[must_use]
    pub fn constraint_count(&self) -> usize {
        self.rows.len()
    }

    /// Length of a tendon in the last forward computation: m, or rad along joints that turn.
    #[must_use]
    pub fn tendon_length(&self, tendon: TendonId) -> f64 {
        leitai_dynamics::tendon_length(self.model(), &self.data, &self.state.q, tendon)
    }

    /// Length of an actuator's transmission in the last forward computation.
    #[must_use]
    pub fn actuator_length(&self, actuator: ActuatorId) -> f64 {
        let model = self.model();
        transmission_length(model, &self.data, &self.state.q, &model.actuators[actuator.index()])
    }

    /// Controls, to be set before a step.
    pub fn ctrl_mut(&mut self) -> &mut [f64] {
        &mut self.state.ctrl
    }

    /// Force [N·m or N] from outside along the first degree of freedom of `joint`, to be set before a step in place of the last one.
    /// While it changes, whoever it moves stays awake.
    pub fn set_joint_force(&mut self, joint: JointId, force: f64) {
        let joint = &self.scene.model.joints[joint.index()];
        let was = core::mem::replace(&mut self.state.joint_force[joint.v_start as usize], force);
        let group = self.scene.group_of_body[joint.body.index()];
        if was != force && group != u32::MAX {
            self.state.sleep.keep_awake(group as usize);
        }
    }

    /// Poses of the bodies that the program moves, to be set before a step.
    pub fn mocap_mut(&mut self) -> &mut [Pose] {
        &mut self.state.mocap
    }

    /// Valve of a suction cup: true draws a vacuum, to be set before a step.
    pub fn valve_mut(&mut self, cup: SuctionId) -> &mut bool {
        &mut self.state.cups[cup.index()].open
    }

    /// What a suction cup bore in the last forward computation; zero if it was not sealed then.
    #[must_use]
    pub fn cup_load(&self, cup: SuctionId) -> CupLoad {
        suction::load(self.model(), &self.data, &self.state.cups, cup, &self.contacts, |c| self.contact_force(c))
    }

    /// Changes the state and wakes everything; whoever moves a body loses every friction hold. Use it for set-up and for
    /// interventions, not for controls.
    pub fn change(&mut self, change: impl FnOnce(&mut State)) {
        let q = self.state.q.clone();
        change(&mut self.state);
        if q != self.state.q {
            self.state.holds.clear();
        }
        self.state.glide.forget();
        self.state.sleep.wake_all();
        self.place_all();
    }

    /// A copy of the state; [`Self::restore`] and stepping on gives the same bits as stepping on without it.
    #[must_use]
    pub fn snapshot(&self) -> State {
        self.state.clone()
    }

    /// Takes up a state saved from a world of the same model.
    pub fn restore(&mut self, state: &State) {
        self.state.clone_from(state);
        self.place_all();
    }

    /// Goes to a stored state.
    pub fn reset_to(&mut self, key: &Keyframe) {
        self.state = State::reference(&self.scene);
        self.state.start_s = key.time_s;
        self.state.q.clone_from(&key.q);
        self.state.v.clone_from(&key.v);
        self.state.act.clone_from(&key.act);
        self.state.ctrl.clone_from(&key.ctrl);
        self.state.mocap.clone_from(&key.mocap);
        self.place_all();
    }

    /// Force of contact `c` in its frame: normal, two tangents [N], torsion and rolling [N·m].
    #[must_use]
    pub fn contact_force(&self, c: &Contact) -> [f64; 6] {
        self.rows.contact_force(c)
    }

    /// Force [N] of contact `c` on the body of its second geom, in the world; the first one's body bears the opposite. The normal points from the
    /// first geom to the second, and the force along it pushes the second away.
    #[must_use]
    pub fn force_on_second(&self, c: &Contact) -> Vec3 {
        c.frame.transpose_mul(Vec3::from_slice(&self.contact_force(c)))
    }

    /// What the sensors read in the last [`Self::step`] or [`Self::forward`], before the state advanced; one number after the
    /// other in the order of the model's sensors, in the units of what they measure, without noise.
    #[must_use]
    pub fn readings(&self) -> &[f64] {
        &self.sensors.readings
    }

    /// Computes positions of everything, the sleeping too.
    fn place_all(&mut self) {
        self.data.gravity = self.state.gravity;
        self.data.mocap.clone_from(&self.state.mocap);
        let bodies = self.model().bodies.len();
        kinematics_of(&self.scene.model, &mut self.data, &self.state.q, 1, bodies);
        leitai_dynamics::com_frames(&self.scene.model, &mut self.data);
    }

    /// Positions and inertias of group `g`.
    fn place_group(&mut self, g: usize) {
        let group = &self.scene.groups[g];
        let model = &*self.scene.model;
        kinematics_of(model, &mut self.data, &self.state.q, group.bodies.start, group.bodies.end);
        com_frames_of(model, &mut self.data, BodyId(group.bodies.start as u32));
    }

    fn is_active(&self, g: usize) -> bool {
        !self.scene.groups[g].fixed && !self.state.sleep.is_asleep(g)
    }

    /// Everything at the present state: positions, contacts, forces, accelerations, readings.
    ///
    /// # Errors
    /// If a command is no finite number, the motion is out of bounds, or the constraints are too many.
    pub fn forward(&mut self) -> Result<(), Unstable> {
        self.check()?;
        self.place_awake();
        let scene = Arc::clone(&self.scene);
        self.touch(&scene)?;
        self.accelerate(&scene)?;
        self.read_sensors(&scene);
        Ok(())
    }

    /// [`Self::forward`] with contacts found elsewhere: what another collision code would make of this state.
    ///
    /// # Errors
    /// As [`Self::forward`]'s.
    pub fn forward_with_contacts(&mut self, contacts: &[Contact]) -> Result<(), Unstable> {
        self.check()?;
        self.place_awake();
        self.contacts.clear();
        self.contacts.extend_from_slice(contacts);
        let scene = Arc::clone(&self.scene);
        self.accelerate(&scene)?;
        self.read_sensors(&scene);
        Ok(())
    }

    /// [`Self::forward`] without readings: a stage inside a step.
    pub(crate) fn forward_unread(&mut self) -> Result<(), Unstable> {
        self.check()?;
        self.place_awake();
        let scene = Arc::clone(&self.scene);
        self.touch(&scene)?;
        self.accelerate(&scene)
    }

    fn place_awake(&mut self) {
        self.data.gravity = self.state.gravity;
        self.data.mocap.clone_from(&self.state.mocap);
        for g in 0..self.scene.groups.len() {
            if self.is_active(g) {
                self.place_group(g);
            }
        }
    }

    /// Finds contacts and, in `stick` mode, how far each has been displaced.
    fn touch(&mut self, scene: &Scene) -> Result<(), Unstable> {
        self.find_contacts(scene)?;
        suction::press(&scene.model, &self.data, &self.state.cups, &mut self.contacts);
        if scene.model.option.stick {
            self.state.holds.fill(&scene.model, &self.data, &mut self.contacts);
        }
        Ok(())
    }

    fn read_sensors(&mut self, scene: &Scene) {
        let Self { sensors, data, state, contacts, rows, forces, .. } = self;
        sensors.read(&Moment { scene, data, state, contacts, rows, forces });
    }

    /// From positions and contacts to accelerations.
    fn accelerate(&mut self, scene: &Scene) -> Result<(), Unstable> {
        let model = &*scene.model;
        leitai_dynamics::tendons(model, &mut self.data);
        for g in 0..scene.groups.len() {
            if self.is_active(g) {
                self.group_dynamics(g);
            }
        }
        add_tendon_bias(model, &mut self.data);
        rows::build(scene, &self.data, &self.state, &self.state.sleep, &mut self.contacts, &mut self.rows);
        self.smooth_forces(scene);
        let mut problem = Problem {
            scene,
            data: &self.data,
            rows: &mut self.rows,
            smooth_force: &self.forces.smooth,
            smooth_a: &self.forces.smooth_a,
            warm_start: &self.state.warm_start,
            a: &mut self.forces.a,
        };
        let solved = self.solver.solve(&mut problem);
        if model.option.noslip_iterations > 0 && !model.option.stick && self.rows.len() > 0 {
            let islands = &self.solver.island_of;
            self.noslip.run(scene, &self.data, islands, &mut self.rows, &mut self.forces.a);
        }
        self.forces.constraint.fill(0.0);
        self.rows.add_joint_forces(&mut self.forces.constraint);
        if let Some(d) = self.forces.a.iter().position(|a| !bounded(*a)) {
            return Err(self.unstable(model.dofs[d].body, Cause::Acceleration));
        }
        solved.map_err(|(group, cause)| self.unstable(BodyId(scene.groups[group as usize].bodies.start as u32), cause))
    }

    /// What a step is given: commands that are numbers, and a motion within bounds.
    fn check(&self) -> Result<(), Unstable> {
        let checked = check_commands(self.model(), &self.state).and_then(|()| check_motion(self.model(), &self.state));
        checked.map_err(|(body, cause)| self.unstable(body, cause))
    }

    fn unstable(&self, body: BodyId, cause: Cause) -> Unstable {
        // A body without a name is told by its number.
        let name = match &self.model().bodies[body.index()].name {
            name if name.is_empty() => alloc::format!("number {}", body.0),
            name => String::clone(name),
        };
        Unstable { time_s: self.time_s(), body: name, cause }
    }

    /// Finds contacts; whoever is touched wakes, until nobody new does.
    fn find_contacts(&mut self, scene: &Scene) -> Result<(), Unstable> {
        loop {
            contact::find(scene, &self.data, &self.state.sleep, &mut self.search, &mut self.contacts)
                .map_err(|(body, cause)| self.unstable(body, cause))?;
            if !scene.model.option.sleep {
                return Ok(());
            }
            let mut woke = false;
            for i in 0..self.contacts.len() {
                // What is only near does not wake.
                if self.contacts[i].distance >= self.contacts[i].active_below {
                    continue;
                }
                for geom in self.contacts[i].geoms {
                    let g = scene.group_of_body[scene.model.geoms[geom.index()].body.index()];
                    if g != u32::MAX && !scene.groups[g as usize].fixed && self.state.sleep.wake(g as usize) {
                        woke = true;
                    }
                }
            }
            if !woke {
                return Ok(());
            }
        }
    }

    /// Mass matrix, velocities and bias of group `g`.
    fn group_dynamics(&mut self, g: usize) {
        let group = &self.scene.groups[g];
        if group.dofs.is_empty() {
            return;
        }
        let model = &*self.scene.model;
        let (bodies, dofs) = (group.bodies.clone(), group.dofs.clone());
        mass_matrix_of(model, &mut self.data, bodies.start, bodies.end);
        add_tendon_inertia(model, &mut self.data, dofs.start, dofs.end);
        let Data { mass, mass_factor, mass_factor_inverse, .. } = &mut self.data;
        factor_packed(model, mass, mass_factor, mass_factor_inverse, dofs.start, dofs.end);
        velocities_of(model, &mut self.data, &self.state.v, bodies.start, bodies.end);
        bias_forces_of(model, &mut self.data, &self.state.v, bodies.start, bodies.end, dofs.start, dofs.end);
    }

    /// All forces but constraints, and the accelerations they would give.
    fn smooth_forces(&mut self, scene: &Scene) {
        let model = &*scene.model;
        let Self { data, state, contacts, forces, .. } = self;
        forces.passive.fill(0.0);
        actuation::passive(scene, data, state, &mut forces.passive, &mut forces.borne);
        actuation::actuate(scene, data, state, contacts, forces);
        for g in 0..scene.groups.len() {
            let dofs = scene.groups[g].dofs.clone();
            if state.sleep.is_asleep(g) {
                forces.smooth[dofs.clone()].fill(0.0);
                forces.smooth_a[dofs].fill(0.0);
                continue;
            }
            for d in dofs {
                forces.smooth[d] = forces.passive[d] - data.bias[d] + forces.actuation[d] + state.joint_force[d];
            }
        }
        for (b, force) in state.body_force.iter().enumerate() {
            if *force != Motion::ZERO {
                actuation::add_force_at(model, data, BodyId(b as u32), data.com[b], *force, &mut forces.smooth);
            }
        }
        suction::add_forces(model, data, &state.cups, &mut forces.smooth);
        for (g, group) in scene.groups.iter().enumerate() {
            if !state.sleep.is_asleep(g) && !group.dofs.is_empty() {
                let dofs = group.dofs.clone();
                forces.smooth_a[dofs.clone()].copy_from_slice(&forces.smooth[dofs.clone()]);
                solve_packed(model, &data.mass_factor, &data.mass_factor_inverse, &mut forces.smooth_a, dofs.start, dofs.end);
            }
        }
    }

    /// Advances by one step. After the first steps nothing is allocated.
    ///
    /// # Errors
    /// As [`Self::forward`]'s, or if the motion leaves its bounds in this step; motion and time then stay as they were before.
    pub fn step(&mut self) -> Result<(), Unstable> {
        self.forward()?;
        if self.model().option.stick {
            self.take_hold();
        }
        if !self.state.cups.is_empty() {
            self.draw_vacuum();
        }
        self.advance()?;
        if self.model().option.sleep {
            let scene = Arc::clone(&self.scene);
            self.state.sleep.update(&scene, &self.solver.island_of, &mut self.state.v);
        }
        Ok(())
    }

    /// Moves on, but not out of bounds.
    fn advance(&mut self) -> Result<(), Unstable> {
        let State { q, v, act, warm_start, steps, .. } = &mut self.state;
        for (kept, now) in self.before.iter_mut().zip([&*q, v, act, warm_start]) {
            kept.clone_from(now);
        }
        let before = *steps;
        integrate::advance(self)?;
        check_motion(self.model(), &self.state).map_err(|(body, cause)| {
            let State { q, v, act, warm_start, steps, .. } = &mut self.state;
            for (kept, now) in self.before.iter().zip([q, v, act, warm_start]) {
                now.clone_from(kept);
            }
            *steps = before;
            self.state.glide.forget();
            self.unstable(body, cause)
        })
    }

    fn take_hold(&mut self) {
        let Self { scene, state, data, contacts, rows, .. } = self;
        state.holds.settle(scene, data, &state.sleep, contacts, rows);
    }

    fn draw_vacuum(&mut self) {
        let Self { scene, state, data, contacts, rows, .. } = self;
        let State { cups, sleep, .. } = state;
        let wake = |body: BodyId| {
            let group = scene.group_of_body[body.index()];
            if group != u32::MAX {
                sleep.wake(group as usize);
            }
        };
        suction::settle(scene, data, cups, contacts, |c| rows.contact_force(c), wake);
    }

    pub(crate) fn parts(&mut self) -> Parts<'_> {
        Parts {
            scene: &self.scene,
            state: &mut self.state,
            data: &mut self.data,
            contacts: &self.contacts,
            forces: &mut self.forces,
            scratch: &mut self.scratch,
        }
    }
}

/// What integrators touch.
pub(crate) struct Parts<'a> {
    pub scene: &'a Scene,
    pub state: &'a mut State,
    pub data: &'a mut Data,
    pub contacts: &'a [Contact],
    pub forces: &'a mut Forces,
    pub scratch: &'a mut integrate::Scratch,
}
