//! `leitai test datasheet`: what a maker states against the model.

use leitai_package::lint::Level;
use leitai_proving::datasheet::{self, Line, Stands, bare};
use serde_json::{Value, json};

use crate::arguments::Urdf;
use crate::commands::show::standing;
use crate::context::{Context, program};
use crate::description;
use crate::failure::{Exit, Failure};
use crate::text::{Table, columns, figure, wrap};

/// Stated figures against the model. The exit code tells whether any differs.
pub fn run(context: &Context, word: &str, tip: Option<&str>, stated: &[(String, f64)], urdf: &Urdf) -> Result<Exit, Failure> {
    let found = description::read(context, word, urdf)?;
    let checked = &found.checked;
    let errors = checked.findings.iter().filter(|finding| finding.level == Level::Error).count();
    let wrong = |what: String| Failure { exit: Exit::Usage, what, next: format!("{} robot check {word}", program()) };
    let told = |error: datasheet::SheetError| wrong(format!("{word}: {error}"));
    let bare = tip.is_some() || !stated.is_empty();
    let (manifest, model) = match (&checked.manifest, &checked.model, &checked.spec) {
        (Some(_), _, _) if bare => {
            let what = "有自己的数据；--tip 与 --state 只用于没有包的模型";
            return Err(wrong(format!(
                "{word}: {}",
                context.say(what, "states its own figures; --tip and --state are for a model without a package")
            )));
        }
        (Some(manifest), Some(model), _) => (manifest.clone(), model.clone()),
        (None, Some(_), Some(_)) if found.kind.is_none() && stated.is_empty() => {
            let (zh, en) = (
                "没有包的模型需用 --state 给出厂家所述，如 --state mass_kg=18",
                "a model without a package states nothing; say what its maker does, such as --state mass_kg=18",
            );
            return Err(wrong(format!("{word}: {}", context.say(zh, en))));
        }
        (None, Some(_), Some(spec)) if found.kind.is_none() => bare::package(spec, tip, stated).map_err(told)?,
        _ => {
            return Err(wrong(context.say(
                format!("{word}：没有可检验的机器人包或模型"),
                format!("{word}: no robot's package or model that could be tested"),
            )));
        }
    };
    let (manifest, model) = (&manifest, &model);
    let sheet = datasheet::test(manifest, model).map_err(told)?;
    let mut text = format!("{} · {}\n\n", found.source, context.of(&found.name));
    let say = |zh: &'static str, en: &'static str| context.say(zh, en);
    let mut table = Table::new(&[
        say("数据", "figure"),
        say(">所述", ">stated"),
        say(">模型", ">model"),
        say("可信度", "standing"),
        say("结果", "result"),
    ]);
    for line in &sheet.lines {
        table.row(vec![
            line.name.clone(),
            figure(line.stated, &line.unit),
            computed(line),
            standing(context, line.standing).to_string(),
            stands(context, line.stands).to_string(),
        ]);
    }
    text += &table.render();
    text.push('\n');
    for line in &sheet.lines {
        text += &format!("{}\n", wrap(&format!("{}: {}", line.name, context.of(&line.how)), columns(), 2));
    }
    if !sheet.holds.is_empty() {
        text += &format!(
            "\n{}\n",
            say(
                "额定负载静止时各关节所需力矩占额定值的最大比例：",
                "Greatest share of each joint's rated torque to hold the rated payload still:"
            )
        );
        for hold in &sheet.holds {
            text += &format!("  {:<24} {:>6.1} %\n", hold.joint, 100.0 * hold.share);
        }
    }
    if let Some(speed) = sheet.tip_speed_m_s {
        text += &format!(
            "\n{} {speed:.2} m/s\n",
            say(
                "各关节同以额定速度转动时，法兰的最高速度：",
                "Greatest speed of the flange with every joint at its rated speed:"
            ),
        );
    }
    if errors > 0 {
        text += &format!(
            "\n{}\n",
            context.say(
                format!("描述文件有 {errors} 个错误：leitai robot check {word}"),
                format!("the description has {errors} errors: leitai robot check {word}")
            )
        );
    }
    text += &format!("\n{}\n", say("由模型计算，未经实物测量。", "Computed on the model; nothing was measured on hardware."));
    let listed: Vec<Value> = sheet
        .lines
        .iter()
        .map(|l| {
            json!({ "name": l.name, "stated": l.stated, "unit": l.unit, "standing": l.standing, "computed": l.computed,
                "stands": match l.stands { Stands::Agrees => "agrees", Stands::Differs => "differs", Stands::NotModeled => "not-modeled" }, "how": l.how })
        })
        .collect();
    let holds: Vec<Value> = sheet.holds.iter().map(|h| json!({ "joint": h.joint, "share": h.share })).collect();
    let agrees = sheet.agrees() && errors == 0;
    let document = json!({ "procedure": "datasheet", "robot": manifest.robot.id, "agrees": agrees, "errors": errors,
        "lines": listed, "holds": holds, "tip_speed_m_s": sheet.tip_speed_m_s });
    context.print(&document, &text)?;
    Ok(if agrees { Exit::Good } else { Exit::Refuted })
}

fn computed(line: &Line) -> String {
    match line.computed {
        None => "–".to_string(),
        Some([low, high]) if low == high => figure(low, &line.unit),
        Some([low, high]) => format!("{} – {}", figure(low, &line.unit), figure(high, &line.unit)),
    }
}

fn stands(context: &Context, stands: Stands) -> &'static str {
    match stands {
        Stands::Agrees => context.say("相符", "agrees"),
        Stands::Differs => context.say("不符", "differs"),
        Stands::NotModeled => context.say("未建模", "not modeled"),
    }
}
