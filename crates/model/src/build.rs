//! From tree to flat model: inertias are inferred, names resolved, numbers checked.

/// What refers to bodies by name: contacts, equalities, tendons, actuators, sensors, stored states.
mod frames;
mod references;

use crate::model::{
    Body, BodyId, Camera, Dof, DofId, EqualityTie, Geom, Joint, JointId, Model, Site, TendonId, Transmission, Tree, TreeId,
};
use crate::spec::{BodySpec, GeomMass, GeomSpec, InertiaFromGeom, JointKind, Source, Spec};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use leitai_geometry::Shape;
use leitai_math::linear::{ROUNDING, principal_axes};
use leitai_math::{Mat3, Pose, Quat, Vec3, real};
use references::Names;

/// The most entries of a packed mass matrix: a humanoid has some hundreds, ten thousand loose boxes 210 000.
const MOST_MASS_ENTRIES: u32 = 1 << 25;

/// Least mass [kg] and inertia [kg·m²] a moving body can have.
const LEAST: f64 = 1e-15;

/// Why a description cannot become a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A moving body needs mass, or its acceleration is undefined.
    #[error("{at}: body `{body}` moves but has no mass or inertia; give it an <inertial> or geoms with mass > 0 kg")]
    MasslessBody {
        /// Where.
        at: Source,
        /// Which.
        body: String,
    },
    /// An inertia that no distribution of mass has.
    #[error(
        "{at}: body `{body}` has an impossible inertia ({inertia}): each principal moment must be positive and at most the sum of the other two"
    )]
    ImpossibleInertia {
        /// Where.
        at: Source,
        /// Which.
        body: String,
        /// The principal moments.
        inertia: String,
    },
    /// Two elements of one kind share a name.
    #[error("{at}: a second {kind} is called `{name}`; names must differ")]
    SameName {
        /// Where.
        at: Source,
        /// Kind of element.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A name that nothing has.
    #[error("{at}: there is no {kind} called `{name}`{hint}")]
    UnknownName {
        /// Where.
        at: Source,
        /// Kind of element.
        kind: &'static str,
        /// The name.
        name: String,
        /// The nearest name, as the end of a sentence.
        hint: String,
    },
    /// An element that cannot be where it is, or a number that cannot be.
    #[error("{at}: {what}")]
    Invalid {
        /// Where.
        at: Source,
        /// What is wrong and what to change.
        what: String,
    },
}

fn invalid(at: &Source, what: impl Into<String>) -> BuildError {
    BuildError::Invalid { at: at.clone(), what: what.into() }
}

impl Spec {
    /// Checks the description and flattens it.
    ///
    /// # Errors
    /// If a name does not resolve or appears twice, a moving body has no mass, an inertia is impossible, or a free joint is
    /// not alone on a child of the world.
    pub fn build(&self) -> Result<Model, BuildError> {
        let mut model = Model { name: self.name.clone(), option: self.option.clone(), ..Model::default() };
        add_body(self, &mut model, BodyId(0), &self.world)?;
        frames::join(&mut model);
        scale_to_total_mass(self, &mut model);
        finish_tree(self, &mut model)?;
        check_moving_bodies(self, &model)?;
        let mut names = Names::new(&model).map_err(|error| self.placed(error))?;
        references::add_tendons(self, &mut model, &mut names).map_err(|error| self.placed(error))?;
        references::add_contacts(self, &mut model, &names)?;
        references::add_equalities(self, &mut model, &names)?;
        references::add_actuators(self, &mut model, &mut names).map_err(|error| self.placed(error))?;
        references::add_sensors(self, &mut model, &names)?;
        references::add_suctions(self, &mut model, &names)?;
        references::add_keyframes(self, &mut model)?;
        mark_driven(&mut model);
        Ok(model)
    }

    /// An error about a name that stands twice, with the place where it stands the second time.
    fn placed(&self, error: BuildError) -> BuildError {
        let BuildError::SameName { kind, name, .. } = error else { return error };
        let mut places = Vec::new();
        let named = |name_here: &str| name_here == name;
        self.world.visit(Pose::IDENTITY, &mut |body, _| match kind {
            "body" if named(&body.name) => places.push(&body.source),
            "joint" => places.extend(body.joints.iter().filter(|e| named(&e.name)).map(|e| &e.source)),
            "geom" => places.extend(body.geoms.iter().filter(|e| named(&e.name)).map(|e| &e.source)),
            "camera" => places.extend(body.cameras.iter().filter(|e| named(&e.name)).map(|e| &e.source)),
            "site" => places.extend(body.sites.iter().filter(|e| named(&e.name)).map(|e| &e.source)),
            _ => {}
        });
        match kind {
            "tendon" => places.extend(self.tendons.iter().filter(|e| named(&e.name)).map(|e| &e.source)),
            "actuator" => places.extend(self.actuators.iter().filter(|e| named(&e.name)).map(|e| &e.source)),
            _ => {}
        }
        let at = places.get(1).map_or_else(Source::default, |at| (*at).clone());
        BuildError::SameName { at, kind, name }
    }
}

/// Appends `body` and everything below it; gives its number.
fn add_body(spec: &Spec, model: &mut Model, parent: BodyId, body: &BodySpec) -> Result<BodyId, BuildError> {
    let id = BodyId(model.bodies.len() as u32);
    let is_world = id.0 == 0;
    if is_world && !body.joints.is_empty() {
        return Err(invalid(&body.source, "the world cannot have joints; put them on a body inside it"));
    }
    if body.mocap && (parent.0 != 0 || is_world || !body.joints.is_empty()) {
        return Err(invalid(&body.source, format!("mocap body `{}` must be a child of the world without joints", body.name)));
    }
    let (parent_weld, parent_last_dof, parent_root) = if is_world {
        (id, None, id)
    } else {
        let p = &model.bodies[parent.index()];
        (p.weld, p.last_dof, if parent.0 == 0 { id } else { p.root })
    };
    let mass = body_mass(spec, body, is_world)?;
    model.bodies.push(Body {
        name: body.name.clone(),
        parent,
        root: parent_root,
        weld: if body.joints.is_empty() && !is_world { parent_weld } else { id },
        pose: Pose::new(body.pose.position, body.pose.rotation.normalized()),
        com: mass.com,
        inertia_rotation: mass.rotation,
        mass: mass.mass,
        inertia: mass.inertia,
        subtree_mass: 0.0,
        joint_start: model.joints.len() as u32,
        joint_count: body.joints.len() as u32,
        dof_start: model.dofs.len() as u32,
        dof_count: 0,
        last_dof: parent_last_dof,
        geom_start: model.geoms.len() as u32,
        geom_count: body.geoms.len() as u32,
        mocap: body.mocap.then_some(model.nmocap as u32),
        gravity_compensation: body.gravity_compensation,
        tree: None,
        subtree_count: 1,
    });
    model.nmocap += usize::from(body.mocap);
    add_joints(model, id, parent, body)?;
    for geom in &body.geoms {
        let pose = match &geom.shape {
            Shape::Mesh(mesh) => geom.pose * mesh.file_from_mesh,
            _ => geom.pose,
        };
        if let Shape::Bore { half, radius, depth } = geom.shape {
            let fits = radius > 0.0 && radius < half.x && radius < half.y && half.z > 0.0 && depth > 0.0;
            if !(fits && half.is_finite() && depth.is_finite()) {
                let what = "needs a radius below its half sizes along x and y, and a depth above zero";
                return Err(invalid(&geom.source, format!("bore `{}` {what}", geom.name)));
            }
        }
        if matches!(geom.shape, Shape::Plane { .. }) && !is_static(model, id) && (geom.contype != 0 || geom.conaffinity != 0) {
            return Err(invalid(
                &geom.source,
                format!("plane `{}` is on a moving body; planes must be fixed to the world", geom.name),
            ));
        }
        model.geoms.push(Geom {
            name: geom.name.clone(),
            body: id,
            shape: geom.shape.clone(),
            pose: Pose::new(pose.position, pose.rotation.normalized()),
            contype: geom.contype,
            conaffinity: geom.conaffinity,
            group: geom.group,
            priority: geom.priority,
            solmix: geom.solmix,
            surface: geom.surface,
            fluid: geom.fluid,
            rgba: geom.rgba,
        });
    }
    for site in &body.sites {
        model.sites.push(Site {
            name: site.name.clone(),
            body: id,
            pose: Pose::new(site.pose.position, site.pose.rotation.normalized()),
            shape: site.shape.clone(),
            group: site.group,
            rgba: site.rgba,
        });
    }
    for camera in &body.cameras {
        let pose = Pose::new(camera.pose.position, camera.pose.rotation.normalized());
        model.cameras.push(Camera { name: camera.name.clone(), body: id, pose });
    }
    for child in &body.bodies {
        add_body(spec, model, id, child)?;
    }
    model.bodies[id.index()].subtree_count = model.bodies.len() as u32 - id.0;
    Ok(id)
}

fn is_static(model: &Model, body: BodyId) -> bool {
    model.bodies[body.index()].last_dof.is_none() && model.bodies[body.index()].mocap.is_none()
}

fn add_joints(model: &mut Model, id: BodyId, parent: BodyId, body: &BodySpec) -> Result<(), BuildError> {
    for joint in &body.joints {
        let (nq, nv) = match joint.kind {
            JointKind::Free => (7, 6),
            JointKind::Ball => (4, 3),
            JointKind::Slide | JointKind::Hinge => (1, 1),
        };
        if joint.kind == JointKind::Free && (parent.0 != 0 || body.joints.len() != 1) {
            let what = format!("free joint on body `{}`: it must be the only joint of a child of the world", body.name);
            return Err(invalid(&joint.source, what));
        }
        let scalar = matches!(joint.kind, JointKind::Slide | JointKind::Hinge);
        if scalar && joint.axis.norm() < LEAST {
            return Err(invalid(
                &joint.source,
                format!("joint `{}` has an axis of no length; give it one of length 1", joint.name),
            ));
        }
        if let Some([low, high]) = joint.range
            && (low > high || (joint.kind == JointKind::Ball && low != 0.0))
        {
            let what = format!(
                "joint `{}` has the range [{low}, {high}]; the first number must not exceed the second (and is 0 for a ball)",
                joint.name
            );
            return Err(invalid(&joint.source, what));
        }
        let joint_id = JointId(model.joints.len() as u32);
        let (q_start, v_start) = (model.q0.len(), model.dofs.len());
        match joint.kind {
            JointKind::Free => {
                let p = body.pose.position;
                let r = body.pose.rotation.normalized();
                let q = [p.x, p.y, p.z, r.w, r.x, r.y, r.z];
                model.q0.extend_from_slice(&q);
                model.q_spring.extend_from_slice(&q);
            }
            JointKind::Ball => {
                model.q0.extend_from_slice(&[1.0, 0.0, 0.0, 0.0]);
                model.q_spring.extend_from_slice(&[1.0, 0.0, 0.0, 0.0]);
            }
            JointKind::Slide | JointKind::Hinge => {
                model.q0.push(joint.reference);
                model.q_spring.push(joint.spring_reference);
            }
        }
        for k in 0..nv {
            let dof = DofId((v_start + k) as u32);
            let tree = match model.bodies[id.index()].last_dof {
                Some(above) => model.dofs[above.index()].tree,
                None => {
                    model.trees.push(Tree { dof_start: dof.0, dof_count: 0, body_start: id.0, body_count: 0, driven: false });
                    TreeId(model.trees.len() as u32 - 1)
                }
            };
            model.trees[tree.index()].dof_count += 1;
            let above = model.bodies[id.index()].last_dof;
            model.dofs.push(Dof {
                body: id,
                joint: joint_id,
                parent: above,
                tree,
                armature: joint.armature,
                damping: joint.damping,
                damping_growth: joint.damping_growth,
                frictionloss: joint.frictionloss,
                solref: joint.solref_friction,
                solimp: joint.solimp_friction,
                row_start: 0,
                row_len: above.map_or(0, |d| model.dofs[d.index()].row_len) + 1,
            });
            model.bodies[id.index()].last_dof = Some(dof);
        }
        model.bodies[id.index()].dof_count += nv as u32;
        model.joints.push(Joint {
            name: joint.name.clone(),
            kind: joint.kind,
            body: id,
            q_start: q_start as u32,
            v_start: v_start as u32,
            position: if joint.kind == JointKind::Free { Vec3::ZERO } else { joint.position },
            axis: if scalar { joint.axis.normalized_or(Vec3::Z) } else { Vec3::Z },
            range: joint.range.filter(|_| joint.kind != JointKind::Free),
            margin: joint.margin,
            solref_limit: joint.solref_limit,
            solimp_limit: joint.solimp_limit,
            stiffness: joint.stiffness,
            stiffness_growth: joint.stiffness_growth,
            spring_damper: joint.spring_damper,
            actuator_force_range: joint.actuator_force_range,
            actuators_compensate: joint.actuators_compensate,
        });
        model.nq = model.q0.len();
        model.nv = model.dofs.len();
        debug_assert_eq!(model.nq - q_start, nq);
    }
    Ok(())
}

pub(crate) struct MassOf {
    pub mass: f64,
    pub com: Vec3,
    pub rotation: Quat,
    pub inertia: Vec3,
}

/// Mass, center of mass and principal inertia of a body: given, or inferred from its geoms.
pub(crate) fn body_mass(spec: &Spec, body: &BodySpec, is_world: bool) -> Result<MassOf, BuildError> {
    let rules = &spec.inertia;
    let inferred = match rules.from_geom {
        InertiaFromGeom::Always => true,
        InertiaFromGeom::Auto => body.inertial.is_none(),
        InertiaFromGeom::Never => false,
    };
    let mut out = match &body.inertial {
        _ if inferred => from_geoms(&body.geoms, rules.groups),
        Some(given) => {
            let m = &given.inertia.0;
            let rotation = given.pose.rotation.normalized();
            if m[0][1] == 0.0 && m[0][2] == 0.0 && m[1][2] == 0.0 {
                MassOf { mass: given.mass, com: given.pose.position, rotation, inertia: Vec3::new(m[0][0], m[1][1], m[2][2]) }
            } else {
                let (inertia, axes) = principal_axes(&given.inertia, ROUNDING);
                let rotation = (rotation * axes).normalized();
                MassOf { mass: given.mass, com: given.pose.position, rotation, inertia }
            }
        }
        None => MassOf { mass: 0.0, com: Vec3::ZERO, rotation: Quat::IDENTITY, inertia: Vec3::ZERO },
    };
    if out.mass == 0.0 && body.inertial.is_none() {
        // What weighs nothing has no center, and yet contacts are as soft as the body is heavy there. MuJoCo's center is where
        // the numbers of the body's own pose lead, taken in the body.
        (out.com, out.rotation) = (body.pose.position, body.pose.rotation.normalized());
    }
    if is_world {
        return Ok(MassOf { mass: 0.0, com: Vec3::ZERO, rotation: Quat::IDENTITY, inertia: Vec3::ZERO });
    }
    out.mass = real::max(out.mass, rules.bound_mass);
    let floor = rules.bound_inertia;
    out.inertia = out.inertia.max(Vec3::new(floor, floor, floor));
    let Vec3 { x, y, z } = out.inertia;
    if !(out.mass.is_finite() && out.com.is_finite()) {
        let what = format!("body `{}` has a mass or a center of mass that is not finite; its numbers are too large", body.name);
        return Err(invalid(&body.source, what));
    }
    if out.mass < 0.0 || x < 0.0 || y < 0.0 || z < 0.0 || !out.inertia.is_finite() {
        return Err(impossible(body, out.inertia));
    }
    // MuJoCo's own slack for rounded figures: none; a sum that misses by rounding passes with balance.
    if x + y < z || y + z < x || x + z < y {
        if !rules.balance {
            return Err(impossible(body, out.inertia));
        }
        let mean = (x + y + z) / 3.0;
        out.inertia = Vec3::new(mean, mean, mean);
    }
    Ok(out)
}

fn impossible(body: &BodySpec, inertia: Vec3) -> BuildError {
    BuildError::ImpossibleInertia {
        at: body.source.clone(),
        body: body.name.clone(),
        inertia: format!("{:.4e}, {:.4e}, {:.4e}", inertia.x, inertia.y, inertia.z),
    }
}

fn from_geoms(geoms: &[GeomSpec], groups: [i32; 2]) -> MassOf {
    let mut parts = Vec::new();
    let (mut mass, mut moment) = (0.0, Vec3::ZERO);
    for geom in geoms.iter().filter(|g| g.group >= groups[0] && g.group <= groups[1]) {
        let m = match geom.mass {
            GeomMass::Density(density) if geom.shell => density * geom.shape.area(),
            GeomMass::Density(density) => density * geom.shape.volume(),
            GeomMass::Mass(m) if matches!(geom.shape, Shape::Plane { .. } | Shape::HeightField(_)) => m * 0.0,
            GeomMass::Mass(m) => m,
        };
        if m == 0.0 {
            continue;
        }
        let pose = match &geom.shape {
            Shape::Mesh(mesh) => geom.pose * mesh.file_from_mesh,
            Shape::Bore { .. } => geom.pose * Pose::new(geom.shape.center_of_mass(), Quat::IDENTITY),
            _ => geom.pose,
        };
        mass += m;
        moment += pose.position * m;
        let inertia = if geom.shell { geom.shape.shell_inertia(m) } else { geom.shape.inertia(m) };
        parts.push((m, pose, inertia));
    }
    if mass < LEAST {
        return MassOf { mass: 0.0, com: Vec3::ZERO, rotation: Quat::IDENTITY, inertia: Vec3::ZERO };
    }
    if let [(m, pose, inertia)] = parts[..] {
        return MassOf { mass: m, com: pose.position, rotation: pose.rotation.normalized(), inertia };
    }
    let com = moment * (1.0 / mass);
    let mut total = Mat3::ZERO;
    for (m, pose, inertia) in parts {
        let r = pose.rotation.normalized().to_mat();
        let d = pose.position - com;
        let steiner = Mat3::diagonal(Vec3::new(1.0, 1.0, 1.0) * d.dot(d)) + outer(d, d) * -1.0;
        total = total + r * Mat3::diagonal(inertia) * r.transpose() + steiner * m;
    }
    let (inertia, rotation) = principal_axes(&total, ROUNDING);
    MassOf { mass, com, rotation, inertia }
}

fn outer(a: Vec3, b: Vec3) -> Mat3 {
    Mat3::from_rows(b * a.x, b * a.y, b * a.z)
}

fn scale_to_total_mass(spec: &Spec, model: &mut Model) {
    let total: f64 = model.bodies.iter().map(|b| b.mass).sum();
    if spec.inertia.total_mass > 0.0 && total > 0.0 {
        let k = spec.inertia.total_mass / total;
        for body in &mut model.bodies {
            body.mass *= k;
            body.inertia = body.inertia * k;
        }
    }
}

/// Subtree masses, tree ranges and the packed layout of the mass matrix.
fn finish_tree(spec: &Spec, model: &mut Model) -> Result<(), BuildError> {
    for i in (0..model.bodies.len()).rev() {
        model.bodies[i].subtree_mass += model.bodies[i].mass;
        if i > 0 {
            let parent = model.bodies[i].parent.index();
            model.bodies[parent].subtree_mass += model.bodies[i].subtree_mass;
        }
        model.bodies[i].tree = model.bodies[i].last_dof.map(|d| model.dofs[d.index()].tree);
    }
    for tree in &mut model.trees {
        tree.body_count = model.bodies[tree.body_start as usize].subtree_count;
    }
    let mut start = 0;
    for i in 0..model.dofs.len() {
        model.dofs[i].row_start = start;
        let mut chain = vec![i as u32];
        let mut above = model.dofs[i].parent;
        while let Some(d) = above {
            chain.push(d.0);
            above = model.dofs[d.index()].parent;
        }
        start += chain.len() as u32;
        if start > MOST_MASS_ENTRIES {
            let what = format!("the mass matrix has more than {MOST_MASS_ENTRIES} entries; use fewer joints, or shorter chains");
            return Err(invalid(&spec.world.source, what));
        }
        model.mass_columns.extend(chain.iter().rev());
    }
    model.nm = start as usize;
    Ok(())
}

/// A moving body needs mass and inertia, of its own or of what is rigidly joined to it.
fn check_moving_bodies(spec: &Spec, model: &Model) -> Result<(), BuildError> {
    let mut mass = vec![0.0; model.bodies.len()];
    let mut inertia = vec![0.0; model.bodies.len()];
    for body in &model.bodies {
        mass[body.weld.index()] += body.mass;
        inertia[body.weld.index()] += body.inertia.max_component();
    }
    for (i, body) in model.bodies.iter().enumerate().skip(1) {
        if body.joint_count > 0 && (mass[i] < LEAST || inertia[i] < LEAST) {
            let armature = (body.dof_start..body.dof_start + body.dof_count).all(|d| model.dofs[d as usize].armature > LEAST);
            if armature && body.dof_count > 0 {
                continue;
            }
            let at = spec.body(&body.name).map_or_else(Source::default, |b| b.source.clone());
            return Err(BuildError::MasslessBody { at, body: body.name.clone() });
        }
    }
    Ok(())
}

/// Trees that an actuator, a tendon or a suction cup can move stay awake.
fn mark_driven(model: &mut Model) {
    let mut joints: Vec<JointId> = Vec::new();
    let mut bodies: Vec<BodyId> = Vec::new();
    bodies.extend(model.tendons.iter().flat_map(|t| t.columns.iter().map(|d| model.dofs[d.index()].body)));
    let tendon_joints = |model: &Model, t: TendonId| model.tendons[t.index()].joints.iter().map(|(j, _)| *j).collect::<Vec<_>>();
    for actuator in &model.actuators {
        match actuator.transmission {
            Transmission::Joint(j) | Transmission::JointInParent(j) => joints.push(j),
            Transmission::Tendon(t) => joints.extend(tendon_joints(model, t)),
            Transmission::Site(s, other) => {
                bodies.push(model.sites[s.index()].body);
                bodies.extend(other.map(|s| model.sites[s.index()].body));
            }
            Transmission::SliderCrank(crank, slider, _) => bodies.extend([crank, slider].map(|s| model.sites[s.index()].body)),
            Transmission::Body(body) => bodies.push(body),
        }
    }
    bodies.extend(model.suctions.iter().map(|s| model.sites[s.site.index()].body));
    for t in 0..model.tendons.len() {
        joints.extend(tendon_joints(model, TendonId(t as u32)));
    }
    for equality in &model.equalities {
        if let EqualityTie::Joint { joints: (a, b), .. } = equality.kind {
            joints.push(a);
            joints.extend(b);
        }
    }
    bodies.extend(joints.iter().map(|j| model.joints[j.index()].body));
    for body in bodies {
        if let Some(tree) = model.bodies[body.index()].tree {
            model.trees[tree.index()].driven = true;
        }
    }
}
