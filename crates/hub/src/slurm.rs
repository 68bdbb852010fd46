//! Trials as tasks of Slurm: job arrays over the parts of a claim ([`crate::units`]).
//!
//! Parts are submitted in rounds, results are judged in the order of their trials, and what was computed beyond the end is dropped, so
//! the evidence is the one that threads make. Slurm is asked which tasks it still has; a part that has neither a task nor a result
//! is submitted again. Nothing is remembered beside the folder and Slurm's own queue, so a hub that was killed goes on with both.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use leitai_proving::engine::Case;
use leitai_proving::journal::Journal;
use leitai_proving::verdict::{Judge, RequirementVerdict};

use crate::records::Text;
use crate::units::{Gathered, Units};

/// How often results are looked for.
const BEAT: Duration = Duration::from_millis(500);
/// How often Slurm is asked.
const ASK: Duration = Duration::from_secs(3);
/// How often a part is submitted before it counts as one that cannot be run.
const TRIES: u32 = 4;
/// How often Slurm may refuse to answer, one after the other.
const REFUSALS: u32 = 100;

/// How Slurm is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slurm {
    /// A folder that every node sees under the same path.
    pub folder: PathBuf,
    /// The partition; Slurm's own choice without one.
    pub partition: Option<String>,
    /// Tasks of a round.
    pub tasks: u64,
    /// Trials of a task.
    pub trials: u64,
    /// This program, under a path that every node has.
    pub program: PathBuf,
}

/// How a run of trials ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// The verdict stands; the journal holds all its trials.
    Over,
    /// Whoever watches it said so.
    Halted,
}

fn failed(zh: &str, en: &str, detail: &str) -> Text {
    Text::new(format!("{zh}：{detail}"), format!("{en}: {detail}"))
}

fn broken(error: &dyn std::fmt::Display) -> Text {
    Text::new(format!("集群上的试验出错：{error}"), error.to_string())
}

impl Slurm {
    /// The parts of a case.
    ///
    /// # Errors
    /// If the shared folder cannot be written.
    pub fn units(&self, case: &Case) -> Result<Units, Text> {
        Units::lay_out(&self.folder, case, self.trials).map_err(|error| broken(&error))
    }

    /// Has the trials of `case` run until its verdict stands, and writes them into `journal`. `go_on` is told how far they are.
    ///
    /// # Errors
    /// If a part cannot be run, or came to other bits than before.
    pub fn run(
        &self,
        case: &Case,
        units: &Units,
        journal: &std::path::Path,
        go_on: &mut dyn FnMut(u64, &[RequirementVerdict]) -> bool,
    ) -> Result<Ran, Text> {
        let claim = &case.claim;
        let (mut gathered, mut judge, mut outcomes) = (Gathered::default(), Judge::new(claim), Vec::new());
        let mut tries: BTreeMap<u64, u32> = BTreeMap::new();
        let (mut asked, mut refused, mut gone_before) = (None::<Instant>, 0, Vec::new());
        let mut round = 0..0;
        loop {
            for outcome in gathered.read(units, 0..units.count()).map_err(|error| broken(&error))? {
                if !judge.is_over() {
                    judge.take(&outcome);
                    outcomes.push(outcome);
                }
            }
            if let Some(alarm) = units.alarm() {
                return Err(broken(&alarm));
            }
            if judge.is_over() {
                break;
            }
            if !go_on(judge.trials(), &judge.requirements()) {
                return Ok(Ran::Halted);
            }
            if gathered.next() >= round.end {
                round = gathered.next()..(gathered.next() + self.tasks.max(1)).min(units.count());
                asked = None;
            }
            if asked.is_none_or(|asked| asked.elapsed() > ASK) {
                let first = asked.is_none();
                asked = Some(Instant::now());
                match self.alive(units) {
                    Err(what) => {
                        refused += 1;
                        if refused > REFUSALS {
                            return Err(failed("Slurm 没有回答", "Slurm does not answer", &what));
                        }
                    }
                    Ok(alive) => {
                        refused = 0;
                        let missing = |i: &u64| !gathered.has(*i) && !alive.contains(i);
                        let gone: Vec<u64> = round.clone().filter(missing).collect();
                        // A shared folder may show a result a little after its task has ended.
                        let lost: Vec<u64> = gone.iter().copied().filter(|i| first || gone_before.contains(i)).collect();
                        gone_before = gone;
                        for index in &lost {
                            let tried = tries.entry(*index).or_default();
                            *tried += 1;
                            if *tried > TRIES {
                                let said = units.said(*index);
                                let last = said.trim().lines().next_back().unwrap_or("-");
                                let zh = format!("第 {index} 部分提交 {TRIES} 次都没有结果");
                                let en = format!("part {index} was submitted {TRIES} times without a result");
                                return Err(failed(&zh, &en, last));
                            }
                        }
                        if !lost.is_empty() {
                            gone_before.clear();
                            if let Err(what) = self.submit(units, &lost) {
                                return Err(failed("Slurm 不接受任务", "Slurm does not take the tasks", &what));
                            }
                        }
                    }
                }
            }
            std::thread::sleep(BEAT);
        }
        let written = Journal::create(journal, claim)
            .and_then(|mut journal| outcomes.iter().try_for_each(|outcome| journal.append(outcome)));
        written.map_err(|error| broken(&error))?;
        Ok(Ran::Over)
    }

    /// Whether Slurm's commands are on this machine.
    ///
    /// # Errors
    /// What is missing.
    pub fn available(&self) -> Result<(), String> {
        ["sbatch", "squeue", "scancel"].iter().try_for_each(|program| tool(program, &["--version".to_string()], "").map(|_| ()))
    }

    /// Tells Slurm that nobody waits for what it still has of these parts.
    pub fn cancel(&self, units: &Units) {
        // Surplus tasks change nothing, so one that is not ended does no harm.
        let _ = tool("scancel", &[format!("--name={}", name(units))], "");
    }

    /// [`Slurm::cancel`], and takes the parts away.
    pub fn forget(&self, units: &Units) {
        self.cancel(units);
        units.remove();
    }

    /// The parts that Slurm has a task for, waiting or running.
    fn alive(&self, units: &Units) -> Result<Vec<u64>, String> {
        let of = format!("--name={}", name(units));
        let text = tool("squeue", &["--noheader", "--array", "--format=%K", &of].map(str::to_string), "")?;
        Ok(text.lines().filter_map(|line| line.trim().parse().ok()).collect())
    }

    fn submit(&self, units: &Units, indices: &[u64]) -> Result<(), String> {
        let list = indices.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        let folder = units.folder().display();
        let mut words = vec![
            "--parsable".to_string(),
            format!("--job-name={}", name(units)),
            format!("--array={list}"),
            format!("--output={folder}/logs/%a.txt"),
            format!("--chdir={folder}"),
            "--ntasks=1".to_string(),
            "--cpus-per-task=1".to_string(),
            "--export=HOME".to_string(),
        ];
        words.extend(self.partition.iter().map(|partition| format!("--partition={partition}")));
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let (program, folder) = (quoted(&self.program.to_string_lossy()), quoted(&units.folder().to_string_lossy()));
        let script = format!("#!/bin/sh\nexec {program} hub work {folder} --index \"$SLURM_ARRAY_TASK_ID\"\n");
        tool("sbatch", &words, &script).map(|_| ())
    }
}

fn name(units: &Units) -> String {
    format!("leitai-{}", units.key())
}

/// Runs one of Slurm's commands; what it wrote.
fn tool(program: &str, words: &[String], input: &str) -> Result<String, String> {
    use std::io::Write;
    let said = |error: std::io::Error| format!("{program}: {error}");
    let mut command = Command::new(program);
    let command = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(said)?;
    if let Some(mut stdin) = child.stdin.take()
        && let Err(error) = stdin.write_all(input.as_bytes())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        return Err(said(error));
    }
    let output = child.wait_with_output().map_err(said)?;
    if !output.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
