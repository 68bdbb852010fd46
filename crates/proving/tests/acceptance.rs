//! Acceptance files on the real catalog: the claim they make, what evidence carries of them, and what is refused.

mod catalog;

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use catalog::{SCENARIO, cut_short, edit, proof, request};
use leitai_package::manifest::{AcceptanceManifest, Per, Terms, TermsKind, Text, Threshold};
use leitai_proving::bundle::{Bundle, Evidence};
use leitai_proving::canonical::Digest;
use leitai_proving::claim::{SeedRule, TrialRule};
use leitai_proving::engine::{Acceptance, Case, Leitai, Proof, Request};
use leitai_proving::key::TrustStore;
use leitai_proving::packages::Files;
use leitai_proving::report::{Data, read};
use leitai_proving::seal::Seal;
use leitai_proving::verdict::verdict;
use leitai_proving::verify::{Options, Reexecute, verify};

/// Three simulated seconds: too few to finish, enough for every part of the loop.
fn short() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| cut_short(3.0))
}

fn case(request: &Request) -> Case {
    Case::open(short(), request).expect("opens")
}

/// The file that asks for two trials of the short job.
fn manifest() -> AcceptanceManifest {
    let case = case(&request("ur20", 2));
    Acceptance::of(&case.claim, &case.packages.scenario).expect("a derived seed")
}

fn accepted(manifest: &AcceptanceManifest, robot: Option<&str>) -> Result<Case, String> {
    let acceptance = Acceptance::read("a.toml", &manifest.to_string()).expect("what we write reads back");
    Case::accept(short(), &acceptance, robot, None).map_err(|error| error.to_string())
}

fn threshold(requirement: &str, limit: Option<(f64, &str)>, rate_at_least: Option<f64>) -> Threshold {
    let (limit, unit) = (limit.map(|l| l.0), limit.map(|l| l.1.to_string()));
    Threshold { requirement: requirement.to_string(), limit, unit, rate_at_least, confidence: None }
}

/// Verifies what a forger would hand in: every digest in it right.
fn check(evidence: &Evidence) -> Result<Digest, String> {
    let bundle = Bundle::from_bytes(&evidence.to_bytes(None).expect("writes").0).expect("intact");
    let options = Options { reexecute: Reexecute::All, fresh: 0, seed: 1, jobs: 2 };
    let stop = AtomicBool::new(false);
    let found = verify(&bundle, &Leitai, &TrustStore::default(), &options, &stop, &mut |_, _| {});
    found.map(|found| found.bundle).map_err(|e| e.to_string())
}

#[test]
fn a_claim_written_as_a_file_is_the_same_claim() {
    let mut requests: [Request; 4] = std::array::from_fn(|_| request("ur10e", 3));
    requests[1] = Request { trials: None, ..requests[1].clone() };
    requests[1].parameters.insert("block_mass_kg".to_string(), 7.25);
    requests[2] = Request { trials: None, most: Some(120), ..requests[2].clone() };
    requests[3].dt_s = Some(0.001);
    for request in &requests {
        let asked = case(request);
        let mut written = Acceptance::of(&asked.claim, &asked.packages.scenario).expect("a derived seed");
        written.acceptance.title =
            Some(Text { zh: "“甲”\n乙".to_string(), en: "a \"quote\" \\ and\ta tab \u{1}".to_string() });
        written.terms = Some(Terms {
            kind: Some(TermsKind::Lease),
            price_cny: Some(8_500.0),
            per: Some(Per::Month),
            delivery_days: Some(30),
            region: Some("北京市大兴区".to_string()),
            floor_m2: Some(6.5),
            offer: Some("offer-1".to_string()),
            note: Some("含安装".to_string()),
        });
        assert_eq!(AcceptanceManifest::parse("a.toml", &written.to_string()), Ok(written.clone()));
        let again = accepted(&written, None).expect("opens");
        assert_eq!(again.claim.digest(), asked.claim.digest());
        assert_eq!(again.claim, asked.claim);
        assert_eq!(again.warnings, asked.warnings);
    }
    let by_hand = case(&Request { seed: Some(5), ..request("ur20", 2) });
    let error = Acceptance::of(&by_hand.claim, &by_hand.packages.scenario).expect_err("no basis");
    assert!(error.to_string().contains("chosen by hand"), "{error}");
}

/// The short job with a looser rate and a tighter limit, proved once for all tests.
fn changed() -> &'static Proof {
    static PROOF: OnceLock<Proof> = OnceLock::new();
    PROOF.get_or_init(|| {
        let mut manifest = manifest();
        manifest.require =
            vec![threshold("placement", Some((0.004, "m")), Some(0.5)), threshold("pieces_per_hour", Some((250.0, "1/h")), None)];
        proof(&accepted(&manifest, None).expect("opens"), 2)
    })
}

#[test]
fn changed_thresholds_are_in_the_claim_the_report_and_the_bundle() {
    let proof = changed();
    let lines: Vec<_> = proof.case.claim.requirements.iter().map(|r| (r.name(), r.rate_at_least)).collect();
    assert_eq!(lines[0], ("placement_offset_m <= 0.004".to_string(), 0.5));
    assert_eq!(lines[3], ("pieces_per_hour >= 250".to_string(), 0.9));
    let Some(Data::Report(report)) = read(proof.evidence.report_html.as_deref().expect("a report")) else { panic!("a report") };
    assert_eq!(report.command, "leitai prove --acceptance acceptance.toml");
    for part in ["the scenario says 0.005", "the scenario says 90 %", "the scenario says 300"] {
        assert!(report.warnings.iter().any(|w| w.en.contains(part)), "{part}: {:?}", report.warnings);
    }
    assert!(report.warnings.iter().any(|w| w.zh.contains("由验收文件另定")));
    assert_eq!(check(&proof.evidence), Ok(proof.evidence.digest()));
    // Written from the changed claim, the file asks for the same changes.
    let written = Acceptance::of(&proof.case.claim, &proof.case.packages.scenario).expect("a derived seed");
    assert_eq!(written.require[1], threshold("throughput", Some((250.0, "1/h")), None));
    assert_eq!(accepted(&written, None).expect("opens").claim, proof.case.claim);
}

#[test]
fn a_tampered_threshold_is_refused() {
    let honest = &changed().evidence;
    let tampered = |from: &str, to: &str| {
        let text = honest.acceptance.as_deref().expect("the file");
        assert!(text.contains(from), "{from}");
        Evidence { acceptance: Some(text.replace(from, to)), ..honest.clone() }
    };
    let error = check(&tampered("limit = 0.004", "limit = 0.003")).expect_err("another limit");
    assert!(error.contains("requirement `placement_offset_m <= 0.003` is a rate of at least 0.5"), "{error}");
    let error = check(&tampered("rate_at_least = 0.5", "rate_at_least = 0.6")).expect_err("another rate");
    assert!(error.contains("0.6 at confidence 0.95 in the packages with acceptance.toml and a rate of at least 0.5"), "{error}");
    let error = check(&tampered("exactly = 2", "exactly = 3")).expect_err("another rule");
    assert!(error.contains("exactly 3 trials in the packages with acceptance.toml"), "{error}");
    let error = check(&Evidence { acceptance: None, ..honest.clone() }).expect_err("nothing declares the changes");
    assert!(error.contains("the packages inside do not make this claim: requirement `"), "{error}");
    // The claim alone, with its verdict and everything else made right again.
    let mut evidence = honest.clone();
    evidence.claim.requirements[0].rate_at_least = 0.4;
    evidence.verdict = verdict(&evidence.claim, &evidence.outcomes);
    let error = check(&evidence).expect_err("another claim");
    assert!(error.contains("requirement `placement_offset_m <= 0.004`"), "{error}");
}

#[test]
fn what_does_not_fit_is_told_with_its_line() {
    let refused = |change: &dyn Fn(&mut AcceptanceManifest), robot: Option<&str>| {
        let mut changed = manifest();
        change(&mut changed);
        accepted(&changed, robot).expect_err("does not fit")
    };
    let error = refused(&|m| m.require = vec![threshold("placment", None, Some(0.8))], None);
    assert!(error.starts_with("a.toml:") && error.contains("no requirement `placment`; did you mean `placement`?"), "{error}");
    assert!(error.contains("`throughput` (pieces_per_hour >= 300)"), "all there are: {error}");
    let twice = vec![threshold("placement", None, Some(0.8)), threshold("placement_offset_m", None, Some(0.7))];
    assert!(refused(&|m| m.require = twice.clone(), None).contains("`placement` is changed twice"));
    let error = refused(&|m| m.require = vec![threshold("placement", Some((4.0, "s")), None)], None);
    assert!(error.contains("this limit is in m, not in s"), "{error}");
    assert!(refused(&|m| m.robot = None, None).contains("names no robot"));
    assert!(refused(&|_| (), Some("ur5e")).contains("names the robot `ur20`, and `ur5e` was asked for"));
    assert!(refused(&|m| m.acceptance.engine = Some("leitai 0.0.1 physics 1".to_string()), None).contains("physics 1"));
    let unknown = refused(&|m| m.parameter = [("block_mass".to_string(), 3.0)].into(), None);
    assert!(unknown.contains("did you mean `block_mass_kg`?"), "{unknown}");
    assert!(accepted(&manifest(), Some("ur20")).is_ok(), "the same name is no contradiction");

    // The scenario changed since: one clear error, at the line of its digest.
    let mut other = short().clone();
    edit(&mut other, SCENARIO, "limit = 300.0", "limit = 301.0");
    let text = manifest().to_string();
    let acceptance = Acceptance::read("a.toml", &text).expect("reads");
    let error = Case::accept(&other, &acceptance, None, None).expect_err("another scenario").to_string();
    let line = 1 + text.lines().position(|l| l == "[scenario]").expect("there") + 2;
    assert!(
        error.starts_with(&format!("a.toml:{line}: scenario `con-block-palletizing` is not the one that was agreed")),
        "{error}"
    );
    assert!(error.contains("--catalog DIR, or agree on a new file"), "{error}");
}

/// A challenge as it is after its deadline.
fn challenge() -> (Seal, AcceptanceManifest) {
    let mut manifest = manifest();
    (manifest.robot, manifest.solution) = (None, None);
    manifest.require = vec![threshold("placement", Some((0.0045, "m")), None)];
    let scenario = case(&request("ur20", 2)).claim.scenario;
    let entropy = std::array::from_fn(|i| (i * 37 % 251) as u8);
    let seal = Seal::new("stack-2026", scenario, manifest.require.clone(), &entropy);
    manifest.seal = Some(seal.reveal());
    (seal, manifest)
}

#[test]
fn a_revealed_challenge_runs_again_to_the_same_bits() {
    let (seal, manifest) = challenge();
    let case = accepted(&manifest, Some("ur20")).expect("opens");
    assert_eq!(case.claim.seed, SeedRule::Sealed { commitment: seal.commitment(), seed: seal.seed });
    assert_eq!(case.claim.trials, TrialRule::Fixed { trials: 2 });
    assert!(!case.claim.exploratory());
    // All who answer meet the same trials.
    let other = accepted(&manifest, Some("ur10e")).expect("opens");
    assert_ne!(other.claim.digest(), case.claim.digest());
    assert_eq!(other.claim.seed_root(), case.claim.seed_root());

    let row = proof(&case, 2);
    assert_eq!(proof(&accepted(&manifest, Some("ur20")).expect("opens"), 1).evidence.digest(), row.evidence.digest());
    let Some(Data::Report(report)) = read(row.evidence.report_html.as_deref().expect("a report")) else { panic!("a report") };
    let sealed = report.claim.sealed.expect("says so");
    assert_eq!((sealed.challenge.as_str(), sealed.commitment), ("stack-2026", seal.commitment().to_string()));
    assert!(!report.claim.exploratory);
    assert_eq!(report.command, "leitai prove --acceptance acceptance.toml ur20 --solution block-palletizing");
    assert_eq!(check(&row.evidence), Ok(row.evidence.digest()));

    let text = row.evidence.acceptance.clone().expect("the file");
    let forged = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        check(&Evidence { acceptance: Some(text.replace(from, to)), ..row.evidence.clone() }).expect_err("forged")
    };
    let zeros = Digest([0; 32]).to_string();
    for (from, to) in [
        (seal.seed.to_string(), zeros.clone()),
        (seal.nonce.to_string(), zeros.clone()),
        (seal.commitment().to_string(), zeros),
        ("0.0045".to_string(), "0.0055".to_string()),
        ("stack-2026".to_string(), "stack-2027".to_string()),
    ] {
        let error = forged(&from, &to);
        assert!(error.contains("what is revealed here was not what was sealed"), "{from}: {error}");
    }
    // A whole other secret, well sealed, makes another claim.
    let mut lucky = seal.clone();
    lucky.seed.0[0] ^= 1;
    let (old, new) = (seal.reveal(), lucky.reveal());
    let swapped = text.replace(&old.commitment, &new.commitment).replace(&old.seed, &new.seed);
    let error = check(&Evidence { acceptance: Some(swapped), ..row.evidence.clone() }).expect_err("another secret");
    assert!(error.contains("the seed is") && error.contains("sealed by commitment"), "{error}");
    let error = check(&Evidence { acceptance: None, ..row.evidence.clone() }).expect_err("nothing is revealed");
    assert!(error.contains("no acceptance.toml that reveals the secret"), "{error}");
}
