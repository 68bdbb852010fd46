//! What figures are called on a page, and the unit a person reads them in.

use std::f64::consts::PI;

use crate::metric::{Predicate, Relation};
use crate::report::Text;

/// How a metric is shown. Every metric is the worst of its trial.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub name: Text,
    /// May be empty.
    pub unit: &'static str,
    /// What the stored number is multiplied with.
    pub scale: f64,
    /// After the decimal point.
    pub digits: u8,
}

/// Metric, Chinese, English, unit, scale, digits.
const METRICS: &[(&str, &str, &str, &str, f64, u8)] = &[
    ("placement_offset_m", "放置偏差", "Placement offset", "mm", 1e3, 2),
    ("placement_angle_rad", "放置转角", "Placement angle", "°", 180.0 / PI, 2),
    ("stack_shift_m", "垛体位移", "Stack shift", "mm", 1e3, 2),
    ("pieces_per_hour", "节拍", "Throughput", "1/h", 1.0, 0),
    ("dropped_pieces", "掉落件数", "Pieces dropped", "", 1.0, 0),
    ("missed_pieces", "未到位件数", "Pieces not brought to their place", "", 1.0, 0),
    ("piece_force_n", "工件受夹持力", "Force of the tool on a piece", "N", 1.0, 0),
    ("slip_m", "工件在工具中滑移", "Slip of a held piece", "mm", 1e3, 3),
    ("held_acceleration_m_s2", "工件加速度", "Acceleration of a held piece", "m/s²", 1.0, 2),
    ("pieces_offered", "送达口边的食物块数", "Pieces offered", "", 1.0, 0),
    ("spill_share", "洒落比例", "Share spilled", "%", 100.0, 1),
    ("mouth_error_m", "口部位置误差", "Distance from the mouth", "mm", 1e3, 1),
    ("lip_force_n", "唇部受力峰值", "Peak force on the lips", "N", 1.0, 2),
    ("head_force_n", "头部受力峰值", "Peak force on the head", "N", 1.0, 2),
    ("insertion_depth_m", "插入深度", "Insertion depth", "mm", 1e3, 2),
    ("contact_force_n", "接触力峰值", "Peak contact force", "N", 1.0, 1),
    ("force_rms_error_n", "沿路径力误差均方根", "RMS force error along the path", "N", 1.0, 2),
    ("normal_error_rad", "法向误差最大值", "Greatest normal error", "°", 180.0 / PI, 2),
    ("coverage", "覆盖率", "Coverage", "%", 100.0, 1),
    ("lift_off_share", "脱离接触时间占比", "Share of time lifted off", "%", 100.0, 2),
    ("removal_variation", "去除量变异系数", "Variation of removal", "%", 100.0, 1),
    ("removal_deepest_m", "最大去除深度", "Deepest removal", "µm", 1e6, 1),
    ("cycle_time_s", "循环时间", "Cycle time", "s", 1.0, 1),
    ("pieces_brought", "到位件数", "Pieces brought to their place", "", 1.0, 0),
    ("press_force_n", "下压力", "Force on held piece", "N", 1.0, 0),
    ("clash_force_n", "碰撞力", "Force on the cell", "N", 1.0, 0),
    ("tracking_rad", "跟踪误差", "Tracking error", "°", 180.0 / PI, 2),
    ("contact_signorini_m", "接触重叠或间隙（仿真残差）", "Contact overlap or gap (simulation residual)", "mm", 1e3, 3),
    ("contact_coulomb_n", "超出摩擦锥（仿真残差）", "Friction beyond its cone (simulation residual)", "N", 1.0, 3),
    ("contact_dissipation_w", "耗散不足（仿真残差）", "Dissipation missing (simulation residual)", "W", 1.0, 3),
];

/// How the metric of this name is shown; an unknown one by its own name.
pub(super) fn metric(name: &str) -> Shown {
    match METRICS.iter().find(|m| m.0 == name) {
        Some(&(_, zh, en, unit, scale, digits)) => Shown { name: Text::new(zh, en), unit, scale, digits },
        None => Shown { name: Text::same(name), unit: unit(name), scale: 1.0, digits: 3 },
    }
}

/// A predicate in words with its figures: `Placement offset ≤ 5 mm`.
pub(super) fn predicate(predicate: &Predicate) -> Text {
    let shown = metric(&predicate.metric);
    let sign = match predicate.relation {
        Relation::AtMost => "≤",
        Relation::AtLeast => "≥",
        Relation::Below => "<",
        Relation::Above => ">",
        Relation::Equal => "=",
    };
    let limit = with_unit(predicate.limit * shown.scale, shown.unit);
    Text::new(format!("{} {sign} {limit}", shown.name.zh), format!("{} {sign} {limit}", shown.name.en))
}

/// Endings of names and the units they stand for; longer endings first.
const UNITS: &[(&str, &str)] = &[
    ("_rad_s2", "rad/s²"),
    ("_m_s2", "m/s²"),
    ("_rad_s", "rad/s"),
    ("_m_s", "m/s"),
    ("_nm", "N·m"),
    ("_kg", "kg"),
    ("_rad", "rad"),
    ("_hz", "Hz"),
    ("_pa", "Pa"),
    ("_w", "W"),
    ("_m", "m"),
    ("_n", "N"),
    ("_s", "s"),
    ("_g", "g"),
];

/// The unit in which a name ends.
pub(super) fn unit(name: &str) -> &'static str {
    UNITS.iter().find(|(ending, _)| name.ends_with(ending)).map_or("", |(_, unit)| unit)
}

/// A unit as written in manifests, as people write it.
pub(super) fn written(unit: &str) -> String {
    match unit {
        "1" => String::new(),
        other => other.replace("^2", "²").replace("^3", "³").replace('*', "·"),
    }
}

/// A number with at most five significant digits, and its unit.
pub(super) fn with_unit(value: f64, unit: &str) -> String {
    let number = short(value);
    match unit {
        "" => number,
        "°" => format!("{number}°"),
        unit => format!("{number} {unit}"),
    }
}

/// At most five significant digits, without a trailing zero.
pub(super) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_string();
    }
    let digits = (4 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// Names of figures in manifests, by the last part of their path.
const FIGURES: &[(&str, &str, &str)] = &[
    ("torque_nm", "关节力矩上限", "Joint torque limits"),
    ("speed_rad_s", "关节速度上限", "Joint speed limits"),
    ("acceleration_rad_s2", "关节加速度上限", "Joint acceleration limits"),
    ("position_rad", "关节行程", "Joint ranges"),
    ("dynamics_grade", "动力学等级与容差", "Dynamics grade and tolerance"),
    ("payload_kg", "额定负载（厂家声明）", "Rated payload (maker's claim)"),
    ("payload_newer_kg", "较新一代的额定负载（厂家声明）", "Rated payload of newer generations (maker's claim)"),
    ("reach_m", "臂展（厂家声明）", "Reach (maker's claim)"),
    ("mass_kg", "质量（厂家声明）", "Mass (maker's claim)"),
    ("repeatability_m", "重复定位精度（厂家声明）", "Repeatability (maker's claim)"),
    ("grip_force_n", "每爪夹紧力", "Grip force of each jaw"),
    ("jaw_below_grip_m", "夹爪伸出夹持中心以下", "Jaws below the grip center"),
    ("jaw_speed_m_s", "夹爪速度", "Jaw speed"),
    ("jaw_stroke_m", "夹爪行程", "Jaw stroke"),
    ("jaw_thickness_m", "夹爪厚度", "Jaw thickness"),
    ("opening_max_m", "最大开口", "Opening when open"),
    ("opening_min_m", "最小开口", "Opening when closed"),
    ("pad_friction", "夹垫摩擦系数", "Friction of the pads"),
    ("pad_height_m", "夹垫高度", "Pad height"),
    ("pad_width_m", "夹垫宽度", "Pad width"),
    ("cup_radius_m", "吸盘半径", "Cup radius"),
    ("efficiency", "吸附效率", "Suction efficiency"),
    ("evacuate_s", "抽真空时间", "Time to vacuum"),
    ("peel_limit_nm", "吸盘剥离力矩上限", "Peel limit of a cup"),
    ("pressure_pa", "真空度", "Vacuum"),
    ("pull_limit_n", "吸盘拉力上限", "Pull limit of a cup"),
    ("seal_angle_rad", "可密封角度", "Sealing angle"),
    ("seal_distance_m", "可密封距离", "Sealing distance"),
    ("shear_limit_n", "吸盘剪力上限", "Shear limit of a cup"),
    ("contact", "接触刚度", "Contact stiffness"),
    ("friction", "摩擦系数", "Friction"),
    ("size_m", "尺寸", "Size"),
    ("stability", "稳定性检验", "Stability check"),
    ("block_mass_kg", "砌块质量", "Block mass"),
    ("piece_mass_kg", "单块食物质量", "Mass of a piece of food"),
    ("bottle_mass_kg", "瓶子质量", "Mass of a bottle"),
    ("carton_mass_kg", "纸盒质量", "Mass of a carton"),
    ("long_carton_mass_kg", "长纸盒质量", "Mass of a long carton"),
    ("tin_mass_kg", "罐头质量", "Mass of a tin"),
    ("wafer_mass_kg", "晶圆质量", "Mass of a wafer"),
    ("piece_mass_scale", "工件质量偏差（倍数）", "Mass of each piece (factor)"),
    ("piece_size_m", "工件尺寸偏差", "Size of each piece (added)"),
    ("piece_position_m", "工件初始位置偏差", "Place of each piece (added)"),
    ("piece_yaw_rad", "工件初始转角偏差", "Turn of each piece (added)"),
    ("site_tilt_rad", "底座倾斜角", "Tilt of the ground"),
    ("site_tilt_azimuth_rad", "底座倾斜方向", "Direction of that tilt"),
    ("site_position_m", "工位位置偏差", "Place of each site (added)"),
    ("sensor_offset_m", "传感器位置误差", "Shift of the sensor"),
    ("sensor_turn_rad", "传感器姿态误差", "Turn of the sensor"),
    ("tool_friction", "工具表面摩擦系数", "Friction of the tool's surfaces"),
    ("site_friction", "工位表面摩擦系数", "Friction at each site"),
    ("site_size_scale", "工位处物体尺寸偏差（倍数）", "Size of what is at each site (factor)"),
    ("removal_scale", "刀具磨损（去除率倍数）", "Wear of the tool (factor on removal)"),
    ("preston_1_pa", "普雷斯顿系数", "Preston's coefficient"),
    ("rim_speed_m_s", "刀盘轮缘速度", "Speed of the tool's rim"),
    ("clearance_m", "间隙", "Clearance"),
    ("lift_m", "叶片抬升量", "Lift of a blade"),
    ("sensor_dust", "传感器积尘（0 净，1 满）", "Dust on the sensors (0 clean, 1 full)"),
    ("robot_base_position_m", "机器人安装位置偏差", "Place of the robot's base (added)"),
    ("robot_base_rotation_rad", "机器人安装姿态偏差", "Turn of the robot's base (added)"),
    ("joint_friction_scale", "关节摩擦偏差（倍数）", "Friction of each joint (factor)"),
    ("control_latency_steps", "控制延迟（步）", "Control latency (steps)"),
    ("motion_amplitude_m", "自发运动幅值（m）", "Amplitude of what moves of itself (m)"),
    ("motion_frequency_hz", "自发运动频率（Hz）", "Frequency of what moves of itself (Hz)"),
    ("motion_phase_rad", "自发运动相位（rad）", "Phase of what moves of itself (rad)"),
    ("joint_stiffness_n_m", "弹性支撑刚度（N/m）", "Stiffness of a sprung slide (N/m)"),
    ("joint_damping_n_s_m", "弹性支撑阻尼（N·s/m）", "Damping of a sprung slide (N·s/m)"),
    ("joint_acceleration", "规划用关节加速度（厂家未公布时）", "Joint acceleration planned for, where none is published"),
    ("planned_share", "规划时使用的限值比例", "Share of the limits that motions are planned for"),
    ("acceleration_rise", "加速度建立时间", "Time to full acceleration"),
    ("rest_speed", "低于此速度视为静止", "Speed below which a body rests"),
];

/// The name of the figure of this key; an unknown one by its key.
pub(super) fn figure(key: &str) -> Text {
    FIGURES.iter().find(|f| f.0 == key).map_or_else(|| Text::same(key), |&(_, zh, en)| Text::new(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(predicate(&"placement_offset_m <= 0.005".parse().expect("a predicate")).en, "Placement offset ≤ 5 mm");
        assert_eq!(predicate(&"placement_angle_rad <= 0.03490658503988659".parse().expect("a predicate")).zh, "放置转角 ≤ 2°");
        assert_eq!(
            [short(300.0), short(0.000_05), short(2.094_395_1), short(0.0), short(-0.02)],
            ["300", "0.00005", "2.0944", "0", "-0.02"]
        );
        assert_eq!([unit("torque_nm"), unit("speed_rad_s"), unit("reach_m"), unit("efficiency")], ["N·m", "rad/s", "m", ""]);
        assert_eq!(written("kg*m^2"), "kg·m²");
    }
}
