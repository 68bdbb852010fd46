//! A run as it goes on: a bar on a terminal, a line now and then elsewhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use leitai_proving::claim::{Claim, TrialRule};
use leitai_proving::engine::{Case, Stage};
use leitai_proving::schedule::Progress;
use leitai_proving::statistic::{Settled, settles};
use leitai_proving::verdict::{Language, RequirementVerdict};

use crate::context::{Context, say};
use crate::text::number;
use crate::verdict::names;

/// Where nobody watches, a line at most this often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Watches a run; clones watch the same one.
#[derive(Clone)]
pub struct Watcher {
    language: Language,
    claim: Arc<Claim>,
    names: Arc<Vec<String>>,
    bar: ProgressBar,
    began: Instant,
    lines: Option<Arc<Mutex<Instant>>>,
}

impl Watcher {
    /// Starts the clock.
    pub fn new(context: &Context, case: &Case) -> Self {
        let terminal = Term::stderr().is_term();
        let fewest = case.plan().fewest_trials.unwrap_or_else(|| case.claim.trials.most());
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(fewest), target);
        if terminal && case.rejection.is_none() {
            let style = ProgressStyle::with_template("{bar:24} {pos}/~{len}  {wide_msg}").expect("the template is well formed");
            bar.set_style(style);
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        let now = Instant::now();
        Self {
            language: context.language,
            claim: Arc::new(case.claim.clone()),
            names: Arc::new(names(context, Some(&case.packages.scenario), &case.claim.requirements)),
            bar,
            began: now,
            lines: (!terminal).then(|| Arc::new(Mutex::new(now))),
        }
    }

    /// Shows where the run stands.
    pub fn show(&self, stage: &Stage) {
        match stage {
            Stage::Trial(progress) => self.trial(progress),
            Stage::Log(done, of) => self.count(say(self.language, "记录典型试验", "logging notable trials"), *done, *of),
            Stage::Reason(done, of) => self.count(say(self.language, "放开单项限值", "limits lifted"), *done, *of),
            Stage::Control(done, of) => self.count(say(self.language, "对照组", "control arms"), *done, *of),
        }
    }

    /// Shows how many of a stage's trials are done.
    fn count(&self, text: &'static str, done: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(done);
        self.bar.set_message(text);
        self.line(|| format!("{text} {done}/{of}"));
    }

    /// The user asked to stop.
    pub fn stopping(&self) {
        let text = say(
            self.language,
            "正在停止：做完手头的试验就结束；再按一次 Ctrl-C 立即退出",
            "stopping after the trials under way; press Ctrl-C again to end at once",
        );
        if self.lines.is_some() { eprintln!("{text}") } else { self.bar.suspend(|| eprintln!("{text}")) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn trial(&self, progress: &Progress) {
        let end = expected_end(&self.claim, &progress.requirements, progress.done);
        let fresh = progress.done.saturating_sub(progress.resumed);
        let left = end.saturating_sub(progress.done);
        let elapsed_s = self.began.elapsed().as_secs_f64();
        let left_s = (fresh > 0).then(|| left as f64 * elapsed_s / fresh as f64);
        let time = left_s.map_or(String::new(), |s| format!("{} {}", say(self.language, "约剩", "about"), duration(s)));
        let time = if time.is_empty() { time } else { time + say(self.language, "", " left") };
        let weakest = weakest(&progress.requirements).map_or(String::new(), |i| self.seen(i, &progress.requirements[i]));
        self.bar.set_length(end);
        self.bar.set_position(progress.done);
        self.bar.set_message(format!("{time}  {weakest}"));
        self.line(|| {
            let trials = say(self.language, "次试验", "trials");
            format!("{}/~{end} {trials}  {time}  {weakest}", progress.done)
        });
    }

    /// What was seen of a requirement so far, with its interval.
    fn seen(&self, i: usize, line: &RequirementVerdict) -> String {
        let (rate, percent) = (&line.rate, |p: f64| format!("{:.1} %", p * 100.0));
        let needed = say(self.language, "须", "needs");
        format!(
            "{} {}/{} [{}, {}], {needed} ≥{} %",
            self.names[i],
            rate.successes,
            rate.trials,
            percent(rate.interval.low),
            percent(rate.interval.high),
            number(line.requirement.rate_at_least * 100.0)
        )
    }

    fn line(&self, text: impl FnOnce() -> String) {
        let Some(last) = &self.lines else { return };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            eprintln!("{}", text());
        }
    }
}

/// The requirement that is farthest from being proved: of those that decide, the open one with the lowest margin.
fn weakest(requirements: &[RequirementVerdict]) -> Option<usize> {
    let margin = |i: &usize| requirements[*i].rate.interval.low - requirements[*i].requirement.rate_at_least;
    let deciding = (0..requirements.len()).filter(|&i| requirements[i].share.decides);
    let open = |i: &usize| requirements[*i].settled.is_none();
    deciding.min_by(|a, b| open(b).cmp(&open(a)).then(margin(a).total_cmp(&margin(b))))
}

/// After how many trials the run ends if every requirement goes on at the rate seen so far.
fn expected_end(claim: &Claim, requirements: &[RequirementVerdict], done: u64) -> u64 {
    let limit = match claim.trials {
        TrialRule::Fixed { trials } => return trials,
        TrialRule::Sequential { limit } => limit,
    };
    let (mut proved, mut refuted) = (done, None);
    for line in requirements.iter().filter(|r| r.share.decides && r.settled != Some(Settled::Proved)) {
        let rate = line.rate.successes as f64 / done.max(1) as f64;
        let settled = (done..=limit).find_map(|n| {
            let successes = (rate * n as f64).round() as u64;
            settles(successes, n, line.requirement.rate_at_least, line.share.alpha).map(|settled| (n, settled))
        });
        match settled {
            Some((n, Settled::Proved)) => proved = proved.max(n),
            Some((n, Settled::Refuted)) => refuted = Some(refuted.map_or(n, |before: u64| before.min(n))),
            None => proved = limit,
        }
    }
    refuted.unwrap_or(proved).max(done)
}

fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}
