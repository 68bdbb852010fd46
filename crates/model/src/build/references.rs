//! What refers to bodies by name: contacts, equalities, tendons, actuators, sensors, stored states.

use super::{BuildError, invalid};
use crate::model::{
    Actuator, ActuatorId, BodyId, CameraId, DofId, Equality, EqualityTie, Frame, GeomId, JointId, Keyframe, Measure, Model, Pair,
    Sensor, SiteId, Suction, Tendon, TendonId, Transmission,
};
use crate::name::nearest_name;
use crate::option::SolRef;
use crate::spec::{
    ContactWatch, EqualityKind, FrameOf, JointKind, PairSpec, SensorKind, Source, Spec, Surface, TendonPoint, TendonSpec,
    TransmissionSpec, Watched,
};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use leitai_geometry::Shape;
use leitai_math::{Pose, real};

/// The most numbers in all stored states together.
const MOST_KEY_NUMBERS: usize = 1 << 25;

/// The most steps times degrees of freedom, added up over muscles whose length ranges are to be found.
const MOST_SEARCHED: f64 = 2e7;

/// The most moments of all spatial tendons together.
const MOST_TENDON_MOMENTS: usize = 1 << 22;

/// Numbers of named elements.
pub(super) struct Names {
    bodies: BTreeMap<String, u32>,
    joints: BTreeMap<String, u32>,
    geoms: BTreeMap<String, u32>,
    sites: BTreeMap<String, u32>,
    cameras: BTreeMap<String, u32>,
    /// Filled by [`add_tendons`].
    tendons: BTreeMap<String, u32>,
    /// Filled by [`add_actuators`].
    actuators: BTreeMap<String, u32>,
}

fn table<'a>(kind: &'static str, names: impl Iterator<Item = &'a str>) -> Result<BTreeMap<String, u32>, BuildError> {
    let mut map = BTreeMap::new();
    for (i, name) in names.enumerate() {
        if !name.is_empty() && map.insert(name.to_string(), i as u32).is_some() {
            return Err(BuildError::SameName { at: Source::default(), kind, name: name.to_string() });
        }
    }
    Ok(map)
}

fn look_up(map: &BTreeMap<String, u32>, kind: &'static str, name: &str, at: &Source) -> Result<u32, BuildError> {
    map.get(name).copied().ok_or_else(|| BuildError::UnknownName {
        at: at.clone(),
        kind,
        name: name.to_string(),
        hint: nearest_name(map.keys().map(String::as_str), name).map_or_else(String::new, |n| format!("; did you mean `{n}`?")),
    })
}

impl Names {
    pub(super) fn new(model: &Model) -> Result<Self, BuildError> {
        Ok(Self {
            bodies: table("body", model.bodies.iter().map(|e| e.name.as_str()))?,
            joints: table("joint", model.joints.iter().map(|e| e.name.as_str()))?,
            geoms: table("geom", model.geoms.iter().map(|e| e.name.as_str()))?,
            sites: table("site", model.sites.iter().map(|e| e.name.as_str()))?,
            cameras: table("camera", model.cameras.iter().map(|e| e.name.as_str()))?,
            tendons: BTreeMap::new(),
            actuators: BTreeMap::new(),
        })
    }
    fn body(&self, name: &str, at: &Source) -> Result<BodyId, BuildError> {
        if name.is_empty() || name == "world" { Ok(BodyId(0)) } else { look_up(&self.bodies, "body", name, at).map(BodyId) }
    }
    fn joint(&self, name: &str, at: &Source) -> Result<JointId, BuildError> {
        look_up(&self.joints, "joint", name, at).map(JointId)
    }
    fn scalar_joint(&self, model: &Model, name: &str, at: &Source) -> Result<JointId, BuildError> {
        let id = self.joint(name, at)?;
        match model.joints[id.index()].kind {
            JointKind::Slide | JointKind::Hinge => Ok(id),
            _ => Err(invalid(at, format!("joint `{name}` has more than one coordinate; name a slide or hinge joint"))),
        }
    }
    fn ball_joint(&self, model: &Model, name: &str, at: &Source) -> Result<JointId, BuildError> {
        let id = self.joint(name, at)?;
        match model.joints[id.index()].kind {
            JointKind::Ball => Ok(id),
            _ => Err(invalid(at, format!("joint `{name}` is no ball joint; name one of type \"ball\""))),
        }
    }
    fn geom(&self, name: &str, at: &Source) -> Result<GeomId, BuildError> {
        look_up(&self.geoms, "geom", name, at).map(GeomId)
    }
    fn site(&self, name: &str, at: &Source) -> Result<SiteId, BuildError> {
        look_up(&self.sites, "site", name, at).map(SiteId)
    }
    fn tendon(&self, name: &str, at: &Source) -> Result<TendonId, BuildError> {
        look_up(&self.tendons, "tendon", name, at).map(TendonId)
    }
    fn actuator(&self, name: &str, at: &Source) -> Result<ActuatorId, BuildError> {
        look_up(&self.actuators, "actuator", name, at).map(ActuatorId)
    }
    fn watched(&self, of: &Watched<String, String>, at: &Source) -> Result<Watched<GeomId, BodyId>, BuildError> {
        Ok(match of {
            Watched::Geom(n) => Watched::Geom(self.geom(n, at)?),
            Watched::Body(n) => Watched::Body(self.body(n, at)?),
            Watched::Subtree(n) => Watched::Subtree(self.body(n, at)?),
        })
    }
    fn frame(&self, of: &FrameOf, at: &Source) -> Result<Frame, BuildError> {
        Ok(match of {
            FrameOf::BodyInertial(n) => Frame::BodyInertial(self.body(n, at)?),
            FrameOf::Body(n) => Frame::Body(self.body(n, at)?),
            FrameOf::Geom(n) => Frame::Geom(self.geom(n, at)?),
            FrameOf::Site(n) => Frame::Site(self.site(n, at)?),
            FrameOf::Camera(n) => Frame::Camera(look_up(&self.cameras, "camera", n, at).map(CameraId)?),
        })
    }
}

pub(super) fn add_tendons(spec: &Spec, model: &mut Model, names: &mut Names) -> Result<(), BuildError> {
    for t in &spec.tendons {
        let mut joints = Vec::new();
        for (name, weight) in &t.joints {
            joints.push((names.scalar_joint(model, name, &t.source)?, *weight));
        }
        let path = path(t, model, names)?;
        let columns = columns(model, &path);
        let moment_start = model.ntendonmoment as u32;
        model.ntendonmoment += columns.len();
        if model.ntendonmoment > MOST_TENDON_MOMENTS {
            let what = format!("the tendons pull on more than {MOST_TENDON_MOMENTS} joints; use fewer tendons");
            return Err(invalid(&t.source, what));
        }
        model.tendons.push(Tendon {
            name: t.name.clone(),
            joints,
            path,
            columns,
            moment_start,
            range: t.range,
            actuator_force_range: t.actuator_force_range,
            stiffness: t.stiffness,
            stiffness_growth: t.stiffness_growth,
            damping: t.damping,
            damping_growth: t.damping_growth,
            frictionloss: t.frictionloss,
            armature: t.armature,
            spring_length: t.spring_length,
            margin: t.margin,
            solref_limit: t.solref_limit,
            solimp_limit: t.solimp_limit,
            solref_friction: t.solref_friction,
            solimp_friction: t.solimp_friction,
        });
    }
    names.tendons = table("tendon", model.tendons.iter().map(|e| e.name.as_str()))?;
    Ok(())
}

/// Stations of a spatial tendon, in an order that makes a path: each branch begins and ends with a site, and so does each
/// way around a geom.
fn path(t: &TendonSpec, model: &Model, names: &Names) -> Result<Vec<TendonPoint<SiteId, GeomId>>, BuildError> {
    let at = &t.source;
    let mut path = Vec::with_capacity(t.path.len());
    for point in &t.path {
        path.push(match point {
            TendonPoint::Site(name) => TendonPoint::Site(names.site(name, at)?),
            TendonPoint::Pulley(divisor) if *divisor > 0.0 => TendonPoint::Pulley(*divisor),
            TendonPoint::Pulley(divisor) => {
                return Err(invalid(
                    at,
                    format!("tendon `{}` has a pulley with divisor {divisor}; write a positive number", t.name),
                ));
            }
            TendonPoint::Around { geom: name, side } => {
                let geom = names.geom(name, at)?;
                if !matches!(model.geoms[geom.index()].shape, Shape::Sphere { .. } | Shape::Cylinder { .. }) {
                    let what = format!("tendon `{}` cannot go around geom `{name}`; name a sphere or a cylinder", t.name);
                    return Err(invalid(at, what));
                }
                TendonPoint::Around { geom, side: side.as_ref().map(|side| names.site(side, at)).transpose()? }
            }
        });
    }
    let is_site = |i: usize| matches!(path.get(i), Some(TendonPoint::Site(_)));
    for (i, point) in path.iter().enumerate() {
        let wrong = match point {
            TendonPoint::Around { .. } if i == 0 || !is_site(i - 1) || !is_site(i + 1) => {
                "goes around a geom between no two sites"
            }
            TendonPoint::Pulley(_)
                if !is_site(i + 1) || !is_site(i + 2) && !matches!(path.get(i + 2), Some(TendonPoint::Around { .. })) =>
            {
                "has a pulley without a branch after it"
            }
            _ => continue,
        };
        return Err(invalid(at, format!("tendon `{}` {wrong}; put sites before and after", t.name)));
    }
    if !path.is_empty() && !is_site(path.len() - 1) {
        return Err(invalid(at, format!("tendon `{}` does not end with a site; add one", t.name)));
    }
    Ok(path)
}

/// The degrees of freedom that move any station of a path.
fn columns(model: &Model, path: &[TendonPoint<SiteId, GeomId>]) -> Vec<DofId> {
    if path.is_empty() {
        return Vec::new();
    }
    let mut moved = vec![false; model.nv];
    for point in path {
        let body = match point {
            TendonPoint::Site(site) => model.sites[site.index()].body,
            TendonPoint::Around { geom, .. } => model.geoms[geom.index()].body,
            TendonPoint::Pulley(_) => continue,
        };
        let mut next = model.bodies[body.index()].last_dof;
        while let Some(dof) = next.filter(|dof| !core::mem::replace(&mut moved[dof.index()], true)) {
            next = model.dofs[dof.index()].parent;
        }
    }
    (0..model.nv as u32).filter(|d| moved[*d as usize]).map(DofId).collect()
}

pub(super) fn add_contacts(spec: &Spec, model: &mut Model, names: &Names) -> Result<(), BuildError> {
    for pair in &spec.pairs {
        let a = names.geom(&pair.geoms[0], &pair.source)?;
        let b = names.geom(&pair.geoms[1], &pair.source)?;
        model.pairs.push(pair_surface(a, b, pair));
    }
    for exclude in &spec.excludes {
        let a = names.body(&exclude.bodies[0], &exclude.source)?;
        let b = names.body(&exclude.bodies[1], &exclude.source)?;
        model.excludes.push(if a <= b { [a, b] } else { [b, a] });
    }
    model.excludes.sort_unstable();
    model.excludes.dedup();
    Ok(())
}

/// The surface of a pair: what it says itself, and MJCF's defaults for the rest; its geoms do not matter.
fn pair_surface(a: GeomId, b: GeomId, pair: &PairSpec) -> Pair {
    let Surface { condim, friction: [sliding, torsional, rolling], solref, solimp, margin, gap, .. } = Surface::default();
    Pair {
        geoms: [a, b],
        condim: pair.condim.unwrap_or(condim),
        friction: pair.friction.unwrap_or([sliding, sliding, torsional, rolling, rolling]),
        solref: pair.solref.unwrap_or(solref),
        solref_friction: pair.solref_friction.unwrap_or(SolRef([0.0, 0.0])),
        solimp: pair.solimp.unwrap_or(solimp),
        margin: pair.margin.unwrap_or(margin),
        gap: pair.gap.unwrap_or(gap),
    }
}

impl Model {
    /// The surface two geoms share, by MuJoCo 4's rules: margins and gaps add up; for the rest the higher priority decides;
    /// else friction and `condim` are the larger, and stiffness and impedance are mixed by `solmix`.
    #[must_use]
    pub fn mixed_surface(&self, a: GeomId, b: GeomId) -> Pair {
        let (ga, gb) = (&self.geoms[a.index()], &self.geoms[b.index()]);
        let (sa, sb) = (&ga.surface, &gb.surface);
        let five = |f: &[f64; 3]| [f[0], f[0], f[1], f[2], f[2]];
        let (margin, gap) = (sa.margin + sb.margin, sa.gap + sb.gap);
        let no_friction_ref = SolRef([0.0, 0.0]);
        let decided = match ga.priority.cmp(&gb.priority) {
            core::cmp::Ordering::Greater => Some(sa),
            core::cmp::Ordering::Less => Some(sb),
            core::cmp::Ordering::Equal => None,
        };
        if let Some(s) = decided {
            return Pair {
                geoms: [a, b],
                condim: s.condim,
                friction: five(&s.friction),
                solref: s.solref,
                solref_friction: no_friction_ref,
                solimp: s.solimp,
                margin,
                gap,
            };
        }
        let least = 1e-15;
        let mix = match (ga.solmix >= least, gb.solmix >= least) {
            (true, true) => ga.solmix / (ga.solmix + gb.solmix),
            (false, false) => 0.5,
            (true, false) => 1.0,
            (false, true) => 0.0,
        };
        let (ra, rb) = (sa.solref.0, sb.solref.0);
        let solref = if ra[0] > 0.0 && rb[0] > 0.0 {
            [mix * ra[0] + (1.0 - mix) * rb[0], mix * ra[1] + (1.0 - mix) * rb[1]]
        } else {
            [real::min(ra[0], rb[0]), real::min(ra[1], rb[1])]
        };
        let mut solimp = [0.0; 5];
        for (k, x) in solimp.iter_mut().enumerate() {
            *x = mix * sa.solimp.0[k] + (1.0 - mix) * sb.solimp.0[k];
        }
        let friction = [0, 1, 2].map(|k| real::max(sa.friction[k], sb.friction[k]));
        Pair {
            geoms: [a, b],
            condim: sa.condim.max(sb.condim),
            friction: five(&friction),
            solref: SolRef(solref),
            solref_friction: no_friction_ref,
            solimp: crate::option::SolImp(solimp),
            margin,
            gap,
        }
    }

    /// `world_from_body` of every body with all joints at their reference.
    fn reference_poses(&self) -> Vec<Pose> {
        let mut poses: Vec<Pose> = vec![Pose::IDENTITY; self.bodies.len()];
        for i in 1..self.bodies.len() {
            poses[i] = poses[self.bodies[i].parent.index()] * self.bodies[i].pose;
        }
        poses
    }
}

pub(super) fn add_equalities(spec: &Spec, model: &mut Model, names: &Names) -> Result<(), BuildError> {
    let poses = model.reference_poses();
    for e in &spec.equalities {
        let at = &e.source;
        let kind = match &e.kind {
            EqualityKind::Connect { bodies, anchor } => {
                let ids = [names.body(&bodies[0], at)?, names.body(&bodies[1], at)?];
                let in_world = poses[ids[0].index()].apply(*anchor);
                EqualityTie::Connect { bodies: ids, anchors: [*anchor, poses[ids[1].index()].inverse().apply(in_world)] }
            }
            EqualityKind::Weld { bodies, anchor, relative, torque_scale } => {
                let ids = [names.body(&bodies[0], at)?, names.body(&bodies[1], at)?];
                let at_reference = poses[ids[0].index()].inverse() * poses[ids[1].index()];
                let relative = relative.unwrap_or(at_reference);
                let relative = Pose::new(relative.position, relative.rotation.normalized());
                EqualityTie::Weld { bodies: ids, anchor: *anchor, relative, torque_scale: *torque_scale }
            }
            EqualityKind::ConnectSites { sites } => {
                let [one, two] = [names.site(&sites[0], at)?, names.site(&sites[1], at)?].map(|id| &model.sites[id.index()]);
                EqualityTie::Connect { bodies: [one.body, two.body], anchors: [one.pose.position, two.pose.position] }
            }
            EqualityKind::WeldSites { sites, torque_scale } => {
                let [one, two] = [names.site(&sites[0], at)?, names.site(&sites[1], at)?].map(|id| &model.sites[id.index()]);
                EqualityTie::Weld {
                    bodies: [one.body, two.body],
                    anchor: two.pose.position,
                    relative: one.pose * two.pose.inverse(),
                    torque_scale: *torque_scale,
                }
            }
            EqualityKind::Joint { joints, polynomial } => {
                let first = names.scalar_joint(model, &joints[0], at)?;
                let second = if joints[1].is_empty() { None } else { Some(names.scalar_joint(model, &joints[1], at)?) };
                EqualityTie::Joint { joints: (first, second), polynomial: *polynomial }
            }
            EqualityKind::Tendon { tendons, polynomial } => {
                let first = names.tendon(&tendons[0], at)?;
                let second = if tendons[1].is_empty() { None } else { Some(names.tendon(&tendons[1], at)?) };
                EqualityTie::Tendon { tendons: (first, second), polynomial: *polynomial }
            }
        };
        model.equalities.push(Equality { name: e.name.clone(), kind, active: e.active, solref: e.solref, solimp: e.solimp });
    }
    Ok(())
}

pub(super) fn add_actuators(spec: &Spec, model: &mut Model, names: &mut Names) -> Result<(), BuildError> {
    let search = &model.option.length_search;
    let step_s = if search.timestep_s > 0.0 { search.timestep_s } else { model.option.timestep_s };
    let steps = search.total_s / step_s;
    let mut searched = 0.0;
    for a in &spec.actuators {
        let at = &a.source;
        let transmission = match &a.transmission {
            TransmissionSpec::Joint(n) => Transmission::Joint(names.joint(n, at)?),
            TransmissionSpec::JointInParent(n) => Transmission::JointInParent(names.joint(n, at)?),
            TransmissionSpec::Tendon(n) => Transmission::Tendon(names.tendon(n, at)?),
            TransmissionSpec::Site { site, reference } => {
                let reference = if reference.is_empty() { None } else { Some(names.site(reference, at)?) };
                Transmission::Site(names.site(site, at)?, reference)
            }
            TransmissionSpec::SliderCrank { crank, slider, rod_m } => {
                Transmission::SliderCrank(names.site(crank, at)?, names.site(slider, at)?, *rod_m)
            }
            TransmissionSpec::Body(n) => Transmission::Body(names.body(n, at)?),
        };
        if a.drive.is_muscle() && a.drive.length_range.is_none() {
            searched += model.nv as f64 * steps;
            if searched.is_nan() || searched > MOST_SEARCHED {
                let what = "finding the length ranges of so many muscles takes too long; give them `lengthrange`";
                return Err(invalid(at, what));
            }
        }
        let (ctrl, activations) = (model.nu as u32, a.drive.activations());
        let act = (activations > 0).then_some(model.na as u32);
        model.na += activations;
        model.nu += a.drive.controls();
        model.actuators.push(Actuator { name: a.name.clone(), transmission, drive: a.drive.clone(), ctrl, act });
    }
    names.actuators = table("actuator", model.actuators.iter().map(|e| e.name.as_str()))?;
    Ok(())
}

pub(super) fn add_sensors(spec: &Spec, model: &mut Model, names: &Names) -> Result<(), BuildError> {
    use SensorKind as K;
    for s in &spec.sensors {
        let at = &s.source;
        let optional = |f: &Option<FrameOf>| f.as_ref().map(|f| names.frame(f, at)).transpose();
        let measure = match &s.kind {
            K::JointPosition(n) => Measure::JointPosition(names.scalar_joint(model, n, at)?),
            K::JointVelocity(n) => Measure::JointVelocity(names.scalar_joint(model, n, at)?),
            K::JointActuatorForce(n) => Measure::JointActuatorForce(names.scalar_joint(model, n, at)?),
            K::TendonPosition(n) => Measure::TendonPosition(names.tendon(n, at)?),
            K::TendonVelocity(n) => Measure::TendonVelocity(names.tendon(n, at)?),
            K::ActuatorPosition(n) => Measure::ActuatorPosition(names.actuator(n, at)?),
            K::ActuatorVelocity(n) => Measure::ActuatorVelocity(names.actuator(n, at)?),
            K::ActuatorForce(n) => Measure::ActuatorForce(names.actuator(n, at)?),
            K::BallQuaternion(n) => Measure::BallQuaternion(names.ball_joint(model, n, at)?),
            K::BallAngularVelocity(n) => Measure::BallAngularVelocity(names.ball_joint(model, n, at)?),
            K::JointLimitPosition(n) => Measure::JointLimitPosition(names.joint(n, at)?),
            K::JointLimitVelocity(n) => Measure::JointLimitVelocity(names.joint(n, at)?),
            K::JointLimitForce(n) => Measure::JointLimitForce(names.joint(n, at)?),
            K::TendonLimitPosition(n) => Measure::TendonLimitPosition(names.tendon(n, at)?),
            K::TendonLimitVelocity(n) => Measure::TendonLimitVelocity(names.tendon(n, at)?),
            K::TendonLimitForce(n) => Measure::TendonLimitForce(names.tendon(n, at)?),
            K::TendonActuatorForce(n) => Measure::TendonActuatorForce(names.tendon(n, at)?),
            K::FramePosition(f, r) => Measure::FramePosition(names.frame(f, at)?, optional(r)?),
            K::FrameQuaternion(f, r) => Measure::FrameQuaternion(names.frame(f, at)?, optional(r)?),
            K::FrameAxis(f, r, k) => Measure::FrameAxis(names.frame(f, at)?, optional(r)?, *k),
            K::FrameLinearVelocity(f, r) => Measure::FrameLinearVelocity(names.frame(f, at)?, optional(r)?),
            K::FrameAngularVelocity(f, r) => Measure::FrameAngularVelocity(names.frame(f, at)?, optional(r)?),
            K::FrameLinearAcceleration(f) => Measure::FrameLinearAcceleration(names.frame(f, at)?),
            K::FrameAngularAcceleration(f) => Measure::FrameAngularAcceleration(names.frame(f, at)?),
            K::Accelerometer(n) => Measure::Accelerometer(names.site(n, at)?),
            K::Gyro(n) => Measure::Gyro(names.site(n, at)?),
            K::Velocimeter(n) => Measure::Velocimeter(names.site(n, at)?),
            K::Force(n) => Measure::Force(names.site(n, at)?),
            K::Torque(n) => Measure::Torque(names.site(n, at)?),
            K::Touch(n) => Measure::Touch(names.site(n, at)?),
            K::Magnetometer(n) => Measure::Magnetometer(names.site(n, at)?),
            K::Rangefinder(n, fields) => Measure::Rangefinder(names.site(n, at)?, *fields),
            K::InsideSite(f, n) => Measure::InsideSite(names.frame(f, at)?, names.site(n, at)?),
            K::Nearest([a, b], what) => Measure::Nearest([names.watched(a, at)?, names.watched(b, at)?], *what),
            K::Contact(watch) => {
                let [a, b] = &watch.sides;
                let side = |s: &Option<Watched<String, String>>| s.as_ref().map(|s| names.watched(s, at)).transpose();
                Measure::Contact(ContactWatch {
                    sides: [side(a)?, side(b)?],
                    site: watch.site.as_ref().map(|n| names.site(n, at)).transpose()?,
                    count: watch.count,
                    fields: watch.fields,
                    reduce: watch.reduce,
                })
            }
            K::SubtreeCenter(n) => Measure::SubtreeCenter(names.body(n, at)?),
            K::SubtreeLinearVelocity(n) => Measure::SubtreeLinearVelocity(names.body(n, at)?),
            K::SubtreeAngularMomentum(n) => Measure::SubtreeAngularMomentum(names.body(n, at)?),
            K::PotentialEnergy => Measure::PotentialEnergy,
            K::KineticEnergy => Measure::KineticEnergy,
            K::Clock => Measure::Clock,
        };
        model.sensors.push(Sensor {
            name: s.name.clone(),
            measure,
            start: model.nsensordata as u32,
            cutoff: s.cutoff,
            noise: s.noise,
        });
        model.nsensordata += measure.len();
    }
    Ok(())
}

pub(super) fn add_suctions(spec: &Spec, model: &mut Model, names: &Names) -> Result<(), BuildError> {
    for s in &spec.suctions {
        let f = &s.figures;
        for (what, value, zero_too) in [
            ("radius", f.radius_m, false),
            ("pressure", f.pressure_pa, false),
            ("efficiency", f.efficiency, false),
            ("pull limit", f.pull_limit_n, false),
            ("shear limit", f.shear_limit_n, false),
            ("peel limit", f.peel_limit_nm, false),
            ("seal distance", f.seal_distance_m, false),
            ("seal angle", f.seal_angle_rad, false),
            ("evacuation time", f.evacuate_s, true),
        ] {
            if !(value > 0.0 || zero_too && value == 0.0) {
                let what = format!("suction cup `{}` has a {what} of {value}; write a positive number", s.name);
                return Err(invalid(&s.source, what));
            }
        }
        model.suctions.push(Suction { name: s.name.clone(), site: names.site(&s.site, &s.source)?, figures: *f });
    }
    table("suction cup", model.suctions.iter().map(|e| e.name.as_str())).map(drop)
}

pub(super) fn add_keyframes(spec: &Spec, model: &mut Model) -> Result<(), BuildError> {
    let mocap: Vec<Pose> = model.bodies.iter().filter(|b| b.mocap.is_some()).map(|b| b.pose).collect();
    let size = model.nq + model.nv + model.na + model.nu + 7 * mocap.len();
    if size.saturating_mul(spec.keyframes.len()) > MOST_KEY_NUMBERS {
        let what = format!("the keys hold more than {MOST_KEY_NUMBERS} numbers; use fewer keys");
        return Err(invalid(&spec.keyframes[0].source, what));
    }
    for k in &spec.keyframes {
        let fill = |given: &[f64], reference: Vec<f64>, what: &str| {
            if given.is_empty() {
                Ok(reference)
            } else if given.len() == reference.len() {
                Ok(given.to_vec())
            } else {
                let (found, wanted) = (given.len(), reference.len());
                Err(invalid(&k.source, format!("key `{}` has {found} numbers in {what}; this model needs {wanted}", k.name)))
            }
        };
        let mut q = fill(&k.q, model.q0.clone(), "qpos")?;
        normalize_quaternions(model, &mut q);
        if !k.mocap.is_empty() && k.mocap.len() != mocap.len() {
            let (found, wanted) = (k.mocap.len(), mocap.len());
            return Err(invalid(&k.source, format!("key `{}` places {found} mocap bodies; this model has {wanted}", k.name)));
        }
        let keyframe = Keyframe {
            name: k.name.clone(),
            time_s: k.time_s,
            q,
            v: fill(&k.v, vec![0.0; model.nv], "qvel")?,
            act: fill(&k.act, vec![0.0; model.na], "act")?,
            ctrl: fill(&k.ctrl, vec![0.0; model.nu], "ctrl")?,
            mocap: if k.mocap.is_empty() { mocap.clone() } else { k.mocap.clone() },
        };
        model.keyframes.push(keyframe);
    }
    Ok(())
}

fn normalize_quaternions(model: &Model, q: &mut [f64]) {
    for joint in &model.joints {
        let start = match joint.kind {
            JointKind::Free => joint.q_start as usize + 3,
            JointKind::Ball => joint.q_start as usize,
            _ => continue,
        };
        let unit = leitai_math::Quat::from_slice(&q[start..]).normalized().to_array();
        q[start..start + 4].copy_from_slice(&unit);
    }
}
