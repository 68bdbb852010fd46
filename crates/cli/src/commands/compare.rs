//! `leitai compare`: two bundles of one job, trial by trial.

use leitai_proving::bundle::Bundle;
use leitai_proving::compare::{CompareError, Comparison, Discordance, compare, compare_rerun};
use leitai_proving::engine::Leitai;
use leitai_proving::verify::Refusal;
use serde_json::json;

use super::rerun::Counter;
use crate::arguments::{Compare, threads};
use crate::context::{Context, program};
use crate::evidence;
use crate::failure::{Exit, Failure};
use crate::text::{Table, heading, number};
use crate::verdict;

/// A split this surprising is taken for a difference.
const SIGNIFICANT: f64 = 0.05;

/// Compares.
pub fn run(context: &Context, arguments: &Compare) -> Result<Exit, Failure> {
    let (a, b) = (evidence::read(context, &arguments.a)?, evidence::read(context, &arguments.b)?);
    let (found, rerun) = match compare(&a, &b) {
        Err(CompareError::OtherSeeds { .. }) => {
            context.note(context.say(
                "两者的种子不同：将第二个的机器人和方案在第一个的种子上重跑",
                "the seeds differ: running the second robot and solution on the first one's seeds",
            ));
            let counter = Counter::new(context);
            let result =
                compare_rerun(&a, &b, &Leitai, threads(arguments.jobs), counter.stop(), &mut |done, of| counter.show(done, of));
            counter.finish();
            (result, true)
        }
        result => (result, false),
    };
    let found = found.map_err(|error| failure(context, &error))?;
    let document = json!({ "a": a.digest(), "b": b.digest(), "second_run_on_first_seeds": rerun, "comparison": found });
    context.print(&document, &text(context, &a, &b, &found))?;
    Ok(Exit::Good)
}

fn failure(context: &Context, error: &CompareError) -> Failure {
    let (exit, next) = match error {
        CompareError::Rerun(Refusal::Interrupted) => (Exit::Interrupted, context.say("重新运行", "run it again").to_string()),
        CompareError::Rerun(_) => (Exit::Failed, format!("{} verify B", program())),
        CompareError::OtherSeeds { .. } | CompareError::OtherJob { .. } | CompareError::Empty => (
            Exit::Usage,
            context
                .say("给出同一任务、同样参数的两个证据包", "give two bundles of the same job with the same parameters")
                .to_string(),
        ),
    };
    Failure::from_error(exit, context.language, "两者无法逐次比较", error, next)
}

/// A side, by what differs between sides.
fn side(bundle: &Bundle) -> String {
    let claim = &bundle.evidence.claim;
    format!("{} ({}, {})", claim.robot.id, claim.solution.id, claim.robot.digest.short())
}

fn text(context: &Context, a: &Bundle, b: &Bundle, found: &Comparison) -> String {
    let mut text = format!("A  {}\nB  {}\n", side(a), side(b));
    text += &context
        .say(format!("{} 对同种子试验\n\n", found.pairs), format!("{} pairs of trials on the same seeds\n\n", found.pairs));
    let mut table = Table::new(context.say(
        &["要求", ">都成立", ">仅 A", ">仅 B", ">都不成立", ">p 值"],
        &["requirement", ">both", ">only A", ">only B", ">neither", ">p"],
    ));
    let all = context.say("全部要求", "all of them").to_string();
    let claim = &a.evidence.claim;
    // By the names of the job, in its order.
    let names = verdict::names_in(context, &a.evidence);
    let of_claim = claim.requirements.iter().zip(&names).filter_map(|(r, name)| Some((name, found.requirements.get(&r.name())?)));
    for (name, d) in of_claim.chain([(&all, &found.all)]) {
        let counts = [d.both, d.only_a, d.only_b, d.neither].map(|n| n.to_string());
        let [both, only_a, only_b, neither] = counts;
        table.row(vec![name.clone(), both, only_a, only_b, neither, format!("{:.3}", d.p_value)]);
    }
    text += &table.render();
    let mut table = Table::new(
        context
            .say(&["量", ">对数", ">B 减 A 的均值", "95 % 区间"], &["metric", ">pairs", ">mean of B minus A", "95 % interval"]),
    );
    for (name, difference) in &found.metrics {
        let interval = difference.interval.map_or("–".to_string(), |i| format!("[{}, {}]", number(i.low), number(i.high)));
        table.row(vec![name.clone(), difference.pairs.to_string(), number(difference.mean), interval]);
    }
    if !table.is_empty() {
        text += &format!("\n{}", table.render());
    }
    text + &format!("\n{}\n", heading(&conclusion(context, &found.all)))
}

/// What the pairs say about which side passes more trials.
fn conclusion(context: &Context, all: &Discordance) -> String {
    let (only_a, only_b) = (all.only_a, all.only_b);
    let p = format!("{:.3}", all.p_value);
    if all.p_value < SIGNIFICANT {
        let better = if only_a > only_b { "A" } else { "B" };
        context.say(
            format!("{better} 更好：仅 A 通过 {only_a} 次，仅 B 通过 {only_b} 次（McNemar 精确检验 p = {p}）。"),
            format!("{better} is better: {only_a} trials passed by A alone, {only_b} by B alone (McNemar's exact p = {p})."),
        )
    } else {
        context.say(
            format!("没有显出差别：仅 A 通过 {only_a} 次，仅 B 通过 {only_b} 次（McNemar 精确检验 p = {p}）。"),
            format!("No difference shown: {only_a} trials passed by A alone, {only_b} by B alone (McNemar's exact p = {p})."),
        )
    }
}
