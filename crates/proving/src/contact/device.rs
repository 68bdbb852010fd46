//! The measuring device in the physics: a plate before a spring, and behind it the body's mass, free to give way, or a wall.

use leitai_geometry::Shape;
use leitai_math::{Mat3, Pose, Quat, Vec3, real};
use leitai_model::spec::{BodySpec, GeomMass, GeomSpec, InertialSpec, JointKind, JointSpec, Surface};
use leitai_model::{SolImp, SolRef};
use leitai_package::contact_regions::Region;

use super::Figures;

/// Half the thickness of the plate [m].
const HALF_THICK_M: f64 = 0.005;

/// What is touched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Device {
    /// Spring [N/m].
    pub stiffness_n_m: f64,
    /// Damper [N·s/m].
    pub damping_n_s_m: f64,
    /// Mass behind the spring [kg]; none: a wall, so that the plate is clamped.
    pub behind_kg: Option<f64>,
    /// Mass of the plate [kg].
    pub plate_kg: f64,
    /// Edge of the plate [m].
    pub edge_m: f64,
}

impl Device {
    /// The device set to a region of the body.
    #[must_use]
    pub fn of(region: &Region, figures: &Figures, clamped: bool) -> Self {
        let (stiffness, plate) = (region.stiffness_n_m.value, figures.plate_kg.value);
        Self {
            stiffness_n_m: stiffness,
            damping_n_s_m: 2.0 * figures.device_damping_ratio.value * real::sqrt(stiffness * plate),
            behind_kg: (!clamped).then_some(region.effective_mass_kg.value),
            plate_kg: plate,
            edge_m: figures.plate_edge_m.value,
        }
    }

    /// Its bodies, the plate's face at `at` [m] with `along` pointing into it, both in the world. The first one stands in the world.
    #[must_use]
    pub fn bodies(&self, at: Vec3, along: Vec3) -> BodySpec {
        let pose = Pose::new(at, Quat::between(Vec3::Z, along));
        let slide = |name: &str, stiffness: f64, damping: f64| JointSpec {
            name: name.to_string(),
            kind: JointKind::Slide,
            axis: Vec3::Z,
            stiffness,
            damping,
            ..JointSpec::default()
        };
        let block = |mass: f64| InertialSpec {
            mass,
            pose: Pose::IDENTITY,
            inertia: Mat3::diagonal(Vec3::new(1.0, 1.0, 1.0) * (mass * 0.01)),
        };
        let half = Vec3::new(0.5 * self.edge_m, 0.5 * self.edge_m, HALF_THICK_M);
        let mut face = GeomSpec { surface: surface(), mass: GeomMass::Mass(0.0), ..GeomSpec::new(Shape::Box { half }) };
        face.pose = Pose::new(Vec3::Z * HALF_THICK_M, Quat::IDENTITY);
        face.name = "device plate".to_string();
        let plate = BodySpec {
            name: "device plate".to_string(),
            gravity_compensation: 1.0,
            inertial: Some(block(self.plate_kg)),
            joints: vec![slide("device spring", self.stiffness_n_m, self.damping_n_s_m)],
            geoms: vec![face],
            ..BodySpec::default()
        };
        BodySpec {
            name: "device".to_string(),
            pose,
            gravity_compensation: 1.0,
            inertial: self.behind_kg.map(block),
            joints: self.behind_kg.iter().map(|_| slide("device body", 0.0, 0.0)).collect(),
            bodies: vec![plate],
            ..BodySpec::default()
        }
    }

    /// Force that it shows [N] when the spring is shortened by `way` [m] at `rate` [m/s].
    #[must_use]
    pub fn force(&self, way: f64, rate: f64) -> f64 {
        real::max(self.stiffness_n_m * way + self.damping_n_s_m * rate, 0.0)
    }
}

/// A surface much stiffer than any region's spring, so that the spring decides.
#[must_use]
pub fn surface() -> Surface {
    Surface { solref: SolRef([0.002, 1.0]), solimp: SolImp([0.99, 0.999, 0.0005, 0.5, 2.0]), ..Surface::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leitai_model::Spec;
    use leitai_sim::{Scene, World};
    use std::sync::Arc;

    /// Closed form: a mass M that meets a spring k with the mass m behind it at speed v shortens it by v·√(μ/k), so the force peaks at v·√(k·μ)
    /// with 1/μ = 1/m + 1/M; on a wall μ is M. Plate and damper, a hundredth of the mass, take and give a few percent.
    #[test]
    fn a_mass_meets_the_device_as_two_masses_and_a_spring_do() {
        for (behind, speed) in [(Some(0.6), 0.5), (Some(40.0), 0.25), (None, 0.25)] {
            let mass = 6.0;
            let device = Device { stiffness_n_m: 25_000.0, damping_n_s_m: 2.0, behind_kg: behind, plate_kg: 0.05, edge_m: 0.2 };
            let mut spec = Spec::default();
            spec.option.timestep_s = 2.5e-4;
            spec.world.name = "world".to_string();
            spec.world.bodies.push(device.bodies(Vec3::X, Vec3::X));
            let mut ball =
                GeomSpec { surface: surface(), mass: GeomMass::Mass(mass), ..GeomSpec::new(Shape::Sphere { radius: 0.05 }) };
            ball.name = "ball".to_string();
            let slide = JointSpec { kind: JointKind::Slide, axis: Vec3::X, name: "ball".to_string(), ..JointSpec::default() };
            let pose = Pose::new(Vec3::X * 0.949, Quat::IDENTITY);
            spec.world.bodies.push(BodySpec {
                name: "ball".to_string(),
                pose,
                joints: vec![slide],
                geoms: vec![ball],
                ..BodySpec::default()
            });
            let model = Arc::new(spec.build().expect("builds"));
            let place = |name: &str| {
                let joint = &model.joints[model.joint_named(name).expect("there").index()];
                (joint.q_start as usize, joint.v_start as usize)
            };
            let (spring, ball) = (place("device spring"), place("ball"));
            let mut world = World::new(&Scene::new(Arc::clone(&model)));
            world.change(|state| state.v[ball.1] = speed);
            let mut peak = 0.0_f64;
            for _ in 0..2000 {
                world.step().expect("steps");
                peak = peak.max(device.stiffness_n_m * world.state().q[spring.0]);
            }
            let reduced = behind.map_or(mass, |behind| 1.0 / (1.0 / behind + 1.0 / mass));
            let expected = speed * (device.stiffness_n_m * reduced).sqrt();
            assert!((peak / expected - 1.0).abs() < 0.06, "{behind:?}: {peak} N, not {expected} N");
        }
    }
}
