//! A verdict on a terminal: word, sentence, table of requirements.

use leitai_package::manifest::{Credibility, ScenarioManifest};
use leitai_proving::arms::{ArmResult, Control};
use leitai_proving::bundle::Evidence;
use leitai_proving::claim::Requirement;
use leitai_proving::engine::Acceptance;
use leitai_proving::engine::acceptance::differences;
use leitai_proving::envelope::Signer;
use leitai_proving::metric::Relation;
use leitai_proving::reason::Reason;
use leitai_proving::verdict::Verdict;

use crate::commands::key;
use crate::context::Context;
use crate::text::{Table, columns, decision, heading, number, wrap};

/// The verdict of a bundle, with its requirements, failures and control arms.
pub fn text(context: &Context, evidence: &Evidence) -> String {
    let verdict = &evidence.verdict;
    let word = verdict.decision.word(context.language);
    let word = context.say(word.to_string(), word.to_uppercase());
    let mut text =
        format!("{}\n{}\n", decision(verdict.decision, &word), wrap(&verdict.headline(context.language), columns(), 0));
    if verdict.trials > 0 {
        text += &format!("\n{}", table(context, verdict, &names_in(context, evidence)));
    }
    text += &agreement(context, evidence);
    if verdict.failures > 0 {
        text += &failures(context, evidence);
    }
    text += &reasons(context, &evidence.reasons);
    text + &controls(context, &evidence.controls)
}

/// Each requirement's line.
fn table(context: &Context, verdict: &Verdict, names: &[String]) -> String {
    let mut table = Table::new(context.say(
        &["要求", "单次试验", ">要求比例", ">成立", ">比例", "区间", "判定"],
        &["requirement", "in one trial", ">required", ">held", ">rate", "interval", "verdict"],
    ));
    let percent = |rate: f64| format!("{:.1} %", rate * 100.0);
    for (line, name) in verdict.requirements.iter().zip(names) {
        let (successes, trials) = (line.rate.successes, line.rate.trials);
        table.row(vec![
            name.clone(),
            predicate(&line.requirement),
            format!("≥{} %", number(line.requirement.rate_at_least * 100.0)),
            format!("{successes}/{trials}"),
            if trials == 0 { "–".to_string() } else { percent(successes as f64 / trials as f64) },
            format!("[{}, {}]", percent(line.rate.interval.low), percent(line.rate.interval.high)),
            line.word(context.language).to_string(),
        ]);
    }
    table.render()
}

/// What must hold in one trial, with its limit rounded for the eye.
pub fn predicate(requirement: &Requirement) -> String {
    let predicate = &requirement.predicate;
    let sign = match predicate.relation {
        Relation::AtMost => "≤",
        Relation::AtLeast => "≥",
        other => other.symbol(),
    };
    format!("{} {sign} {}", predicate.metric, number(predicate.limit))
}

/// What the acceptance file asked for that the scenario does not, and by what the seed was sealed.
fn agreement(context: &Context, evidence: &Evidence) -> String {
    let Some(text) = &evidence.acceptance else { return String::new() };
    let Ok(file) = Acceptance::read("acceptance.toml", text) else { return String::new() };
    let mut lines: Vec<String> = Vec::new();
    if let Some(scenario) = evidence.scenario() {
        lines.extend(differences(&evidence.claim, &scenario).into_iter().map(|text| context.say(text.zh, text.en)));
    }
    if let Some(seal) = &file.manifest.seal {
        let (challenge, commitment) = (&seal.challenge, &seal.commitment);
        lines.push(context.say(
            format!("种子由揭榜任务“{challenge}”事先封存，承诺 {commitment}"),
            format!("The seed was sealed before by the challenge “{challenge}”, commitment {commitment}"),
        ));
    }
    let title = file.manifest.acceptance.title.map_or(String::new(), |title| format!("  {}", context.say(title.zh, title.en)));
    let lines: String = lines.iter().map(|line| format!("  {}\n", wrap(line, columns(), 2))).collect();
    format!("\n{}{title}\n{lines}", heading(context.say("按验收文件", "By acceptance file")))
}

/// Failures in words, the most frequent first.
fn failures(context: &Context, evidence: &Evidence) -> String {
    let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for failure in evidence.outcomes.iter().filter_map(|o| o.failure.as_ref()) {
        *counts.entry(&failure.what).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let shown = 4;
    let mut lines: String =
        counts.iter().take(shown).map(|(what, n)| format!("  {n} × {}\n", wrap(what, columns(), 6))).collect();
    if let Some(more) = counts.len().checked_sub(shown).filter(|more| *more > 0) {
        lines += &context.say(format!("  另有 {more} 种，见报告\n"), format!("  and {more} more, told in the report\n"));
    }
    format!("\n{}\n{lines}", context.say("失败：", "Failures:"))
}

/// What lifting one limit at a time did to failed trials.
fn reasons(context: &Context, reasons: &[Reason]) -> String {
    let lines: String = reasons
        .iter()
        .map(|reason| {
            let text = reason.text();
            format!("  {}\n", wrap(context.say(&text.zh, &text.en), columns(), 2))
        })
        .collect();
    if lines.is_empty() {
        lines
    } else {
        format!(
            "\n{}\n{lines}",
            context.say("原因（只放开一项限值，重跑失败的试验）：", "Reasons (failed trials again, one limit lifted):")
        )
    }
}

/// What the control arms did, and what it means.
fn controls(context: &Context, arms: &[ArmResult]) -> String {
    if arms.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n{}\n",
        heading(context.say("对照组（场景本身是否可靠）", "Control arms (whether the scenario itself is sound)"))
    );
    let mut table = Table::new(context.say(&["对照", ">通过", "应当", "结果"], &["arm", ">passed", "must", "result"]));
    for arm in arms {
        let (name, must) = match arm.control {
            Control::NullHold => (context.say("静止不动", "holds still"), context.say("失败", "fail")),
            Control::NullBlind => {
                (context.say("盲目重复名义动作", "repeats the nominal motion blind"), context.say("失败", "fail"))
            }
            Control::Oracle => (
                context.say("已知真实位姿", "is told the true poses"),
                context.say("通过，除非方案本身已证伪", "pass, unless the solution was refuted"),
            ),
        };
        let result = if arm.as_expected {
            context.say("符合", "as it must")
        } else {
            context.say("不符：此场景不可信", "NOT as it must: do not trust this scenario")
        };
        table.row(vec![name.to_string(), format!("{}/{}", arm.passed, arm.trials), must.to_string(), result.to_string()]);
    }
    text += &table.render();
    text
}

/// Names of requirements for people; without the scenario, their predicates.
pub fn names(context: &Context, scenario: Option<&ScenarioManifest>, requirements: &[Requirement]) -> Vec<String> {
    // A claim's requirements stand in the order of the scenario's file.
    let known = scenario.map(|s| s.require.as_slice()).unwrap_or_default();
    requirements
        .iter()
        .enumerate()
        .map(|(i, requirement)| match known.get(i) {
            Some(named) => context.of(&named.name).to_string(),
            None => requirement.name(),
        })
        .collect()
}

/// As [`names`], from the scenario inside a bundle.
pub fn names_in(context: &Context, evidence: &Evidence) -> Vec<String> {
    names(context, evidence.scenario().as_ref(), &evidence.claim.requirements)
}

/// Who signed, in words.
pub fn signer(context: &Context, signer: &Signer) -> String {
    let Signer::Signed { key_id, trusted_as } = signer else {
        return context.say("未签名：无人为此证据包担保", "unsigned: nobody vouches for this bundle").to_string();
    };
    let key = &key_id[..16];
    match trusted_as.as_deref() {
        Some(name) if name == key::yourself(context) => {
            context.say(format!("由你自己的密钥签名（{key}）"), format!("signed with your own key ({key})"))
        }
        Some(name) => {
            context.say(format!("由“{name}”签名，密钥受你信任（{key}）"), format!("signed by {name}, a key you trust ({key})"))
        }
        None => context.say(format!("由你不信任的密钥签名（{key}）"), format!("signed by a key you do not trust ({key})")),
    }
}

/// How far the simulation has been compared with reality, in words.
pub fn credibility(context: &Context, credibility: Credibility) -> &'static str {
    match credibility {
        Credibility::None => context.say("无（未与实机比对）", "none (never compared with a real run)"),
        Credibility::Calibrated => context.say("已标定", "calibrated"),
        Credibility::Paired => context.say("已与实机逐次比对", "paired with real runs"),
    }
}
