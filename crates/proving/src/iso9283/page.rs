//! The report of the procedure as a page, in the standard's order.

use leitai_math::Vec3;
use leitai_package::manifest::Text;

use super::{Cube, Report};
use crate::report::Language;
use crate::sheet::draw::{Line, View, chart, cloud};
use crate::sheet::{both, escape, figure, of, page as sheet, section, standing, table};

/// The page; `seed` is the number from which the draws came.
#[must_use]
pub fn page(report: &Report, seed: u64, language: Language) -> String {
    let title = Text {
        zh: format!("ISO 9283 / GB/T 12642 性能检验（模拟）：{}", report.name.zh),
        en: format!("Performance by ISO 9283 / GB/T 12642, simulated: {}", report.name.en),
    };
    let lead = format!(
        "<p class=\"quiet\"><code>leitai test iso9283 {} --load-kg {} --speed {} --cycles {} --seed {seed}{}</code> · {}</p>",
        escape(&report.robot),
        report.load_kg,
        report.at_speed.iter().map(|at| (100.0 * at.share).to_string()).collect::<Vec<_>>().join(","),
        report.cycles,
        if report.void { " --ideal" } else { "" },
        escape(&crate::engine::version())
    );
    let warning = report.void.then(|| {
        both(
            "检验无效：没有模拟任何误差源，AP 与 RP 必然为零，不说明这台机器人的任何性能。",
            "Void: no error source is modeled, so AP and RP are zero of necessity and say nothing about the robot.",
        )
    });
    let body = [
        conditions(report),
        sources(report),
        poses(report),
        directions(report),
        distance(report),
        settling(report),
        not_performed(report),
        paths(report),
        corners(report),
        speeds(report),
        posing(report),
        compliance(report),
    ]
    .concat();
    sheet(&title, &lead, warning.as_deref(), &body, language)
}

fn mm(value: f64) -> String {
    format!("{:.3}", 1e3 * value)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn heads(names: &[(&str, &str)]) -> Vec<String> {
    let head = |(zh, en): &(&str, &str)| {
        let right = zh.starts_with('>');
        format!("{}{}", if right { ">" } else { "" }, both(zh.trim_start_matches('>'), en.trim_start_matches('>')))
    };
    names.iter().map(head).collect()
}

fn conditions(report: &Report) -> String {
    let cube = &report.cube;
    let place = cube.center_m.map(|x| format!("{:.0}", 1e3 * x)).join(", ");
    let fits = cube.recommended_m.map_or_else(
        || both("不足 250 mm", "less than 250 mm"),
        |edge| both(&format!("可容纳推荐棱长 {:.0} mm", 1e3 * edge), &format!("the recommended {:.0} mm fits", 1e3 * edge)),
    );
    let rows = vec![
        vec![
            both("负载", "Load"),
            format!("{} kg", report.load_kg),
            both(
                "法兰上的钢制立方体；测量点在其外侧面中心",
                "a steel cube on the flange; poses are read at the center of its far face",
            ),
        ],
        vec![
            both("试验立方体", "Test cube"),
            format!("{:.0} mm", 1e3 * cube.edge_m),
            format!("{} ({place}) mm · {fits}", both("中心", "center")),
        ],
        vec![
            both("位姿循环", "Pose cycles"),
            report.cycles.to_string(),
            both(
                "P1→P5→P4→P3→P2→P1，单方向接近；第一循环不计",
                "P1→P5→P4→P3→P2→P1, approached from one side; the first cycle is not counted",
            ),
        ],
        vec![
            both("速度", "Speeds"),
            report.at_speed.iter().map(|at| percent(at.share)).collect::<Vec<_>>().join(", "),
            both("各关节额定速度的比例", "of every joint's rated speed"),
        ],
    ];
    let places: Vec<Vec<String>> = cube
        .poses_m
        .iter()
        .enumerate()
        .map(|(k, p)| std::iter::once(format!("P{}", k + 1)).chain(p.iter().map(|x| format!("{:.1}", 1e3 * x))).collect())
        .collect();
    let body = format!(
        "{}<div class=\"row\">{}<div>{}</div></div>",
        table(&heads(&[("项目", "item"), (">数值", ">figure"), ("说明", "remark")]), &rows),
        figure(
            &space(cube),
            &both(
                "试验立方体、斜面 C1-C2-C7-C8、五个位姿与处于 P1 的手臂（关节之间的连线）",
                "Test cube, inclined plane C1-C2-C7-C8, the five poses, and the arm in P1 as lines between its joints"
            )
        ),
        table(&heads(&[("位姿", "pose"), (">x mm", ">x mm"), (">y mm", ">y mm"), (">z mm", ">z mm")]), &places)
    );
    section("1", &both("试验条件", "Test conditions"), &body)
}

/// Cube, plane, poses and arm.
fn space(cube: &Cube) -> String {
    let c = &cube.corners_m;
    let mut view = View::default();
    let reach = c.iter().map(|p| p[0].abs().max(p[1].abs())).fold(0.0, f64::max);
    view.face(
        &[[-0.2, -reach, 0.0], [reach, -reach, 0.0], [reach, reach, 0.0], [-0.2, reach, 0.0]],
        "fill:var(--line);fill-opacity:0.6",
    );
    view.face(&[c[0], c[1], c[6], c[7], c[0]], "fill:var(--s1);fill-opacity:0.16;stroke:var(--s1);stroke-width:1");
    for loop_of in [[0, 1, 2, 3, 0], [4, 5, 6, 7, 4]] {
        view.line(&loop_of.map(|k| c[k]), "stroke:var(--muted);stroke-width:1");
    }
    for k in 0..4 {
        view.line(&[c[k], c[k + 4]], "stroke:var(--muted);stroke-width:1");
    }
    view.line(&cube.arm_m, "stroke:var(--ink);stroke-width:5;stroke-linecap:round;stroke-linejoin:round;stroke-opacity:0.75");
    let p = &cube.poses_m;
    view.line(&[p[0], p[4], p[3], p[2], p[1], p[0]], "stroke:var(--s2);stroke-width:1;stroke-dasharray:4 3");
    for (k, place) in p.iter().enumerate() {
        view.label(*place, &format!("P{}", k + 1));
    }
    view.draw(600.0)
}

/// Four digits, and no more zeros than it takes.
fn short(figure: f64) -> f64 {
    format!("{figure:.3e}").parse().unwrap_or(figure)
}

fn sources(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .error_sources
        .iter()
        .map(|line| {
            let unit = line.unit.replace("N*m", "N·m").replace("kg*m^2", "kg·m²");
            let unit = if unit == "1" { String::new() } else { format!(" {unit}") };
            let size = match line.value {
                None => format!("<b>{}</b>", both("未建模", "not modeled")),
                Some([low, high]) if low == high => format!("{}{unit}", short(low)),
                Some([low, high]) => format!("{} – {}{unit}", short(low), short(high)),
            };
            vec![
                of(&line.name),
                size,
                line.standing.map_or_else(String::new, standing),
                format!("<span class=\"small quiet\">{}</span>", of(&line.from)),
            ]
        })
        .collect();
    let numerical = report.numerical_inertia_kg_m2.iter().copied().fold(0.0, f64::max);
    let note = if numerical > 0.0 {
        format!(
            "<p class=\"small quiet\">{}</p>",
            both(
                &format!("为使 0.5 ms 的步长足够小，部分减速器的扭转上加了至多 {numerical:.4} kg·m² 的惯量；静止时没有影响。"),
                &format!(
                    "So that steps of 0.5 ms are short enough, up to {numerical:.4} kg·m² was added to the twist of some reducers; at rest it has no effect."
                )
            )
        )
    } else {
        String::new()
    };
    let stated = report.stated.as_ref().map_or_else(String::new, |stated| {
        let (said, found) = (mm(stated.stated_m), mm(stated.found_m));
        let more = match (report.void, stated.incomplete) {
            (false, true) => both("远小于所述：误差模型不完整。", "Far below what is stated: the error model is incomplete."),
            _ => String::new(),
        };
        let text = both(
            &format!("厂家所述重复性 {said} mm；模型在首个速度下的最大 RP 为 {found} mm。误差源为假定值，此比较不能证实或否定厂家的数据。"),
            &format!("The maker states a repeatability of {said} mm; the model's greatest RP at the first speed is {found} mm. The error sources are assumed, so this neither bears out nor contradicts the maker."),
        );
        format!("<p>{text} {more}</p>")
    });
    let lead = format!(
        "<p>{}</p>",
        both(
            "没有误差源的仿真每次都精确重复；下列各项决定了本报告的所有数值。",
            "A simulation without error sources repeats exactly; what is listed here decides every figure of this report."
        )
    );
    let body = if rows.is_empty() {
        format!("<p><b>{}</b></p>{stated}", both("无", "None"))
    } else {
        format!(
            "{lead}{}{note}{stated}",
            table(&heads(&[("误差源", "error source"), ("数值", "size"), ("可信度", "standing"), ("来源", "from")]), &rows)
        )
    };
    section("2", &both("模拟的误差源", "Error sources modeled"), &body)
}

/// Attained places of one pose about their barycenter, seen along the tool: right is y of the base, up is up in the plane.
fn in_plane(attained: &[[f64; 3]]) -> Vec<[f64; 2]> {
    let points: Vec<Vec3> = attained.iter().map(|p| Vec3::from_slice(p)).collect();
    let center = super::formulas::mean(&points);
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let up = Vec3::new(half, 0.0, half);
    points.iter().map(|p| *p - center).map(|p| [-1e6 * p.y, 1e6 * p.dot(up)]).collect()
}

fn poses(report: &Report) -> String {
    let mut rows = Vec::new();
    for at in &report.at_speed {
        for (k, pose) in at.poses.poses.iter().enumerate() {
            let three = |values: [f64; 3], scale: f64| values.map(|x| format!("{:.3}", scale * x)).join(", ");
            rows.push(vec![
                if k == 0 { format!("<b>{}</b>", percent(at.share)) } else { String::new() },
                format!("P{}", k + 1),
                mm(pose.ap_m),
                three(pose.ap_xyz_m, 1e3),
                three(pose.ap_abc_rad, 1e3),
                format!("<b>{}</b>", mm(pose.rp_m)),
                format!("{} – {}", mm(pose.rp_interval_m[0]), mm(pose.rp_interval_m[1])),
                three(pose.rp_abc_rad, 1e3),
            ]);
        }
    }
    let names = [
        ("速度", "speed"),
        ("位姿", "pose"),
        (">AP mm", ">AP mm"),
        (">APx, APy, APz mm", ">APx, APy, APz mm"),
        (">APa, APb, APc mrad", ">APa, APb, APc mrad"),
        (">RP mm", ">RP mm"),
        (">RP 的 95 % 区间 mm", ">95 % interval of RP, mm"),
        (">±RPa, RPb, RPc mrad", ">±RPa, RPb, RPc mrad"),
    ];
    let drawings: String = report.at_speed.first().map_or_else(String::new, |at| {
        let most = at.poses.poses.iter().map(|pose| 1e6 * pose.rp_m).fold(0.0, f64::max);
        let draw = |(k, pose): (usize, &super::formulas::PoseFigures)| {
            cloud(&in_plane(&pose.attained_m), 1e6 * pose.rp_m, most, &format!("P{}", k + 1), "µm")
        };
        at.poses.poses.iter().enumerate().map(draw).collect()
    });
    let caption = both(
        "首个速度下实到位姿相对其重心的位置，沿工具方向看；虚线圆的半径为 RP",
        "Attained places about their barycenter at the first speed, seen along the tool; the dashed circle's radius is RP",
    );
    let body = format!("{}{}", table(&heads(&names), &rows), figure(&format!("<div class=\"row\">{drawings}</div>"), &caption));
    section("3", &both("位姿准确度 AP 与重复性 RP", "Pose accuracy AP and repeatability RP"), &body)
}

fn directions(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .directions
        .iter()
        .map(|line| vec![format!("P{}", line.pose), mm(line.vap_m), format!("{:.4}", 1e3 * line.vap_rad)])
        .collect();
    let body = format!(
        "<p class=\"small quiet\">{}</p>{}",
        both("沿基座 x、y、z 三个方向接近，额定速度", "Approached along x, y and z of the base, at rated speed"),
        table(&heads(&[("位姿", "pose"), (">vAP mm", ">vAP mm"), (">姿态 mrad", ">attitude mrad")]), &rows)
    );
    section("4", &both("多方向位姿准确度变动 vAP", "Multi-directional pose accuracy variation vAP"), &body)
}

fn distance(report: &Report) -> String {
    let row = |at: &super::AtSpeed| {
        let d = &at.poses.distance;
        vec![percent(at.share), format!("{:.1}", 1e3 * d.commanded_m), mm(d.ad_m), format!("±{}", mm(d.rd_m))]
    };
    let names = [("速度", "speed"), (">指令距离 mm", ">commanded mm"), (">AD mm", ">AD mm"), (">RD mm", ">RD mm")];
    let rows: Vec<_> = report.at_speed.iter().map(row).collect();
    section(
        "5",
        &both("距离准确度 AD 与重复性 RD（P2–P4）", "Distance accuracy AD and repeatability RD, P2–P4"),
        &table(&heads(&names), &rows),
    )
}

fn settling(report: &Report) -> String {
    let row = |at: &super::AtSpeed| {
        let p = &at.poses;
        vec![
            percent(at.share),
            format!("{:.3}", p.stabilization_s),
            mm(p.overshoot_m),
            format!("±{}", mm(p.band_m)),
            format!("{:.1} %", 100.0 * p.saturated_share),
        ]
    };
    let names = [
        ("速度", "speed"),
        (">稳定时间 t s", ">stabilization time t, s"),
        (">超调 OV mm", ">overshoot OV mm"),
        (">门限带 mm", ">band mm"),
        (">驱动器达到额定力矩的时间", ">time with a drive at its rated torque"),
    ];
    let rows: Vec<_> = report.at_speed.iter().map(row).collect();
    section("6–7", &both("位姿稳定时间与超调（P1）", "Pose stabilization time and overshoot, P1"), &table(&heads(&names), &rows))
}

fn not_performed(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report.not_performed.iter().map(|line| vec![of(&line.what), of(&line.why)]).collect();
    let left: Vec<Vec<String>> =
        report.at_speed.iter().flat_map(|at| at.paths.left_out.iter().map(|why| vec![percent(at.share), escape(why)])).collect();
    let all = [rows, left].concat();
    section(
        "8–9",
        &both("未检验的特性", "Characteristics not tested"),
        &table(&heads(&[("特性", "characteristic"), ("原因", "reason")]), &all),
    )
}

fn path_name(path: &str) -> (&'static str, &'static str) {
    match path {
        "line" => ("直线", "line"),
        "circle-large" => ("大圆", "large circle"),
        _ => ("小圆", "small circle"),
    }
}

fn paths(report: &Report) -> String {
    let mut rows = Vec::new();
    for at in &report.at_speed {
        for test in &at.paths.paths {
            let (zh, en) = path_name(test.path);
            rows.push(vec![
                percent(at.share),
                both(zh, en),
                format!("{:.0}", 1e3 * test.length_m),
                format!("{:.3}", test.commanded_m_s),
                mm(test.at_m),
                mm(test.rt_m),
                format!("{:.3}", 1e3 * test.at_rad),
            ]);
        }
    }
    let names = [
        ("速度", "speed"),
        ("轨迹", "path"),
        (">长度 mm", ">length mm"),
        (">指令速度 m/s", ">commanded m/s"),
        (">AT mm", ">AT mm"),
        (">RT mm", ">RT mm"),
        (">姿态偏差 mrad", ">attitude mrad"),
    ];
    let mut drawings = String::new();
    for path in ["line", "circle-large", "circle-small"] {
        let (zh, en) = path_name(path);
        for (side, (zh_side, en_side)) in
            [("平面内", "in the plane"), ("垂直于平面", "square to the plane")].into_iter().enumerate()
        {
            let line = |(k, at): (usize, &super::AtSpeed)| {
                let test = at.paths.paths.iter().find(|test| test.path == path)?;
                let n = test.deviation_m.len() as f64;
                let points = test
                    .deviation_m
                    .iter()
                    .enumerate()
                    .map(|(i, d)| [100.0 * (i as f64 + 1.0) / (n + 1.0), 1e3 * d[side]])
                    .collect();
                Some(Line { name: percent(at.share), points, color: k, dashed: false })
            };
            let lines: Vec<Line> = report.at_speed.iter().enumerate().filter_map(line).collect();
            if !lines.is_empty() {
                let drawing = chart(&lines, "%", "mm", [470.0, 190.0]);
                drawings += &figure(&drawing, &both(&format!("{zh}，{zh_side}"), &format!("{en}, {en_side}")));
            }
        }
    }
    let body = format!(
        "{}<p class=\"small quiet\">{}</p><div class=\"row\">{drawings}</div>",
        table(&heads(&names), &rows),
        both(
            "平均实到轨迹相对指令轨迹的偏差，横轴为轨迹的百分数",
            "Mean attained path less the commanded one, over the share of the path"
        )
    );
    section("10", &both("轨迹准确度 AT 与重复性 RT", "Path accuracy AT and repeatability RT"), &body)
}

fn corners(report: &Report) -> String {
    let row = |at: &super::AtSpeed| {
        let c = at.paths.corners.as_ref()?;
        Some(vec![
            percent(at.share),
            format!("{:.3}", c.commanded_m_s),
            format!("{:.1}", 1e3 * c.radius_m),
            mm(c.cr_m),
            mm(c.co_m),
        ])
    };
    let names = [
        ("速度", "speed"),
        (">指令速度 m/s", ">commanded m/s"),
        (">指令圆角半径 mm", ">commanded radius mm"),
        (">CR mm", ">CR mm"),
        (">CO mm", ">CO mm"),
    ];
    let rows: Vec<_> = report.at_speed.iter().filter_map(row).collect();
    section(
        "12",
        &both("拐角偏差 CR、CO（矩形 P2-P3-P4-P5）", "Cornering deviations CR and CO, rectangle P2-P3-P4-P5"),
        &table(&heads(&names), &rows),
    )
}

fn speeds(report: &Report) -> String {
    let mut rows = Vec::new();
    for at in &report.at_speed {
        for test in &at.paths.paths {
            let (zh, en) = path_name(test.path);
            let share = |x: f64| format!("{:.3}", 100.0 * x);
            rows.push(vec![
                percent(at.share),
                both(zh, en),
                format!("{:.3}", test.commanded_m_s),
                share(test.av),
                format!("±{}", share(test.rv)),
                share(test.fv),
            ]);
        }
    }
    let names = [
        ("速度", "speed"),
        ("轨迹", "path"),
        (">指令速度 m/s", ">commanded m/s"),
        (">AV %", ">AV %"),
        (">RV %", ">RV %"),
        (">FV %", ">FV %"),
    ];
    section("13", &both("轨迹速度特性 AV、RV、FV", "Path velocity AV, RV, FV"), &table(&heads(&names), &rows))
}

fn posing(report: &Report) -> String {
    let row = |line: &super::PosingTime| {
        vec![format!("{:.0}", 1e3 * line.distance_m), format!("{:.3}", line.time_s), format!("{:.3}", line.commanded_s)]
    };
    let names = [(">距离 mm", ">distance mm"), (">时间 s", ">time s"), (">其中指令运动 s", ">of that commanded, s")];
    let rows: Vec<_> = report.posing_times.iter().map(row).collect();
    section("14", &both("最小定位时间（自 P1 向 P2）", "Minimum posing time, from P1 towards P2"), &table(&heads(&names), &rows))
}

fn compliance(report: &Report) -> String {
    let name = |along: [f64; 3]| {
        let axis = ["x", "y", "z"].iter().zip(along).find(|(_, part)| *part != 0.0);
        axis.map_or_else(String::new, |(name, part)| format!("{}{name}", if part < 0.0 { "−" } else { "+" }))
    };
    let row = |line: &super::Compliance| {
        vec![
            name(line.along),
            line.compliance_m_n.map_or_else(|| "–".to_string(), |compliance| format!("{:.2}", 1e6 * compliance)),
            match (line.forces_n.last().copied().unwrap_or(0.0), line.gave_way_n) {
                (held, None) => format!("{held:.1}"),
                (held, Some(_)) => format!("{held:.1}{}", both("，再大则驱动到限", ", then drives at their limit")),
            },
        ]
    };
    let rows: Vec<_> = report.compliance.iter().map(row).collect();
    let line = |(k, test): (usize, &super::Compliance)| {
        let along = Vec3::from_slice(&test.along);
        let moved = test.moved_m.iter().map(|moved| 1e6 * Vec3::from_slice(moved).dot(along));
        let points = std::iter::once([0.0, 0.0]).chain(test.forces_n.iter().copied().zip(moved).map(|(f, m)| [f, m])).collect();
        Line { name: name(test.along), points, color: k, dashed: k % 2 == 1 }
    };
    let lines: Vec<Line> = report.compliance.iter().enumerate().map(line).collect();
    let drawing = if lines.is_empty() {
        String::new()
    } else {
        figure(&chart(&lines, "N", "µm", [470.0, 230.0]), &both("位移随力的变化", "Displacement over force"))
    };
    let body = format!(
        "<p class=\"small quiet\">{}</p><div class=\"row\"><div>{}</div>{drawing}</div>",
        both(
            "在 P1，伺服接通，力作用于负载中心，分十级加至负载的重量",
            "In P1 with the servo on, a force on the load's center in ten steps up to its weight"
        ),
        table(&heads(&[("方向", "direction"), (">柔顺性 µm/N", ">compliance µm/N"), (">至 N", ">up to N")]), &rows)
    );
    section("15", &both("静态柔顺性", "Static compliance"), &body)
}

#[cfg(test)]
mod tests {
    use super::short;

    /// Arithmetic: rounded to four digits, whatever the size.
    #[test]
    fn figures_are_short() {
        assert_eq!([0.000_290_888_208_665_721_6, 370_000.0, 20.0, 0.0].map(short), [0.000_290_9, 370_000.0, 20.0, 0.0]);
    }
}
