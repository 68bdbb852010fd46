//! Pages of scenarios and solutions.

use leitai_package::manifest::{Comparison, Controller, Draw, Fuel, Program, ScenarioManifest, Skill, SolutionManifest, Work};
use leitai_runtime::SANDBOX;
use serde::Serialize;

use super::{Page, standing};
use crate::commands::list::class;
use crate::text::{Table, columns, figure, number, unit, wrap};

/// A scenario's page.
pub fn scenario(mut page: Page, m: &ScenarioManifest) -> String {
    let context = page.context;
    let scenario = &m.scenario;
    let tier = format!("{} {}", context.say("层级", "tier"), scenario.tier);
    let tool = format!("{} {}", context.say("工具", "tool"), m.mount.tool.as_deref().unwrap_or("–"));
    page.title(&scenario.id, &scenario.name, &[scenario.plan.clone(), scenario.sector.clone(), tier, tool]);

    page.section("要求（每条在足够比例的试验中成立才算证实）", "Requirements (proved when each holds in enough of the trials)");
    let mut table = Table::new(context.say(
        &["编号", "名称", "单次试验", ">比例", "判定", "可信度", "来源"],
        &["id", "name", "in one trial", ">rate", "decides", "standing", "source"],
    ));
    for requirement in &m.require {
        let sign = match requirement.comparison {
            Comparison::AtMost => "≤",
            Comparison::AtLeast => "≥",
        };
        table.row(vec![
            requirement.id.clone(),
            context.of(&requirement.name).to_string(),
            format!("{} {sign} {}", word(&requirement.metric), figure(requirement.limit, &requirement.unit)),
            format!("≥{} %", number(requirement.rate_at_least * 100.0)),
            if requirement.decides { context.say("是", "yes") } else { context.say("仅估计", "estimate") }.to_string(),
            standing(context, requirement.standing).to_string(),
            requirement.source.clone(),
        ]);
    }
    page.table(&table);

    page.section("试验", "Trials");
    let trial = &m.trial;
    page.text += &format!(
        "{} {} · {} {} % · {} {} s · {} {} s · {} {} s\n",
        context.say("最多次数", "at most"),
        trial.most,
        context.say("置信度", "confidence"),
        number(trial.confidence * 100.0),
        context.say("时限", "time limit"),
        number(trial.duration_s),
        context.say("仿真步长", "time step"),
        number(trial.dt_s),
        context.say("控制周期", "control period"),
        number(trial.control_period_s),
    );

    if !m.parameter.is_empty() {
        page.section("声明参数（prove --set 名称=数值）", "Claim parameters (prove --set NAME=VALUE)");
        let mut table = Table::new(context.say(
            &["参数", ">默认", ">最小", ">最大", "单位", "可信度", "来源"],
            &["parameter", ">default", ">least", ">most", "unit", "standing", "source"],
        ));
        for (name, p) in &m.parameter {
            let standing = standing(context, p.standing).to_string();
            let numbers = [p.default, p.min, p.max].map(number);
            let [default, min, max] = numbers;
            table.row(vec![name.clone(), default, min, max, unit(&p.unit), standing, p.source.clone()]);
        }
        page.table(&table);
    }

    if !m.vary.is_empty() {
        page.section("每次试验重新抽取", "Drawn anew in each trial");
        let mut table =
            Table::new(context.say(
                &["名称", "量", "每个", "分布", "可信度", "来源"],
                &["name", "quantity", "each", "from", "standing", "source"],
            ));
        for (name, vary) in &m.vary {
            let from = match vary.draw() {
                Some(Draw::Uniform { low, high }) => format!("{} … {}", number(low), number(high)),
                Some(Draw::Normal { mean, sd }) => format!("{} ± {}", number(mean), number(sd)),
                Some(Draw::Integer { low, high }) => format!("{low} … {high} ({})", context.say("整数", "whole")),
                // A manifest that parsed has one distribution.
                None => String::new(),
            };
            let standing = standing(context, vary.standing).to_string();
            table.row(vec![name.clone(), word(&vary.quantity), word(&vary.each), from, standing, vary.source.clone()]);
        }
        page.table(&table);
    }

    if !m.measure.is_empty() {
        page.section("控制器看到的（带误差的测量，不是真值）", "What a controller is told (measured, never the truth)");
        page.items(m.measure.iter().map(|(name, measure)| {
            let sites = if measure.sites.is_empty() { String::new() } else { format!(" ({})", measure.sites.join(", ")) };
            format!(
                "{name}: {}{sites} · ±{} m, ±{} rad · {} Hz · {} {} s · {} {} %",
                word(&measure.of),
                number(measure.position_sd_m),
                number(measure.angle_sd_rad),
                number(measure.rate_hz),
                context.say("延迟", "delay"),
                number(measure.delay_s),
                context.say("丢失", "lost"),
                number(measure.drop_out * 100.0),
            )
        }));
    }
    page.assumptions(&m.assumption);
    page.sources(&m.source);
    page.text
}

/// A solution's page.
pub fn solution(mut page: Page, m: &SolutionManifest) -> String {
    let context = page.context;
    let solution = &m.solution;
    let scenarios = format!("{} {}", context.say("适用于", "for"), solution.scenarios.join(", "));
    page.title(&solution.id, &solution.name, &[scenarios, class(context, solution.tool_class).to_string()]);

    match &m.work {
        Work::Program(program) => list_skills(&mut page, program),
        Work::Controller(controller) => describe_module(&mut page, controller),
    }
    page.assumptions(&m.assumption);
    page.text
}

fn list_skills(page: &mut Page, program: &Program) {
    let context = page.context;
    page.section("程序", "Program");
    let opening = format!(
        "{} {} · {} {} ({})",
        context.say("起点", "start"),
        word(&program.start),
        context.say("对目标的每个位置", "for each place of"),
        program.goal,
        word(&program.order)
    );
    page.text += &format!("{}\n", wrap(&opening, columns(), 0));
    page.items(program.each.iter().map(step));
    page.text += &format!("{}\n", context.say("最后", "then"));
    page.items(program.finish.iter().map(step));
}

fn describe_module(page: &mut Page, controller: &Controller) {
    let context = page.context;
    page.section("控制器（在沙箱中运行的 WebAssembly 模块）", "Controller (a WebAssembly module, run in a sandbox)");
    let lead = context.say(
        "控制器只得到下列观测并给出下列指令；它没有时钟、文件、网络，也接触不到仿真的真值。",
        "It gets these observations and gives these commands; it has no clock, no file, no network and no way to the simulation's truth.",
    );
    page.text += &format!("{}\n", wrap(lead, columns(), 0));
    let observes: Vec<&str> = controller.observes.iter().map(|channel| channel.name()).collect();
    let commands: Vec<&str> = controller.commands.iter().map(|channel| channel.name()).collect();
    let Fuel { start_fuel, step_fuel, trial_fuel } = controller.fuel;
    let millions = |fuel: u64| number(fuel as f64 / 1e6);
    page.items(
        [
            format!("{} {} · {}", context.say("模块", "module"), controller.module, SANDBOX),
            format!("{} {}", context.say("目标", "goal"), controller.goal),
            format!("{} {}", context.say("观测", "observes"), observes.join(", ")),
            format!("{} {}", context.say("指令", "commands"), commands.join(", ")),
            format!(
                "{}: {} {} · {} {} · {} {}",
                context.say("计算量上限（百万条指令）", "fuel, in millions of instructions"),
                context.say("启动", "start"),
                millions(start_fuel),
                context.say("每步", "one step"),
                millions(step_fuel),
                context.say("每次试验", "one trial"),
                millions(trial_fuel)
            ),
        ]
        .into_iter(),
    );
}

/// A word of the manifests' vocabulary, as written there.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("vocabularies are words, not {other:?}"),
    }
}

fn step(skill: &Skill) -> String {
    let all = |value: Option<f64>, unit: &str| value.map_or("…".to_string(), |value| figure(value, unit));
    match *skill {
        Skill::Move { to, above_m } => format!("move → {} +{} m", word(&to), number(above_m)),
        Skill::Approach { to, speed_m_s, press } => {
            let press = press.map_or(String::new(), |p| format!(", press {} N", number(p.force_n)));
            format!("approach → {} {} m/s{press}", word(&to), number(speed_m_s))
        }
        Skill::Retreat { above_m, speed_m_s } => format!("retreat +{} m {} m/s", number(above_m), number(speed_m_s)),
        Skill::Grip { force_n, settle_s } => format!("grip {} · {} s", all(force_n, "N"), number(settle_s)),
        Skill::Scoop { force_n, speed_m_s, tilt_rad, .. } => {
            format!("scoop {} N · {} m/s · {} rad", number(force_n), number(speed_m_s), number(tilt_rad))
        }
        Skill::Offer { speed_m_s, wait_s, .. } => format!("offer {} m/s · {} s", number(speed_m_s), number(wait_s)),
        Skill::Insert { force_n, speed_m_s, lean_rad, .. } => {
            format!("insert {} N · {} m/s · {} rad", number(force_n), number(speed_m_s), number(lean_rad))
        }
        Skill::Trace { force_n, speed_m_s, watch_s } => {
            let watch = if watch_s > 0.0 { format!(" · watch {} s", number(watch_s)) } else { String::new() };
            format!("trace {} N · {} m/s{watch}", number(force_n), number(speed_m_s))
        }
        Skill::Release { open_m, settle_s } => format!("release {} · {} s", all(open_m, "m"), number(settle_s)),
    }
}
