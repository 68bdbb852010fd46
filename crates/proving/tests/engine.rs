//! The engine on the real catalog: claims, bounds, trials, and verification by re-execution.

mod catalog;

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use catalog::{SCENARIO, cut_short, edit, proof, request};
use leitai_proving::bundle::{Bundle, Evidence};
use leitai_proving::claim::{SeedRule, TrialRule};
use leitai_proving::engine::{Case, Leitai, Proof, Request};
use leitai_proving::key::{SecretKey, TrustStore};
use leitai_proving::verdict::{Decision, Language, Verdict, verdict};
use leitai_proving::verify::{Options, Reexecute, Verification, verify};

/// One real proof for all tests: two trials of four simulated seconds.
fn short_proof() -> &'static Proof {
    static PROOF: OnceLock<Proof> = OnceLock::new();
    PROOF.get_or_init(|| proof(&Case::open(&cut_short(4.0), &request("ur20", 2)).expect("opens"), 2))
}

/// Verifies what a forger would hand in: every digest right, and signed with a key of their own.
fn check(evidence: &Evidence) -> Result<Verification, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let key = SecretKey::create(&folder.path().join("forger")).expect("a key");
    let bundle = Bundle::from_bytes(&evidence.to_bytes(Some(&key)).expect("writes").0).expect("intact");
    let options = Options { reexecute: Reexecute::All, fresh: 0, seed: 1, jobs: 2 };
    let stop = AtomicBool::new(false);
    verify(&bundle, &Leitai, &TrustStore::default(), &options, &stop, &mut |_, _| {}).map_err(|e| e.to_string())
}

#[test]
fn a_real_proof_re_executes_to_the_same_bits() {
    let proof = short_proof();
    assert_eq!(proof.evidence.outcomes.len(), 2);
    assert!(proof.evidence.outcomes[0].trace != proof.evidence.outcomes[1].trace, "each trial draws its own");
    let found = check(&proof.evidence).expect("honest");
    assert_eq!((found.reexecuted, found.arms, found.verdict.decision), (2, 12, proof.evidence.verdict.decision));
}

#[test]
fn one_thread_and_two_give_the_same_bundle_digest() {
    let proof = short_proof();
    let again = catalog::proof(&proof.case, 1);
    assert_eq!(again.evidence.digest(), proof.evidence.digest());
}

/// Both of the two trials are notable, so both are logged; a verifier makes the same bytes again.
#[test]
fn logs_are_made_again_byte_by_byte() {
    let proof = short_proof();
    let names: Vec<&str> = proof.evidence.logs.keys().map(String::as_str).collect();
    assert_eq!(names, ["trial-0.mcap", "trial-1.mcap"]);
    // Without its control arms, which have a test of their own.
    let honest = Evidence { controls: Vec::new(), ..proof.evidence.clone() };
    let found = check(&honest).expect("honest");
    assert_eq!(found.logs_recreated, names);
    assert!(found.logs_trusted.is_empty());
    let mut evidence = honest.clone();
    let log = evidence.logs.get_mut("trial-0.mcap").expect("a log");
    let middle = log.len() / 2;
    log[middle] ^= 1;
    let error = check(&evidence).expect_err("tampered");
    assert_eq!(error, "re-execution differs: log `trial-0.mcap` is not the motion that its trial gives");
    // A log that no trial can give stays what it is: somebody's word.
    let mut evidence = honest.clone();
    evidence.logs.insert("extra.mcap".to_string(), b"anything".to_vec());
    assert_eq!(check(&evidence).expect("honest").logs_trusted, ["extra.mcap"]);
}

/// Read back by the `mcap` crate; `oracle/mcap/check.py` reads the same kind of file with the Python package.
#[test]
fn a_log_holds_the_motion() {
    let proof = short_proof();
    let mut counts = std::collections::BTreeMap::new();
    let mut last = 0;
    for message in mcap::MessageStream::new(&proof.evidence.logs["trial-1.mcap"]).expect("an MCAP file") {
        let message = message.expect("a message");
        let body: serde_json::Value = serde_json::from_slice(&message.data).expect("JSON");
        *counts.entry(message.channel.topic.clone()).or_insert(0_u64) += 1;
        assert!(message.log_time >= last, "time runs forward");
        last = message.log_time;
        let stamp = &body["timestamp"];
        let ns = stamp["sec"].as_u64().expect("seconds") * 1_000_000_000 + stamp["nsec"].as_u64().expect("nanoseconds");
        assert_eq!(ns, message.log_time);
        if message.channel.topic == "/joints" {
            assert!(body["robot/elbow_joint"]["q"].is_number() && body["tool/jaw_left"]["tau"].is_number(), "{body}");
        }
    }
    // Four seconds at 50 Hz.
    let topics: Vec<&str> = counts.keys().map(String::as_str).collect();
    assert_eq!(topics, ["/command", "/contacts", "/events", "/joints", "/tf"]);
    assert!((197..=202).contains(&counts["/joints"]) && counts["/joints"].div_ceil(2) == counts["/contacts"], "{counts:?}");
    assert!(counts["/events"] >= 2 && counts["/tf"] > 40, "{counts:?}");
    assert!((3_990_000_000..=4_002_000_000).contains(&last), "{last}");
}

/// Damping of the wrong sign feeds a rotor in the corner of the cell until its motion leaves every bound. That is evidence like any other: recorded with time,
/// body and cause, refused by no reader, and verified by the same break-off.
#[test]
fn a_motion_that_breaks_off_is_evidence() {
    let mut files = cut_short(4.0);
    let rotor = "<body name='rotor' pos='5 5 3'><joint axis='0 1 0' damping='-0.05'/>\
        <geom size='0.05' pos='0.1 0 0' mass='0.1' contype='0' conaffinity='0'/></body></worldbody>";
    edit(&mut files, "scenarios/con-block-palletizing/world.xml", "</worldbody>", rotor);
    let proof = proof(&Case::open(&files, &request("ur20", 2)).expect("opens"), 2);
    for outcome in &proof.evidence.outcomes {
        let failure = outcome.failure.as_ref().expect("it fails");
        assert!(failure.time_s.is_some_and(|t| t > 0.0 && t < 4.0), "{failure:?}");
        assert!(
            failure.what.starts_with("the simulation became unstable at ") && failure.what.contains("at body `rotor`: the "),
            "{failure:?}"
        );
        assert_eq!(failure.cause, "the physics");
        assert!(outcome.metrics.is_empty() && !outcome.passed_all(), "{outcome:?}");
    }
    assert_ne!(proof.evidence.verdict.decision, Decision::Proved);
    assert_eq!(check(&proof.evidence).expect("honest").reexecuted, 2);
}

#[test]
fn a_tampered_outcome_is_refused_although_it_was_signed_again() {
    let mut evidence = short_proof().evidence.clone();
    let outcome = &mut evidence.outcomes[1];
    let moved = outcome.metrics["placement_offset_m"] * 0.5;
    outcome.metrics.insert("placement_offset_m".to_string(), moved);
    outcome.digest = outcome.computed_digest();
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    let error = check(&evidence).expect_err("tampered");
    assert!(error.starts_with("re-execution differs: trial 1: metric `placement_offset_m`"), "{error}");
}

#[test]
fn a_lowered_threshold_is_refused_although_it_was_signed_again() {
    // In the claim only: the packages say otherwise.
    let mut evidence = short_proof().evidence.clone();
    evidence.claim.requirements[0].rate_at_least = 0.5;
    let error = check(&evidence).expect_err("tampered");
    assert!(
        error.contains("requirement `placement_offset_m <= 0.005` is a rate of at least 0.9 at confidence 0.95 in the packages"),
        "{error}"
    );
    // In packages and claim alike: it is another claim, with other seeds.
    let mut packages = evidence.packages.clone();
    edit(&mut packages, SCENARIO, "rate_at_least = 0.90", "rate_at_least = 0.50");
    evidence.claim = Case::open(&packages, &request("ur20", 2)).expect("opens").claim;
    evidence.packages = packages;
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    let error = check(&evidence).expect_err("tampered");
    assert_eq!(error, "the trials do not belong to this claim: the seed of trial 0 does not follow from the claim");
}

#[test]
fn control_arms_are_part_of_the_evidence() {
    let mut evidence = short_proof().evidence.clone();
    // Nobody stacks a layer in four seconds; that the null arms fail is as it should be.
    assert_eq!(evidence.controls.iter().map(|arm| (arm.passed, arm.trials)).collect::<Vec<_>>(), [(0, 4); 3]);
    assert!(evidence.controls[0].as_expected && evidence.controls[1].as_expected);
    evidence.controls[2].passed = 4;
    let error = check(&evidence).expect_err("tampered");
    assert!(error.contains("control arm Oracle passed 4 of 4 trials in the bundle and 0 of 4"), "{error}");
    evidence.controls.truncate(1);
    assert!(check(&evidence).expect_err("tampered").contains("the bundle has 1 control arms, and re-execution 3"));
}

#[test]
fn a_file_of_no_package_is_refused() {
    let mut evidence = short_proof().evidence.clone();
    evidence.packages.insert("robots/ur99/robot.toml".to_string(), Vec::new());
    assert!(check(&evidence).expect_err("smuggled").contains("`packages/robots/ur99/robot.toml` belongs to none of them"));
}

#[test]
fn a_request_fills_in_what_the_scenario_says() {
    let files = catalog::catalog();
    let auto = Case::open(&files, &Request { trials: None, ..request("ur20", 0) }).expect("opens");
    assert_eq!((auto.claim.trials, auto.claim.seed), (TrialRule::Sequential { limit: 300 }, SeedRule::Derived));
    assert_eq!(auto.claim.parameters["block_mass_kg"], 20.0);
    assert_eq!(auto.claim.requirements.iter().map(|r| r.decides).collect::<Vec<_>>(), [true, true, true, true, false]);
    assert!(auto.rejection.is_none());
    let seeded = Case::open(&files, &Request { seed: Some(7), ..request("ur20", 5) }).expect("opens");
    assert!(seeded.claim.exploratory());
    let plan = auto.plan();
    assert!(plan.fewest_trials.is_some_and(|n| (42..150).contains(&n)), "{:?}", plan.fewest_trials);
}

#[test]
fn the_makers_rating_warns_and_never_gates() {
    let files = catalog::catalog();
    // 20 kg and a 7.4 kg clamp on an arm rated for 5 kg.
    let case = Case::open(&files, &request("ur5e", 2)).expect("opens");
    assert!(
        case.warnings[0].en.starts_with("Outside the maker's rating: piece 20.0 kg and tool 7.4 kg make 27.4 kg"),
        "{:?}",
        case.warnings
    );
    let light = Request { parameters: [("block_mass_kg".to_string(), 10.0)].into(), ..request("ur20", 2) };
    assert!(Case::open(&files, &light).expect("opens").warnings.is_empty());
}

#[test]
fn an_arm_that_cannot_reach_is_rejected_without_a_trial() {
    let mut files = catalog::catalog();
    // The same arm with the stack pallet three meters away.
    let world = "scenarios/con-block-palletizing/world.xml";
    let text = String::from_utf8(files[world].clone()).expect("text");
    let at = text.find("name=\"stack_pallet\"").or_else(|| text.find("name=\"stack\"")).expect("the stack's body");
    let pos = at + text[at..].find("pos=\"").expect("its place") + 5;
    let far =
        format!("{}0 3.0 {}", &text[..pos], &text[pos..].split_once(' ').and_then(|(_, r)| r.split_once(' ')).expect("y z").1);
    files.insert(world.to_string(), far.into_bytes());
    let case = Case::open(&files, &request("ur20", 2)).expect("opens");
    let rejection = case.rejection.clone().expect("out of reach");
    assert!(rejection.bound == "reach" && rejection.needed > rejection.available, "{rejection:?}");
    assert!(rejection.en.contains("on `stack` is out of reach") && rejection.zh.contains("`stack` 上第"), "{rejection:?}");
    let proof = proof(&case, 1);
    assert_eq!((proof.evidence.verdict.decision, proof.evidence.outcomes.len()), (Decision::Rejected, 0));
    assert_eq!(check(&proof.evidence).expect("honest").reexecuted, 0);
}

#[test]
fn an_arm_without_a_tool_mount_or_a_drive_is_rejected() {
    let robot = "robots/ur20/robot.xml";
    let mut files = catalog::catalog();
    edit(&mut files, robot, "name=\"tool_mount\"", "name=\"bare\"");
    let rejection = Case::open(&files, &request("ur20", 2)).expect("opens").rejection.expect("nothing to carry a tool");
    assert_eq!((rejection.bound.as_str(), rejection.available), ("tool_mount", 0.0));
    let mut files = catalog::catalog();
    edit(&mut files, robot, "name=\"wrist_2\"", "name=\"idle\"");
    let rejection = Case::open(&files, &request("ur20", 2)).expect("opens").rejection.expect("a joint without a drive");
    assert_eq!(rejection.en, "only 5 of its 6 joints have a drive");
    let case = Case::open(&files, &request("ur20", 2)).expect("opens");
    let said = Verdict::rejected(&case.claim, rejection).sentence(Language::En);
    assert!(said.ends_with("only 5 of its 6 joints have a drive (drive: needed 6, available 5)."), "{said}");
}

#[test]
fn a_request_that_does_not_fit_says_what_to_change() {
    let files = catalog::catalog();
    let refused = |request: Request| Case::open(&files, &request).expect_err("does not fit").to_string();
    let with = |name: &str, value: f64| Request { parameters: [(name.to_string(), value)].into(), ..request("ur20", 2) };
    assert_eq!(
        refused(with("block_mass", 5.0)),
        "scenario `con-block-palletizing` has no parameter `block_mass`; did you mean `block_mass_kg`?"
    );
    assert_eq!(
        refused(with("block_mass_kg", 90.0)),
        "`block_mass_kg` = 90 kg is outside its range; scenario `con-block-palletizing` allows 1 to 60 kg"
    );
    assert!(refused(with("block_mass_kg", f64::NAN)).contains("outside its range"));
    assert!(refused(Request { most: Some(9), ..request("ur20", 2) }).contains("give one of the two"));
    assert!(refused(Request { dt_s: Some(0.0015), ..request("ur20", 2) }).contains("use for example 0.001 s"));
    assert!(refused(Request { dt_s: Some(0.0), ..request("ur20", 2) }).contains("whole steps"));
    assert!(refused(request("ur21", 2)).contains("did you mean"));
    assert!(
        refused(Request { solution: Some("none".to_string()), ..request("ur20", 2) }).contains("there is no solution `none`")
    );
}
