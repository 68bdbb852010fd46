//! Contact of a moving arm with a measuring device, in the manner of ISO/TS 15066 and ISO/PAS 5672, in simulation.
//!
//! The tool moves at a steady speed along its axis against a plate before a spring: with a body's mass behind it that gives way (transient
//! contact), or a wall (the body is clamped). The robot notices by the torque that its servo asks for beyond what the motion needs, and stops
//! and holds after its reaction time. The allowed speed is the greatest at which the force stays within the region's limits, by bisection.
//!
//! Limits come from a table that nobody has compared with the standard ([`leitai_package::contact_regions`]): every figure here is unverified,
//! and no certificate may rest on it. Pressure is not looked at.

/// The measuring device.
pub mod device;
/// The report as a page.
pub mod page;

use leitai_control::separation::BodyPart;
use leitai_control::{Path, Reference, Trajectory};
use leitai_geometry::Shape;
use leitai_math::{Pose, Seed, Vec3, real};
use leitai_model::Spec;
use leitai_model::spec::{GeomMass, GeomSpec};
use leitai_package::contact_regions::{Region, Regions};
use leitai_package::manifest::{Figure, ManifestError, RobotManifest, Source, Standing, Text, decode};
use leitai_sim::Unstable;
use serde::{Deserialize, Serialize};

use crate::iso9283::cube::TURN_M;
use crate::iso9283::rig::{Motion, PERIOD_S, Rig};
use crate::iso9283::{Cube, ErrorSources, Machine, MachineError, NoCube, SourceLine, moves};
use crate::packages::Train;
use device::{Device, surface};

const TABLE: &str = include_str!("../../data/contact.toml");
/// Halvings of the speed.
const HALVINGS: usize = 7;
/// A force [N] that counts as contact.
const TOUCHES_N: f64 = 1.0;
/// Where the arm cannot move so fast that way, the fastest approach is taken back by this factor, so often.
const SLOWER: f64 = 0.85;
const SLOWINGS: usize = 16;
/// An approach reaches this share of its speed.
const REACHED: f64 = 0.95;
/// What a free motion asks for beyond its need is exceeded by this factor before it counts as contact.
const ABOVE_FREE: f64 = 1.3;
/// Periods between two entries of a force over time.
const EVERY: usize = 2;

/// Figures of the device and of the robot's reaction.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Up to here a force counts as transient [s].
    pub measured_s: Figure,
    /// How long a contact is watched [s].
    pub watched_s: Figure,
    /// Plate before the spring [kg].
    pub plate_kg: Figure,
    /// Its edge [m].
    pub plate_edge_m: Figure,
    /// Damping ratio of the spring with its plate.
    pub device_damping_ratio: Figure,
    /// Torque beyond need at which a contact is noticed, as a share of the rated torque.
    pub noticed_share: Figure,
    /// From noticing to stopping [s].
    pub reaction_s: Figure,
    /// Fastest approach that is tried [m/s].
    pub most_m_s: Figure,
    /// Slowest approach that is tried [m/s].
    pub least_m_s: Figure,
    /// Where the figures come from.
    pub source: Vec<Source>,
}

impl Figures {
    /// The table that ships with Leitai.
    ///
    /// # Errors
    /// None that a released table has; a test reads it.
    pub fn ours() -> Result<Self, ManifestError> {
        decode("contact.toml", TABLE)
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Mass of the load [kg]; the rated one if none.
    pub load_kg: Option<f64>,
    /// The parts that turn the robot's joints, as far as its package names them.
    pub trains: Vec<Train>,
    /// Regions by id; all if empty.
    pub regions: Vec<String>,
    /// A speed [m/s] at which peaks are measured as well.
    pub at_m_s: f64,
    /// Root of all draws.
    pub seed: Seed,
}

/// One contact.
#[derive(Clone, Debug, Serialize)]
pub struct Strike {
    /// Speed of the tool when it met the plate [m/s].
    pub speed_m_s: f64,
    /// Greatest force up to half a second after [N].
    pub peak_n: f64,
    /// Greatest force later [N].
    pub later_n: f64,
    /// From the first touch until it was noticed [s]; none if it never was.
    pub noticed_s: Option<f64>,
    /// Force over time from the first touch [s, N].
    pub force: Vec<[f64; 2]>,
}

/// The allowed speed, and the contact at it.
#[derive(Clone, Debug, Serialize)]
pub struct Allowed {
    /// Speed [m/s]; zero where even the slowest approach is too much.
    pub speed_m_s: f64,
    /// No faster approach was tried: the limit was not met.
    pub at_least: bool,
    /// The contact at that speed.
    pub strike: Option<Strike>,
}

/// One region.
#[derive(Clone, Debug, Serialize)]
pub struct RegionTest {
    /// The region with its figures.
    pub region: Region,
    /// Least trusted of its cells; whatever it is, no limit has been compared with the standard.
    pub standing: Standing,
    /// Free contact; none where it is not permitted at all.
    pub transient: Option<Allowed>,
    /// Clamped contact.
    pub clamped: Allowed,
    /// Speed by F/√(μk) for free contact [m/s], with the arm's effective mass and rigid joints.
    pub formula_m_s: Option<f64>,
    /// The contacts at the speed asked for, free and clamped.
    pub at_speed: [Strike; 2],
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The robot's id.
    pub robot: String,
    /// Its name.
    pub name: Text,
    /// Nothing was measured on a machine.
    pub simulated: bool,
    /// Limits have not been compared with the standard.
    pub limits_verified: bool,
    /// Whether a certificate may rest on this.
    pub certifiable: bool,
    /// Mass of the load [kg].
    pub load_kg: f64,
    /// Where the tool meets the plate, in the base's frame [m].
    pub place_m: [f64; 3],
    /// Which way it moves.
    pub along: [f64; 3],
    /// The arm's mass along that way, joints rigid [kg].
    pub effective_mass_kg: f64,
    /// Fastest approach that the arm can make there and that was tried [m/s].
    pub most_m_s: f64,
    /// Share of rated torque beyond need at which contact was noticed.
    pub noticed_share: f64,
    /// Device and reaction.
    pub figures: Figures,
    /// The robot's model.
    pub error_sources: Vec<SourceLine>,
    /// Region by region.
    pub regions: Vec<RegionTest>,
    /// The speed of [`RegionTest::at_speed`] [m/s].
    pub at_m_s: f64,
    /// Where the limits come from.
    pub sources: Vec<Source>,
}

/// Why the procedure cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// The robot.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The place.
    #[error(transparent)]
    Cube(#[from] NoCube),
    /// A table that ships with the command.
    #[error(transparent)]
    Table(#[from] ManifestError),
    /// The simulation broke off.
    #[error("the motion broke off: {0}")]
    Broken(#[from] Unstable),
    /// No such region.
    #[error("there is no region `{0}`; the table has {1}")]
    Region(String, String),
    /// A speed that is none.
    #[error("a speed of {0} m/s; give one from 0.01 to 1")]
    Speed(f64),
    /// No straight way along the tool's axis.
    #[error("the tool cannot move straight along its axis where it would meet the device")]
    NoWay,
}

struct Bench<'a> {
    machine: &'a Machine,
    figures: &'a Figures,
    seed: Seed,
    /// `base_from_measured` where plate and tool meet, and the posture there.
    place: Pose,
    posture: &'a [f64],
    /// Fastest approach [m/s].
    most_m_s: f64,
    noticed_share: f64,
}

/// Runs the procedure on the robot `spec`, described by `manifest`.
///
/// # Errors
/// If the options make no sense, the robot cannot be tested, or a motion leaves its bounds.
pub fn run(manifest: &RobotManifest, spec: &Spec, options: &Options) -> Result<Report, ContactError> {
    let (figures, regions) = (Figures::ours()?, Regions::ours()?);
    if !(figures.least_m_s.value..=figures.most_m_s.value).contains(&options.at_m_s) {
        return Err(ContactError::Speed(options.at_m_s));
    }
    let known = || regions.region.iter().map(|region| region.id.as_str()).collect::<Vec<_>>().join(", ");
    let wanted: Vec<&Region> = match options.regions.as_slice() {
        [] => regions.region.iter().collect(),
        ids => {
            let named = ids.iter().map(|id| regions.named(id).ok_or_else(|| ContactError::Region(id.clone(), known())));
            named.collect::<Result<_, _>>()?
        }
    };
    let assumed = crate::iso9283::Figures::ours()?;
    let errors = ErrorSources::of(&assumed, manifest, &options.trains);
    let density = assumed.procedure.load_density_kg_m3.value;
    let machine = Machine::new(manifest, spec, options.load_kg, density, errors)?;
    let cube = Cube::largest(&machine, &assumed.procedure)?;
    let place = cube.poses()[0];
    let along = place.rotation.rotate(Vec3::Z);
    let mut bench = Bench {
        machine: &machine,
        figures: &figures,
        seed: options.seed,
        place,
        posture: &cube.postures[0],
        most_m_s: figures.most_m_s.value,
        noticed_share: figures.noticed_share.value,
    };
    bench.most_m_s = bench.fastest()?;
    bench.noticed_share = real::max(bench.noticed_share, ABOVE_FREE * bench.free()?);
    let at_m_s = real::min(options.at_m_s, bench.most_m_s);
    let effective_mass_kg = machine.effective_mass(bench.posture, machine.base.rotation.rotate(along));
    // Each region has rigs of its own, so threads change nothing but the time it takes.
    let tests = std::thread::scope(|scope| {
        let bench = &bench;
        let started: Vec<_> =
            wanted.iter().map(|region| scope.spawn(move || bench.region(region, at_m_s, effective_mass_kg))).collect();
        let joined = started.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Result<Vec<_>, ContactError>>()
    })?;
    Ok(Report {
        robot: manifest.robot.id.clone(),
        name: manifest.robot.name.clone(),
        simulated: true,
        limits_verified: false,
        certifiable: regions.certifiable,
        load_kg: machine.load_kg,
        place_m: cube.poses_m[0],
        along: [along.x, along.y, along.z],
        effective_mass_kg,
        noticed_share: bench.noticed_share,
        error_sources: machine.errors.lines.clone(),
        regions: tests,
        at_m_s,
        most_m_s: bench.most_m_s,
        sources: regions.source.clone(),
        figures: figures.clone(),
    })
}

impl Bench<'_> {
    /// Through the place along the tool's axis, so that it is at full speed there.
    fn way(&self, speed_m_s: f64) -> Result<(Vec<f64>, Trajectory), ContactError> {
        let along = self.place.rotation.rotate(Vec3::Z);
        let before = 0.75 * speed_m_s * speed_m_s / moves::PATH_ACCELERATION_M_S2 + 0.12 * speed_m_s + 0.01;
        let start = Pose::new(self.place.position - along * before, self.place.rotation);
        let end = Pose::new(self.place.position + along * before, self.place.rotation);
        let to = self.machine.base * start;
        let back = Path::line(&self.machine.chain, self.posture, &to, 0.02, TURN_M).map_err(|_| ContactError::NoWay)?;
        let start = back.end().to_vec();
        let line = moves::line(self.machine, &start, &end, speed_m_s).map_err(|_| ContactError::NoWay)?;
        Ok((start, line))
    }

    /// The fastest approach that the arm can make [m/s].
    fn fastest(&self) -> Result<f64, ContactError> {
        let mut speed = self.most_m_s;
        for _ in 0..SLOWINGS {
            if self.way(speed).is_ok_and(|(_, line)| moves::cruise(&line) >= REACHED * speed) {
                return Ok(speed);
            }
            speed *= SLOWER;
        }
        Err(ContactError::NoWay)
    }

    /// The greatest torque beyond need of the fastest way through without anything in it, as a share.
    fn free(&self) -> Result<f64, ContactError> {
        let (start, line) = self.way(self.most_m_s)?;
        let plant = self.machine.plant(&self.seed)?;
        let mut rig = Rig::new(self.machine, &plant, &self.seed.trial(0), &start);
        rig.begin_move();
        let mut most = 0.0;
        for k in 0..(line.duration_s() / PERIOD_S) as u64 {
            rig.period(|reference| Motion::at(&line, k as f64 * PERIOD_S, reference))?;
            most = real::max(most, rig.beyond());
        }
        Ok(most)
    }

    fn region(&self, region: &Region, at_m_s: f64, effective_mass_kg: f64) -> Result<RegionTest, ContactError> {
        let (free, clamped) = (Device::of(region, self.figures, false), Device::of(region, self.figures, true));
        let quasi_static = region.quasi_static_n.value;
        let transient_n = region.transient_n.as_ref().map(|figure| figure.value);
        let transient = match transient_n {
            None => None,
            Some(most) => Some(self.allowed(&free, &|strike| strike.peak_n <= most && strike.later_n <= quasi_static)?),
        };
        // Where no transient contact is permitted, a clamped body bears no more at first than later.
        let first = transient_n.unwrap_or(quasi_static);
        let clamp = self.allowed(&clamped, &|strike| strike.peak_n <= first && strike.later_n <= quasi_static)?;
        let formula_m_s = transient_n.and_then(|force_n| {
            let (stiffness_n_m, mass_kg) = (region.stiffness_n_m.value, region.effective_mass_kg.value);
            BodyPart { force_n, stiffness_n_m, mass_kg }.speed_m_s(effective_mass_kg).ok()
        });
        Ok(RegionTest {
            standing: region.standing(),
            transient,
            clamped: clamp,
            formula_m_s,
            at_speed: [self.strike(&free, at_m_s)?, self.strike(&clamped, at_m_s)?],
            region: region.clone(),
        })
    }

    /// The greatest speed at which a contact is `good`.
    fn allowed(&self, device: &Device, good: &dyn Fn(&Strike) -> bool) -> Result<Allowed, ContactError> {
        let (mut low, mut high) = (self.figures.least_m_s.value, self.most_m_s);
        let fastest = self.strike(device, high)?;
        if good(&fastest) {
            return Ok(Allowed { speed_m_s: fastest.speed_m_s, at_least: true, strike: Some(fastest) });
        }
        let slowest = self.strike(device, low)?;
        if !good(&slowest) {
            return Ok(Allowed { speed_m_s: 0.0, at_least: false, strike: Some(slowest) });
        }
        let mut best = slowest;
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            let strike = self.strike(device, middle)?;
            if good(&strike) {
                (low, best) = (middle, strike);
            } else {
                high = middle;
            }
        }
        Ok(Allowed { speed_m_s: best.speed_m_s, at_least: false, strike: Some(best) })
    }

    /// One contact at about `speed_m_s`.
    fn strike(&self, device: &Device, speed_m_s: f64) -> Result<Strike, ContactError> {
        let (start, line) = self.way(speed_m_s)?;
        let world = self.machine.base * self.place;
        let along = world.rotation.rotate(Vec3::Z);
        let edge = self.machine.load_edge_m;
        let plant = self.machine.plant_among(&self.seed, &|spec| {
            spec.world.bodies.push(device.bodies(world.position, along));
            // The load's far face, a disk's worth of it, meets the plate; a robot without load has its bare flange there.
            let half = real::max(0.5 * edge, 0.03);
            let shape = Shape::Box { half: Vec3::new(half, half, 0.01) };
            let mut face = GeomSpec { surface: surface(), mass: GeomMass::Mass(0.0), ..GeomSpec::new(shape) };
            face.pose = Pose::new(Vec3::Z * (edge - 0.01), leitai_math::Quat::IDENTITY);
            if let Some(load) = spec.world.find_mut(&|body| body.name == "load") {
                load.geoms.push(face);
            }
        })?;
        let model = &plant.scene.model;
        let spring = &model.joints[model.joint_named("device spring").expect("just added").index()];
        let (spring_q, spring_v) = (spring.q_start as usize, spring.v_start as usize);
        let mut rig = Rig::new(self.machine, &plant, &self.seed.trial(0), &start);
        rig.begin_move();
        let (mut touched, mut noticed, mut stopped): (Option<f64>, Option<f64>, Option<Reference>) = (None, None, None);
        let (mut peak_n, mut later_n, mut speed) = (0.0, 0.0, 0.0);
        let mut force = Vec::new();
        let mut before = rig.pose().position;
        let longest = line.duration_s() + 2.0 * self.figures.watched_s.value;
        for k in 0..(longest / PERIOD_S) as usize {
            let time_s = k as f64 * PERIOD_S;
            rig.period(|reference| match &stopped {
                Some(standing) => reference.clone_from(standing),
                None => Motion::at(&line, time_s, reference),
            })?;
            let state = rig.world().state();
            let now = device.force(state.q[spring_q], state.v[spring_v]);
            let here = rig.pose().position;
            if touched.is_none() {
                speed = (here - before).norm() / PERIOD_S;
                touched = (now > TOUCHES_N).then_some(time_s);
            }
            before = here;
            let Some(since) = touched else { continue };
            let after = time_s - since;
            if after <= self.figures.measured_s.value {
                peak_n = real::max(peak_n, now);
            } else {
                later_n = real::max(later_n, now);
            }
            if k % EVERY == 0 && after <= 0.6 {
                force.push([after, now]);
            }
            if noticed.is_none() && rig.beyond() > self.noticed_share {
                noticed = Some(after);
            }
            if stopped.is_none() && noticed.is_some_and(|at| after >= at + self.figures.reaction_s.value) {
                stopped = Some(Reference::standing(rig.seen()));
            }
            if after >= self.figures.watched_s.value {
                break;
            }
        }
        Ok(Strike { speed_m_s: speed, peak_n, later_n, noticed_s: noticed, force })
    }
}
