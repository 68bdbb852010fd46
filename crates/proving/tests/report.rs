//! The report on real evidence: complete, in both languages, and small enough to send.

mod catalog;

use std::sync::OnceLock;

use catalog::{cut_short, proof, request};
use leitai_proving::engine::{Case, Proof};
use leitai_proving::report::fill::figures;
use leitai_proving::report::{Data, Report, RequirementStatus, Standing, Status, read};
use serde_json::Value;

fn short_proof() -> &'static Proof {
    static PROOF: OnceLock<Proof> = OnceLock::new();
    PROOF.get_or_init(|| proof(&Case::open(&cut_short(4.0), &request("ur20", 2)).expect("opens"), 2))
}

/// Every object with the two languages in it has both, and says something else in each unless it is a bare name or number.
fn both_languages(value: &Value, at: &str) {
    match value {
        Value::Object(fields) => {
            if let (Some(zh), Some(en)) = (fields.get("zh").and_then(Value::as_str), fields.get("en").and_then(Value::as_str)) {
                assert!(!zh.is_empty() && !en.is_empty(), "{at}: `{zh}` / `{en}`");
                assert!(zh != en || !en.contains(' '), "{at} is not translated: {en}");
                assert!(!en.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{at} is not in English: {en}");
            }
            fields.iter().for_each(|(key, value)| both_languages(value, &format!("{at}.{key}")));
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| both_languages(value, &format!("{at}[{i}]"))),
        _ => {}
    }
}

#[test]
fn a_report_shows_everything_in_both_languages() {
    let Proof { report, evidence, case, .. } = short_proof();
    both_languages(&serde_json::to_value(report).expect("serializes"), "report");
    // Nobody stacks a layer in four seconds, and two failures of two refute 90 %.
    assert_eq!(report.verdict.status, Status::Refuted);
    assert!(report.verdict.sentence.en.starts_with("Robot model “ur20” (version "), "{}", report.verdict.sentence.en);
    let ids: Vec<&str> = report.requirements.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["placement", "placement-angle", "stack-stable", "throughput", "no-drop"]);
    assert_eq!(report.requirements[0].predicate.en, "Placement offset ≤ 5 mm");
    assert_eq!(report.requirements[3].status, RequirementStatus::Missed);
    assert!(report.requirements.iter().all(|r| r.n == 2));
    assert!(report.requirements[0].decides && !report.requirements[4].decides);
    assert_eq!((report.trials.len(), report.controls.len(), report.joint_peaks.len()), (2, 3, 6));
    assert!(report.trials.iter().all(|trial| trial.values.len() == report.metrics.len() && trial.failure.is_some()));
    // Both trials ran out of time, which is one kind of failure, and its moment is in a replay.
    assert_eq!(report.failures[0].trials, [0, 1]);
    assert_eq!(report.failures[0].text.en, "not finished within 4 s");
    assert_eq!(report.failures[0].text.zh, "4 s 内未完成");
    assert!(report.failures[0].example.is_some());
    // No limit is the reason: each of the four was lifted, and the time is as short as before.
    assert!(report.reasons.len() == 4 && report.reasons.iter().all(|reason| !reason.explains), "{:?}", report.reasons);
    assert!(report.warnings[0].zh.starts_with("超出厂家额定负载"));
    assert_eq!(report.claim.parameters[0].value, "20");
    assert_eq!(report.command, "leitai prove ur20 con-block-palletizing --solution block-palletizing --trials 2");
    let curve = report.operating_curve.as_ref().expect("two trials have one too");
    assert!(curve.points.windows(2).all(|pair| pair[0].true_rate < pair[1].true_rate));
    assert_eq!(evidence.logs.len(), report.replays.len());
    assert_eq!(case.claim.digest().to_string(), report.claim.digest.trim_start_matches("blake3:"));
}

#[test]
fn a_replay_has_the_shapes_the_motion_and_the_curves() {
    let report = &short_proof().report;
    let scene = report.scene.as_ref().expect("shapes");
    assert!(scene.bodies.iter().any(|body| body.name == "robot/forearm_link"));
    assert!(scene.tool.is_some_and(|tool| scene.bodies[tool].name.starts_with("tool/")));
    for replay in &report.replays {
        assert!((replay.track.duration_s - 4.0).abs() < 0.003, "{}", replay.track.duration_s);
        let arm: Vec<usize> = (0..scene.bodies.len()).filter(|&b| scene.bodies[b].name.starts_with("robot/")).collect();
        let moving = replay.track.bodies.iter().filter(|body| arm.contains(&body.body) && body.keys > 10).count();
        assert!(moving >= 5, "{moving} links move");
        // Torque and speed of six joints, each with its limit.
        assert_eq!(replay.series.iter().filter(|s| s.limit.is_some()).count(), 12);
        assert!(replay.track.events.len() >= 2);
    }
}

/// Truth: the package crate's own listing of what carries a standing.
#[test]
fn every_figure_of_every_manifest_is_listed() {
    let Proof { report, evidence, case, .. } = short_proof();
    let mut stated = 0;
    let mut assumed = 0;
    for (path, bytes) in evidence.packages.iter().filter(|(path, _)| path.ends_with(".toml")) {
        let text = std::str::from_utf8(bytes).expect("text");
        let found = leitai_package::manifest::stated(path, text).expect("TOML");
        assumed += found.iter().filter(|f| f.standing == leitai_package::manifest::Standing::Assumed).count();
        stated += found.len();
    }
    let of_the_trial = leitai_proving::trial::cell::assumptions().len();
    assert_eq!(report.assumptions.len(), stated + of_the_trial);
    let shown = report.assumptions.iter().filter(|f| f.standing == Standing::Assumed).count();
    assert_eq!(shown, assumed + of_the_trial);
    assert_eq!(figures(&case.packages, &case.claim), report.assumptions);
    let find = |en: &str| report.assumptions.iter().find(|f| f.text.en.ends_with(en)).unwrap_or_else(|| panic!("no {en}"));
    assert_eq!(find("UR20: Joint torque limits").value, "738, 738, 433, 107, 107, 107 N·m");
    assert_eq!(find("Block mass").value, "20 kg (1 – 60)");
    assert_eq!(find("Tilt of the ground").value, "0 … 0.05236 rad");
    assert!(find("UR20: Reach (maker's claim)").source.contains("collaborative arm comparison table"));
    assert!(report.assumptions.iter().all(|f| !f.value.is_empty() && !f.source.is_empty()));
}

#[test]
fn the_page_holds_itself_and_stays_small() {
    let proof = short_proof();
    let page = proof.evidence.report_html.as_ref().expect("a page");
    assert!(page.len() < 2_500_000, "{} bytes", page.len());
    assert_eq!(read(page), Some(Data::Report(Box::new(proof.report.clone()))));
    assert!(proof.report.signature.is_none());
}

/// Wherever the bundle goes, its page says whose key signed it.
#[test]
fn a_sealed_page_names_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = leitai_proving::key::SecretKey::create(&folder.path().join("lab")).expect("a key");
    let path = folder.path().join("x.leitai");
    let digest = short_proof().seal(&path, Some(&key)).expect("writes");
    assert_eq!(digest, short_proof().evidence.digest());
    let bundle = leitai_proving::bundle::Bundle::read(&path).expect("intact");
    let Some(Data::Report(report)) = read(bundle.evidence.report_html.as_ref().expect("a page")) else { panic!("a report") };
    let signature = report.signature.expect("signed");
    assert!(signature.key.ends_with(&key.public().id()) && !signature.trusted);
}

#[test]
fn a_rejected_claim_has_a_report_too() {
    let mut files = catalog::catalog();
    catalog::edit(&mut files, "robots/ur20/robot.xml", "name=\"tool_mount\"", "name=\"bare\"");
    let proof = proof(&Case::open(&files, &request("ur20", 2)).expect("opens"), 1);
    let report: &Report = &proof.report;
    both_languages(&serde_json::to_value(report).expect("serializes"), "report");
    assert_eq!(report.verdict.status, Status::Rejected);
    assert!(report.verdict.sentence.en.contains("no tool mount") && report.verdict.sentence.zh.contains("没有工具安装面"));
    assert!(report.trials.is_empty() && report.replays.is_empty() && report.controls.is_empty() && report.scene.is_none());
    assert!(report.requirements.iter().all(|r| r.n == 0 && (r.low, r.high) == (0.0, 1.0)));
}
