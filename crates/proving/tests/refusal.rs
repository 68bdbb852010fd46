//! Verification: what holds, and every kind of tampering with the reason a reader gets.

mod common;

use std::sync::atomic::AtomicBool;

use common::{Mark, Range, SCENARIO, bad, claim, evidence, good, packages};
use leitai_proving::bundle::{Bundle, BundleError, Evidence};
use leitai_proving::claim::{SeedRule, TrialRule};
use leitai_proving::compare::{CompareError, compare, compare_rerun};
use leitai_proving::key::{SecretKey, TrustStore};
use leitai_proving::verdict::{Decision, Verdict, verdict};
use leitai_proving::verify::{Engine, Options, Reexecute, Refusal, Verification, verify};

fn key(name: &str) -> SecretKey {
    SecretKey::create(&tempfile::tempdir().expect("a folder").path().join(name)).expect("a key")
}

fn bundle(evidence: &Evidence, key: Option<&SecretKey>) -> Bundle {
    Bundle::from_bytes(&evidence.to_bytes(key).expect("writes").0).expect("intact")
}

const ALL: Options = Options { reexecute: Reexecute::All, fresh: 0, seed: 1, jobs: 2 };

fn check(bundle: &Bundle, options: &Options) -> Result<Verification, Refusal> {
    verify(bundle, &Range::default(), &TrustStore::default(), options, &AtomicBool::new(false), &mut |_, _| {})
}

fn refused(evidence: &Evidence) -> String {
    // Always signed, with a key of the forger's own.
    check(&bundle(evidence, Some(&key("forger"))), &ALL).expect_err("tampered").to_string()
}

fn good_evidence() -> Evidence {
    let packages = good();
    evidence(&packages, &claim(&packages), 2)
}

#[test]
fn an_honest_bundle_verifies_and_says_who_signed() {
    let (evidence, lab) = (good_evidence(), key("lab"));
    let trust = TrustStore::default().with("lab", &lab.public());
    let options = Options { fresh: 20, ..ALL };
    let range = Range { makes_logs: true, ..Range::default() };
    let mut steps = Vec::new();
    let found = verify(&bundle(&evidence, Some(&lab)), &range, &trust, &options, &AtomicBool::new(false), &mut |a, b| {
        steps.push((a, b));
    })
    .expect("honest");
    assert!(found.signer.to_string().starts_with("signed by lab, a key you trust"));
    assert_eq!((found.reexecuted, found.verdict.decision), (evidence.outcomes.len() as u64, Decision::Proved));
    assert_eq!((found.logs_recreated.len(), found.logs_trusted.len()), (1, 0));
    let fresh = found.fresh.expect("twenty fresh trials");
    assert!(fresh.agrees && fresh.trials == 20, "{fresh:?}");
    assert_eq!(steps.len() as u64, found.reexecuted + 20);
    assert_eq!(steps.last().map(|s| s.0), steps.last().map(|s| s.1));

    let unsigned = check(&bundle(&evidence, None), &Options { reexecute: Reexecute::Sample(7), ..ALL }).expect("honest");
    assert_eq!(unsigned.signer.to_string(), "unsigned: nobody vouches for this bundle");
    assert_eq!((unsigned.reexecuted, unsigned.logs_trusted.len()), (7, 1));
}

/// Every byte of the file, flipped one at a time, in a signed bundle.
#[test]
fn any_flipped_byte_is_refused() {
    let packages = packages(0.05, &[("landed", 0.5)], 20);
    let mut claim = claim(&packages);
    claim.trials = TrialRule::Fixed { trials: 6 };
    let bytes = evidence(&packages, &claim, 1).to_bytes(Some(&key("lab"))).expect("writes").0;
    assert!(Bundle::from_bytes(&bytes).is_ok());
    for i in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[i] ^= 1 << (i % 8);
        assert!(Bundle::from_bytes(&flipped).is_err(), "byte {i} of {}", bytes.len());
    }
    for end in 0..bytes.len() {
        assert!(Bundle::from_bytes(&bytes[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_member_changed_under_the_old_signature_is_named() {
    let (mut evidence, lab) = (good_evidence(), key("lab"));
    let signed = bundle(&evidence, Some(&lab));
    evidence.report_html = Some(b"<!doctype html><title>better</title>".to_vec());
    // Keeps the old envelope on the new members, with every digest in the archive made right.
    let forged = forge::with_envelope_of(&signed, &evidence);
    let error = forged.signer(&TrustStore::default()).expect_err("tampered").to_string();
    assert!(error.contains("is not the one that was signed"), "{error}");
}

mod forge {
    use super::*;
    use std::io::{Cursor, Read, Write};

    fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        (0..archive.len())
            .map(|i| {
                let mut file = archive.by_index(i).expect("a member");
                let mut content = Vec::new();
                file.read_to_end(&mut content).expect("reads");
                (file.name().expect("a name").to_string(), content)
            })
            .collect()
    }

    /// An archive of these members with a right seal.
    pub fn seal(members: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("starts");
            zip.write_all(content).expect("writes");
        }
        zip.set_comment(format!("leitai bundle v1, blake3 {}", "0".repeat(64))).expect("a comment");
        reseal(zip.finish().expect("an archive").into_inner())
    }

    pub fn reseal(mut bytes: Vec<u8>) -> Vec<u8> {
        let covered = bytes.len() - 64;
        let digest = leitai_proving::canonical::Digest::of_bytes(&bytes[..covered]).to_string();
        bytes[covered..].copy_from_slice(digest.as_bytes());
        bytes
    }

    pub fn with_envelope_of(signed: &Bundle, evidence: &Evidence) -> Bundle {
        let lab = key("forger");
        let mut forged = members(&evidence.to_bytes(Some(&lab)).expect("writes").0);
        let old = serde_json::to_vec(signed.envelope().expect("a signature")).expect("serializes");
        forged.iter_mut().find(|(name, _)| name == "envelope.dsse.json").expect("a signature").1 = old;
        Bundle::from_bytes(&seal(&forged)).expect("intact but for its signature")
    }
}

#[test]
fn a_changed_outcome_is_refused_even_when_signed_again() {
    let mut evidence = good_evidence();
    let outcome = &mut evidence.outcomes[12];
    outcome.metrics.insert("flight_s".to_string(), 1.25);
    // Left as it is, its own digest shows it.
    let error = Bundle::from_bytes(&evidence.to_bytes(Some(&key("forger"))).expect("writes").0).expect_err("tampered");
    assert_eq!(error.to_string(), "altered: trials.jsonl, line 13: the outcome of trial 12 does not match its digest");
    // With that made right and the verdict computed again, only re-execution can tell.
    evidence.outcomes[12].digest = evidence.outcomes[12].computed_digest();
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    let error = refused(&evidence);
    assert!(error.starts_with("re-execution differs: trial 12: metric `flight_s` is 1.25 in the bundle and 1.4"), "{error}");
}

/// The last bit of one number: the smallest lie there is.
#[test]
fn one_bit_in_one_metric_is_refused() {
    let mut evidence = good_evidence();
    let outcome = &mut evidence.outcomes[3];
    let value = outcome.metrics["error_m"];
    outcome.metrics.insert("error_m".to_string(), f64::from_bits(value.to_bits() ^ 1));
    outcome.digest = outcome.computed_digest();
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    assert!(refused(&evidence).starts_with("re-execution differs: trial 3: metric `error_m`"));
}

#[test]
fn a_hidden_failure_is_refused() {
    let packages = bad();
    let mut evidence = evidence(&packages, &claim(&packages), 2);
    for outcome in &mut evidence.outcomes {
        outcome.failure = None;
        outcome.digest = outcome.computed_digest();
    }
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    assert!(refused(&evidence).contains("the failure is none in the bundle and `missed the mark by"));
}

#[test]
fn a_lowered_threshold_is_refused_even_when_signed_again() {
    // In the claim alone: the packages say otherwise.
    let mut evidence = good_evidence();
    evidence.claim.requirements[0].rate_at_least = 0.6;
    let error = refused(&evidence);
    assert_eq!(
        error,
        "the packages inside do not make this claim: requirement `error_m <= 0.5` is a rate of at least 0.9 at confidence \
         0.95 in the packages and a rate of at least 0.6 at confidence 0.95 in claim.json"
    );
    // In the scenario package alone.
    let mut evidence = good_evidence();
    let mut mark: Mark = serde_json::from_slice(&evidence.packages[SCENARIO]).expect("parses");
    mark.require[0].rate_at_least = 0.6;
    evidence.packages.insert(SCENARIO.to_string(), serde_json::to_vec(&mark).expect("serializes"));
    assert!(refused(&evidence).contains("is a rate of at least 0.6 at confidence 0.95 in the packages"));
    // In both, and the claim made anew: then the seeds are those of another claim.
    evidence.claim = claim(&evidence.packages);
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    assert_eq!(refused(&evidence), "the trials do not belong to this claim: the seed of trial 0 does not follow from the claim");
    // And with the seeds rewritten as well, the outcomes are not those of the seeds.
    let root = evidence.claim.seed_root();
    for outcome in &mut evidence.outcomes {
        outcome.seed.0 = root.trial(outcome.index).0;
        outcome.digest = outcome.computed_digest();
    }
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    assert!(refused(&evidence).starts_with("re-execution differs: trial 0: metric `error_m`"));
}

#[test]
fn white_space_in_a_package_changes_nothing_that_is_claimed() {
    let mut evidence = good_evidence();
    let text = String::from_utf8(evidence.packages[SCENARIO].clone()).expect("text").replace('\n', "\n ");
    evidence.packages.insert(SCENARIO.to_string(), text.into_bytes());
    assert!(check(&bundle(&evidence, None), &ALL).is_ok());
}

#[test]
fn a_false_verdict_is_refused() {
    let packages = bad();
    let mut evidence = evidence(&packages, &claim(&packages), 2);
    evidence.verdict.decision = Decision::Proved;
    let error = refused(&evidence);
    assert_eq!(error, "the verdict does not follow from the trials: the bundle says proved, and it computes to refuted");
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    evidence.verdict.requirements[0].rate.interval.high = 1.0;
    assert!(refused(&evidence).contains("requirement `error_m <= 0.5` stands at"));
}

#[test]
fn a_run_cut_short_or_prolonged_is_refused() {
    let mut evidence = good_evidence();
    let n = evidence.outcomes.len();
    evidence.outcomes.truncate(n - 5);
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    assert!(refused(&evidence).contains(&format!("the run stops after {} trials, before its rule allows", n - 5)));

    let mut evidence = good_evidence();
    let runner = Range::default().runner(&evidence.packages, &evidence.claim, evidence.claim.seed_root()).expect("runs");
    evidence.outcomes.push(runner.run(n as u64).expect("a trial"));
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    assert!(refused(&evidence).contains(&format!("the run was over after {n} trials and goes on")));
}

#[test]
fn another_engine_or_a_missing_package_or_a_changed_log_is_refused() {
    let mut evidence = good_evidence();
    evidence.claim.engine = "range 0.9.0".to_string();
    assert!(refused(&evidence).contains("made by range 0.9.0, and this is range 1.0.0"));
    let mut evidence = good_evidence();
    evidence.packages.remove(SCENARIO);
    assert!(refused(&evidence).contains("`scenarios/mark/scenario.json` is missing"));
    let mut evidence = good_evidence();
    evidence.logs.insert("trial-0.mcap".to_string(), b"a nicer motion".to_vec());
    let range = Range { makes_logs: true, ..Range::default() };
    let found = bundle(&evidence, Some(&key("forger")));
    let error = verify(&found, &range, &TrustStore::default(), &ALL, &AtomicBool::new(false), &mut |_, _| {});
    assert!(error.expect_err("tampered").to_string().contains("log `trial-0.mcap` is not the motion"));
}

#[test]
fn a_rejection_rests_on_its_bound() {
    let mut packages = good();
    let weak = common::Thrower { speed_sd_m_s: 0.05, most_speed_m_s: 5.0 };
    packages.insert(common::ROBOT.to_string(), serde_json::to_vec(&weak).expect("serializes"));
    let claim = claim(&packages);
    let bound = Range::default().rejection(&packages, &claim).expect("computes").expect("5 m/s reaches 2.5 m");
    let mut evidence = Evidence {
        verdict: Verdict::rejected(&claim, bound),
        packages,
        claim,
        acceptance: None,
        outcomes: Vec::new(),
        controls: Vec::new(),
        reasons: Vec::new(),
        logs: Default::default(),
        report_html: None,
        host: None,
    };
    let found = check(&bundle(&evidence, None), &ALL).expect("honest");
    assert_eq!((found.reexecuted, found.verdict.decision), (0, Decision::Rejected));
    evidence.verdict.rejection.as_mut().expect("a bound").available = 1.0;
    assert!(refused(&evidence).contains("its bound differs"));
    // And nobody is rejected without one.
    let mut honest = good_evidence();
    honest.outcomes.clear();
    honest.verdict = Verdict::rejected(&honest.claim, evidence.verdict.rejection.expect("a bound"));
    assert!(refused(&honest).contains("the bundle says rejected, and it computes to undecided"));
}

/// Fresh trials disagree when the packages do not behave as the bundle says; here every outcome comes from a better robot.
#[test]
fn fresh_trials_expose_evidence_of_another_robot() {
    let (good, worse) = (good(), bad());
    let mut evidence = evidence(&good, &claim(&good), 2);
    evidence.packages = worse.clone();
    evidence.claim = claim(&worse);
    let root = evidence.claim.seed_root();
    for outcome in &mut evidence.outcomes {
        outcome.seed.0 = root.trial(outcome.index).0;
        outcome.digest = outcome.computed_digest();
    }
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    let options = Options { reexecute: Reexecute::Sample(0), fresh: 20, ..ALL };
    let fresh = check(&bundle(&evidence, None), &options).expect("intact").fresh.expect("fresh trials");
    assert!(!fresh.agrees);
    assert!(!fresh.requirements[0].agrees && fresh.requirements[1].agrees, "{fresh:?}");
}

#[test]
fn a_chosen_seed_is_exploratory_and_pairs_two_sides() {
    let (good, worse) = (good(), bad());
    let explore = |packages| {
        let mut claim = claim(packages);
        claim.seed = SeedRule::Chosen(7);
        claim.trials = TrialRule::Fixed { trials: 60 };
        bundle(&evidence(packages, &claim, 2), None)
    };
    let (a, b) = (explore(&good), explore(&worse));
    assert!(a.evidence.verdict.exploratory && check(&a, &ALL).is_ok());
    let found = compare(&a, &b).expect("the same seeds");
    assert!(found.pairs == 60 && found.all.only_b == 0 && found.all.only_a > 20 && found.all.p_value < 1e-6);
    assert!(found.metrics["error_m"].interval.expect("sixty pairs").low > 0.0);

    let (a, b) = (bundle(&evidence(&good, &claim(&good), 2), None), bundle(&evidence(&worse, &claim(&worse), 2), None));
    assert!(matches!(compare(&a, &b), Err(CompareError::OtherSeeds { index: 0 })));
    let rerun = compare_rerun(&a, &b, &Range::default(), 2, &AtomicBool::new(false), &mut |_, _| {}).expect("re-runs");
    assert_eq!(rerun.pairs as usize, a.evidence.outcomes.len());
}

mod hostile {
    use super::forge::{reseal, seal};
    use super::*;

    fn error(members: &[(&str, Vec<u8>)]) -> String {
        let members: Vec<_> = members.iter().map(|(n, b)| (n.to_string(), b.clone())).collect();
        Bundle::from_bytes(&seal(&members)).expect_err("hostile").to_string()
    }

    #[test]
    fn paths_that_escape_are_refused() {
        for name in ["../../etc/passwd", "/etc/passwd", "packages/../../x", "a\\b", "C:/x", "packages/./x", "packages//x"] {
            assert!(error(&[(name, Vec::new())]).contains("is not a safe path"), "{name}");
        }
    }

    #[test]
    fn an_archive_bomb_is_refused_before_it_unpacks() {
        let said = error(&[("packages/zeros", vec![0; 64 << 20])]);
        assert!(said.contains("unpacks to more than a file of this size may hold"), "{said}");
    }

    /// The count in the end record is what a careless reader would allocate by.
    #[test]
    fn a_count_of_members_that_no_bundle_has_is_refused() {
        let mut bytes = seal(&[("packages/x".to_string(), Vec::new())]);
        let count = bytes.len() - 89 - 22 + 8;
        bytes[count..count + 4].fill(0xff);
        let said = Bundle::from_bytes(&reseal(bytes)).expect_err("hostile").to_string();
        assert_eq!(said, "refused: more than 20000 members");
    }

    #[test]
    fn the_same_name_twice_is_refused() {
        let bytes = seal(&[("packages/aaaa".to_string(), vec![1]), ("packages/aaab".to_string(), vec![2])]);
        let text = b"packages/aaab";
        let mut twice = bytes.clone();
        for at in 0..bytes.len() - text.len() {
            if bytes[at..].starts_with(text) {
                twice[at + text.len() - 1] = b'a';
            }
        }
        let said = Bundle::from_bytes(&reseal(twice)).expect_err("hostile").to_string();
        assert!(said.contains("same name") || said.contains("uplicate"), "{said}");
    }

    #[test]
    fn what_is_no_bundle_is_said_to_be_none() {
        for bytes in [&b""[..], b"PK", b"hello", &[0; 1000]] {
            assert!(matches!(Bundle::from_bytes(bytes), Err(BundleError::NotABundle(_))));
        }
        assert_eq!(error(&[("packages/x", Vec::new())]), "`digests.json` is missing");
        assert!(error(&[("digests.json", b"[".to_vec())]).starts_with("`digests.json` is not readable"));
    }

    /// Random damage with the seal made right, so that every reader behind it is reached: an error each time, and no panic.
    #[test]
    fn damage_behind_a_right_seal_never_panics() {
        let packages = packages(0.05, &[("landed", 0.5)], 20);
        let bytes = evidence(&packages, &claim(&packages), 1).to_bytes(Some(&key("lab"))).expect("writes").0;
        let mut draw = leitai_math::Seed::from_number(5).stream("damage");
        for _ in 0..1500 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + draw.below(4) {
                let at = draw.below(damaged.len() as u64 - 64) as usize;
                damaged[at] = draw.bits() as u8;
            }
            if let Ok(bundle) = Bundle::from_bytes(&reseal(damaged)) {
                // Times and flags of the archive may change without changing any content.
                assert_eq!(bundle.evidence.packages, packages);
            }
        }
    }
}
