//! Figures of the procedure and the error sources that it models.
//!
//! A simulation without error sources repeats every pose exactly, so what is modeled decides what comes out. [`ErrorSources`] is that model for
//! one robot, joint by joint; the table of assumed figures is `data/iso9283.toml`.

use leitai_math::real;
use leitai_package::manifest::{Figure, ManifestError, RobotManifest, Source, Standing, Text, decode};
use serde::{Deserialize, Serialize};

use crate::packages::Train;

const TABLE: &str = include_str!("../../data/iso9283.toml");

/// Counts and shares of the procedure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Cycles of the pose tests.
    pub pose_cycles: Figure,
    /// Cycles of the path tests.
    pub path_cycles: Figure,
    /// Cycles of settling, corners, posing time and compliance.
    pub few_cycles: Figure,
    /// Distance of P2 to P5 from the ends of their diagonals, as a share of the diagonal.
    pub from_end: Figure,
    /// Length of the line over the plane's diagonal.
    pub line_share: Figure,
    /// Diameter of the large circle over the cube's edge.
    pub large_circle_share: Figure,
    /// Diameter of the small circle over the cube's edge.
    pub small_circle_share: Figure,
    /// From the commanded stop to the reading [s].
    pub dwell_s: Figure,
    /// Length of straight approaches over the cube's edge.
    pub approach_share: Figure,
    /// Radius with which corners are commanded over the cube's edge.
    pub corner_share: Figure,
    /// Greatest tool speed on paths where none is stated [m/s].
    pub path_speed_m_s: Figure,
    /// Density of the load [kg/m³].
    pub load_density_kg_m3: Figure,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Assumed {
    gear_ratio: Figure,
    encoder_bits: Figure,
    encoder_noise_counts: Figure,
    transmission_error_rad: Figure,
    hysteresis_rad: Figure,
    hysteresis_variation: Figure,
    damping_ratio: Figure,
    joint_zero_rad: Figure,
    link_position_m: Figure,
    link_rotation_rad: Figure,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drive {
    up_to_nm: f64,
    stiffness_nm_rad: Figure,
    rotor_kg_m2: Figure,
}

/// The whole table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Counts and shares of the procedure.
    pub procedure: Procedure,
    errors: Assumed,
    drive: Vec<Drive>,
    /// Where the figures come from.
    pub source: Vec<Source>,
}

impl Figures {
    /// The table that ships with Leitai.
    ///
    /// # Errors
    /// None that a released table has; a test reads it.
    pub fn ours() -> Result<Self, ManifestError> {
        decode("iso9283.toml", TABLE)
    }
}

/// Figures of one joint, with their standing, before they are put to use.
struct Parts {
    gear_ratio: Figure,
    encoder_bits: Figure,
    transmission_error_rad: Figure,
    error_cycles: f64,
    stiffness_nm_rad: Figure,
    hysteresis_rad: Figure,
    rotor_kg_m2: Figure,
    /// Ids of the parts, if the package names them.
    part: Option<String>,
}

impl Parts {
    fn assumed(e: &Assumed, drive: &Drive) -> Self {
        Self {
            gear_ratio: e.gear_ratio.clone(),
            encoder_bits: e.encoder_bits.clone(),
            transmission_error_rad: e.transmission_error_rad.clone(),
            error_cycles: 2.0,
            stiffness_nm_rad: drive.stiffness_nm_rad.clone(),
            hysteresis_rad: e.hysteresis_rad.clone(),
            rotor_kg_m2: drive.rotor_kg_m2.clone(),
            part: None,
        }
    }

    /// The reducer's middle slope stands for its three: tests of poses stay within it.
    fn of(train: &Train) -> Self {
        let (reducer, motor) = (&train.reducer, &train.motor);
        let ratio = reducer.ratio.value;
        let rotor = ratio * ratio * (motor.rotor_inertia_kg_m2.value + reducer.input_inertia_kg_m2.value);
        Self {
            gear_ratio: reducer.ratio.clone(),
            encoder_bits: train.drive.encoder_bits.clone(),
            transmission_error_rad: reducer.kinematic_error_rad.clone(),
            error_cycles: reducer.error_cycles.value,
            stiffness_nm_rad: reducer.stiffness_2_nm_rad.clone(),
            hysteresis_rad: reducer.hysteresis_rad.clone(),
            rotor_kg_m2: Figure { value: rotor, ..motor.rotor_inertia_kg_m2.clone() },
            part: Some(format!("{}, {}, {}", train.train.reducer, train.train.motor, train.train.drive)),
        }
    }

    fn errors(&self, e: &Assumed) -> JointErrors {
        let counts = real::round(real::exp(self.encoder_bits.value * core::f64::consts::LN_2));
        let count_rad = real::TAU / counts / self.gear_ratio.value;
        JointErrors {
            gear_ratio: self.gear_ratio.value,
            stiffness_nm_rad: self.stiffness_nm_rad.value,
            rotor_kg_m2: self.rotor_kg_m2.value,
            damping_ratio: e.damping_ratio.value,
            hysteresis_nm: 0.5 * self.hysteresis_rad.value * self.stiffness_nm_rad.value,
            hysteresis_variation: e.hysteresis_variation.value,
            transmission_error_rad: self.transmission_error_rad.value,
            error_cycles: self.error_cycles,
            count_rad,
            noise_rad: e.encoder_noise_counts.value * count_rad,
        }
    }
}

/// What one joint does wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JointErrors {
    /// Turns of the motor for one of the joint.
    pub gear_ratio: f64,
    /// Stiffness of the reducer [N·m/rad].
    pub stiffness_nm_rad: f64,
    /// Rotor as felt at the joint [kg·m²].
    pub rotor_kg_m2: f64,
    /// Damping ratio of the reducer's spring with what it carries.
    pub damping_ratio: f64,
    /// Greatest friction torque inside the reducer [N·m]: half the width of the hysteresis times the stiffness.
    pub hysteresis_nm: f64,
    /// Standard deviation of that torque from move to move, as a share.
    pub hysteresis_variation: f64,
    /// Amplitude of the transmission error [rad].
    pub transmission_error_rad: f64,
    /// Its periods in one turn of the motor.
    pub error_cycles: f64,
    /// One count of the encoder at the joint [rad].
    pub count_rad: f64,
    /// Standard deviation of each reading [rad].
    pub noise_rad: f64,
}

/// A line of the report's list of error sources.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceLine {
    /// What goes wrong.
    pub name: Text,
    /// Its size, from the least to the greatest over the joints; nothing if it is not modeled.
    pub value: Option<[f64; 2]>,
    /// Unit of `value`.
    pub unit: &'static str,
    /// How far the figure is trusted.
    pub standing: Option<Standing>,
    /// Where it comes from, or why it is not modeled.
    pub from: Text,
}

/// What goes wrong in one robot.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorSources {
    /// Joint by joint; empty if nothing goes wrong.
    pub joints: Vec<JointErrors>,
    /// Standard deviation of each joint's zero after calibration [rad].
    pub joint_zero_rad: f64,
    /// Standard deviation of each coordinate of each link [m].
    pub link_position_m: f64,
    /// Standard deviation of each link's rotation about each axis [rad].
    pub link_rotation_rad: f64,
    /// For the report.
    pub lines: Vec<SourceLine>,
}

impl ErrorSources {
    /// Nothing goes wrong: rigid links, exact readings. A test with these is void.
    #[must_use]
    pub fn none() -> Self {
        Self { joints: Vec::new(), joint_zero_rad: 0.0, link_position_m: 0.0, link_rotation_rad: 0.0, lines: Vec::new() }
    }

    /// Whether anything goes wrong.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.joints.is_empty()
    }

    /// For a robot's joints: from the parts that turn them, where its package names them (`trains`), else assumed figures chosen by the
    /// joint's rated torque.
    #[must_use]
    pub fn of(figures: &Figures, manifest: &RobotManifest, trains: &[Train]) -> Self {
        let e = &figures.errors;
        let drive = |torque: f64| {
            let found = figures.drive.iter().find(|drive| torque <= drive.up_to_nm);
            found.or(figures.drive.last()).expect("the table has drives")
        };
        let parts: Vec<Parts> = manifest
            .interface
            .joints
            .iter()
            .zip(&manifest.limits.torque_nm.value)
            .map(|(joint, torque)| match trains.iter().find(|train| train.train.joint == *joint) {
                Some(train) => Parts::of(train),
                None => Parts::assumed(e, drive(*torque)),
            })
            .collect();
        let joints = parts.iter().map(|parts| parts.errors(e)).collect();
        let source = |key: &str| {
            let found = figures.source.iter().find(|source| source.key == key);
            found.map_or_else(String::new, |source| format!("{}: {}", source.publisher, source.title))
        };
        let text = |zh: &str, en: &str| Text { zh: zh.to_string(), en: en.to_string() };
        let same = |words: String| Text { zh: words.clone(), en: words };
        let line = |name: Text, figure: &Figure, unit: &'static str| SourceLine {
            name,
            value: Some([figure.value; 2]),
            unit,
            standing: Some(figure.standing),
            from: same(source(&figure.source)),
        };
        let over = |name: Text, of: &dyn Fn(&Parts) -> Figure, unit: &'static str| {
            let all: Vec<Figure> = parts.iter().map(of).collect();
            let worst = all.iter().max_by_key(|figure| figure.standing).expect("a robot has joints");
            let low = all.iter().map(|figure| figure.value).fold(f64::INFINITY, f64::min);
            let high = all.iter().map(|figure| figure.value).fold(0.0, f64::max);
            let mut from: Vec<String> =
                parts.iter().map(|parts| parts.part.clone().unwrap_or_else(|| source(&of(parts).source))).collect();
            from.dedup();
            SourceLine { name, value: Some([low, high]), unit, standing: Some(worst.standing), from: same(from.join("; ")) }
        };
        let absent = |name: Text, from: Text| SourceLine { name, value: None, unit: "1", standing: None, from };
        let lines = vec![
            over(
                text("编码器分辨率（电机侧，每转 2ⁿ 个计数）", "encoder quantization, on the motor, 2ⁿ counts a turn"),
                &|p| p.encoder_bits.clone(),
                "1",
            ),
            line(
                text("编码器读数噪声（计数，标准差）", "encoder noise, counts, standard deviation"),
                &e.encoder_noise_counts,
                "1",
            ),
            over(
                text("传动误差（幅值，波发生器每转两次）", "transmission error, amplitude, twice a turn of the wave generator"),
                &|p| p.transmission_error_rad.clone(),
                "rad",
            ),
            over(
                text("关节弹性（减速器扭转刚度）", "joint elasticity: the reducer's torsional stiffness"),
                &|p| p.stiffness_nm_rad.clone(),
                "N*m/rad",
            ),
            over(
                text("减速器滞回（零力矩处的宽度）", "hysteresis of the reducer, width at no torque"),
                &|p| p.hysteresis_rad.clone(),
                "rad",
            ),
            line(
                text("滞回在各次运动之间的变化（标准差，比例）", "variation of the hysteresis from move to move, share"),
                &e.hysteresis_variation,
                "1",
            ),
            line(text("减速器弹簧的阻尼比", "damping ratio of the reducer's spring"), &e.damping_ratio, "1"),
            over(text("转子惯量（折算到关节）", "rotor inertia as felt at the joint"), &|p| p.rotor_kg_m2.clone(), "kg*m^2"),
            line(
                text("标定残差：关节零位（标准差）", "calibration residual: joint zeros, standard deviation"),
                &e.joint_zero_rad,
                "rad",
            ),
            line(
                text(
                    "标定残差：连杆位置各坐标（标准差）",
                    "calibration residual: each coordinate of each link, standard deviation",
                ),
                &e.link_position_m,
                "m",
            ),
            line(
                text(
                    "标定残差：连杆转角各轴（标准差）",
                    "calibration residual: each link's rotation about each axis, standard deviation",
                ),
                &e.link_rotation_rad,
                "rad",
            ),
            SourceLine {
                name: text("伺服跟随（力矩控制，逐毫秒计算）", "servo following: torques every millisecond"),
                value: Some([super::rig::SERVO_RAD_S; 2]),
                unit: "rad/s",
                standing: Some(Standing::Assumed),
                from: same(source("leitai")),
            },
            absent(text("热变形", "thermal growth"), text("没有热模型", "there is no thermal model")),
            absent(text("齿隙、关节摩擦", "backlash and joint friction"), text("没有可用的数据", "no figures are at hand")),
            absent(
                text("测量仪器的不确定度", "uncertainty of the measuring instrument"),
                text("位姿精确读取", "poses are read exactly"),
            ),
        ];
        Self {
            joints,
            joint_zero_rad: e.joint_zero_rad.value,
            link_position_m: e.link_position_m.value,
            link_rotation_rad: e.link_rotation_rad.value,
            lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table that ships reads; nothing in it claims to have been verified.
    #[test]
    fn the_table_reads_and_claims_no_more_than_it_may() {
        let figures = Figures::ours().expect("reads");
        assert_eq!(figures.procedure.pose_cycles.value, 30.0);
        assert!(figures.source.iter().all(|source| source.standing != Standing::Verified));
        assert!(figures.drive.windows(2).all(|pair| pair[0].up_to_nm < pair[1].up_to_nm));
    }
}
