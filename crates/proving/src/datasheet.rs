//! A robot's data sheet against its model: what its maker says, computed again.
//!
//! Nothing moves and no trial runs; the model's masses, lengths and rated torques either bear the stated figures or do not. What the figures
//! mean is the reader's first question, so each line says how it was computed. Data sheets measure reach from different points: the line
//! agrees if the stated figure lies between the shortest and the longest of the usual meanings. The payload is a point at the flange, the
//! kindest case: an arm that cannot hold it still cannot hold it off the flange either.

/// A model without a package.
pub mod bare;

use leitai_control::{ArmDynamics, Chain, ChainError, Payload};
use leitai_math::halton::halton;
use leitai_math::{Pose, Vec3};
use leitai_model::{JointId, Model};
use leitai_package::manifest::{Claim, RobotManifest, Standing, Text};

/// Postures at which lengths and torques are looked at first.
const POSTURES: u32 = 20_000;
/// Of these, the best are climbed from.
const CLIMBS: usize = 12;
/// Steps of a climb: for each joint both ways, halving when none helps.
const STEPS: usize = 200;
/// A stated reach agrees within this share of the shortest and longest meaning.
const REACH_SHARE: f64 = 0.02;

/// How a stated figure stands beside the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The model bears it out.
    Agrees,
    /// The model contradicts it.
    Differs,
    /// The model holds nothing to compute it from.
    NotModeled,
}

/// A stated figure and what the model says.
#[derive(Clone, Debug)]
pub struct Line {
    /// The claim's name: `payload_kg`.
    pub name: String,
    /// What is stated.
    pub stated: f64,
    /// Its unit.
    pub unit: String,
    /// How far the stated figure is to be trusted.
    pub standing: Standing,
    /// What was computed, from and to, where the figure has several meanings.
    pub computed: Option<[f64; 2]>,
    /// The comparison.
    pub stands: Stands,
    /// How it was computed, and what that leaves out.
    pub how: Text,
}

/// What a joint is asked for when the rated payload is held still in the worst posture.
#[derive(Clone, Debug)]
pub struct Hold {
    /// The joint's name.
    pub joint: String,
    /// Share of its rated torque.
    pub share: f64,
}

/// A data sheet, tested.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Stated figures, in the package's order.
    pub lines: Vec<Line>,
    /// Worst static torque of each joint with the rated payload, each in a posture of its own; empty without a stated payload.
    pub holds: Vec<Hold>,
    /// The tool's greatest speed at rated joint speeds [m/s], if they are known.
    pub tip_speed_m_s: Option<f64>,
}

impl Sheet {
    /// Whether nothing differs.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.lines.iter().all(|line| line.stands != Stands::Differs)
    }
}

/// Why a sheet cannot be tested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// The interface names what the model lacks.
    #[error("the interface names `{0}`, which the model does not have; run `leitai robot check` first")]
    Missing(String),
    /// The chain to the flange cannot be used.
    #[error("{0}")]
    Chain(#[from] ChainError),
    /// No chain of hinges and slides, or no body of that name at its end.
    #[error("{0}")]
    NoArm(String),
    /// A list of limits has another length.
    #[error("the limits do not have one figure for each joint; run `leitai robot check` first")]
    Limits,
}

struct Arm<'a> {
    manifest: &'a RobotManifest,
    model: &'a Model,
    chain: Chain,
    joints: Vec<JointId>,
    low: Vec<f64>,
    high: Vec<f64>,
}

/// Tests the sheet of `manifest` on its `model`.
///
/// # Errors
/// If the interface does not fit the model.
pub fn test(manifest: &RobotManifest, model: &Model) -> Result<Sheet, SheetError> {
    let arm = Arm::new(manifest, model)?;
    let payload = manifest.claim.iter().find(|claim| claim.name == "payload_kg");
    let lines = manifest.claim.iter().map(|claim| arm.line(claim)).collect();
    let known = manifest.limits.torque_nm.value.iter().all(|torque| torque.is_finite());
    let holds = payload.filter(|_| known).map_or_else(Vec::new, |claim| arm.holds(claim.value));
    let tip_speed_m_s = manifest.limits.speed_rad_s.value.iter().all(|speed| speed.is_finite()).then(|| arm.tip_speed());
    Ok(Sheet { lines, holds, tip_speed_m_s })
}

impl<'a> Arm<'a> {
    fn new(manifest: &'a RobotManifest, model: &'a Model) -> Result<Self, SheetError> {
        let missing = |name: &String| SheetError::Missing(name.clone());
        let flange = &manifest.interface.tool_mount;
        let chain = Chain::new(model, model.site_named(flange).ok_or_else(|| missing(flange))?)?;
        let named = |name: &String| model.joint_named(name).ok_or_else(|| missing(name));
        let joints = manifest.interface.joints.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        if let Some(other) = chain.joints().iter().zip(&joints).position(|(a, b)| a != b) {
            return Err(missing(&manifest.interface.joints[other]));
        }
        let limits = &manifest.limits;
        let lengths = [limits.torque_nm.value.len(), limits.speed_rad_s.value.len(), limits.position_rad.low.len(), chain.len()];
        if lengths.iter().any(|n| *n != joints.len()) || limits.position_rad.high.len() != joints.len() {
            return Err(SheetError::Limits);
        }
        // A second turn reaches nothing that the first does not.
        let turn = std::f64::consts::PI;
        let low = limits.position_rad.low.iter().map(|x| x.max(-turn)).collect();
        let high = limits.position_rad.high.iter().map(|x| x.min(turn)).collect();
        Ok(Self { manifest, model, chain, joints, low, high })
    }

    fn line(&self, claim: &Claim) -> Line {
        let (computed, stands, how) = match claim.name.as_str() {
            "mass_kg" => self.mass(claim.value),
            "reach_m" => self.reach(claim.value),
            name if name.starts_with("payload") && claim.unit == "kg" => self.payload(claim.value),
            _ => (
                None,
                Stands::NotModeled,
                Text {
                    zh: "模型中没有可据以计算的内容".to_string(),
                    en: "the model holds nothing to compute it from".to_string(),
                },
            ),
        };
        let Claim { name, value, unit, standing, .. } = claim.clone();
        Line { name, stated: value, unit, standing, computed, stands, how }
    }

    fn mass(&self, stated: f64) -> (Option<[f64; 2]>, Stands, Text) {
        let mass = self.model.bodies.first().map_or(0.0, |world| world.subtree_mass);
        let tolerance = self.manifest.robot.dynamics_grade.tolerance;
        let how = Text {
            zh: format!("模型各连杆质量之和；容差为动力学等级所述的 {:.0} %", 100.0 * tolerance),
            en: format!("the sum of the model's masses; within the {:.0} % that its dynamics grade allows", 100.0 * tolerance),
        };
        (Some([mass, mass]), agree((mass / stated - 1.0).abs() <= tolerance), how)
    }

    /// The usual meanings: from the first axis or from the second joint, to the flange or to one of the wrist's joints.
    fn reach(&self, stated: f64) -> (Option<[f64; 2]>, Stands, Text) {
        let n = self.joints.len();
        let ends: Vec<Option<usize>> = std::iter::once(None).chain((n.saturating_sub(3).max(1)..n).map(Some)).collect();
        let farthest = |from_axis: bool, end: Option<usize>| {
            self.most(|q| {
                let mut frames = Vec::with_capacity(n);
                self.chain.frames(q, &mut frames);
                let to = end.map_or_else(|| self.chain.tip(q).position, |joint| frames[joint].position);
                // The first axis is upright in the base's frame.
                let level = Vec3::new(1.0, 1.0, 0.0);
                if from_axis {
                    (to - frames[0].position).scaled(level).norm()
                } else {
                    (to - frames[n.min(2) - 1].position).norm()
                }
            })
        };
        let all: Vec<f64> = ends.iter().flat_map(|end| [farthest(true, *end), farthest(false, *end)]).collect();
        let (shortest, longest) = (all.iter().copied().fold(f64::MAX, f64::min), all.iter().copied().fold(0.0, f64::max));
        let fits = stated >= shortest * (1.0 - REACH_SHARE) && stated <= longest * (1.0 + REACH_SHARE);
        let how = Text {
            zh: "常见定义中的最短与最长：自第一轴线或第二关节，至法兰或腕部三个关节之一".to_string(),
            en: "the shortest and longest of the usual meanings: from the first axis or the second joint, to the flange or one of the wrist's three joints".to_string(),
        };
        (Some([shortest, longest]), agree(fits), how)
    }

    /// The greatest point mass at the flange that rated torques hold still in every posture.
    fn payload(&self, stated: f64) -> (Option<[f64; 2]>, Stands, Text) {
        let torques = self.manifest.limits.torque_nm.value.iter().zip(&self.manifest.interface.joints);
        if let Some((_, joint)) = torques.into_iter().find(|(torque, _)| !torque.is_finite()) {
            let how = Text {
                zh: format!("关节 `{joint}` 没有力矩限值（或为零），无从计算所能托住的负载"),
                en: format!("joint `{joint}` has no limit of torque, or one of zero: what it can hold cannot be computed"),
            };
            return (None, Stands::NotModeled, how);
        }
        let mut arms = (self.dynamics(), self.dynamics());
        arms.1.carry(&point(1.0), 1.0);
        // Weight torque is linear in the load, so a posture's greatest load follows from two evaluations.
        let least = -self.most(|q| {
            let (own, with) = (weight(&mut arms.0, q), weight(&mut arms.1, q));
            let bears = own.iter().zip(&with).zip(&self.manifest.limits.torque_nm.value).map(|((own, with), limit)| {
                let each = with - own;
                if each.abs() < 1e-9 { f64::MAX } else { (each.signum() * limit - own) / each }
            });
            -bears.fold(f64::MAX, f64::min)
        });
        let how = Text {
            zh: "额定力矩在任意姿态下能静止托住的最大质量，视为法兰处的质点；不含加速所需".to_string(),
            en: "the greatest mass, a point at the flange, that rated torques hold still in every posture; nothing is left for acceleration".to_string(),
        };
        (Some([least, least]), agree(least >= stated), how)
    }

    fn dynamics(&self) -> ArmDynamics {
        let flange = self.model.site_named(&self.manifest.interface.tool_mount).expect("the chain ends there");
        ArmDynamics::new(self.model, &self.joints, flange)
    }

    fn holds(&self, payload_kg: f64) -> Vec<Hold> {
        let mut arm = self.dynamics();
        arm.carry(&point(payload_kg), 1.0);
        let limits = &self.manifest.limits.torque_nm.value;
        let mut worst = |i: usize| self.most(|q| weight(&mut arm, q)[i].abs() / limits[i]);
        let names = &self.manifest.interface.joints;
        names.iter().enumerate().map(|(i, name)| Hold { joint: name.clone(), share: worst(i) }).collect()
    }

    fn tip_speed(&self) -> f64 {
        let speeds = &self.manifest.limits.speed_rad_s.value;
        self.most(|q| {
            let mut jacobian = vec![[0.0; 6]; q.len()];
            self.chain.tip_and_jacobian(q, &mut jacobian);
            let column = |i: usize| Vec3::new(jacobian[i][0], jacobian[i][1], jacobian[i][2]) * speeds[i];
            // Signs chosen joint by joint, so that each adds to what the ones before it give.
            let sum = (1..q.len())
                .fold(column(0), |sum: Vec3, i| if sum.dot(column(i)) < 0.0 { sum - column(i) } else { sum + column(i) });
            sum.norm()
        })
    }

    /// The greatest value over postures: a Halton sequence, then climbs from its best points.
    fn most(&self, mut value: impl FnMut(&[f64]) -> f64) -> f64 {
        let n = self.low.len();
        let mut best: Vec<(f64, Vec<f64>)> = Vec::new();
        for k in 1..=POSTURES {
            let q: Vec<f64> = (0..n).map(|i| self.low[i] + (self.high[i] - self.low[i]) * halton(k, i)).collect();
            let now = value(&q);
            if best.len() < CLIMBS || now > best[best.len() - 1].0 {
                let place = best.partition_point(|(known, _)| *known >= now);
                best.insert(place, (now, q));
                best.truncate(CLIMBS);
            }
        }
        best.into_iter().map(|(from, q)| self.climb(&mut value, from, q)).fold(f64::MIN, f64::max)
    }

    fn climb(&self, value: &mut impl FnMut(&[f64]) -> f64, from: f64, mut q: Vec<f64>) -> f64 {
        let (mut now, mut step) = (from, 0.1);
        for _ in 0..STEPS {
            let before = now;
            for i in 0..q.len() {
                let here = q[i];
                for way in [step, -step] {
                    q[i] = (here + way).clamp(self.low[i], self.high[i]);
                    let there = value(&q);
                    if there > now {
                        now = there;
                        break;
                    }
                    q[i] = here;
                }
            }
            if now <= before {
                step *= 0.5;
            }
        }
        now
    }
}

fn agree(holds: bool) -> Stands {
    if holds { Stands::Agrees } else { Stands::Differs }
}

/// A point of this mass at the site that carries it.
fn point(mass_kg: f64) -> Payload {
    Payload { mass_kg, pose: Pose::IDENTITY, inertia: Vec3::ZERO }
}

fn weight(arm: &mut ArmDynamics, q: &[f64]) -> Vec<f64> {
    let (still, mut tau) = (vec![0.0; q.len()], vec![0.0; q.len()]);
    arm.torques(q, &still, &still, &mut tau);
    tau
}
