//! A verdict in words, Chinese and English.
//!
//! Every sentence names the robot, the solution, the scenario, the model's version and the engine, because the verdict is
//! about those and not about hardware. "Cannot" is said only of a rejection, which rests on a bound.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Decision, RequirementVerdict, Verdict};
use crate::claim::TrialRule;
use crate::statistic::Settled;

/// A language of reports and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl Decision {
    /// One word.
    #[must_use]
    pub fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Proved, Language::En) => "proved",
            (Self::Refuted, Language::En) => "refuted",
            (Self::Undecided, Language::En) => "undecided",
            (Self::Rejected, Language::En) => "rejected",
            (Self::Proved, Language::Zh) => "已证实",
            (Self::Refuted, Language::Zh) => "已证伪",
            (Self::Undecided, Language::Zh) => "未决",
            (Self::Rejected, Language::Zh) => "不予试验",
        }
    }
}

impl RequirementVerdict {
    /// What was settled about this requirement, in one word.
    #[must_use]
    pub fn word(&self, language: Language) -> &'static str {
        match (self.share.decides, self.settled, language) {
            (false, _, Language::En) => "estimate",
            (false, _, Language::Zh) => "仅估计",
            (true, Some(Settled::Proved), _) => Decision::Proved.word(language),
            (true, Some(Settled::Refuted), _) => Decision::Refuted.word(language),
            (true, None, _) => Decision::Undecided.word(language),
        }
    }

    /// The requirement, what was seen and what follows, in one line.
    #[must_use]
    pub fn line(&self, language: Language) -> String {
        let name = self.requirement.name();
        let required = percent(self.requirement.rate_at_least);
        let word = self.word(language);
        match language {
            Language::En => format!("`{name}` in ≥{required} of trials: {word}; {}", self.rate),
            Language::Zh => format!("“{name}”在≥{required}的试验中成立：{word}；{}", self.rate),
        }
    }
}

impl Verdict {
    /// The whole verdict in one paragraph.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        self.paragraph(language, true)
    }

    /// The same without the requirements' lines, for a page that shows them as a table below.
    #[must_use]
    pub fn headline(&self, language: Language) -> String {
        self.paragraph(language, false)
    }

    fn paragraph(&self, language: Language, with_lines: bool) -> String {
        let about = self.about(language);
        let lines = |settled| if with_lines { self.lines(settled, language) } else { String::new() };
        let body = match language {
            Language::En => self.body_en(&lines),
            Language::Zh => self.body_zh(&lines),
        };
        let seed = match (self.exploratory, language) {
            (false, _) => "",
            (true, Language::En) => " Exploratory: the seed was chosen by hand.",
            (true, Language::Zh) => "探索性结果：随机种子由人工指定。",
        };
        format!("{about}{body}{seed}")
    }

    fn about(&self, language: Language) -> String {
        let (robot, solution, scenario) = (&self.robot, &self.solution, &self.scenario);
        let versions = [robot, solution, scenario].map(|s| s.digest.short());
        let word = self.decision.word(language);
        match language {
            Language::En => {
                let mut word = word.to_string();
                word[..1].make_ascii_uppercase();
                format!(
                    "{word}: robot model `{}` (version {}) with solution `{}` (version {}) in scenario `{}` (version {}), \
                     simulated by {}. ",
                    robot.id, versions[0], solution.id, versions[1], scenario.id, versions[2], self.engine
                )
            }
            Language::Zh => format!(
                "{word}：机器人模型“{}”（版本 {}）采用方案“{}”（版本 {}），场景“{}”（版本 {}），由 {} 仿真。",
                robot.id, versions[0], solution.id, versions[1], scenario.id, versions[2], self.engine
            ),
        }
    }

    fn lines(&self, settled: Option<Settled>, language: Language) -> String {
        let wanted = self.requirements.iter().filter(|r| r.share.decides && r.settled == settled);
        let lines: Vec<_> = wanted.map(|r| r.line(language)).collect();
        match language {
            Language::Zh => format!("：{}", lines.join("；")),
            Language::En => format!(": {}", lines.join("; ")),
        }
    }

    fn body_en(&self, lines: &dyn Fn(Option<Settled>) -> String) -> String {
        let (n, confidence) = (self.trials, percent(self.confidence));
        match self.decision {
            Decision::Proved => {
                let lines = lines(Some(Settled::Proved));
                format!("Every deciding requirement holds at {confidence} confidence after {n} trials{lines}.")
            }
            Decision::Refuted => {
                let lines = lines(Some(Settled::Refuted));
                format!("A requirement is missed at {confidence} confidence after {n} trials{lines}.")
            }
            Decision::Undecided => {
                let most = match self.rule {
                    TrialRule::Sequential { limit } => format!("of at most {limit}"),
                    TrialRule::Fixed { trials } => format!("of {trials}"),
                };
                let lines = lines(None);
                format!("After {n} trials {most} it is not settled at {confidence} confidence{lines}.")
            }
            Decision::Rejected => match &self.rejection {
                Some(r) => format!(
                    "It cannot do this job, whatever its controller: {} ({}: needed {}, available {}).",
                    r.en,
                    r.bound,
                    figure(r.needed, &r.unit),
                    figure(r.available, &r.unit)
                ),
                None => "A bound rules it out.".to_string(),
            },
        }
    }

    fn body_zh(&self, lines: &dyn Fn(Option<Settled>) -> String) -> String {
        let (n, confidence) = (self.trials, percent(self.confidence));
        match self.decision {
            Decision::Proved => {
                let lines = lines(Some(Settled::Proved));
                format!("经 {n} 次试验，在 {confidence} 置信度下全部判定要求成立{lines}。")
            }
            Decision::Refuted => {
                let lines = lines(Some(Settled::Refuted));
                format!("经 {n} 次试验，在 {confidence} 置信度下未达到要求{lines}。")
            }
            Decision::Undecided => {
                let most = self.rule.most();
                let lines = lines(None);
                format!("已试验 {n} 次（上限 {most} 次），在 {confidence} 置信度下尚不能判定{lines}。")
            }
            Decision::Rejected => match &self.rejection {
                Some(r) => format!(
                    "无论采用何种控制器均无法完成此任务：{}（{}：需要 {}，具备 {}）。",
                    r.zh,
                    r.bound,
                    figure(r.needed, &r.unit),
                    figure(r.available, &r.unit)
                ),
                None => "已有界限排除该声明。".to_string(),
            },
        }
    }
}

/// A bound's figure to three decimals, without trailing zeros, and its unit.
fn figure(value: f64, unit: &str) -> String {
    let text = format!("{value:.3}");
    let number = text.trim_end_matches('0').trim_end_matches('.');
    if unit.is_empty() { number.to_string() } else { format!("{number} {unit}") }
}

/// A required rate or a confidence, which are choices and carry no interval: `95 %`, `99.5 %`.
fn percent(rate: f64) -> String {
    // Ten digits hide that 0.95·100 is not exactly 95, and keep every digit a person would write.
    let text = format!("{:.8}", rate * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}
