//! Why a product stands where it stands, in sentences.

use super::offered::{Best, kind_name, limit_name};
use crate::records::{Evidence, EvidenceLine, MatchGroup, Offer, RequirementLine, Text};

/// How products are ranked.
pub(super) fn rules() -> Text {
    Text::new(
        "先按结论分组：已证实（现行版本）＞已证实（依据已变）＞未决＞未试＞已证伪＞不予试验。组内依次比较：报价是否满足全部限制；\
         最紧要求的下界高出所要求比例多少（未试的产品比较厂家是否写明适用于该行业）；价格（需求写明计价方式时）。都相同者并列。\
         厂家宣称的负载、臂展只供参考，不参与排名。",
        "By what was settled: proved by what is here now, then proved by what has changed since, undecided, unproven, refuted, rejected. Within a \
         group: offers that hold every limit first; then by how far the lower bound of the worst requirement lies above the required rate (of unproven \
         ones, those meant for the job's sector first); then by price, where the need says per what. What is equal in all of these is tied. Stated \
         payload and reach rank nothing.",
    )
}

pub(super) fn why(
    group: MatchGroup,
    evidence: Option<&Evidence>,
    worst: Option<&RequirementLine>,
    nearest: Option<&EvidenceLine>,
    offer: Option<&Offer>,
    best: Option<&Best>,
    limited: bool,
) -> Vec<Text> {
    let mut why = vec![settled(group, evidence)];
    if let Some(evidence) = evidence {
        why.extend(checked(&evidence.line));
        why.extend(evidence.rejection.clone());
    }
    why.extend(worst.filter(|_| group != MatchGroup::Rejected).map(bound));
    if let Some(nearest) = nearest {
        let at = parameters(nearest);
        let (zh, en) = decision(&nearest.decision);
        why.push(Text::new(
            format!("最接近的证据：{at} 时{zh}；对此需求不作数"),
            format!("Nearest evidence: {en} at {at}; it proves nothing for this need"),
        ));
    }
    why.extend(offered(offer, best, limited));
    why
}

fn settled(group: MatchGroup, evidence: Option<&Evidence>) -> Text {
    let stale = evidence.map(|e| e.line.stale.as_slice()).unwrap_or_default();
    let (mut zh, mut en) = match group {
        MatchGroup::Proved => (
            "正是按这些参数证实的，机器人、场景、方案与引擎均为现行版本",
            "Proved for exactly these parameters, by robot, job, solution and engine as they are now",
        ),
        MatchGroup::ProvedStale => {
            ("正是按这些参数证实的，但其依据已变", "Proved for exactly these parameters, by something that has changed since")
        }
        MatchGroup::Undecided => ("正是按这些参数试验过，未能定论", "Tried for exactly these parameters, and not settled"),
        MatchGroup::Unproven => ("没有按这些参数试验过", "Never tried for these parameters"),
        MatchGroup::Refuted => ("正是按这些参数证伪的", "Refuted for exactly these parameters"),
        MatchGroup::Rejected => {
            ("未经试验即可排除：任何控制器都无法突破其界限", "Ruled out before any trial, by a bound that no controller can beat")
        }
    };
    let (mut zh_all, mut en_all) = (String::new(), String::new());
    if !stale.is_empty() {
        let (names_zh, names_en): (Vec<_>, Vec<_>) = stale.iter().map(|s| part(&s.what)).unzip();
        (zh_all, en_all) = (format!("{zh}（已变：{}）", names_zh.join("、")), format!("{en} (changed: {})", names_en.join(", ")));
        (zh, en) = ("", "");
    }
    Text::new(zh_all + zh, en_all + en)
}

fn part(what: &str) -> (&'static str, &'static str) {
    match what {
        "robot" => ("机器人", "robot"),
        "scenario" => ("场景", "job"),
        "solution" => ("方案", "solution"),
        _ => ("引擎", "engine"),
    }
}

fn decision(word: &str) -> (&'static str, &'static str) {
    match word {
        "proved" => ("已证实", "proved"),
        "refuted" => ("已证伪", "refuted"),
        "rejected" => ("不予试验", "rejected"),
        _ => ("未决", "undecided"),
    }
}

fn checked(line: &EvidenceLine) -> Option<Text> {
    let of = line.check.of;
    Some(match line.check.state.as_str() {
        "agrees" if of > 0 => Text::new(
            format!("服务站抽取 {of} 次试验重跑，逐位一致"),
            format!("The hub ran {of} of its trials again, with the same bits"),
        ),
        "agrees" => Text::new("服务站重算一致", "The hub computed it again, to the same"),
        "other-engine" => Text::new("只有制作它的版本才能重跑", "Only the version that made it can run it again"),
        _ => Text::new("服务站尚未重跑", "The hub has not run it again yet"),
    })
}

fn bound(worst: &RequirementLine) -> Text {
    let percent = |rate: f64| format!("{:.1} %", rate * 100.0);
    let (low, high, required) = (percent(worst.low), percent(worst.high), percent(worst.rate_at_least));
    let (held, trials) = (worst.held, worst.trials);
    Text::new(
        format!("最紧的要求“{}”：{held}/{trials} 次成立，真实比例在 {low} 至 {high} 之间，要求 ≥{required}", worst.name.zh),
        format!(
            "Worst requirement, {}: held in {held} of {trials}, true rate between {low} and {high}, required ≥{required}",
            worst.name.en
        ),
    )
}

fn parameters(line: &EvidenceLine) -> String {
    line.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

fn offered(offer: Option<&Offer>, best: Option<&Best>, limited: bool) -> Option<Text> {
    let (Some(offer), Some(best)) = (offer, best) else {
        return limited.then(|| Text::new("没有有效报价，限制无从满足", "No offer stands, so no limit is held"));
    };
    let (kind_zh, kind_en) = kind_name(offer.stated.kind);
    let (who_zh, who_en) = (&offer.organization_name.zh, &offer.organization_name.en);
    let names = |holds: Option<bool>| -> (Vec<_>, Vec<_>) {
        best.limits.iter().filter(|(_, held)| *held == holds).map(|(limit, _)| limit_name(limit)).unzip()
    };
    let ((missed_zh, missed_en), (silent_zh, silent_en)) = (names(Some(false)), names(None));
    let mut zh = format!("“{who_zh}”的{kind_zh}报价");
    let mut en = format!("The {kind_en} offer of {who_en}");
    if !limited {
        return Some(Text::new(zh + "有效", en + " stands"));
    }
    if missed_zh.is_empty() && silent_zh.is_empty() {
        return Some(Text::new(zh + "满足全部限制", en + " holds every limit"));
    }
    if !missed_zh.is_empty() {
        zh += &format!("不满足：{}", missed_zh.join("、"));
        en += &format!(" misses: {}", missed_en.join(", "));
    }
    if !silent_zh.is_empty() {
        zh += &format!("{}未说明：{}", if missed_zh.is_empty() { "" } else { "；" }, silent_zh.join("、"));
        en += &format!("{} says nothing about: {}", if missed_en.is_empty() { "" } else { ";" }, silent_en.join(", "));
    }
    Some(Text::new(zh, en))
}
