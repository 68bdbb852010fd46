//! Suction cups: they seal on a flat place, press it against their lip, and let go.
//!
//! A cup whose valve is open looks at what lies in front of its lip. If every part of the lip is near enough to one geom, and
//! nowhere tilted too far against it, the cup seals and the vacuum grows in proportion to time. The air then presses the two
//! together with efficiency × pressure × area, at most its limit of pull; the lip, ordinary geoms of the cup's body, pushes back
//! and rubs, so what the cup can carry across its axis, and how far it yields, is contact. The solver knows of the vacuum
//! ([`Contact::adhesion_n`]), so a light cup does not bounce between it and the surface. A cup lets go when its valve shuts,
//! when its lip loses the surface anywhere, as it does under too strong a pull, or when the load on it passes a limit of shear
//! or peel.
//!
//! Seals change between steps: a step uses those that the step before left.

use crate::actuation::add_force_at;
use crate::contact::Contact;
use crate::scene::Scene;
use alloc::vec::Vec;
use leitai_dynamics::{Data, site_pose};
use leitai_geometry::cast;
use leitai_math::{Motion, Pose, Vec3, real};
use leitai_model::Model;
use leitai_model::model::{BodyId, GeomId, Suction, SuctionId};

/// Places of the rim that must touch, besides its middle.
const RIM: usize = 8;
/// Radii around the axis within which a contact belongs to the cup.
const REACH: f64 = 1.25;

/// One cup: part of the state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cup {
    /// Its valve is open: the program's command.
    pub open: bool,
    /// What it has sealed on.
    pub sealed_on: Option<GeomId>,
    /// Share of the full vacuum, 0 to 1.
    pub vacuum: f64,
}

/// What a sealed cup bears, as its surface feels it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CupLoad {
    /// Along the axis, away from the cup [N]: what the vacuum gives less what the lip pushes back.
    pub pull_n: f64,
    /// Across the axis [N].
    pub shear_n: f64,
    /// Moment across the axis, about the middle of the lip [N·m].
    pub peel_nm: f64,
}

impl Cup {
    /// Force [N] with which the air presses the surface against the cup; more than its limit of pull it never holds.
    #[must_use]
    pub fn force_n(&self, suction: &Suction) -> f64 {
        let f = &suction.figures;
        self.vacuum * real::min(f.efficiency * f.pressure_pa * real::PI * f.radius_m * f.radius_m, f.pull_limit_n)
    }

    pub(crate) fn numbers(&self) -> [f64; 3] {
        [f64::from(u8::from(self.open)), self.sealed_on.map_or(-1.0, |g| f64::from(g.0)), self.vacuum]
    }
}

/// Calls `push(body, point, force)` for both sides of every cup that holds.
pub(crate) fn for_each_force(model: &Model, data: &Data, cups: &[Cup], mut push: impl FnMut(BodyId, Vec3, Motion)) {
    for (suction, cup) in model.suctions.iter().zip(cups) {
        let Some(geom) = cup.sealed_on else { continue };
        let lip = site_pose(model, data, suction.site);
        let pull = lip.rotation.rotate(Vec3::Z) * cup.force_n(suction);
        push(model.sites[suction.site.index()].body, lip.position, Motion::new(Vec3::ZERO, pull));
        push(model.geoms[geom.index()].body, lip.position, Motion::new(Vec3::ZERO, -pull));
    }
}

/// Adds the joint forces of all cups to `out`.
pub(crate) fn add_forces(model: &Model, data: &Data, cups: &[Cup], out: &mut [f64]) {
    for_each_force(model, data, cups, |body, point, force| add_force_at(model, data, body, point, force, out));
}

/// True if `contact` is one of the lip of the cup, which has sealed on `held`.
fn is_lips(model: &Model, suction: &Suction, lip: Pose, held: GeomId, contact: &Contact) -> bool {
    let [first, second] = contact.geoms;
    let other = if first == held {
        second
    } else if second == held {
        first
    } else {
        return false;
    };
    let weld = |body: BodyId| model.bodies[body.index()].weld;
    let aside = lip.rotation.conjugate().rotate(contact.position - lip.position);
    weld(model.geoms[other.index()].body) == weld(model.sites[suction.site.index()].body)
        && real::sqrt(aside.x * aside.x + aside.y * aside.y) <= REACH * suction.figures.radius_m
}

/// Spreads the force of every cup that holds over the contacts of its lip.
pub(crate) fn press(model: &Model, data: &Data, cups: &[Cup], contacts: &mut [Contact]) {
    for (suction, cup) in model.suctions.iter().zip(cups) {
        let Some(held) = cup.sealed_on else { continue };
        let lip = site_pose(model, data, suction.site);
        let count = contacts.iter().filter(|c| is_lips(model, suction, lip, held, c)).count();
        for contact in contacts.iter_mut().filter(|c| is_lips(model, suction, lip, held, c)) {
            contact.adhesion_n = cup.force_n(suction) / count as f64;
        }
    }
}

/// What cup `id` bears; `force` gives a contact's forces. Zero if it is not sealed.
pub(crate) fn load(
    model: &Model,
    data: &Data,
    cups: &[Cup],
    id: SuctionId,
    contacts: &[Contact],
    force: impl Fn(&Contact) -> [f64; 6],
) -> CupLoad {
    let (suction, cup) = (&model.suctions[id.index()], &cups[id.index()]);
    let Some(held) = cup.sealed_on else { return CupLoad::default() };
    let lip = site_pose(model, data, suction.site);
    let axis = lip.rotation.rotate(Vec3::Z);
    // On the surface, about the middle of the lip.
    let (mut push, mut moment) = (axis * -cup.force_n(suction), Vec3::ZERO);
    for contact in contacts.iter().filter(|c| c.row != u32::MAX && is_lips(model, suction, lip, held, c)) {
        let arm = contact.position - lip.position;
        let f = force(contact);
        // A contact's force acts on its second geom.
        let sign = if contact.geoms[1] == held { 1.0 } else { -1.0 };
        let linear = contact.frame.transpose_mul(Vec3::from_slice(&f)) * sign;
        let turning = contact.frame.transpose_mul(Vec3::from_slice(&f[3..])) * sign;
        push += linear;
        moment += arm.cross(linear) + turning;
    }
    let across = |v: Vec3| (v - axis * v.dot(axis)).norm();
    CupLoad { pull_n: -push.dot(axis), shear_n: across(push), peel_nm: across(moment) }
}

/// Lets go what is overloaded or off the surface, seals what may seal, and lets the vacuum grow; `wake` hears of each body that
/// a cup seals on.
pub(crate) fn settle(
    scene: &Scene,
    data: &Data,
    cups: &mut [Cup],
    contacts: &[Contact],
    force: impl Fn(&Contact) -> [f64; 6],
    mut wake: impl FnMut(BodyId),
) {
    let model = &*scene.model;
    for i in 0..cups.len() {
        let suction = &model.suctions[i];
        let figures = &suction.figures;
        if !cups[i].open {
            cups[i] = Cup::default();
            continue;
        }
        let lip = site_pose(model, data, suction.site);
        if let Some(geom) = cups[i].sealed_on {
            let load = load(model, data, cups, SuctionId(i as u32), contacts, &force);
            let bears = load.shear_n <= figures.shear_limit_n && load.peel_nm <= figures.peel_limit_nm;
            if !(bears && seals(model, data, suction, lip, geom)) {
                cups[i] = Cup { open: true, ..Cup::default() };
                continue;
            }
        } else if let Some(geom) = surface(model, data, suction, lip) {
            cups[i].sealed_on = Some(geom);
            wake(model.geoms[geom.index()].body);
        } else {
            continue;
        }
        let share = if figures.evacuate_s > 0.0 { model.option.timestep_s / figures.evacuate_s } else { 1.0 };
        cups[i].vacuum = real::min(1.0, cups[i].vacuum + share);
    }
}

/// The geom on which the cup may seal: the nearest in front of the middle of its lip, if it passes all along the rim.
fn surface(model: &Model, data: &Data, suction: &Suction, lip: Pose) -> Option<GeomId> {
    let weld = model.bodies[model.sites[suction.site.index()].body.index()].weld;
    let reach = suction.figures.radius_m + suction.figures.seal_distance_m;
    let mut nearest: Option<(f64, GeomId)> = None;
    for (g, geom) in model.geoms.iter().enumerate() {
        let own = model.bodies[geom.body.index()].weld == weld;
        let apart = (data.geom[g].position - lip.position).norm() - geom.shape.bounding_radius();
        if own || (geom.contype == 0 && geom.conaffinity == 0) || apart > reach {
            continue;
        }
        let id = GeomId(g as u32);
        if let Some(gap) = gap(model, data, suction, lip, id, Vec3::ZERO)
            && nearest.is_none_or(|(least, _)| gap < least)
        {
            nearest = Some((gap, id));
        }
    }
    nearest.map(|(_, id)| id).filter(|&id| seals(model, data, suction, lip, id))
}

/// True if every part of the lip is near enough to the geom's surface and square enough to it.
fn seals(model: &Model, data: &Data, suction: &Suction, lip: Pose, geom: GeomId) -> bool {
    let radius = suction.figures.radius_m;
    gap(model, data, suction, lip, geom, Vec3::ZERO).is_some()
        && (0..RIM).all(|k| {
            let (sin, cos) = real::sin_cos(k as f64 * (real::TAU / RIM as f64));
            gap(model, data, suction, lip, geom, Vec3::new(radius * cos, radius * sin, 0.0)).is_some()
        })
}

/// Distance [m] from the place `at` of the lip along the axis to the geom's surface, negative if the lip is pressed into it;
/// nothing if that is too far, or the surface is too tilted there.
fn gap(model: &Model, data: &Data, suction: &Suction, lip: Pose, geom: GeomId, at: Vec3) -> Option<f64> {
    let figures = &suction.figures;
    // From inside the cup, because a soft lip may lie in the surface.
    let (axis, back) = (lip.rotation.rotate(Vec3::Z), figures.radius_m);
    let hit = cast(&model.geoms[geom.index()].shape, &data.geom[geom.index()], lip.apply(at) - axis * back, axis)?;
    let square = -hit.normal.dot(axis) >= real::cos(figures.seal_angle_rad);
    (hit.distance - back <= figures.seal_distance_m && square).then_some(hit.distance - back)
}

/// A cup for each of the model's, with its valve shut.
pub(crate) fn cups(model: &Model) -> Vec<Cup> {
    model.suctions.iter().map(|_| Cup::default()).collect()
}
