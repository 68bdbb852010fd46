//! Going over a surface with a force.
//!
//! The controller knows the surface's drawing, and its place to a millimeter or two: a way of points and normals in the frame of a measured site. Across
//! the normal the tip goes along that way, along the normal it gives way to the force felt less the one wanted
//! ([`leitai_control::accommodation`]), and its axis is held on the drawn normal. A surface that is not quite where it is drawn rises or falls along the
//! way by a slope that the force tells; friction, which turns around with every lane, would bend the servo's springs and with them the force, so what
//! they give way by is taken back. Where nothing is felt any more the tip stops going on and comes down again. A site that sways is watched first: the
//! sine that fits its readings moves the way, and the force makes up the rest.

use crate::surface::Spot;
use crate::sway::Sway;
use crate::task::Trace;
use crate::touch::{Felt, Next, ZERO_READINGS};
use alloc::vec::Vec;
use leitai_control::accommodation::Ask;
use leitai_control::operational::six;
use leitai_math::{Pose, Quat, Vec3, real};
use leitai_model::Observation;

/// How far above the surface the tip begins, and above one that sways [m].
const HOVER_M: f64 = 0.01;
const HOVER_SWAYING_M: f64 = 0.06;
/// Force that tells of contact, and below which it is lost, as shares of the wanted.
const CONTACT_SHARE: f64 = 0.3;
const LOST_SHARE: f64 = 0.1;
/// Speed [m/s] of the first touch, greatest speed on the way down, and rate [1/s] at which it falls with the height.
const TOUCH_M_S: f64 = 0.008;
const DOWN_M_S: f64 = 0.05;
const DOWN_1_S: f64 = 1.5;
/// Time [s] of pressing before the tip goes on, and longest time until something is met.
const SETTLE_S: f64 = 0.8;
const LOWER_S: f64 = 15.0;
/// Acceleration along the way [m/s²].
const SPEED_UP_M_S2: f64 = 0.1;
/// Rates [1/s] at which the tip comes back to the way and to its attitude.
const TRACK_1_S: f64 = 4.0;
const HOLD_1_S: f64 = 6.0;
/// Speed [m/s] and way [m] of leaving.
const LEAVE_M_S: f64 = 0.05;
const LEAVE_M: f64 = 0.05;
/// Time [s] without touch after which the tip stands and comes down again, and after which it gives up.
const LOST_S: f64 = 0.05;
const MOST_LOST_S: f64 = 10.0;
/// Rate [1/s] at which the slope of the surface is learned, as a share of that at which forces settle.
const SLOPE_SHARE: f64 = 0.4;
/// Rate [1/s] at which the springs' giving way is taken back: no faster than forces settle, since friction follows the force that it bends.
const BACK_1_S: f64 = 6.0;
/// Time [s] in which the tip takes up the motion of a site that sways.
const TAKE_UP_S: f64 = 1.0;
/// Steps in a row in which a touch must be felt.
const TOUCH_STEPS: u32 = 5;
/// Every so many points of the way it is looked whether the arm can go it.
const ON_THE_WAY: usize = 25;
/// A sine is found anew this often [s].
const REFIT_S: f64 = 0.5;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Watch,
    Zero,
    Lower,
    Settle,
    Follow,
    Leave,
}

/// One place of the way, in the base.
struct Here {
    point: Vec3,
    normal: Vec3,
    /// Change of the place with the way gone, about a unit vector, and of the normal [1/m].
    along: Vec3,
    turning: Vec3,
}

/// Going over one surface.
#[derive(Clone, Debug)]
pub(crate) struct Tracing {
    how: Trace,
    path: Vec<Spot>,
    /// Way [m] from the first point to each.
    lengths: Vec<f64>,
    base_from_site: Pose,
    sway: Sway,
    /// Attitude of a tip against the site's z.
    upright: Quat,
    felt: Felt,
    numb: bool,
    stage: Stage,
    steps: u32,
    lost: u32,
    met: u32,
    period_s: f64,
    /// Rate at which forces that are felt settle [rad/s].
    yielding_rad_s: f64,
    /// Force along the normal by the speed across it [N·s/m], and force [N] and moment [N·m] whose giving way was taken back, in the base.
    slope: Vec3,
    taken_back: [Vec3; 2],
    /// Way gone [m], speed on it [m/s], and the point before it.
    gone_m: f64,
    speed_m_s: f64,
    before: usize,
}

impl Tracing {
    /// For `path` in the frame of a site at `base_from_site`, with a tip whose attitude against the site's z is `upright`. A `numb` one goes where
    /// the surface should be and feels nothing. Called every `period_s` for a reference that gives way at `yielding_rad_s`.
    pub fn new(
        how: Trace,
        path: &[Spot],
        base_from_site: Pose,
        upright: Quat,
        felt: Felt,
        [period_s, yielding_rad_s]: [f64; 2],
        numb: bool,
    ) -> Self {
        let mut lengths = Vec::with_capacity(path.len());
        let mut sum = 0.0;
        for (i, spot) in path.iter().enumerate() {
            sum += if i == 0 { 0.0 } else { (spot.point - path[i - 1].point).norm() };
            lengths.push(sum);
        }
        Self {
            how,
            path: path.to_vec(),
            lengths,
            base_from_site,
            sway: Sway::default(),
            upright,
            felt,
            numb,
            stage: if how.watch_s > 0.0 && !numb { Stage::Watch } else { Stage::Zero },
            steps: 0,
            lost: 0,
            met: 0,
            period_s,
            yielding_rad_s,
            slope: Vec3::ZERO,
            taken_back: [Vec3::ZERO; 2],
            gone_m: 0.0,
            speed_m_s: 0.0,
            before: 0,
        }
    }

    /// Where the tip begins: over the first point.
    pub fn begin(&self) -> Pose {
        let here = self.here(Vec3::ZERO);
        let hover_m = if self.stage == Stage::Watch { HOVER_SWAYING_M } else { HOVER_M };
        Pose::new(here.point + here.normal * hover_m, self.attitude(here.normal))
    }

    /// Poses of the tip on its way over the surface, some centimeters apart.
    pub fn on_the_way(&self) -> impl Iterator<Item = Pose> {
        self.path.iter().step_by(ON_THE_WAY).map(|spot| {
            let normal = self.base_from_site.rotation.rotate(spot.normal);
            Pose::new(self.base_from_site.apply(spot.point), self.attitude(normal))
        })
    }

    /// The place of the way that is gone, of a surface that has swayed by `way`.
    fn here(&self, way: Vec3) -> Here {
        let next = (self.before + 1).min(self.path.len() - 1);
        let (a, b) = (&self.path[self.before], &self.path[next]);
        let length = self.lengths[next] - self.lengths[self.before];
        let share = if length > 0.0 { (self.gone_m - self.lengths[self.before]) / length } else { 0.0 };
        let per_m = if length > 0.0 { 1.0 / length } else { 0.0 };
        let turn = |v: Vec3| self.base_from_site.rotation.rotate(v);
        Here {
            point: self.base_from_site.apply(a.point + (b.point - a.point) * share) + way,
            normal: turn(a.normal + (b.normal - a.normal) * share).normalized_or(Vec3::Z),
            along: turn((b.point - a.point) * per_m),
            turning: turn((b.normal - a.normal) * per_m),
        }
    }

    /// Attitude of a tip that points against `normal`, turned as little as can be.
    fn attitude(&self, normal: Vec3) -> Quat {
        let up = self.base_from_site.rotation.rotate(Vec3::Z);
        let axis = up.cross(normal);
        let angle = real::atan2(axis.norm(), up.dot(normal));
        (Quat::from_rotation_vector(axis.normalized_or(Vec3::X) * angle) * self.upright).normalized()
    }

    /// One control step with the tip at `tip`: how the reference is to move, and what comes next; it gives up where nothing is met, or found again
    /// once lost. `site` is the number of the site.
    pub fn step(&mut self, seen: &Observation, site: usize, tip: &Pose) -> (Ask, Next) {
        self.steps += 1;
        let passed_s = f64::from(self.steps) * self.period_s;
        if self.how.watch_s > 0.0 && !self.numb {
            self.watch(seen, site);
        }
        let swayed = self.sway.now(seen.time_s);
        let along_s = if self.stage == Stage::Lower { passed_s } else { TAKE_UP_S };
        let taken_up = real::min(along_s / TAKE_UP_S, 1.0);
        let here = self.here(swayed.way);
        let normal = here.normal;
        let turn = (self.attitude(normal) * tip.rotation.conjugate()).to_rotation_vector() * HOLD_1_S;
        let off = here.point - tip.position;
        let across = |v: Vec3| v - normal * normal.dot(v);
        match self.stage {
            Stage::Watch => {
                if self.sway.watched_s() > 0.98 * self.how.watch_s {
                    self.enter(Stage::Zero);
                }
                return (Ask::default(), Next::GoOn);
            }
            Stage::Zero => {
                if self.felt.zero(&seen.wrist, tip) >= ZERO_READINGS {
                    self.enter(Stage::Lower);
                }
                return (Ask::default(), Next::GoOn);
            }
            _ => {}
        }
        let (felt, moment) = if self.numb { (Vec3::ZERO, Vec3::ZERO) } else { self.felt.felt(&seen.wrist, tip) };
        let force = felt.dot(normal);
        let touches = force > LOST_SHARE * self.how.force_n;
        self.lost = if touches { 0 } else { self.lost.saturating_add(1) };
        let lost_s = f64::from(self.lost) * self.period_s;
        let mut next = Next::GoOn;
        let (mut velocity, mut push) = (swayed.velocity * taken_up + across(off) * TRACK_1_S, 0.0);
        match self.stage {
            Stage::Watch | Stage::Zero => {}
            Stage::Lower => {
                let gap = -off.dot(normal);
                self.met = if force > CONTACT_SHARE * self.how.force_n { self.met + 1 } else { 0 };
                if self.met >= TOUCH_STEPS || (self.numb && gap < 0.000_5) {
                    self.enter(Stage::Settle);
                } else if passed_s > LOWER_S {
                    next = Next::GaveUp;
                }
                velocity -= normal * (taken_up * real::clamp(DOWN_1_S * gap, TOUCH_M_S, DOWN_M_S));
            }
            Stage::Settle => {
                push = force - self.how.force_n;
                if passed_s > SETTLE_S {
                    self.sway.forget();
                    self.enter(Stage::Follow);
                }
            }
            Stage::Follow => {
                let off_n = force - self.how.force_n;
                push = off_n + self.learn(off_n, here.along * self.speed_m_s, lost_s > 0.0);
                let stands = lost_s > LOST_S && !self.numb;
                self.go_on(if stands { 0.0 } else { self.how.speed_m_s });
                velocity += here.along * self.speed_m_s;
                if self.gone_m >= self.lengths[self.lengths.len() - 1] {
                    self.enter(Stage::Leave);
                } else if lost_s > MOST_LOST_S && !self.numb {
                    next = Next::GaveUp;
                }
            }
            Stage::Leave => {
                velocity += normal * LEAVE_M_S;
                if passed_s * LEAVE_M_S > LEAVE_M {
                    next = Next::Done;
                }
            }
        }
        let [back, back_moment] = self.take_back([across(felt), moment]);
        if self.numb {
            push = 0.0;
            if self.stage == Stage::Settle || self.stage == Stage::Follow {
                velocity += normal * (normal.dot(off) * TRACK_1_S);
            }
        }
        let rate = turn + normal.cross(here.turning) * self.speed_m_s;
        (Ask { twist: six(velocity, rate), wrench: six(normal * push + back, back_moment) }, next)
    }

    /// What the surface's slope adds to the push while the tip goes with `velocity`: an integral of the force's error that turns around with the way.
    fn learn(&mut self, off_n: f64, velocity: Vec3, apart: bool) -> f64 {
        let fastest = self.how.speed_m_s * self.how.speed_m_s;
        if !apart {
            self.slope += velocity * (SLOPE_SHARE * self.yielding_rad_s * self.period_s * off_n / fastest);
        }
        let most = self.how.force_n / self.how.speed_m_s;
        let size = self.slope.norm();
        if size > most {
            self.slope = self.slope * (most / size);
        }
        self.slope.dot(velocity)
    }

    /// The wrench that moves the reference against what force and moment bend the servo's springs by: σ⁻¹ of their change, smoothed.
    fn take_back(&mut self, felt: [Vec3; 2]) -> [Vec3; 2] {
        let mut back = [Vec3::ZERO; 2];
        for ((taken, felt), back) in self.taken_back.iter_mut().zip(felt).zip(&mut back) {
            let change = (felt - *taken) * BACK_1_S;
            *taken += change * self.period_s;
            *back = change * (-1.0 / self.yielding_rad_s);
        }
        back
    }

    /// Goes on along the way at a speed that comes to `wanted_m_s` gradually.
    fn go_on(&mut self, wanted_m_s: f64) {
        let change = SPEED_UP_M_S2 * self.period_s;
        self.speed_m_s += real::clamp(wanted_m_s - self.speed_m_s, -change, change);
        self.gone_m += self.speed_m_s * self.period_s;
        while self.before + 2 < self.path.len() && self.lengths[self.before + 1] <= self.gone_m {
            self.before += 1;
        }
    }

    /// Takes in a reading of the site. The tip presses the surface in a little, so readings from before its touch do not join those after it.
    fn watch(&mut self, seen: &Observation, site: usize) {
        let reading = &seen.sites[site];
        if reading.valid {
            self.sway.see(reading.measured_at_s, reading.base_from_object.position, self.how.watch_s);
        }
        let due = (REFIT_S / self.period_s) as u64;
        if self.sway.watched_s() > 0.95 * self.how.watch_s && seen.step.is_multiple_of(due.max(1)) {
            self.sway.fit();
            if let (Stage::Watch | Stage::Zero | Stage::Lower, Some(mean)) = (self.stage, self.sway.mean()) {
                self.base_from_site.position = mean;
            }
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.steps = 0;
    }

    /// Greatest speed [m/s] of the tip now.
    pub fn most_m_s(&self) -> f64 {
        2.0 * self.how.speed_m_s + 2.0 * DOWN_M_S
    }

    /// What the tip is doing.
    pub fn doing(&self) -> &'static str {
        match self.stage {
            Stage::Watch => "trace: watch the site",
            Stage::Zero => "trace: zero the sensor",
            Stage::Lower => "trace: come down",
            Stage::Settle => "trace: press",
            Stage::Follow => "trace: go over the patch",
            Stage::Leave => "trace: leave",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::robot::Wrist;
    use leitai_control::force_sensor::ToolLoad;
    use leitai_model::interface::WristReading;

    const PERIOD_S: f64 = 0.002;
    const YIELDING_RAD_S: f64 = 6.0;
    const STIFFNESS_N_M: f64 = 3000.0;

    /// A tip that goes exactly where its reference goes, over a springy floor that drops by 10 mm at x = 40 mm. Hooke's law is the truth about
    /// the force: `force` = k·depth, which settles at the rate at which references give way.
    #[test]
    fn a_tip_presses_as_asked_and_comes_down_again_where_the_floor_drops() {
        let how = Trace { force_n: 10.0, speed_m_s: 0.02, watch_s: 0.0 };
        let path: Vec<Spot> =
            (0..=40).map(|k| Spot { point: Vec3::new(0.002 * f64::from(k), 0.0, 0.0), normal: Vec3::Z }).collect();
        let load = ToolLoad { mass_kg: 0.0, center: Vec3::ZERO, offset: [0.0; 6] };
        let wrist = Wrist { tip_from_sensor: Pose::IDENTITY, load, gravity: Vec3::new(0.0, 0.0, -9.8) };
        let down = Quat::from_axis_angle(Vec3::X, real::PI);
        let rates = [PERIOD_S, YIELDING_RAD_S];
        let mut tracing = Tracing::new(how, &path, Pose::IDENTITY, down, Felt::new(wrist), rates, false);
        let mut seen = Observation::new(6, 0, 1);
        let mut tip = tracing.begin();
        assert_eq!(tip.position, Vec3::new(0.0, 0.0, HOVER_M));
        let (mut before, mut after, mut apart, mut most) = (Vec::new(), Vec::new(), 0, 0.0);
        let mut next = Next::GoOn;
        for step in 0..20_000_u64 {
            let floor = if tip.position.x < 0.04 { 0.0 } else { -0.01 };
            let force = STIFFNESS_N_M * real::max(floor - tip.position.z, 0.0);
            seen.step = step;
            seen.time_s = step as f64 * PERIOD_S;
            seen.wrist = WristReading { force: tip.rotation.conjugate().rotate(Vec3::Z * force), torque: Vec3::ZERO };
            let following = tracing.stage == Stage::Follow;
            if following && (0.02..0.039).contains(&tip.position.x) {
                before.push(force);
            } else if following && tip.position.x > 0.055 {
                after.push(force);
            } else if following && force == 0.0 {
                apart += 1;
            }
            most = real::max(most, force);
            let ask;
            (ask, next) = tracing.step(&seen, 0, &tip);
            if next != Next::GoOn {
                break;
            }
            let yields = YIELDING_RAD_S / STIFFNESS_N_M;
            let velocity: [f64; 3] = core::array::from_fn(|k| ask.twist[k] + yields * ask.wrench[k]);
            tip.position += Vec3::from_slice(&velocity) * PERIOD_S;
        }
        assert_eq!(next, Next::Done);
        assert!(before.len() > 400 && before.iter().all(|force| (force - 10.0).abs() < 0.1), "{before:?}");
        assert!(after.len() > 400 && after.iter().all(|force| (force - 10.0).abs() < 2.0), "{after:?}");
        assert!((after[after.len() - 1] - 10.0).abs() < 0.2, "{after:?}");
        // 10 mm less the 3.3 mm that 10 N had pressed in, at the 20 mm/s that 10 N make of the reference's giving way.
        assert!((160..175).contains(&apart), "{apart}");
        assert!(most < 15.0, "{most}");
    }

    /// Where there is nothing, the skill says so instead of going on for ever.
    #[test]
    fn a_surface_that_is_not_there_is_lost() {
        let how = Trace { force_n: 10.0, speed_m_s: 0.02, watch_s: 0.0 };
        let path = [0.0, 0.01].map(|x| Spot { point: Vec3::new(x, 0.0, 0.0), normal: Vec3::Z });
        let load = ToolLoad { mass_kg: 0.0, center: Vec3::ZERO, offset: [0.0; 6] };
        let wrist = Wrist { tip_from_sensor: Pose::IDENTITY, load, gravity: Vec3::ZERO };
        let rates = [PERIOD_S, YIELDING_RAD_S];
        let mut tracing = Tracing::new(how, &path, Pose::IDENTITY, Quat::IDENTITY, Felt::new(wrist), rates, false);
        let seen = Observation::new(6, 0, 1);
        let tip = tracing.begin();
        let steps = (0..20_000).position(|_| tracing.step(&seen, 0, &tip).1 == Next::GaveUp).expect("it gives up");
        assert!((steps as f64 * PERIOD_S - LOWER_S).abs() < 0.2, "{steps}");
    }
}
