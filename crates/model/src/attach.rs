//! Joining one description to another: a tool to a flange, a robot to a cell.

use crate::spec::{BodySpec, EqualityKind, FrameOf, SensorKind, Spec, TendonPoint, TransmissionSpec, Watched};
use alloc::format;
use alloc::string::{String, ToString};
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
        let mut named = child.clone();
        prefix_names(&mut named.world, prefix, true);
        let holder = self.world.find_mut(&has_site).expect("the site was just seen");
        let site_pose = holder.sites.iter().find(|s| s.name == site).expect("the site was just seen").pose;
        let holder_from_child = site_pose * site_from_child;
        let mut root = named.world;
        for body in &mut root.bodies {
            body.pose = holder_from_child * body.pose;
        }
        for geom in &mut root.geoms {
            geom.pose = holder_from_child * geom.pose;
        }
        for camera in &mut root.cameras {
            camera.pose = holder_from_child * camera.pose;
        }
        for mark in &mut root.sites {
            mark.pose = holder_from_child * mark.pose;
        }
        holder.bodies.append(&mut root.bodies);
        holder.geoms.append(&mut root.geoms);
        holder.sites.append(&mut root.sites);
        holder.cameras.append(&mut root.cameras);
        let rename = |name: &mut String| {
            if !name.is_empty() {
                *name = format!("{prefix}{name}");
            }
        };
        // The child's world is now the holder's body.
        let rename_body = |name: &mut String| {
            if name.is_empty() || name == "world" {
                *name = holder_name.clone();
            } else {
                *name = format!("{prefix}{name}");
            }
        };
        for p in &mut named.pairs {
            p.geoms.iter_mut().for_each(rename);
        }
        for e in &mut named.excludes {
            e.bodies.iter_mut().for_each(rename_body);
        }
        for e in &mut named.equalities {
            rename(&mut e.name);
            match &mut e.kind {
                EqualityKind::Connect { bodies, .. } | EqualityKind::Weld { bodies, .. } => {
                    bodies.iter_mut().for_each(rename_body)
                }
                EqualityKind::Joint { joints: names, .. }
                | EqualityKind::Tendon { tendons: names, .. }
                | EqualityKind::ConnectSites { sites: names }
                | EqualityKind::WeldSites { sites: names, .. } => {
                    names.iter_mut().for_each(rename);
                }
            }
        }
        for t in &mut named.tendons {
            rename(&mut t.name);
            t.joints.iter_mut().for_each(|(name, _)| rename(name));
            for point in &mut t.path {
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
        for a in &mut named.actuators {
            rename(&mut a.name);
            match &mut a.transmission {
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
        for s in &mut named.suctions {
            rename(&mut s.name);
            rename(&mut s.site);
        }
        for s in &mut named.sensors {
            rename(&mut s.name);
            rename_sensor(&mut s.kind, &rename, &rename_body);
        }
        self.pairs.append(&mut named.pairs);
        self.excludes.append(&mut named.excludes);
        self.equalities.append(&mut named.equalities);
        self.tendons.append(&mut named.tendons);
        self.actuators.append(&mut named.actuators);
        self.sensors.append(&mut named.sensors);
        self.suctions.append(&mut named.suctions);
        Ok(())
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
