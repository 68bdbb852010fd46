//! Drag, lift and added mass of a medium: MuJoCo's two models, in its published formulas.
//!
//! A body without fluid geoms is the box that has its inertia: quadratic and viscous drag along and about its axes. A fluid
//! geom is an ellipsoid of its size: added mass, Magnus and Kutta lift, drag by projected area. Velocities and forces are in
//! the axes of box or ellipsoid. Both are functions of the velocity alone, so the same code gives forces and, on numbers that
//! carry derivatives, what an implicit step needs.

use crate::actuation::add_force_at;
use crate::scene::LEAST;
use alloc::vec::Vec;
use core::ops::{Add, Mul, Neg, Sub};
use leitai_dynamics::Data;
use leitai_dynamics::jacobian::point_motion;
use leitai_geometry::Shape;
use leitai_math::{Mat3, Motion, Vec3, real};
use leitai_model::Model;
use leitai_model::model::{BodyId, DofId, Geom};

/// A geom that feels the medium.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FluidGeom {
    geom: usize,
    radii: [f64; 3],
    /// Coefficients of blunt, slender and angular drag, Kutta and Magnus lift.
    coefficients: [f64; 5],
    /// Mass [kg] and inertia [kg·m²] that the medium adds, for a density of one.
    added_mass: [f64; 3],
    added_inertia: [f64; 3],
}

/// The fluid geoms of a model, in their order.
pub(crate) fn fluid_geoms(model: &Model) -> Vec<FluidGeom> {
    let fluid = |(geom, g): (usize, &Geom)| {
        let coefficients = g.fluid?;
        let radii = radii(&g.shape)?;
        let volume = 4.0 / 3.0 * real::PI * radii[0] * radii[1] * radii[2];
        let kappa = [0, 1, 2].map(|i| kappa(radii[i], radii[(i + 1) % 3], radii[(i + 2) % 3]));
        let added_mass = kappa.map(|k| volume * k / real::max(LEAST, 2.0 - k));
        let added_inertia = [0, 1, 2].map(|i| {
            let (j, k) = ((i + 1) % 3, (i + 2) % 3);
            let (y, z) = (radii[j] * radii[j], radii[k] * radii[k]);
            let below = 2.0 * (y - z) + (y + z) * (kappa[j] - kappa[k]);
            // A body of revolution moves nothing by turning about its axis.
            if real::abs(below) < LEAST { 0.0 } else { volume / 5.0 * (y - z) * (y - z) * (kappa[k] - kappa[j]) / below }
        });
        Some(FluidGeom { geom, radii, coefficients, added_mass, added_inertia })
    };
    model.geoms.iter().enumerate().filter_map(fluid).collect()
}

/// Semi-axes of the ellipsoid that stands for a shape.
fn radii(shape: &Shape) -> Option<[f64; 3]> {
    Some(match shape {
        Shape::Sphere { radius } => [*radius; 3],
        Shape::Capsule { radius, half_length } => [*radius, *radius, radius + half_length],
        Shape::Cylinder { radius, half_length } => [*radius, *radius, *half_length],
        Shape::Ellipsoid { radii } => radii.to_array(),
        Shape::Box { half } | Shape::Bore { half, .. } => half.to_array(),
        Shape::Mesh(mesh) => {
            let (low, high) = mesh.bounds();
            low.abs().max(high.abs()).to_array()
        }
        Shape::Plane { .. } | Shape::HeightField(_) => return None,
    })
}

/// Tuckerman's integral κ for the semi-axis `x`, by the Gauss–Kronrod rule of fifteen points to the eight digits that MuJoCo
/// takes (which is what sets its virtual masses in their seventh digit), after the substitution λ = s·t³/(1 − t)².
fn kappa(x: f64, y: f64, z: f64) -> f64 {
    const POINTS: [f64; 8] =
        [0.004_272_31, 0.025_446_04, 0.067_567_79, 0.129_234_41, 0.206_956_38, 0.297_077_42, 0.396_107_52, 0.5];
    const WEIGHTS: [f64; 8] =
        [0.011_467_66, 0.031_546_05, 0.052_395_01, 0.070_326_63, 0.084_502_36, 0.095_175_29, 0.102_216_47, 0.104_741_07];
    let [x2, y2, z2] = [x, y, z].map(|r| 1.0 / (r * r));
    let scale = real::pow(x * x * x * y * z, 0.4);
    let mut sum = 0.0;
    for i in 0..15 {
        let mirrored = i.min(14 - i);
        let t = if i < 8 { POINTS[mirrored] } else { 1.0 - POINTS[mirrored] };
        let left = 1.0 - t;
        let lambda = scale * t * t * t / (left * left);
        let rate = scale * t * t * (3.0 - t) / (left * left * left);
        let below = (1.0 + lambda * x2) * real::sqrt((1.0 + lambda * x2) * (1.0 + lambda * y2) * (1.0 + lambda * z2));
        sum += rate * WEIGHTS[mirrored] / below;
    }
    sum * x2
}

/// True if there is a medium that gives forces.
pub(crate) fn acts(model: &Model) -> bool {
    model.option.density > 0.0 || model.option.viscosity > 0.0
}

/// Adds the joint forces of the medium to `out`.
pub(crate) fn add_forces(model: &Model, data: &Data, geoms: &[FluidGeom], out: &mut [f64]) {
    for_each_part(model, data, geoms, |part| {
        let [wx, wy, wz, vx, vy, vz] = part.force(part.velocity);
        let (torque, force) = (Vec3::new(wx, wy, wz), Vec3::new(vx, vy, vz));
        add_force_at(model, data, part.body, part.point, Motion::new(part.axes * torque, part.axes * force), out);
    });
}

/// Adds the symmetric part of the forces' derivative with respect to velocity, times −`timestep_s`, to a matrix packed like the
/// mass matrix.
pub(crate) fn add_velocity_derivatives(model: &Model, data: &Data, geoms: &[FluidGeom], timestep_s: f64, packed: &mut [f64]) {
    for_each_entry(model, data, geoms, |at, own, slopes, other| {
        packed[at] -= timestep_s * bilinear(own, slopes, other, |a, b| 0.5 * (a + b));
    });
}

/// As [`add_velocity_derivatives`], in full: to the lower and to the upper triangle.
pub(crate) fn add_full_velocity_derivatives(
    model: &Model,
    data: &Data,
    geoms: &[FluidGeom],
    timestep_s: f64,
    lower: &mut [f64],
    upper: &mut [f64],
) {
    for_each_entry(model, data, geoms, |at, own, slopes, other| {
        lower[at] -= timestep_s * bilinear(own, slopes, other, |a, _| a);
        upper[at] -= timestep_s * bilinear(other, slopes, own, |a, _| a);
    });
}

/// Calls `visit(entry of the packed matrix, motion of its row, slopes, motion of its column)` for every part.
fn for_each_entry(
    model: &Model,
    data: &Data,
    geoms: &[FluidGeom],
    mut visit: impl FnMut(usize, &[f64; 6], &[[f64; 6]; 6], &[f64; 6]),
) {
    for_each_part(model, data, geoms, |part| {
        let slopes = part.slopes();
        let mut next = model.bodies[part.body.index()].last_dof;
        while let Some(DofId(d)) = next {
            let dof = &model.dofs[d as usize];
            let own = part.motion(model, data, d as usize);
            let row = dof.row_start as usize..(dof.row_start + dof.row_len) as usize;
            for (at, &column) in row.clone().zip(&model.mass_columns[row]) {
                visit(at, &own, &slopes, &part.motion(model, data, column as usize));
            }
            next = dof.parent;
        }
    });
}

/// Adds to the matrix of a free body, whose first degree of freedom is `start`, what [`add_velocity_derivatives`] leaves out:
/// the antisymmetric part.
pub(crate) fn add_turning_derivatives(
    model: &Model,
    data: &Data,
    geoms: &[FluidGeom],
    start: usize,
    timestep_s: f64,
    m: &mut [[f64; 6]; 6],
) {
    for_each_part(model, data, geoms, |part| {
        if model.bodies[part.body.index()].last_dof != Some(DofId(start as u32 + 5)) {
            return;
        }
        let slopes = part.slopes();
        let motions: [[f64; 6]; 6] = core::array::from_fn(|k| part.motion(model, data, start + k));
        for (i, row) in m.iter_mut().enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x -= timestep_s * bilinear(&motions[i], &slopes, &motions[j], |a, b| 0.5 * (a - b));
            }
        }
    });
}

/// aᵀ·S·b, with S made of the slopes and their transpose by `mix`.
fn bilinear(a: &[f64; 6], slopes: &[[f64; 6]; 6], b: &[f64; 6], mix: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..6 {
        for j in 0..6 {
            sum += a[i] * mix(slopes[i][j], slopes[j][i]) * b[j];
        }
    }
    sum
}

/// A box or an ellipsoid in the medium.
struct Part<'a> {
    body: BodyId,
    /// Its center and axes in the world.
    point: Vec3,
    axes: Mat3,
    /// Angular and linear velocity against the medium, in its axes.
    velocity: [f64; 6],
    density: f64,
    viscosity: f64,
    form: Form<'a>,
}

enum Form<'a> {
    /// Full sides.
    Box([f64; 3]),
    Ellipsoid(&'a FluidGeom),
}

fn for_each_part(model: &Model, data: &Data, geoms: &[FluidGeom], mut visit: impl FnMut(&Part)) {
    let option = &model.option;
    let mut part = |body: BodyId, point: Vec3, axes: Mat3, form: Form| {
        let velocity = data.body_velocity[body.index()];
        let offset = point - data.subtree_com[model.bodies[body.index()].root.index()];
        let linear = velocity.linear + velocity.angular.cross(offset) - option.wind;
        let (w, v) = (axes.transpose_mul(velocity.angular), axes.transpose_mul(linear));
        let velocity = [w.x, w.y, w.z, v.x, v.y, v.z];
        visit(&Part { body, point, axes, velocity, density: option.density, viscosity: option.viscosity, form });
    };
    let mut at = 0;
    for (i, body) in model.bodies.iter().enumerate().filter(|(_, b)| b.last_dof.is_some()) {
        let own = body.geom_start as usize..(body.geom_start + body.geom_count) as usize;
        let id = BodyId(i as u32);
        at += geoms[at..].iter().take_while(|g| g.geom < own.start).count();
        let fluid = geoms[at..].iter().take_while(|g| own.contains(&g.geom)).count();
        if fluid > 0 {
            for geom in &geoms[at..at + fluid] {
                let place = &data.geom[geom.geom];
                part(id, place.position, place.rotation, Form::Ellipsoid(geom));
            }
        } else if body.mass >= LEAST {
            let Vec3 { x, y, z } = body.inertia;
            let side = |others: f64, own: f64| real::sqrt(real::max(LEAST, others - own) / body.mass * 6.0);
            let sides = [side(y + z, x), side(x + z, y), side(x + y, z)];
            part(id, data.com[i], data.inertia_rotation[i], Form::Box(sides));
        }
    }
}

impl Part<'_> {
    /// How each component of torque and force changes with each of the velocity.
    fn slopes(&self) -> [[f64; 6]; 6] {
        let seeded = core::array::from_fn(|i| Dual::variable(self.velocity[i], i));
        self.force(seeded).map(|f| f.slopes)
    }

    /// Angular and linear velocity that unit speed of degree of freedom `d` gives, in the part's axes.
    fn motion(&self, model: &Model, data: &Data, d: usize) -> [f64; 6] {
        let offset = self.point - data.subtree_com[model.bodies[self.body.index()].root.index()];
        let (linear, angular) = point_motion(data.dof_motion[d], offset);
        let (w, v) = (self.axes.transpose_mul(angular), self.axes.transpose_mul(linear));
        [w.x, w.y, w.z, v.x, v.y, v.z]
    }

    /// Torque and force for angular and linear velocity.
    fn force<N: Number>(&self, velocity: [N; 6]) -> [N; 6] {
        match &self.form {
            Form::Box(sides) => self.of_box(sides, velocity),
            Form::Ellipsoid(geom) => self.of_ellipsoid(geom, velocity),
        }
    }

    fn of_box<N: Number>(&self, sides: &[f64; 3], velocity: [N; 6]) -> [N; 6] {
        let diameter = (sides[0] + sides[1] + sides[2]) / 3.0;
        let fourth = |x: f64| x * x * x * x;
        core::array::from_fn(|i| {
            let (k, v) = (i % 3, velocity[i]);
            let (a, b, own) = (sides[(k + 1) % 3], sides[(k + 2) % 3], sides[k]);
            let (viscous, quadratic) = if i < 3 {
                (diameter * diameter * diameter, own * (fourth(a) + fourth(b)) / 64.0)
            } else {
                (3.0 * diameter, 0.5 * a * b)
            };
            -(v * (real::PI * viscous * self.viscosity) + v.size() * v * (self.density * quadratic))
        })
    }

    fn of_ellipsoid<N: Number>(&self, geom: &FluidGeom, velocity: [N; 6]) -> [N; 6] {
        let [blunt, slender, angular, kutta, magnus] = geom.coefficients;
        let (density, r) = (self.density, geom.radii);
        let (w, v) = ([velocity[0], velocity[1], velocity[2]], [velocity[3], velocity[4], velocity[5]]);
        let times = |a: [N; 3], b: [f64; 3]| [a[0] * b[0], a[1] * b[1], a[2] * b[2]];
        // The medium that moves along.
        let (momentum, spin) =
            (times(v, geom.added_mass.map(|m| m * density)), times(w, geom.added_inertia.map(|i| i * density)));
        let mut torque = plus(cross(momentum, v), cross(spin, w));
        let mut force = cross(momentum, w);

        let largest = real::max(real::max(r[0], r[1]), r[2]);
        let smallest = real::min(real::min(r[0], r[1]), r[2]);
        let middle = r[0] + r[1] + r[2] - largest - smallest;
        let volume = 4.0 / 3.0 * real::PI * r[0] * r[1] * r[2];
        force = plus(force, scaled(cross(w, v), magnus * density * volume));

        let areas = [r[1] * r[2], r[2] * r[0], r[0] * r[1]].map(|a| a * a);
        let squares = [v[0] * v[0], v[1] * v[1], v[2] * v[2]];
        let weigh = |by: [f64; 3]| squares[0] * by[0] + squares[1] * by[1] + squares[2] * by[2];
        let (below, above) = (weigh(areas.map(|a| a * a)), weigh(areas));
        let speed = (squares[0] + squares[1] + squares[2]).root();
        let projected = below.over(above.at_least(LEAST)).root() * real::PI;
        let cosine = above.over((speed * below).at_least(LEAST));
        let circulation = times_all(cross(times(v, areas), v), cosine * projected * (kutta * density));
        force = plus(force, cross(circulation, v));

        let diameter = 2.0 / 3.0 * (r[0] + r[1] + r[2]);
        let most_area = real::PI * largest * middle;
        let fourth = |x: f64| x * x * x * x;
        let disc = |own: f64, across: f64| 8.0 / 15.0 * real::PI * own * fourth(across);
        let most_moment = disc(middle, largest);
        let moments = [0, 1, 2].map(|i| {
            let own = disc(r[i], real::max(r[(i + 1) % 3], r[(i + 2) % 3]));
            angular * own + slender * (most_moment - own)
        });
        let area = projected * blunt + (N::constant(most_area) - projected) * slender;
        let along = N::constant(3.0 * real::PI * diameter * self.viscosity) + speed * area * density;
        let twist = times(w, moments);
        let twist = (twist[0] * twist[0] + twist[1] * twist[1] + twist[2] * twist[2]).root();
        let about = N::constant(real::PI * diameter * diameter * diameter * self.viscosity) + twist * density;
        force = plus(force, times_all(v, -along));
        torque = plus(torque, times_all(w, -about));
        [torque[0], torque[1], torque[2], force[0], force[1], force[2]]
    }
}

/// What the formulas need of a number.
trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Mul<f64, Output = Self> + Neg<Output = Self>
{
    fn constant(x: f64) -> Self;
    fn size(self) -> Self;
    /// Square root; of zero, without a slope.
    fn root(self) -> Self;
    fn over(self, other: Self) -> Self;
    fn at_least(self, least: f64) -> Self;
}

fn cross<N: Number>(a: [N; 3], b: [N; 3]) -> [N; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn plus<N: Number>(a: [N; 3], b: [N; 3]) -> [N; 3] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn scaled<N: Number>(a: [N; 3], by: f64) -> [N; 3] {
    a.map(|x| x * by)
}

fn times_all<N: Number>(a: [N; 3], by: N) -> [N; 3] {
    a.map(|x| x * by)
}

impl Number for f64 {
    fn constant(x: f64) -> Self {
        x
    }
    fn size(self) -> Self {
        real::abs(self)
    }
    fn root(self) -> Self {
        real::sqrt(self)
    }
    fn over(self, other: Self) -> Self {
        self / other
    }
    fn at_least(self, least: f64) -> Self {
        real::max(self, least)
    }
}

/// A number with its derivatives with respect to six velocities.
#[derive(Clone, Copy)]
struct Dual {
    value: f64,
    slopes: [f64; 6],
}

impl Dual {
    fn variable(value: f64, index: usize) -> Self {
        let mut slopes = [0.0; 6];
        slopes[index] = 1.0;
        Self { value, slopes }
    }
    fn chain(self, value: f64, slope: f64) -> Self {
        Self { value, slopes: self.slopes.map(|s| s * slope) }
    }
    fn both(self, other: Self, value: f64, [a, b]: [f64; 2]) -> Self {
        Self { value, slopes: core::array::from_fn(|i| a * self.slopes[i] + b * other.slopes[i]) }
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        self.both(o, self.value + o.value, [1.0, 1.0])
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self.both(o, self.value - o.value, [1.0, -1.0])
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        self.both(o, self.value * o.value, [o.value, self.value])
    }
}

impl Mul<f64> for Dual {
    type Output = Self;
    fn mul(self, by: f64) -> Self {
        self.chain(self.value * by, by)
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

impl Number for Dual {
    fn constant(value: f64) -> Self {
        Self { value, slopes: [0.0; 6] }
    }
    fn size(self) -> Self {
        self.chain(real::abs(self.value), if self.value < 0.0 { -1.0 } else { 1.0 })
    }
    fn root(self) -> Self {
        let root = real::sqrt(self.value);
        self.chain(root, if root > 0.0 { 0.5 / root } else { 0.0 })
    }
    fn over(self, o: Self) -> Self {
        let ratio = self.value / o.value;
        self.both(o, ratio, [1.0 / o.value, -ratio / o.value])
    }
    fn at_least(self, least: f64) -> Self {
        if self.value < least { Self::constant(least) } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ball moves half of the medium that it displaces along; the rule's eight digits leave the seventh.
    #[test]
    fn a_ball_has_half_its_volume_as_added_mass() {
        let k = kappa(0.3, 0.3, 0.3);
        assert!((k - 2.0 / 3.0).abs() < 1e-6, "{k}");
    }

    /// The derivatives are those of the forces.
    #[test]
    fn slopes_are_differences_in_the_limit() {
        let radii = [0.1, 0.2, 0.3];
        let geom = FluidGeom {
            geom: 0,
            radii,
            coefficients: [0.5, 0.25, 1.5, 1.0, 1.0],
            added_mass: [0.3, 0.2, 0.1],
            added_inertia: [0.01, 0.03, 0.02],
        };
        for form in [Form::Ellipsoid(&geom), Form::Box(radii)] {
            let velocity = [0.3, -0.5, 0.2, 1.0, 0.4, -0.7];
            let (point, axes) = (Vec3::ZERO, Mat3::IDENTITY);
            let part = Part { body: BodyId(1), point, axes, velocity, density: 1.2, viscosity: 0.3, form };
            let dual = part.force(core::array::from_fn::<_, 6, _>(|i| Dual::variable(velocity[i], i)));
            for j in 0..6 {
                let at = |step: f64| part.force::<f64>(core::array::from_fn(|i| velocity[i] + if i == j { step } else { 0.0 }));
                let (ahead, behind) = (at(1e-5), at(-1e-5));
                for i in 0..6 {
                    let difference = (ahead[i] - behind[i]) / 2e-5;
                    assert!((dual[i].slopes[j] - difference).abs() < 1e-8, "{i} {j}: {} {difference}", dual[i].slopes[j]);
                }
            }
        }
    }
}
