//! `leitai test contact`: forces of a moving arm on a measuring device, in simulation, limits unverified.

use leitai_math::Seed;
use leitai_proving::contact::page::{WARNING, page};
use leitai_proving::contact::{self, Allowed, Options, Report};
use serde_json::json;

use super::{package, robot, trains, write};
use crate::arguments::Contact;
use crate::commands::show::standing;
use crate::commands::view::page_language;
use crate::context::{Context, json as document, program};
use crate::failure::{Exit, Failure};
use crate::text::{Table, columns, number, wrap};

/// Runs the procedure.
pub fn run(context: &Context, arguments: &Contact) -> Result<Exit, Failure> {
    let word = &arguments.robot;
    let found = robot(context, word)?;
    let (manifest, spec) = package(context, word, &found)?;
    let options = Options {
        load_kg: arguments.load_kg.kg(),
        trains: trains(context, word, manifest)?,
        regions: arguments.region.clone(),
        at_m_s: arguments.at,
        seed: Seed::from_number(arguments.seed),
    };
    let report = contact::run(manifest, spec, &options).map_err(|error| Failure {
        exit: Exit::Usage,
        what: format!("{word}: {error}"),
        next: format!("{} test contact --help", program()),
    })?;
    let text = text(context, &report, arguments.seed);
    let value = json!({ "procedure": "contact", "in_the_manner_of": "ISO/TS 15066:2016", "engine": leitai_proving::engine::version(),
        "seed": arguments.seed, "model_digest": found.digest.map(|digest| digest.to_string()), "report": report });
    if let Some(folder) = &arguments.out {
        let html = page(&report, arguments.seed, page_language(context));
        write(context, folder, &[("report.html", &html), ("report.txt", &text), ("report.json", &document(&value))])?;
    }
    context.print(&value, &text)?;
    Ok(Exit::Good)
}

fn text(context: &Context, report: &Report, seed: u64) -> String {
    let say = |zh: &'static str, en: &'static str| context.say(zh, en);
    let mut text = format!(
        "{} · {}\n{}\n\n",
        report.robot,
        context.of(&report.name),
        say("接触检验，模拟，未经实物测量", "Contact tests, simulated; nothing was measured on a machine")
    );
    text += &format!("{}\n\n", wrap(say(WARNING[0], WARNING[1]), columns(), 0));
    text += &context.say(
        format!(
            "负载 {} kg · 有效质量 {:.1} kg · 最快接近 {:.2} m/s · 力矩超出所需 {:.0} % 时察觉，{:.0} ms 后停止并保持 · 种子 {seed}\n\n",
            number(report.load_kg), report.effective_mass_kg, report.most_m_s, 100.0 * report.noticed_share, 1e3 * report.figures.reaction_s.value
        ),
        format!(
            "Load {} kg · effective mass {:.1} kg · fastest approach {:.2} m/s · contact noticed at {:.0} % of rated torque beyond need, {:.0} ms later it stops and holds · seed {seed}\n\n",
            number(report.load_kg), report.effective_mass_kg, report.most_m_s, 100.0 * report.noticed_share, 1e3 * report.figures.reaction_s.value
        ),
    );
    let mut table = Table::new(&[
        say("部位", "region"),
        say(">自由 m/s", ">free m/s"),
        say(">公式 m/s", ">formula m/s"),
        say(">夹紧 m/s", ">clamped m/s"),
        say("限值", "limits"),
    ]);
    let allowed = |found: &Allowed| match (found.speed_m_s, found.at_least) {
        (0.0, _) => say("不允许", "none").to_string(),
        (speed, true) => format!("≥ {speed:.2}"),
        (speed, false) => format!("{speed:.2}"),
    };
    for test in &report.regions {
        table.row(vec![
            test.region.id.clone(),
            test.transient.as_ref().map_or_else(|| say("不允许", "not permitted").to_string(), allowed),
            test.formula_m_s.map_or_else(String::new, |speed| format!("{speed:.2}")),
            allowed(&test.clamped),
            format!("{} · {}", say("未核实", "unverified"), standing(context, test.standing)),
        ]);
    }
    text += &format!("{}\n{}\n", say("允许速度", "Allowed speeds"), table.render());
    let mut table = Table::new(&[
        say("部位", "region"),
        say(">自由，峰值 N", ">free, peak N"),
        say(">夹紧，峰值 N", ">clamped, peak N"),
        say(">0.5 s 后 N", ">after 0.5 s, N"),
    ]);
    for test in &report.regions {
        let [free, clamped] = &test.at_speed;
        let force = |n: f64| format!("{n:.0}");
        table.row(vec![test.region.id.clone(), force(free.peak_n), force(clamped.peak_n), force(clamped.later_n)]);
    }
    text += &context.say(format!("{} m/s 时的力\n", number(report.at_m_s)), format!("Forces at {} m/s\n", number(report.at_m_s)));
    text + &table.render()
}
