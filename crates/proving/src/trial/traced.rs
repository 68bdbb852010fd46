//! What a tool did to the surface that it went over: force, attitude, coverage, and what it took off.
//!
//! Truth comes from the drawn world: surface and cells from rays on its geoms, forces and normals from its contacts. Of a spinning face only the removal
//! is computed, by Preston's law on the cells under the disk of the tool's radius: pressure is even, F/πR², and a cell's speed is that of the feed
//! plus that of the spin about the tool's axis. In the physics the tool does not spin.

use alloc::vec;
use alloc::vec::Vec;

use leitai_math::{Pose, Vec3, real};
use leitai_package::manifest::Patch;
use leitai_sim::World;
use leitai_skills::nominal::{patch_faces, spots};
use leitai_skills::surface::{Spot, cells};

use super::cell::{Built, Cell, CellError};

/// Nearer to the surface than this [m] the tool works on it, or has lifted off.
const NEAR_M: f64 = 0.005;

/// Watches the tool in scenarios with a patch.
#[derive(Clone, Debug)]
pub(super) struct Traced {
    patch: Patch,
    site: usize,
    /// Preston's k as drawn [1/Pa].
    preston_1_pa: f64,
    cells: Vec<Spot>,
    columns: usize,
    covered: Vec<bool>,
    /// Taken off each cell [m].
    removed: Vec<f64>,
    before: Option<Vec3>,
    /// Sums over the way on the patch: of the way, and of the squared error times it.
    way: f64,
    squares: f64,
    normal_error_rad: Option<f64>,
    first_s: Option<f64>,
    last_s: f64,
    apart_s: f64,
}

/// What the tool does to the surface at one time, in the frame of the site.
#[derive(Clone, Copy, Debug)]
struct Now {
    time_s: f64,
    dt_s: f64,
    /// Of the tip; z into the surface.
    tip: Pose,
    /// Sum of the normal forces on the tool [N].
    force: Vec3,
}

impl Traced {
    /// None where the task has no patch.
    ///
    /// # Errors
    /// If the drawn surface does not reach as far as its patch.
    pub(super) fn new(cell: &Cell, built: &Built, removal_scale: f64) -> Result<Option<Self>, CellError> {
        let scenario = &cell.packages().scenario;
        let goal = cell.packages().solution.goal();
        let work = scenario.work.iter().find(|work| work.id == goal);
        let Some((site, work, patch)) =
            cell.task.work.zip(work).and_then(|(at, work)| Some((at.site, work, work.patch.as_ref()?)))
        else {
            return Ok(None);
        };
        let model = &built.scene.model;
        let mut data = leitai_dynamics::Data::new(model);
        leitai_dynamics::kinematics(model, &mut data, &model.q0);
        let faces = patch_faces(scenario, model, &data, &work.at, patch)?;
        let (points, columns) = cells(patch);
        let cells = spots(scenario, &work.at, &faces, &points)?;
        Ok(Some(Self::over(patch, site, cells, columns, removal_scale)))
    }

    fn over(patch: &Patch, site: usize, cells: Vec<Spot>, columns: usize, removal_scale: f64) -> Self {
        Self {
            patch: patch.clone(),
            site,
            preston_1_pa: removal_scale * patch.removal.as_ref().map_or(0.0, |removal| removal.preston_1_pa.value),
            covered: vec![false; cells.len()],
            removed: vec![0.0; cells.len()],
            cells,
            columns,
            before: None,
            way: 0.0,
            squares: 0.0,
            normal_error_rad: None,
            first_s: None,
            last_s: 0.0,
            apart_s: 0.0,
        }
    }

    /// After a step of which every one is `dt_s` after the last.
    pub(super) fn look(&mut self, world: &World, built: &Built, dt_s: f64) {
        let (model, data) = (world.model(), world.data());
        let site_from_world = leitai_dynamics::site_pose(model, data, built.sites[self.site]).inverse();
        let mut force = Vec3::ZERO;
        for contact in world.contacts() {
            let tool = contact.geoms.map(|g| built.tool_bodies.contains(&model.geoms[g.index()].body));
            if tool[0] != tool[1] {
                let on_second = contact.frame.transpose_mul(Vec3::X) * world.contact_force(contact)[0];
                force += if tool[1] { on_second } else { -on_second };
            }
        }
        let tip = site_from_world * leitai_dynamics::site_pose(model, data, built.grip);
        self.take(&Now { time_s: world.time_s(), dt_s, tip, force: site_from_world.rotation.rotate(force) });
    }

    fn take(&mut self, now: &Now) {
        let (place, pressed) = (now.tip.position, now.force.norm());
        let moved = self.before.replace(place).map_or(Vec3::ZERO, |before| place - before);
        if pressed > 0.0 {
            if self.first_s.is_some() {
                let gap_s = now.time_s - self.last_s - now.dt_s;
                self.apart_s += if gap_s > 0.5 * now.dt_s { gap_s } else { 0.0 };
            }
            self.first_s = self.first_s.or(Some(now.time_s));
            self.last_s = now.time_s;
        }
        let enough = pressed >= self.patch.least_share * self.patch.force_n;
        let axis = now.tip.rotation.rotate(Vec3::Z);
        if let Some(nearest) = self.below(place)
            && (place - nearest.point).dot(nearest.normal) < NEAR_M
        {
            let way = (moved - nearest.normal * moved.dot(nearest.normal)).norm();
            let off = pressed - self.patch.force_n;
            self.way += way;
            self.squares += off * off * way;
            if enough {
                let angle = real::atan2(axis.cross(now.force).norm(), -axis.dot(now.force));
                self.normal_error_rad = Some(self.normal_error_rad.map_or(angle, |most| real::max(most, angle)));
            }
        }
        if pressed > 0.0 {
            self.rub(now, moved, axis, pressed, enough);
        }
    }

    /// The cell under a place, if it is over the patch.
    fn below(&self, place: Vec3) -> Option<&Spot> {
        let rows = self.cells.len() / self.columns;
        let at = |x: f64, edge: f64, count: usize| {
            let share = x / edge + 0.5;
            ((0.0..1.0).contains(&share)).then(|| ((share * count as f64) as usize).min(count - 1))
        };
        let column = at(place.x, self.patch.length_m, self.columns)?;
        let row = at(place.y, self.patch.width_m, rows)?;
        self.cells.get(row * self.columns + column)
    }

    /// What the face does to the cells under it.
    fn rub(&mut self, now: &Now, moved: Vec3, axis: Vec3, pressed: f64, enough: bool) {
        let radius = self.patch.contact_radius_m;
        let rim_m_s = self.patch.removal.as_ref().map_or(0.0, |removal| removal.rim_speed_m_s.value);
        let per_way = self.preston_1_pa * pressed / (real::PI * radius * radius);
        let spin = axis * (rim_m_s / radius);
        for (i, cell) in self.cells.iter().enumerate() {
            let from_tip = cell.point - now.tip.position;
            let along = from_tip.dot(axis);
            let arm = from_tip - axis * along;
            if arm.norm_squared() > radius * radius || real::abs(along) > radius {
                continue;
            }
            self.covered[i] |= enough;
            if per_way > 0.0 {
                let slid = moved + spin.cross(arm) * now.dt_s;
                self.removed[i] += per_way * (slid - cell.normal * slid.dot(cell.normal)).norm();
            }
        }
    }

    /// Root mean square of the force's error [N] over the way on the patch; the wanted force itself where there was no way.
    pub(super) fn force_rms_error_n(&self) -> f64 {
        if self.way > 0.0 { real::sqrt(self.squares / self.way) } else { self.patch.force_n }
    }

    /// Greatest angle between axis and normal [rad]; half a turn where nothing was pressed enough.
    pub(super) fn normal_error_rad(&self) -> f64 {
        self.normal_error_rad.unwrap_or(real::PI)
    }

    /// Share of the cells that were covered.
    pub(super) fn coverage(&self) -> f64 {
        self.covered.iter().filter(|covered| **covered).count() as f64 / self.covered.len() as f64
    }

    /// Share of the time from the first touch to the last without one; 1 if there was none.
    pub(super) fn lift_off_share(&self) -> f64 {
        self.first_s.map_or(1.0, |first_s| if self.last_s > first_s { self.apart_s / (self.last_s - first_s) } else { 0.0 })
    }

    /// Standard deviation of what was taken off over its mean, and the most [m]; none where nothing is to be taken off. Where nothing was, the
    /// first is the greatest that so many cells can have.
    pub(super) fn removal(&self) -> Option<[f64; 2]> {
        self.patch.removal.as_ref()?;
        let count = self.removed.len() as f64;
        let mean = self.removed.iter().sum::<f64>() / count;
        let square = self.removed.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let variation = if mean > 0.0 { real::sqrt(square) / mean } else { real::sqrt(count - 1.0) };
        Some([variation, self.removed.iter().fold(0.0, |most, x| real::max(most, *x))])
    }
}
