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

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_math::Quat;
    use leitai_package::manifest::{Figure, Removal, Standing};

    const K_1_PA: f64 = 1e-10;
    const RIM_M_S: f64 = 4.0;
    const FORCE_N: f64 = 20.0;
    const RADIUS_M: f64 = 0.02;

    /// A flat patch of 100 mm by 60 mm in the site's plane.
    fn flat() -> Traced {
        let figure = |value| Figure { value, standing: Standing::Assumed, source: "test".into() };
        let patch = Patch {
            on: Vec::new(),
            length_m: 0.1,
            width_m: 0.06,
            pitch_m: 0.01,
            margin_m: 0.0,
            force_n: FORCE_N,
            least_share: 0.5,
            contact_radius_m: RADIUS_M,
            cell_m: 0.002,
            removal: Some(Removal { preston_1_pa: figure(K_1_PA), rim_speed_m_s: figure(RIM_M_S) }),
        };
        let (points, columns) = cells(&patch);
        let cells = points.iter().map(|&[x, y]| Spot { point: Vec3::new(x, y, 0.0), normal: Vec3::Z }).collect();
        Traced::over(&patch, 0, cells, columns, 1.0)
    }

    /// One pass along x through the middle at `speed` with the axis turned by `lean` about x and force and gap by the place on the way.
    fn pass(traced: &mut Traced, speed: f64, lean: f64, force: impl Fn(f64) -> f64) {
        let dt_s = 1e-3;
        let steps = (0.2 / (speed * dt_s)) as u64;
        let rotation = Quat::from_axis_angle(Vec3::X, real::PI + lean);
        for step in 0..steps {
            let x = speed * dt_s * step as f64 - 0.1;
            let tip = Pose::new(Vec3::new(x, 0.0, 0.0), rotation);
            traced.take(&Now { time_s: step as f64 * dt_s, dt_s, tip, force: Vec3::Z * force(x) });
        }
    }

    /// Closed form: one pass at the speed f of a disk of radius R that spins with the rim speed u, far faster than f, takes off at the distance y from the
    /// lane k·p·u/(R·f)·∫√(x² + y²)dx over the chord, c = √(R² − y²): k·p·u/(R·f)·(c·R + y²·asinh(c/y)), p = F/πR².
    #[test]
    fn one_pass_takes_off_what_preston_says() {
        let (mut traced, speed) = (flat(), 0.01);
        pass(&mut traced, speed, 0.0, |_| FORCE_N);
        let pressure = FORCE_N / (real::PI * RADIUS_M * RADIUS_M);
        let mut checked = 0;
        for (cell, removed) in traced.cells.iter().zip(&traced.removed) {
            let y = cell.point.y.abs();
            let expected = if y < RADIUS_M {
                let chord = (RADIUS_M * RADIUS_M - y * y).sqrt();
                let way = chord * RADIUS_M + y * y * (chord / y).asinh();
                K_1_PA * pressure * RIM_M_S / (RADIUS_M * speed) * way
            } else {
                0.0
            };
            // The closed form leaves the feed out, which adds at most its own way to that of the spin; a step more or less at the ends of the chord is another 5 %.
            let chord = (RADIUS_M * RADIUS_M - y * y).max(0.0).sqrt();
            assert!((removed - expected).abs() <= K_1_PA * pressure * 2.1 * chord, "{y} {removed} {expected}");
            checked += usize::from(expected > 0.0);
        }
        assert_eq!(checked, 50 * 20);
        // Twenty of thirty rows are passed, and the force was right all the way.
        assert!((traced.coverage() - 2.0 / 3.0).abs() < 1e-12 && traced.force_rms_error_n() < 1e-9);
        assert_eq!((traced.lift_off_share(), traced.normal_error_rad() < 1e-9), (0.0, true));
        let [_, deepest] = traced.removal().expect("a pad removes");
        assert!(deepest > 1e-6 && traced.removed.iter().all(|x| *x <= deepest));
    }

    /// Arithmetic: 2 N too much on half the way are √2 N; an axis that leans by 3° is off by 3°; nothing felt on a fifth of 0.2 m lasts a fifth of the time.
    #[test]
    fn errors_are_those_of_their_definitions() {
        let mut traced = flat();
        pass(&mut traced, 0.02, 3_f64.to_radians(), |x| if x < 0.0 { FORCE_N } else { FORCE_N + 2.0 });
        assert!((traced.force_rms_error_n() - 2_f64.sqrt()).abs() < 2e-3, "{}", traced.force_rms_error_n());
        assert!((traced.normal_error_rad() - 3_f64.to_radians()).abs() < 1e-9);
        let mut traced = flat();
        pass(&mut traced, 0.02, 0.0, |x| if (-0.02..0.02).contains(&x) { 0.0 } else { FORCE_N });
        assert!((traced.lift_off_share() - 0.2).abs() < 1e-3, "{}", traced.lift_off_share());
        // 40 mm of the 100 mm of the patch are without force, less the radius of the face at both ends.
        assert!(traced.coverage() > 0.6 * 2.0 / 3.0 && traced.coverage() < 2.0 / 3.0);
    }

    /// Whoever never touches has no force, no attitude and no removal to show.
    #[test]
    fn who_never_touches_is_as_wrong_as_can_be() {
        let traced = flat();
        assert_eq!((traced.force_rms_error_n(), traced.coverage(), traced.lift_off_share()), (FORCE_N, 0.0, 1.0));
        assert_eq!(traced.normal_error_rad(), real::PI);
        assert!((traced.removal().expect("a pad")[0] - 1499_f64.sqrt()).abs() < 1e-9);
    }
}
