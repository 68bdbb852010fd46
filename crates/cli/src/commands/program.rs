//! `leitai program`: motion programs, checked before they run, run in the physics, written in makers' languages and read back.

use std::path::Path;

use leitai_package::manifest::RobotManifest;
use leitai_proving::rehearsal::{Rehearsal, rehearse};
use leitai_proving::whole;
use leitai_skills::offline::{
    Action, Arm, Finding, MotionProgram, Plan, Severity, TextError, file, plan, rapid, read_rapid, read_urscript, urscript,
};
use serde_json::{Value, json};

use crate::arguments::{Program, ProgramAction, ProgramLanguage, Urdf};
use crate::context::{Context, program as called};
use crate::description;
use crate::failure::{Exit, Failure};
use crate::text::{Table, columns, wrap};

/// What every exported text is.
const NOT_RUN: [&str; 2] = ["未在厂家控制器上运行", "not run on a maker's controller"];
/// Longest file that is read; the readers say it again.
const MOST_BYTES: u64 = 1 << 20;

/// Acts on a program.
pub fn run(context: &Context, program: &Program) -> Result<Exit, Failure> {
    match &program.action {
        ProgramAction::Check { file, robot } => check(context, file, robot.as_deref()),
        ProgramAction::Run { file, robot } => rehearsal(context, file, robot.as_deref()),
        ProgramAction::Export { file, language, robot, out } => {
            export(context, file, *language, robot.as_deref(), out.as_deref())
        }
        ProgramAction::Import { file, language, out } => import(context, file, *language, out.as_deref()),
    }
}

/// A program with the arm it is for.
struct Ready {
    program: MotionProgram,
    manifest: RobotManifest,
    arm: Arm,
    plan: Plan,
}

fn text_of(context: &Context, path: &Path) -> Result<String, Failure> {
    let wrong = |what: String| {
        Failure::usage(format!("{}: {what}", path.display()), context.say("检查路径和文件", "check the path and the file"))
    };
    let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if !size.is_file() || size.len() > MOST_BYTES {
        return Err(wrong(
            context.say(format!("不是文件，或超过 {MOST_BYTES} 字节"), format!("no file, or more than {MOST_BYTES} bytes")),
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| wrong(context.say("不是 UTF-8 文本", "not UTF-8 text").to_string()))
}

/// The language of a text: as asked for, else by the end of its name.
fn language_of(path: &Path, asked: Option<ProgramLanguage>) -> Option<ProgramLanguage> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    asked.or(match extension.as_deref() {
        Some("script") => Some(ProgramLanguage::Urscript),
        Some("mod") => Some(ProgramLanguage::Rapid),
        _ => None,
    })
}

fn read(context: &Context, path: &Path, asked: Option<ProgramLanguage>) -> Result<MotionProgram, Failure> {
    let text = text_of(context, path)?;
    let read = match language_of(path, asked) {
        Some(ProgramLanguage::Urscript) => read_urscript::read(&text),
        Some(ProgramLanguage::Rapid) => read_rapid::read(&text),
        None => file::read(&text),
    };
    read.map_err(|error: TextError| {
        let lead = context.say("程序有误：", "");
        Failure::usage(
            format!("{}:{}:{}: {lead}{}", path.display(), error.line, error.column, error.what),
            context.say("按上面所说修改该行，再运行同一命令", "correct that line, then run the same command again"),
        )
    })
}

fn ready(context: &Context, path: &Path, robot: Option<&str>) -> Result<Ready, Failure> {
    let program = read(context, path, None)?;
    let Some(word) = robot.or(program.robot.as_deref()) else {
        return Err(Failure::usage(
            format!("{}: {}", path.display(), context.say("程序没有指定机器人", "the program names no robot")),
            context.say("用 --robot 指定，如 --robot ur5e", "name one with --robot, as in --robot ur5e"),
        ));
    };
    let found = description::read(context, word, &Urdf::default())?;
    found.model(context)?;
    let (Some(manifest), Some(spec)) = (found.checked.manifest, found.checked.spec) else {
        return Err(Failure::usage(
            format!("`{word}`: {}", context.say("不是机器人包", "no robot's package")),
            format!("{} list robots", called()),
        ));
    };
    let arm = Arm::new(&manifest, &spec, &program.tool)
        .map_err(|error| Failure::usage(format!("{word}: {error}"), format!("{} robot check {word}", called())))?;
    let plan = plan(&program, &arm);
    Ok(Ready { program, manifest, arm, plan })
}

fn word_of(context: &Context, action: &Action) -> &'static str {
    match action {
        Action::Joint { .. } => context.say("关节运动", "joint move"),
        Action::Line { .. } => context.say("直线", "line"),
        Action::Circle { .. } => context.say("圆弧", "circle"),
        Action::Output { .. } => context.say("输出", "output"),
        Action::Wait { .. } => context.say("等待", "wait"),
    }
}

fn aim_of(program: &MotionProgram, action: &Action) -> String {
    match action {
        Action::Joint { to, .. } | Action::Line { to, .. } | Action::Circle { to, .. } => program.places[*to].name.clone(),
        Action::Output { number, on } => format!("{number} = {}", u8::from(*on)),
        Action::Wait { .. } => String::new(),
    }
}

fn finding_line(context: &Context, path: &Path, finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => context.say("错误", "error"),
        Severity::Note => context.say("提示", "note "),
    };
    let line = format!("{level}  {}:{}: [{}] {}", path.display(), finding.line, finding.rule, context.of(&finding.text));
    format!("{}\n", wrap(&line, columns(), 7))
}

/// The steps with their times, the cycle time, and what was found.
fn report(context: &Context, path: &Path, ready: &Ready) -> String {
    let say = |zh: &'static str, en: &'static str| context.say(zh, en);
    let plan = &ready.plan;
    let mut text = format!("{} · {}\n\n", ready.program.name, context.of(&ready.manifest.robot.name));
    let mut table = Table::new(&[
        say(">步", ">step"),
        say(">行", ">line"),
        say("动作", "what"),
        say("到", "to"),
        say(">时间", ">time"),
        say(">匀速占比", ">at speed"),
    ]);
    for (k, step) in ready.program.steps.iter().enumerate() {
        let done = plan.steps.iter().find(|report| report.step == k);
        table.row(vec![
            (k + 1).to_string(),
            step.line.to_string(),
            word_of(context, &step.action).to_string(),
            aim_of(&ready.program, &step.action),
            done.map_or_else(|| "–".to_string(), |d| format!("{:.2} s", d.duration_s)),
            done.and_then(|d| d.share_at_speed).map_or_else(|| "–".to_string(), |share| format!("{:.0} %", 100.0 * share)),
        ]);
    }
    text += &table.render();
    if plan.runs() {
        text += &format!("\n{} {:.2} s\n", say("循环时间", "cycle time"), plan.duration_s());
    }
    if plan.margin_m.0.is_finite() {
        let (margin, step) = (plan.margin_m.0, plan.margin_m.1 + 1);
        text += &context.say(
            format!("距奇异姿态最近处的余量 {margin:.3} m/rad（第 {step} 步）\n"),
            format!("closest to a singular posture: {margin:.3} m/rad (step {step})\n"),
        );
    }
    if !plan.findings.is_empty() {
        text.push('\n');
    }
    for finding in &plan.findings {
        text += &finding_line(context, path, finding);
    }
    text
}

fn document(ready: &Ready) -> Value {
    let plan = &ready.plan;
    let findings: Vec<Value> = plan
        .findings
        .iter()
        .map(|f| {
            let level = if f.severity == Severity::Error { "error" } else { "note" };
            json!({ "level": level, "rule": f.rule, "line": f.line, "step": f.step.map(|s| s + 1), "text": f.text })
        })
        .collect();
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|s| json!({ "step": s.step + 1, "line": ready.program.steps[s.step].line, "duration_s": s.duration_s, "share_at_speed": s.share_at_speed, "end_rad": s.end }))
        .collect();
    let margin = plan.margin_m.0.is_finite().then_some(plan.margin_m.0);
    json!({ "program": ready.program.name, "robot": ready.manifest.robot.id, "runs": plan.runs(),
        "cycle_s": plan.runs().then(|| plan.duration_s()), "singularity_margin_m_rad": margin, "path_deviation_m": plan.deviation_m,
        "steps": steps, "findings": findings })
}

fn exit_of(context: &Context, plan: &Plan) -> Exit {
    if plan.runs() {
        return Exit::Good;
    }
    if !context.json {
        context.note(context.say(
            "下一步：按上面的错误修改程序，再运行同一命令",
            "next: correct the errors above, then run the same command again",
        ));
    }
    Exit::Usage
}

/// Says whether it can run, how long it takes, and everything that speaks against it.
fn check(context: &Context, path: &Path, robot: Option<&str>) -> Result<Exit, Failure> {
    let ready = ready(context, path, robot)?;
    context.print(&document(&ready), &report(context, path, &ready))?;
    Ok(exit_of(context, &ready.plan))
}

/// Runs it in the physics.
fn rehearsal(context: &Context, path: &Path, robot: Option<&str>) -> Result<Exit, Failure> {
    let ready = ready(context, path, robot)?;
    let mut text = report(context, path, &ready);
    if !ready.plan.runs() {
        context.print(&document(&ready), &text)?;
        return Ok(exit_of(context, &ready.plan));
    }
    let run = rehearse(&ready.arm, &ready.plan).map_err(|error| Failure {
        exit: Exit::Failed,
        what: format!("{}: {error}", path.display()),
        next: format!("{} program check {}", called(), path.display()),
    })?;
    text += &ran(context, &run);
    let mut document = document(&ready);
    document["run"] = json!({ "cycle_s": run.duration_s, "tool_error_m": run.tool_error_m, "tool_error_rms_m": run.tool_error_rms_m,
        "end_error_m": run.end_error_m, "joint_error_rad": run.joint_error_rad, "torque_share": run.torque_share, "simulated": true });
    context.print(&document, &text)?;
    Ok(Exit::Good)
}

fn ran(context: &Context, run: &Rehearsal) -> String {
    let share = run.torque_share.iter().fold(0.0, |most: f64, s| most.max(*s)) * 100.0;
    let joint = run.joint_error_rad.iter().fold(0.0, |most: f64, e| most.max(*e)) * 1e3;
    let (most, rms, end) = (run.tool_error_m * 1e3, run.tool_error_rms_m * 1e3, run.end_error_m * 1e3);
    let seconds = run.duration_s;
    context.say(
        format!(
            "\n物理仿真：循环 {seconds:.2} s；工具点跟踪误差最大 {most:.4} mm，均方根 {rms:.4} mm，停止后 {end:.4} mm；关节误差最大 {joint:.4} mrad；力矩最大用到额定的 {share:.0} %\n仿真结果，未经实物测量。\n"
        ),
        format!(
            "\nin the physics: cycle {seconds:.2} s; tool off its plan {most:.4} mm at most, {rms:.4} mm rms, {end:.4} mm after the stop; joints {joint:.4} mrad at most; up to {share:.0} % of rated torque\nSimulated; nothing was measured on hardware.\n"
        ),
    )
}

/// Writes it in a maker's language.
fn export(
    context: &Context,
    path: &Path,
    language: ProgramLanguage,
    robot: Option<&str>,
    out: Option<&Path>,
) -> Result<Exit, Failure> {
    let ready = ready(context, path, robot)?;
    if !ready.plan.runs() {
        context.print(&document(&ready), &report(context, path, &ready))?;
        return Ok(exit_of(context, &ready.plan));
    }
    let written = match language {
        ProgramLanguage::Urscript => urscript::write(&ready.program, &ready.plan),
        ProgramLanguage::Rapid => rapid::write(&ready.program, &ready.plan),
    };
    let text = written.map_err(|error| {
        let next = context.say("修改程序，或换一种语言", "change the program, or take the other language");
        Failure::usage(format!("{}: {error}", path.display()), next)
    })?;
    let label = json!({ "zh": NOT_RUN[0], "en": NOT_RUN[1] });
    give(context, out, &text, &json!({ "language": language.word(), "label": label }))?;
    if !context.json {
        context.note(context.say(NOT_RUN[0], NOT_RUN[1]));
    }
    Ok(Exit::Good)
}

/// Turns a maker's text back into a program.
fn import(context: &Context, path: &Path, language: Option<ProgramLanguage>, out: Option<&Path>) -> Result<Exit, Failure> {
    let Some(language) = language_of(path, language) else {
        return Err(Failure::usage(
            format!(
                "{}: {}",
                path.display(),
                context.say("从文件名看不出是哪种语言", "its name does not say which language it is in")
            ),
            context.say("加上 --language urscript 或 --language rapid", "add --language urscript or --language rapid"),
        ));
    };
    let program = read(context, path, Some(language))?;
    give(
        context,
        out,
        &file::write(&program),
        &json!({ "language": language.word(), "steps": program.steps.len(), "places": program.places.len() }),
    )?;
    Ok(Exit::Good)
}

/// Text to a file or to stdout; in a JSON document beside `about`.
fn give(context: &Context, out: Option<&Path>, text: &str, about: &Value) -> Result<(), Failure> {
    let mut document = about.clone();
    match out {
        Some(out) => {
            whole::write(out, text.as_bytes(), whole::Readers::Everyone).map_err(|error| Failure {
                exit: Exit::Failed,
                what: format!("{}: {error}", out.display()),
                next: context.say("检查该文件夹是否可写", "see that the folder can be written to").to_string(),
            })?;
            document["file"] = json!(out);
            context.print(&document, &format!("{}\n", out.display()))
        }
        None => {
            document["text"] = json!(text);
            context.print(&document, text)
        }
    }
}
