//! `leitai verify`: a stranger's bundle, believed only as far as it can be computed again.

use leitai_proving::bundle::Bundle;
use leitai_proving::engine::Leitai;
use leitai_proving::verdict::{Decision, Rate};
use leitai_proving::verify::{Fresh, Options, Reexecute, Refusal, Verification, own_seed, verify};

use super::key;
use super::rerun::Counter;
use crate::arguments::{Verify, threads};
use crate::context::{Context, program};
use crate::evidence;
use crate::failure::{Exit, Failure};
use crate::text::{Table, heading};
use crate::verdict;

/// Verifies.
pub fn run(context: &Context, arguments: &Verify) -> Result<Exit, Failure> {
    let path = evidence::find(context, &arguments.bundle)?;
    let bundle = Bundle::read(&path).map_err(|error| evidence::failure(context, &path, &error))?;
    let trust = key::trusted(context)?;
    let seed = match arguments.seed {
        Some(seed) => seed,
        None => own_seed().map_err(|error| Failure {
            exit: Exit::Failed,
            what: format!("{}{error}", context.say("系统没有给出随机数：", "the system gave no random bytes: ")),
            next: context.say("用 --seed 自己给一个", "give a seed of your own with --seed").to_string(),
        })?,
    };
    let options = Options {
        reexecute: arguments.reexecute.map_or(Reexecute::All, Reexecute::Sample),
        fresh: arguments.fresh,
        seed,
        jobs: threads(arguments.jobs),
    };
    let counter = Counter::new(context);
    let result = verify(&bundle, &Leitai, &trust, &options, counter.stop(), &mut |done, of| counter.show(done, of));
    counter.finish();
    let found = result.map_err(|refusal| failure(context, &path.display().to_string(), &refusal))?;
    let mut again = format!("{} verify {}", program(), path.display());
    if let Some(sample) = arguments.reexecute {
        again += &format!(" --reexecute {sample}");
    }
    if arguments.fresh > 0 {
        again += &format!(" --fresh {}", arguments.fresh);
    }
    again += &format!(" --seed {seed}");
    context.print(&serde_json::json!({ "seed": seed, "verification": found }), &text(context, &bundle, &found, seed, &again))?;
    Ok(if found.fresh.is_some_and(|fresh| !fresh.agrees) { Exit::Refused } else { Exit::Good })
}

fn failure(context: &Context, path: &str, refusal: &Refusal) -> Failure {
    if matches!(refusal, Refusal::Interrupted) {
        return Failure {
            exit: Exit::Interrupted,
            what: context
                .say(
                    "重跑未完即停止；对该证据包没有作出任何判断",
                    "stopped before all trials were run again; nothing was decided about the bundle",
                )
                .to_string(),
            next: context
                .say("重新运行；--reexecute N 只抽查 N 次", "run it again; --reexecute N checks a sample of N")
                .to_string(),
        };
    }
    let next = match refusal {
        Refusal::OtherEngine { .. } => context.say("用制作它的那个版本来验证", "verify it with the version that made it"),
        _ => context.say("不要采信；向提供者索取原始文件", "do not rely on it; ask whoever gave it to you for the original"),
    };
    let mut failure = Failure::from_error(Exit::Refused, context.language, "证据包被拒绝", refusal, next);
    failure.what = format!("{path}: {}", failure.what);
    failure
}

fn text(context: &Context, bundle: &Bundle, found: &Verification, seed: u64, again: &str) -> String {
    let mut text = format!("{}  {}\n", heading(context.say("证据包", "Bundle")), found.bundle);
    text += &format!("  {}\n", verdict::signer(context, &found.signer));
    let trials = found.verdict.trials;
    text += &if found.verdict.decision == Decision::Rejected {
        context
            .say("  界限重算一致；没有试验可重跑\n", "  the bound computes to the same; there are no trials to run again\n")
            .to_string()
    } else {
        context.say(
            format!("  重跑 {} / {trials} 次试验，逐位一致\n", found.reexecuted),
            format!("  {} of {trials} trials run again, with the same bits\n", found.reexecuted),
        )
    };
    let (made, trusted) = (found.logs_recreated.len(), found.logs_trusted.len());
    if made > 0 {
        text += &context.say(
            format!("  {made} 个运动日志重新生成，逐字节一致\n"),
            format!("  {made} motion logs made again, with the same bytes\n"),
        );
    }
    if trusted > 0 {
        text += &context
            .say(format!("  {trusted} 个运动日志未能重新生成\n"), format!("  {trusted} motion logs were not made again\n"));
    }
    text += &format!("\n{}", verdict::text(context, &bundle.evidence));
    if let Some(fresh) = &found.fresh {
        text += &fresh_text(context, fresh, &verdict::names_in(context, &bundle.evidence));
    }
    if found.fresh.is_some() || found.reexecuted < trials {
        text += &format!("\n{} {seed}\n  {again}\n", context.say("验证者的种子：", "the verifier's seed:"));
    }
    text
}

fn fresh_text(context: &Context, fresh: &Fresh, names: &[String]) -> String {
    let title = context.say(format!("新增试验 {} 次", fresh.trials), format!("{} fresh trials", fresh.trials));
    let mut table =
        Table::new(context.say(&["要求", "证据包", "新增", "是否相符"], &["requirement", "bundle", "fresh", "agrees"]));
    let rate = |rate: &Rate| {
        let percent = |p: f64| format!("{:.1} %", p * 100.0);
        format!("{}/{} [{}, {}]", rate.successes, rate.trials, percent(rate.interval.low), percent(rate.interval.high))
    };
    for (line, name) in fresh.requirements.iter().zip(names) {
        let agrees = if line.agrees { context.say("相符", "yes") } else { context.say("不符", "NO") };
        table.row(vec![name.clone(), rate(&line.bundle), rate(&line.fresh), agrees.to_string()]);
    }
    let conclusion = if fresh.agrees {
        context.say("新增试验与证据包相符。", "The fresh trials agree with the bundle.")
    } else {
        context.say("新增试验与证据包不符：不要采信。", "The fresh trials DISAGREE with the bundle: do not rely on it.")
    };
    format!("\n{}\n{}{conclusion}\n", heading(&title), table.render())
}
