//! Arms of the catalog, and what a drive sees of them.

use leitai_math::Stream;
use leitai_model::Spec;
use leitai_model::spec::BodySpec;
use leitai_package::disk::Folder;

use crate::plant::{Friction, Plant};

/// Control period [s]; torques computed from a reading act in the next one.
pub const PERIOD_S: f64 = 1e-3;
/// Noise of velocities [rad/s] and of the wrist sensor [N, N·m]; assumed.
pub const SPEED_NOISE: f64 = 1e-3;
pub const FORCE_NOISE: [f64; 2] = [0.1, 0.005];

/// One arm: where it starts and what its drives give.
pub struct Arm {
    pub robot: &'static str,
    pub spec: Spec,
    pub start: Vec<f64>,
    /// Rated torques of the data sheet [N·m].
    pub torque: Vec<f64>,
}

fn each(body: &mut BodySpec, change: &mut impl FnMut(&mut BodySpec)) {
    change(body);
    body.bodies.iter_mut().for_each(|child| each(child, change));
}

impl Arm {
    fn read(catalog: &str, robot: &'static str, start: &[f64], torque: &[f64]) -> Result<Self, String> {
        let files = Folder::inside(format!("{catalog}/robots/{robot}"));
        let mut spec = leitai_package::load("robot.xml", &files, &Default::default()).map_err(|e| e.to_string())?.spec;
        // The walls are the plant's; nothing of the model touches anything.
        each(&mut spec.world, &mut |body| body.geoms.clear());
        Ok(Self { robot, spec, start: start.to_vec(), torque: torque.to_vec() })
    }

    /// A six-axis and a seven-axis arm of the catalog, bent.
    pub fn all(catalog: &str) -> Result<Vec<Self>, String> {
        Ok(vec![
            Self::read(catalog, "ur5e", &[0.3, -1.3, 1.8, -2.0, -1.5, 0.2], &[150.0, 150.0, 150.0, 28.0, 28.0, 28.0])?,
            Self::read(
                catalog,
                "kuka-iiwa14",
                &[0.1, 0.5, 0.2, -1.4, 0.4, 0.9, 0.1],
                &[320.0, 320.0, 176.0, 176.0, 110.0, 40.0, 40.0],
            )?,
        ])
    }

    /// As the controller knows it.
    pub fn told(&self) -> Plant {
        Plant::new(&self.spec, &self.start)
    }

    /// As it is: each link 3 % heavier or lighter than told, and dry friction of 1 % of the rated torque with as much viscous friction at 1 rad/s,
    /// which the controller does not know; assumed.
    pub fn real(&self) -> Plant {
        let mut spec = self.spec.clone();
        let mut heavier = true;
        each(&mut spec.world, &mut |body| {
            if let Some(inertial) = &mut body.inertial {
                inertial.mass *= if heavier { 1.03 } else { 0.97 };
                heavier = !heavier;
            }
        });
        let mut plant = Plant::new(&spec, &self.start);
        plant.friction = self.torque.iter().map(|t| Friction { dry: 0.01 * t, viscous: 0.01 * t }).collect();
        plant
    }
}

/// Velocities as they are read.
pub fn speeds(plant: &Plant, draw: &mut Stream) -> Vec<f64> {
    plant.v.iter().map(|v| v + draw.normal(0.0, SPEED_NOISE)).collect()
}
