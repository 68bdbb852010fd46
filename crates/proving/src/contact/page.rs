//! The report of the contact tests as a page.

use leitai_package::manifest::{Figure, Text};

use super::{Allowed, Report, Strike};
use crate::report::Language;
use crate::sheet::draw::{Line, chart, color};
use crate::sheet::{both, escape, figure, of, page as sheet, section, standing, table};

/// What stands over everything, in both languages.
pub const WARNING: [&str; 2] = [
    "限值未经核实：表中的力限值来自相互不一致的二手资料，没有与标准原文核对。任何证书都不得以本报告为依据。未检验压强。",
    "Limits unverified: the force limits come from secondary pages that disagree with one another and were not compared with the standard's text. No certificate may rest on this report. Pressure was not tested.",
];

/// The page; `seed` is the number from which the draws came.
#[must_use]
pub fn page(report: &Report, seed: u64, language: Language) -> String {
    let title = Text {
        zh: format!("接触检验（参照 ISO/TS 15066，模拟）：{}", report.name.zh),
        en: format!("Contact tests in the manner of ISO/TS 15066, simulated: {}", report.name.en),
    };
    let lead = format!(
        "<p class=\"quiet\">{} · <code>leitai test contact {}</code> · {} {seed} · {}</p>",
        escape(&report.robot),
        escape(&report.robot),
        both("种子", "seed"),
        escape(&crate::engine::version())
    );
    let body = [conditions(report), speeds(report), peaks(report), limits(report)].concat();
    sheet(&title, &lead, Some(&both(WARNING[0], WARNING[1])), &body, language)
}

fn conditions(report: &Report) -> String {
    let place = report.place_m.map(|x| format!("{:.0}", 1e3 * x)).join(", ");
    // Adding zero takes the sign off a zero.
    let along = report.along.map(|x| format!("{:.2}", (100.0 * x).round() / 100.0 + 0.0)).join(", ");
    let f = &report.figures;
    let assumed = |name: (&str, &str), cell: &Figure, unit: &str| {
        vec![both(name.0, name.1), format!("{} {unit}", cell.value), standing(cell.standing)]
    };
    let computed = |name: (&str, &str), value: String| vec![both(name.0, name.1), value, both("计算", "computed")];
    let rows = vec![
        computed(("负载", "Load"), format!("{} kg", report.load_kg)),
        computed(("接触处（基座坐标）", "Place of contact, in the base's frame"), format!("({place}) mm")),
        computed(("运动方向", "Direction of motion"), format!("({along})")),
        computed(
            ("该方向的有效质量（关节刚性）", "Effective mass that way, joints rigid"),
            format!("{:.1} kg", report.effective_mass_kg),
        ),
        computed(("该处能达到的最快接近", "Fastest approach that the arm can make there"), format!("{:.2} m/s", report.most_m_s)),
        computed(
            ("察觉接触的力矩（占额定值）", "Torque at which contact is noticed, share of rated"),
            format!("{:.0} %", 100.0 * report.noticed_share),
        ),
        assumed(("反应时间；然后停止并保持", "Reaction time; then it stops and holds"), &f.reaction_s, "s"),
        assumed(("测量装置的板", "Plate of the device"), &f.plate_kg, "kg"),
        assumed(("装置的阻尼比", "Damping ratio of the device"), &f.device_damping_ratio, ""),
        assumed(("瞬态与准静态的分界", "Transient up to"), &f.measured_s, "s"),
    ];
    let names = [both("项目", "item"), format!(">{}", both("数值", "figure")), both("可信度", "standing")];
    section("1", &both("试验条件", "Test conditions"), &table(&names, &rows))
}

fn allowed(found: &Allowed) -> String {
    match (found.speed_m_s, found.at_least) {
        (0.0, _) => both("不允许", "none"),
        (speed, true) => format!("≥ {speed:.2}"),
        (speed, false) => format!("<b>{speed:.2}</b>"),
    }
}

/// The stroke that a region has in the drawings.
fn stroke(k: usize) -> String {
    let dash = if k >= 6 { " stroke-dasharray=\"4 3\"" } else { "" };
    format!(
        "<svg width=\"22\" height=\"8\" style=\"display:inline\"><line x1=\"0\" x2=\"20\" y1=\"4\" y2=\"4\" stroke=\"{}\" stroke-width=\"2\"{dash}/></svg>",
        color(k)
    )
}

fn speeds(report: &Report) -> String {
    let row = |(k, test): (usize, &super::RegionTest)| {
        vec![
            format!("{} {}", stroke(k), of(&test.region.name)),
            test.transient.as_ref().map_or_else(|| both("不允许瞬态接触", "no transient contact"), allowed),
            test.formula_m_s.map_or_else(String::new, |speed| format!("{speed:.2}")),
            allowed(&test.clamped),
            format!("<b>{}</b> · {}", both("未核实", "unverified"), standing(test.standing)),
        ]
    };
    let names = [
        both("身体部位", "region"),
        format!(">{}", both("自由接触 m/s", "free contact, m/s")),
        format!(">{}", both("公式 F/√(μk) m/s", "by F/√(μk), m/s")),
        format!(">{}", both("夹紧 m/s", "clamped, m/s")),
        both("限值", "limits"),
    ];
    let rows: Vec<_> = report.regions.iter().enumerate().map(row).collect();
    let draw = |what: (&str, &str), pick: &dyn Fn(&super::RegionTest) -> Option<&Strike>| {
        let line = |(k, test): (usize, &super::RegionTest)| {
            let strike = pick(test)?;
            Some(Line { name: String::new(), points: strike.force.clone(), color: k, dashed: k >= 6 })
        };
        let lines: Vec<Line> = report.regions.iter().enumerate().filter_map(line).collect();
        if lines.is_empty() {
            return String::new();
        }
        figure(&chart(&lines, "s", "N", [470.0, 240.0]), &both(what.0, what.1))
    };
    let drawings = format!(
        "<div class=\"row\">{}{}</div>",
        draw(("自由接触，各部位在允许速度下的力", "Free contact at each region's allowed speed"), &|test| {
            test.transient.as_ref().and_then(|found| found.strike.as_ref())
        }),
        draw(("夹紧，各部位在允许速度下的力", "Clamped, at each region's allowed speed"), &|test| test
            .clamped
            .strike
            .as_ref())
    );
    section("2", &both("允许速度（二分搜索）", "Allowed speeds, by bisection"), &format!("{}{drawings}", table(&names, &rows)))
}

fn peaks(report: &Report) -> String {
    let row = |test: &super::RegionTest| {
        let [free, clamped] = &test.at_speed;
        let noticed = clamped.noticed_s.map_or_else(|| both("未察觉", "not noticed"), |s| format!("{:.0}", 1e3 * s));
        vec![
            of(&test.region.name),
            format!("{:.0}", free.peak_n),
            format!("{:.0}", clamped.peak_n),
            format!("{:.0}", clamped.later_n),
            noticed,
        ]
    };
    let names = [
        both("身体部位", "region"),
        format!(">{}", both("自由，峰值 N", "free, peak N")),
        format!(">{}", both("夹紧，峰值 N", "clamped, peak N")),
        format!(">{}", both("夹紧，0.5 s 后 N", "clamped, after 0.5 s, N")),
        format!(">{}", both("夹紧，察觉于 ms", "clamped, noticed after, ms")),
    ];
    let rows: Vec<_> = report.regions.iter().map(row).collect();
    let heading = both(&format!("{:.2} m/s 时的力", report.at_m_s), &format!("Forces at {:.2} m/s", report.at_m_s));
    section("3", &heading, &table(&names, &rows))
}

fn limits(report: &Report) -> String {
    let cell = |cell: &Figure, scale: f64| {
        format!("{} <span class=\"small quiet\">{}</span>", scale * cell.value, standing(cell.standing))
    };
    let row = |test: &super::RegionTest| {
        let r = &test.region;
        vec![
            of(&r.name),
            cell(&r.stiffness_n_m, 1e-3),
            cell(&r.effective_mass_kg, 1.0),
            cell(&r.quasi_static_n, 1.0),
            r.transient_n.as_ref().map_or_else(|| both("不允许", "none permitted"), |figure| cell(figure, 1.0)),
        ]
    };
    let names = [
        both("身体部位", "region"),
        ">N/mm".to_string(),
        ">kg".to_string(),
        format!(">{}", both("准静态 N", "quasi-static N")),
        format!(">{}", both("瞬态 N", "transient N")),
    ];
    let rows: Vec<_> = report.regions.iter().map(row).collect();
    let sources: String = report
        .sources
        .iter()
        .map(|s| {
            format!(
                "<p class=\"small quiet\">{}: {} ({}, {})</p>",
                escape(&s.publisher),
                escape(&s.title),
                escape(&s.date),
                standing(s.standing)
            )
        })
        .collect();
    section(
        "4",
        &both("部位表及其来源（限值未核实）", "The table of regions and its sources; limits unverified"),
        &format!("{}{sources}", table(&names, &rows)),
    )
}
