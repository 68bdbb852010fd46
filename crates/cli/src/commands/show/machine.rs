//! Pages of robots and parts.

use leitai_package::manifest::{Figure, PartManifest, RobotManifest};

use super::{Page, standing};
use crate::commands::list::class;
use crate::text::{Table, number, wrap};

/// A robot's page.
pub fn robot(mut page: Page, m: &RobotManifest) -> String {
    let context = page.context;
    let robot = &m.robot;
    let joints = format!("{} {}", robot.dof, context.say("轴", "joints"));
    page.title(&robot.id, &robot.name, &[context.of(&robot.maker).to_string(), joints, robot.sectors.join(", ")]);

    let grade = &robot.dynamics_grade;
    page.section("动力学数据", "Dynamics data");
    let text = format!(
        "{} {:?} (±{} %, {}): {}",
        context.say("等级", "grade"),
        grade.grade,
        number(grade.tolerance * 100.0),
        standing(context, grade.standing),
        context.of(&grade.reason)
    );
    page.text += &format!("{}\n", wrap(&text, crate::text::columns(), 0));

    page.claims(&m.claim);

    page.section("关节能力（约束试验）", "What the joints can do (binds every trial)");
    let mut table = Table::new(context.say(
        &["关节", ">力矩 N·m", ">速度 rad/s", ">下限 rad", ">上限 rad"],
        &["joint", ">torque N·m", ">speed rad/s", ">from rad", ">to rad"],
    ));
    let limits = &m.limits;
    for (i, joint) in m.interface.joints.iter().enumerate() {
        table.row(vec![
            joint.clone(),
            number(limits.torque_nm.value[i]),
            number(limits.speed_rad_s.value[i]),
            number(limits.position_rad.low[i]),
            number(limits.position_rad.high[i]),
        ]);
    }
    page.table(&table);
    let from = |what: (&str, &str), s: leitai_package::manifest::Standing, source: &str| {
        format!("{} {} ({source})", context.say(what.0, what.1), standing(context, s))
    };
    let torque = from(("力矩", "torque"), limits.torque_nm.standing, &limits.torque_nm.source);
    let speed = from(("速度", "speed"), limits.speed_rad_s.standing, &limits.speed_rad_s.source);
    let range = from(("范围", "range"), limits.position_rad.standing, &limits.position_rad.source);
    page.text += &format!("{torque} · {speed} · {range}\n");

    if !m.drive_train.is_empty() {
        page.section("传动链（试验中位于控制器与关节之间）", "Drive trains (between controller and joint in every trial)");
        let mut table = Table::new(context.say(
            &["关节", "电机", "减速器", "驱动器", ">环境 °C", ">起始 °C"],
            &["joint", "motor", "reducer", "drive", ">around °C", ">at start °C"],
        ));
        for train in &m.drive_train {
            let parts = [&train.joint, &train.motor, &train.reducer, &train.drive].map(String::clone);
            let temperatures = [&train.ambient_c, &train.start_c].map(|figure| number(figure.value));
            table.row(parts.into_iter().chain(temperatures).collect());
        }
        page.table(&table);
    }

    page.assumptions(&m.assumption);
    page.sources(&m.source);
    page.text
}

/// A part's page.
pub fn part(mut page: Page, m: &PartManifest) -> String {
    let context = page.context;
    page.title(&m.part.id, &m.part.name, &[context.of(&m.part.maker).to_string(), class(context, m.part.class).to_string()]);
    let figures: Vec<(&str, &Figure)> = match (&m.clamp, &m.suction) {
        (Some(c), _) => vec![
            ("opening_min_m", &c.opening_min_m),
            ("opening_max_m", &c.opening_max_m),
            ("jaw_stroke_m", &c.jaw_stroke_m),
            ("grip_force_n", &c.grip_force_n),
            ("jaw_speed_m_s", &c.jaw_speed_m_s),
            ("pad_friction", &c.pad_friction),
            ("pad_width_m", &c.pad_width_m),
            ("pad_height_m", &c.pad_height_m),
            ("jaw_thickness_m", &c.jaw_thickness_m),
            ("jaw_below_grip_m", &c.jaw_below_grip_m),
        ],
        (None, Some(s)) => [
            ("cup_radius_m", &s.cup_radius_m),
            ("pressure_pa", &s.pressure_pa),
            ("efficiency", &s.efficiency),
            ("pull_limit_n", &s.pull_limit_n),
            ("shear_limit_n", &s.shear_limit_n),
            ("peel_limit_nm", &s.peel_limit_nm),
            ("seal_distance_m", &s.seal_distance_m),
            ("seal_angle_rad", &s.seal_angle_rad),
            ("evacuate_s", &s.evacuate_s),
        ]
        .into_iter()
        .chain(m.blade.iter().flat_map(|b| [("clearance_m", &b.clearance_m), ("lift_m", &b.lift_m)]))
        .collect(),
        (None, None) => m.sheets().into_iter().flat_map(|(_, sheet)| sheet).map(|(name, figure, _, _)| (name, figure)).collect(),
    };
    page.section("数据（名称以单位结尾）", "Figures (each name ends in its unit)");
    let mut table = Table::new(context.say(&["数据", ">数值", "可信度", "来源"], &["figure", ">value", "standing", "source"]));
    for (name, figure) in figures {
        let standing = standing(context, figure.standing).to_string();
        table.row(vec![name.to_string(), number(figure.value), standing, figure.source.clone()]);
    }
    page.table(&table);
    page.claims(&m.claim);
    page.assumptions(&m.assumption);
    page.sources(&m.source);
    page.text
}
