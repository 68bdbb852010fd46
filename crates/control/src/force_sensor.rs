//! A force sensor in the wrist: what the tool touches, without what the tool weighs.
//!
//! The sensor reads what hangs on it: the tool's weight, the force of whatever the tool touches, and its own offset. With gravity g in the
//! sensor's axes, f = m·g + f₀ + contact and n = (m·c) × g + n₀ + contact, linear in mass, first moments and offset. Least squares over
//! readings without contact, in at least six orientations, gives all ten; afterwards the offset alone, which drifts, is taken anew in any orientation.
//!
//! A wrench is force [N] then moment [N·m], about the sensor's origin in its axes, as the tool exerts it on the sensor: a tool at rest reads its
//! weight, downward. MJCF's `force` and `torque` sensors read what the flange gives to the tool instead: turn their signs.

use crate::operational::{halves, six};
use leitai_math::linear::{cholesky, cholesky_solve};
use leitai_math::{Mat3, Pose, Quat, Vec3, real};

/// Unknowns: mass, first moments x y z, offset of force and of moment.
const UNKNOWNS: usize = 10;
/// Readings below which nothing is told.
const LEAST: u32 = 6;
/// Least share of an unknown's own scale that a pivot must keep for the orientations to tell it from the others. Six orientations 60° apart
/// keep a tenth and more.
const TOLD: f64 = 1e-3;

/// What hangs on a sensor, and what it reads without anything.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ToolLoad {
    /// Mass beyond the sensor [kg].
    pub mass_kg: f64,
    /// Its center in the sensor's frame [m].
    pub center: Vec3,
    /// What the sensor reads with nothing on it.
    pub offset: [f64; 6],
}

impl ToolLoad {
    /// What the sensor reads without contact while its gravity [m/s²] is `gravity`, in its own axes; less its acceleration, if it has one.
    #[must_use]
    pub fn reading(&self, gravity: Vec3) -> [f64; 6] {
        let weight = gravity * self.mass_kg;
        let own = six(weight, self.center.cross(weight));
        core::array::from_fn(|k| own[k] + self.offset[k])
    }
}

/// Why a load is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LoadUnknown {
    /// Fewer than six readings, or they do not differ enough: turn the wrist about two axes, by 60° and more.
    Orientations(u32),
    /// The readings fit a load without mass, or with less; the mass found [kg].
    Weightless(f64),
}

impl core::fmt::Display for LoadUnknown {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Orientations(count) => {
                write!(
                    f,
                    "{count} readings do not tell the tool's weight from the sensor's offset; take at least {LEAST}, turned about two axes"
                )
            }
            Self::Weightless(mass) => {
                write!(f, "the readings are those of a tool of {mass} kg; is the sensor's sign turned around?")
            }
        }
    }
}

impl core::error::Error for LoadUnknown {}

/// A load, and how well it is known.
#[derive(Clone, Copy, Debug)]
pub struct Weighed {
    /// The load.
    pub load: ToolLoad,
    /// Root mean square of what the readings differ from it, force [N] and moment [N·m].
    pub residual: [f64; 2],
}

/// The sum of all readings without contact.
#[derive(Clone, Debug)]
pub struct Weighing {
    normal: [f64; UNKNOWNS * UNKNOWNS],
    right: [f64; UNKNOWNS],
    squares: [f64; 2],
    count: u32,
}

impl Default for Weighing {
    fn default() -> Self {
        Self { normal: [0.0; UNKNOWNS * UNKNOWNS], right: [0.0; UNKNOWNS], squares: [0.0; 2], count: 0 }
    }
}

impl Weighing {
    /// Takes in what the sensor reads at rest, without contact, with gravity [m/s²] `gravity` in its own axes. Not finite: not taken.
    pub fn add(&mut self, gravity: Vec3, reading: &[f64; 6]) {
        if !gravity.is_finite() || reading.iter().any(|x| !x.is_finite()) {
            return;
        }
        // (m·c) × g = −g × (m·c).
        let lever = Mat3::skew(-gravity).0;
        let g = gravity.to_array();
        for k in 0..3 {
            let (mut force, mut moment) = ([0.0; UNKNOWNS], [0.0; UNKNOWNS]);
            (force[0], force[4 + k], moment[7 + k]) = (g[k], 1.0, 1.0);
            moment[1..4].copy_from_slice(&lever[k]);
            for (row, y) in [(force, reading[k]), (moment, reading[3 + k])] {
                for r in 0..UNKNOWNS {
                    self.right[r] += row[r] * y;
                    (0..UNKNOWNS).for_each(|c| self.normal[r * UNKNOWNS + c] += row[r] * row[c]);
                }
            }
            self.squares[0] += reading[k] * reading[k];
            self.squares[1] += reading[3 + k] * reading[3 + k];
        }
        self.count += 1;
    }

    /// The load that fits best.
    ///
    /// # Errors
    /// If the readings do not tell it.
    pub fn weigh(&self) -> Result<Weighed, LoadUnknown> {
        if self.count < LEAST {
            return Err(LoadUnknown::Orientations(self.count));
        }
        let scale: [f64; UNKNOWNS] = core::array::from_fn(|k| real::sqrt(self.normal[k * UNKNOWNS + k]));
        let mut l = self.normal;
        for r in 0..UNKNOWNS {
            (0..UNKNOWNS).for_each(|c| l[r * UNKNOWNS + c] /= scale[r] * scale[c]);
        }
        cholesky(&mut l, UNKNOWNS, TOLD).map_err(|_| LoadUnknown::Orientations(self.count))?;
        let mut x: [f64; UNKNOWNS] = core::array::from_fn(|k| self.right[k] / scale[k]);
        cholesky_solve(&l, UNKNOWNS, &mut x);
        (0..UNKNOWNS).for_each(|k| x[k] /= scale[k]);
        if x[0].is_nan() || x[0] <= 0.0 {
            return Err(LoadUnknown::Weightless(x[0]));
        }
        let offset = core::array::from_fn(|k| x[4 + k]);
        let load = ToolLoad { mass_kg: x[0], center: Vec3::from_slice(&x[1..4]) * (1.0 / x[0]), offset };
        // The sum of squares that is left is what was there less what the fit explains; force and moment share no unknown.
        let explained = |unknowns: &[usize]| unknowns.iter().map(|&k| x[k] * self.right[k]).sum::<f64>();
        let left = |all: f64, explained: f64| real::sqrt(real::max(all - explained, 0.0) / f64::from(3 * self.count));
        let residual = [left(self.squares[0], explained(&[0, 4, 5, 6])), left(self.squares[1], explained(&[1, 2, 3, 7, 8, 9]))];
        Ok(Weighed { load, residual })
    }
}

/// A sensor between flange and tool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForceSensor {
    /// What hangs on it.
    pub load: ToolLoad,
    /// Gravity in the world [m/s²].
    pub gravity: Vec3,
    /// Force [N] and moment [N·m] along each axis below which nothing is felt. Beyond it the rest is, so there is no step.
    pub deadband: [f64; 2],
}

impl ForceSensor {
    /// A sensor that carries `load`, where things fall with 9.80665 m/s² along −z.
    #[must_use]
    pub fn new(load: ToolLoad) -> Self {
        Self { load, gravity: Vec3::new(0.0, 0.0, -9.80665), deadband: [0.0; 2] }
    }

    /// Force and moment of what the tool touches on the tool, about the sensor's origin in its axes, from a reading in the orientation
    /// `world_from_sensor`.
    #[must_use]
    pub fn contact(&self, world_from_sensor: Quat, reading: &[f64; 6]) -> [f64; 6] {
        let own = self.load.reading(world_from_sensor.conjugate().rotate(self.gravity));
        core::array::from_fn(|k| {
            let (x, band) = (reading[k] - own[k], self.deadband[k / 3]);
            x - real::clamp(x, -band, band)
        })
    }

    /// From now on this reading, without contact in the orientation `world_from_sensor`, counts as none: the offset is taken anew, the weight
    /// stays known, so it holds in every other orientation too. A reading that is no number changes nothing.
    pub fn zero(&mut self, world_from_sensor: Quat, reading: &[f64; 6]) {
        if reading.iter().any(|x| !x.is_finite()) {
            return;
        }
        let weight = ToolLoad { offset: [0.0; 6], ..self.load }.reading(world_from_sensor.conjugate().rotate(self.gravity));
        self.load.offset = core::array::from_fn(|k| reading[k] - weight[k]);
    }

    /// The contact of [`Self::contact`], about the tip and in the world's axes.
    #[must_use]
    pub fn contact_at_tip(&self, world_from_sensor: Pose, tip: Vec3, reading: &[f64; 6]) -> [f64; 6] {
        let (force, moment) = halves(&self.contact(world_from_sensor.rotation, reading));
        let (force, moment) = (world_from_sensor.rotation.rotate(force), world_from_sensor.rotation.rotate(moment));
        six(force, moment + (world_from_sensor.position - tip).cross(force))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use leitai_math::Seed;

    const G: Vec3 = Vec3::new(0.0, 0.0, -9.80665);

    fn tool() -> ToolLoad {
        ToolLoad { mass_kg: 1.7, center: Vec3::new(0.01, -0.03, 0.08), offset: [4.0, -7.0, 12.0, 0.3, -0.2, 0.1] }
    }

    fn orientations() -> [Quat; 6] {
        [
            Quat::IDENTITY,
            Quat::from_axis_angle(Vec3::X, 1.1),
            Quat::from_axis_angle(Vec3::X, -1.1),
            Quat::from_axis_angle(Vec3::Y, 1.1),
            Quat::from_axis_angle(Vec3::Y, -1.1),
            Quat::from_axis_angle(Vec3::X, 2.5),
        ]
    }

    fn weighed(noise: f64, at: &[Quat]) -> Result<Weighed, LoadUnknown> {
        let mut draw = Seed::from_number(8).stream("noise");
        let mut weighing = Weighing::default();
        for turn in at {
            let gravity = turn.conjugate().rotate(G);
            let mut reading = tool().reading(gravity);
            for (k, x) in reading.iter_mut().enumerate() {
                *x += draw.normal(0.0, if k < 3 { noise } else { 0.05 * noise });
            }
            weighing.add(gravity, &reading);
        }
        weighing.weigh()
    }

    /// Closed form: the tool's own reading, by hand. Upright, 1.7 kg weigh 16.67 N, and 10 mm off the axis make 0.167 N·m about y.
    #[test]
    fn a_tool_reads_its_weight() {
        let load = ToolLoad { mass_kg: 1.7, center: Vec3::new(0.01, 0.0, 0.3), offset: [0.0; 6] };
        let reading = load.reading(G);
        assert!((reading[2] + 16.671305).abs() < 1e-9 && (reading[4] - 0.16671305).abs() < 1e-9, "{reading:?}");
        assert_eq!([reading[0], reading[1], reading[3], reading[5]], [0.0; 4]);
    }

    /// The law that readings are linear in the load: six exact ones give it back.
    #[test]
    fn six_orientations_tell_the_load() {
        let found = weighed(0.0, &orientations()).unwrap();
        assert!((found.load.mass_kg - 1.7).abs() < 1e-9 && (found.load.center - tool().center).norm() < 1e-9, "{found:?}");
        for k in 0..6 {
            assert!((found.load.offset[k] - tool().offset[k]).abs() < 1e-8, "{found:?}");
        }
        assert!(found.residual[0] < 1e-5 && found.residual[1] < 1e-5, "{found:?}");
    }

    /// With a noise of 0.2 N mass is within 40 g and center within 8 mm (four deviations), and the residual tells of the noise.
    #[test]
    fn noise_shows_in_the_residual() {
        let many: Vec<Quat> = (0..20).flat_map(|_| orientations()).collect();
        let found = weighed(0.2, &many).unwrap();
        assert!((found.load.mass_kg - 1.7).abs() < 0.04 && (found.load.center - tool().center).norm() < 8e-3, "{found:?}");
        assert!((found.residual[0] - 0.2).abs() < 0.03 && (found.residual[1] - 0.01).abs() < 0.0015, "{found:?}");
    }

    /// What does not tell the load is refused: too few, all alike, about one axis only, nothing on the sensor, a sign turned around.
    #[test]
    fn what_is_not_told_is_refused() {
        let all = orientations();
        assert_eq!(weighed(0.0, &all[..5]).unwrap_err(), LoadUnknown::Orientations(5));
        assert_eq!(weighed(0.0, &[all[1]; 9]).unwrap_err(), LoadUnknown::Orientations(9));
        let about_gravity = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(|a| Quat::from_axis_angle(Vec3::Z, a));
        assert_eq!(weighed(0.0, &about_gravity).unwrap_err(), LoadUnknown::Orientations(6));
        assert_eq!(Weighing::default().weigh().unwrap_err(), LoadUnknown::Orientations(0));
        let mut turned = Weighing::default();
        for turn in all {
            let gravity = turn.conjugate().rotate(G);
            turned.add(gravity, &tool().reading(gravity).map(|x| -x));
            turned.add(gravity, &[f64::NAN; 6]);
        }
        assert!(matches!(turned.weigh(), Err(LoadUnknown::Weightless(m)) if (m + 1.7).abs() < 1e-9));
    }

    /// Zeroed anywhere, it is zero everywhere, though the offset has drifted; a contact reads as what it is; below the deadband nothing is felt.
    #[test]
    fn zeroed_in_one_orientation_it_is_zero_in_all() {
        let all = orientations();
        let mut drifted = tool();
        drifted.offset = drifted.offset.map(|x| x + 3.0);
        let mut sensor = ForceSensor::new(tool());
        sensor.zero(all[0], &[f64::NAN; 6]);
        assert_eq!(sensor, ForceSensor::new(tool()), "no number changes nothing");
        for at in all {
            sensor.zero(at, &drifted.reading(at.conjugate().rotate(G)));
            for turn in all {
                let left = sensor.contact(turn, &drifted.reading(turn.conjugate().rotate(G)));
                assert!(left.iter().all(|x| x.abs() < 1e-12), "{left:?}");
            }
        }
        let mut reading = drifted.reading(all[1].conjugate().rotate(G));
        reading[0] += 5.0;
        reading[4] -= 0.01;
        sensor.deadband = [1.0, 0.05];
        let felt = sensor.contact(all[1], &reading);
        assert!((felt[0] - 4.0).abs() < 1e-12 && felt[4] == 0.0, "{felt:?}");
    }

    /// Closed form: 10 N upward at a tip 0.2 m below the sensor and 0.1 m to the side have no moment about the tip.
    #[test]
    fn a_contact_is_carried_over_to_the_tip() {
        let sensor = ForceSensor::new(ToolLoad::default());
        let turn = Quat::from_axis_angle(Vec3::X, 0.7);
        let (at, tip) = (Vec3::new(0.4, 0.1, 0.9), Vec3::new(0.5, 0.1, 0.7));
        let force = Vec3::new(0.0, 0.0, 10.0);
        let in_sensor = |v: Vec3| turn.conjugate().rotate(v);
        let reading = six(in_sensor(force), in_sensor((tip - at).cross(force)));
        let felt = sensor.contact_at_tip(Pose::new(at, turn), tip, &reading);
        let (f, m) = halves(&felt);
        assert!((f - force).norm() < 1e-13 && m.norm() < 1e-13, "{felt:?}");
    }
}
