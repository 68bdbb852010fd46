//! `leitai match`: products for a need, from a hub or from what is on this machine.

use std::path::Path;

use leitai_hub::records::{Chosen, District, GroupCounts, Limits, Match, MatchGroup, MatchLine, PricePer, Wanted};
use leitai_hub::{Here, LocalError};
use leitai_package::manifest::{self, NeedManifest, Text};
use serde_json::{Value, json};

use super::hub;
use super::prove::agreed::write_new;
use super::publish::Connection;
use crate::arguments::Match as Arguments;
use crate::catalog::Catalog;
use crate::context::{Context, program};
use crate::failure::{Exit, Failure};
use crate::text::{columns, heading, number, wrap};

/// A longer file is no need.
const MOST_BYTES: u64 = 1 << 20;

/// Answers a need.
pub fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    let (need, wanted) = read(context, &arguments.need)?;
    let (found, file, held) = match &arguments.hub {
        Some(base) => {
            let (found, file) = asked(context, arguments, base, &wanted)?;
            (found, file, None)
        }
        None => {
            let (found, file, held) = looked(context, arguments, &need, &wanted)?;
            (found, file, Some(held))
        }
    };
    if let (Some(to), Some(text)) = (&arguments.acceptance, &file) {
        write_new(context, to, text)?;
    }
    let mut text = told(context, &need, &found, held, arguments);
    if let Some(to) = &arguments.acceptance {
        let lead = context.say("验收文件", "acceptance file");
        text += &format!("\n{lead}  {}\n  {} prove --acceptance {}\n", to.display(), program(), to.display());
    }
    context.print(&json!({ "match": found, "acceptance": arguments.acceptance }), &text)?;
    Ok(Exit::Good)
}

/// The need in a file.
fn read(context: &Context, file: &Path) -> Result<(NeedManifest, Wanted), Failure> {
    let shown = file.display().to_string();
    let next = context.say("写法见 docs/hub.md", "docs/hub.md shows how to write one");
    let failed = |what: String| Failure::usage(format!("{shown}: {what}"), next);
    let size = std::fs::metadata(file).map_err(|error| failed(error.to_string()))?.len();
    if size > MOST_BYTES {
        return Err(failed(context.say(format!("{size} 字节，不是需求文件"), format!("{size} bytes; this is no need"))));
    }
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    let wrong = |error| Failure::from_error(Exit::Usage, context.language, "需求文件有误", &error, next);
    let need = NeedManifest::parse(&shown, &text).map_err(wrong)?;
    let region = match &need.limit.region {
        None => None,
        Some(word) => Some(serde_json::from_value::<District>(Value::String(word.clone())).map_err(|_| {
            let known: Vec<String> = District::ALL.iter().map(|d| json!(d).as_str().unwrap_or_default().to_string()).collect();
            let what = format!("there is no region `{word}`; there are {}", known.join(", "));
            wrong(NeedManifest::fault(&shown, &text, "limit.region", what))
        })?),
    };
    let limits = Limits {
        kind: need.limit.kind.map(Into::into),
        price_cny: need.limit.price_cny,
        per: need.limit.per.map(Into::into),
        delivery_days: need.limit.delivery_days,
        region,
        floor_m2: need.limit.floor_m2,
    };
    let wanted = Wanted { scenario: need.need.scenario.clone(), parameters: need.parameter.clone(), limits };
    Ok((need, wanted))
}

/// What a hub says, and the acceptance file if one is wanted.
fn asked(context: &Context, arguments: &Arguments, base: &str, wanted: &Wanted) -> Result<(Match, Option<String>), Failure> {
    let connection = Connection::new(context, base);
    let found = connection.post(&format!("/api/v1/match?per_page={}", arguments.show), &json!(wanted))?;
    let file = match &arguments.robot {
        None => None,
        Some(robot) => {
            let chosen = Chosen { wanted: wanted.clone(), robot: robot.clone(), offer: None };
            let bytes = connection.post("/api/v1/match/acceptance", &json!(chosen))?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
    };
    Ok((connection.record(&found)?, file))
}

/// What this machine says: its catalog and its store; how many pieces of evidence on the job there are.
fn looked(
    context: &Context,
    arguments: &Arguments,
    need: &NeedManifest,
    wanted: &Wanted,
) -> Result<(Match, Option<String>, u64), Failure> {
    let folder = hub::folder(context, arguments.data.as_deref())?;
    let catalog = Catalog::open(context)?;
    let failed = |error: LocalError| {
        let (exit, next) = match &error {
            LocalError::Need(_) => (Exit::Usage, format!("{} show {}", program(), wanted.scenario)),
            LocalError::Agree(_) => (Exit::Usage, format!("{} list robots", program())),
            LocalError::Catalog(_) => (Exit::Usage, String::new()),
            LocalError::Store(_) => (Exit::Failed, format!("{} hub check", program())),
        };
        let mut failure = Failure::from_error(exit, context.language, "无法对接", &error, next);
        failure.what = catalog.where_it_is(&failure.what);
        failure
    };
    let here = Here::look(&folder, catalog.files.clone(), wanted).map_err(failed)?;
    let found = here.answer(1, arguments.show).map_err(failed)?;
    let file = match &arguments.robot {
        None => None,
        Some(robot) => {
            let title = Text { zh: need.need.title.clone(), en: need.need.title.clone() };
            let of = manifest::Acceptance {
                title: Some(title),
                made_by: need.need.made_by.clone(),
                need: Some(arguments.need.display().to_string()),
                engine: None,
            };
            Some(here.acceptance(robot, None, of).map_err(failed)?.to_string())
        }
    };
    Ok((found, file, here.evidence))
}

fn told(context: &Context, need: &NeedManifest, found: &Match, held: Option<u64>, arguments: &Arguments) -> String {
    let name = context.say(&found.scenario_name.zh, &found.scenario_name.en);
    let parameters: Vec<String> =
        found.wanted.parameters.iter().map(|(name, value)| format!("{name} = {}", number(*value))).collect();
    let mut text = format!(
        "{}  {}\n  {name} · {}\n\n",
        heading(context.say("需求", "Need")),
        need.need.title,
        std::iter::once(found.wanted.scenario.clone()).chain(parameters).collect::<Vec<_>>().join(" · ")
    );
    for line in &found.items {
        text += &row(context, line);
    }
    if let Some(more) = found.total.checked_sub(found.items.len() as u64).filter(|more| *more > 0) {
        text +=
            &context.say(format!("另有 {more} 个产品，--show N 显示更多\n"), format!("and {more} more; --show N shows them\n"));
    }
    text += &format!("\n{}\n", counts(context, &found.counts));
    text += &format!("{}\n", wrap(context.say(&found.rules.zh, &found.rules.en), columns(), 0));
    let tried = found.counts.unproven < found.total;
    if !tried {
        let nothing = match held {
            Some(0) => context.say("本机存储中没有关于此任务的证据", "this machine's store holds no evidence on this job"),
            _ => context.say("没有按这些参数的证据", "there is no evidence for these parameters"),
        };
        let next =
            context.say("所有产品都未试；先判定其中之一，再发布：", "every product is unproven; prove one and publish it:");
        text += &format!("\n{}\n", wrap(&format!("{nothing}{}{next}", context.say("，", ", so ")), columns(), 0));
        if let Some(first) = found.items.first() {
            let set: String = found.wanted.parameters.iter().map(|(name, value)| format!(" --set {name}={value}")).collect();
            let (program, robot, scenario) = (program(), &first.product.id, &found.wanted.scenario);
            text += &format!("  {program} prove {robot} {scenario}{set} -o out/match\n  {program} publish out/match\n");
        }
    } else if arguments.acceptance.is_none()
        && let Some(first) = found.items.first().filter(|first| first.group == MatchGroup::Proved)
    {
        let lead = context.say("与首位约定，写成合同附件：", "agree on the first, as a contract's annex:");
        let file = arguments.need.display();
        text += &format!("\n{lead}\n  {} match {file} --acceptance annex.toml --robot {}\n", program(), first.product.id);
    }
    text
}

fn row(context: &Context, line: &MatchLine) -> String {
    let name = context.say(&line.product.name.zh, &line.product.name.en);
    let group = match line.group {
        MatchGroup::Proved => context.say("已证实", "proved"),
        MatchGroup::ProvedStale => context.say("已证实（依据已变）", "proved, stale"),
        MatchGroup::Undecided => context.say("未决", "undecided"),
        MatchGroup::Unproven => context.say("未试", "unproven"),
        MatchGroup::Refuted => context.say("已证伪", "refuted"),
        MatchGroup::Rejected => context.say("不予试验", "rejected"),
    };
    let stated: Vec<String> = line
        .product
        .figures
        .iter()
        .filter(|figure| figure.name != "mass_kg")
        .map(|figure| format!("{} {}", number(figure.value), figure.unit))
        .collect();
    let mut text = format!("{:>4}  {}  {name} · {}\n", line.rank, heading(group), line.product.id);
    for why in &line.why {
        text += &format!("      {}\n", wrap(context.say(&why.zh, &why.en), columns(), 6));
    }
    if let Some(offer) = &line.offer {
        let per = context.say(
            match offer.stated.per {
                PricePer::Piece => "台",
                PricePer::Month => "月",
                PricePer::Hour => "小时",
                PricePer::Job => "次",
            },
            match offer.stated.per {
                PricePer::Piece => "piece",
                PricePer::Month => "month",
                PricePer::Hour => "hour",
                PricePer::Job => "job",
            },
        );
        let (price, days) = (number(offer.stated.price_cny), offer.stated.delivery_days);
        text += &context.say(
            format!("      报价 {}：{price} 元/{per}，{days} 天交付\n", offer.id),
            format!("      offer {}: {price} yuan per {per}, delivered in {days} days\n", offer.id),
        );
    }
    if !stated.is_empty() {
        text += &format!("      {}{}\n", context.say("厂家宣称：", "stated by its maker: "), stated.join(" · "));
    }
    text
}

fn counts(context: &Context, counts: &GroupCounts) -> String {
    let GroupCounts { proved, proved_stale, undecided, unproven, refuted, rejected } = *counts;
    context.say(
        format!("已证实 {proved}，已证实但依据已变 {proved_stale}，未决 {undecided}，未试 {unproven}，已证伪 {refuted}，不予试验 {rejected}"),
        format!(
            "{proved} proved, {proved_stale} proved but stale, {undecided} undecided, {unproven} unproven, {refuted} refuted, {rejected} rejected"
        ),
    )
}
