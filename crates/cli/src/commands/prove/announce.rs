//! What is said before a run, so that nobody can say afterwards that it was planned otherwise; and what the verdict rests on.

use leitai_proving::claim::{ContactMode, SeedRule, TrialRule};
use leitai_proving::engine::Case;
use leitai_proving::plan::{Plan, RequirementPlan};
use leitai_proving::report::Standing;
use leitai_proving::report::fill::figures;

use crate::context::Context;
use crate::text::{Table, columns, figure, heading, number, wrap};
use crate::verdict;

/// The claim with its digest, the plan and the warnings.
pub fn text(context: &Context, case: &Case) -> String {
    let claim = &case.claim;
    let mut text = format!(
        "{}  {} · {} · {}\n",
        heading(context.say("声明", "Claim")),
        claim.robot.id,
        claim.scenario.id,
        claim.solution.id
    );
    for (name, value) in &claim.parameters {
        let unit = case.packages.scenario.parameter.get(name).map_or("1", |p| p.unit.as_str());
        text += &format!("  {name} = {}\n", figure(*value, unit));
    }
    let seed = match claim.seed {
        SeedRule::Derived => context.say("种子由声明导出", "seed derived from the claim").to_string(),
        SeedRule::Chosen(seed) => {
            format!("{} {seed}", context.say("种子由人工指定（探索性）", "seed chosen by hand (exploratory)"))
        }
        SeedRule::Sealed { commitment, .. } => {
            format!("{} {}", context.say("种子事先封存，承诺", "seed sealed before, commitment"), commitment.short())
        }
    };
    let contact = match claim.contact {
        ContactMode::Compat => "compat",
        ContactMode::Stick => "stick",
    };
    let (step, touch) = (context.say("步长", "time step"), context.say("接触", "contact"));
    text += &format!("  {} · {touch} {contact} · {step} {} s · {seed}\n", claim.engine, number(claim.dt_s));
    text += &format!("  {} {}\n", context.say("声明摘要", "claim digest"), claim.digest());
    for warning in &case.warnings {
        let text_of = context.say(&warning.zh, &warning.en);
        text += &format!("{}\n", wrap(&format!("{}{text_of}", context.say("注意：", "warning: ")), columns(), 2));
    }
    if case.rejection.is_none() {
        text += &plan(context, case, &case.plan());
    }
    text + "\n"
}

fn plan(context: &Context, case: &Case, plan: &Plan) -> String {
    let claim = &case.claim;
    let trials = match (claim.trials, plan.fewest_trials) {
        (TrialRule::Fixed { trials }, _) => context.say(format!("恰好 {trials} 次试验"), format!("exactly {trials} trials")),
        (TrialRule::Sequential { limit }, Some(fewest)) => context.say(
            format!("若无失败，{fewest} 次试验即可证实；最多 {limit} 次，一有定论即停"),
            format!("{fewest} trials prove it if none fails; at most {limit}, and the run ends as soon as it is settled"),
        ),
        (TrialRule::Sequential { limit }, None) => context.say(
            format!("最多 {limit} 次试验；这个上限不足以证实"),
            format!("at most {limit} trials, which are too few to prove it"),
        ),
    };
    let share = number((1.0 - claim.confidence()) * 100.0);
    let error = match claim.trials {
        TrialRule::Fixed { .. } => context.say(
            format!("整个声明的误判率 ≤{share} %；试验全部结束后判定一次"),
            format!("a false verdict on the whole claim in ≤{share} %, judged once at the end"),
        ),
        TrialRule::Sequential { .. } => context.say(
            format!("整个声明的误判率 ≤{share} %，随时查看不影响"),
            format!("a false verdict on the whole claim in ≤{share} %, however often one looks"),
        ),
    };
    let mut text = format!("\n{}  {trials}\n  {error}\n", heading(context.say("计划", "Plan")));
    let names = verdict::names(context, Some(&case.packages.scenario), &claim.requirements);
    let joined = |wanted: &dyn Fn(&RequirementPlan) -> bool| {
        let wanted = plan.requirements.iter().zip(&names).filter(|(r, _)| wanted(r));
        wanted.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(context.say("、", ", "))
    };
    if !plan.out_of_reach.is_empty() {
        let lead = context
            .say("注意：即使无一失败，试验次数也不足以证实：", "warning: too few trials to prove, even without a failure: ");
        let missed = joined(&|r| plan.out_of_reach.contains(&r.requirement.name()));
        text += &format!("{}\n", wrap(&format!("{lead}{missed}"), columns(), 2));
        return text;
    }
    // Requirements with the same rate and the same part of the error have the same curve.
    let mut shown: Vec<&RequirementPlan> = Vec::new();
    for one in plan.requirements.iter().filter(|r| !r.curve.is_empty()) {
        if shown.iter().any(|s| s.curve == one.curve) {
            continue;
        }
        shown.push(one);
        let title = curve_title(context, one, &joined(&|r| r.curve == one.curve));
        text += &format!("  {}\n", wrap(&title, columns(), 2));
        let mut table = Table::new(context.say(
            &["  真实比例", ">证实", ">证伪", ">未决", ">平均次数"],
            &["  true rate", ">proved", ">refuted", ">undecided", ">trials on average"],
        ));
        for point in &one.curve {
            let percent = |p: f64| format!("{:.1} %", p * 100.0);
            let undecided = (1.0 - point.proved - point.refuted).max(0.0);
            table.row(vec![
                format!("  {} %", number(point.rate * 100.0)),
                percent(point.proved),
                percent(point.refuted),
                percent(undecided),
                format!("{:.0}", point.trials),
            ]);
        }
        text += &table.render();
    }
    text
}

fn curve_title(context: &Context, plan: &RequirementPlan, names: &str) -> String {
    let rate = number(plan.requirement.rate_at_least * 100.0);
    context.say(
        format!("若真实比例如下，会得到什么判定（要求 ≥{rate} %：{names}）"),
        format!("what the verdict will be if the true rate is as follows (required ≥{rate} %: {names})"),
    )
}

/// How many figures the verdict rests on that nobody has read in a source.
pub fn rests_on(context: &Context, case: &Case) -> String {
    let figures = figures(&case.packages, &case.claim);
    let count = |standing| figures.iter().filter(|f| f.standing == standing).count();
    let (assumed, recalled, verified) = (count(Standing::Assumed), count(Standing::Recalled), count(Standing::Verified));
    let grade = case.packages.robot.robot.dynamics_grade.grade;
    let credibility = verdict::credibility(context, case.packages.scenario.scenario.credibility);
    let text = context.say(
        format!("依据：{assumed} 项假设、{recalled} 项凭记忆、{verified} 项已核实的数据；动力学等级 {grade:?}；仿真可信度：{credibility}"),
        format!(
            "Rests on {assumed} assumed, {recalled} recalled and {verified} verified figures; dynamics grade {grade:?}; simulation credibility: {credibility}"
        ),
    );
    format!("\n{}\n", wrap(&text, columns(), 0))
}
