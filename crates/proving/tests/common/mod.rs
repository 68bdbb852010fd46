//! A small job that is really computed: throwing a ball at a mark through gusty air.
//!
//! The flight is integrated step by step from named random streams, so it has everything evidence needs: a robot (its speed
//! scatter), a solution (its elevation), a scenario (distance, gusts, requirements), outcomes to the last bit, and failures.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use leitai_math::{Seed, real};
use leitai_proving::arms::ArmResult;
use leitai_proving::bundle::{Evidence, Host, Members};
use leitai_proving::canonical::{Canonical, Digest};
use leitai_proving::claim::{Claim, ContactMode, Requirement, SeedRule, Subject, TrialRule};
use leitai_proving::outcome::{Failure, Outcome};
use leitai_proving::reason::Reason;
use leitai_proving::schedule::{Run, TrialError, TrialRunner, run};
use leitai_proving::verdict::Rejection;
use leitai_proving::verify::Engine;
use serde::{Deserialize, Serialize};

pub const ROBOT: &str = "robots/thrower/robot.json";
pub const SCENARIO: &str = "scenarios/mark/scenario.json";
pub const SOLUTION: &str = "solutions/lob/solution.json";

#[derive(Clone, Serialize, Deserialize)]
pub struct Thrower {
    pub speed_sd_m_s: f64,
    pub most_speed_m_s: f64,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Mark {
    pub distance_m: f64,
    pub gust_sd_m_s2: f64,
    pub require: Vec<Requirement>,
    pub limit: u64,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Lob {
    pub elevation_rad: f64,
}

/// The packages with this speed scatter [m/s] and these requirements.
pub fn packages(speed_sd_m_s: f64, require: &[(&str, f64)], limit: u64) -> Members {
    let require = require
        .iter()
        .map(|&(text, rate_at_least)| Requirement {
            predicate: text.parse().expect("a predicate"),
            rate_at_least,
            confidence: 0.95,
            decides: true,
        })
        .collect();
    let json = |value: serde_json::Value| serde_json::to_vec_pretty(&value).expect("serializes");
    let value = |v| serde_json::to_value(v).expect("serializes");
    [
        (ROBOT.to_string(), json(value(&Thrower { speed_sd_m_s, most_speed_m_s: 20.0 }))),
        (
            SCENARIO.to_string(),
            json(serde_json::to_value(Mark { distance_m: 10.0, gust_sd_m_s2: 0.5, require, limit }).expect("serializes")),
        ),
        (SOLUTION.to_string(), json(serde_json::to_value(Lob { elevation_rad: 0.8 }).expect("serializes"))),
    ]
    .into()
}

/// Runs throws; counts how many it really computed.
#[derive(Default)]
pub struct Range {
    pub throws: std::sync::Arc<AtomicU64>,
    pub makes_logs: bool,
}

fn parsed<T: for<'a> Deserialize<'a>>(packages: &Members, path: &str) -> Result<T, String> {
    let bytes = packages.get(path).ok_or(format!("`{path}` is missing"))?;
    serde_json::from_slice(bytes).map_err(|e| format!("`{path}`: {e}"))
}

/// Content, not bytes: white space and key order do not matter.
fn subject<T: for<'a> Deserialize<'a> + Serialize>(packages: &Members, path: &str) -> Result<Subject, String> {
    let content: T = parsed(packages, path)?;
    let id = path.split('/').nth(1).expect("kind/id/file").to_string();
    let value = serde_json::to_value(content).map_err(|e| e.to_string())?;
    Ok(Subject { id, digest: Canonical::new("test package").text(&value.to_string()).finish() })
}

/// The claim of these packages with default choices.
pub fn claim(packages: &Members) -> Claim {
    let mark: Mark = parsed(packages, SCENARIO).expect("a scenario");
    let stated = Claim {
        robot: Subject { id: String::new(), digest: Digest([0; 32]) },
        scenario: Subject { id: String::new(), digest: Digest([0; 32]) },
        solution: Subject { id: String::new(), digest: Digest([0; 32]) },
        engine: String::new(),
        parameters: [("ball_mass_kg".to_string(), 0.2)].into(),
        requirements: Vec::new(),
        trials: TrialRule::Sequential { limit: mark.limit },
        seed: SeedRule::Derived,
        dt_s: 0.01,
        contact: ContactMode::Stick,
    };
    Range::default().claim(packages, None, &stated).expect("good packages")
}

impl Engine for Range {
    fn version(&self) -> String {
        "range 1.0.0".to_string()
    }

    fn claim(&self, packages: &Members, _: Option<&str>, stated: &Claim) -> Result<Claim, String> {
        let mark: Mark = parsed(packages, SCENARIO)?;
        let trials = match stated.trials {
            TrialRule::Sequential { .. } => TrialRule::Sequential { limit: mark.limit },
            fixed @ TrialRule::Fixed { .. } => fixed,
        };
        Ok(Claim {
            robot: subject::<Thrower>(packages, ROBOT)?,
            scenario: subject::<Mark>(packages, SCENARIO)?,
            solution: subject::<Lob>(packages, SOLUTION)?,
            engine: self.version(),
            requirements: mark.require,
            trials,
            ..stated.clone()
        })
    }

    fn rejection(&self, packages: &Members, _: &Claim) -> Result<Option<Rejection>, String> {
        let (robot, mark): (Thrower, Mark) = (parsed(packages, ROBOT)?, parsed(packages, SCENARIO)?);
        // No throw in air goes farther than v²/g, the farthest in a vacuum.
        let available = robot.most_speed_m_s * robot.most_speed_m_s / 9.81;
        Ok((available < mark.distance_m).then(|| Rejection {
            bound: "reach".to_string(),
            needed: mark.distance_m,
            available,
            unit: "m".to_string(),
            en: "no throw at this speed goes that far".to_string(),
            zh: "以此速度无法投到该距离".to_string(),
        }))
    }

    fn runner(&self, packages: &Members, claim: &Claim, root: Seed) -> Result<Box<dyn TrialRunner>, String> {
        Ok(Box::new(Throws {
            robot: parsed(packages, ROBOT)?,
            mark: parsed(packages, SCENARIO)?,
            lob: parsed(packages, SOLUTION)?,
            claim: claim.clone(),
            root,
            throws: self.throws.clone(),
        }))
    }

    fn arms(&self, _: &Evidence, _: usize, _: &AtomicBool, _: &mut dyn FnMut(u64, u64)) -> Result<Vec<ArmResult>, String> {
        Ok(Vec::new())
    }

    fn reasons(&self, _: &Evidence, _: usize, _: &AtomicBool, _: &mut dyn FnMut(u64, u64)) -> Result<Vec<Reason>, String> {
        Ok(Vec::new())
    }

    fn logs(&self, evidence: &Evidence) -> Result<Members, String> {
        Ok(if self.makes_logs { logs(evidence) } else { Members::new() })
    }
}

/// The "motion" of the first trial, as a log.
pub fn logs(evidence: &Evidence) -> Members {
    let text = format!("{:?}", evidence.outcomes.first().map(|o| &o.metrics));
    [("trial-0.mcap".to_string(), text.into_bytes())].into()
}

pub struct Throws {
    robot: Thrower,
    mark: Mark,
    lob: Lob,
    claim: Claim,
    root: Seed,
    throws: std::sync::Arc<AtomicU64>,
}

impl TrialRunner for Throws {
    fn run(&self, index: u64) -> Result<Outcome, TrialError> {
        self.throws.fetch_add(1, Ordering::Relaxed);
        let seed = self.root.trial(index);
        let mut gusts = seed.stream("gusts");
        let (dt, g) = (self.claim.dt_s, 9.81);
        let mass = self.claim.parameters["ball_mass_kg"];
        let (sin, cos) = real::sin_cos(self.lob.elevation_rad);
        // Aimed by the vacuum formula, then made a little faster for the drag.
        let aimed = real::sqrt(self.mark.distance_m * g / (2.0 * sin * cos)) * 1.018;
        let speed = seed.stream("speed").normal(aimed, self.robot.speed_sd_m_s);
        let (mut x, mut y, mut vx, mut vy) = (0.0, 0.0, speed * cos, speed * sin);
        let mut trace = Canonical::new("flight");
        let mut steps = 0_u32;
        while y >= 0.0 && steps < 10_000 {
            let drag = 0.001 / mass * real::sqrt(vx * vx + vy * vy);
            vx += dt * (gusts.normal(0.0, self.mark.gust_sd_m_s2) - drag * vx);
            vy += dt * (-g - drag * vy);
            x += dt * vx;
            y += dt * vy;
            steps += 1;
            trace.number(x).number(y);
        }
        let error = real::abs(x - self.mark.distance_m);
        let flight_s = f64::from(steps) * dt;
        let metrics: BTreeMap<_, _> =
            [("error_m", error), ("flight_s", flight_s), ("landed", f64::from(u8::from(steps < 10_000)))]
                .map(|(name, value)| (name.to_string(), value))
                .into();
        let failure = (error > 0.5).then(|| Failure {
            time_s: Some(flight_s),
            what: format!("missed the mark by {error:.2} m"),
            cause: format!("thrown at {speed:.2} m/s, aimed at {aimed:.2} m/s"),
        });
        Ok(Outcome::new(index, seed, metrics, failure, Some(trace.finish()), &self.claim.requirements))
    }
}

/// Runs a claim to its end on `jobs` threads, without a journal.
pub fn run_claim(packages: &Members, claim: &Claim, jobs: usize) -> Run {
    let runner = Range::default().runner(packages, claim, claim.seed_root()).expect("good packages");
    run(claim, &*runner, jobs, None, &AtomicBool::new(false), &mut |_| {}).expect("the run ends")
}

/// Evidence of a finished run, with a log, a report and a host.
pub fn evidence(packages: &Members, claim: &Claim, jobs: usize) -> Evidence {
    let Run { outcomes, verdict } = run_claim(packages, claim, jobs);
    let host = Host { started: "2026-11-22T12:00:00Z".to_string(), wall_s: 1.5, machine: BTreeMap::new(), jobs: jobs as u32 };
    let mut evidence = Evidence {
        packages: packages.clone(),
        claim: claim.clone(),
        acceptance: None,
        outcomes,
        verdict,
        controls: Vec::new(),
        reasons: Vec::new(),
        logs: Members::new(),
        report_html: Some(b"<!doctype html><title>report</title>".to_vec()),
        host: Some(host),
    };
    evidence.logs = logs(&evidence);
    evidence
}

/// A robot that passes: 0.05 m/s scatter moves the landing point by about 0.1 m.
pub fn good() -> Members {
    packages(0.05, &[("error_m <= 0.5", 0.9), ("flight_s <= 2", 0.9), ("error_m <= 0.2", 0.995)], 300)
}

/// A robot that fails the same job: 1 m/s scatter moves it by 2 m.
pub fn bad() -> Members {
    packages(1.0, &[("error_m <= 0.5", 0.9), ("flight_s <= 2", 0.9), ("error_m <= 0.2", 0.995)], 300)
}
