//! `leitai test iso9283`: performance by the standard's procedure, in simulation.

use leitai_math::Seed;
use leitai_proving::iso9283::{self, Options, Report, page};
use serde_json::{Value, json};

use super::{package, robot, trains, write};
use crate::arguments::Iso9283;
use crate::commands::show::standing;
use crate::commands::view::page_language;
use crate::context::{Context, json as document, program};
use crate::failure::{Exit, Failure};
use crate::text::{Table, columns, figure, number, wrap};

/// Runs the procedure; exit code 4 if it was void.
pub fn run(context: &Context, arguments: &Iso9283) -> Result<Exit, Failure> {
    let word = &arguments.robot;
    let found = robot(context, word)?;
    let (manifest, spec) = package(context, word, &found)?;
    let options = Options {
        load_kg: arguments.load_kg.kg(),
        trains: trains(context, word, manifest)?,
        speeds: arguments.speed.iter().map(|percent| percent / 100.0).collect(),
        cycles: arguments.cycles,
        ideal: arguments.ideal,
        seed: Seed::from_number(arguments.seed),
    };
    let told = |share: f64| {
        context.note(&context.say(format!("已完成 {:.0} %", 100.0 * share), format!("{:.0} % done", 100.0 * share)));
    };
    let report = iso9283::run(manifest, spec, &options, &told).map_err(|error| Failure {
        exit: Exit::Usage,
        what: format!("{word}: {error}"),
        next: format!("{} test iso9283 --help", program()),
    })?;
    let text = text(context, &report, arguments.seed);
    let value = with_run(&report, arguments.seed, found.digest.map(|digest| digest.to_string()));
    if let Some(folder) = &arguments.out {
        let language = page_language(context);
        write(context, folder, &[("report.html", &page::page(&report, arguments.seed, language)), ("report.txt", &text)])?;
        write(context, folder, &[("report.json", &document(&value))])?;
    }
    context.print(&value, &text)?;
    Ok(if report.void { Exit::Undecided } else { Exit::Good })
}

/// The report with what makes it again.
fn with_run(report: &Report, seed: u64, digest: Option<String>) -> Value {
    let engine = leitai_proving::engine::version();
    json!({ "procedure": "iso9283", "standard": "ISO 9283:1998 = GB/T 12642-2013", "engine": engine, "seed": seed,
        "model_digest": digest, "report": report })
}

fn mm(value: f64) -> String {
    format!("{:.3}", 1e3 * value)
}

fn text(context: &Context, report: &Report, seed: u64) -> String {
    let say = |zh: &'static str, en: &'static str| context.say(zh, en);
    let mut text = format!(
        "{} · {}\nISO 9283:1998 = GB/T 12642-2013 · {}\n\n",
        report.robot,
        context.of(&report.name),
        say("模拟，未经实物测量", "simulated; nothing was measured on a machine")
    );
    if report.void {
        text += &format!(
            "{}\n\n",
            say(
                "检验无效：没有模拟任何误差源，AP 与 RP 必然为零，不说明这台机器人的任何性能。",
                "VOID: no error source is modeled, so AP and RP are zero of necessity and say nothing about the robot."
            )
        );
    }
    let cube = &report.cube;
    text += &context.say(
        format!(
            "负载 {} kg · 试验立方体棱长 {:.0} mm，中心 ({:.0}, {:.0}, {:.0}) mm · {} 个循环 · 种子 {seed}\n\n",
            number(report.load_kg),
            1e3 * cube.edge_m,
            1e3 * cube.center_m[0],
            1e3 * cube.center_m[1],
            1e3 * cube.center_m[2],
            report.cycles
        ),
        format!(
            "Load {} kg · test cube of {:.0} mm about ({:.0}, {:.0}, {:.0}) mm · {} cycles · seed {seed}\n\n",
            number(report.load_kg),
            1e3 * cube.edge_m,
            1e3 * cube.center_m[0],
            1e3 * cube.center_m[1],
            1e3 * cube.center_m[2],
            report.cycles
        ),
    );
    if !report.error_sources.is_empty() {
        let mut table = Table::new(&[say("误差源", "error source"), say(">数值", ">size"), say("可信度", "standing")]);
        for line in &report.error_sources {
            let size = match line.value {
                None => say("未建模", "not modeled").to_string(),
                Some([low, high]) if low == high => figure(low, line.unit),
                Some([low, high]) => format!("{} – {}", number(low), figure(high, line.unit)),
            };
            let trust = line.standing.map_or("", |of| standing(context, of));
            table.row(vec![context.of(&line.name).to_string(), size, trust.to_string()]);
        }
        text += &format!("{}\n", table.render());
    }
    text += &format!("{}\n{}\n", say("位姿（mm）", "Poses (mm)"), poses(context, report).render());
    text += &format!("{}\n{}\n", say("距离、稳定（mm、s）", "Distance and settling (mm, s)"), settling(context, report).render());
    text += &format!("{}\n{}\n", say("轨迹（mm、%）", "Paths (mm, %)"), paths(context, report).render());
    let mut table = Table::new(&["", ">vAP", ">"]);
    for line in &report.directions {
        table.row(vec![format!("P{}", line.pose), mm(line.vap_m), format!("{:.4} mrad", 1e3 * line.vap_rad)]);
    }
    text +=
        &format!("{}\n{}\n", say("多方向位姿准确度变动（mm）", "Multi-directional pose accuracy variation (mm)"), table.render());
    let mut table = Table::new(&[say(">距离 mm", ">distance mm"), say(">时间 s", ">time s"), say(">指令 s", ">commanded s")]);
    for line in &report.posing_times {
        let cells = [format!("{:.0}", 1e3 * line.distance_m), format!("{:.3}", line.time_s), format!("{:.3}", line.commanded_s)];
        table.row(cells.to_vec());
    }
    text += &format!("{}\n{}\n", say("最小定位时间", "Minimum posing time"), table.render());
    let mut table = Table::new(&[say("方向", "direction"), say(">柔顺性 mm/N", ">compliance mm/N"), say(">至 N", ">up to N")]);
    for line in &report.compliance {
        let axis = ["x", "y", "z"].iter().zip(line.along).find(|(_, part)| *part != 0.0);
        let name = axis.map_or_else(String::new, |(name, part)| format!("{}{name}", if part < 0.0 { "−" } else { "+" }));
        let compliance = line.compliance_m_n.map_or_else(|| "–".to_string(), |compliance| format!("{:.5}", 1e3 * compliance));
        let mut most = number(line.forces_n.last().copied().unwrap_or(0.0));
        if line.gave_way_n.is_some() {
            most += say("，再大则驱动到限", ", then drives at their limit");
        }
        table.row(vec![name, compliance, most]);
    }
    text += &format!("{}\n{}\n", say("静态柔顺性", "Static compliance"), table.render());
    for line in &report.not_performed {
        let what = format!("{} {}: {}", say("未检验", "Not performed:"), context.of(&line.what), context.of(&line.why));
        text += &format!("{}\n", wrap(&what, columns(), 2));
    }
    if let Some(stated) = &report.stated {
        text += &format!("\n{}\n", wrap(&claim(context, report, stated), columns(), 2));
    }
    text
}

fn claim(context: &Context, report: &Report, stated: &iso9283::Stated) -> String {
    let (said, found) = (mm(stated.stated_m), mm(stated.found_m));
    if report.void {
        return context.say(
            format!("厂家所述重复性 {said} mm；检验无效"),
            format!("The maker states a repeatability of {said} mm; the test is void"),
        );
    }
    let incomplete = if stated.incomplete {
        context.say("；远小于所述，误差模型不完整", "; far below what is stated: the error model is incomplete")
    } else {
        ""
    };
    context.say(
        format!("厂家所述重复性 {said} mm，模型 RP 最大 {found} mm{incomplete}。误差源为假定值，此比较不能证实或否定厂家的数据"),
        format!("The maker states a repeatability of {said} mm, the model's greatest RP is {found} mm{incomplete}. The error sources are assumed, so this neither bears out nor contradicts the maker"),
    )
}

fn poses(context: &Context, report: &Report) -> Table {
    let mut table = Table::new(&[
        context.say("速度", "speed"),
        "",
        ">AP",
        ">RP",
        context.say(">RP 95 % 区间", ">95 % interval of RP"),
        ">APa,b,c mrad",
        ">RPa,b,c mrad",
    ]);
    let three = |values: [f64; 3]| values.map(|x| format!("{:.3}", 1e3 * x)).join(" ");
    for at in &report.at_speed {
        for (k, pose) in at.poses.poses.iter().enumerate() {
            table.row(vec![
                if k == 0 { format!("{:.0} %", 100.0 * at.share) } else { String::new() },
                format!("P{}", k + 1),
                mm(pose.ap_m),
                format!("{:.4}", 1e3 * pose.rp_m),
                format!("{:.4} – {:.4}", 1e3 * pose.rp_interval_m[0], 1e3 * pose.rp_interval_m[1]),
                three(pose.ap_abc_rad),
                three(pose.rp_abc_rad),
            ]);
        }
    }
    table
}

fn settling(context: &Context, report: &Report) -> Table {
    let mut table = Table::new(&[
        context.say("速度", "speed"),
        ">AD",
        ">RD",
        context.say(">稳定时间 t", ">stabilization t"),
        context.say(">超调 OV", ">overshoot OV"),
        context.say(">带宽 ±", ">band ±"),
    ]);
    for at in &report.at_speed {
        let p = &at.poses;
        table.row(vec![
            format!("{:.0} %", 100.0 * at.share),
            mm(p.distance.ad_m),
            format!("{:.4}", 1e3 * p.distance.rd_m),
            format!("{:.3}", p.stabilization_s),
            format!("{:.4}", 1e3 * p.overshoot_m),
            format!("{:.4}", 1e3 * p.band_m),
        ]);
    }
    table
}

fn paths(context: &Context, report: &Report) -> Table {
    let mut table = Table::new(&[
        context.say("速度", "speed"),
        context.say("轨迹", "path"),
        ">vc m/s",
        ">AT",
        ">RT",
        ">AV %",
        ">RV %",
        ">FV %",
        ">CR",
        ">CO",
    ]);
    let share = |x: f64| format!("{:.3}", 100.0 * x);
    for at in &report.at_speed {
        for test in &at.paths.paths {
            let cells = [mm(test.at_m), format!("{:.4}", 1e3 * test.rt_m), share(test.av), share(test.rv), share(test.fv)];
            let mut row = vec![format!("{:.0} %", 100.0 * at.share), path_name(context, test.path).to_string()];
            row.push(format!("{:.3}", test.commanded_m_s));
            row.extend(cells);
            row.extend([String::new(), String::new()]);
            table.row(row);
        }
        if let Some(corners) = &at.paths.corners {
            let mut row = vec![format!("{:.0} %", 100.0 * at.share), context.say("拐角", "corners").to_string()];
            row.push(format!("{:.3}", corners.commanded_m_s));
            row.extend(std::iter::repeat_n(String::new(), 5));
            row.extend([mm(corners.cr_m), mm(corners.co_m)]);
            table.row(row);
        }
    }
    table
}

fn path_name(context: &Context, path: &str) -> &'static str {
    match path {
        "line" => context.say("直线", "line"),
        "circle-large" => context.say("大圆", "large circle"),
        _ => context.say("小圆", "small circle"),
    }
}
