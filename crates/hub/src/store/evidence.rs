//! Evidence: bundles that were published, and what the hub found when it ran them again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use leitai_package::manifest::{PartManifest, RobotManifest, ScenarioManifest, SolutionManifest};
use leitai_proving::bundle::Bundle;
use leitai_proving::canonical::Digest;
use leitai_proving::claim::Claim;
use leitai_proving::engine;
use leitai_proving::envelope::Signer;
use leitai_proving::packages::{Files, manifest_path, robot_digest, scenario_digest, solution_digest};
use leitai_proving::statistic::Settled;
use leitai_proving::verdict::{Language, RequirementVerdict};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use utoipa::IntoParams;

use super::ledger::{self, New};
use super::{Result, locked, now_ms};
use crate::records::{Check, Evidence, EvidenceLine, FailureLine, Page, RequirementLine, Signature, Stale, Text};

/// Kinds of failure that a page lists.
const MOST_FAILURES: usize = 12;

/// What the catalog and the engine are now, so that what rests on something else can be told.
///
/// Digests are computed when first asked for: each package is read once, however much evidence there is.
#[derive(Debug)]
pub struct Current {
    catalog: Arc<Files>,
    engine: String,
    known: Mutex<Known>,
}

/// Digests of packages by their ids; none where the catalog lacks one, or it cannot be read.
#[derive(Debug, Default)]
struct Known {
    /// With the tool that each scenario is done with.
    scenarios: BTreeMap<String, Option<(Digest, Option<String>)>>,
    /// By tool and robot, which are one content.
    robots: BTreeMap<Option<String>, BTreeMap<String, Option<Digest>>>,
    solutions: BTreeMap<String, Option<Digest>>,
}

impl Current {
    /// With the packages of `catalog`.
    #[must_use]
    pub fn new(catalog: Arc<Files>) -> Self {
        Self { catalog, engine: engine::version(), known: Mutex::default() }
    }

    /// The engine's name and version.
    #[must_use]
    pub fn engine(&self) -> &str {
        &self.engine
    }

    /// The packages' files.
    #[must_use]
    pub fn catalog(&self) -> &Files {
        &self.catalog
    }

    /// Digests of robot, scenario and solution as a claim would have them now.
    fn digests(&self, [robot, scenario, solution]: [&str; 3]) -> [Option<Digest>; 3] {
        let mut known = locked(&self.known);
        if !known.scenarios.contains_key(scenario) {
            known.scenarios.insert(scenario.to_string(), self.scenario(scenario));
        }
        if !known.solutions.contains_key(solution) {
            known.solutions.insert(solution.to_string(), self.solution(solution));
        }
        let done = known.solutions[solution];
        // Without the job nobody knows the tool that belongs to the robot's content.
        let Some((job, tool)) = known.scenarios[scenario].clone() else { return [None, None, done] };
        let with_tool = known.robots.entry(tool.clone()).or_default();
        if !with_tool.contains_key(robot) {
            with_tool.insert(robot.to_string(), self.robot(robot, tool.as_deref()));
        }
        [with_tool[robot], Some(job), done]
    }

    /// Reads every package that evidence rests on, so that no request waits for it; ends early once `stop` is set.
    pub fn read_all(&self, db: &Connection, stop: &AtomicBool) -> Result<()> {
        let mut statement = db.prepare("SELECT DISTINCT robot, scenario, solution FROM evidence")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            self.digests([text(row, 0)?, text(row, 1)?, text(row, 2)?]);
        }
        Ok(())
    }

    fn text(&self, kind: &str, id: &str) -> Option<(String, &str)> {
        let path = manifest_path(kind, id);
        let text = std::str::from_utf8(self.catalog.get(&path)?).ok()?;
        Some((path, text))
    }

    fn robot(&self, id: &str, tool: Option<&str>) -> Option<Digest> {
        let (path, text) = self.text("robot", id)?;
        let robot = RobotManifest::parse(&path, text).ok()?;
        let tool = match tool {
            None => None,
            Some(tool) => {
                let (path, text) = self.text("part", tool)?;
                Some(PartManifest::parse(&path, text).ok()?)
            }
        };
        Some(robot_digest(&self.catalog, id, &robot, tool.as_ref()))
    }

    fn scenario(&self, id: &str) -> Option<(Digest, Option<String>)> {
        let (path, text) = self.text("scenario", id)?;
        let scenario = ScenarioManifest::parse(&path, text).ok()?;
        Some((scenario_digest(&self.catalog, id, &scenario), scenario.mount.tool))
    }

    fn solution(&self, id: &str) -> Option<Digest> {
        let (path, text) = self.text("solution", id)?;
        Some(solution_digest(&self.catalog, id, &SolutionManifest::parse(&path, text).ok()?))
    }

    /// Whether nothing has changed of `ids`, whose digests were `was`, and of the engine.
    pub fn is_fresh(&self, ids: [&str; 3], was: [&str; 3], engine: &str) -> bool {
        let mut is_as_it_was = self.digests(ids).into_iter().zip(was).map(|(is, was)| is.is_some() && is == was.parse().ok());
        engine == self.engine && is_as_it_was.all(|same| same)
    }

    /// What has changed of `ids`, whose digests were `was`, and of the engine.
    fn stale(&self, ids: [&str; 3], was: [&str; 3], engine: &str) -> Vec<Stale> {
        let mut out = Vec::new();
        for ((what, was), is) in ["robot", "scenario", "solution"].into_iter().zip(was).zip(self.digests(ids)) {
            if is.is_none() || is != was.parse().ok() {
                out.push(Stale { what: what.to_string(), was: was.to_string(), is: is.map(|digest| digest.to_string()) });
            }
        }
        if engine != self.engine {
            out.push(Stale { what: "engine".to_string(), was: engine.to_string(), is: Some(self.engine.clone()) });
        }
        out
    }
}

/// A column's text, without a copy of it.
fn text<'a>(row: &'a Row, column: usize) -> Result<&'a str> {
    Ok(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?)
}

/// What people ask a list of evidence for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The robot's id
    pub robot: Option<String>,
    /// The job's id
    pub scenario: Option<String>,
    /// `proved`, `refuted`, `undecided` or `rejected`
    pub decision: Option<String>,
}

/// Adds a bundle that is on the disk already; whether it is new. `trials` of it are to be run again, drawn by `seed`.
pub fn put(db: &Connection, bundle: &Bundle, signer: &Signer, bytes: u64, who: &str, trials: u64, seed: u64) -> Result<bool> {
    let claim = &bundle.evidence.claim;
    let digest = bundle.digest().to_string();
    if db.query_row("SELECT 1 FROM evidence WHERE digest = ?1", [&digest], |_| Ok(())).optional()?.is_some() {
        return Ok(false);
    }
    let of = trials.min(bundle.evidence.outcomes.len() as u64);
    let check = Check { state: "queued".to_string(), done: 0, of, seed, detail: None, ended_ms: None };
    let record = record(bundle, signer, bytes, check);
    let body = serde_json::to_string(&record)?;
    db.execute(
        "INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            digest,
            claim.robot.id,
            claim.scenario.id,
            claim.solution.id,
            record.line.decision,
            claim.robot.digest.to_string(),
            claim.scenario.digest.to_string(),
            claim.solution.digest.to_string(),
            claim.engine,
            record.line.published_ms,
            body,
        ],
    )?;
    db.execute("INSERT INTO evidence_check VALUES (?1, 'queued', 0, ?2, ?3, NULL, NULL)", params![digest, of, seed])?;
    let why = format!("{} × {}", claim.robot.id, claim.scenario.id);
    ledger::append(db, New { who, what: "evidence.published", subject: &format!("evidence/{digest}"), why: &why, body: &body })?;
    Ok(true)
}

/// The record of a bundle.
fn record(bundle: &Bundle, signer: &Signer, bytes: u64, check: Check) -> Evidence {
    let evidence = &bundle.evidence;
    let (claim, verdict) = (&evidence.claim, &evidence.verdict);
    let (robot, scenario) = (evidence.robot(), evidence.scenario());
    let line = EvidenceLine {
        digest: bundle.digest().to_string(),
        robot: claim.robot.id.clone(),
        robot_name: named(robot.as_ref().map(|m| &m.robot.name), &claim.robot.id),
        scenario: claim.scenario.id.clone(),
        scenario_name: named(scenario.as_ref().map(|m| &m.scenario.name), &claim.scenario.id),
        solution: claim.solution.id.clone(),
        parameters: claim.parameters.clone(),
        decision: verdict.decision.word(Language::En).to_string(),
        trials: verdict.trials,
        exploratory: verdict.exploratory,
        thresholds: scenario.as_ref().map(|m| thresholds(claim, m)).unwrap_or_default(),
        published_ms: now_ms(),
        stale: Vec::new(),
        check,
    };
    Evidence {
        line,
        claim: claim.digest().to_string(),
        engine: claim.engine.clone(),
        confidence: verdict.confidence,
        signature: match signer {
            Signer::Unsigned => None,
            Signer::Signed { key_id, trusted_as } => Some(Signature { key: key_id.clone(), trusted_as: trusted_as.clone() }),
        },
        requirements: requirement_lines(scenario.as_ref(), &verdict.requirements),
        rejection: verdict.rejection.as_ref().map(|r| Text::new(&r.zh, &r.en)),
        failures: failures(bundle),
        bytes,
        has_report: evidence.report_html.is_some(),
    }
}

fn named(text: Option<&leitai_package::manifest::Text>, id: &str) -> Text {
    text.map_or_else(|| Text::new(id, id), |text| Text::new(&text.zh, &text.en))
}

/// Requirements with what trials say about them, under the names that the scenario gives them.
pub fn requirement_lines(scenario: Option<&ScenarioManifest>, stand: &[RequirementVerdict]) -> Vec<RequirementLine> {
    // A claim's requirements stand in the order of the scenario's file.
    let known = scenario.map(|m| m.require.as_slice()).unwrap_or_default();
    let line = |(i, r): (usize, &RequirementVerdict)| RequirementLine {
        name: named(known.get(i).map(|known| &known.name), &r.requirement.name()),
        predicate: r.requirement.name(),
        rate_at_least: r.requirement.rate_at_least,
        held: r.rate.successes,
        trials: r.rate.trials,
        low: r.rate.interval.low,
        high: r.rate.interval.high,
        settled: r.settled.map(|settled| match settled {
            Settled::Proved => "holds".to_string(),
            Settled::Refuted => "fails".to_string(),
        }),
        decides: r.share.decides,
    };
    stand.iter().enumerate().map(line).collect()
}

fn thresholds(claim: &Claim, scenario: &ScenarioManifest) -> Vec<Text> {
    engine::acceptance::differences(claim, scenario).into_iter().map(|text| Text::new(text.zh, text.en)).collect()
}

fn failures(bundle: &Bundle) -> Vec<FailureLine> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for failure in bundle.evidence.outcomes.iter().filter_map(|outcome| outcome.failure.as_ref()) {
        *counts.entry(failure.what.as_str()).or_default() += 1;
    }
    let mut lines: Vec<_> = counts.into_iter().map(|(what, trials)| FailureLine { trials, what: what.to_string() }).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.trials));
    lines.truncate(MOST_FAILURES);
    lines
}

const COLUMNS: &str = "e.body, e.robot, e.scenario, e.solution, e.robot_digest, e.scenario_digest, e.solution_digest, e.engine, \
                       c.state, c.done, c.trials, c.seed, c.detail, c.ended_ms \
                       FROM evidence e JOIN evidence_check c ON c.evidence = e.digest";

/// What of a list's line follows from elsewhere: how far the check is, and what has changed.
fn renew(line: &mut EvidenceLine, row: &Row, now: &Current) -> Result<()> {
    let ids = [text(row, 1)?, text(row, 2)?, text(row, 3)?];
    let was = [text(row, 4)?, text(row, 5)?, text(row, 6)?];
    line.stale = now.stale(ids, was, text(row, 7)?);
    line.check = Check {
        state: row.get(8)?,
        done: row.get(9)?,
        of: row.get(10)?,
        seed: row.get(11)?,
        detail: row.get(12)?,
        ended_ms: row.get(13)?,
    };
    Ok(())
}

/// How many pieces there are, without looking at each.
pub fn count(db: &Connection) -> Result<u64> {
    counted(db, "all", "", None)
}

/// Verdicts of one kind, or of all, about a `robot` or `scenario`, or `all`.
fn counted(db: &Connection, kind: &str, subject: &str, decision: Option<&str>) -> Result<u64> {
    let sum = "SELECT coalesce(sum(count), 0) FROM verdict_count WHERE kind = ?1 AND subject = ?2 AND decision = coalesce(?3, decision)";
    Ok(db.prepare_cached(sum)?.query_row(params![kind, subject, decision], |row| row.get(0))?)
}

/// Evidence, newest first.
pub fn page(db: &Connection, filter: &Filter, now: &Current, page: u64, per_page: u64) -> Result<Page<EvidenceLine>> {
    // Only what is asked for stands in the query, so that an index serves it.
    let asked = [("robot", &filter.robot), ("scenario", &filter.scenario), ("decision", &filter.decision)];
    let asked: Vec<_> = asked.iter().filter_map(|(column, value)| value.as_ref().map(|value| (*column, value))).collect();
    let conditions: Vec<String> = asked.iter().map(|(column, _)| format!("{column} = ?")).collect();
    let condition = if asked.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let values = || asked.iter().map(|(_, value)| value.as_str());
    let decision = filter.decision.as_deref();
    let total = match (&filter.robot, &filter.scenario) {
        (None, None) => counted(db, "all", "", decision)?,
        (Some(robot), None) => counted(db, "robot", robot, decision)?,
        (None, Some(scenario)) => counted(db, "scenario", scenario, decision)?,
        (Some(_), Some(_)) => {
            let count = format!("SELECT count(*) FROM evidence {condition}");
            db.prepare_cached(&count)?.query_row(rusqlite::params_from_iter(values()), |row| row.get(0))?
        }
    };
    let (limit, offset) = (per_page.to_string(), ((page - 1) * per_page).to_string());
    // An index alone finds the rows of the page; only those are read. No row is ever taken out, so those of all are counted off.
    let found = match asked.is_empty() {
        true => "SELECT rowid FROM evidence WHERE rowid <= (SELECT max(rowid) FROM evidence) - ?2 ORDER BY rowid DESC LIMIT ?1"
            .to_string(),
        false => format!("SELECT rowid FROM evidence {condition} ORDER BY rowid DESC LIMIT ? OFFSET ?"),
    };
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE e.rowid IN ({found}) ORDER BY e.rowid DESC"))?;
    let mut rows = statement.query(rusqlite::params_from_iter(values().chain([limit.as_str(), offset.as_str()])))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(line(row, now)?);
    }
    Ok(Page { items, total, page, per_page })
}

/// A piece of evidence as lists show it, by its digest in hex.
pub fn find_line(db: &Connection, digest: &str, now: &Current) -> Result<Option<EvidenceLine>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE e.digest = ?1"))?;
    let mut rows = statement.query([digest])?;
    rows.next()?.map(|row| line(row, now)).transpose()
}

/// A list's line from a row of [`COLUMNS`].
fn line(row: &Row, now: &Current) -> Result<EvidenceLine> {
    let mut line: EvidenceLine = serde_json::from_str(text(row, 0)?)?;
    renew(&mut line, row, now)?;
    Ok(line)
}

/// A piece of evidence, by its digest in hex.
pub fn find(db: &Connection, digest: &str, now: &Current) -> Result<Option<Evidence>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} WHERE e.digest = ?1"))?;
    let mut rows = statement.query([digest])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut record: Evidence = serde_json::from_str(text(row, 0)?)?;
    renew(&mut record.line, row, now)?;
    Ok(Some(record))
}

/// Evidence of this claim that the hub has run itself or in part. A claim names its packages by content, so what has the digest
/// of a claim on today's catalog is not stale.
pub fn of_claim(db: &Connection, claim: &Digest, now: &Current) -> Result<Option<Evidence>> {
    let found = "SELECT e.digest FROM evidence e JOIN evidence_check c ON c.evidence = e.digest \
                 WHERE json_extract(e.body, '$.claim') = ?1 AND (c.state = 'agrees' OR c.state <> 'refused' AND EXISTS \
                 (SELECT 1 FROM proof_run r WHERE r.evidence = e.digest AND r.state = 'done')) ORDER BY e.rowid DESC LIMIT 1";
    let found: Option<String> = db.prepare_cached(found)?.query_row([claim.to_string()], |row| row.get(0)).optional()?;
    found.map_or(Ok(None), |digest| find(db, &digest, now))
}

/// A check that waits for its turn.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The bundle.
    pub digest: Digest,
    /// Trials to run again.
    pub trials: u64,
    /// The seed by which they are drawn.
    pub seed: u64,
}

/// What an earlier process left under way waits for its turn again.
pub fn requeue(db: &Connection) -> Result<()> {
    db.execute("UPDATE evidence_check SET state = 'queued', done = 0 WHERE state = 'running'", [])?;
    Ok(())
}

/// Takes the check that has waited longest.
pub fn take_check(db: &Connection) -> Result<Option<Wanted>> {
    let next = "SELECT c.evidence, c.trials, c.seed FROM evidence_check c JOIN evidence e ON e.digest = c.evidence \
                WHERE c.state = 'queued' ORDER BY e.rowid LIMIT 1";
    let found =
        db.prepare_cached(next)?.query_row([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((text, trials, seed)) = found else { return Ok(None) };
    db.execute("UPDATE evidence_check SET state = 'running', done = 0 WHERE evidence = ?1", [&text])?;
    // The column holds what `Digest` wrote.
    Ok(text.parse().ok().map(|digest| Wanted { digest, trials, seed }))
}

/// Tells how far a check is.
pub fn progress(db: &Connection, digest: &Digest, done: u64) -> Result<()> {
    db.execute(
        "UPDATE evidence_check SET done = ?2 WHERE evidence = ?1 AND state = 'running'",
        params![digest.to_string(), done],
    )?;
    Ok(())
}

/// Ends a check: `agrees`, `refused` or `other-engine`.
pub fn finish(db: &Connection, digest: &Digest, state: &str, done: u64, detail: Option<&str>) -> Result<()> {
    let digest = digest.to_string();
    db.execute(
        "UPDATE evidence_check SET state = ?2, done = ?3, detail = ?4, ended_ms = ?5 WHERE evidence = ?1",
        params![digest, state, done, detail, now_ms()],
    )?;
    let body = serde_json::json!({ "state": state, "trials": done, "detail": detail }).to_string();
    let subject = format!("evidence/{digest}");
    let entry = New { who: "hub", what: "evidence.checked", subject: &subject, why: "re-execution of a sample", body: &body };
    ledger::append(db, entry)
}
