//! Joining one description to another: a tool to a flange, a robot to a cell.

use crate::spec::{BodySpec, EqualityKind, FrameOf, SensorKind, Spec, TendonPoint, TendonSpec, TransmissionSpec, Watched};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use leitai_math::Pose;

/// There is no such site to attach to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no site `{site}` in `{model}` to attach `{child}` to")]
pub struct NoSuchSite {
    /// The site asked for.
    pub site: String,
    /// The description it was looked for in.
    pub model: String,
    /// What was to be attached.
    pub child: String,
}

impl Spec {
    /// Hangs `child` on the site called `site`, so that the child's world frame stands at `site_from_child`.
    ///
    /// Everything named in the child gets `prefix` before its name. The child's options, inertia rules and stored states do
    /// not come along: one world has one set. What is fixed to the child's world becomes fixed to the site's body.
    ///
    /// # Errors
    /// If there is no such site.
    pub fn attach(&mut self, site: &str, child: &Self, site_from_child: Pose, prefix: &str) -> Result<(), NoSuchSite> {
        let missing = || NoSuchSite { site: site.to_string(), model: self.name.clone(), child: child.name.clone() };
        let has_site = |body: &BodySpec| body.sites.iter().any(|s| s.name == site);
        let mut holder_name = None;
        self.world.visit(Pose::IDENTITY, &mut |body, _| {
            if has_site(body) {
                holder_name = Some(body.name.clone());
            }
        });
        let holder_name = holder_name.ok_or_else(missing)?;
        let mut named = child.prefixed(prefix, &holder_name);
        let holder = self.world.find_mut(&has_site).expect("the site was just seen");
        let site_pose = holder.sites.iter().find(|s| s.name == site).expect("the site was just seen").pose;
        let holder_from_child = site_pose * site_from_child;
        let mut root = core::mem::take(&mut named.world);
        holder.take_parts(&mut root, holder_from_child);
        self.take_references(named);
        Ok(())
    }

    /// A copy with `prefix` before every name; what refers to the world of this description refers to the body `holder` instead.
    #[must_use]
    pub fn prefixed(&self, prefix: &str, holder: &str) -> Self {
        let mut named = self.clone();
        prefix_names(&mut named.world, prefix, true);
        let rename = |name: &mut String| {
            if !name.is_empty() {
                *name = format!("{prefix}{name}");
            }
        };
        let rename_body = |name: &mut String| {
            if name.is_empty() || name == "world" {
                *name = holder.to_string();
            } else {
                *name = format!("{prefix}{name}");
            }
        };
        named.tendons.iter_mut().for_each(|t| rename(&mut t.name));
        named.actuators.iter_mut().for_each(|a| rename(&mut a.name));
        named.equalities.iter_mut().for_each(|e| rename(&mut e.name));
        named.sensors.iter_mut().for_each(|s| rename(&mut s.name));
        named.suctions.iter_mut().for_each(|s| rename(&mut s.name));
        named.pairs.iter_mut().for_each(|p| p.geoms.iter_mut().for_each(rename));
        named.excludes.iter_mut().for_each(|e| e.bodies.iter_mut().for_each(rename_body));
        named.equalities.iter_mut().for_each(|e| tied(&mut e.kind, &rename, &rename_body));
        named.tendons.iter_mut().for_each(|t| strung(t, &rename));
        named.actuators.iter_mut().for_each(|a| pulled(&mut a.transmission, &rename, &rename_body));
        named.suctions.iter_mut().for_each(|s| rename(&mut s.site));
        named.sensors.iter_mut().for_each(|s| rename_sensor(&mut s.kind, &rename, &rename_body));
        named
    }

    /// The body called `name` with everything below it, alone in a world, and of the rest what refers to nothing else.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<Self> {
        let body = self.body(name)?.clone();
        let (mut bodies, mut names) = (BTreeSet::new(), BTreeSet::new());
        body.visit(Pose::IDENTITY, &mut |b, _| {
            bodies.insert(b.name.clone());
            names.extend(b.joints.iter().map(|e| e.name.clone()));
            names.extend(b.geoms.iter().map(|e| e.name.clone()));
            names.extend(b.sites.iter().map(|e| e.name.clone()));
            names.extend(b.cameras.iter().map(|e| e.name.clone()));
        });
        let mut part = self.clone();
        part.world.bodies = Vec::from([body]);
        (part.world.geoms, part.world.sites, part.world.cameras) = (Vec::new(), Vec::new(), Vec::new());
        let is_world = |n: &str| n.is_empty() || n == "world";
        /// Whether `visit` meets only names that are known.
        fn all_known(
            visit: impl FnOnce(&dyn Fn(&mut String), &dyn Fn(&mut String)),
            name: &dyn Fn(&str) -> bool,
            body: &dyn Fn(&str) -> bool,
        ) -> bool {
            let known = Cell::new(true);
            visit(&|n| known.set(known.get() && name(n)), &|n| known.set(known.get() && body(n)));
            known.get()
        }
        let of_body = |n: &str| is_world(n) || bodies.contains(n);
        let known = |names: &BTreeSet<String>, n: &str| n.is_empty() || names.contains(n);
        part.tendons.retain(|t| all_known(|n, _| strung(&mut t.clone(), n), &|n| known(&names, n), &of_body));
        names.extend(part.tendons.iter().map(|t| t.name.clone()));
        part.actuators.retain(|a| all_known(|n, b| pulled(&mut a.transmission.clone(), n, b), &|n| known(&names, n), &of_body));
        names.extend(part.actuators.iter().map(|a| a.name.clone()));
        let named = |n: &str| known(&names, n);
        part.equalities.retain(|e| all_known(|n, b| tied(&mut e.kind.clone(), n, b), &named, &of_body));
        part.sensors.retain(|s| all_known(|n, b| rename_sensor(&mut s.kind.clone(), n, b), &named, &of_body));
        part.pairs.retain(|p| p.geoms.iter().all(|n| named(n)));
        part.excludes.retain(|e| e.bodies.iter().all(|n| of_body(n)));
        part.suctions.retain(|s| named(&s.site));
        Some(part)
    }

    /// Takes over everything of `from` but its bodies, options and stored states.
    pub fn take_references(&mut self, mut from: Self) {
        self.pairs.append(&mut from.pairs);
        self.excludes.append(&mut from.excludes);
        self.equalities.append(&mut from.equalities);
        self.tendons.append(&mut from.tendons);
        self.actuators.append(&mut from.actuators);
        self.sensors.append(&mut from.sensors);
        self.suctions.append(&mut from.suctions);
    }
}

/// Visits what an equality ties.
fn tied(kind: &mut EqualityKind, rename: &dyn Fn(&mut String), rename_body: &dyn Fn(&mut String)) {
    match kind {
        EqualityKind::Connect { bodies, .. } | EqualityKind::Weld { bodies, .. } => bodies.iter_mut().for_each(rename_body),
        EqualityKind::Joint { joints: names, .. }
        | EqualityKind::Tendon { tendons: names, .. }
        | EqualityKind::ConnectSites { sites: names }
        | EqualityKind::WeldSites { sites: names, .. } => names.iter_mut().for_each(rename),
    }
}

/// Visits what a tendon hangs on.
fn strung(tendon: &mut TendonSpec, rename: &dyn Fn(&mut String)) {
    tendon.joints.iter_mut().for_each(|(name, _)| rename(name));
    for point in &mut tendon.path {
        match point {
            TendonPoint::Site(name) => rename(name),
            TendonPoint::Around { geom, side } => {
                rename(geom);
                side.iter_mut().for_each(rename);
            }
            TendonPoint::Pulley(_) => {}
        }
    }
}

/// Visits what an actuator pulls on.
fn pulled(on: &mut TransmissionSpec, rename: &dyn Fn(&mut String), rename_body: &dyn Fn(&mut String)) {
    match on {
        TransmissionSpec::Joint(n) | TransmissionSpec::JointInParent(n) | TransmissionSpec::Tendon(n) => rename(n),
        TransmissionSpec::Site { site, reference } => {
            rename(site);
            rename(reference);
        }
        TransmissionSpec::SliderCrank { crank, slider, .. } => {
            rename(crank);
            rename(slider);
        }
        TransmissionSpec::Body(n) => rename_body(n),
    }
}

fn prefix_names(body: &mut BodySpec, prefix: &str, is_world: bool) {
    let rename = |name: &mut String| {
        if !name.is_empty() {
            *name = format!("{prefix}{name}");
        }
    };
    if !is_world {
        rename(&mut body.name);
    }
    body.joints.iter_mut().for_each(|j| rename(&mut j.name));
    body.geoms.iter_mut().for_each(|g| rename(&mut g.name));
    body.sites.iter_mut().for_each(|s| rename(&mut s.name));
    body.cameras.iter_mut().for_each(|c| rename(&mut c.name));
    body.bodies.iter_mut().for_each(|b| prefix_names(b, prefix, false));
}

fn rename_sensor(kind: &mut SensorKind, rename: &dyn Fn(&mut String), rename_body: &dyn Fn(&mut String)) {
    use SensorKind as K;
    let frame = |f: &mut FrameOf| match f {
        FrameOf::BodyInertial(n) | FrameOf::Body(n) => rename_body(n),
        FrameOf::Geom(n) | FrameOf::Site(n) | FrameOf::Camera(n) => rename(n),
    };
    let watched = |w: &mut Watched<String, String>| match w {
        Watched::Geom(n) => rename(n),
        Watched::Body(n) | Watched::Subtree(n) => rename_body(n),
    };
    match kind {
        K::FramePosition(f, r)
        | K::FrameQuaternion(f, r)
        | K::FrameAxis(f, r, _)
        | K::FrameLinearVelocity(f, r)
        | K::FrameAngularVelocity(f, r) => {
            frame(f);
            if let Some(r) = r {
                frame(r);
            }
        }
        K::FrameLinearAcceleration(f) | K::FrameAngularAcceleration(f) => frame(f),
        K::InsideSite(f, site) => {
            frame(f);
            rename(site);
        }
        K::Nearest(sides, _) => sides.iter_mut().for_each(watched),
        K::Contact(watch) => {
            watch.sides.iter_mut().flatten().for_each(watched);
            watch.site.iter_mut().for_each(rename);
        }
        K::SubtreeCenter(n) | K::SubtreeLinearVelocity(n) | K::SubtreeAngularMomentum(n) => rename_body(n),
        K::JointPosition(n)
        | K::JointVelocity(n)
        | K::JointActuatorForce(n)
        | K::TendonPosition(n)
        | K::TendonVelocity(n)
        | K::ActuatorPosition(n)
        | K::ActuatorVelocity(n)
        | K::ActuatorForce(n)
        | K::BallQuaternion(n)
        | K::BallAngularVelocity(n)
        | K::JointLimitPosition(n)
        | K::JointLimitVelocity(n)
        | K::JointLimitForce(n)
        | K::TendonLimitPosition(n)
        | K::TendonLimitVelocity(n)
        | K::TendonLimitForce(n)
        | K::TendonActuatorForce(n)
        | K::Accelerometer(n)
        | K::Gyro(n)
        | K::Velocimeter(n)
        | K::Force(n)
        | K::Torque(n)
        | K::Magnetometer(n)
        | K::Rangefinder(n, _)
        | K::Touch(n) => rename(n),
        K::PotentialEnergy | K::KineticEnergy | K::Clock => {}
    }
}
